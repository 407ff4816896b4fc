//! `/api/v1/activities`: activities of the CRM, read and written.

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_domain::{ActivityState, Kind as ActivityKind, Moment, RecordRef, Table};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    etag::ETag,
    extract::{ApiJson, ApiPath, NoParameters},
    identify::Acting,
    problem::{CommonProblems, Kind, Problem, ProblemBody},
    records::{header, idempotency_key},
};
use crate::app::activities::{Activity, WrittenActivity};

/// The record that an activity regards.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names are those of records")]
pub(crate) struct RegardingBody {
    table: String,
    id: String,
}

/// An activity of the CRM.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "phone_call", "state": "completed", "at": "2026-03-02T09:00:00Z", "from": "ann@us.example", "to": ["contact:c1"], "duration_s": 600}))]
pub(crate) struct CrmActivityBody {
    /// The CRM's id; on creating without one the server makes one.
    id: Option<String>,
    /// `email`, `meeting`, `phone_call` or `task`.
    kind: String,
    /// `open`, `scheduled`, `completed` or `cancelled`.
    state: String,
    /// When it was or is to be; a meeting's start.
    at: String,
    /// Sender, organizer or caller: an address, or a reference such as `contact:c1`.
    from: Option<String>,
    /// Recipients, required attendees, callees.
    #[serde(default)]
    to: Vec<String>,
    /// Copies, optional attendees.
    #[serde(default)]
    cc: Vec<String>,
    /// Seconds.
    duration_s: Option<u32>,
    /// Its subject; answered only where the organization keeps subjects.
    subject: Option<String>,
    /// The record that it regards.
    regarding: Option<RegardingBody>,
}

impl From<Activity> for CrmActivityBody {
    fn from(activity: Activity) -> Self {
        Self {
            id: Some(activity.id),
            kind: activity.kind.as_str().to_owned(),
            state: activity.state.as_str().to_owned(),
            at: activity.at.to_rfc3339(),
            from: activity.from,
            to: activity.to,
            cc: activity.cc,
            duration_s: activity.duration_s,
            subject: activity.subject,
            regarding: activity.regarding.map(|record| RegardingBody { table: record.table.as_str().to_owned(), id: record.id }),
        }
    }
}

impl CrmActivityBody {
    fn activity(self, id: String) -> Result<Activity, Problem> {
        let wrong = |field: &str, value: &str, accepted: &str| {
            Problem::new(Kind::Unprocessable, format!("body: `{field}`: `{value}` is none of {accepted}"))
        };
        let kind =
            ActivityKind::parse(&self.kind).ok_or_else(|| wrong("kind", &self.kind, "email, meeting, phone_call, task"))?;
        let state = ActivityState::parse(&self.state)
            .ok_or_else(|| wrong("state", &self.state, "open, scheduled, completed, cancelled"))?;
        let at = Moment::parse(&self.at).map_err(|error| Problem::new(Kind::Unprocessable, format!("body: `at`: {error}")))?;
        let regarding = self.regarding.map(|record| {
            let table = Table::parse(&record.table)
                .ok_or_else(|| wrong("regarding.table", &record.table, "accounts, contacts, leads, opportunities"))?;
            Ok::<_, Problem>(RecordRef { table, id: record.id })
        });
        let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        Ok(Activity {
            id,
            kind,
            state,
            at,
            from: text(self.from),
            to: self.to,
            cc: self.cc,
            duration_s: self.duration_s,
            subject: text(self.subject),
            regarding: regarding.transpose()?,
        })
    }
}

fn tag(activity: &Activity) -> ETag {
    ETag::of(&["activities", &format!("{activity:?}")])
}

fn answer(status: StatusCode, activity: Activity) -> Response {
    let tag = tag(&activity);
    let location = format!("/api/v1/activities/{}", super::records::path_segment(&activity.id));
    tag.on((status, [(header::LOCATION, location)], Json(CrmActivityBody::from(activity))).into_response())
}

fn written(written: WrittenActivity, id: &str) -> Result<Response, Problem> {
    match written {
        WrittenActivity::Created(activity) => Ok(answer(StatusCode::CREATED, *activity)),
        WrittenActivity::Is(activity) => Ok(answer(StatusCode::OK, *activity)),
        WrittenActivity::KeyTaken => {
            let problem = Problem::new(Kind::KeyReused, "this `Idempotency-Key` came with another activity before");
            Err(problem.with_hint("use a new key for a new activity"))
        }
        WrittenActivity::Exists => {
            Err(Problem::new(Kind::Conflict, format!("there is an activity `{id}` already")).with_hint("PUT replaces it"))
        }
        WrittenActivity::Unexpected => {
            Err(Problem::new(Kind::Changed, format!("activity `{id}` is not what was expected")).with_hint("read it again"))
        }
    }
}

/// Creates an activity: a call that was made, a meeting or task that is planned
#[utoipa::path(post, path = "/api/v1/activities", tag = "activities", operation_id = "create_activity",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same activity is one create")),
    request_body = CrmActivityBody,
    responses(
        (status = 201, description = "The activity as it is kept; figures follow at once", body = CrmActivityBody),
        (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "There is an activity of this id", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field makes no sense, or it would not be kept", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn create(
    Acting(state): Acting,
    _query: NoParameters,
    headers: HeaderMap,
    ApiJson(body): ApiJson<CrmActivityBody>,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers)?;
    let id = body.id.clone().unwrap_or_default();
    let activity = body.activity(id.clone())?;
    let created = state.app().create_activity(activity, key).await.map_err(Problem::in_body)?;
    written(created, &id)
}

/// One activity
#[utoipa::path(get, path = "/api/v1/activities/{id}", tag = "activities", operation_id = "get_activity",
    params(
        ("id" = String, Path, description = "The CRM's id"),
        ("If-None-Match" = Option<String>, Header, description = "Tags that the client has"),
    ),
    responses(
        (status = 200, description = "The activity; `ETag` names this state of it", body = CrmActivityBody),
        (status = 304, description = "The client has it"),
        (status = 404, description = "There is no such activity", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn get(
    Acting(state): Acting,
    ApiPath(id): ApiPath<String>,
    _query: NoParameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let activity = state.app().activity(&id).await?;
    let tag = tag(&activity);
    Ok(tag.answer(&headers, || Json(CrmActivityBody::from(activity)).into_response()))
}

/// Creates or replaces an activity: moves it, completes it, cancels it
#[utoipa::path(put, path = "/api/v1/activities/{id}", tag = "activities", operation_id = "put_activity",
    params(
        ("id" = String, Path, description = "The CRM's id"),
        ("If-Match" = Option<String>, Header, description = "Replaces only an activity with one of these tags"),
    ),
    request_body = CrmActivityBody,
    responses(
        (status = 200, description = "Replaced, or it said the same", body = CrmActivityBody),
        (status = 201, description = "Created", body = CrmActivityBody),
        (status = 403, description = "The write comes from another site", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such activity that one may change", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "It is not what was expected", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field makes no sense, or it would not be kept", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn put(
    Acting(state): Acting,
    ApiPath(id): ApiPath<String>,
    _query: NoParameters,
    headers: HeaderMap,
    ApiJson(body): ApiJson<CrmActivityBody>,
) -> Result<Response, Problem> {
    if body.id.as_ref().is_some_and(|said| *said != id) {
        return Err(Problem::new(Kind::Unprocessable, format!("body: `id` is not `{id}`, as the path says")));
    }
    let activity = body.activity(id.clone())?;
    let tags = header(&headers, &header::IF_MATCH)?;
    let is_expected = |known: Option<&Activity>| tags.is_none_or(|tags| known.is_some_and(|known| tag(known).is_in(tags)));
    let put = state.app().put_activity(&activity, is_expected).await.map_err(Problem::in_body)?;
    written(put, &id)
}
