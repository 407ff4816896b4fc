//! Mail by JMAP (RFC 8620 and 8621).
//!
//! The client is our own: `jmap-client` 0.4 makes an HTTP client for every connection, follows redirects and takes answers of any size.
//!
//! An account is one stream, because JMAP tells changes by account. Fields of headers are asked for one by one; neither bodies nor
//! previews are. Calendars are left out: JMAP's are a draft that servers implement in different states (Cyrus 3.6 under names of its
//! own), and whoever has them has CalDAV too.

mod account;
mod calls;
mod events;
mod message;

use std::{collections::BTreeSet, time::Duration};

use rapport_domain::{Moment, time::SECOND_US};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::{
    account::Account,
    calls::{Called, call},
};
use crate::{
    Http, Login,
    exchange::{Exchange, Scheme},
    mailbox::{Ask, Content, Item, Owner, Page, SourceError, Stream, StreamKind, Window},
};

/// The one stream of an account.
const STREAM: &str = "mail";
/// Changes that are told at once: most are of messages that were read, and small.
const CHANGES_MAX: usize = 500;
/// Messages of a page of history, and that are asked for at once: some kilobytes of fields each.
const GET_MAX: usize = 100;
/// Roles of mailboxes whose messages are nobody's correspondence (RFC 8621, 2).
const LEFT_OUT: [&str; 3] = ["drafts", "junk", "trash"];

/// Where mail is, and what is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JmapSettings {
    /// Address of the session resource, or of the server alone.
    pub url: String,
    /// Whether the login's password is a token (RFC 6750).
    pub uses_token: bool,
    /// Whether one login reads several users: then nothing but an account that bears the user's address is read.
    pub is_service: bool,
    /// Names of the header fields to ask for.
    pub header_fields: &'static [&'static str],
}

/// A JMAP server.
#[derive(Clone, Debug)]
pub struct Jmap {
    http: Http,
    settings: JmapSettings,
}

impl Jmap {
    /// A server; nothing is asked yet.
    pub fn new(http: Http, settings: JmapSettings) -> Self {
        Self { http, settings }
    }

    /// Finds a user's account.
    pub async fn open(&self, owner: &Owner, login: &Login) -> Result<JmapSession, SourceError> {
        let scheme = if self.settings.uses_token { Scheme::Bearer } else { Scheme::Basic };
        let exchange = Exchange::new(&self.http, &self.settings.url, login, scheme)?;
        let account = Account::find(&exchange, owner, self.settings.is_service, GET_MAX).await?;
        let mailboxes = call(&exchange, &account, "Mailbox/get", json!({"properties": ["id", "role"]})).await?.done()?;
        let all = mailboxes["list"].as_array().into_iter().flatten();
        let is_left_out = |mailbox: &&Value| mailbox["role"].as_str().is_some_and(|role| LEFT_OUT.contains(&role));
        let left_out = all.filter(is_left_out).filter_map(|mailbox| mailbox["id"].as_str()).map(str::to_owned).collect();
        Ok(JmapSession { exchange, account, header_fields: self.settings.header_fields, left_out, state: None, doubted: None })
    }
}

/// A user's account.
#[derive(Debug)]
pub struct JmapSession {
    exchange: Exchange,
    account: Account,
    header_fields: &'static [&'static str],
    /// Ids of the mailboxes whose messages are left out.
    left_out: BTreeSet<String>,
    /// The state of messages that whoever asks knows.
    state: Option<String>,
    /// The known state at which the server was last found in another one.
    doubted: Option<String>,
}

/// How far history was told.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    /// The message that was told last.
    id: String,
    /// When it was received.
    received_at: String,
}

impl JmapSession {
    /// The one stream of the account.
    // The same form as that of every source, some of which have to ask.
    #[allow(clippy::unused_async, reason = "every source is asked for its streams in the same form")]
    pub async fn streams(&mut self) -> Result<Vec<Stream>, SourceError> {
        Ok(vec![Stream { id: STREAM.to_owned(), kind: StreamKind::Mail }])
    }

    /// A part of the account's mail.
    pub async fn page(&mut self, stream: &Stream, ask: &Ask<'_>) -> Result<Page, SourceError> {
        if stream.id != STREAM {
            return Err(SourceError::unexpected(format!("`{}` is no stream", stream.id)));
        }
        match ask {
            Ask::Begin(_) => {
                let cursor = self.current_state().await?;
                self.state = Some(cursor.clone());
                Ok(Page { items: Vec::new(), cursor, is_last: true })
            }
            Ask::Changes(since, _) => self.changes(since).await,
            Ask::History(window, told) => self.history(*window, *told).await,
        }
    }

    async fn current_state(&self) -> Result<String, SourceError> {
        let got = call(&self.exchange, &self.account, "Email/get", json!({"ids": [], "properties": ["id"]})).await?.done()?;
        text(&got, "state")
    }

    /// What is new, changed or gone since a state. What only changed comes too: it may have been a draft, or junk, before.
    async fn changes(&mut self, since: &str) -> Result<Page, SourceError> {
        let arguments = json!({"sinceState": since, "maxChanges": CHANGES_MAX});
        let changes = match call(&self.exchange, &self.account, "Email/changes", arguments).await? {
            // The state is the only argument that is not always the same; some servers say so of one that they cannot read.
            Called::Failed(reason) if reason == "invalidArguments" => {
                return Err(SourceError::expired("the server does not know the state"));
            }
            called => called.done()?,
        };
        let cursor = text(&changes, "newState")?;
        let has_more = changes["hasMoreChanges"] == json!(true);
        if has_more && cursor == since {
            return Err(SourceError::expired("the server tells the same changes for ever"));
        }
        let there: BTreeSet<&str> = ["created", "updated"].iter().flat_map(|name| ids(&changes, name)).collect();
        let messages = self.get(&there.into_iter().collect::<Vec<_>>()).await?;
        let mut items = self.items(messages.iter());
        items.extend(ids(&changes, "destroyed").map(|id| Item { id: id.to_owned(), content: Content::Gone }));
        self.state = Some(cursor.clone());
        Ok(Page { items, cursor, is_last: !has_more })
    }

    /// Messages of a window, newest first.
    async fn history(&self, window: Window, told: Option<&str>) -> Result<Page, SourceError> {
        let told: Option<Told> = told
            .map(serde_json::from_str)
            .transpose()
            .map_err(|error| SourceError::expired(format!("no cursor of history: {error}")))?;
        let (mut before, mut anchor) = (window.until, told.as_ref().map(|told| told.id.as_str()));
        let queried = loop {
            match call(&self.exchange, &self.account, "Email/query", self.query(window.from, before, anchor)).await? {
                // It was deleted meanwhile: whatever was received in its second comes once more.
                Called::Failed(reason) if reason == "anchorNotFound" && anchor.take().is_some() => {
                    let received_at = told.as_ref().and_then(|told| Moment::parse(&told.received_at).ok());
                    before = received_at.map_or(before, |moment| before.min(moment.plus_us(SECOND_US)));
                }
                called => break called.done()?,
            }
        };
        let found: Vec<&str> = ids(&queried, "ids").collect();
        let messages = self.get(&found).await?;
        // The last that was found, though it may be gone: when it was received is that of the last that is there.
        let received = messages.iter().rev().find_map(|message| text(message, "receivedAt").ok());
        let received_at = received.or(told.map(|told| told.received_at)).unwrap_or_else(|| utc(window.until));
        let next = found.last().map(|id| Told { id: (*id).to_owned(), received_at });
        let cursor = next.map(|next| serde_json::to_string(&next)).transpose();
        let cursor = cursor.map_err(|error| SourceError::unexpected(error.to_string()))?.unwrap_or_default();
        // Cyrus 3.6 finds what was received at `before` itself too.
        let in_window = |message: &&Value| receipt(message).is_none_or(|moment| window.contains(moment));
        let items = self.items(messages.iter().filter(in_window));
        Ok(Page { items, cursor, is_last: found.is_empty() })
    }

    /// What was received in a window beyond a message, newest first.
    fn query(&self, from: Moment, before: Moment, anchor: Option<&str>) -> Value {
        let left_out: Vec<&String> = self.left_out.iter().collect();
        let mut query = json!({
            "filter": {"after": utc(from), "before": utc(before), "inMailboxOtherThan": left_out},
            "sort": [{"property": "receivedAt", "isAscending": false}],
            "limit": self.account.get_max,
        });
        if let Some(anchor) = anchor {
            query["anchor"] = json!(anchor);
            query["anchorOffset"] = json!(1);
        }
        query
    }

    /// Messages by id, in that order; those that are there no more are left out.
    async fn get(&self, ids: &[&str]) -> Result<Vec<Value>, SourceError> {
        let properties = message::properties(self.header_fields);
        let mut messages = Vec::with_capacity(ids.len());
        let mut batches: Vec<&[&str]> = ids.chunks(self.account.get_max).rev().collect();
        while let Some(batch) = batches.pop() {
            let arguments = json!({"ids": batch, "properties": properties});
            match call(&self.exchange, &self.account, "Email/get", arguments).await? {
                // Fewer at once. A message whose fields are too large alone is left out.
                Called::TooLarge => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    batches.extend([second, first].into_iter().filter(|half| !half.is_empty() && half.len() < batch.len()));
                }
                called => {
                    let mut got = called.done()?;
                    let list = got.get_mut("list").and_then(Value::as_array_mut);
                    let mut list = list.map(std::mem::take).unwrap_or_default();
                    list.sort_by_key(|message| batch.iter().position(|id| message["id"] == **id));
                    messages.append(&mut list);
                }
            }
        }
        Ok(messages)
    }

    fn items<'a>(&self, messages: impl Iterator<Item = &'a Value>) -> Vec<Item> {
        messages.filter_map(|message| message::item(message, self.header_fields, &self.left_out)).collect()
    }

    /// Whether [`Self::wait`] hears of changes before its time is over, as far as the server has said yet.
    pub fn can_wait(&self) -> bool {
        self.account.events.is_some()
    }

    /// Waits until something changed, or for so long. Where the server does not tell that it only waits.
    pub async fn wait(&mut self, longest: Duration) -> Result<(), SourceError> {
        match tokio::time::timeout(longest, self.change(longest)).await {
            Ok(changed) => changed,
            Err(_) => Ok(()),
        }
    }

    /// Ends when something has changed since the known state.
    async fn change(&mut self, longest: Duration) -> Result<(), SourceError> {
        let events = events::listen(&self.exchange, &self.account, longest).await?;
        if events.is_none() {
            self.account.events = None;
        }
        // What changed before the server listened to us is told by nobody. A server that never is in the state that it told last is
        // asked once, so that nobody turns in a circle.
        if let Some(known) = self.state.clone()
            && self.doubted.as_ref() != Some(&known)
            && self.current_state().await? != known
        {
            self.doubted = Some(known);
            return Ok(());
        }
        match events {
            Some(events) => events.change(&self.account.id).await,
            None => std::future::pending().await,
        }
    }
}

/// A moment as JMAP writes it: to the second, which is what messages are received at.
fn utc(moment: Moment) -> String {
    Moment(moment.0.div_euclid(SECOND_US) * SECOND_US).to_rfc3339()
}

fn receipt(message: &Value) -> Option<Moment> {
    Moment::parse(message["receivedAt"].as_str()?).ok()
}

fn text(answer: &Value, name: &str) -> Result<String, SourceError> {
    let found = answer[name].as_str().map(str::to_owned);
    found.ok_or_else(|| SourceError::unexpected(format!("the server does not say `{name}`")))
}

fn ids<'a>(answer: &'a Value, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    answer[name].as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_whole_seconds() {
        for (moment, expected) in
            [("2026-03-01T09:30:00.75Z", "2026-03-01T09:30:00Z"), ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59Z")]
        {
            assert_eq!(utc(Moment::parse(moment).unwrap()), expected);
        }
    }
}
