//! Up to five plain sentences about a record (02 §3, end): message keys with arguments, and a renderer.
//!
//! **To add a sentence:** a variant, its key and arguments, its words in every language, its place in [`summary`].

use rapport_domain::Kind;

use crate::{
    Context, Kpis,
    health::{HealthFigures, HealthState, Trend},
    kpis::SixSeries,
    round_half_up,
};

/// Sentences at most.
pub const SENTENCES_MAX: usize = 5;
/// A silence is called unusual from this surprise down: at most one past gap in five was as long.
pub const UNUSUAL_SILENCE_MAX: f64 = 0.2;

/// A difference from similar won deals is told from this share of their figure on: smaller ones are within what deals differ by anyhow.
pub const TELLING_SHARE_MIN: f64 = 0.25;
/// Hours, or meetings, that a difference from similar won deals has at least.
pub const TELLING_DIFFERENCE_MIN: f64 = 1.0;

/// What similar won deals had on average, where any had it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WonAverages {
    /// Median hours that we took to answer.
    pub response_time_by_us_h: Option<f64>,
    /// Meetings of both sides.
    pub meetings: Option<f64>,
    /// Minutes that they cost us.
    pub time_spent_by_us_min: Option<f64>,
}

/// A language that sentences are rendered in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Dutch.
    Dutch,
}

/// One plain sentence; numbers are at least 1 unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sentence {
    /// Nothing has been completed yet.
    NoInteractions,
    /// State (good, fair or poor), score 0..=100 and trend.
    Relationship {
        /// Good, fair or poor.
        state: HealthState,
        /// 0..=100.
        score: u32,
        /// Any.
        trend: Trend,
    },
    /// Whole local days since the last interaction, 0 = today.
    LastContact {
        /// At least 0.
        days: u32,
    },
    /// The same, where so long a silence is unusual for this relationship.
    UnusualSilence {
        /// At least 1.
        days: u32,
    },
    /// Their turns that nobody answered yet.
    Unanswered {
        /// Turns.
        turns: u32,
    },
    /// What is planned next, in whole local days from `as_of`, 0 = today.
    Next {
        /// Its kind.
        kind: Kind,
        /// At least 0.
        days: u32,
    },
    /// Difference of meetings initiated.
    MoreMeetings {
        /// Whether we initiated more.
        by_us: bool,
        /// How many more.
        difference: u32,
    },
    /// Median hours that we take to answer.
    ResponseByUs {
        /// Hours, at least 0.
        hours: f64,
    },
    /// Median hours of both sides.
    ResponseBoth {
        /// Ours in hours, at least 0.
        ours: f64,
        /// Theirs in hours, at least 0.
        theirs: f64,
    },
    /// Whole hours that we take to answer, more or less than in similar won deals.
    AnswerThanWon {
        /// Whether we take less.
        faster: bool,
        /// Whole hours, at least 1.
        hours: u32,
    },
    /// Meetings, more or fewer than in similar won deals.
    MeetingsThanWon {
        /// Whether there are more.
        more: bool,
        /// How many, at least 1.
        difference: u32,
    },
    /// Whole hours spent by us, more or less than in similar won deals.
    TimeThanWon {
        /// Whether it is more.
        more: bool,
        /// Whole hours, at least 1.
        hours: u32,
    },
    /// Difference of emails sent and received.
    MoreEmails {
        /// Whether we sent more than they.
        by_us: bool,
        /// How many more.
        difference: u32,
    },
}

/// One argument of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Argument {
    /// A count, or whole days.
    Number(u32),
    /// A time in hours, at least 0.
    Hours(f64),
    /// A word of the glossary, e.g. `good`.
    Word(&'static str),
}

/// The sentences of a record, most telling first, at most [`SENTENCES_MAX`]. They say nothing that the figures do not.
///
/// `won`: what similar won deals had on average, for an opportunity that has any.
pub fn summary(ctx: &Context<'_>, kpis: &Kpis, health: &HealthFigures, won: Option<&WonAverages>) -> Vec<Sentence> {
    let [answer, meetings, time] = won.map_or([None; 3], |won| than_won(kpis, won));
    let SixSeries { emails_sent, emails_received, meetings_sent, meetings_received, .. } = kpis.counts;
    let next = kpis.next_interaction.map(|next| {
        let days = ctx.calendar.day_of(next.at).0 - ctx.today().0;
        Sentence::Next { kind: next.kind, days: days as u32 }
    });
    let unanswered = kpis.response_time_by_us.map_or(0, |time| time.unanswered);
    let sentences = [
        health.score.map(|score| Sentence::Relationship { state: health.state, score, trend: health.trend }),
        Some(silence(ctx, kpis, health)),
        (unanswered > 0).then_some(Sentence::Unanswered { turns: unanswered }),
        next,
        answer,
        meetings,
        more(meetings_sent, meetings_received).map(|(by_us, difference)| Sentence::MoreMeetings { by_us, difference }),
        response(kpis),
        time,
        more(emails_sent, emails_received).map(|(by_us, difference)| Sentence::MoreEmails { by_us, difference }),
    ];
    sentences.into_iter().flatten().take(SENTENCES_MAX).collect()
}

fn silence(ctx: &Context<'_>, kpis: &Kpis, health: &HealthFigures) -> Sentence {
    let Some(last) = kpis.last_interaction else { return Sentence::NoInteractions };
    let days = (ctx.today().0 - ctx.calendar.day_of(last.at).0) as u32;
    let unusual = health.silence_surprise.is_some_and(|surprise| surprise <= UNUSUAL_SILENCE_MAX);
    if unusual && days > 0 { Sentence::UnusualSilence { days } } else { Sentence::LastContact { days } }
}

fn response(kpis: &Kpis) -> Option<Sentence> {
    let ours = kpis.response_time_by_us?.p50_h?;
    let theirs = kpis.response_time_by_them.and_then(|time| time.p50_h);
    Some(theirs.map_or(Sentence::ResponseByUs { hours: ours }, |theirs| Sentence::ResponseBoth { ours, theirs }))
}

/// How the deal differs from similar won ones, where that tells something: answering, meetings, time spent.
fn than_won(kpis: &Kpis, won: &WonAverages) -> [Option<Sentence>; 3] {
    let telling = |ours: f64, theirs: f64| {
        let difference = (ours - theirs).abs();
        (difference >= TELLING_DIFFERENCE_MIN && difference >= TELLING_SHARE_MIN * theirs)
            .then(|| (ours > theirs, round_half_up(difference)))
    };
    let answer = kpis.response_time_by_us.and_then(|time| time.p50_h).zip(won.response_time_by_us_h);
    let meetings = won.meetings.map(|average| (f64::from(kpis.counts.meetings_sent + kpis.counts.meetings_received), average));
    let time = won.time_spent_by_us_min.map(|average| (kpis.time_spent_by_us_min / 60.0, average / 60.0));
    [
        answer
            .and_then(|(ours, theirs)| telling(ours, theirs))
            .map(|(longer, hours)| Sentence::AnswerThanWon { faster: !longer, hours }),
        meetings
            .and_then(|(ours, theirs)| telling(ours, theirs))
            .map(|(more, difference)| Sentence::MeetingsThanWon { more, difference }),
        time.and_then(|(ours, theirs)| telling(ours, theirs)).map(|(more, hours)| Sentence::TimeThanWon { more, hours }),
    ]
}

/// Who has more, and how many; `None` if equal.
fn more(ours: u32, theirs: u32) -> Option<(bool, u32)> {
    (ours != theirs).then(|| (ours > theirs, ours.abs_diff(theirs)))
}

impl Sentence {
    /// Whether it tells of health.
    pub fn is_about_health(&self) -> bool {
        matches!(self, Self::Relationship { .. } | Self::UnusualSilence { .. })
    }

    /// The message key, for clients that render themselves.
    pub fn key(&self) -> &'static str {
        match self {
            Self::NoInteractions => "summary-no-interactions",
            Self::Relationship { .. } => "summary-relationship",
            Self::LastContact { .. } => "summary-last-contact",
            Self::UnusualSilence { .. } => "summary-unusual-silence",
            Self::Unanswered { .. } => "summary-unanswered",
            Self::Next { .. } => "summary-next",
            Self::MoreMeetings { by_us: true, .. } => "summary-more-meetings-by-us",
            Self::MoreMeetings { by_us: false, .. } => "summary-more-meetings-by-them",
            Self::ResponseByUs { .. } => "summary-response-by-us",
            Self::ResponseBoth { .. } => "summary-response-both",
            Self::AnswerThanWon { faster: true, .. } => "summary-answer-faster-than-won",
            Self::AnswerThanWon { faster: false, .. } => "summary-answer-slower-than-won",
            Self::MeetingsThanWon { more: true, .. } => "summary-more-meetings-than-won",
            Self::MeetingsThanWon { more: false, .. } => "summary-fewer-meetings-than-won",
            Self::TimeThanWon { more: true, .. } => "summary-more-time-than-won",
            Self::TimeThanWon { more: false, .. } => "summary-less-time-than-won",
            Self::MoreEmails { by_us: true, .. } => "summary-more-emails-by-us",
            Self::MoreEmails { by_us: false, .. } => "summary-more-emails-by-them",
        }
    }

    /// The arguments of the message, by name.
    pub fn arguments(&self) -> Vec<(&'static str, Argument)> {
        use Argument::{Hours, Number, Word};
        match *self {
            Self::NoInteractions => vec![],
            Self::Relationship { state, score, trend } => {
                vec![("state", Word(state.as_str())), ("score", Number(score)), ("trend", Word(trend.as_str()))]
            }
            Self::LastContact { days } | Self::UnusualSilence { days } => vec![("days", Number(days))],
            Self::Unanswered { turns } => vec![("turns", Number(turns))],
            Self::Next { kind, days } => vec![("kind", Word(kind.as_str())), ("days", Number(days))],
            Self::MoreMeetings { difference, .. }
            | Self::MoreEmails { difference, .. }
            | Self::MeetingsThanWon { difference, .. } => vec![("difference", Number(difference))],
            Self::AnswerThanWon { hours, .. } | Self::TimeThanWon { hours, .. } => vec![("hours", Number(hours))],
            Self::ResponseByUs { hours } => vec![("hours", Hours(hours))],
            Self::ResponseBoth { ours, theirs } => vec![("ours", Hours(ours)), ("theirs", Hours(theirs))],
        }
    }

    /// The sentence in plain words.
    pub fn render(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Dutch => self.dutch(),
        }
    }

    fn english(&self) -> String {
        match *self {
            Self::NoInteractions => "There has been no interaction yet.".to_owned(),
            Self::Relationship { state, score, trend } => {
                let going = match trend {
                    Trend::Improving => " and improving",
                    Trend::Declining => " and declining",
                    Trend::Steady => " and steady",
                    Trend::NotEnoughInfo => "",
                };
                format!("The relationship is {}{going}: {score} of 100.", state.as_str())
            }
            Self::LastContact { days: 0 } => "The last contact was today.".to_owned(),
            Self::LastContact { days } => format!("The last contact was {} ago.", count(days, "day", "days")),
            Self::UnusualSilence { days } => {
                format!("There has been no contact for {}, unusually long for this relationship.", count(days, "day", "days"))
            }
            Self::Unanswered { turns: 1 } => "One message from the customer waits for your answer.".to_owned(),
            Self::Unanswered { turns } => format!("{turns} messages from the customer wait for your answer."),
            Self::Next { kind, days } => {
                let what = match kind {
                    Kind::Email => "email",
                    Kind::Meeting => "meeting",
                    Kind::PhoneCall => "phone call",
                    Kind::Task => "task",
                };
                let when = if days == 0 { "today".to_owned() } else { format!("in {}", count(days, "day", "days")) };
                format!("The next {what} is planned {when}.")
            }
            Self::MoreMeetings { by_us, difference } => {
                let (who, than) = if by_us { ("You", "the customer") } else { ("The customer", "you") };
                format!("{who} initiated {} than {than}.", count(difference, "more meeting", "more meetings"))
            }
            Self::ResponseByUs { hours } => format!("You usually answer within {}.", english_span(hours)),
            Self::ResponseBoth { ours, theirs } => {
                format!("You usually answer within {}, the customer within {}.", english_span(ours), english_span(theirs))
            }
            Self::AnswerThanWon { faster, hours } => {
                let than = if faster { "less" } else { "more" };
                format!("You take {} {than} to answer than in similar won deals.", count(hours, "hour", "hours"))
            }
            Self::MeetingsThanWon { more: true, difference } => {
                format!("There were {} than in similar won deals.", count(difference, "more meeting", "more meetings"))
            }
            Self::MeetingsThanWon { more: false, difference } => {
                format!("There were {} than in similar won deals.", count(difference, "fewer meeting", "fewer meetings"))
            }
            Self::TimeThanWon { more, hours } => {
                let than = if more { "more" } else { "less" };
                format!("You spent {} {than} on this than on similar won deals.", count(hours, "hour", "hours"))
            }
            Self::MoreEmails { by_us, difference } => {
                let (who, than) = if by_us { ("You", "the customer") } else { ("The customer", "you") };
                format!("{who} sent {} than {than}.", count(difference, "more email", "more emails"))
            }
        }
    }

    fn dutch(&self) -> String {
        match *self {
            Self::NoInteractions => "Er is nog geen contact geweest.".to_owned(),
            Self::Relationship { state, score, trend } => {
                let is = match state {
                    HealthState::Good => "goed",
                    HealthState::Fair => "redelijk",
                    _ => "zwak",
                };
                let going = match trend {
                    Trend::Improving => " en wordt beter",
                    Trend::Declining => " en wordt minder",
                    Trend::Steady => " en stabiel",
                    Trend::NotEnoughInfo => "",
                };
                format!("De relatie is {is}{going}: {score} van 100.")
            }
            Self::LastContact { days: 0 } => "Het laatste contact was vandaag.".to_owned(),
            Self::LastContact { days } => format!("Het laatste contact was {} geleden.", count(days, "dag", "dagen")),
            Self::UnusualSilence { days } => {
                format!("Er is al {} geen contact, ongewoon lang voor deze relatie.", count(days, "dag", "dagen"))
            }
            Self::Unanswered { turns: 1 } => "Eén bericht van de klant wacht op uw antwoord.".to_owned(),
            Self::Unanswered { turns } => format!("{turns} berichten van de klant wachten op uw antwoord."),
            Self::Next { kind, days } => {
                let what = match kind {
                    Kind::Email => "De volgende e-mail",
                    Kind::Meeting => "De volgende vergadering",
                    Kind::PhoneCall => "Het volgende telefoongesprek",
                    Kind::Task => "De volgende taak",
                };
                let when = if days == 0 { "vandaag".to_owned() } else { format!("over {}", count(days, "dag", "dagen")) };
                format!("{what} is {when}.")
            }
            Self::MoreMeetings { by_us, difference } => {
                let (who, than) = if by_us { ("U nam", "de klant") } else { ("De klant nam", "u") };
                let times = count(difference, "keer", "keer");
                format!("{who} {times} vaker dan {than} het initiatief voor een vergadering.")
            }
            Self::ResponseByUs { hours } => format!("U antwoordt meestal binnen {}.", dutch_span(hours)),
            Self::ResponseBoth { ours, theirs } => {
                format!("U antwoordt meestal binnen {}, de klant binnen {}.", dutch_span(ours), dutch_span(theirs))
            }
            Self::AnswerThanWon { faster, hours } => {
                let than = if faster { "minder" } else { "meer" };
                format!("U hebt {hours} uur {than} nodig om te antwoorden dan bij vergelijkbare gewonnen verkoopkansen.")
            }
            Self::MeetingsThanWon { more, difference } => {
                let than = if more { "meer" } else { "minder" };
                let what = if difference == 1 { "vergadering" } else { "vergaderingen" };
                let were = if difference == 1 { "was" } else { "waren" };
                format!("Er {were} {difference} {what} {than} dan bij vergelijkbare gewonnen verkoopkansen.")
            }
            Self::TimeThanWon { more, hours } => {
                let than = if more { "meer" } else { "minder" };
                format!("U besteedde hier {hours} uur {than} aan dan aan vergelijkbare gewonnen verkoopkansen.")
            }
            Self::MoreEmails { by_us, difference } => {
                let (who, than) = if by_us { ("U stuurde", "de klant") } else { ("De klant stuurde", "u") };
                format!("{who} {} meer dan {than}.", count(difference, "e-mail", "e-mails"))
            }
        }
    }
}

fn count(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn english_span(hours: f64) -> String {
    span(hours, [("minute", "minutes"), ("hour", "hours"), ("day", "days")])
}

fn dutch_span(hours: f64) -> String {
    span(hours, [("minuut", "minuten"), ("uur", "uur"), ("dag", "dagen")])
}

/// A time in the unit that reads best: minutes below an hour, hours below two days, else days; at least one minute.
fn span(hours: f64, [minute, hour, day]: [(&str, &str); 3]) -> String {
    let minutes = round_half_up(hours * 60.0).max(1);
    let whole_hours = round_half_up(hours);
    match (minutes, whole_hours) {
        (..60, _) => count(minutes, minute.0, minute.1),
        (_, ..48) => count(whole_hours, hour.0, hour.1),
        _ => count(round_half_up(hours / 24.0), day.0, day.1),
    }
}
