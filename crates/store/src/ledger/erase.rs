//! Erasing a person: afterwards a search for their addresses in the store's files finds nothing.

use rapport_domain::{Moment, OrgId, RecordId, Side};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{
    OursRule,
    caches::Caches,
    payload::StoredSighting,
    read::load_sightings,
    rebuild::{ByInteraction, derive},
};
use crate::{Organization, Store, StoreError, registry::bump_facts, sql::places};

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
}

/// What replaces an erased address in texts that must stay.
const ERASED: &str = "(erased)";

impl Store {
    /// Erases addresses and references of one person. `documents` replaces the documents of records that name them (`None` empties one).
    pub async fn erase(
        &self,
        organization: &Organization,
        ours: &OursRule,
        keys: &[String],
        documents: &[(RecordId, Option<String>)],
        actor: &str,
        now: Moment,
    ) -> Result<Erased, StoreError> {
        let org = organization.id;
        let mut tx = self.begin().await?;
        let mut erased = Erased { records: documents.len() as u64, ..Erased::default() };
        let ids = address_ids(&mut tx, org, keys).await?;
        let caches = Caches::fresh(&mut tx, org, ours, None).await?;
        erase_participants(&mut tx, org, &caches, &ids, keys, &mut erased).await?;
        for (record, document) in documents {
            sqlx::query("UPDATE records SET document = ? WHERE org_id = ? AND record_id = ?")
                .bind(document)
                .bind(org.0)
                .bind(record.0)
                .execute(&mut *tx)
                .await?;
        }
        for key in keys {
            erase_texts(&mut tx, org, key).await?;
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
        derive(&mut tx, organization, ours, &mut |_, _| {}).await?;
        let what =
            format!("{} addresses, {} interactions", erased.addresses, erased.interactions_deleted + erased.interactions_changed);
        crate::registry::audit_record(&mut tx, org, now, actor, "person.erased", None, Some(&what)).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        // Free pages and the write-ahead log still hold what was deleted until they are written anew.
        sqlx::query("VACUUM").execute(self.writer()).await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(self.writer()).await?;
        Ok(erased)
    }
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

async fn erase_participants(
    connection: &mut SqliteConnection,
    org: OrgId,
    caches: &Caches,
    ids: &[u32],
    keys: &[String],
    erased: &mut Erased,
) -> Result<(), StoreError> {
    let all: Vec<i64> = sqlx::query_scalar("SELECT interaction_id FROM sightings WHERE org_id = ? GROUP BY interaction_id")
        .bind(org.0)
        .fetch_all(&mut *connection)
        .await?;
    // A chunk at a time bounds the memory; a person can be named in a Message-ID too, so every sighting is looked at.
    for chunk in all.chunks(10_000) {
        let chunk: Vec<u64> = chunk.iter().map(|id| *id as u64).collect();
        let mut by_interaction = ByInteraction::default();
        for (interaction, source, sighting) in load_sightings(connection, org, &chunk).await? {
            by_interaction.entry(interaction).or_default().push((source, sighting));
        }
        for interaction in chunk {
            let Some(sightings) = by_interaction.remove(&interaction) else { continue };
            erase_from(connection, org, caches, interaction, sightings, (ids, keys), erased).await?;
        }
    }
    Ok(())
}

async fn erase_from(
    connection: &mut SqliteConnection,
    org: OrgId,
    caches: &Caches,
    interaction: u64,
    sightings: Vec<(i64, StoredSighting)>,
    (ids, keys): (&[u32], &[String]),
    erased: &mut Erased,
) -> Result<(), StoreError> {
    let mut left = sightings.clone();
    for (_, sighting) in &mut left {
        sighting.participants.retain(|(address, _)| !ids.contains(address));
        for text in [&mut sighting.message_id, &mut sighting.parent_id, &mut sighting.conversation_id, &mut sighting.subject] {
            if keys.iter().any(|key| text.to_lowercase().contains(key)) {
                text.clear();
            }
        }
    }
    if left == sightings {
        return Ok(());
    }
    let took_part = left.iter().zip(&sightings).any(|(left, before)| left.1.participants != before.1.participants);
    let external = |(address, _): &(u32, _)| caches.sides[*address as usize - 1] == Side::Theirs;
    let stays = left.iter().any(|(_, sighting)| sighting.regarding > 0 || sighting.participants.iter().any(external));
    if took_part && !stays {
        erased.interactions_deleted += 1;
        for statement in [
            "DELETE FROM sightings WHERE org_id = ? AND interaction_id = ?",
            "DELETE FROM interactions WHERE org_id = ? AND interaction_id = ?",
            "DELETE FROM crm_activities WHERE org_id = ? AND interaction_id = ?",
        ] {
            sqlx::query(statement).bind(org.0).bind(interaction as i64).execute(&mut *connection).await?;
        }
        return Ok(());
    }
    erased.interactions_changed += 1;
    for (source, sighting) in left {
        sqlx::query("UPDATE sightings SET payload = ? WHERE org_id = ? AND interaction_id = ? AND source = ?")
            .bind(sighting.encode())
            .bind(org.0)
            .bind(interaction as i64)
            .bind(source)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Reports, merges and log entries that name the address.
async fn erase_texts(connection: &mut SqliteConnection, org: OrgId, key: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM people_merges WHERE org_id = ? AND (kept_key = ? OR merged_key = ?)")
        .bind(org.0)
        .bind(key)
        .bind(key)
        .execute(&mut *connection)
        .await?;
    for statement in [
        "UPDATE imports SET report = replace(report, ?2, ?3) WHERE org_id = ?1 AND instr(report, ?2) > 0",
        "UPDATE audit SET before = replace(before, ?2, ?3), after = replace(after, ?2, ?3)
         WHERE org_id = ?1 AND (instr(before, ?2) > 0 OR instr(after, ?2) > 0)",
    ] {
        sqlx::query(statement).bind(org.0).bind(key).bind(ERASED).execute(&mut *connection).await?;
    }
    Ok(())
}
