//! Meetings that change, are cancelled, or go.

use rapport_testkit::fake_graph::{FakeGraph, event, series};
use serde_json::{Value, json};

use super::help::{ANN, connect, open};
use crate::office::{Office, column};

/// Of every meeting that is known: when it is, who is asked, and whether it is cancelled.
async fn known(office: &Office) -> Vec<String> {
    let rows = office.interactions().await;
    rows.iter().map(|row| format!("{} {} {}", column(row, "occurred_at"), column(row, "to"), column(row, "state"))).collect()
}

fn meeting(id: &str, start: &str, attendees: &[&str]) -> Value {
    let mut meeting = event(id, start, start, "");
    meeting["organizer"]["emailAddress"]["address"] = json!(ANN);
    let attendee =
        |address: &&str| json!({"type": "required", "status": {"response": "accepted"}, "emailAddress": {"address": address}});
    meeting["attendees"] = attendees.iter().map(attendee).collect();
    meeting
}

async fn office() -> (FakeGraph, Office) {
    let fake = FakeGraph::start().await;
    fake.change(|world| world.add_mailbox(ANN));
    let office = open(&[ANN]).await;
    connect(&office, &fake).await;
    (fake, office)
}

fn put(fake: &FakeGraph, event: Value) {
    fake.change(|world| world.put_event(ANN, "calendar", event));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_is_what_its_calendar_shows_last() {
    let (fake, office) = office().await;
    put(&fake, meeting("past", "2026-02-02T10:00:00", &["jo@acme.example"]));
    put(&fake, meeting("moved", "2026-03-10T10:00:00", &["jo@acme.example", "lee@acme.example"]));
    put(&fake, meeting("future", "2026-04-01T10:00:00", &["lee@acme.example"]));
    office.sync().await;
    let past = "2026-02-02T10:00:00Z jo@acme.example ";
    let future = "2026-04-01T10:00:00Z lee@acme.example ";
    assert_eq!(known(&office).await, [past, "2026-03-10T10:00:00Z jo@acme.example;lee@acme.example ", future]);

    put(&fake, meeting("moved", "2026-03-12T15:00:00", &["jo@acme.example", "lee@acme.example"]));
    office.sync().await;
    assert_eq!(known(&office).await, [past, "2026-03-12T15:00:00Z jo@acme.example;lee@acme.example ", future]);

    put(&fake, meeting("moved", "2026-03-12T15:00:00", &["jo@acme.example"]));
    office.sync().await;
    assert_eq!(known(&office).await, [past, "2026-03-12T15:00:00Z jo@acme.example ", future]);
    assert!(!office.figures().await.iter().any(|line| line.contains("ann@us.example,lee@acme.example,2026-03")));

    // It moves to a day that was: the one to come is gone.
    put(&fake, meeting("moved", "2026-02-20T15:00:00", &["jo@acme.example"]));
    office.sync().await;
    let moved = "2026-02-20T15:00:00Z jo@acme.example ";
    assert_eq!(known(&office).await, [past, moved, future]);

    let before = office.figures().await;
    let mut cancelled = meeting("moved", "2026-02-20T15:00:00", &["jo@acme.example"]);
    cancelled["isCancelled"] = json!(true);
    put(&fake, cancelled);
    office.sync().await;
    assert_eq!(known(&office).await, [past, "2026-02-20T15:00:00Z jo@acme.example cancelled", future]);
    let after = office.figures().await;
    assert_ne!(before, after, "what was cancelled counts no more");
    put(&fake, meeting("moved", "2026-02-20T15:00:00", &["jo@acme.example"]));
    office.sync().await;
    assert_eq!(known(&office).await, [past, moved, future], "somebody thought better of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_took_place_stays_when_it_is_deleted_and_what_was_to_come_goes() {
    for expires in [false, true] {
        let (fake, office) = office().await;
        for (id, start) in [("past", "2026-02-02T10:00:00"), ("future", "2026-04-01T10:00:00"), ("stays", "2026-04-02T10:00:00")]
        {
            put(&fake, meeting(id, start, &["jo@acme.example"]));
        }
        for one in series("S", &["2026-02-03T09:00:00", "2026-04-03T09:00:00"], "jo@acme.example") {
            put(&fake, one);
        }
        office.sync().await;
        assert_eq!(known(&office).await.len(), 5);
        fake.change(|world| {
            for id in ["past", "future", "S-0", "S-1", "S"] {
                world.delete_event(ANN, id);
            }
        });
        if expires {
            // What changed is told no more: the calendar is listed anew, and what it does not name is gone.
            fake.expire_states();
        }
        office.sync().await;
        let starts: Vec<String> = known(&office).await.iter().map(|one| one[..10].to_owned()).collect();
        assert_eq!(starts, ["2026-02-02", "2026-02-03", "2026-04-02"], "expired: {expires}");
        assert!(office.is_current().await);

        // Once more, a page at a time: listing ends with its last page, not before.
        fake.change(|world| world.page_items = 1);
        put(&fake, meeting("late", "2026-04-05T10:00:00", &["jo@acme.example"]));
        fake.expire_states();
        office.sync().await;
        let starts: Vec<String> = known(&office).await.iter().map(|one| one[..10].to_owned()).collect();
        assert_eq!(starts, ["2026-02-02", "2026-02-03", "2026-04-02", "2026-04-05"]);
    }
}
