//! The timeline of a record: exactly the interactions that its figures count, and what is planned.

use rapport_domain::{ActivityState, Direction, Kind, Moment, RecordRef, Role, Side, Table, touches::SEEN_MAILBOX};
use rapport_insight::{
    health::DailyScore,
    scope::{belongs, is_completed, is_pending},
};
use rapport_store::ledger::SOURCE_CRM;

use super::{
    App, AppError, View,
    looks::Shown,
    records::{Folders, find_scope},
};

/// Rows of one page at most: each reads its sightings.
pub const PAGE_MAX: usize = 200;

/// Which of a record's activities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Interactions, newest first.
    #[default]
    Completed,
    /// Open and scheduled ones, soonest first.
    Upcoming,
}

/// What a page of the timeline asks for.
#[derive(Clone, Copy, Debug)]
pub struct TimelineQuery {
    /// The moment; now if absent.
    pub as_of: Option<Moment>,
    /// Which.
    pub which: Which,
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// The last row of the page before: moment and interaction.
    pub after: Option<(i64, u64)>,
    /// Rows at most.
    pub limit: usize,
}

/// Somebody who took part.
#[derive(Clone, Debug)]
pub struct TimelineParticipant {
    /// Role.
    pub role: Role,
    /// Name to show.
    pub name: String,
    /// Address; a reference has none.
    pub email: Option<String>,
    /// Whose side.
    pub side: Side,
}

/// One row of the timeline.
#[derive(Clone, Debug)]
pub struct TimelineRow {
    /// The interaction's number in the ledger.
    pub interaction: u64,
    /// When.
    pub at: Moment,
    /// Kind.
    pub kind: Kind,
    /// Who began it.
    pub direction: Direction,
    /// State.
    pub state: ActivityState,
    /// Subject, where it is kept and may be seen.
    pub subject: Option<String>,
    /// Seconds, where known.
    pub duration_s: Option<u32>,
    /// All who took part.
    pub participants: Vec<TimelineParticipant>,
    /// The record that it regards.
    pub regarding: Option<(RecordRef, String)>,
    /// Whether the CRM has it.
    pub in_crm: bool,
    /// Whether a mailbox has it.
    pub in_mailbox: bool,
    /// The CRM's id, by which it can be changed.
    pub activity: Option<String>,
}

/// A page of the timeline.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Rows.
    pub rows: Vec<TimelineRow>,
    /// Rows of the whole timeline.
    pub total: usize,
    /// Whether there are more after these.
    pub has_more: bool,
    /// The moment it is as of.
    pub as_of: Moment,
    /// Whether only what the caller took part in is told: works council mode.
    pub is_own_only: bool,
}

impl App {
    /// A page of a record's timeline.
    pub async fn timeline(&self, table: Table, id: &str, query: &TimelineQuery) -> Result<Timeline, AppError> {
        if query.limit == 0 || query.limit > PAGE_MAX {
            return Err(AppError::invalid(format!("`limit` is from 1 to {PAGE_MAX}")));
        }
        let view = self.view().await?;
        let reach = self.reach(&view);
        let (_, scope) = find_scope(&view, &reach, table, id)?;
        let as_of = query.as_of.unwrap_or_else(|| self.now());
        let touches = self.store().runs_of(self.org(), &view.subjects(&scope), &view.visibility).await?;
        // In works council mode everybody sees what they took part in themselves: the rest could be counted colleague by colleague.
        let is_own_only = view.works_council.is_some();
        let is_mine = |seen: &rapport_domain::Seen| {
            let user = view.directory.address(seen.address).user;
            user.is_some() && user == self.acting_user()
        };
        let is_told = |i: usize| !is_own_only || touches.participants_of(i).iter().any(is_mine);
        let is_meant = |i: &usize| {
            let in_state = match query.which {
                Which::Completed => is_completed(&touches, *i, as_of),
                Which::Upcoming => is_pending(&touches, *i, as_of),
            };
            in_state
                && is_told(*i)
                && query.kind.is_none_or(|kind| touches.kind[*i] == kind)
                && belongs(&scope, &touches, *i, &view.directory)
        };
        let mut meant: Vec<usize> = (0..touches.len()).filter(is_meant).collect();
        if query.which == Which::Completed {
            meant.reverse();
        }
        let total = meant.len();
        let start = query.after.map_or(0, |after| {
            meant.partition_point(|i| {
                let place = (touches.at_us[*i], touches.interaction[*i]);
                if query.which == Which::Completed { place >= after } else { place <= after }
            })
        });
        let page = &meant[start..total.min(start + query.limit)];
        let mut interactions: Vec<u64> = page.iter().map(|i| touches.interaction[*i]).collect();
        interactions.sort_unstable();
        let sightings = self.store().sightings_of(self.org(), &interactions).await?;
        let users =
            page.iter().flat_map(|i| touches.participants_of(*i)).filter_map(|seen| view.directory.address(seen.address).user);
        let users: std::collections::BTreeSet<rapport_domain::UserId> = users.collect();
        self.note_looks(&view, users, Shown::Timeline);
        let rows = page.iter().map(|i| {
            let touch = touches.row(*i);
            let from = sightings.partition_point(|(interaction, _, _)| *interaction < touch.interaction);
            let own = sightings[from..].iter().take_while(|(interaction, _, _)| *interaction == touch.interaction);
            let allowed: Vec<_> = own.filter(|(_, source, _)| view.visibility.allows(*source)).collect();
            let crm = allowed.iter().find(|(_, source, _)| *source == SOURCE_CRM).map(|(_, _, sighting)| sighting);
            let unsaid = if touch.kind == Kind::Meeting && touch.at_us > as_of.0 {
                ActivityState::Scheduled
            } else {
                ActivityState::Completed
            };
            TimelineRow {
                interaction: touch.interaction,
                at: Moment(touch.at_us),
                kind: touch.kind,
                direction: touch.direction,
                state: touch.state.unwrap_or(unsaid),
                subject: allowed.iter().map(|(_, _, sighting)| &sighting.subject).find(|subject| !subject.is_empty()).cloned(),
                duration_s: (touch.kind != Kind::Email).then_some(touch.duration_s),
                participants: touch.participants.iter().map(|seen| participant(&view, *seen)).collect(),
                regarding: view
                    .record_numbered(touch.regarding)
                    .filter(|record| reach.allows(record.record))
                    .map(|record| (record.reference.clone(), record.name().to_owned())),
                in_crm: crm.is_some(),
                in_mailbox: touch.seen & SEEN_MAILBOX != 0,
                activity: crm.map(|sighting| sighting.activity_id.clone()).filter(|id| !id.is_empty()),
            }
        });
        Ok(Timeline { rows: rows.collect(), total, has_more: start + page.len() < total, as_of, is_own_only })
    }

    /// The score as of the end of each of the last days, oldest first, and the moment of the last.
    pub async fn health_history(
        &self,
        table: Table,
        id: &str,
        days: u32,
        as_of: Option<Moment>,
    ) -> Result<(Moment, Vec<DailyScore>), AppError> {
        let view = self.view().await?;
        view.need_enhanced()?;
        view.need_relationship_analytics()?;
        let (_, scope) = find_scope(&view, &self.reach(&view), table, id)?;
        let as_of = view.told_as_of(as_of, self.now());
        let touches = self.store().runs_of(self.org(), &view.subjects(&scope), &view.visibility).await?;
        Ok((as_of, Folders::default().health.history(&view.context(as_of), &scope, &touches, days)))
    }
}

fn participant(view: &View, seen: rapport_domain::Seen) -> TimelineParticipant {
    let entry = view.directory.address(seen.address);
    let name = match entry.user {
        Some(user) => view.directory.user(user).name.clone(),
        None => view.directory.person_name(entry.person).to_owned(),
    };
    TimelineParticipant { role: seen.role, name, email: entry.email().map(str::to_owned), side: seen.side }
}
