//! One message: its header block becomes a sighting. Bodies are never looked at.

use mail_parser::{Address as AddressList, ContentType, HeaderName, HeaderValue, Message, MessageParser};
use rapport_domain::{
    Address, Attendance, Kind, Marks, Moment, Role, Sighting, Source, Who,
    interaction::normalize_message_id,
    time::{EARLIEST, SECOND_US},
};

use crate::{
    Captured, Place,
    captured::bare,
    mbox::RawMail,
    participants::Roster,
    text::{decode, quoted, subject},
};

/// Participants that one sighting keeps. Beyond [`crate::exclusion::RECIPIENTS_MAX`] a mail is a circular anyway; this bounds
/// what is stored where an administrator switched that rule off. Recipients are counted beyond it.
pub const PARTICIPANTS_MAX: usize = 2_000;
/// Ids of References and In-Reply-To that are kept: the oldest (they name the conversation) and the newest (they link it).
pub const ANCESTORS_MAX: usize = 200;

/// Every header field that a message is read for: a mail system that is asked for these alone is asked for enough.
pub const HEADER_FIELDS: &[&str] = &[
    "From",
    "Sender",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Content-Type",
    "List-Id",
    "List-Unsubscribe",
    "Precedence",
    "Auto-Submitted",
    "Sensitivity",
    "Return-Path",
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Mozilla-Draft-Info",
    "X-Unsent",
    "X-Draft",
    "X-Status",
];

/// Headers that say where a copy was delivered.
const DELIVERED_TO: [&str; 2] = ["X-Original-To", "Envelope-To"];

/// Reads messages. Make one and use it for all: it holds the parser's table of headers.
#[derive(Clone, Debug)]
pub struct MailReader {
    parser: MessageParser,
}

impl Default for MailReader {
    fn default() -> Self {
        Self::new()
    }
}

impl MailReader {
    /// A reader that parses the headers that matter here and skips all others.
    pub fn new() -> Self {
        let parser = MessageParser::new()
            .header_address(HeaderName::From)
            .header_address(HeaderName::Sender)
            .header_address(HeaderName::To)
            .header_address(HeaderName::Cc)
            .header_text(HeaderName::Subject)
            .header_date(HeaderName::Date)
            .header_content_type(HeaderName::ContentType)
            .default_header_ignore();
        Self { parser }
    }

    /// What one message shows. `is_draft` is what is known from outside, e.g. the flag `D` of a Maildir file name.
    ///
    /// Without a sender or a date the copy has a fault, which counts only if no exclusion applies first.
    pub fn read(&self, mail: &RawMail, is_draft: bool) -> Captured {
        let place = Place::Offset(mail.offset);
        let mut captured = Captured {
            place,
            sighting: bare(Kind::Email, EARLIEST, Source::Mailbox),
            recipients: 0,
            fault: None,
            notes: mail.note.iter().map(|note| (*note).to_owned()).collect(),
            delivered_to: Vec::new(),
        };
        captured.sighting.marks.draft = is_draft;
        match self.parser.parse_headers(&mail.headers) {
            Some(message) => fill(&mut captured, &message),
            None => captured.fault = Some("no header".to_owned()),
        }
        captured
    }

    /// Adds what header fields say beside people and date to a copy of which a mail system has told the rest: marks, ancestors, where
    /// it was delivered to.
    pub(crate) fn read_fields(&self, captured: &mut Captured, headers: &[u8]) {
        if let Some(message) = self.parser.parse_headers(headers) {
            fill_fields(captured, &message);
        }
    }
}

/// Takes over everything that the parsed headers show.
fn fill(captured: &mut Captured, message: &Message<'_>) {
    let mut roster = Roster::default();
    add_sender(&mut roster, message);
    let sender_fault = roster.participants.is_empty().then(|| match roster.unreadable_example() {
        Some(example) => format!("no sender: {example} is no address"),
        None => "no sender".to_owned(),
    });
    add_all(&mut roster, message, &HeaderName::To, Role::To);
    add_all(&mut roster, message, &HeaderName::Cc, Role::Cc);
    captured.notes.extend(roster.notes());
    captured.recipients = roster.recipients;

    let sighting = &mut captured.sighting;
    sighting.participants = roster.participants;
    match date(message) {
        Ok(moment) => sighting.occurred_at = moment,
        Err(fault) => captured.fault = Some(fault),
    }
    if sender_fault.is_some() {
        captured.fault = sender_fault;
    }
    fill_fields(captured, message);
}

/// Takes over what is said beside people and date: ids, subject, marks. What is known already stays.
fn fill_fields(captured: &mut Captured, message: &Message<'_>) {
    let sighting = &mut captured.sighting;
    for header in message.headers() {
        let raw = raw_value(message, header);
        match &header.name {
            HeaderName::Subject if sighting.subject.is_none() => sighting.subject = header.value.as_text().and_then(subject),
            HeaderName::MessageId if sighting.message_id.is_none() => sighting.message_id = message_id(raw),
            HeaderName::DeliveredTo => captured.delivered_to.extend(Address::parse(&decode(raw)).ok()),
            HeaderName::Other(name) if DELIVERED_TO.iter().any(|known| known.eq_ignore_ascii_case(name)) => {
                captured.delivered_to.extend(Address::parse(&decode(raw)).ok());
            }
            name => mark(&mut sighting.marks, name, &header.value, raw),
        }
    }
    sighting.ancestors = ancestors(message, sighting.message_id.as_deref());
    sighting.marks.delivery_report |= is_bounce(message, sighting);
}

/// From, or Sender where there is no readable From. Several authors are all kept; the first is the initiator.
fn add_sender(roster: &mut Roster, message: &Message<'_>) {
    add_all(roster, message, &HeaderName::From, Role::From);
    if roster.participants.is_empty() {
        add_all(roster, message, &HeaderName::Sender, Role::From);
    }
}

/// Adds everybody of all headers of a name. Groups are flattened.
fn add_all(roster: &mut Roster, message: &Message<'_>, name: &HeaderName<'_>, role: Role) {
    let mut add = |addresses: &[mail_parser::Addr<'_>]| {
        for addr in addresses {
            match (&addr.address, &addr.name) {
                (Some(address), name) => roster.add_address(address, role, name.as_deref()),
                (None, Some(name)) => roster.note_unreadable(name),
                (None, None) => {}
            }
        }
    };
    for header in message.headers().iter().filter(|header| header.name == *name) {
        match &header.value {
            HeaderValue::Address(AddressList::List(list)) => add(list),
            HeaderValue::Address(AddressList::Group(groups)) => groups.iter().for_each(|group| add(&group.addresses)),
            _ => {}
        }
    }
}

/// The first readable date.
fn date(message: &Message<'_>) -> Result<Moment, String> {
    let mut fault = "no date".to_owned();
    for header in message.headers().iter().filter(|header| header.name == HeaderName::Date) {
        if let HeaderValue::DateTime(date) = &header.value
            && let Some(moment) = moment(date)
        {
            return Ok(moment);
        }
        let raw = decode(raw_value(message, header));
        // Some programs leave the zone out; mail without one is read as UTC.
        let with_zone = format!("{} +0000", raw.trim());
        if let Some(moment) = mail_parser::DateTime::parse_rfc822(&with_zone).as_ref().and_then(moment) {
            return Ok(moment);
        }
        if let Ok(moment) = Moment::parse(&raw) {
            return Ok(moment);
        }
        fault = format!("no date: {} is none", quoted(&raw));
    }
    Err(fault)
}

/// A parsed date as a moment, unless a part of it cannot be (30 February).
fn moment(date: &mail_parser::DateTime) -> Option<Moment> {
    let is_leap_second = date.second == 60;
    let valid = mail_parser::DateTime { second: if is_leap_second { 59 } else { date.second }, ..*date };
    let (year, month, day) = (i16::try_from(date.year).ok()?, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    jiff::civil::Date::new(year, month, day).ok()?;
    valid.is_valid().then(|| Moment(valid.to_timestamp() * SECOND_US))
}

/// The bytes of a header's value, folded lines included.
fn raw_value<'a>(message: &'a Message<'_>, header: &mail_parser::Header<'_>) -> &'a [u8] {
    message.raw_message.get(header.offset_start as usize..header.offset_end as usize).unwrap_or_default()
}

fn message_id(raw: &[u8]) -> Option<String> {
    let text = decode(raw);
    bracketed(&text).next().map_or_else(|| normalize_message_id(&text), normalize_message_id)
}

/// What stands between `<` and `>`, one after the other.
fn bracketed(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let open = rest.find('<')?;
        let close = open + rest[open..].find('>')?;
        let id = &rest[open + 1..close];
        rest = &rest[close + 1..];
        Some(id)
    })
}

/// Ids that a text names: all in `<>`, else each word that looks like one.
pub(crate) fn ids(text: &str) -> Vec<String> {
    let in_brackets: Vec<String> = bracketed(text).filter_map(normalize_message_id).collect();
    if !in_brackets.is_empty() {
        return in_brackets;
    }
    text.split_whitespace().filter(|word| word.contains('@')).filter_map(normalize_message_id).collect()
}

/// References, then In-Reply-To: oldest first, distinct, without the message's own id.
fn ancestors(message: &Message<'_>, own_id: Option<&str>) -> Vec<String> {
    let mut ancestors: Vec<String> = Vec::new();
    for name in [HeaderName::References, HeaderName::InReplyTo] {
        for header in message.headers().iter().filter(|header| header.name == name) {
            ancestors.extend(ids(&decode(raw_value(message, header))));
        }
    }
    distinct_ancestors(ancestors, own_id)
}

/// Distinct ids in their order, without one's own, the middle cut out of very long lists.
pub(crate) fn distinct_ancestors(mut ids: Vec<String>, own_id: Option<&str>) -> Vec<String> {
    if ids.len() > ANCESTORS_MAX {
        ids.drain(ANCESTORS_MAX / 2..ids.len() - ANCESTORS_MAX / 2);
    }
    let mut distinct: Vec<String> = Vec::with_capacity(ids.len());
    for id in ids {
        if Some(id.as_str()) != own_id && !distinct.contains(&id) {
            distinct.push(id);
        }
    }
    distinct
}

/// What one header says that may exclude the copy.
fn mark(marks: &mut Marks, name: &HeaderName<'_>, value: &HeaderValue<'_>, raw: &[u8]) {
    let says = |words: &[&str]| {
        let raw = raw.trim_ascii();
        words.iter().any(|word| raw.eq_ignore_ascii_case(word.as_bytes()))
    };
    match name {
        HeaderName::ListId | HeaderName::ListUnsubscribe => marks.list = true,
        HeaderName::ContentType => {
            if let HeaderValue::ContentType(content_type) = value {
                marks.calendar_reply |= is_calendar_reply(content_type);
                marks.delivery_report |= is_report(content_type);
            }
        }
        _ => match name.as_str() {
            name if is(name, "Precedence") => marks.list |= says(&["bulk", "list", "junk"]),
            name if is(name, "Auto-Submitted") => {
                let word = raw.split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
                marks.automatic |= !word.is_empty() && !word.eq_ignore_ascii_case(b"no");
            }
            name if is(name, "Sensitivity") => marks.sensitive |= says(&["private", "company-confidential", "personal"]),
            name if is(name, "X-Mozilla-Draft-Info") => marks.draft = true,
            name if is(name, "X-Unsent") => marks.draft |= says(&["1"]),
            name if is(name, "X-Draft") => marks.draft |= !says(&["", "0", "no", "false"]),
            // Dovecot and UW IMAP keep the flags of an mbox here; `T` is \Draft.
            name if is(name, "X-Status") => marks.draft |= raw.contains(&b'T'),
            _ => {}
        },
    }
}

fn is(name: &str, known: &str) -> bool {
    name.eq_ignore_ascii_case(known)
}

fn attribute<'a>(content_type: &'a ContentType<'_>, name: &str) -> &'a str {
    let mut attributes = content_type.attributes().unwrap_or_default().iter();
    attributes.find(|attribute| is(&attribute.name, name)).map_or("", |attribute| attribute.value.trim())
}

/// `text/calendar; method=reply`.
fn is_calendar_reply(content_type: &ContentType<'_>) -> bool {
    is(content_type.ctype(), "text")
        && content_type.subtype().is_some_and(|subtype| is(subtype, "calendar"))
        && is(attribute(content_type, "method"), "reply")
}

/// `multipart/report` on delivery or disposition.
fn is_report(content_type: &ContentType<'_>) -> bool {
    is(content_type.ctype(), "multipart")
        && content_type.subtype().is_some_and(|subtype| is(subtype, "report"))
        && ["delivery-status", "disposition-notification"].iter().any(|kind| is(attribute(content_type, "report-type"), kind))
}

/// A null return path from the mail system itself.
fn is_bounce(message: &Message<'_>, sighting: &Sighting) -> bool {
    let from_system = sighting.participants.iter().any(|Attendance { who, role, .. }| {
        *role == Role::From && matches!(who, Who::Address(address) if matches!(address.local(), "mailer-daemon" | "postmaster"))
    });
    from_system
        && message
            .headers()
            .iter()
            .any(|header| header.name == HeaderName::ReturnPath && raw_value(message, header).trim_ascii() == b"<>")
}

#[cfg(test)]
mod tests;
