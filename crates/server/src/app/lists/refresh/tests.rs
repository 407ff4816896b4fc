//! What is brought up to date against what is made anew, over random worlds that arrive bit by bit.

use std::{
    path::Path,
    sync::atomic::{AtomicI64, Ordering},
};

use rapport_domain::time::{DAY_US, HOUR_US};
use rapport_testkit::{
    chance::Chance,
    worlds::{self, World},
};

use super::*;
use crate::app::{Init, import::ImportOptions, lists::columns::COLUMNS, record_write::ExpectedRecord, records::RecordDocument};

/// Worlds that are looked at, each of another seed.
const WORLDS: u64 = 6;
/// Changes of one world.
const STEPS: usize = 40;

/// An organization whose clock a test moves.
struct Moving {
    folder: tempfile::TempDir,
    app: App,
    clock: Arc<AtomicI64>,
    world: World,
}

impl Moving {
    /// A world's records and users, and none of its interactions.
    async fn new(world: World) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in world.to_csv() {
            write(&folder.path().join(name), &text);
        }
        let clock = Arc::new(AtomicI64::new(world.as_of));
        let told = clock.clone();
        let init = Init {
            organization: "default".to_owned(),
            internal_domains: world.internal_domains.clone(),
            time_zone: Some(world.time_zone.clone()),
        };
        let now = Arc::new(move || Moment(told.load(Ordering::SeqCst)));
        let (app, _) = App::init(&folder.path().join("data"), &init, now).await.unwrap();
        let options = ImportOptions { consent: Some("test".to_owned()), ..ImportOptions::default() };
        app.import_users(&folder.path().join("users.csv"), &options).await.unwrap();
        app.import_crm(&folder.path().join("crm"), &options, &|_| {}).await.unwrap();
        Self { folder, app, clock, world }
    }

    /// The next interactions of the world arrive, in a batch of their own.
    async fn arrive(&mut self, rows: usize) {
        let rows = rows.min(self.world.interactions.len());
        let batch = World { interactions: self.world.interactions.drain(..rows).collect(), ..World::default() };
        let (_, text) = batch.to_csv().into_iter().find(|(name, _)| name == "interactions.csv").unwrap();
        let file = self.folder.path().join("batch.csv");
        write(&file, &text);
        // What is dated ahead is kept, as an importer of later would.
        let as_of = Some(Moment(self.world.as_of + 30 * DAY_US));
        let options = ImportOptions { as_of, consent: Some("test".to_owned()), ..ImportOptions::default() };
        self.app.import_interactions(&file, &options, &|_| {}).await.unwrap();
    }

    async fn change(&mut self, chance: &mut Chance) {
        match chance.below(20) {
            0 => {
                let good = chance.between(20, 90).to_string();
                self.app.set_setting("health.grade.good", &good).await.unwrap();
            }
            1 => {
                let days = *chance.pick(&["1", "7", "30"]);
                self.app.set_setting("health.frequency_days", days).await.unwrap();
            }
            2 => {
                let zone = *chance.pick(&["Asia/Tokyo", "Europe/Amsterdam"]);
                self.app.set_setting("time_zone", zone).await.unwrap();
            }
            3 => _ = self.clock.fetch_add(chance.between(1, 40) * HOUR_US / 10, Ordering::SeqCst),
            4 => _ = self.clock.fetch_add(chance.between(1, 3) * DAY_US, Ordering::SeqCst),
            5 => {
                let contacts: Vec<String> = self.world.contacts.iter().filter_map(|row| row.email.clone()).collect();
                let (kept, merged) = (chance.pick(&contacts), chance.pick(&contacts));
                // Whoever is merged already stays so.
                _ = self.app.merge_people(kept, merged).await;
            }
            6 => {
                let emails = vec![format!("new{}@customer.example", chance.below(30))];
                let given = RecordDocument { name: Some("Somebody New".to_owned()), emails, ..RecordDocument::default() };
                let id = format!("n{}", chance.below(5));
                _ = self.app.put_record(Table::Contacts, &id, &given, ExpectedRecord::Anything).await.unwrap();
            }
            7 => {
                let contacts: Vec<String> = self.world.contacts.iter().filter_map(|row| row.email.clone()).collect();
                let erased: &String = chance.pick(&contacts);
                _ = self.app.erase(erased, false).await;
            }
            _ => self.arrive(chance.between(1, 6) as usize).await,
        }
    }

    /// What a new process would say agrees with what this one has kept.
    async fn agrees(&self, what: &str) {
        let fresh = App::new(self.app.store().clone(), self.app.organization().clone(), self.app.clock());
        let (view, anew) = (self.app.whole_view().await.unwrap(), fresh.whole_view().await.unwrap());
        view.assert_same(&anew, what);
        let table = self.app.list_table().await.unwrap();
        let folded = fresh.folded_table(&anew, fresh.now()).await.unwrap();
        // Rows hold for a while: those of a moment ago are those of now.
        let version = SnapshotVersion { as_of_us: folded.version.as_of_us, ..table.version.clone() };
        assert_eq!(version, folded.version, "{what}");
        for list in Table::ALL {
            assert_eq!(table.contents(list), folded.contents(list), "{what}: {}", list.singular());
            for column in COLUMNS {
                for descending in [false, true] {
                    let (kept, made) = (table.order(list, column, descending), folded.order(list, column, descending));
                    assert_eq!(kept, made, "{what}: {} by {}", list.singular(), column.name);
                }
            }
        }
    }
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[tokio::test]
async fn what_is_brought_up_to_date_is_what_is_made_anew() {
    let (mut brought, mut steps) = (0, 0);
    for seed in 1..=WORLDS {
        let mut moving = Moving::new(worlds::seeded(seed, 120)).await;
        let mut chance = Chance(seed);
        moving.agrees(&format!("seed {seed} at first")).await;
        for step in 0..STEPS {
            moving.change(&mut chance).await;
            steps += 1;
            let (view, now) = (moving.app.whole_view().await.unwrap(), moving.app.now());
            brought += usize::from(moving.app.refreshed_lists(&view, now).await.unwrap().is_some());
            moving.agrees(&format!("seed {seed}, step {step}")).await;
        }
    }
    assert!(brought * 2 > steps, "{brought} of {steps} changes were told");
}

#[tokio::test]
async fn many_records_in_one_pass_are_what_each_is_by_itself() {
    let mut moving = Moving::new(worlds::seeded(WORLDS + 1, 120)).await;
    let half = moving.world.interactions.len() / 2;
    moving.arrive(half).await;
    moving.app.seal().await.unwrap();
    // From then on what many have lies in a segment and in the tail.
    moving.arrive(half).await;
    let (view, now) = (moving.app.whole_view().await.unwrap(), moving.app.now());
    let all = (0..view.records.len()).filter(|position| view.records[*position].document.is_some());
    for every in [1, 2, 3, 100] {
        let positions: Vec<usize> = all.clone().step_by(every).collect();
        let mut passed = moving.app.fold_these(&view, &positions, now).await.unwrap();
        passed.sort_by_key(|folded| folded.number);
        let mut single = Vec::new();
        for record in positions.iter().map(|position| &view.records[*position]) {
            let (scope, window) = (view.scope(record), Window::default_at(&view.calendar, now));
            let touches = moving.app.store().runs_of(moving.app.org(), &view.subjects(&scope), &view.visibility).await.unwrap();
            single.push(Folded::new((&view, now, window), record, &scope, &mut Folders::default(), &touches));
        }
        single.sort_by_key(|folded| folded.number);
        assert_eq!(format!("{passed:?}"), format!("{single:?}"), "one in {every}");
        assert!(passed.iter().any(|folded| folded.row.last_at.is_some()), "something happened");
    }
}

#[tokio::test]
async fn what_came_while_somebody_asked_is_taken_in_by_itself() {
    let mut moving = Moving::new(worlds::seeded(WORLDS + 2, 120)).await;
    let app = moving.app.clone();
    app.list_table().await.unwrap();
    let (stop, stopping) = watch::channel(false);
    let keeper = tokio::spawn(app.clone().keep_lists(stopping));
    let asking = app.making.lists.lock().await;
    moving.arrive(5).await;
    let version = app.store().facts_version(app.org()).await.unwrap();
    app.announce(version);
    tokio::time::sleep(REFRESH_EVERY / 2).await;
    let known = || app.lists.get(Tier::Enhanced).map(|table| table.version.facts_version);
    assert!(known() < Some(version), "whoever asks has not made them yet");
    drop(asking);
    for _ in 0..100 {
        tokio::time::sleep(REFRESH_EVERY / 5).await;
        if known() == Some(version) {
            stop.send_replace(true);
            return keeper.await.unwrap();
        }
    }
    panic!("lists are still of version {:?}, not {version}", known());
}
