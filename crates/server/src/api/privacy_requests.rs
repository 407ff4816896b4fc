//! `/api/v1/privacy-requests`, `/api/v1/looks`: what the privacy administrator does for people, and who looked at whom.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_domain::Moment;
use rapport_insight::Language;
use rapport_store::registry::{LookMark, PrivacyRequestRow};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    cursor::{decode_look, encode_look},
    extract::{ApiJson, ApiPath, ApiQuery, NoParameters, language},
    identify::Acting,
    imports::FileBytes,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::{
    looks::{LOOKS_MAX, ToldLook},
    privacy_requests::PrivacyRequestKind,
    processing_record::ProcessingDocument,
};

/// A request of a person about what is held on them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PrivacyRequestBody {
    /// Its number.
    id: i64,
    /// `erase` or `export`.
    #[schema(example = "erase")]
    kind: String,
    /// `PROCESSING`, `COMPLETED` or `FAILED`.
    #[schema(example = "COMPLETED")]
    state: String,
    /// Whose data; null once it is erased, or no longer to be fetched.
    address: Option<String>,
    /// Whether an erased person's objection is kept.
    keeps_objection: bool,
    /// Who carries it out.
    asked_by: String,
    /// When it was asked.
    asked_at: String,
    /// When it ended.
    ended_at: Option<String>,
    /// In words, without the address.
    outcome: String,
}

impl From<PrivacyRequestRow> for PrivacyRequestBody {
    fn from(row: PrivacyRequestRow) -> Self {
        let PrivacyRequestRow { id, kind, state, address, keeps_objection, asked_by, asked_at, ended_at, outcome } = row;
        let (asked_at, ended_at) = (asked_at.to_rfc3339(), ended_at.map(Moment::to_rfc3339));
        Self { id, kind, state, address, keeps_objection, asked_by, asked_at, ended_at, outcome }
    }
}

/// Requests.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PrivacyRequestsBody {
    /// The newest first.
    items: Vec<PrivacyRequestBody>,
}

/// Requests of people about what is held on them
#[utoipa::path(get, path = "/api/v1/privacy-requests", tag = "privacy", operation_id = "list_privacy_requests",
    responses((status = 200, description = "The newest first", body = PrivacyRequestsBody), CommonProblems))]
pub(crate) async fn list(Acting(state): Acting, _query: NoParameters) -> Result<Json<PrivacyRequestsBody>, Problem> {
    let all = state.app().privacy_requests().await?;
    Ok(Json(PrivacyRequestsBody { items: all.into_iter().map(PrivacyRequestBody::from).collect() }))
}

/// What is asked.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RequestKindWord {
    /// Erase a person.
    Erase,
    /// Everything that is held on them.
    Export,
}

/// A new request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "export", "address": "jo@customer.example"}))]
pub(crate) struct NewPrivacyRequestBody {
    /// What is asked.
    kind: RequestKindWord,
    /// An address of the person; all their addresses are meant.
    address: String,
    /// Whether an erased person's objection is kept, as a keyed hash, so that they are not captured again.
    #[serde(default = "yes")]
    keeps_objection: bool,
}

fn yes() -> bool {
    true
}

/// Begins to carry out what a person asks
#[utoipa::path(post, path = "/api/v1/privacy-requests", tag = "privacy", operation_id = "create_privacy_request",
    request_body = NewPrivacyRequestBody, responses(
    (status = 202, description = "Begun: it is PROCESSING until it is COMPLETED or FAILED, also over a restart", body = PrivacyRequestBody),
    (status = 403, description = "One may not, or the address is ours", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "The body makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn create(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(NewPrivacyRequestBody { kind, address, keeps_objection }): ApiJson<NewPrivacyRequestBody>,
) -> Result<(StatusCode, Json<PrivacyRequestBody>), Problem> {
    let kind = match kind {
        RequestKindWord::Erase => PrivacyRequestKind::Erase { keeps_objection },
        RequestKindWord::Export => PrivacyRequestKind::Export,
    };
    let row = state.app().ask_privacy_request(kind, &address).await.map_err(Problem::in_body)?;
    Ok((StatusCode::ACCEPTED, Json(row.into())))
}

/// One request of a person
#[utoipa::path(get, path = "/api/v1/privacy-requests/{id}", tag = "privacy", operation_id = "get_privacy_request",
    params(("id" = i64, Path, description = "The request's number", example = 1)), responses(
    (status = 200, description = "How far it is", body = PrivacyRequestBody),
    (status = 404, description = "There is no such request", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn get(
    Acting(state): Acting,
    ApiPath(id): ApiPath<i64>,
    _query: NoParameters,
) -> Result<Json<PrivacyRequestBody>, Problem> {
    Ok(Json(state.app().privacy_request(id).await?.into()))
}

/// Everything that is held on the person of an export, for seven days
#[utoipa::path(get, path = "/api/v1/privacy-requests/{id}/file", tag = "privacy", operation_id = "get_privacy_request_file",
    params(("id" = i64, Path, description = "The request's number", example = 1)), responses(
    (status = 200, description = "Addresses, records, interactions, as `rapport access` prints them", body = Value),
    (status = 404, description = "There is no such file, or no longer", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn file(Acting(state): Acting, ApiPath(id): ApiPath<i64>, _query: NoParameters) -> Result<Json<Value>, Problem> {
    Ok(Json(state.app().privacy_request_file(id).await?))
}

/// Who was shown what about an employee on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookBody {
    /// About whom: first address.
    about: String,
    /// Their name.
    about_name: String,
    /// Local day.
    day: String,
    /// Who looked: first address; null: the local administrator.
    viewer: Option<String>,
    /// Their name.
    viewer_name: Option<String>,
    /// `record`, `who_knows`, `timeline` or `export`.
    #[schema(example = "who_knows")]
    what: String,
    /// How often.
    times: u64,
    /// When last.
    last_at: String,
}

impl From<ToldLook> for LookBody {
    fn from(told: ToldLook) -> Self {
        let ToldLook { about: (about, about_name), viewer, look } = told;
        let (viewer, viewer_name) = viewer.unzip();
        let (day, last_at) = (look.day.to_iso(), look.last_at.to_rfc3339());
        Self { about, about_name, day, viewer, viewer_name, what: look.what, times: look.times, last_at }
    }
}

/// The access log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LooksBody {
    /// The newest first, at most 1,000; kept for a year.
    pub(super) items: Vec<LookBody>,
}

/// One page of the access log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LooksPageBody {
    /// The newest first; kept for a year.
    items: Vec<LookBody>,
    /// Continues the log; null on its last page.
    next_cursor: Option<String>,
}

/// About whom, and which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct LooksParameters {
    /// A user's address; everybody if absent.
    about: Option<String>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: u32,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Default for LooksParameters {
    fn default() -> Self {
        Self { about: None, limit: LOOKS_MAX, cursor: None }
    }
}

/// Who was shown what about which employee
#[utoipa::path(get, path = "/api/v1/looks", tag = "privacy", operation_id = "list_looks", params(LooksParameters), responses(
    (status = 200, description = "By day, viewer and kind", body = LooksPageBody),
    (status = 404, description = "There is no such user", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn looks(
    Acting(state): Acting,
    ApiQuery(LooksParameters { about, limit, cursor }): ApiQuery<LooksParameters>,
) -> Result<Json<LooksPageBody>, Problem> {
    if limit == 0 || limit > LOOKS_MAX {
        return Err(Problem::invalid(format!("query: limit: `{limit}` is not from 1 to {LOOKS_MAX}")));
    }
    let after = cursor.as_deref().map(decode_look).transpose()?;
    // One more tells whether there is a next page.
    let mut looks = state.app().all_looks(about.as_deref(), after.as_ref(), limit + 1).await?;
    let has_more = looks.len() > limit as usize;
    looks.truncate(limit as usize);
    let next_cursor = looks.last().filter(|_| has_more).map(|told| encode_look(&LookMark::from(&told.look)));
    Ok(Json(LooksPageBody { items: looks.into_iter().map(LookBody::from).collect(), next_cursor }))
}

/// About whom.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct LooksFileParameters {
    /// A user's address; everybody if absent.
    about: Option<String>,
}

/// The whole access log as a file
#[utoipa::path(get, path = "/api/v1/looks/export", tag = "privacy", operation_id = "export_looks", params(LooksFileParameters), responses(
    (status = 200, description = "The newest first; CSV with a header", content((String = "text/csv"))),
    (status = 404, description = "There is no such user", body = ProblemBody, content_type = "application/problem+json"),
    CommonProblems,
))]
pub(crate) async fn export_looks(
    Acting(state): Acting,
    ApiQuery(LooksFileParameters { about }): ApiQuery<LooksFileParameters>,
) -> Result<Response, Problem> {
    let mut file = Vec::new();
    state.app().export_looks(about.as_deref(), &mut file).await?;
    let name = "attachment; filename=\"access-log.csv\"";
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, name)], file).into_response())
}

/// Which document.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DocumentWord {
    /// Record of processing activities.
    #[default]
    Record,
    /// Annex to a data protection impact assessment.
    Impact,
}

/// How a document is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DocumentFormat {
    /// Markdown.
    #[default]
    Markdown,
    /// PDF, tagged for screen readers.
    Pdf,
}

/// Parameters of a document.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct DocumentParameters {
    /// Which document.
    #[param(inline)]
    document: DocumentWord,
    /// Language: `en` or `nl`.
    #[serde(deserialize_with = "language")]
    #[param(value_type = Option<String>, default = "en")]
    language: Language,
    /// How it is written; Markdown if absent.
    #[param(inline)]
    format: DocumentFormat,
}

/// The record of processing, or the annex to an impact assessment, from what is set and held now
#[utoipa::path(get, path = "/api/v1/processing-record", tag = "privacy", operation_id = "get_processing_record", params(DocumentParameters),
    responses((status = 200, description = "A draft for whoever keeps privacy, in Markdown or as PDF",
        content((String = "text/markdown"), (FileBytes = "application/pdf"))), CommonProblems))]
pub(crate) async fn document(
    Acting(state): Acting,
    ApiQuery(DocumentParameters { document, language, format }): ApiQuery<DocumentParameters>,
) -> Result<Response, Problem> {
    let (document, name) = match document {
        DocumentWord::Record => (ProcessingDocument::Record, "record-of-processing"),
        DocumentWord::Impact => (ProcessingDocument::Impact, "impact-assessment"),
    };
    let written = state.app().processing_document(document, language).await?;
    let (bytes, ending, media) = match format {
        DocumentFormat::Markdown => (written.to_markdown().into_bytes(), "md", "text/markdown; charset=utf-8"),
        DocumentFormat::Pdf => (written.to_pdf()?, "pdf", "application/pdf"),
    };
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    Ok(([(header::CONTENT_TYPE, media), (header::CONTENT_DISPOSITION, disposition.as_str())], bytes).into_response())
}
