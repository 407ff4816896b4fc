//! What a request may say.

use super::Asked;

const MESSAGE: &[&str] = &[
    "id",
    "categories",
    "changeKey",
    "createdDateTime",
    "lastModifiedDateTime",
    "bccRecipients",
    "body",
    "bodyPreview",
    "ccRecipients",
    "conversationId",
    "conversationIndex",
    "flag",
    "from",
    "hasAttachments",
    "importance",
    "inferenceClassification",
    "internetMessageHeaders",
    "internetMessageId",
    "isDeliveryReceiptRequested",
    "isDraft",
    "isRead",
    "isReadReceiptRequested",
    "parentFolderId",
    "receivedDateTime",
    "replyTo",
    "sender",
    "sentDateTime",
    "subject",
    "toRecipients",
    "uniqueBody",
    "webLink",
];
const FOLDER: &[&str] =
    &["id", "childFolderCount", "displayName", "isHidden", "parentFolderId", "totalItemCount", "unreadItemCount"];
const CALENDAR: &[&str] =
    &["id", "canEdit", "canShare", "canViewPrivateItems", "color", "isDefaultCalendar", "isRemovable", "name", "owner"];
const EVENT: &[&str] = &[
    "id",
    "attendees",
    "end",
    "iCalUId",
    "isAllDay",
    "isCancelled",
    "isDraft",
    "isOrganizer",
    "location",
    "organizer",
    "originalStart",
    "recurrence",
    "responseStatus",
    "sensitivity",
    "seriesMasterId",
    "showAs",
    "start",
    "subject",
    "type",
];
const USER: &[&str] = &[
    "id",
    "accountEnabled",
    "assignedLicenses",
    "displayName",
    "jobTitle",
    "mail",
    "preferredDataLocation",
    "proxyAddresses",
    "usageLocation",
    "userPrincipalName",
    "userType",
];
const GROUP: &[&str] = &["id", "displayName", "securityEnabled"];
const ORGANIZATION: &[&str] =
    &["id", "countryLetterCode", "defaultUsageLocation", "displayName", "preferredLanguage", "tenantType", "verifiedDomains"];

/// Query options and selectable fields of a kind of request.
pub(super) struct Allowed {
    options: &'static [&'static str],
    fields: &'static [&'static str],
}

pub(super) const FOLDERS: Allowed = Allowed { options: &["$top", "$skip", "$select", "includeHiddenFolders"], fields: FOLDER };
pub(super) const FOLDERS_DELTA: Allowed = Allowed { options: &["$select", "$deltatoken", "$skiptoken"], fields: FOLDER };
pub(super) const MESSAGES: Allowed = Allowed { options: &["$top", "$skip", "$select", "$filter", "$orderby"], fields: MESSAGE };
pub(super) const MESSAGES_DELTA: Allowed =
    Allowed { options: &["$select", "$filter", "$orderby", "changeType", "$deltatoken", "$skiptoken"], fields: MESSAGE };
pub(super) const CALENDARS: Allowed = Allowed { options: &["$top", "$skip", "$select"], fields: CALENDAR };
pub(super) const VIEW_DELTA: Allowed =
    Allowed { options: &["startDateTime", "endDateTime", "$deltatoken", "$skiptoken"], fields: &[] };
pub(super) const ONE_EVENT: Allowed = Allowed { options: &["$select"], fields: EVENT };
pub(super) const USERS: Allowed = Allowed { options: &["$top", "$select", "$skiptoken"], fields: USER };
pub(super) const MEMBERSHIPS: Allowed = Allowed { options: &["$top", "$select", "$skiptoken"], fields: GROUP };
pub(super) const TRACES: Allowed = Allowed { options: &["$top", "$filter", "$skiptoken"], fields: &[] };
pub(super) const TENANT: Allowed = Allowed { options: &["$select"], fields: ORGANIZATION };

impl Allowed {
    /// What is wrong with the options of a request, as Graph words it.
    pub(super) fn refused(&self, asked: &Asked) -> Option<String> {
        for (name, value) in &asked.query {
            if !self.options.contains(&name.as_str()) {
                return Some(format!("The query option '{name}' is not allowed here."));
            }
            let unknown = value.split(',').find(|field| name == "$select" && !self.fields.contains(field));
            if let Some(field) = unknown {
                return Some(format!("Could not find a property named '{field}'."));
            }
        }
        None
    }
}

/// The first value of a query option.
pub(super) fn option<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    asked.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The fields that are asked for; none means all.
pub(super) fn selected(asked: &Asked) -> Option<Vec<String>> {
    option(asked, "$select").map(|select| select.split(',').map(str::to_owned).collect())
}

/// Items of a page, as the request prefers it.
pub(super) fn page_items(asked: &Asked) -> usize {
    let top = option(asked, "$top").and_then(|top| top.parse().ok());
    let preferred = asked.prefer.split(',').find_map(|one| one.trim().strip_prefix("odata.maxpagesize=")?.parse().ok());
    top.or(preferred).unwrap_or(10)
}

/// Name and value of each part of a query.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, ""))).map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// A part of an address without its encoding.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match (first, digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
