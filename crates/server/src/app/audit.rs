//! The audit log: read, written out, and checked.

use std::io::Write;

pub use rapport_store::registry::{AuditCheck, AuditEntry, AuditFault};

use super::{
    App, AppError,
    export::{Cell, ColumnType, Format, TableWriter},
};

/// Entries of one page at most.
pub const PAGE_MAX: u32 = 500;

/// An entry as somebody wrote it down earlier: its number and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The entry's number.
    pub number: i64,
    /// Its hash, hexadecimal.
    pub hash: String,
}

impl Noted {
    /// Reads `NUMBER:HASH`.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let wrong = || {
            AppError::invalid(format!("`{text}` is no noted entry")).with_hint(
                "give its number and its 64 hexadecimal digits, e.g. 12:9f86d081\u{2026}, as `rapport audit verify` prints them",
            )
        };
        let (number, hash) = text.split_once(':').ok_or_else(wrong)?;
        let number = number.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| Self { number, hash: hash.to_owned() }).ok_or_else(wrong)
    }
}

const COLUMNS: &[(&str, ColumnType)] = &[
    ("number", ColumnType::Whole),
    ("at", ColumnType::Text),
    ("actor", ColumnType::Text),
    ("action", ColumnType::Text),
    ("before", ColumnType::Text),
    ("after", ColumnType::Text),
    ("redacted", ColumnType::Text),
    ("hash", ColumnType::Text),
];

impl App {
    /// Entries of the audit log from the newest, before one of them if it is given.
    pub async fn audit_entries(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, AppError> {
        Ok(self.store().audit_entries(self.org(), before, limit).await?)
    }

    /// Whether nothing was changed in the audit log or taken out of it.
    pub async fn verify_audit(&self, noted: Option<&Noted>) -> Result<AuditCheck, AppError> {
        let noted = noted.map(|noted| (noted.number, noted.hash.as_str()));
        Ok(self.store().verify_audit(self.org(), noted).await?)
    }

    /// The whole audit log, from the newest entry.
    pub async fn export_audit<W: Write + Send>(&self, format: Format, out: W) -> Result<u64, AppError> {
        let mut writer = TableWriter::new(format, COLUMNS, out)?;
        let (mut before, mut count) = (None, 0);
        loop {
            let entries = self.audit_entries(before, PAGE_MAX).await?;
            let Some(last) = entries.last() else { break };
            before = Some(last.number);
            count += entries.len() as u64;
            for entry in entries {
                let maybe = |text: Option<String>| text.map_or(Cell::Null, Cell::Text);
                writer.row(vec![
                    Cell::Whole(entry.number),
                    Cell::Text(entry.at.to_rfc3339()),
                    Cell::Text(entry.actor),
                    Cell::Text(entry.action),
                    maybe(entry.before),
                    maybe(entry.after),
                    Cell::Text(entry.is_redacted.to_string()),
                    Cell::Text(entry.hash),
                ])?;
            }
        }
        writer.finish()?;
        Ok(count)
    }
}
