//! What is left of an iCalendar object (RFC 5545): who meets whom when, and nothing that somebody wrote beyond the title.
//!
//! Servers are asked for no more, but may ignore that (RFC 4791, 9.6.1 leaves them no choice, and still some do).

/// Properties of the calendar that say how to read it.
const OF_CALENDAR: [&str; 4] = ["VERSION", "CALSCALE", "METHOD", "X-MICROSOFT-CDO-TZID"];

/// Properties of an appointment that are asked for.
pub(super) const OF_EVENT: [&str; 18] = [
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "EXRULE",
    "RECURRENCE-ID",
    "ORGANIZER",
    "ATTENDEE",
    "STATUS",
    "CLASS",
    "SEQUENCE",
    "SUMMARY",
    "TRANSP",
    "X-MICROSOFT-CDO-ALLDAYEVENT",
];

/// The object without what nobody asked for; `None` if no appointment is in it.
pub(super) fn prune(object: &str) -> Option<Vec<u8>> {
    let mut kept = String::new();
    // Names of the components that the line lies in.
    let mut within: Vec<String> = Vec::new();
    let (mut has_event, mut keeps) = (false, false);
    for line in object.lines() {
        let is_folded = line.starts_with([' ', '\t']);
        if !is_folded {
            let name = line.split([':', ';']).next().unwrap_or_default().trim().to_ascii_uppercase();
            let value = || line.split_once(':').map_or("", |(_, value)| value).trim().to_ascii_uppercase();
            if name == "BEGIN" {
                within.push(value());
            }
            keeps = keeps_line(&within, &name);
            has_event |= keeps && name == "BEGIN" && value() == "VEVENT";
            if name == "END" {
                within.pop();
            }
        }
        if keeps {
            kept.push_str(line);
            kept.push_str("\r\n");
        }
    }
    has_event.then(|| kept.into_bytes())
}

fn keeps_line(within: &[String], name: &str) -> bool {
    let mut path = within.iter().map(String::as_str);
    let is_edge = matches!(name, "BEGIN" | "END");
    match (path.next(), path.next(), path.next()) {
        (Some("VCALENDAR"), None, _) => is_edge || OF_CALENDAR.contains(&name),
        (Some("VCALENDAR"), Some("VEVENT"), None) => is_edge || OF_EVENT.contains(&name),
        // Zones hold nothing but rules.
        (Some("VCALENDAR"), Some("VTIMEZONE"), _) => name != "COMMENT",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_is_left_out() {
        let object = "BEGIN:VCALENDAR\nPRODID:x\nVERSION:2.0\nBEGIN:VTIMEZONE\nTZID:A\nCOMMENT:x\nBEGIN:STANDARD\nTZOFFSETTO:+0100\n\
            END:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nuid:1\nDESCRIPTION;LANGUAGE=en:Secret\n  and more\n\tand more\nATTENDEE;CN=C\n arla:mailto:\n \
            carla@acme.example\nATTACH;ENCODING=BASE64:AAAA\nLOCATION:Room\nX-ALT-DESC:Secret\nBEGIN:VALARM\nSUMMARY:Secret\nEND:VALARM\n\
            SUMMARY:Talk: part\nEND:VEVENT\nBEGIN:VTODO\nSUMMARY:Secret\nEND:VTODO\nEND:VCALENDAR\n";
        let kept = String::from_utf8(prune(object).unwrap()).unwrap();
        assert_eq!(
            kept.lines().collect::<Vec<_>>(),
            [
                "BEGIN:VCALENDAR",
                "VERSION:2.0",
                "BEGIN:VTIMEZONE",
                "TZID:A",
                "BEGIN:STANDARD",
                "TZOFFSETTO:+0100",
                "END:STANDARD",
                "END:VTIMEZONE",
                "BEGIN:VEVENT",
                "uid:1",
                "ATTENDEE;CN=C",
                " arla:mailto:",
                " carla@acme.example",
                "SUMMARY:Talk: part",
                "END:VEVENT",
                "END:VCALENDAR"
            ]
        );
        assert!(kept.ends_with("END:VCALENDAR\r\n"));
    }

    #[test]
    fn what_is_no_appointment_is_left_out_whole() {
        for other in [
            "",
            "DESCRIPTION:x",
            "BEGIN:VEVENT\nUID:1\nEND:VEVENT",
            "BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:1\nEND:VTODO\nEND:VCALENDAR",
        ] {
            assert_eq!(prune(other), None, "{other}");
        }
        // An end too many closes nothing that it should not, and opens nothing.
        assert_eq!(prune("END:VCALENDAR\nEND:VEVENT\nDESCRIPTION:x\nEND:X"), None);
    }
}
