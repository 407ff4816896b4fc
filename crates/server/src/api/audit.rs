//! `/api/v1/audit`: who did what when, and the proof that nothing was changed.

use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    cursor::{decode_id, encode_id},
    extract::ApiQuery,
    identify::Acting,
    problem::{CommonProblems, Problem},
};
use crate::app::audit::{AuditCheck, AuditEntry, AuditFault, Noted, PAGE_MAX};
use crate::app::export::Format;

/// Entries of a page unless another number is asked for.
const PAGE_ROWS: u32 = 50;

/// Parameters of a page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditParameters {
    /// Rows at most.
    #[param(minimum = 1, maximum = 500)]
    limit: u32,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Default for AuditParameters {
    fn default() -> Self {
        Self { limit: PAGE_ROWS, cursor: None }
    }
}

/// One entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntryBody {
    /// From 1, without gaps.
    number: i64,
    /// When.
    at: String,
    /// Who.
    actor: String,
    /// What, e.g. `consent.granted`.
    #[schema(example = "consent.granted")]
    action: String,
    /// State before.
    before: Option<String>,
    /// State after.
    after: Option<String>,
    /// Whether an erasure took somebody out of its texts.
    is_redacted: bool,
    /// Hash of this entry and all before it, hexadecimal.
    hash: String,
}

impl From<AuditEntry> for AuditEntryBody {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { number, at, actor, action, before, after, hash, is_redacted } = entry;
        Self { number, at: at.to_rfc3339(), actor, action, before, after, is_redacted, hash }
    }
}

/// One page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditBody {
    /// From the newest.
    items: Vec<AuditEntryBody>,
    /// Continues the list; null on its last page.
    next_cursor: Option<String>,
}

/// The audit log, from the newest entry
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", operation_id = "list_audit_entries", params(AuditParameters),
    responses((status = 200, description = "A page", body = AuditBody), CommonProblems))]
pub(crate) async fn list(
    Acting(state): Acting,
    ApiQuery(AuditParameters { limit, cursor }): ApiQuery<AuditParameters>,
) -> Result<Json<AuditBody>, Problem> {
    if limit == 0 || limit > PAGE_MAX {
        return Err(Problem::invalid(format!("query: limit: `{limit}` is not from 1 to {PAGE_MAX}")));
    }
    let before = cursor.as_deref().map(decode_id).transpose()?;
    // One more tells whether there is a next page.
    let mut entries = state.app().audit_entries(before, limit + 1).await?;
    let has_more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    let next_cursor = entries.last().filter(|_| has_more).map(|entry| encode_id(entry.number));
    Ok(Json(AuditBody { items: entries.into_iter().map(AuditEntryBody::from).collect(), next_cursor }))
}

/// Parameters of the check.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct CheckParameters {
    /// `NUMBER:HASH` of an entry as it was written down earlier: proves that nothing up to it was changed and nothing cut off.
    noted: Option<String>,
}

/// Something that does not hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditProblemBody {
    /// The entry.
    number: i64,
    /// What is wrong with it: `missing`, `chain`, `text`, `redacted` or `noted`.
    fault: &'static str,
    /// The same in words.
    problem: &'static str,
}

/// Whether the chain holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditCheckBody {
    /// Whether it does.
    ok: bool,
    /// Entries.
    entries: i64,
    /// Of them, changed by an erasure.
    redacted: u64,
    /// `NUMBER:HASH` of the newest entry, to be written down elsewhere; null while there is none.
    head: Option<String>,
    /// What does not hold.
    problems: Vec<AuditProblemBody>,
}

impl AuditCheckBody {
    /// As the API and the command line answer it.
    pub fn new(check: &AuditCheck) -> Self {
        let problem = |(number, fault): &(i64, AuditFault)| AuditProblemBody {
            number: *number,
            fault: fault.code(),
            problem: fault.as_str(),
        };
        Self {
            ok: check.problems.is_empty(),
            entries: check.entries,
            redacted: check.redacted,
            head: check.head.as_ref().map(|(number, hash)| format!("{number}:{hash}")),
            problems: check.problems.iter().map(problem).collect(),
        }
    }
}

/// Whether nothing was changed in the audit log or taken out of it
#[utoipa::path(get, path = "/api/v1/audit/check", tag = "audit", operation_id = "check_audit", params(CheckParameters),
    responses((status = 200, description = "What the whole chain shows", body = AuditCheckBody), CommonProblems))]
pub(crate) async fn check(
    Acting(state): Acting,
    ApiQuery(CheckParameters { noted }): ApiQuery<CheckParameters>,
) -> Result<Json<AuditCheckBody>, Problem> {
    let noted = noted.as_deref().map(Noted::parse).transpose()?;
    Ok(Json(AuditCheckBody::new(&state.app().verify_audit(noted.as_ref()).await?)))
}

/// The kind of file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FileFormat {
    /// Comma-separated values.
    #[default]
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// Parameters of the file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportParameters {
    /// The kind of file.
    #[param(inline)]
    format: FileFormat,
}

/// The whole audit log as a file
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "audit", operation_id = "export_audit", params(ExportParameters),
    responses((status = 200, description = "From the newest entry; CSV with a header, or JSON Lines",
        content((String = "text/csv"), (String = "application/jsonl"))), CommonProblems))]
pub(crate) async fn export(
    Acting(state): Acting,
    ApiQuery(ExportParameters { format }): ApiQuery<ExportParameters>,
) -> Result<Response, Problem> {
    let (format, kind, name) = match format {
        FileFormat::Csv => (Format::Csv, "text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
        FileFormat::Jsonl => (Format::Jsonl, "application/jsonl", "attachment; filename=\"audit.jsonl\""),
    };
    let mut file = Vec::new();
    state.app().export_audit(format, &mut file).await?;
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], file).into_response())
}
