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
    /// When it began; when it was queued, while it waits.
    pub started_at: Moment,
    /// When it ended; `None` while it runs, or when it was killed.
    pub finished_at: Option<Moment>,
    /// `queued | running | completed | failed`.
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

    /// Notes that an uploaded import waits for its turn; its id.
    pub async fn queue_import(&self, org: OrgId, command: &str, now: Moment) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(
            "INSERT INTO imports (org_id, import_id, command, started_at_us, state, report, is_upload)
             SELECT ?1, COALESCE(MAX(import_id), 0) + 1, ?2, ?3, 'queued', '{}', 1 FROM imports WHERE org_id = ?1 RETURNING import_id",
        )
        .bind(org.0)
        .bind(command)
        .bind(now.0)
        .fetch_one(self.writer())
        .await?)
    }

    /// Notes that an import that waited begins.
    pub async fn start_import(&self, org: OrgId, import_id: i64, now: Moment) -> Result<(), StoreError> {
        sqlx::query("UPDATE imports SET started_at_us = ?, state = 'running' WHERE org_id = ? AND import_id = ?")
            .bind(now.0)
            .bind(org.0)
            .bind(import_id)
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Notes that uploaded imports that neither waited to their turn nor ended never will; how many.
    pub async fn abandon_uploads(&self, org: OrgId, report: &str, now: Moment) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "UPDATE imports SET finished_at_us = ?, state = 'failed', report = ?
             WHERE org_id = ? AND is_upload = 1 AND state IN ('queued', 'running')",
        )
        .bind(now.0)
        .bind(report)
        .bind(org.0)
        .execute(self.writer())
        .await?;
        Ok(done.rows_affected())
    }

    /// Notes how it ended.
    pub async fn finish_import(
        &self,
        org: OrgId,
        import_id: i64,
        state: &str,
        report: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
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
        self.imports_before(org, i64::MAX, limit).await
    }

    /// Imports with smaller ids than `before`, from the newest, at most `limit`.
    pub async fn imports_before(&self, org: OrgId, before: i64, limit: u32) -> Result<Vec<ImportRow>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT import_id, command, started_at_us, finished_at_us, state, report FROM imports
             WHERE org_id = ? AND import_id < ? ORDER BY import_id DESC LIMIT ?",
        )
        .bind(org.0)
        .bind(before)
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        Ok(rows.into_iter().map(row).collect())
    }

    /// One import, if there is one of this id.
    pub async fn import(&self, org: OrgId, import_id: i64) -> Result<Option<ImportRow>, StoreError> {
        let found: Option<Row> = sqlx::query_as(
            "SELECT import_id, command, started_at_us, finished_at_us, state, report FROM imports WHERE org_id = ? AND import_id = ?",
        )
        .bind(org.0)
        .bind(import_id)
        .fetch_optional(self.readers())
        .await?;
        Ok(found.map(row))
    }

    /// How many imports there are.
    pub async fn import_count(&self, org: OrgId) -> Result<u64, StoreError> {
        let count: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM imports WHERE org_id = ?").bind(org.0).fetch_one(self.readers()).await?;
        Ok(count as u64)
    }
}

type Row = (i64, String, i64, Option<i64>, String, String);

fn row((import_id, command, started, finished, state, report): Row) -> ImportRow {
    ImportRow { import_id, command, started_at: Moment(started), finished_at: finished.map(Moment), state, report }
}
