//! A server as a process: who it runs as, where it listens, and its end.

use std::{
    fs, io, iter,
    net::TcpListener,
    ops::Range,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

/// How often one looks whether a server is there, or gone.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How often at most: 20 seconds, for a machine that is busy with other tests.
const LOOKS_MAX: u32 = 1_000;
/// Ports that servers listen on: below those that Linux gives to connections.
const PORTS: Range<u16> = 10_000..32_000;

/// Who a server runs as.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) group: String,
    uid: u32,
    gid: u32,
}

impl Account {
    /// Whoever runs the test; the named one where that is root, because mail servers refuse to serve as root.
    pub(super) fn of(unprivileged: &str) -> Self {
        let me = fs::metadata("/proc/self").expect("/proc").uid();
        let users = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
        let wanted = |fields: &[&str]| if me == 0 { fields[0] == unprivileged } else { fields[2] == me.to_string() };
        let mut entries = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).filter(|fields| fields.len() > 3);
        let user = entries.find(|fields| wanted(fields)).unwrap_or_else(|| panic!("no user {unprivileged} (or {me})"));
        let groups = fs::read_to_string("/etc/group").expect("/etc/group");
        let mut groups = groups.lines().map(|line| line.split(':').collect::<Vec<_>>()).filter(|fields| fields.len() > 2);
        let group = groups.find(|fields| fields[2] == user[3]).map_or(user[3], |fields| fields[0]);
        let number = |text: &str| text.parse().expect("a number");
        Self { name: user[0].to_owned(), group: group.to_owned(), uid: number(user[2]), gid: number(user[3]) }
    }

    /// A command that runs as this account.
    pub(super) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").stdin(Stdio::null());
        if fs::metadata("/proc/self").expect("/proc").uid() == 0 {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Gives a file or folder to the account.
    pub(super) fn own(&self, path: &Path) {
        chown(path, Some(self.uid), Some(self.gid)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Makes a folder, and those that it lies in, which belong to the account.
    pub(super) fn folder(&self, path: &Path) {
        if !path.is_dir() {
            self.folder(path.parent().expect("a folder above"));
            fs::create_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            self.own(path);
        }
    }

    /// Writes a file that belongs to the account.
    pub(super) fn write(&self, path: &Path, content: impl AsRef<[u8]>) {
        fs::write(path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self.own(path);
    }
}

/// A server that runs.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts a server and waits until it listens.
    pub(super) async fn start(command: &mut Command, log: &Path, port: u16) -> Self {
        let output = fs::File::create(log).expect("a log");
        // In a process group of its own: Cyrus ends its whole group, and would take other servers and the test along.
        let child = command.process_group(0).stdout(output.try_clone().expect("a log")).stderr(output).spawn();
        let mut running = Self { child: child.unwrap_or_else(|error| panic!("{command:?}: {error}")), log: log.to_owned() };
        for _ in 0..LOOKS_MAX {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return running;
            }
            if let Ok(Some(status)) = running.child.try_wait() {
                panic!("{command:?} ended with {status}: {}", running.said());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        panic!("{command:?} does not listen on port {port}: {}", running.said());
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Running {
    /// Asks it to end, so that it takes its own processes along, and ends it if it does not.
    fn drop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let has_ended = |child: &mut Child| !matches!(child.try_wait(), Ok(None));
        for _ in 0..LOOKS_MAX {
            if asked.is_err() || has_ended(&mut self.child) {
                break;
            }
            thread::sleep(LOOK_EVERY);
        }
        let ended: io::Result<()> = self.child.kill();
        _ = ended.and_then(|()| self.child.wait().map(drop));
    }
}

/// A port that nobody listens on.
///
/// Not one that the kernel would give: it may give the same one to a connection of another test before the server listens on it.
pub(super) fn free_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    // Tests run in processes beside each other, and in threads of one.
    let candidate = || {
        let number = std::process::id().wrapping_mul(37).wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed));
        PORTS.start + u16::try_from(number % u32::from(PORTS.end - PORTS.start)).expect("less than all ports")
    };
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    iter::repeat_with(candidate).take(PORTS.len()).find(is_free).expect("a free port")
}

/// Whether all programs of a server are there. If not, says that the test is skipped; CI fails instead.
#[allow(clippy::disallowed_methods, reason = "CI says by an environment variable that nothing may be skipped")]
#[allow(clippy::print_stderr, reason = "a skipped test has to say so")]
pub(super) fn is_installed(server: &str, programs: &[&str], packages: &str) -> bool {
    let Some(absent) = programs.iter().find(|program| !Path::new(program).exists()) else { return true };
    let what = format!("{server} is not installed: no {absent} (Debian's packages {packages})");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{what}");
    let current = thread::current();
    eprintln!("SKIPPED: {}: {what}", current.name().unwrap_or("a test"));
    false
}
