//! A record's interactions as active days: what health reads.

use rapport_domain::{Direction, InsightSettings, Kind, Model, Side, Touches};

use crate::{
    Context, Contribution,
    memory::{self, ENGAGEMENT_AGE_MAX_DAYS, Kernel, MEMORY_AGE_MAX_DAYS},
    rows::Rows,
    trend::REACH_DAYS,
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
}

impl Days {
    /// Reads the rows that belong to the record.
    pub(crate) fn read(&mut self, ctx: &Context<'_>, touches: &Touches, rows: &Rows) {
        self.days.clear();
        for (row, day) in rows.completed.iter().zip(&rows.days) {
            self.add(ctx, touches, *row as usize, *day);
        }
    }

    fn add(&mut self, ctx: &Context<'_>, touches: &Touches, i: usize, day: i32) {
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

/// What a day adds to the memory, by its kind and age: dividing once per setting instead of once per day gives the same bits.
#[derive(Clone, Debug)]
pub(crate) struct DayValues {
    kernel: Kernel,
    influence: [f64; 4],
    /// Where the values of each kind begin; kinds of one weight share them.
    starts: [usize; 4],
    /// By age from -[`REACH_DAYS`] on; 0 outside of 0..=730.
    values: Vec<f64>,
}

/// Ages that have a value, and those around them.
const VALUES_PER_WEIGHT: usize = REACH_DAYS + MEMORY_AGE_MAX_DAYS as usize + 1 + REACH_DAYS;

impl DayValues {
    /// The values under some settings.
    pub(crate) fn of(settings: &InsightSettings) -> Self {
        let kernel = Kernel::of_health(settings.model, settings.frequency_days);
        let mut values = Vec::new();
        let mut starts = [0; 4];
        for kind in Kind::ALL {
            let weight = settings.influence_of(kind);
            let known =
                Kind::ALL[..kind as usize].iter().find(|known| settings.influence_of(**known).to_bits() == weight.to_bits());
            starts[kind as usize] = known.map_or(values.len(), |known| starts[*known as usize]);
            if known.is_none() {
                let first = values.len();
                values.resize(first + VALUES_PER_WEIGHT, 0.0);
                for age in 0..=MEMORY_AGE_MAX_DAYS {
                    values[first + REACH_DAYS + age as usize] = kernel.value(weight, age);
                }
            }
        }
        Self { kernel, influence: settings.influence, starts, values }
    }

    /// Whether these are the values under some settings.
    pub(crate) fn are_of(&self, settings: &InsightSettings) -> bool {
        let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
        (self.kernel.model(), self.kernel.frequency_days()) == (settings.model, settings.frequency_days.max(1))
            && self.influence.iter().zip(&settings.influence).all(same)
    }

    /// The kernel that they are of.
    pub(crate) fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// What a day of a kind adds at an age of 0..=730.
    pub(crate) fn value(&self, kind: Kind, age_days: i32) -> f64 {
        self.values[self.starts[kind as usize] + REACH_DAYS + age_days as usize]
    }

    /// The values of a kind from an age on, which is at least -[`REACH_DAYS`].
    pub(crate) fn from(&self, kind: Kind, age_days: i32) -> &[f64] {
        &self.values[self.starts[kind as usize] + (age_days + REACH_DAYS as i32) as usize..]
    }
}

/// Numbers of active days at ages 0..365.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recent {
    days: u32,
    days_out: u32,
    days_in: u32,
}

impl Recent {
    pub(crate) fn add(&mut self, active: &ActiveDay) {
        self.days += 1;
        self.days_out += u32::from(active.outgoing);
        self.days_in += u32::from(active.incoming);
    }

    pub(crate) fn remove(&mut self, active: &ActiveDay) {
        self.days -= 1;
        self.days_out -= u32::from(active.outgoing);
        self.days_in -= u32::from(active.incoming);
    }

    pub(crate) fn engagement(self) -> f64 {
        memory::engagement(self.days, self.days_out, self.days_in)
    }
}

/// What a score is made of, as of one day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measure {
    pub(crate) model: Model,
    pub(crate) memory: f64,
    pub(crate) expectation: f64,
    pub(crate) engagement: f64,
    /// The memory of which one-sided days count less.
    pub(crate) mutual_memory: f64,
    /// Freshness; 0 without a day at ages 0..730, and in `v1`.
    pub(crate) freshness: f64,
    /// Active days at ages 0..730.
    pub(crate) active_days: u32,
    /// Of these, at ages 0..365.
    pub(crate) recent: Recent,
}

impl Measure {
    /// The unrounded score.
    pub(crate) fn score(&self) -> f64 {
        match self.model {
            Model::V1 => memory::score_v1(self.engagement, self.memory, self.expectation),
            Model::V2 => memory::score_v2(self.mutual_memory, self.freshness, self.expectation),
        }
    }
}

/// Measures the days up to `today`; later ones are ignored.
pub(crate) fn measure(days: &[ActiveDay], today: i32, values: &DayValues) -> Measure {
    let known = &days[..days.partition_point(|active| active.day <= today)];
    let (mut memory, mut memory_out, mut memory_in) = (0.0, 0.0, 0.0);
    let (mut active_days, mut recent) = (0, Recent::default());
    for active in known.iter().rev() {
        let age_days = today - active.day;
        if age_days > MEMORY_AGE_MAX_DAYS {
            break;
        }
        let value = values.value(active.kind, age_days);
        memory += value;
        memory_out += memory::if_counted(value, active.outgoing);
        memory_in += memory::if_counted(value, active.incoming);
        active_days += 1;
        if age_days <= ENGAGEMENT_AGE_MAX_DAYS {
            recent.add(active);
        }
    }
    let kernel = values.kernel();
    Measure {
        model: kernel.model(),
        memory,
        expectation: kernel.expectation(known.first().map_or(0, |first| today - first.day)),
        engagement: recent.engagement(),
        mutual_memory: memory::mutual_memory(memory, memory_out, memory_in),
        freshness: known.last().map_or(0.0, |last| kernel.freshness(today - last.day)),
        active_days,
        recent,
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
