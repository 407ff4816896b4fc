//! What holds in every world. The checks are small and independent of the folds.

use std::fmt::Write;

use proptest::prelude::*;
use rapport_domain::{Direction, Kind, Model, time::DAY_US};
use rapport_insight::{Data, Grade};

use crate::world::{Numbering, World, at, numbered, render_health, render_kpis, render_ties, world, world_at};

const AS_OF: &str = "2026-03-01T12:00:00Z";

/// One activity line. Few names, moments, ids and subjects, so that they meet.
fn line() -> impl Strategy<Value = String> {
    let who = prop_oneof![
        Just("email A -> x"),
        Just("email x -> A"),
        Just("email B -> x, y cc A"),
        Just("email y -> A cc x"),
        Just("email x2 -> B, A2"),
        Just("meeting A -> x minutes=30"),
        Just("meeting x -> A, B, y minutes=45"),
        Just("phone_call B -> x minutes=5"),
        Just("phone_call y -> B"),
        Just("task A -> x regarding=1"),
        Just("email ~p -> x"),
    ];
    let age_days = prop_oneof![4 => 0..60_u32, 2 => 0..400_u32, 1 => 300..800_u32];
    let state =
        prop_oneof![8 => Just(""), 1 => Just("state=scheduled"), 1 => Just("state=cancelled"), 1 => Just("state=completed")];
    let thread =
        prop_oneof![Just(""), Just("conv=1 threaded"), Just("conv=2"), Just("subject=5"), Just("conv=3 subject=5 threaded")];
    let source = prop_oneof![Just(""), Just("crm"), Just("both")];
    (age_days, who, state, thread, source)
        .prop_map(|(age, who, state, thread, source)| format!("-{age}d {who} {state} {thread} {source}"))
}

/// Activities with distinct ids, except that some have none.
fn activities() -> impl Strategy<Value = String> {
    proptest::collection::vec((line(), any::<bool>()), 0..40).prop_map(|lines| {
        lines.iter().enumerate().fold(String::new(), |mut text, (i, (line, has_id))| {
            // Without an id, equal lines are one interaction; `minutes` would tell them apart, so they carry one.
            // Nor can one interaction be in two conversations.
            let id =
                if *has_id || line.contains("meeting") || line.contains("conv=") { format!("id=m{i}") } else { String::new() };
            writeln!(text, "{line} {id}").unwrap();
            text
        })
    })
}

fn model() -> impl Strategy<Value = Model> {
    prop_oneof![Just(Model::V1), Just(Model::V2)]
}

fn everything(world: &mut World) -> String {
    let kpis = world.kpis("x x2");
    let health = world.health("x x2");
    let ties = world.ties("x x2");
    let exact: Vec<_> = ties.iter().map(|tie| (tie.figures.memory.to_bits(), tie.figures.mutuality.to_bits())).collect();
    format!(
        "{}{}{}{:?}{:?}{:?}{:?}{exact:?}{}",
        render_kpis(world, &kpis),
        render_health(&health),
        render_ties(world, &ties),
        kpis.response_detail_by_us,
        kpis.response_detail_by_them,
        kpis.activity_by_week,
        kpis.activity_by_day,
        health.figures.memory.to_bits(),
    )
}

/// Turns by their definition: joins by transitive closure, then walks each conversation. Returns replies by us and by them.
fn replies_naively(world: &World, rows: &[usize]) -> (u32, u32) {
    let touches = &world.touches;
    let mut mails: Vec<usize> = rows.iter().copied().filter(|i| touches.kind[*i] == Kind::Email).collect();
    mails.sort_by(|a, b| {
        touches.at_us[*a]
            .cmp(&touches.at_us[*b])
            .then_with(|| rapport_insight::scope::identity_order(touches, &world.directory, *a, *b))
    });
    let mut groups: Vec<usize> = (0..mails.len()).collect();
    let mut join = |a: usize, b: usize| {
        let (from, to) = (groups[a], groups[b]);
        groups.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
    };
    for b in 0..mails.len() {
        for a in 0..b {
            let same = |column: &[u64]| column[mails[a]] != 0 && column[mails[a]] == column[mails[b]];
            let later = (a + 1..b).any(|c| touches.subject_group[mails[c]] == touches.subject_group[mails[b]]);
            let near = touches.at_us[mails[b]] - touches.at_us[mails[a]] <= 30 * 86_400_000_000;
            if same(&touches.conversation) || (same(&touches.subject_group) && !touches.threaded[mails[b]] && !later && near) {
                join(a, b);
            }
        }
    }
    let (mut by_us, mut by_them) = (0, 0);
    for b in 0..mails.len() {
        let Some(a) = (0..b).rev().find(|a| groups[*a] == groups[b]) else { continue };
        match (touches.direction[mails[a]], touches.direction[mails[b]]) {
            (Direction::Incoming, Direction::Outgoing) => by_us += 1,
            (Direction::Outgoing, Direction::Incoming) => by_them += 1,
            _ => {}
        }
    }
    (by_us, by_them)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn order_of_arrival_and_duplicates_change_nothing(text in activities(), model in model(), zone in prop_oneof![Just("UTC"), Just("Europe/Amsterdam")]) {
        let expected = everything(&mut numbered(zone, AS_OF, &text, Numbering::default()).by(model));
        for (reversed, twice) in [(true, false), (false, true), (true, true)] {
            let other = everything(&mut numbered(zone, AS_OF, &text, Numbering { reversed, twice }).by(model));
            prop_assert_eq!(&expected, &other);
        }
    }

    #[test]
    fn contributions_add_up_and_figures_stay_in_range(text in activities(), model in model(), crm in any::<bool>()) {
        let mut world = world(&text).by(model);
        world.data = if crm { Data::Crm } else { Data::CrmAndMailbox };
        let health = world.health("x x2");
        let sum: f64 = health.contributions.iter().map(|day| day.value).sum();
        prop_assert!((sum - health.figures.memory).abs() < 1e-9);
        prop_assert_eq!(health.contributions.len(), health.figures.active_days as usize);
        prop_assert!(health.contributions.is_sorted_by(|a, b| a.age_days < b.age_days));
        prop_assert!((0.5..=1.0).contains(&health.figures.engagement));
        let has_parts = model == Model::V2 && health.figures.active_days > 0;
        prop_assert_eq!((health.figures.mutual.is_some(), health.figures.freshness.is_some()), (has_parts, has_parts));
        prop_assert!(health.figures.mutual.is_none_or(|mutual| (0.75..=1.0).contains(&mutual)));
        prop_assert!(health.figures.freshness.is_none_or(|freshness| freshness > 0.0 && freshness <= 1.0));
        prop_assert_eq!(health.figures.score.is_some(), health.figures.active_days >= 2);
        for tie in world.ties("x x2") {
            let figures = tie.figures;
            let sum: f64 = tie.contributions.iter().map(|day| day.value).sum();
            prop_assert!((sum - figures.memory).abs() < 1e-9);
            prop_assert_eq!(figures.interactions(), figures.initiated_by_us + figures.initiated_by_them);
            prop_assert!(figures.active_days >= 1 && u32::from(figures.active_days) <= figures.interactions());
            prop_assert!(figures.strength <= 100 && figures.mutuality <= figures.activity + 1e-9 && figures.directness <= figures.activity + 1e-9);
            prop_assert!(figures.first_at <= figures.last_at && (0.0..=1.0).contains(&figures.likelihood_30d));
            prop_assert!(crm || figures.engagement > 0.5 || figures.grade == Grade::Weak);
        }
    }

    #[test]
    fn memory_is_the_plain_sum_of_its_definition(ages in proptest::collection::btree_set(0..800_u32, 0..30), f in prop_oneof![Just(1), Just(3), Just(7), Just(14), Just(30)]) {
        let text = ages.iter().fold(String::new(), |text, age| text + &format!("-{age}d email A -> x\n"));
        let mut world = world(&text);
        world.settings.frequency_days = f;
        let figures = world.health("x").figures;
        let young = ages.iter().filter(|age| **age <= 730).map(|age| 1.0 / (1.0 + f64::from(*age) / f64::from(f)));
        let memory = young.fold(0.0, |sum, value| sum + value);
        let oldest = ages.last().copied().unwrap_or(0).clamp(28, 365);
        let expectation = (0..=oldest / f).fold(0.0, |sum, j| sum + 1.0 / (1.0 + f64::from(j)));
        prop_assert_eq!(figures.memory.to_bits(), memory.to_bits());
        prop_assert_eq!(figures.expectation.to_bits(), expectation.to_bits());
        if let Some(score) = figures.score_exact {
            let expected = 100.0 * (1.0 - 2.0_f64.powf(-1.5 * 0.5 * memory / expectation));
            prop_assert!((score - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn the_score_of_v2_is_that_of_its_definition(ages in proptest::collection::btree_map(0..800_u32, 0..3_u32, 0..30), f in prop_oneof![Just(1), Just(3), Just(7), Just(14), Just(30)]) {
        let lines = ["email A -> x", "email x -> A", "meeting A -> x"];
        let text = ages.iter().fold(String::new(), |text, (age, line)| text + &format!("-{age}d {}\n", lines[*line as usize]));
        let mut world = world(&text).by(Model::V2);
        world.settings.frequency_days = f;
        let figures = world.health("x").figures;
        let f = f64::from(f);
        let memory_of = |counts: &dyn Fn(u32) -> bool| {
            let young = ages.iter().filter(|(age, line)| **age <= 730 && counts(**line));
            young.fold(0.0, |sum, (age, _)| sum + 1.0 / (1.0 + f64::from(*age) / (2.0 * f)))
        };
        let (memory, weaker) = (memory_of(&|_| true), memory_of(&|line| line != 1).min(memory_of(&|line| line != 0)));
        prop_assert_eq!(figures.memory.to_bits(), f64::to_bits(memory));
        if let Some(score) = figures.score_exact {
            let silent_days = f64::from(*ages.keys().next().unwrap());
            let (mutual, freshness) = (figures.mutual.unwrap(), figures.freshness.unwrap());
            prop_assert!((mutual * memory - (0.75 * memory + 0.25 * memory.min(2.0 * weaker))).abs() < 1e-9);
            prop_assert!((freshness - 1.0 / (1.0 + (silent_days / (3.0 * f)).powi(3))).abs() < 1e-12);
            let root = (memory * mutual * freshness / figures.expectation).sqrt();
            prop_assert!((score - 100.0 * root / (root + 7.0 / 13.0)).abs() < 1e-9);
        }
    }

    #[test]
    fn under_v2_no_interaction_more_lowers_a_score_and_no_day_alone_raises_one(text in activities(), more in line(), days in 1..60_i64) {
        // No rounding is forgiven: every step of the score is monotone.
        let mut before = world(&text).by(Model::V2);
        let mut after = world(&format!("{text}{more} id=more\n")).by(Model::V2);
        let score = |world: &mut World| world.health("x x2").figures.score_exact.unwrap_or(0.0);
        let first = score(&mut before);
        prop_assert!(first <= score(&mut after), "{first} is lowered by {more}");
        let strengths = |world: &mut World| {
            let ties = world.ties("x x2");
            let exact = ties.iter().map(|tie| {
                let figures = tie.figures;
                (tie.user, [figures.strength_exact, figures.activity, figures.directness, figures.mutuality])
            });
            exact.collect::<std::collections::BTreeMap<_, _>>()
        };
        let (old, new) = (strengths(&mut before), strengths(&mut after));
        let mut last = first;
        // Scheduled meetings that come to pass are facts, so time goes on from where none lies ahead.
        for _ in 0..days {
            before.as_of = before.as_of.plus_us(DAY_US);
            let now = score(&mut before);
            prop_assert!(now <= last, "{now} after {last}");
            last = now;
        }
        let faded = strengths(&mut before);
        for (name, figures) in &old {
            if before.directory.users.len() == after.directory.users.len() {
                prop_assert!(figures.iter().zip(&new[name]).all(|(old, new)| old <= new), "{figures:?} {:?}", new[name]);
            }
            prop_assert!(faded.get(name).is_none_or(|faded| faded.iter().zip(figures).all(|(faded, old)| faded <= old)));
        }
    }

    #[test]
    fn a_two_way_day_more_never_lowers_score_or_strength(text in activities(), model in model(), age in 0..28_u32) {
        let base = format!("{text}-40d meeting A -> x id=base1\n-41d meeting A -> x id=base2\n");
        let more = format!("{base}-{age}d meeting A -> x id=more\n");
        let (mut before, mut after) = (world(&base).by(model), world(&more).by(model));
        prop_assert!(before.health("x x2").figures.score_exact.unwrap() <= after.health("x x2").figures.score_exact.unwrap() + 1e-9);
        let strength = |world: &mut World| {
            let ties = world.ties("x x2");
            ties.iter().find(|tie| world.directory.user(tie.user).name == "A").unwrap().figures.strength
        };
        prop_assert!(strength(&mut before) <= strength(&mut after));
    }

    #[test]
    fn time_without_facts_never_raises_memory(text in activities(), model in model(), days in 1..900_i64) {
        let mut world = world(&text).by(model);
        let before = world.health("x x2").figures.memory;
        let ties: Vec<f64> = world.ties("x x2").iter().map(|tie| tie.figures.activity).collect();
        world.as_of = world.as_of.plus_us(days * 86_400_000_000);
        prop_assert!(world.health("x x2").figures.memory <= before);
        let strongest = ties.iter().copied().fold(0.0, f64::max);
        prop_assert!(world.ties("x x2").iter().all(|tie| tie.figures.activity <= strongest));
    }

    #[test]
    fn the_same_at_another_time_is_the_same(text in activities(), model in model(), days in 1..4_000_i64) {
        let figures = |as_of: &str| {
            let mut world = world_at("UTC", as_of, &text).by(model);
            let health = world.health("x x2").figures;
            let ties: Vec<_> = world.ties("x x2").iter().map(|tie| (tie.user, tie.figures.strength_exact.to_bits())).collect();
            (health.score_exact.map(f64::to_bits), health.trend, health.likelihood_30d.map(f64::to_bits), ties)
        };
        let base = at(AS_OF);
        prop_assert_eq!(figures(AS_OF), figures(&base.plus_us(days * 86_400_000_000).to_rfc3339()));
    }

    #[test]
    fn replies_are_those_of_the_definition(text in activities()) {
        let mut world = world(&text);
        let kpis = world.kpis_within("x x2", "2020-01-01T00:00:00Z", AS_OF);
        let scope = world.contact("x x2");
        let rows: Vec<usize> = (0..world.touches.len())
            .filter(|i| rapport_insight::belongs(&scope, &world.touches, *i, &world.directory))
            .filter(|i| rapport_insight::scope::is_completed(&world.touches, *i, world.as_of))
            .collect();
        prop_assert_eq!((kpis.replies_by_us, kpis.replies_by_them), replies_naively(&world, &rows));
        prop_assert_eq!(kpis.response_time_by_us.map_or(0, |time| time.n), kpis.replies_by_us);
        let counts = kpis.counts;
        let tasks = rows.iter().filter(|i| world.touches.kind[**i] == Kind::Task).count() as u32;
        let sum = counts.emails_sent + counts.emails_received + counts.meetings_sent + counts.meetings_received
            + counts.phone_calls_made + counts.phone_calls_received + tasks;
        prop_assert_eq!(sum as usize, rows.len());
        prop_assert!(kpis.activity_by_week.windows(2).all(|weeks| weeks[1].day.0 - weeks[0].day.0 == 7));
    }
}
