//! Lists brought up to date: only what changed since is folded again.
//!
//! A row is what a fold of its record would give as of the table's moment: figures depend on the local day, the runs that the record reads
//! and the settings, and between two moments of one day only on what happens between them, which each row says of itself. So a table of
//! an earlier version is this one where nothing but some runs changed, some rows' time came, or only grades moved.

#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rapport_domain::{InsightSettings, Moment, RecordId, Table, Touches};
use rapport_insight::{RecordScope, Window};
use rapport_store::snapshots::{SnapshotRow, SnapshotVersion};
use tokio::sync::watch;

use super::{row::ListRow, table::ListTable};
use crate::app::{App, AppError, Tier, View, passes::Folders, view::Record};

/// Lists that change all the time are stored this often: each time writes all of them.
const STORE_EVERY_US: u64 = 600_000_000;

/// Lists are brought up to date by themselves this often at most: what is committed in between is taken in at once.
const REFRESH_EVERY: Duration = Duration::from_millis(250);

/// Past one record in so many, lists are made of all rows: putting so many into those that are there is no faster;
const RECORDS_PER_REFRESHED: usize = 8;

/// but never so few.
const RECORDS_REFRESHED: usize = 500;

/// A record's row, and until when it holds.
#[derive(Clone, Debug)]
pub(crate) struct Folded {
    /// Of which list.
    pub(crate) table: Table,
    /// The record's dense number.
    pub(crate) number: i64,
    /// What lists show.
    pub(crate) row: Arc<ListRow>,
    /// From this moment on time alone has changed a figure.
    pub(crate) valid_until_us: i64,
}

impl Folded {
    /// Folds a record, of whose runs the touches are.
    pub(crate) fn new(
        (view, as_of, window): (&View, Moment, Window),
        record: &Record,
        scope: &RecordScope,
        folders: &mut Folders,
        touches: &Touches,
    ) -> Self {
        let (kpis, health) = folders.records.figures(&view.context(as_of), scope, touches, window);
        let mut row = ListRow::new(view, record, &kpis, &health);
        view.tell(&mut row);
        // A meeting counts from its start on (02 section 2.4), whatever is dated ahead from its moment on, a deal is closed from its closing on.
        let next = touches.at_us.get(touches.at_us.partition_point(|at_us| *at_us <= as_of.0)).copied();
        let closing = scope.closed.and_then(|closed| closed.closed_at).map(|at| at.0).filter(|at_us| *at_us > as_of.0);
        let valid_until_us = next.into_iter().chain(closing).min().unwrap_or(i64::MAX);
        Self { table: record.reference.table, number: i64::from(record.record.0), row: Arc::new(row), valid_until_us }
    }
}

/// Whether rows of one set of settings hold under another, but for the grades of their scores. What ties are graded by is in no row.
fn agree_but_for_grades(before: &InsightSettings, after: &InsightSettings) -> bool {
    let InsightSettings { good_min, fair_min, strong_min, medium_min, .. } = *after;
    InsightSettings { good_min, fair_min, strong_min, medium_min, ..before.clone() } == *after
}

/// What lists of a view are made from now.
fn wanted(view: &View, as_of: Moment) -> SnapshotVersion {
    SnapshotVersion {
        // Rows of the basic tier tell less, also where both rest on CRM data.
        data: if view.tier == Tier::Basic { view.tier.as_str() } else { view.data.as_str() }.to_owned(),
        local_date: view.calendar.day_of(as_of).to_iso(),
        as_of_us: as_of.0,
        valid_until_us: i64::MAX,
        facts_version: view.versions.0,
        settings_version: view.versions.1,
        model: view.settings.model.as_str().to_owned(),
    }
}

/// Whether rows of one version can become those of another without being folded anew.
fn leads_to(there: &SnapshotVersion, wanted: &SnapshotVersion) -> bool {
    (&there.data, &there.local_date, &there.model) == (&wanted.data, &wanted.local_date, &wanted.model)
        && there.as_of_us <= wanted.as_of_us
        && there.facts_version <= wanted.facts_version
}

/// Whether rows of one version are what is wanted, or what somebody who asked a moment later would want.
fn serves(there: &SnapshotVersion, wanted: &SnapshotVersion) -> bool {
    (&there.data, &there.local_date, &there.model) == (&wanted.data, &wanted.local_date, &wanted.model)
        && there.facts_version >= wanted.facts_version
        && there.settings_version >= wanted.settings_version
        && (there.as_of_us..there.valid_until_us).contains(&wanted.as_of_us)
}

impl App {
    /// All lists as of now: those in memory or in the store while they hold, else with what changed since folded anew, else with everything.
    ///
    /// Whoever asks sees whatever was committed before they asked. Of many who ask at once one makes the lists; the others are served by
    /// them, unless something was committed before they asked that the lists do not have.
    pub async fn list_table(&self) -> Result<Arc<ListTable>, AppError> {
        let asked = self.view().await?;
        let known = || self.lists.get(asked.tier).filter(|known| serves(&known.version, &wanted(&asked, self.now())));
        if let Some(known) = known() {
            return Ok(known);
        }
        let _making = self.making.lists.lock().await;
        if let Some(known) = known() {
            return Ok(known);
        }
        let (view, as_of) = (self.view().await?, self.now());
        let table = match self.refreshed_lists(&view, as_of).await? {
            Some(table) => table,
            None => self.folded_table(&view, as_of).await?,
        };
        self.lists.set(view.tier, &table);
        self.store_sometimes(&table, as_of);
        Ok(table)
    }

    /// Brings lists up to date whenever facts move, until the server stops.
    pub async fn keep_lists(self, mut stopping: watch::Receiver<bool>) {
        let mut changes = self.watch();
        let stopped = async move { _ = stopping.wait_for(|stopping| *stopping).await };
        let keep = async {
            while changes.changed().await.is_ok() {
                // Whoever asks right now brings them up to date; what came too late for that is taken in afterwards.
                let is_asked = self.making.lists.try_lock().is_err();
                if is_asked {
                    changes.mark_changed();
                } else if let Err(error) = self.refresh_lists().await {
                    // Whoever asks next is told.
                    tracing::debug!(%error, "lists could not be brought up to date");
                }
                tokio::time::sleep(REFRESH_EVERY).await;
            }
        };
        tokio::select! {
            () = stopped => {}
            () = keep => {}
        }
    }

    /// Brings lists that somebody asked for before up to date, so that the next who asks need not wait. Whether they are: what changes
    /// everything may do so again in a moment, and waits until somebody asks.
    pub async fn refresh_lists(&self) -> Result<bool, AppError> {
        let _making = self.making.lists.lock().await;
        let (view, as_of) = (self.whole_view().await?, self.now());
        if self.lists.get(view.tier).is_none() {
            return Ok(false);
        }
        let Some(table) = self.refreshed_lists(&view, as_of).await? else { return Ok(false) };
        self.lists.set(view.tier, &table);
        Ok(true)
    }

    /// The lists in memory, or those of the store, brought up to date; `None`: everything is to be folded anew.
    async fn refreshed_lists(&self, view: &Arc<View>, as_of: Moment) -> Result<Option<Arc<ListTable>>, AppError> {
        let wanted = wanted(view, as_of);
        let base = match self.lists.get(view.tier) {
            Some(known) => Some(known),
            None => self.stored_lists(view, &wanted).await?,
        };
        let Some(base) = base.filter(|base| leads_to(&base.version, &wanted)) else { return Ok(None) };
        if serves(&base.version, &wanted) {
            return Ok(Some(base));
        }
        let same_rows = base.version.settings_version == wanted.settings_version || base.loaded_at == view.loaded_at();
        let same_likelihoods = base.likelihoods == view.likelihoods;
        if !same_rows || !same_likelihoods || !agree_but_for_grades(&base.settings, &view.settings) {
            return Ok(None);
        }
        let subjects = if base.version.facts_version == wanted.facts_version {
            std::collections::BTreeSet::new()
        } else {
            match self.store().subjects_since(self.org(), base.version.facts_version).await? {
                Some(subjects) => subjects,
                None => return Ok(None),
            }
        };
        let (view, known) = (view.clone(), base.clone());
        let find = move || {
            let mut positions = view.readers_of(subjects);
            let numbers = known.due(as_of).into_iter().map(|number| RecordId(number as u32));
            positions
                .extend(numbers.filter_map(|number| view.records.binary_search_by_key(&number, |record| record.record).ok()));
            positions.sort_unstable();
            positions.dedup();
            (view, positions)
        };
        let (view, positions) = tokio::task::spawn_blocking(find).await.map_err(stopped)?;
        if positions.len() > RECORDS_REFRESHED.max(view.records.len() / RECORDS_PER_REFRESHED) {
            return Ok(None);
        }
        let folded = self.fold_these(&view, &positions, as_of).await?;
        let work = move || Arc::new(base.refreshed(wanted, &view, folded));
        Ok(Some(tokio::task::spawn_blocking(work).await.map_err(stopped)?))
    }

    /// The lists as the store has them, if rows of them can still be used.
    async fn stored_lists(&self, view: &Arc<View>, wanted: &SnapshotVersion) -> Result<Option<Arc<ListTable>>, AppError> {
        let stored = self.store().snapshot_version(self.org(), &wanted.data).await?;
        let is_near = |stored: &SnapshotVersion| leads_to(stored, wanted) && stored.settings_version == wanted.settings_version;
        let Some(version) = stored.filter(is_near) else { return Ok(None) };
        let rows = self.store().snapshot_rows(self.org(), &version.data).await?;
        let view = view.clone();
        let work = move || {
            let row = |(number, document): SnapshotRow| {
                let (code, row, valid_until_us): (u8, ListRow, i64) = serde_json::from_str(&document).ok()?;
                Some(Folded { table: Table::from_code(code)?, number, row: Arc::new(row), valid_until_us })
            };
            let rows: Option<Vec<Folded>> = rows.into_iter().map(row).collect();
            Some(Arc::new(ListTable::new(version, &view, rows?)))
        };
        tokio::task::spawn_blocking(work).await.map_err(stopped)
    }

    /// The lists folded anew.
    async fn folded_table(&self, view: &Arc<View>, as_of: Moment) -> Result<Arc<ListTable>, AppError> {
        let rows = self.fold_all(view, as_of).await?;
        let (view, version) = (view.clone(), wanted(view, as_of));
        let work = move || Arc::new(ListTable::new(version, &view, rows));
        tokio::task::spawn_blocking(work).await.map_err(stopped)
    }

    /// Now and then lists are stored too: a server that restarts need not fold a large organization first.
    fn store_sometimes(&self, table: &Arc<ListTable>, as_of: Moment) {
        if self.stored_lists_at.load(Ordering::Relaxed).abs_diff(as_of.0) < STORE_EVERY_US {
            return;
        }
        self.stored_lists_at.store(as_of.0, Ordering::Relaxed);
        let (app, table) = (self.clone(), table.clone());
        tokio::spawn(async move {
            if let Err(error) = app.store_lists(table).await {
                tracing::warn!(%error, "lists could not be stored");
            }
        });
    }

    /// Stores lists as they are in memory.
    async fn store_lists(&self, table: Arc<ListTable>) -> Result<(), AppError> {
        let (version, work) = (table.version.clone(), move || table.documents());
        let rows = tokio::task::spawn_blocking(work).await.map_err(stopped)?;
        self.store().replace_snapshots(self.org(), &version, &rows).await?;
        Ok(())
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is what a failure is mapped by")]
fn stopped(error: tokio::task::JoinError) -> AppError {
    AppError::invalid(format!("folding stopped: {error}"))
}
