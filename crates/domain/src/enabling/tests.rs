//! Every transition, by a simulated clock.

use super::*;
use crate::{GeographyPolicy, time::SECOND_US};

const DAY0: Moment = Moment(1_767_225_600 * SECOND_US); // 2026-01-01T00:00:00Z

fn after(us: i64) -> Moment {
    DAY0.plus_us(us)
}

fn everything_on() -> Selection {
    Selection {
        relationship_analytics: true,
        who_knows_whom: true,
        mailbox: true,
        roles: Roles::Selected(BTreeSet::from(["Salesperson".to_owned()])),
    }
}

fn saved() -> Enabling {
    let mut enabling = Enabling::default();
    enabling.enable_premium(DAY0);
    enabling.save(everything_on(), Geography::Eligible, DAY0).unwrap();
    enabling
}

fn granted() -> Enabling {
    let mut enabling = saved();
    enabling.grant("the board agreed", Geography::Eligible, DAY0).unwrap();
    enabling
}

fn actions(enabling: &mut Enabling, before: &Enabling, now: Moment) -> Vec<String> {
    enabling.take_changes(before, now).into_iter().map(|change| change.action).collect()
}

#[test]
fn nothing_is_on_before_the_first_save_and_premium_comes_first() {
    let mut enabling = Enabling::default();
    assert_eq!(enabling.feature(enabling.who_knows_whom), Feature::NotEnabled);
    assert_eq!(enabling.save(everything_on(), Geography::Eligible, DAY0), Err(Refusal::NoPremium));
    assert_eq!(enabling, Enabling::default());
    enabling.enable_premium(DAY0);
    enabling.settle(Geography::Eligible, after(DAY_US));
    assert_eq!((enabling.consent, enabling.enabled_at), (ConsentState::NotRequested, None));
}

#[test]
fn the_first_save_asks_and_the_fourteen_days_end_to_the_microsecond() {
    let enabling = saved();
    assert_eq!((enabling.consent, enabling.enabled_at), (ConsentState::Pending, Some(DAY0)));
    assert_eq!(enabling.deadline(), Some(after(14 * DAY_US)));
    assert!(!enabling.uses_mailbox(Geography::Eligible), "nothing is read before consent");
    for (moment, state, who_knows) in [
        (after(13 * DAY_US), ConsentState::Pending, true),
        (after(14 * DAY_US - SECOND_US), ConsentState::Pending, true),
        (after(14 * DAY_US - 1), ConsentState::Pending, true),
        (after(14 * DAY_US), ConsentState::Expired, false),
        (after(14 * DAY_US + SECOND_US), ConsentState::Expired, false),
        (after(15 * DAY_US), ConsentState::Expired, false),
    ] {
        let mut then = enabling.clone();
        then.settle(Geography::Eligible, moment);
        assert_eq!((then.consent, then.who_knows_whom, then.mailbox), (state, who_knows, who_knows), "{moment:?}");
        assert!(then.relationship_analytics, "it goes on with CRM data");
    }
}

#[test]
fn a_server_that_was_down_over_the_deadline_says_when_it_was() {
    let mut enabling = saved();
    let mut before = enabling.clone();
    enabling.settle(Geography::Eligible, after(40 * DAY_US));
    before.take_changes(&Enabling::default(), DAY0);
    assert_eq!(enabling.consent_since, Some(after(14 * DAY_US)));
    let changes = enabling.take_changes(&before, after(40 * DAY_US));
    let expired = changes.iter().find(|change| change.action == "consent.expired").unwrap();
    assert_eq!((expired.before.as_str(), expired.at), ("pending", after(14 * DAY_US)));
    assert!(changes.iter().any(|change| (change.action.as_str(), change.after.as_str()) == ("who_knows_whom", "off")));
    assert!(changes.iter().any(|change| (change.action.as_str(), change.after.as_str()) == ("mailbox_data", "off")));
    // Once more changes nothing.
    let settled = enabling.clone();
    enabling.settle(Geography::Eligible, after(50 * DAY_US));
    assert_eq!(enabling, settled);
}

#[test]
fn consent_is_given_refused_withdrawn_and_asked_for_again() {
    let mut enabling = saved();
    enabling.grant("the board agreed", Geography::Eligible, after(14 * DAY_US - 1)).unwrap();
    assert!(enabling.uses_mailbox(Geography::Eligible));
    enabling.settle(Geography::Eligible, after(400 * DAY_US));
    assert_eq!(enabling.consent, ConsentState::Granted, "consent does not expire");
    assert_eq!(enabling.ask_again(Geography::Eligible, DAY0), Err(Refusal::AlreadyAsked));
    assert_eq!(enabling.grant("again", Geography::Eligible, DAY0), Err(Refusal::NotPending));

    let withdrawn = after(401 * DAY_US);
    enabling.revoke(Geography::Eligible, withdrawn).unwrap();
    assert!(!enabling.uses_mailbox(Geography::Eligible));
    assert_eq!(enabling.deletion_deadlines(), Some((withdrawn.plus_us(DAY_US), withdrawn.plus_us(30 * DAY_US))));
    assert_eq!(enabling.revoke(Geography::Eligible, withdrawn), Err(Refusal::NotGranted));
    assert!(enabling.who_knows_whom, "withdrawing is not the 14 days");

    enabling.ask_again(Geography::Eligible, after(402 * DAY_US)).unwrap();
    assert_eq!(enabling.deadline(), Some(after(416 * DAY_US)), "a new 14 days");
    assert_eq!(enabling.deletion_deadlines(), None);
    enabling.decline(Geography::Eligible, after(403 * DAY_US)).unwrap();
    assert_eq!((enabling.consent, enabling.deadline()), (ConsentState::Declined, None));
    enabling.settle(Geography::Eligible, after(500 * DAY_US));
    assert_eq!((enabling.consent, enabling.who_knows_whom), (ConsentState::Declined, true));
    enabling.ask_again(Geography::Eligible, after(501 * DAY_US)).unwrap();
    assert_eq!(enabling.consent, ConsentState::Pending);
}

#[test]
fn an_answer_after_the_deadline_comes_too_late() {
    let mut enabling = saved();
    assert_eq!(enabling.grant("late", Geography::Eligible, after(14 * DAY_US)), Err(Refusal::Expired));
    assert_eq!((enabling.consent, enabling.consent_text.as_str()), (ConsentState::Expired, ""));
    let mut enabling = saved();
    assert_eq!(enabling.decline(Geography::Eligible, after(14 * DAY_US)), Err(Refusal::Expired));
}

#[test]
fn after_the_deadline_one_goes_on_with_crm_data_or_asks_again() {
    let mut expired = saved();
    expired.settle(Geography::Eligible, after(15 * DAY_US));
    let mut crm_only = expired.clone();
    crm_only.use_crm_data_only(Geography::Eligible, after(16 * DAY_US)).unwrap();
    crm_only.settle(Geography::Eligible, after(100 * DAY_US));
    assert_eq!((crm_only.consent, crm_only.who_knows_whom, crm_only.mailbox), (ConsentState::Expired, true, false));

    let mut asked = expired.clone();
    asked.ask_again(Geography::Eligible, after(16 * DAY_US)).unwrap();
    assert_eq!((asked.who_knows_whom, asked.mailbox, asked.deadline()), (true, true, Some(after(30 * DAY_US))));

    // Switching mailbox data on by hand asks too.
    expired.save(everything_on(), Geography::Eligible, after(16 * DAY_US)).unwrap();
    assert_eq!((expired.consent, expired.deadline()), (ConsentState::Pending, Some(after(30 * DAY_US))));
}

#[test]
fn whoever_uses_no_mailbox_data_is_not_punished_by_the_clock() {
    let ceases = [
        ("mailbox data off", Selection { mailbox: false, ..everything_on() }, Geography::Eligible),
        ("no role", Selection { roles: Roles::default(), ..everything_on() }, Geography::Eligible),
        ("geography", everything_on(), Geography::LocalGeography),
    ];
    for (name, selection, geography) in ceases {
        let mut enabling = saved();
        enabling.save(selection, geography, after(10 * DAY_US)).unwrap();
        assert_eq!((enabling.consent, enabling.deadline()), (ConsentState::NotRequested, None), "{name}");
        enabling.settle(geography, after(60 * DAY_US));
        assert!(enabling.who_knows_whom, "{name}: it stays on");
        // Restored: a new 14 days, counted from then.
        enabling.save(everything_on(), Geography::Eligible, after(60 * DAY_US)).unwrap();
        assert_eq!((enabling.consent, enabling.deadline()), (ConsentState::Pending, Some(after(74 * DAY_US))), "{name}");
        assert_eq!(enabling.enabled_at, Some(DAY0), "{name}");
    }
}

#[test]
fn a_deadline_that_passed_before_the_switch_still_counts() {
    let mut enabling = saved();
    let off = Selection { mailbox: false, ..everything_on() };
    enabling.save(off, Geography::Eligible, after(20 * DAY_US)).unwrap();
    assert_eq!((enabling.consent, enabling.consent_since), (ConsentState::Expired, Some(after(14 * DAY_US))));
}

#[test]
fn the_clock_knows_no_time_zone_and_no_daylight_saving() {
    // The night in which Amsterdam loses an hour lies between: 14 days are still 336 hours.
    let before_switch = Moment::parse("2026-03-20T09:30:00+01:00").unwrap();
    let mut enabling = Enabling::default();
    enabling.enable_premium(before_switch);
    enabling.save(everything_on(), Geography::Eligible, before_switch).unwrap();
    assert_eq!(enabling.deadline(), Some(Moment::parse("2026-04-03T10:30:00+02:00").unwrap()));
}

#[test]
fn granted_data_is_not_used_where_it_may_not_be() {
    let enabling = granted();
    for geography in [Geography::LocalGeography, Geography::NotListed, Geography::Unknown] {
        assert!(!enabling.uses_mailbox(geography), "{geography:?}");
        let mut later = enabling.clone();
        later.settle(geography, after(DAY_US));
        assert_eq!(later.consent, ConsentState::Granted, "it stays agreed to");
    }
    let mut without_premium = enabling.clone();
    without_premium.disable_premium(Geography::Eligible, after(DAY_US));
    assert!(!without_premium.uses_mailbox(Geography::Eligible));
    assert_eq!(without_premium.feature(without_premium.who_knows_whom), Feature::Off);
}

#[test]
fn the_command_line_enables_asks_and_grants_in_one_step() {
    let policy = GeographyPolicy::default();
    let mut enabling = Enabling::default();
    enabling.enable_and_grant("board decision", |location| policy.judge(location), DAY0);
    assert!(enabling.uses_mailbox(policy.judge(enabling.location.as_ref())));
    assert_eq!(enabling.roles, Roles::All);
    let told = actions(&mut enabling, &Enabling::default(), DAY0);
    assert!(told.ends_with(&["consent.requested".to_owned(), "consent.granted".to_owned()]), "{told:?}");
    // Said again in the same words: nothing moves. In other words: the new ones are kept.
    let before = enabling.clone();
    enabling.enable_and_grant("board decision", |location| policy.judge(location), after(DAY_US));
    assert_eq!(enabling, before);
    enabling.enable_and_grant("second decision", |location| policy.judge(location), after(DAY_US));
    assert_eq!(actions(&mut enabling, &before, DAY0), ["consent.granted"]);

    // Roles that were selected stay.
    let mut selected = saved();
    let roles = selected.roles.clone();
    selected.location = Some(DataLocation::Declared("Utrecht".to_owned()));
    selected.enable_and_grant("yes", |location| policy.judge(location), after(DAY_US));
    assert_eq!((selected.roles, selected.consent), (roles, ConsentState::Granted));
}

#[test]
fn asking_again_says_what_is_missing() {
    let mut enabling = granted();
    enabling.revoke(Geography::Eligible, DAY0).unwrap();
    assert_eq!(enabling.ask_again(Geography::Unknown, DAY0), Err(Refusal::Geography(Geography::Unknown)));
    enabling.roles = Roles::default();
    assert_eq!(enabling.ask_again(Geography::Eligible, DAY0), Err(Refusal::NoRole));
    assert_eq!(Enabling::default().ask_again(Geography::Eligible, DAY0), Err(Refusal::NoPremium));
    assert_eq!(Enabling::default().use_crm_data_only(Geography::Eligible, DAY0), Err(Refusal::NotEnabled));
}

#[test]
fn roles_select_who_has_one_of_them() {
    let some = Roles::Selected(BTreeSet::from(["Salesperson".to_owned()]));
    assert!(some.selects(&["Sales Manager", "Salesperson"]));
    assert!(!some.selects(&["Sales Manager"]) && !some.selects::<&str>(&[]));
    assert!(Roles::All.selects::<&str>(&[]) && !Roles::default().selects(&["Salesperson"]));
}

#[test]
fn words_of_states_are_read_back() {
    for state in ConsentState::ALL {
        assert_eq!(ConsentState::parse(state.as_str()), Some(state));
    }
    assert_eq!(ConsentState::parse("maybe"), None);
}
