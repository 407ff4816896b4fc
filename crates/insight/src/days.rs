//! A record's interactions as active days: what health reads.

use rapport_domain::{Direction, Kind, Side, Touches};

use crate::{
    Context, Contribution, RecordScope,
    memory::{self, ENGAGEMENT_AGE_MAX_DAYS, Kernel, MEMORY_AGE_MAX_DAYS},
    scope,
};

/// A local day with at least one interaction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ActiveDay {
    /// Days since 1970.
    pub(crate) day: i32,
    /// Kind of the heaviest interaction.
    pub(crate) kind: Kind,
    /// Day weight.
    pub(crate) weight: f64,
    /// Whether we initiated something.
    pub(crate) outgoing: bool,
    /// Whether they did.
    pub(crate) incoming: bool,
}

/// Which of two equally heavy kinds a day shows: meeting, phone call, email, task (03, "Score").
pub(crate) fn kind_rank(kind: Kind) -> u8 {
    match kind {
        Kind::Meeting => 3,
        Kind::PhoneCall => 2,
        Kind::Email => 1,
        Kind::Task => 0,
    }
}

/// All active days of a record up to `as_of`, ascending, at any age. Keeps its memory between records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Days {
    pub(crate) days: Vec<ActiveDay>,
    /// Whether an activity is open or scheduled.
    pub(crate) pending: bool,
}

impl Days {
    /// Reads the rows that belong to the record.
    pub(crate) fn read(&mut self, ctx: &Context<'_>, scope: &RecordScope, touches: &Touches) {
        self.days.clear();
        self.pending = false;
        for i in 0..touches.len() {
            if !scope::belongs(scope, touches, i, ctx.directory) {
                continue;
            }
            if scope::is_completed(touches, i, ctx.as_of) {
                self.add(ctx, touches, i);
            } else {
                self.pending = self.pending || scope::is_pending(touches, i, ctx.as_of);
            }
        }
    }

    fn add(&mut self, ctx: &Context<'_>, touches: &Touches, i: usize) {
        let day = ctx.calendar.day_of(rapport_domain::Moment(touches.at_us[i])).0;
        let kind = touches.kind[i];
        let both = kind == Kind::Meeting && both_sides_present(touches, i);
        let outgoing = both || touches.direction[i] == Direction::Outgoing;
        let incoming = both || touches.direction[i] == Direction::Incoming;
        let weight = ctx.settings.influence_of(kind);
        match self.days.last_mut() {
            Some(last) if last.day == day => {
                if weight > last.weight || (weight >= last.weight && kind_rank(kind) > kind_rank(last.kind)) {
                    (last.weight, last.kind) = (weight, kind);
                }
                last.outgoing |= outgoing;
                last.incoming |= incoming;
            }
            _ => self.days.push(ActiveDay { day, kind, weight, outgoing, incoming }),
        }
    }
}

fn both_sides_present(touches: &Touches, i: usize) -> bool {
    let participants = touches.participants_of(i);
    participants.iter().any(|seen| seen.side == Side::Ours) && participants.iter().any(|seen| seen.side == Side::Theirs)
}

/// Memory, expectation and engagement as of one day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measure {
    pub(crate) memory: f64,
    pub(crate) expectation: f64,
    pub(crate) engagement: f64,
    /// Active days at ages 0..730.
    pub(crate) active_days: u32,
}

impl Measure {
    /// The unrounded score.
    pub(crate) fn score(&self) -> f64 {
        memory::score(self.engagement, self.memory, self.expectation)
    }
}

/// Measures the days up to `today`; later ones are ignored.
pub(crate) fn measure(days: &[ActiveDay], today: i32, kernel: &Kernel) -> Measure {
    let known = &days[..days.partition_point(|active| active.day <= today)];
    let (mut memory, mut active_days) = (0.0, 0);
    let (mut recent, mut days_out, mut days_in) = (0, 0, 0);
    for active in known.iter().rev() {
        let age_days = today - active.day;
        if age_days > MEMORY_AGE_MAX_DAYS {
            break;
        }
        memory += kernel.value(active.weight, age_days);
        active_days += 1;
        if age_days <= ENGAGEMENT_AGE_MAX_DAYS {
            recent += 1;
            days_out += u32::from(active.outgoing);
            days_in += u32::from(active.incoming);
        }
    }
    let first_age_days = known.first().map_or(0, |first| today - first.day);
    Measure {
        memory,
        expectation: kernel.expectation(first_age_days),
        engagement: memory::engagement(recent, days_out, days_in),
        active_days,
    }
}

/// Days at ages 0..730 with their age, by ascending age.
pub(crate) fn by_age(days: &[ActiveDay], today: i32) -> impl Iterator<Item = (i32, &ActiveDay)> {
    let with_age = days.iter().rev().map(move |active| (today - active.day, active));
    with_age.skip_while(|(age, _)| *age < 0).take_while(|(age, _)| *age <= MEMORY_AGE_MAX_DAYS)
}

/// The explanation of the memory: one contribution a day, by ascending age.
pub(crate) fn contributions(days: &[ActiveDay], today: i32, kernel: &Kernel) -> Vec<Contribution> {
    by_age(days, today)
        .map(|(age, active)| Contribution {
            day: rapport_domain::Day(active.day),
            kind: active.kind,
            age_days: age as u32,
            weight: active.weight,
            value: kernel.value(active.weight, age),
        })
        .collect()
}
