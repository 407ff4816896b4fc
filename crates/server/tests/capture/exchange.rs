//! What is read from an Exchange server is what files of the same mail and meetings hold.

use rapport_domain::{Moment, time::HOUR_US};
use rapport_server::app::connectors::{MailboxState, Secrets};
use rapport_testkit::{
    chance::Chance,
    fake_ews::{ACCOUNT, Event, FakeEws, Folder, Message, Occurrence, PASSWORD, message as mail_of},
};
use serde_json::json;

use crate::{
    graph::{
        help::{ANN, BOB, assert_same, open},
        same::{COLLEAGUES, Mail, calendar, conversations, import},
    },
    office::{CONNECTOR, Office},
};

/// By the account that acts for everybody.
async fn connect(office: &Office, fake: &FakeEws) {
    let settings = json!({"kind": "exchange", "url": fake.url, "account": ACCOUNT, "domains": ["us.example"]});
    office.connect(settings, Secrets::from([("password".to_owned(), PASSWORD.to_owned())])).await;
}

/// A message as Exchange has it in a mailbox: a copy in Sent Items has no header fields.
fn message(mail: &Mail, mailbox: &str) -> Message {
    let all = |people: &[&str]| people.iter().map(|one| (*one).to_owned()).collect();
    let headers = mail.references().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Message {
        key: format!("{}-{}", mail.thread, mail.number),
        received: mail.at.to_rfc3339(),
        from: mail.from.to_owned(),
        to: all(&mail.to),
        cc: all(&mail.cc),
        subject: mail.subject(),
        message_id: mail.message_id(mail.number),
        conversation: format!("C {mailbox} {}", mail.thread),
        headers: if mail.from == mailbox { Vec::new() } else { headers },
        ..Message::default()
    }
}

/// The meetings of the calendar file, as Exchange keeps them in Ann's calendar.
fn meetings() -> Vec<Event> {
    let time = |start: &str, end: &str| (start.to_owned(), end.to_owned());
    let of = |key: &str, time: (String, String), organizer: &str, attendees: &[(&str, bool, &'static str)]| Event {
        key: key.to_owned(),
        uid: key.to_owned(),
        time,
        subject: "x".to_owned(),
        organizer: organizer.to_owned(),
        attendees: attendees.iter().map(|(who, is_needed, said)| ((*who).to_owned(), *is_needed, *said)).collect(),
        ..Event::default()
    };
    let (jo, lee) = ([("jo@acme.example", true, "Accept")], [("lee@acme.example", true, "Unknown")]);
    let invited = [jo[0], ("lee@acme.example", true, "Decline"), (BOB, false, "NoResponseReceived")];
    let fair = of("fair", time("2026-02-17T00:00:00Z", "2026-02-18T00:00:00Z"), "kim@other.example", &[(ANN, true, "Accept")]);
    let first = Moment::parse("2026-01-12T09:00:00Z").unwrap();
    let week = |number: i64| {
        let start = first.plus_us(number * 7 * 24 * HOUR_US);
        let own = (start.to_rfc3339(), start.plus_us(HOUR_US / 2).to_rfc3339());
        let moved = Occurrence {
            time: time("2026-01-20T14:00:00Z", "2026-01-20T14:30:00Z"),
            original: Some(own.0.clone()),
            further: vec![("sam@third.example".to_owned(), true, "Unknown")],
        };
        if number == 1 { moved } else { Occurrence { time: own, ..Occurrence::default() } }
    };
    let occurrences = (0..12).filter(|number| *number != 2).map(week).collect();
    vec![
        of("one", time("2026-02-10T10:00:00Z", "2026-02-10T11:00:00Z"), ANN, &invited),
        Event { is_cancelled: true, ..of("off", time("2026-02-11T10:00:00Z", "2026-02-11T10:30:00Z"), ANN, &jo) },
        Event { is_all_day: true, ..fair },
        Event { sensitivity: "Private", ..of("secret", time("2026-02-18T10:00:00Z", "2026-02-18T10:30:00Z"), ANN, &jo) },
        Event { occurrences, ..of("week", time("2026-01-12T09:00:00Z", "2026-01-12T09:30:00Z"), ANN, &lee) },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn capture_keeps_what_the_import_of_the_same_mail_and_meetings_keeps() {
    for seed in 0..4 {
        let mut random = Chance(seed);
        let mails = conversations(&mut random, 500);
        let fake = FakeEws::start().await;
        fake.change(|world| {
            world.page_items = [0, 3, 10, 50][seed as usize];
            for mailbox in COLLEAGUES {
                world.add_mailbox(mailbox);
            }
            for mail in &mails {
                for mailbox in mail.mailboxes() {
                    let received = *random.pick(&["F-inbox=", "F-archive="]);
                    let folder = if mail.from == mailbox { "F-sentitems=" } else { received };
                    world.deliver(mailbox, folder, message(mail, mailbox));
                }
            }
            // What is no mail that was sent or received.
            for folder in ["F-drafts=", "F-junkemail=", "F-deleteditems="] {
                let stranger = Message { key: folder.to_owned(), message_id: format!("<{folder}@x>"), ..message(&mails[0], BOB) };
                world.deliver(ANN, folder, stranger);
            }
            for meeting in meetings() {
                world.put_event(ANN, "calendar=", meeting);
            }
        });
        let (imported, captured) = (open(&COLLEAGUES).await, open(&COLLEAGUES).await);
        import(&imported, &mails, &calendar().0).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_series_that_ends_takes_its_meetings_with_it_and_a_single_one_goes_at_once() {
    let fake = FakeEws::start().await;
    fake.change(|world| {
        world.add_mailbox(ANN);
        for meeting in meetings() {
            world.put_event(ANN, "calendar=", meeting);
        }
        let single = Event { time: ("2026-03-20T10:00:00Z".into(), "2026-03-20T11:00:00Z".into()), ..meetings().remove(0) };
        world.put_event(ANN, "calendar=", Event { key: "later".to_owned(), uid: "later".to_owned(), ..single });
    });
    let office = open(&[ANN]).await;
    connect(&office, &fake).await;
    office.sync_to_the_end().await;
    let before = office.interactions().await.len();
    fake.change(|world| {
        world.delete(ANN, "later");
        world.delete(ANN, "week");
    });
    office.sync().await;
    assert_eq!(office.interactions().await.len(), before - 1, "the single one was still to come");
    office.wait(3 * 3_600);
    office.sync_to_the_end().await;
    // Of the weekly one eight took place or were on their way when the clock stood at 2 March, and stay.
    let weekly = meetings().pop().unwrap().occurrences;
    let ahead = weekly.iter().filter(|one| Moment::parse(&one.time.0).unwrap() > office.now()).count();
    assert_eq!(office.interactions().await.len(), before - 1 - ahead);
    assert!(ahead > 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_that_cannot_be_read_for_once_is_known_as_before() {
    let fake = FakeEws::start().await;
    fake.change(|world| {
        world.add_mailbox(ANN);
        for meeting in meetings() {
            world.put_event(ANN, "calendar=", meeting);
        }
    });
    let office = open(&[ANN]).await;
    connect(&office, &fake).await;
    office.sync_to_the_end().await;
    let before = office.interactions().await;
    let failed = async || office.mailbox(ANN).await.counts.unwrap().failed;
    assert_eq!(failed().await, 0);
    fake.damage("one", "ErrorItemCorrupt");
    fake.change(|world| world.touch(ANN, "one"));
    office.sync_to_the_end().await;
    assert_eq!(failed().await, 1, "it is counted");
    assert_eq!(office.interactions().await, before);
    fake.mend();
    fake.change(|world| world.touch(ANN, "one"));
    office.sync_to_the_end().await;
    assert_eq!(office.interactions().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_the_account_may_not_act_for_keeps_nobody_waiting() {
    let fake = FakeEws::start().await;
    fake.change(|world| {
        world.add_mailbox(ANN);
        world.add_mailbox(BOB);
    });
    fake.deny(BOB);
    let office = open(&[ANN, BOB]).await;
    connect(&office, &fake).await;
    for _ in 0..3 {
        office.sync().await;
    }
    assert_eq!(office.mailbox(ANN).await.state, MailboxState::Current);
    let bob = office.mailbox(BOB).await;
    assert_eq!(bob.state, MailboxState::Failing);
    assert!(format!("{bob:?}").contains("ErrorImpersonateUserDenied"), "{bob:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_of_many_folders_is_read_to_its_beginning() {
    const FOLDERS: usize = 60;
    let fake = FakeEws::start().await;
    fake.change(|world| {
        world.add_mailbox(ANN);
        for number in 0..FOLDERS {
            let folder = format!("customer-{number}=");
            world.mailboxes.get_mut(ANN).unwrap().folders.insert(folder.clone(), Folder::default());
            let at = format!("2026-01-{:02}T10:00:00Z", 10 + number % 20);
            let mail = mail_of(&format!("M{number}"), &at, "jo@acme.example", ANN, "Quote");
            world.deliver(ANN, &folder, Message { headers: Vec::new(), ..mail });
        }
    });
    let office = open(&[ANN]).await;
    office.app.set_setting("capture.history_months", "2").await.unwrap();
    connect(&office, &fake).await;
    office.sync_to_the_end().await;
    assert_eq!(office.interactions().await.len(), FOLDERS);
}
