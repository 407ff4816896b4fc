//! The company of a world: users, and the records of its CRM.

use super::moments::{DAY, HOUR, SECOND, date_text, rfc3339};
use super::{AccountRow, ContactRow, LeadRow, Model, OpportunityRow, Settings, UserRow, World};
use crate::chance::Chance;
use jiff::Timestamp;

/// Far outside their own calendar: half hours, daylight saving on both sides of the ocean, none.
pub(super) const TIME_ZONES: [&str; 4] = ["Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "UTC"];
/// Around changes of the clock, of the year, and an ordinary day.
const ANCHORS: [&str; 9] = [
    "2024-03-31T02:30:00Z",
    "2024-10-27T01:30:00Z",
    "2024-03-10T07:30:00Z",
    "2024-11-03T06:30:00Z",
    "2025-01-01T00:00:00Z",
    "2023-12-31T23:00:00Z",
    "2024-02-29T12:00:00Z",
    "2025-06-18T12:00:00Z",
    "2022-07-04T04:00:00Z",
];

/// Users and records, without anything that happened.
pub(super) fn company(chance: &mut Chance, size: usize) -> World {
    let crowd = 1 + size / 60;
    let time_zone = (*chance.pick(&TIME_ZONES)).to_owned();
    let anchor: Timestamp = chance.pick(&ANCHORS).parse().expect("an anchor is a moment");
    let as_of = anchor.as_microsecond() + chance.between(-36, 20 * 24) * HOUR + chance.between(0, 3599) * SECOND;
    let mut world = World { as_of, time_zone, settings: settings(chance), ..World::default() };
    world.internal_domains = vec!["us.example".to_owned()];
    if chance.percent(25) {
        world.internal_domains.push("Branch.US.example".to_owned());
    }
    world.users = users(chance, crowd, as_of);
    let externals = externals(crowd);
    world.accounts = (1..=chance.between(1, 2 + crowd as i64)).map(|n| account(n, &world.users, chance)).collect();
    world.contacts = contacts(chance, crowd, &externals, &world);
    for account in &mut world.accounts {
        let contacts: Vec<String> = world.contacts.iter().map(|row| row.id.clone()).collect();
        account.primary_contact = chance.maybe(60, &contacts);
    }
    world.leads = leads(chance, crowd, &externals, &world);
    world.opportunities = opportunities(chance, crowd, &externals, &world);
    world
}

fn settings(chance: &mut Chance) -> Settings {
    if chance.percent(40) {
        return Settings::default();
    }
    let mut influence = || *chance.pick(&[0, 0, -50, -30, -10, 10, 20, 50]);
    let (influence_email, influence_meeting, influence_phone_call, influence_task) =
        (influence(), influence(), influence(), influence());
    let (grade_good, grade_fair) = *chance.pick(&[(60, 40), (80, 55), (35, 10), (95, 5), (41, 40)]);
    Settings {
        frequency_days: *chance.pick(&[1, 3, 7, 7, 14, 30]),
        influence_email,
        influence_meeting,
        influence_phone_call,
        influence_task,
        grade_good,
        grade_fair,
        // No draw of its own: worlds stay what they were.
        model: if grade_good % 2 == 0 { Model::V2 } else { Model::V1 },
    }
}

fn users(chance: &mut Chance, crowd: usize, as_of: i64) -> Vec<UserRow> {
    let number = chance.between(1, 3 + crowd as i64);
    let user = |n: i64, chance: &mut Chance| {
        let mut aliases = Vec::new();
        if chance.percent(40) {
            aliases.push(format!("U{n:02}.Alias@us.example"));
        }
        if chance.percent(20) {
            aliases.push(format!("u{n:02}@old-us.example"));
        }
        // Now and then somebody works from a domain that is not ours.
        let domain = if chance.percent(15) { "freelance.example" } else { "us.example" };
        UserRow {
            email: format!("u{n:02}@{domain}"),
            name: format!("User {n:02}"),
            title: chance.maybe(70, &["Account manager".to_owned(), "Sales, inside".to_owned()]),
            licence: Some("premium".to_owned()),
            roles: vec!["Salesperson".to_owned()],
            aliases,
            left_at: chance.percent(10).then(|| date_text(as_of + chance.between(-40, 40) * DAY)),
            ..UserRow::default()
        }
    };
    (1..=number).map(|n| user(n, chance)).collect()
}

/// Addresses of theirs as contacts and leads write them.
pub(super) fn externals(crowd: usize) -> Vec<String> {
    let mut addresses = vec![
        "ann@them1.example".to_owned(),
        "Bob@Them1.example".to_owned(),
        "cas@sub.them1.example".to_owned(),
        "dee@them2.example".to_owned(),
        "eva@them2.example".to_owned(),
        "fay.fox@gmail.com".to_owned(),
        "gus@outlook.com".to_owned(),
    ];
    addresses.extend((0..crowd * 2).map(|n| format!("p{n:02}@them{}.example", n % 4)));
    addresses
}

fn account(n: i64, users: &[UserRow], chance: &mut Chance) -> AccountRow {
    AccountRow {
        id: format!("a{n:02}"),
        name: format!("Account {n:02}"),
        domains: vec![format!("them{n}.example")],
        industry: chance.maybe(50, &["Trade".to_owned(), "Food, drink".to_owned()]),
        owner: Some(chance.pick(users).email.clone()),
        primary_contact: None,
    }
}

fn contacts(chance: &mut Chance, crowd: usize, externals: &[String], world: &World) -> Vec<ContactRow> {
    let accounts: Vec<String> = world.accounts.iter().map(|row| row.id.clone()).collect();
    let number = chance.between(1, 4 + crowd as i64);
    let contact = |n: i64| {
        // Drawn with repetition: some share an address.
        let first = chance.maybe(80, externals);
        let emails = if chance.percent(35) { chance.some(2, externals) } else { Vec::new() };
        ContactRow {
            id: format!("c{n:02}"),
            name: format!("Contact {n:02}"),
            email: first,
            emails,
            account: chance.maybe(75, &accounts),
            title: chance.maybe(30, &["Buyer".to_owned()]),
            owner: Some(chance.pick(&world.users).email.clone()),
        }
    };
    (1..=number).map(contact).collect()
}

/// Contact ids, or addresses with and without a record.
fn stakeholders(chance: &mut Chance, externals: &[String], world: &World) -> Vec<String> {
    let mut pool = externals.to_vec();
    pool.extend(world.contacts.iter().map(|row| row.id.clone()));
    let number = chance.below(4);
    chance.some(number, &pool)
}

fn leads(chance: &mut Chance, crowd: usize, externals: &[String], world: &World) -> Vec<LeadRow> {
    let number = chance.between(0, 2 + crowd as i64);
    let mut free = externals.to_vec();
    free.push("lee@lead.example".to_owned());
    let lead = |n: i64| {
        // No two leads share an address; leads and contacts do.
        let at = chance.below(free.len());
        let email = free.remove(at);
        LeadRow {
            id: format!("l{n:02}"),
            topic: format!("Topic {n:02}"),
            name: format!("Lead {n:02}"),
            email: chance.percent(80).then_some(email),
            company: Some("Lead company".to_owned()),
            status: (*chance.pick(&["active", "active", "qualified", "disqualified"])).to_owned(),
            owner: if chance.percent(90) { Some(owner_address(chance, &world.users)) } else { None },
            stakeholders: stakeholders(chance, externals, world),
            created_at: Some(date_text(world.as_of - chance.between(1, 500) * DAY)),
        }
    };
    (1..=number).map(lead).collect()
}

fn opportunities(chance: &mut Chance, crowd: usize, externals: &[String], world: &World) -> Vec<OpportunityRow> {
    let accounts: Vec<String> = world.accounts.iter().map(|row| row.id.clone()).collect();
    let contacts: Vec<String> = world.contacts.iter().map(|row| row.id.clone()).collect();
    let users: Vec<String> = world.users.iter().map(|row| row.email.clone()).collect();
    let number = chance.between(1, 2 + crowd as i64);
    let opportunity = |n: i64| {
        let status = *chance.pick(&["open", "open", "won", "lost"]);
        let closed = world.as_of - chance.between(-20, 300) * DAY;
        let closed_at = if chance.percent(50) { date_text(closed) } else { rfc3339(closed) };
        let team = chance.below(3);
        OpportunityRow {
            id: format!("o{n:02}"),
            topic: format!("Deal {n:02}, large"),
            account: chance.maybe(80, &accounts),
            contact: chance.maybe(70, &contacts),
            stakeholders: stakeholders(chance, externals, world),
            owner: if chance.percent(90) { Some(owner_address(chance, &world.users)) } else { None },
            team: chance.some(team, &users),
            status: status.to_owned(),
            estimated_close: Some(date_text(world.as_of + 30 * DAY)),
            estimated_revenue: Some("1000".to_owned()),
            currency: Some("EUR".to_owned()),
            created_at: Some(date_text(world.as_of - 400 * DAY)),
            closed_at: (status != "open" && chance.percent(85)).then_some(closed_at),
        }
    };
    (1..=number).map(opportunity).collect()
}

/// A user's address, now and then an alias.
pub(super) fn owner_address(chance: &mut Chance, users: &[UserRow]) -> String {
    let user = chance.pick(users).clone();
    chance.maybe(20, &user.aliases).unwrap_or(user.email)
}
