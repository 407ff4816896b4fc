//! All rows of all lists in memory: any sort and filter of a hundred thousand rows is one pass over them.
//!
//! About 700 bytes a row; each column that somebody sorts by adds four bytes a row for each direction.

use std::sync::Arc;

use rapport_domain::{InsightSettings, Moment, RecordId, Table};
use rapport_insight::{Likelihoods, health::HealthState};
use rapport_store::snapshots::{SnapshotRow, SnapshotVersion};
use rustc_hash::FxHashSet;

use super::{
    columns::Column,
    orders::Orders,
    query::{ListFilter, is_in_state},
    refresh::Folded,
    row::ListRow,
};
use crate::app::{AppError, View, caller::Reach};

/// The rows of one table. Tables of two versions share what they have in common.
#[derive(Debug)]
struct Rows {
    /// Dense record numbers, ascending.
    numbers: Arc<Vec<i64>>,
    all: Vec<Arc<ListRow>>,
    /// From when on each row is to be folded anew, whatever else happens.
    valid_until_us: Vec<i64>,
    /// What `q` looks into, lower-case, row by row. No figure changes it.
    texts: Arc<Vec<String>>,
    orders: Orders,
}

/// Which rows somebody is shown. Whatever shows rows of lists asks this: what a caller may not see is left out in this one place.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Which records the caller may see.
    pub(super) reach: Arc<Reach>,
    /// Whose records are asked for, by all their addresses, if not everybody's.
    pub(super) owners: Option<FxHashSet<String>>,
    /// The only owners that may be told, if not everybody: in works council mode the viewer alone.
    pub(super) owner_told: Option<FxHashSet<String>>,
}

impl Shown {
    /// Everything.
    pub fn all() -> Self {
        Self { reach: Arc::new(Reach::All), owners: None, owner_told: None }
    }

    fn told(&self, row: &ListRow) -> ListRow {
        let mut row = row.clone();
        if self.owner_told.as_ref().is_some_and(|told| !row.owner.as_ref().is_some_and(|owner| told.contains(owner))) {
            (row.owner, row.owner_name) = (None, None);
        }
        row
    }

    /// Refuses an order that would tell whose records are whose.
    pub(super) fn need_sortable(&self, column: &Column) -> Result<(), AppError> {
        if self.owner_told.is_some() && column.is_about_owners() {
            return Err(
                AppError::refused("lists are not sorted by owner: works council mode is on").with_hint("sort by another column")
            );
        }
        Ok(())
    }
}

/// All lists as of one version.
#[derive(Debug)]
pub struct ListTable {
    /// What they were computed from.
    pub version: SnapshotVersion,
    /// Settings that the figures follow.
    pub(super) settings: InsightSettings,
    /// Coefficients of their likelihoods.
    pub(super) likelihoods: Likelihoods,
    /// When the view they were made of was loaded: see [`View::loaded_at`].
    pub(super) loaded_at: (i64, i64),
    tables: [Rows; 4],
}

impl ListTable {
    /// Takes the rows of all tables.
    pub(super) fn new(version: SnapshotVersion, view: &View, mut folded: Vec<Folded>) -> Self {
        folded.sort_by_key(|folded| folded.number);
        let mut tables: [Vec<Folded>; 4] = Default::default();
        for folded in folded {
            tables[place(folded.table)].push(folded);
        }
        let hides_owners = view.works_council.is_some();
        let tables = tables.map(|rows| Rows::new(rows, hides_owners));
        Self { version, settings: view.settings.clone(), likelihoods: view.likelihoods, loaded_at: view.loaded_at(), tables }
            .valid()
    }

    /// The lists with some rows folded again, graded as the settings of a view say.
    pub(super) fn refreshed(&self, version: SnapshotVersion, view: &View, folded: Vec<Folded>) -> Self {
        let mut changed: [Vec<(usize, Arc<ListRow>, i64)>; 4] = Default::default();
        for Folded { table, number, row, valid_until_us } in folded {
            if let Ok(i) = self.tables[place(table)].numbers.binary_search(&number) {
                changed[place(table)].push((i, row, valid_until_us));
            }
        }
        if self.settings != view.settings {
            for (rows, changed) in self.tables.iter().zip(&mut changed) {
                rows.grade(&view.settings, changed);
            }
        }
        let mut changed = changed.into_iter();
        let tables = self.tables.each_ref().map(|rows| rows.refreshed(changed.next().unwrap_or_default()));
        Self { version, settings: view.settings.clone(), likelihoods: view.likelihoods, loaded_at: view.loaded_at(), tables }
            .valid()
    }

    #[cfg(test)]
    pub(super) fn contents(&self, table: Table) -> impl PartialEq + std::fmt::Debug + '_ {
        let Rows { numbers, all, valid_until_us, texts, orders: _ } = &self.tables[place(table)];
        (numbers, all, valid_until_us, texts)
    }

    #[cfg(test)]
    pub(super) fn order(&self, table: Table, column: &'static Column, descending: bool) -> &[u32] {
        let rows = &self.tables[place(table)];
        rows.orders.of(&rows.all, column, descending)
    }

    fn valid(mut self) -> Self {
        let moments = self.tables.iter().flat_map(|rows| &rows.valid_until_us).copied();
        self.version.valid_until_us = moments.min().unwrap_or(i64::MAX);
        self
    }

    /// Numbers of the records whose rows do not hold any more at a moment.
    pub(super) fn due(&self, as_of: Moment) -> Vec<i64> {
        if as_of.0 < self.version.valid_until_us {
            return Vec::new();
        }
        let due = |rows: &Rows| -> Vec<i64> {
            let moments = rows.numbers.iter().zip(&rows.valid_until_us);
            moments.filter(|(_, until_us)| **until_us <= as_of.0).map(|(number, _)| *number).collect()
        };
        self.tables.iter().flat_map(due).collect()
    }

    /// All rows as the store keeps them.
    pub(super) fn documents(&self) -> Vec<SnapshotRow> {
        let of_table = |table: Table| {
            let rows = &self.tables[place(table)];
            // A row of texts and finite numbers always is JSON.
            let document = move |(row, until_us): (&Arc<ListRow>, &i64)| {
                serde_json::to_string(&(table as u8, &**row, until_us)).unwrap_or_default()
            };
            rows.numbers.iter().copied().zip(rows.all.iter().zip(&rows.valid_until_us).map(document))
        };
        Table::ALL.into_iter().flat_map(of_table).collect()
    }

    /// A row as it is shown.
    pub(super) fn told(&self, shown: &Shown, row: &ListRow) -> ListRow {
        ListRow { updated_at: Some(self.version.as_of_us), ..shown.told(row) }
    }

    /// The rows of a table that are meant, in the order of their numbers.
    pub fn matching<'a>(&'a self, table: Table, filter: &ListFilter, shown: &Shown) -> impl Iterator<Item = &'a ListRow> {
        let rows = &self.tables[place(table)];
        let search = filter.search.as_deref().map(str::to_lowercase);
        let as_of_us = self.version.as_of_us;
        let is_meant = move |i: &usize| rows.is_meant(*i, table, filter, shown, (search.as_deref(), as_of_us));
        (0..rows.all.len()).filter(is_meant).map(|i| &*rows.all[i])
    }

    /// One page, sorted, and how many rows the whole list has.
    pub(super) fn page(
        &self,
        table: Table,
        filter: &ListFilter,
        shown: &Shown,
        order: (&'static Column, bool),
        range: (u64, usize),
    ) -> (Vec<ListRow>, u64) {
        let rows = &self.tables[place(table)];
        let search = filter.search.as_deref().map(str::to_lowercase);
        let (offset, limit) = (range.0, range.1);
        let (mut page, mut total) = (Vec::with_capacity(limit.min(rows.all.len())), 0);
        for i in rows.orders.of(&rows.all, order.0, order.1) {
            if rows.is_meant(*i as usize, table, filter, shown, (search.as_deref(), self.version.as_of_us)) {
                if total >= offset && page.len() < limit {
                    page.push(self.told(shown, &rows.all[*i as usize]));
                }
                total += 1;
            }
        }
        (page, total)
    }
}

/// Where a table's rows lie.
fn place(table: Table) -> usize {
    Table::ALL.iter().position(|known| *known == table).unwrap_or_default()
}

impl Rows {
    fn new(folded: Vec<Folded>, hides_owners: bool) -> Self {
        let text = |Folded { row, .. }: &Folded| {
            let owners = [&row.owner, &row.owner_name].into_iter().filter(|_| !hides_owners);
            let parts = [&row.account, &row.email, &row.company].into_iter().chain(owners).flatten().map(String::as_str);
            std::iter::once(row.name.as_str()).chain(parts).collect::<Vec<_>>().join("\n").to_lowercase()
        };
        Self {
            numbers: Arc::new(folded.iter().map(|folded| folded.number).collect()),
            valid_until_us: folded.iter().map(|folded| folded.valid_until_us).collect(),
            texts: Arc::new(folded.iter().map(text).collect()),
            all: folded.into_iter().map(|folded| folded.row).collect(),
            orders: Orders::new(),
        }
    }

    /// Adds the rows whose grade is another one under some settings to those that change anyway.
    fn grade(&self, settings: &InsightSettings, changed: &mut Vec<(usize, Arc<ListRow>, i64)>) {
        let folded: FxHashSet<usize> = changed.iter().map(|(i, ..)| *i).collect();
        for (i, row) in self.all.iter().enumerate().filter(|(i, _)| !folded.contains(i)) {
            let Some(score) = row.health_score else { continue };
            let state = HealthState::of_score(score, settings).as_str();
            if row.health_state != state {
                let row = ListRow { health_state: state.to_owned(), ..ListRow::clone(row) };
                changed.push((i, Arc::new(row), self.valid_until_us[i]));
            }
        }
    }

    fn refreshed(&self, changed: Vec<(usize, Arc<ListRow>, i64)>) -> Self {
        let (mut all, mut valid_until_us) = (self.all.clone(), self.valid_until_us.clone());
        let mut moved = Vec::new();
        for (i, row, until_us) in changed {
            valid_until_us[i] = until_us;
            if all[i] != row {
                all[i] = row;
                moved.push(i);
            }
        }
        let orders = self.orders.after(&self.all, &all, &moved);
        Self { numbers: self.numbers.clone(), all, valid_until_us, texts: self.texts.clone(), orders }
    }

    fn is_meant(
        &self,
        i: usize,
        table: Table,
        filter: &ListFilter,
        shown: &Shown,
        (search, as_of_us): (Option<&str>, i64),
    ) -> bool {
        let row = &self.all[i];
        let is = |wanted: &Option<String>, value: Option<&str>| wanted.as_deref().is_none_or(|wanted| value == Some(wanted));
        shown.reach.allows(RecordId(self.numbers[i] as u32))
            && shown.owners.as_ref().is_none_or(|owners| row.owner.as_ref().is_some_and(|owner| owners.contains(owner)))
            && is_in_state(row, table, filter.state)
            && is(&filter.owner, row.owner.as_deref())
            && is(&filter.health_state, Some(&row.health_state))
            && is(&filter.health_trend, Some(&row.health_trend))
            && is(&filter.status, row.status.as_deref())
            && search.is_none_or(|search| self.texts[i].contains(search))
            && filter.conditions.iter().all(|condition| condition.holds(row, as_of_us))
    }
}
