//! Conversations of one record's emails: by id and ancestors (the ledger's column), joined by the subject rule (02 §3; decisions 17, 18).

use rapport_domain::{Direction, Kind, Touches, time::DAY_US};

use crate::{Context, index::Index, scope};

/// A mail joins the previous one of its subject and addresses if that is at most this much older: 30 * 24 hours.
pub(crate) const SUBJECT_RULE_US: i64 = 30 * DAY_US;

/// One email of the record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mail {
    pub(crate) at_us: i64,
    /// Of the touches.
    pub(crate) row: u32,
    /// Equal for the mails of one conversation: the position of one of them.
    pub(crate) conversation: u32,
    pub(crate) direction: Direction,
}

/// Joins mails to conversations. Keeps its memory between records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conversations {
    mails: Vec<Mail>,
    by_id: Index,
    by_subject: Index,
    /// Union-find over positions in `mails`; a root is the smallest position of its set.
    parents: Vec<u32>,
}

impl Conversations {
    /// The record's emails in the order (moment, Message-ID, identity), each with its conversation. `completed` are the record's
    /// interactions in time order: all up to `as_of`, not only those of a window, since an older mail may join two newer ones.
    pub(crate) fn join(&mut self, ctx: &Context<'_>, touches: &Touches, completed: &[u32]) -> &[Mail] {
        self.read(ctx, touches, completed);
        self.join_by_id(touches);
        let joins = |mail: &Mail| !touches.threaded[mail.row as usize] & (touches.subject_group[mail.row as usize] != 0);
        if self.mails.iter().any(joins) {
            self.join_by_subject(touches);
        }
        &self.mails
    }

    /// What was joined last.
    pub(crate) fn mails(&self) -> &[Mail] {
        &self.mails
    }

    fn read(&mut self, ctx: &Context<'_>, touches: &Touches, completed: &[u32]) {
        const NONE: Mail = Mail { at_us: 0, row: 0, conversation: 0, direction: Direction::Outgoing };
        self.mails.resize(completed.len(), NONE);
        let mut len = 0;
        for row in completed {
            let i = *row as usize;
            // What is no mail is written over.
            self.mails[len] = Mail { at_us: touches.at_us[i], row: *row, conversation: 0, direction: touches.direction[i] };
            len += usize::from(touches.kind[i] == Kind::Email);
        }
        self.mails.truncate(len);
        for equals in self.mails.chunk_by_mut(|a, b| a.at_us == b.at_us).filter(|equals| equals.len() > 1) {
            equals.sort_by(|a, b| scope::identity_order(touches, ctx.directory, a.row as usize, b.row as usize));
        }
    }

    /// The first mail of an id stands for all of its mails.
    fn join_by_id(&mut self, touches: &Touches) {
        self.by_id.clear_for(self.mails.len());
        for (position, mail) in (0..).zip(&mut self.mails) {
            let id = touches.conversation[mail.row as usize];
            mail.conversation = if id == 0 { position } else { *self.by_id.position_or(id, position) };
        }
    }

    fn join_by_subject(&mut self, touches: &Touches) {
        self.by_subject.clear_for(self.mails.len());
        self.parents.clear();
        self.parents.extend(self.mails.iter().map(|mail| mail.conversation));
        for position in 0..self.mails.len() as u32 {
            let mail = self.mails[position as usize];
            let subject = touches.subject_group[mail.row as usize];
            if subject == 0 {
                continue;
            }
            let previous = std::mem::replace(self.by_subject.position_or(subject, position), position);
            // Nothing foretells which of the two holds, but that one does nearly always.
            if (previous == position) | touches.threaded[mail.row as usize] {
                continue;
            }
            let gap_us = mail.at_us - self.mails[previous as usize].at_us;
            if gap_us <= SUBJECT_RULE_US {
                self.union(previous, position);
            }
        }
        // What is above a position is smaller, so its conversation is known.
        for (position, above) in self.parents.iter().map(|above| *above as usize).enumerate() {
            self.mails[position].conversation = if above == position { above as u32 } else { self.mails[above].conversation };
        }
    }

    fn root(&mut self, mut position: u32) -> u32 {
        while self.parents[position as usize] != position {
            let above = self.parents[position as usize];
            self.parents[position as usize] = self.parents[above as usize]; // halves the path
            position = above;
        }
        position
    }

    fn union(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.max(b) as usize] = a.min(b);
    }
}
