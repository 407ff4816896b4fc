//! What holds for every request: hosts, origins, unknown routes and methods, headers, listening, stopping.

use axum::{body::Body, http::Method};
use rapport_server::{api, api::Access};
use rapport_testkit::test_app::TestApp;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn only_names_of_this_machine_are_answered() {
    let test = TestApp::new().await;
    for host in ["localhost", "localhost:8080", "127.0.0.1:1", "127.9.9.9", "[::1]:8080"] {
        assert_eq!(test.get_with("/api/v1/settings", &[("host", host)]).await.status, 200, "{host}");
    }
    for host in
        ["rebound.example", "rebound.example:8080", "127.0.0.1.example", "localhost.example", "192.168.1.2", "[::2]", "", "a b"]
    {
        let (_, hint) = test.get_with("/api/v1/settings", &[("host", host)]).await.problem(421, "misdirected").await;
        assert!(hint.contains("localhost"), "{host}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_cannot_write() {
    let test = TestApp::new().await;
    let body = json!({"name": "Jo"});
    let own = [("host", "localhost:8080"), ("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin")];
    test.put("/api/v1/contacts/c1", &own, &body).await.json(201).await;
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://other.example"),
        ("origin", "http://127.0.0.1:9999"),
        ("origin", "null"),
    ] {
        test.put("/api/v1/contacts/c2", &[foreign], &body).await.problem(403, "cross_site").await;
    }
    let upload =
        test.request(Method::POST, "/api/v1/imports/users", &[("origin", "https://other.example")], Body::from("x")).await;
    upload.problem(403, "cross_site").await;
    test.get("/api/v1/contacts/c2").await.problem(404, "missing").await;
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems() {
    let test = TestApp::new().await;
    for path in ["/", "/api", "/api/v2/contacts", "/api/v1/contacts/c1/insights/more"] {
        test.get(path).await.problem(404, "missing").await;
    }
    let (_, hint) = test.get("/api/v1/shoes").await.problem(404, "missing").await;
    assert!(hint.contains("accounts"));
    for (method, path, allowed) in [
        (Method::DELETE, "/api/v1/contacts/c1", "GET,HEAD,PUT"),
        (Method::POST, "/api/v1/settings", "GET,HEAD"),
        (Method::OPTIONS, "/healthz", "GET,HEAD"),
    ] {
        let response = test.request(method, path, &[], Body::empty()).await;
        assert_eq!(response.header("allow"), allowed);
        response.problem(405, "method").await;
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_it() {
    let test = TestApp::new().await;
    for path in ["/api/v1/contacts", "/healthz", "/nowhere"] {
        let response = test.get(path).await;
        assert_eq!(response.header("x-content-type-options"), "nosniff");
        assert_eq!(response.header("referrer-policy"), "no-referrer");
        assert_eq!(response.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(response.header("cache-control"), "no-store");
        assert_eq!(response.header("access-control-allow-origin"), "");
    }
    let compressed = test.get_with("/api/v1/openapi.json", &[("accept-encoding", "gzip")]).await;
    assert_eq!(compressed.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn a_server_answers_until_it_is_told_to_stop() {
    let test = TestApp::new().await;
    let server = api::bind(test.app().clone(), &Access::local("127.0.0.1:0")).await.unwrap();
    let address = server.address();
    let taken = api::bind(test.app().clone(), &Access::local(&address.to_string())).await.err().unwrap();
    assert!(taken.hint().unwrap().contains("another port"));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async { _ = stopped.await }));

    let mut events = tokio::net::TcpStream::connect(address).await.unwrap();
    events.write_all(format!("GET /api/v1/events HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes()).await.unwrap();
    let mut begun = [0; 12];
    events.read_exact(&mut begun).await.unwrap();
    assert_eq!(&begun, b"HTTP/1.1 200");

    stop.send(()).unwrap();
    let mut rest = String::new();
    events.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("event: facts"), "{rest}");
    running.await.unwrap().unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
