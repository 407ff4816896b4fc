//! A mailbox that changes while it is read, with all that can go wrong, from a seed: nothing is lost.
//!
//! A failure names its seed; the same seed fails again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::AtomicI64, atomic::Ordering},
};

use rapport_connect::{
    graph::{Graph, GraphSession},
    mailbox::{Ask, Content, Item, SourceError, Stream, StreamKind, Window},
};
use rapport_domain::Moment;
use rapport_testkit::{
    chance::Chance,
    fake_graph::{FakeGraph, event, message, series},
};

use super::help::{JO, calendar, fake, json, mail, open, settings, window, with_clock};

/// Worlds that are tried.
const SEEDS: u64 = 12;
/// Things that happen in each.
const STEPS: u32 = 220;
const FOLDERS: [&str; 3] = ["F-inbox=", "F-sentitems=", "F-archive="];
const MINUTE_US: i64 = 60_000_000;

/// What a reader keeps of a stream: all that survives a crash.
#[derive(Clone)]
enum Kept {
    /// It has to begin; what was received before is known up to a moment.
    Nothing { known_until: Moment },
    /// History between two moments is being read, and changes wait from a cursor on.
    History { window: Window, at: Option<String>, changes: String },
    /// Changes are being read; all before a moment is known.
    Changes { cursor: String, known_until: Moment },
}

struct Reader {
    kept: BTreeMap<Stream, Kept>,
    messages: BTreeSet<String>,
    meetings: BTreeMap<String, String>,
}

impl Reader {
    fn new(known_until: Moment) -> Self {
        let streams = FOLDERS.map(mail).into_iter().chain([mail("messages"), calendar()]);
        let kept = streams.map(|stream| (stream, Kept::Nothing { known_until })).collect();
        Self { kept, messages: BTreeSet::new(), meetings: BTreeMap::new() }
    }

    fn take(&mut self, items: Vec<Item>) {
        for item in items {
            match &item.content {
                Content::GraphMessage(_) => _ = self.messages.insert(item.id),
                Content::GraphEvent(_) => {
                    let told = json(&item);
                    let shown = format!("{} {} {}", told["start"]["dateTime"], told["subject"], told["attendees"].is_array());
                    self.meetings.insert(item.id, shown);
                }
                Content::Gone => _ = self.meetings.remove(&item.id),
                other => panic!("{other:?}"),
            }
        }
    }

    /// Asks once for a stream, and keeps what came together with where to go on.
    async fn read(&mut self, session: &mut GraphSession, stream: &Stream, now: Moment) -> Result<bool, SourceError> {
        let is_mail = stream.kind == StreamKind::Mail;
        let view = window("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z");
        let asked = if is_mail { Window { from: now, until: now } } else { view };
        let (next, is_done) = match self.kept[stream].clone() {
            Kept::Nothing { known_until } => {
                let page = session.page(stream, &Ask::Begin(asked)).await?;
                if !is_mail {
                    self.meetings.clear();
                }
                self.take(page.items);
                let next = if is_mail {
                    let window = Window { from: known_until, until: now };
                    Kept::History { window, at: None, changes: page.cursor }
                } else {
                    Kept::Changes { cursor: page.cursor, known_until: now }
                };
                (next, !is_mail && page.is_last)
            }
            Kept::History { window, at, changes } => {
                let page = session.page(stream, &Ask::History(window, at.as_deref())).await?;
                self.take(page.items);
                if page.is_last {
                    (Kept::Changes { cursor: changes, known_until: window.until }, false)
                } else {
                    (Kept::History { window, at: Some(page.cursor), changes }, false)
                }
            }
            Kept::Changes { cursor, known_until } => {
                let page = session.page(stream, &Ask::Changes(&cursor, asked)).await?;
                self.take(page.items);
                let known_until = if page.is_last { now } else { known_until };
                (Kept::Changes { cursor: page.cursor, known_until }, page.is_last)
            }
        };
        self.kept.insert(stream.clone(), next);
        Ok(is_done)
    }

    /// Asks once, and does what an error asks for.
    async fn step(&mut self, session: &mut GraphSession, stream: &Stream, now: Moment) -> bool {
        match self.read(session, stream, now).await {
            Ok(is_done) => is_done,
            Err(error) if error.is_expired() => {
                let known_until = match &self.kept[stream] {
                    Kept::Nothing { known_until } | Kept::Changes { known_until, .. } => *known_until,
                    Kept::History { window, .. } => window.from,
                };
                self.kept.insert(stream.clone(), Kept::Nothing { known_until });
                false
            }
            Err(error) if error.is_transient() => false,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Something happens in the mailbox, or goes wrong.
fn happen(fake: &FakeGraph, random: &mut Chance, step: u32, now: Moment) {
    let any = random.number(u64::from(step) + 1);
    let folder = FOLDERS[random.number(3) as usize];
    let day = 1 + random.number(28);
    let kind = random.number(20);
    fake.change(|world| match kind {
        0..=7 => {
            let received = now.plus_us(random.number(900) as i64 * 1_000).to_rfc3339();
            world.deliver(JO, folder, message(&format!("M{step}"), &received, "carla@acme.example", JO, "Quote"));
        }
        8 | 9 if world.has_message(JO, &format!("M{any}")) => world.move_message(JO, &format!("M{any}"), folder),
        10 if world.has_message(JO, &format!("M{any}")) => world.delete_message(JO, &format!("M{any}")),
        11 | 12 => {
            let start = format!("2026-02-{day:02}T10:00:00");
            world.put_event(JO, "calendar", event(&format!("E{}", any % 9), &start, &start, "carla@acme.example"));
        }
        13 if world.has_event(JO, &format!("E{}", any % 9)) => world.delete_event(JO, &format!("E{}", any % 9)),
        14 => {
            let start = format!("2026-03-{day:02}T09:00:00");
            for one in series("S", &[&start, "2026-04-01T09:00:00", "2026-05-01T09:00:00"], "dan@acme.example") {
                world.put_event(JO, "calendar", one);
            }
        }
        _ => {}
    });
    match kind {
        15 => fake.answer_next([429, 500, 503, 504][random.number(4) as usize], "generalException"),
        16 => fake.cut_next_at(random.number(3_000) as usize),
        17 => fake.expire_tokens(),
        18 if random.number(4) == 0 => fake.expire_states(),
        _ => {}
    }
}

async fn simulate(seed: u64) {
    let fake = fake().await;
    fake.change(|world| world.page_items = 3);
    let (graph, clock): (Graph, Arc<AtomicI64>) = with_clock(settings(&fake));
    let mut random = Chance(seed);
    if seed.is_multiple_of(2) {
        fake.be_untidy();
    }
    fake.change(|world| world.fill(JO, seed, 25));
    let moment = || Moment(clock.load(Ordering::SeqCst));
    let mut reader = Reader::new(super::help::year().from);
    let mut session = open(&graph, JO);
    let streams: Vec<Stream> = reader.kept.keys().cloned().collect();
    for step in 0..STEPS {
        clock.fetch_add(MINUTE_US, Ordering::SeqCst);
        happen(&fake, &mut random, step, moment().plus_us(-MINUTE_US));
        if random.number(15) == 0 {
            // A crash: only what is kept is known.
            session = open(&graph, JO);
        }
        let stream = &streams[random.number(streams.len() as u64) as usize];
        reader.step(&mut session, stream, moment()).await;
    }
    for stream in &streams {
        let mut rounds = 0;
        clock.fetch_add(MINUTE_US, Ordering::SeqCst);
        // Twice: the first time may end what was begun before the last change.
        for _ in 0..2 {
            while !reader.step(&mut session, stream, moment()).await {
                rounds += 1;
                assert!(rounds < 1_000, "seed {seed}: {} has no end", stream.id);
            }
        }
    }
    let (messages, meetings) = fake.change(|world| (world.message_ids(JO), world.meetings(JO)));
    let lost: Vec<&String> = messages.iter().filter(|id| !reader.messages.contains(*id)).collect();
    assert!(lost.is_empty(), "seed {seed}: lost {lost:?} of {}", messages.len());
    let read: BTreeSet<String> = reader.meetings.iter().map(|(id, shown)| format!("{id} {shown}")).collect();
    let there: BTreeSet<String> = meetings.into_iter().map(|(id, start)| format!("{id} \"{start}\"")).collect();
    let read_starts: BTreeSet<String> = read.iter().map(|one| one.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(read_starts, there, "seed {seed}");
    assert!(read.iter().all(|one| one.ends_with("true")), "seed {seed}: every occurrence stands by itself: {read:?}");
}

#[tokio::test]
async fn nothing_is_lost_whatever_happens() {
    for seed in 0..SEEDS {
        simulate(seed).await;
    }
}
