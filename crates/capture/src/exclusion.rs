//! Which copies are not stored, and under which reason they are counted (02 §2.6).

use rapport_domain::{Address, Kind, Sighting, Who};

use crate::captured::{initiator, is_recipient};

/// More distinct recipients than this are a circular, not a relationship (02 §2.6).
pub const RECIPIENTS_MAX: u32 = 50;

/// Declares the reasons in their order, each with its word.
macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// Why a copy is not stored: the first that applies, in this order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum ExclusionReason { $($(#[$doc])* $variant,)* }

        impl ExclusionReason {
            /// All reasons, in the order in which they are tried.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$variant),*];

            /// The word of the import's summary.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads the word.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|reason| reason.as_str() == text)
            }
        }
    };
}

reasons! {
    /// A mail without to and cc.
    NoRecipients = "no_recipients",
    /// Nobody of ours takes part.
    NoColleague = "no_colleague",
    /// Nobody of theirs takes part.
    InternalOnly = "internal_only",
    /// A draft.
    Draft = "draft",
    /// Sent through a list, or in bulk.
    List = "list",
    /// Sent by a program (`Auto-Submitted`).
    Automatic = "automatic",
    /// The sender is an address that nobody reads.
    Noreply = "noreply",
    /// An answer to an invitation.
    CalendarReply = "calendar_reply",
    /// A report on delivery.
    DeliveryReport = "delivery_report",
    /// More than [`RECIPIENTS_MAX`] distinct recipients.
    TooManyRecipients = "too_many_recipients",
    /// Marked private or confidential.
    Sensitive = "sensitive",
    /// With a colleague's private contact. Decided by the caller, like all that follow.
    Private = "private",
    /// With somebody who objected.
    Objection = "objection",
    /// Seen in the mailbox of a user who opted out.
    OptedOut = "opted_out",
    /// The mailbox's user has no selected role.
    Role = "role",
    /// The mailbox's user is in an excluded group.
    Group = "group",
    /// The mailbox lies where the policy does not allow it to be used.
    Geography = "geography",
    /// Outside the scope of capture.
    Scope = "scope",
}

/// Which rules are on. Each can be switched off by the administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// One bit per reason that is switched off.
    off: u32,
}

impl Default for Rules {
    /// All rules on.
    fn default() -> Self {
        Self { off: 0 }
    }
}

impl Rules {
    /// These rules without one.
    #[must_use]
    pub fn without(self, reason: ExclusionReason) -> Self {
        Self { off: self.off | 1 << reason as u32 }
    }

    /// Whether a rule is on.
    pub fn is_on(self, reason: ExclusionReason) -> bool {
        self.off & (1 << reason as u32) == 0
    }
}

/// The first reason why a copy is not stored, `None` if it may be.
///
/// `recipients` is the true number of distinct recipients (a sighting keeps a bounded number). Whatever regards a record is never
/// `no_recipients`, `no_colleague` or `internal_only`. `later` decides the reasons from `private` on, which need the store.
pub fn exclusion(
    sighting: &Sighting,
    recipients: u32,
    is_ours: impl Fn(&Address) -> bool,
    rules: &Rules,
    later: impl FnOnce() -> Option<ExclusionReason>,
) -> Option<ExclusionReason> {
    let marks = sighting.marks;
    let people = || by_people(sighting, recipients, &is_ours, *rules);
    if sighting.regarding.is_none()
        && let Some(reason) = people()
    {
        return Some(reason);
    }
    let said = [
        (ExclusionReason::Draft, marks.draft),
        (ExclusionReason::List, marks.list),
        (ExclusionReason::Automatic, marks.automatic),
        (ExclusionReason::Noreply, initiator(sighting).is_some_and(is_noreply)),
        (ExclusionReason::CalendarReply, marks.calendar_reply),
        (ExclusionReason::DeliveryReport, marks.delivery_report),
        (ExclusionReason::TooManyRecipients, recipients > RECIPIENTS_MAX),
        (ExclusionReason::Sensitive, marks.sensitive),
    ];
    let first = said.into_iter().find(|(reason, applies)| *applies && rules.is_on(*reason)).map(|(reason, _)| reason);
    first.or_else(|| later().filter(|reason| rules.is_on(*reason)))
}

/// The reasons that lie in who takes part.
fn by_people(sighting: &Sighting, recipients: u32, is_ours: &impl Fn(&Address) -> bool, rules: Rules) -> Option<ExclusionReason> {
    let has_recipient = recipients > 0 || sighting.participants.iter().any(|attendance| is_recipient(attendance.role));
    if sighting.kind == Kind::Email && !has_recipient && rules.is_on(ExclusionReason::NoRecipients) {
        return Some(ExclusionReason::NoRecipients);
    }
    let (mut ours, mut theirs) = (false, false);
    for attendance in &sighting.participants {
        match &attendance.who {
            Who::Address(address) if is_ours(address) => ours = true,
            Who::Address(_) | Who::Contact(_) | Who::Lead(_) => theirs = true,
        }
        if ours && theirs {
            return None;
        }
    }
    let reason = if ours { ExclusionReason::InternalOnly } else { ExclusionReason::NoColleague };
    rules.is_on(reason).then_some(reason)
}

/// Whether nobody reads an address: `noreply`, `no-reply`, `do-not-reply`, `mailer-daemon`, `postmaster`, `bounce(s)`, also as a
/// word of a longer name (`news-noreply`, `bounces+123`).
pub fn is_noreply(address: &Address) -> bool {
    let local = address.local();
    // Cheap way out: every pattern has one of these in it.
    if !["reply", "daemon", "postmaster", "bounce"].iter().any(|part| local.contains(part)) {
        return false;
    }
    let words: Vec<&str> = local.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |run: &[&str]| words.windows(run.len()).any(|window| window == run);
    words.iter().any(|word| word.starts_with("noreply") || word.starts_with("donotreply") || *word == "mailerdaemon")
        || has(&["no", "reply"])
        || has(&["not", "reply"])
        || has(&["mailer", "daemon"])
        || words == ["postmaster"]
        || matches!(words.first(), Some(&("bounce" | "bounces")))
}

#[cfg(test)]
mod tests {
    use rapport_domain::{Attendance, Moment, RecordRef, Role, Source};

    use super::*;
    use crate::captured::bare;

    fn mail(from: &str, to: &[&str]) -> Sighting {
        let mut sighting = bare(Kind::Email, Moment(0), Source::Mailbox);
        let who = |text: &str| match text.strip_prefix("contact:") {
            Some(id) => Who::Contact(id.to_owned()),
            None => Who::Address(Address::parse(text).unwrap()),
        };
        sighting.participants.push(Attendance { who: who(from), role: Role::From, name: None });
        sighting.participants.extend(to.iter().map(|to| Attendance { who: who(to), role: Role::To, name: None }));
        sighting
    }

    fn reason(sighting: &Sighting, recipients: u32, rules: Rules) -> Option<&'static str> {
        let is_ours = |address: &Address| address.domain() == "us.example";
        exclusion(sighting, recipients, is_ours, &rules, || Some(ExclusionReason::Scope)).map(ExclusionReason::as_str)
    }

    #[test]
    fn the_first_reason_that_applies_counts() {
        let all = Rules::default();
        assert_eq!(reason(&mail("a@us.example", &[]), 0, all), Some("no_recipients"));
        assert_eq!(reason(&mail("a@x.example", &["b@y.example"]), 1, all), Some("no_colleague"));
        assert_eq!(reason(&mail("a@us.example", &["b@us.example"]), 1, all), Some("internal_only"));
        assert_eq!(reason(&mail("a@us.example", &["contact:c1"]), 1, all), Some("scope"));
        assert_eq!(reason(&mail("noreply@x.example", &["b@us.example"]), 51, all), Some("noreply"));
        assert_eq!(reason(&mail("a@x.example", &["b@us.example"]), 50, all), Some("scope"));
        assert_eq!(reason(&mail("a@x.example", &["b@us.example"]), 51, all), Some("too_many_recipients"));
        let mut marked = mail("a@x.example", &["b@us.example"]);
        marked.marks.sensitive = true;
        assert_eq!(reason(&marked, 1, all), Some("sensitive"));
        marked.marks.list = true;
        assert_eq!(reason(&marked, 1, all), Some("list"));
        marked.marks.draft = true;
        assert_eq!(reason(&marked, 1, all), Some("draft"));
        assert_eq!(reason(&marked, 1, all.without(ExclusionReason::Draft)), Some("list"));
    }

    #[test]
    fn what_regards_a_record_needs_no_people() {
        let mut internal = mail("a@us.example", &["b@us.example"]);
        internal.regarding = Some(RecordRef::parse("opportunities/o1").unwrap());
        assert_eq!(reason(&internal, 1, Rules::default().without(ExclusionReason::Scope)), None);
        internal.participants.clear();
        assert_eq!(reason(&internal, 0, Rules::default().without(ExclusionReason::Scope)), None);
    }

    #[test]
    fn each_rule_can_be_switched_off() {
        for excluded in ExclusionReason::ALL {
            assert!(!Rules::default().without(excluded).is_on(excluded), "{excluded:?}");
            assert_eq!(ExclusionReason::parse(excluded.as_str()), Some(excluded));
        }
        let off = Rules::default().without(ExclusionReason::InternalOnly).without(ExclusionReason::Scope);
        assert_eq!(reason(&mail("a@us.example", &["b@us.example"]), 1, off), None);
    }

    #[test]
    fn senders_that_nobody_reads() {
        let is = |text: &str| is_noreply(&Address::parse(text).unwrap());
        for local in [
            "noreply",
            "no-reply",
            "no_reply",
            "no.reply",
            "do-not-reply",
            "donotreply",
            "news-noreply",
            "noreply-42",
            "mailer-daemon",
            "postmaster",
            "bounce",
            "bounces+7",
            "bounce-x",
            "donotreply2",
        ] {
            assert!(is(&format!("{local}@x.example")), "{local}");
        }
        for local in ["jo", "casino.replying", "reply", "bouncer", "nora.reply", "daemon"] {
            assert!(!is(&format!("{local}@x.example")), "{local}");
        }
    }
}
