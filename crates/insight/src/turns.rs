//! Turns, replies, response times and response rates (02 §3; decisions 15, 16).

use rapport_domain::{Direction, time::HOUR_US};

use crate::{
    conversations::Mail,
    kpis::{ResponseTime, Window},
};

/// How one side answers the turns of the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    /// Microseconds from the first message of each answered turn to the reply; ascending once folded.
    answered_us: Vec<i64>,
    unanswered: u32,
    /// Of these, old enough that an answer would be too late.
    overdue: u32,
}

impl Answers {
    /// Number of replies: each answers one turn.
    pub(crate) fn replies(&self) -> u32 {
        self.answered_us.len() as u32
    }

    /// `None` without any turn of the other side.
    pub(crate) fn response_time(&self) -> Option<ResponseTime> {
        let n = self.replies();
        if n == 0 && self.unanswered == 0 {
            return None;
        }
        Some(ResponseTime {
            mean_h: mean_h(&self.answered_us),
            p50_h: percentile_h(&self.answered_us, 0.5),
            p90_h: percentile_h(&self.answered_us, 0.9),
            n,
            unanswered: self.unanswered,
        })
    }

    /// `None` if no turn of the other side is left to judge.
    pub(crate) fn response_rate(&self, within_us: i64) -> Option<f64> {
        let judged = self.replies() + self.overdue;
        let in_time = self.answered_us.partition_point(|us| *us <= within_us);
        (judged > 0).then(|| in_time as f64 / f64::from(judged))
    }

    fn clear(&mut self) {
        self.answered_us.clear();
        (self.unanswered, self.overdue) = (0, 0);
    }
}

/// `None` of nothing.
pub(crate) fn mean_h(waits_us: &[i64]) -> Option<f64> {
    let sum_us: i128 = waits_us.iter().map(|us| i128::from(*us)).sum();
    (!waits_us.is_empty()).then(|| sum_us as f64 / waits_us.len() as f64 / HOUR_US as f64)
}

/// Linear between closest ranks: rank (n - 1) * q of ascending values.
pub(crate) fn percentile_h(ascending_us: &[i64], q: f64) -> Option<f64> {
    let last = ascending_us.len().checked_sub(1)?;
    let rank = last as f64 * q;
    let below = rank.floor() as usize;
    let hours = |i: usize| ascending_us[i.min(last)] as f64 / HOUR_US as f64;
    Some(hours(below) + (hours(below + 1) - hours(below)) * (rank - below as f64))
}

/// One turn, and the first message of the other side after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// Whose it is.
    pub(crate) direction: Direction,
    pub(crate) first_us: i64,
    /// `None` where nobody answered in the window.
    pub(crate) reply_us: Option<i64>,
}

/// Splits conversations into turns. Keeps its memory between records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns {
    /// By conversation: the position of the first mail of the turn that nobody answered yet.
    open: Vec<u32>,
    by_us: Answers,
    by_them: Answers,
}

/// A conversation without a mail in the window.
const NO_TURN: u32 = u32::MAX;

impl Turns {
    /// The answers of us and of them. `mails` are in order and know their conversation; only those in the window are seen,
    /// and a turn without an answer is as old as the window's end says.
    pub(crate) fn fold(&mut self, mails: &[Mail], window: Window, within_us: i64) -> (&Answers, &Answers) {
        let Self { open, by_us, by_them } = self;
        by_us.clear();
        by_them.clear();
        walk(open, mails, window, |turn| {
            // It is the other side that answers.
            let answers = match turn.direction {
                Direction::Incoming => &mut *by_us,
                Direction::Outgoing => &mut *by_them,
            };
            if let Some(reply_us) = turn.reply_us {
                answers.answered_us.push(reply_us - turn.first_us);
            } else {
                answers.unanswered += 1;
                answers.overdue += u32::from(window.end.0 - turn.first_us >= within_us);
            }
        });
        by_us.answered_us.sort_unstable();
        by_them.answered_us.sort_unstable();
        (by_us, by_them)
    }

    /// All turns of the window, in no order that means anything.
    pub(crate) fn all(&mut self, mails: &[Mail], window: Window) -> Vec<Turn> {
        let mut turns = Vec::new();
        walk(&mut self.open, mails, window, |turn| turns.push(turn));
        turns
    }
}

/// Shows each turn: answered ones as they are, then those that nobody answered.
fn walk(open: &mut Vec<u32>, mails: &[Mail], window: Window, mut show: impl FnMut(Turn)) {
    open.clear();
    open.resize(mails.len(), NO_TURN);
    let shown = |first: &Mail, reply_us| Turn { direction: first.direction, first_us: first.at_us, reply_us };
    for (position, mail) in mails.iter().enumerate().filter(|(_, mail)| window.contains(mail.at_us)) {
        let turn = &mut open[mail.conversation as usize];
        if *turn == NO_TURN {
            *turn = position as u32;
            continue;
        }
        let first = &mails[*turn as usize];
        if mail.direction != first.direction {
            *turn = position as u32;
            show(shown(first, Some(mail.at_us)));
        }
    }
    open.iter().filter(|turn| **turn != NO_TURN).for_each(|turn| show(shown(&mails[*turn as usize], None)));
}
