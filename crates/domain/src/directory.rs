//! Who stands behind an address: the users and people of one organization, by dense ids.

use std::sync::Arc;

use crate::{AddressId, Moment, PersonId, UserId};

/// Ours or theirs. Decided at import and kept with the touch; `rebuild` decides again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Side {
    /// A user's address, or one whose domain is internal.
    Ours = 0,
    /// Everybody else.
    Theirs = 1,
}

/// One participant's key and who stands behind it. Cheap to clone: a directory that grows is shared with those who read it as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressEntry {
    /// The normalized address, or a reference such as `contact:c1`.
    pub key: Arc<str>,
    /// The name to show: the user's, the contact's or lead's, else the display name seen last.
    pub name: Option<Arc<str>>,
    /// Ours or theirs, as it is now.
    pub side: Side,
    /// The user whose address or alias this is.
    pub user: Option<UserId>,
    /// The person whose address this is: the id of their first address (their own id where they have one only).
    pub person: PersonId,
}

impl AddressEntry {
    /// The address, unless this is a reference to a record without one.
    pub fn email(&self) -> Option<&str> {
        self.key.contains('@').then_some(&*self.key).filter(|key| !key.starts_with("contact:") && !key.starts_with("lead:"))
    }
}

/// An employee as introducers and top-threes show them.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// First address.
    pub email: String,
    /// Name to show.
    pub name: String,
    /// Job title.
    pub title: Option<String>,
    /// All addresses: the first one, then aliases. Those never seen have no id and are not listed.
    pub addresses: Vec<AddressId>,
    /// Appears in no tie and no top-three, whatever the source.
    pub opted_out: bool,
    /// From this moment on the user is no introducer.
    pub left_at: Option<Moment>,
}

/// Everybody of one organization. Vectors are indexed by `id - 1`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directory {
    /// All addresses and references ever seen.
    pub addresses: Vec<AddressEntry>,
    /// All users.
    pub users: Vec<User>,
}

impl Directory {
    /// The entry of an address.
    pub fn address(&self, id: AddressId) -> &AddressEntry {
        &self.addresses[id.0 as usize - 1]
    }

    /// The user of an id.
    pub fn user(&self, id: UserId) -> &User {
        &self.users[id.0 as usize - 1]
    }

    /// The entry of a person's first address.
    pub fn person(&self, id: PersonId) -> &AddressEntry {
        self.address(AddressId(id.0))
    }

    /// The name to show for a person: their name, else their address, else the reference.
    pub fn person_name(&self, id: PersonId) -> &str {
        let entry = self.person(id);
        entry.name.as_deref().unwrap_or(&entry.key)
    }
}
