//! Whole passes: the store is read once, and each record and person folded as soon as all of their runs are there.
//!
//! Nearly everybody has one run: it is folded from the buffer that it was decoded into, and nothing is kept. Runs of what has several
//! (accounts, opportunities, people with several addresses, records that something regards directly) are kept until the last of them came.
//! If more is kept than may be, the later half of those who wait is left to another pass. What is folded, and in which order it is
//! answered, depends on neither the number of cores nor the order in which the store shows its runs.

use std::{
    num::NonZero,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rapport_domain::{AddressId, Moment, PersonId, Touches};
use rapport_insight::{
    HealthFolder, KpiFolder, RecordFolder, RecordScope, TieFolder, evaluation::HistoryFolder, health::HealthFigures,
    ties::UserTie,
};

use self::{
    kept::{Ready, Shelf},
    targets::{Target, Targets},
};
use super::{App, AppError, View, view::Record};

mod kept;
mod targets;
#[cfg(test)]
mod tests;

/// What a pass keeps at most, in megabytes of touches, unless something else is said; beyond, it reads the store once more instead.
pub const PASS_MEMORY_MB: u64 = 384;
/// Ranges of subjects per core, at most: whoever is done early takes another.
const RANGES_PER_CORE: u64 = 8;
/// Touches of a range, at least: each decodes part of a page of its neighbour's.
const TOUCHES_PER_RANGE: u64 = 262_144;

/// Buffers of all folds, reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Folders {
    pub(crate) records: RecordFolder,
    pub(crate) kpis: KpiFolder,
    pub(crate) health: HealthFolder,
    pub(crate) ties: TieFolder,
    pub(crate) history: HistoryFolder,
}

type Keeps = Box<dyn Fn(&Record) -> bool + Send + Sync>;
type OfRecord<R> = Box<dyn Fn(&View, &Record, &RecordScope, &mut Folders, &Touches) -> R + Send + Sync>;
type OfPerson<P> = Box<dyn Fn(&View, PersonId, &[AddressId], &mut Folders, &Touches) -> Option<P> + Send + Sync>;

/// What a pass folds. Rows move while they are put in order: those that are many and large are boxed.
pub(crate) struct Pass<R, P> {
    /// Which of the records that have a row.
    pub(crate) keeps: Keeps,
    /// A record's fold.
    pub(crate) of_record: OfRecord<R>,
    /// A person's fold, over everybody external whom anything shows.
    pub(crate) of_person: Option<OfPerson<P>>,
}

/// What a pass answers.
#[derive(Debug)]
pub(crate) struct Passed<R, P> {
    /// In the order of the records' numbers.
    pub(crate) records: Vec<R>,
    /// In the order of the people's numbers.
    pub(crate) people: Vec<P>,
}

/// How much a pass may use.
#[derive(Clone, Copy, Debug)]
struct Means {
    cores: usize,
    kept_bytes_max: usize,
}

/// What one core has done.
struct Worker<R, P> {
    folders: Folders,
    gathered: Touches,
    /// Rows with their targets.
    records: Vec<(u32, R)>,
    people: Vec<(u32, P)>,
    /// Between whose runs a Message-ID decides that segments do not have.
    undecided: Vec<u32>,
}

impl<R, P> Default for Worker<R, P> {
    fn default() -> Self {
        Self {
            folders: Folders::default(),
            gathered: Touches::default(),
            records: Vec::new(),
            people: Vec::new(),
            undecided: Vec::new(),
        }
    }
}

/// What all cores share.
struct Shared<R, P> {
    view: Arc<View>,
    pass: Pass<R, P>,
    targets: Targets,
    /// All subjects of the targets, ascending.
    subjects: Vec<i64>,
    shelf: Shelf,
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Maps chunks of items on some cores; results in the order of the items.
fn on_cores<T: Sync, R: Send>(cores: usize, items: &[T], fold: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let chunk_len = items.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = items.chunks(chunk_len).map(|chunk| scope.spawn(|| fold(chunk))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// Rows of all cores by ascending target.
fn in_order<T>(rows: Vec<Vec<(u32, T)>>) -> Vec<T> {
    let mut rows: Vec<(u32, T)> = rows.into_iter().flatten().collect();
    rows.sort_unstable_by_key(|(target, _)| *target);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Parts of ascending subjects: those of records that something regards directly, then those of addresses, each in some ranges of subjects.
fn parts(subjects: &[i64], count: u64) -> [Vec<Range<usize>>; 2] {
    let addresses = subjects.partition_point(|subject| *subject < 0);
    [0..addresses, addresses..subjects.len()].map(|range| {
        let Some((first, last)) = subjects[range.clone()].first().zip(subjects[range.clone()].last()) else { return Vec::new() };
        let width = first.abs_diff(*last) as i64 / count as i64 + 1;
        let at = |subject: i64| range.start + subjects[range.clone()].partition_point(|there| *there < subject);
        let part = |part: i64| at(first + part * width)..at(first + (part + 1) * width);
        (0..count as i64).map(part).filter(|part| !part.is_empty()).collect()
    })
}

/// What a task made.
pub(super) async fn finished<T>(task: tokio::task::JoinHandle<T>) -> Result<T, AppError> {
    task.await.map_err(|error| AppError::invalid(format!("folding stopped: {error}")))
}

impl<R: Send + 'static, P: Send + 'static> Shared<R, P> {
    /// One run, as the store shows it.
    fn visit(&self, worker: &mut Worker<R, P>, subject: i64, touches: &Touches) {
        // What regards a record directly is not all of it.
        for target in self.targets.of(subject).filter(|_| subject > 0) {
            if self.shelf.takes_alone(*target) && self.is_shown_to(*target, subject) {
                self.fold(worker, *target, touches);
            }
        }
        let mut gathered = std::mem::take(&mut worker.gathered);
        // Whoever has this run alone is done, and it is not kept for them.
        for ready in self.shelf.arrived(&self.targets, subject, touches) {
            self.fold_ready(worker, &ready, &mut gathered);
        }
        worker.gathered = gathered;
    }

    fn fold_ready(&self, worker: &mut Worker<R, P>, ready: &Ready, gathered: &mut Touches) {
        gathered.clear();
        let runs = ready.runs.iter().filter(|(subject, _)| self.is_shown_to(ready.target, *subject));
        runs.for_each(|(_, run)| gathered.extend(run));
        gathered.sort();
        if gathered.has_unread_ties() {
            worker.undecided.push(ready.target);
        } else {
            self.fold(worker, ready.target, gathered);
        }
    }

    /// The subjects that a target is folded from.
    fn subjects(&self, target: u32) -> Vec<i64> {
        self.targets.subjects(target).filter(|subject| self.is_shown_to(target, *subject)).collect()
    }

    /// Nothing is shown of who is spared, not even by the run of their other address.
    fn is_shown_to(&self, target: u32, subject: i64) -> bool {
        match self.targets.what(target) {
            Target::Record(_) => true,
            Target::Person(_) => !self.view.is_spared(AddressId(subject as u32)),
        }
    }

    fn fold(&self, worker: &mut Worker<R, P>, target: u32, touches: &Touches) {
        let (view, folders) = (&*self.view, &mut worker.folders);
        match self.targets.what(target) {
            Target::Record(record) => {
                let scope = self.targets.scope(target);
                let row = (self.pass.of_record)(view, &view.records[*record as usize], scope, folders, touches);
                worker.records.push((target, row));
            }
            Target::Person(person) => {
                let addresses = self.targets.addresses(target);
                let of_person = self.pass.of_person.as_ref();
                if let Some(row) = of_person.and_then(|fold| fold(view, *person, addresses, folders, touches)) {
                    worker.people.push((target, row));
                }
            }
        }
    }

    /// Those of whom not everything came: there is no more.
    fn fold_rest(&self, cores: usize) -> Vec<Worker<R, P>> {
        let rest = self.shelf.rest(&self.targets, &self.view);
        on_cores(cores, &rest, |rest| {
            let (mut worker, mut gathered) = (Worker::default(), Touches::default());
            for ready in rest {
                self.fold_ready(&mut worker, ready, &mut gathered);
            }
            worker
        })
    }
}

impl App {
    /// Folds records and people in one pass over the store.
    pub(crate) async fn pass<R: Send + 'static, P: Send + 'static>(
        &self,
        view: &Arc<View>,
        pass: Pass<R, P>,
    ) -> Result<Passed<R, P>, AppError> {
        let kept_bytes_max = usize::try_from(self.pass_memory_mb << 20).unwrap_or(usize::MAX);
        self.pass_within(view, pass, Means { cores: cores(), kept_bytes_max }).await
    }

    async fn pass_within<R: Send + 'static, P: Send + 'static>(
        &self,
        view: &Arc<View>,
        pass: Pass<R, P>,
        means: Means,
    ) -> Result<Passed<R, P>, AppError> {
        let plan = {
            let view = view.clone();
            move || {
                let targets = Targets::plan(&view, &pass.keeps, pass.of_person.is_some(), means.cores);
                let shelf = Shelf::new(&targets, means.kept_bytes_max);
                let subjects = targets.all_subjects();
                Arc::new(Shared { view, pass, targets, subjects, shelf })
            }
        };
        let shared = finished(tokio::task::spawn_blocking(plan)).await?;
        let (touches, cores) = (self.store().touch_count(self.org()).await?, means.cores as u64);
        let ranges = (touches / TOUCHES_PER_RANGE).clamp(cores, cores * RANGES_PER_CORE);
        let mut workers = Vec::new();
        loop {
            // What regards a record directly comes first: whoever has such a run waits for it.
            for parts in parts(&shared.subjects, ranges) {
                workers.extend(self.scan_on(&shared, means.cores, parts).await?);
            }
            let all = shared.clone();
            workers.extend(finished(tokio::task::spawn_blocking(move || all.fold_rest(means.cores))).await?);
            if !shared.shelf.begin_another() {
                break;
            }
        }
        workers.push(self.fold_undecided(&shared, &workers).await?);
        let (records, people) = workers.into_iter().map(|worker| (worker.records, worker.people)).unzip();
        Ok(Passed { records: in_order(records), people: in_order(people) })
    }

    /// Those between whose runs a Message-ID decides: what is read of one record alone has it. There are few.
    async fn fold_undecided<R: Send + 'static, P: Send + 'static>(
        &self,
        shared: &Arc<Shared<R, P>>,
        workers: &[Worker<R, P>],
    ) -> Result<Worker<R, P>, AppError> {
        let mut worker = Worker::default();
        for target in workers.iter().flat_map(|worker| worker.undecided.iter().copied()) {
            let touches = self.store().runs_of(self.org(), &shared.subjects(target), &shared.view.visibility).await?;
            shared.fold(&mut worker, target, &touches);
        }
        Ok(worker)
    }

    /// Visits parts of the subjects on some cores.
    async fn scan_on<R: Send + 'static, P: Send + 'static>(
        &self,
        shared: &Arc<Shared<R, P>>,
        cores: usize,
        parts: Vec<Range<usize>>,
    ) -> Result<Vec<Worker<R, P>>, AppError> {
        let (parts, next) = (Arc::new(parts), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..cores.min(parts.len()))
            .map(|_| {
                let (store, org, shared) = (self.store().clone(), self.org(), shared.clone());
                let (parts, next) = (parts.clone(), next.clone());
                tokio::spawn(async move {
                    let mut worker = Worker::default();
                    while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let visit = |subject: i64, touches: &Touches| shared.visit(&mut worker, subject, touches);
                        store.scan_some(org, &shared.subjects[part.clone()], &shared.view.visibility, visit).await?;
                    }
                    Ok::<_, AppError>(worker)
                })
            })
            .collect();
        let mut workers = Vec::new();
        for task in tasks {
            workers.push(finished(task).await??);
        }
        Ok(workers)
    }

    /// Folds every record that has a row, in the order of their numbers.
    pub(crate) async fn fold_records<R: Send + 'static>(
        &self,
        view: &Arc<View>,
        keeps: impl Fn(&Record) -> bool + Send + Sync + 'static,
        fold: impl Fn(&View, &Record, &RecordScope, &mut Folders, &Touches) -> R + Send + Sync + 'static,
    ) -> Result<Vec<R>, AppError> {
        let pass = Pass::<R, ()> { keeps: Box::new(keeps), of_record: Box::new(fold), of_person: None };
        Ok(self.pass(view, pass).await?.records)
    }

    /// Every tie of the organization: people by the text of their first address, each with their ties, strongest first.
    pub(crate) async fn all_ties(&self, view: &Arc<View>, as_of: Moment) -> Result<Vec<TiesOfPerson>, AppError> {
        let no_record = |_: &View, _: &Record, _: &RecordScope, _: &mut Folders, _: &Touches| ();
        let of_person = Some(ties_as_of(as_of));
        let pass = Pass { keeps: Box::new(|_| false), of_record: Box::new(no_record), of_person };
        Ok(by_key(view, self.pass(view, pass).await?.people))
    }

    /// Health of every record, without KPIs, and every tie, from one pass.
    pub(crate) async fn all_health_and_ties(
        &self,
        view: &Arc<View>,
        as_of: Moment,
    ) -> Result<(Vec<HealthFigures>, Vec<TiesOfPerson>), AppError> {
        let health = move |view: &View, _: &Record, scope: &RecordScope, folders: &mut Folders, touches: &Touches| {
            folders.health.figures(&view.context(as_of), scope, touches)
        };
        let of_person = Some(ties_as_of(as_of));
        let pass = Pass { keeps: Box::new(|_| true), of_record: Box::new(health), of_person };
        let passed = self.pass(view, pass).await?;
        Ok((passed.records, by_key(view, passed.people)))
    }
}

/// A person and their ties, strongest first.
pub(crate) type TiesOfPerson = (PersonId, Vec<UserTie>);

/// The fold of a person's ties; nothing for those without.
pub(crate) fn ties_as_of(as_of: Moment) -> OfPerson<TiesOfPerson> {
    Box::new(move |view, person, addresses, folders, touches| {
        folders.ties.fold(&view.context(as_of), addresses, touches);
        let ties = folders.ties.take();
        (!ties.is_empty()).then_some((person, ties))
    })
}

fn by_key(view: &View, mut people: Vec<TiesOfPerson>) -> Vec<TiesOfPerson> {
    people.sort_by(|a, b| view.directory.person(a.0).key.cmp(&view.directory.person(b.0).key));
    people
}
