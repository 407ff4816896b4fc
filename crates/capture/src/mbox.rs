//! Files of mail: mbox as it really occurs, and single messages. Hands out header blocks; bodies are skipped, never kept.
//!
//! A separator is a line `From ` + sender + date. Bodies escape such lines as `>From ` (mboxo), `>>From ` (mboxrd), or not at
//! all, and real archives lose blank lines and dates. So a separator must be followed by something like a header, and the weaker
//! it looks itself, the surer that header has to be:
//!
//! | line | after | next line |
//! | --- | --- | --- |
//! | with a date | a blank line, or the file's start | any header |
//! | with a date | anything else | a header that mail programs write |
//! | with an address, no date | a blank line, or the file's start | a header that mail transport writes |

use std::io::BufRead;

use memchr::memchr;

use crate::{Place, Problem, text::without_bom};

/// Longest header block that is kept of one message. A mail to 100,000 people has 3 to 5 MB; nothing honest has more.
pub const HEADERS_MAX_BYTES: usize = 8 << 20;
/// Bytes of a body line that are looked at: no separator is longer.
const BODY_LINE_KEPT_BYTES: usize = 1_000;

/// The header block of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMail {
    /// Where the message (its separator, if it has one) starts, in bytes.
    pub offset: u64,
    /// Its headers with the blank line that ends them, at most [`HEADERS_MAX_BYTES`].
    pub headers: Vec<u8>,
    /// What is wrong with the block itself, if anything.
    pub note: Option<&'static str>,
}

/// The note of a message that the end of the file cuts short.
const CUT: &str = "the file ends within this header: read as far as it goes";
/// The note of a message whose headers run into the next one.
const UNENDED: &str = "no blank line ends this header";
/// The note of a message with too long a header.
const TOO_LONG: &str = "the header is longer than 8 MiB: the rest is left out";

/// The messages of a file: an mbox, or one message alone. See [`messages`].
pub struct Messages<R> {
    reader: R,
    /// Offset of the line after the current one.
    offset: u64,
    /// The line read last, as much of it as was asked for.
    line: Vec<u8>,
    /// Where that line starts.
    line_offset: u64,
    is_line_ended: bool,
    is_line_whole: bool,
    state: State,
    /// A message that is certain to start: its offset. Its first header line is [`Self::line`].
    start: Option<u64>,
    is_single: bool,
    found: u64,
    /// Told when the end is reached.
    problems: Vec<Problem>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Body,
    Ended,
}

/// How sure a line is a separator.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Dated,
    Undated,
}

/// The messages of an mbox, one by one, in the order of the file. A file that starts with a header is one message, until a
/// separator says otherwise.
///
/// `Err` is a problem of the file that is no message's: nothing was counted for it. An empty file has neither.
pub fn messages<R: BufRead>(reader: R) -> Messages<R> {
    Messages {
        reader,
        offset: 0,
        line: Vec::new(),
        line_offset: 0,
        is_line_ended: false,
        is_line_whole: true,
        state: State::Start,
        start: None,
        is_single: false,
        found: 0,
        problems: Vec::new(),
    }
}

/// The one message of an .eml or Maildir file: whatever looks like a separator in its body is body. Yields at most one message.
pub fn single<R: BufRead>(reader: R) -> Messages<R> {
    Messages { is_single: true, ..messages(reader) }
}

impl<R: BufRead> Iterator for Messages<R> {
    type Item = Result<RawMail, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.start.is_none() {
            match self.state {
                State::Start => self.find_first(),
                State::Body if self.is_single => self.state = State::Ended,
                State::Body => self.find_next(true),
                State::Ended => {}
            }
        }
        if let Some(offset) = self.start.take() {
            self.found += 1;
            return Some(Ok(self.read_headers(offset)));
        }
        if self.found == 0 && self.offset > 0 && self.problems.is_empty() {
            self.found = u64::MAX; // said once
            let what =
                "no message in this file: expected an mbox (lines `From sender date`) or a message that starts with its headers";
            return Some(Err(Problem::general(Place::File, what)));
        }
        (!self.problems.is_empty()).then(|| Err(self.problems.remove(0)))
    }
}

impl<R: BufRead> Messages<R> {
    /// Reads one line, keeps at most `keep` bytes of it. False at the end.
    fn read_line(&mut self, keep: usize) -> bool {
        self.line.clear();
        self.line_offset = self.offset;
        self.is_line_ended = false;
        self.is_line_whole = true;
        while !self.is_line_ended && self.state != State::Ended {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let what = format!("the file cannot be read beyond this: {error}");
                    self.problems.push(Problem::general(Place::Offset(self.offset), what));
                    self.state = State::Ended;
                    break;
                }
            };
            if buffer.is_empty() {
                break;
            }
            let newline = memchr(b'\n', buffer);
            let length = newline.map_or(buffer.len(), |at| at + 1);
            let kept = length.min(keep.saturating_sub(self.line.len()));
            self.line.extend_from_slice(&buffer[..kept]);
            self.is_line_whole &= kept == length;
            self.is_line_ended = newline.is_some();
            self.reader.consume(length);
            self.offset += length as u64;
        }
        self.offset > self.line_offset
    }

    fn is_line_blank(&self) -> bool {
        self.is_line_whole && self.line.iter().all(u8::is_ascii_whitespace)
    }

    /// From the start of the file to the first message.
    fn find_first(&mut self) {
        self.state = State::Body;
        let mut is_first = true;
        while self.read_line(HEADERS_MAX_BYTES) {
            if is_first {
                let text = without_bom(&self.line);
                self.line.drain(..self.line.len() - text.len());
                is_first = false;
            }
            if self.is_line_blank() {
                continue;
            }
            if self.is_single && separator(&self.line).is_some() {
                continue; // some programs leave the separator in a file of one message
            }
            if separator(&self.line).is_none() && is_header(&self.line) {
                self.start = Some(self.line_offset);
                return;
            }
            let junk_offset = self.line_offset;
            self.examine(true);
            if self.start.is_some_and(|start| start > junk_offset) {
                let what = "bytes before the first separator belong to no message";
                self.problems.push(Problem::general(Place::Offset(junk_offset), what));
            }
            return;
        }
        self.state = State::Ended;
    }

    /// From within a body to the next message.
    fn find_next(&mut self, is_after_blank: bool) {
        if self.read_line(BODY_LINE_KEPT_BYTES) {
            self.examine(is_after_blank);
        } else {
            self.state = State::Ended;
        }
    }

    /// Goes on from the current line until a message starts or the file ends.
    fn examine(&mut self, is_after_blank: bool) {
        let mut is_after_blank = is_after_blank;
        loop {
            let Some(kind) = separator(&self.line) else {
                is_after_blank = self.is_line_blank();
                if !self.read_line(BODY_LINE_KEPT_BYTES) {
                    break;
                }
                continue;
            };
            let offset = self.line_offset;
            if !self.read_line(HEADERS_MAX_BYTES) {
                if kind == Separator::Dated {
                    self.problems.push(Problem::general(Place::Offset(offset), "the file ends right after this separator"));
                }
                break;
            }
            let is_start = match (kind, is_after_blank) {
                (Separator::Dated, true) => is_header(&self.line),
                (Separator::Dated, false) => is_known_header(&self.line, MAIL_HEADERS),
                (Separator::Undated, true) => is_known_header(&self.line, TRANSPORT_HEADERS),
                (Separator::Undated, false) => false,
            };
            if is_start {
                self.start = Some(offset);
                return;
            }
            // The line after what was no separator may be one itself.
            is_after_blank = false;
        }
        self.state = State::Ended;
    }

    /// The header block whose first line is the current one.
    fn read_headers(&mut self, offset: u64) -> RawMail {
        let mut headers = Vec::with_capacity(1_024);
        let mut note = None;
        loop {
            if !self.is_line_whole {
                note = Some(TOO_LONG);
                headers.extend_from_slice(&self.line);
                // Cut where a recipient ends, so that nobody gets half an address.
                let end = headers.iter().rposition(|b| matches!(b, b'\n' | b',')).map_or(headers.len(), |at| at + 1);
                headers.truncate(end);
                self.skip_headers();
                break;
            }
            if !headers.is_empty() && separator(&self.line) == Some(Separator::Dated) {
                note = Some(UNENDED);
                self.examine(true);
                break;
            }
            let is_end = matches!(&*self.line, b"\n" | b"\r\n");
            // A mailbox that ends in the middle of a line may have lost the rest of an address.
            if self.is_line_ended || self.is_single {
                headers.extend_from_slice(&self.line);
            }
            if is_end {
                break;
            }
            if !self.read_line(HEADERS_MAX_BYTES.saturating_sub(headers.len())) {
                note = (!self.is_single).then_some(CUT);
                self.state = State::Ended;
                break;
            }
        }
        headers.extend_from_slice(b"\n\n");
        RawMail { offset, headers, note }
    }

    /// To the blank line that ends a header block which is not kept any more.
    fn skip_headers(&mut self) {
        while self.read_line(BODY_LINE_KEPT_BYTES) {
            if self.is_line_blank() {
                return;
            }
        }
        self.state = State::Ended;
    }
}

/// Headers that mail programs write near the top of a message.
const MAIL_HEADERS: &[&str] = &[
    "Return-Path",
    "Received",
    "Message-ID",
    "Delivered-To",
    "From",
    "Date",
    "Subject",
    "To",
    "Cc",
    "Sender",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "DKIM-Signature",
    "Status",
    "In-Reply-To",
    "References",
    "Envelope-To",
    "Delivery-Date",
    "Authentication-Results",
    "List-Id",
    "Precedence",
    "Comments",
];
/// Headers that prose does not look like, even under a line that starts with `From `.
const TRANSPORT_HEADERS: &[&str] = &[
    "Return-Path",
    "Received",
    "Message-ID",
    "Delivered-To",
    "From",
    "MIME-Version",
    "DKIM-Signature",
    "Envelope-To",
    "Delivery-Date",
    "Authentication-Results",
];

/// The name of the header that a line starts, if it looks like one.
fn header_name(line: &[u8]) -> Option<&[u8]> {
    /// RFC 5322 sets no limit below the line's; no header in use has a longer name.
    const NAME_MAX_BYTES: usize = 76;
    let colon = memchr(b':', &line[..line.len().min(NAME_MAX_BYTES + 1)])?;
    let name = line[..colon].trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name)
}

fn is_header(line: &[u8]) -> bool {
    // Some servers keep the separator of the mailbox that the mail came from.
    header_name(line).is_some() || line.starts_with(b">From ")
}

fn is_known_header(line: &[u8], known: &[&str]) -> bool {
    header_name(line).is_some_and(|name| {
        name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"X-"))
            || known.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
    }) || line.starts_with(b">From ")
}

/// Whether a line looks like `From sender date`.
fn separator(line: &[u8]) -> Option<Separator> {
    let rest = line.strip_prefix(b"From ")?;
    if rest.len() >= BODY_LINE_KEPT_BYTES {
        return None;
    }
    let rest = String::from_utf8_lossy(rest);
    let words: Vec<&str> = rest.split_ascii_whitespace().collect();
    if words.len() >= 3 && has_date(&words) {
        return Some(Separator::Dated);
    }
    let is_address = |word: &str| word.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    let has_sender = words.first().is_some_and(|word| is_address(word)) || words.get(1) == Some(&"at");
    (has_sender && words.len() <= 8).then_some(Separator::Undated)
}

/// Whether the words hold a time, a year, and a month or an ISO date: `Mon May 18 09:30:00 2015`, in whatever order.
fn has_date(words: &[&str]) -> bool {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_time = |word: &str| {
        let mut parts = word.split(':');
        let short = |part: Option<&str>| part.is_some_and(|part| part.len() <= 2 && digits(part));
        short(parts.next()) && short(parts.next())
    };
    let is_year = |word: &str| word.len() == 4 && digits(word) && matches!(&word[..2], "19" | "20");
    let is_month = |word: &str| word.get(..3).is_some_and(|start| MONTHS.iter().any(|month| month.eq_ignore_ascii_case(start)));
    let is_iso = |word: &str| word.len() >= 10 && word.is_char_boundary(4) && is_year(&word[..4]) && word.as_bytes()[4] == b'-';
    let dated = &words[1..];
    dated.iter().any(|word| is_iso(word))
        || (dated.iter().any(|word| is_time(word))
            && dated.iter().any(|word| is_year(word))
            && dated.iter().any(|word| is_month(word)))
}

#[cfg(test)]
mod tests;
