//! IMAP: header fields of messages, folder by folder, read only.
//!
//! A folder's cursor is its UIDVALIDITY and the next UID: what is new has a greater one, whatever happened to older messages. What
//! is deleted or moved is not followed, so that neither CONDSTORE nor QRESYNC is needed and any server will do. Folders are opened with
//! EXAMINE and fields read with BODY.PEEK: nothing is changed, not even whether a message was seen.

mod folders;
mod wire;

use std::{collections::BTreeMap, fmt, time::Duration};

use async_imap::{
    Client, Session,
    error::Error,
    types::{Fetch, Flag, NameAttribute},
};
use futures_util::TryStreamExt;
use rapport_domain::{Moment, time::DAY_US};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use self::{folders::Folder, wire::Wire};
use crate::{
    SourceError,
    mailbox::{Ask, Content, Item, Page, Stream, StreamKind, Window},
    oauth::{AccessToken, OAuth},
};

/// How long a command may take: a server may have to look through a large folder.
const COMMAND_WAIT: Duration = Duration::from_mins(1);
/// Messages of a page: a transaction that takes well under a second.
const PAGE_MESSAGES: usize = 200;
/// Folders that are read of a mailbox at most.
const FOLDERS_MAX: usize = 1_000;
/// Codes of a server that may be ready later (RFC 5530).
const NOT_READY: [&str; 3] = ["UNAVAILABLE", "INUSE", "SERVERBUG"];
/// What Exchange Online says to every command of somebody who may not read the mailbox.
const NOT_CONNECTED: &str = "User is authenticated but not connected";
/// How long a server is listened to at a time; servers hang up after half an hour (RFC 2177).
const IDLE_WAIT_MAX: Duration = Duration::from_mins(25);

/// Where an IMAP server is, and what is read of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImapSettings {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept secret.
    pub security: Security,
    /// Names of the header fields that are read; no others leave the server.
    pub header_fields: &'static [&'static str],
}

/// How a connection is kept secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Encrypted from its beginning (port 993).
    Tls,
    /// Encrypted after a first word (port 143).
    StartTls,
    /// Not at all: on the same machine alone.
    None,
}

/// As whom a mailbox is signed in to.
#[derive(Clone, PartialEq, Eq)]
pub enum ImapLogin {
    /// As its user.
    Password {
        /// Name of the user at the server.
        user: String,
        /// Their password.
        password: String,
    },
    /// As an account that may act for others (RFC 4616, authorization identity).
    ActingFor {
        /// Name of the mailbox's user at the server.
        user: String,
        /// Name of the account.
        account: String,
        /// Its password.
        password: String,
    },
    /// By an access token of the mail provider (XOAUTH2).
    Token {
        /// Name of the user at the server.
        user: String,
        /// The token.
        token: String,
    },
}

impl fmt::Debug for ImapLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImapLogin(secret)")
    }
}

/// Answers every challenge with the same words.
struct Answer(Vec<u8>);

impl async_imap::Authenticator for Answer {
    type Response = Vec<u8>;

    fn process(&mut self, _challenge: &[u8]) -> Self::Response {
        // A second challenge is an error that wants an empty answer.
        std::mem::take(&mut self.0)
    }
}

/// A folder's cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// The folder's UIDVALIDITY.
    validity: u32,
    /// The first UID that was not read: going up among new messages, or down (this one too was read) in history.
    uid: u32,
}

impl Cursor {
    fn parse(text: &str) -> Result<Self, SourceError> {
        serde_json::from_str(text).map_err(|_| SourceError::expired("the cursor of a folder is none of IMAP"))
    }

    fn text(self) -> String {
        serde_json::json!(self).to_string()
    }
}

/// The folder that is open, with its state when it was opened.
struct Opened {
    name: String,
    validity: u32,
    next: u32,
    /// UIDs that history has in a window, ascending; asked for once.
    history: BTreeMap<(i64, i64), Vec<u32>>,
}

/// A mailbox that is signed in to.
pub struct ImapSession {
    /// Gone while and after a command fails: what the connection says next is anybody's guess.
    session: Option<Session<Wire>>,
    header_fields: &'static [&'static str],
    opened: Option<Opened>,
    can_idle: bool,
}

impl ImapSession {
    /// Signs in to a mailbox.
    pub async fn open(settings: &ImapSettings, login: &ImapLogin) -> Result<Self, SourceError> {
        let session = within(Self::sign_in(settings, login)).await?;
        let mut this = Self { session: Some(session), header_fields: settings.header_fields, opened: None, can_idle: false };
        let capabilities = this.run(async |session| session.capabilities().await).await?;
        this.can_idle = capabilities.has_str("IDLE");
        Ok(this)
    }

    /// Signs in to a mailbox by a service's tokens; once more with a new one if the first was not taken.
    pub async fn open_by_token(settings: &ImapSettings, oauth: &OAuth, user: &str) -> Result<Self, SourceError> {
        let login = |token: &AccessToken| ImapLogin::Token { user: user.to_owned(), token: token.text.clone() };
        let token = oauth.token(user).await?;
        let mut opened = Self::open(settings, &login(&token)).await;
        if opened.as_ref().is_err_and(SourceError::is_credentials)
            && let Some(another) = oauth.instead_of(&token, user).await?
        {
            opened = Self::open(settings, &login(&another)).await;
        }
        match opened {
            // Whoever gives us tokens takes our credentials; so it is this mailbox that is not ours to open.
            Err(error) if error.is_credentials() => Err(SourceError::mailbox(
                "the server does not open this mailbox with our token: check whether it exists, and whether we may read it",
            )),
            opened => opened,
        }
    }

    async fn sign_in(settings: &ImapSettings, login: &ImapLogin) -> Result<Session<Wire>, SourceError> {
        let (wire, was_greeted) = Wire::connect(settings).await?;
        let mut client = Client::new(wire);
        if !was_greeted {
            let greeting = client.read_response().await.map_err(|error| lost(&error))?;
            greeting.ok_or_else(|| SourceError::unavailable("the server hung up without a greeting"))?;
        }
        let signed_in = match login {
            ImapLogin::Password { user, password } => client.login(user, password).await,
            ImapLogin::ActingFor { user, account, password } => {
                client.authenticate("PLAIN", Answer(format!("{user}\0{account}\0{password}").into_bytes())).await
            }
            ImapLogin::Token { user, token } => {
                client.authenticate("XOAUTH2", Answer(format!("user={user}\x01auth=Bearer {token}\x01\x01").into_bytes())).await
            }
        };
        signed_in.map_err(|(error, _)| refused(&error))
    }

    /// Folders that hold mail which the user sent or received.
    pub async fn streams(&mut self) -> Result<Vec<Stream>, SourceError> {
        let (own, others) = self.namespaces().await?;
        let names = self.run(async |session| session.list(Some(""), Some("*")).await?.try_collect::<Vec<_>>().await).await?;
        let listed: Vec<Folder> = names.iter().map(folder).collect();
        let names = folders::to_read(&listed, own.as_deref(), &others);
        if names.len() > FOLDERS_MAX {
            return Err(SourceError::mailbox(format!("the mailbox has more than {FOLDERS_MAX} folders")));
        }
        Ok(names.into_iter().map(|id| Stream { id, kind: StreamKind::Mail }).collect())
    }

    async fn namespaces(&mut self) -> Result<(Option<String>, Vec<String>), SourceError> {
        let capabilities = self.run(async |session| session.capabilities().await).await?;
        if !capabilities.has_str("NAMESPACE") {
            return Ok((None, Vec::new()));
        }
        let answer = self
            .run(async |session| {
                session.as_mut().expect_namespace();
                session.run_command_and_check_ok("NAMESPACE").await?;
                Ok(session.as_mut().namespace.take())
            })
            .await?;
        Ok(answer.as_deref().map(folders::namespaces).unwrap_or_default())
    }

    /// Part of a folder.
    pub async fn page(&mut self, stream: &Stream, ask: &Ask<'_>) -> Result<Page, SourceError> {
        match ask {
            Ask::Begin(_) => {
                let (validity, uid) = self.status(&stream.id).await?;
                Ok(Page { cursor: Cursor { validity, uid }.text(), is_last: true, ..Page::default() })
            }
            Ask::Changes(cursor, _) => self.changes(&stream.id, Cursor::parse(cursor)?).await,
            Ask::History(window, cursor) => {
                let cursor = cursor.map(Cursor::parse).transpose()?;
                self.history(&stream.id, *window, cursor).await
            }
        }
    }

    /// Whether the server tells what happens in the inbox.
    pub fn can_wait(&self) -> bool {
        self.can_idle
    }

    /// Waits until something happens in the inbox, `longest` at most; without IDLE that long.
    pub async fn wait(&mut self, longest: Duration) -> Result<(), SourceError> {
        let longest = longest.min(IDLE_WAIT_MAX);
        if !self.can_idle {
            tokio::time::sleep(longest).await;
            return Ok(());
        }
        self.open_folder("INBOX").await?;
        let session = self.session.take().ok_or_else(hung_up)?;
        let mut handle = session.idle();
        within(async { handle.init().await.map_err(|error| failed(&error)) }).await?;
        let (waiting, _stop) = handle.wait_with_timeout(longest);
        // Servers say now and then that they are still there; each such word begins the client's time anew.
        let waited = timeout(longest, waiting).await;
        if let Ok(result) = waited {
            result.map_err(|error| failed(&error))?;
        }
        let session = within(async { handle.done().await.map_err(|error| failed(&error)) }).await?;
        self.session = Some(session);
        self.opened = None;
        Ok(())
    }

    /// Signs out; a connection that is broken is given up.
    pub async fn close(mut self) {
        if let Some(mut session) = self.session.take() {
            _ = timeout(Duration::from_secs(5), session.logout()).await;
        }
    }

    /// UIDVALIDITY and UIDNEXT of a folder, without opening it.
    async fn status(&mut self, name: &str) -> Result<(u32, u32), SourceError> {
        let status = self.run(async |session| session.status(name, "(UIDVALIDITY UIDNEXT)").await).await?;
        state(status.uid_validity, status.uid_next)
    }

    async fn open_folder(&mut self, name: &str) -> Result<&mut Opened, SourceError> {
        if self.opened.as_ref().is_none_or(|opened| opened.name != name) {
            self.opened = None;
            let folder = self.run(async |session| session.examine(name).await).await?;
            let (validity, next) = state(folder.uid_validity, folder.uid_next)?;
            self.opened = Some(Opened { name: name.to_owned(), validity, next, history: BTreeMap::new() });
        }
        self.opened.as_mut().ok_or_else(hung_up)
    }

    async fn changes(&mut self, name: &str, cursor: Cursor) -> Result<Page, SourceError> {
        let (validity, next) = self.status(name).await?;
        if validity != cursor.validity {
            return Err(SourceError::expired("the server numbered the folder's messages anew"));
        }
        if next <= cursor.uid {
            return Ok(Page { cursor: cursor.text(), is_last: true, ..Page::default() });
        }
        if self.opened.as_ref().is_some_and(|opened| opened.name == name && opened.next < next) {
            // Messages that arrived since it was opened may be unknown there.
            self.opened = None;
        }
        self.open_folder(name).await?;
        // `n:*` always names the last message, whatever its number.
        let found = self.run(async |session| session.uid_search(format!("UID {}:*", cursor.uid)).await).await?;
        let mut uids: Vec<u32> = found.into_iter().filter(|uid| *uid >= cursor.uid).collect();
        uids.sort_unstable();
        let is_last = uids.len() <= PAGE_MESSAGES;
        uids.truncate(PAGE_MESSAGES);
        let after = uids.last().map_or(cursor.uid, |uid| uid + 1);
        let items = self.fetch(validity, &uids, None).await?;
        Ok(Page { items, cursor: Cursor { validity, uid: if is_last { after.max(next) } else { after } }.text(), is_last })
    }

    async fn history(&mut self, name: &str, window: Window, cursor: Option<Cursor>) -> Result<Page, SourceError> {
        let key = (window.from.0, window.until.0);
        let opened = self.open_folder(name).await?;
        let validity = opened.validity;
        if cursor.is_some_and(|cursor| cursor.validity != validity) {
            return Err(SourceError::expired("the server numbered the folder's messages anew"));
        }
        if !opened.history.contains_key(&key) {
            let query = days(window);
            let found = self.run(async |session| session.uid_search(&query).await).await?;
            let mut uids: Vec<u32> = found.into_iter().collect();
            uids.sort_unstable();
            self.open_folder(name).await?.history.insert(key, uids);
        }
        let uids = self.open_folder(name).await?.history.get(&key).map(Vec::as_slice).unwrap_or_default();
        let left = &uids[..cursor.map_or(uids.len(), |cursor| uids.partition_point(|uid| *uid < cursor.uid))];
        let taken = left[left.len().saturating_sub(PAGE_MESSAGES)..].to_vec();
        let is_last = taken.len() == left.len();
        let below = taken.first().copied().unwrap_or_default();
        let items = self.fetch(validity, &taken, Some(window)).await?;
        Ok(Page { items, cursor: Cursor { validity, uid: below }.text(), is_last })
    }

    /// The fields of some messages, newest first; of those alone that were received in a window, where one is given.
    async fn fetch(&mut self, validity: u32, uids: &[u32], window: Option<Window>) -> Result<Vec<Item>, SourceError> {
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let query = format!("(UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS ({})])", self.header_fields.join(" "));
        let fetched = self.run(async |session| session.uid_fetch(&set, &query).await?.try_collect::<Vec<Fetch>>().await).await?;
        let mut found = BTreeMap::new();
        for message in &fetched {
            let Some(uid) = message.uid.filter(|uid| uids.binary_search(uid).is_ok()) else { continue };
            let Some(headers) = message.header() else { continue };
            let received = message.internal_date().map(|date| Moment(date.timestamp_micros()));
            if window.is_some_and(|window| received.is_some_and(|received| !window.contains(received))) {
                continue;
            }
            let is_draft = message.flags().any(|flag| flag == Flag::Draft);
            found.insert(uid, Content::Mail { headers: headers.to_vec(), is_draft });
        }
        let item = |(uid, content)| Item { id: format!("{validity}:{uid}"), content };
        Ok(found.into_iter().rev().map(item).collect())
    }

    /// Runs a command. After a failure the connection is given up, unless the server only said no.
    async fn run<R>(&mut self, command: impl AsyncFnOnce(&mut Session<Wire>) -> Result<R, Error>) -> Result<R, SourceError> {
        let mut session = self.session.take().ok_or_else(hung_up)?;
        session.as_mut().expect_answer();
        let result = timeout(COMMAND_WAIT, command(&mut session)).await.map_err(|_| too_slow())?;
        if matches!(result, Ok(_) | Err(Error::No(_) | Error::Bad(_))) {
            self.session = Some(session);
        }
        result.map_err(|error| failed(&error))
    }
}

/// A search for what was received on the days of a window; servers count days in their own time zone.
fn days(window: Window) -> String {
    let day = |us: i64| {
        let moment = jiff::Timestamp::from_microsecond(us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        moment.strftime("%-d-%b-%Y").to_string()
    };
    format!("SINCE {} BEFORE {}", day(window.from.0 - DAY_US), day(window.until.0 + 2 * DAY_US))
}

fn folder(name: &async_imap::types::Name) -> Folder {
    let attribute = |attribute: &NameAttribute<'_>| match attribute {
        NameAttribute::NoSelect => "\\noselect".to_owned(),
        NameAttribute::All => "\\all".to_owned(),
        NameAttribute::Drafts => "\\drafts".to_owned(),
        NameAttribute::Junk => "\\junk".to_owned(),
        NameAttribute::Trash => "\\trash".to_owned(),
        NameAttribute::Extension(word) => word.to_lowercase(),
        _ => String::new(),
    };
    Folder {
        name: name.name().to_owned(),
        delimiter: name.delimiter().map(str::to_owned),
        attributes: name.attributes().iter().map(attribute).collect(),
    }
}

fn state(validity: Option<u32>, next: Option<u32>) -> Result<(u32, u32), SourceError> {
    validity
        .zip(next)
        .ok_or_else(|| SourceError::unexpected("the server does not number a folder's messages (UIDVALIDITY, UIDNEXT)"))
}

async fn within<R>(work: impl Future<Output = Result<R, SourceError>>) -> Result<R, SourceError> {
    timeout(COMMAND_WAIT, work).await.map_err(|_| too_slow())?
}

fn too_slow() -> SourceError {
    SourceError::unavailable(format!("the server did not answer within {} s", COMMAND_WAIT.as_secs()))
}

fn hung_up() -> SourceError {
    SourceError::unavailable("the connection to the server is broken")
}

fn lost(error: &std::io::Error) -> SourceError {
    SourceError::unavailable(format!("the connection to the server broke: {error}"))
}

/// Why a command failed. What the server says may quote what it was sent: passwords are told by the first command alone, folders are not
/// named.
fn failed(error: &Error) -> SourceError {
    match error {
        Error::Io(error) => lost(error),
        Error::ConnectionLost => hung_up(),
        Error::No(what) if NOT_READY.iter().any(|word| what.contains(word)) => {
            SourceError::unavailable(format!("the server is not ready: {}", said(what)))
        }
        Error::No(what) if what.contains("LIMIT") => {
            SourceError::throttled(format!("the server asks to wait: {}", said(what)), None)
        }
        // What it says names the folder, which is its user's business.
        Error::No(_) => SourceError::mailbox("the server refuses one of the mailbox's folders: it is gone, or closed to us"),
        // Exchange Online takes a token and then opens nothing that the application was not given.
        Error::Bad(what) if what.contains(NOT_CONNECTED) => {
            SourceError::mailbox("the server lets us in, but we may not read this mailbox")
        }
        Error::Bad(_) => SourceError::unexpected("the server does not understand what it is asked"),
        _ => SourceError::unexpected(format!("the server's answer is not understood: {error}")),
    }
}

/// What a server said, out of the client's description of it.
fn said(what: &str) -> &str {
    what.split_once("information: Some(\"").and_then(|(_, rest)| rest.rsplit_once("\")")).map_or(what, |(said, _)| said)
}

/// Why signing in failed. The client's own texts could hold what was sent: they are not passed on.
fn refused(error: &Error) -> SourceError {
    match error {
        Error::No(what) if what.contains(NOT_READY[0]) => {
            SourceError::unavailable(format!("the server cannot check passwords now: {}", said(what)))
        }
        Error::No(_) | Error::Bad(_) => SourceError::credentials(
            "the server does not let us in: check user name and password, and whether the account may act for this mailbox",
        ),
        Error::Io(error) => lost(error),
        Error::ConnectionLost => hung_up(),
        _ => SourceError::unexpected("the server's answer to signing in is not understood"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_searched_with_a_day_to_spare_for_the_servers_time_zone() {
        let at = |text: &str| Moment::parse(text).unwrap();
        let window = Window { from: at("2026-02-03T10:00:00Z"), until: at("2026-03-03T10:00:00Z") };
        assert_eq!(days(window), "SINCE 2-Feb-2026 BEFORE 5-Mar-2026");
    }

    #[test]
    fn a_login_is_never_shown() {
        let login = ImapLogin::Password { user: "ann".to_owned(), password: "hush".to_owned() };
        assert!(!format!("{login:?}").contains("hush"));
        assert!(Cursor::parse("{}").unwrap_err().is_expired());
    }

    #[test]
    fn what_the_server_says_is_told_unless_it_names_a_folder() {
        let no = "code: None, info: outcome: Outcome { code: None, information: Some(\"Mailbox doesn't exist: X\") }";
        let refused = failed(&Error::No(no.to_owned()));
        assert!(refused.is_mailbox() && !refused.to_string().contains('X'), "a folder's name is its user's business");
        let busy = "code: Some(Other), info: outcome: Outcome { code: None, information: Some(\"[UNAVAILABLE] later\") }";
        let busy = failed(&Error::No(busy.to_owned()));
        assert!(busy.is_transient() && busy.to_string() == "the server is not ready: [UNAVAILABLE] later", "{busy}");
    }
}
