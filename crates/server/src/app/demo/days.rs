//! Local days around `as_of`: which are worked, how busy they are, when they are.
//!
//! A day is a number relative to the local date of `as_of`: 0 is today, -1 yesterday. Time zone arithmetic is done once per day
//! (its noon); moments of the day are counted from there, which is exact after 03:00, when clocks have been changed.

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::TIME_ZONE;
use super::random::Random;

/// How far back the oldest activity may lie: a good year beyond the two years that health looks at.
pub(super) const HISTORY_DAYS: i32 = 1_100;
/// How far ahead a meeting may lie: what the calendar import expands (400 days), and a little more.
const FUTURE_DAYS: i32 = 420;
/// `as_of` outside of these years is moved to their edge, so that every day around it exists.
const YEARS: (i16, i16) = (2000, 2190);

const MINUTE_US: i64 = 60_000_000;
/// From 03:00 to noon.
const MORNING_US: i64 = 9 * 60 * MINUTE_US;
const NOON_MIN: i32 = 12 * 60;

struct Day {
    date: Date,
    noon_us: i64,
    offset_s: i32,
    weight: f64,
    is_working: bool,
}

/// The local days from [`HISTORY_DAYS`] before `as_of` to [`FUTURE_DAYS`] after it.
pub(super) struct Days {
    /// The moment that nothing completed lies after.
    pub(super) as_of_us: i64,
    days: Vec<Day>,
}

impl Days {
    pub(super) fn new(as_of_us: i64) -> Self {
        let zone = TimeZone::get(TIME_ZONE).expect("the bundled database knows the time zone");
        let edge_us = |year: i16| {
            let midnight = date(year, 1, 1).to_zoned_datetime(TimeZone::UTC).expect("a year that exists");
            midnight.timestamp().as_microsecond()
        };
        let as_of_us = as_of_us.clamp(edge_us(YEARS.0), edge_us(YEARS.1));
        let as_of = Timestamp::from_microsecond(as_of_us).expect("clamped above");
        let today = as_of.to_zoned_datetime(zone.clone()).date();
        let days = (-HISTORY_DAYS..=FUTURE_DAYS).map(|day| Day::new(today, day, &zone)).collect();
        Self { as_of_us, days }
    }

    fn day(&self, day: i32) -> &Day {
        let position = (day + HISTORY_DAYS).clamp(0, HISTORY_DAYS + FUTURE_DAYS);
        &self.days[position as usize]
    }

    pub(super) fn date(&self, day: i32) -> Date {
        self.day(day).date
    }

    /// Neither weekend nor holiday.
    pub(super) fn is_working(&self, day: i32) -> bool {
        self.day(day).is_working
    }

    /// How busy the day is: 1 an ordinary Tuesday, less on Fridays, in summer, around Christmas, next to nothing on weekends.
    pub(super) fn weight(&self, day: i32) -> f64 {
        self.day(day).weight
    }

    /// The zone's distance from UTC on that day.
    pub(super) fn offset_s(&self, day: i32) -> i32 {
        self.day(day).offset_s
    }

    /// The moment of a local minute of the day, which is 180 (03:00) or later.
    pub(super) fn moment_us(&self, day: i32, minute: i32) -> i64 {
        self.day(day).noon_us + i64::from(minute - NOON_MIN) * MINUTE_US
    }

    /// The local day and minute of a moment. Days last until 03:00, when clocks have been changed: the hours after midnight are
    /// the minutes from 1440 on of the day before.
    pub(super) fn local(&self, moment_us: i64) -> (i32, i32) {
        let after = self.days.partition_point(|day| day.noon_us - MORNING_US <= moment_us);
        let position = after.saturating_sub(1);
        let since_noon_us = moment_us - self.days[position].noon_us;
        let minute = NOON_MIN + since_noon_us.div_euclid(MINUTE_US) as i32;
        (position as i32 - HISTORY_DAYS, minute)
    }

    /// The first working day at or after `day`.
    pub(super) fn working_from(&self, day: i32) -> i32 {
        (day..day + 14).find(|&day| self.is_working(day)).unwrap_or(day)
    }

    /// The last working day at or before `day`.
    pub(super) fn working_until(&self, day: i32) -> i32 {
        (day - 14..=day).rev().find(|&day| self.is_working(day)).unwrap_or(day)
    }

    /// A moment of that day at which people work: two humps around lunch, and a few late evenings.
    pub(super) fn office_moment_us(&self, day: i32, random: &mut Random) -> i64 {
        let minute = match random.below(100) {
            0..=57 => random.between(8 * 60 + 20, 12 * 60 + 10),
            58..=95 => random.between(13 * 60, 17 * 60 + 40),
            _ => random.between(19 * 60, 22 * 60 + 30),
        };
        self.moment_us(day, minute) + i64::from(random.between(0, 59)) * 1_000_000
    }

    /// When somebody answers who would, always awake, take `median_min`: nights and weekends are slept through, by most.
    pub(super) fn answer_moment_us(&self, sent_us: i64, median_min: f64, random: &mut Random) -> i64 {
        let waited_min = random.waiting_time_min(median_min).clamp(2.0, 12.0 * 24.0 * 60.0);
        let answered_us = sent_us + (waited_min * 60.0) as i64 * 1_000_000;
        let (day, minute) = self.local(answered_us);
        let is_evening = (18 * 60 + 15..23 * 60).contains(&minute);
        if self.is_working(day) && (7 * 60 + 30..18 * 60 + 15).contains(&minute) {
            return answered_us;
        }
        if (is_evening || minute > 9 * 60 && minute < 22 * 60) && random.chance(0.08) {
            return answered_us;
        }
        let next = if minute < 8 * 60 { day } else { day + 1 };
        let opening_min = random.between(8 * 60, 10 * 60 + 20);
        let opening_us = self.moment_us(self.working_from(next), opening_min);
        opening_us + i64::from(random.between(0, 59)) * 1_000_000
    }

    /// Spans of days off: about two weeks each summer and a week at some other time.
    pub(super) fn holidays(&self, random: &mut Random) -> Vec<(i32, i32)> {
        let mut holidays = Vec::new();
        for day in -HISTORY_DAYS..=0 {
            let date = self.date(day);
            let rest_days = match (date.month(), date.day()) {
                (7, 8) => random.between(11, 17),
                (2 | 10, 10) if random.chance(0.6) => 6,
                _ => continue,
            };
            let first = day + random.between(0, if date.month() == 7 { 35 } else { 12 });
            holidays.push((first, first + rest_days));
        }
        holidays
    }
}

impl Day {
    fn new(today: Date, day: i32, zone: &TimeZone) -> Self {
        let date = today.checked_add(i64::from(day).days()).expect("the years are bounded");
        let noon = date.at(12, 0, 0, 0).to_zoned_datetime(zone.clone()).expect("the years are bounded");
        let is_weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        let is_working = !is_weekend && !is_holiday(date);
        Self {
            date,
            noon_us: noon.timestamp().as_microsecond(),
            offset_s: noon.offset().seconds(),
            weight: if is_working { season(date) } else { 0.025 },
            is_working,
        }
    }
}

fn season(date: Date) -> f64 {
    match (date.month(), date.day(), date.weekday()) {
        (12, 24..=31, _) => 0.25,
        (1, 2..=4, _) => 0.5,
        (7, 16..=31, _) | (8, 1..=23, _) => 0.6,
        (_, _, Weekday::Friday) => 0.75,
        (_, _, Weekday::Tuesday | Weekday::Thursday) => 1.1,
        _ => 1.0,
    }
}

/// The days on which Dutch offices are closed.
fn is_holiday(date: Date) -> bool {
    let after_easter_days = (date - easter(date.year())).get_days();
    let kings_day = |day| Date::new(date.year(), 4, day).expect("a day of April");
    // King's Day never falls on a Sunday: it is kept the day before.
    let is_kings_day = match kings_day(27).weekday() {
        Weekday::Sunday => date == kings_day(26),
        _ => date == kings_day(27),
    };
    let is_fixed = matches!((date.month(), date.day()), (1, 1) | (12, 25 | 26));
    // Good Friday, Easter Monday, Ascension, Whit Monday.
    is_fixed || is_kings_day || matches!(after_easter_days, -2 | 1 | 39 | 50)
}

/// Easter Sunday of the Gregorian calendar (Meeus, *Astronomical Algorithms*, chapter 8).
fn easter(year: i16) -> Date {
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let (century, rest) = (year_number / 100, year_number % 100);
    let epact_base = century - century / 4 - (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + epact_base + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let correction = (golden + 11 * epact + 22 * weekday) / 451;
    let count = epact + weekday - 7 * correction + 114;
    Date::new(year, (count / 31) as i8, (count % 31 + 1) as i8).expect("Easter is in March or April")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_and_kings_day() {
        assert_eq!(easter(2024), date(2024, 3, 31));
        assert_eq!(easter(2025), date(2025, 4, 20));
        assert_eq!(easter(2026), date(2026, 4, 5));
        assert!(is_holiday(date(2025, 4, 26)) && !is_holiday(date(2025, 4, 27)));
        assert!(is_holiday(date(2026, 5, 14)) && is_holiday(date(2026, 5, 25)));
    }

    #[test]
    fn moments_and_days_agree_across_clock_changes() {
        let days = Days::new(1_774_828_800_000_000); // 2026-03-30T00:00:00Z, the day after summer time began
        for day in -400..=30 {
            for minute in [180, 540, 1_439] {
                assert_eq!(days.local(days.moment_us(day, minute)), (day, minute), "day {day}");
            }
        }
    }
}
