//! What the ledger keeps of one sighting: metadata only, never a body.

use rapport_domain::{ActivityState, Kind, Role};

use super::varint::{Reader, put, put_bytes, put_signed};
use crate::StoreError;

/// Source of a sighting in the CRM.
pub const SOURCE_CRM: i64 = 0;
/// Source of a sighting in a mailbox that nobody is named for.
pub const SOURCE_UNATTRIBUTED: i64 = -1;

/// The layout below; a later one is read beside it.
const LAYOUT: u8 = 1;

/// A sighting with dense ids, as stored. Field meanings are those of [`rapport_domain::Sighting`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSighting {
    /// Moment in microseconds since 1970.
    pub at_us: i64,
    /// Kind.
    pub kind: Kind,
    /// State where said.
    pub state: Option<ActivityState>,
    /// Duration in seconds where said.
    pub duration_s: Option<u32>,
    /// Start by the rule, for a meeting that recurs.
    pub occurrence_us: Option<i64>,
    /// Dense record number, 0 = regards nothing.
    pub regarding: u32,
    /// Hash of the record's table and id: where copies disagree the smallest holds, whatever was numbered first.
    pub regarding_hash: u64,
    /// Address id and role; ascending, distinct.
    pub participants: Vec<(u32, Role)>,
    /// Normalized Message-ID or UID; empty = none.
    pub message_id: String,
    /// Conversation id; empty = none.
    pub conversation_id: String,
    /// Normalized id of the mail that this one answers; empty = none.
    pub parent_id: String,
    /// Keyed hashes of the ancestors that join its conversation (none of a copy that has a conversation id), ascending, distinct.
    pub ancestors: Vec<u64>,
    /// Keyed hash of the subject key, 0 = no subject.
    pub subject_hash: u64,
    /// Subject text, only where the organization allows it; empty = not kept.
    pub subject: String,
    /// The CRM's id of the activity; empty = none.
    pub activity_id: String,
}

impl StoredSighting {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + self.message_id.len() + 3 * self.participants.len());
        out.push(LAYOUT);
        out.push(self.kind as u8 | (self.state.map_or(0, |state| state as u8) << 2));
        put_signed(&mut out, self.at_us);
        put(&mut out, self.duration_s.map_or(0, |s| u64::from(s) + 1));
        put(&mut out, u64::from(self.occurrence_us.is_some()));
        if let Some(us) = self.occurrence_us {
            put_signed(&mut out, us);
        }
        put(&mut out, u64::from(self.regarding));
        if self.regarding > 0 {
            out.extend_from_slice(&self.regarding_hash.to_le_bytes());
        }
        put(&mut out, self.participants.len() as u64);
        for (address, role) in &self.participants {
            put(&mut out, u64::from(*address) << 3 | *role as u64);
        }
        put(&mut out, self.ancestors.len() as u64);
        for ancestor in &self.ancestors {
            out.extend_from_slice(&ancestor.to_le_bytes());
        }
        out.extend_from_slice(&self.subject_hash.to_le_bytes());
        for text in [&self.message_id, &self.conversation_id, &self.parent_id, &self.subject, &self.activity_id] {
            put_bytes(&mut out, text.as_bytes());
        }
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = || StoreError::damaged("a stored sighting is damaged");
        let mut reader = Reader::new(bytes);
        if reader.byte()? != LAYOUT {
            return Err(StoreError::damaged("a stored sighting was written by a newer version"));
        }
        let head = reader.byte()?;
        let at_us = reader.get_signed()?;
        let duration = reader.get()?;
        let occurrence_us = if reader.get()? == 1 { Some(reader.get_signed()?) } else { None };
        let regarding = reader.get()? as u32;
        let regarding_hash = if regarding > 0 { fixed(&mut reader)? } else { 0 };
        let mut participants = Vec::new();
        for _ in 0..reader.get()? {
            let packed = reader.get()?;
            participants.push(((packed >> 3) as u32, Role::from_code((packed & 7) as u8).ok_or_else(damaged)?));
        }
        let mut ancestors = Vec::new();
        for _ in 0..reader.get()? {
            ancestors.push(fixed(&mut reader)?);
        }
        Ok(Self {
            at_us,
            kind: Kind::from_code(head & 3).ok_or_else(damaged)?,
            state: ActivityState::from_code(head >> 2),
            duration_s: duration.checked_sub(1).map(|s| s as u32),
            occurrence_us,
            regarding,
            regarding_hash,
            participants,
            ancestors,
            subject_hash: fixed(&mut reader)?,
            message_id: reader.get_text()?,
            conversation_id: reader.get_text()?,
            parent_id: reader.get_text()?,
            subject: reader.get_text()?,
            activity_id: reader.get_text()?,
        })
    }

    /// What two sightings of one interaction by the same source say together; independent of their order.
    pub(crate) fn join(&mut self, other: &Self) {
        self.at_us = self.at_us.min(other.at_us);
        self.state = stronger_state(self.state, other.state);
        self.duration_s = self.duration_s.max(other.duration_s);
        self.occurrence_us = self.occurrence_us.max(other.occurrence_us);
        if other.regarding > 0 && (self.regarding == 0 || other.regarding_hash < self.regarding_hash) {
            (self.regarding, self.regarding_hash) = (other.regarding, other.regarding_hash);
        }
        self.participants.extend_from_slice(&other.participants);
        self.participants.sort_unstable();
        self.participants.dedup();
        self.ancestors.extend_from_slice(&other.ancestors);
        self.ancestors.sort_unstable();
        self.ancestors.dedup();
        self.subject_hash = self.subject_hash.max(other.subject_hash);
        for (mine, theirs) in [
            (&mut self.message_id, &other.message_id),
            (&mut self.conversation_id, &other.conversation_id),
            (&mut self.parent_id, &other.parent_id),
            (&mut self.subject, &other.subject),
            (&mut self.activity_id, &other.activity_id),
        ] {
            if mine.is_empty() || (!theirs.is_empty() && theirs < mine) {
                mine.clone_from(theirs);
            }
        }
    }
}

/// Of two states the one that holds: a cancellation is news, a completion is a fact, a plan is a plan.
pub(crate) fn stronger_state(a: Option<ActivityState>, b: Option<ActivityState>) -> Option<ActivityState> {
    let rank = |state: &Option<ActivityState>| match state {
        None => 0,
        Some(ActivityState::Open) => 1,
        Some(ActivityState::Scheduled) => 2,
        Some(ActivityState::Completed) => 3,
        Some(ActivityState::Cancelled) => 4,
    };
    [a, b].into_iter().max_by_key(rank).flatten()
}

fn fixed(reader: &mut Reader<'_>) -> Result<u64, StoreError> {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(reader.bytes(8)?);
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
pub(super) fn sample() -> StoredSighting {
    StoredSighting {
        at_us: 1_000_000,
        kind: Kind::Email,
        state: Some(ActivityState::Completed),
        duration_s: Some(0),
        occurrence_us: Some(-5),
        regarding: 7,
        regarding_hash: 70,
        participants: vec![(1, Role::From), (2, Role::To)],
        message_id: "a@b".to_owned(),
        conversation_id: String::new(),
        parent_id: "p@b".to_owned(),
        ancestors: vec![3, u64::MAX],
        subject_hash: 9,
        subject: "Hello".to_owned(),
        activity_id: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sighting_comes_back_as_it_was_kept() {
        let sighting = sample();
        assert_eq!(StoredSighting::decode(&sighting.encode()).unwrap(), sighting);
    }

    #[test]
    fn damage_is_an_error_never_a_panic() {
        let bytes = sample().encode();
        for end in 0..bytes.len() {
            assert!(StoredSighting::decode(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn joining_does_not_depend_on_order_and_twice_is_once() {
        let one = sample();
        let mut two = sample();
        two.at_us = 5;
        two.state = None;
        two.participants = vec![(2, Role::To), (3, Role::Cc)];
        two.parent_id = String::new();
        let (mut a, mut b) = (one.clone(), two.clone());
        a.join(&two);
        b.join(&one);
        assert_eq!(a, b);
        let once = a.clone();
        a.join(&two);
        assert_eq!(a, once);
        assert_eq!(a.participants.len(), 3);
    }
}
