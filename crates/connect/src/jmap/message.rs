//! What is asked of a message (RFC 8621, 4.1): where it is, and some fields of its header as they stand in it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::mailbox::{Content, Item};

/// Properties that say where a message is and what was done with it.
const PROPERTIES: [&str; 4] = ["id", "keywords", "mailboxIds", "receivedAt"];

/// Names of the properties to ask for.
pub(super) fn properties(header_fields: &[&str]) -> Vec<String> {
    let fields = header_fields.iter().map(|name| property(name));
    PROPERTIES.iter().map(|name| (*name).to_owned()).chain(fields).collect()
}

/// All fields of a name, as they stand in the message.
fn property(name: &str) -> String {
    format!("header:{name}:asRaw:all")
}

/// A message, unless it lies in nothing but mailboxes that are left out.
pub(super) fn item(message: &Value, header_fields: &[&str], left_out: &BTreeSet<String>) -> Option<Item> {
    let id = message["id"].as_str()?.to_owned();
    let mut mailboxes = message["mailboxIds"].as_object()?.keys();
    if mailboxes.all(|mailbox| left_out.contains(mailbox)) {
        return None;
    }
    let is_draft = message["keywords"]["$draft"] == Value::Bool(true);
    let mut headers = Vec::new();
    for name in header_fields {
        for value in message[property(name)].as_array().into_iter().flatten().filter_map(Value::as_str) {
            headers.extend_from_slice(name.as_bytes());
            headers.push(b':');
            headers.extend_from_slice(one_field(value).as_bytes());
            headers.extend_from_slice(b"\r\n");
        }
    }
    Some(Item { id, content: Content::Mail { headers, is_draft } })
}

/// A value that stays one field: each of its lines beyond the first begins with white space.
fn one_field(value: &str) -> String {
    let mut lines = value.trim_end_matches(['\r', '\n']).split('\n').map(|line| line.trim_end_matches('\r'));
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |whole, line| {
        let fold = if line.starts_with([' ', '\t']) { "" } else { " " };
        format!("{whole}\r\n{fold}{line}")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELDS: [&str; 3] = ["From", "Received", "List-Id"];

    fn message(mailboxes: &Value, keywords: &Value) -> Option<(String, bool)> {
        let message = json!({"id": "m", "mailboxIds": mailboxes, "keywords": keywords, "preview": "secret", "header:List-Id:asRaw:all": [],
            "header:From:asRaw:all": [" Carla\r\n\t<carla@acme.example>"], "header:Received:asRaw:all": [" first", " second\nEvil: x\r\n"]});
        let left_out = ["trash", "junk"].map(str::to_owned).into();
        let Item { content: Content::Mail { headers, is_draft }, .. } = item(&message, &FIELDS, &left_out)? else {
            panic!("no mail")
        };
        Some((String::from_utf8(headers).unwrap(), is_draft))
    }

    #[test]
    fn fields_come_as_they_stand_in_the_message() {
        let (headers, is_draft) = message(&json!({"inbox": true}), &json!({})).unwrap();
        assert_eq!(headers, "From: Carla\r\n\t<carla@acme.example>\r\nReceived: first\r\nReceived: second\r\n Evil: x\r\n");
        assert!(!is_draft);
        assert!(message(&json!({"inbox": true}), &json!({"$draft": true})).unwrap().1);
    }

    #[test]
    fn a_message_that_is_nowhere_else_than_in_the_trash_is_left_out() {
        assert_eq!(message(&json!({"trash": true}), &json!({})), None);
        assert_eq!(message(&json!({"trash": true, "junk": true}), &json!({})), None);
        assert!(message(&json!({"trash": true, "inbox": true}), &json!({})).is_some());
    }
}
