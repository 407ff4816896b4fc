//! What is set of a connector, by what it speaks.

use std::collections::{BTreeMap, BTreeSet};

use rapport_capture::mail::HEADER_FIELDS;
use rapport_connect::{
    Http, Login,
    caldav::CalDavSettings,
    ews::EwsSettings,
    graph::{Access, Cloud, Credential, GraphSettings},
    imap::{ImapLogin, ImapSettings, Security},
    jmap::JmapSettings,
    mailbox::Owner,
    oauth::{Grant, OAuth},
    source::Door,
};
use rapport_domain::{Address, Domain};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::oauth::OAuthService;
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
    /// Mail and calendars of Microsoft 365.
    #[serde(rename = "microsoft_365")]
    Microsoft365(Microsoft365System),
    /// Calendars by CalDAV.
    Caldav(WebSystem),
    /// Mail by JMAP.
    Jmap(JmapSystem),
    /// Mail and calendars of an Exchange server, by its web services.
    Exchange(WebSystem),
}

/// A server that is asked by HTTPS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebSystem {
    /// Its address: its root alone, from which the rest is found, or what belongs to a user, with `{address}`, `{local}` and `{domain}`.
    #[schema(example = "https://mail.example.com")]
    pub url: String,
    /// How mailboxes are signed in to.
    #[serde(flatten)]
    pub sign_in: SignIn,
}

/// A server that speaks JMAP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JmapSystem {
    /// Where it is, and how it is signed in to.
    #[serde(flatten)]
    pub web: WebSystem,
    /// Whether passwords are API tokens of the provider (Fastmail wants one).
    #[serde(default)]
    pub uses_token: bool,
}

/// A tenant of Microsoft 365.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Microsoft365System {
    /// Its directory (tenant) id.
    #[schema(example = "72f988bf-86f1-41af-91ab-2d7cd011db47")]
    pub tenant_id: String,
    /// Application (client) id of Rapport there.
    #[schema(example = "6731de76-14a6-49ae-97bc-6eba6914391e")]
    pub client_id: String,
    /// Which cloud it lives in.
    #[serde(default)]
    pub cloud: MicrosoftCloud,
    /// How the application proves itself: by the secret `client_secret`, or by `private_key` and `certificate`, both PEM.
    #[serde(default)]
    pub proof: ApplicationProof,
    /// Whether users come from there, with their names, addresses, security groups and licences.
    #[serde(default)]
    pub reads_users: bool,
    /// What is read of each user.
    #[serde(default)]
    pub reads: MicrosoftReads,
}

/// What is read of each user of a tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MicrosoftReads {
    /// Their mailbox and calendars.
    #[default]
    Mailboxes,
    /// Message traces that name them: who sent mail to whom in the last 90 days, without opening a mailbox. No calendars.
    MessageTraces,
}

/// One of Microsoft's clouds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MicrosoftCloud {
    /// That of nearly everybody.
    #[default]
    Global,
    /// Government of the United States, level 4.
    UsGovernment,
    /// Government of the United States, level 5.
    UsDefense,
    /// China, operated by 21Vianet.
    China,
    /// Other addresses, on this machine alone: for tests.
    Custom {
        /// Where Graph is, with its version.
        graph_url: String,
        /// Where tokens come from.
        login_url: String,
    },
}

/// How an application proves itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationProof {
    /// By a client secret.
    #[default]
    Secret,
    /// By a certificate.
    Certificate,
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
    /// The service whose tokens open mailboxes, instead of an account with a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth: Option<OAuthService>,
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
            MailSystem::Microsoft365(_) => "microsoft_365",
            MailSystem::Caldav(_) => "caldav",
            MailSystem::Jmap(_) => "jmap",
            MailSystem::Exchange(_) => "exchange",
        }
    }

    /// Names of the secrets that it needs.
    pub fn secrets(&self) -> Vec<&'static str> {
        match &self.system {
            MailSystem::Imap(ImapSystem { oauth: Some(service), .. }) => vec![service.secret()],
            MailSystem::Imap(ImapSystem { sign_in, .. })
            | MailSystem::Caldav(WebSystem { sign_in, .. })
            | MailSystem::Exchange(WebSystem { sign_in, .. })
            | MailSystem::Jmap(JmapSystem { web: WebSystem { sign_in, .. }, .. }) => {
                sign_in.account.iter().map(|_| "password").collect()
            }
            MailSystem::Microsoft365(system) => match system.proof {
                ApplicationProof::Secret => vec!["client_secret"],
                ApplicationProof::Certificate => vec!["private_key", "certificate"],
            },
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
            MailSystem::Imap(system) => system.check()?,
            MailSystem::Caldav(system) => {
                system.check()?;
                let names_owner = CalDavSettings { url: system.url.clone() }.names_owner();
                if system.sign_in.account.is_some() && !names_owner {
                    return Err(AppError::invalid(
                        "with an account that acts for everybody the address has to say whose calendars are meant",
                    )
                    .with_hint("write it with {address}, e.g. https://mail.example.com/dav/calendars/user/{address}/"));
                }
            }
            MailSystem::Jmap(system) => system.web.check()?,
            MailSystem::Exchange(system) => {
                system.check()?;
                system.url = exchange_url(&system.url)?;
            }
            MailSystem::Microsoft365(system) => {
                system.tenant_id = checked_text("tenant_id", &system.tenant_id)?;
                system.client_id = checked_text("client_id", &system.client_id)?;
                if let MicrosoftCloud::Custom { graph_url, login_url } = &system.cloud
                    && ![graph_url, login_url].iter().all(|url| rapport_connect::http::is_address_of_this_machine(url))
                {
                    return Err(AppError::invalid("a cloud of other addresses is for tests on this machine alone")
                        .with_hint("write `global`, `us_government`, `us_defense` or `china`"));
                }
            }
        }
        Ok(self)
    }

    /// Whether how far mailboxes were read still holds: it does not for another tenant or application, which would be taken for one that
    /// took its consent back, nor for another way to read.
    pub(crate) fn reads_the_same(&self, other: &Self) -> bool {
        match (&self.system, &other.system) {
            (MailSystem::Microsoft365(one), MailSystem::Microsoft365(other)) => {
                let known_as =
                    |system: &Microsoft365System| (system.tenant_id.clone(), system.client_id.clone(), system.cloud.clone());
                known_as(one) == known_as(other) && one.reads == other.reads
            }
            _ => self.kind() == other.kind(),
        }
    }

    /// Whether it is the same server and account, so that it may be sent the same secrets.
    pub(crate) fn is_same_account(&self, other: &Self) -> bool {
        let account = |settings: &Self| match settings.system.clone() {
            MailSystem::Microsoft365(system) => {
                MailSystem::Microsoft365(Microsoft365System { reads_users: false, reads: MicrosoftReads::default(), ..system })
            }
            system => system,
        };
        account(self) == account(other)
    }

    /// Whether its mail system says itself where mailboxes lie.
    pub(crate) fn tells_location(&self) -> bool {
        matches!(self.system, MailSystem::Microsoft365(_))
    }

    /// Whether it is no real mail system but one on this machine, for tests.
    pub(crate) fn is_imitation(&self) -> bool {
        matches!(&self.system, MailSystem::Microsoft365(system) if matches!(system.cloud, MicrosoftCloud::Custom { .. }))
    }

    /// Whether it reads the mailbox of an address.
    pub(crate) fn covers(&self, address: &Address) -> bool {
        self.domains.is_empty() || self.domains.contains(address.domain())
    }

    /// Microsoft 365 as this connector knows it; `None` for every other.
    pub(crate) fn graph(&self, secrets: &Secrets) -> Option<GraphSettings> {
        let MailSystem::Microsoft365(system) = &self.system else { return None };
        let credential = match system.proof {
            ApplicationProof::Secret => Credential::Secret(secrets.get("client_secret")?.clone()),
            ApplicationProof::Certificate => Credential::Certificate {
                key_pem: secrets.get("private_key")?.clone(),
                certificate_pem: secrets.get("certificate")?.clone(),
            },
        };
        let cloud = match &system.cloud {
            MicrosoftCloud::Global => Cloud::Global,
            MicrosoftCloud::UsGovernment => Cloud::UsGovernment,
            MicrosoftCloud::UsDefense => Cloud::UsDefense,
            MicrosoftCloud::China => Cloud::China,
            MicrosoftCloud::Custom { graph_url, login_url } => {
                Cloud::Custom { graph_url: graph_url.clone(), login_url: login_url.clone() }
            }
        };
        Some(GraphSettings { cloud, tenant_id: system.tenant_id.clone(), client_id: system.client_id.clone(), credential })
    }

    /// How the service of this connector gets tokens; `None` for a connector without one.
    pub(crate) fn grant(&self, secrets: &Secrets) -> Option<Grant> {
        let MailSystem::Imap(ImapSystem { oauth: Some(service), .. }) = &self.system else { return None };
        service.grant(secrets)
    }

    /// Whether it reads message traces instead of mailboxes.
    pub(crate) fn reads_traces(&self) -> bool {
        matches!(&self.system, MailSystem::Microsoft365(system) if system.reads == MicrosoftReads::MessageTraces)
    }

    /// The way into one mailbox by tokens of a service; `None` for a connector without one.
    pub(crate) fn door_by_token(&self, service: &OAuth, owner: &Address) -> Option<Door> {
        let MailSystem::Imap(system) = &self.system else { return None };
        Some(Door::ImapByToken(system.settings(), service.clone(), system.sign_in.user_of(owner)))
    }

    /// The way into one mailbox by a name and a password; `None`: nothing says how to sign in to it.
    pub(crate) fn door(&self, http: &Http, secrets: &Secrets, owner: &Address, own: Option<&OwnLogin>) -> Option<Door> {
        match &self.system {
            MailSystem::Imap(system) => {
                let login = match (own, &system.sign_in.account) {
                    (Some(own), _) => ImapLogin::Password { user: own.user.clone(), password: own.password.clone() },
                    (None, Some(account)) => ImapLogin::ActingFor {
                        user: system.sign_in.user_of(owner),
                        account: account.clone(),
                        password: secrets.get("password")?.clone(),
                    },
                    (None, None) => return None,
                };
                Some(Door::Imap(system.settings(), login))
            }
            MailSystem::Caldav(system) => {
                let (login, _) = system.sign_in.login(secrets, own)?;
                let settings = CalDavSettings { url: system.url.clone() };
                Some(Door::CalDav(http.clone(), settings, Owner { address: owner.as_str().to_owned() }, login))
            }
            MailSystem::Jmap(JmapSystem { web, uses_token }) => {
                let (login, is_service) = web.sign_in.login(secrets, own)?;
                let url = web.url.clone();
                let settings = JmapSettings { url, uses_token: *uses_token, is_service, header_fields: HEADER_FIELDS };
                Some(Door::Jmap(http.clone(), settings, Owner { address: owner.as_str().to_owned() }, login))
            }
            MailSystem::Exchange(system) => {
                let (login, is_service) = system.sign_in.login(secrets, own)?;
                let settings = EwsSettings { url: system.url.clone(), is_service, header_fields: HEADER_FIELDS };
                Some(Door::Ews(http.clone(), settings, Owner { address: owner.as_str().to_owned() }, login))
            }
            MailSystem::Microsoft365(_) => None,
        }
    }

    /// Name of a mailbox's user at the server.
    pub(crate) fn user_of(&self, owner: &Address) -> String {
        match &self.system {
            MailSystem::Imap(ImapSystem { sign_in, .. })
            | MailSystem::Caldav(WebSystem { sign_in, .. })
            | MailSystem::Exchange(WebSystem { sign_in, .. })
            | MailSystem::Jmap(JmapSystem { web: WebSystem { sign_in, .. }, .. }) => sign_in.user_of(owner),
            MailSystem::Microsoft365(_) => owner.as_str().to_owned(),
        }
    }
}

impl Microsoft365System {
    /// What of the tenant is read.
    pub(crate) fn accesses(&self) -> Vec<Access> {
        let of_users: &[Access] = if self.reads_users { &[Access::Users, Access::Groups] } else { &[] };
        [self.reads.accesses(), of_users].concat()
    }
}

impl MicrosoftReads {
    /// What has to be permitted for it.
    pub(crate) fn accesses(self) -> &'static [Access] {
        match self {
            Self::Mailboxes => &[Access::Mail, Access::Calendars],
            Self::MessageTraces => &[Access::Traces],
        }
    }
}

impl ImapSystem {
    fn check(&mut self) -> Result<(), AppError> {
        self.host = checked_text("host", &self.host)?;
        if self.port == 0 {
            return Err(AppError::invalid("the port is 0").with_hint("IMAP has port 993, or 143 with start_tls"));
        }
        if self.security == ConnectionSecurity::None && !rapport_connect::http::is_this_machine(&self.host) {
            return Err(AppError::invalid(format!("`{}` is another machine: its connection must be encrypted", self.host))
                .with_hint("set `security` to `tls` (port 993) or `start_tls` (port 143)"));
        }
        self.sign_in = self.sign_in.checked()?;
        if self.oauth.is_some() && self.sign_in.account.is_some() {
            return Err(AppError::invalid("mailboxes are opened by `account` or by `oauth`, not by both"));
        }
        self.oauth.as_mut().map_or(Ok(()), OAuthService::check)
    }

    fn settings(&self) -> ImapSettings {
        ImapSettings {
            host: self.host.clone(),
            port: self.port,
            security: match self.security {
                ConnectionSecurity::Tls => Security::Tls,
                ConnectionSecurity::StartTls => Security::StartTls,
                ConnectionSecurity::None => Security::None,
            },
            header_fields: HEADER_FIELDS,
        }
    }
}

impl WebSystem {
    fn check(&mut self) -> Result<(), AppError> {
        self.url = checked_text("url", &self.url)?;
        // What stands for a user is no address by itself.
        let example = ["{address}", "{local}", "{domain}"].iter().fold(self.url.clone(), |url, name| url.replace(name, "x"));
        if !rapport_connect::http::is_safe_address(&example) {
            return Err(AppError::invalid(format!("`{}` is no address that begins with https://", self.url))
                .with_hint("an unencrypted connection would tell everybody the password"));
        }
        self.sign_in = self.sign_in.checked()?;
        Ok(())
    }
}

impl SignIn {
    /// Name and password for a mailbox, and whether they are those of an account that acts for everybody.
    fn login(&self, secrets: &Secrets, own: Option<&OwnLogin>) -> Option<(Login, bool)> {
        match (own, &self.account) {
            (Some(own), _) => Some((Login { user: own.user.clone(), password: own.password.clone() }, false)),
            (None, Some(account)) => Some((Login { user: account.clone(), password: secrets.get("password")?.clone() }, true)),
            (None, None) => None,
        }
    }

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

/// The address of Exchange's web services, also where that of the server alone was given. It is the same for every mailbox.
fn exchange_url(given: &str) -> Result<String, AppError> {
    if given.contains(['{', '}']) {
        return Err(AppError::invalid("the address of an Exchange server names no user")
            .with_hint("write it like https://mail.example.com/EWS/Exchange.asmx"));
    }
    let server = given.trim_end_matches('/');
    let has_path = server.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    Ok(if has_path { given.to_owned() } else { format!("{server}/EWS/Exchange.asmx") })
}

pub(super) fn checked_text(what: &str, given: &str) -> Result<String, AppError> {
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
        let Some(Door::Imap(_, login)) = settings.door(&Http::default(), &secrets, &ann, None) else { panic!("no door") };
        let acting = ImapLogin::ActingFor { user: "ann".into(), account: "rapport".into(), password: "hush".into() };
        assert!(login == acting);
        let own = OwnLogin { user: "aa".to_owned(), password: "mine".to_owned() };
        let Some(Door::Imap(_, login)) = settings.door(&Http::default(), &secrets, &ann, Some(&own)) else { panic!("no door") };
        assert!(login == ImapLogin::Password { user: "aa".into(), password: "mine".into() });
        let alone = imap(r#"{"kind":"imap","host":"mail.us.example","port":993}"#);
        assert!(alone.secrets().is_empty() && alone.door(&Http::default(), &secrets, &ann, None).is_none());
        assert_eq!(alone.user_of(&ann), "ann@us.example");
    }

    #[test]
    fn a_tenant_of_microsoft_365_has_its_secrets_by_its_proof() {
        let settings = imap(r#"{"kind":"microsoft_365","tenant_id":"t","client_id":"c"}"#);
        assert_eq!((settings.kind(), settings.secrets()), ("microsoft_365", vec!["client_secret"]));
        let secrets = Secrets::from([("client_secret".to_owned(), "hush".to_owned())]);
        let graph = settings.graph(&secrets).unwrap();
        assert!((graph.cloud == Cloud::Global) && !format!("{graph:?}").contains("hush"));
        let proof = imap(r#"{"kind":"microsoft_365","tenant_id":"t","client_id":"c","cloud":"china","proof":"certificate"}"#);
        assert_eq!(proof.secrets(), ["private_key", "certificate"]);
        assert!(!proof.reads_traces());
        assert!(imap(r#"{"kind":"microsoft_365","tenant_id":"t","client_id":"c","reads":"message_traces"}"#).reads_traces());
        assert!(proof.graph(&secrets).is_none());
        let elsewhere = r#"{"kind":"microsoft_365","tenant_id":"t","client_id":"c","cloud":{"custom":{"graph_url":"https://evil.example/v1.0","login_url":"http://127.0.0.1:1"}}}"#;
        assert!(imap(elsewhere).checked().is_err());
    }

    #[test]
    fn an_exchange_server_is_asked_by_an_account_that_acts_for_a_mailbox_or_by_its_own() {
        let settings = imap(r#"{"kind":"exchange","url":"https://mail.us.example/","account":"us\\rapport"}"#).checked().unwrap();
        assert_eq!((settings.kind(), settings.secrets()), ("exchange", vec!["password"]));
        assert!(!settings.tells_location(), "somebody has to say where an Exchange server stands");
        let (ann, http) = (Address::parse("ann@us.example").unwrap(), Http::default());
        let secrets = Secrets::from([("password".to_owned(), "hush".to_owned())]);
        let door = |own: Option<&OwnLogin>| match settings.door(&http, &secrets, &ann, own) {
            Some(Door::Ews(_, settings, owner, login)) => (settings.url, settings.is_service, owner.address, login.user),
            _ => panic!("no door"),
        };
        let (url, whose) = ("https://mail.us.example/EWS/Exchange.asmx".to_owned(), "ann@us.example".to_owned());
        assert_eq!(door(None), (url.clone(), true, whose.clone(), "us\\rapport".to_owned()));
        let own = OwnLogin { user: "us\\ann".to_owned(), password: "mine".to_owned() };
        assert_eq!(door(Some(&own)), (url, false, whose, "us\\ann".to_owned()));
        for wrong in ["http://mail.us.example", "https://mail.us.example/{address}", ""] {
            assert!(imap(&format!(r#"{{"kind":"exchange","url":"{wrong}"}}"#)).checked().is_err(), "{wrong}");
        }
        let whole = imap(r#"{"kind":"exchange","url":"https://mail.us.example/other/ews.asmx"}"#).checked().unwrap();
        let MailSystem::Exchange(system) = whole.system else { panic!("another system") };
        assert_eq!(system.url, "https://mail.us.example/other/ews.asmx");
    }

    #[test]
    fn tokens_of_a_service_take_the_place_of_an_account() {
        let host = r#""kind":"imap","host":"imap.gmail.com","port":993"#;
        let settings = imap(&format!(r#"{{{host},"oauth":{{"grant":"service_account"}}}}"#)).checked().unwrap();
        assert_eq!(settings.secrets(), ["service_account"]);
        let secrets = Secrets::from([("service_account".to_owned(), "{}".to_owned())]);
        let Some(Grant::ServiceAccount { scope, .. }) = settings.grant(&secrets) else { panic!("another grant") };
        assert_eq!(scope, "https://mail.google.com/");
        assert!(settings.grant(&Secrets::new()).is_none());
        // What is kept of a connector without tokens is what was kept before there were any.
        let plain = serde_json::to_value(imap(&format!("{{{host}}}"))).unwrap();
        assert!(plain.get("oauth").is_none());
        let refused = |rest: &str| imap(&format!("{{{host},{rest}}}")).checked().unwrap_err().to_string();
        let client = r#""oauth":{"grant":"client_credentials","client_id":"c","token_url":"#;
        assert!(refused(&format!(r#"{client}"http://login.example/token"}}"#)).contains("https://"));
        assert!(refused(&format!(r#"{client}"https://login.example/token"}},"account":"a""#)).contains("not by both"));
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
        let MailSystem::Imap(system) = &fine.system else { panic!("another system") };
        assert_eq!((system.host.as_str(), &system.sign_in.account), ("127.0.0.1", &None));
    }
}
