//! The dashboard: what of somebody's relationships asks for attention now.

use rapport_domain::{Moment, Table};
use rapport_insight::summary::UNUSUAL_SILENCE_MAX;

use super::{
    pipeline::{Point, sort_by_revenue},
    query::{ListFilter, ListState},
    row::ListRow,
};
use crate::app::{App, AppError};

/// Rows of one tile at most: what one can act on today.
pub const TILE_ROWS_MAX: usize = 10;
/// A silence is told from this many active days on: below, there is no rhythm to be beyond.
pub const RHYTHM_DAYS_MIN: u32 = 4;
/// The lower left corner of the pipeline reaches this far.
pub const CLOSING_SOON_DAYS: i32 = 45;

/// Why a relationship is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its trend is declining.
    Declining,
    /// Silent beyond its rhythm.
    Silent,
    /// Its trend is improving.
    Improving,
    /// Younger than the trend can tell, and fair or good already.
    New,
}

impl Reason {
    /// As it travels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declining => "declining",
            Self::Silent => "silent",
            Self::Improving => "improving",
            Self::New => "new",
        }
    }
}

/// A relationship and why it is named.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its table.
    pub table: Table,
    /// Its row.
    pub row: ListRow,
    /// At least one, the most telling first.
    pub reasons: Vec<Reason>,
}

/// Everything on the dashboard.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// The moment it is as of.
    pub as_of: Moment,
    /// Contacts, open leads and open opportunities that are good, fair, poor, and without a score.
    pub counts: [usize; 4],
    /// At risk.
    pub at_risk: Vec<Named>,
    /// Newly warm.
    pub newly_warm: Vec<Named>,
    /// What is planned, soonest first.
    pub next_interactions: Vec<(Table, ListRow)>,
    /// Large open deals that close soon and are not in good health.
    pub closing_soon: Vec<Point>,
}

/// Relationships with people; accounts are roll-ups of these.
const TABLES: [Table; 3] = [Table::Contacts, Table::Leads, Table::Opportunities];

impl App {
    /// The dashboard of the records that a filter means.
    pub async fn dashboard(&self, mut filter: ListFilter) -> Result<Dashboard, AppError> {
        filter.state = ListState::Open;
        let shown = self.shown(&filter).await?;
        let (view, list) = (self.view().await?, self.list_table().await?);
        let as_of = Moment(list.version.as_of_us);
        let mut dashboard = Dashboard {
            as_of,
            counts: [0; 4],
            at_risk: Vec::new(),
            newly_warm: Vec::new(),
            next_interactions: Vec::new(),
            closing_soon: Vec::new(),
        };
        for table in TABLES {
            for row in list.matching(table, &filter, &shown) {
                dashboard.counts[grade(row)] += 1;
                let named = |reasons| Named { table, row: list.told(&shown, row), reasons };
                let (risks, warmth) = (risks(row), warmth(row));
                if !risks.is_empty() {
                    dashboard.at_risk.push(named(risks));
                } else if !warmth.is_empty() {
                    dashboard.newly_warm.push(named(warmth));
                }
                if row.next_at.is_some() {
                    dashboard.next_interactions.push((table, list.told(&shown, row)));
                }
                let days = row.days_until_close(&view, as_of).filter(|days| (0..=CLOSING_SOON_DAYS).contains(days));
                if let (Table::Opportunities, Some(days_until_close), 1..) = (table, days, grade(row)) {
                    dashboard.closing_soon.push(Point { row: list.told(&shown, row), days_until_close });
                }
            }
        }
        dashboard.arrange();
        Ok(dashboard)
    }
}

impl Dashboard {
    /// The most pressing first: whatever was likeliest to last and is now unusually silent or declining; ties by table and id.
    fn arrange(&mut self) {
        let revenue = |row: &ListRow| row.estimated_revenue.unwrap_or(0.0);
        let place = |table: Table, row: &ListRow| (table as u8, row.id.clone());
        self.at_risk.sort_by(|a, b| {
            let surprise = |named: &Named| named.row.silence_surprise.unwrap_or(1.0);
            b.reasons
                .len()
                .cmp(&a.reasons.len())
                .then_with(|| revenue(&b.row).total_cmp(&revenue(&a.row)))
                .then_with(|| surprise(a).total_cmp(&surprise(b)))
                .then_with(|| place(a.table, &a.row).cmp(&place(b.table, &b.row)))
        });
        self.newly_warm.sort_by(|a, b| {
            b.row
                .health_score
                .cmp(&a.row.health_score)
                .then_with(|| revenue(&b.row).total_cmp(&revenue(&a.row)))
                .then_with(|| place(a.table, &a.row).cmp(&place(b.table, &b.row)))
        });
        self.next_interactions
            .sort_by(|a, b| a.1.next_at.cmp(&b.1.next_at).then_with(|| place(a.0, &a.1).cmp(&place(b.0, &b.1))));
        sort_by_revenue(&mut self.closing_soon);
        self.at_risk.truncate(TILE_ROWS_MAX);
        self.newly_warm.truncate(TILE_ROWS_MAX);
        self.next_interactions.truncate(TILE_ROWS_MAX);
        self.closing_soon.truncate(TILE_ROWS_MAX);
    }
}

/// 0 = good, 1 = fair, 2 = poor, 3 = without a score.
fn grade(row: &ListRow) -> usize {
    match row.health_state.as_str() {
        "good" => 0,
        "fair" => 1,
        "poor" => 2,
        _ => 3,
    }
}

fn risks(row: &ListRow) -> Vec<Reason> {
    let is_declining = row.health_score.is_some() && row.health_trend == "declining";
    let is_silent = row.health_score.is_some()
        && row.active_days >= RHYTHM_DAYS_MIN
        && row.silence_surprise.is_some_and(|surprise| surprise <= UNUSUAL_SILENCE_MAX);
    [(is_declining, Reason::Declining), (is_silent, Reason::Silent)]
        .into_iter()
        .filter_map(|(holds, reason)| holds.then_some(reason))
        .collect()
}

fn warmth(row: &ListRow) -> Vec<Reason> {
    let is_warm = grade(row) <= 1;
    [(is_warm && row.health_trend == "improving", Reason::Improving), (is_warm && row.new_relationship, Reason::New)]
        .into_iter()
        .filter_map(|(holds, reason)| holds.then_some(reason))
        .collect()
}
