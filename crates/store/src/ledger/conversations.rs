//! Which mails belong to one conversation (02 section 3), whatever order they arrive in.
//!
//! Each Message-ID, ancestor and conversation id is a key. A mail joins its own key with its conversation id, or else with all its
//! ancestors. Joined conversations become aliases of the smallest, so that touches already written need no rewriting.

use std::collections::BTreeMap;

use rapport_domain::{Kind, OrgId};
use rustc_hash::FxHashMap;
use sqlx::SqliteConnection;

use super::{hashed, keyed_hash, known::MaybeKnown, payload::StoredSighting};
use crate::{
    Aliases, StoreError,
    sql::{self, Script},
};

/// The keys of one mail: what it is, and what its copies say it belongs to. More copies only ever add keys, so their order never matters.
pub(crate) fn keys_of(hash_key: &[u8; 32], sightings: &[(i64, StoredSighting)]) -> Vec<u64> {
    let mut keys = Vec::with_capacity(4);
    for (_, sighting) in sightings {
        if !sighting.message_id.is_empty() {
            keys.push(keyed_hash(hash_key, hashed::MESSAGE_ID, &sighting.message_id));
        }
        if !sighting.conversation_id.is_empty() {
            keys.push(keyed_hash(hash_key, hashed::CONVERSATION_ID, &sighting.conversation_id));
        }
        keys.extend_from_slice(&sighting.ancestors);
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Finds or makes the conversation of each mail (0 for one without keys) and joins what belongs together: what is new goes to the script.
/// `known_keys`: all that were ever made, where that is known.
pub(crate) async fn assign(
    connection: &mut SqliteConnection,
    script: &mut Script,
    org: OrgId,
    mails: &[Vec<u64>],
    (known_keys, aliases): (Option<&mut MaybeKnown>, &mut Aliases),
    next_conversation: &mut u64,
) -> Result<Vec<u64>, StoreError> {
    let mut wanted: Vec<u64> = mails.iter().flatten().copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    if let Some(known_keys) = &known_keys {
        wanted.retain(|key| known_keys.may_hold(*key));
    }
    let mut known = look_up(connection, org, &wanted).await?;
    let mut new_keys: Vec<(u64, u64)> = Vec::new();
    let mut assigned = Vec::with_capacity(mails.len());
    // What stands for each conversation, once two are joined; and what does so from now on.
    let mut members: Option<FxHashMap<u64, Vec<u64>>> = None;
    let mut joined: BTreeMap<u64, u64> = BTreeMap::new();
    for keys in mails {
        if keys.is_empty() {
            assigned.push(0);
            continue;
        }
        let stands = |conversation: u64, aliases: &Aliases| aliases.get(&conversation).copied().unwrap_or(conversation);
        let mut roots: Vec<u64> = keys.iter().filter_map(|key| known.get(key)).map(|found| stands(*found, aliases)).collect();
        roots.sort_unstable();
        roots.dedup();
        let root = roots.first().copied().unwrap_or_else(|| {
            *next_conversation += 1;
            *next_conversation - 1
        });
        for other in roots.iter().skip(1) {
            // Aliases stay one step deep: whatever stood for `other` now stands for `root`.
            let members = members.get_or_insert_with(|| members_of(aliases));
            let mut moved = members.remove(other).unwrap_or_default();
            moved.push(*other);
            for conversation in &moved {
                aliases.insert(*conversation, root);
                joined.insert(*conversation, root);
            }
            members.entry(root).or_default().extend(moved);
        }
        for key in keys {
            if known.insert(*key, root).is_none() {
                new_keys.push((*key, root));
            }
        }
        assigned.push(root);
    }
    new_keys.sort_unstable();
    if let Some(known_keys) = known_keys {
        for (key, _) in &new_keys {
            known_keys.add(*key);
        }
    }
    let joined: Vec<(u64, u64)> = joined.into_iter().collect();
    let head = "INSERT INTO conversation_keys (org_id, key_hash, conversation) VALUES";
    script.insert_rows(connection, head, 2, "", &new_keys, |values, row| values.bind(row.0 as i64).bind(row.1 as i64)).await?;
    let head = "INSERT INTO conversation_aliases (org_id, conversation, joined) VALUES";
    let replace = "ON CONFLICT (org_id, conversation) DO UPDATE SET joined = excluded.joined";
    script.insert_rows(connection, head, 2, replace, &joined, |values, row| values.bind(row.0 as i64).bind(row.1 as i64)).await?;
    Ok(assigned)
}

/// What stands for each conversation.
fn members_of(aliases: &Aliases) -> FxHashMap<u64, Vec<u64>> {
    let mut members: FxHashMap<u64, Vec<u64>> = FxHashMap::default();
    #[allow(clippy::iter_over_hash_type, reason = "each is moved by itself")]
    for (from, to) in aliases {
        members.entry(*to).or_default().push(*from);
    }
    members
}

/// The conversation of a mail that was kept, by its keys; 0 for whatever has none.
pub(crate) async fn conversation_of(
    connection: &mut SqliteConnection,
    org: OrgId,
    hash_key: &[u8; 32],
    sightings: &[(i64, StoredSighting)],
) -> Result<u64, StoreError> {
    if !sightings.iter().any(|(_, sighting)| sighting.kind == Kind::Email) {
        return Ok(0);
    }
    let known = look_up(connection, org, &keys_of(hash_key, sightings)).await?;
    // All of them stand for the same conversation.
    Ok(known.values().copied().min().unwrap_or(0))
}

async fn look_up(connection: &mut SqliteConnection, org: OrgId, keys: &[u64]) -> Result<FxHashMap<u64, u64>, StoreError> {
    let head = "SELECT key_hash, conversation FROM conversation_keys WHERE org_id = ? AND key_hash IN";
    let rows: Vec<(i64, i64)> = sql::look_up(connection, org, head, keys, |values, key| values.bind(*key as i64)).await?;
    Ok(rows.into_iter().map(|(key, conversation)| (key as u64, conversation as u64)).collect())
}
