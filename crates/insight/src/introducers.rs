//! Who can introduce me, and why is a colleague missing (04).

use rapport_domain::{AddressId, Touches, UserId};

use crate::{Context, Tie, TieFolder};

/// Introducers that the widget shows at most, unless asked otherwise.
pub const INTRODUCERS: usize = 5;

/// Why a colleague is no introducer, in the order of precedence (04, decision 25).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissingReason {
    /// An address of ours that met the target, but no user's.
    NoUser,
    /// Not in a selected security role.
    RoleNotSelected,
    /// In an excluded security group.
    GroupExcluded,
    /// Opted out.
    OptedOut,
    /// Keeps the target to themselves.
    PrivateContact,
    /// Mailbox data is off.
    MailboxDataOff,
    /// The organization has not consented.
    ConsentMissing,
    /// Left the company.
    LeftCompany,
    /// No tie with the target.
    NoInteractions,
}

impl MissingReason {
    /// The word of the JSON, e.g. `no_interactions`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoUser => "no_user",
            Self::RoleNotSelected => "role",
            Self::GroupExcluded => "group",
            Self::OptedOut => "opted_out",
            Self::PrivateContact => "private_contact",
            Self::MailboxDataOff => "mailbox_data_off",
            Self::ConsentMissing => "consent_missing",
            Self::LeftCompany => "left_company",
            Self::NoInteractions => "no_interactions",
        }
    }
}

/// Somebody of ours who is no introducer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Colleague {
    /// A user.
    User(UserId),
    /// An address of ours without a user.
    Address(AddressId),
}

/// One missing colleague.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Who.
    pub colleague: Colleague,
    /// Why.
    pub reason: MissingReason,
}

/// What to ask about a target.
#[derive(Clone, Copy)]
pub struct WhoKnows<'a> {
    /// All addresses of the target, ascending and distinct: of one person, or of everybody at a company.
    pub target: &'a [AddressId],
    /// The user who asks: never their own introducer, and not missing either.
    pub viewer: Option<UserId>,
    /// Introducers at most.
    pub limit: usize,
    /// Why a user's mailbox data is not there (role, group, mailbox data off, consent missing), if so: the caller knows these rules.
    /// It only explains why a user has no tie; a tie from CRM data stays.
    pub withheld: &'a dyn Fn(UserId) -> Option<MissingReason>,
    /// Whether a user keeps the target to themselves: then no tie of theirs is told, whatever the source.
    pub is_private: &'a dyn Fn(UserId) -> bool,
}

/// Who can introduce to a target, and who cannot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Introducers {
    /// Strongest first (then the more recent, then by address), at most as many as asked for.
    pub introducers: Vec<Tie>,
    /// All others of ours with their reason, by address. Who may see it is the caller's to decide.
    pub missing: Vec<Missing>,
}

/// Ranks introducers to a target and says why the others are none. The folder's last fold is the target's afterwards.
pub fn who_knows(ctx: &Context<'_>, query: &WhoKnows<'_>, folder: &mut TieFolder, touches: &Touches) -> Introducers {
    let ties = folder.fold_and_keep(ctx, query.target, touches, true);
    let mut tied = vec![false; ctx.directory.users.len()];
    let mut ranked = Vec::new();
    for (i, tie) in ties.iter().enumerate() {
        tied[tie.user.0 as usize - 1] = true;
        if !is_hidden(ctx, tie.user) && !(query.is_private)(tie.user) && query.viewer != Some(tie.user) {
            ranked.push(i);
        }
    }
    let introducers = ranked.iter().take(query.limit).map(|i| folder.explained(ctx, *i)).collect();

    let users = (1..=ctx.directory.users.len() as u32).map(UserId).filter(|user| query.viewer != Some(*user));
    let mut missing: Vec<Missing> = users
        .filter_map(|user| {
            let reason = reason_of(ctx, query, user, tied[user.0 as usize - 1])?;
            Some(Missing { colleague: Colleague::User(user), reason })
        })
        .collect();
    missing.extend(
        folder
            .met_without_user()
            .iter()
            .map(|address| Missing { colleague: Colleague::Address(*address), reason: MissingReason::NoUser }),
    );
    missing.sort_by(|a, b| key_of(ctx, a.colleague).cmp(key_of(ctx, b.colleague)));
    Introducers { introducers, missing }
}

/// Whether a user is no introducer whatever their ties: opted out, or left the company by `as_of`.
pub fn is_hidden(ctx: &Context<'_>, user: UserId) -> bool {
    hidden(ctx, user).is_some()
}

fn hidden(ctx: &Context<'_>, user: UserId) -> Option<MissingReason> {
    let user = ctx.directory.user(user);
    if user.opted_out {
        Some(MissingReason::OptedOut)
    } else if user.left_at.is_some_and(|at| at <= ctx.as_of) {
        Some(MissingReason::LeftCompany)
    } else {
        None
    }
}

/// A tie is missing only because its user is hidden; without one, the first reason that applies says why.
fn reason_of(ctx: &Context<'_>, query: &WhoKnows<'_>, user: UserId, tied: bool) -> Option<MissingReason> {
    let private = (query.is_private)(user).then_some(MissingReason::PrivateContact);
    let hidden = hidden(ctx, user).or(private);
    if tied || hidden == Some(MissingReason::OptedOut) {
        return hidden;
    }
    [hidden, (query.withheld)(user), Some(MissingReason::NoInteractions)].into_iter().flatten().min()
}

fn key_of<'a>(ctx: &Context<'a>, colleague: Colleague) -> &'a str {
    match colleague {
        Colleague::User(user) => &ctx.directory.user(user).email,
        Colleague::Address(address) => &ctx.directory.address(address).key,
    }
}
