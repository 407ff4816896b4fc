//! `import crm`: accounts, contacts, leads, opportunities to the registry; activities to the ledger.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use rapport_capture::{Problem, crm};
use rapport_domain::{Address, Calendar, Moment, Table, Who};
use rapport_store::registry::RecordChange;
use rustc_hash::FxHashMap;

use super::{App, AppError, Feed, ImportOptions, ImportReport, OnProgress};
use crate::app::records::RecordDocument;

/// Name of the file of activities in a CRM folder.
const ACTIVITIES: &str = "activities.csv";

impl App {
    /// Imports any of the CRM's files in a folder. Kept = rows created or changed, duplicates = unchanged.
    pub async fn import_crm(
        &self,
        folder: &Path,
        options: &ImportOptions,
        on_progress: OnProgress<'_>,
    ) -> Result<ImportReport, AppError> {
        let started = self.now();
        let tables = Table::ALL.map(|table| (table, folder.join(format!("{table}.csv"))));
        let activities = folder.join(ACTIVITIES);
        if !activities.is_file() && !tables.iter().any(|(_, file)| file.is_file()) {
            return Err(AppError::invalid(format!("`{}` holds none of the CRM's files", folder.display()))
                .with_hint("it may hold accounts.csv, contacts.csv, leads.csv, opportunities.csv and activities.csv"));
        }
        let mut report = ImportReport::default();
        for (table, file) in tables.iter().filter(|(_, file)| file.is_file()) {
            report.add(self.import_records(*table, file, options).await?);
        }
        if activities.is_file() {
            report.add(self.import_activities(activities, options, on_progress).await?);
        }
        report.elapsed_s = (self.now().0 - started.0) as f64 / 1e6;
        Ok(report)
    }

    /// Imports one file of records.
    pub async fn import_records(&self, table: Table, file: &Path, options: &ImportOptions) -> Result<ImportReport, AppError> {
        let begun = self.begin_import(&format!("import {table}"), options).await?;
        let done = self.put_records(table, file).await;
        self.finish_import(begun, options, done).await
    }

    async fn put_records(&self, table: Table, file: &Path) -> Result<ImportReport, AppError> {
        let view = self.view().await?;
        let mut report = ImportReport::default();
        let rows = read(table, file, &view.calendar, &mut report)?;
        for change in self.store().put_records(self.org(), table, &rows).await? {
            if change == RecordChange::Unchanged { report.duplicates += 1 } else { report.kept += 1 }
        }
        Ok(report)
    }

    /// Imports a file of activities.
    pub async fn import_activities(
        &self,
        file: PathBuf,
        options: &ImportOptions,
        on_progress: OnProgress<'_>,
    ) -> Result<ImportReport, AppError> {
        self.run("import activities", options, false, on_progress, move |feed| read_activities(feed, &file)).await
    }
}

fn read_activities(feed: &mut Feed, file: &Path) -> Result<(), AppError> {
    let name = file.display().to_string();
    feed.progress.bytes_total = super::files::len(file);
    let opened = File::open(file).map_err(|error| AppError::invalid(format!("cannot read `{name}`: {error}")))?;
    let rows = crm::activities(BufReader::new(opened)).map_err(|problem| header(&name, &problem))?;
    for row in rows {
        match row {
            Ok(captured) => feed.push(&name, captured, None)?,
            Err(problem) => feed.failed(&name, &problem),
        }
    }
    Ok(())
}

/// A header that cannot serve, as the error that names file and column.
pub(super) fn header(name: &str, problem: &Problem) -> AppError {
    AppError::invalid(format!("{}: {}", problem.place.within(name), problem.what))
}

/// A key that a file names twice keeps its last row; the one before it is told and counted as a duplicate.
pub(super) fn seen_twice(
    (rows, positions): (&mut Vec<(String, String)>, &mut FxHashMap<String, usize>),
    key: String,
    document: String,
    place: &str,
    report: &mut ImportReport,
) {
    if let Some(known) = positions.get(&key).and_then(|position| rows.get_mut(*position)) {
        report.duplicates += 1;
        if known.1 != document {
            report.problem(place.to_owned(), format!("`{key}` stands in this file before; this row replaces that one"));
            known.1 = document;
        }
        return;
    }
    positions.insert(key.clone(), rows.len());
    rows.push((key, document));
}

fn read(table: Table, file: &Path, calendar: &Calendar, report: &mut ImportReport) -> Result<Vec<(String, String)>, AppError> {
    let name = file.display().to_string();
    let opened = File::open(file).map_err(|error| AppError::invalid(format!("cannot read `{name}`: {error}")))?;
    rows_of(table, &name, BufReader::new(opened), calendar, report)
}

/// The rows of one table as ids with documents, as the registry keeps them. Whatever writes a record goes through here.
pub(crate) fn rows_of(
    table: Table,
    name: &str,
    reader: impl Read,
    calendar: &Calendar,
    report: &mut ImportReport,
) -> Result<Vec<(String, String)>, AppError> {
    let bad = |problem: Problem| header(name, &problem);
    match table {
        Table::Accounts => collect(name, crm::accounts(reader, calendar).map_err(bad)?, report, account),
        Table::Contacts => collect(name, crm::contacts(reader, calendar).map_err(bad)?, report, contact),
        Table::Leads => collect(name, crm::leads(reader, calendar).map_err(bad)?, report, lead),
        Table::Opportunities => collect(name, crm::opportunities(reader, calendar).map_err(bad)?, report, opportunity),
    }
}

fn collect<T>(
    name: &str,
    rows: impl Iterator<Item = Result<crm::CrmRow<T>, Problem>>,
    report: &mut ImportReport,
    document: impl Fn(T) -> (String, RecordDocument),
) -> Result<Vec<(String, String)>, AppError> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut positions = FxHashMap::default();
    for row in rows {
        report.read += 1;
        let row = match row {
            Ok(row) => row,
            Err(problem) => {
                report.failed += 1;
                report.problem(problem.place.within(name), problem.what);
                continue;
            }
        };
        for note in row.notes {
            report.problem(note.place.within(name), note.what);
        }
        let (id, document) = document(row.value);
        let text = serde_json::to_string(&document).map_err(|error| AppError::invalid(error.to_string()))?;
        seen_twice((&mut found, &mut positions), id, text, &format!("{name}:{}", row.line), report);
    }
    Ok(found)
}

fn texts(addresses: &[Address]) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}

fn stakeholders(all: &[Who]) -> Vec<String> {
    let text = |who: &Who| match who {
        Who::Contact(id) => id.clone(),
        other => other.key().into_owned(),
    };
    all.iter().map(text).collect()
}

fn account(row: crm::Account) -> (String, RecordDocument) {
    let document = RecordDocument {
        name: row.name,
        domains: row.domains.iter().map(ToString::to_string).collect(),
        industry: row.industry,
        owner: row.owner.map(|address| address.to_string()),
        primary_contact: row.primary_contact,
        custom: row.custom,
        ..RecordDocument::default()
    };
    (row.id, document)
}

fn contact(row: crm::Contact) -> (String, RecordDocument) {
    let document = RecordDocument {
        name: row.name,
        email: row.email.map(|address| address.to_string()),
        emails: texts(&row.emails),
        account: row.account,
        title: row.title,
        owner: row.owner.map(|address| address.to_string()),
        custom: row.custom,
        ..RecordDocument::default()
    };
    (row.id, document)
}

fn lead(row: crm::Lead) -> (String, RecordDocument) {
    let document = RecordDocument {
        topic: row.topic,
        name: row.name,
        email: row.email.map(|address| address.to_string()),
        company: row.company,
        status: Some(row.status.as_str().to_owned()),
        owner: row.owner.map(|address| address.to_string()),
        stakeholders: stakeholders(&row.stakeholders),
        created_at: row.created_at.map(Moment::to_rfc3339),
        custom: row.custom,
        ..RecordDocument::default()
    };
    (row.id, document)
}

fn opportunity(row: crm::Opportunity) -> (String, RecordDocument) {
    let document = RecordDocument {
        topic: row.topic,
        account: row.account,
        contact: row.contact,
        stakeholders: stakeholders(&row.stakeholders),
        owner: row.owner.map(|address| address.to_string()),
        team: texts(&row.team),
        status: Some(row.status.as_str().to_owned()),
        estimated_close: row.estimated_close.map(Moment::to_rfc3339),
        estimated_revenue: row.estimated_revenue,
        currency: row.currency,
        created_at: row.created_at.map(Moment::to_rfc3339),
        closed_at: row.closed_at.map(Moment::to_rfc3339),
        custom: row.custom,
        ..RecordDocument::default()
    };
    (row.id, document)
}
