//! Services whose tokens open mailboxes by IMAP, instead of passwords.

use rapport_connect::oauth::Grant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::settings::{Secrets, checked_text};
use crate::app::AppError;

/// A service whose tokens open mailboxes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "grant", rename_all = "snake_case")]
pub enum OAuthService {
    /// An application that may read each mailbox as itself, e.g. in Exchange Online. It proves itself by the secret `client_secret`.
    ClientCredentials {
        /// Where its tokens come from.
        #[schema(example = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/oauth2/v2.0/token")]
        token_url: String,
        /// As what it is known there.
        #[schema(example = "6731de76-14a6-49ae-97bc-6eba6914391e")]
        client_id: String,
        /// What its tokens are for.
        #[serde(default = "exchange_online")]
        #[schema(example = "https://outlook.office365.com/.default")]
        scope: String,
    },
    /// A service account to which a whole domain is delegated, e.g. in Google Workspace. The secret `service_account` is its key: the
    /// JSON file, which also says where its tokens come from.
    ServiceAccount {
        /// What its tokens are for.
        #[serde(default = "gmail")]
        #[schema(example = "https://mail.google.com/")]
        scope: String,
    },
}

fn exchange_online() -> String {
    "https://outlook.office365.com/.default".to_owned()
}

fn gmail() -> String {
    "https://mail.google.com/".to_owned()
}

impl OAuthService {
    /// Name of the secret that it needs.
    pub(super) fn secret(&self) -> &'static str {
        match self {
            Self::ClientCredentials { .. } => "client_secret",
            Self::ServiceAccount { .. } => "service_account",
        }
    }

    pub(super) fn check(&mut self) -> Result<(), AppError> {
        match self {
            Self::ClientCredentials { token_url, client_id, scope } => {
                *token_url = checked_text("token_url", token_url)?;
                if !rapport_connect::http::is_safe_address(token_url) {
                    return Err(AppError::invalid(format!("`{token_url}` is no address that begins with https://"))
                        .with_hint("an unencrypted connection would tell everybody the secret"));
                }
                *client_id = checked_text("client_id", client_id)?;
                *scope = checked_text("scope", scope)?;
            }
            Self::ServiceAccount { scope } => *scope = checked_text("scope", scope)?,
        }
        Ok(())
    }

    /// How it gets tokens, where its secret is known.
    pub(super) fn grant(&self, secrets: &Secrets) -> Option<Grant> {
        let secret = secrets.get(self.secret())?.clone();
        Some(match self {
            Self::ClientCredentials { token_url, client_id, scope } => Grant::ClientCredentials {
                token_url: token_url.clone(),
                client_id: client_id.clone(),
                client_secret: secret,
                scope: scope.clone(),
            },
            Self::ServiceAccount { scope } => Grant::ServiceAccount { key: secret, scope: scope.clone() },
        })
    }
}
