//! One message of Microsoft Graph.

use rapport_domain::{Kind, Moment, Role, interaction::normalize_message_id};
use serde_json::Value;

use super::{NEVER, add, begin, is_true, list, says, text};
use crate::{
    Captured,
    mail::MailReader,
    participants::Roster,
    text::{quoted, subject},
};

/// Longest value of a header field that is looked at, in bytes: References of a very long thread fit, a signature's key need not.
const VALUE_MAX_BYTES: usize = 1 << 18;

/// What one message shows.
///
/// Its `conversationId` is always taken over: the copy in Sent Items has no header fields, so that nothing else joins an answer with what it
/// answers. Colleagues' mailboxes give a conversation different ids; the messages that both hold join them (decision 18).
pub fn message(reader: &MailReader, json: &[u8]) -> Captured {
    let (value, mut captured) = begin(Kind::Email, json);
    if captured.fault.is_some() {
        return captured;
    }
    add_people(&mut captured, &value);
    match date(&value) {
        Ok(moment) => captured.sighting.occurred_at = moment,
        Err(fault) => captured.fault = captured.fault.or(Some(fault)),
    }
    let sighting = &mut captured.sighting;
    sighting.message_id = text(&value, "internetMessageId").and_then(normalize_message_id);
    sighting.conversation_id = text(&value, "conversationId").map(|id| id.trim().to_owned());
    sighting.subject = text(&value, "subject").and_then(subject);
    sighting.marks.draft = is_true(&value, "isDraft");
    sighting.marks.calendar_reply = says(&value, "@odata.type", &["#microsoft.graph.eventMessageResponse"]);
    sighting.marks.sensitive = says(&value, "sensitivity", &["private", "confidential", "personal"]);
    reader.read_fields(&mut captured, &fields(&value));
    captured
}

/// From, or Sender where there is no readable From; To and Cc. Bcc is nobody.
fn add_people(captured: &mut Captured, value: &Value) {
    let mut roster = Roster::default();
    for name in ["from", "sender"] {
        if let (true, Some(person)) = (roster.participants.is_empty(), value.get(name)) {
            add(&mut roster, person, Role::From);
        }
    }
    if roster.participants.is_empty() {
        captured.fault = Some(match roster.unreadable_example() {
            Some(example) => format!("no sender: {example} is no address"),
            None => "no sender".to_owned(),
        });
    }
    for (name, role) in [("toRecipients", Role::To), ("ccRecipients", Role::Cc)] {
        list(value, name).for_each(|person| add(&mut roster, person, role));
    }
    captured.notes.extend(roster.notes());
    captured.recipients = roster.recipients;
    captured.sighting.participants = roster.participants;
}

/// When it was sent, else when it arrived.
fn date(value: &Value) -> Result<Moment, String> {
    let mut fault = "no date".to_owned();
    let said = ["sentDateTime", "receivedDateTime"].into_iter().filter_map(|name| text(value, name));
    for said in said.filter(|said| !said.starts_with(NEVER)) {
        match Moment::parse(said) {
            Ok(moment) => return Ok(moment),
            Err(_) => fault = format!("no date: {} is none", quoted(said)),
        }
    }
    Err(fault)
}

/// The header fields as they stand in a message, so that the reader of mail files reads them.
fn fields(value: &Value) -> Vec<u8> {
    let mut fields = Vec::new();
    for field in list(value, "internetMessageHeaders") {
        let (Some(name), Some(said)) = (text(field, "name"), text(field, "value")) else { continue };
        let is_name = name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
        if !is_name || said.len() > VALUE_MAX_BYTES {
            continue;
        }
        fields.extend_from_slice(name.as_bytes());
        fields.extend_from_slice(b": ");
        fields.extend(said.bytes().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }));
        fields.extend_from_slice(b"\r\n");
    }
    fields.extend_from_slice(b"\r\n");
    fields
}
