//! Which interactions belong to a record, and which are completed or scheduled at a moment (02 §1, §2).

use std::cmp::Ordering;

use rapport_domain::{ActivityState, AddressId, Directory, Kind, Moment, Side, Table, Touches, UserId, touches::SEEN_MAILBOX};

/// The internal people of interest of a record (02 §1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Internal {
    /// Any user, and any address of ours without a user (accounts, contacts).
    Any,
    /// These users, ascending and distinct (opportunities: owner and sales team; leads: owner).
    Users(Vec<UserId>),
}

/// That an opportunity is won or lost, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedAs {
    /// From this moment on (inclusive); `None` = unknown, closed at every moment.
    pub closed_at: Option<Moment>,
}

/// A record as the analysis needs it: its number, its people of interest and its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordScope {
    /// Dense number of the record, as in [`Touches::regarding`]; 0 = somebody without a record, whom nothing regards.
    pub record: u32,
    /// Its table.
    pub table: Table,
    /// Internal people of interest.
    pub internal: Internal,
    /// Addresses and references of the external people of interest, ascending and distinct.
    pub external: Vec<AddressId>,
    /// Opportunities: set once won or lost.
    pub closed: Option<ClosedAs>,
    /// Leads: whether the status is active now. Other tables ignore it.
    pub lead_active: bool,
}

impl RecordScope {
    /// A record with any user on our side and these addresses on theirs, open and active: what a contact is.
    pub fn of_addresses(record: u32, table: Table, mut external: Vec<AddressId>) -> Self {
        external.sort_unstable();
        external.dedup();
        Self { record, table, internal: Internal::Any, external, closed: None, lead_active: true }
    }

    /// Whether health is computed at `as_of`: not for leads that are not active, nor from an opportunity's closing on (03, "State").
    pub fn is_applicable(&self, as_of: Moment) -> bool {
        match self.table {
            Table::Leads => self.lead_active,
            Table::Opportunities => self.closed.is_none_or(|closed| closed.closed_at.is_some_and(|at| at > as_of)),
            Table::Accounts | Table::Contacts => true,
        }
    }
}

/// Whether row `i` belongs to the record, whatever its state and moment (02 §2, rules 1-3).
///
/// Regarding the record always counts. Else an external and an internal person of interest must both take part; tasks never do so (decision 13),
/// and a meeting counts for an opportunity only if it regards nothing and was seen in mailbox data.
pub fn belongs(scope: &RecordScope, touches: &Touches, i: usize, directory: &Directory) -> bool {
    let is_ours = |address| is_internal(&scope.internal, address, directory);
    let is_theirs = |address| contains(&scope.external, address);
    regards(scope, touches, i) || (counts_by_participants(scope, touches, i) && is_between(touches, i, is_ours, is_theirs))
}

/// Whether row `i` regards the record.
pub(crate) fn regards(scope: &RecordScope, touches: &Touches, i: usize) -> bool {
    (scope.record != 0) & (touches.regarding[i] == scope.record)
}

/// Whether row `i` belongs to the record if people of interest of both sides take part.
pub(crate) fn counts_by_participants(scope: &RecordScope, touches: &Touches, i: usize) -> bool {
    match touches.kind[i] {
        Kind::Task => false,
        Kind::Meeting if scope.table == Table::Opportunities => touches.regarding[i] == 0 && touches.seen[i] & SEEN_MAILBOX != 0,
        Kind::Meeting | Kind::Email | Kind::PhoneCall => true,
    }
}

/// Whether somebody of ours and somebody of theirs take part in row `i`, of those that count.
pub(crate) fn is_between(
    touches: &Touches,
    i: usize,
    is_ours: impl Fn(AddressId) -> bool,
    is_theirs: impl Fn(AddressId) -> bool,
) -> bool {
    let participants = touches.participants_of(i);
    if let [a, b] = participants {
        // Nearly all: one of us and one of them.
        let (our, their) = if a.side == Side::Ours { (a, b) } else { (b, a) };
        return a.side != b.side && is_theirs(their.address) && is_ours(our.address);
    }
    let (mut ours, mut theirs) = (false, false);
    for seen in participants {
        match seen.side {
            Side::Ours => ours = ours || is_ours(seen.address),
            Side::Theirs => theirs = theirs || is_theirs(seen.address),
        }
    }
    ours && theirs
}

fn is_internal(internal: &Internal, address: AddressId, directory: &Directory) -> bool {
    match internal {
        Internal::Any => true,
        Internal::Users(users) => directory.address(address).user.is_some_and(|user| users.binary_search(&user).is_ok()),
    }
}

/// Whether a sorted list holds an address. Nearly all lists are a handful long, where walking beats searching.
pub(crate) fn contains(sorted: &[AddressId], address: AddressId) -> bool {
    const WALK_MAX: usize = 8;
    if sorted.len() <= WALK_MAX { sorted.contains(&address) } else { sorted.binary_search(&address).is_ok() }
}

/// Whether row `i` is an interaction at `as_of`: completed (said, or no state and begun) and not after it (02 §2.4).
pub fn is_completed(touches: &Touches, i: usize, as_of: Moment) -> bool {
    (touches.at_us[i] <= as_of.0) & matches!(touches.state[i], None | Some(ActivityState::Completed))
}

/// Whether row `i` can be the next interaction: scheduled (said, or a meeting without a state) and after `as_of` (decision 10).
pub fn is_scheduled(touches: &Touches, i: usize, as_of: Moment) -> bool {
    let scheduled = match touches.state[i] {
        Some(state) => state == ActivityState::Scheduled,
        None => touches.kind[i] == Kind::Meeting,
    };
    scheduled && touches.at_us[i] > as_of.0
}

/// Whether row `i` is open or scheduled at `as_of`, begun or not: what `no_closed_activities` asks (03, "State").
pub fn is_pending(touches: &Touches, i: usize, as_of: Moment) -> bool {
    matches!(touches.state[i], Some(ActivityState::Open | ActivityState::Scheduled)) || is_scheduled(touches, i, as_of)
}

/// The order of equal moments by what the interactions say: kind, normalized Message-ID (none first), then what identifies
/// an interaction without one (initiator, participants, subject). Their numbers, which depend on arrival, decide only between equals.
pub fn identity_order(touches: &Touches, directory: &Directory, a: usize, b: usize) -> Ordering {
    (touches.kind[a], touches.message_id_of(a)).cmp(&(touches.kind[b], touches.message_id_of(b))).then_with(|| {
        if a == b {
            return Ordering::Equal;
        }
        // Rare: two interactions of one moment and kind without an id. Addresses are numbered by arrival, so their texts decide.
        let keys = |i: usize, initiators: bool| {
            let of_row = touches.participants_of(i).iter().filter(|seen| !initiators || seen.role.initiates());
            let mut keys: Vec<&str> = of_row.map(|seen| &*directory.address(seen.address).key).collect();
            keys.sort_unstable();
            keys.dedup();
            keys
        };
        (keys(a, true), keys(a, false), touches.subject_group[a], touches.direction[a], touches.interaction[a]).cmp(&(
            keys(b, true),
            keys(b, false),
            touches.subject_group[b],
            touches.direction[b],
            touches.interaction[b],
        ))
    })
}
