//! `kill -9` at every step of sealing, merging, importing and erasing: another process does it, dies there, and this one looks at what is left.
//!
//! With segments in the data folder alone, and in object storage, of which the cache is lost each time.
//!
//! A program of its own, because it starts itself again as the process that dies.

#![allow(clippy::print_stdout, reason = "the list of tests is what the runner reads")]

use std::{
    path::Path,
    process::{Command, ExitCode},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

#[path = "it/world.rs"]
#[allow(dead_code, reason = "shared with the other tests")]
mod world;

use rapport_domain::{Kind, Sighting};
use rapport_store::{Organization, SegmentSettings, SegmentStorage, Store, ledger::Erasure};
use world::{ACTOR, BUCKET, World, everything, in_bucket, in_crm, in_mailbox, mail, moment, ours, seen};

const TEST: &str = "the_store_answers_the_same_whenever_a_process_dies";
const PEOPLE: [&str; 3] = ["ann@us.example", "carla@acme.example", "dan@elm.example"];
/// Steps of one task at most: more would mean that it never ends.
const STEPS_MAX: u32 = 500;

/// Small files, and as many levels as possible.
const SETTINGS: SegmentSettings = SegmentSettings { seal_at: 8, direct_at: 20, upload_at: 20, fan_out: 2, segment_max: 9 };

/// What the process that dies is about.
const TASKS: [&str; 4] = ["seal", "tidy", "import", "erase"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match words[..] {
        ["die", task, step, folder] => runtime.block_on(die(task, step.parse().unwrap(), Path::new(folder))),
        _ if words.contains(&"--list") => {
            if !words.contains(&"--ignored") {
                println!("{TEST}: test");
            }
        }
        _ => {
            for storage in [in_folder, lost_cache] {
                runtime.block_on(every_step(storage));
            }
            println!("test {TEST} ... ok");
        }
    }
    ExitCode::SUCCESS
}

/// Segments lie in the data folder.
fn in_folder(_: &Path) -> SegmentStorage {
    SegmentStorage::default()
}

/// They lie in object storage, and the cache has no room.
fn lost_cache(folder: &Path) -> SegmentStorage {
    in_bucket(folder, 0)
}

/// Where a store that was copied keeps its segments.
fn storage_of(folder: &Path) -> SegmentStorage {
    if folder.join(BUCKET).is_dir() { lost_cache(folder) } else { in_folder(folder) }
}

/// Nothing is left of the cache but its locks.
fn lose_cache(folder: &Path, organization: &Organization) {
    if folder.join(BUCKET).is_dir() {
        _ = std::fs::remove_dir_all(folder.join("segments").join(organization.id.0.to_string()));
    }
}

fn batch(minutes: std::ops::Range<i64>) -> Vec<Sighting> {
    minutes.map(|i| in_mailbox(mail(i, &PEOPLE, &format!("m{i}@x"), &[]), PEOPLE[0])).collect()
}

/// An organization with a tail, segments of several levels, touches that moved and touches that went.
async fn template(storage: fn(&Path) -> SegmentStorage) -> (World, Organization) {
    let world = World::kept_in(SETTINGS, storage).await;
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    for round in 0..4 {
        appender.append(batch(round * 12..round * 12 + 14), &[]).await.unwrap();
        let call = in_crm(seen(Kind::PhoneCall, round, &PEOPLE[..2]), &format!("act-{round}"));
        appender.append(vec![call.clone()], &[]).await.unwrap();
        appender.append(vec![Sighting { occurred_at: moment(500 + round), ..call }], &[]).await.unwrap();
        appender.append(batch(round * 5..round * 5 + 2), &[format!("act-{}", round - 1)]).await.unwrap();
    }
    appender.append(batch(100..103), &[]).await.unwrap();
    (world, organization)
}

/// Does a task in a folder and dies at its step of this number.
async fn die(task: &str, step: u32, folder: &Path) {
    let steps = AtomicU32::new(0);
    let count = move |_| {
        if steps.fetch_add(1, Ordering::Relaxed) == step {
            std::process::abort();
        }
    };
    let store = Store::open_with(folder, storage_of(folder)).await.unwrap();
    let store = store.with_segments(SETTINGS).told_steps(Arc::new(count));
    perform(task, &store).await;
}

async fn perform(task: &str, store: &Store) {
    let organization = store.organization("org 0").await.unwrap();
    match task {
        "seal" => _ = store.seal_all(organization.id).await.unwrap(),
        "tidy" => _ = store.tidy(organization.id).await.unwrap(),
        "import" => {
            let mut appender = rapport_store::Appender::new(store, &organization, ours(), true);
            appender.append(batch(200..215), &[]).await.unwrap();
        }
        _ => {
            let erasure = Erasure { keys: vec![PEOPLE[1].to_owned()], ..Erasure::default() };
            store.erase(&organization, &ours(), &erasure, ACTOR, moment(0)).await.unwrap();
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

async fn every_step(storage: fn(&Path) -> SegmentStorage) {
    let (template, organization) = template(storage).await;
    let before = template.runs(&organization, &everything()).await;
    for task in TASKS {
        // What it comes to if nobody dies.
        let done = copy_of(&template).await;
        perform(task, &done.store).await;
        let after = done.runs(&organization, &everything()).await;
        assert_eq!(before == after, matches!(task, "seal" | "tidy"), "{task}");
        let mut step = 0;
        loop {
            assert!(step < STEPS_MAX, "{task} does not end");
            let world = copy_of(&template).await;
            let folder = world.folder.path().to_owned();
            let program = std::env::current_exe().unwrap();
            let arguments = ["die", task, &step.to_string(), folder.to_str().unwrap()].map(str::to_owned);
            let left = Command::new(program).args(arguments).stderr(std::process::Stdio::null()).status().unwrap();
            lose_cache(&folder, &organization);
            let world = World { store: opened(&folder).await, ..world };
            let runs = world.runs(&organization, &everything()).await;
            assert!(runs == before || runs == after, "{task}, dead at step {step}: neither what was nor what is to be");
            assert_sound(&world, &organization, &format!("{task}, dead at step {step}")).await;
            // Whoever comes next takes it from there.
            perform(task, &world.store).await;
            assert!(world.runs(&organization, &everything()).await == after, "{task}, dead at step {step}, then done");
            assert_sound(&world, &organization, &format!("{task}, dead at step {step}, then done")).await;
            if left.success() {
                break;
            }
            step += 1;
        }
        assert!(step >= 3, "{task} has {step} steps");
        println!("{task}: {step} steps");
    }
}

async fn copy_of(template: &World) -> World {
    let folder = tempfile::tempdir().unwrap();
    copy(template.folder.path(), folder.path());
    // The copy is another place.
    let database = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join(rapport_store::STORE_FILE));
    let pool = sqlx::SqlitePool::connect_with(database).await.unwrap();
    let url = storage_of(folder.path()).place.map_or(String::new(), |place| place.url().to_owned());
    sqlx::query("UPDATE organizations SET segments_at = ?").bind(url).execute(&pool).await.unwrap();
    pool.close().await;
    let store = opened(folder.path()).await;
    World { folder, store, organizations: AtomicU32::new(1) }
}

async fn opened(folder: &Path) -> Store {
    Store::open_with(folder, storage_of(folder)).await.unwrap().with_segments(SETTINGS)
}

/// Touches are what the sightings say, every file is as it was written, and there is none that nothing names.
async fn assert_sound(world: &World, organization: &Organization, when: &str) {
    let (stand, wanted) = world.store.compare_touches(organization, &ours()).await.unwrap();
    assert_eq!(stand, wanted, "{when}");
    let check = world.store.check_segments(organization.id).await.unwrap();
    assert_eq!(check.problems, Vec::<String>::new(), "{when}");
    if let Ok(objects) = std::fs::read_dir(world.folder.path().join(BUCKET).join(organization.id.0.to_string())) {
        let objects = objects.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains(".parquet"));
        assert_eq!(objects.count() as u64, check.segments, "{when}");
    }
}
