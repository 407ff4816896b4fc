//! Calendars as iCalendar files (RFC 5545), one per mailbox, with series, exceptions, rooms and answers.

use jiff::Timestamp;
use jiff::tz::Offset;

use super::TIME_ZONE;
use super::world::{Answer, Attendee, Meeting, Recurrence, StartForm, World};

/// Longer lines are folded.
const LINE_BYTES_MAX: usize = 75;
const MINUTE_US: i64 = 60_000_000;
/// Invitations go out a week before.
const INVITED_BEFORE_US: i64 = 7 * 24 * 60 * MINUTE_US;

const ZONE: &str = "BEGIN:VTIMEZONE
TZID:Europe/Amsterdam
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE";

/// The calendars of all users with a mailbox that have an entry.
pub(super) fn calendars(world: &World) -> Vec<(usize, String)> {
    let mut calendars = Vec::new();
    for (user, facts) in world.users.iter().enumerate() {
        let mut meetings: Vec<&Meeting> = world
            .meetings
            .iter()
            .filter(|meeting| concerns(world, meeting, user) && !world.has_left(user, meeting.day))
            .collect();
        if !facts.has_mailbox || meetings.is_empty() {
            continue;
        }
        meetings.sort_by_key(|meeting| (meeting.day, meeting.minute, &meeting.uid));
        let mut text = String::new();
        for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Zilverbrug//Calendar//NL", "CALSCALE:GREGORIAN"] {
            push(&mut text, line);
        }
        ZONE.lines().for_each(|line| push(&mut text, line));
        for meeting in meetings {
            write_meeting(&mut text, world, meeting);
        }
        push(&mut text, "END:VCALENDAR");
        calendars.push((user, text));
    }
    calendars
}

fn concerns(world: &World, meeting: &Meeting, user: usize) -> bool {
    let is_attendee = meeting.attendees.iter().any(|attendee| world.party(attendee.party).user == Some(user));
    is_attendee || world.party(meeting.organizer).user == Some(user)
}

fn write_meeting(text: &mut String, world: &World, meeting: &Meeting) {
    write_event(text, world, meeting, meeting.day, None, meeting.is_cancelled);
    let Some(recurrence) = &meeting.recurrence else { return };
    if let Some((planned_day, held_day)) = recurrence.moved {
        write_event(text, world, meeting, held_day, Some(planned_day), false);
    }
    if let Some(day) = recurrence.cancelled_day {
        write_event(text, world, meeting, day, Some(day), true);
    }
}

/// One VEVENT: the meeting itself, or with `planned_day` one occurrence of its series that is unlike the others.
fn write_event(text: &mut String, world: &World, meeting: &Meeting, day: i32, planned_day: Option<i32>, is_cancelled: bool) {
    let start_us = world.days.moment_us(meeting.day, meeting.minute.max(180));
    let stamp_us = (start_us - INVITED_BEFORE_US).min(world.days.as_of_us);
    push(text, "BEGIN:VEVENT");
    push(text, &format!("UID:{}", meeting.uid));
    push(text, &format!("DTSTAMP:{}", utc(stamp_us)));
    write_times(text, world, meeting, day);
    match (planned_day, &meeting.recurrence) {
        (Some(planned_day), _) => push(text, &format!("RECURRENCE-ID{}", local(world, planned_day, meeting.minute))),
        (None, Some(recurrence)) => write_recurrence(text, world, meeting, recurrence),
        (None, None) => {}
    }
    push(text, &format!("SUMMARY:{}", escaped(&meeting.summary)));
    if let Some(room) = meeting.room {
        push(text, &format!("LOCATION:{}", escaped(&world.party(room).name)));
    }
    push(text, &format!("STATUS:{}", if is_cancelled { "CANCELLED" } else { "CONFIRMED" }));
    push(text, &format!("SEQUENCE:{}", i32::from(is_cancelled || planned_day.is_some())));
    if meeting.is_private {
        push(text, "CLASS:PRIVATE");
    }
    write_people(text, world, meeting);
    push(text, "END:VEVENT");
}

fn write_times(text: &mut String, world: &World, meeting: &Meeting, day: i32) {
    let end_minute = meeting.minute + meeting.duration_min;
    let (start, end) = match meeting.form {
        StartForm::Local => (local(world, day, meeting.minute), local(world, day, end_minute)),
        StartForm::Utc => {
            let start_us = world.days.moment_us(day, meeting.minute);
            let end_us = start_us + i64::from(meeting.duration_min) * MINUTE_US;
            (format!(":{}", utc(start_us)), format!(":{}", utc(end_us)))
        }
        StartForm::AllDay => (whole_day(world, day), whole_day(world, day + 1)),
    };
    push(text, &format!("DTSTART{start}"));
    push(text, &format!("DTEND{end}"));
}

fn write_recurrence(text: &mut String, world: &World, meeting: &Meeting, recurrence: &Recurrence) {
    let until = recurrence.until_day.map_or_else(String::new, |day| {
        let last_us = world.days.moment_us(day, meeting.minute);
        format!(";UNTIL={}", utc(last_us))
    });
    push(text, &format!("RRULE:FREQ=WEEKLY;INTERVAL={}{until}", recurrence.interval_weeks));
    for &day in &recurrence.skipped_days {
        push(text, &format!("EXDATE{}", local(world, day, meeting.minute)));
    }
}

fn write_people(text: &mut String, world: &World, meeting: &Meeting) {
    if meeting.attendees.is_empty() {
        return;
    }
    let organizer = world.party(meeting.organizer);
    push(text, &format!("ORGANIZER;CN=\"{}\":mailto:{}", organizer.name, organizer.address));
    // Calendars list the organizer among those who come.
    write_attendee(text, world, &Attendee { party: meeting.organizer, is_optional: false, answer: Answer::Accepted });
    for attendee in &meeting.attendees {
        write_attendee(text, world, attendee);
    }
    if let Some(room) = meeting.room {
        let room = world.party(room);
        push(text, &format!("ATTENDEE;CUTYPE=ROOM;PARTSTAT=ACCEPTED;CN=\"{}\":mailto:{}", room.name, room.address));
    }
}

fn write_attendee(text: &mut String, world: &World, attendee: &Attendee) {
    let party = world.party(attendee.party);
    let role = if attendee.is_optional { "OPT-PARTICIPANT" } else { "REQ-PARTICIPANT" };
    let answer = match attendee.answer {
        Answer::Accepted => "ACCEPTED",
        Answer::Declined => "DECLINED",
        Answer::Tentative => "TENTATIVE",
        Answer::NeedsAction => "NEEDS-ACTION",
    };
    push(
        text,
        &format!("ATTENDEE;CUTYPE=INDIVIDUAL;ROLE={role};PARTSTAT={answer};CN=\"{}\":mailto:{}", party.name, party.address),
    );
}

fn local(world: &World, day: i32, minute: i32) -> String {
    let date = world.days.date(day);
    let (hour, minute) = (minute / 60, minute % 60);
    format!(";TZID={TIME_ZONE}:{:04}{:02}{:02}T{hour:02}{minute:02}00", date.year(), date.month(), date.day())
}

fn whole_day(world: &World, day: i32) -> String {
    let date = world.days.date(day);
    format!(";VALUE=DATE:{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

fn utc(at_us: i64) -> String {
    let at = Offset::UTC.to_datetime(Timestamp::from_microsecond(at_us).expect("moments lie near `as_of`"));
    format!("{:04}{:02}{:02}T{:02}{:02}{:02}Z", at.year(), at.month(), at.day(), at.hour(), at.minute(), at.second())
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

/// One content line, folded between characters.
fn push(text: &mut String, line: &str) {
    let mut used_bytes = 0;
    for letter in line.chars() {
        if used_bytes + letter.len_utf8() > LINE_BYTES_MAX {
            text.push_str("\r\n ");
            used_bytes = 1;
        }
        text.push(letter);
        used_bytes += letter.len_utf8();
    }
    text.push_str("\r\n");
}
