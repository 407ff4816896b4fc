//! Segments: no answer changes when touches move into them, and nothing that is wrong with a file goes unnoticed.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use rapport_domain::{Kind, OrgId, Sighting, Touches};
use rapport_store::{
    Organization, SegmentSettings, SegmentStorage, Step, Store, Visibility,
    ledger::{Erasure, Mailboxes},
};

use crate::world::{ACTOR, World, everything, in_crm, in_mailbox, mail, moment, ours, seen};

const ANN: &str = "ann@us.example";
const CARLA: &str = "carla@acme.example";

/// Nothing is sealed but by `seal_all`.
fn by_hand() -> SegmentSettings {
    SegmentSettings { seal_at: u64::MAX, direct_at: u64::MAX, upload_at: u64::MAX, fan_out: 100, segment_max: 7 }
}

/// Mails of `count` minutes with a handful of people, a batch each ten.
async fn fill(world: &World, organization: &Organization, minutes: std::ops::Range<i64>) {
    let mut appender = world.appender(organization);
    let mails: Vec<Sighting> = minutes
        .map(|i| {
            let other = format!("p{}@acme.example", i % 5);
            in_mailbox(mail(i, &[ANN, CARLA, &other], &format!("m{i}@x"), &[]), ANN)
        })
        .collect();
    for batch in mails.chunks(10) {
        appender.append(batch.to_vec(), &[]).await.unwrap();
    }
}

/// What one pass over everything shows, subject by subject.
async fn scanned(store: &Store, org: OrgId, visibility: &Visibility) -> BTreeMap<i64, Touches> {
    let bounds = store.subject_bounds(org).await.unwrap();
    let mut runs = BTreeMap::new();
    let mut last = None;
    let visit = |subject: i64, touches: &Touches| {
        assert!(last.replace(subject) < Some(subject), "subjects ascend");
        if !touches.is_empty() {
            runs.insert(subject, touches.clone());
        }
    };
    store.scan(org, bounds, visibility, visit).await.unwrap();
    runs
}

/// Segments are decoded by each pass.
fn never_decoded(_: &Path) -> SegmentStorage {
    SegmentStorage { memory_max_bytes: 0, ..SegmentStorage::default() }
}

/// Segments are decoded once.
fn kept_decoded(_: &Path) -> SegmentStorage {
    SegmentStorage::default()
}

#[tokio::test]
async fn answers_are_the_same_before_and_after_sealing_and_merging() {
    answers_are_the_same(never_decoded).await;
    answers_are_the_same(kept_decoded).await;
}

async fn answers_are_the_same(storage: fn(&Path) -> SegmentStorage) {
    let world = World::kept_in(by_hand(), storage).await;
    let organization = world.organization().await;
    let hidden = Visibility { mailboxes: Mailboxes::None, ..Visibility::default() };
    for round in 0..3 {
        fill(&world, &organization, round * 30..round * 30 + 40).await;
        // A version that moves, one that stays where it is, one that goes, and a copy in the CRM.
        let mut appender = world.appender(&organization);
        let call = in_crm(seen(Kind::PhoneCall, round, &[ANN, CARLA]), &format!("act-{round}"));
        appender.append(vec![call.clone(), in_crm(mail(round, &[ANN, CARLA], "m1@x", &[]), "")], &[]).await.unwrap();
        appender.append(vec![Sighting { occurred_at: moment(500 + round), ..call }], &[]).await.unwrap();
        appender.append(Vec::new(), &[format!("act-{}", round - 1)]).await.unwrap();
        let before = (world.runs(&organization, &everything()).await, world.runs(&organization, &hidden).await);
        let sealed = world.store.seal_all(organization.id).await.unwrap();
        assert!(sealed.sealed > 0);
        let after = (world.runs(&organization, &everything()).await, world.runs(&organization, &hidden).await);
        assert_eq!(before, after, "round {round}");
        assert!(!before.0.is_empty() && !before.1.is_empty());
        let (stand, wanted) = world.store.compare_touches(&organization, &ours()).await.unwrap();
        assert_eq!(stand, wanted);
        let check = world.store.check_segments(organization.id).await.unwrap();
        assert_eq!((check.touches, check.problems), (stand.touches, Vec::new()), "each touch once");
        assert!(check.segments > 1, "a run is cut into several files");
    }
    for visibility in [everything(), hidden] {
        let all = scanned(&world.store, organization.id, &everything()).await;
        let subjects: Vec<i64> = all.into_keys().collect();
        let mut seen = 0;
        let visit = |_: i64, touches: &Touches| seen += touches.len();
        world.store.scan_some(organization.id, &subjects, &visibility, visit).await.unwrap();
        let pass = scanned(&world.store, organization.id, &visibility).await;
        assert_eq!(pass.values().map(Touches::len).sum::<usize>(), seen);
        for (subject, touches) in pass {
            let run = world.store.runs_of(organization.id, &[subject], &visibility).await.unwrap();
            assert_eq!(run, touches, "a pass sees what a page sees");
        }
    }
}

#[tokio::test]
async fn a_pass_over_some_shows_their_runs_and_nobody_else_s() {
    let mut spared_in_each = Vec::new();
    // Files of less than a page, and of several.
    for (segment_max, storage) in
        [(5_000, never_decoded as fn(&Path) -> SegmentStorage), (1 << 20, never_decoded), (1 << 20, kept_decoded)]
    {
        let world = World::kept_in(SegmentSettings { segment_max, ..by_hand() }, storage).await;
        let organization = world.organization().await;
        // One run is longer than a page, the others are short; what is newest lies in the tail.
        let spread = |round: i64| {
            let mail = |i: i64| {
                mail(round * 10_000 + i, &[ANN, CARLA, &format!("p{}@acme.example", i % 6_000)], &format!("{round} {i}@x"), &[])
            };
            (0..if round == 0 { 9_000 } else { 3_000 }).map(mail).map(|mail| in_mailbox(mail, ANN)).collect::<Vec<_>>()
        };
        let mut appender = world.appender(&organization);
        appender.append(spread(0), &[]).await.unwrap();
        assert!(world.store.seal_all(organization.id).await.unwrap().sealed >= 18_000);
        appender.append(spread(1), &[]).await.unwrap();
        let all = scanned(&world.store, organization.id, &everything()).await;
        assert!(all.values().any(|touches| touches.len() == 12_000) && all.len() > 6_000, "{} runs", all.len());
        let subjects: Vec<i64> = all.keys().copied().collect();
        // Many are read on the way, fewer are looked up, in several steps or in one; also whom nobody knows.
        for every in [1, 3, 9, 60, 1_900] {
            for first in 0..3 {
                let mut wanted: Vec<i64> = subjects.iter().copied().skip(first).step_by(every).collect();
                wanted.push(subjects[subjects.len() - 1] + 5);
                let mut some = BTreeMap::new();
                let visit = |subject: i64, touches: &Touches| {
                    assert!(some.insert(subject, touches.clone()).is_none(), "once each");
                };
                world.store.scan_some(organization.id, &wanted, &everything(), visit).await.unwrap();
                let theirs = all.clone().into_iter().filter(|(subject, _)| wanted.contains(subject));
                let theirs: BTreeMap<i64, Touches> = theirs.collect();
                assert!(some == theirs && !theirs.is_empty(), "one in {every} from {first}");
                for (subject, touches) in theirs.into_iter().take(3) {
                    assert_eq!(world.store.runs_of(organization.id, &[subject], &everything()).await.unwrap(), touches);
                }
            }
        }
        world.store.scan_some(organization.id, &[], &everything(), |_, _| unreachable!("of nobody")).await.unwrap();
        let carla = world.address(&organization, CARLA).await.unwrap();
        let spared = Visibility { spared: std::iter::once(carla.0).collect(), ..everything() };
        let carla = i64::from(carla.0);
        let page = world.store.runs_of(organization.id, &[carla], &spared).await.unwrap();
        let pass = scanned(&world.store, organization.id, &spared).await;
        assert!(pass.get(&carla) == Some(&page) && page != all[&carla]);
        spared_in_each.push(pass);
    }
    assert!(spared_in_each.iter().all(|runs| *runs == spared_in_each[0]), "whoever is spared is so in every way of reading");
}

#[tokio::test]
async fn message_ids_decide_between_equal_moments_in_segments_too() {
    let world = World::in_segments().await;
    let organization = world.organization().await;
    let mails = ["b@x", "a@x"].map(|id| mail(5, &[ANN, CARLA], id, &[])).to_vec();
    world.appender(&organization).append(mails, &[]).await.unwrap();
    world.appender(&organization).append(vec![mail(6, &[ANN, CARLA], "c@x", &[])], &[]).await.unwrap();
    let run = world.run(&organization, CARLA, &everything()).await;
    let ids: Vec<&[u8]> = (0..3).map(|i| run.message_id_of(i)).collect();
    assert_eq!(ids[..2], [b"b@x", b"a@x"], "read, because they are of one moment");
    assert_ne!(ids[2], b"c@x", "not read, because it decides nothing");
    assert_eq!(scanned(&world.store, organization.id, &everything()).await.into_values().next_back(), Some(run));
}

#[tokio::test]
async fn a_file_that_was_changed_is_noticed_and_made_anew() {
    let world = World::in_segments().await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..40).await;
    let runs = world.runs(&organization, &everything()).await;
    let folder = world.store.segments_folder(organization.id);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    // A byte in the middle of one file; another is gone.
    let mut bytes = fs::read(&files[0]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&files[0], bytes).unwrap();
    fs::remove_file(&files[1]).unwrap();
    let store = Store::open(world.folder.path()).await.unwrap();
    let problems = store.check_segments(organization.id).await.unwrap().problems;
    assert_eq!(problems.len(), 2, "{problems:?}");
    for file in &files[..2] {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let named = problems.iter().find(|problem| problem.contains(&name)).expect("the problem names its file");
        assert!(named.contains("rapport rebuild"), "{named}");
    }
    let error = store.runs_of(organization.id, &[1, 2, 3, 4, 5, 6, 7], &everything()).await.unwrap_err();
    assert!(error.to_string().contains("rapport rebuild"), "{error}");
    store.rebuild(&organization, &ours(), |_, _| {}).await.unwrap();
    assert_eq!(world.runs(&organization, &everything()).await, runs);
    assert!(store.check_segments(organization.id).await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn files_that_nothing_names_go_when_the_store_is_opened() {
    let world = World::in_segments().await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..20).await;
    let runs = world.runs(&organization, &everything()).await;
    let stray = world.store.segments_folder(organization.id).join("999999.parquet");
    fs::write(&stray, b"of a process that died").unwrap();
    drop(Store::open(world.folder.path()).await.unwrap());
    assert!(!stray.exists());
    assert_eq!(world.runs(&organization, &everything()).await, runs);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_no_half_state_while_segments_are_sealed_and_merged() {
    let world = World::with(SegmentSettings { seal_at: 20, direct_at: 60, upload_at: 60, fan_out: 2, segment_max: 50 }).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..30).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let (store, org, over) = (world.store.clone(), organization.id, is_over.clone());
    let reader = tokio::spawn(async move {
        let (mut most, mut looks) = (0, 0);
        while !over.load(Ordering::Relaxed) || looks == 0 {
            let seen = scanned(&store, org, &everything()).await;
            let touches: usize = seen.values().map(Touches::len).sum();
            // Two subjects a mail, batches of ten mails: never half of one, never one twice.
            assert!(touches.is_multiple_of(2) && touches >= most, "{touches} after {most}");
            assert!(seen.values().all(|run| run.at_us.is_sorted()));
            (most, looks) = (touches, looks + 1);
        }
        most
    });
    for round in 1..12 {
        fill(&world, &organization, round * 30..round * 30 + 30).await;
        world.store.tidy(organization.id).await.unwrap();
    }
    is_over.store(true, Ordering::Relaxed);
    assert!(reader.await.unwrap() > 0);
    let all = scanned(&world.store, organization.id, &everything()).await;
    assert_eq!(all.values().map(Touches::len).sum::<usize>(), 12 * 30 * 2);
    let files = fs::read_dir(world.store.segments_folder(organization.id)).unwrap().count() as u64;
    assert_eq!(files, world.store.check_segments(organization.id).await.unwrap().segments, "what was merged is deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_during_a_merge_leaves_nothing() {
    let world = World::in_segments().await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..40).await;
    let id = world.address(&organization, CARLA).await.unwrap();
    // The merge has written its files and has not registered them, when the person is erased.
    let (store, org) = (world.store.clone(), organization.clone());
    let erased = Arc::new(Mutex::new(None));
    let (told, handle) = (erased.clone(), tokio::runtime::Handle::current());
    let merging = world.store.clone().told_steps(Arc::new(move |step| {
        let mut erased = told.lock().unwrap();
        if step == Step::Written && erased.is_none() {
            let erasure = Erasure { keys: vec![CARLA.to_owned()], ..Erasure::default() };
            *erased = Some(handle.block_on(store.erase(&org, &ours(), &erasure, ACTOR, moment(0))).unwrap());
        }
    }));
    merging.seal_all(organization.id).await.unwrap();
    assert_eq!(erased.lock().unwrap().unwrap().addresses, 1);
    let rows = scanned(&world.store, organization.id, &everything()).await;
    assert!(!rows.is_empty() && !rows.contains_key(&i64::from(id.0)));
    assert!(rows.values().all(|run| run.participants.iter().all(|seen| seen.address != id)));
    let check = world.store.check_segments(organization.id).await.unwrap();
    assert_eq!(check.problems, Vec::<String>::new(), "no file but those that hold");
    let files = fs::read_dir(world.store.segments_folder(organization.id)).unwrap().count() as u64;
    assert_eq!(files, check.segments);
}

#[tokio::test]
async fn a_version_that_waits_in_the_tail_holds_whatever_was_imported_and_merged_meanwhile() {
    let world =
        World::with(SegmentSettings { seal_at: u64::MAX, direct_at: 10, upload_at: 10, fan_out: 2, segment_max: 50 }).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..10).await;
    // A copy in another mailbox: the same subject and moment, so that it supersedes by being newer. It stays in the tail.
    let copy = in_mailbox(mail(3, &[ANN, CARLA], "m3@x", &[]), "bob@us.example");
    world.appender(&organization).append(vec![copy], &[]).await.unwrap();
    // Batches that become segments at once, and merge with the one that has the first version.
    fill(&world, &organization, 100..140).await;
    assert!(world.store.tidy(organization.id).await.unwrap().merged > 1);
    let before = world.runs(&organization, &everything()).await;
    assert!(world.store.seal_all(organization.id).await.unwrap().sealed > 0);
    assert_eq!(world.runs(&organization, &everything()).await, before);
    let (stand, wanted) = world.store.compare_touches(&organization, &ours()).await.unwrap();
    assert_eq!(stand, wanted);
    let bob = Visibility {
        mailboxes: Mailboxes::Only(
            [i64::from(world.address(&organization, "bob@us.example").await.unwrap().0)].into_iter().collect(),
        ),
        ..Visibility::default()
    };
    assert_eq!(world.run(&organization, CARLA, &bob).await.len(), 1, "the copy is seen");
    // And the tail is counted as what it is: nothing.
    assert_eq!(world.store.tidy(organization.id).await.unwrap(), rapport_store::ledger::Tidied::default());
}
