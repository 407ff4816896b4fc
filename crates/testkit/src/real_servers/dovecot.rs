//! Dovecot: IMAP over Maildir folders, with a master user who acts for everybody.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, UNIX_EPOCH},
};

use tempfile::TempDir;

use super::process::{Account, Running, free_port, is_installed};

const SERVER: &str = "/usr/sbin/dovecot";
const ADMINISTRATION: &str = "/usr/bin/doveadm";
const PACKAGES: &str = "dovecot-imapd";
/// The account of Debian that mail belongs to.
const ACCOUNT: &str = "mail";

/// A Dovecot. Every user has the folders Drafts, Sent, Junk and Trash (by special use) beside INBOX.
#[derive(Debug)]
pub struct Dovecot {
    /// Where it answers IMAP on loopback, without encryption.
    pub port: u16,
    /// The password of every user.
    pub password: String,
    /// User and password of who may act for everybody: SASL PLAIN with the user's address as authorization identity.
    pub master: (String, String),
    account: Account,
    folder: TempDir,
    running: Option<Running>,
    delivered: AtomicU32,
}

impl Dovecot {
    /// Starts one for users with these addresses; `None`, and a line that says so, where it is not installed.
    pub async fn start(users: &[&str]) -> Option<Self> {
        Self::start_with(users, None).await
    }

    /// Starts one that also takes tokens (XOAUTH2), and asks whose they are at an address of a token endpoint (RFC 7662).
    pub async fn start_with_tokens(users: &[&str], introspection_url: &str) -> Option<Self> {
        Self::start_with(users, Some(introspection_url)).await
    }

    async fn start_with(users: &[&str], introspection_url: Option<&str>) -> Option<Self> {
        if !is_installed("Dovecot", &[SERVER, ADMINISTRATION, "/usr/lib/dovecot/imap"], PACKAGES) {
            return None;
        }
        let account = Account::of(ACCOUNT);
        let folder = tempfile::tempdir().expect("a folder");
        account.own(folder.path());
        let mut dovecot = Self {
            port: free_port(),
            password: "a password of users".to_owned(),
            master: ("service".to_owned(), "a password of the service".to_owned()),
            account,
            folder,
            running: None,
            delivered: AtomicU32::new(0),
        };
        dovecot.configure(users, introspection_url);
        dovecot.resume().await;
        Some(dovecot)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, users: &[&str], introspection_url: Option<&str>) {
        let line = |(user, password): (&str, &str)| format!("{user}:{{PLAIN}}{password}::::::\n");
        let users: String = users.iter().map(|user| line((user, &self.password))).collect();
        self.account.write(&self.path("users"), users);
        self.account.write(&self.path("masters"), line((&self.master.0, &self.master.1)));
        self.account.folder(&self.path("run"));
        let special = ["Drafts", "Sent", "Junk", "Trash"];
        let special = special.map(|name| format!("  mailbox {name} {{\n    special_use = \\{name}\n    auto = create\n  }}\n"));
        let tokens = introspection_url.map(|url| {
            let asked = format!(
                "introspection_mode = post\nintrospection_url = {url}\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n"
            );
            self.account.write(&self.path("tokens"), asked);
            "passdb {\n  driver = oauth2\n  mechanisms = xoauth2\n  args = {folder}/tokens\n}\n"
        });
        let settings = include_str!("dovecot.conf")
            .replace("{tokens}", tokens.unwrap_or_default())
            .replace("{folder}", &self.folder.path().display().to_string())
            .replace("{port}", &self.port.to_string())
            .replace("{user}", &self.account.name)
            .replace("{group}", &self.account.group)
            .replace("{special}", &special.concat());
        self.account.write(&self.path("dovecot.conf"), settings);
    }

    /// Ends it, as if its machine were out of order. What it holds stays.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Starts it again after [`Self::stop`], on the same port.
    pub async fn resume(&mut self) {
        let mut command = self.account.command(SERVER);
        command.arg("-F").arg("-c").arg(self.path("dovecot.conf"));
        self.running = Some(Running::start(&mut command, &self.path("output"), self.port).await);
    }

    /// Puts a message (RFC 5322) into a folder of a user, such as `INBOX`, `Sent` or `Work/Acme`, which is made if it is missing.
    ///
    /// `received_at_s` becomes its internal date. `flags` are the letters of Maildir: `D`raft, `F`lagged, `R`eplied, `S`een, `T`rashed.
    pub fn deliver(&self, user: &str, folder: &str, message: &[u8], received_at_s: u64, flags: &str) {
        let folder = self.maildir(user, folder);
        let number = self.delivered.fetch_add(1, Ordering::Relaxed);
        let name = format!("{received_at_s}.M{number}.test");
        let written = folder.join("tmp").join(&name);
        self.account.write(&written, message);
        let file = fs::File::options().write(true).open(&written).expect("the message");
        file.set_modified(UNIX_EPOCH + Duration::from_secs(received_at_s)).expect("its date");
        fs::rename(&written, folder.join("cur").join(format!("{name}:2,{flags}"))).expect("its place");
    }

    fn maildir(&self, user: &str, folder: &str) -> PathBuf {
        let root = self.folder.path().join("mail").join(user).join("Maildir");
        let path = if folder == "INBOX" { root } else { root.join(format!(".{}", folder.replace('/', "."))) };
        for part in ["tmp", "new", "cur"] {
            self.account.folder(&path.join(part));
        }
        if folder != "INBOX" && !path.join("maildirfolder").exists() {
            self.account.write(&path.join("maildirfolder"), "");
        }
        path
    }

    /// What Dovecot's own administration does and says, e.g. `["expunge", "-u", user, "mailbox", "INBOX", "all"]`.
    pub fn administer(&self, arguments: &[&str]) -> String {
        let mut command = self.account.command(ADMINISTRATION);
        let done = command.arg("-c").arg(self.path("dovecot.conf")).args(arguments).output().expect("doveadm");
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("UTF-8")
    }

    /// What it wrote into its log.
    pub fn log(&self) -> String {
        let read = |name: &str| fs::read_to_string(Path::new(&self.path(name))).unwrap_or_default();
        read("log")
    }
}
