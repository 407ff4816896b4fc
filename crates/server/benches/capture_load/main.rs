//! Capture under load: many mailboxes of a Microsoft 365 that throttles, read from nothing to their end.
//!
//! `cargo bench -p rapport-server --bench capture_load -- MAILBOXES MESSAGES`. Part of no other benchmark and no test: it listens on a port
//! and runs for minutes. Microsoft 365 is played by a process of its own (`--fake`), so that memory and time are ours alone.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]

mod fake;
#[path = "../measure/mod.rs"]
mod measure;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use rapport_domain::Moment;
use rapport_server::{
    App,
    app::{
        Init,
        connectors::{ConnectorSettings, Secrets},
        import::ImportOptions,
    },
};
use rapport_store::Store;
use serde_json::json;

use self::measure::{cpu_s, instant, memory_mb, numbers, words};

/// Between two looks at how far everything is.
const LOOK: Duration = Duration::from_secs(1);
/// After which a run is given up.
const LONGEST: Duration = Duration::from_mins(40);

#[allow(clippy::disallowed_methods, reason = "a benchmark runs by the real clock")]
fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Moment(i64::try_from(since.expect("after 1970").as_micros()).expect("a moment"))
}

fn main() {
    let words = words();
    let numbers = numbers(&words);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if words.first().is_some_and(|word| word == "--fake") {
        return runtime.block_on(fake::serve(numbers[0], Moment(numbers[1] as i64)));
    }
    let (mailboxes, messages) = (numbers.first().copied().unwrap_or(100), numbers.get(1).copied().unwrap_or(500));
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--fake", &messages.to_string(), &now().0.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a fake");
    let mut origin = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut origin).expect("where it is");
    runtime.block_on(measure(origin.trim(), mailboxes, messages));
    child.kill().and_then(|()| child.wait()).expect("the end of the fake");
}

async fn measure(origin: &str, mailboxes: u64, messages: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    let init = Init { organization: "default".to_owned(), internal_domains: vec!["us.example".to_owned()], time_zone: None };
    let (app, _) = App::init(&store, &init, Arc::new(now)).await.expect("a store");
    let users: Vec<String> = (0..mailboxes).map(|number| format!("user{number}@us.example,User {number}")).collect();
    fs::write(folder.path().join("users.csv"), format!("email,name\n{}\n", users.join("\n"))).expect("a file");
    app.import_users(&folder.path().join("users.csv"), &ImportOptions::default()).await.expect("users");
    for (key, value) in [("capture.notice_days", "0"), ("capture.scope", "everyone")] {
        app.set_setting(key, value).await.expect("a setting");
    }
    app.enable_and_grant("a benchmark").await.expect("consent");
    let settings = json!({
        "kind": "microsoft_365", "tenant_id": "us.example", "client_id": "us",
        "cloud": {"custom": {"graph_url": format!("{origin}/v1.0"), "login_url": format!("{origin}/login")}},
    });
    let settings: ConnectorSettings = serde_json::from_value(settings).expect("settings");
    app.put_connector("load", settings, Secrets::from([("client_secret".to_owned(), "x".to_owned())]))
        .await
        .expect("a connector");

    let (cpu_before, began) = (cpu_s(), instant());
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let (reader, org) = (app.clone(), app.organization().id);
    let reading = tokio::spawn(async move { reader.sync_until(None, stopping).await });
    // Another handle: looking on costs the one that reads nothing but a query.
    let looking = Store::open(&store).await.expect("the store");
    let (mut looks, mut busy) = (0_u64, 0_u64);
    let read = loop {
        tokio::time::sleep(LOOK).await;
        let rows = looking.captured_mailboxes(org).await.expect("mailboxes");
        let held = rows.iter().filter(|row| row.lease_until_us > now().0).count();
        (looks, busy) = (looks + 1, busy + held as u64);
        let read: i64 = rows.iter().map(|row| row.read).sum();
        let current = rows.iter().filter(|row| row.is_current).count() as u64;
        if looks.is_multiple_of(10) {
            println!("{looks} s: {read} messages, {current} mailboxes to their end, {held} being read");
        }
        if current == mailboxes || began.elapsed() > LONGEST {
            break read;
        }
    };
    let (wall_s, cpu_s) = (began.elapsed().as_secs_f64(), cpu_s() - cpu_before);
    stop.send(true).expect("somebody who reads");
    reading.await.expect("the end");
    let [requests, throttled] = counts(origin);
    let waited_s = (throttled * fake::RETRY_AFTER_S) as f64;
    println!(
        "{mailboxes} mailboxes x {messages} messages: {read} read in {wall_s:.1} s = {:.0} messages/s",
        read as f64 / wall_s
    );
    println!(
        "processor time {cpu_s:.1} s = {:.0} us a message; peak memory {} MB",
        cpu_s * 1e6 / read as f64,
        memory_mb("VmHWM:")
    );
    println!("{requests} requests, {throttled} throttled; readers at work on average {:.1}", busy as f64 / looks as f64);
    println!("time of mailboxes spent waiting for limits: {:.1} %", 100.0 * waited_s / (mailboxes as f64 * wall_s));
    println!("load average {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
}

/// Requests that were answered, and those of them that were too many.
fn counts(origin: &str) -> [u64; 2] {
    let mut stream = TcpStream::connect(origin.trim_start_matches("http://")).expect("the fake");
    stream.write_all(b"GET /counts HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("a request");
    let last = BufReader::new(stream).lines().map_while(Result::ok).last().unwrap_or_default();
    serde_json::from_str(&last).unwrap_or([0, 0])
}
