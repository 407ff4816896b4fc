//! `rapport evaluate`: the past of a store, as a table and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::harness::{AS_OF, Place};

/// Forty people who wrote with three sellers each, week by week, until half of them stopped in July 2025.
fn with_a_past() -> Place {
    let place = Place::new();
    let mut rows = "occurred_at,kind,from,to,message_id\n".to_owned();
    for person in 0..40 {
        for (seller, weeks_between) in [("ann", 1), ("bob", 2), ("cas", 5)] {
            for week in (0..100).step_by(weeks_between) {
                let day = day_after(week * 7 + person % 7);
                if person % 2 == 0 && day.as_str() >= "2025-07-01" {
                    break;
                }
                let (ours, theirs) = (format!("{seller}@us.example"), format!("p{person}@they.example"));
                let (from, to) = if (week + person) % 2 == 0 { (ours, theirs) } else { (theirs, ours) };
                writeln!(rows, "{day}T10:00:00Z,email,{from},{to},{seller}.{person}.{week}@x").unwrap();
            }
        }
    }
    let users = place.file("users.csv", "email,name\nann@us.example,Ann\nbob@us.example,Bob\ncas@us.example,Cas\n");
    place.run(&["import", "users", &users]).ok();
    let file = place.file("past.csv", rows);
    place.run(&["import", "interactions", &file, "--consent", "a test", "--as-of", AS_OF]).ok();
    place
}

/// So many days after 1 April 2024.
fn day_after(days: i64) -> String {
    let first = rapport_domain::Moment::parse("2024-04-01T00:00:00Z").unwrap();
    first.plus_us(days * rapport_domain::time::DAY_US).to_rfc3339()[..10].to_owned()
}

fn measure<'a>(of: &'a Value, name: &str) -> &'a Value {
    of["measures"].as_array().unwrap().iter().find(|measure| measure["name"] == name).unwrap()
}

#[test]
fn who_stopped_is_told_from_who_goes_on() {
    let place = with_a_past();
    let at = ["--at", "2025-09-01T00:00:00Z", "--as-of", AS_OF];
    let report = place.run(&[&["evaluate", "--json"], &at[..]].concat()).ok().json();
    assert_eq!(report["moments"], json!([{"at": "2025-09-01T00:00:00Z", "pairs": 120, "records": 40, "people": 20}]));
    assert!(measure(&report["pairs"], "likelihood_30d")["roc_auc"]["value"].as_f64().unwrap() > 0.9, "{}", report["pairs"]);
    assert!(measure(&report["who_knows_whom"], "strength")["mrr"]["value"].as_f64().unwrap() > 0.7);
    assert_eq!((&report["horizon_days"], &report["calibration"]["state"]), (&json!(30), &json!("pooled")));

    let text = place.run(&[&["evaluate"], &at[..]].concat()).ok().stdout;
    for part in [
        "asked as of 2025-09-01, 30 days ahead",
        "note: only 120 pairs could be judged",
        "were in touch within 30 days; of ",
        "Pairs of a colleague and an external person: 120 cases",
        "days_since_last *",
        "Deals: 0 won, 0 lost: too few to compare",
        "Likelihood: pooled, intercept 0.530, slope 0.780",
    ] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

#[test]
fn the_same_past_gives_the_same_answer_and_only_calibrate_changes_the_store() {
    let place = with_a_past();
    let ask = |more: &[&str]| {
        let mut report = place.run(&[&["evaluate", "--json"], more].concat()).ok().json();
        report["as_of"] = Value::Null;
        report["elapsed_s"] = Value::Null;
        report
    };
    let first = ask(&[]);
    assert_eq!(first["moments"].as_array().unwrap().len(), 2);
    assert_eq!(first, ask(&[]));
    assert_eq!(ask(&["--calibrate"])["calibration"]["version"], 1);
    assert_eq!(ask(&[])["calibration"]["version"], 1);
    // At other horizons than its own the likelihood is no probability of what is asked.
    let farther = ask(&["--horizon-days", "60"]);
    assert_eq!(measure(&farther["pairs"], "likelihood_30d")["brier"], Value::Null);
}

#[test]
fn an_empty_store_and_a_moment_to_come_say_so() {
    let place = Place::new();
    let text = place.run(&["evaluate"]).ok().stdout;
    assert_eq!(text, "Nothing was captured yet: import mail, calendars or CRM activities first.\n");
    let failed = place.run(&["evaluate", "--at", "2026-03-02T00:00:00Z", "--as-of", AS_OF]).failed();
    assert!(failed.stderr.contains("is not past") && failed.stderr.contains("hint: give a moment before"), "{failed:?}");
    assert_eq!(place.run(&["evaluate", "--horizon-days", "0"]).code, Some(2));
    // What holds from now on is fitted to the months before now.
    assert_eq!(place.run(&["evaluate", "--calibrate", "--as-of", AS_OF]).code, Some(2));
}
