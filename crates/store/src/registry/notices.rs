//! Who was told that their mailbox will be read.

use std::collections::{BTreeMap, BTreeSet};

use rapport_domain::{Moment, OrgId, UserId};

use crate::{Store, StoreError};

impl Store {
    /// Users who were told, and when.
    pub async fn mailbox_notices(&self, org: OrgId) -> Result<BTreeMap<UserId, Moment>, StoreError> {
        let text = "SELECT user_id, given_at_us FROM mailbox_notices WHERE org_id = ?";
        let rows: Vec<(u32, i64)> = sqlx::query_as(text).bind(org.0).fetch_all(self.readers()).await?;
        Ok(rows.into_iter().map(|(user, at)| (UserId(user), Moment(at))).collect())
    }

    /// Gives notice to users who have none, and takes back that of those whose mailbox will not be read.
    pub async fn set_mailbox_notices(
        &self,
        org: OrgId,
        (new, gone): (&BTreeSet<UserId>, &BTreeSet<UserId>),
        (actor, now): (&str, Moment),
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for user in gone {
            sqlx::query("DELETE FROM mailbox_notices WHERE org_id = ? AND user_id = ?")
                .bind(org.0)
                .bind(user.0)
                .execute(&mut *tx)
                .await?;
        }
        for user in new {
            sqlx::query("INSERT INTO mailbox_notices VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(org.0)
                .bind(user.0)
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
        }
        let listed = |users: &BTreeSet<UserId>| users.iter().map(|user| user.0.to_string()).collect::<Vec<_>>().join(", ");
        for (action, users) in [("mailbox_notice.taken_back", gone), ("mailbox_notice.given", new)] {
            if !users.is_empty() {
                let after = format!("users {}", listed(users));
                super::audit::record(&mut tx, org, now, actor, action, None, Some(&after)).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
