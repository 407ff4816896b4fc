//! `/api/v1/dashboard`: what of somebody's relationships asks for attention now.

use axum::Json;
use rapport_domain::{Moment, Table};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::ApiQuery,
    identify::Acting,
    lists::{PointBody, ViewParameter},
    problem::{CommonProblems, Problem},
};
use crate::app::lists::{
    dashboard::{Named, Reason},
    query::ListFilter,
    row::ListRow,
};

/// Parameters of the dashboard.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct DashboardParameters {
    /// Whose records: the viewer's own, those of the viewer's team, or everybody's.
    #[param(inline)]
    view: ViewParameter,
    /// Who looks: a user's address. Needed for `my` and `team`.
    viewer: Option<String>,
}

/// The dashboard.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DashboardBody {
    /// The moment that every figure is as of.
    as_of: String,
    /// Contacts, open leads and open opportunities by health.
    counts: CountsBody,
    /// Declining, or silent beyond their rhythm; the most pressing first, at most ten.
    at_risk: Vec<NamedBody>,
    /// Improving or new, at most ten.
    newly_warm: Vec<NamedBody>,
    /// What is planned, soonest first, at most ten.
    next_interactions: Vec<NextBody>,
    /// Open opportunities in fair, poor or unknown health that close within 45 days, largest revenue first, at most ten.
    closing_soon: Vec<PointBody>,
}

/// How many relationships are in which health.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are those of grades")]
pub(crate) struct CountsBody {
    good: usize,
    fair: usize,
    poor: usize,
    /// Without a score.
    other: usize,
}

/// A relationship and why it is named.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are those of lists")]
pub(crate) struct NamedBody {
    table: &'static str,
    id: String,
    name: String,
    account: Option<String>,
    owner: Option<String>,
    owner_name: Option<String>,
    health_state: String,
    health_score: Option<u32>,
    health_trend: String,
    likelihood_30d: Option<f64>,
    silence_surprise: Option<f64>,
    last_at: Option<String>,
    last_kind: Option<String>,
    estimated_revenue: Option<f64>,
    currency: Option<String>,
    /// `declining`, `silent`, `improving`, `new`.
    reasons: Vec<&'static str>,
}

/// What is planned with somebody.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are those of lists")]
pub(crate) struct NextBody {
    table: &'static str,
    id: String,
    name: String,
    account: Option<String>,
    at: Option<String>,
    kind: Option<String>,
}

fn moment(at_us: Option<i64>) -> Option<String> {
    at_us.map(|at_us| Moment(at_us).to_rfc3339())
}

impl From<Named> for NamedBody {
    fn from(Named { table, row, reasons }: Named) -> Self {
        Self {
            table: table.as_str(),
            last_at: moment(row.last_at),
            id: row.id,
            name: row.name,
            account: row.account,
            owner: row.owner,
            owner_name: row.owner_name,
            health_state: row.health_state,
            health_score: row.health_score,
            health_trend: row.health_trend,
            likelihood_30d: row.likelihood_30d,
            silence_surprise: row.silence_surprise,
            last_kind: row.last_kind,
            estimated_revenue: row.estimated_revenue,
            currency: row.currency,
            reasons: reasons.into_iter().map(Reason::as_str).collect(),
        }
    }
}

fn next((table, row): (Table, ListRow)) -> NextBody {
    NextBody {
        table: table.as_str(),
        at: moment(row.next_at),
        id: row.id,
        name: row.name,
        account: row.account,
        kind: row.next_kind,
    }
}

/// What of somebody's relationships asks for attention now
#[utoipa::path(get, path = "/api/v1/dashboard", tag = "records", operation_id = "get_dashboard", params(DashboardParameters),
    responses((status = 200, description = "The dashboard", body = DashboardBody), CommonProblems))]
pub(crate) async fn get(
    Acting(state): Acting,
    ApiQuery(DashboardParameters { view, viewer }): ApiQuery<DashboardParameters>,
) -> Result<Json<DashboardBody>, Problem> {
    let filter = ListFilter { view: view.into(), viewer, ..ListFilter::default() };
    let dashboard = state.app().dashboard(filter).await?;
    let [good, fair, poor, other] = dashboard.counts;
    Ok(Json(DashboardBody {
        as_of: dashboard.as_of.to_rfc3339(),
        counts: CountsBody { good, fair, poor, other },
        at_risk: dashboard.at_risk.into_iter().map(NamedBody::from).collect(),
        newly_warm: dashboard.newly_warm.into_iter().map(NamedBody::from).collect(),
        next_interactions: dashboard.next_interactions.into_iter().map(next).collect(),
        closing_soon: dashboard.closing_soon.into_iter().map(PointBody::from).collect(),
    }))
}
