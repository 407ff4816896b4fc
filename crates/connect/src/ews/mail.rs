//! Mail: what arrives in a folder, and what was there.
//!
//! Exchange tells what changed since a state, and there is no state but one that was reached through all that is there. So a folder begins
//! with passing over what it holds, by ids alone. From then on whatever comes to it is told, also what was moved there; as history is read
//! after all folders have begun, nothing is missed that is filed away while history is read.

use rapport_domain::{
    Moment,
    time::{HOUR_US, SECOND_US},
};
use roxmltree::Node;
use serde_json::json;

use super::{
    EwsSession,
    cursor::{self, HistoryCursor, MailCursor},
    items::{Happened, Said, Told, shape},
    message::{is_message, message, message_shape},
    soap,
};
use crate::mailbox::{Content, Item, Page, SourceError, Window};

/// Messages of one page.
const PAGE_MESSAGES: u32 = 100;
/// Ids of what is passed over, the most that Exchange tells at a time.
const PASSED_AT_ONCE: u32 = 512;
/// A message can show up some time after it was received: what was received so long before the beginning is news still.
const OVERLAP_US: i64 = HOUR_US;
const RECEIVED: &str = "item:DateTimeReceived";

impl EwsSession {
    /// A state from which on what arrives is told, or the first step towards it.
    pub(super) async fn mail_begin(&mut self, folder: &str, from: Moment, now: Moment) -> Result<Page, SourceError> {
        let cursor = MailCursor { state: String::new(), began_us: Some(now.plus_us(-OVERLAP_US).0) };
        self.mail_page(folder, cursor, from).await
    }

    /// What came to a folder; what was received before `from` is not read.
    pub(super) async fn mail_changes(&mut self, folder: &str, cursor: &str, from: Moment) -> Result<Page, SourceError> {
        self.mail_page(folder, cursor::read(cursor)?, from).await
    }

    async fn mail_page(&mut self, folder: &str, cursor: MailCursor, from: Moment) -> Result<Page, SourceError> {
        let most = if cursor.began_us.is_some() { PASSED_AT_ONCE } else { PAGE_MESSAGES };
        let changes = self.changes(folder, &cursor.state, &[RECEIVED], most).await?;
        let from = from.0.max(cursor.began_us.unwrap_or(i64::MIN));
        let is_news = |told: &Told| is_message(&told.kind) && told.at.is_none_or(|at| at.0 >= from);
        let came = changes.told.into_iter().filter(|(happened, told)| *happened == Happened::Came && is_news(told));
        let ids: Vec<String> = came.map(|(_, told)| told.id).collect();
        let items = self.messages(&ids).await?;
        let began_us = cursor.began_us.filter(|_| !changes.is_last);
        let next = MailCursor { state: changes.state, began_us };
        Ok(Page { items, cursor: cursor::write(&next)?, is_last: changes.is_last })
    }

    /// Messages that were received in a window, newest first.
    ///
    /// Pages are told apart by moments rather than by how many messages come before: what is deleted or moved away meanwhile then takes
    /// nothing else with it. Exchange says moments in whole seconds, so the last second comes again, without what was told of it.
    pub(super) async fn mail_history(&mut self, folder: &str, window: Window, cursor: Option<&str>) -> Result<Page, SourceError> {
        let first = HistoryCursor { until_us: window.until.0, told: Vec::new(), offset: 0 };
        let asked: HistoryCursor = cursor.map_or(Ok(first), cursor::read)?;
        if asked.until_us <= window.from.0 {
            return Ok(Page { is_last: true, ..Page::default() });
        }
        let question = search(folder, Window { from: window.from, until: Moment(asked.until_us) }, asked.offset);
        let (found, is_last) = self.ask(&question, found).await?;
        let is_new = |told: &&Told| is_message(&told.kind) && !asked.told.contains(&told.id);
        let ids: Vec<String> = found.iter().filter(is_new).map(|told| told.id.clone()).collect();
        let items = self.messages(&ids).await?;
        // A page with nothing in it that is not the last would come again for ever.
        if is_last || found.is_empty() {
            return Ok(Page { items, cursor: String::new(), is_last: true });
        }
        Ok(Page { items, cursor: cursor::write(&onward(&found, asked))?, is_last: false })
    }

    async fn messages(&self, ids: &[String]) -> Result<Vec<Item>, SourceError> {
        let said = self.items(ids, &message_shape(self.header_fields), message).await?;
        let item = |said: Said| {
            let value = match said {
                Said::Item(value) => value,
                Said::Damaged(id) => json!({"id": id}),
            };
            let id = value["id"].as_str()?.to_owned();
            Some(Item { id, content: Content::GraphMessage(value.to_string().into_bytes()) })
        };
        Ok(said.into_iter().filter_map(item).collect())
    }
}

/// What asks for messages of a window, newest first.
fn search(folder: &str, window: Window, offset: u32) -> String {
    let bound = |name: &str, moment: Moment| {
        format!(
            "<t:{name}><t:FieldURI FieldURI=\"{RECEIVED}\"/><t:FieldURIOrConstant><t:Constant Value=\"{}\"/></t:FieldURIOrConstant></t:{name}>",
            moment.to_rfc3339()
        )
    };
    format!(
        "<m:FindItem Traversal=\"Shallow\">{}<m:IndexedPageItemView MaxEntriesReturned=\"{PAGE_MESSAGES}\" Offset=\"{offset}\" \
         BasePoint=\"Beginning\"/><m:Restriction><t:And>{}{}</t:And></m:Restriction><m:SortOrder><t:FieldOrder Order=\"Descending\">\
         <t:FieldURI FieldURI=\"{RECEIVED}\"/></t:FieldOrder></m:SortOrder><m:ParentFolderIds><t:FolderId Id=\"{}\"/></m:ParentFolderIds>\
         </m:FindItem>",
        shape(&[RECEIVED], &[]),
        bound("IsGreaterThanOrEqualTo", window.from),
        bound("IsLessThan", window.until),
        soap::escaped(folder),
    )
}

/// What a search found, and whether that is all.
pub(super) fn found(body: Node<'_, '_>) -> Result<(Vec<Told>, bool), SourceError> {
    let response = soap::response(body)?;
    let root = soap::message(response, "RootFolder").ok_or_else(|| SourceError::unexpected("Exchange sent no list"))?;
    let items = soap::children(root, "Items").filter_map(Told::of).collect();
    Ok((items, root.attribute("IncludesLastItemInRange") != Some("false")))
}

/// Where history goes on after a page that is not the last.
fn onward(found: &[Told], asked: HistoryCursor) -> HistoryCursor {
    let last = found.iter().filter_map(|told| told.at).min();
    let until_us = last.map_or(asked.until_us, |last| last.0.div_euclid(SECOND_US) * SECOND_US + SECOND_US);
    if until_us >= asked.until_us {
        // A page of one second: only what comes after it leads beyond.
        let offset = asked.offset.saturating_add(found.len() as u32);
        return HistoryCursor { offset, ..asked };
    }
    let is_within = |told: &&Told| told.at.is_some_and(|at| at.0 < until_us);
    HistoryCursor { until_us, told: found.iter().filter(is_within).map(|told| told.id.clone()).collect(), offset: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_goes_on_by_the_second() {
        let page = |ats: &[&str]| -> Vec<Told> {
            let told = |(number, at): (usize, &&str)| Told {
                id: number.to_string(),
                kind: "Message".to_owned(),
                at: Moment::parse(at).ok(),
                is_series: false,
            };
            ats.iter().enumerate().map(told).collect()
        };
        let us = |at: &str| Moment::parse(at).unwrap().0;
        let asked = HistoryCursor { until_us: us("2026-03-01T00:00:00Z"), told: Vec::new(), offset: 0 };
        let next = onward(&page(&["2026-02-28T10:00:05Z", "2026-02-28T10:00:04Z", "2026-02-28T10:00:04Z"]), asked);
        let until_us = us("2026-02-28T10:00:05Z");
        assert_eq!(next, HistoryCursor { until_us, told: vec!["1".to_owned(), "2".to_owned()], offset: 0 });
        let same = onward(&page(&["2026-02-28T10:00:04Z", "2026-02-28T10:00:04Z"]), next.clone());
        assert_eq!(same, HistoryCursor { offset: 2, ..next });
        assert_eq!(onward(&page(&["never"]), same).offset, 3);
    }
}
