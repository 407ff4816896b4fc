//! Folders of mail: which there are, what arrives in them, and what was there.

use std::collections::BTreeSet;

use rapport_domain::{
    Moment,
    time::{HOUR_US, SECOND_US},
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    MAILBOX_CONCURRENCY, answers,
    cursor::{self, HistoryCursor, MailCursor, at},
    session::{GraphSession, Listed, is_removed, item, kept, text},
};
use crate::mailbox::{Content, Page, SourceError, Stream, StreamKind, Window};

/// What is kept of a message, and hence asked for.
const MESSAGE_FIELDS: [&str; 11] = [
    "id",
    "internetMessageId",
    "conversationId",
    "subject",
    "sentDateTime",
    "receivedDateTime",
    "isDraft",
    "from",
    "sender",
    "toRecipients",
    "ccRecipients",
];
/// Header fields, which Graph sends only where they are asked for. Not part of every copy: one in Sent Items has none.
const HEADER_FIELDS: &str = "internetMessageHeaders";
/// What Graph says of an item's kind without being asked: answers to invitations are told apart by it.
const TYPE: &str = "@odata.type";
/// Messages of one page. Their header fields have some 20 kilobytes each.
const PAGE_MESSAGES: u32 = 100;
/// Folders that hold no mail of anybody, or none that was sent: by their well-known names, whatever the language.
const LEFT_OUT: [&str; 6] = ["drafts", "outbox", "junkemail", "deleteditems", "conversationhistory", "syncissues"];
/// Pages of folders: 100 of 100 each. Exchange allows a mailbox 10,000 folders to work well.
const FOLDER_PAGES_MAX: usize = 100;
/// Messages after which changes are told from a new state on, well before the 5,000 after which a filtered one tells nothing more.
const RENEW_AFTER: u32 = 2_500;
/// Messages in one round from which on it cannot be trusted to have told everything.
const TOLD_MAX: u32 = 5_000;
/// A new state begins so long before the round in which it was made: a message can show up some time after it was received.
const OVERLAP_US: i64 = HOUR_US;

fn prefer() -> String {
    format!("IdType=\"ImmutableId\", odata.maxpagesize={PAGE_MESSAGES}")
}

fn select() -> String {
    format!("{},{HEADER_FIELDS}", MESSAGE_FIELDS.join(","))
}

fn message(value: &Value) -> Option<crate::mailbox::Item> {
    if is_removed(value) {
        return item(value, Content::Gone);
    }
    let fields = [&MESSAGE_FIELDS[..], &[HEADER_FIELDS, TYPE]].concat();
    item(value, Content::GraphMessage(kept(value, &fields)))
}

impl GraphSession {
    /// Folders of mail: neither searches nor hidden ones, nor those left out with all that lies in them.
    pub(super) async fn folders(&mut self) -> Result<Vec<Stream>, SourceError> {
        let mut out = self.left_out().await?;
        let url = self.url(&["mailFolders", "delta"], "$select=id,parentFolderId,isHidden")?;
        let mut folders = self.list(url, "odata.maxpagesize=100", FOLDER_PAGES_MAX).await?;
        folders.retain(|folder| !is_removed(folder));
        let is_hidden = |folder: &Value| folder.get("isHidden").and_then(Value::as_bool) == Some(true);
        let is_search = |folder: &Value| text(folder, TYPE).is_some_and(|kind| kind.ends_with("mailSearchFolder"));
        out.extend(folders.iter().filter(|folder| is_hidden(folder) || is_search(folder)).filter_map(id));
        // Until nothing more is found: a folder may come before the one it lies in.
        loop {
            let before = out.len();
            let within = |folder: &&Value| text(folder, "parentFolderId").is_some_and(|parent| out.contains(parent));
            let found: Vec<String> = folders.iter().filter(within).filter_map(id).collect();
            out.extend(found);
            if out.len() == before {
                break;
            }
        }
        let kept = folders.iter().filter_map(id).filter(|id| !out.contains(id));
        Ok(kept.map(|id| Stream { id, kind: StreamKind::Mail }).collect())
    }

    /// Ids of the folders that are left out, as many as a mailbox has. Asked for together, as many at once as a mailbox takes.
    async fn left_out(&self) -> Result<BTreeSet<String>, SourceError> {
        let mut out = BTreeSet::new();
        for names in LEFT_OUT.chunks(MAILBOX_CONCURRENCY as usize) {
            let path = |name: &str| {
                let url = self.url(&["mailFolders", name], "$select=id")?;
                let base = self.graph.url(&[], "")?;
                let below = url.as_str().strip_prefix(base.as_str().trim_end_matches('/')).unwrap_or_default();
                Ok(json!({"id": name, "method": "GET", "url": below}))
            };
            let requests = names.iter().map(|name| path(name)).collect::<Result<Vec<Value>, SourceError>>()?;
            let url = self.graph.url(&["$batch"], "")?;
            let answer = self.ask(names.len() as u32, &Method::POST, &url, "", Some(&json!({"requests": requests}))).await?;
            let answer = answer.success()?;
            for one in answer.get("responses").and_then(Value::as_array).into_iter().flatten() {
                out.extend(folder_of(one)?);
            }
        }
        Ok(out)
    }

    /// A state from which on what arrives is told.
    pub(super) async fn mail_begin(&mut self, folder: &str, from: Moment) -> Result<Page, SourceError> {
        let link = self.mail_state(folder, from)?;
        self.mail_page(folder, MailCursor { link, seen: 0, began_us: None }).await
    }

    pub(super) async fn mail_changes(&mut self, folder: &str, cursor: &str) -> Result<Page, SourceError> {
        self.mail_page(folder, cursor::read(cursor)?).await
    }

    fn mail_state(&self, folder: &str, from: Moment) -> Result<String, SourceError> {
        let query = format!("$select={}&changeType=created&$filter=receivedDateTime ge {}", select(), at(from));
        Ok(self.url(&["mailFolders", folder, "messages", "delta"], &query)?.to_string())
    }

    async fn mail_page(&mut self, folder: &str, cursor: MailCursor) -> Result<Page, SourceError> {
        let began = cursor.began_us.map_or_else(|| self.graph.now(), Moment);
        let listed = Listed::read(self.get(&self.graph.link(&cursor.link)?, &prefer()).await?)?;
        let told = listed.items.len() as u32;
        let seen = cursor.seen.saturating_add(told);
        let (mut link, is_last) = listed.onward()?;
        if seen >= TOLD_MAX {
            return Err(SourceError::expired("more arrived than Microsoft Graph tells of"));
        }
        let is_renewed = is_last && seen >= RENEW_AFTER;
        if is_renewed {
            link = self.mail_state(folder, began.plus_us(-OVERLAP_US))?;
        }
        let next = MailCursor { link, seen: if is_renewed { 0 } else { seen }, began_us: (!is_last).then_some(began.0) };
        let items = listed.items.iter().filter_map(message).collect();
        Ok(Page { items, cursor: cursor::write(&next)?, is_last })
    }

    /// Messages that were received in a window, newest first.
    ///
    /// Pages are told apart by moments rather than by how many messages come before: what is deleted or moved away meanwhile then takes
    /// nothing else with it. Graph says moments in whole seconds, so the last second comes again, without what was told of it.
    pub(super) async fn mail_history(&mut self, folder: &str, window: Window, cursor: Option<&str>) -> Result<Page, SourceError> {
        let first = HistoryCursor { until_us: window.until.0, told: Vec::new(), link: None };
        let asked: HistoryCursor = cursor.map_or(Ok(first), cursor::read)?;
        let url = if let Some(link) = &asked.link {
            self.graph.link(link)?
        } else {
            let (from, until) = (at(window.from), at(Moment(asked.until_us)));
            let filter = format!("receivedDateTime ge {from} and receivedDateTime lt {until}");
            let query = format!("$select={}&$filter={filter}&$orderby=receivedDateTime desc&$top={PAGE_MESSAGES}", select());
            self.url(&["mailFolders", folder, "messages"], &query)?
        };
        let listed = Listed::read(self.get(&url, &prefer()).await?)?;
        let is_new = |value: &&Value| text(value, "id").is_none_or(|id| !asked.told.iter().any(|told| told == id));
        let items = listed.items.iter().filter(is_new).filter_map(message).collect();
        let Some(link) = listed.next else {
            return Ok(Page { items, cursor: String::new(), is_last: true });
        };
        Ok(Page { items, cursor: cursor::write(&onward(&listed.items, &asked, link))?, is_last: false })
    }
}

/// Where history goes on after a page that is not the last.
fn onward(items: &[Value], asked: &HistoryCursor, link: String) -> HistoryCursor {
    let received = |value: &Value| text(value, "receivedDateTime").and_then(|said| Moment::parse(said).ok());
    let last = items.iter().filter_map(received).min();
    let until_us = last.map_or(asked.until_us, |last| last.0.div_euclid(SECOND_US) * SECOND_US + SECOND_US);
    if until_us >= asked.until_us {
        // A page of one second: only Graph's own link leads beyond it.
        return HistoryCursor { until_us: asked.until_us, told: asked.told.clone(), link: Some(link) };
    }
    let is_within = |value: &&Value| received(value).is_some_and(|at| at.0 < until_us);
    let told = items.iter().filter(is_within).filter_map(id).collect();
    HistoryCursor { until_us, told, link: None }
}

fn id(value: &Value) -> Option<String> {
    text(value, "id").map(str::to_owned)
}

/// The folder of one answer within several; none where the mailbox has no such folder.
fn folder_of(one: &Value) -> Result<Option<String>, SourceError> {
    let status = one.get("status").and_then(Value::as_u64).unwrap_or(0) as u16;
    let body = one.get("body").unwrap_or(&Value::Null);
    if status == 200 {
        return Ok(id(body));
    }
    let wait =
        one.pointer("/headers/Retry-After").and_then(|wait| wait.as_str()?.parse().ok()).map(std::time::Duration::from_secs);
    let error = answers::error(status, body, wait.map(|wait| wait.min(super::token::WAIT_MAX)));
    if error.is_expired() { Ok(None) } else { Err(error) }
}
