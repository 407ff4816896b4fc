//! Connectors, the mailboxes that they read, and who reads which of them now.

use std::collections::{BTreeMap, BTreeSet};

use rapport_domain::{Moment, OrgId, UserId};
use sqlx::SqliteConnection;

use super::audit;
use crate::{Organization, Store, StoreError};

/// Bytes of a lease's token: nobody guesses or repeats it.
const LEASE_BYTES: usize = 16;

/// Bytes of a hidden name: no two of a mailbox are ever alike.
const HIDDEN_NAME_BYTES: usize = 16;

/// A mail system that mailboxes are captured from.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ConnectorRow {
    /// A short word that stands in addresses.
    #[sqlx(rename = "connector")]
    pub id: String,
    /// What it speaks, e.g. `imap`.
    pub kind: String,
    /// JSON, without secrets.
    pub settings: String,
    /// Sealed JSON.
    pub secrets: Option<Vec<u8>>,
    /// Whether somebody paused it.
    pub paused: bool,
    /// Failures in a row.
    pub failures: u32,
    /// Why it failed last; none since it succeeded.
    pub error: Option<String>,
    /// When it failed last.
    pub failed_at_us: Option<i64>,
    /// Nothing is asked of it before.
    pub retry_at_us: i64,
    /// JSON: the permissions that it had when somebody looked last.
    pub permissions: Option<String>,
    /// When its users were read last without a failure.
    pub users_read_at_us: Option<i64>,
    /// Why its users could not be read; none since they were.
    pub users_error: Option<String>,
}

/// A user's mailbox as a connector reads it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MailboxRow {
    /// Which connector.
    pub connector: String,
    /// Whose.
    pub user_id: u32,
    /// Sealed JSON: how it is signed in to; as the connector does, if absent.
    pub login: Option<Vec<u8>>,
    /// Whether capture may read it now.
    pub is_allowed: bool,
    /// Whether somebody paused it.
    pub paused: bool,
    /// When it is looked at next.
    pub due_at_us: i64,
    /// Until when somebody reads it.
    pub lease_until_us: i64,
    /// When reading began.
    pub begun_at_us: Option<i64>,
    /// What is older is not read.
    pub history_from_us: Option<i64>,
    /// Whether all history is read.
    pub is_current: bool,
    /// Since when all history is read.
    pub current_at_us: Option<i64>,
    /// When its history was begun once more for a wider scope.
    pub reread_at_us: Option<i64>,
    /// When it was read last without a failure.
    pub succeeded_at_us: Option<i64>,
    /// Failures in a row.
    pub failures: u32,
    /// Why it failed last; none since it succeeded.
    pub error: Option<String>,
    /// When it failed last.
    pub failed_at_us: Option<i64>,
    /// Copies read.
    pub read: i64,
    /// Copies that made an interaction known.
    pub kept: i64,
    /// Copies of what was known.
    pub duplicates: i64,
    /// Copies that could not be read.
    pub failed: i64,
    /// JSON: copies that were not to be kept, by reason.
    pub excluded: String,
}

/// A folder or calendar of a mailbox, and how far it is read.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StreamRow {
    /// [`Organization::hidden_name`] of what the mail system calls it.
    pub stream: Vec<u8>,
    /// `mail` or `calendar`.
    pub kind: String,
    /// Where changes go on; it has to begin, if absent.
    pub cursor: Option<String>,
    /// Whether its beginning was read to the end.
    pub is_listed: bool,
    /// How often it began.
    pub generation: i64,
    /// History is read down to here.
    pub history_from_us: i64,
    /// What is newer was read.
    pub history_until_us: i64,
    /// Within the month below.
    pub history_cursor: Option<String>,
}

/// The right to read one mailbox for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Which connector.
    pub connector: String,
    /// Whose mailbox.
    pub user: UserId,
    /// Told to nobody else.
    pub(crate) token: Vec<u8>,
}

/// How somebody who read a mailbox leaves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// When it is looked at next.
    pub due_at: Moment,
    /// Whether all history is read.
    pub is_current: bool,
    /// Whether it was read, but for what the error names.
    pub is_read: bool,
    /// What could not be read, and why.
    pub error: Option<String>,
}

/// What was counted while reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaptureCounts {
    /// Copies read.
    pub read: u64,
    /// Copies that could not be read.
    pub failed: u64,
    /// Copies that were not to be kept, by reason.
    pub excluded: BTreeMap<String, u64>,
}

impl Organization {
    /// What stands for the name of a folder, a calendar or an appointment: the name may be somebody's, and is not stored.
    pub fn hidden_name(&self, name: &str) -> Vec<u8> {
        let mut hasher = blake3::Hasher::new_keyed(&self.hash_key);
        hasher.update(b"a name of a mail system").update(name.as_bytes());
        hasher.finalize().as_bytes()[..HIDDEN_NAME_BYTES].to_vec()
    }
}

impl Store {
    /// All connectors, by id.
    pub async fn connectors(&self, org: OrgId) -> Result<Vec<ConnectorRow>, StoreError> {
        let text = "SELECT connector, kind, settings, secrets, paused, failures, error, failed_at_us, retry_at_us, permissions, users_read_at_us, users_error FROM connectors WHERE org_id = ? ORDER BY connector";
        Ok(sqlx::query_as(text).bind(org.0).fetch_all(self.readers()).await?)
    }

    /// Keeps a connector's settings and secrets; what failed before is tried again at once. `begins_anew`: nothing of how far its mailboxes
    /// were read holds for what it reads now.
    pub async fn put_connector(
        &self,
        org: OrgId,
        (id, kind, settings): (&str, &str, &str),
        secrets: Option<&[u8]>,
        begins_anew: bool,
        (actor, now): (&str, Moment),
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if begins_anew {
            let users = "SELECT user_id FROM captured_mailboxes WHERE org_id = ? AND connector = ?";
            let users: Vec<u32> = sqlx::query_scalar(users).bind(org.0).bind(id).fetch_all(&mut *tx).await?;
            for user in users {
                forget(&mut tx, org, Some(id), UserId(user), now).await?;
            }
            let seen = "UPDATE connectors SET permissions = NULL WHERE org_id = ? AND connector = ?";
            sqlx::query(seen).bind(org.0).bind(id).execute(&mut *tx).await?;
        }
        let before: Option<String> = sqlx::query_scalar("SELECT settings FROM connectors WHERE org_id = ? AND connector = ?")
            .bind(org.0)
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO connectors (org_id, connector, kind, settings, secrets, created_at_us) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET kind = excluded.kind, settings = excluded.settings, secrets = excluded.secrets,
             failures = 0, error = NULL, failed_at_us = NULL, retry_at_us = 0",
        )
        .bind(org.0)
        .bind(id)
        .bind(kind)
        .bind(settings)
        .bind(secrets)
        .bind(now.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE captured_mailboxes SET due_at_us = ?, failures = 0 WHERE org_id = ? AND connector = ?")
            .bind(now.0)
            .bind(org.0)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        let action = if before.is_some() { "connector.changed" } else { "connector.added" };
        let told = |settings: &str| format!("{id} ({kind}): {settings}");
        let before = before.as_deref().map(told);
        audit::record(&mut tx, org, now, actor, action, before.as_deref(), Some(&told(settings))).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes a connector away, with how far its mailboxes were read; what it captured stays. Whether there was one.
    pub async fn delete_connector(&self, org: OrgId, id: &str, (actor, now): (&str, Moment)) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let gone = sqlx::query("DELETE FROM connectors WHERE org_id = ? AND connector = ?").bind(org.0).bind(id);
        if gone.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        audit::record(&mut tx, org, now, actor, "connector.removed", Some(id), None).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Pauses or resumes a connector, or one of its mailboxes. Whether it exists.
    pub async fn pause_capture(
        &self,
        org: OrgId,
        (id, user): (&str, Option<UserId>),
        pauses: bool,
        (actor, now): (&str, Moment),
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let changed = match user {
            None => sqlx::query("UPDATE connectors SET paused = ?, retry_at_us = 0 WHERE org_id = ? AND connector = ?")
                .bind(pauses)
                .bind(org.0)
                .bind(id),
            Some(user) => sqlx::query(
                "UPDATE captured_mailboxes SET paused = ?, due_at_us = 0 WHERE org_id = ? AND connector = ? AND user_id = ?",
            )
            .bind(pauses)
            .bind(org.0)
            .bind(id)
            .bind(user.0),
        };
        if changed.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let action = if pauses { "capture.paused" } else { "capture.resumed" };
        audit::record(&mut tx, org, now, actor, action, None, Some(&named(id, user))).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Reads a mailbox from its beginning once more, as if it never was. Whether it exists.
    pub async fn restart_mailbox(
        &self,
        org: OrgId,
        (id, user): (&str, UserId),
        (actor, now): (&str, Moment),
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if forget(&mut tx, org, Some(id), user, now).await? == 0 {
            return Ok(false);
        }
        audit::record(&mut tx, org, now, actor, "capture.restarted", None, Some(&named(id, Some(user)))).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets how far some users' mailboxes were read: what they held is deleted, and is read anew if it ever may be.
    pub async fn forget_captured(&self, org: OrgId, users: &[UserId], now: Moment) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for user in users {
            forget(&mut tx, org, None, *user, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Says which mailboxes of a connector may be read now; one that is new, or may be read again, is due at once. Whether that moved.
    pub async fn allow_mailboxes(&self, org: OrgId, id: &str, users: &BTreeSet<UserId>, now: Moment) -> Result<bool, StoreError> {
        let rows: Vec<(u32, bool)> =
            sqlx::query_as("SELECT user_id, is_allowed FROM captured_mailboxes WHERE org_id = ? AND connector = ?")
                .bind(org.0)
                .bind(id)
                .fetch_all(self.readers())
                .await?;
        let known: BTreeMap<UserId, bool> = rows.into_iter().map(|(user, allowed)| (UserId(user), allowed)).collect();
        let new: Vec<UserId> = users.iter().copied().filter(|user| known.get(user) != Some(&true)).collect();
        let gone: Vec<UserId> =
            known.iter().filter(|(user, allowed)| **allowed && !users.contains(user)).map(|(user, _)| *user).collect();
        if new.is_empty() && gone.is_empty() {
            return Ok(false);
        }
        let mut tx = self.begin().await?;
        for user in gone {
            sqlx::query("UPDATE captured_mailboxes SET is_allowed = 0 WHERE org_id = ? AND connector = ? AND user_id = ?")
                .bind(org.0)
                .bind(id)
                .bind(user.0)
                .execute(&mut *tx)
                .await?;
        }
        for user in new {
            sqlx::query(
                "INSERT INTO captured_mailboxes (org_id, connector, user_id, due_at_us) SELECT org_id, connector, ?3, ?4
                 FROM connectors WHERE org_id = ?1 AND connector = ?2 ON CONFLICT DO UPDATE SET is_allowed = 1, due_at_us = ?4",
            )
            .bind(org.0)
            .bind(id)
            .bind(user.0)
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Sets how one mailbox is signed in to.
    pub async fn set_mailbox_login(
        &self,
        org: OrgId,
        (id, user): (&str, UserId),
        login: Option<&[u8]>,
        (actor, now): (&str, Moment),
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO captured_mailboxes (org_id, connector, user_id, due_at_us, login, is_allowed) VALUES (?, ?, ?, ?, ?, 0)
             ON CONFLICT DO UPDATE SET login = excluded.login, due_at_us = excluded.due_at_us",
        )
        .bind(org.0)
        .bind(id)
        .bind(user.0)
        .bind(now.0)
        .bind(login)
        .execute(&mut *tx)
        .await?;
        let action = if login.is_some() { "capture.login_set" } else { "capture.login_removed" };
        audit::record(&mut tx, org, now, actor, action, None, Some(&named(id, Some(user)))).await?;
        tx.commit().await?;
        Ok(())
    }

    /// All mailboxes of all connectors.
    pub async fn captured_mailboxes(&self, org: OrgId) -> Result<Vec<MailboxRow>, StoreError> {
        let text = "SELECT * FROM captured_mailboxes WHERE org_id = ? ORDER BY connector, user_id";
        Ok(sqlx::query_as(text).bind(org.0).fetch_all(self.readers()).await?)
    }

    /// One mailbox.
    pub async fn captured_mailbox(&self, org: OrgId, id: &str, user: UserId) -> Result<Option<MailboxRow>, StoreError> {
        let text = "SELECT * FROM captured_mailboxes WHERE org_id = ? AND connector = ? AND user_id = ?";
        Ok(sqlx::query_as(text).bind(org.0).bind(id).bind(user.0).fetch_optional(self.readers()).await?)
    }

    /// Streams of all mailboxes, with connector and user.
    pub async fn captured_streams(&self, org: OrgId) -> Result<Vec<(String, UserId, StreamRow)>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Row {
            connector: String,
            user_id: u32,
            #[sqlx(flatten)]
            stream: StreamRow,
        }
        let rows: Vec<Row> =
            sqlx::query_as("SELECT * FROM captured_streams WHERE org_id = ?").bind(org.0).fetch_all(self.readers()).await?;
        Ok(rows.into_iter().map(|row| (row.connector, UserId(row.user_id), row.stream)).collect())
    }

    /// Streams of one mailbox.
    pub async fn streams_of(&self, org: OrgId, id: &str, user: UserId) -> Result<Vec<StreamRow>, StoreError> {
        let text = "SELECT * FROM captured_streams WHERE org_id = ? AND connector = ? AND user_id = ? ORDER BY stream";
        Ok(sqlx::query_as(text).bind(org.0).bind(id).bind(user.0).fetch_all(self.readers()).await?)
    }

    /// Takes a mailbox that is due, to read it until the lease ends: one whose history is read if `prefers_current`, else one whose
    /// history is not; the other kind where there is none of it. Whoever waited longest comes first.
    pub async fn claim_mailbox(
        &self,
        org: OrgId,
        connector: Option<&str>,
        prefers_current: bool,
        (now, lease_us): (Moment, i64),
    ) -> Result<Option<Lease>, StoreError> {
        let mut token = vec![0; LEASE_BYTES];
        getrandom::fill(&mut token).map_err(StoreError::no_random)?;
        let claimed: Option<(String, u32)> = sqlx::query_as(
            "UPDATE captured_mailboxes SET lease = ?3, lease_until_us = ?4, served_at_us = ?2, begun_at_us = coalesce(begun_at_us, ?2)
             WHERE (org_id, connector, user_id) = (
                SELECT m.org_id, m.connector, m.user_id FROM captured_mailboxes m JOIN connectors c USING (org_id, connector)
                WHERE m.org_id = ?1 AND m.is_allowed AND NOT m.paused AND m.due_at_us <= ?2 AND m.lease_until_us <= ?2
                AND NOT c.paused AND c.retry_at_us <= ?2 AND (?5 IS NULL OR m.connector = ?5)
                ORDER BY m.is_current <> ?6, m.served_at_us, m.user_id LIMIT 1)
             RETURNING connector, user_id",
        )
        .bind(org.0)
        .bind(now.0)
        .bind(&token)
        .bind(now.plus_us(lease_us).0)
        .bind(connector)
        .bind(prefers_current)
        .fetch_optional(self.writer())
        .await?;
        Ok(claimed.map(|(connector, user)| Lease { connector, user: UserId(user), token }))
    }

    /// When the next mailbox is due that may be read, if any ever is.
    pub async fn next_mailbox_due(&self, org: OrgId, connector: Option<&str>) -> Result<Option<Moment>, StoreError> {
        let due: Option<i64> = sqlx::query_scalar(
            "SELECT min(max(m.due_at_us, m.lease_until_us, c.retry_at_us)) FROM captured_mailboxes m JOIN connectors c USING (org_id, connector)
             WHERE m.org_id = ?1 AND m.is_allowed AND NOT m.paused AND NOT c.paused AND (?2 IS NULL OR m.connector = ?2)",
        )
        .bind(org.0)
        .bind(connector)
        .fetch_one(self.readers())
        .await?;
        Ok(due.map(Moment))
    }

    /// Gives a mailbox back. Nothing happens if the lease was lost. One that was woken while it was read stays due: what rang may have come
    /// to a stream that was read before.
    pub async fn release_mailbox(&self, org: OrgId, lease: &Lease, left: &Left, now: Moment) -> Result<(), StoreError> {
        let failed_at = left.error.as_ref().map(|_| now.0);
        sqlx::query(
            "UPDATE captured_mailboxes SET lease = NULL, lease_until_us = 0, is_current = ?2,
             due_at_us = CASE WHEN ?4 AND due_at_us > served_at_us THEN min(due_at_us, ?1) ELSE ?1 END,
             current_at_us = CASE WHEN ?2 THEN coalesce(current_at_us, ?3) END,
             succeeded_at_us = CASE WHEN ?4 THEN ?3 ELSE succeeded_at_us END, failures = CASE WHEN ?4 THEN 0 ELSE failures + 1 END,
             error = ?5, failed_at_us = coalesce(?6, failed_at_us)
             WHERE org_id = ?7 AND connector = ?8 AND user_id = ?9 AND lease = ?10",
        )
        .bind(left.due_at.0)
        .bind(left.is_current)
        .bind(now.0)
        .bind(left.is_read)
        .bind(&left.error)
        .bind(failed_at)
        .bind(org.0)
        .bind(&lease.connector)
        .bind(lease.user.0)
        .bind(&lease.token)
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Gives a mailbox back as it was taken: it is looked at next at a moment.
    pub async fn return_mailbox(&self, org: OrgId, lease: &Lease, due_at: Moment) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE captured_mailboxes SET lease = NULL, lease_until_us = 0, due_at_us = ?
             WHERE org_id = ? AND connector = ? AND user_id = ? AND lease = ?",
        )
        .bind(due_at.0)
        .bind(org.0)
        .bind(&lease.connector)
        .bind(lease.user.0)
        .bind(&lease.token)
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Looks at a mailbox at once: its server says that something is new. One that failed waits for its time.
    pub async fn wake_mailbox(&self, org: OrgId, id: &str, user: UserId, now: Moment) -> Result<(), StoreError> {
        // Later than it was taken: whoever reads it now sees that it was woken meanwhile.
        sqlx::query(
            "UPDATE captured_mailboxes SET due_at_us = CASE WHEN lease IS NULL THEN min(due_at_us, ?1) ELSE max(?1, served_at_us + 1) END
             WHERE org_id = ?2 AND connector = ?3 AND user_id = ?4 AND failures = 0",
        )
        .bind(now.0)
        .bind(org.0)
        .bind(id)
        .bind(user.0)
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Notes that a connector as a whole failed, and asks nothing of it before a moment; `None`: it works.
    pub async fn note_connector(
        &self,
        org: OrgId,
        id: &str,
        failure: Option<(&str, Moment)>,
        now: Moment,
    ) -> Result<(), StoreError> {
        let (error, retry_at) = failure.unzip();
        sqlx::query(
            "UPDATE connectors SET error = ?1, failures = CASE WHEN ?1 IS NULL THEN 0 ELSE failures + 1 END, retry_at_us = ?2,
             failed_at_us = CASE WHEN ?1 IS NULL THEN failed_at_us ELSE ?3 END WHERE org_id = ?4 AND connector = ?5",
        )
        .bind(error)
        .bind(retry_at.map_or(0, |at| at.0))
        .bind(now.0)
        .bind(org.0)
        .bind(id)
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Notes which permissions a connector has, and in the audit log that they are others than before.
    pub async fn note_permissions(
        &self,
        org: OrgId,
        id: &str,
        permissions: &[String],
        (actor, now): (&str, Moment),
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let known = "SELECT permissions FROM connectors WHERE org_id = ? AND connector = ?";
        let known: Option<Option<String>> = sqlx::query_scalar(known).bind(org.0).bind(id).fetch_optional(&mut *tx).await?;
        let told = serde_json::json!(permissions).to_string();
        let Some(before) = known.filter(|known| known.as_ref() != Some(&told)) else { return Ok(()) };
        sqlx::query("UPDATE connectors SET permissions = ? WHERE org_id = ? AND connector = ?")
            .bind(&told)
            .bind(org.0)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        let words = |list: &str| format!("{id}: {list}");
        let before = before.as_deref().map(words);
        audit::record(&mut tx, org, now, actor, "connector.permissions", before.as_deref(), Some(&words(&told))).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes that the users of a connector were read, or why they could not be.
    pub async fn note_users_read(&self, org: OrgId, id: &str, error: Option<&str>, now: Moment) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE connectors SET users_error = ?1, users_read_at_us = CASE WHEN ?1 IS NULL THEN ?2 ELSE users_read_at_us END
             WHERE org_id = ?3 AND connector = ?4",
        )
        .bind(error)
        .bind(now.0)
        .bind(org.0)
        .bind(id)
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Notes in the audit log that somebody asked whether a mailbox is open to a connector, and what came of it.
    pub async fn note_probe(&self, org: OrgId, told: &str, (actor, now): (&str, Moment)) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        audit::record(&mut tx, org, now, actor, "connector.probed", None, Some(told)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps the streams that a mailbox has now: new ones have their history before them; of those that are gone nothing is known any
    /// more, while what they showed stays. Whether the lease still holds.
    pub async fn keep_streams(
        &self,
        org: OrgId,
        lease: &Lease,
        streams: &[(Vec<u8>, &str)],
        (history_from, now): (Moment, Moment),
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let held = sqlx::query(
            "UPDATE captured_mailboxes SET widening = CASE WHEN history_from_us IS NULL
                THEN (SELECT widening FROM organizations AS o WHERE o.org_id = ?2) ELSE widening END,
             history_from_us = coalesce(history_from_us, ?1) WHERE org_id = ?2 AND connector = ?3 AND user_id = ?4 AND lease = ?5",
        )
        .bind(history_from.0)
        .bind(org.0)
        .bind(&lease.connector)
        .bind(lease.user.0)
        .bind(&lease.token);
        if held.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let known: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT stream FROM captured_streams WHERE org_id = ? AND connector = ? AND user_id = ?")
                .bind(org.0)
                .bind(&lease.connector)
                .bind(lease.user.0)
                .fetch_all(&mut *tx)
                .await?;
        for gone in known.iter().filter(|known| !streams.iter().any(|(stream, _)| stream == *known)) {
            sqlx::query("DELETE FROM captured_streams WHERE org_id = ? AND connector = ? AND user_id = ? AND stream = ?")
                .bind(org.0)
                .bind(&lease.connector)
                .bind(lease.user.0)
                .bind(gone)
                .execute(&mut *tx)
                .await?;
        }
        for (stream, kind) in streams.iter().filter(|(stream, _)| !known.contains(stream)) {
            sqlx::query(
                "INSERT INTO captured_streams (org_id, connector, user_id, stream, kind, history_from_us, history_until_us)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(org.0)
            .bind(&lease.connector)
            .bind(lease.user.0)
            .bind(stream)
            .bind(kind)
            .bind(history_from.0)
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Everything that is known of how far a user's mailbox was read; how many mailboxes that were.
async fn forget(
    connection: &mut SqliteConnection,
    org: OrgId,
    id: Option<&str>,
    user: UserId,
    now: Moment,
) -> Result<u64, StoreError> {
    sqlx::query("DELETE FROM captured_streams WHERE org_id = ?1 AND user_id = ?2 AND (?3 IS NULL OR connector = ?3)")
        .bind(org.0)
        .bind(user.0)
        .bind(id)
        .execute(&mut *connection)
        .await?;
    let done = sqlx::query(
        "UPDATE captured_mailboxes SET lease = NULL, lease_until_us = 0, due_at_us = ?4, begun_at_us = NULL, history_from_us = NULL, reread_at_us = NULL,
         is_current = 0, current_at_us = NULL, succeeded_at_us = NULL, failures = 0, error = NULL, failed_at_us = NULL, read = 0, kept = 0,
         duplicates = 0, failed = 0, excluded = '{}' WHERE org_id = ?1 AND user_id = ?2 AND (?3 IS NULL OR connector = ?3)",
    )
    .bind(org.0)
    .bind(user.0)
    .bind(id)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// A connector or one of its mailboxes in the audit log, which names no address.
fn named(id: &str, user: Option<UserId>) -> String {
    user.map_or_else(|| id.to_owned(), |user| format!("{id}, mailbox of user {}", user.0))
}
