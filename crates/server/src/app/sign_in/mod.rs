//! Signing in: who is who, for how long, and by what.
//!
//! | file | what |
//! | --- | --- |
//! | `passwords` | accounts of this store, and links that let somebody choose a password |
//! | `providers` | OpenID providers |
//! | `sessions` | browsers that are signed in |
//! | `tenant_administrators` | whoever may consent, and needs no account here |
//! | `tokens` | programs that act for a user |

pub mod passwords;
pub mod providers;
pub mod sessions;
pub mod tenant_administrators;
pub mod tokens;

use rapport_domain::{Address, UserId};

use super::{App, AppError, Caller, Scopes, View};

impl App {
    /// Whether anybody can sign in; while nobody can, whoever reaches the server on its own machine is its administrator.
    pub async fn has_sign_in(&self) -> Result<bool, AppError> {
        Ok(self.store.has_sign_in(self.org()).await?)
    }

    /// The caller that a user is, while they work here.
    fn caller_of(&self, view: &View, user: UserId, token: Option<(&str, Scopes)>) -> Option<Caller> {
        let entry = view.directory.users.get(user.0 as usize - 1)?;
        if entry.left_at.is_some_and(|left_at| left_at <= self.now()) {
            return None;
        }
        let actor = match token {
            Some((name, _)) => format!("{} (token {name})", entry.email),
            None => entry.email.clone(),
        };
        Some(Caller::User {
            user,
            actor,
            scopes: token.map_or(Scopes::ALL, |(_, scopes)| scopes),
            through_token: token.is_some(),
        })
    }

    /// The user who signed in; sessions and tokens are theirs alone.
    fn signed_in(&self) -> Result<UserId, AppError> {
        match self.caller() {
            Caller::User { user, .. } => Ok(*user),
            _ => Err(AppError::signed_out("nobody is signed in")),
        }
    }
}

/// The user of an address that somebody typed, if there is one.
fn user_named(view: &View, email: &str) -> Option<UserId> {
    view.user_of(Address::parse(email.trim()).ok()?.as_str())
}
