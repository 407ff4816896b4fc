//! The kernel that health and ties share: a power-law memory over active days, what to expect of it, and the score of the two (03, 04).

use std::sync::LazyLock;

/// Oldest age that memory, likelihood, gaps and the counts of a tie see, in days (03, "Score").
pub const MEMORY_AGE_MAX_DAYS: i32 = 730;
/// Oldest age that engagement and the basic strength see, in days.
pub const ENGAGEMENT_AGE_MAX_DAYS: i32 = 365;
/// A relationship is judged as if it were at least this old, in days: below, the expectation would be met by one contact.
pub const EXPECTATION_AGE_MIN_DAYS: i32 = 28;
/// A relationship is judged as if it were at most this old, in days.
pub const EXPECTATION_AGE_MAX_DAYS: i32 = 365;
/// Half-life of the days that the likelihood counts, in days.
pub const LIKELIHOOD_HALF_LIFE_DAYS: f64 = 90.0;

const AGES: usize = MEMORY_AGE_MAX_DAYS as usize + 1;

/// Memory and expectation for one communication frequency, as tables: making one costs a microsecond, using one a lookup.
#[derive(Clone, Debug)]
pub struct Kernel {
    frequency_days: u32,
    /// `1 + a / f` by age. Dividing by it, not multiplying by its inverse, gives the last bit of the definition.
    divisors: Vec<f64>,
    /// What a weight of 1 adds by age.
    ones: Vec<f64>,
    /// Expectation by `L`, of 0..=365.
    expectations: Vec<f64>,
}

impl Kernel {
    /// The kernel of a communication frequency in days (0 is taken as 1).
    pub fn of(frequency_days: u32) -> Self {
        let frequency_days = frequency_days.max(1);
        let f = f64::from(frequency_days);
        let divisors: Vec<f64> = (0..AGES).map(|age| 1.0 + age as f64 / f).collect();
        let ones = divisors.iter().map(|divisor| 1.0 / divisor).collect();
        let mut sum = 0.0;
        let expectations = (0..=EXPECTATION_AGE_MAX_DAYS as u32)
            .map(|age_days| {
                // One more period of `f` days is full.
                if age_days.is_multiple_of(frequency_days) {
                    sum += 1.0 / (1.0 + f64::from(age_days / frequency_days));
                }
                sum
            })
            .collect();
        Self { frequency_days, divisors, ones, expectations }
    }

    /// The communication frequency in days.
    pub fn frequency_days(&self) -> u32 {
        self.frequency_days
    }

    /// What a day adds to the memory: `weight / (1 + age / f)`.
    ///
    /// # Panics
    /// If the age is not 0..=730.
    pub fn value(&self, weight: f64, age_days: i32) -> f64 {
        weight / self.divisors[age_days as usize]
    }

    /// What a day of weight 1 adds: `1 / (1 + age / f)`.
    ///
    /// # Panics
    /// If the age is not 0..=730.
    pub fn value_of_one(&self, age_days: i32) -> f64 {
        self.ones[age_days as usize]
    }

    /// The expectation `E` of a relationship whose first interaction is that old; 0 or negative counts as youngest.
    pub fn expectation(&self, first_age_days: i32) -> f64 {
        let age_days = first_age_days.clamp(EXPECTATION_AGE_MIN_DAYS, EXPECTATION_AGE_MAX_DAYS);
        self.expectations[age_days as usize]
    }
}

/// The engagement `g`, 0.5..=1: how evenly both sides initiate, from numbers of active days at ages 0..365 (03, "Score").
pub fn engagement(days: u32, days_out: u32, days_in: u32) -> f64 {
    if days == 0 {
        return 0.5;
    }
    let balance = (2.0 * f64::from(days_out.min(days_in)) / f64::from(days)).min(1.0);
    0.5 + 0.5 * balance
}

/// The unrounded score, 0..=100: `100 * (1 - 2^(-1.5 * g * V / E))`.
pub fn score(engagement: f64, memory: f64, expectation: f64) -> f64 {
    100.0 * (1.0 - (-1.5 * engagement * memory / expectation).exp2())
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
