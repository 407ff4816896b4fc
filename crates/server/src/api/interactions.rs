//! `/api/v1/{table}/{id}/interactions` and `/history`: a record's timeline, and its score over time.

use axum::Json;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rapport_domain::{Kind, Model, Moment, Side};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{ApiPath, ApiQuery, TableName, model, moment, table},
    identify::Acting,
    lists::PAGE_ROWS,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::interactions::{PAGE_MAX, TimelineQuery, TimelineRow, Which};

/// Days of a history unless another number is asked for.
const HISTORY_DAYS: u32 = 180;
/// Days of a history at most: as far as the memory of the score reaches.
const HISTORY_DAYS_MAX: u32 = 730;

/// Which activities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StateParameter {
    /// Interactions, newest first.
    #[default]
    Completed,
    /// Open and scheduled ones, soonest first.
    Upcoming,
}

/// Parameters of a timeline.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct TimelineParameters {
    /// The moment that it is as of; now if absent.
    #[serde(deserialize_with = "moment")]
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
    /// Interactions newest first, or what is open and scheduled soonest first.
    #[param(inline)]
    state: StateParameter,
    /// Of this kind only: `email`, `meeting`, `phone_call` or `task`.
    kind: Option<String>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of a record's timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimelineBody {
    /// Rows.
    items: Vec<TimelineItemBody>,
    /// Continues the timeline; null on its last page.
    next_cursor: Option<String>,
    /// Rows of the whole timeline.
    total: usize,
    /// Whether only what the caller took part in is told: works council mode.
    is_own_only: bool,
    /// The moment it is as of.
    as_of: String,
}

/// Somebody who took part.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are those of interaction files")]
pub(crate) struct ParticipantBody {
    role: &'static str,
    name: String,
    email: Option<String>,
    /// `us` or `them`.
    side: &'static str,
}

/// The record that an activity regards.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are those of records")]
pub(crate) struct RegardedBody {
    table: &'static str,
    id: String,
    name: String,
}

/// One activity on the timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimelineItemBody {
    /// Its number in the ledger.
    id: String,
    /// When it was or is to be.
    at: String,
    /// `email`, `meeting`, `phone_call` or `task`.
    kind: &'static str,
    /// `outgoing` or `incoming`.
    direction: &'static str,
    /// `open`, `scheduled` or `completed`.
    state: &'static str,
    /// Null where it is not kept.
    subject: Option<String>,
    /// Seconds; null for mail.
    duration_s: Option<u32>,
    /// Everybody who took part, as far as may be seen.
    participants: Vec<ParticipantBody>,
    /// The record that it regards.
    regarding: Option<RegardedBody>,
    /// `crm`, `mailbox`.
    sources: Vec<&'static str>,
    /// The CRM's id, by which it can be changed; null for what only mailboxes show.
    activity: Option<String>,
}

impl From<TimelineRow> for TimelineItemBody {
    fn from(row: TimelineRow) -> Self {
        let participants = row.participants.into_iter().map(|participant| ParticipantBody {
            role: participant.role.as_str(),
            name: participant.name,
            email: participant.email,
            side: if participant.side == Side::Ours { "us" } else { "them" },
        });
        let sources = [(row.in_crm, "crm"), (row.in_mailbox, "mailbox")];
        Self {
            id: row.interaction.to_string(),
            at: row.at.to_rfc3339(),
            kind: row.kind.as_str(),
            direction: row.direction.as_str(),
            state: row.state.as_str(),
            subject: row.subject,
            duration_s: row.duration_s,
            participants: participants.collect(),
            regarding: row.regarding.map(|(reference, name)| RegardedBody {
                table: reference.table.as_str(),
                id: reference.id,
                name,
            }),
            sources: sources.into_iter().filter_map(|(is_there, word)| is_there.then_some(word)).collect(),
            activity: row.activity,
        }
    }
}

fn encode(row: &TimelineRow) -> String {
    URL_SAFE_NO_PAD.encode(format!("{} {}", row.at.0, row.interaction))
}

fn decode(cursor: &str) -> Option<(i64, u64)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at_us, interaction) = text.split_once(' ')?;
    Some((at_us.parse().ok()?, interaction.parse().ok()?))
}

/// The timeline of a record: exactly the interactions that its figures count, or what is planned
#[utoipa::path(get, path = "/api/v1/{table}/{id}/interactions", tag = "insights", operation_id = "list_interactions",
    params(
        ("table" = inline(TableName), Path, description = "The table", example = "contacts"),
        ("id" = String, Path, description = "The CRM's id, or an address of a contact or lead", example = "c1"),
        TimelineParameters,
    ),
    responses(
        (status = 200, description = "A page", body = TimelineBody),
        (status = 404, description = "There is no such record", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn list(
    Acting(state): Acting,
    ApiPath((noun, id)): ApiPath<(String, String)>,
    ApiQuery(parameters): ApiQuery<TimelineParameters>,
) -> Result<Json<TimelineBody>, Problem> {
    let table = table(&noun)?;
    let limit = parameters.limit.unwrap_or(PAGE_ROWS as usize);
    if limit == 0 || limit > PAGE_MAX {
        return Err(Problem::invalid(format!("query: limit: `{limit}` is not from 1 to {PAGE_MAX}")));
    }
    let kind = parameters.kind.as_deref().map(|word| {
        Kind::parse(word)
            .ok_or_else(|| Problem::invalid(format!("query: kind: `{word}` is none of email, meeting, phone_call, task")))
    });
    let after = parameters
        .cursor
        .as_deref()
        .map(|cursor| decode(cursor).ok_or_else(|| Problem::invalid("query: cursor: it is none that this server gave")));
    let which = if parameters.state == StateParameter::Upcoming { Which::Upcoming } else { Which::Completed };
    let query = TimelineQuery { as_of: parameters.as_of, which, kind: kind.transpose()?, after: after.transpose()?, limit };
    let timeline = state.app().timeline(table, &id, &query).await?;
    let next_cursor = timeline.rows.last().filter(|_| timeline.has_more).map(encode);
    Ok(Json(TimelineBody {
        items: timeline.rows.into_iter().map(TimelineItemBody::from).collect(),
        next_cursor,
        total: timeline.total,
        is_own_only: timeline.is_own_only,
        as_of: timeline.as_of.to_rfc3339(),
    }))
}

/// Parameters of a history.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryParameters {
    /// Days back, today included.
    #[param(minimum = 1, maximum = 730, default = 180)]
    days: Option<u32>,
    /// The moment that it ends at; now if absent.
    #[serde(deserialize_with = "moment")]
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
    /// Model of the figures, `v1` or `v2`; the organization's if absent.
    #[serde(deserialize_with = "model")]
    #[param(value_type = Option<String>, example = "v1")]
    model: Option<Model>,
}

/// The score over time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryBody {
    /// The moment that it ends at.
    as_of: String,
    /// One per local day, oldest first.
    items: Vec<DailyScoreBody>,
}

/// The score as of the end of one local day; today's as of `as_of`.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "pinned names")]
pub(crate) struct DailyScoreBody {
    date: String,
    /// Null where there was none.
    score: Option<u32>,
}

/// The health score of a record over time, from the facts of each day
#[utoipa::path(get, path = "/api/v1/{table}/{id}/history", tag = "insights", operation_id = "get_history",
    params(
        ("table" = inline(TableName), Path, description = "The table", example = "contacts"),
        ("id" = String, Path, description = "The CRM's id, or an address of a contact or lead", example = "c1"),
        HistoryParameters,
    ),
    responses(
        (status = 200, description = "One score per local day", body = HistoryBody),
        (status = 403, description = "It is switched off", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such record", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn history(
    Acting(state): Acting,
    ApiPath((noun, id)): ApiPath<(String, String)>,
    ApiQuery(HistoryParameters { days, as_of, model }): ApiQuery<HistoryParameters>,
) -> Result<Json<HistoryBody>, Problem> {
    let table = table(&noun)?;
    let days = days.unwrap_or(HISTORY_DAYS);
    if days == 0 || days > HISTORY_DAYS_MAX {
        return Err(Problem::invalid(format!("query: days: `{days}` is not from 1 to {HISTORY_DAYS_MAX}")));
    }
    let (as_of, scores) = state.app().by_model(model).health_history(table, &id, days, as_of).await?;
    let items = scores.into_iter().map(|daily| DailyScoreBody { date: daily.day.to_iso(), score: daily.score });
    Ok(Json(HistoryBody { as_of: as_of.to_rfc3339(), items: items.collect() }))
}
