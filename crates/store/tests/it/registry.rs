//! What is transactional: organizations, versions, settings, audit, people, records, imports.

use rapport_domain::{
    ConsentState, DataLocation, Domain, Enabling, Geography, GeographyPolicy, Moment, Table,
    enabling::{Refusal, Roles, Selection},
    time::DAY_US,
};
use rapport_store::{
    Store,
    registry::{CLOCK, NewOrganization, NewUser, RecordChange},
};

use crate::world::{ACTOR, World, everything, mail, moment};

#[tokio::test]
async fn a_store_is_made_once_and_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let error = Store::open(&folder.path().join("none")).await.unwrap_err();
    assert!(error.is_not_initialized() && error.to_string().contains("holds no store"), "{error}");
    let store = Store::create(folder.path()).await.unwrap();
    let new = NewOrganization { name: "default", hash_key: [1; 32], now: moment(0) };
    assert!(store.create_organization(&new).await.unwrap());
    assert!(!store.create_organization(&NewOrganization { hash_key: [2; 32], ..new }).await.unwrap());
    store.close().await;
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(store.organization("default").await.unwrap().hash_key, [1; 32]);
    let error = store.organization("other").await.unwrap_err();
    assert!(error.is_missing() && error.to_string().contains("this store has: default"), "{error}");
}

#[tokio::test]
async fn settings_are_versioned_and_every_change_is_in_the_audit_log() {
    let world = World::new().await;
    let (organization, other) = (world.organization().await, world.organization().await);
    let set = async |values: &[(&str, &str)], minutes| {
        let values: Vec<(String, String)> = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        world.store.set_settings(organization.id, &values, ACTOR, moment(minutes)).await.unwrap()
    };
    let first = set(&[("a", "1"), ("b", "2")], 1).await;
    let second = set(&[("a", "3"), ("b", "2")], 2).await;
    assert_eq!((first, second), (1, 2));
    assert_eq!(world.store.versions(organization.id).await.unwrap().1, 2);
    assert_eq!(world.store.versions(other.id).await.unwrap().1, 0);
    let settings = world.store.settings(organization.id).await.unwrap();
    assert_eq!(settings.into_iter().collect::<Vec<_>>(), [("a".to_owned(), "3".to_owned()), ("b".to_owned(), "2".to_owned())]);
    assert!(world.store.settings(other.id).await.unwrap().is_empty());
    // The values before stay: a figure can name the settings it used.
    let rows: Vec<(String, i64, String)> =
        sqlx::query_as("SELECT key, version, value FROM settings WHERE org_id = ? ORDER BY key, version")
            .bind(organization.id.0)
            .fetch_all(&world.meddler().await)
            .await
            .unwrap();
    let rows: Vec<(&str, i64, &str)> =
        rows.iter().map(|(key, version, value)| (key.as_str(), *version, value.as_str())).collect();
    assert_eq!(rows, [("a", 1, "1"), ("a", 2, "3"), ("b", 1, "2")]);
    let log = world.store.audit_entries(organization.id, None, 10).await.unwrap();
    let log: Vec<_> = log.iter().map(|entry| (entry.number, entry.at, entry.before.as_deref(), entry.after.as_deref())).collect();
    assert_eq!(
        log,
        [(3, moment(2), Some("a = 1"), Some("a = 3")), (2, moment(1), None, Some("b = 2")), (1, moment(1), None, Some("a = 1")),]
    );
    assert!(world.store.audit_entries(other.id, None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn enabling_is_changed_and_audited_in_one_step() {
    let world = World::new().await;
    let (organization, other) = (world.organization().await, world.organization().await);
    let policy = GeographyPolicy::default();
    let grant = async |text: &str, now: Moment| {
        let command = |enabling: &mut Enabling| enabling.enable_and_grant(text, |location| policy.judge(location), now);
        world.store.change_enabling(organization.id, &policy, ACTOR, now, command).await.unwrap().0
    };
    let granted = grant("agreed on 1 March", moment(5)).await;
    let again = grant("agreed again", moment(6)).await;
    assert_eq!((granted.consent, again.consent_text.as_str()), (ConsentState::Granted, "agreed again"));
    assert_eq!(world.store.enabling(organization.id).await.unwrap(), again, "it is read as it was written");
    assert_eq!(world.store.enabling(other.id).await.unwrap(), Enabling::default());
    let log = world.store.audit_entries(organization.id, None, 20).await.unwrap();
    let log: Vec<_> = log.iter().map(|entry| (entry.action.as_str(), entry.before.as_deref(), entry.after.as_deref())).collect();
    assert_eq!(
        log,
        [
            ("consent.granted", Some("granted"), Some("granted: agreed again")),
            ("consent.granted", Some("pending"), Some("granted: agreed on 1 March")),
            ("consent.requested", Some("not_requested"), Some("pending")),
            ("data_location", Some("unknown"), Some("declared: this machine (files imported by its operator)")),
            ("roles", Some("none"), Some("all")),
            ("mailbox_data", Some("off"), Some("on")),
            ("who_knows_whom", Some("off"), Some("on")),
            ("relationship_analytics", Some("off"), Some("on")),
            ("premium_features", Some("off"), Some("on")),
            ("relationship_intelligence", Some("not enabled"), Some("enabled")),
        ]
    );
    let version = world.store.facts_version(organization.id).await.unwrap();
    grant("agreed again", moment(7)).await;
    assert_eq!(world.store.facts_version(organization.id).await.unwrap(), version, "nothing changed, nothing is written");
}

#[tokio::test]
async fn what_the_clock_did_meanwhile_is_its_own_doing() {
    let world = World::new().await;
    let organization = world.organization().await;
    let policy = GeographyPolicy::default();
    let day = |days: i64| moment(0).plus_us(days * DAY_US);
    let save = |enabling: &mut Enabling| {
        enabling.enable_premium(day(0));
        enabling.location = Some(DataLocation::Declared("Utrecht".to_owned()));
        let roles = Roles::Selected(["Salesperson".to_owned()].into());
        let selection = Selection { relationship_analytics: true, who_knows_whom: true, mailbox: true, roles };
        enabling.save(selection, Geography::Eligible, day(0)).unwrap();
    };
    let (saved, ()) = world.store.change_enabling(organization.id, &policy, ACTOR, day(0), save).await.unwrap();
    assert_eq!(world.store.enabling(organization.id).await.unwrap(), saved, "it is read as it was written");
    let grant = |enabling: &mut Enabling| enabling.grant("late", Geography::Eligible, day(20));
    let (after, answer) = world.store.change_enabling(organization.id, &policy, ACTOR, day(20), grant).await.unwrap();
    assert_eq!((after.consent, answer), (ConsentState::Expired, Err(Refusal::Expired)));
    let log = world.store.audit_entries(organization.id, None, 3).await.unwrap();
    let log: Vec<_> = log.iter().map(|entry| (entry.actor.as_str(), entry.action.as_str(), entry.after.as_deref())).collect();
    let expired = format!("expired (at {})", day(14).to_rfc3339());
    assert_eq!(
        log,
        [
            (CLOCK, "consent.expired", Some(expired.as_str())),
            (CLOCK, "mailbox_data", Some("off")),
            (CLOCK, "who_knows_whom", Some("off")),
        ]
    );
}

#[tokio::test]
async fn rows_tell_whether_they_were_created_changed_or_neither() {
    let world = World::new().await;
    let organization = world.organization().await;
    let row = |id: &str, document: &str| (id.to_owned(), document.to_owned());
    let put = async |rows: &[(String, String)]| world.store.put_records(organization.id, Table::Accounts, rows).await.unwrap();
    assert_eq!(put(&[row("a", "{}"), row("b", "{}")]).await, [RecordChange::Created; 2]);
    let version = world.store.facts_version(organization.id).await.unwrap();
    assert_eq!(put(&[row("a", "{}")]).await, [RecordChange::Unchanged]);
    assert_eq!(world.store.facts_version(organization.id).await.unwrap(), version, "nothing changed");
    let changes = put(&[row("b", r#"{"name":"B"}"#), row("c", "{}"), row("a", "{}")]).await;
    assert_eq!(changes, [RecordChange::Changed, RecordChange::Created, RecordChange::Unchanged]);
    assert!(world.store.facts_version(organization.id).await.unwrap() > version);
    // The same id in another table is another record.
    let others = world.store.put_records(organization.id, Table::Leads, &[row("a", "{}")]).await.unwrap();
    assert_eq!(others, [RecordChange::Created]);
    assert_eq!(world.store.records(organization.id).await.unwrap().len(), 4);
    let new = NewUser { email: "ann@us.example".to_owned(), document: "{}".to_owned(), before: None, after: "Ann".to_owned() };
    let put = async || world.store.put_users(organization.id, std::slice::from_ref(&new), (ACTOR, moment(1))).await.unwrap();
    assert_eq!(put().await, [RecordChange::Created]);
    assert_eq!(put().await, [RecordChange::Unchanged]);
    let entries = world.store.audit_entries(organization.id, None, 9).await.unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.action == "user.changed").count(), 1, "what changes nothing is no entry");
}

#[tokio::test]
async fn a_merge_is_recorded_and_taken_back_once() {
    let world = World::new().await;
    let (organization, other) = (world.organization().await, world.organization().await);
    let (id, store) = (organization.id, &world.store);
    let merge = store.merge_people(id, "carla@acme.example", "dan@acme.example", ACTOR, moment(1)).await.unwrap();
    assert!(store.split_people(other.id, merge, ACTOR, moment(2)).await.unwrap_err().is_missing());
    store.split_people(id, merge, ACTOR, moment(3)).await.unwrap();
    assert!(store.split_people(id, merge, ACTOR, moment(4)).await.unwrap_err().is_missing());
    let merges = store.people_merges(id).await.unwrap();
    assert_eq!((merges.len(), merges[0].merged_at, merges[0].undone_at), (1, moment(1), Some(moment(3))));
    let actions: Vec<String> = store.audit_entries(id, None, 9).await.unwrap().into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["people.split", "people.merged"]);
}

#[tokio::test]
async fn imports_are_listed_from_the_newest() {
    let world = World::new().await;
    let (organization, other) = (world.organization().await, world.organization().await);
    let (id, store) = (organization.id, &world.store);
    let first = store.begin_import(id, "import mail", moment(1)).await.unwrap();
    let second = store.begin_import(id, "import crm", moment(2)).await.unwrap();
    store.finish_import(id, first, "completed", "{}", moment(3)).await.unwrap();
    let rows = store.imports(id, 10).await.unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (row.import_id, row.state.as_str(), row.finished_at)).collect();
    assert_eq!(rows, [(second, "running", None), (first, "completed", Some(moment(3)))]);
    assert_eq!(store.imports(id, 1).await.unwrap().len(), 1);
    assert!(store.imports(other.id, 10).await.unwrap().is_empty() && store.import(other.id, first).await.unwrap().is_none());
}

#[tokio::test]
async fn organizations_of_one_store_never_see_each_other() {
    let world = World::new().await;
    let (one, other) = (world.organization().await, world.organization().await);
    let people = ["ann@us.example", "carla@acme.example"];
    world.store.add_internal_domains(one.id, &[Domain::parse("us.example").unwrap()], None).await.unwrap();
    world.appender(&one).append(vec![mail(0, &people, "a@x", &[]), mail(1, &people, "b@x", &["a@x"])], &[]).await.unwrap();
    assert!(world.runs(&other, &everything()).await.is_empty());
    assert!(world.store.addresses(other.id).await.unwrap().is_empty());
    assert!(world.store.internal_domains(other.id).await.unwrap().is_empty());
    assert_eq!(world.store.ledger_counts(other.id).await.unwrap().interactions, 0);
    let before = (world.runs(&one, &everything()).await, world.store.versions(one.id).await.unwrap());
    // The same mail is new to the other one, in its own conversation, under its own ids.
    let done = world.appender(&other).append(vec![mail(1, &people, "b@x", &["a@x"])], &[]).await.unwrap();
    assert_eq!((done.kept, done.duplicates), (1, 0));
    let rebuilt = world.store.rebuild(&other, &crate::world::ours(), |_, _| {}).await.unwrap();
    assert_eq!(rebuilt.interactions, 1);
    assert_eq!((world.runs(&one, &everything()).await, world.store.versions(one.id).await.unwrap()), before);
    let mut seen = 0;
    world.store.scan_sightings(other.id, |_, _, _| seen += 1).await.unwrap();
    assert_eq!(seen, 1);
}
