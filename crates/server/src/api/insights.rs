//! `/api/v1/{table}/{id}/insights`: KPIs, health and explanation of one record.

use axum::{
    Json,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use rapport_domain::{Model, Moment};
use rapport_insight::Language;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    etag::ETag,
    extract::{ApiPath, ApiQuery, TableName, language, model, moment, table},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
    wire::RecordInsightsBody,
};
use crate::app::records::InsightsQuery;

/// Parameters of a record's insights.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct InsightsParameters {
    /// The moment that every figure is as of; now if absent.
    #[serde(deserialize_with = "moment")]
    #[param(value_type = Option<String>, format = DateTime, example = "2026-03-02T09:00:00Z")]
    as_of: Option<Moment>,
    /// Model of the figures, `v1` or `v2`; the organization's if absent.
    #[serde(deserialize_with = "model")]
    #[param(value_type = Option<String>, example = "v1")]
    model: Option<Model>,
    /// Start of the window; 1 January of the year before if absent.
    #[serde(deserialize_with = "moment")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Moment>,
    /// End of the window; `as_of` if absent.
    #[serde(deserialize_with = "moment")]
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Moment>,
    /// Language of the summary: `en` or `nl`.
    #[serde(deserialize_with = "language")]
    #[param(value_type = Option<String>, default = "en")]
    language: Language,
}

/// KPIs, health and explanation of one record
#[utoipa::path(get, path = "/api/v1/{table}/{id}/insights", tag = "insights", operation_id = "get_insights",
    params(
        ("table" = inline(TableName), Path, description = "The table", example = "contacts"),
        ("id" = String, Path, description = "The CRM's id, or an address of a contact or lead", example = "c1"),
        InsightsParameters,
        ("If-None-Match" = Option<String>, Header, description = "Tags that the client has; of use with `as_of`"),
    ),
    responses(
        (status = 200, description = "The insights; with `as_of` an `ETag` names them", body = RecordInsightsBody),
        (status = 304, description = "The client has them"),
        (status = 403, description = "It is switched off", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such record", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn get(
    Acting(state): Acting,
    ApiPath((noun, id)): ApiPath<(String, String)>,
    ApiQuery(parameters): ApiQuery<InsightsParameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let table = table(&noun)?;
    let InsightsParameters { as_of, model, from, to, language } = parameters;
    let end = to.or(as_of).unwrap_or_else(|| state.app().now());
    if from.is_some_and(|from| from > end) {
        return Err(Problem::invalid("query: from: it lies after the end of the window"));
    }
    let query = InsightsQuery { as_of, window_start: from, window_end: to };
    let (insights, view) = state.app().by_model(model).record_insights(table, &id, &query).await?;
    let body = || Json(RecordInsightsBody::new(&insights, &view, language)).into_response();
    // Figures are a function of (facts, settings, moment): without the moment the next answer is another one.
    let Some(as_of) = as_of else { return Ok(body()) };
    let numbers =
        [view.versions.0, view.versions.1, as_of.0, from.map_or(i64::MIN, |from| from.0), to.map_or(i64::MIN, |to| to.0)];
    let told = insights.withheld.names().collect::<Vec<_>>().join(" ");
    let of =
        format!("{numbers:?} {language:?} {} {} {} {told}", view.settings.model.as_str(), view.data.as_str(), view.tier.as_str());
    let tag = ETag::of(&["insights", &noun, &insights.reference.id, &of]);
    Ok(tag.answer(&headers, body))
}
