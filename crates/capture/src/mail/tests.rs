use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::*;
use crate::{ExclusionReason, Rules, Verdict, mbox};

fn read(text: &str) -> Captured {
    let mail = mbox::single(text.as_bytes()).next().unwrap().unwrap();
    MailReader::new().read(&mail, false)
}

/// What a message shows, one fact per line; what says nothing is left out.
fn shown(captured: &Captured) -> String {
    let sighting = &captured.sighting;
    let mut text = format!("at {}\n", sighting.occurred_at.to_rfc3339());
    for one in &sighting.participants {
        writeln!(text, "{} {} {}", one.role.as_str(), one.who.key(), one.name.as_deref().unwrap_or("-")).unwrap();
    }
    let id = sighting.message_id.iter().map(|id| format!("id {id}"));
    let ancestors = sighting.ancestors.iter().map(|id| format!("ancestor {id}"));
    let subject = sighting.subject.iter().map(|subject| format!("subject {subject}"));
    let delivered = captured.delivered_to.iter().map(|address| format!("delivered to {address}"));
    let fault = captured.fault.iter().map(|fault| format!("fault {fault}"));
    let notes = captured.notes.iter().map(|note| format!("note {note}"));
    for line in id.chain(ancestors).chain(subject).chain(delivered).chain(fault).chain(notes) {
        writeln!(text, "{line}").unwrap();
    }
    text
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&shown(&read(text)));
}

#[test]
fn a_plain_message_shows_people_date_ids_and_subject() {
    check(
        "Received: by x; Mon, 1 Jan 1990 00:00:00 +0000\nFrom: \"Doe, Jane\" <Jane@US.example>\nTo: jo@them.example,\n Lee <lee@them.example>\n\
         Cc: Team: a@us.example, b@us.example;\nBcc: secret@them.example\nDate: Wed, 06 Oct 1999 06:44:00 -0700 (PDT)\n\
         Message-ID:\n <1@US.example>\nReferences: <a@x> <b@x>\n\t<c@x>\nIn-Reply-To: <c@x>\nSubject: Re:\n Quote\n\nbody\n",
        &expect![[r"
            at 1999-10-06T13:44:00Z
            from jane@us.example Doe, Jane
            to jo@them.example -
            to lee@them.example Lee
            cc a@us.example -
            cc b@us.example -
            id 1@US.example
            ancestor a@x
            ancestor b@x
            ancestor c@x
            subject Re: Quote
        "]],
    );
}

#[test]
fn encoded_names_and_subjects_are_decoded() {
    check(
        "From: =?iso-8859-1?Q?J=FCrgen_M?= <j@b\u{fc}cher.example>\nTo: =?UTF-8?B?0JjQstCw0L0=?= <i@x.example>\n\
         Subject: =?utf-8?q?caf=C3=A9?=\nDate: 1 Apr 97 11:48:02 +0200\n\n",
        &expect![[r"
            at 1997-04-01T09:48:02Z
            from j@xn--bcher-kva.example Jürgen M
            to i@x.example Иван
            subject café
        "]],
    );
}

#[test]
fn what_cannot_be_read_is_left_out_and_told() {
    check(
        "From: maechler at stat.example (Martin)\nTo: undisclosed-recipients:;\nDate: yesterday\n\n",
        &expect![[r"
            at 1990-01-01T00:00:00Z
            fault no sender: `maechler at stat.example (Martin)` is no address
            note `maechler at stat.example (Martin)` is no address: left out
        "]],
    );
    check(
        "Sender: Boss <boss@us.example>\nTo: Doe, Jane <jane@x.example>, jane@x.example\nDate: Thu, 30 Feb 2006 10:00:00 +0000\n\n",
        &expect![[r"
            at 1990-01-01T00:00:00Z
            from boss@us.example Boss
            to jane@x.example Jane
            fault no date: `Thu, 30 Feb 2006 10:00:00 +0000` is none
            note `Doe` is no address: left out
        "]],
    );
    check(
        "From: a@us.example\nTo: b@x.example\nDate: Mon, 5 Mar 2001 10:00:00\nMessage-ID: odd id@x\nIn-Reply-To: Your mail of Monday\n\n",
        &expect![[r"
            at 2001-03-05T10:00:00Z
            from a@us.example -
            to b@x.example -
            id oddid@x
        "]],
    );
}

#[test]
fn delivery_headers_name_the_mailbox() {
    let captured = read(
        "Delivered-To: Me@us.example\nX-Original-To: alias@us.example\nEnvelope-To: <third@us.example>\nFrom: a@x.example\nTo: list@x.example\n\n",
    );
    let named: Vec<_> = captured.named().map(Address::as_str).collect();
    assert_eq!(named, ["a@x.example", "list@x.example", "me@us.example", "alias@us.example", "third@us.example"]);
}

/// The marks that a header sets.
fn marks(header: &str) -> Vec<&'static str> {
    let marks = read(&format!("From: a@x.example\n{header}\n\n")).sighting.marks;
    let all = [
        ("draft", marks.draft),
        ("list", marks.list),
        ("automatic", marks.automatic),
        ("calendar_reply", marks.calendar_reply),
        ("delivery_report", marks.delivery_report),
        ("sensitive", marks.sensitive),
    ];
    all.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect()
}

#[test]
fn headers_mark_what_may_be_excluded() {
    for (header, expected) in [
        ("X-Mozilla-Draft-Info: internal/draft; vcard=0", &["draft"][..]),
        ("X-Unsent: 1", &["draft"]),
        ("X-Unsent: 0", &[]),
        ("X-Draft: yes", &["draft"]),
        ("X-Status: T", &["draft"]),
        ("Status: RO", &[]),
        ("List-Id: <l.x.example>", &["list"]),
        ("LIST-UNSUBSCRIBE: <mailto:u@x.example>", &["list"]),
        ("Precedence: Bulk", &["list"]),
        ("Precedence: first-class", &[]),
        ("Auto-Submitted: auto-replied; owner=x", &["automatic"]),
        ("Auto-Submitted: no", &[]),
        ("Content-Type: text/calendar; charset=utf-8; method=REPLY", &["calendar_reply"]),
        ("Content-Type: text/calendar; method=REQUEST", &[]),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=x", &["delivery_report"]),
        ("Content-Type: multipart/report;\n report-type=\"disposition-notification\"", &["delivery_report"]),
        ("Content-Type: multipart/report; report-type=feedback-report", &[]),
        ("Sensitivity: Company-Confidential", &["sensitive"]),
        ("Sensitivity: private", &["sensitive"]),
        ("Sensitivity: normal", &[]),
        ("Return-Path: <>", &[]),
    ] {
        assert_eq!(marks(header), expected, "{header}");
    }
    let bounce = read("Return-Path: <>\nFrom: Mail System <MAILER-DAEMON@x.example>\nTo: a@us.example\n\n");
    assert!(bounce.sighting.marks.delivery_report);
}

#[test]
fn exclusions_come_before_faults() {
    let judge = |text: &str| {
        let is_ours = |address: &Address| address.domain() == "us.example";
        read(text).judge(Moment::parse("2026-01-01T00:00:00Z").unwrap(), is_ours, &Rules::default(), || None)
    };
    assert_eq!(judge("From: a@us.example\nDate: never\n\n"), Verdict::Exclude(ExclusionReason::NoRecipients));
    assert_eq!(judge("Subject: no people\n\n"), Verdict::Exclude(ExclusionReason::NoRecipients));
    assert_eq!(judge("From: a@us.example\nTo: b@us.example\n\n"), Verdict::Exclude(ExclusionReason::InternalOnly));
    assert_eq!(judge("From: a@us.example\nTo: b@x.example\n\n"), Verdict::Fail("no date".to_owned()));
    assert_eq!(judge("To: a@us.example, b@x.example\nDate: 1 Jan 2001 10:00 +0000\n\n"), Verdict::Fail("no sender".to_owned()));
    assert_eq!(judge("From: a@us.example\nTo: b@x.example\nDate: 1 Jan 2001 10:00:00 +0000\n\n"), Verdict::Keep);
}

#[test]
fn a_hundred_thousand_recipients_are_counted_and_bounded() {
    let mut text = String::from("From: a@us.example\nTo: b0@x.example");
    for n in 1..100_000 {
        write!(text, ",\n \"Somebody Number {n}\" <b{n}@them.example>").unwrap();
    }
    text.push_str("\nDate: 1 Jan 2001 10:00:00 +0000\nMessage-ID: <big@x>\n\n");
    let captured = read(&text);
    assert_eq!((captured.recipients, captured.sighting.participants.len()), (100_000, PARTICIPANTS_MAX));
    assert_eq!(captured.sighting.message_id.as_deref(), Some("big@x"));
    assert_eq!(captured.notes, ["98001 participants beyond the first 2000 are left out"]);
}

#[test]
fn long_threads_keep_their_ends() {
    let references = (0..1_000).fold(String::new(), |text, n| text + &format!(" <{n}@x>\n"));
    let ancestors = read(&format!("References:{references}In-Reply-To: <999@x>\nMessage-ID: <5@x>\n\n")).sighting.ancestors;
    assert_eq!((ancestors.len(), &*ancestors[0], &*ancestors[197]), (198, "0@x", "999@x"));
    assert!(!ancestors.contains(&"5@x".to_owned()), "a message is not its own ancestor");
}

#[test]
fn bytes_that_are_no_text_are_read_as_far_as_they_go() {
    let mail =
        RawMail { offset: 7, headers: b"From: J\xFC <j@x.example>\nTo: \xFF\xFE\x00@, b@x.example\n\n".to_vec(), note: None };
    let captured = MailReader::new().read(&mail, true);
    assert_eq!(captured.place, Place::Offset(7));
    assert!(captured.sighting.marks.draft);
    assert_eq!(captured.sighting.participants.len(), 2);
}
