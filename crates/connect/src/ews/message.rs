//! One message, in the form of Graph.

use roxmltree::Node;
use serde_json::{Value, json};

use super::{
    items::{person, sensitivity, shape},
    soap,
};

/// What is kept of a message, and hence asked for.
const FIELDS: [&str; 12] = [
    "item:Subject",
    "item:Sensitivity",
    "item:DateTimeReceived",
    "item:DateTimeSent",
    "item:IsDraft",
    "item:ConversationId",
    "message:InternetMessageId",
    "message:References",
    "message:From",
    "message:Sender",
    "message:ToRecipients",
    "message:CcRecipients",
];
/// Header fields that Exchange has as properties, so that nobody has to ask for them twice.
const KNOWN: [&str; 8] = ["from", "sender", "to", "cc", "subject", "date", "message-id", "references"];
/// What an item of mail is called. Contacts, tasks and posts may lie among them.
const KINDS: [&str; 5] = ["Message", "MeetingMessage", "MeetingRequest", "MeetingResponse", "MeetingCancellation"];

/// Whether an element is a message.
pub(super) fn is_message(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// What is asked of a message.
pub(super) fn message_shape(header_fields: &[&str]) -> String {
    let fields: Vec<&str> =
        header_fields.iter().copied().filter(|name| !KNOWN.contains(&name.to_ascii_lowercase().as_str())).collect();
    shape(&FIELDS, &fields)
}

/// A message in the form of Graph; none if the element is something else.
pub(super) fn message(item: Node<'_, '_>) -> Option<Value> {
    let kind = item.tag_name().name();
    if !is_message(kind) {
        return None;
    }
    let one = |name: &str| soap::child(item, name).and_then(|side| soap::child(side, "Mailbox")).map(person);
    let several = |name: &str| soap::children(item, name).map(person).collect::<Vec<_>>();
    let text = |name: &str| soap::text(item, name);
    let mut message = json!({
        "id": soap::id(item, "ItemId")?,
        "internetMessageId": text("InternetMessageId"),
        "conversationId": soap::id(item, "ConversationId"),
        "subject": text("Subject"),
        "sentDateTime": text("DateTimeSent"),
        "receivedDateTime": text("DateTimeReceived"),
        "isDraft": text("IsDraft") == Some("true"),
        "sensitivity": sensitivity(item),
        "from": one("From"),
        "sender": one("Sender"),
        "toRecipients": several("ToRecipients"),
        "ccRecipients": several("CcRecipients"),
        "internetMessageHeaders": headers(item),
    });
    if kind == "MeetingResponse" {
        message["@odata.type"] = json!("#microsoft.graph.eventMessageResponse");
    }
    Some(message)
}

/// Header fields: those that came, and what Exchange knows of a copy that has none, such as one in Sent Items.
fn headers(item: Node<'_, '_>) -> Vec<Value> {
    let field = |name: &str, value: &str| json!({"name": name, "value": value});
    let told = soap::children(item, "InternetMessageHeaders");
    let mut headers: Vec<Value> =
        told.filter_map(|header| Some(field(header.attribute("HeaderName")?, header.text()?.trim()))).collect();
    headers.extend(soap::text(item, "References").map(|references| field("References", references)));
    headers
}

#[cfg(test)]
mod tests {
    use roxmltree::Document;

    use super::*;

    #[test]
    fn a_message_has_the_form_of_graph() {
        let xml = format!(
            "<t:MeetingResponse xmlns:t=\"{}\"><t:ItemId Id=\"A=\" ChangeKey=\"C\"/><t:Subject>Accepted: Quote</t:Subject>\
             <t:Sensitivity>Private</t:Sensitivity><t:InternetMessageHeaders><t:InternetMessageHeader HeaderName=\"List-Id\">x\
             </t:InternetMessageHeader></t:InternetMessageHeaders><t:DateTimeSent>2026-02-01T09:00:00Z</t:DateTimeSent>\
             <t:IsDraft>false</t:IsDraft><t:ConversationId Id=\"V=\"/><t:ToRecipients><t:Mailbox><t:Name>Jo</t:Name>\
             <t:EmailAddress>jo@us.example</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox></t:ToRecipients>\
             <t:From><t:Mailbox><t:EmailAddress>carla@acme.example</t:EmailAddress></t:Mailbox></t:From>\
             <t:References>&lt;a@x&gt;</t:References></t:MeetingResponse>",
            soap::TYPES
        );
        let document = Document::parse(&xml).unwrap();
        let read = message(document.root_element()).unwrap();
        let expected = json!({
            "@odata.type": "#microsoft.graph.eventMessageResponse", "id": "A=", "internetMessageId": null, "conversationId": "V=",
            "subject": "Accepted: Quote", "sentDateTime": "2026-02-01T09:00:00Z", "receivedDateTime": null, "isDraft": false,
            "sensitivity": "private", "from": {"emailAddress": {"address": "carla@acme.example", "name": null}}, "sender": null,
            "toRecipients": [{"emailAddress": {"address": "jo@us.example", "name": "Jo"}}], "ccRecipients": [],
            "internetMessageHeaders": [{"name": "List-Id", "value": "x"}, {"name": "References", "value": "<a@x>"}],
        });
        assert_eq!(read, expected);
        let post = format!("<t:PostItem xmlns:t=\"{}\"><t:ItemId Id=\"A=\"/></t:PostItem>", soap::TYPES);
        assert!(message(Document::parse(&post).unwrap().root_element()).is_none());
    }

    #[test]
    fn nothing_is_asked_for_twice_and_no_body_ever() {
        let asked = message_shape(&["From", "References", "List-Id"]);
        assert!(asked.contains("FieldIndex=\"List-Id\"") && !asked.contains("FieldIndex=\"From\""), "{asked}");
        for never in ["Body", "Mime", "Attachment", "Preview", "Bcc", "AllProperties"] {
            assert!(!asked.contains(never), "{never}");
        }
    }
}
