use std::io::{BufReader, Read};

use super::*;

/// Offset, subject and note of each message, and the problems.
fn found(bytes: &[u8]) -> Vec<String> {
    // A tiny buffer makes every line span several reads.
    let all = messages(BufReader::with_capacity(7, bytes)).map(line).collect::<Vec<_>>();
    assert_eq!(all, messages(bytes).map(line).collect::<Vec<_>>(), "buffer sizes decide nothing");
    all
}

fn line(item: Result<RawMail, Problem>) -> String {
    match item {
        Ok(mail) => {
            let text = String::from_utf8_lossy(&mail.headers);
            let subject = text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or("-");
            format!("{} {} {}", mail.offset, subject.trim_end(), mail.note.unwrap_or("ok"))
        }
        Err(problem) => problem.to_string(),
    }
}

#[test]
fn separators_end_bodies() {
    let text = "From a@x Mon May 18 09:30:00 2015\nSubject: 1\n\nbody\n\nFrom jo at example.com  Tue May 19 09:30:00 2015\nSubject: 2\n\nbody";
    assert_eq!(found(text.as_bytes()), ["0 1 ok", "52 2 ok"]);
    assert_eq!(found(text.replace('\n', "\r\n").as_bytes()), ["0 1 ok", "57 2 ok"]);
}

#[test]
fn separators_come_in_many_forms() {
    for separator in [
        "From - Mon May 18 09:30:00 2015",
        "From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
        "From ???@??? Thu May 14 12:01:01 1998",
        "From a@x Mon May 18 09:30 2015",
        "From a@x Mon May 18 09:30:00 CEST 2015",
        "From a@x Mon May 18 09:30:00 2015 +0200",
        "From pd@|gd @end|ng |rom gm@||@com  Mon Feb 25 14:06:06 2019",
        "From a@x 2015-05-18 09:30:00",
        "From a@x.example",
    ] {
        let text =
            format!("From a@x Mon May 18 09:30:00 2015\nSubject: 1\n\nbody\n\n{separator}\nMessage-ID: <1@x>\nSubject: 2\n\n");
        assert_eq!(found(text.as_bytes()), ["0 1 ok", "52 2 ok"], "{separator}");
    }
}

#[test]
fn from_lines_in_bodies_are_body() {
    let body = ">From the start\n>>From a@x Mon May 18 09:30:00 2015\n\nFrom what I hear:\nit works\n\nFrom a@x.example\nSubject: prose\n\n\
                From Monday 18 May 2015 at 9:30 we meet\nin town\nFrom a@x Mon May 18 09:30:00 2015\nso be it\n";
    let text =
        format!("From a@x Mon May 18 09:30:00 2015\nSubject: 1\n\n{body}\nFrom b@x Tue May 19 09:30:00 2015\nSubject: 2\n\n");
    let subjects: Vec<_> = found(text.as_bytes()).iter().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(subjects, ["1", "2"]);
}

#[test]
fn damaged_separators_lose_nothing() {
    let no_blank_line =
        "From a@x Mon May 18 09:30:00 2015\nSubject: 1\n\nbody\nFrom b@x Tue May 19 09:30:00 2015\nReceived: x\nSubject: 2\n\n";
    assert_eq!(found(no_blank_line.as_bytes()), ["0 1 ok", "51 2 ok"]);
    let no_body = "From a@x Mon May 18 09:30:00 2015\nSubject: 1\nFrom b@x Tue May 19 09:30:00 2015\nSubject: 2\n\n";
    assert_eq!(found(no_body.as_bytes()), ["0 1 no blank line ends this header", "45 2 ok"]);
    let escaped_envelope = "From a@x Mon May 18 09:30:00 2015\n>From b@x Mon May 18 09:30:00 2015\nSubject: 1\n\n";
    assert_eq!(found(escaped_envelope.as_bytes()), ["0 1 ok"]);
    let no_headers = "From a@x Mon May 18 09:30:00 2015\n\nFrom b@x Tue May 19 09:30:00 2015\nSubject: 2\n\n";
    assert_eq!(found(no_headers.as_bytes()), ["35 2 ok", "offset 0: bytes before the first separator belong to no message"]);
    let start_is_lost = "of a body\n\nFrom b@x Tue May 19 09:30:00 2015\nSubject: 2\n\n";
    assert_eq!(found(start_is_lost.as_bytes()), ["11 2 ok", "offset 0: bytes before the first separator belong to no message"]);
}

#[test]
fn a_truncated_file_is_read_as_far_as_it_goes() {
    let cut = "From a@x Mon May 18 09:30:00 2015\nSubject: 1\nTo: b@x.example, c@x.ex";
    let mail = messages(cut.as_bytes()).next().unwrap().unwrap();
    assert_eq!((mail.note, mail.headers), (Some(CUT), b"Subject: 1\n\n\n".to_vec()));
    let only_separator = "From a@x Mon May 18 09:30:00 2015\nSubject: 1\n\n\nFrom a@x Mon May 18 09:30:00 2015\n";
    assert_eq!(found(only_separator.as_bytes()), ["0 1 ok", "offset 47: the file ends right after this separator"]);
}

#[test]
fn a_file_that_starts_with_headers_is_a_message() {
    assert_eq!(found(b"\xEF\xBB\xBFSubject: 1\nTo: a@x\n\nbody\n"), ["0 1 ok"]);
    let attached = b"Subject: 1\n\n\nFrom a@x Mon May 18 09:30:00 2015\nSubject: attached\n\n";
    assert_eq!(single(&attached[..]).map(line).collect::<Vec<_>>(), ["0 1 ok"]);
    assert_eq!(single(&b"From a@x Mon May 18 09:30:00 2015\nSubject: 1"[..]).map(line).collect::<Vec<_>>(), ["34 1 ok"]);
}

#[test]
fn files_without_a_message_say_so() {
    assert!(found(b"").is_empty());
    let hint =
        "file: no message in this file: expected an mbox (lines `From sender date`) or a message that starts with its headers";
    for bytes in [&b"\n\n"[..], b"\0\0\0\0", b"just prose\nand more\n", b"From here on\nprose", b"\xFF\xD8\xFF\xE0 a picture"] {
        assert_eq!(found(bytes), [hint], "{bytes:?}");
    }
}

/// A reader of one endless line.
fn endless(start: &'static str, length: u64) -> impl BufRead {
    BufReader::new(start.as_bytes().chain(std::io::repeat(b'x').take(length)))
}

#[test]
fn one_line_of_200_mb_is_skipped_in_bounded_memory() {
    let mut in_body = messages(endless("From a@x Mon May 18 09:30:00 2015\nSubject: 1\n\n", 200 << 20));
    assert_eq!(in_body.next().unwrap().unwrap().headers, b"Subject: 1\n\n\n\n");
    assert!(in_body.next().is_none());
    assert!(in_body.line.capacity() <= HEADERS_MAX_BYTES);
    let mut in_header = messages(endless("Subject: 1\nTo: a@x.example, ", 200 << 20));
    let mail = in_header.next().unwrap().unwrap();
    assert_eq!((mail.note, &*mail.headers), (Some(TOO_LONG), &b"Subject: 1\nTo: a@x.example,\n\n"[..]));
    assert!(in_header.line.capacity() <= 2 * HEADERS_MAX_BYTES);
    assert_eq!(messages(endless("", 200 << 20)).flatten().count(), 0);
}

/// A reader that fails after some bytes.
struct Failing(&'static [u8]);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() { Err(std::io::Error::other("disk gone")) } else { self.0.read(buffer) }
    }
}

#[test]
fn a_reader_that_fails_is_told_after_what_was_read() {
    let all: Vec<_> =
        messages(BufReader::new(Failing(b"From a@x Mon May 18 09:30:00 2015\nSubject: 1\n\nbody"))).map(line).collect();
    assert_eq!(all, ["0 1 ok", "offset 50: the file cannot be read beyond this: disk gone"]);
}
