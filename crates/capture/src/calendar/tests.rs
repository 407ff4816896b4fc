use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::*;

fn occurrences(text: &str) -> Vec<Result<Captured, Problem>> {
    let zone = Calendar::of("Europe/Amsterdam").unwrap();
    let until = Moment::parse("2025-12-31T00:00:00Z").unwrap();
    read(text.replace('\n', "\r\n").as_bytes(), &zone, until).collect()
}

/// Occurrences of events without their frame: start, length, what the rule gave, state, people.
fn shown(events: &str) -> String {
    let mut text = String::new();
    for item in occurrences(&format!("BEGIN:VCALENDAR\n{events}\nEND:VCALENDAR\n")) {
        let captured = match item {
            Ok(captured) => captured,
            Err(problem) => {
                writeln!(text, "{problem}").unwrap();
                continue;
            }
        };
        let sighting = &captured.sighting;
        write!(text, "{} {}s", sighting.occurred_at.to_rfc3339(), sighting.duration_s.unwrap()).unwrap();
        if let Some(occurrence) = sighting.occurrence.filter(|occurrence| *occurrence != sighting.occurred_at) {
            write!(text, " instead of {}", occurrence.to_rfc3339()).unwrap();
        }
        if let Some(state) = sighting.state {
            write!(text, " {}", state.as_str()).unwrap();
        }
        for one in &sighting.participants {
            write!(text, " {}:{}", one.role.as_str(), one.who.key()).unwrap();
        }
        for note in &captured.notes {
            write!(text, " [{note}]").unwrap();
        }
        text.push('\n');
    }
    text
}

fn check(events: &str, expected: &Expect) {
    expected.assert_eq(&shown(events));
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:u1\n{lines}\nEND:VEVENT")
}

#[test]
fn a_meeting_keeps_its_local_time_through_daylight_saving() {
    check(
        &event(
            "DTSTART;TZID=Europe/Amsterdam:20250324T090000\nDTEND;TZID=Europe/Amsterdam:20250324T100000\nRRULE:FREQ=WEEKLY;COUNT=3",
        ),
        &expect![[r"
            2025-03-24T08:00:00Z 3600s
            2025-03-31T07:00:00Z 3600s
            2025-04-07T07:00:00Z 3600s
        "]],
    );
    // 02:30 does not exist on 30 March: an hour later by the clock, as every calendar shows it. On 26 October it is the first.
    check(
        &event("DTSTART;TZID=Europe/Amsterdam:20250329T023000\nDURATION:PT15M\nRRULE:FREQ=DAILY;COUNT=2"),
        &expect![[r"
            2025-03-29T01:30:00Z 900s
            2025-03-30T01:30:00Z 900s
        "]],
    );
    check(
        &event("DTSTART;TZID=Europe/Amsterdam:20251026T023000\nDURATION:PT15M"),
        &expect![[r"
            2025-10-26T00:30:00Z 900s
        "]],
    );
}

#[test]
fn times_without_a_zone_and_days_are_local_to_the_organization() {
    check(
        &format!(
            "{}\n{}\n{}",
            event("DTSTART:20250701T090000\nDTEND:20250701T093000"),
            event("DTSTART:20250701T090000Z\nDTEND:20250701T093000Z"),
            event("DTSTART;VALUE=DATE:20250701\nDTEND;VALUE=DATE:20250703\nRRULE:FREQ=MONTHLY;UNTIL=20250801"),
        ),
        &expect![[r"
            2025-07-01T07:00:00Z 1800s
            2025-07-01T09:00:00Z 1800s
            2025-06-30T22:00:00Z 0s
            2025-07-31T22:00:00Z 0s
        "]],
    );
}

#[test]
fn zones_have_windows_names_own_rules_or_no_meaning() {
    check(
        &event("DTSTART;TZID=W. Europe Standard Time:20250701T090000\nDURATION:PT1H"),
        &expect![[r"
            2025-07-01T07:00:00Z 3600s
        "]],
    );
    check(
        &event("DTSTART;TZID=Nowhere:20250701T090000\nDTEND;TZID=Nowhere:20250701T100000"),
        &expect![[r"
            2025-07-01T07:00:00Z 3600s [time zone `Nowhere` is unknown: read as the organization's]
        "]],
    );
    // A zone that no database has: 3 hours in winter, 5 in summer, changing in May and September.
    let defined = "BEGIN:VTIMEZONE\nTZID:Moon\nBEGIN:STANDARD\nDTSTART:19700901T030000\nRRULE:FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=1\n\
                   TZOFFSETFROM:+0500\nTZOFFSETTO:+0300\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:19700501T030000\n\
                   RRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0500\nEND:DAYLIGHT\nEND:VTIMEZONE\n";
    let meeting = event("DTSTART;TZID=Moon:20250430T040000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2");
    let skipped = event("DTSTART;TZID=Moon:20250501T033000");
    let twice = event("DTSTART;TZID=Moon:20250901T023000\nRRULE:FREQ=DAILY;UNTIL=20250901T220000Z");
    check(
        &format!("{defined}{meeting}\n{skipped}\n{twice}"),
        &expect![[r"
            2025-04-30T01:00:00Z 3600s
            2025-05-01T01:00:00Z 3600s
            2025-05-01T00:30:00Z 0s
            2025-08-31T21:30:00Z 0s
        "]],
    );
}

#[test]
fn rules_add_and_take_away() {
    check(
        &event(
            "DTSTART:20250106T090000Z\nDURATION:PT30M\nRRULE:FREQ=DAILY;COUNT=6\nEXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2\n\
             EXDATE:20250107T090000Z\nEXDATE;VALUE=DATE:20250109\nRDATE;VALUE=PERIOD:20250201T100000Z/PT2H,20250202T100000Z/20250202T113000Z\n\
             RDATE:20250203T100000Z",
        ),
        &expect![[r"
            2025-01-10T09:00:00Z 1800s
            2025-01-11T09:00:00Z 1800s
            2025-02-01T10:00:00Z 7200s
            2025-02-02T10:00:00Z 5400s
            2025-02-03T10:00:00Z 1800s
        "]],
    );
    // The last working day of each month, and the start although it is none.
    check(
        &event("DTSTART:20250101T090000Z\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;UNTIL=20250331T090000Z"),
        &expect![[r"
            2025-01-01T09:00:00Z 0s
            2025-01-31T09:00:00Z 0s
            2025-02-28T09:00:00Z 0s
            2025-03-31T09:00:00Z 0s
        "]],
    );
}

#[test]
fn exceptions_keep_the_start_that_the_rule_gave() {
    let series = event("DTSTART;TZID=Europe/Amsterdam:20250324T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4");
    let moved = event("RECURRENCE-ID;TZID=Europe/Amsterdam:20250331T090000\nDTSTART:20250402T120000Z\nDURATION:PT30M");
    let cancelled = event("RECURRENCE-ID:20250407T070000Z\nDTSTART:20250407T070000Z\nSTATUS:CANCELLED");
    let alone = event("RECURRENCE-ID:20260101T070000Z\nDTSTART:20260102T070000Z");
    check(
        &format!("{moved}\n{series}\n{cancelled}\n{alone}"),
        &expect![[r"
            2025-03-24T08:00:00Z 3600s
            2025-04-02T12:00:00Z 1800s instead of 2025-03-31T07:00:00Z
            2025-04-07T07:00:00Z 0s cancelled
            2025-04-14T07:00:00Z 3600s
            2026-01-02T07:00:00Z 0s instead of 2026-01-01T07:00:00Z
        "]],
    );
}

#[test]
fn this_and_future_moves_all_that_follow() {
    let series = event("DTSTART;TZID=Europe/Amsterdam:20250317T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4");
    let moved = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Amsterdam:20250324T090000\nDTSTART;TZID=Europe/Amsterdam:20250325T103000\nDURATION:PT2H",
    );
    check(
        &format!("{series}\n{moved}"),
        &expect![[r"
            2025-03-17T08:00:00Z 3600s
            2025-03-25T09:30:00Z 7200s instead of 2025-03-24T08:00:00Z
            2025-04-01T08:30:00Z 7200s instead of 2025-03-31T07:00:00Z
            2025-04-08T08:30:00Z 7200s instead of 2025-04-07T07:00:00Z
        "]],
    );
}

#[test]
fn who_takes_part() {
    check(
        &event(
            "DTSTART:20250101T090000Z\nORGANIZER;CN=Boss:mailto:boss@us.example\nATTENDEE;PARTSTAT=ACCEPTED:MAILTO:boss@us.example\n\
             ATTENDEE;PARTSTAT=DECLINED:mailto:no@x.example\nATTENDEE;ROLE=OPT-PARTICIPANT;CN=\"Doe, Jane\":mailto:jane@x.example\n\
             ATTENDEE;CUTYPE=ROOM:mailto:room@us.example\nATTENDEE;CUTYPE=RESOURCE:mailto:beamer@us.example\n\
             ATTENDEE;ROLE=NON-PARTICIPANT:mailto:fyi@x.example\nATTENDEE;ROLE=CHAIR:mailto:chair@x.ex\n ample\n\
             ATTENDEE;EMAIL=lee@x.example:urn:uuid:1\nATTENDEE:invalid:nomail",
        ),
        &expect![[r"
            2025-01-01T09:00:00Z 0s organizer:boss@us.example optional:jane@x.example required:chair@x.example required:lee@x.example [`invalid:nomail` is no address: left out]
        "]],
    );
}

#[test]
fn methods_and_classes_are_marked() {
    let first = |lines: &str| {
        let text = format!("BEGIN:VCALENDAR\n{lines}\nEND:VCALENDAR");
        occurrences(&text).remove(0).unwrap().sighting
    };
    let meeting = event("DTSTART:20250101T090000Z\nSUMMARY:Plan\\, do");
    assert!(first(&format!("METHOD:REPLY\n{meeting}")).marks.calendar_reply);
    assert!(!first(&format!("METHOD:REQUEST\n{meeting}")).marks.calendar_reply);
    assert_eq!(first(&format!("METHOD:CANCEL\n{meeting}")).state, Some(rapport_domain::ActivityState::Cancelled));
    assert!(first(&event("DTSTART:20250101T090000Z\nCLASS:CONFIDENTIAL")).marks.sensitive);
    let plain = first(&meeting);
    assert_eq!((plain.state, plain.message_id.as_deref(), plain.occurrence), (None, Some("u1"), None));
    assert_eq!(plain.subject.as_deref(), Some("Plan, do"));
}

#[test]
fn a_later_sequence_replaces_an_earlier_one() {
    let old = event("SEQUENCE:1\nDTSTART:20250101T090000Z");
    let new = event("SEQUENCE:2\nDTSTART:20250102T090000Z");
    assert_eq!(shown(&format!("{old}\n{new}")), "2025-01-02T09:00:00Z 0s\n");
    assert_eq!(shown(&format!("{new}\n{old}")), "2025-01-02T09:00:00Z 0s\n");
}

#[test]
fn broken_events_fail_and_the_others_are_read() {
    check(
        &format!(
            "{}\n{}\n{}",
            event("SUMMARY:x"),
            event("DTSTART:soon"),
            event("DTSTART:20250101T090000Z\nRRULE:FREQ=OFTEN\nDTEND:later")
        ),
        &expect![[r"
            line 2: the event has no start
            line 6: the start `soon` is none
            2025-01-01T09:00:00Z 0s [the end `later` is none: read without a duration] [the rule `FREQ=OFTEN` is none: read without it]
        "]],
    );
    let todo =
        "BEGIN:VTODO\nUID:t\nDTSTART:20250101T090000Z\nEND:VTODO\nBEGIN:VFREEBUSY\nDTSTART:20250101T090000Z\nEND:VFREEBUSY";
    assert_eq!(shown(todo), "");
}

#[test]
fn endless_rules_end() {
    check(
        &event("DTSTART:20200101T090000Z\nRRULE:FREQ=SECONDLY"),
        &expect![[r"
            line 2: the recurrence cannot be followed: it gives more than 20000 occurrences until 2025-12-31T00:00:00
        "]],
    );
    for never in
        ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=65535;BYMONTH=13"]
    {
        let lines = shown(&event(&format!("DTSTART:20250101T090000Z\nRRULE:{never}")));
        assert_eq!(lines.lines().count(), 1, "{never}: {lines}");
    }
    assert_eq!(
        occurrences(&event("DTSTART:19900101T090000Z\nRRULE:FREQ=DAILY")).len(),
        13_148,
        "every day since 1990 is no damage"
    );
}

#[test]
fn files_that_are_no_calendar_say_so() {
    assert!(occurrences("").is_empty());
    let only = occurrences("hello\n").remove(0).unwrap_err();
    assert_eq!((only.is_failed_item, only.what.as_str()), (false, "no calendar in this file: expected a line BEGIN:VCALENDAR"));
    let cut = occurrences("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20250101T090000Z\nSUMM");
    assert_eq!(cut[0].as_ref().unwrap_err().to_string(), "line 2: the file ends within this event: read as far as it goes");
    assert!(cut[1].is_ok());
}

#[test]
fn long_lines_are_dropped_before_they_are_kept() {
    let description = "x".repeat(3 << 20);
    let lines = format!("DESCRIPTION:{description}\nSUMMARY:{description}\nDTSTART\n ;VALUE=DATE\n :20250101");
    check(
        &event(&lines),
        &expect![[r"
            line 5: this property is longer than 256 KiB: left out
            2024-12-31T23:00:00Z 0s
        "]],
    );
}
