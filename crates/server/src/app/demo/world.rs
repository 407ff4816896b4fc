//! What the generator remembers before anything is written: people and records, messages, meetings, activities.

use super::companies::{Country, Team};
use super::days::Days;
use super::words::Language;

/// One address with the name that stands before it.
pub(super) struct Party {
    pub(super) name: String,
    pub(super) address: String,
    /// The user whose address or alias it is.
    pub(super) user: Option<usize>,
    pub(super) clock_ahead_s: i32,
}

/// Position in [`World::parties`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct PartyId(pub(super) usize);

/// One employee.
pub(super) struct User {
    /// The first address, then the aliases.
    pub(super) parties: Vec<PartyId>,
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) licence: &'static str,
    pub(super) roles: &'static str,
    pub(super) groups: &'static str,
    pub(super) team: Option<Team>,
    pub(super) manager: Option<usize>,
    /// First day on which the user is gone.
    pub(super) left_day: Option<i32>,
    pub(super) has_mailbox: bool,
    pub(super) holidays: Vec<(i32, i32)>,
    pub(super) answers_after_min: f64,
}

/// Somebody external, with or without a record.
pub(super) struct Person {
    /// Empty: known by reference only.
    pub(super) parties: Vec<PartyId>,
    pub(super) reference: Option<Reference>,
    pub(super) account: Option<usize>,
    pub(super) language: Language,
    pub(super) holidays: Vec<(i32, i32)>,
    pub(super) answers_after_min: f64,
}

/// The record that a person is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reference {
    Contact(usize),
    Lead(usize),
}

impl Reference {
    /// As in the columns `from`, `to`, `cc`.
    pub(super) fn participant(self) -> String {
        match self {
            Self::Contact(position) => format!("contact:{}", contact_id(position)),
            Self::Lead(position) => format!("lead:{}", lead_id(position)),
        }
    }

    /// As in the column `regarding`.
    pub(super) fn regarding(self) -> String {
        match self {
            Self::Contact(position) => format!("contacts/{}", contact_id(position)),
            Self::Lead(position) => format!("leads/{}", lead_id(position)),
        }
    }
}

pub(super) fn account_id(position: usize) -> String {
    format!("ACC-{:03}", position + 1)
}

pub(super) fn contact_id(position: usize) -> String {
    format!("CON-{:04}", position + 1)
}

pub(super) fn lead_id(position: usize) -> String {
    format!("LEA-{:03}", position + 1)
}

pub(super) fn opportunity_id(position: usize) -> String {
    format!("OPP-{:03}", position + 1)
}

/// A customer company.
pub(super) struct Account {
    pub(super) name: &'static str,
    pub(super) domains: Vec<String>,
    pub(super) industry: &'static str,
    pub(super) country: Country,
    pub(super) owner: usize,
    /// Positions in [`World::contacts`].
    pub(super) contacts: Vec<usize>,
    pub(super) primary_contact: Option<usize>,
}

/// A contact is the person of the same position in [`World::people`].
pub(super) struct Contact {
    pub(super) name: String,
    pub(super) account: usize,
    pub(super) title: &'static str,
    pub(super) owner: usize,
    pub(super) rhythm: Rhythm,
}

/// A prospect.
pub(super) struct Lead {
    pub(super) topic: String,
    pub(super) name: String,
    pub(super) company: String,
    pub(super) status: LeadStatus,
    pub(super) owner: usize,
    pub(super) email: Option<PartyId>,
    /// Positions in [`World::contacts`].
    pub(super) stakeholders: Vec<usize>,
    pub(super) source: &'static str,
    pub(super) created_day: i32,
    pub(super) closed_day: Option<i32>,
    pub(super) rhythm: Rhythm,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LeadStatus {
    Active,
    Qualified,
    Disqualified,
}

/// A deal.
pub(super) struct Opportunity {
    pub(super) topic: String,
    pub(super) account: usize,
    pub(super) contact: usize,
    pub(super) stakeholders: Vec<usize>,
    pub(super) owner: usize,
    pub(super) team: Vec<usize>,
    pub(super) status: OpportunityStatus,
    pub(super) estimated_close_day: Option<i32>,
    pub(super) estimated_revenue: Option<u32>,
    pub(super) currency: &'static str,
    pub(super) source: &'static str,
    pub(super) created_day: i32,
    pub(super) closed_day: Option<i32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum OpportunityStatus {
    Open,
    Won,
    Lost,
}

/// How often a relationship shows signs of life: see [`super::relations`] for the numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rhythm {
    /// Several times a week, both ways.
    Close,
    /// Most weeks.
    Regular,
    /// About once a month.
    Occasional,
    /// Little for long, much in the last weeks.
    Warming,
    /// Much for long, next to nothing in the last month.
    Fading,
    /// Known for less than 42 days.
    Fresh,
    /// We write, they never answer.
    OnlyUs,
    /// They write, we never answer.
    OnlyThem,
    /// Telephone and visits; no address.
    PhoneOnly,
    /// Last seen more than two years ago, in CRM data.
    LongAgo,
    /// Something planned, nothing done.
    OpenOnly,
    /// One active day.
    SingleDay,
    /// Nothing at all.
    Silent,
}

impl Rhythm {
    /// Others may be copied in without spoiling what the rhythm is there to show.
    pub(super) fn is_sociable(self) -> bool {
        matches!(self, Self::Close | Self::Regular | Self::Occasional)
    }
}

/// What makes a message special, and which rule of exclusion, if any, it is there for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Nature {
    /// A mail between people.
    Ordinary,
    Newsletter,
    MailingList,
    Bulk,
    AutomaticReply,
    /// The sender's address says that nobody reads the answer.
    Unanswerable,
    CalendarReply,
    DeliveryReport,
    Draft,
    Private,
    Confidential,
    /// `To: undisclosed-recipients:;`
    Undisclosed,
}

/// One mail, however many mailboxes hold a copy.
pub(super) struct Message {
    pub(super) at_us: i64,
    pub(super) from: PartyId,
    pub(super) to: Vec<PartyId>,
    pub(super) cc: Vec<PartyId>,
    pub(super) subject: String,
    pub(super) id: String,
    /// The message that it answers, a position in [`World::messages`].
    pub(super) parent: Option<usize>,
    /// Some programs forget In-Reply-To and References.
    pub(super) names_parent: bool,
    pub(super) language: Language,
    pub(super) nature: Nature,
    /// Users who got a copy without being named.
    pub(super) blind_copies: Vec<usize>,
}

/// One calendar entry, possibly of many occurrences.
pub(super) struct Meeting {
    pub(super) uid: String,
    pub(super) day: i32,
    pub(super) minute: i32,
    pub(super) duration_min: i32,
    pub(super) organizer: PartyId,
    pub(super) attendees: Vec<Attendee>,
    pub(super) room: Option<PartyId>,
    pub(super) summary: String,
    pub(super) is_cancelled: bool,
    pub(super) is_private: bool,
    pub(super) form: StartForm,
    pub(super) recurrence: Option<Recurrence>,
}

/// How the calendar writes the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StartForm {
    Local,
    Utc,
    AllDay,
}

pub(super) struct Attendee {
    pub(super) party: PartyId,
    pub(super) is_optional: bool,
    pub(super) answer: Answer,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    Accepted,
    Declined,
    Tentative,
    NeedsAction,
}

/// Weekly or fortnightly, with its exceptions.
pub(super) struct Recurrence {
    pub(super) interval_weeks: i32,
    /// Last day on which it may occur; none: for ever.
    pub(super) until_day: Option<i32>,
    pub(super) skipped_days: Vec<i32>,
    /// An occurrence that was held on another day: (planned, held).
    pub(super) moved: Option<(i32, i32)>,
    /// An occurrence that was called off.
    pub(super) cancelled_day: Option<i32>,
}

/// Kinds as the column `kind` names them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Email,
    Meeting,
    PhoneCall,
    Task,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// The column stays empty: the moment decides.
    Unsaid,
    Open,
    Scheduled,
    Completed,
    Cancelled,
}

/// One row of CRM data.
pub(super) struct Activity {
    pub(super) at_us: i64,
    pub(super) kind: Kind,
    pub(super) from: Option<Participant>,
    pub(super) to: Vec<Participant>,
    pub(super) cc: Vec<Participant>,
    pub(super) duration_min: i32,
    pub(super) message_id: Option<String>,
    pub(super) in_reply_to: Option<String>,
    pub(super) subject: String,
    pub(super) regarding: Option<String>,
    pub(super) state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Participant {
    Party(PartyId),
    Reference(Reference),
}

/// Everything.
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) days: Days,
    pub(super) parties: Vec<Party>,
    pub(super) users: Vec<User>,
    pub(super) accounts: Vec<Account>,
    pub(super) contacts: Vec<Contact>,
    pub(super) leads: Vec<Lead>,
    pub(super) opportunities: Vec<Opportunity>,
    /// Contacts first, then leads, then the discovered.
    pub(super) people: Vec<Person>,
    pub(super) messages: Vec<Message>,
    pub(super) meetings: Vec<Meeting>,
    pub(super) activities: Vec<Activity>,
}

impl World {
    pub(super) fn new(as_of_us: i64, seed: u64) -> Self {
        Self {
            seed,
            days: Days::new(as_of_us),
            parties: Vec::new(),
            users: Vec::new(),
            accounts: Vec::new(),
            contacts: Vec::new(),
            leads: Vec::new(),
            opportunities: Vec::new(),
            people: Vec::new(),
            messages: Vec::new(),
            meetings: Vec::new(),
            activities: Vec::new(),
        }
    }

    pub(super) fn party(&self, id: PartyId) -> &Party {
        &self.parties[id.0]
    }

    pub(super) fn add_party(&mut self, party: Party) -> PartyId {
        self.parties.push(party);
        PartyId(self.parties.len() - 1)
    }

    /// Somebody external's address.
    pub(super) fn add_external(&mut self, name: &str, address: String, clock_ahead_s: i32) -> PartyId {
        let name = name.to_owned();
        self.add_party(Party { name, address, user: None, clock_ahead_s })
    }

    pub(super) fn has_left(&self, user: usize, day: i32) -> bool {
        self.users[user].left_day.is_some_and(|left_day| day >= left_day)
    }

    /// The opportunity that is being worked on at an account on a day.
    pub(super) fn running_opportunity(&self, account: usize, day: i32) -> Option<usize> {
        self.opportunities.iter().position(|opportunity| {
            opportunity.account == account
                && opportunity.created_day <= day
                && opportunity.closed_day.is_none_or(|closed_day| day < closed_day)
        })
    }

    /// Keeps the message unless it would lie after `as_of`; answers its position.
    pub(super) fn send(&mut self, message: Message) -> Option<usize> {
        assert!(!message.id.is_empty(), "every message has an id");
        if message.at_us > self.days.as_of_us {
            return None;
        }
        self.messages.push(message);
        Some(self.messages.len() - 1)
    }

    /// Keeps the activity unless it is done and would lie after `as_of`.
    pub(super) fn log(&mut self, activity: Activity) {
        let is_planned = matches!(activity.state, State::Open | State::Scheduled);
        if is_planned || activity.at_us <= self.days.as_of_us {
            self.activities.push(activity);
        }
    }
}

impl User {
    /// The last day of the holidays that they have on a day, if any.
    pub(super) fn away_until(&self, day: i32) -> Option<i32> {
        end_of_holidays(&self.holidays, day)
    }
}

impl Person {
    /// The last day of the holidays that they have on a day, if any.
    pub(super) fn away_until(&self, day: i32) -> Option<i32> {
        end_of_holidays(&self.holidays, day)
    }
}

fn end_of_holidays(holidays: &[(i32, i32)], day: i32) -> Option<i32> {
    holidays.iter().find(|span| (span.0..=span.1).contains(&day)).map(|span| span.1)
}
