//! `/api/v1/permissions`: what each tenant of Microsoft 365 permits, for whoever may consent: a tenant administrator with a ticket, or a
//! user who may. The way to Microsoft's own consent and back is for the tenant administrator alone.

use axum::{
    Extension, Json,
    http::{HeaderMap, Uri},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    access::Peer,
    extract::{ApiJson, ApiPath, NoParameters},
    identify::{Acting, Cookie, cookie_value},
    problem::{CommonProblems, Problem, ProblemBody},
    providers::{CONSENT_PAGE, redirect_url, see_other},
    state::ServerState,
};
use crate::app::{
    AppError, Caller,
    connectors::{MailboxProbe, TenantPermissions},
};

/// Where Microsoft sends people back to.
pub(super) const CALLBACK: &str = "/api/v1/permissions/callback";

/// What a tenant permits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantPermissionsBody {
    /// The connector.
    #[schema(example = "microsoft-365")]
    connector: String,
    /// The tenant's id, or one of its domains.
    tenant: String,
    /// What is needed, each by the least permission that allows it.
    needed: Vec<NeededPermissionBody>,
    /// Permissions that allow more than is ever read.
    beyond_need: Vec<String>,
}

/// A permission that is needed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NeededPermissionBody {
    /// Its name at Microsoft.
    #[schema(example = "Mail.ReadBasic.All")]
    name: &'static str,
    /// Whether it, or one that allows more, was there at the last look; null: nobody looked yet. One that is limited to some mailboxes is never there.
    is_granted: Option<bool>,
}

impl From<TenantPermissions> for TenantPermissionsBody {
    fn from(told: TenantPermissions) -> Self {
        let TenantPermissions { connector, tenant, needed, beyond_need } = told;
        let needed = needed.into_iter().map(|(name, is_granted)| NeededPermissionBody { name, is_granted }).collect();
        Self { connector, tenant, needed, beyond_need }
    }
}

/// What each tenant permits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PermissionsBody {
    /// By connector.
    items: Vec<TenantPermissionsBody>,
}

/// What each tenant of Microsoft 365 permits, as somebody looked last
#[utoipa::path(get, path = "/api/v1/permissions", tag = "enabling", operation_id = "list_permissions", responses(
    (status = 200, description = "By connector; none without one to Microsoft 365", body = PermissionsBody),
    CommonProblems,
))]
pub(crate) async fn list(Acting(state): Acting, _query: NoParameters) -> Result<Json<PermissionsBody>, Problem> {
    Ok(Json(PermissionsBody { items: state.app().permissions().await?.into_iter().map(Into::into).collect() }))
}

/// Asks Microsoft what a tenant permits now
#[utoipa::path(post, path = "/api/v1/permissions/{connector}/check", tag = "enabling", operation_id = "check_permissions",
    params(("connector" = String, Path, description = "The connector's id", example = "microsoft-365")), responses(
    (status = 200, description = "As it is now", body = TenantPermissionsBody),
    (status = 403, description = "It cannot be told: `detail` says why", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "There is no such connector", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn check(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    ApiPath(connector): ApiPath<String>,
    _query: NoParameters,
) -> Result<Json<TenantPermissionsBody>, Problem> {
    state.limiter().attempt(peer.machine, None)?;
    Ok(Json(state.app().look_at_permissions(&connector).await?.into()))
}

/// A mailbox to try.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProbeBody {
    /// Its address.
    #[schema(example = "director@example.com")]
    mailbox: String,
}

/// Whether a mailbox is open.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MailboxProbeBody {
    /// Whether its mail is open.
    mail_is_open: bool,
    /// Whether its calendars are open.
    calendars_are_open: bool,
    /// What Microsoft says of what is closed; null if nothing is.
    reason: Option<String>,
}

impl From<MailboxProbe> for MailboxProbeBody {
    fn from(MailboxProbe { mail_is_open, calendars_are_open, reason }: MailboxProbe) -> Self {
        Self { mail_is_open, calendars_are_open, reason }
    }
}

/// Tries whether a mailbox is open: proves that a limit to some mailboxes holds. Nothing of it is read but the id of a folder and of a calendar
#[utoipa::path(post, path = "/api/v1/permissions/{connector}/probe", tag = "enabling", operation_id = "probe_mailbox",
    params(("connector" = String, Path, description = "The connector's id", example = "microsoft-365")), request_body = ProbeBody, responses(
    (status = 200, description = "Open or closed; the audit log notes who asked", body = MailboxProbeBody),
    (status = 403, description = "It cannot be told: `detail` says why", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "There is no such connector", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn probe(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    ApiPath(connector): ApiPath<String>,
    _query: NoParameters,
    ApiJson(ProbeBody { mailbox }): ApiJson<ProbeBody>,
) -> Result<Json<MailboxProbeBody>, Problem> {
    state.limiter().attempt(peer.machine, None)?;
    Ok(Json(state.app().probe_mailbox(&connector, &mailbox).await.map_err(Problem::in_body)?.into()))
}

/// Sends the tenant administrator to Microsoft, to consent to what a connector needs
#[utoipa::path(get, path = "/api/v1/permissions/{connector}/consent", tag = "enabling", operation_id = "begin_consent_at_microsoft",
    params(("connector" = String, Path, description = "The connector's id", example = "microsoft-365")), responses(
    (status = 303, description = "To Microsoft; from there back to the page of the request for consent, with `permissions` `granted`, `not_yet`, `refused` or `failed`"),
    (status = 403, description = "It is another tenant, or the server does not know its own address", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "There is no such connector", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn begin(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    uri: Uri,
    ApiPath(connector): ApiPath<String>,
    _query: NoParameters,
) -> Result<Response, Problem> {
    state.limiter().attempt(peer.machine, None)?;
    let ticket = cookie_value(&headers, Cookie::Ticket, peer).filter(|_| is_tenant_administrator(&state)).ok_or_else(|| {
        AppError::refused("the tenant administrator alone consents at Microsoft")
            .with_hint("open the link for consent, and sign in there")
    })?;
    let back = redirect_url(&state, &headers, &uri, CALLBACK)?;
    Ok(see_other(&state.app().begin_consent_at_microsoft(&connector, &back, ticket).await?, []))
}

/// Takes back whom Microsoft sends from its consent
#[utoipa::path(get, path = "/api/v1/permissions/callback", tag = "enabling", operation_id = "finish_consent_at_microsoft", responses(
    (status = 303, description = "To the page of the request for consent, with `permissions` `granted`, `not_yet`, `refused` or `failed`"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn finish(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    state.limiter().attempt(peer.machine, None)?;
    let ticket = cookie_value(&headers, Cookie::Ticket, peer).unwrap_or_default();
    let came_of_it = match state.app().tenant_administrator(ticket).await? {
        Some((app, _)) => app.finish_consent_at_microsoft(uri.query().unwrap_or_default(), ticket).await.as_str(),
        None => "failed",
    };
    Ok(see_other(&format!("{CONSENT_PAGE}?permissions={came_of_it}"), []))
}

fn is_tenant_administrator(state: &ServerState) -> bool {
    matches!(state.app().caller(), Caller::TenantAdministrator { .. })
}
