//! Whom of us rows tie to a target: what ties and histories read (04).

use rapport_domain::{AddressId, Direction, Kind, Moment, Role, Side, Touches, time::DayCursor, touches::SEEN_CRM};

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
    #[inline]
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

/// Whom a target met, row by row. Keeps its memory between targets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meetings {
    /// What was found, and room for more.
    met: Vec<Met>,
}

impl Meetings {
    /// Each address of ours that a completed row ties to the target, rows youngest first. Of participants it asks nothing that a branch
    /// depends on: nothing foretells who takes part.
    pub(crate) fn read(&mut self, ctx: &Context<'_>, touches: &Touches, is_target: impl Fn(AddressId) -> bool) -> &[Met] {
        if self.met.len() < touches.participants.len() {
            self.met.resize(touches.participants.len(), Met::NONE);
        }
        let met = self.met.as_mut_slice();
        let mut len = 0;
        for i in (0..touches.len()).rev() {
            let kind = touches.kind[i];
            if kind == Kind::Task || !scope::is_completed(touches, i, ctx.as_of) {
                continue;
            }
            let participants = touches.participants_of(i);
            let mut targets: Parts = 0;
            for seen in participants {
                let is_target = (seen.side == Side::Theirs) & is_target(seen.address);
                targets |= part_of(seen.role) * Parts::from(is_target);
            }
            // A mail ties its sender to recipients, a call the caller to the callee; a meeting everybody present.
            let everybody = (kind == Kind::Meeting) & (targets != 0);
            let ties = (targets >> 1) | (targets << 1) | ((RECEIVING | INITIATING) * Parts::from(everybody));
            // Nearly all: one of us and one of them, who share it with nobody.
            let shared = if participants.len() == 2 { 1 } else { shared_with(kind, participants) };
            for seen in participants {
                // Who is not tied is written over.
                met[len] = Met { row: i as u32, ours: seen.address, shared };
                len += usize::from((seen.side == Side::Ours) & (part_of(seen.role) & ties != 0));
            }
        }
        &self.met[..len]
    }
}
