use rapport_domain::{ActivityState, Address, Calendar, Moment, Sighting};
use serde_json::{Value, json};

use super::*;
use crate::{calendar, mail::MailReader, mbox};

fn read(message: &Value) -> Captured {
    super::message(&MailReader::new(), message.to_string().as_bytes())
}

fn meeting(event: &Value) -> Captured {
    super::event(event.to_string().as_bytes(), &organization(), None)
}

fn organization() -> Calendar {
    Calendar::of("Europe/Amsterdam").unwrap()
}

fn person(address: &str, name: &str) -> Value {
    json!({"emailAddress": {"address": address, "name": name}})
}

fn of_file(text: &str) -> Sighting {
    let mail = mbox::single(text.as_bytes()).next().unwrap().unwrap();
    MailReader::new().read(&mail, false).sighting
}

fn of_calendar(event: &str) -> Vec<Sighting> {
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n");
    let until = Moment::parse("2027-01-01T00:00:00Z").unwrap();
    calendar::read(text.as_bytes(), &organization(), until).map(|item| item.unwrap().sighting).collect()
}

fn quote() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.message", "id": "AAA1", "internetMessageId": "<2@acme.example>", "isDraft": false,
        "sentDateTime": "2026-01-05T09:00:00Z", "receivedDateTime": "2026-01-05T09:00:07Z", "subject": "Re: Quote",
        "from": person("Carla@acme.example", "Carla Doe"), "sender": person("office@acme.example", "Office"),
        "toRecipients": [person("jo@us.example", "Jo"), person("JO@us.example", "Jo")], "ccRecipients": [person("lee@us.example", "")],
        "internetMessageHeaders": [
            {"name": "Received", "value": "from a by b; Mon, 5 Jan 2026 09:00:07 +0000"}, {"name": "From", "value": "Somebody <x@y.example>"},
            {"name": "References", "value": "<0@us.example>\r\n <1@us.example>"}, {"name": "In-Reply-To", "value": "<1@us.example>"},
        ],
    })
}

#[test]
fn a_message_shows_what_a_file_of_it_shows() {
    let file = of_file(
        "From: Carla Doe <Carla@acme.example>\nSender: Office <office@acme.example>\nTo: Jo <jo@us.example>, JO@us.example\nCc: lee@us.example\n\
         Date: Mon, 5 Jan 2026 10:00:00 +0100\nSubject: Re: Quote\nMessage-ID: <2@acme.example>\n\
         References: <0@us.example>\n <1@us.example>\nIn-Reply-To: <1@us.example>\n\n",
    );
    let captured = read(&quote());
    assert_eq!(captured.sighting, file);
    assert_eq!((captured.place, captured.recipients, captured.fault), (Place::Item("AAA1".to_owned()), 2, None));
}

#[test]
fn a_copy_in_sent_items_has_no_fields_and_its_conversation() {
    let mut sent = quote();
    sent["internetMessageHeaders"] = Value::Null;
    sent["conversationId"] = json!("AAQk=");
    let sighting = read(&sent).sighting;
    assert_eq!((sighting.conversation_id.as_deref(), sighting.ancestors.len()), (Some("AAQk="), 0));
}

#[test]
fn fields_mark_as_those_of_a_file_do() {
    for (name, value) in [
        ("List-Id", "<news.acme.example>"),
        ("Precedence", "bulk"),
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "no"),
        ("Sensitivity", "Company-Confidential"),
        ("Content-Type", "multipart/report; report-type=delivery-status"),
        ("Content-Type", "text/calendar; method=REPLY"),
        ("X-Original-To", "jo@us.example"),
        ("X-Folded", "a\r\nPrecedence: bulk"),
    ] {
        let mut message = quote();
        message["internetMessageHeaders"] = json!([{"name": name, "value": value}]);
        let folded = value.replace("\r\n", "\r\n ");
        let file = format!("From: a@acme.example\nTo: jo@us.example\n{name}: {folded}\n\n");
        let mail = mbox::single(file.as_bytes()).next().unwrap().unwrap();
        let file = MailReader::new().read(&mail, false);
        let captured = read(&message);
        assert_eq!((captured.sighting.marks, captured.delivered_to), (file.sighting.marks, file.delivered_to), "{name}: {value}");
    }
}

#[test]
fn microsoft_says_more_than_header_fields_do() {
    let mut answer = quote();
    answer["@odata.type"] = json!("#microsoft.graph.eventMessageResponse");
    assert!(read(&answer).sighting.marks.calendar_reply);
    let mut draft = quote();
    draft["isDraft"] = json!(true);
    assert!(read(&draft).sighting.marks.draft);
}

#[test]
fn what_is_missing_is_a_fault_and_no_panic() {
    let fault = |change: Value| {
        let mut message = quote();
        message.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        read(&message).fault
    };
    let nobody = json!({"emailAddress": {"name": "Nobody", "address": ""}});
    assert_eq!(fault(json!({"from": null, "sender": {}})).as_deref(), Some("no sender"));
    assert_eq!(fault(json!({"from": nobody, "sender": null})).as_deref(), Some("no sender: `Nobody` is no address"));
    assert_eq!(fault(json!({"sentDateTime": "0001-01-01T00:00:00Z"})), None, "the moment of arrival serves");
    assert_eq!(fault(json!({"sentDateTime": 7, "receivedDateTime": "soon"})).as_deref(), Some("no date: `soon` is none"));
    assert_eq!(read(&json!([1])).fault.as_deref(), Some("no JSON object"));
    assert!(super::message(&MailReader::new(), b"{\"id\": ").fault.unwrap().starts_with("no JSON: "));
    assert_eq!(meeting(&json!({"id": "E"})).fault.as_deref(), Some("the event has no start"));
}

const SERIES: &str =
    "040000008200E00074C5B7101A82E00800000000B0D1C4A1C57DDB010000000000000000100000003E9EF82FC4F68B47AA38749DEC560C23";

/// The same id as Exchange gives it to the occurrence of 12 January 2026.
fn of_day() -> String {
    SERIES.replacen("E00800000000", "E00807EA010C", 1)
}

fn occurrence() -> Value {
    json!({
        "id": "E1", "type": "occurrence", "seriesMasterId": "E", "iCalUId": of_day(), "subject": "Review", "sensitivity": "normal",
        "start": {"dateTime": "2026-01-12T09:00:00.0000000", "timeZone": "UTC"}, "isAllDay": false, "isCancelled": false,
        "end": {"dateTime": "2026-01-12T09:45:00.0000000", "timeZone": "UTC"}, "organizer": person("jo@us.example", "Jo"),
        "originalStart": "2026-01-12T09:00:00Z",
        "attendees": [
            {"type": "required", "status": {"response": "organizer"}, "emailAddress": {"address": "jo@us.example", "name": "Jo"}},
            {"type": "required", "status": {"response": "accepted"}, "emailAddress": {"address": "carla@acme.example", "name": "Carla"}},
            {"type": "optional", "status": {"response": "none"}, "emailAddress": {"address": "lee@us.example", "name": "Lee"}},
            {"type": "required", "status": {"response": "declined"}, "emailAddress": {"address": "dan@acme.example", "name": "Dan"}},
            {"type": "resource", "status": {"response": "accepted"}, "emailAddress": {"address": "room@us.example", "name": "Room"}},
        ],
    })
}

#[test]
fn an_occurrence_shows_what_a_file_of_its_series_shows() {
    let file = of_calendar(&format!(
        "UID:{SERIES}\r\nDTSTART;TZID=Europe/Amsterdam:20260105T100000\r\nDTEND;TZID=Europe/Amsterdam:20260105T104500\r\n\
         RRULE:FREQ=WEEKLY;COUNT=2\r\nSUMMARY:Review\r\nORGANIZER;CN=Jo:mailto:jo@us.example\r\nATTENDEE;CN=Jo:mailto:jo@us.example\r\n\
         ATTENDEE;CN=Carla:mailto:carla@acme.example\r\nATTENDEE;ROLE=OPT-PARTICIPANT;CN=Lee:mailto:lee@us.example\r\n\
         ATTENDEE;PARTSTAT=DECLINED:mailto:dan@acme.example\r\nATTENDEE;CUTYPE=ROOM:mailto:room@us.example\r\n",
    ));
    assert_eq!(meeting(&occurrence()).sighting, file[1]);
}

#[test]
fn an_occurrence_that_was_moved_keeps_the_start_of_its_rule() {
    let mut moved = occurrence();
    moved["type"] = json!("exception");
    moved["start"] = json!({"dateTime": "2026-01-13T15:00:00.0000000", "timeZone": "W. Europe Standard Time"});
    moved["end"] = json!({"dateTime": "2026-01-13T15:00:00", "timeZone": "Europe/Amsterdam"});
    moved["isCancelled"] = json!(true);
    let sighting = meeting(&moved).sighting;
    assert_eq!(sighting.occurred_at.to_rfc3339(), "2026-01-13T14:00:00Z");
    assert_eq!(sighting.occurrence.unwrap().to_rfc3339(), "2026-01-12T09:00:00Z");
    assert_eq!((sighting.state, sighting.duration_s), (Some(ActivityState::Cancelled), Some(0)));
}

#[test]
fn a_day_is_the_organizations_day() {
    let file = of_calendar("UID:fair@acme.example\r\nDTSTART;VALUE=DATE:20260112\r\nRRULE:FREQ=DAILY;COUNT=1\r\n");
    for original in ["2026-01-12T00:00:00Z", "2026-01-11T23:00:00Z", "2026-01-12T05:00:00Z"] {
        let sighting = meeting(&json!({
            "type": "occurrence", "iCalUId": "fair@acme.example", "isAllDay": true, "originalStart": original,
            "start": {"dateTime": "2026-01-12T00:00:00.0000000", "timeZone": "UTC"},
            "end": {"dateTime": "2026-01-13T00:00:00.0000000", "timeZone": "UTC"},
        }));
        assert_eq!(sighting.sighting, file[0], "{original}");
    }
}

#[test]
fn a_uid_of_another_system_is_found_again() {
    let uid = |id: &str| meeting(&json!({"iCalUId": id})).sighting.message_id;
    let digits = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"));
    let foreign = digits(b"vCal-Uid\x01\0\0\0fair@acme.example\0");
    let id = format!("040000008200E00074C5B7101A82E00807EA010C{}{foreign}", "0".repeat(40));
    assert_eq!(uid(&id).as_deref(), Some("fair@acme.example"));
    assert_eq!(uid(&of_day()).as_deref(), Some(SERIES));
    for own in ["040000008200E641B4C", "plain@acme.example", "iCalUId-value"] {
        assert_eq!(uid(own).as_deref(), Some(own));
    }
}

#[test]
fn who_declined_in_their_own_calendar_is_nobody() {
    let mut declined = occurrence();
    declined["responseStatus"] = json!({"response": "declined"});
    let lee = Address::parse("lee@us.example").unwrap();
    let captured = super::event(declined.to_string().as_bytes(), &organization(), Some(&lee));
    assert!(captured.named().all(|address| *address != lee));
    assert_eq!(captured.recipients, 1);
}

#[test]
fn a_series_is_no_meeting_and_private_ones_are_marked() {
    let mut series = occurrence();
    series["type"] = json!("seriesMaster");
    assert_eq!(meeting(&series).fault.as_deref(), Some("a series: its occurrences are the meetings"));
    for (word, is_sensitive) in [("normal", false), ("personal", true), ("private", true), ("confidential", true)] {
        let mut event = occurrence();
        event["sensitivity"] = json!(word);
        assert_eq!(meeting(&event).sighting.marks.sensitive, is_sensitive, "{word}");
    }
}
