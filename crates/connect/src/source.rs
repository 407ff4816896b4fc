//! The mail systems that mailboxes are captured from, behind one door.

use std::time::Duration;

use crate::{
    SourceError,
    graph::{Graph, GraphSession},
    imap::{ImapLogin, ImapSession, ImapSettings},
    mailbox::{Ask, Owner, Page, Stream},
};

/// What is needed to open one mailbox.
#[derive(Clone)]
pub enum Door {
    /// By IMAP.
    Imap(ImapSettings, ImapLogin),
    /// Through Microsoft Graph.
    Graph(Graph, Owner),
}

/// A mailbox that is open.
pub enum Session {
    /// By IMAP.
    Imap(Box<ImapSession>),
    /// Through Microsoft Graph.
    Graph(Box<GraphSession>),
}

impl Door {
    /// Opens the mailbox.
    pub async fn open(&self) -> Result<Session, SourceError> {
        match self {
            Self::Imap(settings, login) => Ok(Session::Imap(Box::new(ImapSession::open(settings, login).await?))),
            Self::Graph(graph, owner) => Ok(Session::Graph(Box::new(graph.open(owner)))),
        }
    }
}

impl Session {
    /// Folders and calendars that are to be read.
    pub async fn streams(&mut self) -> Result<Vec<Stream>, SourceError> {
        match self {
            Self::Imap(session) => session.streams().await,
            Self::Graph(session) => session.streams().await,
        }
    }

    /// Part of one of them.
    pub async fn page(&mut self, stream: &Stream, ask: &Ask<'_>) -> Result<Page, SourceError> {
        match self {
            Self::Imap(session) => session.page(stream, ask).await,
            Self::Graph(session) => session.page(stream, ask).await,
        }
    }

    /// Whether [`Session::wait`] hears of news before its time is over.
    pub fn can_wait(&self) -> bool {
        match self {
            Self::Imap(session) => session.can_wait(),
            Self::Graph(_) => false,
        }
    }

    /// Waits until something is new, `longest` at most.
    pub async fn wait(&mut self, longest: Duration) -> Result<(), SourceError> {
        match self {
            Self::Imap(session) => session.wait(longest).await,
            Self::Graph(_) => {
                tokio::time::sleep(longest).await;
                Ok(())
            }
        }
    }

    /// Takes leave of the server.
    pub async fn close(self) {
        match self {
            Self::Imap(session) => session.close().await,
            Self::Graph(_) => {}
        }
    }
}
