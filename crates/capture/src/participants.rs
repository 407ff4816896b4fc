//! Gathering who takes part: distinct, bounded, and counted beyond the bound.

use std::collections::HashMap;

use rapport_domain::{Address, Attendance, Role, Who};

use crate::{
    captured::is_recipient,
    mail::PARTICIPANTS_MAX,
    text::{display_name, quoted},
};

/// From this number on participants are looked up by hash instead of one after the other.
const INDEXED_FROM: usize = 48;
/// Distinct participants beyond which nobody is counted any more: far above every rule, and it bounds memory.
const COUNTED_MAX: usize = 500_000;

/// The participants of one copy while it is being read.
#[derive(Default)]
pub(crate) struct Roster {
    pub(crate) participants: Vec<Attendance>,
    /// Distinct recipients, also beyond the bound.
    pub(crate) recipients: u32,
    /// Bits of the roles that each participant has, once there are many.
    index: Option<HashMap<Who, u8>>,
    /// Attendances beyond [`PARTICIPANTS_MAX`].
    left_out: u32,
    unreadable: u32,
    unreadable_example: String,
}

impl Roster {
    /// Adds somebody in a role; the same again changes nothing, but may bring the name that was missing.
    pub(crate) fn add(&mut self, who: Who, role: Role, name: Option<String>) {
        let roles_before = if self.index.is_some() || self.participants.len() >= INDEXED_FROM {
            self.roles_by_index(&who, role)
        } else {
            self.roles_by_scan(&who, role, name.as_deref())
        };
        if roles_before & bit(role) != 0 {
            return;
        }
        let was_recipient = Role::ALL.into_iter().any(|other| is_recipient(other) && roles_before & bit(other) != 0);
        if is_recipient(role) && !was_recipient {
            self.recipients += 1;
        }
        if self.participants.len() < PARTICIPANTS_MAX {
            self.participants.push(Attendance { who, role, name });
        } else {
            self.left_out += 1;
        }
    }

    fn roles_by_scan(&mut self, who: &Who, role: Role, name: Option<&str>) -> u8 {
        let mut roles = 0;
        for known in self.participants.iter_mut().filter(|known| known.who == *who) {
            roles |= bit(known.role);
            if known.role == role && known.name.is_none() {
                known.name = name.map(str::to_owned);
            }
        }
        roles
    }

    fn roles_by_index(&mut self, who: &Who, role: Role) -> u8 {
        let index = self.index.get_or_insert_with(|| {
            let mut index = HashMap::with_capacity(2 * INDEXED_FROM);
            for known in &self.participants {
                *index.entry(known.who.clone()).or_insert(0) |= bit(known.role);
            }
            index
        });
        if let Some(roles) = index.get_mut(who) {
            let before = *roles;
            *roles |= bit(role);
            return before;
        }
        if index.len() >= COUNTED_MAX {
            return u8::MAX; // known as everything: not counted any more
        }
        index.insert(who.clone(), bit(role));
        0
    }

    /// Adds an address with its display name, or notes that it is none.
    pub(crate) fn add_address(&mut self, address: &str, role: Role, name: Option<&str>) {
        match Address::parse(address) {
            Ok(parsed) => {
                let name = name.and_then(|name| display_name(name, Some(parsed.as_str())));
                self.add(Who::Address(parsed), role, name);
            }
            Err(_) => self.note_unreadable(address),
        }
    }

    /// Notes a participant that cannot be read.
    pub(crate) fn note_unreadable(&mut self, text: &str) {
        if self.unreadable == 0 {
            self.unreadable_example = quoted(text);
        }
        self.unreadable += 1;
    }

    /// Adds a list as interaction files write it: `;` between items, each `Name <addr>`, `addr`, `contact:ID` or `lead:ID`.
    pub(crate) fn add_list(&mut self, list: &str, role: Role) {
        for item in split_list(list) {
            self.add_item(item, role);
        }
    }

    /// Adds one item of such a list.
    pub(crate) fn add_item(&mut self, item: &str, role: Role) {
        let item = item.trim();
        let (name, inner) = match item.rfind('<') {
            Some(open) if item.ends_with('>') => (Some(&item[..open]), item[open + 1..item.len() - 1].trim()),
            _ => (None, item),
        };
        match reference(inner) {
            Some(who) => self.add(who, role, name.and_then(|name| display_name(name, None))),
            None if inner.is_empty() => {
                if !item.is_empty() {
                    self.note_unreadable(item);
                }
            }
            None => self.add_address(inner, role, name),
        }
    }

    /// What was left out, as sentences.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.unreadable == 1 {
            notes.push(format!("{} is no address: left out", self.unreadable_example));
        } else if self.unreadable > 1 {
            notes.push(format!("{} participants are no addresses, e.g. {}: left out", self.unreadable, self.unreadable_example));
        }
        if self.left_out > 0 {
            notes.push(format!("{} participants beyond the first {PARTICIPANTS_MAX} are left out", self.left_out));
        }
        notes
    }

    /// An unreadable participant, as quoted in a problem.
    pub(crate) fn unreadable_example(&self) -> Option<&str> {
        (self.unreadable > 0).then_some(self.unreadable_example.as_str())
    }
}

fn bit(role: Role) -> u8 {
    1 << role as u8
}

/// `contact:ID` or `lead:ID`.
pub(crate) fn reference(text: &str) -> Option<Who> {
    let (table, id) = text.split_once(':')?;
    let id = id.trim();
    if id.is_empty() {
        return None;
    }
    if table.eq_ignore_ascii_case("contact") {
        Some(Who::Contact(id.to_owned()))
    } else if table.eq_ignore_ascii_case("lead") {
        Some(Who::Lead(id.to_owned()))
    } else {
        None
    }
}

/// Splits at `;`, but not within quotes (where they are balanced) or `<>`. Items are trimmed and not empty.
pub(crate) fn split_list(list: &str) -> impl Iterator<Item = &str> {
    let is_quoting = list.contains('"') && list.matches('"').count().is_multiple_of(2);
    let mut rest = list;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let end =
                if is_quoting { end_outside_quotes(rest) } else { memchr::memchr(b';', rest.as_bytes()).unwrap_or(rest.len()) };
            let item = rest[..end].trim();
            rest = rest.get(end + 1..).unwrap_or("");
            if !item.is_empty() {
                return Some(item);
            }
        }
    })
}

/// Where the first `;` outside quotes stands, else the end.
fn end_outside_quotes(text: &str) -> usize {
    let mut in_quotes = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => in_quotes = !in_quotes,
            b';' if !in_quotes => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(list: &str) -> Vec<String> {
        let mut roster = Roster::default();
        roster.add_list(list, Role::To);
        let people = roster.participants.iter();
        let mut lines: Vec<String> =
            people.map(|one| format!("{} {}", one.who.key(), one.name.as_deref().unwrap_or("-"))).collect();
        lines.extend(roster.notes());
        lines
    }

    #[test]
    fn lists_take_names_addresses_and_references() {
        assert_eq!(
            listed("\"Doe; Jane\" <Jane@X.example>;jo@x.example; contact:c1 ;Lee <lead:L 2>;;jo@x.example"),
            ["jane@x.example Doe; Jane", "jo@x.example -", "contact:c1 -", "lead:L 2 Lee"]
        );
    }

    #[test]
    fn one_bad_item_leaves_the_others() {
        assert_eq!(listed("jo@x.example;nobody"), ["jo@x.example -", "`nobody` is no address: left out"]);
        assert_eq!(listed("a\" <a@x.example>;b@x.example"), ["a@x.example a", "b@x.example -"]);
        assert_eq!(listed("x;y;<>"), ["3 participants are no addresses, e.g. `x`: left out"]);
    }

    #[test]
    fn recipients_are_counted_beyond_the_bound() {
        let mut roster = Roster::default();
        for round in 0..2 {
            for number in 0..100_000 {
                let role = if round == 0 { Role::To } else { Role::Cc };
                roster.add_address(&format!("u{number}@x.example"), role, None);
            }
        }
        assert_eq!((roster.recipients, roster.participants.len()), (100_000, PARTICIPANTS_MAX));
        assert_eq!(roster.notes(), ["198000 participants beyond the first 2000 are left out"]);
    }

    #[test]
    fn somebody_in_to_and_cc_is_one_recipient() {
        let mut roster = Roster::default();
        for (role, name) in [(Role::From, None), (Role::To, None), (Role::To, Some("Jo")), (Role::Cc, None)] {
            roster.add_address("jo@x.example", role, name);
        }
        assert_eq!((roster.recipients, roster.participants.len()), (1, 3));
        assert_eq!(roster.participants[1].name.as_deref(), Some("Jo"));
    }
}
