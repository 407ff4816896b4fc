//! `/api/v1/objections`: people who are not to be captured. They are kept as keyed hashes, so that whom they are of is asked, never listed.
//!
//! Addresses stand in bodies, not in addresses of requests, which are written down on the way.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    extract::{ApiJson, NoParameters},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
};

/// Objections.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObjectionsBody {
    /// Addresses that one is kept of.
    addresses: usize,
}

/// Whose objection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"address": "jo@customer.example"}))]
pub(crate) struct ObjectionAddressBody {
    /// An address of the person; all their addresses are meant.
    address: String,
}

/// Whether somebody objects.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"address": "jo@customer.example", "objects": true}))]
pub(crate) struct NewObjectionBody {
    /// An address of the person; all their addresses are meant.
    address: String,
    /// Whether they object: true keeps their objection, false lifts it.
    objects: bool,
}

/// Whether somebody objects.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObjectionBody {
    /// Whether an objection of theirs is kept.
    objects: bool,
    /// Whether the request changed that.
    has_changed: bool,
}

/// How many objections are kept
#[utoipa::path(get, path = "/api/v1/objections", tag = "privacy", operation_id = "count_objections",
    responses((status = 200, description = "How many; of whom, nobody can read", body = ObjectionsBody), CommonProblems))]
pub(crate) async fn count(Acting(state): Acting, _query: NoParameters) -> Result<Json<ObjectionsBody>, Problem> {
    Ok(Json(ObjectionsBody { addresses: state.app().objection_count().await? }))
}

/// Whether somebody objected to being captured
#[utoipa::path(post, path = "/api/v1/objections/check", tag = "privacy", operation_id = "check_objection",
    request_body = ObjectionAddressBody, responses(
    (status = 200, description = "Whether they did; `has_changed` is false", body = ObjectionBody),
    (status = 403, description = "One may not", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn check(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(ObjectionAddressBody { address }): ApiJson<ObjectionAddressBody>,
) -> Result<Json<ObjectionBody>, Problem> {
    let objects = state.app().objects(&address).await.map_err(Problem::in_body)?;
    Ok(Json(ObjectionBody { objects, has_changed: false }))
}

/// Keeps somebody's objection to being captured, or lifts it
#[utoipa::path(put, path = "/api/v1/objections", tag = "privacy", operation_id = "put_objection", request_body = NewObjectionBody, responses(
    (status = 200, description = "What is kept now", body = ObjectionBody),
    (status = 403, description = "One may not, or the address is ours", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn put(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(NewObjectionBody { address, objects }): ApiJson<NewObjectionBody>,
) -> Result<Json<ObjectionBody>, Problem> {
    let has_changed = state.app().set_objection(&address, objects).await.map_err(Problem::in_body)?;
    Ok(Json(ObjectionBody { objects, has_changed }))
}
