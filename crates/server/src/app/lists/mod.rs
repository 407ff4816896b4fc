//! Lists: one row per record, from snapshots that are never served stale.

use std::sync::Arc;

use rapport_domain::{Moment, Table};
use rapport_insight::{KpiQuery, health::MODEL};
use rapport_store::snapshots::{ListQuery, SnapshotRow, SnapshotVersion};

use super::{App, AppError, View, passes::Runs, view::Record};

/// Rows of one page at most.
pub const PAGE_MAX: u32 = 500;

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Rows of this page.
    pub rows: Vec<SnapshotRow>,
    /// Rows of the whole list.
    pub total: u64,
    /// The moment its figures are as of.
    pub as_of: Moment,
    /// What the rows were computed from: pages of one list share it.
    pub version: SnapshotVersion,
}

impl App {
    /// One page of a list, as of now.
    pub async fn list(&self, table: Table, query: &ListQuery) -> Result<Page, AppError> {
        if query.limit == 0 || query.limit > PAGE_MAX {
            return Err(AppError::invalid(format!("`limit` is from 1 to {PAGE_MAX}")));
        }
        let version = self.refresh_snapshots().await?;
        let (rows, total) = self.store.snapshot_page(self.org(), &version.data, table, query).await?;
        Ok(Page { rows, total, as_of: Moment(version.as_of_us), version })
    }

    /// Makes the snapshots anew unless those that are there hold: same facts, settings, model and local date, and nothing happened since.
    pub async fn refresh_snapshots(&self) -> Result<SnapshotVersion, AppError> {
        let _making = self.making.lists.lock().await;
        let view = self.view().await?;
        let as_of = self.now();
        let mut wanted = SnapshotVersion {
            data: view.data.as_str().to_owned(),
            local_date: view.calendar.day_of(as_of).to_iso(),
            as_of_us: as_of.0,
            valid_until_us: i64::MAX,
            facts_version: view.versions.0,
            settings_version: view.versions.1,
            model: MODEL.to_owned(),
        };
        let there = self.store.snapshot_version(self.org(), &wanted.data).await?;
        let holds = |there: &SnapshotVersion| {
            let same = SnapshotVersion { as_of_us: there.as_of_us, valid_until_us: there.valid_until_us, ..wanted.clone() };
            same == *there && (there.as_of_us..there.valid_until_us).contains(&as_of.0)
        };
        if let Some(there) = there.filter(holds) {
            return Ok(there);
        }
        let runs = self.all_runs(&view).await?;
        // A meeting counts from its start on (02 section 2.4), whatever is dated ahead from its moment on, a deal is closed from its closing on.
        let closings =
            view.records.iter().filter_map(|record| view.scope(record).closed?.closed_at).filter(|at| *at > as_of).map(|at| at.0);
        wanted.valid_until_us = closings.chain(runs.first_after(as_of)).min().unwrap_or(i64::MAX);
        let rows = self.fold_all(&view, &runs, as_of).await?;
        self.store.replace_snapshots(self.org(), &wanted, &rows).await?;
        Ok(wanted)
    }

    /// Folds every record.
    pub(crate) async fn fold_all(&self, view: &Arc<View>, runs: &Arc<Runs>, as_of: Moment) -> Result<Vec<SnapshotRow>, AppError> {
        self.fold_records(
            view,
            runs,
            |_| true,
            move |view, record, folders, touches| {
                let (context, scope) = (view.context(as_of), view.scope(record));
                let kpis = folders.kpis.fold(&context, &scope, touches, &KpiQuery::default());
                let health = folders.health.figures(&context, &scope, touches);
                row(view, record, &kpis, &health)
            },
        )
        .await
    }
}

fn row(
    view: &View,
    record: &Record,
    kpis: &rapport_insight::Kpis,
    health: &rapport_insight::health::HealthFigures,
) -> SnapshotRow {
    let document = record.document.clone().unwrap_or_default();
    let account = document.account.as_ref().map(|id| {
        let reference = rapport_domain::RecordRef { table: Table::Accounts, id: id.clone() };
        view.record(&reference).map_or_else(|| id.clone(), |account| account.name().to_owned())
    });
    let interactions = {
        let counts = &kpis.counts;
        [
            counts.emails_sent,
            counts.emails_received,
            counts.meetings_sent,
            counts.meetings_received,
            counts.phone_calls_made,
            counts.phone_calls_received,
        ]
        .iter()
        .map(|count| i64::from(*count))
        .sum()
    };
    SnapshotRow {
        record_id: i64::from(record.record.0),
        id: record.reference.id.clone(),
        record_table: i64::from(record.reference.table as u8),
        name: record.name().to_owned(),
        account,
        owner: document.owner,
        status: document.status,
        health_state: health.state.as_str().to_owned(),
        health_score: health.score.map(i64::from),
        health_trend: health.trend.as_str().to_owned(),
        likelihood_30d: health.likelihood_30d,
        time_spent_by_us_min: kpis.time_spent_by_us_min,
        time_spent_by_them_min: kpis.time_spent_by_them_min,
        interactions,
        last_at_us: kpis.last_interaction.map(|last| last.at.0),
        next_at_us: kpis.next_interaction.map(|next| next.at.0),
        estimated_close_us: document.estimated_close.as_deref().and_then(|text| view.calendar.parse(text).ok()).map(|at| at.0),
        estimated_revenue: document.estimated_revenue,
        currency: document.currency,
    }
}
