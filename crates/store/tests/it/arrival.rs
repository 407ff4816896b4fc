//! The order in which copies arrive, and how they are cut into batches, decides nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use rapport_domain::{ActivityState, Kind, Sighting};
use rapport_store::{Organization, SegmentSettings};

use crate::world::{World, everything, in_crm, in_mailbox, mail, ours, regarding, seen};

/// Sets of sightings that are tried. Each costs some transactions.
const CASES: u32 = 64;

const PEOPLE: [&str; 6] =
    ["ann@us.example", "bob@us.example", "carla@acme.example", "dan@acme.example", "eve@elm.example", "contact:con-1"];
const IDS: [&str; 5] = ["a@x", "b@x", "c@x", "d@x", "never-seen@x"];

/// A sighting from small pools, so that identities, conversations and sources often meet.
fn sighting() -> impl Strategy<Value = Sighting> {
    let kind = prop::sample::select(vec![Kind::Email, Kind::Email, Kind::Email, Kind::Meeting, Kind::PhoneCall]);
    let people = prop::sample::subsequence(PEOPLE.to_vec(), 1..=4).prop_shuffle();
    let of = |pool: &[&'static str]| prop::option::weighted(0.5, prop::sample::select(pool.to_vec()));
    let texts =
        (of(&IDS[..4]), prop::sample::subsequence(IDS.to_vec(), 0..=2), of(&["v1", "v2"]), of(&["Quote", "Re: Quote", "Lunch"]));
    let state = prop::option::weighted(
        0.3,
        prop::sample::select(vec![ActivityState::Scheduled, ActivityState::Completed, ActivityState::Cancelled]),
    );
    let source = prop::sample::select(vec!["", "", "crm", "ann@us.example", "bob@us.example"]);
    let rest = (state, prop::option::of(0..3_u32), of(&["opportunities/o1"]), source);
    (kind, 0..4_i64, people, texts, rest).prop_map(
        |(kind, minutes, people, (message_id, ancestors, conversation_id, subject), (state, duration_s, record, source))| {
            let mut sighting = seen(kind, minutes, &people);
            sighting.message_id = message_id.map(str::to_owned);
            sighting.ancestors = ancestors.into_iter().filter(|id| Some(*id) != message_id).map(str::to_owned).collect();
            // Copies of one mail agree on whether there is a conversation id; where they do not: a test of its own, below.
            let has_conversation = message_id.is_none_or(|id| id == "d@x");
            sighting.conversation_id =
                if has_conversation { conversation_id.map(str::to_owned).or(message_id.map(|_| "v1".to_owned())) } else { None };
            sighting.subject = subject.map(str::to_owned);
            (sighting.state, sighting.duration_s) = (state, duration_s.map(|n| n * 900));
            if let Some(record) = record {
                sighting = regarding(sighting, record);
            }
            match source {
                "" => sighting,
                "crm" => in_crm(sighting, ""),
                mailbox => in_mailbox(sighting, mailbox),
            }
        },
    )
}

/// Sightings, the same in another order, and where that order is cut into batches.
fn arrivals() -> impl Strategy<Value = (Vec<Sighting>, Vec<Sighting>, BTreeSet<usize>)> {
    prop::collection::vec(sighting(), 1..16).prop_flat_map(|sightings| {
        let cuts = prop::collection::btree_set(0..sightings.len(), 0..4);
        (Just(sightings.clone()), Just(sightings).prop_shuffle(), cuts)
    })
}

/// Appends in batches; how many interactions became known.
async fn append(world: &World, organization: &Organization, sightings: &[Sighting], cuts: &BTreeSet<usize>) -> u64 {
    let mut appender = world.appender(organization);
    let mut batch = Vec::new();
    let mut kept = 0;
    for (i, sighting) in sightings.iter().enumerate() {
        batch.push(sighting.clone());
        if cuts.contains(&i) {
            kept += appender.append(std::mem::take(&mut batch), &[]).await.unwrap().kept;
            world.store.tidy(organization.id).await.unwrap();
        }
    }
    kept + appender.append(batch, &[]).await.unwrap().kept
}

#[test]
fn order_and_batches_never_matter() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // One keeps its touches in the tail, the other in segments, which are merged now and then.
    let (world, sealed) = runtime.block_on(async { (World::new().await, World::in_segments().await) });
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    // The same sets in every run: what fails fails again.
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let tried = runner.run(&arrivals(), |(sightings, shuffled, cuts)| {
        runtime.block_on(async {
            let (one, other) = (world.organization().await, sealed.organization().await);
            let kept = append(&world, &one, &sightings, &BTreeSet::new()).await;
            let kept_shuffled = append(&sealed, &other, &shuffled, &cuts).await;
            prop_assert_eq!(kept, kept_shuffled, "interactions that became known");
            let runs = world.runs(&one, &everything()).await;
            prop_assert_eq!(&runs, &sealed.runs(&other, &everything()).await, "order and batches");
            // The same again brings nothing.
            prop_assert_eq!(append(&sealed, &other, &sightings, &cuts).await, 0);
            prop_assert_eq!(&runs, &sealed.runs(&other, &everything()).await, "duplicates");
            // And what is derived anew is what was derived step by step.
            sealed.store.rebuild(&other, &ours(), |_, _| {}).await.unwrap();
            prop_assert_eq!(&runs, &sealed.runs(&other, &everything()).await, "rebuild");
            let (stand, wanted) = sealed.store.compare_touches(&other, &ours()).await.unwrap();
            prop_assert_eq!(stand, wanted, "touches and sightings");
            Ok(())
        })
    });
    tried.unwrap();
}

/// The runs of an organization in which these arrived one by one, for each order.
async fn runs_by_order(all: [Sighting; 3]) -> Vec<BTreeMap<String, Vec<String>>> {
    let world = World::new().await;
    let mut runs = Vec::new();
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0]] {
        let organization = world.organization().await;
        for i in order {
            world.appender(&organization).append(vec![all[i].clone()], &[]).await.unwrap();
        }
        runs.push(world.runs(&organization, &everything()).await);
    }
    runs
}

#[tokio::test]
async fn copies_with_different_subjects_agree_in_any_order() {
    let people = ["ann@us.example", "carla@acme.example"];
    let subject = |subject: &str, mail| Sighting { subject: Some(subject.to_owned()), ..mail };
    let copy = || mail(0, &people, "a@x", &[]);
    let runs = runs_by_order([
        subject("Quote", copy()),
        subject("[list] Quote", copy()),
        subject("Quote", mail(1, &people, "b@x", &[])),
    ])
    .await;
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0], runs[2]);
}

#[tokio::test]
async fn copies_that_regard_different_records_agree_in_any_order() {
    let people = ["ann@us.example", "carla@acme.example"];
    let copy = |record, id| in_crm(regarding(mail(0, &people, "a@x", &[]), record), id);
    let beside = regarding(mail(1, &people, "b@x", &[]), "opportunities/o2");
    let runs = runs_by_order([copy("opportunities/o1", "act-1"), copy("opportunities/o2", "act-2"), beside]).await;
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_copy_that_brings_a_conversation_id_is_heard_in_any_order() {
    let people = ["ann@us.example", "carla@acme.example"];
    // A mail with a conversation id does not join by its headers, whichever of its copies shows the id.
    let with_headers = mail(10, &people, "b@x", &["a@x"]);
    let with_id =
        Sighting { conversation_id: Some("v1".to_owned()), ..in_mailbox(mail(10, &people, "b@x", &[]), "ann@us.example") };
    let runs = runs_by_order([with_headers, with_id, mail(0, &people, "a@x", &[])]).await;
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_late_ancestor_joins_conversations() {
    let world = World::new().await;
    let people = ["ann@us.example", "carla@acme.example"];
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    let conversations = async || world.run(&organization, "carla@acme.example", &everything()).await.conversation;
    appender.append(vec![mail(10, &people, "b@x", &["r@x"]), mail(20, &people, "c@x", &["s@x"])], &[]).await.unwrap();
    let apart = conversations().await;
    assert_ne!(apart[0], apart[1], "nothing joins them yet");
    // A mail that names both roots, which were never seen.
    appender.append(vec![mail(30, &people, "d@x", &["r@x", "s@x"])], &[]).await.unwrap();
    let joined = conversations().await;
    assert!(joined.iter().all(|conversation| *conversation == joined[0]), "{joined:?}");
    // The root itself, last of all; and somebody who stands alone.
    appender.append(vec![mail(0, &people, "r@x", &[]), mail(40, &people, "alone@x", &[])], &[]).await.unwrap();
    let all = conversations().await;
    assert_eq!(all.len(), 5);
    assert!(all[..4].iter().all(|conversation| *conversation == all[0]) && all[4] != all[0], "{all:?}");
}

#[tokio::test]
async fn conversations_that_were_joined_are_joined_again() {
    let world = World::new().await;
    let people = ["ann@us.example", "carla@acme.example"];
    let organization = world.organization().await;
    let mut appender = world.appender(&organization);
    let apart = vec![mail(0, &people, "a@x", &[]), mail(10, &people, "b@x", &[]), mail(20, &people, "c@x", &[])];
    appender.append(apart, &[]).await.unwrap();
    // The second and the third first, then both with the first: what stood for the third has to follow.
    appender.append(vec![mail(30, &people, "d@x", &["b@x", "c@x"])], &[]).await.unwrap();
    appender.append(vec![mail(40, &people, "e@x", &["a@x", "b@x"])], &[]).await.unwrap();
    for _ in 0..2 {
        let all = world.run(&organization, "carla@acme.example", &everything()).await.conversation;
        assert_eq!(all.len(), 5);
        assert!(all.iter().all(|conversation| *conversation == all[0]), "{all:?}");
        // A new appender has read what was written.
        appender = world.appender(&organization);
        appender.append(vec![mail(50, &["ann@us.example", "eve@far.example"], "f@x", &["c@x"])], &[]).await.unwrap();
        assert_eq!(world.run(&organization, "eve@far.example", &everything()).await.conversation, all[..1]);
    }
}

#[tokio::test]
async fn many_small_batches_are_one_large_one() {
    let world = World::new().await;
    let mails: Vec<Sighting> =
        (0..100).map(|i| mail(i, &["ann@us.example", "carla@acme.example"], &format!("m{i}@x"), &[])).collect();
    let (small, large) = (world.organization().await, world.organization().await);
    append(&world, &small, &mails, &(0..100).collect()).await;
    append(&world, &large, &mails, &BTreeSet::new()).await;
    assert_eq!(world.runs(&small, &everything()).await, world.runs(&large, &everything()).await);
    let blocks: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM touches WHERE org_id = ?")
        .bind(small.id.0)
        .fetch_one(&world.meddler().await)
        .await
        .unwrap();
    assert!((1..=33).contains(&blocks), "the run lies in {blocks} blocks");
}

/// More than go to the database's thread together, and some that do not fill a statement.
const MANY: i64 = 4_500;

#[tokio::test]
async fn many_at_once_are_kept_once_and_join_what_was_there() {
    let direct = SegmentSettings { direct_at: 1_000, ..SegmentSettings::default() };
    for settings in [SegmentSettings::default(), direct] {
        let world = World::with(settings).await;
        let organization = world.organization().await;
        // Each answers the one before it of the same person, of whom there are 900.
        let batch = |numbers: Range<i64>| -> Vec<Sighting> {
            let mail_of = |i: i64| {
                let them = format!("p{}@acme.example", i % 900);
                mail(i, &["ann@us.example", &them], &format!("m{i}@x"), &[&format!("m{}@x", i - 900)])
            };
            numbers.map(mail_of).collect()
        };
        let (mut first, mut second) = (world.appender(&organization), world.appender(&organization));
        let mut append = async |who: usize, numbers: Range<i64>| {
            let appender = if who == 1 { &mut first } else { &mut second };
            let done = appender.append(batch(numbers), &[]).await.unwrap();
            (done.kept, done.duplicates)
        };
        assert_eq!(append(1, 0..2_000).await, (2_000, 0));
        assert_eq!(append(1, 1_000..MANY).await, (2_500, 1_000));
        assert_eq!(append(1, 0..MANY).await, (0, 4_500));
        // Whoever was not there when they came, and whoever was not when the other's did.
        assert_eq!(append(2, MANY - 10..MANY + 10).await, (10, 10));
        assert_eq!(append(1, MANY - 20..MANY + 20).await, (10, 30));
        for (person, count) in [(0, 6), (19, 6), (20, 5), (899, 5)] {
            let run = world.run(&organization, &format!("p{person}@acme.example"), &everything()).await;
            assert_eq!(run.len(), count, "{person}");
            assert!(run.conversation.iter().all(|of| *of == run.conversation[0] && *of != 0), "{person}: {:?}", run.conversation);
        }
        let counts = world.store.ledger_counts(organization.id).await.unwrap();
        assert_eq!((counts.interactions, counts.sightings), (4_520, 4_520));
        assert_eq!(world.runs(&organization, &everything()).await.len(), 900);
    }
}
