//! The files themselves: fields, headers, folds.

use jiff::fmt::rfc2822::DateTimeParser;

use super::super::{DemoFile, files};
use super::MOMENTS_S;

fn text(file: &DemoFile) -> &str {
    std::str::from_utf8(&file.bytes).expect("files are UTF-8")
}

fn of_kind<'a>(files: &'a [DemoFile], ending: &'a str) -> impl Iterator<Item = &'a DemoFile> {
    files.iter().filter(move |file| file.path.ends_with(ending))
}

fn demo() -> Vec<DemoFile> {
    files(MOMENTS_S[0] * 1_000_000, 1)
}

/// Fields of a line whose quoted fields hold no line break.
fn fields(line: &str) -> usize {
    let mut is_quoted = false;
    let commas = line.chars().filter(|&letter| {
        is_quoted ^= letter == '"';
        letter == ',' && !is_quoted
    });
    commas.count() + 1
}

#[test]
fn every_row_has_the_fields_of_its_header() {
    let files = demo();
    let rows = |path: &str| {
        let file = files.iter().find(|file| file.path == path).expect("the file is made");
        let mut lines = text(file).lines();
        let columns = fields(lines.next().expect("there is a header"));
        lines.inspect(|line| assert_eq!(fields(line), columns, "{path}: {line}")).count()
    };
    assert_eq!(rows("users.csv"), 25);
    assert_eq!(rows("crm/accounts.csv"), 60);
    assert_eq!(rows("crm/contacts.csv"), 260);
    assert_eq!(rows("crm/leads.csv"), 60);
    assert_eq!(rows("crm/opportunities.csv"), 160);
    assert!(rows("crm/activities.csv") > 1_000);
    assert_eq!(of_kind(&files, ".csv").count(), 6);
}

fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let head = message.split("\n\n").next()?;
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn every_message_has_the_headers_that_matter_and_none_is_from_the_future() {
    for moment_s in MOMENTS_S {
        let files = files(moment_s * 1_000_000, 5);
        let mut messages = 0;
        for file in of_kind(&files, ".mbox") {
            let mailbox = format!("\n{}", text(file));
            for message in mailbox.split("\nFrom ").skip(1) {
                for name in ["To", "From", "Subject", "Message-ID"] {
                    assert!(header(message, name).is_some(), "{}: no {name} in {message}", file.path);
                }
                let date = header(message, "Date").expect("every message has a date");
                let sent = DateTimeParser::new().parse_timestamp(date).expect("the date is one of RFC 5322, its weekday right");
                assert!(sent.as_second() <= moment_s, "{date}");
                assert!(message.lines().all(|line| line.len() < 998), "lines are short enough for SMTP");
                messages += 1;
            }
        }
        assert!((12_000..=25_000).contains(&messages), "{messages} messages");
    }
}

#[test]
fn every_rule_of_exclusion_has_something_to_exclude() {
    let files = demo();
    let all: String = of_kind(&files, ".mbox").map(text).collect();
    let marks = [
        "\nTo: undisclosed-recipients:;\n",
        "\nX-Unsent: 1\n",
        "\nList-Id: ",
        "\nList-Unsubscribe: ",
        "\nPrecedence: bulk\n",
        "\nAuto-Submitted: auto-replied\n",
        "<noreply@",
        "method=REPLY",
        "report-type=delivery-status",
        "\nSensitivity: Private\n",
        "\nSensitivity: Company-Confidential\n",
    ];
    for mark in marks {
        assert!(all.contains(mark), "nothing with {mark:?}");
    }
    let crowded = all
        .split("\nFrom ")
        .filter(|message| message.split("\nSubject: ").next().is_some_and(|head| head.matches('@').count() > 55));
    assert!(crowded.count() >= 3, "mails to more than 50 people");
}

#[test]
fn the_same_message_stands_in_several_mailboxes() {
    let files = demo();
    let mut ids: Vec<&str> = of_kind(&files, ".mbox")
        .flat_map(|file| text(file).lines().filter_map(|line| line.strip_prefix("Message-ID: ")))
        .collect();
    let copies = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert!(copies - ids.len() > 1_000, "{copies} copies of {} messages", ids.len());
}

#[test]
fn calendars_are_well_formed() {
    let files = demo();
    let mut all = String::new();
    for file in of_kind(&files, ".ics") {
        let calendar = text(file);
        assert!(calendar.lines().count() == calendar.matches("\r\n").count(), "lines end with CRLF");
        assert!(calendar.lines().all(|line| line.len() <= 75), "lines are folded");
        let mut open = Vec::new();
        for line in calendar.lines() {
            if let Some(name) = line.strip_prefix("BEGIN:") {
                open.push(name);
            } else if let Some(name) = line.strip_prefix("END:") {
                assert_eq!(open.pop(), Some(name), "{}", file.path);
            }
        }
        assert!(open.is_empty());
        all.push_str(&calendar.replace("\r\n ", ""));
    }
    for mark in [
        "RRULE:FREQ=WEEKLY",
        "RECURRENCE-ID;",
        "EXDATE;",
        "STATUS:CANCELLED",
        "PARTSTAT=DECLINED",
        "CUTYPE=ROOM",
        "CLASS:PRIVATE",
        "VALUE=DATE:",
    ] {
        assert!(all.contains(mark), "nothing with {mark:?}");
    }
    // A meeting of tomorrow or later: the next interaction of somebody.
    assert!(all.contains("DTSTART;TZID=Europe/Amsterdam:202608"), "nothing is planned");
}
