//! Erasing a person from texts: every text column of every table, whatever way the address is written in it.

use rapport_domain::{OrgId, RecordRef, Table};
use rustc_hash::FxHashMap;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::append::record_hash;
use crate::{StoreError, sql::columns};

/// What replaces an erased address in texts that must stay.
const ERASED: &str = "(erased)";

/// Rows that are about the person, or mean nothing without them, go as a whole.
const GO: &[(&str, &str)] = &[
    ("crm_activities", "activity_id"),
    ("identities", "subject"),
    ("introductions", "target_key"),
    ("introductions", "target_name"),
    ("introductions", "message"),
    ("list_views", "name"),
    ("list_views", "query"),
    ("people_merges", "kept_key"),
    ("people_merges", "merged_key"),
    ("private_contacts", "contact"),
    ("sign_ins_begun", "return_to"),
];

/// What a sign-in rests on is not changed behind the back of whoever set it up.
const REFUSED: &[(&str, &str)] = &[("identity_providers", "issuer"), ("identity_providers", "client_id")];

/// Texts that are an address or consist of addresses: there `jo@x.example.org` is somebody else. In free text it may also be the name of
/// a file, so that there rather too much is erased than too little.
const OF_ADDRESSES: &[(&str, &str)] = &[
    ("addresses", "key"),
    ("introductions", "target_key"),
    ("list_views", "viewer"),
    ("people_merges", "kept_key"),
    ("people_merges", "merged_key"),
    ("privacy_requests", "address"),
    ("private_contacts", "contact"),
    ("records", "document"),
    ("users", "document"),
    ("users", "email"),
];

/// What names a person: addresses and references, as they are stored.
pub(super) struct Person<'a> {
    keys: &'a [String],
}

impl<'a> Person<'a> {
    pub(super) fn new(keys: &'a [String]) -> Self {
        Self { keys }
    }

    /// The text without them; `None` if it does not name them. `of_addresses`: what goes on after an address is another one.
    pub(super) fn scrub(&self, text: &str, of_addresses: bool) -> Option<String> {
        let mut scrubbed = None;
        for key in self.keys {
            let text = scrubbed.as_deref().unwrap_or(text);
            let is_whole = of_addresses || is_reference(key);
            scrubbed = replace_where(text, key, |rest| !is_whole || ends(rest)).or(scrubbed);
        }
        scrubbed
    }

    /// Whether an id is made of them, with whatever before and after.
    pub(super) fn is_in(&self, id: &str) -> bool {
        let lower = id.to_lowercase();
        let decoded = is_encoded(id).then(|| Searched::decoded(id).lower);
        let contains = |key: &String| lower.contains(key) || decoded.as_ref().is_some_and(|decoded| decoded.contains(key));
        self.keys.iter().any(|key| if is_reference(key) { scrub(id, key).is_some() } else { contains(key) })
    }
}

/// `contact:c10` is never `contact:c1`; an address may stand in the middle of an id.
fn is_reference(key: &str) -> bool {
    key.starts_with("contact:") || key.starts_with("lead:")
}

/// Takes a person out of all texts but those of the audit log; how many there were.
pub(super) async fn erase_texts(connection: &mut SqliteConnection, org: OrgId, person: &Person<'_>) -> Result<u64, StoreError> {
    let mut erased = 0;
    for (table, column) in text_columns(connection).await? {
        let place = (table.as_str(), column.as_str());
        let texts = format!("SELECT DISTINCT {column} FROM {table} WHERE org_id = ? AND {column} IS NOT NULL");
        let texts: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(texts)).persistent(false).bind(org.0).fetch_all(&mut *connection).await?;
        for text in texts {
            let of_addresses = OF_ADDRESSES.contains(&place);
            let whole_row = || (GO.contains(&place) && !of_addresses && person.is_in(&text)).then(String::new);
            if let Some(scrubbed) = person.scrub(&text, of_addresses).or_else(whole_row) {
                erase_text(connection, org, place, &text, &scrubbed).await?;
                if table == "settings" {
                    bump_settings(connection, org).await?;
                }
                // Whose request it is was asked with the erasure.
                erased += u64::from(place != ("privacy_requests", "address"));
            }
        }
    }
    Ok(erased)
}

/// Whoever holds settings in memory reads them again.
async fn bump_settings(connection: &mut SqliteConnection, org: OrgId) -> Result<(), StoreError> {
    sqlx::query("UPDATE organizations SET settings_version = settings_version + 1 WHERE org_id = ?")
        .bind(org.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Every column that can hold a text, by table. The audit log has a way of its own to forget.
async fn text_columns(connection: &mut SqliteConnection) -> Result<Vec<(String, String)>, StoreError> {
    let all = columns(connection).await?.into_iter();
    let texts = all.filter(|(table, _, kind)| kind == "TEXT" && table != "audit");
    Ok(texts.map(|(table, column, _)| (table, column)).collect())
}

async fn erase_text(
    connection: &mut SqliteConnection,
    org: OrgId,
    place: (&str, &str),
    text: &str,
    scrubbed: &str,
) -> Result<(), StoreError> {
    let (table, column) = place;
    if REFUSED.contains(&place) {
        return Err(StoreError::refused(format!(
            "a sign-in provider names them in its `{column}`: change the provider, or take it away, and ask again"
        )));
    }
    let change = match place {
        _ if GO.contains(&place) => format!("DELETE FROM {table}"),
        ("privacy_requests", "address") => format!("UPDATE {table} SET address = NULL"),
        // Half a rule would be another rule.
        ("identity_providers", "administrator_claim" | "administrator_value") => {
            format!("UPDATE {table} SET administrator_claim = NULL, administrator_value = NULL")
        }
        _ => format!("UPDATE {table} SET {column} = ?3"),
    };
    let done = sqlx::query(AssertSqlSafe(format!("{change} WHERE org_id = ?1 AND {column} = ?2")))
        .persistent(false)
        .bind(org.0)
        .bind(text)
        .bind(scrubbed)
        .execute(&mut *connection)
        .await;
    match done {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(StoreError::refused(format!(
            "two `{table}` name them and would be called the same: change the `{column}` of one, and ask again"
        ))),
        done => Ok(done.map(drop)?),
    }
}

/// Gives another id to records whose id names a person; what stands in place of the old id's hash, by record.
pub(super) async fn rename_records(
    connection: &mut SqliteConnection,
    org: OrgId,
    person: &Person<'_>,
) -> Result<FxHashMap<u32, u64>, StoreError> {
    let rows: Vec<(u32, u8, String)> = sqlx::query_as("SELECT record_id, record_table, id FROM records WHERE org_id = ?")
        .bind(org.0)
        .fetch_all(&mut *connection)
        .await?;
    let mut renamed = FxHashMap::default();
    for (record, table, id) in rows.into_iter().filter(|(_, _, id)| person.is_in(id)) {
        let Some(table) = Table::from_code(table) else { continue };
        let new = RecordRef { table, id: format!("{ERASED} {record}") };
        sqlx::query("UPDATE records SET id = ? WHERE org_id = ? AND record_id = ?")
            .bind(&new.id)
            .bind(org.0)
            .bind(record)
            .execute(&mut *connection)
            .await?;
        sqlx::query("UPDATE addresses SET key = ? WHERE org_id = ? AND key = ?")
            .bind(format!("{}:{}", table.singular(), new.id))
            .bind(org.0)
            .bind(format!("{}:{id}", table.singular()))
            .execute(&mut *connection)
            .await?;
        renamed.insert(record, record_hash(&new));
    }
    Ok(renamed)
}

/// The text with each whole occurrence of an address, in any case and encoding, replaced; `None` if there is none. `jordan@x` is no
/// occurrence of `dan@x`.
pub fn scrub(text: &str, key: &str) -> Option<String> {
    replace_where(text, key, ends)
}

fn ends(rest: &str) -> bool {
    !rest.trim_start_matches('.').starts_with(continues)
}

fn continues(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+')
}

fn replace_where(text: &str, key: &str, ends: impl Fn(&str) -> bool) -> Option<String> {
    let mark = key.find(['@', ':']).map(|at| key.as_bytes()[at])?;
    let is_encoded = is_encoded(text);
    // Most texts are told by one look.
    if !is_encoded && !text.as_bytes().contains(&mark) {
        return None;
    }
    let plain = replace_in(text, &Searched::plain(text), key, &ends);
    let text = plain.as_deref().unwrap_or(text);
    let decoded = if is_encoded { replace_in(text, &Searched::decoded(text), key, &ends) } else { None };
    decoded.or(plain)
}

fn is_encoded(text: &str) -> bool {
    text.contains(['%', '\\'])
}

fn replace_in(text: &str, searched: &Searched, key: &str, ends: impl Fn(&str) -> bool) -> Option<String> {
    let (lower, (mut scrubbed, mut copied)) = (&searched.lower, (String::new(), 0));
    for (start, _) in lower.match_indices(key) {
        let end = start + key.len();
        let (from, to) = (searched.places[start].0, searched.places[end - 1].1);
        if from >= copied && !lower[..start].ends_with(continues) && ends(&lower[end..]) {
            scrubbed.push_str(&text[copied..from]);
            scrubbed.push_str(ERASED);
            copied = to;
        }
    }
    (copied > 0).then(|| scrubbed + &text[copied..])
}

/// A text as it is searched: in lower case, as keys are, each byte with the part of the text that it stands for.
#[derive(Default)]
struct Searched {
    lower: String,
    places: Vec<(usize, usize)>,
}

impl Searched {
    fn plain(text: &str) -> Self {
        let mut searched = Self::default();
        for (at, char) in text.char_indices() {
            searched.push(char, (at, at + char.len_utf8()));
        }
        searched
    }

    /// As an address stands in links (`%40`, also encoded twice) and in JSON (`\u0040`).
    fn decoded(text: &str) -> Self {
        let (mut bytes, mut places, mut at) = (Vec::with_capacity(text.len()), Vec::with_capacity(text.len()), 0);
        while let Some(byte) = text.as_bytes().get(at) {
            let rest = &text.as_bytes()[at..];
            let (unit, len) = percent(rest).or_else(|| escape(rest)).unwrap_or((vec![*byte], 1));
            places.extend(unit.iter().map(|_| (at, at + len)));
            bytes.extend(unit);
            at += len;
        }
        let (mut searched, mut at) = (Self::default(), 0);
        for chunk in bytes.utf8_chunks() {
            for char in chunk.valid().chars() {
                searched.push(char, (places[at].0, places[at + char.len_utf8() - 1].1));
                at += char.len_utf8();
            }
            if !chunk.invalid().is_empty() {
                searched.push(char::REPLACEMENT_CHARACTER, (places[at].0, places[at + chunk.invalid().len() - 1].1));
                at += chunk.invalid().len();
            }
        }
        searched
    }

    fn push(&mut self, char: char, place: (usize, usize)) {
        self.lower.extend(char.to_lowercase());
        self.places.resize(self.lower.len(), place);
    }
}

/// `%40` and, encoded again, `%2540`: the byte, and how long that is.
fn percent(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut digits = rest.strip_prefix(b"%")?;
    while let Some(again) = digits.strip_prefix(b"25").filter(|again| hex(again, 2).is_some()) {
        digits = again;
    }
    let byte = u8::try_from(hex(digits, 2)?).ok()?;
    Some((vec![byte], rest.len() - digits.len() + 2))
}

/// An escape of JSON, however often it was escaped itself.
fn escape(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let slashes = rest.iter().take_while(|byte| **byte == b'\\').count();
    let (kind, after) = rest[slashes..].split_first().filter(|_| slashes > 0)?;
    match kind {
        b'u' => {
            let char = char::from_u32(hex(after, 4)?)?;
            Some((char.to_string().into_bytes(), slashes + 5))
        }
        b'n' | b'r' | b't' | b'f' | b'b' => Some((vec![b' '], slashes + 1)),
        _ => None,
    }
}

fn hex(digits: &[u8], count: usize) -> Option<u32> {
    let digits = digits.get(..count).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_addresses_are_scrubbed_in_any_case() {
        assert_eq!(scrub("To Dan@X.example, Dan@x.example.", "dan@x.example").as_deref(), Some("To (erased), (erased)."));
        assert_eq!(scrub("jordan@x.example", "dan@x.example"), None);
        assert_eq!(scrub("dan@x.example.org", "dan@x.example"), None);
        assert_eq!(scrub("<dan@x.example>", "dan@x.example").as_deref(), Some("<(erased)>"));
        assert_eq!(scrub("", "dan@x.example"), None);
    }

    #[test]
    fn encoded_addresses_are_scrubbed() {
        for (text, left) in [
            ("/who-knows?target=Dan%40X.example&hops=2", "/who-knows?target=(erased)&hops=2"),
            ("/sign-in?to=%2Fx%3Ft%3Ddan%2540x.example%26a", "/sign-in?to=%2Fx%3Ft%3D(erased)%26a"),
            (r#"{"a":"to\ndan\u0040x.example"}"#, r#"{"a":"to\n(erased)"}"#),
            (r#"{"a":"C:\\dan@x.example"}"#, r#"{"a":"C:\\(erased)"}"#),
            // What looks encoded and is not.
            ("50%dan@x.example", "50%(erased)"),
            ("%ff%40dan@x.example%", "%ff%40(erased)%"),
            ("%64%61%6E@x.example", "(erased)"),
        ] {
            assert_eq!(scrub(text, "dan@x.example").as_deref(), Some(left), "{text}");
        }
        assert_eq!(scrub("/x?t=jordan%40x.example", "dan@x.example"), None);
        assert_eq!(scrub("MÜLLER@x.example", "müller@x.example").as_deref(), Some("(erased)"));
    }

    #[test]
    fn free_text_loses_rather_too_much_than_too_little() {
        let keys = ["dan@x.example".to_owned(), "contact:c1".to_owned()];
        let person = Person::new(&keys);
        assert_eq!(person.scrub("dan@x.example.mbox:7", false).as_deref(), Some("(erased).mbox:7"));
        assert_eq!(person.scrub("dan@x.example.org", true), None);
        assert_eq!(person.scrub("contact:c1;contact:c10", false).as_deref(), Some("(erased);contact:c10"));
    }
}
