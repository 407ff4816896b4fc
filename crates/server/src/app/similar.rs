//! Similar won deals: which won opportunities resemble one, and how their figures were.
//!
//! Computed when asked for, so never older than the facts; figures of deals that are closed are kept while facts and settings hold.

use std::{
    collections::BTreeSet,
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
    told::Withheld,
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

/// All deals of one pair of versions, and the figures of closed ones as of their closing, by dense record number.
#[derive(Debug)]
pub(crate) struct Deals {
    versions: (i64, i64),
    fields: Vec<String>,
    /// What every opportunity says in the fields, by dense record number.
    said: FxHashMap<u32, Vec<Option<FieldValue>>>,
    /// Those that are won or lost, at whatever moment.
    closed: Vec<Closed>,
    figures: Mutex<FxHashMap<u32, DealFigures>>,
}

/// A closed deal that is compared.
#[derive(Debug)]
struct Closed {
    /// Dense record number.
    number: u32,
    id: String,
    /// Since when.
    since: Option<Moment>,
    revenue: Option<f64>,
    deal: Deal,
}

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

    /// Takes away what is not told, of every deal alike.
    fn withhold(&mut self, withheld: &Withheld) {
        let told = |figures: &DealFigures| -> DealFigures {
            Arc::new(KPIS.iter().zip(figures.iter()).map(|((name, _), value)| value.filter(|_| !withheld.has(name))).collect())
        };
        self.own = told(&self.own);
        self.deals.iter_mut().for_each(|deal| deal.figures = told(&deal.figures));
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

impl App {
    /// Won deals that resemble an opportunity.
    pub async fn similar_deals(&self, id: &str, as_of: Option<Moment>) -> Result<SimilarDeals, AppError> {
        let view = self.view().await?;
        view.need_enhanced()?;
        view.need_relationship_analytics()?;
        let (reference, scope) = find_scope(&view, &self.reach(&view), Table::Opportunities, id)?;
        let is_past = as_of.is_some();
        let as_of = view.told_as_of(as_of, self.now());
        let touches = self.store().runs_of(self.org(), &view.subjects(&scope), &view.visibility).await?;
        let own = Folders::default().kpis.fold(&view.context(as_of), &scope, &touches, &KpiQuery::default());
        let mut answer = self.similar_to(&view, &reference, &own, as_of).await?;
        if view.works_council.is_some() {
            answer.withhold(&if is_past { Withheld::of_the_past() } else { Withheld::our_side() });
        }
        Ok(answer)
    }

    /// The same for whoever has the opportunity's KPIs already.
    pub(crate) async fn similar_to(
        &self,
        view: &Arc<View>,
        reference: &RecordRef,
        own: &Kpis,
        as_of: Moment,
    ) -> Result<SimilarDeals, AppError> {
        let is_on = settings::value(&self.store().settings(self.org()).await?, "similar_deals.enabled") == "true";
        let deals = self.deals(view).await?;
        // A status holds from `closed_at` on (03, "State").
        let reach = self.reach(view);
        let is_seen =
            |closed: &&Closed| reach.allows(rapport_domain::RecordId(closed.number)) && closed.since.is_none_or(|at| at <= as_of);
        let closed: Vec<&Closed> = deals.closed.iter().filter(is_seen).collect();
        let won = closed.iter().filter(|closed| closed.deal.is_won).count();
        let lost = closed.len() - won;
        let state = match (is_on, won >= CLOSED_MIN && lost >= CLOSED_MIN) {
            (false, _) => SimilarState::SwitchedOff,
            (true, false) => SimilarState::TooFewClosedDeals,
            (true, true) => SimilarState::Available,
        };
        let own = Arc::new(KPIS.iter().map(|(_, value)| value(own)).collect());
        let mut answer = SimilarDeals { state, as_of, won, lost, basis: None, fields: Vec::new(), deals: Vec::new(), own };
        let Some(target) = view.record(reference).filter(|_| state == SimilarState::Available) else { return Ok(answer) };
        for (closed, similarity) in choose(&deals, target.record.0, &closed, &mut answer) {
            let Some(record) = view.record_numbered(closed.number) else { continue };
            let figures = self.figures_at_close(view, &deals, record, closed.since, as_of).await?;
            answer.deals.push(SimilarDeal {
                id: closed.id.clone(),
                name: record.name().to_owned(),
                account: account(view, record).map(|account| account.name().to_owned()).or_else(|| {
                    // An account that is only named.
                    record.document.as_ref()?.account.clone()
                }),
                similarity,
                estimated_revenue: closed.revenue,
                currency: record.document.as_ref().and_then(|document| document.currency.clone()),
                closed_at: closed.since,
                figures,
            });
        }
        Ok(answer)
    }

    /// All deals as a view says; kept until it moves.
    async fn deals(&self, view: &Arc<View>) -> Result<Arc<Deals>, AppError> {
        if let Some(known) = self.deals.get(view.tier).filter(|deals| deals.versions == view.versions) {
            return Ok(known);
        }
        let (tier, view) = (view.tier, view.clone());
        let made = tokio::task::spawn_blocking(move || Arc::new(Deals::new(&view)))
            .await
            .map_err(|error| AppError::invalid(format!("reading deals stopped: {error}")))?;
        self.deals.set(tier, &made);
        Ok(made)
    }

    /// A deal's figures as it stood when it was closed.
    async fn figures_at_close(
        &self,
        view: &View,
        deals: &Deals,
        record: &Record,
        since: Option<Moment>,
        as_of: Moment,
    ) -> Result<DealFigures, AppError> {
        let number = record.record.0;
        let known = || deals.figures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(figures) = since.and_then(|_| known().get(&number).cloned()) {
            return Ok(figures);
        }
        let scope = view.scope(record);
        let touches: Touches = self.store().runs_of(self.org(), &view.subjects(&scope), &view.visibility).await?;
        let context = view.context(since.unwrap_or(as_of));
        let kpis = Folders::default().kpis.fold(&context, &scope, &touches, &KpiQuery::default());
        let figures: DealFigures = Arc::new(KPIS.iter().map(|(_, value)| value(&kpis)).collect());
        if since.is_some() {
            known().insert(number, figures.clone());
        }
        Ok(figures)
    }
}

/// The account of a deal, where the CRM has it.
fn account<'a>(view: &'a View, record: &Record) -> Option<&'a Record> {
    let id = record.document.as_ref()?.account.clone()?;
    view.record(&RecordRef { table: Table::Accounts, id })
}

impl Deals {
    fn new(view: &View) -> Self {
        let records: Vec<&Record> = view.records.iter().filter(|record| record.reference.table == Table::Opportunities).collect();
        let (fields, said) = fields(view, &records);
        let closed = records.iter().zip(&said).filter_map(|(record, values)| {
            let document = record.document.as_ref()?;
            let is_won = match document.status.as_deref() {
                Some("won") => true,
                Some("lost") => false,
                _ => return None,
            };
            Some(Closed {
                number: record.record.0,
                id: record.reference.id.clone(),
                since: document.closed_at.as_deref().and_then(|text| view.calendar.parse(text).ok()),
                revenue: document.estimated_revenue,
                deal: Deal { values: values.clone(), is_won },
            })
        });
        let closed = closed.collect();
        let said = records.iter().map(|record| record.record.0).zip(said).collect();
        Self { versions: view.versions, fields, said, closed, figures: Mutex::default() }
    }
}

/// The won deals to compare with, and their similarity; says fields and basis in the answer.
fn choose<'a>(deals: &Deals, target: u32, closed: &[&'a Closed], answer: &mut SimilarDeals) -> Vec<(&'a Closed, Option<f64>)> {
    let own = deals.said.get(&target).map(Vec::as_slice).unwrap_or_default();
    let compared: Vec<&Deal> = closed.iter().map(|closed| &closed.deal).collect();
    let weights = similar::weights(&deals.fields, &compared);
    let won = || closed.iter().copied().filter(|closed| closed.deal.is_won && closed.number != target);
    let revenue = |closed: &Closed| closed.revenue.unwrap_or(f64::MIN);
    let larger = |a: &Closed, b: &Closed| revenue(b).total_cmp(&revenue(a)).then_with(|| a.id.cmp(&b.id));
    let mut chosen: Vec<(&Closed, f64)> = won()
        .map(|closed| (closed, similar::similarity(&weights, own, &closed.deal.values)))
        .filter(|(_, similarity)| *similarity >= SIMILARITY_MIN)
        .collect();
    chosen.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| larger(a.0, b.0)));
    chosen.truncate(DEALS_MAX);
    answer.fields = weights.into_iter().map(|(_, weight)| weight).collect();
    answer.fields.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.name.cmp(&b.name)));
    if !chosen.is_empty() {
        answer.basis = Some(Basis::Similar);
        return chosen.into_iter().map(|(closed, similarity)| (closed, Some(similarity))).collect();
    }
    answer.basis = Some(Basis::Largest);
    let mut largest: Vec<&Closed> = won().collect();
    largest.sort_by(|a, b| larger(a, b));
    largest.truncate(DEALS_MAX);
    largest.into_iter().map(|closed| (closed, None)).collect()
}

/// The names of the fields, and what each deal says in them: four of ours, then the organization's own.
fn fields(view: &View, records: &[&Record]) -> (Vec<String>, Vec<Vec<Option<FieldValue>>>) {
    let mut names = ["industry", "estimated_revenue", "team", "currency"].map(str::to_owned).to_vec();
    let mut rows: Vec<Vec<Option<FieldValue>>> = records.iter().map(|record| fixed(view, record)).collect();
    let of_deal: Vec<_> = records.iter().map(|record| record.document.as_ref().map(|document| &document.custom)).collect();
    let of_account: Vec<_> =
        records.iter().map(|record| account(view, record)?.document.as_ref().map(|document| &document.custom)).collect();
    for (prefix, customs) in [("", of_deal), ("account.", of_account)] {
        let keys: BTreeSet<&String> = customs.iter().flatten().flat_map(|custom| custom.keys()).collect();
        for key in keys {
            names.push(format!("{prefix}{key}"));
            let texts = customs.iter().map(|custom| custom.and_then(|custom| custom.get(key)).map(String::as_str));
            for (row, value) in rows.iter_mut().zip(similar::values_of(texts)) {
                row.push(value);
            }
        }
    }
    (names, rows)
}

/// Account's industry, revenue band, owner's team (who they report to), currency.
fn fixed(view: &View, record: &Record) -> Vec<Option<FieldValue>> {
    let Some(document) = &record.document else { return vec![None; 4] };
    let word =
        |text: Option<&String>| text.filter(|text| !text.trim().is_empty()).map(|text| FieldValue::Word(text.to_lowercase()));
    let industry = account(view, record).and_then(|account| account.document.as_ref()?.industry.as_ref());
    let owner = document.owner.as_deref().and_then(|owner| view.user_of(owner));
    let team = owner.and_then(|owner| view.user_documents.get(owner.0 as usize - 1)?.manager.as_ref());
    vec![word(industry), document.estimated_revenue.and_then(FieldValue::band), word(team), word(document.currency.as_ref())]
}
