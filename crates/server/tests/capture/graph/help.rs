//! What the tests of Microsoft 365 share.

use rapport_server::app::{connectors::Secrets, users::UserChange};
use rapport_testkit::fake_graph::{CLIENT_ID, CLIENT_SECRET, FakeGraph, TENANT};
use serde_json::json;

use crate::office::{self, Office};

pub(crate) const ANN: &str = "ann@us.example";
pub(crate) const BOB: &str = "bob@us.example";
pub(crate) const CAS: &str = "cas@us.example";
/// When the clock of an organization begins.
pub(crate) const NOW: &str = "2026-03-02T09:00:00Z";

/// An organization that may read the mailboxes of these users.
pub(crate) async fn open(users: &[&str]) -> Office {
    let office = Office::closed(NOW).await;
    for user in users {
        office.app.put_user(user, &UserChange::default()).await.unwrap();
    }
    office.read_everybody().await;
    office
}

/// A connector to the fake, for users at `us.example`.
pub(crate) async fn connect(office: &Office, fake: &FakeGraph) {
    connect_to(office, fake, "mailboxes").await;
}

/// The same, for what a connector reads of each user.
pub(crate) async fn connect_to(office: &Office, fake: &FakeGraph, reads: &str) {
    if reads == "message_traces" {
        fake.set_roles(&["ExchangeMessageTrace.Read.All"]);
    }
    let settings = json!({
        "reads": reads,
        "kind": "microsoft_365", "tenant_id": TENANT, "client_id": CLIENT_ID, "domains": ["us.example"],
        "cloud": {"custom": {"graph_url": fake.graph_url, "login_url": fake.login_url}},
    });
    office.connect(settings, Secrets::from([("client_secret".to_owned(), CLIENT_SECRET.to_owned())])).await;
}

/// Two organizations know the same, but for how copies were joined: Graph has ids of its own.
pub(crate) async fn assert_same(one: &Office, other: &Office, what: &str) {
    office::assert_same(one, other, &["conversation_id", "in_reply_to"], what).await;
}
