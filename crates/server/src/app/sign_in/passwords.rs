//! Accounts of this store: passwords, and links that let somebody choose one.

use rapport_domain::{
    Address, Moment, UserId,
    rights::SYSTEM_ADMINISTRATOR,
    time::{DAY_US, HOUR_US},
};
use rapport_store::registry::{PasswordLink, token_hash};

use super::{App, AppError, user_named};
use crate::{
    app::{records::UserDocument, users::new_user},
    auth::{new_secret, password},
};

/// How long the link for the first administrator is good: whoever started the server is about to use it.
const SETUP_LINK_US: i64 = HOUR_US;
/// How long an invitation is good: over a weekend.
const INVITATION_US: i64 = 3 * DAY_US;
/// How a session says that it began with a password.
pub(super) const BY_PASSWORD: &str = "password";

/// What a link to choose a password is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// For whom; `None`: the first administrator, who says who they are.
    pub email: Option<String>,
    /// From when it is refused.
    pub expires_at: Moment,
}

/// What somebody chooses by a link.
#[derive(Clone, Debug, Default)]
pub struct ChosenPassword {
    /// The link's secret.
    pub token: String,
    /// The first administrator's address.
    pub email: Option<String>,
    /// The first administrator's name.
    pub name: Option<String>,
    /// The password.
    pub password: String,
}

impl App {
    /// Signs somebody in; the session's token is told once. What was wrong is not: whoever tries learns nothing about who has an account.
    pub async fn sign_in(&self, email: &str, given: &str, agent: &str) -> Result<String, AppError> {
        let view = self.view().await?;
        let user = user_named(&view, email);
        let hash = match user {
            Some(user) => self.store.password_hash(self.org(), user).await?,
            None => None,
        };
        let is_right = password::is_right(given.to_owned(), hash).await?;
        match user.filter(|user| is_right && self.caller_of(&view, *user, None).is_some()) {
            Some(user) => self.begin_session(user, BY_PASSWORD, agent).await,
            None => Err(AppError::signed_out("the address or the password is wrong")),
        }
    }

    /// Whether anybody has a password.
    pub async fn has_passwords(&self) -> Result<bool, AppError> {
        Ok(self.store.has_accounts(self.org()).await?)
    }

    /// Whether a user has a way to sign in.
    pub(crate) async fn can_sign_in(&self, user: UserId) -> Result<bool, AppError> {
        Ok(self.store.password_hash(self.org(), user).await?.is_some()
            || !self.store.identity_providers(self.org()).await?.is_empty())
    }

    /// Whether a user has a password, or a provider knows them.
    pub(super) async fn signs_in_already(&self, user: UserId) -> Result<bool, AppError> {
        Ok(self.store.password_hash(self.org(), user).await?.is_some() || self.store.has_identity(self.org(), user).await?)
    }

    /// Makes the secret of a link by which the first administrator chooses a password; `None` once anybody can sign in.
    pub async fn setup_link(&self) -> Result<Option<String>, AppError> {
        if self.has_sign_in().await? {
            return Ok(None);
        }
        self.link(None, SETUP_LINK_US).await.map(Some)
    }

    /// Makes the secret of a link by which a user chooses a password, for the first time or anew.
    pub async fn invite(&self, email: &str) -> Result<(String, Invitation), AppError> {
        let view = self.view().await?;
        let user = super::super::viewer::user_of(&view, email)?;
        self.need_not_council(&view, user)?;
        if self.signs_in_already(user).await? {
            self.need_no_more_rights(&view, user)?;
        }
        if self.caller_of(&view, user, None).is_none() {
            return Err(AppError::refused("this user does not work here any more"));
        }
        let token = self.link(Some(user), INVITATION_US).await?;
        let email = view.directory.user(user).email.clone();
        Ok((token, Invitation { email: Some(email), expires_at: Moment(self.now().0 + INVITATION_US) }))
    }

    async fn link(&self, user: Option<UserId>, lasts_us: i64) -> Result<String, AppError> {
        let (token, now) = (new_secret()?, self.now());
        let link = PasswordLink { user, expires_at: Moment(now.0 + lasts_us) };
        self.store.create_password_link(self.org(), &token_hash(&token), link, (self.actor(), now)).await?;
        Ok(token)
    }

    /// What a link is for, while it is good.
    pub async fn invitation(&self, token: &str) -> Result<Invitation, AppError> {
        let link = self.store.password_link(self.org(), &token_hash(token), self.now()).await?;
        let link = link.ok_or_else(no_link)?;
        if link.user.is_none() && self.has_sign_in().await? {
            return Err(no_link());
        }
        let view = self.view().await?;
        let email = link.user.map(|user| view.directory.user(user).email.clone());
        Ok(Invitation { email, expires_at: link.expires_at })
    }

    /// Keeps a password that somebody chose by a link, which is used up, and signs them in.
    pub async fn choose_password(&self, chosen: ChosenPassword, agent: &str) -> Result<String, AppError> {
        let invitation = self.invitation(&chosen.token).await?;
        let email = match (&invitation.email, &chosen.email) {
            (Some(email), _) => email.clone(),
            (None, Some(email)) => Address::parse(email.trim())
                .map_err(|error| AppError::invalid(format!("`email`: `{email}`: {error}")))?
                .to_string(),
            (None, None) => return Err(AppError::invalid("`email` is missing: who are you?")),
        };
        password::check(&chosen.password, &email)?;
        let hash = password::hash(chosen.password).await?;
        if invitation.email.is_none() {
            self.make_administrator(&email, chosen.name.as_deref()).await?;
        }
        let view = self.view().await?;
        let user = user_named(&view, &email).ok_or_else(no_link)?;
        let link = token_hash(&chosen.token);
        if !self.store.set_password(self.org(), user, &hash, Some(&link), (&email, self.now())).await? {
            return Err(no_link());
        }
        self.begin_session(user, BY_PASSWORD, agent).await
    }

    /// Makes somebody a user with the role of the system administrator.
    async fn make_administrator(&self, email: &str, name: Option<&str>) -> Result<(), AppError> {
        let view = self.view().await?;
        let known = user_named(&view, email);
        let mut document = known.map_or_else(UserDocument::default, |user| view.user_documents[user.0 as usize - 1].clone());
        if document.roles.iter().any(|role| role.eq_ignore_ascii_case(SYSTEM_ADMINISTRATOR)) {
            return Ok(());
        }
        document.roles.push(SYSTEM_ADMINISTRATOR.to_owned());
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        document.name = document.name.or(name.map(str::to_owned));
        // The address that the user is stored under, where an alias was given.
        let email = known.map_or_else(|| email.to_owned(), |user| view.directory.user(user).email.clone());
        let before = known.map(|user| &view.user_documents[user.0 as usize - 1]);
        let mut row = new_user(&email, before, &document)?;
        row.after.insert_str(0, "first administrator: ");
        self.store.put_users(self.org(), &[row], (&email, self.now())).await?;
        Ok(())
    }

    /// Changes the caller's password; all their sessions end, and one begins.
    pub async fn change_password(&self, current: &str, new: &str, agent: &str) -> Result<String, AppError> {
        let user = self.signed_in()?;
        let view = self.view().await?;
        let hash = self.store.password_hash(self.org(), user).await?;
        if !password::is_right(current.to_owned(), hash).await? {
            return Err(AppError::invalid("the current password is wrong"));
        }
        password::check(new, &view.directory.user(user).email)?;
        let hash = password::hash(new.to_owned()).await?;
        self.store.set_password(self.org(), user, &hash, None, (self.actor(), self.now())).await?;
        self.begin_session(user, BY_PASSWORD, agent).await
    }

    /// Takes away how a user signs in, with their sessions and tokens; whether there was anything.
    pub async fn remove_sign_in(&self, email: &str) -> Result<bool, AppError> {
        let view = self.view().await?;
        let user = super::super::viewer::user_of(&view, email)?;
        self.need_not_council(&view, user)?;
        self.need_no_more_rights(&view, user)?;
        if self.signed_in().is_ok_and(|caller| caller == user) {
            return Err(AppError::refused("you would lock yourself out").with_hint("let another administrator do it"));
        }
        Ok(self.store.remove_sign_in(self.org(), user, (self.actor(), self.now())).await?)
    }
}

fn no_link() -> AppError {
    AppError::refused("the link is not good any more: it was used, it is too old, or a newer one was made")
        .with_hint("ask your administrator for a new one: App settings > Users, or `rapport sign-in invite ADDRESS`")
}
