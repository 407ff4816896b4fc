//! Requests of people about what is held on them. The address goes with what is erased.

use rapport_domain::{Moment, OrgId};

use crate::{Store, StoreError};

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacyRequestRow {
    /// Its number.
    pub id: i64,
    /// `erase` or `export`.
    pub kind: String,
    /// `PROCESSING`, `COMPLETED` or `FAILED`.
    pub state: String,
    /// Whose data; gone once it is erased, or no longer to be fetched.
    pub address: Option<String>,
    /// Whether an erased person's objection is kept.
    pub keeps_objection: bool,
    /// Who carries it out.
    pub asked_by: String,
    /// When it was asked.
    pub asked_at: Moment,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// In words, without the address.
    pub outcome: String,
}

type Row = (i64, String, String, Option<String>, bool, String, i64, Option<i64>, String);

fn row((id, kind, state, address, keeps_objection, asked_by, asked_us, ended_us, outcome): Row) -> PrivacyRequestRow {
    PrivacyRequestRow {
        id,
        kind,
        state,
        address,
        keeps_objection,
        asked_by,
        asked_at: Moment(asked_us),
        ended_at: ended_us.map(Moment),
        outcome,
    }
}

impl Store {
    /// All requests, the newest first.
    pub async fn privacy_requests(&self, org: OrgId) -> Result<Vec<PrivacyRequestRow>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT request_id, kind, state, address, keeps_objection, asked_by, asked_at_us, ended_at_us, outcome
             FROM privacy_requests WHERE org_id = ? ORDER BY request_id DESC",
        )
        .bind(org.0)
        .fetch_all(self.readers())
        .await?;
        Ok(rows.into_iter().map(row).collect())
    }

    /// Keeps a new request, `PROCESSING`; its number.
    pub async fn create_privacy_request(
        &self,
        org: OrgId,
        (kind, address, keeps_objection): (&str, &str, bool),
        (actor, now): (&str, Moment),
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO privacy_requests
             SELECT ?1, COALESCE(MAX(request_id), 0) + 1, ?2, 'PROCESSING', ?3, ?4, ?5, ?6, NULL, '' FROM privacy_requests WHERE org_id = ?1
             RETURNING request_id",
        )
        .bind(org.0)
        .bind(kind)
        .bind(address)
        .bind(keeps_objection)
        .bind(actor)
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await?;
        let what = format!("request {id}: {kind}");
        super::audit::record(&mut tx, org, now, actor, "privacy_request.created", None, Some(&what)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Ends a request.
    pub async fn end_privacy_request(
        &self,
        org: OrgId,
        id: i64,
        (state, outcome): (&str, &str),
        (actor, now): (&str, Moment),
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE privacy_requests SET state = ?, outcome = ?, ended_at_us = ? WHERE org_id = ? AND request_id = ?")
            .bind(state)
            .bind(outcome)
            .bind(now.0)
            .bind(org.0)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        let what = format!("request {id}: {state}");
        super::audit::record(&mut tx, org, now, actor, "privacy_request.ended", Some("PROCESSING"), Some(&what)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes the addresses out of requests that ended before a moment: exports are no longer to be fetched.
    pub async fn forget_addresses(&self, org: OrgId, before: Moment) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE privacy_requests SET address = NULL WHERE org_id = ? AND ended_at_us < ? AND address IS NOT NULL")
            .bind(org.0)
            .bind(before.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Writes the file anew and deletes files that nothing names, for an erasure that was stopped before it was done.
    pub async fn finish_erasure(&self) -> Result<(), StoreError> {
        self.write_anew().await?;
        self.delete_every_leftover().await
    }
}
