//! SCIM 2.0 (RFC 7643, 7644): users and security groups as a directory provisions them. What a program changes here goes through
//! [`App::put_user`], with its rules and its entry in the audit log.

use rapport_domain::UserId;
use rapport_store::registry::NewUser;
use serde_json::{Map, Value, json};

use super::{App, AppError, View, users::UserChange, viewer};

/// Schema of users.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Schema of groups.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// What a company adds: department and manager.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// What we add: licence and teams.
pub const OWN: &str = "urn:rapport:params:scim:schemas:extension:1.0:User";

/// Where the identifier of the directory is kept in a user's row.
const EXTERNAL_ID: &str = "scim_external_id";

impl App {
    /// All users as resources.
    pub async fn scim_users(&self) -> Result<Vec<Value>, AppError> {
        let view = self.view().await?;
        let groups = self.numbered_groups(&view).await?;
        Ok(users(&view).map(|user| self.user_resource(&view, &groups, user)).collect())
    }

    /// One user.
    pub async fn scim_user(&self, id: &str) -> Result<Value, AppError> {
        let view = self.view().await?;
        let user = user_numbered(&view, id)?;
        Ok(self.user_resource(&view, &self.numbered_groups(&view).await?, user))
    }

    /// Creates a user; `None` if there is one of this name already.
    pub async fn create_scim_user(&self, resource: &Value) -> Result<Option<Value>, AppError> {
        let view = self.view().await?;
        let name = user_name(resource)?;
        if view.user_of(&name.to_lowercase()).is_some() {
            return Ok(None);
        }
        self.put_scim(&view, &name, resource).await.map(Some)
    }

    /// Puts a whole user in the place of the one that is there.
    pub async fn replace_scim_user(&self, id: &str, resource: &Value) -> Result<Value, AppError> {
        let view = self.view().await?;
        let user = user_numbered(&view, id)?;
        let email = view.directory.user(user).email.clone();
        let name = user_name(resource)?;
        if view.user_of(&name.to_lowercase()) != Some(user) {
            return Err(AppError::refused("`userName` cannot be changed: it is how a user is found")
                .with_hint("add the new address to `emails`, or create a new user"));
        }
        self.put_scim(&view, &email, resource).await
    }

    /// Changes some attributes of a user.
    pub async fn patch_scim_user(&self, id: &str, patch: &Value) -> Result<Value, AppError> {
        let mut resource = self.scim_user(id).await?;
        apply(&mut resource, patch)?;
        empty_what_was_removed(&mut resource);
        self.replace_scim_user(id, &resource).await
    }

    /// The user does not work here any more; rows of users are never deleted, so that figures keep whose they are.
    pub async fn delete_scim_user(&self, id: &str) -> Result<(), AppError> {
        let view = self.view().await?;
        let user = user_numbered(&view, id)?;
        let change = UserChange { left_at: Some(self.now().to_rfc3339()), ..UserChange::default() };
        self.put_user(&view.directory.user(user).email, &change).await.map(drop)
    }

    async fn put_scim(&self, view: &View, email: &str, resource: &Value) -> Result<Value, AppError> {
        let known = view.user_of(&email.to_lowercase());
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let emails = resource["emails"].as_array().into_iter().flatten().filter_map(|one| text(&one["value"]));
        let aliases: Vec<String> = emails.filter(|alias| !alias.eq_ignore_ascii_case(email)).collect();
        let list = |value: &Value| -> Option<Vec<String>> {
            Some(value.as_array()?.iter().filter_map(|one| text(&one["value"]).or_else(|| text(one))).collect())
        };
        let manager = match &resource[ENTERPRISE]["manager"] {
            Value::Null => None,
            manager => {
                let id = text(&manager["value"]).or_else(|| text(manager)).unwrap_or_default();
                Some(if id.is_empty() { id } else { view.directory.user(user_numbered(view, &id)?).email.clone() })
            }
        };
        let is_active = match &resource["active"] {
            Value::Bool(active) => Some(*active),
            Value::String(word) => Some(word.eq_ignore_ascii_case("true")),
            _ => None,
        };
        let has_left = known.is_some_and(|user| !viewer::summary(view, user, self.now()).is_active);
        let change = UserChange {
            name: text(&resource["displayName"]).or_else(|| text(&resource["name"]["formatted"])).or_else(|| {
                let parts = [&resource["name"]["givenName"], &resource["name"]["familyName"]].map(text);
                let whole = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
                (!whole.is_empty()).then_some(whole)
            }),
            title: text(&resource["title"]),
            licence: text(&resource[OWN]["licence"]),
            roles: list(&resource["roles"]),
            groups: None,
            business_unit: text(&resource[ENTERPRISE]["department"]),
            teams: list(&resource[OWN]["teams"]),
            manager,
            aliases: resource["emails"].is_array().then_some(aliases),
            left_at: match is_active {
                Some(false) if !has_left => Some(self.now().to_rfc3339()),
                Some(true) if has_left => Some(String::new()),
                _ => None,
            },
        };
        let (put, _) = self.put_user(email, &change).await?;
        if let Some(external) = text(&resource["externalId"]) {
            self.put_user_field(&put.email, EXTERNAL_ID, &external).await?;
        }
        let view = self.view().await?;
        let user = viewer::user_of(&view, &put.email)?;
        Ok(self.user_resource(&view, &self.numbered_groups(&view).await?, user))
    }

    fn user_resource(&self, view: &View, groups: &[(i64, String)], user: UserId) -> Value {
        let summary = viewer::summary(view, user, self.now());
        let document = &view.user_documents[user.0 as usize - 1];
        let emails = std::iter::once(json!({"value": summary.email, "type": "work", "primary": true}))
            .chain(document.aliases.iter().map(|alias| json!({"value": alias, "type": "other", "primary": false})));
        let of_user = groups.iter().filter(|(_, name)| summary.groups.contains(name));
        let mut resource = json!({
            "schemas": [USER, ENTERPRISE, OWN],
            "id": user.0.to_string(),
            "userName": summary.email,
            "displayName": summary.name,
            "name": {"formatted": summary.name},
            "active": summary.is_active,
            "emails": emails.collect::<Vec<_>>(),
            "roles": summary.roles.iter().map(|role| json!({"value": role})).collect::<Vec<_>>(),
            "groups": of_user.map(|(id, name)| json!({"value": id.to_string(), "display": name})).collect::<Vec<_>>(),
            ENTERPRISE: {},
            OWN: {"licence": summary.licence, "teams": summary.teams},
            "meta": {"resourceType": "User", "location": format!("/scim/v2/Users/{}", user.0)},
        });
        let fields = [
            ("title", summary.title.map(Value::String)),
            ("externalId", document.custom.get(EXTERNAL_ID).cloned().map(Value::String)),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                resource[name] = value;
            }
        }
        if let Some(unit) = summary.business_unit {
            resource[ENTERPRISE]["department"] = json!(unit);
        }
        if let Some(manager) = summary.manager.and_then(|email| view.user_of(&email)) {
            resource[ENTERPRISE]["manager"] =
                json!({"value": manager.0.to_string(), "displayName": view.directory.user(manager).name});
        }
        resource
    }

    async fn numbered_groups(&self, view: &View) -> Result<Vec<(i64, String)>, AppError> {
        let mut names: Vec<String> = view.user_documents.iter().flat_map(|document| document.groups.iter().cloned()).collect();
        names.sort();
        names.dedup();
        Ok(self.store().security_groups(self.org(), &names).await?)
    }

    /// All security groups as resources.
    pub async fn scim_groups(&self) -> Result<Vec<Value>, AppError> {
        let view = self.view().await?;
        let groups = self.numbered_groups(&view).await?;
        Ok(groups.iter().map(|(id, name)| group_resource(&view, *id, name)).collect())
    }

    /// One security group.
    pub async fn scim_group(&self, id: &str) -> Result<Value, AppError> {
        let view = self.view().await?;
        let (id, name) = self.group_numbered(&view, id).await?;
        Ok(group_resource(&view, id, &name))
    }

    async fn group_numbered(&self, view: &View, id: &str) -> Result<(i64, String), AppError> {
        let groups = self.numbered_groups(view).await?;
        groups
            .into_iter()
            .find(|(known, _)| known.to_string() == id)
            .ok_or_else(|| AppError::missing(format!("there is no group `{id}`")))
    }

    /// Creates a security group; `None` if there is one of this name already.
    pub async fn create_scim_group(&self, resource: &Value) -> Result<Option<Value>, AppError> {
        let view = self.view().await?;
        let name = group_name(resource)?;
        if self.numbered_groups(&view).await?.iter().any(|(_, known)| *known == name) {
            return Ok(None);
        }
        let groups = self.store().security_groups(self.org(), std::slice::from_ref(&name)).await?;
        let (id, _) =
            groups.into_iter().find(|(_, known)| *known == name).ok_or_else(|| AppError::missing("the group is gone again"))?;
        let rows = self.regrouped(&view, &regrouped(&view, &name, &name, &members(&view, resource)?))?;
        self.change_group(id, (&name, Some(&name)), &rows).await?;
        self.scim_group(&id.to_string()).await.map(Some)
    }

    /// Puts a whole security group in the place of the one that is there.
    pub async fn replace_scim_group(&self, id: &str, resource: &Value) -> Result<Value, AppError> {
        let view = self.view().await?;
        let (number, before) = self.group_numbered(&view, id).await?;
        let after = group_name(resource)?;
        let members = members(&view, resource)?;
        if after != before && self.numbered_groups(&view).await?.iter().any(|(_, known)| *known == after) {
            return Err(AppError::refused(format!("there is a group `{after}` already")));
        }
        let rows = self.regrouped(&view, &regrouped(&view, &before, &after, &members))?;
        self.change_group(number, (&before, Some(&after)), &rows).await?;
        self.scim_group(id).await
    }

    /// Changes some attributes of a security group.
    pub async fn patch_scim_group(&self, id: &str, patch: &Value) -> Result<Value, AppError> {
        let mut resource = self.scim_group(id).await?;
        apply(&mut resource, patch)?;
        self.replace_scim_group(id, &resource).await
    }

    /// Takes a security group away from everybody.
    pub async fn delete_scim_group(&self, id: &str) -> Result<(), AppError> {
        let view = self.view().await?;
        let (number, name) = self.group_numbered(&view, id).await?;
        // Without it, the mailboxes of its members would be read.
        if view.enabling.excludes(&name) {
            return Err(AppError::refused(format!("the group `{name}` is excluded from mailbox data"))
                .with_hint("a Privacy Administrator takes it off the excluded groups first"));
        }
        let rows = self.regrouped(&view, &regrouped(&view, &name, &name, &[]))?;
        self.change_group(number, (&name, None), &rows).await
    }

    /// Renames a group (also where it is excluded), or takes it away, and changes who is in it, all in one transaction.
    async fn change_group(&self, id: i64, names: (&str, Option<&str>), rows: &[NewUser]) -> Result<(), AppError> {
        self.store().change_security_group(self.org(), id, names, rows, (self.actor(), self.now())).await?;
        self.announce(self.store().facts_version(self.org()).await?);
        Ok(())
    }
}

/// Whose groups change, and to what, where a group that was called `before` is called `after` and has these members.
fn regrouped(view: &View, before: &str, after: &str, members: &[UserId]) -> Vec<(UserId, Vec<String>)> {
    let changed = |user: UserId| {
        let known = &view.user_documents[user.0 as usize - 1].groups;
        let mut groups: Vec<String> = known.iter().filter(|group| *group != before && *group != after).cloned().collect();
        if members.contains(&user) {
            groups.push(after.to_owned());
        }
        let is_same = groups.len() == known.len() && groups.iter().all(|group| known.contains(group));
        (!is_same).then_some((user, groups))
    };
    users(view).filter_map(changed).collect()
}

fn users(view: &View) -> impl Iterator<Item = UserId> {
    (1..=view.user_documents.len() as u32).map(UserId)
}

fn user_numbered(view: &View, id: &str) -> Result<UserId, AppError> {
    let known = id.parse().ok().filter(|id| (1..=view.user_documents.len() as u32).contains(id)).map(UserId);
    known.ok_or_else(|| AppError::missing(format!("there is no user `{id}`")))
}

fn user_name(resource: &Value) -> Result<String, AppError> {
    resource["userName"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| AppError::invalid("`userName` is missing: the user's first address"))
}

fn group_name(resource: &Value) -> Result<String, AppError> {
    let name = resource["displayName"].as_str().map(str::trim).filter(|name| !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| AppError::invalid("`displayName` is missing: the group's name"))
}

fn members(view: &View, resource: &Value) -> Result<Vec<UserId>, AppError> {
    let ids = resource["members"].as_array().into_iter().flatten();
    ids.map(|member| user_numbered(view, member["value"].as_str().unwrap_or_default())).collect()
}

fn group_resource(view: &View, id: i64, name: &str) -> Value {
    let is_member = |user: &UserId| view.user_documents[user.0 as usize - 1].groups.iter().any(|group| group == name);
    let member = |user: UserId| json!({"value": user.0.to_string(), "display": view.directory.user(user).name, "type": "User"});
    json!({
        "schemas": [GROUP],
        "id": id.to_string(),
        "displayName": name,
        "members": users(view).filter(is_member).map(member).collect::<Vec<_>>(),
        "meta": {"resourceType": "Group", "location": format!("/scim/v2/Groups/{id}")},
    })
}

/// Operations of one change at most: directories send a few, or members by the hundred in one.
const OPERATIONS_MAX: usize = 1_000;
/// Names of a path at most; no attribute of ours lies deeper than two.
const PATH_NAMES_MAX: usize = 4;

/// What was removed is empty from now on: what a resource does not say stays as it was.
fn empty_what_was_removed(resource: &mut Value) {
    let mut empty = |place: &[&str], nothing: Value| {
        let mut at = &mut *resource;
        for name in place {
            at = &mut at[*name];
        }
        if at.is_null() {
            *at = nothing;
        }
    };
    empty(&["title"], json!(""));
    empty(&["externalId"], json!(""));
    empty(&["roles"], json!([]));
    empty(&["emails"], json!([]));
    empty(&[ENTERPRISE, "department"], json!(""));
    empty(&[ENTERPRISE, "manager"], json!({"value": ""}));
    empty(&[OWN, "teams"], json!([]));
}

/// Applies a `PatchOp` (RFC 7644 section 3.5.2) to a resource: paths with `.`, schema prefixes, and one filter `attr[sub eq "x"]`.
fn apply(resource: &mut Value, patch: &Value) -> Result<(), AppError> {
    let operations = patch["Operations"].as_array().ok_or_else(|| AppError::invalid("`Operations` is missing"))?;
    if operations.len() > OPERATIONS_MAX {
        return Err(AppError::invalid(format!("`Operations` has more than {OPERATIONS_MAX} entries")));
    }
    for operation in operations {
        let op = operation["op"].as_str().unwrap_or_default().to_lowercase();
        let value = &operation["value"];
        match (op.as_str(), operation["path"].as_str()) {
            ("add" | "replace", None) => {
                let fields =
                    value.as_object().ok_or_else(|| AppError::invalid("`value` is no object where `path` is missing"))?;
                for (path, value) in fields {
                    change(resource, path, Some(value), op == "add")?;
                }
            }
            ("add" | "replace", Some(path)) => change(resource, path, Some(value), op == "add")?,
            ("remove", Some(path)) if value.is_array() => {
                let list = place(resource, path)?;
                let gone: Vec<&Value> = value.as_array().into_iter().flatten().map(|one| &one["value"]).collect();
                if let Some(items) = list.as_array_mut() {
                    items.retain(|item| !gone.contains(&&item["value"]));
                }
            }
            ("remove", Some(path)) => change(resource, path, None, false)?,
            _ => return Err(AppError::invalid(format!("`op`: `{op}` is none of add, replace, remove, or lacks a `path`"))),
        }
    }
    Ok(())
}

fn change(resource: &mut Value, path: &str, value: Option<&Value>, is_added: bool) -> Result<(), AppError> {
    if let Some((list, filter, rest)) = filtered(path) {
        let (name, wanted) = filter;
        let items = place(resource, list)?;
        if !items.is_array() {
            *items = json!([]);
        }
        let Some(items) = items.as_array_mut() else { return Ok(()) };
        let is_meant = |item: &Value| item[name].as_str().is_some_and(|text| text.eq_ignore_ascii_case(wanted));
        match (value, rest) {
            (None, None) => items.retain(|item| !is_meant(item)),
            (value, rest) => {
                if !items.iter().any(is_meant) {
                    items.push(json!({name: wanted}));
                }
                for item in items.iter_mut().filter(|item| is_meant(item)) {
                    match rest {
                        Some(rest) => item[rest] = value.cloned().unwrap_or(Value::Null),
                        None => *item = value.cloned().unwrap_or(Value::Null),
                    }
                }
            }
        }
        return Ok(());
    }
    let target = place(resource, path)?;
    match (value, target.as_array_mut()) {
        (None, _) => *target = Value::Null,
        (Some(Value::Array(new)), Some(items)) if is_added => {
            for one in new {
                if !items.iter().any(|item| item["value"] == one["value"] && !one["value"].is_null()) {
                    items.push(one.clone());
                }
            }
        }
        (Some(value), _) => *target = value.clone(),
    }
    Ok(())
}

/// `emails[type eq "work"].value` as its list, its filter, and what follows.
fn filtered(path: &str) -> Option<(&str, (&str, &str), Option<&str>)> {
    let (list, rest) = path.split_once('[')?;
    let (filter, rest) = rest.split_once(']')?;
    let (name, wanted) = filter.split_once(" eq ")?;
    Some((list, (name.trim(), wanted.trim().trim_matches('"')), rest.strip_prefix('.')))
}

/// The place of a path, made if it is not there.
fn place<'a>(resource: &'a mut Value, path: &str) -> Result<&'a mut Value, AppError> {
    if path.is_empty() || !resource.is_object() {
        return Err(AppError::invalid(format!("`path`: `{path}` leads nowhere")));
    }
    let (mut at, rest) = match [ENTERPRISE, OWN, USER, GROUP].into_iter().find(|schema| path.starts_with(schema)) {
        Some(schema) => {
            let rest = path[schema.len()..].trim_start_matches(':');
            if [USER, GROUP].contains(&schema) { (resource, rest) } else { (&mut resource[schema], rest) }
        }
        None => (resource, path),
    };
    if rest.split('.').count() > PATH_NAMES_MAX {
        return Err(AppError::invalid("`path` has more parts than any attribute"));
    }
    for name in rest.split('.').filter(|name| !name.is_empty()) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let fields = at.as_object_mut().ok_or_else(|| AppError::invalid(format!("`path`: `{path}` leads nowhere")))?;
        // Names of attributes are compared without case.
        let known = fields.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned();
        at = fields.entry(known.unwrap_or_else(|| name.to_owned())).or_insert(Value::Null);
    }
    Ok(at)
}
