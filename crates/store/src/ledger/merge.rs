//! How the sightings of one interaction agree: what every touch of it says.

use rapport_domain::{ActivityState, Direction, Kind, Role, Side};

use super::payload::{SOURCE_CRM, StoredSighting, stronger_state};

/// An interaction as its sightings together show it (02 section 2.5: CRM wins, participants are the union).
#[derive(Clone, Debug)]
pub(crate) struct Merged {
    pub(crate) at_us: i64,
    pub(crate) kind: Kind,
    pub(crate) state: Option<ActivityState>,
    pub(crate) direction: Direction,
    pub(crate) duration_s: u32,
    pub(crate) regarding: u32,
    pub(crate) threaded: bool,
    /// 0 = no subject.
    pub(crate) subject_group: u64,
    pub(crate) message_id: String,
    /// Ascending.
    pub(crate) sources: Vec<i64>,
    /// Ascending by (address, role), with the bit mask of the sources (by position) that show them.
    pub(crate) participants: Vec<MergedParticipant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MergedParticipant {
    pub(crate) address: u32,
    pub(crate) role: Role,
    pub(crate) side: Side,
    pub(crate) seen_by: u64,
}

/// Sources of one interaction that are told apart in a touch; further ones share the last bit.
pub(crate) const SOURCES_MAX: usize = 64;

/// Merges sightings, which ascend by source. Independent of the order in which they arrived.
pub(crate) fn merge(sightings: &[(i64, StoredSighting)], side_of: impl Fn(u32) -> Side) -> Merged {
    let crm = sightings.iter().find(|(source, _)| *source == SOURCE_CRM).map(|(_, sighting)| sighting);
    let all = || sightings.iter().map(|(_, sighting)| sighting);
    let smallest_text = |text: fn(&StoredSighting) -> &String| all().map(text).filter(|text| !text.is_empty()).min().cloned();
    let participants = participants(sightings, &side_of);
    let kind = sightings[0].1.kind;
    let subject_hash = all().map(|sighting| sighting.subject_hash).max().unwrap_or(0);
    Merged {
        at_us: crm.map_or_else(|| all().map(|sighting| sighting.at_us).min().unwrap_or(0), |crm| crm.at_us),
        kind,
        state: crm.and_then(|crm| crm.state).or_else(|| all().map(|sighting| sighting.state).fold(None, stronger_state)),
        direction: direction(&participants),
        duration_s: crm
            .and_then(|crm| crm.duration_s)
            .or_else(|| all().filter_map(|sighting| sighting.duration_s).max())
            .unwrap_or(0),
        regarding: crm
            .map(|crm| crm.regarding)
            .filter(|record| *record > 0)
            .unwrap_or_else(|| all().filter(|s| s.regarding > 0).min_by_key(|s| s.regarding_hash).map_or(0, |s| s.regarding)),
        threaded: all().any(|sighting| !sighting.conversation_id.is_empty() || !sighting.ancestors.is_empty()),
        subject_group: if kind == Kind::Email { subject_group(subject_hash, &participants) } else { 0 },
        message_id: smallest_text(|sighting| &sighting.message_id).unwrap_or_default(),
        sources: sightings.iter().map(|(source, _)| *source).collect(),
        participants,
    }
}

fn participants(sightings: &[(i64, StoredSighting)], side_of: &impl Fn(u32) -> Side) -> Vec<MergedParticipant> {
    let mut participants: Vec<MergedParticipant> = Vec::with_capacity(sightings[0].1.participants.len());
    for (position, (_, sighting)) in sightings.iter().enumerate() {
        let seen_by = 1 << position.min(SOURCES_MAX - 1);
        participants.extend(sighting.participants.iter().map(|(address, role)| MergedParticipant {
            address: *address,
            role: *role,
            side: side_of(*address),
            seen_by,
        }));
    }
    if sightings.len() > 1 {
        participants.sort_unstable();
        participants.dedup_by(|next, kept| {
            let same = (next.address, next.role) == (kept.address, kept.role);
            if same {
                kept.seen_by |= next.seen_by;
            }
            same
        });
    }
    participants
}

/// Outgoing if somebody of ours began it, or nobody is known to have.
fn direction(participants: &[MergedParticipant]) -> Direction {
    let mut initiators = participants.iter().filter(|participant| participant.role.initiates()).peekable();
    if initiators.peek().is_some() && initiators.all(|participant| participant.side == Side::Theirs) {
        Direction::Incoming
    } else {
        Direction::Outgoing
    }
}

/// A hash of the subject and the set of addresses, 0 without a subject.
fn subject_group(subject_hash: u64, participants: &[MergedParticipant]) -> u64 {
    if subject_hash == 0 {
        return 0;
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(&subject_hash.to_le_bytes());
    let mut previous = 0;
    for participant in participants {
        if participant.address != previous {
            hasher.update(&participant.address.to_le_bytes());
            previous = participant.address;
        }
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(first).max(1)
}

impl Merged {
    /// Under whom its touches lie: each external address, and the record it regards (negative).
    pub(crate) fn subjects(&self) -> impl Iterator<Item = i64> + '_ {
        let mut previous = 0;
        let external =
            self.participants.iter().filter(|participant| participant.side == Side::Theirs).filter_map(move |participant| {
                let new = participant.address != previous;
                previous = participant.address;
                new.then_some(i64::from(participant.address))
            });
        external.chain((self.regarding > 0).then_some(-i64::from(self.regarding)))
    }
}
