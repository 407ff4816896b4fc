//! `rapport bench`: figures of speed and memory on generated worlds.

use std::path::PathBuf;

use serde::Serialize;

use super::{AppError, Clock};

/// What to measure.
#[derive(Clone, Debug)]
pub struct Options {
    /// Touches of the generated world.
    pub touches: u64,
    /// Runs of each figure.
    pub runs: u32,
    /// Real mail to import as well.
    pub mail: Option<PathBuf>,
}

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// The median.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What we want it to be.
    pub want: &'static str,
}

/// Runs the benchmarks.
pub async fn run(_options: &Options, _clock: Clock, _say: &(dyn Fn(&str) + Sync)) -> Result<Vec<Figure>, AppError> {
    Ok(Vec::new())
}
