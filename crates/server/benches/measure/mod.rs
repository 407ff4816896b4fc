//! What benchmarks of a whole process are told and measure. Linux only.

use std::{fs, time::Instant};

/// Ticks of a processor's time in a second, as Linux counts them.
const TICKS_S: f64 = 100.0;

/// Words of the command line, but for the one that cargo adds.
#[allow(clippy::disallowed_methods, reason = "a benchmark is told its size")]
pub(crate) fn words() -> Vec<String> {
    std::env::args().skip(1).filter(|word| word != "--bench").collect()
}

/// Numbers among words.
pub(crate) fn numbers(words: &[String]) -> Vec<u64> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

/// Now.
#[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// Processor time of this process.
pub(crate) fn cpu_s() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace()).into_iter().flatten();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS_S
}

/// Memory of this process as Linux says it: `VmHWM:` is the most that it ever held, `VmRSS:` what it holds now.
pub(crate) fn memory_mb(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|other| other.strip_prefix(line));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
