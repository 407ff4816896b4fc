//! The fields of one CRM row by column name, with a note of each that could not be read.

use csv::ByteRecord;
use rapport_domain::{Address, Calendar, Domain, Moment, Who};

use super::CustomFields;
use crate::{
    participants::{reference, split_list},
    text::{decode, non_empty, quoted},
};

/// See the module.
pub(super) struct Fields<'a> {
    headers: &'a [String],
    record: &'a ByteRecord,
    calendar: &'a Calendar,
    known: &'static [&'static str],
    pub(super) notes: Vec<String>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(
        headers: &'a [String],
        record: &'a ByteRecord,
        calendar: &'a Calendar,
        known: &'static [&'static str],
    ) -> Self {
        Self { headers, record, calendar, known, notes: Vec::new() }
    }

    /// The trimmed text, `None` if it is empty or the column is missing.
    pub(super) fn text(&self, column: &str) -> Option<String> {
        let place = self.headers.iter().position(|header| header.eq_ignore_ascii_case(column))?;
        non_empty(&decode(self.record.get(place)?)).map(str::to_owned)
    }

    /// The text of the row's key.
    pub(super) fn key(&self, column: &str) -> Result<String, String> {
        self.text(column).ok_or_else(|| format!("column `{column}` is empty"))
    }

    /// The address that is the row's key.
    pub(super) fn key_address(&self, column: &str) -> Result<Address, String> {
        let text = self.key(column)?;
        Address::parse(&text).map_err(|error| format!("column `{column}`: {}: {error}", quoted(&text)))
    }

    pub(super) fn texts(&self, column: &str) -> Vec<String> {
        self.text(column).map(|list| split_list(&list).map(str::to_owned).collect()).unwrap_or_default()
    }

    /// One of a few words; the default if empty.
    pub(super) fn word<T: Default>(&self, column: &str, parse: fn(&str) -> Option<T>, words: &str) -> Result<T, String> {
        match self.text(column) {
            None => Ok(T::default()),
            Some(text) => parse(&text).ok_or_else(|| format!("column `{column}`: {} is none of {words}", quoted(&text))),
        }
    }

    /// Reads a value, or notes why it is left out.
    fn read<T, E: std::fmt::Display>(&mut self, column: &str, text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.notes.push(format!("column `{column}`: {}: {error}: left out", quoted(text)));
                None
            }
        }
    }

    pub(super) fn address(&mut self, column: &str) -> Option<Address> {
        let text = self.text(column)?;
        self.read(column, &text, address)
    }

    pub(super) fn addresses(&mut self, column: &str) -> Vec<Address> {
        let mut distinct = Vec::new();
        for text in self.texts(column) {
            let address = self.read(column, &text, address);
            distinct.extend(address.filter(|address| !distinct.contains(address)));
        }
        distinct
    }

    pub(super) fn domains(&mut self, column: &str) -> Vec<Domain> {
        let texts = self.texts(column);
        texts.iter().filter_map(|text| self.read(column, text, Domain::parse)).collect()
    }

    /// Contacts by id or `contact:ID`, leads by `lead:ID`, anybody by address.
    pub(super) fn people(&mut self, column: &str) -> Vec<Who> {
        let texts = self.texts(column);
        texts
            .iter()
            .filter_map(|text| match reference(text) {
                Some(who) => Some(who),
                None if text.contains('@') => self.read(column, text, address).map(Who::Address),
                None => Some(Who::Contact(text.clone())),
            })
            .collect()
    }

    /// A moment, or a date meaning its local midnight.
    pub(super) fn moment(&mut self, column: &str) -> Option<Moment> {
        let text = self.text(column)?;
        let calendar = self.calendar;
        self.read(column, &text, |text| {
            calendar.parse(text).map_err(|_| "neither a date such as 2026-03-01 nor a moment such as 2026-03-01T09:30:00Z")
        })
    }

    /// An amount: digits with a decimal point.
    pub(super) fn amount(&mut self, column: &str) -> Option<f64> {
        let text = self.text(column)?;
        self.read(column, &text, |text| {
            let is_plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
            let amount = text.parse::<f64>().ok().filter(|amount| is_plain && amount.is_finite());
            amount.ok_or("no amount: write digits and a decimal point, e.g. 12500.50")
        })
    }

    /// All columns that are not known, except empty ones.
    pub(super) fn custom(&self) -> CustomFields {
        let unknown = |header: &&String| !header.is_empty() && !self.known.iter().any(|known| known.eq_ignore_ascii_case(header));
        self.headers
            .iter()
            .zip(self.record)
            .filter(|(header, _)| unknown(header))
            .filter_map(|(header, field)| Some((header.clone(), non_empty(&decode(field))?.to_owned())))
            .collect()
    }
}

/// An address, alone or as `Name <address>`.
fn address(text: &str) -> Result<Address, rapport_domain::AddressError> {
    let bare = match text.rfind('<') {
        Some(open) if text.ends_with('>') => &text[open..],
        _ => text,
    };
    Address::parse(bare)
}
