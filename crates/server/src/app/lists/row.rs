//! One record as lists show it.

use rapport_domain::{Moment, RecordRef, Table};
use rapport_insight::{KpiFigures, health::HealthFigures};
use serde::{Deserialize, Serialize};

use crate::app::{View, view::Record};

/// A row of a list. What is absent is not known, never zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are those of records, KPIs and health; docs/metrics explains each figure")]
#[serde(default)]
pub struct ListRow {
    pub id: String,
    pub name: String,
    /// The account's name.
    pub account: Option<String>,
    pub account_id: Option<String>,
    /// The owner's address.
    pub owner: Option<String>,
    pub owner_name: Option<String>,
    pub email: Option<String>,
    pub title: Option<String>,
    pub company: Option<String>,
    pub status: Option<String>,
    pub health_state: String,
    pub health_score: Option<u32>,
    pub health_trend: String,
    pub rollup: bool,
    pub new_relationship: bool,
    pub likelihood_30d: Option<f64>,
    pub silence_surprise: Option<f64>,
    /// Days with interactions in the last 730.
    pub active_days: u32,
    pub time_spent_by_us_min: Option<f64>,
    pub time_spent_by_them_min: Option<f64>,
    /// Emails, meetings and phone calls of the window.
    pub interactions: Option<u32>,
    pub emails_sent: Option<u32>,
    pub emails_received: u32,
    pub meetings_sent: Option<u32>,
    pub meetings_received: u32,
    pub phone_calls_made: Option<u32>,
    pub phone_calls_received: u32,
    /// Median hours.
    pub response_time_by_us_h: Option<f64>,
    /// Median hours.
    pub response_time_by_them_h: Option<f64>,
    /// Microseconds since 1970, as all moments here.
    pub last_at: Option<i64>,
    pub last_kind: Option<String>,
    pub next_at: Option<i64>,
    pub next_kind: Option<String>,
    pub estimated_close: Option<i64>,
    pub estimated_revenue: Option<f64>,
    pub currency: Option<String>,
    pub created_at: Option<i64>,
    pub closed_at: Option<i64>,
    /// The moment that the figures are as of: that of the lists, said when the row is shown.
    #[serde(skip)]
    pub updated_at: Option<i64>,
}

impl ListRow {
    /// The row of a record with its figures.
    pub(super) fn new(view: &View, record: &Record, kpis: &KpiFigures, health: &HealthFigures) -> Self {
        let document = record.document.clone().unwrap_or_default();
        let account = document.account.as_ref().map(|id| {
            let reference = RecordRef { table: Table::Accounts, id: id.clone() };
            view.record(&reference).map_or_else(|| id.clone(), |account| account.name().to_owned())
        });
        let owner_name = document.owner.as_deref().map(|owner| match view.user_of(owner) {
            Some(user) => view.directory.user(user).name.clone(),
            None => owner.to_owned(),
        });
        let moment = |text: &Option<String>| text.as_deref().and_then(|text| view.calendar.parse(text).ok()).map(|at| at.0);
        let counts = &kpis.counts;
        let per_kind = [
            counts.emails_sent,
            counts.emails_received,
            counts.meetings_sent,
            counts.meetings_received,
            counts.phone_calls_made,
            counts.phone_calls_received,
        ];
        Self {
            id: record.reference.id.clone(),
            name: record.name().to_owned(),
            account,
            account_id: document.account,
            owner: document.owner,
            owner_name,
            email: document.email.or_else(|| document.emails.into_iter().next()),
            title: document.title,
            company: document.company,
            estimated_close: moment(&document.estimated_close),
            created_at: moment(&document.created_at),
            closed_at: moment(&document.closed_at),
            status: document.status,
            health_state: health.state.as_str().to_owned(),
            health_score: health.score,
            health_trend: health.trend.as_str().to_owned(),
            rollup: health.rollup,
            new_relationship: health.new_relationship,
            likelihood_30d: health.likelihood_30d,
            silence_surprise: health.silence_surprise,
            active_days: health.active_days,
            time_spent_by_us_min: Some(kpis.time_spent_by_us_min),
            time_spent_by_them_min: Some(kpis.time_spent_by_them_min),
            interactions: Some(per_kind.iter().sum()),
            emails_sent: Some(counts.emails_sent),
            emails_received: counts.emails_received,
            meetings_sent: Some(counts.meetings_sent),
            meetings_received: counts.meetings_received,
            phone_calls_made: Some(counts.phone_calls_made),
            phone_calls_received: counts.phone_calls_received,
            response_time_by_us_h: kpis.response_time_by_us.and_then(|time| time.p50_h),
            response_time_by_them_h: kpis.response_time_by_them.and_then(|time| time.p50_h),
            last_at: kpis.last_interaction.map(|last| last.at.0),
            last_kind: kpis.last_interaction.map(|last| last.kind.as_str().to_owned()),
            next_at: kpis.next_interaction.map(|next| next.at.0),
            next_kind: kpis.next_interaction.map(|next| next.kind.as_str().to_owned()),
            estimated_revenue: document.estimated_revenue,
            currency: document.currency,
            updated_at: None,
        }
    }

    /// Whether work on it goes on: leads while active, opportunities while open, contacts and accounts always.
    pub fn is_open(&self, table: Table) -> bool {
        let status = self.status.as_deref().unwrap_or_default();
        match table {
            Table::Accounts | Table::Contacts => true,
            Table::Leads => matches!(status, "" | "active"),
            Table::Opportunities => matches!(status, "" | "open"),
        }
    }

    /// Whole local days from `as_of` to the estimated close; negative once it is past.
    pub fn days_until_close(&self, view: &View, as_of: Moment) -> Option<i32> {
        self.estimated_close.map(|at| view.calendar.day_of(Moment(at)).0 - view.calendar.day_of(as_of).0)
    }
}
