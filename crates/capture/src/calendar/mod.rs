//! Calendar files (iCalendar): every occurrence of every meeting becomes a sighting.
//!
//! Recurrence rules are expanded in the local time of their zone, so that a meeting at 9 stays at 9 through daylight saving.
//! An occurrence that was moved keeps the start which its rule gave it as [`rapport_domain::Sighting::occurrence`], so that
//! every copy of it has the same identity. To-dos, journals and free/busy times are no meetings and are not read.

mod dates;
mod event;
mod lines;
mod recurrence;
mod zone;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::BufRead,
};

use calcard::{
    Entry, Parser,
    icalendar::{ICalendar, ICalendarComponentType, ICalendarMethod, ICalendarProperty, ICalendarValue},
};
use jiff::{civil::DateTime, tz::TimeZone};
use rapport_domain::{Calendar, Kind, Moment, Sighting, Source};

use self::{
    event::{Event, When},
    zone::Zones,
};
use crate::{Captured, Place, Problem, captured::bare, text::decode};

pub use self::recurrence::OCCURRENCES_MAX;

/// The occurrences of a calendar file. Rules are expanded up to `until` (the import's `as_of` + 400 days); single meetings are
/// read whenever they are. Times without a zone are the organization's.
///
/// `Err` is a broken event (one failed item) or a problem of the file. Answers to invitations come out marked, cancelled ones in
/// that state; other meetings have no state.
pub fn read(reader: impl BufRead, organization: &Calendar, until: Moment) -> Occurrences {
    let text = lines::read(reader);
    let mut found = Occurrences { series: VecDeque::new(), ready: VecDeque::new(), until };
    found.ready.extend(text.problems.into_iter().map(Err));
    if !text.has_calendar {
        if !text.is_empty {
            let what = "no calendar in this file: expected a line BEGIN:VCALENDAR";
            found.ready.push_back(Err(Problem::general(Place::File, what)));
        }
        return found;
    }
    let zone = TimeZone::get(organization.zone_name()).unwrap_or(TimeZone::UTC);
    let decoded = decode(&text.bytes);
    let mut parser = Parser::new(&decoded);
    let mut event_lines = text.event_lines.into_iter();
    let mut all = Vec::new();
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => read_events(&calendar, &zone, until, &mut event_lines, &mut all, &mut found),
            Entry::Eof => break,
            _ => {}
        }
    }
    found.series = series(all);
    found
}

/// The zone of an IANA or Windows name.
pub(crate) fn known_zone(name: &str) -> Option<TimeZone> {
    zone::known(name)
}

/// See [`read`].
#[derive(Debug)]
pub struct Occurrences {
    /// Series still to be expanded.
    series: VecDeque<Series>,
    /// What the last series gave.
    ready: VecDeque<Result<Captured, Problem>>,
    until: Moment,
}

impl Iterator for Occurrences {
    type Item = Result<Captured, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            let series = self.series.pop_front()?;
            series.expand(self.until, &mut self.ready);
        }
        self.ready.pop_front()
    }
}

/// All events of one UID.
#[derive(Debug, Default)]
struct Series {
    /// Events that replace no occurrence: nearly always one.
    masters: Vec<Event>,
    /// Those that replace one, by the start that the rule gave it.
    replacements: BTreeMap<Moment, Event>,
}

/// Reads the events of one VCALENDAR.
fn read_events(
    calendar: &ICalendar,
    organization: &TimeZone,
    until: Moment,
    event_lines: &mut impl Iterator<Item = u64>,
    all: &mut Vec<Event>,
    found: &mut Occurrences,
) {
    let zones = Zones::of(calendar, organization, until);
    let method =
        calendar.components.first().and_then(|root| match root.property(&ICalendarProperty::Method)?.values.first()? {
            ICalendarValue::Method(method) => Some(method),
            _ => None,
        });
    let is_event = |kind: &ICalendarComponentType| *kind == ICalendarComponentType::VEvent;
    for component in calendar.components.iter().filter(|component| is_event(&component.component_type)) {
        let place = match (event_lines.next(), component.uid()) {
            (Some(line), _) => Place::Line(line),
            (None, Some(uid)) => Place::Uid(uid.to_owned()),
            (None, None) => Place::File,
        };
        let method: Option<&ICalendarMethod> = method;
        match Event::read(component, method, &zones, place.clone()) {
            Ok(event) => all.push(event),
            Err(what) => found.ready.push_back(Err(Problem::failed(place, what))),
        }
    }
}

/// Gathers events by UID, in the order of the file. An event that a later SEQUENCE replaces is left out.
fn series(events: Vec<Event>) -> VecDeque<Series> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut all: Vec<Series> = Vec::new();
    for event in events {
        let place = match &event.uid {
            Some(uid) => *places.entry(uid.clone()).or_insert(all.len()),
            None => all.len(),
        };
        if place == all.len() {
            all.push(Series::default());
        }
        all[place].add(event);
    }
    all.into()
}

impl Series {
    fn add(&mut self, event: Event) {
        if let Some(replaces) = &event.replaces {
            let known = self.replacements.get(&replaces.moment);
            if known.is_none_or(|known| known.sequence <= event.sequence) {
                self.replacements.insert(replaces.moment, event);
            }
        } else if self.masters.iter().all(|master| master.sequence <= event.sequence) {
            self.masters.retain(|master| master.sequence == event.sequence);
            self.masters.push(event);
        }
    }

    /// Hands out all occurrences: those of the rules, as replaced, then replacements of what no rule gives.
    fn expand(mut self, until: Moment, ready: &mut VecDeque<Result<Captured, Problem>>) {
        for mut master in std::mem::take(&mut self.masters) {
            if !master.recurs() {
                if !self.replacements.contains_key(&master.start.moment) {
                    ready.push_back(Ok(master.captured(master.start.moment, None, master.duration_s)));
                }
                continue;
            }
            match master.starts(until) {
                Ok(starts) => self.expand_master(&mut master, starts, ready),
                Err(what) => ready.push_back(Err(Problem::failed(master.place.clone(), what))),
            }
        }
        for (occurrence, mut event) in self.replacements {
            ready.push_back(Ok(event.captured(event.start.moment, Some(occurrence), event.duration_s)));
        }
    }

    fn expand_master(&mut self, master: &mut Event, starts: Vec<Start>, ready: &mut VecDeque<Result<Captured, Problem>>) {
        let mut all_after: Option<Event> = None;
        for start in starts {
            if let Some(mut event) = self.take_replacement(master, &start) {
                ready.push_back(Ok(event.captured(event.start.moment, Some(start.moment), event.duration_s)));
                if event.replaces_all_after {
                    all_after = Some(event);
                }
            } else if let Some(event) = &mut all_after {
                let moment = event.shifted(master, start.local).unwrap_or(start.moment);
                ready.push_back(Ok(event.captured(moment, Some(start.moment), event.duration_s)));
            } else {
                ready.push_back(Ok(master.captured(start.moment, Some(start.moment), start.duration_s)));
            }
        }
    }

    /// The event that replaces an occurrence, by its start, or by its day where only that is told.
    fn take_replacement(&mut self, master: &Event, start: &Start) -> Option<Event> {
        if let Some(event) = self.replacements.remove(&start.moment) {
            return Some(event);
        }
        if master.start.is_date {
            return None;
        }
        let names_day = |event: &Event| {
            event.replaces.as_ref().is_some_and(|replaces| replaces.is_date && replaces.local.date() == start.local.date())
        };
        let key = self.replacements.iter().find(|(_, event)| names_day(event)).map(|(key, _)| *key)?;
        self.replacements.remove(&key)
    }
}

/// One start that the rules of an event give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Start {
    moment: Moment,
    local: DateTime,
    duration_s: u32,
}

impl Event {
    /// All starts up to a moment, ascending and distinct, without exceptions.
    fn starts(&self, until: Moment) -> Result<Vec<Start>, String> {
        let zone = &self.start.zone;
        let horizon = zone.local(until).ok_or("the horizon is out of range")?;
        let mut starts = BTreeMap::new();
        let mut add = |when: &When, duration_s: u32| {
            starts.insert(when.moment, Start { moment: when.moment, local: when.local, duration_s });
        };
        add(&self.start, self.duration_s);
        let at = |local: DateTime| zone.moment(local).map(|moment| When { local, moment, ..self.start.clone() });
        for rule in &self.rules {
            let locals = self.locals(rule, horizon).map_err(|why| format!("the recurrence cannot be followed: {why}"))?;
            locals.into_iter().filter_map(at).for_each(|when| add(&when, self.duration_s));
        }
        for (when, duration_s) in self.extra.iter().filter(|(when, _)| when.moment <= until) {
            add(when, duration_s.unwrap_or(self.duration_s));
        }
        let mut gone: BTreeSet<Moment> = self.exceptions.iter().map(|when| when.moment).collect();
        for rule in &self.rule_exceptions {
            let locals = self.locals(rule, horizon).map_err(|why| format!("the exception rule cannot be followed: {why}"))?;
            gone.extend(locals.into_iter().filter_map(|local| zone.moment(local)));
        }
        let days: BTreeSet<_> = self.exceptions.iter().filter(|when| when.is_date).map(|when| when.local.date()).collect();
        let is_gone = |start: &Start| gone.contains(&start.moment) || days.contains(&start.local.date());
        if starts.len() > OCCURRENCES_MAX {
            return Err(format!("the event has more than {OCCURRENCES_MAX} occurrences"));
        }
        Ok(starts.into_values().filter(|start| !is_gone(start)).collect())
    }

    /// The local times of one rule, up to its own end or the horizon.
    fn locals(&self, rule: &calcard::icalendar::ICalendarRecurrenceRule, horizon: DateTime) -> Result<Vec<DateTime>, String> {
        let until = rule.until.as_ref().and_then(|until| {
            let local = dates::local(until)?;
            if self.start.is_date {
                return Some(local);
            }
            if dates::is_date(until) {
                return dates::plus_s(local, 86_399);
            }
            match dates::offset(until) {
                Some(offset) => {
                    let timestamp = offset.to_timestamp(local).ok()?;
                    self.start.zone.local(Moment(timestamp.as_microsecond()))
                }
                None => Some(local),
            }
        });
        recurrence::expand(rule, self.start.local, until.map_or(horizon, |until| until.min(horizon)))
    }

    /// Where a later occurrence goes, if this event moves it and all after it: as far as it moved its own.
    fn shifted(&self, master: &Event, local: DateTime) -> Option<Moment> {
        let from = master.start.zone.local(self.replaces.as_ref()?.moment)?;
        let to = master.start.zone.local(self.start.moment)?;
        master.start.zone.moment(dates::plus_s(local, dates::seconds_between(from, to))?)
    }

    /// One occurrence as a sighting.
    fn captured(&mut self, at: Moment, occurrence: Option<Moment>, duration_s: u32) -> Captured {
        let sighting = Sighting {
            state: self.state,
            duration_s: Some(duration_s),
            participants: self.participants.clone(),
            message_id: self.uid.clone(),
            occurrence,
            subject: self.subject.clone(),
            marks: self.marks,
            ..bare(Kind::Meeting, at, Source::Mailbox)
        };
        Captured {
            place: self.place.clone(),
            sighting,
            recipients: self.recipients,
            fault: None,
            notes: std::mem::take(&mut self.notes), // told once

            delivered_to: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
