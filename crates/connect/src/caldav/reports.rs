//! What a calendar is asked: what lies in a window, what changed, and the appointments themselves.

use std::fmt::Write as _;

use rapport_domain::Moment;
use reqwest::{StatusCode, Url};

use super::{
    XML,
    multistatus::{Entry, Multistatus, says_token_is_invalid},
    not_shown,
    prune::{OF_EVENT, prune},
};
use crate::{
    exchange::{Answer, Exchange, Question},
    mailbox::{Content, Item, SourceError, Window},
};

/// Changes that a server is asked to tell at once at most; it may tell more.
const CHANGES_WANTED: usize = super::PAGE_ITEMS;

/// An appointment that is there, has changed, or is gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    /// Its path.
    pub(super) href: String,
    /// Its entity tag.
    pub(super) tag: String,
    pub(super) is_gone: bool,
}

/// What changed since a token.
#[derive(Debug)]
pub(super) struct Changes {
    pub(super) told: Vec<Change>,
    /// From where to go on.
    pub(super) token: String,
    /// Whether there is more already.
    pub(super) has_more: bool,
}

impl Change {
    pub(super) fn gone(href: &str) -> Self {
        Self { href: href.to_owned(), tag: String::new(), is_gone: true }
    }

    fn of(entry: Entry) -> Self {
        Self { href: entry.href, tag: entry.etag.unwrap_or_default(), is_gone: entry.status == Some(404) }
    }
}

async fn report(exchange: &Exchange, url: &Url, depth: &'static str, body: &str) -> Result<Answer, SourceError> {
    exchange.ask(url, Question { method: "REPORT", depth: Some(depth), content_type: XML, body }).await
}

fn entries_of(answer: &Answer) -> Result<Vec<Entry>, SourceError> {
    if answer.status != StatusCode::MULTI_STATUS {
        return Err(not_shown(&answer.url, answer.status));
    }
    Ok(Multistatus::parse(answer.body()?, &answer.url)?.entries)
}

/// By path, each once; the calendar itself and what lies below it is none.
fn sorted(entries: Vec<Entry>) -> Vec<Change> {
    let mut changes: Vec<Change> = entries.into_iter().filter(|entry| !entry.href.ends_with('/')).map(Change::of).collect();
    changes.sort();
    changes.dedup_by(|a, b| a.href == b.href);
    changes
}

/// What has an occurrence in a window.
pub(super) async fn in_window(exchange: &Exchange, url: &Url, window: Window) -> Result<Vec<Change>, SourceError> {
    let (start, end) = (utc(window.from), utc(window.until));
    let body = format!(
        r#"<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><d:getetag/></d:prop><c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT"><c:time-range start="{start}" end="{end}"/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"#
    );
    Ok(sorted(entries_of(&report(exchange, url, "1", &body).await?)?))
}

/// A moment as iCalendar writes it: `20260301T093000Z`.
fn utc(moment: Moment) -> String {
    let text = moment.to_rfc3339();
    let seconds = text.split(['.', 'Z']).next().unwrap_or_default();
    format!("{}Z", seconds.replace(['-', ':'], ""))
}

/// What changed since a token.
pub(super) async fn since(exchange: &Exchange, url: &Url, token: &str) -> Result<Changes, SourceError> {
    let limit = format!("<d:limit><d:nresults>{CHANGES_WANTED}</d:nresults></d:limit>");
    let mut answer = sync(exchange, url, token, &limit).await?;
    if matches!(answer.status, StatusCode::INSUFFICIENT_STORAGE | StatusCode::BAD_REQUEST) {
        // Cannot tell so few, or does not know limits.
        answer = sync(exchange, url, token, "").await?;
    }
    let Multistatus { entries, sync_token } = match answer.status {
        StatusCode::MULTI_STATUS => Multistatus::parse(answer.body()?, &answer.url)?,
        status => return Err(not_shown(url, status)),
    };
    let next = sync_token.ok_or_else(|| SourceError::unexpected("the server says not from where changes are told next"))?;
    let has_more = entries.iter().any(|entry| entry.status == Some(507)) && next != token;
    Ok(Changes { told: sorted(entries), token: next, has_more })
}

async fn sync(exchange: &Exchange, url: &Url, token: &str, limit: &str) -> Result<Answer, SourceError> {
    let token = escaped(token);
    let body = format!(
        r#"<d:sync-collection xmlns:d="DAV:"><d:sync-token>{token}</d:sync-token><d:sync-level>1</d:sync-level>{limit}<d:prop><d:getetag/></d:prop></d:sync-collection>"#
    );
    let answer = report(exchange, url, "0", &body).await?;
    let is_refused = answer.status.is_client_error() || answer.status == StatusCode::INSUFFICIENT_STORAGE;
    if answer.status == StatusCode::GONE || is_refused && says_token_is_invalid(answer.body()?) {
        return Err(SourceError::expired("the server does not know from where changes are to be told"));
    }
    Ok(answer)
}

/// What is to be said of changes: the appointments as they are now.
pub(super) async fn told(exchange: &Exchange, url: &Url, changes: &[Change]) -> Result<Vec<Item>, SourceError> {
    let gone = changes.iter().filter(|change| change.is_gone);
    let mut items: Vec<Item> = gone.map(|change| Item { id: change.href.clone(), content: Content::Gone }).collect();
    let there: Vec<&str> = changes.iter().filter(|change| !change.is_gone).map(|change| change.href.as_str()).collect();
    let mut batches = vec![&there[..]];
    while let Some(batch) = batches.pop() {
        if batch.is_empty() {
            continue;
        }
        let answer = report(exchange, url, "1", &multiget(batch)).await?;
        if !answer.is_cut {
            items.extend(entries_of(&answer)?.into_iter().filter_map(item));
        } else if batch.len() > 1 {
            // A server that sends attachments along although nobody asked: fewer at once. One that is too large alone is left out.
            let (first, second) = batch.split_at(batch.len() / 2);
            batches.extend([second, first]);
        }
    }
    Ok(items)
}

fn item(entry: Entry) -> Option<Item> {
    if entry.status == Some(404) {
        return Some(Item { id: entry.href, content: Content::Gone });
    }
    Some(Item { content: Content::Calendar(prune(&entry.calendar_data?)?), id: entry.href })
}

/// Asks for appointments without what somebody wrote beyond their titles.
fn multiget(hrefs: &[&str]) -> String {
    let properties: String = OF_EVENT.iter().fold(String::new(), |mut all, name| {
        _ = write!(all, r#"<c:prop name="{name}"/>"#);
        all
    });
    let hrefs: String = hrefs.iter().fold(String::new(), |mut all, href| {
        _ = write!(all, "<d:href>{}</d:href>", escaped(href));
        all
    });
    format!(
        r#"<c:calendar-multiget xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><c:calendar-data><c:comp name="VCALENDAR"><c:prop name="VERSION"/><c:prop name="CALSCALE"/><c:prop name="METHOD"/><c:comp name="VEVENT">{properties}</c:comp><c:comp name="VTIMEZONE"><c:allprop/><c:allcomp/></c:comp></c:comp></c:calendar-data></d:prop>{hrefs}</c:calendar-multiget>"#
    )
}

/// A text in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_in_calendars() {
        for (moment, expected) in [("2026-03-01T09:30:00Z", "20260301T093000Z"), ("2026-03-01T09:30:00.5Z", "20260301T093000Z")] {
            assert_eq!(utc(Moment::parse(moment).unwrap()), expected);
        }
    }

    #[test]
    fn paths_are_texts_in_what_is_asked() {
        assert!(multiget(&["/a&b/<c>.ics"]).contains("<d:href>/a&amp;b/&lt;c&gt;.ics</d:href>"));
    }

    #[test]
    fn an_entry_is_an_appointment_or_gone() {
        let entry = |status, data: Option<&str>| Entry {
            href: "/a".to_owned(),
            status,
            calendar_data: data.map(str::to_owned),
            ..Entry::default()
        };
        assert_eq!(item(entry(Some(404), None)).unwrap().content, Content::Gone);
        assert_eq!(item(entry(Some(403), None)), None);
        let event = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(item(entry(None, Some(event))).unwrap().content, Content::Calendar(event.into()));
        assert_eq!(item(entry(None, Some("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"))), None);
    }
}
