//! What an operation needs of its caller, in one table. An operation that is not in it is answered to the local administrator alone,
//! and a test fails.

use axum::http::Method;
use rapport_domain::{Depth, Rights, Task};

use crate::app::{Caller, Scopes};

/// What an operation needs of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing, and nobody asks who it is: a probe is answered also while the store is not; a notification proves from whom it is.
    Unidentified,
    /// Nothing: also who is not signed in.
    Anyone,
    /// A user, whatever their roles: what is personal, or known to all colleagues.
    User,
    /// A user in a browser: no program may make itself a token.
    Session,
    /// A primary sales role: reads some records. Which, the use case decides.
    Read,
    /// A primary sales role that writes some records.
    Write,
    /// Consent: whoever has that task, or a tenant administrator with a ticket.
    Consent,
    /// One of these tasks.
    Task(&'static [Task]),
}

/// Whoever has anything to do with the settings.
const ANY_SETTINGS: Need = Need::Task(&[Task::Configure, Task::Customize, Task::Consent, Task::Privacy]);
const CONFIGURE: Need = Need::Task(&[Task::Configure]);
const MANAGE_USERS: Need = Need::Task(&[Task::ManageUsers]);
const PRIVACY: Need = Need::Task(&[Task::Privacy]);
const AUDIT: Need = Need::Task(&[Task::Audit]);

/// What the operation of a method and route needs; `None` if nobody said.
pub(crate) fn need(method: &Method, route: &str) -> Option<Need> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    if let Some(need) = need_of_nobody(method, route) {
        return Some(need);
    }
    let need = match (method.as_str(), route) {
        (
            "GET",
            "/metrics"
            | "/api/v1/me"
            | "/api/v1/users"
            | "/api/v1/events"
            | "/api/v1/features"
            | "/api/v1/forms"
            | "/api/v1/introductions"
            | "/api/v1/list-views"
            | "/api/v1/my-data"
            | "/api/v1/my-data/export"
            | "/api/v1/my-data/looks"
            | "/api/v1/my-data/private-contacts"
            | "/api/v1/works-council",
        )
        | (
            "PUT",
            "/api/v1/my-data/opt-out"
            | "/api/v1/my-data/ask-first"
            | "/api/v1/my-data/private-contacts"
            | "/api/v1/introductions/{id}",
        )
        | ("POST", "/api/v1/list-views" | "/api/v1/works-council" | "/api/v1/my-data/preview")
        | ("PUT" | "DELETE", "/api/v1/list-views/{id}") => Need::User,
        ("GET" | "POST", "/api/v1/tokens" | "/api/v1/sessions")
        | ("DELETE", "/api/v1/tokens/{id}" | "/api/v1/sessions/{id}")
        | ("PUT", "/api/v1/me/password") => Need::Session,
        (
            "GET",
            "/api/v1/dashboard"
            | "/api/v1/exports/{table}"
            | "/api/v1/opportunities/{id}/similar"
            | "/api/v1/pipeline"
            | "/api/v1/search"
            | "/api/v1/who-knows"
            | "/api/v1/{table}"
            | "/api/v1/{table}/{id}"
            | "/api/v1/{table}/{id}/history"
            | "/api/v1/{table}/{id}/insights"
            | "/api/v1/{table}/{id}/interactions"
            | "/api/v1/activities/{id}",
        )
        | ("POST", "/api/v1/introductions") => Need::Read,
        ("POST", "/api/v1/{table}" | "/api/v1/activities") | ("PUT", "/api/v1/{table}/{id}" | "/api/v1/activities/{id}") => {
            Need::Write
        }
        ("GET", "/api/v1/settings" | "/api/v1/enabling") => ANY_SETTINGS,
        // Which of them, goes by the setting.
        ("PUT", "/api/v1/settings/{key}") => Need::Task(&[Task::Configure, Task::Customize, Task::Privacy]),
        ("PUT", "/api/v1/enabling" | "/api/v1/enabling/premium" | "/api/v1/enabling/location") => CONFIGURE,
        ("PUT", "/api/v1/enabling/excluded-groups") => Need::Task(&[Task::Consent]),
        ("POST", "/api/v1/enabling/consent" | "/api/v1/enabling/consent-link") => Need::Task(&[Task::Configure, Task::Consent]),
        ("GET", "/api/v1/connectors") => Need::Task(&[Task::Configure, Task::Consent, Task::Privacy]),
        ("GET" | "POST" | "PUT" | "DELETE", route) if is_below(route, &["/api/v1/imports", "/api/v1/connectors"]) => CONFIGURE,
        // Who consents says by what a provider knows tenant administrators.
        ("GET", "/api/v1/providers") | ("PUT", "/api/v1/providers/{id}") => Need::Task(&[Task::ManageUsers, Task::Consent]),
        ("GET", "/api/v1/health-distribution" | "/api/v1/evaluation")
        | ("POST", "/api/v1/evaluation" | "/api/v1/evaluation/calibration")
        | ("PUT", "/api/v1/forms")
        | ("DELETE", "/api/v1/forms/{id}") => Need::Task(&[Task::Configure, Task::Customize]),
        ("GET" | "POST" | "PUT" | "PATCH" | "DELETE", route) if route.starts_with("/scim/v2/") => MANAGE_USERS,
        ("PUT", "/api/v1/users/{email}")
        | ("POST" | "DELETE", "/api/v1/users/{email}/sign-in")
        | ("GET", "/api/v1/roles")
        | ("DELETE", "/api/v1/providers/{id}")
        | ("PUT" | "DELETE", "/api/v1/roles/{name}") => MANAGE_USERS,
        (
            "GET",
            "/api/v1/looks"
            | "/api/v1/looks/export"
            | "/api/v1/objections"
            | "/api/v1/processing-record"
            | "/api/v1/privacy-requests/{id}"
            | "/api/v1/privacy-requests/{id}/file",
        )
        | ("GET" | "POST", "/api/v1/privacy-requests")
        | ("PUT", "/api/v1/objections")
        | ("POST", "/api/v1/objections/check") => PRIVACY,
        ("GET", "/api/v1/permissions" | "/api/v1/permissions/{connector}/consent")
        | ("POST", "/api/v1/permissions/{connector}/check" | "/api/v1/permissions/{connector}/probe") => Need::Consent,
        ("GET", "/api/v1/audit" | "/api/v1/audit/check" | "/api/v1/audit/export") => AUDIT,
        _ => return None,
    };
    Some(need)
}

/// What an operation needs that is answered to whoever is not signed in.
fn need_of_nobody(method: &Method, route: &str) -> Option<Need> {
    let need = match (method.as_str(), route) {
        ("GET", "/healthz" | "/readyz" | "/api/v1/openapi.json") | ("POST", "/api/v1/connectors/{id}/notifications") => {
            Need::Unidentified
        }
        (
            "GET",
            "/api/v1/sign-in"
            | "/api/v1/sign-in/{provider}"
            | "/api/v1/sign-in/{provider}/callback"
            | "/api/v1/permissions/callback",
        )
        | (
            "POST",
            "/api/v1/sign-in"
            | "/api/v1/sign-out"
            | "/api/v1/invitation"
            | "/api/v1/invitation/password"
            | "/api/v1/consent-request"
            | "/api/v1/consent-request/answer",
        ) => Need::Anyone,
        _ => return None,
    };
    Some(need)
}

/// Whether a route is one of these, or lies below one.
fn is_below(route: &str, places: &[&str]) -> bool {
    places.iter().any(|place| route.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Whether a caller with these rights has what is needed.
pub(crate) fn is_met(need: Option<Need>, method: &Method, caller: &Caller, rights: &Rights) -> bool {
    let is_asking = matches!(*method, Method::GET | Method::HEAD);
    match (need, caller) {
        (_, Caller::LocalAdministrator) | (Some(Need::Anyone | Need::Unidentified), _) => true,
        (None, _) | (_, Caller::Nobody) | (Some(Need::User | Need::Session), Caller::TenantAdministrator { .. }) => false,
        (Some(Need::User), Caller::User { scopes, .. }) => {
            if is_asking {
                scopes.read
            } else {
                scopes.write
            }
        }
        // A program with every scope is still a program.
        (Some(Need::Session), Caller::User { scopes, through_token, .. }) => !through_token && *scopes == Scopes::ALL,
        (Some(Need::Read), _) => rights.reads > Depth::None,
        (Some(Need::Write), _) => rights.writes.min(rights.reads) > Depth::None,
        (Some(Need::Consent), _) => rights.may(Task::Consent),
        (Some(Need::Task(tasks)), _) => tasks.iter().any(|task| rights.may(*task)),
    }
}
