//! The kernel of ties over pairs: who met the target when, sharing the interaction with how many; and what each pair's figures are (04).

use std::cmp::Reverse;

use rapport_domain::{AddressId, Day, Kind, Moment, Role, Seen, Side};

use crate::{
    Context, Contribution, Data,
    days::kind_rank,
    memory::{self, ENGAGEMENT_AGE_MAX_DAYS, Kernel, MEMORY_AGE_MAX_DAYS},
    round_half_up,
    ties::{Grade, TieFigures},
};

/// Frequency of the tie kernel in days: ties of different organizations stay comparable (04, "Strength").
pub const TIE_FREQUENCY_DAYS: u32 = 7;
/// Expectation of every tie: a year of weekly contact, rounded (decision 22).
pub const TIE_EXPECTATION: f64 = 4.557;
/// Interactions that lift the basic strength half of the way to 100 (04, end).
const BASIC_HALF: f64 = 12.0;

/// One interaction of one pair. `key` is the user, or the person in between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) key: u32,
    pub(crate) day: i32,
    pub(crate) at_us: i64,
    /// With how many it was shared, at least 1.
    pub(crate) shared: u32,
    pub(crate) kind: Kind,
    /// Whether the near side (the key) initiated it.
    pub(crate) outgoing: bool,
    /// Whether the far side (the target) initiated it.
    pub(crate) incoming: bool,
    /// Whether it was seen in the CRM.
    pub(crate) crm: bool,
}

/// A local day of a pair.
#[derive(Clone, Copy, Debug)]
struct PairDay {
    day: i32,
    /// The smallest number that an interaction was shared with: both `1 / sqrt(k)` and `1 / k` are largest there.
    shared: u32,
    /// Kind of an interaction that was shared with so few.
    kind: Kind,
    outgoing: bool,
    incoming: bool,
    /// Emails and meetings seen in the CRM.
    basic: u32,
    /// Whether a meeting is among these.
    basic_meeting: bool,
}

/// One pair's figures and where its days are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) key: u32,
    pub(crate) figures: TieFigures,
    first_day: u32,
    end_day: u32,
}

/// Collects hits of one target and folds them pair by pair. Keeps its memory between targets.
#[derive(Clone, Debug)]
pub(crate) struct Pairs {
    kernel: Kernel,
    hits: Vec<Hit>,
    days: Vec<PairDay>,
    pub(crate) ranked: Vec<Pair>,
}

impl Default for Pairs {
    fn default() -> Self {
        Self { kernel: Kernel::of(TIE_FREQUENCY_DAYS), hits: Vec::new(), days: Vec::new(), ranked: Vec::new() }
    }
}

impl Pairs {
    /// Forgets the last target.
    pub(crate) fn clear(&mut self) {
        self.hits.clear();
        self.days.clear();
        self.ranked.clear();
    }

    /// Number of hits so far: where the next row's begin.
    pub(crate) fn mark(&self) -> usize {
        self.hits.len()
    }

    /// Adds a hit of the row whose hits begin at `mark`; the same key twice on one row is one hit.
    pub(crate) fn add(&mut self, mark: usize, hit: Hit) {
        match self.hits[mark..].iter_mut().find(|known| known.key == hit.key) {
            Some(known) => {
                known.outgoing |= hit.outgoing;
                known.incoming |= hit.incoming;
            }
            None => self.hits.push(hit),
        }
    }

    /// Folds the hits; pairs without an active day at ages 0..730 are left out. Strongest first, then the more recent, then by `address`.
    pub(crate) fn fold<'a>(&mut self, ctx: &Context<'_>, address: impl Fn(u32) -> &'a str) {
        self.hits.sort_unstable_by_key(|hit| (hit.key, hit.at_us));
        let today = ctx.today().0;
        let hits = std::mem::take(&mut self.hits);
        for of_key in hits.chunk_by(|a, b| a.key == b.key) {
            if today - of_key[of_key.len() - 1].day <= MEMORY_AGE_MAX_DAYS {
                self.fold_pair(ctx, today, of_key);
            }
        }
        self.hits = hits;
        self.ranked.sort_unstable_by(|a, b| {
            let rank = |pair: &Pair| (Reverse(pair.figures.strength), Reverse(pair.figures.last_at));
            rank(a).cmp(&rank(b)).then_with(|| address(a.key).cmp(address(b.key)))
        });
    }

    fn fold_pair(&mut self, ctx: &Context<'_>, today: i32, hits: &[Hit]) {
        let first_day = self.days.len();
        let mut counts = Counts::default();
        for hit in hits.iter().filter(|hit| today - hit.day <= MEMORY_AGE_MAX_DAYS) {
            counts.add(hit);
            let new = PairDay::of(hit);
            match self.days[first_day..].last_mut() {
                Some(last) if last.day == hit.day => last.merge(&new),
                _ => self.days.push(new),
            }
        }
        let sums = Sums::of(&self.days[first_day..], today, &self.kernel);
        let basic = ctx.data == Data::Crm;
        let engagement = memory::engagement(sums.recent, sums.recent_out, sums.recent_in);
        let strength = round_half_up(if basic {
            100.0 * (1.0 - (-f64::from(sums.basic) / BASIC_HALF).exp2())
        } else {
            memory::score(engagement, sums.strength, TIE_EXPECTATION)
        });
        let one_way = sums.recent_out.min(sums.recent_in) == 0;
        let figures = TieFigures {
            strength,
            grade: if one_way && !basic { Grade::Weak } else { grade(ctx, strength) },
            activity: memory::score(1.0, sums.active, TIE_EXPECTATION),
            directness: memory::score(1.0, sums.direct, TIE_EXPECTATION),
            mutuality: memory::score(1.0, (sums.active_out * sums.active_in).sqrt(), TIE_EXPECTATION),
            likelihood_30d: ctx.likelihood.probability(sums.decayed, (today - hits[hits.len() - 1].day) as u32),
            interactions: counts.emails + counts.meetings + counts.phone_calls,
            emails: counts.emails,
            meetings: counts.meetings,
            phone_calls: counts.phone_calls,
            initiated_by_us: counts.outgoing,
            initiated_by_them: counts.incoming,
            active_days: (self.days.len() - first_day) as u32,
            first_at: Moment(hits[0].at_us),
            last_at: Moment(hits[hits.len() - 1].at_us),
            memory: if basic { f64::from(sums.basic) } else { sums.strength },
            engagement,
        };
        self.ranked.push(Pair { key: hits[0].key, figures, first_day: first_day as u32, end_day: self.days.len() as u32 });
    }

    /// What explains a pair of the last fold, by ascending age.
    pub(crate) fn contributions(&self, ctx: &Context<'_>, pair: &Pair) -> Vec<Contribution> {
        let today = ctx.today().0;
        let days = self.days[pair.first_day as usize..pair.end_day as usize].iter().rev();
        let contributions: Vec<Contribution> = if ctx.data == Data::Crm {
            let counted = days.filter(|day| day.basic > 0 && today - day.day <= ENGAGEMENT_AGE_MAX_DAYS);
            counted
                .map(|day| {
                    let kind = if day.basic_meeting { Kind::Meeting } else { Kind::Email };
                    contribution(day, kind, today, f64::from(day.basic), f64::from(day.basic))
                })
                .collect()
        } else {
            let weighed = days.map(|day| (day, 1.0 / f64::from(day.shared).sqrt()));
            weighed
                .map(|(day, weight)| contribution(day, day.kind, today, weight, self.kernel.value(weight, today - day.day)))
                .collect()
        };
        let sum = contributions.iter().fold(0.0, |sum, contribution| sum + contribution.value);
        assert!(pair.figures.memory.to_bits() == f64::to_bits(sum), "contributions add up to the memory");
        contributions
    }
}

fn contribution(day: &PairDay, kind: Kind, today: i32, weight: f64, value: f64) -> Contribution {
    Contribution { day: Day(day.day), kind, age_days: (today - day.day) as u32, weight, value }
}

fn grade(ctx: &Context<'_>, strength: u32) -> Grade {
    if strength >= ctx.settings.strong_min {
        Grade::Strong
    } else if strength >= ctx.settings.medium_min {
        Grade::Medium
    } else {
        Grade::Weak
    }
}

impl PairDay {
    fn of(hit: &Hit) -> Self {
        let both = hit.kind == Kind::Meeting; // a meeting counts for both sides
        let basic = hit.crm && matches!(hit.kind, Kind::Email | Kind::Meeting);
        Self {
            day: hit.day,
            shared: hit.shared,
            kind: hit.kind,
            outgoing: both || hit.outgoing,
            incoming: both || hit.incoming,
            basic: u32::from(basic),
            basic_meeting: basic && both,
        }
    }

    fn merge(&mut self, other: &Self) {
        let heavier = (Reverse(other.shared), kind_rank(other.kind)) > (Reverse(self.shared), kind_rank(self.kind));
        if heavier {
            (self.shared, self.kind) = (other.shared, other.kind);
        }
        self.outgoing |= other.outgoing;
        self.incoming |= other.incoming;
        self.basic += other.basic;
        self.basic_meeting |= other.basic_meeting;
    }
}

#[derive(Default)]
struct Counts {
    emails: u32,
    meetings: u32,
    phone_calls: u32,
    outgoing: u32,
    incoming: u32,
}

impl Counts {
    fn add(&mut self, hit: &Hit) {
        self.emails += u32::from(hit.kind == Kind::Email);
        self.meetings += u32::from(hit.kind == Kind::Meeting);
        self.phone_calls += u32::from(hit.kind == Kind::PhoneCall);
        self.outgoing += u32::from(hit.outgoing);
        self.incoming += u32::from(hit.incoming);
    }
}

/// All sums of a pair, by ascending age, in one walk.
#[derive(Default)]
struct Sums {
    strength: f64,
    active: f64,
    direct: f64,
    active_out: f64,
    active_in: f64,
    decayed: f64,
    recent: u32,
    recent_out: u32,
    recent_in: u32,
    basic: u32,
}

impl Sums {
    /// `days` ascend and are all at ages 0..730.
    fn of(days: &[PairDay], today: i32, kernel: &Kernel) -> Self {
        let mut sums = Self::default();
        for day in days.iter().rev() {
            let age_days = today - day.day;
            let shared = f64::from(day.shared);
            let one = kernel.value(1.0, age_days);
            sums.strength += kernel.value(1.0 / shared.sqrt(), age_days);
            sums.active += one;
            sums.direct += kernel.value(1.0 / shared, age_days);
            sums.active_out += if day.outgoing { one } else { 0.0 };
            sums.active_in += if day.incoming { one } else { 0.0 };
            sums.decayed += memory::decay(age_days);
            if age_days <= ENGAGEMENT_AGE_MAX_DAYS {
                sums.recent += 1;
                sums.recent_out += u32::from(day.outgoing);
                sums.recent_in += u32::from(day.incoming);
                sums.basic += day.basic;
            }
        }
        sums
    }
}

/// How many an interaction was shared with (04, "Strength"), at least 1, in distinct addresses: a mail with those in to + cc on the side
/// opposite to the sender, a meeting with the larger side minus one, a call with one.
pub(crate) fn shared_with(kind: Kind, participants: &[Seen]) -> u32 {
    let count = match kind {
        Kind::Email => {
            let sender = participants.iter().find(|seen| seen.role.initiates()).map_or(Side::Ours, |seen| seen.side);
            distinct(participants, |seen| seen.side != sender && matches!(seen.role, Role::To | Role::Cc))
        }
        Kind::Meeting => {
            let ours = distinct(participants, |seen| seen.side == Side::Ours);
            let theirs = distinct(participants, |seen| seen.side == Side::Theirs);
            ours.max(theirs).saturating_sub(1)
        }
        Kind::PhoneCall | Kind::Task => 1,
    };
    count.max(1)
}

/// Number of distinct addresses among participants, which ascend by address.
fn distinct(participants: &[Seen], counts: impl Fn(&Seen) -> bool) -> u32 {
    let mut last = AddressId(0); // ids begin at 1
    let mut count = 0;
    for seen in participants.iter().filter(|seen| counts(seen)) {
        count += u32::from(seen.address != last);
        last = seen.address;
    }
    count
}
