//! Meetings in calendars, and calls, visits and tasks in the CRM.

use super::conversations::{message_id, tracked_under};
use super::random::Random;
use super::relations::Relation;
use super::staff::Shared;
use super::words::{Language, PRODUCTS, fill, phrases};
use super::world::{
    Activity, Answer, Attendee, Kind, Meeting, Message, Nature, Participant, PartyId, Recurrence, Reference, Rhythm, StartForm,
    State, World,
};

/// How the CRM names the person of a relation: by address if there is one, else by reference.
pub(super) fn participant(world: &World, person: usize) -> Participant {
    let person = &world.people[person];
    match (person.parties.first(), person.reference) {
        (Some(&party), _) => Participant::Party(party),
        (None, Some(reference)) => Participant::Reference(reference),
        (None, None) => panic!("a person has an address or a record"),
    }
}

fn office_minute(random: &mut Random) -> i32 {
    // Calendars think in half hours, and nobody meets at lunch.
    let half_hours = if random.chance(0.5) { random.between(17, 22) } else { random.between(26, 33) };
    half_hours * 30
}

/// A telephone call, as sellers write it down afterwards.
pub(super) fn call(world: &mut World, random: &mut Random, relation: &Relation, day: i32) {
    let language = world.people[relation.person].language;
    let ours = Participant::Party(world.users[relation.user].parties[0]);
    let theirs = participant(world, relation.person);
    let outgoing = random.chance(relation.outgoing_share());
    let (from, to) = if outgoing { (ours, theirs) } else { (theirs, ours) };
    let regarding = tracked_under(world, random, relation, day);
    let at_us = world.days.office_moment_us(day, random);
    world.log(Activity {
        at_us,
        kind: Kind::PhoneCall,
        from: Some(from),
        to: vec![to],
        cc: Vec::new(),
        duration_min: random.between(2, 35),
        message_id: None,
        in_reply_to: None,
        subject: fill(random.pick(phrases(language).calls), random.pick(PRODUCTS)),
        regarding,
        // Calls that are written down without a state are done.
        state: if random.chance(0.1) { State::Unsaid } else { State::Completed },
    });
}

/// A visit that stands in the CRM only.
pub(super) fn visit(world: &mut World, random: &mut Random, relation: &Relation, day: i32) {
    let language = world.people[relation.person].language;
    let ours = Participant::Party(world.users[relation.user].parties[0]);
    let theirs = participant(world, relation.person);
    let at_us = world.days.moment_us(day, office_minute(random));
    let regarding = tracked_under(world, random, relation, day);
    world.log(Activity {
        at_us,
        kind: Kind::Meeting,
        from: Some(ours),
        to: vec![theirs],
        cc: Vec::new(),
        duration_min: random.between(2, 6) * 15,
        message_id: None,
        in_reply_to: None,
        subject: fill(random.pick(phrases(language).meetings), random.pick(PRODUCTS)),
        regarding,
        state: State::Completed,
    });
}

/// A task; without `state` it is done or, now and then, dropped.
pub(super) fn task(world: &mut World, random: &mut Random, relation: &Relation, day: i32, state: Option<State>) {
    let person = &world.people[relation.person];
    let language = person.language;
    let reference = person.reference.map(Reference::regarding);
    // The only sign of life of some: it has to stand under the contact or lead itself.
    let is_only_sign = relation.rhythm == Rhythm::OpenOnly;
    let tracked = tracked_under(world, random, relation, day).filter(|_| !is_only_sign);
    let regarding = tracked.or(reference);
    let at_us = world.days.office_moment_us(day, random);
    let done = if random.chance(0.08) { State::Cancelled } else { State::Completed };
    let state = state.unwrap_or(done);
    // Half of the tasks say whose they are.
    let from = random.chance(0.5).then(|| Participant::Party(world.users[relation.user].parties[0]));
    world.log(Activity {
        at_us,
        kind: Kind::Task,
        from,
        to: Vec::new(),
        cc: Vec::new(),
        duration_min: random.between(1, 8) * 15,
        message_id: None,
        in_reply_to: None,
        subject: fill(random.pick(phrases(language).tasks), random.pick(PRODUCTS)),
        regarding,
        state,
    });
}

/// A call that is planned and not yet made.
pub(super) fn planned_call(world: &mut World, random: &mut Random, relation: &Relation, day: i32) {
    let language = world.people[relation.person].language;
    let from = Some(Participant::Party(world.users[relation.user].parties[0]));
    let to = vec![participant(world, relation.person)];
    let at_us = world.days.moment_us(day, office_minute(random));
    let reference = world.people[relation.person].reference;
    world.log(Activity {
        at_us,
        kind: Kind::PhoneCall,
        from,
        to,
        cc: Vec::new(),
        duration_min: 15,
        message_id: None,
        in_reply_to: None,
        subject: fill(random.pick(phrases(language).calls), random.pick(PRODUCTS)),
        regarding: reference.map(Reference::regarding),
        state: State::Scheduled,
    });
}

/// A meeting of a relation in the calendars of those who take part; `day` may lie ahead.
pub(super) fn meet(world: &mut World, random: &mut Random, shared: &Shared, relation: &Relation, day: i32) {
    let Some(&theirs) = world.people[relation.person].parties.first() else {
        return visit(world, random, relation, day);
    };
    let ours = world.users[relation.user].parties[0];
    let (organizer, guest) = if random.chance(0.68) { (ours, theirs) } else { (theirs, ours) };
    let answer = answer(random, day);
    let mut attendees = vec![Attendee { party: guest, is_optional: false, answer }];
    if let Some(helper) = relation.helper.filter(|_| random.chance(0.5)) {
        attendees.push(colleague(world, random, helper));
    }
    let has_room = organizer == ours && random.chance(0.3);
    let language = world.people[relation.person].language;
    let is_cancelled = random.chance(0.06);
    let meeting = Meeting {
        uid: format!("{:016x}-{:08x}", random.next(), random.next() >> 32),
        day,
        minute: office_minute(random),
        duration_min: [30, 30, 45, 60, 60, 90][random.below(6)],
        organizer,
        attendees,
        room: has_room.then(|| shared.rooms[random.below(shared.rooms.len())]),
        summary: fill(random.pick(phrases(language).meetings), random.pick(PRODUCTS)),
        is_cancelled,
        is_private: random.chance(0.012),
        form: if organizer == theirs && random.chance(0.5) { StartForm::Utc } else { StartForm::Local },
        recurrence: None,
    };
    if answer == Answer::Accepted && organizer == ours && random.chance(0.3) {
        accept_by_mail(world, random, &meeting, theirs, language);
    }
    if !is_cancelled && day <= 0 {
        track_meeting(world, random, relation, &meeting);
    }
    world.meetings.push(meeting);
}

fn answer(random: &mut Random, day: i32) -> Answer {
    match random.below(100) {
        0..=4 => Answer::Declined,
        5..=12 => Answer::Tentative,
        13..=40 if day > 0 => Answer::NeedsAction,
        13..=18 => Answer::NeedsAction,
        _ => Answer::Accepted,
    }
}

fn colleague(world: &World, random: &mut Random, user: usize) -> Attendee {
    let answer = if random.chance(0.15) { Answer::Declined } else { Answer::Accepted };
    Attendee { party: world.users[user].parties[0], is_optional: random.chance(0.5), answer }
}

/// The mail by which a calendar answers an invitation.
fn accept_by_mail(world: &mut World, random: &mut Random, meeting: &Meeting, from: PartyId, language: Language) {
    let invited_day = world.days.working_until(meeting.day.min(0) - random.between(2, 9));
    let at_us = world.days.office_moment_us(invited_day, random);
    let id = message_id(random, &world.party(from).address);
    world.send(Message {
        at_us,
        from,
        to: vec![meeting.organizer],
        cc: Vec::new(),
        subject: format!("{}{}", phrases(language).accepted, meeting.summary),
        id,
        parent: None,
        names_parent: false,
        language,
        nature: Nature::CalendarReply,
        blind_copies: Vec::new(),
    });
}

/// The CRM's copy of a meeting: its id is the calendar's, so both are one interaction.
fn track_meeting(world: &mut World, random: &mut Random, relation: &Relation, meeting: &Meeting) {
    let Some(regarding) = tracked_under(world, random, relation, meeting.day) else { return };
    let present = |is_optional: bool| {
        let taking_part = meeting.attendees.iter().filter(|attendee| attendee.answer != Answer::Declined);
        taking_part
            .filter(|attendee| attendee.is_optional == is_optional)
            .map(|attendee| Participant::Party(attendee.party))
            .collect()
    };
    let activity = Activity {
        at_us: world.days.moment_us(meeting.day, meeting.minute),
        kind: Kind::Meeting,
        from: Some(Participant::Party(meeting.organizer)),
        to: present(false),
        cc: present(true),
        duration_min: meeting.duration_min,
        message_id: Some(meeting.uid.clone()),
        in_reply_to: None,
        subject: meeting.summary.clone(),
        regarding: Some(regarding),
        state: if random.chance(0.2) { State::Unsaid } else { State::Completed },
    };
    world.log(activity);
}

/// A series: the same weekday for months, holidays left out, one occurrence moved and one called off.
pub(super) fn meet_every_week(world: &mut World, random: &mut Random, shared: &Shared, relation: &Relation, interval_weeks: i32) {
    let Some(&theirs) = world.people[relation.person].parties.first() else { return };
    let first_day = world.days.working_from(relation.first_day.max(-300) + random.between(0, 40));
    let language = world.people[relation.person].language;
    let until_day = (random.chance(0.5)).then(|| random.between(20, 120));
    let mut meeting = Meeting {
        uid: format!("{:016x}-series", random.next()),
        day: first_day,
        minute: office_minute(random),
        duration_min: 30,
        organizer: world.users[relation.user].parties[0],
        attendees: vec![Attendee { party: theirs, is_optional: false, answer: Answer::Accepted }],
        room: random.chance(0.3).then(|| shared.rooms[0]),
        summary: random.pick(phrases(language).meetings).replace(" {}", ""),
        is_cancelled: false,
        is_private: false,
        form: StartForm::Local,
        recurrence: None,
    };
    if let Some(helper) = relation.helper {
        meeting.attendees.push(Attendee { party: world.users[helper].parties[0], is_optional: true, answer: Answer::Tentative });
    }
    meeting.recurrence = Some(recurrence(world, random, first_day, interval_weeks, until_day));
    world.meetings.push(meeting);
}

/// The exceptions of a series that starts on `first_day`.
pub(super) fn recurrence(
    world: &World,
    random: &mut Random,
    first_day: i32,
    interval_weeks: i32,
    until_day: Option<i32>,
) -> Recurrence {
    let planned: Vec<i32> = (first_day..=until_day.unwrap_or(400)).step_by(interval_weeks as usize * 7).collect();
    let (skipped_days, worked): (Vec<i32>, Vec<i32>) = planned.into_iter().partition(|&day| !world.days.is_working(day));
    let past: Vec<i32> = worked.into_iter().filter(|&day| day > first_day && day < -2).collect();
    let mut moved = None;
    let mut cancelled_day = None;
    if past.len() > 4 {
        let planned_day = past[random.below(past.len())];
        moved = Some((planned_day, world.days.working_from(planned_day + 1)));
        cancelled_day = Some(past[random.below(past.len())]).filter(|&day| day != planned_day);
    }
    Recurrence { interval_weeks, until_day, skipped_days, moved, cancelled_day }
}
