//! Does the score mean anything here? The organization's own past is asked, and the likelihood is fitted to it.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use rapport_domain::{Model, Moment, Table, Touches, time::DAY_US};
use rapport_insight::{
    HealthState, LikelihoodModel, Likelihoods, RecordScope,
    evaluation::{
        self, Bin, Bootstrap, Calibration, Case, Evaluation, Interval, PersonHistory, Question, areas, calibrate, evaluate,
        group_of, is_in_share,
    },
};
use rapport_store::registry::CLOCK;
use serde::{Deserialize, Serialize};

use super::{
    App, AppError, View,
    passes::{Folders, Pass, finished},
    view::Record,
};

/// Days before a deal's closing as of which its health is held against how it ended.
pub const DEAL_DAYS: [i64; 3] = [30, 60, 90];
/// Won and lost deals, each, that make such a comparison worth something.
pub const DEALS_MIN: usize = 30;
/// Days that a moment looks ahead unless somebody says otherwise: those of the likelihood.
pub const HORIZON_DAYS: u32 = 30;
/// Days that a moment may look ahead at most.
pub const HORIZON_DAYS_MAX: u32 = 365;
/// Moments at most.
pub const MOMENTS_MAX: usize = 12;
/// Under this key the calibration lies among the settings: it is versioned and audited like them, and figures follow it.
const CALIBRATION_KEY: &str = "likelihood.calibration";
/// Between two calibrations by the clock.
const CALIBRATION_DAYS: i64 = 7;
/// Interactions beyond which a part of the people stands for all of them: a history takes some 40 bytes of memory for each.
const INTERACTIONS_MAX: u64 = 30_000_000;
/// Seed of all intervals.
const SEED: u64 = 1;

/// How deals of one distance to their closing ended.
#[derive(Clone, Debug, PartialEq)]
pub struct DealOutcomes {
    /// Days before the closing.
    pub days_before: i64,
    /// Won and lost deals by the state of their health then: good, fair, poor, no score.
    pub by_state: [(Option<HealthState>, usize, usize); 4],
    /// How well the score tells won from lost; `None` with too few deals.
    pub roc_auc: Option<Interval>,
}

impl DealOutcomes {
    /// Won and lost deals.
    pub fn counts(&self) -> (usize, usize) {
        self.by_state.iter().fold((0, 0), |(won, lost), of| (won + of.1, lost + of.2))
    }
}

/// What the past said.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// Up to when it was looked at.
    pub as_of: Moment,
    /// The model whose score and strength were judged.
    pub model: Model,
    /// Days that the moments look ahead.
    pub horizon_days: u32,
    /// The answer.
    pub evaluation: Evaluation,
    /// Deals 30, 60 and 90 days before their closing.
    pub deals: Vec<DealOutcomes>,
    /// Share of the people who were looked at, if not all.
    pub sampled: Option<f64>,
    /// How long it took, in seconds.
    pub elapsed_s: f64,
}

/// What is asked of the past.
#[derive(Clone, Debug, Default)]
pub struct EvaluationQuery {
    /// Days that a moment looks ahead; 30 if absent.
    pub horizon_days: Option<u32>,
    /// Past moments; at 60 % and 75 % of the span if empty.
    pub at: Vec<Moment>,
    /// Up to when; now if absent.
    pub as_of: Option<Moment>,
}

/// The evaluation of this process: one at a time.
#[derive(Clone, Debug, Default)]
pub enum EvaluationState {
    /// Nobody asked yet.
    #[default]
    None,
    /// It is being made; the one before, if any, is still there.
    Running(Option<Arc<Evaluated>>),
    /// It could not be made; the one before, if any, is still there.
    Failed(String, Option<Arc<Evaluated>>),
    /// It is there.
    Ready(Arc<Evaluated>),
}

/// Where it is kept.
pub(crate) type Evaluations = Arc<RwLock<EvaluationState>>;

/// The calibration that holds, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredCalibration {
    /// Ascending from 1; 0 = never calibrated.
    pub version: u32,
    /// When it was fitted, in microseconds since 1970.
    pub fitted_at_us: i64,
    /// Labelled pairs that were found.
    pub labelled_pairs: usize,
    /// Labelled records that were found.
    pub labelled_records: usize,
    /// Intercept and slope of pairs; `None` where the pooled ones hold.
    pub pairs: Option<[f64; 2]>,
    /// The same of records.
    pub records: Option<[f64; 2]>,
    /// How it did on a month that it had not seen.
    pub check: Option<StoredCheck>,
}

/// Calibrated against pooled on a month that the fit did not see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredCheck {
    /// See [`evaluation::Check`].
    pub brier: f64,
    /// See [`evaluation::Check`].
    pub brier_pooled: f64,
    /// See [`evaluation::Check`].
    pub roc_auc: Option<f64>,
    /// See [`evaluation::Check`].
    pub roc_auc_days_since_last: Option<f64>,
    /// See [`evaluation::Check`].
    pub roc_auc_messages: Option<f64>,
    /// From, to, cases, predicted, observed.
    pub reliability: Vec<(f64, f64, u32, f64, f64)>,
}

impl StoredCalibration {
    fn new(version: u32, at: Moment, calibration: &Calibration) -> Self {
        let own = |model: LikelihoodModel| (model != LikelihoodModel::POOLED).then_some([model.intercept, model.slope]);
        let of_bin = |bin: &Bin| (bin.from, bin.to, bin.cases, bin.predicted, bin.observed);
        let of_check = |check: &evaluation::Check| StoredCheck {
            brier: check.brier,
            brier_pooled: check.brier_pooled,
            roc_auc: check.roc_auc,
            roc_auc_days_since_last: check.roc_auc_days_since_last,
            roc_auc_messages: check.roc_auc_messages,
            reliability: check.reliability.iter().map(of_bin).collect(),
        };
        Self {
            version,
            fitted_at_us: at.0,
            labelled_pairs: calibration.labelled_pairs,
            labelled_records: calibration.labelled_records,
            pairs: own(calibration.likelihoods.pairs),
            records: own(calibration.likelihoods.records),
            check: calibration.check.as_ref().map(of_check),
        }
    }

    /// The one among all settings; one that cannot be read counts as none.
    pub(crate) fn of(values: &BTreeMap<String, String>) -> Self {
        values.get(CALIBRATION_KEY).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// The coefficients that hold.
    pub fn likelihoods(&self) -> Likelihoods {
        let of = |own: Option<[f64; 2]>| {
            own.map_or(LikelihoodModel::POOLED, |[intercept, slope]| LikelihoodModel { intercept, slope })
        };
        Likelihoods { records: of(self.records), pairs: of(self.pairs) }
    }
}

/// One closed deal: whether it was won, and its score as of each of [`DEAL_DAYS`] before.
struct ClosedDeal {
    record: u32,
    is_won: bool,
    scores: [(Option<f64>, Option<HealthState>); DEAL_DAYS.len()],
}

impl App {
    /// Asks the past.
    pub async fn evaluate(&self, query: &EvaluationQuery) -> Result<Evaluated, AppError> {
        let begun = self.now();
        self.check_evaluation(query).await?;
        let _one_at_a_time = self.making.evaluation.lock().await;
        let horizon_days = query.horizon_days.unwrap_or(HORIZON_DAYS);
        let view = self.by_asked_model(self.whole_view().await?);
        let (as_of, model) = (query.as_of.unwrap_or_else(|| self.now()), view.settings.model);
        let (people, closed, sampled) = self.histories(&view, as_of).await?;
        let question = Question { horizon_days, at: query.at.clone(), seed: SEED };
        let fold = move || {
            let evaluation = evaluate(&view.context(as_of), &people, &question);
            (evaluation, (0..DEAL_DAYS.len()).map(|i| deal_outcomes(&closed, i)).collect())
        };
        let (evaluation, deals) = finished(tokio::task::spawn_blocking(fold)).await?;
        Ok(Evaluated { as_of, model, horizon_days, evaluation, deals, sampled, elapsed_s: (self.now().0 - begun.0) as f64 / 1e6 })
    }

    /// Whether it can be asked so.
    pub async fn check_evaluation(&self, query: &EvaluationQuery) -> Result<(), AppError> {
        let horizon_days = query.horizon_days.unwrap_or(HORIZON_DAYS);
        if !(1..=HORIZON_DAYS_MAX).contains(&horizon_days) {
            return Err(AppError::invalid(format!("`horizon_days` cannot be {horizon_days}: it is 1 to {HORIZON_DAYS_MAX}")));
        }
        if !query.at.is_empty() || horizon_days != HORIZON_DAYS {
            // Moment by moment, day by day it would be told when somebody was in touch, or left.
            self.whole_view().await?.need_no_works_council("the past is asked at its own moments, 30 days ahead")?;
        }
        if query.at.len() > MOMENTS_MAX {
            return Err(AppError::invalid(format!("`at` names {} moments: {MOMENTS_MAX} are the most", query.at.len())));
        }
        let as_of = query.as_of.unwrap_or_else(|| self.now());
        if let Some(later) = query.at.iter().find(|at| **at >= as_of) {
            let hint = format!("give a moment before {}", as_of.to_rfc3339());
            return Err(AppError::invalid(format!("`at` cannot be {}: it is not past", later.to_rfc3339())).with_hint(hint));
        }
        Ok(())
    }

    /// Fits the likelihood to the past, and stores what it found: figures follow at once.
    pub async fn calibrate(&self) -> Result<StoredCalibration, AppError> {
        self.calibrate_as(self.actor()).await
    }

    async fn calibrate_as(&self, actor: &str) -> Result<StoredCalibration, AppError> {
        let _one_at_a_time = self.making.evaluation.lock().await;
        let view = self.whole_view().await?;
        let now = self.now();
        let (people, _, _) = self.histories(&view, now).await?;
        let fold = move || calibrate(&view.context(now), &people);
        let found = finished(tokio::task::spawn_blocking(fold)).await?;
        let before = self.calibration().await?;
        let stored = StoredCalibration::new(before.version + 1, now, &found);
        let text = serde_json::to_string(&stored).map_err(|error| AppError::invalid(error.to_string()))?;
        self.store().set_settings(self.org(), &[(CALIBRATION_KEY.to_owned(), text)], actor, now).await?;
        self.announce(self.store().facts_version(self.org()).await?);
        Ok(stored)
    }

    /// The calibration that holds.
    pub async fn calibration(&self) -> Result<StoredCalibration, AppError> {
        Ok(StoredCalibration::of(&self.store().settings(self.org()).await?))
    }

    /// Calibrates anew once a week, the first time a week after the organization was made.
    pub async fn calibrate_if_due(&self) -> Result<(), AppError> {
        let last_us = self.calibration().await?.fitted_at_us.max(self.organization().created_at.0);
        if self.now().0 >= last_us + CALIBRATION_DAYS * DAY_US {
            self.calibrate_as(CLOCK).await?;
        }
        Ok(())
    }

    /// The evaluation as it stands.
    pub fn evaluation(&self) -> EvaluationState {
        self.evaluations.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins to ask the past, unless that is being done already.
    pub fn begin_evaluation(&self, query: EvaluationQuery) {
        {
            let mut state = self.evaluations.write().unwrap_or_else(PoisonError::into_inner);
            *state = match &*state {
                EvaluationState::Running(_) => return,
                EvaluationState::Ready(last) => EvaluationState::Running(Some(last.clone())),
                EvaluationState::Failed(_, last) => EvaluationState::Running(last.clone()),
                EvaluationState::None => EvaluationState::Running(None),
            };
        }
        let app = self.clone();
        tokio::spawn(async move {
            let answer = app.evaluate(&query).await;
            let mut state = app.evaluations.write().unwrap_or_else(PoisonError::into_inner);
            let last = if let EvaluationState::Running(last) = &*state { last.clone() } else { None };
            *state = match answer {
                Ok(evaluated) => EvaluationState::Ready(Arc::new(evaluated)),
                Err(error) => EvaluationState::Failed(error.to_string(), last),
            };
        });
    }

    /// Everybody's history, closed deals, and the share of people who were taken if not all.
    async fn histories(
        &self,
        view: &Arc<View>,
        as_of: Moment,
    ) -> Result<(Vec<PersonHistory>, Vec<ClosedDeal>, Option<f64>), AppError> {
        let interactions = self.store().ledger_counts(self.org()).await?.interactions;
        let share = (interactions > INTERACTIONS_MAX).then(|| INTERACTIONS_MAX as f64 / interactions as f64);
        let pass = Pass {
            keeps: Box::new(move |record: &Record| record.reference.table == Table::Opportunities && outcome(record).is_some()),
            of_record: Box::new(move |view, record, scope, folders, touches| {
                closed_deal(view, record, scope, folders, touches, as_of)
            }),
            of_person: Some(Box::new(move |view, person, addresses, folders, touches| {
                if share.is_some_and(|share| !is_in_share(person, share)) {
                    return None;
                }
                let mut history = folders.history.fold(&view.context(as_of), person, addresses, touches)?;
                history.retain_pairs(|user| !view.is_private_to_any(user, addresses));
                Some(history)
            })),
        };
        let passed = self.pass(view, pass).await?;
        Ok((passed.people, passed.records.into_iter().flatten().collect(), share))
    }
}

/// Whether an opportunity was won; `None` while it is open, or where nobody knows since when it is not.
fn outcome(record: &Record) -> Option<bool> {
    let document = record.document.as_ref()?;
    document.closed_at.as_ref()?;
    match document.status.as_deref()? {
        "won" => Some(true),
        "lost" => Some(false),
        _ => None,
    }
}

/// A closed deal, as if it were still open each of some days before its closing.
fn closed_deal(
    view: &View,
    record: &Record,
    scope: &RecordScope,
    folders: &mut Folders,
    touches: &Touches,
    as_of: Moment,
) -> Option<ClosedDeal> {
    let is_won = outcome(record)?;
    let closed_at = scope.closed?.closed_at.filter(|at| *at <= as_of)?;
    let open = RecordScope { closed: None, ..scope.clone() };
    let scores = DEAL_DAYS.map(|days| {
        let then = view.context(closed_at.plus_us(-days * DAY_US));
        let figures = folders.health.figures(&then, &open, touches);
        (figures.score_exact, figures.score.map(|score| HealthState::of_score(score, &view.settings)))
    });
    Some(ClosedDeal { record: record.record.0, is_won, scores })
}

fn deal_outcomes(deals: &[ClosedDeal], i: usize) -> DealOutcomes {
    let states = [Some(HealthState::Good), Some(HealthState::Fair), Some(HealthState::Poor), None];
    let count = |state: Option<HealthState>, is_won: bool| {
        deals.iter().filter(|deal| deal.is_won == is_won && deal.scores[i].1 == state).count()
    };
    let by_state = states.map(|state| (state, count(state, true), count(state, false)));
    let won = deals.iter().filter(|deal| deal.is_won).count();
    let is_enough = won >= DEALS_MIN && deals.len() - won >= DEALS_MIN;
    // A deal without a score had next to no contact.
    let value = |deal: &ClosedDeal| deal.scores[i].0.map_or(-1.0, |score| score as f32);
    let cases: Vec<Case> =
        deals.iter().map(|deal| Case { group: group_of(deal.record), value: value(deal), happened: deal.is_won }).collect();
    let roc_auc = is_enough.then(|| areas(&cases, &Bootstrap::new(SEED, &cases))).flatten().map(|(roc_auc, _)| roc_auc);
    DealOutcomes { days_before: DEAL_DAYS[i], by_state, roc_auc }
}
