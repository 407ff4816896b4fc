//! One meeting or one occurrence of a series, in the form of Graph.

use roxmltree::Node;
use serde_json::{Value, json};

use super::{
    items::{person, sensitivity, shape},
    soap,
};

/// What is kept of an event, and hence asked for.
const FIELDS: [&str; 13] = [
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

/// What is asked of an event. Rooms are not: they are nobody.
pub(super) fn event_shape() -> String {
    shape(&FIELDS, &[])
}

/// Whether an event in the form of Graph is a series, which is no meeting of its own.
pub(super) fn is_series(event: &Value) -> bool {
    event["type"] == "seriesMaster"
}

/// An event in the form of Graph; none if the element is something else.
///
/// Exchange tells all moments in UTC. One that lasts all day begins at midnight of whoever made it; its day is found as an occurrence's is.
pub(super) fn event(item: Node<'_, '_>) -> Option<Value> {
    if item.tag_name().name() != "CalendarItem" {
        return None;
    }
    let text = |name: &str| soap::text(item, name);
    let is_true = |name: &str| text(name) == Some("true");
    let is_all_day = is_true("IsAllDayEvent");
    let moment = |name: &str| {
        let at = text(name).map(|at| if is_all_day { nearest_day(at) } else { at.to_owned() });
        json!({"dateTime": at, "timeZone": "UTC"})
    };
    let organizer = soap::child(item, "Organizer").and_then(|side| soap::child(side, "Mailbox")).map(person);
    let of = |name: &str, kind: &str| -> Vec<Value> {
        soap::children(item, name).filter_map(|attendee| self::attendee(attendee, kind)).collect()
    };
    let attendees = [of("RequiredAttendees", "required"), of("OptionalAttendees", "optional")].concat();
    Some(json!({
        "id": soap::id(item, "ItemId")?,
        "type": match text("CalendarItemType") {
            Some("Occurrence") => "occurrence",
            Some("Exception") => "exception",
            Some("RecurringMaster") => "seriesMaster",
            _ => "singleInstance",
        },
        "uid": text("UID"),
        "subject": text("Subject"),
        "sensitivity": sensitivity(item),
        "start": moment("Start"),
        "end": moment("End"),
        "originalStart": text("OriginalStart"),
        "isAllDay": is_all_day,
        "isCancelled": is_true("IsCancelled"),
        "responseStatus": {"response": response(text("MyResponseType"))},
        "organizer": organizer,
        "attendees": attendees,
    }))
}

fn attendee(attendee: Node<'_, '_>, kind: &str) -> Option<Value> {
    let mut shown = person(soap::child(attendee, "Mailbox")?);
    shown["type"] = json!(kind);
    shown["status"] = json!({"response": response(soap::text(attendee, "ResponseType"))});
    Some(shown)
}

/// What somebody answered, as Graph words it.
fn response(said: Option<&str>) -> &'static str {
    match said {
        Some("Accept") => "accepted",
        Some("Decline") => "declined",
        Some("Tentative") => "tentativelyAccepted",
        Some("Organizer") => "organizer",
        Some("NoResponseReceived") => "notResponded",
        _ => "none",
    }
}

/// The day whose midnight lies nearest, since midnight in UTC is that of few.
fn nearest_day(at: &str) -> String {
    let Ok(moment) = at.parse::<jiff::Timestamp>() else { return at.to_owned() };
    let noon = moment.saturating_add(jiff::SignedDuration::from_hours(12)).unwrap_or(moment);
    noon.to_string()
}

#[cfg(test)]
mod tests {
    use roxmltree::Document;

    use super::*;

    fn read(inner: &str) -> Value {
        let xml = format!("<t:CalendarItem xmlns:t=\"{}\"><t:ItemId Id=\"E=\"/>{inner}</t:CalendarItem>", soap::TYPES);
        event(Document::parse(&xml).unwrap().root_element()).unwrap()
    }

    #[test]
    fn an_occurrence_has_the_form_of_graph() {
        let attendee = |address: &str, said: &str| {
            format!(
                "<t:Attendee><t:Mailbox><t:EmailAddress>{address}</t:EmailAddress></t:Mailbox><t:ResponseType>{said}</t:ResponseType>\
                 </t:Attendee>"
            )
        };
        let shown = read(&format!(
            "<t:Subject>Weekly</t:Subject><t:Sensitivity>Normal</t:Sensitivity><t:UID>U</t:UID><t:Start>2026-02-02T09:30:00Z</t:Start>\
             <t:End>2026-02-02T10:00:00Z</t:End><t:OriginalStart>2026-02-02T09:00:00Z</t:OriginalStart><t:IsAllDayEvent>false\
             </t:IsAllDayEvent><t:IsCancelled>true</t:IsCancelled><t:CalendarItemType>Exception</t:CalendarItemType>\
             <t:MyResponseType>Decline</t:MyResponseType><t:Organizer><t:Mailbox><t:Name>Jo</t:Name><t:EmailAddress>jo@us.example\
             </t:EmailAddress></t:Mailbox></t:Organizer><t:RequiredAttendees>{}</t:RequiredAttendees><t:OptionalAttendees>{}\
             </t:OptionalAttendees>",
            attendee("carla@acme.example", "Accept"),
            attendee("dan@acme.example", "Unknown"),
        ));
        let person = |address: &str, name: Option<&str>| json!({"emailAddress": {"address": address, "name": name}});
        let attendee = |address: &str, kind: &str, response: &str| {
            let mut shown = person(address, None);
            (shown["type"], shown["status"]) = (json!(kind), json!({"response": response}));
            shown
        };
        let expected = json!({
            "id": "E=", "type": "exception", "uid": "U", "subject": "Weekly", "sensitivity": "normal",
            "start": {"dateTime": "2026-02-02T09:30:00Z", "timeZone": "UTC"},
            "end": {"dateTime": "2026-02-02T10:00:00Z", "timeZone": "UTC"}, "originalStart": "2026-02-02T09:00:00Z",
            "isAllDay": false, "isCancelled": true, "responseStatus": {"response": "declined"},
            "organizer": person("jo@us.example", Some("Jo")),
            "attendees": [
                attendee("carla@acme.example", "required", "accepted"), attendee("dan@acme.example", "optional", "none"),
            ],
        });
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_day_is_the_same_day_east_and_west() {
        for (start, day) in [
            ("2026-02-01T23:00:00Z", "2026-02-02T11:00:00Z"),
            ("2026-02-02T00:00:00Z", "2026-02-02T12:00:00Z"),
            ("2026-02-02T08:00:00Z", "2026-02-02T20:00:00Z"),
            ("never", "never"),
        ] {
            let shown = read(&format!("<t:Start>{start}</t:Start><t:IsAllDayEvent>true</t:IsAllDayEvent>"));
            assert_eq!(shown["start"]["dateTime"], day, "{start}");
        }
    }
}
