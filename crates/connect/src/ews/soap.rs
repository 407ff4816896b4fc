//! Questions and answers in XML.
//!
//! What Exchange answers is not always XML: a subject with a control character comes as a reference to one (`&#x1F;`), which no XML may
//! hold. One such mail would hide all others of its page, so characters of that kind are replaced before anything is parsed.

use std::borrow::Cow;

use roxmltree::{Document, Node, ParsingOptions};

use super::codes;
use crate::mailbox::SourceError;

/// Nodes of an answer at most: some two hundred for each of 1,000 items.
const NODES_MAX: u32 = 500_000;
/// How deep an answer may be nested: the deepest that Exchange sends has some fifteen levels.
const DEPTH_MAX: usize = 64;
/// What stands for a character that no XML may hold.
const REPLACEMENT: char = '\u{FFFD}';

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const MESSAGES: &str = "http://schemas.microsoft.com/exchange/services/2006/messages";
pub(super) const TYPES: &str = "http://schemas.microsoft.com/exchange/services/2006/types";

/// A question as a whole; `acting_for`: the mailbox that an account of its own is to be taken for.
pub(super) fn envelope(acting_for: Option<&str>, question: &str) -> String {
    let acting = acting_for.map(|address| {
        let address = escaped(address);
        format!(
            "<t:ExchangeImpersonation><t:ConnectingSID><t:SmtpAddress>{address}</t:SmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>"
        )
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope xmlns:s=\"{SOAP}\" xmlns:m=\"{MESSAGES}\" xmlns:t=\"{TYPES}\"><s:Header>\
         <t:RequestServerVersion Version=\"Exchange2013\"/>{}</s:Header><s:Body>{question}</s:Body></s:Envelope>",
        acting.unwrap_or_default()
    )
}

/// A text within an element or an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other if is_allowed(other) => escaped.push(other),
            _ => escaped.push(REPLACEMENT),
        }
    }
    escaped
}

/// Reads an answer: what it holds beside errors that are about everything that was asked.
pub(super) fn read<T>(body: &[u8], read: impl FnOnce(Node<'_, '_>) -> Result<T, SourceError>) -> Result<T, SourceError> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    if depth_of(text) > DEPTH_MAX {
        return Err(SourceError::unexpected(format!("the answer is nested more than {DEPTH_MAX} levels deep")));
    }
    let text = without_forbidden(text);
    let options = ParsingOptions { nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options)
        .map_err(|error| SourceError::unexpected(format!("the answer is no XML: {error}")))?;
    let root = document.root_element();
    if !root.has_tag_name((SOAP, "Envelope")) {
        return Err(SourceError::unexpected(
            "the answer is none of Exchange Web Services: is the address that of Exchange.asmx?",
        ));
    }
    let body = child_of(root, SOAP, "Body").ok_or_else(|| SourceError::unexpected("the answer has no body"))?;
    match child_of(body, SOAP, "Fault") {
        Some(fault) => Err(fault_of(fault)),
        None => read(body),
    }
}

/// What was answered to each thing that was asked, in the order of asking.
pub(super) fn responses<'a, 'input>(body: Node<'a, 'input>) -> Result<Vec<Node<'a, 'input>>, SourceError> {
    let answer = body.children().find(Node::is_element);
    let messages = answer.and_then(|answer| child_of(answer, MESSAGES, "ResponseMessages"));
    let messages = messages.ok_or_else(|| SourceError::unexpected("the answer has no response"))?;
    Ok(messages.children().filter(Node::is_element).collect())
}

/// The one response to a question about one thing.
pub(super) fn response<'a, 'input>(body: Node<'a, 'input>) -> Result<Node<'a, 'input>, SourceError> {
    let one = responses(body)?.into_iter().next().ok_or_else(|| SourceError::unexpected("the answer has no response"))?;
    checked(one)
}

/// A response that is one of success.
pub(super) fn checked<'a, 'input>(response: Node<'a, 'input>) -> Result<Node<'a, 'input>, SourceError> {
    if response.attribute("ResponseClass") == Some("Success") {
        return Ok(response);
    }
    Err(codes::error(code_of(response), back_off(response)))
}

/// The code of a response.
pub(super) fn code_of<'a>(response: Node<'a, '_>) -> &'a str {
    child_of(response, MESSAGES, "ResponseCode").and_then(|code| code.text()).unwrap_or_default().trim()
}

/// What a fault means. Its text is not passed on: it may name people.
fn fault_of(fault: Node<'_, '_>) -> SourceError {
    let said = fault.descendants().find(|node| node.is_element() && node.tag_name().name() == "ResponseCode");
    let code = said.or_else(|| fault.children().find(|node| node.tag_name().name() == "faultcode"));
    let code = code.and_then(|code| code.text()).unwrap_or_default().trim();
    codes::error(code.rsplit(':').next().unwrap_or_default(), back_off(fault))
}

/// How long Exchange asks to wait, in milliseconds.
fn back_off(node: Node<'_, '_>) -> Option<u64> {
    let is_wait = |node: &Node<'_, '_>| node.attribute("Name") == Some("BackOffMilliseconds");
    node.descendants().find(is_wait)?.text()?.trim().parse().ok()
}

/// A child of Exchange's messages.
pub(super) fn message<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    child_of(node, MESSAGES, name)
}

/// A child of Exchange's types.
pub(super) fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    child_of(node, TYPES, name)
}

/// The children of a child of Exchange's types.
pub(super) fn children<'a, 'input>(node: Node<'a, 'input>, name: &str) -> impl Iterator<Item = Node<'a, 'input>> {
    child(node, name).into_iter().flat_map(|list| list.children()).filter(Node::is_element)
}

/// The text of a child of Exchange's types, if there is one.
pub(super) fn text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text().map(str::trim).filter(|text| !text.is_empty())
}

/// The id that stands in a child of Exchange's types.
pub(super) fn id<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.attribute("Id").filter(|id| !id.is_empty())
}

fn child_of<'a, 'input>(node: Node<'a, 'input>, namespace: &str, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| {
        let tag = child.tag_name();
        child.is_element() && tag.namespace() == Some(namespace) && tag.name() == name
    })
}

/// Levels of elements, counted before anything is parsed. What looks like one within a comment counts too: Exchange sends none.
fn depth_of(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for part in text.split('<').skip(1) {
        match part.as_bytes().first() {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'?' | b'!') | None => {}
            Some(_) => {
                let tag = part.split('>').next().unwrap_or_default();
                depth += usize::from(!tag.ends_with('/'));
                deepest = deepest.max(depth);
            }
        }
    }
    deepest
}

/// The same without characters that no XML may hold, as they are and as references.
fn without_forbidden(text: &str) -> Cow<'_, str> {
    let has_bare = text.chars().any(|character| !is_allowed(character));
    if !has_bare && !text.contains("&#") {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("&#") {
        let (before, tail) = rest.split_at(at);
        clean.extend(before.chars().map(allowed));
        let end = tail.bytes().take(12).position(|byte| byte == b';');
        let reference = end.map(|end| &tail[2..end]);
        match (end, reference.and_then(referred)) {
            (Some(end), Some(character)) if is_allowed(character) => {
                clean.push_str(&tail[..=end]);
                rest = &tail[end + 1..];
            }
            (Some(end), _) => {
                clean.push(REPLACEMENT);
                rest = &tail[end + 1..];
            }
            (None, _) => {
                clean.push_str("&#");
                rest = &tail[2..];
            }
        }
    }
    clean.extend(rest.chars().map(allowed));
    Cow::Owned(clean)
}

/// The character that a reference names, such as `x1F` or `31`.
fn referred(name: &str) -> Option<char> {
    let number = match name.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => name.parse(),
    };
    char::from_u32(number.ok()?)
}

fn allowed(character: char) -> char {
    if is_allowed(character) { character } else { REPLACEMENT }
}

/// Whether XML 1.0 may hold a character (2.2).
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answer(body: &str) -> String {
        format!("<s:Envelope xmlns:s=\"{SOAP}\" xmlns:m=\"{MESSAGES}\" xmlns:t=\"{TYPES}\"><s:Body>{body}</s:Body></s:Envelope>")
    }

    fn code(body: &str) -> Result<String, SourceError> {
        read(body.as_bytes(), |body| response(body).map(|node| code_of(node).to_owned()))
    }

    #[test]
    fn a_question_says_for_whom_and_nothing_can_be_written_into_it() {
        let question = envelope(Some("a<b>&\"@us.example"), "<m:X/>");
        assert!(question.contains("<t:SmtpAddress>a&lt;b&gt;&amp;&quot;@us.example</t:SmtpAddress>"), "{question}");
        Document::parse(&question).unwrap();
        assert!(!envelope(None, "").contains("Impersonation"));
    }

    #[test]
    fn characters_that_no_xml_may_hold_hide_nothing() {
        let said = answer(
            "<m:A><m:ResponseMessages><m:R ResponseClass=\"Success\"><m:ResponseCode>a&#x1;b&#31;c\u{8}d&#x41;&amp;</m:ResponseCode></m:R></m:ResponseMessages></m:A>",
        );
        assert_eq!(code(&said).unwrap(), "a\u{FFFD}b\u{FFFD}c\u{FFFD}dA&");
        for odd in ["&#", "&#;", "&#x;", "&#xD800;", "&#99999999999;", "&#\u{1F600};", "&"] {
            without_forbidden(odd);
        }
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        let deep = answer(&format!("{}{}", "<m:A>".repeat(200_000), "</m:A>".repeat(200_000)));
        let wide = answer(&"<m:A/>".repeat(600_000));
        let bomb = format!("<!DOCTYPE a [<!ENTITY e \"eeee\">]>{}", answer("&e;"));
        for body in [
            "",
            "no",
            "<html/>",
            &deep,
            &wide,
            &bomb,
            &answer(""),
            &answer("<m:A/>"),
            &answer("<m:A><m:ResponseMessages/></m:A>"),
        ] {
            assert!(!code(body).unwrap_err().is_transient(), "{}", &body[..body.len().min(80)]);
        }
    }

    #[test]
    fn a_fault_says_how_long_to_wait_and_names_nobody() {
        let busy = answer(
            "<s:Fault><faultcode>a:ErrorServerBusy</faultcode><faultstring>of jo@us.example</faultstring><detail>\
             <e:ResponseCode xmlns:e=\"http://schemas.microsoft.com/exchange/services/2006/errors\">ErrorServerBusy</e:ResponseCode>\
             <t:MessageXml><t:Value Name=\"BackOffMilliseconds\">2500</t:Value></t:MessageXml></detail></s:Fault>",
        );
        let error = code(&busy).unwrap_err();
        assert_eq!((error.is_throttled(), error.retry_after()), (true, Some(Duration::from_millis(2_500))));
        assert!(!format!("{error:?}").contains("us.example"));
        let bare = code(&answer("<s:Fault><faultcode>a:ErrorImpersonateUserDenied</faultcode></s:Fault>")).unwrap_err();
        assert!(bare.is_mailbox(), "{bare}");
    }
}
