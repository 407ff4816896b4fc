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
        let sum_us: i128 = self.answered_us.iter().map(|us| i128::from(*us)).sum();
        Some(ResponseTime {
            mean_h: (n > 0).then(|| sum_us as f64 / f64::from(n) / HOUR_US as f64),
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

/// Linear between closest ranks: rank (n - 1) * q of ascending values.
fn percentile_h(ascending_us: &[i64], q: f64) -> Option<f64> {
    let last = ascending_us.len().checked_sub(1)?;
    let rank = last as f64 * q;
    let below = rank.floor() as usize;
    let hours = |i: usize| ascending_us[i.min(last)] as f64 / HOUR_US as f64;
    Some(hours(below) + (hours(below + 1) - hours(below)) * (rank - below as f64))
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
        self.by_us.clear();
        self.by_them.clear();
        self.open.clear();
        self.open.resize(mails.len(), NO_TURN);
        let mut open = std::mem::take(&mut self.open);
        for (position, mail) in mails.iter().enumerate().filter(|(_, mail)| window.contains(mail.at_us)) {
            let turn = &mut open[mail.conversation as usize];
            if *turn == NO_TURN {
                *turn = position as u32;
                continue;
            }
            let first = &mails[*turn as usize];
            if mail.direction != first.direction {
                *turn = position as u32;
                self.answers_to(first.direction).answered_us.push(mail.at_us - first.at_us);
            }
        }
        for turn in open.iter().filter(|turn| **turn != NO_TURN) {
            // Nobody answered the last turn yet.
            let last = &mails[*turn as usize];
            let answers = self.answers_to(last.direction);
            answers.unanswered += 1;
            answers.overdue += u32::from(window.end.0 - last.at_us >= within_us);
        }
        self.open = open;
        self.by_us.answered_us.sort_unstable();
        self.by_them.answered_us.sort_unstable();
        (&self.by_us, &self.by_them)
    }

    /// The answers of the side that is not the turn's.
    fn answers_to(&mut self, turn: Direction) -> &mut Answers {
        match turn {
            Direction::Incoming => &mut self.by_us,
            Direction::Outgoing => &mut self.by_them,
        }
    }
}
