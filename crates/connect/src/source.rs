//! The mail systems that mailboxes are captured from, behind one door.

use std::time::Duration;

use crate::{
    Http, Login, SourceError,
    caldav::{CalDav, CalDavSession, CalDavSettings},
    ews::{EwsSession, EwsSettings},
    graph::{Graph, GraphSession, TraceSession},
    imap::{ImapLogin, ImapSession, ImapSettings},
    jmap::{Jmap, JmapSession, JmapSettings},
    mailbox::{Ask, Owner, Page, Stream},
    oauth::OAuth,
};

/// What is needed to open one mailbox.
#[derive(Clone)]
pub enum Door {
    /// By IMAP.
    Imap(ImapSettings, ImapLogin),
    /// By IMAP, as a user whose mailbox the tokens of a service open.
    ImapByToken(ImapSettings, OAuth, String),
    /// Through Microsoft Graph.
    Graph(Graph, Owner),
    /// Through the message traces of Microsoft Graph.
    Traces(Graph, Owner),
    /// By CalDAV.
    CalDav(Http, CalDavSettings, Owner, Login),
    /// By JMAP.
    Jmap(Http, JmapSettings, Owner, Login),
    /// By Exchange Web Services.
    Ews(Http, EwsSettings, Owner, Login),
}

/// A mailbox that is open.
pub enum Session {
    /// By IMAP.
    Imap(Box<ImapSession>),
    /// Through Microsoft Graph.
    Graph(Box<GraphSession>),
    /// Through the message traces of Microsoft Graph.
    Traces(Box<TraceSession>),
    /// By CalDAV.
    CalDav(Box<CalDavSession>),
    /// By JMAP.
    Jmap(Box<JmapSession>),
    /// By Exchange Web Services.
    Ews(Box<EwsSession>),
}

impl Door {
    /// Opens the mailbox.
    pub async fn open(&self) -> Result<Session, SourceError> {
        match self {
            Self::Imap(settings, login) => Ok(Session::Imap(Box::new(ImapSession::open(settings, login).await?))),
            Self::ImapByToken(settings, oauth, user) => {
                Ok(Session::Imap(Box::new(ImapSession::open_by_token(settings, oauth, user).await?)))
            }
            Self::Graph(graph, owner) => Ok(Session::Graph(Box::new(graph.open(owner)))),
            Self::Traces(graph, owner) => Ok(Session::Traces(Box::new(graph.open_traces(owner)))),
            Self::CalDav(http, settings, owner, login) => {
                let calendars = CalDav::new(http.clone(), settings.clone());
                Ok(Session::CalDav(Box::new(calendars.open(owner, login).await?)))
            }
            Self::Jmap(http, settings, owner, login) => {
                Ok(Session::Jmap(Box::new(Jmap::new(http.clone(), settings.clone()).open(owner, login).await?)))
            }
            Self::Ews(http, settings, owner, login) => {
                Ok(Session::Ews(Box::new(EwsSession::new(http.clone(), settings, owner, login)?)))
            }
        }
    }
}

impl Session {
    /// Folders and calendars that are to be read.
    pub async fn streams(&mut self) -> Result<Vec<Stream>, SourceError> {
        match self {
            Self::Imap(session) => session.streams().await,
            Self::Graph(session) => session.streams().await,
            Self::Traces(session) => session.streams().await,
            Self::CalDav(session) => session.streams().await,
            Self::Jmap(session) => session.streams().await,
            Self::Ews(session) => session.streams().await,
        }
    }

    /// Part of one of them.
    pub async fn page(&mut self, stream: &Stream, ask: &Ask<'_>) -> Result<Page, SourceError> {
        match self {
            Self::Imap(session) => session.page(stream, ask).await,
            Self::Graph(session) => session.page(stream, ask).await,
            Self::Traces(session) => session.page(stream, ask).await,
            Self::CalDav(session) => session.page(stream, ask).await,
            Self::Jmap(session) => session.page(stream, ask).await,
            Self::Ews(session) => session.page(stream, ask).await,
        }
    }

    /// Whether [`Session::wait`] hears of news before its time is over.
    pub fn can_wait(&self) -> bool {
        match self {
            Self::Imap(session) => session.can_wait(),
            Self::Jmap(session) => session.can_wait(),
            Self::Graph(_) | Self::Traces(_) | Self::CalDav(_) | Self::Ews(_) => false,
        }
    }

    /// Waits until something is new, `longest` at most.
    pub async fn wait(&mut self, longest: Duration) -> Result<(), SourceError> {
        match self {
            Self::Imap(session) => session.wait(longest).await,
            Self::Jmap(session) => session.wait(longest).await,
            Self::Graph(_) | Self::Traces(_) | Self::CalDav(_) | Self::Ews(_) => {
                tokio::time::sleep(longest).await;
                Ok(())
            }
        }
    }

    /// Takes leave of the server.
    pub async fn close(self) {
        match self {
            Self::Imap(session) => session.close().await,
            Self::Graph(_) | Self::Traces(_) | Self::CalDav(_) | Self::Jmap(_) | Self::Ews(_) => {}
        }
    }
}
