//! What is known of the tenant: its users, itself, where it is, and what it granted us.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Graph, Inner, answers,
    permissions::Access,
    session::{Listed, text},
    token,
};
use crate::mailbox::{Owner, SourceError};

/// What is asked of a user.
const USER_SELECT: &str = "$select=id,displayName,mail,userPrincipalName,proxyAddresses,accountEnabled,assignedLicenses,jobTitle,\
                           usageLocation,preferredDataLocation,userType";
/// Users of one page: as many as Graph sends.
const PAGE_USERS: u32 = 999;
/// What is asked of a group.
const GROUP_SELECT: &str = "$select=id,displayName,securityEnabled";
/// Users whose groups are asked for at once: as many as a batch may hold.
const BATCH_REQUESTS: usize = 20;
/// Pages of groups of one user at most.
const GROUP_PAGES_MAX: usize = 20;
/// What is asked of the tenant.
const ORGANIZATION_SELECT: &str = "$select=id,displayName,countryLetterCode,verifiedDomains";
/// What begins an address of mail among a user's proxy addresses; in capitals it is the first.
const MAIL_PROXY: &str = "smtp:";

/// A user of the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphUser {
    /// Their id in the tenant.
    pub id: String,
    /// Their name.
    pub name: Option<String>,
    /// What they sign in with; not always an address that takes mail.
    pub principal_name: Option<String>,
    /// Their addresses, the first one first, distinct in any case; empty without a mailbox.
    pub addresses: Vec<String>,
    /// Whether they may sign in.
    pub is_enabled: bool,
    /// Ids of the products that they have a licence of (`skuId`). A shared mailbox has none.
    pub licences: Vec<String>,
    /// Whether they belong to another organization.
    pub is_guest: bool,
    /// What they do.
    pub job_title: Option<String>,
    /// The country in which they use the services.
    pub usage_location: Option<String>,
    /// Where their data lies, in a tenant with several geographies: a code such as `EUR`.
    pub data_location: Option<String>,
}

/// A page of users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphUsers {
    /// Those of this page.
    pub users: Vec<GraphUser>,
    /// With what to ask for the next page; none after the last.
    pub next: Option<String>,
}

/// The tenant as its directory has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphOrganization {
    /// The tenant's id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Where the company is, as two letters. Says nothing of where mailboxes lie.
    pub country: Option<String>,
    /// Domains that are proven to be its own, ascending.
    pub domains: Vec<String>,
}

/// Where a tenant is, as the login host says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantRegion {
    /// The tenant's id, whatever name it was asked by.
    pub tenant_id: Option<String>,
    /// Who says so of whoever signs in there.
    pub issuer: Option<String>,
    /// A region such as `EU` or `NA`.
    pub scope: Option<String>,
    /// A part of it, e.g. of a cloud for a government.
    pub sub_scope: Option<String>,
}

/// Whether a mailbox can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It can.
    Readable,
    /// It cannot, for this reason.
    Closed(String),
}

impl Graph {
    /// Users of the tenant, a page at a time: the first, or the one that the page before named.
    pub async fn users(&self, next: Option<&str>) -> Result<GraphUsers, SourceError> {
        let url = match next {
            Some(link) => self.link(link)?,
            None => self.url(&["users"], &format!("{USER_SELECT}&$top={PAGE_USERS}"))?,
        };
        let listed = Listed::read(self.get(&url).await?)?;
        Ok(GraphUsers { users: listed.items.iter().filter_map(user).collect(), next: listed.next })
    }

    /// Names of the security groups that each of these users is in, also by way of other groups; nobody is in any who is gone.
    pub async fn groups_of(&self, user_ids: &[&str]) -> Result<Vec<Vec<String>>, SourceError> {
        let mut all = Vec::with_capacity(user_ids.len());
        for some in user_ids.chunks(BATCH_REQUESTS) {
            all.extend(self.groups_of_some(some).await?);
        }
        Ok(all)
    }

    async fn groups_of_some(&self, user_ids: &[&str]) -> Result<Vec<Vec<String>>, SourceError> {
        let base = self.url(&[], "")?;
        let request = |(number, id): (usize, &&str)| {
            let url = self.url(&["users", id, "transitiveMemberOf"], &format!("{GROUP_SELECT}&$top={PAGE_USERS}"))?;
            let below = url.as_str().strip_prefix(base.as_str().trim_end_matches('/')).unwrap_or_default();
            Ok(json!({"id": number.to_string(), "method": "GET", "url": below}))
        };
        let requests = user_ids.iter().enumerate().map(request).collect::<Result<Vec<Value>, SourceError>>()?;
        let url = self.url(&["$batch"], "")?;
        let answer = self.ask(&Method::POST, &url, "", Some(&json!({"requests": requests}))).await?.success()?;
        let mut groups = vec![None; user_ids.len()];
        for one in list(&answer, "responses") {
            let number = text(one, "id").and_then(|id| id.parse::<usize>().ok());
            let Some(slot) = number.and_then(|number| groups.get_mut(number)) else { continue };
            *slot = Some(self.groups_told(one).await?);
        }
        let missing = || SourceError::unexpected("Microsoft Graph left a user out of an answer");
        groups.into_iter().map(|groups| groups.ok_or_else(missing)).collect()
    }

    /// The groups of one answer of a batch, to its last page.
    async fn groups_told(&self, response: &Value) -> Result<Vec<String>, SourceError> {
        if response.get("status").and_then(Value::as_u64) == Some(404) {
            return Ok(Vec::new());
        }
        let mut listed = Listed::read(answers::of_batch(response)?.clone())?;
        let mut names = Vec::new();
        for _ in 0..GROUP_PAGES_MAX {
            for group in listed.items.iter().filter(|one| is_security_group(one)) {
                let nameless =
                    || SourceError::credentials("the groups of users have no names: GroupMember.Read.All is not granted");
                names.push(text(group, "displayName").map(str::to_owned).ok_or_else(nameless)?);
            }
            let Some(next) = &listed.next else { return Ok(names) };
            listed = Listed::read(self.get(&self.link(next)?).await?)?;
        }
        Err(SourceError::unexpected(format!("a user is in more than {GROUP_PAGES_MAX} pages of groups")))
    }

    /// The tenant itself.
    pub async fn organization(&self) -> Result<GraphOrganization, SourceError> {
        let url = self.url(&["organization"], ORGANIZATION_SELECT)?;
        let listed = Listed::read(self.get(&url).await?)?;
        let tenant = listed.items.first().ok_or_else(|| SourceError::unexpected("Microsoft Graph names no tenant"))?;
        let domains = list(tenant, "verifiedDomains");
        let mut domains: Vec<String> = domains.filter_map(|domain| text(domain, "name").map(str::to_lowercase)).collect();
        domains.sort_unstable();
        domains.dedup();
        let said = |name: &str| text(tenant, name).map(str::to_owned);
        let id = said("id").ok_or_else(|| SourceError::unexpected("Microsoft Graph names no tenant"))?;
        Ok(GraphOrganization { id, name: said("displayName"), country: said("countryLetterCode"), domains })
    }

    /// Where the tenant is. Asked of the login host, which says it to everybody.
    pub async fn tenant_region(&self) -> Result<TenantRegion, SourceError> {
        let settings = &self.0.settings;
        let url = settings.login(&settings.tenant_id, &["v2.0", ".well-known", "openid-configuration"])?;
        let answer = self.0.wire.send(self.0.wire.request(Method::GET, url)?).await?;
        if (400..500).contains(&answer.status) {
            return Err(SourceError::credentials(format!("there is no tenant `{}` in this cloud", settings.tenant_id)));
        }
        let said = answer.success()?;
        // https://login.microsoftonline.com/TENANT/v2.0
        let issuer = text(&said, "issuer");
        let tenant_id = issuer.and_then(|issuer| issuer.trim_end_matches('/').rsplit('/').nth(1));
        Ok(TenantRegion {
            tenant_id: tenant_id.map(str::to_owned),
            issuer: issuer.map(str::to_owned),
            scope: text(&said, "tenant_region_scope").map(str::to_owned),
            sub_scope: text(&said, "tenant_region_sub_scope").map(str::to_owned),
        })
    }

    /// The permissions that the tenant granted us, ascending, as a token got now carries them.
    ///
    /// Those that are limited to some mailboxes (RBAC for Applications) stand in no token: [`Graph::probe`] tells of them.
    pub async fn granted_roles(&self) -> Result<Vec<String>, SourceError> {
        let Inner { wire, settings, clock, tokens, .. } = &*self.0;
        token::roles(&tokens.anew(wire, settings, clock).await?)
    }

    /// Whether mail or calendars of a mailbox can be read, and why not: the id of a folder, or of a calendar, is asked for and nothing
    /// else. An error means that nobody knows.
    pub async fn probe(&self, address: &str, access: Access) -> Result<Probe, SourceError> {
        let session = self.open(&Owner { address: address.to_owned() });
        let below = if access == Access::Calendars { "calendars" } else { "mailFolders" };
        let url = session.url(&[below], "$top=1&$select=id")?;
        match session.get(&url, "").await {
            Ok(_) => Ok(Probe::Readable),
            Err(error) if error.is_mailbox() || error.is_expired() => Ok(Probe::Closed(error.to_string())),
            Err(error) => Err(error),
        }
    }
}

/// The items of a list within an answer; none where there is no list.
fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Whether a membership is one of a security group, rather than a role of the directory, a unit or a group for mail alone. Of a group
/// whose properties we may not read only its kind is told.
fn is_security_group(membership: &Value) -> bool {
    let is_group = text(membership, "@odata.type") == Some("#microsoft.graph.group");
    is_group && membership.get("securityEnabled").and_then(Value::as_bool) != Some(false)
}

fn user(value: &Value) -> Option<GraphUser> {
    let said = |name: &str| text(value, name).map(str::to_owned);
    Some(GraphUser {
        id: said("id")?,
        name: said("displayName"),
        principal_name: said("userPrincipalName"),
        addresses: addresses(value),
        is_enabled: value.get("accountEnabled").and_then(Value::as_bool) == Some(true),
        licences: list(value, "assignedLicenses").filter_map(|one| text(one, "skuId").map(str::to_owned)).collect(),
        is_guest: text(value, "userType").is_some_and(|kind| kind.eq_ignore_ascii_case("guest")),
        job_title: said("jobTitle"),
        usage_location: said("usageLocation"),
        data_location: said("preferredDataLocation"),
    })
}

/// The address that Graph says is theirs, then proxy addresses: the first (`SMTP:`) before the others (`smtp:`).
fn addresses(user: &Value) -> Vec<String> {
    let proxies = list(user, "proxyAddresses").filter_map(Value::as_str);
    let of_mail = |proxy: &&str| proxy.get(..MAIL_PROXY.len()).is_some_and(|start| start.eq_ignore_ascii_case(MAIL_PROXY));
    let mut proxies: Vec<&str> = proxies.filter(of_mail).collect();
    proxies.sort_by_key(|proxy| !proxy.starts_with("SMTP:"));
    let mut addresses: Vec<String> = Vec::new();
    for address in text(user, "mail").into_iter().chain(proxies.into_iter().map(|proxy| &proxy[MAIL_PROXY.len()..])) {
        if !addresses.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            addresses.push(address.to_owned());
        }
    }
    addresses
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_users_addresses_are_those_of_mail_first_one_first() {
        let told = user(&json!({
            "id": "u1", "mail": "Jo@us.example", "userPrincipalName": "jo@us.onmicrosoft.example", "accountEnabled": true,
            "proxyAddresses": ["smtp:jo.old@us.example", "SIP:jo@us.example", "X500:/o=x", "SMTP:jo@us.example", "é", "smtp:J@us.example"],
            "assignedLicenses": [{"skuId": "s"}], "userType": "Member",
        }));
        let told = told.unwrap();
        assert_eq!(told.addresses, ["Jo@us.example", "jo.old@us.example", "J@us.example"]);
        assert!(told.is_enabled && told.licences == ["s"] && !told.is_guest);
        assert_eq!(user(&json!({"displayName": "without id"})), None);
    }
}
