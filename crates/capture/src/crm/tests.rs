use expect_test::{Expect, expect};

use super::*;

fn amsterdam() -> Calendar {
    Calendar::of("Europe/Amsterdam").unwrap()
}

#[test]
fn accounts_and_contacts_keep_what_they_say() {
    let calendar = amsterdam();
    let text = "ID,name,domains,industry,owner,primary_contact,Region,empty\na1,Contoso,contoso.com;@Fabrikam.com;a..b,energy,Jo <jo@us.example>,c1,EU,\n";
    let row = accounts(text.as_bytes(), &calendar).unwrap().next().unwrap().unwrap();
    assert_eq!(row.value.domains, [Domain::parse("contoso.com").unwrap(), Domain::parse("fabrikam.com").unwrap()]);
    assert_eq!(row.value.owner, Address::parse("jo@us.example").ok());
    assert_eq!(row.value.custom, BTreeMap::from([("Region".to_owned(), "EU".to_owned())]));
    assert_eq!(row.notes[0].to_string(), "line 2: column `domains`: `a..b`: the part after `@` is no domain: left out");

    let text =
        "id,name,email,emails,account,title,owner\nc1,Lee,lee@x.example,b@x.example;b@x.example;nobody,a1,CEO,jo@us.example\n";
    let row = contacts(text.as_bytes(), &calendar).unwrap().next().unwrap().unwrap();
    assert_eq!((row.value.emails.len(), row.value.title.as_deref(), row.notes.len()), (1, Some("CEO"), 1));
}

#[test]
fn opportunities_have_dates_amounts_and_people() {
    let calendar = amsterdam();
    let text = "id,topic,account,contact,stakeholders,owner,team,status,estimated_close,estimated_revenue,currency,created_at,closed_at\n\
                o1,Deal,a1,c1,c2;contact:c3;lead:l1;d@x.example,jo@us.example,jo@us.example;lee@us.example,Won,2026-03-01,12500.50,eur,2026-01-01T00:00:00Z,soon\n\
                o2,,,,,,,,,1e9,,,\no3,,,,,,,maybe,,,,,\n,,,,,,,,,,,,\n";
    let rows: Vec<_> = opportunities(text.as_bytes(), &calendar).unwrap().collect();
    let first = rows[0].as_ref().unwrap();
    let who: Vec<_> = first.value.stakeholders.iter().map(|who| who.key().into_owned()).collect();
    assert_eq!(who, ["contact:c2", "contact:c3", "lead:l1", "d@x.example"]);
    assert_eq!(first.value.estimated_close.unwrap().to_rfc3339(), "2026-02-28T23:00:00Z", "a date is local midnight");
    assert_eq!(
        (first.value.status, first.value.estimated_revenue, first.value.team.len()),
        (OpportunityStatus::Won, Some(12_500.5), 2)
    );
    assert_eq!(first.value.currency.as_deref(), Some("EUR"));
    let mut told: Vec<_> = first.notes.iter().chain(&rows[1].as_ref().unwrap().notes).map(ToString::to_string).collect();
    told.extend(rows[2..].iter().map(|row| row.as_ref().unwrap_err().to_string()));
    expect![[r#"
        [
            "line 2: column `closed_at`: `soon`: neither a date such as 2026-03-01 nor a moment such as 2026-03-01T09:30:00Z: left out",
            "line 3: column `estimated_revenue`: `1e9`: no amount: write digits and a decimal point, e.g. 12500.50: left out",
            "line 4: column `status`: `maybe` is none of open, won, lost",
            "line 5: column `id` is empty",
        ]
    "#]]
    .assert_debug_eq(&told);
}

#[test]
fn leads_and_users() {
    let calendar = amsterdam();
    let text = "id,topic,name,email,company,status,owner,stakeholders,created_at\nl1,Ask,Lee,lee@x.example,X,,jo@us.example,,2026-01-01\n";
    let lead = leads(text.as_bytes(), &calendar).unwrap().next().unwrap().unwrap().value;
    assert_eq!((lead.status, lead.email), (LeadStatus::Active, Address::parse("lee@x.example").ok()));

    let text = "email,name,title,licence,roles,groups,manager,aliases,left_at,business_unit,teams\nJo@us.example,Jo,Seller,Premium,Salesperson;Manager,East,boss@us.example,j@us.example,2026-02-01,/Sales/North/,Tender;Fairs\nnobody,,,,,,,,,,\n";
    let rows: Vec<_> = users(text.as_bytes(), &calendar).unwrap().collect();
    let user = &rows[0].as_ref().unwrap().value;
    assert_eq!((user.email.as_str(), user.licence.as_deref(), user.roles.len()), ("jo@us.example", Some("premium"), 2));
    assert_eq!((user.business_unit.as_deref(), user.teams.len()), (Some("Sales/North"), 2));
    assert_eq!((user.aliases.len(), user.left_at.map(Moment::to_rfc3339).as_deref()), (1, Some("2026-01-31T23:00:00Z")));
    assert_eq!(
        rows[1].as_ref().unwrap_err().to_string(),
        "line 3: column `email`: `nobody`: the address needs a part before and after `@`"
    );
}

#[test]
fn a_file_without_its_key_is_refused() {
    let calendar = amsterdam();
    let check = |problem: Option<Problem>, expected: &Expect| expected.assert_eq(&problem.unwrap().to_string());
    check(accounts(&b"name\nx\n"[..], &calendar).err(), &expect!["line 1: column `id` is missing"]);
    check(users(&b"name\nx\n"[..], &calendar).err(), &expect!["line 1: column `email` is missing"]);
    check(leads(&b""[..], &calendar).err(), &expect!["line 1: the file is empty: expected a header with `id`"]);
}
