//! Who is in touch with whom, and how often: the numbers behind each [`Rhythm`].

use super::companies::FIRST_QUIET;
use super::random::Random;
use super::staff::{DIRECTOR, LEAVER, SALES_ENGINEER, SUCCESS_MANAGERS, team_members};
use super::world::{Reference, Rhythm, World};

/// Fourteen months of mail, meetings, calls and tasks.
pub(super) const TRAFFIC_DAYS: i32 = 425;

/// One user and one person, for as long as they know each other.
pub(super) struct Relation {
    pub(super) user: usize,
    /// Position in [`World::people`].
    pub(super) person: usize,
    /// Whoever is copied in now and then.
    pub(super) helper: Option<usize>,
    pub(super) rhythm: Rhythm,
    /// Multiplies how often; about 1.
    pub(super) pace: f64,
    pub(super) first_day: i32,
    pub(super) last_day: i32,
    /// The owner's relation, which meets the promises of the rhythm; others only add to it.
    pub(super) is_main: bool,
}

impl Relation {
    /// Conversations, calls and meetings begun per week, on a day that lies `age_days` back.
    pub(super) fn starts_per_week(&self, age_days: i32) -> f64 {
        let per_week = match (self.rhythm, age_days) {
            (Rhythm::Close, _) => 1.5,
            (Rhythm::Regular, _) | (Rhythm::Warming, 23..=34) => 0.5,
            (Rhythm::Occasional, _) => 0.17,
            (Rhythm::Warming, ..=22) | (Rhythm::Fresh, _) => 2.3,
            (Rhythm::Warming, _) => 0.12,
            // The last month is all but silent; so the score of days 28..41 is the old one, that of days 0..13 is not.
            (Rhythm::Fading, ..=31) => 0.06,
            (Rhythm::Fading, _) => 1.25,
            // Often enough to be medium, were it not one-way.
            (Rhythm::OnlyUs, _) => 0.85,
            (Rhythm::OnlyThem, _) => 0.38,
            (Rhythm::PhoneOnly, _) => 0.7,
            _ => 0.0,
        };
        per_week * self.pace
    }

    /// The share of conversations that we begin.
    pub(super) fn outgoing_share(&self) -> f64 {
        match self.rhythm {
            Rhythm::OnlyUs => 1.0,
            Rhythm::OnlyThem => 0.0,
            _ => 0.52,
        }
    }

    /// The share of mails that get an answer.
    pub(super) fn answered_share(&self) -> f64 {
        match self.rhythm {
            Rhythm::OnlyUs | Rhythm::OnlyThem => 0.0,
            Rhythm::Occasional => 0.5,
            _ => 0.58,
        }
    }
}

pub(super) fn relations(world: &World) -> Vec<Relation> {
    let mut relations = Vec::new();
    for contact in 0..world.contacts.len() {
        add_relations_of_contact(world, contact, &mut relations);
    }
    for lead in 0..world.leads.len() {
        relations.extend(relation_of_lead(world, lead));
    }
    for person in world.contacts.len() + world.leads.len()..world.people.len() {
        relations.push(relation_of_discovered(world, person));
    }
    relations
}

fn add_relations_of_contact(world: &World, position: usize, relations: &mut Vec<Relation>) {
    let contact = &world.contacts[position];
    let mut random = Random::stream(world.seed, "relation", position);
    let members = team_members(world.accounts[contact.account].country.team());
    let helper = match random.below(10) {
        0..=2 => Some(members[random.below(members.len())]),
        3 => Some(SALES_ENGINEER),
        4 => Some(SUCCESS_MANAGERS[random.below(2)]),
        _ => None,
    };
    let first_day = match contact.rhythm {
        Rhythm::Fresh => -random.between(9, 39),
        _ if random.chance(0.7) => -TRAFFIC_DAYS,
        _ => -random.between(200, TRAFFIC_DAYS),
    };
    let pace = 0.7 + 0.7 * random.unit();
    relations.push(Relation {
        user: contact.owner,
        person: position,
        helper: helper.filter(|&helper| helper != contact.owner),
        rhythm: contact.rhythm,
        pace,
        first_day,
        last_day: 0,
        is_main: true,
    });
    let may_know_others = contact.rhythm.is_sociable() || contact.rhythm == Rhythm::Fading;
    if may_know_others && contact.account < FIRST_QUIET && random.chance(0.45) {
        relations.push(second_relation(world, &mut random, position));
    }
    // The leaver knew people well until the day of leaving.
    if contact.rhythm.is_sociable() && LEAVERS_COUNTRIES.contains(&world.accounts[contact.account].country.name()) {
        let first_day = -TRAFFIC_DAYS;
        let last_day = world.users[LEAVER].left_day.map_or(0, |day| day - 1);
        relations.push(Relation {
            user: LEAVER,
            person: position,
            helper: None,
            rhythm: contact.rhythm,
            pace: 0.8,
            first_day,
            last_day,
            is_main: false,
        });
    }
}

const LEAVERS_COUNTRIES: [&str; 2] = ["United Kingdom", "United States"];

/// A second colleague who knows the contact, usually less well.
fn second_relation(world: &World, random: &mut Random, position: usize) -> Relation {
    let contact = &world.contacts[position];
    let members = team_members(world.accounts[contact.account].country.team());
    let user = match random.below(8) {
        0..=3 => members[random.below(members.len())],
        4 => SUCCESS_MANAGERS[0],
        5 => SUCCESS_MANAGERS[1],
        6 => SALES_ENGINEER,
        _ => DIRECTOR,
    };
    let user = if user == contact.owner { SALES_ENGINEER } else { user };
    Relation {
        user,
        person: position,
        helper: None,
        rhythm: contact.rhythm,
        pace: 0.15 + 0.5 * random.unit(),
        first_day: -random.between(60, TRAFFIC_DAYS),
        last_day: 0,
        is_main: false,
    }
}

fn relation_of_lead(world: &World, position: usize) -> Option<Relation> {
    let lead = &world.leads[position];
    let person = world.people.iter().position(|person| person.reference == Some(Reference::Lead(position)))?;
    let mut random = Random::stream(world.seed, "relation of lead", position);
    Some(Relation {
        user: lead.owner,
        person,
        helper: None,
        rhythm: lead.rhythm,
        pace: 0.8 + 0.6 * random.unit(),
        first_day: lead.created_day,
        last_day: lead.closed_day.unwrap_or(0),
        is_main: true,
    })
}

fn relation_of_discovered(world: &World, person: usize) -> Relation {
    let mut random = Random::stream(world.seed, "relation of discovered", person);
    let account = world.people[person].account.expect("discovered people work at an account");
    let is_regular = random.chance(0.25);
    Relation {
        user: world.accounts[account].owner,
        person,
        helper: None,
        rhythm: if is_regular { Rhythm::Regular } else { Rhythm::Occasional },
        pace: 0.4 + 0.5 * random.unit(),
        first_day: -random.between(30, TRAFFIC_DAYS),
        last_day: 0,
        is_main: false,
    }
}
