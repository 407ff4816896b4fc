//! Subscriptions: what mail systems were asked to tell of mailboxes by themselves.

use rapport_domain::{Moment, OrgId, UserId};

use crate::{Organization, Store, StoreError};

/// A subscription to the mail or the events of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SubscriptionRow {
    /// Which connector.
    pub connector: String,
    /// Whose mailbox.
    pub user_id: u32,
    /// `mail` or `calendar`.
    pub kind: String,
    /// As the mail system calls it; there is none now, if absent.
    pub subscription: Option<String>,
    /// Part of what a notification has to prove.
    pub nonce: Vec<u8>,
    /// Where notifications go.
    pub url: String,
    /// Until when it lives.
    pub expires_at_us: i64,
    /// Whether it tells nothing before it is authorized anew.
    pub is_challenged: bool,
    /// Nothing is asked before.
    pub retry_at_us: i64,
    /// Why it failed last; none since it succeeded.
    pub error: Option<String>,
}

impl SubscriptionRow {
    /// Whether it tells of news at a moment.
    pub fn is_live(&self, now: Moment) -> bool {
        self.subscription.is_some() && self.expires_at_us > now.0 && !self.is_challenged
    }
}

impl Organization {
    /// What a notification of a subscription has to bring along: known to nobody but whoever has our key and the mail system.
    pub fn client_state(&self, connector: &str, user: UserId, kind: &str, nonce: &[u8]) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.hash_key);
        hasher.update(b"a subscription");
        for part in [connector.as_bytes(), &user.0.to_le_bytes(), kind.as_bytes(), nonce] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        hasher.finalize().to_hex().to_string()
    }
}

impl Store {
    /// All subscriptions, those of one mailbox next to each other.
    pub async fn subscriptions(&self, org: OrgId) -> Result<Vec<SubscriptionRow>, StoreError> {
        let text = "SELECT * FROM subscriptions WHERE org_id = ? ORDER BY connector, user_id, kind";
        Ok(sqlx::query_as(text).bind(org.0).fetch_all(self.readers()).await?)
    }

    /// Those of one mailbox.
    pub async fn subscriptions_of(&self, org: OrgId, id: &str, user: UserId) -> Result<Vec<SubscriptionRow>, StoreError> {
        let text = "SELECT * FROM subscriptions WHERE org_id = ? AND connector = ? AND user_id = ? ORDER BY kind";
        Ok(sqlx::query_as(text).bind(org.0).bind(id).bind(user.0).fetch_all(self.readers()).await?)
    }

    /// Keeps how a subscription stands, while there is such a mailbox.
    pub async fn put_subscription(&self, org: OrgId, row: &SubscriptionRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT OR REPLACE INTO subscriptions (org_id, connector, user_id, kind, subscription, nonce, url, expires_at_us, is_challenged,
             retry_at_us, error) SELECT org_id, connector, user_id, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
             FROM captured_mailboxes WHERE org_id = ?1 AND connector = ?2 AND user_id = ?3",
        )
        .bind(org.0)
        .bind(&row.connector)
        .bind(row.user_id)
        .bind(&row.kind)
        .bind(&row.subscription)
        .bind(&row.nonce)
        .bind(&row.url)
        .bind(row.expires_at_us)
        .bind(row.is_challenged)
        .bind(row.retry_at_us)
        .bind(&row.error)
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Notes that a subscription tells nothing before it is authorized anew.
    pub async fn challenge_subscription(&self, org: OrgId, (id, user, kind): (&str, UserId, &str)) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE subscriptions SET is_challenged = 1, retry_at_us = 0 WHERE org_id = ? AND connector = ? AND user_id = ? AND kind = ?",
        )
        .bind(org.0)
        .bind(id)
        .bind(user.0)
        .bind(kind)
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Forgets a subscription.
    pub async fn delete_subscription(&self, org: OrgId, (id, user, kind): (&str, UserId, &str)) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM subscriptions WHERE org_id = ? AND connector = ? AND user_id = ? AND kind = ?")
            .bind(org.0)
            .bind(id)
            .bind(user.0)
            .bind(kind)
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Forgets all subscriptions of a connector.
    pub async fn delete_subscriptions(&self, org: OrgId, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM subscriptions WHERE org_id = ? AND connector = ?")
            .bind(org.0)
            .bind(id)
            .execute(self.writer())
            .await?;
        Ok(())
    }
}
