//! Relationship Pipeline: open opportunities by days until their estimated close and by health.

use rapport_domain::{Moment, Table};

use super::{
    query::{ListFilter, ListState},
    row::ListRow,
};
use crate::app::{App, AppError};

/// Bubbles of one chart at most; more could not be told apart. The largest revenues are kept.
pub const POINTS_MAX: usize = 5_000;

/// One bubble.
#[derive(Clone, Debug)]
pub struct Point {
    /// The opportunity.
    pub row: ListRow,
    /// Whole local days, 0 = today.
    pub days_until_close: i32,
}

/// The chart.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The moment it is as of.
    pub as_of: Moment,
    /// Bubbles, largest revenue first.
    pub points: Vec<Point>,
    /// Open opportunities without an estimated close.
    pub no_close_date: usize,
    /// Open opportunities whose estimated close is past.
    pub past_close_date: usize,
    /// Bubbles beyond [`POINTS_MAX`].
    pub omitted: usize,
}

impl App {
    /// The pipeline of the opportunities that a filter means; only open ones are in it.
    pub async fn pipeline(&self, mut filter: ListFilter) -> Result<Pipeline, AppError> {
        filter.state = ListState::Open;
        let shown = self.shown(&filter).await?;
        let view = self.view().await?;
        view.need_enhanced()?;
        view.need_relationship_analytics()?;
        let list = self.list_table().await?;
        let as_of = Moment(list.version.as_of_us);
        let mut pipeline = Pipeline { as_of, points: Vec::new(), no_close_date: 0, past_close_date: 0, omitted: 0 };
        for row in list.matching(Table::Opportunities, &filter, &shown) {
            match row.days_until_close(&view, as_of) {
                None => pipeline.no_close_date += 1,
                Some(days) if days < 0 => pipeline.past_close_date += 1,
                Some(days_until_close) => pipeline.points.push(Point { row: list.told(&shown, row), days_until_close }),
            }
        }
        sort_by_revenue(&mut pipeline.points);
        pipeline.omitted = pipeline.points.len().saturating_sub(POINTS_MAX);
        pipeline.points.truncate(POINTS_MAX);
        Ok(pipeline)
    }
}

/// Largest revenue first, unknown last, then the sooner close, then by id.
pub(super) fn sort_by_revenue(points: &mut [Point]) {
    let revenue = |point: &Point| point.row.estimated_revenue.unwrap_or(f64::NEG_INFINITY);
    points.sort_by(|a, b| {
        revenue(b)
            .total_cmp(&revenue(a))
            .then_with(|| a.days_until_close.cmp(&b.days_until_close))
            .then_with(|| a.row.id.cmp(&b.row.id))
    });
}
