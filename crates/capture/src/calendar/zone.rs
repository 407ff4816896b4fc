//! Time zones of calendar files: IANA names, Windows names, and rules that the file defines itself.

use std::{collections::BTreeMap, sync::Arc};

use calcard::{
    common::timezone::Tz,
    icalendar::{ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarValue},
};
use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone},
};
use rapport_domain::Moment;

use super::{dates, recurrence};

/// Rules of one VTIMEZONE that are looked at: real ones have 2 to 60.
const OBSERVANCES_MAX: usize = 200;

/// How local times of an event become moments.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    /// A zone of the bundled database, or a fixed offset.
    Known(TimeZone),
    /// A zone that only its file knows.
    Defined(Arc<[Onset]>),
}

/// From this local time (told before the change) on, another offset holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Onset {
    local: DateTime,
    from: Offset,
    to: Offset,
}

impl Zone {
    /// The moment of a local time. One that daylight saving skips is as much later; one that occurs twice is the first.
    pub(super) fn moment(&self, local: DateTime) -> Option<Moment> {
        match self {
            Self::Known(zone) => zone.to_timestamp(local).ok().map(|timestamp| Moment(timestamp.as_microsecond())),
            Self::Defined(onsets) => {
                let timestamp = defined_offset(onsets, local).to_timestamp(local).ok()?;
                Some(Moment(timestamp.as_microsecond()))
            }
        }
    }

    /// The local time of a moment.
    pub(super) fn local(&self, moment: Moment) -> Option<DateTime> {
        let timestamp = Timestamp::from_microsecond(moment.0).ok()?;
        Some(match self {
            Self::Known(zone) => zone.to_datetime(timestamp),
            Self::Defined(onsets) => {
                let begun = |onset: &&Onset| onset.from.to_timestamp(onset.local).is_ok_and(|start| start <= timestamp);
                let last = onsets.iter().rev().find(begun);
                last.map_or_else(|| onsets[0].from, |onset| onset.to).to_datetime(timestamp)
            }
        })
    }
}

fn defined_offset(onsets: &[Onset], local: DateTime) -> Offset {
    let Some(onset) = onsets.iter().rev().find(|onset| onset.local <= local) else {
        return onsets[0].from;
    };
    let skipped_s = i64::from(onset.to.seconds()) - i64::from(onset.from.seconds());
    let is_skipped = skipped_s > 0 && dates::plus_s(onset.local, skipped_s).is_some_and(|end| local < end);
    if is_skipped { onset.from } else { onset.to }
}

/// The zones of one calendar.
#[derive(Clone, Debug)]
pub(super) struct Zones {
    organization: Zone,
    defined: BTreeMap<String, Zone>,
}

impl Zones {
    /// The organization's zone (for floating times) and those that the calendar defines, whose rules are followed up to a moment.
    pub(super) fn of(calendar: &ICalendar, organization: &TimeZone, until: Moment) -> Self {
        let organization = Zone::Known(organization.clone());
        let mut defined = BTreeMap::new();
        for component in calendar.timezones() {
            let Some(id) = component.property(&ICalendarProperty::Tzid).and_then(|entry| entry.values.first()?.as_text()) else {
                continue;
            };
            let zone = known(id)
                .or_else(|| component.timezone().and_then(|(_, zone)| of_library(zone)))
                .map(Zone::Known)
                .or_else(|| of_rules(calendar, component, until));
            if let Some(zone) = zone {
                defined.insert(id.to_owned(), zone);
            }
        }
        Self { organization, defined }
    }

    /// The organization's zone.
    pub(super) fn organization(&self) -> &Zone {
        &self.organization
    }

    /// The zone of a TZID, `None` if nobody knows it.
    pub(super) fn get(&self, id: &str) -> Option<Zone> {
        self.defined.get(id).cloned().or_else(|| known(id).map(Zone::Known))
    }
}

/// An IANA name, else what the calendar library makes of Windows names, prefixes and the like.
pub(super) fn known(id: &str) -> Option<TimeZone> {
    TimeZone::get(id.trim()).ok().or_else(|| id.parse::<Tz>().ok().and_then(of_library))
}

fn of_library(zone: Tz) -> Option<TimeZone> {
    match zone {
        Tz::Tz(zone) => TimeZone::get(zone.name()).ok(),
        Tz::Fixed(offset) => Offset::from_seconds(offset.local_minus_utc()).ok().map(TimeZone::fixed),
        Tz::Floating => None,
    }
}

/// The onsets that STANDARD and DAYLIGHT of a VTIMEZONE give.
fn of_rules(calendar: &ICalendar, component: &ICalendarComponent, until: Moment) -> Option<Zone> {
    let last = Zone::Known(TimeZone::UTC).local(until)?;
    let mut onsets = Vec::new();
    for id in component.component_ids.iter().take(OBSERVANCES_MAX) {
        let Some(observance) = calendar.components.get(*id as usize) else { continue };
        if matches!(observance.component_type, ICalendarComponentType::Standard | ICalendarComponentType::Daylight) {
            add_onsets(&mut onsets, observance, last);
        }
    }
    onsets.sort_unstable();
    onsets.dedup();
    (!onsets.is_empty()).then(|| Zone::Defined(onsets.into()))
}

fn add_onsets(onsets: &mut Vec<Onset>, observance: &ICalendarComponent, last: DateTime) -> Option<()> {
    let value = |property| observance.property(&property).and_then(|entry| entry.values.first());
    let offset = |property| match value(property) {
        Some(ICalendarValue::PartialDateTime(partial)) => dates::offset(partial),
        _ => None,
    };
    let (from, to) = (offset(ICalendarProperty::Tzoffsetfrom)?, offset(ICalendarProperty::Tzoffsetto)?);
    let Some(ICalendarValue::PartialDateTime(start)) = value(ICalendarProperty::Dtstart) else { return None };
    let start = dates::local(start)?;
    let mut locals = vec![start];
    if let Some(ICalendarValue::RecurrenceRule(rule)) = value(ICalendarProperty::Rrule) {
        // UNTIL of an observance is told in UTC.
        let until = rule.until.as_ref().and_then(dates::local).and_then(|until| dates::plus_s(until, i64::from(from.seconds())));
        let end = until.map_or(last, |until| until.min(last));
        locals.extend(recurrence::expand(rule, start, end).ok()?);
    }
    for entry in observance.properties(&ICalendarProperty::Rdate) {
        locals.extend(entry.values.iter().filter_map(|value| dates::local(value.as_partial_date_time()?)));
    }
    onsets.extend(locals.into_iter().map(|local| Onset { local, from, to }));
    Some(())
}
