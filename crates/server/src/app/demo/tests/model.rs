//! A rough model `v2` of health and ties over what was generated: enough to see that every state, trend and grade occurs.

use std::collections::BTreeMap;

use super::super::INTERNAL_DOMAIN;
use super::super::world::{
    Answer, Kind, Meeting, Message, Nature, OpportunityStatus, Participant, PartyId, Reference, StartForm, State, World,
    account_id, opportunity_id,
};

/// Communication once a week.
const FREQUENCY_DAYS: f64 = 7.0;
const AGE_DAYS_MAX: i32 = 730;

#[derive(Clone, Copy, Default)]
pub(super) struct DayFacts {
    pub(super) outgoing: bool,
    pub(super) incoming: bool,
    pub(super) weight: f64,
}

/// As often in touch as expected is 0.65.
fn curve(share: f64) -> f64 {
    share.sqrt() / (share.sqrt() + 7.0 / 13.0)
}

/// The active days of a record or a tie, by age.
#[derive(Clone, Default)]
pub(super) struct Facts {
    pub(super) days: BTreeMap<i32, DayFacts>,
    has_plans: bool,
}

impl Facts {
    fn add(&mut self, event: &Event, reached: usize) {
        let day = self.days.entry(event.age_days).or_default();
        day.outgoing |= event.outgoing;
        day.incoming |= !event.outgoing || event.is_two_way;
        day.outgoing |= event.is_two_way;
        day.weight = day.weight.max(1.0 / (reached.max(1) as f64).sqrt());
    }

    /// The days up to `back_days` ago, by their age then, at most two years.
    fn known(&self, back_days: i32) -> impl Iterator<Item = (f64, &DayFacts)> {
        let days = self.days.iter().map(move |(age, day)| (age - back_days, day));
        days.filter(|(age, _)| (0..=AGE_DAYS_MAX).contains(age)).map(|(age, day)| (f64::from(age), day))
    }

    /// The score as it was `back_days` ago, 0 to 1, unrounded.
    fn score_at(&self, back_days: i32) -> f64 {
        let Some((silent_days, _)) = self.known(back_days).next() else { return 0.0 };
        let memory = |counts: fn(&DayFacts) -> bool| -> f64 {
            let days = self.known(back_days).filter(|(_, day)| counts(day));
            days.map(|(age, _)| 1.0 / (1.0 + age / (2.0 * FREQUENCY_DAYS))).sum()
        };
        let all = memory(|_| true);
        let mutual = 0.75 * all + 0.25 * all.min(2.0 * memory(|day| day.outgoing).min(memory(|day| day.incoming)));
        let freshness = 1.0 / (1.0 + (silent_days / (3.0 * FREQUENCY_DAYS)).powi(3));
        let expectation: f64 = (0..=52).map(|count| 1.0 / (1.0 + f64::from(count) / 2.0)).sum();
        curve(mutual * freshness / expectation)
    }

    pub(super) fn score(&self) -> f64 {
        self.score_at(0)
    }

    pub(super) fn strength(&self) -> f64 {
        let Some((silent_days, _)) = self.known(0).next() else { return 0.0 };
        let memory: f64 = self.known(0).map(|(age, day)| day.weight / (1.0 + age / 21.0)).sum();
        let freshness = 1.0 / (1.0 + (silent_days / 42.0).powi(2));
        let expectation: f64 = (0..=52).map(|count| 1.0 / (1.0 + f64::from(count) / 3.0)).sum();
        curve(memory * freshness / expectation)
    }

    pub(super) fn exists(&self) -> bool {
        self.days.range(0..=AGE_DAYS_MAX).next().is_some()
    }

    pub(super) fn is_one_way(&self) -> bool {
        let mut year = self.days.range(0..=365).map(|(_, day)| day);
        !(year.clone().any(|day| day.outgoing) && year.any(|day| day.incoming))
    }

    pub(super) fn state(&self) -> &'static str {
        let recent_days = self.days.range(0..=AGE_DAYS_MAX).count();
        match (recent_days, (self.score() * 100.0 + 0.5).floor() as i32) {
            (0, _) if !self.days.is_empty() => "older_than_two_years",
            (0, _) if self.has_plans => "no_closed_activities",
            (0 | 1, _) => "not_enough_info",
            (_, 60..) => "good",
            (_, 40..) => "fair",
            _ => "poor",
        }
    }

    pub(super) fn trend(&self) -> &'static str {
        let has_score = matches!(self.state(), "good" | "fair" | "poor");
        let is_young = self.days.keys().next_back().is_none_or(|&first| first < 42);
        let mean = |from: i32| (from..from + 14).map(|back| self.score_at(back) * 100.0 / 14.0).sum::<f64>();
        match mean(0) - mean(28) {
            _ if !has_score || is_young => "not_enough_info",
            8.0.. => "improving",
            ..=-8.0 => "declining",
            _ => "steady",
        }
    }

    pub(super) fn grade(&self) -> &'static str {
        match self.strength() {
            _ if self.is_one_way() => "weak",
            0.595.. => "strong",
            0.295.. => "medium",
            _ => "weak",
        }
    }
}

/// One interaction, whoever saw it.
struct Event {
    age_days: i32,
    kind: Kind,
    outgoing: bool,
    is_two_way: bool,
    from: Option<Participant>,
    others: Vec<Participant>,
    regarding: Option<String>,
    sides: Sides,
}

/// Those who take part on either side: users, and people by position.
#[derive(Default)]
struct Sides {
    users: Vec<usize>,
    people: Vec<usize>,
}

struct Ledger<'a> {
    world: &'a World,
    events: Vec<Event>,
    owners: BTreeMap<PartyId, usize>,
}

impl<'a> Ledger<'a> {
    fn new(world: &'a World) -> Self {
        let mut owners = BTreeMap::new();
        for (person, facts) in world.people.iter().enumerate() {
            for &party in &facts.parties {
                owners.insert(party, person);
            }
        }
        let mut ledger = Self { world, events: Vec::new(), owners };
        world.messages.iter().for_each(|message| ledger.add_message(message));
        world.meetings.iter().for_each(|meeting| ledger.add_meeting(meeting));
        ledger.add_activities();
        // Once per event: they are asked for by every record.
        let sides: Vec<Sides> = ledger.events.iter().map(|event| ledger.sides(event)).collect();
        for (event, sides) in ledger.events.iter_mut().zip(sides) {
            event.sides = sides;
        }
        ledger
    }

    fn is_ours(&self, party: PartyId) -> bool {
        let party = self.world.party(party);
        party.user.is_some() || party.address.ends_with(&format!("@{INTERNAL_DOMAIN}"))
    }

    fn add_message(&mut self, message: &Message) {
        let others: Vec<PartyId> = message.to.iter().chain(&message.cc).copied().collect();
        let ours = others.iter().filter(|&&party| self.is_ours(party)).count();
        let outgoing = self.is_ours(message.from);
        let is_internal = outgoing && ours == others.len();
        let is_external = !outgoing && ours == 0;
        if message.nature != Nature::Ordinary || is_internal || is_external || others.len() > 50 {
            return;
        }
        self.events.push(Event {
            age_days: -self.world.days.local(message.at_us).0,
            kind: Kind::Email,
            outgoing,
            is_two_way: false,
            from: Some(Participant::Party(message.from)),
            others: others.into_iter().map(Participant::Party).collect(),
            regarding: None,
            sides: Sides::default(),
        });
    }

    fn add_meeting(&mut self, meeting: &Meeting) {
        if meeting.is_private || meeting.form == StartForm::AllDay {
            return;
        }
        let present: Vec<PartyId> = meeting
            .attendees
            .iter()
            .filter(|attendee| attendee.answer != Answer::Declined)
            .map(|attendee| attendee.party)
            .collect();
        let outgoing = self.is_ours(meeting.organizer);
        if present.iter().all(|&party| self.is_ours(party) == outgoing) {
            return;
        }
        for day in held_days(meeting, 0) {
            if self.world.days.moment_us(day, meeting.minute) > self.world.days.as_of_us {
                continue;
            }
            self.events.push(Event {
                age_days: -day,
                kind: Kind::Meeting,
                outgoing,
                is_two_way: true,
                from: Some(Participant::Party(meeting.organizer)),
                others: present.iter().copied().map(Participant::Party).collect(),
                regarding: None,
                sides: Sides::default(),
            });
        }
    }

    fn add_activities(&mut self) {
        for activity in &self.world.activities {
            if !matches!(activity.state, State::Completed | State::Unsaid) {
                continue;
            }
            let outgoing = match activity.from {
                Some(Participant::Party(party)) => self.is_ours(party),
                Some(Participant::Reference(_)) => false,
                None => true,
            };
            self.events.push(Event {
                age_days: -self.world.days.local(activity.at_us).0,
                kind: activity.kind,
                outgoing,
                is_two_way: activity.kind == Kind::Meeting,
                from: activity.from,
                others: activity.to.iter().chain(&activity.cc).copied().collect(),
                regarding: activity.regarding.clone(),
                sides: Sides::default(),
            });
        }
    }

    fn person(&self, participant: Participant) -> Option<usize> {
        match participant {
            Participant::Party(party) => self.owners.get(&party).copied(),
            Participant::Reference(reference) => self.world.people.iter().position(|person| person.reference == Some(reference)),
        }
    }

    fn sides(&self, event: &Event) -> Sides {
        let mut sides = Sides { users: Vec::new(), people: Vec::new() };
        for participant in event.from.iter().chain(&event.others) {
            match participant {
                Participant::Party(party) if self.is_ours(*party) => sides.users.extend(self.world.party(*party).user),
                _ => sides.people.extend(self.person(*participant)),
            }
        }
        sides
    }
}

/// The days on which a meeting takes place, up to `last_day`, with the series' exceptions heeded.
fn held_days(meeting: &Meeting, last_day: i32) -> Vec<i32> {
    let Some(recurrence) = &meeting.recurrence else {
        return if meeting.is_cancelled || meeting.day > last_day { vec![] } else { vec![meeting.day] };
    };
    let end = recurrence.until_day.unwrap_or(last_day).min(last_day);
    let planned = (meeting.day..=end).step_by(recurrence.interval_weeks as usize * 7);
    planned
        .filter(|day| !recurrence.skipped_days.contains(day) && recurrence.cancelled_day != Some(*day))
        .map(|day| recurrence.moved.filter(|moved| moved.0 == day).map_or(day, |moved| moved.1))
        .filter(|&day| day <= last_day)
        .collect()
}

fn has_plans(world: &World, regarding: &str) -> bool {
    let is_planned = |state| matches!(state, State::Open | State::Scheduled);
    world.activities.iter().any(|activity| is_planned(activity.state) && activity.regarding.as_deref() == Some(regarding))
}

/// Contacts, leads, discovered people, in this order: any user counts, for leads the owner alone.
pub(super) fn facts_of_people(world: &World) -> Vec<Facts> {
    let ledger = Ledger::new(world);
    let mut facts = vec![Facts::default(); world.people.len()];
    for event in &ledger.events {
        let sides = &event.sides;
        for &person in &sides.people {
            let may_count = match world.people[person].reference {
                Some(Reference::Lead(lead)) => sides.users.contains(&world.leads[lead].owner),
                _ => true,
            };
            if may_count && event.kind != Kind::Task {
                facts[person].add(event, 1);
            }
        }
        for (person, facts) in facts.iter_mut().enumerate() {
            let record = world.people[person].reference.map(Reference::regarding);
            if record.is_some() && record == event.regarding {
                facts.add(event, 1);
            }
        }
    }
    for (person, facts) in facts.iter_mut().enumerate() {
        facts.has_plans = world.people[person].reference.is_some_and(|record| has_plans(world, &record.regarding()));
    }
    facts
}

fn facts_of(ledger: &Ledger<'_>, people: &[usize], users: Option<&[usize]>, regarding: &str, meetings: bool) -> Facts {
    let mut facts = Facts::default();
    for event in &ledger.events {
        let sides = &event.sides;
        let is_met = people.iter().any(|person| sides.people.contains(person));
        let is_ours = users.is_none_or(|users| users.iter().any(|user| sides.users.contains(user)));
        let may_take_part = match event.kind {
            Kind::Task => false,
            Kind::Meeting => meetings || event.regarding.is_none(),
            _ => true,
        };
        if is_met && is_ours && may_take_part || event.regarding.as_deref() == Some(regarding) {
            facts.add(event, 1);
        }
    }
    let plans_of_people = people.iter().filter_map(|&person| ledger.world.people[person].reference);
    facts.has_plans = has_plans(ledger.world, regarding)
        || plans_of_people.into_iter().any(|reference| has_plans(ledger.world, &reference.regarding()));
    facts
}

pub(super) fn facts_of_accounts(world: &World) -> Vec<Facts> {
    let ledger = Ledger::new(world);
    let accounts = world.accounts.iter().enumerate();
    accounts
        .map(|(position, account)| {
            facts_of(&ledger, &account.contacts, None, &format!("accounts/{}", account_id(position)), true)
        })
        .collect()
}

pub(super) fn facts_of_opportunities(world: &World) -> Vec<Facts> {
    let ledger = Ledger::new(world);
    let open = world.opportunities.iter().enumerate().filter(|(_, deal)| deal.status == OpportunityStatus::Open);
    open.map(|(position, deal)| {
        let mut people = vec![deal.contact];
        people.extend(&deal.stakeholders);
        people.extend(world.accounts[deal.account].primary_contact);
        let mut users = vec![deal.owner];
        users.extend(&deal.team);
        facts_of(&ledger, &people, Some(&users), &format!("opportunities/{}", opportunity_id(position)), false)
    })
    .collect()
}

/// One for each user and person who share an interaction that makes a tie.
pub(super) fn facts_of_ties(world: &World) -> Vec<Facts> {
    let ledger = Ledger::new(world);
    let mut ties: BTreeMap<(usize, usize), Facts> = BTreeMap::new();
    for event in ledger.events.iter().filter(|event| event.kind != Kind::Task) {
        let sides = &event.sides;
        let reached = if event.outgoing { sides.people.len() } else { sides.users.len() };
        let sender = event.from.and_then(|from| match from {
            Participant::Party(party) => world.party(party).user,
            Participant::Reference(_) => None,
        });
        let sending_person = event.from.and_then(|from| ledger.person(from));
        for &user in &sides.users {
            for &person in &sides.people {
                let is_sender = if event.outgoing { sender == Some(user) } else { sending_person == Some(person) };
                if is_sender || event.kind == Kind::Meeting {
                    ties.entry((user, person)).or_default().add(event, reached);
                }
            }
        }
    }
    ties.into_values().collect()
}
