//! Listening, serving, stopping.

use std::net::SocketAddr;

use axum::serve::ListenerExt;
use tokio::{net::TcpListener, sync::watch};

use super::{
    access::{Access, Reached},
    layered,
    limits::SHUTDOWN_WAIT,
    state::ServerState,
};
use crate::{App, AppError, jobs};

/// A server that listens already and can be run.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    state: ServerState,
}

/// Listens; port 0 takes any that is free.
pub async fn bind(app: App, access: &Access) -> Result<Server, AppError> {
    let (reached, listen) = (Reached::check(access)?, access.listen.as_str());
    let cannot = |error: std::io::Error| {
        AppError::refused(format!("cannot listen on `{listen}`: {error}"))
            .with_hint("another program may listen there: pass another port, e.g. --listen 127.0.0.1:8081")
    };
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let state = ServerState::open(app, reached).await?;
    Ok(Server { listener, address, state })
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether everybody must sign in, whether or not anybody can.
    pub fn requires_sign_in(&self) -> bool {
        self.state.reached().requires_sign_in
    }

    /// Whether other machines reach it, as far as it knows, without encryption.
    pub fn is_unencrypted_beyond_this_machine(&self) -> bool {
        let reached = self.state.reached();
        reached.is_open && reached.public.as_ref().is_none_or(|(scheme, _)| scheme != "https")
    }

    /// Serves until `shutdown` is ready: then requests end, event streams and a running import are ended.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), AppError> {
        let state = self.state.clone();
        let stopping = self.state.stopping();
        let jobs = tokio::spawn(jobs::run(state.own_app().clone(), state.stopping()));
        let (app, until) = (state.own_app().clone(), state.stopping());
        let capture = tokio::spawn(async move { app.sync_until(None, until).await });
        let lists = tokio::spawn(state.own_app().clone().keep_lists(state.stopping()));
        // Answers are small and wanted now.
        let listener = self.listener.tap_io(|stream| _ = stream.set_nodelay(true));
        let told = async move {
            shutdown.await;
            state.stop();
        };
        let service = layered(self.state.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(told).into_future();
        let served = tokio::select! {
            served = serving => served,
            () = wait_after(stopping) => Ok(()),
        };
        self.state.imports().close().await?;
        // What it does is one transaction each: nothing is left half done.
        jobs.abort();
        capture.abort();
        lists.abort();
        served.map_err(|error| AppError::refused(format!("serving stopped: {error}")))
    }
}

async fn wait_after(mut stopping: watch::Receiver<bool>) {
    if stopping.wait_for(|stopping| *stopping).await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(SHUTDOWN_WAIT).await;
}
