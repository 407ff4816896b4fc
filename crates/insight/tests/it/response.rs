//! Response times in full: with those that wait, in business hours, and estimated where mails name no others.

use std::fmt::Write;

use proptest::prelude::*;
use rapport_domain::{Moment, time::HOUR_US, time::MINUTE_US};
use rapport_insight::{Data, KpiFolder, KpiQuery, kpis::BusinessTime, kpis::ResponseEstimate};

use crate::world::{World, at, world, world_at};

/// The answers of the page docs/metrics/response-time.md: over a weekend, within a day, by night; two wait.
const ANSWERS: &str = "
    2026-02-06 16:00 email x -> A conv=1
    2026-02-09 10:00 email A -> x conv=1
    2026-02-10 09:00 email x -> A conv=2
    2026-02-10 11:00 email A -> x conv=2
    2026-02-11 20:00 email x -> A conv=3
    2026-02-12 07:00 email A -> x conv=3
    2026-02-27 12:00 email x -> A conv=4
    2026-02-23 09:00 email x -> A conv=5
";

#[test]
fn those_that_wait_and_business_hours() {
    // Answered after 66, 2 and 11 hours; at noon of 1 March, a Sunday, two wait for 48 and 147 hours: 4/5, 3/5, then 1/2 of that.
    let kpis = world(ANSWERS).kpis("x");
    let by_us = kpis.response_detail_by_us.unwrap();
    assert_eq!((kpis.response_time_by_us.unwrap().p50_h, by_us.km_p50_h), (Some(11.0), Some(66.0)));
    // In business hours 2, 2 and 0, and those that wait for 5 and 40: 4/5, then 2/4 of that.
    let business = BusinessTime { mean_h: Some(4.0 / 3.0), p50_h: Some(2.0), p90_h: Some(2.0), km_p50_h: Some(2.0) };
    assert_eq!((by_us.business, by_us.estimated), (business, None));
    // Nobody answered us: more than half still wait.
    let by_them = kpis.response_detail_by_them.unwrap();
    let nothing = BusinessTime { mean_h: None, p50_h: None, p90_h: None, km_p50_h: None };
    assert_eq!((by_them.km_p50_h, by_them.business), (None, nothing));
}

#[test]
fn business_hours_are_a_setting_and_local_to_the_organization() {
    let mut world = world_at(
        "Europe/Amsterdam",
        "2026-07-01T12:00:00Z",
        "
        2026-06-05 14:00 email x -> A conv=1
        2026-06-08 08:00 email A -> x conv=1
    ",
    );
    let mut hours = |days: &str, hours: &str| {
        (world.settings.business_days, world.settings.business_hours) = (days.parse().unwrap(), hours.parse().unwrap());
        world.kpis("x").response_detail_by_us.unwrap().business.mean_h
    };
    // Friday 16:00 to Monday 10:00.
    assert_eq!(hours("mon-fri", "09:00-17:00"), Some(2.0));
    assert_eq!(hours("mon-fri", "08:00-18:00"), Some(4.0));
    assert_eq!(hours("sun-thu", "09:00-17:00"), Some(9.0));
    assert_eq!(hours("mon-sun", "00:00-24:00"), Some(66.0));
}

#[test]
fn only_whoever_asks_for_it_is_told_in_full_and_of_mailbox_data_alone() {
    let mut crm = world(ANSWERS);
    let scope = crm.contact("x");
    let figures = KpiFolder::new().fold(&crm.ctx(), &scope, &crm.touches, &KpiQuery::default());
    assert!(figures.response_time_by_us.is_some() && figures.response_detail_by_us.is_none());
    crm.data = Data::Crm;
    assert_eq!(crm.kpis("x").response_detail_by_us, None);
    let unanswered = world("-1d email A -> x").kpis("x");
    assert!(unanswered.response_detail_by_us.is_none() && unanswered.response_detail_by_them.is_some());
}

/// Chance that is the same everywhere.
struct Dice(u64);

impl Dice {
    /// From 0 to below 1.
    fn throw(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Two years in which they write every four days and we every six, each at random; of what they write we also answer a share, after two to
/// four hours. No mail names another.
fn planted(seed: u64, answered: f64) -> World {
    let mut dice = Dice(seed);
    let (start, end) = (at("2024-01-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
    let mut text = String::new();
    let mut line = |moment_us: i64, who: &str| {
        let minutes = moment_us / MINUTE_US * MINUTE_US;
        writeln!(text, "{} email {who}", Moment(minutes).to_rfc3339()).unwrap();
    };
    let mut at_random = |every_days: f64, each: &mut dyn FnMut(&mut Dice, i64)| {
        let mut moment = start.0;
        loop {
            moment += (-(1.0 - dice.throw()).ln() * every_days * 24.0 * HOUR_US as f64) as i64;
            if moment >= end.0 {
                break;
            }
            each(&mut dice, moment);
        }
    };
    at_random(6.0, &mut |_, moment| line(moment, "A -> x"));
    at_random(4.0, &mut |dice, moment| {
        line(moment, "x -> A");
        if dice.throw() < answered {
            line(moment + ((2.0 + 2.0 * dice.throw()) * HOUR_US as f64) as i64, "A -> x");
        }
    });
    world(&text)
}

fn estimate(world: &mut World) -> ResponseEstimate {
    world.kpis_within("x", "2024-01-01T00:00:00Z", "2026-03-01T00:00:00Z").response_detail_by_us.unwrap().estimated.unwrap()
}

#[test]
fn answers_are_found_among_mail_at_random() {
    for seed in 1..=8 {
        let found = estimate(&mut planted(seed, 0.6));
        let p50_h = found.p50_h.unwrap();
        assert!((2.6..3.4).contains(&p50_h), "{seed}: {found:?}");
        assert!(found.chance_share < 0.6 && found.placebo_p50_h.unwrap() > 12.0, "{seed}: {found:?}");
    }
}

#[test]
fn chance_alone_is_known_as_chance() {
    let shares: Vec<f64> = (1..=8)
        .map(|seed| estimate(&mut planted(seed, 0.0)))
        .map(|estimate| {
            assert_eq!(estimate.p50_h.is_none(), estimate.chance_share >= 0.9, "{estimate:?}");
            estimate.chance_share
        })
        .collect();
    assert!(shares.iter().filter(|share| **share >= 0.9).count() >= 6, "{shares:?}");
}

#[test]
fn where_headers_tell_or_little_was_written_nothing_is_estimated() {
    let pair = |i: u32, how: &str| {
        let day = 10 * i + i % 3;
        format!("-{day}d email x -> A {how}\n-{}d email A -> x {how}\n", day - 1)
    };
    let of = |text: &str| world(text).kpis("x").response_detail_by_us.unwrap().estimated;
    let pairs = |n: u32, how: &str| (3..3 + n).map(|i| pair(i, how)).collect::<String>();
    let estimated = of(&pairs(12, "")).unwrap();
    assert_eq!((estimated.n, estimated.p50_h), (12, Some(24.125)));
    assert_eq!(of(&pairs(9, "")), None);
    let threads = |n: u32| (3..3 + n).map(|i| pair(i, &format!("conv={i}"))).collect::<String>();
    assert_eq!(of(&threads(12)), None);
    // Half of the mails are in threads: that is enough; of fewer it is not.
    let other = |n: u32| (20..20 + n).map(|i| pair(i, "")).collect::<String>();
    assert_eq!(of(&(threads(12) + &other(12))), None);
    assert!(of(&(threads(12) + &other(13))).is_some());
}

/// Every nine to twelve days x writes, and A answers after three hours: the page docs/metrics/response-time.md.
#[test]
fn the_worked_example_of_mails_without_headers() {
    let text = [0, 9, 19, 31, 40, 52, 61, 73, 82, 94, 103, 115].iter().fold(String::new(), |mut text, days| {
        let asked = at("2026-01-12T09:00:00Z").plus_us(days * 24 * HOUR_US);
        writeln!(text, "{} email x -> A\n{} email A -> x", asked.to_rfc3339(), asked.plus_us(3 * HOUR_US).to_rfc3339()).unwrap();
        text
    });
    let kpis = world_at("UTC", "2026-06-01T12:00:00Z", &text).kpis("x");
    let estimated = ResponseEstimate { p50_h: Some(3.125), n: 12, chance_share: 0.0, placebo_p50_h: Some(75.0) };
    assert_eq!(kpis.response_detail_by_us.unwrap().estimated, Some(estimated));
}

#[test]
fn an_answer_is_to_the_latest_mail_of_the_same_person_within_14_days() {
    // x writes twice before A answers; y, who is not answered, writes between; z is written to 15 days later, which answers nothing.
    let mut text = String::new();
    for (i, day) in (1..=12).map(|i| (i, 31 * i)) {
        writeln!(text, "-{day}d email x -> A\n-{}d email x -> A\n-{}d email A -> x", day - 1, day - 3).unwrap();
        if i <= 3 {
            writeln!(text, "-{}d email y -> A\n-{day}d email z -> A\n-{}d email A -> z", day - 2, day - 15).unwrap();
        }
    }
    let estimated = world(&text).kpis("x y z").response_detail_by_us.unwrap().estimated.unwrap();
    assert_eq!((estimated.n, estimated.p50_h), (12, Some(48.125)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn waiting_longer_and_business_hours_keep_their_bounds(ages in proptest::collection::vec((0..500_u32, 0..200_u32, any::<bool>()), 1..25)) {
        let mut text = String::new();
        for (i, (age, wait, is_answered)) in ages.iter().enumerate() {
            let asked = Moment(at("2026-02-20T00:00:00Z").0 - i64::from(*age) * 7 * HOUR_US);
            writeln!(text, "{} email x -> A conv={}", asked.to_rfc3339(), i + 1).unwrap();
            if *is_answered {
                writeln!(text, "{} email A -> x conv={}", asked.plus_us(i64::from(*wait) * HOUR_US).to_rfc3339(), i + 1).unwrap();
            }
        }
        let kpis = world(&text).kpis("x");
        let (time, detail) = (kpis.response_time_by_us.unwrap(), kpis.response_detail_by_us.unwrap());
        // Those that wait never make the median earlier than the lower median of the answered; without them it is the median.
        let mut waits: Vec<u32> = ages.iter().filter(|age| age.2).map(|age| age.1).collect();
        waits.sort_unstable();
        let lower = waits.get(waits.len().saturating_sub(1) / 2).map(|wait| f64::from(*wait));
        prop_assert!(detail.km_p50_h.is_none_or(|km_p50_h| Some(km_p50_h) >= lower));
        prop_assert!(time.unanswered > 0 || detail.km_p50_h == time.p50_h);
        for (business, plain) in [(detail.business.mean_h, time.mean_h), (detail.business.p50_h, time.p50_h), (detail.business.p90_h, time.p90_h)] {
            prop_assert_eq!(business.is_some(), plain.is_some());
            prop_assert!(business <= plain);
        }
    }
}
