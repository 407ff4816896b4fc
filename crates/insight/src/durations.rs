//! Time spent per side (02 §3, "Durations"; decision 12).

use rapport_domain::{Kind, Side, Touches};

use crate::{Context, kpis::SixSeries};

/// Minutes of both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spent {
    pub(crate) by_us_min: f64,
    pub(crate) by_them_min: f64,
}

/// Adds up durations. Keeps its memory between records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Durations {
    /// Rows that are no emails.
    others: Vec<u32>,
    people: Vec<u64>,
}

impl Durations {
    /// Adds up whole seconds and numbers of mails, so that the order of rows cannot matter. `counts` are those of the rows.
    pub(crate) fn spent(&mut self, ctx: &Context<'_>, touches: &Touches, rows: &[u32], counts: &SixSeries) -> Spent {
        self.find_others(touches, rows);
        let (mut us_s, mut them_s) = (0_u64, 0_u64);
        for i in self.others.iter().map(|row| *row as usize) {
            let duration_s = u64::from(touches.duration_s[i]);
            let is_meeting = touches.kind[i] == Kind::Meeting;
            us_s += duration_s * if is_meeting { our_people(ctx, touches, i, &mut self.people) } else { 1 };
            them_s +=
                duration_s * u64::from(!is_meeting || touches.participants_of(i).iter().any(|seen| seen.side == Side::Theirs));
        }
        let (sender_min, reader_min) = (ctx.settings.email_sender_min, ctx.settings.email_reader_min);
        let minutes = |first: u32, second: u32, seconds: u64| {
            f64::from(first) * sender_min + f64::from(second) * reader_min + seconds as f64 / 60.0
        };
        let (sent, received) = (counts.emails_sent, counts.emails_received);
        Spent { by_us_min: minutes(sent, received, us_s), by_them_min: minutes(received, sent, them_s) }
    }

    fn find_others(&mut self, touches: &Touches, rows: &[u32]) {
        self.others.resize(rows.len(), 0);
        let mut len = 0;
        for row in rows {
            // Emails are written over.
            self.others[len] = *row;
            len += usize::from(touches.kind[*row as usize] != Kind::Email);
        }
        self.others.truncate(len);
    }
}

/// Distinct people of ours: a user once whatever the alias, an address of ours without a user as one.
fn our_people(ctx: &Context<'_>, touches: &Touches, i: usize, people: &mut Vec<u64>) -> u64 {
    const NO_USER: u64 = 1 << 32;
    people.clear();
    let ours = || touches.participants_of(i).iter().filter(|seen| seen.side == Side::Ours);
    // Most meetings: no two who could be the same.
    let count = ours().count() as u64;
    if count <= 1 {
        return count;
    }
    people.extend(ours().map(|seen| {
        let user = ctx.directory.address(seen.address).user;
        user.map_or(NO_USER | u64::from(seen.address.0), |user| u64::from(user.0))
    }));
    people.sort_unstable();
    people.dedup();
    people.len() as u64
}
