//! The lines of a calendar file that matter here, out of a stream of any size.
//!
//! Descriptions and attachments are dropped before anything is parsed: they are most of a file, and nobody's business.

use std::io::BufRead;

use memchr::memchr;

use crate::{Place, Problem};

/// Calendar text that is kept of one file. An attendee has about 150 bytes, an event without its description 500: this is far
/// more than 100,000 meetings.
pub(super) const CALENDAR_MAX_BYTES: usize = 64 << 20;
/// Longest property that is kept, folded lines included: a rule or an address has a few hundred bytes, a list of dates some
/// thousands.
const PROPERTY_MAX_BYTES: usize = 256 << 10;

/// Properties that are read.
const KEPT: &[&[u8]] = &[
    b"BEGIN",
    b"END",
    b"UID",
    b"METHOD",
    b"SEQUENCE",
    b"DTSTAMP",
    b"DTSTART",
    b"DTEND",
    b"DURATION",
    b"RRULE",
    b"RDATE",
    b"EXDATE",
    b"EXRULE",
    b"RECURRENCE-ID",
    b"STATUS",
    b"CLASS",
    b"SUMMARY",
    b"ORGANIZER",
    b"ATTENDEE",
    b"TZID",
    b"TZOFFSETFROM",
    b"TZOFFSETTO",
    b"X-LIC-LOCATION",
    b"X-MICROSOFT-CDO-TZID",
    b"X-MICROSOFT-CDO-ALLDAYEVENT",
];

/// What is left of a file.
#[derive(Debug, Default)]
pub(super) struct CalendarText {
    /// The kept properties, line by line.
    pub(super) bytes: Vec<u8>,
    /// The line of each `BEGIN:VEVENT`, from 1.
    pub(super) event_lines: Vec<u64>,
    pub(super) has_calendar: bool,
    pub(super) is_empty: bool,
    pub(super) problems: Vec<Problem>,
}

/// Reads to the end.
pub(super) fn read(mut reader: impl BufRead) -> CalendarText {
    let mut text = CalendarText { is_empty: true, ..CalendarText::default() };
    let mut line = Vec::new();
    let mut number = 0;
    let mut property_start = 0; // where the current property starts in `text.bytes`
    let mut is_kept = false;
    let mut open_event = None;
    loop {
        match read_line(&mut reader, &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                text.problems
                    .push(Problem::general(Place::Line(number + 1), format!("the file cannot be read beyond this: {error}")));
                break;
            }
        }
        number += 1;
        text.is_empty = false;
        let body = if number == 1 { crate::text::without_bom(&line) } else { &line };
        let is_continuation = body.first().is_some_and(|first| matches!(first, b' ' | b'\t'));
        if !is_continuation {
            property_start = text.bytes.len();
            let name = property_name(body);
            is_kept = KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(name));
            if is_line(body, b"BEGIN:VEVENT") {
                text.event_lines.push(number);
                open_event = Some(number);
            } else if is_line(body, b"END:VEVENT") {
                open_event = None;
            }
            let is_component = body.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"BEGIN:V"));
            text.has_calendar |= is_component && !is_line(body, b"BEGIN:VCARD");
        }
        if !is_kept {
            continue;
        }
        if text.bytes.len() - property_start + body.len() > PROPERTY_MAX_BYTES {
            text.bytes.truncate(property_start);
            text.problems.push(Problem::general(Place::Line(number), "this property is longer than 256 KiB: left out"));
            is_kept = false;
            continue;
        }
        if text.bytes.len() + body.len() > CALENDAR_MAX_BYTES {
            let what = "the calendar has more than 64 MiB of events: what follows is not read; split the file";
            text.problems.push(Problem::general(Place::Line(number), what));
            break;
        }
        text.bytes.extend_from_slice(body);
        if !body.ends_with(b"\n") {
            text.bytes.push(b'\n');
        }
    }
    if let Some(line) = open_event {
        text.problems.push(Problem::general(Place::Line(line), "the file ends within this event: read as far as it goes"));
    }
    text
}

/// One line; only what a property may have is kept of it. Returns the bytes consumed, 0 at the end.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<usize> {
    line.clear();
    let mut consumed = 0;
    loop {
        let buffer = match reader.fill_buf() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if buffer.is_empty() {
            return Ok(consumed);
        }
        let newline = memchr(b'\n', buffer);
        let length = newline.map_or(buffer.len(), |at| at + 1);
        let kept = length.min((PROPERTY_MAX_BYTES + 2).saturating_sub(line.len()));
        line.extend_from_slice(&buffer[..kept]);
        reader.consume(length);
        consumed += length;
        if newline.is_some() {
            return Ok(consumed);
        }
    }
}

/// The name that a line starts with. Some programs fold right behind it.
fn property_name(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|b| matches!(b, b':' | b';')).unwrap_or(line.len());
    line[..end].trim_ascii()
}

fn is_line(line: &[u8], expected: &[u8]) -> bool {
    line.trim_ascii().eq_ignore_ascii_case(expected)
}
