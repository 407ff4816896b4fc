//! Moments, local days and the organization's calendar. No clock: `as_of` always comes from outside.

use std::ops::Range;

use jiff::{
    Timestamp,
    civil::{self, Date},
    tz::TimeZone,
};

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// Microseconds of a second.
pub const SECOND_US: i64 = 1_000_000;
/// Microseconds of a minute.
pub const MINUTE_US: i64 = 60 * SECOND_US;
/// Microseconds of an hour.
pub const HOUR_US: i64 = 3_600 * SECOND_US;
/// Microseconds of 24 hours (not of a local day, which daylight saving can shorten or lengthen).
pub const DAY_US: i64 = 24 * HOUR_US;

/// The first moment that an interaction can have: 1990-01-01T00:00:00Z. Earlier dates are damaged ones.
pub const EARLIEST: Moment = Moment(631_152_000 * SECOND_US);

impl Moment {
    /// Parses RFC 3339 (`2001-11-15T00:00:00Z`, also with a space) or seconds since 1970 (also with a fraction).
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Ok(Self(timestamp.as_microsecond()));
        }
        let out_of_range = || format!("`{text}` is outside the years that a moment can have");
        if let Ok(seconds) = text.parse::<i64>() {
            return Timestamp::from_second(seconds).map(|_| Self(seconds * SECOND_US)).map_err(|_| out_of_range());
        }
        // `parse::<f64>` also takes words such as `nan` and `1e9`; a moment is digits.
        if text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-')
            && let Ok(seconds) = text.parse::<f64>()
        {
            let us = (seconds * SECOND_US as f64).round();
            return Timestamp::from_microsecond(us as i64).map(|_| Self(us as i64)).map_err(|_| out_of_range());
        }
        Err(format!("`{text}` is no moment: write RFC 3339, e.g. 2026-03-01T09:30:00Z, or seconds since 1970"))
    }

    /// RFC 3339 in UTC with the fewest digits that are exact.
    pub fn to_rfc3339(self) -> String {
        Timestamp::from_microsecond(self.0).map_or_else(|_| self.0.to_string(), |timestamp| timestamp.to_string())
    }

    /// This moment plus a number of microseconds, stopping at the ends of the range.
    #[must_use]
    pub fn plus_us(self, us: i64) -> Self {
        Self(self.0.saturating_add(us))
    }
}

/// A local calendar date: days since 1970-01-01. Ages and gaps are differences of these, never of instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of a date.
    pub fn of(date: Date) -> Self {
        Self(date.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days()))
    }

    /// The date, `None` outside the years -9999..=9999.
    pub fn date(self) -> Option<Date> {
        Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(self.0).ok()?).ok()
    }

    /// `2026-03-01`.
    pub fn to_iso(self) -> String {
        self.date().map_or_else(|| self.0.to_string(), |date| date.to_string())
    }

    /// The Monday of this day's week.
    #[must_use]
    pub fn monday(self) -> Self {
        Self(self.0 - (self.0 + 3).rem_euclid(7))
    }

    /// The day `days` later (earlier if negative).
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

/// The organization's time zone as a table of its offsets, so that the local day of a touch costs a lookup.
///
/// Covers 1970 to 2100 exactly; outside, the nearest known offset holds.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    /// Start (UTC microseconds) of each period of one offset, ascending; the first is `i64::MIN`.
    starts_us: Vec<i64>,
    /// Offset east of UTC in microseconds during that period.
    offsets_us: Vec<i64>,
}

impl Calendar {
    /// The calendar of an IANA time zone, e.g. `Europe/Amsterdam`.
    pub fn of(zone_name: &str) -> Result<Self, String> {
        let zone = TimeZone::get(zone_name)
            .map_err(|_| format!("`{zone_name}` is no time zone: write an IANA name such as Europe/Amsterdam"))?;
        let first = Timestamp::UNIX_EPOCH;
        let last = Timestamp::constant(4_102_444_800, 0); // 2100-01-01
        let mut starts_us = vec![i64::MIN];
        let mut offsets_us = vec![i64::from(zone.to_offset(first).seconds()) * SECOND_US];
        for transition in zone.following(first).take_while(|transition| transition.timestamp() < last) {
            starts_us.push(transition.timestamp().as_microsecond());
            offsets_us.push(i64::from(transition.offset().seconds()) * SECOND_US);
        }
        Ok(Self { zone, starts_us, offsets_us })
    }

    /// The IANA name.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The local day of a moment.
    pub fn day_of(&self, at: Moment) -> Day {
        let period = self.period_of(at.0);
        Day((at.0.saturating_add(self.offsets_us[period])).div_euclid(DAY_US) as i32)
    }

    /// The same for moments of which each is near the one before.
    pub fn cursor(&self) -> DayCursor<'_> {
        DayCursor { calendar: self, period_us: 0..0, offset_us: 0 }
    }

    /// The first moment of a local day (the first after the gap, where daylight saving skips midnight).
    pub fn start_of(&self, day: Day) -> Moment {
        day.date()
            .and_then(|date| self.zone.to_timestamp(date.at(0, 0, 0, 0)).ok())
            .map_or(Moment(i64::from(day.0) * DAY_US), |timestamp| Moment(timestamp.as_microsecond()))
    }

    /// The first moment at which clocks on a local day show so many minutes after midnight, or more where daylight saving skips that time.
    pub fn first_at(&self, day: Day, minute: u16) -> Moment {
        let local_us = i64::from(day.0).saturating_mul(DAY_US).saturating_add(i64::from(minute) * MINUTE_US);
        // No offset is as much as a day, and no zone changes twice in two days.
        let period = self.period_of(local_us.saturating_sub(DAY_US));
        let at_us = local_us.saturating_sub(self.offsets_us[period]);
        match self.starts_us.get(period + 1) {
            Some(change_us) if at_us >= *change_us => Moment((local_us - self.offsets_us[period + 1]).max(*change_us)),
            _ => Moment(at_us),
        }
    }

    /// The number of the period of one offset that a moment is in.
    fn period_of(&self, at_us: i64) -> usize {
        self.starts_us.partition_point(|start| *start <= at_us) - 1
    }

    /// The last microsecond of a local day.
    pub fn end_of(&self, day: Day) -> Moment {
        Moment(self.start_of(day.plus(1)).0 - 1)
    }

    /// 1 January 00:00 of the year before `as_of`'s: where the default window of the KPIs begins.
    pub fn default_window_start(&self, as_of: Moment) -> Moment {
        let year = self.day_of(as_of).date().map_or(1970, Date::year);
        self.start_of(Day::of(civil::date(year.saturating_sub(1), 1, 1)))
    }

    /// The first moment of a day's month, or of one some months later (earlier if negative); `None` beyond the calendar.
    pub fn month_start(&self, day: Day, months: i64) -> Option<Moment> {
        let date = day.date()?.first_of_month().checked_add(jiff::Span::new().try_months(months).ok()?).ok()?;
        Some(self.start_of(Day::of(date)))
    }

    /// Parses what [`Moment::parse`] does, or a date (`2026-03-01`), meaning its local midnight.
    pub fn parse(&self, text: &str) -> Result<Moment, String> {
        let is_date = text.trim().len() == 10;
        match text.trim().parse::<Date>() {
            Ok(date) if is_date => Ok(self.start_of(Day::of(date))),
            _ => Moment::parse(text),
        }
    }
}

/// Says what [`Calendar::day_of`] says, and keeps the offset that it found: the next moment mostly has the same.
#[derive(Clone, Debug)]
pub struct DayCursor<'a> {
    calendar: &'a Calendar,
    /// Moments of the period of one offset that the last moment was in.
    period_us: Range<i64>,
    offset_us: i64,
}

impl DayCursor<'_> {
    /// The local day of a moment.
    #[inline]
    pub fn day_of(&mut self, at: Moment) -> Day {
        if !self.period_us.contains(&at.0) {
            self.find_period(at);
        }
        let local_us = at.0.saturating_add(self.offset_us);
        // From 1970 on, that is always, in half the steps.
        let day = if local_us >= 0 { (local_us as u64 / DAY_US as u64) as i32 } else { local_us.div_euclid(DAY_US) as i32 };
        Day(day)
    }

    #[cold]
    fn find_period(&mut self, at: Moment) {
        let next = self.calendar.starts_us.partition_point(|start| *start <= at.0);
        let end_us = self.calendar.starts_us.get(next).copied().unwrap_or(i64::MAX);
        self.period_us = self.calendar.starts_us[next - 1]..end_us;
        self.offset_us = self.calendar.offsets_us[next - 1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_the_zone_through_daylight_saving() {
        let calendar = Calendar::of("Europe/Amsterdam").unwrap();
        let day = |text| calendar.day_of(Moment::parse(text).unwrap()).to_iso();
        assert_eq!(day("2026-03-28T22:59:59Z"), "2026-03-28");
        assert_eq!(day("2026-03-28T23:00:00Z"), "2026-03-29");
        assert_eq!(day("2026-03-29T21:59:59Z"), "2026-03-29");
        assert_eq!(day("2026-03-29T22:00:00Z"), "2026-03-30");
        let spring = calendar.parse("2026-03-29").unwrap();
        assert_eq!(calendar.end_of(calendar.day_of(spring)).0 - spring.0 + 1, 23 * HOUR_US);
    }

    #[test]
    fn the_table_agrees_with_jiff_everywhere() {
        for name in ["UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"] {
            let calendar = Calendar::of(name).unwrap();
            let zone = TimeZone::get(name).unwrap();
            for step in 0..40_000_i64 {
                let seconds = 631_152_000 + step * 40_009;
                let expected = zone.to_datetime(Timestamp::from_second(seconds).unwrap()).date();
                assert_eq!(calendar.day_of(Moment(seconds * SECOND_US)).date(), Some(expected), "{name} {seconds}");
            }
            // Every quarter of an hour through two years and their changes, the ends of each day and period, forwards and back.
            let mut cursor = calendar.cursor();
            let quarters = (0..70_080_i64).map(|i| (1_750_000_000 + i * 900) * SECOND_US).flat_map(|us| [us - 1, us]);
            let ends = calendar.starts_us[1..].iter().flat_map(|us| [us - 1, *us]);
            let all: Vec<i64> = quarters.chain(ends).chain([i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX]).collect();
            for at in all.iter().chain(all.iter().rev()).map(|us| Moment(*us)) {
                assert_eq!(cursor.day_of(at), calendar.day_of(at), "{name} {at:?}");
            }
        }
    }

    #[test]
    fn times_of_a_day_are_found_through_every_change() {
        for name in ["UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"] {
            let calendar = Calendar::of(name).unwrap();
            let zone = TimeZone::get(name).unwrap();
            for day in (9_000..24_000).map(Day) {
                assert_eq!(calendar.first_at(day, 0), calendar.start_of(day), "{name} {}", day.to_iso());
                for minute in [9 * 60, 17 * 60] {
                    let local = day.date().unwrap().at((minute / 60) as i8, 0, 0, 0);
                    let expected = zone.to_timestamp(local).unwrap().as_microsecond();
                    assert_eq!(calendar.first_at(day, minute).0, expected, "{name} {local}");
                }
                assert_eq!(calendar.first_at(day, 24 * 60), calendar.start_of(day.plus(1)), "{name} {}", day.to_iso());
            }
        }
        let calendar = Calendar::of("Europe/Amsterdam").unwrap();
        let at = |date: &str, minute| calendar.first_at(Day::of(date.parse().unwrap()), minute).to_rfc3339();
        // In spring 02:30 is skipped, in autumn it is there twice.
        assert_eq!([at("2026-03-29", 150), at("2026-03-29", 180)], ["2026-03-29T01:00:00Z"; 2]);
        assert_eq!(at("2026-10-25", 150), "2026-10-25T00:30:00Z");
    }

    #[test]
    fn weeks_start_on_monday() {
        let day = Day::of(civil::date(2026, 3, 1)); // a Sunday
        assert_eq!(day.monday().to_iso(), "2026-02-23");
        assert_eq!(day.plus(1).monday().to_iso(), "2026-03-02");
    }

    #[test]
    fn moments_are_rfc_3339_or_seconds() {
        assert_eq!(Moment::parse("315522000").unwrap().to_rfc3339(), "1979-12-31T21:00:00Z");
        assert_eq!(Moment::parse("1.5").unwrap(), Moment(1_500_000));
        assert_eq!(Moment::parse("2001-11-15T01:00:00+01:00").unwrap().to_rfc3339(), "2001-11-15T00:00:00Z");
        for bad in ["", "yesterday", "nan", "99999999999999999999", "2001-13-01T00:00:00Z", "2001-11-15"] {
            assert!(Moment::parse(bad).is_err(), "{bad}");
        }
    }
}
