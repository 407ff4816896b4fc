//! The calendar library's partial dates as civil times.

use calcard::common::PartialDateTime;
use jiff::{Span, civil::DateTime, tz::Offset};

/// Date and time of day, midnight where there is no time. A leap second is the second before.
pub(super) fn local(partial: &PartialDateTime) -> Option<DateTime> {
    let small = |part: Option<u8>| i8::try_from(part.unwrap_or(0)).ok();
    DateTime::new(
        i16::try_from(partial.year?).ok()?,
        i8::try_from(partial.month?).ok()?,
        i8::try_from(partial.day?).ok()?,
        small(partial.hour)?,
        small(partial.minute)?,
        small(partial.second)?.min(59),
        0,
    )
    .ok()
}

/// The offset that it carries.
pub(super) fn offset(partial: &PartialDateTime) -> Option<Offset> {
    let seconds = i32::from(partial.tz_hour?) * 3_600 + i32::from(partial.tz_minute.unwrap_or(0)) * 60;
    Offset::from_seconds(if partial.tz_minus { -seconds } else { seconds }).ok()
}

/// Whether it is a date without a time.
pub(super) fn is_date(partial: &PartialDateTime) -> bool {
    partial.hour.is_none()
}

/// So many seconds later.
pub(super) fn plus_s(local: DateTime, seconds: i64) -> Option<DateTime> {
    local.checked_add(Span::new().try_seconds(seconds).ok()?).ok()
}

/// Seconds from one local time to another.
pub(super) fn seconds_between(start: DateTime, end: DateTime) -> i64 {
    end.duration_since(start).as_secs()
}

/// A local time as the library writes it, without an offset.
pub(super) fn partial(local: DateTime) -> PartialDateTime {
    PartialDateTime {
        year: u16::try_from(local.year()).ok(),
        month: u8::try_from(local.month()).ok(),
        day: u8::try_from(local.day()).ok(),
        hour: u8::try_from(local.hour()).ok(),
        minute: u8::try_from(local.minute()).ok(),
        second: u8::try_from(local.second()).ok(),
        ..PartialDateTime::default()
    }
}
