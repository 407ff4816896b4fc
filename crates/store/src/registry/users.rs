//! Users as documents, found by their first address.

use rapport_domain::{Moment, OrgId, UserId};
use sqlx::SqliteConnection;

use crate::{Store, StoreError, registry::organizations::bump_facts, registry::records::RecordChange};

/// One user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// Dense id.
    pub id: UserId,
    /// First address, normalized.
    pub email: String,
    /// The row as imported, JSON.
    pub document: String,
    /// Since when opted out.
    pub opted_out_at: Option<Moment>,
    /// Whether they are asked before others learn that they can introduce.
    pub asks_first: bool,
}

/// A user to create or to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    /// First address, normalized.
    pub email: String,
    /// The row, JSON.
    pub document: String,
    /// What the audit log says of them as they were; `None`: they are new.
    pub before: Option<String>,
    /// What it says of them as they are.
    pub after: String,
}

impl Store {
    /// All users, by id.
    pub async fn users(&self, org: OrgId) -> Result<Vec<UserRow>, StoreError> {
        let rows: Vec<(u32, String, String, Option<i64>, bool)> = sqlx::query_as(
            "SELECT user_id, email, document, opted_out_at_us, asks_first FROM users WHERE org_id = ? ORDER BY user_id",
        )
        .bind(org.0)
        .fetch_all(self.readers())
        .await?;
        let row = |(id, email, document, opted_out, asks_first): (u32, _, _, Option<i64>, bool)| UserRow {
            asks_first,
            id: UserId(id),
            email,
            document,
            opted_out_at: opted_out.map(Moment),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Opts a user out since a moment, or in again; whether that changed anything.
    pub async fn set_opt_out(
        &self,
        org: OrgId,
        user: UserId,
        opted_out_at: Option<Moment>,
        (actor, now): (&str, Moment),
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let before: Option<i64> = sqlx::query_scalar("SELECT opted_out_at_us FROM users WHERE org_id = ? AND user_id = ?")
            .bind(org.0)
            .bind(user.0)
            .fetch_one(&mut *tx)
            .await?;
        if before.is_some() == opted_out_at.is_some() {
            return Ok(false);
        }
        sqlx::query("UPDATE users SET opted_out_at_us = ? WHERE org_id = ? AND user_id = ?")
            .bind(opted_out_at.map(|at| at.0))
            .bind(org.0)
            .bind(user.0)
            .execute(&mut *tx)
            .await?;
        let action = if opted_out_at.is_some() { "user.opted_out" } else { "user.opted_in" };
        super::audit::record(&mut tx, org, now, actor, action, None, Some(&format!("user {}", user.0))).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Says whether a user is asked before others learn that they can introduce; whether that changed anything.
    pub async fn set_asks_first(
        &self,
        org: OrgId,
        user: UserId,
        asks_first: bool,
        (actor, now): (&str, Moment),
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query("UPDATE users SET asks_first = ?1 WHERE org_id = ?2 AND user_id = ?3 AND asks_first <> ?1")
            .bind(asks_first)
            .bind(org.0)
            .bind(user.0)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        if changed == 0 {
            return Ok(false);
        }
        let action = if asks_first { "user.asks_first" } else { "user.shown_at_once" };
        super::audit::record(&mut tx, org, now, actor, action, None, Some(&format!("user {}", user.0))).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Creates or changes users by their first address, all or none, with an entry of the audit log for each that changed; what happened
    /// to each.
    pub async fn put_users(
        &self,
        org: OrgId,
        rows: &[NewUser],
        (actor, now): (&str, Moment),
    ) -> Result<Vec<RecordChange>, StoreError> {
        let mut tx = self.begin().await?;
        let changes = put(&mut tx, org, rows, (actor, now)).await?;
        tx.commit().await?;
        Ok(changes)
    }
}

/// Creates or changes users as part of a transaction.
pub(super) async fn put(
    connection: &mut SqliteConnection,
    org: OrgId,
    rows: &[NewUser],
    (actor, now): (&str, Moment),
) -> Result<Vec<RecordChange>, StoreError> {
    let mut next: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(user_id), 0) + 1 FROM users WHERE org_id = ?")
        .bind(org.0)
        .fetch_one(&mut *connection)
        .await?;
    let mut changes = Vec::with_capacity(rows.len());
    for NewUser { email, document, before, after } in rows {
        let known: Option<String> = sqlx::query_scalar("SELECT document FROM users WHERE org_id = ? AND email = ?")
            .bind(org.0)
            .bind(email)
            .fetch_optional(&mut *connection)
            .await?;
        let change = RecordChange::between(known.as_deref(), document);
        if change == RecordChange::Created {
            sqlx::query("INSERT INTO users (org_id, user_id, email, document) VALUES (?, ?, ?, ?)")
                .bind(org.0)
                .bind(next)
                .bind(email)
                .bind(document)
                .execute(&mut *connection)
                .await?;
            next += 1;
        } else if change == RecordChange::Changed {
            sqlx::query("UPDATE users SET document = ? WHERE org_id = ? AND email = ?")
                .bind(document)
                .bind(org.0)
                .bind(email)
                .execute(&mut *connection)
                .await?;
        }
        if change != RecordChange::Unchanged {
            super::audit::record(connection, org, now, actor, "user.changed", before.as_deref(), Some(after)).await?;
        }
        changes.push(change);
    }
    if changes.iter().any(|change| *change != RecordChange::Unchanged) {
        bump_facts(connection, org).await?;
    }
    Ok(changes)
}
