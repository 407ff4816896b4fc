//! The next version of a view where all that changed is known: runs, names, and addresses that were seen for the first time.
//!
//! Touches change nothing here: such a version shares everything with the one before. A new address gets the id after the last stored
//! one, so that ids which only stand for addresses of rows move up; everything else keeps its place. Whatever a view says does not depend
//! on the numbers of ids but on what they stand for, and moving them gives what loading the view anew would.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use rapport_domain::{Address, AddressEntry, AddressId, PersonId, RecordId};
use rapport_store::{
    ledger::{Changes, Mailboxes},
    registry::AddressRow,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{View, side};
use crate::app::{evaluation::StoredCalibration, settings};

/// Which records read which runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reads {
    /// Address and position of a record that reads its run, ascending.
    pairs: Vec<(u32, u32)>,
    /// Addresses of stakeholders that nobody has seen yet, and the positions of their records.
    awaited: FxHashMap<String, Vec<u32>>,
}

/// Where ids lie when addresses are added that were only known from rows, or not at all.
struct Moves {
    stored: u32,
    /// New ids of the ids beyond `stored`, in their order.
    beyond: Vec<u32>,
}

impl Moves {
    fn of(&self, id: AddressId) -> AddressId {
        if id.0 <= self.stored { id } else { AddressId(self.beyond[(id.0 - self.stored) as usize - 1]) }
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

    /// Whether two views say the same, whatever way each was made; `reads` as they would be made anew.
    #[cfg(test)]
    pub(crate) fn assert_same(&self, anew: &Self, what: &str) {
        let parts = |view: &Self| {
            let Self { tier, versions, loaded_at: _, calendar, settings, directory, ours, records, data, visibility, .. } =
                view.clone();
            let Self { custom_roles, user_documents, enabling, geography, geography_policy, works_council, .. } = view.clone();
            let Self { asks_first, private, objections, by_reference, contacts_of, by_key, .. } = view.clone();
            let Self { addresses_of, merged_with, named_by_rows, stored_addresses, reads: _, .. } = view.clone();
            let plain = format!("{:?}", (tier, calendar.zone_name(), data, custom_roles, geography, works_council));
            let ours = (ours.addresses.clone(), ours.domains.clone());
            (
                (plain, versions, settings, directory, ours, records, visibility, user_documents, enabling, geography_policy),
                (asks_first, private, objections, by_reference, contacts_of, by_key),
                (addresses_of, merged_with, named_by_rows, stored_addresses),
            )
        };
        let ((facts, people, addresses), (facts_anew, people_anew, addresses_anew)) = (parts(self), parts(anew));
        assert_eq!(facts, facts_anew, "{what}");
        assert_eq!(people, people_anew, "{what}");
        assert_eq!(addresses, addresses_anew, "{what}");
        let reads = self.reads.get_or_init(|| self.all_reads());
        assert_eq!(reads, &anew.all_reads(), "{what}");
    }

    /// Takes addresses in that were seen for the first time.
    fn add(&mut self, added: &[AddressRow]) -> Option<()> {
        let stored = self.stored_addresses;
        let is_next = |(i, row): (usize, &AddressRow)| row.id.0 as usize == stored as usize + 1 + i && !row.key.is_empty();
        if !added.iter().enumerate().all(is_next) {
            return None;
        }
        let moves = self.moves(added);
        self.move_entries(added, &moves);
        let by_key = Arc::make_mut(&mut self.by_key);
        #[allow(clippy::iter_over_hash_type, reason = "each value by itself")]
        for id in by_key.values_mut() {
            *id = moves.of(*id);
        }
        for row in added {
            let key = self.directory.address(row.id).key.clone();
            by_key.insert(key, row.id);
        }
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
        self.stored_addresses += added.len() as u32;
        self.visibility.address_max = Some(self.stored_addresses);
        let reads = self.reads.get().map(|reads| reads.moved(added, &moves));
        self.reads = Arc::new(reads.map_or_else(OnceLock::new, OnceLock::from));
        Some(())
    }

    fn moves(&self, added: &[AddressRow]) -> Moves {
        let stored = self.stored_addresses;
        let mut beyond = vec![0; self.directory.addresses.len() - stored as usize];
        for row in added {
            if let Some(id) = self.by_key.get(row.key.as_str()).filter(|id| id.0 > stored) {
                beyond[(id.0 - stored) as usize - 1] = row.id.0;
            }
        }
        let mut next = stored + added.len() as u32;
        for place in beyond.iter_mut().filter(|place| **place == 0) {
            next += 1;
            *place = next;
        }
        Moves { stored, beyond }
    }

    fn move_entries(&mut self, added: &[AddressRow], moves: &Moves) {
        let (ours, stored) = (self.ours.clone(), self.stored_addresses as usize);
        let directory = Arc::make_mut(&mut self.directory);
        for entry in &mut directory.addresses {
            entry.person = moves.of_person(entry.person);
        }
        let mut beyond: Vec<Option<AddressEntry>> = directory.addresses.split_off(stored).into_iter().map(Some).collect();
        let last = (stored + added.len()) as u32;
        let known = moves.beyond.iter().enumerate().filter(|(_, id)| **id <= last);
        let mut known: FxHashMap<u32, usize> = known.map(|(i, id)| (*id, i)).collect();
        for row in added {
            let name = row.name.as_deref().map(Arc::from);
            let entry = if let Some(entry) = known.remove(&row.id.0).and_then(|i| beyond[i].take()) {
                AddressEntry { name: entry.name.clone().or(name), ..entry }
            } else {
                let key: Arc<str> = row.key.as_str().into();
                AddressEntry { side: side(&ours, &key), key, name, user: None, person: PersonId(row.id.0) }
            };
            directory.addresses.push(entry);
        }
        directory.addresses.extend(beyond.into_iter().flatten());
        for user in &mut directory.users {
            user.addresses = moves.of_all(&user.addresses);
        }
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
    fn moved(&self, added: &[AddressRow], moves: &Moves) -> Self {
        let mut pairs: Vec<(u32, u32)> =
            self.pairs.iter().map(|(id, position)| (moves.of(AddressId(*id)).0, *position)).collect();
        let mut awaited = self.awaited.clone();
        for row in added {
            let positions = awaited.remove(&row.key).unwrap_or_default();
            pairs.extend(positions.into_iter().map(|position| (row.id.0, position)));
        }
        pairs.sort_unstable();
        Self { pairs, awaited }
    }
}
