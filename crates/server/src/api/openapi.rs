//! `/api/v1/openapi.json`: what all of this is, for programs that write programs.

use std::sync::LazyLock;

use axum::{
    http::{Method, header},
    response::{IntoResponse, Response},
};
use utoipa::openapi::{
    OpenApi,
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

use super::{
    extract::NoParameters,
    imports::ProgressBody,
    needs::{Need, need},
    problem::{CommonProblems, Problem, ProblemBody, problem_response},
};
use crate::app::import::ImportReport;

/// What the document says about the API as a whole.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Rapport",
        description = "Relationship analytics from mail, calendars and CRM data. Every figure is a function of (facts, settings, moment); the \
            moment is `as_of`. Times are RFC 3339, problems RFC 9457, pages go by cursor, unknown query parameters are refused. Programs \
            send `Authorization: Bearer TOKEN`; what the token's user may not see answers like what is not there."
    ),
    // What no body of a response names: events and common problems do.
    components(schemas(ProblemBody, ProgressBody, ImportReport)),
    tags(
        (name = "records", description = "Accounts, contacts, leads, opportunities"),
        (name = "insights", description = "KPIs, health, who knows whom"),
        (name = "imports", description = "Files in, progress, reports"),
        (name = "sign-in", description = "Passwords, providers, sessions, tokens"),
        (name = "people", description = "Users, roles, and who looks"),
        (name = "enabling", description = "What is switched on, and consent to mailbox data"),
        (name = "privacy", description = "What is held on oneself"),
        (name = "audit", description = "Who did what when"),
        (name = "settings", description = "What can be set"),
        (name = "operation", description = "For whoever runs the server"),
    )
)]
pub(super) struct Base;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document = with_needs(super::routes().into_openapi());
    let text = document.to_pretty_json().expect("the document is made of constants");
    text + "\n"
});

/// Says of each operation what it needs of its caller: a token, and that it may be refused.
fn with_needs(mut document: OpenApi) -> OpenApi {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A token of a user")).build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (Method::GET, &mut item.get),
            (Method::PUT, &mut item.put),
            (Method::POST, &mut item.post),
            (Method::DELETE, &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            if matches!(need(&method, path), Some(Need::Anyone | Need::Unidentified)) {
                continue;
            }
            operation.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
            let refused = || problem_response("The caller's security roles, or the token's scopes, do not allow it");
            operation.responses.responses.entry("403".to_owned()).or_insert_with(refused);
        }
    }
    document
}

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
