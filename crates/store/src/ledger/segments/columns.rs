//! Touches as segments keep them: every column as it was written, before anybody's permission is applied.

use rapport_domain::{ActivityState, AddressId, Direction, Kind, Role, Seen, Side, Touches, touches};

use super::super::{
    block::Row,
    merge::{Merged, MergedParticipant, SOURCES_MAX},
    payload::SOURCE_CRM,
    read::Visibility,
};
use crate::{Aliases, StoreError};

/// Addresses are packed with role and side into 32 bits.
pub(crate) const ADDRESS_MAX: u32 = u32::MAX >> PACKED_BITS;
const PACKED_BITS: u32 = 4;

/// Lists of all rows, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lists<T> {
    pub(crate) values: Vec<T>,
    /// End of row `i`'s list in `values`.
    pub(crate) ends: Vec<u32>,
}

impl<T: Copy> Lists<T> {
    #[inline]
    pub(crate) fn of(&self, i: usize) -> &[T] {
        &self.values[self.start(i)..self.ends[i] as usize]
    }

    #[inline]
    fn start(&self, i: usize) -> usize {
        if i == 0 { 0 } else { self.ends[i - 1] as usize }
    }

    fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.values.extend(list);
        self.ends.push(self.values.len() as u32);
    }

    fn extend_range(&mut self, other: &Self, rows: std::ops::Range<usize>) {
        if rows.is_empty() {
            return;
        }
        let (first, last) = (other.start(rows.start), other.ends[rows.end - 1] as usize);
        let moved = self.values.len() as i64 - first as i64;
        self.values.extend_from_slice(&other.values[first..last]);
        self.ends.extend(other.ends[rows].iter().map(|end| (i64::from(*end) + moved) as u32));
    }

    fn clear(&mut self) {
        self.values.clear();
        self.ends.clear();
    }
}

/// Rows in the types of Parquet; what each column means stands in `file.rs`, beside its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) subject: Vec<i64>,
    pub(crate) at_us: Vec<i64>,
    pub(crate) interaction: Vec<i64>,
    pub(crate) kind: Vec<i32>,
    pub(crate) state: Vec<i32>,
    pub(crate) outgoing: Vec<bool>,
    pub(crate) duration_s: Vec<i32>,
    pub(crate) conversation: Vec<i64>,
    pub(crate) threaded: Vec<bool>,
    pub(crate) subject_group: Vec<i64>,
    pub(crate) regarding: Vec<i32>,
    pub(crate) identified: Vec<bool>,
    pub(crate) sources: Lists<i64>,
    pub(crate) participants: Lists<i32>,
    pub(crate) seen_by: Lists<i64>,
}

impl Columns {
    pub(crate) fn len(&self) -> usize {
        self.subject.len()
    }

    /// Rows ascend by this key, and none stands twice.
    pub(crate) fn key(&self, i: usize) -> (i64, i64, i64) {
        (self.subject[i], self.at_us[i], self.interaction[i])
    }

    /// Appends what a merged interaction says, under one subject.
    pub(crate) fn push(&mut self, subject: i64, interaction: u64, conversation: u64, merged: &Merged) {
        self.push_row(
            subject,
            &Row {
                interaction,
                at_us: merged.at_us,
                kind: merged.kind as u8,
                state: merged.state.map_or(0, |state| state as u8),
                outgoing: merged.direction == Direction::Outgoing,
                threaded: merged.threaded,
                duration_s: merged.duration_s,
                conversation,
                subject_group: merged.subject_group,
                regarding: merged.regarding,
                message_id: merged.message_id.as_bytes(),
            },
            &merged.sources,
            &merged.participants,
        );
    }

    /// Appends a row of the tail.
    pub(crate) fn push_row(&mut self, subject: i64, row: &Row<'_>, sources: &[i64], participants: &[MergedParticipant]) {
        self.subject.push(subject);
        self.at_us.push(row.at_us);
        self.interaction.push(row.interaction as i64);
        self.kind.push(i32::from(row.kind));
        self.state.push(i32::from(row.state));
        self.outgoing.push(row.outgoing);
        self.duration_s.push(row.duration_s as i32);
        self.conversation.push(row.conversation as i64);
        self.threaded.push(row.threaded);
        self.subject_group.push(row.subject_group as i64);
        self.regarding.push(row.regarding as i32);
        self.identified.push(!row.message_id.is_empty());
        self.sources.push(sources.iter().copied());
        self.participants.push(participants.iter().map(pack));
        let told_apart = sources.len() > 1;
        self.seen_by.push(participants.iter().filter(|_| told_apart).map(|participant| participant.seen_by as i64));
    }

    /// Appends a range of another's rows.
    pub(crate) fn extend_range(&mut self, other: &Self, rows: std::ops::Range<usize>) {
        self.subject.extend_from_slice(&other.subject[rows.clone()]);
        self.at_us.extend_from_slice(&other.at_us[rows.clone()]);
        self.interaction.extend_from_slice(&other.interaction[rows.clone()]);
        self.kind.extend_from_slice(&other.kind[rows.clone()]);
        self.state.extend_from_slice(&other.state[rows.clone()]);
        self.outgoing.extend_from_slice(&other.outgoing[rows.clone()]);
        self.duration_s.extend_from_slice(&other.duration_s[rows.clone()]);
        self.conversation.extend_from_slice(&other.conversation[rows.clone()]);
        self.threaded.extend_from_slice(&other.threaded[rows.clone()]);
        self.subject_group.extend_from_slice(&other.subject_group[rows.clone()]);
        self.regarding.extend_from_slice(&other.regarding[rows.clone()]);
        self.identified.extend_from_slice(&other.identified[rows.clone()]);
        self.sources.extend_range(&other.sources, rows.clone());
        self.participants.extend_range(&other.participants, rows.clone());
        self.seen_by.extend_range(&other.seen_by, rows);
    }

    /// Appends the rows of one subject's run to `out`: ascending, and of versions of a touch the one that came last here.
    pub(crate) fn newest_last(&self, out: &mut Self) {
        if (1..self.len()).all(|i| self.key(i - 1) < self.key(i)) {
            return out.extend_range(self, 0..self.len());
        }
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|i| (self.key(*i), std::cmp::Reverse(*i)));
        order.dedup_by_key(|i| self.key(*i));
        for i in order {
            out.extend_range(self, i..i + 1);
        }
    }

    pub(crate) fn clear(&mut self) {
        let Self {
            subject,
            at_us,
            interaction,
            kind,
            state,
            outgoing,
            duration_s,
            conversation,
            threaded,
            subject_group,
            regarding,
            identified,
            sources,
            participants,
            seen_by,
        } = self;
        for column in [subject, at_us, interaction, conversation, subject_group] {
            column.clear();
        }
        for column in [kind, state, duration_s, regarding] {
            column.clear();
        }
        for column in [outgoing, threaded, identified] {
            column.clear();
        }
        sources.clear();
        participants.clear();
        seen_by.clear();
    }

    /// All rows as a reader sees them, column by column, into `touches`: where the reader may use every source, and spares nobody, as is
    /// usual; whether that is so. Columns change places with those of `touches` where they are alike, so that both keep their
    /// memory. Afterwards these columns keep subjects and interactions, by which rows are found; what the others hold is of an earlier batch.
    pub(crate) fn show_all(
        &mut self,
        visibility: &Visibility,
        aliases: &Aliases,
        touches: &mut Touches,
    ) -> Result<bool, StoreError> {
        if !self.all_is_visible(visibility) {
            return Ok(false);
        }
        touches.clear();
        exchange(&mut self.conversation, &mut touches.conversation);
        if !aliases.is_empty() {
            for conversation in &mut touches.conversation {
                *conversation = aliases.get(conversation).copied().unwrap_or(*conversation);
            }
        }
        exchange(&mut self.subject_group, &mut touches.subject_group);
        exchange(&mut self.duration_s, &mut touches.duration_s);
        exchange(&mut self.regarding, &mut touches.regarding);
        std::mem::swap(&mut self.at_us, &mut touches.at_us);
        std::mem::swap(&mut self.threaded, &mut touches.threaded);
        std::mem::swap(&mut self.participants.ends, &mut touches.participants_end);
        touches.interaction.extend_from_slice(bytemuck::cast_slice(&self.interaction));
        if self.kind.iter().any(|code| Kind::from_code(*code as u8).is_none()) {
            return Err(damaged());
        }
        touches.kind.extend(self.kind.iter().map(|code| Kind::from_code(*code as u8).unwrap_or(Kind::Email)));
        touches.state.extend(self.state.iter().map(|code| ActivityState::from_code(*code as u8)));
        let direction = |is: &bool| if *is { Direction::Outgoing } else { Direction::Incoming };
        touches.direction.extend(self.outgoing.iter().map(direction));
        let seen = |i: usize| self.sources.of(i).iter().fold(0, |seen, source| seen | seen_bit(*source));
        touches.seen.extend((0..self.len()).map(seen));
        touches.participants.extend(self.participants.values.iter().map(|packed| unpack(*packed)));
        let mut end = 0;
        touches.message_id_end.extend(self.identified.iter().map(|is| {
            end += u32::from(*is);
            end
        }));
        touches.message_ids.resize(end as usize, touches::MESSAGE_ID_NOT_READ[0]);
        Ok(true)
    }

    fn all_is_visible(&self, visibility: &Visibility) -> bool {
        let ends = &self.sources.ends;
        let is_sourced = ends.first() != Some(&0) && ends.is_sorted_by(|end, next| end < next);
        // Whoever none of the sources shows is not shown.
        let is_shown = self.seen_by.values.iter().all(|mask| *mask != 0);
        if !is_sourced || !is_shown || !visibility.spared.is_empty() {
            return false;
        }
        // Neighbours are mostly alike.
        let mut sources = self.sources.values.chunk_by(|source, next| source == next);
        if !visibility.allows_all() && !sources.all(|alike| visibility.allows(alike[0])) {
            return false;
        }
        let newest = self.participants.values.iter().map(|packed| address_of(*packed)).max().unwrap_or(0);
        visibility.address_max.is_none_or(|max| newest <= max)
    }

    /// Appends to `touches` the rows of a range that are visible, with what the allowed sightings show.
    pub(crate) fn show(
        &self,
        rows: std::ops::Range<usize>,
        visibility: &Visibility,
        aliases: &Aliases,
        touches: &mut Touches,
    ) -> Result<(), StoreError> {
        let mut seen_participants: Vec<Seen> = Vec::new();
        for i in rows {
            let sources = self.sources.of(i);
            let (mut allowed, mut seen) = (0_u64, 0);
            for (position, source) in sources.iter().enumerate() {
                if visibility.allows(*source) {
                    allowed |= 1 << position.min(SOURCES_MAX - 1);
                    seen |= seen_bit(*source);
                }
            }
            let packed = self.participants.of(i);
            let is_known = |packed: &i32| visibility.address_max.is_none_or(|max| address_of(*packed) <= max);
            if allowed == 0 || !packed.iter().all(is_known) {
                continue;
            }
            let masks = self.seen_by.of(i);
            seen_participants.clear();
            for (position, packed) in packed.iter().enumerate() {
                let seen_by = masks.get(position).map_or(1, |mask| *mask as u64);
                if seen_by & allowed > 0 && !visibility.spares(address_of(*packed)) {
                    seen_participants.push(unpack(*packed));
                }
            }
            let conversation = self.conversation[i] as u64;
            touches.push(&touches::Touch {
                interaction: self.interaction[i] as u64,
                at_us: self.at_us[i],
                kind: Kind::from_code(self.kind[i] as u8).ok_or_else(damaged)?,
                state: ActivityState::from_code(self.state[i] as u8),
                direction: if self.outgoing[i] { Direction::Outgoing } else { Direction::Incoming },
                duration_s: self.duration_s[i] as u32,
                conversation: if aliases.is_empty() {
                    conversation
                } else {
                    aliases.get(&conversation).copied().unwrap_or(conversation)
                },
                threaded: self.threaded[i],
                subject_group: self.subject_group[i] as u64,
                regarding: self.regarding[i] as u32,
                seen,
                participants: &seen_participants,
                message_id: if self.identified[i] { touches::MESSAGE_ID_NOT_READ } else { b"" },
            });
        }
        Ok(())
    }
}

/// Exchanges columns of one width, read as signed and as unsigned.
fn exchange<A: bytemuck::NoUninit + bytemuck::AnyBitPattern, B: bytemuck::NoUninit + bytemuck::AnyBitPattern>(
    from: &mut Vec<A>,
    to: &mut Vec<B>,
) {
    let before = std::mem::replace(to, bytemuck::cast_vec(std::mem::take(from)));
    *from = bytemuck::cast_vec(before);
}

fn damaged() -> StoreError {
    StoreError::damaged("a segment of the ledger is damaged (`rapport rebuild` makes it anew)")
}

fn pack(participant: &MergedParticipant) -> i32 {
    (participant.address << PACKED_BITS | (participant.role as u32) << 1 | participant.side as u32) as i32
}

#[inline]
fn address_of(packed: i32) -> u32 {
    packed as u32 >> PACKED_BITS
}

#[inline]
fn unpack(packed: i32) -> Seen {
    /// Every code of three bits is a role.
    const ROLES: [Role; 8] = Role::ALL;
    Seen {
        address: AddressId(address_of(packed)),
        role: ROLES[(packed as u32 >> 1 & 7) as usize],
        side: if packed & 1 == 0 { Side::Ours } else { Side::Theirs },
    }
}

#[inline]
fn seen_bit(source: i64) -> u8 {
    if source == SOURCE_CRM { touches::SEEN_CRM } else { touches::SEEN_MAILBOX }
}
