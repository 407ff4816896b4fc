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
/// of which `recent` counts those at ages 0..365; `kept` is a buffer.
pub(crate) fn trend(days: &[ActiveDay], today: i32, recent: Recent, values: &DayValues, kept: &mut Vec<ActiveDay>) -> Trend {
    let sums = match values.kernel().model() {
        Model::V1 => sums_v1(days, today, recent, values),
        Model::V2 => sums_v2(days, today, values, kept),
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
    let memories = memories(days, today, values);
    let mut sums = [0.0; 2];
    let mut sliding = Sliding::new(days, today, recent);
    for age in 0..REACH_DAYS as i32 {
        let engagement = sliding.engagement(days, today - age);
        let fortnight = match age {
            0..TREND_WINDOW_DAYS => 0,
            TREND_LAG_DAYS.. => 1,
            _ => continue,
        };
        let memory = memories[fortnight][LANES - 1 - (age - BACK[fortnight]) as usize];
        sums[fortnight] += memory::score_v1(engagement, memory, values.kernel().expectation(today - age - days[0].day));
    }
    sums
}

/// The sums of the scores of both fortnights under `v2`.
fn sums_v2(days: &[ActiveDay], today: i32, values: &DayValues, kept: &mut Vec<ActiveDay>) -> [f64; 2] {
    let all = memories(days, today, values);
    keep(kept, days, |active| active.outgoing);
    let outgoing = memories(kept, today, values);
    keep(kept, days, |active| active.incoming);
    let incoming = memories(kept, today, values);
    let kernel = values.kernel();
    let expectation = kernel.expectation(0);
    let mut sums = [0.0; 2];
    let mut end = days.len();
    for (fortnight, sum) in sums.iter_mut().enumerate() {
        let mut freshness = [0.0; LANES];
        for lane in (0..LANES).rev() {
            let day = today - BACK[fortnight] - (LANES - 1 - lane) as i32;
            while end > 0 && days[end - 1].day > day {
                end -= 1;
            }
            freshness[lane] = if end == 0 { 0.0 } else { kernel.freshness(day - days[end - 1].day) };
        }
        let scores: [f64; LANES] = std::array::from_fn(|lane| {
            let of_lane = |memories: &Memories| memories[fortnight][lane];
            let mutual = memory::mutual_memory(of_lane(&all), of_lane(&outgoing), of_lane(&incoming));
            memory::score_v2(mutual, freshness[lane], expectation)
        });
        *sum = scores.iter().rev().fold(0.0, |sum, score| sum + score);
    }
    sums
}

/// How far back the last day of each fortnight lies, in days.
const BACK: [i32; 2] = [0, TREND_LAG_DAYS];

/// Memories as of each day of both fortnights, oldest first.
type Memories = [[f64; LANES]; 2];

/// The memories over some days, ascending. Each is summed by ascending age as everywhere.
fn memories(days: &[ActiveDay], today: i32, values: &DayValues) -> Memories {
    const BACK_MAX: i32 = REACH_DAYS as i32 - 1;
    let mut memories = [[0.0; LANES]; 2];
    for active in days.iter().rev() {
        let age = today - active.day;
        if age - BACK_MAX > MEMORY_AGE_MAX_DAYS {
            break;
        }
        // What the day adds as of each day from the oldest on: the fortnights are its ends. A day that one does not see adds 0, which
        // changes no bit.
        let Some(added) = values.from(active.kind, age - BACK_MAX).first_chunk::<REACH_DAYS>() else { break };
        // Iterators over the lanes take three times as long: they are not vectorized.
        for lane in 0..LANES {
            memories[0][lane] += added[REACH_DAYS - LANES + lane];
            memories[1][lane] += added[lane];
        }
    }
    memories
}

/// Leaves those of the days that count in `kept`. Without a branch: nothing foretells who begins.
fn keep(kept: &mut Vec<ActiveDay>, days: &[ActiveDay], counts: impl Fn(&ActiveDay) -> bool) {
    kept.clear();
    kept.extend_from_slice(days);
    let mut len = 0;
    for active in days {
        // What does not count is written over.
        kept[len] = *active;
        len += usize::from(counts(active));
    }
    kept.truncate(len);
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

#[cfg(test)]
mod tests {
    use rapport_domain::{InsightSettings, Kind};

    use super::*;
    use crate::days::measure;

    #[test]
    fn memories_and_scores_have_the_bits_of_those_that_are_measured_day_by_day() {
        let today = 20_000;
        let active = |age: i32| ActiveDay {
            day: today - age,
            kind: Kind::ALL[age as usize % 3],
            weight: InsightSettings::default().influence_of(Kind::ALL[age as usize % 3]),
            // So seldom that what is mutual is less than all.
            outgoing: age % 3 == 0,
            incoming: age % 7 != 0,
        };
        // Beyond the oldest that any of the days sees.
        let days: Vec<ActiveDay> = (0..=800).rev().filter(|age| age % 11 != 3).map(active).collect();
        for model in [Model::V1, Model::V2] {
            let values = DayValues::of(&InsightSettings { model, ..InsightSettings::default() });
            let mut kept = Vec::new();
            let all = memories(&days, today, &values);
            keep(&mut kept, &days, |active| active.outgoing);
            let outgoing = memories(&kept, today, &values);
            keep(&mut kept, &days, |active| active.incoming);
            let incoming = memories(&kept, today, &values);
            for (fortnight, back) in BACK.into_iter().enumerate() {
                for lane in 0..LANES {
                    let measured = measure(&days, today - back - (LANES - 1 - lane) as i32, &values);
                    let of_lane = |memories: &Memories| memories[fortnight][lane];
                    assert_eq!(of_lane(&all).to_bits(), measured.memory.to_bits(), "{model:?}, {back} + {lane}");
                    let mutual = memory::mutual_memory(of_lane(&all), of_lane(&outgoing), of_lane(&incoming));
                    assert_eq!(mutual.to_bits(), measured.mutual_memory.to_bits(), "{model:?}, {back} + {lane}");
                }
            }
            let sums = match model {
                Model::V1 => sums_v1(&days, today, measure(&days, today, &values).recent, &values),
                Model::V2 => sums_v2(&days, today, &values, &mut kept),
            };
            let score = |age: i32| measure(&days, today - age, &values).score();
            let expected = BACK.map(|back| (back..back + TREND_WINDOW_DAYS).fold(0.0, |sum, age| sum + score(age)));
            assert_eq!(sums.map(f64::to_bits), expected.map(f64::to_bits), "{model:?}");
        }
    }
}
