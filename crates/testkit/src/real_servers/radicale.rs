//! Radicale: CalDAV, from files.

use tempfile::TempDir;

use super::{
    http::{Request, ask},
    process::{Account, Running, free_port, is_installed},
};

const SERVER: &str = "/usr/bin/radicale";
/// The account that it runs as where the test is root.
const ACCOUNT: &str = "nobody";

/// A Radicale: one that tells all changes at once, however few it is asked for.
#[derive(Debug)]
pub struct Radicale {
    /// Where it answers CalDAV on loopback, without encryption.
    pub port: u16,
    /// The password of every user.
    pub password: String,
    _running: Running,
    _folder: TempDir,
}

impl Radicale {
    /// Starts one for users with these addresses; `None`, and a line that says so, where it is not installed.
    pub async fn start(users: &[&str]) -> Option<Self> {
        if !is_installed("Radicale", &[SERVER], "radicale") {
            return None;
        }
        let account = Account::of(ACCOUNT);
        let folder = tempfile::tempdir().expect("a folder");
        account.own(folder.path());
        let path = |name: &str| folder.path().join(name);
        let (port, password) = (free_port(), "a password of users".to_owned());
        let logins: Vec<String> = users.iter().map(|user| format!("{user}:{password}\n")).collect();
        account.write(&path("users"), logins.concat());
        let settings = include_str!("radicale.conf").replace("{port}", &port.to_string());
        account.write(&path("settings"), settings.replace("{folder}", &folder.path().display().to_string()));
        let mut command = account.command(SERVER);
        command.arg("--config").arg(path("settings"));
        let running = Running::start(&mut command, &path("output"), port).await;
        Some(Self { port, password, _running: running, _folder: folder })
    }

    /// Asks it something by HTTP, as a user: status and body of the answer.
    pub async fn ask(&self, user: &str, request: Request<'_>) -> (u16, Vec<u8>) {
        ask(self.port, user, &self.password, request).await
    }
}
