//! A mailbox that changes while it is read, with all that can go wrong, from a seed: nothing is lost, and no meeting stands twice.
//!
//! A failure names its seed; the same seed fails again.

use std::collections::{BTreeMap, BTreeSet};

use rapport_connect::{
    ews::EwsSession,
    mailbox::{Ask, Content, Item, SourceError, Stream, StreamKind, Window},
};
use rapport_domain::{
    Moment,
    time::{DAY_US, HOUR_US},
};
use rapport_testkit::{
    chance::Chance,
    fake_ews::{FakeEws, event, message, series},
};

use super::help::{JO, NOW, calendar, fake, json, key, mail, moment, open, year};

/// Worlds that are tried.
const SEEDS: u64 = 20;
/// Things that happen in each.
const STEPS: u32 = 250;
const FOLDERS: [&str; 3] = ["F-inbox=", "F-sentitems=", "F-archive="];
const MINUTE_US: i64 = 60_000_000;

/// What a reader keeps of a stream: all that survives a crash.
#[derive(Clone)]
struct Kept {
    cursor: Option<String>,
    /// Whether everything was told once.
    is_current: bool,
    /// The history that is still to be read, and where reading it goes on.
    history: Option<Window>,
    at: Option<String>,
}

struct Reader {
    kept: BTreeMap<Stream, Kept>,
    messages: BTreeSet<String>,
    /// By id: with the listing that showed it last, and what it shows.
    meetings: BTreeMap<String, (u32, String)>,
    listing: u32,
}

impl Reader {
    fn new() -> Self {
        let kept = Kept { cursor: None, is_current: false, history: Some(year()), at: None };
        let streams = FOLDERS.map(|folder| (mail(folder), kept.clone())).into_iter();
        let calendar = (calendar(), Kept { history: None, ..kept.clone() });
        Self { kept: streams.chain([calendar]).collect(), messages: BTreeSet::new(), meetings: BTreeMap::new(), listing: 0 }
    }

    fn take(&mut self, items: Vec<Item>) {
        for item in items {
            match &item.content {
                Content::GraphMessage(_) => _ = self.messages.insert(key(&item.id).to_owned()),
                Content::GraphEvent(_) => {
                    let start = json(&item)["start"]["dateTime"].as_str().unwrap().to_owned();
                    self.meetings.insert(item.id, (self.listing, start));
                }
                Content::Gone => _ = self.meetings.remove(&item.id),
                other => panic!("{other:?}"),
            }
        }
    }

    /// Asks once for what is new in a stream, and keeps what came together with where to go on; whether nothing more is there now.
    async fn read(&mut self, session: &mut EwsSession, stream: &Stream, now: Moment) -> Result<bool, SourceError> {
        let mut kept = self.kept[stream].clone();
        let window = Window { from: year().from, until: now.plus_us(100 * DAY_US) };
        let is_mail = stream.kind == StreamKind::Mail;
        let page = match &kept.cursor {
            None => {
                let until = if is_mail { now } else { window.until };
                let page = session.page(stream, &Ask::Begin(Window { until, ..window })).await?;
                self.listing += u32::from(!is_mail);
                // Until here everything is history.
                kept.history = kept.history.map(|history| Window { until: now, ..history });
                page
            }
            Some(cursor) => session.page(stream, &Ask::Changes(cursor, window)).await?,
        };
        self.take(page.items);
        if page.is_last && !kept.is_current && !is_mail {
            let listing = self.listing;
            self.meetings.retain(|_, (seen, _)| *seen == listing);
        }
        let is_current = kept.is_current || page.is_last;
        self.kept.insert(stream.clone(), Kept { cursor: Some(page.cursor), is_current, ..kept });
        Ok(page.is_last)
    }

    /// Asks once for history, as soon as every folder has begun.
    async fn read_history(&mut self, session: &mut EwsSession, stream: &Stream) -> Result<bool, SourceError> {
        let kept = self.kept[stream].clone();
        let Some(window) = kept.history.filter(|_| self.kept.values().all(|kept| kept.is_current)) else { return Ok(true) };
        let page = session.page(stream, &Ask::History(window, kept.at.as_deref())).await?;
        self.take(page.items);
        let next = Kept { history: (!page.is_last).then_some(window), at: Some(page.cursor).filter(|_| !page.is_last), ..kept };
        self.kept.insert(stream.clone(), next);
        Ok(page.is_last)
    }

    /// Does what an error asks for; whether nothing more is there now.
    fn settle(&mut self, stream: &Stream, now: Moment, done: Result<bool, SourceError>) -> bool {
        match done {
            Ok(is_done) => is_done,
            Err(error) if error.is_expired() => {
                // Nothing of the mailbox was read to its end yet, as far as anybody knows: all of it comes again.
                let history = (stream.kind == StreamKind::Mail).then_some(Window { from: year().from, until: now });
                self.kept.insert(stream.clone(), Kept { cursor: None, is_current: false, history, at: None });
                false
            }
            Err(error) if error.is_transient() => false,
            Err(error) => panic!("{error}"),
        }
    }

    async fn step(&mut self, session: &mut EwsSession, stream: &Stream, now: Moment, is_history: bool) -> bool {
        let done = if is_history { self.read_history(session, stream).await } else { self.read(session, stream, now).await };
        self.settle(stream, now, done)
    }
}

/// Something happens in the mailbox, or goes wrong.
fn happen(fake: &FakeEws, random: &mut Chance, step: u32, now: Moment) {
    let any = format!("M{}", random.number(u64::from(step) + 1));
    let folder = FOLDERS[random.number(3) as usize];
    let day = 1 + random.number(28);
    let kind = random.number(22);
    let meeting = format!("E{}", random.number(9));
    fake.change(|world| match kind {
        0..=6 => {
            let received = now.plus_us(random.number(900) as i64 * 1_000).to_rfc3339();
            world.deliver(JO, folder, message(&format!("M{step}"), &received, "carla@acme.example", JO, "Quote"));
        }
        7..=9 if world.has(JO, &any) => world.move_message(JO, &any, folder),
        10 if world.has(JO, &any) => world.delete(JO, &any),
        11 if world.has(JO, &any) => world.touch(JO, &any),
        12 | 13 => {
            let start = format!("2026-02-{day:02}T10:00:00Z");
            world.put_event(JO, "calendar=", event(&meeting, &start, &start, "carla@acme.example"));
        }
        14 if world.has(JO, &meeting) => world.delete(JO, &meeting),
        15 => {
            let start = format!("2026-03-{day:02}T09:00:00Z");
            let starts = [&start, "2026-04-01T09:00:00Z", "2026-05-01T09:00:00Z"];
            let number = 1 + random.number(3) as usize;
            world.put_event(JO, "calendar=", series(&meeting, &starts[..number], "dan@acme.example"));
        }
        _ => {}
    });
    match kind {
        16 => fake.be_busy_next(1),
        17 => fake.answer_next([500, 502, 503, 504][random.number(4) as usize], "out of order"),
        18 => fake.cut_next_at(random.number(3_000) as usize),
        19 if random.number(4) == 0 => fake.expire_states(),
        20 => fake.fail_next("ErrorMailboxMoveInProgress"),
        _ => {}
    }
}

async fn simulate(seed: u64) {
    let fake = fake().await;
    let mut random = Chance(seed);
    fake.change(|world| {
        world.page_items = 3;
        world.fill(JO, seed, 25);
    });
    let mut now = moment(NOW);
    let mut reader = Reader::new();
    let mut session = open(&fake, JO);
    let streams: Vec<Stream> = reader.kept.keys().cloned().collect();
    for step in 0..STEPS {
        now = now.plus_us(MINUTE_US);
        happen(&fake, &mut random, step, now.plus_us(-MINUTE_US));
        if random.number(15) == 0 {
            // A crash: only what is kept is known.
            session = open(&fake, JO);
        }
        let stream = &streams[random.number(streams.len() as u64) as usize];
        reader.step(&mut session, stream, now, random.number(3) == 0).await;
    }
    // What a series makes is listed anew some time later.
    now = now.plus_us(3 * HOUR_US);
    for (is_history, stream) in [false, true, false].into_iter().flat_map(|is| streams.iter().map(move |stream| (is, stream))) {
        let mut rounds = 0;
        now = now.plus_us(MINUTE_US);
        // Twice: the first time may end what was begun before the last change.
        for _ in 0..2 {
            while !reader.step(&mut session, stream, now, is_history).await {
                rounds += 1;
                assert!(rounds < 1_000, "seed {seed}: {} has no end", stream.id);
            }
        }
    }
    let (messages, meetings) = fake.change(|world| (world.messages(JO), world.meetings(JO)));
    let lost: Vec<&String> = messages.iter().filter(|key| !reader.messages.contains(*key)).collect();
    assert!(lost.is_empty(), "seed {seed}: lost {lost:?} of {}", messages.len());
    let mut read: Vec<(String, String)> =
        reader.meetings.iter().map(|(id, (_, start))| (key(id).to_owned(), start.clone())).collect();
    read.sort_unstable();
    let differing = read.iter().zip(&meetings).find(|(read, there)| read != there);
    assert_eq!((differing, read.len()), (None, meetings.len()), "seed {seed}");
}

#[tokio::test]
async fn nothing_is_lost_whatever_happens() {
    for seed in 0..SEEDS {
        simulate(seed).await;
    }
}
