//! `/api/v1/search`: records, people and users by any part of a name or address.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::ApiQuery,
    identify::Acting,
    problem::{CommonProblems, Problem},
};
use crate::app::search::{Found, FoundKind};

/// Results unless another number is asked for.
const RESULTS: usize = 10;

/// Parameters of a search.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParameters {
    /// A part of a name, address, company or domain; case and accents do not matter.
    #[param(example = "smit")]
    q: String,
    /// Results at most.
    #[param(minimum = 1, maximum = 50, default = 10)]
    limit: Option<usize>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchBody {
    /// The best first.
    items: Vec<FoundBody>,
}

/// One thing that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundBody {
    /// `account`, `contact`, `lead`, `opportunity`, `user`, or `person` for somebody known from mail alone.
    kind: &'static str,
    /// A record's table.
    table: Option<&'static str>,
    /// A record's id, a person's address.
    id: Option<String>,
    /// Its name.
    name: String,
    /// What tells it from others of its name: account, company, job title.
    detail: Option<String>,
    /// First address.
    email: Option<String>,
}

impl From<Found> for FoundBody {
    fn from(found: Found) -> Self {
        let (kind, table) = match found.kind {
            FoundKind::Record(table) => (table.singular(), Some(table.as_str())),
            FoundKind::User => ("user", None),
            FoundKind::Person => ("person", None),
        };
        Self { kind, table, id: found.id, name: found.name, detail: found.detail, email: found.email }
    }
}

/// Records, people and users by any part of a name or address
#[utoipa::path(get, path = "/api/v1/search", tag = "people", operation_id = "search", params(SearchParameters),
    responses((status = 200, description = "What was found, the best first", body = SearchBody), CommonProblems))]
pub(crate) async fn get(
    Acting(state): Acting,
    ApiQuery(SearchParameters { q, limit }): ApiQuery<SearchParameters>,
) -> Result<Json<SearchBody>, Problem> {
    let found = state.app().search(&q, limit.unwrap_or(RESULTS)).await?;
    Ok(Json(SearchBody { items: found.into_iter().map(FoundBody::from).collect() }))
}
