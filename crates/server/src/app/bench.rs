//! `rapport bench`: speed and memory of what users wait for, on generated worlds of any size.
//!
//! Never a timed test: it prints what it measured, with the median over runs, and fails only if the work itself does.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use rapport_capture::{mail::MailReader, mbox::messages};
use rapport_domain::{Moment, Table, time::DAY_US};
use rapport_insight::Language;
use serde::{Deserialize, Serialize};

use super::{
    App, AppError, Clock, Init,
    import::{ImportOptions, ImportReport},
    records::InsightsQuery,
};
use crate::api::wire::RecordInsightsBody;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Options {
    /// Touches of the generated world.
    pub touches: u64,
    /// Runs of each figure.
    pub runs: u32,
    /// Real mail to import as well.
    pub mail: Option<PathBuf>,
}

/// One figure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// The median.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// What we want it to be.
    pub want: String,
}

impl Figure {
    fn new(name: impl Into<String>, value: f64, unit: &str, want: &str) -> Self {
        Self { name: name.into(), value, unit: unit.to_owned(), want: want.to_owned() }
    }
}

/// Messages of the generated mbox.
const MESSAGES: u64 = 200_000;
/// Pages opened for the percentiles.
const PAGES: u64 = 2_000;
/// Days that the world spans.
const SPAN_DAYS: i64 = 365;
/// Users of the generated world.
const USERS: u64 = 500;
/// Domain whose addresses are ours.
const OURS: &str = "ours.example";
/// Moment that the worlds end at: 2026-06-30T12:00:00Z.
const AS_OF: Moment = Moment(1_782_820_800_000_000);

/// splitmix64: small, fast, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Zipf-like over `1..=people`: few people have most of the mail.
    fn person(&mut self, people: u64) -> u64 {
        ((people as f64).powf(self.unit()) as u64).clamp(1, people)
    }
}

/// One generated mail: who with whom, when, in which direction.
struct Mail {
    user: u64,
    person: u64,
    at_us: i64,
    outgoing: bool,
}

fn mail(random: &mut Random, people: u64) -> Mail {
    let person = random.person(people);
    // A person is known to a handful of users.
    let user = (person * 7 + random.below(4)) % USERS;
    let at_us = AS_OF.0 - (random.unit() * (SPAN_DAYS * DAY_US) as f64) as i64;
    Mail { user, person, at_us, outgoing: random.below(2) == 0 }
}

fn addresses(mail: &Mail) -> (String, String) {
    let ours = format!("user{}@{OURS}", mail.user);
    let theirs = format!("person{}@company{}.example", mail.person, mail.person % 5_000);
    if mail.outgoing { (ours, theirs) } else { (theirs, ours) }
}

/// A part of the benchmark; each runs in a process of its own, so that its peak memory is its own.
#[derive(Clone, Debug)]
pub enum Step {
    /// Parse headers.
    Parse,
    /// Import mail from a path.
    Mail(PathBuf),
    /// Import the generated interactions.
    Interactions,
    /// Open contact pages.
    Pages,
    /// Fold everything.
    Passes,
}

impl Step {
    /// Reads what [`Self::word`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "parse" => Some(Self::Parse),
            "interactions" => Some(Self::Interactions),
            "pages" => Some(Self::Pages),
            "passes" => Some(Self::Passes),
            other => other.strip_prefix("mail:").map(|path| Self::Mail(path.into())),
        }
    }

    fn word(&self) -> String {
        match self {
            Self::Parse => "parse".to_owned(),
            Self::Mail(path) => format!("mail:{}", path.display()),
            Self::Interactions => "interactions".to_owned(),
            Self::Pages => "pages".to_owned(),
            Self::Passes => "passes".to_owned(),
        }
    }
}

/// Starts this program again for one step on the files in a folder.
pub type InProcess<'a> = &'a dyn Fn(&Path, &str) -> Result<Vec<Figure>, AppError>;

/// Generates the world and runs every step by `in_process(folder, step)`, which starts this program again; `say` tells what is going on.
pub fn run(options: &Options, clock: &Clock, say: &dyn Fn(&str), in_process: InProcess<'_>) -> Result<Vec<Figure>, AppError> {
    let folder = std::env::temp_dir().join(format!("rapport-bench-{}", clock().0));
    let figures = generate_and_measure(options, say, &folder, in_process);
    _ = std::fs::remove_dir_all(&folder);
    figures
}

fn generate_and_measure(
    options: &Options,
    say: &dyn Fn(&str),
    folder: &Path,
    in_process: InProcess<'_>,
) -> Result<Vec<Figure>, AppError> {
    say("generating mail, interactions and contacts");
    let people = people(options);
    let mbox = folder.join("mail.mbox");
    write(&mbox, |out| write_mbox(out, MESSAGES.min(options.touches), people))?;
    write(&folder.join("interactions.csv"), |out| write_csv(out, options.touches, people))?;
    write(&folder.join("crm").join("contacts.csv"), |out| write_contacts(out, people))?;
    let mut steps = vec![Step::Parse, Step::Mail(mbox)];
    steps.extend(options.mail.clone().map(Step::Mail));
    steps.extend([Step::Interactions, Step::Pages, Step::Passes]);
    let mut figures = Vec::new();
    for step in steps {
        say(&step.word());
        figures.extend(in_process(folder, &step.word())?);
    }
    Ok(figures)
}

fn people(options: &Options) -> u64 {
    (options.touches / 10).max(100)
}

/// Runs one step in this process, on the files that [`run`] generated.
pub async fn run_step(options: &Options, step: &Step, folder: &Path, clock: Clock) -> Result<Vec<Figure>, AppError> {
    let mut figures = Vec::new();
    match step {
        Step::Parse => figures.push(parse(&folder.join("mail.mbox"), options.runs, &clock)?),
        Step::Mail(path) => {
            let name = if path.starts_with(folder) {
                "mail import, generated mbox".to_owned()
            } else {
                format!("mail import, {}", path.display())
            };
            let domain = if path.starts_with(folder) { OURS } else { "us.example" };
            import_figures(&mut figures, &name, "messages/s", "20,000", options.runs, async |run| {
                let app = store(folder, &format!("mail{run}-{}", clock().0), &clock, domain).await?;
                app.import_mail(std::slice::from_ref(path), &consent(), &|_| {}).await
            })
            .await?;
        }
        Step::Interactions => {
            import_figures(&mut figures, "interaction CSV import", "rows/s", "150,000", options.runs, async |run| {
                let app = store(folder, &format!("csv{run}"), &clock, OURS).await?;
                write(&folder.join("users.csv"), write_users)?;
                app.import_users(&folder.join("users.csv"), &consent()).await?;
                app.import_interactions(&folder.join("interactions.csv"), &consent(), &|_| {}).await
            })
            .await?;
            let app = App::open(&folder.join("csv0"), "default", clock.clone()).await?;
            app.import_crm(&folder.join("crm"), &consent(), &|_| {}).await?;
        }
        Step::Pages => {
            let app = App::open(&folder.join("csv0"), "default", clock.clone()).await?;
            pages(&mut figures, &app, people(options), &clock).await?;
        }
        Step::Passes => {
            let app = App::open(&folder.join("csv0"), "default", clock.clone()).await?;
            passes(&mut figures, &app, options.runs, &clock).await?;
        }
    }
    Ok(figures)
}

fn consent() -> ImportOptions {
    ImportOptions { as_of: Some(AS_OF), consent: Some("generated world".to_owned()), ..ImportOptions::default() }
}

async fn store(folder: &Path, name: &str, clock: &Clock, domain: &str) -> Result<App, AppError> {
    let init = Init { organization: "default".to_owned(), internal_domains: vec![domain.to_owned()], time_zone: None };
    Ok(App::init(&folder.join(name), &init, clock.clone()).await?.0)
}

fn seconds(clock: &Clock, started: Moment) -> f64 {
    (clock().0 - started.0).max(1) as f64 / 1e6
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn parse(mbox: &Path, runs: u32, clock: &Clock) -> Result<Figure, AppError> {
    let bytes = std::fs::read(mbox).map_err(|error| AppError::invalid(error.to_string()))?;
    let reader = MailReader::new();
    let rates = (0..runs).map(|_| {
        let started = clock();
        let read = messages(&bytes[..]).filter_map(Result::ok).filter(|raw| reader.read(raw, false).fault.is_none()).count();
        read as f64 / seconds(clock, started)
    });
    Ok(Figure::new("headers parsed, one core".to_owned(), median(rates.collect()), "messages/s", "50,000"))
}

async fn import_figures(
    figures: &mut Vec<Figure>,
    name: &str,
    unit: &'static str,
    want: &'static str,
    runs: u32,
    import: impl AsyncFn(u32) -> Result<ImportReport, AppError>,
) -> Result<(), AppError> {
    let mut rates = Vec::new();
    for run in 0..runs {
        let report = import(run).await?;
        rates.push(report.read as f64 / report.elapsed_s.max(1e-6));
    }
    figures.push(Figure::new(name.to_owned(), median(rates), unit, want));
    push_peak(figures, name);
    Ok(())
}

async fn pages(figures: &mut Vec<Figure>, app: &App, people: u64, clock: &Clock) -> Result<(), AppError> {
    let mut random = Random(3);
    let query = InsightsQuery { as_of: Some(AS_OF), ..InsightsQuery::default() };
    // The first page loads the directory; it is told apart.
    let started = clock();
    app.record_insights(Table::Contacts, "c1", &query).await?;
    figures.push(Figure::new("first contact page (loads the directory)".to_owned(), 1e3 * seconds(clock, started), "ms", ""));
    for (name, want) in [("any contact", "under 10"), ("contacts by their share of the mail", "")] {
        let mut times_ms = Vec::new();
        for _ in 0..PAGES {
            let person = if want.is_empty() { random.person(people) } else { 1 + random.below(people) };
            let started = clock();
            let (insights, view) = app.record_insights(Table::Contacts, &format!("c{person}"), &query).await?;
            let body = serde_json::to_vec(&RecordInsightsBody::new(&insights, &view, Language::English)).unwrap_or_default();
            times_ms.push(1e3 * seconds(clock, started));
            if body.is_empty() {
                return Err(AppError::invalid("a contact's page is empty"));
            }
        }
        times_ms.sort_by(f64::total_cmp);
        let at = |share: f64| times_ms[((times_ms.len() - 1) as f64 * share) as usize];
        figures.push(Figure::new(format!("contact page, {name}, p50"), at(0.5), "ms", ""));
        figures.push(Figure::new(format!("contact page, {name}, p99"), at(0.99), "ms", want));
    }
    push_peak(figures, "contact pages");
    Ok(())
}

async fn passes(figures: &mut Vec<Figure>, app: &App, runs: u32, clock: &Clock) -> Result<(), AppError> {
    let view = app.view().await?;
    let mut measured: Vec<[f64; 4]> = Vec::new();
    for _ in 0..runs {
        let started = clock();
        let runs = app.all_runs(&view).await?;
        let read_s = seconds(clock, started);
        let ties = app.all_ties(&view, &runs, AS_OF).await?;
        let ties_s = seconds(clock, started);
        let health = app.all_health(&view, &runs, AS_OF).await?;
        let both_s = seconds(clock, started);
        if ties.is_empty() || health.is_empty() {
            return Err(AppError::invalid("the world has no ties or no records"));
        }
        drop((runs, ties, health));
        let started = clock();
        app.fold_all(&view, AS_OF).await?;
        measured.push([read_s, ties_s, both_s, seconds(clock, started)]);
    }
    let names = [
        ("reading all runs", ""),
        ("reading + all ties", ""),
        ("reading + all ties + health", "under 1 at a million touches"),
        ("reading + KPIs + health (lists)", ""),
    ];
    for (i, (name, want)) in names.into_iter().enumerate() {
        let value = median(measured.iter().map(|row| row[i]).collect());
        figures.push(Figure::new(name, value, "s", want));
    }
    push_peak(figures, "whole passes");
    Ok(())
}

fn push_peak(figures: &mut Vec<Figure>, name: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak_kb = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    if let Some(peak_kb) = peak_kb {
        figures.push(Figure::new(format!("peak memory, {name}"), peak_kb / 1024.0, "MB", "under 500"));
    }
}

fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> Result<(), AppError> {
    let cannot = |error: std::io::Error| AppError::invalid(format!("cannot write `{}`: {error}", path.display()));
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(cannot)?;
    }
    let mut out = BufWriter::new(File::create(path).map_err(cannot)?);
    fill(&mut out).and_then(|()| out.flush()).map_err(cannot)
}

fn write_mbox(out: &mut impl Write, count: u64, people: u64) -> std::io::Result<()> {
    let mut random = Random(1);
    for number in 0..count {
        let one = mail(&mut random, people);
        let (from, to) = addresses(&one);
        let at = jiff::Timestamp::from_microsecond(one.at_us).unwrap_or_default();
        let date = jiff::fmt::rfc2822::to_string(&at.to_zoned_datetime(jiff::tz::TimeZone::UTC)).unwrap_or_default();
        write!(
            out,
            "From {from} Thu Jan 01 00:00:00 2026\nReceived: from mx.example (mx.example [192.0.2.1]) by in.example; {date}\n"
        )?;
        write!(out, "From: Some Body <{from}>\nTo: Any One <{to}>\nSubject: Offer {}\nDate: {date}\n", number % 1_000)?;
        writeln!(out, "Message-ID: <{number}.{}@mail.example>", random.next())?;
        if number % 3 == 0 {
            write!(out, "In-Reply-To: <{}.x@mail.example>\nReferences: <{}.x@mail.example>\n", number / 3, number / 3)?;
        }
        write!(out, "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nX-Mailer: generated\n\n")?;
        for line in 0..8 {
            writeln!(out, "Line {line} of a body that nobody reads, as long as lines of mail usually are.")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_users(out: &mut BufWriter<File>) -> std::io::Result<()> {
    writeln!(out, "email,name,title,licence,roles,groups,manager,aliases")?;
    for user in 0..USERS {
        writeln!(out, "user{user}@{OURS},User {user},,premium,Salesperson,,,")?;
    }
    Ok(())
}

fn write_csv(out: &mut impl Write, count: u64, people: u64) -> std::io::Result<()> {
    let mut random = Random(2);
    writeln!(out, "occurred_at,kind,from,to,cc,mailbox")?;
    for _ in 0..count {
        let one = mail(&mut random, people);
        let (from, to) = addresses(&one);
        writeln!(out, "{},email,{from},{to},,user{}@{OURS}", one.at_us as f64 / 1e6, one.user)?;
    }
    Ok(())
}

fn write_contacts(out: &mut impl Write, people: u64) -> std::io::Result<()> {
    writeln!(out, "id,name,email,emails,account,title,owner")?;
    for person in 1..=people {
        writeln!(
            out,
            "c{person},Person {person},person{person}@company{}.example,,,,user{}@{OURS}",
            person % 5_000,
            person % USERS
        )?;
    }
    Ok(())
}
