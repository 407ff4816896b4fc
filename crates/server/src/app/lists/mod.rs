//! Lists: one row per record, from snapshots that are never served stale, sorted and filtered in memory.
//!
//! | file | what |
//! | --- | --- |
//! | `row` | one record as lists show it |
//! | `columns` | what can be shown, sorted and filtered |
//! | `query` | what a page asks for |
//! | `table` | all rows in memory |
//! | `refresh` | rows brought up to date |
//! | `orders` | rows in the order of a column |
//! | `pipeline`, `dashboard`, `distribution` | what is shown of the rows beside lists |
//! | `sheet` | rows as CSV and Excel files |
//! | `saved` | lists as somebody wants to see them again |

pub mod columns;
pub mod dashboard;
pub mod distribution;
mod orders;
pub mod pipeline;
pub mod query;
pub(crate) mod refresh;
pub mod row;
pub mod saved;
pub mod sheet;
pub mod table;

use std::sync::Arc;

use rapport_domain::{Moment, RecordId, Table, Touches};
use rapport_insight::{RecordScope, Window};
use rapport_store::snapshots::SnapshotVersion;
use rustc_hash::FxHashSet;

use self::{
    columns::{Column, column_names},
    query::{ListFilter, ListQuery, ListView},
    refresh::Folded,
    row::ListRow,
    table::Shown,
};
use super::told::COLLEAGUES_MIN;
use super::{App, AppError, View, passes::Folders, view::Record};

/// Rows of one page at most.
pub const PAGE_MAX: u32 = 500;

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

    /// Folds every record.
    pub(crate) async fn fold_all(&self, view: &Arc<View>, as_of: Moment) -> Result<Vec<Folded>, AppError> {
        self.fold_where(view, as_of, |_| true).await
    }

    /// Folds the records at some positions of the view.
    async fn fold_these(&self, view: &Arc<View>, positions: &[usize], as_of: Moment) -> Result<Vec<Folded>, AppError> {
        let wanted: FxHashSet<RecordId> = positions.iter().map(|position| view.records[*position].record).collect();
        self.fold_where(view, as_of, move |record| wanted.contains(&record.record)).await
    }

    /// Folds some records in one pass over what the store has of them.
    async fn fold_where(
        &self,
        view: &Arc<View>,
        as_of: Moment,
        keeps: impl Fn(&Record) -> bool + Send + Sync + 'static,
    ) -> Result<Vec<Folded>, AppError> {
        let window = Window::default_at(&view.calendar, as_of);
        let fold = move |view: &View, record: &Record, scope: &RecordScope, folders: &mut Folders, touches: &Touches| {
            Folded::new((view, as_of, window), record, scope, folders, touches)
        };
        self.fold_records(view, keeps, fold).await
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
