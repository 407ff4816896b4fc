//! Moments and the organization's calendar.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

pub(super) const HOUR_US: i64 = 3_600_000_000;
pub(super) const DAY_US: i64 = 24 * HOUR_US;

/// The organization's time zone.
pub(super) struct Local {
    zone: TimeZone,
}

impl Local {
    pub(super) fn new(time_zone: &str) -> Self {
        Self { zone: TimeZone::get(time_zone).expect("a world's time zone is in the database") }
    }

    /// The local calendar date of a moment.
    pub(super) fn date(&self, moment: i64) -> Date {
        timestamp(moment).to_zoned_datetime(self.zone.clone()).date()
    }

    /// The local calendar date as a count of days, so that ages are differences.
    pub(super) fn day(&self, moment: i64) -> i64 {
        day_of_date(self.date(moment))
    }

    /// The first moment of a local date.
    pub(super) fn midnight(&self, date: Date) -> i64 {
        let zoned = date.to_zoned_datetime(self.zone.clone()).expect("a date of our time");
        zoned.start_of_day().expect("a date of our time").timestamp().as_microsecond()
    }

    /// A full hour of a local date.
    pub(super) fn hour(&self, date: Date, hour: i8) -> i64 {
        let zoned = date.at(hour, 0, 0, 0).to_zoned_datetime(self.zone.clone()).expect("a date of our time");
        zoned.timestamp().as_microsecond()
    }

    /// A date (local midnight at its start) or RFC 3339.
    pub(super) fn date_or_moment(&self, text: &str) -> Option<i64> {
        text.parse::<Date>().ok().filter(|_| text.len() == 10).map(|date| self.midnight(date)).or_else(|| moment(text))
    }
}

/// RFC 3339 or unix seconds; microseconds.
pub(super) fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok().map(Timestamp::as_microsecond);
    }
    text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
}

/// As the pinned JSON shows moments.
pub(super) fn rfc3339(moment: i64) -> String {
    timestamp(moment).to_string()
}

/// Days since 1970-01-01.
pub(super) fn day_of_date(date: Date) -> i64 {
    date.to_zoned_datetime(TimeZone::UTC).expect("a date of our time").timestamp().as_second().div_euclid(86_400)
}

/// The date of a count of days.
pub(super) fn date_of_day(day: i64) -> Date {
    Date::constant(1970, 1, 1).checked_add(day.days()).expect("a date of our time")
}

fn timestamp(moment: i64) -> Timestamp {
    Timestamp::from_microsecond(moment).expect("a moment of our time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_both_forms() {
        assert_eq!(moment("1700000000"), Some(1_700_000_000_000_000));
        assert_eq!(moment("2023-11-14T22:13:20Z"), Some(1_700_000_000_000_000));
        assert_eq!(moment("2023-11-14T23:13:20.25+01:00"), Some(1_700_000_000_250_000));
        assert_eq!(moment("yesterday"), None);
        assert_eq!(moment(""), None);
        assert_eq!(rfc3339(1_700_000_000_000_000), "2023-11-14T22:13:20Z");
    }

    #[test]
    fn days_are_local_also_where_the_clock_jumps() {
        let amsterdam = Local::new("Europe/Amsterdam");
        let before = moment("2024-03-30T22:59:59Z").expect("valid");
        assert_eq!(amsterdam.day(before + 1_000_000) - amsterdam.day(before), 1);
        let noon = amsterdam.date(moment("2024-03-31T12:00:00Z").expect("valid"));
        // The day of the jump has 23 hours.
        assert_eq!(amsterdam.midnight(noon.tomorrow().expect("valid")) - amsterdam.midnight(noon), 23 * HOUR_US);
        assert_eq!(date_of_day(day_of_date(noon)), noon);
        assert_eq!(amsterdam.date_or_moment("2024-03-31"), moment("2024-03-30T23:00:00Z"));
    }
}
