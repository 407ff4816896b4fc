//! One VEVENT: when, who, and what it says about itself.

use calcard::icalendar::{
    ICalendarClassification, ICalendarComponent, ICalendarEntry, ICalendarMethod, ICalendarParameterName, ICalendarPeriod,
    ICalendarProperty, ICalendarRecurrenceRule, ICalendarStatus, ICalendarValue,
};
use jiff::civil::DateTime;
use rapport_domain::{ActivityState, Attendance, Marks, Moment, Role, interaction::normalize_message_id, time::SECOND_US};

use super::{
    dates,
    zone::{Zone, Zones},
};
use crate::{
    Place,
    participants::Roster,
    text::{quoted, subject},
};

/// A local time in its zone.
#[derive(Clone, Debug)]
pub(super) struct When {
    pub(super) local: DateTime,
    pub(super) zone: Zone,
    pub(super) is_date: bool,
    pub(super) moment: Moment,
}

/// One VEVENT, read.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) place: Place,
    pub(super) uid: Option<String>,
    pub(super) sequence: i64,
    pub(super) start: When,
    pub(super) duration_s: u32,
    pub(super) rules: Vec<ICalendarRecurrenceRule>,
    pub(super) rule_exceptions: Vec<ICalendarRecurrenceRule>,
    /// Extra starts, with a duration where they say one.
    pub(super) extra: Vec<(When, Option<u32>)>,
    pub(super) exceptions: Vec<When>,
    /// The start that the rule gives to the occurrence which this event replaces.
    pub(super) replaces: Option<When>,
    pub(super) replaces_all_after: bool,
    pub(super) state: Option<ActivityState>,
    pub(super) marks: Marks,
    pub(super) subject: Option<String>,
    pub(super) participants: Vec<Attendance>,
    pub(super) recipients: u32,
    pub(super) notes: Vec<String>,
}

impl Event {
    /// Reads a component; `Err` says why it is no meeting.
    pub(super) fn read(
        component: &ICalendarComponent,
        method: Option<&ICalendarMethod>,
        zones: &Zones,
        place: Place,
    ) -> Result<Self, String> {
        let mut notes = Vec::new();
        let replaces = component.property(&ICalendarProperty::RecurrenceId).and_then(|entry| when(entry, zones, &mut notes));
        let start = match component.property(&ICalendarProperty::Dtstart) {
            Some(entry) => when(entry, zones, &mut notes).ok_or_else(|| format!("the start {} is none", first_text(entry)))?,
            None => replaces.clone().ok_or("the event has no start")?,
        };
        let roster = participants(component);
        notes.extend(roster.notes());
        let mut event = Self {
            place,
            uid: component.uid().and_then(normalize_message_id),
            sequence: component
                .property(&ICalendarProperty::Sequence)
                .and_then(|entry| entry.values.first()?.as_integer())
                .unwrap_or(0),
            duration_s: duration_s(component, &start, zones, &mut notes),
            start,
            rules: rules(component, &ICalendarProperty::Rrule, &mut notes),
            rule_exceptions: rules(component, &ICalendarProperty::Exrule, &mut notes),
            extra: Vec::new(),
            exceptions: Vec::new(),
            replaces_all_after: component.property(&ICalendarProperty::RecurrenceId).is_some_and(replaces_all_after),
            replaces,
            state: state(component, method),
            marks: marks(component, method),
            subject: component.property(&ICalendarProperty::Summary).and_then(|entry| subject(entry.values.first()?.as_text()?)),
            participants: roster.participants,
            recipients: roster.recipients,
            notes: Vec::new(),
        };
        event.add_dates(component, zones, &mut notes);
        event.notes = notes;
        Ok(event)
    }

    /// Whether it has more than one occurrence of its own.
    pub(super) fn recurs(&self) -> bool {
        !self.rules.is_empty() || !self.extra.is_empty()
    }

    /// RDATE and EXDATE.
    fn add_dates(&mut self, component: &ICalendarComponent, zones: &Zones, notes: &mut Vec<String>) {
        for entry in component.properties(&ICalendarProperty::Rdate) {
            let zone = zone_of(entry, zones, notes);
            for value in &entry.values {
                match value {
                    ICalendarValue::PartialDateTime(partial) => {
                        self.extra.extend(at(partial, zone.as_ref(), zones).map(|start| (start, None)));
                    }
                    ICalendarValue::Period(ICalendarPeriod::Range { start, end }) => {
                        let end = at(end, zone.as_ref(), zones);
                        let start = at(start, zone.as_ref(), zones);
                        self.extra.extend(start.map(|start| {
                            let length = end.map(|end| seconds((end.moment.0 - start.moment.0) / SECOND_US));
                            (start, length)
                        }));
                    }
                    ICalendarValue::Period(ICalendarPeriod::Duration { start, duration }) => {
                        let start = at(start, zone.as_ref(), zones);
                        self.extra.extend(start.map(|start| (start, Some(seconds(duration.as_seconds())))));
                    }
                    _ => {}
                }
            }
        }
        for entry in component.properties(&ICalendarProperty::Exdate) {
            let zone = zone_of(entry, zones, notes).or_else(|| Some(self.start.zone.clone()));
            let partials = entry.values.iter().filter_map(ICalendarValue::as_partial_date_time);
            self.exceptions.extend(partials.filter_map(|partial| at(partial, zone.as_ref(), zones)));
        }
    }
}

/// The zone of an entry's TZID. One that nobody knows is noted, and read as the organization's.
fn zone_of(entry: &ICalendarEntry, zones: &Zones, notes: &mut Vec<String>) -> Option<Zone> {
    let id = entry.tz_id()?;
    let zone = zones.get(id);
    if zone.is_none() {
        let note = format!("time zone {} is unknown: read as the organization's", quoted(id));
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    zone
}

fn when(entry: &ICalendarEntry, zones: &Zones, notes: &mut Vec<String>) -> Option<When> {
    let zone = zone_of(entry, zones, notes);
    at(entry.values.first()?.as_partial_date_time()?, zone.as_ref(), zones)
}

/// A partial date in the zone of its own offset, else the given one, else the organization's. Dates are local to the organization.
fn at(partial: &calcard::common::PartialDateTime, zone: Option<&Zone>, zones: &Zones) -> Option<When> {
    let local = dates::local(partial)?;
    let is_date = dates::is_date(partial);
    let zone = match (dates::offset(partial), zone) {
        (_, _) if is_date => zones.organization().clone(),
        (Some(offset), _) => Zone::Known(jiff::tz::TimeZone::fixed(offset)),
        (None, Some(zone)) => zone.clone(),
        (None, None) => zones.organization().clone(),
    };
    let moment = zone.moment(local)?;
    Some(When { local, zone, is_date, moment })
}

fn first_text(entry: &ICalendarEntry) -> String {
    quoted(entry.values.first().and_then(ICalendarValue::as_text).unwrap_or_default())
}

/// A length in seconds; what ends before it starts has none.
fn seconds(seconds: i64) -> u32 {
    u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)
}

/// From DTEND or DURATION; 0 for all-day items and where nothing is said.
fn duration_s(component: &ICalendarComponent, start: &When, zones: &Zones, notes: &mut Vec<String>) -> u32 {
    let says_all_day = component.entries.iter().any(|entry| {
        matches!(&entry.name, ICalendarProperty::Other(name) if name.eq_ignore_ascii_case("X-MICROSOFT-CDO-ALLDAYEVENT"))
            && entry.values.first().and_then(ICalendarValue::as_text).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    });
    if start.is_date || says_all_day {
        return 0;
    }
    if let Some(entry) = component.property(&ICalendarProperty::Dtend) {
        return match when(entry, zones, notes) {
            Some(end) if end.moment >= start.moment => seconds((end.moment.0 - start.moment.0) / SECOND_US),
            Some(_) => {
                notes.push("it ends before it starts: read without a duration".to_owned());
                0
            }
            None => {
                notes.push(format!("the end {} is none: read without a duration", first_text(entry)));
                0
            }
        };
    }
    match component.property(&ICalendarProperty::Duration).and_then(|entry| entry.values.first()) {
        Some(ICalendarValue::Duration(duration)) => seconds(duration.as_seconds()),
        _ => 0,
    }
}

fn rules(component: &ICalendarComponent, property: &ICalendarProperty, notes: &mut Vec<String>) -> Vec<ICalendarRecurrenceRule> {
    let mut rules = Vec::new();
    for entry in component.properties(property) {
        match entry.values.first() {
            Some(ICalendarValue::RecurrenceRule(rule)) => rules.push((**rule).clone()),
            Some(_) => notes.push(format!("the rule {} is none: read without it", first_text(entry))),
            None => {}
        }
    }
    rules
}

fn replaces_all_after(entry: &ICalendarEntry) -> bool {
    let mut ranges = entry.parameters(&ICalendarParameterName::Range);
    ranges.any(|range| !range.as_text().is_some_and(|text| text.eq_ignore_ascii_case("THISANDPRIOR")))
}

fn state(component: &ICalendarComponent, method: Option<&ICalendarMethod>) -> Option<ActivityState> {
    let is_cancelled =
        matches!(component.status(), Some(ICalendarStatus::Cancelled)) || matches!(method, Some(ICalendarMethod::Cancel));
    is_cancelled.then_some(ActivityState::Cancelled)
}

/// Answers of attendees (also counter-proposals and refusals of those) are no meetings.
fn marks(component: &ICalendarComponent, method: Option<&ICalendarMethod>) -> Marks {
    use ICalendarMethod::{Counter, Declinecounter, Refresh, Reply};
    let class = component.property(&ICalendarProperty::Class).and_then(|entry| entry.values.first());
    Marks {
        calendar_reply: matches!(method, Some(Reply | Counter | Refresh | Declinecounter)),
        sensitive: matches!(
            class,
            Some(ICalendarValue::Classification(ICalendarClassification::Private | ICalendarClassification::Confidential))
        ),
        ..Marks::default()
    }
}

/// Organizer and attendees. Who declined or does not take part, rooms and resources are left out; the organizer stays.
fn participants(component: &ICalendarComponent) -> Roster {
    let mut roster = Roster::default();
    for entry in component.properties(&ICalendarProperty::Organizer).take(1) {
        add(&mut roster, entry, Role::Organizer);
    }
    for entry in component.properties(&ICalendarProperty::Attendee) {
        let says = |name: &ICalendarParameterName, words: &[&str]| {
            let said = entry.parameter(name).and_then(|value| value.as_text());
            said.is_some_and(|said| words.iter().any(|word| said.eq_ignore_ascii_case(word)))
        };
        let is_nobody = says(&ICalendarParameterName::Partstat, &["DECLINED"])
            || says(&ICalendarParameterName::Cutype, &["ROOM", "RESOURCE"])
            || says(&ICalendarParameterName::Role, &["NON-PARTICIPANT"]);
        if !is_nobody {
            let is_optional = says(&ICalendarParameterName::Role, &["OPT-PARTICIPANT"]);
            add(&mut roster, entry, if is_optional { Role::Optional } else { Role::Required });
        }
    }
    roster
}

/// Adds the person of an entry: the address is its value, else its EMAIL parameter. An organizer who attends stands once.
fn add(roster: &mut Roster, entry: &ICalendarEntry, role: Role) {
    let value = entry.calendar_address().unwrap_or_default();
    let email = entry.parameter(&ICalendarParameterName::Email).and_then(|email| email.as_text());
    let is_address = rapport_domain::Address::parse(value).is_ok();
    let address = email.filter(|_| !is_address).unwrap_or(value);
    if let Ok(parsed) = rapport_domain::Address::parse(address)
        && roster.participants.iter().any(|known| known.role == Role::Organizer && known.who.address() == Some(&parsed))
    {
        return;
    }
    let name = entry.parameter(&ICalendarParameterName::Cn).and_then(|name| name.as_text());
    roster.add_address(address, role, name);
}
