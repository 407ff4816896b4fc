//! Consent to mailboxes of Microsoft 365: proven by what the tenant permits, bound to whose tenant it is, and over when it is taken back.

use rapport_domain::{
    ConsentState,
    enabling::{Roles, Selection},
};
use rapport_server::app::{Caller, consent_at_microsoft::AtMicrosoft, users::UserChange};
use rapport_testkit::fake_graph::{CLIENT_ID, FakeGraph, TENANT, message};

use super::help::{ANN, BOB, CAS, NOW, connect, connect_to, open};
use crate::office::{CONNECTOR, LATER_S, Office};

const ISSUER: &str = "https://login.example/tenant/v2.0";
const READS: [&str; 2] = ["Calendars.ReadBasic.All", "Mail.ReadBasic.All"];

/// A tenant with these mailboxes, each with a message.
async fn tenant(mailboxes: &[&str]) -> FakeGraph {
    let fake = FakeGraph::start().await;
    fake.set_issuer(ISSUER);
    fake.change(|world| {
        for address in mailboxes {
            world.add_mailbox(address);
            let id = format!("M-{address}");
            world.deliver(address, "F-inbox=", message(&id, "2026-02-20T10:00:00Z", "carla@acme.example", address, "Hello"));
        }
    });
    fake
}

/// An organization that asks for consent to Ann's mailbox.
async fn asking(fake: &FakeGraph) -> Office {
    let office = Office::closed(NOW).await;
    for (user, role) in [(ANN, "Salesperson"), (BOB, "Controller")] {
        let roles = Some(vec![role.to_owned()]);
        office.app.put_user(user, &UserChange { roles, ..UserChange::default() }).await.unwrap();
    }
    connect(&office, fake).await;
    office.app.set_setting("capture.notice_days", "0").await.unwrap();
    office.app.enable_premium().await.unwrap();
    // Where the mailboxes lie is told; what may be read is not.
    office.sync().await;
    let roles = Roles::Selected(["Salesperson".to_owned()].into());
    let selection = Selection { relationship_analytics: true, who_knows_whom: true, mailbox: true, roles };
    office.app.save_enabling(selection, false).await.unwrap();
    office
}

fn administrator(issuer: &str) -> Caller {
    Caller::TenantAdministrator { actor: "gea@tenant.example".to_owned(), issuer: issuer.to_owned() }
}

async fn state(office: &Office) -> ConsentState {
    office.app.enabling().await.unwrap().enabling.consent
}

#[tokio::test]
async fn consent_counts_when_the_tenant_permits_it() {
    let fake = tenant(&[ANN, BOB]).await;
    let office = asking(&fake).await;
    let gea = office.app.acting_for(administrator(ISSUER));
    fake.set_roles(&["Mail.ReadBasic.All"]);
    let refused = gea.grant_consent("agreed by the board").await.unwrap_err();
    assert_eq!(refused.to_string(), "the tenant of connector `mail` has not granted `Calendars.ReadBasic.All`");
    fake.refuse_tokens(7_000_229);
    let refused = gea.grant_consent("agreed by the board").await.unwrap_err();
    assert!(refused.to_string().contains("AADSTS7000229") && refused.hint().unwrap().contains("at Microsoft"), "{refused}");
    assert_eq!(state(&office).await, ConsentState::Pending);
    fake.refuse_tokens(0);
    fake.set_roles(&READS);

    // Whoever administers another tenant says nothing of this one; whoever may consent here is not asked for a tenant.
    let other = office.app.acting_for(administrator("https://login.example/other/v2.0"));
    let refused = other.grant_consent("agreed by the board").await.unwrap_err();
    assert_eq!(refused.to_string(), "you do not administer the tenant of connector `mail`");
    assert!(other.probe_mailbox(CONNECTOR, ANN).await.unwrap_err().to_string().contains("do not administer"));
    let asked = |what: &str| fake.log().iter().any(|asked| asked.mailbox.as_deref() == Some(what));
    assert!(asked(ANN) && !asked(BOB), "only a selected mailbox was tried, for what stood in no token");

    gea.grant_consent("agreed by the board").await.unwrap();
    assert_eq!(state(&office).await, ConsentState::Granted);
    office.sync_to_the_end().await;
    assert_eq!(office.interactions().await.len(), 1);
}

#[tokio::test]
async fn what_is_limited_to_some_mailboxes_is_proven_by_opening_one() {
    let fake = tenant(&[ANN, BOB]).await;
    let office = asking(&fake).await;
    let gea = office.app.acting_for(administrator(ISSUER));
    fake.set_roles(&[]);
    fake.limit_to(&[BOB]);
    let refused = gea.grant_consent("agreed by the board").await.unwrap_err();
    assert!(refused.to_string().contains("has not granted `Mail.ReadBasic.All`"), "{refused}");
    fake.limit_to(&[ANN]);
    gea.grant_consent("agreed by the board").await.unwrap();
    let probe = gea.probe_mailbox(CONNECTOR, BOB).await.unwrap();
    assert_eq!((probe.mail_is_open, probe.calendars_are_open), (false, false));
    assert_eq!(probe.reason.as_deref(), Some("this mailbox is closed to us (ErrorAccessDenied)"));
    assert!(gea.probe_mailbox(CONNECTOR, ANN).await.unwrap().mail_is_open);
    assert!(gea.probe_mailbox(CONNECTOR, "nobody").await.unwrap_err().is_invalid());
    office.sync_to_the_end().await;
    assert_eq!((office.interactions().await.len(), state(&office).await), (1, ConsentState::Granted));
}

#[tokio::test]
async fn permissions_that_are_taken_back_withdraw_consent() {
    const ALL: [&str; 5] = [ANN, BOB, CAS, "dee@us.example", "eve@us.example"];
    let fake = tenant(&ALL).await;
    let office = open(&ALL).await;
    connect(&office, &fake).await;
    office.sync_to_the_end().await;
    assert_eq!(office.interactions().await.len(), 5);
    // From all mailboxes to some: that is no withdrawal.
    fake.set_roles(&[]);
    fake.limit_to(&["eve@us.example"]);
    office.wait(1_000);
    office.sync().await;
    assert_eq!(state(&office).await, ConsentState::Granted);
    assert_eq!(office.app.permissions().await.unwrap()[0].needed, READS_GONE);
    // None is left.
    fake.limit_to(&[]);
    office.sync().await;
    office.sync().await;
    assert_eq!(state(&office).await, ConsentState::Revoked);
    let asked = fake.log().len();
    office.sync().await;
    assert_eq!(fake.log().len(), asked, "nothing is asked any more");
    assert!(office.interactions().await.is_empty(), "hidden at once");
}

const READS_GONE: [(&str, Option<bool>); 2] = [("Mail.ReadBasic.All", Some(false)), ("Calendars.ReadBasic.All", Some(false))];

#[tokio::test]
async fn calendars_that_are_taken_back_withdraw_consent_too_and_ones_never_granted_do_not() {
    let fake = tenant(&[ANN]).await;
    let office = open(&[ANN]).await;
    fake.set_roles(&["Mail.ReadBasic.All"]);
    connect(&office, &fake).await;
    for _ in 0..6 {
        office.wait(1_000);
        office.sync().await;
    }
    assert_eq!(state(&office).await, ConsentState::Granted);
    fake.set_roles(&READS);
    office.wait(1_000);
    office.sync_to_the_end().await;
    fake.set_roles(&["Mail.ReadBasic.All"]);
    office.wait(1_000);
    office.sync().await;
    assert_eq!(state(&office).await, ConsentState::Revoked);
}

#[tokio::test]
async fn whoever_goes_to_microsoft_comes_back_as_the_same_and_what_they_say_proves_nothing() {
    let fake = tenant(&[ANN]).await;
    let office = asking(&fake).await;
    let gea = office.app.acting_for(administrator(ISSUER));
    let begin = async || gea.begin_consent_at_microsoft(CONNECTOR, "https://rapport.us.example/back", "ticket").await;
    let url = begin().await.unwrap();
    assert!(url.starts_with(&format!("{}/{TENANT}/v2.0/adminconsent?client_id={CLIENT_ID}&", fake.login_url)), "{url}");
    let state = url.split_once("&state=").unwrap().1.split('&').next().unwrap().to_owned();
    let yes = format!("admin_consent=True&tenant={TENANT}&state={state}");
    fake.set_roles(&[]);
    assert_eq!(gea.finish_consent_at_microsoft(&yes, "ticket").await, AtMicrosoft::NotYet);
    fake.set_roles(&READS);
    assert_eq!(gea.finish_consent_at_microsoft(&yes, "ticket").await, AtMicrosoft::Granted);
    let no = format!("error=access_denied&admin_consent=True&state={state}");
    assert_eq!(gea.finish_consent_at_microsoft(&no, "ticket").await, AtMicrosoft::Refused);
    for (query, ticket) in [
        (yes.as_str(), "another ticket"),
        ("admin_consent=True&state=made-up", "ticket"),
        ("admin_consent=True", "ticket"),
        ("", "ticket"),
    ] {
        assert_eq!(gea.finish_consent_at_microsoft(query, ticket).await, AtMicrosoft::Failed, "{query}");
    }
    let other = office.app.acting_for(administrator("https://login.example/other/v2.0"));
    assert!(other.begin_consent_at_microsoft(CONNECTOR, "https://x.example", "ticket").await.is_err());
    assert_eq!(other.finish_consent_at_microsoft(&yes, "ticket").await, AtMicrosoft::Failed);
    fake.refuse_tokens(7_000_229);
    assert_eq!(gea.finish_consent_at_microsoft(&yes, "ticket").await, AtMicrosoft::Failed);
    fake.refuse_tokens(0);
    office.wait(31 * 60 + LATER_S);
    assert_eq!(gea.finish_consent_at_microsoft(&yes, "ticket").await, AtMicrosoft::Failed, "too late");
    assert_eq!(office.app.enabling().await.unwrap().enabling.consent, ConsentState::Pending, "nothing of it consents");
}

#[tokio::test]
async fn a_connector_that_reads_in_another_way_withdraws_nothing() {
    let fake = tenant(&[ANN]).await;
    let office = open(&[ANN]).await;
    connect(&office, &fake).await;
    office.sync_to_the_end().await;
    let kept = office.interactions().await.len();
    // What it needs now was not granted yet: that is no consent that was taken back.
    connect_to(&office, &fake, "message_traces").await;
    fake.set_roles(&READS);
    for _ in 0..4 {
        office.wait(1_000);
        office.sync().await;
    }
    assert_eq!((state(&office).await, office.interactions().await.len()), (ConsentState::Granted, kept));
    // Nor is an application that was mistyped.
    office.app.pause_capture(CONNECTOR, None, true).await.unwrap();
    let mut settings = serde_json::to_value(&office.app.connector(CONNECTOR).await.unwrap().settings).unwrap();
    settings["client_id"] = "22222222-2222-2222-2222-222222222222".into();
    office.connect(settings, [("client_secret".to_owned(), "x".to_owned())].into()).await;
    office.app.pause_capture(CONNECTOR, None, false).await.unwrap();
    office.sync().await;
    office.sync().await;
    assert_eq!(state(&office).await, ConsentState::Granted);
}
