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

    /// Creates or changes one user by their first address, and says so in the audit log.
    pub async fn put_user(
        &self,
        org: OrgId,
        row: (String, String),
        (actor, now): (&str, Moment),
        (before, after): (Option<&str>, &str),
    ) -> Result<RecordChange, StoreError> {
        let mut tx = self.begin().await?;
        let change = put(&mut tx, org, &[row]).await?[0];
        if change != RecordChange::Unchanged {
            super::audit::record(&mut tx, org, now, actor, "user.changed", before, Some(after)).await?;
            tx.commit().await?;
        }
        Ok(change)
    }

    /// Changes several users, all or none, with an entry of the audit log for each: first address, document, what was and what is.
    pub async fn change_users(
        &self,
        org: OrgId,
        rows: &[(String, String)],
        told: &[(String, String)],
        (actor, now): (&str, Moment),
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let changes = put(&mut tx, org, rows).await?;
        for (_, (before, after)) in changes.iter().zip(told).filter(|(change, _)| **change != RecordChange::Unchanged) {
            super::audit::record(&mut tx, org, now, actor, "user.changed", Some(before), Some(after)).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Creates or changes users by their first address, all or none; what happened to each.
    pub async fn put_users(&self, org: OrgId, rows: &[(String, String)]) -> Result<Vec<RecordChange>, StoreError> {
        let mut tx = self.begin().await?;
        let changes = put(&mut tx, org, rows).await?;
        tx.commit().await?;
        Ok(changes)
    }
}

async fn put(connection: &mut SqliteConnection, org: OrgId, rows: &[(String, String)]) -> Result<Vec<RecordChange>, StoreError> {
    let mut next: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(user_id), 0) + 1 FROM users WHERE org_id = ?")
        .bind(org.0)
        .fetch_one(&mut *connection)
        .await?;
    let mut changes = Vec::with_capacity(rows.len());
    for (email, document) in rows {
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
        changes.push(change);
    }
    if changes.iter().any(|change| *change != RecordChange::Unchanged) {
        bump_facts(connection, org).await?;
    }
    Ok(changes)
}
