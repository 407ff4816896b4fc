//! Interactions per local day and per week (02 §3; decision 11).

use rapport_domain::{Day, Touches};

use crate::{
    Context,
    kpis::{ACTIVITY_DAYS_MAX, ActivityRow, SixSeries, Window},
};

/// Days of a week.
const WEEK: i32 = 7;

/// One row per day over ages 0..`span_days`, oldest first. `rows` are in time order, `on` is the day of each.
pub(crate) fn by_day(ctx: &Context<'_>, touches: &Touches, rows: &[u32], on: &[i32], span_days: u32) -> Vec<ActivityRow> {
    let span_days = span_days.min(ACTIVITY_DAYS_MAX) as i32;
    let first = ctx.today().plus(1 - span_days);
    let mut days: Vec<ActivityRow> =
        (0..span_days).map(|i| ActivityRow { day: first.plus(i), series: SixSeries::default() }).collect();
    for (row, day) in rows.iter().zip(on).rev() {
        if *day < first.0 {
            break;
        }
        add(&mut days[(day - first.0) as usize], touches, *row);
    }
    days
}

/// One row per week, from that of the first of `rows` (the window's interactions in time order, on the days `on`) to that of the window's end.
pub(crate) fn by_week(ctx: &Context<'_>, touches: &Touches, rows: &[u32], on: &[i32], window: Window) -> Vec<ActivityRow> {
    let Some(earliest) = on.first() else { return Vec::new() };
    let first = Day(*earliest).monday();
    let count = (ctx.calendar.day_of(window.end).monday().0 - first.0) / WEEK + 1;
    let mut weeks: Vec<ActivityRow> =
        (0..count).map(|i| ActivityRow { day: first.plus(i * WEEK), series: SixSeries::default() }).collect();
    for (row, day) in rows.iter().zip(on) {
        add(&mut weeks[((day - first.0) / WEEK) as usize], touches, *row);
    }
    weeks
}

fn add(to: &mut ActivityRow, touches: &Touches, row: u32) {
    to.series.add(touches.kind[row as usize], touches.direction[row as usize]);
}
