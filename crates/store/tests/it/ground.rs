//! Ground state of large batches: known again, learning, and gone when it is to go.

use rapport_domain::{Kind, Sighting};
use rapport_store::{Organization, ledger::Appended};

use crate::world::{ACTOR, World, everything, in_crm, in_mailbox, mail, moment, ours, seen};

/// So many that their identities are a run.
const BATCH: usize = 2_048;
/// So many that runs are merged, and one is left beside them.
const BATCHES: usize = 9;

fn people(i: usize) -> [String; 2] {
    ["ann@us.example".to_owned(), format!("p{}@acme.example", i % 40)]
}

fn batch(number: usize, len: usize) -> Vec<Sighting> {
    let one = |i: usize| {
        let people = people(i);
        mail(i as i64, &people.each_ref().map(String::as_str), &format!("{i}@x"), &[])
    };
    (number * BATCH..number * BATCH + len).map(one).collect()
}

async fn filled(world: &World) -> Organization {
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    for number in 0..BATCHES {
        let appended = appender.append(batch(number, BATCH), &[]).await.unwrap();
        assert_eq!(appended, Appended { kept: BATCH as u64, duplicates: 0 });
    }
    organization
}

async fn number_of(world: &World, text: &'static str) -> i64 {
    sqlx::query_scalar(text).fetch_one(&world.meddler().await).await.unwrap()
}

async fn counts(world: &World, organization: &Organization) -> (u64, u64) {
    assert_eq!(world.store.check_identities(organization.id).await.unwrap(), (0, 0));
    let counts = world.store.ledger_counts(organization.id).await.unwrap();
    (counts.interactions, counts.sightings)
}

#[tokio::test]
async fn interactions_of_large_batches_are_known_again() {
    let world = World::new().await;
    let organization = filled(&world).await;
    let all = (BATCHES * BATCH) as u64;
    assert_eq!(counts(&world, &organization).await, (all, all));
    let runs = "SELECT COUNT(DISTINCT run) FROM identity_blocks";
    assert_eq!(number_of(&world, runs).await, 2, "eight were merged");
    assert_eq!(number_of(&world, "SELECT COUNT(*) FROM interactions").await, 0, "and none is a row");
    // By somebody who remembers nothing, in small batches and in large ones, and both at once with what is new.
    let mut appender = world.appender(&organization);
    for number in 0..BATCHES {
        let (few, many) = (batch(number, 10), batch(number, BATCH));
        assert_eq!(appender.append(few, &[]).await.unwrap(), Appended { kept: 0, duplicates: 10 });
        assert_eq!(appender.append(many, &[]).await.unwrap(), Appended { kept: 0, duplicates: BATCH as u64 });
    }
    let mixed = batch(BATCHES - 1, BATCH + 10);
    assert_eq!(appender.append(mixed, &[]).await.unwrap(), Appended { kept: 10, duplicates: BATCH as u64 });
    assert_eq!(number_of(&world, "SELECT COUNT(*) FROM interactions").await, 10);
    assert_eq!(counts(&world, &organization).await, (all + 10, all + 10));
    // Nobody else knows them, though hashes are alike here.
    let other = world.organization().await;
    let appended = world.appender(&other).append(batch(0, BATCH), &[]).await.unwrap();
    assert_eq!(appended, Appended { kept: BATCH as u64, duplicates: 0 });
    assert_eq!(counts(&world, &other).await, (BATCH as u64, BATCH as u64));
    assert_eq!(counts(&world, &organization).await, (all + 10, all + 10));
}

#[tokio::test]
async fn another_mailbox_adds_to_interactions_of_large_batches() {
    let world = World::new().await;
    let organization = filled(&world).await;
    let before = world.runs(&organization, &everything()).await;
    // Every third mail, so that each block has some that change and some that do not; and one is longer than a page.
    let subject = "long ".repeat(2_000);
    let again = |(i, sighting): (usize, Sighting)| {
        let subject = (i == 3).then(|| subject.clone());
        in_mailbox(Sighting { subject, ..sighting }, "bob@us.example")
    };
    let seen_again: Vec<_> = (0..BATCHES).flat_map(|number| batch(number, BATCH)).enumerate().step_by(3).map(again).collect();
    let again = seen_again.len() as u64;
    let appended = world.appender(&organization).append(seen_again, &[]).await.unwrap();
    assert_eq!(appended, Appended { kept: 0, duplicates: again });
    let all = (BATCHES * BATCH) as u64;
    assert_eq!(counts(&world, &organization).await, (all, all + again));
    assert_eq!(world.runs(&organization, &everything()).await.len(), before.len());
    let bob = i64::from(world.address(&organization, "bob@us.example").await.unwrap().0);
    assert_eq!(world.store.mailbox_sources(organization.id).await.unwrap(), [-1, bob]);
    let sightings = world.store.sightings_of(organization.id, &[4, 5, 1_000_000, 1]).await.unwrap();
    let short: Vec<_> = sightings.iter().map(|(id, source, seen)| (*id, *source, seen.subject.len())).collect();
    assert_eq!(short, [(1, -1, 0), (1, bob, 0), (4, -1, 0), (4, bob, subject.len()), (5, -1, 0)]);
    // Bob's mailbox goes: what it alone had seen is nothing, so that all is as before.
    let deleted = world.store.delete_mailboxes(&organization, &ours(), &[bob], (ACTOR, moment(0))).await.unwrap();
    assert_eq!((deleted.sightings, deleted.interactions), (again, 0));
    assert_eq!(counts(&world, &organization).await, (all, all));
    assert_eq!(world.runs(&organization, &everything()).await, before);
}

#[tokio::test]
async fn of_what_is_deleted_no_identity_is_left() {
    let world = World::new().await;
    let organization = filled(&world).await;
    // An activity of the CRM goes with its interaction.
    let call = in_crm(seen(Kind::PhoneCall, 5, &["ann@us.example", "p1@acme.example"]), "act-1");
    world.appender(&organization).append(vec![call], &[]).await.unwrap();
    let gone = (BATCH + 100) as i64;
    let deleted = world.store.delete_before(&organization, &ours(), moment(gone), (ACTOR, moment(0))).await.unwrap();
    assert_eq!((deleted.sightings, deleted.interactions), (gone as u64 + 1, gone as u64 + 1));
    let left = (BATCHES * BATCH) as u64 - gone as u64;
    assert_eq!(counts(&world, &organization).await, (left, left));
    assert_eq!(number_of(&world, "SELECT COUNT(*) FROM crm_activities").await, 0);
    // What is gone is new again, the rest is known.
    let appended = world.appender(&organization).append(batch(1, BATCH), &[]).await.unwrap();
    assert_eq!(appended, Appended { kept: 100, duplicates: BATCH as u64 - 100 });
    let deleted =
        world.store.delete_before(&organization, &ours(), moment(i64::from(i32::MAX)), (ACTOR, moment(0))).await.unwrap();
    assert_eq!(deleted.interactions, left + 100);
    assert_eq!(counts(&world, &organization).await, (0, 0));
    assert_eq!(number_of(&world, "SELECT COUNT(*) FROM identity_blocks").await, 0);
    assert_eq!(number_of(&world, "SELECT COUNT(*) FROM sighting_blocks").await, 0);
}

#[tokio::test]
async fn activities_of_a_large_batch_are_taken_back_one_by_one() {
    let world = World::new().await;
    let organization = world.organization().await;
    let call = |i: usize, minutes: i64| {
        let people = people(i);
        in_crm(seen(Kind::PhoneCall, minutes, &people.each_ref().map(String::as_str)), &format!("act-{i}"))
    };
    let mut appender = world.appender(&organization);
    appender.append((0..BATCH).map(|i| call(i, i as i64)).collect(), &[]).await.unwrap();
    let all = BATCH as u64;
    appender.append(Vec::new(), &["act-7".to_owned()]).await.unwrap();
    assert_eq!(counts(&world, &organization).await, (all - 1, all - 1));
    // By another one, many of them with a new moment, each of which goes and comes.
    let moved: Vec<_> = (100..400).map(|i| call(i, 10_000 + i as i64)).collect();
    world.appender(&organization).append(moved, &[]).await.unwrap();
    assert_eq!(counts(&world, &organization).await, (all - 1, all - 1));
    // What the first one remembers is out of date, and it notices.
    let appended = appender.append((0..BATCH).map(|i| call(i, i as i64)).collect(), &[]).await.unwrap();
    assert_eq!(appended, Appended { kept: 301, duplicates: all - 301 });
    assert_eq!(counts(&world, &organization).await, (all, all));
}

#[tokio::test]
async fn an_identity_of_none_loses_no_sighting() {
    let world = World::new().await;
    let organization = filled(&world).await;
    let meddler = world.meddler().await;
    // All of the first blocks go, but not their identities.
    let delete = "DELETE FROM sighting_blocks WHERE first_interaction < 100";
    sqlx::query(delete).execute(&meddler).await.unwrap();
    let (lost, left) = world.store.check_identities(organization.id).await.unwrap();
    assert!(lost == 0 && left >= 99, "{left}");
    let again = world.appender(&organization).append(batch(0, BATCH), &[]).await.unwrap();
    assert_eq!(again, Appended { kept: left, duplicates: BATCH as u64 - left });
    let all = (BATCHES * BATCH) as u64;
    assert_eq!(counts(&world, &organization).await, (all, all));
}

#[tokio::test]
async fn identities_that_are_lost_or_left_behind_are_found_and_made_anew() {
    let world = World::new().await;
    let organization = filled(&world).await;
    let meddler = world.meddler().await;
    let row = "INSERT INTO interactions (org_id, identity, interaction_id) VALUES (?, zeroblob(16), 7)";
    sqlx::query(row).bind(organization.id.0).execute(&meddler).await.unwrap();
    assert_eq!(world.store.check_identities(organization.id).await.unwrap(), (0, 1));
    let lose = "DELETE FROM identity_blocks WHERE block_id = (SELECT MAX(block_id) FROM identity_blocks)";
    sqlx::query(lose).execute(&meddler).await.unwrap();
    let (lost, left) = world.store.check_identities(organization.id).await.unwrap();
    assert!((1..=160).contains(&lost) && left == 1, "{lost} {left}");
    world.store.rebuild(&organization, &ours(), |_, _| {}).await.unwrap();
    let all = (BATCHES * BATCH) as u64;
    assert_eq!(counts(&world, &organization).await, (all, all));

    // Seen again before a rebuild they are new: two with one identity, which stop neither a rebuild nor a deletion.
    sqlx::query(lose).execute(&meddler).await.unwrap();
    let (lost, _) = world.store.check_identities(organization.id).await.unwrap();
    let everything = (0..BATCHES).flat_map(|number| batch(number, BATCH)).collect();
    let again = world.appender(&organization).append(everything, &[]).await.unwrap();
    assert_eq!(again, Appended { kept: lost, duplicates: all - lost });
    world.store.rebuild(&organization, &ours(), |_, _| {}).await.unwrap();
    assert_eq!(world.store.check_identities(organization.id).await.unwrap(), (lost, 0));
    world.store.delete_before(&organization, &ours(), moment(all as i64), (ACTOR, moment(0))).await.unwrap();
    assert_eq!(counts(&world, &organization).await, (0, 0));
}
