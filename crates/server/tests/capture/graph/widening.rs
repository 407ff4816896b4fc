//! A wider scope: what was left out before is found afterwards, once, at little cost; whatever interrupts.

use rapport_domain::Table;
use rapport_server::app::{connectors::MailboxState, record_write::ExpectedRecord, records::RecordDocument};
use rapport_testkit::fake_graph::{FakeGraph, event, message};

use super::{
    help::{ANN, BOB, connect, open},
    simulation::cut_off,
};
use crate::office::{CONNECTOR, LATER_S, Office, column};

/// Longer than additions have to be quiet, and than no mailbox is read again twice.
const QUIET_S: i64 = 3_700;
/// People who wrote before anybody knew them, one mail each to Ann and Bob.
const STRANGERS: [&str; 4] = ["carla@acme.example", "dan@acme.example", "eve@gmail.com", "fay@gmail.com"];

async fn world(scope: &str) -> (Office, FakeGraph) {
    let fake = FakeGraph::start().await;
    fake.change(|world| {
        world.page_items = 2;
        for address in [ANN, BOB] {
            world.add_mailbox(address);
            for (number, stranger) in STRANGERS.iter().enumerate() {
                let at = format!("2025-1{}-0{}T10:00:00Z", number % 3, number + 1);
                world.deliver(address, "F-archive=", message(&format!("{number}-{address}="), &at, stranger, address, "Hello"));
            }
        }
        let meeting = event("E1", "2026-01-05T10:00:00", "2026-01-05T11:00:00", STRANGERS[0]);
        world.put_event(ANN, "calendar", meeting);
    });
    let office = open(&[ANN, BOB]).await;
    office.app.set_setting("capture.scope", scope).await.unwrap();
    office.app.set_setting("capture.history_months", "12").await.unwrap();
    connect(&office, &fake).await;
    office.sync_to_the_end().await;
    (office, fake)
}

async fn add_contact(office: &Office, email: &str) {
    let contact =
        RecordDocument { name: Some("Somebody".to_owned()), email: Some(email.to_owned()), ..RecordDocument::default() };
    let id = email.replace(['@', '.'], "-");
    office.app.put_record(Table::Contacts, &id, &contact, ExpectedRecord::Anything).await.unwrap();
}

/// Lets the next look notice what was added, lets additions come to rest, and reads to the end.
async fn settle(office: &Office) {
    office.sync().await;
    office.wait(QUIET_S);
    office.sync_to_the_end().await;
}

/// Copies that were read of Ann's mailbox so far.
async fn read(office: &Office) -> u64 {
    office.mailbox(ANN).await.counts.unwrap().read
}

/// Who is in an interaction with us, ascending, as often as they are.
async fn known(office: &Office) -> Vec<String> {
    let rows = office.interactions().await;
    let mut known: Vec<String> = Vec::new();
    for row in &rows {
        let all = format!("{};{};{}", column(row, "from"), column(row, "to"), column(row, "cc"));
        known.extend(STRANGERS.iter().filter(|one| all.contains(*one)).map(|one| (*one).to_owned()));
    }
    known.sort_unstable();
    known
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_contact_brings_the_mail_and_meetings_of_before() {
    let (office, _fake) = world("crm_people").await;
    assert_eq!(known(&office).await, Vec::<String>::new());
    add_contact(&office, STRANGERS[0]).await;
    settle(&office).await;
    let carla = STRANGERS[0];
    assert_eq!(known(&office).await, [carla, carla, carla], "two mails and a meeting, none twice, and nobody else");
    let before = (office.interactions().await, read(&office).await);
    // Nothing more is read for it, however long one waits.
    settle(&office).await;
    assert_eq!((office.interactions().await, read(&office).await), before);
    assert_eq!(office.mailbox(ANN).await.state, MailboxState::Current);

    // A domain of an account, and a lead.
    let account =
        RecordDocument { domains: vec!["acme.example".to_owned()], name: Some("Acme".to_owned()), ..Default::default() };
    office.app.put_record(Table::Accounts, "a1", &account, ExpectedRecord::Anything).await.unwrap();
    let lead = RecordDocument { topic: Some("A deal".to_owned()), email: Some(STRANGERS[2].to_owned()), ..Default::default() };
    office.app.put_record(Table::Leads, "l1", &lead, ExpectedRecord::Anything).await.unwrap();
    settle(&office).await;
    let (dan, eve) = (STRANGERS[1], STRANGERS[2]);
    assert_eq!(known(&office).await, [carla, carla, carla, dan, dan, eve, eve]);

    // Who is at a domain that is in scope was never left out.
    let read_before = read(&office).await;
    add_contact(&office, dan).await;
    settle(&office).await;
    assert_eq!(read(&office).await, read_before);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_contacts_are_one_reading() {
    let (office, _fake) = world("crm_people").await;
    let first = read(&office).await;
    for number in 0..10 {
        add_contact(&office, &format!("new{number}@elsewhere.example")).await;
        // Each is noticed by itself.
        office.app.sync_once(None).await.unwrap();
        office.wait(5);
    }
    add_contact(&office, STRANGERS[0]).await;
    assert_eq!(read(&office).await, first, "nothing is read again while more are added");
    settle(&office).await;
    assert_eq!(read(&office).await, 2 * first, "all was read once more, and only once");
    // Soon afterwards another one: not at once.
    add_contact(&office, STRANGERS[1]).await;
    office.sync().await;
    office.sync().await;
    assert_eq!(read(&office).await, 2 * first);
    settle(&office).await;
    assert_eq!((read(&office).await, known(&office).await.len()), (3 * first, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_is_interrupted_goes_on() {
    let (office, fake) = world("crm_people").await;
    for stranger in STRANGERS {
        add_contact(&office, stranger).await;
    }
    office.wait(QUIET_S);
    // Dropped wherever it happens to wait: while it notes who is in scope, while it begins anew, between two pages.
    for polls in 1..40 {
        office.wait(LATER_S);
        cut_off(&office, polls).await;
    }
    // And with a fault after some requests.
    fake.throttle_every(7);
    for _ in 0..6 {
        office.sync().await;
    }
    fake.throttle_every(0);
    office.wait(QUIET_S);
    office.sync_to_the_end().await;
    assert_eq!(known(&office).await.len(), 2 * STRANGERS.len() + 1);

    // A mailbox that may not be read meanwhile is read for it later.
    office.app.pause_capture(CONNECTOR, Some(ANN), true).await.unwrap();
    fake.change(|world| world.deliver(ANN, "F-inbox=", message("late=", "2026-01-10T10:00:00Z", "gus@gmail.com", ANN, "Hello")));
    office.app.set_setting("capture.scope", "everyone").await.unwrap();
    for wait_s in [0, QUIET_S, QUIET_S] {
        office.wait(wait_s);
        office.sync().await;
    }
    assert!(!has_gus(&office).await);
    office.app.pause_capture(CONNECTOR, Some(ANN), false).await.unwrap();
    settle(&office).await;
    assert!(has_gus(&office).await);
}

async fn has_gus(office: &Office) -> bool {
    office.interactions().await.iter().any(|row| column(row, "from").contains("gus@gmail.com"))
}

#[tokio::test(flavor = "multi_thread")]
async fn business_reads_again_for_free_mail_of_a_record_alone() {
    let (office, _fake) = world("business").await;
    let (carla, dan, eve) = (STRANGERS[0], STRANGERS[1], STRANGERS[2]);
    assert_eq!(known(&office).await, [carla, carla, carla, dan, dan]);
    let first = read(&office).await;
    add_contact(&office, carla).await;
    add_contact(&office, "new@elsewhere.example").await;
    settle(&office).await;
    assert_eq!(read(&office).await, first);
    add_contact(&office, eve).await;
    settle(&office).await;
    assert_eq!((read(&office).await, known(&office).await.len()), (2 * first, 7));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wider_setting_is_read_for_and_a_narrower_one_is_not() {
    let (office, _fake) = world("business").await;
    let first = read(&office).await;
    office.app.set_setting("capture.scope", "everyone").await.unwrap();
    settle(&office).await;
    assert_eq!((read(&office).await, known(&office).await.len()), (2 * first, 9));
    for narrower in ["business", "crm_people"] {
        office.app.set_setting("capture.scope", narrower).await.unwrap();
        settle(&office).await;
    }
    assert_eq!(read(&office).await, 2 * first);
    office.app.set_setting("capture.scope", "business").await.unwrap();
    settle(&office).await;
    assert_eq!(
        (read(&office).await, known(&office).await.len()),
        (3 * first, 9),
        "mail may have come meanwhile that was left out"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_read_again_that_retention_would_delete_at_once() {
    let (office, _fake) = world("crm_people").await;
    office.app.set_setting("retention.months", "3").await.unwrap();
    office.app.set_setting("capture.scope", "everyone").await.unwrap();
    settle(&office).await;
    // Dan wrote in November, Eve in December, Carla was met in January.
    assert_eq!(known(&office).await, [STRANGERS[0], STRANGERS[2], STRANGERS[2]]);
}
