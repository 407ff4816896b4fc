//! The evaluation on worlds whose truth is known.

use rapport_domain::{Calendar, Directory, InsightSettings, Moment, PersonId, UserId, time::DAY_US};
use rapport_insight::{
    Context, Data, HealthState, LikelihoodModel, Likelihoods,
    evaluation::{
        Evaluation, Graded, HistoryDay, HistoryFolder, Measure, NoFigure, PersonHistory, Question, Random, Survival, Trap,
        calibrate, evaluate,
    },
};

use crate::world::world;

/// Days since 1970 on which the worlds begin and end.
const FIRST: i32 = 19_000;
const LAST: i32 = FIRST + 800;
/// The moment that is asked: 600 days into them.
const ASKED: i32 = FIRST + 600;

fn day(day: i32) -> HistoryDay {
    HistoryDay {
        day,
        sent: 1,
        received: 1,
        we_mailed: true,
        they_mailed: true,
        outgoing: true,
        incoming: true,
        ..HistoryDay::default()
    }
}

fn question(at: &[i32]) -> Question {
    Question { horizon_days: 30, at: at.iter().map(|day| Moment(i64::from(*day) * DAY_US + 1)).collect(), seed: 7 }
}

fn ask(people: &[PersonHistory], question: &Question) -> Evaluation {
    in_context(|ctx| evaluate(ctx, people, question))
}

fn in_context<T>(ask: impl FnOnce(&Context<'_>) -> T) -> T {
    let (directory, calendar, settings) = (Directory::default(), Calendar::of("UTC").unwrap(), InsightSettings::default());
    let likelihood = Likelihoods::default();
    let as_of = Moment(i64::from(LAST + 1) * DAY_US);
    let ctx =
        Context { directory: &directory, calendar: &calendar, settings: &settings, likelihood, data: Data::CrmAndMailbox, as_of };
    ask(&ctx)
}

/// People with one colleague each, whose days are those for which the test says so.
fn people(count: u32, mut is_active: impl FnMut(u32, i32) -> bool) -> Vec<PersonHistory> {
    let of_person = |person: u32| {
        let days: Vec<HistoryDay> = (FIRST..=LAST).filter(|at| is_active(person, *at)).map(day).collect();
        PersonHistory::new(PersonId(person), days.clone(), [(UserId(person % 40), days)])
    };
    (0..count).map(of_person).collect()
}

fn roc_auc(survival: &Survival, measure: Measure) -> (f64, f64, f64) {
    let found = survival.measures.iter().find(|quality| quality.measure == measure).unwrap();
    (found.roc_auc.value, found.roc_auc.low, found.roc_auc.high)
}

#[test]
fn where_relationships_died_half_a_year_ago_everything_sees_it() {
    // Every second one ends 100 days before the moment; until then all are in touch about weekly.
    let mut random = Random(1);
    let world = people(600, |person, at| random.unit() < 0.15 && (person / 40 % 2 == 0 || at < ASKED - 100));
    let answer = ask(&world, &question(&[ASKED]));
    assert_eq!(answer.moments.len(), 1);
    assert!(answer.pairs.cases > 500 && answer.pairs.in_touch <= 320, "{:?}", answer.pairs);
    for measure in [Measure::Likelihood, Measure::Score, Measure::Strength, Measure::DaysSinceLast, Measure::BgNbdAlive] {
        let (value, low, high) = roc_auc(&answer.pairs, measure);
        assert!(value > 0.97 && low <= value && value <= high, "{measure:?}: {value} in {low}..{high}");
    }
    let share = |state| answer.grades.iter().find(|of| of.grade == Graded::Record(Some(state))).unwrap().share.value;
    assert!(share(HealthState::Good) > 0.9 && share(HealthState::Poor) < 0.1);
    let poor = answer.grades.iter().find(|of| of.grade == Graded::Record(Some(HealthState::Poor))).unwrap();
    assert!(poor.asked <= poor.in_touch && poor.cases > 200);
}

#[test]
fn where_chance_rules_nothing_is_known() {
    // Everybody is in touch on a day by the same chance, whatever was before.
    let mut random = Random(2);
    let world = people(1_500, |_, _| random.unit() < 0.03);
    let answer = ask(&world, &question(&[ASKED]));
    for measure in Measure::ALL {
        let (value, low, high) = roc_auc(&answer.pairs, measure);
        assert!(low <= 0.5 && 0.5 <= high && (value - 0.5).abs() < 0.05, "{measure:?}: {value} in {low}..{high}");
    }
}

#[test]
fn the_colleague_who_goes_on_is_ranked_first_by_whoever_looks_at_recency() {
    // Four colleagues met each person; one of them still does, the others stopped 60 to 200 days ago after many more days.
    let world: Vec<PersonHistory> = (0..60)
        .map(|person| {
            let goes_on: Vec<HistoryDay> = (FIRST + 500..=LAST).step_by(9).map(day).collect();
            let stopped = |by: u32| (FIRST..ASKED - 40 * by as i32 - 20).step_by(3).map(day).collect::<Vec<_>>();
            // Each colleague is for some the one who goes on: nobody left.
            let by_place = |place: u32| if place == 0 { goes_on.clone() } else { stopped(place) };
            let pairs: Vec<_> = (0..4).map(|user| (UserId(user), by_place((user + person) % 4))).collect();
            PersonHistory::new(PersonId(person), goes_on, pairs)
        })
        .collect();
    let answer = ask(&world, &question(&[ASKED]));
    let ranking = &answer.who_knows_whom;
    assert_eq!((ranking.people, ranking.reason), (60, None));
    let mrr = |measure| ranking.measures.iter().find(|of| of.measure == measure).unwrap().mrr.value;
    assert!((mrr(Measure::DaysSinceLast) - 1.0).abs() < 1e-9 && mrr(Measure::Likelihood) > 0.99);
    assert!(mrr(Measure::Messages) < 0.5, "who counts messages prefers those who stopped");
}

#[test]
fn a_moment_knows_nothing_of_its_own_day_and_later() {
    let mut random = Random(3);
    let world = people(400, |_, at| random.unit() < 0.05 && at % 11 != 0);
    // Everybody gets the future of the next one.
    let of = |person: &PersonHistory, is_past: bool| -> Vec<HistoryDay> {
        person.record().iter().filter(|day| (day.day < ASKED) == is_past).copied().collect()
    };
    let exchanged: Vec<PersonHistory> = (0..world.len())
        .map(|i| {
            let days = [of(&world[i], true), of(&world[(i + 1) % world.len()], false)].concat();
            PersonHistory::new(PersonId(i as u32), days.clone(), [(UserId(i as u32 % 40), days)])
        })
        .collect();
    let (before, after) = (ask(&world, &question(&[ASKED])), ask(&exchanged, &question(&[ASKED])));
    let predicted = |answer: &Evaluation| -> Vec<(u32, f64)> {
        answer.pairs.reliability.iter().map(|bin| (bin.cases, bin.predicted)).collect()
    };
    assert_eq!(predicted(&before), predicted(&after));
    assert_ne!(roc_auc(&before.pairs, Measure::Score), roc_auc(&after.pairs, Measure::Score));
}

#[test]
fn traps_are_said_and_leavers_left_out() {
    // Nothing is captured for four weeks; ten colleagues leave 20 days before the moment.
    let mut random = Random(4);
    let hole = ASKED - 210..ASKED - 182;
    let world = people(800, |person, at| random.unit() < 0.1 && !hole.contains(&at) && (person % 40 >= 10 || at < ASKED - 20));
    let answer = ask(&world, &question(&[ASKED, FIRST + 3, LAST - 3]));
    let has = |trap| answer.warnings.iter().any(|warning| warning.trap == trap);
    assert!(has(Trap::CollectionHole) && has(Trap::FirstDays) && has(Trap::LastDays), "{:?}", answer.warnings);
    let left = answer.warnings.iter().find(|warning| warning.trap == Trap::Leavers).unwrap();
    assert_eq!(left.count, Some(10));
    assert_eq!(answer.pairs.cases, 600);
}

#[test]
fn few_relationships_have_no_figure_and_none_is_no_error() {
    let few = ask(&people(5, |_, at| at % 5 == 0), &question(&[ASKED]));
    assert_eq!((few.pairs.cases, few.pairs.reason, few.pairs.measures.len()), (5, Some(NoFigure::TooFewCases), 0));
    assert!(few.warnings.iter().any(|warning| warning.trap == Trap::TooFewPairs && warning.count == Some(5)));
    let all_stay = ask(&people(50, |_, at| at % 5 == 0), &question(&[ASKED]));
    assert_eq!(all_stay.pairs.reason, Some(NoFigure::OneOutcomeOnly));
    let nothing = ask(&[], &question(&[]));
    assert_eq!((nothing.span, nothing.moments.len()), (None, 0));
}

/// Histories that are the same with all of us and with one colleague, beside somebody who is in touch on every day.
fn with_background(histories: impl IntoIterator<Item = Vec<HistoryDay>>) -> Vec<PersonHistory> {
    let always: Vec<HistoryDay> = (FIRST..=LAST).map(day).collect();
    let all = histories.into_iter().chain([always]);
    all.zip(0..).map(|(days, person)| PersonHistory::new(PersonId(person), days.clone(), [(UserId(person % 40), days)])).collect()
}

#[test]
fn three_interactions_within_six_horizons_make_a_case() {
    // Each day has two; the 180th day back is within, the 181st is not.
    let ages: [&[i32]; 4] = [&[10], &[20, 10], &[181, 10], &[180, 10]];
    let histories = ages.map(|ages| ages.iter().map(|age| day(ASKED - age)).collect::<Vec<_>>());
    let answer = ask(&with_background(histories), &question(&[ASKED]));
    assert_eq!((answer.pairs.cases, answer.records.cases), (3, 3));
    let nearer = Question { horizon_days: 3, ..question(&[ASKED]) };
    // Within 18 days none of the four has more than one day.
    let histories = ages.map(|ages| ages.iter().map(|age| day(ASKED - age)).collect::<Vec<_>>());
    assert_eq!(ask(&with_background(histories), &nearer).pairs.cases, 1);
}

#[test]
fn an_answer_is_a_mail_after_ours() {
    let ours = |at| HistoryDay { they_mailed: false, first_mail_is_ours: true, ..day(at) };
    let theirs = |at| HistoryDay { we_mailed: false, ..day(at) };
    let at_once = |at| HistoryDay { first_mail_is_ours: true, ..day(at) };
    let met = |at| HistoryDay { we_mailed: false, they_mailed: false, ..day(at) };
    let known = [day(ASKED - 40), day(ASKED - 20)];
    // In four of seven cases they mailed after we had; where we did not mail, nobody could answer.
    let later: [&[HistoryDay]; 8] = [
        &[ours(ASKED + 1), theirs(ASKED + 9)],
        &[at_once(ASKED + 1)],
        &[met(ASKED), ours(ASKED + 1), theirs(ASKED + 29)],
        &[ours(ASKED + 3), met(ASKED + 4), theirs(ASKED + 5)],
        &[theirs(ASKED), ours(ASKED + 1)],
        &[day(ASKED + 1)],
        &[ours(ASKED + 1), met(ASKED + 2), theirs(ASKED + 30)],
        &[met(ASKED + 1), theirs(ASKED + 2)],
    ];
    let histories = (0..10).flat_map(|_| later).map(|later| [&known, later].concat());
    let answer = ask(&with_background(histories), &question(&[ASKED]));
    let weak = answer.grades.iter().filter(|of| matches!(of.grade, Graded::Pair(_)) && of.cases >= 80).collect::<Vec<_>>();
    assert_eq!(weak.len(), 1, "all have the same days before: {:?}", answer.grades);
    assert_eq!((weak[0].cases, weak[0].asked), (80, 70));
    assert!((weak[0].reply_rate.unwrap() - 4.0 / 7.0).abs() < 1e-12, "{:?}", weak[0]);
}

#[test]
fn the_same_seed_gives_the_same_intervals_and_the_defaults_are_two_moments() {
    let mut random = Random(5);
    let world = people(500, |_, _| random.unit() < 0.03);
    let answer = ask(&world, &question(&[]));
    assert_eq!(answer, ask(&world, &question(&[])));
    let days: Vec<i64> = answer.moments.iter().map(|moment| moment.at.0 / DAY_US - i64::from(FIRST)).collect();
    assert!((470..=490).contains(&days[0]) && (590..=610).contains(&days[1]), "{days:?}");
}

#[test]
fn a_calibration_finds_how_likely_contact_is_here() {
    // In touch about twice a month whatever happened: much less depends on silence than in the pooled model.
    let mut random = Random(6);
    let world = people(1_000, |_, _| random.unit() < 0.06);
    let calibration = in_context(|ctx| calibrate(ctx, &world));
    assert!(calibration.labelled_pairs > 2_000);
    let check = calibration.check.unwrap();
    assert!(check.brier <= check.brier_pooled, "{check:?}");
    assert!(calibration.likelihoods.pairs.slope < LikelihoodModel::POOLED.slope);
    let few = in_context(|ctx| calibrate(ctx, &world[..50]));
    assert_eq!((few.likelihoods, few.check), (Likelihoods::default(), None));
}

#[test]
fn histories_are_read_from_touches() {
    let mut world = world(
        "2026-02-01 10:00 email A -> x y\n\
         2026-02-01 11:00 email x -> A\n\
         2026-02-03 10:00 email y -> x cc B\n\
         2026-02-05 10:00 meeting B -> A A2 x\n\
         2026-02-06 10:00 task A -> x\n\
         2026-03-05 10:00 email A -> x",
    );
    let target = world.addresses("x");
    let ctx = world.ctx();
    let history = HistoryFolder::default().fold(&ctx, PersonId(target[0].0), &target, &world.touches).unwrap();
    let short = |days: &[HistoryDay]| -> Vec<(i32, u16, u16, u16)> {
        let first = 20_485; // 2026-02-01
        days.iter().map(|day| (day.day - first, day.sent, day.received, day.shared)).collect()
    };
    // What y wrote to x with a copy to B belongs to the record, but ties nobody.
    assert_eq!(short(history.record()), [(0, 1, 1, 1), (2, 0, 1, 1), (4, 1, 0, 1)]);
    let mails: Vec<_> = history.record().iter().map(|day| (day.we_mailed, day.they_mailed, day.first_mail_is_ours)).collect();
    assert_eq!(mails, [(true, true, true), (false, true, false), (false, false, false)]);
    let of_a = history.pairs().next().unwrap().1;
    assert!(of_a[0].first_mail_is_ours && of_a[0].they_mailed && !of_a[1].we_mailed);
    let pairs: Vec<_> = history.pairs().map(|(user, days)| (user, short(days))).collect();
    assert_eq!(pairs, [(world.user_id("A"), vec![(0, 1, 1, 1), (4, 1, 0, 2)]), (world.user_id("B"), vec![(4, 1, 0, 2)]),]);
}
