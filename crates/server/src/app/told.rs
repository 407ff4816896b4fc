//! What somebody is told of figures: less in the basic tier, and in works council mode nothing that measures a single colleague (05
//! section 6, 06). Whatever shows a figure asks here.
//!
//! Works council mode tells a figure about our side of a record only where at least five colleagues contribute to it, and where taking
//! away the figure of a related record leaves nobody or at least five; the colleague who alone contributes sees everything. Decision 10.

use std::collections::BTreeSet;

use rapport_domain::{RecordRef, Table, Touches, UserId};
use rapport_insight::{Contributor, Internal, KpiFolder, KpiQuery, OurPart, RecordScope};
use rustc_hash::FxHashSet;

use super::{App, AppError, Caller, Tier, View, lists::row::ListRow, records::InsightsQuery, view::Record};

/// Colleagues of whom a figure must be, to be nobody's.
pub const COLLEAGUES_MIN: usize = 5;

/// Related records that are looked at for what subtraction would tell; where there are more, nothing is told.
const RELATED_MAX: usize = 40;

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
const OF_ONE: [&str; 5] = ["most_contacted_by", "activity_by_day", "activity_by_week", "contributions", "summary"];

/// Names of the figures that the caller is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withheld(BTreeSet<&'static str>);

impl Withheld {
    /// Every figure about our side.
    pub fn our_side() -> Self {
        Self(FIGURES.concat().into_iter().chain(OF_ALL).chain(OF_ONE).collect())
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
                ..std::mem::take(row)
            };
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
        let as_of = query.as_of.unwrap_or_else(|| self.now());
        let context = view.context(as_of);
        let own = KpiFolder::new().our_part(
            &context,
            scope,
            touches,
            &KpiQuery { window: query.window(view, as_of), ..KpiQuery::default() },
        );
        if self.acting_user().is_some_and(|user| is_alone(user, scope, &own)) {
            return Ok(Withheld::default());
        }
        // Two moments or windows apart by a day would tell whoever acted on that day.
        let is_moved = query.as_of.is_some() || query.window_start.is_some() || query.window_end.is_some();
        let related = related(view, reference);
        if is_moved || reference.table == Table::Leads || related.len() > RELATED_MAX {
            return Ok(Withheld::our_side());
        }
        let mut is_told = own.groups().map(|group| is_enough(group, scope));
        for record in related {
            let scope = view.scope(record);
            let touches = self.store().runs_of(self.org(), &view.subjects(&scope), &view.visibility).await?;
            let other = KpiFolder::new().our_part(&context, &scope, &touches, &KpiQuery::default());
            for (is_told, (own, other)) in is_told.iter_mut().zip(own.groups().into_iter().zip(other.groups())) {
                *is_told = *is_told && !is_told_by_difference(own, other);
            }
        }
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

/// Whether enough colleagues contribute, or could have: nothing done is a figure too.
fn is_enough(group: &[(u64, Contributor)], scope: &RecordScope) -> bool {
    match (OurPart::people(group, &FxHashSet::default()).len(), &scope.internal) {
        (0, Internal::Any) => true,
        (0, Internal::Users(users)) => users.len() >= COLLEAGUES_MIN,
        (people, _) => people >= COLLEAGUES_MIN,
    }
}

/// Whether two figures that are both told would, one taken from the other, tell that of fewer than five.
fn is_told_by_difference(one: &[(u64, Contributor)], other: &[(u64, Contributor)]) -> bool {
    let interactions =
        |group: &[(u64, Contributor)]| -> FxHashSet<u64> { group.iter().map(|(interaction, _)| *interaction).collect() };
    let few = |group, without: &FxHashSet<u64>| (1..COLLEAGUES_MIN).contains(&OurPart::people(group, without).len());
    OurPart::people(other, &FxHashSet::default()).len() >= COLLEAGUES_MIN
        && (few(one, &interactions(other)) || few(other, &interactions(one)))
}

/// Records before which a record's figures give way, because theirs lie inside its own or across them: contacts come first, then accounts, then
/// deals, which give way to each other.
fn related<'a>(view: &'a View, reference: &RecordRef) -> Vec<&'a Record> {
    let Some(document) = view.record(reference).and_then(|record| record.document.as_ref()) else { return Vec::new() };
    let account = match reference.table {
        Table::Accounts => Some(reference.id.as_str()),
        Table::Opportunities => document.account.as_deref(),
        Table::Contacts | Table::Leads => return Vec::new(),
    };
    let is_related = |record: &&Record| {
        let (id, Some(other)) = (&record.reference.id, &record.document) else { return false };
        let is_of_account = account.is_some() && other.account.as_deref() == account;
        match record.reference.table {
            Table::Contacts => is_of_account || document.contact.as_ref() == Some(id) || document.stakeholders.contains(id),
            Table::Accounts => reference.table == Table::Opportunities && account == Some(id.as_str()),
            Table::Opportunities => {
                let shares_contact = other.contact.is_some() && other.contact == document.contact;
                reference.table == Table::Opportunities && record.reference != *reference && (is_of_account || shares_contact)
            }
            Table::Leads => false,
        }
    };
    view.records.iter().filter(is_related).take(RELATED_MAX + 1).collect()
}
