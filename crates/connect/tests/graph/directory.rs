//! The tenant: users, itself, where it is, what it granted, which mailboxes can be read, and asking for consent.

use rapport_connect::graph::{ConsentAnswer, Probe};
use rapport_testkit::fake_graph::{CLIENT_ID, TENANT};

use super::help::{JO, LEE, fake, graph};

#[tokio::test]
async fn users_come_page_by_page() {
    let fake = fake().await;
    fake.change(|world| (0..24).for_each(|number| world.add_mailbox(&format!("u{number:02}@us.example"))));
    let graph = graph(&fake);
    let (mut users, mut next, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = graph.users(next.as_deref()).await.unwrap();
        pages += 1;
        users.extend(page.users);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!((users.len(), pages), (25, 3));
    assert_eq!(users[0].addresses, [JO]);
    assert!(users[0].is_enabled && users[0].is_licensed);
}

#[tokio::test]
async fn a_tenant_says_who_and_where_it_is() {
    let graph = graph(&fake().await);
    let organization = graph.organization().await.unwrap();
    assert_eq!((organization.id.as_str(), organization.country.as_deref()), (TENANT, Some("NL")));
    assert_eq!(organization.domains, ["us.example", "us.onmicrosoft.example"]);
    let region = graph.tenant_region().await.unwrap();
    assert_eq!((region.tenant_id.as_deref(), region.scope.as_deref(), region.sub_scope), (Some(TENANT), Some("EU"), None));
}

#[tokio::test]
async fn what_was_granted_is_read_from_a_token_of_this_moment() {
    let fake = fake().await;
    let graph = graph(&fake);
    assert_eq!(graph.granted_roles().await.unwrap(), ["Calendars.Read", "Mail.Read", "User.Read.All"]);
    assert_eq!(fake.tokens_given(), 1);
    fake.set_roles(&[]);
    assert_eq!(graph.granted_roles().await.unwrap(), Vec::<String>::new());
    fake.refuse_tokens(7_000_112);
    assert!(graph.granted_roles().await.unwrap_err().is_revoked());
}

#[tokio::test]
async fn a_probe_says_whether_a_mailbox_can_be_read() {
    let fake = fake().await;
    fake.change(|world| world.add_mailbox(LEE));
    fake.close(LEE);
    let graph = graph(&fake);
    assert_eq!(graph.probe(JO).await.unwrap(), Probe::Readable);
    let closed = Probe::Closed("this mailbox is closed to us (ErrorAccessDenied)".to_owned());
    assert_eq!(graph.probe(LEE).await.unwrap(), closed);
    assert!(matches!(graph.probe("nobody@us.example").await.unwrap(), Probe::Closed(_)));
    fake.answer_next(503, "");
    assert!(graph.probe(JO).await.unwrap_err().is_transient(), "nobody knows");
}

#[tokio::test]
async fn an_administrator_is_asked_for_what_the_registration_names() {
    let fake = fake().await;
    let url = graph(&fake).consent_url("https://rapport.us.example/consent", "s1").unwrap();
    assert!(url.starts_with(&format!("{}/{TENANT}/v2.0/adminconsent?client_id={CLIENT_ID}&", fake.login_url)), "{url}");
    assert!(url.contains("&state=s1&scope=http%3A%2F%2F127.0.0.1%3A") && url.ends_with("%2F.default"), "{url}");
    let refused = ConsentAnswer::Refused { state: Some("s1".to_owned()), error: "access_denied".to_owned() };
    assert_eq!(ConsentAnswer::parse("admin_consent=True&error=access_denied&state=s1"), refused);
}
