//! The kernel that health and ties share: a power-law memory over active days, what to expect of it, and the score of the two (03, 04).

use std::sync::LazyLock;

use rapport_domain::Model;

/// Oldest age that memory, likelihood, gaps and the counts of a tie see, in days (03, "Score").
pub const MEMORY_AGE_MAX_DAYS: i32 = 730;
/// Oldest age that engagement and the basic strength see, in days.
pub const ENGAGEMENT_AGE_MAX_DAYS: i32 = 365;
/// `v1` judges a relationship as if it were at least this old, in days: below, the expectation would be met by one contact.
pub const EXPECTATION_AGE_MIN_DAYS: i32 = 28;
/// Over so many days runs what is expected, in days; in `v1` at most.
pub const EXPECTATION_AGE_MAX_DAYS: i32 = 365;
/// Half-life of the days that the likelihood counts, in days.
pub const LIKELIHOOD_HALF_LIFE_DAYS: f64 = 90.0;
/// Frequency of the tie kernel in days: ties of different organizations stay comparable (04, "Strength").
pub const TIE_FREQUENCY_DAYS: u32 = 7;
/// What `v1` expects of every tie: a year of weekly contact, rounded (decision 22).
pub const TIE_EXPECTATION_V1: f64 = 4.557;

const AGES: usize = MEMORY_AGE_MAX_DAYS as usize + 1;
/// Up to how many share nearly all that is shared.
const FEW: usize = 32;
const EXPECTATIONS: usize = EXPECTATION_AGE_MAX_DAYS as usize + 1;

/// Memory, freshness and expectation of one model and communication frequency, as tables: making one costs microseconds, using one a lookup.
#[derive(Clone, Debug)]
pub struct Kernel {
    model: Model,
    frequency_days: u32,
    /// What decides what a day adds, by its age 0..=730.
    ages: Vec<OfAge>,
    /// What [`Self::shares`] says of few.
    shares: [[f64; 2]; FEW],
    /// Freshness by whole days since the last active day, 0..=730. `v1` has none.
    freshness: Vec<f64>,
    /// Expectation by the age of the first interaction, 0..=365.
    expectations: Vec<f64>,
}

/// What decides what a day of one age adds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfAge {
    /// `1 + a / s`, `s` being the age at which a day adds half. Dividing by it, not multiplying by its inverse, gives the last bit of the
    /// definition.
    divisor: f64,
    /// What a weight of 1 adds to the memory.
    pub(crate) one: f64,
    /// What it adds to the decayed number of active days: [`decay`].
    pub(crate) decay: f64,
}

impl OfAge {
    fn new(age_days: usize, halving_days: f64) -> Self {
        let divisor = 1.0 + age_days as f64 / halving_days;
        Self { divisor, one: 1.0 / divisor, decay: decay(age_days as i32) }
    }

    /// What a weight adds to the memory.
    #[inline]
    pub(crate) fn value(&self, weight: f64) -> f64 {
        weight / self.divisor
    }
}

impl Kernel {
    /// The kernel of health under a model and a communication frequency in days (0 is taken as 1).
    pub fn of_health(model: Model, frequency_days: u32) -> Self {
        let frequency_days = frequency_days.max(1);
        let f = f64::from(frequency_days);
        match model {
            Model::V1 => Self::of(model, frequency_days, f, Vec::new(), expectations_by_age(frequency_days)),
            Model::V2 => {
                let halving_days = 2.0 * f;
                let freshness = freshness(3.0 * f, 3);
                Self::of(
                    model,
                    frequency_days,
                    halving_days,
                    freshness,
                    vec![expectation(frequency_days, halving_days); EXPECTATIONS],
                )
            }
        }
    }

    /// The kernel of ties under a model: the same in every organization, and expecting the same of every tie.
    pub fn of_ties(model: Model) -> Self {
        let f = f64::from(TIE_FREQUENCY_DAYS);
        match model {
            Model::V1 => Self::of(model, TIE_FREQUENCY_DAYS, f, Vec::new(), vec![TIE_EXPECTATION_V1; EXPECTATIONS]),
            Model::V2 => {
                let halving_days = 3.0 * f;
                let freshness = freshness(6.0 * f, 2);
                let expectations = vec![expectation(TIE_FREQUENCY_DAYS, halving_days); EXPECTATIONS];
                Self::of(model, TIE_FREQUENCY_DAYS, halving_days, freshness, expectations)
            }
        }
    }

    fn of(model: Model, frequency_days: u32, halving_days: f64, freshness: Vec<f64>, expectations: Vec<f64>) -> Self {
        let ages = (0..AGES).map(|age_days| OfAge::new(age_days, halving_days)).collect();
        let shares = std::array::from_fn(|shared| shares(shared as u32));
        Self { model, frequency_days, ages, shares, freshness, expectations }
    }

    /// The model that it is of.
    pub fn model(&self) -> Model {
        self.model
    }

    /// The communication frequency in days.
    pub fn frequency_days(&self) -> u32 {
        self.frequency_days
    }

    /// What a day adds to the memory: `weight / (1 + age / s)`, `s` = `f` in `v1`, `2 f` in `v2`, 21 days for ties in `v2`.
    ///
    /// # Panics
    /// If the age is not 0..=730.
    pub fn value(&self, weight: f64, age_days: i32) -> f64 {
        self.of_age(age_days).value(weight)
    }

    /// What decides what a day of an age of 0..=730 adds.
    #[inline]
    pub(crate) fn of_age(&self, age_days: i32) -> &OfAge {
        &self.ages[age_days as usize]
    }

    /// The weights of what was shared with so many, at least 1: in the strength `1 / sqrt(k)`, in the directness `1 / k`.
    #[inline]
    pub(crate) fn shares(&self, shared: u32) -> [f64; 2] {
        self.shares.get(shared as usize).copied().unwrap_or_else(|| shares(shared))
    }

    /// The freshness after so many whole days since the last active day, 0..=1; 0 past 730, where nothing is remembered either, and in `v1`.
    pub fn freshness(&self, silent_days: i32) -> f64 {
        self.freshness.get(silent_days as usize).copied().unwrap_or(0.0)
    }

    /// The expectation `E` of a relationship whose first interaction is that old; 0 or negative counts as youngest. In `v2`, and for ties,
    /// the same at any age.
    pub fn expectation(&self, first_age_days: i32) -> f64 {
        let age_days = first_age_days.clamp(EXPECTATION_AGE_MIN_DAYS, EXPECTATION_AGE_MAX_DAYS);
        self.expectations[age_days as usize]
    }
}

fn shares(shared: u32) -> [f64; 2] {
    let shared = f64::from(shared);
    [1.0 / shared.sqrt(), 1.0 / shared]
}

/// The expectation of `v1` by the age of the first interaction: one more period of `f` days is full wherever the age is a multiple of it.
fn expectations_by_age(frequency_days: u32) -> Vec<f64> {
    let mut sum = 0.0;
    let up_to = |age_days: u32| {
        if age_days.is_multiple_of(frequency_days) {
            sum += 1.0 / (1.0 + f64::from(age_days / frequency_days));
        }
        sum
    };
    (0..EXPECTATIONS as u32).map(up_to).collect()
}

/// The expectation of `v2`: the memory of a year of contact every `f` days.
fn expectation(frequency_days: u32, halving_days: f64) -> f64 {
    let ages = (0..EXPECTATIONS as u32).step_by(frequency_days as usize);
    ages.fold(0.0, |sum, age_days| sum + 1.0 / (1.0 + f64::from(age_days) / halving_days))
}

/// The freshness of `v2` by whole days since the last active day: a half at `half_days`.
fn freshness(half_days: f64, power: i32) -> Vec<f64> {
    (0..AGES).map(|silent_days| 1.0 / (1.0 + (silent_days as f64 / half_days).powi(power))).collect()
}

/// The engagement `g`, 0.5..=1: how evenly both sides initiate, from numbers of active days at ages 0..365 (03, "Score").
pub fn engagement(days: u32, days_out: u32, days_in: u32) -> f64 {
    if days == 0 {
        return 0.5;
    }
    let balance = (2.0 * f64::from(days_out.min(days_in)) / f64::from(days)).min(1.0);
    0.5 + 0.5 * balance
}

/// The unrounded score of `v1`, 0..=100: `100 * (1 - 2^(-1.5 * g * V / E))`.
pub fn score_v1(engagement: f64, memory: f64, expectation: f64) -> f64 {
    100.0 * (1.0 - (-1.5 * engagement * memory / expectation).exp2())
}

/// The mutual memory `M` of `v2`, 0.75 to 1 times `V`: what one side does alone costs a quarter.
pub fn mutual_memory(memory: f64, memory_out: f64, memory_in: f64) -> f64 {
    0.75 * memory + 0.25 * memory.min(2.0 * memory_out.min(memory_in))
}

/// The unrounded score of `v2`, 0..=100: `100 * sqrt(u) / (sqrt(u) + 7/13)`, `u = M * F / E`.
///
/// Written so that each step is monotone in floating point too: more memory never scores less, not even by the last bit.
pub fn score_v2(memory: f64, freshness: f64, expectation: f64) -> f64 {
    let root = (memory * freshness / expectation).sqrt();
    100.0 / (1.0 + 7.0 / 13.0 / root)
}

/// `floor(x + 0.5)`; negative and not-a-number give 0.
pub fn round_half_up(x: f64) -> u32 {
    (x + 0.5).floor() as u32
}

/// Coefficients of the likelihood of any interaction in the next 30 days (03, "Likelihood").
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LikelihoodModel {
    /// Added to the exponent.
    pub intercept: f64,
    /// Multiplies `ln(1 + D) - ln(1 + r)`.
    pub slope: f64,
}

impl LikelihoodModel {
    /// The pooled start values, used until an organization has 1,000 labelled pairs of its own.
    pub const POOLED: Self = Self { intercept: 0.53, slope: 0.78 };

    /// The probability, 0..=1, from the decayed number of active days and the whole days since the last.
    pub fn probability(self, decayed_days: f64, silent_days: u32) -> f64 {
        self.probability_of(likelihood_feature(decayed_days, silent_days))
    }

    /// The feature behind a probability between 0 and 1.
    pub fn feature_of(self, probability: f64) -> f64 {
        ((probability / (1.0 - probability)).ln() - self.intercept) / self.slope
    }

    /// The probability, 0..=1, from the feature.
    pub fn probability_of(self, feature: f64) -> f64 {
        1.0 / (1.0 + (-(self.intercept + self.slope * feature)).exp())
    }
}

impl Default for LikelihoodModel {
    fn default() -> Self {
        Self::POOLED
    }
}

/// Coefficients of the likelihood, by what it is told of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likelihoods {
    /// Of records: an external person and all of us.
    pub records: LikelihoodModel,
    /// Of pairs: an external person and one colleague.
    pub pairs: LikelihoodModel,
}

/// The feature `x = ln(1 + D) - ln(1 + r)` on which the likelihood rests: what calibration fits.
pub fn likelihood_feature(decayed_days: f64, silent_days: u32) -> f64 {
    (1.0 + decayed_days).ln() - (1.0 + f64::from(silent_days)).ln()
}

/// What a day of that age (0..=730) adds to the decayed number of active days: `2^(-age / 90)`.
pub fn decay(age_days: i32) -> f64 {
    static DECAY: LazyLock<Vec<f64>> =
        LazyLock::new(|| (0..AGES).map(|age| (-(age as f64) / LIKELIHOOD_HALF_LIFE_DAYS).exp2()).collect());
    DECAY[age_days as usize]
}

/// A value, or 0 where it does not count. Without a branch: all bits of the value, or none.
#[inline]
pub(crate) fn if_counted(value: f64, counts: bool) -> f64 {
    f64::from_bits(value.to_bits() & u64::from(counts).wrapping_neg())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expectation_of_v2_is_that_of_the_definition_at_every_frequency() {
        for (frequency_days, expected) in [(1, 10.9679), (3, 8.7869), (7, 7.1509), (14, 5.8543), (30, 4.5031)] {
            let kernel = Kernel::of_health(Model::V2, frequency_days);
            let defined = (0..=365 / frequency_days).fold(0.0, |sum, j| sum + 1.0 / (1.0 + f64::from(j) / 2.0));
            for age_days in [-1, 0, 28, 200, 365, 5_000] {
                assert_eq!(kernel.expectation(age_days).to_bits(), f64::to_bits(defined), "every {frequency_days} days");
            }
            assert!((defined - expected).abs() < 0.000_05, "every {frequency_days} days: {defined}");
        }
        let of_ties = Kernel::of_ties(Model::V2).expectation(0);
        assert_eq!(of_ties.to_bits(), (0..=52).fold(0.0, |sum, j| sum + 1.0 / (1.0 + f64::from(j) / 3.0)).to_bits());
        assert!((of_ties - 9.2808).abs() < 0.000_05);
    }

    #[test]
    fn what_is_expected_is_65_in_both_models_and_nothing_is_0() {
        for expectation in [1.0, 4.557, 7.1509] {
            assert_eq!(round_half_up(score_v1(1.0, expectation, expectation)), 65);
            assert!((score_v2(expectation, 1.0, expectation) - 65.0).abs() < 1e-12);
            assert_eq!((score_v1(1.0, 0.0, expectation), score_v2(0.0, 1.0, expectation)), (0.0, 0.0));
            assert_eq!(score_v2(expectation, 0.0, expectation).to_bits(), 0.0_f64.to_bits());
        }
    }

    #[test]
    fn freshness_halves_after_three_periods_and_a_tie_s_after_six_weeks() {
        let kernel = Kernel::of_health(Model::V2, 14);
        assert_eq!((kernel.freshness(0), kernel.freshness(42), kernel.freshness(84)), (1.0, 0.5, 1.0 / 9.0));
        let ties = Kernel::of_ties(Model::V2);
        assert_eq!((ties.freshness(0), ties.freshness(42), ties.freshness(84)), (1.0, 0.5, 0.2));
        assert_eq!((kernel.freshness(731), Kernel::of_health(Model::V1, 14).freshness(0)), (0.0, 0.0));
    }

    #[test]
    fn what_is_mutual_counts_in_full_and_what_is_not_three_quarters() {
        assert_eq!((mutual_memory(2.0, 2.0, 2.0), mutual_memory(2.0, 1.0, 1.0), mutual_memory(2.0, 1.5, 0.5)), (2.0, 2.0, 1.75));
        assert_eq!((mutual_memory(2.0, 2.0, 0.0), mutual_memory(0.0, 0.0, 0.0)), (1.5, 0.0));
    }
}
