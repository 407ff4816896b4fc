//! Calendars: what is in a window of them, and what changes in it.
//!
//! Exchange tells changes of single meetings and of series, and a view lists the meetings that a series makes. So a calendar is passed over
//! by ids first, up to a state from which on changes are told; then it is listed by views of some weeks; then single meetings are told as
//! they change. A series is many meetings, and what is told of it does not say which: the calendar is listed anew for it, though not at
//! once, since each reminder that somebody dismisses changes a series too.

use std::collections::BTreeSet;

use rapport_domain::{
    Moment,
    time::{DAY_US, HOUR_US},
};
use serde_json::json;

use super::{
    EwsSession,
    cursor::{self, CalendarCursor, Step},
    event::{event, event_shape, is_series},
    items::{Happened, Said, Told, shape},
    mail::found,
    soap,
};
use crate::mailbox::{Content, Item, Page, SourceError, Window};

/// Changes of one page.
const PAGE_CHANGES: u32 = 100;
/// Ids of what is passed over, the most that Exchange tells at a time.
const PASSED_AT_ONCE: u32 = 512;
/// Meetings of a view at most, unless it is of a single day.
const VIEW_EVENTS: u32 = 250;
/// Meetings that Exchange lists in one view at most.
const VIEW_EVENTS_MAX: u32 = 1_000;
/// Days of a view at most; fewer where they hold more than fits.
const VIEW_DAYS: u16 = 60;
/// How far the end of a window may lie beyond that of the cursor's: within this nobody's meetings are missed for long, and listing
/// everything anew for each day would be wasteful.
const WINDOW_SLACK_US: i64 = 30 * DAY_US;
/// How long after a calendar was listed it is listed anew because a series changed. The end of its window moves on with the clock.
const STALE_AFTER_US: i64 = 2 * HOUR_US;
/// Series that a cursor remembers, 17 bytes each. With more, whatever goes may have been one.
const SERIES_MAX: usize = 5_000;
const TYPE: &str = "calendar:CalendarItemType";
const START: &str = "calendar:Start";

impl EwsSession {
    /// Everything in a window.
    pub(super) async fn calendar_begin(&mut self, calendar: &str, window: Window) -> Result<Page, SourceError> {
        let cursor = CalendarCursor {
            state: String::new(),
            from_us: window.from.0,
            until_us: window.until.0,
            step: Step::Passing,
            series: BTreeSet::new(),
            is_stale: false,
        };
        self.pass(calendar, cursor).await
    }

    /// What changed in the window of a cursor, or the next page of what is in it.
    pub(super) async fn calendar_changes(&mut self, calendar: &str, cursor: &str, window: Window) -> Result<Page, SourceError> {
        let cursor: CalendarCursor = cursor::read(cursor)?;
        if window.until > Moment(cursor.until_us).plus_us(WINDOW_SLACK_US) {
            return Err(SourceError::expired("the window has moved on"));
        }
        match cursor.step {
            Step::Passing => self.pass(calendar, cursor).await,
            Step::Listing { at_us, days } => self.list(calendar, cursor, Moment(at_us), days).await,
            Step::Changes => self.change(calendar, cursor, window).await,
        }
    }

    /// A step towards the state from which on changes are told.
    async fn pass(&mut self, calendar: &str, mut cursor: CalendarCursor) -> Result<Page, SourceError> {
        let changes = self.changes(calendar, &cursor.state, &[TYPE], PASSED_AT_ONCE).await?;
        for (_, told) in &changes.told {
            cursor.note(told);
        }
        cursor.state = changes.state;
        if changes.is_last {
            cursor.step = Step::Listing { at_us: cursor.from_us, days: VIEW_DAYS };
        }
        page(Vec::new(), &cursor, false)
    }

    /// The meetings of some days; fewer days if they hold too many.
    async fn list(&mut self, calendar: &str, mut cursor: CalendarCursor, at: Moment, mut days: u16) -> Result<Page, SourceError> {
        let is_first = at.0 == cursor.from_us;
        let (told, until) = loop {
            let until = at.plus_us(i64::from(days) * DAY_US).min(Moment(cursor.until_us));
            let most = if days == 1 { VIEW_EVENTS_MAX } else { VIEW_EVENTS };
            let (told, is_whole) = self.ask(&view(calendar, at, until, most), found).await?;
            // A view that is full is not trusted to say so itself.
            if is_whole && told.len() < most as usize || days == 1 {
                break (told, until);
            }
            days /= 2;
        };
        // What began earlier was told with the days before.
        let begins_here = |told: &Told| is_first || told.at.is_none_or(|start| start >= at);
        let ids: Vec<String> = told.into_iter().filter(begins_here).map(|told| told.id).collect();
        let items = self.events(&ids).await?.0;
        let is_last = until.0 >= cursor.until_us;
        let days = days.saturating_mul(2).min(VIEW_DAYS);
        cursor.step = if is_last { Step::Changes } else { Step::Listing { at_us: until.0, days } };
        page(items, &cursor, is_last)
    }

    /// What changed.
    async fn change(&mut self, calendar: &str, mut cursor: CalendarCursor, window: Window) -> Result<Page, SourceError> {
        let changes = self.changes(calendar, &cursor.state, &[TYPE], PAGE_CHANGES).await?;
        let (mut items, mut ids) = (Vec::new(), Vec::new());
        for (happened, told) in changes.told {
            let was_series = cursor.knows(&told.id);
            cursor.is_stale |= was_series || told.is_series;
            cursor.note(&told);
            if told.is_series || happened != Happened::Went {
                ids.extend((!told.is_series).then_some(told.id));
            } else if !was_series {
                items.push(Item { id: told.id, content: Content::Gone });
            }
        }
        let (events, has_series) = self.events(&ids).await?;
        items.extend(events);
        cursor.is_stale |= has_series;
        if cursor.is_stale && window.until.0 >= cursor.until_us.saturating_add(STALE_AFTER_US) {
            return Err(SourceError::expired("a series changed"));
        }
        cursor.state = changes.state;
        page(items, &cursor, changes.is_last)
    }

    /// Meetings, and whether there were series among them.
    async fn events(&self, ids: &[String]) -> Result<(Vec<Item>, bool), SourceError> {
        let (mut items, mut has_series) = (Vec::with_capacity(ids.len()), false);
        for said in self.items(ids, &event_shape(), event).await? {
            let value = match said {
                Said::Item(value) if is_series(&value) => {
                    has_series = true;
                    continue;
                }
                Said::Item(value) => value,
                Said::Damaged(id) => json!({"id": id}),
            };
            let Some(id) = value["id"].as_str().map(str::to_owned) else { continue };
            items.push(Item { id, content: Content::GraphEvent(value.to_string().into_bytes()) });
        }
        Ok((items, has_series))
    }
}

impl CalendarCursor {
    /// Remembers what is a series.
    fn note(&mut self, told: &Told) {
        if told.is_series && self.series.len() <= SERIES_MAX {
            self.series.insert(short(&told.id));
        }
    }

    /// Whether something was a series, as far as is known.
    fn knows(&self, id: &str) -> bool {
        self.series.len() > SERIES_MAX || self.series.contains(&short(id))
    }
}

/// A short hash of an id (FNV-1a). Two ids with the same one cost no more than a listing.
fn short(id: &str) -> String {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// What asks for the meetings between two moments, series as what they make.
fn view(calendar: &str, from: Moment, until: Moment, most: u32) -> String {
    format!(
        "<m:FindItem Traversal=\"Shallow\">{}<m:CalendarView MaxEntriesReturned=\"{most}\" StartDate=\"{}\" EndDate=\"{}\"/>\
         <m:ParentFolderIds><t:FolderId Id=\"{}\"/></m:ParentFolderIds></m:FindItem>",
        shape(&[START], &[]),
        from.to_rfc3339(),
        until.to_rfc3339(),
        soap::escaped(calendar),
    )
}

fn page(items: Vec<Item>, cursor: &CalendarCursor, is_last: bool) -> Result<Page, SourceError> {
    Ok(Page { items, cursor: cursor::write(cursor)?, is_last })
}
