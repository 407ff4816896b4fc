//! Health (03).

use std::fmt::Write;

use expect_test::{Expect, expect};
use rapport_domain::{Kind, Table};
use rapport_insight::{ClosedAs, HealthFolder, HealthState, RecordScope, Trend, health::DailyScore};

use crate::world::{World, at, render_health, world, world_at};

/// One two-way meeting on each of these ages, in days.
fn meetings(ages: impl IntoIterator<Item = u32>) -> World {
    let text = ages.into_iter().fold(String::new(), |mut text, age| {
        writeln!(text, "-{age}d meeting A -> x").unwrap();
        text
    });
    world(&text)
}

fn check(activities: &str, expected: &Expect) {
    expected.assert_eq(&render_health(&world(activities).health("x")));
}

/// A row of the table of worked values: memory and expectation to three digits, score.
fn check_row(ages: impl IntoIterator<Item = u32>, frequency_days: u32, row: (&str, &str, u32)) {
    let mut world = meetings(ages);
    world.settings.frequency_days = frequency_days;
    let figures = world.health("x").figures;
    let got = (format!("{:.3}", figures.memory), format!("{:.3}", figures.expectation), figures.score);
    assert_eq!(got, (row.0.to_owned(), row.1.to_owned(), Some(row.2)));
    assert!((figures.engagement - 1.0).abs() < 1e-12);
}

#[test]
fn spec_03_table_row_1_every_7_days_over_one_year() {
    check_row((0..=364).step_by(7), 7, ("4.557", "4.557", 65));
}

#[test]
fn spec_03_table_row_2_the_same_but_the_last_28_days_ago() {
    check_row((28..=364).step_by(7), 7, ("2.474", "4.557", 43));
}

#[test]
fn spec_03_table_row_3_every_7_days_over_two_years() {
    check_row((0..=728).step_by(7), 7, ("5.236", "4.557", 70));
}

#[test]
fn spec_03_table_row_4_every_30_days_over_two_years() {
    check_row((0..=720).step_by(30), 7, ("1.806", "4.557", 34));
}

#[test]
fn spec_03_table_row_5_every_91_days_over_two_years_at_30_days() {
    check_row((0..=728).step_by(91), 30, ("1.763", "3.180", 44));
}

#[test]
fn spec_03_table_row_6_every_day_over_two_years() {
    check_row(0..=730, 7, ("33.113", "4.557", 100));
}

#[test]
fn spec_03_table_row_7_today_and_7_days_ago() {
    check_row([0, 7], 7, ("1.500", "2.283", 49));
}

#[test]
fn spec_03_table_row_8_today_and_yesterday() {
    check_row([0, 1], 7, ("1.875", "2.283", 57));
}

#[test]
fn one_day_has_no_score_and_nothing_is_not_zero() {
    check(
        "2026-02-22 09:00 meeting A -> x",
        &expect![[r#"
            not_enough_info None not_enough_info V 0.500 E 2.283 g 1.000 likelihood 0.3608 surprise Some(1.0) if met Some(49)
            2026-02-22 meeting age 7 weight 1 value 0.5000
        "#]],
    );
    check(
        "",
        &expect![[r#"
            not_enough_info None not_enough_info V 0.000 E 2.283 g 0.500 likelihood none surprise None if met None
        "#]],
    );
}

#[test]
fn a_day_shows_its_heaviest_kind_and_ties_prefer_meeting_call_email_task() {
    let activities = "2026-02-28 09:00 email A -> x
                      2026-02-28 10:00 phone_call A -> x
                      2026-02-28 11:00 task A regarding=1
                      2026-02-27 10:00 meeting A -> x
                      2026-02-27 11:00 email x -> A
                      2026-02-26 11:00 task A regarding=1
                      2026-02-26 12:00 email x -> A";
    check(
        activities,
        &expect![[r#"
            good Some(66) not_enough_info V 2.353 E 2.283 g 1.000 likelihood 0.7430 surprise Some(1.0) if met Some(78)
            2026-02-28 phone_call age 1 weight 1 value 0.8750
            2026-02-27 meeting age 2 weight 1 value 0.7778
            2026-02-26 email age 3 weight 1 value 0.7000
        "#]],
    );
    let mut world = world(activities);
    world.settings.influence = [0.5, 0.5, 0.8, 1.5];
    expect![[r#"
        good Some(71) not_enough_info V 2.751 E 2.283 g 1.000 likelihood 0.7430 surprise Some(1.0) if met Some(77)
        2026-02-28 task age 1 weight 1.5 value 1.3125
        2026-02-27 meeting age 2 weight 0.5 value 0.3889
        2026-02-26 task age 3 weight 1.5 value 1.0500
    "#]]
    .assert_eq(&render_health(&world.health("x")));
}

#[test]
fn one_way_mail_counts_half_in_either_direction() {
    let both = world("-1d email A -> x\n-3d email x -> A").health("x").figures;
    for one_way in ["-1d email A -> x\n-3d email A -> x", "-1d email x -> A\n-3d email x -> A"] {
        let figures = world(one_way).health("x").figures;
        assert!((figures.engagement - 0.5).abs() < 1e-12);
        assert!((figures.memory - both.memory).abs() < 1e-12);
        assert!(figures.score < both.score);
    }
    assert!((both.engagement - 1.0).abs() < 1e-12);
}

#[test]
fn a_meeting_counts_for_both_only_with_both_present() {
    let alone = world("-1d meeting A -> B regarding=1\n-3d meeting A -> B regarding=1").health("x").figures;
    assert!((alone.engagement - 0.5).abs() < 1e-12);
    let both = world("-1d meeting A -> x\n-3d meeting A -> x").health("x").figures;
    assert!((both.engagement - 1.0).abs() < 1e-12);
}

#[test]
fn memory_sees_ages_to_730_engagement_to_365_and_the_first_interaction_any_age() {
    let figures = meetings([0, 730]).health("x").figures;
    assert_eq!((figures.active_days, format!("{:.4}", figures.memory)), (2, "1.0095".to_owned()));
    let figures = meetings([0, 731]).health("x").figures;
    assert_eq!((figures.active_days, figures.score, figures.state), (1, None, HealthState::NotEnoughInfo));
    assert_eq!(format!("{:.3}", figures.expectation), "4.557", "judged by its age, though that day is forgotten");
    let figures = world("-365d email x -> A\n-10d email A -> x").health("x").figures;
    assert!((figures.engagement - 1.0).abs() < 1e-12);
    let figures = world("-366d email x -> A\n-10d email A -> x").health("x").figures;
    assert!((figures.engagement - 0.5).abs() < 1e-12);
}

#[test]
fn states_are_the_first_that_applies() {
    let state = |activities: &str| world(activities).health("x").figures.state;
    assert_eq!(state("-731d email A -> x\n-800d email A -> x"), HealthState::OlderThanTwoYears);
    assert_eq!(state("-731d email A -> x\n-1d email A -> x state=open"), HealthState::OlderThanTwoYears);
    assert_eq!(state("-1d email A -> x state=open"), HealthState::NoClosedActivities);
    assert_eq!(state("2026-04-01 09:00 meeting A -> x"), HealthState::NoClosedActivities);
    assert_eq!(state("-1d meeting A -> x state=scheduled"), HealthState::NoClosedActivities);
    assert_eq!(state("-1d meeting A -> x state=cancelled"), HealthState::NotEnoughInfo);
    assert_eq!(state("-1d email A -> x\n-1d email x -> A"), HealthState::NotEnoughInfo, "two interactions on one day");
}

#[test]
fn grades_follow_the_settings() {
    let mut world = meetings([0, 7]); // 49
    assert_eq!(world.health("x").figures.state, HealthState::Fair);
    world.settings.fair_min = 50;
    assert_eq!(world.health("x").figures.state, HealthState::Poor);
    (world.settings.good_min, world.settings.fair_min) = (49, 40);
    assert_eq!(world.health("x").figures.state, HealthState::Good);
}

#[test]
fn a_closed_opportunity_keeps_its_last_score() {
    let mut world = meetings([0, 7, 20, 27]);
    let open = RecordScope { table: Table::Opportunities, ..world.contact("x") };
    let closed_at = at("2026-02-22T12:00:00Z"); // the moment of the meeting 7 days ago
    let closed = RecordScope { closed: Some(ClosedAs { closed_at: Some(closed_at) }), ..open.clone() };
    let health = world.health_of(&closed);
    let figures = health.figures;
    assert_eq!((figures.state, figures.score, figures.trend), (HealthState::NotApplicable, None, Trend::NotEnoughInfo));
    assert_eq!((figures.likelihood_30d, figures.silence_surprise, health.score_if_met_today), (None, None, None));
    assert!(figures.memory > 0.0);
    let last = figures.last.unwrap();
    world.as_of = closed_at;
    let then = world.health_of(&open).figures;
    assert_eq!((last.at, last.score, last.state), (closed_at, then.score, then.state));
    assert_eq!(world.health_of(&closed).figures.state, HealthState::NotApplicable, "closed from closed_at on");
    world.as_of = closed_at.plus_us(-1);
    let before = world.health_of(&closed).figures;
    assert_eq!((before.score.is_some(), before.last), (true, None));
}

#[test]
fn a_lead_that_is_not_active_and_an_accounts_roll_up_say_so() {
    let mut world = meetings([0, 7]);
    let lead = RecordScope { table: Table::Leads, lead_active: false, ..world.contact("x") };
    assert_eq!(world.health_of(&lead).figures.state, HealthState::NotApplicable);
    let account = RecordScope { table: Table::Accounts, ..world.contact("x") };
    let figures = world.health_of(&account).figures;
    assert_eq!((figures.score, figures.rollup), (Some(49), true));
}

#[test]
fn trend_compares_two_fortnights() {
    let trend = |ages: &mut dyn Iterator<Item = u32>| meetings(ages).health("x").figures.trend;
    assert_eq!(trend(&mut (0..=364).step_by(7)), Trend::Steady);
    assert_eq!(trend(&mut (35..=364).step_by(7)), Trend::Declining);
    assert_eq!(trend(&mut (0..=40).step_by(4)), Trend::NotEnoughInfo, "younger than 42 days");
    assert_eq!(trend(&mut (2..=41).step_by(3)), Trend::NotEnoughInfo, "41 days is younger than 42");
    assert_eq!(trend(&mut (0..=42).step_by(3)), Trend::Improving, "days before the first interaction score 0");
    assert_eq!(trend(&mut [42].into_iter()), Trend::NotEnoughInfo, "no score");
}

#[test]
fn trend_is_the_mean_of_daily_scores() {
    let mut world = meetings([3, 9, 15, 22, 30, 31, 45, 60, 77, 100, 160]);
    let scope = world.contact("x");
    let mut folder = HealthFolder::new();
    let score_at = |age: i32| {
        let day = world.ctx().today().plus(-age);
        let as_of = if age == 0 { world.as_of } else { world.calendar.end_of(day) };
        let ctx = rapport_insight::Context { as_of, ..world.ctx() };
        HealthFolder::new().figures(&ctx, &scope, &world.touches).score_exact.unwrap()
    };
    let change = (0..14).map(score_at).sum::<f64>() / 14.0 - (28..42).map(score_at).sum::<f64>() / 14.0;
    let trend = folder.figures(&world.ctx(), &scope, &world.touches).trend;
    assert!(change > 8.0, "{change}");
    assert_eq!(trend, Trend::Improving);
    let history = folder.history(&world.ctx(), &scope, &world.touches, 30);
    assert_eq!(history.len(), 30);
    for DailyScore { day, score } in history {
        let age = world.ctx().today().0 - day.0;
        assert_eq!(score, Some(rapport_insight::round_half_up(score_at(age))), "{age}");
    }
}

#[test]
fn likelihood_and_surprise() {
    let figures = meetings([4, 10, 14, 30]).health("x").figures;
    // D = 2^(-4/90) + 2^(-10/90) + 2^(-14/90) + 2^(-30/90), r = 4; gaps 6, 4, 16 are all at least 4.
    let decayed: f64 = [4.0, 10.0, 14.0, 30.0].iter().map(|age: &f64| 2.0_f64.powf(-age / 90.0)).sum();
    let x = (1.0 + decayed).ln() - 5.0_f64.ln();
    let expected = 1.0 / (1.0 + (-(0.53 + 0.78 * x)).exp());
    assert!((figures.likelihood_30d.unwrap() - expected).abs() < 1e-12);
    assert_eq!(figures.silence_surprise, Some(1.0));
    let figures = meetings([16, 22, 26, 42]).health("x").figures;
    assert_eq!(figures.silence_surprise, Some(0.5), "one gap of three is as long as 16 days");
    let figures = meetings([20, 750, 751]).health("x").figures;
    assert_eq!(figures.silence_surprise, Some(1.0), "gaps beyond 730 days are forgotten");
    assert_eq!(meetings([731]).health("x").figures.likelihood_30d, None);
}

#[test]
fn if_you_met_today() {
    let mut world = world("2026-03-01 09:00 email A -> x\n2026-02-22 09:00 email A -> x");
    let health = world.health("x");
    assert_eq!((health.figures.score, health.score_if_met_today), (Some(29), Some(49)), "the email becomes a two-way day");
    world.settings.influence[Kind::Meeting as usize] = 0.5;
    assert_eq!(world.health("x").score_if_met_today, Some(49), "a light meeting does not weigh less than the email");
}

#[test]
fn ages_are_local_calendar_days_through_daylight_saving_and_midnight() {
    // Clocks go forward on 29 March: that day has 23 hours.
    let mut world = world_at(
        "Europe/Amsterdam",
        "2026-03-29T21:59:59Z",
        "2026-03-28T22:59:59Z  email A -> x
         2026-03-28T23:00:00Z  email x -> A",
    );
    expect![[r#"
        fair Some(57) not_enough_info V 1.875 E 2.283 g 1.000 likelihood 0.7998 surprise Some(1.0) if met Some(57)
        2026-03-29 email age 0 weight 1 value 1.0000
        2026-03-28 email age 1 weight 1 value 0.8750
    "#]]
    .assert_eq(&render_health(&world.health("x")));
    world.as_of = at("2026-03-29T22:00:00Z"); // midnight
    assert_eq!(world.health("x").contributions[0].age_days, 1);
}
