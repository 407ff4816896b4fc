//! The demo organization: a plausible company with fourteen months of work, made from nothing but a moment and a seed.
//!
//! [`files`] answers files in the formats that users import (users, CRM tables, mbox, iCalendar), in memory: the demo is loaded by the
//! importers that everybody uses, so it shows what they will see, and nothing of it is special to the store.
//!
//! **Invariants.** Pure: the same moment and seed give the same bytes, whatever the machine, clock, environment or day of the build.
//! Nothing completed lies after `as_of`; meetings and planned activities may. Every address outside of us lies under `.example`.
//!
//! | file | what |
//! | --- | --- |
//! | `random`, `days`, `words`, `companies` | chance, the calendar of a Dutch office, names and phrases |
//! | `world` | what the generator remembers |
//! | `staff`, `records`, `deals` | who we are, whom we know, what we sell |
//! | `relations` | who is in touch with whom and how often: the numbers behind each health state, grade and trend |
//! | `traffic`, `conversations`, `appointments`, `noise` | what happened |
//! | `csv`, `mbox`, `ics` | how it is written down |
//!
//! To add a kind of relationship: a variant of `Rhythm`, its numbers in `relations`, its share in `records`, and a line in the tests.

mod appointments;
mod companies;
mod conversations;
mod csv;
mod days;
mod deals;
mod ics;
mod mbox;
mod noise;
mod random;
mod records;
mod relations;
mod staff;
#[cfg(test)]
mod tests;
mod traffic;
mod words;
mod world;

use world::World;

/// The only domain that is declared internal; one more is ours through the aliases of two users.
pub const INTERNAL_DOMAIN: &str = "zilverbrug.example";
/// Where the demo organization works.
pub const TIME_ZONE: &str = "Europe/Amsterdam";
/// Makers of flow meters and bridge sensors, in Deventer.
pub const ORGANIZATION_NAME: &str = "Zilverbrug Instruments";

/// One file of the demo, to be handed to the importer of its kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DemoFile {
    /// `users.csv`, `crm/<table>.csv`, `mail/<mailbox>.mbox`, `calendar/<mailbox>.ics`.
    pub path: String,
    /// UTF-8 text.
    pub bytes: Vec<u8>,
}

/// All files of the demo organization as of a moment (microseconds since 1970, UTC), in the order in which they are imported.
///
/// Moments before 2000 or after 2189 are taken as those years' edge.
pub fn files(as_of_us: i64, seed: u64) -> Vec<DemoFile> {
    write(&generate(as_of_us, seed))
}

fn generate(as_of_us: i64, seed: u64) -> World {
    let mut world = World::new(as_of_us, seed);
    let shared = staff::hire(&mut world);
    records::add_accounts(&mut world);
    records::add_contacts(&mut world);
    records::add_leads(&mut world);
    records::add_discovered(&mut world);
    deals::add_opportunities(&mut world);
    traffic::add_traffic(&mut world, &shared);
    noise::add_noise(&mut world, &shared);
    world
}

fn write(world: &World) -> Vec<DemoFile> {
    let file = |path: &str, text: String| DemoFile { path: path.to_owned(), bytes: text.into_bytes() };
    let mut files = vec![
        file("users.csv", csv::users(world)),
        file("crm/accounts.csv", csv::accounts(world)),
        file("crm/contacts.csv", csv::contacts(world)),
        file("crm/leads.csv", csv::leads(world)),
        file("crm/opportunities.csv", csv::opportunities(world)),
        file("crm/activities.csv", csv::activities(world)),
    ];
    let address = |user: usize| &world.party(world.users[user].parties[0]).address;
    for (user, text) in mbox::mailboxes(world) {
        files.push(file(&format!("mail/{}.mbox", address(user)), text));
    }
    for (user, text) in ics::calendars(world) {
        files.push(file(&format!("calendar/{}.ics", address(user)), text));
    }
    files
}
