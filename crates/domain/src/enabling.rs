//! Enabling relationship intelligence, and consent to mailbox data (05 sections 1, 2 and 4): a state machine without a clock.
//!
//! Every command and [`Enabling::settle`] take the moment and the geography as arguments. What changed is told by [`Enabling::take_changes`],
//! from the state before and the steps of consent since, so that no transition can happen without its entry in the audit log.

use std::collections::BTreeSet;

use crate::{
    Geography, Moment,
    geography::DataLocation,
    time::{DAY_US, HOUR_US},
};

/// How long a request for consent waits: 14 times 24 hours, not 14 calendar days.
pub const CONSENT_WINDOW_US: i64 = 14 * DAY_US;
/// Within this time after consent was withdrawn, mailbox data is gone from the live store.
pub const LIVE_DELETION_US: i64 = 24 * HOUR_US;
/// Within this time after consent was withdrawn, mailbox data is gone from backups.
pub const BACKUP_DELETION_US: i64 = 30 * DAY_US;

/// Where consent to mailbox data stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConsentState {
    /// Nobody was asked, or what was asked for is no longer wanted.
    #[default]
    NotRequested,
    /// Asked, within the 14 days.
    Pending,
    /// Mailboxes may be read.
    Granted,
    /// Nobody answered within the 14 days.
    Expired,
    /// The answer was no.
    Declined,
    /// Granted once, and withdrawn.
    Revoked,
}

impl ConsentState {
    /// All states.
    pub const ALL: [Self; 6] = [Self::NotRequested, Self::Pending, Self::Granted, Self::Expired, Self::Declined, Self::Revoked];

    /// The word of the glossary, e.g. `not_requested`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotRequested => "not_requested",
            Self::Pending => "pending",
            Self::Granted => "granted",
            Self::Expired => "expired",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Whose mailbox data is used, by security role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roles {
    /// Everybody's, whatever their roles; also mailboxes that nobody is named for.
    All,
    /// Those of users who have one of these roles; none selected is nobody.
    Selected(BTreeSet<String>),
}

impl Default for Roles {
    fn default() -> Self {
        Self::Selected(BTreeSet::new())
    }
}

impl Roles {
    /// Whether somebody's mailbox is selected at all.
    pub fn is_any(&self) -> bool {
        match self {
            Self::All => true,
            Self::Selected(roles) => !roles.is_empty(),
        }
    }

    /// Whether a user with these roles is selected.
    pub fn selects<T: AsRef<str>>(&self, roles: &[T]) -> bool {
        match self {
            Self::All => true,
            Self::Selected(selected) => roles.iter().any(|role| selected.contains(role.as_ref())),
        }
    }

    /// In words, for the audit log.
    pub fn in_words(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Selected(roles) if roles.is_empty() => "none".to_owned(),
            Self::Selected(roles) => roles.iter().map(String::as_str).collect::<Vec<_>>().join("; "),
        }
    }
}

/// What an administrator saves on the Overview page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Relationship analytics.
    pub relationship_analytics: bool,
    /// Who knows whom.
    pub who_knows_whom: bool,
    /// Whether mailbox data may be used, once it was consented to.
    pub mailbox: bool,
    /// Whose.
    pub roles: Roles,
}

/// Why a command cannot be done as things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Premium features are not enabled.
    NoPremium,
    /// Relationship intelligence is not enabled.
    NotEnabled,
    /// Nobody is asking for consent: it is not pending.
    NotPending,
    /// The 14 days are over.
    Expired,
    /// Consent is not granted, so that it cannot be withdrawn.
    NotGranted,
    /// It is pending or granted already.
    AlreadyAsked,
    /// The mailbox data lies where the policy does not allow it to be used, or nobody said where.
    Geography(Geography),
    /// No security role is selected.
    NoRole,
    /// What is stored cannot be kept: consent to it is not granted.
    NothingToKeep,
    /// Microsoft 365 says where the data lies.
    LocationKnown,
}

/// Whether two names are one security group's: directories write them in capitals, or not.
pub fn is_same_group(one: &str, other: &str) -> bool {
    one == other || one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// One thing that changed, for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// E.g. `consent.granted`.
    pub action: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
    /// When it happened by the rules; the server may have noticed later.
    pub at: Moment,
}

/// What the organization switched on, for whom, and where consent stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enabling {
    /// Since when premium features are enabled.
    pub premium_since: Option<Moment>,
    /// The first Save.
    pub enabled_at: Option<Moment>,
    /// Relationship analytics.
    pub relationship_analytics: bool,
    /// Who knows whom.
    pub who_knows_whom: bool,
    /// Whether mailbox data may be used, once it was consented to.
    pub mailbox: bool,
    /// Whose mailboxes.
    pub roles: Roles,
    /// Security groups whose members' mailboxes are not used, whatever their roles.
    pub excluded_groups: BTreeSet<String>,
    /// Where the mailbox data lies.
    pub location: Option<DataLocation>,
    /// Where consent stands.
    pub consent: ConsentState,
    /// Since when.
    pub consent_since: Option<Moment>,
    /// When it was asked for last: the 14 days run from here.
    pub requested_at: Option<Moment>,
    /// The text agreed to; empty until consent was granted.
    pub consent_text: String,
    /// Stored mailbox data is to be kept although mailbox data was switched off.
    pub keeps_stored: bool,
    /// Steps of consent that [`Enabling::take_changes`] has not taken out yet.
    pub consent_steps: Vec<Change>,
}

impl Enabling {
    /// Premium features on: their terms were accepted.
    pub fn enable_premium(&mut self, now: Moment) {
        self.premium_since.get_or_insert(now);
    }

    /// Premium features off: everything that needs them is off, nothing is forgotten.
    pub fn disable_premium(&mut self, geography: Geography, now: Moment) {
        self.settle(geography, now);
        self.premium_since = None;
        self.settle(geography, now);
    }

    /// Saves the Overview page; the first time, this enables relationship intelligence.
    pub fn save(&mut self, selection: Selection, geography: Geography, now: Moment) -> Result<(), Refusal> {
        if self.premium_since.is_none() {
            return Err(Refusal::NoPremium);
        }
        self.settle(geography, now);
        self.enabled_at.get_or_insert(now);
        self.relationship_analytics = selection.relationship_analytics;
        self.who_knows_whom = selection.who_knows_whom;
        self.mailbox = selection.mailbox;
        self.roles = selection.roles;
        if self.mailbox {
            self.keeps_stored = false;
        }
        self.settle(geography, now);
        Ok(())
    }

    /// Consents, in these words.
    pub fn grant(&mut self, text: &str, geography: Geography, now: Moment) -> Result<(), Refusal> {
        self.answer(geography, now)?;
        text.clone_into(&mut self.consent_text);
        self.enter(ConsentState::Granted, now);
        Ok(())
    }

    /// Notes that whoever consented could also have asked: one person approved themselves.
    pub fn note_self_approval(&mut self, at: Moment) {
        let before = self.consent.as_str().to_owned();
        let after = "whoever consented may also enable".to_owned();
        self.consent_steps.push(Change { action: "consent.self_approved".to_owned(), before, after, at });
    }

    /// Says no.
    pub fn decline(&mut self, geography: Geography, now: Moment) -> Result<(), Refusal> {
        self.answer(geography, now)?;
        self.enter(ConsentState::Declined, now);
        Ok(())
    }

    /// Whether somebody can answer now.
    fn answer(&mut self, geography: Geography, now: Moment) -> Result<(), Refusal> {
        self.settle(geography, now);
        match self.consent {
            ConsentState::Pending => Ok(()),
            ConsentState::Expired => Err(Refusal::Expired),
            _ => Err(Refusal::NotPending),
        }
    }

    /// Withdraws consent: nothing of a mailbox is used from now on.
    pub fn revoke(&mut self, geography: Geography, now: Moment) -> Result<(), Refusal> {
        self.settle(geography, now);
        if self.consent != ConsentState::Granted {
            return Err(Refusal::NotGranted);
        }
        self.enter(ConsentState::Revoked, now);
        Ok(())
    }

    /// Asks again: a new 14 days, and what the old ones switched off is on again.
    pub fn ask_again(&mut self, geography: Geography, now: Moment) -> Result<(), Refusal> {
        self.settle(geography, now);
        match self.consent {
            ConsentState::Pending | ConsentState::Granted => return Err(Refusal::AlreadyAsked),
            _ if self.premium_since.is_none() => return Err(Refusal::NoPremium),
            _ if self.enabled_at.is_none() => return Err(Refusal::NotEnabled),
            _ if geography != Geography::Eligible => return Err(Refusal::Geography(geography)),
            _ if !self.roles.is_any() => return Err(Refusal::NoRole),
            ConsentState::Expired => self.who_knows_whom = true,
            _ => {}
        }
        self.mailbox = true;
        self.keeps_stored = false;
        self.request(now);
        Ok(())
    }

    /// After the 14 days: who knows whom goes on with the basic strength.
    pub fn use_crm_data_only(&mut self, geography: Geography, now: Moment) -> Result<(), Refusal> {
        if self.enabled_at.is_none() {
            return Err(Refusal::NotEnabled);
        }
        self.settle(geography, now);
        self.who_knows_whom = true;
        self.mailbox = false;
        self.settle(geography, now);
        Ok(())
    }

    /// Enables, asks and consents in one step (05 section 2, command line), unless it was so already; whether it was granted now. Selects
    /// all roles unless some are selected.
    pub fn enable_and_grant(
        &mut self,
        text: &str,
        policy_allows: impl Fn(Option<&DataLocation>) -> Geography,
        now: Moment,
    ) -> bool {
        self.settle(policy_allows(self.location.as_ref()), now);
        self.enable_premium(now);
        if self.enabled_at.is_none() {
            (self.relationship_analytics, self.who_knows_whom) = (true, true);
            self.enabled_at = Some(now);
        }
        if !self.roles.is_any() {
            self.roles = Roles::All;
        }
        if self.location.is_none() {
            self.location = Some(DataLocation::Declared(DECLARED_BY_FILES.to_owned()));
        }
        self.mailbox = true;
        self.keeps_stored = false;
        if !matches!(self.consent, ConsentState::Pending | ConsentState::Granted) {
            self.request(now);
        }
        let is_new = self.consent != ConsentState::Granted || self.consent_text != text;
        if is_new {
            text.clone_into(&mut self.consent_text);
            self.enter(ConsentState::Granted, now);
        }
        is_new
    }

    /// Whether a security group is excluded.
    pub fn excludes(&self, group: &str) -> bool {
        self.excluded_groups.iter().any(|excluded| is_same_group(excluded, group))
    }

    /// What the clock and the preconditions do by themselves. Doing it twice, or late, comes to the same.
    pub fn settle(&mut self, geography: Geography, now: Moment) {
        if let Some(deadline) = self.deadline().filter(|deadline| now >= *deadline) {
            self.who_knows_whom = false;
            self.mailbox = false;
            self.enter(ConsentState::Expired, deadline);
        }
        let asks = self.has_mailbox_on(geography) && self.roles.is_any();
        match self.consent {
            ConsentState::Pending if !asks => {
                self.requested_at = None;
                self.enter(ConsentState::NotRequested, now);
            }
            // The 14 days switched mailbox data off: whoever switches it on asks again.
            ConsentState::NotRequested | ConsentState::Expired if asks => self.request(now),
            _ => {}
        }
    }

    fn request(&mut self, now: Moment) {
        self.requested_at = Some(now);
        self.enter(ConsentState::Pending, now);
    }

    fn enter(&mut self, state: ConsentState, at: Moment) {
        let action = if state == ConsentState::Pending { "requested" } else { state.as_str() };
        let after = match state {
            ConsentState::Granted => format!("granted: {}", self.consent_text),
            ConsentState::Revoked => format!(
                "revoked: mailbox data is deleted by {}, from backups by {}",
                at.plus_us(LIVE_DELETION_US).to_rfc3339(),
                at.plus_us(BACKUP_DELETION_US).to_rfc3339()
            ),
            _ => state.as_str().to_owned(),
        };
        let before = self.consent.as_str().to_owned();
        self.consent_steps.push(Change { action: format!("consent.{action}"), before, after, at });
        self.consent = state;
        self.consent_since = Some(at);
    }

    /// When the 14 days end, while they run.
    pub fn deadline(&self) -> Option<Moment> {
        let requested_at = self.requested_at.filter(|_| self.consent == ConsentState::Pending)?;
        Some(requested_at.plus_us(CONSENT_WINDOW_US))
    }

    /// Until when mailbox data must be gone after consent was withdrawn: from the live store, from backups.
    pub fn deletion_deadlines(&self) -> Option<(Moment, Moment)> {
        let revoked_at = self.consent_since.filter(|_| self.consent == ConsentState::Revoked)?;
        Some((revoked_at.plus_us(LIVE_DELETION_US), revoked_at.plus_us(BACKUP_DELETION_US)))
    }

    /// Whether mailboxes are switched on at all: enabled, selected, where the policy allows it. Consent is asked beside it.
    pub fn has_mailbox_on(&self, geography: Geography) -> bool {
        self.premium_since.is_some() && self.enabled_at.is_some() && self.mailbox && geography == Geography::Eligible
    }

    /// Whether mailbox data may be read and used.
    pub fn uses_mailbox(&self, geography: Geography) -> bool {
        self.has_mailbox_on(geography) && self.roles.is_any() && self.consent == ConsentState::Granted
    }

    /// Whether a feature that was saved as on, or off, is so: before the first Save nothing was said.
    pub fn feature(&self, is_on: bool) -> Feature {
        match self.enabled_at {
            None => Feature::NotEnabled,
            Some(_) if is_on && self.premium_since.is_some() => Feature::On,
            Some(_) => Feature::Off,
        }
    }

    /// What changed since `before`, and every step that consent took: what goes into the audit log.
    pub fn take_changes(&mut self, before: &Self, now: Moment) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut differ = |action: &str, old: String, new: String| {
            if old != new {
                changes.push(Change { action: action.to_owned(), before: old, after: new, at: now });
            }
        };
        let on = |is_on: bool| if is_on { "on" } else { "off" }.to_owned();
        let enabled = |enabling: &Self| if enabling.enabled_at.is_some() { "enabled" } else { "not enabled" }.to_owned();
        differ("relationship_intelligence", enabled(before), enabled(self));
        differ("premium_features", on(before.premium_since.is_some()), on(self.premium_since.is_some()));
        differ("relationship_analytics", on(before.relationship_analytics), on(self.relationship_analytics));
        differ("who_knows_whom", on(before.who_knows_whom), on(self.who_knows_whom));
        differ("mailbox_data", on(before.mailbox), on(self.mailbox));
        differ("mailbox_data.stored", keeping(before.keeps_stored), keeping(self.keeps_stored));
        differ("roles", before.roles.in_words(), self.roles.in_words());
        differ("excluded_groups", joined(&before.excluded_groups), joined(&self.excluded_groups));
        let location = |enabling: &Self| enabling.location.as_ref().map_or_else(|| "unknown".to_owned(), DataLocation::in_words);
        differ("data_location", location(before), location(self));
        changes.append(&mut self.consent_steps);
        changes
    }
}

/// Whether a feature may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Nobody has saved the Overview page yet.
    NotEnabled,
    /// On.
    On,
    /// Switched off, by somebody or by the 14 days.
    Off,
}

/// Where the mailbox data lies, as long as only files were imported.
pub const DECLARED_BY_FILES: &str = "this machine (files imported by its operator)";

fn keeping(keeps: bool) -> String {
    if keeps { "kept" } else { "deleted" }.to_owned()
}

fn joined(words: &BTreeSet<String>) -> String {
    if words.is_empty() { "none".to_owned() } else { words.iter().map(String::as_str).collect::<Vec<_>>().join("; ") }
}

#[cfg(test)]
mod tests;
