//! `/api/v1/{table}` with views and filters, `/exports`, `/pipeline`, `/list-views`, `/dashboard`, `/users`, `/me`.

use std::sync::Arc;

use rapport_domain::{Moment, Table};
use rapport_server::{
    App,
    app::lists::{
        columns::{COLUMNS, ColumnKind},
        query::ListFilter,
        table::Shown,
    },
};
use rapport_testkit::test_app::{NOW, TestApp};
use serde_json::{Value, json};

fn ids(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

async fn list(test: &TestApp, table: &str, query: &[(&str, &str)]) -> Value {
    test.get(&path(table, query)).await.json(200).await
}

fn path(table: &str, query: &[(&str, &str)]) -> String {
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    format!("/api/v1/{table}?{}", query.join("&"))
}

/// Deals on every side of the rules, and users in three levels.
async fn with_deals() -> TestApp {
    let test = TestApp::with_records().await;
    for (id, owner, revenue, close, status) in [
        ("today", "ann@us.example", json!(1000), json!("2026-03-02"), "open"),
        ("yesterday", "ann@us.example", json!(2000), json!("2026-03-01"), "open"),
        ("dateless", "bob@us.example", json!(3000), json!(null), "open"),
        ("free", "bob@us.example", json!(null), json!("2026-04-01"), "open"),
        ("won", "bob@us.example", json!(9000), json!("2026-04-01"), "won"),
    ] {
        let mut deal = json!({"topic": format!("Deal {id}"), "owner": owner, "status": status, "currency": "EUR"});
        for (name, value) in [("estimated_revenue", revenue), ("estimated_close", close)] {
            if !value.is_null() {
                deal[name] = value;
            }
        }
        test.put(&format!("/api/v1/opportunities/{id}"), &[], &deal).await.json(201).await;
    }
    test
}

#[tokio::test]
async fn every_column_sorts_in_both_directions_and_knows_what_is_empty() {
    let test = with_deals().await;
    for column in COLUMNS {
        for table in ["contacts", "opportunities"] {
            let all = list(&test, table, &[("sort", column.name)]).await;
            let descending = list(&test, table, &[("sort", column.name), ("order", "desc")]).await;
            assert_eq!(all["total"], descending["total"], "{}", column.name);
            let filter = |op: &str| json!([{"column": column.name, "op": op}]).to_string();
            let empty = list(&test, table, &[("filter", &filter("empty"))]).await;
            let full = list(&test, table, &[("filter", &filter("not_empty"))]).await;
            let counts = [&empty, &full].map(|list| list["total"].as_u64().unwrap());
            assert_eq!(Some(counts.iter().sum()), all["total"].as_u64(), "{} in {table}", column.name);
            // Whatever is empty stands at the end both ways.
            let (all, descending, empty) = (ids(&all), ids(&descending), ids(&empty));
            let last = |list: &[&str]| list[list.len() - empty.len()..].iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
            let mut expected: Vec<String> = empty.iter().map(|id| (*id).to_owned()).collect();
            expected.sort();
            for list in [&all, &descending] {
                let mut last = last(list);
                last.sort();
                assert_eq!(last, expected, "{} in {table}", column.name);
            }
        }
    }
}

#[tokio::test]
async fn a_row_is_found_by_its_own_value_in_every_column() {
    let test = with_deals().await;
    for column in COLUMNS {
        let row = list(&test, "opportunities", &[("sort", column.name)]).await["items"][0].clone();
        let value = match &row[column.name] {
            Value::Bool(value) => json!(value.to_string()),
            value => value.clone(),
        };
        if value.is_null() {
            continue;
        }
        let op = if matches!(column.kind, ColumnKind::Text | ColumnKind::Word) { "is" } else { "ge" };
        let filter = json!([{"column": column.name, "op": op, "value": value}]).to_string();
        let found = list(&test, "opportunities", &[("filter", &filter)]).await;
        assert!(ids(&found).contains(&row["id"].as_str().unwrap()), "{} {op} {value}", column.name);
    }
}

#[tokio::test]
async fn conditions_compare_without_case_and_by_local_days() {
    let test = with_deals().await;
    let found = async |column: &str, op: &str, value: Value| {
        let filter = json!([{"column": column, "op": op, "value": value}]).to_string();
        let found = list(&test, "opportunities", &[("filter", &filter), ("sort", "id")]).await;
        ids(&found).join(" ")
    };
    assert_eq!(found("name", "contains", json!("DEAL TO")).await, "today");
    assert_eq!(found("status", "in", json!(["won", "lost"])).await, "won");
    assert_eq!(found("estimated_revenue", "le", json!(1000)).await, "today");
    assert_eq!(found("estimated_close", "is", json!("2026-03-01")).await, "yesterday");
    assert_eq!(found("estimated_close", "le", json!("2026-03-02")).await, "today yesterday");
    let both =
        json!([{"column": "status", "op": "is", "value": "open"}, {"column": "estimated_revenue", "op": "ge", "value": 2000}]);
    let found = list(&test, "opportunities", &[("filter", &both.to_string()), ("sort", "id"), ("q", "deal")]).await;
    assert_eq!(ids(&found), ["dateless", "yesterday"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_named() {
    let test = TestApp::with_records().await;
    let detail = async |query: &[(&str, &str)]| test.get(&path("contacts", query)).await.problem(400, "invalid").await;
    let filter = async |text: &str| detail(&[("filter", text)]).await.0;
    assert!(filter("name=x").await.starts_with("query: filter: it is no array of conditions"));
    assert_eq!(filter(r#"[{"column":"shoes","op":"is","value":"x"}]"#).await, "query: filter: there is no column `shoes`");
    assert_eq!(
        filter(r#"[{"column":"health_score","op":"contains","value":"x"}]"#).await,
        "query: filter: `health_score` is not compared by `contains`"
    );
    assert_eq!(
        filter(r#"[{"column":"health_score","op":"ge","value":"x"}]"#).await,
        "query: filter: `health_score`: the value is no number"
    );
    assert!(filter(r#"[{"column":"last_at","op":"ge","value":"soon"}]"#).await.contains("neither a date"));
    let many = vec![json!({"column": "name", "op": "empty"}); 21];
    assert_eq!(filter(&json!(many).to_string()).await, "query: filter: 21 conditions are more than 20");
    let (detail_of, hint) = detail(&[("view", "my")]).await;
    assert_eq!(detail_of, "`viewer` is missing: who looks?");
    assert!(hint.contains("/api/v1/users"));
    assert_eq!(detail(&[("view", "my"), ("viewer", "eve@x.example")]).await.0, "`viewer`: `eve@x.example` is no user's address");
    assert_eq!(detail(&[("offset", "1"), ("cursor", "x")]).await.0, "query: offset: a cursor says itself where it continues");
}

#[tokio::test]
async fn my_and_my_teams_records_are_those_of_the_viewer_and_their_reports() {
    let test = with_deals().await;
    let of = async |view: &str, viewer: &str| {
        let found = list(&test, "opportunities", &[("view", view), ("viewer", viewer), ("state", "open"), ("sort", "id")]).await;
        ids(&found).join(" ")
    };
    let mine = of("my", "ann@us.example").await;
    assert!(mine.contains("today") && mine.contains("yesterday") && !mine.contains("dateless"), "{mine}");
    assert_eq!(of("my", "bob@us.example").await, "dateless free");
    let team = of("team", "ann@us.example").await;
    assert!(team.contains("today"), "{team}");
    let open = list(&test, "opportunities", &[("state", "open")]).await;
    assert!(!ids(&open).contains(&"won"));
    let closed = list(&test, "opportunities", &[("state", "closed")]).await;
    assert_eq!(ids(&closed), ["won"]);
}

#[tokio::test]
async fn rows_can_be_skipped() {
    let test = with_deals().await;
    let all = list(&test, "opportunities", &[("sort", "id")]).await;
    let some = list(&test, "opportunities", &[("sort", "id"), ("offset", "2"), ("limit", "2")]).await;
    assert_eq!((ids(&some), &some["total"]), (ids(&all)[2..4].to_vec(), &all["total"]));
    assert_eq!(ids(&list(&test, "opportunities", &[("offset", "99")]).await), [""; 0]);
}

#[tokio::test]
async fn the_pipeline_shows_what_closes_and_counts_what_does_not() {
    let test = with_deals().await;
    let pipeline = test.get("/api/v1/pipeline?owner=ann@us.example&q=deal").await.json(200).await;
    let points = pipeline["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[0]["id"], &points[0]["days_until_close"]), (1, &json!("today"), &json!(0)));
    assert_eq!(pipeline["not_shown"], json!({"no_close_date": 0, "past_close_date": 1}));
    let bobs = test.get("/api/v1/pipeline?owner=bob@us.example&q=deal").await.json(200).await;
    assert_eq!(bobs["points"][0]["id"], "free", "a won deal has no bubble");
    assert_eq!((&bobs["points"][0]["estimated_revenue"], &bobs["points"][0]["health_score"]), (&Value::Null, &Value::Null));
    assert_eq!((&bobs["not_shown"]["no_close_date"], &bobs["omitted"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn a_list_comes_as_a_file_that_runs_nothing() {
    let test = with_deals().await;
    test.put("/api/v1/opportunities/evil", &[], &json!({"topic": "=HYPERLINK(\"x\")", "status": "open"})).await.json(201).await;
    let file =
        test.get("/api/v1/exports/opportunities?columns=name,status,estimated_revenue&sort=id&language=nl&state=open").await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"opportunities.csv\"");
    let text = file.text().await;
    assert!(text.starts_with("\u{feff}Naam,Status,Geschatte omzet\n"), "{text}");
    assert!(text.contains("\"'=HYPERLINK(\"\"x\"\")\",Open,"), "{text}");
    assert!(!text.contains("Deal won"));
    let excel = test.get("/api/v1/exports/opportunities?format=xlsx").await;
    assert_eq!(excel.header("content-disposition"), "attachment; filename=\"opportunities.xlsx\"");
    assert!(excel.bytes().await.starts_with(b"PK"), "a workbook is a zip file");
    let (detail, _) = test.get("/api/v1/exports/opportunities?columns=shoes").await.problem(400, "invalid").await;
    assert_eq!(detail, "`columns`: there is no column `shoes`");
}

#[tokio::test]
async fn saved_views_are_personal_and_named_once() {
    let test = TestApp::with_records().await;
    let view = json!({"table": "contacts", "name": " Silent ", "query": {"sort": "last_at", "filter": []}});
    let saved = test.post("/api/v1/list-views?viewer=ann@us.example", &[], &view).await.json(201).await;
    assert_eq!((&saved["name"], &saved["query"]["sort"]), (&json!("Silent"), &json!("last_at")));
    test.post("/api/v1/list-views?viewer=ann@us.example", &[], &view).await.problem(409, "conflict").await;
    let of = async |viewer: &str| test.get(&format!("/api/v1/list-views?viewer={viewer}")).await.json(200).await["items"].clone();
    assert_eq!(of("ann@us.example").await.as_array().unwrap().len(), 1);
    assert_eq!(of("bob@us.example").await, json!([]));
    let changed = json!({"table": "contacts", "name": "Silent", "query": {"sort": "name"}});
    let id = &saved["id"];
    test.put(&format!("/api/v1/list-views/{id}?viewer=bob@us.example"), &[], &changed).await.problem(404, "missing").await;
    let put = test.put(&format!("/api/v1/list-views/{id}?viewer=ann@us.example"), &[], &changed).await.json(200).await;
    assert_eq!(put["query"], json!({"sort": "name"}));
    test.delete(&format!("/api/v1/list-views/{id}?viewer=bob@us.example")).await.problem(404, "missing").await;
    test.delete(&format!("/api/v1/list-views/{id}?viewer=ann@us.example")).await.text().await;
    assert_eq!(of("ann@us.example").await, json!([]));
    let nameless = json!({"table": "contacts", "name": " ", "query": {}});
    let (detail, _) =
        test.post("/api/v1/list-views?viewer=ann@us.example", &[], &nameless).await.problem(422, "unprocessable").await;
    assert_eq!(detail, "`name` has 1 to 100 characters");
}

#[tokio::test]
async fn who_looks_is_a_user() {
    let test = TestApp::with_records().await;
    let users = test.get("/api/v1/users").await.json(200).await;
    let names: Vec<_> = users["items"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap()).collect();
    assert_eq!(names, ["ann@us.example", "bob@us.example"]);
    let me = test.get("/api/v1/me?viewer=ann@us.example").await.json(200).await;
    assert_eq!((&me["viewer"]["email"], &me["organization"]["today"]), (&json!("ann@us.example"), &json!("2026-03-02")));
    assert_eq!(test.get("/api/v1/me").await.json(200).await["viewer"], Value::Null);
}

#[tokio::test]
async fn the_dashboard_names_what_asks_for_attention() {
    let test = with_deals().await;
    let dashboard = test.get("/api/v1/dashboard?view=my&viewer=ann@us.example").await.json(200).await;
    let closing: Vec<_> =
        dashboard["closing_soon"].as_array().unwrap().iter().map(|point| point["id"].as_str().unwrap()).collect();
    assert!(closing.contains(&"today") && !closing.contains(&"yesterday") && !closing.contains(&"free"), "{closing:?}");
    let counts: u64 = ["good", "fair", "poor", "other"].iter().map(|name| dashboard["counts"][name].as_u64().unwrap()).sum();
    assert!(counts >= 3, "{dashboard}");
}

#[tokio::test]
async fn lists_survive_a_restart_and_never_a_change() {
    let test = with_deals().await;
    let before = list(&test, "opportunities", &[("sort", "name")]).await;
    // They are stored in the background.
    let store = test.app().store();
    let (org, data) = (test.app().organization().id, "crm");
    let version = loop {
        if let Some(version) = store.snapshot_version(org, data).await.unwrap() {
            break version;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    let restarted = App::new(store.clone(), test.app().organization().clone(), Arc::new(|| Moment::parse(NOW).unwrap()));
    let table = restarted.list_table().await.unwrap();
    assert_eq!(table.version, version, "read, not folded again");
    let names: Vec<String> =
        table.matching(Table::Opportunities, &ListFilter::default(), &Shown::all()).map(|row| row.name.clone()).collect();
    assert_eq!(names.len() as u64, before["total"].as_u64().unwrap());

    let deal = json!({"topic": "Anew", "status": "open"});
    test.put("/api/v1/opportunities/anew", &[], &deal).await.json(201).await;
    let rows = store.snapshot_rows(org, data).await.unwrap();
    assert!(!store.replace_snapshots(org, &version, &rows).await.unwrap(), "what facts have left behind is not stored");
    let after = list(&test, "opportunities", &[("sort", "name")]).await;
    assert_eq!(ids(&after)[0], "anew");
}

#[tokio::test]
async fn scores_are_spread_as_the_lists_show_them() {
    let test = with_deals().await;
    let spread = test.get("/api/v1/health-distribution").await.json(200).await;
    assert_eq!((&spread["won"], &spread["lost"], &spread["closed_needed"]), (&json!(1), &json!(0), &json!(30)));
    for scores in spread["tables"].as_array().unwrap() {
        let table = scores["table"].as_str().unwrap();
        let rows = list(&test, table, &[("state", "open"), ("limit", "500")]).await;
        let mut expected = vec![0_u64; 101];
        let mut without = 0;
        for row in rows["items"].as_array().unwrap() {
            match row["health_score"].as_u64() {
                Some(score) => expected[score as usize] += 1,
                None => without += 1,
            }
        }
        assert_eq!((&scores["with_score"], &scores["without_score"]), (&json!(expected), &json!(without)), "{table}");
    }
    assert_eq!(spread["tables"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn at_most_or_not_known_is_one_condition() {
    let test = with_deals().await;
    let with = async |condition: serde_json::Value| {
        let filter = json!([condition]).to_string();
        let found = list(&test, "opportunities", &[("sort", "id"), ("filter", &filter)]).await;
        ids(&found).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let low = with(json!({"column": "estimated_revenue", "op": "le", "value": 2000})).await;
    let unknown = with(json!({"column": "estimated_revenue", "op": "empty"})).await;
    let mut both = [low, unknown].concat();
    both.sort();
    assert!(both.contains(&"free".to_owned()) && both.contains(&"today".to_owned()), "{both:?}");
    assert_eq!(with(json!({"column": "estimated_revenue", "op": "le_or_empty", "value": 2000})).await, both);
    let filter = json!([{"column": "last_at", "op": "le_or_empty", "value": "2026-03-01"}]).to_string();
    test.get(&path("opportunities", &[("filter", &filter)])).await.problem(400, "invalid").await;
}
