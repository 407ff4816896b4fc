//! `/api/v1/forms`: which pages carry our widgets.

use axum::{Json, http::StatusCode};
use rapport_domain::Moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    extract::{ApiJson, ApiPath, NoParameters, TableName, table},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::forms::Form;

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
