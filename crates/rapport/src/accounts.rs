//! Commands about who may sign in, and what `serve` says about it.

use std::path::Path;

use rapport_server::{
    App, AppError,
    api::{self, Access, Server, TokenBody},
    app::{
        Scopes,
        sign_in::{
            providers::{NewProvider, NewSecret, ProviderSummary},
            tenant_administrators::AdministratorRule,
        },
    },
};
use serde_json::json;

use crate::{
    arguments::{ProviderCommand, SignInCommand, TokenCommand},
    output,
};

/// Where a server is reached, for links that nobody told otherwise.
const USUAL_ADDRESS: &str = "http://127.0.0.1:8080";

/// What whoever starts a server has to know before the first comes in.
pub(crate) async fn tell_first(app: &App, server: &Server, access: &Access, at: &str) -> Result<(), AppError> {
    if server.is_unencrypted_beyond_this_machine() {
        output::note(&format!(
            "warning: {} is reached from other machines without encryption: passwords and figures can be read on the way\n\
             hint: put a reverse proxy with TLS before it, and tell its address by --public-url and --trusted-proxy",
            access.listen
        ));
    }
    let Some(token) = app.setup_link().await? else { return Ok(()) };
    if !server.requires_sign_in() {
        output::note("nobody can sign in yet: whoever reaches this address from this machine is its administrator");
    }
    output::note(&format!(
        "the first administrator chooses a password here, within an hour, once:\n  {}",
        api::invitation_link(at, &token)
    ));
    Ok(())
}

pub(crate) async fn sign_in(app: &App, command: SignInCommand) -> Result<(), AppError> {
    match command {
        SignInCommand::Invite { address, server, print } => {
            let (token, invitation) = app.invite(&address).await?;
            let link = api::invitation_link(server.as_deref().unwrap_or(USUAL_ADDRESS), &token);
            let expires_at = invitation.expires_at.to_rfc3339();
            if print.json {
                return output::json(&json!({"link": link, "expires_at": expires_at}));
            }
            output::print(&format!("{link}\n"))?;
            output::note(&format!("hand it to them alone; it is good once, until {expires_at}"));
            Ok(())
        }
        SignInCommand::Provider { command } => provider(app, command).await,
        SignInCommand::Remove { address } => {
            let has_changed = app.remove_sign_in(&address).await?;
            output::print(if has_changed {
                "removed: they are signed out everywhere, and cannot sign in any more\n"
            } else {
                "they could not sign in anyway\n"
            })
        }
    }
}

async fn provider(app: &App, command: ProviderCommand) -> Result<(), AppError> {
    match command {
        ProviderCommand::Set { id, issuer, client_id, name, secret_file, trust_addresses, administrators } => {
            let secret = secret_file.as_deref().map(secret).transpose()?.map_or(NewSecret::None, NewSecret::Given);
            let administrators = administrators.as_deref().map(administrator_rule).transpose()?;
            let trusts_addresses = trust_addresses;
            let new = NewProvider { id: id.clone(), name, issuer, client_id, secret, trusts_addresses, administrators };
            app.put_provider(&new).await?;
            output::print(&format!(
                "kept: register SERVER/api/v1/sign-in/{id}/callback at the provider as its redirect address\n"
            ))
        }
        ProviderCommand::List { print } => {
            let all = app.providers().await?;
            if print.json {
                let item = |provider: &ProviderSummary| json!({"id": provider.id, "name": provider.name, "issuer": provider.issuer, "client_id": provider.client_id});
                return output::json(&json!({"items": all.iter().map(item).collect::<Vec<_>>()}));
            }
            let line = |provider: &ProviderSummary| {
                format!("{}  {}  {} as {}\n", provider.id, provider.name, provider.issuer, provider.client_id)
            };
            output::print(&all.iter().map(line).collect::<String>())
        }
        ProviderCommand::Remove { id } => {
            app.delete_provider(&id).await?;
            output::print("removed: whoever signed in by it is signed out\n")
        }
    }
}

fn administrator_rule(text: &str) -> Result<AdministratorRule, AppError> {
    let wrong =
        || AppError::invalid(format!("--administrators `{text}` is no claim with a value")).with_hint("write CLAIM=VALUE");
    let (claim, value) = text.split_once('=').ok_or_else(wrong)?;
    Ok(AdministratorRule { claim: claim.to_owned(), value: value.to_owned() })
}

/// The secret of a file, or of stdin: an argument could be seen by everybody on the machine.
pub(crate) fn secret(file: &Path) -> Result<String, AppError> {
    let read = if file == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    let text = read.map_err(|error| AppError::invalid(format!("cannot read the secret of `{}`: {error}", file.display())))?;
    let secret = text.trim();
    if secret.is_empty() {
        return Err(AppError::invalid(format!("`{}` holds no secret", file.display())));
    }
    Ok(secret.to_owned())
}

pub(crate) async fn token(app: &App, command: TokenCommand) -> Result<(), AppError> {
    match command {
        TokenCommand::Create { user, name, scopes, days, print } => {
            let scopes = Scopes::parse(&scopes.join(" "))?;
            let (made, text) = app.create_token(Some(&user), &name, scopes, days).await?;
            if print.json {
                return output::json(&json!({"token": text, "made": TokenBody::from(made)}));
            }
            output::print(&format!("{text}\n"))?;
            output::note(&format!(
                "token {}: {}, for {user}, until {}; it is not shown again",
                made.id,
                made.scopes,
                made.expires_at.to_rfc3339()
            ));
            Ok(())
        }
        TokenCommand::List { user, print } => {
            let tokens = app.tokens(Some(&user)).await?;
            if print.json {
                let items: Vec<TokenBody> = tokens.into_iter().map(TokenBody::from).collect();
                return output::json(&json!({"items": items}));
            }
            let line = |token: &rapport_server::app::sign_in::tokens::ApiToken| {
                let used = token.used_at.map_or_else(|| "never used".to_owned(), |at| format!("used {}", at.to_rfc3339()));
                format!("{}  {}  {}  until {}  {used}\n", token.id, token.name, token.scopes, token.expires_at.to_rfc3339())
            };
            output::print(&tokens.iter().map(line).collect::<String>())
        }
        TokenCommand::Delete { id, user } => {
            app.delete_token(Some(&user), id).await?;
            output::print("deleted: it is refused from now on\n")
        }
    }
}
