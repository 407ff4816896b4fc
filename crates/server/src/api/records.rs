//! `/api/v1/{accounts|contacts|leads|opportunities}`: creating, and one record.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_domain::RecordRef;
use rapport_store::registry::RecordChange;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    etag::ETag,
    extract::{ApiJson, ApiPath, NoParameters, TableName, table},
    identify::Acting,
    limits::IDEMPOTENCY_KEY_MAX_BYTES,
    problem::{CommonProblems, Kind, Problem, ProblemBody},
};
use crate::app::{
    record_write::{CreatedRecord, ExpectedRecord, StoredRecord},
    records::RecordDocument,
};

/// A record. Which fields there are depends on the table, as in the CRM's files (08); others are refused, except in `custom`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"table": "contacts", "id": "c1", "name": "Jo Smit", "email": "jo@customer.example", "account": "a1"}))]
#[allow(missing_docs, reason = "the names are those of the CRM's files")]
pub(crate) struct RecordBody {
    /// The table; on writing it may be left out.
    table: Option<String>,
    /// The CRM's id; on creating without one the server makes one.
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    domains: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    industry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_contact: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    emails: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stakeholders: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    team: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_close: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_revenue: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<String>,
    /// Fields that we do not know, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom: BTreeMap<String, String>,
}

impl From<StoredRecord> for RecordBody {
    fn from(record: StoredRecord) -> Self {
        let RecordDocument {
            name,
            topic,
            domains,
            industry,
            owner,
            primary_contact,
            email,
            emails,
            account,
            title,
            company,
            status,
            contact,
            stakeholders,
            team,
            estimated_close,
            estimated_revenue,
            currency,
            created_at,
            closed_at,
            custom,
        } = record.document;
        Self {
            table: Some(record.reference.table.as_str().to_owned()),
            id: Some(record.reference.id),
            name,
            topic,
            domains,
            industry,
            owner,
            primary_contact,
            email,
            emails,
            account,
            title,
            company,
            status,
            contact,
            stakeholders,
            team,
            estimated_close,
            estimated_revenue,
            currency,
            created_at,
            closed_at,
            custom,
        }
    }
}

impl RecordBody {
    /// The fields, once the body says the same table and id as the path.
    fn document(self, table: rapport_domain::Table, id: Option<&str>) -> Result<RecordDocument, Problem> {
        for (name, said, meant) in [("table", &self.table, Some(table.as_str())), ("id", &self.id, id)] {
            if let (Some(said), Some(meant)) = (said, meant)
                && said != meant
            {
                return Err(Problem::new(
                    Kind::Unprocessable,
                    format!("body: `{name}` is `{said}`, but the path says `{meant}`"),
                ));
            }
        }
        let Self {
            table: _,
            id: _,
            name,
            topic,
            domains,
            industry,
            owner,
            primary_contact,
            email,
            emails,
            account,
            title,
            company,
            status,
            contact,
            stakeholders,
            team,
            estimated_close,
            estimated_revenue,
            currency,
            created_at,
            closed_at,
            custom,
        } = self;
        Ok(RecordDocument {
            name,
            topic,
            domains,
            industry,
            owner,
            primary_contact,
            email,
            emails,
            account,
            title,
            company,
            status,
            contact,
            stakeholders,
            team,
            estimated_close,
            estimated_revenue,
            currency,
            created_at,
            closed_at,
            custom,
        })
    }
}

/// One record
#[utoipa::path(get, path = "/api/v1/{table}/{id}", tag = "records", operation_id = "get_record",
    params(
        ("table" = inline(TableName), Path, description = "The table", example = "contacts"),
        ("id" = String, Path, description = "The CRM's id, or an address of a contact or lead", example = "c1"),
        ("If-None-Match" = Option<String>, Header, description = "Tags that the client has"),
    ),
    responses(
        (status = 200, description = "The record; `ETag` names this state of it", body = RecordBody),
        (status = 304, description = "The client has it"),
        (status = 404, description = "There is no such record", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn get(
    Acting(state): Acting,
    ApiPath((noun, id)): ApiPath<(String, String)>,
    _query: NoParameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let record = state.app().record(table(&noun)?, &id).await?;
    let tag = tag(&record)?;
    Ok(tag.answer(&headers, || Json(RecordBody::from(record)).into_response()))
}

fn tag(record: &StoredRecord) -> Result<ETag, Problem> {
    let text = serde_json::to_string(&record.document).map_err(|error| Problem::new(Kind::Fault, error.to_string()))?;
    Ok(ETag::of(&[record.reference.table.as_str(), &record.reference.id, &text]))
}

/// A text as one piece of a path: all but the unreserved characters of RFC 3986 are escaped.
pub(super) fn path_segment(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn location(reference: &RecordRef) -> String {
    format!("/api/v1/{}/{}", reference.table, path_segment(&reference.id))
}

/// Creates a record
#[utoipa::path(post, path = "/api/v1/{table}", tag = "records", operation_id = "create_record",
    params(
        ("table" = inline(TableName), Path, description = "The table", example = "contacts"),
        ("Idempotency-Key" = Option<String>, Header, description = "Kept for 24 hours: the same key with the same body is one create"),
    ),
    request_body = RecordBody,
    responses(
        (status = 201, description = "The record as it is kept; `Location` and `ETag` name it", body = RecordBody),
        (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such table", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "There is a record of this id", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field makes no sense, or the key came with another body", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn create(
    Acting(state): Acting,
    ApiPath(noun): ApiPath<String>,
    _query: NoParameters,
    headers: HeaderMap,
    ApiJson(body): ApiJson<RecordBody>,
) -> Result<Response, Problem> {
    let table = table(&noun)?;
    let key = idempotency_key(&headers)?;
    let id = body.id.clone();
    let document = body.document(table, None)?;
    let created = state.app().create_record(table, id.as_deref(), &document, key).await.map_err(Problem::in_body)?;
    match created {
        CreatedRecord::Is(record) => {
            let tag = tag(&record)?;
            let location = location(&record.reference);
            Ok(tag.on((StatusCode::CREATED, [(header::LOCATION, location)], Json(RecordBody::from(*record))).into_response()))
        }
        CreatedRecord::KeyTaken => {
            let problem = Problem::new(Kind::KeyReused, "this `Idempotency-Key` came with another request before");
            Err(problem.with_hint("use a new key for a new record"))
        }
        CreatedRecord::Exists(reference) => {
            let problem = Problem::new(Kind::Conflict, format!("there is a {} `{}` already", table.singular(), reference.id));
            Err(problem.with_hint("PUT replaces it"))
        }
    }
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().ok().filter(|key| !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_MAX_BYTES);
    let wrong = || Problem::invalid(format!("header `Idempotency-Key`: it is 1 to {IDEMPOTENCY_KEY_MAX_BYTES} ASCII characters"));
    text.map(Some).ok_or_else(wrong)
}

/// Creates or replaces a record
#[utoipa::path(put, path = "/api/v1/{table}/{id}", tag = "records", operation_id = "put_record",
    params(
        ("table" = inline(TableName), Path, description = "The table", example = "contacts"),
        ("id" = String, Path, description = "The CRM's id", example = "c1"),
        ("If-Match" = Option<String>, Header, description = "Replaces only a record with one of these tags"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: creates only"),
    ),
    request_body = RecordBody,
    responses(
        (status = 200, description = "Replaced, or it said the same", body = RecordBody),
        (status = 201, description = "Created", body = RecordBody),
        (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such table", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "It is not what was expected", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field makes no sense", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn put(
    Acting(state): Acting,
    ApiPath((noun, id)): ApiPath<(String, String)>,
    _query: NoParameters,
    headers: HeaderMap,
    ApiJson(body): ApiJson<RecordBody>,
) -> Result<Response, Problem> {
    let table = table(&noun)?;
    let document = body.document(table, Some(&id))?;
    let changed = || Problem::new(Kind::Changed, format!("{} `{id}` is not what was expected", table.singular()));
    let known = match header(&headers, &header::IF_MATCH)? {
        None => None,
        Some(tags) => match state.app().record(table, &id).await {
            Ok(known) if known.reference.id == id && tag(&known)?.is_in(tags) => Some(known.document),
            Ok(_) => return Err(changed()),
            Err(error) if error.is_missing() => return Err(changed()),
            Err(error) => return Err(error.into()),
        },
    };
    let expected = match (&known, header(&headers, &header::IF_NONE_MATCH)?) {
        (Some(known), None) => ExpectedRecord::Document(known),
        (None, Some("*")) => ExpectedRecord::Nothing,
        (None, None) => ExpectedRecord::Anything,
        _ => return Err(Problem::invalid("header `If-None-Match`: only `*`, and not beside `If-Match`")),
    };
    let put = state.app().put_record(table, &id, &document, expected).await.map_err(Problem::in_body)?;
    let (record, change) = put.ok_or_else(changed)?;
    let status = if change == RecordChange::Created { StatusCode::CREATED } else { StatusCode::OK };
    let tag = tag(&record)?;
    let location = location(&record.reference);
    Ok(tag.on((status, [(header::LOCATION, location)], Json(RecordBody::from(record))).into_response()))
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Result<Option<&'a str>, Problem> {
    let wrong = |_| Problem::invalid(format!("header `{name}`: it is no text"));
    headers.get(name).map(|value| value.to_str().map_err(wrong)).transpose()
}
