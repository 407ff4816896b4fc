//! The generator of worlds, and the changes that must never matter.

use super::World;
use super::company::company;
use super::events::Events;
use super::moments::DAY;
use crate::chance::Chance;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::subsequence;

/// Largest number of events that the strategy asks for.
const STRATEGY_EVENTS_MAX: usize = 60;

/// A world of about `size` events (and a few times as many rows), always the same for the same arguments.
pub fn seeded(seed: u64, size: usize) -> World {
    let mut chance = Chance(seed ^ 0x5EED_0FAF_FEC7_1057);
    let mut world = company(&mut chance, size);
    world.seed = seed;
    let mut events = Events::new(&world, chance);
    for _ in 0..size {
        events.add();
    }
    let Events { interactions, activities, mut chance, .. } = events;
    world.interactions = interactions;
    world.activities = activities;
    chance.shuffle(&mut world.interactions);
    if chance.percent(10) {
        // Exactly at `as_of` is not after it.
        let moments = world.interactions.iter().filter_map(|row| row.occurred_at.parse::<Timestamp>().ok());
        let latest = moments.map(Timestamp::as_microsecond).filter(|moment| *moment <= world.as_of).max();
        world.as_of = latest.filter(|latest| world.as_of - latest < 3 * DAY).unwrap_or(world.as_of);
    }
    world
}

/// Worlds for proptest. They shrink by leaving rows away; the seed stays what it was.
pub fn world() -> impl Strategy<Value = World> {
    let size = prop_oneof![1..8_usize, 8..=STRATEGY_EVENTS_MAX];
    (any::<u64>().no_shrink(), size.no_shrink()).prop_flat_map(|(seed, size)| {
        let world = seeded(seed, size);
        let rows = world.interactions.len();
        let activities = world.activities.len();
        let kept = subsequence((0..rows).collect::<Vec<_>>(), rows / 2..=rows);
        let kept_activities = subsequence((0..activities).collect::<Vec<_>>(), 0..=activities);
        (kept, kept_activities).prop_map(move |(kept, kept_activities)| {
            let mut part = world.clone();
            part.interactions = kept.iter().map(|at| world.interactions[*at].clone()).collect();
            part.activities = kept_activities.iter().map(|at| world.activities[*at].clone()).collect();
            part
        })
    })
}

/// The same rows of interactions in another order: no figure may change.
pub fn shuffled(world: &World, seed: u64) -> World {
    let mut other = world.clone();
    Chance(seed).shuffle(&mut other.interactions);
    other
}

/// Some rows of interactions once more, anywhere: no figure may change, and `read - kept` grows by the repeated rows.
pub fn duplicated(world: &World, seed: u64) -> World {
    let mut chance = Chance(seed);
    let mut other = world.clone();
    for row in &world.interactions {
        if chance.percent(30) {
            let at = chance.below(other.interactions.len() + 1);
            other.interactions.insert(at, row.clone());
        }
    }
    other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naive::{Data, import_counts, record_insights, ties, who_knows};
    use crate::worlds::company::TIME_ZONES;
    use crate::worlds::{InteractionRow, Settings};
    use serde_json::{Value, json};

    fn figures(world: &World, data: Data) -> Vec<Value> {
        let mut figures: Vec<Value> =
            world.records().iter().map(|(table, id)| record_insights(world, table, id, world.as_of, data)).collect();
        figures.extend(ties(world, world.as_of, data).iter().map(crate::naive::TieRow::to_json));
        figures.push(who_knows(world, "ann@them1.example", world.as_of, data, 2));
        figures
    }

    #[test]
    fn the_same_seed_makes_the_same_world() {
        for seed in 0..20 {
            let world = seeded(seed, 30);
            assert_eq!(world, seeded(seed, 30));
            assert_ne!(world.to_csv(), seeded(seed + 1000, 30).to_csv());
        }
    }

    #[test]
    fn worlds_reach_the_corners() {
        let worlds: Vec<World> = (0..150).map(|seed| seeded(seed, 40)).collect();
        let mut excluded = std::collections::BTreeMap::<String, u64>::new();
        let (mut failed, mut duplicates) = (0, 0);
        let mut states = std::collections::BTreeMap::<String, u64>::new();
        let mut trends = std::collections::BTreeMap::<String, u64>::new();
        let mut told = std::collections::BTreeMap::<&str, u64>::new();
        for world in &worlds {
            let counts = import_counts(world);
            for (reason, n) in counts["excluded"].as_object().expect("a map") {
                *excluded.entry(reason.clone()).or_default() += n.as_u64().expect("a count");
            }
            failed += counts["failed"].as_u64().expect("a count");
            duplicates += counts["duplicates"].as_u64().expect("a count");
            for (table, id) in world.records() {
                let value = record_insights(world, table, &id, world.as_of, Data::CrmAndMailbox);
                let health = &value["health"];
                *states.entry(health["state"].as_str().expect("a state").to_owned()).or_default() += 1;
                *trends.entry(health["trend"].as_str().expect("a trend").to_owned()).or_default() += 1;
                let kpis = &value["kpis"];
                let mut tell = |what: &'static str, yes: bool| *told.entry(what).or_default() += u64::from(yes);
                tell("answered", kpis["response_time_by_us_h"]["n"].as_u64().is_some_and(|n| n > 1));
                tell("unanswered", kpis["response_time_by_them_h"]["unanswered"].as_u64().is_some_and(|n| n > 0));
                tell("rate between", kpis["response_rate_by_us"].as_f64().is_some_and(|rate| rate > 0.0 && rate < 1.0));
                let crm = record_insights(world, table, &id, world.as_of, Data::Crm);
                tell(
                    "a score that mailboxes change",
                    crm["health"]["score"].is_i64() && crm["health"]["score"] != health["score"],
                );
                tell("next", kpis["next_interaction"].is_object());
                tell("nothing", kpis["last_interaction"].is_null());
                tell("last score", health["last_score"].is_i64());
                tell("surprise", health["silence_surprise"].as_f64().is_some_and(|surprise| surprise < 1.0));
                tell("engaged in part", health["engagement"].as_f64().is_some_and(|g| g > 0.5 && g < 1.0));
            }
            let knows = who_knows(world, "ann@them1.example", world.as_of, Data::CrmAndMailbox, 2);
            let mut tell = |what: &'static str, yes: bool| *told.entry(what).or_default() += u64::from(yes);
            tell("introducers", knows["introducers"].as_array().is_some_and(|list| list.len() > 1));
            tell("paths", knows["paths"].as_array().is_some_and(|list| !list.is_empty()));
            for reason in ["no_interactions", "left_company", "no_user"] {
                tell(reason, knows["missing"].as_array().is_some_and(|list| list.iter().any(|row| row["reason"] == reason)));
            }
            let rows = ties(world, world.as_of, Data::CrmAndMailbox);
            for grade in ["strong", "medium", "weak"] {
                tell(grade, rows.iter().any(|row| row.grade == grade));
            }
        }
        for reason in ["no_recipients", "no_colleague", "internal_only", "noreply", "too_many_recipients"] {
            assert!(excluded.get(reason).is_some_and(|n| *n > 0), "no row is excluded as {reason}: {excluded:?}");
        }
        assert!(failed > 0 && duplicates > 0);
        for state in ["good", "fair", "poor", "not_applicable", "older_than_two_years", "no_closed_activities", "not_enough_info"]
        {
            assert!(states.get(state).is_some_and(|n| *n > 0), "no record is {state}: {states:?}");
        }
        for trend in ["improving", "steady", "declining", "not_enough_info"] {
            assert!(trends.get(trend).is_some_and(|n| *n > 0), "no trend is {trend}: {trends:?}");
        }
        for (what, n) in &told {
            assert!(*n > 0, "no world has: {what}; {told:?}");
        }
    }

    #[test]
    fn order_and_duplicates_never_change_a_figure() {
        for seed in 0..12 {
            let world = seeded(seed, 25);
            for data in [Data::Crm, Data::CrmAndMailbox] {
                let expected = figures(&world, data);
                assert_eq!(figures(&shuffled(&world, seed + 7), data), expected, "seed {seed}");
                assert_eq!(figures(&duplicated(&world, seed + 7), data), expected, "seed {seed}");
            }
            let (counts, more) = (import_counts(&world), import_counts(&duplicated(&world, seed + 7)));
            assert_eq!(counts["kept"], more["kept"]);
            assert_eq!(import_counts(&shuffled(&world, seed)), counts);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_figure_keeps_its_promises(world in world()) {
            let counts = import_counts(&world);
            let sum = |value: &Value| value.as_object().map_or(0, |map| map.values().filter_map(Value::as_u64).sum::<u64>());
            let number = |name: &str| counts[name].as_u64().unwrap_or(0);
            prop_assert_eq!(number("read"), number("kept") + number("duplicates") + number("failed") + sum(&counts["excluded"]));
            for (table, id) in world.records() {
                let value = record_insights(&world, table, &id, world.as_of, Data::CrmAndMailbox);
                let health = &value["health"];
                let parts = health["contributions"].as_array().expect("a list").iter().filter_map(|part| part["value"].as_f64());
                prop_assert!((parts.sum::<f64>() - health["memory"].as_f64().expect("a number")).abs() < 1e-9);
                prop_assert!(health["score"].is_null() || (0..=100).contains(&health["score"].as_i64().unwrap_or(-1)));
                prop_assert_eq!(value["activity_by_day"].as_array().map(Vec::len), Some(60));
                let nulls = value["kpis"].as_object().expect("a map").iter().filter(|(_, kpi)| kpi.is_null());
                for (name, _) in nulls.filter(|(name, _)| !name.ends_with("_interaction")) {
                    prop_assert!(value["unavailable"].get(name).is_some(), "{} is null without a reason", name);
                }
            }
            for row in ties(&world, world.as_of, Data::CrmAndMailbox) {
                prop_assert!((0..=100).contains(&row.strength) && row.active_days <= row.interactions && row.interactions > 0);
                prop_assert!(row.directness <= row.activity + 1e-9 && row.mutuality <= row.activity + 1e-9);
            }
        }
    }

    #[test]
    fn rows_reach_the_corners() {
        let worlds: Vec<World> = (0..60).map(|seed| seeded(seed, 40)).collect();
        let rows = || worlds.iter().flat_map(|world| world.interactions.iter().chain(world.activities.iter().map(|a| &a.row)));
        for zone in TIME_ZONES {
            assert!(worlds.iter().any(|world| world.time_zone == zone), "no world is in {zone}");
        }
        let anybody =
            |row: &InteractionRow, part: &str| row.from.iter().chain(&row.to).chain(&row.cc).any(|who| who.contains(part));
        for part in [
            "contact:c",
            "lead:l",
            "desk@us.example",
            "Alias@us.example",
            "U01@US.EXAMPLE",
            "old-us",
            "freelance",
            "GoogleMail",
            "<",
        ] {
            assert!(rows().any(|row| anybody(row, part)), "nobody is `{part}`");
        }
        for table in ["accounts/", "contacts/", "leads/", "opportunities/"] {
            assert!(
                rows().any(|row| row.regarding.as_ref().is_some_and(|record| record.starts_with(table))),
                "none regards {table}"
            );
        }
        for state in ["open", "scheduled", "completed", "cancelled"] {
            for kind in ["email", "meeting", "task"] {
                let found = rows().any(|row| row.kind == kind && row.state.as_deref() == Some(state));
                assert!(found || (kind, state) == ("meeting", "open"), "no {kind} is {state}");
            }
        }
        assert!(rows().any(|row| row.source.is_none() && row.mailbox.is_none()));
        assert!(rows().any(|row| row.kind == "task" && row.from.is_none() && row.to.is_empty() && row.regarding.is_none()));
        assert!(rows().any(|row| row.in_reply_to.as_ref().is_some_and(|parent| parent.contains("unseen"))));
        assert!(worlds.iter().any(|world| world.settings != Settings::default()));
        let mut twins = 0;
        for world in &worlds {
            let mail = |row: &&InteractionRow| row.kind == "email" && row.message_id.is_some();
            let mails: Vec<&InteractionRow> = world.interactions.iter().filter(mail).collect();
            let other = |a: &InteractionRow, b: &InteractionRow| {
                a.message_id.as_deref().map(|id| id.trim_matches(['<', '>']))
                    != b.message_id.as_deref().map(|id| id.trim_matches(['<', '>']))
            };
            twins += mails.iter().filter(|a| mails.iter().any(|b| a.occurred_at == b.occurred_at && other(a, b))).count();
        }
        assert!(twins > 0, "no two mails have the same moment");
    }

    #[test]
    fn nothing_but_rows_is_written() {
        let world = seeded(3, 30);
        let files = world.to_csv();
        assert_eq!(files.len(), 7);
        let interactions = &files.last().expect("seven files").1;
        assert_eq!(interactions.lines().count(), world.interactions.len() + 1);
        assert_eq!(json!(world.settings.to_pairs().len()), json!(8));
    }
}
