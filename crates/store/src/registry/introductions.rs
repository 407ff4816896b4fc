//! Requests to a colleague to introduce somebody.

use rapport_domain::{Moment, OrgId, UserId};

use crate::{Store, StoreError};

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntroductionRow {
    /// Its number.
    pub id: i64,
    /// Who asks.
    pub asked_by: UserId,
    /// Who is asked.
    pub colleague: UserId,
    /// Whom to meet: an address, reference or domain.
    pub target_key: String,
    /// Their name.
    pub target_name: String,
    /// What was written.
    pub message: String,
    /// `requested`, `accepted`, `declined`, `introduced` or `withdrawn`.
    pub state: String,
    /// When it was asked.
    pub asked_at: Moment,
    /// When the state moved last.
    pub answered_at: Option<Moment>,
}

pub(super) type Row = (i64, u32, u32, String, String, String, String, i64, Option<i64>);

pub(super) fn row(
    (id, asked_by, colleague, target_key, target_name, message, state, asked_us, answered_us): Row,
) -> IntroductionRow {
    IntroductionRow {
        id,
        asked_by: UserId(asked_by),
        colleague: UserId(colleague),
        target_key,
        target_name,
        message,
        state,
        asked_at: Moment(asked_us),
        answered_at: answered_us.map(Moment),
    }
}

pub(super) const COLUMNS: &str =
    "introduction_id, asked_by, colleague, target_key, target_name, message, state, asked_at_us, answered_at_us";

impl Store {
    /// All requests that a user made or is asked, the newest first.
    pub async fn introductions(&self, org: OrgId, user: UserId) -> Result<Vec<IntroductionRow>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM introductions WHERE org_id = ?1 AND (asked_by = ?2 OR colleague = ?2) ORDER BY introduction_id DESC"
        );
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(org.0).bind(user.0).fetch_all(self.readers()).await?;
        Ok(rows.into_iter().map(row).collect())
    }

    /// Keeps a new request, unless the colleague has so many open ones already, or one of the same person for the same target; its number.
    pub async fn create_introduction(&self, org: OrgId, new: &IntroductionRow, open_max: i64) -> Result<Option<i64>, StoreError> {
        let mut tx = self.begin().await?;
        let (open, same): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), COALESCE(SUM(asked_by = ?3 AND target_key = ?4), 0) FROM introductions
             WHERE org_id = ?1 AND colleague = ?2 AND state = 'requested'",
        )
        .bind(org.0)
        .bind(new.colleague.0)
        .bind(new.asked_by.0)
        .bind(&new.target_key)
        .fetch_one(&mut *tx)
        .await?;
        if open >= open_max || same > 0 {
            return Ok(None);
        }
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO introductions
             SELECT ?1, COALESCE(MAX(introduction_id), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL FROM introductions WHERE org_id = ?1
             RETURNING introduction_id",
        )
        .bind(org.0)
        .bind(new.asked_by.0)
        .bind(new.colleague.0)
        .bind(&new.target_key)
        .bind(&new.target_name)
        .bind(&new.message)
        .bind(&new.state)
        .bind(new.asked_at.0)
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Moves a request from one state to another; whether it was in the one.
    pub async fn move_introduction(
        &self,
        org: OrgId,
        id: i64,
        (from, to): (&str, &str),
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let moved = sqlx::query(
            "UPDATE introductions SET state = ?, answered_at_us = ? WHERE org_id = ? AND introduction_id = ? AND state = ?",
        )
        .bind(to)
        .bind(now.0)
        .bind(org.0)
        .bind(id)
        .bind(from)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        tx.commit().await?;
        Ok(moved > 0)
    }
}
