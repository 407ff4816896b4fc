//! How mailboxes are signed in to: by passwords or by tokens.

use std::path::PathBuf;

use clap::Args;

/// How mailboxes are signed in to.
#[derive(Debug, Args)]
pub(crate) struct SignInArguments {
    /// Name of a mailbox's user at the server, with `{address}`, `{local}` (before the @) and `{domain}`.
    #[arg(long, default_value = "{address}", value_name = "TEMPLATE")]
    pub(crate) user: String,
    /// An account that may act for every user. Without one each mailbox has a password of its own (`rapport connector password`).
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// File with the account's password, which is kept sealed; `-` reads it from stdin.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
}

/// A service whose tokens open mailboxes, instead of passwords.
#[derive(Debug, Args)]
pub(crate) struct OAuthArguments {
    /// Where an application gets tokens as itself (OAuth client credentials); its secret is that of --secret-file.
    #[arg(long, value_name = "URL", requires = "client_id", conflicts_with_all = ["account", "service_account_file"])]
    pub(crate) token_url: Option<String>,
    /// As what the application is known there.
    #[arg(long, value_name = "ID", requires = "token_url")]
    pub(crate) client_id: Option<String>,
    /// File with the key of a service account to which the domain is delegated (JSON, as Google gives it out), which is kept sealed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["account", "secret_file"])]
    pub(crate) service_account_file: Option<PathBuf>,
    /// What tokens are for; that of Exchange Online, or of Gmail with a service account, if absent.
    #[arg(long)]
    pub(crate) scope: Option<String>,
}
