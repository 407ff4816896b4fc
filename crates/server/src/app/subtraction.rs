//! What subtraction would tell. In works council mode a figure about our side is told only where no other figure that is told leaves,
//! taken from it, that of one to four colleagues (decision 10).
//!
//! Single people come first: contacts, and whoever we know from mail alone. What is made of several of them gives way: accounts, and
//! contacts with stakeholders. Deals and leads tell nothing of our side, so that nothing can be taken from them.

use std::collections::{BTreeMap, BTreeSet};

use rapport_domain::{Moment, PersonId, Side, Table, Touches};
use rapport_insight::{Contributor, KpiFolder, KpiQuery, OurPart, RecordScope};
use rustc_hash::FxHashSet;

use super::{App, AppError, Tier, View, records::RecordDocument, told::COLLEAGUES_MIN, view::Record};

/// Related records and people that are looked at; where there are more, nothing is told. Each is one bit of a piece.
const RELATED_MAX: usize = 40;

/// What a record's figures are compared with.
#[derive(Debug, Default)]
struct Related {
    /// Single people of whom the record is made.
    inside: Vec<RecordScope>,
    /// Whatever else lies across it.
    beside: Vec<RecordScope>,
}

/// Who did what on one interaction.
type Done = (u64, Contributor);

impl App {
    /// Of which kinds of doing a record's figures may be told, in the order of [`OurPart::groups`].
    pub(crate) async fn kinds_told(
        &self,
        view: &View,
        scope: &RecordScope,
        (own, touches): (&OurPart, &Touches),
        as_of: Moment,
    ) -> Result<[bool; 5], AppError> {
        let is_told = own.groups().map(is_many);
        if !is_told.contains(&true) {
            return Ok(is_told);
        }
        let Some(Related { inside, beside }) = related(view, scope, &people_on(view, own, touches)) else {
            return Ok([false; 5]);
        };
        let subjects: BTreeSet<i64> = inside.iter().chain(&beside).flat_map(|scope| view.subjects(scope)).collect();
        let subjects: Vec<i64> = subjects.into_iter().collect();
        let touches = self.store().runs_of(self.org(), &subjects, &view.visibility).await?;
        let context = view.context(as_of);
        let mut folder = KpiFolder::new();
        let mut parts = |scopes: &[RecordScope]| -> Vec<OurPart> {
            scopes.iter().map(|scope| folder.our_part(&context, scope, &touches, &KpiQuery::default())).collect()
        };
        let (inside, mut beside) = (parts(&inside), parts(&beside));
        beside.push(self.part_of_other_tier(view, scope, as_of).await?);
        Ok(std::array::from_fn(|kind| {
            let of_kind = |parts: &'_ [OurPart]| -> Vec<Vec<Done>> {
                parts
                    .iter()
                    .map(|part| part.groups()[kind].to_vec())
                    .filter(|group| is_many(group) && !group.is_empty())
                    .collect()
            };
            is_told[kind] && !is_told_by_others(own.groups()[kind], &of_kind(&inside), &of_kind(&beside))
        }))
    }
}

impl App {
    /// What of ours the other tier counts on the same record: whoever has seen both could take one from the other.
    async fn part_of_other_tier(&self, view: &View, scope: &RecordScope, as_of: Moment) -> Result<OurPart, AppError> {
        let visibility = match view.tier {
            Tier::Enhanced => view.crm_visibility(),
            Tier::Basic => self.whole_view().await?.visibility.clone(),
        };
        let touches = self.store().runs_of(self.org(), &view.subjects(scope), &visibility).await?;
        Ok(KpiFolder::new().our_part(&view.context(as_of), scope, &touches, &KpiQuery::default()))
    }
}

/// Whether enough colleagues contribute, or could have: nothing done is a figure too.
fn is_many(group: &[Done]) -> bool {
    !is_few(group, |_| true)
}

/// Whether some interactions are those of one to four colleagues.
fn is_few(group: &[Done], is_meant: impl Fn(u64) -> bool) -> bool {
    let people: BTreeSet<Contributor> =
        group.iter().filter(|(interaction, _)| is_meant(*interaction)).map(|(_, who)| *who).collect();
    (1..COLLEAGUES_MIN).contains(&people.len())
}

/// Whether a figure would, with those of others that are told, tell that of one to four colleagues.
fn is_told_by_others(own: &[Done], inside: &[Vec<Done>], beside: &[Vec<Done>]) -> bool {
    inside.iter().chain(beside).any(|other| is_told_by_difference(own, other)) || has_few_in_a_piece(own, inside)
}

/// Whether one of two figures, taken from the other, would.
fn is_told_by_difference(one: &[Done], other: &[Done]) -> bool {
    let interactions = |group: &[Done]| -> FxHashSet<u64> { group.iter().map(|(interaction, _)| *interaction).collect() };
    let (of_one, of_other) = (interactions(one), interactions(other));
    is_few(one, |interaction| !of_other.contains(&interaction)) || is_few(other, |interaction| !of_one.contains(&interaction))
}

/// Whether one to four colleagues stand behind a piece of a figure: what lies inside the same people, and in no others. The figure of an
/// account and those of its contacts tell each piece: what two of them share is their sum less the account.
fn has_few_in_a_piece(own: &[Done], inside: &[Vec<Done>]) -> bool {
    let mut pieces: BTreeMap<u64, u64> = own.iter().map(|(interaction, _)| (*interaction, 0)).collect();
    for (bit, group) in inside.iter().enumerate() {
        for (interaction, _) in group {
            if let Some(piece) = pieces.get_mut(interaction) {
                *piece |= 1 << bit;
            }
        }
    }
    let known: BTreeSet<u64> = pieces.values().copied().collect();
    known.into_iter().any(|piece| is_few(own, |interaction| pieces.get(&interaction) == Some(&piece)))
}

/// Everybody external on the interactions that figures about our side rest on.
fn people_on(view: &View, own: &OurPart, touches: &Touches) -> BTreeSet<PersonId> {
    let done: FxHashSet<u64> = own.groups().into_iter().flatten().map(|(interaction, _)| *interaction).collect();
    let rows = (0..touches.len()).filter(|i| done.contains(&touches.interaction[*i]));
    let theirs = rows.flat_map(|i| touches.participants_of(i)).filter(|seen| seen.side == Side::Theirs);
    theirs.map(|seen| view.directory.address(seen.address).person).collect()
}

/// What a record gives way to, and what it excludes if both are told. `None`: more than can be looked at.
fn related(view: &View, own: &RecordScope, people: &BTreeSet<PersonId>) -> Option<Related> {
    if people.len() > RELATED_MAX {
        return None;
    }
    let known = Known::of(view, people);
    let is_compound = is_compound(view, own);
    let is_own = |scope: &RecordScope| (scope.record, &scope.external) == (own.record, &own.external);
    let mut related = Related::default();
    for scope in known.scopes(view).filter(|scope| !is_own(scope)) {
        let is_inside = scope.external.iter().all(|id| own.external.contains(id));
        match (is_compound, self::is_compound(view, &scope)) {
            // What is made of several gives way to single people.
            (false, true) => {}
            (true, false) if is_inside => related.inside.push(scope),
            (true, _) | (false, false) => related.beside.push(scope),
        }
    }
    (related.inside.len() + related.beside.len() <= RELATED_MAX).then_some(related)
}

/// Whether a scope is made of several people; an account always is, though it may have one contact.
fn is_compound(view: &View, scope: &RecordScope) -> bool {
    let people: BTreeSet<PersonId> = scope.external.iter().map(|id| view.directory.address(*id).person).collect();
    scope.table == Table::Accounts || people.len() > 1
}

/// The records that tell figures about some people.
struct Known<'a> {
    /// Contacts that are one of them, contacts of which one is a stakeholder, and accounts to which one belongs.
    records: Vec<&'a Record>,
    /// Whoever is no contact.
    discovered: Vec<PersonId>,
}

impl<'a> Known<'a> {
    fn of(view: &'a View, people: &BTreeSet<PersonId>) -> Self {
        let key_of = |id| &*view.directory.address(id).key;
        let keys_of = |person: &PersonId| view.addresses_of(*person).into_iter().map(key_of);
        let keys: FxHashSet<&str> = people.iter().flat_map(keys_of).collect();
        let documents = || view.records.iter().filter_map(|record| Some((record, record.document.as_ref()?)));
        let is_contact = |(record, _): &(&Record, &RecordDocument)| record.reference.table == Table::Contacts;
        let ids: FxHashSet<&str> = keys.iter().filter_map(|key| key.strip_prefix("contact:")).collect();
        let is_one = |(record, document): &(&Record, &RecordDocument)| {
            document.email.iter().chain(&document.emails).any(|key| keys.contains(key.as_str()))
                || ids.contains(record.reference.id.as_str())
        };
        let own: Vec<_> = documents().filter(is_contact).filter(is_one).collect();
        let ids: FxHashSet<&str> = own.iter().map(|(record, _)| record.reference.id.as_str()).collect();
        let accounts: FxHashSet<&str> = own.iter().filter_map(|(_, document)| document.account.as_deref()).collect();
        let names_one = |text: &String| keys.contains(text.as_str()) || ids.contains(text.trim_start_matches("contact:"));
        let is_around = |(record, document): &(&Record, &RecordDocument)| match record.reference.table {
            Table::Contacts => document.stakeholders.iter().any(names_one) && !ids.contains(record.reference.id.as_str()),
            Table::Accounts => {
                accounts.contains(record.reference.id.as_str())
                    || document.primary_contact.as_deref().is_some_and(|id| ids.contains(id))
            }
            Table::Leads | Table::Opportunities => false,
        };
        let around = documents().filter(is_around);
        let records: Vec<&Record> = own.iter().copied().chain(around).map(|(record, _)| record).collect();
        let of_contacts: FxHashSet<&String> =
            own.iter().flat_map(|(_, document)| document.email.iter().chain(&document.emails)).collect();
        let is_discovered = |person: &&PersonId| {
            let mut keys = keys_of(person);
            !keys.any(|key| {
                of_contacts.contains(&key.to_owned()) || key.strip_prefix("contact:").is_some_and(|id| ids.contains(id))
            })
        };
        let discovered = people.iter().filter(is_discovered).copied().collect();
        Self { records, discovered }
    }

    fn scopes<'b>(&'b self, view: &'b View) -> impl Iterator<Item = RecordScope> + 'b {
        let discovered =
            self.discovered.iter().map(|person| RecordScope::of_addresses(0, Table::Contacts, view.addresses_of(*person)));
        self.records.iter().map(|record| view.scope(record)).chain(discovered)
    }
}

#[cfg(test)]
mod tests {
    use rapport_domain::UserId;

    use super::*;

    /// Interactions, each of one colleague.
    fn by(interactions: impl IntoIterator<Item = (u64, u32)>) -> Vec<Done> {
        interactions.into_iter().map(|(interaction, user)| (interaction, Contributor::User(UserId(user)))).collect()
    }

    fn five(from: u64) -> impl Iterator<Item = (u64, u32)> {
        (0..5).map(move |i| (from + i, i as u32 + 1))
    }

    #[test]
    fn a_difference_of_one_colleague_tells_both_sides_away() {
        let (jo, kay) = (by(five(10).chain([(20, 6)])), by(five(10)));
        assert!(is_many(&jo) && is_many(&kay) && is_many(&[]) && !is_many(&jo[..4]));
        assert!(is_told_by_difference(&jo, &kay) && is_told_by_difference(&kay, &jo));
        assert!(!is_told_by_difference(&kay, &kay.clone()));
        // Five colleagues are nobody.
        assert!(!is_told_by_difference(&by(five(10).chain(five(20))), &kay));
    }

    #[test]
    fn what_two_contacts_share_is_a_piece_of_their_account() {
        let (jo, kay) = (by(five(10).chain([(30, 1)])), by(five(20).chain([(30, 1)])));
        let account = by(five(10).chain(five(20)).chain([(30, 1)]));
        assert!(!is_told_by_difference(&account, &jo) && !is_told_by_difference(&account, &kay));
        assert!(has_few_in_a_piece(&account, &[jo.clone(), kay.clone()]));
        // Nobody can take away what is not told.
        assert!(!is_told_by_others(&account, std::slice::from_ref(&jo), &[]));
        assert!(!is_told_by_others(&jo, &[], std::slice::from_ref(&kay)));
    }
}
