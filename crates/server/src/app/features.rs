//! Why somebody cannot see a feature: each thing that it needs, what was found, and who can change it (06).

use rapport_domain::{ConsentState, Depth, Feature, Geography, Table, UserId};
use rapport_insight::similar::CLOSED_MIN;

use super::{App, AppError, Caller, View, enabling::EnablingStatus, lists::query::ListFilter, settings, viewer};

/// One thing that a feature needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is, e.g. `role`.
    pub check: &'static str,
    /// Whether it is there.
    pub is_ok: bool,
    /// What was found, in one word or number of the interface.
    pub found: String,
    /// Who can change it, e.g. `administrator`.
    pub fixed_by: &'static str,
}

/// Whether somebody can use a feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureAccess {
    /// The feature, e.g. `who_knows_whom`.
    pub feature: &'static str,
    /// What it needs, in the order in which to mend it.
    pub checks: Vec<Check>,
}

impl FeatureAccess {
    /// Whether everything that it needs is there.
    pub fn is_available(&self) -> bool {
        self.checks.iter().all(|check| check.is_ok)
    }
}

impl App {
    /// What each feature needs, and what of it a user has: the caller, or whoever an administrator of users asks about.
    pub async fn features(&self, of: Option<&str>) -> Result<(String, Vec<FeatureAccess>), AppError> {
        let view = self.view().await?;
        let user = self.asked_about(&view, of)?;
        let status = self.enabling().await?;
        let similar_is_on = settings::value(&self.store().settings(self.org()).await?, "similar_deals.enabled") == "true";
        let closed = self.closed_deals().await?;
        let own = [licence(&view, user), role(&view, user)];
        let with = |rest: Vec<Check>| own.iter().cloned().chain(rest).collect();
        let analytics = feature(&status, status.enabling.relationship_analytics);
        let features = [
            ("relationship_analytics", with(vec![analytics.clone()])),
            ("response_times", with([vec![analytics.clone()], mailbox(&view, &status)].concat())),
            ("who_knows_whom", with(vec![feature(&status, status.enabling.who_knows_whom)])),
            ("similar_deals", with(vec![analytics, option(similar_is_on), closed_deals(closed)])),
            ("settings", vec![task(&view, user)]),
        ];
        let features = features.into_iter().map(|(feature, checks)| FeatureAccess { feature, checks }).collect();
        Ok((view.directory.user(user).email.clone(), features))
    }

    /// Won or lost deals that the caller may see, whichever are fewer.
    async fn closed_deals(&self) -> Result<usize, AppError> {
        let (shown, list) = (self.shown(&ListFilter::default()).await?, self.list_table().await?);
        let count = |status: &str| {
            let filter = ListFilter { status: Some(status.to_owned()), ..ListFilter::default() };
            list.matching(Table::Opportunities, &filter, &shown).count()
        };
        Ok(count("won").min(count("lost")))
    }

    fn asked_about(&self, view: &View, of: Option<&str>) -> Result<UserId, AppError> {
        match (self.caller(), of) {
            (Caller::User { user, .. }, Some(address)) if viewer::user_of(view, address).ok() != Some(*user) => {
                if !self.rights(view).may(rapport_domain::Task::ManageUsers) {
                    return Err(super::caller::not_allowed());
                }
                viewer::user_of(view, address)
            }
            (_, of) => self.need_looker(view, of),
        }
    }
}

fn licence(view: &View, user: UserId) -> Check {
    let licence = view.user_documents[user.0 as usize - 1].licence.clone().unwrap_or_else(|| "premium".to_owned());
    Check { check: "licence", is_ok: licence != "none", found: licence, fixed_by: "user_administrator" }
}

fn role(view: &View, user: UserId) -> Check {
    // Without a licence no role reads anything; that is another check's word.
    let document = &view.user_documents[user.0 as usize - 1];
    let reads = document.roles.iter().filter_map(|role| view.role(role)).map(|rights| rights.reads).max().unwrap_or_default();
    Check { check: "role", is_ok: reads > Depth::None, found: reads.as_str().to_owned(), fixed_by: "user_administrator" }
}

fn task(view: &View, user: UserId) -> Check {
    let tasks = view.rights(user).tasks;
    let words: Vec<&str> = tasks.iter().map(|task| task.as_str()).collect();
    let found = if words.is_empty() { "none".to_owned() } else { words.join(" ") };
    Check { check: "task", is_ok: !words.is_empty(), found, fixed_by: "user_administrator" }
}

fn feature(status: &EnablingStatus, is_on: bool) -> Check {
    // Before the first Save features answer on CRM data.
    let state = status.enabling.feature(is_on);
    let found = match state {
        Feature::On => "on",
        Feature::NotEnabled => "not_enabled",
        Feature::Off => "off",
    };
    Check { check: "feature", is_ok: state != Feature::Off, found: found.to_owned(), fixed_by: "administrator" }
}

fn option(is_on: bool) -> Check {
    let found = if is_on { "on" } else { "off" };
    Check { check: "option", is_ok: is_on, found: found.to_owned(), fixed_by: "customizer" }
}

fn closed_deals(fewest: usize) -> Check {
    Check { check: "closed_deals", is_ok: fewest >= CLOSED_MIN, found: fewest.to_string(), fixed_by: "time" }
}

fn mailbox(view: &View, status: &EnablingStatus) -> Vec<Check> {
    let EnablingStatus { enabling, .. } = status;
    let word = |is_on: bool| if is_on { "on" } else { "off" }.to_owned();
    let is_enabled = enabling.enabled_at.is_some();
    vec![
        Check {
            check: "premium",
            is_ok: enabling.premium_since.is_some(),
            found: word(enabling.premium_since.is_some()),
            fixed_by: "administrator",
        },
        Check { check: "enabled", is_ok: is_enabled, found: word(is_enabled), fixed_by: "administrator" },
        Check { check: "mailbox", is_ok: enabling.mailbox, found: word(enabling.mailbox), fixed_by: "administrator" },
        Check {
            check: "geography",
            is_ok: view.geography == Geography::Eligible,
            found: view.geography.as_str().to_owned(),
            fixed_by: "administrator",
        },
        Check {
            check: "consent",
            is_ok: enabling.consent == ConsentState::Granted,
            found: enabling.consent.as_str().to_owned(),
            fixed_by: "tenant_administrator",
        },
    ]
}
