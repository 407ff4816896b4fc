//! Asking a tenant's administrator for consent, and what they come back with.

use reqwest::Url;

use super::{
    Graph,
    settings::{Cloud, is_id},
    token::form,
};
use crate::{http::is_safe, mailbox::SourceError};

/// The tenant of whoever signs in, where nobody knows it yet.
const ANY_TENANT: &str = "organizations";

/// What an administrator is asked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRequest<'a> {
    /// The cloud that the tenant lives in.
    pub cloud: &'a Cloud,
    /// The tenant, where it is known.
    pub tenant_id: Option<&'a str>,
    /// The id of our app registration.
    pub client_id: &'a str,
    /// Where they are sent back to: one of the addresses that the app registration names.
    pub redirect_url: &'a str,
    /// What they come back with.
    pub state: &'a str,
}

impl ConsentRequest<'_> {
    /// Where to send an administrator. They are asked for the permissions that the app registration names, no others.
    pub fn url(&self) -> Result<String, SourceError> {
        let tenant = self.tenant_id.unwrap_or(ANY_TENANT);
        let wrong = |what: &str| SourceError::credentials(what.to_owned());
        if !is_id(tenant) || !is_id(self.client_id) {
            return Err(wrong("tenant and client id have letters, digits, `-` and `.` only"));
        }
        let graph = Url::parse(self.cloud.graph_url()).map_err(|_| wrong("the address of Microsoft Graph is none"))?;
        let mut url = Url::parse(self.cloud.login_url()).map_err(|_| wrong("the address of the login host is none"))?;
        if !is_safe(&url) {
            return Err(wrong("the address of the login host is not encrypted"));
        }
        url.path_segments_mut().map_err(|()| wrong("the address of the login host is none"))?.pop_if_empty().extend([
            tenant,
            "v2.0",
            "adminconsent",
        ]);
        let scope = format!("{}/.default", graph.origin().ascii_serialization());
        let query =
            form(&[("client_id", self.client_id), ("redirect_uri", self.redirect_url), ("state", self.state), ("scope", &scope)]);
        url.set_query(Some(&query));
        Ok(url.to_string())
    }
}

/// What an administrator came back with. It proves nothing by itself: whether there is consent, and whose, is what
/// [`Graph::granted_roles`] tells afterwards. The `tenant` of a redirect can be written by anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentAnswer {
    /// They say that they consented.
    Given {
        /// What they were sent with.
        state: String,
        /// The tenant that the redirect names, unproven.
        claimed_tenant: Option<String>,
    },
    /// They did not, or it failed.
    Refused {
        /// What they were sent with, if it came back.
        state: Option<String>,
        /// The word of the error, e.g. `access_denied`.
        error: String,
    },
}

impl ConsentAnswer {
    /// Reads the query of a redirect. An `error` refuses, even beside `admin_consent=True`; so does anything that is not a clear yes.
    pub fn parse(query: &str) -> Self {
        let mut url = Url::parse("answer:").ok();
        if let Some(url) = &mut url {
            url.set_query(Some(query.trim_start_matches('?')));
        }
        let pairs: Vec<(String, String)> = url.iter().flat_map(|url| url.query_pairs().into_owned()).collect();
        let first =
            |name: &str| pairs.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.clone());
        let is_repeated = |name: &str| pairs.iter().filter(|(key, _)| key == name).count() > 1;
        let state = first("state");
        if let Some(error) = first("error") {
            return Self::Refused { state, error };
        }
        let says_yes = first("admin_consent").is_some_and(|said| said.eq_ignore_ascii_case("true"));
        match state {
            Some(state)
                if says_yes
                    && !is_repeated("admin_consent")
                    && !is_repeated("state")
                    && !pairs.iter().any(|(key, _)| key == "error") =>
            {
                Self::Given { state, claimed_tenant: first("tenant") }
            }
            state => Self::Refused { state, error: "no_consent".to_owned() },
        }
    }
}

impl Graph {
    /// Where to send an administrator of this tenant.
    pub fn consent_url(&self, redirect_url: &str, state: &str) -> Result<String, SourceError> {
        let settings = &self.0.settings;
        let request = ConsentRequest {
            cloud: &settings.cloud,
            tenant_id: Some(&settings.tenant_id),
            client_id: &settings.client_id,
            redirect_url,
            state,
        };
        request.url()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_is_sent_to_their_cloud() {
        let request = ConsentRequest {
            cloud: &Cloud::UsGovernment,
            tenant_id: None,
            client_id: "c1",
            redirect_url: "https://rapport.us.example/consent?a=b",
            state: "s 1",
        };
        assert_eq!(
            request.url().unwrap(),
            "https://login.microsoftonline.us/organizations/v2.0/adminconsent?client_id=c1\
             &redirect_uri=https%3A%2F%2Frapport.us.example%2Fconsent%3Fa%3Db&state=s+1&scope=https%3A%2F%2Fgraph.microsoft.us%2F.default"
        );
        assert!(ConsentRequest { tenant_id: Some("a/b"), ..request }.url().is_err());
    }

    #[test]
    fn only_a_clear_yes_is_one() {
        let given = ConsentAnswer::Given { state: "s".to_owned(), claimed_tenant: Some("t".to_owned()) };
        assert_eq!(ConsentAnswer::parse("admin_consent=True&tenant=t&state=s&scope=x"), given);
        for (query, why) in [
            ("error=access_denied&error_description=no&admin_consent=True&tenant=t&state=s", "access_denied"),
            ("error=&admin_consent=True&tenant=t&state=s", "no_consent"),
            ("admin_consent=False&tenant=t&state=s", "no_consent"),
            ("admin_consent=True&admin_consent=False&state=s", "no_consent"),
            ("tenant=t&state=s", "no_consent"),
        ] {
            assert_eq!(
                ConsentAnswer::parse(query),
                ConsentAnswer::Refused { state: Some("s".to_owned()), error: why.to_owned() },
                "{query}"
            );
        }
        assert_eq!(
            ConsentAnswer::parse("admin_consent=True"),
            ConsentAnswer::Refused { state: None, error: "no_consent".to_owned() }
        );
    }
}
