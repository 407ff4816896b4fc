//! Erasing a person leaves nothing of them in the files, and everybody else as they were.

use std::{fs, path::Path};

use rapport_domain::{Kind, Sighting, Table};
use rapport_store::ledger::Erasure;

use crate::world::{ACTOR, World, everything, in_crm, in_mailbox, mail, moment, ours, regarding, seen};

#[tokio::test]
async fn an_erased_person_is_in_no_file_and_others_stay() {
    erased_and_others_stay(World::new().await).await;
}

#[tokio::test]
async fn an_erased_person_is_in_no_segment_and_others_stay() {
    erased_and_others_stay(World::in_segments().await).await;
}

async fn erased_and_others_stay(world: World) {
    let (organization, other) = (world.organization().await, world.organization().await);
    let sightings = || {
        let mut named =
            in_mailbox(mail(0, &["carla@acme.example", "ann@us.example"], "1.carla@acme.example@x", &[]), "ann@us.example");
        named.participants[0].name = Some("Carla Cruz".to_owned());
        vec![
            named,
            mail(10, &["ann@us.example", "carla@acme.example", "dan@acme.example"], "2@x", &["1.carla@acme.example@x"]),
            Sighting {
                subject: Some("about carla@acme.example".to_owned()),
                ..mail(20, &["dan@acme.example", "ann@us.example"], "3@x", &["2@x"])
            },
            regarding(in_crm(seen(Kind::PhoneCall, 30, &["ann@us.example", "contact:con-1"]), "act-1"), "opportunities/o1"),
        ]
    };
    for organization in [&organization, &other] {
        let rows = [("con-1".to_owned(), r#"{"name":"Carla Cruz","email":"carla@acme.example"}"#.to_owned())];
        world.store.put_records(organization.id, Table::Contacts, &rows).await.unwrap();
        world.appender(organization).append(sightings(), &[]).await.unwrap();
    }
    let (id, now) = (organization.id, moment(100));
    world.store.merge_people(id, "dan@acme.example", "carla@acme.example", ACTOR, now).await.unwrap();
    let import = world.store.begin_import(id, "import mail", now).await.unwrap();
    world.store.finish_import(id, import, "completed", r#"{"problems":["carla@acme.example"]}"#, now).await.unwrap();
    let untouched = world.runs(&other, &everything()).await;
    let dan = world.run(&organization, "dan@acme.example", &everything()).await;
    let record = world.store.records(id).await.unwrap().into_iter().find(|row| row.reference.table == Table::Contacts).unwrap();
    let keys = ["carla@acme.example".to_owned(), "contact:con-1".to_owned()];

    let erased = world
        .store
        .erase(
            &organization,
            &ours(),
            &Erasure { keys: keys.to_vec(), documents: vec![(record.record, None)], users: Vec::new(), objections: Vec::new() },
            ACTOR,
            now,
        )
        .await
        .unwrap();
    assert_eq!((erased.addresses, erased.records), (2, 1));
    assert_eq!((erased.interactions_deleted, erased.interactions_changed), (1, 3));
    let after = world.run(&organization, "dan@acme.example", &everything()).await;
    assert_eq!((&after.at_us, &after.direction, &after.kind), (&dan.at_us, &dan.direction, &dan.kind));
    assert_eq!(after.conversation[0], after.conversation[1], "the conversation holds without her");
    assert!(world.run(&organization, "carla@acme.example", &everything()).await.is_empty());
    assert!(world.store.people_merges(id).await.unwrap().is_empty());
    assert_eq!(world.store.audit_entries(id, None, 1).await.unwrap()[0].action, "person.erased");
    // The other organization of this store knows her as before.
    assert_eq!(world.runs(&other, &everything()).await, untouched);

    // The same in a store of its own: no file holds her any more.
    let alone = World::new().await;
    let organization = alone.organization().await;
    let rows = [("con-1".to_owned(), r#"{"name":"Carla Cruz","email":"carla@acme.example"}"#.to_owned())];
    alone.store.put_records(organization.id, Table::Contacts, &rows).await.unwrap();
    alone.appender(&organization).append(sightings(), &[]).await.unwrap();
    let record = alone.store.records(organization.id).await.unwrap()[0].record;
    assert!(holds(&alone, "carla@acme.example"), "the search finds what is there");
    alone
        .store
        .erase(
            &organization,
            &ours(),
            &Erasure { keys: keys.to_vec(), documents: vec![(record, None)], users: Vec::new(), objections: Vec::new() },
            ACTOR,
            now,
        )
        .await
        .unwrap();
    for text in ["carla", "Carla", "contact:con-1"] {
        assert!(!holds(&alone, text), "{text}");
    }
}

/// Columns in which nobody can be named: the words are the program's own.
const FIXED: &[(&str, &str)] = &[
    ("audit", "action"),
    // A word of small letters, digits and `-`.
    ("captured_items", "connector"),
    ("captured_mailboxes", "connector"),
    ("captured_streams", "connector"),
    ("connectors", "connector"),
    ("subscriptions", "connector"),
    ("subscriptions", "kind"),
];

/// Columns that an erasure does not change: it is refused until somebody has changed them.
const REFUSED: &[(&str, &str)] = &[("identity_providers", "client_id"), ("identity_providers", "issuer")];

/// The address in every way in which it may stand in a text.
const WRITTEN: &str =
    r#"of jo@gone.example, JO@GONE.EXAMPLE /x?t=jo%40gone.example&u=Jo%2540Gone.Example {"a":"to\njo\u0040gone.example"}"#;

/// A row in every table of an organization, with the address in every text but those that `leaves_out` names.
async fn plant(world: &World, org: i64, leaves_out: &[(&str, &str)]) {
    let mut meddler = world.meddler().await.acquire().await.unwrap().detach();
    sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut meddler).await.unwrap();
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT t.name, c.name, c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
         WHERE t.type = 'table' AND t.name NOT IN ('_sqlx_migrations', 'organizations', 'audit') ORDER BY t.name, c.cid",
    )
    .fetch_all(&mut meddler)
    .await
    .unwrap();
    let mut rows: std::collections::BTreeMap<&str, (Vec<&str>, Vec<String>)> = std::collections::BTreeMap::new();
    for (table, column, kind) in &columns {
        let value = match (column.as_str(), kind.as_str()) {
            ("org_id", _) => org.to_string(),
            (_, "TEXT") if leaves_out.contains(&(table, column)) => "'nobody'".to_owned(),
            (_, "TEXT") => format!("'{WRITTEN}'"),
            (_, "BLOB") => "zeroblob(16)".to_owned(),
            _ => "9".to_owned(),
        };
        let row = rows.entry(table).or_default();
        row.0.push(column);
        row.1.push(value);
    }
    // What is derived is made anew from the rest.
    for derived in [
        "sighting_blocks",
        "identity_blocks",
        "touches",
        "interactions",
        "conversation_keys",
        "conversation_aliases",
        "snapshots",
    ] {
        rows.remove(derived).expect("a table");
    }
    for (table, (columns, values)) in rows {
        let text = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(","), values.join(","));
        sqlx::query(sqlx::AssertSqlSafe(text)).execute(&mut meddler).await.unwrap_or_else(|error| panic!("{table}: {error}"));
    }
    let text = "UPDATE organizations SET name = ? WHERE org_id = ?";
    sqlx::query(text).bind(WRITTEN).bind(org).execute(&mut meddler).await.unwrap();
    sqlx::Connection::close(meddler).await.unwrap();
}

fn of(key: &str) -> Erasure {
    Erasure { keys: vec![key.to_owned()], ..Erasure::default() }
}

#[tokio::test]
async fn no_column_that_can_hold_a_text_keeps_the_address() {
    let world = World::new().await;
    let organization = world.organization().await;
    // By a record that is named after her, too, whose hash would tell her to whoever tries.
    let call = regarding(in_crm(seen(Kind::PhoneCall, 30, &["ann@us.example"]), "jo@gone.example"), "leads/jo@gone.example");
    let mail = Sighting {
        subject: Some(WRITTEN.to_owned()),
        conversation_id: Some(WRITTEN.to_owned()),
        ..mail(
            0,
            &["jo@gone.example", "ann@us.example", "contact:jo@gone.example"],
            "1.jo%40gone.example@x",
            &["jo@gone.example"],
        )
    };
    world.appender(&organization).append(vec![mail, call], &[]).await.unwrap();
    let setting = [("who_knows.template".to_owned(), WRITTEN.to_owned())];
    world.store.set_settings(organization.id, &setting, WRITTEN, moment(50)).await.unwrap();
    let hash = blake3::Hasher::new_keyed(&[0; 32]).update(&[4]).update(b"leads/jo@gone.example").finalize();
    assert!(holds_bytes(world.folder.path(), &hash.as_bytes()[..8]), "the hash is the one that is stored");
    plant(&world, organization.id.0, &[FIXED, REFUSED].concat()).await;

    let objections = vec!["jo@gone.example".to_owned()];
    let erasure = Erasure { objections, ..of("jo@gone.example") };
    let erased = world.store.erase(&organization, &ours(), &erasure, ACTOR, moment(100)).await.unwrap();
    assert!(erased.texts > 30, "{erased:?}");
    for text in ["gone.example", "jo@", "jo%40"] {
        assert!(!holds(&world, text), "{text}");
    }
    for hash in [hash, blake3::hash(b"jo@gone.example")] {
        assert!(!holds_bytes(world.folder.path(), &hash.as_bytes()[..8]));
    }
    assert!(holds_bytes(world.folder.path(), &organization.objection_hash("jo@gone.example")), "but for the keyed objection");
    let check = world.store.verify_audit(organization.id, None).await.unwrap();
    assert_eq!(check.problems, [], "the audit log forgets without breaking");
    // Rows that stay are whole; those that meant nothing without her are gone.
    let mut meddler = world.meddler().await.acquire().await.unwrap();
    let count = |table: &str| format!("SELECT COUNT(*) FROM {table} WHERE org_id = {}", organization.id.0);
    for (table, left) in [("forms", 1), ("custom_roles", 1), ("list_views", 0), ("sign_ins_begun", 0), ("introductions", 0)] {
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count(table))).fetch_one(&mut *meddler).await.unwrap();
        assert_eq!(rows, left, "{table}");
    }
}

#[tokio::test]
async fn what_a_sign_in_rests_on_is_changed_by_whoever_set_it_up() {
    for (table, column) in REFUSED {
        let world = World::new().await;
        let organization = world.organization().await;
        let rest: Vec<(&str, &str)> = REFUSED.iter().filter(|place| **place != (table, column)).copied().collect();
        plant(&world, organization.id.0, &[FIXED, &rest].concat()).await;
        let refused = world.store.erase(&organization, &ours(), &of("jo@gone.example"), ACTOR, moment(100)).await.unwrap_err();
        assert!(refused.is_refused() && refused.to_string().contains(column), "{refused}");
        assert!(holds(&world, "jo@gone.example"), "nothing of it was done");
    }
}

/// Whether any file of the store holds a text, in whatever case.
fn holds(world: &World, text: &str) -> bool {
    files(world.folder.path()).any(|bytes| bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes())))
}

fn holds_bytes(folder: &Path, bytes: &[u8]) -> bool {
    files(folder).any(|file| file.windows(bytes.len()).any(|window| window == bytes))
}

/// What all files below a folder hold.
fn files(folder: &Path) -> Box<dyn Iterator<Item = Vec<u8>>> {
    Box::new(fs::read_dir(folder).unwrap().flat_map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path) } else { Box::new(std::iter::once(fs::read(path).unwrap())) as Box<_> }
    }))
}
