//! What is read from Microsoft 365 is what files of the same mail and meetings hold.

use std::{fs, path::PathBuf};

use rapport_domain::{Moment, time::DAY_US};
use rapport_server::app::import::ImportOptions;
use rapport_testkit::{chance::Chance, fake_graph::FakeGraph};
use serde_json::{Value, json};

use super::help::{ANN, BOB, CAS, NOW, assert_same, connect, open};
use crate::office::{CONNECTOR, Office};

pub(crate) const COLLEAGUES: [&str; 3] = [ANN, BOB, CAS];
const CUSTOMERS: [&str; 4] = ["jo@acme.example", "lee@acme.example", "kim@other.example", "sam@third.example"];
/// Conversations of a world.
const THREADS: u64 = 25;

/// A message, as those who wrote it would tell of it.
pub(crate) struct Mail {
    pub(crate) thread: u64,
    pub(crate) number: u64,
    pub(crate) at: Moment,
    pub(crate) from: &'static str,
    pub(crate) to: Vec<&'static str>,
    pub(crate) cc: Vec<&'static str>,
}

impl Mail {
    pub(crate) fn message_id(&self, number: u64) -> String {
        format!("<{}.{number}@mail.example>", self.thread)
    }

    pub(crate) fn subject(&self) -> String {
        format!("{}Topic {}", if self.number > 0 { "Re: " } else { "" }, self.thread)
    }

    /// Header fields that say what it answers.
    pub(crate) fn references(&self) -> Vec<(&'static str, String)> {
        if self.number == 0 {
            return Vec::new();
        }
        let all: Vec<String> = (0..self.number).map(|number| self.message_id(number)).collect();
        vec![("In-Reply-To", self.message_id(self.number - 1)), ("References", all.join(" "))]
    }

    pub(crate) fn mailboxes(&self) -> impl Iterator<Item = &'static str> {
        let all = [self.from].into_iter().chain(self.to.iter().copied()).chain(self.cc.iter().copied());
        all.filter(|address| COLLEAGUES.contains(address))
    }

    fn eml(&self) -> String {
        let date = jiff::Timestamp::from_microsecond(self.at.0).unwrap().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
        let cc = if self.cc.is_empty() { String::new() } else { format!("Cc: {}\r\n", self.cc.join(", ")) };
        let further: Vec<String> = self.references().into_iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!(
            "From: {}\r\nTo: {}\r\n{cc}Date: {date}\r\nMessage-ID: {}\r\nSubject: {}\r\n{}\r\nA body.\r\n",
            self.from,
            self.to.join(", "),
            self.message_id(self.number),
            self.subject(),
            further.concat()
        )
    }

    /// As Graph has it in a mailbox: a copy in Sent Items has no header fields.
    pub(super) fn json(&self, mailbox: &str) -> Value {
        let people = |all: &[&str]| all.iter().map(|address| json!({"emailAddress": {"address": address}})).collect::<Vec<_>>();
        let headers: Vec<Value> =
            self.references().into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let at = self.at.to_rfc3339();
        json!({
            "id": format!("{}-{}=", self.thread, self.number), "internetMessageId": self.message_id(self.number),
            "conversationId": format!("C {mailbox} {}", self.thread), "subject": self.subject(), "isDraft": false,
            "sentDateTime": at, "receivedDateTime": at, "from": people(&[self.from])[0], "sender": people(&[self.from])[0],
            "toRecipients": people(&self.to), "ccRecipients": people(&self.cc),
            "internetMessageHeaders": if self.from == mailbox { Value::Null } else { json!(headers) },
        })
    }
}

/// Conversations of the last so many days between the same people, who take turns.
pub(crate) fn conversations(random: &mut Chance, days: u64) -> Vec<Mail> {
    let now = Moment::parse(NOW).unwrap();
    let mut mails = Vec::new();
    for thread in 0..THREADS {
        let (ours, theirs) = (*random.pick(&COLLEAGUES), *random.pick(&CUSTOMERS));
        let further: Vec<&str> = COLLEAGUES.into_iter().filter(|other| *other != ours && random.number(3) == 0).collect();
        let mut at = now.plus_us(-(random.number(days) as i64 + 10) * DAY_US);
        for number in 0..=random.number(4) {
            at = at.plus_us((random.number(DAY_US as u64 / 1_000_000) as i64 + 60) * 1_000_000);
            let is_ours = (random.number(2) == 0) != number.is_multiple_of(2);
            let (from, to) = if is_ours { (ours, theirs) } else { (theirs, ours) };
            mails.push(Mail { thread, number, at, from, to: vec![to], cc: further.clone() });
        }
    }
    mails
}

/// A calendar file, and the events of the same meetings as Graph shows them: a single meeting, one that was cancelled, one that lasts all
/// day, one that is private, and a weekly series with one occurrence moved and one left out.
pub(crate) fn calendar() -> (String, Vec<Value>) {
    let file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n\
        BEGIN:VEVENT\r\nUID:one\r\nDTSTART:20260210T100000Z\r\nDTEND:20260210T110000Z\r\nSUMMARY:Kick-off\r\n\
        ORGANIZER:mailto:ann@us.example\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:jo@acme.example\r\n\
        ATTENDEE;PARTSTAT=DECLINED:mailto:lee@acme.example\r\nATTENDEE;ROLE=OPT-PARTICIPANT:mailto:bob@us.example\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:off\r\nDTSTART:20260211T100000Z\r\nDTEND:20260211T103000Z\r\nSUMMARY:Off\r\nSTATUS:CANCELLED\r\n\
        ORGANIZER:mailto:ann@us.example\r\nATTENDEE:mailto:jo@acme.example\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:fair\r\nDTSTART;VALUE=DATE:20260217\r\nDTEND;VALUE=DATE:20260218\r\nSUMMARY:Fair\r\n\
        ORGANIZER:mailto:kim@other.example\r\nATTENDEE:mailto:ann@us.example\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:secret\r\nDTSTART:20260218T100000Z\r\nDTEND:20260218T103000Z\r\nSUMMARY:Secret\r\nCLASS:PRIVATE\r\n\
        ORGANIZER:mailto:ann@us.example\r\nATTENDEE:mailto:jo@acme.example\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:week\r\nDTSTART:20260112T090000Z\r\nDTEND:20260112T093000Z\r\nRRULE:FREQ=WEEKLY;COUNT=12\r\n\
        EXDATE:20260126T090000Z\r\nSUMMARY:Weekly\r\nORGANIZER:mailto:ann@us.example\r\nATTENDEE:mailto:lee@acme.example\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:week\r\nRECURRENCE-ID:20260119T090000Z\r\nDTSTART:20260120T140000Z\r\nDTEND:20260120T143000Z\r\n\
        SUMMARY:Weekly\r\nORGANIZER:mailto:ann@us.example\r\nATTENDEE:mailto:lee@acme.example\r\nATTENDEE:mailto:sam@third.example\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";
    let person = |address: &str, kind: &str, response: &str| json!({"type": kind, "status": {"response": response}, "emailAddress": {"address": address}});
    let event = |id: &str, uid: &str, (start, end): (&str, &str), organizer: &str, attendees: Vec<Value>| {
        json!({
            "id": id, "type": "singleInstance", "iCalUId": uid, "subject": "x", "sensitivity": "normal", "isAllDay": false,
            "start": {"dateTime": start, "timeZone": "UTC"}, "end": {"dateTime": end, "timeZone": "UTC"}, "isCancelled": false,
            "organizer": {"emailAddress": {"address": organizer}}, "attendees": attendees, "seriesMasterId": null,
        })
    };
    let required = |address: &str| vec![person(address, "required", "accepted")];
    let attendees = vec![
        person("jo@acme.example", "required", "accepted"),
        person("lee@acme.example", "required", "declined"),
        person(BOB, "optional", "none"),
    ];
    let single = event("E1", "one", ("2026-02-10T10:00:00.0000000", "2026-02-10T11:00:00.0000000"), ANN, attendees);
    let mut off = event("E2", "off", ("2026-02-11T10:00:00", "2026-02-11T10:30:00"), ANN, required("jo@acme.example"));
    off["isCancelled"] = json!(true);
    let mut fair = event("E3", "fair", ("2026-02-17T00:00:00", "2026-02-18T00:00:00"), "kim@other.example", required(ANN));
    fair["isAllDay"] = json!(true);
    let mut secret = event("E4", "secret", ("2026-02-18T10:00:00", "2026-02-18T10:30:00"), ANN, required("jo@acme.example"));
    secret["sensitivity"] = json!("private");
    let mut events = vec![single, off, fair, secret];
    let first = jiff::civil::date(2026, 1, 12).at(9, 0, 0, 0);
    for week in (0..12_i64).filter(|week| *week != 2) {
        let start = first + jiff::Span::new().weeks(week);
        let end = start + jiff::Span::new().minutes(30);
        let id = format!("W-{week}");
        events.push(if week == 1 {
            let attendees = [required("lee@acme.example"), required("sam@third.example")].concat();
            let mut moved = event(&id, "week", ("2026-01-20T14:00:00", "2026-01-20T14:30:00"), ANN, attendees);
            (moved["type"], moved["originalStart"]) = (json!("exception"), json!(format!("{start}Z")));
            moved["seriesMasterId"] = json!("W");
            moved
        } else {
            let time = |at: jiff::civil::DateTime| json!({"dateTime": at.to_string(), "timeZone": "UTC"});
            json!({"id": id, "type": "occurrence", "seriesMasterId": "W", "start": time(start), "end": time(end)})
        });
    }
    let mut master = event("W", "week", ("2026-01-12T09:00:00", "2026-01-12T09:30:00"), ANN, required("lee@acme.example"));
    master["type"] = json!("seriesMaster");
    events.push(master);
    (file.to_owned(), events)
}

pub(crate) async fn import(office: &Office, mails: &[Mail], calendar: &str) {
    let path = |name: &str| -> PathBuf { office.folder().join(name) };
    for mailbox in COLLEAGUES {
        let folder = path(mailbox);
        fs::create_dir(&folder).unwrap();
        for mail in mails.iter().filter(|mail| mail.mailboxes().any(|one| one == mailbox)) {
            fs::write(folder.join(format!("{}-{}.eml", mail.thread, mail.number)), mail.eml()).unwrap();
        }
        let options = ImportOptions { mailbox: Some(mailbox.to_owned()), ..ImportOptions::default() };
        let report = office.app.import_mail(&[folder], &options, &|_| {}).await.unwrap();
        assert!(report.failed == 0 && report.read > 0, "{report:?}");
    }
    fs::write(path("ann.ics"), calendar).unwrap();
    let options = ImportOptions { mailbox: Some(ANN.to_owned()), ..ImportOptions::default() };
    let report = office.app.import_calendar(&[path("ann.ics")], &options, &|_| {}).await.unwrap();
    assert_eq!((report.failed, report.excluded.values().sum::<u64>()), (0, 1), "the private one is left out: {report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn capture_keeps_what_the_import_of_the_same_mail_and_meetings_keeps() {
    for seed in 0..4 {
        let mut random = Chance(seed);
        let mails = conversations(&mut random, 500);
        let (file, events) = calendar();
        let fake = FakeGraph::start().await;
        fake.change(|world| {
            world.page_items = [0, 3, 10, 50][seed as usize];
            for mailbox in COLLEAGUES {
                world.add_mailbox(mailbox);
            }
            for mail in &mails {
                for mailbox in mail.mailboxes() {
                    let received = *random.pick(&["F-inbox=", "F-archive="]);
                    let folder = if mail.from == mailbox { "F-sentitems=" } else { received };
                    world.deliver(mailbox, folder, mail.json(mailbox));
                }
            }
            // What is no mail that was sent or received.
            for folder in ["F-drafts=", "F-junkemail=", "F-deleteditems="] {
                let mut stranger = mails[0].json(BOB);
                (stranger["id"], stranger["internetMessageId"]) = (json!(folder), json!(format!("<{folder}@x>")));
                world.deliver(ANN, folder, stranger);
            }
            for event in events {
                world.put_event(ANN, "calendar", event);
            }
        });
        let (imported, captured) = (open(&COLLEAGUES).await, open(&COLLEAGUES).await);
        import(&imported, &mails, &file).await;
        connect(&captured, &fake).await;
        captured.sync_to_the_end().await;
        imported.wait((captured.now().0 - imported.now().0) / 1_000_000);
        assert_same(&imported, &captured, &format!("seed {seed}")).await;
        assert!(captured.interactions().await.len() >= mails.len(), "seed {seed}: nothing was left out");

        // Once more from the beginning: everything is known.
        captured.app.restart_mailbox(CONNECTOR, ANN).await.unwrap();
        captured.sync_to_the_end().await;
        imported.wait((captured.now().0 - imported.now().0) / 1_000_000);
        assert_same(&imported, &captured, &format!("seed {seed}, again")).await;
    }
}
