//! What is told about one record, as text and as JSON.

use expect_test::expect;
use serde_json::Value;

use crate::harness::{AS_OF, small_organization};

/// Keys of an object beside those that are pinned: `-name` is pinned and missing, `+name` is there beyond the pinned ones.
fn beside(value: &Value, pinned: &str) -> Vec<String> {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    let pinned: Vec<&str> = pinned.split_whitespace().collect();
    let missing = pinned.iter().filter(|name| !object.contains_key(**name)).map(|name| format!("-{name}"));
    let more = object.keys().filter(|name| !pinned.contains(&name.as_str())).map(|name| format!("+{name}"));
    missing.chain(more).collect()
}

const RECORD: &str = "table id as_of tier data kpis unavailable activity_by_day activity_by_week health summary";
const KPIS: &str = "emails_sent emails_received meetings_sent meetings_received phone_calls_made phone_calls_received time_spent_by_us_min \
    time_spent_by_them_min replies_by_us replies_by_them response_time_by_us_h response_time_by_them_h response_rate_by_us \
    response_rate_by_them send_receive_ratio_by_us send_receive_ratio_by_them sent_share colleagues people last_interaction \
    next_interaction most_contacted most_contacted_by";
const RESPONSE_TIME: &str = "mean p50 p90 n unanswered";
const CONTACTED: &str = "name email interactions emails meetings phone_calls last_at";
const SERIES: &str = "date emails_sent emails_received meetings_sent meetings_received phone_calls_made phone_calls_received";
const HEALTH: &str = "state score trend model likelihood_30d silence_surprise memory expectation engagement rollup contributions";
const CONTRIBUTION: &str = "date kind age_days weight value";
const WHO_KNOWS: &str = "target as_of introducers paths missing";
const INTRODUCER: &str = "colleague name title strength grade activity directness mutuality likelihood_30d interactions emails meetings \
    phone_calls last_at contributions";

#[test]
fn a_contact_as_text() {
    expect![[r#"
        exit 0
        --- stdout
        Carla Cruz (contacts/con-1), as of 2026-03-01T00:00:00Z, data: crm_and_mailbox

        Health          fair - score 44, trend not_enough_info (model v1)
          memory 1.269 of expected 2.283, engagement 1.00
          likely to be in touch within 30 days: 45 %; silence surprise 0.20
          if you met today: 64
          2026-02-17 email      age  12 d  adds 0.368
          2026-02-10 email      age  19 d  adds 0.269
          2026-02-04 meeting    age  25 d  adds 0.219
          2026-02-03 email      age  26 d  adds 0.212
          2026-02-01 phone_call age  28 d  adds 0.200

        From 2025-01-01T00:00:00Z to 2026-03-01T00:00:00Z
        Emails          2 sent, 2 received
        Meetings        1 sent, 0 received
        Phone calls     1 made, 0 received
        Time spent      2.42 h by us, 1.42 h by them
        Response by us  mean -, median -, p90 - (0 answered, 2 unanswered)
                 them   mean 3.00 h, median 3.00 h, p90 3.00 h (1 answered, 1 unanswered)
                        median 3.00 h, with unanswered 137.12 h, in business hours 3.00 h
        Response rate   0 % by us, 50 % by them
        Send/receive    1.00 by us, 1.00 by them, sent share 50 %
        Last            2026-02-17T16:45:00Z email (outgoing)
        Next            2026-03-20T10:00:00Z meeting (outgoing)
        Most contacted
          Carla Cruz <carla@acme.example>: 6 interactions (4 emails, 1 meeting, 1 phone call), last 2026-02-17T16:45:00Z
          Dan Dorn <dan@acme.example>: 2 interactions (2 emails, 0 meetings, 0 phone calls), last 2026-02-10T08:30:00Z
          Eve Elm <eve@elm.example>: 1 interaction (1 email, 0 meetings, 0 phone calls), last 2026-02-17T16:45:00Z
        Most contacted by
          Ann Ash <ann@us.example>: 5 interactions (3 emails, 1 meeting, 1 phone call), last 2026-02-17T16:45:00Z
          Bob Birch <bob@us.example>: 2 interactions (1 email, 1 meeting, 0 phone calls), last 2026-02-10T08:30:00Z

        Summary
          The relationship is fair: 44 of 100.
          There has been no contact for 12 days, unusually long for this relationship.
          2 messages from the customer wait for your answer.
          The next meeting is planned in 19 days.
          You initiated 1 more meeting than the customer.
    "#]]
    .assert_eq(&small_organization().show(&["contact", "con-1", "--model", "v1", "--as-of", AS_OF]));
}

#[test]
fn a_contact_is_found_by_any_of_its_addresses_and_an_account_by_its_domain() {
    let place = small_organization();
    let by_id = place.run(&["contact", "con-1", "--as-of", AS_OF, "--json"]).ok();
    for address in ["carla@acme.example", "Carla.Cruz@ACME.example"] {
        assert_eq!(place.run(&["contact", address, "--as-of", AS_OF, "--json"]).ok(), by_id);
    }
    let account = place.run(&["account", "anybody@acme.example", "--as-of", AS_OF, "--json"]).ok().json();
    assert_eq!(account["id"], "acc-1");
}

#[test]
fn the_json_of_a_record_has_the_pinned_keys() {
    let place = small_organization();
    for (noun, id, table) in [
        ("contact", "con-1", "contacts"),
        ("lead", "lead-1", "leads"),
        ("account", "acc-1", "accounts"),
        ("opportunity", "o1", "opportunities"),
    ] {
        let outcome = place.run(&[noun, id, "--as-of", AS_OF, "--json"]).ok();
        assert_eq!(outcome.stderr, "");
        assert_eq!(outcome.stdout.lines().count(), 1, "one JSON document on one line");
        let body = outcome.json();
        assert_eq!((&body["table"], &body["id"], &body["as_of"]), (&table.into(), &id.into(), &AS_OF.into()));
        assert_eq!(body["data"], "crm_and_mailbox");
        assert_eq!(body["health"]["rollup"], noun == "account");
        assert_eq!(beside(&body, RECORD), ["+name", "+settings_version"], "{noun}");
        assert_eq!(beside(&body["kpis"], KPIS), ["+window_end", "+window_start"], "{noun}");
        assert_eq!(
            beside(&body["health"], HEALTH),
            ["+freshness", "+mutual", "+new_relationship", "+score_if_met_today", "+settings"],
            "{noun}"
        );
        for day in body["activity_by_day"].as_array().unwrap().iter().chain(body["activity_by_week"].as_array().unwrap()) {
            assert_eq!(beside(day, SERIES), [""; 0], "{noun}");
        }
        assert_eq!(body["activity_by_day"].as_array().unwrap().len(), 60);
        let contributions = body["health"]["contributions"].as_array().unwrap();
        assert!(contributions.iter().all(|one| beside(one, CONTRIBUTION).is_empty()), "{contributions:?}");
        let sum: f64 = contributions.iter().map(|one| one["value"].as_f64().unwrap()).sum();
        assert!((sum - body["health"]["memory"].as_f64().unwrap()).abs() < 1e-12, "{noun}: contributions add up");
        for list in ["most_contacted", "most_contacted_by"] {
            let entries = body["kpis"][list].as_array().unwrap();
            assert!(entries.len() <= 3 && entries.iter().all(|entry| beside(entry, CONTACTED).is_empty()), "{noun}: {entries:?}");
        }
    }
    let contact = place.run(&["contact", "con-1", "--as-of", AS_OF, "--json"]).ok().json();
    let kpis = &contact["kpis"];
    assert_eq!(beside(&kpis["response_time_by_us_h"], RESPONSE_TIME), ["+business", "+estimated", "+km_p50"]);
    assert_eq!(beside(&kpis["response_time_by_us_h"]["business"], "mean p50 p90 km_p50"), [""; 0]);
    assert_eq!(kpis["response_time_by_them_h"]["mean"], 3.0);
    assert_eq!(beside(&kpis["last_interaction"], "at kind direction"), [""; 0]);
    assert_eq!(kpis["next_interaction"]["at"], "2026-03-20T10:00:00Z");
}

#[test]
fn without_mailbox_data_what_it_would_tell_is_null_with_a_reason() {
    let place = crate::harness::Place::new();
    place.file("crm/contacts.csv", crate::harness::CONTACTS);
    place.file("crm/activities.csv", crate::harness::ACTIVITIES);
    place.run(&["import", "crm", place.path().join("crm").to_str().unwrap(), "--as-of", AS_OF]).ok();
    let body = place.run(&["contact", "con-1", "--as-of", AS_OF, "--json"]).ok().json();
    assert_eq!((&body["data"], &body["kpis"]["response_time_by_us_h"]), (&"crm".into(), &Value::Null));
    assert_eq!(body["unavailable"]["response_time_by_us_h"], "no_mailbox_data");
    assert_eq!((&body["health"]["state"], &body["health"]["score"]), (&"not_enough_info".into(), &Value::Null));
}

#[test]
fn who_knows_as_text() {
    let place = small_organization();
    expect![[r"
        exit 0
        --- stdout
        Who knows carla@acme.example? As of 2026-03-01T00:00:00Z, data: crm_and_mailbox

        colleague                   strength  grade  activity  directness  mutuality  30 days  interactions  last
        ---------------------------------------------------------------------------------------------------------------
        Ann Ash <ann@us.example>    18        weak   20        17          14         42 %     5             2026-02-17
        Bob Birch <bob@us.example>  11        weak   11        11          7          26 %     2             2026-02-10
    "]]
    .assert_eq(&place.show(&["who-knows", "carla@acme.example", "--model", "v1", "--as-of", AS_OF]));
    expect![[r"
        exit 0
        --- stdout
        Who knows acme.example? As of 2026-03-01T00:00:00Z, data: crm_and_mailbox

        colleague                 strength  grade  activity  directness  mutuality  30 days  interactions  last
        -------------------------------------------------------------------------------------------------------------
        Ann Ash <ann@us.example>  18        weak   20        17          14         42 %     5             2026-02-17
    "]]
    .assert_eq(&place.show(&["who-knows", "acme.example", "--model", "v1", "--as-of", AS_OF, "--limit", "1"]));
    expect![[r"
        exit 0
        --- stdout
        Who knows eve@elm.example? As of 2026-03-01T00:00:00Z, data: crm_and_mailbox

        colleague                 strength  grade  activity  directness  mutuality  30 days  interactions  last
        -------------------------------------------------------------------------------------------------------------
        Ann Ash <ann@us.example>  3         weak   8         4           0          28 %     1             2026-02-17
        path: bob@us.example -> carla@acme.example (11) -> eve@elm.example (3)

        Not introducers: 1 no_interactions (--json lists them)
    "]]
    .assert_eq(&place.show(&["who-knows", "eve@elm.example", "--model", "v1", "--as-of", AS_OF, "--hops", "2"]));
}

#[test]
fn the_json_of_who_knows_has_the_pinned_keys() {
    let place = small_organization();
    let body = place.run(&["who-knows", "eve@elm.example", "--as-of", AS_OF, "--hops", "2", "--json"]).ok().json();
    assert_eq!(beside(&body, WHO_KNOWS), ["+data", "+missing_counts", "+model", "+target_kind", "+target_name"]);
    let introducer = &body["introducers"][0];
    assert_eq!(
        beside(introducer, INTRODUCER),
        ["+active_days", "+asks_first", "+first_at", "+initiated_by_them", "+initiated_by_us"]
    );
    assert!(introducer["contributions"].as_array().unwrap().iter().all(|one| beside(one, CONTRIBUTION).is_empty()));
    assert_eq!(
        beside(&body["paths"][0], "colleague via target strength_first strength_second"),
        ["+colleague_name", "+via_name"]
    );
    assert_eq!(beside(&body["missing"][0], "colleague reason"), ["+name"]);
}

#[test]
fn the_model_is_the_newest_unless_another_is_set_or_asked_for() {
    let place = small_organization();
    let health = |more: &[&str]| {
        let arguments = [&["contact", "con-1", "--as-of", AS_OF, "--json"][..], more].concat();
        place.run(&arguments).ok().json()["health"].clone()
    };
    let newest = health(&[]);
    assert_eq!((&newest["model"], &newest["score"]), (&"v2".into(), &47.into()));
    assert!((newest["freshness"].as_f64().unwrap() - 0.843).abs() < 1e-3);
    assert_eq!(health(&["--model", "v2"]), newest);
    let first = health(&["--model", "v1"]);
    assert_eq!((&first["model"], &first["score"], &first["freshness"]), (&"v1".into(), &44.into(), &Value::Null));
    let text = place.show(&["contact", "con-1", "--as-of", AS_OF]);
    assert!(
        text.contains("(model v2)\n  memory 2.005 of expected 7.151, engagement 1.00, mutual 1.00, freshness 0.84\n"),
        "{text}"
    );

    let strengths = |more: &[&str]| {
        let arguments = [&["who-knows", "carla@acme.example", "--as-of", AS_OF, "--json"][..], more].concat();
        let body = place.run(&arguments).ok().json();
        let strengths: Vec<u64> =
            body["introducers"].as_array().unwrap().iter().filter_map(|one| one["strength"].as_u64()).collect();
        (body["model"].clone(), strengths)
    };
    assert_eq!(strengths(&[]), ("v2".into(), vec![44, 35]));
    assert_eq!(strengths(&["--model", "v1"]), ("v1".into(), vec![18, 11]));

    let exported = |more: &[&str]| {
        let arguments = [&["export", "kpis", "--format", "jsonl", "--as-of", AS_OF][..], more].concat();
        let rows = place.run(&arguments).ok().stdout;
        let row: Value = serde_json::from_str(rows.lines().find(|line| line.contains("con-1")).unwrap()).unwrap();
        (row["health_model"].clone(), row["health_score"].clone(), row["health_mutual"].clone())
    };
    assert_eq!(exported(&[]), ("v2".into(), 47.into(), 1.0.into()));
    assert_eq!(exported(&["--model", "v1"]), ("v1".into(), 44.into(), Value::Null));

    place.run(&["settings", "set", "health.model", "v1"]).ok();
    assert_eq!((health(&[]), health(&["--model", "v2"])), (first, newest));
}

#[test]
fn every_figure_is_a_function_of_the_moment_asked_for() {
    let place = small_organization();
    let sent =
        |as_of: &str| place.run(&["contact", "con-1", "--as-of", as_of, "--json"]).ok().json()["kpis"]["emails_sent"].clone();
    assert_eq!([sent("2026-02-03T08:59:59Z"), sent("2026-02-03T09:00:00Z"), sent("2026-02-17T16:45:00Z")], [0, 1, 2]);
    // In another year's window they are not.
    assert_eq!(sent("2028-01-01T00:00:00Z"), 0);
    let window = ["--from", "2026-02-04T00:00:00Z", "--to", "2026-02-28T00:00:00Z"];
    let arguments = [&["contact", "con-1", "--as-of", AS_OF, "--json"][..], &window].concat();
    assert_eq!(place.run(&arguments).ok().json()["kpis"]["emails_sent"], 1);
}
