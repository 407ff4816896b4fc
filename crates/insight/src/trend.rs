//! Where a relationship is going: 28 past scores, summed side by side (03, "Trend").

use crate::{
    Trend,
    days::{ActiveDay, DayValues, Recent},
    health::{TREND_LAG_DAYS, TREND_POINTS, TREND_WINDOW_DAYS},
    memory::{self, ENGAGEMENT_AGE_MAX_DAYS, MEMORY_AGE_MAX_DAYS},
};

/// Scores of one of the two means.
const LANES: usize = TREND_WINDOW_DAYS as usize;
/// How far back the oldest of the scores lies, in days.
pub(crate) const REACH_DAYS: usize = TREND_LAG_DAYS as usize + LANES;

/// Compares the means of two fortnights of daily scores. A day before the first interaction scores 0. `days` ascend up to `today`,
/// of which `recent` counts those at ages 0..365.
pub(crate) fn trend(days: &[ActiveDay], today: i32, recent: Recent, values: &DayValues) -> Trend {
    let (now, before) = (memories(days, today, 0, values), memories(days, today, TREND_LAG_DAYS, values));
    let mut means = [0.0; 2];
    let mut sliding = Sliding::new(days, today, recent);
    for age in 0..REACH_DAYS as i32 {
        let engagement = sliding.engagement(days, today - age);
        let (mean, lane) = match age {
            0..TREND_WINDOW_DAYS => (&mut means[0], now[LANES - 1 - age as usize]),
            TREND_LAG_DAYS.. => (&mut means[1], before[REACH_DAYS - 1 - age as usize]),
            _ => continue,
        };
        *mean += memory::score(engagement, lane, values.kernel().expectation(today - age - days[0].day));
    }
    let change = means[0] / f64::from(TREND_WINDOW_DAYS) - means[1] / f64::from(TREND_WINDOW_DAYS);
    if change >= TREND_POINTS {
        Trend::Improving
    } else if change <= -TREND_POINTS {
        Trend::Declining
    } else {
        Trend::Steady
    }
}

/// The memory as of each day of a fortnight whose last lies `youngest` days back, oldest first. Each is summed by ascending age as everywhere:
/// a day that it does not see adds 0, which changes no bit.
fn memories(days: &[ActiveDay], today: i32, youngest: i32, values: &DayValues) -> [f64; LANES] {
    let back = youngest + TREND_WINDOW_DAYS - 1;
    let mut sums = [0.0; LANES];
    for active in days.iter().rev() {
        let age = today - active.day;
        if age - back > MEMORY_AGE_MAX_DAYS {
            break;
        }
        let added = values.from(active.kind, age - back).first_chunk::<LANES>();
        for (sum, value) in sums.iter_mut().zip(added.unwrap_or(&[0.0; LANES])) {
            *sum += value;
        }
    }
    sums
}

/// The active days at ages 0..365 while the day as of which they are so old goes back.
struct Sliding {
    /// Positions of the days.
    first: usize,
    end: usize,
    recent: Recent,
}

impl Sliding {
    fn new(days: &[ActiveDay], today: i32, recent: Recent) -> Self {
        let first = days.partition_point(|active| active.day < today - ENGAGEMENT_AGE_MAX_DAYS);
        Self { first, end: days.len(), recent }
    }

    /// The engagement as of a day, which is not after the one asked for before.
    fn engagement(&mut self, days: &[ActiveDay], day: i32) -> f64 {
        while self.first > 0 && days[self.first - 1].day >= day - ENGAGEMENT_AGE_MAX_DAYS {
            self.first -= 1;
            self.recent.add(&days[self.first]);
        }
        while self.end > 0 && days[self.end - 1].day > day {
            self.end -= 1;
            self.recent.remove(&days[self.end]);
        }
        self.recent.engagement()
    }
}
