//! The evaluation: what is asked of a past, and what it answers.

use rapport_domain::{Day, Moment};

use crate::{Context, Data, Grade, HealthState};

use super::{
    Interval,
    bgnbd::{self, BgNbd},
    bootstrap::Bootstrap,
    cases::{Graded, Past, Row, Rows},
    history::PersonHistory,
    measure::Measure,
    metrics::{self, Bin, Case, RankQuality, rank_quality},
    parallel::{PIECE, cores, on_cores},
    traps::{Trap, Volume, leavers},
};

/// Shares of the span at which the past is asked, unless moments are named.
pub const SHARES: [f64; 2] = [0.60, 0.75];
/// Cases below which there is no figure.
const CASES_MIN: usize = 20;
/// Cases below which figures are not firm.
const CASES_FIRM: usize = 200;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// How far a moment looks ahead, in days, at least 1.
    pub horizon_days: u32,
    /// Past moments, each taken as the beginning of its local day; empty = at 60 % and 75 % of the span.
    pub at: Vec<Moment>,
    /// Seed of the intervals.
    pub seed: u64,
}

/// Something that the evaluation says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What.
    pub trap: Trap,
    /// At which moment.
    pub at: Option<Moment>,
    /// From which day on.
    pub from: Option<Day>,
    /// The last day.
    pub to: Option<Day>,
    /// How many.
    pub count: Option<usize>,
}

/// One moment that was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JudgedMoment {
    /// The beginning of a local day.
    pub at: Moment,
    /// Pairs whose survival was asked.
    pub pairs: usize,
    /// Records whose survival was asked.
    pub records: usize,
    /// People whose colleagues were ranked.
    pub people: usize,
}

/// Why there is no figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoFigure {
    /// Too few relationships or people.
    TooFewCases,
    /// Everybody stayed in touch, or nobody.
    OneOutcomeOnly,
}

impl NoFigure {
    /// The word of the JSON, e.g. `too_few_cases`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooFewCases => "too_few_cases",
            Self::OneOutcomeOnly => "one_outcome_only",
        }
    }
}

/// How one measure tells those who stay in touch from those who do not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurvivalQuality {
    /// The measure.
    pub measure: Measure,
    /// Area under the receiver operating characteristic; 0.5 is chance.
    pub roc_auc: Interval,
    /// Area under precision over recall; the share that stays is chance.
    pub pr_auc: Interval,
    /// Mean squared difference, 0..=1; probabilities at their own horizon only.
    pub brier: Option<Interval>,
    /// Expected calibration error, 0..=1; likewise.
    pub calibration_error: Option<f64>,
}

/// Will anything happen within the horizon?
#[derive(Clone, Debug, PartialEq)]
pub struct Survival {
    /// Relationships, over all moments.
    pub cases: usize,
    /// Of these, in touch within the horizon.
    pub in_touch: usize,
    /// One per measure, ours first; empty without figures.
    pub measures: Vec<SurvivalQuality>,
    /// The likelihood against what happened; empty at other horizons than 30 days.
    pub reliability: Vec<Bin>,
    /// Why there are no figures.
    pub reason: Option<NoFigure>,
}

/// How one measure ranks colleagues.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankingQuality {
    /// The measure.
    pub measure: Measure,
    /// Mean reciprocal rank of the first colleague who was in touch.
    pub mrr: Interval,
    /// Normalized discounted cumulative gain of the first five.
    pub ndcg_5: Interval,
    /// Share of people whose first colleague was in touch.
    pub hit_1: Interval,
}

/// Who of us knows them?
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// People with at least three colleagues of whom one was in touch, over all moments.
    pub people: usize,
    /// Their colleagues.
    pub candidates: usize,
    /// One per measure, ours first; empty without figures.
    pub measures: Vec<RankingQuality>,
    /// Why there are no figures.
    pub reason: Option<NoFigure>,
}

/// What a word meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradeOutcome {
    /// The word.
    pub grade: Graded,
    /// Relationships that it stood on.
    pub cases: usize,
    /// Of these, in touch within the horizon.
    pub in_touch: usize,
    /// Share of these, with its interval.
    pub share: Interval,
    /// Relationships to which we mailed within the horizon.
    pub asked: usize,
    /// Share of these that mailed after it within the horizon; `None` below 20.
    pub reply_rate: Option<f64>,
}

/// What the past says.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// First and last day of what was captured.
    pub span: Option<(Day, Day)>,
    /// Moments that were judged, ascending.
    pub moments: Vec<JudgedMoment>,
    /// What to know before believing it.
    pub warnings: Vec<Warning>,
    /// A colleague and an external person.
    pub pairs: Survival,
    /// An external person and all of us.
    pub records: Survival,
    /// The ranking of colleagues.
    pub who_knows_whom: Ranking,
    /// Records from good to poor, then pairs from strong to weak; those that occur.
    pub grades: Vec<GradeOutcome>,
}

/// Asks the past of some people, which holds everything up to `ctx.as_of`.
pub fn evaluate(ctx: &Context<'_>, people: &[PersonHistory], question: &Question) -> Evaluation {
    let volume = Volume::of(people);
    let (moments, mut warnings) = moments(ctx, volume.as_ref(), question);
    let mut rows = Rows::default();
    let mut judged = Vec::new();
    for (number, at) in moments.into_iter().enumerate() {
        let past = Past::new(ctx, people, at, question.horizon_days, number);
        let left = leavers(people, past.today);
        if !left.is_empty() {
            warnings.push(Warning { at: Some(at), count: Some(left.len()), ..Warning::of(Trap::Leavers) });
        }
        let pieces: Vec<&[PersonHistory]> = people.chunks(PIECE).collect();
        let mut of_moment = Rows::default();
        for piece in on_cores(&pieces, |piece| past.rows(*piece, &left)) {
            of_moment.pairs.extend(piece.pairs);
            of_moment.records.extend(piece.records);
            of_moment.known_pairs.extend(piece.known_pairs);
            of_moment.known_records.extend(piece.known_records);
        }
        set_bgnbd(&mut of_moment.pairs, &of_moment.known_pairs, question.horizon_days);
        set_bgnbd(&mut of_moment.records, &of_moment.known_records, question.horizon_days);
        judged.push(JudgedMoment {
            at,
            pairs: of_moment.pairs.iter().filter(|row| row.is_case).count(),
            records: of_moment.records.len(),
            people: ranked(&of_moment.pairs).count(),
        });
        rows.pairs.extend(of_moment.pairs);
        rows.records.extend(of_moment.records);
    }
    let cases: Vec<&Row> = rows.pairs.iter().filter(|row| row.is_case).collect();
    let records: Vec<&Row> = rows.records.iter().collect();
    // From CRM data alone ties have the basic strength, which is not judged.
    let of_pairs = if ctx.data == Data::Crm { Measure::is_of_records } else { |_| true };
    let count = cases.len();
    if volume.is_some() && count < CASES_FIRM {
        warnings.push(Warning { count: Some(count), ..Warning::of(Trap::TooFewPairs) });
    }
    Evaluation {
        span: volume.map(|volume| (volume.first, volume.last)),
        moments: judged,
        warnings,
        pairs: survival(&cases, question, of_pairs),
        records: survival(&records, question, Measure::is_of_records),
        who_knows_whom: ranking(&rows.pairs, question, of_pairs),
        grades: [grades(&records, question), if ctx.data == Data::Crm { Vec::new() } else { grades(&cases, question) }].concat(),
    }
}

impl Warning {
    fn of(trap: Trap) -> Self {
        Self { trap, at: None, from: None, to: None, count: None }
    }
}

/// The moments that can be judged, ascending, and what is to say of the others and of the whole span.
fn moments(ctx: &Context<'_>, volume: Option<&Volume>, question: &Question) -> (Vec<Moment>, Vec<Warning>) {
    let Some(volume) = volume else { return (Vec::new(), Vec::new()) };
    let of_run = |(from, to, trap): &(Day, Day, Trap)| Warning { from: Some(*from), to: Some(to.plus(-1)), ..Warning::of(*trap) };
    let mut warnings: Vec<Warning> = volume.odd.iter().map(of_run).collect();
    let mut days: Vec<Day> = if question.at.is_empty() {
        SHARES.map(|share| volume.at(share)).to_vec()
    } else {
        question.at.iter().map(|at| ctx.calendar.day_of(*at)).collect()
    };
    days.sort_unstable();
    days.dedup();
    let mut kept = Vec::new();
    for day in days {
        let at = ctx.calendar.start_of(day);
        match volume.against(day, question.horizon_days as i32) {
            Some(trap) => warnings.push(Warning { at: Some(at), ..Warning::of(trap) }),
            None => kept.push(at),
        }
    }
    (kept, warnings)
}

/// Fits BG/NBD to everything that was known at a moment and lets it judge the rows.
fn set_bgnbd(rows: &mut [Row], known: &[bgnbd::History], horizon_days: u32) {
    if rows.is_empty() {
        return;
    }
    let model = BgNbd::fit(known);
    let piece = rows.len().div_ceil(cores());
    std::thread::scope(|scope| {
        for rows in rows.chunks_mut(piece) {
            scope.spawn(move || {
                for row in rows {
                    row.values.set(Measure::BgNbdAlive, model.alive(&row.bgnbd));
                    row.values.set(Measure::BgNbdExpected, model.expected(&row.bgnbd, f64::from(horizon_days) / 7.0));
                }
            });
        }
    });
}

fn case(row: &Row, measure: Measure) -> Case {
    Case { group: row.group, value: row.values.of(measure), happened: row.in_touch }
}

fn survival(rows: &[&Row], question: &Question, has: fn(Measure) -> bool) -> Survival {
    let in_touch = rows.iter().filter(|row| row.in_touch).count();
    let reason = match rows.len() {
        cases if cases < CASES_MIN => Some(NoFigure::TooFewCases),
        cases if in_touch == 0 || in_touch == cases => Some(NoFigure::OneOutcomeOnly),
        _ => None,
    };
    let mut survival = Survival { cases: rows.len(), in_touch, measures: Vec::new(), reliability: Vec::new(), reason };
    if reason.is_some() {
        return survival;
    }
    let bootstrap = Bootstrap::of_groups(question.seed, rows.iter().map(|row| row.group));
    let is_own_horizon = question.horizon_days == 30;
    let measures: Vec<Measure> = Measure::ALL.into_iter().filter(|measure| has(*measure)).collect();
    let qualities = on_cores(&measures, |measure| {
        let cases: Vec<Case> = rows.iter().map(|row| case(row, *measure)).collect();
        let (roc_auc, pr_auc) = metrics::areas(&cases, &bootstrap)?;
        let bins = if measure.is_probability() && is_own_horizon { metrics::reliability(&cases) } else { Vec::new() };
        let brier = if bins.is_empty() { None } else { metrics::brier(&cases, &bootstrap) };
        let calibration_error = metrics::calibration_error(&bins);
        Some((SurvivalQuality { measure: *measure, roc_auc, pr_auc, brier, calibration_error }, bins))
    });
    for (quality, bins) in qualities.into_iter().flatten() {
        survival.measures.push(quality);
        if quality.measure == Measure::Likelihood {
            survival.reliability = bins;
        }
    }
    survival
}

/// The colleagues of each person for whom they can be ranked.
fn ranked(pairs: &[Row]) -> impl Iterator<Item = &[Row]> {
    let of_person = pairs.chunk_by(|a, b| (a.moment, a.person) == (b.moment, b.person));
    of_person.filter(|rows| rows.len() >= super::CANDIDATES_MIN && rows.iter().any(|row| row.in_touch))
}

fn ranking(pairs: &[Row], question: &Question, has: fn(Measure) -> bool) -> Ranking {
    let people: Vec<&[Row]> = ranked(pairs).collect();
    let reason = (people.len() < CASES_MIN).then_some(NoFigure::TooFewCases);
    let candidates = people.iter().map(|rows| rows.len()).sum();
    let bootstrap = Bootstrap::of_groups(question.seed, people.iter().map(|rows| rows[0].group));
    let measures: Vec<Measure> = Measure::ALL.into_iter().filter(|measure| has(*measure)).collect();
    let measures = on_cores(&measures, |measure| {
        let of_person = |rows: &&[Row]| {
            let mut order: Vec<&Row> = rows.iter().collect();
            // Of equals the more recent one, as on pages.
            let rank = |row: &Row| (row.values.of(*measure), row.values.of(Measure::DaysSinceLast));
            order.sort_by(|a, b| rank(b).0.total_cmp(&rank(a).0).then(rank(b).1.total_cmp(&rank(a).1)));
            let relevant: Vec<bool> = order.iter().map(|row| row.in_touch).collect();
            rank_quality(&relevant).map(|quality| (rows[0].group, quality))
        };
        let qualities: Vec<(u16, RankQuality)> = people.iter().filter_map(of_person).collect();
        let mean =
            |part: fn(&RankQuality) -> f64| metrics::mean(qualities.iter().map(|(group, of)| (*group, part(of))), &bootstrap);
        Some(RankingQuality {
            measure: *measure,
            mrr: mean(|of| of.reciprocal)?,
            ndcg_5: mean(|of| of.ndcg_5)?,
            hit_1: mean(|of| of.hit_1)?,
        })
    });
    let measures = if reason.is_some() { Vec::new() } else { measures.into_iter().flatten().collect() };
    Ranking { people: people.len(), candidates, measures, reason }
}

/// All words, from good to poor and from strong to weak.
const GRADES: [Graded; 6] = [
    Graded::Record(Some(HealthState::Good)),
    Graded::Record(Some(HealthState::Fair)),
    Graded::Record(Some(HealthState::Poor)),
    Graded::Pair(Grade::Strong),
    Graded::Pair(Grade::Medium),
    Graded::Pair(Grade::Weak),
];

fn grades(rows: &[&Row], question: &Question) -> Vec<GradeOutcome> {
    let outcome = |grade: Graded| {
        let of_grade: Vec<&Row> = rows.iter().filter(|row| row.graded == grade).copied().collect();
        let bootstrap = Bootstrap::of_groups(question.seed, of_grade.iter().map(|row| row.group));
        let share = metrics::mean(of_grade.iter().map(|row| (row.group, f64::from(u8::from(row.in_touch)))), &bootstrap)?;
        let answers: Vec<bool> = of_grade.iter().filter_map(|row| row.replied).collect();
        let replied = answers.iter().filter(|replied| **replied).count();
        Some(GradeOutcome {
            grade,
            cases: of_grade.len(),
            in_touch: of_grade.iter().filter(|row| row.in_touch).count(),
            share,
            asked: answers.len(),
            reply_rate: (answers.len() >= CASES_MIN).then(|| replied as f64 / answers.len() as f64),
        })
    };
    GRADES.into_iter().filter_map(outcome).collect()
}
