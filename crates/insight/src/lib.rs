//! Interactions to KPIs, health, ties, introducers: the analysis, and nothing else.
//!
//! **What it is.** Folds over [`Touches`](rapport_domain::Touches), the columns in which the ledger keeps one subject's interactions
//! in time order. Every figure is a pure function of (facts, settings, moment): the [`Context`] carries the moment, the settings and
//! the calendar, the columns carry the facts.
//!
//! **What it is not.** It reads no file, socket, clock, environment or random source, knows no wire format and no SQL row, and decides
//! no permission: the caller hands over the touches that the viewer may see, with the participants that the allowed sightings show.
//!
//! | module | from one record's or target's touches |
//! | --- | --- |
//! | [`scope`] | which of them belong to a record, which are completed or scheduled at a moment (02 §1, §2) |
//! | [`kpis`] | counts, time spent, turns, response times, top-threes, series (02 §3) |
//! | [`health`] | score, state, trend, likelihood, contributions (03) |
//! | [`ties`], [`introducers`], [`paths`] | who knows whom, why somebody is missing, two-hop paths (04) |
//! | [`evaluation`] | what the figures were worth at past moments |
//! | [`similar`] | which closed deals resemble one (02 §4) |
//! | [`summary`] | up to five plain sentences |
//! | [`memory`] | the kernel that health and ties share |
//!
//! **Architecture Invariant:** nothing here fails; what cannot be known is absent with a [`Reason`].
//! **Architecture Invariant:** no figure depends on the order of arrival: neither on the numbers of interactions nor on the order of rows
//! before [`Touches::sort`](rapport_domain::Touches::sort). Equal moments are ordered by what the interactions say ([`scope::identity_order`]).
//! **Architecture Invariant:** sums of floating point run by ascending age, so that the page, the whole pass and the rebuild agree bit for bit.
//! **Architecture Invariant:** folders (`KpiFolder`, `HealthFolder`, `TieFolder`) keep their buffers and allocate nothing per touch.
//! **Architecture Invariant:** iterating a hash map never decides an order.
//!
//! **To add a metric:** (1) write its page under `docs/metrics/`; (2) add its field, with unit, range and source, to the result it belongs to
//! ([`kpis::Kpis`], [`health::Health`] or [`ties::TieFigures`]); (3) compute it in the module whose facts it shares, from the rows that the
//! folder already walks; (4) if it can be unknown, make it an `Option` and record the [`Reason`] under its JSON name; (5) add its worked
//! example to `tests/`, a property where order or duplicates could matter, and the same rule to the naive model in `testkit`.

#![expect(
    clippy::needless_bitwise_bool,
    reason = "nothing foretells what a row holds: looking at both sides costs less than a branch that is taken wrongly every other time"
)]

mod business;
mod conversations;
mod days;
mod durations;
mod estimate;
pub mod evaluation;
pub mod health;
mod hits;
mod index;
pub mod introducers;
pub mod kpis;
pub mod memory;
mod numbering;
mod our_part;
mod pairs;
pub mod paths;
mod records;
mod response;
mod rows;
pub mod scope;
mod series;
pub mod similar;
pub mod summary;
mod survival;
pub mod ties;
mod top_three;
mod trend;
mod turns;

pub use health::{Health, HealthFolder, HealthState, Trend};
pub use introducers::{Introducers, MissingReason, who_knows};
pub use kpis::{KpiFigures, KpiFolder, KpiQuery, Kpis, Window};
pub use memory::{LikelihoodModel, Likelihoods, round_half_up};
pub use our_part::{Contributor, OurPart};
pub use paths::{Path, Via};
pub use records::RecordFolder;
pub use scope::{ClosedAs, Internal, RecordScope, belongs};
pub use summary::{Language, Sentence};
pub use ties::{Grade, Tie, TieFolder};

use rapport_domain::{Calendar, Day, Directory, InsightSettings, Kind, Moment};

/// What every figure depends on beside the facts.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Who stands behind an address.
    pub directory: &'a Directory,
    /// The organization's time zone: days, weeks and ages are local to it.
    pub calendar: &'a Calendar,
    /// The organization's settings.
    pub settings: &'a InsightSettings,
    /// Coefficients of the likelihood: pooled, or calibrated for this organization.
    pub likelihood: Likelihoods,
    /// Which data the caller left in the touches.
    pub data: Data,
    /// The moment as of which everything is judged. Nothing after it counts.
    pub as_of: Moment,
}

impl Context<'_> {
    /// The local day of `as_of`: age 0.
    pub fn today(&self) -> Day {
        self.calendar.day_of(self.as_of)
    }
}

/// Which data the figures rest on (01, "data"). The caller has already reduced the touches to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Data {
    /// CRM activities only: response times are absent, who knows whom uses the basic strength.
    Crm,
    /// CRM activities and what consent allows of mailboxes.
    CrmAndMailbox,
}

impl Data {
    /// The word of the JSON: `crm` or `crm_and_mailbox`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::CrmAndMailbox => "crm_and_mailbox",
        }
    }
}

/// Why a figure is absent (02 §3, end).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The organization has no mailbox data (or the viewer none of it).
    NoMailboxData,
    /// No interaction from which it could be told.
    NotEnoughData,
    /// The viewer may not see it. Only callers set this.
    NotPermitted,
}

impl Reason {
    /// The word of the JSON, e.g. `no_mailbox_data`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoMailboxData => "no_mailbox_data",
            Self::NotEnoughData => "not_enough_data",
            Self::NotPermitted => "not_permitted",
        }
    }
}

/// What one active day adds to a sum: the explanation of a score or strength (03, "Score"; 04).
///
/// In a list they ascend by age, and adding their values in that order gives the sum bit for bit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// The local day.
    pub day: Day,
    /// Kind of the day's heaviest interaction; ties: meeting, phone call, email, task.
    pub kind: Kind,
    /// Whole local days before `as_of`, 0..=730.
    pub age_days: u32,
    /// Day weight, above 0.
    pub weight: f64,
    /// What the day adds: weight / (1 + age / s), above 0, `s` as [`memory::Kernel::value`] says. For a basic strength: the number of interactions that count.
    pub value: f64,
}
