//! Similar won deals (02 §4): which closed opportunities resemble one, by the organization's own fields.
//!
//! A field weighs as much as it tells about winning: its mutual information with won or lost, corrected for what chance alone would show
//! (Miller and Madow, 1955), plus a floor, so that few deals do not silence a field. Similarity is the weight of the fields that agree.

use std::collections::{BTreeMap, BTreeSet};

/// Won deals, and as many lost ones, below which nothing is compared (02 §4).
pub const CLOSED_MIN: usize = 30;
/// Deals that are compared at most, as many as the fallback has (02 §4).
pub const DEALS_MAX: usize = 100;
/// A deal is similar when at least half of the weight agrees.
pub const SIMILARITY_MIN: f64 = 0.5;
/// Nats that every field weighs at least: about what a field tells that raises the chance to win from 50 to 60 percent.
const WEIGHT_FLOOR: f64 = 0.02;
/// A band's neighbour agrees half.
const NEIGHBOUR: f64 = 0.5;
/// A field with more distinct values than this share of the deals names deals and does not group them.
const DISTINCT_SHARE_MAX: f64 = 0.5;

/// What one deal says in one field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldValue {
    /// A word, compared as it stands.
    Word(String),
    /// A band of a number: each is twice as wide as the one below.
    Band(i32),
}

impl FieldValue {
    /// The band of a positive number; `None` for others.
    pub fn band(number: f64) -> Option<Self> {
        (number.is_finite() && number > 0.0).then(|| Self::Band(number.log2().floor() as i32))
    }
}

/// One deal: what it says, field by field.
#[derive(Clone, Debug, PartialEq)]
pub struct Deal {
    /// In the order of the fields; `None` = not said, which agrees with nothing.
    pub values: Vec<Option<FieldValue>>,
    /// Whether it was won.
    pub is_won: bool,
}

/// A field and its share of the weight.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldWeight {
    /// Its name.
    pub name: String,
    /// 0..=1; all weights add up to 1.
    pub weight: f64,
}

/// How much each field says about winning. Fields that group nothing are left out; without any the list is empty.
pub fn weights(fields: &[String], deals: &[&Deal]) -> Vec<(usize, FieldWeight)> {
    let told: Vec<(usize, f64)> =
        (0..fields.len()).filter_map(|field| information(field, deals).map(|nats| (field, nats + WEIGHT_FLOOR))).collect();
    let sum: f64 = told.iter().map(|(_, weight)| weight).sum();
    told.into_iter().map(|(field, weight)| (field, FieldWeight { name: fields[field].clone(), weight: weight / sum })).collect()
}

/// Nats that a field tells about won or lost beyond chance, at least 0; `None` for a field that groups nothing.
fn information(field: usize, deals: &[&Deal]) -> Option<f64> {
    let mut counts: BTreeMap<&FieldValue, [f64; 2]> = BTreeMap::new();
    let mut totals = [0.0; 2];
    for deal in deals {
        if let Some(Some(value)) = deal.values.get(field) {
            counts.entry(value).or_default()[usize::from(deal.is_won)] += 1.0;
            totals[usize::from(deal.is_won)] += 1.0;
        }
    }
    let all = totals[0] + totals[1];
    if counts.len() < 2 || counts.len() as f64 > all * DISTINCT_SHARE_MAX {
        return None;
    }
    let mut nats = 0.0;
    for by_outcome in counts.values() {
        let of_value = by_outcome[0] + by_outcome[1];
        for outcome in 0..2 {
            let both = by_outcome[outcome];
            if both > 0.0 {
                nats += both / all * (both * all / (of_value * totals[outcome])).ln();
            }
        }
    }
    // What a field of so many values shows about two outcomes where it tells nothing.
    let by_chance = (counts.len() as f64 - 1.0) / (2.0 * all);
    Some((nats - by_chance).max(0.0))
}

/// The weight of the fields in which two deals agree, 0..=1; the same from either side.
pub fn similarity(weights: &[(usize, FieldWeight)], a: &[Option<FieldValue>], b: &[Option<FieldValue>]) -> f64 {
    let agrees = |field: usize| match (a.get(field), b.get(field)) {
        (Some(Some(FieldValue::Band(a))), Some(Some(FieldValue::Band(b)))) => match a.abs_diff(*b) {
            0 => 1.0,
            1 => NEIGHBOUR,
            _ => 0.0,
        },
        (Some(Some(a)), Some(Some(b))) if a == b => 1.0,
        _ => 0.0,
    };
    weights.iter().map(|(field, weight)| weight.weight * agrees(*field)).sum::<f64>().clamp(0.0, 1.0)
}

/// Values of custom fields as they group deals: bands if all of them are numbers, else words in lower case.
pub fn values_of<'a>(texts: impl Iterator<Item = Option<&'a str>> + Clone) -> Vec<Option<FieldValue>> {
    let said = || texts.clone().flatten().map(str::trim).filter(|text| !text.is_empty());
    let are_numbers = said().next().is_some() && said().all(|text| text.parse::<f64>().is_ok());
    let distinct: BTreeSet<&str> = said().collect();
    // Few numbers are words: a rating from 1 to 5 is not banded.
    let are_bands = are_numbers && distinct.len() > 10;
    texts
        .map(|text| {
            let text = text.map(str::trim).filter(|text| !text.is_empty())?;
            if are_bands { FieldValue::band(text.parse().ok()?) } else { Some(FieldValue::Word(text.to_lowercase())) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields that say these words; an empty one says nothing.
    fn words<const N: usize>(texts: [&str; N]) -> Vec<Option<FieldValue>> {
        texts.map(|text| (!text.is_empty()).then(|| FieldValue::Word(text.to_owned()))).to_vec()
    }

    /// 60 deals: the first field decides, the second alternates, the third names each deal.
    fn deals() -> Vec<Deal> {
        let deal = |i: usize| Deal {
            values: words([if i < 30 { "water" } else { "food" }, ["a", "b"][i % 2], &i.to_string()]),
            is_won: i < 30,
        };
        (0..60).map(deal).collect()
    }

    fn names() -> Vec<String> {
        ["industry", "letter", "number"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_field_weighs_what_it_tells_about_winning() {
        let deals = deals();
        let weights = weights(&names(), &deals.iter().collect::<Vec<_>>());
        let shown: Vec<_> = weights.iter().map(|(_, field)| (field.name.as_str(), (field.weight * 100.0).round())).collect();
        assert_eq!(shown, [("industry", 97.0), ("letter", 3.0)]);
        assert!((weights.iter().map(|(_, field)| field.weight).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_order_of_deals_decides_nothing() {
        let deals = deals();
        let turned: Vec<&Deal> = deals.iter().rev().collect();
        let (a, b) = (weights(&names(), &deals.iter().collect::<Vec<_>>()), weights(&names(), &turned));
        assert!(a.iter().zip(&b).all(|(a, b)| (a.1.weight - b.1.weight).abs() < 1e-12));
    }

    #[test]
    fn similarity_is_the_weight_that_agrees_from_either_side() {
        let deals = deals();
        let weights = weights(&names(), &deals.iter().collect::<Vec<_>>());
        let (a, b) = (words(["water", "a", ""]), words(["water", "b", ""]));
        let both = (similarity(&weights, &a, &b), similarity(&weights, &b, &a));
        assert_eq!(both.0.to_bits(), both.1.to_bits());
        assert!((both.0 - 0.97).abs() < 0.01);
        let unsaid = words(["", "", ""]);
        assert!(similarity(&weights, &unsaid, &unsaid) < 1e-12, "what is not said agrees with nothing");
    }

    #[test]
    fn neighbouring_bands_agree_half() {
        let weights = [(0, FieldWeight { name: "revenue".to_owned(), weight: 1.0 })];
        let of = |a: f64, b: f64| similarity(&weights, &[FieldValue::band(a)], &[FieldValue::band(b)]);
        let agreements = [of(10_000.0, 12_000.0), of(10_000.0, 20_000.0), of(10_000.0, 80_000.0)];
        assert_eq!(agreements.map(f64::to_bits), [1.0, 0.5, 0.0].map(f64::to_bits));
        assert_eq!((FieldValue::band(0.0), FieldValue::band(f64::NAN)), (None, None));
    }

    #[test]
    fn custom_numbers_are_banded_only_where_there_are_many() {
        assert_eq!(values_of(["1", "2"].map(Some).into_iter()), words(["1", "2"]));
        let many: Vec<String> = (1..40).map(|number| number.to_string()).collect();
        let bands = values_of(many.iter().map(|text| Some(text.as_str())));
        assert_eq!((&bands[0], &bands[15]), (&Some(FieldValue::Band(0)), &Some(FieldValue::Band(4))));
        assert_eq!(values_of([None, Some(" "), Some("Fair ")].into_iter()), words(["", "", "fair"]));
    }
}
