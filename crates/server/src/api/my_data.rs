//! `/api/v1/my-data`: what is held on an employee, for that employee, and their opt-out.

use axum::{Json, extract::Request};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{ApiJson, ApiQuery},
    identify::Acting,
    imports::receive,
    limits::PREVIEW_MAX_BYTES,
    privacy_requests::{LookBody, LooksBody},
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::{
    import::{ImportKind, Preview},
    my_data::MyData,
    notices::MailboxNotice,
};

/// Whose data.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct MyParameters {
    /// Who looks: a user's address. Whoever is signed in need not say it.
    viewer: Option<String>,
}

/// What is held on an employee.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MyDataBody {
    /// First address.
    email: String,
    /// Further addresses.
    aliases: Vec<String>,
    /// Whether their mailbox is used now.
    is_mailbox_used: bool,
    /// Why it is not: `opted_out`, `role`, `group`, `mailbox_data_off`, `consent_missing`; null while it is.
    #[schema(example = "role")]
    reason: Option<&'static str>,
    /// Since when opted out; null: not.
    opted_out_at: Option<String>,
    /// Whether others learn only once they accept that they can introduce.
    asks_first: bool,
    /// Interactions seen in their mailbox that are stored.
    in_mailbox: u64,
    /// Interactions that they took part in, wherever they were seen.
    took_part: u64,
    /// Moment of the oldest of these.
    oldest_at: Option<String>,
    /// The notice that their mailbox will be read; null: it will not, as things stand.
    notice: Option<NoticeBody>,
}

/// The notice that an employee's mailbox will be read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeBody {
    /// When it was given.
    given_at: String,
    /// From when the mailbox may be read.
    capture_from: String,
}

impl From<MailboxNotice> for NoticeBody {
    fn from(MailboxNotice { given_at, capture_from }: MailboxNotice) -> Self {
        Self { given_at: given_at.to_rfc3339(), capture_from: capture_from.to_rfc3339() }
    }
}

impl From<MyData> for MyDataBody {
    fn from(data: MyData) -> Self {
        let MyData { email, aliases, reason, opted_out_at, asks_first, in_mailbox, took_part, oldest_at, notice } = data;
        Self {
            email,
            aliases,
            is_mailbox_used: reason.is_none(),
            reason,
            opted_out_at: opted_out_at.map(rapport_domain::Moment::to_rfc3339),
            asks_first,
            in_mailbox,
            took_part,
            oldest_at: oldest_at.map(rapport_domain::Moment::to_rfc3339),
            notice: notice.map(NoticeBody::from),
        }
    }
}

/// What is held on the viewer
#[utoipa::path(get, path = "/api/v1/my-data", tag = "privacy", operation_id = "get_my_data", params(MyParameters), responses(
    (status = 200, description = "Counted, not listed: the export lists it", body = MyDataBody),
    (status = 404, description = "The viewer is no user", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn get(
    Acting(state): Acting,
    ApiQuery(MyParameters { viewer }): ApiQuery<MyParameters>,
) -> Result<Json<MyDataBody>, Problem> {
    Ok(Json(state.app().my_data(viewer.as_deref()).await?.into()))
}

/// Everything that is held on the viewer, as JSON
#[utoipa::path(get, path = "/api/v1/my-data/export", tag = "privacy", operation_id = "export_my_data", params(MyParameters), responses(
    (status = 200, description = "Addresses, records, interactions, as `rapport access` prints them", body = Value),
    (status = 404, description = "The viewer is no user", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn export(
    Acting(state): Acting,
    ApiQuery(MyParameters { viewer }): ApiQuery<MyParameters>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(state.app().export_my_data(viewer.as_deref()).await?))
}

/// A file of one's own.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct PreviewParameters {
    /// Who looks: a user's address. Whoever is signed in need not say it.
    viewer: Option<String>,
    /// Name of the file: `.eml` or an mbox, `.ics` for a calendar.
    #[param(example = "mine.mbox")]
    filename: Option<String>,
}

/// What capture would keep of a file from the viewer's own mailbox or calendar, and why not the rest; nothing of it is kept
#[utoipa::path(post, path = "/api/v1/my-data/preview", tag = "privacy", operation_id = "preview_my_mailbox",
    params(PreviewParameters), request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The bytes of the file"),
    responses(
        (status = 200, description = "Each message with exactly what would be kept of it", body = Preview),
        (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "The viewer is no user", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The file is larger than 64 MiB", body = ProblemBody, content_type = "application/problem+json"),
        (status = 507, description = "The disk is full", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn preview(
    Acting(state): Acting,
    ApiQuery(PreviewParameters { viewer, filename }): ApiQuery<PreviewParameters>,
    request: Request,
) -> Result<Json<Preview>, Problem> {
    // Gone with the end of this request, whatever comes of it.
    let file = receive(&state, filename, ImportKind::Mail, PREVIEW_MAX_BYTES, request).await?;
    Ok(Json(state.app().preview_own(viewer.as_deref(), file.path.clone()).await?))
}

/// Out or in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptOutBody {
    /// True: what was seen in the viewer's mailbox is deleted at once, and they appear in no tie and no top-three.
    opted_out: bool,
}

/// Opts the viewer out of everything that rests on their mailbox and of every tie, or in again
#[utoipa::path(put, path = "/api/v1/my-data/opt-out", tag = "privacy", operation_id = "put_opt_out", params(MyParameters),
    request_body = OptOutBody, responses(
        (status = 200, description = "What is held now", body = MyDataBody),
        (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "The viewer is no user", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn opt_out(
    Acting(state): Acting,
    ApiQuery(MyParameters { viewer }): ApiQuery<MyParameters>,
    ApiJson(body): ApiJson<OptOutBody>,
) -> Result<Json<MyDataBody>, Problem> {
    state.app().opt_out(viewer.as_deref(), body.opted_out).await?;
    Ok(Json(state.app().my_data(viewer.as_deref()).await?.into()))
}

/// First or not.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskFirstBody {
    /// True: others are shown "a colleague" with a grade until the viewer accepts to introduce.
    asks_first: bool,
}

/// Says whether the viewer is asked before others learn that they can introduce
#[utoipa::path(put, path = "/api/v1/my-data/ask-first", tag = "privacy", operation_id = "put_ask_first", params(MyParameters),
    request_body = AskFirstBody, responses(
        (status = 200, description = "What is held now", body = MyDataBody),
        (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "The viewer is no user", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn ask_first(
    Acting(state): Acting,
    ApiQuery(MyParameters { viewer }): ApiQuery<MyParameters>,
    ApiJson(body): ApiJson<AskFirstBody>,
) -> Result<Json<MyDataBody>, Problem> {
    state.app().ask_first(viewer.as_deref(), body.asks_first).await?;
    Ok(Json(state.app().my_data(viewer.as_deref()).await?.into()))
}

/// Who was shown what about the viewer
#[utoipa::path(get, path = "/api/v1/my-data/looks", tag = "privacy", operation_id = "get_my_looks", params(MyParameters), responses(
    (status = 200, description = "By day, viewer and kind, the newest first", body = LooksBody),
    (status = 404, description = "The viewer is no user", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn looks(
    Acting(state): Acting,
    ApiQuery(MyParameters { viewer }): ApiQuery<MyParameters>,
) -> Result<Json<LooksBody>, Problem> {
    let looks = state.app().my_looks(viewer.as_deref()).await?;
    Ok(Json(LooksBody { items: looks.into_iter().map(LookBody::from).collect() }))
}

/// What the viewer keeps to themselves.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"contacts": ["jo@example.com", "example.org"]}))]
pub(crate) struct PrivateContactsBody {
    /// Addresses and domains.
    contacts: Vec<String>,
}

/// Addresses and domains of people whom the viewer keeps to themselves
#[utoipa::path(get, path = "/api/v1/my-data/private-contacts", tag = "privacy", operation_id = "get_private_contacts",
    params(MyParameters), responses(
    (status = 200, description = "Told to nobody else", body = PrivateContactsBody),
    (status = 404, description = "The viewer is no user", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn private_contacts(
    Acting(state): Acting,
    ApiQuery(MyParameters { viewer }): ApiQuery<MyParameters>,
) -> Result<Json<PrivateContactsBody>, Problem> {
    Ok(Json(PrivateContactsBody { contacts: state.app().private_contacts(viewer.as_deref()).await? }))
}

/// Sets them: what the viewer's mailbox showed of these people is deleted at once, and is not captured again
#[utoipa::path(put, path = "/api/v1/my-data/private-contacts", tag = "privacy", operation_id = "put_private_contacts",
    params(MyParameters), request_body = PrivateContactsBody, responses(
        (status = 200, description = "All of them now", body = PrivateContactsBody),
        (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "The viewer is no user", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn put_private_contacts(
    Acting(state): Acting,
    ApiQuery(MyParameters { viewer }): ApiQuery<MyParameters>,
    ApiJson(body): ApiJson<PrivateContactsBody>,
) -> Result<Json<PrivateContactsBody>, Problem> {
    let contacts = state.app().set_private_contacts(viewer.as_deref(), &body.contacts).await.map_err(Problem::in_body)?;
    Ok(Json(PrivateContactsBody { contacts }))
}
