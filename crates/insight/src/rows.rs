//! A record's rows, read once: what KPIs and health both fold.

use std::cmp::Ordering;

use rapport_domain::{AddressId, Moment, Side, Touches};

use crate::{Context, Internal, RecordScope, scope};

/// Which rows belong to a record, as of a moment. Keeps its memory between records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// Rows that belong to the record and are completed, in time order.
    pub(crate) completed: Vec<u32>,
    /// The local day of each of these: days since 1970.
    pub(crate) days: Vec<i32>,
    /// The row of the next interaction: the earliest that is scheduled; of equal moments the smallest identity.
    pub(crate) next: Option<usize>,
    /// Whether an activity is open or scheduled.
    pub(crate) pending: bool,
    /// Of all rows: whether they belong to the record.
    belong: Vec<bool>,
    /// Rows that belong to the record and are not completed, in time order.
    ahead: Vec<u32>,
    known_before: Vec<Known>,
}

/// Numbers of participants: of ours in the lower half, of the record's external people in the upper half.
type Known = u64;

impl Rows {
    /// Reads the rows of one record. `touches` are sorted and hold at least all that belongs to it.
    pub(crate) fn read(&mut self, ctx: &Context<'_>, record: &RecordScope, touches: &Touches) {
        self.belong.clear();
        match (&record.internal, record.external.as_slice()) {
            // Nearly all records: somebody known to any of us, by an address and the reference of their record.
            (Internal::Any, [one]) => self.find_known(record, touches, [*one; 2]),
            (Internal::Any, [one, two]) => self.find_known(record, touches, [*one, *two]),
            _ => self.belong.extend((0..touches.len()).map(|i| scope::belongs(record, touches, i, ctx.directory))),
        }
        self.part(ctx, touches);
        let mut days = ctx.calendar.cursor();
        self.days.clear();
        self.days.extend(self.completed.iter().map(|row| days.day_of(Moment(touches.at_us[*row as usize])).0));
        self.look_ahead(ctx, touches);
    }

    /// Finds the rows of somebody with one or two addresses whom any of us may know. Without a branch that depends on the rows: nothing
    /// foretells who takes part in them.
    fn find_known(&mut self, record: &RecordScope, touches: &Touches, theirs: [AddressId; 2]) {
        let mut known: Known = 0;
        self.known_before.clear();
        self.known_before.push(0);
        self.known_before.extend(touches.participants.iter().map(|seen| {
            let is_theirs = (seen.side == Side::Theirs) & ((seen.address == theirs[0]) | (seen.address == theirs[1]));
            known += Known::from(seen.side == Side::Ours) | Known::from(is_theirs) << 32;
            known
        }));
        let mut before = 0;
        self.belong.extend(touches.participants_end.iter().enumerate().map(|(i, end)| {
            let up_to_here = self.known_before[*end as usize];
            let known = up_to_here - before;
            before = up_to_here;
            let is_between = (known as u32 != 0) & (known >> 32 != 0);
            scope::regards(record, touches, i) | (is_between & scope::counts_by_participants(record, touches, i))
        }));
    }

    /// Parts the rows that belong to the record into those that are completed and those that are not.
    fn part(&mut self, ctx: &Context<'_>, touches: &Touches) {
        let Self { completed, ahead, belong, .. } = self;
        completed.resize(touches.len(), 0);
        ahead.resize(touches.len(), 0);
        let (mut completed_len, mut ahead_len) = (0, 0);
        for (i, belongs) in belong.iter().enumerate() {
            let is_completed = scope::is_completed(touches, i, ctx.as_of);
            // Each row is written to both; what does not stay is written over.
            (completed[completed_len], ahead[ahead_len]) = (i as u32, i as u32);
            completed_len += usize::from(belongs & is_completed);
            ahead_len += usize::from(belongs & !is_completed);
        }
        completed.truncate(completed_len);
        ahead.truncate(ahead_len);
    }

    fn look_ahead(&mut self, ctx: &Context<'_>, touches: &Touches) {
        (self.next, self.pending) = (None, false);
        for i in self.ahead.iter().map(|row| *row as usize) {
            self.pending |= scope::is_pending(touches, i, ctx.as_of);
            if scope::is_scheduled(touches, i, ctx.as_of) {
                // Rows ascend by moment, so only an equal moment can still be earlier.
                let earlier = self.next.is_none_or(|first| {
                    touches.at_us[i] == touches.at_us[first]
                        && scope::identity_order(touches, ctx.directory, i, first) == Ordering::Less
                });
                self.next = if earlier { Some(i) } else { self.next };
            }
        }
    }
}
