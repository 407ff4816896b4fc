//! Ties and who knows whom, strength of both models and basic (04-who-knows-whom.md).

use super::Data;
use super::health::{Contribution, ENGAGEMENT_DAYS, MEMORY_DAYS, engagement, likelihood_30d, round_half_up, score, score_v2};
use super::local::{Local, rfc3339};
use super::read::{Facts, Interaction, Key, Kind, Person, normalize};
use crate::worlds::Model;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The expectation of a tie in `v1`: in touch every 7 days over a year.
const EXPECTATION: f64 = 4.557;
/// The frequency of a tie.
const FREQUENCY_DAYS: f64 = 7.0;
const STRONG: i64 = 60;
const MEDIUM: i64 = 30;
/// Domains where anybody can have an address, as far as our worlds have them.
const FREE_MAIL: [&str; 6] = ["gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "gmx.de", "icloud.com"];

/// One row of `rapport export ties`, in the pinned columns.
#[derive(Clone, Debug, PartialEq)]
pub struct TieRow {
    /// First address of the user.
    pub colleague: String,
    /// First address of the external person.
    pub external: String,
    /// 0..=100
    pub strength: i64,
    /// `strong`, `medium`, `weak`
    pub grade: String,
    /// 0..100
    pub activity: f64,
    /// 0..100
    pub directness: f64,
    /// 0..100
    pub mutuality: f64,
    /// 0..1
    pub likelihood_30d: f64,
    /// At ages 0..=730, as all counts.
    pub interactions: usize,
    /// At ages 0..=730.
    pub active_days: usize,
    /// RFC 3339; at any age.
    pub first_at: String,
    /// RFC 3339.
    pub last_at: String,
}

impl TieRow {
    /// The columns as JSON, to be compared with a row of the product's `--format jsonl`.
    pub fn to_json(&self) -> Value {
        json!({
            "colleague": self.colleague,
            "external": self.external,
            "strength": self.strength,
            "grade": self.grade,
            "activity": self.activity,
            "directness": self.directness,
            "mutuality": self.mutuality,
            "likelihood_30d": self.likelihood_30d,
            "interactions": self.interactions,
            "active_days": self.active_days,
            "first_at": self.first_at,
            "last_at": self.last_at,
        })
    }
}

/// One interaction between two sides of a tie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meet {
    pub(super) day: i64,
    pub(super) moment: i64,
    pub(super) kind: Kind,
    pub(super) by_us: bool,
    pub(super) by_them: bool,
    /// How many it was shared with.
    pub(super) shared_with: usize,
}

/// The figures of a tie.
pub(super) struct Tie {
    pub(super) strength: i64,
    /// By what ties are ranked: what is shown; in `v2` before rounding, except for the basic strength.
    rank: f64,
    pub(super) grade: &'static str,
    pub(super) activity: f64,
    pub(super) directness: f64,
    pub(super) mutuality: f64,
    pub(super) likelihood_30d: f64,
    /// At ages 0..=730.
    recent: Vec<Meet>,
    active_days: usize,
    first_moment: i64,
    last_moment: i64,
    contributions: Vec<Contribution>,
}

/// The figures from all interactions of a tie; `None` without an active day at ages 0..=730.
pub(super) fn tie(meets: &[Meet], today: i64, data: Data, model: Model) -> Option<Tie> {
    let recent: Vec<Meet> = meets.iter().copied().filter(|meet| today - meet.day <= MEMORY_DAYS).collect();
    let last_moment = recent.iter().map(|meet| meet.moment).max()?;
    let ages: BTreeSet<i64> = recent.iter().map(|meet| today - meet.day).collect();
    let halving_days = match model {
        Model::V1 => FREQUENCY_DAYS,
        Model::V2 => 21.0,
    };
    let decay = |age: i64| 1.0 / (1.0 + age as f64 / halving_days);
    let (mut memory, mut activity, mut directness, mut out, mut inward) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let mut contributions = Vec::new();
    for age in &ages {
        let of_day: Vec<&Meet> = recent.iter().filter(|meet| today - meet.day == *age).collect();
        let heaviest = heaviest(&of_day);
        let weight = 1.0 / (heaviest.shared_with as f64).sqrt();
        let value = weight * decay(*age);
        memory += value;
        activity += decay(*age);
        directness += decay(*age) / heaviest.shared_with as f64;
        out += if of_day.iter().any(|meet| meet.by_us) { decay(*age) } else { 0.0 };
        inward += if of_day.iter().any(|meet| meet.by_them) { decay(*age) } else { 0.0 };
        contributions.push(Contribution { day: today - age, kind: heaviest.kind, age_days: *age, weight, value });
    }
    if data == Data::Crm {
        contributions = basic_contributions(&recent, today);
    }
    let days: BTreeSet<(i64, bool, bool)> = recent.iter().map(|m| (today - m.day, m.by_us, m.by_them)).collect();
    let g = engagement(&days);
    let since_last = *ages.first()? as f64;
    let part = |memory: f64, g: f64| match model {
        Model::V1 => score(memory, EXPECTATION, g),
        Model::V2 => {
            let expectation: f64 = (0..=52).map(|j| 1.0 / (1.0 + f64::from(j) / 3.0)).sum();
            score_v2(memory / (1.0 + (since_last / 42.0) * (since_last / 42.0)) / expectation)
        }
    };
    let exact = part(memory, g);
    let (strength, one_way) = match data {
        Data::CrmAndMailbox => (round_half_up(exact), g <= 0.5),
        Data::Crm => (basic_strength(&recent, today), false),
    };
    let rank = if data == Data::CrmAndMailbox && model == Model::V2 { exact } else { strength as f64 };
    let grade = match strength {
        STRONG.. if !one_way => "strong",
        MEDIUM.. if !one_way => "medium",
        _ => "weak",
    };
    Some(Tie {
        strength,
        rank,
        grade,
        activity: part(activity, 1.0),
        directness: part(directness, 1.0),
        mutuality: part(f64::sqrt(out * inward), 1.0),
        likelihood_30d: likelihood_30d(&ages)?,
        active_days: ages.len(),
        first_moment: meets.iter().map(|meet| meet.moment).min()?,
        last_moment,
        recent,
        contributions,
    })
}

/// The day's interaction that was shared with the fewest; ties: meeting, phone call, email.
fn heaviest<'a>(of_day: &[&'a Meet]) -> &'a Meet {
    let rank = |kind: Kind| [Kind::Meeting, Kind::PhoneCall, Kind::Email, Kind::Task].iter().position(|other| *other == kind);
    of_day.iter().min_by_key(|meet| (meet.shared_with, rank(meet.kind))).expect("an active day has an interaction")
}

/// Frequency of emails and meetings over a year; no recency, no calls, no one-way rule.
fn basic_strength(meets: &[Meet], today: i64) -> i64 {
    let counted = |meet: &&Meet| matches!(meet.kind, Kind::Email | Kind::Meeting) && today - meet.day <= ENGAGEMENT_DAYS;
    let n = meets.iter().filter(counted).count();
    round_half_up(100.0 * (1.0 - 2_f64.powf(-(n as f64) / 12.0)))
}

/// What each day adds to the number that basic strength counts: its emails and meetings.
fn basic_contributions(meets: &[Meet], today: i64) -> Vec<Contribution> {
    let counted = |meet: &&Meet| matches!(meet.kind, Kind::Email | Kind::Meeting) && today - meet.day <= ENGAGEMENT_DAYS;
    let ages: BTreeSet<i64> = meets.iter().filter(counted).map(|meet| today - meet.day).collect();
    let row = |age: i64| {
        let of_day: Vec<&Meet> = meets.iter().filter(counted).filter(|meet| today - meet.day == age).collect();
        let kind = if of_day.iter().any(|meet| meet.kind == Kind::Meeting) { Kind::Meeting } else { Kind::Email };
        Contribution { day: today - age, kind, age_days: age, weight: of_day.len() as f64, value: of_day.len() as f64 }
    };
    ages.into_iter().map(row).collect()
}

/// Which addresses of ours and theirs this interaction ties: (ours, theirs).
fn pairs(facts: &Facts<'_>, interaction: &Interaction) -> BTreeSet<(Key, Key)> {
    let cross = |a: &BTreeSet<Key>, b: &BTreeSet<Key>| -> BTreeSet<(Key, Key)> {
        a.iter().flat_map(|ours| b.iter().map(move |theirs| (ours.clone(), theirs.clone()))).collect()
    };
    let receivers: BTreeSet<Key> = match interaction.kind {
        Kind::Task => return BTreeSet::new(),
        Kind::Meeting => {
            let present = interaction.participants();
            return cross(&facts.ours(&present), &facts.theirs(&present));
        }
        Kind::Email => interaction.to.union(&interaction.cc).cloned().collect(),
        Kind::PhoneCall => interaction.to.clone(),
    };
    let mut pairs = cross(&facts.ours(&interaction.from), &facts.theirs(&receivers));
    pairs.extend(cross(&facts.ours(&receivers), &facts.theirs(&interaction.from)));
    pairs
}

/// `k`: how many an interaction was shared with, in distinct addresses.
fn shared_with(facts: &Facts<'_>, interaction: &Interaction) -> usize {
    let k = match interaction.kind {
        Kind::Email => {
            let receivers: BTreeSet<Key> = interaction.to.union(&interaction.cc).cloned().collect();
            let opposite = if facts.is_outgoing(interaction) { facts.theirs(&receivers) } else { facts.ours(&receivers) };
            opposite.len()
        }
        Kind::Meeting => {
            let present = interaction.participants();
            facts.ours(&present).len().max(facts.theirs(&present).len()).saturating_sub(1)
        }
        Kind::PhoneCall | Kind::Task => 1,
    };
    k.max(1)
}

/// Everything that ties need, at one moment.
struct Network<'f> {
    facts: &'f Facts<'f>,
    local: &'f Local,
    today: i64,
    data: Data,
    counted: Vec<&'f Interaction>,
}

impl<'f> Network<'f> {
    fn new(facts: &'f Facts<'f>, local: &'f Local, as_of: i64, data: Data) -> Self {
        let known = |i: &&Interaction| i.counts(as_of);
        Self { facts, local, today: local.day(as_of), data, counted: facts.interactions.iter().filter(known).collect() }
    }

    /// What this user (or, given by key, this address of ours) shared with any of these persons, each interaction once.
    fn meets(&self, is_colleague: &dyn Fn(&Key) -> bool, persons: &BTreeSet<Person>) -> Vec<Meet> {
        let mut meets = Vec::new();
        for interaction in &self.counted {
            let tied = pairs(self.facts, interaction)
                .iter()
                .any(|(ours, theirs)| is_colleague(ours) && persons.contains(&self.facts.people.person_of(theirs)));
            if tied {
                let outgoing = self.facts.is_outgoing(interaction);
                let meeting = interaction.kind == Kind::Meeting;
                meets.push(self.meet(interaction, outgoing || meeting, !outgoing || meeting));
            }
        }
        meets
    }

    fn meet(&self, interaction: &Interaction, by_us: bool, by_them: bool) -> Meet {
        Meet {
            day: self.local.day(interaction.moment),
            moment: interaction.moment,
            kind: interaction.kind,
            by_us,
            by_them,
            shared_with: shared_with(self.facts, interaction),
        }
    }

    fn tie(&self, meets: &[Meet]) -> Option<Tie> {
        tie(meets, self.today, self.data, self.facts.world.settings.model)
    }

    fn tie_of_user(&self, user: usize, persons: &BTreeSet<Person>) -> Option<Tie> {
        let meets = self.meets(&|key| self.facts.people.user_of(key) == Some(user), persons);
        self.tie(&meets)
    }

    /// Every external person that takes part in something.
    fn externals(&self) -> BTreeSet<Person> {
        self.counted.iter().flat_map(|interaction| self.facts.persons(&interaction.participants())).collect()
    }

    /// For every person seen together with the target: the strength between the two.
    fn acquaintances(&self, target: &BTreeSet<Person>) -> BTreeMap<Person, i64> {
        let mut meets: BTreeMap<Person, Vec<Meet>> = BTreeMap::new();
        for interaction in self.counted.iter().filter(|i| matches!(i.kind, Kind::Email | Kind::Meeting)) {
            let present = self.facts.persons(&interaction.participants());
            if present.is_disjoint(target) {
                continue;
            }
            let initiators = self.facts.persons(&interaction.from);
            for via in present.difference(target) {
                let initiated = initiators.contains(via);
                let answered = !initiators.is_disjoint(target);
                let meeting = interaction.kind == Kind::Meeting;
                let meet = self.meet(interaction, initiated || meeting, answered || meeting);
                meets.entry(via.clone()).or_default().push(meet);
            }
        }
        let strengths = meets.into_iter().filter_map(|(via, meets)| Some((via, self.tie(&meets)?.strength)));
        strengths.collect()
    }
}

/// The rows of `rapport export ties`.
pub(super) fn all(facts: &Facts<'_>, local: &Local, as_of: i64, data: Data) -> Vec<TieRow> {
    let network = Network::new(facts, local, as_of, data);
    let mut rows = Vec::new();
    for user in 0..facts.world.users.len() {
        for person in network.externals() {
            if let Some(tie) = network.tie_of_user(user, &BTreeSet::from([person.clone()])) {
                rows.push(TieRow {
                    colleague: normalize(&facts.world.users[user].email),
                    external: facts.people.first_address(&person),
                    strength: tie.strength,
                    grade: tie.grade.to_owned(),
                    activity: tie.activity,
                    directness: tie.directness,
                    mutuality: tie.mutuality,
                    likelihood_30d: tie.likelihood_30d,
                    interactions: tie.recent.len(),
                    active_days: tie.active_days,
                    first_at: rfc3339(tie.first_moment),
                    last_at: rfc3339(tie.last_moment),
                });
            }
        }
    }
    rows.sort_by(|a, b| (&a.colleague, &a.external).cmp(&(&b.colleague, &b.external)));
    rows
}

/// The persons that a target means: one address stands for all of theirs; a domain for everybody with an address there.
fn target_persons(network: &Network<'_>, target: &str) -> Option<BTreeSet<Person>> {
    let people = &network.facts.people;
    if target.contains('@') || target.contains(':') {
        return Some(BTreeSet::from([people.person_of(target)]));
    }
    if FREE_MAIL.contains(&target) {
        return None;
    }
    let at_domain = |key: &Key| key.rsplit_once('@').is_some_and(|(_, domain)| domain == target);
    let seen = network.facts.interactions.iter().flat_map(Interaction::participants);
    let mut persons: BTreeSet<Person> = network.facts.theirs(&seen.collect()).iter().map(|key| people.person_of(key)).collect();
    persons.extend(network.facts.world.contacts.iter().map(|row| Person::Contact(row.id.clone())));
    persons.extend(network.facts.world.leads.iter().map(|row| people.person_of(&format!("lead:{}", row.id))));
    Some(persons.into_iter().filter(|person| people.keys_of(person).iter().any(at_domain)).collect())
}

/// The pinned JSON of `rapport who-knows`.
pub(super) fn who_knows(facts: &Facts<'_>, local: &Local, target: &str, as_of: i64, data: Data, hops: u8) -> Value {
    let network = Network::new(facts, local, as_of, data);
    let target = normalize(target);
    let Some(persons) = target_persons(&network, &target) else {
        return Value::Null;
    };
    let mut known: Vec<(usize, Tie)> = Vec::new();
    let mut missing: Vec<(Key, &str)> = Vec::new();
    for user in 0..facts.world.users.len() {
        let address = normalize(&facts.world.users[user].email);
        if has_left(facts, local, user, as_of) {
            missing.push((address, "left_company"));
        } else if let Some(tie) = network.tie_of_user(user, &persons) {
            known.push((user, tie));
        } else {
            missing.push((address, "no_interactions"));
        }
    }
    missing.extend(without_user(&network, &persons).into_iter().map(|address| (address, "no_user")));
    missing.sort();
    let address_of = |user: usize| normalize(&facts.world.users[user].email);
    known.sort_by_key(|(user, tie)| (Reverse(tie.last_moment), address_of(*user)));
    known.sort_by(|(_, a), (_, b)| b.rank.total_cmp(&a.rank));
    let direct: BTreeSet<usize> = known.iter().map(|(user, _)| *user).collect();
    json!({
        "target": target,
        "as_of": rfc3339(as_of),
        "model": facts.world.settings.model.as_str(),
        "introducers": known.iter().map(|(user, tie)| introducer(facts, *user, tie)).collect::<Vec<_>>(),
        "paths": if hops >= 2 { paths(&network, &target, &persons, &direct, as_of) } else { Vec::new() },
        "missing": missing.iter().map(|(colleague, reason)| json!({"colleague": colleague, "reason": reason})).collect::<Vec<_>>(),
    })
}

/// From the day `left_at` on the user is no introducer.
fn has_left(facts: &Facts<'_>, local: &Local, user: usize, as_of: i64) -> bool {
    let left_at = facts.world.users[user].left_at.as_deref().and_then(|text| local.date_or_moment(text));
    left_at.is_some_and(|left_at| left_at <= as_of)
}

/// Addresses of ours without a user that would have a tie.
fn without_user(network: &Network<'_>, persons: &BTreeSet<Person>) -> BTreeSet<Key> {
    let everybody: BTreeSet<Key> = network.counted.iter().flat_map(|interaction| interaction.participants()).collect();
    let ours = network.facts.ours(&everybody).into_iter().filter(|key| network.facts.people.user_of(key).is_none());
    ours.filter(|key| network.tie(&network.meets(&|other| other == key, persons)).is_some()).collect()
}

fn introducer(facts: &Facts<'_>, user: usize, tie: &Tie) -> Value {
    let row = &facts.world.users[user];
    let count = |kind: Kind| tie.recent.iter().filter(|meet| meet.kind == kind).count();
    json!({
        "colleague": normalize(&row.email),
        "name": facts.name_of_user(user),
        "title": row.title,
        "strength": tie.strength,
        "grade": tie.grade,
        "activity": tie.activity,
        "directness": tie.directness,
        "mutuality": tie.mutuality,
        "likelihood_30d": tie.likelihood_30d,
        "interactions": tie.recent.len(),
        "emails": count(Kind::Email),
        "meetings": count(Kind::Meeting),
        "phone_calls": count(Kind::PhoneCall),
        "last_at": rfc3339(tie.last_moment),
        "contributions": tie.contributions.iter().map(Contribution::to_json).collect::<Vec<_>>(),
    })
}

/// Colleague -> via -> target, for colleagues without a direct tie.
fn paths(network: &Network<'_>, target: &str, persons: &BTreeSet<Person>, direct: &BTreeSet<usize>, as_of: i64) -> Vec<Value> {
    let facts = network.facts;
    let mut found: Vec<(i64, i64, Key, Key)> = Vec::new();
    let acquaintances = network.acquaintances(persons);
    for user in (0..facts.world.users.len()).filter(|user| !direct.contains(user)) {
        if has_left(facts, network.local, user, as_of) {
            continue;
        }
        for (via, second) in &acquaintances {
            if let Some(first) = network.tie_of_user(user, &BTreeSet::from([via.clone()])) {
                let colleague = normalize(&facts.world.users[user].email);
                found.push((first.strength, *second, colleague, facts.people.first_address(via)));
            }
        }
    }
    found.sort_by_key(|(first, second, colleague, via)| {
        (Reverse(*first.min(second)), Reverse(first + second), colleague.clone(), via.clone())
    });
    let rows = found.iter().map(|(first, second, colleague, via)| {
        json!({"colleague": colleague, "via": via, "target": target, "strength_first": first, "strength_second": second})
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meet(age: i64, kind: Kind, by_us: bool, by_them: bool, shared_with: usize) -> Meet {
        Meet { day: -age, moment: -age * 86_400_000_000, kind, by_us, by_them, shared_with }
    }

    #[test]
    fn a_call_every_week_over_a_year_is_as_strong_as_expected() {
        let meets: Vec<Meet> = (0..=364).step_by(7).map(|age| meet(age, Kind::Meeting, true, true, 1)).collect();
        let tie = tie(&meets, 0, Data::CrmAndMailbox, Model::V1).expect("a tie");
        assert_eq!((tie.strength, tie.grade, tie.active_days), (65, "strong", 53));
        assert!((tie.activity - tie.mutuality).abs() < 1e-9 && (tie.activity - tie.directness).abs() < 1e-9);
        assert_eq!(round_half_up(tie.activity), 65);
    }

    #[test]
    fn one_way_is_weak_however_much_of_it() {
        let meets: Vec<Meet> = (0..=364).map(|age| meet(age, Kind::Email, true, false, 1)).collect();
        let tie = tie(&meets, 0, Data::CrmAndMailbox, Model::V1).expect("a tie");
        assert!(tie.strength >= STRONG);
        assert_eq!((tie.grade, tie.mutuality), ("weak", 0.0));
    }

    #[test]
    fn sharing_weakens_strength_by_the_root_and_directness_in_full() {
        let alone = tie(&[meet(0, Kind::Email, true, false, 1)], 0, Data::CrmAndMailbox, Model::V1).expect("a tie");
        let shared = tie(&[meet(0, Kind::Email, true, false, 4)], 0, Data::CrmAndMailbox, Model::V1).expect("a tie");
        assert!((alone.contributions[0].value - 1.0).abs() < 1e-12 && (shared.contributions[0].value - 0.5).abs() < 1e-12);
        assert!((shared.directness - score(0.25, EXPECTATION, 1.0)).abs() < 1e-12);
        assert!((shared.activity - alone.activity).abs() < 1e-12);
    }

    #[test]
    fn basic_strength_counts_emails_and_meetings_of_a_year() {
        let mut meets: Vec<Meet> = (0..12).map(|n| meet(n * 30, Kind::Email, true, false, 1)).collect();
        meets.push(meet(366, Kind::Email, true, false, 1));
        meets.push(meet(0, Kind::PhoneCall, true, false, 1));
        let tie = tie(&meets, 0, Data::Crm, Model::V1).expect("a tie");
        assert_eq!((tie.strength, tie.grade), (50, "medium"));
    }

    #[test]
    fn a_tie_needs_a_day_within_two_years_but_remembers_its_first() {
        assert!(tie(&[meet(731, Kind::Email, true, true, 1)], 0, Data::CrmAndMailbox, Model::V1).is_none());
        let tie = tie(
            &[meet(900, Kind::Email, true, true, 1), meet(730, Kind::Email, true, true, 1)],
            0,
            Data::CrmAndMailbox,
            Model::V1,
        );
        let tie = tie.expect("a tie");
        assert_eq!((tie.recent.len(), tie.active_days, tie.first_moment), (1, 1, -900 * 86_400_000_000));
    }

    #[test]
    fn under_v2_a_weekly_meeting_is_as_strong_as_expected_and_silence_weakens_it() {
        let weekly =
            |from: i64| -> Vec<Meet> { (from..=364).step_by(7).map(|age| meet(age, Kind::Meeting, true, true, 1)).collect() };
        let strength = |from: i64| tie(&weekly(from), 0, Data::CrmAndMailbox, Model::V2).expect("a tie").strength;
        assert_eq!((strength(0), strength(42)), (65, 51));
        let alone = tie(&[meet(0, Kind::Email, true, false, 4)], 0, Data::CrmAndMailbox, Model::V2).expect("a tie");
        assert_eq!((alone.strength, alone.mutuality, alone.grade), (30, 0.0, "weak"));
        assert!((alone.rank - 100.0 / (1.0 + 7.0 / 13.0 / (0.5_f64 / 9.280_8).sqrt())).abs() < 1e-3);
    }
}
