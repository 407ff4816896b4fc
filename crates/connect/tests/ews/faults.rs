//! What goes wrong is told apart by who has to act, and one bad item hides no other.

use std::time::Duration;

use rapport_connect::{
    SourceError,
    mailbox::{Ask, Page},
};
use rapport_testkit::fake_ews::{ACCOUNT, FakeEws, PASSWORD, event, message};
use serde_json::json;

use super::help::{JO, begin, calendar, changes, fake, history, json, key, keys, mail, open, open_as, year};

async fn ask(fake: &FakeEws) -> Result<Page, SourceError> {
    open(fake, JO).page(&mail("F-inbox="), &Ask::History(year(), None)).await
}

#[tokio::test]
async fn a_busy_server_says_how_long_to_wait() {
    let fake = fake().await;
    fake.be_busy_next(2_500);
    let error = ask(&fake).await.unwrap_err();
    assert_eq!((error.is_throttled(), error.retry_after()), (true, Some(Duration::from_millis(2_500))));
    assert!(!error.to_string().contains("us.example"), "messages of Exchange may name people");
    ask(&fake).await.unwrap();
}

#[tokio::test]
async fn errors_say_who_has_to_act() {
    let fake = fake().await;
    for code in ["ErrorAccessDenied", "ErrorImpersonationFailed", "ErrorNonExistentMailbox"] {
        fake.fail_next(code);
        assert!(ask(&fake).await.unwrap_err().is_mailbox(), "{code}");
    }
    fake.fail_next("ErrorMailboxStoreUnavailable");
    assert!(ask(&fake).await.unwrap_err().is_transient());
    for (status, is_transient) in [(500, true), (502, true), (503, true), (302, false), (404, false)] {
        fake.answer_next(status, "<html>Outlook</html>");
        assert_eq!(ask(&fake).await.unwrap_err().is_transient(), is_transient, "{status}");
    }
    fake.answer_next(403, "");
    assert!(ask(&fake).await.unwrap_err().is_mailbox());
    fake.answer_next(200, "<html>Sign in to Outlook</html>");
    assert!(ask(&fake).await.unwrap_err().to_string().contains("Exchange.asmx"));
}

#[tokio::test]
async fn a_mailbox_that_the_account_may_not_act_for_is_its_own_trouble() {
    let fake = fake().await;
    fake.deny(JO);
    let error = open(&fake, JO).streams().await.unwrap_err();
    assert!(error.is_mailbox() && error.to_string().contains("ErrorImpersonateUserDenied"), "{error}");
    let stranger = open(&fake, "nobody@us.example").streams().await.unwrap_err();
    assert!(stranger.is_mailbox() && stranger.to_string().contains("ErrorNonExistentMailbox"), "{stranger}");
}

#[tokio::test]
async fn a_wrong_password_and_a_server_without_basic_are_told_apart() {
    let fake = fake().await;
    let wrong = open_as(&fake, JO, ACCOUNT, "another", true).streams().await.unwrap_err();
    assert!(wrong.is_credentials() && wrong.to_string() == "the server does not take the login", "{wrong}");
    fake.offer_ntlm_alone();
    let other = open_as(&fake, JO, ACCOUNT, PASSWORD, true).streams().await.unwrap_err();
    assert!(other.is_credentials() && other.to_string().contains("Set-WebServicesVirtualDirectory"), "{other}");
}

#[tokio::test]
async fn a_state_that_is_not_known_any_more_has_expired() {
    let fake = fake().await;
    let mut session = open(&fake, JO);
    for stream in [mail("F-inbox="), calendar()] {
        let (_, cursor) = begin(&mut session, &stream, year()).await;
        fake.expire_states();
        assert!(changes(&mut session, &stream, &cursor, year()).await.unwrap_err().is_expired(), "{stream:?}");
        assert!(changes(&mut session, &stream, "of another version", year()).await.unwrap_err().is_expired());
    }
    let gone = session.page(&mail("a folder that was deleted"), &Ask::History(year(), None)).await;
    assert!(gone.unwrap_err().is_expired());
}

#[tokio::test]
async fn one_bad_item_hides_no_other() {
    let fake = fake().await;
    fake.change(|world| {
        for name in ["good", "corrupt", "broken"] {
            world.deliver(JO, "F-inbox=", message(name, "2026-02-01T10:00:00Z", "carla@acme.example", JO, "Quote"));
        }
        for name in ["fine", "bad"] {
            let start = "2026-02-02T10:00:00Z";
            world.put_event(JO, "calendar=", event(name, start, start, "carla@acme.example"));
        }
    });
    fake.damage("corrupt", "ErrorItemCorrupt");
    fake.damage("broken", "ErrorInternalServerError");
    fake.damage("bad", "ErrorAccessDenied");
    let mut session = open(&fake, JO);
    let mut items = history(&mut session, &mail("F-inbox="), year(), || {}).await;
    items.extend(begin(&mut session, &calendar(), year()).await.0);
    assert_eq!(keys(&items), ["bad", "broken", "corrupt", "fine", "good"]);
    for item in &items {
        let is_whole = json(item)["subject"].is_string();
        assert_eq!(is_whole, ["good", "fine"].contains(&key(&item.id)), "a bad one is told of by its id, so that it is counted");
    }
    assert_eq!(json(items.iter().find(|item| key(&item.id) == "bad").unwrap()), json!({"id": "bad="}));
}

#[tokio::test]
async fn a_server_that_reads_nothing_is_out_of_order() {
    let fake = fake().await;
    fake.change(|world| world.deliver(JO, "F-inbox=", message("M", "2026-02-01T10:00:00Z", "carla@acme.example", JO, "Quote")));
    fake.damage("M", "ErrorInternalServerError");
    assert!(ask(&fake).await.unwrap_err().is_transient());
}

#[tokio::test]
async fn what_exchange_did_not_come_to_is_asked_for_again() {
    let fake = fake().await;
    let names = ["a", "b", "c", "d", "e"];
    fake.change(|world| {
        for name in names {
            world.deliver(JO, "F-inbox=", message(name, "2026-02-01T10:00:00Z", "carla@acme.example", JO, "Quote"));
        }
    });
    fake.stop_at("b");
    fake.stop_at("d");
    let mut session = open(&fake, JO);
    let items = history(&mut session, &mail("F-inbox="), year(), || {}).await;
    assert_eq!(keys(&items), names);
    let whole = items.iter().filter(|item| json(item)["subject"].is_string()).map(|item| key(&item.id));
    assert_eq!(whole.collect::<std::collections::BTreeSet<_>>(), ["a", "c", "e"].into());
}

#[tokio::test]
async fn broken_and_huge_answers_are_errors() {
    let fake = fake().await;
    fake.cut_next_at(300);
    assert!(ask(&fake).await.unwrap_err().is_transient());
    let huge = format!("<a>{}</a>", "b".repeat(33 << 20));
    let deep = "<a>".repeat(300_000);
    let bomb = "<!DOCTYPE a [<!ENTITY e \"eeee\">]><a>&e;</a>";
    for body in [&huge, &deep, bomb, "", "<a", "\u{0}", "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"/>"] {
        fake.answer_next(200, body);
        let error = ask(&fake).await.unwrap_err();
        assert!(!error.is_transient() && !error.is_credentials() && !error.is_mailbox(), "{error}");
    }
}
