//! What message traces tell is what mailboxes hold, but for roles and what answers what; and it is read without any mailbox.

use std::{
    collections::{BTreeMap, BTreeSet},
    task::Poll,
};

use rapport_testkit::{
    chance::Chance,
    fake_graph::{FakeGraph, trace},
};

use super::{
    help::{ANN, connect, connect_to, open},
    same::{COLLEAGUES, Mail, conversations},
};
use crate::office::{CONNECTOR, Office, column};

/// Everybody whom some mailbox saw in an interaction, by its Message-ID, moment and sender.
type Known = BTreeMap<[String; 3], BTreeSet<String>>;

/// A tenant whose transport noted these mails, and whose mailboxes hold them.
async fn tenant(mails: &[Mail]) -> FakeGraph {
    let fake = FakeGraph::start().await;
    fake.change(|world| {
        for mailbox in COLLEAGUES {
            world.add_mailbox(mailbox);
        }
        for mail in mails {
            for mailbox in mail.mailboxes() {
                let folder = if mail.from == mailbox { "F-sentitems=" } else { "F-inbox=" };
                world.deliver(mailbox, folder, mail.json(mailbox));
            }
            let (id, at) = (mail.message_id(mail.number), mail.at.to_rfc3339());
            for to in mail.to.iter().chain(&mail.cc) {
                world.traces.push(trace(&id, &at, mail.from, to, "delivered"));
            }
            // Spam that calls itself as a mail does, and somebody whom a mail did not reach.
            world.traces.push(trace(&format!("spam {id}"), &at, "spam@x.example", ANN, "filteredAsSpam"));
            world.traces.push(trace(&id, &at, mail.from, "gone@acme.example", "failed"));
        }
        world.page_items = 4;
    });
    fake
}

async fn known(office: &Office) -> Known {
    let mut known = Known::new();
    for row in &office.interactions().await {
        let people = ["from", "to", "cc"].map(|name| column(row, name)).join(";");
        let key = ["message_id", "occurred_at", "from"].map(|name| column(row, name).to_owned());
        let people = people.split(';').filter(|one| !one.is_empty()).map(str::to_owned);
        known.entry(key).or_default().extend(people);
    }
    known
}

async fn office(fake: &FakeGraph, reads: &str) -> Office {
    let office = open(&COLLEAGUES).await;
    connect_to(&office, fake, reads).await;
    office
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_tell_what_mailboxes_hold_but_for_roles() {
    for seed in 0..3 {
        let mails = conversations(&mut Chance(seed), 70);
        let fake = tenant(&mails).await;
        let (from_mailboxes, from_traces) = (office(&fake, "mailboxes").await, office(&fake, "message_traces").await);
        fake.set_roles(&["ExchangeMessageTrace.Read.All", "Mail.ReadBasic.All", "Calendars.ReadBasic.All"]);
        from_mailboxes.sync_to_the_end().await;
        let asked = fake.log().len();
        from_traces.sync_to_the_end().await;
        let told = known(&from_traces).await;
        assert_eq!((told.len(), &told), (mails.len(), &known(&from_mailboxes).await), "seed {seed}");
        let log = fake.log();
        assert!(log[asked..].iter().all(|asked| asked.mailbox.is_none()), "a mailbox was opened");
        assert!(from_traces.interactions().await.iter().all(|row| column(row, "cc").is_empty()));

        // What mailboxes hold and traces tell is one interaction: nothing new comes of reading the other way too.
        connect(&from_traces, &fake).await;
        from_traces.sync_to_the_end().await;
        assert_eq!(known(&from_traces).await, told, "seed {seed}, read in both ways");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_cuts_reading_off_nothing_is_lost_or_counted_twice() {
    let mails = conversations(&mut Chance(7), 70);
    let fake = tenant(&mails).await;
    let (calm, stormy) = (office(&fake, "message_traces").await, office(&fake, "message_traces").await);
    calm.sync_to_the_end().await;
    let mut random = Chance(7);
    fake.throttle_every(17);
    for _ in 0..40 {
        stormy.wait(3_600);
        let polls_max = random.number(60);
        let mut round = Box::pin(stormy.app.sync_once(None));
        // Cut off wherever it is.
        let mut polls = 0;
        std::future::poll_fn(|context| {
            polls += 1;
            if polls > polls_max { Poll::Ready(()) } else { round.as_mut().poll(context).map(drop) }
        })
        .await;
    }
    fake.throttle_every(0);
    stormy.sync_to_the_end().await;
    let told = known(&stormy).await;
    assert_eq!((told.len(), &told), (mails.len(), &known(&calm).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_tenant_has_not_failed() {
    let addresses: Vec<String> = (0..12).map(|number| format!("user{number}@us.example")).collect();
    let fake = FakeGraph::start().await;
    fake.change(|world| {
        for address in &addresses {
            let id = format!("<{address}>");
            world.traces.push(trace(&id, "2026-01-10T10:00:00Z", address, "jo@acme.example", "delivered"));
        }
    });
    let office = open(&addresses.iter().map(String::as_str).collect::<Vec<_>>()).await;
    connect_to(&office, &fake, "message_traces").await;
    let report = office.app.sync_once(None).await.unwrap();
    let asked = |log: &[rapport_testkit::fake_graph::Logged]| log.len();
    assert_eq!((report.failed, asked(&fake.log())), (0, 90), "{report:?}");
    let status = office.app.connector(CONNECTOR).await.unwrap();
    assert!(status.failure.is_none() && status.mailboxes.iter().all(|mailbox| mailbox.failure.is_none()));
    // What was read of whoever had to wait is not asked for again.
    for _ in 0..4 {
        office.wait(301);
        office.app.sync_once(None).await.unwrap();
    }
    assert!(office.is_current().await);
    assert_eq!(office.interactions().await.len(), addresses.len());
    let windows: Vec<String> =
        fake.log().into_iter().map(|asked| asked.target).filter(|target| target.contains("user3@")).collect();
    let distinct: BTreeSet<&String> = windows.iter().collect();
    assert_eq!(windows.len(), distinct.len(), "{windows:?}");
}
