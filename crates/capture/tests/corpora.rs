//! Real and odd mail and calendars: nothing panics, and everything is accounted for.
//!
//! The files are not part of the repository. `RAPPORT_TEST_DATA` names their folder; without it, a test says that it is skipped.

#![allow(clippy::print_stdout, reason = "a skipped test has to say so")]
#![allow(missing_docs, reason = "a test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    io::BufReader,
    path::{Path, PathBuf},
};

use expect_test::{Expect, expect};
use rapport_capture::{Captured, ExclusionReason, Problem, Rules, Verdict, calendar, gzip, interactions, mail::MailReader, mbox};
use rapport_domain::{Calendar, Kind, Moment, Sighting, interaction::subject_key, time::DAY_US};

/// The files of a corpus in the order of their names, `None` (and a line that says so) if it is not there.
fn files(corpus: &str, extensions: &[&str]) -> Option<Vec<PathBuf>> {
    let root = root().join(corpus);
    if !root.is_dir() {
        println!("SKIPPED: {corpus} needs RAPPORT_TEST_DATA");
        return None;
    }
    let mut files = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extensions.iter().any(|known| extension == *known)) {
                files.push(path);
            }
        }
    }
    files.sort();
    Some(files)
}

#[allow(clippy::disallowed_methods, reason = "tests find their data by an environment variable")]
fn root() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    std::env::var("RAPPORT_TEST_DATA").map_or_else(|_| beside(), PathBuf::from)
}

/// What an import would count, without duplicates: those need a store.
struct Counts {
    as_of: Moment,
    rules: Rules,
    read: u32,
    fit: u32,
    /// Identities of those that are fit, as 02 §2.5 has them.
    distinct: BTreeSet<String>,
    failed: u32,
    excluded: BTreeMap<ExclusionReason, u32>,
    failures: BTreeMap<String, u32>,
    general: BTreeMap<String, u32>,
    notes: u32,
}

impl Counts {
    fn new(as_of: &str, rules: Rules) -> Self {
        Self {
            as_of: Moment::parse(as_of).unwrap(),
            rules,
            read: 0,
            fit: 0,
            distinct: BTreeSet::new(),
            failed: 0,
            excluded: BTreeMap::new(),
            failures: BTreeMap::new(),
            general: BTreeMap::new(),
            notes: 0,
        }
    }

    fn add(&mut self, item: Result<Captured, Problem>) {
        let captured = match item {
            Ok(captured) => captured,
            Err(problem) if problem.is_failed_item => {
                self.read += 1;
                self.failed += 1;
                *self.failures.entry(first_words(&problem.what)).or_insert(0) += 1;
                return;
            }
            Err(problem) => {
                *self.general.entry(first_words(&problem.what)).or_insert(0) += 1;
                return;
            }
        };
        self.read += 1;
        let is_ours = |address: &rapport_domain::Address| address.domain() == "us.example";
        match captured.judge(self.as_of, is_ours, &self.rules, || None) {
            Verdict::Keep => {
                self.fit += 1;
                self.distinct.insert(identity(&captured.sighting));
            }
            Verdict::Exclude(reason) => *self.excluded.entry(reason).or_insert(0) += 1,
            Verdict::Fail(what) => {
                self.failed += 1;
                *self.failures.entry(first_words(&what)).or_insert(0) += 1;
            }
        }
        self.notes += u32::from(!captured.notes.is_empty());
    }

    fn check(&self, expected: &Expect) {
        assert_eq!(self.read, self.fit + self.failed + self.excluded.values().sum::<u32>());
        let mut text = format!(
            "read {}, fit {} ({} distinct), failed {}, with notes {}\n",
            self.read,
            self.fit,
            self.distinct.len(),
            self.failed,
            self.notes
        );
        for (reason, count) in &self.excluded {
            writeln!(text, "excluded {}: {count}", reason.as_str()).unwrap();
        }
        for (what, count) in &self.failures {
            writeln!(text, "failed `{what}`: {count}").unwrap();
        }
        for (what, count) in &self.general {
            writeln!(text, "problem `{what}`: {count}").unwrap();
        }
        expected.assert_eq(&text);
    }
}

/// The part of a message that does not depend on the value.
fn first_words(what: &str) -> String {
    let is_value = |word: &&str| word.contains(|c: char| c == '`' || c.is_ascii_digit());
    what.split_whitespace()
        .take_while(|word| *word != "until")
        .filter(|word| !is_value(word))
        .take(9)
        .collect::<Vec<_>>()
        .join(" ")
}

/// What makes two sightings the same interaction: the id (and occurrence), else kind, moment, sender, people and subject.
fn identity(sighting: &Sighting) -> String {
    if let Some(id) = &sighting.message_id {
        let start = (sighting.kind == Kind::Meeting).then(|| sighting.occurrence.unwrap_or(sighting.occurred_at));
        return format!("{:?} {id} {start:?}", sighting.kind);
    }
    let people: BTreeSet<_> = sighting.participants.iter().map(|one| one.who.key()).collect();
    let from: Vec<_> = sighting.participants.iter().filter(|one| one.role.initiates()).map(|one| one.who.key()).collect();
    let subject = sighting.subject.as_deref().map(subject_key).unwrap_or_default();
    format!("{:?} {:?} {from:?} {people:?} {subject}", sighting.kind, sighting.occurred_at)
}

/// Rules under which strangers' mail is not excluded for its people alone.
fn any_people() -> Rules {
    Rules::default().without(ExclusionReason::NoColleague).without(ExclusionReason::InternalOnly)
}

fn count_mail(files: &[PathBuf], rules: Rules, expected: &Expect) {
    let reader = MailReader::new();
    let mut counts = Counts::new("2027-01-01T00:00:00Z", rules);
    for file in files {
        let bytes = gzip::decompressed(BufReader::new(fs::File::open(file).unwrap())).unwrap();
        let is_single = file.extension().is_some_and(|extension| extension == "eml" || extension == "msg");
        let messages = if is_single { mbox::single(bytes) } else { mbox::messages(bytes) };
        for item in messages {
            counts.add(item.map(|mail| reader.read(&mail, false)));
        }
    }
    counts.check(expected);
}

fn count_calendars(files: &[PathBuf], expected: &Expect) {
    let mut counts = Counts::new("2026-03-01T00:00:00Z", any_people());
    let until = counts.as_of.plus_us(400 * DAY_US);
    let zone = Calendar::of("Europe/Amsterdam").unwrap();
    for file in files {
        let bytes = BufReader::new(fs::File::open(file).unwrap());
        for item in calendar::read(bytes, &zone, until) {
            counts.add(item);
        }
    }
    counts.check(expected);
}

#[test]
fn enron_sales_team() {
    let Some(files) = files("enron-sales-team/mail", &["mbox"]) else { return };
    count_mail(
        &files,
        Rules::default(),
        &expect![[r"
        read 30140, fit 6238 (3623 distinct), failed 0, with notes 0
        excluded internal_only: 23835
        excluded too_many_recipients: 67
    "]],
    );
}

#[test]
fn r_package_devel() {
    let Some(files) = files("rlist-raw-r-package-devel", &["txt"]) else { return };
    count_mail(
        &files,
        any_people(),
        &expect![[r"
        read 11114, fit 0 (0 distinct), failed 0, with notes 11114
        excluded no_recipients: 11114
    "]],
    );
}

#[test]
fn r_announce() {
    let Some(files) = files("rlist-raw-r-announce", &["txt"]) else { return };
    count_mail(
        &files,
        any_people(),
        &expect![[r"
        read 699, fit 0 (0 distinct), failed 0, with notes 699
        excluded no_recipients: 699
    "]],
    );
}

#[test]
fn eml_flanker() {
    let Some(files) = files("eml-flanker", &["eml"]) else { return };
    count_mail(
        &files,
        any_people(),
        &expect![[r"
        read 48, fit 25 (18 distinct), failed 7, with notes 0
        excluded no_recipients: 2
        excluded draft: 1
        excluded list: 4
        excluded automatic: 3
        excluded noreply: 5
        excluded delivery_report: 1
        failed `no date`: 7
    "]],
    );
}

#[test]
fn eml_mail_parser() {
    let Some(files) = files("eml-mail-parser", &["eml"]) else { return };
    count_mail(
        &files,
        any_people(),
        &expect![[r"
        read 107, fit 67 (67 distinct), failed 4, with notes 3
        excluded no_recipients: 35
        excluded list: 1
        failed `no date`: 3
        failed `no sender`: 1
    "]],
    );
}

#[test]
fn eml_mime4j() {
    let Some(files) = files("eml-mime4j", &["eml", "msg", "mbox"]) else { return };
    count_mail(
        &files,
        any_people(),
        &expect![[r"
        read 83, fit 29 (19 distinct), failed 11, with notes 7
        excluded no_recipients: 40
        excluded list: 2
        excluded noreply: 1
        failed `no date`: 11
        problem `no message in this file: expected an mbox (lines`: 2
    "]],
    );
}

#[test]
fn eml_ruby_mail() {
    let Some(files) = files("eml-ruby-mail", &["eml"]) else { return };
    count_mail(
        &files,
        any_people(),
        &expect![[r"
        read 103, fit 72 (44 distinct), failed 14, with notes 7
        excluded no_recipients: 6
        excluded list: 2
        excluded automatic: 5
        excluded noreply: 4
        failed `no date`: 8
        failed `no date: Dec is none`: 1
        failed `no date: Jun is none`: 1
        failed `no date: paX is none`: 1
        failed `no sender: Bug is no address`: 1
        failed `the date is before`: 2
    "]],
    );
}

#[test]
fn ics_calcard() {
    let Some(files) = files("ics-calcard", &["ics"]) else { return };
    count_calendars(
        &files,
        &expect![[r"
        read 97746, fit 93725 (92374 distinct), failed 771, with notes 18
        excluded sensitive: 3250
        failed `the date is before`: 711
        failed `the event has no start`: 55
        failed `the recurrence cannot be followed: it follows another calendar`: 3
        failed `the start is none`: 2
        problem `no calendar in this file: expected a line BEGIN:VCALENDAR`: 3
        problem `the file ends within this event: read as far`: 1
    "]],
    );
}

#[test]
fn ics_collective() {
    let Some(files) = files("ics-collective", &["ics"]) else { return };
    count_calendars(
        &files,
        &expect![[r"
        read 3783, fit 3697 (3248 distinct), failed 86, with notes 10
        failed `the event has no start`: 80
        failed `the recurrence cannot be followed: it follows another calendar`: 3
        failed `the start is none`: 3
        problem `no calendar in this file: expected a line BEGIN:VCALENDAR`: 4
    "]],
    );
}

#[test]
fn ics_icaljs() {
    let Some(files) = files("ics-icaljs", &["ics"]) else { return };
    count_calendars(
        &files,
        &expect![[r"
        read 13223, fit 13221 (13215 distinct), failed 2, with notes 0
        failed `the event has no start`: 2
    "]],
    );
}

#[test]
fn enron_igraph_interactions() {
    let Some(files) = files("enron-igraph184", &["csv"]) else { return };
    let mut counts = Counts::new("2027-01-01T00:00:00Z", Rules::default());
    for item in interactions::csv(fs::File::open(&files[0]).unwrap()).unwrap() {
        counts.add(item);
    }
    counts.check(&expect![[r"
        read 125409, fit 62510 (19765 distinct), failed 51, with notes 0
        excluded no_colleague: 28520
        excluded internal_only: 34328
        failed `the date is before`: 51
    "]]);
}
