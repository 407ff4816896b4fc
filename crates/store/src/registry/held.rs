//! What the registry holds on one person, for whoever asks what is held on them. Nothing here is a secret or a hash of one.

use rapport_domain::{Moment, OrgId, UserId};
use sqlx::AssertSqlSafe;

use super::introductions::{COLUMNS, IntroductionRow, Row, row};
use crate::{Store, StoreError, sql::places};

/// How a user may sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldSignIn {
    /// When their password was set last; none: they have none.
    pub password_set_at: Option<Moment>,
    /// Until when a link lets them choose one.
    pub link_until: Option<Moment>,
    /// What OpenID providers know them as: issuer, subject, since when.
    pub identities: Vec<(String, String, Moment)>,
}

impl Store {
    /// How a user may sign in.
    pub async fn held_sign_in(&self, org: OrgId, user: UserId) -> Result<HeldSignIn, StoreError> {
        let of = |text: &'static str| sqlx::query_scalar::<_, i64>(text).bind(org.0).bind(user.0).fetch_optional(self.readers());
        let password = of("SELECT changed_at_us FROM accounts WHERE org_id = ? AND user_id = ?").await?;
        let link =
            of("SELECT MAX(expires_at_us) FROM password_links WHERE org_id = ? AND user_id = ? HAVING COUNT(*) > 0").await?;
        let identities: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT issuer, subject, linked_at_us FROM identities WHERE org_id = ? AND user_id = ? ORDER BY issuer, subject",
        )
        .bind(org.0)
        .bind(user.0)
        .fetch_all(self.readers())
        .await?;
        let identity = |(issuer, subject, linked_us)| (issuer, subject, Moment(linked_us));
        Ok(HeldSignIn {
            password_set_at: password.map(Moment),
            link_until: link.map(Moment),
            identities: identities.into_iter().map(identity).collect(),
        })
    }

    /// What somebody did, by the name that the audit log has for them, the oldest first: number, when and what.
    pub async fn actions_of(&self, org: OrgId, actor: &str) -> Result<Vec<(i64, Moment, String)>, StoreError> {
        let rows: Vec<(i64, i64, String)> =
            sqlx::query_as("SELECT number, at_us, action FROM audit WHERE org_id = ? AND actor = ? ORDER BY number")
                .bind(org.0)
                .bind(actor)
                .fetch_all(self.readers())
                .await?;
        Ok(rows.into_iter().map(|(number, at_us, action)| (number, Moment(at_us), action)).collect())
    }

    /// Requests to be introduced to somebody, by their addresses and references, the newest first.
    pub async fn introductions_to(&self, org: OrgId, keys: &[String]) -> Result<Vec<IntroductionRow>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM introductions WHERE org_id = ? AND target_key IN ({}) ORDER BY introduction_id DESC",
            places(keys.len())
        );
        let mut query = sqlx::query_as::<_, Row>(AssertSqlSafe(text)).persistent(false).bind(org.0);
        for key in keys {
            query = query.bind(key);
        }
        Ok(query.fetch_all(self.readers()).await?.into_iter().map(row).collect())
    }
}
