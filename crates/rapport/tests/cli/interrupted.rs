//! Imports that do not come to their end: killed, or out of space. The same import again loses nothing and keeps nothing twice.

use std::{fmt::Write as _, fs, process::Command, sync::OnceLock};

use crate::harness::{Outcome, Place, counts, watch};

const AS_OF: &str = "2026-01-01T00:00:00Z";

/// Rows of the big file: three batches of 40,000 and a rest.
const ROWS: u64 = 130_000;

/// Interactions of 23 users and 397 external people: mail in conversations, meetings and calls.
fn big() -> &'static str {
    static BIG: OnceLock<String> = OnceLock::new();
    BIG.get_or_init(|| {
        let mut text = "occurred_at,kind,from,to,cc,duration_s,message_id,conversation_id,subject\n".to_owned();
        for i in 0..ROWS {
            let kind = ["email", "email", "email", "meeting", "phone_call"][(i % 5) as usize];
            let c = i * 7_919 % 397;
            let (ours, theirs) = (format!("u{}@us.example", i % 23), format!("c{c}@k{}.example", c % 41));
            let (from, to) = if i % 3 == 0 { (theirs, ours) } else { (ours, theirs) };
            let duration_s = if kind == "email" { "" } else { "1800" };
            let at = 1_577_836_800 + i * 331;
            writeln!(text, "{at},{kind},{from},{to},,{duration_s},m{i}@x,v{},s{}", i / 6, i / 9).unwrap();
        }
        text
    })
}

fn prepared() -> (Place, String) {
    let place = Place::new();
    let mut users = "email,name\n".to_owned();
    let mut contacts = "id,name,email,emails,account,title,owner\n".to_owned();
    for i in 0..23 {
        writeln!(users, "u{i}@us.example,User {i}").unwrap();
    }
    for c in (0..397).step_by(40) {
        writeln!(contacts, "c{c},Contact {c},c{c}@k{}.example,,,,", c % 41).unwrap();
    }
    place.run(&["import", "users", &place.file("users.csv", users)]).ok();
    place.file("crm/contacts.csv", contacts);
    place.run(&["import", "crm", place.path().join("crm").to_str().unwrap()]).ok();
    let big = place.file("big.csv", big());
    (place, big)
}

fn import(place: &Place, file: &str) -> Command {
    place.command(&["import", "interactions", file, "--consent", "t", "--as-of", AS_OF, "--json"])
}

/// What an import that nobody disturbed leaves.
fn undisturbed() -> &'static Vec<Vec<u8>> {
    static UNDISTURBED: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    UNDISTURBED.get_or_init(|| {
        let (place, file) = prepared();
        let report = Outcome::of(import(&place, &file).output().unwrap()).ok().report();
        assert_eq!(counts(&report), [ROWS, ROWS, 0, 0]);
        place.everything(AS_OF)
    })
}

/// Processor time of a process in ticks.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12].iter().filter_map(|i| fields.get(*i)?.parse::<u64>().ok()).sum()
}

#[test]
fn an_import_killed_again_and_again_ends_as_if_nobody_had_disturbed_it() {
    let (place, file) = prepared();
    let mut kept = 0;
    for round in 0..3 {
        // Killed while the store grows (a batch is being written, or was just now), and while nothing is written (between batches).
        let start_bytes = place.store_bytes();
        let killed = watch(import(&place, &file), |pid| match round {
            0 => place.store_bytes() > start_bytes + 1_000_000,
            1 => ticks(pid) > 20,
            _ => place.store_bytes() > start_bytes + 3_000_000,
        });
        assert_eq!((killed.code, killed.stdout.as_str()), (None, ""), "killed before its end: {killed:?}");
        // Whole batches stay, and the store is sound as it is.
        let now = place.run(&["export", "interactions"]).ok().stdout.lines().count() as u64 - 1;
        assert!(now.is_multiple_of(40_000) && now >= kept && now < ROWS, "{now} interactions after {kept}");
        kept = now;
        place.run(&["doctor"]).ok();
    }
    let report = Outcome::of(import(&place, &file).output().unwrap()).ok().report();
    assert_eq!(counts(&report), [ROWS, ROWS - kept, kept, 0]);
    assert!(place.everything(AS_OF) == *undisturbed(), "exports differ from those of an undisturbed import");
}

/// Imports until there is no space, then again with space.
fn check_without_space(place: &Place, file: &str, mut cramped: Command, make_space: impl FnOnce()) {
    let outcome = Outcome::of(cramped.output().unwrap()).failed();
    assert!(outcome.stderr.contains("disk is full"), "{outcome:?}");
    assert!(outcome.stderr.contains("\nhint: free some space, then run the same command again"), "{outcome:?}");
    make_space();
    place.run(&["doctor"]).ok();
    let kept = place.run(&["export", "interactions"]).ok().stdout.lines().count() as u64 - 1;
    assert!(kept.is_multiple_of(40_000) && kept < ROWS, "{kept}");
    let report = Outcome::of(import(place, file).output().unwrap()).ok().report();
    assert_eq!(counts(&report), [ROWS, ROWS - kept, kept, 0]);
    assert!(place.everything(AS_OF) == *undisturbed(), "exports differ from those of an undisturbed import");
}

#[test]
#[allow(clippy::print_stderr, reason = "a skipped test has to say so")]
fn a_full_disk_is_told_and_the_same_import_again_loses_nothing() {
    let (place, file) = prepared();
    let store = place.store();
    let mount = |arguments: &[&str]| {
        let done = Command::new("mount").args(arguments).arg("-t").arg("tmpfs").arg("tmpfs").arg(&store).output();
        done.is_ok_and(|output| output.status.success())
    };
    // The store moves to a disk of 12 MB, in which one batch finds room and four do not.
    let aside = place.path().join("aside");
    fs::rename(&store, &aside).unwrap();
    fs::create_dir(&store).unwrap();
    if !mount(&["-o", "size=12m"]) {
        eprintln!("SKIPPED: a_full_disk_is_told_and_the_same_import_again_loses_nothing: mounting a tmpfs is not permitted");
        return;
    }
    let _mounted = Mounted(&store);
    for entry in fs::read_dir(&aside).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, store.join(path.file_name().unwrap())).unwrap();
    }
    check_without_space(&place, &file, import(&place, &file), || assert!(mount(&["-o", "remount,size=200m"])));
}

/// Unmounts, also when an assertion failed.
struct Mounted<'a>(&'a std::path::Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_limit_on_the_files_size_is_told_and_is_no_death_by_signal() {
    let (place, file) = prepared();
    let import = import(&place, &file);
    // 8 MiB in blocks of 512 bytes (POSIX), as `ulimit -f` of the shell or a service manager's `LimitFSIZE` sets it.
    let mut cramped = Command::new("sh");
    cramped.args(["-c", "ulimit -f 16384 && exec \"$@\"", "sh"]).arg(import.get_program()).args(import.get_args());
    check_without_space(&place, &file, cramped, || {});
}
