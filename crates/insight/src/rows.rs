//! A record's rows, read once: what KPIs and health both fold.

use std::cmp::Ordering;

use rapport_domain::{Moment, Touches};

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
}

impl Rows {
    /// Reads the rows of one record. `touches` are sorted and hold at least all that belongs to it.
    pub(crate) fn read(&mut self, ctx: &Context<'_>, record: &RecordScope, touches: &Touches) {
        let one_or_two = match record.external.as_slice() {
            [one] => Some([*one; 2]),
            [one, two] => Some([*one, *two]),
            _ => None,
        };
        match (&record.internal, one_or_two) {
            // Nearly all records: somebody known to any of us, by an address and the reference of their record.
            (Internal::Any, Some(known)) => self.read_where(ctx, touches, |i| {
                let is_theirs = |seen| known[0] == seen || known[1] == seen;
                scope::belongs_if(record, touches, i, || scope::is_between(touches, i, |_| true, is_theirs))
            }),
            _ => self.read_where(ctx, touches, |i| scope::belongs(record, touches, i, ctx.directory)),
        }
    }

    fn read_where(&mut self, ctx: &Context<'_>, touches: &Touches, belongs: impl Fn(usize) -> bool) {
        self.completed.clear();
        self.days.clear();
        (self.next, self.pending) = (None, false);
        let mut days = ctx.calendar.cursor();
        for i in 0..touches.len() {
            if !belongs(i) {
                continue;
            }
            if scope::is_completed(touches, i, ctx.as_of) {
                self.completed.push(i as u32);
                self.days.push(days.day_of(Moment(touches.at_us[i])).0);
            } else {
                self.note_ahead(ctx, touches, i);
            }
        }
    }

    /// Row `i`, which is not completed.
    fn note_ahead(&mut self, ctx: &Context<'_>, touches: &Touches, i: usize) {
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
