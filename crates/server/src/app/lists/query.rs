//! What a page of a list asks for, and whether a row is meant.

use rapport_domain::{Calendar, Table};
use serde::Deserialize;
use serde_json::Value as Json;

use super::{
    columns::{Column, ColumnKind, Value, column_names},
    row::ListRow,
};
use crate::app::AppError;

/// Conditions of one list at most: more than anybody sets by hand, few enough to test on every row.
pub const CONDITIONS_MAX: usize = 20;
/// Values of one `in` at most.
pub const CONDITION_VALUES_MAX: usize = 100;
/// Characters of a text that is looked for, at most.
pub const SEARCH_MAX_CHARS: usize = 200;

/// Whose records a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListView {
    /// The viewer's own.
    My,
    /// Those of the viewer's team.
    Team,
    /// Everybody's.
    #[default]
    All,
}

/// Whether a list shows what is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListState {
    /// What work goes on with.
    Open,
    /// What is won, lost, qualified, disqualified.
    Closed,
    /// Both.
    #[default]
    All,
}

/// What a list shows: which rows, without their order.
#[derive(Clone, Debug, Default)]
pub struct ListFilter {
    /// Whose.
    pub view: ListView,
    /// Who looks; needed for `my` and `team`.
    pub viewer: Option<String>,
    /// Open, closed or both.
    pub state: ListState,
    /// Owner's address.
    pub owner: Option<String>,
    /// Health state.
    pub health_state: Option<String>,
    /// Health trend.
    pub health_trend: Option<String>,
    /// Status.
    pub status: Option<String>,
    /// Text that name, account, owner, address or company contains, in any case.
    pub search: Option<String>,
    /// Conditions that must all hold, as [`Condition::parse_all`] reads them.
    pub conditions: Vec<Condition>,
}

/// What a page of a list asks for.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// Which rows.
    pub filter: ListFilter,
    /// Name of a column.
    pub sort: String,
    /// Largest first.
    pub descending: bool,
    /// Rows to skip.
    pub offset: u64,
    /// Rows at most.
    pub limit: u32,
}

/// One condition on one column.
#[derive(Clone, Debug)]
pub struct Condition {
    column: &'static Column,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Empty,
    NotEmpty,
    /// Lower-case.
    OneOf(Vec<String>),
    /// Lower-case.
    Contains(String),
    /// Both ends included.
    Numbers(f64, f64),
    /// The end included.
    AtMostOrEmpty(f64),
    /// The end excluded.
    Moments(i64, i64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    column: String,
    op: String,
    #[serde(default)]
    value: Json,
}

impl Condition {
    /// Reads a JSON array of `{"column","op","value"}`. Dates are days of the organization.
    pub fn parse_all(text: &str, calendar: &Calendar) -> Result<Vec<Self>, AppError> {
        let wrong = |error: serde_json::Error| {
            AppError::invalid(format!("it is no array of conditions: {error}"))
                .with_hint(r#"e.g. [{"column":"health_score","op":"ge","value":40}]"#)
        };
        let written: Vec<Written> = serde_json::from_str(text).map_err(wrong)?;
        if written.len() > CONDITIONS_MAX {
            return Err(AppError::invalid(format!("{} conditions are more than {CONDITIONS_MAX}", written.len())));
        }
        written.into_iter().map(|condition| Self::new(condition, calendar)).collect()
    }

    fn new(Written { column, op, value }: Written, calendar: &Calendar) -> Result<Self, AppError> {
        let column = Column::named(&column)
            .ok_or_else(|| AppError::invalid(format!("there is no column `{column}`")).with_hint(column_names()))?;
        let test = match (op.as_str(), column.kind) {
            ("empty", _) => Test::Empty,
            ("not_empty", _) => Test::NotEmpty,
            ("is", ColumnKind::Text | ColumnKind::Word) => Test::OneOf(vec![text_of(column, &value)?]),
            ("in", ColumnKind::Text | ColumnKind::Word) => Test::OneOf(texts_of(column, &value)?),
            ("contains", ColumnKind::Text) => Test::Contains(text_of(column, &value)?),
            ("is", ColumnKind::Number) => number_of(column, &value).map(|number| Test::Numbers(number, number))?,
            ("ge", ColumnKind::Number) => Test::Numbers(number_of(column, &value)?, f64::INFINITY),
            ("le", ColumnKind::Number) => Test::Numbers(f64::NEG_INFINITY, number_of(column, &value)?),
            ("le_or_empty", ColumnKind::Number) => Test::AtMostOrEmpty(number_of(column, &value)?),
            ("is", ColumnKind::Moment) => span_of(column, &value, calendar).map(|(start, end)| Test::Moments(start, end))?,
            ("ge", ColumnKind::Moment) => Test::Moments(span_of(column, &value, calendar)?.0, i64::MAX),
            ("le", ColumnKind::Moment) => Test::Moments(i64::MIN, span_of(column, &value, calendar)?.1),
            _ => {
                let known = match column.kind {
                    ColumnKind::Text => "is, contains, in, empty, not_empty",
                    ColumnKind::Word => "is, in, empty, not_empty",
                    ColumnKind::Number => "is, ge, le, le_or_empty, empty, not_empty",
                    ColumnKind::Moment => "is, ge, le, empty, not_empty",
                };
                return Err(AppError::invalid(format!("`{}` is not compared by `{op}`", column.name))
                    .with_hint(format!("it is by {known}")));
            }
        };
        Ok(Self { column, test })
    }

    /// Whether it is about whose a record is.
    pub(super) fn is_about_owners(&self) -> bool {
        self.column.is_about_owners()
    }

    /// Whether a row of lists as of a moment meets it. Whatever is absent meets only `empty` and `le_or_empty`.
    pub(super) fn holds(&self, row: &ListRow, as_of_us: i64) -> bool {
        let value = self.column.value_as_of(row, as_of_us);
        match (&self.test, value) {
            (Test::Empty, value) => value == Value::Absent,
            (Test::NotEmpty, value) => value != Value::Absent,
            (Test::OneOf(wanted), Value::Text(text)) => {
                let text = text.to_lowercase();
                wanted.contains(&text)
            }
            (Test::Contains(wanted), Value::Text(text)) => text.to_lowercase().contains(wanted),
            (Test::Numbers(low, high), Value::Number(number)) => (*low..=*high).contains(&number),
            (Test::AtMostOrEmpty(high), Value::Number(number)) => number <= *high,
            (Test::AtMostOrEmpty(_), Value::Absent) => true,
            (Test::Moments(start, end), Value::Moment(at)) => (*start..*end).contains(&at),
            _ => false,
        }
    }
}

fn wrong(column: &Column, what: &str) -> AppError {
    AppError::invalid(format!("`{}`: the value is {what}", column.name))
}

fn text_of(column: &Column, value: &Json) -> Result<String, AppError> {
    let text = value.as_str().ok_or_else(|| wrong(column, "no text"))?;
    if text.chars().count() > SEARCH_MAX_CHARS {
        return Err(wrong(column, &format!("longer than {SEARCH_MAX_CHARS} characters")));
    }
    Ok(text.to_lowercase())
}

fn texts_of(column: &Column, value: &Json) -> Result<Vec<String>, AppError> {
    let values = value.as_array().ok_or_else(|| wrong(column, "no array of texts"))?;
    if values.len() > CONDITION_VALUES_MAX {
        return Err(wrong(column, &format!("an array of more than {CONDITION_VALUES_MAX}")));
    }
    values.iter().map(|value| text_of(column, value)).collect()
}

fn number_of(column: &Column, value: &Json) -> Result<f64, AppError> {
    value.as_f64().filter(|number| number.is_finite()).ok_or_else(|| wrong(column, "no number"))
}

/// The microseconds that a moment or a local day covers; the end excluded.
fn span_of(column: &Column, value: &Json, calendar: &Calendar) -> Result<(i64, i64), AppError> {
    let no_moment = || wrong(column, "neither a date (2026-03-02) nor a moment (2026-03-02T09:00:00Z)");
    let text = value.as_str().ok_or_else(no_moment)?;
    let at = calendar.parse(text).map_err(|_| no_moment())?;
    let is_date = !text.contains(['T', 't', ' ']);
    if is_date {
        let day = calendar.day_of(at);
        return Ok((calendar.start_of(day).0, calendar.start_of(day.plus(1)).0));
    }
    Ok((at.0, at.0.saturating_add(1)))
}

/// Whether a row is open, or closed, as asked.
pub(super) fn is_in_state(row: &ListRow, table: Table, state: ListState) -> bool {
    match state {
        ListState::All => true,
        ListState::Open => row.is_open(table),
        ListState::Closed => !row.is_open(table),
    }
}
