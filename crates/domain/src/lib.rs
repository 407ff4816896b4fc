//! The vocabulary of Rapport: ids, addresses, people, interactions, records, time, settings.
//!
//! **What it is.** The words of the glossary as types that cannot hold nonsense, and nothing else.
//! **What it is not.** It knows no file, socket, clock, environment or random source, no wire format and no SQL row:
//! wire types live in `server`, row types in `store`.
//!
//! **Architecture Invariant:** nothing here derives `serde` or `sqlx` traits.
//! **Architecture Invariant:** a value that exists is valid; parsing returns an error that says what is wrong.
//!
//! To add a word: put it in the glossary first, then in the module whose subject it shares, with shape, unit and range.

pub mod address;
pub mod business_hours;
pub mod directory;
pub mod enabling;
pub mod geography;
pub mod interaction;
pub mod record;
pub mod rights;
pub mod settings;
pub mod time;
pub mod touches;

pub use address::{Address, AddressError, Domain};
pub use business_hours::{BusinessDays, BusinessHours};
pub use directory::{AddressEntry, Directory, Side, User};
pub use enabling::{ConsentState, Enabling, Feature};
pub use geography::{DataLocation, Geography, GeographyPolicy};
pub use interaction::{ActivityState, Attendance, Direction, Kind, Marks, Role, Sighting, Source, Who};
pub use record::{RecordRef, Table};
pub use rights::{Depth, Rights, Task};
pub use settings::{InsightSettings, Model};
pub use time::{Calendar, Day, Moment};
pub use touches::{Seen, Touches};

/// Declares a dense or opaque id: one newtype per id, so that a user can never be passed for a person.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);
    )*};
}

ids! {
    /// One tenant. Every row and file belongs to exactly one.
    OrgId(i64);
    /// An employee; dense from 1 within an organization.
    UserId(u32);
    /// A participant's key (an address, or a reference such as `contact:c1`); dense from 1 within an organization.
    AddressId(u32);
    /// Somebody external with one or more addresses: the smallest [`AddressId`] that belongs to them.
    PersonId(u32);
    /// A record's dense number within an organization, from 1, over all four tables.
    RecordId(u32);
    /// One interaction; dense from 1 within an organization.
    InteractionId(u64);
}
