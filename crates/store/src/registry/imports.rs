//! What was imported when, with its report.

use rapport_domain::{Moment, OrgId};

use crate::{Store, StoreError};

/// One import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// From 1.
    pub import_id: i64,
    /// `import mail`, `import crm`, ...
    pub command: String,
    /// When it began.
    pub started_at: Moment,
    /// When it ended; `None` while it runs, or when it was killed.
    pub finished_at: Option<Moment>,
    /// `running | completed | failed`.
    pub state: String,
    /// The report as JSON.
    pub report: String,
}

impl Store {
    /// Notes that an import begins; its id.
    pub async fn begin_import(&self, org: OrgId, command: &str, now: Moment) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(
            "INSERT INTO imports (org_id, import_id, command, started_at_us, state, report)
             SELECT ?1, COALESCE(MAX(import_id), 0) + 1, ?2, ?3, 'running', '{}' FROM imports WHERE org_id = ?1 RETURNING import_id",
        )
        .bind(org.0)
        .bind(command)
        .bind(now.0)
        .fetch_one(self.writer())
        .await?)
    }

    /// Notes how it ended.
    pub async fn finish_import(&self, org: OrgId, import_id: i64, state: &str, report: &str, now: Moment) -> Result<(), StoreError> {
        sqlx::query("UPDATE imports SET finished_at_us = ?, state = ?, report = ? WHERE org_id = ? AND import_id = ?")
            .bind(now.0)
            .bind(state)
            .bind(report)
            .bind(org.0)
            .bind(import_id)
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Imports from the newest, at most `limit`.
    pub async fn imports(&self, org: OrgId, limit: u32) -> Result<Vec<ImportRow>, StoreError> {
        type Row = (i64, String, i64, Option<i64>, String, String);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT import_id, command, started_at_us, finished_at_us, state, report FROM imports
             WHERE org_id = ? ORDER BY import_id DESC LIMIT ?",
        )
        .bind(org.0)
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        let row = |(import_id, command, started, finished, state, report): Row| ImportRow {
            import_id,
            command,
            started_at: Moment(started),
            finished_at: finished.map(Moment),
            state,
            report,
        };
        Ok(rows.into_iter().map(row).collect())
    }
}
