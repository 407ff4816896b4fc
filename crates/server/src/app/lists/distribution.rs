//! How scores are spread over open records: what another grading would make of them can be seen before it is saved.

use rapport_domain::{Moment, Table};

use super::{
    query::{ListFilter, ListState},
    table::Shown,
};
use crate::app::{App, AppError};

/// Tables whose records have a health of their own; an account's is rolled up from its contacts.
const TABLES: [Table; 3] = [Table::Contacts, Table::Leads, Table::Opportunities];
/// Scores from 0 to 100.
pub const SCORES: usize = 101;

/// The scores of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableScores {
    /// The table.
    pub table: Table,
    /// Open records with the score 0, 1, .. 100.
    pub with_score: Vec<u32>,
    /// Open records without a score.
    pub without_score: u32,
}

/// The scores of all tables.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// The moment it is as of.
    pub as_of: Moment,
    /// Contacts, leads, opportunities.
    pub tables: Vec<TableScores>,
    /// Won opportunities, of which similar deals need some.
    pub won: u32,
    /// Lost ones.
    pub lost: u32,
}

impl App {
    /// How scores are spread now.
    pub async fn health_distribution(&self) -> Result<Distribution, AppError> {
        let list = self.list_table().await?;
        // Whoever sets the grades sees how everybody's records spread, and no record.
        let shown = Shown::all();
        let open = ListFilter { state: ListState::Open, ..ListFilter::default() };
        let tables = TABLES.map(|table| {
            let mut scores = TableScores { table, with_score: vec![0; SCORES], without_score: 0 };
            for row in list.matching(table, &open, &shown) {
                match row.health_score.and_then(|score| scores.with_score.get_mut(score as usize)) {
                    Some(count) => *count += 1,
                    None => scores.without_score += 1,
                }
            }
            scores
        });
        let closed = |status: &str| {
            let filter = ListFilter { status: Some(status.to_owned()), ..ListFilter::default() };
            list.matching(Table::Opportunities, &filter, &shown).count() as u32
        };
        let as_of = Moment(list.version.as_of_us);
        Ok(Distribution { as_of, tables: tables.into(), won: closed("won"), lost: closed("lost") })
    }
}
