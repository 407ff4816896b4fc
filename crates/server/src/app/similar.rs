//! Similar won deals: which won opportunities resemble one, and how their figures were.
//!
//! Computed when asked for, so never older than the facts; figures of deals that are closed are kept while facts and settings hold.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use rapport_domain::{Moment, RecordRef, Table, Touches};
use rapport_insight::{
    KpiQuery, Kpis,
    similar::{self, CLOSED_MIN, DEALS_MAX, Deal, FieldValue, FieldWeight, SIMILARITY_MIN},
    summary::WonAverages,
};
use rustc_hash::FxHashMap;

use super::{
    App, AppError, View,
    records::{Folders, find_scope},
    settings,
    view::Record,
};

/// A numeric KPI: its name in the API and where it stands.
type Kpi = (&'static str, fn(&Kpis) -> Option<f64>);

/// Every numeric KPI; response times are medians.
pub const KPIS: &[Kpi] = &[
    ("emails_sent", |kpis| Some(f64::from(kpis.counts.emails_sent))),
    ("emails_received", |kpis| Some(f64::from(kpis.counts.emails_received))),
    ("meetings_sent", |kpis| Some(f64::from(kpis.counts.meetings_sent))),
    ("meetings_received", |kpis| Some(f64::from(kpis.counts.meetings_received))),
    ("phone_calls_made", |kpis| Some(f64::from(kpis.counts.phone_calls_made))),
    ("phone_calls_received", |kpis| Some(f64::from(kpis.counts.phone_calls_received))),
    ("time_spent_by_us_min", |kpis| Some(kpis.time_spent_by_us_min)),
    ("time_spent_by_them_min", |kpis| Some(kpis.time_spent_by_them_min)),
    ("replies_by_us", |kpis| Some(f64::from(kpis.replies_by_us))),
    ("replies_by_them", |kpis| Some(f64::from(kpis.replies_by_them))),
    ("response_time_by_us_h", |kpis| kpis.response_time_by_us.and_then(|time| time.p50_h)),
    ("response_time_by_them_h", |kpis| kpis.response_time_by_them.and_then(|time| time.p50_h)),
    ("response_rate_by_us", |kpis| kpis.response_rate_by_us),
    ("response_rate_by_them", |kpis| kpis.response_rate_by_them),
    ("send_receive_ratio_by_us", |kpis| kpis.send_receive_ratio_by_us),
    ("send_receive_ratio_by_them", |kpis| kpis.send_receive_ratio_by_them),
    ("sent_share", |kpis| kpis.sent_share),
    ("colleagues", |kpis| Some(f64::from(kpis.colleagues))),
    ("people", |kpis| Some(f64::from(kpis.people))),
];

/// KPIs of one deal, in the order of [`KPIS`].
pub type DealFigures = Arc<Vec<Option<f64>>>;

/// Figures of closed deals as of their closing, by dense record number, of one pair of versions.
pub(crate) type ClosedFigures = Arc<Mutex<((i64, i64), FxHashMap<u32, DealFigures>)>>;

/// Whether there is something to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimilarState {
    /// There is.
    Available,
    /// Fewer than 30 won or fewer than 30 lost.
    TooFewClosedDeals,
    /// Switched off by the administrator.
    SwitchedOff,
}

/// Why these deals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// They are similar.
    Similar,
    /// None is: the largest won ones.
    Largest,
}

/// One won deal.
#[derive(Clone, Debug)]
pub struct SimilarDeal {
    /// The CRM's id.
    pub id: String,
    /// Topic.
    pub name: String,
    /// The account's name.
    pub account: Option<String>,
    /// 0..=1; `None` for the largest.
    pub similarity: Option<f64>,
    /// Estimated revenue.
    pub estimated_revenue: Option<f64>,
    /// Its currency.
    pub currency: Option<String>,
    /// When it was won.
    pub closed_at: Option<Moment>,
    /// Its figures as of then, in the order of [`KPIS`].
    pub figures: DealFigures,
}

/// Similar won deals of one opportunity.
#[derive(Clone, Debug)]
pub struct SimilarDeals {
    /// Whether there is something to compare with.
    pub state: SimilarState,
    /// The moment it is as of.
    pub as_of: Moment,
    /// Won opportunities.
    pub won: usize,
    /// Lost opportunities.
    pub lost: usize,
    /// Why these deals; `None` unless available.
    pub basis: Option<Basis>,
    /// Fields with their weights, heaviest first.
    pub fields: Vec<FieldWeight>,
    /// The deals, most similar first.
    pub deals: Vec<SimilarDeal>,
    /// This opportunity's figures, in the order of [`KPIS`].
    pub own: DealFigures,
}

impl SimilarDeals {
    /// The average of one KPI over the deals that have it, and how many do.
    pub fn average(&self, position: usize) -> (Option<f64>, usize) {
        let values: Vec<f64> = self.deals.iter().filter_map(|deal| deal.figures[position]).collect();
        ((!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64), values.len())
    }

    /// What the summary compares with; `None` without deals.
    pub fn averages(&self) -> Option<WonAverages> {
        let of = |name: &str| KPIS.iter().position(|(known, _)| *known == name).and_then(|position| self.average(position).0);
        (!self.deals.is_empty()).then(|| WonAverages {
            response_time_by_us_h: of("response_time_by_us_h"),
            meetings: of("meetings_sent").zip(of("meetings_received")).map(|(sent, received)| sent + received),
            time_spent_by_us_min: of("time_spent_by_us_min"),
        })
    }
}

/// A closed deal that is compared.
struct Closed<'a> {
    record: &'a Record,
    /// Since when.
    since: Option<Moment>,
    is_won: bool,
}

impl App {
    /// Won deals that resemble an opportunity.
    pub async fn similar_deals(&self, id: &str, as_of: Option<Moment>) -> Result<SimilarDeals, AppError> {
        let view = self.view().await?;
        let (reference, scope) = find_scope(&view, Table::Opportunities, id)?;
        let as_of = as_of.unwrap_or_else(|| self.now());
        let touches = self.store().runs_of(self.org(), &view.subjects(&scope), &view.visibility).await?;
        let own = Folders::default().kpis.fold(&view.context(as_of), &scope, &touches, &KpiQuery::default());
        self.similar_to(&view, &reference, &own, as_of).await
    }

    /// The same for whoever has the opportunity's KPIs already.
    pub(crate) async fn similar_to(
        &self,
        view: &View,
        reference: &RecordRef,
        own: &Kpis,
        as_of: Moment,
    ) -> Result<SimilarDeals, AppError> {
        let is_on = settings::value(&self.store().settings(self.org()).await?, "similar_deals.enabled") == "true";
        let closed: Vec<Closed<'_>> = view.records.iter().filter_map(|record| closed(view, record, as_of)).collect();
        let won = closed.iter().filter(|deal| deal.is_won).count();
        let lost = closed.len() - won;
        let state = match (is_on, won >= CLOSED_MIN && lost >= CLOSED_MIN) {
            (false, _) => SimilarState::SwitchedOff,
            (true, false) => SimilarState::TooFewClosedDeals,
            (true, true) => SimilarState::Available,
        };
        let own = Arc::new(KPIS.iter().map(|(_, value)| value(own)).collect());
        let mut answer = SimilarDeals { state, as_of, won, lost, basis: None, fields: Vec::new(), deals: Vec::new(), own };
        let Some(target) = view.record(reference).filter(|_| state == SimilarState::Available) else { return Ok(answer) };
        let chosen = choose(view, target, &closed, &mut answer);
        for (deal, similarity) in chosen {
            let figures = self.figures_at_close(view, deal, as_of).await?;
            let document = deal.record.document.clone().unwrap_or_default();
            let account = document.account.as_ref().map(|id| {
                let account = RecordRef { table: Table::Accounts, id: id.clone() };
                view.record(&account).map_or_else(|| id.clone(), |account| account.name().to_owned())
            });
            answer.deals.push(SimilarDeal {
                id: deal.record.reference.id.clone(),
                name: deal.record.name().to_owned(),
                account,
                similarity,
                estimated_revenue: document.estimated_revenue,
                currency: document.currency,
                closed_at: deal.since,
                figures,
            });
        }
        Ok(answer)
    }

    /// A deal's figures as it stood when it was closed.
    async fn figures_at_close(&self, view: &View, deal: &Closed<'_>, as_of: Moment) -> Result<DealFigures, AppError> {
        let number = deal.record.record.0;
        if deal.since.is_some() {
            let mut kept = self.closed_figures.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.0 != view.versions {
                *kept = (view.versions, FxHashMap::default());
            }
            if let Some(figures) = kept.1.get(&number) {
                return Ok(figures.clone());
            }
        }
        let scope = view.scope(deal.record);
        let touches: Touches = self.store().runs_of(self.org(), &view.subjects(&scope), &view.visibility).await?;
        let context = view.context(deal.since.unwrap_or(as_of));
        let kpis = Folders::default().kpis.fold(&context, &scope, &touches, &KpiQuery::default());
        let figures: DealFigures = Arc::new(KPIS.iter().map(|(_, value)| value(&kpis)).collect());
        if deal.since.is_some() {
            let mut kept = self.closed_figures.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.0 == view.versions {
                kept.1.insert(number, figures.clone());
            }
        }
        Ok(figures)
    }
}

/// The deal of a record, if it is closed at a moment: a status holds from `closed_at` on (03, "State").
fn closed<'a>(view: &View, record: &'a Record, as_of: Moment) -> Option<Closed<'a>> {
    let document = record.document.as_ref().filter(|_| record.reference.table == Table::Opportunities)?;
    let is_won = match document.status.as_deref() {
        Some("won") => true,
        Some("lost") => false,
        _ => return None,
    };
    let since = document.closed_at.as_deref().and_then(|text| view.calendar.parse(text).ok());
    since.is_none_or(|at| at <= as_of).then_some(Closed { record, since, is_won })
}

/// The won deals to compare with, and their similarity; says fields and basis in the answer.
fn choose<'a, 'b>(
    view: &View,
    target: &Record,
    closed: &'b [Closed<'a>],
    answer: &mut SimilarDeals,
) -> Vec<(&'b Closed<'a>, Option<f64>)> {
    let (names, mut values) = fields(view, closed, target);
    let own = values.pop().unwrap_or_default();
    let deals: Vec<Deal> = values.into_iter().zip(closed).map(|(values, deal)| Deal { values, is_won: deal.is_won }).collect();
    let weights = similar::weights(&names, &deals);
    let revenue =
        |deal: &Closed<'_>| deal.record.document.as_ref().and_then(|document| document.estimated_revenue).unwrap_or(f64::MIN);
    let won = || closed.iter().zip(&deals).filter(|(deal, _)| deal.is_won && deal.record.reference != target.reference);
    let larger = |a: &Closed<'_>, b: &Closed<'_>| {
        revenue(b).total_cmp(&revenue(a)).then_with(|| a.record.reference.id.cmp(&b.record.reference.id))
    };
    let mut chosen: Vec<(&Closed<'_>, f64)> = won()
        .map(|(closed, deal)| (closed, similar::similarity(&weights, &own, &deal.values)))
        .filter(|(_, similarity)| *similarity >= SIMILARITY_MIN)
        .collect();
    chosen.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| larger(a.0, b.0)));
    chosen.truncate(DEALS_MAX);
    answer.fields = weights.into_iter().map(|(_, weight)| weight).collect();
    answer.fields.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.name.cmp(&b.name)));
    if !chosen.is_empty() {
        answer.basis = Some(Basis::Similar);
        return chosen.into_iter().map(|(deal, similarity)| (deal, Some(similarity))).collect();
    }
    answer.basis = Some(Basis::Largest);
    let mut largest: Vec<&Closed<'_>> = won().map(|(closed, _)| closed).collect();
    largest.sort_by(|a, b| larger(a, b));
    largest.truncate(DEALS_MAX);
    largest.into_iter().map(|deal| (deal, None)).collect()
}

/// What all closed deals, and last the target, say in the organization's own fields.
fn fields(view: &View, closed: &[Closed<'_>], target: &Record) -> (Vec<String>, Vec<Vec<Option<FieldValue>>>) {
    let records: Vec<&Record> = closed.iter().map(|deal| deal.record).chain([target]).collect();
    let mut names = ["industry", "estimated_revenue", "team", "currency"].map(str::to_owned).to_vec();
    let mut rows: Vec<Vec<Option<FieldValue>>> = records.iter().map(|record| fixed(view, record)).collect();
    let account = |record: &Record| {
        let id = record.document.as_ref()?.account.clone()?;
        view.record(&RecordRef { table: Table::Accounts, id })?.document.as_ref()
    };
    let custom = |documents: &dyn Fn(&Record) -> Option<BTreeMap<String, String>>| {
        let all: Vec<Option<BTreeMap<String, String>>> = records.iter().map(|record| documents(record)).collect();
        let keys: std::collections::BTreeSet<String> = all.iter().flatten().flat_map(|map| map.keys().cloned()).collect();
        keys.into_iter()
            .map(|key| {
                let texts: Vec<Option<&str>> =
                    all.iter().map(|map| map.as_ref().and_then(|map| map.get(&key)).map(String::as_str)).collect();
                let values = similar::values_of(texts.into_iter());
                (key, values)
            })
            .collect::<Vec<_>>()
    };
    let of_deal = custom(&|record| record.document.as_ref().map(|document| document.custom.clone()));
    let of_account = custom(&|record| account(record).map(|document| document.custom.clone()));
    let of_account = of_account.into_iter().map(|(key, values)| (format!("account.{key}"), values));
    for (name, values) in of_deal.into_iter().chain(of_account) {
        names.push(name);
        for (row, value) in rows.iter_mut().zip(values) {
            row.push(value);
        }
    }
    (names, rows)
}

/// Account's industry, revenue band, owner's team (who they report to), currency.
fn fixed(view: &View, record: &Record) -> Vec<Option<FieldValue>> {
    let document = record.document.clone().unwrap_or_default();
    let word =
        |text: Option<String>| text.filter(|text| !text.trim().is_empty()).map(|text| FieldValue::Word(text.to_lowercase()));
    let account = document.account.clone().and_then(|id| view.record(&RecordRef { table: Table::Accounts, id }));
    let industry = account.and_then(|account| account.document.as_ref()).and_then(|account| account.industry.clone());
    let owner = document.owner.as_deref().and_then(|owner| view.user_of(owner));
    let team = owner.and_then(|owner| view.user_documents.get(owner.0 as usize - 1)).and_then(|user| user.manager.clone());
    vec![word(industry), document.estimated_revenue.and_then(FieldValue::band), word(team), word(document.currency)]
}
