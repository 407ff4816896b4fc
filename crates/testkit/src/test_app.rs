//! The whole API over a store of its own, without a socket, at a moment that stands still unless a test moves it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, header},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use rapport_domain::Moment;
use rapport_server::{
    App,
    api::{self, Access, PROBLEM_JSON},
    app::{Init, import::ImportOptions, sign_in::passwords::ChosenPassword, users::UserChange},
};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// The moment of every test: a Monday morning.
pub const NOW: &str = "2026-03-02T09:00:00Z";

/// The organization's one internal domain.
pub const INTERNAL_DOMAIN: &str = "us.example";

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// A server of one organization.
pub struct TestApp {
    app: App,
    router: Router,
    folder: TempDir,
    now_us: Arc<AtomicI64>,
}

impl TestApp {
    /// An empty organization `default` in UTC.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let now_us = Arc::new(AtomicI64::new(Moment::parse(NOW).expect("a moment").0));
        let told = now_us.clone();
        let clock = Arc::new(move || Moment(told.load(Ordering::Relaxed)));
        let init =
            Init { organization: "default".to_owned(), internal_domains: vec![INTERNAL_DOMAIN.to_owned()], time_zone: None };
        let (app, _) = App::init(&folder.path().join("data"), &init, clock).await.expect("a new store");
        let router = api::router(app.clone()).await.expect("a router");
        Self { app, router, folder, now_us }
    }

    /// Two sellers, two accounts with three contacts, a lead, an opportunity, and some CRM activities with them.
    pub async fn with_records() -> Self {
        let test = Self::new().await;
        let files = test.folder.path().join("files");
        std::fs::create_dir_all(&files).expect("a folder");
        for (name, text) in FILES {
            std::fs::write(files.join(name), text).expect("a file");
        }
        let options = ImportOptions::default();
        test.app.import_users(&files.join("users.csv"), &options).await.expect("users");
        let report = test.app.import_crm(&files, &options, &|_| {}).await.expect("records and activities");
        assert_eq!((report.failed, report.problems), (0, Vec::new()));
        test
    }

    /// The same, with an administrator of the system and one of privacy, where everybody has the password [`PASSWORD`].
    pub async fn with_accounts() -> Self {
        let test = Self::with_records().await;
        test.give_accounts().await;
        test
    }

    /// The same, for a server that browsers reach under this address.
    pub async fn reached(public_url: &str) -> Self {
        let mut test = Self::with_records().await;
        test.give_accounts().await;
        let access = Access { public_url: Some(public_url.to_owned()), ..Access::local("127.0.0.1:0") };
        test.router = api::router_reached(test.app.clone(), &access).await.expect("a router");
        test
    }

    async fn give_accounts(&self) {
        let role = |role: &str| UserChange { roles: Some(vec![role.to_owned()]), ..UserChange::default() };
        for (email, change) in [
            ("karin@us.example", role("System Administrator")),
            ("wouter@us.example", role("Privacy Administrator")),
            ("ann@us.example", role("Salesperson")),
            ("bob@us.example", role("Salesperson")),
        ] {
            self.app.put_user(email, &change).await.expect("a user");
            self.sign_up(email).await;
        }
    }

    /// Lets a user sign in with the password [`PASSWORD`].
    pub async fn sign_up(&self, email: &str) {
        let (token, _) = self.app.invite(email).await.expect("an invitation");
        let chosen = ChosenPassword { token, password: PASSWORD.to_owned(), ..ChosenPassword::default() };
        self.app.choose_password(chosen, "a test").await.expect("a password");
    }

    /// Lets time pass.
    pub fn wait(&self, us: i64) {
        self.now_us.fetch_add(us, Ordering::Relaxed);
    }

    /// The use cases below the API.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The folder of the store.
    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// A request as it is, with a `Host` of this machine unless it has one.
    pub async fn send(&self, mut request: Request<Body>) -> TestResponse {
        request.headers_mut().entry(header::HOST).or_insert_with(|| header::HeaderValue::from_static("127.0.0.1:8080"));
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let (parts, body) = response.into_parts();
        TestResponse { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> TestResponse {
        self.request(Method::GET, path, &[], Body::empty()).await
    }

    /// `GET` with headers.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> TestResponse {
        self.request(Method::GET, path, headers, Body::empty()).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> TestResponse {
        self.request(Method::POST, path, &[headers, &[JSON]].concat(), Body::from(body.to_string())).await
    }

    /// `PUT` of JSON.
    pub async fn put(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> TestResponse {
        self.request(Method::PUT, path, &[headers, &[JSON]].concat(), Body::from(body.to_string())).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> TestResponse {
        self.request(Method::DELETE, path, &[], Body::empty()).await
    }

    /// `DELETE` with headers.
    pub async fn delete_with(&self, path: &str, headers: &[(&str, &str)]) -> TestResponse {
        self.request(Method::DELETE, path, headers, Body::empty()).await
    }

    /// `POST` of a file.
    pub async fn upload(&self, path: &str, file: impl Into<Body>) -> TestResponse {
        self.request(Method::POST, path, &[("content-type", "application/octet-stream")], file.into()).await
    }

    /// `POST` of a file with headers.
    pub async fn upload_with(&self, path: &str, headers: &[(&str, &str)], file: impl Into<Body>) -> TestResponse {
        let headers = [headers, &[("content-type", "application/octet-stream")]].concat();
        self.request(Method::POST, path, &headers, file.into()).await
    }

    /// Any request.
    pub async fn request(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> TestResponse {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body).expect("a request")).await
    }
}

const JSON: (&str, &str) = ("content-type", "application/json");

/// An answer; its body may still be open.
pub struct TestResponse {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    body: Body,
}

impl TestResponse {
    /// A header's text; empty if it is missing.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default()
    }

    /// The whole body.
    pub async fn bytes(self) -> Bytes {
        self.body.collect().await.expect("a body").to_bytes()
    }

    /// The whole body as text.
    pub async fn text(self) -> String {
        String::from_utf8(self.bytes().await.to_vec()).expect("UTF-8")
    }

    /// The body of an answer with this status, which is JSON.
    pub async fn json(self, status: u16) -> Value {
        let (found, media_type) = (self.status, self.header("content-type"));
        let text = self.text().await;
        assert_eq!((found, media_type.as_str()), (status, "application/json"), "{text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// The problem of an answer with this status and this word at the end of its type: (detail, hint).
    pub async fn problem(self, status: u16, word: &str) -> (String, String) {
        let (found, media_type) = (self.status, self.header("content-type"));
        let text = self.text().await;
        assert_eq!((found, media_type.as_str()), (status, PROBLEM_JSON), "{text}");
        let problem: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(problem["type"], format!("urn:rapport:problem:{word}"));
        assert_eq!(problem["status"], status);
        let text_of = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        (text_of("detail"), text_of("hint"))
    }

    /// The next event of an open stream: (name, data). Comments are passed over; `None` at its end.
    pub async fn next_event(&mut self) -> Option<(String, Value)> {
        loop {
            let frame = self.body.frame().await?.expect("a frame");
            let Ok(data) = frame.into_data() else { continue };
            // The server writes one event, whole, per frame.
            if let Some(event) = events(std::str::from_utf8(&data).expect("UTF-8")).pop() {
                return Some(event);
            }
        }
    }

    /// All events of a stream that ends.
    pub async fn all_events(self) -> Vec<(String, Value)> {
        assert_eq!((self.status, self.header("content-type").as_str()), (200, "text/event-stream"));
        events(&self.text().await)
    }
}

fn events(text: &str) -> Vec<(String, Value)> {
    let field =
        |block: &str, name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
    let event = |block| Some((field(block, "event:")?, serde_json::from_str(&field(block, "data:")?).expect("JSON")));
    text.split("\n\n").filter_map(event).collect()
}

/// What [`TestApp::with_records`] imports.
const FILES: &[(&str, &str)] = &[
    (
        "users.csv",
        "email,name,title,aliases\nann@us.example,Ann Aarts,Seller,a.aarts@us.example\nbob@us.example,Bob Bos,Seller,\n",
    ),
    (
        "accounts.csv",
        "id,name,domains,industry,owner,primary_contact\na1,Acme,acme.example,Retail,ann@us.example,c1\na2,Bolt,bolt.example,Energy,bob@us.example,c3\n",
    ),
    (
        "contacts.csv",
        "id,name,email,emails,account,title,owner,shoe size\nc1,Jo Smit,jo@acme.example,,a1,Buyer,ann@us.example,41\n\
         c2,Kim Kok,kim@acme.example,kk@acme.example,a1,Director,bob@us.example,\nc3,Lee Lam,lee@bolt.example,,a2,Engineer,ann@us.example,\n",
    ),
    (
        "leads.csv",
        "id,topic,name,email,company,status,owner,stakeholders,created_at\nl1,New office,Mo Mol,mo@cargo.example,Cargo,active,ann@us.example,,2026-01-05\n",
    ),
    (
        "opportunities.csv",
        "id,topic,account,contact,stakeholders,owner,team,status,estimated_close,estimated_revenue,currency\n\
         o1,Rollout,a1,c1,c2,ann@us.example,bob@us.example,open,2026-06-30,12500.50,EUR\n",
    ),
    (
        "activities.csv",
        "id,occurred_at,kind,from,to,duration_s,regarding,state\n\
         x1,2026-02-02T09:00:00Z,email,ann@us.example,jo@acme.example,,,\nx2,2026-02-02T11:00:00Z,email,jo@acme.example,ann@us.example,,,\n\
         x3,2026-02-10T13:00:00Z,phone_call,ann@us.example,jo@acme.example,600,opportunities/o1,completed\n\
         x4,2026-02-20T09:30:00Z,meeting,ann@us.example,jo@acme.example;kim@acme.example,1800,,\n\
         x5,2026-02-25T08:00:00Z,email,bob@us.example,lee@bolt.example,,,\nx6,2026-02-26T08:00:00Z,email,lee@bolt.example,bob@us.example,,,\n\
         x7,2026-03-09T09:00:00Z,meeting,ann@us.example,kim@acme.example,1800,,scheduled\n",
    ),
];
