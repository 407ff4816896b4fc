//! `/api/v1/forms`: which pages carry our widgets. `/api/v1/consent-request`: what a consent link asks for.

use axum::{Extension, Json, http::StatusCode};
use rapport_domain::{Moment, time::DAY_US};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    access::Peer,
    extract::{ApiJson, ApiPath, NoParameters, TableName, table},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::{consent_link::ConsentRequest, forms::Form};

/// A page that carries our widgets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormBody {
    /// Its number; null: one of our own.
    id: Option<i64>,
    /// Name of the application.
    application: String,
    /// `accounts`, `contacts`, `leads` or `opportunities`.
    #[schema(example = "contacts")]
    table: &'static str,
    /// Name of the tab.
    tab: String,
    /// Some of `relationship_health`, `relationship_analytics`, `who_knows_whom`.
    widgets: Vec<String>,
    /// Some of `web`, `phone`, `tablet`.
    clients: Vec<String>,
    /// When a registered one was seen last.
    last_seen: Option<String>,
}

impl From<Form> for FormBody {
    fn from(form: Form) -> Self {
        let Form { id, application, table, tab, widgets, clients, last_seen } = form;
        Self { id, application, table: table.as_str(), tab, widgets, clients, last_seen: last_seen.map(Moment::to_rfc3339) }
    }
}

/// Forms.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormsBody {
    /// Our own, then registered ones.
    items: Vec<FormBody>,
}

/// Which forms carry our widgets
#[utoipa::path(get, path = "/api/v1/forms", tag = "settings", operation_id = "list_forms",
    responses((status = 200, description = "Our own, then registered ones", body = FormsBody), CommonProblems))]
pub(crate) async fn list(Acting(state): Acting, _query: NoParameters) -> Result<Json<FormsBody>, Problem> {
    Ok(Json(FormsBody { items: state.app().forms().await?.into_iter().map(FormBody::from).collect() }))
}

/// A page of a host application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"application": "Field Service", "table": "contacts", "tab": "Insights", "widgets": ["who_knows_whom"], "clients": ["web"]}))]
pub(crate) struct NewFormBody {
    /// Name of the application.
    application: String,
    /// Whose records it shows.
    #[schema(value_type = TableName)]
    table: String,
    /// Name of the tab.
    tab: String,
    /// Some of `relationship_health`, `relationship_analytics`, `who_knows_whom`.
    widgets: Vec<String>,
    /// Some of `web`, `phone`, `tablet`.
    clients: Vec<String>,
}

/// Registers a page of a host application, or says that it was seen again
#[utoipa::path(put, path = "/api/v1/forms", tag = "settings", operation_id = "put_form", request_body = NewFormBody, responses(
    (status = 200, description = "Registered", body = FormBody),
    (status = 403, description = "One may not", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "There is no such table", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn put(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(body): ApiJson<NewFormBody>,
) -> Result<Json<FormBody>, Problem> {
    let NewFormBody { application, table: noun, tab, widgets, clients } = body;
    let form = Form { id: None, application, table: table(&noun)?, tab, widgets, clients, last_seen: None };
    Ok(Json(state.app().put_form(form).await.map_err(Problem::in_body)?.into()))
}

/// Takes a registered page away
#[utoipa::path(delete, path = "/api/v1/forms/{id}", tag = "settings", operation_id = "delete_form",
    params(("id" = i64, Path, description = "The form's number", example = 1)), responses(
    (status = 204, description = "It is no longer registered"),
    (status = 403, description = "One may not", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "There is no such registered form", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn delete(
    Acting(state): Acting,
    ApiPath(id): ApiPath<i64>,
    _query: NoParameters,
) -> Result<StatusCode, Problem> {
    state.app().delete_form(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A link for whoever may consent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentLinkBody {
    /// The link; without scheme and host where the server does not know its public address. It shows what is asked, and grants nothing.
    link: String,
    /// From when it is refused.
    expires_at: String,
}

/// Makes a link that shows whoever may consent what is asked, without an account
#[utoipa::path(post, path = "/api/v1/enabling/consent-link", tag = "enabling", operation_id = "create_consent_link", responses(
    (status = 201, description = "Signed; good until the 14 days are over, or consent is asked for anew", body = ConsentLinkBody),
    (status = 403, description = "One may not, or nobody is asking for consent", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn consent_link(
    Acting(state): Acting,
    _query: NoParameters,
) -> Result<(StatusCode, Json<ConsentLinkBody>), Problem> {
    let (token, expires_at) = state.app().consent_link().await?;
    // Behind `#`, which no server and no log is sent.
    let link = state.link(&format!("/consent#{token}"));
    Ok((StatusCode::CREATED, Json(ConsentLinkBody { link, expires_at: expires_at.to_rfc3339() })))
}

/// What stands behind `#` in the link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentTokenBody {
    /// The signed text.
    token: String,
}

/// What is asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentRequestBody {
    /// Who asks: name of the organization.
    organization: String,
    /// `pending`, or what became of it.
    #[schema(example = "pending")]
    state: &'static str,
    /// When the 14 days end, while they run.
    deadline: Option<String>,
    /// Days left until then, a begun day counted whole.
    days_left: Option<i64>,
    /// Relationship analytics is asked for.
    relationship_analytics: bool,
    /// Who knows whom is asked for.
    who_knows_whom: bool,
    /// Selected security roles; null: everybody's mailbox.
    roles: Option<Vec<String>>,
    /// Mailboxes that the selection covers.
    mailboxes: usize,
    /// Users.
    users: usize,
    /// Security groups that are left out.
    excluded_groups: usize,
    /// Where the data lies, as it was declared.
    location: Option<String>,
}

/// What a consent link asks for
#[utoipa::path(post, path = "/api/v1/consent-request", tag = "enabling", operation_id = "post_consent_request",
    request_body = ConsentTokenBody, responses(
    (status = 200, description = "What is asked, of whom, until when", body = ConsentRequestBody),
    (status = 403, description = "The link is not good any more", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Tried too often; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn consent_request(
    Acting(state): Acting,
    Extension(peer): Extension<Peer>,
    _query: NoParameters,
    ApiJson(ConsentTokenBody { token }): ApiJson<ConsentTokenBody>,
) -> Result<Json<ConsentRequestBody>, Problem> {
    state.limiter().attempt(peer.machine, None)?;
    let asked = state.app().consent_request(&token).await?;
    let ConsentRequest {
        organization, deadline, relationship_analytics, who_knows_whom, roles, excluded_groups, location, ..
    } = asked;
    let days_left = deadline.map(|deadline| (deadline.0 - state.app().now().0 + DAY_US - 1).div_euclid(DAY_US));
    Ok(Json(ConsentRequestBody {
        organization,
        state: asked.state.as_str(),
        deadline: deadline.map(Moment::to_rfc3339),
        days_left,
        relationship_analytics,
        who_knows_whom,
        roles,
        mailboxes: asked.mailboxes.0,
        users: asked.mailboxes.1,
        excluded_groups,
        location,
    }))
}
