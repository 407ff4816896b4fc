//! Records: accounts, contacts, leads, opportunities.

use std::fmt;

/// The CRM table of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// A company.
    Accounts = 1,
    /// Somebody at a company.
    Contacts = 2,
    /// Somebody who may become a customer.
    Leads = 3,
    /// A deal.
    Opportunities = 4,
}

impl Table {
    /// All four, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Accounts, Self::Contacts, Self::Leads, Self::Opportunities];

    /// The plural noun of URLs, files and JSON: `contacts`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Contacts => "contacts",
            Self::Leads => "leads",
            Self::Opportunities => "opportunities",
        }
    }

    /// The singular noun: `contact`.
    pub fn singular(self) -> &'static str {
        match self {
            Self::Accounts => "account",
            Self::Contacts => "contact",
            Self::Leads => "lead",
            Self::Opportunities => "opportunity",
        }
    }

    /// Reads the plural or singular noun, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|table| table.as_str() == text || table.singular() == text)
    }

    /// Reads the stored code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|table| *table as u8 == code)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A record by its table and the id that its CRM gave it, e.g. `opportunities/o1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordRef {
    /// The table.
    pub table: Table,
    /// The id in the CRM; never empty.
    pub id: String,
}

impl RecordRef {
    /// Reads `TABLE/ID`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` names no record: write TABLE/ID, e.g. opportunities/o1");
        let (table, id) = text.trim().split_once('/').ok_or_else(bad)?;
        let id = id.trim();
        if id.is_empty() {
            return Err(bad());
        }
        Ok(Self { table: Table::parse(table).ok_or_else(bad)?, id: id.to_owned() })
    }
}

impl fmt::Display for RecordRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.table, self.id)
    }
}
