//! Who takes part: distinct colleagues and people, and the top three of each (02 §3; decision 14).

use std::cmp::Reverse;

use rapport_domain::{Kind, Moment, PersonId, Side, Touches, UserId};
use rustc_hash::FxHashMap;

use crate::{Context, kpis::Contacted};

/// Entries of a top-three.
const TOP: usize = 3;

/// Counts interactions per participant; somebody with two addresses on one interaction counts once.
#[derive(Clone, Debug, Default)]
struct Tally {
    index: FxHashMap<u32, u32>,
    entries: Vec<(Contacted<u32>, u32)>,
}

impl Tally {
    fn clear(&mut self) {
        self.index.clear();
        self.entries.clear();
    }

    fn add(&mut self, who: u32, row: u32, kind: Kind, at: Moment) {
        let next = self.entries.len() as u32;
        let position = *self.index.entry(who).or_insert(next);
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

/// What [`TopThrees::fold`] found.
pub(crate) struct Participants {
    pub(crate) colleagues: u32,
    pub(crate) people: u32,
    pub(crate) most_contacted: Vec<Contacted<PersonId>>,
    pub(crate) most_contacted_by: Vec<Contacted<UserId>>,
}

impl TopThrees {
    /// Counts the participants of the rows, which come in time order.
    pub(crate) fn fold(&mut self, ctx: &Context<'_>, touches: &Touches, rows: &[u32]) -> Participants {
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
        Participants {
            colleagues: self.users.entries.len() as u32,
            people: self.people.entries.len() as u32,
            most_contacted: self.people.top(person_key, |_| true, PersonId),
            most_contacted_by: self.users.top(|id| &user(id).email, |id| !user(id).opted_out, UserId),
        }
    }
}
