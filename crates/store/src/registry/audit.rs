//! The audit log: who did what when. Append-only.

use rapport_domain::{Moment, OrgId};

use crate::{Store, StoreError};

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// From 1, without gaps.
    pub number: i64,
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: String,
    /// What, e.g. `consent.granted`.
    pub action: String,
    /// State before.
    pub before: Option<String>,
    /// State after.
    pub after: Option<String>,
}

impl Store {
    /// Entries from the newest, at most `limit`.
    pub async fn audit_entries(&self, org: OrgId, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        type Row = (i64, i64, String, String, Option<String>, Option<String>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT number, at_us, actor, action, before, after FROM audit WHERE org_id = ? ORDER BY number DESC LIMIT ?",
        )
        .bind(org.0)
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        let entry = |(number, at_us, actor, action, before, after)| AuditEntry {
            number,
            at: Moment(at_us),
            actor,
            action,
            before,
            after,
        };
        Ok(rows.into_iter().map(entry).collect())
    }
}

/// Adds an entry inside the transaction of what it describes.
pub(crate) async fn record(
    connection: &mut sqlx::SqliteConnection,
    org: OrgId,
    now: Moment,
    actor: &str,
    action: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO audit (org_id, number, at_us, actor, action, before, after)
         SELECT ?1, COALESCE(MAX(number), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM audit WHERE org_id = ?1",
    )
    .bind(org.0)
    .bind(now.0)
    .bind(actor)
    .bind(action)
    .bind(before)
    .bind(after)
    .execute(connection)
    .await?;
    Ok(())
}
