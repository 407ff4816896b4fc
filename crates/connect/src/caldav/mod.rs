//! Calendars by CalDAV (RFC 4791), and what changes in them by synchronization (RFC 6578).
//!
//! The client is our own: `libdav` 0.11 gives requests neither a time limit nor answers a size, and its HTTP client cannot be ours.
//!
//! A calendar is listed by path, a page at a time. The cursor holds the path that was told last, not what is still to be told, so that
//! it stays small however large the calendar is; the list itself lives in the session, and is asked for again by another one. Servers
//! that do not tell changes are listed anew, and their entity tags compared.

mod cursor;
mod multistatus;
mod prune;
mod reports;

use std::collections::BTreeMap;

use reqwest::{StatusCode, Url};

use self::{
    cursor::{Cursor, State},
    multistatus::{Entry, Multistatus},
    reports::{Change, Changes},
};
use crate::{
    Http, Login,
    exchange::{Exchange, Question, Scheme},
    mailbox::{Ask, Item, Owner, Page, SourceError, Stream, StreamKind, Window},
};

/// Appointments of a page: some 200 kilobytes of what we ask for.
const PAGE_ITEMS: usize = 100;
/// Calendars of one user at most: what is beyond is no person's.
const STREAMS_MAX: usize = 200;
/// Tags that a cursor holds at most, some 100 bytes each, where the server does not tell changes.
const TAGS_MAX: usize = 20_000;

/// What to ask of a collection to find calendars.
const FIND: &str = r#"<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><d:resourcetype/><d:sync-token/><d:current-user-principal/><c:calendar-home-set/><c:supported-calendar-component-set/></d:prop></d:propfind>"#;
const XML: &str = "application/xml; charset=utf-8";

/// Where calendars are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalDavSettings {
    /// Address of a user's principal or calendar home with `{address}`, `{local}` and `{domain}` in the place of the user's; or of the
    /// server alone, which then says where the calendars of the login are.
    pub url: String,
}

impl CalDavSettings {
    /// Whether the address depends on whose calendars are read. Only then may one login be used for several users.
    pub fn names_owner(&self) -> bool {
        ["{address}", "{local}"].iter().any(|place| self.url.contains(place))
    }

    /// The address for a user.
    fn url_for(&self, owner: &Owner) -> String {
        let (local, domain) = owner.address.rsplit_once('@').unwrap_or((&owner.address, ""));
        let url = self.url.replace("{address}", &in_path(&owner.address));
        url.replace("{local}", &in_path(local)).replace("{domain}", &in_path(domain))
    }
}

/// A text as one segment of a path, whatever is in it.
fn in_path(text: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' | b'+' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escaped).collect()
}

/// A CalDAV server.
#[derive(Clone, Debug)]
pub struct CalDav {
    http: Http,
    settings: CalDavSettings,
}

impl CalDav {
    /// A server; nothing is asked yet.
    pub fn new(http: Http, settings: CalDavSettings) -> Self {
        Self { http, settings }
    }

    /// Finds a user's calendars.
    pub async fn open(&self, owner: &Owner, login: &Login) -> Result<CalDavSession, SourceError> {
        let exchange = Exchange::new(&self.http, &self.settings.url_for(owner), login, Scheme::Basic)?;
        let home = home(&exchange, self.settings.names_owner()).await?;
        Ok(CalDavSession { exchange, home, listed: None })
    }
}

/// Where the calendars are: said by the address itself, by whoever we are there, or by whoever we are at the server's well-known
/// address (RFC 6764).
async fn home(exchange: &Exchange, names_owner: bool) -> Result<Url, SourceError> {
    let base = exchange.base().clone();
    let mut principal = None;
    if let Some((url, entry)) = described(exchange, &base).await? {
        match (entry.calendar_home, entry.principal) {
            (Some(home), _) => return exchange.resolve(&url, &home),
            // Another principal's calendars, which we may read: never lead to our own instead.
            (None, _) if names_owner || entry.is_calendar => return Ok(url),
            (None, found) => principal = found,
        }
    } else if names_owner {
        return Err(SourceError::mailbox(format!("there is nothing at `{}`", base.path())));
    }
    if principal.is_none() {
        let well_known = exchange.resolve(&base, "/.well-known/caldav")?;
        principal = described(exchange, &well_known).await?.and_then(|(_, entry)| entry.principal);
    }
    let principal = principal.ok_or_else(|| SourceError::mailbox("the server does not say who we are there"))?;
    let principal = exchange.resolve(&base, &principal)?;
    let described = described(exchange, &principal).await?.and_then(|(_, entry)| entry.calendar_home);
    let home = described.ok_or_else(|| SourceError::mailbox("the server does not say where the calendars are"))?;
    exchange.resolve(&base, &home)
}

/// What a resource says of itself, and where it was found; `None` where nothing is.
async fn described(exchange: &Exchange, url: &Url) -> Result<Option<(Url, Entry)>, SourceError> {
    let question = Question { method: "PROPFIND", depth: Some("0"), content_type: XML, body: FIND };
    let answer = exchange.ask_along(url, question).await?;
    match answer.status {
        StatusCode::MULTI_STATUS => {
            let entry = Multistatus::parse(answer.body()?, &answer.url)?.entries.into_iter().next();
            Ok(entry.map(|entry| (answer.url, entry)))
        }
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => Ok(None),
        status => Err(not_shown(url, status)),
    }
}

/// A collection that the server does not show to us.
fn not_shown(url: &Url, status: StatusCode) -> SourceError {
    let what = format!("the server answers with {status} for `{}`", url.path());
    match status {
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => SourceError::mailbox(what),
        _ => SourceError::unexpected(what),
    }
}

/// A user's calendars.
#[derive(Debug)]
pub struct CalDavSession {
    exchange: Exchange,
    home: Url,
    /// What was listed or has changed, while it is told page by page.
    listed: Option<Listed>,
}

#[derive(Debug)]
struct Listed {
    stream: String,
    /// Since what it changed; `None` for all that lies in the window.
    since: Option<String>,
    changes: Vec<Change>,
}

impl CalDavSession {
    /// The calendars that hold appointments.
    pub async fn streams(&mut self) -> Result<Vec<Stream>, SourceError> {
        let question = Question { method: "PROPFIND", depth: Some("1"), content_type: XML, body: FIND };
        let answer = self.exchange.ask_along(&self.home, question).await?;
        if answer.status != StatusCode::MULTI_STATUS {
            return Err(not_shown(&self.home, answer.status));
        }
        let entries = Multistatus::parse(answer.body()?, &answer.url)?.entries;
        let calendars = entries.into_iter().filter(Entry::holds_events);
        let mut streams: Vec<Stream> = calendars.map(|entry| Stream { id: entry.href, kind: StreamKind::Calendar }).collect();
        streams.sort();
        streams.dedup();
        streams.truncate(STREAMS_MAX);
        Ok(streams)
    }

    /// A part of a calendar.
    pub async fn page(&mut self, stream: &Stream, ask: &Ask<'_>) -> Result<Page, SourceError> {
        let url = self.exchange.resolve(self.exchange.base(), &stream.id)?;
        let cursor = match ask {
            Ask::Begin(window) => self.begin(&url, *window).await?,
            Ask::Changes(cursor, window) => Cursor::parse(cursor, *window)?,
            Ask::History(..) => return Err(SourceError::unexpected("a calendar's beginning is its history")),
        };
        match &cursor.state {
            State::Listing { token, after } => self.list(stream, &url, &cursor, token, after).await,
            State::Since { token } => self.begin_changes(stream, &url, &cursor, token).await,
            State::Changed { token, after, next } => self.go_on_with_changes(stream, &url, &cursor, [token, after, next]).await,
            State::Tags { tags } => self.compare(stream, &url, &cursor, tags).await,
        }
    }

    /// From where changes will be told, which has to be known before the calendar is listed.
    async fn begin(&mut self, url: &Url, window: Window) -> Result<Cursor, SourceError> {
        self.listed = None;
        let (_, entry) = described(&self.exchange, url).await?.ok_or_else(|| not_shown(url, StatusCode::NOT_FOUND))?;
        let state = match entry.sync_token {
            Some(token) => State::Listing { token, after: String::new() },
            None => State::Tags { tags: BTreeMap::new() },
        };
        Ok(Cursor::new(window, state))
    }

    /// A page of what lies in the window.
    async fn list(&mut self, stream: &Stream, url: &Url, cursor: &Cursor, token: &str, after: &str) -> Result<Page, SourceError> {
        if !self.has_listed(stream, None) {
            self.listed = Some(Listed::new(stream, None, reports::in_window(&self.exchange, url, cursor.window()).await?));
        }
        let (items, rest) = self.tell_after(url, after).await?;
        let is_last = rest.is_none();
        let state = match rest {
            Some(after) => State::Listing { token: token.to_owned(), after },
            None => State::Since { token: token.to_owned() },
        };
        page(items, &cursor.with(state), is_last)
    }

    /// What changed since a token, or the first page of it.
    async fn begin_changes(&mut self, stream: &Stream, url: &Url, cursor: &Cursor, token: &str) -> Result<Page, SourceError> {
        let Changes { told: changes, token: next, has_more } = reports::since(&self.exchange, url, token).await?;
        if changes.len() > PAGE_ITEMS {
            self.listed = Some(Listed::new(stream, Some(token), changes));
            return self.go_on_with_changes(stream, url, cursor, [token, "", &next]).await;
        }
        let items = reports::told(&self.exchange, url, &changes).await?;
        page(items, &cursor.with(State::Since { token: next }), !has_more)
    }

    /// A further page of what changed since a token, where the server told more at once than fits a page.
    ///
    /// Another session asks again and may be told of later changes too; these come once more with `next`, so that none is lost
    /// among those that were told.
    async fn go_on_with_changes(
        &mut self,
        stream: &Stream,
        url: &Url,
        cursor: &Cursor,
        [token, after, next]: [&str; 3],
    ) -> Result<Page, SourceError> {
        if !self.has_listed(stream, Some(token)) {
            self.listed = Some(Listed::new(stream, Some(token), reports::since(&self.exchange, url, token).await?.told));
        }
        let (items, rest) = self.tell_after(url, after).await?;
        let state = match rest {
            Some(after) => State::Changed { token: token.to_owned(), after, next: next.to_owned() },
            None => State::Since { token: next.to_owned() },
        };
        page(items, &cursor.with(state), false)
    }

    /// A page of what has another tag than when it was told.
    async fn compare(
        &mut self,
        stream: &Stream,
        url: &Url,
        cursor: &Cursor,
        tags: &BTreeMap<String, String>,
    ) -> Result<Page, SourceError> {
        if !self.has_listed(stream, None) {
            self.listed = Some(Listed::new(stream, None, reports::in_window(&self.exchange, url, cursor.window()).await?));
        }
        let listed = self.listed.as_ref().map_or(&[][..], |listed| &listed.changes);
        if listed.len() > TAGS_MAX {
            let what = format!("the server tells no changes, and `{}` has more than {TAGS_MAX} appointments", url.path());
            return Err(SourceError::mailbox(what));
        }
        let is_new = |change: &&Change| tags.get(&change.href) != Some(&change.tag);
        let is_listed = |href: &str| listed.binary_search_by(|change| change.href.as_str().cmp(href)).is_ok();
        let gone = tags.keys().filter(|href| !is_listed(href)).map(|href| Change::gone(href));
        let mut changes: Vec<Change> = listed.iter().filter(is_new).cloned().chain(gone).take(PAGE_ITEMS + 1).collect();
        let is_last = changes.len() <= PAGE_ITEMS;
        changes.truncate(PAGE_ITEMS);
        let items = reports::told(&self.exchange, url, &changes).await?;
        let mut tags = tags.clone();
        for change in changes {
            if change.is_gone {
                tags.remove(&change.href);
            } else {
                tags.insert(change.href, change.tag);
            }
        }
        if is_last {
            self.listed = None;
        }
        page(items, &cursor.with(State::Tags { tags }), is_last)
    }

    fn has_listed(&self, stream: &Stream, since: Option<&str>) -> bool {
        self.listed.as_ref().is_some_and(|listed| listed.stream == stream.id && listed.since.as_deref() == since)
    }

    /// The next page of what was listed, and after what to go on if there is more.
    async fn tell_after(&mut self, url: &Url, after: &str) -> Result<(Vec<Item>, Option<String>), SourceError> {
        let listed = self.listed.as_ref().map_or(&[][..], |listed| &listed.changes);
        let rest = &listed[listed.partition_point(|change| change.href.as_str() <= after)..];
        let now = &rest[..rest.len().min(PAGE_ITEMS)];
        let items = reports::told(&self.exchange, url, now).await?;
        let next = (rest.len() > now.len()).then(|| now.last().map(|change| change.href.clone())).flatten();
        if next.is_none() {
            self.listed = None;
        }
        Ok((items, next))
    }
}

impl Listed {
    fn new(stream: &Stream, since: Option<&str>, changes: Vec<Change>) -> Self {
        Self { stream: stream.id.clone(), since: since.map(str::to_owned), changes }
    }
}

fn page(items: Vec<Item>, cursor: &Cursor, is_last: bool) -> Result<Page, SourceError> {
    Ok(Page { items, cursor: cursor.to_text()?, is_last })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_fills_one_segment_of_a_path() {
        let settings = |url: &str| CalDavSettings { url: url.to_owned() };
        let url = |url: &str, address: &str| settings(url).url_for(&Owner { address: address.to_owned() });
        assert_eq!(url("https://c.example/{address}/", "ann@us.example"), "https://c.example/ann@us.example/");
        assert_eq!(
            url("https://c.example/{domain}/{local}/", "../a?b#c@us.example"),
            "https://c.example/us.example/..%2Fa%3Fb%23c/"
        );
        assert!(settings("https://c.example/{local}").names_owner());
        assert!(!settings("https://c.example/{domain}").names_owner() && !settings("https://c.example/").names_owner());
    }
}
