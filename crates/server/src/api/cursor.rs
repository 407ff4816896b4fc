//! Cursors of lists: opaque to clients, bound to the query and to what the list was computed from.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rapport_domain::{Day, Moment, UserId};
use rapport_store::{registry::LookMark, snapshots::SnapshotVersion};

use super::problem::{Kind, Problem};

/// Where the next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) offset: u64,
    pub(crate) facts_version: i64,
    pub(crate) settings_version: i64,
    pub(crate) as_of_us: i64,
    /// Hash of the query that it continues.
    pub(crate) query: u64,
}

impl Cursor {
    pub(crate) fn of(offset: u64, version: &SnapshotVersion, query: u64) -> Self {
        let SnapshotVersion { facts_version, settings_version, as_of_us, .. } = *version;
        Self { offset, facts_version, settings_version, as_of_us, query }
    }

    pub(crate) fn encode(self) -> String {
        let Self { offset, facts_version, settings_version, as_of_us, query } = self;
        URL_SAFE_NO_PAD.encode(format!("{offset} {facts_version} {settings_version} {as_of_us} {query}"))
    }

    /// Reads a cursor that continues the same query.
    pub(crate) fn decode(text: &str, query: u64) -> Result<Self, Problem> {
        let cursor = parse(text).ok_or_else(|| Problem::invalid("query: cursor: it is none that this server gave"))?;
        if cursor.query != query {
            return Err(Problem::invalid("query: cursor: it continues another query")
                .with_hint("repeat every parameter of the first page beside the cursor"));
        }
        Ok(cursor)
    }

    /// A page of a list that has changed would skip rows or show them twice.
    pub(crate) fn check(self, version: &SnapshotVersion) -> Result<(), Problem> {
        if self == Self::of(self.offset, version, self.query) {
            return Ok(());
        }
        Err(Problem::new(Kind::StaleCursor, "the list has changed since its first page")
            .with_hint("ask for the first page again"))
    }
}

fn parse(text: &str) -> Option<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let mut parts = text.split(' ');
    let mut part = || parts.next();
    let cursor = Cursor {
        offset: part()?.parse().ok()?,
        facts_version: part()?.parse().ok()?,
        settings_version: part()?.parse().ok()?,
        as_of_us: part()?.parse().ok()?,
        query: part()?.parse().ok()?,
    };
    part().is_none().then_some(cursor)
}

/// The cursor of a list that only grows at its top: the last id that was shown.
pub(crate) fn encode_id(id: i64) -> String {
    URL_SAFE_NO_PAD.encode(id.to_string())
}

/// Reads what [`encode_id`] wrote.
pub(crate) fn decode_id(text: &str) -> Result<i64, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let id = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).and_then(|text| text.parse().ok());
    id.ok_or_else(|| Problem::invalid("query: cursor: it is none that this server gave"))
}

/// The cursor of the access log: the look that was shown last.
pub(crate) fn encode_look(mark: &LookMark) -> String {
    let LookMark { day, last_at, about, viewer, what } = mark;
    let viewer = viewer.map_or(0, |viewer| viewer.0);
    URL_SAFE_NO_PAD.encode(format!("{} {} {} {viewer} {what}", day.0, last_at.0, about.0))
}

/// Reads what [`encode_look`] wrote.
pub(crate) fn decode_look(text: &str) -> Result<LookMark, Problem> {
    let mark = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = text.splitn(5, ' ');
        let mut part = || parts.next();
        Some(LookMark {
            day: Day(part()?.parse().ok()?),
            last_at: Moment(part()?.parse().ok()?),
            about: UserId(part()?.parse().ok()?),
            viewer: Some(part()?.parse().ok()?).filter(|viewer| *viewer > 0).map(UserId),
            what: part()?.to_owned(),
        })
    };
    mark().ok_or_else(|| Problem::invalid("query: cursor: it is none that this server gave"))
}

/// A hash of a query, the same on every machine.
pub(crate) fn query_hash(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut bytes = [0; 8];
    hasher.finalize_xof().fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
