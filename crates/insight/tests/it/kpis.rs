//! KPIs of one record (02 §3).

use std::fmt::Write;

use expect_test::{Expect, expect};
use rapport_domain::{Kind, Table};
use rapport_insight::{
    Data, HealthFolder, HealthState, KpiFolder, KpiQuery, Kpis, Language, Reason, RecordScope, Sentence, Trend,
    summary::{Argument, summary},
};

use crate::world::{World, at, render_kpis, world, world_at};

fn check(activities: &str, expected: &Expect) {
    let mut world = world(activities);
    let kpis = world.kpis("x");
    expected.assert_eq(&render_kpis(&world, &kpis));
}

#[test]
fn spec_02_worked_example_meeting_of_three_sellers_and_two_customers() {
    let kpis = world("2026-01-05 09:00 meeting A -> B, C, x, y minutes=30").kpis("x");
    assert_eq!((kpis.time_spent_by_us_min, kpis.time_spent_by_them_min), (90.0, 30.0));
}

#[test]
fn durations_count_a_user_once_and_ours_without_a_user_as_one() {
    let spent = |activities: &str| {
        let kpis = world(activities).kpis("x");
        (kpis.time_spent_by_us_min, kpis.time_spent_by_them_min)
    };
    assert_eq!(spent("2026-01-05 09:00 meeting A -> A2, ~p, ~q, x minutes=60"), (180.0, 60.0));
    assert_eq!(spent("2026-01-05 09:00 meeting A -> x"), (0.0, 0.0), "all-day items last 0");
    assert_eq!(spent("2026-01-05 09:00 meeting A -> B regarding=1 minutes=30"), (60.0, 0.0), "none of theirs present");
    assert_eq!(spent("2026-01-05 09:00 email A -> x, y cc B"), (5.0, 2.5));
    assert_eq!(spent("2026-01-05 09:00 email x -> A, B"), (2.5, 5.0));
    assert_eq!(spent("2026-01-05 09:00 email A -> B regarding=1"), (5.0, 2.5));
    assert_eq!(spent("2026-01-05 09:00 phone_call x -> A, B minutes=7"), (7.0, 7.0));
    assert_eq!(spent("2026-01-05 09:00 task A regarding=1 minutes=9"), (9.0, 9.0));
}

#[test]
fn a_record_without_interactions_knows_why() {
    let kpis = world("").kpis("x");
    let names: Vec<_> = kpis.unavailable.iter().map(|(name, reason)| format!("{name}: {}", reason.as_str())).collect();
    expect![[r#"
        response_rate_by_them: not_enough_data
        response_rate_by_us: not_enough_data
        response_time_by_them_h: not_enough_data
        response_time_by_us_h: not_enough_data
        send_receive_ratio_by_them: not_enough_data
        send_receive_ratio_by_us: not_enough_data
        sent_share: not_enough_data"#]]
    .assert_eq(&names.join("\n"));
    assert_eq!((kpis.activity_by_day.len(), kpis.activity_by_week.len()), (60, 0));
    assert_eq!((kpis.last_interaction, kpis.next_interaction), (None, None));
}

#[test]
fn turns_are_runs_of_one_side_and_replies_are_timed_from_the_first_message() {
    check(
        "2026-01-05 09:00 email x -> A conv=1 threaded
         2026-01-05 10:00 email x -> A conv=1 threaded
         2026-01-05 13:00 email A -> x conv=1 threaded
         2026-01-05 14:00 email A -> x conv=1 threaded
         2026-01-06 13:00 email x -> A conv=1 threaded
         2026-01-06 15:00 email A -> x conv=1 threaded
         2026-02-28 15:00 email x -> B conv=2 threaded
         2026-01-07 15:00 email x -> B conv=3 threaded",
        &expect![[r#"
            emails 3/5 meetings 0/0 calls 0/0 minutes 27.5/32.5 colleagues 2 people 1
            replies 2/1 | us: mean Some(3.0) p50 Some(3.0) p90 Some(3.8) n 2 unanswered 2 rate Some(0.6666666666666666) | them: mean Some(24.0) p50 Some(24.0) p90 Some(24.0) n 1 unanswered 1 rate Some(0.5)
            last 2026-02-28T15:00:00Z email incoming
            contacted x 8 = 8 emails 0 meetings 0 calls, 2026-02-28T15:00:00Z
            contacted by A 6 = 6 emails 0 meetings 0 calls, 2026-01-06T15:00:00Z
            contacted by B 2 = 2 emails 0 meetings 0 calls, 2026-02-28T15:00:00Z
        "#]],
    );
}

#[test]
fn a_reply_at_exactly_168_hours_is_within_and_younger_turns_are_left_out() {
    let rate = |activities: &str| world(activities).kpis("x").response_rate_by_us;
    let asked = "2026-01-05 09:00 email x -> A conv=1";
    assert_eq!(rate(&format!("{asked}\n2026-01-12 09:00 email A -> x conv=1")), Some(1.0));
    assert_eq!(rate(&format!("{asked}\n2026-01-12T09:00:00.000001Z email A -> x conv=1")), Some(0.0));
    assert_eq!(rate("2026-02-22 12:00 email x -> A conv=1"), Some(0.0), "unanswered for exactly 168 hours");
    assert_eq!(rate("2026-02-22T12:00:00.000001Z email x -> A conv=1"), None, "younger");
    assert_eq!(
        rate("2026-02-28 12:00 email x -> A conv=1\n2026-02-28 13:00 email A -> x conv=1"),
        Some(1.0),
        "answered counts at any age"
    );
}

#[test]
fn percentiles_are_linear_between_closest_ranks() {
    let mut text = String::new();
    for (conversation, hours) in [(1, 1), (2, 2), (3, 4), (4, 8)] {
        writeln!(text, "2026-01-0{conversation} 01:00 email x -> A conv={conversation}").unwrap();
        writeln!(text, "2026-01-0{conversation} {:02}:00 email A -> x conv={conversation}", 1 + hours).unwrap();
    }
    let time = world(&text).kpis("x").response_time_by_us.unwrap();
    assert_eq!((time.mean_h, time.p50_h, time.n), (Some(3.75), Some(3.0), 4));
    assert!((time.p90_h.unwrap() - (4.0 + 4.0 * 0.7)).abs() < 1e-9, "rank 2.7");
}

#[test]
fn equal_moments_are_ordered_by_message_id_none_first() {
    let replies = |first: &str, second: &str| {
        let text = format!("2026-01-05 09:00 email x -> A conv=1 {first}\n2026-01-05 09:00 email A -> x conv=1 {second}");
        let kpis = world(&text).kpis("x");
        (kpis.replies_by_us, kpis.replies_by_them)
    };
    assert_eq!(replies("id=a", "id=b"), (1, 0));
    assert_eq!(replies("id=b", "id=a"), (0, 1));
    assert_eq!(replies("", "id=a"), (1, 0));
    assert_eq!(replies("id=a", ""), (0, 1));
    assert_eq!(replies("", ""), (0, 1), "by sender: a@us before x@them");
}

#[test]
fn the_subject_rule_joins_within_30_days_the_previous_mail_whatever_its_headers() {
    let by_us = |text: &str| world(text).kpis("x").replies_by_us;
    assert_eq!(by_us("2026-01-05 09:00 email x -> A subject=7\n2026-02-04 09:00 email A -> x subject=7"), 1, "30 days exactly");
    assert_eq!(by_us("2026-01-05 09:00 email x -> A subject=7\n2026-02-04T09:00:00.000001Z email A -> x subject=7"), 0);
    assert_eq!(by_us("2026-01-05 09:00 email x -> A subject=7\n2026-01-06 09:00 email A -> x subject=8"), 0);
    assert_eq!(by_us("2026-01-05 09:00 email x -> A\n2026-01-06 09:00 email A -> x"), 0, "no subject joins nothing");
    assert_eq!(by_us("2026-01-05 09:00 email x -> A subject=7 conv=1 threaded\n2026-01-06 09:00 email A -> x subject=7"), 1);
    let threaded = "2026-01-05 09:00 email x -> A subject=7\n2026-01-06 09:00 email A -> x subject=7 conv=1 threaded";
    assert_eq!(by_us(threaded), 0, "what has ids of its own does not join by subject");
}

#[test]
fn a_join_by_subject_takes_the_whole_conversation_along() {
    // The second mail has no headers but is answered (conversation 4); joining it to the first joins the answer too.
    check(
        "2026-01-05 09:00 email x -> A subject=7
         2026-01-06 09:00 email x -> A subject=7 conv=4
         2026-01-06 11:00 email A -> x subject=9 conv=4 threaded",
        &expect![[r#"
            emails 1/2 meetings 0/0 calls 0/0 minutes 10/12.5 colleagues 1 people 1
            replies 1/0 | us: mean Some(26.0) p50 Some(26.0) p90 Some(26.0) n 1 unanswered 0 rate Some(1.0) | them: mean None p50 None p90 None n 0 unanswered 1 rate Some(0.0)
            last 2026-01-06T11:00:00Z email outgoing
            contacted x 3 = 3 emails 0 meetings 0 calls, 2026-01-06T11:00:00Z
            contacted by A 3 = 3 emails 0 meetings 0 calls, 2026-01-06T11:00:00Z
        "#]],
    );
}

#[test]
fn the_subject_rule_sees_mails_before_the_window() {
    let mut world = world(
        "2025-12-20 09:00 email x -> A subject=7
         2026-01-10 09:00 email x -> A subject=7
         2026-01-12 09:00 email A -> x subject=7 conv=0",
    );
    let kpis = world.kpis_within("x", "2026-01-01T00:00:00Z", "2026-03-01T12:00:00Z");
    assert_eq!(kpis.response_time_by_us.unwrap().mean_h, Some(48.0));
    assert_eq!((kpis.counts.emails_received, kpis.replies_by_us), (1, 1));
}

#[test]
fn the_window_includes_both_ends_and_by_default_starts_with_last_year() {
    let mut world = world_at(
        "Europe/Amsterdam",
        "2026-03-01T12:00:00Z",
        "2024-12-31T22:59:59Z email A -> x
         2024-12-31T23:00:00Z email A -> x
         2026-03-01T12:00:00Z email A -> x
         2026-03-01T12:00:01Z email A -> x",
    );
    let kpis = world.kpis("x");
    assert_eq!((kpis.counts.emails_sent, kpis.window.start), (2, at("2024-12-31T23:00:00Z")));
    let kpis = world.kpis_within("x", "2024-12-31T22:59:59Z", "2024-12-31T23:00:00Z");
    assert_eq!(kpis.counts.emails_sent, 2);
    assert_eq!(kpis.last_interaction.unwrap().at, at("2026-03-01T12:00:00Z"), "last interaction ignores the window");
    let kpis = world.kpis_within("x", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    assert_eq!((kpis.counts.emails_sent, kpis.window.end), (1, world.as_of), "nothing after as_of counts");
    let kpis = world.kpis_within("x", "2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
    assert_eq!((kpis.counts.emails_sent, kpis.activity_by_week.len()), (0, 0), "an empty window");
}

#[test]
fn ratios_are_as_documented_and_null_where_the_divisor_is_0() {
    let kpis = world("-1d email A -> x\n-2d email A -> x\n-3d email x -> A").kpis("x");
    assert_eq!((kpis.send_receive_ratio_by_us, kpis.send_receive_ratio_by_them), (Some(2.0), Some(0.5)));
    assert_eq!(kpis.sent_share, Some(2.0 / 3.0));
    let kpis = world("-1d email A -> x").kpis("x");
    assert_eq!((kpis.send_receive_ratio_by_us, kpis.send_receive_ratio_by_them, kpis.sent_share), (None, Some(0.0), Some(1.0)));
    assert_eq!(kpis.unavailable.get("send_receive_ratio_by_us"), Some(&Reason::NotEnoughData));
    assert!(!kpis.unavailable.contains_key("sent_share"));
}

#[test]
fn with_crm_data_only_response_times_are_absent_and_nothing_else() {
    let mut world = world("-2d email x -> A conv=1 crm\n-1d email A -> x conv=1 crm");
    world.data = Data::Crm;
    let kpis = world.kpis("x");
    assert_eq!((kpis.response_time_by_us, kpis.response_time_by_them), (None, None));
    assert_eq!(kpis.unavailable.get("response_time_by_us_h"), Some(&Reason::NoMailboxData));
    assert_eq!((kpis.replies_by_us, kpis.response_rate_by_us), (1, Some(1.0)));
    world.data = Data::CrmAndMailbox;
    let kpis = world.kpis("x");
    assert_eq!(kpis.response_time_by_us.unwrap().n, 1);
    assert_eq!(kpis.response_time_by_them.map(|time| (time.n, time.mean_h, time.unanswered)), Some((0, None, 1)));
}

#[test]
fn last_and_next_interaction() {
    check(
        "2020-01-05 09:00 task A -> x regarding=1
         2026-03-02 09:00 meeting A -> x state=scheduled id=b
         2026-03-02 09:00 phone_call A -> x state=scheduled id=a
         2026-03-02 08:00 task A regarding=1 state=open
         2026-03-02 08:00 meeting A -> x state=cancelled
         2026-03-01 08:00 meeting A -> x state=scheduled",
        &expect![[r#"
            emails 0/0 meetings 0/0 calls 0/0 minutes 0/0 colleagues 0 people 0
            replies 0/0 | us: none, rate None | them: none, rate None
            last 2020-01-05T09:00:00Z task outgoing
            next 2026-03-02T09:00:00Z meeting outgoing
        "#]],
    );
}

#[test]
fn what_others_plan_is_not_next() {
    let mut world = world(
        "2026-02-01 09:00 email A -> x
         2026-03-02 08:00 meeting A -> y state=scheduled
         2026-03-02 08:30 meeting x -> y state=scheduled
         2026-03-02 09:00 meeting A -> x, y state=scheduled",
    );
    assert_eq!(world.kpis("x").next_interaction.unwrap().at, at("2026-03-02T09:00:00Z"));
    assert_eq!(world.kpis("y").next_interaction.unwrap().at, at("2026-03-02T08:00:00Z"));
}

#[test]
fn top_threes_break_ties_by_the_more_recent_then_by_address() {
    let text = "2026-01-05 09:00 email A -> x, y, z, x2
         2026-01-06 09:00 meeting B -> x, w
         2026-01-06 09:00 meeting C -> x, v
         2026-01-07 09:00 phone_call D -> x
         2026-01-08 09:00 task B -> x regarding=1";
    check(
        text,
        &expect![[r#"
        emails 1/0 meetings 2/0 calls 1/0 minutes 5/2.5 colleagues 4 people 5
        replies 0/0 | us: none, rate None | them: mean None p50 None p90 None n 0 unanswered 1 rate Some(0.0)
        last 2026-01-08T09:00:00Z task outgoing
        contacted x 5 = 1 emails 2 meetings 1 calls, 2026-01-08T09:00:00Z
        contacted v 1 = 0 emails 1 meetings 0 calls, 2026-01-06T09:00:00Z
        contacted w 1 = 0 emails 1 meetings 0 calls, 2026-01-06T09:00:00Z
        contacted by B 2 = 0 emails 1 meetings 0 calls, 2026-01-08T09:00:00Z
        contacted by D 1 = 0 emails 0 meetings 1 calls, 2026-01-07T09:00:00Z
        contacted by C 1 = 0 emails 1 meetings 0 calls, 2026-01-06T09:00:00Z
    "#]],
    );
    let mut world = world(text);
    world.user("B").opted_out = true;
    let names: Vec<_> = world.kpis("x").most_contacted_by.iter().map(|top| world.directory.user(top.who).name.clone()).collect();
    assert_eq!(names, ["D", "C", "A"], "whoever opted out is not shown");
}

#[test]
fn activity_by_day_covers_60_local_days_and_the_week_series_the_window() {
    let mut world = world_at(
        "Europe/Amsterdam",
        "2026-03-29T22:30:00Z", // 30 March 00:30, the day after the clocks went forward
        "2026-03-29T22:00:00Z email A -> x
         2026-03-29T21:59:59Z email x -> A
         2026-03-28T23:00:00Z meeting x -> A
         2026-01-29T23:00:00Z phone_call A -> x
         2026-01-29T22:59:59Z phone_call A -> x
         2025-12-31T22:59:59Z task A regarding=1",
    );
    let kpis = world.kpis("x");
    let rows = |kpis: &Kpis| {
        let day = |row: &rapport_insight::kpis::ActivityRow| {
            let s = row.series;
            let counts = [
                s.emails_sent,
                s.emails_received,
                s.meetings_sent,
                s.meetings_received,
                s.phone_calls_made,
                s.phone_calls_received,
            ];
            (counts != [0; 6]).then(|| format!("{} {counts:?}\n", row.day.to_iso()))
        };
        let days: String = kpis.activity_by_day.iter().filter_map(day).collect();
        let weeks: String = kpis.activity_by_week.iter().filter_map(day).collect();
        format!("days {}\n{days}weeks {}\n{weeks}", kpis.activity_by_day.len(), kpis.activity_by_week.len())
    };
    expect![[r#"
        days 60
        2026-01-30 [0, 0, 0, 0, 1, 0]
        2026-03-29 [0, 1, 0, 1, 0, 0]
        2026-03-30 [1, 0, 0, 0, 0, 0]
        weeks 14
        2026-01-26 [0, 0, 0, 0, 2, 0]
        2026-03-23 [0, 1, 0, 1, 0, 0]
        2026-03-30 [1, 0, 0, 0, 0, 0]
    "#]]
    .assert_eq(&rows(&kpis));
    assert_eq!(kpis.activity_by_week[0].day.to_iso(), "2025-12-29", "the week of the first interaction in the window, a task");
    let scope = world.contact("x");
    let query = KpiQuery { activity_days: 61, ..KpiQuery::default() };
    let longer = KpiFolder::new().fold(&world.ctx(), &scope, &world.touches, &query);
    assert_eq!(longer.activity_by_day.iter().map(|row| row.series.phone_calls_made).sum::<u32>(), 2);
}

#[test]
fn turns_of_a_window_in_the_past_are_judged_at_its_end() {
    let mut world = world("2026-01-05 09:00 email x -> A conv=1\n2026-01-06 09:00 email A -> x conv=1");
    let kpis = world.kpis_within("x", "2026-01-01T00:00:00Z", "2026-01-05T12:00:00Z");
    assert_eq!(kpis.response_time_by_us.map(|time| (time.n, time.unanswered)), Some((0, 1)));
    assert_eq!(kpis.response_rate_by_us, None, "three hours old then");
}

#[test]
fn buffers_keep_nothing_between_records() {
    let mut world =
        world("-2d email x -> A conv=1\n-1d email A -> x conv=1\n-9d email y -> B subject=1\n-8d email B -> y subject=1");
    let (x, y) = (world.contact("x"), world.contact("y"));
    let mut folder = KpiFolder::new();
    let mut fold = |scope: &RecordScope| folder.fold(&world.ctx(), scope, &world.touches, &KpiQuery::default());
    let (first, other, again) = (fold(&x), fold(&y), fold(&x));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn the_response_limit_is_a_setting() {
    let mut world = world("2026-01-05 09:00 email x -> A conv=1\n2026-01-05 11:00 email A -> x conv=1");
    world.settings.response_within_h = 1;
    assert_eq!(world.kpis("x").response_rate_by_us, Some(0.0));
    world.settings.response_within_h = 2;
    assert_eq!(world.kpis("x").response_rate_by_us, Some(1.0));
}

fn sentences(world: &mut World, language: Language) -> String {
    let scope = RecordScope { table: Table::Accounts, ..world.contact("x") };
    let kpis = KpiFolder::new().fold(&world.ctx(), &scope, &world.touches, &KpiQuery::default());
    let health = HealthFolder::new().figures(&world.ctx(), &scope, &world.touches);
    summary(&world.ctx(), &kpis, &health, None).iter().map(|sentence| sentence.render(language) + "\n").collect()
}

#[test]
fn the_summary_says_up_to_five_plain_sentences() {
    let mut world = world(
        "-60d meeting A -> x
         -40d meeting A -> x
         -34d meeting A -> x
         -28d email x -> A conv=1
         -27d email A -> x conv=1
         -20d email x -> A conv=2
         2026-03-04 09:00 meeting A -> x",
    );
    expect![[r#"
        The relationship is poor and steady: 33 of 100.
        The last contact was 20 days ago.
        One message from the customer waits for your answer.
        The next meeting is planned in 3 days.
        You initiated 3 more meetings than the customer.
    "#]]
    .assert_eq(&sentences(&mut world, Language::English));
    expect![[r#"
        De relatie is zwak en stabiel: 33 van 100.
        Het laatste contact was 20 dagen geleden.
        Eén bericht van de klant wacht op uw antwoord.
        De volgende vergadering is over 3 dagen.
        U nam 3 keer vaker dan de klant het initiatief voor een vergadering.
    "#]]
    .assert_eq(&sentences(&mut world, Language::Dutch));
    expect![[r#"
        There has been no interaction yet.
    "#]]
    .assert_eq(&sentences(&mut crate::world::world(""), Language::English));
}

#[test]
fn every_sentence_has_a_key_arguments_and_words_in_each_language() {
    let sentences = [
        Sentence::NoInteractions,
        Sentence::Relationship { state: HealthState::Good, score: 71, trend: Trend::Improving },
        Sentence::LastContact { days: 0 },
        Sentence::LastContact { days: 1 },
        Sentence::UnusualSilence { days: 40 },
        Sentence::Unanswered { turns: 2 },
        Sentence::Next { kind: Kind::PhoneCall, days: 0 },
        Sentence::MoreMeetings { by_us: false, difference: 1 },
        Sentence::ResponseByUs { hours: 0.0 },
        Sentence::ResponseBoth { ours: 1.0, theirs: 71.9 },
        Sentence::ResponseBoth { ours: 0.99, theirs: 0.9999 },
        Sentence::MoreEmails { by_us: true, difference: 2 },
    ];
    let mut text = String::new();
    for sentence in &sentences {
        writeln!(text, "{} {:?}", sentence.key(), sentence.arguments()).unwrap();
        writeln!(text, "  {}\n  {}", sentence.render(Language::English), sentence.render(Language::Dutch)).unwrap();
    }
    expect![[r#"
        summary-no-interactions []
          There has been no interaction yet.
          Er is nog geen contact geweest.
        summary-relationship [("state", Word("good")), ("score", Number(71)), ("trend", Word("improving"))]
          The relationship is good and improving: 71 of 100.
          De relatie is goed en wordt beter: 71 van 100.
        summary-last-contact [("days", Number(0))]
          The last contact was today.
          Het laatste contact was vandaag.
        summary-last-contact [("days", Number(1))]
          The last contact was 1 day ago.
          Het laatste contact was 1 dag geleden.
        summary-unusual-silence [("days", Number(40))]
          There has been no contact for 40 days, unusually long for this relationship.
          Er is al 40 dagen geen contact, ongewoon lang voor deze relatie.
        summary-unanswered [("turns", Number(2))]
          2 messages from the customer wait for your answer.
          2 berichten van de klant wachten op uw antwoord.
        summary-next [("kind", Word("phone_call")), ("days", Number(0))]
          The next phone call is planned today.
          Het volgende telefoongesprek is vandaag.
        summary-more-meetings-by-them [("difference", Number(1))]
          The customer initiated 1 more meeting than you.
          De klant nam 1 keer vaker dan u het initiatief voor een vergadering.
        summary-response-by-us [("hours", Hours(0.0))]
          You usually answer within 1 minute.
          U antwoordt meestal binnen 1 minuut.
        summary-response-both [("ours", Hours(1.0)), ("theirs", Hours(71.9))]
          You usually answer within 1 hour, the customer within 3 days.
          U antwoordt meestal binnen 1 uur, de klant binnen 3 dagen.
        summary-response-both [("ours", Hours(0.99)), ("theirs", Hours(0.9999))]
          You usually answer within 59 minutes, the customer within 1 hour.
          U antwoordt meestal binnen 59 minuten, de klant binnen 1 uur.
        summary-more-emails-by-us [("difference", Number(2))]
          You sent 2 more emails than the customer.
          U stuurde 2 e-mails meer dan de klant.
    "#]]
    .assert_eq(&text);
    assert_eq!(Sentence::LastContact { days: 3 }.arguments(), [("days", Argument::Number(3))]);
}
