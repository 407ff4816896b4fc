//! Fourteen months of every relation, day by day.

use super::appointments::{call, meet, meet_every_week, participant, planned_call, task, visit};
use super::conversations::{converse, message_id};
use super::random::Random;
use super::relations::{Relation, relations};
use super::staff::Shared;
use super::words::{PRODUCTS, fill, phrases};
use super::world::{Activity, Kind, Message, Nature, Participant, Reference, Rhythm, State, World};

pub(super) fn add_traffic(world: &mut World, shared: &Shared) {
    for (position, relation) in relations(world).iter().enumerate() {
        let mut random = Random::stream(world.seed, "traffic", position);
        match relation.rhythm {
            Rhythm::Silent => {}
            Rhythm::SingleDay => single_day(world, &mut random, relation),
            Rhythm::OpenOnly => open_only(world, &mut random, relation),
            Rhythm::LongAgo => long_ago(world, &mut random, relation),
            _ => live(world, &mut random, shared, relation),
        }
    }
}

/// From the first day to the last: chance decides on which something happens, the rhythm how often.
fn live(world: &mut World, random: &mut Random, shared: &Shared, relation: &Relation) {
    if relation.is_main {
        promise(world, random, relation);
    }
    for day in relation.first_day..=relation.last_day.min(0) {
        let starts_per_day = relation.starts_per_week(-day) / 5.0 * world.days.weight(day);
        if random.chance(starts_per_day) && !world.has_left(relation.user, day) {
            start(world, random, shared, relation, day);
        }
        if relation.is_main && random.chance(starts_per_day * 0.05) && has_tasks(relation) {
            task(world, random, relation, day, None);
        }
    }
    if relation.is_main && relation.last_day == 0 {
        plan_ahead(world, random, shared, relation);
    }
}

fn has_tasks(relation: &Relation) -> bool {
    relation.rhythm != Rhythm::OnlyThem
}

/// What a rhythm needs to be recognized, whatever chance says afterwards.
fn promise(world: &mut World, random: &mut Random, relation: &Relation) {
    if relation.rhythm == Rhythm::Fresh {
        // A second active day, so that there is a score.
        let second_day = world.days.working_until(relation.first_day + 4).max(relation.first_day);
        for day in [world.days.working_until(relation.first_day), second_day] {
            converse(world, random, relation, day);
        }
    }
}

fn start(world: &mut World, random: &mut Random, shared: &Shared, relation: &Relation, day: i32) {
    let is_away = world.users[relation.user].away_until(day).is_some();
    let is_weekend = !world.days.is_working(day);
    match (relation.rhythm, random.below(100)) {
        (Rhythm::OnlyUs | Rhythm::OnlyThem, _) => converse(world, random, relation, day),
        (Rhythm::PhoneOnly, 0..=74) if !is_away && !is_weekend => call(world, random, relation, day),
        (Rhythm::PhoneOnly, _) if !is_away && !is_weekend => visit(world, random, relation, day),
        (Rhythm::PhoneOnly, _) => {}
        (_, 0..=12) if !is_away && !is_weekend => call(world, random, relation, day),
        (_, 13..=23) if !is_away && !is_weekend => meet(world, random, shared, relation, day),
        (_, 24..=25) if !is_away && !is_weekend => visit(world, random, relation, day),
        _ => converse(world, random, relation, day),
    }
}

/// What lies ahead: the next interaction of many, and the open tasks of some.
fn plan_ahead(world: &mut World, random: &mut Random, shared: &Shared, relation: &Relation) {
    let plans_meetings =
        matches!(relation.rhythm, Rhythm::Close | Rhythm::Regular | Rhythm::Warming | Rhythm::Fresh | Rhythm::Occasional);
    if relation.rhythm == Rhythm::Close && random.chance(0.5) {
        let interval_weeks = if random.chance(0.6) { 1 } else { 2 };
        meet_every_week(world, random, shared, relation, interval_weeks);
    }
    if plans_meetings && random.chance(0.3) {
        let day = world.days.working_from(random.between(1, 28));
        meet(world, random, shared, relation, day);
    }
    if random.chance(0.08) && has_tasks(relation) {
        let day = world.days.working_from(random.between(1, 14));
        planned_call(world, random, relation, day);
    }
    if random.chance(0.12) && has_tasks(relation) {
        let day = random.between(-20, 25);
        task(world, random, relation, day, Some(State::Open));
    }
}

/// One mail or call, on one day.
fn single_day(world: &mut World, random: &mut Random, relation: &Relation) {
    let day = world.days.working_until(-random.between(3, 200).min(-relation.first_day));
    let person = &world.people[relation.person];
    let Some(&theirs) = person.parties.first() else { return call(world, random, relation, day) };
    let language = person.language;
    let ours = world.users[relation.user].parties[0];
    let (from, to) = if random.chance(0.5) { (ours, theirs) } else { (theirs, ours) };
    let id = message_id(random, &world.party(from).address);
    world.send(Message {
        at_us: world.days.office_moment_us(day, random),
        from,
        to: vec![to],
        cc: Vec::new(),
        subject: fill(random.pick(phrases(language).mails), random.pick(PRODUCTS)),
        id,
        parent: None,
        names_parent: false,
        language,
        nature: Nature::Ordinary,
        blind_copies: Vec::new(),
    });
}

/// Something planned or open, nothing done.
fn open_only(world: &mut World, random: &mut Random, relation: &Relation) {
    let ahead = world.days.working_from(random.between(2, 21));
    let overdue = -random.between(0, 12);
    match random.below(3) {
        0 => planned_call(world, random, relation, ahead),
        1 => task(world, random, relation, overdue, Some(State::Open)),
        _ => {
            planned_call(world, random, relation, ahead);
            task(world, random, relation, ahead, Some(State::Open));
        }
    }
}

/// Calls, visits and mails of years ago that the CRM still knows.
fn long_ago(world: &mut World, random: &mut Random, relation: &Relation) {
    let language = world.people[relation.person].language;
    let reference = world.people[relation.person].reference;
    for _ in 0..random.between(2, 7) {
        let day = world.days.working_until(-random.between(750, 1_050));
        let ours = Participant::Party(world.users[relation.user].parties[0]);
        let theirs = participant(world, relation.person);
        let (from, to) = if random.chance(0.6) { (ours, theirs) } else { (theirs, ours) };
        let (kind, duration_min) = match random.below(4) {
            0 => (Kind::Email, 0),
            1 => (Kind::Meeting, 60),
            _ => (Kind::PhoneCall, random.between(3, 25)),
        };
        world.log(Activity {
            at_us: world.days.office_moment_us(day, random),
            kind,
            from: Some(from),
            to: vec![to],
            cc: Vec::new(),
            duration_min,
            message_id: None,
            in_reply_to: None,
            subject: fill(random.pick(phrases(language).calls), random.pick(PRODUCTS)),
            regarding: reference.filter(|_| random.chance(0.4)).map(Reference::regarding),
            state: State::Completed,
        });
    }
}
