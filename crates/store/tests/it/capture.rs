//! Whose turn it is, and when mailboxes are read again.

use std::collections::BTreeSet;

use rapport_domain::{Moment, OrgId, UserId, time::SECOND_US};
use rapport_store::{
    Store,
    registry::{InScope, Left, NewUser, Rereading, SubscriptionRow},
};

use crate::world::{ACTOR, World, moment};

const CONNECTOR: &str = "mail";
const ANN: UserId = UserId(1);
/// Everything at once.
const AT_ONCE: Rereading = Rereading { history_from: Moment(0), quiet_us: 0, patience_us: 0, every_us: 0, at_a_time: 10 };

/// An organization with Ann's mailbox.
async fn with_mailbox(world: &World) -> (Store, OrgId) {
    let (store, org) = (world.store.clone(), world.organization().await.id);
    let ann = NewUser { email: "ann@us.example".to_owned(), document: "{}".to_owned(), before: None, after: "Ann".to_owned() };
    store.put_users(org, &[ann], (ACTOR, moment(0))).await.unwrap();
    store.put_connector(org, (CONNECTOR, "imap", "{}"), None, false, (ACTOR, moment(0))).await.unwrap();
    store.allow_mailboxes(org, CONNECTOR, &BTreeSet::from([ANN]), moment(0)).await.unwrap();
    (store, org)
}

fn later(from: Moment, s: i64) -> Moment {
    from.plus_us(s * SECOND_US)
}

/// One turn of Ann's mailbox, which takes a second; `during` is called meanwhile. When it is due next.
async fn turn(store: &Store, org: OrgId, at: Moment, is_read: bool, during: impl AsyncFn()) -> Moment {
    let lease = store.claim_mailbox(org, None, false, (at, 60 * SECOND_US)).await.unwrap().unwrap();
    assert!(store.keep_streams(org, &lease, &[(b"inbox".to_vec(), "mail")], (Moment(0), at)).await.unwrap());
    during().await;
    let error = (!is_read).then(|| "closed".to_owned());
    let left = Left { due_at: later(at, 900), is_current: is_read, is_read, error };
    store.release_mailbox(org, &lease, &left, later(at, 1)).await.unwrap();
    Moment(store.captured_mailbox(org, CONNECTOR, ANN).await.unwrap().unwrap().due_at_us)
}

#[tokio::test]
async fn a_mailbox_that_rings_while_it_is_read_stays_due() {
    let world = World::new().await;
    let (store, org) = with_mailbox(&world).await;
    let at = moment(1);
    assert_eq!(turn(&store, org, at, true, async || {}).await, later(at, 900));
    // Between two turns it comes forward, and never back.
    for s in [10, 20] {
        store.wake_mailbox(org, CONNECTOR, ANN, later(at, s)).await.unwrap();
        let due_us = store.captured_mailbox(org, CONNECTOR, ANN).await.unwrap().unwrap().due_at_us;
        assert_eq!(due_us, later(at, 10).0);
    }
    let at = later(at, 30);
    let ring = async || store.wake_mailbox(org, CONNECTOR, ANN, at).await.unwrap();
    assert_eq!(turn(&store, org, at, true, ring).await, at.plus_us(1), "what rang may have come after its stream was read");
    // One that fails waits for its time, rung for or not.
    let at = later(at, 30);
    let ring = async || store.wake_mailbox(org, CONNECTOR, ANN, at).await.unwrap();
    assert_eq!(turn(&store, org, at, false, ring).await, later(at, 900));
    store.wake_mailbox(org, CONNECTOR, ANN, later(at, 10)).await.unwrap();
    let due_us = store.captured_mailbox(org, CONNECTOR, ANN).await.unwrap().unwrap().due_at_us;
    assert_eq!(due_us, later(at, 900).0);
}

#[tokio::test]
async fn subscriptions_go_with_their_connector_and_prove_what_nobody_else_can() {
    let world = World::new().await;
    let (store, org) = with_mailbox(&world).await;
    let organization = world.store.organization("org 0").await.unwrap();
    let mut row = SubscriptionRow {
        connector: CONNECTOR.to_owned(),
        user_id: ANN.0,
        kind: "mail".to_owned(),
        subscription: Some("s1".to_owned()),
        nonce: vec![1; 16],
        url: "https://rapport.example.com".to_owned(),
        expires_at_us: moment(9).0,
        is_challenged: false,
        retry_at_us: 0,
        error: None,
    };
    store.put_subscription(org, &row).await.unwrap();
    assert_eq!(store.subscriptions(org).await.unwrap(), [row.clone()]);
    assert!(row.is_live(moment(8)) && !row.is_live(moment(9)));
    store.challenge_subscription(org, (CONNECTOR, ANN, "mail")).await.unwrap();
    assert!(!store.subscriptions_of(org, CONNECTOR, ANN).await.unwrap()[0].is_live(moment(8)));
    let state =
        |connector: &str, user: u32, kind: &str, nonce: &[u8]| organization.client_state(connector, UserId(user), kind, nonce);
    let states = [
        state("mail", 1, "mail", &[1; 16]),
        state("mail", 1, "mail", &[2; 16]),
        state("mail", 2, "mail", &[1; 16]),
        state("mail", 1, "calendar", &[1; 16]),
        state("other", 1, "mail", &[1; 16]),
    ];
    assert_eq!(states.iter().collect::<BTreeSet<_>>().len(), states.len());
    assert!(states.iter().all(|state| state.len() == 64), "as much as Microsoft takes, and no more");
    // A mailbox that nobody reads has none.
    row.user_id = 7;
    store.put_subscription(org, &row).await.unwrap();
    assert_eq!(store.subscriptions(org).await.unwrap().len(), 1);
    assert!(store.delete_connector(org, CONNECTOR, (ACTOR, moment(2))).await.unwrap());
    assert_eq!(store.subscriptions(org).await.unwrap(), []);
}

#[tokio::test]
async fn only_what_was_not_in_scope_widens_it() {
    let world = World::new().await;
    let (store, org) = with_mailbox(&world).await;
    let organization = world.store.organization("org 0").await.unwrap();
    let key = |text: &str| organization.scope_key("address", text);
    let of = |texts: &[&str]| -> Vec<InScope> {
        texts.iter().map(|text| InScope { key: key(text), covered_by: vec![key("everyone")] }).collect()
    };
    let note = async |texts: &[&str]| store.note_scope(org, &of(texts), moment(2)).await.unwrap();
    let again = async || store.begin_rereading(org, &AT_ONCE, moment(9)).await.unwrap();
    assert!(!note(&["a"]).await, "the first time everything was in scope");
    turn(&store, org, moment(2), true, async || {}).await;
    assert_eq!(again().await, 0);
    assert!(!note(&["a"]).await && note(&["a", "b", "c"]).await && !note(&["a", "b"]).await);
    assert_eq!(again().await, 1);
    assert_eq!(again().await, 0, "it is being read");
    turn(&store, org, moment(10), true, async || {}).await;
    assert_eq!(again().await, 0, "it was");
    // Who was taken out and comes back was out meanwhile; whoever came and went is not read for.
    assert!(!note(&["a"]).await && note(&["a", "b"]).await && !note(&["a"]).await);
    assert_eq!(again().await, 0);
    assert!(note(&["a", "b"]).await);
    // A narrower rule was in scope by the wider one, as long as that was.
    assert!(note(&["a", "everyone"]).await && !note(&["a", "b", "d"]).await);
    assert_eq!(store.begin_rereading(org, &AT_ONCE, later(moment(10), 2_000)).await.unwrap(), 1);
}
