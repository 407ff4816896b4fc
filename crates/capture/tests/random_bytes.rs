//! Whatever bytes come in, nothing panics, and iterators end.

#![allow(missing_docs, reason = "a test")]

use std::fmt::Write as _;

use proptest::prelude::*;
use rapport_capture::{calendar, crm, gzip, interactions, mail::MailReader, mbox};
use rapport_domain::{Calendar, Moment};

/// Pieces that make random input look like each format often enough to get deep into its reader.
const PIECES: &[&str] = &[
    "From a@x Mon May 18 09:30:00 2015\n",
    "From: ",
    "To: ",
    "Date: ",
    "Mon, 5 Mar 2001 10:00:00 +0000\n",
    "Message-ID: <a@b>\n",
    "\n",
    "\r\n",
    "\n\n",
    "<a@x.example>",
    "a@x.example, ",
    "=?utf-8?q?=C3?=",
    "Content-Type: multipart/report; report-type=",
    "Group: a@b, c@d;",
    "\"",
    "(",
    ")",
    ";",
    ":",
    " ",
    "BEGIN:VCALENDAR\n",
    "BEGIN:VEVENT\n",
    "END:VEVENT\n",
    "END:VCALENDAR\n",
    "DTSTART:20250101T090000Z\n",
    "DTSTART;TZID=Europe/Amsterdam:20250330T023000\n",
    "RRULE:FREQ=",
    "DAILY",
    "WEEKLY;BYDAY=MO,-1TU",
    "YEARLY;BYWEEKNO=53",
    "SECONDLY",
    ";COUNT=3\n",
    ";UNTIL=20260101T000000Z\n",
    ";INTERVAL=0\n",
    ";BYSETPOS=-1",
    ";BYMONTHDAY=31",
    "RECURRENCE-ID;RANGE=THISANDFUTURE:20250102T090000Z\n",
    "UID:1\n",
    "RDATE;VALUE=PERIOD:20250101T090000Z/PT1H\n",
    "DURATION:-P99999999W\n",
    "DTEND:99991231T235959\n",
    "BEGIN:VTIMEZONE\nTZID:Q\n",
    "BEGIN:STANDARD\n",
    "TZOFFSETFROM:+9959\n",
    "TZOFFSETTO:-9959\n",
    "END:STANDARD\nEND:VTIMEZONE\n",
    "ATTENDEE;ROLE=CHAIR:mailto:a@b\n",
    "occurred_at,kind,from,to\n",
    "1000000000,email,a@x.example,b@x.example\n",
    "id,email,status\n",
    "{\"kind\":\"email\",",
    "\"occurred_at\":",
    "99999999999999999999",
    "[1,2]",
    "}\n",
    "PAR1",
    "\u{feff}",
];

fn input() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => proptest::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..12),
        1 => "[ -~]{0,12}".prop_map(String::into_bytes),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn read_everything(bytes: &[u8]) {
    let zone = Calendar::of("Europe/Amsterdam").unwrap();
    let until = Moment::parse("2026-06-01T00:00:00Z").unwrap();
    let reader = MailReader::new();
    for mail in mbox::messages(bytes).chain(mbox::single(bytes)).flatten() {
        assert!(reader.read(&mail, false).sighting.participants.len() <= rapport_capture::mail::PARTICIPANTS_MAX);
    }
    assert!(calendar::read(bytes, &zone, until).count() < 1_000_000);
    let _ = interactions::csv(bytes).map(Iterator::count);
    let _ = interactions::jsonl(bytes).count();
    let _ = interactions::parquet(bytes::Bytes::copy_from_slice(bytes)).map(Iterator::count);
    let _ = crm::accounts(bytes, &zone).map(Iterator::count);
    let _ = crm::opportunities(bytes, &zone).map(Iterator::count);
    let _ = crm::users(bytes, &zone).map(Iterator::count);
    if let Ok(plain) = gzip::decompressed(bytes) {
        mbox::messages(plain).for_each(drop);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(bytes in input()) {
        read_everything(&bytes);
    }

    #[test]
    fn nothing_panics_on_noise(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_everything(&bytes);
    }

    #[test]
    fn damaged_gzip_ends(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_everything(&[&[0x1f, 0x8b, 0x08, 0x00][..], &noise].concat());
    }

    /// Every message of a well-made mbox comes out once, whatever its body says (with `From ` escaped).
    #[test]
    fn every_message_comes_out_once(bodies in proptest::collection::vec("([ -~]{0,40}\n){0,6}", 1..20)) {
        let mut text = String::new();
        for (n, body) in bodies.iter().enumerate() {
            let body = body.replace("From ", ">From ");
            write!(text, "From a@x Mon May 18 09:30:00 2015\nMessage-ID: <{n}@x>\n\n{body}\n\n").unwrap();
        }
        let found: Vec<_> = mbox::messages(text.as_bytes()).map(|mail| mail.unwrap().headers).collect();
        let expected: Vec<_> = (0..bodies.len()).map(|n| format!("Message-ID: <{n}@x>\n\n\n\n").into_bytes()).collect();
        prop_assert_eq!(found, expected);
    }
}
