//! What every handler shares.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    import_queue::ImportQueue,
    limits::{EVENT_STREAMS_MAX, REQUESTS_MAX},
    metrics::Metrics,
    problem::{Kind, Problem},
};
use crate::{App, AppError};

/// What every handler shares. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ServerState {
    inner: Arc<Inner>,
}

struct Inner {
    app: App,
    metrics: Arc<Metrics>,
    imports: ImportQueue,
    requests: Semaphore,
    streams: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

impl ServerState {
    /// Makes the folder of uploads and starts the queue of imports.
    pub(crate) async fn open(app: App) -> Result<Self, AppError> {
        let metrics = Arc::new(Metrics::new());
        let imports = ImportQueue::open(app.clone(), metrics.clone()).await?;
        let (stopping, _) = watch::channel(false);
        Ok(Self {
            inner: Arc::new(Inner {
                app,
                metrics,
                imports,
                requests: Semaphore::new(REQUESTS_MAX),
                streams: Arc::new(Semaphore::new(EVENT_STREAMS_MAX)),
                stopping,
            }),
        })
    }

    pub(crate) fn app(&self) -> &App {
        &self.inner.app
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    pub(crate) fn imports(&self) -> &ImportQueue {
        &self.inner.imports
    }

    pub(crate) fn requests(&self) -> &Semaphore {
        &self.inner.requests
    }

    /// Room for one more event stream, for as long as the permit is held.
    pub(crate) fn stream(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let full = |_| Problem::new(Kind::Busy, format!("{EVENT_STREAMS_MAX} event streams are open"));
        self.inner.streams.clone().try_acquire_owned().map_err(full)
    }

    /// Becomes true when the server is told to stop: event streams end then.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.inner.stopping.subscribe()
    }

    pub(crate) fn stop(&self) {
        self.inner.stopping.send_replace(true);
    }
}
