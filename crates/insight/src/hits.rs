//! Whom of us rows tie to a target: what ties and histories read (04).

use std::hint::select_unpredictable;

use rapport_domain::{AddressId, Direction, Kind, Moment, Role, Seen, Side, Touches, time::DayCursor, touches::SEEN_CRM};

use crate::{
    Context,
    pairs::{Hit, shared_with},
    scope,
};

/// An address of ours that a completed row ties to the target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Met {
    pub(crate) row: u32,
    pub(crate) ours: AddressId,
    /// With how many the interaction was shared, at least 1.
    shared: u32,
}

impl Met {
    const NONE: Self = Self { row: 0, ours: AddressId(0), shared: 0 };

    /// What it is.
    #[expect(clippy::inline_always, reason = "once a touch, a call that leaves its answer in memory is a sixth of the work")]
    #[inline(always)]
    pub(crate) fn hit(&self, touches: &Touches, days: &mut DayCursor<'_>) -> Hit {
        let i = self.row as usize;
        Hit {
            day: days.day_of(Moment(touches.at_us[i])).0,
            at_us: touches.at_us[i],
            shared: self.shared,
            kind: touches.kind[i],
            outgoing: touches.direction[i] == Direction::Outgoing,
            incoming: touches.direction[i] == Direction::Incoming,
            crm: touches.seen[i] & SEEN_CRM != 0,
        }
    }
}

/// Who of a row is meant, as bits: those who receive, those who initiate.
type Parts = u32;

const RECEIVING: Parts = 0b01;
const INITIATING: Parts = 0b10;

/// The part of a role.
#[inline]
fn part_of(role: Role) -> Parts {
    const INITIATORS: u32 = 1 << Role::From as u32 | 1 << Role::Organizer as u32 | 1 << Role::Caller as u32;
    RECEIVING + ((INITIATORS >> role as u32) & 1)
}

/// Who takes part in a row.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// Participants of ours.
    ours_count: u32,
    /// The first of these.
    ours: AddressId,
    /// Their parts.
    ours_parts: Parts,
    /// The parts of the target.
    target_parts: Parts,
    /// The side of whoever began it: ours if nobody did.
    sender: Side,
}

impl Row {
    const NONE: Self = Self { ours_count: 0, ours: AddressId(0), ours_parts: 0, target_parts: 0, sender: Side::Ours };

    /// Adds participants, the last one first.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "by value, what belongs to a participant is packed and unpacked again")]
    #[inline]
    fn add(&mut self, seen: &Seen, is_target: bool) {
        let (part, is_ours) = (part_of(seen.role), seen.side == Side::Ours);
        self.ours_count += u32::from(is_ours);
        self.ours = select_unpredictable(is_ours, seen.address, self.ours);
        self.ours_parts |= part * Parts::from(is_ours);
        self.target_parts |= part * Parts::from(!is_ours & is_target);
        self.sender = select_unpredictable(part == INITIATING, seen.side, self.sender);
    }

    /// Of our parts, those that are tied to the target: a mail ties its sender to recipients, a call the caller to the callee; a meeting
    /// everybody present.
    #[inline]
    fn tied_parts(&self, kind: Kind) -> Parts {
        let everybody = (kind == Kind::Meeting) & (self.target_parts != 0);
        let opposite = (self.target_parts >> 1) | (self.target_parts << 1);
        opposite | ((RECEIVING | INITIATING) * Parts::from(everybody))
    }
}

/// Whom a target met, row by row. Keeps its memory between targets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Encounters {
    /// What was found, and room for more.
    met: Vec<Met>,
}

impl Encounters {
    /// Each address of ours that a completed row ties to the target, rows youngest first. Who is ours is never the target. Nothing foretells
    /// who takes part, so that no branch depends on a single participant where, as in nearly all rows, one of ours does.
    pub(crate) fn read(&mut self, ctx: &Context<'_>, touches: &Touches, is_target: impl Fn(&Seen) -> bool) -> &[Met] {
        // All, and one that is written over.
        let most = touches.participants.len() + 1;
        if self.met.len() < most {
            self.met.resize(most, Met::NONE);
        }
        let met = self.met.as_mut_slice();
        let begun = touches.at_us.partition_point(|at_us| *at_us <= ctx.as_of.0);
        let (mut len, mut end) = (0, touches.participants_of_all(0..begun).len());
        for i in (0..begun).rev() {
            let start = if i == 0 { 0 } else { touches.participants_end[i - 1] as usize };
            let participants = &touches.participants[start..end];
            end = start;
            let kind = touches.kind[i];
            if kind == Kind::Task || !scope::is_completed(touches, i, ctx.as_of) {
                continue;
            }
            let mut row = Row::NONE;
            for seen in participants.iter().rev() {
                row.add(seen, is_target(seen));
            }
            let tied = row.tied_parts(kind);
            // Nearly all: one of us and one of them, who share it with nobody.
            let shared = if participants.len() == 2 { 1 } else { shared_with(kind, row.sender, participants) };
            let mut meet = |ours, parts| {
                // Who is not tied is written over.
                met[len] = Met { row: i as u32, ours, shared };
                len += usize::from(parts & tied != 0);
            };
            if row.ours_count <= 1 {
                meet(row.ours, row.ours_parts);
            } else {
                let ours = participants.iter().filter(|seen| seen.side == Side::Ours);
                ours.for_each(|seen| meet(seen.address, part_of(seen.role)));
            }
        }
        &self.met[..len]
    }
}
