//! Whom a pass folds, and which runs each of them needs.

use rapport_domain::{AddressId, PersonId, Side};
use rapport_insight::RecordScope;

use super::on_cores;
use crate::app::{View, view::Record};

/// What is folded.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    /// The record at this position of the view.
    Record(u32),
    /// Somebody external.
    Person(PersonId),
}

/// All targets: records by their numbers, then people by theirs; and who needs which subject.
#[derive(Debug, Default)]
pub(super) struct Targets {
    what: Vec<Target>,
    /// Of the records.
    scopes: Vec<RecordScope>,
    /// Addresses with runs of target `i` end here.
    addresses_end: Vec<u32>,
    addresses: Vec<AddressId>,
    /// Targets of address `i` end here.
    of_address_end: Vec<u32>,
    of_address: Vec<u32>,
    /// (number, target) of the records, ascending: what regards them has a run of its own.
    of_record: Vec<(u32, u32)>,
}

impl Targets {
    /// The targets of a pass: those records with a row that are kept, and everybody external.
    pub(super) fn plan(view: &View, keeps: &(dyn Fn(&Record) -> bool + Send + Sync), people: bool, cores: usize) -> Self {
        let mut targets = Self::default();
        let kept = (0_u32..).zip(view.records.iter()).filter(|(_, record)| record.document.is_some() && keeps(record));
        let records: Vec<u32> = kept.map(|(position, _)| position).collect();
        let scopes = on_cores(cores, &records, |positions| {
            positions.iter().map(|position| view.scope(&view.records[*position as usize])).collect::<Vec<_>>()
        });
        for (position, scope) in records.into_iter().zip(scopes.into_iter().flatten()) {
            if scope.record != 0 {
                targets.of_record.push((scope.record, targets.what.len() as u32));
            }
            targets.push(view, Target::Record(position), &scope.external);
            targets.scopes.push(scope);
        }
        targets.of_record.sort_unstable();
        if people {
            let external = (1..=view.stored_addresses()).map(|id| view.directory.address(AddressId(id)));
            let mut all: Vec<PersonId> = external.filter(|entry| entry.side == Side::Theirs).map(|entry| entry.person).collect();
            all.sort_unstable();
            all.dedup();
            for person in all {
                targets.push(view, Target::Person(person), &view.addresses_of(person));
            }
        }
        targets.turn(view.stored_addresses());
        targets
    }

    fn push(&mut self, view: &View, what: Target, addresses: &[AddressId]) {
        self.what.push(what);
        // Addresses that no interaction names have no run.
        self.addresses.extend(addresses.iter().filter(|id| id.0 <= view.stored_addresses()));
        self.addresses_end.push(self.addresses.len() as u32);
    }

    /// Lists the targets by address.
    fn turn(&mut self, stored: u32) {
        let mut ends = vec![0_u32; stored as usize + 1];
        for address in &self.addresses {
            ends[address.0 as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            (*end, sum) = (sum, sum + *end);
        }
        self.of_address = vec![0; self.addresses.len()];
        for target in 0..self.what.len() as u32 {
            for position in self.range(target) {
                let next = &mut ends[self.addresses[position].0 as usize];
                self.of_address[*next as usize] = target;
                *next += 1;
            }
        }
        self.of_address_end = ends;
    }

    fn range(&self, target: u32) -> std::ops::Range<usize> {
        let start = if target == 0 { 0 } else { self.addresses_end[target as usize - 1] };
        start as usize..self.addresses_end[target as usize] as usize
    }

    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        self.what.len() as u32
    }

    /// What a target is.
    pub(super) fn what(&self, target: u32) -> &Target {
        &self.what[target as usize]
    }

    /// The scope of a record.
    pub(super) fn scope(&self, target: u32) -> &RecordScope {
        &self.scopes[target as usize]
    }

    /// The addresses of a target that may have runs, ascending.
    pub(super) fn addresses(&self, target: u32) -> &[AddressId] {
        &self.addresses[self.range(target)]
    }

    /// All subjects of a target: its addresses, ascending, and at last, negative, its record.
    pub(super) fn subjects(&self, target: u32) -> impl Iterator<Item = i64> {
        let record = self.scopes.get(target as usize).map_or(0, |scope| scope.record);
        let addresses = self.addresses(target).iter().map(|address| i64::from(address.0));
        addresses.chain((record != 0).then_some(-i64::from(record)))
    }

    /// All subjects that anybody needs, ascending.
    pub(super) fn all_subjects(&self) -> Vec<i64> {
        let of_records = self.of_record.iter().rev().map(|(number, _)| -i64::from(*number));
        let is_needed = |address: &usize| self.of_address_end[*address] > self.of_address_end[address - 1];
        let addresses = (1..self.of_address_end.len()).filter(is_needed).map(|address| address as i64);
        let mut subjects: Vec<i64> = of_records.chain(addresses).collect();
        subjects.dedup();
        subjects
    }

    /// Who needs a subject, ascending.
    pub(super) fn of(&self, subject: i64) -> impl Iterator<Item = &u32> {
        let address = usize::try_from(subject).ok().filter(|address| *address > 0 && *address < self.of_address_end.len());
        let of_address = address.map_or(&[][..], |address| {
            &self.of_address[self.of_address_end[address - 1] as usize..self.of_address_end[address] as usize]
        });
        let number = u32::try_from(-subject).ok();
        let of_record = number.and_then(|number| self.of_record.binary_search_by_key(&number, |(number, _)| *number).ok());
        of_address.iter().chain(of_record.map(|position| &self.of_record[position].1))
    }
}
