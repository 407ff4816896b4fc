//! Small worlds: one organization with its users, records and interactions, in the pinned file formats.
//!
//! A [`World`] is nothing but rows of files. The product imports what [`World::to_csv`] writes; the naive model reads the same rows. The two
//! meet in the pinned JSON only, so a test that compares them goes through every layer of the product.
//!
//! - [`seeded`] makes the same world from the same seed, for ever: a failure is replayed from its seed (`World::seed`).
//! - [`world`] is the proptest strategy over seeds; it shrinks by leaving rows away.
//! - [`shuffled`] and [`duplicated`] change only what must never matter.
//!
//! What a world never holds: things of which neither the specification nor decision 2 says what they mean (a stakeholder who is ours, two
//! mailboxes that disagree about the sender, equal moments without Message-IDs). To add a corner, add it to `worlds/company.rs` or
//! `worlds/events.rs`, and to the tests in `worlds/random.rs` that say which corners are reached.

mod company;
mod events;
mod moments;
mod random;

pub use random::{duplicated, seeded, shuffled, world};

/// One organization in the pinned file formats. Empty optional columns are `None`; lists are joined with `;` on writing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// The seed that made it; 0 for worlds written by hand.
    pub seed: u64,
    /// The moment of the imports, and the usual moment of the figures; unix time, microseconds.
    pub as_of: i64,
    /// Domains given as ours.
    pub internal_domains: Vec<String>,
    /// IANA name of the organization's time zone.
    pub time_zone: String,
    /// Settings that change figures.
    pub settings: Settings,
    /// `users.csv`
    pub users: Vec<UserRow>,
    /// `crm/accounts.csv`
    pub accounts: Vec<AccountRow>,
    /// `crm/contacts.csv`
    pub contacts: Vec<ContactRow>,
    /// `crm/leads.csv`
    pub leads: Vec<LeadRow>,
    /// `crm/opportunities.csv`
    pub opportunities: Vec<OpportunityRow>,
    /// `crm/activities.csv`
    pub activities: Vec<ActivityRow>,
    /// `interactions.csv`
    pub interactions: Vec<InteractionRow>,
}

/// Model of score and strength.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// `v1`
    V1,
    /// `v2`
    #[default]
    V2,
}

impl Model {
    /// As in the pinned JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

/// Settings of 03-health.md. Influences in percent, -50..=50.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Model of score and strength.
    pub model: Model,
    /// 1, 3, 7, 14 or 30.
    pub frequency_days: i64,
    /// Influence of emails.
    pub influence_email: i64,
    /// Influence of meetings.
    pub influence_meeting: i64,
    /// Influence of phone calls.
    pub influence_phone_call: i64,
    /// Influence of tasks.
    pub influence_task: i64,
    /// Smallest good score.
    pub grade_good: i64,
    /// Smallest fair score, below `grade_good`.
    pub grade_fair: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: Model::default(),
            frequency_days: 7,
            influence_email: 0,
            influence_meeting: 0,
            influence_phone_call: 0,
            influence_task: 0,
            grade_good: 60,
            grade_fair: 40,
        }
    }
}

impl Settings {
    /// Keys and values for `rapport settings set`. The minima come in an order that never has fair at or above good.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![
            ("health.model", self.model.as_str().to_owned()),
            ("health.frequency_days", self.frequency_days.to_string()),
            ("health.influence.email", self.influence_email.to_string()),
            ("health.influence.meeting", self.influence_meeting.to_string()),
            ("health.influence.phone_call", self.influence_phone_call.to_string()),
            ("health.influence.task", self.influence_task.to_string()),
        ];
        let good = ("health.grade.good", self.grade_good.to_string());
        let fair = ("health.grade.fair", self.grade_fair.to_string());
        // From the defaults (60, 40): raise good first, lower fair first.
        pairs.extend(if self.grade_good > 40 { [good, fair] } else { [fair, good] });
        pairs
    }
}

/// A row of `users.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserRow {
    /// First address.
    pub email: String,
    /// Display name.
    pub name: String,
    /// Job title.
    pub title: Option<String>,
    /// `premium` or `enterprise`.
    pub licence: Option<String>,
    /// Security roles.
    pub roles: Vec<String>,
    /// Security groups.
    pub groups: Vec<String>,
    /// Address of the manager.
    pub manager: Option<String>,
    /// Other addresses.
    pub aliases: Vec<String>,
    /// The day from which on the user is no introducer.
    pub left_at: Option<String>,
}

/// A row of `accounts.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountRow {
    /// Key.
    pub id: String,
    /// Name.
    pub name: String,
    /// Domains of the company.
    pub domains: Vec<String>,
    /// Industry.
    pub industry: Option<String>,
    /// A user's address.
    pub owner: Option<String>,
    /// A contact's id.
    pub primary_contact: Option<String>,
}

/// A row of `contacts.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactRow {
    /// Key.
    pub id: String,
    /// Name.
    pub name: String,
    /// First address.
    pub email: Option<String>,
    /// Other addresses.
    pub emails: Vec<String>,
    /// An account's id.
    pub account: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// A user's address.
    pub owner: Option<String>,
}

/// A row of `leads.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadRow {
    /// Key.
    pub id: String,
    /// Topic.
    pub topic: String,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// `active`, `qualified` or `disqualified`.
    pub status: String,
    /// A user's address.
    pub owner: Option<String>,
    /// Contact ids or addresses.
    pub stakeholders: Vec<String>,
    /// A date or RFC 3339.
    pub created_at: Option<String>,
}

/// A row of `opportunities.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpportunityRow {
    /// Key.
    pub id: String,
    /// Topic.
    pub topic: String,
    /// An account's id.
    pub account: Option<String>,
    /// A contact's id.
    pub contact: Option<String>,
    /// Contact ids or addresses.
    pub stakeholders: Vec<String>,
    /// A user's address.
    pub owner: Option<String>,
    /// Users' addresses.
    pub team: Vec<String>,
    /// `open`, `won` or `lost`.
    pub status: String,
    /// A date.
    pub estimated_close: Option<String>,
    /// Money.
    pub estimated_revenue: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// A date or RFC 3339.
    pub created_at: Option<String>,
    /// A date or RFC 3339.
    pub closed_at: Option<String>,
}

/// A row of `activities.csv`: an interaction of the CRM with its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityRow {
    /// Key.
    pub id: String,
    /// The other columns; `source` and `mailbox` are not written.
    pub row: InteractionRow,
}

/// A row of `interactions.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InteractionRow {
    /// RFC 3339 or unix seconds.
    pub occurred_at: String,
    /// `email`, `meeting`, `phone_call` or `task`.
    pub kind: String,
    /// Sender, organizer, caller.
    pub from: Option<String>,
    /// Recipients, required, callee.
    pub to: Vec<String>,
    /// Copies, optional attendees.
    pub cc: Vec<String>,
    /// Seconds.
    pub duration_s: Option<String>,
    /// Message-ID or UID.
    pub message_id: Option<String>,
    /// Conversation.
    pub conversation_id: Option<String>,
    /// The only ancestor that the file can name.
    pub in_reply_to: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// `TABLE/ID`
    pub regarding: Option<String>,
    /// `open`, `scheduled`, `completed`, `cancelled`.
    pub state: Option<String>,
    /// `crm` or `mailbox`; `None` = mailbox.
    pub source: Option<String>,
    /// Address of the user who saw it; `None` = unattributed.
    pub mailbox: Option<String>,
}

impl World {
    /// The files, by their path under one folder. Empty tables are written with their header alone.
    pub fn to_csv(&self) -> Vec<(String, String)> {
        vec![
            ("users.csv".to_owned(), self.users_csv()),
            ("crm/accounts.csv".to_owned(), self.accounts_csv()),
            ("crm/contacts.csv".to_owned(), self.contacts_csv()),
            ("crm/leads.csv".to_owned(), self.leads_csv()),
            ("crm/opportunities.csv".to_owned(), self.opportunities_csv()),
            ("crm/activities.csv".to_owned(), self.activities_csv()),
            ("interactions.csv".to_owned(), self.interactions_csv()),
        ]
    }

    /// Every record as (table, id), in the order of the files.
    pub fn records(&self) -> Vec<(&'static str, String)> {
        let mut records = Vec::new();
        records.extend(self.accounts.iter().map(|row| ("accounts", row.id.clone())));
        records.extend(self.contacts.iter().map(|row| ("contacts", row.id.clone())));
        records.extend(self.leads.iter().map(|row| ("leads", row.id.clone())));
        records.extend(self.opportunities.iter().map(|row| ("opportunities", row.id.clone())));
        records
    }

    fn users_csv(&self) -> String {
        let rows = self.users.iter().map(|row| {
            vec![
                row.email.clone(),
                row.name.clone(),
                text(row.title.as_ref()),
                text(row.licence.as_ref()),
                list(&row.roles),
                list(&row.groups),
                text(row.manager.as_ref()),
                list(&row.aliases),
                text(row.left_at.as_ref()),
            ]
        });
        csv("email,name,title,licence,roles,groups,manager,aliases,left_at", rows)
    }

    fn accounts_csv(&self) -> String {
        let rows = self.accounts.iter().map(|row| {
            vec![
                row.id.clone(),
                row.name.clone(),
                list(&row.domains),
                text(row.industry.as_ref()),
                text(row.owner.as_ref()),
                text(row.primary_contact.as_ref()),
            ]
        });
        csv("id,name,domains,industry,owner,primary_contact", rows)
    }

    fn contacts_csv(&self) -> String {
        let rows = self.contacts.iter().map(|row| {
            vec![
                row.id.clone(),
                row.name.clone(),
                text(row.email.as_ref()),
                list(&row.emails),
                text(row.account.as_ref()),
                text(row.title.as_ref()),
                text(row.owner.as_ref()),
            ]
        });
        csv("id,name,email,emails,account,title,owner", rows)
    }

    fn leads_csv(&self) -> String {
        let rows = self.leads.iter().map(|row| {
            vec![
                row.id.clone(),
                row.topic.clone(),
                row.name.clone(),
                text(row.email.as_ref()),
                text(row.company.as_ref()),
                row.status.clone(),
                text(row.owner.as_ref()),
                list(&row.stakeholders),
                text(row.created_at.as_ref()),
            ]
        });
        csv("id,topic,name,email,company,status,owner,stakeholders,created_at", rows)
    }

    fn opportunities_csv(&self) -> String {
        let rows = self.opportunities.iter().map(|row| {
            vec![
                row.id.clone(),
                row.topic.clone(),
                text(row.account.as_ref()),
                text(row.contact.as_ref()),
                list(&row.stakeholders),
                text(row.owner.as_ref()),
                list(&row.team),
                row.status.clone(),
                text(row.estimated_close.as_ref()),
                text(row.estimated_revenue.as_ref()),
                text(row.currency.as_ref()),
                text(row.created_at.as_ref()),
                text(row.closed_at.as_ref()),
            ]
        });
        let header = "id,topic,account,contact,stakeholders,owner,team,status,estimated_close,estimated_revenue,currency,created_at,closed_at";
        csv(header, rows)
    }

    fn activities_csv(&self) -> String {
        let rows = self.activities.iter().map(|activity| {
            let mut fields = vec![activity.id.clone()];
            fields.extend(interaction_fields(&activity.row));
            fields
        });
        csv(&format!("id,{INTERACTION_COLUMNS}"), rows)
    }

    fn interactions_csv(&self) -> String {
        let rows = self.interactions.iter().map(|row| {
            let mut fields = interaction_fields(row);
            fields.extend([text(row.source.as_ref()), text(row.mailbox.as_ref())]);
            fields
        });
        csv(&format!("{INTERACTION_COLUMNS},source,mailbox"), rows)
    }
}

/// The columns that both files have.
const INTERACTION_COLUMNS: &str =
    "occurred_at,kind,from,to,cc,duration_s,message_id,conversation_id,in_reply_to,subject,regarding,state";

fn interaction_fields(row: &InteractionRow) -> Vec<String> {
    vec![
        row.occurred_at.clone(),
        row.kind.clone(),
        text(row.from.as_ref()),
        list(&row.to),
        list(&row.cc),
        text(row.duration_s.as_ref()),
        text(row.message_id.as_ref()),
        text(row.conversation_id.as_ref()),
        text(row.in_reply_to.as_ref()),
        text(row.subject.as_ref()),
        text(row.regarding.as_ref()),
        text(row.state.as_ref()),
    ]
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn list(values: &[String]) -> String {
    values.join(";")
}

/// RFC 4180: quoted where a comma, a quote or a line end needs it.
fn csv(header: &str, rows: impl Iterator<Item = Vec<String>>) -> String {
    let columns = header.split(',').count();
    let mut out = format!("{header}\n");
    for row in rows {
        assert_eq!(row.len(), columns, "a row of another width than `{header}`");
        let fields: Vec<String> = row
            .iter()
            .map(|field| {
                if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.clone() }
            })
            .collect();
        out.push_str(&fields.join(","));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_the_pinned_columns_and_quote_what_needs_it() {
        let world = World {
            users: vec![UserRow { email: "a@us.example".into(), name: "A, \"the\" B".into(), ..Default::default() }],
            interactions: vec![InteractionRow {
                occurred_at: "1700000000".into(),
                kind: "email".into(),
                to: vec!["x@them.example".into(), "Y <y@them.example>".into()],
                ..Default::default()
            }],
            ..Default::default()
        };
        let files = world.to_csv();
        assert_eq!(
            files[0].1,
            "email,name,title,licence,roles,groups,manager,aliases,left_at\na@us.example,\"A, \"\"the\"\" B\",,,,,,,\n"
        );
        let interactions = &files[6];
        assert_eq!(interactions.0, "interactions.csv");
        assert_eq!(interactions.1.lines().nth(1), Some("1700000000,email,,x@them.example;Y <y@them.example>,,,,,,,,,,"));
    }

    #[test]
    fn settings_are_set_in_an_order_that_keeps_fair_below_good() {
        for (good, fair) in [(90, 70), (30, 10), (41, 40), (60, 40), (50, 5)] {
            let settings = Settings { grade_good: good, grade_fair: fair, ..Settings::default() };
            let (mut good_now, mut fair_now) = (60, 40);
            for (key, value) in settings.to_pairs() {
                let number = || value.parse::<i64>().expect("a number");
                match key {
                    "health.grade.good" => good_now = number(),
                    "health.grade.fair" => fair_now = number(),
                    _ => continue,
                }
                assert!(fair_now < good_now, "{good} {fair}: {key} {value}");
            }
            assert_eq!((good_now, fair_now), (good, fair));
        }
    }
}
