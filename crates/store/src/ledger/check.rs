//! Whether what was derived still says what the sightings say.

use rapport_domain::{Seen, Side, Touches, touches};

use super::{
    OursRule, Visibility,
    caches::Caches,
    merge::{Merged, merge},
    payload::{SOURCE_CRM, StoredSighting},
};
use crate::{Organization, Store, StoreError};

/// Touches as they stand, and as the sightings want them: how many, and a sum over what each says that no order changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TouchSum {
    /// Number of touches.
    pub touches: u64,
    sum: u128,
}

impl TouchSum {
    fn add(&mut self, subject: i64, touch: &touches::Touch<'_>) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&subject.to_le_bytes()).update(&touch.interaction.to_le_bytes()).update(&touch.at_us.to_le_bytes());
        let state = touch.state.map_or(0, |state| state as u8);
        let small = [touch.kind as u8, state, touch.direction as u8, u8::from(touch.threaded), touch.seen];
        hasher.update(&small).update(&touch.duration_s.to_le_bytes()).update(&touch.subject_group.to_le_bytes());
        hasher.update(&touch.regarding.to_le_bytes());
        for seen in touch.participants {
            hasher.update(&seen.address.0.to_le_bytes()).update(&[seen.role as u8, seen.side as u8]);
        }
        let mut first = [0; 16];
        first.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        self.touches += 1;
        self.sum = self.sum.wrapping_add(u128::from_le_bytes(first));
    }

    fn add_merged(&mut self, interaction: u64, merged: &Merged, participants: &mut Vec<Seen>) {
        participants.clear();
        participants.extend(merged.participants.iter().map(|participant| Seen {
            address: rapport_domain::AddressId(participant.address),
            role: participant.role,
            side: participant.side,
        }));
        let bit = |source: &i64| if *source == SOURCE_CRM { touches::SEEN_CRM } else { touches::SEEN_MAILBOX };
        let touch = touches::Touch {
            interaction,
            at_us: merged.at_us,
            kind: merged.kind,
            state: merged.state,
            direction: merged.direction,
            duration_s: merged.duration_s,
            conversation: 0,
            threaded: merged.threaded,
            subject_group: merged.subject_group,
            regarding: merged.regarding,
            seen: merged.sources.iter().map(bit).fold(0, |all, bit| all | bit),
            participants,
            message_id: b"",
        };
        for subject in merged.subjects() {
            self.add(subject, &touch);
        }
    }
}

/// How often touches and sightings are compared again if they differ, because somebody may have written meanwhile.
const COMPARISONS_MAX: usize = 2;

impl Store {
    /// Reads all touches and all sightings: (what stands, what is wanted). They are equal in a sound store, unless somebody's side changed
    /// since (a rebuild decides that again).
    pub async fn compare_touches(
        &self,
        organization: &Organization,
        ours: &OursRule,
    ) -> Result<(TouchSum, TouchSum), StoreError> {
        let mut compared = self.compare_once(organization, ours).await?;
        for _ in 0..COMPARISONS_MAX {
            // What was written between the two is in one of them only.
            if compared.0 == compared.1 {
                break;
            }
            compared = self.compare_once(organization, ours).await?;
        }
        Ok(compared)
    }

    async fn compare_once(&self, organization: &Organization, ours: &OursRule) -> Result<(TouchSum, TouchSum), StoreError> {
        let org = organization.id;
        let (mut stand, mut wanted) = (TouchSum::default(), TouchSum::default());
        let all = self.subject_bounds(org).await?;
        let add_run = |subject: i64, touches: &Touches| (0..touches.len()).for_each(|i| stand.add(subject, &touches.row(i)));
        self.scan(org, all, &Visibility::everything(), add_run).await?;
        let caches = Caches::fresh(&mut *self.readers().acquire().await?, org, ours, None).await?;
        let side_of = |address: u32| caches.sides.get(address as usize - 1).copied().unwrap_or(Side::Theirs);
        let (mut current, mut sightings, mut participants): (u64, Vec<(i64, StoredSighting)>, Vec<Seen>) = Default::default();
        self.scan_sightings(org, |interaction, source, sighting| {
            if interaction != current && !sightings.is_empty() {
                wanted.add_merged(current, &merge(&sightings, side_of), &mut participants);
                sightings.clear();
            }
            current = interaction;
            sightings.push((source, sighting));
        })
        .await?;
        if !sightings.is_empty() {
            wanted.add_merged(current, &merge(&sightings, side_of), &mut participants);
        }
        Ok((stand, wanted))
    }
}
