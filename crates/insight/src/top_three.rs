//! Who takes part: how many colleagues and people, and the top three of each (02 §3; decision 14).

use std::cmp::Reverse;

use rapport_domain::{AddressId, Kind, Moment, PersonId, Side, Touches, UserId};

use crate::{Context, index::Index, kpis::Contacted, numbering::Numbering};

/// Entries of a top-three.
const TOP: usize = 3;

/// How many take part. Keeps its memory between records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Participants {
    /// Addresses with their side: who stands behind one is looked up once.
    addresses: Numbering,
    users: Index,
    people: Index,
}

impl Participants {
    /// Distinct users and external people on the rows.
    pub(crate) fn count(&mut self, ctx: &Context<'_>, touches: &Touches, rows: &[u32]) -> (u32, u32) {
        self.addresses.clear();
        self.users.clear();
        self.people.clear();
        // Participants of rows that follow one another do so too.
        for rows in rows.chunk_by(|row, next| row + 1 == *next) {
            let first = rows[0] as usize;
            let participants = touches.participants_of_all(first..first + rows.len());
            self.addresses.add(participants, |seen| u64::from(seen.address.0) << 1 | seen.side as u64, |_| ());
        }
        for address_and_side in self.addresses.distinct() {
            let entry = ctx.directory.address(AddressId((address_and_side >> 1) as u32));
            match (address_and_side & 1 == Side::Theirs as u64, entry.user) {
                (true, _) => self.people.is_new(entry.person.0.into()),
                (false, Some(user)) => self.users.is_new(user.0.into()),
                (false, None) => false,
            };
        }
        (self.users.len() as u32, self.people.len() as u32)
    }
}

/// Counts interactions per participant; somebody with two addresses on one interaction counts once.
#[derive(Clone, Debug, Default)]
struct Tally {
    index: Index,
    entries: Vec<(Contacted<u32>, u32)>,
}

impl Tally {
    fn clear(&mut self) {
        self.index.clear();
        self.entries.clear();
    }

    fn add(&mut self, who: u32, row: u32, kind: Kind, at: Moment) {
        let next = self.entries.len() as u32;
        let position = *self.index.position_or(who.into(), next);
        if position == next {
            let none = Contacted { who, interactions: 0, emails: 0, meetings: 0, phone_calls: 0, last_at: at };
            self.entries.push((none, u32::MAX));
        }
        let (entry, last_row) = &mut self.entries[position as usize];
        if std::mem::replace(last_row, row) == row {
            return;
        }
        entry.interactions += 1;
        entry.emails += u32::from(kind == Kind::Email);
        entry.meetings += u32::from(kind == Kind::Meeting);
        entry.phone_calls += u32::from(kind == Kind::PhoneCall);
        entry.last_at = at; // rows come in time order
    }

    fn top<'a, Id>(
        &mut self,
        address: impl Fn(u32) -> &'a str,
        shown: impl Fn(u32) -> bool,
        id: impl Fn(u32) -> Id,
    ) -> Vec<Contacted<Id>> {
        self.entries.sort_unstable_by(|(a, _), (b, _)| {
            let rank = |entry: &Contacted<u32>| (Reverse(entry.interactions), Reverse(entry.last_at));
            rank(a).cmp(&rank(b)).then_with(|| address(a.who).cmp(address(b.who)))
        });
        let shown = self.entries.iter().filter(|(entry, _)| shown(entry.who)).take(TOP);
        shown
            .map(|(entry, _)| Contacted {
                who: id(entry.who),
                interactions: entry.interactions,
                emails: entry.emails,
                meetings: entry.meetings,
                phone_calls: entry.phone_calls,
                last_at: entry.last_at,
            })
            .collect()
    }
}

/// Both sides' participants. Keeps its memory between records.
#[derive(Clone, Debug, Default)]
pub(crate) struct TopThrees {
    users: Tally,
    people: Tally,
}

impl TopThrees {
    /// The top three people and users of the rows, which come in time order.
    pub(crate) fn fold(
        &mut self,
        ctx: &Context<'_>,
        touches: &Touches,
        rows: &[u32],
    ) -> (Vec<Contacted<PersonId>>, Vec<Contacted<UserId>>) {
        self.users.clear();
        self.people.clear();
        for row in rows {
            let (kind, at) = (touches.kind[*row as usize], Moment(touches.at_us[*row as usize]));
            for seen in touches.participants_of(*row as usize) {
                let entry = ctx.directory.address(seen.address);
                match (seen.side, entry.user) {
                    (Side::Theirs, _) => self.people.add(entry.person.0, *row, kind, at),
                    (Side::Ours, Some(user)) => self.users.add(user.0, *row, kind, at),
                    (Side::Ours, None) => {}
                }
            }
        }
        let user = |id: u32| ctx.directory.user(UserId(id));
        let person_key = |id: u32| &*ctx.directory.person(PersonId(id)).key;
        (self.people.top(person_key, |_| true, PersonId), self.users.top(|id| &user(id).email, |id| !user(id).opted_out, UserId))
    }
}
