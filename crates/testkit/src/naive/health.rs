//! Relationship health, both models (03-health.md).

use super::local::{Local, date_of_day};
use super::read::{Facts, Interaction, Kind, State};
use super::records::{Record, Table};
use crate::worlds::{Model, Settings};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Oldest age that memory and likelihood see.
pub(super) const MEMORY_DAYS: i64 = 730;
/// Oldest age that engagement sees.
pub(super) const ENGAGEMENT_DAYS: i64 = 365;

/// One interaction of a record, as health sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    /// Local day.
    pub(super) day: i64,
    pub(super) kind: Kind,
    /// We initiated it, or it was a meeting with both sides present.
    pub(super) by_us: bool,
    /// They initiated it, or it was a meeting with both sides present.
    pub(super) by_them: bool,
}

/// One active day's part of the memory.
pub(super) struct Contribution {
    pub(super) day: i64,
    pub(super) kind: Kind,
    pub(super) age_days: i64,
    pub(super) weight: f64,
    pub(super) value: f64,
}

impl Contribution {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "date": date_of_day(self.day).to_string(),
            "kind": self.kind.as_str(),
            "age_days": self.age_days,
            "weight": self.weight,
            "value": self.value,
        })
    }
}

/// The parts of a score.
pub(super) struct Numbers {
    pub(super) memory: f64,
    pub(super) expectation: f64,
    pub(super) engagement: f64,
    /// `v2`: the part of the memory that counts; `None` without a contribution.
    pub(super) mutual: Option<f64>,
    /// `v2`: `None` without a contribution.
    pub(super) freshness: Option<f64>,
    /// By ascending age.
    pub(super) contributions: Vec<Contribution>,
}

impl Numbers {
    /// Not rounded, 0..100.
    pub(super) fn score(&self) -> f64 {
        match (self.mutual, self.freshness) {
            (Some(mutual), Some(freshness)) => score_v2(self.memory * mutual * freshness / self.expectation),
            // `v1`; with nothing to remember 0, as in `v2`.
            _ => score(self.memory, self.expectation, self.engagement),
        }
    }
}

/// `100 * (1 - 2^(-1.5 * g * V / E))`
pub(super) fn score(memory: f64, expectation: f64, engagement: f64) -> f64 {
    100.0 * (1.0 - 2_f64.powf(-1.5 * engagement * memory / expectation))
}

/// `100 * sqrt(u) / (sqrt(u) + 7/13)`
pub(super) fn score_v2(share: f64) -> f64 {
    100.0 * share.sqrt() / (share.sqrt() + 7.0 / 13.0)
}

pub(super) fn round_half_up(x: f64) -> i64 {
    (x + 0.5).floor() as i64
}

/// The parts of the score on a local day: later touches do not exist yet.
pub(super) fn numbers(touches: &[Touch], today: i64, settings: &Settings) -> Numbers {
    let past: Vec<&Touch> = touches.iter().filter(|touch| touch.day <= today).collect();
    let f = settings.frequency_days;
    let ages: BTreeSet<i64> = past.iter().map(|touch| today - touch.day).filter(|age| *age <= MEMORY_DAYS).collect();
    let mut memory = 0.0;
    let mut contributions = Vec::new();
    for age in ages {
        // Equal weights are told apart by the kind: meeting, phone call, email, task.
        let mut heaviest: Option<(f64, Kind)> = None;
        for kind in [Kind::Meeting, Kind::PhoneCall, Kind::Email, Kind::Task] {
            let weight = multiplier(settings, kind);
            let happened = past.iter().any(|touch| touch.day == today - age && touch.kind == kind);
            if happened && heaviest.is_none_or(|(most, _)| weight > most) {
                heaviest = Some((weight, kind));
            }
        }
        let (weight, kind) = heaviest.expect("an active day has an interaction");
        let value = match settings.model {
            Model::V1 => weight / (1.0 + age as f64 / f as f64),
            Model::V2 => weight / (1.0 + age as f64 / (2.0 * f as f64)),
        };
        memory += value;
        contributions.push(Contribution { day: today - age, kind, age_days: age, weight, value });
    }
    let oldest_age = past.iter().map(|touch| today - touch.day).max().unwrap_or(0);
    let days: BTreeSet<(i64, bool, bool)> = past.iter().map(|touch| (today - touch.day, touch.by_us, touch.by_them)).collect();
    let parts = match (settings.model, contributions.first()) {
        (Model::V2, Some(last)) => Some(parts_v2(&past, &contributions, memory, last.age_days as f64 / (3.0 * f as f64))),
        _ => None,
    };
    let expectation = match settings.model {
        Model::V1 => expectation(oldest_age, f),
        Model::V2 => (0..=365 / f).map(|j| 1.0 / (1.0 + j as f64 / 2.0)).sum(),
    };
    let (mutual, freshness) = parts.unzip();
    Numbers { memory, expectation, engagement: engagement(&days), mutual, freshness, contributions }
}

/// M / V and F of `v2`: what is one-sided counts three quarters, and silence of three periods halves.
fn parts_v2(past: &[&Touch], contributions: &[Contribution], memory: f64, periods: f64) -> (f64, f64) {
    let over = |counts: fn(&Touch) -> bool| -> f64 {
        let days = contributions.iter().filter(|one| past.iter().any(|touch| touch.day == one.day && counts(touch)));
        days.map(|one| one.value).sum()
    };
    let weaker = over(|touch| touch.by_us).min(over(|touch| touch.by_them));
    let mutual_memory = 0.75 * memory + 0.25 * memory.min(2.0 * weaker);
    (mutual_memory / memory, 1.0 / (1.0 + periods * periods * periods))
}

fn multiplier(settings: &Settings, kind: Kind) -> f64 {
    let percent = match kind {
        Kind::Email => settings.influence_email,
        Kind::Meeting => settings.influence_meeting,
        Kind::PhoneCall => settings.influence_phone_call,
        Kind::Task => settings.influence_task,
    };
    1.0 + percent as f64 / 100.0
}

/// The memory of somebody who is in touch exactly every `f` days.
fn expectation(oldest_age: i64, f: i64) -> f64 {
    let age = oldest_age.clamp(28, 365);
    let mut sum = 0.0;
    for j in 0..=(age / f) {
        sum += 1.0 / (1.0 + j as f64);
    }
    sum
}

/// `g` from (age, by us, by them).
pub(super) fn engagement(days: &BTreeSet<(i64, bool, bool)>) -> f64 {
    let seen: Vec<&(i64, bool, bool)> = days.iter().filter(|(age, _, _)| (0..=ENGAGEMENT_DAYS).contains(age)).collect();
    let active: BTreeSet<i64> = seen.iter().map(|(age, _, _)| *age).collect();
    let out: BTreeSet<i64> = seen.iter().filter(|(_, by_us, _)| *by_us).map(|(age, _, _)| *age).collect();
    let inward: BTreeSet<i64> = seen.iter().filter(|(_, _, by_them)| *by_them).map(|(age, _, _)| *age).collect();
    let both = if active.is_empty() { 0.0 } else { (2.0 * out.len().min(inward.len()) as f64 / active.len() as f64).min(1.0) };
    0.5 + 0.5 * both
}

/// P(any interaction in the next 30 days) from the ages of the active days; `None` without one at ages 0..=730.
pub(super) fn likelihood_30d(ages: &BTreeSet<i64>) -> Option<f64> {
    let ages: Vec<i64> = ages.iter().copied().filter(|age| (0..=MEMORY_DAYS).contains(age)).collect();
    let since_last = *ages.first()? as f64;
    let mut decayed = 0.0;
    for age in &ages {
        decayed += 2_f64.powf(-(*age as f64) / 90.0);
    }
    let x = (1.0 + decayed).ln() - (1.0 + since_last).ln();
    Some(1.0 / (1.0 + (-(0.53 + 0.78 * x)).exp()))
}

/// How unusual so long a silence is; small = unusual.
pub(super) fn silence_surprise(ages: &BTreeSet<i64>) -> Option<f64> {
    let ages: Vec<i64> = ages.iter().copied().filter(|age| (0..=MEMORY_DAYS).contains(age)).collect();
    let since_last = *ages.first()?;
    let gaps: Vec<i64> = ages.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let as_long = gaps.iter().filter(|gap| **gap >= since_last).count();
    Some((1.0 + as_long as f64) / (1.0 + gaps.len() as f64))
}

/// `health` of the pinned JSON.
pub(super) fn health(facts: &Facts<'_>, record: &Record, local: &Local, as_of: i64) -> Value {
    let (status, closed_at) = status(facts, record, local, as_of);
    let mut value = judged(facts, record, local, as_of, status == Status::Closed);
    if let Some(closed_at) = closed_at {
        let last = judged(facts, record, local, closed_at, false);
        value.insert("last_score".into(), last["score"].clone());
        value.insert("last_state".into(), last["state"].clone());
    }
    Value::Object(value)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Open,
    Closed,
}

/// The status at `as_of`, with the moment of closing where it is closed and that is known.
fn status(facts: &Facts<'_>, record: &Record, local: &Local, as_of: i64) -> (Status, Option<i64>) {
    match record.table {
        Table::Accounts | Table::Contacts => (Status::Open, None),
        Table::Leads => {
            let is_closed = |status: &str| matches!(status, "qualified" | "disqualified");
            let closed = facts.world.leads.iter().any(|row| row.id == record.id && is_closed(&row.status));
            (if closed { Status::Closed } else { Status::Open }, None)
        }
        Table::Opportunities => {
            let is_closed = |status: &str| matches!(status, "won" | "lost");
            let Some(row) = facts.world.opportunities.iter().find(|row| row.id == record.id && is_closed(&row.status)) else {
                return (Status::Open, None);
            };
            let closed_at = row.closed_at.as_deref().and_then(|text| local.date_or_moment(text));
            match closed_at {
                Some(closed_at) if closed_at > as_of => (Status::Open, None),
                closed_at => (Status::Closed, closed_at),
            }
        }
    }
}

fn judged(facts: &Facts<'_>, record: &Record, local: &Local, as_of: i64, closed: bool) -> Map<String, Value> {
    let settings = &facts.world.settings;
    let today = local.day(as_of);
    let touches: Vec<Touch> = record.interactions(facts, as_of).iter().map(|i| touch(facts, local, i)).collect();
    let numbers = numbers(&touches, today, settings);
    let ages: BTreeSet<i64> = numbers.contributions.iter().map(|c| c.age_days).collect();
    let score = (!closed && ages.len() >= 2).then(|| round_half_up(numbers.score()));
    let state = match score {
        Some(score) if score >= settings.grade_good => "good",
        Some(score) if score >= settings.grade_fair => "fair",
        Some(_) => "poor",
        None if closed => "not_applicable",
        None if !touches.is_empty() && ages.is_empty() => "older_than_two_years",
        None if touches.is_empty() && has_open_activity(facts, record, as_of) => "no_closed_activities",
        None => "not_enough_info",
    };
    let known = |value: Option<f64>| if closed { Value::Null } else { json!(value) };
    let value = json!({
        "state": state,
        "score": score,
        "trend": if score.is_some() { trend(&touches, today, settings) } else { "not_enough_info" },
        "model": settings.model.as_str(),
        "likelihood_30d": known(likelihood_30d(&ages)),
        "silence_surprise": known(silence_surprise(&ages)),
        "memory": numbers.memory,
        "expectation": numbers.expectation,
        "engagement": numbers.engagement,
        "mutual": numbers.mutual,
        "freshness": numbers.freshness,
        "rollup": record.table == Table::Accounts,
        "contributions": numbers.contributions.iter().map(Contribution::to_json).collect::<Vec<_>>(),
    });
    let Value::Object(map) = value else { unreachable!("an object was written above") };
    map
}

fn touch(facts: &Facts<'_>, local: &Local, interaction: &Interaction) -> Touch {
    let present = interaction.participants();
    let both_present = !facts.ours(&present).is_empty() && !facts.theirs(&present).is_empty();
    let both = interaction.kind == Kind::Meeting && both_present;
    let outgoing = facts.is_outgoing(interaction);
    Touch { day: local.day(interaction.moment), kind: interaction.kind, by_us: outgoing || both, by_them: !outgoing || both }
}

/// Some activity of the record is open or scheduled, at whatever moment.
fn has_open_activity(facts: &Facts<'_>, record: &Record, as_of: i64) -> bool {
    let open = |i: &&Interaction| i.state == Some(State::Open) || i.is_scheduled(as_of);
    facts.interactions.iter().filter(open).any(|i| record.owns(facts, i))
}

/// The mean of the last 14 daily scores against that of the 14 days that ended 28 days earlier.
pub(super) fn trend(touches: &[Touch], today: i64, settings: &Settings) -> &'static str {
    let first_age = touches.iter().map(|touch| today - touch.day).max();
    if first_age.is_none_or(|age| age < 42) {
        return "not_enough_info";
    }
    let mean = |back: std::ops::RangeInclusive<i64>| {
        let scores: BTreeMap<i64, f64> = back.map(|days| (days, numbers(touches, today - days, settings).score())).collect();
        scores.values().sum::<f64>() / scores.len() as f64
    };
    let change = mean(0..=13) - mean(28..=41);
    if change >= 8.0 {
        "improving"
    } else if change <= -8.0 {
        "declining"
    } else {
        "steady"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_way(ages: impl Iterator<Item = i64>) -> Vec<Touch> {
        ages.map(|age| Touch { day: -age, kind: Kind::Meeting, by_us: true, by_them: true }).collect()
    }

    fn v1() -> Settings {
        Settings { model: Model::V1, ..Settings::default() }
    }

    /// One line of the table of worked values in 03-health.md.
    fn check(ages: impl Iterator<Item = i64>, f: i64, memory: f64, expectation: f64, score: i64) {
        let settings = Settings { frequency_days: f, ..v1() };
        let numbers = numbers(&two_way(ages), 0, &settings);
        assert!((numbers.memory - memory).abs() < 0.0005, "V {} is not {memory}", numbers.memory);
        assert!((numbers.expectation - expectation).abs() < 0.0005, "E {} is not {expectation}", numbers.expectation);
        assert!((numbers.engagement - 1.0).abs() < f64::EPSILON);
        assert_eq!(round_half_up(numbers.score()), score);
        let sum: f64 = numbers.contributions.iter().map(|c| c.value).sum();
        assert!((sum - numbers.memory).abs() < 1e-12);
    }

    #[test]
    fn spec_03_worked_value_1_every_7_days_over_a_year() {
        let ages = || (0..=364).step_by(7);
        assert_eq!(ages().count(), 53);
        check(ages(), 7, 4.557, 4.557, 65);
    }

    #[test]
    fn spec_03_worked_value_2_the_same_but_the_last_28_days_ago() {
        let ages = || (28..=364).step_by(7);
        assert_eq!(ages().count(), 49);
        check(ages(), 7, 2.474, 4.557, 43);
    }

    #[test]
    fn spec_03_worked_value_3_every_7_days_over_two_years() {
        check((0..=730).step_by(7), 7, 5.236, 4.557, 70);
    }

    #[test]
    fn spec_03_worked_value_4_every_30_days_over_two_years() {
        check((0..=730).step_by(30), 7, 1.806, 4.557, 34);
    }

    #[test]
    fn spec_03_worked_value_5_every_91_days_over_two_years() {
        check((0..=730).step_by(91), 30, 1.763, 3.180, 44);
    }

    #[test]
    fn spec_03_worked_value_6_every_day_over_two_years() {
        check(0..=730, 7, 33.113, 4.557, 100);
    }

    #[test]
    fn spec_03_worked_value_7_today_and_7_days_ago() {
        check([0, 7].into_iter(), 7, 1.5, 2.283, 49);
    }

    #[test]
    fn spec_03_worked_value_8_today_and_yesterday() {
        check([0, 1].into_iter(), 7, 1.875, 2.283, 57);
    }

    #[test]
    fn the_memory_ends_after_730_days_and_engagement_after_365() {
        let numbers = numbers(&two_way([730, 731].into_iter()), 0, &Settings::default());
        assert_eq!(numbers.contributions.len(), 1);
        assert!((numbers.engagement - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn one_way_mail_counts_half_in_either_direction() {
        for by_us in [true, false] {
            let one_way: Vec<Touch> = (0..9).map(|day| Touch { day: -day, kind: Kind::Email, by_us, by_them: !by_us }).collect();
            assert!((numbers(&one_way, 0, &Settings::default()).engagement - 0.5).abs() < f64::EPSILON);
        }
        // Four days of ours and two of theirs out of five: b = 2 * 2 / 5.
        let days = BTreeSet::from([(0, true, false), (1, true, false), (2, true, true), (3, true, false), (4, false, true)]);
        assert!((engagement(&days) - 0.9).abs() < 1e-12);
    }

    #[test]
    fn the_heaviest_kind_names_the_day_and_a_meeting_wins_ties() {
        let touch = |kind| Touch { day: 0, kind, by_us: true, by_them: false };
        let touches = [touch(Kind::Task), touch(Kind::Email), touch(Kind::PhoneCall), touch(Kind::Meeting)];
        assert_eq!(numbers(&touches, 0, &Settings::default()).contributions[0].kind, Kind::Meeting);
        assert_eq!(numbers(&touches[..3], 0, &Settings::default()).contributions[0].kind, Kind::PhoneCall);
        let heavy = Settings { influence_task: 50, influence_meeting: -50, ..Settings::default() };
        let day = &numbers(&touches, 0, &heavy).contributions[0];
        assert!(day.kind == Kind::Task && (day.weight - 1.5).abs() < f64::EPSILON);
    }

    #[test]
    fn a_trend_needs_42_days_and_eight_points() {
        let settings = v1();
        assert_eq!(trend(&two_way((0..=41).step_by(7)), 0, &settings), "not_enough_info");
        assert_eq!(trend(&two_way((0..=364).step_by(7)), 0, &settings), "steady");
        assert_eq!(trend(&two_way((28..=364).step_by(7)), 0, &settings), "declining");
        assert_eq!(trend(&two_way((0..14).chain([200, 300])), 0, &settings), "improving");
    }

    #[test]
    fn likelihood_and_surprise_follow_their_formulas() {
        let ages = BTreeSet::from([90]);
        let x = 1.5_f64.ln() - 91_f64.ln();
        let expected = 1.0 / (1.0 + (-(0.53 + 0.78 * x)).exp());
        assert!((likelihood_30d(&ages).expect("one day") - expected).abs() < 1e-12);
        assert_eq!(silence_surprise(&ages), Some(1.0));
        // Silent for 10 days; gaps 10, 3, 20.
        assert_eq!(silence_surprise(&BTreeSet::from([10, 20, 23, 43])), Some(0.75));
        assert_eq!((likelihood_30d(&BTreeSet::new()), silence_surprise(&BTreeSet::from([731]))), (None, None));
    }

    /// A series under `v2`: memory, freshness, score.
    fn check_v2(ages: impl Iterator<Item = i64>, f: i64, memory: f64, freshness: f64, score: i64) {
        let numbers = numbers(&two_way(ages), 0, &Settings { frequency_days: f, ..Settings::default() });
        assert!((numbers.memory - memory).abs() < 0.0005, "V {} is not {memory}", numbers.memory);
        assert!((numbers.freshness.expect("a day") - freshness).abs() < 0.0005, "F {:?} is not {freshness}", numbers.freshness);
        assert!((numbers.mutual.expect("a day") - 1.0).abs() < 1e-12);
        assert_eq!(round_half_up(numbers.score()), score);
    }

    #[test]
    fn worked_values_of_v2() {
        check_v2((0..=364).step_by(7), 7, 7.151, 1.0, 65);
        check_v2([0, 7].into_iter(), 7, 1.667, 1.0, 47);
        check_v2((28..=364).step_by(7), 7, 4.584, 0.297, 45);
    }

    #[test]
    fn a_quarter_is_lost_where_one_side_is_silent_and_nothing_with_two_answers_for_two_letters() {
        let mail = |by_us| Touch { day: 0, kind: Kind::Email, by_us, by_them: !by_us };
        let earlier = Touch { day: -7, ..mail(true) };
        let mutual = |touches: &[Touch]| numbers(touches, 0, &Settings::default()).mutual.expect("a day");
        assert!((mutual(&[mail(true), earlier]) - 0.75).abs() < 1e-12);
        assert!((mutual(&[mail(true), mail(false)]) - 1.0).abs() < 1e-12);
        // V = 1 + 2/3; the weaker side has 2/3 of it, twice that is 4/3.
        assert!((mutual(&[mail(false), earlier]) - (0.75 + 0.25 * 0.8)).abs() < 1e-12);
    }
}
