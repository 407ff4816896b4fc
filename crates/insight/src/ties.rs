//! Ties between users and external people: strength, activity, directness, mutuality, likelihood (04).

use rapport_domain::{AddressId, Direction, Kind, Moment, Side, Touches, UserId, touches::SEEN_CRM};

use crate::{
    Context, Contribution,
    index::Index,
    memory::MEMORY_AGE_MAX_DAYS,
    pairs::{Hit, Pairs, shared_with},
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
    pairs: Pairs,
    ties: Vec<UserTie>,
    no_user: Vec<AddressId>,
    /// What [`Self::pair_of`] found, by address.
    pair_of_address: Index,
}

/// Instead of a pair: nobody looked yet.
const NOT_LOOKED_UP: u32 = u32::MAX;
/// Instead of a pair: a user who has no ties.
const OPTED_OUT: u32 = u32::MAX - 1;
/// Instead of a pair: an address of ours that is no user's.
const NO_USER: u32 = u32::MAX - 2;

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
            [one] => self.read(ctx, touches, |address| address == *one),
            [one, two] => self.read(ctx, touches, |address| address == *one || address == *two),
            _ => self.read(ctx, touches, |address| scope::contains(target, address)),
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
        let mut ties = std::mem::take(&mut self.ties);
        ties.shrink_to_fit();
        ties
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
        self.pair_of_address.clear();
        self.pairs.begin(ctx, keeps_days);
        &mut self.pairs
    }

    /// Addresses of ours without a user that met the target of the last fold at ages 0..730, ascending by text.
    pub fn met_without_user(&self) -> &[AddressId] {
        &self.no_user
    }

    fn read(&mut self, ctx: &Context<'_>, touches: &Touches, is_target: impl Fn(AddressId) -> bool) {
        let today = ctx.today().0;
        each_hit(ctx, touches, is_target, |row, ours, hit| match self.pair_of(ctx, ours) {
            NO_USER if today - hit.day <= MEMORY_AGE_MAX_DAYS => self.no_user.push(ours),
            NO_USER | OPTED_OUT => {}
            pair => self.pairs.add(row, pair, hit),
        });
    }

    /// The pair of an address of ours, [`OPTED_OUT`] or [`NO_USER`]: looked up once.
    fn pair_of(&mut self, ctx: &Context<'_>, address: AddressId) -> u32 {
        let pair = self.pair_of_address.position_or(address.0.into(), NOT_LOOKED_UP);
        if *pair == NOT_LOOKED_UP {
            *pair = match ctx.directory.address(address).user {
                Some(user) if ctx.directory.user(user).opted_out => OPTED_OUT,
                Some(user) => self.pairs.pair_of(user.0),
                None => NO_USER,
            };
        }
        *pair
    }
}

/// Calls for each address of ours that a completed row ties to the target, rows youngest first: the row, the address, what it is.
pub(crate) fn each_hit(
    ctx: &Context<'_>,
    touches: &Touches,
    is_target: impl Fn(AddressId) -> bool,
    mut each: impl FnMut(u32, AddressId, &Hit),
) {
    let mut days = ctx.calendar.cursor();
    for i in (0..touches.len()).rev() {
        if touches.kind[i] == Kind::Task || !scope::is_completed(touches, i, ctx.as_of) {
            continue;
        }
        let participants = touches.participants_of(i);
        let kind = touches.kind[i];
        let mut hit = |shared: u32| Hit {
            day: days.day_of(Moment(touches.at_us[i])).0,
            at_us: touches.at_us[i],
            shared,
            kind,
            outgoing: touches.direction[i] == Direction::Outgoing,
            incoming: touches.direction[i] == Direction::Incoming,
            crm: touches.seen[i] & SEEN_CRM != 0,
        };
        // A mail ties its sender to recipients, a call the caller to the callee; a meeting everybody present.
        if let [a, b] = participants {
            // Nearly all: one of us and one of them, who share it with nobody.
            let (our, their) = if a.side == Side::Ours { (a, b) } else { (b, a) };
            let is_tied = kind == Kind::Meeting || our.role.initiates() != their.role.initiates();
            if a.side != b.side && is_tied && is_target(their.address) {
                each(i as u32, our.address, &hit(1));
            }
            continue;
        }
        let (mut initiates, mut receives) = (false, false);
        for seen in participants {
            let is_target = seen.side == Side::Theirs && is_target(seen.address);
            initiates |= is_target && seen.role.initiates();
            receives |= is_target && !seen.role.initiates();
        }
        if !(initiates || receives) {
            continue;
        }
        let hit = hit(shared_with(kind, participants));
        for seen in participants.iter().filter(|seen| seen.side == Side::Ours) {
            if kind == Kind::Meeting || if seen.role.initiates() { receives } else { initiates } {
                each(i as u32, seen.address, &hit);
            }
        }
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
