//! Segments in object storage: answers are the same, nothing that fails there is taken for an answer, and nothing is left behind.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use futures_util::{StreamExt as _, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result, memory::InMemory, path::Path as ObjectPath,
};
use rapport_domain::Sighting;
use rapport_store::{
    Organization, Place, SegmentSettings, SegmentStorage, Step, Store, StoreError, ledger::Erasure, registry::NewOrganization,
};

use crate::world::{ACTOR, BUCKET, World, everything, in_bucket, in_mailbox, mail, moment, ours};

const ANN: &str = "ann@us.example";
const CARLA: &str = "carla@acme.example";

/// Each batch becomes a segment, of a few touches each.
const SMALL: SegmentSettings = SegmentSettings { seal_at: 1, direct_at: 1, upload_at: 1, fan_out: 3, segment_max: 5 };
/// Batches stay in the tail until they are sealed.
const SEALED: SegmentSettings =
    SegmentSettings { seal_at: 1, direct_at: u64::MAX, upload_at: u64::MAX, fan_out: 100, segment_max: 5 };
const ROOM: u64 = 1 << 30;

/// Object storage that can be out of reach.
#[derive(Clone, Debug, Default)]
struct Storage {
    objects: Arc<InMemory>,
    is_down: Arc<AtomicBool>,
}

impl Storage {
    fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    fn check(&self) -> Result<()> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(Error::Generic { store: "test", source: "nobody answers".into() });
        }
        Ok(())
    }

    fn kept_here(&self, cache_max_bytes: u64) -> SegmentStorage {
        let place = Place::of_objects("s3://bucket/rapport", Arc::new(self.clone()));
        SegmentStorage { place: Some(place), cache_max_bytes, ..SegmentStorage::default() }
    }
}

impl std::fmt::Display for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("test")
    }
}

#[async_trait::async_trait]
impl ObjectStore for Storage {
    async fn put_opts(&self, location: &ObjectPath, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.check()?;
        self.objects.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(&self, location: &ObjectPath, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.check()?;
        self.objects.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &ObjectPath, options: GetOptions) -> Result<GetResult> {
        self.check()?;
        self.objects.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<ObjectPath>>) -> BoxStream<'static, Result<ObjectPath>> {
        if self.check().is_ok() {
            return self.objects.delete_stream(locations);
        }
        let storage = self.clone();
        locations.map(move |location| location.and_then(|location| storage.check().map(|()| location))).boxed()
    }

    fn list(&self, prefix: Option<&ObjectPath>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.check() {
            Ok(()) => self.objects.list(prefix),
            Err(error) => futures_util::stream::iter([Err(error)]).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&ObjectPath>) -> Result<ListResult> {
        self.check()?;
        self.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &ObjectPath, to: &ObjectPath, options: CopyOptions) -> Result<()> {
        self.check()?;
        self.objects.copy_opts(from, to, options).await
    }
}

/// Mails of some minutes with a handful of people, a batch each ten.
async fn fill(world: &World, organization: &Organization, minutes: std::ops::Range<i64>) {
    let mails = |i: i64| in_mailbox(mail(i, &[ANN, CARLA, &format!("p{}@acme.example", i % 5)], &format!("m{i}@x"), &[]), ANN);
    let mails: Vec<Sighting> = minutes.map(mails).collect();
    for batch in mails.chunks(10) {
        world.appender(organization).append(batch.to_vec(), &[]).await.unwrap();
    }
}

/// The segments among the files of a folder.
fn parquet(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "parquet"));
    files.sort();
    files
}

fn cached(world: &World, organization: &Organization) -> Vec<PathBuf> {
    parquet(&world.store.segments_folder(organization.id))
}

fn objects(world: &World, organization: &Organization) -> Vec<PathBuf> {
    parquet(&world.folder.path().join(BUCKET).join(organization.id.0.to_string()))
}

/// The same store, opened again with nothing in its cache.
async fn with_empty_cache(world: World, organization: &Organization, settings: SegmentSettings, room: u64) -> World {
    for file in cached(&world, organization) {
        fs::remove_file(file).unwrap();
    }
    let store = Store::open_with(world.folder.path(), in_bucket(world.folder.path(), room)).await.unwrap();
    World { store: store.with_segments(settings), ..world }
}

async fn read(world: &World, organization: &Organization) -> std::result::Result<usize, StoreError> {
    let subjects: Vec<i64> = (1..20).collect();
    Ok(world.store.runs_of(organization.id, &subjects, &everything()).await?.len())
}

#[tokio::test]
async fn answers_are_the_same_from_object_storage_and_from_a_cache_of_any_size() {
    let plain = World::with(SMALL).await;
    let organization = plain.organization().await;
    fill(&plain, &organization, 0..60).await;
    let answers = plain.runs(&organization, &everything()).await;
    for room in [ROOM, 0] {
        let world = World::kept_in(SMALL, |folder| in_bucket(folder, room)).await;
        let organization = world.organization().await;
        fill(&world, &organization, 0..60).await;
        assert_eq!(world.runs(&organization, &everything()).await, answers);
        let world = with_empty_cache(world, &organization, SMALL, room).await;
        assert_eq!(world.runs(&organization, &everything()).await, answers, "fetched");
        world.store.tidy(organization.id).await.unwrap();
        world.store.seal_all(organization.id).await.unwrap();
        assert_eq!(world.runs(&organization, &everything()).await, answers, "merged");
        let world = with_empty_cache(world, &organization, SMALL, room).await;
        assert_eq!(world.runs(&organization, &everything()).await, answers, "merged and fetched");
        let (stand, wanted) = world.store.compare_touches(&organization, &ours()).await.unwrap();
        assert_eq!(stand, wanted);
        let check = world.store.check_segments(organization.id).await.unwrap();
        assert_eq!(check.problems, Vec::<String>::new());
        assert!(check.segments > 2);
        assert_eq!(objects(&world, &organization).len() as u64, check.segments, "what was merged is deleted");
        if room == 0 {
            assert_eq!(cached(&world, &organization).len(), 1, "the one that was fetched last");
        }
    }
}

#[tokio::test]
async fn the_cache_keeps_what_was_used_last_within_its_bound() {
    let world = World::kept_in(SMALL, |folder| in_bucket(folder, ROOM)).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..60).await;
    world.store.seal_all(organization.id).await.unwrap();
    let files = cached(&world, &organization);
    let bytes: Vec<u64> = files.iter().map(|file| fs::metadata(file).unwrap().len()).collect();
    let room = bytes.iter().sum::<u64>() * 2 / 5;
    let world = with_empty_cache(world, &organization, SMALL, room).await;
    let answers = world.runs(&organization, &everything()).await;
    for subject in 1..8 {
        world.store.runs_of(organization.id, &[subject], &everything()).await.unwrap();
        let bytes: u64 = cached(&world, &organization).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
        assert!(bytes <= room && bytes > 0, "{bytes} of {room}");
    }
    // What was read just now is still there: nobody is asked for it.
    fs::rename(world.folder.path().join(BUCKET), world.folder.path().join("away")).unwrap();
    world.store.runs_of(organization.id, &[7], &everything()).await.unwrap();
    fs::rename(world.folder.path().join("away"), world.folder.path().join(BUCKET)).unwrap();
    assert_eq!(world.runs(&organization, &everything()).await, answers);
}

#[tokio::test]
async fn a_damaged_object_is_named_and_made_anew() {
    let world = World::kept_in(SMALL, |folder| in_bucket(folder, ROOM)).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..40).await;
    let answers = world.runs(&organization, &everything()).await;
    let object = objects(&world, &organization).remove(0);
    let mut bytes = fs::read(&object).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&object, bytes).unwrap();
    let name = format!("file://{}", object.display());
    let problems = world.store.check_segments(organization.id).await.unwrap().problems;
    assert!(problems.len() == 1 && problems[0].contains(&name), "{problems:?}");
    let world = with_empty_cache(world, &organization, SMALL, ROOM).await;
    let error = read(&world, &organization).await.unwrap_err();
    assert!(error.to_string().contains(&name) && error.to_string().contains("rapport rebuild"), "{error}");
    assert!(!error.is_transient());
    // Shorter than it was: nothing is fetched at all.
    fs::write(&object, b"PAR1").unwrap();
    let error = read(&world, &organization).await.unwrap_err();
    assert!(error.to_string().contains("it has 4 bytes instead of"), "{error}");
    world.store.rebuild(&organization, &ours(), |_, _| {}).await.unwrap();
    assert_eq!(world.runs(&organization, &everything()).await, answers);
    assert_eq!(world.store.check_segments(organization.id).await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_damaged_file_of_the_cache_is_told_or_fetched_again() {
    let world = World::kept_in(SMALL, |folder| in_bucket(folder, ROOM)).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..40).await;
    let answers = world.runs(&organization, &everything()).await;
    let file = cached(&world, &organization).remove(0);
    let sound = fs::read(&file).unwrap();
    let mut bytes = sound.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&file, bytes).unwrap();
    let problems = world.store.check_segments(organization.id).await.unwrap().problems;
    assert!(problems.len() == 1 && problems[0].contains(&file.display().to_string()), "{problems:?}");
    fs::write(&file, &sound[..sound.len() - 9]).unwrap();
    let store = Store::open_with(world.folder.path(), in_bucket(world.folder.path(), ROOM)).await.unwrap();
    let world = World { store, ..world };
    assert_eq!(world.runs(&organization, &everything()).await, answers);
    assert_eq!(fs::read(&file).unwrap(), sound);
}

#[tokio::test]
async fn a_missing_object_is_an_error_that_names_it() {
    let world = World::kept_in(SMALL, |folder| in_bucket(folder, ROOM)).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..40).await;
    let object = objects(&world, &organization).remove(0);
    fs::remove_file(&object).unwrap();
    let problems = world.store.check_segments(organization.id).await.unwrap().problems;
    assert!(problems.len() == 1 && problems[0].contains(&object.display().to_string()), "{problems:?}");
    let world = with_empty_cache(world, &organization, SMALL, ROOM).await;
    let error = read(&world, &organization).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains(&format!("file://{}", object.display())) && text.contains("rapport rebuild"), "{text}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn while_object_storage_is_out_of_reach_nothing_is_lost_and_nothing_is_answered_wrongly() {
    let storage = Storage::default();
    let world = World::kept_in(SEALED, |_| storage.kept_here(ROOM)).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..30).await;
    let answers = world.runs(&organization, &everything()).await;
    storage.set_down(true);
    let error = world.store.tidy(organization.id).await.unwrap_err();
    assert!(error.is_unreachable() && error.is_transient() && error.to_string().contains("s3://bucket/rapport/1"), "{error}");
    assert!(error.to_string().contains("nobody answers"), "{error}");
    assert_eq!(world.runs(&organization, &everything()).await, answers, "all of it is still in the tail");
    storage.set_down(false);
    assert!(world.store.tidy(organization.id).await.unwrap().sealed > 0);
    assert_eq!(world.runs(&organization, &everything()).await, answers);

    // The files of the cache answer; what is not there is not answered at all.
    storage.set_down(true);
    assert_eq!(world.runs(&organization, &everything()).await, answers);
    let lost = cached(&world, &organization).remove(1);
    fs::remove_file(&lost).unwrap();
    let world = World { store: Store::open_with(world.folder.path(), storage.kept_here(ROOM)).await.unwrap(), ..world };
    let error = read(&world, &organization).await.unwrap_err();
    let name = format!("s3://bucket/rapport/1/{}", lost.file_name().unwrap().display());
    assert!(error.is_unreachable() && error.to_string().contains(&name), "{error}");
    storage.set_down(false);
    assert_eq!(world.runs(&organization, &everything()).await, answers);
}

#[tokio::test]
async fn a_batch_that_cannot_be_uploaded_is_not_kept_and_the_same_again_is() {
    let storage = Storage::default();
    let world = World::kept_in(SMALL, |_| storage.kept_here(0)).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..10).await;
    let answers = world.runs(&organization, &everything()).await;
    storage.set_down(true);
    let batch = vec![in_mailbox(mail(50, &[ANN, CARLA], "late@x", &[]), ANN)];
    assert!(world.appender(&organization).append(batch.clone(), &[]).await.is_err());
    storage.set_down(false);
    assert_eq!(world.runs(&organization, &everything()).await, answers);
    world.appender(&organization).append(batch, &[]).await.unwrap();
    assert_ne!(world.runs(&organization, &everything()).await, answers);
    world.store.tidy(organization.id).await.unwrap();
    assert_eq!(world.store.check_segments(organization.id).await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn what_an_erasure_could_not_delete_is_told_and_goes_later() {
    let storage = Storage::default();
    let world = World::kept_in(SEALED, |_| storage.kept_here(ROOM)).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..30).await;
    world.store.tidy(organization.id).await.unwrap();
    let count = async || storage.objects.list(None).filter(|object| std::future::ready(is_segment(object))).count().await;
    assert!(count().await > 0);
    storage.set_down(true);
    let erasure = Erasure { keys: vec![CARLA.to_owned()], ..Erasure::default() };
    let error = world.store.erase(&organization, &ours(), &erasure, ACTOR, moment(0)).await.unwrap_err();
    assert!(error.is_transient() && error.to_string().contains("cannot be deleted"), "{error}");
    assert_eq!(cached(&world, &organization), Vec::<PathBuf>::new(), "the cache could be emptied");
    assert!(world.store.finish_erasure().await.unwrap_err().is_unreachable());
    storage.set_down(false);
    world.store.finish_erasure().await.unwrap();
    assert_eq!(count().await, 0);
}

fn is_segment(object: &Result<ObjectMeta>) -> bool {
    object.as_ref().unwrap().location.filename().unwrap().ends_with(".parquet")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_during_a_merge_leaves_nothing_in_object_storage() {
    for step in [Step::Written, Step::Uploaded] {
        let world = World::kept_in(SMALL, |folder| in_bucket(folder, ROOM)).await;
        let organization = world.organization().await;
        fill(&world, &organization, 0..40).await;
        let id = world.address(&organization, CARLA).await.unwrap();
        let (store, org) = (world.store.clone(), organization.clone());
        let erased = Arc::new(Mutex::new(false));
        let (told, handle) = (erased.clone(), tokio::runtime::Handle::current());
        let merging = world.store.clone().told_steps(Arc::new(move |now| {
            let mut erased = told.lock().unwrap();
            if now == step && !*erased {
                let erasure = Erasure { keys: vec![CARLA.to_owned()], ..Erasure::default() };
                handle.block_on(store.erase(&org, &ours(), &erasure, ACTOR, moment(0))).unwrap();
                *erased = true;
            }
        }));
        merging.seal_all(organization.id).await.unwrap();
        assert!(*erased.lock().unwrap());
        let check = world.store.check_segments(organization.id).await.unwrap();
        assert_eq!(check.problems, Vec::<String>::new(), "no object but those that hold");
        assert_eq!(objects(&world, &organization).len() as u64, check.segments);
        assert_eq!(cached(&world, &organization).len() as u64, check.segments);
        let run = world.store.runs_of(organization.id, &[i64::from(id.0)], &everything()).await.unwrap();
        assert!(run.is_empty());
    }
}

#[tokio::test]
async fn objects_that_nothing_names_go_when_the_store_is_opened() {
    let world = World::kept_in(SMALL, |folder| in_bucket(folder, ROOM)).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..20).await;
    let kept = objects(&world, &organization);
    let stray = kept[0].with_file_name("999999.parquet");
    fs::write(&stray, b"of a process that died").unwrap();
    let fetched = world.folder.path().join("segments/fetched");
    fs::write(&fetched, b"of a process that died").unwrap();
    let world = with_empty_cache(world, &organization, SMALL, ROOM).await;
    assert_eq!(objects(&world, &organization), kept);
    assert!(!fetched.exists());
}

#[tokio::test]
async fn a_store_says_where_its_segments_are_if_it_is_told_another_place() {
    let world = World::kept_in(SMALL, |folder| in_bucket(folder, ROOM)).await;
    let organization = world.organization().await;
    // Nothing is kept anywhere yet: any place will do.
    drop(Store::open(world.folder.path()).await.unwrap());
    fill(&world, &organization, 0..20).await;
    let error = Store::open(world.folder.path()).await.unwrap_err();
    let url = format!("file://{}/{BUCKET}", world.folder.path().display());
    assert!(error.is_refused() && error.to_string().contains(&format!("`--segments {url}`")), "{error}");
    let storage = Storage::default();
    let error = Store::open_with(world.folder.path(), storage.kept_here(ROOM)).await.unwrap_err();
    assert!(error.to_string().contains(&url) && error.to_string().contains("s3://bucket/rapport"), "{error}");
}

#[tokio::test]
async fn segments_move_to_another_place_and_back() {
    let world = World::with(SMALL).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..40).await;
    let answers = world.runs(&organization, &everything()).await;
    let storage = Storage::default();
    let there = storage.kept_here(0);
    let count = world.store.check_segments(organization.id).await.unwrap().segments;
    assert_eq!(world.store.move_segments(organization.id, there.place.clone()).await.unwrap(), count);
    // Who does not know it yet registers nothing.
    let late = vec![in_mailbox(mail(50, &[ANN, CARLA], "late@x", &[]), ANN)];
    let error = world.appender(&organization).append(late, &[]).await.unwrap_err();
    assert!(error.is_refused() && error.to_string().contains("s3://bucket/rapport"), "{error}");
    let store = Store::open_with(world.folder.path(), there).await.unwrap().with_segments(SMALL);
    let world = World { store, ..world };
    assert_eq!(world.runs(&organization, &everything()).await, answers);
    world.store.tidy(organization.id).await.unwrap();
    assert!(cached(&world, &organization).len() <= 1, "the files are a cache by now");
    assert_eq!(world.store.check_segments(organization.id).await.unwrap().problems, Vec::<String>::new());

    assert!(world.store.move_segments(organization.id, None).await.unwrap() > 0);
    assert_eq!(storage.objects.list(None).count().await, 0, "nothing is left there");
    let world = World { store: Store::open(world.folder.path()).await.unwrap(), ..world };
    assert_eq!(world.runs(&organization, &everything()).await, answers);
    assert_eq!(world.store.check_segments(organization.id).await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn two_stores_do_not_share_a_place() {
    let storage = Storage::default();
    let world = World::kept_in(SMALL, |_| storage.kept_here(ROOM)).await;
    let organization = world.organization().await;
    fill(&world, &organization, 0..20).await;
    let other = World::kept_in(SMALL, |_| storage.kept_here(ROOM)).await;
    let new = NewOrganization { name: "theirs", hash_key: [8; 32], now: moment(0) };
    assert!(other.store.create_organization(&new).await.unwrap());
    let theirs = other.store.organization("theirs").await.unwrap();
    let batch = vec![in_mailbox(mail(1, &[ANN, CARLA], "m@x", &[]), ANN)];
    let error = other.appender(&theirs).append(batch, &[]).await.unwrap_err();
    assert!(error.is_refused() && error.to_string().contains("another store"), "{error}");
}

#[tokio::test]
async fn a_folder_with_files_of_somebody_else_is_no_place_and_keeps_them() {
    let world = World::kept_in(SMALL, |folder| in_bucket(folder, ROOM)).await;
    let organization = world.organization().await;
    let theirs = world.folder.path().join(BUCKET).join("1/5.parquet");
    fs::create_dir_all(theirs.parent().unwrap()).unwrap();
    fs::write(&theirs, b"theirs").unwrap();
    let batch = vec![in_mailbox(mail(1, &[ANN, CARLA], "m@x", &[]), ANN)];
    let error = world.appender(&organization).append(batch, &[]).await.unwrap_err();
    assert!(error.is_refused() && error.to_string().contains("place of its own"), "{error}");
    let error = Store::open_with(world.folder.path(), in_bucket(world.folder.path(), ROOM)).await.unwrap_err();
    assert!(error.to_string().contains("place of its own"), "{error}");
    assert!(theirs.exists());
}

#[tokio::test]
async fn a_large_file_goes_in_parts_and_comes_back_in_order() {
    let storage = Storage::default();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create_with(folder.path(), storage.kept_here(ROOM)).await.unwrap();
    assert!(store.create_organization(&NewOrganization { name: "org", hash_key: [7; 32], now: moment(0) }).await.unwrap());
    let org = store.organization("org").await.unwrap().id;
    let world = World { folder, store, organizations: AtomicU32::default() };
    let fill = |loader: &mut rapport_store::ledger::Loader| {
        let mut random = 1_u64;
        for i in 0..900_000_i64 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let touch = rapport_domain::touches::Touch {
                interaction: random >> 8,
                at_us: i,
                kind: rapport_domain::Kind::Email,
                state: None,
                direction: rapport_domain::Direction::Outgoing,
                duration_s: 0,
                conversation: random >> 3,
                threaded: false,
                subject_group: random,
                regarding: 0,
                seen: 0,
                participants: &[],
                message_id: b"",
            };
            loader.push(2, &touch, 1)?;
        }
        Ok(())
    };
    let bytes = world.store.load_touches(org, vec![ANN.to_owned(), CARLA.to_owned()], fill).await.unwrap();
    assert!(bytes > 16 << 20, "{bytes} bytes are several parts");
    let run = world.store.runs_of(org, &[2], &everything()).await.unwrap();
    fs::remove_dir_all(world.store.segments_folder(org)).unwrap();
    let store = Store::open_with(world.folder.path(), storage.kept_here(ROOM)).await.unwrap();
    assert_eq!(store.runs_of(org, &[2], &everything()).await.unwrap(), run);
    assert_eq!(store.check_segments(org).await.unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_place_is_a_url_without_credentials_and_tells_none() {
    let secret = "wJalrXUtnFEMI";
    let environment = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", secret), ("AWS_REGION", "eu-west-1")];
    let environment = environment.map(|(key, value)| (key.to_owned(), value.to_owned()));
    for (url, is_sound) in [
        ("s3://bucket/prefix", true),
        ("s3://bucket", true),
        ("gs://bucket/prefix/", true),
        ("file:///srv/segments", true),
        ("file:///", false),
        ("ftp://bucket/prefix", false),
        ("segments", false),
        ("s3:///prefix", false),
        ("s3://bucket/prefix?key=wJalrXUtnFEMI", false),
        ("s3://AKIA:wJalrXUtnFEMI@bucket/prefix", false),
    ] {
        match Place::parse(url, &environment) {
            Ok(place) => {
                let storage = SegmentStorage { place: Some(place.clone()), cache_max_bytes: 1, ..SegmentStorage::default() };
                assert!(is_sound && place.url() == url.trim_end_matches('/') && !format!("{storage:?}").contains(secret));
            }
            Err(error) => {
                assert!(!is_sound, "{url}: {error}");
                assert!(!format!("{error} {error:?}").contains(secret), "{url}: {error}");
            }
        }
    }
}
