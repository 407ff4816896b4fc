//! Input that is damaged, endless or hostile: a clear message, bounded memory, everything accounted for.

use std::{
    fs::File,
    io::{BufWriter, Write},
};

use expect_test::expect;

use crate::harness::{AS_OF, Place, counts, measure};

/// The most memory that any bad input may cost (the wanted peak of good input is 500 MB).
const MEMORY_MAX_KIB: u64 = 300 * 1024;

const MBOX: &str = "\
From carla@acme.example Tue Feb  3 12:00:00 2026
From: Carla Cruz <carla@acme.example>
To: ann@us.example
Date: Tue, 3 Feb 2026 12:00:00 +0000
Subject: one
Message-ID: <one@x>

first
>From here on

From ann@us.example Wed Feb  4 12:00:00 2026
From: ann@us.example
To: carla@acme.example
Date: Wed, 4 Feb 2026 12:00:00 +0000
Subject: two
Message-ID: <two@x>
In-Reply-To: <one@x>

second

";

fn consented() -> Place {
    let place = Place::new();
    let eml = place.file("first.eml", "From: a@b.example\n\n");
    place.run(&["import", "mail", &eml, "--consent", "t"]).ok();
    place
}

fn import(place: &Place, what: &str, file: &str) -> serde_json::Value {
    place.run(&["import", what, file, "--as-of", AS_OF, "--json"]).ok().report()
}

#[test]
fn a_truncated_mbox_gives_what_is_whole() {
    let place = consented();
    let second = MBOX.find("From ann").unwrap();
    for end in (0..MBOX.len()).step_by(37).chain([second - 1, second, second + 5]) {
        let file = place.file("cut.mbox", &MBOX[..end]);
        let report = import(&place, "mail", &file);
        assert!(counts(&report)[0] <= 2, "cut at {end}: {report}");
    }
    // A cut below the headers loses nothing that is kept; the whole file afterwards brings nothing twice.
    let place = consented();
    let cut = place.file("cut.mbox", &MBOX[..MBOX.find("second").unwrap() + 3]);
    assert_eq!(counts(&import(&place, "mail", &cut)), [2, 2, 0, 0]);
    assert_eq!(counts(&import(&place, "mail", &place.file("whole.mbox", MBOX))), [2, 0, 2, 0]);
}

#[test]
fn a_file_of_zero_bytes_is_nothing_or_says_what_it_lacks() {
    let place = consented();
    for (what, name) in [("mail", "empty.mbox"), ("calendar", "empty.ics"), ("interactions", "empty.jsonl")] {
        assert_eq!(counts(&import(&place, what, &place.file(name, ""))), [0; 4], "{name}");
    }
    // A file of that name is one message: an empty one failed.
    assert_eq!(counts(&import(&place, "mail", &place.file("empty.eml", ""))), [1, 0, 0, 1]);
    let csv = place.file("empty.csv", "");
    expect![[r#"
        exit 1
        --- stderr
        error: PLACE/empty.csv:1: the file is empty: expected a header with `occurred_at,kind,from,to`
        hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
    "#]]
    .assert_eq(&place.show(&["import", "interactions", &csv]));
    expect![[r#"
        exit 1
        --- stderr
        error: PLACE/empty.csv:1: the file is empty: expected a header with `email`
        hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
    "#]]
    .assert_eq(&place.show(&["import", "users", &csv]));
    let parquet = place.file("empty.parquet", "");
    expect![[r#"
        exit 1
        --- stderr
        error: PLACE/empty.parquet: this is no readable Parquet file: EOF: Parquet file too small. Size is 0 but need 8
        hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
    "#]]
    .assert_eq(&place.show(&["import", "interactions", &parquet]));
    place.file("crm/contacts.csv", "");
    expect![[r#"
        exit 1
        --- stderr
        error: PLACE/crm/contacts.csv:1: the file is empty: expected a header with `id`
        hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
    "#]]
    .assert_eq(&place.show(&["import", "crm", place.path().join("crm").to_str().unwrap()]));
}

#[test]
fn wrong_columns_are_an_error_that_names_file_and_column() {
    let place = consented();
    let rows = place.file("wrong.csv", "when,kind,from,to,cc\n2026-02-03T09:00:00Z,email,a@us.example,b@acme.example,\n");
    expect![[r#"
        exit 1
        --- stderr
        error: PLACE/wrong.csv:1: column `occurred_at` is missing
        hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
    "#]]
    .assert_eq(&place.show(&["import", "interactions", &rows]));
    let users = place.file("users.csv", "mail,name\nann@us.example,Ann\n");
    expect![[r#"
        exit 1
        --- stderr
        error: PLACE/users.csv:1: column `email` is missing
        hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
    "#]]
    .assert_eq(&place.show(&["import", "users", &users]));
    place.file("crm/accounts.csv", "id,name,domains\nacc-1,Acme,acme.example\n");
    place.file("crm/contacts.csv", "name,email\nCarla,carla@acme.example\n");
    expect![[r#"
        exit 1
        --- stderr
        error: PLACE/crm/contacts.csv:1: column `id` is missing
        hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
    "#]]
    .assert_eq(&place.show(&["import", "crm", place.path().join("crm").to_str().unwrap()]));
    expect![[r"
        exit 1
        --- stderr
        error: `PLACE/store` holds none of the CRM's files
        hint: it may hold accounts.csv, contacts.csv, leads.csv, opportunities.csv and activities.csv
    "]]
    .assert_eq(&place.show(&["import", "crm", place.path().join("store").to_str().unwrap()]));
    let other = place.file("rows.txt", "x");
    expect![[r"
        exit 1
        --- stderr
        error: `PLACE/rows.txt` is no file of interactions
        hint: its name ends with .csv, .jsonl or .parquet (.csv.gz and .jsonl.gz too)
    "]]
    .assert_eq(&place.show(&["import", "interactions", &other]));
}

#[test]
fn rows_that_make_no_sense_fail_one_by_one_with_their_line() {
    let place = consented();
    let rows = place.file(
        "rows.csv",
        "occurred_at,kind,from,to,cc\n\
         yesterday,email,ann@us.example,carla@acme.example,\n\
         2026-02-03T09:00:00Z,telegram,ann@us.example,carla@acme.example,\n\
         2026-02-03T09:00:00Z,email,,carla@acme.example;ann@us.example,\n\
         1989-12-31T23:59:59Z,email,ann@us.example,carla@acme.example,\n\
         2027-02-03T09:00:00Z,email,ann@us.example,carla@acme.example,\n\
         2026-02-03T09:00:00Z,email,ann@us.example\n\
         2026-02-03T09:00:00Z,email,ann@us.example,carla@acme.example,\n",
    );
    expect![[r"
        exit 0
        --- stdout
        read 7, kept 1, duplicates 0, failed 6, excluded 0   (TIME)
          problem PLACE/rows.csv:2: column `occurred_at`: `yesterday` is no moment
          problem PLACE/rows.csv:3: column `kind`: `telegram` is none of email, meeting, phone_call, task
          problem PLACE/rows.csv:4: no sender: column `from` is empty
          problem PLACE/rows.csv:5: the date 1989-12-31T23:59:59Z is before 1990
          problem PLACE/rows.csv:6: the date 2027-02-03T09:00:00Z is more than a day after 2026-03-01T00:00:00Z
          problem PLACE/rows.csv:7: the row has 3 fields, the header 5
    "]]
    .assert_eq(&place.show(&["import", "interactions", &rows, "--as-of", AS_OF]));
}

#[test]
fn bytes_that_are_no_utf_8_are_read_all_the_same() {
    let place = consented();
    let mail = [&b"From: Andr\xe9 <carla@acme.example>\nTo: ann@us.example\nDate: Tue, 3 Feb 2026 12:00:00 +0000\nSubject: caf\xff\xfe\nMessage-ID: <\xe9@x>\n\n\xff"[..]].concat();
    let report = import(&place, "mail", &place.file("latin.eml", mail));
    assert_eq!(counts(&report), [1, 1, 0, 0], "{report}");
    let rows = [&b"occurred_at,kind,from,to,cc,subject\n2026-02-03T09:00:00Z,email,Andr\xe9 <ann@us.example>,carla@acme.example,,caf\xe9\n2026-02-04T09:00:00Z,email,ann@us.example,carla@acme.example,,fine\n"[..]].concat();
    let report = import(&place, "interactions", &place.file("latin.csv", rows));
    assert_eq!((counts(&report)[0], counts(&report)[1] + counts(&report)[3]), (2, 2), "{report}");
    assert!(counts(&report)[1] >= 1, "{report}");
    let ics = [&b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:\xe9\r\nSUMMARY:caf\xff\r\nDTSTART:20260203T090000Z\r\nDTEND:20260203T100000Z\r\nORGANIZER:mailto:ann@us.example\r\nATTENDEE:mailto:carla@acme.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"[..]].concat();
    let report = import(&place, "calendar", &place.file("latin.ics", ics));
    assert_eq!(counts(&report), [1, 1, 0, 0], "{report}");
    // What comes out is UTF-8 again.
    place.run(&["export", "interactions"]).ok();
}

/// 200 MB without a line break.
fn one_line(place: &Place, name: &str, head: &str) -> String {
    let path = place.file(name, "");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    file.write_all(head.as_bytes()).unwrap();
    let megabyte = vec![b'x'; 1_000_000];
    for _ in 0..200 {
        file.write_all(&megabyte).unwrap();
    }
    file.into_inner().unwrap();
    path
}

#[test]
fn two_hundred_megabytes_of_one_line_cost_no_memory() {
    let place = consented();
    for (what, name, head) in [
        ("mail", "line.mbox", ""),
        ("mail", "header.mbox", "From a@b Tue Feb  3 12:00:00 2026\nFrom: carla@acme.example\nTo: ann@us.example\nSubject: "),
        ("calendar", "line.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:"),
        (
            "interactions",
            "line.csv",
            "occurred_at,kind,from,to,cc\n2026-02-03T09:00:00Z,email,ann@us.example,carla@acme.example,",
        ),
        ("interactions", "line.jsonl", "{\"kind\": \""),
    ] {
        let file = one_line(&place, name, head);
        let (outcome, peak_kib) = measure(place.command(&["import", what, &file, "--json", "--as-of", AS_OF]));
        match outcome.code {
            Some(0) => _ = outcome.report(),
            _ => assert!(outcome.clone().failed().stderr.contains(name), "{what} {name}: {outcome:?}"),
        }
        assert!(peak_kib > 0 && peak_kib < MEMORY_MAX_KIB, "{what} {name}: {peak_kib} KiB at its peak");
        std::fs::remove_file(file).unwrap();
    }
}

#[test]
fn a_header_of_a_hundred_thousand_recipients_is_too_many() {
    let place = consented();
    let recipients: Vec<String> = (0..100_000).map(|i| format!("Person {i} <p{i}@many{}.example>", i % 1_000)).collect();
    let head = "From: ann@us.example\nDate: Tue, 3 Feb 2026 12:00:00 +0000\nMessage-ID: <many@x>\nTo: ";
    for (name, separator) in [("folded.eml", ",\n "), ("straight.eml", ", ")] {
        let file = place.file(name, format!("{head}{}\n\nhello\n", recipients.join(separator)));
        let (outcome, peak_kib) = measure(place.command(&["import", "mail", &file, "--as-of", AS_OF, "--json"]));
        let report = outcome.ok().report();
        assert_eq!(report["excluded"]["too_many_recipients"], 1, "{name}: {report}");
        assert!(peak_kib < MEMORY_MAX_KIB, "{name}: {peak_kib} KiB at its peak");
    }
    let csv = place.file(
        "many.csv",
        format!("occurred_at,kind,from,to,cc\n2026-02-03T09:00:00Z,email,ann@us.example,{},\n", recipients.join(";")),
    );
    let report = import(&place, "interactions", &csv);
    assert_eq!(report["excluded"]["too_many_recipients"], 1, "{report}");
}

#[test]
fn an_endless_recurrence_ends() {
    let place = consented();
    let event = |uid: &str, rule: &str| {
        format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:20260203T090000Z\r\nDTEND:20260203T090001Z\r\nRRULE:{rule}\r\nORGANIZER:mailto:ann@us.example\r\n\
             ATTENDEE:mailto:carla@acme.example\r\nEND:VEVENT\r\n"
        )
    };
    for rule in
        ["FREQ=SECONDLY", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=0"]
    {
        let after = "FREQ=DAILY;COUNT=2";
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}{}END:VCALENDAR\r\n",
            event(rule, rule),
            event(&format!("after {rule}"), after)
        );
        let file = place.file("endless.ics", text);
        let (outcome, peak_kib) = measure(place.command(&["import", "calendar", &file, "--as-of", AS_OF, "--json"]));
        let report = outcome.ok().report();
        // What comes after the endless one is still read.
        assert!(counts(&report)[1] >= 2, "{rule}: {report}");
        assert!(counts(&report)[0] < 200_000, "{rule}: {report}");
        assert!(peak_kib < MEMORY_MAX_KIB, "{rule}: {peak_kib} KiB at its peak");
        if rule == "FREQ=SECONDLY" {
            assert!(!report["problems"].as_array().unwrap().is_empty(), "what is left out is told: {report}");
        }
    }
}
