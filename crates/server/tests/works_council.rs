//! Works council mode: no figure about a single colleague for anyone but that colleague, by whatever operation, directly or by subtraction.

use std::{collections::BTreeSet, fmt::Write as _};

use rapport_domain::time::{DAY_US, SECOND_US};
use rapport_server::app::{export::Format, import::ImportOptions, ties::WhoKnowsQuery, users::UserChange};
use rapport_testkit::test_app::{PASSWORD, TestApp};
use serde_json::{Value, json};

const SELLERS: [&str; 6] = ["s1@us.example", "s2@us.example", "s3@us.example", "s4@us.example", "s5@us.example", "s6@us.example"];

const FILES: [(&str, &str); 4] = [
    ("accounts.csv", "id,name,domains,industry,owner,primary_contact\na1,Acme,acme.example,,s1@us.example,c1\n"),
    (
        "contacts.csv",
        "id,name,email,account,owner\nc1,Jo Smit,jo@acme.example,a1,s2@us.example\nc2,Kay Kok,kay@acme.example,a1,s1@us.example\n",
    ),
    ("leads.csv", "id,topic,name,email,status,owner\nl1,Office,Mo Mol,mo@cargo.example,active,s1@us.example\n"),
    (
        "opportunities.csv",
        "id,topic,account,contact,owner,status,estimated_close,estimated_revenue,currency\n\
         o1,Rollout,a1,c2,s1@us.example,open,2026-06-30,100,EUR\n",
    ),
];

/// Jo is in touch with five of us; Kay, the lead and the deal with the first seller alone, who does so much with them as `busy` says.
fn interactions(busy: usize) -> String {
    let mut rows = "occurred_at,kind,from,to,duration_s,message_id,in_reply_to,mailbox,regarding,source\n".to_owned();
    let mut row = |text: String| {
        rows.push_str(&text);
        rows.push('\n');
    };
    for (i, seller) in SELLERS.iter().take(5).enumerate() {
        let day = i + 2;
        row(format!("2026-02-{day:02}T09:00:00Z,email,jo@acme.example,{seller},,j{i}@x,,{seller},,mailbox"));
        row(format!("2026-02-{day:02}T11:00:00Z,email,{seller},jo@acme.example,,k{i}@x,j{i}@x,{seller},,mailbox"));
        row(format!("2026-02-{day:02}T13:00:00Z,meeting,{seller},jo@acme.example,1800,m{i}@x,,{seller},,mailbox"));
        row(format!("2026-02-{day:02}T15:00:00Z,phone_call,{seller},jo@acme.example,600,p{i}@x,,{seller},,mailbox"));
    }
    // The same first and last day in both worlds, so that what differs is how much he did.
    for i in 0..busy {
        for (to, regarding) in
            [("kay@acme.example", ""), ("mo@cargo.example", "leads/l1"), ("kay@acme.example", "opportunities/o1")]
        {
            let id = format!("b{i}-{}", to.len() + regarding.len());
            let minute = i * 3;
            row(format!("2026-02-20T09:{minute:02}:00Z,email,{to},s1@us.example,,{id}-q@x,,s1@us.example,{regarding},mailbox"));
            row(format!("2026-02-20T1{i}:00:00Z,email,s1@us.example,{to},,{id}@x,{id}-q@x,s1@us.example,{regarding},mailbox"));
            row(format!("2026-02-21T1{i}:00:00Z,email,{to},s1@us.example,,{id}-r@x,{id}@x,s1@us.example,{regarding},mailbox"));
            row(format!("2026-02-20T1{i}:30:00Z,meeting,s1@us.example,{to},1800,{id}-m@x,,s1@us.example,{regarding},mailbox"));
            row(format!("2026-02-20T1{i}:45:00Z,phone_call,s1@us.example,{to},60,{id}-p@x,,s1@us.example,{regarding},crm"));
        }
    }
    rows
}

/// Emails of a day in February, each from one of us to some people.
fn mails(sent: &[(&str, &str)]) -> String {
    let mut rows = "occurred_at,kind,from,to,message_id,mailbox,source\n".to_owned();
    for (i, (from, to)) in sent.iter().enumerate() {
        _ = writeln!(rows, "2026-02-{:02}T09:00:00Z,email,{from},{to},w{i}@x,{from},mailbox", i + 2);
    }
    rows
}

/// The number of our emails that somebody is told.
async fn sent_to(test: &TestApp, record: &str) -> Value {
    sent_as_told_to(test, "karin@us.example", record).await
}

async fn sent_as_told_to(test: &TestApp, caller: &str, record: &str) -> Value {
    let cookie = sign_in(test, caller).await;
    let path = format!("/api/v1/{record}/insights");
    test.get_with(&path, &[("cookie", &cookie)]).await.json(200).await["kpis"]["emails_sent"].clone()
}

async fn world(busy: usize) -> TestApp {
    world_of(&interactions(busy)).await
}

async fn world_of(interactions: &str) -> TestApp {
    let test = TestApp::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    for (name, text) in FILES {
        file(name, text);
    }
    let of = |role: &str| UserChange { roles: Some(vec![role.to_owned()]), ..UserChange::default() };
    let rest = [
        ("karin@us.example", "System Administrator"),
        ("wouter@us.example", "Privacy Administrator"),
        ("vic@us.example", "Vice President of Sales"),
        ("ina@us.example", "Works council"),
    ];
    for (email, role) in SELLERS.map(|seller| (seller, "Salesperson")).into_iter().chain(rest) {
        test.app().put_user(email, &of(role)).await.unwrap();
    }
    let options = ImportOptions::default();
    test.app().import_crm(folder.path(), &options, &|_| {}).await.unwrap();
    let consent = ImportOptions { consent: Some("a test".to_owned()), ..options };
    let report = test.app().import_interactions(&file("x.csv", interactions), &consent, &|_| {}).await.unwrap();
    assert_eq!((report.failed, report.excluded.len()), (0, 0), "{report:?}");
    for email in ["s1@us.example", "s2@us.example", "karin@us.example", "wouter@us.example", "vic@us.example", "ina@us.example"] {
        test.sign_up(email).await;
    }
    test
}

async fn sign_in(test: &TestApp, email: &str) -> String {
    // Attempts run out and come back.
    test.wait(60 * SECOND_US);
    let response = test.post("/api/v1/sign-in", &[], &json!({"email": email, "password": PASSWORD})).await;
    assert_eq!(response.status, 204, "{email}");
    response.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn act(test: &TestApp, email: &str, body: &Value) -> rapport_testkit::test_app::TestResponse {
    let cookie = sign_in(test, email).await;
    test.post("/api/v1/works-council", &[("cookie", &cookie)], body).await
}

async fn turn_on(test: &TestApp) {
    let on = act(test, "wouter@us.example", &json!({"action": "turn_on", "council": "ina@us.example"})).await.json(200).await;
    assert_eq!((&on["is_on"], &on["council"]), (&json!(true), &json!("ina@us.example")));
}

async fn turn_off(test: &TestApp) {
    act(test, "wouter@us.example", &json!({"action": "ask_off"})).await.json(200).await;
    act(test, "ina@us.example", &json!({"action": "agree_off"})).await.json(200).await;
}

#[tokio::test]
async fn one_turns_it_on_and_two_turn_it_off() {
    let test = world(1).await;
    let action = |action: &str| json!({"action": action});
    let named = |council: &str| json!({"action": "turn_on", "council": council});
    for (who, council) in [
        ("karin@us.example", "ina@us.example"),
        ("vic@us.example", "ina@us.example"),
        // Oneself, and somebody who could never agree.
        ("wouter@us.example", "wouter@us.example"),
        ("wouter@us.example", "s3@us.example"),
    ] {
        act(&test, who, &named(council)).await.problem(403, "refused").await;
    }
    turn_on(&test).await;
    act(&test, "wouter@us.example", &named("s2@us.example")).await.problem(403, "refused").await;
    // Nobody alone: not the privacy administrator, not the administrator, not the council unasked.
    for who in ["wouter@us.example", "karin@us.example", "ina@us.example"] {
        act(&test, who, &action("agree_off")).await.problem(403, "refused").await;
    }
    act(&test, "karin@us.example", &action("ask_off")).await.problem(403, "refused").await;
    let asked = act(&test, "wouter@us.example", &action("ask_off")).await.json(200).await;
    assert_eq!(
        (&asked["off_asked_by"], &asked["is_on"], &asked["is_council"]),
        (&json!("wouter@us.example"), &json!(true), &json!(false))
    );
    act(&test, "wouter@us.example", &action("agree_off")).await.problem(403, "refused").await;
    let kept = act(&test, "ina@us.example", &action("keep_on")).await.json(200).await;
    assert_eq!((&kept["is_on"], &kept["off_asked_by"]), (&json!(true), &Value::Null));
    act(&test, "ina@us.example", &action("agree_off")).await.problem(403, "refused").await;
    act(&test, "wouter@us.example", &action("ask_off")).await.json(200).await;

    // Who manages users does not become the council: neither by its password, nor by what it is called.
    let karin = sign_in(&test, "karin@us.example").await;
    let karin = [("cookie", karin.as_str())];
    test.post("/api/v1/users/ina%40us.example/sign-in", &karin, &json!({})).await.problem(403, "refused").await;
    test.delete_with("/api/v1/users/ina%40us.example/sign-in", &karin).await.problem(403, "refused").await;
    test.put("/api/v1/users/ina%40us.example", &karin, &json!({"left_at": "2026-01-01"})).await.problem(403, "refused").await;
    test.put("/api/v1/users/karin%40us.example", &karin, &json!({"aliases": ["ina@us.example"]}))
        .await
        .problem(422, "unprocessable")
        .await;
    act(&test, "karin@us.example", &action("agree_off")).await.problem(403, "refused").await;

    let off = act(&test, "ina@us.example", &action("agree_off")).await.json(200).await;
    assert_eq!((&off["is_on"], &off["council"]), (&json!(false), &Value::Null));
    let entries = test.app().audit_entries(None, 50).await.unwrap();
    let mut steps: Vec<String> = entries
        .into_iter()
        .filter(|entry| entry.action.starts_with("works_council"))
        .map(|entry| format!("{} {}", entry.actor, entry.action))
        .collect();
    steps.reverse();
    assert_eq!(
        steps,
        [
            "wouter@us.example works_council.on",
            "wouter@us.example works_council.off_asked",
            "ina@us.example works_council.kept_on",
            "wouter@us.example works_council.off_asked",
            "ina@us.example works_council.off",
        ]
    );
}

/// Every question that the API answers, asked in many ways. `-`: it answers nothing that is known of interactions.
const QUESTIONS: &[(&str, &[&str])] = &[
    ("get /api/v1/activities/{id}", &["/api/v1/activities/x1"]),
    ("get /api/v1/audit", &["-"]),
    ("get /api/v1/audit/check", &["-"]),
    ("get /api/v1/audit/export", &["-"]),
    // How many messages a colleague has is told to nobody; a test of its own has a connector.
    ("get /api/v1/connectors", &["-"]),
    ("get /api/v1/dashboard", &["/api/v1/dashboard", "/api/v1/dashboard?view=team", "/api/v1/dashboard?owner=s1@us.example"]),
    ("get /api/v1/enabling", &["/api/v1/enabling"]),
    // Totals of the whole organization.
    ("get /api/v1/evaluation", &["-"]),
    ("get /api/v1/events", &["-"]),
    (
        "get /api/v1/exports/{table}",
        &[
            "/api/v1/exports/contacts?columns=name,owner,owner_name,time_spent_by_us_min,time_spent_by_them_min,interactions,emails_sent,meetings_sent,phone_calls_made,response_time_by_us_h",
            "/api/v1/exports/leads?columns=name,owner,interactions,time_spent_by_us_min&sort=interactions",
            "/api/v1/exports/opportunities?columns=name,owner&sort=owner",
        ],
    ),
    ("get /api/v1/features", &["-"]),
    ("get /api/v1/forms", &["-"]),
    ("get /api/v1/health-distribution", &["/api/v1/health-distribution"]),
    ("get /api/v1/imports", &["-"]),
    ("get /api/v1/imports/{id}", &["-"]),
    ("get /api/v1/imports/{id}/events", &["-"]),
    ("get /api/v1/introductions", &["/api/v1/introductions"]),
    ("get /api/v1/list-views", &["-"]),
    // The privacy administrator is told who looked, not what at.
    ("get /api/v1/looks", &["-"]),
    ("get /api/v1/looks/export", &["-"]),
    ("get /api/v1/me", &["-"]),
    ("get /api/v1/my-data", &["/api/v1/my-data", "/api/v1/my-data?viewer=s1@us.example"]),
    ("get /api/v1/my-data/export", &["/api/v1/my-data/export?viewer=s1@us.example"]),
    ("get /api/v1/my-data/looks", &["/api/v1/my-data/looks?viewer=s1@us.example"]),
    ("get /api/v1/my-data/private-contacts", &["/api/v1/my-data/private-contacts?viewer=s1@us.example"]),
    ("get /api/v1/objections", &["-"]),
    ("get /api/v1/openapi.json", &["-"]),
    ("get /api/v1/opportunities/{id}/similar", &["/api/v1/opportunities/o1/similar"]),
    ("get /api/v1/permissions", &["-"]),
    ("get /api/v1/permissions/callback", &["-"]),
    ("get /api/v1/permissions/{connector}/consent", &["-"]),
    ("get /api/v1/pipeline", &["/api/v1/pipeline", "/api/v1/pipeline?owner=s1@us.example"]),
    ("get /api/v1/privacy-requests", &["-"]),
    ("get /api/v1/privacy-requests/{id}", &["-"]),
    // What is held on a customer, on the customer's request.
    ("get /api/v1/privacy-requests/{id}/file", &["-"]),
    // Totals of the whole organization.
    ("get /api/v1/processing-record", &["-"]),
    ("get /api/v1/providers", &["-"]),
    ("get /api/v1/roles", &["-"]),
    ("get /api/v1/search", &["/api/v1/search?q=s1", "/api/v1/search?q=kay"]),
    ("get /api/v1/sessions", &["-"]),
    ("get /api/v1/settings", &["-"]),
    ("get /api/v1/sign-in", &["-"]),
    ("get /api/v1/sign-in/{provider}", &["-"]),
    ("get /api/v1/sign-in/{provider}/callback", &["-"]),
    ("get /api/v1/tokens", &["-"]),
    ("get /api/v1/users", &["-"]),
    (
        "get /api/v1/who-knows",
        &[
            "/api/v1/who-knows?target=kay@acme.example",
            "/api/v1/who-knows?target=mo@cargo.example&hops=2",
            "/api/v1/who-knows?target=acme.example&limit=100&hops=2",
            "/api/v1/who-knows?target=kay@acme.example&as_of=2026-02-21T00:00:00Z",
        ],
    ),
    ("get /api/v1/works-council", &["-"]),
    (
        "get /api/v1/{table}",
        &[
            "/api/v1/contacts",
            "/api/v1/accounts?sort=interactions&order=desc",
            "/api/v1/contacts?sort=time_spent_by_us_min",
            "/api/v1/contacts?sort=emails_sent&order=desc",
            "/api/v1/contacts?sort=response_time_by_them_h",
            "/api/v1/leads?filter=[{\"column\":\"response_time_by_them_h\",\"op\":\"ge\",\"value\":12}]",
            "/api/v1/contacts?q=s1",
            "/api/v1/contacts?owner=s1@us.example",
            "/api/v1/contacts?sort=owner_name",
            "/api/v1/leads?filter=[{\"column\":\"owner\",\"op\":\"is\",\"value\":\"s1@us.example\"}]",
            "/api/v1/leads?filter=[{\"column\":\"interactions\",\"op\":\"ge\",\"value\":5}]",
            "/api/v1/opportunities?filter=[{\"column\":\"time_spent_by_us_min\",\"op\":\"ge\",\"value\":60}]",
            "/api/v1/contacts?view=my&viewer=s1@us.example",
        ],
    ),
    ("get /api/v1/{table}/{id}", &["-"]),
    ("get /api/v1/{table}/{id}/history", &["-"]),
    (
        "get /api/v1/{table}/{id}/insights",
        &[
            "/api/v1/contacts/c1/insights",
            "/api/v1/contacts/c2/insights",
            "/api/v1/accounts/a1/insights",
            "/api/v1/leads/l1/insights",
            "/api/v1/opportunities/o1/insights",
            "/api/v1/contacts/c2/insights?from=2026-02-20T00:00:00Z&to=2026-02-21T00:00:00Z",
            "/api/v1/accounts/a1/insights?as_of=2026-02-21T00:00:00Z",
        ],
    ),
    (
        "get /api/v1/{table}/{id}/interactions",
        &[
            "/api/v1/contacts/c2/interactions",
            "/api/v1/accounts/a1/interactions?limit=200",
            "/api/v1/leads/l1/interactions",
            "/api/v1/opportunities/o1/interactions",
        ],
    ),
    ("get /healthz", &["-"]),
    // Of the whole organization, and of nobody.
    ("get /metrics", &["-"]),
    ("get /readyz", &["-"]),
];

/// What tells of the relationship, whoever of us tends it: health, the last contact, and what the other side did.
const OF_THE_RELATIONSHIP: &[&str] = &[
    "health",
    "health_state",
    "health_score",
    "health_trend",
    "likelihood_30d",
    "silence_surprise",
    "new_relationship",
    "last_interaction",
    "last_at",
    "last_kind",
    "emails_received",
    "meetings_received",
    "phone_calls_received",
    "most_contacted",
    "activity_by_day",
    "activity_by_week",
    "grade",
    "counts",
    "tables",
    "at_risk",
    "newly_warm",
    "handle",
    "computed_at",
    "unavailable",
    "settings_version",
    "comparison",
];

/// What is left of an answer without that.
fn stripped(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(stripped).collect(),
        Value::Object(fields) => {
            let left = fields.iter().filter(|(name, _)| !OF_THE_RELATIONSHIP.contains(&name.as_str()));
            left.map(|(name, value)| (name.clone(), stripped(value))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn every_question_is_asked() {
    let document: Value = serde_json::from_str(&rapport_server::api::openapi_json()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let asking: BTreeSet<String> =
        paths.iter().filter(|(_, item)| item["get"].is_object()).map(|(path, _)| format!("get {path}")).collect();
    assert_eq!(QUESTIONS.iter().map(|(operation, _)| (*operation).to_owned()).collect::<BTreeSet<_>>(), asking);
}

/// Two worlds that differ in nothing but how much one seller did are told apart by nobody else, whatever they ask: so nothing can be
/// subtracted either.
#[tokio::test]
async fn nobody_learns_how_much_a_colleague_does() {
    let (quiet, busy) = (world(2).await, world(7).await);
    let mut texts = Vec::new();
    for is_on in [false, true] {
        if is_on {
            turn_on(&quiet).await;
            turn_on(&busy).await;
        }
        let mut told_apart = Vec::new();
        for caller in ["karin@us.example", "vic@us.example", "wouter@us.example", "s2@us.example"] {
            let cookies = (sign_in(&quiet, caller).await, sign_in(&busy, caller).await);
            for path in QUESTIONS.iter().flat_map(|(_, paths)| *paths).filter(|path| **path != "-") {
                let path =
                    path.replace('"', "%22").replace('[', "%5B").replace(']', "%5D").replace('{', "%7B").replace('}', "%7D");
                let one = quiet.get_with(&path, &[("cookie", &cookies.0)]).await;
                let other = busy.get_with(&path, &[("cookie", &cookies.1)]).await;
                let statuses = (one.status, other.status);
                let (one, other) = (one.text().await, other.text().await);
                let json = |text: &str| serde_json::from_str(text).map_or_else(|_| json!(text), |value| stripped(&value));
                if (statuses.0, json(&one)) != (statuses.1, json(&other)) {
                    told_apart.push(format!("{caller} {path}"));
                    texts.push((is_on, path.clone(), one, other));
                }
            }
        }
        if is_on {
            let shown = texts.iter().find(|(is_on, ..)| *is_on);
            assert!(told_apart.is_empty(), "{told_apart:#?}\n{shown:#?}");
        } else {
            assert!(told_apart.len() > 20, "without the mode the worlds differ: {told_apart:#?}");
        }
    }
}

#[tokio::test]
async fn figures_of_five_are_told_and_of_fewer_only_to_the_one() {
    let test = world(3).await;
    turn_on(&test).await;
    let ask = async |who: &str, path: &str| {
        let cookie = sign_in(&test, who).await;
        test.get_with(path, &[("cookie", &cookie)]).await.json(200).await
    };
    // Five of us answer Jo.
    let jo = ask("karin@us.example", "/api/v1/contacts/c1/insights").await;
    assert_eq!(
        (&jo["kpis"]["emails_sent"], &jo["kpis"]["replies_by_us"], &jo["kpis"]["response_time_by_us_h"]["n"]),
        (&json!(5), &json!(5), &json!(5))
    );
    assert_eq!(jo["kpis"]["time_spent_by_us_min"], 5.0 * (5.0 + 2.5 + 30.0 + 10.0));
    let by = jo["kpis"]["most_contacted_by"].as_array().unwrap();
    let names: Vec<&str> = by.iter().map(|one| one["name"].as_str().unwrap()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted);
    assert!(by.iter().all(|one| one["interactions"].is_null() && one["emails"].is_null() && one["last_at"].is_null()), "{by:?}");
    assert_eq!(jo["unavailable"]["most_contacted_by"], "not_permitted");
    // One of us answers Kay; with the account's figures hers would follow, so they are not told either.
    for path in ["contacts/c2", "accounts/a1", "leads/l1", "opportunities/o1"] {
        let told = ask("karin@us.example", &format!("/api/v1/{path}/insights")).await;
        for name in [
            "emails_sent",
            "time_spent_by_us_min",
            "time_spent_by_them_min",
            "response_time_by_us_h",
            "send_receive_ratio_by_them",
            "replies_by_us",
        ] {
            assert_eq!(
                (&told["kpis"][name], &told["unavailable"][name]),
                (&Value::Null, &json!("not_permitted")),
                "{path} {name}"
            );
        }
        assert_eq!((&told["health"]["contributions"], &told["summary"]), (&json!([]), &json!([])), "{path}");
        assert!(told["kpis"]["emails_received"].as_u64().unwrap() > 0);
    }
    // He himself sees all of it.
    let own = ask("s1@us.example", "/api/v1/leads/l1/insights").await;
    assert_eq!((&own["kpis"]["emails_sent"], &own["unavailable"]["emails_sent"]), (&json!(3), &Value::Null));
    assert_eq!(ask("s1@us.example", "/api/v1/leads/l1/interactions").await["total"], 15);
    let own = ask("s1@us.example", "/api/v1/leads").await;
    assert_eq!(own["items"][0]["owner"], "s1@us.example");
    // Lists know no more than the page, which does not tell how fast the lead answers him.
    let lead = &ask("karin@us.example", "/api/v1/leads").await["items"][0];
    assert_eq!((&lead["response_time_by_them_h"], &lead["emails_sent"]), (&Value::Null, &Value::Null));
    // A day's window of Jo is one colleague's day.
    let day = ask("karin@us.example", "/api/v1/contacts/c1/insights?from=2026-02-02T00:00:00Z&to=2026-02-03T00:00:00Z").await;
    assert_eq!(day["kpis"]["emails_sent"], Value::Null);
    // Introducers have a grade and no name.
    let known = ask("vic@us.example", "/api/v1/who-knows?target=kay@acme.example").await;
    let one = &known["introducers"][0];
    assert_eq!(
        (&one["colleague"], &one["strength"], &one["asks_first"], &one["contributions"]),
        (&Value::Null, &Value::Null, &json!(true), &json!([]))
    );
    assert!(one["grade"].is_string());
    assert_eq!((&known["missing"], &known["missing_counts"]), (&json!([]), &json!([])));
    // What is held on a customer names no colleague; what is held on a colleague is told to them alone.
    let held = test.app().access("kay@acme.example").await.unwrap()["interactions"].to_string();
    assert!(held.contains("a colleague") && !held.contains("s1@us.example"), "{held}");
    let kind = rapport_server::app::privacy_requests::PrivacyRequestKind::Export;
    assert!(test.app().ask_privacy_request(kind, "s1@us.example").await.unwrap_err().is_refused());
    // The command line without an account, too.
    let mut out = Vec::new();
    assert!(test.app().export_ties(test.app().now(), Format::Csv, &mut out).await.unwrap_err().is_refused());
    assert!(test.app().export_interactions(Format::Csv, &mut out).await.unwrap_err().is_refused());
    test.app().export_kpis(rapport_domain::Table::Leads, test.app().now(), Format::Jsonl, &mut out).await.unwrap();
    let row: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&row["kpis_emails_sent"], &row["kpis_time_spent_by_us_min"]), (&Value::Null, &Value::Null));
    // How many deals a colleague closed is said to them alone.
    for (asker, is_told) in [("karin@us.example", false), ("s1@us.example", true)] {
        let told = ask(asker, "/api/v1/features?user=s1@us.example").await;
        let item = told["items"].as_array().unwrap().iter().find(|item| item["feature"] == "similar_deals").unwrap();
        let check = item["checks"].as_array().unwrap().iter().find(|check| check["check"] == "closed_deals").unwrap();
        assert_eq!(check["found"] == "not_permitted", !is_told, "{check}");
    }
    test.wait(DAY_US);
    assert_eq!(ask("karin@us.example", "/api/v1/me").await["works_council"], true);
}

/// Asked again and again as of other moments, or while the minimum of a grade moves, a grade would tell dates and strengths.
#[tokio::test]
async fn grades_cannot_be_probed() {
    let test = world(3).await;
    turn_on(&test).await;
    let cookie = sign_in(&test, "vic@us.example").await;
    for path in [
        "/api/v1/who-knows?target=kay@acme.example&as_of=2026-02-21T00:00:00Z",
        "/api/v1/who-knows?target=kay@acme.example&hops=2&as_of=2026-02-21T00:00:00Z",
    ] {
        let (detail, hint) = test.get_with(path, &[("cookie", &cookie)]).await.problem(403, "refused").await;
        assert!(detail.contains("as of now only") && hint.contains("leave out the moment"), "{detail} {hint}");
    }
    let by_another = "/api/v1/who-knows?target=kay@acme.example&model=v1";
    let (detail, hint) = test.get_with(by_another, &[("cookie", &cookie)]).await.problem(403, "refused").await;
    assert!(detail.contains("the organization's model only") && hint.contains("leave out the model"), "{detail} {hint}");
    let query =
        WhoKnowsQuery { target: "kay@acme.example".to_owned(), as_of: Some(test.app().now()), limit: 5, hops: 1, viewer: None };
    assert!(test.app().who_knows(&query).await.unwrap_err().is_refused());
    test.app().who_knows(&WhoKnowsQuery { as_of: None, ..query }).await.unwrap();

    let cookie = sign_in(&test, "karin@us.example").await;
    for (key, value) in [
        ("ties.strong", "41"),
        ("ties.medium", "41"),
        ("health.model", "v1"),
        ("response_time.business_days", "sun"),
        ("response_time.business_hours", "02:00-02:01"),
    ] {
        let set = test.put(&format!("/api/v1/settings/{key}"), &[("cookie", &cookie)], &json!({"value": value})).await;
        let (detail, hint) = set.problem(403, "refused").await;
        assert!(detail.contains(key) && hint.contains("turn the mode off"), "{detail} {hint}");
        assert!(test.app().set_setting(key, value).await.unwrap_err().is_refused());
    }
    // Nor is the past asked moment by moment, or day by day.
    for body in [json!({"at": ["2026-02-01T00:00:00Z"]}), json!({"horizon_days": 1})] {
        let asked = test.post("/api/v1/evaluation", &[("cookie", &cookie)], &body).await;
        let (detail, hint) = asked.problem(403, "refused").await;
        assert!(detail.contains("at its own moments") && hint.contains("turn the mode off"), "{detail} {hint}");
    }
    test.post("/api/v1/evaluation", &[("cookie", &cookie)], &json!({})).await.json(202).await;
    // Other settings can be changed, and these once both have agreed to turn the mode off.
    test.app().set_setting("health.frequency_days", "14").await.unwrap();
    turn_off(&test).await;
    test.app().set_setting("ties.strong", "41").await.unwrap();
}

/// Two people who get the same mails tell by the difference who wrote to one of them alone, whether they are contacts or not.
#[tokio::test]
async fn one_person_is_not_taken_from_another() {
    let (contacts, discovered) = ("jo@acme.example;kay@acme.example", "lee@bolt.example;lou@bolt.example");
    let mut sent: Vec<(&str, &str)> = Vec::new();
    for seller in &SELLERS[..5] {
        sent.extend([(*seller, contacts), (*seller, discovered)]);
    }
    let everybody = ["contacts/c1", "contacts/c2", "contacts/lee@bolt.example", "contacts/lou@bolt.example"];
    let same = world_of(&mails(&sent)).await;
    turn_on(&same).await;
    for record in everybody {
        assert_eq!(sent_to(&same, record).await, 5, "{record}");
    }
    sent.extend([(SELLERS[5], "jo@acme.example"), (SELLERS[5], "lee@bolt.example")]);
    let other = world_of(&mails(&sent)).await;
    assert_eq!(sent_to(&other, "contacts/c1").await, 6);
    turn_on(&other).await;
    for record in everybody {
        assert_eq!(sent_to(&other, record).await, Value::Null, "{record}");
    }
    // Taken from the account, the contact whom all six write to would tell it as well.
    assert_eq!(sent_to(&other, "accounts/a1").await, Value::Null);
}

/// What two contacts share is the sum of both less their account.
#[tokio::test]
async fn an_account_does_not_tell_what_its_contacts_share() {
    let mut sent: Vec<(&str, &str)> = Vec::new();
    for seller in &SELLERS[..5] {
        sent.extend([(*seller, "jo@acme.example"), (*seller, "kay@acme.example")]);
    }
    let apart = world_of(&mails(&sent)).await;
    sent.push((SELLERS[0], "jo@acme.example;kay@acme.example"));
    let together = world_of(&mails(&sent)).await;
    for test in [&apart, &together] {
        turn_on(test).await;
    }
    let told = async |test: &TestApp| {
        [sent_to(test, "contacts/c1").await, sent_to(test, "contacts/c2").await, sent_to(test, "accounts/a1").await]
    };
    assert_eq!(told(&apart).await, [json!(5), json!(5), json!(10)]);
    assert_eq!(told(&together).await, [json!(6), json!(6), Value::Null]);
}

/// Beyond as many people as can be compared, nothing is told of our side.
#[tokio::test]
async fn with_too_many_people_nothing_is_told() {
    let others = (0..40).map(|i| format!("p{i}@bolt.example"));
    let to = std::iter::once("jo@acme.example".to_owned()).chain(others).collect::<Vec<_>>().join(";");
    let sent: Vec<(&str, &str)> = SELLERS.iter().map(|seller| (*seller, to.as_str())).collect();
    let test = world_of(&mails(&sent)).await;
    assert_eq!(sent_to(&test, "contacts/c1").await, 6);
    turn_on(&test).await;
    assert_eq!(sent_to(&test, "contacts/c1").await, Value::Null);
}

/// A window, or a moment of the past, would date what is told: who was in touch on that day, and how many were.
#[tokio::test]
async fn the_past_tells_no_dates() {
    let test = world(3).await;
    turn_on(&test).await;
    let ask = async |who: &str, path: &str| {
        let cookie = sign_in(&test, who).await;
        test.get_with(path, &[("cookie", &cookie)]).await.json(200).await
    };
    // The third seller alone was in touch with Jo on 4 February.
    let day = "/api/v1/contacts/c1/insights?from=2026-02-04T00:00:00Z&to=2026-02-05T00:00:00Z";
    let until = "/api/v1/contacts/c1/insights?as_of=2026-02-04T12:00:00Z";
    for path in [day, until] {
        let told = ask("vic@us.example", path).await;
        for name in ["colleagues", "people", "last_interaction", "next_interaction", "emails_sent"] {
            assert_eq!(
                (&told["kpis"][name], &told["unavailable"][name]),
                (&Value::Null, &json!("not_permitted")),
                "{path} {name}"
            );
        }
        assert_eq!((&told["kpis"]["most_contacted"], &told["kpis"]["most_contacted_by"]), (&json!([]), &json!([])), "{path}");
        // What the customer did is the customer's.
        assert_eq!(told["kpis"]["emails_received"], if path == day { 1 } else { 3 });
    }
    let looks = test.app().all_looks(None, None, 10).await.unwrap();
    assert!(looks.is_empty(), "the access log does not say who it would have been: {looks:?}");
    // Of a day only its end is told, and of the future nothing.
    for (asked, answered) in [("2026-02-04T12:00:00Z", "2026-02-04T23:59:59.999999Z"), ("2099-01-01T00:00:00Z", "")] {
        let answered = if answered.is_empty() { test.app().now().to_rfc3339() } else { answered.to_owned() };
        let insights = ask("vic@us.example", &format!("/api/v1/contacts/c1/insights?as_of={asked}")).await;
        let history = ask("vic@us.example", &format!("/api/v1/contacts/c1/history?as_of={asked}&days=1")).await;
        let at = |body: &Value| body["as_of"].as_str().unwrap()[..13].to_owned();
        assert_eq!((at(&insights), at(&history)), (answered[..13].to_owned(), answered[..13].to_owned()));
    }
    // Alone on a day is not alone: what others did on other days stays theirs.
    let cookie = sign_in(&test, "s2@us.example").await;
    for path in [
        "/api/v1/contacts/c1/insights?from=2026-02-03T00:00:00Z&to=2026-02-04T00:00:00Z",
        "/api/v1/contacts/c1/insights?from=2026-02-03T00:00:00Z&to=2026-02-04T00:00:00Z&as_of=2026-02-20T00:00:00Z",
    ] {
        let told = test.get_with(path, &[("cookie", &cookie)]).await.json(200).await;
        assert_eq!((&told["health"]["contributions"], &told["kpis"]["emails_sent"]), (&json!([]), &Value::Null), "{path}");
        let days = told["activity_by_day"].as_array().unwrap();
        assert!(days.iter().all(|day| day["emails_sent"].is_null()), "{path}");
    }
    // An export of the past, too.
    let mut out = Vec::new();
    let past = rapport_domain::Moment(test.app().now().0 - 5 * DAY_US);
    test.app().export_kpis(rapport_domain::Table::Accounts, past, Format::Jsonl, &mut out).await.unwrap();
    let row: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&row["kpis_last_interaction_at"], &row["kpis_colleagues"]), (&Value::Null, &Value::Null), "{row}");
}

/// Neither the place of an introducer nor who is left out says whose tie is stronger, or whose it is; paths tell no strength.
#[tokio::test]
async fn places_and_paths_tell_no_strength() {
    let together = "lee@bolt.example;mo@cargo.example";
    let mut sent: Vec<(&str, &str)> = SELLERS[1..].iter().map(|seller| (*seller, "lee@bolt.example")).collect();
    sent.push((SELLERS[0], together));
    let quiet = world_of(&mails(&sent)).await;
    sent.extend([(SELLERS[0], together); 5]);
    let busy = world_of(&mails(&sent)).await;
    let ask = async |test: &TestApp, target: &str, limit: usize| {
        let cookie = sign_in(test, "karin@us.example").await;
        let path = format!("/api/v1/who-knows?target={target}&hops=2&limit={limit}");
        test.get_with(&path, &[("cookie", &cookie)]).await.json(200).await
    };
    let paths = async |test: &TestApp| ask(test, "mo@cargo.example", 100).await["paths"].clone();
    let strengths = (paths(&quiet).await[0]["strength_second"].clone(), paths(&busy).await[0]["strength_second"].clone());
    assert_ne!(strengths.0, strengths.1, "without the mode it is that of the mails of the first seller");
    for test in [&quiet, &busy] {
        turn_on(test).await;
        let paths = paths(test).await;
        assert_eq!((paths.as_array().unwrap().len(), &paths[0]["via"]), (1, &json!("lee@bolt.example")), "{paths}");
        assert_eq!((&paths[0]["strength_first"], &paths[0]["strength_second"]), (&Value::Null, &Value::Null));
    }
    // One more at a time: the list goes on in its order, whoever is the strongest.
    let handles = |body: Value| -> Vec<String> {
        let all = body["introducers"].as_array().unwrap();
        all.iter().map(|one| one["handle"].as_str().unwrap().to_owned()).collect()
    };
    let whole = handles(ask(&busy, "lee@bolt.example", 100).await);
    assert_eq!(whole.len(), 6);
    for limit in 1..6 {
        assert_eq!(handles(ask(&busy, "lee@bolt.example", limit).await), whole[..limit]);
    }
    // Whom the local administrator says to be is not told by being missing.
    let query = |viewer: Option<&str>| WhoKnowsQuery {
        target: "lee@bolt.example".to_owned(),
        as_of: None,
        limit: 100,
        hops: 1,
        viewer: viewer.map(str::to_owned),
    };
    assert_eq!(busy.app().who_knows(&query(Some(SELLERS[0]))).await.unwrap().introducers.len(), 6);
}

/// CRM data alone is what the basic tier counts: less it, the mailboxes would tell the one colleague whose mail is in no CRM.
#[tokio::test]
async fn one_tier_is_not_taken_from_the_other() {
    let mut rows = mails(&[(SELLERS[5], "jo@acme.example")]);
    for (i, seller) in SELLERS[..5].iter().enumerate() {
        _ = writeln!(rows, "2026-02-1{i}T09:00:00Z,email,{seller},jo@acme.example,c{i}@x,,crm");
    }
    let test = world_of(&rows).await;
    let basic = UserChange { licence: Some("enterprise".to_owned()), ..UserChange::default() };
    test.app().put_user("vic@us.example", &basic).await.unwrap();
    let told = async || {
        let enhanced = sent_as_told_to(&test, "karin@us.example", "contacts/c1").await;
        (enhanced, sent_as_told_to(&test, "vic@us.example", "contacts/c1").await)
    };
    assert_eq!(told().await, (json!(6), json!(5)));
    turn_on(&test).await;
    assert_eq!(told().await, (Value::Null, Value::Null));
}

/// Whoever writes a deal chooses its team: two teams would tell the colleague by whom they differ.
#[tokio::test]
async fn a_deal_tells_nothing_of_the_team_that_was_chosen() {
    // So many that five are left whether the sixth belongs to the team or not.
    let others = ["t1@us.example", "t2@us.example", "t3@us.example", "t4@us.example", "t5@us.example"];
    let all = || SELLERS.into_iter().chain(others);
    let test = world_of(&mails(&all().map(|seller| (seller, "jo@acme.example")).collect::<Vec<_>>())).await;
    let cookie = sign_in(&test, "karin@us.example").await;
    let deal = json!({"topic": "Fleet", "contact": "c1", "team": SELLERS[..5], "status": "open"});
    test.put("/api/v1/opportunities/o9", &[("cookie", &cookie)], &deal).await.json(201).await;
    assert_eq!(sent_to(&test, "opportunities/o9").await, 5);
    turn_on(&test).await;
    assert_eq!((sent_to(&test, "opportunities/o9").await, sent_to(&test, "contacts/c1").await), (Value::Null, json!(11)));
}
