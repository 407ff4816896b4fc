//! What a server answers: one entry for each resource, with what it says of it (RFC 4918, 13; RFC 6578, 6.2).

use std::collections::BTreeSet;

use reqwest::Url;
use roxmltree::{Document, Node, ParsingOptions};

use crate::mailbox::SourceError;

/// Nodes of an answer at most: some twenty for each of 100,000 appointments.
const NODES_MAX: u32 = 2_000_000;

const DAV: &str = "DAV:";
const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";

/// An answer about several resources.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Multistatus {
    pub(super) entries: Vec<Entry>,
    /// From where changes are told next.
    pub(super) sync_token: Option<String>,
}

/// What is said of one resource. What the server does not say is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its path on the server.
    pub(super) href: String,
    /// Said of the resource as a whole, rather than of its properties.
    pub(super) status: Option<u16>,
    pub(super) etag: Option<String>,
    pub(super) calendar_data: Option<String>,
    pub(super) sync_token: Option<String>,
    /// Path of whoever we are.
    pub(super) principal: Option<String>,
    /// Path of where their calendars are.
    pub(super) calendar_home: Option<String>,
    pub(super) is_calendar: bool,
    /// What a calendar may hold, such as `VEVENT`; everything where nothing is said.
    pub(super) components: Option<BTreeSet<String>>,
}

impl Multistatus {
    /// Parses an answer that was found at `url`.
    pub(super) fn parse(body: &[u8], url: &Url) -> Result<Self, SourceError> {
        let text = String::from_utf8_lossy(body);
        let options = ParsingOptions { nodes_limit: NODES_MAX, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text.trim_start(), options)
            .map_err(|error| SourceError::unexpected(format!("the answer is no XML: {error}")))?;
        let root = document.root_element();
        if !root.has_tag_name((DAV, "multistatus")) {
            return Err(SourceError::unexpected("the answer says nothing of any resource"));
        }
        let entries = children(root, DAV, "response").filter_map(|response| Entry::of(response, url)).collect();
        Ok(Self { entries, sync_token: child(root, DAV, "sync-token").map(text_of) })
    }
}

impl Entry {
    fn of(response: Node<'_, '_>, url: &Url) -> Option<Self> {
        let path = |href: Node<'_, '_>| url.join(&text_of(href)).ok().map(|url| url.path().to_owned());
        let mut entry = Self {
            href: path(child(response, DAV, "href")?)?,
            status: child(response, DAV, "status").and_then(status),
            ..Self::default()
        };
        let found =
            children(response, DAV, "propstat").filter(|propstat| child(*propstat, DAV, "status").and_then(status) == Some(200));
        for property in found.filter_map(|propstat| child(propstat, DAV, "prop")).flat_map(|prop| prop.children()) {
            let href = || child(property, DAV, "href").and_then(path);
            let tag = property.tag_name();
            match (tag.namespace(), tag.name()) {
                (Some(DAV), "getetag") => entry.etag = Some(text_of(property)),
                (Some(DAV), "sync-token") => entry.sync_token = Some(text_of(property)),
                (Some(DAV), "current-user-principal") => entry.principal = href(),
                (Some(DAV), "resourcetype") => entry.is_calendar = child(property, CALDAV, "calendar").is_some(),
                (Some(CALDAV), "calendar-home-set") => entry.calendar_home = href(),
                (Some(CALDAV), "calendar-data") => entry.calendar_data = Some(text_of(property)),
                (Some(CALDAV), "supported-calendar-component-set") => {
                    let names = children(property, CALDAV, "comp").filter_map(|comp| comp.attribute("name"));
                    entry.components = Some(names.map(str::to_ascii_uppercase).collect());
                }
                _ => {}
            }
        }
        Some(entry)
    }

    /// Whether it is a calendar of appointments.
    pub(super) fn holds_events(&self) -> bool {
        self.is_calendar && self.components.as_ref().is_none_or(|components| components.contains("VEVENT"))
    }
}

/// Whether an error says that a token means nothing any more (RFC 6578, 3.8).
pub(super) fn says_token_is_invalid(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    Document::parse(text.trim_start())
        .is_ok_and(|document| document.descendants().any(|node| node.has_tag_name((DAV, "valid-sync-token"))))
}

fn children<'a, 'input>(
    node: Node<'a, 'input>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| child.has_tag_name((namespace, name)))
}

fn child<'a, 'input>(node: Node<'a, 'input>, namespace: &'static str, name: &'static str) -> Option<Node<'a, 'input>> {
    children(node, namespace, name).next()
}

fn text_of(node: Node<'_, '_>) -> String {
    let texts: String = node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect();
    texts.trim().to_owned()
}

/// The number in `HTTP/1.1 200 OK`.
fn status(node: Node<'_, '_>) -> Option<u16> {
    text_of(node).split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(body: &str) -> Result<Multistatus, SourceError> {
        Multistatus::parse(body.as_bytes(), &Url::parse("https://cal.example/dav/ann/").unwrap())
    }

    #[test]
    fn entries_say_what_was_found_alone() {
        let body = r#"
            <multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
              <response><href>office/a%20b.ics</href>
                <propstat><prop><getetag>"1"</getetag><C:calendar-data><![CDATA[BEGIN:VCALENDAR]]>
&lt;END&gt;</C:calendar-data></prop><status>HTTP/1.1 200 OK</status></propstat>
                <propstat><prop><sync-token>no</sync-token></prop><status>HTTP/1.1 404 Not Found</status></propstat>
              </response>
              <response><href>https://cal.example/dav/ann/gone.ics</href><status>HTTP/1.1 404 Not Found</status></response>
              <response><href>/dav/ann/office/</href><propstat><prop><resourcetype><collection/><C:calendar/></resourcetype>
                <C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set></prop>
                <status>HTTP/1.1 200 OK</status></propstat></response>
              <sync-token>data:,1</sync-token>
            </multistatus>"#;
        let Multistatus { entries, sync_token } = parsed(body).unwrap();
        assert_eq!(sync_token.as_deref(), Some("data:,1"));
        let event = Entry {
            href: "/dav/ann/office/a%20b.ics".to_owned(),
            etag: Some("\"1\"".to_owned()),
            calendar_data: Some("BEGIN:VCALENDAR\n<END>".to_owned()),
            ..Entry::default()
        };
        assert_eq!(entries[0], event);
        assert_eq!(entries[1], Entry { href: "/dav/ann/gone.ics".to_owned(), status: Some(404), ..Entry::default() });
        assert!(entries[2].is_calendar && !entries[2].holds_events());
        assert_eq!(entries.len(), 3);
    }

    #[test]
    fn what_is_no_multistatus_is_an_error() {
        let bomb = r#"<!DOCTYPE m [<!ENTITY a "aaaa">]><multistatus xmlns="DAV:">&a;</multistatus>"#;
        for body in ["", "<html/>", "<multistatus/>", "<multistatus xmlns='DAV:'>", bomb] {
            assert!(!parsed(body).unwrap_err().is_transient(), "{body}");
        }
    }

    #[test]
    fn an_invalid_token_is_told_from_other_errors() {
        assert!(says_token_is_invalid(br#"<D:error xmlns:D="DAV:"><D:valid-sync-token/></D:error>"#));
        for other in ["", "valid-sync-token", r#"<D:error xmlns:D="DAV:"><D:need-privileges/></D:error>"#] {
            assert!(!says_token_is_invalid(other.as_bytes()), "{other}");
        }
    }
}
