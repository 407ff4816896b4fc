//! Rows of `activities.csv` by the CRM's own id: a changed row replaces what it said before, an unchanged one is a duplicate.

use std::collections::BTreeMap;

use rapport_domain::OrgId;
use rustc_hash::FxHashMap;
use sqlx::SqliteConnection;

use super::{append::Pending, payload::StoredSighting};
use crate::{
    StoreError,
    sql::{Script, look_up},
};

/// What a row says, as a hash.
pub(crate) fn row_hash(identity: &[u8; 16], stored: &StoredSighting) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(identity).update(&stored.encode());
    let mut hash = [0; 16];
    hash.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    hash
}

/// Interactions and row hashes of activities that are already known.
pub(crate) async fn known_activities(
    connection: &mut SqliteConnection,
    org: OrgId,
    ids: impl Iterator<Item = &String>,
) -> Result<BTreeMap<String, (u64, [u8; 16])>, StoreError> {
    let ids: Vec<&String> = ids.collect();
    let head = "SELECT activity_id, interaction_id, row_hash FROM crm_activities WHERE org_id = ? AND activity_id IN";
    let rows: Vec<(String, i64, Vec<u8>)> = look_up(connection, org, head, &ids, |values, id| values.bind(id.as_str())).await?;
    let mut known = BTreeMap::new();
    for (id, interaction, hash) in rows {
        let hash = hash.try_into().map_err(|_| StoreError::damaged("the hash of an activity is damaged"))?;
        known.insert(id, (interaction as u64, hash));
    }
    Ok(known)
}

/// Adds activities and their interactions to a script.
pub(crate) async fn write_activities(
    connection: &mut SqliteConnection,
    script: &mut Script,
    activities: &BTreeMap<String, ([u8; 16], [u8; 16])>,
    pendings: impl Iterator<Item = &Pending>,
) -> Result<(), StoreError> {
    if activities.is_empty() {
        return Ok(());
    }
    let by_identity: FxHashMap<[u8; 16], u64> = pendings.map(|pending| (pending.identity, pending.interaction)).collect();
    let rows: Vec<(&String, i64, &[u8; 16])> =
        activities.iter().filter_map(|(id, (identity, hash))| Some((id, *by_identity.get(identity)? as i64, hash))).collect();
    let head = "INSERT OR REPLACE INTO crm_activities (org_id, activity_id, interaction_id, row_hash) VALUES";
    script.insert_rows(connection, head, 3, "", &rows, |values, row| values.bind(row.0).bind(row.1).bind(&row.2[..])).await
}
