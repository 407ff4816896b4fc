//! Imports: files become sightings, sightings are judged, kept ones are appended batch by batch.
//!
//! Reading and judging run on a thread of their own and hand batches over a short channel; appending runs beside it. A batch is one
//! transaction, so an import that is killed has kept whole batches, and the same import again counts those as duplicates.

mod calendar;
pub(crate) mod crm;
mod feed;
mod files;
mod interactions;
mod mail;
mod preview;
mod report;
mod upload;
mod users;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use rapport_capture::Rules;
use rapport_domain::{Address, Moment, Source, Task};
use rapport_insight::Data;
use rapport_store::{Appender, ledger::Appended};

pub(crate) use feed::{Batch, Feed, FeedContext, Judge, Scope, ScopePart};
pub(crate) use preview::preview_item;
pub use preview::{Preview, PreviewItem, PreviewParticipant};
pub use report::{ImportFailure, ImportReport, ReportedProblem};
pub use upload::{ImportKind, Upload};
pub(crate) use upload::{UPLOADS, take_uploads};

use super::{App, AppError, Caller, retention::kept_from, settings};

/// Sightings of one transaction: few enough to hold several batches in memory, many enough that a run lies in few blocks.
pub(crate) const BATCH_SIGHTINGS: usize = 40_000;

/// Batches between reading and appending: reading never waits long, memory stays bounded.
const BATCHES_WAITING: usize = 1;

/// What is imported, and on whose word.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The moment against which dates are judged; now if absent.
    pub as_of: Option<Moment>,
    /// The mailbox that the files come from.
    pub mailbox: Option<String>,
    /// Grants consent to mailbox data in one audited step (05 section 2).
    pub consent: Option<String>,
    /// Who imports, where it is not who the app acts for: a job reads everything there is, and acts in the name of whoever uploaded.
    pub by: Option<Caller>,
    /// Set if the file was uploaded and the import waits in the queue.
    pub upload: Option<Upload>,
}

/// How far an import is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Copies or rows read so far.
    pub read: u64,
    /// Bytes of the files read so far.
    pub bytes: u64,
    /// Bytes of all files.
    pub bytes_total: u64,
}

/// Told about progress, from time to time.
pub type OnProgress<'a> = &'a (dyn Fn(&Progress) + Send + Sync);

impl App {
    /// Imports mail: mbox files, Maildirs, folders of .eml.
    pub async fn import_mail(
        &self,
        paths: &[PathBuf],
        options: &ImportOptions,
        on_progress: OnProgress<'_>,
    ) -> Result<ImportReport, AppError> {
        let files = files::mail_units(paths)?;
        self.run("import mail", options, true, on_progress, move |feed| mail::read(feed, &files)).await
    }

    /// Imports calendars: .ics files and folders.
    pub async fn import_calendar(
        &self,
        paths: &[PathBuf],
        options: &ImportOptions,
        on_progress: OnProgress<'_>,
    ) -> Result<ImportReport, AppError> {
        let files = files::walk(paths)?;
        self.run("import calendar", options, true, on_progress, move |feed| calendar::read(feed, &files)).await
    }

    /// Imports a file of interactions: CSV, JSON Lines or Parquet.
    pub async fn import_interactions(
        &self,
        file: &std::path::Path,
        options: &ImportOptions,
        on_progress: OnProgress<'_>,
    ) -> Result<ImportReport, AppError> {
        let file = file.to_owned();
        self.run("import interactions", options, false, on_progress, move |feed| interactions::read(feed, &file)).await
    }

    /// The organization, acting for whoever imports.
    fn importer(&self, options: &ImportOptions) -> Self {
        options.by.clone().map_or_else(|| self.clone(), |caller| self.acting_for(caller))
    }

    /// Reads on a thread of its own, appends here, writes the report down.
    async fn run(
        &self,
        command: &str,
        options: &ImportOptions,
        needs_consent: bool,
        on_progress: OnProgress<'_>,
        read: impl FnOnce(&mut Feed) -> Result<(), AppError> + Send + 'static,
    ) -> Result<ImportReport, AppError> {
        if let Some(text) = &options.consent {
            let importer = self.importer(options);
            importer.need_any(&[Task::Consent]).await?;
            importer.enable_and_grant(text).await?;
        }
        let consented = self.view().await?.data == Data::CrmAndMailbox;
        if needs_consent && !consented {
            return Err(consent_missing());
        }
        let begun = self.begin_import(command, options).await?;
        let done = self.read_and_append(options, consented, on_progress, read).await;
        self.finish_import(begun, options, done).await
    }

    async fn read_and_append(
        &self,
        options: &ImportOptions,
        consented: bool,
        on_progress: OnProgress<'_>,
        read: impl FnOnce(&mut Feed) -> Result<(), AppError> + Send + 'static,
    ) -> Result<ImportReport, AppError> {
        let judge = self.judge(options, consented).await?;
        let (newest, judges) = tokio::sync::watch::channel(judge.clone());
        let mut appending = Appending { appender: self.appender(&judge).await?, judge, newest, report: ImportReport::default() };
        let (sender, mut receiver) = tokio::sync::mpsc::channel(BATCHES_WAITING);
        let reader = tokio::task::spawn_blocking(move || {
            let mut feed = Feed::new(judges, sender);
            let result = read(&mut feed);
            result.and_then(|()| feed.finish())
        });
        let mut appended = Ok(());
        let mut tidying: Option<tokio::task::JoinHandle<Result<(), AppError>>> = None;
        while let Some(batch) = receiver.recv().await {
            let progress = batch.progress.clone();
            appended = self.append_batch(&mut appending, batch, options, consented).await;
            // Beside the next batches: large imports leave few segments, not one a batch.
            if tidying.as_ref().is_none_or(tokio::task::JoinHandle::is_finished) {
                let app = self.clone();
                tidying = Some(tokio::spawn(async move { app.tidy().await }));
            }
            if appended.is_err() {
                // Dropping the receiver stops the reader at its next batch.
                break;
            }
            on_progress(&progress);
        }
        drop(receiver);
        let read = reader.await.map_err(|error| AppError::invalid(format!("reading stopped: {error}")))?;
        let tidied = match tidying {
            Some(tidying) => tidying.await.map_err(|error| AppError::invalid(format!("tidying stopped: {error}")))?,
            None => Ok(()),
        };
        appended?;
        let mut report = read?;
        if let Err(error) = tidied {
            // What was read is kept all the same; the next time will do.
            tracing::warn!(%error, "segments could not be tidied");
        }
        report.add(appending.report);
        self.importer(options).spare_older_files(&mut report, self.now()).await?;
        debug_assert!(report.adds_up(), "read = kept + duplicates + failed + excluded");
        Ok(report)
    }

    /// Keeps a batch as it may be kept at this moment: since it was judged somebody may have objected, been erased, opted out, lost a role
    /// or made a contact private.
    async fn append_batch(
        &self,
        appending: &mut Appending,
        mut batch: Batch,
        options: &ImportOptions,
        consented: bool,
    ) -> Result<(), AppError> {
        loop {
            batch.judge_again(&appending.judge, &mut appending.report.excluded);
            // Consent may have been withdrawn since reading began: what was read is dropped, what was kept before is deleted in time.
            let is_mailbox_data = batch.sightings.iter().any(|sighting| sighting.source == Source::Mailbox);
            if is_mailbox_data && !self.has_consent().await? {
                return Err(AppError::refused("consent to mailbox data was withdrawn: the import stopped")
                    .with_hint("what was kept before is no longer used, and is deleted within 24 hours"));
            }
            let oldest_us = batch.sightings.iter().map(|sighting| sighting.occurred_at.0).min();
            let sightings = std::mem::take(&mut batch.sightings);
            match appending.appender.append_judged(sightings, &batch.retired, &appending.judge.grounds).await? {
                Ok(Appended { kept, duplicates }) => {
                    appending.report.add(ImportReport { kept, duplicates, oldest_us, ..ImportReport::default() });
                    return Ok(());
                }
                Err(sightings) => batch.sightings = sightings,
            }
            let judge = self.judge(options, consented).await?;
            appending.appender = self.appender(&judge).await?;
            appending.judge = judge.clone();
            // The reader goes on with it from its next batch on.
            appending.newest.send_replace(judge);
        }
    }

    pub(crate) async fn appender(&self, judge: &Judge) -> Result<Appender, AppError> {
        let values = self.store().settings(self.org()).await?;
        let keeps_subjects = settings::value(&values, "capture.keep_subjects") == "true";
        Ok(Appender::new(self.store(), self.organization(), (*judge.context.view.ours).clone(), keeps_subjects))
    }

    /// What copies of a file are judged by now.
    async fn judge(&self, options: &ImportOptions, consented: bool) -> Result<Judge, AppError> {
        self.judge_by(options, Some(consented), scope_word).await
    }

    /// What copies are judged by now that are captured from a mailbox.
    pub(crate) async fn capture_judge(&self) -> Result<Judge, AppError> {
        self.judge_by(&ImportOptions::default(), None, |values| settings::value(values, "capture.scope")).await
    }

    /// `consented`: whether mailbox data may be used; as it stands now, if absent.
    async fn judge_by(&self, options: &ImportOptions, consented: Option<bool>, scope: ScopeWord) -> Result<Judge, AppError> {
        loop {
            let with_records = scope(&self.store().settings(self.org()).await?) != EVERYONE;
            // Before what is judged with: what changes between the two is then noticed before anything is kept.
            let grounds = self.store().grounds(self.org(), with_records).await?;
            let consented = match consented {
                Some(consented) => consented,
                None => self.has_consent().await?,
            };
            let context = self.context_of(options, consented, scope).await?;
            if context.scope.needs_records() == with_records {
                return Ok(Judge { context: Arc::new(context), grounds });
            }
        }
    }

    /// Retention would delete what is older at once: an import of older files switches it off, until somebody sets it (05 section 6).
    async fn spare_older_files(&self, report: &mut ImportReport, as_of: Moment) -> Result<(), AppError> {
        const KEY: &str = "retention.months";
        let values = self.store().settings(self.org()).await?;
        let months: i64 = settings::value(&values, KEY).parse().unwrap_or(0);
        let kept_from = kept_from(&self.view().await?.calendar, as_of, months);
        let is_old = report.oldest_us.zip(kept_from).is_some_and(|(oldest_us, kept_from)| oldest_us < kept_from.0);
        if values.contains_key(KEY) || !is_old {
            return Ok(());
        }
        self.set_setting(KEY, "0").await?;
        report.notes.push(format!(
            "some of this is older than the {months} months that interactions are kept: retention is now off (`{KEY}` = 0) until you set it"
        ));
        Ok(())
    }

    pub(crate) async fn feed_context(&self, options: &ImportOptions, consented: bool) -> Result<FeedContext, AppError> {
        self.context_of(options, consented, scope_word).await
    }

    async fn context_of(&self, options: &ImportOptions, consented: bool, scope: ScopeWord) -> Result<FeedContext, AppError> {
        let view = self.view().await?;
        let values = self.store().settings(self.org()).await?;
        let mailbox = match &options.mailbox {
            None => None,
            Some(text) => {
                let address = Address::parse(text).map_err(|error| AppError::invalid(format!("--mailbox `{text}`: {error}")))?;
                if !view.ours.is_our_key(address.as_str()) {
                    return Err(AppError::invalid(format!(
                        "--mailbox `{address}` is neither a user's address nor at an internal domain"
                    ))
                    .with_hint("import the user first: `rapport import users FILE.csv`"));
                }
                let first = view.user_of(address.as_str()).map(|user| view.directory.user(user).email.clone());
                Some(first.and_then(|email| Address::parse(&email).ok()).unwrap_or(address))
            }
        };
        Ok(FeedContext {
            as_of: options.as_of.unwrap_or_else(|| self.now()),
            consented,
            selects_all: false,
            mailbox,
            rules: rules(&values),
            scope: Arc::new(feed::Scope::new(scope(&values), &view)),
            view,
            organization: self.organization().clone(),
        })
    }
}

/// An import that is being appended.
struct Appending {
    appender: Appender,
    judge: Judge,
    newest: tokio::sync::watch::Sender<Judge>,
    /// What was kept and known, and what is excluded since it was read.
    report: ImportReport,
}

/// The word of the scope that holds.
type ScopeWord = fn(&BTreeMap<String, String>) -> &str;

/// The scope of file imports until one is set.
const EVERYONE: &str = "everyone";

fn scope_word(values: &BTreeMap<String, String>) -> &str {
    values.get("capture.scope").map_or(EVERYONE, String::as_str)
}

fn consent_missing() -> AppError {
    AppError::refused("mailbox data may not be read: consent is not granted")
        .with_hint("pass --consent \"TEXT\" with what was agreed to; it is recorded in the audit log and holds for later imports")
}

fn rules(values: &BTreeMap<String, String>) -> Rules {
    let mut rules = Rules::default();
    for reason in rapport_capture::ExclusionReason::ALL {
        let key = format!("exclude.{}", reason.as_str());
        if values.get(&key).is_some_and(|value| value == "false") {
            rules = rules.without(reason);
        }
    }
    rules
}
