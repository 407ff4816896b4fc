//! What a run shows: replaced CRM rows, hidden mailboxes, and nothing of a batch that failed.

use std::collections::BTreeMap;

use rapport_domain::{
    Kind, Sighting, Touches,
    touches::{SEEN_CRM, SEEN_MAILBOX},
};
use rapport_store::{Visibility, ledger::Mailboxes};
use rustc_hash::FxHashSet;

use crate::world::{World, everything, in_crm, in_mailbox, incoming, mail, regarding, seen};

#[tokio::test]
async fn a_row_of_the_crm_that_changes_replaces_what_it_said() {
    let world = World::new().await;
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    let call = |minutes, callee| in_crm(seen(Kind::PhoneCall, minutes, &["ann@us.example", callee]), "act-1");
    let done = appender.append(vec![call(0, "carla@acme.example")], &[]).await.unwrap();
    assert_eq!((done.kept, done.duplicates), (1, 0));
    let done = appender.append(vec![call(0, "carla@acme.example")], &[]).await.unwrap();
    assert_eq!((done.kept, done.duplicates), (0, 1));
    // Another moment and another callee: the old call is gone from every run.
    let done = appender.append(vec![call(60, "dan@acme.example")], &[]).await.unwrap();
    assert_eq!((done.kept, done.duplicates), (1, 0));
    assert!(world.run(&organization, "carla@acme.example", &everything()).await.is_empty());
    assert_eq!(world.run(&organization, "dan@acme.example", &everything()).await.len(), 1);
    let counts = world.store.ledger_counts(organization.id).await.unwrap();
    assert_eq!((counts.interactions, counts.sightings), (1, 1));
    // Back again, by another appender that remembers nothing.
    world.appender(&organization).append(vec![call(0, "carla@acme.example")], &[]).await.unwrap();
    assert_eq!(world.run(&organization, "carla@acme.example", &everything()).await.len(), 1);
    assert!(world.run(&organization, "dan@acme.example", &everything()).await.is_empty());
}

#[tokio::test]
async fn a_replaced_row_leaves_what_a_mailbox_saw() {
    let world = World::new().await;
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    let meeting = |minutes| Sighting {
        message_id: Some("uid-1".to_owned()),
        ..regarding(seen(Kind::Meeting, minutes, &["ann@us.example", "carla@acme.example"]), "opportunities/o1")
    };
    let mut of_mailbox = in_mailbox(meeting(0), "ann@us.example");
    of_mailbox.regarding = None;
    appender.append(vec![in_crm(meeting(0), "act-1"), of_mailbox], &[]).await.unwrap();
    let run = world.run(&organization, "carla@acme.example", &everything()).await;
    assert_eq!((run.len(), run.seen[0], run.regarding[0] > 0), (1, SEEN_CRM | SEEN_MAILBOX, true));
    appender.append(vec![in_crm(meeting(600), "act-1")], &[]).await.unwrap();
    let run = world.run(&organization, "carla@acme.example", &everything()).await;
    assert_eq!((&run.seen[..], run.regarding[0]), (&[SEEN_MAILBOX, SEEN_CRM][..], 0));
}

#[tokio::test]
async fn what_only_a_hidden_mailbox_shows_is_not_there() {
    let world = World::new().await;
    let organization = world.organization().await;
    let to_both = ["carla@acme.example", "ann@us.example", "bob@us.example"];
    // Ann's copy shows dan; bob's does not. The call stands in the CRM, the last mail only in ann's mailbox.
    let mut with_dan = to_both.to_vec();
    with_dan.push("dan@acme.example");
    let call = in_crm(seen(Kind::PhoneCall, 30, &["ann@us.example", "carla@acme.example"]), "act-1");
    let sightings = vec![
        in_mailbox(mail(0, &with_dan, "a@x", &[]), "ann@us.example"),
        in_mailbox(mail(0, &to_both, "a@x", &[]), "bob@us.example"),
        in_mailbox(mail(60, &["ann@us.example", "carla@acme.example"], "b@x", &[]), "ann@us.example"),
        mail(90, &["bob@us.example", "carla@acme.example"], "c@x", &[]),
        call,
    ];
    world.appender(&organization).append(sightings, &[]).await.unwrap();
    let hiding = async |mailboxes: &[&str]| {
        let mut hidden = FxHashSet::default();
        for mailbox in mailboxes {
            hidden.insert(i64::from(world.address(&organization, mailbox).await.unwrap().0));
        }
        Visibility { mailboxes: Mailboxes::AllBut(hidden), ..Visibility::default() }
    };
    let seen_by = async |visibility: Visibility| {
        let carla = world.run(&organization, "carla@acme.example", &visibility).await;
        let dan = world.run(&organization, "dan@acme.example", &visibility).await;
        let id = world.address(&organization, "dan@acme.example").await.unwrap();
        (carla.len(), incoming(&carla), dan.participants.iter().filter(|seen| seen.address == id).count())
    };
    assert_eq!(seen_by(everything()).await, (4, 1, 1));
    assert_eq!(seen_by(hiding(&["ann@us.example"]).await).await, (3, 1, 0), "bob's copy shows carla, not dan");
    assert_eq!(seen_by(hiding(&["bob@us.example"]).await).await, (4, 1, 1), "ann's copy shows both");
    assert_eq!(
        seen_by(hiding(&["ann@us.example", "bob@us.example"]).await).await,
        (2, 0, 0),
        "the call and the unattributed mail"
    );
    let only = |mailboxes: &[i64]| Visibility {
        mailboxes: Mailboxes::Only(mailboxes.iter().copied().collect()),
        ..Visibility::default()
    };
    let ann = i64::from(world.address(&organization, "ann@us.example").await.unwrap().0);
    assert_eq!(seen_by(only(&[ann])).await, (3, 1, 1), "the call and ann's mails, not the unattributed one");
    assert_eq!(seen_by(only(&[])).await, (1, 0, 0), "nobody's mailbox");
    assert_eq!(seen_by(Visibility::default()).await, (1, 0, 0), "CRM data alone");
    // A scan sees what single runs see.
    let mut scanned = 0;
    let bounds = world.store.subject_bounds(organization.id).await.unwrap();
    world.store.scan(organization.id, bounds, &Visibility::default(), |_, touches| scanned += touches.len()).await.unwrap();
    assert_eq!(scanned, 1);
}

#[tokio::test]
async fn a_scan_of_a_long_tail_shows_each_run_whole() {
    let world = World::new().await;
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    // More blocks than are read at once, so that some runs begin in one bundle and end in another.
    let person = |i: i64| format!("p{i}@acme.example");
    for batch in 0..3 {
        let mails = |i: i64| mail(batch * 10 + i % 7, &["ann@us.example", &person(i)], &format!("{batch}-{i}@x"), &[]);
        let mut sightings: Vec<_> = (0..1_500).map(mails).collect();
        sightings.push(regarding(seen(Kind::PhoneCall, batch, &["ann@us.example", &person(0)]), "opportunities/deal"));
        appender.append(sightings, &[]).await.unwrap();
    }
    let bounds = world.store.subject_bounds(organization.id).await.unwrap();
    let mut scanned = BTreeMap::new();
    let visit = |subject, touches: &Touches| assert!(scanned.insert(subject, touches.clone()).is_none(), "{subject} comes once");
    world.store.scan(organization.id, bounds, &everything(), visit).await.unwrap();
    assert_eq!(scanned.len(), 1_501, "everybody external, and the deal");
    for (subject, touches) in scanned {
        let run = world.store.runs_of(organization.id, &[subject], &everything()).await.unwrap();
        assert_eq!(touches, run, "{subject}");
        assert!(touches.len() >= 3, "{subject} has one of each batch");
    }
}

#[tokio::test]
async fn a_run_that_grows_mail_by_mail_lies_in_few_blocks() {
    let world = World::new().await;
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    for i in 0..100 {
        appender.append(vec![mail(i, &["ann@us.example", "carla@acme.example"], &format!("{i}@x"), &[])], &[]).await.unwrap();
    }
    // Another copy of the first mail names one more: the newest version of a touch holds, in whatever block.
    let copy = in_mailbox(mail(0, &["ann@us.example", "carla@acme.example", "dan@acme.example"], "0@x", &[]), "ann@us.example");
    appender.append(vec![copy], &[]).await.unwrap();
    let carla = i64::from(world.address(&organization, "carla@acme.example").await.unwrap().0);
    let blocks: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM touches WHERE subject = ?")
        .bind(carla)
        .fetch_one(&world.meddler().await)
        .await
        .unwrap();
    assert!((1..=32).contains(&blocks), "{blocks} blocks of a hundred mails");
    let run = world.store.runs_of(organization.id, &[carla], &everything()).await.unwrap();
    assert_eq!(run.len(), 100);
    assert_eq!(run.participants_of(0).len(), 3, "the first mail as both copies show it");
}

#[tokio::test]
async fn the_name_that_was_seen_last_holds_of_many_in_one_batch() {
    let world = World::new().await;
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    let named = |minutes, i: i64, name: &str| {
        let mut mail = mail(minutes, &["ann@us.example", &format!("p{i}@acme.example")], &format!("{minutes}-{i}@x"), &[]);
        mail.participants[1].name = Some(format!("{name} {i}"));
        mail
    };
    // More than one statement has room for, then an older and a newer one of some.
    appender.append((0..600).map(|i| named(10, i, "First")).collect(), &[]).await.unwrap();
    appender.append(vec![named(5, 0, "Older"), named(20, 1, "Newer")], &[]).await.unwrap();
    let rows = world.store.addresses(organization.id).await.unwrap();
    let names: BTreeMap<&str, Option<&str>> = rows.iter().map(|row| (row.key.as_str(), row.name.as_deref())).collect();
    assert_eq!(names["ann@us.example"], None);
    for i in 0..600 {
        let name = if i == 1 { "Newer" } else { "First" };
        assert_eq!(names[&*format!("p{i}@acme.example")], Some(&*format!("{name} {i}")));
    }
}

#[tokio::test]
async fn what_is_taken_back_leaves_touches_that_count() {
    let world = World::new().await;
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    let people = ["ann@us.example", "carla@acme.example"];
    let copies = vec![in_mailbox(mail(0, &people, "a@x", &[]), people[0]), in_crm(mail(0, &people, "a@x", &[]), "act-1")];
    appender.append(copies, &[]).await.unwrap();
    let before = world.store.touch_count(organization.id).await.unwrap();
    appender.append(vec![], &["act-1".to_owned()]).await.unwrap();
    let run = world.run(&organization, people[1], &everything()).await;
    assert_eq!((run.len(), run.seen[0]), (1, SEEN_MAILBOX), "the mailbox's copy is left");
    // What decides when the tail is sealed counts what was written, not what went.
    assert_eq!(world.store.touch_count(organization.id).await.unwrap(), before + 1);
}

#[tokio::test]
async fn of_a_batch_that_fails_nothing_is_kept() {
    let world = World::new().await;
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    appender.append(vec![mail(0, &["ann@us.example", "carla@acme.example"], "a@x", &[])], &[]).await.unwrap();
    let state = async || {
        (
            world.store.ledger_counts(organization.id).await.unwrap(),
            world.store.addresses(organization.id).await.unwrap(),
            world.store.facts_version(organization.id).await.unwrap(),
            world.runs(&organization, &everything()).await,
        )
    };
    let before = state().await;
    let meddler = world.meddler().await;
    // The last thing that a batch writes fails.
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON touches BEGIN SELECT RAISE(ABORT, 'refused by the test'); END";
    sqlx::query(refuse).execute(&meddler).await.unwrap();
    let batch = vec![
        mail(10, &["carla@acme.example", "bob@us.example"], "b@x", &["a@x"]),
        mail(20, &["ann@us.example", "dan@acme.example"], "c@x", &["b@x"]),
    ];
    appender.append(batch.clone(), &[]).await.unwrap_err();
    assert_eq!(state().await, before);
    sqlx::query("DROP TRIGGER refuse").execute(&meddler).await.unwrap();
    // The same appender goes on as if nothing had been.
    let done = appender.append(batch, &[]).await.unwrap();
    assert_eq!((done.kept, done.duplicates), (2, 0));
    assert_eq!(world.run(&organization, "carla@acme.example", &everything()).await.len(), 2);
    assert_eq!(world.run(&organization, "dan@acme.example", &everything()).await.len(), 1);
    assert_eq!(world.store.integrity().await.unwrap(), "ok");
}

#[tokio::test]
async fn two_appenders_at_once_keep_each_interaction_once() {
    let world = World::new().await;
    let organization = world.organization().await;
    let (mut one, mut other) = (world.appender(&organization), world.appender(&organization));
    let people = ["ann@us.example", "carla@acme.example"];
    let mut kept = 0;
    for i in 0..10 {
        let batch = |from: i64| (from..from + 5).map(|i| mail(i, &people, &format!("m{i}@x"), &[])).collect::<Vec<_>>();
        let (a, b) = tokio::join!(one.append(batch(i * 3), &[]), other.append(batch(i * 3 + 2), &[]));
        kept += a.unwrap().kept + b.unwrap().kept;
    }
    assert_eq!(kept, 34);
    assert_eq!(world.run(&organization, "carla@acme.example", &everything()).await.len(), 34);
}
