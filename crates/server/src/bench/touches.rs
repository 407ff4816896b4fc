//! Worlds of tens of millions of touches: what the ledger would keep of them, subject by subject, without a mail or a row in between.
//!
//! Who writes with whom how often is as uneven as it is in life (Zipf-Mandelbrot over pairs of a colleague and an external person), and equally
//! uneven at every size: a larger world has more pairs, not busier ones, so that pages and passes can be compared between sizes.

use rapport_domain::{
    ActivityState, AddressId, Direction, Kind, Role, Seen, Side, Touches,
    time::{DAY_US, MINUTE_US},
    touches::{SEEN_CRM, SEEN_MAILBOX, Touch},
};

use super::{AS_OF, world::Random};

/// Touches of a person on average: ten colleagues, ten touches with each.
const TOUCHES_PER_PERSON: u64 = 100;
/// Colleagues that a person is known to are drawn from 1 to this: ten on average.
const COLLEAGUES_MAX: u64 = 19;
/// Touches of the pair at a rank, as a share of all pairs: `BUSIEST / (rank + FLATTENED)`. Their mean is 10, less what partners add; the
/// busiest pair has 1,300 a year, the quietest one or two.
const BUSIEST: f64 = 1.316;
const FLATTENED: f64 = 0.001;
/// Days that the world spans.
const SPAN_DAYS: i64 = 365;
/// People who share interactions: two, as one company's.
const TEAM: u64 = 2;
/// Where random numbers begin; another world has another seed.
const SEED: u64 = 20_260_630;

/// How large a world is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// External people, an even number.
    pub(super) people: u64,
    /// Users of ours.
    pub(super) users: u64,
}

impl Scale {
    /// The world of about so many touches (within a percent for large worlds).
    pub(super) fn of(touches: u64) -> Self {
        let people = (touches / TOUCHES_PER_PERSON).max(TEAM).next_multiple_of(TEAM);
        Self { people, users: (touches / 10_000).clamp(500, 10_000) }
    }

    /// Number of a user's address, users counted from 0: the first numbers are theirs.
    pub(super) fn user_address(user: u64) -> u32 {
        (1 + user) as u32
    }

    /// Number of an external person's address, people counted from 0: the next ones.
    pub(super) fn person_address(self, person: u64) -> u32 {
        (1 + self.users + person) as u32
    }

    /// The runs of all external people, ascending by the number of their address. The same whenever they are asked for.
    pub(super) fn runs(self) -> Runs {
        // Twice as many numbers as a world may have interactions, also one that is so small that chance rules.
        let bits = (self.people * TOUCHES_PER_PERSON * 4).ilog2().max(16);
        Runs { scale: self, team: 0, interactions: 0, bits, waiting: None }
    }
}

/// What the ledger keeps of one person.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// Number of the address.
    pub(super) subject: i64,
    /// Their touches, in time order.
    pub(super) touches: Touches,
    /// Where the sources of each touch end in `sources`.
    pub(super) sources_end: Vec<u32>,
    /// 0 is the CRM, else the address of a mailbox. Who takes part stands in all of a touch's sources.
    pub(super) sources: Vec<i64>,
}

impl Run {
    /// Sources of touch `i`.
    pub(super) fn sources_of(&self, i: usize) -> &[i64] {
        let start = if i == 0 { 0 } else { self.sources_end[i - 1] as usize };
        &self.sources[start..self.sources_end[i] as usize]
    }
}

/// Yields a run at a time and holds two people's.
#[derive(Clone, Debug)]
pub(super) struct Runs {
    scale: Scale,
    team: u64,
    interactions: u64,
    bits: u32,
    waiting: Option<Run>,
}

impl Iterator for Runs {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        if let Some(run) = self.waiting.take() {
            return Some(run);
        }
        if self.team * TEAM >= self.scale.people {
            return None;
        }
        let mut team = Team::new(self.scale, self.team);
        for member in 0..TEAM {
            team.meet(member);
        }
        let [first, second] = team.runs(self.interactions, self.bits);
        self.interactions += team.events.len() as u64;
        self.team += 1;
        self.waiting = Some(second);
        Some(first)
    }
}

/// One interaction of a team.
#[derive(Clone, Copy, Debug)]
struct Event {
    at_us: i64,
    /// Order of generation: stands behind equal moments.
    number: u32,
    /// Number of the first event of its conversation.
    conversation: u32,
    kind: Kind,
    outgoing: bool,
    user: u64,
    /// Another colleague who takes part.
    second: Option<u64>,
    member: u64,
    /// Whether the other member of the team takes part.
    shared: bool,
    in_crm: bool,
    duration_s: u32,
}

struct Team {
    scale: Scale,
    number: u64,
    random: Random,
    events: Vec<Event>,
}

impl Team {
    fn new(scale: Scale, number: u64) -> Self {
        Self { scale, number, random: Random(SEED ^ number.wrapping_mul(0xd6e8_feb8_6659_fd93)), events: Vec::new() }
    }

    /// Everything of one member with each colleague who knows them.
    fn meet(&mut self, member: u64) {
        let home = self.random.below(self.scale.users);
        for colleague in 0..=self.random.below(COLLEAGUES_MAX) {
            // Whoever knows somebody sits near whoever else does.
            let user = (home + colleague * 3) % self.scale.users;
            let wanted = BUSIEST / (self.random.unit() + FLATTENED) + self.random.unit();
            let mut left = wanted as u32;
            while left > 0 {
                left -= self.talk(member, user, left).min(left);
            }
        }
    }

    /// A meeting, a call or a conversation of mails; returns how many touches of the member it was.
    fn talk(&mut self, member: u64, user: u64, at_most: u32) -> u32 {
        let start_us = AS_OF.0 - (self.random.unit() * (SPAN_DAYS * DAY_US) as f64) as i64;
        let number = self.events.len() as u32;
        let event = Event {
            at_us: start_us,
            number,
            conversation: number,
            kind: Kind::Email,
            outgoing: self.random.below(2) == 0,
            user,
            second: None,
            member,
            shared: false,
            in_crm: self.random.below(20) == 0,
            duration_s: 0,
        };
        match self.random.below(100) {
            0..8 => {
                let is_planned = self.random.below(50) == 0;
                let at_us = if is_planned { AS_OF.0 + (self.random.unit() * (30 * DAY_US) as f64) as i64 } else { start_us };
                let quarters = 2 + 2 * self.random.below(2) as u32;
                let at_us = at_us - at_us.rem_euclid(15 * MINUTE_US);
                self.happen(Event { kind: Kind::Meeting, at_us, duration_s: quarters * 900, ..event });
                1
            }
            8..10 => {
                let duration_s = 60 * (1 + self.random.below(30) as u32);
                self.happen(Event { kind: Kind::PhoneCall, duration_s, ..event });
                1
            }
            _ => self.write(event, at_most),
        }
    }

    /// Mails of one conversation, three on average, answered within minutes or days.
    fn write(&mut self, first: Event, at_most: u32) -> u32 {
        let mut mail = first;
        let mut written = 0;
        while written < at_most && mail.at_us <= AS_OF.0 {
            self.happen(mail);
            written += 1;
            if self.random.below(3) == 0 {
                break;
            }
            // Log-uniform from 5 minutes to 5 days.
            mail.at_us += (f64::from(5 * 24 * 12).powf(self.random.unit()) * (5 * MINUTE_US) as f64) as i64;
            mail.number = self.events.len() as u32;
            mail.outgoing ^= self.random.below(4) > 0;
        }
        written
    }

    fn happen(&mut self, event: Event) {
        let with_others = event.kind != Kind::PhoneCall;
        let second =
            (with_others && self.random.below(4) == 0).then(|| (event.user + 1 + self.random.below(20)) % self.scale.users);
        let shared = with_others && self.random.below(10) == 0;
        // Mail says seconds.
        let at_us = event.at_us - event.at_us.rem_euclid(1_000_000);
        self.events.push(Event { at_us, second, shared, ..event });
    }

    /// What has happened as the ledger keeps it, person by person. Interactions are numbered from `first` on, then scattered over `bits`
    /// bits: interactions of one person do not arrive one after the other.
    fn runs(&mut self, first: u64, bits: u32) -> [Run; 2] {
        self.events.sort_unstable_by_key(|event| (event.at_us, event.number));
        let mut latest_us = i64::MIN;
        for event in &mut self.events {
            // No two at one moment: which of them is first would be decided by a Message-ID, and there is none.
            event.at_us = event.at_us.max(latest_us + 1);
            latest_us = event.at_us;
        }
        [0, 1].map(|member| {
            let person = self.number * TEAM + member;
            let mut run = Run { subject: i64::from(self.scale.person_address(person)), ..Run::default() };
            for event in self.events.iter().filter(|event| event.member == member || event.shared) {
                self.push(&mut run, event, first, bits);
            }
            run
        })
    }

    fn push(&self, run: &mut Run, event: &Event, first: u64, bits: u32) {
        let scatter = |number: u32| scattered(first + u64::from(number), bits);
        let is_mail = event.kind == Kind::Email;
        let conversation = if is_mail { scatter(event.conversation) } else { 0 };
        let (participants, count) = self.participants(event);
        run.touches.push(&Touch {
            interaction: scatter(event.number),
            at_us: event.at_us,
            kind: event.kind,
            state: (event.in_crm && event.at_us <= AS_OF.0).then_some(ActivityState::Completed),
            direction: if event.outgoing { Direction::Outgoing } else { Direction::Incoming },
            duration_s: event.duration_s,
            conversation,
            threaded: is_mail && event.conversation != event.number,
            // A subject of its own for every conversation: replies have it, nothing else does.
            subject_group: if is_mail { Random(conversation).next() | 1 } else { 0 },
            regarding: 0,
            seen: if event.in_crm { SEEN_CRM } else { SEEN_MAILBOX },
            participants: &participants[..count],
            message_id: b"",
        });
        if event.in_crm {
            run.sources.push(0);
        } else {
            let mut mailboxes = [Some(event.user), event.second.filter(|_| is_mail)]
                .map(|user| user.map(|user| i64::from(Scale::user_address(user))));
            mailboxes.sort_unstable();
            run.sources.extend(mailboxes.into_iter().flatten());
        }
        run.sources_end.push(run.sources.len() as u32);
    }

    /// Who takes part, ascending, and how many they are.
    fn participants(&self, event: &Event) -> ([Seen; 4], usize) {
        let [initiates, answers, beside] = Role::of_columns(event.kind);
        let (ours, theirs) = if event.outgoing { (initiates, answers) } else { (answers, initiates) };
        let person = self.number * TEAM + event.member;
        let seen = |address: u32, role: Role, side: Side| Seen { address: AddressId(address), role, side };
        let nobody = seen(u32::MAX, beside, Side::Theirs);
        let mut participants = [
            seen(Scale::user_address(event.user), ours, Side::Ours),
            event.second.map_or(nobody, |user| seen(Scale::user_address(user), beside, Side::Ours)),
            seen(self.scale.person_address(person), theirs, Side::Theirs),
            if event.shared { seen(self.scale.person_address(person ^ 1), beside, Side::Theirs) } else { nobody },
        ];
        participants.sort_unstable();
        (participants, participants.iter().filter(|seen| **seen != nobody).count())
    }
}

/// A bijection of numbers of so many bits that looks like chance.
fn scattered(number: u64, bits: u32) -> u64 {
    let mask = (1_u64 << bits) - 1;
    let mut x = number & mask;
    for _ in 0..3 {
        x ^= x >> (bits / 2);
        x = x.wrapping_mul(0x9e37_79b9_7f4a_7c15) & mask;
    }
    1 + x
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_world_is_the_same_twice_and_as_large_as_asked_for() {
        let scale = Scale::of(200_000);
        let (mut touches, mut last_subject) = (0, 0);
        for (run, again) in scale.runs().zip(scale.runs()) {
            assert_eq!((run.subject, &run.touches, &run.sources), (again.subject, &again.touches, &again.sources));
            assert!(run.subject > last_subject);
            last_subject = run.subject;
            assert!(run.touches.at_us.is_sorted_by(|a, b| a < b), "touches stand in time order, no two at one moment");
            assert_eq!(run.sources_end.len(), run.touches.len());
            touches += run.touches.len() as u64;
        }
        assert_eq!(last_subject, i64::from(scale.person_address(scale.people - 1)));
        assert!((190_000..210_000).contains(&touches), "{touches} touches");
    }

    #[test]
    fn interactions_are_one_or_shared_by_two() {
        let mut of: BTreeSet<(u64, i64)> = BTreeSet::new();
        let mut runs: Vec<Run> = Scale::of(20_000).runs().collect();
        for run in &runs {
            for i in 0..run.touches.len() {
                let touch = run.touches.row(i);
                assert!(touch.participants.is_sorted());
                assert!(touch.participants.iter().any(|seen| i64::from(seen.address.0) == run.subject));
                assert!(!run.sources_of(i).is_empty());
                assert!(of.insert((touch.interaction, run.subject)), "an interaction stands once in a run");
            }
        }
        let numbers: BTreeSet<u64> = of.iter().map(|(interaction, _)| *interaction).collect();
        runs.sort_by_key(|run| run.touches.len());
        let shared = of.len() - numbers.len();
        assert!(shared * 20 > numbers.len() && shared * 5 < numbers.len(), "{shared} of {}", numbers.len());
        assert!(runs.last().map_or(0, |run| run.touches.len()) > 10 * runs[runs.len() / 2].touches.len(), "few have most");
    }

    #[test]
    fn scattering_keeps_numbers_apart() {
        let scattered: BTreeSet<u64> = (0..1 << 12).map(|number| super::scattered(number, 12)).collect();
        assert_eq!(scattered.len(), 1 << 12);
    }
}
