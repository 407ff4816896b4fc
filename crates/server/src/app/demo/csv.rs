//! Users and CRM data as the CSV files that `rapport import users` and `rapport import crm` read.

use jiff::Timestamp;

use super::world::{
    Activity, Kind, LeadStatus, OpportunityStatus, Participant, PartyId, State, World, account_id, contact_id, lead_id,
    opportunity_id,
};

/// A table under construction. Every row has as many fields as the header: asserted.
struct Table {
    columns: usize,
    text: String,
}

impl Table {
    fn new(header: &str) -> Self {
        Self { columns: header.split(',').count(), text: format!("{header}\n") }
    }

    fn row(&mut self, fields: &[&str]) {
        assert_eq!(fields.len(), self.columns, "a row fits its header: {fields:?}");
        for (position, field) in fields.iter().enumerate() {
            if position > 0 {
                self.text.push(',');
            }
            if field.contains([',', '"', '\n', '\r']) {
                self.text.push('"');
                self.text.push_str(&field.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(field);
            }
        }
        self.text.push('\n');
    }
}

fn optional<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn user_address(world: &World, user: usize) -> &str {
    &world.party(world.users[user].parties[0]).address
}

fn user_addresses(world: &World, users: &[usize]) -> String {
    users.iter().map(|&user| user_address(world, user)).collect::<Vec<_>>().join(";")
}

fn addresses<'a>(world: &'a World, parties: &[PartyId]) -> Vec<&'a str> {
    parties.iter().map(|&party| world.party(party).address.as_str()).collect()
}

fn contact_ids(contacts: &[usize]) -> String {
    contacts.iter().map(|&contact| contact_id(contact)).collect::<Vec<_>>().join(";")
}

fn day_text(world: &World, day: Option<i32>) -> String {
    optional(day.map(|day| world.days.date(day)))
}

pub(super) fn users(world: &World) -> String {
    let mut table = Table::new("email,name,title,licence,roles,groups,manager,aliases,left_at");
    for user in &world.users {
        let addresses = addresses(world, &user.parties);
        table.row(&[
            addresses[0],
            user.name,
            user.title,
            user.licence,
            user.roles,
            user.groups,
            user.manager.map_or("", |manager| user_address(world, manager)),
            &addresses[1..].join(";"),
            &day_text(world, user.left_day),
        ]);
    }
    table.text
}

/// `country` is no column of ours: it arrives as a custom field.
pub(super) fn accounts(world: &World) -> String {
    let mut table = Table::new("id,name,domains,industry,owner,primary_contact,country");
    for (position, account) in world.accounts.iter().enumerate() {
        table.row(&[
            &account_id(position),
            account.name,
            &account.domains.join(";"),
            account.industry,
            user_address(world, account.owner),
            &account.primary_contact.map_or_else(String::new, contact_id),
            account.country.name(),
        ]);
    }
    table.text
}

pub(super) fn contacts(world: &World) -> String {
    let mut table = Table::new("id,name,email,emails,account,title,owner");
    for (position, contact) in world.contacts.iter().enumerate() {
        let addresses = addresses(world, &world.people[position].parties);
        let others = addresses.get(1..).unwrap_or_default().join(";");
        table.row(&[
            &contact_id(position),
            &contact.name,
            addresses.first().unwrap_or(&""),
            &others,
            &account_id(contact.account),
            contact.title,
            user_address(world, contact.owner),
        ]);
    }
    table.text
}

/// `source` and `closed_at` are no columns of leads: they arrive as custom fields.
pub(super) fn leads(world: &World) -> String {
    let mut table = Table::new("id,topic,name,email,company,status,owner,stakeholders,created_at,source,closed_at");
    for (position, lead) in world.leads.iter().enumerate() {
        let status = match lead.status {
            LeadStatus::Active => "active",
            LeadStatus::Qualified => "qualified",
            LeadStatus::Disqualified => "disqualified",
        };
        table.row(&[
            &lead_id(position),
            &lead.topic,
            &lead.name,
            lead.email.map_or("", |party| &world.party(party).address),
            &lead.company,
            status,
            user_address(world, lead.owner),
            &contact_ids(&lead.stakeholders),
            &day_text(world, Some(lead.created_day)),
            lead.source,
            &day_text(world, lead.closed_day),
        ]);
    }
    table.text
}

/// `source` is no column of ours: it arrives as a custom field, by which similar deals are found.
pub(super) fn opportunities(world: &World) -> String {
    let mut table = Table::new(
        "id,topic,account,contact,stakeholders,owner,team,status,estimated_close,estimated_revenue,currency,created_at,closed_at,source",
    );
    for (position, opportunity) in world.opportunities.iter().enumerate() {
        let status = match opportunity.status {
            OpportunityStatus::Open => "open",
            OpportunityStatus::Won => "won",
            OpportunityStatus::Lost => "lost",
        };
        table.row(&[
            &opportunity_id(position),
            &opportunity.topic,
            &account_id(opportunity.account),
            &contact_id(opportunity.contact),
            &contact_ids(&opportunity.stakeholders),
            user_address(world, opportunity.owner),
            &user_addresses(world, &opportunity.team),
            status,
            &day_text(world, opportunity.estimated_close_day),
            &optional(opportunity.estimated_revenue),
            opportunity.currency,
            &day_text(world, Some(opportunity.created_day)),
            &day_text(world, opportunity.closed_day),
            opportunity.source,
        ]);
    }
    table.text
}

/// In order of time; the ids follow it.
pub(super) fn activities(world: &World) -> String {
    let mut table = Table::new("id,occurred_at,kind,from,to,cc,duration_s,message_id,in_reply_to,subject,regarding,state");
    let mut order: Vec<usize> = (0..world.activities.len()).collect();
    order.sort_by_key(|&position| (world.activities[position].at_us, position));
    for (number, position) in order.into_iter().enumerate() {
        activity_row(world, &mut table, &format!("ACT-{:05}", number + 1), &world.activities[position]);
    }
    table.text
}

fn activity_row(world: &World, table: &mut Table, id: &str, activity: &Activity) {
    let moment = Timestamp::from_microsecond(activity.at_us).expect("moments lie near `as_of`").to_string();
    let kind = match activity.kind {
        Kind::Email => "email",
        Kind::Meeting => "meeting",
        Kind::PhoneCall => "phone_call",
        Kind::Task => "task",
    };
    let state = match activity.state {
        State::Unsaid => "",
        State::Open => "open",
        State::Scheduled => "scheduled",
        State::Completed => "completed",
        State::Cancelled => "cancelled",
    };
    let duration_s = (activity.duration_min > 0).then_some(activity.duration_min * 60);
    table.row(&[
        id,
        &moment,
        kind,
        &activity.from.map_or_else(String::new, |from| participant(world, from)),
        &participants(world, &activity.to),
        &participants(world, &activity.cc),
        &optional(duration_s),
        activity.message_id.as_deref().unwrap_or(""),
        activity.in_reply_to.as_deref().unwrap_or(""),
        &activity.subject,
        activity.regarding.as_deref().unwrap_or(""),
        state,
    ]);
}

fn participants(world: &World, participants: &[Participant]) -> String {
    participants.iter().map(|&one| participant(world, one)).collect::<Vec<_>>().join(";")
}

fn participant(world: &World, participant: Participant) -> String {
    match participant {
        Participant::Reference(reference) => reference.participant(),
        // Names with a comma are left to the mailboxes.
        Participant::Party(party) => {
            let party = world.party(party);
            if party.name.contains(',') { party.address.clone() } else { format!("{} <{}>", party.name, party.address) }
        }
    }
}
