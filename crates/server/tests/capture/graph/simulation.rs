//! Mailboxes that change while they are read, with all that can go wrong, from a seed: what is known in the end is what is known where
//! nothing went wrong.
//!
//! A failure names its seed; the same seed fails again.

use std::{collections::BTreeMap, task::Poll};

use rapport_domain::Moment;
use rapport_testkit::{
    chance::Chance,
    fake_graph::{FakeGraph, event, message, series},
};
use serde_json::json;

use super::help::{ANN, BOB, assert_same, connect, open};
use crate::office::{LATER_S, Office};

/// Worlds that are tried.
const SEEDS: u64 = 20;
/// Worlds at a time.
const AT_ONCE: u64 = 4;
/// Things that happen in each.
const STEPS: u64 = 20;
const MAILBOXES: [&str; 2] = [ANN, BOB];
const FOLDERS: [&str; 3] = ["F-inbox=", "F-sentitems=", "F-archive="];
/// Requests after which a round is cut off at the latest, counted by how often it is looked after.
const POLLS_MAX: u64 = 160;

/// Two tenants in which the same happens; everything goes wrong in the second.
struct Worlds {
    calm: FakeGraph,
    stormy: FakeGraph,
    /// By mailbox and id: the step in which it changed last.
    messages: BTreeMap<(usize, String), u64>,
    meetings: BTreeMap<(usize, String), u64>,
}

impl Worlds {
    fn change(&self, change: impl Fn(&FakeGraph)) {
        [&self.calm, &self.stormy].into_iter().for_each(change);
    }

    /// Something happens in a mailbox. What goes was known on both sides before: nobody can tell of what they never saw.
    fn happen(&mut self, random: &mut Chance, step: u64, now: Moment, known_until: u64) {
        let of = random.number(2) as usize;
        let (mailbox, folder) = (MAILBOXES[of], *random.pick(&FOLDERS));
        match random.number(16) {
            0..=6 => {
                let id = format!("M{of}-{step}=");
                let (from, to) = if random.number(3) == 0 { (mailbox, "jo@acme.example") } else { ("jo@acme.example", mailbox) };
                let one = message(&id, &now.to_rfc3339(), from, to, &format!("Topic {}", random.number(5)));
                self.change(|fake| fake.change(|world| world.deliver(mailbox, folder, one.clone())));
                self.messages.insert((of, id), step);
            }
            7 | 8 => {
                let of_mailbox: Vec<String> =
                    self.messages.keys().filter(|(at, _)| *at == of).map(|(_, id)| id.clone()).collect();
                if !of_mailbox.is_empty() {
                    let id = random.pick(&of_mailbox);
                    self.change(|fake| fake.change(|world| world.move_message(mailbox, id, folder)));
                }
            }
            9 => {
                let known = self.messages.iter().find(|((at, _), step)| *at == of && **step < known_until);
                if let Some(((_, id), _)) = known.map(|(key, step)| (key.clone(), *step)) {
                    self.change(|fake| fake.change(|world| world.delete_message(mailbox, &id)));
                    self.messages.remove(&(of, id));
                }
            }
            10..=12 => {
                // Long over, or far away: whatever is late, it is the one or the other for both.
                let (number, day) = (random.number(8), 1 + random.number(28));
                let id = format!("E{of}-{number}");
                let start = if number.is_multiple_of(2) {
                    format!("2026-01-{day:02}T10:00:00")
                } else {
                    format!("2026-08-{day:02}T10:00:00")
                };
                let attendee = *random.pick(&["jo@acme.example", "lee@acme.example"]);
                let mut one = event(&id, &start, &start, attendee);
                one["organizer"]["emailAddress"]["address"] = json!(mailbox);
                one["isCancelled"] = json!(random.number(4) == 0);
                self.change(|fake| fake.change(|world| world.put_event(mailbox, "calendar", one.clone())));
                self.meetings.insert((of, id), step);
            }
            13 | 14 => {
                let known = self.meetings.iter().find(|((at, _), step)| *at == of && **step < known_until);
                if let Some(((_, id), _)) = known.map(|(key, step)| (key.clone(), *step)) {
                    self.change(|fake| fake.change(|world| world.delete_event(mailbox, &id)));
                    self.meetings.remove(&(of, id));
                }
            }
            _ => {
                let starts = ["2026-01-07T09:00:00", "2026-01-14T09:00:00", "2026-09-02T09:00:00"];
                let attendee = *random.pick(&["kim@other.example", "sam@third.example"]);
                for one in series(&format!("S{of}"), &starts, attendee) {
                    self.change(|fake| fake.change(|world| world.put_event(mailbox, "calendar", one.clone())));
                }
            }
        }
    }

    /// Something goes wrong.
    fn go_wrong(&self, random: &mut Chance) {
        let fake = &self.stormy;
        match random.number(8) {
            0 => fake.throttle_every(4 + random.number(12)),
            1 => fake.throttle_every(0),
            2 | 3 => fake.answer_next([429, 500, 503, 504][random.number(4) as usize], "generalException"),
            4 => fake.cut_next_at(random.number(3_000) as usize),
            5 => fake.expire_tokens(),
            6 => fake.expire_states(),
            _ => {}
        }
    }
}

/// A round that is dropped wherever it happens to wait; the lease of whoever is gone runs out. Whether it came to its end.
pub(super) async fn cut_off(office: &Office, polls: u64) -> bool {
    let mut round = Box::pin(office.app.sync_once(None));
    let mut left = polls;
    let ended = std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        round.as_mut().poll(context).map(Some)
    })
    .await;
    ended.is_some_and(|report| report.unwrap().failed == 0)
}

async fn simulate(seed: u64) {
    let mut random = Chance(seed);
    let mut worlds = Worlds {
        calm: FakeGraph::start().await,
        stormy: FakeGraph::start().await,
        messages: BTreeMap::new(),
        meetings: BTreeMap::new(),
    };
    worlds.change(|fake| {
        fake.change(|world| {
            world.page_items = 3;
            for (number, mailbox) in MAILBOXES.into_iter().enumerate() {
                world.add_mailbox(mailbox);
                world.fill(mailbox, seed * 2 + number as u64, 20);
            }
        });
    });
    if seed.is_multiple_of(2) {
        worlds.stormy.be_untidy();
    }
    let (whole, torn) = (open(&MAILBOXES).await, open(&MAILBOXES).await);
    connect(&whole, &worlds.calm).await;
    connect(&torn, &worlds.stormy).await;
    let mut known_until = 0;
    for step in 1..=STEPS {
        worlds.happen(&mut random, step, whole.now(), known_until);
        worlds.go_wrong(&mut random);
        for office in [&whole, &torn] {
            office.wait(LATER_S);
        }
        whole.app.sync_once(None).await.unwrap();
        let polls = if random.number(3) == 0 { u64::MAX } else { random.number(POLLS_MAX) };
        if cut_off(&torn, polls).await && torn.is_current().await {
            known_until = step + 1;
        }
        assert_eq!(whole.now(), torn.now());
    }
    worlds.stormy.throttle_every(0);
    // An answer that was to come goes to whoever asks next.
    torn.sync().await;
    whole.sync().await;
    torn.sync_to_the_end().await;
    whole.sync_to_the_end().await;
    let behind_s = (torn.now().0 - whole.now().0) / 1_000_000;
    if behind_s > 0 {
        whole.wait(behind_s);
    } else {
        torn.wait(-behind_s);
    }
    assert_same(&whole, &torn, &format!("seed {seed}")).await;
    // And nothing more comes of reading on.
    torn.sync().await;
    whole.sync().await;
    assert_same(&whole, &torn, &format!("seed {seed}, later")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_in_the_end_the_same_is_known() {
    for first in (0..SEEDS).step_by(AT_ONCE as usize) {
        let mut worlds = tokio::task::JoinSet::new();
        (first..first + AT_ONCE).for_each(|seed| drop(worlds.spawn(simulate(seed))));
        worlds.join_all().await;
    }
}
