//! Small worlds as text, and results as text.
//!
//! One line per activity: `DATE TIME KIND FROM -> TO.. [cc CC..] [option..]`; in place of date and time also `DATEThh:mm:ssZ` or `-7d` (that
//! many times 24 hours before `as_of`). Names in capitals are users (`A2` is an alias of `A`), `~p` is ours without a user, others are theirs (`x2` is another
//! address of person `x`). Options: `id=`, `conv=`, `subject=`, `regarding=`, `state=`, `minutes=`, `threaded`, `crm`, `both`.

use std::{collections::BTreeMap, fmt::Write};

use rapport_domain::{
    ActivityState, AddressEntry, AddressId, Calendar, Direction, Directory, InsightSettings, Kind, Model, Moment, PersonId, Role,
    Seen, Side, Table, Touches, User, UserId,
    time::DAY_US,
    touches::{SEEN_CRM, SEEN_MAILBOX, Touch},
};
use rapport_insight::{
    Context, Data, Health, HealthFolder, KpiFolder, KpiQuery, Kpis, Likelihoods, RecordScope, Tie, TieFolder, Window,
};

pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) calendar: Calendar,
    pub(crate) settings: InsightSettings,
    pub(crate) data: Data,
    pub(crate) as_of: Moment,
    pub(crate) touches: Touches,
    ids: BTreeMap<String, AddressId>,
    users: BTreeMap<String, UserId>,
}

/// How a world is numbered; figures must not depend on it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Numbering {
    pub(crate) reversed: bool,
    pub(crate) twice: bool,
}

pub(crate) fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

/// A world in UTC as of noon of 1 March 2026 with CRM and mailbox data.
pub(crate) fn world(activities: &str) -> World {
    world_at("UTC", "2026-03-01T12:00:00Z", activities)
}

pub(crate) fn world_at(zone: &str, as_of: &str, activities: &str) -> World {
    numbered(zone, as_of, activities, Numbering::default())
}

pub(crate) fn numbered(zone: &str, as_of: &str, activities: &str, numbering: Numbering) -> World {
    let mut world = World {
        directory: Directory::default(),
        calendar: Calendar::of(zone).unwrap(),
        // The specification's examples are of this model.
        settings: InsightSettings { model: Model::V1, ..InsightSettings::default() },
        data: Data::CrmAndMailbox,
        as_of: at(as_of),
        touches: Touches::default(),
        ids: BTreeMap::new(),
        users: BTreeMap::new(),
    };
    let mut lines: Vec<&str> = activities.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut names: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).filter(|word| is_name(word)).collect();
    names.sort_unstable();
    names.dedup();
    if numbering.reversed {
        lines.reverse();
        names.reverse();
    }
    for name in names {
        world.name(name);
    }
    for (number, line) in lines.iter().enumerate() {
        world.read(number as u64 + 1, line);
        if numbering.twice {
            world.read(number as u64 + 1, line);
        }
    }
    world.touches.sort();
    world
}

/// One or two characters after an optional `~`: a letter and perhaps a digit.
fn is_name(word: &str) -> bool {
    let word = word.trim_start_matches('~').trim_end_matches(',');
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_alphabetic)
        && letters.next().is_none_or(|c| c.is_ascii_digit())
        && letters.next().is_none()
}

impl World {
    /// The same world with figures by a model.
    pub(crate) fn by(mut self, model: Model) -> Self {
        self.settings.model = model;
        self
    }

    /// The id of a name, made where it is new.
    pub(crate) fn name(&mut self, name: &str) -> AddressId {
        let name = name.trim_end_matches(',');
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = AddressId(self.directory.addresses.len() as u32 + 1);
        self.ids.insert(name.to_owned(), id);
        let bare = name.trim_start_matches('~');
        let first = &bare[..1];
        let ours = name.starts_with('~') || first.chars().all(char::is_uppercase);
        let key = format!("{}@{}.example", bare.to_lowercase(), if ours { "us" } else { "them" });
        let entry = AddressEntry {
            key: key.into(),
            name: None,
            side: if ours { Side::Ours } else { Side::Theirs },
            user: None,
            person: PersonId(id.0),
        };
        self.directory.addresses.push(entry);
        if ours && !name.starts_with('~') {
            let user = self.user_of(first);
            self.directory.addresses[id.0 as usize - 1].user = Some(user);
            self.directory.users[user.0 as usize - 1].addresses.push(id);
        } else if !ours && bare.len() > 1 {
            self.directory.addresses[id.0 as usize - 1].person = PersonId(self.name(first).0);
        }
        id
    }

    fn user_of(&mut self, first: &str) -> UserId {
        if let Some(user) = self.users.get(first) {
            return *user;
        }
        let user = UserId(self.directory.users.len() as u32 + 1);
        self.users.insert(first.to_owned(), user);
        self.directory.users.push(User {
            email: format!("{}@us.example", first.to_lowercase()),
            name: first.to_owned(),
            title: None,
            addresses: Vec::new(),
            opted_out: false,
            left_at: None,
        });
        user
    }

    pub(crate) fn user(&mut self, name: &str) -> &mut User {
        let user = self.user_of(name);
        &mut self.directory.users[user.0 as usize - 1]
    }

    pub(crate) fn user_id(&self, name: &str) -> UserId {
        self.users[name]
    }

    /// Addresses of names, ascending.
    pub(crate) fn addresses(&mut self, names: &str) -> Vec<AddressId> {
        let mut ids: Vec<_> = names.split_whitespace().map(|name| self.name(name)).collect();
        ids.sort_unstable();
        ids
    }

    /// Letter of a person or user, for reading.
    pub(crate) fn person(&self, id: PersonId) -> &str {
        self.directory.person(id).key.split('@').next().unwrap()
    }

    fn read(&mut self, number: u64, line: &str) {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap();
        let moment = match first.strip_prefix('-').and_then(|age| age.strip_suffix('d')) {
            Some(days) => self.as_of.plus_us(-days.parse::<i64>().unwrap() * DAY_US),
            None if first.ends_with('Z') => at(first),
            None => at(&format!("{first}T{}:00Z", words.next().unwrap())),
        };
        let kind = Kind::parse(words.next().unwrap()).unwrap();
        let [from, to, cc] = Role::of_columns(kind);
        let mut role = from;
        let mut participants = Vec::new();
        let mut touch = Touch {
            interaction: number,
            at_us: moment.0,
            kind,
            state: None,
            direction: Direction::Outgoing,
            duration_s: 0,
            conversation: 0,
            threaded: false,
            subject_group: 0,
            regarding: 0,
            seen: SEEN_MAILBOX,
            participants: &[],
            message_id: b"",
        };
        for word in words {
            match word.split_once('=') {
                Some(("id", id)) => touch.message_id = id.as_bytes(),
                Some(("conv", id)) => touch.conversation = id.parse().unwrap(),
                Some(("subject", id)) => touch.subject_group = id.parse().unwrap(),
                Some(("regarding", id)) => touch.regarding = id.parse().unwrap(),
                Some(("minutes", minutes)) => touch.duration_s = minutes.parse::<u32>().unwrap() * 60,
                Some(("state", state)) => touch.state = Some(ActivityState::parse(state).unwrap()),
                Some(_) => panic!("unknown option `{word}`"),
                None if word == "threaded" => touch.threaded = true,
                None if word == "crm" => touch.seen = SEEN_CRM,
                None if word == "both" => touch.seen = SEEN_CRM | SEEN_MAILBOX,
                None if word == "->" => role = to,
                None if word == "cc" => role = cc,
                None => {
                    let address = self.name(word);
                    let side = self.directory.address(address).side;
                    if role.initiates() && side == Side::Theirs && kind != Kind::Task {
                        touch.direction = Direction::Incoming;
                    }
                    participants.push(Seen { address, role, side });
                }
            }
        }
        participants.sort_unstable();
        participants.dedup();
        self.touches.push(&Touch { participants: &participants, ..touch });
    }

    pub(crate) fn ctx(&self) -> Context<'_> {
        Context {
            directory: &self.directory,
            calendar: &self.calendar,
            settings: &self.settings,
            likelihood: Likelihoods::default(),
            data: self.data,
            as_of: self.as_of,
        }
    }

    /// The contact with these addresses, record number 1.
    pub(crate) fn contact(&mut self, names: &str) -> RecordScope {
        RecordScope::of_addresses(1, Table::Contacts, self.addresses(names))
    }

    pub(crate) fn kpis(&mut self, names: &str) -> Kpis {
        let scope = self.contact(names);
        let query = KpiQuery { in_full: true, ..KpiQuery::default() };
        KpiFolder::new().fold(&self.ctx(), &scope, &self.touches, &query)
    }

    pub(crate) fn kpis_within(&mut self, names: &str, start: &str, end: &str) -> Kpis {
        let scope = self.contact(names);
        let query = KpiQuery { window: Some(Window { start: at(start), end: at(end) }), in_full: true, ..KpiQuery::default() };
        KpiFolder::new().fold(&self.ctx(), &scope, &self.touches, &query)
    }

    pub(crate) fn health(&mut self, names: &str) -> Health {
        let scope = self.contact(names);
        self.health_of(&scope)
    }

    pub(crate) fn health_of(&self, scope: &RecordScope) -> Health {
        HealthFolder::new().explain(&self.ctx(), scope, &self.touches)
    }

    pub(crate) fn ties(&mut self, names: &str) -> Vec<Tie> {
        let target = self.addresses(names);
        TieFolder::new().explain(&self.ctx(), &target, &self.touches)
    }
}

/// The counted KPIs in one line each.
pub(crate) fn render_kpis(world: &World, kpis: &Kpis) -> String {
    let counts = &kpis.counts;
    let mut text = format!(
        "emails {}/{} meetings {}/{} calls {}/{} minutes {}/{} colleagues {} people {}\nreplies {}/{}",
        counts.emails_sent,
        counts.emails_received,
        counts.meetings_sent,
        counts.meetings_received,
        counts.phone_calls_made,
        counts.phone_calls_received,
        kpis.time_spent_by_us_min,
        kpis.time_spent_by_them_min,
        kpis.colleagues,
        kpis.people,
        kpis.replies_by_us,
        kpis.replies_by_them,
    );
    for (who, time, rate) in [
        ("us", &kpis.response_time_by_us, kpis.response_rate_by_us),
        ("them", &kpis.response_time_by_them, kpis.response_rate_by_them),
    ] {
        match time {
            Some(time) => write!(
                text,
                " | {who}: mean {:?} p50 {:?} p90 {:?} n {} unanswered {} rate {rate:?}",
                time.mean_h, time.p50_h, time.p90_h, time.n, time.unanswered
            ),
            None => write!(text, " | {who}: none, rate {rate:?}"),
        }
        .unwrap();
    }
    text += "\n";
    for (word, occurrence) in [("last", &kpis.last_interaction), ("next", &kpis.next_interaction)] {
        if let Some(found) = occurrence {
            writeln!(text, "{word} {} {} {}", found.at.to_rfc3339(), found.kind.as_str(), found.direction.as_str()).unwrap();
        }
    }
    for top in &kpis.most_contacted {
        writeln!(text, "contacted {} {}", world.person(top.who), counts_of(top)).unwrap();
    }
    for top in &kpis.most_contacted_by {
        writeln!(text, "contacted by {} {}", world.directory.user(top.who).name, counts_of(top)).unwrap();
    }
    text
}

fn counts_of<Id>(top: &rapport_insight::kpis::Contacted<Id>) -> String {
    let last_at = top.last_at.to_rfc3339();
    format!("{} = {} emails {} meetings {} calls, {last_at}", top.interactions, top.emails, top.meetings, top.phone_calls)
}

/// The ties in one line each.
pub(crate) fn render_ties(world: &World, ties: &[Tie]) -> String {
    let line = |tie: &Tie| {
        let figures = &tie.figures;
        format!(
            "{} {} {} activity {:.3} directness {:.3} mutuality {:.3} likelihood {:.4} | {} = {} emails {} meetings {} calls, {} days, {} ours {} theirs\n",
            world.directory.user(tie.user).name,
            figures.strength,
            figures.grade.as_str(),
            figures.activity,
            figures.directness,
            figures.mutuality,
            figures.likelihood_30d,
            figures.interactions(),
            figures.emails,
            figures.meetings,
            figures.phone_calls,
            figures.active_days,
            figures.initiated_by_us,
            figures.initiated_by_them,
        )
    };
    ties.iter().map(line).collect()
}

/// The health in a few lines.
pub(crate) fn render_health(health: &Health) -> String {
    let figures = &health.figures;
    let mut text = format!(
        "{} {:?} {} V {:.3} E {:.3} g {:.3} likelihood {} surprise {:?} if met {:?}\n",
        figures.state.as_str(),
        figures.score,
        figures.trend.as_str(),
        figures.memory,
        figures.expectation,
        figures.engagement,
        figures.likelihood_30d.map_or("none".to_owned(), |p| format!("{p:.4}")),
        figures.silence_surprise,
        health.score_if_met_today,
    );
    for day in &health.contributions {
        writeln!(
            text,
            "{} {} age {} weight {} value {:.4}",
            day.day.to_iso(),
            day.kind.as_str(),
            day.age_days,
            day.weight,
            day.value
        )
        .unwrap();
    }
    text
}
