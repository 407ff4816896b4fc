//! The worked examples of the specification, by their numbers, on whole worlds.

use super::{Data, record_insights, ties, who_knows};
use crate::worlds::{
    AccountRow, ActivityRow, ContactRow, InteractionRow, LeadRow, Model, OpportunityRow, Settings, UserRow, World,
};
use serde_json::{Value, json};

/// 2025-06-18T12:00:00Z, a Wednesday.
const AS_OF: i64 = 1_750_248_000_000_000;

fn v1() -> Settings {
    Settings { model: Model::V1, ..Settings::default() }
}

/// Users a, b, c @us.example; contact c1 (x@them.example, account a1); lead l1 of a with stakeholder c1; opportunity o1 of a with b in the
/// team, customer contact c1, stakeholder s@them.example.
///
/// Its figures are those of `v1`, of which the specification has examples.
fn company() -> World {
    let user = |name: &str| UserRow { email: format!("{name}@us.example"), name: name.to_uppercase(), ..Default::default() };
    World {
        as_of: AS_OF,
        internal_domains: vec!["us.example".into()],
        time_zone: "UTC".into(),
        settings: v1(),
        users: vec![user("a"), user("b"), user("c")],
        accounts: vec![AccountRow { id: "a1".into(), name: "Them".into(), ..Default::default() }],
        contacts: vec![
            ContactRow {
                id: "c1".into(),
                name: "X".into(),
                email: Some("x@them.example".into()),
                account: Some("a1".into()),
                ..Default::default()
            },
            ContactRow { id: "c2".into(), name: "S".into(), email: Some("s@them.example".into()), ..Default::default() },
        ],
        leads: vec![LeadRow {
            id: "l1".into(),
            name: "L".into(),
            email: Some("l@lead.example".into()),
            status: "active".into(),
            owner: Some("a@us.example".into()),
            stakeholders: vec!["c1".into()],
            ..Default::default()
        }],
        opportunities: vec![OpportunityRow {
            id: "o1".into(),
            account: Some("a1".into()),
            contact: Some("c1".into()),
            stakeholders: vec!["S@them.example".into()],
            owner: Some("a@us.example".into()),
            team: vec!["b@us.example".into()],
            status: "open".into(),
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// `hours_ago|kind|from|to;to|key=value ...`
fn row(line: &str) -> InteractionRow {
    let parts: Vec<&str> = line.split('|').collect();
    let hours: f64 = parts[0].parse().expect("hours ago");
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let mut row = InteractionRow {
        occurred_at: (AS_OF / 1_000_000 - (hours * 3600.0) as i64).to_string(),
        kind: parts[1].into(),
        from: some(parts[2]),
        to: parts[3].split(';').filter_map(some).collect(),
        ..Default::default()
    };
    for pair in parts.get(4).into_iter().flat_map(|pairs| pairs.split_whitespace()) {
        let (key, value) = pair.split_once('=').expect("key=value");
        let value = Some(value.to_owned());
        match key {
            "s" => row.duration_s = value,
            "id" => row.message_id = value,
            "conversation" => row.conversation_id = value,
            "re" => row.in_reply_to = value,
            "regarding" => row.regarding = value,
            "state" => row.state = value,
            "source" => row.source = value,
            "mailbox" => row.mailbox = value,
            other => panic!("no column `{other}`"),
        }
    }
    row
}

fn with(lines: &[&str]) -> World {
    World { interactions: lines.iter().map(|line| row(line)).collect(), ..company() }
}

fn insights(world: &World, record: &str) -> Value {
    let (table, id) = record.split_once('/').expect("TABLE/ID");
    record_insights(world, table, id, AS_OF, Data::CrmAndMailbox)
}

/// The named KPI of a record, by JSON pointer below `/kpis`.
fn kpi(world: &World, record: &str, pointer: &str) -> Value {
    insights(world, record).pointer(&format!("/kpis/{pointer}")).cloned().unwrap_or_else(|| panic!("no KPI {pointer}"))
}

#[test]
fn spec_02_2_example_1_a_leads_owner_calls_a_stakeholder() {
    let world = with(&["5|phone_call|a@us.example|contact:c1|source=crm s=60"]);
    assert_eq!(kpi(&world, "leads/l1", "phone_calls_made"), json!(1));
    let world = with(&["5|phone_call|b@us.example|contact:c1|source=crm s=60"]);
    assert_eq!(kpi(&world, "leads/l1", "phone_calls_made"), json!(0));
    assert_eq!(kpi(&world, "contacts/c1", "phone_calls_made"), json!(1));
}

#[test]
fn spec_02_2_example_2_the_sales_team_mails_a_stakeholder() {
    let world = with(&["5|email|b@us.example|s@them.example"]);
    assert_eq!(kpi(&world, "opportunities/o1", "emails_sent"), json!(1));
    let world = with(&["5|email|c@us.example|s@them.example;x@them.example"]);
    assert_eq!(kpi(&world, "opportunities/o1", "emails_sent"), json!(0));
    assert_eq!(kpi(&world, "contacts/c2", "emails_sent"), json!(1));
    assert_eq!(kpi(&world, "accounts/a1", "emails_sent"), json!(1));
}

#[test]
fn spec_02_2_example_3_time_spent_in_a_meeting_of_five() {
    let world = with(&["5|meeting|a@us.example|b@us.example;c@us.example;x@them.example;y@them.example|s=1800"]);
    assert_eq!(kpi(&world, "contacts/c1", "time_spent_by_us_min"), json!(90.0));
    assert_eq!(kpi(&world, "contacts/c1", "time_spent_by_them_min"), json!(30.0));
}

#[test]
fn spec_02_2_3_meetings_of_an_opportunity() {
    let meeting = |more: &str| with(&[&format!("5|meeting|a@us.example|x@them.example|{more}")]);
    let counted = |world: &World| kpi(world, "opportunities/o1", "meetings_sent");
    assert_eq!(counted(&meeting("")), json!(1));
    assert_eq!(counted(&meeting("source=crm")), json!(0));
    assert_eq!(counted(&meeting("source=crm regarding=opportunities/o1")), json!(1));
    assert_eq!(counted(&meeting("regarding=leads/l1")), json!(0));
    assert_eq!(kpi(&meeting("source=crm"), "contacts/c1", "meetings_sent"), json!(1));
}

#[test]
fn spec_02_2_1_regarding_needs_no_person_of_interest() {
    let world = with(&["5|email|c@us.example|z@other.example|regarding=opportunities/o1"]);
    assert_eq!(kpi(&world, "opportunities/o1", "emails_sent"), json!(1));
    let mut world = with(&[]);
    world.activities.push(ActivityRow { id: "t1".into(), row: row("6|task|||s=600 regarding=leads/l1 state=completed") });
    assert_eq!(kpi(&world, "leads/l1", "time_spent_by_us_min"), json!(10.0));
    assert_eq!(kpi(&world, "leads/l1", "last_interaction/kind"), json!("task"));
    assert_eq!(insights(&world, "leads/l1")["health"]["state"], "not_enough_info");
}

#[test]
fn spec_02_2_4_states_decide_what_counts() {
    let state = |line: &str| {
        let value = insights(&with(&[line]), "contacts/c1");
        (
            value["kpis"]["last_interaction"].is_object(),
            value["kpis"]["next_interaction"].is_object(),
            value["health"]["state"].clone(),
        )
    };
    let none = |state: &str| json!(state);
    assert_eq!(state("1|meeting|a@us.example|x@them.example"), (true, false, none("not_enough_info")));
    assert_eq!(state("-1|meeting|a@us.example|x@them.example"), (false, true, none("no_closed_activities")));
    assert_eq!(state("0|meeting|a@us.example|x@them.example"), (true, false, none("not_enough_info")));
    assert_eq!(state("1|meeting|a@us.example|x@them.example|state=scheduled"), (false, false, none("no_closed_activities")));
    assert_eq!(state("1|phone_call|a@us.example|x@them.example|state=open"), (false, false, none("no_closed_activities")));
    assert_eq!(state("-1|phone_call|a@us.example|x@them.example|state=scheduled"), (false, true, none("no_closed_activities")));
    assert_eq!(state("1|meeting|a@us.example|x@them.example|state=cancelled"), (false, false, none("not_enough_info")));
    assert_eq!(state("18000|meeting|a@us.example|x@them.example"), (true, false, none("older_than_two_years")));
}

#[test]
fn spec_02_2_5_one_interaction_however_often_it_is_seen() {
    let lines = [
        "5|email|a@us.example|x@them.example|id=<m1> mailbox=a@us.example",
        "5.001|email|a@us.example|b@us.example;x@them.example|id=m1 mailbox=b@us.example",
        "5|email|a@us.example|contact:c1|id=m1 source=crm",
    ];
    let world = with(&lines);
    assert_eq!(kpi(&world, "contacts/c1", "emails_sent"), json!(1));
    assert_eq!(kpi(&world, "contacts/c1", "colleagues"), json!(2));
    assert_eq!(kpi(&world, "contacts/c1", "people"), json!(1));
    let crm = record_insights(&world, "contacts", "c1", AS_OF, Data::Crm);
    assert_eq!(crm["kpis"]["colleagues"], json!(1));
}

#[test]
fn spec_02_3_turns_replies_and_response_times() {
    // They write twice, we answer after 10 hours, they answer, and wait since 200 hours; a second conversation waits since 100.
    let world = with(&[
        "230|email|x@them.example|a@us.example|id=1 conversation=k",
        "225|email|x@them.example|a@us.example|id=2 conversation=k",
        "220|email|a@us.example|x@them.example|id=3 conversation=k",
        "200|email|x@them.example|a@us.example|id=4 conversation=k",
        "100|email|x@them.example|b@us.example|id=5 conversation=j",
    ]);
    let value = insights(&world, "contacts/c1");
    let kpis = &value["kpis"];
    let without_business = |side: &str| {
        let mut time = kpis[format!("response_time_by_{side}_h")].clone();
        time.as_object_mut().expect("a time").remove("business");
        time
    };
    let by_us = json!({"mean": 10.0, "p50": 10.0, "p90": 10.0, "n": 1, "unanswered": 2, "km_p50": null});
    assert_eq!(without_business("us"), by_us);
    let by_them = json!({"mean": 20.0, "p50": 20.0, "p90": 20.0, "n": 1, "unanswered": 0, "km_p50": 20.0});
    assert_eq!(without_business("them"), by_them);
    assert_eq!((&kpis["replies_by_us"], &kpis["replies_by_them"]), (&json!(1), &json!(1)));
    // The one that waits since 100 hours is left out.
    assert_eq!((&kpis["response_rate_by_us"], &kpis["response_rate_by_them"]), (&json!(0.5), &json!(1.0)));
    assert_eq!(kpis["send_receive_ratio_by_us"], json!(0.25));
    assert_eq!(kpis["send_receive_ratio_by_them"], json!(4.0));
    assert_eq!(kpis["sent_share"], json!(0.2));
    assert_eq!(value["unavailable"], json!({}));
}

#[test]
fn spec_02_3_a_reply_at_168_hours_is_in_time_and_a_waiting_turn_of_168_hours_is_not() {
    let rate = |lines: &[&str]| kpi(&with(lines), "contacts/c1", "response_rate_by_us");
    let asked = "300|email|x@them.example|a@us.example|id=1 conversation=k";
    assert_eq!(rate(&[asked, "132|email|a@us.example|x@them.example|id=2 conversation=k"]), json!(1.0));
    assert_eq!(rate(&[asked, "131|email|a@us.example|x@them.example|id=2 conversation=k"]), json!(0.0));
    assert_eq!(rate(&["168|email|x@them.example|a@us.example|id=1"]), json!(0.0));
    assert_eq!(rate(&["167|email|x@them.example|a@us.example|id=1"]), Value::Null);
}

#[test]
fn spec_02_3_what_cannot_be_known_has_a_reason() {
    let nothing = insights(&with(&[]), "contacts/c1");
    let reasons = nothing["unavailable"].as_object().expect("a map");
    assert_eq!(reasons.len(), 7);
    assert!(reasons.values().all(|reason| reason == "not_enough_data"));
    assert_eq!(nothing["activity_by_day"].as_array().map(Vec::len), Some(60));
    let crm = record_insights(&with(&[]), "contacts", "c1", AS_OF, Data::Crm);
    assert_eq!(crm["unavailable"]["response_time_by_us_h"], "no_mailbox_data");
    assert_eq!(crm["unavailable"]["response_rate_by_us"], "not_enough_data");
}

#[test]
fn spec_02_3_an_email_costs_both_sides_once() {
    let world = with(&["5|email|a@us.example|x@them.example;y@them.example|id=1", "6|email|x@them.example|a@us.example|id=2"]);
    assert_eq!(kpi(&world, "contacts/c1", "time_spent_by_us_min"), json!(7.5));
    assert_eq!(kpi(&world, "contacts/c1", "time_spent_by_them_min"), json!(7.5));
}

#[test]
fn spec_02_3_top_threes_are_ordered_by_number_then_recency_then_address() {
    let world = with(&[
        "9|email|a@us.example|x@them.example;Q <q@them.example>|id=1",
        "8|email|b@us.example|x@them.example;p@them.example|id=2",
        "7|phone_call|c@us.example|x@them.example",
        "6|meeting|b@us.example|x@them.example;r@them.example|s=60",
    ]);
    let people = kpi(&world, "contacts/c1", "most_contacted");
    let names: Vec<&str> = people.as_array().expect("a list").iter().filter_map(|person| person["name"].as_str()).collect();
    assert_eq!(names, ["X", "r@them.example", "p@them.example"]);
    assert_eq!((&people[0]["emails"], &people[0]["meetings"], &people[0]["phone_calls"]), (&json!(2), &json!(1), &json!(1)));
    let colleagues = kpi(&world, "contacts/c1", "most_contacted_by");
    let names: Vec<&str> = colleagues.as_array().expect("a list").iter().filter_map(|user| user["name"].as_str()).collect();
    assert_eq!(names, ["B", "C", "A"]);
}

#[test]
fn spec_02_3_days_and_weeks_are_local() {
    let mut world = with(&["13|email|a@us.example|x@them.example"]);
    let sent = |world: &World| {
        let days = insights(world, "contacts/c1")["activity_by_day"].clone();
        let days = days.as_array().cloned().unwrap_or_default();
        days.iter().find(|day| day["emails_sent"] == 1).map(|day| day["date"].clone())
    };
    assert_eq!(sent(&world), Some(json!("2025-06-17")));
    world.time_zone = "Europe/Amsterdam".into();
    assert_eq!(sent(&world), Some(json!("2025-06-18")));
    let weeks = insights(&world, "contacts/c1")["activity_by_week"].clone();
    assert_eq!(weeks.as_array().map(Vec::len), Some(1));
    assert_eq!((&weeks[0]["date"], &weeks[0]["emails_sent"]), (&json!("2025-06-16"), &json!(1)));
}

#[test]
fn spec_03_state_a_closed_opportunity_keeps_its_last_score() {
    let mut world = with(&[
        "240|meeting|a@us.example|x@them.example|regarding=opportunities/o1 s=60",
        "220|meeting|a@us.example|x@them.example|regarding=opportunities/o1 s=60",
    ]);
    let health = |world: &World| insights(world, "opportunities/o1")["health"].clone();
    assert!(health(&world)["score"].is_i64());
    world.opportunities[0].status = "won".into();
    world.opportunities[0].closed_at = Some("2025-06-10".into());
    let closed = health(&world);
    assert_eq!(
        (&closed["state"], &closed["score"], &closed["likelihood_30d"]),
        (&json!("not_applicable"), &Value::Null, &Value::Null)
    );
    assert_eq!(closed["last_score"], json!(53));
    // Before it closed it was open.
    world.opportunities[0].closed_at = Some("2025-06-19".into());
    assert!(health(&world)["score"].is_i64() && health(&world)["last_score"].is_null());
    world.leads[0].status = "qualified".into();
    assert_eq!(insights(&world, "leads/l1")["health"]["state"], "not_applicable");
}

#[test]
fn spec_03_grades_follow_the_settings() {
    let mut world = with(&["240|meeting|a@us.example|x@them.example", "220|meeting|a@us.example|x@them.example"]);
    let state = |world: &World| insights(world, "contacts/c1")["health"]["state"].clone();
    assert_eq!(state(&world), "poor");
    world.settings = Settings { grade_good: 30, grade_fair: 10, ..v1() };
    assert_eq!(state(&world), "good");
    world.settings = Settings { influence_meeting: -50, frequency_days: 1, ..v1() };
    assert_eq!(state(&world), "poor");
    assert_eq!(insights(&world, "accounts/a1")["health"]["rollup"], true);
}

#[test]
fn spec_04_only_sender_and_recipients_of_the_other_side_are_tied() {
    let world = with(&[
        "30|email|a@us.example|b@us.example;x@them.example;y@them.example|id=1",
        "20|phone_call|x@them.example|c@us.example",
        "10|task|c@us.example|y@them.example",
    ]);
    let pairs: Vec<(String, String, i64)> =
        ties(&world, AS_OF, Data::CrmAndMailbox).into_iter().map(|tie| (tie.colleague, tie.external, tie.strength)).collect();
    let pair = |a: &str, b: &str, strength| (format!("{a}@us.example"), format!("{b}@them.example"), strength);
    // One active day at age 1, one way: 100 * (1 - 2^(-0.75 V / 4.557)), V = 0.875 / sqrt(k): 6.8 for the mail (k = 2), 9.499 for the call.
    assert_eq!(pairs, [pair("a", "x", 7), pair("a", "y", 7), pair("c", "x", 9)]);
    assert!(ties(&world, AS_OF, Data::Crm).is_empty());
}

#[test]
fn spec_04_who_knows_ranks_explains_and_says_who_is_missing() {
    let mut world = with(&[
        "30|email|b@us.example|x@them.example|id=1",
        "20|email|x@them.example|b@us.example;desk@us.example|id=2",
        "10|email|a@us.example|x@them.example|id=3",
        "15|email|c@us.example|s@them.example|id=4",
        "16|email|b@us.example|x@them.example;s@them.example|id=5",
    ]);
    let value = who_knows(&world, "X@them.example", AS_OF, Data::CrmAndMailbox, 2);
    let introducers = value["introducers"].as_array().expect("a list");
    assert_eq!(introducers.iter().map(|i| &i["name"]).collect::<Vec<_>>(), ["B", "A"]);
    for introducer in introducers {
        let sum: f64 = introducer["contributions"].as_array().expect("a list").iter().filter_map(|c| c["value"].as_f64()).sum();
        assert!(sum > 0.0);
    }
    let missing = json!([{"colleague": "c@us.example", "reason": "no_interactions"}, {"colleague": "desk@us.example", "reason": "no_user"}]);
    assert_eq!(value["missing"], missing);
    assert_eq!(value["paths"].as_array().map(Vec::len), Some(1));
    assert_eq!((&value["paths"][0]["colleague"], &value["paths"][0]["via"]), (&json!("c@us.example"), &json!("s@them.example")));
    assert_eq!(who_knows(&world, "x@them.example", AS_OF, Data::CrmAndMailbox, 1)["paths"], json!([]));
    world.users[1].left_at = Some("2025-06-18".into());
    let value = who_knows(&world, "them.example", AS_OF, Data::CrmAndMailbox, 1);
    assert_eq!(value["missing"][0], json!({"colleague": "b@us.example", "reason": "left_company"}));
    assert_eq!(value["introducers"].as_array().map(Vec::len), Some(2));
    assert_eq!(who_knows(&world, "gmail.com", AS_OF, Data::CrmAndMailbox, 1), Value::Null);
}
