//! Mail between people: conversations with answers, reminders, copies, and out-of-office replies.

use super::INTERNAL_DOMAIN;
use super::random::Random;
use super::relations::Relation;
use super::words::{Language, PRODUCTS, fill, phrases};
use super::world::{Activity, Kind, Message, Nature, Participant, PartyId, Reference, State, World, opportunity_id};

/// Longer conversations start anew under another subject.
const MESSAGES_MAX: usize = 9;

/// What stays the same from a conversation's first message to its last.
struct Conversation {
    ours: PartyId,
    theirs: PartyId,
    /// Copies go to these, whoever writes.
    cc: Vec<PartyId>,
    subject: String,
    language: Language,
    /// The record that the CRM tracks it under.
    regarding: Option<String>,
}

/// A message's id, as mail servers make them: unguessable, at the sender's domain.
pub(super) fn message_id(random: &mut Random, address: &str) -> String {
    let domain = address.split_once('@').map_or(INTERNAL_DOMAIN, |(_, domain)| domain);
    format!("<{:016x}.{:08x}@{domain}>", random.next(), random.next() >> 32)
}

/// One conversation of a relation, begun on `day`.
pub(super) fn converse(world: &mut World, random: &mut Random, relation: &Relation, day: i32) {
    let Some(conversation) = begin(world, random, relation, day) else { return };
    let mut outgoing = random.chance(relation.outgoing_share());
    if outgoing && world.users[relation.user].away_until(day).is_some() {
        return;
    }
    let mut at_us = world.days.office_moment_us(day, random);
    let mut parent = None;
    let mut has_auto_reply = false;
    for _ in 0..MESSAGES_MAX {
        let (day, _) = world.days.local(at_us);
        if world.has_left(relation.user, day) || day > relation.last_day {
            return;
        }
        let Some(sent) = say(world, random, &conversation, outgoing, at_us, parent) else { return };
        if outgoing && !has_auto_reply {
            has_auto_reply = auto_reply(world, random, relation, sent);
        }
        let is_answered = random.chance(relation.answered_share());
        // Without an answer some ask again, a few days later.
        if !is_answered && !random.chance(0.12) {
            return;
        }
        let median_min = if is_answered { patience_min(world, relation, !outgoing) } else { 4.0 * 1_440.0 };
        outgoing = outgoing != is_answered;
        at_us = next_moment_us(world, random, relation, outgoing, at_us, median_min);
        parent = Some(sent);
    }
}

fn patience_min(world: &World, relation: &Relation, outgoing: bool) -> f64 {
    if outgoing { world.users[relation.user].answers_after_min } else { world.people[relation.person].answers_after_min }
}

/// When the next message is written: not during the writer's holidays.
fn next_moment_us(world: &World, random: &mut Random, relation: &Relation, outgoing: bool, at_us: i64, median_min: f64) -> i64 {
    let at_us = world.days.answer_moment_us(at_us, median_min, random);
    let (day, _) = world.days.local(at_us);
    let away = if outgoing { world.users[relation.user].away_until(day) } else { world.people[relation.person].away_until(day) };
    match away {
        Some(until) => world.days.office_moment_us(world.days.working_from(until + 1), random),
        None => at_us,
    }
}

fn begin(world: &World, random: &mut Random, relation: &Relation, day: i32) -> Option<Conversation> {
    let person = &world.people[relation.person];
    let theirs = match person.parties.len() {
        0 => return None,
        1 => person.parties[0],
        // Most people write from the address at work, whatever else they have.
        count => person.parties[if random.chance(0.75) { 0 } else { random.below(count) }],
    };
    let aliases = &world.users[relation.user].parties;
    let ours = aliases[if random.chance(0.85) { 0 } else { random.below(aliases.len()) }];
    let mut cc = Vec::new();
    if let Some(helper) = relation.helper.filter(|_| random.chance(0.4)) {
        cc.push(world.users[helper].parties[0]);
    }
    if relation.rhythm.is_sociable() && random.chance(0.22) {
        cc.extend(companion(world, random, relation.person));
    }
    let product = random.pick(PRODUCTS);
    let subject = fill(random.pick(phrases(person.language).mails), product);
    let regarding = tracked_under(world, random, relation, day);
    Some(Conversation { ours, theirs, cc, subject, language: person.language, regarding })
}

/// Somebody else of the same account who may be copied in.
fn companion(world: &World, random: &mut Random, person: usize) -> Option<PartyId> {
    let account = world.people[person].account?;
    let colleagues: Vec<usize> = (0..world.people.len())
        .filter(|&other| {
            let is_sociable = world.contacts.get(other).is_none_or(|contact| contact.rhythm.is_sociable());
            other != person && is_sociable && world.people[other].account == Some(account)
        })
        .collect();
    if colleagues.is_empty() {
        return None;
    }
    world.people[colleagues[random.below(colleagues.len())]].parties.first().copied()
}

/// The record that sellers file a conversation, call or meeting under, if they do.
pub(super) fn tracked_under(world: &World, random: &mut Random, relation: &Relation, day: i32) -> Option<String> {
    let person = &world.people[relation.person];
    if !relation.is_main || !random.chance(0.3) {
        return None;
    }
    let opportunity = person.account.and_then(|account| world.running_opportunity(account, day));
    match opportunity {
        Some(opportunity) => Some(format!("opportunities/{}", opportunity_id(opportunity))),
        None => person.reference.filter(|_| random.chance(0.4)).map(Reference::regarding),
    }
}

/// One message of a conversation, and its CRM activity where it is tracked.
fn say(
    world: &mut World,
    random: &mut Random,
    conversation: &Conversation,
    outgoing: bool,
    at_us: i64,
    parent: Option<usize>,
) -> Option<usize> {
    let (from, to) = if outgoing { (conversation.ours, conversation.theirs) } else { (conversation.theirs, conversation.ours) };
    let prefix = if parent.is_some() { random.pick(phrases(conversation.language).reply_prefixes) } else { "" };
    let id = message_id(random, &world.party(from).address);
    let names_parent = !random.chance(0.01);
    let sent = world.send(Message {
        at_us,
        from,
        to: vec![to],
        cc: conversation.cc.clone(),
        subject: format!("{prefix}{}", conversation.subject),
        id,
        parent,
        names_parent,
        language: conversation.language,
        nature: Nature::Ordinary,
        blind_copies: Vec::new(),
    })?;
    if conversation.regarding.is_some() {
        track(world, sent, conversation.regarding.clone());
    }
    Some(sent)
}

/// The CRM's copy of a mail. It names the same Message-ID, so both are one interaction.
fn track(world: &mut World, sent: usize, regarding: Option<String>) {
    let message = &world.messages[sent];
    let participants = |parties: &[PartyId]| parties.iter().copied().map(Participant::Party).collect();
    let parent = message.parent.filter(|_| message.names_parent);
    let activity = Activity {
        at_us: message.at_us,
        kind: Kind::Email,
        from: Some(Participant::Party(message.from)),
        to: participants(&message.to),
        cc: participants(&message.cc),
        duration_min: 0,
        message_id: Some(message.id.clone()),
        in_reply_to: parent.map(|parent| world.messages[parent].id.clone()),
        subject: message.subject.clone(),
        regarding,
        state: State::Completed,
    };
    world.log(activity);
}

/// The person's mailbox says at once that they are away.
fn auto_reply(world: &mut World, random: &mut Random, relation: &Relation, sent: usize) -> bool {
    let message = &world.messages[sent];
    let (day, _) = world.days.local(message.at_us);
    let is_away = world.people[relation.person].away_until(day).is_some();
    if !is_away || !random.chance(0.7) {
        return false;
    }
    let (from, to) = (message.to[0], message.from);
    let reply = Message {
        at_us: message.at_us + i64::from(random.between(3, 50)) * 1_000_000,
        from,
        to: vec![to],
        cc: Vec::new(),
        subject: format!("{}{}", phrases(message.language).out_of_office, message.subject),
        id: message_id(random, &world.party(from).address),
        parent: Some(sent),
        names_parent: true,
        language: message.language,
        nature: Nature::AutomaticReply,
        blind_copies: Vec::new(),
    };
    world.send(reply).is_some()
}
