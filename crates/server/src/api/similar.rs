//! `/api/v1/opportunities/{id}/similar`: won deals that resemble one.

use std::collections::BTreeMap;

use axum::Json;
use rapport_domain::Moment;
use rapport_insight::similar::CLOSED_MIN;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{ApiPath, ApiQuery, moment},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::similar::{Basis, KPIS, SimilarDeal, SimilarDeals, SimilarState};

/// Parameters of similar won deals.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct SimilarParameters {
    /// The moment that every figure is as of; now if absent.
    #[serde(deserialize_with = "moment")]
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
}

/// Similar won deals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimilarDealsBody {
    /// The moment that every figure is as of.
    as_of: String,
    /// `available`, `too_few_closed_deals` or `switched_off`.
    state: &'static str,
    /// Won opportunities.
    won: usize,
    /// Lost opportunities.
    lost: usize,
    /// Won and lost opportunities that are needed, of each.
    needed: usize,
    /// `similar`, or `largest` where no won deal is similar; null unless available.
    basis: Option<&'static str>,
    /// What similarity rests on, heaviest first; the weights add up to 1.
    fields: Vec<FieldBody>,
    /// The deals, most similar first, with their figures as of the day when they were won.
    deals: Vec<SimilarDealBody>,
    /// Each numeric KPI: this deal's value, and the average of the deals above; response times are medians.
    comparison: BTreeMap<&'static str, ComparedBody>,
    /// When this was computed.
    computed_at: String,
}

/// A field and its share of the weight.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldBody {
    /// Its name; `account.` stands before fields of the account.
    name: String,
    /// 0 to 1.
    weight: f64,
}

/// One won deal.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are those of records and KPIs")]
pub(crate) struct SimilarDealBody {
    id: String,
    name: String,
    account: Option<String>,
    /// 0 to 1; null for the largest.
    similarity: Option<f64>,
    estimated_revenue: Option<f64>,
    currency: Option<String>,
    closed_at: Option<String>,
    /// Emails, meetings and phone calls; null where those of our side are not told.
    activities: Option<f64>,
    time_spent_by_us_min: Option<f64>,
    time_spent_by_them_min: Option<f64>,
    response_time_by_us_h: Option<f64>,
    response_time_by_them_h: Option<f64>,
    response_rate_by_us: Option<f64>,
    response_rate_by_them: Option<f64>,
}

/// One KPI compared.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComparedBody {
    /// This deal's.
    value: Option<f64>,
    /// Average of the similar won deals that have it.
    average: Option<f64>,
    /// How many have it.
    n: usize,
}

impl From<SimilarDeal> for SimilarDealBody {
    fn from(deal: SimilarDeal) -> Self {
        let of = |name: &str| KPIS.iter().position(|(known, _)| *known == name).and_then(|position| deal.figures[position]);
        let kinds =
            ["emails_sent", "emails_received", "meetings_sent", "meetings_received", "phone_calls_made", "phone_calls_received"];
        Self {
            activities: kinds.iter().map(|name| of(name)).sum(),
            time_spent_by_us_min: of("time_spent_by_us_min"),
            time_spent_by_them_min: of("time_spent_by_them_min"),
            response_time_by_us_h: of("response_time_by_us_h"),
            response_time_by_them_h: of("response_time_by_them_h"),
            response_rate_by_us: of("response_rate_by_us"),
            response_rate_by_them: of("response_rate_by_them"),
            id: deal.id,
            name: deal.name,
            account: deal.account,
            similarity: deal.similarity,
            estimated_revenue: deal.estimated_revenue,
            currency: deal.currency,
            closed_at: deal.closed_at.map(Moment::to_rfc3339),
        }
    }
}

impl SimilarDealsBody {
    fn new(similar: SimilarDeals, now: Moment) -> Self {
        let compared = |(position, (name, _)): (usize, &(&'static str, _))| {
            let (average, n) = similar.average(position);
            (*name, ComparedBody { value: similar.own[position], average, n })
        };
        Self {
            as_of: similar.as_of.to_rfc3339(),
            state: match similar.state {
                SimilarState::Available => "available",
                SimilarState::TooFewClosedDeals => "too_few_closed_deals",
                SimilarState::SwitchedOff => "switched_off",
            },
            won: similar.won,
            lost: similar.lost,
            needed: CLOSED_MIN,
            basis: similar.basis.map(|basis| match basis {
                Basis::Similar => "similar",
                Basis::Largest => "largest",
            }),
            comparison: KPIS.iter().enumerate().map(compared).collect(),
            fields: similar.fields.into_iter().map(|field| FieldBody { name: field.name, weight: field.weight }).collect(),
            deals: similar.deals.into_iter().map(SimilarDealBody::from).collect(),
            computed_at: now.to_rfc3339(),
        }
    }
}

/// Won deals that resemble an opportunity, and how its figures compare
#[utoipa::path(get, path = "/api/v1/opportunities/{id}/similar", tag = "insights", operation_id = "get_similar_deals",
    params(("id" = String, Path, description = "The CRM's id", example = "o1"), SimilarParameters),
    responses(
        (status = 200, description = "The deals, or why there are none", body = SimilarDealsBody),
        (status = 403, description = "It is switched off", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such opportunity", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn get(
    Acting(state): Acting,
    ApiPath(id): ApiPath<String>,
    ApiQuery(SimilarParameters { as_of }): ApiQuery<SimilarParameters>,
) -> Result<Json<SimilarDealsBody>, Problem> {
    let similar = state.app().similar_deals(&id, as_of).await?;
    Ok(Json(SimilarDealsBody::new(similar, state.app().now())))
}
