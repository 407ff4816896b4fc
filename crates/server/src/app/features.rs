//! Why somebody cannot see a feature: each thing that it needs, what was found, and who can change it (06).

use rapport_domain::{ConsentState, Depth, Geography, Rights, Table, Task, UserId};
use rapport_insight::similar::CLOSED_MIN;

use super::{App, AppError, Caller, Tier, View, enabling::EnablingStatus, forms::Form, settings, viewer};

/// One thing that a feature needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is, e.g. `role`.
    pub check: &'static str,
    /// Whether it is there.
    pub is_ok: bool,
    /// What was found: a word or number of the interface, or the names of roles.
    pub found: String,
    /// Who can change it, e.g. `administrator`.
    pub fixed_by: &'static str,
    /// Applications, and whose records their forms show, that do not carry the feature's widget.
    pub lacking: Vec<(String, Table)>,
}

impl Check {
    fn new(check: &'static str, is_ok: bool, found: impl Into<String>, fixed_by: &'static str) -> Self {
        Self { check, is_ok, found: found.into(), fixed_by, lacking: Vec::new() }
    }
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
    /// Whether everything that it needs is there. Our own pages carry every widget: a form that lacks one takes nothing away from them.
    pub fn is_available(&self) -> bool {
        self.checks.iter().all(|check| check.is_ok || check.check == FORM)
    }
}

/// The check that is about pages of host applications.
const FORM: &str = "form";

/// Tasks that are somebody's by a role that is assigned for them, each with the page where they are done.
const TASKS: [(&str, &[Task]); 5] = [
    ("settings", &[Task::Configure, Task::Customize]),
    ("users", &[Task::ManageUsers]),
    ("consent", &[Task::Consent]),
    ("privacy_requests", &[Task::Privacy]),
    ("audit", &[Task::Audit]),
];

/// Tables whose forms can carry a widget.
const ANALYTICS_TABLES: &[Table] = &Table::ALL;
const HEALTH_TABLES: &[Table] = &[Table::Contacts, Table::Leads, Table::Opportunities];
const INTRODUCER_TABLES: &[Table] = &[Table::Contacts, Table::Leads];

impl App {
    /// What each feature needs, and what of it a user has: the caller, or whoever an administrator of users asks about.
    pub async fn features(&self, of: Option<&str>) -> Result<(String, Vec<FeatureAccess>), AppError> {
        let view = self.view().await?;
        let user = self.asked_about(&view, of)?;
        let (status, forms) = (self.enabling().await?, self.forms().await?);
        let values = self.store().settings(self.org()).await?;
        let option = |key: &'static str| {
            let is_on = settings::value(&values, key) == "true";
            Check::new("option", is_on, on_or_off(is_on), "customizer")
        };
        // The basic tier needs no enabling; what it leaves out needs a licence first, and then the same as for everybody.
        let for_all = |is_on: bool| match view.tier_of(user) {
            Tier::Basic => vec![Check::new("feature", true, "basic_tier", "administrator")],
            Tier::Enhanced => switches(&status, is_on, false),
        };
        let (analytics, introducers) = (status.enabling.relationship_analytics, status.enabling.who_knows_whom);
        let basic = || vec![licence(&view, user, Tier::Basic), role(&view, user)];
        let enhanced = || vec![licence(&view, user, Tier::Enhanced), role(&view, user)];
        let form = |widget: &str, tables: &[Table]| vec![on_forms(&forms, widget, tables)];
        let all = "relationship_analytics";
        let features = [
            (all, [basic(), for_all(analytics), form(all, ANALYTICS_TABLES)].concat()),
            (
                "health",
                [
                    enhanced(),
                    switches(&status, analytics, false),
                    vec![option("health.show")],
                    form("relationship_health", HEALTH_TABLES),
                ]
                .concat(),
            ),
            (
                "response_times",
                [enhanced(), switches(&status, analytics, true), mailbox(&view, &status), form(all, ANALYTICS_TABLES)].concat(),
            ),
            ("who_knows_whom", [basic(), for_all(introducers), form("who_knows_whom", INTRODUCER_TABLES)].concat()),
            (
                "similar_deals",
                [
                    enhanced(),
                    switches(&status, analytics, false),
                    vec![option("similar_deals.enabled"), self.closed_check(&view, user)],
                    form(all, &[Table::Opportunities]),
                ]
                .concat(),
            ),
        ];
        let tasks = TASKS.into_iter().map(|(feature, tasks)| (feature, vec![task(&view, user, tasks)]));
        let features = features.into_iter().chain(tasks).map(|(feature, checks)| FeatureAccess { feature, checks }).collect();
        Ok((view.directory.user(user).email.clone(), features))
    }

    /// Whether there are deals enough to compare with. In works council mode nobody learns how many a colleague closed.
    fn closed_check(&self, view: &View, user: UserId) -> Check {
        let fewest = self.closed_deals(view, user);
        let is_told = view.works_council.is_none() || self.acting_user() == Some(user);
        let found = if is_told { fewest.to_string() } else { super::told::NOT_PERMITTED.to_owned() };
        Check::new("closed_deals", fewest >= CLOSED_MIN, found, "time")
    }

    /// Won or lost deals that a user may see, whichever are fewer.
    fn closed_deals(&self, view: &View, user: UserId) -> usize {
        let (reach, now) = (view.reach(user, view.rights(user).reads), self.now());
        let count = |status: &str| {
            let is_closed = |record: &&super::view::Record| {
                let Some(document) = &record.document else { return false };
                let closed_at = document.closed_at.as_deref().and_then(|text| view.calendar.parse(text).ok());
                record.reference.table == Table::Opportunities
                    && document.status.as_deref() == Some(status)
                    && closed_at.is_none_or(|at| at <= now)
                    && reach.allows(record.record)
            };
            view.records.iter().filter(is_closed).count()
        };
        count("won").min(count("lost"))
    }

    fn asked_about(&self, view: &View, of: Option<&str>) -> Result<UserId, AppError> {
        match (self.caller(), of) {
            (Caller::User { user, .. }, Some(address)) if viewer::user_of(view, address).ok() != Some(*user) => {
                if !self.rights(view).may(Task::ManageUsers) {
                    return Err(super::caller::not_allowed());
                }
                viewer::user_of(view, address)
            }
            (_, of) => self.need_looker(view, of),
        }
    }
}

fn on_or_off(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn licence(view: &View, user: UserId, needed: Tier) -> Check {
    let licence = view.user_documents[user.0 as usize - 1].licence.clone().unwrap_or_else(|| "premium".to_owned());
    let is_ok = licence != "none" && (needed == Tier::Basic || view.tier_of(user) == Tier::Enhanced);
    Check::new("licence", is_ok, licence, "user_administrator")
}

/// Names of a user's roles that allow something, as they are assigned.
fn roles_that(view: &View, user: UserId, allow: impl Fn(&Rights) -> bool) -> Vec<&str> {
    let roles = view.user_documents[user.0 as usize - 1].roles.iter();
    roles.filter(|role| view.role(role).is_some_and(|rights| allow(&rights))).map(String::as_str).collect()
}

fn role(view: &View, user: UserId) -> Check {
    // Without a licence no role reads anything; that is another check's word.
    let primary = roles_that(view, user, |rights| rights.reads > Depth::None);
    let found = match (primary.is_empty(), roles_that(view, user, |_| true).is_empty()) {
        (false, _) => primary.join(", "),
        // A role for single tasks is assigned beside a primary one, and reads nothing by itself.
        (true, false) => "functional".to_owned(),
        (true, true) => "none".to_owned(),
    };
    Check::new("role", !primary.is_empty(), found, "user_administrator")
}

fn task(view: &View, user: UserId, tasks: &[Task]) -> Check {
    let roles = roles_that(view, user, |rights| tasks.iter().any(|task| rights.may(*task)));
    let found = if roles.is_empty() { "none".to_owned() } else { roles.join(", ") };
    Check::new("task", !roles.is_empty(), found, "user_administrator")
}

/// Premium features, and the feature's own switch. Before the first Save features answer on CRM data, and nobody has to have accepted
/// anything; mailbox data waits for both.
fn switches(status: &EnablingStatus, is_on: bool, needs_mailbox: bool) -> Vec<Check> {
    let (enabling, has_premium) = (&status.enabling, status.enabling.premium_since.is_some());
    let is_before = enabling.enabled_at.is_none();
    let premium = if is_before && !has_premium && !needs_mailbox { "not_enabled" } else { on_or_off(has_premium) };
    // What disabled premium features take with them is on again as soon as they are.
    let feature = if is_before { "not_enabled" } else { on_or_off(is_on) };
    vec![
        Check::new("premium", premium != "off", premium, "administrator"),
        Check::new("feature", feature != "off", feature, "administrator"),
    ]
}

/// Which registered applications show such records without the widget: one form that carries it is enough.
fn on_forms(forms: &[Form], widget: &str, tables: &[Table]) -> Check {
    let registered = || forms.iter().filter(|form| form.id.is_some() && tables.contains(&form.table));
    let carries = |form: &Form| form.widgets.iter().any(|carried| carried == widget);
    let mut shown: Vec<(String, Table)> = registered().map(|form| (form.application.clone(), form.table)).collect();
    shown.sort_by(|a, b| (&a.0, a.1.as_str()).cmp(&(&b.0, b.1.as_str())));
    shown.dedup();
    let is_carried = |(application, table): &(String, Table)| {
        registered().any(|form| form.application == *application && form.table == *table && carries(form))
    };
    let (carrying, lacking): (Vec<_>, Vec<_>) = shown.into_iter().partition(is_carried);
    Check { lacking: lacking.clone(), ..Check::new(FORM, lacking.is_empty(), carrying.len().to_string(), "form_customizer") }
}

fn mailbox(view: &View, status: &EnablingStatus) -> Vec<Check> {
    let enabling = &status.enabling;
    let is_enabled = enabling.enabled_at.is_some();
    vec![
        Check::new("enabled", is_enabled, on_or_off(is_enabled), "administrator"),
        Check::new("mailbox", enabling.mailbox, on_or_off(enabling.mailbox), "administrator"),
        Check::new("roles", enabling.roles.is_any(), on_or_off(enabling.roles.is_any()), "administrator"),
        Check::new("geography", view.geography == Geography::Eligible, view.geography.as_str(), "administrator"),
        Check::new("consent", enabling.consent == ConsentState::Granted, enabling.consent.as_str(), "tenant_administrator"),
    ]
}
