//! Ties between users and external people: strength, activity, directness, mutuality, likelihood (04).

use rapport_domain::{AddressId, Moment, Seen, Side, Touches, UserId};

use crate::{
    Context, Contribution,
    hits::{Encounters, Met},
    memory::MEMORY_AGE_MAX_DAYS,
    numbering::Numbering,
    pairs::Pairs,
    scope,
};

/// What a strength means in words (04, "Strength").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Below the minimum of medium, or nothing two-way within ages 0..365.
    Weak,
    /// In between.
    Medium,
    /// At least the minimum of strong.
    Strong,
}

impl Grade {
    /// The word of the JSON: `strong`, `medium`, `weak`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Medium => "medium",
            Self::Weak => "weak",
        }
    }
}

/// The figures of one tie, as small as they can be: there are millions. Counts cover ages 0..730; emails between two people of whom none
/// sent it make no tie, tasks neither.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TieFigures {
    /// Strength, 0..=100, rounded half up. With CRM data only: the basic strength.
    pub strength: u8,
    /// The strength before rounding.
    pub strength_exact: f64,
    /// Strength in words.
    pub grade: Grade,
    /// Are they in touch at all? 0..=100, unrounded.
    pub activity: f64,
    /// Do they talk personally? 0..=100, unrounded.
    pub directness: f64,
    /// Do both sides speak? 0..=100, unrounded.
    pub mutuality: f64,
    /// Probability of any interaction of the two in the next 30 days, 0..=1.
    pub likelihood_30d: f64,
    /// Emails.
    pub emails: u32,
    /// Meetings.
    pub meetings: u32,
    /// Phone calls.
    pub phone_calls: u32,
    /// Of all these, initiated by our side (a path's second tie: by the person in between).
    pub initiated_by_us: u32,
    /// Of all these, initiated by their side (a path's second tie: by the target).
    pub initiated_by_them: u32,
    /// Local days with an interaction, 1..=731.
    pub active_days: u16,
    /// First interaction, at any age.
    pub first_at: Moment,
    /// Last interaction.
    pub last_at: Moment,
    /// What the contributions add up to: memory `V`, at least 0; with CRM data only: the number of emails and meetings at ages 0..365.
    pub memory: f64,
    /// Engagement `g`, 0.5..=1.
    pub engagement: f64,
}

impl TieFigures {
    /// Emails, meetings and phone calls.
    pub fn interactions(&self) -> u32 {
        self.emails + self.meetings + self.phone_calls
    }

    /// Share of the interactions that our side initiated, 0..=1.
    pub fn share_by_us(&self) -> f64 {
        f64::from(self.initiated_by_us) / f64::from(self.interactions())
    }

    /// Share of the interactions that their side initiated, 0..=1.
    pub fn share_by_them(&self) -> f64 {
        f64::from(self.initiated_by_them) / f64::from(self.interactions())
    }
}

/// One tie of a target, without its explanation: what the whole pass yields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UserTie {
    /// The user.
    pub user: UserId,
    /// Their tie with the target.
    pub figures: TieFigures,
}

/// One tie of a target and what explains it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tie {
    /// The user.
    pub user: UserId,
    /// Their tie with the target.
    pub figures: TieFigures,
    /// One per active day, by ascending age; their values add up to `figures.memory` bit for bit.
    pub contributions: Vec<Contribution>,
}

/// Folds targets to ties, one after the other, with the same buffers.
#[derive(Clone, Debug, Default)]
pub struct TieFolder {
    encounters: Encounters,
    colleagues: Colleagues,
    pairs: Pairs,
    ties: Vec<UserTie>,
    no_user: Vec<AddressId>,
}

/// Instead of a pair: a user who has no ties.
const OPTED_OUT: u32 = u32::MAX;
/// Instead of a pair: an address of ours that is no user's.
const NO_USER: u32 = u32::MAX - 1;

impl TieFolder {
    /// Empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The ties of one target: all addresses of a person, or of everybody at a company, ascending and distinct. Strongest first
    /// (then the more recent, then by the user's address).
    ///
    /// `touches` are sorted and hold at least the interactions of the target; a shared one stands once. Users who opted out have no tie.
    pub fn fold(&mut self, ctx: &Context<'_>, target: &[AddressId], touches: &Touches) -> &[UserTie] {
        self.fold_and_keep(ctx, target, touches, false)
    }

    /// The ties of one target, of which [`Self::explained`] can say what explains them if their days are kept.
    pub(crate) fn fold_and_keep(
        &mut self,
        ctx: &Context<'_>,
        target: &[AddressId],
        touches: &Touches,
        keeps_days: bool,
    ) -> &[UserTie] {
        self.begin(ctx, keeps_days);
        match target {
            // Nearly all people.
            [one] => self.read(ctx, touches, |seen| seen.address == *one),
            [one, two] => self.read(ctx, touches, |seen| (seen.address == *one) | (seen.address == *two)),
            _ => self.read(ctx, touches, |seen| seen.side == Side::Theirs && scope::contains(target, seen.address)),
        }
        self.pairs.fold(ctx, |user| &ctx.directory.user(UserId(user)).email);
        self.no_user.sort_unstable();
        self.no_user.dedup();
        self.no_user.sort_by(|a, b| ctx.directory.address(*a).key.cmp(&ctx.directory.address(*b).key));
        self.ties.extend(self.pairs.ranked().map(|pair| UserTie { user: UserId(pair.key), figures: pair.figures }));
        &self.ties
    }

    /// The ties of the last fold, to be kept: in memory of their own that is no larger than they are.
    pub fn take(&mut self) -> Vec<UserTie> {
        self.ties.drain(..).collect()
    }

    /// The ties of one target with what explains them, strongest first.
    pub fn explain(&mut self, ctx: &Context<'_>, target: &[AddressId], touches: &Touches) -> Vec<Tie> {
        self.fold_and_keep(ctx, target, touches, true);
        (0..self.ties.len()).map(|i| self.explained(ctx, i)).collect()
    }

    /// Tie `i` of the last fold, which kept days, with what explains it.
    pub(crate) fn explained(&self, ctx: &Context<'_>, i: usize) -> Tie {
        let UserTie { user, figures } = self.ties[i];
        Tie { user, figures, contributions: self.pairs.contributions(ctx, self.pairs.ranked_at(i)) }
    }

    /// Forgets the last fold and lends its buffers.
    pub(crate) fn begin(&mut self, ctx: &Context<'_>, keeps_days: bool) -> &mut Pairs {
        self.ties.clear();
        self.no_user.clear();
        self.pairs.begin(ctx, keeps_days);
        &mut self.pairs
    }

    /// Addresses of ours without a user that met the target of the last fold at ages 0..730, ascending by text.
    pub fn met_without_user(&self) -> &[AddressId] {
        &self.no_user
    }

    fn read(&mut self, ctx: &Context<'_>, touches: &Touches, is_target: impl Fn(&Seen) -> bool) {
        let met = self.encounters.read(ctx, touches, is_target);
        self.colleagues.read(ctx, met, &mut self.pairs);
        let today = ctx.today().0;
        let mut days = ctx.calendar.cursor();
        for (met, pair) in met.iter().zip(self.colleagues.pairs()) {
            let hit = met.hit(touches, &mut days);
            match pair {
                NO_USER if today - hit.day <= MEMORY_AGE_MAX_DAYS => self.no_user.push(met.ours),
                NO_USER | OPTED_OUT => {}
                pair => self.pairs.add(met.row, pair, &hit),
            }
        }
    }
}

/// Who of us stands behind addresses: looked up once for each, all of a target one after the other, as the directory is large. Keeps its
/// memory between targets.
#[derive(Clone, Debug, Default)]
struct Colleagues {
    addresses: Numbering,
    /// Of each address: its pair, [`OPTED_OUT`] or [`NO_USER`].
    pair_of: Vec<u32>,
    /// Of each that was met: the number of its address.
    numbers: Vec<u32>,
}

impl Colleagues {
    fn read(&mut self, ctx: &Context<'_>, met: &[Met], pairs: &mut Pairs) {
        let Self { addresses, pair_of, numbers } = self;
        addresses.clear();
        numbers.clear();
        numbers.reserve(met.len());
        addresses.add(met, |met| met.ours.0.into(), |number| numbers.push(number));
        let users = addresses.distinct().iter().map(|address| ctx.directory.address(AddressId(*address as u32)).user);
        pair_of.clear();
        pair_of.extend(users.map(|user| match user {
            Some(user) if ctx.directory.user(user).opted_out => OPTED_OUT,
            Some(user) => pairs.pair_of(user.0),
            None => NO_USER,
        }));
    }

    /// The pair of each that was met, [`OPTED_OUT`] or [`NO_USER`].
    fn pairs(&self) -> impl Iterator<Item = u32> {
        self.numbers.iter().map(|number| self.pair_of[*number as usize])
    }
}

/// One target of the whole pass.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// All addresses of one person, ascending and distinct.
    pub target: &'a [AddressId],
    /// Their touches, sorted.
    pub touches: &'a Touches,
}

/// All ties of many targets, target by target, each strongest first: the export and the whole pass.
///
/// A caller that decodes every run into the same buffer calls [`TieFolder::fold`] per run instead.
pub fn all_ties<'a>(ctx: &Context<'_>, runs: impl IntoIterator<Item = Run<'a>>, mut each: impl FnMut(&Run<'a>, &UserTie)) {
    let mut folder = TieFolder::new();
    for run in runs {
        for tie in folder.fold(ctx, run.target, run.touches) {
            each(&run, tie);
        }
    }
}
