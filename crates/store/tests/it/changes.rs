//! What is told of a version of facts is all that it changed, or nothing.

use std::collections::BTreeMap;

use rapport_domain::{Kind, Touches};
use rapport_store::{Organization, ledger::Erasure};

use crate::world::{ACTOR, World, everything, in_crm, in_mailbox, mail, moment, ours, regarding, seen};

const ANN: &str = "ann@us.example";
const CARLA: &str = "carla@acme.example";
const DAN: &str = "dan@acme.example";

/// Every run by its subject.
async fn runs(world: &World, organization: &Organization) -> BTreeMap<i64, Touches> {
    let mut runs = BTreeMap::new();
    let bounds = world.store.subject_bounds(organization.id).await.unwrap();
    let visit = |subject, touches: &Touches| _ = runs.insert(subject, touches.clone());
    world.store.scan(organization.id, bounds, &everything(), visit).await.unwrap();
    runs
}

#[tokio::test]
async fn every_run_that_changes_is_told() {
    let world = World::new().await;
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    let in_anns = |sighting| in_mailbox(sighting, ANN);
    // Known records, so that nothing new of them is to be told.
    appender.append(vec![regarding(seen(Kind::PhoneCall, 0, &[ANN, CARLA]), "opportunities/deal")], &[]).await.unwrap();
    let batches = vec![
        (vec![mail(10, &[ANN, CARLA], "a@x", &[])], vec![]),
        // Another mailbox shows somebody more of a known mail.
        (vec![in_anns(mail(10, &[ANN, CARLA, DAN], "a@x", &[]))], vec![]),
        (vec![in_crm(regarding(seen(Kind::PhoneCall, 20, &[ANN, CARLA]), "opportunities/deal"), "call")], vec![]),
        // The activity moves, to somebody else; then it is taken back.
        (vec![in_crm(seen(Kind::PhoneCall, 30, &[ANN, DAN]), "call")], vec![]),
        (vec![], vec!["call".to_owned()]),
        (vec![mail(40, &[DAN, ANN], "b@x", &["a@x"]), mail(50, &[ANN, DAN], "c@x", &["a@x", "b@x"])], vec![]),
    ];
    for (i, (batch, retired)) in batches.into_iter().enumerate() {
        let (before, known) = (runs(&world, &organization).await, world.store.addresses(organization.id).await.unwrap());
        let version = world.store.facts_version(organization.id).await.unwrap();
        appender.append(batch, &retired).await.unwrap();
        let after = runs(&world, &organization).await;
        let changes = world.store.changes_since(organization.id, version, known.len() as u32).await.unwrap();
        let changes = changes.unwrap_or_else(|| panic!("batch {i} knows what it changes"));
        assert_eq!(changes.versions, world.store.versions(organization.id).await.unwrap(), "batch {i}");
        assert_eq!(changes.versions.0, version + 1, "batch {i}");
        for subject in before.keys().chain(after.keys()) {
            let is_same = before.get(subject) == after.get(subject);
            assert!(is_same || changes.subjects.contains(subject), "batch {i}, subject {subject}: {:?}", changes.subjects);
        }
        let addresses = world.store.addresses(organization.id).await.unwrap();
        assert_eq!(changes.added, addresses[known.len()..], "batch {i}");
        // Whoever asks again is told that there is no more.
        let none = world.store.changes_since(organization.id, version + 1, addresses.len() as u32).await.unwrap().unwrap();
        assert!(none.subjects.is_empty() && none.added.is_empty() && none.renamed.is_empty(), "batch {i}: {none:?}");
    }
}

#[tokio::test]
async fn what_may_be_anything_is_not_told() {
    let world = World::new().await;
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    let told = async || {
        let version = world.store.facts_version(organization.id).await.unwrap();
        world.store.changes_since(organization.id, version - 1, 0).await.unwrap().is_some()
    };
    appender.append(vec![mail(0, &[ANN, CARLA], "a@x", &[])], &[]).await.unwrap();
    assert!(told().await);
    appender.append(vec![mail(10, &[ANN, DAN], "c@x", &["b@x"])], &[]).await.unwrap();
    assert!(told().await);
    appender.append(vec![mail(5, &[ANN, "eve@far.example"], "b@x", &["a@x"])], &[]).await.unwrap();
    assert!(!told().await, "two conversations have become one");
    appender.append(vec![regarding(mail(20, &[ANN, CARLA], "d@x", &[]), "accounts/new")], &[]).await.unwrap();
    assert!(!told().await, "a record that nobody knew");
    appender.append(vec![mail(30, &[ANN, CARLA], "e@x", &[])], &[]).await.unwrap();
    assert!(told().await);
    let before = world.store.facts_version(organization.id).await.unwrap();
    let erasure = Erasure { keys: vec![CARLA.to_owned()], ..Erasure::default() };
    world.store.erase(&organization, &ours(), &erasure, ACTOR, moment(100)).await.unwrap();
    appender.append(vec![mail(40, &[ANN, DAN], "f@x", &[])], &[]).await.unwrap();
    assert!(world.store.changes_since(organization.id, before, 0).await.unwrap().is_none(), "somebody was erased in between");
    world.store.rebuild(&organization, &ours(), |_, _| {}).await.unwrap();
    assert!(!told().await, "everything was derived anew");
    let crowd: Vec<_> = (0..5_000).map(|i| mail(i, &[ANN, &format!("p{i}@crowd.example")], &format!("p{i}@x"), &[])).collect();
    appender.append(crowd, &[]).await.unwrap();
    assert!(!told().await, "more than is worth singling out");
}
