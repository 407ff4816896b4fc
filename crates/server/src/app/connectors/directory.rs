//! Users as a tenant of Microsoft 365 tells them: who works there, under which addresses, in which security groups, with which licence,
//! and where their data lies. Security roles, teams and units are given here; nobody's mailbox is read because they came from there.

use std::collections::{BTreeMap, BTreeSet};

use rapport_connect::graph::GraphUser;
use rapport_domain::{Address, UserId};
use rapport_store::registry::NewUser;
use serde::{Deserialize, Serialize};

use super::{App, AppError, ConnectorSettings};
use crate::app::{
    View,
    records::UserDocument,
    users::{NAME_MAX_CHARS, NAMES_MAX, new_user},
};

/// Products whose licence is one of ours, by the id that Microsoft gives them (`skuId`); the greater one first.
const LICENCES: [(&str, &str); 2] =
    [("2edaa1dc-966d-4475-93d6-8ee8dfd96877", "premium"), ("1e1a282c-9c54-43a2-9310-98ef728faace", "enterprise")];
/// Where what the tenant told last is kept in a user's row.
const MARK: &str = "microsoft_365";

/// A user of the tenant, with the security groups that they are in.
pub(crate) type TenantUser = (GraphUser, Vec<String>);

/// What a tenant told of a user last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Mark {
    connector: String,
    id: String,
    groups: BTreeSet<String>,
    /// Whether they left because the tenant said so.
    has_left: bool,
}

impl Mark {
    fn of(document: &UserDocument) -> Option<Self> {
        serde_json::from_str(document.custom.get(MARK)?).ok()
    }
}

impl App {
    /// Accounts that are users here or would be, and the others.
    pub(crate) async fn tenant_users_of_ours(
        &self,
        connector: &str,
        settings: &ConnectorSettings,
        told: Vec<GraphUser>,
    ) -> Result<(Vec<GraphUser>, Vec<GraphUser>), AppError> {
        let view = self.whole_view().await?;
        let marks = marks(&view);
        let of_connector = marks.iter().filter(|(_, mark)| mark.connector == connector);
        let known: BTreeSet<&str> = of_connector.map(|(_, mark)| mark.id.as_str()).collect();
        let is_ours = |user: &GraphUser| {
            let mut own = user.addresses.iter().filter_map(|address| Address::parse(address).ok());
            let is_user = known.contains(user.id.as_str()) || own.clone().any(|own| view.user_of(own.as_str()).is_some());
            !user.is_guest && (is_user || own.next().is_some_and(|first| would_be_new(user, settings, &first)))
        };
        Ok(told.into_iter().partition(is_ours))
    }

    /// Creates and changes users as a whole tenant tells them; how many it changed. Whoever came from there and is there no more has left.
    pub(crate) async fn keep_tenant_users(
        &self,
        connector: &str,
        settings: &ConnectorSettings,
        told: &[TenantUser],
    ) -> Result<usize, AppError> {
        let view = self.whole_view().await?;
        let marks = marks(&view);
        let of_connector = marks.iter().filter(|(_, mark)| mark.connector == connector);
        let known: BTreeMap<&str, UserId> = of_connector.map(|(user, mark)| (mark.id.as_str(), *user)).collect();
        let mut rows: BTreeMap<String, NewUser> = BTreeMap::new();
        let mut change = |user: Option<UserId>, email: &str, document: UserDocument| -> Result<(), AppError> {
            let before = user.map(|user| &view.user_documents[user.0 as usize - 1]);
            if before != Some(&document) {
                rows.insert(email.to_owned(), new_user(email, before, &document)?);
            }
            Ok(())
        };
        let there: BTreeSet<&str> = told.iter().map(|(user, _)| user.id.as_str()).collect();
        // Whom an account of the tenant is already: another one with an address of theirs is not them.
        let is_another = |id: &UserId, user: &GraphUser| {
            let mark = marks.iter().find(|(marked, _)| marked == id).map(|(_, mark)| mark);
            mark.is_some_and(|mark| mark.connector == connector && mark.id != user.id && there.contains(mark.id.as_str()))
        };
        let mut taken_over: BTreeSet<UserId> = BTreeSet::new();
        for (user, groups) in told.iter().filter(|(user, _)| !user.is_guest) {
            let own: Vec<Address> = user.addresses.iter().filter_map(|address| Address::parse(address).ok()).collect();
            let by_address = || own.iter().find_map(|address| view.user_of(address.as_str()));
            let id = known.get(user.id.as_str()).copied().or_else(by_address);
            if id.is_some_and(|id| is_another(&id, user) || !taken_over.insert(id)) {
                continue;
            }
            let Some(first) = own.first() else { continue };
            if id.is_none() && !would_be_new(user, settings, first) {
                continue;
            }
            if id.is_some_and(|id| self.need_not_council(&view, id).is_err()) {
                continue;
            }
            let email = id.map_or_else(|| first.to_string(), |id| view.directory.user(id).email.clone());
            let mut document = id.map(|id| view.user_documents[id.0 as usize - 1].clone()).unwrap_or_default();
            self.take_over(&view, (id, &email), &mut document, user, (connector, groups, &own));
            change(id, &email, document)?;
        }
        for (user, mark) in marks.iter().filter(|(user, _)| !taken_over.contains(user)) {
            let mut document = view.user_documents[user.0 as usize - 1].clone();
            let is_gone = mark.connector == connector && !there.contains(mark.id.as_str()) && document.left_at.is_none();
            if is_gone && self.need_not_council(&view, *user).is_ok() {
                document.left_at = Some(self.now().to_rfc3339());
                write_mark(&mut document, &Mark { has_left: true, ..mark.clone() });
                change(Some(*user), &view.directory.user(*user).email, document)?;
            }
        }
        let rows: Vec<NewUser> = rows.into_values().collect();
        if !rows.is_empty() {
            let actor = format!("connector {connector}");
            self.store().put_users(self.org(), &rows, (&actor, self.now())).await?;
            self.announce(self.store().facts_version(self.org()).await?);
        }
        Ok(rows.len())
    }

    /// What the tenant says of a user takes the place of what it said before; what others said stays.
    fn take_over(
        &self,
        view: &View,
        (id, email): (Option<UserId>, &str),
        document: &mut UserDocument,
        told: &GraphUser,
        (connector, groups, own): (&str, &[String], &[Address]),
    ) {
        let before = Mark::of(document).unwrap_or_default();
        document.name = told.name.clone().or_else(|| document.name.take());
        document.title = told.job_title.clone().or_else(|| document.title.take());
        for address in own.iter().map(Address::as_str) {
            let is_anothers = view.user_of(address).is_some_and(|owner| Some(owner) != id);
            if address != email && !is_anothers && !document.aliases.iter().any(|alias| alias == address) {
                document.aliases.push(address.to_owned());
            }
        }
        if let Some((_, licence)) = LICENCES.iter().find(|(product, _)| told.licences.iter().any(|has| has == product)) {
            document.licence = Some((*licence).to_owned());
        }
        document.groups.retain(|group| !before.groups.contains(group));
        let groups = kept_groups(view, groups, NAMES_MAX.saturating_sub(document.groups.len()));
        document.groups.retain(|group| !groups.contains(group));
        document.groups.extend(groups.iter().cloned());
        document.data_location.clone_from(&told.data_location);
        let mut has_left = before.has_left;
        if told.is_enabled && has_left {
            (document.left_at, has_left) = (None, false);
        } else if !told.is_enabled && document.left_at.is_none() {
            (document.left_at, has_left) = (Some(self.now().to_rfc3339()), true);
        }
        write_mark(document, &Mark { connector: connector.to_owned(), id: told.id.clone(), groups, has_left });
    }
}

/// Whether an account of nobody here becomes a user.
fn would_be_new(user: &GraphUser, settings: &ConnectorSettings, first: &Address) -> bool {
    user.is_enabled && !user.licences.is_empty() && settings.covers(first)
}

/// What a tenant told of a user stays where somebody else says the rest of them, and nobody else says it.
pub(crate) fn keep_what_a_tenant_told(before: Option<&UserDocument>, after: &mut UserDocument) {
    after.custom.remove(MARK);
    let Some(before) = before else { return };
    after.data_location.clone_from(&before.data_location);
    let Some(mark) = Mark::of(before) else { return };
    after.groups.extend(mark.groups.iter().filter(|group| !after.groups.contains(group)).cloned().collect::<Vec<_>>());
    if mark.has_left && after.left_at.is_none() {
        after.left_at.clone_from(&before.left_at);
    }
    write_mark(after, &mark);
}

/// Groups as a row has them, so many at most, excluded ones first to be kept.
fn kept_groups(view: &View, told: &[String], most: usize) -> BTreeSet<String> {
    let plain = |group: &String| {
        let plain = group.trim().chars().map(|char| if char == ';' || char.is_control() { ' ' } else { char });
        let name: String = plain.take(NAME_MAX_CHARS).collect();
        (!name.is_empty()).then_some(name)
    };
    let mut groups: Vec<String> = told.iter().filter_map(plain).collect();
    groups.sort_by_cached_key(|group| (!view.enabling.excludes(group), group.clone()));
    groups.into_iter().take(most).collect()
}

fn marks(view: &View) -> Vec<(UserId, Mark)> {
    let users = (1..=view.user_documents.len() as u32).map(UserId);
    users.filter_map(|user| Some((user, Mark::of(&view.user_documents[user.0 as usize - 1])?))).collect()
}

fn write_mark(document: &mut UserDocument, mark: &Mark) {
    document.custom.insert(MARK.to_owned(), serde_json::json!(mark).to_string());
}
