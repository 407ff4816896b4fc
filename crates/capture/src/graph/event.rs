//! One event of Microsoft Graph: a single meeting, or one occurrence of a series.

use jiff::{civil::DateTime, tz::TimeZone};
use rapport_domain::{
    ActivityState, Address, Calendar, Kind, Moment, Role,
    interaction::normalize_message_id,
    time::{Day, HOUR_US, SECOND_US},
};
use serde_json::Value;

use super::{NEVER, add, address, begin, is_true, list, says, text};
use crate::{
    Captured,
    calendar::known_zone,
    participants::Roster,
    text::{quoted, subject},
};

/// How every `GlobalObjectId` of Exchange begins (MS-OXOCAL 2.2.1.27), in hexadecimal digits.
const GLOBAL_ID_START: &str = "040000008200E00074C5B7101A82E008";
/// Hexadecimal digits of the day of an occurrence within a `GlobalObjectId`: year, month and day.
const GLOBAL_ID_DAY: std::ops::Range<usize> = 32..40;
/// Hexadecimal digits before what its maker put in: start, day, moment of making, eight bytes for later, and a size.
const GLOBAL_ID_HEAD: usize = 80;
/// What marks a `GlobalObjectId` that was made from the UID of another calendar system, which follows.
const FOREIGN_UID: &[u8] = b"vCal-Uid\x01\0\0\0";

/// What one event shows. Days without a time begin at the organization's midnight, as those of calendar files do.
///
/// `owner` is whose calendar it is: attendees' copies say of nobody but them that they declined. A series is no meeting of its own: its
/// occurrences have to come one by one, each with all that the series says.
pub fn event(json: &[u8], organization: &Calendar, owner: Option<&Address>) -> Captured {
    let (value, mut captured) = begin(Kind::Meeting, json);
    if captured.fault.is_some() {
        return captured;
    }
    if says(&value, "type", &["seriesMaster"]) {
        captured.fault = Some("a series: its occurrences are the meetings".to_owned());
    }
    match start(&value, organization, &mut captured.notes) {
        Ok(moment) => captured.sighting.occurred_at = moment,
        Err(fault) => captured.fault = captured.fault.or(Some(fault)),
    }
    add_people(&mut captured, &value, owner);
    captured.sighting.duration_s = Some(duration_s(&value, captured.sighting.occurred_at, organization, &mut captured.notes));
    let sighting = &mut captured.sighting;
    sighting.state = is_true(&value, "isCancelled").then_some(ActivityState::Cancelled);
    let uid = text(&value, "uid").or_else(|| text(&value, "iCalUId")).map(series_uid);
    sighting.message_id = uid.as_deref().and_then(normalize_message_id);
    sighting.occurrence = occurrence(&value, sighting.occurred_at, organization);
    sighting.subject = text(&value, "subject").and_then(subject);
    sighting.marks.draft = is_true(&value, "isDraft");
    sighting.marks.sensitive = says(&value, "sensitivity", &["private", "confidential", "personal"]);
    captured
}

/// Organizer and attendees. Who declined, rooms and resources are left out; the organizer stays, and stands once.
fn add_people(captured: &mut Captured, value: &Value, owner: Option<&Address>) {
    let mut roster = Roster::default();
    if let Some(organizer) = value.get("organizer") {
        add(&mut roster, organizer, Role::Organizer);
    }
    let organizer = roster.participants.first().and_then(|attendance| attendance.who.address()).cloned();
    let has_declined = |status: Option<&Value>| status.is_some_and(|status| says(status, "response", &["declined"]));
    let owner_declined = has_declined(value.get("responseStatus"));
    for attendee in list(value, "attendees") {
        let who = address(attendee).and_then(|address| Address::parse(address).ok());
        let is_nobody = says(attendee, "type", &["resource"])
            || has_declined(attendee.get("status"))
            || owner_declined && who.is_some() && who.as_ref() == owner;
        if is_nobody || who.is_some() && who == organizer {
            continue;
        }
        add(&mut roster, attendee, if says(attendee, "type", &["optional"]) { Role::Optional } else { Role::Required });
    }
    captured.notes.extend(roster.notes());
    captured.recipients = roster.recipients;
    captured.sighting.participants = roster.participants;
}

/// Where it begins. The day of one that lasts all day is a day wherever one is.
fn start(value: &Value, organization: &Calendar, notes: &mut Vec<String>) -> Result<Moment, String> {
    let Some(start) = value.get("start").filter(|start| text(start, "dateTime").is_some()) else {
        return Err("the event has no start".to_owned());
    };
    let fault = || format!("the start {} is none", quoted(text(start, "dateTime").unwrap_or_default()));
    if is_true(value, "isAllDay") {
        let local = text(start, "dateTime").and_then(local).ok_or_else(fault)?;
        return Ok(organization.start_of(Day::of(local.date())));
    }
    moment(start, organization, notes).ok_or_else(fault)
}

/// A local time with the name of its zone, which is UTC where that was asked for.
fn moment(said: &Value, organization: &Calendar, notes: &mut Vec<String>) -> Option<Moment> {
    let time = text(said, "dateTime")?;
    if time.ends_with(['Z', 'z']) {
        return Moment::parse(time).ok();
    }
    let local = local(time)?;
    let name = text(said, "timeZone").unwrap_or("UTC");
    let zone = known_zone(name).unwrap_or_else(|| {
        let note = format!("time zone {} is unknown: read as the organization's", quoted(name));
        if !notes.contains(&note) {
            notes.push(note);
        }
        TimeZone::get(organization.zone_name()).unwrap_or(TimeZone::UTC)
    });
    zone.to_timestamp(local).ok().map(|timestamp| Moment(timestamp.as_microsecond()))
}

/// Date and time of day without a zone.
fn local(time: &str) -> Option<DateTime> {
    time.trim().trim_end_matches(['Z', 'z']).parse().ok().filter(|_| !time.starts_with(NEVER))
}

/// From its end; 0 for one that lasts all day and where nothing is said.
fn duration_s(value: &Value, start: Moment, organization: &Calendar, notes: &mut Vec<String>) -> u32 {
    let Some(end) = value.get("end").filter(|end| text(end, "dateTime").is_some()) else { return 0 };
    if is_true(value, "isAllDay") {
        return 0;
    }
    match moment(end, organization, notes) {
        Some(end) if end >= start => u32::try_from(end.0.saturating_sub(start.0) / SECOND_US).unwrap_or(u32::MAX),
        Some(_) => {
            notes.push("it ends before it starts: read without a duration".to_owned());
            0
        }
        None => {
            notes.push(format!("the end {} is none: read without a duration", quoted(text(end, "dateTime").unwrap_or_default())));
            0
        }
    }
}

/// The start that the series gave it: what it was before it was moved, else its own.
fn occurrence(value: &Value, start: Moment, organization: &Calendar) -> Option<Moment> {
    if !says(value, "type", &["occurrence", "exception"]) {
        return None;
    }
    let original = text(value, "originalStart").filter(|said| !said.starts_with(NEVER)).and_then(|said| Moment::parse(said).ok());
    let Some(original) = original else { return Some(start) };
    if !is_true(value, "isAllDay") {
        return Some(original);
    }
    // Midnight in whatever zone: the nearest midnight in UTC is of the same day.
    let day = jiff::Timestamp::from_microsecond(original.plus_us(12 * HOUR_US).0).ok()?;
    Some(organization.start_of(Day::of(TimeZone::UTC.to_datetime(day).date())))
}

/// The UID that a calendar file of the same series has. Exchange gives each occurrence an id that names its day.
fn series_uid(id: &str) -> String {
    let id = id.trim();
    let is_global = id.len() >= GLOBAL_ID_HEAD
        && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        && id[..GLOBAL_ID_START.len()].eq_ignore_ascii_case(GLOBAL_ID_START);
    if !is_global {
        return id.to_owned();
    }
    foreign_uid(&id[GLOBAL_ID_HEAD..])
        .unwrap_or_else(|| format!("{}00000000{}", &id[..GLOBAL_ID_DAY.start], &id[GLOBAL_ID_DAY.end..]))
}

/// The UID of another calendar system within hexadecimal digits.
fn foreign_uid(digits: &str) -> Option<String> {
    let bytes: Vec<u8> = digits
        .as_bytes()
        .chunks_exact(2)
        .map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let uid = bytes.strip_prefix(FOREIGN_UID)?;
    let end = uid.iter().position(|byte| *byte == 0).unwrap_or(uid.len());
    let uid = std::str::from_utf8(&uid[..end]).ok()?;
    (!uid.is_empty()).then(|| uid.to_owned())
}
