//! Where Microsoft Graph is, and as what we are known there.

use std::fmt;

use reqwest::Url;

use crate::{http::is_safe, mailbox::SourceError};

/// One of Microsoft's clouds: a tenant lives in exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// The cloud of nearly everybody.
    Global,
    /// The government of the United States, level 4 (GCC High).
    UsGovernment,
    /// The government of the United States, level 5 (Department of Defense).
    UsDefense,
    /// China, operated by 21Vianet.
    China,
    /// Other addresses, e.g. of a test.
    Custom {
        /// Where Graph is, with its version.
        graph_url: String,
        /// Where tokens come from.
        login_url: String,
    },
}

impl Cloud {
    /// Where Graph is, with its version.
    pub fn graph_url(&self) -> &str {
        match self {
            Self::Global => "https://graph.microsoft.com/v1.0",
            Self::UsGovernment => "https://graph.microsoft.us/v1.0",
            Self::UsDefense => "https://dod-graph.microsoft.us/v1.0",
            Self::China => "https://microsoftgraph.chinacloudapi.cn/v1.0",
            Self::Custom { graph_url, .. } => graph_url,
        }
    }

    /// Where tokens come from.
    pub fn login_url(&self) -> &str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsGovernment | Self::UsDefense => "https://login.microsoftonline.us",
            Self::China => "https://login.partner.microsoftonline.cn",
            Self::Custom { login_url, .. } => login_url,
        }
    }
}

/// How we prove who we are. Never shown.
#[derive(Clone)]
pub enum Credential {
    /// A client secret.
    Secret(String),
    /// A certificate that the app registration knows.
    Certificate {
        /// The private key (PKCS #8 or PKCS #1) of an RSA key, as PEM.
        key_pem: String,
        /// The certificate, as PEM.
        certificate_pem: String,
    },
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret(_) => "Secret(..)",
            Self::Certificate { .. } => "Certificate(..)",
        })
    }
}

/// A tenant, and as what we are known there.
#[derive(Clone, Debug)]
pub struct GraphSettings {
    /// The cloud that the tenant lives in.
    pub cloud: Cloud,
    /// The tenant's id, or one of its domains.
    pub tenant_id: String,
    /// The id of our app registration.
    pub client_id: String,
    /// How we prove who we are.
    pub credential: Credential,
}

impl GraphSettings {
    /// Refuses addresses to which nothing should be sent, and ids that would change an address.
    pub(super) fn check(&self) -> Result<(), SourceError> {
        for (what, id) in [("tenant", &self.tenant_id), ("client id", &self.client_id)] {
            if !is_id(id) {
                return Err(SourceError::credentials(format!("`{id}` is no {what}: it has letters, digits, `-` and `.` only")));
            }
        }
        for url in [self.cloud.graph_url(), self.cloud.login_url()] {
            let is_fine = Url::parse(url)
                .is_ok_and(|url| is_safe(&url) && url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
            if !is_fine {
                return Err(SourceError::credentials(format!(
                    "`{url}` is no address of Microsoft Graph: it begins with https://"
                )));
            }
        }
        Ok(())
    }

    /// An address at the login host, under the tenant.
    pub(super) fn login(&self, tenant: &str, segments: &[&str]) -> Result<Url, SourceError> {
        extended(self.cloud.login_url(), &[&[tenant], segments].concat())
    }

    /// An address of Graph.
    pub(super) fn graph(&self, segments: &[&str]) -> Result<Url, SourceError> {
        extended(self.cloud.graph_url(), segments)
    }

    /// All permissions that were granted to us, as a token is asked for.
    pub(super) fn scope(&self) -> Result<String, SourceError> {
        Ok(format!("{}/.default", extended(self.cloud.graph_url(), &[])?.origin().ascii_serialization()))
    }
}

/// Whether a text is an id or a domain, and nothing that an address would read otherwise.
pub(super) fn is_id(text: &str) -> bool {
    let is_fair = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    !text.is_empty() && text.bytes().all(is_fair) && !text.starts_with('.') && !text.contains("..")
}

fn extended(base: &str, segments: &[&str]) -> Result<Url, SourceError> {
    let broken = || SourceError::credentials(format!("`{base}` is no address"));
    let mut url = Url::parse(base).map_err(|_| broken())?;
    url.path_segments_mut().map_err(|()| broken())?.pop_if_empty().extend(segments);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(graph_url: &str, tenant: &str) -> GraphSettings {
        GraphSettings {
            cloud: Cloud::Custom { graph_url: graph_url.to_owned(), login_url: "https://login.example".to_owned() },
            tenant_id: tenant.to_owned(),
            client_id: "11111111-2222-3333-4444-555555555555".to_owned(),
            credential: Credential::Secret("a secret of the client".to_owned()),
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = format!("{:?}", settings("https://graph.example/v1.0", "us.example"));
        assert!(shown.contains("Secret(..)") && !shown.contains("of the client"), "{shown}");
    }

    #[test]
    fn nothing_is_sent_unencrypted_or_to_another_path() {
        assert!(settings("http://127.0.0.1:9/v1.0", "us.example").check().is_ok());
        for (url, tenant) in [
            ("http://graph.example/v1.0", "us.example"),
            ("https://graph.example/v1.0?x=1", "us.example"),
            ("https://graph.example/v1.0", "us.example/oauth2"),
            ("https://graph.example/v1.0", ""),
            ("https://graph.example/v1.0", "a..b"),
        ] {
            assert!(settings(url, tenant).check().unwrap_err().is_credentials(), "{url} {tenant}");
        }
    }

    #[test]
    fn ids_cannot_leave_their_place_in_a_path() {
        let url = settings("https://graph.example/v1.0/", "us.example").graph(&["users", "a/../b?c#d", "messages"]).unwrap();
        assert_eq!(url.as_str(), "https://graph.example/v1.0/users/a%2F..%2Fb%3Fc%23d/messages");
        for cloud in [Cloud::Global, Cloud::UsGovernment, Cloud::UsDefense, Cloud::China] {
            let settings = GraphSettings { cloud, ..settings("https://graph.example", "us.example") };
            assert!(settings.check().is_ok());
            assert!(settings.cloud.graph_url().starts_with(settings.scope().unwrap().trim_end_matches("/.default")));
        }
    }
}
