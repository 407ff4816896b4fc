//! Users as a tenant tells them, and what follows for whose mailbox is read.

use rapport_server::app::{import::ImportOptions, users::UserChange};
use rapport_testkit::fake_graph::{CLIENT_ID, CLIENT_SECRET, FakeGraph, TENANT, message};
use serde_json::json;

use super::help::{ANN, BOB, CAS, open};
use crate::office::{CONNECTOR, Office, column};

const DEE: &str = "dee@us.example";
const HOUR_S: i64 = 3_700;

async fn connect(office: &Office, fake: &FakeGraph) {
    let settings = json!({
        "kind": "microsoft_365", "tenant_id": TENANT, "client_id": CLIENT_ID, "domains": ["us.example"], "reads_users": true,
        "cloud": {"custom": {"graph_url": fake.graph_url, "login_url": fake.login_url}},
    });
    office.connect(settings, [("client_secret".to_owned(), CLIENT_SECRET.to_owned())].into()).await;
}

async fn tenant() -> FakeGraph {
    let fake = FakeGraph::start().await;
    fake.change(|world| {
        for address in [ANN, BOB, CAS, DEE, "guest@other.example", "room@us.example"] {
            world.add_mailbox(address);
            let id = format!("M-{address}");
            world.deliver(address, "F-inbox=", message(&id, "2026-02-20T10:00:00Z", "carla@acme.example", address, "Hello"));
        }
        let told = [
            (ANN, json!({"displayName": "Ann de Wit", "jobTitle": "Buyer", "proxyAddresses": ["SMTP:ann@us.example", "smtp:a.dewit@us.example"],
                "assignedLicenses": [{"skuId": "1e1a282c-9c54-43a2-9310-98ef728faace"}]})),
            (BOB, json!({"preferredDataLocation": "DEU"})),
            (DEE, json!({"preferredDataLocation": "EUR", "assignedLicenses": [{"skuId": "2edaa1dc-966d-4475-93d6-8ee8dfd96877"}]})),
            ("guest@other.example", json!({"userType": "Guest"})),
            ("room@us.example", json!({"assignedLicenses": [], "accountEnabled": false})),
        ];
        world.people.extend(told.map(|(address, told)| (address.to_owned(), told)));
        world.groups.insert("Board".to_owned(), vec![CAS.to_owned()]);
        world.groups.insert("Sales; NL".to_owned(), vec![ANN.to_owned(), CAS.to_owned()]);
    });
    fake
}

/// Addresses whose mailbox was asked for something since a number of requests.
fn asked(fake: &FakeGraph, since: usize) -> Vec<String> {
    let mut asked: Vec<String> = fake.log().into_iter().skip(since).filter_map(|asked| asked.mailbox).collect();
    asked.sort_unstable();
    asked.dedup();
    asked
}

async fn user(office: &Office, email: &str) -> rapport_server::app::viewer::UserSummary {
    office.app.users().await.unwrap().into_iter().find(|user| user.email == email).unwrap()
}

#[tokio::test]
async fn users_come_from_the_tenant_and_decide_whose_mailbox_is_read() {
    let fake = tenant().await;
    let office = open(&[ANN]).await;
    let change = UserChange {
        groups: Some(vec!["Ours".to_owned()]),
        roles: Some(vec!["Salesperson".to_owned()]),
        ..UserChange::default()
    };
    office.app.put_user(ANN, &change).await.unwrap();
    office.app.exclude_groups(["board".to_owned()].into()).await.unwrap();
    connect(&office, &fake).await;
    office.sync_to_the_end().await;

    let ann = user(&office, ANN).await;
    assert_eq!((ann.name.as_str(), ann.title.as_deref(), ann.licence.as_str()), ("Ann de Wit", Some("Buyer"), "enterprise"));
    assert_eq!(ann.roles, ["Salesperson"], "what was said here stays");
    assert_eq!(ann.groups, ["Ours", "Sales  NL"]);
    assert_eq!(user(&office, DEE).await.licence, "premium");
    let all: Vec<String> = office.app.users().await.unwrap().into_iter().map(|user| user.email).collect();
    assert_eq!(all, [ANN, BOB, CAS, DEE], "no guest, no room");
    // Bob's mailbox lies in Germany, Cas is on the board.
    assert_eq!(asked(&fake, 0).into_iter().filter(|address| address.contains('@')).collect::<Vec<_>>(), [ANN, DEE]);
    assert_eq!(office.interactions().await.len(), 2);
    let status = office.app.connector(CONNECTOR).await.unwrap().users.unwrap();
    assert!(status.read_at.is_some() && status.error.is_none());

    // Told the same, nothing changes.
    let audited = office.app.audit_entries(None, 500).await.unwrap().len();
    office.wait(HOUR_S);
    office.sync().await;
    assert_eq!(office.app.audit_entries(None, 500).await.unwrap().len(), audited);
}

#[tokio::test]
async fn whoever_leaves_the_tenant_is_read_no_more_and_comes_back_with_it() {
    let fake = tenant().await;
    let office = open(&[]).await;
    connect(&office, &fake).await;
    office.sync_to_the_end().await;
    fake.change(|world| {
        world.people.get_mut(ANN).unwrap()["accountEnabled"] = json!(false);
        world.groups.get_mut("Board").unwrap().clear();
    });
    office.wait(HOUR_S);
    office.sync().await;
    assert!(!user(&office, ANN).await.is_active && user(&office, CAS).await.groups == ["Sales  NL"]);
    let since = fake.log().len();
    office.sync().await;
    assert!(!asked(&fake, since).contains(&ANN.to_owned()) && asked(&fake, since).contains(&CAS.to_owned()));
    fake.change(|world| world.people.get_mut(ANN).unwrap()["accountEnabled"] = json!(true));
    office.wait(HOUR_S);
    office.sync().await;
    assert!(user(&office, ANN).await.is_active);

    // A tenant of nobody is a mistake of somebody's.
    let all = fake.change(|world| std::mem::take(&mut world.mailboxes));
    office.wait(HOUR_S);
    office.sync().await;
    let error = office.app.connector(CONNECTOR).await.unwrap().users.unwrap().error.unwrap();
    assert!(error.contains("no user at all") && user(&office, ANN).await.is_active, "{error}");
    fake.change(|world| world.mailboxes = all);

    // Gone altogether; what a mailbox showed stays.
    fake.change(|world| world.people.insert(DEE.to_owned(), json!({"id": "gone", "mail": null, "proxyAddresses": []})));
    let before = office.interactions().await;
    office.wait(HOUR_S);
    office.sync().await;
    assert!(!user(&office, DEE).await.is_active);
    assert_eq!(office.interactions().await.len(), before.len());
    assert!(before.iter().any(|row| column(row, "to").contains(DEE)));
}

#[tokio::test]
async fn a_tenant_that_tells_no_groups_changes_nobody() {
    let fake = tenant().await;
    let office = open(&[ANN]).await;
    fake.set_roles(&["User.Read.All", "Mail.ReadBasic.All", "Calendars.ReadBasic.All"]);
    connect(&office, &fake).await;
    office.sync().await;
    let status = office.app.connector(CONNECTOR).await.unwrap().users.unwrap();
    assert!(status.error.unwrap().contains("GroupMember.Read.All") && status.read_at.is_none());
    assert_eq!(office.app.users().await.unwrap().len(), 1, "who is in an excluded group would be unknown");
    fake.set_roles(&["Mail.ReadBasic.All", "Calendars.ReadBasic.All"]);
    office.wait(HOUR_S);
    office.sync().await;
    let error = office.app.connector(CONNECTOR).await.unwrap().users.unwrap().error.unwrap();
    assert!(error.contains("lacks a permission"), "{error}");
    fake.set_roles(&["User.Read.All", "GroupMember.Read.All", "Mail.ReadBasic.All", "Calendars.ReadBasic.All"]);
    office.wait(HOUR_S);
    office.sync().await;
    assert_eq!(office.app.users().await.unwrap().len(), 4);
}

#[tokio::test]
async fn another_account_with_somebodys_address_is_not_them_and_one_made_anew_is() {
    let fake = tenant().await;
    let office = open(&[]).await;
    connect(&office, &fake).await;
    office.sync().await;
    fake.change(|world| {
        world.add_mailbox("zoe-adm@us.example");
        let told = json!({"mail": CAS, "proxyAddresses": [], "accountEnabled": false});
        world.people.insert("zoe-adm@us.example".to_owned(), told);
    });
    office.wait(HOUR_S);
    office.sync().await;
    let cas = user(&office, CAS).await;
    assert!(cas.is_active && cas.groups == ["Board", "Sales  NL"], "{cas:?}");
    assert_eq!(office.app.users().await.unwrap().len(), 4);
    // Deleted, and made again.
    fake.change(|world| {
        world.people.remove("zoe-adm@us.example");
        world.mailboxes.remove("zoe-adm@us.example");
        world.people.insert(CAS.to_owned(), json!({"id": "made-anew"}));
    });
    office.wait(HOUR_S);
    office.sync().await;
    assert!(user(&office, CAS).await.is_active);
}

#[tokio::test]
async fn a_users_file_takes_nothing_that_the_tenant_told() {
    let fake = tenant().await;
    let office = open(&[]).await;
    office.app.exclude_groups(["Board".to_owned()].into()).await.unwrap();
    connect(&office, &fake).await;
    office.sync().await;
    let file = office.folder().join("users.csv");
    let text = "email,name,groups,microsoft_365\ncas@us.example,Cas,Ours,\"{\"\"id\"\":\"\"forged\"\"}\"\nbob@us.example,Bob,,\n";
    std::fs::write(&file, text).unwrap();
    office.app.import_users(&file, &ImportOptions::default()).await.unwrap();
    assert_eq!(user(&office, CAS).await.groups, ["Ours", "Board", "Sales  NL"]);
    let since = fake.log().len();
    office.sync().await;
    let asked = asked(&fake, since);
    assert!(!asked.contains(&CAS.to_owned()) && !asked.contains(&BOB.to_owned()), "excluded, and in Germany: {asked:?}");
}
