//! Appending a batch of sightings: one transaction, each interaction once, each sighting kept.

use std::collections::BTreeMap;

use rapport_domain::{Kind, OrgId, RecordRef, Sighting, Source, interaction::subject_key};
use rustc_hash::{FxHashMap, FxHashSet};
use sqlx::SqliteConnection;

use super::{
    activities::{known_activities, row_hash, write_activities},
    caches::{Caches, NewRows, OursRule},
    conversations::{assign, keys_of},
    hashed,
    identities::{IDENTITY_BYTES, Identities, Identity},
    keyed_hash,
    merge::{Merged, merge},
    payload::{SOURCE_CRM, SOURCE_UNATTRIBUTED, StoredSighting},
    runs::{MergedBatch, compact, remove_sightings, write_touches},
    segments::columns::ADDRESS_MAX,
    sightings::{self, BySource},
};
use crate::{
    Organization, Store, StoreError,
    registry::{Grounds, versions},
    sql::Script,
};

/// A key for hashes that only order things, alike in every store.
const SAME_EVERYWHERE: [u8; 32] = [0; 32];

/// Ancestors of a mail that are kept; longer chains say nothing new, since each mail names those before it.
const ANCESTORS_MAX: usize = 100;

/// A batch of at most this many sightings looks after the runs it touches; bulk imports leave few blocks a run by their size.
const SMALL_BATCH: usize = 1_000;

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Sightings that made an interaction known (for rows of `activities.csv`: created or changed).
    pub kept: u64,
    /// Sightings of interactions already known.
    pub duplicates: u64,
}

/// Appends batches; holds the addresses of the organization in memory between them.
#[derive(Debug)]
pub struct Appender {
    pub(super) store: Store,
    pub(super) organization: Organization,
    pub(super) ours: OursRule,
    keeps_subjects: bool,
    pub(super) caches: Option<Caches>,
    /// Grounds that held at these versions of facts and settings.
    held: Option<(Grounds, (i64, i64))>,
}

/// One interaction of a batch.
pub(crate) struct Pending {
    pub(crate) identity: Identity,
    pub(crate) interaction: u64,
    pub(crate) is_new: bool,
    /// By source, ascending.
    pub(crate) sightings: Vec<BySource>,
    /// What the merged interaction said before this batch; `None` for a new one.
    pub(crate) before: Option<Box<Merged>>,
    pub(crate) changed: bool,
}

impl Appender {
    /// An appender for one organization. `keeps_subjects`: whether subject texts are stored.
    pub fn new(store: &Store, organization: &Organization, ours: OursRule, keeps_subjects: bool) -> Self {
        Self { store: store.clone(), organization: organization.clone(), ours, keeps_subjects, caches: None, held: None }
    }

    /// Appends a batch in one transaction, and takes back what activities said whose ids are `retired`. On an error nothing of it was kept.
    pub async fn append(&mut self, batch: Vec<Sighting>, retired: &[String]) -> Result<Appended, StoreError> {
        if batch.is_empty() && retired.is_empty() {
            return Ok(Appended::default());
        }
        let store = self.store.clone();
        let tx = store.begin().await?;
        self.append_in(tx, batch, retired).await
    }

    /// The same where the grounds on which the batch was judged still hold, and go on holding until it is kept; else it is given back.
    pub async fn append_judged(
        &mut self,
        batch: Vec<Sighting>,
        retired: &[String],
        grounds: &Grounds,
    ) -> Result<Result<Appended, Vec<Sighting>>, StoreError> {
        if batch.is_empty() && retired.is_empty() {
            return Ok(Ok(Appended::default()));
        }
        let store = self.store.clone();
        let mut tx = store.begin().await?;
        let Some(settings_version) = self.grounds_hold(&mut tx, grounds).await? else { return Ok(Err(batch)) };
        let appended = self.append_in(tx, batch, retired).await?;
        self.remember(grounds, settings_version);
        Ok(Ok(appended))
    }

    /// The settings version, where grounds hold in a transaction that writes. Reading them costs: not after a batch of ours, if nobody
    /// else wrote since.
    pub(super) async fn grounds_hold(
        &self,
        connection: &mut SqliteConnection,
        grounds: &Grounds,
    ) -> Result<Option<i64>, StoreError> {
        let versions = versions(connection, self.organization.id).await?;
        let hold = self.held == Some((*grounds, versions)) || grounds.hold(connection, self.organization.id).await?;
        Ok(hold.then_some(versions.1))
    }

    /// Versions of facts and settings after the last batch that was kept on its grounds.
    pub fn versions_held(&self) -> Option<(i64, i64)> {
        self.held.map(|(_, versions)| versions)
    }

    /// Remembers that grounds held after a batch that was kept.
    pub(super) fn remember(&mut self, grounds: &Grounds, settings_version: i64) {
        self.held = self.caches.as_ref().map(|caches| (*grounds, (caches.facts_version, settings_version)));
    }

    async fn append_in(
        &mut self,
        mut tx: sqlx::Transaction<'_, sqlx::Sqlite>,
        batch: Vec<Sighting>,
        retired: &[String],
    ) -> Result<Appended, StoreError> {
        let org = self.organization.id;
        let caches = self.caches.take();
        let mut caches = Caches::fresh(&mut tx, org, &self.ours, caches).await?;
        let stand: FxHashSet<String> = batch.iter().filter_map(|sighting| sighting.activity_id.clone()).collect();
        let (appended, mut is_changed) = self.append_within(&mut tx, &mut caches, batch).await?;
        let known = known_activities(&mut tx, org, retired.iter().filter(|id| !stand.contains(*id))).await?;
        for (activity_id, (interaction, _)) in &known {
            self.retire(&mut tx, &mut caches, activity_id, *interaction).await?;
            is_changed = true;
        }
        if is_changed {
            caches.facts_version = crate::registry::bump_facts(&mut tx, org).await?;
            std::mem::take(&mut caches.changed).tell(&mut tx, org, caches.facts_version).await?;
        }
        tx.commit().await?;
        self.caches = Some(caches);
        Ok(appended)
    }

    pub(super) async fn append_within(
        &self,
        connection: &mut SqliteConnection,
        caches: &mut Caches,
        batch: Vec<Sighting>,
    ) -> Result<(Appended, bool), StoreError> {
        let org = self.organization.id;
        let batch_len = batch.len();
        let mut new_rows = NewRows::default();
        let mut appended = Appended::default();
        let mut activities = BTreeMap::new();
        let mut pendings: Vec<Pending> = Vec::with_capacity(batch.len());
        let mut by_identity: FxHashMap<Identity, usize> = FxHashMap::default();
        by_identity.reserve(batch.len());
        let mut seen_counts: Vec<u64> = Vec::with_capacity(batch.len());
        let known_activities =
            known_activities(connection, org, batch.iter().filter_map(|sighting| sighting.activity_id.as_ref())).await?;
        // Of an activity that stands twice in a batch the last row holds.
        let mut last_rows: FxHashMap<String, usize> = FxHashMap::default();
        for (i, sighting) in batch.iter().enumerate() {
            if let Some(id) = &sighting.activity_id {
                last_rows.insert(id.clone(), i);
            }
        }
        for (i, sighting) in batch.into_iter().enumerate() {
            if sighting.activity_id.as_ref().is_some_and(|id| last_rows.get(id) != Some(&i)) {
                appended.duplicates += 1;
                continue;
            }
            let identity = self.identity(&sighting);
            let (source, stored) = self.intern(caches, &mut new_rows, sighting);
            let is_activity = !stored.activity_id.is_empty();
            if is_activity {
                let row_hash = row_hash(&identity, &stored);
                if known_activities.get(&stored.activity_id).is_some_and(|(_, hash)| *hash == row_hash) {
                    appended.duplicates += 1;
                    continue;
                }
                appended.kept += 1;
                activities.insert(stored.activity_id.clone(), (identity, row_hash));
            }
            let position = *by_identity.entry(identity).or_insert_with(|| {
                pendings.push(Pending {
                    identity,
                    interaction: 0,
                    is_new: true,
                    sightings: Vec::new(),
                    before: None,
                    changed: true,
                });
                seen_counts.push(0);
                pendings.len() - 1
            });
            seen_counts[position] += u64::from(!is_activity);
            join(&mut pendings[position].sightings, source, stored);
        }
        self.replace_activities(connection, caches, &known_activities, &activities).await?;
        find_known(connection, org, &mut caches.identities, &mut pendings).await?;
        load_known(connection, org, caches, &mut pendings).await?;
        for (pending, count) in pendings.iter().zip(&seen_counts) {
            let new =
                u64::from(pending.is_new && *count > 0 && !pending.sightings.iter().any(|(_, s)| !s.activity_id.is_empty()));
            appended.kept += new;
            appended.duplicates += count - new;
        }
        let unchanged: Vec<Pending> = pendings.extract_if(.., |pending| !pending.changed).collect();
        let changed = !pendings.is_empty() || !activities.is_empty() || !new_rows.is_empty();
        let mut script = Script::new(org);
        new_rows.write(connection, &mut script, &caches.names).await?;
        self.write(connection, &mut script, caches, &mut pendings, batch_len).await?;
        write_activities(connection, &mut script, &activities, pendings.iter().chain(&unchanged)).await?;
        script.run(connection).await?;
        Ok((appended, changed))
    }

    /// Identity (02 section 2.5): kind and Message-ID (meetings: UID and start of the occurrence), else kind, moment, from, participants, subject.
    pub(super) fn identity(&self, sighting: &Sighting) -> Identity {
        let mut hasher = blake3::Hasher::new_keyed(&self.organization.hash_key);
        hasher.update(&[sighting.kind as u8]);
        if let Some(id) = &sighting.message_id {
            hasher.update(&[1]).update(id.as_bytes());
            if sighting.kind == Kind::Meeting {
                let start = sighting.occurrence.unwrap_or(sighting.occurred_at);
                hasher.update(&start.0.to_le_bytes());
            }
        } else if let (true, Some(id)) = (sighting.participants.is_empty(), &sighting.activity_id) {
            hasher.update(&[2]).update(id.as_bytes());
        } else {
            let mut keys: Vec<_> = sighting.participants.iter().map(|participant| participant.who.key()).collect();
            keys.sort_unstable();
            keys.dedup();
            let from = sighting.participants.iter().find(|participant| participant.role.initiates());
            hasher.update(&[3]).update(&sighting.occurred_at.0.to_le_bytes());
            hasher.update(from.map(|from| from.who.key()).unwrap_or_default().as_bytes());
            for key in keys {
                hasher.update(&[0]).update(key.as_bytes());
            }
            hasher.update(&[1]).update(subject_key(sighting.subject.as_deref().unwrap_or_default()).as_bytes());
            if sighting.participants.is_empty()
                && let Some(record) = &sighting.regarding
            {
                hasher.update(&[2]).update(record.to_string().as_bytes());
            }
        }
        let mut identity = [0; IDENTITY_BYTES];
        identity.copy_from_slice(&hasher.finalize().as_bytes()[..IDENTITY_BYTES]);
        identity
    }

    fn intern(&self, caches: &mut Caches, new_rows: &mut NewRows, sighting: Sighting) -> (i64, StoredSighting) {
        let at_us = sighting.occurred_at.0;
        let mut participants = Vec::with_capacity(sighting.participants.len());
        for participant in &sighting.participants {
            let address = caches.address(&participant.who.key(), &self.ours, new_rows);
            if let Some(name) = participant.name.as_deref() {
                caches.name(address, name, at_us, new_rows);
            }
            participants.push((address, participant.role));
        }
        participants.sort_unstable();
        participants.dedup();
        let source = match (sighting.source, &sighting.mailbox) {
            (Source::Crm, _) => SOURCE_CRM,
            (Source::Mailbox, None) => SOURCE_UNATTRIBUTED,
            (Source::Mailbox, Some(mailbox)) => i64::from(caches.address(mailbox.as_str(), &self.ours, new_rows)),
        };
        let key = &self.organization.hash_key;
        let subject = sighting.subject.unwrap_or_default();
        let folded = subject_key(&subject);
        // The oldest and the newest ancestors say most; what lies between repeats them.
        let skipped = sighting.ancestors.len().saturating_sub(ANCESTORS_MAX);
        // A copy that has a conversation id does not join by its headers (decision 18).
        let joins = sighting.conversation_id.is_none();
        let ancestors = sighting.ancestors.iter().enumerate().filter(|(i, _)| joins && (*i == 0 || *i > skipped));
        let mut ancestors: Vec<u64> = ancestors.map(|(_, id)| keyed_hash(key, hashed::MESSAGE_ID, id)).collect();
        ancestors.sort_unstable();
        ancestors.dedup();
        let stored = StoredSighting {
            at_us,
            kind: sighting.kind,
            state: sighting.state,
            duration_s: sighting.duration_s,
            occurrence_us: sighting.occurrence.map(|start| start.0),
            regarding_hash: sighting.regarding.as_ref().map_or(0, record_hash),
            regarding: sighting.regarding.map_or(0, |record| caches.record(record, new_rows)),
            participants,
            parent_id: sighting.ancestors.last().cloned().unwrap_or_default(),
            ancestors,
            message_id: sighting.message_id.unwrap_or_default(),
            conversation_id: sighting.conversation_id.unwrap_or_default(),
            subject_hash: if folded.is_empty() { 0 } else { keyed_hash(key, hashed::SUBJECT, &folded) },
            subject: if self.keeps_subjects { subject } else { String::new() },
            activity_id: sighting.activity_id.unwrap_or_default(),
        };
        (source, stored)
    }

    /// Rows of `activities.csv` that changed leave the interaction that they made before, where it is another one or says more.
    async fn replace_activities(
        &self,
        connection: &mut SqliteConnection,
        caches: &mut Caches,
        known: &BTreeMap<String, (u64, [u8; 16])>,
        activities: &BTreeMap<String, ([u8; 16], [u8; 16])>,
    ) -> Result<(), StoreError> {
        for (activity_id, (interaction, _)) in known.iter().filter(|(id, _)| activities.contains_key(*id)) {
            self.retire(connection, caches, activity_id, *interaction).await?;
        }
        Ok(())
    }

    /// Takes back what an activity said; what another activity says of the same interaction stays.
    async fn retire(
        &self,
        connection: &mut SqliteConnection,
        caches: &mut Caches,
        activity_id: &str,
        interaction: u64,
    ) -> Result<(), StoreError> {
        let org = self.organization.id;
        sqlx::query("DELETE FROM crm_activities WHERE org_id = ? AND activity_id = ?")
            .bind(org.0)
            .bind(activity_id)
            .execute(&mut *connection)
            .await?;
        let shared: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM crm_activities WHERE org_id = ? AND interaction_id = ?")
            .bind(org.0)
            .bind(interaction as i64)
            .fetch_one(&mut *connection)
            .await?;
        if shared == 0 {
            let touched =
                remove_sightings(connection, &self.organization, caches, interaction, |source| source == SOURCE_CRM).await?;
            caches.changed.touch(touched);
        }
        Ok(())
    }

    async fn write(
        &self,
        connection: &mut SqliteConnection,
        script: &mut Script,
        caches: &mut Caches,
        pendings: &mut [Pending],
        batch_len: usize,
    ) -> Result<(), StoreError> {
        if pendings.is_empty() {
            return Ok(());
        }
        let org = self.organization.id;
        if caches.sides.len() > ADDRESS_MAX as usize {
            return Err(StoreError::refused(format!("an organization has at most {ADDRESS_MAX} addresses")));
        }
        let new = pendings.iter().filter(|pending| pending.is_new).count() as i64;
        let (first, first_conversation, number): (i64, i64, i64) = sqlx::query_as(
            "UPDATE organizations SET next_interaction = next_interaction + ?1, next_batch = next_batch + 1 WHERE org_id = ?2
             RETURNING next_interaction - ?1, next_conversation, next_batch - 1",
        )
        .bind(new)
        .bind(org.0)
        .fetch_one(&mut *connection)
        .await?;
        for (pending, interaction) in pendings.iter_mut().filter(|pending| pending.is_new).zip(first..) {
            pending.interaction = interaction as u64;
        }
        let mails: Vec<Vec<u64>> = pendings
            .iter()
            .map(|pending| {
                let is_email = pending.sightings[0].1.kind == Kind::Email;
                if is_email { keys_of(&self.organization.hash_key, &pending.sightings) } else { Vec::new() }
            })
            .collect();
        let (mut next_conversation, aliases) = (first_conversation as u64, caches.aliases.len());
        let known = caches.conversation_keys.as_mut();
        let conversations = assign(connection, script, org, &mails, (known, &mut caches.aliases), &mut next_conversation).await?;
        if caches.aliases.len() != aliases {
            // Joined conversations may pair mails of runs that nothing was added to.
            caches.changed.touch_anything();
        }
        script.add("UPDATE organizations SET next_conversation = ? WHERE org_id = ?").bind(next_conversation as i64).bind(org.0);
        let sides = &caches.sides;
        let batch = MergedBatch::new(pendings, &conversations, |address| sides[address as usize - 1]);
        if batch_len <= SMALL_BATCH {
            compact(connection, org, &batch.subjects()).await?;
        }
        let ground = Some((&mut caches.identities, &*pendings));
        write_touches(connection, script, org, &self.store.segments, (&batch, number), ground).await?;
        caches.changed.touch(batch.changed_subjects());
        Ok(())
    }
}

/// The hash of a record's table and id.
pub(super) fn record_hash(record: &RecordRef) -> u64 {
    keyed_hash(&SAME_EVERYWHERE, hashed::RECORD, &record.to_string())
}

fn join(sightings: &mut Vec<BySource>, source: i64, sighting: StoredSighting) {
    match sightings.binary_search_by_key(&source, |(source, _)| *source) {
        Ok(position) => sightings[position].1.join(&sighting),
        Err(position) => sightings.insert(position, (source, sighting)),
    }
}

/// Finds which interactions of the batch are known already.
async fn find_known(
    connection: &mut SqliteConnection,
    org: OrgId,
    identities: &mut Identities,
    pendings: &mut [Pending],
) -> Result<(), StoreError> {
    let found = identities.find(connection, org, pendings.iter().map(|pending| pending.identity)).await?;
    for pending in pendings {
        if let Some(interaction) = found.get(&pending.identity) {
            (pending.interaction, pending.is_new) = (*interaction, false);
        }
    }
    Ok(())
}

/// Joins what known interactions already say; those that learn nothing are marked unchanged.
async fn load_known(
    connection: &mut SqliteConnection,
    org: OrgId,
    caches: &mut Caches,
    pendings: &mut [Pending],
) -> Result<(), StoreError> {
    let side_of = |address: u32| caches.sides[address as usize - 1];
    let mut of_none = Vec::new();
    let wanted: Vec<u64> = pendings.iter().filter(|pending| !pending.is_new).map(|pending| pending.interaction).collect();
    let known = sightings::load(connection, org, &wanted).await?;
    let mut known: FxHashMap<u64, Vec<BySource>> = known.into_iter().map(|one| (one.id, one.sightings)).collect();
    for pending in pendings.iter_mut().filter(|pending| !pending.is_new) {
        let Some(before) = known.remove(&pending.interaction) else {
            // The identity of none: the interaction is new.
            pending.is_new = true;
            of_none.push(pending.identity);
            continue;
        };
        let mut all = before.clone();
        for (source, sighting) in std::mem::take(&mut pending.sightings) {
            join(&mut all, source, sighting);
        }
        pending.changed = all != before;
        pending.before = Some(Box::new(merge(&before, side_of)));
        pending.sightings = all;
    }
    if !of_none.is_empty() {
        caches.identities.forget(connection, org, of_none.into_iter()).await?;
    }
    Ok(())
}
