//! Subscriptions to a mailbox: made after our address answered, renewed, authorized anew, ended; and what each refusal means.

use rapport_connect::{
    graph::{Graph, NewSubscription, SUBSCRIPTION_LIFE},
    mailbox::StreamKind,
};
use rapport_testkit::fake_graph::FakeGraph;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::help::{JO, NOW, fake, graph, moment};

/// Somebody who gives every token back, or another one.
pub(crate) async fn answering(is_honest: bool) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/notifications", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 4_096];
            let length = stream.read(&mut bytes).await.unwrap();
            let head = String::from_utf8_lossy(&bytes[..length]).into_owned();
            let token = head.split_once("validationToken=").unwrap().1.split(' ').next().unwrap().to_owned();
            let query = reqwest::Url::parse(&format!("http://h/?t={token}")).unwrap();
            let token = query.query_pairs().next().unwrap().1.into_owned();
            let said = if is_honest { token } else { "something else".to_owned() };
            let length = said.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{said}"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url
}

fn new<'a>(address: &'a str, kind: StreamKind, url: &'a str) -> NewSubscription<'a> {
    NewSubscription { address, kind, notification_url: url, client_state: "a secret" }
}

async fn ready() -> (FakeGraph, Graph, String) {
    let fake = fake().await;
    fake.change(|world| NOW.clone_into(&mut world.now));
    let graph = graph(&fake);
    (fake, graph, answering(true).await)
}

#[tokio::test]
async fn a_subscription_is_made_renewed_authorized_anew_and_ended() {
    let (fake, graph, url) = ready().await;
    let mail = graph.subscribe(&new(JO, StreamKind::Mail, &url)).await.unwrap();
    let events = graph.subscribe(&new(JO, StreamKind::Calendar, &url)).await.unwrap();
    assert_eq!(mail.expires_at, moment("2026-03-04T00:00:00Z"));
    let life_min = SUBSCRIPTION_LIFE.as_secs() / 60;
    assert!(life_min < 10_080, "{life_min}");
    let made = fake.subscriptions();
    let told: Vec<(&str, &str, &str)> =
        made.iter().map(|one| (one.address.as_str(), one.below.as_str(), one.client_state.as_str())).collect();
    assert_eq!(told, [(JO, "messages", "a secret"), (JO, "events", "a secret")]);
    assert_eq!((made[0].changes.len(), made[1].changes.len()), (1, 3));
    assert!(fake.log().iter().all(|asked| !asked.body.contains("includeResourceData")), "the content of nothing is asked for");

    assert_eq!(graph.renew_subscription(&mail.id).await.unwrap(), mail.expires_at);
    graph.reauthorize_subscription(&mail.id).await.unwrap();
    graph.delete_subscription(&events.id).await.unwrap();
    graph.delete_subscription(&events.id).await.unwrap();
    assert_eq!(fake.subscriptions().len(), 1);
    assert!(graph.renew_subscription(&events.id).await.unwrap_err().is_expired());
    assert!(graph.reauthorize_subscription(&events.id).await.unwrap_err().is_expired());
}

#[tokio::test]
async fn refusals_of_subscriptions_say_whom_they_concern() {
    let (fake, graph, url) = ready().await;
    let refused = async |address: &str, url: &str| graph.subscribe(&new(address, StreamKind::Mail, url)).await.unwrap_err();
    fake.close(JO);
    assert!(refused(JO, &url).await.is_mailbox(), "closed to us");
    assert!(refused("nobody@us.example", &url).await.is_mailbox());
    fake.change(|world| world.add_mailbox("a/b'c@us.example"));
    graph.subscribe(&new("a/b'c@us.example", StreamKind::Mail, &url)).await.unwrap();
    let dishonest = answering(false).await;
    let unreached = refused("a/b'c@us.example", &dishonest).await;
    assert_eq!(unreached.to_string(), "Microsoft does not reach our address for notifications (ValidationError)");
    assert!(!unreached.is_mailbox() && !unreached.is_transient());
    fake.answer_next(429, "TooManyRequests");
    assert!(refused(JO, &url).await.is_throttled());
    assert_eq!(fake.subscriptions().len(), 1);
}
