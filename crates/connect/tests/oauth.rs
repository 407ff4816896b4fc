//! Tokens instead of passwords: how they are got and kept, and a real mail server that takes them.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use rapport_connect::{
    Http, SourceError,
    imap::{ImapSession, ImapSettings, Security},
    oauth::{Grant, OAuth},
};
use rapport_domain::{Moment, time::SECOND_US};
use rapport_testkit::{
    fake_graph::{CLIENT_ID, CLIENT_SECRET},
    fake_tokens::{FakeTokens, LIFE_S, SCOPE},
    real_servers::Dovecot,
};
use serde_json::json;

const ANN: &str = "ann@us.example";
const BOB: &str = "bob@us.example";
const NOW: &str = "2026-03-02T09:00:00Z";

struct Case {
    tokens: FakeTokens,
    now_us: Arc<AtomicI64>,
}

impl Case {
    async fn start() -> Self {
        let now_us = Arc::new(AtomicI64::new(Moment::parse(NOW).unwrap().0));
        Self { tokens: FakeTokens::start().await, now_us }
    }

    fn service(&self, grant: Grant) -> OAuth {
        let told = self.now_us.clone();
        OAuth::new(Http::default(), grant, Arc::new(move || Moment(told.load(Ordering::Relaxed)))).unwrap()
    }

    fn application(&self, secret: &str) -> OAuth {
        self.service(Grant::ClientCredentials {
            token_url: self.tokens.token_url.clone(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: secret.to_owned(),
            scope: SCOPE.to_owned(),
        })
    }

    fn account(&self) -> OAuth {
        self.service(Grant::ServiceAccount { key: self.tokens.service_account_key(), scope: SCOPE.to_owned() })
    }

    fn pass_s(&self, seconds: i64) {
        self.now_us.fetch_add(seconds * SECOND_US, Ordering::Relaxed);
    }

    fn given(&self, user: &str) -> u32 {
        self.tokens.told().given.get(user).copied().unwrap_or_default()
    }
}

#[tokio::test]
async fn one_token_opens_all_mailboxes_until_shortly_before_it_ends() {
    let case = Case::start().await;
    let service = case.application(CLIENT_SECRET);
    let (ann, bob) = tokio::join!(service.token(ANN), service.token(BOB));
    assert_eq!((ann.unwrap().text, case.given("")), (bob.unwrap().text, 1), "who comes meanwhile waits for it");
    case.pass_s(LIFE_S - 301);
    service.token(ANN).await.unwrap();
    assert_eq!(case.given(""), 1);
    case.pass_s(1);
    let shown = format!("{:?}", service.token(ANN).await.unwrap());
    assert_eq!(case.given(""), 2);
    assert!(!shown.contains("text"), "{shown}");
}

#[tokio::test]
async fn a_service_account_has_a_token_for_each_user() {
    let case = Case::start().await;
    let service = case.account();
    let (ann, bob, again) = tokio::join!(service.token(ANN), service.token(BOB), service.token(ANN));
    let (ann, bob) = (ann.unwrap(), bob.unwrap());
    assert_eq!((&ann.text, ann.text == bob.text), (&again.unwrap().text, false));
    assert_eq!((case.given(ANN), case.given(BOB)), (1, 1));
    // A token that is refused as soon as it came is not the reason; an old one may be.
    assert!(service.instead_of(&ann, ANN).await.unwrap().is_none());
    case.pass_s(600);
    let another = service.instead_of(&ann, ANN).await.unwrap().unwrap();
    assert_eq!((case.given(ANN), another.text == ann.text), (2, false));
    let known = service.instead_of(&ann, ANN).await.unwrap().unwrap();
    assert_eq!((known.text, case.given(ANN)), (another.text, 2), "somebody else got it already");
}

#[tokio::test]
async fn refusals_say_who_can_mend_them_and_name_nobody() {
    let case = Case::start().await;
    let refused = async |service: &OAuth| -> SourceError { service.token(ANN).await.unwrap_err() };
    let wrong = refused(&case.application("another secret")).await;
    assert_eq!(wrong.to_string(), "`127.0.0.1` does not take our credentials (invalid_client)");
    assert!(wrong.is_credentials());
    let account = case.account();
    case.tokens.told().closed.insert(ANN.to_owned());
    let closed = refused(&account).await;
    assert!(closed.is_mailbox() && !format!("{closed:?}").contains("us.example"), "{closed}");
    assert!(account.token(BOB).await.is_ok(), "of others it may speak");
    let answers = |status: u16, error: &str, described: &str| {
        case.tokens.told().refusal = Some((status, json!({"error": error, "error_description": described})));
    };
    answers(400, "invalid_grant", "Invalid JWT Signature.");
    assert!(refused(&account).await.is_credentials());
    answers(400, "invalid_grant", "Invalid email or User ID");
    assert!(refused(&account).await.is_mailbox());
    answers(400, "Of ann@us.example", "");
    assert_eq!(refused(&account).await.to_string(), "`127.0.0.1` does not take our credentials (HTTP 400)");
    answers(503, "", "");
    assert!(refused(&account).await.is_transient());
    answers(429, "", "");
    let busy = refused(&account).await;
    assert_eq!((busy.is_throttled(), busy.retry_after().map(|wait| wait.as_secs())), (true, Some(30)));
    case.tokens.told().refusal = Some((200, json!({"access_token": "a\r\nb", "expires_in": 3600})));
    assert!(refused(&account).await.is_credentials(), "a token with a line end is none");
}

#[test]
fn what_cannot_work_is_refused_before_anything_is_asked() {
    let refused = |grant: Grant| match OAuth::new(Http::default(), grant, Arc::new(|| Moment(0))) {
        Ok(_) => panic!("it was taken"),
        Err(error) => error.to_string(),
    };
    let key = |key: &str| refused(Grant::ServiceAccount { key: key.to_owned(), scope: SCOPE.to_owned() });
    assert!(key("-----BEGIN").contains("no JSON"));
    assert!(key(r#"{"client_email":"a@b.example"}"#).contains("`token_uri`"));
    let hidden = key(r#"{"client_email":"a@b.example","token_uri":"https://t.example","private_key":"hush"}"#);
    assert!(hidden.contains("cannot be read") && !hidden.contains("hush"), "{hidden}");
    let open = Grant::ClientCredentials {
        token_url: "http://login.example/token".to_owned(),
        client_id: "c".to_owned(),
        client_secret: "hush".to_owned(),
        scope: SCOPE.to_owned(),
    };
    assert!(!format!("{open:?}").contains("hush"));
    assert!(refused(open).contains("https://"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_opens_a_mailbox_by_the_users_token() {
    let case = Case::start().await;
    let Some(dovecot) = Dovecot::start_with_tokens(&[ANN, BOB], &case.tokens.introspection_url).await else { return };
    dovecot.deliver(ANN, "INBOX", b"From: carla@acme.example\r\nTo: ann@us.example\r\n\r\n", 1_772_442_000, "S");
    let settings =
        ImapSettings { host: "127.0.0.1".to_owned(), port: dovecot.port, security: Security::None, header_fields: &["From"] };
    let service = case.account();
    let mut session = ImapSession::open_by_token(&settings, &service, ANN).await.unwrap();
    assert!(session.streams().await.unwrap().iter().any(|stream| stream.id == "INBOX"));
    session.close().await;
    // The mail server forgets the token before its time: another one is got, once.
    case.tokens.told().good.clear();
    case.pass_s(600);
    ImapSession::open_by_token(&settings, &service, ANN).await.unwrap().close().await;
    assert_eq!(case.given(ANN), 2);
    // A token that came a moment ago is not the reason: the mailbox is closed, and no further token is asked for.
    case.tokens.told().good.clear();
    let closed = ImapSession::open_by_token(&settings, &service, ANN).await;
    let Err(closed) = closed else { panic!("a mailbox opened by a token that is none") };
    assert!(closed.is_mailbox() && case.given(ANN) == 2, "{closed}");
}
