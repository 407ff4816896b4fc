//! Which interactions belong to a record (02 §1, §2).

use super::read::{Facts, Interaction, Key, Kind, normalize};
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Accounts,
    Contacts,
    Leads,
    Opportunities,
}

/// Who of ours is of interest.
enum Internal {
    AnyUser,
    These(BTreeSet<Key>),
}

/// A record with its people of interest.
pub(super) struct Record {
    pub(super) table: Table,
    pub(super) id: String,
    reference: String,
    internal: Internal,
    external: BTreeSet<Key>,
}

impl Record {
    pub(super) fn find(facts: &Facts<'_>, table: &str, id: &str) -> Option<Self> {
        let (kind, internal, external) = match table {
            "accounts" => {
                let row = facts.world.accounts.iter().find(|row| row.id == id)?;
                let mut external = BTreeSet::new();
                for contact in facts.world.contacts.iter().filter(|contact| contact.account.as_ref() == Some(&row.id)) {
                    external.extend(facts.people.contact_keys(&contact.id));
                }
                external.extend(row.primary_contact.iter().flat_map(|contact| facts.people.contact_keys(contact)));
                (Table::Accounts, Internal::AnyUser, external)
            }
            "contacts" => {
                let row = facts.world.contacts.iter().find(|row| row.id == id)?;
                (Table::Contacts, Internal::AnyUser, facts.people.contact_keys(&row.id).into_iter().collect())
            }
            "leads" => {
                let row = facts.world.leads.iter().find(|row| row.id == id)?;
                let mut external: BTreeSet<Key> = facts.people.lead_keys(&row.id).into_iter().collect();
                external.extend(stakeholders(facts, &row.stakeholders));
                (Table::Leads, Internal::These(colleagues(facts, row.owner.iter())), external)
            }
            "opportunities" => {
                let row = facts.world.opportunities.iter().find(|row| row.id == id)?;
                let mut external = stakeholders(facts, &row.stakeholders);
                external.extend(row.contact.iter().flat_map(|contact| facts.people.contact_keys(contact)));
                let account = facts.world.accounts.iter().find(|account| row.account.as_ref() == Some(&account.id));
                let primary = account.and_then(|account| account.primary_contact.as_ref());
                external.extend(primary.iter().flat_map(|contact| facts.people.contact_keys(contact)));
                (Table::Opportunities, Internal::These(colleagues(facts, row.owner.iter().chain(&row.team))), external)
            }
            _ => return None,
        };
        Some(Self { table: kind, id: id.to_owned(), reference: format!("{table}/{id}"), internal, external })
    }

    /// Whether it belongs to this record, in whatever state it is.
    pub(super) fn owns(&self, facts: &Facts<'_>, interaction: &Interaction) -> bool {
        if interaction.regarding.as_ref() == Some(&self.reference) {
            return true;
        }
        let meeting_of_another = interaction.regarding.is_some() || !interaction.seen_in_a_mailbox;
        if self.table == Table::Opportunities && interaction.kind == Kind::Meeting && meeting_of_another {
            return false;
        }
        let present = match interaction.kind {
            Kind::Email | Kind::Meeting => interaction.participants(),
            Kind::PhoneCall => interaction.from.union(&interaction.to).cloned().collect(),
            Kind::Task => return false,
        };
        let internal = match &self.internal {
            Internal::AnyUser => !facts.ours(&present).is_empty(),
            Internal::These(keys) => !keys.is_disjoint(&present),
        };
        internal && facts.theirs(&present).iter().any(|key| self.external.contains(key))
    }

    /// The record's interactions at `as_of`, in time order.
    pub(super) fn interactions<'f>(&self, facts: &'f Facts<'_>, as_of: i64) -> Vec<&'f Interaction> {
        facts.interactions.iter().filter(|interaction| interaction.counts(as_of) && self.owns(facts, interaction)).collect()
    }
}

/// Contact ids or addresses. An address stands for its person.
fn stakeholders(facts: &Facts<'_>, stakeholders: &[String]) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    for stakeholder in stakeholders {
        if stakeholder.contains('@') {
            keys.extend(facts.people.keys_of(&facts.people.person_of(&normalize(stakeholder))));
        } else {
            keys.extend(facts.people.contact_keys(stakeholder));
        }
    }
    keys
}

/// The addresses of these users; an address of ours without a user stands for itself.
fn colleagues<'a>(facts: &Facts<'_>, addresses: impl Iterator<Item = &'a String>) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    for address in addresses {
        let key = normalize(address);
        if let Some(user) = facts.people.user_of(&key) {
            let row = &facts.world.users[user];
            keys.insert(normalize(&row.email));
            keys.extend(row.aliases.iter().map(|alias| normalize(alias)));
        } else if facts.people.is_ours(&key) {
            keys.insert(key);
        }
    }
    keys
}
