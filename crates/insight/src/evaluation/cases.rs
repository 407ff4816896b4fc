//! What was known of relationships at a past moment, and what became of them.

use rapport_domain::Moment;
use rustc_hash::FxHashSet;

use crate::{
    Context, Data, Grade, HealthState, LikelihoodModel, Likelihoods,
    days::{ActiveDay, DayValues, measure},
    health,
    memory::{Kernel, MEMORY_AGE_MAX_DAYS},
    pairs, round_half_up,
};

use super::{
    bgnbd,
    bootstrap::group_of,
    calibration::calibrate,
    history::{HistoryDay, PersonHistory},
    measure::{Measure, Values, bgnbd_history},
};

/// Interactions within six horizons that make a relationship one whose survival can be asked.
pub const RECENT_MIN: u32 = 3;
/// How many horizons back these lie at most.
pub const RECENT_HORIZONS: i32 = 6;
/// Colleagues with earlier contact that make a person one for whom they can be ranked.
pub const CANDIDATES_MIN: usize = 3;

/// What a relationship is called in words: a tie's grade or a record's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graded {
    /// A record's score in words; `None` below two active days.
    Record(Option<HealthState>),
    /// A tie's strength in words.
    Pair(Grade),
}

/// One relationship at one past moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) person: u32,
    /// Which of the moments.
    pub(super) moment: u16,
    pub(super) group: u16,
    /// Whether anything happened within the horizon.
    pub(super) in_touch: bool,
    /// Whether they mailed after our first mail within the horizon; `None` if we did not mail.
    pub(super) replied: Option<bool>,
    /// Whether it was in touch often enough that its survival can be asked.
    pub(super) is_case: bool,
    pub(super) graded: Graded,
    pub(super) bgnbd: bgnbd::History,
    pub(super) values: Values,
}

/// Rows of one or several moments.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// By moment, person, colleague. Those of a person whose colleagues are ranked stand together.
    pub(super) pairs: Vec<Row>,
    /// By moment and person.
    pub(super) records: Vec<Row>,
    /// Of every pair that was known, asked or not: what BG/NBD is fitted to.
    pub(super) known_pairs: Vec<bgnbd::History>,
    /// The same of records.
    pub(super) known_records: Vec<bgnbd::History>,
}

/// A moment that is over, before which everything may be known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Past<'a> {
    /// As of the moment.
    ctx: Context<'a>,
    /// Its local day, of which nothing is known yet.
    pub(super) today: i32,
    pub(super) horizon_days: i32,
    /// Which of the moments.
    number: u16,
    /// Fitted to what had happened by then.
    calibrated: Likelihoods,
}

impl<'a> Past<'a> {
    /// The beginning of the local day of a moment.
    pub(super) fn new(ctx: &Context<'a>, people: &[PersonHistory], at: Moment, horizon_days: u32, number: usize) -> Self {
        let ctx = Context { as_of: at, data: Data::CrmAndMailbox, likelihood: Likelihoods::default(), ..*ctx };
        let calibrated = calibrate(&ctx, people).likelihoods;
        Self { ctx, today: ctx.today().0, horizon_days: horizon_days as i32, number: number as u16, calibrated }
    }

    /// How many days of an ascending list were known.
    fn known(&self, days: &[HistoryDay]) -> usize {
        days.partition_point(|day| day.day < self.today)
    }

    /// The rows of some people, but for colleagues who left.
    pub(super) fn rows<'h>(&self, people: impl IntoIterator<Item = &'h PersonHistory>, left: &FxHashSet<u32>) -> Rows {
        let mut folder = Folder {
            past: self,
            values: DayValues::of(self.ctx.settings),
            kernel: Kernel::of_ties(self.ctx.settings.model),
            active: Vec::new(),
        };
        let mut rows = Rows::default();
        for person in people {
            let record = folder.record(person);
            rows.known_records.extend(record.map(|row| row.bgnbd));
            rows.records.extend(record.filter(|row| row.is_case));
            let start = rows.pairs.len();
            let staying = person.pairs().filter(|(user, _)| !left.contains(&user.0));
            rows.pairs.extend(staying.filter_map(|(_, days)| folder.pair(person.person, days)));
            let new = &rows.pairs[start..];
            rows.known_pairs.extend(new.iter().map(|row| row.bgnbd));
            if new.len() < CANDIDATES_MIN || !new.iter().any(|row| row.in_touch) {
                let mut kept = start;
                for i in start..rows.pairs.len() {
                    if rows.pairs[i].is_case {
                        rows.pairs.swap(kept, i);
                        kept += 1;
                    }
                }
                rows.pairs.truncate(kept);
            }
        }
        rows
    }
}

/// Folds relationships to rows with the same buffers.
struct Folder<'a> {
    past: &'a Past<'a>,
    values: DayValues,
    kernel: Kernel,
    active: Vec<ActiveDay>,
}

impl Folder<'_> {
    /// What is no case has baselines alone.
    fn record(&mut self, person: &PersonHistory) -> Option<Row> {
        let mut row = self.row(person.person, person.record(), Graded::Record(None))?;
        if !row.is_case {
            return Some(row);
        }
        let (score, days) = self.score(person.record());
        let state = (days >= health::SCORE_DAYS_MIN).then(|| HealthState::of_score(round_half_up(score), self.past.ctx.settings));
        let (likelihood, _) = health::outlook(&self.past.ctx, &self.active, self.past.today);
        row.graded = Graded::Record(state);
        row.values.set(Measure::Score, score);
        set_likelihood(&mut row.values, likelihood.unwrap_or(0.0), self.past.calibrated.records);
        Some(row)
    }

    fn pair(&mut self, person: u32, days: &[HistoryDay]) -> Option<Row> {
        let mut row = self.row(person, days, Graded::Pair(Grade::Weak))?;
        let known = &days[..self.past.known(days)];
        let measured = pairs::measure(&self.past.ctx, &self.kernel, known.iter().rev().map(HistoryDay::pair_day));
        row.graded = Graded::Pair(measured.grade);
        let (score, _) = self.score(days);
        row.values.set(Measure::Score, score);
        row.values.set(Measure::Strength, measured.strength_exact);
        row.values.set(Measure::Activity, measured.activity);
        row.values.set(Measure::Directness, measured.directness);
        row.values.set(Measure::Mutuality, measured.mutuality);
        set_likelihood(&mut row.values, measured.likelihood_30d, self.past.calibrated.pairs);
        Some(row)
    }

    /// What both have: `None` where nothing was known at ages 0..730.
    fn row(&self, person: u32, days: &[HistoryDay], graded: Graded) -> Option<Row> {
        let Past { today, horizon_days, number, .. } = *self.past;
        let (known, later) = days.split_at(self.past.known(days));
        let last = known.last().filter(|last| today - last.day <= MEMORY_AGE_MAX_DAYS)?;
        debug_assert!(last.day < today, "nothing is known of the day itself");
        let later = &later[..later.partition_point(|day| day.day < today + horizon_days)];
        let asked = later.iter().position(|day| day.we_mailed);
        let recent = known.iter().rev().take_while(|day| day.day >= today - RECENT_HORIZONS * horizon_days);
        let mut values = Values::default();
        values.set_baselines(known, today);
        Some(Row {
            person,
            moment: number,
            group: group_of(person),
            in_touch: !later.is_empty(),
            replied: asked
                .map(|asked| later[asked].is_answered_at_once() || later[asked + 1..].iter().any(|day| day.they_mailed)),
            is_case: recent.map(HistoryDay::interactions).sum::<u32>() >= RECENT_MIN,
            graded,
            bgnbd: bgnbd_history(known, today),
            values,
        })
    }

    /// The score of a relationship as of the moment, and its active days at ages 0..730.
    fn score(&mut self, days: &[HistoryDay]) -> (f64, u32) {
        self.active.clear();
        self.active.extend(days[..self.past.known(days)].iter().map(|day| day.active_day(&self.past.ctx)));
        let measured = measure(&self.active, self.past.today, &self.values);
        (measured.score(), measured.active_days)
    }
}

/// The pooled likelihood, and what the calibrated one makes of the same days.
fn set_likelihood(values: &mut Values, pooled: f64, calibrated: LikelihoodModel) {
    let feature = LikelihoodModel::POOLED.feature_of(pooled);
    values.set(Measure::Likelihood, pooled);
    values.set(Measure::LikelihoodCalibrated, calibrated.probability_of(feature));
}
