use std::{fmt::Write as _, sync::Arc};

use ::parquet::{
    data_type::{ByteArray, ByteArrayType, Int64Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use expect_test::{Expect, expect};

use super::*;

/// One line per row: what it shows, or why it failed.
fn shown(rows: impl Iterator<Item = Result<Captured, Problem>>) -> String {
    let mut text = String::new();
    for row in rows {
        let captured = match row {
            Ok(captured) => captured,
            Err(problem) => {
                writeln!(text, "{problem}").unwrap();
                continue;
            }
        };
        let sighting = &captured.sighting;
        write!(text, "{}: {} {}", captured.place, sighting.occurred_at.to_rfc3339(), sighting.kind.as_str()).unwrap();
        for one in &sighting.participants {
            let name = one.name.as_ref().map(|name| format!("({name})")).unwrap_or_default();
            write!(text, " {}:{}{name}", one.role.as_str(), one.who.key()).unwrap();
        }
        let facts = [
            ("s", sighting.duration_s.map(|seconds| seconds.to_string())),
            ("id", sighting.message_id.clone()),
            ("conversation", sighting.conversation_id.clone()),
            ("ancestors", (!sighting.ancestors.is_empty()).then(|| sighting.ancestors.join(" "))),
            ("subject", sighting.subject.clone()),
            ("regarding", sighting.regarding.as_ref().map(ToString::to_string)),
            ("state", sighting.state.map(|state| state.as_str().to_owned())),
            ("source", (sighting.source == Source::Crm).then(|| "crm".to_owned())),
            ("mailbox", sighting.mailbox.as_ref().map(ToString::to_string)),
            ("activity", sighting.activity_id.clone()),
            ("fault", captured.fault.clone()),
        ];
        for (name, value) in facts.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            write!(text, " {name}={value}").unwrap();
        }
        for note in &captured.notes {
            write!(text, " [{note}]").unwrap();
        }
        text.push('\n');
    }
    text
}

fn check_csv(text: &str, expected: &Expect) {
    expected.assert_eq(&shown(csv(text.as_bytes()).unwrap()));
}

#[test]
fn rows_show_all_columns() {
    check_csv(
        "\u{feff}Kind,OCCURRED_AT,from,to,cc,duration_s,message_id,conversation_id,in_reply_to,subject,regarding,state,source,mailbox,x\n\
         email,2026-03-01T09:30:00+01:00,Jo <jo@us.example>,\"\"\"Doe; J\"\" <d@x.example>;contact:c1\",lead:l1,,<m@x>,c,<a@x> <b@x>,Hi,opportunities/o1,,mailbox,jo@us.example,?\n\
         phone_call,1000000000,jo@us.example,d@x.example,,90.4,,,,,,completed,CRM,jo@us.example,\n\
         meeting,1000000000.5,jo@us.example,d@x.example,e@x.example,1800,,,,,,,,,\n\
         task,1000000000,,,,,,,,,accounts/a1,open,,,\n",
        &expect![[r"
            line 2: 2026-03-01T08:30:00Z email from:jo@us.example(Jo) to:d@x.example(Doe; J) to:contact:c1 cc:lead:l1 id=m@x conversation=c ancestors=a@x b@x subject=Hi regarding=opportunities/o1 mailbox=jo@us.example
            line 3: 2001-09-09T01:46:40Z phone_call caller:jo@us.example callee:d@x.example s=90 state=completed source=crm
            line 4: 2001-09-09T01:46:40.5Z meeting organizer:jo@us.example required:d@x.example optional:e@x.example s=1800
            line 5: 2001-09-09T01:46:40Z task regarding=accounts/a1 state=open
        "]],
    );
}

#[test]
fn bad_rows_fail_alone() {
    check_csv(
        "occurred_at,kind,from,to,cc,regarding,state,source,mailbox,duration_s\n\
         1000000000,fax,a@us.example,b@x.example,,,,,,\n\
         1000000000,email,a@us.example\n\
         1000000000,email,a@us.example,b@x.example,,o1,,,,\n\
         1000000000,email,a@us.example,b@x.example,,,done,,,\n\
         1000000000,email,a@us.example,b@x.example,,,,post,,\n\
         1000000000,email,a@us.example,b@x.example,,,,,nobody,\n\
         1000000000,email,,b@x.example,,,,,,\n\
         soon,email,a@us.example,b@x.example,,,,,,\n\
         ,email,nobody,b@x.example,,,,,,\n\
         1000000000,email,a@us.example,b@x.example;nobody,,,,,,long\n",
        &expect![[r"
            line 2: column `kind`: `fax` is none of email, meeting, phone_call, task
            line 3: the row has 3 fields, the header 10
            line 4: column `regarding`: `o1` is no TABLE/ID
            line 5: column `state`: `done` is none of open, scheduled, completed, cancelled
            line 6: column `source`: `post` is neither crm nor mailbox
            line 7: column `mailbox`: `nobody` is no address
            line 8: 2001-09-09T01:46:40Z email to:b@x.example fault=no sender: column `from` is empty
            line 9: 1990-01-01T00:00:00Z email from:a@us.example to:b@x.example fault=column `occurred_at`: `soon` is no moment
            line 10: 1990-01-01T00:00:00Z email to:b@x.example fault=no sender: column `from`: `nobody` is no address [`nobody` is no address: left out]
            line 11: 2001-09-09T01:46:40Z email from:a@us.example to:b@x.example [`nobody` is no address: left out] [column `duration_s`: `long` is no number of seconds: left out]
        "]],
    );
}

#[test]
fn a_header_that_cannot_serve_is_refused() {
    let refused = |text: &str| csv(text.as_bytes()).err().map(|problem| problem.to_string());
    assert_eq!(refused("when,what\n1,2\n").as_deref(), Some("line 1: column `occurred_at`, `kind`, `from`, `to` is missing"));
    assert_eq!(
        refused("occurred_at;kind;from;to\n").as_deref(),
        Some("line 1: column `occurred_at`, `kind`, `from`, `to` is missing; its columns are not separated by commas")
    );
    assert_eq!(refused("").as_deref(), Some("line 1: the file is empty: expected a header with `occurred_at,kind,from,to`"));
    assert_eq!(refused("occurred_at,kind,from,to"), None);
    let activity = activities(&b"occurred_at,kind,from,to\n"[..]).err().unwrap();
    assert_eq!(activity.what, "column `id` is missing");
}

#[test]
fn activities_are_the_crms() {
    let text = "id,occurred_at,kind,from,to,source\na1,1000000000,task,jo@us.example,,mailbox\n,1000000000,task,,,\n";
    expect![[r"
        line 2: 2001-09-09T01:46:40Z task caller:jo@us.example source=crm activity=a1
        line 3: column `id` is empty
    "]]
    .assert_eq(&shown(activities(text.as_bytes()).unwrap()));
}

#[test]
fn rows_without_end_stop_the_file() {
    let start = b"occurred_at,kind,from,to\n1000000000,email,a@us.example,\"".as_slice();
    let endless = std::io::Read::chain(start, std::io::Read::take(std::io::repeat(b'\n'), 200 << 20));
    let rows: Vec<_> = csv(endless).unwrap().map(|row| row.unwrap_err().what).collect();
    assert_eq!(rows, ["the file cannot be read beyond this: this row is longer than 16 MiB: is a quote not closed?"]);
    let header = std::io::Read::take(std::io::repeat(b'x'), 200 << 20);
    assert!(csv(header).is_err());
}

#[test]
fn bytes_that_are_no_utf_8_are_windows_1252() {
    let text = b"occurred_at,kind,from,to\n1000000000,email,J\xFCrgen <j@us.example>,d@x.example\n";
    let row = csv(&text[..]).unwrap().next().unwrap().unwrap();
    assert_eq!(row.sighting.participants[0].name.as_deref(), Some("Jürgen"));
}

#[test]
fn jsonl_takes_arrays_and_texts() {
    let text = "{\"occurred_at\":1000000000,\"kind\":\"email\",\"from\":\"a@us.example\",\"to\":[\"Doe; J <d@x.example>\",\"e@x.example\"],\"cc\":\"f@x.example;g@x.example\",\"duration_s\":null}\n\
        \n[1]\n{\"kind\":\"email\"\n{\"kind\":true}\n{\"kind\":\"task\",\"occurred_at\":\"2001-09-09T01:46:40Z\"}";
    expect![[r"
        line 1: 2001-09-09T01:46:40Z email from:a@us.example to:d@x.example(Doe; J) to:e@x.example cc:f@x.example cc:g@x.example
        line 3: this line is no JSON object
        line 4: this line is no JSON: EOF while parsing an object at line 2 column 0
        line 5: key `kind` is true or false, which says nothing here
        line 6: 2001-09-09T01:46:40Z task
    "]]
    .assert_eq(&shown(jsonl(text.as_bytes())));
    let endless = std::io::BufReader::new(std::io::Read::take(std::io::repeat(b'{'), 200 << 20));
    assert_eq!(jsonl(endless).map(|row| row.unwrap_err().what).collect::<Vec<_>>(), ["this line is longer than 16 MiB"]);
}

/// A Parquet file of two rows: texts, and a moment in one of the ways in which Parquet has them.
fn parquet_file(moment_type: &str, moments: [i64; 2]) -> ::bytes::Bytes {
    let schema = format!(
        "message m {{ required int64 occurred_at{moment_type}; required binary kind (UTF8); required binary from (UTF8); \
         required binary to (UTF8); required int64 other; }}"
    );
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(WriterProperties::builder().build())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts = [["email", "task"], ["a@us.example", ""], ["b@x.example;c@x.example", ""]];
    let mut column = 0;
    while let Some(mut values) = group.next_column().unwrap() {
        if column == 0 || column == 4 {
            values.typed::<Int64Type>().write_batch(&moments, None, None).unwrap();
        } else {
            let texts = texts[column - 1].map(ByteArray::from);
            values.typed::<ByteArrayType>().write_batch(&texts, None, None).unwrap();
        }
        values.close().unwrap();
        column += 1;
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes.into()
}

#[test]
fn parquet_has_the_same_columns() {
    let expected = expect![[r"
        row 1: 2001-09-09T01:46:40Z email from:a@us.example to:b@x.example to:c@x.example
        row 2: 2001-09-09T01:46:41Z task
    "]];
    expected.assert_eq(&shown(parquet(parquet_file("", [1_000_000_000, 1_000_000_001])).unwrap()));
    expected.assert_eq(&shown(parquet(parquet_file(" (TIMESTAMP_MILLIS)", [1_000_000_000_000, 1_000_000_001_000])).unwrap()));
    expected
        .assert_eq(&shown(parquet(parquet_file(" (TIMESTAMP_MICROS)", [1_000_000_000_000_000, 1_000_000_001_000_000])).unwrap()));
}

#[test]
fn what_is_no_parquet_is_refused() {
    let refused = |bytes: Vec<u8>| parquet(::bytes::Bytes::from(bytes)).err().unwrap().what;
    assert!(refused(vec![]).starts_with("this is no readable Parquet file: "));
    let whole = parquet_file("", [1, 2]);
    for length in 0..whole.len() {
        // Cut anywhere, it is refused, or read as far as it goes.
        if let Ok(rows) = parquet(whole.slice(..length)) {
            assert!(rows.count() <= 2);
        }
    }
}
