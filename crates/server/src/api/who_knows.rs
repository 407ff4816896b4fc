//! `/api/v1/who-knows`: who can introduce to a person or a company.

use axum::Json;
use rapport_domain::{Model, Moment};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    extract::{ApiQuery, model, moment},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
    wire::WhoKnowsBody,
};
use crate::app::ties::WhoKnowsQuery;

/// Introducers unless another number is asked for, as on the command line.
const INTRODUCERS: usize = 5;

/// Parameters of who knows whom.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhoKnowsParameters {
    /// An address, a domain, or the id of a contact, lead or account.
    #[param(example = "jo@customer.example")]
    target: String,
    /// 2 = also paths over one external person.
    #[serde(default = "one")]
    #[param(minimum = 1, maximum = 2, default = 1)]
    hops: u8,
    /// Introducers at most.
    #[serde(default = "introducers")]
    #[param(minimum = 1, maximum = 1000, default = 5)]
    limit: usize,
    /// The moment that every figure is as of; now if absent.
    #[serde(default, deserialize_with = "moment")]
    #[param(value_type = Option<String>, format = DateTime, example = "2026-03-02T09:00:00Z")]
    as_of: Option<Moment>,
    /// Model of the figures, `v1` or `v2`; the organization's if absent.
    #[serde(default, deserialize_with = "model")]
    #[param(value_type = Option<String>, example = "v1")]
    model: Option<Model>,
    /// Who asks, by an address of theirs: nobody is shown as their own introducer.
    #[serde(default)]
    viewer: Option<String>,
}

fn one() -> u8 {
    1
}

fn introducers() -> usize {
    INTRODUCERS
}

/// Who can introduce to a person or a company, strongest first
#[utoipa::path(get, path = "/api/v1/who-knows", tag = "insights", operation_id = "who_knows", params(WhoKnowsParameters),
    responses(
        (status = 200, description = "Introducers, paths, and why other colleagues are missing", body = WhoKnowsBody, example = json!({
            "target": "jo@customer.example", "as_of": "2026-03-02T09:00:00Z", "data": "crm", "model": "v2", "introducers": [{
                "colleague": "ann@us.example", "name": "Ann", "title": "Seller", "strength": 64, "grade": "strong", "activity": 0.7,
                "directness": 0.9, "mutuality": 0.8, "likelihood_30d": 0.6, "interactions": 12, "emails": 9, "meetings": 2, "phone_calls": 1,
                "initiated_by_us": 7, "initiated_by_them": 5, "active_days": 10, "first_at": "2025-09-01T08:00:00Z",
                "last_at": "2026-02-27T09:30:00Z", "contributions": []}], "paths": [], "missing": []})),
        (status = 403, description = "It is switched off", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "The target is no address, domain or record that is known", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn get(
    Acting(state): Acting,
    ApiQuery(parameters): ApiQuery<WhoKnowsParameters>,
) -> Result<Json<WhoKnowsBody>, Problem> {
    let WhoKnowsParameters { target, hops, limit, as_of, model, viewer } = parameters;
    let answer = state.app().by_model(model).who_knows(&WhoKnowsQuery { target, as_of, limit, hops, viewer }).await?;
    Ok(Json(WhoKnowsBody::new(&answer)))
}
