//! Does the score mean anything? The past is asked at moments that are over: what was known before, and what became of it.
//!
//! A moment is the beginning of a local day; only days before it are known, and the horizon begins with it. (a) **Survival**: a pair or record
//! with at least three interactions within six horizons: does anything happen within the horizon? (b) **Who knows whom**: people with at least
//! three colleagues who met them before: who of these is in touch within the horizon? (c) What the words meant: share in touch and
//! share of answers per grade. Each beside the baselines that are to be beaten, with intervals from drawing people anew.

mod bgnbd;
mod bootstrap;
mod calibration;
mod cases;
mod history;
mod measure;
mod metrics;
mod parallel;
mod random;
mod report;
mod traps;

pub use bgnbd::BgNbd;
pub use bootstrap::{Bootstrap, Interval, RESAMPLES, group_of, is_in_share};
pub use calibration::{CALIBRATION_PAIRS_MIN, Calibration, Check, calibrate};
pub use cases::{CANDIDATES_MIN, Graded, RECENT_HORIZONS, RECENT_MIN};
pub use history::{HistoryDay, HistoryFolder, PersonHistory};
pub use measure::Measure;
pub use metrics::{Bin, Case, areas};
pub use random::Random;
pub use report::{
    Evaluation, GradeOutcome, JudgedMoment, NoFigure, Question, Ranking, RankingQuality, SHARES, Survival, SurvivalQuality,
    Warning, evaluate,
};
pub use traps::{Trap, Volume};
