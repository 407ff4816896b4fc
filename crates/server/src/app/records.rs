//! Records and users as documents, and the insights of one record.

use std::collections::BTreeMap;

use rapport_domain::{Address, Domain, Moment, RecordRef, Side, Table};
use rapport_insight::{Health, HealthFolder, KpiFolder, KpiQuery, Kpis, RecordScope, Sentence, Window, summary};
use serde::{Deserialize, Serialize};

use super::{App, AppError, Tier, View, caller::Reach, looks::Shown, told::Withheld, view::Record};

/// A row of any CRM table, normalized: addresses in their one form, dates and numbers as given. Unknown columns are `custom`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordDocument {
    /// Name of an account, contact or lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Topic of a lead or opportunity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Domains of an account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Industry of an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    /// Owner's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Contact id of an account's primary contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_contact: Option<String>,
    /// First address of a contact or lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Further addresses of a contact.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// Account id of a contact or opportunity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Job title of a contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Company of a lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Status of a lead (active, qualified, disqualified) or opportunity (open, won, lost).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Customer contact of an opportunity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Contact ids or addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stakeholders: Vec<String>,
    /// Addresses of an opportunity's sales team.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub team: Vec<String>,
    /// Date or moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_close: Option<String>,
    /// In `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_revenue: Option<f64>,
    /// ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Date or moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Date or moment from which an opportunity is won or lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
    /// Columns that we do not know, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, String>,
}

/// A row of `users.csv`, normalized.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserDocument {
    /// Name to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Job title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `none`, `enterprise` or `premium`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Security roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Security groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Path of the business unit, e.g. `Sales/North`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_unit: Option<String>,
    /// Names of teams: their records are shared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
    /// Manager's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// Further addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Date or moment from which the user is no introducer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_at: Option<String>,
    /// Code of the geography in which their mailbox lies, where that is not where the organization's lie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_location: Option<String>,
    /// Columns that we do not know, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, String>,
}

/// What a page shows of one record.
#[derive(Clone, Debug)]
pub struct RecordInsights {
    /// Table and id.
    pub reference: RecordRef,
    /// The moment it was folded for.
    pub as_of: Moment,
    /// KPIs.
    pub kpis: Kpis,
    /// Health with its explanation.
    pub health: Health,
    /// Plain sentences.
    pub summary: Vec<Sentence>,
    /// Subjects of last and next interaction, where kept and seen.
    pub subjects: BTreeMap<u64, String>,
    /// What the caller is not told.
    pub withheld: Withheld,
}

/// What to ask of one record.
#[derive(Clone, Copy, Debug, Default)]
pub struct InsightsQuery {
    /// The moment; now if absent.
    pub as_of: Option<Moment>,
    /// Start of the window; 1 January of the year before if absent.
    pub window_start: Option<Moment>,
    /// End of the window; `as_of` if absent.
    pub window_end: Option<Moment>,
}

impl InsightsQuery {
    /// The window that is asked for, if one is.
    pub(crate) fn window(&self, view: &View, as_of: Moment) -> Option<Window> {
        (self.window_start.is_some() || self.window_end.is_some()).then(|| {
            let default = Window::default_at(&view.calendar, as_of);
            Window { start: self.window_start.unwrap_or(default.start), end: self.window_end.unwrap_or(default.end) }
        })
    }
}

/// Buffers of the folds, reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Folders {
    pub(crate) kpis: KpiFolder,
    pub(crate) health: HealthFolder,
}

impl App {
    /// The insights of the record with this id, or that owns this address.
    pub async fn record_insights(
        &self,
        table: Table,
        id: &str,
        query: &InsightsQuery,
    ) -> Result<(RecordInsights, std::sync::Arc<View>), AppError> {
        let view = self.view().await?;
        view.need_relationship_analytics()?;
        let (reference, scope) = find_scope(&view, &self.reach(&view), table, id)?;
        let as_of = view.told_as_of(query.as_of, self.now());
        let context = view.context(as_of);
        let touches = self.store.runs_of(self.org(), &view.subjects(&scope), &view.visibility).await?;
        let is_known = view.record(&reference).is_some_and(|record| record.document.is_some());
        if !is_known && touches.is_empty() {
            return Err(AppError::missing(format!("there is no {} `{id}`", table.singular())));
        }
        let mut folders = Folders::default();
        let kpi_query = KpiQuery { window: query.window(&view, as_of), in_full: true, ..KpiQuery::default() };
        let mut kpis = folders.kpis.fold(&context, &scope, &touches, &kpi_query);
        kpis.most_contacted_by.retain(|entry| !view.is_private_to_any(entry.who, &scope.external));
        let health = folders.health.explain(&context, &scope, &touches);
        let withheld = self.withheld(&view, &reference, &scope, &touches, query).await?;
        withheld.take_from(&mut kpis);
        let won = match table {
            Table::Opportunities if view.tier == Tier::Enhanced => {
                self.similar_to(&view, &reference, &kpis, as_of).await?.averages()
            }
            _ => None,
        };
        self.note_looks(&view, kpis.most_contacted_by.iter().map(|entry| entry.who), Shown::Record);
        let summary = summary::summary(&context, &kpis, &health.figures, won.as_ref());
        let is_told = |sentence: &Sentence| view.tier == Tier::Enhanced || !sentence.is_about_health();
        let summary = if withheld.has("summary") { Vec::new() } else { summary.into_iter().filter(is_told).collect() };
        let shown: Vec<u64> = [kpis.last_interaction, kpis.next_interaction]
            .into_iter()
            .flatten()
            .map(|occurrence| occurrence.interaction)
            .collect();
        let sightings = self.store.sightings_of(self.org(), &shown).await?;
        let is_seen = |source: i64, subject: &str| view.visibility.allows(source) && !subject.is_empty();
        let subjects = sightings.into_iter().filter(|(_, source, sighting)| is_seen(*source, &sighting.subject));
        let subjects = subjects.map(|(interaction, _, sighting)| (interaction, sighting.subject)).collect();
        let insights = RecordInsights { reference, as_of, kpis, health, summary, subjects, withheld };
        Ok((insights, view.clone()))
    }
}

/// The people of interest of a record, or of somebody whom we know from mail alone: a *discovered* person, asked for as a contact by an address.
pub(crate) fn find_scope(view: &View, reach: &Reach, table: Table, id: &str) -> Result<(RecordRef, RecordScope), AppError> {
    let missing = match find_any(view, table, id) {
        Ok(record) if reach.allows(record.record) => return Ok((record.reference.clone(), view.scope(record))),
        Ok(_) => return Err(missing(table, id)),
        // Somebody discovered belongs to nobody: only who sees everything sees them.
        Err(error) if !reach.is_all() => return Err(error),
        Err(error) => error,
    };
    let known = Address::parse(id).ok().and_then(|address| view.address_id(address.as_str()));
    match known.filter(|known| table == Table::Contacts && view.directory.address(*known).side == Side::Theirs) {
        None => Err(missing),
        Some(known) => {
            let person = view.directory.address(known).person;
            let reference = RecordRef { table, id: view.directory.person(person).key.to_string() };
            Ok((reference, RecordScope::of_addresses(0, table, view.addresses_of(person))))
        }
    }
}

/// The record of an id, else the one that owns an address. One that may not be seen answers like one that is not there.
pub fn find<'a>(view: &'a View, reach: &Reach, table: Table, id: &str) -> Result<&'a Record, AppError> {
    let found = find_any(view, table, id)?;
    if reach.allows(found.record) { Ok(found) } else { Err(missing(table, id)) }
}

pub(super) fn missing(table: Table, id: &str) -> AppError {
    AppError::missing(format!("there is no {} `{id}`", table.singular()))
        .with_hint(format!("give its id or an address of it; `rapport export kpis --table {table} --format csv` lists them"))
}

fn find_any<'a>(view: &'a View, table: Table, id: &str) -> Result<&'a Record, AppError> {
    let known = |record: &&Record| record.document.is_some();
    if let Some(record) = view.record(&RecordRef { table, id: id.to_owned() }) {
        return Ok(record);
    }
    let missing = || missing(table, id);
    if table == Table::Accounts {
        let domain = Address::parse(id)
            .map(|address| address.domain().to_owned())
            .or_else(|_| Domain::parse(id).map(|domain| domain.to_string()));
        let domain = domain.map_err(|_| missing())?;
        let of_domain = |record: &&Record| record.document.as_ref().is_some_and(|document| document.domains.contains(&domain));
        return view.records.iter().filter(|record| record.reference.table == table).find(of_domain).ok_or_else(missing);
    }
    let address = Address::parse(id).map_err(|_| missing())?;
    let person = view.address_id(address.as_str()).map(|id| view.directory.address(id).person);
    let owns = |record: &Record| {
        let document = record.document.as_ref()?;
        let mut own = document.email.iter().chain(&document.emails);
        own.any(|key| {
            key == address.as_str()
                || (person.is_some() && view.address_id(key).map(|id| view.directory.address(id).person) == person)
        })
        .then_some(())
    };
    match table {
        Table::Contacts | Table::Leads => {
            let mut owners: Vec<&Record> =
                view.records.iter().filter(known).filter(|r| r.reference.table == table && owns(r).is_some()).collect();
            owners.sort_by(|a, b| a.reference.id.cmp(&b.reference.id));
            owners.first().copied().ok_or_else(missing)
        }
        Table::Accounts | Table::Opportunities => Err(missing()),
    }
}
