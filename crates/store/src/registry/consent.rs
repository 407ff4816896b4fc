//! Consent to mailbox data. The whole state machine arrives with the settings pages; the states are its.

use rapport_domain::{Moment, OrgId};

use crate::{Store, StoreError, registry::organizations::bump_facts};

/// What was last said about mailbox data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// `not_requested | pending | granted | expired | declined | revoked`.
    pub state: String,
    /// The text agreed to.
    pub text: String,
    /// Since when.
    pub changed_at: Moment,
}

impl Store {
    /// The consent of an organization; `not_requested` until somebody asked.
    pub async fn consent(&self, org: OrgId) -> Result<Consent, StoreError> {
        let row: Option<(String, String, i64)> =
            sqlx::query_as("SELECT state, text, changed_at_us FROM consent WHERE org_id = ?")
                .bind(org.0)
                .fetch_optional(self.readers())
                .await?;
        let none = || Consent { state: "not_requested".to_owned(), text: String::new(), changed_at: Moment(0) };
        Ok(row.map_or_else(none, |(state, text, at_us)| Consent { state, text, changed_at: Moment(at_us) }))
    }

    /// Enables, requests and grants in one step (05 section 2, command line), each transition in the audit log.
    pub async fn grant_consent(&self, org: OrgId, text: &str, actor: &str, now: Moment) -> Result<(), StoreError> {
        let before = self.consent(org).await?.state;
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO consent (org_id, state, text, changed_at_us, actor) VALUES (?, 'granted', ?, ?, ?)
             ON CONFLICT (org_id) DO UPDATE SET state = excluded.state, text = excluded.text, changed_at_us = excluded.changed_at_us, actor = excluded.actor",
        )
        .bind(org.0)
        .bind(text)
        .bind(now.0)
        .bind(actor)
        .execute(&mut *tx)
        .await?;
        let mut from = before.as_str();
        if from != "granted" {
            if from != "pending" {
                super::audit::record(&mut tx, org, now, actor, "consent.requested", Some(from), Some("pending")).await?;
                from = "pending";
            }
            super::audit::record(&mut tx, org, now, actor, "consent.granted", Some(from), Some(&format!("granted: {text}")))
                .await?;
        }
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        Ok(())
    }
}
