//! What handlers take out of a request: parameters and bodies, refused as problems that name what is wrong.

use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Path, Query, Request,
        rejection::{JsonRejection, PathRejection},
    },
    http::{StatusCode, request::Parts},
};
use rapport_domain::{Model, Moment, Table};
use rapport_insight::Language;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use utoipa::ToSchema;

use super::problem::{Kind, Problem};

/// Query parameters.
pub(crate) struct ApiQuery<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(parameters) = Query::try_from_uri(&parts.uri).map_err(|rejection| {
            let text = rejection.body_text();
            let what = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            Problem::invalid(format!("query: {}", what.replace("unknown field", "unknown parameter")))
        })?;
        Ok(Self(parameters))
    }
}

/// For operations without query parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParameters {}

impl<S: Send + Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(ApiQuery::from_request_parts(parts, state).await?.0)
    }
}

/// Parameters of the path.
pub(crate) struct ApiPath<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for ApiPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let bad = |rejection: PathRejection| Problem::missing(rejection.body_text());
        let Path(parameters) = Path::from_request_parts(parts, state).await.map_err(bad)?;
        Ok(Self(parameters))
    }
}

/// A body of JSON.
pub(crate) struct ApiJson<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bad = |rejection: JsonRejection| {
            let kind = match rejection.status() {
                StatusCode::UNPROCESSABLE_ENTITY => Kind::Unprocessable,
                StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::MediaType,
                StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
                _ => Kind::Invalid,
            };
            let text = rejection.body_text();
            let what = text.strip_prefix("Failed to deserialize the JSON body into the target type: ").unwrap_or(&text);
            Problem::new(kind, format!("body: {what}"))
        };
        let Json(body) = Json::from_request(request, state).await.map_err(bad)?;
        Ok(Self(body))
    }
}

/// The tables that a path can name, for the OpenAPI document.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(dead_code, reason = "stands in the OpenAPI document only; `table` reads the noun")]
pub(crate) enum TableName {
    Accounts,
    Contacts,
    Leads,
    Opportunities,
}

/// A table of the path: the plural noun and nothing else.
pub(crate) fn table(noun: &str) -> Result<Table, Problem> {
    let missing = || {
        Problem::missing(format!("there is nothing at `/api/v1/{noun}`"))
            .with_hint("records are accounts, contacts, leads, opportunities")
    };
    Table::ALL.into_iter().find(|table| table.as_str() == noun).ok_or_else(missing)
}

/// A moment in the query.
pub(crate) fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Moment>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Moment::parse(&text).map(Some).map_err(D::Error::custom)
}

/// A model in the query.
pub(crate) fn model<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Model>, D::Error> {
    let word = String::deserialize(deserializer)?;
    let model = Model::parse(&word).ok_or_else(|| D::Error::custom(format!("`{word}` is none of v1, v2")))?;
    Ok(Some(model))
}

/// A language in the query.
pub(crate) fn language<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Language, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "en" => Ok(Language::English),
        "nl" => Ok(Language::Dutch),
        other => Err(D::Error::custom(format!("`{other}` is none of en, nl"))),
    }
}
