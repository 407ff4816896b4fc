//! The addresses, records and aliases that appending looks up, in memory between batches.

use rapport_domain::{OrgId, RecordRef, Side, Who};
use rustc_hash::{FxHashMap, FxHashSet};
use sqlx::SqliteConnection;

use super::{changes::Changed, identities::Identities, known::MaybeKnown};
use crate::{Aliases, StoreError, sql::Script};

/// Whose address is ours: users' addresses, and internal domains.
#[derive(Clone, Debug, Default)]
pub struct OursRule {
    /// Normalized addresses and aliases of users.
    pub addresses: FxHashSet<String>,
    /// Normalized internal domains.
    pub domains: FxHashSet<String>,
}

impl OursRule {
    /// Whether a participant is ours. A reference to a contact or lead is theirs.
    pub fn is_ours(&self, who: &Who) -> bool {
        who.address().is_some_and(|address| self.is_our_key(address.as_str()))
    }

    /// Whether a stored key (address or reference) is ours.
    pub fn is_our_key(&self, key: &str) -> bool {
        let domain = key.rsplit_once('@').map_or("", |(_, domain)| domain);
        !domain.is_empty() && (self.domains.contains(domain) || self.addresses.contains(key))
    }

    fn side(&self, key: &str) -> Side {
        if self.is_our_key(key) { Side::Ours } else { Side::Theirs }
    }
}

/// What the tables say, as of `facts_version`; dropped when a batch fails or somebody else wrote.
#[derive(Debug)]
pub(crate) struct Caches {
    pub(crate) facts_version: i64,
    pub(crate) addresses: FxHashMap<Box<str>, u32>,
    pub(crate) sides: Vec<Side>,
    pub(crate) names: Vec<(i64, Option<Box<str>>)>,
    pub(crate) records: FxHashMap<RecordRef, u32>,
    pub(crate) next_record: u32,
    pub(crate) aliases: Aliases,
    /// Where identities lie.
    pub(crate) identities: Identities,
    /// Keys of conversations, where all of them were added by whoever holds these caches.
    pub(crate) conversation_keys: Option<MaybeKnown>,
    /// What the transaction has changed so far.
    pub(crate) changed: Changed,
}

/// Rows that a batch adds to the registry.
#[derive(Default)]
pub(crate) struct NewRows {
    pub(crate) addresses: Vec<(u32, Box<str>)>,
    pub(crate) named: Vec<u32>,
    pub(crate) records: Vec<(u32, RecordRef)>,
}

impl Caches {
    /// Reads the caches, unless those of the last batch still hold.
    pub(crate) async fn fresh(
        connection: &mut SqliteConnection,
        org: OrgId,
        ours: &OursRule,
        caches: Option<Self>,
    ) -> Result<Self, StoreError> {
        let facts_version: i64 = sqlx::query_scalar("SELECT facts_version FROM organizations WHERE org_id = ?")
            .bind(org.0)
            .fetch_one(&mut *connection)
            .await?;
        if let Some(mut caches) = caches.filter(|caches| caches.facts_version == facts_version) {
            caches.changed = Changed::default();
            return Ok(caches);
        }
        let rows: Vec<(u32, String, Option<String>, i64)> =
            sqlx::query_as("SELECT address_id, key, name, name_at_us FROM addresses WHERE org_id = ? ORDER BY address_id")
                .bind(org.0)
                .fetch_all(&mut *connection)
                .await?;
        let (has_interactions, has_keys): (bool, bool) = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM sighting_blocks WHERE org_id = ?1), EXISTS (SELECT 1 FROM conversation_keys WHERE org_id = ?1)",
        )
        .bind(org.0)
        .fetch_one(&mut *connection)
        .await?;
        let len = rows.last().map_or(0, |row| row.0 as usize);
        let mut caches = Self {
            facts_version,
            addresses: FxHashMap::default(),
            sides: vec![Side::Theirs; len],
            names: vec![(0, None); len],
            records: FxHashMap::default(),
            next_record: 1,
            aliases: Aliases::default(),
            identities: if has_interactions { Identities::default() } else { Identities::nothing() },
            conversation_keys: (!has_keys).then(MaybeKnown::nothing),
            changed: Changed::default(),
        };
        for (id, key, name, at_us) in rows {
            caches.sides[id as usize - 1] = ours.side(&key);
            caches.names[id as usize - 1] = (at_us, name.map(String::into_boxed_str));
            caches.addresses.insert(key.into_boxed_str(), id);
        }
        let records: Vec<(u32, u8, String)> = sqlx::query_as("SELECT record_id, record_table, id FROM records WHERE org_id = ?")
            .bind(org.0)
            .fetch_all(&mut *connection)
            .await?;
        for (record, table, id) in records {
            caches.next_record = caches.next_record.max(record + 1);
            if let Some(table) = rapport_domain::Table::from_code(table) {
                caches.records.insert(RecordRef { table, id }, record);
            }
        }
        let aliases: Vec<(i64, i64)> = sqlx::query_as("SELECT conversation, joined FROM conversation_aliases WHERE org_id = ?")
            .bind(org.0)
            .fetch_all(&mut *connection)
            .await?;
        caches.aliases = aliases.into_iter().map(|(old, new)| (old as u64, new as u64)).collect();
        Ok(caches)
    }

    pub(crate) fn address(&mut self, key: &str, ours: &OursRule, new_rows: &mut NewRows) -> u32 {
        if let Some(id) = self.addresses.get(key) {
            return *id;
        }
        let id = self.sides.len() as u32 + 1;
        self.addresses.insert(key.into(), id);
        self.sides.push(ours.side(key));
        self.names.push((0, None));
        new_rows.addresses.push((id, key.into()));
        id
    }

    /// The display name seen last holds; of two at one moment, the smaller.
    pub(crate) fn name(&mut self, address: u32, name: &str, at_us: i64, new_rows: &mut NewRows) {
        let (known_at_us, known) = &mut self.names[address as usize - 1];
        let newer = known.as_deref().is_none_or(|known| at_us > *known_at_us || (at_us == *known_at_us && name < known));
        if newer {
            *known_at_us = at_us;
            if known.as_deref() != Some(name) {
                *known = Some(name.into());
                self.changed.rename(address);
            }
            new_rows.named.push(address);
        }
    }

    pub(crate) fn record(&mut self, reference: RecordRef, new_rows: &mut NewRows) -> u32 {
        if let Some(record) = self.records.get(&reference) {
            return *record;
        }
        let record = self.next_record;
        self.next_record += 1;
        self.changed.touch_anything();
        new_rows.records.push((record, reference.clone()));
        self.records.insert(reference, record);
        record
    }
}

impl NewRows {
    pub(crate) fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.named.is_empty() && self.records.is_empty()
    }

    /// Adds what is new to a script.
    pub(crate) async fn write(
        &mut self,
        connection: &mut SqliteConnection,
        script: &mut Script,
        names: &[(i64, Option<Box<str>>)],
    ) -> Result<(), StoreError> {
        let head = "INSERT INTO addresses (org_id, address_id, key) VALUES";
        script.insert_rows(connection, head, 2, "", &self.addresses, |values, row| values.bind(row.0).bind(&*row.1)).await?;
        self.named.sort_unstable();
        self.named.dedup();
        let name = |address: &u32| {
            let (at_us, name) = &names[*address as usize - 1];
            (*address, *at_us, name.as_deref())
        };
        let named: Vec<(u32, i64, Option<&str>)> = self.named.iter().map(name).collect();
        let head = "UPDATE addresses SET name_at_us = seen.column3, name = seen.column4 FROM (VALUES";
        let tail = ") AS seen WHERE addresses.org_id = seen.column1 AND addresses.address_id = seen.column2";
        script.insert_rows(connection, head, 3, tail, &named, |values, row| values.bind(row.0).bind(row.1).bind(row.2)).await?;
        let head = "INSERT INTO records (org_id, record_id, record_table, id) VALUES";
        script
            .insert_rows(connection, head, 3, "", &self.records, |values, row| {
                values.bind(row.0).bind(row.1.table as u8).bind(&row.1.id)
            })
            .await
    }
}
