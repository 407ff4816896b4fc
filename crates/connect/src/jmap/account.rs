//! The session resource (RFC 8620, 2): where the server is asked, and whose account is meant.

use std::collections::BTreeMap;

use reqwest::{StatusCode, Url};
use serde::Deserialize;

use crate::{
    exchange::{Exchange, Question},
    mailbox::{Owner, SourceError},
};

/// Where a server says what it offers, if its address does not.
const WELL_KNOWN: &str = "/.well-known/jmap";
pub(super) const CORE: &str = "urn:ietf:params:jmap:core";
pub(super) const MAIL: &str = "urn:ietf:params:jmap:mail";

/// Where an account is asked.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) api: Url,
    /// Template of where it tells that something changed, if it does.
    pub(super) events: Option<String>,
    /// Where the addresses of the session resource begin.
    pub(super) found_at: Url,
    /// Messages that may be asked for at once.
    pub(super) get_max: usize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    api_url: String,
    #[serde(default)]
    event_source_url: String,
    #[serde(default)]
    accounts: BTreeMap<String, Named>,
    #[serde(default)]
    primary_accounts: BTreeMap<String, String>,
    #[serde(default)]
    capabilities: Capabilities,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    #[serde(default)]
    name: String,
    #[serde(default)]
    account_capabilities: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Capabilities {
    #[serde(rename = "urn:ietf:params:jmap:core", default)]
    core: Limits,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    max_objects_in_get: Option<usize>,
}

impl Account {
    /// Finds a user's account. A login that is not the user's own reads nothing but an account that bears the user's address.
    pub(super) async fn find(exchange: &Exchange, owner: &Owner, is_service: bool, get_max: usize) -> Result<Self, SourceError> {
        let base = exchange.base();
        let url = if matches!(base.path(), "" | "/") { exchange.resolve(base, WELL_KNOWN)? } else { base.clone() };
        let answer = exchange.ask_along(&url, Question { method: "GET", depth: None, content_type: "", body: "" }).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::FORBIDDEN => return Err(SourceError::credentials("the server does not let the login use JMAP")),
            status => return Err(SourceError::unexpected(format!("the server answers with {status} for `{}`", url.path()))),
        }
        let session: Session = serde_json::from_slice(answer.body()?)
            .map_err(|error| SourceError::unexpected(format!("`{}` does not say what JMAP offers: {error}", url.path())))?;
        let id =
            session.account_of(owner, is_service).ok_or_else(|| SourceError::mailbox("the login sees no mail of this user"))?;
        let limit = session.capabilities.core.max_objects_in_get.unwrap_or(get_max);
        Ok(Self {
            id,
            api: exchange.resolve(&answer.url, &session.api_url)?,
            events: Some(session.event_source_url).filter(|url| !url.is_empty()),
            found_at: answer.url,
            get_max: limit.clamp(1, get_max),
        })
    }
}

impl Session {
    fn account_of(&self, owner: &Owner, is_service: bool) -> Option<String> {
        let is_owners = |(id, account): &(&String, &Named)| {
            let has_mail = account.account_capabilities.contains_key(MAIL);
            has_mail && [*id, &account.name].iter().any(|text| text.eq_ignore_ascii_case(&owner.address))
        };
        let named = self.accounts.iter().find(is_owners).map(|(id, _)| id.clone());
        named.or_else(|| self.primary_accounts.get(MAIL).filter(|_| !is_service).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_reads_the_account_of_the_user_alone() {
        let session: Session = serde_json::from_str(
            r#"{"apiUrl": "/jmap", "primaryAccounts": {"urn:ietf:params:jmap:mail": "s"}, "accounts": {
                "s": {"name": "service", "accountCapabilities": {"urn:ietf:params:jmap:mail": {}}},
                "a": {"name": "Ann@us.example", "accountCapabilities": {"urn:ietf:params:jmap:mail": {}}},
                "b": {"name": "bob@us.example", "accountCapabilities": {"urn:ietf:params:jmap:contacts": {}}}}}"#,
        )
        .unwrap();
        let account = |address: &str, is_service| session.account_of(&Owner { address: address.to_owned() }, is_service);
        assert_eq!(account("ann@us.example", true).as_deref(), Some("a"));
        assert_eq!(account("ann@us.example", false).as_deref(), Some("a"));
        assert_eq!(account("bob@us.example", true), None, "shares no mail");
        assert_eq!(account("eve@us.example", true), None);
        assert_eq!(account("eve@us.example", false).as_deref(), Some("s"), "the login is the user's own");
    }
}
