//! The median wait where some still wait: Kaplan and Meier's.

/// The wait by which half have been answered, if those that go on waiting are like the others; `None` where more than half still wait at the
/// longest answered one. Where exactly half still wait until the next answer, or the longest wait seen, it is in the middle of the two.
///
/// `answered_us` are waits that ended, `waiting_us` those that had not ended when they were last seen: both ascend. Of equal ones the answer
/// comes first.
pub(crate) fn median_us(answered_us: &[i64], waiting_us: &[i64]) -> Option<i64> {
    let mut share = 1.0;
    let mut before = 0;
    for equals in answered_us.chunk_by(|a, b| a == b) {
        let wait_us = equals[0];
        let no_more_seen = before + waiting_us.partition_point(|waiting| *waiting < wait_us);
        let at_risk = answered_us.len() + waiting_us.len() - no_more_seen;
        share *= 1.0 - equals.len() as f64 / at_risk as f64;
        before += equals.len();
        if share < 0.5 - ROUNDING {
            return Some(wait_us);
        }
        if share <= 0.5 + ROUNDING {
            // Where nothing was answered later, half were still seen waiting until the longest wait.
            let next = answered_us.get(before).or(waiting_us.last());
            let next_us = next.map_or(wait_us, |next| wait_us.max(*next));
            return Some(wait_us + (next_us - wait_us) / 2);
        }
    }
    None
}

/// A product that is exactly a half may come out a little off: shares of fewer than a billion turns are never this near to it.
const ROUNDING: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(mut waits: Vec<i64>) -> Vec<i64> {
        waits.sort_unstable();
        waits
    }

    /// `None` is later than every wait.
    fn or_never(median: Option<i64>) -> i64 {
        median.unwrap_or(i64::MAX)
    }

    #[test]
    fn a_worked_example() {
        // At 1 h 6 of 7 are left, at 2 h 5/6 of them (one was last seen then, after the answer), at 4 h 3/4 of the 4 at risk:
        // 0.857, 0.714, 0.536; at 6 h 1/2 of the 2 at risk: 0.268.
        assert_eq!(median_us(&[1, 2, 4, 6], &[2, 5, 9]), Some(6));
        assert_eq!(median_us(&[1, 2, 4], &[2, 5, 9]), Some(4));
        assert_eq!(median_us(&[1], &[2, 5]), None);
        assert_eq!(median_us(&[], &[3]), None);
        // Equal moments: the answer comes first, so the one that waits is at risk.
        assert_eq!((median_us(&[3], &[3]), median_us(&[3], &[2])), (Some(3), Some(3)));
        assert_eq!((median_us(&[3], &[3, 3]), median_us(&[3], &[2, 3])), (None, Some(3)));
    }

    proptest! {
        #[test]
        fn without_anybody_waiting_it_is_the_median(waits in proptest::collection::vec(0..20_i64, 1..60)) {
            let waits = sorted(waits);
            let (lower, upper) = (waits[(waits.len() - 1) / 2], waits[waits.len() / 2]);
            prop_assert_eq!(median_us(&waits, &[]), Some(lower + (upper - lower) / 2));
        }

        #[test]
        fn whoever_waits_never_lowers_it(
            answered in proptest::collection::vec(0..20_i64, 1..40),
            waiting in proptest::collection::vec(0..25_i64, 0..40),
            one_more in 0..25_i64,
            stays in any::<proptest::sample::Index>(),
        ) {
            let (answered, waiting) = (sorted(answered), sorted(waiting));
            let median = or_never(median_us(&answered, &waiting));
            let more = sorted(waiting.iter().copied().chain([one_more]).collect());
            prop_assert!(or_never(median_us(&answered, &more)) >= median);
            // Nor does an answer that was not given.
            let mut fewer = answered.clone();
            let not_given = fewer.remove(stays.index(answered.len()));
            let more = sorted(waiting.iter().copied().chain([not_given]).collect());
            prop_assert!(or_never(median_us(&fewer, &more)) >= median);
        }
    }
}
