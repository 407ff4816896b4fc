//! From a commit of capture to the row of a list: what a reader waits for while mail keeps coming in.
//!
//! `cargo bench -p rapport-server --bench refresh -- CONTACTS EMAILS COMMITS_PER_S SECONDS SIGHTINGS_MAX`, the last of one commit,
//! which has about half of them on average. Part of no other benchmark and no test. First commits alone, then commits while a reader asks
//! for the first page of the contacts, newest interaction first, as fast as it is answered.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]

mod measure;

use std::{
    collections::VecDeque,
    fmt::Write as _,
    fs,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rapport_domain::{Address, Attendance, Kind, Marks, Moment, Role, Sighting, Source, Table, Who, time::DAY_US};
use rapport_server::{
    App,
    app::{
        Init,
        import::ImportOptions,
        lists::query::{ListFilter, ListQuery},
    },
};
use rapport_store::{Appender, ledger::OursRule};
use tokio::sync::watch;

use self::measure::{cpu_s, instant, memory_mb, numbers, words};

/// As the server has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Colleagues whose mailboxes are read.
const USERS: u64 = 200;
/// Contacts of one account.
const CONTACTS_PER_ACCOUNT: u64 = 40;
/// One sighting in so many is of somebody who was never seen.
const STRANGERS: u64 = 50;
/// splitmix64, as the generated worlds use it.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}

#[allow(clippy::disallowed_methods, reason = "a benchmark runs by the real clock")]
fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Moment(i64::try_from(since.expect("after 1970").as_micros()).expect("a moment"))
}

fn main() {
    let numbers = numbers(&words());
    let of = |i: usize, usual| numbers.get(i).copied().unwrap_or(usual);
    let size = (of(0, 100_000), of(1, 1_000_000));
    let (commits_per_s, seconds, sightings_max) = (of(2, 200), of(3, 60), of(4, 20));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let app = world(folder.path(), size).await;
        let began = instant();
        app.list_table().await.expect("lists");
        println!("view and lists made anew in {:.2} s; memory {} MB", began.elapsed().as_secs_f64(), memory_mb("VmRSS:"));
        let load = (commits_per_s, sightings_max);
        measure(&app, size.0, load, seconds.min(20), false).await;
        // Whoever reads finds lists that were up to date when the load began.
        app.list_table().await.expect("lists");
        measure(&app, size.0, load, seconds, true).await;
        println!(
            "peak memory {} MB; load average {}",
            memory_mb("VmHWM:"),
            fs::read_to_string("/proc/loadavg").unwrap_or_default().trim()
        );
    });
}

fn contact(number: u64) -> String {
    format!("person{number}@company{}.example", number / CONTACTS_PER_ACCOUNT)
}

/// An organization with contacts, their accounts and a year of mail.
async fn world(folder: &Path, (contacts, emails): (u64, u64)) -> App {
    let init = Init { organization: "default".to_owned(), internal_domains: vec!["us.example".to_owned()], time_zone: None };
    let (app, _) = App::init(&folder.join("data"), &init, Arc::new(now)).await.expect("a store");
    let write = |name: &str, text: String| fs::write(folder.join(name), text).expect("a file");
    let mut text = "email,name\n".to_owned();
    (0..USERS).for_each(|user| _ = writeln!(text, "user{user}@us.example,User {user}"));
    write("users.csv", text);
    let mut text = "id,name\n".to_owned();
    (0..=contacts / CONTACTS_PER_ACCOUNT).for_each(|account| _ = writeln!(text, "a{account},Company {account}"));
    write("accounts.csv", text);
    let mut text = "id,name,email,account,owner\n".to_owned();
    for number in 0..contacts {
        let (account, owner) = (number / CONTACTS_PER_ACCOUNT, number % USERS);
        _ = writeln!(text, "c{number},Person {number},{},a{account},user{owner}@us.example", contact(number));
    }
    write("contacts.csv", text);
    let (mut random, until) = (Random(1), now().0);
    let mut text = "occurred_at,kind,from,to,message_id,conversation_id,source,mailbox\n".to_owned();
    for number in 0..emails {
        let who = contact(random.below(contacts));
        let user = format!("user{}@us.example", random.below(USERS));
        let at = Moment(until - DAY_US / 24 - random.below(360 * DAY_US as u64) as i64).to_rfc3339();
        let (from, to) = if random.below(3) == 0 { (&user, &who) } else { (&who, &user) };
        _ = writeln!(text, "{at},email,{from},{to},<m{number}@x.example>,k{},mailbox,{user}", number / 3);
    }
    write("interactions.csv", text);
    let options = ImportOptions { consent: Some("generated".to_owned()), ..ImportOptions::default() };
    app.import_users(&folder.join("users.csv"), &options).await.expect("users");
    app.import_records(Table::Accounts, &folder.join("accounts.csv"), &options).await.expect("accounts");
    app.import_records(Table::Contacts, &folder.join("contacts.csv"), &options).await.expect("contacts");
    let report = app.import_interactions(&folder.join("interactions.csv"), &options, &|_| {}).await.expect("mail");
    println!("{contacts} contacts, {} emails", report.kept);
    app
}

fn email(random: &mut Random, contacts: u64, at: Moment, number: u64) -> Sighting {
    let stranger = random.below(STRANGERS) == 0;
    let who = if stranger { format!("stranger{number}@elsewhere.example") } else { contact(random.below(contacts)) };
    let user = format!("user{}@us.example", random.below(USERS));
    let address = |text: &str| Address::parse(text).expect("an address");
    let attendance = |text: &str, role| Attendance { who: Who::Address(address(text)), role, name: Some("Some Body".to_owned()) };
    Sighting {
        kind: Kind::Email,
        occurred_at: at,
        state: None,
        duration_s: None,
        participants: vec![attendance(&who, Role::From), attendance(&user, Role::To)],
        message_id: Some(format!("<new{number}@x.example>")),
        occurrence: None,
        conversation_id: Some(format!("new{}", number / 3)),
        ancestors: Vec::new(),
        subject: None,
        regarding: None,
        source: Source::Mailbox,
        mailbox: Some(address(&user)),
        activity_id: None,
        marks: Marks::default(),
    }
}

/// A commit that no reader has seen yet: its facts version, when it was committed, and a moment that its contact's row must show.
struct Waiting {
    version: i64,
    at: Instant,
    contact: String,
    last_at_us: i64,
}

async fn measure(app: &App, contacts: u64, (commits_per_s, sightings_max): (u64, u64), seconds: u64, is_read: bool) {
    let waiting: Arc<Mutex<VecDeque<Waiting>>> = Arc::default();
    let is_over = Arc::new(AtomicBool::new(false));
    let (stop, stopping) = watch::channel(false);
    let keeper = is_read.then(|| tokio::spawn(app.clone().keep_lists(stopping)));
    let reader = is_read.then(|| tokio::spawn(read(app.clone(), waiting.clone(), is_over.clone())));
    let ours = OursRule { domains: std::iter::once("us.example".to_owned()).collect(), ..OursRule::default() };
    let mut appender = Appender::new(app.store(), app.organization(), ours, false);
    let (mut random, began, cpu_before) = (Random(now().0 as u64), instant(), cpu_s());
    let (mut every, mut times_ms, mut sightings) =
        (tokio::time::interval(Duration::from_micros(1_000_000 / commits_per_s)), Vec::new(), 0);
    while began.elapsed().as_secs() < seconds {
        every.tick().await;
        let at = now();
        let batch: Vec<Sighting> = (0..=random.below(sightings_max))
            .map(|_| {
                let number = random.below(1 << 60);
                email(&mut random, contacts, at, number)
            })
            .collect();
        sightings += batch.len();
        let is_contact = |sighting: &&Sighting| sighting.participants[0].who.key().starts_with("person");
        let contact = batch.iter().find(is_contact).map(|sighting| sighting.participants[0].who.key().to_string());
        let started = instant();
        appender.append(batch, &[]).await.expect("a commit");
        times_ms.push(started.elapsed().as_secs_f64() * 1e3);
        let version = app.store().facts_version(app.organization().id).await.expect("a version");
        app.announce(version);
        if let (true, Some(contact)) = (is_read, contact) {
            let commit = Waiting { version, at: instant(), contact, last_at_us: at.0 };
            waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back(commit);
        }
    }
    let (wall_s, used_s) = (began.elapsed().as_secs_f64(), cpu_s() - cpu_before);
    let commits = times_ms.len();
    println!(
        "{} {commits} commits, {sightings} sightings in {wall_s:.1} s = {:.0} commits/s; processor {used_s:.1} s = {:.0} % of one core; a commit p50 {:.1} ms, p99 {:.1} ms",
        if is_read { "with a reader:" } else { "commits alone:" },
        commits as f64 / wall_s,
        100.0 * used_s / wall_s,
        percentile(&mut times_ms, 0.5),
        percentile(&mut times_ms, 0.99)
    );
    is_over.store(true, Ordering::SeqCst);
    if let Some(reader) = reader {
        let (mut rows_ms, mut pages_ms) = reader.await.expect("a reader");
        println!(
            "{} commits seen; commit to row p50 {:.0} ms, p99 {:.0} ms, longest {:.0} ms",
            rows_ms.len(),
            percentile(&mut rows_ms, 0.5),
            percentile(&mut rows_ms, 0.99),
            percentile(&mut rows_ms, 1.0)
        );
        println!(
            "{} pages; a page p50 {:.0} ms, p99 {:.0} ms; memory {} MB",
            pages_ms.len(),
            percentile(&mut pages_ms, 0.5),
            percentile(&mut pages_ms, 0.99),
            memory_mb("VmRSS:")
        );
    }
    stop.send_replace(true);
    if let Some(keeper) = keeper {
        keeper.await.expect("the end");
    }
}

/// Asks for the row of the newest commit until everything was seen: times from commit to row, and of pages, in milliseconds.
async fn read(app: App, waiting: Arc<Mutex<VecDeque<Waiting>>>, is_over: Arc<AtomicBool>) -> (Vec<f64>, Vec<f64>) {
    let (mut rows_ms, mut pages_ms) = (Vec::new(), Vec::new());
    loop {
        let newest = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .back()
            .map(|commit| (commit.contact.clone(), commit.last_at_us));
        let Some((contact, last_at_us)) = newest else {
            if is_over.load(Ordering::SeqCst) {
                return (rows_ms, pages_ms);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        };
        let started = instant();
        let filter = ListFilter { search: Some(contact), ..ListFilter::default() };
        let query = ListQuery { filter, sort: "last_at".to_owned(), descending: true, offset: 0, limit: 50 };
        let page = app.list(Table::Contacts, query).await.expect("a page");
        let seen = instant();
        pages_ms.push((seen - started).as_secs_f64() * 1e3);
        assert!(
            page.rows.iter().any(|row| row.last_at >= Some(last_at_us)),
            "the row shows what was committed before it was asked for"
        );
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(commit) = waiting.front().filter(|commit| commit.version <= page.version.facts_version) {
            rows_ms.push((seen - commit.at).as_secs_f64() * 1e3);
            waiting.pop_front();
        }
    }
}

fn percentile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
}
