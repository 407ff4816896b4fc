//! One deterministic stream of chance, and moments as text.

use jiff::Timestamp;

pub(super) const SECOND: i64 = 1_000_000;
pub(super) const HOUR: i64 = 3600 * SECOND;
pub(super) const DAY: i64 = 24 * HOUR;

/// splitmix64 (Steele, Lea, Flood 2014): small, and the same on every machine for ever.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0..n; the bias is far below what matters here.
    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as usize) as i64
    }

    pub(super) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub(super) fn maybe<T: Clone>(&mut self, percent: usize, of: &[T]) -> Option<T> {
        (!of.is_empty() && self.percent(percent)).then(|| self.pick(of).clone())
    }

    pub(super) fn shuffle<T>(&mut self, of: &mut [T]) {
        for at in (1..of.len()).rev() {
            of.swap(at, self.below(at + 1));
        }
    }

    /// `number` different ones (or all).
    pub(super) fn some<T: Clone>(&mut self, number: usize, of: &[T]) -> Vec<T> {
        let mut all = of.to_vec();
        self.shuffle(&mut all);
        all.truncate(number);
        all
    }
}

pub(super) fn rfc3339(moment: i64) -> String {
    Timestamp::from_microsecond(moment).expect("a moment of our time").to_string()
}

/// The same moment as somebody five and a half hours east of Greenwich writes it.
pub(super) fn offset_text(moment: i64) -> String {
    let shifted = rfc3339(moment + 5 * HOUR + HOUR / 2);
    format!("{}+05:30", shifted.trim_end_matches('Z'))
}

pub(super) fn date_text(moment: i64) -> String {
    rfc3339(moment).chars().take(10).collect()
}
