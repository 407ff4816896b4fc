//! One turn of one mailbox: what is new in each of its streams, then a piece of its history, newest month first.

use std::time::Duration;

use rapport_connect::{
    SourceError,
    mailbox::{Ask, Page, Stream, StreamKind, Window},
    source::Session,
};
use rapport_domain::{Address, Moment, time::DAY_US};
use rapport_store::{
    ledger::{CapturedPage, PageOutcome},
    registry::{Lease, StreamRow},
};

use super::{EXPANDED_DAYS, MONTH_US, Sync, pages::Reading};
use crate::app::AppError;

/// How long somebody may read a mailbox without a sign of life; whoever crashes is replaced after this.
pub(super) const LEASE_US: i64 = 3 * 60 * 1_000_000;
/// Pages of a turn: others wait.
const TURN_PAGES: usize = 25;
/// Days before a stream was read last from which its history is read again when it has to begin anew.
const AGAIN_DAYS: i64 = 2;

/// How a turn ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// Everything that could be read now was read.
    Current,
    /// The same, but for a folder or calendar that cannot be opened.
    CurrentBut(SourceError),
    /// There is more history.
    More,
    /// There is more, once the server takes more requests.
    Paced(Duration),
    /// The mailbox may not be read, or somebody else reads it.
    Stopped,
}

/// Why a turn did not end well.
#[derive(Debug)]
pub(super) enum Fault {
    /// The mail system.
    Source(SourceError),
    /// Ourselves.
    Own(AppError),
}

impl Fault {
    /// Whether nothing failed: we kept to what a server takes.
    fn is_paced(&self) -> bool {
        matches!(self, Self::Source(error) if error.is_paced())
    }

    /// How long to wait, where the server, or our pace, says so.
    fn wait(&self) -> Option<Duration> {
        match self {
            Self::Source(error) => error.retry_after(),
            Self::Own(_) => None,
        }
    }
}

impl From<SourceError> for Fault {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Self {
        Self::Own(error)
    }
}

impl From<rapport_store::StoreError> for Fault {
    fn from(error: rapport_store::StoreError) -> Self {
        Self::Own(error.into())
    }
}

/// A stream of a mailbox, and how far it is read.
struct Place {
    stream: Stream,
    row: StreamRow,
    /// As it was kept last.
    kept: StreamRow,
}

impl Place {
    fn has_history(&self) -> bool {
        has_history(&self.row)
    }
}

/// A mailbox whose turn it is.
pub(super) struct Turn<'a> {
    pub(super) sync: &'a Sync,
    pub(super) lease: &'a Lease,
    pub(super) mailbox: &'a Address,
    pub(super) session: &'a mut Session,
    /// Since when history is read.
    pub(super) history_from: Moment,
    /// When the mailbox was read last, if it ever was.
    pub(super) succeeded_at: Option<Moment>,
}

impl Turn<'_> {
    /// Reads.
    pub(super) async fn take(&mut self) -> Result<Ended, Fault> {
        if !self.may_read().await? {
            return Ok(Ended::Stopped);
        }
        let streams = self.session.streams().await?;
        let app = &self.sync.app;
        let hidden = |stream: &Stream| app.organization().hidden_name(&stream.id);
        let named: Vec<(Vec<u8>, &str)> = streams.iter().map(|stream| (hidden(stream), word(stream.kind))).collect();
        if !app.store().keep_streams(app.org(), self.lease, &named, (self.history_from, app.now())).await? {
            return Ok(Ended::Stopped);
        }
        let mut rows = app.store().streams_of(app.org(), &self.lease.connector, self.lease.user).await?;
        let mut places = Vec::with_capacity(streams.len());
        for (stream, (name, _)) in streams.into_iter().zip(named) {
            if let Some(at) = rows.iter().position(|row| row.stream == name) {
                let row = rows.swap_remove(at);
                places.push(Place { stream, kept: row.clone(), row });
            }
        }
        self.read_all(places).await
    }

    /// Reads the streams. One that its server does not give keeps none of the others waiting; in the end it is told of.
    async fn read_all(&mut self, places: Vec<Place>) -> Result<Ended, Fault> {
        let (mut pages, mut closed, mut open, mut paced) = (0, None, Vec::new(), None);
        for mut place in places {
            match self.read_changes(&mut place, &mut pages).await {
                Ok(true) => open.push(place),
                Ok(false) => return Ok(Ended::Stopped),
                Err(fault) if fault.is_paced() => {
                    paced = fault.wait();
                    open.push(place);
                }
                Err(fault) => closed = Some(closed_stream(fault)?),
            }
        }
        while pages < TURN_PAGES && paced.is_none() {
            let with_history = (0..open.len()).filter(|i| open[*i].has_history());
            let Some(newest) = with_history.max_by_key(|i| (open[*i].row.history_until_us, *i)) else { break };
            pages += 1;
            match self.read_history(&mut open[newest]).await {
                Ok(true) => {}
                Ok(false) => return Ok(Ended::Stopped),
                Err(fault) if fault.is_paced() => paced = fault.wait(),
                Err(fault) => {
                    closed = Some(closed_stream(fault)?);
                    open.remove(newest);
                }
            }
        }
        for place in &mut open {
            let is_kept = place.row == place.kept || self.keep(place, &Page::default(), false).await?;
            if !is_kept {
                return Ok(Ended::Stopped);
            }
        }
        let is_current = open.iter().all(|place| place.row.is_listed && !place.has_history());
        match closed {
            _ if paced.is_some() => Ok(Ended::Paced(paced.unwrap_or_default())),
            Some(error) if is_current => Ok(Ended::CurrentBut(error)),
            _ if is_current => Ok(Ended::Current),
            _ => Ok(Ended::More),
        }
    }

    /// Whether the next request may be made. Asked before each.
    async fn may_read(&self) -> Result<bool, Fault> {
        let permits = self.sync.permits.now(&self.sync.app).await?;
        Ok(permits.may_capture(self.lease.user, self.sync.app.now()))
    }

    /// Reads what is new in a stream; whether reading may go on.
    async fn read_changes(&mut self, place: &mut Place, pages: &mut usize) -> Result<bool, Fault> {
        loop {
            if !self.may_read().await? {
                return Ok(false);
            }
            let now = self.sync.app.now();
            let window = Window { from: self.history_from, until: now.plus_us(EXPANDED_DAYS * DAY_US) };
            let (row, stream) = (&mut place.row, &place.stream);
            let is_beginning = row.cursor.is_none();
            let page = match &row.cursor {
                None => self.session.page(stream, &Ask::Begin(Window { until: window_end(stream, window, now), ..window })).await,
                Some(cursor) => self.session.page(stream, &Ask::Changes(cursor, window)).await,
            };
            let page = match page {
                Err(error) if error.is_expired() && !is_beginning => {
                    self.begin_anew(row, now);
                    continue;
                }
                page => page?,
            };
            // A look that finds nothing is no page: however many folders a mailbox has, its history has a turn too.
            *pages += usize::from(!page.items.is_empty() || !page.is_last);
            let before = row.clone();
            if is_beginning {
                row.generation += 1;
                // What arrives is told from now on. A stream that was found some time ago has history until here.
                row.history_until_us = row.history_until_us.max(now.0);
            }
            row.cursor = Some(page.cursor.clone());
            let ends_listing = page.is_last && !before.is_listed && stream.kind == StreamKind::Calendar;
            row.is_listed |= page.is_last;
            // Nothing new: nothing is written.
            if *row != before || !page.items.is_empty() {
                let is_kept = self.keep(place, &page, ends_listing).await?;
                if !is_kept {
                    return Ok(false);
                }
            }
            if page.is_last || *pages >= TURN_PAGES {
                return Ok(true);
            }
        }
    }

    /// The server forgot the cursor: what arrived since the stream was read last is read as history.
    fn begin_anew(&self, row: &mut StreamRow, now: Moment) {
        let since = self.succeeded_at.map_or(self.history_from, |at| at.plus_us(-AGAIN_DAYS * DAY_US));
        row.history_from_us = if has_history(row) { row.history_from_us } else { since.0.max(self.history_from.0) };
        row.history_until_us = now.0;
        (row.history_cursor, row.cursor, row.is_listed) = (None, None, false);
    }

    /// Reads a page of a stream's history; whether reading may go on.
    async fn read_history(&mut self, place: &mut Place) -> Result<bool, Fault> {
        if !self.may_read().await? {
            return Ok(false);
        }
        let row = &mut place.row;
        let until = Moment(row.history_until_us);
        let window = Window { from: Moment(row.history_from_us.max(until.plus_us(-MONTH_US).0)), until };
        let page = self.session.page(&place.stream, &Ask::History(window, row.history_cursor.as_deref())).await;
        let page = match page {
            Err(error) if error.is_expired() => {
                self.begin_anew(row, self.sync.app.now());
                Page { is_last: false, ..Page::default() }
            }
            page => {
                let page = page?;
                row.history_cursor = Some(page.cursor.clone());
                page
            }
        };
        if page.is_last {
            (row.history_until_us, row.history_cursor) = (window.from.0, None);
        }
        if page.items.is_empty() && place.has_history() {
            // A month without mail is written down with the next one that has some, or at the end of the turn.
            return Ok(true);
        }
        self.keep(place, &page, false).await
    }

    /// Keeps a page and where it ends; whether the mailbox is still ours to read.
    async fn keep(&self, place: &mut Place, page: &Page, ends_listing: bool) -> Result<bool, Fault> {
        let (app, sync) = (&self.sync.app, self.sync);
        loop {
            let permits = sync.permits.now(app).await?;
            let now = app.now();
            if !permits.may_capture(self.lease.user, now) {
                // What was read is dropped: it may not be kept any more.
                return Ok(false);
            }
            let reading = Reading {
                context: &permits.context(now),
                mailbox: self.mailbox,
                from: self.history_from,
                until: now.plus_us(EXPANDED_DAYS * DAY_US),
            };
            let judged = reading.judge(&page.items);
            let page = CapturedPage {
                lease: self.lease.clone(),
                lease_until: now.plus_us(LEASE_US),
                mailbox: self.mailbox.clone(),
                mails: judged.mails,
                appointments: if place.stream.kind == StreamKind::Calendar { judged.appointments } else { Vec::new() },
                stream: place.row.clone(),
                ends_listing,
                kept_from: self.history_from,
                now,
                counts: judged.counts,
            };
            match sync.keep_page(page, &permits).await? {
                PageOutcome::Kept(_) => {
                    place.kept.clone_from(&place.row);
                    return Ok(true);
                }
                PageOutcome::LeaseLost => return Ok(false),
                PageOutcome::Outdated => {}
            }
        }
    }
}

/// A fault of one stream alone; any other ends the turn.
fn closed_stream(fault: Fault) -> Result<SourceError, Fault> {
    match fault {
        Fault::Source(error) if error.is_mailbox() => Ok(error),
        fault => Err(fault),
    }
}

/// Mail begins now; a calendar is listed as far as recurrences are expanded.
fn window_end(stream: &Stream, window: Window, now: Moment) -> Moment {
    match stream.kind {
        StreamKind::Mail => now,
        StreamKind::Calendar => window.until,
    }
}

fn has_history(row: &StreamRow) -> bool {
    row.kind == word(StreamKind::Mail) && row.history_until_us > row.history_from_us
}

fn word(kind: StreamKind) -> &'static str {
    match kind {
        StreamKind::Mail => "mail",
        StreamKind::Calendar => "calendar",
    }
}
