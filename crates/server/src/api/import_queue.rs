//! Uploaded imports wait here and run one after the other: two at once would only wait for the one writer of the store.

use std::{
    collections::BTreeMap,
    fs::File,
    panic::AssertUnwindSafe,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::FutureExt;
use tempfile::TempDir;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{
    limits::IMPORTS_WAITING_MAX,
    metrics::Metrics,
    problem::{Kind, Problem, ProblemBody},
};
use crate::{
    App, AppError,
    app::import::{ImportKind, ImportOptions, ImportReport, Progress, UPLOADS, Upload, take_uploads},
};

/// How far an import is.
#[derive(Clone, Debug)]
pub(crate) enum ImportState {
    /// It waits for its turn.
    Queued,
    /// It runs.
    Running(Progress),
    /// It ended with a report.
    Completed(ImportReport),
    /// It ended without one.
    Failed(ProblemBody),
}

impl ImportState {
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Completed(_) | Self::Failed(_))
    }
}

/// A file that was uploaded; it is gone when this is.
pub(crate) struct UploadedFile {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
}

/// Room in the queue.
pub(crate) struct Room(mpsc::OwnedPermit<Job>);

struct Job {
    import_id: i64,
    kind: ImportKind,
    options: ImportOptions,
    file: UploadedFile,
    state: watch::Sender<ImportState>,
}

/// Imports that wait or run, by id.
#[derive(Clone, Default)]
struct Active(Arc<Mutex<BTreeMap<i64, watch::Receiver<ImportState>>>>);

impl Active {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<i64, watch::Receiver<ImportState>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct ImportQueue {
    app: App,
    uploads: PathBuf,
    sender: mpsc::Sender<Job>,
    active: Active,
    worker: Mutex<Option<JoinHandle<()>>>,
    /// Held by the first server of a store.
    lock: Option<File>,
}

impl ImportQueue {
    /// Makes the folder of uploads, clears away what a server that is gone left, and starts working.
    pub(crate) async fn open(app: App, metrics: Arc<Metrics>) -> Result<Self, AppError> {
        let uploads = app.store().folder().join(UPLOADS);
        let lock = take_uploads(&uploads)
            .map_err(|error| AppError::refused(format!("cannot use the folder `{}`: {error}", uploads.display())))?;
        if lock.is_some() {
            app.abandon_uploads().await?;
        }
        let (sender, receiver) = mpsc::channel(IMPORTS_WAITING_MAX);
        let active = Active::default();
        let worker = tokio::spawn(work(app.clone(), metrics, receiver, active.clone()));
        Ok(Self { app, uploads, sender, active, worker: Mutex::new(Some(worker)), lock })
    }

    /// Takes room in the queue before a file is taken in.
    pub(crate) fn reserve(&self) -> Result<Room, Problem> {
        let full = |_| {
            Problem::new(Kind::Busy, format!("{IMPORTS_WAITING_MAX} imports wait already")).with_hint("wait until one has ended")
        };
        self.sender.clone().try_reserve_owned().map(Room).map_err(full)
    }

    /// A place for an uploaded file.
    pub(crate) fn place(&self, file_name: &str) -> std::io::Result<UploadedFile> {
        let folder = tempfile::Builder::new().prefix("upload-").tempdir_in(&self.uploads)?;
        let path = folder.path().join(file_name);
        Ok(UploadedFile { folder, path })
    }

    /// Puts an import into the queue; its id.
    pub(crate) async fn enqueue(
        &self,
        room: Room,
        kind: ImportKind,
        options: ImportOptions,
        file: UploadedFile,
    ) -> Result<i64, AppError> {
        let import_id = self.app.queue_import(kind).await?;
        let upload = Upload { import_id, folder: file.folder.path().to_owned() };
        let (state, receiver) = watch::channel(ImportState::Queued);
        self.active.lock().insert(import_id, receiver);
        room.0.send(Job { import_id, kind, options: ImportOptions { upload: Some(upload), ..options }, file, state });
        Ok(import_id)
    }

    /// Watches an import that waits or runs.
    pub(crate) fn watch(&self, import_id: i64) -> Option<watch::Receiver<ImportState>> {
        self.active.lock().get(&import_id).cloned()
    }

    /// Ends the import that runs and those that wait, and writes that down.
    pub(crate) async fn close(&self) -> Result<(), AppError> {
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker {
            worker.abort();
            // An abort is no news.
            _ = worker.await;
        }
        if self.lock.is_some() {
            self.app.abandon_uploads().await?;
        }
        Ok(())
    }
}

async fn work(app: App, metrics: Arc<Metrics>, mut receiver: mpsc::Receiver<Job>, active: Active) {
    while let Some(job) = receiver.recv().await {
        let Job { import_id, kind, options, file, state } = job;
        state.send_replace(ImportState::Running(Progress::default()));
        let on_progress = |progress: &Progress| _ = state.send_replace(ImportState::Running(progress.clone()));
        let run = Box::pin(app.run_queued_import(kind, file.path.clone(), &options, &on_progress));
        let ended = match AssertUnwindSafe(run).catch_unwind().await {
            Ok(Ok(report)) => ImportState::Completed(report),
            Ok(Err(error)) => ImportState::Failed(failed(&error.to_string(), error.hint())),
            Err(_) => {
                let error = AppError::invalid("a fault of the server ended this import; its log has more");
                if let Err(error) = app.fail_import(import_id, &error).await {
                    tracing::error!(%error, import_id, "the end of an import could not be written down");
                }
                ImportState::Failed(failed(&error.to_string(), None))
            }
        };
        metrics.import(kind.as_str(), if matches!(ended, ImportState::Completed(_)) { "completed" } else { "failed" });
        if let Err(error) = file.folder.close() {
            tracing::error!(%error, import_id, "an uploaded file could not be removed");
        }
        state.send_replace(ended);
        active.lock().remove(&import_id);
    }
}

/// The problem that a failed import is.
pub(crate) fn failed(message: &str, hint: Option<&str>) -> ProblemBody {
    let problem = Problem::new(Kind::ImportFailed, message);
    hint.map_or(problem.clone(), |hint| problem.with_hint(hint)).body()
}
