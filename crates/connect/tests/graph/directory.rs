//! The tenant: users, itself, where it is, what it granted, which mailboxes can be read, and asking for consent.

use rapport_connect::graph::{Access, ConsentAnswer, Probe};
use rapport_testkit::fake_graph::{CLIENT_ID, TENANT};
use serde_json::json;

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
    assert!(users[0].is_enabled && users[0].licences == ["s"]);
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
    assert_eq!(
        graph.granted_roles().await.unwrap(),
        ["Calendars.ReadBasic.All", "GroupMember.Read.All", "Mail.ReadBasic.All", "User.Read.All"]
    );
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
    let closed = Probe::Closed("this mailbox is closed to us (ErrorAccessDenied)".to_owned());
    for access in [Access::Mail, Access::Calendars] {
        assert_eq!(graph.probe(JO, access).await.unwrap(), Probe::Readable);
        assert_eq!(graph.probe(LEE, access).await.unwrap(), closed);
        assert!(matches!(graph.probe("nobody@us.example", access).await.unwrap(), Probe::Closed(_)));
    }
    fake.set_roles(&["Mail.ReadBasic.All"]);
    assert_eq!(graph.probe(JO, Access::Mail).await.unwrap(), Probe::Readable);
    assert_eq!(graph.probe(JO, Access::Calendars).await.unwrap(), closed);
    // Let in without a permission in the token, and only there.
    fake.set_roles(&[]);
    fake.limit_to(&[LEE]);
    assert_eq!(graph.probe(JO, Access::Mail).await.unwrap(), closed);
    fake.limit_to(&[JO]);
    assert_eq!(graph.probe(JO, Access::Calendars).await.unwrap(), Probe::Readable);
    fake.answer_next(503, "");
    assert!(graph.probe(JO, Access::Mail).await.unwrap_err().is_transient(), "nobody knows");
}

#[tokio::test]
async fn groups_of_users_come_by_name_page_by_page() {
    let fake = fake().await;
    fake.change(|world| {
        (0..24).for_each(|number| world.add_mailbox(&format!("u{number:02}@us.example")));
        world.groups.insert("Everybody".to_owned(), world.mailboxes.keys().cloned().collect());
        for number in 0..5 {
            world.groups.insert(format!("Jo {number}"), vec![JO.to_owned()]);
        }
        world.page_items = 2;
    });
    let graph = graph(&fake);
    let ids: Vec<String> = (0..26).map(|number| format!("U{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let groups = graph.groups_of(&ids).await.unwrap();
    assert_eq!(groups[0], ["Everybody", "Jo 0", "Jo 1", "Jo 2", "Jo 3", "Jo 4"]);
    assert!(groups[1..25].iter().all(|groups| groups == &["Everybody"]) && groups[25].is_empty(), "the last one is gone");
    fake.set_roles(&["User.Read.All"]);
    assert!(graph.groups_of(&ids).await.unwrap_err().to_string().contains("GroupMember.Read.All"));
    fake.answer_next(429, "");
    assert!(graph.groups_of(&ids).await.unwrap_err().is_throttled());
}

#[tokio::test]
async fn a_user_who_is_blocked_has_no_mailbox_or_lies_elsewhere_is_told_as_such() {
    let fake = fake().await;
    fake.change(|world| {
        let told = json!({"accountEnabled": false, "mail": null, "proxyAddresses": [], "preferredDataLocation": "DEU",
            "assignedLicenses": []});
        world.people.insert(JO.to_owned(), told);
    });
    let users = graph(&fake).users(None).await.unwrap().users;
    assert!(!users[0].is_enabled && users[0].addresses.is_empty() && users[0].licences.is_empty());
    assert_eq!(users[0].data_location.as_deref(), Some("DEU"));
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
