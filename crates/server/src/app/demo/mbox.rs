//! Mailboxes as mbox files with real headers (RFC 5322, RFC 2047, RFC 2369, RFC 2919, RFC 3464, RFC 3834).

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::Offset;

use super::random::Random;
use super::words::phrases;
use super::world::{Message, Nature, PartyId, World};

/// An encoded word is at most 75 characters long, of which `=?UTF-8?Q?` and `?=` take twelve.
const ENCODED_WORD_BYTES_MAX: usize = 63;
/// More ancestors are cut from References, as mail programs do.
const REFERENCES_MAX: usize = 12;

/// One mbox per user with a mailbox, in order of time; a message to two users stands in both.
pub(super) fn mailboxes(world: &World) -> Vec<(usize, String)> {
    let mut copies: Vec<Vec<usize>> = vec![Vec::new(); world.users.len()];
    let mut order: Vec<usize> = (0..world.messages.len()).collect();
    order.sort_by_key(|&position| (world.messages[position].at_us, position));
    for position in order {
        for user in receivers(world, &world.messages[position]) {
            copies[user].push(position);
        }
    }
    let mut mailboxes = Vec::new();
    for (user, positions) in copies.into_iter().enumerate() {
        if !world.users[user].has_mailbox {
            continue;
        }
        let mut text = String::new();
        for position in positions {
            write_message(&mut text, world, &world.messages[position]);
        }
        mailboxes.push((user, text));
    }
    mailboxes
}

/// The users in whose mailbox a message stands: whoever sent or got it and had not left.
pub(super) fn receivers(world: &World, message: &Message) -> Vec<usize> {
    let (day, _) = world.days.local(message.at_us);
    let named = std::iter::once(&message.from).chain(&message.to).chain(&message.cc);
    let mut users: Vec<usize> =
        named.filter_map(|&party| world.party(party).user).chain(message.blind_copies.iter().copied()).collect();
    users.sort_unstable();
    users.dedup();
    users.retain(|&user| world.users[user].has_mailbox && !world.has_left(user, day));
    users
}

fn write_message(text: &mut String, world: &World, message: &Message) {
    let sender = world.party(message.from);
    let sent = Timestamp::from_microsecond(message.at_us).expect("moments lie near `as_of`");
    let utc = Offset::UTC.to_datetime(sent);
    let (day, _) = world.days.local(message.at_us);
    let offset_s = world.days.offset_s(day) + sender.clock_ahead_s;
    let offset = Offset::from_seconds(offset_s).expect("offsets are below a day");
    line(text, format_args!("From {} {}", sender.address, postmark(utc)));
    line(text, format_args!("Date: {}", date_header(offset.to_datetime(sent), offset_s)));
    line(text, format_args!("From: {}", mailbox(world, message.from)));
    if message.to.is_empty() {
        line(text, format_args!("To: undisclosed-recipients:;"));
    } else {
        line(text, format_args!("To: {}", mailbox_list(world, &message.to)));
    }
    if !message.cc.is_empty() {
        line(text, format_args!("Cc: {}", mailbox_list(world, &message.cc)));
    }
    line(text, format_args!("Subject: {}", encoded(&message.subject)));
    line(text, format_args!("Message-ID: {}", message.id));
    write_ancestors(text, world, message);
    line(text, format_args!("MIME-Version: 1.0"));
    text.push_str(special_headers(message.nature));
    write_body(text, world, message);
    text.push('\n');
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a String takes every text");
    text.push('\n');
}

fn write_ancestors(text: &mut String, world: &World, message: &Message) {
    let mut ancestors = Vec::new();
    let mut younger = message;
    while let Some(parent) = younger.parent.filter(|_| younger.names_parent) {
        younger = &world.messages[parent];
        ancestors.push(younger.id.as_str());
    }
    let Some(parent) = ancestors.first() else { return };
    line(text, format_args!("In-Reply-To: {parent}"));
    ancestors.truncate(REFERENCES_MAX);
    ancestors.reverse();
    line(text, format_args!("References: {}", ancestors.join("\n ")));
}

/// What tells a machine's mail from a person's. Delivery reports carry no Auto-Submitted: theirs is a reason of its own.
fn special_headers(nature: Nature) -> &'static str {
    match nature {
        Nature::Ordinary | Nature::CalendarReply | Nature::DeliveryReport | Nature::Undisclosed | Nature::Unanswerable => "",
        Nature::Newsletter => {
            "List-Unsubscribe: <mailto:leave@news.example>, <https://news.example/leave>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
        }
        Nature::MailingList => {
            "List-Id: Flow metering standards <flow-metering.lists.iso-volunteers.example>\nList-Post: <mailto:flow-metering@lists.iso-volunteers.example>\nPrecedence: list\n"
        }
        Nature::Bulk => "Precedence: bulk\n",
        Nature::AutomaticReply => "Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\n",
        Nature::Draft => "X-Unsent: 1\nX-Mozilla-Draft-Info: internal/draft; vcard=0; receipt=0; DSN=0; uuencode=0\n",
        Nature::Private => "Sensitivity: Private\n",
        Nature::Confidential => "Sensitivity: Company-Confidential\n",
    }
}

fn write_body(text: &mut String, world: &World, message: &Message) {
    match message.nature {
        Nature::CalendarReply => {
            text.push_str("Content-Type: text/calendar; method=REPLY; charset=utf-8\n\nBEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REPLY\nEND:VCALENDAR\n");
        }
        Nature::DeliveryReport => text.push_str(DELIVERY_REPORT),
        _ => {
            // The text says nothing: it is never kept. It depends on the message alone, so every copy is the same.
            let mut random = Random::stream(world.seed, &message.id, 0);
            let body = random.pick(phrases(message.language).bodies);
            line(text, format_args!("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}"));
        }
    }
}

const DELIVERY_REPORT: &str = "Content-Type: multipart/report; report-type=delivery-status; boundary=\"report\"

--report
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered.
--report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.relay-one.example

Final-Recipient: rfc822; gone@nowhere.example
Action: failed
Status: 5.1.1
--report--
";

fn weekday(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

fn month(month: i8) -> &'static str {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS[month as usize - 1]
}

/// The date in an mbox's separator, as `asctime` writes it.
fn postmark(at: DateTime) -> String {
    let (weekday, month) = (weekday(at.weekday()), month(at.month()));
    format!("{weekday} {month} {:>2} {:02}:{:02}:{:02} {}", at.day(), at.hour(), at.minute(), at.second(), at.year())
}

fn date_header(at: DateTime, offset_s: i32) -> String {
    let (weekday, month) = (weekday(at.weekday()), month(at.month()));
    let sign = if offset_s < 0 { '-' } else { '+' };
    let offset_min = offset_s.abs() / 60;
    let (hours, minutes) = (offset_min / 60, offset_min % 60);
    let (year, clock) = (at.year(), format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second()));
    format!("{weekday}, {} {month} {year} {clock} {sign}{hours:02}{minutes:02}", at.day())
}

fn mailbox_list(world: &World, parties: &[PartyId]) -> String {
    parties.iter().map(|&party| mailbox(world, party)).collect::<Vec<_>>().join(",\n ")
}

/// `Name <address>`, the name quoted or encoded where it has to be.
fn mailbox(world: &World, party: PartyId) -> String {
    let party = world.party(party);
    let is_plain = party.name.chars().all(|letter| letter.is_ascii_alphanumeric() || " -'&".contains(letter));
    match (is_plain, party.name.is_ascii()) {
        (true, _) => format!("{} <{}>", party.name, party.address),
        (false, true) => format!("\"{}\" <{}>", party.name, party.address),
        (false, false) => format!("{} <{}>", encoded(&party.name), party.address),
    }
}

/// A header's text; in encoded words (RFC 2047, Q) when it is not ASCII.
fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words = vec![String::new()];
    for letter in text.chars() {
        let mut bytes = [0; 4];
        let mut piece = String::new();
        for &byte in letter.encode_utf8(&mut bytes).as_bytes() {
            match byte {
                b' ' => piece.push('_'),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => piece.push(char::from(byte)),
                _ => write!(piece, "={byte:02X}").expect("a String takes every text"),
            }
        }
        let is_full = words.last().is_some_and(|word| word.len() + piece.len() > ENCODED_WORD_BYTES_MAX);
        if is_full {
            words.push(String::new());
        }
        words.last_mut().expect("there is a first word").push_str(&piece);
    }
    words.iter().map(|word| format!("=?UTF-8?Q?{word}?=")).collect::<Vec<_>>().join("\n ")
}
