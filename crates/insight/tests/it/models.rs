//! Model `v2` by its worked values, and what the models share (03, 04).

use std::fmt::Write;

use rapport_domain::Model;
use rapport_insight::{Data, Grade, Trend};

use crate::world::{World, world};

/// The same line on each of these ages, in days, under `v2`.
fn every(line: &str, ages: impl IntoIterator<Item = u32>) -> World {
    let text = ages.into_iter().fold(String::new(), |mut text, age| {
        writeln!(text, "-{age}d {line}").unwrap();
        text
    });
    world(&text).by(Model::V2)
}

/// Memory, freshness and score of meetings at some ages.
fn check(ages: impl IntoIterator<Item = u32>, frequency_days: u32, expected: (&str, &str, u32)) {
    let mut world = every("meeting A -> x", ages);
    world.settings.frequency_days = frequency_days;
    let figures = world.health("x").figures;
    let got = (format!("{:.3}", figures.memory), format!("{:.3}", figures.freshness.unwrap()), figures.score.unwrap());
    assert_eq!((got.0.as_str(), got.1.as_str(), got.2), expected);
    assert_eq!((figures.mutual, figures.model), (Some(1.0), Model::V2));
}

#[test]
fn worked_values_of_v2() {
    check((0..=364).step_by(7), 7, ("7.151", "1.000", 65));
    check((28..=364).step_by(7), 7, ("4.584", "0.297", 45));
    check((0..=728).step_by(7), 7, ("8.491", "1.000", 67));
    check((0..=720).step_by(30), 7, ("2.499", "1.000", 52));
    check((0..=728).step_by(91), 30, ("2.345", "1.000", 57));
    check(0..=730, 7, ("56.137", "1.000", 84));
    check([0, 7], 7, ("1.667", "1.000", 47));
    check([0, 1], 7, ("1.933", "1.000", 49));
}

#[test]
fn what_one_side_does_alone_costs_a_quarter() {
    let figures = every("email A -> x", [0, 7]).health("x").figures;
    assert!((figures.mutual.unwrap() - 0.75).abs() < 1e-12);
    assert_eq!((figures.engagement, figures.score), (0.5, Some(44)));
    // V = 1 + 2/3, of which their side has 2/3: M = 0.75 V + 0.25 * 4/3.
    let figures = world("-0d email A -> x\n-7d email x -> A").by(Model::V2).health("x").figures;
    assert!((figures.mutual.unwrap() - 0.95).abs() < 1e-12);
}

#[test]
fn nothing_to_remember_has_neither_mutuality_nor_freshness() {
    for text in ["", "-800d meeting A -> x"] {
        let figures = world(text).by(Model::V2).health("x").figures;
        assert_eq!((figures.mutual, figures.freshness, figures.score), (None, None, None), "{text}");
        assert!((figures.expectation - 7.1509).abs() < 0.000_05, "the same at any age");
    }
    let v1 = world("-0d meeting A -> x\n-7d meeting A -> x").health("x").figures;
    assert_eq!((v1.model, v1.mutual, v1.freshness), (Model::V1, None, None));
}

#[test]
fn a_meeting_today_makes_fresh_what_was_not() {
    let health = every("meeting A -> x", [7, 14]).health("x");
    assert_eq!((health.figures.score, health.score_if_met_today), (Some(42), Some(51)));
}

#[test]
fn trends_follow_the_scores_of_the_model() {
    let trend = |ages: &[u32]| every("meeting A -> x", ages.iter().copied()).health("x").figures.trend;
    assert_eq!(trend(&[3, 4, 12, 105]), Trend::Improving);
    assert_eq!(trend(&[46, 47, 48]), Trend::Declining);
    assert_eq!(trend(&[0, 7, 14, 21, 28, 35, 42, 49, 56]), Trend::Steady);
    assert_eq!(trend(&[0, 21]), Trend::NotEnoughInfo);
}

#[test]
fn the_trend_is_that_of_the_scores_in_the_history() {
    for (text, model) in [
        ("-3d meeting A -> x\n-4d email A -> x\n-12d email x -> A\n-43d email A -> x", Model::V1),
        ("-3d meeting A -> x\n-4d email A -> x\n-12d email x -> A\n-43d email A -> x", Model::V2),
        ("-30d email A -> x\n-31d email A -> x\n-44d email x -> A\n-50d task A regarding=1\n-400d meeting A -> x", Model::V2),
    ] {
        let mut world = world(text).by(model);
        let trend = world.health("x").figures.trend;
        let mean = |world: &mut World, ages: std::ops::Range<i64>| {
            let as_of = world.as_of;
            let sum = ages.fold(0.0, |sum, age| {
                world.as_of = as_of.plus_us(-age * rapport_domain::time::DAY_US);
                sum + world.health("x").figures.score_exact.unwrap_or(0.0)
            });
            world.as_of = as_of;
            sum / 14.0
        };
        let change = mean(&mut world, 0..14) - mean(&mut world, 28..42);
        let expected = if change >= 8.0 {
            Trend::Improving
        } else if change <= -8.0 {
            Trend::Declining
        } else {
            Trend::Steady
        };
        assert_eq!(trend, expected, "{change} under {}", model.as_str());
    }
}

#[test]
fn the_tie_kernel_of_v2() {
    let tie = every("meeting A -> x", (0..=364).step_by(7)).ties("x")[0].figures;
    assert_eq!((tie.strength, tie.grade), (65, Grade::Strong));
    assert!((tie.strength_exact - 65.0).abs() < 1e-9 && (tie.mutuality - tie.activity).abs() < 1e-9);
    assert_eq!(every("meeting A -> x", (42..=364).step_by(7)).ties("x")[0].figures.strength, 51);

    let ties = every("email A -> x, y, z, w", [0]).ties("x");
    let tie = ties[0].figures;
    assert_eq!((tie.strength, tie.grade, tie.mutuality), (30, Grade::Weak, 0.0));
    assert!((tie.activity - 37.873).abs() < 0.001 && (tie.directness - 23.360).abs() < 0.001);
    assert_eq!(ties[0].contributions[0].value.to_bits(), f64::to_bits(0.5));

    let tie = world("-43d email A -> x\n-42d email x -> A").by(Model::V2).ties("x")[0].figures;
    assert_eq!(tie.strength, 26);
    assert!((tie.activity - 25.958).abs() < 0.001 && (tie.mutuality - 19.865).abs() < 0.001);
}

#[test]
fn v2_ranks_by_the_strength_before_rounding_and_v1_by_what_it_shows() {
    // A hundred meetings are stronger than ninety-nine by less than a point, and were held earlier.
    let mut text = String::new();
    for age in 1..=100 {
        writeln!(text, "-{age}d meeting B -> x").unwrap();
        if age < 100 {
            writeln!(text, "-{age}d meeting A -> x").unwrap();
        }
    }
    text += "-1d email A -> x id=later\n";
    let names = |model| -> Vec<String> {
        let mut world = world(&text).by(model);
        let ties = world.ties("x");
        assert_eq!(ties[0].figures.strength, ties[1].figures.strength);
        ties.iter().map(|tie| world.directory.user(tie.user).name.clone()).collect()
    };
    assert_eq!((names(Model::V1), names(Model::V2)), (vec!["A".into(), "B".into()], vec!["B".into(), "A".into()]));
}

#[test]
fn basic_strengths_are_the_same_in_both_models() {
    let basic = |model| {
        let mut world =
            world("-0d email A -> x crm\n-9d email B -> x crm\n-40d meeting A -> x crm\n-300d email C -> x crm").by(model);
        world.data = Data::Crm;
        let ties = world.ties("x");
        ties.iter().map(|tie| (tie.user, tie.figures.strength, tie.figures.grade, tie.figures.memory)).collect::<Vec<_>>()
    };
    assert_eq!(basic(Model::V1), basic(Model::V2));
    assert_eq!(basic(Model::V2).len(), 3);
}

#[test]
fn one_folder_follows_the_model_of_each_question() {
    let mut world = every("meeting A -> x", [0, 7]);
    let (scope, mut folder) = (world.contact("x"), rapport_insight::HealthFolder::new());
    let mut score = |world: &World| folder.figures(&world.ctx(), &scope, &world.touches).score;
    let v2 = score(&world);
    world.settings.model = Model::V1;
    let v1 = score(&world);
    world.settings.model = Model::V2;
    assert_eq!((v2, v1, score(&world)), (Some(47), Some(49), Some(47)));
}
