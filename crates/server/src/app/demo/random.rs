//! Splitmix64: chance that replays.
//!
//! Sixty-four bits of state, one addition and three mixes a number (Steele, Lea, Flood: *Fast splittable pseudorandom number
//! generators*, 2014). It is written out here so that no dependency's next version changes the demo. Floating point is only
//! added, multiplied and divided: these round alike on every machine, `ln` and `exp` need not.

/// One stream of random numbers.
pub(super) struct Random {
    state: u64,
}

impl Random {
    /// The stream of one purpose. Purposes do not disturb each other: a contact more leaves every opportunity as it was.
    pub(super) fn stream(seed: u64, purpose: &str, position: usize) -> Self {
        // FNV-1a, to spread short names over 64 bits before the first mix.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in purpose.bytes().chain((position as u64).to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        let mut random = Self { state: seed ^ hash };
        random.next();
        random
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..limit`; `limit` is at least 1. The bias of the multiplication is below 2^-40 for our limits.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        assert!(limit > 0, "there is no number below 0");
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// A number from `low` to `high`, both inclusive.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        assert!(low <= high, "`{low}` is above `{high}`");
        low + self.below((high - low + 1) as usize) as i32
    }

    /// A number in `[0, 1)`.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with the given probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of `choices`, which is not empty.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, choices: &'a [&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// Fisher-Yates.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// A waiting time with the given median and a heavy tail (log-logistic, shape 1): most answers come soon, some very late.
    pub(super) fn waiting_time_min(&mut self, median_min: f64) -> f64 {
        let unit = self.unit();
        median_min * unit / (1.0 - unit)
    }
}
