//! History, changes and calendars are read exactly.

use std::sync::atomic::Ordering;

use rapport_connect::mailbox::{Ask, Content};
use rapport_testkit::fake_graph::{Folder, event, message, series};
use serde_json::json;

use super::help::{
    JO, NOW, begin, calendar, changes, fake, graph, history, ids, json, mail, open, settings, window, with_clock, year,
};

#[tokio::test]
async fn history_is_read_once_and_newest_first() {
    let fake = fake().await;
    fake.change(|world| world.fill(JO, 7, 300));
    let mut session = open(&graph(&fake), JO);
    let all = history(&mut session, &mail("messages"), year(), || {}).await;
    let received: Vec<String> = all.iter().map(|item| json(item)["receivedDateTime"].as_str().unwrap().to_owned()).collect();
    assert!(received.is_sorted_by(|earlier, later| earlier >= later));
    let mut expected: Vec<String> = (0..300).map(|number| format!("M7-{number}=")).collect();
    expected.sort_unstable();
    assert_eq!(ids(&all), expected);
    let told = json(&all[0]);
    assert!(
        told.get("body").is_none() && told.get("bodyPreview").is_none() && told["internetMessageHeaders"].is_array(),
        "{told}"
    );
    assert!(fake.log().iter().all(|asked| !asked.target.contains("body")), "no body is ever asked for");
}

#[tokio::test]
async fn windows_share_no_message_and_leave_none_out() {
    let fake = fake().await;
    let edges = ["2026-01-31T23:59:59.9Z", "2026-02-01T00:00:00Z", "2026-02-01T00:00:00.1Z"];
    fake.change(|world| {
        for edge in edges {
            world.deliver(JO, "F-inbox=", message(edge, edge, "carla@acme.example", JO, "Edge"));
        }
    });
    let mut session = open(&graph(&fake), JO);
    let february = history(&mut session, &mail("messages"), window("2026-02-01T00:00:00Z", NOW), || {}).await;
    let january = history(&mut session, &mail("messages"), window("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"), || {}).await;
    assert_eq!((ids(&january), ids(&february)), (vec![edges[0]], vec![edges[2], edges[1]]));
}

#[tokio::test]
async fn what_is_deleted_or_moved_while_history_is_read_takes_nothing_with_it() {
    for stream in ["F-inbox=", "messages"] {
        let fake = fake().await;
        let at = |number: u32| format!("2026-02-{:02}T10:{:02}:00.4Z", 1 + number / 10, number % 10);
        fake.change(|world| {
            for number in 0..60 {
                world.deliver(JO, "F-inbox=", message(&format!("M{number:02}"), &at(number), "carla@acme.example", JO, "Quote"));
            }
        });
        let mut newest = 60;
        let mut session = open(&graph(&fake), JO);
        let items = history(&mut session, &mail(stream), year(), || {
            // Two that were told already: what came after them moves up.
            for number in [newest - 1, newest - 2] {
                fake.change(|world| match number % 2 {
                    0 => world.delete_message(JO, &format!("M{number:02}")),
                    _ => world.move_message(JO, &format!("M{number:02}"), "F-archive="),
                });
            }
            newest -= 2;
        })
        .await;
        let expected: Vec<String> = (0..60).map(|number| format!("M{number:02}")).collect();
        assert_eq!(ids(&items), expected, "{stream}");
    }
}

#[tokio::test]
async fn what_is_filed_away_while_history_is_read_is_read_all_the_same() {
    let fake = fake().await;
    fake.change(|world| {
        for number in 0..40 {
            let at = format!("2025-07-01T10:{number:02}:00Z");
            world.deliver(JO, "F-inbox=", message(&format!("M{number:02}"), &at, "carla@acme.example", JO, "Quote"));
        }
        world.deliver(JO, "F-junkemail=", message("junk", "2025-07-01T10:00:00Z", "x@junk.example", JO, "Win"));
    });
    let mut session = open(&graph(&fake), JO);
    let (mut next, mut made) = (0, false);
    let items = history(&mut session, &mail("messages"), year(), || {
        fake.change(|world| {
            if !made {
                let folder = Folder { parent: "F-inbox=".to_owned(), ..Folder::default() };
                world.mailboxes.get_mut(JO).unwrap().folders.insert("customers".to_owned(), folder);
                made = true;
            }
            for _ in 0..5 {
                world.move_message(JO, &format!("M{next:02}"), "customers");
                next += 1;
            }
        });
    })
    .await;
    let expected: Vec<String> = (0..40).map(|number| format!("M{number:02}")).collect();
    assert_eq!(ids(&items), expected, "junk is none, a folder made meanwhile is one");
    let looks = fake.log().iter().filter(|asked| asked.target.contains("/mailFolders/delta")).count();
    assert_eq!(looks, 2, "folders are looked for when one is not known");
}

#[tokio::test]
async fn a_folder_alone_has_a_month_and_the_mailbox_tells_of_no_changes() {
    let fake = fake().await;
    fake.change(|world| world.fill(JO, 2, 100));
    let mut session = open(&graph(&fake), JO);
    let month = history(&mut session, &mail("F-inbox="), year(), || {}).await;
    let is_recent =
        |item: &rapport_connect::mailbox::Item| json(item)["receivedDateTime"].as_str().unwrap() >= "2026-01-29T00:00:00Z";
    assert!(month.iter().all(is_recent));
    let requests = fake.log().len();
    let older = history(&mut session, &mail("F-inbox="), window("2025-03-01T00:00:00Z", "2026-01-01T00:00:00Z"), || {}).await;
    let (told, cursor) = begin(&mut session, &mail("messages"), year()).await;
    let (more, _) = changes(&mut session, &mail("messages"), &cursor, year()).await.unwrap();
    assert_eq!((older.len(), told.len(), more.len(), fake.log().len()), (0, 0, 0, requests), "nothing is asked for that");
}

#[tokio::test]
async fn a_second_may_have_more_messages_than_a_page() {
    let fake = fake().await;
    fake.change(|world| {
        for number in 0..47 {
            let at = format!("2026-02-01T10:00:00.{number:03}Z");
            world.deliver(JO, "F-inbox=", message(&format!("M{number:02}"), &at, "carla@acme.example", JO, "Quote"));
        }
        world.deliver(JO, "F-inbox=", message("earlier", "2026-01-01T10:00:00Z", "carla@acme.example", JO, "Quote"));
    });
    let items = history(&mut open(&graph(&fake), JO), &mail("messages"), year(), || {}).await;
    assert_eq!(items.len(), 48);
}

#[tokio::test]
async fn what_arrives_is_told_and_what_was_there_is_not() {
    let fake = fake().await;
    let inbox = mail("F-inbox=");
    fake.change(|world| world.fill(JO, 1, 30));
    let mut session = open(&graph(&fake), JO);
    let (told, first) = begin(&mut session, &inbox, year()).await;
    assert_eq!(ids(&told), Vec::<&str>::new());
    fake.change(|world| {
        for number in 0..25 {
            let at = format!("2026-03-01T00:00:{number:02}Z");
            world.deliver(JO, "F-inbox=", message(&format!("N{number:02}"), &at, "carla@acme.example", JO, "New"));
        }
        world.delete_message(JO, "N03");
        world.move_message(JO, "N04", "F-archive=");
    });
    let (told, second) = changes(&mut session, &inbox, &first, year()).await.unwrap();
    let expected: Vec<String> = (0..25).filter(|number| ![3, 4].contains(number)).map(|number| format!("N{number:02}")).collect();
    assert_eq!(ids(&told), expected);
    let (again, _) = changes(&mut session, &inbox, &first, year()).await.unwrap();
    assert_eq!(again, told, "asking again is harmless");
    let (nothing, _) = changes(&mut session, &inbox, &second, year()).await.unwrap();
    assert_eq!(nothing, []);
}

#[tokio::test]
async fn a_message_that_is_moved_arrives_where_it_goes() {
    let fake = fake().await;
    let mut session = open(&graph(&fake), JO);
    let (_, inbox) = begin(&mut session, &mail("F-inbox="), year()).await;
    let (_, archive) = begin(&mut session, &mail("F-archive="), year()).await;
    fake.change(|world| world.deliver(JO, "F-inbox=", message("N", "2026-03-01T00:01:00Z", "carla@acme.example", JO, "New")));
    let (told, inbox) = changes(&mut session, &mail("F-inbox="), &inbox, year()).await.unwrap();
    fake.change(|world| world.move_message(JO, "N", "F-archive="));
    let (left, _) = changes(&mut session, &mail("F-inbox="), &inbox, year()).await.unwrap();
    let (came, _) = changes(&mut session, &mail("F-archive="), &archive, year()).await.unwrap();
    assert_eq!((ids(&told), ids(&left), ids(&came)), (vec!["N"], vec![], vec!["N"]), "its id stays");
}

#[tokio::test]
async fn a_state_is_renewed_before_it_tells_nothing_more() {
    let fake = fake().await;
    fake.change(|world| world.page_items = 0);
    let inbox = mail("F-inbox=");
    let (graph, now) = with_clock(settings(&fake));
    let mut session = open(&graph, JO);
    let (_, mut cursor) = begin(&mut session, &inbox, year()).await;
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..6 {
        fake.change(|world| {
            for number in 0..1_000 {
                let at = format!("2026-03-01T{:02}:00:{:02}Z", 2 * round, number / 20);
                world.deliver(JO, "F-inbox=", message(&format!("N{round}-{number}"), &at, "carla@acme.example", JO, "New"));
            }
        });
        now.fetch_add(2 * 3_600_000_000, Ordering::SeqCst);
        let (told, next) = changes(&mut session, &inbox, &cursor, year()).await.unwrap();
        seen.extend(told.into_iter().map(|item| item.id));
        cursor = next;
    }
    assert_eq!(seen.len(), 6_000);
    let states = fake.log().iter().filter(|asked| asked.target.contains("changeType=created")).count();
    assert_eq!(states, 2, "a new state after 3,000 messages");
    fake.change(|world| {
        for number in 0..5_000 {
            world.deliver(
                JO,
                "F-inbox=",
                message(&format!("O{number}"), "2026-03-01T13:00:00Z", "carla@acme.example", JO, "New"),
            );
        }
    });
    assert!(changes(&mut session, &inbox, &cursor, year()).await.unwrap_err().is_expired());
}

#[tokio::test]
async fn folders_without_mail_of_anybody_are_no_streams() {
    let fake = fake().await;
    fake.change(|world| {
        let mailbox = world.mailboxes.get_mut(JO).unwrap();
        let folder = |parent: &str| Folder { parent: parent.to_owned(), ..Folder::default() };
        for (id, folder) in [
            ("A-deleted", folder("Z-deleted")),
            ("Z-deleted", folder("F-deleteditems=")),
            ("customers", folder("F-inbox=")),
            ("found", Folder { is_search: true, ..folder("root") }),
            ("hidden", Folder { is_hidden: true, ..folder("root") }),
        ] {
            mailbox.folders.insert(id.to_owned(), folder);
        }
        mailbox.calendars.push(("own".to_owned(), "JO@us.example".to_owned()));
        mailbox.calendars.push(("of a colleague".to_owned(), "lee@us.example".to_owned()));
    });
    let streams = open(&graph(&fake), JO).streams().await.unwrap();
    let ids: Vec<&str> = streams.iter().map(|stream| stream.id.as_str()).collect();
    assert_eq!(ids, ["F-archive=", "F-inbox=", "F-sentitems=", "calendar", "customers", "messages", "own"]);
}

fn quarter() -> rapport_connect::mailbox::Window {
    window("2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z")
}

#[tokio::test]
async fn a_calendar_tells_of_every_occurrence_by_itself() {
    let fake = fake().await;
    let starts = ["2026-01-05T09:00:00", "2026-01-12T09:00:00", "2026-05-05T09:00:00"];
    fake.change(|world| {
        world.put_event(JO, "calendar", event("E1", "2026-02-02T10:00:00", "2026-02-02T11:00:00", "carla@acme.example"));
        for one in series("S", &starts, "dan@acme.example") {
            world.put_event(JO, "calendar", one);
        }
    });
    for page_items in [0, 1] {
        fake.change(|world| world.page_items = page_items);
        let before = fake.log().len();
        let (told, _) = begin(&mut open(&graph(&fake), JO), &calendar(), quarter()).await;
        assert_eq!(ids(&told), ["E1", "S-0", "S-1"], "the series itself is no meeting");
        let second = json(told.iter().find(|item| item.id == "S-1").unwrap());
        assert_eq!((&second["subject"], &second["iCalUId"]), (&json!("Meeting S"), &json!("uid-S")));
        assert_eq!(second["attendees"][0]["emailAddress"]["address"], "dan@acme.example");
        assert_eq!((&second["start"]["dateTime"], &second["type"]), (&json!(starts[1]), &json!("occurrence")));
        assert!(told.iter().all(|item| json(item).get("body").is_none()), "bodies go no further");
        let asked = fake.log()[before..].iter().filter(|asked| asked.target.contains("/events/")).count();
        assert_eq!(asked, page_items, "a series that comes later is asked for, once");
    }
}

#[tokio::test]
async fn a_calendar_tells_what_changed_and_what_is_gone() {
    let fake = fake().await;
    let starts = ["2026-01-05T09:00:00", "2026-01-12T09:00:00"];
    let single = |id: &str, start: &str| event(id, start, start, "carla@acme.example");
    fake.change(|world| {
        world.put_event(JO, "calendar", single("E1", "2026-02-02T10:00:00"));
        world.put_event(JO, "calendar", single("E2", "2026-02-03T10:00:00"));
        for one in series("S", &starts, "dan@acme.example") {
            world.put_event(JO, "calendar", one);
        }
    });
    let graph = graph(&fake);
    let (_, cursor) = begin(&mut open(&graph, JO), &calendar(), quarter()).await;
    fake.change(|world| {
        world.delete_event(JO, "E1");
        world.put_event(JO, "calendar", single("E2", "2026-02-03T12:00:00"));
        let occurrence = series("S", &starts, "eve@acme.example").remove(1);
        world.put_event(JO, "calendar", occurrence);
    });
    // Another session: it has not met the series.
    let mut session = open(&graph, JO);
    let (told, cursor) = changes(&mut session, &calendar(), &cursor, quarter()).await.unwrap();
    assert_eq!(ids(&told), ["E1", "E2", "S-1"]);
    assert_eq!(told.iter().find(|item| item.id == "E1").unwrap().content, Content::Gone);
    assert_eq!(json(told.iter().find(|item| item.id == "E2").unwrap())["start"]["dateTime"], "2026-02-03T12:00:00");
    // A series that is gone takes its occurrence with it.
    fake.change(|world| {
        world.put_event(JO, "calendar", series("S", &starts, "eve@acme.example").remove(1));
        world.delete_event(JO, "S");
    });
    let (told, _) = changes(&mut session, &calendar(), &cursor, quarter()).await.unwrap();
    assert!(told.iter().all(|item| item.content == Content::Gone), "{told:?}");
}

#[tokio::test]
async fn a_window_slides_for_a_month_before_it_is_listed_anew() {
    let fake = fake().await;
    let mut session = open(&graph(&fake), JO);
    let (_, cursor) = begin(&mut session, &calendar(), quarter()).await;
    let near = window("2026-01-30T00:00:00Z", "2026-05-01T00:00:00Z");
    let far = window("2026-01-31T00:00:00Z", "2026-05-01T00:00:01Z");
    let (_, cursor) = changes(&mut session, &calendar(), &cursor, near).await.unwrap();
    let requests = fake.log().len();
    assert!(changes(&mut session, &calendar(), &cursor, far).await.unwrap_err().is_expired());
    assert_eq!(fake.log().len(), requests, "nothing is asked for that");
}

#[tokio::test]
async fn untidy_pages_lose_nothing() {
    let fake = fake().await;
    let inbox = mail("F-inbox=");
    let mut session = open(&graph(&fake), JO);
    fake.be_untidy();
    let (_, cursor) = begin(&mut session, &inbox, year()).await;
    fake.change(|world| {
        for number in 0..35 {
            let at = format!("2026-03-01T00:00:{number:02}Z");
            world.deliver(JO, "F-inbox=", message(&format!("N{number:02}"), &at, "carla@acme.example", JO, "New"));
        }
    });
    let (told, _) = changes(&mut session, &inbox, &cursor, year()).await.unwrap();
    let mut ids = ids(&told);
    assert!(ids.len() > 35, "items come twice");
    ids.dedup();
    assert_eq!(ids.len(), 35);
}

#[tokio::test]
async fn a_calendar_has_no_history_but_its_beginning() {
    let fake = fake().await;
    let page = open(&graph(&fake), JO).page(&calendar(), &Ask::History(year(), None)).await.unwrap();
    assert!(page.is_last && page.items.is_empty() && fake.log().is_empty());
}
