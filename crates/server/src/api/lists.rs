//! `/api/v1/{table}`, `/api/v1/exports/{table}`, `/api/v1/pipeline`: records with their figures, as pages, files and bubbles.

use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use rapport_domain::{Calendar, Moment, Table};
use rapport_insight::Language;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    cursor::{Cursor, query_hash},
    extract::{ApiPath, ApiQuery, TableName, language, table},
    identify::Acting,
    imports::FileBytes,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::{
    AppError,
    app::lists::{
        PAGE_MAX,
        columns::{Column, column_names},
        pipeline::Point,
        query::{Condition, ListFilter, ListQuery, ListState, ListView, SEARCH_MAX_CHARS},
        row::ListRow,
        sheet::{DEFAULT_COLUMNS, SheetFormat, SheetQuery},
    },
};

/// Rows of a page unless another number is asked for.
pub(super) const PAGE_ROWS: u32 = 50;

/// Whose records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ViewParameter {
    /// The viewer's own.
    My,
    /// Those of the viewer's team.
    Team,
    /// Everybody's.
    #[default]
    All,
}

impl From<ViewParameter> for ListView {
    fn from(view: ViewParameter) -> Self {
        match view {
            ViewParameter::My => Self::My,
            ViewParameter::Team => Self::Team,
            ViewParameter::All => Self::All,
        }
    }
}

/// Open or closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StateParameter {
    /// Opportunities while open, leads while active; contacts and accounts always.
    Open,
    /// The others.
    Closed,
    /// Both.
    #[default]
    All,
}

/// Direction of a sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// Smallest first.
    #[default]
    Asc,
    /// Largest first.
    Desc,
}

/// The kind of file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// Comma-separated values.
    #[default]
    Csv,
    /// Excel.
    Xlsx,
}

/// Parameters that say which rows, before those of one operation: a query string knows no nesting.
macro_rules! filter_parameters {
    ($(#[$about:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Default, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields, default)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            /// Whose records: the viewer's own, those of the viewer's team, or everybody's.
            #[param(inline)]
            view: ViewParameter,
            /// Who looks: a user's address. Needed for `my` and `team`.
            viewer: Option<String>,
            /// What work goes on with, what is closed, or both.
            #[param(inline)]
            state: StateParameter,
            /// Owner's address.
            owner: Option<String>,
            /// Health state, e.g. `good`.
            health_state: Option<String>,
            /// Health trend, e.g. `declining`.
            health_trend: Option<String>,
            /// Status of leads and opportunities.
            status: Option<String>,
            /// Text that name, account, owner, address or company contains.
            q: Option<String>,
            /// JSON array of at most 20 conditions that all hold, each on a column of the list: texts `is`, `contains`, `in`; words `is`,
            /// `in`; numbers and moments `is`, `ge`, `le`; numbers `le_or_empty`; all `empty`, `not_empty`.
            #[param(example = "[{\"column\":\"health_score\",\"op\":\"ge\",\"value\":40}]")]
            filter: Option<String>,
            $($(#[$attribute])* $field: $type,)*
        }

        impl $name {
            fn list_filter(&self, calendar: &Calendar) -> Result<ListFilter, Problem> {
                let conditions = self.filter.as_deref().map(|text| Condition::parse_all(text, calendar)).transpose();
                let conditions = conditions.map_err(|error| parameter("filter", &error))?.unwrap_or_default();
                if self.q.as_ref().is_some_and(|text| text.chars().count() > SEARCH_MAX_CHARS) {
                    return Err(Problem::invalid(format!("query: q: it is longer than {SEARCH_MAX_CHARS} characters")));
                }
                Ok(ListFilter {
                    view: self.view.into(),
                    viewer: self.viewer.clone(),
                    state: match self.state {
                        StateParameter::Open => ListState::Open,
                        StateParameter::Closed => ListState::Closed,
                        StateParameter::All => ListState::All,
                    },
                    owner: self.owner.clone(),
                    health_state: self.health_state.clone(),
                    health_trend: self.health_trend.clone(),
                    status: self.status.clone(),
                    search: self.q.clone().filter(|text| !text.trim().is_empty()),
                    conditions,
                })
            }
        }
    };
}

filter_parameters! {
    /// Parameters of a list.
    ListParameters {
        /// Column that the rows are sorted by, `name` if absent; rows without a value come last.
        #[param(example = "health_score", default = "name")]
        sort: Option<String>,
        /// `asc` or `desc`.
        #[param(inline)]
        order: Order,
        /// Rows of the page.
        #[param(minimum = 1, maximum = 500, default = 50)]
        limit: Option<u32>,
        /// Rows to skip, for lists that are scrolled anywhere; not beside `cursor`.
        offset: Option<u64>,
        /// `next_cursor` of the page before, with the same other parameters.
        cursor: Option<String>,
    }
}

filter_parameters! {
    /// Parameters of an export.
    ExportParameters {
        /// Column that the rows are sorted by, `name` if absent.
        sort: Option<String>,
        /// `asc` or `desc`.
        #[param(inline)]
        order: Order,
        /// Kind of file.
        #[param(inline)]
        format: Format,
        /// Names of columns with commas between.
        #[param(example = "name,health_state,health_score")]
        columns: Option<String>,
        /// Language of header and words: `en` or `nl`.
        #[serde(deserialize_with = "language")]
        #[param(value_type = Option<String>, default = "en")]
        language: Language,
    }
}

filter_parameters! {
    /// Parameters of the pipeline.
    PipelineParameters {}
}

/// An error of one parameter.
fn parameter(name: &str, error: &AppError) -> Problem {
    let problem = Problem::invalid(format!("query: {name}: {error}"));
    match error.hint() {
        Some(hint) => problem.with_hint(hint),
        None => problem,
    }
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

/// Declares the wire type of a row: fields that are copied, and moments.
macro_rules! item {
    (fields { $($field:ident: $type:ty,)* } moments { $($moment:ident,)* }) => {
        /// One row. Every field can be sorted and filtered by; `updated_at` is the moment that its figures are as of.
        #[derive(Clone, Debug, Serialize, ToSchema)]
        #[allow(missing_docs, reason = "the names are those of records, KPIs and health")]
        pub(crate) struct ListItemBody {
            $(pub(super) $field: $type,)*
            $(pub(super) $moment: Option<String>,)*
        }

        impl From<ListRow> for ListItemBody {
            fn from(row: ListRow) -> Self {
                Self {
                    $($field: row.$field,)*
                    $($moment: row.$moment.map(|at_us| Moment(at_us).to_rfc3339()),)*
                }
            }
        }
    };
}

item! {
    fields {
        id: String,
        name: String,
        account: Option<String>,
        account_id: Option<String>,
        owner: Option<String>,
        owner_name: Option<String>,
        email: Option<String>,
        title: Option<String>,
        company: Option<String>,
        status: Option<String>,
        health_state: String,
        health_score: Option<u32>,
        health_trend: String,
        rollup: bool,
        new_relationship: bool,
        likelihood_30d: Option<f64>,
        silence_surprise: Option<f64>,
        time_spent_by_us_min: Option<f64>,
        time_spent_by_them_min: Option<f64>,
        interactions: Option<u32>,
        emails_sent: Option<u32>,
        emails_received: u32,
        meetings_sent: Option<u32>,
        meetings_received: u32,
        phone_calls_made: Option<u32>,
        phone_calls_received: u32,
        response_time_by_us_h: Option<f64>,
        response_time_by_them_h: Option<f64>,
        last_kind: Option<String>,
        next_kind: Option<String>,
        estimated_revenue: Option<f64>,
        currency: Option<String>,
    }
    moments {
        last_at,
        next_at,
        estimated_close,
        created_at,
        closed_at,
        updated_at,
    }
}

/// A list of records with their health, sorted and filtered
#[utoipa::path(get, path = "/api/v1/{table}", tag = "records", operation_id = "list_records",
    params(("table" = inline(TableName), Path, description = "The table", example = "contacts"), ListParameters),
    responses(
        (status = 200, description = "A page", body = ListBody),
        (status = 404, description = "There is no such table", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "The list has changed since the cursor's first page", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn list(
    Acting(state): Acting,
    ApiPath(noun): ApiPath<String>,
    ApiQuery(parameters): ApiQuery<ListParameters>,
) -> Result<Json<ListBody>, Problem> {
    let table = table(&noun)?;
    let sort = sort_column(parameters.sort.as_deref())?;
    let limit = parameters.limit.unwrap_or(PAGE_ROWS);
    if limit == 0 || limit > PAGE_MAX {
        return Err(Problem::invalid(format!("query: limit: `{limit}` is not from 1 to {PAGE_MAX}")));
    }
    if parameters.offset.is_some() && parameters.cursor.is_some() {
        return Err(Problem::invalid("query: offset: a cursor says itself where it continues"));
    }
    let view = state.app().view().await?;
    let filter = parameters.list_filter(&view.calendar)?;
    let hash = hash(&noun, &parameters, sort);
    let cursor = parameters.cursor.as_deref().map(|text| Cursor::decode(text, hash)).transpose()?;
    let offset = cursor.map(|cursor| cursor.offset).or(parameters.offset).unwrap_or(0);
    let query = ListQuery { filter, sort: sort.to_owned(), descending: parameters.order == Order::Desc, offset, limit };
    let page = state.app().list(table, query).await?;
    if let Some(cursor) = cursor {
        cursor.check(&page.version)?;
    }
    let next = offset + page.rows.len() as u64;
    let next_cursor = (next < page.total && !page.rows.is_empty()).then(|| Cursor::of(next, &page.version, hash).encode());
    let items = page.rows.into_iter().map(ListItemBody::from).collect();
    Ok(Json(ListBody { items, next_cursor, total: page.total, as_of: page.as_of.to_rfc3339() }))
}

fn sort_column(sort: Option<&str>) -> Result<&str, Problem> {
    let sort = sort.unwrap_or("name");
    match Column::named(sort) {
        Some(_) => Ok(sort),
        None => Err(Problem::invalid(format!("query: sort: `{sort}` is none of {}", column_names()))),
    }
}

/// What a cursor continues: everything but where and how far.
fn hash(noun: &str, parameters: &ListParameters, sort: &str) -> u64 {
    let words = format!("{:?} {:?} {:?}", parameters.view, parameters.state, parameters.order);
    let ListParameters { viewer, owner, health_state, health_trend, status, q, filter, .. } = parameters;
    let mut parts = vec![noun, sort, &words];
    // An absent filter is not an empty one.
    for filter in [viewer, owner, health_state, health_trend, status, q, filter] {
        parts.extend([if filter.is_some() { "1" } else { "0" }, filter.as_deref().unwrap_or_default()]);
    }
    query_hash(&parts)
}

/// A whole list as a file
#[utoipa::path(get, path = "/api/v1/exports/{table}", tag = "records", operation_id = "export_records",
    params(("table" = inline(TableName), Path, description = "The table", example = "contacts"), ExportParameters),
    responses(
        (status = 200, description = "The file", content((String = "text/csv"),
            (FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 404, description = "There is no such table", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn export(
    Acting(state): Acting,
    ApiPath(noun): ApiPath<String>,
    ApiQuery(parameters): ApiQuery<ExportParameters>,
) -> Result<Response, Problem> {
    let table = table(&noun)?;
    let sort = sort_column(parameters.sort.as_deref())?.to_owned();
    let view = state.app().view().await?;
    let filter = parameters.list_filter(&view.calendar)?;
    let list = ListQuery { filter, sort, descending: parameters.order == Order::Desc, offset: 0, limit: 0 };
    let columns = match &parameters.columns {
        Some(columns) => columns.split(',').map(|name| name.trim().to_owned()).collect(),
        None => DEFAULT_COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
    };
    let (format, ending, media) = match parameters.format {
        Format::Csv => (SheetFormat::Csv, "csv", "text/csv; charset=utf-8"),
        Format::Xlsx => (SheetFormat::Xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    };
    let query = SheetQuery { list, columns, format, language: parameters.language };
    let bytes = state.app().sheet(table, query).await?;
    let name = match table {
        Table::Accounts => "accounts",
        Table::Contacts => "contacts",
        Table::Leads => "leads",
        Table::Opportunities => "opportunities",
    };
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{ending}\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(media)), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response())
}

/// The Relationship Pipeline.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PipelineBody {
    /// The moment that every figure is as of.
    as_of: String,
    /// Open opportunities with an estimated close today or later, largest revenue first.
    points: Vec<PointBody>,
    /// Open opportunities that have no place in the chart.
    not_shown: NotShownBody,
    /// Points beyond 5,000.
    omitted: usize,
}

/// Why open opportunities have no place in the chart, and how many.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotShownBody {
    /// They have no estimated close.
    no_close_date: usize,
    /// Their estimated close is past.
    past_close_date: usize,
}

/// One bubble.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names are those of lists")]
pub(crate) struct PointBody {
    id: String,
    name: String,
    account: Option<String>,
    account_id: Option<String>,
    owner: Option<String>,
    owner_name: Option<String>,
    health_state: String,
    health_score: Option<u32>,
    health_trend: String,
    /// Whole local days; 0 = today.
    days_until_close: i32,
    estimated_close: Option<String>,
    estimated_revenue: Option<f64>,
    currency: Option<String>,
}

impl From<Point> for PointBody {
    fn from(Point { row, days_until_close }: Point) -> Self {
        Self {
            id: row.id,
            name: row.name,
            account: row.account,
            account_id: row.account_id,
            owner: row.owner,
            owner_name: row.owner_name,
            health_state: row.health_state,
            health_score: row.health_score,
            health_trend: row.health_trend,
            days_until_close,
            estimated_close: row.estimated_close.map(|at_us| Moment(at_us).to_rfc3339()),
            estimated_revenue: row.estimated_revenue,
            currency: row.currency,
        }
    }
}

/// Open opportunities by days until their estimated close and by health
#[utoipa::path(get, path = "/api/v1/pipeline", tag = "records", operation_id = "get_pipeline", params(PipelineParameters),
    responses(
        (status = 200, description = "The bubbles, and how many opportunities have none", body = PipelineBody),
        (status = 403, description = "It is switched off", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn pipeline(
    Acting(state): Acting,
    ApiQuery(parameters): ApiQuery<PipelineParameters>,
) -> Result<Json<PipelineBody>, Problem> {
    let view = state.app().view().await?;
    let pipeline = state.app().pipeline(parameters.list_filter(&view.calendar)?).await?;
    let not_shown = NotShownBody { no_close_date: pipeline.no_close_date, past_close_date: pipeline.past_close_date };
    Ok(Json(PipelineBody {
        as_of: pipeline.as_of.to_rfc3339(),
        points: pipeline.points.into_iter().map(PointBody::from).collect(),
        not_shown,
        omitted: pipeline.omitted,
    }))
}
