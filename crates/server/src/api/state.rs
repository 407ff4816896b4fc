//! What every handler shares.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    access::Reached,
    import_queue::ImportQueue,
    limits::{EVENT_STREAMS_MAX, REQUESTS_MAX},
    metrics::Metrics,
    problem::{Kind, Problem},
};
use crate::{App, AppError, app::Caller, auth::limiter::SignInLimiter};

/// What every handler shares. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ServerState {
    inner: Arc<Inner>,
    /// The use cases, acting for whoever asks; for nobody before that is known.
    app: App,
}

struct Inner {
    /// Acting for the server itself.
    own_app: App,
    reached: Reached,
    limiter: Arc<SignInLimiter>,
    metrics: Arc<Metrics>,
    imports: ImportQueue,
    requests: Semaphore,
    streams: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

impl ServerState {
    /// Makes the folder of uploads and starts the queue of imports.
    pub(crate) async fn open(app: App, reached: Reached) -> Result<Self, AppError> {
        let metrics = Arc::new(Metrics::new());
        let imports = ImportQueue::open(app.clone(), metrics.clone()).await?;
        let (stopping, _) = watch::channel(false);
        app.ring_at(reached.public.as_ref().map(|(scheme, authority)| format!("{scheme}://{authority}")));
        Ok(Self {
            app: app.acting_for(Caller::Nobody),
            inner: Arc::new(Inner {
                limiter: SignInLimiter::new(app.clock()),
                reached,
                own_app: app,
                metrics,
                imports,
                requests: Semaphore::new(REQUESTS_MAX),
                streams: Arc::new(Semaphore::new(EVENT_STREAMS_MAX)),
                stopping,
            }),
        })
    }

    /// The use cases, acting for whoever asks.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// The same server, acting for somebody.
    pub(crate) fn acting_for(&self, caller: Caller) -> Self {
        Self { inner: self.inner.clone(), app: self.inner.own_app.acting_for(caller) }
    }

    /// The use cases, acting for the server itself: its jobs.
    pub(crate) fn own_app(&self) -> &App {
        &self.inner.own_app
    }

    /// How the server is reached.
    pub(crate) fn reached(&self) -> &Reached {
        &self.inner.reached
    }

    /// Counts attempts to sign in.
    pub(crate) fn limiter(&self) -> &SignInLimiter {
        &self.inner.limiter
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
