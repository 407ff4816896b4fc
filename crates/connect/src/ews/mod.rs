//! Exchange Web Services: mailboxes and calendars of an Exchange server of one's own (2013 to Subscription Edition).
//!
//! Nothing is asked for that is not kept: every request names the properties that it wants, and neither a body, nor an attachment, nor a
//! message as it was sent is among them. A message and an event are handed on in the form of Microsoft Graph, which keeps the same of them:
//! what both mean is then said in one place.
//!
//! Requests go one after the other. Facts of Microsoft's documentation that this rests on: changes are told per folder, 512 at most, and
//! a message that is moved comes as new where it arrives, with another id; a search and a list of changes give neither recipients nor
//! header fields, which have to be asked for by id; a view of a calendar spans two years and 1,000 meetings at most.

mod calendar;
mod codes;
mod cursor;
mod event;
mod folders;
mod items;
mod mail;
mod message;
mod soap;
mod wire;

use roxmltree::Node;

use self::{folders::Folders, wire::Wire};
use crate::{
    Http, Login,
    mailbox::{Ask, Owner, Page, SourceError, Stream, StreamKind, Window},
};

/// An Exchange server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EwsSettings {
    /// The address of its web services, e.g. `https://mail.us.example/EWS/Exchange.asmx`.
    pub url: String,
    /// Whether the login is an account that acts for users (the role ApplicationImpersonation), rather than a user's own.
    pub is_service: bool,
    /// The header fields that are read of a message.
    pub header_fields: &'static [&'static str],
}

/// A mailbox that is being read.
pub struct EwsSession {
    wire: Wire,
    owner: Owner,
    is_service: bool,
    header_fields: &'static [&'static str],
    /// All folders, as they were told last.
    folders: Folders,
}

impl EwsSession {
    /// A mailbox. Nothing is asked yet.
    pub fn new(http: Http, settings: &EwsSettings, owner: &Owner, login: &Login) -> Result<Self, SourceError> {
        let wire = Wire::new(http, &settings.url, login)?;
        let (is_service, header_fields) = (settings.is_service, settings.header_fields);
        Ok(Self { wire, owner: owner.clone(), is_service, header_fields, folders: Folders::default() })
    }

    /// Folders of mail and the mailbox's own calendars, ascending. Drafts, the outbox, junk, what was deleted, chats and searches are none.
    pub async fn streams(&mut self) -> Result<Vec<Stream>, SourceError> {
        self.read_folders().await?;
        Ok(self.folders.streams())
    }

    /// A part of a stream.
    pub async fn page(&mut self, stream: &Stream, ask: &Ask<'_>) -> Result<Page, SourceError> {
        match (stream.kind, ask) {
            (StreamKind::Mail, Ask::Begin(Window { from, until })) => self.mail_begin(&stream.id, *from, *until).await,
            (StreamKind::Mail, Ask::Changes(cursor, window)) => self.mail_changes(&stream.id, cursor, window.from).await,
            (StreamKind::Mail, Ask::History(window, cursor)) => self.mail_history(&stream.id, *window, *cursor).await,
            (StreamKind::Calendar, Ask::Begin(window)) => self.calendar_begin(&stream.id, *window).await,
            (StreamKind::Calendar, Ask::Changes(cursor, window)) => self.calendar_changes(&stream.id, cursor, *window).await,
            (StreamKind::Calendar, Ask::History(..)) => Ok(Page { is_last: true, ..Page::default() }),
        }
    }

    /// Asks, and reads what is answered.
    async fn ask<T>(&self, question: &str, read: impl FnOnce(Node<'_, '_>) -> Result<T, SourceError>) -> Result<T, SourceError> {
        let address = self.owner.address.as_str();
        let envelope = soap::envelope(self.is_service.then_some(address), question);
        let answer = self.wire.ask(address, envelope).await?;
        soap::read(&answer, read)
    }
}
