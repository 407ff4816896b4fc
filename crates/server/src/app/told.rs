//! What somebody is told of figures: less in the basic tier, and in works council mode nothing that measures a single colleague (05
//! section 6, 06). Whatever shows a figure asks here.
//!
//! Works council mode tells a figure about our side of a contact or account only where at least five colleagues contribute to it, and
//! where no other figure, taken from it, leaves that of fewer (`subtraction`); the colleague who alone contributes sees everything.
//! Decision 10.

use std::collections::BTreeSet;

use rapport_domain::{Moment, RecordRef, Table, Touches, UserId};
use rapport_insight::{Contributor, Internal, KpiFolder, KpiQuery, Kpis, OurPart, RecordScope, Window};

use super::{App, AppError, Caller, Tier, View, lists::row::ListRow, records::InsightsQuery};

/// Colleagues of whom a figure must be, to be nobody's.
pub const COLLEAGUES_MIN: usize = 5;

/// Figures that each kind of doing makes, in the order of [`OurPart::groups`]; the time of both sides rests on all of them.
const FIGURES: [&[&str]; 5] = [
    &[
        "emails_sent",
        "send_receive_ratio_by_us",
        "send_receive_ratio_by_them",
        "sent_share",
        // How many of ours they answered, and did not, tells how many there were.
        "replies_by_them",
        "response_time_by_them_h",
        "response_rate_by_them",
    ],
    &["replies_by_us", "response_time_by_us_h", "response_rate_by_us"],
    &["meetings_sent"],
    &[],
    &["phone_calls_made"],
];
/// What rests on all kinds of doing together.
const OF_ALL: [&str; 3] = ["time_spent_by_us_min", "time_spent_by_them_min", "most_contacted"];
/// What is told day by day or colleague by colleague: to the colleague alone.
const OF_ONE: [&str; 6] =
    ["response_time_estimated", "most_contacted_by", "activity_by_day", "activity_by_week", "contributions", "summary"];

/// What tells, of some days in the past, that somebody of ours was in touch on them: who, when, how many.
const OF_SOME_DAYS: [&str; 4] = ["colleagues", "people", "last_interaction", "next_interaction"];

/// Names of the figures that the caller is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withheld(BTreeSet<&'static str>);

impl Withheld {
    /// Every figure about our side.
    pub fn our_side() -> Self {
        Self(FIGURES.concat().into_iter().chain(OF_ALL).chain(OF_ONE).collect())
    }

    /// What is not told of another moment or window than now and the usual one: our side, and whatever dates it.
    pub fn of_the_past() -> Self {
        Self(Self::our_side().0.into_iter().chain(OF_SOME_DAYS).collect())
    }

    /// Takes away what would be told without a number: the last contact, and names of who was in touch.
    pub(crate) fn take_from(&self, kpis: &mut Kpis) {
        if self.has("last_interaction") {
            (kpis.last_interaction, kpis.next_interaction) = (None, None);
            kpis.most_contacted.clear();
            kpis.most_contacted_by.clear();
        }
    }

    /// Whether a figure is withheld.
    pub fn has(&self, figure: &str) -> bool {
        self.0.contains(figure)
    }

    /// All of them.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

impl View {
    /// Refuses what tells figures colleague by colleague, while works council mode is on.
    pub(crate) fn need_no_works_council(&self, what: &str) -> Result<(), AppError> {
        if self.works_council.is_none() {
            return Ok(());
        }
        Err(AppError::refused(format!("{what}: works council mode is on")).with_hint(
            "nobody is told a figure about a single colleague; the privacy administrator and the works council can turn the mode off together",
        ))
    }

    /// What of a list's row is told: sorting and filtering see no more.
    pub(crate) fn tell(&self, row: &mut ListRow) {
        if self.tier == Tier::Basic {
            *row = ListRow {
                health_state: NOT_PERMITTED.to_owned(),
                health_trend: "not_enough_info".to_owned(),
                health_score: None,
                new_relationship: false,
                likelihood_30d: None,
                silence_surprise: None,
                ..std::mem::take(row)
            };
        }
        if self.works_council.is_some() {
            *row = ListRow {
                time_spent_by_us_min: None,
                time_spent_by_them_min: None,
                // With the figures of the other side, the sum would tell ours.
                interactions: None,
                emails_sent: None,
                meetings_sent: None,
                phone_calls_made: None,
                response_time_by_us_h: None,
                // As on the page: that there is one at all tells that ours wrote.
                response_time_by_them_h: None,
                ..std::mem::take(row)
            };
        }
    }
}

impl View {
    /// The moment that is answered for one that is asked for: in works council mode no later one than now, and of a day that is over its
    /// end, for two moments of one day would tell what happened between them.
    pub(crate) fn told_as_of(&self, asked: Option<Moment>, now: Moment) -> Moment {
        match asked {
            Some(asked) if self.works_council.is_some() => self.calendar.end_of(self.calendar.day_of(asked)).min(now),
            asked => asked.unwrap_or(now),
        }
    }
}

/// The state of a health that is not told.
pub const NOT_PERMITTED: &str = "not_permitted";

impl App {
    /// The user who acts, if it is one.
    pub(crate) fn acting_user(&self) -> Option<UserId> {
        match self.caller() {
            Caller::User { user, .. } => Some(*user),
            _ => None,
        }
    }

    /// What of a record's figures the caller is not told.
    pub(crate) async fn withheld(
        &self,
        view: &View,
        reference: &RecordRef,
        scope: &RecordScope,
        touches: &Touches,
        query: &InsightsQuery,
    ) -> Result<Withheld, AppError> {
        if view.works_council.is_none() {
            return Ok(Withheld::default());
        }
        let as_of = self.now();
        let context = view.context(as_of);
        let mut folder = KpiFolder::new();
        let mut part = |window| folder.our_part(&context, scope, touches, &KpiQuery { window, ..KpiQuery::default() });
        // Alone at all times: a window in which the caller was alone would open what others did outside of it, and a moment up to which they
        // were would date the first contact of another.
        let whole = part(Some(Window { start: Moment(i64::MIN), end: as_of }));
        if self.acting_user().is_some_and(|user| is_alone(user, scope, &whole)) {
            return Ok(Withheld::default());
        }
        // Two moments or windows apart by a day would tell whoever acted on that day.
        if query.as_of.is_some() || query.window_start.is_some() || query.window_end.is_some() {
            return Ok(Withheld::of_the_past());
        }
        // Whoever writes a deal or lead chooses its team: two choices would tell the colleague by whom they differ.
        let has_team = matches!(reference.table, Table::Leads | Table::Opportunities);
        if has_team {
            return Ok(Withheld::our_side());
        }
        let own = part(None);
        let is_told = self.kinds_told(view, scope, (&own, touches), as_of).await?;
        let mut names: BTreeSet<&'static str> = OF_ONE.into_iter().collect();
        names.extend(is_told.iter().zip(FIGURES).filter(|(is_told, _)| !**is_told).flat_map(|(_, figures)| figures));
        if is_told.contains(&false) {
            names.extend(OF_ALL);
        }
        Ok(Withheld(names))
    }
}

/// Whether everything of ours on a record is one colleague's.
fn is_alone(user: UserId, scope: &RecordScope, part: &OurPart) -> bool {
    let mut people = part.groups().into_iter().flatten().map(|(_, who)| *who).peekable();
    match people.peek() {
        None => scope.internal == Internal::Users(vec![user]),
        Some(_) => people.all(|who| who == Contributor::User(user)),
    }
}
