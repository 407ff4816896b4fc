//! What is known of a person over the whole time: their active days with all of us, and with each colleague.

use rapport_domain::{AddressId, Direction, Kind, PersonId, Table, Touches, UserId};

use crate::{
    Context, RecordScope,
    days::{ActiveDay, Days, kind_rank},
    hits::Encounters,
    index::Index,
    pairs::{Hit, PairDay},
    rows::Rows,
    scope,
};

/// A local day of a relationship.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistoryDay {
    /// Days since 1970.
    pub day: i32,
    /// The smallest number that an interaction was shared with, at least 1; a record's day: 1.
    pub shared: u16,
    /// Interactions that we initiated.
    pub sent: u16,
    /// Interactions that they initiated.
    pub received: u16,
    /// Whether we mailed.
    pub we_mailed: bool,
    /// Whether they mailed.
    pub they_mailed: bool,
    /// Whether the first mail of the day is ours.
    pub first_mail_is_ours: bool,
    /// Kind of the heaviest interaction.
    pub kind: Kind,
    /// Whether we initiated something, or met.
    pub outgoing: bool,
    /// Whether they did, or met.
    pub incoming: bool,
}

/// A person's active days, each relationship's ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonHistory {
    /// The person.
    pub person: u32,
    days: Vec<HistoryDay>,
    /// End of the days with all of us.
    record_end: u32,
    /// Colleagues, ascending, with the end of their days.
    pairs: Vec<(UserId, u32)>,
}

impl Default for HistoryDay {
    fn default() -> Self {
        Self {
            day: 0,
            shared: 1,
            sent: 0,
            received: 0,
            we_mailed: false,
            they_mailed: false,
            first_mail_is_ours: false,
            kind: Kind::Email,
            outgoing: false,
            incoming: false,
        }
    }
}

impl PersonHistory {
    /// A history that is known by other means: days with all of us, and with each colleague.
    pub fn new(person: PersonId, record: Vec<HistoryDay>, pairs: impl IntoIterator<Item = (UserId, Vec<HistoryDay>)>) -> Self {
        let mut history = Self { person: person.0, record_end: record.len() as u32, days: record, pairs: Vec::new() };
        for (user, days) in pairs {
            history.days.extend(days);
            history.pairs.push((user, history.days.len() as u32));
        }
        history.days.shrink_to_fit();
        history
    }

    /// Forgets pairs of colleagues of whom nothing may be said.
    pub fn retain_pairs(&mut self, may_be_told: impl Fn(UserId) -> bool) {
        if self.pairs.iter().any(|(user, _)| !may_be_told(*user)) {
            let kept: Vec<_> =
                self.pairs().filter(|(user, _)| may_be_told(*user)).map(|(user, days)| (user, days.to_vec())).collect();
            *self = Self::new(PersonId(self.person), self.record().to_vec(), kept);
        }
    }

    /// The active days with all of us.
    pub fn record(&self) -> &[HistoryDay] {
        &self.days[..self.record_end as usize]
    }

    /// Each colleague with the active days of the pair.
    pub fn pairs(&self) -> impl Iterator<Item = (UserId, &[HistoryDay])> {
        let starts = std::iter::once(self.record_end).chain(self.pairs.iter().map(|pair| pair.1));
        self.pairs.iter().zip(starts).map(|((user, end), start)| (*user, &self.days[start as usize..*end as usize]))
    }
}

impl HistoryDay {
    /// The interactions of the day.
    pub fn interactions(&self) -> u32 {
        u32::from(self.sent) + u32::from(self.received)
    }

    fn of_hit(hit: &Hit) -> Self {
        let (both, is_mail) = (hit.kind == Kind::Meeting, hit.kind == Kind::Email); // a meeting counts for both sides
        Self {
            day: hit.day,
            shared: hit.shared.min(u16::MAX.into()) as u16,
            sent: u16::from(hit.outgoing),
            received: u16::from(!hit.outgoing),
            we_mailed: is_mail && hit.outgoing,
            they_mailed: is_mail && !hit.outgoing,
            first_mail_is_ours: is_mail && hit.outgoing,
            kind: hit.kind,
            outgoing: both || hit.outgoing,
            incoming: both || hit.incoming,
        }
    }

    /// Whether they mailed after we had: on a day of which only the first mail's side is known.
    pub(super) fn is_answered_at_once(&self) -> bool {
        self.first_mail_is_ours && self.they_mailed
    }

    /// Adds an earlier interaction of the day.
    fn merge_earlier(&mut self, other: &Self) {
        if other.we_mailed || other.they_mailed {
            self.first_mail_is_ours = other.we_mailed;
        }
        self.we_mailed |= other.we_mailed;
        self.they_mailed |= other.they_mailed;
        if (other.shared, std::cmp::Reverse(kind_rank(other.kind))) < (self.shared, std::cmp::Reverse(kind_rank(self.kind))) {
            (self.shared, self.kind) = (other.shared, other.kind);
        }
        self.sent = self.sent.saturating_add(other.sent);
        self.received = self.received.saturating_add(other.received);
        self.outgoing |= other.outgoing;
        self.incoming |= other.incoming;
    }

    /// What health reads of it.
    pub(super) fn active_day(&self, ctx: &Context<'_>) -> ActiveDay {
        let weight = ctx.settings.influence_of(self.kind);
        ActiveDay { day: self.day, kind: self.kind, weight, outgoing: self.outgoing, incoming: self.incoming }
    }

    /// What ties read of it.
    pub(super) fn pair_day(&self) -> PairDay {
        PairDay {
            day: self.day,
            shared: self.shared.into(),
            kind: self.kind,
            outgoing: self.outgoing,
            incoming: self.incoming,
            basic: 0,
            basic_meeting: false,
        }
    }
}

/// Folds people to their histories, one after the other, with the same buffers.
#[derive(Clone, Debug, Default)]
pub struct HistoryFolder {
    rows: Rows,
    days: Days,
    encounters: Encounters,
    /// Positions in `open` by user.
    index: Index,
    /// Each colleague with the row that came last and its day.
    open: Vec<(UserId, u32, HistoryDay)>,
    /// Days that are over.
    over: Vec<(UserId, HistoryDay)>,
}

impl HistoryFolder {
    /// Everything up to `as_of` of a person, of whom these are all addresses, ascending and distinct; `None` where nothing happened.
    ///
    /// `touches` are sorted and hold at least the person's interactions. Colleagues who opted out have no part in it.
    pub fn fold(
        &mut self,
        ctx: &Context<'_>,
        person: PersonId,
        target: &[AddressId],
        touches: &Touches,
    ) -> Option<PersonHistory> {
        let record = self.record(ctx, target, touches);
        if record.is_empty() {
            return None;
        }
        self.read_pairs(ctx, target, touches);
        let mut pairs: Vec<(UserId, Vec<HistoryDay>)> = Vec::with_capacity(self.open.len());
        for (user, day) in &self.over {
            match pairs.last_mut().filter(|(last, _)| last == user) {
                Some((_, days)) => days.push(*day),
                None => pairs.push((*user, vec![*day])),
            }
        }
        Some(PersonHistory::new(person, record, pairs))
    }

    fn record(&mut self, ctx: &Context<'_>, target: &[AddressId], touches: &Touches) -> Vec<HistoryDay> {
        let record = RecordScope::of_addresses(0, Table::Contacts, target.to_vec());
        self.rows.read(ctx, &record, touches);
        self.days.read(ctx, touches, &self.rows);
        let mut rows = self.rows.completed.iter().zip(&self.rows.days).peekable();
        let of_day = |active: &ActiveDay| {
            let &ActiveDay { day, kind, outgoing, incoming, .. } = active;
            let mut of_day = HistoryDay { day, kind, outgoing, incoming, ..HistoryDay::default() };
            while let Some((row, _)) = rows.next_if(|(_, day)| **day == active.day) {
                let is_ours = touches.direction[*row as usize] == Direction::Outgoing;
                let count = if is_ours { &mut of_day.sent } else { &mut of_day.received };
                *count = count.saturating_add(1);
                if touches.kind[*row as usize] == Kind::Email {
                    of_day.first_mail_is_ours |= is_ours && !of_day.they_mailed;
                    of_day.we_mailed |= is_ours;
                    of_day.they_mailed |= !is_ours;
                }
            }
            of_day
        };
        self.days.days.iter().map(of_day).collect()
    }

    /// Leaves each colleague's days in `over`, ascending.
    fn read_pairs(&mut self, ctx: &Context<'_>, target: &[AddressId], touches: &Touches) {
        self.index.clear();
        self.open.clear();
        self.over.clear();
        let mut days = ctx.calendar.cursor();
        for met in self.encounters.read(ctx, touches, |seen| scope::contains(target, seen.address)) {
            let user = ctx.directory.address(met.ours).user.filter(|user| !ctx.directory.user(*user).opted_out);
            let Some(user) = user else { continue };
            let new = self.open.len() as u32;
            let position = *self.index.position_or(user.0.into(), new);
            let day = HistoryDay::of_hit(&met.hit(touches, &mut days));
            match self.open.get_mut(position as usize) {
                None => self.open.push((user, met.row, day)),
                // Two addresses of theirs on one row.
                Some((_, last, _)) if *last == met.row => {}
                Some((_, last, open)) => {
                    *last = met.row;
                    if open.day == day.day {
                        open.merge_earlier(&day);
                    } else {
                        self.over.push((user, std::mem::replace(open, day)));
                    }
                }
            }
        }
        self.over.extend(self.open.iter().map(|(user, _, day)| (*user, *day)));
        self.over.sort_unstable_by_key(|(user, day)| (*user, day.day));
    }
}
