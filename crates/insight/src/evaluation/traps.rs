//! What makes an evaluation lie: holes and bursts of collection, colleagues who left, moments too near to an end.

use rapport_domain::Day;
use rustc_hash::{FxHashMap, FxHashSet};

use super::history::PersonHistory;

/// Share of the interactions that lie before the span, and as many after it: mails with broken dates decide no moment.
const OUTSIDE: f64 = 0.005;
/// Weeks on each side whose median a week is held against.
const NEIGHBOURS: usize = 26;
/// Median below which a week says nothing.
const MEDIAN_MIN: u32 = 20;
/// A week with less than this share of the median is a hole.
const HOLE: f64 = 0.1;
/// A week with more than so many medians is a burst.
const BURST: f64 = 5.0;
/// People whom a colleague was in touch with before nothing came any more: who had fewer may just have been silent.
const LEAVER_PEOPLE_MIN: u32 = 5;
/// Days within which they were.
const LEAVER_DAYS: i32 = 180;

/// Something that an evaluation says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trap {
    /// In these weeks nearly nothing was captured.
    CollectionHole,
    /// In these weeks far more was captured than around them.
    Burst,
    /// So many colleagues left before the moment: their pairs are left out.
    Leavers,
    /// The moment lies too near to the first captured days: it is left out.
    FirstDays,
    /// The horizon of the moment is not over: it is left out.
    LastDays,
    /// A hole takes half of the horizon of the moment: it is left out.
    HoleAhead,
    /// There are too few relationships for firm figures.
    TooFewPairs,
}

impl Trap {
    /// The word of the JSON, e.g. `collection_hole`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CollectionHole => "collection_hole",
            Self::Burst => "burst",
            Self::Leavers => "leavers",
            Self::FirstDays => "first_days",
            Self::LastDays => "last_days",
            Self::HoleAhead => "hole_ahead",
            Self::TooFewPairs => "too_few_pairs",
        }
    }
}

/// How much was captured when.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    /// First day of the span.
    pub first: Day,
    /// Last day of the span.
    pub last: Day,
    /// Runs of weeks: their first day, the day after them, and whether it is a hole or a burst.
    pub odd: Vec<(Day, Day, Trap)>,
}

impl Volume {
    /// How much was captured of these people; `None` if nothing was.
    pub fn of(people: &[PersonHistory]) -> Option<Self> {
        let mut by_day: FxHashMap<i32, u64> = FxHashMap::default();
        for day in people.iter().flat_map(PersonHistory::record) {
            *by_day.entry(day.day).or_default() += u64::from(day.interactions());
        }
        let mut by_day: Vec<(i32, u64)> = by_day.into_iter().collect();
        by_day.sort_unstable();
        let total: u64 = by_day.iter().map(|day| day.1).sum();
        let outside = (total as f64 * OUTSIDE) as u64;
        let (first, last) = (reached(by_day.iter(), outside)?, reached(by_day.iter().rev(), outside)?);
        let mut weeks = vec![0_u32; ((last - first) / 7) as usize]; // whole ones
        for (day, count) in by_day {
            let week = usize::try_from((day - first).div_euclid(7)).ok().and_then(|week| weeks.get_mut(week));
            if let Some(sum) = week {
                *sum = sum.saturating_add(count as u32);
            }
        }
        Some(Self { first: Day(first), last: Day(last), odd: odd_weeks(first, &weeks) })
    }

    /// The day that lies at a share of the span.
    pub fn at(&self, share: f64) -> Day {
        self.first.plus((f64::from(self.last.0 - self.first.0) * share).round() as i32)
    }

    /// Why a moment at the beginning of a day cannot be judged.
    pub(super) fn against(&self, today: Day, horizon_days: i32) -> Option<Trap> {
        let end = today.plus(horizon_days);
        let holes = self.odd.iter().filter(|(_, _, trap)| *trap == Trap::CollectionHole);
        let silent: i32 = holes.map(|(from, to, _)| (to.0.min(end.0) - from.0.max(today.0)).max(0)).sum();
        if today.0 - self.first.0 < horizon_days {
            Some(Trap::FirstDays)
        } else if end.0 > self.last.0 + 1 {
            Some(Trap::LastDays)
        } else if silent * 2 >= horizon_days {
            Some(Trap::HoleAhead)
        } else {
            None
        }
    }
}

/// The day on which more than so many interactions have been.
fn reached<'a>(mut days: impl Iterator<Item = &'a (i32, u64)>, outside: u64) -> Option<i32> {
    let mut sum = 0;
    let is_there = |(_, count): &&(i32, u64)| {
        sum += count;
        sum > outside
    };
    days.find(is_there).map(|day| day.0)
}

fn odd_weeks(first: i32, weeks: &[u32]) -> Vec<(Day, Day, Trap)> {
    let mut odd: Vec<(Day, Day, Trap)> = Vec::new();
    for (week, count) in weeks.iter().enumerate() {
        let around = week.saturating_sub(NEIGHBOURS)..(week + NEIGHBOURS + 1).min(weeks.len());
        let mut around: Vec<u32> = around.filter(|other| *other != week).map(|other| weeks[other]).collect();
        around.sort_unstable();
        let median = around.get(around.len() / 2).copied().unwrap_or(0);
        let trap = match f64::from(*count) / f64::from(median) {
            _ if median < MEDIAN_MIN => continue,
            share if share < HOLE => Trap::CollectionHole,
            share if share > BURST => Trap::Burst,
            _ => continue,
        };
        let from = Day(first + week as i32 * 7);
        match odd.last_mut().filter(|(_, to, last)| *to == from && *last == trap) {
            Some((_, to, _)) => *to = from.plus(7),
            None => odd.push((from, from.plus(7), trap)),
        }
    }
    odd
}

/// Colleagues who were in touch with several people before a day and with nobody from it on.
pub(super) fn leavers(people: &[PersonHistory], today: i32) -> FxHashSet<u32> {
    #[derive(Default)]
    struct Colleague {
        last: i32,
        people: u32,
    }
    let mut colleagues: FxHashMap<u32, Colleague> = FxHashMap::default();
    for (user, days) in people.iter().flat_map(PersonHistory::pairs) {
        let Some(last) = days.last() else { continue };
        let before = &days[..days.partition_point(|day| day.day < today)];
        let colleague = colleagues.entry(user.0).or_insert(Colleague { last: i32::MIN, people: 0 });
        colleague.last = colleague.last.max(last.day);
        colleague.people += u32::from(before.last().is_some_and(|day| today - day.day <= LEAVER_DAYS));
    }
    let left = colleagues.into_iter().filter(|(_, of)| of.last < today && of.people >= LEAVER_PEOPLE_MIN);
    left.map(|(user, _)| user).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_and_bursts_are_found_and_the_rest_is_not() {
        let mut weeks = vec![100; 60];
        weeks[20..23].fill(3);
        weeks[40] = 700;
        weeks[50] = 40; // a holiday
        assert_eq!(
            odd_weeks(1_000, &weeks),
            [(Day(1_140), Day(1_161), Trap::CollectionHole), (Day(1_280), Day(1_287), Trap::Burst)]
        );
        assert_eq!(odd_weeks(0, &[3, 0, 5, 4]), []);
    }

    #[test]
    fn moments_near_an_end_or_before_a_hole_are_not_judged() {
        let odd = vec![(Day(500), Day(521), Trap::CollectionHole)];
        let volume = Volume { first: Day(100), last: Day(1_000), odd };
        let against = |day| volume.against(Day(day), 30);
        assert_eq!(against(129), Some(Trap::FirstDays));
        assert_eq!(against(130), None);
        assert_eq!(against(495), Some(Trap::HoleAhead));
        assert_eq!(against(510), None);
        assert_eq!(against(971), None);
        assert_eq!(against(972), Some(Trap::LastDays));
        assert_eq!(volume.at(0.6), Day(640));
    }
}
