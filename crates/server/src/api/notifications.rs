//! `/api/v1/connectors/{id}/notifications`: where a mail system tells that something in a mailbox moved.
//!
//! Whoever asks has no account. A notification is a doorbell: nothing that it says is believed but that it rang, and that only if it
//! proves from whom it is. The store is not asked, so that the answer is there long before the 3 seconds that Microsoft waits.

use axum::{
    extract::{FromRequest, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{ApiJson, ApiPath, ApiQuery},
    problem::{CommonProblems, Problem, ProblemBody},
    state::ServerState,
};
use crate::app::sync::Notification;

/// Bytes of a token at most that is given back: Microsoft's have about a hundred.
const TOKEN_MAX_BYTES: usize = 2_048;

/// What comes with the address.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotificationQuery {
    /// A text that is to be given back, which proves that the address is ours.
    #[serde(rename = "validationToken")]
    validation_token: Option<String>,
}

/// What a mail system tells.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NotificationsBody {
    /// One for each change.
    value: Vec<NotificationBody>,
}

/// That something moved. Whatever else it says is not read.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NotificationBody {
    /// Id of the subscription.
    #[serde(rename = "subscriptionId")]
    subscription_id: String,
    /// What the subscription was made with.
    #[serde(rename = "clientState", default)]
    client_state: Option<String>,
    /// What it tells of the subscription itself: `reauthorizationRequired`, `subscriptionRemoved` or `missed`.
    #[serde(rename = "lifecycleEvent", default)]
    lifecycle_event: Option<String>,
}

/// Takes notifications of Microsoft 365, without an account
#[utoipa::path(post, path = "/api/v1/connectors/{id}/notifications", tag = "connectors", operation_id = "notify_connector",
    params(("id" = String, Path, description = "The connector's id", example = "office-mail"), NotificationQuery),
    request_body = NotificationsBody, responses(
    (status = 200, description = "The token, given back", content_type = "text/plain", body = String),
    (status = 202, description = "Taken in. Also what proves nothing, which is dropped"),
    (status = 404, description = "Nobody notifies such a connector", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Too many; `Retry-After` says when to try again", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn notify(
    State(state): State<ServerState>,
    ApiPath(id): ApiPath<String>,
    ApiQuery(query): ApiQuery<NotificationQuery>,
    request: Request,
) -> Result<Response, Problem> {
    state.limiter().notification(state.reached().peer(&request).machine)?;
    if let Some(token) = query.validation_token {
        if !state.app().may_ring(&id) {
            return Err(Problem::missing("nobody notifies such a connector"));
        }
        if token.len() > TOKEN_MAX_BYTES || token.chars().any(char::is_control) {
            return Err(Problem::invalid("query: `validationToken` is too long, or no text"));
        }
        // Every answer says `nosniff`: no browser makes anything else of it.
        return Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], token).into_response());
    }
    let ApiJson(NotificationsBody { value }) = ApiJson::from_request(request, &state).await?;
    let told: Vec<Notification<'_>> = value
        .iter()
        .map(|one| Notification {
            subscription: &one.subscription_id,
            client_state: one.client_state.as_deref().unwrap_or_default(),
            lifecycle: one.lifecycle_event.as_deref(),
        })
        .collect();
    state.app().ring(&id, &told);
    Ok(StatusCode::ACCEPTED.into_response())
}
