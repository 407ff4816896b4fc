//! What is set of a connector, by what it speaks.

use std::collections::{BTreeMap, BTreeSet};

use rapport_capture::mail::HEADER_FIELDS;
use rapport_connect::{
    imap::{ImapLogin, ImapSettings, Security},
    source::Door,
};
use rapport_domain::{Address, Domain};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppError;

/// Characters of a text of a connector at most.
const TEXT_MAX: usize = 500;
/// Domains of a connector at most.
const DOMAINS_MAX: usize = 1_000;

/// A connector, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConnectorSettings {
    /// What it speaks, and where it listens.
    #[serde(flatten)]
    pub system: MailSystem,
    /// It reads the mailboxes of users at these domains; of everybody, if there is none.
    #[serde(default)]
    pub domains: BTreeSet<String>,
}

/// A mail system, by what it speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailSystem {
    /// Mail by IMAP.
    Imap(ImapSystem),
}

/// A server that speaks IMAP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImapSystem {
    /// Its host.
    #[schema(example = "mail.example.com")]
    pub host: String,
    /// Its port.
    #[schema(example = 993)]
    pub port: u16,
    /// `tls`: encrypted from its beginning; `start_tls`: after a first word; `none`: not at all, on the same machine alone.
    #[serde(default)]
    pub security: ConnectionSecurity,
    /// How mailboxes are signed in to.
    #[serde(flatten)]
    pub sign_in: SignIn,
}

/// How a connection is kept secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionSecurity {
    /// Encrypted from its beginning.
    #[default]
    Tls,
    /// Encrypted after a first word.
    StartTls,
    /// Not at all.
    None,
}

/// How mailboxes are signed in to by a name and a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignIn {
    /// Name of a mailbox's user at the server, with `{address}`, `{local}` (before the @) and `{domain}`.
    #[serde(default = "whole_address")]
    #[schema(example = "{address}")]
    pub user: String,
    /// An account that may act for every user; its password is the secret `password`. Without one each mailbox has a password of its own.
    #[serde(default)]
    pub account: Option<String>,
}

fn whole_address() -> String {
    "{address}".to_owned()
}

/// Secrets of a connector by name.
pub type Secrets = BTreeMap<String, String>;

/// How one mailbox is signed in to, where it has a name and a password of its own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnLogin {
    pub(crate) user: String,
    pub(crate) password: String,
}

impl ConnectorSettings {
    /// What it speaks, in one word.
    pub fn kind(&self) -> &'static str {
        match self.system {
            MailSystem::Imap(_) => "imap",
        }
    }

    /// Names of the secrets that it needs.
    pub fn secrets(&self) -> Vec<&'static str> {
        match &self.system {
            MailSystem::Imap(system) => system.sign_in.account.iter().map(|_| "password").collect(),
        }
    }

    /// The same in its one form, unless something in it cannot be.
    pub(crate) fn checked(mut self) -> Result<Self, AppError> {
        if self.domains.len() > DOMAINS_MAX {
            return Err(AppError::invalid(format!("more than {DOMAINS_MAX} domains")));
        }
        let domain = |text: &String| {
            Domain::parse(text)
                .map(|domain| domain.as_str().to_owned())
                .map_err(|error| AppError::invalid(format!("domain `{text}`: {error}")))
        };
        self.domains = self.domains.iter().map(domain).collect::<Result<_, _>>()?;
        match &mut self.system {
            MailSystem::Imap(system) => {
                system.host = checked_text("host", &system.host)?;
                if system.port == 0 {
                    return Err(AppError::invalid("the port is 0").with_hint("IMAP has port 993, or 143 with start_tls"));
                }
                if system.security == ConnectionSecurity::None && !rapport_connect::http::is_this_machine(&system.host) {
                    return Err(AppError::invalid(format!(
                        "`{}` is another machine: its connection must be encrypted",
                        system.host
                    ))
                    .with_hint("set `security` to `tls` (port 993) or `start_tls` (port 143)"));
                }
                system.sign_in = system.sign_in.checked()?;
            }
        }
        Ok(self)
    }

    /// Whether it reads the mailbox of an address.
    pub(crate) fn covers(&self, address: &Address) -> bool {
        self.domains.is_empty() || self.domains.contains(address.domain())
    }

    /// The way into one mailbox; `None`: nothing says how to sign in to it.
    pub(crate) fn door(&self, secrets: &Secrets, owner: &Address, own: Option<&OwnLogin>) -> Option<Door> {
        match &self.system {
            MailSystem::Imap(system) => {
                let settings = ImapSettings {
                    host: system.host.clone(),
                    port: system.port,
                    security: match system.security {
                        ConnectionSecurity::Tls => Security::Tls,
                        ConnectionSecurity::StartTls => Security::StartTls,
                        ConnectionSecurity::None => Security::None,
                    },
                    header_fields: HEADER_FIELDS,
                };
                let login = match (own, &system.sign_in.account) {
                    (Some(own), _) => ImapLogin::Password { user: own.user.clone(), password: own.password.clone() },
                    (None, Some(account)) => ImapLogin::ActingFor {
                        user: system.sign_in.user_of(owner),
                        account: account.clone(),
                        password: secrets.get("password")?.clone(),
                    },
                    (None, None) => return None,
                };
                Some(Door::Imap(settings, login))
            }
        }
    }

    /// Name of a mailbox's user at the server.
    pub(crate) fn user_of(&self, owner: &Address) -> String {
        match &self.system {
            MailSystem::Imap(system) => system.sign_in.user_of(owner),
        }
    }
}

impl SignIn {
    fn checked(&self) -> Result<Self, AppError> {
        let account = self.account.as_deref().map(str::trim).filter(|account| !account.is_empty());
        Ok(Self {
            user: checked_text("user", &self.user)?,
            account: account.map(|account| checked_text("account", account)).transpose()?,
        })
    }

    fn user_of(&self, owner: &Address) -> String {
        let fill = |text: &str| {
            text.replace("{address}", owner.as_str()).replace("{local}", owner.local()).replace("{domain}", owner.domain())
        };
        fill(&self.user)
    }
}

fn checked_text(what: &str, given: &str) -> Result<String, AppError> {
    let given = given.trim();
    let is_text = !given.is_empty() && given.chars().count() <= TEXT_MAX && !given.chars().any(char::is_control);
    if is_text {
        Ok(given.to_owned())
    } else {
        Err(AppError::invalid(format!("`{what}` is empty, longer than {TEXT_MAX} characters, or holds a control character")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imap(json: &str) -> ConnectorSettings {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_account_acts_for_everybody_and_a_password_of_ones_own_comes_first() {
        let ann = Address::parse("ann@us.example").unwrap();
        let settings = imap(r#"{"kind":"imap","host":"mail.us.example","port":993,"user":"{local}","account":"rapport"}"#);
        assert_eq!((settings.kind(), settings.secrets()), ("imap", vec!["password"]));
        let secrets = Secrets::from([("password".to_owned(), "hush".to_owned())]);
        let Some(Door::Imap(_, login)) = settings.door(&secrets, &ann, None) else { panic!("no door") };
        let acting = ImapLogin::ActingFor { user: "ann".into(), account: "rapport".into(), password: "hush".into() };
        assert!(login == acting);
        let own = OwnLogin { user: "aa".to_owned(), password: "mine".to_owned() };
        let Some(Door::Imap(_, login)) = settings.door(&secrets, &ann, Some(&own)) else { panic!("no door") };
        assert!(login == ImapLogin::Password { user: "aa".into(), password: "mine".into() });
        let alone = imap(r#"{"kind":"imap","host":"mail.us.example","port":993}"#);
        assert!(alone.secrets().is_empty() && alone.door(&secrets, &ann, None).is_none());
        assert_eq!(alone.user_of(&ann), "ann@us.example");
    }

    #[test]
    fn a_connector_is_checked_before_it_is_kept() {
        let error = |json: &str| imap(json).checked().unwrap_err().to_string();
        let open = error(r#"{"kind":"imap","host":"mail.us.example","port":143,"security":"none"}"#);
        assert_eq!(open, "`mail.us.example` is another machine: its connection must be encrypted");
        assert!(error(r#"{"kind":"imap","host":"","port":993}"#).contains("`host`"));
        assert!(error(r#"{"kind":"imap","host":"h","port":0}"#).contains("port"));
        assert!(error(r#"{"kind":"imap","host":"h","port":993,"domains":["no domain"]}"#).contains("domain"));
        let fine =
            imap(r#"{"kind":"imap","host":" 127.0.0.1 ","port":143,"security":"none","account":" ","domains":["US.example"]}"#);
        let fine = fine.checked().unwrap();
        assert!(fine.covers(&Address::parse("ann@us.example").unwrap()) && !fine.covers(&Address::parse("a@x.example").unwrap()));
        let MailSystem::Imap(system) = &fine.system;
        assert_eq!((system.host.as_str(), &system.sign_in.account), ("127.0.0.1", &None));
    }
}
