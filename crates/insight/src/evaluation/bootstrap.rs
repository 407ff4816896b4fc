//! Intervals by drawing anew: people are drawn as a whole, since what happens with one colleague says something of the next.

use rapport_domain::PersonId;

use super::{metrics::Case, random::Random};

/// Groups into which people fall: with fewer people nearly each has their own.
pub(super) const GROUPS: usize = 1_024;
/// How often is drawn.
pub const RESAMPLES: usize = 200;
/// Cases that are drawn from at most, as far as [`GROUPS_MIN`] allows.
const CASES_DRAWN_FROM: usize = 100_000;
/// Groups that are drawn from at least.
const GROUPS_MIN: usize = 64;

/// A value with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Of all cases.
    pub value: f64,
    /// 2.5 % of the resamples lie below.
    pub low: f64,
    /// 2.5 % of the resamples lie above.
    pub high: f64,
}

impl Interval {
    /// Values of all cases, with as much around them as the resamples lie around those of the cases that they are drawn from.
    pub(super) fn of<const N: usize>(
        values: [f64; N],
        bootstrap: &Bootstrap,
        measure: impl Fn(&[u32]) -> Option<[f64; N]>,
    ) -> [Self; N] {
        let drawn_from = measure(&bootstrap.taken).unwrap_or(values);
        let resampled: Vec<[f64; N]> = bootstrap.weights.iter().filter_map(|weights| measure(weights)).collect();
        std::array::from_fn(|i| {
            let value = values[i];
            let mut off: Vec<f64> = resampled.iter().map(|resample| resample[i] - drawn_from[i]).collect();
            off.sort_unstable_by(f64::total_cmp);
            let at = |share: f64| {
                let rank = share * off.len().saturating_sub(1) as f64;
                off.get(rank.round() as usize).map_or(value, |off| value + off * bootstrap.scale)
            };
            // A share stays one.
            Self { value, low: at(0.025).max(0.0).min(value), high: at(0.975).min(1.0).max(value) }
        })
    }
}

/// The group of a person: spread, and always the same.
pub fn group_of(person: u32) -> u16 {
    Random(u64::from(person)).below(GROUPS) as u16
}

/// Whether somebody belongs to a share of all people, 0..=1: always the same ones, and with a larger share more.
pub fn is_in_share(person: PersonId, share: f64) -> bool {
    Random(!u64::from(person.0)).unit() < share
}

/// How often each group is drawn in each resample.
///
/// Of very many cases only a part of the groups is drawn from, and the interval is as much narrower as all cases are more: the deviation of
/// a mean of independent people falls with the root of their number.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    /// 1 for each group that is drawn from.
    taken: [u32; GROUPS],
    weights: Vec<[u32; GROUPS]>,
    scale: f64,
}

impl Bootstrap {
    /// For some cases. The same seed and groups draw the same.
    pub fn new(seed: u64, cases: &[Case]) -> Self {
        Self::of_groups(seed, cases.iter().map(|case| case.group))
    }

    /// The same for the groups of the cases: as many are drawn as there are.
    pub fn of_groups(seed: u64, of_cases: impl IntoIterator<Item = u16>) -> Self {
        let mut cases = [0_usize; GROUPS];
        of_cases.into_iter().for_each(|group| cases[usize::from(group)] += 1);
        let occurring: Vec<usize> = (0..GROUPS).filter(|group| cases[*group] > 0).collect();
        let total: usize = cases.iter().sum();
        // Groups are numbered by chance: the first ones are any.
        let count = (occurring.len() * CASES_DRAWN_FROM).checked_div(total).unwrap_or(0).max(GROUPS_MIN).min(occurring.len());
        let groups = &occurring[..count];
        let mut taken = [0; GROUPS];
        for group in groups {
            taken[*group] = 1;
        }
        let mut random = Random(seed);
        let mut draw = || {
            let mut weights = [0; GROUPS];
            for _ in groups {
                weights[groups[random.below(groups.len())]] += 1;
            }
            weights
        };
        let weights = if groups.is_empty() { Vec::new() } else { (0..RESAMPLES).map(|_| draw()).collect() };
        Self { taken, weights, scale: (groups.len() as f64 / occurring.len().max(1) as f64).sqrt() }
    }

    /// Whether a group is drawn from.
    pub(super) fn takes(&self, group: u16) -> bool {
        self.taken[usize::from(group)] > 0
    }

    /// Whether all are.
    pub(super) fn takes_all(&self) -> bool {
        self.scale >= 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_and_as_many_as_there_are() {
        let draw = |seed| Bootstrap::of_groups(seed, [3, 3, 7, 900]);
        let drawn = draw(5);
        assert_eq!(drawn.weights, draw(5).weights);
        assert_ne!(drawn.weights, draw(6).weights);
        assert!(drawn.weights.iter().all(|weights| weights.iter().sum::<u32>() == 3 && weights[4] == 0));
        assert_eq!((drawn.weights.len(), drawn.takes_all(), Bootstrap::of_groups(5, []).weights.len()), (RESAMPLES, true, 0));
    }

    #[test]
    fn of_many_cases_a_part_is_drawn_from_and_the_interval_is_as_wide() {
        let mean = |weights: &[u32]| {
            let sum: u32 = weights.iter().enumerate().map(|(group, weight)| weight * (group as u32 * 37 % 101)).sum();
            Some([f64::from(sum) / f64::from(weights.iter().sum::<u32>()) / 101.0])
        };
        let groups = || (0..GROUPS as u16).flat_map(|group| [group; 200]);
        let part = Bootstrap::of_groups(1, groups());
        assert!(!part.takes_all() && part.takes(0) && !part.takes(GROUPS as u16 - 1));
        let width = |bootstrap: &Bootstrap| {
            let [interval] = Interval::of([0.5], bootstrap, mean);
            interval.high - interval.low
        };
        let ratio = width(&part) / width(&Bootstrap::of_groups(1, 0..GROUPS as u16));
        assert!((0.75..1.35).contains(&ratio), "{ratio}");
        let none = Interval::of([0.5], &Bootstrap::of_groups(1, []), mean);
        assert_eq!(none, [Interval { value: 0.5, low: 0.5, high: 0.5 }]);
    }

    #[test]
    fn a_larger_share_has_those_of_a_smaller_one() {
        let taken = |share| (1..10_000).map(PersonId).filter(|person| is_in_share(*person, share)).collect::<Vec<_>>();
        let (tenth, half) = (taken(0.1), taken(0.5));
        assert!((900..1_100).contains(&tenth.len()) && (4_800..5_200).contains(&half.len()));
        assert!(tenth.iter().all(|person| half.contains(person)));
        assert_eq!((taken(0.0).len(), taken(1.0).len()), (0, 9_999));
    }
}
