//! One captured copy, and the verdict on it: kept, excluded under a reason, or failed.

use rapport_domain::{
    ActivityState, Address, Kind, Moment, Role, Sighting, Who,
    time::{DAY_US, EARLIEST},
};

use crate::{ExclusionReason, Place, Rules, exclusion};

/// One copy as its source shows it, before anybody decided whether it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Captured {
    /// Where it stands in its file.
    pub place: Place,
    /// What it shows. While [`Self::fault`] is set its moment may be [`EARLIEST`], and it must not be kept.
    pub sighting: Sighting,
    /// Distinct recipients (to + cc), also those beyond [`crate::mail::PARTICIPANTS_MAX`] that the sighting leaves out.
    pub recipients: u32,
    /// Why it cannot be kept even if nothing excludes it, e.g. `no date`.
    pub fault: Option<String>,
    /// What was left out of an otherwise good copy, e.g. one unreadable recipient. Worth telling where the copy is kept.
    pub notes: Vec<String>,
    /// Addresses of Delivered-To, X-Original-To and Envelope-To: whose mailbox this is, where nobody says so.
    pub delivered_to: Vec<Address>,
}

/// What becomes of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Kept (or found to be a duplicate).
    Keep,
    /// Not stored, counted under this reason.
    Exclude(ExclusionReason),
    /// Failed, for this reason.
    Fail(String),
}

impl Captured {
    /// Decides on this copy: exclusions first (02 §2.6), then what makes it unfit (decision 2, rule 6).
    ///
    /// `is_ours` tells our addresses; references (`contact:`, `lead:`) are always theirs and not asked for. `later` decides the
    /// reasons that need the store (`private` and after); it is asked only where no earlier reason applies.
    pub fn judge(
        &self,
        as_of: Moment,
        is_ours: impl Fn(&Address) -> bool,
        rules: &Rules,
        later: impl FnOnce() -> Option<ExclusionReason>,
    ) -> Verdict {
        if let Some(reason) = exclusion(&self.sighting, self.recipients, is_ours, rules, later) {
            return Verdict::Exclude(reason);
        }
        if let Some(fault) = &self.fault {
            return Verdict::Fail(fault.clone());
        }
        match date_fault(&self.sighting, as_of) {
            Some(fault) => Verdict::Fail(fault),
            None => Verdict::Keep,
        }
    }

    /// All addresses that the copy names: its participants and where it was delivered to. A mailbox whose messages all name one
    /// user is that user's.
    pub fn named(&self) -> impl Iterator<Item = &Address> {
        self.sighting.participants.iter().filter_map(|attendance| attendance.who.address()).chain(&self.delivered_to)
    }
}

/// Why a moment cannot be true: before 1990, or in the future for what cannot be planned.
fn date_fault(sighting: &Sighting, as_of: Moment) -> Option<String> {
    let at = sighting.occurred_at;
    if at < EARLIEST {
        return Some(format!("the date {} is before 1990", at.to_rfc3339()));
    }
    let can_be_planned = matches!(sighting.kind, Kind::Meeting | Kind::Task)
        || matches!(sighting.state, Some(ActivityState::Scheduled | ActivityState::Open));
    (!can_be_planned && at > as_of.plus_us(DAY_US))
        .then(|| format!("the date {} is more than a day after {}", at.to_rfc3339(), as_of.to_rfc3339()))
}

/// A sighting of a kind at a moment with nothing else said.
pub(crate) fn bare(kind: Kind, occurred_at: Moment, source: rapport_domain::Source) -> Sighting {
    Sighting {
        kind,
        occurred_at,
        state: None,
        duration_s: None,
        participants: Vec::new(),
        message_id: None,
        occurrence: None,
        conversation_id: None,
        ancestors: Vec::new(),
        subject: None,
        regarding: None,
        source,
        mailbox: None,
        activity_id: None,
        marks: rapport_domain::Marks::default(),
    }
}

/// The address of whoever began it, if it has one.
pub(crate) fn initiator(sighting: &Sighting) -> Option<&Address> {
    let first = sighting.participants.iter().find(|attendance| attendance.role.initiates())?;
    if let Who::Address(address) = &first.who { Some(address) } else { None }
}

/// Whether a role is a recipient's (to or cc and what corresponds to them).
pub(crate) fn is_recipient(role: Role) -> bool {
    !role.initiates()
}

#[cfg(test)]
mod tests {
    use rapport_domain::Source;

    use super::*;

    fn verdict(kind: Kind, state: Option<ActivityState>, at: &str) -> Verdict {
        let mut sighting = bare(kind, Moment::parse(at).unwrap(), Source::Mailbox);
        sighting.state = state;
        sighting.regarding = Some(rapport_domain::RecordRef::parse("accounts/a").unwrap());
        let captured = Captured { place: Place::File, sighting, recipients: 0, fault: None, notes: vec![], delivered_to: vec![] };
        captured.judge(Moment::parse("2026-03-01T00:00:00Z").unwrap(), |_| false, &Rules::default(), || None)
    }

    #[test]
    fn dates_that_cannot_be_true_fail() {
        let fail = |what: &str| Verdict::Fail(what.to_owned());
        assert_eq!(verdict(Kind::Email, None, "2026-03-02T00:00:00Z"), Verdict::Keep);
        assert_eq!(
            verdict(Kind::Email, None, "2026-03-02T00:00:01Z"),
            fail("the date 2026-03-02T00:00:01Z is more than a day after 2026-03-01T00:00:00Z")
        );
        assert_eq!(verdict(Kind::Meeting, None, "2026-06-02T00:00:00Z"), Verdict::Keep);
        assert_eq!(verdict(Kind::PhoneCall, Some(ActivityState::Scheduled), "2026-06-02T00:00:00Z"), Verdict::Keep);
        assert_eq!(verdict(Kind::Meeting, None, "1989-12-31T23:59:59Z"), fail("the date 1989-12-31T23:59:59Z is before 1990"));
    }
}
