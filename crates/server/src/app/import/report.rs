//! What an import says when it is done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Problems that a report lists; further ones are counted.
pub(super) const PROBLEMS_MAX: usize = 1_000;

/// What became of everything that was read. `read = kept + duplicates + failed + sum(excluded)`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// Copies, occurrences or rows read.
    pub read: u64,
    /// Interactions that were not known before; rows created or changed.
    pub kept: u64,
    /// Copies of interactions already known; unchanged rows.
    pub duplicates: u64,
    /// What could not be understood; each is among the problems.
    pub failed: u64,
    /// What is not stored, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// What went wrong where, at most 1,000.
    pub problems: Vec<ReportedProblem>,
    /// Problems beyond those listed.
    pub problems_omitted: u64,
    /// What else one should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Seconds.
    pub elapsed_s: f64,
    /// The oldest moment that was kept or known, in microseconds since 1970.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) oldest_us: Option<i64>,
}

/// Why an import ended without a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFailure {
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportedProblem {
    /// `file:offset` or `file:line`.
    #[serde(rename = "where")]
    pub place: String,
    /// What is wrong, in words.
    pub what: String,
}

impl ImportReport {
    /// Whether everything that was read is accounted for.
    pub fn adds_up(&self) -> bool {
        self.read == self.kept + self.duplicates + self.failed + self.excluded.values().sum::<u64>()
    }

    pub(crate) fn problem(&mut self, place: String, what: impl Into<String>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(ReportedProblem { place, what: what.into() });
        } else {
            self.problems_omitted += 1;
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.read += other.read;
        self.kept += other.kept;
        self.duplicates += other.duplicates;
        self.failed += other.failed;
        for (reason, count) in other.excluded {
            *self.excluded.entry(reason).or_default() += count;
        }
        for problem in other.problems {
            self.problem(problem.place, problem.what);
        }
        self.problems_omitted += other.problems_omitted;
        self.notes.extend(other.notes);
        self.oldest_us = [self.oldest_us, other.oldest_us].into_iter().flatten().min();
        self.elapsed_s += other.elapsed_s;
    }
}
