//! Addresses and domains of people whom an employee keeps to themselves.

use rapport_domain::{Moment, OrgId, UserId};

use crate::{Store, StoreError, registry::organizations::bump_facts};

impl Store {
    /// All private contacts with whose they are.
    pub async fn private_contacts(&self, org: OrgId) -> Result<Vec<(UserId, String)>, StoreError> {
        let rows: Vec<(u32, String)> =
            sqlx::query_as("SELECT user_id, contact FROM private_contacts WHERE org_id = ? ORDER BY user_id, contact")
                .bind(org.0)
                .fetch_all(self.readers())
                .await?;
        Ok(rows.into_iter().map(|(user, contact)| (UserId(user), contact)).collect())
    }

    /// Sets a user's private contacts; whether that changed anything. The audit log says how many, and never who.
    pub async fn set_private_contacts(
        &self,
        org: OrgId,
        user: UserId,
        contacts: &[String],
        (actor, now): (&str, Moment),
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let before: Vec<String> =
            sqlx::query_scalar("SELECT contact FROM private_contacts WHERE org_id = ? AND user_id = ? ORDER BY contact")
                .bind(org.0)
                .bind(user.0)
                .fetch_all(&mut *tx)
                .await?;
        let mut after = contacts.to_vec();
        after.sort();
        after.dedup();
        if before == after {
            return Ok(false);
        }
        for contact in before.iter().filter(|contact| !after.contains(contact)) {
            sqlx::query("DELETE FROM private_contacts WHERE org_id = ? AND user_id = ? AND contact = ?")
                .bind(org.0)
                .bind(user.0)
                .bind(contact)
                .execute(&mut *tx)
                .await?;
        }
        for contact in after.iter().filter(|contact| !before.contains(contact)) {
            sqlx::query("INSERT INTO private_contacts VALUES (?, ?, ?, ?)")
                .bind(org.0)
                .bind(user.0)
                .bind(contact)
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
        }
        let in_words = |count: usize| format!("user {}: {count} private contacts", user.0);
        let (before, after) = (in_words(before.len()), in_words(after.len()));
        super::audit::record(&mut tx, org, now, actor, "user.private_contacts", Some(&before), Some(&after)).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        Ok(true)
    }
}
