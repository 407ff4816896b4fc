//! Writes of one record over the API: normalized by the very rows of the CRM's files, so that both ways in agree.

use rapport_domain::{RecordRef, Table};
use rapport_store::registry::{Creation, Expected, IdempotencyKey, RecordChange};
use serde_json::Value;

use super::{
    App, AppError, Caller,
    import::{ImportReport, crm::rows_of},
    records::{RecordDocument, missing},
};

/// A record as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRecord {
    /// Table and id.
    pub reference: RecordRef,
    /// The row.
    pub document: RecordDocument,
}

/// What a create came to.
#[derive(Clone, Debug, PartialEq)]
pub enum CreatedRecord {
    /// The record, made now or by the same request before.
    Is(Box<StoredRecord>),
    /// Another request came with this key before.
    KeyTaken,
    /// There is a record of this id.
    Exists(RecordRef),
}

/// What a replacement expects to be there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ExpectedRecord<'a> {
    /// Whatever is there.
    Anything,
    /// No record.
    Nothing,
    /// A record that says exactly this.
    Document(&'a RecordDocument),
}

impl App {
    /// The record of an id, or that owns an address.
    pub async fn record(&self, table: Table, id: &str) -> Result<StoredRecord, AppError> {
        let view = self.view().await?;
        let record = super::records::find(&view, &self.reach(&view), table, id)?;
        let missing = || AppError::missing(format!("the CRM has not told what {} `{id}` is", table.singular()));
        let document = record.document.clone().ok_or_else(missing)?;
        Ok(StoredRecord { reference: record.reference.clone(), document })
    }

    /// Creates a record, under a new id if none is given; the same `key` with the same request is one create.
    pub async fn create_record(
        &self,
        table: Table,
        id: Option<&str>,
        given: &RecordDocument,
        key: Option<&str>,
    ) -> Result<CreatedRecord, AppError> {
        let generated = match id {
            Some(_) => {
                self.need_all_in_reach().await?;
                String::new()
            }
            None => self.new_record_id()?,
        };
        let mut record = self.normalize(table, id.unwrap_or(&generated), given).await?;
        self.check_owner(&mut record, None).await?;
        let key = match key {
            Some(key) => Some(self.idempotency_key(table, id, given, key)?),
            None => None,
        };
        let text = text_of(&record.document)?;
        let created = self.store().create_record(self.org(), &record.reference, &text, key.as_ref()).await?;
        Ok(match created {
            Creation::Created => {
                self.announce(self.store().facts_version(self.org()).await?);
                CreatedRecord::Is(Box::new(record))
            }
            Creation::Repeated(id) => {
                record.reference.id = id;
                CreatedRecord::Is(Box::new(record))
            }
            Creation::KeyTaken => CreatedRecord::KeyTaken,
            Creation::Exists => CreatedRecord::Exists(record.reference),
        })
    }

    /// Creates or replaces a record; `None` if what is there is not what is expected.
    pub async fn put_record(
        &self,
        table: Table,
        id: &str,
        given: &RecordDocument,
        expected: ExpectedRecord<'_>,
    ) -> Result<Option<(StoredRecord, RecordChange)>, AppError> {
        let mut record = self.normalize(table, id, given).await?;
        let view = self.view().await?;
        let (known, reach) = (view.record(&record.reference), self.reach(&view));
        // What is not there is made by whoever sees everything alone: others are told no more of what they may not see.
        if !known.map_or(reach.is_all(), |known| reach.allows(known.record)) {
            return Err(missing(table, id));
        }
        if known.is_some_and(|known| !self.writable(&view).allows(known.record)) {
            return Err(super::caller::not_allowed());
        }
        self.check_owner(&mut record, known.and_then(|known| known.document.as_ref())).await?;
        let text = text_of(&record.document)?;
        let expected_text = if let ExpectedRecord::Document(document) = expected { text_of(document)? } else { String::new() };
        let expected = match expected {
            ExpectedRecord::Anything => Expected::Anything,
            ExpectedRecord::Nothing => Expected::Nothing,
            ExpectedRecord::Document(_) => Expected::Document(&expected_text),
        };
        let Some(change) = self.store().replace_record(self.org(), &record.reference, &text, expected).await? else {
            return Ok(None);
        };
        if change != RecordChange::Unchanged {
            self.announce(self.store().facts_version(self.org()).await?);
        }
        Ok(Some((record, change)))
    }

    /// The record as the CRM's file with this one row would make it. What a file's report would only tell is refused here.
    async fn normalize(&self, table: Table, id: &str, given: &RecordDocument) -> Result<StoredRecord, AppError> {
        let view = self.view().await?;
        let columns = columns(id, given)?;
        let mut report = ImportReport::default();
        let rows = rows_of(table, "record", file(&columns)?.as_slice(), &view.calendar, &mut report)?;
        if !report.problems.is_empty() {
            let told: Vec<&str> = report.problems.iter().map(|problem| as_field(&problem.what)).collect();
            return Err(AppError::invalid(told.join("; ")));
        }
        let (id, text) = rows.into_iter().next().ok_or_else(|| AppError::invalid("the record says nothing"))?;
        let document: RecordDocument = serde_json::from_str(&text).map_err(|error| AppError::invalid(error.to_string()))?;
        // A field that the table has not is a custom column of a file; here it has its own place.
        if let Some((name, _)) =
            columns.iter().find(|(name, _)| document.custom.contains_key(name) && !given.custom.contains_key(name))
        {
            return Err(
                AppError::invalid(format!("{table} have no field `{name}`")).with_hint("fields of your own go into `custom`")
            );
        }
        if let Some(name) = given
            .custom
            .iter()
            .find_map(|(name, value)| (!value.trim().is_empty() && !document.custom.contains_key(name)).then_some(name))
        {
            return Err(AppError::invalid(format!(
                "`custom` cannot hold `{name}`: it is the name of a field, or has white space around it"
            )));
        }
        Ok(StoredRecord { reference: RecordRef { table, id }, document })
    }

    /// Whose a record is after the caller wrote it: theirs unless they say so, and nobody's for whom they may not write.
    async fn check_owner(&self, record: &mut StoredRecord, before: Option<&RecordDocument>) -> Result<(), AppError> {
        let view = self.view().await?;
        if let (None, None, Caller::User { user, .. }) = (before, &record.document.owner, self.caller()) {
            record.document.owner = Some(view.directory.user(*user).email.clone());
        }
        let owner = record.document.owner.as_deref();
        let is_same = before.is_some_and(|before| before.owner.as_deref() == owner);
        if is_same || self.may_own(&view, owner) {
            return Ok(());
        }
        Err(AppError::refused("`owner`: your security roles do not let you write records of this owner")
            .with_hint("give yourself, or leave it as it is"))
    }

    fn idempotency_key(
        &self,
        table: Table,
        id: Option<&str>,
        given: &RecordDocument,
        key: &str,
    ) -> Result<IdempotencyKey, AppError> {
        let hash_key = &self.organization().hash_key;
        let mut request = blake3::Hasher::new_keyed(hash_key);
        for part in [table.as_str(), id.unwrap_or_default(), &text_of(given)?] {
            request.update(&(part.len() as u64).to_le_bytes());
            request.update(part.as_bytes());
        }
        let key_hash = blake3::keyed_hash(hash_key, key.as_bytes());
        Ok(IdempotencyKey { key_hash: key_hash.into(), request_hash: request.finalize().into(), now: self.now() })
    }

    /// A UUID of version 7 (RFC 9562): sorts by the moment it was made.
    pub(crate) fn new_record_id(&self) -> Result<String, AppError> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(|error| AppError::invalid(format!("the system gives no random bytes: {error}")))?;
        let unix_ms = (self.now().0 / 1_000).max(0) as u64;
        bytes[..6].copy_from_slice(&unix_ms.to_be_bytes()[2..]);
        bytes[6] = (bytes[6] & 0x0f) | 0x70;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex = u128::from_be_bytes(bytes);
        let text = format!("{hex:032x}");
        Ok(format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]))
    }
}

fn text_of(document: &RecordDocument) -> Result<String, AppError> {
    serde_json::to_string(document).map_err(|error| AppError::invalid(error.to_string()))
}

/// What a file's report says about a column, about a field.
fn as_field(what: &str) -> &str {
    let what = what.strip_suffix(": left out").unwrap_or(what);
    what.strip_prefix("column ").unwrap_or(what)
}

/// The columns and values of the one row; fields first, so that a custom one never stands before a field of its name.
fn columns(id: &str, given: &RecordDocument) -> Result<Vec<(String, String)>, AppError> {
    let fields = serde_json::to_value(given).map_err(|error| AppError::invalid(error.to_string()))?;
    let mut columns = vec![("id".to_owned(), id.to_owned())];
    for (name, value) in fields.as_object().into_iter().flatten() {
        let text = match value {
            Value::String(text) => text.clone(),
            // Without an exponent, as files have it.
            Value::Number(number) => number.as_f64().unwrap_or_default().to_string(),
            Value::Array(items) => list(name, items)?,
            _ => continue, // `custom`
        };
        columns.push((name.clone(), text));
    }
    columns.extend(given.custom.clone());
    Ok(columns)
}

fn list(name: &str, items: &[Value]) -> Result<String, AppError> {
    let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
    match texts.iter().find(|text| text.contains([';', '"'])) {
        Some(text) => Err(AppError::invalid(format!("`{name}`: `{text}` has a `;` or `\"` inside"))),
        None => Ok(texts.join(";")),
    }
}

fn file(columns: &[(String, String)]) -> Result<Vec<u8>, AppError> {
    let cannot = |error: csv::Error| AppError::invalid(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(name, _)| name)).map_err(cannot)?;
    writer.write_record(columns.iter().map(|(_, value)| value)).map_err(cannot)?;
    writer.into_inner().map_err(|error| AppError::invalid(error.to_string()))
}
