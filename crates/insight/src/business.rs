//! A clock that runs in business hours only.

use std::ops::Range;

use rapport_domain::{Calendar, Day, InsightSettings, Moment};

/// Business time between moments of a span, by a table of its days.
#[derive(Clone, Debug)]
pub(crate) struct BusinessClock<'a> {
    calendar: &'a Calendar,
    settings: &'a InsightSettings,
    first: Day,
    /// Microseconds of business from the first day's start to the start of each day.
    before_us: Vec<i64>,
}

impl<'a> BusinessClock<'a> {
    /// The clock of the moments from `start` to `end`.
    pub(crate) fn new(calendar: &'a Calendar, settings: &'a InsightSettings, start: Moment, end: Moment) -> Self {
        let (first, last) = (calendar.day_of(start), calendar.day_of(end));
        let mut clock = Self { calendar, settings, first, before_us: Vec::new() };
        let mut sum_us = 0;
        for day in (first.0..=last.0).map(Day) {
            clock.before_us.push(sum_us);
            let open = clock.open(day);
            sum_us += open.end - open.start;
        }
        clock
    }

    /// Microseconds of business between two moments of the span: never more than lie between them, and of two parts of a span the sum.
    pub(crate) fn between_us(&self, from_us: i64, to_us: i64) -> i64 {
        self.until_us(to_us) - self.until_us(from_us)
    }

    fn until_us(&self, at_us: i64) -> i64 {
        let day = self.calendar.day_of(Moment(at_us));
        let open = self.open(day);
        self.before_us[(day.0 - self.first.0) as usize] + at_us.clamp(open.start, open.end) - open.start
    }

    /// The business hours of a day; empty on other days. A day of 23 or 25 hours has as many as others, unless its clocks change in them.
    fn open(&self, day: Day) -> Range<i64> {
        if !self.settings.business_days.contains(day) {
            return 0..0;
        }
        let hours = self.settings.business_hours;
        self.calendar.first_at(day, hours.from_min()).0..self.calendar.first_at(day, hours.to_min()).0
    }
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

    proptest! {
        #[test]
        fn never_more_than_plain_time_and_additive_over_any_split(
            start in 0..20_000_i64,
            quarters in proptest::collection::vec(0..4_000_i64, 2..6),
            zone in prop_oneof![Just("UTC"), Just("Europe/Amsterdam"), Just("America/Sao_Paulo"), Just("Australia/Lord_Howe")],
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
