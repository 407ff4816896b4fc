//! Every request that we send is one that Microsoft's documents allow: Prism (`@stoplight/prism-cli`) judges by their OpenAPI form.
//!
//! `RAPPORT_PRISM` names its program, `RAPPORT_TEST_DATA` the folder beside which the contracts lie; `make test-contract` sets the first.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rapport_connect::{
    graph::{Access, NewSubscription},
    mailbox::{Ask, Owner, StreamKind},
};
use rapport_testkit::fake_graph::{FakeGraph, Logged, event, message, series, trace};

use serde_json::Value;

use super::help::{JO, NOW, begin, calendar, changes, fake, graph, history, mail, open, window, year};
use super::subscriptions::answering;

/// Stops the judge with this test, however it ends.
struct Judge {
    child: Child,
    url: String,
}

impl Drop for Judge {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[allow(clippy::disallowed_methods, reason = "tests find their data by an environment variable")]
fn named(name: &str) -> Option<PathBuf> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn slice() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    named("RAPPORT_TEST_DATA").unwrap_or_else(beside).join("../contracts/graph-slice.openapi.yaml")
}

/// Starts the judge on a free port.
fn judge(prism: &Path, slice: &Path) -> Judge {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut child = Command::new(prism)
        .args(["mock", "--errors", "--host", "127.0.0.1", "--port", &free.to_string()])
        .arg(slice)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("prism starts");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let judge = Judge { child, url: format!("http://127.0.0.1:{free}") };
    let mut lines = lines.inspect(|line| println!("{line}"));
    assert!(lines.any(|line| line.contains("is listening")), "prism does not listen");
    // Nobody reads what it says about each request: it must not wait for that.
    std::thread::spawn(move || lines.for_each(drop));
    judge
}

/// Everything that the client can ask, with pages and changes.
async fn ask_everything() -> FakeGraph {
    let fake = fake().await;
    fake.change(|world| {
        world.fill(JO, 11, 60);
        for number in 0..12 {
            let at = format!("2026-02-03T10:00:00.{number:03}Z");
            world.deliver(JO, "F-archive=", message(&format!("S{number}"), &at, "carla@acme.example", JO, "One second"));
        }
        for number in 0..12 {
            world.put_event(
                JO,
                "calendar",
                event(&format!("E{number}"), "2026-02-02T10:00:00", "2026-02-02T11:00:00", "c@acme.example"),
            );
        }
        for one in series("Z/S=", &["2026-01-05T09:00:00"], "dan@acme.example") {
            world.put_event(JO, "calendar", one);
        }
    });
    let graph = graph(&fake);
    let mut session = open(&graph, JO);
    session.streams().await.unwrap();
    for folder in ["F-inbox=", "F-archive="] {
        let (_, cursor) = begin(&mut session, &mail(folder), year()).await;
        fake.change(|world| {
            for number in 0..12 {
                let id = format!("{folder}{number}");
                world.deliver(JO, folder, message(&id, "2026-03-01T00:00:01Z", "carla@acme.example", JO, "New"));
            }
        });
        changes(&mut session, &mail(folder), &cursor, year()).await.unwrap();
        history(&mut session, &mail(folder), year(), || {}).await;
    }
    history(&mut session, &mail("messages"), year(), || {}).await;
    let quarter = window("2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z");
    fake.change(|world| world.page_items = 1);
    let (_, cursor) = begin(&mut session, &calendar(), quarter).await;
    changes(&mut session, &calendar(), &cursor, quarter).await.unwrap();
    fake.change(|world| world.add_mailbox("lee@us.example"));
    let first = graph.users(None).await.unwrap();
    graph.users(first.next.as_deref()).await.unwrap();
    graph.organization().await.unwrap();
    graph.probe(JO, Access::Mail).await.unwrap();
    graph.probe(JO, Access::Calendars).await.unwrap();
    graph.groups_of(&["U0"]).await.unwrap();
    let url = answering(true).await;
    for kind in [StreamKind::Mail, StreamKind::Calendar] {
        let new = NewSubscription { address: JO, kind, notification_url: &url, client_state: "a secret" };
        let made = graph.subscribe(&new).await.unwrap();
        graph.renew_subscription(&made.id).await.unwrap();
        graph.reauthorize_subscription(&made.id).await.unwrap();
        graph.delete_subscription(&made.id).await.unwrap();
    }
    ask_for_traces(&fake).await;
    fake
}

/// Both streams of message traces, with more than one page.
async fn ask_for_traces(fake: &FakeGraph) {
    fake.set_roles(&["ExchangeMessageTrace.Read.All"]);
    let person = "o'neil+x@us.example";
    fake.change(|world| {
        for number in 0..3 {
            let id = format!("<{number}@acme.example>");
            world.traces.push(trace(&id, "2026-02-03T10:00:00Z", "carla@acme.example", person, "delivered"));
        }
    });
    let mut session = graph(fake).open_traces(&Owner { address: person.to_owned() });
    for stream in session.streams().await.unwrap() {
        let first = session.page(&stream, &Ask::History(window("2026-02-01T00:00:00Z", NOW), None)).await.unwrap();
        let mut cursor = first.cursor;
        for _ in 0..8 {
            let next = session.page(&stream, &Ask::History(window("2026-02-01T00:00:00Z", NOW), Some(&cursor))).await.unwrap();
            if next.is_last {
                break;
            }
            cursor = next.cursor;
        }
    }
}

/// What the judge says of a request, unless it is fine.
async fn judged(client: &reqwest::Client, judge: &Judge, asked: &Logged) -> Option<String> {
    let method = asked.method.parse().unwrap();
    let mut request = client.request(method, format!("{}{}", judge.url, asked.target)).header("authorization", "Bearer t");
    if !asked.prefer.is_empty() {
        request = request.header("prefer", &asked.prefer);
    }
    if !asked.body.is_empty() {
        // Microsoft calls encrypted addresses only; that of a test is on this machine.
        let body = asked.body.replace("\"http://127.0.0.1", "\"https://127.0.0.1");
        request = request.header("content-type", "application/json").body(body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let said = answer.text().await.unwrap();
    (!status.is_success() && !is_about_its_own_answer(&said))
        .then(|| format!("{} {}: {status} {said}", asked.method, asked.target))
}

/// The judge makes answers up and then finds fault with some of them, which says nothing of the request.
fn is_about_its_own_answer(said: &str) -> bool {
    let said: Value = serde_json::from_str(said).unwrap_or_default();
    let faults = said["validation"].as_array().map(Vec::as_slice).unwrap_or_default();
    !faults.is_empty() && faults.iter().all(|fault| fault["location"][0] == "response")
}

#[tokio::test]
async fn every_request_is_one_that_microsoft_documents() {
    let slice = slice();
    if !slice.is_file() {
        println!("SKIPPED: every_request_is_one_that_microsoft_documents: no contracts beside RAPPORT_TEST_DATA");
        return;
    }
    let Some(prism) = named("RAPPORT_PRISM") else {
        println!(
            "SKIPPED: every_request_is_one_that_microsoft_documents: RAPPORT_PRISM names no prism (make test-contract does)"
        );
        return;
    };
    let fake = ask_everything().await;
    let log = fake.log();
    assert!(log.iter().all(|asked| (200..300).contains(&asked.status)), "{log:?}");
    let kinds = [
        "/messages?",
        "/messages/delta?",
        "/calendarView/delta?",
        "/events/",
        "/calendars?",
        "/mailFolders/delta",
        "/$batch",
        "/users?",
        "/organization",
        "/subscriptions",
        "/reauthorize",
        "/admin/exchange/tracing/messageTraces",
    ];
    for kind in kinds {
        assert!(log.iter().any(|asked| asked.target.contains(kind)), "{kind} is not among {}", log.len());
    }
    let judge = judge(&prism, &slice);
    rustls::crypto::ring::default_provider().install_default().ok();
    let client = reqwest::Client::new();
    let mut refused = Vec::new();
    for asked in &log {
        refused.extend(judged(&client, &judge, asked).await);
    }
    assert!(refused.is_empty(), "{} of {} requests are refused:\n{}", refused.len(), log.len(), refused.join("\n"));
    // The judge does refuse.
    let wrong = Logged { target: "/users/u/mailFolders/f/messages?$select=everything".to_owned(), ..log[0].clone() };
    assert!(judged(&client, &judge, &Logged { method: "GET".to_owned(), body: String::new(), ..wrong }).await.is_some());
    println!("{} requests, none refused", log.len());
}
