//! The employees: three sales teams with their managers, and those around them.

use super::companies::Team;
use super::random::Random;
use super::world::{Party, PartyId, User, World};
use super::{INTERNAL_DOMAIN, words};

/// A domain of ours that is not declared internal: its addresses are ours by being aliases of users.
const FORMER_DOMAIN: &str = "dekker-meettechniek.example";
/// The leaver has been gone for about a quarter.
const LEFT_DAYS_AGO: i32 = 95;

/// Positions of those whom other parts of the demo name.
pub(super) const DIRECTOR: usize = 0;
pub(super) const LEAVER: usize = 17;
pub(super) const SUCCESS_MANAGERS: [usize; 2] = [19, 20];
pub(super) const SALES_ENGINEER: usize = 21;
pub(super) const PRIVACY_OFFICER: usize = 23;
pub(super) const MARKETING: usize = 24;

/// Sellers of a team, its manager first.
pub(super) fn team_members(team: Team) -> &'static [usize] {
    match team {
        Team::Benelux => &[1, 2, 3, 4, 5, 6],
        Team::Central => &[7, 8, 9, 10, 11, 12],
        Team::International => &[13, 14, 15, 16, 18],
    }
}

pub(super) fn team_name(team: Team) -> &'static str {
    match team {
        Team::Benelux => "Sales Benelux",
        Team::Central => "Sales DACH & Nordics",
        Team::International => "Sales UK & International",
    }
}

/// Name, title, licence, roles, team, manager, aliases (a local part alone stands for our domain).
struct Employee(&'static str, &'static str, &'static str, &'static str, Option<Team>, Option<usize>, &'static [&'static str]);

const PREMIUM: &str = "premium";
const ENTERPRISE: &str = "enterprise";
const SELLER: &str = "Salesperson";
const LEADER: &str = "Sales Manager;Salesperson";
const SERVICE: &str = "Customer Service Representative";
const NONE: &[&str] = &[];
const BENELUX: Option<Team> = Some(Team::Benelux);
const CENTRAL: Option<Team> = Some(Team::Central);
const INTERNATIONAL: Option<Team> = Some(Team::International);

#[rustfmt::skip] // one employee a line
static EMPLOYEES: [Employee; 25] = [
    Employee("Margriet van Houten", "Commercial Director", PREMIUM, "Sales Manager", None, None, &["margriet"]),
    Employee("Joost Kramer", "Sales Manager Benelux", PREMIUM, LEADER, BENELUX, Some(0), &["j.kramer"]),
    Employee("Sanne de Wit", "Account Manager", PREMIUM, SELLER, BENELUX, Some(1), &["sanne", "sanne.dewit@dekker-meettechniek.example"]),
    Employee("Ruben Bakker", "Account Manager", PREMIUM, SELLER, BENELUX, Some(1), NONE),
    Employee("Fatima El Amrani", "Senior Account Manager", PREMIUM, SELLER, BENELUX, Some(1), &["f.elamrani"]),
    Employee("Thijs Vermeulen", "Inside Sales", ENTERPRISE, SELLER, BENELUX, Some(1), NONE),
    Employee("Lotte Janssens", "Account Manager Belgium", PREMIUM, SELLER, BENELUX, Some(1), NONE),
    Employee("Anke Hoffmann", "Sales Manager DACH & Nordics", PREMIUM, LEADER, CENTRAL, Some(0), NONE),
    Employee("Lukas Weber", "Account Manager", PREMIUM, SELLER, CENTRAL, Some(7), NONE),
    Employee("Jörg Müller", "Key Account Manager", PREMIUM, SELLER, CENTRAL, Some(7), &["j.mueller"]),
    Employee("Ingrid Solberg", "Account Manager Nordics", PREMIUM, SELLER, CENTRAL, Some(7), NONE),
    Employee("Pieter Dijkstra", "Account Manager", PREMIUM, SELLER, CENTRAL, Some(7), &["pieter.dijkstra@dekker-meettechniek.example"]),
    Employee("Nina Schreiber", "Inside Sales", ENTERPRISE, SELLER, CENTRAL, Some(7), NONE),
    Employee("Oliver Whitfield", "Sales Manager UK & International", PREMIUM, LEADER, INTERNATIONAL, Some(0), NONE),
    Employee("Priya Raman", "Account Manager Asia", PREMIUM, SELLER, INTERNATIONAL, Some(13), NONE),
    Employee("Emma Carlisle", "Senior Account Manager", PREMIUM, SELLER, INTERNATIONAL, Some(13), &["emma"]),
    Employee("Étienne Laurent", "Account Manager France", PREMIUM, SELLER, INTERNATIONAL, Some(13), NONE),
    Employee("Daan Visser", "Account Manager", PREMIUM, SELLER, INTERNATIONAL, Some(13), NONE),
    Employee("Sofia Marino", "Account Manager", ENTERPRISE, SELLER, INTERNATIONAL, Some(13), NONE),
    Employee("Maarten Postma", "Customer Success Manager", PREMIUM, SERVICE, None, Some(0), NONE),
    Employee("Yara Haddad", "Customer Success Manager", ENTERPRISE, SERVICE, None, Some(0), NONE),
    Employee("Bram Hendriks", "Sales Engineer", PREMIUM, SELLER, None, Some(0), &["b.hendriks"]),
    Employee("Karin Smit", "System Administrator", PREMIUM, "System Administrator", None, None, &["beheer"]),
    Employee("Wouter Blom", "Privacy Officer", ENTERPRISE, "Privacy Administrator", None, None, NONE),
    Employee("Tessa Koster", "Marketing Manager", ENTERPRISE, "Marketing Professional", None, Some(0), NONE),
];

/// Addresses of ours that are no user: shared mailboxes, then meeting rooms.
pub(super) struct Shared {
    pub(super) info: PartyId,
    pub(super) support: PartyId,
    pub(super) rooms: [PartyId; 3],
}

pub(super) fn hire(world: &mut World) -> Shared {
    for (position, employee) in EMPLOYEES.iter().enumerate() {
        add_user(world, position, employee);
    }
    let mut add = |name: &str, local: &str| {
        let address = format!("{local}@{INTERNAL_DOMAIN}");
        world.add_party(Party { name: name.to_owned(), address, user: None, clock_ahead_s: 0 })
    };
    Shared {
        info: add("Zilverbrug Info", "info"),
        support: add("Zilverbrug Support", "support"),
        rooms: [add("Zaal IJssel", "zaal.ijssel"), add("Zaal Waal", "zaal.waal"), add("Demo Lab", "demolab")],
    }
}

fn add_user(world: &mut World, position: usize, employee: &Employee) {
    let Employee(name, title, licence, roles, team, manager, aliases) = employee;
    let mut random = Random::stream(world.seed, "user", position);
    let (given, family) = name.split_once(' ').expect("employees have two names");
    let first = format!("{}.{}@{INTERNAL_DOMAIN}", words::ascii(given), words::ascii(family));
    let aliases = aliases
        .iter()
        .map(|alias| if alias.ends_with(FORMER_DOMAIN) { (*alias).to_owned() } else { format!("{alias}@{INTERNAL_DOMAIN}") });
    let mut parties = Vec::new();
    for address in std::iter::once(first).chain(aliases) {
        let name = (*name).to_owned();
        parties.push(world.add_party(Party { name, address, user: Some(position), clock_ahead_s: 0 }));
    }
    let groups = match (team, position) {
        (Some(team), _) => team_name(*team),
        (None, DIRECTOR) => "Management",
        (None, 19 | 20) => "Customer Success",
        _ => "Staff",
    };
    world.users.push(User {
        parties,
        name,
        title,
        licence,
        roles,
        groups,
        team: *team,
        manager: *manager,
        left_day: (position == LEAVER).then_some(-LEFT_DAYS_AGO),
        has_mailbox: position != PRIVACY_OFFICER,
        holidays: world.days.holidays(&mut random),
        answers_after_min: f64::from(random.between(35, 420)),
    });
}
