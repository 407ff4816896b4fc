//! What is in scope of capture, and which mailboxes have to be read again because more is.
//!
//! Addresses stand under keyed hashes. Each has the number of the widening that brought it; a mailbox has that of the last one before its
//! history was read. What is greater was left out then.

use std::collections::BTreeMap;

use rapport_domain::{Moment, OrgId};

use crate::{Organization, Store, StoreError};

/// Bytes of a hash: no two of an organization are ever alike.
const KEY_BYTES: usize = 16;

/// What stands for a person, a domain or a rule that is in scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScopeKey([u8; KEY_BYTES]);

/// Something that is in scope, and what it was in scope by before it stood there itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InScope {
    /// What stands for it.
    pub key: ScopeKey,
    /// Whoever has one of these in scope has this in scope.
    pub covered_by: Vec<ScopeKey>,
}

/// When mailboxes are read again.
#[derive(Clone, Copy, Debug)]
pub struct Rereading {
    /// What is older is not read again.
    pub history_from: Moment,
    /// Nothing was added for so long,
    pub quiet_us: i64,
    /// or the first addition waits for so long.
    pub patience_us: i64,
    /// No mailbox is read again more often.
    pub every_us: i64,
    /// Mailboxes that are read again at a time.
    pub at_a_time: i64,
}

impl Organization {
    /// What stands for something in scope: `kind` says what it is.
    pub fn scope_key(&self, kind: &str, text: &str) -> ScopeKey {
        let mut hasher = blake3::Hasher::new_keyed(&self.hash_key);
        hasher.update(b"in scope of capture").update(&[kind.len() as u8]).update(kind.as_bytes()).update(text.as_bytes());
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(&hasher.finalize().as_bytes()[..KEY_BYTES]);
        ScopeKey(key)
    }
}

impl Store {
    /// Notes what is in scope now. What was not, by whatever covers it, is a widening; of the first time everything was. Whether it widened.
    pub async fn note_scope(&self, org: OrgId, in_scope: &[InScope], now: Moment) -> Result<bool, StoreError> {
        let rows: Vec<(Vec<u8>, i64)> =
            sqlx::query_as("SELECT key, widening FROM scope_keys WHERE org_id = ?").bind(org.0).fetch_all(self.readers()).await?;
        let damaged = || StoreError::damaged("what is in scope is damaged");
        let key = |bytes: Vec<u8>| Ok::<_, StoreError>(ScopeKey(bytes.try_into().map_err(|_| damaged())?));
        let known = rows.into_iter().map(|(bytes, widening)| Ok((key(bytes)?, widening)));
        let known: BTreeMap<ScopeKey, i64> = known.collect::<Result<_, StoreError>>()?;
        let now_in: BTreeMap<ScopeKey, &InScope> = in_scope.iter().map(|one| (one.key, one)).collect();
        let gone: Vec<&ScopeKey> = known.keys().filter(|key| !now_in.contains_key(key)).collect();
        let new: Vec<&InScope> = now_in.values().filter(|one| !known.contains_key(&one.key)).copied().collect();
        if gone.is_empty() && new.is_empty() {
            return Ok(false);
        }
        let covered = |one: &InScope| one.covered_by.iter().filter_map(|key| known.get(key)).min().copied();
        let widens = !known.is_empty() && new.iter().any(|one| covered(one).is_none());
        let mut tx = self.begin().await?;
        let newest: i64 =
            sqlx::query_scalar("UPDATE organizations SET widening = widening + ? WHERE org_id = ? RETURNING widening")
                .bind(widens)
                .bind(org.0)
                .fetch_one(&mut *tx)
                .await?;
        for key in gone {
            sqlx::query("DELETE FROM scope_keys WHERE org_id = ? AND key = ?")
                .bind(org.0)
                .bind(&key.0[..])
                .execute(&mut *tx)
                .await?;
        }
        for one in new {
            sqlx::query("INSERT OR REPLACE INTO scope_keys (org_id, key, widening, added_at_us) VALUES (?, ?, ?, ?)")
                .bind(org.0)
                .bind(&one.key.0[..])
                .bind(covered(one).unwrap_or(newest))
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(widens)
    }

    /// Begins the history of mailboxes once more for which something came into scope since it was read: where reading goes on, and what it
    /// is read for, in one transaction. How many.
    pub async fn begin_rereading(&self, org: OrgId, how: &Rereading, now: Moment) -> Result<u64, StoreError> {
        let newest: i64 = sqlx::query_scalar("SELECT widening FROM organizations WHERE org_id = ?")
            .bind(org.0)
            .fetch_one(self.readers())
            .await?;
        let waiting: Vec<i64> = sqlx::query_scalar(
            "SELECT DISTINCT widening FROM captured_mailboxes WHERE org_id = ? AND widening < ? AND is_allowed AND NOT paused AND is_current",
        )
        .bind(org.0)
        .bind(newest)
        .fetch_all(self.readers())
        .await?;
        let mut begun = 0;
        for widening in waiting {
            let added: (Option<i64>, Option<i64>) =
                sqlx::query_as("SELECT min(added_at_us), max(added_at_us) FROM scope_keys WHERE org_id = ? AND widening > ?")
                    .bind(org.0)
                    .bind(widening)
                    .fetch_one(self.readers())
                    .await?;
            // Nobody, where all who were added are gone again.
            let (Some(first_us), Some(last_us)) = added else { continue };
            if last_us <= now.0 - how.quiet_us || first_us <= now.0 - how.patience_us {
                begun += self.begin_rereading_of(org, (widening, newest), how, now).await?;
            }
        }
        Ok(begun)
    }

    async fn begin_rereading_of(
        &self,
        org: OrgId,
        (widening, newest): (i64, i64),
        how: &Rereading,
        now: Moment,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let being_read: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM captured_mailboxes WHERE org_id = ? AND NOT is_current AND reread_at_us IS NOT NULL AND is_allowed
             AND NOT paused AND failures = 0",
        )
        .bind(org.0)
        .fetch_one(&mut *tx)
        .await?;
        // Whoever reads one now has it to themselves: it is begun later.
        let begun: Vec<(String, u32)> = sqlx::query_as(
            "UPDATE captured_mailboxes SET widening = ?3, reread_at_us = ?4, is_current = 0, current_at_us = NULL, lease = NULL,
             due_at_us = min(due_at_us, ?4)
             WHERE (org_id, connector, user_id) IN (
                SELECT org_id, connector, user_id FROM captured_mailboxes
                WHERE org_id = ?1 AND widening = ?2 AND is_allowed AND NOT paused AND is_current AND lease_until_us <= ?4
                AND failures = 0 AND coalesce(reread_at_us, 0) <= ?5 ORDER BY reread_at_us, connector, user_id LIMIT ?6)
             RETURNING connector, user_id",
        )
        .bind(org.0)
        .bind(widening)
        .bind(newest)
        .bind(now.0)
        .bind(now.plus_us(-how.every_us).0)
        .bind((how.at_a_time - being_read).max(0))
        .fetch_all(&mut *tx)
        .await?;
        for (connector, user) in &begun {
            sqlx::query(
                "UPDATE captured_streams SET history_cursor = NULL, history_until_us = CASE kind WHEN 'mail' THEN ?4 ELSE history_until_us END,
                 history_from_us = CASE kind WHEN 'mail' THEN max(?5, (SELECT history_from_us FROM captured_mailboxes
                    WHERE org_id = ?1 AND connector = ?2 AND user_id = ?3)) ELSE history_from_us END,
                 cursor = CASE kind WHEN 'mail' THEN cursor END, is_listed = CASE kind WHEN 'mail' THEN is_listed ELSE 0 END
                 WHERE org_id = ?1 AND connector = ?2 AND user_id = ?3",
            )
            .bind(org.0)
            .bind(connector)
            .bind(user)
            .bind(now.0)
            .bind(how.history_from.0)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(begun.len() as u64)
    }
}
