//! `/api/v1/health-distribution`: what another grading would make of the records, before it is saved.

use axum::Json;
use rapport_insight::similar::CLOSED_MIN;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    extract::NoParameters,
    identify::Acting,
    problem::{CommonProblems, Problem},
};

/// The scores of one table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableScoresBody {
    /// `contacts`, `leads` or `opportunities`.
    table: &'static str,
    /// Open records with the score 0, 1, .. 100.
    #[schema(min_items = 101, max_items = 101)]
    with_score: Vec<u32>,
    /// Open records without a score.
    without_score: u32,
}

/// How scores are spread.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthDistributionBody {
    /// The moment that every figure is as of.
    as_of: String,
    /// Contacts, leads, opportunities.
    tables: Vec<TableScoresBody>,
    /// Won opportunities.
    won: u32,
    /// Lost opportunities.
    lost: u32,
    /// As many of each are needed before deals are compared.
    closed_needed: usize,
}

/// How the scores of open records are spread
#[utoipa::path(get, path = "/api/v1/health-distribution", tag = "settings", operation_id = "get_health_distribution",
    responses((status = 200, description = "Scores by table", body = HealthDistributionBody), CommonProblems))]
pub(crate) async fn get(Acting(state): Acting, _query: NoParameters) -> Result<Json<HealthDistributionBody>, Problem> {
    let found = state.app().health_distribution().await?;
    let tables = found.tables.into_iter().map(|scores| TableScoresBody {
        table: scores.table.as_str(),
        with_score: scores.with_score,
        without_score: scores.without_score,
    });
    Ok(Json(HealthDistributionBody {
        as_of: found.as_of.to_rfc3339(),
        tables: tables.collect(),
        won: found.won,
        lost: found.lost,
        closed_needed: CLOSED_MIN,
    }))
}
