//! Who is signed in: browsers by sessions, programs by tokens. Of either only a hash is kept.

use rapport_domain::{Moment, OrgId, UserId};

use crate::{Store, StoreError, registry::audit};

/// A hash of a session's or token's text. The text has 256 random bits: no salt is needed, and nothing can be tried out.
pub type TokenHash = [u8; 32];

/// The hash of a token's text.
pub fn token_hash(text: &str) -> TokenHash {
    *blake3::hash(text.as_bytes()).as_bytes()
}

/// A session as the store has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionRow {
    /// Its number.
    #[sqlx(rename = "session_id")]
    pub id: i64,
    /// Whose.
    pub user_id: u32,
    /// When its token was changed last, in microseconds, as all moments here.
    pub changed_at_us: i64,
    /// Whether the browser came with the token that it was given last.
    pub is_taken: bool,
    /// When it began.
    pub created_at_us: i64,
    /// When it was used last.
    pub used_at_us: i64,
    /// When it ends, whatever happens.
    pub expires_at_us: i64,
    /// `password`, or the OpenID provider.
    pub signed_in_by: String,
    /// What the browser calls itself.
    pub agent: String,
    /// Whether the token that found it is the one before the last.
    #[sqlx(default)]
    pub is_previous: bool,
}

/// A session that begins.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// Whose.
    pub user: UserId,
    /// Hash of its token.
    pub token: TokenHash,
    /// When it ends, whatever happens.
    pub expires_at: Moment,
    /// `password`, or the OpenID provider.
    pub signed_in_by: &'a str,
    /// What the browser calls itself.
    pub agent: &'a str,
}

/// A token as the store has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ApiTokenRow {
    /// Its number.
    #[sqlx(rename = "token_id")]
    pub id: i64,
    /// For whom it acts.
    pub user_id: u32,
    /// What it is for.
    pub name: String,
    /// What it may do, in words.
    pub scopes: String,
    /// When it was made.
    pub created_at_us: i64,
    /// When it was used last, to the minute.
    pub used_at_us: Option<i64>,
    /// From when it is refused.
    pub expires_at_us: i64,
}

/// A token that is made.
#[derive(Clone, Debug)]
pub struct NewApiToken<'a> {
    /// For whom it acts.
    pub user: UserId,
    /// What it is for.
    pub name: &'a str,
    /// Hash of its text.
    pub token: TokenHash,
    /// What it may do, in words.
    pub scopes: &'a str,
    /// From when it is refused.
    pub expires_at: Moment,
}

const SESSION_COLUMNS: &str =
    "session_id, user_id, changed_at_us, is_taken, created_at_us, used_at_us, expires_at_us, signed_in_by, agent";
const TOKEN_COLUMNS: &str = "token_id, user_id, name, scopes, created_at_us, used_at_us, expires_at_us";

impl Store {
    /// Begins a session, and ends those that are over.
    pub async fn begin_session(&self, org: OrgId, new: &NewSession<'_>, actor: &str, now: Moment) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM sessions WHERE org_id = ? AND expires_at_us <= ?")
            .bind(org.0)
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
        let id: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(session_id), 0) + 1 FROM sessions WHERE org_id = ?")
            .bind(org.0)
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO sessions (org_id, session_id, user_id, token_hash, changed_at_us, is_taken, created_at_us, used_at_us, expires_at_us,
             signed_in_by, agent) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)",
        )
        .bind(org.0)
        .bind(id)
        .bind(new.user.0)
        .bind(&new.token[..])
        .bind(now.0)
        .bind(now.0)
        .bind(now.0)
        .bind(new.expires_at.0)
        .bind(new.signed_in_by)
        .bind(new.agent)
        .execute(&mut *tx)
        .await?;
        audit::record(&mut tx, org, now, actor, "session.begun", None, Some(new.signed_in_by)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The session of a token, current or the one before.
    pub async fn session(&self, org: OrgId, token: &TokenHash) -> Result<Option<SessionRow>, StoreError> {
        let text = format!(
            "SELECT {SESSION_COLUMNS}, token_hash <> ? AS is_previous FROM sessions WHERE org_id = ? AND (token_hash = ? OR previous_hash = ?)"
        );
        let found = sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(&token[..])
            .bind(org.0)
            .bind(&token[..])
            .bind(&token[..])
            .fetch_optional(self.readers())
            .await?;
        Ok(found)
    }

    /// Says that a session was used, with the token that it was given last.
    pub async fn use_session(&self, org: OrgId, id: i64, now: Moment) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET used_at_us = ?, is_taken = 1 WHERE org_id = ? AND session_id = ?")
            .bind(now.0)
            .bind(org.0)
            .bind(id)
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Gives a session another token, if nobody did so since; whether it was given. The one before stays good for a while: the one that
    /// the browser came with last.
    pub async fn change_session_token(
        &self,
        org: OrgId,
        session: &SessionRow,
        token: &TokenHash,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE sessions SET previous_hash = CASE WHEN is_taken THEN token_hash ELSE previous_hash END, token_hash = ?,
             changed_at_us = ?, used_at_us = ?, is_taken = 0 WHERE org_id = ? AND session_id = ? AND changed_at_us = ?",
        )
        .bind(&token[..])
        .bind(now.0)
        .bind(now.0)
        .bind(org.0)
        .bind(session.id)
        .bind(session.changed_at_us)
        .execute(self.writer())
        .await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Somebody's sessions, the newest first.
    pub async fn sessions_of(&self, org: OrgId, user: UserId) -> Result<Vec<SessionRow>, StoreError> {
        let text = format!("SELECT {SESSION_COLUMNS} FROM sessions WHERE org_id = ? AND user_id = ? ORDER BY session_id DESC");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(org.0).bind(user.0).fetch_all(self.readers()).await?)
    }

    /// Ends somebody's sessions: one, or all but one; how many ended.
    pub async fn end_sessions(&self, org: OrgId, user: UserId, which: Ended, by: (&str, Moment)) -> Result<u64, StoreError> {
        let (condition, id) = match which {
            Ended::One(id) => ("session_id = ?", id),
            Ended::AllBut(id) => ("session_id <> ?", id),
        };
        let mut tx = self.begin().await?;
        let ended =
            sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM sessions WHERE org_id = ? AND user_id = ? AND {condition}")))
                .bind(org.0)
                .bind(user.0)
                .bind(id)
                .execute(&mut *tx)
                .await?
                .rows_affected();
        if ended > 0 {
            let after = format!("user {}: {ended}", user.0);
            audit::record(&mut tx, org, by.1, by.0, "session.ended", None, Some(&after)).await?;
            tx.commit().await?;
        }
        Ok(ended)
    }

    /// Makes a token.
    pub async fn create_api_token(
        &self,
        org: OrgId,
        new: &NewApiToken<'_>,
        by: (&str, Moment),
    ) -> Result<ApiTokenRow, StoreError> {
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(token_id), 0) + 1 FROM api_tokens WHERE org_id = ?")
            .bind(org.0)
            .fetch_one(&mut *tx)
            .await?;
        let text = format!(
            "INSERT INTO api_tokens (org_id, token_id, user_id, name, token_hash, scopes, created_at_us, expires_at_us)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING {TOKEN_COLUMNS}"
        );
        let row = sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(org.0)
            .bind(id)
            .bind(new.user.0)
            .bind(new.name)
            .bind(&new.token[..])
            .bind(new.scopes)
            .bind(by.1.0)
            .bind(new.expires_at.0)
            .fetch_one(&mut *tx)
            .await?;
        let after = format!("token {id} for user {}: {}, until {}", new.user.0, new.scopes, new.expires_at.to_rfc3339());
        audit::record(&mut tx, org, by.1, by.0, "token.created", None, Some(&after)).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// The token of a hash.
    pub async fn api_token(&self, org: OrgId, token: &TokenHash) -> Result<Option<ApiTokenRow>, StoreError> {
        let text = format!("SELECT {TOKEN_COLUMNS} FROM api_tokens WHERE org_id = ? AND token_hash = ?");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(org.0).bind(&token[..]).fetch_optional(self.readers()).await?)
    }

    /// Says that a token was used.
    pub async fn use_api_token(&self, org: OrgId, id: i64, now: Moment) -> Result<(), StoreError> {
        sqlx::query("UPDATE api_tokens SET used_at_us = ? WHERE org_id = ? AND token_id = ?")
            .bind(now.0)
            .bind(org.0)
            .bind(id)
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Somebody's tokens, the newest first.
    pub async fn api_tokens_of(&self, org: OrgId, user: UserId) -> Result<Vec<ApiTokenRow>, StoreError> {
        let text = format!("SELECT {TOKEN_COLUMNS} FROM api_tokens WHERE org_id = ? AND user_id = ? ORDER BY token_id DESC");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(org.0).bind(user.0).fetch_all(self.readers()).await?)
    }

    /// Deletes a token of somebody; whether it was there.
    pub async fn delete_api_token(&self, org: OrgId, user: UserId, id: i64, by: (&str, Moment)) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let deleted = sqlx::query("DELETE FROM api_tokens WHERE org_id = ? AND user_id = ? AND token_id = ?")
            .bind(org.0)
            .bind(user.0)
            .bind(id)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        if deleted > 0 {
            audit::record(&mut tx, org, by.1, by.0, "token.deleted", Some(&format!("token {id} for user {}", user.0)), None)
                .await?;
            tx.commit().await?;
        }
        Ok(deleted > 0)
    }
}

/// Which of somebody's sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// This one.
    One(i64),
    /// All but this one; 0 is none.
    AllBut(i64),
}
