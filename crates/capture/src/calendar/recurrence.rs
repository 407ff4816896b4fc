//! Expanding recurrence rules in local time.
//!
//! The calendar library knows the rules (BYDAY, BYSETPOS, week numbers...), but expands whole calendars without an end, loses the
//! start that a rule gave to a moved occurrence and drops times that daylight saving skips. So it is asked about one rule at a
//! time, as if local time were UTC; zones, exceptions and bounds are ours.

use calcard::{
    common::timezone::Tz,
    icalendar::{
        ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarProperty, ICalendarRecurrenceRule,
        ICalendarValue,
    },
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::dates;

/// Occurrences of one event. Every day since 1972 fits; a rule that gives more until the horizon is damaged.
pub const OCCURRENCES_MAX: usize = 20_000;

/// The local times that a rule gives from `start` to `last`, ascending; `Err` says why there are none.
pub(super) fn expand(rule: &ICalendarRecurrenceRule, start: DateTime, last: DateTime) -> Result<Vec<DateTime>, String> {
    if last < start {
        return Ok(Vec::new());
    }
    if !matches!(rule.rscale, None | Some(calcard::common::CalendarScale::Gregorian)) {
        return Err("it follows another calendar than the Gregorian".to_owned());
    }
    let rule = ICalendarRecurrenceRule { until: Some(dates::partial(last)), ..rule.clone() };
    let entry = |name, value| ICalendarEntry { name, params: Vec::new(), values: vec![value] };
    let event = ICalendarComponent {
        component_type: ICalendarComponentType::VEvent,
        entries: vec![
            entry(ICalendarProperty::Dtstart, ICalendarValue::PartialDateTime(Box::new(dates::partial(start)))),
            entry(ICalendarProperty::Rrule, ICalendarValue::RecurrenceRule(Box::new(rule))),
        ],
        component_ids: Vec::new(),
    };
    let expanded = ICalendar { components: vec![event] }.expand_dates(Tz::UTC, OCCURRENCES_MAX + 1);
    if let Some(error) = expanded.errors.first() {
        return Err(error.error.to_string());
    }
    if expanded.events.len() > OCCURRENCES_MAX {
        return Err(format!("it gives more than {OCCURRENCES_MAX} occurrences until {last}"));
    }
    let local = |seconds: i64| Timestamp::from_second(seconds).ok().map(|timestamp| TimeZone::UTC.to_datetime(timestamp));
    Ok(expanded.events.iter().filter_map(|event| local(event.start.timestamp())).collect())
}
