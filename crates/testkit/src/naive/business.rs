//! Business hours: Monday to Friday, 09:00 to 17:00, local.

use super::local::Local;
use jiff::civil::Weekday;

/// Microseconds of business between two moments, day by day.
pub(super) fn business_us(local: &Local, from: i64, to: i64) -> i64 {
    let last = local.date(to);
    let mut date = local.date(from);
    let mut sum = 0;
    while date <= last {
        if !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
            let (opens, closes) = (local.hour(date, 9), local.hour(date, 17));
            sum += (to.min(closes) - from.max(opens)).max(0);
        }
        date = date.tomorrow().expect("a date of our time");
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naive::local::{HOUR_US, moment};

    const MINUTE_US: i64 = HOUR_US / 60;

    #[test]
    fn nights_weekends_and_their_changes_of_clocks_do_not_count() {
        let minutes = |from: &str, to: &str| {
            let [from, to] = [from, to].map(|text| moment(text).expect("valid"));
            business_us(&Local::new("Europe/Amsterdam"), from, to) / MINUTE_US
        };
        assert_eq!(minutes("2026-06-05T14:00:00Z", "2026-06-08T08:00:00Z"), 120);
        assert_eq!(minutes("2026-06-05T16:00:00Z", "2026-06-08T06:30:00Z"), 0);
        assert_eq!(minutes("2026-03-27T08:00:00Z", "2026-03-30T15:00:00Z"), 16 * 60);
    }
}
