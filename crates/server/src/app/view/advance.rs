//! The next version of a view where all that changed is known: runs, names, and addresses that were seen for the first time.
//!
//! Touches change nothing here: such a version shares everything with the one before. A new address gets the id after the last stored
//! one, which was kept free for it. If only rows named it so far, it had another id, and moves wherever that stands. Whatever a view says
//! does not depend on the numbers of ids but on what they stand for, and is what loading the view anew would say.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use rapport_domain::{Address, AddressId, PersonId, RecordId};
use rapport_store::{
    ledger::{Changes, Mailboxes},
    registry::AddressRow,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{OwnAddresses, View, side};
use crate::app::{evaluation::StoredCalibration, settings};

/// Which records read which runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reads {
    /// Address and position of a record that reads its run, ascending.
    pairs: Vec<(u32, u32)>,
    /// Addresses of stakeholders that nobody has seen yet, and the positions of their records.
    awaited: FxHashMap<String, Vec<u32>>,
}

/// The stored ids of addresses that only rows named before, by their ids until then.
struct Moves(FxHashMap<AddressId, AddressId>);

impl Moves {
    fn of(&self, id: AddressId) -> AddressId {
        self.0.get(&id).copied().unwrap_or(id)
    }

    fn of_person(&self, person: PersonId) -> PersonId {
        PersonId(self.of(AddressId(person.0)).0)
    }

    fn of_all(&self, ids: &[AddressId]) -> Vec<AddressId> {
        ids.iter().map(|id| self.of(*id)).collect()
    }

    fn of_source(&self, source: i64) -> i64 {
        // Sources that are no address are not positive.
        u32::try_from(source).ok().filter(|id| *id > 0).map_or(source, |id| i64::from(self.of(AddressId(id)).0))
    }
}

impl View {
    /// The view under other settings; `None`: one has changed that more than figures follow.
    pub(crate) fn settled(&self, values: &BTreeMap<String, String>, settings_version: i64) -> Option<Self> {
        let is_figure = settings::value(values, "time_zone") == self.calendar.zone_name()
            && settings::geography_policy(values) == self.geography_policy;
        let settled = || Self {
            versions: (self.versions.0, settings_version),
            settings: settings::insight_settings(values),
            likelihoods: StoredCalibration::of(values).likelihoods(),
            ..self.clone()
        };
        is_figure.then(settled)
    }

    /// The view after some changes of facts; `None`: it is to be loaded anew.
    pub(crate) fn advanced(&self, changes: &Changes) -> Option<Self> {
        if changes.versions.1 != self.versions.1 {
            return None;
        }
        let mut view = self.clone();
        view.versions = changes.versions;
        if !changes.added.is_empty() {
            view.add(&changes.added)?;
        }
        for row in changes.renamed.iter().filter(|row| !self.named_by_rows.contains(&row.id)) {
            let position = row.id.0.checked_sub(1).filter(|_| row.id.0 <= self.stored_addresses)? as usize;
            let name = row.name.as_deref();
            if view.directory.addresses[position].name.as_deref() != name {
                view.entries()[position].name = name.map(Arc::from);
            }
        }
        Some(view)
    }

    /// Whether two views say the same, whatever way each was made.
    #[cfg(test)]
    pub(crate) fn assert_same(&self, anew: &Self, what: &str) {
        let ((plain, facts, people), (plain_anew, facts_anew, people_anew)) = (self.said(), anew.said());
        assert_eq!(plain, plain_anew, "{what}");
        assert_eq!(facts, facts_anew, "{what}");
        assert_eq!(people, people_anew, "{what}");
    }

    /// Everything that it says, with keys in place of the ids of addresses that are not stored.
    #[cfg(test)]
    fn said(&self) -> (String, impl PartialEq + std::fmt::Debug, impl PartialEq + std::fmt::Debug) {
        use std::collections::BTreeSet;

        let Self { tier, versions, loaded_at: _, calendar, settings, directory, ours, records, data, visibility, .. } =
            self.clone();
        let Self { likelihoods, custom_roles, user_documents, enabling, geography, geography_policy, works_council, .. } =
            self.clone();
        let Self { asks_first, private, objections, by_reference, own, contacts_of, by_key, addresses_of, .. } = self.clone();
        let Self { merged_with, named_by_rows, stored_addresses, reserved_addresses: _, reads, .. } = self.clone();
        let key = |id: AddressId| {
            let stored = (id.0 <= stored_addresses).then_some(id.0);
            (stored, directory.address(id).key.clone())
        };
        let keys = |ids: &[AddressId]| ids.iter().map(|id| key(*id)).collect::<Vec<_>>();
        let person = |id: PersonId| key(AddressId(id.0));
        let entry = |(id, entry): (u32, &rapport_domain::AddressEntry)| {
            (key(AddressId(id)), entry.name.clone(), entry.side, entry.user, person(entry.person))
        };
        let entries: BTreeSet<_> = (1..)
            .zip(&directory.addresses)
            .filter(|(_, entry)| !entry.key.is_empty())
            .map(entry)
            .map(|e| format!("{e:?}"))
            .collect();
        let users: Vec<_> = directory
            .users
            .iter()
            .map(|user| (format!("{:?}", rapport_domain::User { addresses: Vec::new(), ..user.clone() }), keys(&user.addresses)))
            .collect();
        let source = |source: &i64| {
            u32::try_from(*source).ok().filter(|id| *id > 0).map_or((None, source.to_string().into()), |id| key(AddressId(id)))
        };
        let mailboxes = match &visibility.mailboxes {
            Mailboxes::None => (0, BTreeSet::new()),
            Mailboxes::AllBut(hidden) => (1, hidden.iter().map(source).collect()),
            Mailboxes::Only(shown) => (2, shown.iter().map(source).collect()),
        };
        let spared: BTreeSet<_> = visibility.spared.iter().map(|id| key(AddressId(*id))).collect();
        let own: Vec<_> = (0..records.len()).map(|i| keys(own.of_record(i))).collect();
        let by_key: BTreeSet<_> = by_key.iter().map(|(text, id)| (text.clone(), key(*id))).collect();
        let addresses_of: BTreeSet<_> = addresses_of.iter().map(|(id, all)| (person(*id), keys(all))).collect();
        let merged_with: BTreeSet<_> = merged_with.iter().map(|(id, all)| (key(*id), keys(all))).collect();
        let named_by_rows: BTreeSet<_> = named_by_rows.iter().map(|id| key(*id)).collect();
        let reads = reads.get_or_init(|| self.all_reads()).clone();
        let pairs: BTreeSet<_> = reads.pairs.iter().map(|(id, position)| (key(AddressId(*id)), *position)).collect();
        let plain = format!("{:?}", (tier, calendar.zone_name(), data, likelihoods, custom_roles, geography, works_council));
        let facts = (versions, settings, (ours.addresses.clone(), ours.domains.clone()), records, user_documents, enabling);
        let people = (asks_first, private, objections, by_reference, contacts_of, geography_policy);
        let addresses = (stored_addresses, visibility.address_max, entries, users, mailboxes, spared, own, by_key);
        let others = (addresses_of, merged_with, named_by_rows, pairs, reads.awaited);
        (plain, (facts, people), (addresses, others))
    }

    /// Takes addresses in that were seen for the first time.
    fn add(&mut self, added: &[AddressRow]) -> Option<()> {
        let last = self.stored_addresses + added.len() as u32;
        let is_next = |(id, row): (u32, &AddressRow)| row.id.0 == id && !row.key.is_empty();
        if last > self.reserved_addresses || !(self.stored_addresses + 1..).zip(added).all(is_next) {
            return None;
        }
        let moves = Moves(added.iter().filter_map(|row| Some((self.address_id(&row.key)?, row.id))).collect());
        self.fill(added, &moves);
        self.stored_addresses = last;
        self.visibility.address_max = Some(last);
        if !moves.0.is_empty() {
            self.move_ids(&moves);
        }
        if let Some(reads) = self.reads.get().and_then(|reads| reads.after(added, &moves)) {
            self.reads = Arc::new(OnceLock::from(reads));
        }
        Some(())
    }

    /// Gives addresses their entries, those that only rows named before the ones that they had.
    fn fill(&mut self, added: &[AddressRow], moves: &Moves) {
        let ours = self.ours.clone();
        let (directory, by_key) = (Arc::make_mut(&mut self.directory), Arc::make_mut(&mut self.by_key));
        #[allow(clippy::iter_over_hash_type, reason = "each goes to a place of its own")]
        for (from, to) in &moves.0 {
            directory.addresses.swap(from.0 as usize - 1, to.0 as usize - 1);
            directory.addresses[from.0 as usize - 1].person = PersonId(from.0);
        }
        for row in added {
            let entry = &mut directory.addresses[row.id.0 as usize - 1];
            if entry.key.is_empty() {
                entry.key = row.key.as_str().into();
                entry.side = side(&ours, &entry.key);
            }
            if entry.name.is_none() {
                entry.name = row.name.as_deref().map(Arc::from);
            }
            by_key.insert(entry.key.clone(), row.id);
        }
    }

    /// Puts stored ids wherever others stood for their addresses.
    fn move_ids(&mut self, moves: &Moves) {
        let directory = Arc::make_mut(&mut self.directory);
        for entry in &mut directory.addresses {
            entry.person = moves.of_person(entry.person);
        }
        for user in &mut directory.users {
            user.addresses = moves.of_all(&user.addresses);
        }
        self.own = Arc::new(OwnAddresses { ends: self.own.ends.clone(), ids: moves.of_all(&self.own.ids) });
        let of_person = |(person, all): (&PersonId, &Vec<AddressId>)| (moves.of_person(*person), moves.of_all(all));
        self.addresses_of = Arc::new(self.addresses_of.iter().map(of_person).collect());
        let of_merged = |(id, all): (&AddressId, &Vec<AddressId>)| (moves.of(*id), moves.of_all(all));
        self.merged_with = Arc::new(self.merged_with.iter().map(of_merged).collect());
        self.named_by_rows = Arc::new(self.named_by_rows.iter().map(|id| moves.of(*id)).collect());
        let sources = |sources: &FxHashSet<i64>| sources.iter().map(|source| moves.of_source(*source)).collect();
        self.visibility.mailboxes = match &self.visibility.mailboxes {
            Mailboxes::None => Mailboxes::None,
            Mailboxes::AllBut(hidden) => Mailboxes::AllBut(sources(hidden)),
            Mailboxes::Only(shown) => Mailboxes::Only(sources(shown)),
        };
        self.visibility.spared = self.visibility.spared.iter().map(|id| moves.of(AddressId(*id)).0).collect();
    }

    /// Positions of the records that have a row and read the run of any of some subjects, ascending.
    pub(crate) fn readers_of(&self, subjects: impl IntoIterator<Item = i64>) -> Vec<usize> {
        let reads = self.reads.get_or_init(|| self.all_reads());
        let mut positions = Vec::new();
        for subject in subjects {
            if let Ok(id) = u32::try_from(subject) {
                let first = reads.pairs.partition_point(|(other, _)| *other < id);
                let same = reads.pairs[first..].iter().take_while(|(other, _)| *other == id);
                positions.extend(same.map(|(_, position)| *position as usize));
            } else {
                let number = RecordId(u32::try_from(-subject).unwrap_or_default());
                positions.extend(self.records.binary_search_by_key(&number, |record| record.record));
            }
        }
        positions.sort_unstable();
        positions.dedup();
        positions.retain(|position| self.records[*position].document.is_some());
        positions
    }

    fn all_reads(&self) -> Reads {
        let mut reads = Reads::default();
        for (position, record) in self.records.iter().enumerate() {
            let Some(document) = &record.document else { continue };
            reads.pairs.extend(self.scope(record).external.into_iter().map(|id| (id.0, position as u32)));
            let unseen = document.stakeholders.iter().filter_map(|text| Address::parse(text).ok());
            for key in unseen.filter(|address| self.address_id(address.as_str()).is_none()) {
                let positions = reads.awaited.entry(key.as_str().to_owned()).or_default();
                positions.push(position as u32);
                positions.dedup();
            }
        }
        reads.pairs.sort_unstable();
        reads
    }
}

impl Reads {
    /// The same after some addresses were seen for the first time; `None`: nothing of it changes.
    fn after(&self, added: &[AddressRow], moves: &Moves) -> Option<Self> {
        if moves.0.is_empty() && !added.iter().any(|row| self.awaited.contains_key(&row.key)) {
            return None;
        }
        let mut pairs: Vec<(u32, u32)> =
            self.pairs.iter().map(|(id, position)| (moves.of(AddressId(*id)).0, *position)).collect();
        let mut awaited = self.awaited.clone();
        for row in added {
            let positions = awaited.remove(&row.key).unwrap_or_default();
            pairs.extend(positions.into_iter().map(|position| (row.id.0, position)));
        }
        pairs.sort_unstable();
        Some(Self { pairs, awaited })
    }
}
