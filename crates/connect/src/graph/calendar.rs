//! Calendars: what is in a window of them, and what changes in it.

use rapport_domain::{Moment, time::DAY_US};
use reqwest::Url;
use serde_json::Value;

use super::{
    cursor::{self, CalendarCursor, at},
    session::{GraphSession, Listed, is_removed, item, kept, text},
};
use crate::mailbox::{Content, Item, Page, SourceError, Stream, StreamKind, Window};

/// What is kept of an event. Changes of a calendar come with all that an event has: the rest is left out here.
const EVENT_FIELDS: [&str; 17] = [
    "id",
    "type",
    "seriesMasterId",
    "originalStart",
    "start",
    "end",
    "iCalUId",
    "uid",
    "subject",
    "organizer",
    "attendees",
    "sensitivity",
    "isAllDay",
    "isCancelled",
    "isDraft",
    "responseStatus",
    "@odata.type",
];
/// What an occurrence has of its series where it says nothing itself.
const OF_SERIES: [&str; 10] = [
    "iCalUId",
    "uid",
    "subject",
    "organizer",
    "attendees",
    "sensitivity",
    "isAllDay",
    "isCancelled",
    "isDraft",
    "responseStatus",
];
/// What is asked of a series that was not met: the fields above that Graph lets one choose.
const SERIES_SELECT: &str =
    "$select=id,type,iCalUId,subject,organizer,attendees,sensitivity,isAllDay,isCancelled,isDraft,responseStatus";
/// Events of one page: with their bodies, which cannot be left out, some 20 kilobytes each.
const PAGE_EVENTS: u32 = 100;
/// Pages of calendars: 10 of 100 each. Outlook shows far fewer.
const CALENDAR_PAGES_MAX: usize = 10;
/// How far the end of a window may lie beyond that of the cursor's: within this nobody's meetings are missed for long, and listing
/// everything anew for each day would be wasteful.
const WINDOW_SLACK_US: i64 = 30 * DAY_US;
/// Series that are remembered within a round; one more is asked for when it is needed.
const SERIES_MAX: usize = 2_000;

fn prefer() -> String {
    format!("IdType=\"ImmutableId\", outlook.timezone=\"UTC\", odata.maxpagesize={PAGE_EVENTS}")
}

impl GraphSession {
    /// The calendars that are the mailbox's own: whoever is shown a colleague's calendar does not meet whom they meet.
    pub(super) async fn calendars(&mut self) -> Result<Vec<Stream>, SourceError> {
        let url = self.url(&["calendars"], "$select=id,isDefaultCalendar,owner&$top=100")?;
        let calendars = self.list(url, "", CALENDAR_PAGES_MAX).await?;
        let owner = |calendar: &Value| text(calendar.get("owner")?, "address").map(str::to_lowercase);
        let is_default = |calendar: &&Value| calendar.get("isDefaultCalendar").and_then(Value::as_bool) == Some(true);
        let own = calendars.iter().find(is_default).and_then(owner);
        let is_own = |calendar: &&Value| own.is_none() || owner(calendar).is_none_or(|owner| Some(owner) == own);
        let ids = calendars.iter().filter(is_own).filter_map(|calendar| text(calendar, "id"));
        Ok(ids.map(|id| Stream { id: id.to_owned(), kind: StreamKind::Calendar }).collect())
    }

    /// Everything in a window.
    pub(super) async fn calendar_begin(&mut self, calendar: &str, window: Window) -> Result<Page, SourceError> {
        let query = format!("startDateTime={}&endDateTime={}", at(window.from), at(window.until));
        let url = self.url(&["calendars", calendar, "calendarView", "delta"], &query)?;
        self.series.clear();
        self.calendar_page(&url, window.until.0).await
    }

    /// What changed in the window of a cursor, or the next page of what is in it.
    pub(super) async fn calendar_changes(&mut self, cursor: &str, window: Window) -> Result<Page, SourceError> {
        let cursor: CalendarCursor = cursor::read(cursor)?;
        if window.until > Moment(cursor.until_us).plus_us(WINDOW_SLACK_US) {
            return Err(SourceError::expired("the window has moved on"));
        }
        if cursor.is_round {
            // What was met in an earlier round may have changed since.
            self.series.clear();
        }
        let url = self.graph.link(&cursor.link)?;
        self.calendar_page(&url, cursor.until_us).await
    }

    async fn calendar_page(&mut self, url: &Url, until_us: i64) -> Result<Page, SourceError> {
        let listed = Listed::read(self.get(url, &prefer()).await?)?;
        let (link, is_last) = listed.onward()?;
        let is_series = |event: &Value| text(event, "type") == Some("seriesMaster");
        for event in listed.items.iter().filter(|event| is_series(event)) {
            if let Some(id) = text(event, "id") {
                self.remember(id, event);
            }
        }
        let mut items = Vec::new();
        for event in listed.items.into_iter().filter(|event| !is_series(event)) {
            items.extend(self.event(event).await?);
        }
        Ok(Page { items, cursor: cursor::write(&CalendarCursor { link, until_us, is_round: is_last })?, is_last })
    }

    /// An event that says everything by itself.
    async fn event(&mut self, mut event: Value) -> Result<Option<Item>, SourceError> {
        if is_removed(&event) {
            return Ok(item(&event, Content::Gone));
        }
        let is_whole = event.get("organizer").is_some() && event.get("attendees").is_some();
        if let (false, Some(id)) = (is_whole, text(&event, "seriesMasterId").map(str::to_owned)) {
            match self.series_of(&id).await? {
                Some(series) => complete(&mut event, series),
                // It went while this page came.
                None => return Ok(item(&event, Content::Gone)),
            }
        }
        Ok(item(&event, Content::GraphEvent(kept(&event, &EVENT_FIELDS))))
    }

    fn remember(&mut self, id: &str, series: &Value) {
        if self.series.len() >= SERIES_MAX {
            self.series.clear();
        }
        let fields = OF_SERIES.iter().filter_map(|name| Some(((*name).to_owned(), series.get(*name)?.clone())));
        self.series.insert(id.to_owned(), Value::Object(fields.collect()));
    }

    /// What a series says, asked for where it was not met. `None` if it is there no more.
    async fn series_of(&mut self, id: &str) -> Result<Option<&Value>, SourceError> {
        if !self.series.contains_key(id) {
            let url = self.url(&["events", id], SERIES_SELECT)?;
            match self.get(&url, &prefer()).await {
                Ok(series) => self.remember(id, &series),
                Err(error) if error.is_expired() => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(self.series.get(id))
    }
}

/// Adds to an occurrence what its series says and it does not.
fn complete(event: &mut Value, series: &Value) {
    let (Some(event), Some(series)) = (event.as_object_mut(), series.as_object()) else { return };
    for (name, value) in series {
        event.entry(name).or_insert_with(|| value.clone());
    }
}
