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
    /// By conversation: the turn that nobody answered yet.
    open: Vec<Open>,
    by_us: Answers,
    by_them: Answers,
}

/// The turn of a conversation that nobody answered yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    first_us: i64,
    /// Whose turn it is; `None` where no mail is in the window.
    of: Option<Direction>,
}

impl Turns {
    /// The answers of us and of them. `mails` are in order and know their conversation; only those in the window are seen,
    /// and a turn without an answer is as old as the window's end says.
    pub(crate) fn fold(&mut self, mails: &[Mail], window: Window, within_us: i64) -> (&Answers, &Answers) {
        let Self { open, by_us, by_them } = self;
        let mut answers = [(by_us, Direction::Incoming), (by_them, Direction::Outgoing)];
        for (answers, _) in &mut answers {
            answers.answered_us.resize(mails.len(), 0);
        }
        let mut replies = [0; 2];
        walk(open, mails, window, |mail, turn, is_reply| {
            let side = usize::from(mail.direction == Direction::Incoming);
            // What is no reply is written over.
            answers[side].0.answered_us[replies[side]] = mail.at_us - turn.first_us;
            replies[side] += usize::from(is_reply);
        });
        for ((answers, asked), replies) in answers.iter_mut().zip(replies) {
            answers.answered_us.truncate(replies);
            answers.answered_us.sort_unstable();
            (answers.unanswered, answers.overdue) = (0, 0);
            for turn in open.iter() {
                let waits = u32::from(turn.of == Some(*asked));
                answers.unanswered += waits;
                answers.overdue += waits & u32::from(window.end.0 - turn.first_us >= within_us);
            }
        }
        (&self.by_us, &self.by_them)
    }

    /// All turns of the window, in no order that means anything.
    pub(crate) fn all(&mut self, mails: &[Mail], window: Window) -> Vec<Turn> {
        let mut turns = Vec::new();
        walk(&mut self.open, mails, window, |mail, turn, is_reply| {
            turns.extend(turn.of.filter(|_| is_reply).map(|of| turn.shown(of, Some(mail.at_us))));
        });
        turns.extend(self.open.iter().filter_map(|turn| Some(turn.shown(turn.of?, None))));
        turns
    }
}

impl Open {
    const NONE: Self = Self { first_us: 0, of: None };

    fn shown(&self, of: Direction, reply_us: Option<i64>) -> Turn {
        Turn { direction: of, first_us: self.first_us, reply_us }
    }
}

/// Shows each mail of the window, the turn before it in its conversation, and whether it is the reply to that. Leaves the turns open that
/// nobody answered. Without a branch that depends on the mails: nothing foretells who writes next.
fn walk(open: &mut Vec<Open>, mails: &[Mail], window: Window, mut show: impl FnMut(&Mail, &Open, bool)) {
    open.clear();
    open.resize(mails.len(), Open::NONE);
    let start = mails.partition_point(|mail| mail.at_us < window.start.0);
    let end = mails.partition_point(|mail| mail.at_us <= window.end.0);
    for mail in &mails[start..end.max(start)] {
        let turn = &mut open[mail.conversation as usize];
        let goes_on = turn.of == Some(mail.direction);
        show(mail, turn, turn.of.is_some() & !goes_on);
        turn.first_us = if goes_on { turn.first_us } else { mail.at_us };
        turn.of = Some(mail.direction);
    }
}
