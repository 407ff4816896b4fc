//! `/api/v1/connectors`: the mail systems that mailboxes are captured from, and how far each mailbox is.

use std::collections::BTreeMap;

use axum::{Json, http::StatusCode};
use rapport_domain::Moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    extract::{ApiJson, ApiPath, NoParameters},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::connectors::{ConnectorSettings, ConnectorStatus, MailboxCounts, MailboxStatus, OwnPassword, UsersStatus};

/// A connector with the state of its mailboxes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectorBody {
    /// A short word that stands in addresses.
    #[schema(example = "office-mail")]
    id: String,
    /// What is set of it.
    settings: ConnectorSettings,
    /// Names of the secrets that it has; they are told to nobody.
    secrets: Vec<String>,
    /// Whether somebody paused it.
    paused: bool,
    /// Why nothing of it can be read; null while it works.
    failure: Option<CaptureFailureBody>,
    /// Why its mail system does not tell of news by itself; null where it does, or cannot.
    notification_failure: Option<String>,
    /// Mailboxes that it reads, by address.
    mailboxes: Vec<CapturedMailboxBody>,
    /// Sums over its mailboxes. Null in works council mode.
    total: Option<CaptureCountsBody>,
    /// How reading users stands, where they come from there too; null elsewhere.
    users: Option<TenantUsersBody>,
}

/// How reading the users of a tenant stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantUsersBody {
    /// When they were read last without a failure.
    read_at: Option<String>,
    /// Why they could not be read; null since they were.
    error: Option<String>,
}

/// Why something could not be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaptureFailureBody {
    /// In words.
    what: String,
    /// When it failed; of a connector: when it is tried again.
    at: String,
}

/// How capture of a mailbox stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct CapturedMailboxBody {
    /// First address of its user.
    address: String,
    /// Name of its user.
    name: String,
    /// `not_allowed`, `paused`, `failing`, `waiting`, `history` or `current`.
    #[schema(example = "current")]
    state: &'static str,
    /// Whether it has a name and a password of its own.
    has_login: bool,
    /// Share of the mail history that is read, 0 to 1.
    history_share: f64,
    /// Seconds until all history is read, at the speed so far; null before there is a speed, and afterwards.
    history_left_s: Option<i64>,
    /// When it was read last without a failure.
    succeeded_at: Option<String>,
    /// Seconds since then: what arrived in them may be unknown.
    lag_s: Option<i64>,
    /// Why it failed last; null since it succeeded.
    failure: Option<CaptureFailureBody>,
    /// When it is looked at next.
    due_at: String,
    /// Seconds between two looks, once all history is read.
    #[schema(example = 60)]
    polled_every_s: i64,
    /// Until when its mail system tells of news by itself, as things stand; null where it is only polled.
    notified_until: Option<String>,
    /// What was counted. Null in works council mode: it would be a figure about one colleague.
    counts: Option<CaptureCountsBody>,
}

/// What was counted while reading.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaptureCountsBody {
    /// Copies read: messages, and occurrences of appointments.
    read: u64,
    /// Copies that made an interaction known.
    kept: u64,
    /// Copies of what was known.
    duplicates: u64,
    /// Copies that could not be read.
    failed: u64,
    /// Copies that were not to be kept, by reason.
    #[schema(example = json!({"internal_only": 12, "list": 3}))]
    excluded: BTreeMap<String, u64>,
    /// Copies read a minute while history was read; null before there is a speed.
    read_per_min: Option<f64>,
}

/// Connectors.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectorsBody {
    /// By id.
    items: Vec<ConnectorBody>,
}

impl ConnectorBody {
    /// A connector at a moment.
    pub fn new(status: ConnectorStatus, now: Moment) -> Self {
        let ConnectorStatus { id, settings, secrets, paused, failure, notification_failure, mailboxes, total, users } = status;
        let mailboxes = mailboxes.into_iter().map(|mailbox| CapturedMailboxBody::new(mailbox, now)).collect();
        Self {
            id,
            settings,
            secrets,
            paused,
            failure: failure.map(CaptureFailureBody::new),
            notification_failure,
            mailboxes,
            total: total.map(CaptureCountsBody::new),
            users: users
                .map(|UsersStatus { read_at, error }| TenantUsersBody { read_at: read_at.map(Moment::to_rfc3339), error }),
        }
    }
}

impl CaptureFailureBody {
    fn new((what, at): (String, Moment)) -> Self {
        Self { what, at: at.to_rfc3339() }
    }
}

impl CapturedMailboxBody {
    fn new(mailbox: MailboxStatus, now: Moment) -> Self {
        let lag_s = mailbox.succeeded_at.map(|at| (now.0 - at.0) / rapport_domain::time::SECOND_US);
        Self {
            address: mailbox.address,
            name: mailbox.name,
            state: mailbox.state.as_str(),
            has_login: mailbox.has_login,
            history_share: mailbox.history_share,
            history_left_s: mailbox.history_left_s,
            succeeded_at: mailbox.succeeded_at.map(Moment::to_rfc3339),
            lag_s,
            failure: mailbox.failure.map(CaptureFailureBody::new),
            due_at: mailbox.due_at.to_rfc3339(),
            polled_every_s: mailbox.polled_every_s,
            notified_until: mailbox.notified_until.map(Moment::to_rfc3339),
            counts: mailbox.counts.map(CaptureCountsBody::new),
        }
    }
}

impl CaptureCountsBody {
    fn new(counts: MailboxCounts) -> Self {
        let MailboxCounts { read, kept, duplicates, failed, excluded, read_per_min } = counts;
        Self { read, kept, duplicates, failed, excluded, read_per_min }
    }
}

/// Connectors with their mailboxes, without secrets
#[utoipa::path(get, path = "/api/v1/connectors", tag = "connectors", operation_id = "list_connectors",
    responses((status = 200, description = "By id", body = ConnectorsBody), CommonProblems))]
pub(crate) async fn list(Acting(state): Acting, _query: NoParameters) -> Result<Json<ConnectorsBody>, Problem> {
    let now = state.app().now();
    let all = state.app().connectors().await?;
    Ok(Json(ConnectorsBody { items: all.into_iter().map(|one| ConnectorBody::new(one, now)).collect() }))
}

/// A connector to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"settings": {"kind": "imap", "host": "mail.example.com", "port": 993, "security": "tls", "user": "{address}", "account": "rapport", "domains": []}, "secrets": {"password": "SECRET"}}))]
pub(crate) struct NewConnectorBody {
    /// What is set of it.
    settings: ConnectorSettings,
    /// Secrets by name. Missing ones stay, as long as it is the same server and account.
    #[serde(default)]
    secrets: BTreeMap<String, String>,
}

/// Adds or changes a connector; nothing is read before consent and notice
#[utoipa::path(put, path = "/api/v1/connectors/{id}", tag = "connectors", operation_id = "put_connector",
    params(("id" = String, Path, description = "A short word of small letters, digits and `-`", example = "office-mail")),
    request_body = NewConnectorBody, responses(
    (status = 200, description = "Kept", body = ConnectorBody),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn put(
    Acting(state): Acting,
    ApiPath(id): ApiPath<String>,
    _query: NoParameters,
    ApiJson(NewConnectorBody { settings, secrets }): ApiJson<NewConnectorBody>,
) -> Result<Json<ConnectorBody>, Problem> {
    let kept = state.app().put_connector(&id, settings, secrets).await.map_err(Problem::in_body)?;
    Ok(Json(ConnectorBody::new(kept, state.app().now())))
}

/// Takes a connector away; what it captured stays
#[utoipa::path(delete, path = "/api/v1/connectors/{id}", tag = "connectors", operation_id = "delete_connector",
    params(("id" = String, Path, description = "The connector's id", example = "office-mail")), responses(
    (status = 204, description = "Nothing is read by it any more"),
    (status = 404, description = "There is no such connector", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn delete(
    Acting(state): Acting,
    ApiPath(id): ApiPath<String>,
    _query: NoParameters,
) -> Result<StatusCode, Problem> {
    state.app().delete_connector(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether something is paused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PausedBody {
    /// Whether it is.
    paused: bool,
}

/// Pauses or resumes a connector
#[utoipa::path(put, path = "/api/v1/connectors/{id}/paused", tag = "connectors", operation_id = "pause_connector",
    params(("id" = String, Path, description = "The connector's id", example = "office-mail")), request_body = PausedBody, responses(
    (status = 200, description = "As it is now", body = ConnectorBody),
    (status = 404, description = "There is no such connector", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn pause(
    Acting(state): Acting,
    ApiPath(id): ApiPath<String>,
    _query: NoParameters,
    ApiJson(PausedBody { paused }): ApiJson<PausedBody>,
) -> Result<Json<ConnectorBody>, Problem> {
    state.app().pause_capture(&id, None, paused).await?;
    Ok(Json(ConnectorBody::new(state.app().connector(&id).await?, state.app().now())))
}

/// What changes of a mailbox; what is missing stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MailboxChangeBody {
    /// Whether it is paused.
    paused: Option<bool>,
    /// Its password at the server; empty: it has none of its own any more.
    password: Option<String>,
    /// Its name at the server, given with a password, where it is another than the connector says.
    user: Option<String>,
    /// Reads it from its beginning once more.
    restart: bool,
}

/// Pauses, resumes or restarts a mailbox, or sets its password
#[utoipa::path(put, path = "/api/v1/connectors/{id}/mailboxes/{address}", tag = "connectors", operation_id = "change_mailbox",
    params(("id" = String, Path, description = "The connector's id", example = "office-mail"),
        ("address" = String, Path, description = "An address of its user", example = "ann@us.example")),
    request_body = MailboxChangeBody, responses(
    (status = 200, description = "The connector as it is now", body = ConnectorBody),
    (status = 404, description = "There is no such connector or mailbox", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn change_mailbox(
    Acting(state): Acting,
    ApiPath((id, address)): ApiPath<(String, String)>,
    _query: NoParameters,
    ApiJson(MailboxChangeBody { paused, password, user, restart }): ApiJson<MailboxChangeBody>,
) -> Result<Json<ConnectorBody>, Problem> {
    let app = state.app();
    if let Some(password) = password {
        let own = (!password.is_empty()).then_some(OwnPassword { user, password });
        app.set_mailbox_login(&id, &address, own).await.map_err(Problem::in_body)?;
    }
    if let Some(paused) = paused {
        app.pause_capture(&id, Some(&address), paused).await?;
    }
    if restart {
        app.restart_mailbox(&id, &address).await?;
    }
    Ok(Json(ConnectorBody::new(app.connector(&id).await?, app.now())))
}
