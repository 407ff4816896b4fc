//! Moments of worlds, as numbers and as text.

use jiff::Timestamp;

pub(super) const SECOND: i64 = 1_000_000;
pub(super) const HOUR: i64 = 3600 * SECOND;
pub(super) const DAY: i64 = 24 * HOUR;

pub(super) fn rfc3339(moment: i64) -> String {
    Timestamp::from_microsecond(moment).expect("a moment of our time").to_string()
}

/// The same moment as somebody five and a half hours east of Greenwich writes it.
pub(super) fn offset_text(moment: i64) -> String {
    let shifted = rfc3339(moment + 5 * HOUR + HOUR / 2);
    format!("{}+05:30", shifted.trim_end_matches('Z'))
}

pub(super) fn date_text(moment: i64) -> String {
    rfc3339(moment).chars().take(10).collect()
}
