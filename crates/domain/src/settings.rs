//! The settings that figures depend on. Every derived figure names the version of the settings it used.

use crate::Kind;

/// What an administrator can set about KPIs, health and ties. Defaults are the specification's.
#[derive(Clone, Debug, PartialEq)]
pub struct InsightSettings {
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
    /// Lowest strength of a `strong` tie.
    pub strong_min: u32,
    /// Lowest strength of a `medium` tie.
    pub medium_min: u32,
}

impl Default for InsightSettings {
    fn default() -> Self {
        Self {
            frequency_days: 7,
            influence: [1.0; 4],
            good_min: 60,
            fair_min: 40,
            email_sender_min: 5.0,
            email_reader_min: 2.5,
            response_within_h: 168,
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
