//! The settings that figures depend on. Every derived figure names the version of the settings it used.

use crate::{BusinessDays, BusinessHours, Kind};

/// By which model health is scored and ties are weighed (03, 04). A change of the model is a new one beside those before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// A memory against what the relationship's age lets expect, with the engagement inside the curve.
    V1,
    /// A longer memory, how fresh it is and how mutual, against one expectation for every relationship.
    #[default]
    V2,
}

impl Model {
    /// All models, oldest first.
    pub const ALL: [Self; 2] = [Self::V1, Self::V2];

    /// The word of settings, arguments and JSON: `v1`, `v2`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }

    /// The model of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.as_str() == word)
    }
}

/// What an administrator can set about KPIs, health and ties. Defaults are the specification's.
#[derive(Clone, Debug, PartialEq)]
pub struct InsightSettings {
    /// Model of score and strength.
    pub model: Model,
    /// Communication frequency `f` in days: 1, 3, 7, 14 or 30.
    pub frequency_days: u32,
    /// Day weight of each kind, 0.5..=1.5, in the order of [`Kind::ALL`].
    pub influence: [f64; 4],
    /// Lowest score of `good`, 1..=100, above [`Self::fair_min`].
    pub good_min: u32,
    /// Lowest score of `fair`, 0..=99.
    pub fair_min: u32,
    /// Minutes that an email costs its sender's side.
    pub email_sender_min: f64,
    /// Minutes that an email costs the other side.
    pub email_reader_min: f64,
    /// A turn answered within this many hours counts as answered in the response rate.
    pub response_within_h: u32,
    /// Days on which response times in business hours run.
    pub business_days: BusinessDays,
    /// Hours of such a day in which they run.
    pub business_hours: BusinessHours,
    /// Lowest strength of a `strong` tie.
    pub strong_min: u32,
    /// Lowest strength of a `medium` tie.
    pub medium_min: u32,
}

impl Default for InsightSettings {
    fn default() -> Self {
        Self {
            model: Model::default(),
            frequency_days: 7,
            influence: [1.0; 4],
            good_min: 60,
            fair_min: 40,
            email_sender_min: 5.0,
            email_reader_min: 2.5,
            response_within_h: 168,
            business_days: BusinessDays::default(),
            business_hours: BusinessHours::default(),
            strong_min: 60,
            medium_min: 30,
        }
    }
}

impl InsightSettings {
    /// The multiplier of a kind, 0.5..=1.5.
    pub fn influence_of(&self, kind: Kind) -> f64 {
        self.influence[kind as usize]
    }
}
