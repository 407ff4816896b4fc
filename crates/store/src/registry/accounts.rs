//! Who may sign in: passwords, links that let somebody choose one, and what OpenID providers know people as.

use std::fmt::Write as _;

use rapport_domain::{Moment, OrgId, UserId};

use super::sessions::TokenHash;
use crate::{Store, StoreError, registry::audit};

/// A link that lets somebody choose a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordLink {
    /// Who; `None`: the first administrator.
    pub user: Option<UserId>,
    /// From when it is refused.
    pub expires_at: Moment,
}

/// An OpenID provider.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ProviderRow {
    /// A short word that stands in addresses.
    #[sqlx(rename = "provider_id")]
    pub id: String,
    /// What the sign-in page calls it.
    pub name: String,
    /// Its issuer's address.
    pub issuer: String,
    /// As what we are known there.
    pub client_id: String,
    /// Our secret there, sealed; none for a public client.
    pub secret: Option<Vec<u8>>,
    /// Whether its addresses count as verified where it says nothing about that.
    pub trusts_addresses: bool,
    /// Claim by which it says who is a tenant administrator; none: it does not.
    pub administrator_claim: Option<String>,
    /// What that claim says then, or holds.
    pub administrator_value: Option<String>,
}

/// A sign-in that went to an OpenID provider.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BegunSignIn {
    /// Where it went.
    pub provider_id: String,
    /// What the token must repeat.
    pub nonce: String,
    /// Proves that whoever comes back is who went.
    pub verifier: String,
    /// The page to return to.
    pub return_to: String,
    /// Whether somebody went as the tenant administrator, who needs no account here.
    pub as_tenant_administrator: bool,
    /// From when it is refused.
    pub expires_at_us: i64,
}

impl Store {
    /// Whether anybody can sign in: somebody has a password, or there is an OpenID provider.
    pub async fn has_sign_in(&self, org: OrgId) -> Result<bool, StoreError> {
        let text = "SELECT EXISTS (SELECT 1 FROM accounts WHERE org_id = ?) OR EXISTS (SELECT 1 FROM identity_providers WHERE org_id = ?)";
        Ok(sqlx::query_scalar(text).bind(org.0).bind(org.0).fetch_one(self.readers()).await?)
    }

    /// Whether anybody has a password.
    pub async fn has_accounts(&self, org: OrgId) -> Result<bool, StoreError> {
        let text = "SELECT EXISTS (SELECT 1 FROM accounts WHERE org_id = ?)";
        Ok(sqlx::query_scalar(text).bind(org.0).fetch_one(self.readers()).await?)
    }

    /// The hash of somebody's password.
    pub async fn password_hash(&self, org: OrgId, user: UserId) -> Result<Option<String>, StoreError> {
        let text = "SELECT password_hash FROM accounts WHERE org_id = ? AND user_id = ?";
        Ok(sqlx::query_scalar(text).bind(org.0).bind(user.0).fetch_optional(self.readers()).await?)
    }

    /// Who has a password.
    pub async fn users_with_password(&self, org: OrgId) -> Result<Vec<UserId>, StoreError> {
        let text = "SELECT user_id FROM accounts WHERE org_id = ? ORDER BY user_id";
        let ids: Vec<u32> = sqlx::query_scalar(text).bind(org.0).fetch_all(self.readers()).await?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    /// Keeps somebody's password; all their sessions end. With a link, it is used up, or nothing is done if it was used meanwhile.
    pub async fn set_password(
        &self,
        org: OrgId,
        user: UserId,
        password_hash: &str,
        link: Option<&TokenHash>,
        (actor, now): (&str, Moment),
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if let Some(link) = link {
            let used = sqlx::query("DELETE FROM password_links WHERE org_id = ? AND token_hash = ? AND expires_at_us > ?")
                .bind(org.0)
                .bind(&link[..])
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
            if used.rows_affected() == 0 {
                return Ok(false);
            }
        }
        sqlx::query(
            "INSERT INTO accounts (org_id, user_id, password_hash, changed_at_us) VALUES (?, ?, ?, ?)
             ON CONFLICT (org_id, user_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at_us = excluded.changed_at_us",
        )
        .bind(org.0)
        .bind(user.0)
        .bind(password_hash)
        .bind(now.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM sessions WHERE org_id = ? AND user_id = ?").bind(org.0).bind(user.0).execute(&mut *tx).await?;
        audit::record(&mut tx, org, now, actor, "account.password_set", None, Some(&format!("user {}", user.0))).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes away somebody's password, sessions, tokens, links and what providers know them as; whether there was any.
    pub async fn remove_sign_in(&self, org: OrgId, user: UserId, by: (&str, Moment)) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let mut removed = 0;
        for table in ["accounts", "sessions", "api_tokens", "password_links", "identities"] {
            removed += sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM {table} WHERE org_id = ? AND user_id = ?")))
                .bind(org.0)
                .bind(user.0)
                .execute(&mut *tx)
                .await?
                .rows_affected();
        }
        if removed > 0 {
            audit::record(&mut tx, org, by.1, by.0, "account.removed", Some(&format!("user {}", user.0)), None).await?;
            tx.commit().await?;
        }
        Ok(removed > 0)
    }

    /// Makes a link; earlier ones for the same person are no longer good.
    pub async fn create_password_link(
        &self,
        org: OrgId,
        token: &TokenHash,
        link: PasswordLink,
        by: (&str, Moment),
    ) -> Result<(), StoreError> {
        let user = link.user.map(|user| user.0);
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM password_links WHERE org_id = ? AND (user_id IS ? OR expires_at_us <= ?)")
            .bind(org.0)
            .bind(user)
            .bind(by.1.0)
            .execute(&mut *tx)
            .await?;
        sqlx::query("INSERT INTO password_links (org_id, token_hash, user_id, expires_at_us) VALUES (?, ?, ?, ?)")
            .bind(org.0)
            .bind(&token[..])
            .bind(user)
            .bind(link.expires_at.0)
            .execute(&mut *tx)
            .await?;
        if let Some(user) = user {
            audit::record(&mut tx, org, by.1, by.0, "account.invited", None, Some(&format!("user {user}"))).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The link of a token, while it is good.
    pub async fn password_link(&self, org: OrgId, token: &TokenHash, now: Moment) -> Result<Option<PasswordLink>, StoreError> {
        let text = "SELECT user_id, expires_at_us FROM password_links WHERE org_id = ? AND token_hash = ? AND expires_at_us > ?";
        let row: Option<(Option<u32>, i64)> =
            sqlx::query_as(text).bind(org.0).bind(&token[..]).bind(now.0).fetch_optional(self.readers()).await?;
        Ok(row.map(|(user, expires_at)| PasswordLink { user: user.map(UserId), expires_at: Moment(expires_at) }))
    }

    /// All OpenID providers, by name.
    pub async fn identity_providers(&self, org: OrgId) -> Result<Vec<ProviderRow>, StoreError> {
        let text =
            "SELECT provider_id, name, issuer, client_id, secret, trusts_addresses, administrator_claim, administrator_value
             FROM identity_providers WHERE org_id = ? ORDER BY name, provider_id";
        Ok(sqlx::query_as(text).bind(org.0).fetch_all(self.readers()).await?)
    }

    /// Keeps an OpenID provider.
    pub async fn put_identity_provider(&self, org: OrgId, provider: &ProviderRow, by: (&str, Moment)) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO identity_providers (org_id, provider_id, name, issuer, client_id, secret, trusts_addresses, administrator_claim,
             administrator_value) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (org_id, provider_id) DO UPDATE SET name = excluded.name, issuer = excluded.issuer,
             client_id = excluded.client_id, secret = excluded.secret, trusts_addresses = excluded.trusts_addresses,
             administrator_claim = excluded.administrator_claim, administrator_value = excluded.administrator_value",
        )
        .bind(org.0)
        .bind(&provider.id)
        .bind(&provider.name)
        .bind(&provider.issuer)
        .bind(&provider.client_id)
        .bind(provider.secret.as_deref())
        .bind(provider.trusts_addresses)
        .bind(&provider.administrator_claim)
        .bind(&provider.administrator_value)
        .execute(&mut *tx)
        .await?;
        let mut after = format!("{}: {} as {}", provider.id, provider.issuer, provider.client_id);
        if provider.trusts_addresses {
            after.push_str(", its addresses are trusted");
        }
        if let (Some(claim), Some(value)) = (&provider.administrator_claim, &provider.administrator_value) {
            _ = write!(after, ", tenant administrators by {claim}={value}");
        }
        audit::record(&mut tx, org, by.1, by.0, "identity_provider.set", None, Some(&after)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes an OpenID provider away; whether it was there.
    pub async fn delete_identity_provider(&self, org: OrgId, id: &str, by: (&str, Moment)) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let deleted = sqlx::query("DELETE FROM identity_providers WHERE org_id = ? AND provider_id = ?")
            .bind(org.0)
            .bind(id)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        if deleted > 0 {
            sqlx::query("DELETE FROM sessions WHERE org_id = ? AND signed_in_by = ?")
                .bind(org.0)
                .bind(id)
                .execute(&mut *tx)
                .await?;
            audit::record(&mut tx, org, by.1, by.0, "identity_provider.deleted", Some(id), None).await?;
            tx.commit().await?;
        }
        Ok(deleted > 0)
    }

    /// Remembers a sign-in that goes to a provider, and forgets those that never came back.
    pub async fn begin_sign_in(&self, org: OrgId, state: &TokenHash, begun: &BegunSignIn, now: Moment) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM sign_ins_begun WHERE org_id = ? AND expires_at_us <= ?")
            .bind(org.0)
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO sign_ins_begun (org_id, state_hash, provider_id, nonce, verifier, return_to, as_tenant_administrator, expires_at_us)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(org.0)
        .bind(&state[..])
        .bind(&begun.provider_id)
        .bind(&begun.nonce)
        .bind(&begun.verifier)
        .bind(&begun.return_to)
        .bind(begun.as_tenant_administrator)
        .bind(begun.expires_at_us)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets sign-ins that never came back: where they were to return to may tell whom they looked at.
    pub async fn forget_begun_sign_ins(&self, org: OrgId, now: Moment) -> Result<(), StoreError> {
        // Most of the time there is none, and nobody who writes is kept waiting.
        let text = "SELECT EXISTS (SELECT 1 FROM sign_ins_begun WHERE org_id = ? AND expires_at_us <= ?)";
        if sqlx::query_scalar(text).bind(org.0).bind(now.0).fetch_one(self.readers()).await? {
            sqlx::query("DELETE FROM sign_ins_begun WHERE org_id = ? AND expires_at_us <= ?")
                .bind(org.0)
                .bind(now.0)
                .execute(self.writer())
                .await?;
        }
        Ok(())
    }

    /// The sign-in of a state, once: whoever comes with it again finds nothing.
    pub async fn take_sign_in(&self, org: OrgId, state: &TokenHash, now: Moment) -> Result<Option<BegunSignIn>, StoreError> {
        let text =
            "DELETE FROM sign_ins_begun WHERE org_id = ? AND state_hash = ? RETURNING provider_id, nonce, verifier, return_to,
             as_tenant_administrator, expires_at_us";
        let begun: Option<BegunSignIn> = sqlx::query_as(text).bind(org.0).bind(&state[..]).fetch_optional(self.writer()).await?;
        Ok(begun.filter(|begun| begun.expires_at_us > now.0))
    }

    /// Writes down that a tenant administrator signed in.
    pub async fn note_tenant_administrator(&self, org: OrgId, provider: &str, by: (&str, Moment)) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        audit::record(&mut tx, org, by.1, by.0, "tenant_administrator.signed_in", None, Some(provider)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whom a provider's subject is.
    pub async fn identity(&self, org: OrgId, issuer: &str, subject: &str) -> Result<Option<UserId>, StoreError> {
        let text = "SELECT user_id FROM identities WHERE org_id = ? AND issuer = ? AND subject = ?";
        let id: Option<u32> =
            sqlx::query_scalar(text).bind(org.0).bind(issuer).bind(subject).fetch_optional(self.readers()).await?;
        Ok(id.map(UserId))
    }

    /// Whether a provider knows a user.
    pub async fn has_identity(&self, org: OrgId, user: UserId) -> Result<bool, StoreError> {
        let text = "SELECT EXISTS (SELECT 1 FROM identities WHERE org_id = ? AND user_id = ?)";
        Ok(sqlx::query_scalar(text).bind(org.0).bind(user.0).fetch_one(self.readers()).await?)
    }

    /// Remembers whom a provider's subject is.
    pub async fn link_identity(
        &self,
        org: OrgId,
        issuer: &str,
        subject: &str,
        user: UserId,
        by: (&str, Moment),
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO identities (org_id, issuer, subject, user_id, linked_at_us) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(org.0)
            .bind(issuer)
            .bind(subject)
            .bind(user.0)
            .bind(by.1.0)
            .execute(&mut *tx)
            .await?;
        let after = format!("user {}: {issuer}", user.0);
        audit::record(&mut tx, org, by.1, by.0, "identity.linked", None, Some(&after)).await?;
        tx.commit().await?;
        Ok(())
    }
}
