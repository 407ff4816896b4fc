//! What is compared: our figures, and the baselines that they must beat.

use crate::memory::MEMORY_AGE_MAX_DAYS;

use super::{bgnbd, history::HistoryDay};

/// A number that says how likely a relationship goes on: the larger, the likelier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Ours: the probability of any interaction in the next 30 days.
    Likelihood,
    /// Ours: the same, calibrated on what had happened by then.
    LikelihoodCalibrated,
    /// Ours: the health score before rounding.
    Score,
    /// Ours: the strength of a tie before rounding.
    Strength,
    /// Ours: are they in touch at all?
    Activity,
    /// Ours: do they talk personally?
    Directness,
    /// Ours: do both sides speak?
    Mutuality,
    /// Days since the last contact; fewer is better.
    DaysSinceLast,
    /// Number of interactions ever.
    Messages,
    /// Interactions with a half-life of 30 days.
    DecayedCount,
    /// Google's Interactions Rank: a half-life of a week, ours counting five times theirs.
    InteractionsRank,
    /// BG/NBD, fitted on the organization: the probability of not being over.
    BgNbdAlive,
    /// BG/NBD: active days expected within the horizon.
    BgNbdExpected,
}

/// Half-life of the decayed count, in days.
const DECAYED_COUNT_DAYS: f64 = 30.0;
/// Half-life of the Interactions Rank, in days, and what ours weigh (Roth and others, KDD 2010).
const INTERACTIONS_RANK_DAYS: f64 = 7.0;
const INTERACTIONS_RANK_SENT: f64 = 5.0;

/// How many measures there are.
pub(super) const MEASURES: usize = 13;

impl Measure {
    /// Every measure, ours first.
    pub const ALL: [Self; MEASURES] = [
        Self::Likelihood,
        Self::LikelihoodCalibrated,
        Self::Score,
        Self::Strength,
        Self::Activity,
        Self::Directness,
        Self::Mutuality,
        Self::DaysSinceLast,
        Self::Messages,
        Self::DecayedCount,
        Self::InteractionsRank,
        Self::BgNbdAlive,
        Self::BgNbdExpected,
    ];

    /// The word of the JSON, e.g. `likelihood_30d`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Likelihood => "likelihood_30d",
            Self::LikelihoodCalibrated => "likelihood_calibrated",
            Self::Score => "score",
            Self::Strength => "strength",
            Self::Activity => "activity",
            Self::Directness => "directness",
            Self::Mutuality => "mutuality",
            Self::DaysSinceLast => "days_since_last",
            Self::Messages => "messages",
            Self::DecayedCount => "decayed_count",
            Self::InteractionsRank => "interactions_rank",
            Self::BgNbdAlive => "bgnbd_alive",
            Self::BgNbdExpected => "bgnbd_expected",
        }
    }

    /// Whether it is something to beat.
    pub fn is_baseline(self) -> bool {
        self >= Self::DaysSinceLast
    }

    /// Whether it is a probability of the next 30 days.
    pub fn is_probability(self) -> bool {
        matches!(self, Self::Likelihood | Self::LikelihoodCalibrated)
    }

    /// Whether a record has it as well; a pair has all.
    pub fn is_of_records(self) -> bool {
        !matches!(self, Self::Strength | Self::Activity | Self::Directness | Self::Mutuality)
    }
}

/// The measures of one relationship.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Values([f32; MEASURES]);

impl Values {
    pub(super) fn of(&self, measure: Measure) -> f32 {
        self.0[measure as usize]
    }

    pub(super) fn set(&mut self, measure: Measure, value: f64) {
        self.0[measure as usize] = value as f32;
    }

    /// The baselines that ask for no fit, of days before `today`, ascending.
    pub(super) fn set_baselines(&mut self, days: &[HistoryDay], today: i32) {
        let (mut messages, mut decayed, mut rank) = (0.0, 0.0, 0.0);
        for day in days {
            let age = f64::from(today - day.day);
            messages += f64::from(day.interactions());
            if today - day.day <= MEMORY_AGE_MAX_DAYS {
                decayed += f64::from(day.interactions()) * (-age / DECAYED_COUNT_DAYS).exp2();
                let weighed = INTERACTIONS_RANK_SENT * f64::from(day.sent) + f64::from(day.received);
                rank += weighed * (-age / INTERACTIONS_RANK_DAYS).exp2();
            }
        }
        self.set(Measure::DaysSinceLast, -days.last().map_or(f64::from(i32::MAX), |last| f64::from(today - last.day)));
        self.set(Measure::Messages, messages);
        self.set(Measure::DecayedCount, decayed);
        self.set(Measure::InteractionsRank, rank);
    }
}

/// What BG/NBD knows of days before `today`, ascending.
pub(super) fn bgnbd_history(days: &[HistoryDay], today: i32) -> bgnbd::History {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return bgnbd::History::default() };
    let weeks = |days: i32| f64::from(days) / 7.0;
    bgnbd::History { repeats: (days.len() - 1) as f64, recency: weeks(last.day - first.day), age: weeks(today - first.day) }
}
