//! Change notifications: they bring a mailbox's turn forward, and nothing that rings is believed more than that.

use std::{collections::BTreeSet, time::Duration};

use rapport_server::{
    api::{Access, router_reached},
    app::connectors::MailboxState,
};
use rapport_testkit::fake_graph::{FakeGraph, FakeSubscription, event, message, notify, post};
use serde_json::json;

use super::help::{ANN, BOB, connect, open};
use crate::office::{CONNECTOR, Office};

/// Less than a mailbox waits for its next look.
const SOON_S: i64 = 5;
/// Half of a subscription's life, and some.
const RENEWED_S: i64 = 40 * 3_600;

/// Serves an organization under an address of this machine.
pub(super) async fn serve(office: &Office) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let access = Access { public_url: Some(url.clone()), ..Access::local("127.0.0.1:0") };
    let router = router_reached(office.app.clone(), &access).await.unwrap();
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    format!("{url}/api/v1/connectors/{CONNECTOR}/notifications")
}

async fn fake() -> FakeGraph {
    let fake = FakeGraph::start().await;
    fake.change(|world| {
        for address in [ANN, BOB] {
            world.add_mailbox(address);
            world.deliver(address, "F-inbox=", mail("M1", address));
        }
    });
    fake
}

fn mail(id: &str, to: &str) -> serde_json::Value {
    // Later than the mailboxes are read for the first time.
    message(&format!("{id}-{to}="), "2026-03-02T09:00:10Z", "jo@acme.example", to, &format!("Hello {id}"))
}

/// Lets time pass for both, and reads what is due. What rings meanwhile is heard the next time.
async fn sync(office: &Office, fake: &FakeGraph, s: i64) {
    office.wait(s);
    fake.change(|world| world.now = office.now().to_rfc3339());
    office.app.sync_once(None).await.unwrap();
}

/// An organization whose two mailboxes are read and rung for, and where it is rung.
async fn notified() -> (Office, FakeGraph, String) {
    let (office, fake) = (open(&[ANN, BOB]).await, fake().await);
    connect(&office, &fake).await;
    let url = serve(&office).await;
    sync(&office, &fake, 0).await;
    sync(&office, &fake, SOON_S).await;
    assert_eq!(fake.subscriptions().len(), 4, "mail and events of two mailboxes");
    (office, fake, url)
}

/// Requests to mailboxes since there were so many.
fn read_since(fake: &FakeGraph, since: usize) -> BTreeSet<String> {
    let log = fake.log();
    let read = log[since..].iter().filter(|asked| asked.target.starts_with("/users/"));
    read.filter_map(|asked| asked.mailbox.clone()).collect()
}

fn ids(subscriptions: &[FakeSubscription]) -> BTreeSet<String> {
    subscriptions.iter().map(|one| one.id.clone()).collect()
}

fn item(of: &FakeSubscription, client_state: &str) -> serde_json::Value {
    json!({"subscriptionId": of.id, "clientState": client_state, "changeType": "created", "resource": "Users/x/Messages/y"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_mail_is_known_long_before_the_next_look() {
    let (office, fake, _) = notified().await;
    let told = office.mailbox(ANN).await;
    assert_eq!((told.state, told.polled_every_s, told.notified_until.is_some()), (MailboxState::Current, 900, true));
    let states: BTreeSet<String> = fake.subscriptions().into_iter().map(|one| one.client_state).collect();
    assert_eq!(states.len(), 4, "each subscription has a secret of its own");

    // Between two looks nothing is read.
    let (known, since) = (office.interactions().await.len(), fake.log().len());
    fake.change(|world| world.deliver(ANN, "F-archive=", mail("M2", ANN)));
    sync(&office, &fake, SOON_S).await;
    assert_eq!(read_since(&fake, since), BTreeSet::new());

    assert_eq!(fake.ring().await, [202]);
    sync(&office, &fake, 1).await;
    assert_eq!(read_since(&fake, since), BTreeSet::from([ANN.to_owned()]), "and nobody else's is read");
    assert_eq!(office.interactions().await.len(), known + 1);

    fake.change(|world| {
        world.put_event(BOB, "calendar", event("E1", "2026-03-03T10:00:00", "2026-03-03T11:00:00", "c@acme.example"));
    });
    assert_eq!(fake.ring().await, [202]);
    sync(&office, &fake, 1).await;
    assert_eq!(office.interactions().await.len(), known + 2);

    // What nobody told of is found by looking.
    fake.change(|world| world.deliver(BOB, "F-inbox=", mail("M3", BOB)));
    sync(&office, &fake, 901).await;
    assert_eq!(office.interactions().await.len(), known + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_runs_reads_as_soon_as_it_rings() {
    let (office, fake, _) = notified().await;
    sync(&office, &fake, SOON_S).await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let app = office.app.clone();
    let capturing = tokio::spawn(async move { app.sync_until(None, stopping).await });
    let (mut changes, known) = (office.app.watch(), office.interactions().await.len());
    // The clock of this organization stands still: nothing else brings a mailbox its next turn.
    fake.change(|world| world.deliver(ANN, "F-inbox=", mail("M2", ANN)));
    assert_eq!(fake.ring().await, [202]);
    tokio::time::timeout(Duration::from_secs(30), async {
        while office.interactions().await.len() == known {
            changes.changed().await.unwrap();
        }
    })
    .await
    .expect("what rang was read");
    stop.send_replace(true);
    capturing.await.unwrap();
    assert_eq!(office.interactions().await.len(), known + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_proves_nothing_wakes_nobody() {
    let (office, fake, url) = notified().await;
    let subscriptions = fake.subscriptions();
    let (one, other) = (&subscriptions[0], &subscriptions[1]);
    let since = fake.log().len();
    let unknown = json!({"subscriptionId": "6fa1", "clientState": one.client_state});
    let untrue = [item(one, "a guess"), item(one, &other.client_state), unknown, json!({"subscriptionId": one.id})];
    assert_eq!(notify(&url, &untrue).await, 202, "nobody is told what was wrong");
    let elsewhere = url.replace(CONNECTOR, "another");
    assert_eq!(notify(&elsewhere, &[item(one, &one.client_state)]).await, 202);
    sync(&office, &fake, 1).await;
    assert_eq!(read_since(&fake, since), BTreeSet::new());
    assert_eq!(notify(&url, &[item(one, "a guess"), item(one, &one.client_state)]).await, 202);
    sync(&office, &fake, 1).await;
    assert_eq!(read_since(&fake, since), BTreeSet::from([one.address.clone()]));

    // What is no notification, and what is too large.
    let answer = async |url: &str, kind: &str, body: &str| post(url, kind, body).await.unwrap();
    for (kind, body, status) in
        [("text/plain", "{}", 415), ("application/json", "[", 400), ("application/json", "{\"value\": 1}", 422)]
    {
        assert_eq!(answer(&url, kind, body).await.0, status, "{kind} {body}");
    }
    let large = json!({"value": [], "padding": "x".repeat(1 << 20)}).to_string();
    assert_eq!(answer(&url, "application/json", &large).await.0, 413);

    // A token is given back as text, and only where somebody may ring.
    let token = format!("{url}?validationToken=%3Cscript%3Ea%2Bb%3C%2Fscript%3E");
    let (status, kind, said) = answer(&token, "text/plain", "").await;
    assert_eq!((status, kind.as_str(), said.as_str()), (200, "text/plain; charset=utf-8", "<script>a+b</script>"));
    assert_eq!(answer(&token.replace(CONNECTOR, "another"), "text/plain", "").await.0, 404);
    assert_eq!(answer(&format!("{url}?validationToken={}", "x".repeat(3_000)), "text/plain", "").await.0, 400);
    assert_eq!(answer(&format!("{url}?validationToken=a%0Ab"), "text/plain", "").await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_renews_what_is_there_and_makes_nothing_twice() {
    let (office, fake, _) = notified().await;
    let before = fake.subscriptions();
    office.app.set_setting("capture.poll_seconds", "90").await.unwrap();
    for _ in 0..3 {
        sync(&office, &fake, SOON_S).await;
    }
    assert_eq!(fake.subscriptions(), before, "nothing is asked for that is there");
    sync(&office, &fake, RENEWED_S).await;
    let after = fake.subscriptions();
    assert_eq!(ids(&after), ids(&before));
    assert!(after.iter().zip(&before).all(|(after, before)| after.expires_at > before.expires_at), "all were renewed");

    // A server that was away for longer than they live makes them anew; under another address, too.
    sync(&office, &fake, 10 * 24 * 3_600).await;
    sync(&office, &fake, SOON_S).await;
    let anew = fake.subscriptions();
    assert_eq!((anew.len(), ids(&anew).intersection(&ids(&before)).count()), (4, 0));
    let url = serve(&office).await;
    sync(&office, &fake, SOON_S).await;
    sync(&office, &fake, SOON_S).await;
    assert!(fake.subscriptions().len() == 4 && fake.subscriptions().iter().all(|one| one.url == url));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_subscribed_to_without_consent_nor_after_it() {
    let (office, fake, _) = notified().await;
    office.app.opt_out(Some(ANN), true).await.unwrap();
    sync(&office, &fake, SOON_S).await;
    let left: BTreeSet<String> = fake.subscriptions().into_iter().map(|one| one.address).collect();
    assert_eq!(left, BTreeSet::from([BOB.to_owned()]));
    office.app.pause_capture(CONNECTOR, None, true).await.unwrap();
    sync(&office, &fake, SOON_S).await;
    assert_eq!(fake.subscriptions(), []);
    office.app.pause_capture(CONNECTOR, None, false).await.unwrap();
    sync(&office, &fake, SOON_S).await;
    sync(&office, &fake, SOON_S).await;
    assert_eq!(fake.subscriptions().len(), 2);
    office.app.revoke_consent().await.unwrap();
    let since = fake.log().len();
    sync(&office, &fake, SOON_S).await;
    assert_eq!(fake.subscriptions(), []);
    let asked: Vec<String> = fake.log()[since..].iter().map(|asked| asked.method.clone()).collect();
    assert!(asked.iter().all(|method| method == "DELETE"), "{asked:?}");
    assert!(office.mailbox(BOB).await.notified_until.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_is_taken_away_ends_its_subscriptions() {
    let (office, fake, _) = notified().await;
    office.app.delete_connector(CONNECTOR).await.unwrap();
    assert_eq!(fake.subscriptions(), []);
    assert!(!fake.log().is_empty() && fake.log().iter().filter(|asked| asked.method == "DELETE").count() == 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_a_subscription_is_answered() {
    let (office, fake, _) = notified().await;
    let before = ids(&fake.subscriptions());

    assert_eq!(fake.tell_of_subscriptions(ANN, "reauthorizationRequired").await, [202, 202]);
    assert!(fake.subscriptions().iter().any(|one| one.is_challenged));
    sync(&office, &fake, SOON_S).await;
    assert!(fake.subscriptions().iter().all(|one| !one.is_challenged), "they were authorized anew");
    assert_eq!(ids(&fake.subscriptions()), before);
    // What came while they told nothing is looked for.
    let since = fake.log().len();
    sync(&office, &fake, SOON_S).await;
    assert_eq!(read_since(&fake, since), BTreeSet::from([ANN.to_owned()]));

    let since = fake.log().len();
    assert_eq!(fake.tell_of_subscriptions(BOB, "missed").await, [202, 202]);
    sync(&office, &fake, SOON_S).await;
    assert_eq!(read_since(&fake, since), BTreeSet::from([BOB.to_owned()]));

    assert_eq!(fake.tell_of_subscriptions(BOB, "subscriptionRemoved").await, [202, 202]);
    sync(&office, &fake, SOON_S).await;
    let anew = fake.subscriptions();
    assert_eq!((anew.len(), ids(&anew).difference(&before).count()), (4, 2), "those that went were made anew");
    let told = office.mailbox(BOB).await;
    assert_eq!((told.polled_every_s, told.state), (900, MailboxState::Current));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_subscriptions_mailboxes_are_polled_as_ever() {
    let (office, fake) = (open(&[ANN, BOB]).await, fake().await);
    connect(&office, &fake).await;
    // The world reaches it nowhere: nothing is subscribed to.
    sync(&office, &fake, 0).await;
    sync(&office, &fake, SOON_S).await;
    assert_eq!(fake.subscriptions(), []);
    let url = serve(&office).await;
    // Microsoft does not reach us, then it is busy: neither keeps anything from being read.
    fake.answer_next(400, "ValidationError");
    sync(&office, &fake, SOON_S).await;
    let told = office.app.connector(CONNECTOR).await.unwrap();
    assert_eq!(
        told.notification_failure.as_deref(),
        Some("Microsoft does not reach our address for notifications (ValidationError)")
    );
    assert_eq!(told.mailboxes.iter().map(|one| one.polled_every_s).collect::<Vec<_>>(), [60, 60]);
    let asked = |fake: &FakeGraph| fake.log().iter().filter(|asked| asked.target == "/subscriptions").count();
    assert_eq!(asked(&fake), 1, "a connector rests after a refusal that is no mailbox's");
    fake.change(|world| world.deliver(ANN, "F-inbox=", mail("M2", ANN)));
    sync(&office, &fake, 61).await;
    assert_eq!((office.interactions().await.len(), asked(&fake)), (3, 1));
    for _ in 0..2 {
        sync(&office, &fake, 601).await;
    }
    assert_eq!(fake.subscriptions().len(), 4);
    assert_eq!(office.app.connector(CONNECTOR).await.unwrap().notification_failure, None);
    assert!(fake.subscriptions().iter().all(|one| one.url == url && one.lifecycle_url == url));
}
