//! `/api/v1/events`: tells open pages that figures moved, so that they ask again.

use std::time::Duration;

use axum::response::{
    Sse,
    sse::{Event, KeepAlive},
};
use futures_util::Stream;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use utoipa::ToSchema;

use super::{
    extract::NoParameters,
    identify::Acting,
    problem::{CommonProblems, Problem},
};
use crate::App;

/// How often the store is asked whether another process (an import on the command line) changed it: one row, well within the 5 seconds that
/// a change may take to reach an open page.
const POLL: Duration = Duration::from_secs(1);

/// Between comments that keep a quiet stream open through proxies, which cut after 30 seconds or more.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Data of a `facts` event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FactsBody {
    /// Moves with every change of interactions, people, users or records.
    facts_version: i64,
    /// Moves with every change of a setting.
    settings_version: i64,
}

struct Subscriber {
    app: App,
    changes: watch::Receiver<i64>,
    stopping: watch::Receiver<bool>,
    told: Option<FactsBody>,
    _room: OwnedSemaphorePermit,
}

/// A `facts` event now and whenever data or settings change
#[utoipa::path(get, path = "/api/v1/events", tag = "operation", operation_id = "events", responses(
    (status = 200, description = "Server-sent events named `facts`; the stream stays open", content_type = "text/event-stream", body = FactsBody,
        example = "event: facts\ndata: {\"facts_version\":12,\"settings_version\":3}\n\n"),
    CommonProblems,
))]
pub(crate) async fn get(
    Acting(state): Acting,
    _query: NoParameters,
) -> Result<Sse<impl Stream<Item = Result<Event, axum::Error>>>, Problem> {
    let subscriber = Subscriber {
        app: state.app().clone(),
        changes: state.app().watch(),
        stopping: state.stopping(),
        told: None,
        _room: state.stream()?,
    };
    let events = futures_util::stream::unfold(subscriber, |mut subscriber| async move {
        let facts = next(&mut subscriber).await?;
        Some((Event::default().event("facts").json_data(facts), subscriber))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// The next versions that were not told; `None` when the server stops or the store does not answer.
async fn next(subscriber: &mut Subscriber) -> Option<FactsBody> {
    loop {
        if *subscriber.stopping.borrow() {
            return None;
        }
        // Seen before the store is asked: a change in between is seen again.
        subscriber.changes.mark_unchanged();
        let (facts_version, settings_version) = subscriber.app.store().versions(subscriber.app.org()).await.ok()?;
        let facts = FactsBody { facts_version, settings_version };
        if subscriber.told != Some(facts) {
            subscriber.told = Some(facts);
            return Some(facts);
        }
        tokio::select! {
            changed = subscriber.changes.changed() => changed.ok()?,
            stopping = subscriber.stopping.changed() => stopping.ok()?,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}
