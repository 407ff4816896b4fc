//! Imports whose file was uploaded: they wait for their turn, run, and end under the number that the uploader was told.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use rapport_domain::{Moment, Table};
use rapport_store::registry::ImportRow;

use super::{App, AppError, ImportFailure, ImportOptions, ImportReport, OnProgress};

/// Folder inside the store's that holds uploaded files until they are imported.
pub(crate) const UPLOADS: &str = "uploads";

/// Its lock: whoever holds it may clear away what a server that is gone left behind.
const LOCK: &str = ".lock";

/// Makes the folder; the first server of a store empties it, and is its only one as long as it keeps the lock.
pub(crate) fn take_uploads(uploads: &Path) -> std::io::Result<Option<File>> {
    std::fs::create_dir_all(uploads)?;
    let lock = File::create(uploads.join(LOCK))?;
    if lock.try_lock().is_err() {
        return Ok(None);
    }
    for path in waiting(uploads)? {
        std::fs::remove_dir_all(path)?;
    }
    Ok(Some(lock))
}

/// Folders of files that wait or are being imported.
fn waiting(uploads: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(uploads)?.map(|entry| entry.map(|entry| entry.path()));
    Ok(entries.collect::<std::io::Result<Vec<_>>>()?.into_iter().filter(|path| path.is_dir()).collect())
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// `users.csv`.
    Users,
    /// An mbox or one message.
    Mail,
    /// An .ics file.
    Calendar,
    /// Interactions: CSV, JSON Lines or Parquet.
    Interactions,
    /// Records of one table.
    Records(Table),
    /// `activities.csv`.
    Activities,
}

impl ImportKind {
    /// The word of commands, URLs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Mail => "mail",
            Self::Calendar => "calendar",
            Self::Interactions => "interactions",
            Self::Records(table) => table.as_str(),
            Self::Activities => "activities",
        }
    }

    /// Whether all of it is mailbox data, which consent governs.
    pub fn is_mailbox_data(self) -> bool {
        matches!(self, Self::Mail | Self::Calendar)
    }
}

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The number that its import was given when it was queued.
    pub import_id: i64,
    /// The folder that it lies in, which no report names.
    pub folder: PathBuf,
}

impl Upload {
    fn prefix(&self) -> String {
        format!("{}{}", self.folder.display(), std::path::MAIN_SEPARATOR)
    }
}

/// An import that has begun.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun {
    import_id: i64,
    at: Moment,
}

impl App {
    /// Gives an uploaded import its number; it waits from now on.
    pub async fn queue_import(&self, kind: ImportKind) -> Result<i64, AppError> {
        Ok(self.store().queue_import(self.org(), &format!("import {}", kind.as_str()), self.now()).await?)
    }

    /// Runs a queued import to its end, which is written down whatever it is.
    pub async fn run_queued_import(
        &self,
        kind: ImportKind,
        file: PathBuf,
        options: &ImportOptions,
        on_progress: OnProgress<'_>,
    ) -> Result<ImportReport, AppError> {
        let done = match kind {
            ImportKind::Users => self.import_users(&file, options).await,
            ImportKind::Mail => self.import_mail(&[file], options, on_progress).await,
            ImportKind::Calendar => self.import_calendar(&[file], options, on_progress).await,
            ImportKind::Interactions => self.import_interactions(&file, options, on_progress).await,
            ImportKind::Records(table) => self.import_records(table, &file, options).await,
            ImportKind::Activities => self.import_activities(file, options, on_progress).await,
        };
        match (done, &options.upload) {
            // Refused before it began: it has a number all the same.
            (Err(error), Some(upload)) => {
                let error = error.without(&upload.prefix());
                self.fail_import(upload.import_id, &error).await?;
                Err(error)
            }
            (done, _) => done,
        }
    }

    /// Writes down that an import failed.
    pub async fn fail_import(&self, import_id: i64, error: &AppError) -> Result<(), AppError> {
        Ok(self.store().finish_import(self.org(), import_id, "failed", &failure(error), self.now()).await?)
    }

    /// Writes down that uploads of a server that is gone will never end by themselves; how many.
    pub async fn abandon_uploads(&self) -> Result<u64, AppError> {
        let error = AppError::refused("the server stopped before this import ended")
            .with_hint("upload the file again: what was kept before is counted as duplicates, nothing twice");
        Ok(self.store().abandon_uploads(self.org(), &failure(&error), self.now()).await?)
    }

    /// Whether mailbox data may be read.
    pub async fn has_consent(&self) -> Result<bool, AppError> {
        let status = self.enabling().await?;
        Ok(status.enabling.uses_mailbox(status.geography))
    }

    /// Imports with smaller numbers than `before`, from the newest, and how many there are in all.
    pub async fn imports(&self, before: Option<i64>, limit: u32) -> Result<(Vec<ImportRow>, u64), AppError> {
        let rows = self.store().imports_before(self.org(), before.unwrap_or(i64::MAX), limit).await?;
        Ok((rows, self.store().import_count(self.org()).await?))
    }

    /// One import.
    pub async fn import(&self, import_id: i64) -> Result<ImportRow, AppError> {
        let found = self.store().import(self.org(), import_id).await?;
        found.ok_or_else(|| AppError::missing(format!("there is no import `{import_id}`")))
    }

    /// Refuses while an uploaded file waits or is imported: it may name anybody, and is not searched. What a server that is gone left
    /// is cleared away.
    pub(crate) fn need_no_upload(&self) -> Result<(), AppError> {
        let uploads = self.store().folder().join(UPLOADS);
        if !uploads.is_dir() {
            return Ok(());
        }
        let is_free = take_uploads(&uploads).and_then(|lock| Ok(lock.is_some() || waiting(&uploads)?.is_empty()));
        match is_free {
            Ok(true) => Ok(()),
            Ok(false) => Err(AppError::busy("an uploaded file waits to be imported, and may name them")
                .with_hint("wait until the import has ended; a request of a person goes on by itself then")),
            Err(error) => Err(AppError::refused(format!("cannot look into the folder `{}`: {error}", uploads.display()))),
        }
    }

    pub(super) async fn begin_import(&self, command: &str, options: &ImportOptions) -> Result<Begun, AppError> {
        let at = self.now();
        let import_id = match &options.upload {
            Some(upload) => {
                self.store().start_import(self.org(), upload.import_id, at).await?;
                upload.import_id
            }
            None => self.store().begin_import(self.org(), command, at).await?,
        };
        Ok(Begun { import_id, at })
    }

    pub(super) async fn finish_import(
        &self,
        begun: Begun,
        options: &ImportOptions,
        done: Result<ImportReport, AppError>,
    ) -> Result<ImportReport, AppError> {
        let finished = self.now();
        let done = match done {
            Ok(mut report) => {
                report.elapsed_s = (finished.0 - begun.at.0) as f64 / 1e6;
                if let Some(prefix) = options.upload.as_ref().map(Upload::prefix) {
                    for problem in &mut report.problems {
                        problem.place = problem.place.replace(&prefix, "");
                    }
                }
                let text = serde_json::to_string(&report).unwrap_or_default();
                self.store().finish_import(self.org(), begun.import_id, "completed", &text, finished).await?;
                Ok(report)
            }
            Err(error) => {
                let prefix = options.upload.as_ref().map(Upload::prefix).unwrap_or_default();
                let error = if prefix.is_empty() { error } else { error.without(&prefix) };
                self.fail_import(begun.import_id, &error).await?;
                Err(error)
            }
        };
        self.announce(self.store().facts_version(self.org()).await?);
        done
    }
}

fn failure(error: &AppError) -> String {
    let failure = ImportFailure { message: error.to_string(), hint: error.hint().map(str::to_owned) };
    serde_json::to_string(&failure).unwrap_or_default()
}
