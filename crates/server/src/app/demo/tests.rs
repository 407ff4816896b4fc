//! The promises of the module, on several moments: a summer Monday, Christmas, a Sunday, just after midnight, a leap day.

mod formats;
mod model;

use std::collections::BTreeMap;

use super::world::{LeadStatus, OpportunityStatus, Reference, World};
use super::{files, generate};
use model::{DayFacts, Facts, facts_of_accounts, facts_of_opportunities, facts_of_people, facts_of_ties};

/// 2026-07-20T07:05Z, 2025-12-27T12:00Z, 2026-03-01T16:30Z (a Sunday), 2026-11-22T23:00Z (midnight here), 2028-02-29T09:00Z.
pub(super) const MOMENTS_S: [i64; 5] = [1_784_531_100, 1_766_836_800, 1_772_382_600, 1_795_388_400, 1_835_427_600];

fn world(moment_s: i64, seed: u64) -> World {
    generate(moment_s * 1_000_000, seed)
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let as_of_us = MOMENTS_S[0] * 1_000_000;
    let first = files(as_of_us, 7);
    assert!(first == files(as_of_us, 7), "the same moment and seed");
    assert!(first != files(as_of_us, 8), "another seed");
}

#[test]
fn counts() {
    for (seed, moment_s) in MOMENTS_S.into_iter().enumerate() {
        let world = world(moment_s, seed as u64);
        let (users, leavers) = (world.users.len(), world.users.iter().filter(|user| user.left_day.is_some()).count());
        assert_eq!((users, leavers), (25, 1));
        assert_eq!((world.accounts.len(), world.contacts.len()), (60, 260));
        let of_status = |status| world.leads.iter().filter(|lead| lead.status == status).count();
        assert_eq!(world.leads.len(), 60);
        assert_eq!([LeadStatus::Active, LeadStatus::Qualified, LeadStatus::Disqualified].map(of_status), [35, 12, 13]);
        let of_status = |status| world.opportunities.iter().filter(|deal| deal.status == status).count();
        let [open, won, lost] = [OpportunityStatus::Open, OpportunityStatus::Won, OpportunityStatus::Lost].map(of_status);
        assert!(open + won + lost == 160 && won >= 35 && lost >= 35, "{open} open, {won} won, {lost} lost");
        let copies: usize = world.messages.iter().map(|message| super::mbox::receivers(&world, message).len()).sum();
        assert!((12_000..=25_000).contains(&copies), "{copies} messages in all mailboxes");
    }
}

#[test]
fn some_contacts_have_several_addresses_some_none() {
    let world = world(MOMENTS_S[0], 1);
    let with = |count: usize| world.people[..260].iter().filter(|person| person.parties.len() == count).count();
    assert!(with(0) > 10 && with(2) > 10 && with(3) >= 1, "{} {} {}", with(0), with(2), with(3));
}

#[test]
fn nothing_done_lies_after_as_of() {
    for moment_s in MOMENTS_S {
        let world = world(moment_s, 3);
        let as_of_us = moment_s * 1_000_000;
        assert!(world.messages.iter().all(|message| message.at_us <= as_of_us));
        let is_planned = |state| matches!(state, super::world::State::Open | super::world::State::Scheduled);
        assert!(world.activities.iter().all(|activity| activity.at_us <= as_of_us || is_planned(activity.state)));
        let latest = world.opportunities.iter().filter_map(|deal| deal.closed_day).max();
        assert!(latest < Some(0), "deals were decided before today");
    }
}

/// How often each word is seen.
type Tally = BTreeMap<&'static str, usize>;

fn tally(words: impl Iterator<Item = &'static str>) -> Tally {
    let mut tally = Tally::new();
    for word in words {
        *tally.entry(word).or_default() += 1;
    }
    tally
}

fn assert_all(tally: &Tally, words: &[&'static str], at_least: usize, what: &str) {
    for word in words {
        assert!(tally.get(word).is_some_and(|&count| count >= at_least), "{what}: too few `{word}` in {tally:?}");
    }
}

const STATES: [&str; 6] = ["good", "fair", "poor", "not_enough_info", "no_closed_activities", "older_than_two_years"];
const TRENDS: [&str; 4] = ["improving", "steady", "declining", "not_enough_info"];

fn report(what: &str, facts: &[Facts]) -> (Tally, Tally) {
    let states = tally(facts.iter().map(Facts::state));
    let trends = tally(facts.iter().map(Facts::trend));
    #[expect(clippy::print_stdout, reason = "shown with --nocapture while rhythms are tuned")]
    {
        println!("{what}: {states:?} {trends:?}");
    }
    (states, trends)
}

#[test]
fn every_state_and_trend_occurs() {
    for (seed, moment_s) in MOMENTS_S.into_iter().enumerate() {
        let world = world(moment_s, seed as u64);
        let people = facts_of_people(&world);
        let (states, trends) = report("contacts", &people[..260]);
        assert_all(&states, &STATES, 8, "states of contacts");
        assert_all(&trends, &TRENDS, 8, "trends of contacts");
        let active: Vec<Facts> = facts_of_active_leads(&world, &people);
        let (states, trends) = report("active leads", &active);
        assert_all(&states, &STATES, 1, "states of active leads");
        assert_all(&trends, &["steady", "not_enough_info"], 1, "trends of active leads");
        let (states, _) = report("accounts", &facts_of_accounts(&world));
        assert_all(&states, &STATES, 1, "states of accounts");
        let (states, trends) = report("open opportunities", &facts_of_opportunities(&world));
        assert_all(&states, &STATES, 1, "states of open opportunities");
        assert_all(&trends, &TRENDS, 1, "trends of open opportunities");
    }
}

fn facts_of_active_leads(world: &World, people: &[Facts]) -> Vec<Facts> {
    let facts_of = |lead: usize| {
        let person = world.people.iter().position(|person| person.reference == Some(Reference::Lead(lead)));
        person.map(|person| people[person].clone())
    };
    let active = (0..world.leads.len()).filter(|&lead| world.leads[lead].status == LeadStatus::Active);
    active.filter_map(facts_of).collect()
}

#[test]
fn every_grade_of_a_tie_occurs() {
    for (seed, moment_s) in MOMENTS_S.into_iter().enumerate() {
        let world = world(moment_s, seed as u64);
        let ties = facts_of_ties(&world);
        let grades = tally(ties.iter().filter(|facts| facts.exists()).map(Facts::grade));
        report("ties", &ties);
        assert_all(&grades, &["strong", "medium", "weak"], 20, "grades of ties");
        let one_way_weak = ties.iter().filter(|facts| facts.exists() && facts.is_one_way() && facts.strength() >= 0.30).count();
        assert!(one_way_weak >= 1, "ties that are weak only because nobody ever answers: {one_way_weak}");
    }
}

/// Worked values, so that the model that tunes the rhythms is the one of the product.
#[test]
fn the_model_gives_the_worked_values() {
    let series = |days: &[i32]| {
        let mut facts = Facts::default();
        for &age in days {
            facts.days.insert(age, DayFacts { outgoing: true, incoming: true, weight: 1.0 });
        }
        (facts.score() * 100.0 + 0.5).floor() as i32
    };
    let every = |step: i32, from: i32, to: i32| (from..=to).step_by(step as usize).collect::<Vec<_>>();
    assert_eq!(series(&every(7, 0, 365)), 65);
    assert_eq!(series(&every(7, 28, 364)), 45);
    assert_eq!(series(&every(30, 0, 730)), 52);
    assert_eq!(series(&[0, 7]), 47);
    assert_eq!(series(&[0, 1]), 49);
}
