//! The audit log cannot be changed unseen, and erasing somebody does not break it.

use rapport_domain::OrgId;
use rapport_store::{
    Organization, Store,
    ledger::Erasure,
    registry::{AuditCheck, AuditFault},
};
use sqlx::SqlitePool;

use crate::world::{ACTOR, World, moment, ours};

const TRIGGERS: [&str; 2] = ["audit_keeps_every_entry", "audit_changes_only_to_erase"];

/// Five entries; the third names carla@acme.example.
async fn with_entries() -> (World, Organization) {
    let world = World::new().await;
    let organization = world.organization().await;
    for (i, value) in ["1", "2", "carla@acme.example", "4", "5"].into_iter().enumerate() {
        let values = [("key".to_owned(), value.to_owned())];
        world.store.set_settings(organization.id, &values, ACTOR, moment(i as i64)).await.unwrap();
    }
    (world, organization)
}

/// Somebody who owns the file and takes its guards away first.
async fn intruder(world: &World) -> SqlitePool {
    let pool = world.meddler().await;
    for trigger in TRIGGERS {
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP TRIGGER {trigger}"))).execute(&pool).await.unwrap();
    }
    pool
}

async fn run(pool: &SqlitePool, statement: &'static str) -> Result<u64, sqlx::Error> {
    sqlx::query(statement).execute(pool).await.map(|done| done.rows_affected())
}

async fn check(store: &Store, org: OrgId) -> AuditCheck {
    store.verify_audit(org, None).await.unwrap()
}

async fn erase(world: &World, organization: &Organization) {
    let erasure = Erasure { keys: vec!["carla@acme.example".to_owned()], ..Erasure::default() };
    world.store.erase(organization, &ours(), &erasure, ACTOR, moment(50)).await.unwrap();
}

#[tokio::test]
async fn a_chain_that_nobody_touched_holds() {
    let (world, organization) = with_entries().await;
    let other = world.organization().await;
    let found = check(&world.store, organization.id).await;
    assert_eq!((found.entries, found.redacted, found.problems), (5, 0, vec![]));
    assert_eq!(check(&world.store, other.id).await, AuditCheck::default());
    let newest = &world.store.audit_entries(organization.id, None, 1).await.unwrap()[0];
    assert_eq!(found.head, Some((5, newest.hash.clone())));
    let before: Vec<i64> =
        world.store.audit_entries(organization.id, Some(4), 2).await.unwrap().iter().map(|entry| entry.number).collect();
    assert_eq!(before, [3, 2]);
}

#[tokio::test]
async fn entries_are_neither_changed_nor_deleted() {
    let (world, _) = with_entries().await;
    let pool = world.meddler().await;
    for statement in [
        "DELETE FROM audit WHERE number = 5",
        "UPDATE audit SET after = 'key = 9' WHERE number = 2",
        "UPDATE audit SET at_us = 0, salt = NULL WHERE number = 2",
        "UPDATE audit SET hash = NULL WHERE number = 5",
        "UPDATE audit SET number = 9, salt = NULL WHERE number = 5",
    ] {
        let error = run(&pool, statement).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{statement}: {error}");
    }
}

#[tokio::test]
async fn whatever_an_intruder_changes_is_found() {
    use AuditFault::{Chain, Missing, Redacted, Text};
    for (statement, expected) in [
        ("UPDATE audit SET after = 'key = 9' WHERE number = 2", vec![(2, Text)]),
        ("UPDATE audit SET actor = 'somebody else' WHERE number = 2", vec![(2, Text)]),
        ("UPDATE audit SET before = after, after = before WHERE number = 2", vec![(2, Text)]),
        ("UPDATE audit SET before = '' WHERE number = 1", vec![(1, Text)]),
        ("UPDATE audit SET at_us = at_us + 1 WHERE number = 4", vec![(4, Chain)]),
        ("UPDATE audit SET action = 'x' WHERE number = 1", vec![(1, Chain)]),
        ("UPDATE audit SET after = 'x', salt = NULL WHERE number = 4", vec![(4, Redacted)]),
        ("DELETE FROM audit WHERE number = 3", vec![(3, Missing), (4, Chain)]),
        ("DELETE FROM audit WHERE number = 1", vec![(1, Missing), (2, Chain)]),
        ("UPDATE audit SET number = number + 10 WHERE number = 5", (5..15).map(|n| (n, Missing)).chain([(15, Chain)]).collect()),
    ] {
        let (world, organization) = with_entries().await;
        let pool = intruder(&world).await;
        assert_eq!(run(&pool, statement).await.unwrap(), 1, "{statement}");
        assert_eq!(check(&world.store, organization.id).await.problems, expected, "{statement}");
    }
}

#[tokio::test]
async fn a_noted_entry_proves_that_nothing_was_cut_off_or_written_anew() {
    let (world, organization) = with_entries().await;
    let (number, hash) = check(&world.store, organization.id).await.head.unwrap();
    let problems = async |noted: (i64, &str)| world.store.verify_audit(organization.id, Some(noted)).await.unwrap().problems;
    assert_eq!(problems((number, &hash.to_uppercase())).await, []);
    assert_eq!(problems((number, &"0".repeat(64))).await, [(number, AuditFault::Noted)]);
    let pool = intruder(&world).await;
    run(&pool, "DELETE FROM audit WHERE number > 3").await.unwrap();
    assert_eq!(check(&world.store, organization.id).await.problems, [], "a shorter chain holds as well");
    assert_eq!(problems((number, &hash)).await, [(5, AuditFault::Missing)]);
    for minutes in [80, 81] {
        let values = [("other".to_owned(), minutes.to_string())];
        world.store.set_settings(organization.id, &values, ACTOR, moment(minutes)).await.unwrap();
    }
    assert_eq!(problems((number, &hash)).await, [(5, AuditFault::Noted)]);
}

#[tokio::test]
async fn an_erasure_takes_somebody_out_and_the_chain_holds() {
    let (world, organization) = with_entries().await;
    let noted = check(&world.store, organization.id).await.head.unwrap();
    erase(&world, &organization).await;
    let found = world.store.verify_audit(organization.id, Some((noted.0, &noted.1))).await.unwrap();
    // The value after, in the third entry, and the value before, in the fourth.
    assert_eq!((found.entries, found.redacted, found.problems), (6, 2, vec![]));
    let entries = world.store.audit_entries(organization.id, None, 10).await.unwrap();
    let redacted: Vec<_> = entries.iter().filter(|entry| entry.is_redacted).map(|entry| entry.number).collect();
    assert_eq!(redacted, [4, 3]);
    assert_eq!(entries[0].after.as_deref(), Some("0 addresses, 0 interactions; audit entries changed: 3, 4"));
    assert!(entries.iter().all(|entry| !format!("{entry:?}").contains("carla")));
    let salts: i64 = sqlx::query_scalar("SELECT count(*) FROM audit WHERE number IN (3, 4) AND salt IS NOT NULL")
        .fetch_one(&world.meddler().await)
        .await
        .unwrap();
    assert_eq!(salts, 0, "what is erased cannot be tried out against its digest");
    // An erasure that comes later excuses only what it names.
    let pool = intruder(&world).await;
    run(&pool, "UPDATE audit SET salt = NULL WHERE number = 2").await.unwrap();
    assert_eq!(check(&world.store, organization.id).await.problems, [(2, AuditFault::Redacted)]);
}

#[tokio::test]
async fn entries_from_before_the_chain_join_it() {
    let (world, organization) = with_entries().await;
    let pool = intruder(&world).await;
    run(&pool, "UPDATE audit SET salt = NULL, digest = NULL, hash = NULL").await.unwrap();
    assert!(!check(&world.store, organization.id).await.problems.is_empty());
    let opened = Store::open(world.folder.path()).await.unwrap();
    let found = check(&opened, organization.id).await;
    assert_eq!((found.entries, found.redacted, found.problems), (5, 0, vec![]));
}
