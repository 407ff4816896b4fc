//! CRM files: accounts, contacts, leads, opportunities, users and activities as typed rows.
//!
//! A value that cannot be read (a date, an amount, an address) is left out and told with line and column; the row stays. A row
//! without its key, or whose status is unknown, fails. Columns that are not known here are kept as custom fields.

mod fields;

use std::{collections::BTreeMap, io::Read, marker::PhantomData};

use rapport_domain::{Address, Calendar, Domain, Moment, Who};

use self::fields::Fields;
use crate::{Place, Problem, interactions, table::Table};

/// One row and what was left out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CrmRow<T> {
    /// Line of the file, from 1.
    pub line: u64,
    /// The row.
    pub value: T,
    /// Values that could not be read; the row stays.
    pub notes: Vec<Problem>,
}

/// Columns that are not known here, by the name that the file gives them. Empty values are no fields.
pub type CustomFields = BTreeMap<String, String>;

/// A row of `accounts.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Id in the CRM.
    pub id: String,
    /// Company name.
    pub name: Option<String>,
    /// Domains of its people.
    pub domains: Vec<Domain>,
    /// Industry.
    pub industry: Option<String>,
    /// Owner's address.
    pub owner: Option<Address>,
    /// Id of the primary contact.
    pub primary_contact: Option<String>,
    /// Everything else.
    pub custom: CustomFields,
}

/// A row of `contacts.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// Id in the CRM.
    pub id: String,
    /// Full name.
    pub name: Option<String>,
    /// First address.
    pub email: Option<Address>,
    /// Further addresses.
    pub emails: Vec<Address>,
    /// Id of the account.
    pub account: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// Owner's address.
    pub owner: Option<Address>,
    /// Everything else.
    pub custom: CustomFields,
}

/// Declares a status with its words; the first is what an empty column means.
macro_rules! status {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { #[default] $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All values; the first is what an empty column means.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$variant),*];

            /// The word in files.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads the word, in any case.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.as_str().eq_ignore_ascii_case(text.trim()))
            }
        }
    };
}

status! {
    /// Status of a lead.
    LeadStatus {
        /// Being worked on.
        Active = "active",
        /// Became an opportunity.
        Qualified = "qualified",
        /// Given up.
        Disqualified = "disqualified",
    }
}

status! {
    /// Status of an opportunity.
    OpportunityStatus {
        /// Not decided.
        Open = "open",
        /// Won.
        Won = "won",
        /// Lost.
        Lost = "lost",
    }
}

/// A row of `leads.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    /// Id in the CRM.
    pub id: String,
    /// What it is about.
    pub topic: Option<String>,
    /// Name of the person.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<Address>,
    /// Their company.
    pub company: Option<String>,
    /// Status; active if the column is empty.
    pub status: LeadStatus,
    /// Owner's address.
    pub owner: Option<Address>,
    /// Contacts or addresses.
    pub stakeholders: Vec<Who>,
    /// When it was made; a date means local midnight.
    pub created_at: Option<Moment>,
    /// Everything else.
    pub custom: CustomFields,
}

/// A row of `opportunities.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct Opportunity {
    /// Id in the CRM.
    pub id: String,
    /// What it is about.
    pub topic: Option<String>,
    /// Id of the account.
    pub account: Option<String>,
    /// Id of the customer contact.
    pub contact: Option<String>,
    /// Contacts or addresses.
    pub stakeholders: Vec<Who>,
    /// Owner's address.
    pub owner: Option<Address>,
    /// Addresses of the sales team.
    pub team: Vec<Address>,
    /// Status; open if the column is empty.
    pub status: OpportunityStatus,
    /// Estimated close; a date means local midnight.
    pub estimated_close: Option<Moment>,
    /// Estimated revenue in units of [`Self::currency`]; finite.
    pub estimated_revenue: Option<f64>,
    /// Currency code, upper case.
    pub currency: Option<String>,
    /// When it was made; a date means local midnight.
    pub created_at: Option<Moment>,
    /// When it was won or lost; a date means local midnight.
    pub closed_at: Option<Moment>,
    /// Everything else.
    pub custom: CustomFields,
}

/// A row of the users file.
#[derive(Clone, Debug, PartialEq)]
pub struct UserRow {
    /// First address.
    pub email: Address,
    /// Name.
    pub name: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// Licence as written (`enterprise` or `premium`), lower case.
    pub licence: Option<String>,
    /// Names of security roles.
    pub roles: Vec<String>,
    /// Names of security groups.
    pub groups: Vec<String>,
    /// Path of the business unit, e.g. `Sales/North`.
    pub business_unit: Option<String>,
    /// Names of teams.
    pub teams: Vec<String>,
    /// Address of the manager.
    pub manager: Option<Address>,
    /// Further addresses.
    pub aliases: Vec<Address>,
    /// When the user left; a date means local midnight.
    pub left_at: Option<Moment>,
    /// Everything else.
    pub custom: CustomFields,
}

/// Rows of one kind, in the order of the file. `Err` is a row that failed.
pub struct CrmRows<'a, R, T> {
    table: Table<R>,
    calendar: &'a Calendar,
    known: &'static [&'static str],
    read: fn(&mut Fields<'_>) -> Result<T, String>,
    rows: PhantomData<T>,
}

impl<R: Read, T> Iterator for CrmRows<'_, R, T> {
    type Item = Result<CrmRow<T>, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let headers = self.table.headers().to_vec();
        let (line, record) = match self.table.next_row()? {
            Ok(row) => row,
            Err(problem) => return Some(Err(problem)),
        };
        let mut fields = Fields::new(&headers, record, self.calendar, self.known);
        let value = (self.read)(&mut fields);
        let notes = fields.notes.into_iter().map(|note| Problem::general(Place::Line(line), note)).collect();
        Some(match value {
            Ok(value) => Ok(CrmRow { line, value, notes }),
            Err(what) => Err(Problem::failed(Place::Line(line), what)),
        })
    }
}

/// Opens a file whose first known column is the required key.
fn open<'a, R: Read, T>(
    reader: R,
    calendar: &'a Calendar,
    known: &'static [&'static str],
    read: fn(&mut Fields<'_>) -> Result<T, String>,
) -> Result<CrmRows<'a, R, T>, Problem> {
    let table = Table::open(reader, &known[..1])?;
    Ok(CrmRows { table, calendar, known, read, rows: PhantomData })
}

/// The rows of `accounts.csv`. `Err` if the column `id` is missing.
pub fn accounts<R: Read>(reader: R, calendar: &Calendar) -> Result<CrmRows<'_, R, Account>, Problem> {
    open(reader, calendar, &["id", "name", "domains", "industry", "owner", "primary_contact"], |fields| {
        Ok(Account {
            id: fields.key("id")?,
            name: fields.text("name"),
            domains: fields.domains("domains"),
            industry: fields.text("industry"),
            owner: fields.address("owner"),
            primary_contact: fields.text("primary_contact"),
            custom: fields.custom(),
        })
    })
}

/// The rows of `contacts.csv`. `Err` if the column `id` is missing.
pub fn contacts<R: Read>(reader: R, calendar: &Calendar) -> Result<CrmRows<'_, R, Contact>, Problem> {
    open(reader, calendar, &["id", "name", "email", "emails", "account", "title", "owner"], |fields| {
        Ok(Contact {
            id: fields.key("id")?,
            name: fields.text("name"),
            email: fields.address("email"),
            emails: fields.addresses("emails"),
            account: fields.text("account"),
            title: fields.text("title"),
            owner: fields.address("owner"),
            custom: fields.custom(),
        })
    })
}

/// Columns of `leads.csv`.
const LEAD: &[&str] = &["id", "topic", "name", "email", "company", "status", "owner", "stakeholders", "created_at"];

/// The rows of `leads.csv`. `Err` if the column `id` is missing.
pub fn leads<R: Read>(reader: R, calendar: &Calendar) -> Result<CrmRows<'_, R, Lead>, Problem> {
    open(reader, calendar, LEAD, |fields| {
        Ok(Lead {
            id: fields.key("id")?,
            topic: fields.text("topic"),
            name: fields.text("name"),
            email: fields.address("email"),
            company: fields.text("company"),
            status: fields.word("status", LeadStatus::parse, "active, qualified, disqualified")?,
            owner: fields.address("owner"),
            stakeholders: fields.people("stakeholders"),
            created_at: fields.moment("created_at"),
            custom: fields.custom(),
        })
    })
}

/// Columns of `opportunities.csv`.
const OPPORTUNITY: &[&str] = &[
    "id",
    "topic",
    "account",
    "contact",
    "stakeholders",
    "owner",
    "team",
    "status",
    "estimated_close",
    "estimated_revenue",
    "currency",
    "created_at",
    "closed_at",
];

/// The rows of `opportunities.csv`. `Err` if the column `id` is missing.
pub fn opportunities<R: Read>(reader: R, calendar: &Calendar) -> Result<CrmRows<'_, R, Opportunity>, Problem> {
    open(reader, calendar, OPPORTUNITY, |fields| {
        Ok(Opportunity {
            id: fields.key("id")?,
            topic: fields.text("topic"),
            account: fields.text("account"),
            contact: fields.text("contact"),
            stakeholders: fields.people("stakeholders"),
            owner: fields.address("owner"),
            team: fields.addresses("team"),
            status: fields.word("status", OpportunityStatus::parse, "open, won, lost")?,
            estimated_close: fields.moment("estimated_close"),
            estimated_revenue: fields.amount("estimated_revenue"),
            currency: fields.text("currency").map(|currency| currency.to_uppercase()),
            created_at: fields.moment("created_at"),
            closed_at: fields.moment("closed_at"),
            custom: fields.custom(),
        })
    })
}

/// Columns of the users file.
const USER: &[&str] =
    &["email", "name", "title", "licence", "roles", "groups", "manager", "aliases", "left_at", "business_unit", "teams"];

/// The rows of a users file. `Err` if the column `email` is missing.
pub fn users<R: Read>(reader: R, calendar: &Calendar) -> Result<CrmRows<'_, R, UserRow>, Problem> {
    open(reader, calendar, USER, |fields| {
        Ok(UserRow {
            email: fields.key_address("email")?,
            name: fields.text("name"),
            title: fields.text("title"),
            licence: fields.text("licence").map(|licence| licence.to_lowercase()),
            roles: fields.texts("roles"),
            groups: fields.texts("groups"),
            business_unit: fields
                .text("business_unit")
                .map(|unit| unit.trim_matches('/').to_owned())
                .filter(|unit| !unit.is_empty()),
            teams: fields.texts("teams"),
            manager: fields.address("manager"),
            aliases: fields.addresses("aliases"),
            left_at: fields.moment("left_at"),
            custom: fields.custom(),
        })
    })
}

/// The rows of `activities.csv`: the columns of interaction files and `id`. Their source is the CRM.
pub fn activities<R: Read>(reader: R) -> Result<interactions::CsvRows<R>, Problem> {
    interactions::activities(reader)
}

#[cfg(test)]
mod tests;
