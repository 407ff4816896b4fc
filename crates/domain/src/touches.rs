//! Touches as columns: what every fold reads. Knows nothing of where they come from.

use std::ops::Range;

use crate::{ActivityState, AddressId, Direction, Kind, Role, Side};

/// One participant as a touch carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen {
    /// Who.
    pub address: AddressId,
    /// The part they take.
    pub role: Role,
    /// Ours or theirs, as decided at import.
    pub side: Side,
}

/// Bit of [`Touches::seen`]: an allowed sighting in the CRM.
pub const SEEN_CRM: u8 = 1;
/// Bit of [`Touches::seen`]: an allowed sighting in a mailbox (attributed or not).
pub const SEEN_MAILBOX: u8 = 2;

/// Stands in [`Touches::message_ids`] for a Message-ID that is there but was not read: it is only where it decides between equal moments.
/// No normalized Message-ID is like it.
pub const MESSAGE_ID_NOT_READ: &[u8] = b"\0";

/// Touches of one subject or record, struct of arrays. Row `i` of every column belongs together.
///
/// **Invariant:** all columns are equally long; after [`Touches::sort`], rows ascend by (moment, interaction) and no
/// interaction stands twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touches {
    /// Dense id of the interaction.
    pub interaction: Vec<u64>,
    /// Moment in microseconds since 1970; a meeting's start.
    pub at_us: Vec<i64>,
    /// Kind.
    pub kind: Vec<Kind>,
    /// State, where one is said.
    pub state: Vec<Option<ActivityState>>,
    /// Who began it.
    pub direction: Vec<Direction>,
    /// Duration in seconds; 0 if unknown.
    pub duration_s: Vec<u32>,
    /// Conversation by ids and ancestors, from 1; that of a mail that names no other may be its own alone. 0 = none.
    pub conversation: Vec<u64>,
    /// Whether the mail itself carries a conversation id or ancestors; if not, the subject rule may join it.
    pub threaded: Vec<bool>,
    /// Hash of subject key and set of addresses; 0 = no subject, so the subject rule joins nothing.
    pub subject_group: Vec<u64>,
    /// Dense number of the record it regards; 0 = none.
    pub regarding: Vec<u32>,
    /// [`SEEN_CRM`] and [`SEEN_MAILBOX`].
    pub seen: Vec<u8>,
    /// End of row `i`'s participants in [`Self::participants`].
    pub participants_end: Vec<u32>,
    /// Participants of all rows; within a row ascending and distinct.
    pub participants: Vec<Seen>,
    /// End of row `i`'s normalized Message-ID in [`Self::message_ids`].
    pub message_id_end: Vec<u32>,
    /// Message-IDs of all rows, one after the other; they order equal moments.
    pub message_ids: Vec<u8>,
}

/// One row, for writing. Borrowed, so that pushing allocates nothing but column growth.
#[derive(Clone, Copy, Debug)]
pub struct Touch<'a> {
    /// See [`Touches::interaction`].
    pub interaction: u64,
    /// See [`Touches::at_us`].
    pub at_us: i64,
    /// See [`Touches::kind`].
    pub kind: Kind,
    /// See [`Touches::state`].
    pub state: Option<ActivityState>,
    /// See [`Touches::direction`].
    pub direction: Direction,
    /// See [`Touches::duration_s`].
    pub duration_s: u32,
    /// See [`Touches::conversation`].
    pub conversation: u64,
    /// See [`Touches::threaded`].
    pub threaded: bool,
    /// See [`Touches::subject_group`].
    pub subject_group: u64,
    /// See [`Touches::regarding`].
    pub regarding: u32,
    /// See [`Touches::seen`].
    pub seen: u8,
    /// See [`Touches::participants`].
    pub participants: &'a [Seen],
    /// See [`Touches::message_ids`].
    pub message_id: &'a [u8],
}

impl Touches {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.at_us.len()
    }

    /// Bytes that the rows take, without what their columns have in reserve.
    pub fn bytes(&self) -> usize {
        // Interaction, moment, conversation and subject group; duration, record and two ends; five columns of a byte.
        const PER_ROW: usize = 4 * 8 + 4 * 4 + 5;
        size_of::<Self>() + self.len() * PER_ROW + self.participants.len() * size_of::<Seen>() + self.message_ids.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.at_us.is_empty()
    }

    /// Appends a row.
    pub fn push(&mut self, touch: &Touch<'_>) {
        self.interaction.push(touch.interaction);
        self.at_us.push(touch.at_us);
        self.kind.push(touch.kind);
        self.state.push(touch.state);
        self.direction.push(touch.direction);
        self.duration_s.push(touch.duration_s);
        self.conversation.push(touch.conversation);
        self.threaded.push(touch.threaded);
        self.subject_group.push(touch.subject_group);
        self.regarding.push(touch.regarding);
        self.seen.push(touch.seen);
        self.participants.extend_from_slice(touch.participants);
        self.participants_end.push(self.participants.len() as u32);
        self.message_ids.extend_from_slice(touch.message_id);
        self.message_id_end.push(self.message_ids.len() as u32);
    }

    /// Row `i`.
    pub fn row(&self, i: usize) -> Touch<'_> {
        Touch {
            interaction: self.interaction[i],
            at_us: self.at_us[i],
            kind: self.kind[i],
            state: self.state[i],
            direction: self.direction[i],
            duration_s: self.duration_s[i],
            conversation: self.conversation[i],
            threaded: self.threaded[i],
            subject_group: self.subject_group[i],
            regarding: self.regarding[i],
            seen: self.seen[i],
            participants: self.participants_of(i),
            message_id: self.message_id_of(i),
        }
    }

    /// Participants of row `i`.
    pub fn participants_of(&self, i: usize) -> &[Seen] {
        let start = if i == 0 { 0 } else { self.participants_end[i - 1] as usize };
        &self.participants[start..self.participants_end[i] as usize]
    }

    /// Participants of some rows that follow one another, row by row.
    pub fn participants_of_all(&self, rows: Range<usize>) -> &[Seen] {
        let end_of = |before: usize| if before == 0 { 0 } else { self.participants_end[before - 1] as usize };
        &self.participants[end_of(rows.start)..end_of(rows.end)]
    }

    /// Normalized Message-ID of row `i`, empty if it has none.
    pub fn message_id_of(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.message_id_end[i - 1] as usize };
        &self.message_ids[start..self.message_id_end[i] as usize]
    }

    /// Rows, after [`Self::sort`], whose Message-ID decides but was not read: their interactions.
    pub fn unread_ties(&self) -> Vec<u64> {
        self.unread_tie_rows().map(|i| self.interaction[i]).collect()
    }

    /// Whether there are any such rows.
    pub fn has_unread_ties(&self) -> bool {
        self.unread_tie_rows().next().is_some()
    }

    fn unread_tie_rows(&self) -> impl Iterator<Item = usize> + '_ {
        let at_us = &self.at_us;
        let is_tied = move |i: usize| (i > 0 && at_us[i - 1] == at_us[i]) || at_us.get(i + 1) == Some(&at_us[i]);
        (0..self.len()).filter(move |i| is_tied(*i) && self.message_id_of(*i) == MESSAGE_ID_NOT_READ)
    }

    /// Puts Message-IDs in the place of those that were not read; a row for which there is none keeps what it has.
    pub fn put_message_ids<'a>(&mut self, of: impl Fn(u64) -> Option<&'a [u8]>) {
        let (mut ids, mut ends) = (Vec::with_capacity(self.message_ids.len()), Vec::with_capacity(self.len()));
        for i in 0..self.len() {
            let known = self.message_id_of(i);
            let read = (known == MESSAGE_ID_NOT_READ).then(|| of(self.interaction[i])).flatten();
            ids.extend_from_slice(read.unwrap_or(known));
            ends.push(ids.len() as u32);
        }
        (self.message_ids, self.message_id_end) = (ids, ends);
    }

    /// Empties all columns and keeps their memory.
    pub fn clear(&mut self) {
        let Self {
            interaction,
            at_us,
            kind,
            state,
            direction,
            duration_s,
            conversation,
            threaded,
            subject_group,
            regarding,
            seen,
            participants_end,
            participants,
            message_id_end,
            message_ids,
        } = self;
        interaction.clear();
        at_us.clear();
        kind.clear();
        state.clear();
        direction.clear();
        duration_s.clear();
        conversation.clear();
        threaded.clear();
        subject_group.clear();
        regarding.clear();
        seen.clear();
        participants_end.clear();
        participants.clear();
        message_id_end.clear();
        message_ids.clear();
    }

    /// Appends all rows of another set.
    pub fn extend(&mut self, other: &Self) {
        self.extend_range(other, 0..other.len());
    }

    /// Appends a range of another set's rows, column by column.
    pub fn extend_range(&mut self, other: &Self, rows: Range<usize>) {
        let starts = |ends: &[u32]| if rows.start == 0 { 0 } else { ends[rows.start - 1] };
        let end = |ends: &[u32]| if rows.end == 0 { 0 } else { ends[rows.end - 1] };
        let (first_participant, end_participant) = (starts(&other.participants_end), end(&other.participants_end));
        let (first_byte, end_byte) = (starts(&other.message_id_end), end(&other.message_id_end));
        let (participants, bytes) = (self.participants.len() as u32, self.message_ids.len() as u32);
        self.interaction.extend_from_slice(&other.interaction[rows.clone()]);
        self.at_us.extend_from_slice(&other.at_us[rows.clone()]);
        self.kind.extend_from_slice(&other.kind[rows.clone()]);
        self.state.extend_from_slice(&other.state[rows.clone()]);
        self.direction.extend_from_slice(&other.direction[rows.clone()]);
        self.duration_s.extend_from_slice(&other.duration_s[rows.clone()]);
        self.conversation.extend_from_slice(&other.conversation[rows.clone()]);
        self.threaded.extend_from_slice(&other.threaded[rows.clone()]);
        self.subject_group.extend_from_slice(&other.subject_group[rows.clone()]);
        self.regarding.extend_from_slice(&other.regarding[rows.clone()]);
        self.seen.extend_from_slice(&other.seen[rows.clone()]);
        self.participants_end
            .extend(other.participants_end[rows.clone()].iter().map(|end| end - first_participant + participants));
        self.participants.extend_from_slice(&other.participants[first_participant as usize..end_participant as usize]);
        self.message_id_end.extend(other.message_id_end[rows].iter().map(|end| end - first_byte + bytes));
        self.message_ids.extend_from_slice(&other.message_ids[first_byte as usize..end_byte as usize]);
    }

    /// Brings rows into the order (moment, interaction) and keeps one of those that are the same interaction.
    ///
    /// Merging the runs of several addresses is `extend` for each, then `sort`: an interaction that touches two of them stands once.
    pub fn sort(&mut self) {
        let ascending = |i: usize| (self.at_us[i - 1], self.interaction[i - 1]) < (self.at_us[i], self.interaction[i]);
        if (1..self.len()).all(ascending) {
            return;
        }
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|i| (self.at_us[*i], self.interaction[*i]));
        order.dedup_by_key(|i| self.interaction[*i]);
        *self = self.picked(&order);
    }

    /// Some rows, in this order, column by column.
    fn picked(&self, rows: &[usize]) -> Self {
        fn of<T: Copy>(column: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|i| column[*i]).collect()
        }
        let mut picked = Self {
            interaction: of(&self.interaction, rows),
            at_us: of(&self.at_us, rows),
            kind: of(&self.kind, rows),
            state: of(&self.state, rows),
            direction: of(&self.direction, rows),
            duration_s: of(&self.duration_s, rows),
            conversation: of(&self.conversation, rows),
            threaded: of(&self.threaded, rows),
            subject_group: of(&self.subject_group, rows),
            regarding: of(&self.regarding, rows),
            seen: of(&self.seen, rows),
            participants_end: Vec::with_capacity(rows.len()),
            participants: Vec::with_capacity(self.participants.len()),
            message_id_end: Vec::with_capacity(rows.len()),
            message_ids: Vec::with_capacity(self.message_ids.len()),
        };
        for i in rows {
            picked.participants.extend_from_slice(self.participants_of(*i));
            picked.participants_end.push(picked.participants.len() as u32);
            picked.message_ids.extend_from_slice(self.message_id_of(*i));
            picked.message_id_end.push(picked.message_ids.len() as u32);
        }
        picked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(interaction: u64, at_us: i64) -> Touch<'static> {
        Touch {
            interaction,
            at_us,
            kind: Kind::Email,
            state: None,
            direction: Direction::Outgoing,
            duration_s: 0,
            conversation: 0,
            threaded: false,
            subject_group: 0,
            regarding: 0,
            seen: SEEN_CRM,
            participants: &[Seen { address: AddressId(1), role: Role::From, side: Side::Ours }],
            message_id: b"a@b",
        }
    }

    #[test]
    fn merging_runs_orders_by_moment_and_drops_the_same_interaction() {
        let mut touches = Touches::default();
        for (interaction, at_us) in [(3, 30), (1, 10), (2, 10), (3, 30)] {
            touches.push(&touch(interaction, at_us));
        }
        touches.sort();
        assert_eq!(touches.interaction, [1, 2, 3]);
        assert_eq!(touches.participants_of(2).len(), 1);
        assert_eq!(touches.message_id_of(2), b"a@b");
        assert_eq!(touches.bytes() - Touches::default().bytes(), 3 * (53 + 8 + 3));
        let mut part = Touches::default();
        part.push(&touch(9, 5));
        part.extend_range(&touches, 1..3);
        part.extend_range(&touches, 0..0);
        assert_eq!(part.interaction, [9, 2, 3]);
        assert_eq!((part.participants_of(2).len(), part.message_id_of(2)), (1, &b"a@b"[..]));
        touches.clear();
        assert_eq!(touches, Touches::default());
    }
}
