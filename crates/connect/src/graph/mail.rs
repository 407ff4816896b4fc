//! Mail: what arrives is told folder by folder, what was there by the mailbox as a whole.
//!
//! Changes are told per folder, and a message that is moved keeps the moment at which it was received. Were history read per folder too, one
//! that is filed away while it is being read, from a folder still to come into one that was read, would be missed. So the mailbox is one
//! more stream, [`MAILBOX`], which has all history and no changes. A folder's own history is what it may have received before anybody knew
//! of the folder: the last month.

use std::collections::BTreeSet;

use rapport_domain::{
    Moment,
    time::{DAY_US, HOUR_US, SECOND_US},
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    MAILBOX_CONCURRENCY, answers,
    cursor::{self, HistoryCursor, MailCursor, at},
    session::{GraphSession, Listed, is_removed, item, kept, text},
};
use crate::mailbox::{Content, Page, SourceError, Stream, StreamKind, Window};

/// The stream of the mailbox as a whole: its history. No folder has such an id.
pub(super) const MAILBOX: &str = "messages";
/// How far back a folder's own history goes: folders are looked for far more often.
const FOLDER_HISTORY_US: i64 = 31 * DAY_US;
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
/// The folder that a message lies in. Asked for, and not handed on.
const FOLDER_FIELD: &str = "parentFolderId";
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

/// The folders of a mailbox, by id.
pub(super) struct Folders {
    /// Those of mail.
    kept: BTreeSet<String>,
    /// Searches, hidden ones, and those left out, with all that lies in them.
    out: BTreeSet<String>,
}

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
    /// Folders of mail, and the mailbox as a whole.
    pub(super) async fn mail_streams(&mut self) -> Result<Vec<Stream>, SourceError> {
        let folders = self.read_folders().await?;
        let ids = folders.kept.iter().map(String::as_str).chain([MAILBOX]);
        let streams = ids.map(|id| Stream { id: id.to_owned(), kind: StreamKind::Mail }).collect();
        self.folders = Some(folders);
        Ok(streams)
    }

    async fn read_folders(&mut self) -> Result<Folders, SourceError> {
        // Kept at once: whoever is throttled in between goes on from here.
        let mut out = match self.left_out.take() {
            Some(out) => out,
            None => self.read_left_out().await?,
        };
        self.left_out = Some(out.clone());
        let url = self.url(&["mailFolders", "delta"], "$select=id,parentFolderId,isHidden")?;
        let mut folders = self.list(url, "odata.maxpagesize=100", FOLDER_PAGES_MAX).await?;
        folders.retain(|folder| !is_removed(folder));
        let is_hidden = |folder: &Value| folder.get("isHidden").and_then(Value::as_bool) == Some(true);
        let is_search = |folder: &Value| text(folder, TYPE).is_some_and(|kind| kind.ends_with("mailSearchFolder"));
        out.extend(folders.iter().filter(|folder| is_hidden(folder) || is_search(folder)).filter_map(id));
        // Until nothing more is found: a folder may come before the one it lies in.
        loop {
            let before = out.len();
            let within = |folder: &&Value| text(folder, FOLDER_FIELD).is_some_and(|parent| out.contains(parent));
            let found: Vec<String> = folders.iter().filter(within).filter_map(id).collect();
            out.extend(found);
            if out.len() == before {
                break;
            }
        }
        let kept = folders.iter().filter_map(id).filter(|id| !out.contains(id)).collect();
        Ok(Folders { kept, out })
    }

    /// Leaves out messages that lie in no folder of mail. One in a folder that nobody knows makes the folders be read anew.
    async fn in_folders(&mut self, messages: Vec<Value>) -> Result<Vec<Value>, SourceError> {
        let parent = |one: &Value| text(one, FOLDER_FIELD).map(str::to_owned).unwrap_or_default();
        let parents: BTreeSet<String> = messages.iter().map(parent).collect();
        let is_known = |folders: &Folders| parents.iter().all(|id| folders.kept.contains(id) || folders.out.contains(id));
        if !self.folders.as_ref().is_some_and(is_known) {
            let mut folders = self.read_folders().await?;
            // Where there is no such folder for people, nobody has to look for it again.
            let hidden: Vec<String> = parents.difference(&folders.kept).cloned().collect();
            folders.out.extend(hidden);
            self.folders = Some(folders);
        }
        let Some(folders) = &self.folders else { return Ok(Vec::new()) };
        Ok(messages.into_iter().filter(|one| folders.kept.contains(&parent(one))).collect())
    }

    /// Ids of the folders that are left out, as many as a mailbox has. Asked for together, as many at once as a mailbox takes.
    async fn read_left_out(&self) -> Result<BTreeSet<String>, SourceError> {
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
        if folder == MAILBOX {
            return Ok(Page { cursor: MAILBOX.to_owned(), is_last: true, ..Page::default() });
        }
        // Whoever asks for the future too still misses nothing, nor what is moved here from a folder that was begun a little earlier.
        let link = self.mail_state(folder, from.min(self.graph.now()).plus_us(-OVERLAP_US))?;
        self.mail_page(folder, MailCursor { link, seen: 0, began_us: None }).await
    }

    pub(super) async fn mail_changes(&mut self, folder: &str, cursor: &str) -> Result<Page, SourceError> {
        if folder == MAILBOX {
            return self.mail_begin(folder, self.graph.now()).await;
        }
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

    /// Messages that were received in a window, newest first. A folder alone has a month of it, the mailbox everything.
    ///
    /// Pages are told apart by moments rather than by how many messages come before: what is deleted or moved away meanwhile then takes
    /// nothing else with it. Graph says moments in whole seconds, so the last second comes again, without what was told of it.
    pub(super) async fn mail_history(&mut self, folder: &str, window: Window, cursor: Option<&str>) -> Result<Page, SourceError> {
        let first = HistoryCursor { until_us: window.until.0, told: Vec::new(), link: None };
        let asked: HistoryCursor = cursor.map_or(Ok(first), cursor::read)?;
        let from = if folder == MAILBOX { window.from } else { window.from.max(self.graph.now().plus_us(-FOLDER_HISTORY_US)) };
        if asked.until_us <= from.0 {
            return Ok(Page { is_last: true, ..Page::default() });
        }
        let url = if let Some(link) = &asked.link {
            self.graph.link(link)?
        } else {
            let filter = format!("receivedDateTime ge {} and receivedDateTime lt {}", at(from), at(Moment(asked.until_us)));
            let fields = select();
            let query =
                format!("$select={fields},{FOLDER_FIELD}&$filter={filter}&$orderby=receivedDateTime desc&$top={PAGE_MESSAGES}");
            if folder == MAILBOX {
                self.url(&["messages"], &query)?
            } else {
                self.url(&["mailFolders", folder, "messages"], &query)?
            }
        };
        if folder == MAILBOX && self.folders.is_none() {
            self.folders = Some(self.read_folders().await?);
        }
        let Listed { items: mut messages, next: link, .. } = Listed::read(self.get(&url, &prefer()).await?)?;
        let next = link.map(|link| onward(&messages, &asked, link));
        messages.retain(|one| text(one, "id").is_none_or(|id| !asked.told.iter().any(|told| told == id)));
        if folder == MAILBOX {
            messages = self.in_folders(messages).await?;
        }
        let items = messages.iter().filter_map(message).collect();
        match next {
            Some(next) => Ok(Page { items, cursor: cursor::write(&next)?, is_last: false }),
            None => Ok(Page { items, cursor: String::new(), is_last: true }),
        }
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
    match answers::of_batch(one) {
        Ok(folder) => Ok(id(folder)),
        Err(error) if error.is_expired() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn one_answer_of_several_counts_for_itself() {
        let folder = folder_of(&json!({"id": "drafts", "status": 200, "body": {"id": "F1"}}));
        assert_eq!(folder.unwrap().as_deref(), Some("F1"));
        let none = folder_of(&json!({"id": "drafts", "status": 404, "body": {"error": {"code": "ErrorItemNotFound"}}}));
        assert_eq!(none.unwrap(), None, "not every mailbox has every folder");
        let busy = folder_of(&json!({"id": "drafts", "status": 429, "headers": {"Retry-After": "10"}, "body": {}})).unwrap_err();
        assert_eq!((busy.is_throttled(), busy.retry_after()), (true, Some(Duration::from_secs(10))));
        assert!(folder_of(&json!({})).is_err());
    }

    #[test]
    fn history_goes_on_by_the_second() {
        let page = |ats: &[&str]| -> Vec<Value> {
            ats.iter().enumerate().map(|(number, at)| json!({"id": format!("{number}"), "receivedDateTime": at})).collect()
        };
        let asked = HistoryCursor { until_us: Moment::parse("2026-03-01T00:00:00Z").unwrap().0, told: Vec::new(), link: None };
        let items = page(&["2026-02-28T10:00:05Z", "2026-02-28T10:00:04Z", "2026-02-28T10:00:04Z"]);
        let next = onward(&items, &asked, "link".to_owned());
        let until_us = Moment::parse("2026-02-28T10:00:05Z").unwrap().0;
        assert_eq!(next, HistoryCursor { until_us, told: vec!["1".to_owned(), "2".to_owned()], link: None });
        let same = onward(&page(&["2026-02-28T10:00:04Z", "2026-02-28T10:00:04Z"]), &next, "link".to_owned());
        assert_eq!(same, HistoryCursor { link: Some("link".to_owned()), ..next.clone() });
        assert_eq!(onward(&page(&["never"]), &next, "link".to_owned()).link.as_deref(), Some("link"));
    }
}
