//! The likelihood, fitted to an organization's own past and held near the pooled one as long as that past is short.

use crate::{
    Context, LikelihoodModel, Likelihoods,
    memory::{self, MEMORY_AGE_MAX_DAYS},
};

use super::{
    bootstrap::group_of,
    cases::RECENT_MIN,
    history::{HistoryDay, PersonHistory},
    metrics::{Bin, Case, reliability, roc_auc},
    parallel::{PIECE, on_cores},
};

/// Labelled pairs that an organization needs before its own past decides.
pub const CALIBRATION_PAIRS_MIN: usize = 1_000;
/// Days that a label looks ahead: those of the likelihood.
const HORIZON_DAYS: i32 = 30;
/// How far back the moments lie at which pairs are labelled; what happened after the first of them judges what the others teach.
const AGES_DAYS: [i32; 3] = [30, 60, 90];
/// How far the intercept and the slope stray from the pooled ones, as standard deviations, before anything is seen.
const PRIOR: [f64; 2] = [0.5, 0.2];
/// Steps of Newton's method; it ends much earlier.
const STEPS: usize = 100;
/// Share of a step below which it is not halved again.
const SHARE_MIN: f64 = 1e-9;

/// What a calibration found.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// The coefficients that hold from now on: the pooled ones where there are too few labels.
    pub likelihoods: Likelihoods,
    /// Labelled pairs.
    pub labelled_pairs: usize,
    /// Labelled records.
    pub labelled_records: usize,
    /// How it does on the latest month of pairs, having learned from the two before; `None` with too few pairs.
    pub check: Option<Check>,
}

/// Calibrated against pooled, on pairs that the fit did not see.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Mean squared difference of the calibrated probability.
    pub brier: f64,
    /// The same of the pooled one.
    pub brier_pooled: f64,
    /// Area under the receiver operating characteristic; `None` where everything or nothing happened.
    pub roc_auc: Option<f64>,
    /// The same of days since the last contact.
    pub roc_auc_days_since_last: Option<f64>,
    /// The same of the number of interactions.
    pub roc_auc_messages: Option<f64>,
    /// Calibrated probabilities against outcomes.
    pub reliability: Vec<Bin>,
}

/// One labelled relationship.
#[derive(Clone, Copy, Debug)]
struct Label {
    group: u16,
    feature: f64,
    silent_days: i32,
    messages: u32,
    happened: bool,
}

/// Fits the likelihood to what happened to these people within the last months.
pub fn calibrate(ctx: &Context<'_>, people: &[PersonHistory]) -> Calibration {
    let today = ctx.today().0;
    let labels = |age: i32, of: fn(&PersonHistory) -> Vec<&[HistoryDay]>| -> Vec<Label> {
        let at = today - age;
        let of_person = |person: &PersonHistory| -> Vec<Label> {
            of(person).into_iter().filter_map(|days| label(person.person, days, at)).collect()
        };
        let pieces: Vec<&[PersonHistory]> = people.chunks(PIECE).collect();
        on_cores(&pieces, |piece| piece.iter().flat_map(of_person).collect::<Vec<_>>()).concat()
    };
    let [latest, earlier @ ..] = AGES_DAYS.map(|age| labels(age, |person| person.pairs().map(|pair| pair.1).collect()));
    let earlier = earlier.concat();
    let records: Vec<Label> = AGES_DAYS.iter().flat_map(|age| labels(*age, |person| vec![person.record()])).collect();
    let all: Vec<Label> = latest.iter().chain(&earlier).copied().collect();
    let fit_enough = |labels: &[Label]| {
        if labels.len() < CALIBRATION_PAIRS_MIN { LikelihoodModel::POOLED } else { fit(labels, LikelihoodModel::POOLED) }
    };
    let is_enough = all.len() >= CALIBRATION_PAIRS_MIN && !earlier.is_empty() && !latest.is_empty();
    Calibration {
        likelihoods: Likelihoods { pairs: fit_enough(&all), records: fit_enough(&records) },
        labelled_pairs: all.len(),
        labelled_records: records.len(),
        check: is_enough.then(|| check(&latest, fit(&earlier, LikelihoodModel::POOLED))),
    }
}

/// A relationship as of the beginning of a day, if it was in touch often enough within the half year before.
fn label(person: u32, days: &[HistoryDay], today: i32) -> Option<Label> {
    let (known, later) = days.split_at(days.partition_point(|day| day.day < today));
    let recent = known.iter().rev().take_while(|day| day.day >= today - super::RECENT_HORIZONS * HORIZON_DAYS);
    if recent.map(HistoryDay::interactions).sum::<u32>() < RECENT_MIN {
        return None;
    }
    let ages = known.iter().rev().map(|day| today - day.day).take_while(|age| *age <= MEMORY_AGE_MAX_DAYS);
    let silent_days = known.last().map_or(0, |last| today - last.day);
    Some(Label {
        group: group_of(person),
        feature: memory::likelihood_feature(ages.fold(0.0, |sum, age| sum + memory::decay(age)), silent_days as u32),
        silent_days,
        messages: known.iter().map(HistoryDay::interactions).sum(),
        happened: later.first().is_some_and(|day| day.day < today + HORIZON_DAYS),
    })
}

/// The likeliest coefficients given the labels and how near they lie to the pooled ones; the pooled ones if none are found.
fn fit(labels: &[Label], pooled: LikelihoodModel) -> LikelihoodModel {
    let fitted = climb(labels, pooled, pooled, true);
    let fitted = match fitted {
        // A longer silence never makes contact likelier: then how long it was says nothing.
        Some(model) if model.slope < 0.0 => climb(labels, pooled, LikelihoodModel { slope: 0.0, ..pooled }, false),
        other => other,
    };
    fitted.unwrap_or(pooled)
}

/// Newton's method from a start up a concave function, with steps that are halved until they lead up; `None` if it does not arrive.
fn climb(labels: &[Label], pooled: LikelihoodModel, start: LikelihoodModel, moves_slope: bool) -> Option<LikelihoodModel> {
    let (mut model, mut height) = (start, posterior(labels, pooled, start));
    for _ in 0..STEPS {
        let step = newton_step(labels, pooled, model, moves_slope);
        let mut share = 1.0;
        loop {
            let next = LikelihoodModel { intercept: model.intercept + share * step[0], slope: model.slope + share * step[1] };
            let next_height = posterior(labels, pooled, next);
            if next_height >= height {
                (model, height) = (next, next_height);
                break;
            }
            share /= 2.0;
            if share < SHARE_MIN {
                // Nothing leads up any more but rounding.
                break;
            }
        }
        if step[0].abs() + step[1].abs() < 1e-7 {
            return Some(model).filter(|model| model.intercept.is_finite() && model.slope.is_finite());
        }
    }
    None
}

/// The logarithm of how likely the labels and the coefficients are, but for a constant.
fn posterior(labels: &[Label], pooled: LikelihoodModel, model: LikelihoodModel) -> f64 {
    let ln_probability = |label: &Label| {
        let exponent = model.intercept + model.slope * label.feature;
        let towards = if label.happened { exponent } else { -exponent };
        towards.min(0.0) - (-towards.abs()).exp().ln_1p()
    };
    let strayed = [model.intercept - pooled.intercept, model.slope - pooled.slope];
    let prior: f64 = strayed.iter().zip(PRIOR).map(|(off, deviation)| (off / deviation).powi(2)).sum();
    labels.iter().map(ln_probability).sum::<f64>() - prior / 2.0
}

fn newton_step(labels: &[Label], pooled: LikelihoodModel, model: LikelihoodModel, moves_slope: bool) -> [f64; 2] {
    // Gradient and negative Hessian, beginning with the prior's.
    let precision = PRIOR.map(|deviation| 1.0 / (deviation * deviation));
    let mut gradient = [precision[0] * (pooled.intercept - model.intercept), precision[1] * (pooled.slope - model.slope)];
    let mut hessian = [precision[0], 0.0, precision[1]];
    for label in labels {
        let p = model.probability_of(label.feature);
        let (off, weight) = (f64::from(u8::from(label.happened)) - p, p * (1.0 - p));
        gradient = [gradient[0] + off, gradient[1] + off * label.feature];
        hessian[0] += weight;
        hessian[1] += weight * label.feature;
        hessian[2] += weight * label.feature * label.feature;
    }
    if !moves_slope {
        return [gradient[0] / hessian[0], 0.0];
    }
    let determinant = hessian[0] * hessian[2] - hessian[1] * hessian[1];
    [
        (hessian[2] * gradient[0] - hessian[1] * gradient[1]) / determinant,
        (hessian[0] * gradient[1] - hessian[1] * gradient[0]) / determinant,
    ]
}

fn check(labels: &[Label], model: LikelihoodModel) -> Check {
    let cases = |value: &dyn Fn(&Label) -> f64| -> Vec<Case> {
        labels.iter().map(|label| Case { group: label.group, value: value(label) as f32, happened: label.happened }).collect()
    };
    let brier = |model: LikelihoodModel| {
        let squares =
            labels.iter().map(|label| (model.probability_of(label.feature) - f64::from(u8::from(label.happened))).powi(2));
        squares.sum::<f64>() / labels.len() as f64
    };
    let calibrated = cases(&|label| model.probability_of(label.feature));
    Check {
        brier: brier(model),
        brier_pooled: brier(LikelihoodModel::POOLED),
        roc_auc: roc_auc(&calibrated),
        roc_auc_days_since_last: roc_auc(&cases(&|label| -f64::from(label.silent_days))),
        roc_auc_messages: roc_auc(&cases(&|label| f64::from(label.messages))),
        reliability: reliability(&calibrated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels drawn from a model, on an even grid of features and chances.
    fn drawn_from(model: LikelihoodModel, count: usize) -> Vec<Label> {
        (0..count)
            .map(|i| {
                let feature = (i % 61) as f64 / 10.0 - 3.0;
                let chance = (i.wrapping_mul(7_919) % 1_000) as f64 / 1_000.0;
                Label { group: 0, feature, silent_days: 0, messages: 0, happened: chance < model.probability_of(feature) }
            })
            .collect()
    }

    #[test]
    fn many_labels_decide_and_few_change_little() {
        let truth = LikelihoodModel { intercept: -0.6, slope: 1.1 };
        let many = fit(&drawn_from(truth, 60_000), LikelihoodModel::POOLED);
        assert!((many.intercept - truth.intercept).abs() < 0.05 && (many.slope - truth.slope).abs() < 0.05, "{many:?}");
        let few = fit(&drawn_from(truth, 20), LikelihoodModel::POOLED);
        assert!((few.slope - LikelihoodModel::POOLED.slope).abs() < (many.slope - LikelihoodModel::POOLED.slope).abs());
        assert_eq!(fit(&[], LikelihoodModel::POOLED), LikelihoodModel::POOLED);
    }

    #[test]
    fn a_longer_silence_never_makes_contact_likelier_and_the_share_is_kept() {
        let upside_down = drawn_from(LikelihoodModel { intercept: 0.0, slope: -2.0 }, 5_000);
        let fitted = fit(&upside_down, LikelihoodModel::POOLED);
        let share = upside_down.iter().filter(|label| label.happened).count() as f64 / 5_000.0;
        assert!(fitted.slope.abs() < 1e-12 && (fitted.probability_of(3.0) - share).abs() < 0.01, "{fitted:?} {share}");
    }

    #[test]
    fn labels_of_one_silence_do_not_throw_it_off() {
        for (happened_of_ten, expected) in [(5, 0.5), (10, 1.0), (0, 0.0)] {
            let label = |i| Label { group: 0, feature: -3.6, silent_days: 75, messages: 3, happened: i % 10 < happened_of_ten };
            let labels: Vec<Label> = (0..2_000).map(label).collect();
            let fitted = fit(&labels, LikelihoodModel::POOLED);
            assert!((fitted.probability_of(-3.6) - expected).abs() < 0.03, "{happened_of_ten}: {fitted:?}");
        }
    }
}
