//! Relationship health: score, state, trend, likelihood, silence surprise, explanation (03).

use rapport_domain::{Day, InsightSettings, Kind, Model, Moment, Table, Touches};

use crate::{
    Context, Contribution, RecordScope,
    days::{self, ActiveDay, DayValues, Days, Measure, by_age, kind_rank, measure},
    memory::{self, round_half_up},
    rows::Rows,
    trend::trend,
};

/// Active days at ages 0..730 that a score needs.
pub const SCORE_DAYS_MIN: u32 = 2;
/// Points by which the means must differ for the trend to be improving or declining.
pub const TREND_POINTS: f64 = 8.0;
/// Days over which each of the two means of the trend runs.
pub const TREND_WINDOW_DAYS: i32 = 14;
/// How much earlier the second window of the trend ended, in days.
pub const TREND_LAG_DAYS: i32 = 28;
/// Longest history of daily scores that is computed on request: ten years.
pub const HISTORY_DAYS_MAX: u32 = 3_653;

/// The state of a relationship (03, "State").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HealthState {
    /// Score at least the minimum of good.
    Good,
    /// Score at least the minimum of fair.
    Fair,
    /// Score below.
    Poor,
    /// Computing failed. Only callers set this.
    Error,
    /// Not computed yet. Only callers set this.
    Computing,
    /// The lead is not active, or the opportunity is closed at `as_of`.
    NotApplicable,
    /// Interactions, but all older than 730 days.
    OlderThanTwoYears,
    /// None completed, some open or scheduled.
    NoClosedActivities,
    /// Fewer than two active days at ages 0..730.
    NotEnoughInfo,
}

impl HealthState {
    /// The grade of a score.
    pub fn of_score(score: u32, settings: &InsightSettings) -> Self {
        if score >= settings.good_min {
            Self::Good
        } else if score >= settings.fair_min {
            Self::Fair
        } else {
            Self::Poor
        }
    }

    /// The word of the JSON, e.g. `not_enough_info`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
            Self::Error => "error",
            Self::Computing => "computing",
            Self::NotApplicable => "not_applicable",
            Self::OlderThanTwoYears => "older_than_two_years",
            Self::NoClosedActivities => "no_closed_activities",
            Self::NotEnoughInfo => "not_enough_info",
        }
    }
}

/// Where the relationship is going (03, "Trend").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trend {
    /// Up by 8 points or more.
    Improving,
    /// Neither.
    Steady,
    /// Down by 8 points or more.
    Declining,
    /// No score, or the first interaction is younger than 42 days.
    NotEnoughInfo,
}

impl Trend {
    /// The word of the JSON, e.g. `improving`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Improving => "improving",
            Self::Steady => "steady",
            Self::Declining => "declining",
            Self::NotEnoughInfo => "not_enough_info",
        }
    }
}

/// What a closed opportunity had when it closed (decision 20).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LastScore {
    /// The closing moment.
    pub at: Moment,
    /// Score as of then, 0..=100, if it had one.
    pub score: Option<u32>,
    /// State as of then, as if still open.
    pub state: HealthState,
}

/// The figures of a record's health, without their explanation: what lists keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HealthFigures {
    /// Good, fair, poor, or why there is no score.
    pub state: HealthState,
    /// The score, 0..=100, rounded half up.
    pub score: Option<u32>,
    /// The score before rounding, 0..=100. There exactly when `score` is.
    pub score_exact: Option<f64>,
    /// Direction over six weeks.
    pub trend: Trend,
    /// Whether the first interaction is younger than 42 days, so that there is no trend yet.
    pub new_relationship: bool,
    /// Probability of any interaction in the next 30 days, 0..=1; `None` without an active day at ages 0..730 or where not applicable.
    pub likelihood_30d: Option<f64>,
    /// Share of gaps at least as long as the present silence, above 0, at most 1; `None` as for `likelihood_30d`.
    pub silence_surprise: Option<f64>,
    /// The model of the score.
    pub model: Model,
    /// Memory `V`, at least 0: the sum of the contributions.
    pub memory: f64,
    /// Expectation `E`, at least 1.
    pub expectation: f64,
    /// Engagement `g`, 0.5..=1: part of the score in `v1`.
    pub engagement: f64,
    /// Which part of the memory counts, 0.75..=1, `M / V`; `None` in `v1`, or without an active day at ages 0..730.
    pub mutual: Option<f64>,
    /// Freshness `F`, above 0, at most 1; `None` as for `mutual`.
    pub freshness: Option<f64>,
    /// Active days at ages 0..730.
    pub active_days: u32,
    /// Whether this is an account's roll-up.
    pub rollup: bool,
    /// For an opportunity that is closed since a known moment.
    pub last: Option<LastScore>,
}

/// A record's health with its explanation: what pages show.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// The figures.
    pub figures: HealthFigures,
    /// One per active day at ages 0..730, by ascending age; their values add up to `figures.memory` bit for bit.
    pub contributions: Vec<Contribution>,
    /// The score if both sides met today, 0..=100; `None` where not applicable, or if there would still be fewer than two active days.
    pub score_if_met_today: Option<u32>,
}

/// The score as of the end of one past day (or `as_of`, for today).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DailyScore {
    /// The local day.
    pub day: Day,
    /// The score, 0..=100; `None` where it was not applicable or had fewer than two active days: a chart plots that gray.
    pub score: Option<u32>,
}

/// Folds records to health, one after the other, with the same buffers.
#[derive(Clone, Debug)]
pub struct HealthFolder {
    values: DayValues,
    rows: Rows,
    days: Days,
    /// Of [`trend`].
    kept: Vec<ActiveDay>,
}

impl Default for HealthFolder {
    fn default() -> Self {
        Self {
            values: DayValues::of(&InsightSettings::default()),
            rows: Rows::default(),
            days: Days::default(),
            kept: Vec::new(),
        }
    }
}

impl HealthFolder {
    /// Empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The figures of one record. `touches` are sorted and hold at least all that belongs to the record; the rest is ignored.
    pub fn figures(&mut self, ctx: &Context<'_>, scope: &RecordScope, touches: &Touches) -> HealthFigures {
        let mut rows = std::mem::take(&mut self.rows);
        rows.read(ctx, scope, touches);
        let figures = self.figures_of(ctx, scope, touches, &rows);
        self.rows = rows;
        figures
    }

    /// The figures of a record whose rows were read.
    pub(crate) fn figures_of(&mut self, ctx: &Context<'_>, scope: &RecordScope, touches: &Touches, rows: &Rows) -> HealthFigures {
        self.read_days(ctx, touches, rows);
        let mut figures = self.figures_of_days(ctx, scope, rows.pending);
        let closed_at = scope.closed.and_then(|closed| closed.closed_at).filter(|at| *at <= ctx.as_of);
        if let (Table::Opportunities, Some(at)) = (scope.table, closed_at) {
            let open = RecordScope { closed: None, ..scope.clone() };
            let then = Context { as_of: at, ..*ctx };
            self.read(&then, &open, touches);
            let pending = self.rows.pending;
            let last = self.figures_of_days(&then, &open, pending);
            figures.last = Some(LastScore { at, score: last.score, state: last.state });
        }
        figures
    }

    /// The figures of one record and what explains them.
    pub fn explain(&mut self, ctx: &Context<'_>, scope: &RecordScope, touches: &Touches) -> Health {
        let figures = self.figures(ctx, scope, touches);
        self.read(ctx, scope, touches);
        let today = ctx.today().0;
        let contributions = days::contributions(&self.days.days, today, self.values.kernel());
        let sum = contributions.iter().fold(0.0, |sum, contribution| sum + contribution.value);
        assert!(figures.memory.to_bits() == f64::to_bits(sum), "contributions add up to the memory");
        let score_if_met_today = if scope.is_applicable(ctx.as_of) { self.score_if_met(ctx, today) } else { None };
        Health { figures, contributions, score_if_met_today }
    }

    /// The score as of the end of each of the last `span_days` local days (at most [`HISTORY_DAYS_MAX`]), oldest first, today as of `as_of`.
    pub fn history(&mut self, ctx: &Context<'_>, scope: &RecordScope, touches: &Touches, span_days: u32) -> Vec<DailyScore> {
        self.read(ctx, scope, touches);
        let today = ctx.today();
        let ages = (0..span_days.min(HISTORY_DAYS_MAX) as i32).rev();
        ages.map(|age| {
            let day = today.plus(-age);
            let at = if age == 0 { ctx.as_of } else { ctx.calendar.end_of(day) };
            let measured = measure(&self.days.days, day.0, &self.values);
            let scored = scope.is_applicable(at) && measured.active_days >= SCORE_DAYS_MIN;
            DailyScore { day, score: scored.then(|| round_half_up(measured.score())) }
        })
        .collect()
    }

    fn read(&mut self, ctx: &Context<'_>, scope: &RecordScope, touches: &Touches) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.read(ctx, scope, touches);
        self.read_days(ctx, touches, &rows);
        self.rows = rows;
    }

    fn read_days(&mut self, ctx: &Context<'_>, touches: &Touches, rows: &Rows) {
        if !self.values.are_of(ctx.settings) {
            self.values = DayValues::of(ctx.settings);
        }
        self.days.read(ctx, touches, rows);
    }

    fn figures_of_days(&mut self, ctx: &Context<'_>, scope: &RecordScope, pending: bool) -> HealthFigures {
        let today = ctx.today().0;
        let days = &self.days.days;
        let measured = measure(days, today, &self.values);
        let applicable = scope.is_applicable(ctx.as_of);
        let score_exact = (applicable && measured.active_days >= SCORE_DAYS_MIN).then(|| measured.score());
        let score = score_exact.map(round_half_up);
        let (likelihood_30d, silence_surprise) = if applicable { outlook(ctx, days, today) } else { (None, None) };
        let young = days.first().is_some_and(|first| today - first.day < TREND_LAG_DAYS + TREND_WINDOW_DAYS);
        let has_parts = measured.model != Model::V1 && measured.active_days > 0;
        HealthFigures {
            state: self.state(ctx, applicable, score, &measured, pending),
            score,
            score_exact,
            trend: if score.is_none() || young {
                Trend::NotEnoughInfo
            } else {
                trend(days, today, measured.recent, &self.values, &mut self.kept)
            },
            new_relationship: young,
            likelihood_30d,
            silence_surprise,
            model: measured.model,
            memory: measured.memory,
            expectation: measured.expectation,
            engagement: measured.engagement,
            mutual: has_parts.then(|| (measured.mutual_memory / measured.memory).clamp(0.75, 1.0)),
            freshness: has_parts.then_some(measured.freshness),
            active_days: measured.active_days,
            rollup: scope.table == Table::Accounts,
            last: None,
        }
    }

    fn state(&self, ctx: &Context<'_>, applicable: bool, score: Option<u32>, measured: &Measure, pending: bool) -> HealthState {
        match score {
            Some(score) => HealthState::of_score(score, ctx.settings),
            None if !applicable => HealthState::NotApplicable,
            None if !self.days.days.is_empty() && measured.active_days == 0 => HealthState::OlderThanTwoYears,
            None if self.days.days.is_empty() && pending => HealthState::NoClosedActivities,
            None => HealthState::NotEnoughInfo,
        }
    }

    /// The score with a meeting of both sides added today.
    fn score_if_met(&mut self, ctx: &Context<'_>, today: i32) -> Option<u32> {
        let met = ActiveDay {
            day: today,
            kind: Kind::Meeting,
            weight: ctx.settings.influence_of(Kind::Meeting),
            outgoing: true,
            incoming: true,
        };
        let days = &mut self.days.days;
        match days.last_mut().filter(|last| last.day == today) {
            Some(last) => {
                let heavier =
                    met.weight > last.weight || (met.weight >= last.weight && kind_rank(last.kind) < kind_rank(Kind::Meeting));
                let heaviest = if heavier { met } else { *last };
                *last = ActiveDay { outgoing: true, incoming: true, ..heaviest };
            }
            None => days.push(met),
        }
        let measured = measure(days, today, &self.values);
        (measured.active_days >= SCORE_DAYS_MIN).then(|| round_half_up(measured.score()))
    }
}

/// Likelihood and silence surprise from the active days at ages 0..730; none without one (03, "Likelihood"; decision 19).
pub(crate) fn outlook(ctx: &Context<'_>, days: &[ActiveDay], today: i32) -> (Option<f64>, Option<f64>) {
    let Some((silent_days, _)) = by_age(days, today).next() else { return (None, None) };
    let (mut decayed, mut gaps, mut long_gaps) = (0.0, 0_u32, 0_u32);
    let mut younger_age = None;
    for (age, _) in by_age(days, today) {
        decayed += memory::decay(age);
        if let Some(younger) = younger_age.replace(age) {
            gaps += 1;
            long_gaps += u32::from(age - younger >= silent_days);
        }
    }
    let likelihood = ctx.likelihood.records.probability(decayed, silent_days as u32);
    (Some(likelihood), Some(f64::from(1 + long_gaps) / f64::from(1 + gaps)))
}
