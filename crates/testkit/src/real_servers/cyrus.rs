//! Cyrus: JMAP and CalDAV by HTTP.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::{
    http::{Request, ask},
    process::{Account, Running, free_port, is_installed},
};

/// Debian's folder of its programs.
const PROGRAMS: &str = "/usr/lib/cyrus/bin";
const SET_PASSWORD: &str = "/usr/sbin/saslpasswd2";
/// `cyrus-imapd` is left out: Debian lets nobody have it beside `dovecot-imapd`, and HTTP does without.
const PACKAGES: &str = "cyrus-caldav and sasl2-bin";
/// The account of Debian that Cyrus runs as.
const ACCOUNT: &str = "cyrus";

/// A Cyrus. Every user has the mailboxes Drafts, Sent, Junk and Trash (by role) beside Inbox, and the calendar `Default`.
#[derive(Debug)]
pub struct Cyrus {
    /// Where it answers JMAP and CalDAV on loopback, without encryption.
    pub http_port: u16,
    /// The password of every user.
    pub password: String,
    account: Account,
    folder: TempDir,
    running: Option<Running>,
}

impl Cyrus {
    /// Starts one for users with these addresses; `None`, and a line that says so, where it is not installed.
    pub async fn start(users: &[&str]) -> Option<Self> {
        let programs = ["master", "httpd", "lmtpd"].map(|name| format!("{PROGRAMS}/{name}"));
        let programs = programs.iter().map(String::as_str).chain([SET_PASSWORD]).collect::<Vec<_>>();
        if !is_installed("Cyrus", &programs, PACKAGES) {
            return None;
        }
        let account = Account::of(ACCOUNT);
        let folder = tempfile::tempdir().expect("a folder");
        account.own(folder.path());
        let password = "a password of users".to_owned();
        let mut cyrus = Self { http_port: free_port(), password, account, folder, running: None };
        let lmtp_port = free_port();
        cyrus.configure(lmtp_port);
        for user in users {
            cyrus.set_password(user);
        }
        cyrus.resume().await;
        for user in users {
            make_mailboxes(lmtp_port, user).await;
        }
        Some(cyrus)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, lmtp_port: u16) {
        for folder in ["conf/db", "conf/log", "conf/proc", "conf/socket", "spool", "run"] {
            self.account.folder(&self.path(folder));
        }
        let fill = |template: &str| {
            let filled = template.replace("{folder}", &self.folder.path().display().to_string()).replace("{bin}", PROGRAMS);
            let filled = filled.replace("{user}", &self.account.name).replace("{group}", &self.account.group);
            filled.replace("{http_port}", &self.http_port.to_string()).replace("{lmtp_port}", &lmtp_port.to_string())
        };
        self.account.write(&self.path("cyrus.conf"), fill(include_str!("cyrus.conf")));
        self.account.write(&self.path("imapd.conf"), fill(include_str!("cyrus_imapd.conf")));
    }

    fn set_password(&self, user: &str) {
        let (name, domain) = user.split_once('@').expect("an address");
        let mut command = self.account.command(SET_PASSWORD);
        command.args(["-p", "-c", "-f"]).arg(self.path("passwords")).args(["-u", domain, name]).stdin(Stdio::piped());
        let mut child = command.spawn().expect("saslpasswd2");
        child.stdin.take().expect("its input").write_all(self.password.as_bytes()).expect("a reader");
        assert!(child.wait().expect("an end").success(), "no password for {user}");
    }

    /// Ends it, as if its machine were out of order. What it holds stays.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Starts it again after [`Self::stop`], on the same port.
    pub async fn resume(&mut self) {
        let mut command = self.account.command(Path::new(PROGRAMS).join("master"));
        command.arg("-D").arg("-C").arg(self.path("imapd.conf")).arg("-M").arg(self.path("cyrus.conf"));
        command.arg("-p").arg(self.path("run/pid"));
        self.running = Some(Running::start(&mut command, &self.path("output"), self.http_port).await);
    }

    /// Asks it something by HTTP, as a user: status and body of the answer.
    pub async fn ask(&self, user: &str, request: Request<'_>) -> (u16, Vec<u8>) {
        ask(self.http_port, user, &self.password, request).await
    }

    /// Calls one method of JMAP as a user, for their own account: the arguments of its answer.
    pub async fn call(&self, user: &str, method: &str, mut arguments: Value) -> Value {
        arguments["accountId"] = json!(user);
        let using = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail", "https://cyrusimap.org/ns/jmap/mail"];
        let body = json!({"using": using, "methodCalls": [[method, arguments, "0"]]}).to_string();
        let request = Request { method: "POST", path: "/jmap/", content_type: "application/json", body: body.as_bytes() };
        let (status, body) = self.ask(user, request).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let mut answer: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(answer["methodResponses"][0][0], method, "{answer}");
        answer["methodResponses"][0][1].take()
    }

    /// The id of a user's mailbox with a role, such as `inbox` or `drafts`.
    pub async fn mailbox(&self, user: &str, role: &str) -> String {
        let all = self.call(user, "Mailbox/get", json!({"properties": ["role"]})).await;
        let mut found = all["list"].as_array().expect("a list").iter().filter(|mailbox| mailbox["role"] == role);
        found.next().and_then(|mailbox| mailbox["id"].as_str()).unwrap_or_else(|| panic!("no {role}: {all}")).to_owned()
    }

    /// Puts a message (RFC 5322) into a user's mailbox with a role; its id.
    ///
    /// `received_at` (RFC 3339) becomes its internal date; `keywords` are such as `$seen` and `$draft`.
    pub async fn deliver(&self, user: &str, role: &str, message: &[u8], received_at: &str, keywords: &[&str]) -> String {
        let path = format!("/jmap/upload/{user}/");
        let request = Request { method: "POST", path: &path, content_type: "message/rfc822", body: message };
        let (status, body) = self.ask(user, request).await;
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
        let blob: Value = serde_json::from_slice(&body).expect("JSON");
        let keywords: serde_json::Map<String, Value> = keywords.iter().map(|word| ((*word).to_owned(), json!(true))).collect();
        let email = json!({"blobId": blob["blobId"], "mailboxIds": {self.mailbox(user, role).await: true}, "keywords": keywords,
            "receivedAt": received_at});
        let answer = self.call(user, "Email/import", json!({"emails": {"one": email}})).await;
        answer["created"]["one"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}

/// Says to deliver something to a user, which makes their mailboxes, and thinks better of it.
async fn make_mailboxes(lmtp_port: u16, user: &str) {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", lmtp_port)).await.expect("a port"));
    let recipient = format!("RCPT TO:<{user}>");
    for command in ["", "LHLO test.example", "MAIL FROM:<>", &recipient, "RSET", "QUIT"] {
        if !command.is_empty() {
            stream.get_mut().write_all(format!("{command}\r\n").as_bytes()).await.expect("a listener");
        }
        let mut line = String::new();
        while line.as_bytes().get(3) != Some(&b' ') {
            line.clear();
            assert_ne!(stream.read_line(&mut line).await.expect("a line"), 0, "`{command}` was not answered");
        }
        assert!(line.starts_with('2'), "{command}: {line}");
    }
}
