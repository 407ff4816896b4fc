//! The generated world: who writes with whom, as files in the pinned formats. The same everywhere, whatever its size.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use rapport_domain::{Moment, time::DAY_US};

use super::{AS_OF, OURS};
use crate::AppError;

/// Days that the world spans.
const SPAN_DAYS: i64 = 365;
/// Companies that the people are at.
pub(super) const COMPANIES: u64 = 5_000;
/// Users of the generated world.
const USERS: u64 = 500;

/// splitmix64: small, fast, and the same everywhere.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Brings items into an order of chance.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }

    /// Zipf-like over `1..=people`: few people have most of the mail.
    pub(super) fn person(&mut self, people: u64) -> u64 {
        ((people as f64).powf(self.unit()) as u64).clamp(1, people)
    }
}

/// One generated mail: who with whom, when, in which direction.
pub(super) struct Mail {
    user: u64,
    person: u64,
    at_us: i64,
    outgoing: bool,
}

pub(super) fn mail(random: &mut Random, people: u64) -> Mail {
    let person = random.person(people);
    // A person is known to a handful of users.
    let user = (person * 7 + random.below(4)) % USERS;
    let at_us = AS_OF.0 - (random.unit() * (SPAN_DAYS * DAY_US) as f64) as i64;
    Mail { user, person, at_us, outgoing: random.below(2) == 0 }
}

pub(super) fn addresses(mail: &Mail) -> (String, String) {
    let ours = format!("user{}@{OURS}", mail.user);
    let theirs = format!("person{}@company{}.example", mail.person, mail.person % COMPANIES);
    if mail.outgoing { (ours, theirs) } else { (theirs, ours) }
}

pub(super) fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> Result<(), AppError> {
    let cannot = |error: std::io::Error| AppError::invalid(format!("cannot write `{}`: {error}", path.display()));
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(cannot)?;
    }
    let mut out = BufWriter::new(File::create(path).map_err(cannot)?);
    fill(&mut out).and_then(|()| out.flush()).map_err(cannot)
}

pub(super) fn write_mbox(out: &mut impl Write, count: u64, people: u64) -> std::io::Result<()> {
    let mut random = Random(1);
    for number in 0..count {
        writeln!(out, "From someone@mail.example Thu Jan 01 00:00:00 2026")?;
        write_message(out, number, &mut random, people)?;
    }
    Ok(())
}

pub(super) fn write_maildir(folder: &Path, count: u64, people: u64) -> Result<(), AppError> {
    let mut random = Random(1);
    for name in ["new", "tmp"] {
        write(&folder.join(name).join(".keep"), |_| Ok(()))?;
    }
    for number in 0..count {
        write(&folder.join("cur").join(format!("{number}.bench:2,S")), |out| write_message(out, number, &mut random, people))?;
    }
    Ok(())
}

pub(super) fn write_message(out: &mut impl Write, number: u64, random: &mut Random, people: u64) -> std::io::Result<()> {
    let one = mail(random, people);
    let (from, to) = addresses(&one);
    let at = jiff::Timestamp::from_microsecond(one.at_us).unwrap_or_default();
    let date = jiff::fmt::rfc2822::to_string(&at.to_zoned_datetime(jiff::tz::TimeZone::UTC)).unwrap_or_default();
    writeln!(out, "Received: from mx.example (mx.example [192.0.2.1]) by in.example; {date}")?;
    write!(out, "From: Some Body <{from}>\nTo: Any One <{to}>\nSubject: Offer {}\nDate: {date}\n", number % 1_000)?;
    writeln!(out, "Message-ID: <{number}.{}@mail.example>", random.next())?;
    if number.is_multiple_of(3) {
        write!(out, "In-Reply-To: <{}.x@mail.example>\nReferences: <{}.x@mail.example>\n", number / 3, number / 3)?;
    }
    write!(out, "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nX-Mailer: generated\n\n")?;
    for line in 0..8 {
        writeln!(out, "Line {line} of a body that nobody reads, as long as lines of mail usually are.")?;
    }
    writeln!(out)?;
    Ok(())
}

pub(super) fn write_users(out: &mut BufWriter<File>) -> std::io::Result<()> {
    writeln!(out, "email,name,title,licence,roles,groups,manager,aliases")?;
    for user in 0..USERS {
        writeln!(out, "user{user}@{OURS},User {user},,premium,Salesperson,,,")?;
    }
    Ok(())
}

pub(super) fn write_csv(out: &mut impl Write, count: u64, people: u64) -> std::io::Result<()> {
    let mut random = Random(2);
    writeln!(out, "occurred_at,kind,from,to,cc,mailbox")?;
    for _ in 0..count {
        let one = mail(&mut random, people);
        let (from, to) = addresses(&one);
        writeln!(out, "{},email,{from},{to},,user{}@{OURS}", one.at_us as f64 / 1e6, one.user)?;
    }
    Ok(())
}

pub(super) fn write_contacts(out: &mut impl Write, people: u64) -> std::io::Result<()> {
    writeln!(out, "id,name,email,emails,account,title,owner")?;
    for person in 1..=people {
        writeln!(
            out,
            "c{person},Person {person},person{person}@company{}.example,,,,user{}@{OURS}",
            person % COMPANIES,
            person % USERS
        )?;
    }
    Ok(())
}

pub(super) fn write_accounts(out: &mut BufWriter<File>) -> std::io::Result<()> {
    writeln!(out, "id,name,domains,industry,owner,primary_contact")?;
    for company in 0..COMPANIES {
        let industry = ["water", "food", "energy", "health", "building", "transport"][(company % 6) as usize];
        writeln!(out, "a{company},Company {company},company{company}.example,{industry},user{}@{OURS},", company % USERS)?;
    }
    Ok(())
}

/// With anybody, each as often; half of them closed; water wins more often.
pub(super) fn write_opportunities(out: &mut impl Write, count: u64, people: u64) -> std::io::Result<()> {
    let mut random = Random(5);
    writeln!(
        out,
        "id,topic,account,contact,owner,status,estimated_close,estimated_revenue,currency,created_at,closed_at,source"
    )?;
    for number in 1..=count {
        let person = 1 + random.below(people);
        let company = person % COMPANIES;
        let is_closed = number % 2 == 0;
        let is_won = random.below(10) < if company.is_multiple_of(6) { 7 } else { 4 };
        let at = |days: i64| Moment(AS_OF.0 + days * DAY_US).to_rfc3339();
        let (status, closed_at) = match (is_closed, is_won) {
            (false, _) => ("open", String::new()),
            (true, true) => ("won", at(-(random.below(300) as i64))),
            (true, false) => ("lost", at(-(random.below(300) as i64))),
        };
        let (close, revenue) = (at(random.below(180) as i64), 1_000 + random.below(200_000));
        let (owner, source) = (person % USERS, ["fair", "web", "referral", "cold"][random.below(4) as usize]);
        writeln!(
            out,
            "o{number},Deal {number},a{company},c{person},user{owner}@{OURS},{status},{close},{revenue},EUR,{},{closed_at},{source}",
            at(-330)
        )?;
    }
    Ok(())
}
