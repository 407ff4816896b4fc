//! Rows of a list as a file that spreadsheets open: CSV, or Excel with real numbers and dates.

use jiff::{civil::DateTime, tz::TimeZone};
use rapport_domain::Table;
use rapport_insight::Language;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::{
    columns::{Column, Value},
    query::ListQuery,
    row::ListRow,
};
use crate::app::{App, AppError};

/// Columns of a sheet unless others are asked for.
pub const DEFAULT_COLUMNS: &[&str] = &[
    "name",
    "account",
    "owner_name",
    "status",
    "estimated_revenue",
    "currency",
    "estimated_close",
    "health_state",
    "health_score",
    "health_trend",
    "time_spent_by_us_min",
    "time_spent_by_them_min",
    "last_at",
    "next_at",
];
/// Rows that Excel opens, without the header.
const EXCEL_ROWS_MAX: usize = 1_048_575;
/// What makes a spreadsheet run a text as a formula.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// Characters wide.
const COLUMN_WIDTH: f64 = 20.0;

/// The kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetFormat {
    /// Comma-separated values, UTF-8 with a mark that Excel recognizes.
    Csv,
    /// Excel.
    Xlsx,
}

/// What a sheet shows.
#[derive(Clone, Debug)]
pub struct SheetQuery {
    /// Which rows, in which order; without its limits.
    pub list: ListQuery,
    /// Names of columns.
    pub columns: Vec<String>,
    /// Kind of file.
    pub format: SheetFormat,
    /// Language of header and words.
    pub language: Language,
}

impl App {
    /// All rows of a list as a file.
    pub async fn sheet(&self, table: Table, query: SheetQuery) -> Result<Vec<u8>, AppError> {
        let columns = query
            .columns
            .iter()
            .map(|name| Column::named(name).ok_or_else(|| AppError::invalid(format!("`columns`: there is no column `{name}`"))))
            .collect::<Result<Vec<_>, _>>()?;
        let sort = Column::named(&query.list.sort)
            .ok_or_else(|| AppError::invalid(format!("`sort`: there is no column `{}`", query.list.sort)))?;
        let shown = self.shown(&query.list.filter).await?;
        shown.need_sortable(sort)?;
        let (view, list) = (self.view().await?, self.list_table().await?);
        let work = move || {
            let order = (sort, query.list.descending);
            let (rows, _) = list.page(table, &query.list.filter, &shown, order, (0, usize::MAX));
            // The calendar's zone is one that was found before.
            let zone = TimeZone::get(view.calendar.zone_name()).unwrap_or(TimeZone::UTC);
            let sheet = Sheet { columns, rows, language: query.language, zone };
            match query.format {
                SheetFormat::Csv => sheet.csv(),
                SheetFormat::Xlsx => sheet.xlsx(table),
            }
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| AppError::invalid(format!("writing stopped: {error}")))?
    }
}

struct Sheet {
    columns: Vec<&'static Column>,
    rows: Vec<ListRow>,
    language: Language,
    zone: TimeZone,
}

/// A text that no spreadsheet runs: a name is never a formula on somebody's desk.
pub(crate) fn unrun(text: &str) -> String {
    if text.starts_with(FORMULA_STARTS) { format!("'{text}") } else { text.to_owned() }
}

impl Sheet {
    fn csv(&self) -> Result<Vec<u8>, AppError> {
        let failed = |error: csv::Error| AppError::invalid(format!("cannot write the sheet: {error}"));
        let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
        writer.write_record(self.columns.iter().map(|column| label(column.name, self.language))).map_err(failed)?;
        for row in &self.rows {
            writer.write_record(self.columns.iter().map(|column| self.csv_cell(column, row))).map_err(failed)?;
        }
        writer.into_inner().map_err(|error| AppError::invalid(format!("cannot write the sheet: {error}")))
    }

    fn csv_cell(&self, column: &Column, row: &ListRow) -> String {
        match (column.value)(row) {
            Value::Absent => String::new(),
            Value::Text(text) => {
                let text = word(column.name, text, self.language);
                unrun(text)
            }
            Value::Number(number) => number.to_string(),
            Value::Moment(at) => self.local(at).map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
        }
    }

    fn xlsx(&self, table: Table) -> Result<Vec<u8>, AppError> {
        if self.rows.len() > EXCEL_ROWS_MAX {
            return Err(AppError::refused(format!("{} rows are more than an Excel sheet holds", self.rows.len()))
                .with_hint("export CSV, or filter the list"));
        }
        let failed = |error: XlsxError| AppError::invalid(format!("cannot write the sheet: {error}"));
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        self.fill(sheet, table).map_err(failed)?;
        workbook.save_to_buffer().map_err(failed)
    }

    fn fill(&self, sheet: &mut Worksheet, table: Table) -> Result<(), XlsxError> {
        let (bold, date) = (Format::new().set_bold(), Format::new().set_num_format("yyyy-mm-dd hh:mm"));
        sheet.set_name(table.as_str())?;
        sheet.set_freeze_panes(1, 1)?;
        let width = self.columns.len().saturating_sub(1) as u16;
        for (position, column) in (0_u16..).zip(&self.columns) {
            sheet.set_column_width(position, COLUMN_WIDTH)?;
            sheet.write_string_with_format(0, position, label(column.name, self.language), &bold)?;
        }
        for (line, row) in (1_u32..).zip(&self.rows) {
            for (position, column) in (0_u16..).zip(&self.columns) {
                match (column.value)(row) {
                    Value::Absent => {}
                    // A string cell is never run, whatever it begins with.
                    Value::Text(text) => _ = sheet.write_string(line, position, word(column.name, text, self.language))?,
                    Value::Number(number) => _ = sheet.write_number(line, position, number)?,
                    Value::Moment(at) => {
                        if let Some(at) = self.local(at).and_then(excel) {
                            sheet.write_datetime_with_format(line, position, &at, &date)?;
                        }
                    }
                }
            }
        }
        sheet.autofilter(0, 0, self.rows.len() as u32, width)?;
        Ok(())
    }

    /// The organization's local time.
    fn local(&self, at_us: i64) -> Option<DateTime> {
        self.zone.to_datetime(jiff::Timestamp::from_microsecond(at_us).ok()?).into()
    }
}

/// Excel knows the years 1900 to 9999.
fn excel(at: DateTime) -> Option<ExcelDateTime> {
    let date = ExcelDateTime::from_ymd(u16::try_from(at.year()).ok()?, at.month() as u8, at.day() as u8).ok()?;
    date.and_hms(at.hour() as u16, at.minute() as u8, f64::from(at.second())).ok()
}

/// A column's header.
fn label(name: &'static str, language: Language) -> &'static str {
    let (english, dutch) = match name {
        "name" => ("Name", "Naam"),
        "id" => ("ID", "ID"),
        "account" => ("Account", "Account"),
        "account_id" => ("Account ID", "Account-ID"),
        "owner" => ("Owner's email", "E-mail eigenaar"),
        "owner_name" => ("Owner", "Eigenaar"),
        "email" => ("Email", "E-mail"),
        "title" => ("Job title", "Functie"),
        "company" => ("Company", "Bedrijf"),
        "status" => ("Status", "Status"),
        "health_state" => ("Relationship health state", "Status relatiegezondheid"),
        "health_score" => ("Relationship health score", "Score relatiegezondheid"),
        "health_trend" => ("Relationship health trend", "Trend relatiegezondheid"),
        "rollup" => ("Roll-up", "Samengevoegd"),
        "new_relationship" => ("New relationship", "Nieuwe relatie"),
        "likelihood_30d" => ("Likelihood of contact in 30 days", "Kans op contact in 30 dagen"),
        "silence_surprise" => ("Silence surprise", "Ongewoonheid van de stilte"),
        "time_spent_by_us_min" => ("Time spent by team (min)", "Tijd besteed door team (min)"),
        "time_spent_by_them_min" => ("Time engaged with customer (min)", "Tijd besteed door klant (min)"),
        "interactions" => ("Interactions", "Interacties"),
        "emails_sent" => ("Emails sent", "Verzonden e-mails"),
        "emails_received" => ("Emails received", "Ontvangen e-mails"),
        "meetings_sent" => ("Meetings sent", "Verzonden vergaderingen"),
        "meetings_received" => ("Meetings received", "Ontvangen vergaderingen"),
        "phone_calls_made" => ("Phone calls made", "Uitgaande telefoongesprekken"),
        "phone_calls_received" => ("Phone calls received", "Inkomende telefoongesprekken"),
        "response_time_by_us_h" => ("Your response time (h, median)", "Uw reactietijd (u, mediaan)"),
        "response_time_by_them_h" => ("Customer's response time (h, median)", "Reactietijd klant (u, mediaan)"),
        "last_at" => ("Last interaction", "Laatste interactie"),
        "last_kind" => ("Kind of last interaction", "Soort laatste interactie"),
        "next_at" => ("Next interaction", "Volgende interactie"),
        "next_kind" => ("Kind of next interaction", "Soort volgende interactie"),
        "estimated_close" => ("Estimated close date", "Geschatte sluitingsdatum"),
        "estimated_revenue" => ("Estimated revenue", "Geschatte omzet"),
        "currency" => ("Currency", "Valuta"),
        "created_at" => ("Created", "Gemaakt op"),
        "closed_at" => ("Closed", "Gesloten op"),
        "updated_at" => ("Last updated", "Laatst bijgewerkt"),
        other => (other, other),
    };
    match language {
        Language::English => english,
        Language::Dutch => dutch,
    }
}

/// A word of the glossary in a language; other columns' texts stand as they are.
fn word<'a>(column: &str, text: &'a str, language: Language) -> &'a str {
    if !matches!(column, "health_state" | "health_trend" | "last_kind" | "next_kind" | "status" | "rollup" | "new_relationship") {
        return text;
    }
    let (english, dutch) = match text {
        "good" => ("Good", "Goed"),
        "fair" => ("Fair", "Redelijk"),
        "poor" => ("Poor", "Zwak"),
        "error" => ("Error", "Fout"),
        "computing" => ("Being computed", "Wordt berekend"),
        "not_applicable" => ("Not applicable", "Niet van toepassing"),
        "older_than_two_years" => ("Older than two years", "Ouder dan twee jaar"),
        "no_closed_activities" => ("No completed activities", "Geen voltooide activiteiten"),
        "not_enough_info" => ("Not enough info", "Onvoldoende gegevens"),
        "improving" => ("Improving", "Wordt beter"),
        "steady" => ("Steady", "Stabiel"),
        "declining" => ("Declining", "Wordt minder"),
        "email" => ("Email", "E-mail"),
        "meeting" => ("Meeting", "Vergadering"),
        "phone_call" => ("Phone call", "Telefoongesprek"),
        "task" => ("Task", "Taak"),
        "open" => ("Open", "Open"),
        "won" => ("Won", "Gewonnen"),
        "lost" => ("Lost", "Verloren"),
        "active" => ("Active", "Actief"),
        "qualified" => ("Qualified", "Gekwalificeerd"),
        "disqualified" => ("Disqualified", "Gediskwalificeerd"),
        "true" => ("Yes", "Ja"),
        "false" => ("No", "Nee"),
        other => (other, other),
    };
    match language {
        Language::English => english,
        Language::Dutch => dutch,
    }
}
