//! The demo organization, loaded by the importers: every state, grade, trend and reason that a user can meet occurs in it.

use std::{collections::BTreeSet, sync::Arc};

use rapport_domain::{Moment, Table};
use rapport_server::app::{
    demo_load,
    export::Format,
    lists::query::{ListFilter, ListQuery},
    records::InsightsQuery,
    ties::WhoKnowsQuery,
};
use serde_json::Value;

/// A Wednesday afternoon, a Monday at Easter, and a winter's Sunday: the demo must look alive on any day.
const MOMENTS: [&str; 3] = ["2026-11-25T15:00:00Z", "2027-03-29T09:00:00Z", "2026-01-11T20:00:00Z"];

fn list(table: Table) -> ListQuery {
    let sort = if table == Table::Accounts { "name" } else { "health_score" };
    ListQuery { filter: ListFilter::default(), sort: sort.to_owned(), descending: true, offset: 0, limit: 500 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_state_grade_trend_and_reason_occurs() {
    for text in MOMENTS {
        let as_of = Moment::parse(text).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (app, report) = demo_load::load(folder.path(), Arc::new(move || as_of), None).await.unwrap();
        assert!(report.adds_up(), "{report:?}");
        assert!(report.kept > 5_000 && report.duplicates > 1_000, "{text}: {} kept", report.kept);
        assert_eq!(report.failed, 0, "{text}: {:?}", report.problems.first());
        for reason in [
            "internal_only",
            "list",
            "automatic",
            "noreply",
            "calendar_reply",
            "delivery_report",
            "draft",
            "sensitive",
            "too_many_recipients",
        ] {
            assert!(report.excluded.contains_key(reason), "{text}: nothing excluded as {reason}: {:?}", report.excluded);
        }

        let (mut states, mut trends) = (BTreeSet::new(), BTreeSet::new());
        let mut sizes = Vec::new();
        for table in Table::ALL {
            let page = app.list(table, list(table)).await.unwrap();
            sizes.push(page.total);
            for row in page.rows {
                states.insert(row.health_state);
                trends.insert(row.health_trend);
            }
        }
        assert_eq!(sizes, [60, 260, 60, 160], "accounts, contacts, leads, opportunities");
        for state in ["good", "fair", "poor", "not_enough_info", "no_closed_activities", "older_than_two_years", "not_applicable"]
        {
            assert!(states.contains(state), "{text}: no record is {state}");
        }
        for trend in ["improving", "steady", "declining", "not_enough_info"] {
            assert!(trends.contains(trend), "{text}: no record is {trend}");
        }

        let mut out = Vec::new();
        app.export_ties(as_of, Format::Jsonl, &mut out).await.unwrap();
        let ties: Vec<Value> = String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let grades: BTreeSet<&str> = ties.iter().filter_map(|tie| tie["grade"].as_str()).collect();
        assert_eq!(grades, BTreeSet::from(["strong", "medium", "weak"]), "{text}");

        let mut reasons = BTreeSet::new();
        for tie in ties.iter().take(400) {
            let query = WhoKnowsQuery {
                target: tie["external"].as_str().unwrap().to_owned(),
                as_of: Some(as_of),
                limit: 5,
                hops: 1,
                viewer: None,
            };
            let answer = app.who_knows(&query).await.unwrap();
            reasons.extend(answer.missing.iter().map(|missing| missing.reason.as_str()));
        }
        assert!(reasons.is_superset(&BTreeSet::from(["no_interactions", "left_company", "no_user"])), "{text}: {reasons:?}");

        let page = app.list(Table::Contacts, list(Table::Contacts)).await.unwrap();
        let (best, _) = app.record_insights(Table::Contacts, &page.rows[0].id, &InsightsQuery::default()).await.unwrap();
        assert!(!best.summary.is_empty() && best.kpis.response_time_by_us.is_some(), "{text}: the best contact tells a story");
        let upcoming = page.rows.iter().filter(|row| row.next_at.is_some()).count();
        assert!(upcoming > 3, "{text}: only {upcoming} contacts have a next interaction");
    }
}
