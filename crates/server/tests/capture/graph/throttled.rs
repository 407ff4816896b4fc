//! A tenant that throttles one mailbox after the other, while it gives pages.

use rapport_testkit::fake_graph::FakeGraph;

use super::help::{connect, open};
use crate::office::CONNECTOR;

/// As many as are read at a time, and fewer.
const MAILBOXES: usize = 12;
/// Of so many requests one is too many: nearly every turn ends with one.
const THROTTLE_EVERY: u64 = 15;

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_whose_mailboxes_are_throttled_goes_on() {
    let addresses: Vec<String> = (0..MAILBOXES).map(|number| format!("user{number}@us.example")).collect();
    let fake = FakeGraph::start().await;
    fake.change(|world| {
        world.page_items = 5;
        for (seed, address) in addresses.iter().enumerate() {
            world.add_mailbox(address);
            world.fill(address, seed as u64, 60);
        }
    });
    let office = open(&addresses.iter().map(String::as_str).collect::<Vec<_>>()).await;
    connect(&office, &fake).await;
    fake.throttle_every(THROTTLE_EVERY);
    let report = office.app.sync_once(None).await.unwrap();
    assert!(report.failed > 5, "{report:?}");
    assert_eq!(office.app.connector(CONNECTOR).await.unwrap().failure, None, "nobody waits for the others' limits");
    fake.throttle_every(0);
    office.sync_to_the_end().await;
    assert_eq!(office.interactions().await.len(), 60 * MAILBOXES);
}
