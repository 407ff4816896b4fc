//! What happens in a world, and who saw it.

use super::company::{externals, owner_address};
use super::moments::{DAY, HOUR, SECOND, offset_text, rfc3339};
use super::{ActivityRow, InteractionRow, UserRow, World};
use crate::chance::Chance;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Two events keep this distance unless they are meant to be at the same moment; the copies of one event stay within it.
const APART: i64 = 20 * SECOND;

/// An email that can be answered.
#[derive(Clone)]
struct Mail {
    moment: i64,
    message_id: Option<String>,
    conversation_id: Option<String>,
    subject: Option<String>,
    from: String,
    to: Vec<String>,
    cc: Vec<String>,
}

/// What happened, before it is told who saw it.
#[derive(Clone)]
struct Event {
    moment: i64,
    row: InteractionRow,
}

/// The events so far, and their rows.
pub(super) struct Events {
    pub(super) chance: Chance,
    as_of: i64,
    zone: TimeZone,
    internal: Vec<String>,
    external: Vec<String>,
    users: Vec<UserRow>,
    records: Vec<String>,
    moments: Vec<i64>,
    mails: Vec<Mail>,
    number: usize,
    pub(super) interactions: Vec<InteractionRow>,
    pub(super) activities: Vec<ActivityRow>,
}

impl Events {
    pub(super) fn new(world: &World, mut chance: Chance) -> Self {
        let mut internal: Vec<String> = Vec::new();
        for user in &world.users {
            internal.extend([user.email.clone(), user.email.to_uppercase(), user.email.clone()]);
            internal.extend(user.aliases.iter().cloned());
        }
        // Ours without a user.
        internal.push("desk@us.example".to_owned());
        if world.internal_domains.len() > 1 {
            internal.push("till@branch.us.example".to_owned());
        }
        let mut external = externals(1 + world.contacts.len() / 4);
        external.extend(
            ["F.a.y.fox+news@GoogleMail.com", "gus+x@Outlook.com", "zoe@alone.example", "ann@them1.example"].map(str::to_owned),
        );
        external.extend(["Bob B <bob@them1.example>", "zoe@alone.example", "Zoë Z <Zoe@alone.example>"].map(str::to_owned));
        external.extend(world.contacts.iter().map(|row| format!("contact:{}", row.id)));
        external.extend(world.leads.iter().map(|row| format!("lead:{}", row.id)));
        // A few people make most of the traffic.
        chance.shuffle(&mut external);
        let favourites: Vec<String> = external.iter().take(3).cloned().collect();
        for _ in 0..external.len() / 3 {
            external.extend(favourites.iter().cloned());
        }
        Self {
            chance,
            as_of: world.as_of,
            zone: TimeZone::get(&world.time_zone).expect("a world's time zone is in the database"),
            internal,
            external,
            users: world.users.clone(),
            records: world.records().into_iter().map(|(table, id)| format!("{table}/{id}")).collect(),
            moments: Vec::new(),
            mails: Vec::new(),
            number: 0,
            interactions: Vec::new(),
            activities: Vec::new(),
        }
    }

    /// One more event.
    pub(super) fn add(&mut self) {
        self.number += 1;
        match self.chance.below(100) {
            0..40 => self.new_mail(),
            40..65 => self.answer(),
            65..80 => self.meeting(),
            80..88 => self.call(),
            88..95 => self.task(),
            95..97 => self.excluded(),
            97..99 => self.failed(),
            _ => self.mailing(),
        }
    }

    /// A moment up to `as_of` that no other event has.
    fn past_moment(&mut self) -> i64 {
        let age = match self.chance.below(100) {
            0..30 => self.chance.between(0, 14),
            30..55 => self.chance.between(0, 60),
            55..80 => self.chance.between(0, 400),
            80..92 => self.chance.between(0, 760),
            _ => self.chance.between(700, 1500),
        };
        let mut moment = self.as_of - age * DAY - self.chance.between(0, 86_399) * SECOND;
        if self.chance.percent(25) {
            // Around a local midnight.
            let midnight = self.local_midnight(moment);
            moment = (midnight + self.chance.between(-90, 90) * SECOND).min(self.as_of);
        }
        self.unused(moment)
    }

    fn local_midnight(&self, moment: i64) -> i64 {
        let date = Timestamp::from_microsecond(moment).expect("a moment of our time").to_zoned_datetime(self.zone.clone()).date();
        let midnight = date.checked_add(1.day()).expect("a date of our time").to_zoned_datetime(self.zone.clone());
        midnight.expect("a date of our time").timestamp().as_microsecond()
    }

    /// This moment or one shortly before it, far enough from every other event.
    fn unused(&mut self, mut moment: i64) -> i64 {
        while self.moments.iter().any(|other| (other - moment).abs() < 2 * APART) {
            moment -= 3 * APART;
        }
        self.moments.push(moment);
        moment
    }

    fn unused_after(&mut self, mut moment: i64) -> i64 {
        while self.moments.iter().any(|other| (other - moment).abs() < 2 * APART) {
            moment += 3 * APART;
        }
        self.moments.push(moment);
        moment
    }

    /// Initiator and the others, both sides among them, with the initiator's own side now and then.
    fn sides(&mut self) -> (String, Vec<String>, Vec<String>) {
        let outgoing = self.chance.percent(55);
        let (initiators, others) = if outgoing { (&self.internal, &self.external) } else { (&self.external, &self.internal) };
        let chance = &mut self.chance;
        let from = chance.pick(initiators).clone();
        let number = *chance.pick(&[1, 1, 1, 2, 2, 3, 5]);
        let to = chance.some(number, others);
        let mut cc = Vec::new();
        if chance.percent(30) {
            let number = 1 + chance.below(2);
            cc.extend(chance.some(number, initiators));
        }
        if chance.percent(15) {
            cc.push(chance.pick(others).clone());
        }
        (from, to, cc)
    }

    fn message_id(&self) -> String {
        format!("m{:04}@mail.example", self.number)
    }

    fn new_mail(&mut self) {
        let mut moment = self.past_moment();
        let (from, to, cc) = self.sides();
        let has_id = self.chance.percent(85);
        let twin = self.mails.last().filter(|last| last.message_id.is_some()).map(|last| last.moment);
        if let Some(twin) = twin.filter(|_| has_id && self.chance.percent(10)) {
            moment = twin;
        }
        let conversation_id = self.chance.percent(25).then(|| format!("conv{}", self.chance.below(6)));
        // A parent that nobody ever sees, sometimes shared by several mails.
        let parent = self.chance.percent(15).then(|| format!("<unseen{}@mail.example>", self.chance.below(4)));
        let subject =
            self.chance.maybe(60, &["Offer".to_owned(), "Order, urgent".to_owned(), "Re: Offer".to_owned(), "Re:".to_owned()]);
        let mail = Mail { moment, message_id: has_id.then(|| self.message_id()), conversation_id, subject, from, to, cc };
        self.send(&mail, parent);
    }

    /// An answer, forward or reminder in a conversation that there is: by headers, by conversation, or by its subject only.
    fn answer(&mut self) {
        if self.mails.is_empty() {
            return self.new_mail();
        }
        let at = self.mails.len() - 1 - self.chance.below(self.mails.len().min(8));
        let parent = self.mails[at].clone();
        let minutes = match self.chance.below(10) {
            0..5 => self.chance.between(1, 48 * 60),
            5..7 => self.chance.between(1, 10 * 24 * 60),
            // Exactly at the limits of the response rate and of the subject rule.
            7 => 168 * 60,
            8 => 30 * 24 * 60,
            _ => self.chance.between(20 * 24 * 60, 45 * 24 * 60),
        };
        let moment = self.unused_after(parent.moment + minutes * 60 * SECOND);
        if moment > self.as_of {
            return self.new_mail();
        }
        let swaps = self.chance.percent(75) && !parent.to.is_empty();
        let (from, to) = if swaps {
            let mut to = parent.to.clone();
            let from = std::mem::replace(&mut to[0], parent.from.clone());
            (from, to)
        } else {
            (parent.from.clone(), parent.to.clone())
        };
        let prefix = *self.chance.pick(&["Re: ", "RE: ", "Fwd: Re: ", "AW: ", "re[2]: ", ""]);
        let subject = parent.subject.as_ref().map(|subject| format!("{prefix}{subject}"));
        let by = self.chance.below(10);
        let conversation_id = parent.conversation_id.clone().filter(|_| by < 6);
        let in_reply_to = parent.message_id.clone().filter(|_| (2..8).contains(&by)).map(|id| format!("<{id}>"));
        let message_id = self.chance.percent(90).then(|| self.message_id());
        self.send(&Mail { moment, message_id, conversation_id, subject, from, to, cc: parent.cc }, in_reply_to);
    }

    fn send(&mut self, mail: &Mail, in_reply_to: Option<String>) {
        let mut row = InteractionRow {
            kind: "email".to_owned(),
            from: Some(mail.from.clone()),
            to: mail.to.clone(),
            cc: mail.cc.clone(),
            message_id: mail.message_id.clone(),
            conversation_id: mail.conversation_id.clone(),
            in_reply_to,
            subject: mail.subject.clone(),
            regarding: self.chance.maybe(8, &self.records),
            ..InteractionRow::default()
        };
        if self.chance.percent(4) {
            // Not a mail that others answer: whether it links a conversation must not matter.
            row.state = Some((*self.chance.pick(&["open", "cancelled", "scheduled"])).to_owned());
            row.subject = None;
        } else {
            if self.chance.percent(10) {
                row.state = Some("completed".to_owned());
            }
            self.mails.push(mail.clone());
        }
        self.saw(&Event { moment: mail.moment, row });
    }

    fn meeting(&mut self) {
        let later = self.chance.percent(15);
        let moment = if later { self.future_moment() } else { self.past_moment() };
        let (from, to, cc) = self.sides();
        let state = match self.chance.below(100) {
            60..75 if !later => Some("completed"),
            75..85 => Some("scheduled"),
            85..92 => Some("cancelled"),
            _ => None,
        };
        let row = InteractionRow {
            kind: "meeting".to_owned(),
            from: self.chance.percent(90).then_some(from),
            to,
            cc,
            duration_s: self.chance.maybe(85, &["900".to_owned(), "1800".to_owned(), "3600".to_owned(), "5400".to_owned()]),
            message_id: self.chance.percent(70).then(|| format!("uid{}", self.number - self.chance.below(2))),
            subject: self.chance.maybe(40, &["Meeting".to_owned()]),
            regarding: self.chance.maybe(30, &self.records),
            state: state.map(str::to_owned),
            ..InteractionRow::default()
        };
        self.saw(&Event { moment, row });
    }

    /// After `as_of`, also within the first day.
    fn future_moment(&mut self) -> i64 {
        let moment = self.as_of + self.chance.between(60, 20 * 86_400) * SECOND;
        let moment = if self.chance.percent(30) { self.as_of + self.chance.between(60, 86_000) * SECOND } else { moment };
        self.unused_after(moment)
    }

    fn call(&mut self) {
        let outgoing = self.chance.percent(60);
        let ours = self.chance.pick(&self.internal).clone();
        let theirs = self.chance.pick(&self.external).clone();
        let (from, to) = if outgoing { (ours, theirs) } else { (theirs, ours) };
        let planned = self.chance.percent(12);
        let moment = if planned && self.chance.percent(60) { self.future_moment() } else { self.past_moment() };
        let state = if planned { Some(*self.chance.pick(&["open", "scheduled"])) } else { self.chance.maybe(40, &["completed"]) };
        let row = InteractionRow {
            kind: "phone_call".to_owned(),
            from: self.chance.percent(93).then_some(from),
            to: vec![to],
            duration_s: self.chance.maybe(90, &["60".to_owned(), "295".to_owned(), "1200".to_owned()]),
            message_id: self.chance.percent(30).then(|| format!("call{}", self.number)),
            regarding: self.chance.maybe(25, &self.records),
            state: state.map(str::to_owned),
            ..InteractionRow::default()
        };
        self.saw(&Event { moment, row });
    }

    fn task(&mut self) {
        let with_people = self.chance.percent(40);
        let planned = self.chance.percent(30);
        let moment = if planned && self.chance.percent(50) { self.future_moment() } else { self.past_moment() };
        let state = if planned { Some(*self.chance.pick(&["open", "scheduled", "cancelled"])) } else { Some("completed") };
        let row = InteractionRow {
            kind: "task".to_owned(),
            from: with_people.then(|| self.chance.pick(&self.internal).clone()),
            to: if with_people { vec![self.chance.pick(&self.external).clone()] } else { Vec::new() },
            duration_s: self.chance.maybe(70, &["600".to_owned()]),
            message_id: self.chance.percent(20).then(|| format!("task{}", self.number)),
            regarding: self.chance.maybe(90, &self.records),
            state: state.filter(|_| planned || self.chance.percent(70)).map(str::to_owned),
            ..InteractionRow::default()
        };
        self.saw(&Event { moment, row });
    }

    /// To many: 50 recipients are kept, 51 are not; somebody named twice counts once.
    fn mailing(&mut self) {
        let moment = self.past_moment();
        let number = *self.chance.pick(&[20, 50, 51, 60]);
        let mut to: Vec<String> = (0..number - 1).map(|n| format!("many{n:02}@list.example")).collect();
        to.push("ann@them1.example".to_owned());
        to.push("Ann <ANN@them1.example>".to_owned());
        let row = InteractionRow {
            kind: "email".to_owned(),
            from: Some(self.chance.pick(&self.internal).clone()),
            to,
            message_id: Some(self.message_id()),
            ..InteractionRow::default()
        };
        self.saw(&Event { moment, row });
    }

    /// One reason alone, or two of which the first applies.
    fn excluded(&mut self) {
        let moment = self.past_moment();
        let ours = self.chance.pick(&self.internal).clone();
        let (from, to) = match self.chance.below(5) {
            0 => (ours, Vec::new()),
            1 => ("ann@them1.example".to_owned(), vec!["dee@them2.example".to_owned()]),
            2 => (ours, vec!["desk@us.example".to_owned()]),
            3 => ("no-reply@them1.example".to_owned(), vec![ours]),
            _ => ("noreply@them2.example".to_owned(), Vec::new()),
        };
        let row = InteractionRow {
            kind: "email".to_owned(),
            occurred_at: if self.chance.percent(20) { "no date".to_owned() } else { rfc3339(moment) },
            from: Some(from),
            to,
            message_id: Some(self.message_id()),
            ..InteractionRow::default()
        };
        self.interactions.push(row);
    }

    fn failed(&mut self) {
        let (ours, theirs) = (self.chance.pick(&self.internal).clone(), "ann@them1.example".to_owned());
        let mut row = InteractionRow {
            occurred_at: rfc3339(self.as_of - 5 * DAY),
            kind: "email".to_owned(),
            from: Some(ours.clone()),
            to: vec![theirs],
            message_id: Some(self.message_id()),
            ..InteractionRow::default()
        };
        match self.chance.below(6) {
            0 => row.occurred_at = "next tuesday".into(),
            1 => row.occurred_at = String::new(),
            2 => row.occurred_at = "1989-12-31T23:59:59Z".into(),
            3 => row.occurred_at = rfc3339(self.as_of + DAY + 3 * HOUR),
            4 => {
                row.from = None;
                row.to.push(ours);
            }
            _ => row.kind = "fax".into(),
        }
        self.interactions.push(row);
    }

    // --- Who saw it ---------------------------------------------------------------------------------------------------------------

    /// Writes the rows: the CRM's, those of mailboxes, or both.
    fn saw(&mut self, event: &Event) {
        let by_crm = self.chance.percent(40);
        let by_mailboxes = !by_crm || self.chance.percent(50);
        let has_id = event.row.message_id.is_some();
        if by_crm {
            let mut row = self.copy(event, 0);
            if has_id && self.chance.percent(40) {
                // The CRM knows fewer people, or names them by reference.
                self.show_some(&mut row);
            }
            row.source = Some("crm".to_owned());
            let as_activity = self.chance.percent(60);
            if as_activity {
                row.source = None;
                self.activities.push(ActivityRow { id: format!("act{:04}", self.number), row });
            } else {
                self.interactions.push(row);
            }
        }
        if by_mailboxes {
            let copies = *self.chance.pick(&[1, 1, 1, 2, 2, 3]);
            for nth in 0..copies {
                self.mailbox_copy(event, nth, by_crm);
            }
        }
    }

    fn mailbox_copy(&mut self, event: &Event, nth: i64, crm_knows: bool) {
        let has_id = event.row.message_id.is_some();
        let is_meeting = event.row.kind == "meeting";
        // Mailboxes note other seconds; where the moment is the identity they do not.
        let later = if has_id && !is_meeting { nth * self.chance.between(0, 4) * SECOND } else { 0 };
        let mut row = self.copy(event, later);
        if has_id && nth > 0 && self.chance.percent(50) {
            self.show_some(&mut row);
        }
        if crm_knows && self.chance.percent(60) {
            row.regarding = None;
        }
        if row.kind == "meeting" && self.chance.percent(15) {
            row.state = Some((*self.chance.pick(&["cancelled", "completed", "scheduled"])).to_owned());
        }
        if row.duration_s.is_some() && self.chance.percent(15) {
            row.duration_s = Some("2700".to_owned());
        }
        row.conversation_id = row.conversation_id.filter(|_| nth == 0 || self.chance.percent(80));
        row.source = self.chance.percent(50).then(|| "mailbox".to_owned());
        row.mailbox = if self.chance.percent(80) { Some(owner_address(&mut self.chance, &self.users)) } else { None };
        self.interactions.push(row);
    }

    /// The event as it was, with its moment written in one of the allowed ways.
    fn copy(&mut self, event: &Event, later: i64) -> InteractionRow {
        let mut row = event.row.clone();
        let moment = event.moment + later;
        row.occurred_at = match self.chance.below(4) {
            0 if moment % SECOND == 0 => (moment / SECOND).to_string(),
            1 => offset_text(moment),
            _ => rfc3339(moment),
        };
        if let Some(id) = row.message_id.as_mut().filter(|_| self.chance.percent(50)) {
            *id = format!("<{id}>");
        }
        row
    }

    /// Somebody is not seen by everybody; the initiator always is.
    fn show_some(&mut self, row: &mut InteractionRow) {
        if !matches!(row.kind.as_str(), "email" | "meeting") {
            return;
        }
        match self.chance.below(3) {
            0 => row.cc.clear(),
            1 if row.to.len() > 1 => {
                let at = self.chance.below(row.to.len());
                row.to.remove(at);
            }
            _ => row.cc.push(self.chance.pick(&self.external).clone()),
        }
    }
}
