//! Erasing a person: afterwards a search for their addresses in the store's files finds nothing.

use rapport_domain::{Moment, OrgId, RecordId, Side, UserId};
use rustc_hash::FxHashMap;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{
    OursRule,
    caches::Caches,
    delete::forget_activities,
    hashed, keyed_hash,
    payload::StoredSighting,
    rebuild::derive,
    sightings::change_all,
    texts::{Person, erase_texts, rename_records},
};
use crate::{
    Organization, Store, StoreError,
    registry::{audit_erasure, audit_redact, bump_facts, keep_objections},
    sql::places,
};

/// What names a person, and what is to stand in its place.
#[derive(Clone, Debug, Default)]
pub struct Erasure {
    /// Their addresses and references.
    pub keys: Vec<String>,
    /// New documents of records that name them; `None` empties one.
    pub documents: Vec<(RecordId, Option<String>)>,
    /// New documents of users that name them.
    pub users: Vec<(UserId, String)>,
    /// Addresses that are not to be captured again.
    pub objections: Vec<String>,
}

/// What an erasure did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Addresses and references that are gone.
    pub addresses: u64,
    /// Interactions that are gone, because nobody else external took part.
    pub interactions_deleted: u64,
    /// Interactions that stay without the person.
    pub interactions_changed: u64,
    /// Records that lost what named the person.
    pub records: u64,
    /// Other texts that did: settings, saved views, requests, names.
    pub texts: u64,
}

/// Tries to empty the write-ahead log; each waits as long as any writer does.
const CHECKPOINTS_MAX: u32 = 3;

impl Store {
    /// Erases a person; one transaction, then the file is written anew.
    pub async fn erase(
        &self,
        organization: &Organization,
        ours: &OursRule,
        erasure: &Erasure,
        actor: &str,
        now: Moment,
    ) -> Result<Erased, StoreError> {
        let org = organization.id;
        let mut tx = self.begin().await?;
        let Erasure { keys, documents, users, objections } = erasure;
        let mut erased = Erased { records: documents.len() as u64, ..Erased::default() };
        let person = Person::new(keys);
        let ids = address_ids(&mut tx, org, keys).await?;
        let renamed = rename_records(&mut tx, org, &person).await?;
        let caches = Caches::fresh(&mut tx, org, ours, None).await?;
        let who = Who { ids: &ids, person: &person, hash_key: &organization.hash_key, renamed: &renamed };
        erase_participants(&mut tx, org, &caches, &who, &mut erased).await?;
        for (record, document) in documents {
            sqlx::query("UPDATE records SET document = ? WHERE org_id = ? AND record_id = ?")
                .bind(document)
                .bind(org.0)
                .bind(record.0)
                .execute(&mut *tx)
                .await?;
        }
        for (user, document) in users {
            sqlx::query("UPDATE users SET document = ? WHERE org_id = ? AND user_id = ?")
                .bind(document)
                .bind(org.0)
                .bind(user.0)
                .execute(&mut *tx)
                .await?;
        }
        for id in &ids {
            erased.addresses += sqlx::query("DELETE FROM addresses WHERE org_id = ? AND address_id = ?")
                .bind(org.0)
                .bind(id)
                .execute(&mut *tx)
                .await?
                .rows_affected();
        }
        sqlx::query("DELETE FROM snapshots WHERE org_id = ?").bind(org.0).execute(&mut *tx).await?;
        erased.texts += erase_texts(&mut tx, org, &person).await? + renamed.len() as u64;
        let audit_changed = audit_redact(&mut tx, org, |text| person.scrub(text, false)).await?;
        keep_objections(&mut tx, organization, objections, now).await?;
        let (_, files) = derive(&mut tx, &self.segments, organization, ours, &mut |_, _| {}).await?;
        let what =
            format!("{} addresses, {} interactions", erased.addresses, erased.interactions_deleted + erased.interactions_changed);
        audit_erasure(&mut tx, org, now, actor, &what, &audit_changed).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        self.segments.close(org, &files);
        // Free pages and the write-ahead log still hold what was deleted until they are written anew.
        self.write_anew().await?;
        self.segments.remove(org, &files).await?;
        Ok(erased)
    }
}

impl Store {
    /// Writes the file and its log anew, so that nothing deleted is left in either.
    pub(crate) async fn write_anew(&self) -> Result<(), StoreError> {
        let mut connection = self.writer().acquire().await?;
        // On disk: a copy of the whole store does not belong in memory.
        sqlx::query("PRAGMA temp_store = file").execute(&mut *connection).await?;
        sqlx::query("VACUUM").execute(&mut *connection).await?;
        sqlx::query("PRAGMA temp_store = memory").execute(&mut *connection).await?;
        for _ in 0..CHECKPOINTS_MAX {
            let (busy, _, _): (i64, i64, i64) =
                sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await?;
            if busy == 0 {
                return Ok(());
            }
        }
        Err(StoreError::refused(
            "what was to go is gone from the store, but a reader still holds the write-ahead log: stop `rapport serve` and try again",
        ))
    }
}

/// Whom sightings are to be rid of.
struct Who<'a> {
    ids: &'a [u32],
    person: &'a Person<'a>,
    hash_key: &'a [u8; 32],
    /// Hashes of records that were renamed.
    renamed: &'a FxHashMap<u32, u64>,
}

async fn address_ids(connection: &mut SqliteConnection, org: OrgId, keys: &[String]) -> Result<Vec<u32>, StoreError> {
    let text =
        format!("SELECT address_id FROM addresses WHERE org_id = ? AND key IN ({}) ORDER BY address_id", places(keys.len()));
    let mut query = sqlx::query_scalar(AssertSqlSafe(text)).persistent(false).bind(org.0);
    for key in keys {
        query = query.bind(key);
    }
    Ok(query.fetch_all(connection).await?)
}

/// Takes a person out of every sighting: they can be named in a Message-ID too.
async fn erase_participants(
    connection: &mut SqliteConnection,
    org: OrgId,
    caches: &Caches,
    who: &Who<'_>,
    erased: &mut Erased,
) -> Result<(), StoreError> {
    let gone = change_all(connection, org, |interaction| {
        let before = interaction.sightings.clone();
        for (_, sighting) in &mut interaction.sightings {
            sighting.participants.retain(|(address, _)| !who.ids.contains(address));
            anonymize_ids(sighting, who);
        }
        let left = &interaction.sightings;
        if *left == before {
            return false;
        }
        let took_part = left.iter().zip(&before).any(|(left, before)| left.1.participants != before.1.participants);
        let external = |(address, _): &(u32, _)| caches.sides[*address as usize - 1] == Side::Theirs;
        let stays = left.iter().any(|(_, sighting)| sighting.regarding > 0 || sighting.participants.iter().any(external));
        if took_part && !stays {
            erased.interactions_deleted += 1;
            interaction.sightings.clear();
        } else {
            erased.interactions_changed += 1;
        }
        true
    })
    .await?;
    forget_activities(connection, org, &gone).await
}

/// Ids that contain an address become hashes, which still join what they joined; texts that do are emptied.
fn anonymize_ids(sighting: &mut StoredSighting, who: &Who<'_>) {
    let names_any = |text: &str| who.person.is_in(text);
    let hash_key = who.hash_key;
    if let Some(hash) = who.renamed.get(&sighting.regarding) {
        sighting.regarding_hash = *hash;
    }
    if names_any(&sighting.message_id) {
        let hash = keyed_hash(hash_key, hashed::MESSAGE_ID, &sighting.message_id);
        sighting.ancestors.push(hash);
        sighting.ancestors.sort_unstable();
        sighting.ancestors.dedup();
        sighting.message_id = format!("erased-{hash:016x}");
    }
    if names_any(&sighting.conversation_id) {
        // The same for every mail of the conversation.
        sighting.conversation_id =
            format!("erased-{:016x}", keyed_hash(hash_key, hashed::CONVERSATION_ID, &sighting.conversation_id));
    }
    for text in [&mut sighting.parent_id, &mut sighting.subject, &mut sighting.activity_id] {
        if names_any(text) {
            text.clear();
        }
    }
}
