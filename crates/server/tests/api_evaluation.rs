//! `/api/v1/evaluation`: the past is asked, and the likelihood fitted to it.

use std::{fmt::Write as _, time::Duration};

use rapport_domain::{Moment, time::DAY_US};
use rapport_server::app::import::ImportOptions;
use rapport_testkit::{
    chance::Chance,
    test_app::{NOW, TestApp},
};
use serde_json::{Value, json};

const PEOPLE: u64 = 300;

/// People who are in touch with two sellers about every twelve days; with most of them it ends somewhere within the time. Fifty deals
/// are won and fifty lost, whose stakeholders are heard of until the closing, or not since long before.
async fn with_a_past() -> TestApp {
    let test = TestApp::with_records().await;
    let mut chance = Chance(1);
    let now = Moment::parse(NOW).unwrap();
    let mut rows = "occurred_at,kind,from,to,message_id,source\n".to_owned();
    for person in 0..PEOPLE {
        for seller in ["ann", "bob"] {
            let ends = if chance.percent(70) { chance.between(20, 400) } else { 0 };
            let mut age = chance.between(400, 420);
            while age > ends {
                let at = now.plus_us(-age * DAY_US).to_rfc3339();
                let (from, to) = (format!("{seller}@us.example"), format!("p{person}@they.example"));
                let (from, to) = if chance.percent(50) { (from, to) } else { (to, from) };
                writeln!(rows, "{at},email,{from},{to},{seller}.{person}.{age}@x,crm").unwrap();
                age -= chance.between(1, 24);
            }
        }
    }
    for deal in 0..100 {
        let (is_won, closed) = (deal % 2 == 0, now.plus_us(-DAY_US * (10 + deal % 7)));
        let person = format!("stakeholder{deal}@they.example");
        for week in 0..30 {
            let at = closed.plus_us(-DAY_US * (if is_won { 7 } else { 100 } + 7 * week)).to_rfc3339();
            writeln!(rows, "{at},email,ann@us.example,{person},d{deal}.{week}a@x,crm").unwrap();
            writeln!(rows, "{at},email,{person},ann@us.example,d{deal}.{week}b@x,crm").unwrap();
        }
        let status = if is_won { "won" } else { "lost" };
        let body = json!({"topic": format!("Deal {deal}"), "owner": "ann@us.example", "status": status, "stakeholders": [person],
            "closed_at": closed.to_rfc3339()});
        test.put(&format!("/api/v1/opportunities/deal{deal}"), &[], &body).await.json(201).await;
    }
    let file = test.data().join("past.csv");
    std::fs::write(&file, rows).unwrap();
    let report = test.app().import_interactions(&file, &ImportOptions::default(), &|_| {}).await.unwrap();
    assert_eq!((report.failed, report.excluded.len()), (0, 0), "{report:?}");
    test
}

async fn evaluation(test: &TestApp) -> Value {
    test.get("/api/v1/evaluation").await.json(200).await
}

/// What is there once it is made.
async fn made(test: &TestApp) -> Value {
    for _ in 0..600 {
        let now = evaluation(test).await;
        if now["state"] != "running" {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("still running after a minute");
}

fn measure<'a>(of: &'a Value, name: &str) -> &'a Value {
    of["measures"].as_array().unwrap().iter().find(|measure| measure["name"] == name).unwrap()
}

#[tokio::test]
async fn the_past_is_asked_and_answers() {
    let test = with_a_past().await;
    let before = evaluation(&test).await;
    assert_eq!((&before["state"], &before["report"]), (&json!("none"), &Value::Null));
    assert_eq!(before["calibration"]["state"], "pooled");
    let begun = test.post("/api/v1/evaluation", &[], &json!({})).await.json(202).await;
    assert!(begun["state"] == "running" || begun["state"] == "ready", "{}", begun["state"]);

    let answer = made(&test).await;
    assert_eq!((&answer["state"], &answer["problem"]), (&json!("ready"), &Value::Null));
    let report = &answer["report"];
    assert_eq!(report["moments"].as_array().unwrap().len(), 2);
    for of in [&report["pairs"], &report["records"]] {
        assert!(of["cases"].as_u64().unwrap() > 300 && of["reason"].is_null(), "{of}");
        let (ours, messages) = (measure(of, "likelihood_30d"), measure(of, "messages"));
        let auc = |measure: &Value| measure["roc_auc"]["value"].as_f64().unwrap();
        assert!(auc(ours) > 0.75 && auc(ours) > auc(messages), "{ours} {messages}");
        assert!(ours["roc_auc"]["low"].as_f64().unwrap() <= auc(ours) && ours["brier"]["value"].as_f64().unwrap() < 0.2);
        assert_eq!((&ours["is_baseline"], &messages["is_baseline"]), (&json!(false), &json!(true)));
        let cases: u64 = of["reliability"].as_array().unwrap().iter().map(|bin| bin["cases"].as_u64().unwrap()).sum();
        assert_eq!(Some(cases), of["cases"].as_u64());
    }
    let share = |grade: &str| {
        let grades = report["grades"].as_array().unwrap();
        grades.iter().find(|of| of["grade"] == grade && of["of"] == "records").unwrap()["share"]["value"].as_f64().unwrap()
    };
    assert!(share("poor") < share("fair"), "{}", report["grades"]);
    let deals = &report["deals"][1];
    assert_eq!((&deals["days_before"], &deals["won"], &deals["lost"]), (&json!(60), &json!(50), &json!(50)));
    assert!(deals["roc_auc"]["value"].as_f64().unwrap() > 0.95, "{deals}");
    // Two sellers are too few to rank.
    assert_eq!((&report["who_knows_whom"]["people"], &report["who_knows_whom"]["reason"]), (&json!(0), &json!("too_few_cases")));
}

#[tokio::test]
async fn a_calibration_is_versioned_audited_and_in_every_figure() {
    let test = with_a_past().await;
    let likelihood = async || {
        let insights = test.get("/api/v1/contacts/c1/insights").await.json(200).await;
        let list = test.get("/api/v1/contacts?limit=200").await.json(200).await;
        let listed = list["items"].as_array().unwrap().iter().find(|item| item["id"] == "c1").unwrap().clone();
        (insights["health"]["likelihood_30d"].as_f64().unwrap(), listed["likelihood_30d"].as_f64().unwrap())
    };
    let (page, list) = likelihood().await;
    assert!((page - list).abs() < 1e-12);
    let calibrated = test.post("/api/v1/evaluation/calibration", &[], &json!({})).await.json(200).await;
    assert_eq!((&calibrated["state"], &calibrated["version"]), (&json!("calibrated"), &json!(1)));
    assert!(calibrated["pairs"].as_u64() >= calibrated["needed"].as_u64(), "{calibrated}");
    assert!(calibrated["brier"].as_f64() < calibrated["brier_pooled"].as_f64(), "{calibrated}");
    let (new_page, new_list) = likelihood().await;
    assert!((new_page - page).abs() > 1e-3 && (new_page - new_list).abs() < 1e-12, "{page} {new_page} {new_list}");
    assert_eq!(evaluation(&test).await["calibration"], calibrated);
    let audit = test.get("/api/v1/audit").await.json(200).await;
    assert!(audit.to_string().contains("likelihood.calibration"), "{audit}");
    // It is none of the settings that somebody sets.
    assert!(!test.get("/api/v1/settings").await.text().await.contains("likelihood.calibration"));

    // By itself once a week.
    test.app().calibrate_if_due().await.unwrap();
    assert_eq!(evaluation(&test).await["calibration"]["version"], 1);
    test.wait(7 * DAY_US);
    test.app().calibrate_if_due().await.unwrap();
    assert_eq!(evaluation(&test).await["calibration"]["version"], 2);
}

#[tokio::test]
async fn nothing_captured_and_few_pairs_are_no_error() {
    let test = TestApp::new().await;
    test.post("/api/v1/evaluation", &[], &json!({"horizon_days": 60})).await.json(202).await;
    let report = &made(&test).await["report"];
    assert_eq!(
        (&report["span"], &report["moments"], &report["pairs"]["reason"]),
        (&Value::Null, &json!([]), &json!("too_few_cases"))
    );
    assert_eq!(report["deals"][0]["reason"], "too_few_closed_deals");
    let pooled = test.post("/api/v1/evaluation/calibration", &[], &json!({})).await.json(200).await;
    assert_eq!((&pooled["state"], &pooled["version"], &pooled["slope"]), (&json!("pooled"), &json!(1), &json!(0.78)));
}

#[tokio::test]
async fn what_cannot_be_asked_is_said() {
    let test = TestApp::new().await;
    let ask = async |body: Value| test.post("/api/v1/evaluation", &[], &body).await.problem(422, "unprocessable").await.0;
    assert_eq!(ask(json!({"horizon_days": 0})).await, "`horizon_days` cannot be 0: it is 1 to 365");
    assert!(ask(json!({"at": ["yesterday"]})).await.starts_with("`at`"));
    assert_eq!(ask(json!({"at": ["2026-03-03T00:00:00Z"]})).await, "`at` cannot be 2026-03-03T00:00:00Z: it is not past");
    assert_eq!(ask(json!({"at": vec!["2026-01-01T00:00:00Z"; 13]})).await, "`at` names 13 moments: 12 are the most");
    ask(json!({"nonsense": 1})).await;
    assert_eq!(evaluation(&test).await["state"], "none");
}
