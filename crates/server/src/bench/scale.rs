//! Figures of a world of touches in segments: what it takes to load it, keep it, fold all of it, and open a page of it.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use rapport_domain::{AddressId, PersonId, Table, Touches};
use rapport_insight::{KpiQuery, Kpis, RecordScope, Window, health::HealthFigures, kpis::ResponseTime};
use rapport_store::ledger::Loader;
use serde::{Deserialize, Serialize};

use super::{
    AS_OF, Figure, OURS, consent, decode as decoding,
    lists::{Requests, percentiles},
    median, peak_mb, seconds, store,
    touches::Scale,
    world::{COMPANIES, Random, write},
};
use crate::{
    App, AppError, api,
    app::{
        Clock, View,
        passes::{Folders, Pass, ties_as_of},
        view::Record,
    },
};

/// Folder of the store, inside that of the files.
const STORE: &str = "scale";
/// Folder of what peers are compared with.
const ANSWERS: &str = "answers";
/// Pages opened for the percentiles, warm and cold.
const WARM_PAGES: u64 = 5_000;
const COLD_PAGES: u64 = 200;

/// What `bench/peers/run.py` needs to know beside the touches.
#[derive(Debug, Serialize, Deserialize)]
struct ForPeers {
    as_of_us: i64,
    window_start_us: i64,
    data: PathBuf,
    median_s: f64,
    peak_mb: f64,
}

/// Users, contacts and touches into a new store.
pub(super) async fn load(figures: &mut Vec<Figure>, folder: &Path, touches: u64, clock: &Clock) -> Result<(), AppError> {
    let scale = Scale::of(touches);
    let app = store(folder, STORE, clock, OURS).await?;
    let files = folder.join("scale-rows");
    write(&files.join("users.csv"), |out| {
        writeln!(out, "email,name,title,licence,roles,groups,manager,aliases")?;
        (0..scale.users).try_for_each(|user| writeln!(out, "user{user}@{OURS},User {user},,premium,Salesperson,,,"))
    })?;
    write(&files.join("crm").join("contacts.csv"), |out| {
        writeln!(out, "id,name,email,emails,account,title,owner")?;
        (0..scale.people).try_for_each(|person| {
            writeln!(out, "c{person},Person {person},{},,,,user{}@{OURS}", person_address(person), person % scale.users)
        })
    })?;
    app.import_users(&files.join("users.csv"), &consent()).await?;
    app.import_crm(&files.join("crm"), &consent(), &|_| {}).await?;
    app.enable_and_grant("generated world").await?;
    let users = (0..scale.users).map(|user| format!("user{user}@{OURS}"));
    let addresses = users.chain((0..scale.people).map(person_address)).collect();
    let started = clock();
    let fill = move |loader: &mut Loader| {
        for run in scale.runs() {
            for i in 0..run.touches.len() {
                loader.push_seen(run.subject, &run.touches.row(i), run.sources_of(i))?;
            }
        }
        Ok(())
    };
    // The world is about as large as asked for; the rest is room for chance, which matters in small ones.
    app.store().load_touches(app.org(), addresses, fill).await?;
    let taken_s = seconds(clock, started);
    let segments = decoding::segments(&folder.join(STORE))?;
    let rows = decoding::rows(&segments)?;
    figures.push(Figure::new("touches generated and written as segments", rows as f64 / taken_s, "touches/s", ""));
    figures.push(Figure::growing("touches of the world", rows as f64, "touches", ""));
    figures.push(Figure::growing("storage", decoding::bytes(&segments) as f64 / rows.max(1) as f64, "bytes/touch", "at most 20"));
    Ok(())
}

fn person_address(person: u64) -> String {
    format!("person{person}@company{}.example", person / 2 % COMPANIES)
}

/// Merely decoding the columns that the whole pass reads.
pub(super) fn decode(figures: &mut Vec<Figure>, folder: &Path, runs: u32, clock: &Clock) -> Result<(), AppError> {
    let segments = decoding::segments(&folder.join(STORE))?;
    let mut times_s = Vec::new();
    for _ in 0..runs {
        let started = clock();
        decoding::decode_all(&segments)?;
        times_s.push(seconds(clock, started));
    }
    figures.push(Figure::growing("merely decoding the columns", median(times_s), "s", ""));
    figures.push(Figure::growing("peak memory, merely decoding", peak_mb(), "MB", ""));
    Ok(())
}

/// KPIs, health and ties of everybody, from the files.
pub(super) async fn whole(figures: &mut Vec<Figure>, folder: &Path, runs: u32, clock: &Clock) -> Result<(), AppError> {
    let app = open(folder, clock).await?;
    let started = clock();
    let view = app.view().await?;
    figures.push(Figure::growing("directory loaded", seconds(clock, started), "s", ""));
    let mut times_s = Vec::new();
    for _ in 0..runs {
        let started = clock();
        let folded = fold_everything(&app, &view).await?;
        times_s.push(seconds(clock, started));
        if folded.records == 0 || folded.ties == 0 {
            return Err(AppError::invalid("the world has no ties or no records"));
        }
    }
    let figure = ForPeers {
        as_of_us: AS_OF.0,
        window_start_us: Window::default_at(view.context(AS_OF).calendar, AS_OF).start.0,
        data: segments_folder(folder)?,
        median_s: median(times_s),
        peak_mb: peak_mb(),
    };
    figures.push(Figure::growing("whole pass: KPIs, health, ties", figure.median_s, "s", "under 2.5 at 20 million touches"));
    figures.push(Figure::growing("peak memory, whole pass", figure.peak_mb, "MB", "under 1,000"));
    write(&folder.join(ANSWERS).join("world.json"), |out| Ok(serde_json::to_writer(out, &figure)?))
}

/// How many rows a whole pass came to.
struct Counts {
    records: usize,
    ties: usize,
}

/// The figures of every record that lists and exports rest on, its health, and all ties, from one pass over the store.
async fn fold_everything(app: &App, view: &Arc<View>) -> Result<Counts, AppError> {
    let window = Window::default_at(&view.calendar, AS_OF);
    let of_record = move |view: &View, _: &Record, scope: &RecordScope, folders: &mut Folders, touches: &Touches| {
        Box::new(folders.records.figures(&view.context(AS_OF), scope, touches, window))
    };
    let pass = Pass { keeps: Box::new(|_| true), of_record: Box::new(of_record), of_person: Some(ties_as_of(AS_OF)) };
    let passed = app.pass(view, pass).await?;
    Ok(Counts { records: passed.records.len(), ties: passed.people.iter().map(|(_, ties)| ties.len()).sum() })
}

/// What the whole pass answers, as tables that `bench/peers/run.py` compares.
pub(super) async fn answers(folder: &Path, clock: &Clock) -> Result<(), AppError> {
    let app = open(folder, clock).await?;
    let view = app.view().await?;
    let fold = |view: &View, _: &Record, scope: &RecordScope, folders: &mut Folders, touches: &Touches| {
        let context = view.context(AS_OF);
        let kpis = folders.kpis.fold(&context, scope, touches, &KpiQuery::default());
        let health = folders.health.figures(&context, scope, touches);
        scope.external.first().map(|subject| kpi_row(*subject, &kpis, &health))
    };
    let rows = app.fold_records(&view, |record| record.reference.table == Table::Contacts, fold).await?;
    let answers = folder.join(ANSWERS);
    write(&answers.join("kpis.csv"), |out| {
        writeln!(out, "{KPI_COLUMNS}")?;
        rows.iter().flatten().flatten().try_for_each(|row| writeln!(out, "{row}"))
    })?;
    let mut address_of_user = vec![0; view.directory.users.len()];
    for (entry, number) in view.directory.addresses.iter().zip(1_u32..) {
        if let Some(user) = entry.user {
            address_of_user[user.0 as usize - 1] = number;
        }
    }
    let ties = app.all_ties(&view, AS_OF).await?;
    write(&answers.join("ties.csv"), |out| {
        writeln!(
            out,
            "subject,address,strength,memory,engagement,activity,directness,mutuality,likelihood,interactions,emails,meetings,by_us,\
             active_days,first_us,last_us"
        )?;
        for (PersonId(subject), ties) in &ties {
            for tie in ties {
                let (user, tie) = (address_of_user[tie.user.0 as usize - 1], &tie.figures);
                write!(out, "{subject},{user},{},{},{},{},", tie.strength, tie.memory, tie.engagement, tie.activity)?;
                write!(out, "{},{},{},{},", tie.directness, tie.mutuality, tie.likelihood_30d, tie.interactions())?;
                write!(out, "{},{},{},{},", tie.emails, tie.meetings, tie.initiated_by_us, tie.active_days)?;
                writeln!(out, "{},{}", tie.first_at.0, tie.last_at.0)?;
            }
        }
        Ok(())
    })
}

const KPI_COLUMNS: &str = "subject,emails_sent,emails_received,meetings_sent,meetings_received,phone_calls_made,phone_calls_received,\
    us_min,them_min,colleagues,people,last_us,next_us,n_us,mean_us,p50_us,p90_us,unanswered_us,rate_us,\
    n_them,mean_them,p50_them,p90_them,unanswered_them,rate_them,active_days,memory,expectation,engagement,likelihood,score";

/// One line, empty where a figure is absent; nothing for whom nothing is known of.
fn kpi_row(AddressId(subject): AddressId, kpis: &Kpis, health: &HealthFigures) -> Option<String> {
    let at = |occurrence: &Option<rapport_insight::kpis::Occurrence>| occurrence.map(|one| one.at.0);
    let (last, next) = (at(&kpis.last_interaction), at(&kpis.next_interaction));
    if last.is_none() && next.is_none() {
        return None;
    }
    let counts = &kpis.counts;
    let mut cells = vec![subject.to_string()];
    cells.extend(
        [
            counts.emails_sent,
            counts.emails_received,
            counts.meetings_sent,
            counts.meetings_received,
            counts.phone_calls_made,
            counts.phone_calls_received,
        ]
        .map(|count| count.to_string()),
    );
    cells.extend([kpis.time_spent_by_us_min, kpis.time_spent_by_them_min].map(|minutes| minutes.to_string()));
    cells.extend([kpis.colleagues, kpis.people].map(|count| count.to_string()));
    cells.extend([last, next].map(cell));
    for (time, rate) in
        [(kpis.response_time_by_us, kpis.response_rate_by_us), (kpis.response_time_by_them, kpis.response_rate_by_them)]
    {
        let of = |figure: fn(ResponseTime) -> Option<f64>| cell(time.and_then(figure));
        cells.extend([cell(time.map(|time| time.n)), of(|time| time.mean_h), of(|time| time.p50_h), of(|time| time.p90_h)]);
        cells.extend([cell(time.map(|time| time.unanswered)), cell(rate)]);
    }
    let known = (health.active_days > 0).then_some(health);
    cells.extend([cell(known.map(|health| health.active_days)), cell(known.map(|health| health.memory))]);
    cells.extend([cell(known.map(|health| health.expectation)), cell(known.map(|health| health.engagement))]);
    cells.extend([cell(health.likelihood_30d), cell(health.score)]);
    Some(cells.join(","))
}

fn cell(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// Pages of anybody, and of people by their share of what happened, with all that was read before still in memory.
pub(super) async fn warm(figures: &mut Vec<Figure>, folder: &Path, touches: u64, clock: &Clock) -> Result<(), AppError> {
    let scale = Scale::of(touches);
    let requests = Requests { router: api::router(open(folder, clock).await?).await?, clock };
    figures.push(Figure::growing("first page of a process (loads the directory)", open_page(&requests, 0).await?, "ms", ""));
    let mut random = Random(7);
    let mut people: Vec<u64> = (0..WARM_PAGES).map(|_| random.below(scale.people)).collect();
    // Twice: the first time from wherever the files are.
    for person in &people {
        open_page(&requests, *person).await?;
    }
    random.shuffle(&mut people);
    let mut times_ms = Vec::new();
    for person in people {
        times_ms.push(open_page(&requests, person).await?);
    }
    percentiles(figures, "contact page, warm", times_ms, "under 10");
    grow(figures, "contact page, warm");
    figures.push(Figure::growing("peak memory, pages", peak_mb(), "MB", ""));
    Ok(())
}

/// Pages of anybody, before each of which the system is told to forget every file of the store. The directory is in memory, as in any
/// process that has served one page; what the database keeps of its own pages is as well.
pub(super) async fn cold(figures: &mut Vec<Figure>, folder: &Path, touches: u64, clock: &Clock) -> Result<(), AppError> {
    let scale = Scale::of(touches);
    let requests = Requests { router: api::router(open(folder, clock).await?).await?, clock };
    open_page(&requests, 0).await?;
    let files = decoding::files_of(&folder.join(STORE))?;
    let mut random = Random(8);
    let mut times_ms = Vec::new();
    for _ in 0..COLD_PAGES {
        files.iter().try_for_each(|file| forget(file))?;
        times_ms.push(open_page(&requests, random.below(scale.people)).await?);
    }
    percentiles(figures, "contact page, cold", times_ms, "under 50");
    grow(figures, "contact page, cold");
    Ok(())
}

fn grow(figures: &mut [Figure], name: &str) {
    for figure in figures.iter_mut().filter(|figure| figure.name.starts_with(name)) {
        figure.grows = true;
    }
}

async fn open_page(requests: &Requests<'_>, person: u64) -> Result<f64, AppError> {
    requests.open(&format!("contacts/c{person}/insights?as_of={}", AS_OF.to_rfc3339())).await
}

async fn open(folder: &Path, clock: &Clock) -> Result<App, AppError> {
    App::open(&folder.join(STORE), "default", clock.clone()).await
}

/// The folder that all segments lie in.
fn segments_folder(folder: &Path) -> Result<PathBuf, AppError> {
    let segments = decoding::segments(&folder.join(STORE))?;
    let first = segments.first().and_then(|file| file.parent()).ok_or_else(|| AppError::invalid("the world has no segments"))?;
    if segments.iter().any(|file| file.parent() != Some(first)) {
        return Err(AppError::invalid("segments of the world lie in several folders"));
    }
    first.canonicalize().map_err(|error| AppError::invalid(error.to_string()))
}

/// Asks the system to forget a file; coreutils' `dd` has the call (`posix_fadvise`) that the language has not.
fn forget(file: &Path) -> Result<(), AppError> {
    let done = std::process::Command::new("dd")
        .arg(format!("if={}", file.display()))
        .args(["iflag=nocache", "count=0", "status=none"])
        .status();
    if done.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(AppError::invalid(format!("`dd` did not make the system forget `{}`", file.display())))
}
