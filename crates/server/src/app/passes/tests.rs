//! A pass against runs gathered one by one, over the demo organization: accounts of many contacts, people with several addresses,
//! activities that regard records.

use std::{collections::BTreeSet, fmt::Debug, sync::Arc};

use rapport_domain::{AddressId, Side};
use rapport_insight::{KpiQuery, Window};

use super::*;
use crate::app::demo_load;

/// Another order of visits would show in the bits of sums, so figures are compared as they print: `Debug` of a float is exact.
fn text(value: &impl Debug) -> String {
    format!("{value:?}")
}

fn figures_and_ties(view: &View, as_of: Moment) -> Pass<String, TiesOfPerson> {
    let window = Window::default_at(&view.calendar, as_of);
    Pass {
        keeps: Box::new(|_| true),
        of_record: Box::new(move |view, record, scope, folders, touches| {
            let figures = folders.records.figures(&view.context(as_of), scope, touches, window);
            text(&(record.record, figures))
        }),
        of_person: Some(ties_as_of(as_of)),
    }
}

/// Each record from its own runs, by the folds that pages use.
async fn gathered_records(app: &App, view: &View, as_of: Moment) -> Vec<String> {
    let (mut folders, mut rows) = (Folders::default(), Vec::new());
    for record in view.records.iter().filter(|record| record.document.is_some()) {
        let scope = view.scope(record);
        let touches = app.store().runs_of(app.org(), &view.subjects(&scope), &view.visibility).await.unwrap();
        let context = view.context(as_of);
        let kpis = folders.kpis.figures(&context, &scope, &touches, &KpiQuery::default());
        let page = folders.kpis.fold(&context, &scope, &touches, &KpiQuery::default());
        assert_eq!(
            (kpis.counts, kpis.colleagues, kpis.people, kpis.last_interaction, kpis.next_interaction),
            (page.counts, page.colleagues, page.people, page.last_interaction, page.next_interaction)
        );
        assert_eq!(text(&(kpis.response_time_by_us, kpis.sent_share)), text(&(page.response_time_by_us, page.sent_share)));
        rows.push(text(&(record.record, (kpis, folders.health.figures(&context, &scope, &touches)))));
    }
    rows
}

async fn gathered_people(app: &App, view: &View, as_of: Moment) -> Vec<TiesOfPerson> {
    let external = (1..=view.stored_addresses()).map(|id| view.directory.address(AddressId(id)));
    let people: BTreeSet<PersonId> = external.filter(|entry| entry.side == Side::Theirs).map(|entry| entry.person).collect();
    let (mut folder, mut rows) = (TieFolder::new(), Vec::new());
    for person in people {
        let addresses = view.addresses_of(person);
        let touches = app.store().runs_of(app.org(), &view.subjects_of(&addresses), &view.visibility).await.unwrap();
        let ties = folder.fold(&view.context(as_of), &addresses, &touches);
        if !ties.is_empty() {
            rows.push((person, ties.to_vec()));
        }
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_is_the_fold_of_each_whatever_the_cores_and_however_little_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let now = Moment::parse("2026-07-20T07:05:00Z").unwrap();
    let (app, _) = demo_load::load(folder.path(), Arc::new(move || now), None).await.unwrap();
    let view = app.view().await.unwrap();
    // Now, with activities ahead; a past moment, to which much of what is stored lies ahead; and now, from segments, whose Message-IDs lie elsewhere.
    for (as_of, is_sealed) in [(now, false), (now.plus_us(-200 * rapport_domain::time::DAY_US), false), (now, true)] {
        let (records, people) = (gathered_records(&app, &view, as_of).await, gathered_people(&app, &view, as_of).await);
        if is_sealed {
            assert!(app.seal().await.unwrap().touches > 1_000);
            assert_eq!(gathered_records(&app, &view, as_of).await, records, "segments change no answer");
        }
        assert!(records.len() > 500 && people.len() > 200, "{} {}", records.len(), people.len());
        // Little that is kept means many passes: that is tried once.
        let little = if is_sealed || as_of != now { &[][..] } else { &[(1, 400_000), (3, 100_000)] };
        for (cores, kept_bytes_max) in [(1, usize::MAX), (2, usize::MAX), (5, usize::MAX)].iter().chain(little).copied() {
            let means = Means { cores, kept_bytes_max };
            let passed = app.pass_within(&view, figures_and_ties(&view, as_of), means).await.unwrap();
            assert_eq!(passed.records, records, "{means:?}");
            assert_eq!(passed.people, people, "{means:?}");
        }
    }
    assert_eq!(by_key(&view, gathered_people(&app, &view, now).await), app.all_ties(&view, now).await.unwrap());
}
