//! Nothing is asked of a mailbox that may not be read at that moment: random worlds in which everything that decides changes in random
//! order, against rules that are written down here once more.

use std::collections::{BTreeMap, BTreeSet};

use rapport_domain::{
    Moment,
    enabling::{Roles, Selection},
    time::{DAY_US, SECOND_US},
};
use rapport_server::app::users::UserChange;
use rapport_testkit::{
    chance::Chance,
    fake_graph::{FakeGraph, Logged, message, trace},
};

use super::{
    help::{ANN, BOB, CAS, NOW, connect_to},
    notifications::serve,
};
use crate::office::Office;

/// Worlds that are tried.
const WORLDS: u64 = 60;
/// Worlds at a time.
const AT_ONCE: u64 = 6;
/// What happens in each, after what makes reading likely.
const STEPS: u32 = 14;
/// Somebody whose mailbox is not the connector's.
const EVE: &str = "eve@elsewhere.example";
const PEOPLE: [&str; 5] = [ANN, BOB, CAS, "dee@us.example", EVE];
const ROLES: [&str; 2] = ["Salesperson", "Sales Manager"];
const GROUPS: [&str; 2] = ["Board", "Works council"];
const CONSENT_DAYS: i64 = 14;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Consent {
    NotRequested,
    Pending,
    Granted,
    Expired,
    Declined,
    Revoked,
}

#[derive(Clone, Default, Debug)]
struct Person {
    roles: BTreeSet<&'static str>,
    groups: BTreeSet<&'static str>,
    is_out: bool,
    left_at: Option<Moment>,
    told_at: Option<Moment>,
}

/// What the rules (05) say, kept beside what the product says.
#[derive(Debug)]
struct Oracle {
    premium: bool,
    enabled: bool,
    mailbox: bool,
    roles: BTreeSet<&'static str>,
    excluded: BTreeSet<&'static str>,
    location: Location,
    accepts_declared: bool,
    accepts_europe: bool,
    consent: Consent,
    asked_at: Option<Moment>,
    notice_days: i64,
    people: BTreeMap<&'static str, Person>,
}

/// Where the mailboxes lie, as far as the product knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Location {
    Unknown,
    Declared,
    Europe,
}

impl Oracle {
    fn new() -> Self {
        Self {
            premium: false,
            enabled: false,
            mailbox: false,
            roles: BTreeSet::new(),
            excluded: BTreeSet::new(),
            location: Location::Unknown,
            accepts_declared: true,
            accepts_europe: true,
            consent: Consent::NotRequested,
            asked_at: None,
            notice_days: 7,
            people: PEOPLE.map(|address| (address, Person::default())).into(),
        }
    }

    /// The clock of consent runs only while somebody's mailbox is selected, where that is allowed.
    fn asks(&self) -> bool {
        let is_eligible = match self.location {
            Location::Unknown => false,
            Location::Declared => self.accepts_declared,
            Location::Europe => self.accepts_europe,
        };
        self.premium && self.enabled && self.mailbox && is_eligible && !self.roles.is_empty()
    }

    fn settle(&mut self, now: Moment) {
        let is_over = self.asked_at.is_some_and(|at| now >= at.plus_us(CONSENT_DAYS * DAY_US));
        if self.consent == Consent::Pending && is_over {
            (self.consent, self.mailbox) = (Consent::Expired, false);
        }
        match self.consent {
            Consent::Pending if !self.asks() => (self.consent, self.asked_at) = (Consent::NotRequested, None),
            Consent::NotRequested | Consent::Expired if self.asks() => self.ask(now),
            _ => {}
        }
    }

    fn ask(&mut self, now: Moment) {
        (self.consent, self.asked_at) = (Consent::Pending, Some(now));
    }

    fn is_selected(&self, person: &Person, now: Moment) -> bool {
        let has_role = person.roles.intersection(&self.roles).next().is_some();
        let is_excluded = person.groups.intersection(&self.excluded).next().is_some();
        let works_here = person.left_at.is_none_or(|left_at| now < left_at);
        self.asks() && self.consent == Consent::Granted && has_role && !is_excluded && !person.is_out && works_here
    }

    /// Whose mailbox may be read. Whoever is selected is told, and whoever is not is told again when they are.
    fn may_read(&mut self, now: Moment) -> BTreeSet<&'static str> {
        let selected: Vec<&str> =
            self.people.iter().filter(|(_, person)| self.is_selected(person, now)).map(|(address, _)| *address).collect();
        for (address, person) in &mut self.people {
            person.told_at = selected.contains(address).then(|| person.told_at.unwrap_or(now));
        }
        let is_told = |person: &Person| person.told_at.is_some_and(|at| now >= at.plus_us(self.notice_days * DAY_US));
        let told = self.people.iter().filter(|(address, person)| is_told(person) && address.ends_with("@us.example"));
        told.map(|(address, _)| *address).collect()
    }
}

/// A part of some words.
fn some(random: &mut Chance, all: &[&'static str]) -> BTreeSet<&'static str> {
    all.iter().copied().filter(|_| random.number(2) == 0).collect()
}

fn words(all: &BTreeSet<&'static str>) -> Vec<String> {
    all.iter().map(|word| (*word).to_owned()).collect()
}

/// Something changes, in the product and in the oracle.
async fn change(office: &Office, oracle: &mut Oracle, random: &mut Chance, kind: u64) {
    let (app, now) = (&office.app, office.now());
    let address = *random.pick(&PEOPLE);
    oracle.settle(now);
    match kind {
        0 => {
            app.enable_premium().await.unwrap();
            oracle.premium = true;
        }
        1 => {
            app.disable_premium().await.unwrap();
            oracle.premium = false;
        }
        2..=4 => {
            let (mailbox, roles) = (random.number(4) > 0, some(random, &ROLES));
            let selected = Roles::Selected(words(&roles).into_iter().collect());
            let selection = Selection { relationship_analytics: true, who_knows_whom: true, mailbox, roles: selected };
            let done = app.save_enabling(selection, false).await;
            assert_eq!(done.is_ok(), oracle.premium);
            if oracle.premium {
                (oracle.enabled, oracle.mailbox, oracle.roles) = (true, mailbox, roles);
            }
        }
        5..=7 => {
            let done = app.grant_consent("agreed").await.is_ok();
            assert_eq!(done, oracle.consent == Consent::Pending);
            oracle.consent = if done { Consent::Granted } else { oracle.consent };
        }
        8 => {
            let done = if random.number(2) == 0 {
                app.revoke_consent().await.is_ok().then_some(Consent::Revoked)
            } else {
                app.decline_consent().await.is_ok().then_some(Consent::Declined)
            };
            oracle.consent = done.unwrap_or(oracle.consent);
        }
        9 | 10 => {
            if app.ask_for_consent().await.is_ok() {
                oracle.mailbox = true;
                oracle.ask(now);
            }
        }
        11 => {
            oracle.excluded = some(random, &GROUPS);
            app.exclude_groups(words(&oracle.excluded).into_iter().collect()).await.unwrap();
        }
        12 | 13 => {
            let is_out = random.number(3) == 0;
            app.opt_out(Some(address), is_out).await.unwrap();
            oracle.people.get_mut(address).unwrap().is_out = is_out;
        }
        14..=17 => {
            let person = oracle.people.get_mut(address).unwrap();
            (person.roles, person.groups) = (some(random, &ROLES), some(random, &GROUPS[..1]));
            let change =
                UserChange { roles: Some(words(&person.roles)), groups: Some(words(&person.groups)), ..UserChange::default() };
            app.put_user(address, &change).await.unwrap();
        }
        18 => {
            let left_at = (random.number(2) == 0).then(|| now.plus_us((random.number(6) as i64 - 2) * DAY_US / 2));
            let text = left_at.map_or(String::new(), Moment::to_rfc3339);
            app.put_user(address, &UserChange { left_at: Some(text), ..UserChange::default() }).await.unwrap();
            oracle.people.get_mut(address).unwrap().left_at = left_at;
        }
        19 => {
            oracle.notice_days = *random.pick(&[0, 0, 1, 7]);
            app.set_setting("capture.notice_days", &oracle.notice_days.to_string()).await.unwrap();
        }
        20 | 21 => {
            (oracle.accepts_declared, oracle.accepts_europe) = (random.number(3) > 0, random.number(3) > 0);
            app.set_setting("geography.accepts_declared", &oracle.accepts_declared.to_string()).await.unwrap();
            let regions = if oracle.accepts_europe { "EUR;NAM" } else { "NAM" };
            app.set_setting("geography.regions", regions).await.unwrap();
        }
        _ => {
            // Where Microsoft 365 says itself where it is, nobody declares another place.
            let done = app.declare_location("Utrecht").await.is_ok();
            assert_eq!(done, oracle.location != Location::Europe);
            if done {
                oracle.location = Location::Declared;
            }
        }
    }
    app.settle_enabling().await.unwrap();
    oracle.settle(now);
}

/// Mailboxes that requests name, wherever they do.
fn named(requests: &[Logged]) -> BTreeSet<&'static str> {
    let names = |request: &Logged, address: &str| {
        request.mailbox.as_deref() == Some(address) || request.target.contains(address) || request.body.contains(address)
    };
    PEOPLE.into_iter().filter(|address| requests.iter().any(|request| names(request, address))).collect()
}

/// Rounds in which some mailbox was read, and after which some was subscribed to.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    read: u32,
    subscribed: u32,
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.subscribed += other.subscribed;
    }
}

/// A world, and how often some mailbox could be read.
async fn world(seed: u64, reads: &str) -> Count {
    let mut random = Chance(seed);
    let fake = FakeGraph::start().await;
    fake.change(|world| {
        for address in PEOPLE {
            world.add_mailbox(address);
            world.deliver(address, "F-inbox=", message("M1", "2026-02-01T10:00:00Z", "jo@acme.example", address, "Hello"));
            for (from, to) in [(address, "jo@acme.example"), ("jo@acme.example", address)] {
                world.traces.push(trace(&format!("<{from}>"), "2026-02-20T10:00:00Z", from, to, "delivered"));
            }
        }
    });
    let (office, mut oracle) = (Office::closed(NOW).await, Oracle::new());
    for address in PEOPLE {
        office.app.put_user(address, &UserChange::default()).await.unwrap();
    }
    connect_to(&office, &fake, reads).await;
    // Its mailboxes are subscribed to as well: what is asked for a subscription names the mailbox.
    serve(&office).await;
    // Steps that lead to reading, shuffled, and then whatever comes.
    let mut kinds = [0, 2, 5, 14, 15, 16, 19, 22];
    for i in (1..kinds.len()).rev().filter(|_| seed.is_multiple_of(3)) {
        kinds.swap(i, random.number(i as u64 + 1) as usize);
    }
    let (mut told, mut count) = (fake.log().len(), Count::default());
    for step in 0..kinds.len() as u32 + STEPS {
        let kind = kinds.get(step as usize).copied().unwrap_or_else(|| random.number(23));
        change(&office, &mut oracle, &mut random, kind).await;
        let waits_s = *random.pick(&[1_000, 3_600, 86_400, 3 * 86_400, 9 * 86_400]);
        // At once, and after a while.
        for wait_s in [0, waits_s] {
            office.wait(wait_s);
            oracle.settle(office.now());
            let may = oracle.may_read(office.now());
            let mut due = may.clone();
            if wait_s < 3_600 && (wait_s == 0 || reads == "message_traces") {
                // Whoever was read a moment ago is not due; traces are looked at every quarter of an hour.
                due.clear();
            }
            fake.change(|world| world.now = office.now().to_rfc3339());
            office.app.sync_once(None).await.unwrap();
            // The tenant tells where it is as soon as it is looked at.
            oracle.location = Location::Europe;
            let log = fake.log();
            let asked = named(&log[told..]);
            told = log.len();
            assert!(
                asked.is_subset(&may),
                "seed {seed}, step {step} (kind {kind}): {asked:?} were read, {may:?} may be: {oracle:?}"
            );
            assert!(
                due.is_subset(&asked),
                "seed {seed}, step {step} (kind {kind}): of {due:?} only {asked:?} were read: {oracle:?}"
            );
            let subscribed: BTreeSet<String> = fake.subscriptions().into_iter().map(|one| one.address).collect();
            assert!(
                subscribed.iter().all(|address| may.contains(address.as_str())),
                "seed {seed}, step {step} (kind {kind}): {subscribed:?} are subscribed to, {may:?} may be read: {oracle:?}"
            );
            count += Count { read: u32::from(!asked.is_empty()), subscribed: u32::from(!subscribed.is_empty()) };
        }
    }
    assert!(office.now().0 % SECOND_US == 0);
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trace_is_asked_for_that_names_somebody_who_may_not_be_read() {
    let mut worlds = tokio::task::JoinSet::new();
    (0..AT_ONCE).for_each(|seed| drop(worlds.spawn(world(seed, "message_traces"))));
    let mut rounds = Count::default();
    for count in worlds.join_all().await {
        rounds += count;
    }
    assert!(rounds.read > AT_ONCE as u32, "allowed too seldom: {rounds:?}");
    assert_eq!(rounds.subscribed, 0, "what opens no mailbox subscribes to none");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_of_a_mailbox_that_may_not_be_read() {
    let mut rounds = Count::default();
    for first in (0..WORLDS).step_by(AT_ONCE as usize) {
        let mut worlds = tokio::task::JoinSet::new();
        (first..first + AT_ONCE).for_each(|seed| drop(worlds.spawn(world(seed, "mailboxes"))));
        for count in worlds.join_all().await {
            rounds += count;
        }
    }
    assert!(rounds.read > WORLDS as u32 && rounds.subscribed > WORLDS as u32, "allowed too seldom: {rounds:?}");
}
