//! Two-hop paths: colleague -> external person -> target (04, decision 23).
//!
//! In three steps, because the runs of the people in between are not known beforehand: [`vias`] from the target's touches, then the ties of
//! each via from its own run ([`crate::TieFolder::fold`]), then [`rank`].

use std::cmp::Reverse;

use rapport_domain::{AddressId, Kind, Moment, PersonId, Seen, Side, Touches, UserId, time::DayCursor, touches::SEEN_CRM};

use crate::{
    Context, TieFolder,
    introducers::is_hidden,
    pairs::{Hit, Pairs, sender_of, shared_with},
    scope,
    ties::{TieFigures, UserTie},
};

/// Somebody external who was seen together with the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Via {
    /// Who.
    pub person: PersonId,
    /// The tie between them and the target: outgoing = they initiated, incoming = the target did.
    pub figures: TieFigures,
}

/// One way to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// Whom to ask.
    pub user: UserId,
    /// Whom they know.
    pub via: PersonId,
    /// Strength of colleague and via, 0..=100.
    pub strength_first: u32,
    /// Strength of via and target, 0..=100.
    pub strength_second: u32,
}

/// External people seen together with the target at ages 0..730 on a mail, meeting or call, whatever their roles; strongest first (then
/// the more recent, then by address). `target` and `touches` as for [`TieFolder::fold`]. The folder's last fold is lost.
///
/// A path is never stronger than its via, so a caller that needs a few paths may stop loading runs where a via is weaker than those it has.
pub fn vias(ctx: &Context<'_>, target: &[AddressId], folder: &mut TieFolder, touches: &Touches) -> Vec<Via> {
    let pairs = folder.begin(ctx, false);
    let mut days = ctx.calendar.cursor();
    for i in (0..touches.len()).rev() {
        if touches.kind[i] != Kind::Task && scope::is_completed(touches, i, ctx.as_of) {
            read(ctx, target, pairs, (touches, i), &mut days);
        }
    }
    pairs.fold(ctx, |person| &ctx.directory.person(PersonId(person)).key);
    pairs.ranked().map(|pair| Via { person: PersonId(pair.key), figures: pair.figures }).collect()
}

/// Row `i`: everybody external who stands on it beside the target.
fn read(ctx: &Context<'_>, target: &[AddressId], pairs: &mut Pairs, (touches, i): (&Touches, usize), days: &mut DayCursor<'_>) {
    let participants = touches.participants_of(i);
    let external = || participants.iter().filter(|seen| seen.side == Side::Theirs);
    let mut targets = external().filter(|seen| scope::contains(target, seen.address)).peekable();
    if targets.peek().is_none() {
        return;
    }
    let target_initiates = targets.any(|seen| seen.role.initiates());
    let at = Moment(touches.at_us[i]);
    let person_of = |seen: &Seen| ctx.directory.address(seen.address).person;
    let others = || external().filter(|seen| !scope::contains(target, seen.address));
    for seen in others() {
        let person = person_of(seen);
        let pair = pairs.pair_of(person.0);
        let hit = Hit {
            day: days.day_of(at).0,
            at_us: at.0,
            shared: shared_with(touches.kind[i], sender_of(participants), participants),
            kind: touches.kind[i],
            outgoing: others().any(|other| other.role.initiates() && person_of(other) == person),
            incoming: target_initiates,
            crm: touches.seen[i] & SEEN_CRM != 0,
        };
        pairs.add(i as u32, pair, &hit);
    }
}

/// Ranks paths: by the smaller of their two strengths, then by their sum, then by the addresses of colleague and via. Colleagues with a
/// direct tie, hidden ones and the viewer are left out. An empty list means no path.
pub fn rank<'a>(
    ctx: &Context<'_>,
    viewer: Option<UserId>,
    direct: &[UserTie],
    vias: impl IntoIterator<Item = (Via, &'a [UserTie])>,
    limit: usize,
) -> Vec<Path> {
    let mut paths = Vec::new();
    for (via, ties) in vias {
        let shown = |user: UserId| viewer != Some(user) && !is_hidden(ctx, user) && direct.iter().all(|tie| tie.user != user);
        paths.extend(ties.iter().filter(|tie| shown(tie.user)).map(|tie| Path {
            user: tie.user,
            via: via.person,
            strength_first: tie.figures.strength.into(),
            strength_second: via.figures.strength.into(),
        }));
    }
    paths.sort_by(|a: &Path, b: &Path| {
        let rank = |path: &Path| {
            let (first, second) = (path.strength_first, path.strength_second);
            (Reverse(first.min(second)), Reverse(first + second))
        };
        let keys = |path: &Path| (&ctx.directory.user(path.user).email, &ctx.directory.person(path.via).key);
        rank(a).cmp(&rank(b)).then_with(|| keys(a).cmp(&keys(b)))
    });
    paths.truncate(limit);
    paths
}
