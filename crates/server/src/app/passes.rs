//! Whole passes: every run of the organization read once, then folded person by person or record by record on all cores.

use std::{num::NonZero, ops::Range, sync::Arc};

use rapport_domain::{AddressId, Moment, PersonId, Side, Touches};
use rapport_insight::{TieFolder, health::HealthFigures, ties::UserTie};
use rustc_hash::FxHashMap;

use super::{App, AppError, View, records::Folders, view::Record};

/// Touches of one chunk: growing a larger one would hold it twice while it is moved.
const CHUNK_TOUCHES: usize = 65_536;

/// Every run of the organization in memory.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    chunks: Vec<Touches>,
    /// Where a subject's run lies: chunk and rows.
    rows: FxHashMap<i64, (usize, Range<usize>)>,
}

impl Runs {
    fn push(&mut self, subject: i64, touches: &Touches) {
        if self.chunks.last().is_none_or(|chunk| chunk.len() >= CHUNK_TOUCHES) {
            self.chunks.push(Touches::default());
        }
        let position = self.chunks.len() - 1;
        let chunk = &mut self.chunks[position];
        let first = chunk.len();
        chunk.extend(touches);
        self.rows.insert(subject, (position, first..chunk.len()));
    }

    fn append(&mut self, other: Self) {
        let before = self.chunks.len();
        self.chunks.extend(other.chunks);
        self.rows.extend(other.rows.into_iter().map(|(subject, (chunk, rows))| (subject, (before + chunk, rows))));
    }

    /// The merged run of some subjects, into a buffer.
    pub(crate) fn gather(&self, subjects: &[i64], touches: &mut Touches) {
        touches.clear();
        for (chunk, rows) in subjects.iter().filter_map(|subject| self.rows.get(subject)) {
            touches.extend_range(&self.chunks[*chunk], rows.clone());
        }
        touches.sort();
    }

    fn has_any(&self, subject: i64) -> bool {
        self.rows.contains_key(&subject)
    }
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Maps chunks of items on all cores; results in the order of the items.
fn on_all_cores<T: Sync, R: Send>(items: &[T], fold: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R> {
    let chunk_len = items.len().div_ceil(cores()).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = items.chunks(chunk_len).map(|chunk| scope.spawn(|| fold(chunk))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

impl App {
    /// Reads every run, one range of subjects per core.
    pub(crate) async fn all_runs(&self, view: &Arc<View>) -> Result<Arc<Runs>, AppError> {
        let bounds = self.store().subject_bounds(self.org()).await?;
        let width = (bounds.end - bounds.start).div_euclid(cores() as i64) + 1;
        let tasks: Vec<_> = (0..cores() as i64)
            .map(|core| bounds.start + core * width)
            .map(|start| {
                let (store, org, view) = (self.store().clone(), self.org(), view.clone());
                tokio::spawn(async move {
                    let mut runs = Runs::default();
                    let visit = |subject: i64, touches: &Touches| runs.push(subject, touches);
                    store.scan(org, start..start + width, &view.visibility, visit).await.map(|()| runs)
                })
            })
            .collect();
        let mut runs = Runs::default();
        for task in tasks {
            runs.append(task.await.map_err(|error| AppError::invalid(format!("reading stopped: {error}")))??);
        }
        Ok(Arc::new(runs))
    }

    /// Folds every record that has a row, in the order of their numbers.
    pub(crate) async fn fold_records<R: Send + 'static>(
        &self,
        view: &Arc<View>,
        runs: &Arc<Runs>,
        keep: impl Fn(&Record) -> bool + Send + 'static,
        fold: impl Fn(&View, &Record, &mut Folders, &Touches) -> R + Send + Sync + 'static,
    ) -> Result<Vec<R>, AppError> {
        let (view, runs) = (view.clone(), runs.clone());
        let work = move || {
            let records: Vec<&Record> = view.records.iter().filter(|record| record.document.is_some() && keep(record)).collect();
            on_all_cores(&records, |records| {
                let (mut folders, mut touches) = (Folders::default(), Touches::default());
                let mut rows = Vec::with_capacity(records.len());
                for record in records {
                    runs.gather(&view.subjects(&view.scope(record)), &mut touches);
                    rows.push(fold(&view, record, &mut folders, &touches));
                }
                rows
            })
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| AppError::invalid(format!("folding stopped: {error}")))
    }

    /// Health of every record, without KPIs.
    pub(crate) async fn all_health(
        &self,
        view: &Arc<View>,
        runs: &Arc<Runs>,
        as_of: Moment,
    ) -> Result<Vec<HealthFigures>, AppError> {
        let fold = move |view: &View, record: &Record, folders: &mut Folders, touches: &Touches| {
            folders.health.figures(&view.context(as_of), &view.scope(record), touches)
        };
        self.fold_records(view, runs, |_| true, fold).await
    }

    /// Every tie of the organization: people by the text of their first address, each with their ties, strongest first.
    pub(crate) async fn all_ties(
        &self,
        view: &Arc<View>,
        runs: &Arc<Runs>,
        as_of: Moment,
    ) -> Result<Vec<TiesOfPerson>, AppError> {
        let (view, runs) = (view.clone(), runs.clone());
        let work = move || {
            let is_met = |id: &u32| runs.has_any(i64::from(*id)) && view.directory.address(AddressId(*id)).side == Side::Theirs;
            let met = (1..=view.directory.addresses.len() as u32).filter(is_met);
            let mut people: Vec<PersonId> = met.map(|id| view.directory.address(AddressId(id)).person).collect();
            people.sort_unstable();
            people.dedup();
            let mut ties = on_all_cores(&people, |people| ties_of(&view, &runs, people, as_of));
            ties.sort_by(|a, b| view.directory.person(a.0).key.cmp(&view.directory.person(b.0).key));
            ties
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| AppError::invalid(format!("folding stopped: {error}")))
    }
}

/// A person and their ties, strongest first.
pub(crate) type TiesOfPerson = (PersonId, Vec<UserTie>);

fn ties_of(view: &View, runs: &Runs, people: &[PersonId], as_of: Moment) -> Vec<TiesOfPerson> {
    let context = view.context(as_of);
    let (mut folder, mut touches) = (TieFolder::new(), Touches::default());
    let mut found = Vec::new();
    for person in people {
        let addresses = view.addresses_of(*person);
        runs.gather(&view.subjects_of(&addresses), &mut touches);
        let ties = folder.fold(&context, &addresses, &touches);
        if !ties.is_empty() {
            found.push((*person, ties.to_vec()));
        }
    }
    found
}
