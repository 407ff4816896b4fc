//! `/healthz`, `/readyz`: for whoever watches over the process. Nothing to do with the health of relationships.

use super::{
    extract::NoParameters,
    identify::Acting,
    problem::{CommonProblems, Kind, Problem},
};

/// Whether the process answers
#[utoipa::path(get, path = "/healthz", tag = "operation", operation_id = "healthz", responses(
    (status = 200, description = "It does", content_type = "text/plain", body = String, example = "ok\n"),
    CommonProblems,
))]
pub(crate) async fn healthz(_query: NoParameters) -> &'static str {
    "ok\n"
}

/// Whether requests can be answered: the store answers
#[utoipa::path(get, path = "/readyz", tag = "operation", operation_id = "readyz", responses(
    (status = 200, description = "They can", content_type = "text/plain", body = String, example = "ready\n"),
    CommonProblems,
))]
pub(crate) async fn readyz(Acting(state): Acting, _query: NoParameters) -> Result<&'static str, Problem> {
    let answered = state.app().store().versions(state.app().org()).await;
    answered.map_err(|error| Problem::new(Kind::Busy, error.to_string()))?;
    Ok("ready\n")
}
