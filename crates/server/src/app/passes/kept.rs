//! Runs that wait for others of the same record or person.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
};

use rapport_domain::{AddressId, Side, Touches};
use rustc_hash::FxHashMap;

use super::targets::{Target, Targets};
use crate::app::View;

/// A target whose runs are all there, in the order of its subjects.
pub(super) struct Ready {
    pub(super) target: u32,
    pub(super) runs: Vec<(i64, Arc<Touches>)>,
}

/// A run and how many targets still wait with it.
struct Kept {
    run: Arc<Touches>,
    bytes: usize,
    users: u32,
}

/// How it stands with a target. A byte, so that nearly all runs are folded without a lock.
mod standing {
    /// Is folded from one run, as it comes.
    pub(super) const ALONE: u8 = 0;
    /// Waits for several runs.
    pub(super) const WAITS: u8 = 1;
    /// Was folded, or is left out.
    pub(super) const DONE: u8 = 2;
}
use standing::{ALONE, DONE, WAITS};

/// What is kept, and for whom.
pub(super) struct Shelf {
    bytes_max: usize,
    standings: Vec<AtomicU8>,
    inside: Mutex<Inside>,
}

struct Inside {
    runs: FxHashMap<i64, Kept>,
    bytes: usize,
    /// Addresses of each target whose run did not come yet.
    missing: Vec<u32>,
    /// Targets of this pass: later ones are left to another.
    pass: Range<u32>,
}

impl Shelf {
    /// An empty one, on which not more than some bytes are kept (but for those of a single target).
    pub(super) fn new(targets: &Targets, bytes_max: usize) -> Self {
        let missing: Vec<u32> = (0..targets.len()).map(|target| targets.addresses(target).len() as u32).collect();
        let standings = missing.iter().map(|count| AtomicU8::new(if *count == 1 { ALONE } else { WAITS })).collect();
        let inside = Inside { runs: FxHashMap::default(), bytes: 0, missing, pass: 0..targets.len() };
        Self { bytes_max, standings, inside: Mutex::new(inside) }
    }

    /// Nobody panics while holding it.
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stands(&self, target: u32, standing: u8) -> bool {
        self.standings[target as usize].load(Ordering::Relaxed) == standing
    }

    fn set(&self, target: u32, standing: u8) {
        self.standings[target as usize].store(standing, Ordering::Relaxed);
    }

    /// Whether a target is to be folded from a run of its only address; it is not again.
    pub(super) fn takes_alone(&self, target: u32) -> bool {
        let alone = self.stands(target, ALONE);
        if alone {
            self.set(target, DONE);
        }
        alone
    }

    /// Keeps a run for those who need others too, and says who has all now.
    pub(super) fn arrived(&self, targets: &Targets, subject: i64, touches: &Touches) -> Vec<Ready> {
        if subject < 0 {
            // A record that something regards directly needs two runs.
            targets.of(subject).filter(|target| self.stands(**target, ALONE)).for_each(|target| self.set(*target, WAITS));
        }
        if !targets.of(subject).any(|target| self.stands(*target, WAITS)) {
            return Vec::new();
        }
        let run = Arc::new(touches.clone());
        let mut inside = self.inside();
        let waits: Vec<u32> = targets.of(subject).filter(|target| self.waits(&inside, **target)).copied().collect();
        if waits.is_empty() {
            return Vec::new();
        }
        let bytes = run.bytes();
        inside.bytes += bytes;
        inside.runs.insert(subject, Kept { run, bytes, users: waits.len() as u32 });
        let mut ready = Vec::new();
        for target in waits.into_iter().filter(|_| subject > 0) {
            inside.missing[target as usize] -= 1;
            if inside.missing[target as usize] == 0 {
                ready.push(self.take(&mut inside, targets, target));
            }
        }
        while inside.bytes > self.bytes_max && inside.pass.len() > 1 {
            self.leave_half(&mut inside, targets);
        }
        ready
    }

    fn waits(&self, inside: &Inside, target: u32) -> bool {
        inside.pass.contains(&target) && self.stands(target, WAITS)
    }

    /// What there is of a target, which is folded with it.
    fn take(&self, inside: &mut Inside, targets: &Targets, target: u32) -> Ready {
        self.set(target, DONE);
        Ready { target, runs: targets.subjects(target).filter_map(|subject| Some((subject, inside.let_go(subject)?))).collect() }
    }

    /// Leaves the later half of the targets to another pass.
    fn leave_half(&self, inside: &mut Inside, targets: &Targets) {
        let end = inside.pass.end;
        let half = inside.pass.start + inside.pass.len() as u32 / 2;
        for target in (half..end).filter(|target| self.stands(*target, WAITS)) {
            for subject in targets.subjects(target) {
                inside.let_go(subject);
            }
            inside.missing[target as usize] = targets.addresses(target).len() as u32;
        }
        inside.pass.end = half;
    }

    /// At the end of a pass: everybody of it who still waits, with what there is. People of whom nothing external came are left out.
    pub(super) fn rest(&self, targets: &Targets, view: &View) -> Vec<Ready> {
        let mut inside = self.inside();
        let is_theirs = |subject: i64| view.directory.address(AddressId(subject as u32)).side == Side::Theirs;
        let mut rest = Vec::new();
        for target in inside.pass.clone().filter(|target| !self.stands(*target, DONE)) {
            let ready = self.take(&mut inside, targets, target);
            let is_met = match targets.what(target) {
                Target::Record(_) => true,
                Target::Person(_) => ready.runs.iter().any(|(subject, _)| is_theirs(*subject)),
            };
            if is_met {
                rest.push(ready);
            }
        }
        rest
    }

    /// Makes ready for another pass; false if nobody was left to one.
    pub(super) fn begin_another(&self) -> bool {
        let mut inside = self.inside();
        inside.pass = inside.pass.end..self.standings.len() as u32;
        !inside.pass.is_empty()
    }
}

impl Inside {
    /// A kept run, for one of those who wait with it; the last of them takes it away.
    fn let_go(&mut self, subject: i64) -> Option<Arc<Touches>> {
        let kept = self.runs.get_mut(&subject)?;
        kept.users -= 1;
        if kept.users > 0 {
            return Some(kept.run.clone());
        }
        self.bytes -= kept.bytes;
        self.runs.remove(&subject).map(|kept| kept.run)
    }
}
