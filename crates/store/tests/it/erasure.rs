//! Erasing a person leaves nothing of them in the files, and everybody else as they were.

use std::fs;

use rapport_domain::{Kind, Sighting, Table};
use rapport_store::ledger::Erasure;

use crate::world::{ACTOR, World, everything, in_crm, in_mailbox, mail, moment, ours, regarding, seen};

#[tokio::test]
async fn an_erased_person_is_in_no_file_and_others_stay() {
    let world = World::new().await;
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

/// Whether any file of the store holds a text.
fn holds(world: &World, text: &str) -> bool {
    let files = fs::read_dir(world.folder.path()).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.into_iter().any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}
