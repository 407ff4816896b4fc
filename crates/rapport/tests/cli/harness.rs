//! Runs `rapport` in a folder of its own.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

/// The moment that every figure of the small organization is as of.
pub(crate) const AS_OF: &str = "2026-03-01T00:00:00Z";

/// How often a running child is looked at. Nothing that is asserted depends on it.
const GLANCE: Duration = Duration::from_millis(2);

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// `None`: ended by a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Panics with all that was printed unless the command succeeded.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// The command failed as failures must: exit 1, nothing on stdout, `error:` and `hint:` as asked.
    pub(crate) fn failed(self) -> Self {
        assert_eq!((self.code, self.stdout.as_str()), (Some(1), ""), "{self:?}");
        assert!(self.stderr.starts_with("error: "), "{self:?}");
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Checks that an import's report adds up and hands it out.
    pub(crate) fn report(&self) -> Value {
        let report = self.json();
        let n = |name: &str| report[name].as_u64().unwrap();
        let excluded: u64 = report["excluded"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(n("read"), n("kept") + n("duplicates") + n("failed") + excluded, "{report}");
        report
    }
}

/// `[read, kept, duplicates, failed]` of a report.
pub(crate) fn counts(report: &Value) -> [u64; 4] {
    ["read", "kept", "duplicates", "failed"].map(|name| report[name].as_u64().unwrap())
}

/// A folder for one test, with the store in `store` and files beside it.
pub(crate) struct Place {
    folder: TempDir,
    /// Variables of every command.
    pub(crate) environment: Vec<(String, String)>,
}

impl Place {
    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// A store whose internal domain is `us.example`.
    pub(crate) fn new() -> Self {
        let place = Self::empty();
        place.run(&["init", "--internal-domain", "us.example"]).ok();
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path().join("store")
    }

    /// Writes a file; its path as an argument.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A command on this store, in this folder, that sees none of the variables that the caller may have set.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(&self.path().join("."));
        command.arg("--data").arg(self.store()).args(arguments).envs(self.environment.iter().cloned());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).output().unwrap())
    }

    /// Runs and renders what was printed, for a snapshot: the folder as `PLACE`, seconds as `TIME`.
    pub(crate) fn show(&self, arguments: &[&str]) -> String {
        let outcome = self.run(arguments);
        let code = outcome.code.map_or_else(|| "signal".to_owned(), |code| code.to_string());
        let mut text = format!("exit {code}\n");
        for (name, stream) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
            if !stream.is_empty() {
                write!(text, "--- {name}\n{stream}").unwrap();
            }
        }
        let text = text.replace(self.path().to_str().unwrap(), "PLACE");
        let lines: Vec<String> = text.lines().map(|line| without_seconds(line.trim_end())).collect();
        lines.join("\n") + "\n"
    }

    /// All files of the store, in whatever folder.
    pub(crate) fn store_files(&self) -> Vec<PathBuf> {
        let (mut files, mut folders) = (Vec::new(), vec![self.store()]);
        while let Some(folder) = folders.pop() {
            let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let (inner, plain): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
            folders.extend(inner);
            files.extend(plain);
        }
        files.sort();
        files
    }

    /// Bytes of the store's files together.
    pub(crate) fn store_bytes(&self) -> u64 {
        self.store_files().iter().map(|file| fs::metadata(file).map_or(0, |metadata| metadata.len())).sum()
    }

    /// Every figure and every sighting that the store can tell, as bytes.
    pub(crate) fn everything(&self, as_of: &str) -> Vec<Vec<u8>> {
        let mut exports: Vec<Vec<&str>> = vec![vec!["interactions"], vec!["ties"]];
        exports.extend(["accounts", "contacts", "leads", "opportunities"].map(|table| vec!["kpis", "--table", table]));
        let export = |what: Vec<&str>| {
            let arguments = [vec!["export"], what, vec!["--format", "jsonl", "--as-of", as_of]].concat();
            let output = self.command(&arguments).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            output.stdout
        };
        exports.into_iter().map(export).collect()
    }
}

/// `rapport` without arguments, in a folder, without the variables that it reads.
pub(crate) fn bare(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
    command.current_dir(folder).env_remove("RAPPORT_DATA").env_remove("RAPPORT_LOG").env_remove("RAPPORT_SEGMENTS");
    command
}

fn without_seconds(line: &str) -> String {
    match (line.strip_prefix("read "), line.rfind("   (")) {
        (Some(_), Some(end)) => format!("{}   (TIME)", &line[..end]),
        _ => line.to_owned(),
    }
}

/// Runs a child to its end and looks at it from time to time, until `look` says that it shall be killed.
pub(crate) fn watch(mut command: Command, mut look: impl FnMut(u32) -> bool) -> Outcome {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    let (sender, receiver) = mpsc::channel();
    let mut is_killed = false;
    thread::scope(|scope| {
        let streams = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        scope.spawn(move || sender.send([read(streams.0), read(streams.1)]).unwrap());
        loop {
            match receiver.recv_timeout(GLANCE) {
                Err(RecvTimeoutError::Timeout) => {
                    if !is_killed && look(pid) {
                        kill(&mut child);
                        is_killed = true;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => panic!("the reader of the child's output is gone"),
                Ok([stdout, stderr]) => break Outcome { code: child.wait().unwrap().code(), stdout, stderr },
            }
        }
    })
}

/// `kill -9`: the child has no chance to tidy up.
fn kill(child: &mut Child) {
    child.kill().unwrap();
}

fn read(mut stream: impl std::io::Read) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Runs a command; what it did, and the most memory in KiB that it held (`VmHWM`, which only grows, as last seen).
pub(crate) fn measure(command: Command) -> (Outcome, u64) {
    let mut peak_kib = 0;
    let outcome = watch(command, |pid| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak_kib = peak_kib.max(peak.unwrap_or(0));
        false
    });
    (outcome, peak_kib)
}

/// The small organization: two users, an account with two contacts, a lead, an opportunity, activities, mail and a meeting.
pub(crate) fn small_organization() -> Place {
    let place = Place::new();
    let users = place.file("users.csv", USERS);
    place.file("crm/accounts.csv", ACCOUNTS);
    place.file("crm/contacts.csv", CONTACTS);
    place.file("crm/leads.csv", LEADS);
    place.file("crm/opportunities.csv", OPPORTUNITIES);
    place.file("crm/activities.csv", ACTIVITIES);
    let crm = place.path().join("crm");
    let interactions = place.file("interactions.csv", INTERACTIONS);
    place.run(&["import", "users", &users]).ok();
    place.run(&["import", "crm", crm.to_str().unwrap(), "--as-of", AS_OF]).ok();
    place.run(&["import", "interactions", &interactions, "--consent", "works council", "--as-of", AS_OF]).ok();
    place
}

pub(crate) const USERS: &str = "\
email,name,title,licence,roles,groups,manager,aliases
ann@us.example,Ann Ash,Account manager,premium,Salesperson,,,a.ash@us.example
bob@us.example,Bob Birch,Engineer,premium,Salesperson,,ann@us.example,
";

pub(crate) const ACCOUNTS: &str = "\
id,name,domains,industry,owner,primary_contact
acc-1,Acme,acme.example,energy,ann@us.example,con-1
";

pub(crate) const CONTACTS: &str = "\
id,name,email,emails,account,title,owner
con-1,Carla Cruz,carla@acme.example,carla.cruz@acme.example,acc-1,Buyer,ann@us.example
con-2,Dan Dorn,dan@acme.example,,acc-1,Director,ann@us.example
";

pub(crate) const LEADS: &str = "\
id,topic,name,email,company,status,owner,stakeholders,created_at
lead-1,Pumps,Eve Elm,eve@elm.example,Elm,active,bob@us.example,carla@acme.example,2026-01-05
";

pub(crate) const OPPORTUNITIES: &str = "\
id,topic,account,contact,stakeholders,owner,team,status,estimated_close,estimated_revenue,currency,created_at,closed_at,source
o1,Turbines,acc-1,con-1,dan@acme.example,ann@us.example,bob@us.example,open,2026-04-01,1000,EUR,2026-01-01,,met carla@acme.example at a fair
";

pub(crate) const ACTIVITIES: &str = "\
id,occurred_at,kind,from,to,cc,duration_s,subject,regarding,state
act-1,2026-02-01T10:00:00Z,phone_call,ann@us.example,contact:con-1,,600,,opportunities/o1,completed
act-2,2026-02-02T10:00:00Z,task,,,,900,call carla@acme.example,opportunities/o1,completed
act-3,2026-03-20T10:00:00Z,meeting,ann@us.example,carla@acme.example,,3600,,,scheduled
";

pub(crate) const INTERACTIONS: &str = "\
occurred_at,kind,from,to,cc,duration_s,message_id,conversation_id,in_reply_to,subject
2026-02-03T09:00:00Z,email,Ann Ash <ann@us.example>,Carla Cruz <Carla@Acme.example>;Dan Dorn <dan@acme.example>,,,<1.carla@acme.example@x>,,,Quote
2026-02-03T12:00:00Z,email,carla@acme.example,ann@us.example,,,<2@x>,,<1.carla@acme.example@x>,Re: Quote
2026-02-04T09:00:00Z,meeting,ann@us.example,carla@acme.example,bob@us.example,3600,uid-1,conv-carla@acme.example,,
2026-02-10T08:30:00Z,email,carla.cruz@acme.example,bob@us.example,dan@acme.example,,<3@x>,,,Drawings
2026-02-17T16:45:00Z,email,ann@us.example,eve@elm.example,carla@acme.example,,<4@x>,,,Pumps
";
