//! Message traces: who sent mail to whom, as the transport of a whole tenant notes it, without any mailbox being opened.
//!
//! Nothing but the traces of one user at a time is asked for: those that name the user's address as sender, and those that name it as
//! recipient. A trace has one row per recipient; the rows of one message by one sender become one message whose recipients are all "to",
//! since traces tell no roles. Subjects are sent by Graph and dropped here.
//!
//! Rows of one message need not stand together, and parts of one would be judged as other messages than the whole. So rows are gathered
//! until a window of time is complete, one request at a time; whoever begins anew in the middle of a window asks for it from its first
//! page. Traces appear late: each look goes back a day further, and its cursor names what was told of that day.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use rapport_domain::{
    Moment,
    time::{DAY_US, HOUR_US, MINUTE_US, SECOND_US},
};
use reqwest::{Method, Url};
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    Graph,
    cursor::{self, at},
    session::{Listed, text},
};
use crate::mailbox::{Ask, Content, Item, Page, SourceError, Stream, StreamKind, Window};

/// Traces of what a user sent, and of what they received.
const STREAMS: [(&str, &str); 2] = [("received", "recipientAddress"), ("sent", "senderAddress")];
/// How far back traces go; an hour less, so that no clock has to agree.
const KEPT_US: i64 = 90 * DAY_US - HOUR_US;
/// The longest time that is asked for at once. Microsoft allows ten days; margins come on top.
const WINDOW_US: i64 = 9 * DAY_US;
/// Rows of one message lie so close together; those of a message on the edge of a window are looked for beyond it.
const MARGIN_US: i64 = MINUTE_US;
/// How late a trace may appear, or a recipient be reached who was not at first.
const LATE_US: i64 = DAY_US;
/// Between two looks at what is new: traces appear late anyway, and the tenant takes few requests.
const LOOK_US: i64 = 15 * MINUTE_US;
/// Rows of a page, the most that Graph sends unless asked for more.
const PAGE_ROWS: u32 = 1_000;
/// Rows of a window that are gathered, some 300 bytes each. What is beyond is told in parts.
const ROWS_MAX: usize = 20_000;
/// Rows that are gathered for all users together: whoever finds no room tells in parts, too.
const ROWS_MAX_OF_ALL: usize = 500_000;
/// Messages of the last day that a cursor names, 11 characters each. Of more, some come again, which is harmless.
const TOLD_MAX: usize = 2_000;
/// Requests for traces that a tenant takes in [`PACE_US`]: Microsoft says 100, for all who ask.
const PACE_REQUESTS: usize = 90;
/// See [`PACE_REQUESTS`].
const PACE_US: i64 = 5 * MINUTE_US;

/// Room for the rows that all users of a tenant gather.
pub(super) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROWS_MAX_OF_ALL)))
    }
}

/// When the last requests for traces were made: no more than a tenant takes.
#[derive(Default)]
pub(super) struct Pace(VecDeque<Moment>);

impl Pace {
    /// Notes a request of this moment, or says how long to wait.
    pub(super) fn take(&mut self, now: Moment) -> Result<(), SourceError> {
        while self.0.front().is_some_and(|first| now >= first.plus_us(PACE_US)) {
            self.0.pop_front();
        }
        match self.0.front() {
            Some(first) if self.0.len() >= PACE_REQUESTS => {
                let wait_us = first.plus_us(PACE_US).0 - now.0;
                Err(SourceError::paced(Duration::from_micros(wait_us.unsigned_abs())))
            }
            _ => {
                self.0.push_back(now);
                Ok(())
            }
        }
    }
}

/// Where a window is read: the first moment of it, the moment after the last, and Graph's link to its next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    from_us: i64,
    until_us: i64,
    link: Option<String>,
}

/// Where changes go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ChangesCursor {
    /// Up to here everything was told that could be seen.
    until_us: i64,
    /// Digests of the messages that were told of the last day before.
    told: BTreeSet<String>,
    /// The window that is being read, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
}

/// A row of a trace: one recipient of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    message_id: String,
    sender: String,
    recipient: String,
    received: Moment,
}

/// One user, whose traces are read.
pub struct TraceSession {
    graph: Graph,
    address: String,
    /// Of windows that go on: history and changes of each stream at most.
    gathered: Vec<Gathered>,
}

/// Rows of a window that goes on.
struct Gathered {
    /// With what.
    link: String,
    rows: Vec<Row>,
    room: Vec<OwnedSemaphorePermit>,
}

impl TraceSession {
    pub(super) fn new(graph: Graph, address: String) -> Self {
        Self { graph, address, gathered: Vec::new() }
    }

    /// What the user sent and received.
    #[allow(clippy::unused_async, reason = "every source is asked for its streams in the same form")]
    pub async fn streams(&mut self) -> Result<Vec<Stream>, SourceError> {
        Ok(STREAMS.iter().map(|(id, _)| Stream { id: (*id).to_owned(), kind: StreamKind::Mail }).collect())
    }

    /// A part of a stream.
    pub async fn page(&mut self, stream: &Stream, ask: &Ask<'_>) -> Result<Page, SourceError> {
        let property = STREAMS.iter().find(|(id, _)| *id == stream.id).map(|(_, property)| *property);
        let property = property.ok_or_else(|| SourceError::unexpected("there is no such stream of traces"))?;
        let now = self.graph.now();
        match ask {
            Ask::Begin(window) => {
                let until_us = window.until.min(now).0;
                let cursor = ChangesCursor { until_us, told: BTreeSet::new(), place: None };
                Ok(Page { cursor: cursor::write(&cursor)?, is_last: true, ..Page::default() })
            }
            Ask::Changes(cursor, window) => self.changes(property, cursor, window.from, now).await,
            Ask::History(window, cursor) => self.history(property, *window, *cursor, now).await,
        }
    }

    /// Newest window first.
    async fn history(&mut self, property: &str, window: Window, cursor: Option<&str>, now: Moment) -> Result<Page, SourceError> {
        let begins_us = window.from.0.max(now.0 - KEPT_US);
        let below = |until_us: i64| Place { from_us: begins_us.max(until_us - WINDOW_US), until_us, link: None };
        let place = cursor.map_or(Ok(below(window.until.0)), cursor::read)?;
        // A window that a cursor names may be older than what is kept by now.
        let place = Place { from_us: place.from_us.max(begins_us), ..place };
        if place.until_us <= begins_us {
            return Ok(Page { is_last: true, ..Page::default() });
        }
        let (groups, link) = self.read(property, &place).await?;
        let next = if link.is_some() { Place { link, ..place } } else { below(place.from_us) };
        let is_last = next.until_us <= begins_us;
        let items = groups.into_iter().map(|group| group.item()).collect();
        Ok(Page { items, cursor: cursor::write(&next)?, is_last })
    }

    /// Oldest window first, from a day before what was seen last.
    async fn changes(&mut self, property: &str, cursor: &str, from: Moment, now: Moment) -> Result<Page, SourceError> {
        let asked: ChangesCursor = cursor::read(cursor)?;
        if asked.place.is_none() && now.0 < asked.until_us + LOOK_US {
            return Ok(Page { cursor: cursor.to_owned(), is_last: true, ..Page::default() });
        }
        let oldest_us = from.0.max(now.0 - KEPT_US);
        let place = asked.place.clone().unwrap_or_else(|| {
            let from_us = (asked.until_us - LATE_US).max(oldest_us);
            Place { from_us, until_us: now.0.min(from_us + WINDOW_US), link: None }
        });
        let place = Place { from_us: place.from_us.max(oldest_us), ..place };
        let (groups, link) = self.read(property, &place).await?;
        let is_read = link.is_none();
        // Anything of the window's last day may come again with the next look, and everything where pages of the window are still to come.
        let may_return = |group: &&Group| !is_read || group.received.0 >= place.until_us - LATE_US - MARGIN_US;
        let mut told: BTreeSet<String> = groups.iter().filter(may_return).map(Group::digest).collect();
        let items = groups.iter().filter(|group| !asked.told.contains(&group.digest())).map(Group::item).collect();
        if !is_read {
            told.extend(asked.told.iter().cloned());
        }
        while told.len() > TOLD_MAX {
            told.pop_last();
        }
        let next = if is_read {
            ChangesCursor { until_us: place.until_us, told, place: None }
        } else {
            ChangesCursor { until_us: asked.until_us, told, place: Some(Place { link, ..place }) }
        };
        let is_last = is_read && now.0 < next.until_us + LOOK_US;
        Ok(Page { items, cursor: cursor::write(&next)?, is_last })
    }

    /// One request for a window: its messages once it is complete, else the link with which it goes on.
    async fn read(&mut self, property: &str, place: &Place) -> Result<(Vec<Group>, Option<String>), SourceError> {
        let known = self.gathered.iter().position(|gathered| place.link.as_ref() == Some(&gathered.link));
        let url = match (&place.link, known) {
            (Some(link), Some(_)) => self.graph.link(link)?,
            // Without the rows that came before, the window is read from its beginning.
            _ => self.url(property, place)?,
        };
        self.graph.pace()?;
        let answer = self.graph.ask(&Method::GET, &url, "", None).await?;
        if matches!(answer.status, 401 | 403) {
            return Err(SourceError::credentials(
                "our application may not read message traces: it lacks ExchangeMessageTrace.Read.All, or the tenant the service \
                 principal of message traces",
            ));
        }
        let listed = Listed::read(answer.success()?)?;
        let known = known.map(|known| self.gathered.remove(known));
        let (mut rows, mut taken) = known.map(|known| (known.rows, known.room)).unwrap_or_default();
        let before = rows.len();
        rows.extend(listed.items.iter().filter_map(row));
        let Some(link) = listed.next else { return Ok((groups(rows, place), None)) };
        let room = self.graph.0.room.0.clone().try_acquire_many_owned((rows.len() - before) as u32);
        let told = match room {
            Ok(room) if rows.len() < ROWS_MAX => {
                taken.push(room);
                Vec::new()
            }
            _ => {
                taken.clear();
                groups(std::mem::take(&mut rows), place)
            }
        };
        if self.gathered.len() >= 2 * STREAMS.len() {
            self.gathered.remove(0);
        }
        self.gathered.push(Gathered { link: link.clone(), rows, room: taken });
        Ok((told, Some(link)))
    }

    fn url(&self, property: &str, place: &Place) -> Result<Url, SourceError> {
        // Whole seconds, outwards: what is beyond is left out here. Nothing lies in the future.
        let from = Moment((place.from_us - MARGIN_US).div_euclid(SECOND_US) * SECOND_US);
        let until = Moment((place.until_us + MARGIN_US).min(self.graph.now().0).div_euclid(SECOND_US) * SECOND_US + SECOND_US);
        let query = format!(
            "$filter=receivedDateTime ge {} and receivedDateTime le {} and {property} eq '{}'&$top={PAGE_ROWS}",
            at(from),
            at(until),
            quoted(&self.address)
        );
        self.graph.url(&["admin", "exchange", "tracing", "messageTraces"], &query)
    }
}

/// A text within a filter: quotes are doubled, and what an address would read otherwise is encoded.
fn quoted(text: &str) -> String {
    let fair = |byte: u8| byte.is_ascii_alphanumeric() || b"-._@".contains(&byte);
    let text = text.replace('\'', "''");
    text.bytes().map(|byte| if fair(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// A row of a message that reached its recipient. What is pending may be delivered later; what failed, was expanded to others, or counts
/// as spam was no mail to this recipient.
fn row(value: &Value) -> Option<Row> {
    let has_arrived = text(value, "status").is_some_and(|status| status.eq_ignore_ascii_case("delivered"));
    Some(Row {
        message_id: text(value, "messageId").filter(|_| has_arrived)?.to_owned(),
        sender: text(value, "senderAddress")?.to_owned(),
        recipient: text(value, "recipientAddress")?.to_owned(),
        received: Moment::parse(text(value, "receivedDateTime")?).ok()?,
    })
}

/// The rows of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    message_id: String,
    sender: String,
    recipients: BTreeSet<String>,
    /// When the first row says that it came.
    received: Moment,
    /// When the last one does: it decides in which window the message is.
    last: Moment,
}

/// Messages of a window, ascending by id and sender.
fn groups(rows: Vec<Row>, place: &Place) -> Vec<Group> {
    let mut groups: BTreeMap<(String, String), Group> = BTreeMap::new();
    for Row { message_id, sender, recipient, received } in rows {
        let key = (message_id.clone(), sender.to_lowercase());
        let new = || Group { message_id, sender, recipients: BTreeSet::new(), received, last: received };
        let group = groups.entry(key).or_insert_with(new);
        group.recipients.insert(recipient);
        (group.received, group.last) = (group.received.min(received), group.last.max(received));
    }
    groups.into_values().filter(|group| (place.from_us..place.until_us).contains(&group.last.0)).collect()
}

impl Group {
    /// What tells it from every other, and from itself with further recipients.
    fn digest(&self) -> String {
        let mut context = Context::new(&SHA256);
        for part in [&self.message_id, &self.sender].into_iter().chain(&self.recipients) {
            context.update(part.to_lowercase().as_bytes());
            context.update(&[0]);
        }
        BASE64.encode(&context.finish().as_ref()[..8])
    }

    /// A message as Graph shows one, with what is known of it.
    fn item(&self) -> Item {
        let person = |address: &String| json!({"emailAddress": {"address": address}});
        let message = json!({
            "id": self.message_id, "internetMessageId": self.message_id, "receivedDateTime": self.received.to_rfc3339(),
            "from": person(&self.sender), "toRecipients": self.recipients.iter().map(person).collect::<Vec<_>>(),
        });
        Item { id: self.message_id.clone(), content: Content::GraphMessage(message.to_string().into_bytes()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traced(message_id: &str, recipient: &str, received: &str, status: &str) -> Value {
        json!({
            "id": "t", "messageId": message_id, "senderAddress": "Ann@us.example", "recipientAddress": recipient,
            "receivedDateTime": received, "status": status, "subject": "nobody's business",
        })
    }

    fn place(from: &str, until: &str) -> Place {
        let us = |text: &str| Moment::parse(text).unwrap().0;
        Place { from_us: us(from), until_us: us(until), link: None }
    }

    #[test]
    fn rows_of_a_message_become_one_without_its_subject() {
        let rows = [
            traced("<1@x>", "jo@acme.example", "2026-02-03T10:00:01Z", "delivered"),
            traced("<2@x>", "jo@acme.example", "2026-02-03T10:00:02Z", "failed"),
            traced("<1@x>", "lee@acme.example", "2026-02-03T10:00:00Z", "Delivered"),
            json!({"status": "delivered"}),
        ];
        let rows: Vec<Row> = rows.iter().filter_map(row).collect();
        let found = groups(rows.clone(), &place("2026-02-03T00:00:00Z", "2026-02-04T00:00:00Z"));
        let Content::GraphMessage(json) = found[0].item().content else { panic!("another kind") };
        let shown = String::from_utf8(json).unwrap();
        assert_eq!(
            shown,
            r#"{"from":{"emailAddress":{"address":"Ann@us.example"}},"id":"<1@x>","internetMessageId":"<1@x>","receivedDateTime":"2026-02-03T10:00:00Z","toRecipients":[{"emailAddress":{"address":"jo@acme.example"}},{"emailAddress":{"address":"lee@acme.example"}}]}"#
        );
        assert_eq!(found.len(), 1);
        // On the edge of two windows it is in the later one, as a whole.
        let edge = "2026-02-03T10:00:01Z";
        assert_eq!(groups(rows.clone(), &place(edge, "2026-02-04T00:00:00Z")), found);
        assert!(groups(rows.clone(), &place("2026-02-03T00:00:00Z", edge)).is_empty());
        // With one recipient more it is told again.
        let fewer = groups(rows[..1].to_vec(), &place("2026-02-03T00:00:00Z", "2026-02-04T00:00:00Z"));
        assert!(fewer[0].digest() != found[0].digest());
    }

    #[test]
    fn a_tenant_is_asked_no_more_often_than_it_takes() {
        let (mut pace, now) = (Pace::default(), Moment::parse("2026-03-01T00:00:00Z").unwrap());
        for second in 0..PACE_REQUESTS as i64 {
            pace.take(now.plus_us(second * SECOND_US)).unwrap();
        }
        let refused = pace.take(now.plus_us(PACE_REQUESTS as i64 * SECOND_US)).unwrap_err();
        assert!(refused.is_paced() && refused.is_throttled());
        assert_eq!(refused.retry_after(), Some(Duration::from_secs(300 - PACE_REQUESTS as u64)));
        pace.take(now.plus_us(PACE_US)).unwrap();
        assert!(pace.take(now.plus_us(PACE_US)).unwrap_err().is_paced(), "one was over, not two");
    }

    #[test]
    fn an_address_ends_no_filter() {
        assert_eq!(quoted("o'neil+x&y@us.example"), "o%27%27neil%2Bx%26y@us.example");
    }
}
