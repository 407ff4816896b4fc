//! The past of a million pairs, asked at four moments: `cargo bench -p rapport-insight --bench evaluation -- [PEOPLE] [MOMENTS]`.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures and prints")]

use std::time::Instant;

use rapport_domain::{Calendar, Directory, InsightSettings, Moment, PersonId, UserId, time::DAY_US};
use rapport_insight::{
    Context, Data, Likelihoods,
    evaluation::{HistoryDay, PersonHistory, Question, Random, calibrate, evaluate},
};

/// Colleagues per person.
const COLLEAGUES: u32 = 4;
const USERS: u32 = 500;
const FIRST: i32 = 19_000;
const SPAN_DAYS: i32 = 730;

/// A pair's days: a rate of its own, until it ends.
fn days(random: &mut Random) -> Vec<HistoryDay> {
    let gap_days = 25.0 / random.unit().max(0.05);
    let end = FIRST + (f64::from(SPAN_DAYS) * (0.4 + random.unit())).min(f64::from(SPAN_DAYS)) as i32;
    let mut days = Vec::new();
    let mut at = f64::from(FIRST) + random.unit() * 200.0;
    while (at as i32) < end {
        let (outgoing, incoming) = (random.unit() < 0.6, random.unit() < 0.5);
        let (sent, received) = (u16::from(outgoing || !incoming), u16::from(incoming));
        days.push(HistoryDay { day: at as i32, sent, received, outgoing: sent > 0, incoming, ..HistoryDay::default() });
        at += 1.0 - gap_days * random.unit().max(1e-9).ln();
    }
    days
}

fn person(number: u32, random: &mut Random) -> PersonHistory {
    let pairs: Vec<_> = (0..COLLEAGUES).map(|i| (UserId((number * 7 + i * 31) % USERS), days(random))).collect();
    let mut record: Vec<HistoryDay> = pairs.iter().flat_map(|pair| pair.1.iter().copied()).collect();
    record.sort_unstable_by_key(|day| day.day);
    record.dedup_by_key(|day| day.day);
    PersonHistory::new(PersonId(number), record, pairs)
}

fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<u32>().ok());
    let (people, moments) = (numbers.next().unwrap_or(250_000), numbers.next().unwrap_or(4) as i32);
    let mut random = Random(1);
    let world: Vec<PersonHistory> = (0..people).map(|number| person(number, &mut random)).collect();
    let (directory, calendar, settings) =
        (Directory::default(), Calendar::of("UTC").expect("UTC exists"), InsightSettings::default());
    let as_of = Moment(i64::from(FIRST + SPAN_DAYS + 1) * DAY_US);
    let likelihood = Likelihoods::default();
    let ctx =
        Context { directory: &directory, calendar: &calendar, settings: &settings, likelihood, data: Data::CrmAndMailbox, as_of };
    let at = |i: i32| Moment(i64::from(FIRST + SPAN_DAYS * (50 + 10 * i) / 100) * DAY_US);
    let question = Question { horizon_days: 30, at: (0..moments).map(at).collect(), seed: 1 };
    let begun = Instant::now();
    let answer = evaluate(&ctx, &world, &question);
    let elapsed = begun.elapsed();
    let days: usize = world.iter().flat_map(PersonHistory::pairs).map(|pair| pair.1.len()).sum();
    println!(
        "{} pairs, {days} active days, {} moments: {:.1} s ({} cases of pairs, {} people ranked)",
        people * COLLEAGUES,
        answer.moments.len(),
        elapsed.as_secs_f64(),
        answer.pairs.cases,
        answer.who_knows_whom.people
    );
    let begun = Instant::now();
    let calibration = calibrate(&ctx, &world);
    println!("calibration: {:.1} s ({} labelled pairs)", begun.elapsed().as_secs_f64(), calibration.labelled_pairs);
}
