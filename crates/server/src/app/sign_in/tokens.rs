//! Programs that act for a user.

use rapport_domain::{Moment, UserId, time::DAY_US};
use rapport_store::registry::{ApiTokenRow, NewApiToken, token_hash};

use super::{App, AppError, Caller, Scopes, sessions::USED_EVERY_US};
use crate::auth::new_secret;

/// What every token begins with: whoever finds one in a file knows what it is, and can search for more.
pub const PREFIX: &str = "rapport_";
/// Days that a token is good for, unless told otherwise.
pub const DAYS: u32 = 90;
/// Days that a token is good for at most.
pub const DAYS_MAX: u32 = 365;
/// Tokens of one user at most.
const TOKENS_MAX: usize = 100;
/// Characters of a token's name at most.
const NAME_MAX_CHARS: usize = 100;

/// A token as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// What it may do, of `read`, `write`, `manage`.
    pub scopes: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it was used last, to the minute.
    pub used_at: Option<Moment>,
    /// From when it is refused.
    pub expires_at: Moment,
}

impl From<ApiTokenRow> for ApiToken {
    fn from(row: ApiTokenRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            scopes: row.scopes,
            created_at: Moment(row.created_at_us),
            used_at: row.used_at_us.map(Moment),
            expires_at: Moment(row.expires_at_us),
        }
    }
}

impl App {
    /// Makes a token for the caller, or, by the local administrator, for the user of an address. Its text is told once.
    pub async fn create_token(
        &self,
        of: Option<&str>,
        name: &str,
        scopes: Scopes,
        days: u32,
    ) -> Result<(ApiToken, String), AppError> {
        let user = self.token_owner(of).await?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX_CHARS || name.chars().any(char::is_control) {
            return Err(AppError::invalid(format!("`name` has 1 to {NAME_MAX_CHARS} characters")).with_hint("say what it is for"));
        }
        if days == 0 || days > DAYS_MAX {
            return Err(AppError::invalid(format!("a token is good for 1 to {DAYS_MAX} days")));
        }
        let now = self.now();
        let known = self.store.api_tokens_of(self.org(), user).await?;
        if known.iter().filter(|row| row.expires_at_us > now.0).count() >= TOKENS_MAX {
            return Err(AppError::refused(format!("there are {TOKENS_MAX} tokens already"))
                .with_hint("delete one that is no longer of use"));
        }
        let text = format!("{PREFIX}{}", new_secret()?);
        let scopes = scopes.in_words();
        let expires_at = Moment(now.0 + i64::from(days) * DAY_US);
        let new = NewApiToken { user, name, token: token_hash(&text), scopes: &scopes, expires_at };
        let row = self.store.create_api_token(self.org(), &new, (self.actor(), now)).await?;
        Ok((row.into(), text))
    }

    /// Tokens of the caller, or of the user of an address.
    pub async fn tokens(&self, of: Option<&str>) -> Result<Vec<ApiToken>, AppError> {
        let rows = self.store.api_tokens_of(self.org(), self.token_owner(of).await?).await?;
        Ok(rows.into_iter().map(ApiToken::from).collect())
    }

    /// Deletes a token of the caller, or of the user of an address.
    pub async fn delete_token(&self, of: Option<&str>, id: i64) -> Result<(), AppError> {
        let user = self.token_owner(of).await?;
        let is_deleted = self.store.delete_api_token(self.org(), user, id, (self.actor(), self.now())).await?;
        if is_deleted { Ok(()) } else { Err(AppError::missing(format!("there is no token {id}"))) }
    }

    async fn token_owner(&self, of: Option<&str>) -> Result<UserId, AppError> {
        let view = self.view().await?;
        match of {
            Some(address) if *self.caller() == Caller::LocalAdministrator => super::super::viewer::user_of(&view, address),
            _ => self.need_looker(&view, of),
        }
    }

    /// Who a token stands for, if it is good.
    pub async fn caller_of_token(&self, text: &str) -> Result<Option<Caller>, AppError> {
        if !text.starts_with(PREFIX) {
            return Ok(None);
        }
        let now = self.now();
        let row = self.store.api_token(self.org(), &token_hash(text)).await?.filter(|row| now.0 < row.expires_at_us);
        let Some(row) = row else { return Ok(None) };
        let view = self.view().await?;
        let caller = self.caller_of(&view, UserId(row.user_id), Some((&row.name, Scopes::parse(&row.scopes)?)));
        if caller.is_some() && row.used_at_us.is_none_or(|used| now.0 >= used + USED_EVERY_US) {
            self.store.use_api_token(self.org(), row.id, now).await?;
        }
        Ok(caller)
    }
}
