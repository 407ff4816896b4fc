//! `/api/v1/{accounts|contacts|leads|opportunities}`: lists, and one record.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_domain::{Moment, RecordRef};
use rapport_store::{
    registry::RecordChange,
    snapshots::{ListQuery, SORT_COLUMNS, SnapshotRow},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    cursor::{Cursor, query_hash},
    etag::ETag,
    extract::{ApiJson, ApiPath, ApiQuery, NoParameters, TableName, table},
    limits::IDEMPOTENCY_KEY_MAX_BYTES,
    problem::{CommonProblems, Kind, Problem, ProblemBody},
    state::ServerState,
};
use crate::app::{
    lists::PAGE_MAX,
    record_write::{CreatedRecord, ExpectedRecord, StoredRecord},
    records::RecordDocument,
};

/// Rows of a page unless another number is asked for.
pub(crate) const PAGE_ROWS: u32 = 50;

/// Parameters of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParameters {
    /// Column that the rows are sorted by; rows without a value come last.
    #[param(example = "health_score", default = "name")]
    sort: String,
    /// `asc` or `desc`.
    #[param(inline)]
    order: Order,
    /// Owner's address.
    owner: Option<String>,
    /// Health state, e.g. `good`.
    health_state: Option<String>,
    /// Health trend, e.g. `declining`.
    health_trend: Option<String>,
    /// Status of leads and opportunities.
    status: Option<String>,
    /// Text that name, account or owner contains.
    q: Option<String>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next_cursor` of the page before, with the same other parameters.
    cursor: Option<String>,
}

impl Default for ListParameters {
    fn default() -> Self {
        Self {
            sort: "name".to_owned(),
            order: Order::Asc,
            owner: None,
            health_state: None,
            health_trend: None,
            status: None,
            q: None,
            limit: PAGE_ROWS,
            cursor: None,
        }
    }
}

/// Direction of a sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Smallest first.
    #[default]
    Asc,
    /// Largest first.
    Desc,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListBody {
    /// Rows.
    items: Vec<ListItemBody>,
    /// Continues the list; null on its last page.
    next_cursor: Option<String>,
    /// Rows of the whole list.
    total: u64,
    /// The moment that every figure is as of.
    as_of: String,
}

/// One row. Every field but `id` can be sorted by.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are those of records and of health")]
pub(crate) struct ListItemBody {
    id: String,
    name: String,
    account: Option<String>,
    owner: Option<String>,
    status: Option<String>,
    health_state: String,
    health_score: Option<i64>,
    health_trend: String,
    likelihood_30d: Option<f64>,
    time_spent_by_us_min: f64,
    time_spent_by_them_min: f64,
    interactions: i64,
    last_at: Option<String>,
    next_at: Option<String>,
    estimated_close: Option<String>,
    estimated_revenue: Option<f64>,
    currency: Option<String>,
}

impl From<SnapshotRow> for ListItemBody {
    fn from(row: SnapshotRow) -> Self {
        let moment = |at_us: Option<i64>| at_us.map(|at_us| Moment(at_us).to_rfc3339());
        Self {
            id: row.id,
            name: row.name,
            account: row.account,
            owner: row.owner,
            status: row.status,
            health_state: row.health_state,
            health_score: row.health_score,
            health_trend: row.health_trend,
            likelihood_30d: row.likelihood_30d,
            time_spent_by_us_min: row.time_spent_by_us_min,
            time_spent_by_them_min: row.time_spent_by_them_min,
            interactions: row.interactions,
            last_at: moment(row.last_at_us),
            next_at: moment(row.next_at_us),
            estimated_close: moment(row.estimated_close_us),
            estimated_revenue: row.estimated_revenue,
            currency: row.currency,
        }
    }
}

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

/// A list of records with their health, sorted and filtered
#[utoipa::path(get, path = "/api/v1/{table}", tag = "records", operation_id = "list_records",
    params(("table" = inline(TableName), Path, description = "The table", example = "contacts"), ListParameters),
    responses(
        (status = 200, description = "A page", body = ListBody, example = json!({"items": [{
            "id": "c1", "name": "Jo Smit", "account": "Customer", "owner": "ann@us.example", "status": null, "health_state": "good",
            "health_score": 71, "health_trend": "improving", "likelihood_30d": 0.83, "time_spent_by_us_min": 125.0,
            "time_spent_by_them_min": 62.5, "interactions": 25, "last_at": "2026-02-27T09:30:00Z", "next_at": null, "estimated_close": null,
            "estimated_revenue": null, "currency": null}], "next_cursor": null, "total": 1, "as_of": "2026-03-02T09:00:00Z"})),
        (status = 404, description = "There is no such table", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "The list has changed since the cursor's first page", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn list(
    State(state): State<ServerState>,
    ApiPath(noun): ApiPath<String>,
    ApiQuery(parameters): ApiQuery<ListParameters>,
) -> Result<Json<ListBody>, Problem> {
    let table = table(&noun)?;
    if !SORT_COLUMNS.contains(&parameters.sort.as_str()) {
        return Err(Problem::invalid(format!("query: sort: `{}` is none of {}", parameters.sort, SORT_COLUMNS.join(", "))));
    }
    if parameters.limit == 0 || parameters.limit > PAGE_MAX {
        return Err(Problem::invalid(format!("query: limit: `{}` is not from 1 to {PAGE_MAX}", parameters.limit)));
    }
    let hash = hash(&noun, &parameters);
    let cursor = parameters.cursor.as_deref().map(|text| Cursor::decode(text, hash)).transpose()?;
    let offset = cursor.map_or(0, |cursor| cursor.offset);
    let limit = parameters.limit;
    let query = ListQuery {
        sort: parameters.sort,
        descending: parameters.order == Order::Desc,
        owner: parameters.owner,
        health_state: parameters.health_state,
        health_trend: parameters.health_trend,
        status: parameters.status,
        search: parameters.q,
        offset,
        limit,
    };
    let page = state.app().list(table, &query).await?;
    if let Some(cursor) = cursor {
        cursor.check(&page.version)?;
    }
    let next = offset + page.rows.len() as u64;
    let next_cursor = (next < page.total && !page.rows.is_empty()).then(|| Cursor::of(next, &page.version, hash).encode());
    let items = page.rows.into_iter().map(ListItemBody::from).collect();
    Ok(Json(ListBody { items, next_cursor, total: page.total, as_of: page.as_of.to_rfc3339() }))
}

/// What a cursor continues: everything but where and how far.
fn hash(noun: &str, parameters: &ListParameters) -> u64 {
    let order = if parameters.order == Order::Desc { "desc" } else { "asc" };
    let filters = [&parameters.owner, &parameters.health_state, &parameters.health_trend, &parameters.status, &parameters.q];
    let mut parts = vec![noun, &parameters.sort, order];
    // An absent filter is not an empty one.
    parts.extend(
        filters.iter().flat_map(|filter| [if filter.is_some() { "1" } else { "0" }, filter.as_deref().unwrap_or_default()]),
    );
    query_hash(&parts)
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
    State(state): State<ServerState>,
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

fn location(reference: &RecordRef) -> String {
    // The unreserved characters of RFC 3986.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let id: String = reference
        .id
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("/api/v1/{}/{id}", reference.table)
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
    State(state): State<ServerState>,
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

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
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
    State(state): State<ServerState>,
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

fn header<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Result<Option<&'a str>, Problem> {
    let wrong = |_| Problem::invalid(format!("header `{name}`: it is no text"));
    headers.get(name).map(|value| value.to_str().map_err(wrong)).transpose()
}
