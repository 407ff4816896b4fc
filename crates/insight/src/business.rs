//! A clock that runs in business hours only.

use std::ops::Range;

use rapport_domain::{Calendar, Day, InsightSettings, Moment};

/// Business time between moments of a span, by a table of its days.
#[derive(Clone, Debug)]
pub(crate) struct BusinessClock {
    /// Ascending: each begins where its day first begins, also where clocks then go back to the day before.
    days: Vec<BusinessDay>,
}

#[derive(Clone, Debug)]
struct BusinessDay {
    start_us: i64,
    /// Business hours; empty on other days.
    open: Range<i64>,
    /// Microseconds of business before it.
    before_us: i64,
}

/// Days that a table has at most: a century, beyond which nothing is counted.
const DAYS_MAX: usize = 36_600;

impl BusinessClock {
    /// The clock of the moments from `start` to `end`.
    pub(crate) fn new(calendar: &Calendar, settings: &InsightSettings, start: Moment, end: Moment) -> Self {
        let mut before_us = 0;
        let days = (calendar.day_of(start).0 - 1..=calendar.day_of(end).0 + 1).take(DAYS_MAX).map(|day| {
            let open = open(calendar, settings, Day(day));
            let of_day = BusinessDay { start_us: calendar.first_at(Day(day), 0).0, open, before_us };
            before_us += of_day.open.end - of_day.open.start;
            of_day
        });
        Self { days: days.collect() }
    }

    /// Microseconds of business between two moments of the span: never more than lie between them, and of two parts of a span the sum.
    pub(crate) fn between_us(&self, from_us: i64, to_us: i64) -> i64 {
        self.until_us(to_us) - self.until_us(from_us)
    }

    fn until_us(&self, at_us: i64) -> i64 {
        let begun = self.days.partition_point(|day| day.start_us <= at_us);
        let Some(day) = begun.checked_sub(1).map(|last| &self.days[last]) else { return 0 };
        day.before_us + at_us.clamp(day.open.start, day.open.end) - day.open.start
    }
}

/// The business hours of a day; empty on other days. A day of 23 or 25 hours has as many as others, unless its clocks change in them.
fn open(calendar: &Calendar, settings: &InsightSettings, day: Day) -> Range<i64> {
    let start = calendar.first_at(day, 0).0;
    if !settings.business_days.contains(day) {
        return start..start;
    }
    let end = calendar.first_at(day.plus(1), 0).0;
    let at = |minute: u16| calendar.first_at(day, minute).0.clamp(start, end);
    at(settings.business_hours.from_min())..at(settings.business_hours.to_min())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rapport_domain::time::{DAY_US, MINUTE_US};

    fn minutes(zone: &str, days: &str, of_day: &str, from: &str, to: &str) -> i64 {
        let settings = settings(days, of_day);
        let calendar = Calendar::of(zone).unwrap();
        let [from, to] = [from, to].map(|text| Moment::parse(text).unwrap());
        BusinessClock::new(&calendar, &settings, from, to).between_us(from.0, to.0) / MINUTE_US
    }

    fn settings(days: &str, hours: &str) -> InsightSettings {
        InsightSettings {
            business_days: days.parse().unwrap(),
            business_hours: hours.parse().unwrap(),
            ..InsightSettings::default()
        }
    }

    #[test]
    fn nights_and_weekends_do_not_count() {
        let amsterdam = |from, to| minutes("Europe/Amsterdam", "mon-fri", "09:00-17:00", from, to);
        // Friday 16:00 to Monday 10:00.
        assert_eq!(amsterdam("2026-06-05T14:00:00Z", "2026-06-08T08:00:00Z"), 120);
        // Friday 18:00 to Monday 08:30: nothing between.
        assert_eq!(amsterdam("2026-06-05T16:00:00Z", "2026-06-08T06:30:00Z"), 0);
        // Saturday to Sunday; and within one day.
        assert_eq!(amsterdam("2026-06-06T10:00:00Z", "2026-06-07T10:00:00Z"), 0);
        assert_eq!(amsterdam("2026-06-05T10:15:00Z", "2026-06-05T10:30:00Z"), 15);
    }

    #[test]
    fn the_night_takes_what_daylight_saving_takes() {
        // Friday 09:00 to Monday 17:00 local time: two days of eight hours, in spring, in autumn and between.
        for (from, to) in [
            ("2026-03-27T08:00:00Z", "2026-03-30T15:00:00Z"),
            ("2026-10-23T07:00:00Z", "2026-10-26T16:00:00Z"),
            ("2026-06-05T07:00:00Z", "2026-06-08T15:00:00Z"),
        ] {
            assert_eq!(minutes("Europe/Amsterdam", "mon-fri", "09:00-17:00", from, to), 16 * 60, "{from}");
        }
        // Whoever works at that hour works an hour less, or more.
        let sunday = |from, to| minutes("Europe/Amsterdam", "mon-sun", "00:00-24:00", from, to);
        assert_eq!(sunday("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"), 23 * 60);
        assert_eq!(sunday("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"), 25 * 60);
    }

    #[test]
    fn clocks_that_go_back_over_midnight_count_no_hour_twice() {
        // At 00:01 of 7 November 2010 clocks in St John's went back to 23:01 of the day before.
        let all = |from, to| minutes("America/St_Johns", "mon-sun", "00:00-24:00", from, to);
        assert_eq!(all("2010-11-07T02:30:30Z", "2010-11-07T03:00:30Z"), 30);
        assert_eq!(all("2010-11-06T12:00:00Z", "2010-11-08T12:00:00Z"), 48 * 60);
        assert_eq!(minutes("America/St_Johns", "mon-fri", "09:00-17:00", "2010-11-07T02:30:30Z", "2010-11-07T03:00:00Z"), 0);
    }

    proptest! {
        #[test]
        fn never_more_than_plain_time_and_additive_over_any_split(
            start in 0..20_000_i64,
            quarters in proptest::collection::vec(0..4_000_i64, 2..6),
            zone in prop_oneof![Just("UTC"), Just("Europe/Amsterdam"), Just("America/Sao_Paulo"), Just("Australia/Lord_Howe"), Just("America/St_Johns"), Just("Antarctica/Casey")],
            days in prop_oneof![Just("mon-fri"), Just("sun-thu"), Just("mon-sun")],
            of_day in prop_oneof![Just("09:00-17:00"), Just("00:00-24:00"), Just("01:30-02:15")],
        ) {
            let (calendar, settings) = (Calendar::of(zone).unwrap(), settings(days, of_day));
            let mut moments: Vec<i64> = quarters.iter().map(|quarter| start * DAY_US + quarter * 15 * MINUTE_US).collect();
            moments.sort_unstable();
            let (from, to) = (moments[0], moments[moments.len() - 1]);
            let clock = BusinessClock::new(&calendar, &settings, Moment(from), Moment(to));
            let parts: Vec<i64> = moments.windows(2).map(|pair| clock.between_us(pair[0], pair[1])).collect();
            prop_assert!(parts.iter().zip(moments.windows(2)).all(|(part, pair)| (0..=pair[1] - pair[0]).contains(part)));
            prop_assert_eq!(parts.iter().sum::<i64>(), clock.between_us(from, to));
        }
    }
}
