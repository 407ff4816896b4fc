//! Creates that may be sent twice: the same key with the same request is one create.

use rapport_domain::{Moment, OrgId, time::DAY_US};

use crate::StoreError;

/// How long a key is kept: a client that tries again a day later starts anew.
pub(crate) const KEPT_US: i64 = DAY_US;

/// A create's key and what it asked for, both hashed with the organization's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Hash of the key.
    pub key_hash: [u8; 32],
    /// Hash of the request.
    pub request_hash: [u8; 32],
    /// Now, from the injected clock.
    pub now: Moment,
}

/// What is known about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing.
    New,
    /// The same request made the record of this id.
    Same(String),
    /// Another request came with it.
    Other,
}

/// Forgets keys that are too old, then looks one up.
pub(crate) async fn look_up(
    connection: &mut sqlx::SqliteConnection,
    org: OrgId,
    key: &IdempotencyKey,
) -> Result<Known, StoreError> {
    sqlx::query("DELETE FROM idempotency_keys WHERE org_id = ? AND created_at_us <= ?")
        .bind(org.0)
        .bind(key.now.0 - KEPT_US)
        .execute(&mut *connection)
        .await?;
    let known: Option<(Vec<u8>, String)> = sqlx::query_as(
        "SELECT k.request_hash, r.id FROM idempotency_keys AS k JOIN records AS r USING (org_id, record_id) WHERE k.org_id = ? AND k.key_hash = ?",
    )
    .bind(org.0)
    .bind(&key.key_hash[..])
    .fetch_optional(connection)
    .await?;
    Ok(match known {
        None => Known::New,
        Some((request_hash, id)) if request_hash == key.request_hash => Known::Same(id),
        Some(_) => Known::Other,
    })
}

/// Remembers a key inside the transaction of its create.
pub(crate) async fn remember(
    connection: &mut sqlx::SqliteConnection,
    org: OrgId,
    key: &IdempotencyKey,
    record_id: i64,
) -> Result<(), StoreError> {
    // A key whose record is gone (a store repaired by hand) starts anew.
    sqlx::query("INSERT OR REPLACE INTO idempotency_keys (org_id, key_hash, request_hash, created_at_us, record_id) VALUES (?, ?, ?, ?, ?)")
        .bind(org.0)
        .bind(&key.key_hash[..])
        .bind(&key.request_hash[..])
        .bind(key.now.0)
        .bind(record_id)
        .execute(connection)
        .await?;
    Ok(())
}
