//! The KPIs of one record (02 §3).

use std::{collections::BTreeMap, ops::Range};

use rapport_domain::{Calendar, Day, Direction, Kind, Moment, PersonId, Touches, UserId, time::HOUR_US};

use crate::{
    Context, Data, OurPart, Reason, RecordScope,
    conversations::Conversations,
    durations::Durations,
    our_part, response,
    rows::Rows,
    scope, series,
    top_three::{Participants, TopThrees},
    turns::Turns,
};

/// Ages that `activity_by_day` covers unless asked otherwise, in days.
pub const ACTIVITY_DAYS: u32 = 60;
/// Longest span of `activity_by_day` on request: ten years.
pub const ACTIVITY_DAYS_MAX: u32 = 3_653;

/// A span of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First moment.
    pub start: Moment,
    /// Last moment; what is after `as_of` never counts.
    pub end: Moment,
}

impl Window {
    /// From 1 January 00:00 of the year before `as_of`'s to `as_of` (02 §3).
    pub fn default_at(calendar: &Calendar, as_of: Moment) -> Self {
        Self { start: calendar.default_window_start(as_of), end: as_of }
    }

    /// Whether a moment in microseconds is inside.
    pub fn contains(&self, at_us: i64) -> bool {
        self.start.0 <= at_us && at_us <= self.end.0
    }
}

/// What to ask of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KpiQuery {
    /// The window; `None` = [`Window::default_at`].
    pub window: Option<Window>,
    /// Number of days of `activity_by_day`, at most [`ACTIVITY_DAYS_MAX`].
    pub activity_days: u32,
    /// Whether response times are told in full ([`ResponseDetail`]): pages do, passes over all records do not.
    pub in_full: bool,
}

impl Default for KpiQuery {
    fn default() -> Self {
        Self { window: None, activity_days: ACTIVITY_DAYS, in_full: false }
    }
}

impl KpiQuery {
    /// The window that is meant at the moment of a context; its end is never after that.
    pub(crate) fn window_at(&self, ctx: &Context<'_>) -> Window {
        let window = self.window.unwrap_or_else(|| Window::default_at(ctx.calendar, ctx.as_of));
        Window { end: window.end.min(ctx.as_of), ..window }
    }
}

/// Numbers of interactions by kind and side. Tasks have no series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SixSeries {
    /// Emails by us.
    pub emails_sent: u32,
    /// Emails by them.
    pub emails_received: u32,
    /// Meetings that we organized.
    pub meetings_sent: u32,
    /// Meetings that they organized.
    pub meetings_received: u32,
    /// Phone calls by us.
    pub phone_calls_made: u32,
    /// Phone calls by them.
    pub phone_calls_received: u32,
}

impl SixSeries {
    /// The numbers of some rows, counted without a branch.
    fn of(touches: &Touches, rows: &[u32]) -> Self {
        let mut counts = [[0_u32; 2]; Kind::ALL.len()];
        for row in rows {
            let i = *row as usize;
            counts[touches.kind[i] as usize][usize::from(touches.direction[i] == Direction::Incoming)] += 1;
        }
        let [emails_sent, emails_received] = counts[Kind::Email as usize];
        let [meetings_sent, meetings_received] = counts[Kind::Meeting as usize];
        let [phone_calls_made, phone_calls_received] = counts[Kind::PhoneCall as usize];
        Self { emails_sent, emails_received, meetings_sent, meetings_received, phone_calls_made, phone_calls_received }
    }

    /// Counts one interaction.
    pub fn add(&mut self, kind: Kind, direction: Direction) {
        match (kind, direction) {
            (Kind::Email, Direction::Outgoing) => self.emails_sent += 1,
            (Kind::Email, Direction::Incoming) => self.emails_received += 1,
            (Kind::Meeting, Direction::Outgoing) => self.meetings_sent += 1,
            (Kind::Meeting, Direction::Incoming) => self.meetings_received += 1,
            (Kind::PhoneCall, Direction::Outgoing) => self.phone_calls_made += 1,
            (Kind::PhoneCall, Direction::Incoming) => self.phone_calls_received += 1,
            (Kind::Task, _) => {}
        }
    }
}

/// The six series of one day or week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityRow {
    /// The local day, or the Monday of the week.
    pub day: Day,
    /// Its numbers.
    pub series: SixSeries,
}

/// How long one side takes to answer (02 §3): from the first message of the other side's turn to the reply that ends it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResponseTime {
    /// Mean in hours; `None` with `n` = 0.
    pub mean_h: Option<f64>,
    /// Median in hours, linear between closest ranks.
    pub p50_h: Option<f64>,
    /// 90th percentile in hours, linear between closest ranks.
    pub p90_h: Option<f64>,
    /// Answered turns.
    pub n: u32,
    /// Turns that nobody answered in the window.
    pub unanswered: u32,
}

/// What a page says of response times beside [`ResponseTime`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResponseDetail {
    /// Median in hours with the turns that wait, after Kaplan and Meier; `None` where more than half still wait at the longest answer.
    pub km_p50_h: Option<f64>,
    /// The same waits in our business hours.
    pub business: BusinessTime,
    /// What may be told where mails name no others.
    pub estimated: Option<ResponseEstimate>,
}

/// How long one side takes to answer, in hours of business.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BusinessTime {
    /// Mean; `None` where nothing was answered.
    pub mean_h: Option<f64>,
    /// Median, linear between closest ranks.
    pub p50_h: Option<f64>,
    /// 90th percentile, linear between closest ranks.
    pub p90_h: Option<f64>,
    /// Median with the turns that wait.
    pub km_p50_h: Option<f64>,
}

/// How long one side takes to answer, as far as moments and people tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResponseEstimate {
    /// Median in hours less what chance makes; `None` where chance makes nearly all.
    pub p50_h: Option<f64>,
    /// Mails of this side that came within 14 days after one of the other's.
    pub n: u32,
    /// Share of them that chance makes, 0..=1.
    pub chance_share: f64,
    /// Median in hours of what chance makes.
    pub placebo_p50_h: Option<f64>,
}

/// One interaction as last or next; whoever may see the activity adds its subject by the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Dense number of the interaction.
    pub interaction: u64,
    /// When; a meeting's start.
    pub at: Moment,
    /// Its kind.
    pub kind: Kind,
    /// Who began it.
    pub direction: Direction,
}

/// One entry of a top-three: `Id` is a person (most contacted) or a user (most contacted by).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contacted<Id> {
    /// Who; name and address are in the directory.
    pub who: Id,
    /// Interactions in the window, tasks included.
    pub interactions: u32,
    /// Of these, emails.
    pub emails: u32,
    /// Of these, meetings.
    pub meetings: u32,
    /// Of these, phone calls.
    pub phone_calls: u32,
    /// The last of them.
    pub last_at: Moment,
}

/// The KPIs of one record that are single figures: what lists keep. Us = outgoing, them = incoming. Everything sees the window only, but for
/// `last_interaction` and `next_interaction`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KpiFigures {
    /// The window that was used; its end is never after `as_of`.
    pub window: Window,
    /// Emails, meetings, phone calls per side.
    pub counts: SixSeries,
    /// Minutes that it cost us, at least 0.
    pub time_spent_by_us_min: f64,
    /// Minutes that it cost them, at least 0.
    pub time_spent_by_them_min: f64,
    /// Turns of theirs that we answered.
    pub replies_by_us: u32,
    /// Turns of ours that they answered.
    pub replies_by_them: u32,
    /// How long we take to answer.
    pub response_time_by_us: Option<ResponseTime>,
    /// How long they take to answer.
    pub response_time_by_them: Option<ResponseTime>,
    /// Share of their turns that we answered in time, 0..=1.
    pub response_rate_by_us: Option<f64>,
    /// Share of our turns that they answered in time, 0..=1.
    pub response_rate_by_them: Option<f64>,
    /// Emails sent / received.
    pub send_receive_ratio_by_us: Option<f64>,
    /// Emails received / sent.
    pub send_receive_ratio_by_them: Option<f64>,
    /// Emails sent / (sent + received), 0..=1.
    pub sent_share: Option<f64>,
    /// Distinct users on the record's interactions.
    pub colleagues: u32,
    /// Distinct external people on the record's interactions.
    pub people: u32,
    /// The latest completed activity, at any age; of equal moments the greatest identity.
    pub last_interaction: Option<Occurrence>,
    /// The earliest scheduled activity after `as_of`; of equal moments the smallest identity.
    pub next_interaction: Option<Occurrence>,
}

/// The KPIs of one record. Us = outgoing, them = incoming. Everything sees the window only, but for `last_interaction`,
/// `next_interaction` and `activity_by_day`.
#[derive(Clone, Debug, PartialEq)]
pub struct Kpis {
    /// The window that was used; its end is never after `as_of`.
    pub window: Window,
    /// Emails, meetings, phone calls per side.
    pub counts: SixSeries,
    /// Minutes that it cost us, at least 0.
    pub time_spent_by_us_min: f64,
    /// Minutes that it cost them, at least 0.
    pub time_spent_by_them_min: f64,
    /// Turns of theirs that we answered.
    pub replies_by_us: u32,
    /// Turns of ours that they answered.
    pub replies_by_them: u32,
    /// How long we take to answer.
    pub response_time_by_us: Option<ResponseTime>,
    /// How long they take to answer.
    pub response_time_by_them: Option<ResponseTime>,
    /// The same in full, where the query asks for it.
    pub response_detail_by_us: Option<ResponseDetail>,
    /// The same in full, where the query asks for it.
    pub response_detail_by_them: Option<ResponseDetail>,
    /// Share of their turns that we answered in time, 0..=1.
    pub response_rate_by_us: Option<f64>,
    /// Share of our turns that they answered in time, 0..=1.
    pub response_rate_by_them: Option<f64>,
    /// Emails sent / received.
    pub send_receive_ratio_by_us: Option<f64>,
    /// Emails received / sent.
    pub send_receive_ratio_by_them: Option<f64>,
    /// Emails sent / (sent + received), 0..=1.
    pub sent_share: Option<f64>,
    /// Distinct users on the record's interactions.
    pub colleagues: u32,
    /// Distinct external people on the record's interactions.
    pub people: u32,
    /// The latest completed activity, at any age; of equal moments the greatest identity.
    pub last_interaction: Option<Occurrence>,
    /// The earliest scheduled activity after `as_of`; of equal moments the smallest identity.
    pub next_interaction: Option<Occurrence>,
    /// Their people, top three by interactions, then the more recent, then by address.
    pub most_contacted: Vec<Contacted<PersonId>>,
    /// Our users, likewise, without those who opted out.
    pub most_contacted_by: Vec<Contacted<UserId>>,
    /// Why a figure is absent, by its JSON name.
    pub unavailable: BTreeMap<&'static str, Reason>,
    /// One row per local day, oldest first, zeros included; the last is `as_of`'s.
    pub activity_by_day: Vec<ActivityRow>,
    /// One row per week, oldest first, zeros included, from the window's start or first interaction to the window's end; empty without interactions.
    pub activity_by_week: Vec<ActivityRow>,
}

/// Folds records to KPIs, one after the other, with the same buffers.
#[derive(Clone, Debug, Default)]
pub struct KpiFolder {
    rows: Rows,
    conversations: Conversations,
    participants: Participants,
    top_threes: TopThrees,
    turns: Turns,
    durations: Durations,
}

impl KpiFolder {
    /// Empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The KPIs of one record. `touches` are sorted and hold at least all that belongs to the record; the rest is ignored.
    pub fn fold(&mut self, ctx: &Context<'_>, scope: &RecordScope, touches: &Touches, query: &KpiQuery) -> Kpis {
        let window = query.window_at(ctx);
        let mut rows = std::mem::take(&mut self.rows);
        rows.read(ctx, scope, touches);
        let figures = self.figures_of(ctx, touches, &rows, window);
        let inside = within(touches, &rows, window);
        let completed = &rows.completed;
        let (most_contacted, most_contacted_by) = self.top_threes.fold(ctx, touches, &completed[inside.clone()]);
        let activity_by_day = series::by_day(ctx, touches, completed, &rows.days, query.activity_days);
        let activity_by_week = series::by_week(ctx, touches, &completed[inside.clone()], &rows.days[inside], window);
        self.rows = rows;
        let mut kpis = Kpis { most_contacted, most_contacted_by, activity_by_day, activity_by_week, ..Kpis::of(&figures) };
        kpis.say_why(ctx.data);
        // What CRM data cannot tell (decision 16).
        if query.in_full && ctx.data != Data::Crm {
            let mails = self.conversations.mails();
            let turns = self.turns.all(mails, window);
            (kpis.response_detail_by_us, kpis.response_detail_by_them) = response::details(ctx, touches, mails, &turns, window);
        }
        kpis
    }

    /// The figures of one record alone: the same as [`Self::fold`] says, in a fraction of the time.
    pub fn figures(&mut self, ctx: &Context<'_>, scope: &RecordScope, touches: &Touches, query: &KpiQuery) -> KpiFigures {
        let mut rows = std::mem::take(&mut self.rows);
        rows.read(ctx, scope, touches);
        let figures = self.figures_of(ctx, touches, &rows, query.window_at(ctx));
        self.rows = rows;
        figures
    }

    /// The figures of a record whose rows were read.
    pub(crate) fn figures_of(&mut self, ctx: &Context<'_>, touches: &Touches, rows: &Rows, window: Window) -> KpiFigures {
        let completed = &rows.completed;
        let inside = &completed[within(touches, rows, window)];
        let counts = SixSeries::of(touches, inside);
        let within_us = i64::from(ctx.settings.response_within_h) * HOUR_US;
        let mails = self.conversations.join(ctx, touches, completed);
        let (by_us, by_them) = self.turns.fold(mails, window, within_us);
        let (colleagues, people) = self.participants.count(ctx, touches, inside);
        let spent = self.durations.spent(ctx, touches, inside, &counts);
        let (sent, received) = (counts.emails_sent, counts.emails_received);
        // What CRM data cannot tell (decision 16).
        let has_times = ctx.data != Data::Crm;
        KpiFigures {
            window,
            counts,
            time_spent_by_us_min: spent.by_us_min,
            time_spent_by_them_min: spent.by_them_min,
            replies_by_us: by_us.replies(),
            replies_by_them: by_them.replies(),
            response_time_by_us: by_us.response_time().filter(|_| has_times),
            response_time_by_them: by_them.response_time().filter(|_| has_times),
            response_rate_by_us: by_us.response_rate(within_us),
            response_rate_by_them: by_them.response_rate(within_us),
            send_receive_ratio_by_us: ratio(sent, received),
            send_receive_ratio_by_them: ratio(received, sent),
            sent_share: ratio(sent, sent + received),
            colleagues,
            people,
            last_interaction: last_of(ctx, touches, completed).map(|row| occurrence(touches, row)),
            next_interaction: rows.next.map(|row| occurrence(touches, row)),
        }
    }

    /// Who of us contributes to the figures about our side, in the same window.
    pub fn our_part(&mut self, ctx: &Context<'_>, scope: &RecordScope, touches: &Touches, query: &KpiQuery) -> OurPart {
        let window = query.window_at(ctx);
        self.rows.read(ctx, scope, touches);
        let inside = &self.rows.completed[within(touches, &self.rows, window)];
        let mails = self.conversations.join(ctx, touches, &self.rows.completed);
        our_part::read(ctx, touches, inside, mails, window)
    }
}

/// Which of the completed rows are in a window.
fn within(touches: &Touches, rows: &Rows, window: Window) -> Range<usize> {
    let before = |limit: Moment| rows.completed.partition_point(|row| touches.at_us[*row as usize] <= limit.0);
    let (start, end) = (before(window.start.plus_us(-1)), before(window.end));
    start..end.max(start)
}

impl Kpis {
    /// Figures without what pages show beside them.
    fn of(figures: &KpiFigures) -> Self {
        Self {
            window: figures.window,
            counts: figures.counts,
            time_spent_by_us_min: figures.time_spent_by_us_min,
            time_spent_by_them_min: figures.time_spent_by_them_min,
            replies_by_us: figures.replies_by_us,
            replies_by_them: figures.replies_by_them,
            response_time_by_us: figures.response_time_by_us,
            response_time_by_them: figures.response_time_by_them,
            response_detail_by_us: None,
            response_detail_by_them: None,
            response_rate_by_us: figures.response_rate_by_us,
            response_rate_by_them: figures.response_rate_by_them,
            send_receive_ratio_by_us: figures.send_receive_ratio_by_us,
            send_receive_ratio_by_them: figures.send_receive_ratio_by_them,
            sent_share: figures.sent_share,
            colleagues: figures.colleagues,
            people: figures.people,
            last_interaction: figures.last_interaction,
            next_interaction: figures.next_interaction,
            most_contacted: Vec::new(),
            most_contacted_by: Vec::new(),
            unavailable: BTreeMap::new(),
            activity_by_day: Vec::new(),
            activity_by_week: Vec::new(),
        }
    }

    /// Records why a figure is absent (decision 16).
    fn say_why(&mut self, data: Data) {
        let why_no_time = if data == Data::Crm { Reason::NoMailboxData } else { Reason::NotEnoughData };
        for (name, time) in
            [("response_time_by_us_h", self.response_time_by_us), ("response_time_by_them_h", self.response_time_by_them)]
        {
            if time.is_none() {
                self.unavailable.insert(name, why_no_time);
            }
        }
        for (name, figure) in [
            ("response_rate_by_us", self.response_rate_by_us),
            ("response_rate_by_them", self.response_rate_by_them),
            ("send_receive_ratio_by_us", self.send_receive_ratio_by_us),
            ("send_receive_ratio_by_them", self.send_receive_ratio_by_them),
            ("sent_share", self.sent_share),
        ] {
            if figure.is_none() {
                self.unavailable.insert(name, Reason::NotEnoughData);
            }
        }
    }
}

fn ratio(part: u32, of: u32) -> Option<f64> {
    (of > 0).then(|| f64::from(part) / f64::from(of))
}

fn occurrence(touches: &Touches, row: usize) -> Occurrence {
    Occurrence {
        interaction: touches.interaction[row],
        at: Moment(touches.at_us[row]),
        kind: touches.kind[row],
        direction: touches.direction[row],
    }
}

/// The latest completed row; of equal moments the greatest identity, as in time order.
fn last_of(ctx: &Context<'_>, touches: &Touches, completed: &[u32]) -> Option<usize> {
    let latest_us = touches.at_us[*completed.last()? as usize];
    let latest = completed.iter().rev().map(|row| *row as usize).take_while(|row| touches.at_us[*row] == latest_us);
    latest.max_by(|a, b| scope::identity_order(touches, ctx.directory, *a, *b))
}
