//! Accounts, contacts, leads, and people without a record.

use super::companies::{COMPANIES, Company, Country, FIRST_QUIET, Team};
use super::random::Random;
use super::staff::{LEAVER, team_members};
use super::words::{CULTURES, PRODUCTS, PROJECTS, SOURCES, ascii, phrases};
use super::world::{Account, Contact, Lead, LeadStatus, PartyId, Person, Reference, Rhythm, World};

/// The first accounts have five contacts, the others four: 260.
const ACCOUNTS_OF_FIVE: usize = 20;
pub(super) const LEADS: usize = 60;
const DISCOVERED: usize = 44;
/// People of the demo have no address at a real provider, not even an invented one.
const FREE_MAIL_DOMAIN: &str = "thuispost.example";

/// How many contacts of the lively accounts live by which rhythm, and how warm that is; 228 together.
const LIVELY: [(Rhythm, usize, f64); 13] = [
    (Rhythm::Close, 24, 5.0),
    (Rhythm::Regular, 44, 3.2),
    (Rhythm::Occasional, 40, 1.4),
    (Rhythm::Warming, 22, 4.4),
    (Rhythm::Fading, 26, 2.6),
    (Rhythm::Fresh, 18, 4.0),
    (Rhythm::OnlyUs, 14, 1.0),
    (Rhythm::OnlyThem, 8, 1.2),
    (Rhythm::PhoneOnly, 10, 2.2),
    (Rhythm::LongAgo, 4, 0.0),
    (Rhythm::OpenOnly, 2, 0.6),
    (Rhythm::SingleDay, 8, 0.8),
    (Rhythm::Silent, 8, 0.4),
];
/// How far warm and cool contacts mix at one account.
const WARMTH_SPREAD: f64 = 1.6;

/// Contacts of the quiet accounts: so accounts and opportunities, too, are seen in the states that have no score.
const QUIET: [[Rhythm; 4]; 8] = [
    [Rhythm::LongAgo; 4],
    [Rhythm::LongAgo; 4],
    [Rhythm::OpenOnly; 4],
    [Rhythm::OpenOnly, Rhythm::OpenOnly, Rhythm::Silent, Rhythm::Silent],
    [Rhythm::SingleDay, Rhythm::Silent, Rhythm::Silent, Rhythm::Silent],
    [Rhythm::Silent; 4],
    [Rhythm::LongAgo, Rhythm::LongAgo, Rhythm::Silent, Rhythm::OpenOnly],
    [Rhythm::SingleDay, Rhythm::SingleDay, Rhythm::Silent, Rhythm::Silent],
];

/// How leads fare: status, rhythm, how many, and how many days ago they came in.
const PROSPECTS: [(LeadStatus, Rhythm, usize, (i32, i32)); 15] = [
    (LeadStatus::Active, Rhythm::Fresh, 7, (6, 38)),
    (LeadStatus::Active, Rhythm::Regular, 5, (70, 240)),
    (LeadStatus::Active, Rhythm::Close, 3, (60, 150)),
    (LeadStatus::Active, Rhythm::Warming, 3, (80, 200)),
    (LeadStatus::Active, Rhythm::Fading, 3, (100, 260)),
    (LeadStatus::Active, Rhythm::OnlyUs, 3, (50, 120)),
    (LeadStatus::Active, Rhythm::Occasional, 2, (150, 260)),
    (LeadStatus::Active, Rhythm::OnlyThem, 2, (50, 100)),
    (LeadStatus::Active, Rhythm::SingleDay, 2, (10, 40)),
    (LeadStatus::Active, Rhythm::OpenOnly, 2, (3, 25)),
    (LeadStatus::Active, Rhythm::Silent, 2, (1, 20)),
    (LeadStatus::Active, Rhythm::LongAgo, 1, (800, 900)),
    (LeadStatus::Qualified, Rhythm::Regular, 12, (120, 380)),
    (LeadStatus::Disqualified, Rhythm::Occasional, 7, (120, 380)),
    (LeadStatus::Disqualified, Rhythm::OnlyUs, 6, (90, 300)),
];

static PROSPECT_COMPANIES: &[&str] = &[
    "Zeeuwse Mosselkweek",
    "Veluwe Drinkwater",
    "Isartal Brauerei",
    "Wicklow Pharma",
    "Gotland Kalk",
    "Aquitaine Verre",
    "Humber Cold Storage",
    "Twente Textiel",
    "Bodensee Obst",
    "Lancaster Mills",
    "Haringvliet Pompen",
    "Nilgiri Foods",
];

pub(super) fn add_accounts(world: &mut World) {
    let mut turns = [0; 3];
    for (position, &Company(name, domain, industry, country)) in COMPANIES.iter().enumerate() {
        let owner = specialist(country).unwrap_or_else(|| next_generalist(country.team(), &mut turns));
        let mut domains = vec![domain.to_owned()];
        if position % 9 == 4 {
            domains.push(format!("groep-{domain}"));
        }
        world.accounts.push(Account { name, domains, industry, country, owner, contacts: Vec::new(), primary_contact: None });
    }
}

/// Some countries are one seller's, as their titles say.
fn specialist(country: Country) -> Option<usize> {
    match country {
        Country::Belgium => Some(6),
        Country::Sweden | Country::Norway | Country::Denmark => Some(10),
        Country::India => Some(14),
        Country::France => Some(16),
        _ => None,
    }
}

/// The other sellers take turns; the managers have an account or two.
fn next_generalist(team: Team, turns: &mut [usize; 3]) -> usize {
    let generalists: &[usize] = match team {
        Team::Benelux => &[2, 4, 3, 5, 4, 2, 3, 1],
        Team::Central => &[8, 9, 11, 9, 12, 8, 7],
        Team::International => &[15, 18, 15, 13],
    };
    let turn = &mut turns[team as usize];
    *turn += 1;
    generalists[(*turn - 1) % generalists.len()]
}

pub(super) fn add_contacts(world: &mut World) {
    for (account, rhythms) in rhythms_by_account(world).into_iter().enumerate() {
        for rhythm in rhythms {
            add_contact(world, account, rhythm);
        }
        choose_primary_contact(world, account);
    }
}

/// Accounts have a climate: were the rhythms dealt out blindly, every account would have somebody close, and all be good.
fn rhythms_by_account(world: &World) -> Vec<Vec<Rhythm>> {
    let mut random = Random::stream(world.seed, "rhythms", 0);
    let mut warmths: Vec<(f64, Rhythm)> = Vec::new();
    for (rhythm, count, warmth) in LIVELY {
        warmths.extend((0..count).map(|_| (warmth + WARMTH_SPREAD * random.unit(), rhythm)));
    }
    warmths.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut rhythms: Vec<Rhythm> = warmths.into_iter().map(|(_, rhythm)| rhythm).collect();
    let mut by_account = vec![Vec::new(); FIRST_QUIET];
    let mut order: Vec<usize> = (0..FIRST_QUIET).collect();
    random.shuffle(&mut order);
    for account in order {
        let count = if account < ACCOUNTS_OF_FIVE { 5 } else { 4 };
        by_account[account] = rhythms.split_off(rhythms.len() - count);
    }
    assert!(rhythms.is_empty(), "there is a contact for every rhythm");
    by_account.extend(QUIET.map(|rhythms| rhythms.to_vec()));
    by_account
}

fn add_contact(world: &mut World, account: usize, rhythm: Rhythm) {
    let contact = world.contacts.len();
    let mut random = Random::stream(world.seed, "contact", contact);
    let country = world.accounts[account].country;
    let name = new_name(world, country, &mut random);
    let title = random.pick(phrases(country.language()).titles);
    let sellers = team_members(country.team());
    let owner = match random.below(8) {
        0 => sellers[random.below(sellers.len())],
        _ => world.accounts[account].owner,
    };
    let has_address = match rhythm {
        Rhythm::PhoneOnly => false,
        Rhythm::Silent | Rhythm::LongAgo | Rhythm::OpenOnly => random.chance(0.6),
        _ => true,
    };
    let parties = if has_address { addresses(world, account, &name, &mut random) } else { Vec::new() };
    let person = new_person(world, &mut random, parties, Some(account), country);
    world.people.push(Person { reference: Some(Reference::Contact(contact)), ..person });
    world.contacts.push(Contact { name, account, title, owner, rhythm });
    world.accounts[account].contacts.push(contact);
}

fn choose_primary_contact(world: &mut World, account: usize) {
    let contacts = &world.accounts[account].contacts;
    let sociable = contacts.iter().find(|&&contact| world.contacts[contact].rhythm.is_sociable());
    // Some accounts have none: nobody filled it in.
    let primary = (account % 13 != 6).then(|| *sociable.unwrap_or(&contacts[0]));
    world.accounts[account].primary_contact = primary;
}

/// A full name that nobody else has.
fn new_name(world: &World, country: Country, random: &mut Random) -> String {
    loop {
        let culture = if random.chance(0.15) { random.below(CULTURES.len()) } else { country.culture() };
        let culture = &CULTURES[culture];
        let name = format!("{} {}", random.pick(culture.given), random.pick(culture.family));
        let is_taken = world.contacts.iter().any(|contact| contact.name == name)
            || world.leads.iter().any(|lead| lead.name == name)
            || world.users.iter().any(|user| user.name == name);
        if !is_taken {
            return name;
        }
    }
}

/// One to three addresses; the first is the one at work.
fn addresses(world: &mut World, account: usize, name: &str, random: &mut Random) -> Vec<PartyId> {
    let (given, family) = name.split_once(' ').expect("people have two names");
    let (given, family) = (ascii(given), ascii(family));
    let initial = &given[..1];
    let local = match account % 4 {
        0 | 1 => format!("{given}.{family}"),
        2 => format!("{initial}.{family}"),
        _ => format!("{initial}{family}"),
    };
    let domains = world.accounts[account].domains.clone();
    let mut addresses = vec![format!("{local}@{}", domains[0])];
    if random.chance(0.12) {
        addresses.push(format!("{given}@{}", domains[domains.len() - 1]));
    }
    if random.chance(0.07) {
        addresses.push(format!("{given}.{family}@{FREE_MAIL_DOMAIN}"));
    }
    let clock_ahead_s = world.accounts[account].country.clock_ahead_s();
    // Some companies' address books put the family name first: the comma has to be quoted.
    let shown = if account % 10 == 7 { last_name_first(name) } else { name.to_owned() };
    addresses.into_iter().map(|address| world.add_external(&shown, address, clock_ahead_s)).collect()
}

fn last_name_first(name: &str) -> String {
    name.split_once(' ').map_or_else(|| name.to_owned(), |(given, family)| format!("{family}, {given}"))
}

fn new_person(world: &World, random: &mut Random, parties: Vec<PartyId>, account: Option<usize>, country: Country) -> Person {
    Person {
        parties,
        reference: None,
        account,
        language: country.language(),
        holidays: world.days.holidays(random),
        answers_after_min: f64::from(random.between(60, 1_500)),
    }
}

pub(super) fn add_leads(world: &mut World) {
    let mut prospects: Vec<_> =
        PROSPECTS.iter().flat_map(|&(status, rhythm, count, ages)| std::iter::repeat_n((status, rhythm, ages), count)).collect();
    assert_eq!(prospects.len(), LEADS, "the table of prospects is complete");
    Random::stream(world.seed, "prospects", 0).shuffle(&mut prospects);
    for (status, rhythm, ages) in prospects {
        add_lead(world, status, rhythm, ages);
    }
}

fn add_lead(world: &mut World, status: LeadStatus, rhythm: Rhythm, ages: (i32, i32)) {
    let lead = world.leads.len();
    let mut random = Random::stream(world.seed, "lead", lead);
    let country = [Country::Netherlands, Country::Germany, Country::UnitedKingdom, Country::France][random.below(4)];
    let sellers = team_members(country.team());
    let created_day = -random.between(ages.0, ages.1);
    let closed_day = (status != LeadStatus::Active).then(|| created_day + random.between(30, 85));
    // Nobody reassigned what the leaver had disqualified.
    let is_leavers = status == LeadStatus::Disqualified
        && country.team() == Team::International
        && closed_day.is_some_and(|day| world.has_left(LEAVER, day + 90));
    let owner = if is_leavers { LEAVER } else { sellers[random.below(sellers.len())] };
    let mut topic = random.pick(PRODUCTS).to_owned();
    topic.push(' ');
    topic.push_str(random.pick(PROJECTS));
    // A few qualified leads became contacts: same name, same address, one person.
    let (name, email, company) = match (status, lead % 3) {
        (LeadStatus::Qualified, 0) => converted(world, &mut random),
        _ => prospect(world, rhythm, country, &mut random),
    };
    let is_converted = email.is_some_and(|party| world.people.iter().any(|person| person.parties.contains(&party)));
    let parties = if is_converted { Vec::new() } else { email.into_iter().collect() };
    let person = new_person(world, &mut random, parties, None, country);
    world.people.push(Person { reference: Some(Reference::Lead(lead)), ..person });
    let stakeholders = if rhythm.is_sociable() && random.chance(0.3) {
        vec![random.below(world.contacts.len() * FIRST_QUIET / COMPANIES.len())]
    } else {
        Vec::new()
    };
    world.leads.push(Lead {
        topic,
        name,
        company,
        status,
        owner,
        email,
        stakeholders,
        source: random.pick(SOURCES),
        created_day,
        closed_day,
        rhythm: if is_converted { Rhythm::Silent } else { rhythm },
    });
}

type Identity = (String, Option<PartyId>, String);

fn converted(world: &World, random: &mut Random) -> Identity {
    loop {
        let contact = random.below(world.contacts.len());
        let is_new = world.leads.iter().all(|lead| lead.name != world.contacts[contact].name);
        if world.contacts[contact].rhythm == Rhythm::Regular && is_new {
            let company = world.accounts[world.contacts[contact].account].name.to_owned();
            return (world.contacts[contact].name.clone(), Some(world.people[contact].parties[0]), company);
        }
    }
}

fn prospect(world: &mut World, rhythm: Rhythm, country: Country, random: &mut Random) -> Identity {
    let name = new_name(world, country, random);
    let company = random.pick(PROSPECT_COMPANIES).to_owned();
    if matches!(rhythm, Rhythm::Silent | Rhythm::OpenOnly) && random.chance(0.5) {
        return (name, None, company);
    }
    let (given, family) = name.split_once(' ').expect("people have two names");
    let domain = if random.chance(0.12) {
        FREE_MAIL_DOMAIN.to_owned()
    } else {
        format!("{}.example", company.split(' ').map(ascii).collect::<Vec<_>>().join("-"))
    };
    let address = format!("{}.{}@{domain}", ascii(given), ascii(family));
    let party = world.add_external(&name, address, country.clock_ahead_s());
    (name, Some(party), company)
}

/// People at lively accounts whom nobody entered as a contact.
pub(super) fn add_discovered(world: &mut World) {
    for position in 0..DISCOVERED {
        let mut random = Random::stream(world.seed, "discovered", position);
        let account = random.below(FIRST_QUIET);
        let country = world.accounts[account].country;
        let name = new_name(world, country, &mut random);
        let mut parties = addresses(world, account, &name, &mut random);
        parties.truncate(1);
        let person = new_person(world, &mut random, parties, Some(account), country);
        world.people.push(person);
    }
}
