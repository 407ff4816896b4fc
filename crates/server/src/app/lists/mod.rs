//! Lists: one row per record, from snapshots that are never served stale, sorted and filtered in memory.
//!
//! | file | what |
//! | --- | --- |
//! | `row` | one record as lists show it |
//! | `columns` | what can be shown, sorted and filtered |
//! | `query` | what a page asks for |
//! | `table` | all rows in memory |
//! | `pipeline`, `dashboard`, `distribution` | what is shown of the rows beside lists |
//! | `sheet` | rows as CSV and Excel files |
//! | `saved` | lists as somebody wants to see them again |

pub mod columns;
pub mod dashboard;
pub mod distribution;
pub mod pipeline;
pub mod query;
pub mod row;
pub mod saved;
pub mod sheet;
pub mod table;

use std::sync::{Arc, atomic::Ordering};

use rapport_domain::{Moment, Table, Touches};
use rapport_insight::{RecordScope, Window, health::MODEL};
use rapport_store::snapshots::{SnapshotRow, SnapshotVersion};

use self::{
    columns::{Column, column_names},
    query::{ListFilter, ListQuery, ListView},
    row::ListRow,
    table::{ListTable, Shown},
};
use super::told::COLLEAGUES_MIN;
use super::{
    App, AppError, Tier, View,
    passes::{Folders, Pass},
    view::Record,
};

/// Rows of one page at most.
pub const PAGE_MAX: u32 = 500;

/// Lists that change all the time are stored this often: each time writes all of them.
const STORE_EVERY_US: u64 = 600_000_000;

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Rows of this page.
    pub rows: Vec<ListRow>,
    /// Rows of the whole list.
    pub total: u64,
    /// The moment its figures are as of.
    pub as_of: Moment,
    /// What the rows were computed from: pages of one list share it.
    pub version: SnapshotVersion,
}

impl App {
    /// One page of a list, as of now.
    pub async fn list(&self, table: Table, query: ListQuery) -> Result<Page, AppError> {
        if query.limit == 0 || query.limit > PAGE_MAX {
            return Err(AppError::invalid(format!("`limit` is from 1 to {PAGE_MAX}")));
        }
        let column = Column::named(&query.sort)
            .ok_or_else(|| AppError::invalid(format!("`{}` is none of {}", query.sort, column_names())))?;
        let shown = self.shown(&query.filter).await?;
        shown.need_sortable(column)?;
        let list = self.list_table().await?;
        let work = move || {
            let range = (query.offset, query.limit as usize);
            let (rows, total) = list.page(table, &query.filter, &shown, (column, query.descending), range);
            Page { rows, total, as_of: Moment(list.version.as_of_us), version: list.version.clone() }
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| AppError::invalid(format!("sorting stopped: {error}")))
    }

    /// All lists as of now: those in memory or in the store while they hold, else every record is folded anew.
    pub async fn list_table(&self) -> Result<Arc<ListTable>, AppError> {
        let _making = self.making.lists.lock().await;
        let view = self.view().await?;
        let as_of = self.now();
        let wanted = SnapshotVersion {
            // Rows of the basic tier tell less, also where both rest on CRM data.
            data: if view.tier == Tier::Basic { view.tier.as_str() } else { view.data.as_str() }.to_owned(),
            local_date: view.calendar.day_of(as_of).to_iso(),
            as_of_us: as_of.0,
            valid_until_us: i64::MAX,
            facts_version: view.versions.0,
            settings_version: view.versions.1,
            model: MODEL.to_owned(),
        };
        let holds = |there: &SnapshotVersion| {
            let same = SnapshotVersion { as_of_us: there.as_of_us, valid_until_us: there.valid_until_us, ..wanted.clone() };
            same == *there && (there.as_of_us..there.valid_until_us).contains(&as_of.0)
        };
        if let Some(known) = self.lists.get(view.tier).filter(|known| holds(&known.version)) {
            return Ok(known);
        }
        let stored = self.store.snapshot_version(self.org(), &wanted.data).await?;
        let table = match stored.filter(holds) {
            Some(version) => self.stored_table(&view, version).await?,
            None => self.folded_table(&view, wanted, as_of).await?,
        };
        self.lists.set(view.tier, &table);
        Ok(table)
    }

    /// The lists as the store has them.
    async fn stored_table(&self, view: &View, version: SnapshotVersion) -> Result<Arc<ListTable>, AppError> {
        let stored = self.store.snapshot_rows(self.org(), &version.data).await?;
        let hides_owners = view.works_council.is_some();
        let work = move || {
            let row = |(number, document): SnapshotRow| {
                let (code, row): (u8, ListRow) = serde_json::from_str(&document).ok()?;
                Some((Table::from_code(code)?, number, row))
            };
            Arc::new(ListTable::new(version, stored.into_iter().filter_map(row).collect(), hides_owners))
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| AppError::invalid(format!("reading lists stopped: {error}")))
    }

    /// The lists folded anew. Now and then they are stored too: a server that restarts need not fold a large organization first.
    async fn folded_table(
        &self,
        view: &Arc<View>,
        mut wanted: SnapshotVersion,
        as_of: Moment,
    ) -> Result<Arc<ListTable>, AppError> {
        let (rows, first_after) = self.fold_all(view, as_of).await?;
        // A meeting counts from its start on (02 section 2.4), whatever is dated ahead from its moment on, a deal is closed from its closing on.
        let closings =
            view.records.iter().filter_map(|record| view.scope(record).closed?.closed_at).filter(|at| *at > as_of).map(|at| at.0);
        wanted.valid_until_us = closings.chain(first_after).min().unwrap_or(i64::MAX);
        let hides_owners = view.works_council.is_some();
        let work = move || Arc::new(ListTable::new(wanted, rows, hides_owners));
        let table =
            tokio::task::spawn_blocking(work).await.map_err(|error| AppError::invalid(format!("folding stopped: {error}")))?;
        if self.stored_lists_at.load(Ordering::Relaxed).abs_diff(as_of.0) >= STORE_EVERY_US {
            self.stored_lists_at.store(as_of.0, Ordering::Relaxed);
            let (app, table) = (self.clone(), table.clone());
            tokio::spawn(async move {
                if let Err(error) = app.store_lists(table).await {
                    tracing::warn!(%error, "lists could not be stored");
                }
            });
        }
        Ok(table)
    }

    /// Stores lists as they are in memory.
    async fn store_lists(&self, table: Arc<ListTable>) -> Result<(), AppError> {
        let (version, work) = (table.version.clone(), move || table.documents());
        let rows = tokio::task::spawn_blocking(work).await.map_err(|error| AppError::invalid(error.to_string()))?;
        self.store.replace_snapshots(self.org(), &version, &rows).await?;
        Ok(())
    }

    /// Folds every record; beside the rows, the first moment after `as_of` that any touch has.
    pub(crate) async fn fold_all(
        &self,
        view: &Arc<View>,
        as_of: Moment,
    ) -> Result<(Vec<(Table, i64, ListRow)>, Option<i64>), AppError> {
        let window = Window::default_at(&view.calendar, as_of);
        let fold = move |view: &View, record: &Record, scope: &RecordScope, folders: &mut Folders, touches: &Touches| {
            let (kpis, health) = folders.records.figures(&view.context(as_of), scope, touches, window);
            let mut row = ListRow::new(view, record, &kpis, &health);
            view.tell(&mut row);
            (record.reference.table, i64::from(record.record.0), row)
        };
        let pass = Pass::<_, ()> { as_of, keeps: Box::new(|_| true), of_record: Box::new(fold), of_person: None };
        let passed = self.pass(view, pass).await?;
        Ok((passed.records, passed.first_after))
    }

    /// Which rows a filter shows to the caller.
    pub(crate) async fn shown(&self, filter: &ListFilter) -> Result<Shown, AppError> {
        let view = self.view().await?;
        let reach = self.reach(&view);
        let addresses = |user: rapport_domain::UserId| {
            let aliases =
                view.user_documents.get(user.0 as usize - 1).map(|document| document.aliases.clone()).unwrap_or_default();
            std::iter::once(view.directory.user(user).email.clone()).chain(aliases)
        };
        let all_addresses = |users: Vec<rapport_domain::UserId>| users.into_iter().flat_map(addresses).collect();
        let is_about_owners = filter.owner.is_some() || filter.conditions.iter().any(query::Condition::is_about_owners);
        if is_about_owners {
            view.need_no_works_council("lists are not filtered by owner")?;
        }
        let owner_told = view.works_council.as_ref().map(|_| all_addresses(self.acting_user().into_iter().collect()));
        if filter.view == ListView::All {
            return Ok(Shown { reach, owners: None, owner_told });
        }
        let user = self.need_looker(&view, filter.viewer.as_deref())?;
        let users = if filter.view == ListView::My { vec![user] } else { super::viewer::team(&view, user) };
        if filter.view == ListView::My && self.acting_user() != Some(user) {
            view.need_no_works_council("a list of one colleague's records is theirs alone")?;
        }
        if filter.view == ListView::Team && users.len() < COLLEAGUES_MIN {
            view.need_no_works_council("the team has fewer than five members")?;
        }
        Ok(Shown { reach, owners: Some(all_addresses(users)), owner_told })
    }
}
