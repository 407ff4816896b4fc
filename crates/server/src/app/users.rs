//! Users as an administrator keeps them: licence, roles, groups, unit, teams. Which mailboxes are used, and what everybody sees, follows at once.

use std::fmt::Write as _;

use rapport_domain::{Address, Depth, Rights, Task, UserId, rights};
use rapport_store::registry::{CustomRole, NewUser, RecordChange};

use super::{App, AppError, Caller, View, records::UserDocument, viewer::UserSummary};

/// Licences of a user.
pub const LICENCES: [&str; 3] = ["none", "enterprise", "premium"];
/// Names of one list at most, and characters of each.
pub(crate) const NAMES_MAX: usize = 200;
pub(crate) const NAME_MAX_CHARS: usize = 200;

/// What an administrator says of a user; what is not said of an existing one stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    /// Name to show.
    pub name: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// `none`, `enterprise` or `premium`.
    pub licence: Option<String>,
    /// Security roles.
    pub roles: Option<Vec<String>>,
    /// Security groups.
    pub groups: Option<Vec<String>>,
    /// Path of the business unit.
    pub business_unit: Option<String>,
    /// Teams.
    pub teams: Option<Vec<String>>,
    /// Manager's address.
    pub manager: Option<String>,
    /// Further addresses.
    pub aliases: Option<Vec<String>>,
    /// Date or moment from which they do not work here; empty: they do.
    pub left_at: Option<String>,
}

/// A security role and what it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSummary {
    /// Its name.
    pub name: String,
    /// What it allows.
    pub rights: Rights,
    /// Whether it comes with the product.
    pub is_built_in: bool,
    /// Whether users have it that nobody defined: it allows nothing.
    pub is_undefined: bool,
    /// Users who have it.
    pub users: usize,
}

impl App {
    /// Creates or changes a user; whether they are new.
    pub async fn put_user(&self, email: &str, change: &UserChange) -> Result<(UserSummary, bool), AppError> {
        let view = self.view().await?;
        let address = Address::parse(email).map_err(|error| AppError::invalid(format!("`{email}`: {error}")))?;
        let known = view.user_of(address.as_str());
        let before = known.map(|user| view.user_documents[user.0 as usize - 1].clone());
        let document = changed(&view, before.clone().unwrap_or_default(), change)?;
        self.need_may_change(&view, known, &document)?;
        // An alias leads to the user whose it is.
        let email = known.map_or_else(|| address.to_string(), |user| view.directory.user(user).email.clone());
        let row = new_user(&email, before.as_ref(), &document)?;
        let done = self.store.put_users(self.org(), &[row], (self.actor(), self.now())).await?[0];
        if done != RecordChange::Unchanged {
            self.announce(self.store.facts_version(self.org()).await?);
        }
        let view = self.view().await?;
        let user = view.user_of(&email).ok_or_else(|| AppError::missing(format!("`{email}` is no user's address")))?;
        Ok((super::viewer::summary(&view, user, self.now()), done == RecordChange::Created))
    }

    /// Users in other security groups, as rows to store.
    pub(crate) fn regrouped(&self, view: &View, changes: &[(UserId, Vec<String>)]) -> Result<Vec<NewUser>, AppError> {
        let row = |(user, groups): &(UserId, Vec<String>)| {
            self.need_not_council(view, *user)?;
            let before = &view.user_documents[user.0 as usize - 1];
            let after = UserDocument { groups: names(groups, "groups")?, ..before.clone() };
            new_user(&view.directory.user(*user).email, Some(before), &after)
        };
        changes.iter().map(row).collect()
    }

    /// Refuses a change of a user that the caller may not make: of their own right to manage users, of the council's account, of how
    /// somebody signs in who may do more than they, and of another user's address.
    pub(crate) fn need_may_change(&self, view: &View, known: Option<UserId>, after: &UserDocument) -> Result<(), AppError> {
        let keeps = || after.roles.iter().any(|role| view.role(role).is_some_and(|rights| rights.may(Task::ManageUsers)));
        if self.is_caller(known) && !keeps() {
            return Err(AppError::refused("you would take away your own right to manage users")
                .with_hint("let another administrator do it, so that one is left"));
        }
        if let Some(user) = known {
            self.need_not_council(view, user)?;
            // Who signs in with an address of theirs is them.
            if view.user_documents[user.0 as usize - 1].aliases != after.aliases {
                self.need_no_more_rights(view, user)?;
            }
        }
        let is_anothers = |alias: &&String| {
            let alias = Address::parse(alias).ok().and_then(|alias| view.user_of(alias.as_str()));
            alias.is_some_and(|owner| Some(owner) != known)
        };
        match after.aliases.iter().find(is_anothers) {
            Some(alias) => Err(AppError::invalid(format!("`aliases`: `{alias}` is another user's address"))),
            None => Ok(()),
        }
    }

    /// Refuses to change how somebody signs in who may do what the caller may not: they would act under that name.
    pub(crate) fn need_no_more_rights(&self, view: &View, user: UserId) -> Result<(), AppError> {
        let own = self.rights(view).tasks;
        if view.rights(user).tasks.is_subset(&own) {
            return Ok(());
        }
        Err(AppError::refused("this user may do what you may not: how they sign in is not yours to change")
            .with_hint("they change their password themselves; who operates the server can use `rapport sign-in`"))
    }

    /// Keeps one further column of a user.
    pub(crate) async fn put_user_field(&self, email: &str, name: &str, value: &str) -> Result<(), AppError> {
        let view = self.view().await?;
        let user = super::viewer::user_of(&view, email)?;
        let mut document = view.user_documents[user.0 as usize - 1].clone();
        if document.custom.get(name).map(String::as_str) == Some(value) || value.chars().count() > NAME_MAX_CHARS {
            return Ok(());
        }
        let before = document.clone();
        document.custom.insert(name.to_owned(), value.to_owned());
        let row = new_user(&view.directory.user(user).email, Some(&before), &document)?;
        self.store.put_users(self.org(), &[row], (self.actor(), self.now())).await?;
        self.announce(self.store().facts_version(self.org()).await?);
        Ok(())
    }

    fn is_caller(&self, known: Option<UserId>) -> bool {
        matches!((self.caller(), known), (Caller::User { user, .. }, Some(known)) if *user == known)
    }

    /// All security roles: built-in, made here, and those that users have without anybody having defined them.
    pub async fn roles(&self) -> Result<Vec<RoleSummary>, AppError> {
        let view = self.view().await?;
        let users = |name: &str| {
            let has = |document: &&UserDocument| document.roles.iter().any(|role| role.trim().eq_ignore_ascii_case(name));
            view.user_documents.iter().filter(has).count()
        };
        let built_in = rights::built_in_roles().map(|name| (name.to_owned(), Rights::of_built_in(name), true));
        let custom = view.custom_roles.iter().map(|role| (role.name.clone(), Some(role.rights.clone()), false));
        let mut all: Vec<RoleSummary> = built_in
            .chain(custom)
            .map(|(name, rights, is_built_in)| RoleSummary {
                users: users(&name),
                rights: rights.unwrap_or_default(),
                is_built_in,
                is_undefined: false,
                name,
            })
            .collect();
        let mut undefined: Vec<&str> =
            view.user_documents.iter().flat_map(|document| &document.roles).map(|role| role.trim()).collect();
        undefined.retain(|role| view.role(role).is_none());
        undefined.sort_unstable_by_key(|role| role.to_lowercase());
        undefined.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
        all.extend(undefined.into_iter().map(|name| RoleSummary {
            name: name.to_owned(),
            rights: Rights::default(),
            is_built_in: false,
            is_undefined: true,
            users: users(name),
        }));
        Ok(all)
    }

    /// Makes or changes a role of the organization.
    pub async fn put_role(&self, name: &str, rights: Rights) -> Result<(), AppError> {
        let name = names(&[name.to_owned()], "name")?.pop().ok_or_else(|| AppError::invalid("the role's name is empty"))?;
        if Rights::of_built_in(&name).is_some() {
            return Err(AppError::refused(format!("the role `{name}` comes with the product and stays as it is"))
                .with_hint("make one of another name"));
        }
        if rights.writes > rights.reads {
            return Err(AppError::invalid("`writes` reaches farther than `reads`: nobody writes what they do not see"));
        }
        let role = CustomRole { name, rights };
        self.store.put_custom_role(self.org(), &role, (self.actor(), self.now())).await?;
        self.announce(self.store.facts_version(self.org()).await?);
        Ok(())
    }

    /// Takes a role of the organization away: whoever has it has nothing of it any more.
    pub async fn delete_role(&self, name: &str) -> Result<(), AppError> {
        if !self.store.delete_custom_role(self.org(), name, (self.actor(), self.now())).await? {
            return Err(AppError::missing(format!("there is no role `{name}` that was made here")));
        }
        self.announce(self.store.facts_version(self.org()).await?);
        Ok(())
    }
}

fn changed(view: &View, mut document: UserDocument, change: &UserChange) -> Result<UserDocument, AppError> {
    let text = |said: &Option<String>, before: Option<String>| match said.as_deref().map(str::trim) {
        None => before,
        Some("") => None,
        Some(text) => Some(text.to_owned()),
    };
    let list = |said: &Option<Vec<String>>, before: Vec<String>, field: &str| match said {
        None => Ok(before),
        Some(said) => names(said, field),
    };
    document.name = text(&change.name, document.name);
    document.title = text(&change.title, document.title);
    if let Some(licence) = &change.licence {
        let licence = LICENCES.into_iter().find(|known| known == licence);
        let wrong = || AppError::invalid(format!("`licence` is none of {}", LICENCES.join(", ")));
        document.licence = Some(licence.ok_or_else(wrong)?.to_owned());
    }
    document.roles = list(&change.roles, document.roles, "roles")?;
    document.groups = list(&change.groups, document.groups, "groups")?;
    document.teams = list(&change.teams, document.teams, "teams")?;
    let unit = text(&change.business_unit, document.business_unit).map(|unit| unit.trim_matches('/').to_owned());
    document.business_unit = unit.filter(|unit| !unit.is_empty());
    if let Some(manager) = &change.manager {
        document.manager = (!manager.trim().is_empty()).then(|| address(manager, "manager")).transpose()?;
    }
    if let Some(aliases) = &change.aliases {
        document.aliases = aliases.iter().map(|alias| address(alias, "aliases")).collect::<Result<_, _>>()?;
    }
    if let Some(left_at) = &change.left_at {
        let moment = |text: &str| view.calendar.parse(text).map_err(|error| AppError::invalid(format!("`left_at`: {error}")));
        let left_at = Some(left_at.trim()).filter(|text| !text.is_empty()).map(moment).transpose()?;
        document.left_at = left_at.map(rapport_domain::Moment::to_rfc3339);
    }
    Ok(document)
}

fn address(text: &str, field: &str) -> Result<String, AppError> {
    let parsed = Address::parse(text).map_err(|error| AppError::invalid(format!("`{field}`: `{text}`: {error}")))?;
    Ok(parsed.to_string())
}

/// Names as a file has them: trimmed, each once, none empty.
fn names(said: &[String], field: &str) -> Result<Vec<String>, AppError> {
    if said.len() > NAMES_MAX {
        return Err(AppError::invalid(format!("`{field}` has more than {NAMES_MAX} names")));
    }
    let mut all: Vec<String> = Vec::new();
    for name in said.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        if name.chars().count() > NAME_MAX_CHARS || name.contains(';') || name.chars().any(char::is_control) {
            return Err(AppError::invalid(format!("`{field}`: `{name}` is too long, or has a `;` inside")));
        }
        if !all.iter().any(|known| known == name) {
            all.push(name.to_owned());
        }
    }
    Ok(all)
}

/// A row of the registry, with what the audit log says of the change.
pub(crate) fn new_user(email: &str, before: Option<&UserDocument>, after: &UserDocument) -> Result<NewUser, AppError> {
    Ok(NewUser {
        email: email.to_owned(),
        document: serde_json::to_string(after).map_err(|error| AppError::invalid(error.to_string()))?,
        before: before.map(|before| in_words(email, before)),
        after: in_words(email, after),
    })
}

/// What the audit log keeps of a user: what decides about rights, and who they are.
fn in_words(email: &str, document: &UserDocument) -> String {
    let licence = document.licence.as_deref().unwrap_or("premium");
    let unit = document.business_unit.as_deref().unwrap_or("none");
    let mut words = format!(
        "{email}: licence {licence}; roles {}; groups {}; unit {unit}; teams {}; manager {}; aliases {}",
        listed(&document.roles),
        listed(&document.groups),
        listed(&document.teams),
        document.manager.as_deref().unwrap_or("none"),
        listed(&document.aliases),
    );
    if super::view::has_gdpr_optout(&document.custom) {
        words.push_str("; gdpr_optout");
    }
    if let Some(place) = &document.data_location {
        _ = write!(words, "; data in {place}");
    }
    if let Some(at) = &document.left_at {
        _ = write!(words, "; left {at}");
    }
    words
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Rights by their words, as the interface has them.
pub fn rights_of(reads: &str, writes: &str, tasks: &[String]) -> Result<Rights, AppError> {
    let depth = |word: &str, field: &str| {
        let known = || Depth::ALL.map(Depth::as_str).join(", ");
        Depth::parse(word).ok_or_else(|| AppError::invalid(format!("`{field}`: `{word}` is none of {}", known())))
    };
    let task = |word: &String| {
        let known = || Task::ALL.map(Task::as_str).join(", ");
        Task::parse(word).ok_or_else(|| AppError::invalid(format!("`tasks`: `{word}` is none of {}", known())))
    };
    Ok(Rights {
        reads: depth(reads, "reads")?,
        writes: depth(writes, "writes")?,
        tasks: tasks.iter().map(task).collect::<Result<_, _>>()?,
    })
}
