//! Response times where mails name no others: how long each side's mails wait for the next of the other side to the same person, less what
//! chance alone makes of it. Chance is the same question asked of mails that were moved by four weeks.

use rapport_domain::{Direction, PersonId, Side, Touches, time::DAY_US, time::MINUTE_US};

use crate::{
    Context,
    conversations::Mail,
    kpis::{ResponseEstimate, Window},
    turns::percentile_h,
};

/// What comes later answers something else.
const WAIT_MAX_US: i64 = 14 * DAY_US;
/// By which mails are moved to see what chance makes: whole weeks, so that they come at the same hours of the same days.
const SHIFT_US: i64 = 28 * DAY_US;
/// Waits are compared in bins of a quarter of an hour.
const BIN_US: i64 = 15 * MINUTE_US;
const BINS: usize = (WAIT_MAX_US / BIN_US) as usize;
/// Fewer pairs than these tell nothing.
const PAIRS_MIN: usize = 10;
/// From this share of chance on, what is left of the pairs is noise.
const CHANCE_MAX: f64 = 0.9;

/// The estimates by us and by them from the mails of a window; `None` where headers tell enough, or there is too little to tell from.
pub(crate) fn estimates(
    ctx: &Context<'_>,
    touches: &Touches,
    mails: &[Mail],
    window: Window,
) -> (Option<ResponseEstimate>, Option<ResponseEstimate>) {
    let inside: Vec<&Mail> = mails.iter().filter(|mail| window.contains(mail.at_us)).collect();
    if 2 * threaded(touches, &inside) >= inside.len() {
        return (None, None);
    }
    let letters = |direction| Letters::of(ctx, touches, &inside, direction);
    let (ours, theirs) = (letters(Direction::Outgoing), letters(Direction::Incoming));
    (estimate(&theirs, &ours, window.end.0), estimate(&ours, &theirs, window.end.0))
}

/// How many of the mails name others, or are named by others of them.
fn threaded(touches: &Touches, mails: &[&Mail]) -> usize {
    let conversation = |mail: &Mail| touches.conversation[mail.row as usize];
    let mut all: Vec<u64> = mails.iter().map(|mail| conversation(mail)).collect();
    all.sort_unstable();
    // A mail that nobody names may have a conversation of its own.
    let is_shared = |of: u64| of != 0 && all.partition_point(|other| *other <= of) - all.partition_point(|other| *other < of) > 1;
    mails.iter().filter(|mail| touches.threaded[mail.row as usize] || is_shared(conversation(mail))).count()
}

fn estimate(asks: &Letters, answers: &Letters, end_us: i64) -> Option<ResponseEstimate> {
    let (real, placebo) = (Waits::of(asks, answers, end_us, 0), Waits::of(asks, answers, end_us, SHIFT_US));
    let n = real.pairs_us.len();
    if n < PAIRS_MIN || placebo.waited[0] == 0 {
        return None;
    }
    // What chance would have paired of the real mails that waited as long.
    let by_chance = |bin: usize| match placebo.waited[bin] {
        0 => 0.0,
        waited => f64::from(placebo.pairs[bin]) * f64::from(real.waited[bin]) / f64::from(waited),
    };
    let chance: Vec<f64> = (0..BINS).map(by_chance).collect();
    let chance_share = (chance.iter().sum::<f64>() / n as f64).clamp(0.0, 1.0);
    let differences = real.pairs.iter().zip(&chance).map(|(real, chance)| f64::from(*real) - chance);
    Some(ResponseEstimate {
        p50_h: (chance_share < CHANCE_MAX).then(|| median_h(differences)).flatten(),
        n: n as u32,
        chance_share,
        placebo_p50_h: percentile_h(&placebo.pairs_us, 0.5),
    })
}

/// The mails of one side, and who of theirs each is from or to.
#[derive(Debug, Default)]
struct Letters {
    at_us: Vec<i64>,
    /// (mail, person), by mail.
    people: Vec<(u32, PersonId)>,
    /// (person, moment, mail), ascending.
    by_person: Vec<(PersonId, i64, u32)>,
}

impl Letters {
    fn of(ctx: &Context<'_>, touches: &Touches, mails: &[&Mail], direction: Direction) -> Self {
        let mut letters = Self::default();
        for mail in mails.iter().filter(|mail| mail.direction == direction) {
            let number = letters.at_us.len() as u32;
            letters.at_us.push(mail.at_us);
            let theirs = touches.participants_of(mail.row as usize).iter().filter(|seen| seen.side == Side::Theirs);
            // A mail of theirs is its sender's.
            let concerned = theirs.filter(|seen| direction == Direction::Outgoing || seen.role.initiates());
            for person in concerned.map(|seen| ctx.directory.address(seen.address).person) {
                letters.people.push((number, person));
                letters.by_person.push((person, mail.at_us, number));
            }
        }
        letters.by_person.sort_unstable();
        letters
    }

    /// The first mail from or to a person after a moment, or after one of its mails.
    fn next(&self, person: PersonId, after_us: i64, after: u32) -> Option<(i64, u32)> {
        let next = self.by_person.partition_point(|entry| *entry <= (person, after_us, after));
        self.by_person.get(next).filter(|entry| entry.0 == person).map(|(_, at_us, mail)| (*at_us, *mail))
    }
}

/// How long mails of one side waited for one of the other.
#[derive(Debug)]
struct Waits {
    /// Those that ended with one, ascending.
    pairs_us: Vec<i64>,
    /// Their number by bin.
    pairs: Vec<u32>,
    /// Number of mails that still waited when each bin began.
    waited: Vec<u32>,
}

impl Waits {
    /// Of mails moved by `shift_us`. A mail waits until the answer, the next mail of its own side with the same person, 14 days, or the end;
    /// of several that one mail answers, the latest has the answer.
    fn of(asks: &Letters, answers: &Letters, end_us: i64, shift_us: i64) -> Self {
        let mut is_taken = vec![false; answers.at_us.len()];
        let mut pairs_us = Vec::new();
        let (mut pairs, mut waited) = (vec![0; BINS], vec![0; BINS]);
        for people in asks.people.chunk_by(|a, b| a.0 == b.0).rev() {
            let ask = people[0].0;
            let at_us = asks.at_us[ask as usize];
            let next = people.iter().filter_map(|(_, person)| asks.next(*person, at_us, ask)).min();
            let shifted_us = at_us + shift_us;
            let limit_us = next.map_or(WAIT_MAX_US, |(next_us, _)| next_us - at_us).min(WAIT_MAX_US).min(end_us - shifted_us);
            if limit_us < 0 {
                continue;
            }
            let answer = people.iter().filter_map(|(_, person)| answers.next(*person, shifted_us, u32::MAX)).min();
            let answer = answer.filter(|(answer_us, _)| answer_us - shifted_us <= limit_us);
            let wait_us = answer.map_or(limit_us, |(answer_us, _)| answer_us - shifted_us);
            let bin = ((wait_us / BIN_US) as usize).min(BINS - 1);
            waited[bin] += 1;
            if answer.is_some_and(|(_, answer)| !std::mem::replace(&mut is_taken[answer as usize], true)) {
                pairs[bin] += 1;
                pairs_us.push(wait_us);
            }
        }
        // Whoever waited longer waited then too.
        for bin in (0..BINS - 1).rev() {
            waited[bin] += waited[bin + 1];
        }
        pairs_us.sort_unstable();
        Self { pairs_us, pairs, waited }
    }
}

/// The median of a distribution that is known by its differences per bin, some of which noise makes negative.
fn median_h(differences: impl Iterator<Item = f64>) -> Option<f64> {
    let sums: Vec<f64> = differences
        .scan(0.0, |sum, difference| {
            *sum += difference;
            Some(*sum)
        })
        .collect();
    let sums = isotonic(&sums);
    let half = sums.last()? / 2.0;
    let bin = sums.iter().position(|sum| half > 0.0 && *sum >= half)?;
    let before = if bin == 0 { 0.0 } else { sums[bin - 1].max(0.0) };
    let bins = bin as f64 + (half - before) / (sums[bin] - before);
    Some(bins * BIN_US as f64 / rapport_domain::time::HOUR_US as f64)
}

/// The nearest values that never descend: neighbours that do are pooled to their mean.
fn isotonic(values: &[f64]) -> Vec<f64> {
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for value in values {
        let mut pool = (*value, 1);
        while let Some((mean, size)) = pools.pop_if(|(mean, _)| *mean > pool.0) {
            let all = size + pool.1;
            pool = ((mean * size as f64 + pool.0 * pool.1 as f64) / all as f64, all);
        }
        pools.push(pool);
    }
    pools.into_iter().flat_map(|(mean, size)| std::iter::repeat_n(mean, size)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn differences_that_descend_are_pooled() {
        assert_eq!(isotonic(&[1.0, 3.0, 2.0, 4.0, 0.0]), [1.0, 2.25, 2.25, 2.25, 2.25]);
        // Four pairs in the second quarter of an hour, chance takes one back in the third: 4, then 3.5 twice.
        assert_eq!(median_h([0.0, 4.0, -1.0, 0.0].into_iter()), Some(0.375));
        assert_eq!((median_h([0.0, -1.0].into_iter()), median_h([].into_iter())), (None, None));
    }

    proptest! {
        #[test]
        fn pooling_keeps_the_sum_and_never_descends(values in proptest::collection::vec(-9.0..9.0_f64, 0..40)) {
            let pooled = isotonic(&values);
            prop_assert!(pooled.is_sorted() && pooled.len() == values.len());
            prop_assert!((pooled.iter().sum::<f64>() - values.iter().sum::<f64>()).abs() < 1e-9);
        }
    }
}
