//! A block: touches of one subject written by one batch, packed row by row.

use rapport_domain::{ActivityState, AddressId, Direction, Kind, Role, Seen, Side, Touches, touches};

use rustc_hash::FxHashSet;

use super::{
    merge::{Merged, MergedParticipant},
    payload::SOURCE_CRM,
    read::Visibility,
    varint::{Reader, put, put_bytes, put_signed},
};
use crate::{Aliases, StoreError};

/// The layout below; a later one is read beside it.
pub(crate) const LAYOUT: u8 = 1;

const OUTGOING: u8 = 1 << 2;
const THREADED: u8 = 1 << 3;
const HAS_GROUP: u8 = 1 << 4;

/// Appends one touch to a block (which begins with [`LAYOUT`]).
pub(crate) fn push(block: &mut Vec<u8>, interaction: u64, conversation: u64, merged: &Merged) {
    put(block, interaction);
    put_signed(block, merged.at_us);
    let mut head = merged.kind as u8;
    head |= if merged.direction == Direction::Outgoing { OUTGOING } else { 0 };
    head |= if merged.threaded { THREADED } else { 0 };
    head |= if merged.subject_group > 0 { HAS_GROUP } else { 0 };
    head |= merged.state.map_or(0, |state| state as u8) << 5;
    block.push(head);
    put(block, u64::from(merged.duration_s));
    put(block, conversation);
    if merged.subject_group > 0 {
        block.extend_from_slice(&merged.subject_group.to_le_bytes());
    }
    put(block, u64::from(merged.regarding));
    put(block, merged.sources.len() as u64);
    for source in &merged.sources {
        put_signed(block, *source);
    }
    put(block, merged.participants.len() as u64);
    for participant in &merged.participants {
        put(block, u64::from(participant.address) << 4 | (participant.role as u64) << 1 | participant.side as u64);
        if merged.sources.len() > 1 {
            put(block, participant.seen_by);
        }
    }
    put_bytes(block, merged.message_id.as_bytes());
}

/// One row with everything that was written of it, but its lists.
pub(crate) struct Row<'a> {
    pub(crate) interaction: u64,
    pub(crate) at_us: i64,
    pub(crate) kind: u8,
    pub(crate) state: u8,
    pub(crate) outgoing: bool,
    pub(crate) threaded: bool,
    pub(crate) duration_s: u32,
    pub(crate) conversation: u64,
    pub(crate) subject_group: u64,
    pub(crate) regarding: u32,
    pub(crate) message_id: &'a [u8],
}

/// Scratch memory of [`decode`], reused from block to block.
#[derive(Default)]
pub(crate) struct Scratch {
    sources: Vec<i64>,
    participants: Vec<MergedParticipant>,
    seen: Vec<Seen>,
}

fn read_row<'a>(reader: &mut Reader<'a>, scratch: &mut Scratch) -> Result<Row<'a>, StoreError> {
    let damaged = || StoreError::damaged("a stored touch is damaged");
    let interaction = reader.get()?;
    let at_us = reader.get_signed()?;
    let head = reader.byte()?;
    let duration_s = reader.get()? as u32;
    let conversation = reader.get()?;
    let subject_group = if head & HAS_GROUP > 0 {
        let mut group = [0; 8];
        group.copy_from_slice(reader.bytes(8)?);
        u64::from_le_bytes(group)
    } else {
        0
    };
    let regarding = reader.get()? as u32;
    scratch.sources.clear();
    for _ in 0..reader.get()? {
        scratch.sources.push(reader.get_signed()?);
    }
    scratch.participants.clear();
    for _ in 0..reader.get()? {
        let packed = reader.get()?;
        let seen_by = if scratch.sources.len() > 1 { reader.get()? } else { 1 };
        scratch.participants.push(MergedParticipant {
            address: (packed >> 4) as u32,
            role: Role::from_code((packed >> 1 & 7) as u8).ok_or_else(damaged)?,
            side: if packed & 1 == 0 { Side::Ours } else { Side::Theirs },
            seen_by,
        });
    }
    let message_id = reader.get_bytes()?;
    Ok(Row {
        interaction,
        at_us,
        kind: head & 3,
        state: head >> 5,
        outgoing: head & OUTGOING > 0,
        threaded: head & THREADED > 0,
        duration_s,
        conversation,
        subject_group,
        regarding,
        message_id,
    })
}

/// Appends to `touches` the rows of a block that are visible, with what the allowed sightings show.
pub(crate) fn decode(
    block: &[u8],
    visibility: &Visibility,
    aliases: &Aliases,
    scratch: &mut Scratch,
    touches: &mut Touches,
) -> Result<(), StoreError> {
    let mut reader = Reader::new(block);
    check_layout(&mut reader)?;
    while !reader.is_empty() {
        let row = read_row(&mut reader, scratch)?;
        let (mut allowed, mut seen) = (0_u64, 0);
        for (position, source) in scratch.sources.iter().enumerate() {
            if visibility.allows(*source) {
                allowed |= 1 << position.min(super::merge::SOURCES_MAX - 1);
                seen |= if *source == SOURCE_CRM { touches::SEEN_CRM } else { touches::SEEN_MAILBOX };
            }
        }
        let is_known = |participant: &MergedParticipant| visibility.address_max.is_none_or(|max| participant.address <= max);
        if allowed == 0 || !scratch.participants.iter().all(is_known) {
            continue;
        }
        scratch.seen.clear();
        for participant in &scratch.participants {
            if participant.seen_by & allowed > 0 && !visibility.spares(participant.address) {
                scratch.seen.push(Seen {
                    address: AddressId(participant.address),
                    role: participant.role,
                    side: participant.side,
                });
            }
        }
        touches.push(&touches::Touch {
            interaction: row.interaction,
            at_us: row.at_us,
            kind: Kind::from_code(row.kind).unwrap_or(Kind::Email),
            state: ActivityState::from_code(row.state),
            direction: if row.outgoing { Direction::Outgoing } else { Direction::Incoming },
            duration_s: row.duration_s,
            conversation: aliases.get(&row.conversation).copied().unwrap_or(row.conversation),
            threaded: row.threaded,
            subject_group: row.subject_group,
            regarding: row.regarding,
            seen,
            participants: &scratch.seen,
            message_id: row.message_id,
        });
    }
    Ok(())
}

/// The block without the rows for which `drop` says so; `None` if nothing is left.
pub(crate) fn without(block: &[u8], drop: impl Fn(u64) -> bool) -> Result<Option<Vec<u8>>, StoreError> {
    let mut reader = Reader::new(block);
    let mut kept = vec![reader.byte()?];
    let mut scratch = Scratch::default();
    let mut rest = &block[1..];
    while !reader.is_empty() {
        let interaction = read_row(&mut reader, &mut scratch)?.interaction;
        let len = rest.len() - reader.len();
        if !drop(interaction) {
            kept.extend_from_slice(&rest[..len]);
        }
        rest = &rest[len..];
    }
    Ok((kept.len() > 1).then_some(kept))
}

/// Hands each row of a block to `visit`, with its sources and participants.
pub(crate) fn rows(
    block: &[u8],
    scratch: &mut Scratch,
    mut visit: impl FnMut(&Row<'_>, &[i64], &[MergedParticipant]),
) -> Result<(), StoreError> {
    let mut reader = Reader::new(block);
    check_layout(&mut reader)?;
    while !reader.is_empty() {
        let row = read_row(&mut reader, scratch)?;
        visit(&row, &scratch.sources, &scratch.participants);
    }
    Ok(())
}

fn check_layout(reader: &mut Reader<'_>) -> Result<(), StoreError> {
    match reader.byte()? {
        LAYOUT => Ok(()),
        _ => Err(StoreError::damaged("a stored block was written by a newer version")),
    }
}

/// Appends to `whole` the rows of interactions not seen yet: from the newest block to the oldest, the newest versions.
pub(crate) fn copy_unseen(block: &[u8], seen: &mut FxHashSet<u64>, whole: &mut Vec<u8>) -> Result<(), StoreError> {
    if let Some(kept) = without(block, |interaction| seen.contains(&interaction))? {
        let mut reader = Reader::new(&kept[1..]);
        let mut scratch = Scratch::default();
        while !reader.is_empty() {
            seen.insert(read_row(&mut reader, &mut scratch)?.interaction);
        }
        whole.extend_from_slice(&kept[1..]);
    }
    Ok(())
}
