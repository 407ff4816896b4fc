//! Bytes to text, and the small repairs that every format needs.

use std::borrow::Cow;

use mail_parser::decoders::charsets::map::charset_decoder;

/// Longest subject that is kept, in characters: what lists and tooltips can show, and a bound on what a header can hold.
pub(crate) const SUBJECT_MAX_CHARS: usize = 500;
/// Longest display name that is kept, in characters (the domain's promise).
pub(crate) const NAME_MAX_CHARS: usize = 200;
/// Longest piece of input that a problem quotes, in characters.
const QUOTED_MAX_CHARS: usize = 80;

/// The text of bytes that ought to be UTF-8; anything else is read as Windows-1252, where every byte means something.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => match charset_decoder(b"windows-1252") {
            Some(decoder) => decoder(bytes).into(),
            None => String::from_utf8_lossy(bytes),
        },
    }
}

/// Bytes without a UTF-8 byte order mark.
pub(crate) fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// A display name without quotes, line breaks and runs of space; `None` if nothing is left, or only the address again.
pub(crate) fn display_name(text: &str, address: Option<&str>) -> Option<String> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
    if text.is_empty() || address.is_some_and(|address| address.eq_ignore_ascii_case(text)) {
        return None;
    }
    let is_plain =
        text.len() <= NAME_MAX_CHARS && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') && !text.contains("  ");
    Some(if is_plain { text.to_owned() } else { one_line(text, NAME_MAX_CHARS) }).filter(|name| !name.is_empty())
}

/// A subject on one line; `None` if there is none.
pub(crate) fn subject(text: &str) -> Option<String> {
    let line = one_line(text, SUBJECT_MAX_CHARS);
    (!line.is_empty()).then_some(line)
}

/// Text without control characters, white space folded, cut at a number of characters.
fn one_line(text: &str, max_chars: usize) -> String {
    let mut line = String::with_capacity(text.len().min(max_chars * 4));
    let mut chars = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() && chars < max_chars {
            line.push(' ');
            chars += 1;
        }
        for c in word.chars().take(max_chars - chars) {
            line.push(c);
            chars += 1;
        }
        if chars >= max_chars {
            break;
        }
    }
    line
}

/// Trimmed text, `None` if empty.
pub(crate) fn non_empty(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A piece of input as a problem quotes it.
pub(crate) fn quoted(text: &str) -> String {
    let line = one_line(text, QUOTED_MAX_CHARS + 1);
    match line.char_indices().nth(QUOTED_MAX_CHARS) {
        Some((end, _)) => format!("`{}…`", &line[..end]),
        None => format!("`{line}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_noise() {
        assert_eq!(display_name(" \"Doe,  Jane\"\r\n ", None).as_deref(), Some("Doe, Jane"));
        assert_eq!(display_name("Jo@x.example", Some("jo@x.example")), None);
        assert_eq!(display_name("''", None), None);
        assert_eq!(display_name(&"é".repeat(300), None).map(|name| name.chars().count()), Some(200));
    }

    #[test]
    fn bytes_that_are_no_utf_8_still_read() {
        assert_eq!(decode(b"J\xFCrgen"), "Jürgen");
        assert_eq!(decode("Jürgen".as_bytes()), "Jürgen");
    }

    #[test]
    fn quotes_are_short() {
        assert_eq!(quoted("a\n b"), "`a b`");
        assert_eq!(quoted(&"x".repeat(100)).chars().count(), QUOTED_MAX_CHARS + 3);
    }
}
