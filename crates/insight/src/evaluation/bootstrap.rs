//! Intervals by drawing anew: people are drawn as a whole, since what happens with one colleague says something of the next.

use rapport_domain::PersonId;

use super::metrics::Case;

/// Groups into which people fall: with fewer people nearly each has their own.
pub(super) const GROUPS: usize = 1_024;
/// How often is drawn.
pub const RESAMPLES: usize = 200;

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
    /// The middle 95 % of the resamples; the value itself where there are none.
    pub(super) fn of(value: f64, mut resampled: Vec<f64>) -> Self {
        resampled.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            let rank = share * resampled.len().saturating_sub(1) as f64;
            resampled.get(rank.round() as usize).copied().unwrap_or(value)
        };
        Self { value, low: at(0.025).min(value), high: at(0.975).max(value) }
    }
}

/// The group of a person: spread, and always the same.
pub fn group_of(person: u32) -> u16 {
    (Random(u64::from(person)).next() % GROUPS as u64) as u16
}

/// Whether somebody belongs to a share of all people, 0..=1: always the same ones, and with a larger share more.
pub fn is_in_share(person: PersonId, share: f64) -> bool {
    let chance = Random(!u64::from(person.0)).next() >> 11;
    (chance as f64) < share * (1_u64 << 53) as f64
}

/// How often each group is drawn in each resample.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    weights: Vec<[u32; GROUPS]>,
}

impl Bootstrap {
    /// Draws as many groups as the cases have, so often as [`RESAMPLES`] says. The same seed and groups draw the same.
    pub fn new(seed: u64, cases: &[Case]) -> Self {
        Self::of_groups(seed, cases.iter().map(|case| case.group))
    }

    /// The same for the groups that occur.
    pub fn of_groups(seed: u64, occurring: impl IntoIterator<Item = u16>) -> Self {
        let mut occurs = [false; GROUPS];
        occurring.into_iter().for_each(|group| occurs[usize::from(group)] = true);
        let groups: Vec<usize> = (0..GROUPS).filter(|group| occurs[*group]).collect();
        let mut random = Random(seed);
        let mut draw = || {
            let mut weights = [0; GROUPS];
            for _ in 0..groups.len() {
                weights[groups[random.below(groups.len())]] += 1;
            }
            weights
        };
        Self { weights: if groups.is_empty() { Vec::new() } else { (0..RESAMPLES).map(|_| draw()).collect() } }
    }

    /// The weights of the groups, resample by resample.
    pub(super) fn resamples(&self) -> impl Iterator<Item = &[u32]> {
        self.weights.iter().map(<[u32; GROUPS]>::as_slice)
    }
}

/// splitmix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
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
        assert!(drawn.resamples().all(|weights| weights.iter().sum::<u32>() == 3 && weights[4] == 0));
        assert_eq!(drawn.resamples().count(), RESAMPLES);
        assert_eq!(Bootstrap::of_groups(5, []).resamples().count(), 0);
    }

    #[test]
    fn a_larger_share_has_those_of_a_smaller_one() {
        let taken = |share| (1..10_000).map(PersonId).filter(|person| is_in_share(*person, share)).collect::<Vec<_>>();
        let (tenth, half) = (taken(0.1), taken(0.5));
        assert!((900..1_100).contains(&tenth.len()) && (4_800..5_200).contains(&half.len()));
        assert!(tenth.iter().all(|person| half.contains(person)));
        assert_eq!((taken(0.0).len(), taken(1.0).len()), (0, 9_999));
    }

    #[test]
    fn an_interval_holds_its_value_and_most_resamples() {
        let interval = Interval::of(0.5, (0..=100).map(f64::from).collect());
        assert_eq!((interval.value, interval.low, interval.high), (0.5, 0.5, 98.0));
        assert_eq!(Interval::of(0.5, Vec::new()), Interval { value: 0.5, low: 0.5, high: 0.5 });
    }
}
