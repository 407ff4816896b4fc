//! The kernel of ties over pairs: who met the target when, sharing the interaction with how many; and what each pair's figures are (04).

use std::cmp::Reverse;

use rapport_domain::{AddressId, Day, Kind, Model, Moment, Role, Seen, Side};

use crate::{
    Context, Contribution, Data,
    days::kind_rank,
    index::Index,
    memory::{self, ENGAGEMENT_AGE_MAX_DAYS, Kernel, MEMORY_AGE_MAX_DAYS, if_counted},
    round_half_up,
    ties::{Grade, TieFigures},
};

/// Interactions that lift the basic strength half of the way to 100 (04, end).
const BASIC_HALF: f64 = 12.0;

/// One interaction of one pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) at_us: i64,
    pub(crate) day: i32,
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
pub(crate) struct PairDay {
    pub(crate) day: i32,
    /// The smallest number that an interaction was shared with: both `1 / sqrt(k)` and `1 / k` are largest there.
    pub(crate) shared: u32,
    /// Kind of an interaction that was shared with so few.
    pub(crate) kind: Kind,
    pub(crate) outgoing: bool,
    pub(crate) incoming: bool,
    /// Emails and meetings seen in the CRM.
    pub(crate) basic: u32,
    /// Whether a meeting is among these.
    pub(crate) basic_meeting: bool,
}

/// One pair's figures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) key: u32,
    pub(crate) figures: TieFigures,
    /// Its position among the pairs of the target.
    position: u32,
}

/// What decides the place of a pair.
#[derive(Clone, Copy, Debug)]
struct Rank {
    strength: f64,
    last_at: Moment,
    /// Of the pair among the active ones.
    position: u32,
}

/// What is known of one pair so far.
#[derive(Clone, Copy, Debug)]
struct Known {
    key: u32,
    /// The row of the hit that came last.
    row: u32,
    last_at_us: i64,
    first_at_us: i64,
    last_day: i32,
    counts: Counts,
    /// The day of the hit that came last: an earlier one may still add to it. [`PairDay::NONE`] until one came at ages 0..730.
    day: PairDay,
    /// Days that are over.
    sums: Sums,
}

/// Collects the hits of one target, youngest first, and folds them pair by pair as they come: each sum runs by ascending age. Keeps its
/// memory between targets.
#[derive(Clone, Debug)]
pub(crate) struct Pairs {
    kernel: Kernel,
    today: i32,
    /// Positions in `known` by key: the user, or the person in between.
    index: Index,
    known: Vec<Known>,
    /// Whether the days are kept that explain figures.
    keeps_days: bool,
    /// Days of all pairs at ages 0..730 with the pair's position, each pair's by ascending age.
    days: Vec<(u32, PairDay)>,
    /// Pairs with an active day at ages 0..730.
    active: Vec<Pair>,
    /// In which order these rank: figures are too large to be moved while sorting.
    ranks: Vec<Rank>,
}

impl Default for Pairs {
    fn default() -> Self {
        Self {
            kernel: Kernel::of_ties(Model::default()),
            today: 0,
            index: Index::default(),
            known: Vec::new(),
            keeps_days: false,
            days: Vec::new(),
            active: Vec::new(),
            ranks: Vec::new(),
        }
    }
}

impl Pairs {
    /// Forgets the last target and begins another.
    pub(crate) fn begin(&mut self, ctx: &Context<'_>, keeps_days: bool) {
        if self.kernel.model() != ctx.settings.model {
            self.kernel = Kernel::of_ties(ctx.settings.model);
        }
        self.today = ctx.today().0;
        self.keeps_days = keeps_days;
        self.index.clear();
        self.known.clear();
        self.days.clear();
        self.active.clear();
        self.ranks.clear();
    }

    /// The position of a key's pair, made where it is new.
    pub(crate) fn pair_of(&mut self, key: u32) -> u32 {
        let new = self.known.len() as u32;
        let position = *self.index.position_or(key.into(), new);
        if position == new {
            self.known.push(Known::new(key));
        }
        position
    }

    /// Adds a hit of a row; the same pair twice on one row is one hit. Rows come by descending moment.
    #[expect(clippy::inline_always, reason = "once a touch, passing the hit through memory is a tenth of the work")]
    #[inline(always)]
    pub(crate) fn add(&mut self, row: u32, pair: u32, hit: &Hit) {
        let known = &mut self.known[pair as usize];
        if known.row == row {
            return;
        }
        if known.row == NO_ROW {
            (known.last_at_us, known.last_day) = (hit.at_us, hit.day);
        }
        (known.row, known.first_at_us) = (row, hit.at_us);
        if self.today - hit.day > MEMORY_AGE_MAX_DAYS {
            return;
        }
        known.counts.add(hit);
        let new = PairDay::of(hit);
        if known.day.day == hit.day {
            known.day.merge(&new);
            return;
        }
        let over = std::mem::replace(&mut known.day, new);
        if over.day != PairDay::NONE.day {
            known.sums.add(&over, self.today, &self.kernel);
            if self.keeps_days {
                self.days.push((pair, over));
            }
        }
    }

    /// Folds the hits; pairs without an active day at ages 0..730 are left out. [`Self::ranked`] says them: strongest first, then the more
    /// recent, then by `address`.
    pub(crate) fn fold<'a>(&mut self, ctx: &Context<'_>, address: impl Fn(u32) -> &'a str) {
        // `v1` ranks by what it shows, and so does the basic strength, which is the same in every model.
        let is_rounded = ctx.data == Data::Crm || ctx.settings.model == Model::V1;
        for (position, known) in (0..).zip(&mut self.known) {
            if known.day.day != PairDay::NONE.day {
                known.sums.add(&known.day, self.today, &self.kernel);
                if self.keeps_days {
                    self.days.push((position, known.day));
                }
                let figures = known.figures(ctx, self.today, &self.kernel);
                let strength = if is_rounded { f64::from(figures.strength) } else { figures.strength_exact };
                self.ranks.push(Rank { strength, last_at: figures.last_at, position: self.active.len() as u32 });
                self.active.push(Pair { key: known.key, figures, position });
            }
        }
        let key = |rank: &Rank| self.active[rank.position as usize].key;
        self.ranks.sort_unstable_by(|a, b| {
            let by_strength = b.strength.total_cmp(&a.strength).then_with(|| b.last_at.cmp(&a.last_at));
            by_strength.then_with(|| address(key(a)).cmp(address(key(b))))
        });
    }

    /// The pairs of the last fold, as they rank.
    pub(crate) fn ranked(&self) -> impl Iterator<Item = &Pair> {
        self.ranks.iter().map(|rank| &self.active[rank.position as usize])
    }

    /// Pair `i` of the last fold.
    pub(crate) fn ranked_at(&self, i: usize) -> &Pair {
        &self.active[self.ranks[i].position as usize]
    }

    /// What explains a pair of the last fold, whose days were kept, by ascending age.
    pub(crate) fn contributions(&self, ctx: &Context<'_>, pair: &Pair) -> Vec<Contribution> {
        let today = self.today;
        let days = self.days.iter().filter(|(position, _)| *position == pair.position).map(|(_, day)| day);
        let contributions: Vec<Contribution> = if ctx.data == Data::Crm {
            let counted = days.filter(|day| day.basic > 0 && today - day.day <= ENGAGEMENT_AGE_MAX_DAYS);
            counted
                .map(|day| {
                    let kind = if day.basic_meeting { Kind::Meeting } else { Kind::Email };
                    contribution(day, kind, today, f64::from(day.basic), f64::from(day.basic))
                })
                .collect()
        } else {
            let weighed = days.map(|day| (day, self.kernel.shares(day.shared)[0]));
            weighed
                .map(|(day, weight)| contribution(day, day.kind, today, weight, self.kernel.value(weight, today - day.day)))
                .collect()
        };
        let sum = contributions.iter().fold(0.0, |sum, contribution| sum + contribution.value);
        assert!(pair.figures.memory.to_bits() == f64::to_bits(sum), "contributions add up to the memory");
        contributions
    }
}

/// Instead of a row: none came yet.
const NO_ROW: u32 = u32::MAX;

impl Known {
    fn new(key: u32) -> Self {
        Self {
            key,
            row: NO_ROW,
            last_at_us: 0,
            first_at_us: 0,
            last_day: 0,
            counts: Counts::default(),
            day: PairDay::NONE,
            sums: Sums::default(),
        }
    }

    /// The figures, once all days are over.
    fn figures(&self, ctx: &Context<'_>, today: i32, kernel: &Kernel) -> TieFigures {
        let (counts, sums) = (&self.counts, &self.sums);
        let basic = ctx.data == Data::Crm;
        let engagement = memory::engagement(sums.recent, sums.recent_out, sums.recent_in);
        let (expectation, freshness) = (kernel.expectation(0), kernel.freshness(today - self.last_day));
        let part = |memory: f64| match kernel.model() {
            Model::V1 => memory::score_v1(1.0, memory, expectation),
            Model::V2 => memory::score_v2(memory, freshness, expectation),
        };
        let strength_exact = match kernel.model() {
            _ if basic => 100.0 * (1.0 - (-f64::from(sums.basic) / BASIC_HALF).exp2()),
            Model::V1 => memory::score_v1(engagement, sums.strength, expectation),
            Model::V2 => part(sums.strength),
        };
        let strength = round_half_up(strength_exact);
        let one_way = sums.recent_out.min(sums.recent_in) == 0;
        TieFigures {
            strength: strength as u8, // at most 100
            strength_exact,
            grade: if one_way && !basic { Grade::Weak } else { grade(ctx, strength) },
            activity: part(sums.active),
            directness: part(sums.direct),
            mutuality: part((sums.active_out * sums.active_in).sqrt()),
            likelihood_30d: ctx.likelihood.pairs.probability(sums.decayed, (today - self.last_day) as u32),
            emails: counts.by_kind[Kind::Email as usize],
            meetings: counts.by_kind[Kind::Meeting as usize],
            phone_calls: counts.by_kind[Kind::PhoneCall as usize],
            initiated_by_us: counts.outgoing,
            initiated_by_them: counts.incoming,
            active_days: sums.days as u16, // at ages 0..730
            first_at: Moment(self.first_at_us),
            last_at: Moment(self.last_at_us),
            memory: if basic { f64::from(sums.basic) } else { sums.strength },
            engagement,
        }
    }
}

/// What an evaluation asks of a pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) grade: Grade,
    /// Before rounding.
    pub(crate) strength_exact: f64,
    pub(crate) activity: f64,
    pub(crate) directness: f64,
    pub(crate) mutuality: f64,
    pub(crate) likelihood_30d: f64,
}

/// Measures a pair by its days up to `as_of`, youngest first.
pub(crate) fn measure(ctx: &Context<'_>, kernel: &Kernel, days: impl Iterator<Item = PairDay>) -> Measured {
    let today = ctx.today().0;
    let mut known = Known::new(0);
    for day in days.take_while(|day| today - day.day <= MEMORY_AGE_MAX_DAYS) {
        if known.sums.days == 0 {
            known.last_day = day.day;
        }
        known.sums.add(&day, today, kernel);
    }
    let figures = known.figures(ctx, today, kernel);
    Measured {
        grade: figures.grade,
        strength_exact: figures.strength_exact,
        activity: figures.activity,
        directness: figures.directness,
        mutuality: figures.mutuality,
        likelihood_30d: figures.likelihood_30d,
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
    /// Instead of a day: none came yet.
    const NONE: Self =
        Self { day: i32::MIN, shared: 1, kind: Kind::Task, outgoing: false, incoming: false, basic: 0, basic_meeting: false };

    #[inline]
    fn of(hit: &Hit) -> Self {
        let both = hit.kind == Kind::Meeting; // a meeting counts for both sides
        let basic = hit.crm & matches!(hit.kind, Kind::Email | Kind::Meeting);
        Self {
            day: hit.day,
            shared: hit.shared,
            kind: hit.kind,
            outgoing: both | hit.outgoing,
            incoming: both | hit.incoming,
            basic: u32::from(basic),
            basic_meeting: basic & both,
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

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    by_kind: [u32; Kind::ALL.len()],
    outgoing: u32,
    incoming: u32,
}

impl Counts {
    fn add(&mut self, hit: &Hit) {
        self.by_kind[hit.kind as usize] += 1;
        self.outgoing += u32::from(hit.outgoing);
        self.incoming += u32::from(hit.incoming);
    }
}

/// All sums of a pair. Days are added by ascending age.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    days: u32,
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
    /// Adds a day at an age of 0..=730. Without a branch but for the age: nothing foretells with how many a day is shared, or who began.
    #[inline]
    fn add(&mut self, day: &PairDay, today: i32, kernel: &Kernel) {
        let age_days = today - day.day;
        let of_age = kernel.of_age(age_days);
        let [by_root, by_number] = kernel.shares(day.shared);
        self.days += 1;
        self.strength += of_age.value(by_root);
        self.active += of_age.one;
        self.direct += of_age.value(by_number);
        self.active_out += if_counted(of_age.one, day.outgoing);
        self.active_in += if_counted(of_age.one, day.incoming);
        self.decayed += of_age.decay;
        if age_days <= ENGAGEMENT_AGE_MAX_DAYS {
            self.recent += 1;
            self.recent_out += u32::from(day.outgoing);
            self.recent_in += u32::from(day.incoming);
            self.basic += day.basic;
        }
    }
}

/// How many an interaction was shared with (04, "Strength"), at least 1, in distinct addresses: a mail with those in to + cc on the side
/// opposite to the sender, a meeting with the larger side minus one, a call with one.
pub(crate) fn shared_with(kind: Kind, sender: Side, participants: &[Seen]) -> u32 {
    let count = match kind {
        Kind::PhoneCall | Kind::Task => 1,
        Kind::Email => distinct(participants, |seen| (seen.side != sender) & matches!(seen.role, Role::To | Role::Cc)),
        Kind::Meeting => {
            let [ours, theirs] = [Side::Ours, Side::Theirs].map(|side| distinct(participants, |seen| seen.side == side));
            ours.max(theirs).saturating_sub(1)
        }
    };
    count.max(1)
}

/// The side of whoever began an interaction: ours if nobody did.
pub(crate) fn sender_of(participants: &[Seen]) -> Side {
    participants.iter().find(|seen| seen.role.initiates()).map_or(Side::Ours, |seen| seen.side)
}

/// Distinct addresses of those participants who count, who ascend by address.
fn distinct(participants: &[Seen], counts: impl Fn(&Seen) -> bool) -> u32 {
    let (mut count, mut last) = (0, AddressId(0)); // ids begin at 1
    for seen in participants {
        let counts = counts(seen);
        count += u32::from(counts & (seen.address != last));
        last = if counts { seen.address } else { last };
    }
    count
}
