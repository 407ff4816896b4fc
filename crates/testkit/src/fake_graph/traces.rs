//! Message traces: rows of the tenant's transport, by moment and by sender or recipient.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Asked, Reply, Shared, checks, states::page_size};

/// The permission without which nobody sees a trace.
const ROLE: &str = "ExchangeMessageTrace.Read.All";
/// The longest time that may be asked for, in seconds.
const WINDOW_MAX_S: i64 = 10 * 86_400;
/// Rows of a page at most, by the contract.
const TOP_MAX: usize = 1_000;

/// What is asked for: from and until (both within), a property and what it is.
struct Filter<'a> {
    from: Timestamp,
    until: Timestamp,
    property: &'a str,
    address: String,
}

impl<'a> Filter<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (from, rest) = text.strip_prefix("receivedDateTime ge ")?.split_once(" and receivedDateTime le ")?;
        let (until, rest) = rest.split_once(" and ")?;
        let (property, value) = rest.split_once(" eq ")?;
        let value = value.strip_prefix('\'')?.strip_suffix('\'')?;
        let is_known = ["senderAddress", "recipientAddress"].contains(&property);
        let ends_early = value.replace("''", "").contains('\'');
        (is_known && !ends_early).then(|| {
            Some(Self { from: from.parse().ok()?, until: until.parse().ok()?, property, address: value.replace("''", "'") })
        })?
    }

    fn shows(&self, row: &Value) -> bool {
        let received = row["receivedDateTime"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
        let is_theirs = row[self.property].as_str().is_some_and(|address| address.eq_ignore_ascii_case(&self.address));
        is_theirs && received.is_some_and(|at| self.from <= at && at <= self.until)
    }
}

pub(super) fn answer(shared: &Shared, asked: &Asked) -> Reply {
    if !shared.login.roles.iter().any(|role| role == ROLE) {
        return Reply::error(403, "Forbidden");
    }
    let filter = checks::option(asked, "$filter").and_then(Filter::read);
    let Some(filter) = filter.filter(|filter| filter.until.as_second() - filter.from.as_second() <= WINDOW_MAX_S) else {
        return Reply::error(400, "BadRequest");
    };
    if checks::option(asked, "$top").is_some_and(|top| !top.parse().is_ok_and(|top| (1..=TOP_MAX).contains(&top))) {
        return Reply::error(400, "BadRequest");
    }
    let mut rows: Vec<&Value> = shared.world.traces.iter().filter(|row| filter.shows(row)).collect();
    // By id, so that rows of one message stand apart.
    rows.sort_by_key(|row| row["recipientAddress"].as_str());
    let skip = checks::option(asked, "$skiptoken").and_then(|token| token.parse::<usize>().ok()).unwrap_or(0);
    let size = page_size(&shared.world, asked);
    let page: Vec<&Value> = rows.iter().skip(skip).take(size).copied().collect();
    let mut body = json!({"value": page});
    if rows.len() > skip + size {
        let query = asked.target.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let kept = query.split('&').filter(|part| !part.starts_with("$skiptoken=")).collect::<Vec<_>>().join("&");
        let link = format!("{}/admin/exchange/tracing/messageTraces?{kept}&$skiptoken={}", shared.url, skip + size);
        body["@odata.nextLink"] = json!(link);
    }
    Reply::ok(body)
}
