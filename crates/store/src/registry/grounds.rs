//! Grounds: what decides whether a copy may be kept, as one digest. Equal grounds judge alike.

use rapport_domain::OrgId;
use sqlx::SqliteConnection;

use crate::{Store, StoreError};

/// What a copy was judged by: consent, roles and groups, where the data lies, whose address is whose, opt-outs, private contacts,
/// objections, settings. The ledger is no part of it, so that an import does not outdate its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grounds {
    digest: [u8; 32],
    /// Whether records are part of it: they decide only where capture keeps to people of the CRM.
    with_records: bool,
}

impl Store {
    /// What a copy is judged by now. Read it before what is judged with: then a change between the two is noticed later, not missed.
    pub async fn grounds(&self, org: OrgId, with_records: bool) -> Result<Grounds, StoreError> {
        // One transaction: all parts are of one moment.
        let mut tx = self.readers().begin().await?;
        read(&mut tx, org, with_records).await
    }
}

impl Grounds {
    /// Whether they are the same now; inside a transaction that writes, they stay so until it ends.
    pub(crate) async fn hold(&self, connection: &mut SqliteConnection, org: OrgId) -> Result<bool, StoreError> {
        Ok(read(connection, org, self.with_records).await? == *self)
    }
}

/// What decides, a row a text, each part in an order of its own. People merged by hand: a private contact is one with all addresses.
const PARTS: [&str; 6] = [
    "SELECT json_array(mailbox, roles, excluded_groups, location_source, location, consent) FROM enabling WHERE org_id = ?",
    "SELECT json_array(user_id, email, document, opted_out_at_us) FROM users WHERE org_id = ? ORDER BY user_id",
    "SELECT json_array(user_id, contact) FROM private_contacts WHERE org_id = ? ORDER BY user_id, contact",
    "SELECT json_array(kept_key, merged_key, undone_at_us) FROM people_merges WHERE org_id = ? ORDER BY merge_id",
    "SELECT domain FROM internal_domains WHERE org_id = ? ORDER BY domain",
    "SELECT hex(address_hash) FROM objections WHERE org_id = ? ORDER BY address_hash",
];

/// Records that only an interaction names have no document, and decide nothing.
const RECORDS: &str =
    "SELECT json_array(record_table, id, document) FROM records WHERE org_id = ? AND document IS NOT NULL ORDER BY record_id";

async fn read(connection: &mut SqliteConnection, org: OrgId, with_records: bool) -> Result<Grounds, StoreError> {
    let mut hasher = blake3::Hasher::new_derive_key("rapport grounds 1");
    let settings: i64 = sqlx::query_scalar("SELECT settings_version FROM organizations WHERE org_id = ?")
        .bind(org.0)
        .fetch_one(&mut *connection)
        .await?;
    hasher.update(&settings.to_le_bytes());
    for part in PARTS.into_iter().chain(with_records.then_some(RECORDS)) {
        let rows: Vec<String> = sqlx::query_scalar(part).bind(org.0).fetch_all(&mut *connection).await?;
        hasher.update(&(rows.len() as u64).to_le_bytes());
        for row in &rows {
            hasher.update(&(row.len() as u64).to_le_bytes()).update(row.as_bytes());
        }
    }
    Ok(Grounds { digest: hasher.finalize().into(), with_records })
}
