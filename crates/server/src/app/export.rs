//! Exports: ties, KPIs, interactions, as CSV, JSON Lines or Parquet.

use std::{collections::BTreeMap, io::Write, sync::Arc};

use parquet::{
    basic::{Compression, Repetition, Type as PhysicalType, ZstdLevel},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};
use rapport_domain::{AddressId, Moment, Role, Table, Touches};
use rapport_insight::{KpiQuery, Language, RecordScope};
use rapport_store::ledger::{SOURCE_CRM, SOURCE_UNATTRIBUTED, StoredSighting};
use serde_json::{Map, Value, json};

use super::{App, AppError, View, passes::Folders, records::RecordInsights, told::Withheld, view::Record};
use crate::api::wire::RecordInsightsBody;

/// What an export writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet, zstd.
    Parquet,
}

/// A value of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing known.
    Null,
    /// Text.
    Text(String),
    /// Whole number.
    Whole(i64),
    /// Number.
    Number(f64),
}

/// Kind of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnType {
    Text,
    Whole,
    Number,
}

/// Rows before a Parquet row group is written: bounds the memory.
const ROW_GROUP_ROWS: usize = 65_536;

/// A table that is written row by row.
pub struct TableWriter<W: Write + Send> {
    columns: Vec<(String, ColumnType)>,
    sink: Sink<W>,
    rows: Vec<Vec<Cell>>,
}

enum Sink<W: Write + Send> {
    Csv(Box<csv::Writer<W>>),
    Jsonl(W),
    Parquet(Box<SerializedFileWriter<W>>),
}

fn failed(error: impl std::fmt::Display) -> AppError {
    AppError::invalid(format!("cannot write the export: {error}"))
}

/// A sink whose reader may go away: what is written after that is dropped, as `rapport export ties | head` expects.
pub struct UntilClosed<W>(pub W);

impl<W: Write> Write for UntilClosed<W> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        match self.0.write(buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(buffer.len()),
            other => other,
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

impl<W: Write + Send> TableWriter<W> {
    pub(crate) fn new(format: Format, columns: &[(&str, ColumnType)], out: W) -> Result<Self, AppError> {
        let columns: Vec<(String, ColumnType)> = columns.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
        let sink = match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                writer.write_record(columns.iter().map(|(name, _)| name)).map_err(failed)?;
                Sink::Csv(Box::new(writer))
            }
            Format::Jsonl => Sink::Jsonl(out),
            Format::Parquet => {
                let schema = parquet_schema(&columns).map_err(failed)?;
                let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
                Sink::Parquet(Box::new(SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(failed)?))
            }
        };
        Ok(Self { columns, sink, rows: Vec::new() })
    }

    pub(crate) fn row(&mut self, cells: Vec<Cell>) -> Result<(), AppError> {
        debug_assert_eq!(cells.len(), self.columns.len(), "a row has a cell for every column");
        match &mut self.sink {
            Sink::Csv(writer) => {
                let text = |cell: &Cell| match cell {
                    Cell::Null => String::new(),
                    Cell::Text(text) => text.clone(),
                    Cell::Whole(number) => number.to_string(),
                    Cell::Number(number) => number.to_string(),
                };
                writer.write_record(cells.iter().map(text)).map_err(failed)
            }
            Sink::Jsonl(out) => {
                let mut object = Map::new();
                for ((name, _), cell) in self.columns.iter().zip(cells) {
                    let value = match cell {
                        Cell::Null => Value::Null,
                        Cell::Text(text) => Value::from(text),
                        Cell::Whole(number) => Value::from(number),
                        Cell::Number(number) => Value::from(number),
                    };
                    object.insert(name.clone(), value);
                }
                serde_json::to_writer(&mut *out, &object).map_err(failed)?;
                out.write_all(b"\n").map_err(failed)
            }
            Sink::Parquet(_) => {
                self.rows.push(cells);
                if self.rows.len() == ROW_GROUP_ROWS { self.write_row_group() } else { Ok(()) }
            }
        }
    }

    fn write_row_group(&mut self) -> Result<(), AppError> {
        let Sink::Parquet(writer) = &mut self.sink else { return Ok(()) };
        let mut group = writer.next_row_group().map_err(failed)?;
        for (i, (_, kind)) in self.columns.iter().enumerate() {
            let levels: Vec<i16> = self.rows.iter().map(|row| i16::from(row[i] != Cell::Null)).collect();
            let mut column = group.next_column().map_err(failed)?.ok_or_else(|| failed("a column is missing"))?;
            let cells = self.rows.iter().map(|row| &row[i]);
            match kind {
                ColumnType::Text => {
                    let text =
                        |cell: &Cell| if let Cell::Text(text) = cell { Some(ByteArray::from(text.as_str())) } else { None };
                    let values: Vec<ByteArray> = cells.filter_map(text).collect();
                    column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).map_err(failed)?;
                }
                ColumnType::Whole => {
                    let whole = |cell: &Cell| if let Cell::Whole(number) = cell { Some(*number) } else { None };
                    let values: Vec<i64> = cells.filter_map(whole).collect();
                    column.typed::<Int64Type>().write_batch(&values, Some(&levels), None).map_err(failed)?;
                }
                ColumnType::Number => {
                    let number = |cell: &Cell| if let Cell::Number(number) = cell { Some(*number) } else { None };
                    let values: Vec<f64> = cells.filter_map(number).collect();
                    column.typed::<DoubleType>().write_batch(&values, Some(&levels), None).map_err(failed)?;
                }
            }
            column.close().map_err(failed)?;
        }
        group.close().map_err(failed)?;
        self.rows.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<(), AppError> {
        if !self.rows.is_empty() {
            self.write_row_group()?;
        }
        match self.sink {
            Sink::Csv(mut writer) => writer.flush().map_err(failed),
            Sink::Jsonl(mut out) => out.flush().map_err(failed),
            Sink::Parquet(writer) => writer.close().map(|_| ()).map_err(failed),
        }
    }
}

fn parquet_schema(columns: &[(String, ColumnType)]) -> parquet::errors::Result<Type> {
    let field = |(name, kind): &(String, ColumnType)| {
        let physical = match kind {
            ColumnType::Text => PhysicalType::BYTE_ARRAY,
            ColumnType::Whole => PhysicalType::INT64,
            ColumnType::Number => PhysicalType::DOUBLE,
        };
        let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        let builder = if *kind == ColumnType::Text {
            builder.with_logical_type(Some(parquet::basic::LogicalType::String))
        } else {
            builder
        };
        builder.build().map(Arc::new)
    };
    let fields = columns.iter().map(field).collect::<parquet::errors::Result<Vec<_>>>()?;
    Type::group_type_builder("rapport").with_fields(fields).build()
}

const TIE_COLUMNS: &[(&str, ColumnType)] = &[
    ("colleague", ColumnType::Text),
    ("external", ColumnType::Text),
    ("strength", ColumnType::Whole),
    ("grade", ColumnType::Text),
    ("activity", ColumnType::Number),
    ("directness", ColumnType::Number),
    ("mutuality", ColumnType::Number),
    ("likelihood_30d", ColumnType::Number),
    ("interactions", ColumnType::Whole),
    ("active_days", ColumnType::Whole),
    ("first_at", ColumnType::Text),
    ("last_at", ColumnType::Text),
];

/// Columns of interactions (08), so that an export can be imported again.
const INTERACTION_COLUMNS: &[&str] = &[
    "occurred_at",
    "kind",
    "from",
    "to",
    "cc",
    "duration_s",
    "message_id",
    "conversation_id",
    "in_reply_to",
    "subject",
    "regarding",
    "state",
    "source",
    "mailbox",
];

impl App {
    /// Every tie, by external person, strongest first.
    pub async fn export_ties<W: Write + Send>(&self, as_of: Moment, format: Format, out: W) -> Result<u64, AppError> {
        let view = self.view().await?;
        view.need_no_works_council("ties are figures about single colleagues")?;
        let mut writer = TableWriter::new(format, TIE_COLUMNS, out)?;
        let people = self.all_ties(&view, as_of).await?;
        let mut count = 0;
        for (person, tie) in people.iter().flat_map(|(person, ties)| ties.iter().map(move |tie| (*person, *tie))) {
            if view.is_private_to_any(tie.user, &[AddressId(person.0)]) {
                continue;
            }
            count += 1;
            let external = view.directory.person(person).key.to_string();
            let figures = tie.figures;
            writer.row(vec![
                Cell::Text(view.directory.user(tie.user).email.clone()),
                Cell::Text(external),
                Cell::Whole(figures.strength.into()),
                Cell::Text(figures.grade.as_str().to_owned()),
                Cell::Number(figures.activity),
                Cell::Number(figures.directness),
                Cell::Number(figures.mutuality),
                Cell::Number(figures.likelihood_30d),
                Cell::Whole(figures.interactions().into()),
                Cell::Whole(figures.active_days.into()),
                Cell::Text(figures.first_at.to_rfc3339()),
                Cell::Text(figures.last_at.to_rfc3339()),
            ])?;
        }
        writer.finish()?;
        Ok(count)
    }

    /// One row per record with every scalar of its insights, columns named by their path.
    pub async fn export_kpis<W: Write + Send>(
        &self,
        table: Table,
        as_of: Moment,
        format: Format,
        out: W,
    ) -> Result<u64, AppError> {
        let view = self.view().await?;
        let now = self.now();
        let withheld = match view.works_council {
            None => Withheld::default(),
            Some(_) if view.calendar.day_of(as_of) == view.calendar.day_of(now) => Withheld::our_side(),
            Some(_) => Withheld::of_the_past(),
        };
        let as_of = view.told_as_of(Some(as_of), now);
        let columns = kpi_columns();
        let names: Vec<(&str, ColumnType)> = columns.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
        let mut writer = TableWriter::new(format, &names, out)?;
        let fold = move |view: &View, record: &Record, scope: &RecordScope, folders: &mut Folders, touches: &Touches| {
            let context = view.context(as_of);
            let mut kpis = folders.kpis.fold(&context, scope, touches, &KpiQuery::default());
            withheld.take_from(&mut kpis);
            let health = folders.health.explain(&context, scope, touches);
            let insights = RecordInsights {
                reference: record.reference.clone(),
                as_of,
                kpis,
                health,
                summary: Vec::new(),
                subjects: BTreeMap::new(),
                withheld: withheld.clone(),
            };
            Box::new(RecordInsightsBody::new(&insights, view, Language::English))
        };
        let mut bodies = self.fold_records(&view, move |record| record.reference.table == table, fold).await?;
        bodies.sort_by(|a, b| a.id.cmp(&b.id));
        for body in &bodies {
            let mut scalars = BTreeMap::new();
            flatten(String::new(), &serde_json::to_value(body).map_err(failed)?, &mut scalars);
            writer.row(columns.iter().map(|(name, kind)| cell(scalars.get(name), *kind)).collect())?;
        }
        writer.finish()?;
        Ok(bodies.len() as u64)
    }

    /// Every sighting that may be used, in the columns of `import interactions`.
    pub async fn export_interactions<W: Write + Send>(&self, format: Format, out: W) -> Result<u64, AppError> {
        let view = self.view().await?;
        view.need_no_works_council("interactions name single colleagues")?;
        let columns: Vec<(&str, ColumnType)> = INTERACTION_COLUMNS
            .iter()
            .map(|name| (*name, if *name == "duration_s" { ColumnType::Whole } else { ColumnType::Text }))
            .collect();
        let mut writer = TableWriter::new(format, &columns, out)?;
        let mut result = Ok(());
        let mut count = 0;
        let records: BTreeMap<u32, String> = view.records.iter().map(|r| (r.record.0, r.reference.to_string())).collect();
        self.store
            .scan_sightings(self.org(), |_, source, sighting| {
                if result.is_ok() && view.knows(source, &sighting) && view.visibility.allows(source) {
                    result = writer.row(interaction_row(&view, &records, source, &sighting));
                    count += 1;
                }
            })
            .await?;
        result?;
        writer.finish()?;
        Ok(count)
    }
}

fn interaction_row(view: &View, records: &BTreeMap<u32, String>, source: i64, sighting: &StoredSighting) -> Vec<Cell> {
    let text = |text: &str| if text.is_empty() { Cell::Null } else { Cell::Text(text.to_owned()) };
    let roles = Role::of_columns(sighting.kind);
    let list = |wanted: &[Role]| {
        let of_role = sighting.participants.iter().filter(|(_, role)| wanted.contains(role));
        let mut keys: Vec<&str> = of_role.map(|(id, _)| &*view.directory.address(AddressId(*id)).key).collect();
        // Ids are in the order of arrival.
        keys.sort_unstable();
        keys.join(";")
    };
    vec![
        Cell::Text(Moment(sighting.at_us).to_rfc3339()),
        text(sighting.kind.as_str()),
        text(&list(&roles[..1])),
        text(&list(&roles[1..2])),
        text(&if roles[1] == roles[2] { String::new() } else { list(&roles[2..]) }),
        sighting.duration_s.map_or(Cell::Null, |s| Cell::Whole(s.into())),
        text(&sighting.message_id),
        text(&sighting.conversation_id),
        text(&sighting.parent_id),
        text(&sighting.subject),
        records.get(&sighting.regarding).map_or(Cell::Null, |record| Cell::Text(record.clone())),
        text(sighting.state.map_or("", |state| state.as_str())),
        text(if source == SOURCE_CRM { "crm" } else { "mailbox" }),
        match source {
            SOURCE_CRM | SOURCE_UNATTRIBUTED => Cell::Null,
            mailbox => text(&view.directory.address(AddressId(mailbox as u32)).key),
        },
    ]
}

/// Columns of the KPI export: every scalar of one record's insights, in the order of the JSON.
fn kpi_columns() -> Vec<(String, ColumnType)> {
    let time = |name: &str| ["mean", "p50", "p90", "n", "unanswered"].map(|part| format!("kpis_{name}_{part}"));
    let mut names: Vec<String> = ["table", "id", "name", "as_of", "tier", "data"].map(str::to_owned).to_vec();
    names.extend(
        [
            "emails_sent",
            "emails_received",
            "meetings_sent",
            "meetings_received",
            "phone_calls_made",
            "phone_calls_received",
            "time_spent_by_us_min",
            "time_spent_by_them_min",
            "replies_by_us",
            "replies_by_them",
        ]
        .map(|name| format!("kpis_{name}")),
    );
    names.extend(time("response_time_by_us_h"));
    names.extend(time("response_time_by_them_h"));
    names.extend(
        [
            "response_rate_by_us",
            "response_rate_by_them",
            "send_receive_ratio_by_us",
            "send_receive_ratio_by_them",
            "sent_share",
            "colleagues",
            "people",
            "last_interaction_at",
            "last_interaction_kind",
            "last_interaction_direction",
            "next_interaction_at",
            "next_interaction_kind",
            "next_interaction_direction",
            "window_start",
            "window_end",
        ]
        .map(|name| format!("kpis_{name}")),
    );
    names.extend(
        [
            "state",
            "score",
            "trend",
            "model",
            "likelihood_30d",
            "silence_surprise",
            "memory",
            "expectation",
            "engagement",
            "mutual",
            "freshness",
            "rollup",
            "new_relationship",
            "score_if_met_today",
            "last_score",
            "last_state",
        ]
        .map(|name| format!("health_{name}")),
    );
    names.into_iter().map(|name| (name.clone(), column_type(&name))).collect()
}

fn column_type(name: &str) -> ColumnType {
    let number = [
        "_min",
        "_mean",
        "_p50",
        "_p90",
        "likelihood_30d",
        "surprise",
        "memory",
        "expectation",
        "engagement",
        "mutual",
        "freshness",
        "share",
    ];
    let text = [
        "table",
        "id",
        "name",
        "as_of",
        "tier",
        "data",
        "_at",
        "_kind",
        "_direction",
        "_start",
        "_end",
        "state",
        "trend",
        "model",
        "rollup",
        "new_relationship",
    ];
    if number.iter().any(|part| name.ends_with(part)) || name.contains("_rate_") || name.contains("_ratio_") {
        ColumnType::Number
    } else if text.iter().any(|part| name.ends_with(part)) {
        ColumnType::Text
    } else {
        ColumnType::Whole
    }
}

fn flatten(path: String, value: &Value, scalars: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let path = if path.is_empty() { name.clone() } else { format!("{path}_{name}") };
                flatten(path, value, scalars);
            }
        }
        Value::Array(_) => {}
        scalar => {
            scalars.insert(path, scalar.clone());
        }
    }
}

fn cell(value: Option<&Value>, kind: ColumnType) -> Cell {
    match (value, kind) {
        (None | Some(Value::Null), _) => Cell::Null,
        (Some(value), ColumnType::Whole) => value.as_i64().map_or(Cell::Null, Cell::Whole),
        (Some(value), ColumnType::Number) => value.as_f64().map_or(Cell::Null, Cell::Number),
        (Some(Value::String(text)), ColumnType::Text) => Cell::Text(text.clone()),
        (Some(other), ColumnType::Text) => Cell::Text(json!(other).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::FileReader;

    use super::*;

    #[test]
    fn every_format_holds_the_same_rows() {
        let columns = [("a", ColumnType::Text), ("b", ColumnType::Whole), ("c", ColumnType::Number)];
        let write = |format| {
            let mut out = Vec::new();
            let mut writer = TableWriter::new(format, &columns, &mut out).unwrap();
            writer.row(vec![Cell::Text("x,y".to_owned()), Cell::Whole(1), Cell::Number(0.5)]).unwrap();
            writer.row(vec![Cell::Null, Cell::Null, Cell::Null]).unwrap();
            writer.finish().unwrap();
            out
        };
        assert_eq!(String::from_utf8(write(Format::Csv)).unwrap(), "a,b,c\n\"x,y\",1,0.5\n,,\n");
        assert_eq!(
            String::from_utf8(write(Format::Jsonl)).unwrap(),
            "{\"a\":\"x,y\",\"b\":1,\"c\":0.5}\n{\"a\":null,\"b\":null,\"c\":null}\n"
        );
        let bytes = bytes::Bytes::from(write(Format::Parquet));
        let reader = parquet::file::reader::SerializedFileReader::new(bytes).unwrap();
        let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(rows, ["{a: \"x,y\", b: 1, c: 0.5}", "{a: null, b: null, c: null}"]);
    }
}
