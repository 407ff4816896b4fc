//! Message traces: windows, pages, what comes late, and that no mailbox is opened.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use rapport_connect::{
    graph::TraceSession,
    mailbox::{Ask, Item, Owner, Page, Stream, StreamKind, Window},
};
use rapport_domain::{
    Moment,
    time::{DAY_US, HOUR_US, MINUTE_US},
};
use rapport_testkit::fake_graph::{FakeGraph, trace};

use super::help::{JO, LEE, NOW, ids, json, moment, settings, window, with_clock};

const CARLA: &str = "carla@acme.example";

fn stream(id: &str) -> Stream {
    Stream { id: id.to_owned(), kind: StreamKind::Mail }
}

/// Traces of what Jo sent and received, one message every other day for 100 days, and of what is none of theirs.
async fn traced() -> FakeGraph {
    let fake = FakeGraph::start().await;
    fake.set_roles(&["ExchangeMessageTrace.Read.All"]);
    fake.change(|world| {
        world.page_items = 3;
        for day in 0..50 {
            let at = moment(NOW).plus_us(-(2 * day * DAY_US) - HOUR_US).to_rfc3339();
            world.traces.push(trace(&format!("<in-{day}>"), &at, CARLA, JO, "delivered"));
            for to in [CARLA, "dan@acme.example", LEE] {
                world.traces.push(trace(&format!("<out-{day}>"), &at, JO, to, "delivered"));
            }
            world.traces.push(trace(&format!("<spam-{day}>"), &at, CARLA, JO, "filteredAsSpam"));
            world.traces.push(trace(&format!("<other-{day}>"), &at, CARLA, LEE, "delivered"));
        }
    });
    fake
}

fn session(fake: &FakeGraph) -> (TraceSession, Arc<AtomicI64>) {
    let (graph, now) = with_clock(settings(fake));
    (graph.open_traces(&Owner { address: JO.to_owned() }), now)
}

/// A page, whatever has to be waited for.
async fn page(session: &mut TraceSession, now: &AtomicI64, stream: &Stream, ask: &Ask<'_>) -> Page {
    match session.page(stream, ask).await {
        Err(error) if error.is_paced() => {
            now.fetch_add(error.retry_after().unwrap().as_micros() as i64, Ordering::SeqCst);
            session.page(stream, ask).await.unwrap()
        }
        page => page.unwrap(),
    }
}

/// All history of a window; `again` says whether a new session goes on after each page.
async fn history(fake: &FakeGraph, stream: &Stream, window: Window, crashes_at: Option<usize>) -> Vec<Item> {
    let (mut open, now) = session(fake);
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    for number in 0..2_000 {
        if crashes_at == Some(number) {
            (open, _) = session(fake);
        }
        let page = page(&mut open, &now, stream, &Ask::History(window, cursor.as_deref())).await;
        items.extend(page.items);
        if page.is_last {
            return items;
        }
        cursor = Some(page.cursor);
    }
    panic!("history has no end");
}

#[tokio::test]
async fn history_has_each_message_once_with_all_recipients_and_opens_no_mailbox() {
    let fake = traced().await;
    let year = window("2025-03-01T00:00:00Z", NOW);
    let sent = history(&fake, &stream("sent"), year, None).await;
    // 90 days are kept: those of day 0, 2, .. 88.
    let mut wanted: Vec<String> = (0..45).map(|day| format!("<out-{day}>")).collect();
    wanted.sort_unstable();
    assert_eq!(ids(&sent), wanted);
    let recipients = |item: &Item| json(item)["toRecipients"].as_array().unwrap().len();
    assert!(sent.iter().all(|item| recipients(item) == 3 && !json(item).to_string().contains("never")), "{sent:?}");
    let received = history(&fake, &stream("received"), year, None).await;
    assert_eq!((received.len(), recipients(&received[0])), (45, 1), "what was kept away as spam is no mail");
    let log = fake.log();
    assert!(log.iter().all(|asked| asked.mailbox.is_none() && asked.status == 200), "{log:?}");
    assert!(log.iter().all(|asked| asked.target.contains("jo@us.example%27")), "of nobody else anything is asked");
    // Newest first.
    assert_eq!(sent[0].id, "<out-0>");
}

#[tokio::test]
async fn a_crash_after_any_page_loses_nothing() {
    let fake = traced().await;
    let month = window("2026-02-01T00:00:00Z", NOW);
    let whole = history(&fake, &stream("sent"), month, None).await;
    for crashes_at in 1..30 {
        let again = history(&fake, &stream("sent"), month, Some(crashes_at)).await;
        let (mut ids_again, mut wanted) = (ids(&again), ids(&whole));
        ids_again.dedup();
        wanted.dedup();
        assert_eq!(ids_again, wanted, "after page {crashes_at}");
        assert!(again.iter().all(|item| whole.contains(item)), "none in parts, after page {crashes_at}");
    }
}

#[tokio::test]
async fn what_is_new_comes_once_however_late_and_again_with_a_recipient_more() {
    let fake = traced().await;
    let (mut open, now) = session(&fake);
    let (sent, year) = (stream("sent"), window("2025-03-01T00:00:00Z", NOW));
    let mut cursor = page(&mut open, &now, &sent, &Ask::Begin(year)).await.cursor;
    let mut look = async |after_us: i64| -> Vec<String> {
        now.fetch_add(after_us, Ordering::SeqCst);
        let mut found = Vec::new();
        loop {
            let page = page(&mut open, &now, &sent, &Ask::Changes(&cursor, year)).await;
            found.extend(page.items.iter().map(|item| item.id.clone()));
            cursor = page.cursor;
            if page.is_last {
                return found;
            }
        }
    };
    let asked = || fake.log().len();
    assert!(look(5 * MINUTE_US).await.is_empty() && asked() == 0, "a look too soon asks nothing");
    // What was sent shortly before the beginning is history, and comes with the first look too.
    assert_eq!(look(HOUR_US).await, ["<out-0>"]);
    let row =
        |id: &str, at: Moment, to: &str| fake.change(|world| world.traces.push(trace(id, &at.to_rfc3339(), JO, to, "delivered")));
    let at = Moment(now.load(Ordering::SeqCst));
    row("<new>", at, CARLA);
    assert_eq!(look(HOUR_US).await, ["<new>"]);
    assert!(look(HOUR_US).await.is_empty());
    // A trace that appears late, and a recipient who was reached late.
    row("<late>", at.plus_us(-3 * HOUR_US), CARLA);
    row("<new>", at, "dan@acme.example");
    assert_eq!(look(HOUR_US).await, ["<late>", "<new>"]);
    assert!(look(HOUR_US).await.is_empty());
    // A machine that was off for 30 days.
    for day in 1..30 {
        row(&format!("<away-{day:02}>"), at.plus_us(day * DAY_US), CARLA);
    }
    let mut away = look(30 * DAY_US).await;
    away.dedup();
    assert_eq!((away.len(), away[0].as_str()), (29, "<away-01>"), "{away:?}");
    assert!(look(HOUR_US).await.is_empty());
}

#[tokio::test]
async fn a_tenant_that_does_not_permit_traces_is_told_apart() {
    let fake = traced().await;
    fake.set_roles(&["Mail.Read"]);
    let (mut open, _) = session(&fake);
    let month = window("2026-02-01T00:00:00Z", NOW);
    let refused = open.page(&stream("sent"), &Ask::History(month, None)).await.unwrap_err();
    assert!(refused.is_credentials() && refused.to_string().contains("ExchangeMessageTrace.Read.All"), "{refused}");
}

#[tokio::test]
async fn both_streams_go_on_side_by_side() {
    let fake = traced().await;
    let month = window("2026-02-01T00:00:00Z", NOW);
    let mut wanted = 0;
    for id in ["sent", "received"] {
        wanted += history(&fake, &stream(id), month, None).await.len();
    }
    let alone = fake.log().len();
    let (mut open, now) = session(&fake);
    let mut reading: Vec<(Stream, Option<String>)> = ["sent", "received"].map(|id| (stream(id), None)).into();
    let mut found = 0;
    while !reading.is_empty() {
        let mut left = Vec::new();
        for (stream, cursor) in reading {
            let page = page(&mut open, &now, &stream, &Ask::History(month, cursor.as_deref())).await;
            found += page.items.len();
            if !page.is_last {
                left.push((stream, Some(page.cursor)));
            }
        }
        reading = left;
    }
    assert_eq!((found, fake.log().len()), (wanted, 2 * alone), "nothing is asked for twice");
}

#[tokio::test]
async fn more_than_can_be_gathered_is_told_in_parts() {
    const MESSAGES: usize = 20_500;
    let fake = FakeGraph::start().await;
    fake.set_roles(&["ExchangeMessageTrace.Read.All"]);
    fake.change(|world| {
        let row = |number| trace(&format!("<{number}>"), "2026-02-27T10:00:00Z", JO, CARLA, "delivered");
        world.traces.extend((0..MESSAGES).map(row));
    });
    let (mut open, now) = session(&fake);
    let (mut cursor, mut pages) = (None::<String>, Vec::new());
    loop {
        let week = window("2026-02-22T00:00:00Z", NOW);
        let page = page(&mut open, &now, &stream("sent"), &Ask::History(week, cursor.as_deref())).await;
        pages.push(page.items.len());
        if page.is_last {
            break;
        }
        cursor = Some(page.cursor);
    }
    let told: Vec<usize> = pages.into_iter().filter(|items| *items > 0).collect();
    assert_eq!(told, [20_000, 500]);
}
