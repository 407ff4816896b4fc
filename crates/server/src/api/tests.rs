//! What a test over the router alone cannot bring about: panics, full limits.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, header},
    routing::get,
};
use rapport_domain::Moment;
use tower::ServiceExt;

use super::*;
use crate::app::Init;

async fn state(folder: &tempfile::TempDir) -> ServerState {
    let init = Init { organization: "default".to_owned(), internal_domains: Vec::new(), time_zone: None };
    let (app, _) = App::init(folder.path(), &init, Arc::new(|| Moment(0))).await.unwrap();
    ServerState::open(app, access::Reached::default()).await.unwrap()
}

async fn send(router: Router, path: &str) -> (u16, String) {
    let request = Request::post(path).header(header::HOST, "localhost").body(Body::from("x")).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    let problem: ProblemBody = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem.status, status);
    (status, problem.detail)
}

#[tokio::test]
async fn a_panic_is_a_problem_that_keeps_its_text_to_itself() {
    let router = Router::new().route("/", get(no_route).post(async || -> &'static str { panic!("secret") }));
    let (status, detail) = send(router.layer(CatchPanicLayer::custom(panicked)), "/").await;
    assert_eq!((status, detail.as_str()), (500, "a fault of the server; its log has more"));
}

#[tokio::test]
async fn more_than_the_server_takes_on_is_told_to_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let state = state(&folder).await;
    let held = state.requests().acquire_many(limits::REQUESTS_MAX as u32).await.unwrap();
    assert_eq!(send(layered(state.clone()), "/api/v1/contacts").await, (503, "64 requests are being worked on".to_owned()));
    drop(held);

    let rooms: Vec<_> = (0..limits::IMPORTS_WAITING_MAX).map(|_| state.imports().reserve().unwrap()).collect();
    assert_eq!(send(layered(state.clone()), "/api/v1/imports/users").await, (503, "16 imports wait already".to_owned()));
    drop(rooms);
    assert!(state.imports().reserve().is_ok());

    let streams: Vec<_> = (0..limits::EVENT_STREAMS_MAX).map(|_| state.stream().unwrap()).collect();
    assert!(state.stream().is_err());
    drop(streams);
}

#[tokio::test]
async fn an_import_that_waits_when_the_server_stops_is_written_down_as_failed() {
    let folder = tempfile::tempdir().unwrap();
    let state = state(&folder).await;
    let import_id = state.app().queue_import(crate::app::import::ImportKind::Users).await.unwrap();
    state.imports().close().await.unwrap();
    assert_eq!(state.app().import(import_id).await.unwrap().state, "failed");
}
