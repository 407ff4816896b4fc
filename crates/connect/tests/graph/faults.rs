//! What goes wrong at Microsoft, on the way, and with credentials.

use std::{sync::atomic::Ordering, time::Duration};

use rapport_connect::{
    graph::{Credential, Graph, GraphSettings},
    mailbox::{Ask, SourceError},
};
use rapport_testkit::fake_graph::{CERTIFICATE_PEM, FakeGraph, KEY_PEM, event, message};

use super::help::{JO, LEE, begin, calendar, changes, fake, graph, history, ids, mail, open, settings, with_clock, year};

/// Why the first page of the inbox's history is not given.
async fn failure(graph: &Graph) -> SourceError {
    open(graph, JO).page(&mail("messages"), &Ask::History(year(), None)).await.unwrap_err()
}

#[tokio::test]
async fn throttling_says_how_long_to_wait_and_loses_nothing() {
    let fake = fake().await;
    fake.change(|world| world.fill(JO, 3, 200));
    let graph = graph(&fake);
    fake.answer_next(429, "ApplicationThrottled");
    let error = failure(&graph).await;
    assert!(error.is_throttled() && error.is_transient());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    fake.throttle_every(3);
    let mut session = open(&graph, JO);
    let all = history(&mut session, &mail("messages"), year(), || {}).await;
    assert_eq!(ids(&all).len(), 200);
}

#[tokio::test]
async fn a_server_out_of_order_may_be_asked_again() {
    let fake = fake().await;
    let graph = graph(&fake);
    for (status, waits) in [(503, true), (500, false), (504, false)] {
        fake.answer_next(status, "generalException");
        let error = failure(&graph).await;
        assert!(error.is_transient(), "{error}");
        assert_eq!(error.retry_after().is_some(), waits, "{status}");
    }
    fake.answer_next(400, "BadRequest");
    assert!(!failure(&graph).await.is_transient(), "what is not understood once is not understood later");
}

#[tokio::test]
async fn a_connection_that_is_cut_loses_nothing() {
    let fake = fake().await;
    fake.change(|world| world.fill(JO, 5, 90));
    let graph = graph(&fake);
    fake.cut_next_at(20);
    assert!(failure(&graph).await.is_transient());
    let mut session = open(&graph, JO);
    let mut bytes = 1;
    let all = history(&mut session, &mail("messages"), year(), || {
        fake.cut_next_at(bytes);
        bytes *= 3;
    })
    .await;
    assert_eq!(ids(&all).len(), 90);
}

#[tokio::test]
async fn a_state_that_is_known_no_more_begins_anew() {
    let fake = fake().await;
    let mut session = open(&graph(&fake), JO);
    let (_, inbox) = begin(&mut session, &mail("F-inbox="), year()).await;
    let (_, meetings) = begin(&mut session, &calendar(), year()).await;
    fake.expire_states();
    fake.change(|world| {
        world.deliver(JO, "F-inbox=", message("N", "2026-03-01T00:01:00Z", "carla@acme.example", JO, "New"));
        world.put_event(JO, "calendar", event("E", "2026-02-02T10:00:00", "2026-02-02T11:00:00", "carla@acme.example"));
    });
    assert!(changes(&mut session, &mail("F-inbox="), &inbox, year()).await.unwrap_err().is_expired());
    assert!(changes(&mut session, &calendar(), &meetings, year()).await.unwrap_err().is_expired());
    let (told, _) = begin(&mut session, &calendar(), year()).await;
    assert_eq!(ids(&told), ["E"]);
    for broken in ["", "D123", "{\"link\": 7}"] {
        assert!(changes(&mut session, &mail("F-inbox="), broken, year()).await.unwrap_err().is_expired(), "{broken}");
    }
}

#[tokio::test]
async fn a_folder_that_was_deleted_begins_anew() {
    let fake = fake().await;
    let error = open(&graph(&fake), JO).page(&mail("F-none="), &Ask::Begin(year())).await.unwrap_err();
    assert!(error.is_expired() && !error.is_mailbox());
}

#[tokio::test]
async fn our_token_goes_to_nobody_else() {
    let fake = fake().await;
    let other = FakeGraph::start().await;
    let mut session = open(&graph(&fake), JO);
    for link in [
        format!("{}/users/{JO}/mailFolders/F-inbox=/messages/delta", other.graph_url),
        fake.graph_url.replace("/v1.0", "/beta/users"),
        fake.graph_url.replace("http://", "https://"),
        "not an address".to_owned(),
    ] {
        let cursor = format!("{{\"link\":{link:?},\"seen\":0}}");
        let error = session.page(&mail("F-inbox="), &Ask::Changes(&cursor, year())).await.unwrap_err();
        assert!(!error.is_transient() && !error.is_expired(), "{link}: {error}");
    }
    assert_eq!((fake.log().len(), other.log().len()), (0, 0));
}

#[tokio::test]
async fn a_mailbox_that_is_closed_is_closed_alone() {
    let fake = fake().await;
    fake.change(|world| world.add_mailbox(LEE));
    fake.close(LEE);
    let graph = graph(&fake);
    for address in [LEE, "nobody@us.example"] {
        let error = open(&graph, address).streams().await.unwrap_err();
        assert!(error.is_mailbox() && !error.is_credentials(), "{address}: {error}");
        assert!(!error.to_string().contains("us.example"), "{error}");
    }
    assert_eq!(open(&graph, JO).streams().await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_token_is_kept_and_got_anew_in_time() {
    let fake = fake().await;
    let (graph, now) = with_clock(settings(&fake));
    let mut session = open(&graph, JO);
    session.streams().await.unwrap();
    assert_eq!(fake.tokens_given(), 1);
    now.fetch_add(54 * 60_000_000, Ordering::SeqCst);
    session.streams().await.unwrap();
    assert_eq!(fake.tokens_given(), 1);
    now.fetch_add(60_000_000, Ordering::SeqCst);
    session.streams().await.unwrap();
    assert_eq!(fake.tokens_given(), 2, "five minutes before its end");
    fake.expire_tokens();
    session.streams().await.unwrap();
    assert_eq!(fake.tokens_given(), 3, "one that is not taken is replaced once");
    fake.answer_next(401, "InvalidAuthenticationToken");
    fake.answer_next(401, "InvalidAuthenticationToken");
    let error = session.streams().await.unwrap_err();
    assert!(error.is_credentials(), "{error}");
    assert_eq!(fake.tokens_given(), 4);
}

#[tokio::test]
async fn a_certificate_proves_who_we_are_each_time_anew() {
    let fake = fake().await;
    let with = |key: &str, certificate: &str| GraphSettings {
        credential: Credential::Certificate { key_pem: key.to_owned(), certificate_pem: certificate.to_owned() },
        ..settings(&fake)
    };
    let (graph, _) = with_clock(with(KEY_PEM, CERTIFICATE_PEM));
    for given in 1..4 {
        open(&graph, JO).streams().await.unwrap();
        assert_eq!(fake.tokens_given(), given, "a proof is not used twice");
        fake.expire_tokens();
    }
    let clock: rapport_connect::graph::Clock = std::sync::Arc::new(|| super::help::moment(super::help::NOW));
    for (key, certificate) in [(KEY_PEM, KEY_PEM), (CERTIFICATE_PEM, CERTIFICATE_PEM), ("", "")] {
        let error = Graph::new(with(key, certificate), clock.clone()).err().unwrap();
        assert!(error.is_credentials() && !error.to_string().contains("MII"), "{error}");
    }
}

#[tokio::test]
async fn the_login_host_says_who_can_mend_it() {
    let fake = fake().await;
    let wrong = GraphSettings { credential: Credential::Secret("wrong".to_owned()), ..settings(&fake) };
    let error = failure(&with_clock(wrong).0).await;
    assert!(error.is_credentials(), "{error}");
    assert_eq!(error.to_string(), "the client secret is wrong: enter the secret's value, not its id (AADSTS7000215)");
    let unknown = GraphSettings { tenant_id: "other.example".to_owned(), ..settings(&fake) };
    assert!(failure(&with_clock(unknown).0).await.is_credentials());
    fake.refuse_tokens(7_000_229);
    assert!(failure(&graph(&fake)).await.is_revoked());
    fake.refuse_tokens(0);
    assert_eq!(open(&graph(&fake), JO).streams().await.unwrap().len(), 5);
}

#[tokio::test]
async fn sessions_of_a_mailbox_share_what_it_takes_and_one_token() {
    let fake = fake().await;
    fake.change(|world| world.fill(JO, 9, 60));
    fake.answer_after(Duration::from_millis(2));
    let graph = graph(&fake);
    let reading = (0..12).map(|_| {
        let graph = graph.clone();
        tokio::spawn(async move { history(&mut open(&graph, JO), &mail("messages"), year(), || {}).await.len() })
    });
    let mut counts = Vec::new();
    for task in reading.collect::<Vec<_>>() {
        counts.push(task.await.unwrap());
    }
    assert!(counts.iter().all(|count| *count == counts[0] && *count > 0));
    assert!((2..=4).contains(&fake.most_in_flight()), "{}", fake.most_in_flight());
    assert_eq!(fake.tokens_given(), 1);
}
