//! How items and folders are shown: their ids, and what was asked for beside.

use super::world::{Event, Item, Message, Occurrence};

/// What lists and searches show.
const LISTED: [&str; 3] = ["item:DateTimeReceived", "calendar:Start", "calendar:CalendarItemType"];
/// What a message has.
const MESSAGE: [&str; 15] = [
    "item:Subject",
    "item:Sensitivity",
    "item:DateTimeReceived",
    "item:DateTimeSent",
    "item:IsDraft",
    "item:ConversationId",
    "item:InReplyTo",
    "item:ItemClass",
    "message:InternetMessageId",
    "message:References",
    "message:From",
    "message:Sender",
    "message:ToRecipients",
    "message:CcRecipients",
    "message:BccRecipients",
];
/// What an event has.
const EVENT: [&str; 13] = [
    "item:Subject",
    "item:Sensitivity",
    "calendar:Start",
    "calendar:End",
    "calendar:OriginalStart",
    "calendar:IsAllDayEvent",
    "calendar:IsCancelled",
    "calendar:CalendarItemType",
    "calendar:MyResponseType",
    "calendar:Organizer",
    "calendar:RequiredAttendees",
    "calendar:OptionalAttendees",
    "calendar:UID",
];

/// What is asked for of items.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pub(super) fields: Vec<String>,
    pub(super) headers: Vec<String>,
}

impl Shape {
    /// Whether there is such a thing: a property that nothing has is refused, and so is one that lists do not show.
    pub(super) fn is_known(&self, is_list: bool) -> bool {
        let is_known =
            |field: &str| if is_list { LISTED.contains(&field) } else { MESSAGE.contains(&field) || EVENT.contains(&field) };
        self.fields.iter().all(|field| is_known(field)) && (!is_list || self.headers.is_empty())
    }

    fn asks(&self, field: &str) -> bool {
        self.fields.iter().any(|asked| asked == field)
    }

    /// An item as its element; `number`: which occurrence of a series is meant.
    pub(super) fn shown(&self, id: &str, item: &Item, number: Option<usize>) -> String {
        let (element, properties) = match item {
            Item::Message(message) => (element_of(message), self.message(message)),
            Item::Event(event) => {
                let occurrence = number.and_then(|number| event.occurrences.get(number));
                ("CalendarItem", self.event(event, occurrence))
            }
        };
        let id = number.map_or_else(|| id.to_owned(), |number| format!("{id}/{number}"));
        format!("<t:{element}><t:ItemId Id=\"{}\" ChangeKey=\"CQ==\"/>{properties}</t:{element}>", escaped(&id))
    }

    fn message(&self, message: &Message) -> String {
        let id =
            if message.message_id.is_empty() { format!("<{}@acme.example>", message.key) } else { message.message_id.clone() };
        let one = |name: &str, address: &str| format!("<t:{name}>{}</t:{name}>", mailbox(address));
        let several = |name: &str, all: &[String]| {
            let all: String = all.iter().map(|address| mailbox(address)).collect();
            if all.is_empty() { all } else { format!("<t:{name}>{all}</t:{name}>") }
        };
        let references = message.headers.iter().find(|(name, _)| name == "References");
        let all = [
            ("item:Subject", text("Subject", &message.subject)),
            ("item:Sensitivity", text("Sensitivity", "Normal")),
            ("item:DateTimeReceived", text("DateTimeReceived", &whole_second(&message.received))),
            ("item:DateTimeSent", text("DateTimeSent", &whole_second(&message.received))),
            ("item:IsDraft", text("IsDraft", "false")),
            ("item:ConversationId", format!("<t:ConversationId Id=\"{}\"/>", escaped(&message.conversation))),
            ("message:InternetMessageId", text("InternetMessageId", &id)),
            ("message:References", references.map(|(_, value)| text("References", value)).unwrap_or_default()),
            ("message:From", one("From", &message.from)),
            ("message:Sender", one("Sender", &message.from)),
            ("message:ToRecipients", several("ToRecipients", &message.to)),
            ("message:CcRecipients", several("CcRecipients", &message.cc)),
        ];
        let asked: String = all.into_iter().filter(|(field, _)| self.asks(field)).map(|(_, shown)| shown).collect();
        let is_asked = |name: &str| self.headers.iter().any(|asked| asked.eq_ignore_ascii_case(name));
        let shown = |(name, value): &(String, String)| {
            format!("<t:InternetMessageHeader HeaderName=\"{name}\">{}</t:InternetMessageHeader>", escaped(value))
        };
        let headers: Vec<String> = message.headers.iter().filter(|(name, _)| is_asked(name)).map(shown).collect();
        let headers = headers.concat();
        if headers.is_empty() { asked } else { format!("{asked}<t:InternetMessageHeaders>{headers}</t:InternetMessageHeaders>") }
    }

    fn event(&self, event: &Event, occurrence: Option<&Occurrence>) -> String {
        let time = occurrence.map_or(&event.time, |occurrence| &occurrence.time);
        let kind = match occurrence {
            Some(Occurrence { original: Some(_), .. }) => "Exception",
            Some(_) => "Occurrence",
            None if event.occurrences.is_empty() => "Single",
            None => "RecurringMaster",
        };
        let original = occurrence.map(|occurrence| occurrence.original.as_ref().unwrap_or(&occurrence.time.0));
        let further = occurrence.map_or(&[][..], |occurrence| &occurrence.further);
        let people = |name: &str, is_required: bool| {
            let all = event.attendees.iter().chain(further).filter(|attendee| attendee.1 == is_required);
            let one = |(address, _, said): &(String, bool, &'static str)| {
                format!("<t:Attendee>{}{}</t:Attendee>", mailbox(address), text("ResponseType", said))
            };
            let shown = all.map(one).collect::<Vec<_>>().concat();
            if shown.is_empty() { shown } else { format!("<t:{name}>{shown}</t:{name}>") }
        };
        let uid = if event.uid.is_empty() { format!("uid-{}", event.key) } else { event.uid.clone() };
        let sensitivity = if event.sensitivity.is_empty() { "Normal" } else { event.sensitivity };
        let all = [
            ("item:Subject", text("Subject", &event.subject)),
            ("item:Sensitivity", text("Sensitivity", sensitivity)),
            ("calendar:Start", text("Start", &time.0)),
            ("calendar:End", text("End", &time.1)),
            ("calendar:OriginalStart", original.map(|at| text("OriginalStart", at)).unwrap_or_default()),
            ("calendar:IsAllDayEvent", text("IsAllDayEvent", &event.is_all_day.to_string())),
            ("calendar:IsCancelled", text("IsCancelled", &event.is_cancelled.to_string())),
            ("calendar:CalendarItemType", text("CalendarItemType", kind)),
            ("calendar:MyResponseType", text("MyResponseType", "Organizer")),
            ("calendar:Organizer", format!("<t:Organizer>{}</t:Organizer>", mailbox(&event.organizer))),
            ("calendar:RequiredAttendees", people("RequiredAttendees", true)),
            ("calendar:OptionalAttendees", people("OptionalAttendees", false)),
            ("calendar:UID", text("UID", &uid)),
        ];
        all.into_iter().filter(|(field, _)| self.asks(field)).map(|(_, shown)| shown).collect()
    }
}

fn element_of(message: &Message) -> &'static str {
    if message.element.is_empty() { "Message" } else { message.element }
}

fn mailbox(address: &str) -> String {
    format!("<t:Mailbox>{}{}{}</t:Mailbox>", text("Name", "Somebody"), text("EmailAddress", address), text("RoutingType", "SMTP"))
}

fn text(name: &str, value: &str) -> String {
    format!("<t:{name}>{}</t:{name}>", escaped(value))
}

/// Exchange tells of moments in whole seconds, and keeps them more exactly.
fn whole_second(moment: &str) -> String {
    format!("{}Z", moment.trim_end_matches('Z').split('.').next().unwrap_or_default())
}

/// As Exchange writes a text: a control character as a reference, which no XML may hold.
pub(super) fn escaped(text: &str) -> String {
    let one = |character: char| match character {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        other if other.is_control() => format!("&#x{:X};", u32::from(other)),
        other => other.to_string(),
    };
    text.chars().map(one).collect()
}
