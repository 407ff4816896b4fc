//! Where a relationship is going: 28 past scores, summed side by side (03, "Trend").

use rapport_domain::Model;

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
    let sums = match values.kernel().model() {
        Model::V1 => sums_v1(days, today, recent, values),
        Model::V2 => [0, TREND_LAG_DAYS].map(|youngest| sum_v2(days, today, youngest, values)),
    };
    let change = sums[0] / f64::from(TREND_WINDOW_DAYS) - sums[1] / f64::from(TREND_WINDOW_DAYS);
    if change >= TREND_POINTS {
        Trend::Improving
    } else if change <= -TREND_POINTS {
        Trend::Declining
    } else {
        Trend::Steady
    }
}

/// The sums of the scores of both fortnights under `v1`.
fn sums_v1(days: &[ActiveDay], today: i32, recent: Recent, values: &DayValues) -> [f64; 2] {
    let of_lag = |youngest| memories(days, today, youngest, values, |_| true);
    let (now, before) = (of_lag(0), of_lag(TREND_LAG_DAYS));
    let mut sums = [0.0; 2];
    let mut sliding = Sliding::new(days, today, recent);
    for age in 0..REACH_DAYS as i32 {
        let engagement = sliding.engagement(days, today - age);
        let (sum, memory) = match age {
            0..TREND_WINDOW_DAYS => (&mut sums[0], now[LANES - 1 - age as usize]),
            TREND_LAG_DAYS.. => (&mut sums[1], before[REACH_DAYS - 1 - age as usize]),
            _ => continue,
        };
        *sum += memory::score_v1(engagement, memory, values.kernel().expectation(today - age - days[0].day));
    }
    sums
}

/// The sum of the scores of a fortnight under `v2`, whose last day lies `youngest` days back.
fn sum_v2(days: &[ActiveDay], today: i32, youngest: i32, values: &DayValues) -> f64 {
    let all = memories(days, today, youngest, values, |_| true);
    let outgoing = memories(days, today, youngest, values, |active| active.outgoing);
    let incoming = memories(days, today, youngest, values, |active| active.incoming);
    let kernel = values.kernel();
    let expectation = kernel.expectation(0);
    let (mut sum, mut end) = (0.0, days.len());
    for lane in (0..LANES).rev() {
        let day = today - youngest - (LANES - 1 - lane) as i32;
        while end > 0 && days[end - 1].day > day {
            end -= 1;
        }
        let freshness = if end == 0 { 0.0 } else { kernel.freshness(day - days[end - 1].day) };
        sum += memory::score_v2(memory::mutual_memory(all[lane], outgoing[lane], incoming[lane]), freshness, expectation);
    }
    sum
}

/// The memory as of each day of a fortnight whose last lies `youngest` days back, oldest first, over the days that count. Each is summed by
/// ascending age as everywhere: a day that it does not see adds 0, which changes no bit.
fn memories(
    days: &[ActiveDay],
    today: i32,
    youngest: i32,
    values: &DayValues,
    counts: impl Fn(&ActiveDay) -> bool,
) -> [f64; LANES] {
    let back = youngest + TREND_WINDOW_DAYS - 1;
    let mut sums = [0.0; LANES];
    for active in days.iter().rev() {
        let age = today - active.day;
        if age - back > MEMORY_AGE_MAX_DAYS {
            break;
        }
        if !counts(active) {
            continue;
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
