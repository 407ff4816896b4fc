//! How well a number separates, ranks and predicts.

use super::{
    Interval,
    bootstrap::{Bootstrap, GROUPS},
};

/// One case: the group that is drawn or not as a whole, what was measured, and whether it happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// Its group, below [`GROUPS`].
    pub group: u16,
    /// What was measured; the larger, the likelier.
    pub value: f32,
    /// Whether it happened.
    pub happened: bool,
}

/// Areas under two curves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Areas {
    /// Under the receiver operating characteristic: the share of pairs (one that happened, one that did not) in the right order, ties half.
    pub(super) roc: f64,
    /// Under precision over recall, as average precision: cases of one value enter together.
    pub(super) precision_recall: f64,
}

/// Cases by descending value, packed: a pass over them is all that a resample costs.
struct Ranked(Vec<u32>);

const HAPPENED: u32 = 1;
const LAST_OF_ITS_VALUE: u32 = 2;

impl Ranked {
    fn of(cases: &[Case]) -> Self {
        let mut order: Vec<u32> = (0..cases.len() as u32).collect();
        order.sort_unstable_by(|a, b| cases[*b as usize].value.total_cmp(&cases[*a as usize].value));
        let packed = order.iter().enumerate().map(|(i, at)| {
            let case = &cases[*at as usize];
            let next = order.get(i + 1).map(|next| cases[*next as usize].value);
            let is_last = next.is_none_or(|next| next.to_bits() != case.value.to_bits());
            (u32::from(case.group) << 2) | (u32::from(is_last) * LAST_OF_ITS_VALUE) | (u32::from(case.happened) * HAPPENED)
        });
        Self(packed.collect())
    }

    /// The areas where each group counts as often as it weighs; `None` where everything or nothing happened.
    fn areas(&self, weights: &[u32]) -> Option<Areas> {
        let (mut positives, mut negatives) = (0_u64, 0_u64);
        let (mut tied_positives, mut tied_negatives) = (0_u64, 0_u64);
        let (mut ordered_twice, mut precision) = (0_u64, 0.0);
        for packed in &self.0 {
            let weight = u64::from(weights[(packed >> 2) as usize]);
            let happened = u64::from(packed & HAPPENED);
            tied_positives += weight * happened;
            tied_negatives += weight * (1 - happened);
            if packed & LAST_OF_ITS_VALUE != 0 {
                ordered_twice += tied_negatives * (2 * positives + tied_positives);
                (positives, negatives) = (positives + tied_positives, negatives + tied_negatives);
                if tied_positives > 0 {
                    precision += tied_positives as f64 * (positives as f64 / (positives + negatives) as f64);
                }
                (tied_positives, tied_negatives) = (0, 0);
            }
        }
        (positives > 0 && negatives > 0).then(|| Areas {
            roc: ordered_twice as f64 / 2.0 / (positives as f64 * negatives as f64),
            precision_recall: precision / positives as f64,
        })
    }
}

/// The areas with their intervals; `None` where everything or nothing happened.
pub fn areas(cases: &[Case], bootstrap: &Bootstrap) -> Option<(Interval, Interval)> {
    let ranked = Ranked::of(cases);
    let all = ranked.areas(&[1; GROUPS])?;
    let drawn_from = if bootstrap.takes_all() {
        ranked
    } else {
        Ranked::of(&cases.iter().filter(|case| bootstrap.takes(case.group)).copied().collect::<Vec<_>>())
    };
    let both = |areas: Areas| [areas.roc, areas.precision_recall];
    let [roc, precision_recall] = Interval::of(both(all), bootstrap, |weights| drawn_from.areas(weights).map(both));
    Some((roc, precision_recall))
}

/// The area under the receiver operating characteristic alone, without an interval.
pub(super) fn roc_auc(cases: &[Case]) -> Option<f64> {
    Ranked::of(cases).areas(&[1; GROUPS]).map(|areas| areas.roc)
}

/// The mean of what each group's cases add up to, with its interval; `None` without cases.
pub(super) fn mean(values: impl IntoIterator<Item = (u16, f64)>, bootstrap: &Bootstrap) -> Option<Interval> {
    let mut sums = vec![(0.0, 0_u64); GROUPS];
    for (group, value) in values {
        let (sum, count) = &mut sums[usize::from(group)];
        (*sum, *count) = (*sum + value, *count + 1);
    }
    let weighed = |weights: &[u32]| {
        let (mut sum, mut count) = (0.0, 0_u64);
        for ((of_group, cases), weight) in sums.iter().zip(weights) {
            sum += f64::from(*weight) * of_group;
            count += u64::from(*weight) * cases;
        }
        (count > 0).then(|| [sum / count as f64])
    };
    let [mean] = Interval::of(weighed(&[1; GROUPS])?, bootstrap, weighed);
    Some(mean)
}

/// The mean squared difference between a probability and what happened (Brier), with its interval.
pub(super) fn brier(cases: &[Case], bootstrap: &Bootstrap) -> Option<Interval> {
    mean(cases.iter().map(|case| (case.group, squared_difference(*case))), bootstrap)
}

fn squared_difference(case: Case) -> f64 {
    (f64::from(case.value) - f64::from(u8::from(case.happened))).powi(2)
}

/// Cases whose probability lies in one range, against what happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Lowest probability.
    pub from: f64,
    /// Highest, which belongs to the next bin but for the last.
    pub to: f64,
    /// Cases.
    pub cases: u32,
    /// Mean of the probabilities, 0..=1.
    pub predicted: f64,
    /// Share that happened, 0..=1.
    pub observed: f64,
}

/// Bins of equal width.
const BINS: usize = 10;

/// Probabilities against outcomes in ten bins of equal width; empty ones are left out.
pub(super) fn reliability(cases: &[Case]) -> Vec<Bin> {
    let mut bins = [(0_u32, 0.0, 0_u32); BINS];
    for case in cases {
        let bin = &mut bins[((f64::from(case.value) * BINS as f64) as usize).min(BINS - 1)];
        *bin = (bin.0 + 1, bin.1 + f64::from(case.value), bin.2 + u32::from(case.happened));
    }
    let of_bin = |(i, (cases, sum, happened)): (usize, (u32, f64, u32))| Bin {
        from: i as f64 / BINS as f64,
        to: (i + 1) as f64 / BINS as f64,
        cases,
        predicted: sum / f64::from(cases),
        observed: f64::from(happened) / f64::from(cases),
    };
    bins.into_iter().enumerate().filter(|(_, bin)| bin.0 > 0).map(of_bin).collect()
}

/// Expected calibration error, 0..=1: how far the bins are off, each by its share of the cases.
pub(super) fn calibration_error(bins: &[Bin]) -> Option<f64> {
    let cases: u32 = bins.iter().map(|bin| bin.cases).sum();
    let off = bins.iter().map(|bin| f64::from(bin.cases) * (bin.predicted - bin.observed).abs());
    (cases > 0).then(|| off.sum::<f64>() / f64::from(cases))
}

/// One ranking, best first, of what is relevant and what is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RankQuality {
    /// One through the place of the first relevant one.
    pub(super) reciprocal: f64,
    /// Discounted gain of the first five against the best order.
    pub(super) ndcg_5: f64,
    /// Whether the first one is relevant.
    pub(super) hit_1: f64,
}

/// The quality of a ranking; `None` where nothing is relevant.
pub(super) fn rank_quality(relevant: &[bool]) -> Option<RankQuality> {
    let first = relevant.iter().position(|is_relevant| *is_relevant)?;
    let gain = |place: usize| 1.0 / (place as f64 + 2.0).log2();
    let found: f64 =
        relevant.iter().take(5).enumerate().filter(|(_, is_relevant)| **is_relevant).map(|(place, _)| gain(place)).sum();
    let best: f64 = (0..relevant.iter().filter(|is_relevant| **is_relevant).count().min(5)).map(gain).sum();
    Some(RankQuality { reciprocal: 1.0 / (first as f64 + 1.0), ndcg_5: found / best, hit_1: if first == 0 { 1.0 } else { 0.0 } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(values: &[(f32, bool)]) -> Vec<Case> {
        values
            .iter()
            .enumerate()
            .map(|(i, (value, happened))| Case { group: i as u16, value: *value, happened: *happened })
            .collect()
    }

    #[test]
    fn areas_agree_with_counting_by_hand() {
        // Four of six pairs are in order, one is tied: 4.5 / 6.
        let five = cases(&[(0.9, true), (0.8, false), (0.7, true), (0.7, false), (0.1, false)]);
        let areas = Ranked::of(&five).areas(&[1; GROUPS]).unwrap();
        assert!((areas.roc - 4.5 / 6.0).abs() < 1e-12, "{areas:?}");
        // One of one, then two of four: (1 + 0.5) / 2.
        assert!((areas.precision_recall - 0.75).abs() < 1e-12, "{areas:?}");
        assert_eq!(roc_auc(&cases(&[(0.5, true)])), None);
    }

    #[test]
    fn drawing_a_group_twice_is_standing_there_twice() {
        let three = cases(&[(0.9, false), (0.5, true), (0.4, false)]);
        let mut weights = [0; GROUPS];
        (weights[0], weights[1], weights[2]) = (2, 1, 1);
        let four = cases(&[(0.9, false), (0.9, false), (0.5, true), (0.4, false)]);
        assert_eq!(Ranked::of(&three).areas(&weights), Ranked::of(&four).areas(&[1; GROUPS]));
    }

    #[test]
    fn probabilities_are_held_against_what_happened() {
        let four = cases(&[(0.25, false), (0.25, true), (0.75, true), (1.0, true)]);
        let brier = brier(&four, &Bootstrap::new(1, &four)).unwrap();
        assert!((brier.value - (0.0625 + 0.5625 + 0.0625) / 4.0).abs() < 1e-12);
        assert!(brier.low <= brier.value && brier.value <= brier.high);
        let bins = reliability(&four);
        assert_eq!(bins.iter().map(|bin| (bin.cases, bin.observed)).collect::<Vec<_>>(), [(2, 0.5), (1, 1.0), (1, 1.0)]);
        assert!((calibration_error(&bins).unwrap() - (2.0 * 0.25 + 0.25) / 4.0).abs() < 1e-12);
        assert_eq!(calibration_error(&[]), None);
    }

    #[test]
    fn rankings_are_judged_by_their_first_places() {
        let quality = rank_quality(&[false, true, false]).unwrap();
        assert!((quality.reciprocal - 0.5).abs() < 1e-12 && quality.hit_1 < 0.5);
        assert!((quality.ndcg_5 - 1.0 / 3.0_f64.log2()).abs() < 1e-12);
        assert_eq!(rank_quality(&[true, false]).unwrap(), RankQuality { reciprocal: 1.0, ndcg_5: 1.0, hit_1: 1.0 });
        assert_eq!(rank_quality(&[false]), None);
    }
}
