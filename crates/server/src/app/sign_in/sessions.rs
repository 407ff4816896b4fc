//! Browsers that are signed in.

use rapport_domain::{
    Moment, UserId,
    time::{DAY_US, HOUR_US, MINUTE_US},
};
use rapport_store::registry::{Ended, NewSession, SessionRow, token_hash};

use super::{App, AppError, Caller};
use crate::auth::new_secret;

/// A session ends after this time, whatever happens.
const LASTS_US: i64 = 7 * DAY_US;
/// A session ends when it was not used for so long.
const IDLE_US: i64 = 12 * HOUR_US;
/// The token of a session is changed this often: a stolen one is soon worth nothing.
const CHANGED_EVERY_US: i64 = HOUR_US;
/// The token before is good for this long: requests that were on their way have it.
const PREVIOUS_US: i64 = MINUTE_US;
/// How often it is written down that a session or token was used.
pub(super) const USED_EVERY_US: i64 = MINUTE_US;
/// Characters kept of what a browser calls itself.
const AGENT_MAX_CHARS: usize = 200;

/// A session as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its number.
    pub id: i64,
    /// When it began.
    pub began_at: Moment,
    /// When it was used last, to the minute.
    pub used_at: Moment,
    /// When it ends at the latest.
    pub expires_at: Moment,
    /// `password`, or the OpenID provider.
    pub signed_in_by: String,
    /// What the browser calls itself.
    pub agent: String,
}

/// Who a session's token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfSession {
    /// Who.
    pub caller: Caller,
    /// The session.
    pub id: i64,
    /// The token that the browser has to use from now on.
    pub new_token: Option<String>,
}

impl App {
    /// Begins a session of a user; the token is told once.
    pub(super) async fn begin_session(&self, user: UserId, signed_in_by: &str, agent: &str) -> Result<String, AppError> {
        let view = self.view().await?;
        if self.caller_of(&view, user, None).is_none() {
            return Err(AppError::signed_out("this user does not work here any more"));
        }
        let (token, now) = (new_secret()?, self.now());
        let agent: String = agent.chars().filter(|char| !char.is_control()).take(AGENT_MAX_CHARS).collect();
        let new =
            NewSession { user, token: token_hash(&token), expires_at: Moment(now.0 + LASTS_US), signed_in_by, agent: &agent };
        self.store.begin_session(self.org(), &new, &view.directory.user(user).email, now).await?;
        Ok(token)
    }

    /// Who a session's token stands for, if it is good.
    pub async fn session(&self, token: &str) -> Result<Option<OfSession>, AppError> {
        let Some(row) = self.store.session(self.org(), &token_hash(token)).await? else { return Ok(None) };
        let now = self.now().0;
        // Whoever still comes with the token before, though the next one was taken, is not whom it was given to.
        let is_old = row.is_previous && row.is_taken && now >= row.changed_at_us + PREVIOUS_US;
        let is_over = is_old || now >= row.expires_at_us || now >= row.used_at_us + IDLE_US;
        if is_over {
            return Ok(None);
        }
        let view = self.view().await?;
        let Some(caller) = self.caller_of(&view, UserId(row.user_id), None) else { return Ok(None) };
        Ok(Some(OfSession { caller, id: row.id, new_token: self.keep_up(&row).await? }))
    }

    /// Says that a session was used; another token if it is time for one.
    async fn keep_up(&self, row: &SessionRow) -> Result<Option<String>, AppError> {
        let now = self.now();
        // The browser never got the last one: its answer was lost on the way.
        let is_lost = row.is_previous && !row.is_taken && now.0 >= row.changed_at_us + PREVIOUS_US;
        if is_lost || !row.is_previous && now.0 >= row.changed_at_us + CHANGED_EVERY_US {
            let token = new_secret()?;
            let is_changed = self.store.change_session_token(self.org(), row, &token_hash(&token), now).await?;
            return Ok(is_changed.then_some(token));
        }
        if !row.is_previous && (!row.is_taken || now.0 >= row.used_at_us + USED_EVERY_US) {
            self.store.use_session(self.org(), row.id, now).await?;
        }
        Ok(None)
    }

    /// The caller's own sessions, the newest first.
    pub async fn sessions(&self) -> Result<Vec<Session>, AppError> {
        let now = self.now().0;
        let rows = self.store.sessions_of(self.org(), self.signed_in()?).await?;
        let is_good = |row: &SessionRow| now < row.expires_at_us && now < row.used_at_us + IDLE_US;
        let session = |row: SessionRow| Session {
            id: row.id,
            began_at: Moment(row.created_at_us),
            used_at: Moment(row.used_at_us),
            expires_at: Moment(row.expires_at_us),
            signed_in_by: row.signed_in_by,
            agent: row.agent,
        };
        Ok(rows.into_iter().filter(is_good).map(session).collect())
    }

    /// Ends one of the caller's own sessions.
    pub async fn end_session(&self, id: i64) -> Result<(), AppError> {
        let ended = self.store.end_sessions(self.org(), self.signed_in()?, Ended::One(id), (self.actor(), self.now())).await?;
        if ended == 0 { Err(AppError::missing(format!("there is no session {id}"))) } else { Ok(()) }
    }
}
