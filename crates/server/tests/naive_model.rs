//! The fast path against the naive model, over random worlds, through the importers and the wire types.
//!
//! Order and duplication of the input change nothing: every world is also imported shuffled and duplicated.

use std::{path::Path, sync::Arc};

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use rapport_domain::{Moment, Table};
use rapport_server::{
    App,
    api::wire::{RecordInsightsBody, WhoKnowsBody},
    app::{
        Init, Language,
        export::Format,
        import::{ImportOptions, ImportReport},
        records::InsightsQuery,
        ties::WhoKnowsQuery,
    },
};
use rapport_testkit::{
    naive::{self, Data},
    worlds::{self, World},
};
use serde_json::{Value, json};

/// Worlds per test: enough to meet every corner (the generator is dense), few enough for a minute.
const WORLDS: u32 = 40;

async fn load(folder: &Path, world: &World, consent: bool) -> (App, ImportReport) {
    for (name, text) in world.to_csv() {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let as_of = Moment(world.as_of);
    let init = Init {
        organization: "default".to_owned(),
        internal_domains: world.internal_domains.clone(),
        time_zone: Some(world.time_zone.clone()),
    };
    let (app, _) = App::init(&folder.join("data"), &init, Arc::new(move || as_of)).await.unwrap();
    for (key, value) in world.settings.to_pairs() {
        app.set_setting(key, &value).await.unwrap();
    }
    let options = ImportOptions { as_of: Some(as_of), consent: consent.then(|| "test".to_owned()), ..ImportOptions::default() };
    app.import_users(&folder.join("users.csv"), &options).await.unwrap();
    app.import_crm(&folder.join("crm"), &options, &|_| {}).await.unwrap();
    let report = app.import_interactions(&folder.join("interactions.csv"), &options, &|_| {}).await.unwrap();
    (app, report)
}

async fn insights(app: &App, table: &str, id: &str, as_of: i64) -> Value {
    let query = InsightsQuery { as_of: Some(Moment(as_of)), ..InsightsQuery::default() };
    let (insights, view) = app.record_insights(Table::parse(table).unwrap(), id, &query).await.unwrap();
    serde_json::to_value(RecordInsightsBody::new(&insights, &view, Language::English)).unwrap()
}

async fn who_knows(app: &App, target: &str, as_of: i64) -> Value {
    let query = WhoKnowsQuery { target: target.to_owned(), as_of: Some(Moment(as_of)), limit: 1_000, hops: 2, viewer: None };
    serde_json::to_value(WhoKnowsBody::new(&app.who_knows(&query).await.unwrap())).unwrap()
}

async fn ties(app: &App, as_of: i64) -> Value {
    let mut out = Vec::new();
    app.export_ties(Moment(as_of), Format::Jsonl, &mut out).await.unwrap();
    let mut rows: Vec<Value> = String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let key = |row: &Value| {
        (row["colleague"].as_str().unwrap_or_default().to_owned(), row["external"].as_str().unwrap_or_default().to_owned())
    };
    rows.sort_by_key(key);
    Value::Array(rows)
}

/// Addresses and domains that a world's mail names, and a stranger.
fn targets(world: &World) -> Vec<String> {
    let mut targets: Vec<String> = world.contacts.iter().map(|row| format!("contact:{}", row.id)).collect();
    targets.extend(world.leads.iter().map(|row| format!("lead:{}", row.id)));
    targets.extend(world.contacts.iter().filter_map(|row| row.email.clone()));
    targets.extend(world.accounts.iter().flat_map(|row| row.domains.clone()));
    targets.push("stranger@nowhere.example".to_owned());
    targets
}

fn agree(expected: &Value, actual: &Value, what: &str, world: &World) {
    if let Some(difference) = naive::difference(expected, actual) {
        panic!("seed {}, {what}: {difference}\nexpected {expected}\nactual {actual}", world.seed);
    }
}

async fn compare(world: &World, data: Data) {
    let folder = tempfile::tempdir().unwrap();
    let (app, report) = load(folder.path(), world, data == Data::CrmAndMailbox).await;
    let counts = json!({"read": report.read, "kept": report.kept, "duplicates": report.duplicates, "failed": report.failed,
        "excluded": report.excluded});
    agree(&naive::import_counts(world), &counts, "import", world);
    let day_us = 86_400_000_000;
    for as_of in [world.as_of, world.as_of - 45 * day_us - 3_600_000_000] {
        for (table, id) in world.records() {
            let expected = naive::record_insights(world, table, &id, as_of, data);
            agree(&expected, &insights(&app, table, &id, as_of).await, &format!("{table}/{id} as of {as_of}"), world);
        }
        for target in targets(world) {
            let expected = naive::who_knows(world, &target, as_of, data, 2);
            if !expected.is_null() {
                agree(&expected, &who_knows(&app, &target, as_of).await, &format!("who knows {target} as of {as_of}"), world);
            }
        }
        let expected: Vec<Value> = naive::ties(world, as_of, data).iter().map(naive::TieRow::to_json).collect();
        agree(&Value::Array(expected), &ties(&app, as_of).await, &format!("ties as of {as_of}"), world);
    }
}

/// All that can be asked, as one value.
async fn everything(app: &App, world: &World) -> Value {
    let mut all = Vec::new();
    for (table, id) in world.records() {
        all.push(insights(app, table, &id, world.as_of).await);
    }
    for target in targets(world) {
        all.push(who_knows(app, &target, world.as_of).await);
    }
    all.push(ties(app, world.as_of).await);
    Value::Array(all)
}

fn each_world(test: &impl AsyncFn(&World)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let mut seen = 0;
    for _ in 0..WORLDS {
        let world = worlds::world().new_tree(&mut runner).unwrap().current();
        runtime.block_on(test(&world));
        seen += 1;
    }
    assert_eq!(seen, WORLDS);
}

#[test]
fn the_fast_path_agrees_with_the_naive_model() {
    each_world(&async |world| compare(world, Data::CrmAndMailbox).await);
}

#[test]
fn the_fast_path_agrees_with_the_naive_model_on_crm_data() {
    each_world(&async |world| {
        let mut world = world.clone();
        world.interactions.retain(|row| row.source.as_deref() == Some("crm"));
        compare(&world, Data::Crm).await;
    });
}

#[test]
fn a_larger_world_agrees_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(compare(&worlds::seeded(11, 350), Data::CrmAndMailbox));
}

#[test]
fn order_and_duplicates_of_the_input_change_nothing() {
    each_world(&async |world| {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let (app, report) = load(folders[0].path(), world, true).await;
        let expected = everything(&app, world).await;
        let (shuffled, _) = load(folders[1].path(), &worlds::shuffled(world, 5), true).await;
        agree(&expected, &everything(&shuffled, world).await, "shuffled", world);
        let (duplicated, again) = load(folders[2].path(), &worlds::duplicated(world, 9), true).await;
        agree(&expected, &everything(&duplicated, world).await, "duplicated", world);
        assert_eq!(again.kept, report.kept, "duplicates are kept once");
        // The same import again keeps nothing, and rebuilding changes nothing.
        let options = ImportOptions { as_of: Some(Moment(world.as_of)), ..ImportOptions::default() };
        let twice = app.import_interactions(&folders[0].path().join("interactions.csv"), &options, &|_| {}).await.unwrap();
        assert_eq!(twice.kept, 0);
        app.rebuild(&|_, _| {}).await.unwrap();
        assert_eq!(expected.to_string(), everything(&app, world).await.to_string(), "seed {}: rebuilt", world.seed);
    });
}
