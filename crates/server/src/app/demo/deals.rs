//! Opportunities: enough won and lost ones to compare with, open ones of every age.

use super::companies::{COMPANIES, FIRST_QUIET};
use super::random::Random;
use super::staff::{SALES_ENGINEER, team_members};
use super::words::{PRODUCTS, PROJECTS, SOURCES};
use super::world::{Opportunity, OpportunityStatus, World};

const WON: usize = 48;
const LOST: usize = 42;
const OPEN: usize = 70;

pub(super) fn add_opportunities(world: &mut World) {
    let closed = WON + LOST;
    let mut statuses = vec![OpportunityStatus::Open; closed + OPEN];
    statuses[..WON].fill(OpportunityStatus::Won);
    statuses[WON..closed].fill(OpportunityStatus::Lost);
    // Each quiet account keeps one deal open; so the states without a score are seen on opportunities, too.
    let quiet = COMPANIES.len() - FIRST_QUIET;
    let lively = statuses.len() - quiet;
    Random::stream(world.seed, "statuses", 0).shuffle(&mut statuses[..lively]);
    for (position, status) in statuses.into_iter().enumerate() {
        let mut random = Random::stream(world.seed, "opportunity", position);
        let account = match position.checked_sub(lively) {
            Some(quiet) => FIRST_QUIET + quiet,
            None => random.below(FIRST_QUIET),
        };
        let opportunity = opportunity(world, &mut random, account, status);
        world.opportunities.push(opportunity);
    }
}

fn opportunity(world: &World, random: &mut Random, account: usize, status: OpportunityStatus) -> Opportunity {
    let contacts = &world.accounts[account].contacts;
    let contact = contacts[random.below(contacts.len())];
    let mut stakeholders: Vec<usize> = contacts.iter().copied().filter(|&other| other != contact && random.chance(0.3)).collect();
    stakeholders.truncate(3);
    let owner = world.accounts[account].owner;
    let (created_day, closed_day) = span(random, status);
    let expected_day = created_day + random.between(40, 240);
    let estimated_close_day = match (closed_day, random.below(20)) {
        (Some(closed_day), _) => Some(closed_day + random.between(-25, 10)),
        (None, 0) => None,
        // Nobody moved the date on.
        (None, 1..=2) => Some(-random.between(3, 45)),
        (None, _) => Some(expected_day.max(random.between(4, 150))),
    };
    Opportunity {
        topic: format!("{} – {}", random.pick(PRODUCTS), random.pick(PROJECTS)),
        account,
        contact,
        stakeholders,
        owner,
        team: team(world, random, account, contact),
        status,
        estimated_close_day,
        estimated_revenue: (!random.chance(0.1)).then(|| revenue(random)),
        currency: world.accounts[account].country.currency(),
        source: random.pick(SOURCES),
        created_day,
        closed_day,
    }
}

/// When it began and when it was decided.
fn span(random: &mut Random, status: OpportunityStatus) -> (i32, Option<i32>) {
    if status == OpportunityStatus::Open {
        return (-random.between(4, 300), None);
    }
    let closed_day = -random.between(2, 390);
    // Lost deals drag on.
    let cycle_days = if status == OpportunityStatus::Won { random.between(25, 170) } else { random.between(40, 240) };
    (closed_day - cycle_days, Some(closed_day))
}

/// The owner's helpers: whoever owns the contact, a colleague or two, the engineer.
fn team(world: &World, random: &mut Random, account: usize, contact: usize) -> Vec<usize> {
    let account = &world.accounts[account];
    let mut team = Vec::new();
    if world.contacts[contact].owner != account.owner {
        team.push(world.contacts[contact].owner);
    }
    let members = team_members(account.country.team());
    if random.chance(0.45) {
        team.push(members[random.below(members.len())]);
    }
    if random.chance(0.35) {
        team.push(SALES_ENGINEER);
    }
    team.retain(|&user| user != account.owner);
    team.sort_unstable();
    team.dedup();
    team
}

/// From some thousands to about a million, small ones more often: a power of two times something in between.
fn revenue(random: &mut Random) -> u32 {
    let doublings = random.below(5) + random.below(4);
    let base = 4_000.0 * f64::from(1_u32 << doublings);
    let revenue = base * (1.0 + random.unit());
    (revenue / 250.0) as u32 * 250
}
