//! History, changes and calendars are read exactly, and nothing is asked for that is not kept.

use rapport_connect::mailbox::{Content, StreamKind};
use rapport_testkit::fake_ews::{ACCOUNT, Folder, Message, PASSWORD, event, message, series};
use serde_json::json;

use super::help::{
    JO, LEE, NOW, begin, calendar, changes, fake, history, json, key, keys, mail, moment, open, open_as, window, year,
};

#[tokio::test]
async fn history_is_read_once_and_newest_first() {
    let fake = fake().await;
    fake.change(|world| world.fill(JO, 7, 300));
    let mut session = open(&fake, JO);
    let mut all = Vec::new();
    for folder in ["F-inbox=", "F-sentitems=", "F-archive="] {
        let items = history(&mut session, &mail(folder), year(), || {}).await;
        let received: Vec<String> = items.iter().map(|item| json(item)["receivedDateTime"].to_string()).collect();
        assert!(received.is_sorted_by(|earlier, later| earlier >= later), "{folder}");
        all.extend(items);
    }
    let mut expected: Vec<String> = (0..300).map(|number| format!("M7-{number}")).collect();
    expected.sort_unstable();
    assert_eq!(keys(&all), expected);
}

#[tokio::test]
async fn nothing_is_asked_for_that_is_not_kept() {
    let fake = fake().await;
    fake.change(|world| {
        world.deliver(JO, "F-inbox=", message("M", "2026-02-01T10:00:00Z", "carla@acme.example", JO, "Quote"));
        world.put_event(JO, "calendar=", event("E", "2026-02-02T10:00:00Z", "2026-02-02T11:00:00Z", "carla@acme.example"));
    });
    let mut session = open(&fake, JO);
    session.streams().await.unwrap();
    let mail = history(&mut session, &mail("F-inbox="), year(), || {}).await;
    begin(&mut session, &calendar(), year()).await;
    let told = json(&mail[0]);
    assert_eq!(told["internetMessageHeaders"], json!([{"name": "List-Id", "value": "never mind"}]), "those that are read alone");
    assert_eq!((&told["subject"], &told["internetMessageId"]), (&json!("Quote"), &json!("<M@acme.example>")));
    let asked = fake.log();
    assert!(asked.iter().all(|asked| asked.status == 200 && asked.mailbox.as_deref() == Some(JO)));
    for never in ["Body", "Mime", "Attachment", "Preview", "AllProperties", "Bcc"] {
        let names = |body: &str| body.replace("s:Body>", "").contains(never);
        assert!(!asked.iter().any(|asked| names(&asked.body)), "{never}");
    }
}

#[tokio::test]
async fn windows_share_no_message_and_leave_none_out() {
    let fake = fake().await;
    let edges = [("A", "2026-01-31T23:59:59.9Z"), ("B", "2026-02-01T00:00:00Z"), ("C", "2026-02-01T00:00:00.1Z")];
    fake.change(|world| {
        for (key, edge) in edges {
            world.deliver(JO, "F-inbox=", message(key, edge, "carla@acme.example", JO, "Edge"));
        }
    });
    let mut session = open(&fake, JO);
    let february = history(&mut session, &mail("F-inbox="), window("2026-02-01T00:00:00Z", NOW), || {}).await;
    let january = history(&mut session, &mail("F-inbox="), window("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"), || {}).await;
    assert_eq!((keys(&january), keys(&february)), (vec!["A"], vec!["B", "C"]));
}

#[tokio::test]
async fn what_is_deleted_or_moved_while_history_is_read_takes_nothing_with_it() {
    let fake = fake().await;
    let at = |number: u32| format!("2026-02-{:02}T10:{:02}:00.4Z", 1 + number / 10, number % 10);
    fake.change(|world| {
        for number in 0..60 {
            world.deliver(JO, "F-inbox=", message(&format!("M{number:02}"), &at(number), "carla@acme.example", JO, "Quote"));
        }
    });
    let mut newest = 60;
    let mut session = open(&fake, JO);
    let items = history(&mut session, &mail("F-inbox="), year(), || {
        // Two that were told already: what came after them moves up.
        for number in [newest - 1, newest - 2] {
            fake.change(|world| match number % 2 {
                0 => world.delete(JO, &format!("M{number:02}")),
                _ => world.move_message(JO, &format!("M{number:02}"), "F-archive="),
            });
        }
        newest -= 2;
    })
    .await;
    let expected: Vec<String> = (0..60).map(|number| format!("M{number:02}")).collect();
    assert_eq!(keys(&items), expected);
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
    let items = history(&mut open(&fake, JO), &mail("F-inbox="), year(), || {}).await;
    let mut found = keys(&items);
    found.dedup();
    assert_eq!(found.len(), 48);
}

#[tokio::test]
async fn what_arrives_is_told_and_what_was_there_is_not() {
    let fake = fake().await;
    let inbox = mail("F-inbox=");
    fake.change(|world| {
        world.fill(JO, 1, 90);
        world.deliver(JO, "F-inbox=", message("late", "2026-02-28T23:30:00Z", "carla@acme.example", JO, "Late"));
    });
    let mut session = open(&fake, JO);
    let (told, first) = begin(&mut session, &inbox, year()).await;
    assert_eq!(keys(&told), ["late"], "what was received just before may show up late");
    fake.change(|world| {
        for number in 0..25 {
            let at = format!("2026-03-01T00:00:{number:02}Z");
            world.deliver(JO, "F-inbox=", message(&format!("N{number:02}"), &at, "carla@acme.example", JO, "New"));
        }
        world.delete(JO, "N03");
        world.move_message(JO, "N04", "F-archive=");
        world.touch(JO, "late");
    });
    let (told, second) = changes(&mut session, &inbox, &first, year()).await.unwrap();
    let expected: Vec<String> = (0..25).filter(|number| ![3, 4].contains(number)).map(|number| format!("N{number:02}")).collect();
    assert_eq!(keys(&told), expected, "a message that somebody reads is no news");
    let (again, _) = changes(&mut session, &inbox, &first, year()).await.unwrap();
    assert_eq!(again, told, "asking again is harmless");
    let (nothing, _) = changes(&mut session, &inbox, &second, year()).await.unwrap();
    assert_eq!(nothing, []);
}

#[tokio::test]
async fn a_message_that_is_moved_arrives_where_it_goes_unless_it_is_older_than_history() {
    let fake = fake().await;
    fake.change(|world| {
        world.deliver(JO, "F-inbox=", message("old", "2025-06-01T00:00:00Z", "carla@acme.example", JO, "Old"));
        world.deliver(JO, "F-inbox=", message("ancient", "2020-06-01T00:00:00Z", "carla@acme.example", JO, "Ancient"));
    });
    let mut session = open(&fake, JO);
    let (_, archive) = begin(&mut session, &mail("F-archive="), year()).await;
    fake.change(|world| {
        world.move_message(JO, "old", "F-archive=");
        world.move_message(JO, "ancient", "F-archive=");
    });
    let (came, _) = changes(&mut session, &mail("F-archive="), &archive, year()).await.unwrap();
    assert_eq!(keys(&came), ["old"]);
}

#[tokio::test]
async fn answers_to_invitations_are_told_apart_and_posts_are_no_mail() {
    let fake = fake().await;
    let of = |key: &str, element: &'static str| Message {
        element,
        ..message(key, "2026-02-01T10:00:00Z", "carla@acme.example", JO, "Quote")
    };
    fake.change(|world| {
        for one in [of("request", "MeetingRequest"), of("response", "MeetingResponse"), of("post", "PostItem")] {
            world.deliver(JO, "F-inbox=", one);
        }
        world.deliver(JO, "F-inbox=", message("odd", "2026-02-01T11:00:00Z", "carla@acme.example", JO, "a\u{1}b"));
    });
    let items = history(&mut open(&fake, JO), &mail("F-inbox="), year(), || {}).await;
    assert_eq!(keys(&items), ["odd", "request", "response"]);
    let of = |name: &str| json(items.iter().find(|item| key(&item.id) == name).unwrap());
    assert_eq!(of("response")["@odata.type"], "#microsoft.graph.eventMessageResponse");
    assert_eq!((&of("request")["@odata.type"], &of("odd")["subject"]), (&json!(null), &json!("a\u{FFFD}b")));
}

#[tokio::test]
async fn folders_without_mail_of_anybody_are_no_streams() {
    let fake = fake().await;
    let folder = |parent: &str| Folder { parent: parent.to_owned(), ..Folder::default() };
    let calendar = |parent: &str| Folder { element: "CalendarFolder", class: "IPF.Appointment", ..folder(parent) };
    fake.change(|world| {
        let mailbox = world.mailboxes.get_mut(JO).unwrap();
        for (id, folder) in [
            ("A-deleted=", folder("Z-deleted=")),
            ("Z-deleted=", folder("F-deleteditems=")),
            ("calendar-deleted=", calendar("F-deleteditems=")),
            ("customers=", folder("F-inbox=")),
            ("found=", Folder { element: "SearchFolder", ..folder("root=") }),
            ("hidden=", Folder { is_hidden: true, ..folder("root=") }),
            ("notes=", Folder { class: "IPF.StickyNote", ..folder("root=") }),
            ("own=", calendar("calendar=")),
            ("birthdays=", Folder { class: "IPF.Appointment.Birthday", ..calendar("calendar=") }),
        ] {
            mailbox.folders.insert(id.to_owned(), folder);
        }
    });
    let mut session = open(&fake, JO);
    let streams = session.streams().await.unwrap();
    let of = |kind: StreamKind| -> Vec<String> {
        streams.iter().filter(|stream| stream.kind == kind).map(|stream| stream.id.clone()).collect()
    };
    assert_eq!(of(StreamKind::Mail), ["F-archive=", "F-inbox=", "F-sentitems=", "customers="]);
    assert_eq!(of(StreamKind::Calendar), ["calendar=", "own="]);
    let requests = fake.log().len();
    assert_eq!(session.streams().await.unwrap(), streams);
    assert_eq!(fake.log().len(), requests + 1, "only what changed is asked for");
    fake.expire_states();
    assert_eq!(session.streams().await.unwrap(), streams, "or everything, where that is not known");
}

#[tokio::test]
async fn a_mailbox_may_be_read_by_its_own_login() {
    let fake = fake().await;
    fake.change(|world| {
        world.add_mailbox(LEE);
        world.deliver(LEE, "F-inbox=", message("M", "2026-02-01T10:00:00Z", "carla@acme.example", LEE, "Quote"));
    });
    let items = history(&mut open_as(&fake, LEE, LEE, PASSWORD, false), &mail("F-inbox="), year(), || {}).await;
    assert_eq!(keys(&items), ["M"]);
    assert!(fake.log().iter().all(|asked| !asked.body.contains("Impersonation")));
    // The account has no mailbox of its own, and a user may not act for others.
    assert!(open_as(&fake, JO, ACCOUNT, PASSWORD, false).streams().await.unwrap_err().is_mailbox());
    assert!(open_as(&fake, JO, LEE, PASSWORD, true).streams().await.unwrap_err().is_mailbox());
}

fn quarter() -> rapport_connect::mailbox::Window {
    window("2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z")
}

#[tokio::test]
async fn a_calendar_tells_of_every_occurrence_by_itself() {
    let fake = fake().await;
    let starts = ["2025-12-29T09:00:00Z", "2026-01-05T09:00:00Z", "2026-01-12T09:00:00Z", "2026-05-05T09:00:00Z"];
    fake.change(|world| {
        world.put_event(JO, "calendar=", event("E1", "2026-02-02T10:00:00Z", "2026-02-02T11:00:00Z", "carla@acme.example"));
        world.put_event(JO, "calendar=", event("long", "2025-12-30T10:00:00Z", "2026-03-20T10:00:00Z", "carla@acme.example"));
        world.put_event(JO, "calendar=", series("S", &starts, "dan@acme.example"));
    });
    for page_items in [0, 2] {
        fake.change(|world| world.page_items = page_items);
        let (told, _) = begin(&mut open(&fake, JO), &calendar(), quarter()).await;
        let mut ids: Vec<&str> = told.iter().map(|item| item.id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["E1=", "S=/1", "S=/2", "long="], "each once, though the long one lies in every view");
        let second = json(told.iter().find(|item| item.id == "S=/2").unwrap());
        assert_eq!((&second["subject"], &second["uid"]), (&json!("Meeting S"), &json!("uid-S")));
        assert_eq!(second["attendees"][0]["emailAddress"]["address"], "dan@acme.example");
        assert_eq!((&second["start"]["dateTime"], &second["type"]), (&json!(starts[2]), &json!("occurrence")));
    }
}

#[tokio::test]
async fn a_calendar_of_many_meetings_is_listed_in_smaller_views() {
    let fake = fake().await;
    fake.change(|world| {
        world.page_items = 0;
        for number in 0..1_200 {
            let start = moment("2026-01-01T08:00:00Z").plus_us(number * 2 * 3_600_000_000).to_rfc3339();
            world.put_event(JO, "calendar=", event(&format!("E{number:04}"), &start, &start, "carla@acme.example"));
        }
    });
    let (told, cursor) = begin(&mut open(&fake, JO), &calendar(), window("2026-01-01T00:00:00Z", "2027-06-01T00:00:00Z")).await;
    let expected: Vec<String> = (0..1_200).map(|number| format!("E{number:04}")).collect();
    assert_eq!(keys(&told), expected);
    let views = fake.log().iter().filter(|asked| asked.operation == "FindItem").count();
    assert!(views < 40 && cursor.len() < 1_000, "{views} views");
}

#[tokio::test]
async fn a_calendar_tells_what_changed_and_what_is_gone() {
    let fake = fake().await;
    let single = |key: &str, start: &str| event(key, start, start, "carla@acme.example");
    fake.change(|world| {
        world.put_event(JO, "calendar=", single("E1", "2026-02-02T10:00:00Z"));
        world.put_event(JO, "calendar=", single("E2", "2026-02-03T10:00:00Z"));
    });
    let mut session = open(&fake, JO);
    let (_, cursor) = begin(&mut session, &calendar(), quarter()).await;
    fake.change(|world| {
        world.delete(JO, "E1");
        world.put_event(JO, "calendar=", single("E2", "2026-02-03T12:00:00Z"));
        world.put_event(JO, "calendar=", single("E3", "2026-02-04T12:00:00Z"));
    });
    let (told, cursor) = changes(&mut session, &calendar(), &cursor, quarter()).await.unwrap();
    assert_eq!(keys(&told), ["E1", "E2", "E3"]);
    assert_eq!(told.iter().find(|item| item.id == "E1=").unwrap().content, Content::Gone);
    assert_eq!(json(told.iter().find(|item| item.id == "E2=").unwrap())["start"]["dateTime"], "2026-02-03T12:00:00Z");
    let (told, _) = changes(&mut session, &calendar(), &cursor, quarter()).await.unwrap();
    assert_eq!(told, []);
}

#[tokio::test]
async fn a_series_that_changes_or_goes_makes_a_calendar_be_listed_anew_after_a_while() {
    let starts = ["2026-01-05T09:00:00Z", "2026-01-12T09:00:00Z"];
    let soon = window("2026-01-01T00:00:00Z", "2026-04-01T01:59:59Z");
    let later = window("2026-01-01T00:00:00Z", "2026-04-01T02:00:00Z");
    for is_deleted in [true, false] {
        let fake = fake().await;
        fake.change(|world| world.put_event(JO, "calendar=", series("S", &starts, "dan@acme.example")));
        let mut session = open(&fake, JO);
        let (_, cursor) = begin(&mut session, &calendar(), quarter()).await;
        let (nothing, cursor) = changes(&mut session, &calendar(), &cursor, later).await.unwrap();
        fake.change(|world| {
            if is_deleted {
                world.delete(JO, "S");
            } else {
                world.put_event(JO, "calendar=", series("S", &starts[..1], "dan@acme.example"));
            }
        });
        let (told, cursor) = changes(&mut session, &calendar(), &cursor, soon).await.unwrap();
        assert_eq!((nothing, told), (vec![], vec![]), "what is told of a series is no meeting");
        let (told, cursor) = changes(&mut session, &calendar(), &cursor, soon).await.unwrap();
        assert_eq!(told, [], "it is remembered");
        assert!(changes(&mut session, &calendar(), &cursor, later).await.unwrap_err().is_expired());
    }
}

#[tokio::test]
async fn a_window_slides_for_a_month_before_it_is_listed_anew() {
    let fake = fake().await;
    let mut session = open(&fake, JO);
    let (_, cursor) = begin(&mut session, &calendar(), quarter()).await;
    let near = window("2026-01-30T00:00:00Z", "2026-05-01T00:00:00Z");
    let far = window("2026-01-31T00:00:00Z", "2026-05-01T00:00:01Z");
    let (_, cursor) = changes(&mut session, &calendar(), &cursor, near).await.unwrap();
    let requests = fake.log().len();
    assert!(changes(&mut session, &calendar(), &cursor, far).await.unwrap_err().is_expired());
    assert_eq!(fake.log().len(), requests, "nothing is asked for that");
}
