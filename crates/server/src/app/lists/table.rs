//! All rows of all lists in memory: any sort and filter of a hundred thousand rows is one pass over them.
//!
//! About 700 bytes a row; each column that somebody sorts by adds four bytes a row for each direction.

use std::{
    cmp::Ordering,
    sync::{Arc, OnceLock},
};

use rapport_domain::{RecordId, Table};
use rapport_store::snapshots::{SnapshotRow, SnapshotVersion};
use rustc_hash::FxHashSet;

use super::{
    columns::{COLUMNS, Column, ColumnKind, Value},
    query::{ListFilter, is_in_state},
    row::ListRow,
};
use crate::app::{AppError, caller::Reach};

/// The rows of one table.
#[derive(Debug)]
struct Rows {
    /// Dense record numbers.
    numbers: Vec<i64>,
    all: Vec<ListRow>,
    /// What `q` looks into, lower-case, row by row.
    texts: Vec<String>,
    /// Place of each row by name, then id: decides between equal values.
    ranks: OnceLock<Vec<u32>>,
    /// Numbers of rows in the order of each column, ascending and descending, made when first asked for.
    orders: Vec<[OnceLock<Vec<u32>>; 2]>,
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

    /// A row as it is shown.
    pub(super) fn told(&self, row: &ListRow) -> ListRow {
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
    tables: [Rows; 4],
}

impl ListTable {
    /// Takes the rows of all tables.
    pub(super) fn new(version: SnapshotVersion, rows: Vec<(Table, i64, ListRow)>, hides_owners: bool) -> Self {
        let mut tables: [(Vec<i64>, Vec<ListRow>); 4] = Default::default();
        for (table, number, mut row) in rows {
            row.updated_at = Some(version.as_of_us);
            let (numbers, rows) = &mut tables[place(table)];
            numbers.push(number);
            rows.push(row);
        }
        Self { version, tables: tables.map(|(numbers, rows)| Rows::new(numbers, rows, hides_owners)) }
    }

    /// All rows as the store keeps them.
    pub(super) fn documents(&self) -> Vec<SnapshotRow> {
        let of_table = |table: Table| {
            let rows = &self.tables[place(table)];
            // A row of texts and finite numbers always is JSON.
            let document = move |row| serde_json::to_string(&(table as u8, row)).unwrap_or_default();
            rows.numbers.iter().copied().zip(rows.all.iter().map(document))
        };
        Table::ALL.into_iter().flat_map(of_table).collect()
    }

    /// The rows of a table that are meant, in the order of their numbers.
    pub fn matching<'a>(&'a self, table: Table, filter: &ListFilter, shown: &Shown) -> impl Iterator<Item = &'a ListRow> {
        let rows = &self.tables[place(table)];
        let search = filter.search.as_deref().map(str::to_lowercase);
        (0..rows.all.len()).filter(move |i| rows.is_meant(*i, table, filter, shown, search.as_deref())).map(|i| &rows.all[i])
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
        for i in rows.order(order.0, order.1) {
            if rows.is_meant(*i as usize, table, filter, shown, search.as_deref()) {
                if total >= offset && page.len() < limit {
                    page.push(shown.told(&rows.all[*i as usize]));
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
    fn new(numbers: Vec<i64>, rows: Vec<ListRow>, hides_owners: bool) -> Self {
        let texts = rows
            .iter()
            .map(|row| {
                let owners = [&row.owner, &row.owner_name].into_iter().filter(|_| !hides_owners);
                let parts = [&row.account, &row.email, &row.company].into_iter().chain(owners).flatten().map(String::as_str);
                std::iter::once(row.name.as_str()).chain(parts).collect::<Vec<_>>().join("\n").to_lowercase()
            })
            .collect();
        let orders = COLUMNS.iter().map(|_| [OnceLock::new(), OnceLock::new()]).collect();
        Self { numbers, all: rows, texts, ranks: OnceLock::new(), orders }
    }

    fn is_meant(&self, i: usize, table: Table, filter: &ListFilter, shown: &Shown, search: Option<&str>) -> bool {
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
            && filter.conditions.iter().all(|condition| condition.holds(row))
    }

    fn order(&self, column: &'static Column, descending: bool) -> &[u32] {
        self.orders[column.position()][usize::from(descending)].get_or_init(|| {
            let ranks = self.ranks.get_or_init(|| self.ranks());
            let mut order: Vec<u32> = (0..self.all.len() as u32).collect();
            let is_text = matches!(column.kind, ColumnKind::Text | ColumnKind::Word);
            // Lower-case once per row, not once per comparison.
            let lower = |row: &ListRow| match (column.value)(row) {
                Value::Text(text) if is_text => text.to_lowercase(),
                _ => String::new(),
            };
            let lowered: Vec<String> = if is_text { self.all.iter().map(lower).collect() } else { Vec::new() };
            let value = |i: u32| match (column.value)(&self.all[i as usize]) {
                Value::Text(_) => Value::Text(&lowered[i as usize]),
                value => value,
            };
            order.sort_unstable_by(|a, b| {
                compare(value(*a), value(*b), descending).then_with(|| ranks[*a as usize].cmp(&ranks[*b as usize]))
            });
            order
        })
    }

    fn ranks(&self) -> Vec<u32> {
        let names: Vec<String> = self.all.iter().map(|row| row.name.to_lowercase()).collect();
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        order.sort_unstable_by(|a, b| names[*a].cmp(&names[*b]).then_with(|| self.all[*a].id.cmp(&self.all[*b].id)));
        let mut ranks = vec![0; order.len()];
        for (rank, i) in order.into_iter().enumerate() {
            ranks[i] = rank as u32;
        }
        ranks
    }
}

/// Absent values last in both directions.
fn compare(a: Value<'_>, b: Value<'_>, descending: bool) -> Ordering {
    let ascending = match (a, b) {
        (Value::Absent, Value::Absent) => return Ordering::Equal,
        (Value::Absent, _) => return Ordering::Greater,
        (_, Value::Absent) => return Ordering::Less,
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.total_cmp(&b),
        (Value::Moment(a), Value::Moment(b)) => a.cmp(&b),
        _ => Ordering::Equal,
    };
    if descending { ascending.reverse() } else { ascending }
}
