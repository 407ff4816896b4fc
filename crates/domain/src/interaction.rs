//! Activities as they are seen: kinds, roles, and the sighting that capture hands to the ledger.

use crate::{Address, Moment, RecordRef};

/// Declares a small enum with its code (stored) and its word (shown), so that neither can drift from the other.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal : $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant = $code,)* }

        impl $name {
            /// Every value, in the order of their codes.
            pub const ALL: [Self; [$($code),*].len()] = [$(Self::$variant),*];

            /// The glossary's word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads the glossary's word, in any case.
            pub fn parse(text: &str) -> Option<Self> {
                let text = text.trim();
                Self::ALL.into_iter().find(|value| value.as_str().eq_ignore_ascii_case(text))
            }

            /// Reads the stored code.
            #[inline]
            pub fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// What kind of activity.
    Kind {
        /// A mail.
        Email = 0: "email",
        /// An appointment; its moment is its start.
        Meeting = 1: "meeting",
        /// A phone call.
        PhoneCall = 2: "phone_call",
        /// A task; ours, hence outgoing.
        Task = 3: "task",
    }
}

words! {
    /// The state of an activity, where it is said.
    ActivityState {
        /// Not begun, no moment promised.
        Open = 1: "open",
        /// Has a moment in the future.
        Scheduled = 2: "scheduled",
        /// Took place: the only state that is an interaction.
        Completed = 3: "completed",
        /// Will not take place.
        Cancelled = 4: "cancelled",
    }
}

words! {
    /// Who began it.
    Direction {
        /// The initiator is ours.
        Outgoing = 0: "outgoing",
        /// The initiator is theirs.
        Incoming = 1: "incoming",
    }
}

words! {
    /// The part that somebody takes. Bcc is nobody: only the sender's copy shows it.
    Role {
        /// Sender of a mail.
        From = 0: "from",
        /// Recipient of a mail.
        To = 1: "to",
        /// Copy of a mail.
        Cc = 2: "cc",
        /// Organizer of a meeting.
        Organizer = 3: "organizer",
        /// Required attendee.
        Required = 4: "required",
        /// Optional attendee.
        Optional = 5: "optional",
        /// Who calls (or owns the task).
        Caller = 6: "caller",
        /// Who is called (or whom the task is about).
        Callee = 7: "callee",
    }
}

impl Role {
    /// Whether this role began the interaction.
    pub fn initiates(self) -> bool {
        matches!(self, Self::From | Self::Organizer | Self::Caller)
    }

    /// The role that the columns `from`, `to`, `cc` mean for a kind.
    pub fn of_columns(kind: Kind) -> [Self; 3] {
        match kind {
            Kind::Email => [Self::From, Self::To, Self::Cc],
            Kind::Meeting => [Self::Organizer, Self::Required, Self::Optional],
            Kind::PhoneCall | Kind::Task => [Self::Caller, Self::Callee, Self::Callee],
        }
    }
}

/// A participant's key: an address, or a reference to a record that may have none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A mail address.
    Address(Address),
    /// `contact:ID`.
    Contact(String),
    /// `lead:ID`.
    Lead(String),
}

impl Who {
    /// The key under which it is stored; references contain no `@` before their colon, so the kinds never collide.
    pub fn key(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Address(address) => address.as_str().into(),
            Self::Contact(id) => format!("contact:{id}").into(),
            Self::Lead(id) => format!("lead:{id}").into(),
        }
    }

    /// The address, unless it is a reference.
    pub fn address(&self) -> Option<&Address> {
        if let Self::Address(address) = self { Some(address) } else { None }
    }
}

/// One participant of a sighting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// Who.
    pub who: Who,
    /// The part they take.
    pub role: Role,
    /// Display name without noise, if any; at most 200 characters.
    pub name: Option<String>,
}

/// Where a sighting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Activities of the CRM.
    Crm,
    /// Mailboxes and calendars.
    Mailbox,
}

/// What the headers of one copy say that may exclude it. Decided per copy, before duplicates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Marked as a draft.
    pub draft: bool,
    /// `List-Id`, `List-Unsubscribe`, `Precedence: bulk|list|junk`.
    pub list: bool,
    /// `Auto-Submitted` other than `no`.
    pub automatic: bool,
    /// An answer to an invitation (`METHOD:REPLY`, `text/calendar; method=reply`).
    pub calendar_reply: bool,
    /// A delivery or disposition report.
    pub delivery_report: bool,
    /// Marked private or confidential.
    pub sensitive: bool,
}

/// One activity as one source shows it: what capture produces and the ledger keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// Its kind.
    pub kind: Kind,
    /// When; a meeting's start.
    pub occurred_at: Moment,
    /// Its state where the source says one.
    pub state: Option<ActivityState>,
    /// How long, in seconds; 0 for all-day items, `None` where the source does not say.
    pub duration_s: Option<u32>,
    /// Who takes part. Distinct by key and role; rooms, declined attendees and bcc are left out.
    pub participants: Vec<Attendance>,
    /// Normalized Message-ID (no `<>`, no white space), or a meeting's UID.
    pub message_id: Option<String>,
    /// For a meeting that recurs: the start that its rule gives this occurrence (a moved one keeps it).
    pub occurrence: Option<Moment>,
    /// Conversation id, where the source has one.
    pub conversation_id: Option<String>,
    /// Normalized ids of References and In-Reply-To, oldest first, distinct.
    pub ancestors: Vec<String>,
    /// Subject as text.
    pub subject: Option<String>,
    /// The record it regards.
    pub regarding: Option<RecordRef>,
    /// CRM or mailbox.
    pub source: Source,
    /// The mailbox that saw it; `None` in mailbox data = unattributed.
    pub mailbox: Option<Address>,
    /// The CRM's id of the activity, for `activities.csv`.
    pub activity_id: Option<String>,
    /// What its headers say.
    pub marks: Marks,
}

/// The subject without reply and forward prefixes, lower case, white space folded; empty if nothing is left.
pub fn subject_key(subject: &str) -> String {
    const PREFIXES: &[&str] = &["re", "fw", "fwd", "aw", "wg", "antw", "sv", "vs", "tr", "rif", "ynt", "odp", "ref"];
    let folded = subject.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut rest = folded.as_str();
    // Each round cuts one prefix such as `re:`, `aw[2]:` or `fwd (3) :`.
    while let Some((head, tail)) = rest.split_once(':') {
        let word = head.trim_end_matches(|c: char| matches!(c, '[' | ']' | '(' | ')' | ' ') || c.is_ascii_digit());
        if !PREFIXES.contains(&word) {
            break;
        }
        rest = tail.trim_start();
    }
    rest.trim().to_owned()
}

/// A Message-ID or UID without `<>` and white space; `None` if nothing is left. Case is kept: ids are opaque.
pub fn normalize_message_id(text: &str) -> Option<String> {
    let inner = text.trim();
    let inner = inner.strip_prefix('<').unwrap_or(inner);
    let inner = inner.strip_suffix('>').unwrap_or(inner);
    let id: String = inner.chars().filter(|c| !c.is_whitespace() && !c.is_control()).take(MESSAGE_ID_MAX_CHARS).collect();
    (!id.is_empty()).then_some(id)
}

/// Longest id that is told apart, in characters; RFC 5322 lines end at 998.
pub const MESSAGE_ID_MAX_CHARS: usize = 998;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reply_prefixes_are_no_part_of_a_subject() {
        for (subject, key) in [
            ("Re: Quote", "quote"),
            ("RE: FW: re[2]: Quote", "quote"),
            ("Antw:  Quote  for\tyou", "quote for you"),
            ("Re:", ""),
            ("", ""),
            ("Regarding: x", "regarding: x"),
            ("12:30 lunch", "12:30 lunch"),
            ("AW (3): Angebot", "angebot"),
        ] {
            assert_eq!(subject_key(subject), key, "{subject}");
        }
    }

    #[test]
    fn message_ids_lose_brackets_and_white_space() {
        assert_eq!(normalize_message_id(" <a.B@c> ").as_deref(), Some("a.B@c"));
        assert_eq!(normalize_message_id("<a\r\n b@c>").as_deref(), Some("ab@c"));
        assert_eq!(normalize_message_id("<>"), None);
    }

    #[test]
    fn codes_and_words_come_back() {
        for kind in Kind::ALL {
            assert_eq!((Kind::parse(kind.as_str()), Kind::from_code(kind as u8)), (Some(kind), Some(kind)));
        }
        assert_eq!(ActivityState::parse("Scheduled"), Some(ActivityState::Scheduled));
        assert_eq!(Role::from_code(99), None);
    }
}
