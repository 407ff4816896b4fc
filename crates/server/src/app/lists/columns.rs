//! The columns of lists: what each holds, and of what kind it is. Every one can be sorted and filtered.
//!
//! To add one: a field of [`ListRow`], its line here, its field in the wire type, its label in the pages.

use super::row::ListRow;

/// What one row holds in one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing is known.
    Absent,
    /// A text, or a word of the glossary.
    Text(&'a str),
    /// A number; finite.
    Number(f64),
    /// A moment in microseconds since 1970.
    Moment(i64),
}

/// Of what kind a column is: decides how it is compared and filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Free text, compared without case.
    Text,
    /// One of a few words.
    Word,
    /// A number.
    Number,
    /// A moment.
    Moment,
}

/// One column.
#[derive(Debug)]
pub struct Column {
    /// Its name in the API.
    pub name: &'static str,
    /// Its kind.
    pub kind: ColumnKind,
    /// Its value in a row.
    pub value: for<'a> fn(&'a ListRow) -> Value<'a>,
}

impl Column {
    /// The column of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        COLUMNS.iter().find(|column| column.name == name)
    }

    /// Whether it tells whose a record is.
    pub(super) fn is_about_owners(&self) -> bool {
        matches!(self.name, "owner" | "owner_name")
    }

    /// Its value in a row of lists as of a moment, which is the same in all their rows and kept in none.
    pub(super) fn value_as_of<'a>(&self, row: &'a ListRow, as_of_us: i64) -> Value<'a> {
        if self.name == "updated_at" { Value::Moment(as_of_us) } else { (self.value)(row) }
    }

    /// Its place among all columns.
    pub(super) fn position(&self) -> usize {
        COLUMNS.iter().position(|column| column.name == self.name).unwrap_or_default()
    }
}

fn text(value: &str) -> Value<'_> {
    if value.is_empty() { Value::Absent } else { Value::Text(value) }
}

fn maybe_text(value: Option<&str>) -> Value<'_> {
    value.map_or(Value::Absent, text)
}

fn number<'a>(value: impl Into<f64>) -> Value<'a> {
    Value::Number(value.into())
}

fn maybe_number<'a>(value: Option<f64>) -> Value<'a> {
    value.map_or(Value::Absent, Value::Number)
}

fn moment<'a>(value: Option<i64>) -> Value<'a> {
    value.map_or(Value::Absent, Value::Moment)
}

fn yes_or_no<'a>(value: bool) -> Value<'a> {
    Value::Text(if value { "true" } else { "false" })
}

macro_rules! columns {
    ($($kind:ident $name:ident $value:expr;)*) => {
        &[$(Column { name: stringify!($name), kind: ColumnKind::$kind, value: $value },)*]
    };
}

/// All columns.
pub const COLUMNS: &[Column] = columns! {
    Text name |row| text(&row.name);
    Text id |row| text(&row.id);
    Text account |row| maybe_text(row.account.as_deref());
    Text account_id |row| maybe_text(row.account_id.as_deref());
    Text owner |row| maybe_text(row.owner.as_deref());
    Text owner_name |row| maybe_text(row.owner_name.as_deref());
    Text email |row| maybe_text(row.email.as_deref());
    Text title |row| maybe_text(row.title.as_deref());
    Text company |row| maybe_text(row.company.as_deref());
    Word status |row| maybe_text(row.status.as_deref());
    Word health_state |row| text(&row.health_state);
    Number health_score |row| maybe_number(row.health_score.map(f64::from));
    Word health_trend |row| text(&row.health_trend);
    Word rollup |row| yes_or_no(row.rollup);
    Word new_relationship |row| yes_or_no(row.new_relationship);
    Number likelihood_30d |row| maybe_number(row.likelihood_30d);
    Number silence_surprise |row| maybe_number(row.silence_surprise);
    Number time_spent_by_us_min |row| maybe_number(row.time_spent_by_us_min);
    Number time_spent_by_them_min |row| maybe_number(row.time_spent_by_them_min);
    Number interactions |row| maybe_number(row.interactions.map(f64::from));
    Number emails_sent |row| maybe_number(row.emails_sent.map(f64::from));
    Number emails_received |row| number(row.emails_received);
    Number meetings_sent |row| maybe_number(row.meetings_sent.map(f64::from));
    Number meetings_received |row| number(row.meetings_received);
    Number phone_calls_made |row| maybe_number(row.phone_calls_made.map(f64::from));
    Number phone_calls_received |row| number(row.phone_calls_received);
    Number response_time_by_us_h |row| maybe_number(row.response_time_by_us_h);
    Number response_time_by_them_h |row| maybe_number(row.response_time_by_them_h);
    Moment last_at |row| moment(row.last_at);
    Word last_kind |row| maybe_text(row.last_kind.as_deref());
    Moment next_at |row| moment(row.next_at);
    Word next_kind |row| maybe_text(row.next_kind.as_deref());
    Moment estimated_close |row| moment(row.estimated_close);
    Number estimated_revenue |row| maybe_number(row.estimated_revenue);
    Word currency |row| maybe_text(row.currency.as_deref());
    Moment created_at |row| moment(row.created_at);
    Moment closed_at |row| moment(row.closed_at);
    Moment updated_at |row| moment(row.updated_at);
};

/// Names of all columns, for messages.
pub fn column_names() -> String {
    COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}
