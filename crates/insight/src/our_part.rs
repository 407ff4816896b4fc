//! Who of us contributes to the figures about our side: what decides whether they may be told where nobody's own may be (05 §6).

use rapport_domain::{Direction, Kind, Side, Touches, UserId};

use crate::{Context, conversations::Mail, kpis::Window};

/// Somebody of ours: a user, or an address of ours without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contributor {
    /// A user, whatever the alias.
    User(UserId),
    /// An address of ours that is no user's.
    Address(u32),
}

/// Who did what on one interaction.
type Done = (u64, Contributor);

/// Who of us contributes to a record's figures, by what they do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OurPart {
    /// Senders of our emails.
    pub emails: Vec<Done>,
    /// Senders of those that answer a turn of theirs.
    pub replies: Vec<Done>,
    /// Organizers of our meetings.
    pub meetings: Vec<Done>,
    /// Whoever of us is present at a meeting, on a call or has a task: whose time it costs.
    pub present: Vec<Done>,
    /// Callers.
    pub phone_calls: Vec<Done>,
}

impl OurPart {
    /// The kinds of doing, each by itself.
    pub fn groups(&self) -> [&[Done]; 5] {
        [&self.emails, &self.replies, &self.meetings, &self.present, &self.phone_calls]
    }
}

/// Reads the completed rows of a record within a window; `mails` are all of the record's, with their conversations.
pub(crate) fn read(ctx: &Context<'_>, touches: &Touches, inside: &[u32], mails: &[Mail], window: Window) -> OurPart {
    let mut part = OurPart::default();
    let ours = |row: u32, initiators: bool| {
        let seen = touches.participants_of(row as usize).iter();
        seen.filter(move |seen| seen.side == Side::Ours && (!initiators || seen.role.initiates())).map(move |seen| {
            let user = ctx.directory.address(seen.address).user;
            (touches.interaction[row as usize], user.map_or(Contributor::Address(seen.address.0), Contributor::User))
        })
    };
    for row in inside {
        let i = *row as usize;
        match (touches.kind[i], touches.direction[i]) {
            (Kind::Email, Direction::Outgoing) => part.emails.extend(ours(*row, true)),
            (Kind::Email, Direction::Incoming) => {}
            (kind, direction) => {
                part.present.extend(ours(*row, false));
                match (kind, direction) {
                    (Kind::Meeting, Direction::Outgoing) => part.meetings.extend(ours(*row, true)),
                    (Kind::PhoneCall, Direction::Outgoing) => part.phone_calls.extend(ours(*row, true)),
                    _ => {}
                }
            }
        }
    }
    let mut order: Vec<&Mail> = mails.iter().filter(|mail| window.contains(mail.at_us)).collect();
    // Stable: within a conversation mails stay in order.
    order.sort_by_key(|mail| mail.conversation);
    for pair in order.windows(2) {
        let is_reply = pair[0].conversation == pair[1].conversation
            && (pair[0].direction, pair[1].direction) == (Direction::Incoming, Direction::Outgoing);
        if is_reply {
            part.replies.extend(ours(pair[1].row, true));
        }
    }
    part
}
