//! How fast bytes become sightings, on one core: `cargo bench -p rapport-capture`.
//!
//! The real corpora are used too where `RAPPORT_TEST_DATA` (or `../shared/data`) has them.

#![allow(missing_docs, reason = "a benchmark")]

use std::{fmt::Write as _, fs, hint::black_box, path::Path, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rapport_capture::{Rules, Verdict, calendar, interactions, mail::MailReader, mbox};
use rapport_domain::{Calendar, Moment};

/// Messages and rows of the generated inputs.
const ITEMS: u64 = 10_000;

/// An mbox with the headers that the public Enron mail has, and short bodies.
fn generated_mbox() -> Vec<u8> {
    let mut text = String::new();
    for n in 0..ITEMS {
        let (from, to, day) = (n % 151, n % 1_999, n % 28 + 1);
        write!(
            text,
            "From first{from}.last{from}@us.example Mon May {day:02} 16:39:00 2001\n\
             Message-ID: <{n}.1075855378110.JavaMail.evans@thyme>\n\
             Date: Mon, {day} May 2001 16:39:00 -0700 (PDT)\n\
             From: \"Last{from}, First{from}\" <first{from}.last{from}@us.example>\n\
             To: first{to}.last{to}@them{to}.example, \"Other, One\" <one.other{to}@us.example>,\n\
             \tthird{to}@us.example\n\
             Cc: boss{from}@us.example\n\
             Subject: Re: Forecast for week {n}\n\
             In-Reply-To: <{day}.1075855378456.JavaMail.evans@thyme>\n\
             Mime-Version: 1.0\n\
             Content-Type: text/plain; charset=us-ascii\n\
             Content-Transfer-Encoding: 7bit\n\
             X-From: First Last\n\
             X-To: First Last\n\
             X-cc: \n\
             X-bcc: \n\
             X-Folder: \\First_Last_Jan2002_1\\Last, First\\'Sent Mail\n\
             X-Origin: Last-F\n\
             X-FileName: flast (Non-Privileged).pst\n\n\
             Here is our forecast for next week, as promised on the phone.\n\
             >From what I hear it will do.\n\n"
        )
        .unwrap();
    }
    text.into_bytes()
}

fn generated_csv() -> Vec<u8> {
    let mut text = String::from("occurred_at,kind,from,to,cc,subject\n");
    for n in 0..ITEMS {
        let at = 1_000_000_000 + n * 61;
        writeln!(text, "{at},email,first{}@us.example,Jo Doe <jo{}@them.example>;b@them.example,,Quote {n}", n % 99, n % 999)
            .unwrap();
    }
    text.into_bytes()
}

fn generated_calendar() -> Vec<u8> {
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
    for n in 0..200 {
        write!(
            text,
            "BEGIN:VEVENT\r\nUID:e{n}\r\nDTSTART;TZID=Europe/Amsterdam:20240101T090000\r\nDTEND;TZID=Europe/Amsterdam:20240101T093000\r\n\
             RRULE:FREQ=WEEKLY;BYDAY=MO\r\nORGANIZER:mailto:a@us.example\r\nATTENDEE:mailto:b@them.example\r\nEND:VEVENT\r\n"
        )
        .unwrap();
    }
    text.push_str("END:VCALENDAR\r\n");
    text.into_bytes()
}

#[allow(clippy::disallowed_methods, reason = "benchmarks find real data by an environment variable")]
fn real(path: &str) -> Option<Vec<u8>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let root = std::env::var("RAPPORT_TEST_DATA").map_or(beside, Into::into);
    fs::read(root.join(path)).ok()
}

fn read_mail(bytes: &[u8]) -> u64 {
    let reader = MailReader::new();
    let messages = mbox::messages(bytes).filter_map(Result::ok);
    messages.fold(0, |count, mail| {
        black_box(reader.read(&mail, false));
        count + 1
    })
}

/// Reads, and decides on every copy, as an import does.
fn judge_mail(bytes: &[u8], as_of: Moment) -> u64 {
    let reader = MailReader::new();
    let is_ours = |address: &rapport_domain::Address| address.domain() == "us.example";
    let verdict = |mail: &mbox::RawMail| reader.read(mail, false).judge(as_of, is_ours, &Rules::default(), || None);
    mbox::messages(bytes).filter_map(Result::ok).filter(|mail| black_box(verdict(mail)) == Verdict::Keep).count() as u64
}

fn mail(criterion: &mut Criterion) {
    let as_of = Moment::parse("2027-01-01T00:00:00Z").unwrap();
    let mut group = criterion.benchmark_group("mail");
    let generated = generated_mbox();
    group.throughput(Throughput::Elements(ITEMS));
    group.bench_function("read, generated", |bencher| bencher.iter(|| read_mail(&generated)));
    group.bench_function("read and judge, generated", |bencher| bencher.iter(|| judge_mail(&generated, as_of)));
    group.bench_function("mbox alone, generated", |bencher| bencher.iter(|| mbox::messages(&generated[..]).count()));
    if let Some(bytes) = real("enron-sales-team/mail/jeff.dasovich.mbox") {
        group.throughput(Throughput::Elements(read_mail(&bytes)));
        group.bench_function("read, Enron", |bencher| bencher.iter(|| read_mail(&bytes)));
    }
    if let Some(bytes) = real("rlist-raw-r-package-devel/r-package-devel_2019q2.txt") {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("read, r-package-devel (bytes)", |bencher| bencher.iter(|| read_mail(&bytes)));
    }
    group.finish();
}

fn tables(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("interactions");
    let generated = generated_csv();
    let rows = |bytes: &[u8]| interactions::csv(bytes).unwrap().filter(|row| black_box(row).is_ok()).count() as u64;
    group.throughput(Throughput::Elements(ITEMS));
    group.bench_function("csv, generated", |bencher| bencher.iter(|| rows(&generated)));
    if let Some(bytes) = real("enron-igraph184/interactions.csv") {
        group.throughput(Throughput::Elements(rows(&bytes)));
        group.bench_function("csv, Enron", |bencher| bencher.iter(|| rows(&bytes)));
    }
    group.finish();
}

fn calendars(criterion: &mut Criterion) {
    let zone = Calendar::of("Europe/Amsterdam").unwrap();
    let until = Moment::parse("2027-01-01T00:00:00Z").unwrap();
    let generated = generated_calendar();
    let occurrences = || calendar::read(&generated[..], &zone, until).filter(|one| black_box(one).is_ok()).count() as u64;
    let mut group = criterion.benchmark_group("calendar");
    group.throughput(Throughput::Elements(occurrences()));
    group.bench_function("occurrences, generated", |bencher| bencher.iter(occurrences));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    targets = mail, tables, calendars
}
criterion_main!(benches);
