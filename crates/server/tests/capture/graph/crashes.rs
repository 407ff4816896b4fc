//! Whoever reads mailboxes is gone at any moment: after each answer, at once and a little later each time, until everything is read. What
//! is known then is what is known where nobody went.

use rapport_testkit::fake_graph::{FakeGraph, event, message};

use super::help::{ANN, BOB, assert_same, connect, open};
use crate::office::{LATER_S, Office};

/// How often everything else on the thread gets its turn between an answer and the end: writing down what it said takes some hundreds.
const TURNS: [u32; 10] = [0, 1, 2, 4, 8, 16, 64, 256, 1_024, 4_096];
/// More answers than everything takes.
const ANSWERS_MAX: u32 = 600;

/// Two mailboxes with mail in several folders, in several months, and meetings; pages are short.
async fn tenant() -> FakeGraph {
    let fake = FakeGraph::start().await;
    fake.change(|world| {
        world.page_items = 2;
        for (number, mailbox) in [ANN, BOB].into_iter().enumerate() {
            world.add_mailbox(mailbox);
            for day in 0..8 {
                let (id, at) = (format!("M{number}-{day}="), format!("2026-0{}-1{day}T10:00:00Z", 1 + day % 2));
                let folder = ["F-inbox=", "F-sentitems=", "F-archive="][day % 3];
                world.deliver(mailbox, folder, message(&id, &at, "jo@acme.example", mailbox, "Pumps"));
            }
            for day in 1..4 {
                let (id, start) = (format!("E{number}-{day}"), format!("2026-02-0{day}T10:00:00"));
                world.put_event(mailbox, "calendar", event(&id, &start, &start, "lee@acme.example"));
            }
        }
    });
    fake
}

/// Reads until so many answers were sent, and a little longer. Whether it came to its end before.
async fn read_for(office: &Office, fake: &FakeGraph, answers: u64, turns: u32) -> bool {
    let mut answered = fake.answered();
    let goal = *answered.borrow_and_update() + answers;
    let mut round = Box::pin(office.app.sync_once(None));
    tokio::select! {
        report = &mut round => return report.unwrap().failed == 0,
        _ = answered.wait_for(|answered| *answered >= goal) => {}
    }
    for _ in 0..turns {
        tokio::select! {
            biased;
            report = &mut round => return report.unwrap().failed == 0,
            () = tokio::task::yield_now() => {}
        }
    }
    false
}

/// All on one thread, so that turns are turns.
#[tokio::test]
async fn whoever_is_gone_after_any_answer_leaves_nothing_undone_and_nothing_twice() {
    let (calm, torn) = (open(&[ANN, BOB]).await, open(&[ANN, BOB]).await);
    connect(&calm, &tenant().await).await;
    calm.sync_to_the_end().await;
    let fake = tenant().await;
    connect(&torn, &fake).await;
    let mut crashes = 0;
    // One answer at a time would never end where a mailbox needs two to begin with: those before the first page are asked for each time.
    'all: for answers in 1..ANSWERS_MAX {
        for turns in TURNS {
            torn.wait(LATER_S);
            if read_for(&torn, &fake, u64::from(answers), turns).await && torn.is_current().await {
                break 'all;
            }
            crashes += 1;
        }
    }
    assert!(torn.is_current().await && crashes > 40, "{crashes} crashes");
    torn.sync_to_the_end().await;
    calm.wait((torn.now().0 - calm.now().0) / 1_000_000);
    calm.sync().await;
    assert_same(&calm, &torn, "after crashes").await;
}
