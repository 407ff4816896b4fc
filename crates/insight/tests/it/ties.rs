//! Who knows whom (04).

use std::fmt::Write;

use expect_test::{Expect, expect};
use rapport_domain::{Role, UserId};
use rapport_insight::{
    Data, Grade, MissingReason, TieFolder,
    introducers::{Colleague, INTRODUCERS, WhoKnows, who_knows},
    paths::{rank, vias},
    ties::{Run, all_ties},
};

use crate::world::{World, at, render_ties, world};

fn check(activities: &str, expected: &Expect) {
    let mut world = world(activities);
    let ties = world.ties("x");
    expected.assert_eq(&render_ties(&world, &ties));
}

fn names(world: &mut World, target: &str) -> Vec<String> {
    let ties = world.ties(target);
    ties.iter().map(|tie| world.directory.user(tie.user).name.clone()).collect()
}

#[test]
fn a_mail_ties_its_sender_to_recipients_only() {
    assert_eq!(names(&mut world("-1d email A -> x cc B"), "x"), ["A"]);
    assert_eq!(names(&mut world("-1d email x -> A cc B"), "x"), ["A", "B"]);
    assert_eq!(names(&mut world("-1d email y -> A cc x"), "x"), [""; 0], "two who were only recipients have none");
    assert_eq!(names(&mut world("-1d email A -> y cc x"), "x"), ["A"]);
    // Of whom the sender is not shown.
    assert_eq!(names(&mut world("-1d email -> A, x\n-2d email -> A cc x\n-3d email -> A, B, x"), "x"), [""; 0]);
    assert_eq!(names(&mut world("-1d email -> A, x\n-2d email A -> x"), "x"), ["A"]);
}

#[test]
fn meetings_tie_all_present_calls_both_ends_tasks_nobody() {
    assert_eq!(names(&mut world("-1d meeting y -> A, B, x"), "x"), ["A", "B"]);
    assert_eq!(names(&mut world("-1d phone_call A -> x, B"), "x"), ["A"]);
    assert_eq!(names(&mut world("-1d phone_call x -> A, B"), "x"), ["A", "B"]);
    assert_eq!(names(&mut world("-1d task A -> x"), "x"), [""; 0]);
    assert_eq!(names(&mut world("-1d email A -> x state=open\n-2d meeting B -> x state=cancelled"), "x"), [""; 0]);
}

#[test]
fn strength_weighs_by_how_many_it_was_shared_with() {
    // Both ways each day, so g = 1: V = 1 / sqrt(k).
    for (line, k) in [
        ("email A -> x", 1.0),
        ("email A -> x, y cc z", 3.0),
        ("email A -> x, B cc C", 1.0),
        ("email x -> A, B cc y", 2.0),
        ("meeting A -> x", 1.0),
        ("meeting A -> x, B, C", 2.0),
        ("meeting A -> x, y, z, w, v", 4.0),
        ("phone_call A -> x, y, z", 1.0),
        ("email A -> x, y cc y", 2.0),
    ] {
        let ties = world(&format!("-0d {line}")).ties("x");
        let tie = ties[0].figures;
        assert!((tie.memory - 1.0 / f64::sqrt(k)).abs() < 1e-12, "{line}: {}", tie.memory);
        let directness = 100.0 * (1.0 - (-1.5 / k / 4.557_f64).exp2());
        assert!((tie.directness - directness).abs() < 1e-9, "{line}");
        assert!((tie.activity - 100.0 * (1.0 - (-1.5 / 4.557_f64).exp2())).abs() < 1e-9, "{line}");
    }
}

#[test]
fn figures_of_a_tie() {
    check(
        "-0d email A -> x, y
         -7d email x -> A
         -7d phone_call A -> x
         -14d meeting x -> A, B
         -800d email A -> x",
        &expect![[r#"
            A 30 medium activity 34.183 directness 26.230 mutuality 24.574 likelihood 0.8293 | 4 = 2 emails 1 meetings 1 calls, 3 days, 2 ours 2 theirs
            B 7 weak activity 7.323 directness 7.323 mutuality 7.323 likelihood 0.2530 | 1 = 0 emails 1 meetings 0 calls, 1 days, 0 ours 1 theirs
        "#]],
    );
}

#[test]
fn of_several_senders_the_first_says_with_how_many_a_mail_is_shared() {
    let mut by_two = world("-1d email A -> x, y, z");
    let second = by_two.name("x");
    for seen in by_two.touches.participants.iter_mut().filter(|seen| seen.address == second) {
        seen.role = Role::From;
    }
    assert!(by_two.ties("x").is_empty(), "two who send a mail together are not tied by it");
    assert_eq!(by_two.ties("y")[0].figures, world("-1d email A -> y, z").ties("y")[0].figures);
}

#[test]
fn weekly_two_way_contact_over_a_year_is_65_and_grades_follow_the_settings() {
    let text = (0..=364).step_by(7).fold(String::new(), |mut text, age| {
        writeln!(text, "-{age}d meeting A -> x").unwrap();
        text
    });
    let mut world = world(&text);
    let tie = world.ties("x")[0].figures;
    assert_eq!((tie.strength, tie.grade, tie.active_days), (65, Grade::Strong, 53));
    assert_eq!((tie.share_by_us(), tie.share_by_them()), (1.0, 0.0));
    assert!((tie.mutuality - tie.activity).abs() < 1e-9);
    world.settings.strong_min = 66;
    assert_eq!(world.ties("x")[0].figures.grade, Grade::Medium);
    world.settings.medium_min = 66;
    assert_eq!(world.ties("x")[0].figures.grade, Grade::Weak);
}

#[test]
fn nothing_two_way_is_weak_however_much() {
    let mut text = (0..300).fold(String::new(), |mut text, age| {
        writeln!(text, "-{age}d email A -> x").unwrap();
        text
    });
    let tie = world(&text).ties("x")[0].figures;
    assert_eq!((tie.strength >= 60, tie.grade, tie.mutuality), (true, Grade::Weak, 0.0));
    text += "-366d email x -> A";
    assert_eq!(world(&text).ties("x")[0].figures.grade, Grade::Weak, "their mail is too old");
    text += "\n-365d email x -> A";
    assert_eq!(world(&text).ties("x")[0].figures.grade, Grade::Strong);
}

#[test]
fn a_tie_needs_an_active_day_within_730_days() {
    assert_eq!(world("-731d meeting A -> x").ties("x"), []);
    let ties = world("-730d meeting A -> x\n-900d meeting A -> x").ties("x");
    let figures = ties[0].figures;
    assert_eq!((figures.interactions(), figures.active_days), (1, 1));
    assert_eq!((figures.first_at, figures.last_at), (at("2023-09-13T12:00:00Z"), at("2024-03-01T12:00:00Z")));
}

#[test]
fn basic_strength_counts_emails_and_meetings_of_a_year_of_crm_data() {
    let mut world = world(
        "-0d email A -> x crm
         -0d meeting A -> x both
         -365d email A -> x crm
         -366d email A -> x crm
         -5d phone_call A -> x crm
         -6d email A -> x",
    );
    world.data = Data::Crm;
    let ties = world.ties("x");
    // 100 * (1 - 2^(-3 / 12)) = 15.9
    assert_eq!((ties[0].figures.strength, ties[0].figures.memory), (16, 3.0));
    let days: Vec<_> = ties[0].contributions.iter().map(|day| (day.age_days, day.kind.as_str(), day.value)).collect();
    assert_eq!(days, [(0, "meeting", 2.0), (365, "email", 1.0)]);
    world.settings.medium_min = 16;
    assert_eq!(world.ties("x")[0].figures.grade, Grade::Medium, "no one-way rule");
}

#[test]
fn all_addresses_of_a_target_and_all_aliases_of_a_user_are_one() {
    let text = "-1d email A -> x, x2\n-2d email x2 -> A2, A";
    let ties = world(text).ties("x x2");
    assert_eq!((ties.len(), ties[0].figures.interactions()), (1, 2));
    assert_eq!(world(text).ties("x")[0].figures.interactions(), 1);
    let company = world("-1d meeting A -> x, y\n-2d email y -> A").ties("x y");
    assert_eq!((company.len(), company[0].figures.interactions()), (1, 2), "a shared interaction counts once");
}

#[test]
fn ranking_is_by_strength_then_last_interaction_then_address() {
    let text = "2026-02-28 08:00 meeting C -> x
                2026-02-28 08:00 meeting B -> x
                2026-02-28 09:00 meeting A -> x
                2026-02-27 09:00 meeting D -> x
                2026-02-20 09:00 meeting D -> x";
    assert_eq!(names(&mut world(text), "x"), ["D", "A", "B", "C"]);
}

fn ask(world: &mut World, viewer: Option<&str>, limit: usize) -> String {
    let target = world.addresses("x");
    let viewer = viewer.map(|name| world.user_id(name));
    let no_role = world.user_id("E");
    let withheld = move |user: UserId| (user == no_role).then_some(MissingReason::RoleNotSelected);
    let query = WhoKnows { target: &target, viewer, limit, withheld: &withheld, is_private: &|_| false };
    let found = who_knows(&world.ctx(), &query, &mut TieFolder::new(), &world.touches);
    let mut text = String::new();
    for tie in &found.introducers {
        writeln!(text, "{} {}", world.directory.user(tie.user).name, tie.figures.strength).unwrap();
    }
    for missing in &found.missing {
        let who = match missing.colleague {
            Colleague::User(user) => world.directory.user(user).email.clone(),
            Colleague::Address(address) => world.directory.address(address).key.to_string(),
        };
        writeln!(text, "missing {who}: {}", missing.reason.as_str()).unwrap();
    }
    text
}

#[test]
fn introducers_and_why_others_are_missing() {
    let mut world = world(
        "-1d meeting A -> x, ~p
         -2d meeting B -> x
         -3d meeting C -> x
         -4d meeting D -> x
         -5d email E -> y
         -5d email F -> y
         -6d email G -> y
         -7d email H -> x",
    );
    world.user("C").opted_out = true;
    world.user("D").left_at = Some(at("2026-03-01T12:00:00Z"));
    world.user("B").left_at = Some(at("2026-03-01T12:00:01Z"));
    world.user("G").opted_out = true;
    expect![[r#"
        A 18
        B 16
        H 6
        missing c@us.example: opted_out
        missing d@us.example: left_company
        missing e@us.example: role
        missing f@us.example: no_interactions
        missing g@us.example: opted_out
        missing p@us.example: no_user
    "#]]
    .assert_eq(&ask(&mut world, None, INTRODUCERS));
    expect![[r#"
        B 16
        missing c@us.example: opted_out
        missing d@us.example: left_company
        missing e@us.example: role
        missing f@us.example: no_interactions
        missing g@us.example: opted_out
        missing p@us.example: no_user
    "#]]
    .assert_eq(&ask(&mut world, Some("A"), 1));
}

#[test]
fn two_hop_paths_are_ranked_by_their_weaker_tie() {
    let mut world = world(
        "-1d meeting v -> x, A
         -2d email v -> x, A
         -3d email w -> x, B
         -4d email A -> w, x
         -5d meeting B -> v
         -6d meeting C -> w
         -7d meeting C -> w
         -8d email C -> v
         -9d meeting D -> w
         -10d meeting E -> z",
    );
    world.user("D").opted_out = true;
    let target = world.addresses("x");
    let mut folder = TieFolder::new();
    let direct = folder.fold(&world.ctx(), &target, &world.touches).to_vec();
    let between = vias(&world.ctx(), &target, &mut folder, &world.touches);
    let mut text = String::new();
    for via in &between {
        let figures = via.figures;
        let counts = (figures.interactions(), figures.initiated_by_us, figures.initiated_by_them);
        writeln!(text, "via {} {} {} {counts:?}", world.person(via.person), figures.strength, figures.grade.as_str()).unwrap();
    }
    let ties: Vec<_> = between
        .iter()
        .map(|via| folder.fold(&world.ctx(), &[rapport_domain::AddressId(via.person.0)], &world.touches).to_vec())
        .collect();
    let vias = between.iter().copied().zip(ties.iter().map(Vec::as_slice));
    for path in rank(&world.ctx(), None, &direct, vias.clone(), 9) {
        let user = &world.directory.user(path.user).name;
        writeln!(text, "{user} {} {} {}", world.person(path.via), path.strength_first, path.strength_second).unwrap();
    }
    expect![[r#"
        via v 31 medium (2, 2, 0)
        via w 12 weak (2, 1, 0)
        B v 12 31
        C w 21 12
        B w 8 12
        C v 5 31
    "#]]
    .assert_eq(&text);
    let without_viewer = rank(&world.ctx(), Some(world.user_id("C")), &direct, vias.clone(), 9);
    assert!(without_viewer.len() == 2 && without_viewer.iter().all(|path| path.user == world.user_id("B")));
    assert_eq!(rank(&world.ctx(), None, &direct, vias, 1).len(), 1);
    let nobody = world.addresses("z");
    assert_eq!(rapport_insight::paths::vias(&world.ctx(), &nobody, &mut folder, &world.touches), [], "no path is invented");
}

#[test]
fn the_whole_pass_is_the_fold_of_each_target() {
    let mut world = world("-1d meeting A -> x\n-2d email y -> A\n-3d email B -> y");
    let (x, y) = (world.addresses("x"), world.addresses("y"));
    let mut found = Vec::new();
    let runs = [Run { target: &x, touches: &world.touches }, Run { target: &y, touches: &world.touches }];
    all_ties(&world.ctx(), runs, |run, tie| found.push((run.target[0], *tie)));
    let mut expected = Vec::new();
    for (target, names) in [(x[0], "x"), (y[0], "y")] {
        expected.extend(world.ties(names).iter().map(|tie| (target, tie.user, tie.figures)));
    }
    assert_eq!(found.iter().map(|(target, tie)| (*target, tie.user, tie.figures)).collect::<Vec<_>>(), expected);
    assert_eq!(found.len(), 3);
}
