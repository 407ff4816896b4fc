//! Rows in the order of a column. An order is made when it is first asked for, and kept in order while rows change.

use std::{
    cmp::Ordering,
    sync::{Arc, OnceLock},
};

use super::{
    columns::{COLUMNS, Column, ColumnKind, Value},
    row::ListRow,
};

/// Past one changed row in so many, sorting anew costs no more than putting each in its place.
const ROWS_PER_PLACED: usize = 8;

/// Numbers of rows in the order of each column, ascending and descending.
#[derive(Debug)]
pub(super) struct Orders {
    /// Place of each row by name, then id: decides between equal values. No figure changes it.
    ranks: Arc<OnceLock<Vec<u32>>>,
    by_column: Vec<[OnceLock<Arc<Vec<u32>>>; 2]>,
}

impl Orders {
    pub(super) fn new() -> Self {
        Self { ranks: Arc::default(), by_column: COLUMNS.iter().map(|_| [OnceLock::new(), OnceLock::new()]).collect() }
    }

    /// The order of a column.
    pub(super) fn of(&self, rows: &[Arc<ListRow>], column: &'static Column, descending: bool) -> &[u32] {
        self.by_column[column.position()][usize::from(descending)].get_or_init(|| {
            let ranks = self.ranks.get_or_init(|| ranks(rows));
            let mut order: Vec<u32> = (0..rows.len() as u32).collect();
            // Lower-case once per row, not once per comparison.
            let lower = |row: &Arc<ListRow>| lowered(column, row).unwrap_or_default();
            let lowered: Vec<String> = if is_text(column) { rows.iter().map(lower).collect() } else { Vec::new() };
            let value = |i: u32| match (column.value)(&rows[i as usize]) {
                Value::Text(_) => Value::Text(&lowered[i as usize]),
                value => value,
            };
            order.sort_unstable_by(|a, b| {
                compare(value(*a), value(*b), descending).then_with(|| ranks[*a as usize].cmp(&ranks[*b as usize]))
            });
            Arc::new(order)
        })
    }

    /// The orders after some rows changed, whose names and ids are what they were: those that were made stay made.
    pub(super) fn after(&self, before: &[Arc<ListRow>], rows: &[Arc<ListRow>], changed: &[usize]) -> Self {
        let after = Self { ranks: self.ranks.clone(), ..Self::new() };
        for (column, (known, made)) in COLUMNS.iter().zip(self.by_column.iter().zip(&after.by_column)) {
            let moved: Vec<u32> = changed
                .iter()
                .filter(|i| (column.value)(&before[**i]) != (column.value)(&rows[**i]))
                .map(|i| *i as u32)
                .collect();
            if moved.len() * ROWS_PER_PLACED > rows.len() {
                continue;
            }
            for (descending, (known, made)) in known.iter().zip(made).enumerate() {
                let Some(order) = known.get() else { continue };
                let order = if moved.is_empty() {
                    order.clone()
                } else {
                    let Some(ranks) = after.ranks.get() else { continue };
                    Arc::new(placed(order, &moved, rows, |a, b| compare_rows(column, a, b, descending == 1), ranks))
                };
                made.get_or_init(|| order);
            }
        }
        after
    }
}

/// An order with some rows taken out and put where they belong now.
fn placed(
    order: &[u32],
    moved: &[u32],
    rows: &[Arc<ListRow>],
    compare: impl Fn(&ListRow, &ListRow) -> Ordering,
    ranks: &[u32],
) -> Vec<u32> {
    let compare =
        |a: u32, b: u32| compare(&rows[a as usize], &rows[b as usize]).then_with(|| ranks[a as usize].cmp(&ranks[b as usize]));
    let mut is_moved = vec![false; rows.len()];
    for i in moved {
        is_moved[*i as usize] = true;
    }
    let kept: Vec<u32> = order.iter().copied().filter(|i| !is_moved[*i as usize]).collect();
    let mut moved = moved.to_vec();
    moved.sort_unstable_by(|a, b| compare(*a, *b));
    let (mut placed, mut from) = (Vec::with_capacity(order.len()), 0);
    for i in moved {
        let until = from + kept[from..].partition_point(|other| compare(*other, i) == Ordering::Less);
        placed.extend_from_slice(&kept[from..until]);
        placed.push(i);
        from = until;
    }
    placed.extend_from_slice(&kept[from..]);
    placed
}

fn is_text(column: &Column) -> bool {
    matches!(column.kind, ColumnKind::Text | ColumnKind::Word)
}

fn lowered(column: &Column, row: &ListRow) -> Option<String> {
    match (column.value)(row) {
        Value::Text(text) if is_text(column) => Some(text.to_lowercase()),
        _ => None,
    }
}

fn compare_rows(column: &Column, a: &ListRow, b: &ListRow, descending: bool) -> Ordering {
    let (lower_a, lower_b) = (lowered(column, a), lowered(column, b));
    let value_a = lower_a.as_deref().map_or_else(|| (column.value)(a), Value::Text);
    let value_b = lower_b.as_deref().map_or_else(|| (column.value)(b), Value::Text);
    compare(value_a, value_b, descending)
}

fn ranks(rows: &[Arc<ListRow>]) -> Vec<u32> {
    let names: Vec<String> = rows.iter().map(|row| row.name.to_lowercase()).collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by(|a, b| names[*a].cmp(&names[*b]).then_with(|| rows[*a].id.cmp(&rows[*b].id)));
    let mut ranks = vec![0; order.len()];
    for (rank, i) in order.into_iter().enumerate() {
        ranks[i] = rank as u32;
    }
    ranks
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
