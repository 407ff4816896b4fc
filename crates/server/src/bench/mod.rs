//! `rapport bench`: speed and memory of what users wait for, on generated worlds of any size.
//!
//! Never a timed test: it prints what it measured, with the median over runs, and fails only if the work itself does.

mod decode;
mod lists;
mod peers;
mod plot;
mod scale;
mod touches;
mod world;

use std::path::{Path, PathBuf};

use rapport_capture::{mail::MailReader, mbox::messages};
use rapport_domain::{Model, Moment};
use serde::{Deserialize, Serialize};

use self::{
    lists::{Requests, percentiles},
    world::{Random, write, write_accounts, write_contacts, write_csv, write_mbox, write_opportunities, write_users},
};
pub use plot::svg;

use crate::{
    App, AppError, api,
    app::{
        Clock, Init,
        import::{ImportOptions, ImportReport},
    },
};

/// What to measure.
#[derive(Clone, Debug)]
pub struct Options {
    /// Touches of the generated world.
    pub touches: u64,
    /// Runs of each figure.
    pub runs: u32,
    /// Real mail to import as well.
    pub mail: Option<PathBuf>,
    /// Where the generated files and stores are left, to look at; thrown away without.
    pub keep: Option<PathBuf>,
    /// Words of the steps to run; all without any.
    pub figures: Vec<String>,
}

/// What one run of the command measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Touches that the worlds were asked to have.
    pub touches: u64,
    /// Runs of each figure.
    pub runs: u32,
    /// Cores that there were.
    pub cores: usize,
    /// What was measured.
    pub figures: Vec<Figure>,
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
    /// Whether it is told how it grows with the world.
    #[serde(default)]
    pub grows: bool,
}

impl Figure {
    fn new(name: impl Into<String>, value: f64, unit: &str, want: &str) -> Self {
        Self { name: name.into(), value, unit: unit.to_owned(), want: want.to_owned(), grows: false }
    }

    /// A figure that stands in the picture of growth.
    fn growing(name: impl Into<String>, value: f64, unit: &str, want: &str) -> Self {
        Self { grows: true, ..Self::new(name, value, unit, want) }
    }
}

/// Messages of the generated mbox.
const MESSAGES: u64 = 200_000;
/// Messages of the generated Maildir, which peers read too: a file each, so fewer.
const MAILDIR_MESSAGES: u64 = 30_000;
/// Pages opened for the percentiles.
const PAGES: u64 = 2_000;
/// Domain whose addresses are ours.
const OURS: &str = "ours.example";
/// Moment that the worlds end at: 2026-06-30T12:00:00Z.
const AS_OF: Moment = Moment(1_782_820_800_000_000);

/// A part of the benchmark; each runs in a process of its own, so that its peak memory is its own.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Import deals, then open lists, search and similar deals.
    Lists,
    /// Index the same mail, as a Maildir, with Rapport, notmuch and mu.
    Peers,
    /// Load a world of touches into segments.
    World,
    /// Merely decode its segments.
    Decode,
    /// Fold it: KPIs, health and ties of everybody.
    Whole,
    /// Write down what the fold answered, for peers to be compared with.
    Answers,
    /// Open pages of it, all that was read kept in memory.
    Warm,
    /// Open pages of it, nothing of its files in memory.
    Cold,
}

/// Steps that can be named, in the order in which they run.
const STEPS: [(&str, Step); 12] = [
    ("parse", Step::Parse),
    ("interactions", Step::Interactions),
    ("pages", Step::Pages),
    ("passes", Step::Passes),
    ("lists", Step::Lists),
    ("peers", Step::Peers),
    ("world", Step::World),
    ("decode", Step::Decode),
    ("whole", Step::Whole),
    ("answers", Step::Answers),
    ("warm", Step::Warm),
    ("cold", Step::Cold),
];
/// The word that stands for importing mail; a path follows.
const MAIL: &str = "mail";

impl Step {
    /// Reads what [`Self::word`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        let named = STEPS.into_iter().find(|(name, _)| *name == word);
        named.map(|(_, step)| step).or_else(|| Some(Self::Mail(word.strip_prefix(MAIL)?.strip_prefix(':')?.into())))
    }

    fn word(&self) -> String {
        match self {
            Self::Mail(path) => format!("{MAIL}:{}", path.display()),
            other => STEPS.iter().find(|(_, step)| step == other).map_or_else(String::new, |(name, _)| (*name).to_owned()),
        }
    }

    /// The step whose store or figure it needs.
    fn needs(&self) -> Option<Self> {
        match self {
            Self::Pages | Self::Passes | Self::Lists => Some(Self::Interactions),
            Self::Decode | Self::Whole | Self::Warm | Self::Cold => Some(Self::World),
            Self::Answers => Some(Self::Whole),
            Self::Parse | Self::Mail(_) | Self::Interactions | Self::Peers | Self::World => None,
        }
    }
}

/// The steps that options ask for, with those that they need, in order.
fn steps(options: &Options, mbox: &Path) -> Result<Vec<Step>, AppError> {
    let mut all = vec![(MAIL, Step::Mail(mbox.to_owned()))];
    all.extend(options.mail.clone().map(|path| (MAIL, Step::Mail(path))));
    all.splice(0..0, [STEPS[0].clone()]);
    all.extend(STEPS[1..].iter().cloned());
    if let Some(unknown) = options.figures.iter().find(|figure| all.iter().all(|(name, _)| name != figure)) {
        let known: Vec<&str> = STEPS.iter().map(|(name, _)| *name).chain([MAIL]).collect();
        return Err(
            AppError::invalid(format!("there is no figure `{unknown}`")).with_hint(format!("name some of {}", known.join(", ")))
        );
    }
    let mut wanted: Vec<Step> = Vec::new();
    for (_, step) in
        all.iter().filter(|(name, _)| options.figures.is_empty() || options.figures.iter().any(|figure| figure == name))
    {
        let mut next = Some(step.clone());
        while let Some(step) = next {
            next = step.needs();
            wanted.push(step);
        }
    }
    Ok(all.into_iter().map(|(_, step)| step).filter(|step| wanted.contains(step)).collect())
}

/// Starts this program again for one step on the files in a folder.
pub type InProcess<'a> = &'a dyn Fn(&Path, &str) -> Result<Vec<Figure>, AppError>;

/// Generates the world and runs every step by `in_process(folder, step)`, which starts this program again; `say` tells what is going on.
pub fn run(options: &Options, clock: &Clock, say: &dyn Fn(&str), in_process: InProcess<'_>) -> Result<Report, AppError> {
    let report = |figures: Vec<Figure>| {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Report { touches: options.touches, runs: options.runs, cores, figures }
    };
    if let Some(folder) = &options.keep {
        if folder.read_dir().is_ok_and(|mut inside| inside.next().is_some()) {
            return Err(AppError::invalid(format!("`{}` is not empty", folder.display())).with_hint("name a new folder"));
        }
        return generate_and_measure(options, say, folder, in_process).map(report);
    }
    let folder = std::env::temp_dir().join(format!("rapport-bench-{}", clock().0));
    let figures = generate_and_measure(options, say, &folder, in_process);
    _ = std::fs::remove_dir_all(&folder);
    figures.map(report)
}

fn generate_and_measure(
    options: &Options,
    say: &dyn Fn(&str),
    folder: &Path,
    in_process: InProcess<'_>,
) -> Result<Vec<Figure>, AppError> {
    let people = people(options);
    let mbox = folder.join("mail.mbox");
    let steps = steps(options, &mbox)?;
    say("generating mail, interactions and contacts");
    if steps.contains(&Step::Parse) || steps.contains(&Step::Mail(mbox.clone())) {
        write(&mbox, |out| write_mbox(out, MESSAGES.min(options.touches), people))?;
    }
    if steps.contains(&Step::Peers) {
        peers::generate(folder, MAILDIR_MESSAGES.min(options.touches), people)?;
    }
    if steps.contains(&Step::Interactions) {
        write(&folder.join("interactions.csv"), |out| write_csv(out, options.touches, people))?;
        write(&folder.join("crm").join("contacts.csv"), |out| write_contacts(out, people))?;
        write(&folder.join("deals").join("accounts.csv"), write_accounts)?;
        write(&folder.join("deals").join("opportunities.csv"), |out| write_opportunities(out, opportunities(options), people))?;
    }
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

fn opportunities(options: &Options) -> u64 {
    people(options) / 5
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
            import_figures(&mut figures, &clock, (&name, "messages/s"), ("20,000", "40,000"), options.runs, async |run| {
                let app = store(folder, &format!("mail{run}-{}", clock().0), &clock, domain).await?;
                let report = app.import_mail(std::slice::from_ref(path), &consent(), &|_| {}).await?;
                Ok((app, report))
            })
            .await?;
        }
        Step::Interactions => {
            let name = ("interaction CSV import", "rows/s");
            import_figures(&mut figures, &clock, name, ("150,000", "1,000,000"), options.runs, async |run| {
                let app = store(folder, &format!("csv{run}"), &clock, OURS).await?;
                write(&folder.join("users.csv"), write_users)?;
                app.import_users(&folder.join("users.csv"), &consent()).await?;
                let report = app.import_interactions(&folder.join("interactions.csv"), &consent(), &|_| {}).await?;
                Ok((app, report))
            })
            .await?;
            let app = App::open(&folder.join("csv0"), "default", clock.clone()).await?;
            app.import_crm(&folder.join("crm"), &consent(), &|_| {}).await?;
        }
        Step::Pages => {
            let app = App::open(&folder.join("csv0"), "default", clock.clone()).await?;
            pages(&mut figures, &app, people(options), &clock).await?;
        }
        Step::Lists => {
            let app = App::open(&folder.join("csv0"), "default", std::sync::Arc::new(|| AS_OF)).await?;
            app.import_crm(&folder.join("deals"), &consent(), &|_| {}).await?;
            let requests = Requests { router: api::router(app).await?, clock: &clock };
            lists::measure(&mut figures, &requests, people(options), opportunities(options)).await?;
            push_peak(&mut figures, "lists");
        }
        Step::Peers => peers::measure(&mut figures, folder, &clock).await?,
        Step::World => scale::load(&mut figures, folder, options.touches, &clock).await?,
        Step::Decode => scale::decode(&mut figures, folder, options.runs, &clock)?,
        Step::Whole => scale::whole(&mut figures, folder, options.runs, &clock).await?,
        Step::Answers => scale::answers(folder, &clock).await?,
        Step::Warm => scale::warm(&mut figures, folder, options.touches, &clock).await?,
        Step::Cold => scale::cold(&mut figures, folder, options.touches, &clock).await?,
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
    let (app, _) = App::init(&folder.join(name), &init, clock.clone()).await?;
    // Peers compute what this model defines.
    app.set_setting("health.model", Model::V1.as_str()).await?;
    Ok(app)
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

/// How fast an import is, by itself and until all of it lies in segments.
async fn import_figures(
    figures: &mut Vec<Figure>,
    clock: &Clock,
    (name, unit): (&str, &'static str),
    (want, want_sealed): (&'static str, &'static str),
    runs: u32,
    import: impl AsyncFn(u32) -> Result<(App, ImportReport), AppError>,
) -> Result<(), AppError> {
    let (mut rates, mut sealed_rates) = (Vec::new(), Vec::new());
    for run in 0..runs {
        let (app, report) = import(run).await?;
        rates.push(report.read as f64 / report.elapsed_s.max(1e-6));
        let started = clock();
        app.store().seal_all(app.org()).await?;
        sealed_rates.push(report.read as f64 / (report.elapsed_s + seconds(clock, started)));
    }
    figures.push(Figure::new(name.to_owned(), median(rates), unit, want));
    figures.push(Figure::new(format!("{name}, until sealed"), median(sealed_rates), unit, want_sealed));
    push_peak(figures, name);
    Ok(())
}

async fn pages(figures: &mut Vec<Figure>, app: &App, people: u64, clock: &Clock) -> Result<(), AppError> {
    let mut random = Random(3);
    let requests = Requests { router: api::router(app.clone()).await?, clock };
    let open = async |person: u64| requests.open(&format!("contacts/c{person}/insights?as_of={}", AS_OF.to_rfc3339())).await;
    // The first page loads the directory; it is told apart.
    figures.push(Figure::new("first contact page (loads the directory)", open(1).await?, "ms", ""));
    for (name, want) in [("any contact", "under 10"), ("contacts by their share of the mail", "")] {
        let mut times_ms = Vec::new();
        for _ in 0..PAGES {
            let person = if want.is_empty() { random.person(people) } else { 1 + random.below(people) };
            times_ms.push(open(person).await?);
        }
        percentiles(figures, &format!("contact page from the API, {name}"), times_ms, want);
    }
    push_peak(figures, "contact pages");
    Ok(())
}

async fn passes(figures: &mut Vec<Figure>, app: &App, runs: u32, clock: &Clock) -> Result<(), AppError> {
    let view = app.view().await?;
    let mut measured: Vec<[f64; 3]> = Vec::new();
    for _ in 0..runs {
        let started = clock();
        let ties = app.all_ties(&view, AS_OF).await?;
        let ties_s = seconds(clock, started);
        drop(ties);
        let started = clock();
        let (health, ties) = app.all_health_and_ties(&view, AS_OF).await?;
        let both_s = seconds(clock, started);
        if ties.is_empty() || health.is_empty() {
            return Err(AppError::invalid("the world has no ties or no records"));
        }
        drop((ties, health));
        let started = clock();
        app.fold_all(&view, AS_OF).await?;
        measured.push([ties_s, both_s, seconds(clock, started)]);
    }
    let names = [
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
    figures.push(Figure::new(format!("peak memory, {name}"), peak_mb(), "MB", "under 500"));
}

/// The most memory that this process has had, in megabytes; 0 where the system does not say.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak_kb = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    peak_kb.unwrap_or(0.0) / 1024.0
}
