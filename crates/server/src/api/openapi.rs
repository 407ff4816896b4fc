//! `/api/v1/openapi.json`: what all of this is, for programs that write programs.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use utoipa::OpenApi;

use super::{
    extract::NoParameters,
    imports::ProgressBody,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::import::ImportReport;

/// What the document says about the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rapport",
        description = "Relationship analytics from mail, calendars and CRM data. Every figure is a function of (facts, settings, moment); the \
            moment is `as_of`. Times are RFC 3339, problems RFC 9457, pages go by cursor, unknown query parameters are refused. Until sign-in \
            exists the server answers on loopback only."
    ),
    // What no body of a response names: events and common problems do.
    components(schemas(ProblemBody, ProgressBody, ImportReport)),
    tags(
        (name = "records", description = "Accounts, contacts, leads, opportunities"),
        (name = "insights", description = "KPIs, health, who knows whom"),
        (name = "imports", description = "Files in, progress, reports"),
        (name = "settings", description = "What can be set"),
        (name = "operation", description = "For whoever runs the server"),
    )
)]
pub(super) struct Base;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document = super::routes().into_openapi();
    let text = document.to_pretty_json().expect("the document is made of constants");
    text + "\n"
});

/// The OpenAPI document, the same bytes every time.
pub fn openapi_json() -> String {
    DOCUMENT.clone()
}

/// This document
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "operation", operation_id = "openapi", responses(
    (status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = serde_json::Value),
    CommonProblems,
))]
pub(crate) async fn get(_query: NoParameters) -> Result<Response, Problem> {
    Ok(([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response())
}
