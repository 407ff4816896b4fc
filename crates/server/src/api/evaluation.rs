//! `/api/v1/evaluation`: what the figures were worth on the organization's own past, and the calibration of the likelihood.

use axum::{Json, http::StatusCode};
use rapport_domain::{Day, Moment};
use rapport_insight::{
    LikelihoodModel,
    evaluation::{
        Bin, CALIBRATION_PAIRS_MIN, GradeOutcome, Graded, Interval, JudgedMoment, Ranking, RankingQuality, Survival,
        SurvivalQuality, Trap, Warning,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    extract::{ApiJson, NoParameters},
    identify::Acting,
    problem::{CommonProblems, Problem, ProblemBody},
};
use crate::app::evaluation::{DealOutcomes, Evaluated, EvaluationQuery, EvaluationState, StoredCalibration};

/// The evaluation as it stands, and the calibration.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvaluationBody {
    /// `none` (nobody asked since the server began), `running`, `ready` or `failed`.
    state: &'static str,
    /// Why it failed.
    problem: Option<String>,
    /// The last one that was made.
    report: Option<EvaluationReportBody>,
    /// Coefficients of the likelihood.
    calibration: CalibrationBody,
}

/// What the past says.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationReportBody {
    /// Up to when it was looked at.
    as_of: String,
    /// Model of score and strength.
    model: &'static str,
    /// Days that a moment looks ahead.
    horizon_days: u32,
    /// How long it took, in seconds.
    elapsed_s: f64,
    /// First and last day of what was captured, without the outermost half percent on each side; null without anything.
    span: Option<SpanBody>,
    /// Moments that were judged, ascending: each the beginning of a local day, of which nothing is known yet.
    moments: Vec<MomentBody>,
    /// What to know before believing it.
    warnings: Vec<WarningBody>,
    /// A colleague and an external person with at least 3 interactions in the last 6 horizons: does any follow within the horizon?
    pairs: SurvivalBody,
    /// The same of an external person and all of us.
    records: SurvivalBody,
    /// People with at least 3 colleagues who met them before: who of these is in touch within the horizon?
    who_knows_whom: RankingBody,
    /// What became of each grade: records, then pairs.
    grades: Vec<GradeOutcomeBody>,
    /// Health 30, 60 and 90 days before a deal was closed, against how it ended.
    deals: Vec<DealOutcomesBody>,
}

/// From a day to a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpanBody {
    /// First day.
    from: String,
    /// Last day.
    to: String,
}

/// A moment that was judged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MomentBody {
    /// When.
    at: String,
    /// Pairs whose survival was asked.
    pairs: usize,
    /// Records whose survival was asked.
    records: usize,
    /// People whose colleagues were ranked.
    people: usize,
}

/// What to know before believing it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningBody {
    /// `collection_hole`, `burst`, `leavers`, `first_days`, `last_days`, `hole_ahead`, `too_few_pairs` or `sampled`.
    code: &'static str,
    /// At which moment.
    at: Option<String>,
    /// From which day on.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
    /// How many; `sampled`: percent of the people.
    count: Option<usize>,
    /// In words.
    text: String,
}

/// A value and its 95 % interval, from drawing people anew.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntervalBody {
    /// Of all cases.
    value: f64,
    /// Lower end.
    low: f64,
    /// Upper end.
    high: f64,
}

/// Will anything happen within the horizon?
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SurvivalBody {
    /// Relationships, over all moments.
    cases: usize,
    /// Of these, in touch within the horizon.
    in_touch: usize,
    /// Ours, then the baselines; empty without figures.
    measures: Vec<SurvivalMeasureBody>,
    /// `likelihood_30d` against what happened; empty at other horizons.
    reliability: Vec<BinBody>,
    /// `too_few_cases` or `one_outcome_only`; null with figures.
    reason: Option<&'static str>,
}

/// How well a measure tells who stays in touch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SurvivalMeasureBody {
    /// `likelihood_30d`, `likelihood_calibrated`, `score`, `strength`, `activity`, `directness`, `mutuality`; baselines `days_since_last`, `messages`,
    /// `decayed_count`, `interactions_rank`, `bgnbd_alive`, `bgnbd_expected`.
    name: &'static str,
    /// Whether it is something to beat.
    is_baseline: bool,
    /// Area under the receiver operating characteristic; 0.5 is chance.
    roc_auc: IntervalBody,
    /// Area under precision over recall.
    pr_auc: IntervalBody,
    /// Mean squared difference, 0 to 1; probabilities at 30 days only.
    brier: Option<IntervalBody>,
    /// Expected calibration error, 0 to 1; likewise.
    calibration_error: Option<f64>,
}

/// Probabilities of one range against what happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BinBody {
    /// Lowest probability.
    from: f64,
    /// Highest.
    to: f64,
    /// Cases.
    cases: u32,
    /// Mean probability.
    predicted: f64,
    /// Share that happened.
    observed: f64,
}

/// Who of us knows them?
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RankingBody {
    /// People, over all moments.
    people: usize,
    /// Their colleagues.
    candidates: usize,
    /// Ours, then the baselines; empty without figures.
    measures: Vec<RankingMeasureBody>,
    /// `too_few_cases`; null with figures.
    reason: Option<&'static str>,
}

/// How well a measure ranks colleagues.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RankingMeasureBody {
    /// As of survival.
    name: &'static str,
    /// Whether it is something to beat.
    is_baseline: bool,
    /// Mean reciprocal rank.
    mrr: IntervalBody,
    /// Normalized discounted cumulative gain of the first five.
    ndcg_5: IntervalBody,
    /// Share of people whose first colleague was in touch.
    hit_1: IntervalBody,
}

/// What became of a grade.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GradeOutcomeBody {
    /// `records` or `pairs`.
    of: &'static str,
    /// `good`, `fair`, `poor`; `strong`, `medium`, `weak`.
    grade: &'static str,
    /// Relationships.
    cases: usize,
    /// Of these, in touch within the horizon.
    in_touch: usize,
    /// Share of these.
    share: Option<IntervalBody>,
    /// Share of those to whom we wrote within the horizon that answered in it.
    reply_rate: Option<f64>,
    /// Those to whom we wrote.
    asked: usize,
}

/// Deals some days before they were closed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DealOutcomesBody {
    /// 30, 60 or 90.
    days_before: i64,
    /// Won deals.
    won: usize,
    /// Lost deals.
    lost: usize,
    /// How well the score tells won from lost.
    roc_auc: Option<IntervalBody>,
    /// By the state of their health then.
    grades: Vec<DealGradeBody>,
    /// `too_few_closed_deals`; null with figures.
    reason: Option<&'static str>,
}

/// Deals of one state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DealGradeBody {
    /// `good`, `fair`, `poor`, or `none` without a score.
    grade: &'static str,
    /// Won deals.
    won: usize,
    /// Lost deals.
    lost: usize,
}

/// Coefficients of the likelihood, those of pairs first, and what those of pairs they did on a month that the fit had not seen.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalibrationBody {
    /// `pooled` until there are enough pairs, then `calibrated`.
    pub state: &'static str,
    /// Ascending with every calibration; 0 = never.
    pub version: u32,
    /// When it was fitted.
    pub fitted_at: Option<String>,
    /// Added to the exponent.
    pub intercept: f64,
    /// Multiplies the feature.
    pub slope: f64,
    /// Those of several organizations, used until then.
    pub pooled: CoefficientsBody,
    /// Coefficients of records, which have a fit of their own.
    pub of_records: CoefficientsBody,
    /// Labelled pairs that were found.
    pub pairs: usize,
    /// Labelled records that were found.
    pub records: usize,
    /// Labelled pairs that are needed.
    pub needed: usize,
    /// Mean squared difference of the calibrated probability.
    pub brier: Option<f64>,
    /// The same of the pooled one.
    pub brier_pooled: Option<f64>,
    /// Area under the receiver operating characteristic.
    pub roc_auc: Option<f64>,
    /// The same of days since the last contact.
    pub roc_auc_days_since_last: Option<f64>,
    /// The same of the number of interactions.
    pub roc_auc_messages: Option<f64>,
    /// Calibrated probabilities against what happened.
    reliability: Vec<BinBody>,
}

/// Coefficients of the likelihood.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoefficientsBody {
    /// Added to the exponent.
    pub intercept: f64,
    /// Multiplies the feature.
    pub slope: f64,
}

/// What is asked of the past.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"horizon_days": 30}))]
pub(crate) struct NewEvaluationBody {
    /// Days that a moment looks ahead, 1 to 365; 30 if absent.
    horizon_days: Option<u32>,
    /// Past moments; at 60 % and 75 % of the span if absent.
    at: Vec<String>,
}

/// What the figures were worth: the last evaluation, and the calibration of the likelihood
#[utoipa::path(get, path = "/api/v1/evaluation", tag = "settings", operation_id = "get_evaluation",
    responses((status = 200, description = "As it stands", body = EvaluationBody), CommonProblems))]
pub(crate) async fn get(Acting(state): Acting, _query: NoParameters) -> Result<Json<EvaluationBody>, Problem> {
    let app = state.app();
    Ok(Json(EvaluationBody::new(&app.evaluation(), &app.calibration().await?)))
}

/// Asks the past of the organization; the answer is there when `state` is no longer `running`. While one is made no other is begun
#[utoipa::path(post, path = "/api/v1/evaluation", tag = "settings", operation_id = "post_evaluation",
    request_body = NewEvaluationBody, responses(
        (status = 202, description = "It is being made", body = EvaluationBody),
        (status = 403, description = "One may not, or works council mode is on and other moments or horizons were named", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be asked so; `detail` says why", body = ProblemBody, content_type = "application/problem+json"),
        CommonProblems,
    ))]
pub(crate) async fn post(
    Acting(state): Acting,
    _query: NoParameters,
    ApiJson(body): ApiJson<NewEvaluationBody>,
) -> Result<(StatusCode, Json<EvaluationBody>), Problem> {
    let app = state.app();
    let moment = |text: &String| Moment::parse(text).map_err(|error| crate::AppError::invalid(format!("`at`: {error}")));
    let at = body.at.iter().map(moment).collect::<Result<Vec<_>, _>>().map_err(Problem::in_body)?;
    let query = EvaluationQuery { horizon_days: body.horizon_days, at, as_of: None };
    app.check_evaluation(&query).await.map_err(Problem::in_body)?;
    app.begin_evaluation(query);
    Ok((StatusCode::ACCEPTED, Json(EvaluationBody::new(&app.evaluation(), &app.calibration().await?))))
}

/// Fits the likelihood to the past of the organization; figures follow at once
#[utoipa::path(post, path = "/api/v1/evaluation/calibration", tag = "settings", operation_id = "post_calibration",
    responses((status = 200, description = "What holds from now on", body = CalibrationBody), CommonProblems))]
pub(crate) async fn calibrate(Acting(state): Acting, _query: NoParameters) -> Result<Json<CalibrationBody>, Problem> {
    Ok(Json(CalibrationBody::new(&state.app().calibrate().await?)))
}

impl EvaluationBody {
    fn new(state: &EvaluationState, calibration: &StoredCalibration) -> Self {
        let (word, problem, report) = match state {
            EvaluationState::None => ("none", None, None),
            EvaluationState::Running(last) => ("running", None, last.as_deref()),
            EvaluationState::Failed(problem, last) => ("failed", Some(problem.clone()), last.as_deref()),
            EvaluationState::Ready(report) => ("ready", None, Some(&**report)),
        };
        let report = report.map(EvaluationReportBody::new);
        Self { state: word, problem, report, calibration: CalibrationBody::new(calibration) }
    }
}

impl EvaluationReportBody {
    /// What to know before believing it, in words.
    pub fn warning_texts(&self) -> impl Iterator<Item = &str> {
        self.warnings.iter().map(|warning| warning.text.as_str())
    }

    /// The report as JSON.
    pub fn new(evaluated: &Evaluated) -> Self {
        let evaluation = &evaluated.evaluation;
        let mut warnings: Vec<WarningBody> = evaluation.warnings.iter().map(WarningBody::new).collect();
        warnings.extend(evaluated.sampled.map(WarningBody::sampled));
        Self {
            as_of: evaluated.as_of.to_rfc3339(),
            model: evaluated.model.as_str(),
            horizon_days: evaluated.horizon_days,
            elapsed_s: evaluated.elapsed_s,
            span: evaluation.span.map(|(from, to)| SpanBody { from: from.to_iso(), to: to.to_iso() }),
            moments: evaluation.moments.iter().map(MomentBody::new).collect(),
            warnings,
            pairs: SurvivalBody::new(&evaluation.pairs),
            records: SurvivalBody::new(&evaluation.records),
            who_knows_whom: RankingBody::new(&evaluation.who_knows_whom),
            grades: evaluation.grades.iter().map(GradeOutcomeBody::new).collect(),
            deals: evaluated.deals.iter().map(DealOutcomesBody::new).collect(),
        }
    }
}

impl MomentBody {
    fn new(moment: &JudgedMoment) -> Self {
        let JudgedMoment { at, pairs, records, people } = *moment;
        Self { at: at.to_rfc3339(), pairs, records, people }
    }
}

impl WarningBody {
    fn new(warning: &Warning) -> Self {
        let (from, to) = (warning.from.map(Day::to_iso), warning.to.map(Day::to_iso));
        let at = warning.at.map(Moment::to_rfc3339);
        let days = format!("{} to {}", from.as_deref().unwrap_or("?"), to.as_deref().unwrap_or("?"));
        let day = at.as_deref().and_then(|at| at.get(..10)).unwrap_or("?");
        let count = warning.count.unwrap_or(0);
        let text = match warning.trap {
            Trap::CollectionHole => format!("nearly nothing was captured from {days}"),
            Trap::Burst => format!("far more than around them was captured from {days}"),
            Trap::Leavers => format!("{count} colleagues had left by {day}: their pairs are left out"),
            Trap::FirstDays => format!("{day} is left out: it lies too near to the first captured day"),
            Trap::LastDays => format!("{day} is left out: its horizon is not over, or no longer captured"),
            Trap::HoleAhead => format!("{day} is left out: half of its horizon was not captured"),
            Trap::TooFewPairs => format!("only {count} pairs could be judged: the figures are not firm"),
        };
        Self { code: warning.trap.as_str(), at, from, to, count: warning.count, text }
    }

    fn sampled(share: f64) -> Self {
        let percent = (100.0 * share).round() as usize;
        let text = format!("{percent} % of the people stand for all of them: there are many");
        Self { code: "sampled", at: None, from: None, to: None, count: Some(percent), text }
    }
}

impl IntervalBody {
    fn new(interval: Interval) -> Self {
        let Interval { value, low, high } = interval;
        Self { value, low, high }
    }
}

impl SurvivalBody {
    fn new(survival: &Survival) -> Self {
        Self {
            cases: survival.cases,
            in_touch: survival.in_touch,
            measures: survival.measures.iter().map(SurvivalMeasureBody::new).collect(),
            reliability: survival.reliability.iter().map(BinBody::new).collect(),
            reason: survival.reason.map(rapport_insight::evaluation::NoFigure::as_str),
        }
    }
}

impl SurvivalMeasureBody {
    fn new(quality: &SurvivalQuality) -> Self {
        Self {
            name: quality.measure.as_str(),
            is_baseline: quality.measure.is_baseline(),
            roc_auc: IntervalBody::new(quality.roc_auc),
            pr_auc: IntervalBody::new(quality.pr_auc),
            brier: quality.brier.map(IntervalBody::new),
            calibration_error: quality.calibration_error,
        }
    }
}

impl BinBody {
    fn new(bin: &Bin) -> Self {
        let Bin { from, to, cases, predicted, observed } = *bin;
        Self { from, to, cases, predicted, observed }
    }
}

impl RankingBody {
    fn new(ranking: &Ranking) -> Self {
        Self {
            people: ranking.people,
            candidates: ranking.candidates,
            measures: ranking.measures.iter().map(RankingMeasureBody::new).collect(),
            reason: ranking.reason.map(rapport_insight::evaluation::NoFigure::as_str),
        }
    }
}

impl RankingMeasureBody {
    fn new(quality: &RankingQuality) -> Self {
        Self {
            name: quality.measure.as_str(),
            is_baseline: quality.measure.is_baseline(),
            mrr: IntervalBody::new(quality.mrr),
            ndcg_5: IntervalBody::new(quality.ndcg_5),
            hit_1: IntervalBody::new(quality.hit_1),
        }
    }
}

impl GradeOutcomeBody {
    fn new(outcome: &GradeOutcome) -> Self {
        let (of, grade) = match outcome.grade {
            Graded::Record(state) => ("records", state.map_or("none", rapport_insight::HealthState::as_str)),
            Graded::Pair(grade) => ("pairs", grade.as_str()),
        };
        Self {
            of,
            grade,
            cases: outcome.cases,
            in_touch: outcome.in_touch,
            share: Some(IntervalBody::new(outcome.share)),
            reply_rate: outcome.reply_rate,
            asked: outcome.asked,
        }
    }
}

impl DealOutcomesBody {
    fn new(deals: &DealOutcomes) -> Self {
        let (won, lost) = deals.counts();
        let of_state = |(state, won, lost): &(Option<rapport_insight::HealthState>, usize, usize)| DealGradeBody {
            grade: state.map_or("none", rapport_insight::HealthState::as_str),
            won: *won,
            lost: *lost,
        };
        Self {
            days_before: deals.days_before,
            won,
            lost,
            roc_auc: deals.roc_auc.map(IntervalBody::new),
            grades: deals.by_state.iter().map(of_state).collect(),
            reason: deals.roc_auc.is_none().then_some("too_few_closed_deals"),
        }
    }
}

impl CalibrationBody {
    /// The calibration as JSON.
    pub fn new(stored: &StoredCalibration) -> Self {
        let (holding, check) = (stored.likelihoods(), stored.check.as_ref());
        let coefficients = |model: LikelihoodModel| CoefficientsBody { intercept: model.intercept, slope: model.slope };
        let of_bin = |(from, to, cases, predicted, observed): &(f64, f64, u32, f64, f64)| BinBody {
            from: *from,
            to: *to,
            cases: *cases,
            predicted: *predicted,
            observed: *observed,
        };
        Self {
            state: if stored.pairs.or(stored.records).is_some() { "calibrated" } else { "pooled" },
            version: stored.version,
            fitted_at: (stored.version > 0).then(|| Moment(stored.fitted_at_us).to_rfc3339()),
            intercept: holding.pairs.intercept,
            slope: holding.pairs.slope,
            pooled: coefficients(LikelihoodModel::POOLED),
            of_records: coefficients(holding.records),
            pairs: stored.labelled_pairs,
            records: stored.labelled_records,
            needed: CALIBRATION_PAIRS_MIN,
            brier: check.map(|check| check.brier),
            brier_pooled: check.map(|check| check.brier_pooled),
            roc_auc: check.and_then(|check| check.roc_auc),
            roc_auc_days_since_last: check.and_then(|check| check.roc_auc_days_since_last),
            roc_auc_messages: check.and_then(|check| check.roc_auc_messages),
            reliability: check.map_or_else(Vec::new, |check| check.reliability.iter().map(of_bin).collect()),
        }
    }
}
