//! Listening, serving, stopping.

use std::net::SocketAddr;

use axum::serve::ListenerExt;
use tokio::{net::TcpListener, sync::watch};

use super::{guard::check_loopback, layered, limits::SHUTDOWN_WAIT, state::ServerState};
use crate::{App, AppError, jobs};

/// A server that listens already and can be run.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    state: ServerState,
}

/// Listens on a loopback address; port 0 takes any that is free.
pub async fn bind(app: App, listen: &str) -> Result<Server, AppError> {
    check_loopback(listen)?;
    let cannot = |error: std::io::Error| {
        AppError::refused(format!("cannot listen on `{listen}`: {error}"))
            .with_hint("another program may listen there: pass another port, e.g. --listen 127.0.0.1:8081")
    };
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let state = ServerState::open(app).await?;
    Ok(Server { listener, address, state })
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready: then requests end, event streams and a running import are ended.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), AppError> {
        let state = self.state.clone();
        let stopping = self.state.stopping();
        let jobs = tokio::spawn(jobs::run(state.app().clone(), state.stopping()));
        // Answers are small and wanted now.
        let listener = self.listener.tap_io(|stream| _ = stream.set_nodelay(true));
        let told = async move {
            shutdown.await;
            state.stop();
        };
        let serving = axum::serve(listener, layered(self.state.clone())).with_graceful_shutdown(told).into_future();
        let served = tokio::select! {
            served = serving => served,
            () = wait_after(stopping) => Ok(()),
        };
        self.state.imports().close().await?;
        // What it does is one transaction each: nothing is left half done.
        jobs.abort();
        served.map_err(|error| AppError::refused(format!("serving stopped: {error}")))
    }
}

async fn wait_after(mut stopping: watch::Receiver<bool>) {
    if stopping.wait_for(|stopping| *stopping).await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(SHUTDOWN_WAIT).await;
}
