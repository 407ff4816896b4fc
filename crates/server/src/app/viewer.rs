//! Who looks: the user who signed in, else whom the local administrator says to be; and the team of a user.

use rapport_domain::{Address, UserId};

use super::{App, AppError, View};

/// A user as pages show one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSummary {
    /// First address.
    pub email: String,
    /// Name to show.
    pub name: String,
    /// Job title.
    pub title: Option<String>,
    /// Manager's address.
    pub manager: Option<String>,
    /// `none`, `enterprise` or `premium`; everybody is premium unless told otherwise (06).
    pub licence: String,
    /// Security roles.
    pub roles: Vec<String>,
    /// Security groups.
    pub groups: Vec<String>,
    /// Path of the business unit.
    pub business_unit: Option<String>,
    /// Teams.
    pub teams: Vec<String>,
    /// Whether they still work here.
    pub is_active: bool,
}

/// The user of an address.
pub fn user(view: &View, address: &str) -> Result<UserId, AppError> {
    let parsed = Address::parse(address).map_err(|error| AppError::invalid(format!("`viewer`: `{address}`: {error}")))?;
    view.user_of(parsed.as_str()).ok_or_else(|| {
        AppError::invalid(format!("`viewer`: `{address}` is no user's address")).with_hint("GET /api/v1/users lists all users")
    })
}

/// The user of an address that somebody gave.
pub fn user_of(view: &View, address: &str) -> Result<UserId, AppError> {
    let parsed = Address::parse(address).map_err(|error| AppError::invalid(format!("`{address}`: {error}")))?;
    view.user_of(parsed.as_str()).ok_or_else(|| AppError::missing(format!("`{address}` is no user's address")))
}

/// The team of a user (ours): the user and everybody who reports to them, at any distance. Whoever nobody reports to is part of their
/// manager's team: the manager and all who report to that manager directly.
pub fn team(view: &View, user: UserId) -> Vec<UserId> {
    let reports = |manager: UserId| users(view).filter(move |id| manager_of(view, *id) == Some(manager));
    let mut team = vec![user];
    let mut next = 0;
    while let Some(manager) = team.get(next).copied() {
        // A circle of managers ends where it began.
        let new: Vec<UserId> = reports(manager).filter(|id| !team.contains(id)).collect();
        team.extend(new);
        next += 1;
    }
    if team.len() == 1
        && let Some(manager) = manager_of(view, user)
    {
        team.push(manager);
        team.extend(reports(manager).filter(|id| *id != user));
    }
    team.sort_unstable();
    team.dedup();
    team
}

fn users(view: &View) -> impl Iterator<Item = UserId> {
    (1..=view.user_documents.len() as u32).map(UserId)
}

fn manager_of(view: &View, user: UserId) -> Option<UserId> {
    let document = view.user_documents.get(user.0 as usize - 1)?;
    view.user_of(document.manager.as_deref()?)
}

/// A user's line.
pub fn summary(view: &View, id: UserId, now: rapport_domain::Moment) -> UserSummary {
    let user = view.directory.user(id);
    let document = view.user_documents.get(id.0 as usize - 1);
    let left_at = document.and_then(|document| document.left_at.as_deref()).and_then(|text| view.calendar.parse(text).ok());
    UserSummary {
        email: user.email.clone(),
        name: user.name.clone(),
        title: user.title.clone(),
        manager: document.and_then(|document| document.manager.clone()),
        licence: document.and_then(|document| document.licence.clone()).unwrap_or_else(|| "premium".to_owned()),
        roles: document.map(|document| document.roles.clone()).unwrap_or_default(),
        groups: document.map(|document| document.groups.clone()).unwrap_or_default(),
        business_unit: document.and_then(|document| document.business_unit.clone()),
        teams: document.map(|document| document.teams.clone()).unwrap_or_default(),
        is_active: left_at.is_none_or(|at| at > now),
    }
}

impl App {
    /// All users by name.
    pub async fn users(&self) -> Result<Vec<UserSummary>, AppError> {
        let view = self.view().await?;
        let mut all: Vec<UserSummary> = users(&view).map(|id| summary(&view, id, self.now())).collect();
        all.sort_by(|a, b| a.name.to_lowercase().cmp(&b.name.to_lowercase()).then_with(|| a.email.cmp(&b.email)));
        Ok(all)
    }
}
