//! Rights of people: access, erasure, merging and splitting; and derived state made anew.

use std::fs;

use expect_test::expect;

use crate::harness::{ACTIVITIES, AS_OF, CONTACTS, INTERACTIONS, Place, USERS, small_organization};

#[test]
fn a_merge_joins_two_people_and_a_split_restores_every_byte() {
    let place = small_organization();
    let before = place.everything(AS_OF);
    let text = place.run(&["contact", "con-2", "--as-of", AS_OF]);
    expect![[r"
        exit 0
        --- stdout
        merged; `rapport people split 1` takes it back
    "]]
    .assert_eq(&place.show(&["people", "merge", "dan@acme.example", "eve@elm.example"]));
    assert_ne!(place.everything(AS_OF), before);
    expect![[r#"
        exit 1
        --- stderr
        error: `dan@acme.example` and `eve@elm.example` are one person already
        hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
    "#]]
    .assert_eq(&place.show(&["people", "merge", "dan@acme.example", "eve@elm.example"]));
    expect![[r"
        exit 0
        --- stdout
        merge  kept              merged           state
        -----------------------------------------------
        1      dan@acme.example  eve@elm.example  holds
    "]]
    .assert_eq(&place.show(&["people", "merges"]));
    expect![[r"
        exit 0
        --- stdout
        took merge 1 back
    "]]
    .assert_eq(&place.show(&["people", "split", "1"]));
    assert_eq!(place.everything(AS_OF), before);
    assert_eq!(place.run(&["contact", "con-2", "--as-of", AS_OF]), text);
    expect![[r#"
        exit 1
        --- stderr
        error: there is no merge `1` that still holds
        hint: check the name for typing errors, and that --data and --org say which store and organization you mean
    "#]]
    .assert_eq(&place.show(&["people", "split", "1"]));
    expect![[r"
        exit 0
        --- stdout
        merge  kept              merged           state
        ----------------------------------------------------
        1      dan@acme.example  eve@elm.example  taken back
    "]]
    .assert_eq(&place.show(&["people", "merges"]));
    expect![[r#"
        exit 1
        --- stderr
        error: `ann@us.example` is ours; give a user's second address as an alias in users.csv
        hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
    "#]]
    .assert_eq(&place.show(&["people", "merge", "dan@acme.example", "ann@us.example"]));
    expect![[r#"
        exit 1
        --- stderr
        error: `never@seen.example` was never seen
        hint: check the name for typing errors, and that --data and --org say which store and organization you mean
    "#]]
    .assert_eq(&place.show(&["people", "merge", "dan@acme.example", "never@seen.example"]));
}

#[test]
fn access_hands_out_all_that_is_held_on_a_person_and_nothing_of_others() {
    let place = small_organization();
    let held = place.run(&["access", "Carla.Cruz@acme.example"]).ok().json();
    let addresses: Vec<&str> = held["addresses"].as_array().unwrap().iter().map(|one| one["address"].as_str().unwrap()).collect();
    assert_eq!(addresses, ["carla.cruz@acme.example", "carla@acme.example", "contact:con-1"]);
    let records: Vec<&str> = held["records"].as_array().unwrap().iter().map(|one| one["record"].as_str().unwrap()).collect();
    assert_eq!(records, ["contacts/con-1", "leads/lead-1", "opportunities/o1"]);
    assert_eq!(held["interactions"].as_array().unwrap().len(), 7, "{held}");
    let held = place.run(&["access", "eve@elm.example"]).ok().json();
    assert_eq!(held["interactions"].as_array().unwrap().len(), 1, "{held}");
    let held = place.run(&["access", "nobody@far.example"]).ok().json();
    assert!(["addresses", "records", "interactions"].iter().all(|name| held[name].as_array().unwrap().is_empty()), "{held}");
}

/// Files of the store that hold a text, in whatever case.
fn found(place: &Place, text: &str) -> Vec<String> {
    let text = text.as_bytes();
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text));
    let files = place.store_files().into_iter().filter(|file| holds(&fs::read(file).unwrap()));
    files.map(|file| file.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn an_erased_address_occurs_in_no_file_of_the_store() {
    let place = small_organization();
    // Traces where one would not look: a merge, a failed row's problem, a snapshot, the text of a subject.
    place.run(&["settings", "set", "capture.keep_subjects", "true"]).ok();
    let rows = place.file("more.csv", "occurred_at,kind,from,to,cc,subject\n2026-02-20T09:00:00Z,email,dan@acme.example,ann@us.example,,for carla@acme.example\nno moment of carla@acme.example,email,carla@acme.example,ann@us.example,,\n");
    place.run(&["import", "interactions", &rows, "--as-of", AS_OF]).ok();
    place.run(&["people", "merge", "carla@acme.example", "dan@acme.example"]).ok();
    place.run(&["people", "split", "1"]).ok();
    let dan = |place: &Place| {
        let body = place.run(&["who-knows", "dan@acme.example", "--as-of", AS_OF, "--json"]).ok().json();
        // Not directness: what they shared with her is now one-to-one.
        ["colleague", "interactions", "activity", "mutuality", "first_at", "last_at"]
            .map(|name| body["introducers"][0][name].clone())
    };
    let dan_before = dan(&place);
    assert!(!found(&place, "carla@acme.example").is_empty(), "the search finds what is there");
    expect![[r"
        exit 0
        --- stdout
        erased: 3 addresses, 3 interactions deleted, 5 kept without them, 3 records
    "]]
    .assert_eq(&place.show(&["erase", "Carla@acme.example"]));
    for text in ["carla@acme.example", "carla.cruz@acme.example", "Carla Cruz", "contact:con-1"] {
        assert_eq!(found(&place, text), [""; 0], "{text}");
    }
    expect![[r#"
        exit 1
        --- stderr
        error: there is no contact `con-1`
        hint: check the name for typing errors, and that --data and --org say which store and organization you mean
    "#]]
    .assert_eq(&place.show(&["contact", "con-1", "--as-of", AS_OF, "--json"]));
    let held = place.run(&["access", "carla@acme.example"]).ok().json();
    assert!(["addresses", "records", "interactions"].iter().all(|name| held[name].as_array().unwrap().is_empty()), "{held}");
    // Others stay as they were, but for what they shared with her.
    assert_eq!(dan(&place), dan_before);
    place.run(&["doctor"]).ok();
    expect![[r#"
        exit 1
        --- stderr
        error: nothing is held on `carla@acme.example`
        hint: check the name for typing errors, and that --data and --org say which store and organization you mean
    "#]]
    .assert_eq(&place.show(&["erase", "carla@acme.example"]));
    expect![[r"
        exit 1
        --- stderr
        error: `ann@us.example` is ours: `erase` is for external people
        hint: an employee's data leaves with the mailbox: take the user out of users.csv, or let them opt out
    "]]
    .assert_eq(&place.show(&["erase", "ann@us.example"]));
}

#[test]
fn an_address_is_erased_from_whatever_names_it() {
    let place = Place::new();
    let users = place.file("users.csv", "email,name,notes\nann@us.example,Ann Ash,knows Carla@Acme.example well\n");
    place.file("crm/contacts.csv", CONTACTS);
    place.file(
        "crm/opportunities.csv",
        "id,topic,account,contact,stakeholders,owner,team,status\no1,Deal with Carla@Acme.example,,con-1,,ann@us.example,,open\n",
    );
    place.file("crm/activities.csv", ACTIVITIES.replace("act-1", "act-Carla@Acme.example"));
    place.run(&["import", "users", &users]).ok();
    place.run(&["import", "crm", place.path().join("crm").to_str().unwrap(), "--as-of", AS_OF]).ok();
    let rows =
        place.file("Carla@Acme.example/rows.csv", INTERACTIONS.replace("<1.carla@", "<1.CARLA@") + "no moment,email,,,,,,,,\n");
    place.run(&["import", "interactions", &rows, "--consent", "Carla@Acme.example agreed", "--as-of", AS_OF]).ok();
    place.run(&["erase", "carla@acme.example"]).ok();
    assert_eq!(found(&place, "carla@acme.example"), [""; 0]);
}

#[test]
fn objections_and_opt_outs_are_said_and_taken_back() {
    let place = small_organization();
    place.run(&["erase", "carla@acme.example"]).ok();
    let rows = place.file("again.csv", INTERACTIONS);
    let import = |place: &Place| place.run(&["import", "interactions", &rows, "--as-of", AS_OF, "--json"]).ok().json();
    let blocked = import(&place)["excluded"]["objection"].as_u64().unwrap();
    assert!(blocked > 0);
    assert_eq!(place.run(&["objection", "carla@acme.example"]).ok().stdout, "their objection was kept already\n");
    assert_eq!(
        place.run(&["objection", "carla@acme.example", "--lift"]).ok().stdout,
        "objection lifted: imports capture them again\n"
    );
    assert_eq!(place.run(&["objection", "carla@acme.example", "--lift"]).ok().stdout, "there was no objection\n");
    // Erased, nobody knows any more which addresses were one person's: each is lifted by itself.
    place.run(&["objection", "carla.cruz@acme.example", "--lift"]).ok();
    assert!(import(&place)["excluded"].get("objection").is_none());
    place.run(&["erase", "carla@acme.example", "--no-objection"]).ok();
    assert!(import(&place)["excluded"].get("objection").is_none());
    assert_eq!(
        place.run(&["opt-out", "ann@us.example"]).ok().stdout,
        "opted out: their mailbox data is deleted, they appear in no tie\n"
    );
    assert_eq!(place.run(&["opt-out", "ann@us.example"]).ok().stdout, "opted out already\n");
    let missing = place.run(&["who-knows", "eve@elm.example", "--as-of", AS_OF, "--json"]).ok().json();
    let ann = missing["missing"].as_array().unwrap().iter().find(|one| one["colleague"] == "ann@us.example").unwrap();
    assert_eq!(ann["reason"], "opted_out");
    assert_eq!(place.run(&["opt-out", "ann@us.example", "--undo"]).ok().stdout, "opted in again\n");
    assert!(place.run(&["opt-out", "eve@elm.example"]).failed().stderr.contains("no user's address"));
}

#[test]
fn erasing_one_address_leaves_those_that_contain_it() {
    let place = Place::new();
    let rows = place.file(
        "rows.csv",
        "occurred_at,kind,from,to,cc,message_id\n\
         2026-02-01T09:00:00Z,email,ann@us.example,dan@acme.example,,a@x\n\
         2026-02-02T09:00:00Z,email,jordan@acme.example,ann@us.example,,b.jordan@acme.example\n",
    );
    place.run(&["import", "interactions", &rows, "--consent", "t", "--as-of", AS_OF]).ok();
    place.run(&["people", "merge", "jordan@acme.example", "dan@acme.example"]).ok();
    place.run(&["people", "split", "1"]).ok();
    place.run(&["erase", "dan@acme.example"]).ok();
    let exported = place.run(&["export", "interactions"]).ok().stdout;
    assert_eq!(exported.lines().count(), 2, "{exported}");
    assert!(exported.contains("jordan@acme.example,ann@us.example"), "{exported}");
}

#[test]
fn a_rebuild_leaves_every_byte_as_it_was() {
    let place = small_organization();
    // A second import, a changed CRM row and a merge: derived state has a history.
    place.file("crm/activities.csv", ACTIVITIES.replace("600", "1200"));
    place.run(&["import", "crm", place.path().join("crm").to_str().unwrap(), "--as-of", AS_OF]).ok();
    let users = place.file("users.csv", USERS.to_owned() + "cy@us.example,Cy Cole,Clerk,,,,,\n");
    place.run(&["import", "users", &users]).ok();
    let rows = place.file("more.csv", "occurred_at,kind,from,to,cc,message_id,in_reply_to\n2026-02-18T09:00:00Z,email,eve@elm.example,ann@us.example,,<5@x>,<4@x>\n2026-02-16T09:00:00Z,email,eve@elm.example,bob@us.example,,<4@x>,<0@x>\n");
    place.run(&["import", "interactions", &rows, "--as-of", AS_OF]).ok();
    let all = |place: &Place| {
        let mut texts = place.everything(AS_OF);
        for arguments in [
            &["contact", "con-1", "--json"][..],
            &["account", "acc-1", "--json"],
            &["lead", "lead-1", "--json"],
            &["opportunity", "o1", "--json"],
            &["who-knows", "acme.example", "--hops", "2", "--json"],
        ] {
            texts.push(place.run(&[arguments, &["--as-of", AS_OF]].concat()).ok().stdout.into_bytes());
        }
        texts
    };
    let before = all(&place);
    expect![[r"
        exit 0
        --- stdout
        rebuilt 9 interactions
    "]]
    .assert_eq(&place.show(&["rebuild"]));
    assert_eq!(all(&place), before);
    assert_eq!(place.run(&["rebuild", "--json"]).ok().json()["interactions"], 9);
    assert_eq!(all(&place), before);
    place.run(&["doctor"]).ok();
}
