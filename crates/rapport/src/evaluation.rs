//! `rapport evaluate`: what the figures were worth on the store's own past.

use std::fmt::Write as _;

use rapport_domain::Moment;
use rapport_insight::{
    HealthState,
    evaluation::{GradeOutcome, Graded, Interval, Measure, Ranking, Survival},
};
use rapport_server::{
    App, AppError,
    api::evaluation::{CalibrationBody, EvaluationReportBody},
    app::evaluation::{DealOutcomes, Evaluated, EvaluationQuery},
};
use serde::Serialize;

use crate::{
    arguments::EvaluateArguments,
    output::{self, table},
};

/// The report and what holds after it.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    report: EvaluationReportBody,
    calibration: CalibrationBody,
}

pub(crate) async fn evaluate(app: &App, arguments: EvaluateArguments) -> Result<(), AppError> {
    let EvaluateArguments { horizon_days, at, as_of, model, calibrate, print } = arguments;
    let query = EvaluationQuery { horizon_days: Some(horizon_days), at, as_of: as_of.as_of };
    let evaluated = app.by_model(model.asked()).evaluate(&query).await?;
    let calibration = CalibrationBody::new(&if calibrate { app.calibrate().await? } else { app.calibration().await? });
    let report = EvaluationReportBody::new(&evaluated);
    if print.json {
        return output::json(&Answer { report, calibration });
    }
    output::print(&text(&evaluated, &report, &calibration))
}

fn text(evaluated: &Evaluated, report: &EvaluationReportBody, calibration: &CalibrationBody) -> String {
    let evaluation = &evaluated.evaluation;
    let Some((first, last)) = evaluation.span else {
        return "Nothing was captured yet: import mail, calendars or CRM activities first.\n".to_owned();
    };
    let moments: Vec<String> = evaluation.moments.iter().map(|moment| date(moment.at)).collect();
    let mut text = format!(
        "Captured from {} to {}; asked as of {}, {} days ahead.\n",
        first.to_iso(),
        last.to_iso(),
        if moments.is_empty() { "no moment".to_owned() } else { moments.join(" and ") },
        evaluated.horizon_days
    );
    report.warning_texts().for_each(|warning| _ = writeln!(text, "note: {warning}"));
    text.push('\n');
    sentences(&mut text, &evaluation.grades, evaluated.horizon_days);
    survival(&mut text, "Pairs of a colleague and an external person", &evaluation.pairs);
    survival(&mut text, "External people and all of us", &evaluation.records);
    ranking(&mut text, &evaluation.who_knows_whom);
    deals(&mut text, &evaluated.deals);
    _ = writeln!(
        text,
        "\nLikelihood: {}, intercept {:.3}, slope {:.3} ({} labelled pairs; {} are needed to calibrate)",
        calibration.state, calibration.intercept, calibration.slope, calibration.pairs, calibration.needed
    );
    if let Some((own, pooled)) = calibration.brier.zip(calibration.brier_pooled) {
        _ = writeln!(text, "  Brier on the latest month {own:.4}, pooled {pooled:.4}");
    }
    text
}

fn date(at: Moment) -> String {
    at.to_rfc3339().get(..10).unwrap_or_default().to_owned()
}

/// "Of records graded good, 83 % were in touch within 30 days."
fn sentences(text: &mut String, grades: &[GradeOutcome], horizon_days: u32) {
    for outcome in grades {
        let (of, grade) = match outcome.grade {
            Graded::Record(state) => ("relationships", state.map_or("none", HealthState::as_str)),
            Graded::Pair(grade) => ("ties", grade.as_str()),
        };
        let replies = outcome
            .reply_rate
            .map_or_else(String::new, |rate| format!("; of {} to whom we wrote {:.0} % answered", outcome.asked, 100.0 * rate));
        _ = writeln!(
            text,
            "Of {} {of} graded {grade}, {:.0} % were in touch within {horizon_days} days{replies}.",
            outcome.cases,
            100.0 * outcome.share.value
        );
    }
}

fn interval(interval: Interval) -> String {
    format!("{:.3} ({:.3}-{:.3})", interval.value, interval.low, interval.high)
}

fn name(measure: Measure) -> String {
    let mark = if measure.is_baseline() { " *" } else { "" };
    format!("{}{mark}", measure.as_str())
}

fn survival(text: &mut String, title: &str, survival: &Survival) {
    _ = writeln!(text, "\n{title}: {} cases, {} in touch (* = baseline)", survival.cases, survival.in_touch);
    if let Some(reason) = survival.reason {
        _ = writeln!(text, "  no figures: {}", reason.as_str());
        return;
    }
    let mut rows = vec![["measure", "ROC-AUC", "PR-AUC", "Brier", "calibration error"].map(str::to_owned).to_vec()];
    for quality in &survival.measures {
        rows.push(vec![
            name(quality.measure),
            interval(quality.roc_auc),
            interval(quality.pr_auc),
            quality.brier.map_or_else(|| "-".to_owned(), interval),
            quality.calibration_error.map_or_else(|| "-".to_owned(), |error| format!("{error:.3}")),
        ]);
    }
    text.push_str(&table(&rows));
    for bin in &survival.reliability {
        _ = writeln!(
            text,
            "  likelihood {:.0}-{:.0} %: {:.0} % in touch of {} (told: {:.0} %)",
            100.0 * bin.from,
            100.0 * bin.to,
            100.0 * bin.observed,
            bin.cases,
            100.0 * bin.predicted
        );
    }
}

fn ranking(text: &mut String, ranking: &Ranking) {
    _ = writeln!(text, "\nWho knows whom: {} people, {} colleagues to rank", ranking.people, ranking.candidates);
    if let Some(reason) = ranking.reason {
        _ = writeln!(text, "  no figures: {}", reason.as_str());
        return;
    }
    let mut rows = vec![["measure", "MRR", "NDCG@5", "Hit@1"].map(str::to_owned).to_vec()];
    for quality in &ranking.measures {
        rows.push(vec![name(quality.measure), interval(quality.mrr), interval(quality.ndcg_5), interval(quality.hit_1)]);
    }
    text.push_str(&table(&rows));
}

fn deals(text: &mut String, deals: &[DealOutcomes]) {
    for of in deals {
        let (won, lost) = of.counts();
        let Some(roc_auc) = of.roc_auc else {
            _ = writeln!(text, "\nDeals: {won} won, {lost} lost: too few to compare (30 of each)");
            return;
        };
        _ = writeln!(
            text,
            "\nDeals {} days before closing: {won} won, {lost} lost, ROC-AUC {}",
            of.days_before,
            interval(roc_auc)
        );
        for (state, won, lost) in &of.by_state {
            _ = writeln!(text, "  {:<5} {won} won, {lost} lost", state.map_or("none", HealthState::as_str));
        }
    }
}
