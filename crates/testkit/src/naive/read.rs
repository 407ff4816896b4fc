//! Rows -> sightings -> interactions. Who is ours, who stands behind an address.

use super::Data;
use super::local::{DAY_US, moment};
use crate::worlds::{InteractionRow, World};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// 1990-01-01T00:00:00Z.
const EARLIEST: i64 = 631_152_000_000_000;
/// More distinct recipients than this make a mailing (02 §2.6).
const RECIPIENTS_MAX: usize = 50;
/// Providers that cut a plus-tag (decision 2, rule 1).
const PLUS_TAG_DOMAINS: [&str; 11] = [
    "gmail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "fastmail.com",
    "proton.me",
    "protonmail.com",
    "pm.me",
];
/// Reply prefixes (decision 2, rule 17).
const REPLY_PREFIXES: [&str; 13] = ["re", "fw", "fwd", "aw", "wg", "antw", "sv", "vs", "tr", "rif", "ynt", "odp", "ref"];

/// A participant: a normalized address, `contact:ID` or `lead:ID`.
pub(super) type Key = String;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Email,
    Meeting,
    PhoneCall,
    Task,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Meeting => "meeting",
            Self::PhoneCall => "phone_call",
            Self::Task => "task",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Email, Self::Meeting, Self::PhoneCall, Self::Task].into_iter().find(|kind| kind.as_str() == text)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Scheduled,
    Completed,
    Cancelled,
}

impl State {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            "scheduled" => Some(Self::Scheduled),
            "completed" => Some(Self::Completed),
            "cancelled" => Some(Self::Cancelled),
            _ => None,
        }
    }
}

/// One row that is kept: an interaction as one place saw it.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    identity: String,
    crm: bool,
    kind: Kind,
    moment: i64,
    from: Option<Key>,
    to: Vec<Key>,
    cc: Vec<Key>,
    names: Vec<(Key, String)>,
    duration_s: Option<i64>,
    message_id: Option<String>,
    conversation_id: Option<String>,
    in_reply_to: Option<String>,
    subject: Option<String>,
    regarding: Option<String>,
    state: Option<State>,
}

/// What the allowed sightings of one interaction show together.
#[derive(Clone, Debug)]
pub(super) struct Interaction {
    pub(super) identity: String,
    pub(super) kind: Kind,
    pub(super) moment: i64,
    pub(super) from: BTreeSet<Key>,
    pub(super) to: BTreeSet<Key>,
    pub(super) cc: BTreeSet<Key>,
    pub(super) duration_s: i64,
    pub(super) message_id: Option<String>,
    pub(super) conversation_id: Option<String>,
    pub(super) in_reply_to: Option<String>,
    /// Without reply prefixes; never empty.
    pub(super) subject: Option<String>,
    pub(super) regarding: Option<String>,
    pub(super) state: Option<State>,
    pub(super) seen_in_a_mailbox: bool,
}

impl Interaction {
    /// Everybody, whatever the role.
    pub(super) fn participants(&self) -> BTreeSet<Key> {
        self.from.iter().chain(&self.to).chain(&self.cc).cloned().collect()
    }

    /// 02 §2.4: completed, and not after `as_of`.
    pub(super) fn counts(&self, as_of: i64) -> bool {
        self.moment <= as_of && matches!(self.state, None | Some(State::Completed))
    }

    /// Said to be scheduled, or a meeting without a state that has not begun.
    pub(super) fn is_scheduled(&self, as_of: i64) -> bool {
        match self.state {
            Some(State::Scheduled) => true,
            None => self.kind == Kind::Meeting && self.moment > as_of,
            _ => false,
        }
    }

    /// Time order: equal moments by Message-ID (none first), then by identity.
    pub(super) fn order(&self) -> (i64, Option<String>, String) {
        (self.moment, self.message_id.clone(), self.identity.clone())
    }
}

/// All that a figure may use.
pub(super) struct Facts<'w> {
    pub(super) world: &'w World,
    pub(super) people: People,
    /// In time order.
    pub(super) interactions: Vec<Interaction>,
    /// (key, moment of the row, display name), for the allowed sightings.
    names: Vec<(Key, i64, String)>,
}

impl<'w> Facts<'w> {
    pub(super) fn read(world: &'w World, data: Data) -> Self {
        let people = People::new(world);
        let allowed: Vec<Sighting> =
            all_sightings(world, &people).into_iter().filter(|s| data == Data::CrmAndMailbox || s.crm).collect();
        let mut copies: BTreeMap<String, Vec<Sighting>> = BTreeMap::new();
        let mut names = Vec::new();
        for sighting in allowed {
            names.extend(sighting.names.iter().map(|(key, name)| (key.clone(), sighting.moment, name.clone())));
            copies.entry(sighting.identity.clone()).or_default().push(sighting);
        }
        let mut interactions: Vec<Interaction> = copies.values().map(|copies| merge(copies)).collect();
        interactions.sort_by_key(Interaction::order);
        Self { world, people, interactions, names }
    }

    /// Ours initiated it; without an initiator, and for tasks, too.
    pub(super) fn is_outgoing(&self, interaction: &Interaction) -> bool {
        interaction.kind == Kind::Task
            || interaction.from.is_empty()
            || interaction.from.iter().any(|key| self.people.is_ours(key))
    }

    pub(super) fn ours(&self, keys: &BTreeSet<Key>) -> BTreeSet<Key> {
        keys.iter().filter(|key| self.people.is_ours(key)).cloned().collect()
    }

    pub(super) fn theirs(&self, keys: &BTreeSet<Key>) -> BTreeSet<Key> {
        keys.iter().filter(|key| !self.people.is_ours(key)).cloned().collect()
    }

    /// Indexes of the users among these.
    pub(super) fn users(&self, keys: &BTreeSet<Key>) -> BTreeSet<usize> {
        keys.iter().filter_map(|key| self.people.user_of(key)).collect()
    }

    /// The external persons among these.
    pub(super) fn persons(&self, keys: &BTreeSet<Key>) -> BTreeSet<Person> {
        self.theirs(keys).iter().map(|key| self.people.person_of(key)).collect()
    }

    /// The record's name, else the display name seen last (then the smaller), else the address.
    pub(super) fn name_of_person(&self, person: &Person) -> String {
        let recorded = match person {
            Person::Contact(id) => self.world.contacts.iter().find(|row| row.id == *id).map(|row| row.name.clone()),
            Person::Lead(id) => self.world.leads.iter().find(|row| row.id == *id).map(|row| row.name.clone()),
            Person::Discovered(_) => None,
        };
        let recorded = recorded.filter(|name| !name.is_empty());
        recorded.or_else(|| self.name_seen_last(person)).unwrap_or_else(|| self.people.first_address(person))
    }

    pub(super) fn name_of_user(&self, user: usize) -> String {
        let row = &self.world.users[user];
        if row.name.is_empty() { normalize(&row.email) } else { row.name.clone() }
    }

    fn name_seen_last(&self, person: &Person) -> Option<String> {
        let mut best: Option<(i64, &String)> = None;
        for (key, moment, name) in &self.names {
            if self.people.is_ours(key) || self.people.person_of(key) != *person {
                continue;
            }
            let better = best.is_none_or(|(at, seen)| *moment > at || (*moment == at && name < seen));
            if better {
                best = Some((*moment, name));
            }
        }
        best.map(|(_, name)| name.clone())
    }
}

/// An external person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Person {
    Contact(String),
    Lead(String),
    /// One address (or a reference to nothing) alone.
    Discovered(Key),
}

/// Who stands behind an address (decision 2, rules 1-3).
pub(super) struct People {
    internal_domains: Vec<String>,
    /// For each user the addresses.
    users: Vec<Vec<Key>>,
    /// Ids, with all that the row names.
    contacts: Vec<(String, Vec<Key>)>,
    /// Ids, with all that the row names.
    leads: Vec<(String, Vec<Key>)>,
}

impl People {
    fn new(world: &World) -> Self {
        let normalized =
            |addresses: &mut dyn Iterator<Item = &String>| addresses.map(|text| normalize(text)).collect::<Vec<Key>>();
        let mut people = Self {
            internal_domains: world.internal_domains.iter().map(|domain| domain.to_lowercase()).collect(),
            users: Vec::new(),
            contacts: Vec::new(),
            leads: Vec::new(),
        };
        for row in &world.users {
            people.users.push(normalized(&mut [&row.email].into_iter().chain(&row.aliases)));
        }
        for row in &world.contacts {
            let mut keys = normalized(&mut row.email.iter().chain(&row.emails));
            keys.push(format!("contact:{}", row.id));
            people.contacts.push((row.id.clone(), keys));
        }
        for row in &world.leads {
            let mut keys = normalized(&mut row.email.iter());
            keys.push(format!("lead:{}", row.id));
            people.leads.push((row.id.clone(), keys));
        }
        people
    }

    pub(super) fn user_of(&self, key: &str) -> Option<usize> {
        self.users.iter().position(|keys| keys.iter().any(|own| own == key))
    }

    pub(super) fn is_ours(&self, key: &str) -> bool {
        if is_reference(key) {
            return false;
        }
        let domain = key.rsplit_once('@').map_or("", |(_, domain)| domain);
        self.user_of(key).is_some() || self.internal_domains.iter().any(|internal| internal == domain)
    }

    /// All that a contact's row names (its `email` first, then its `emails`), and the reference to it; empty for an unknown id.
    pub(super) fn contact_keys(&self, id: &str) -> Vec<Key> {
        self.contacts.iter().find(|(other, _)| other == id).map(|(_, keys)| keys.clone()).unwrap_or_default()
    }

    /// All that a lead's row names, and the reference to it; empty for an unknown id.
    pub(super) fn lead_keys(&self, id: &str) -> Vec<Key> {
        self.leads.iter().find(|(other, _)| other == id).map(|(_, keys)| keys.clone()).unwrap_or_default()
    }

    pub(super) fn person_of(&self, key: &str) -> Person {
        if let Some(id) = key.strip_prefix("contact:") {
            return if self.contact_keys(id).is_empty() {
                Person::Discovered(key.to_owned())
            } else {
                Person::Contact(id.to_owned())
            };
        }
        if let Some(id) = key.strip_prefix("lead:") {
            let keys = self.lead_keys(id);
            if keys.is_empty() {
                return Person::Discovered(key.to_owned());
            }
            let contact = keys.iter().find_map(|key| self.contact_that_claims(key));
            return contact.map_or_else(|| Person::Lead(id.to_owned()), Person::Contact);
        }
        if let Some(contact) = self.contact_that_claims(key) {
            return Person::Contact(contact);
        }
        let leads = self.leads.iter().filter(|(_, keys)| keys.iter().any(|own| own == key));
        leads.map(|(id, _)| id.clone()).min().map_or_else(|| Person::Discovered(key.to_owned()), Person::Lead)
    }

    /// The contact with the smallest id whose row names this address.
    fn contact_that_claims(&self, key: &str) -> Option<String> {
        let claims = self.contacts.iter().filter(|(_, keys)| keys.iter().any(|own| own == key));
        claims.map(|(id, _)| id.clone()).min()
    }

    /// Every key that belongs to this person and that a row names.
    pub(super) fn keys_of(&self, person: &Person) -> BTreeSet<Key> {
        let mut keys = BTreeSet::new();
        if let Person::Discovered(key) = person {
            keys.insert(key.clone());
        }
        for (_, named) in self.contacts.iter().chain(&self.leads) {
            keys.extend(named.iter().cloned());
        }
        keys.retain(|key| !self.is_ours(key) && self.person_of(key) == *person);
        keys
    }

    /// The row's `email`, else the first of `emails`, else the smallest; only what belongs to this person.
    pub(super) fn first_address(&self, person: &Person) -> Key {
        let named = match person {
            Person::Contact(id) => self.contact_keys(id),
            Person::Lead(id) => self.lead_keys(id),
            Person::Discovered(key) => vec![key.clone()],
        };
        let own = named.into_iter().find(|key| !is_reference(key) && self.person_of(key) == *person);
        own.unwrap_or_else(|| self.keys_of(person).first().cloned().expect("a person has a key"))
    }
}

fn is_reference(key: &str) -> bool {
    key.starts_with("contact:") || key.starts_with("lead:")
}

/// Decision 2, rule 1, for the ASCII addresses of our worlds.
pub(super) fn normalize(address: &str) -> Key {
    let bare = address.trim().trim_start_matches('<').trim_end_matches('>').trim();
    if is_reference(bare) {
        return bare.to_owned();
    }
    let lower = bare.to_lowercase();
    let Some((local, domain)) = lower.rsplit_once('@') else {
        return lower;
    };
    let domain = if domain == "googlemail.com" { "gmail.com" } else { domain };
    let mut local = local.to_owned();
    if PLUS_TAG_DOMAINS.contains(&domain) {
        local = local.split('+').next().unwrap_or_default().to_owned();
    }
    if domain == "gmail.com" {
        local = local.replace('.', "");
    }
    format!("{local}@{domain}")
}

/// `Name <addr>`, `addr` or a reference, with the display name where there is one.
fn participant(text: &str) -> Option<(Key, Option<String>)> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    match text.split_once('<') {
        Some((name, address)) => {
            let name = name.trim().trim_matches('"').trim();
            Some((normalize(address), Some(name.to_owned()).filter(|name| !name.is_empty())))
        }
        None => Some((normalize(text), None)),
    }
}

/// Surrounding space and `<>` away; never empty.
fn message_id(text: Option<&String>) -> Option<String> {
    let id = text?.trim().trim_start_matches('<').trim_end_matches('>').trim();
    (!id.is_empty()).then(|| id.to_owned())
}

/// Without reply prefixes (`re:`, `re[2]:`, `fw (3):`, repeated) and surrounding space; never empty.
pub(super) fn bare_subject(text: &str) -> Option<String> {
    let mut rest = text.trim();
    'prefixes: loop {
        for prefix in REPLY_PREFIXES {
            let Some(head) = rest.get(..prefix.len()).filter(|head| head.eq_ignore_ascii_case(prefix)) else {
                continue;
            };
            let after = rest[head.len()..].trim_start();
            let after = without_count(after, '[', ']').or_else(|| without_count(after, '(', ')')).unwrap_or(after).trim_start();
            if let Some(after) = after.strip_prefix(':') {
                rest = after.trim();
                continue 'prefixes;
            }
        }
        break;
    }
    (!rest.is_empty()).then(|| rest.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "))
}

/// `[2]...` -> `...`
fn without_count(text: &str, open: char, close: char) -> Option<&str> {
    let (number, rest) = text.strip_prefix(open)?.split_once(close)?;
    (!number.is_empty() && number.chars().all(|c| c.is_ascii_digit())).then_some(rest)
}

/// What becomes of one row.
enum Fate {
    Kept(Box<Sighting>),
    Failed,
    Excluded(&'static str),
}

/// The row as it is; the exclusions first, in the order of 02 §2.6, then the failures.
fn fate(world: &World, people: &People, row: &InteractionRow, crm: bool, activity_id: Option<&str>) -> Fate {
    let mut names = Vec::new();
    let mut keys = |texts: &[String]| -> Vec<Key> {
        let mut keys = Vec::new();
        for (key, name) in texts.iter().filter_map(|text| participant(text)) {
            names.extend(name.map(|name| (key.clone(), name)));
            keys.push(key);
        }
        keys
    };
    let from = keys(row.from.as_slice()).into_iter().next();
    let to = keys(&row.to);
    let cc = keys(&row.cc);
    let kind = Kind::parse(&row.kind);
    if let Some(reason) = exclusion(people, row, kind, from.as_ref(), &to, &cc) {
        return Fate::Excluded(reason);
    }
    let state = row.state.as_deref().and_then(State::parse);
    let (Some(kind), Some(moment)) = (kind, moment(&row.occurred_at)) else {
        return Fate::Failed;
    };
    if kind == Kind::Email && from.is_none() {
        return Fate::Failed;
    }
    let may_be_later = matches!(kind, Kind::Meeting | Kind::Task) || matches!(state, Some(State::Scheduled | State::Open));
    if moment < EARLIEST || (!may_be_later && moment > world.as_of + DAY_US) {
        return Fate::Failed;
    }
    let mut sighting = Sighting {
        identity: String::new(),
        crm,
        kind,
        moment,
        from,
        to,
        cc,
        names,
        duration_s: row.duration_s.as_deref().and_then(|text| text.trim().parse().ok()),
        message_id: message_id(row.message_id.as_ref()),
        conversation_id: row.conversation_id.as_deref().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned),
        in_reply_to: message_id(row.in_reply_to.as_ref()),
        subject: row.subject.as_deref().and_then(bare_subject),
        regarding: row.regarding.clone().filter(|text| !text.is_empty()),
        state,
    };
    sighting.identity = identity(&sighting, activity_id);
    Fate::Kept(Box::new(sighting))
}

fn exclusion(
    people: &People,
    row: &InteractionRow,
    kind: Option<Kind>,
    from: Option<&Key>,
    to: &[Key],
    cc: &[Key],
) -> Option<&'static str> {
    let is_email = kind == Some(Kind::Email);
    let everybody: Vec<&Key> = from.into_iter().chain(to).chain(cc).collect();
    if row.regarding.as_ref().is_none_or(String::is_empty) {
        if is_email && to.is_empty() && cc.is_empty() {
            return Some("no_recipients");
        }
        if !everybody.iter().any(|key| people.is_ours(key)) {
            return Some("no_colleague");
        }
        if everybody.iter().all(|key| people.is_ours(key)) {
            return Some("internal_only");
        }
    }
    if is_email && from.is_some_and(|from| is_noreply(from)) {
        return Some("noreply");
    }
    let recipients: BTreeSet<&Key> = to.iter().chain(cc).collect();
    (is_email && recipients.len() > RECIPIENTS_MAX).then_some("too_many_recipients")
}

fn is_noreply(key: &str) -> bool {
    let local = key.rsplit_once('@').map_or("", |(local, _)| local).replace(['-', '_', '.'], "");
    local == "noreply" || local == "donotreply"
}

/// 02 §2.5 and decision 2, rule 8.
fn identity(sighting: &Sighting, activity_id: Option<&str>) -> String {
    let kind = sighting.kind.as_str();
    let participants: BTreeSet<&Key> = sighting.from.iter().chain(&sighting.to).chain(&sighting.cc).collect();
    match (&sighting.message_id, activity_id) {
        (Some(id), _) if sighting.kind == Kind::Meeting => format!("{kind}|id|{id}|{}", sighting.moment),
        (Some(id), _) => format!("{kind}|id|{id}"),
        (None, Some(activity)) if participants.is_empty() => format!("{kind}|activity|{activity}"),
        _ => format!("{kind}|facts|{}|{:?}|{participants:?}|{:?}", sighting.moment, sighting.from, sighting.subject),
    }
}

/// Rows of the CRM's activities (a later row of an id replaces an earlier one), then those of `interactions.csv`.
fn all_sightings(world: &World, people: &People) -> Vec<Sighting> {
    let mut fates = activity_fates(world, people);
    fates.extend(world.interactions.iter().map(|row| fate(world, people, row, row.source.as_deref() == Some("crm"), None)));
    let kept = fates.into_iter().filter_map(|fate| if let Fate::Kept(sighting) = fate { Some(*sighting) } else { None });
    kept.collect()
}

fn activity_fates(world: &World, people: &People) -> Vec<Fate> {
    let last_of_its_id = |at: usize| !world.activities[at + 1..].iter().any(|later| later.id == world.activities[at].id);
    let rows = world.activities.iter().enumerate().filter(|(at, _)| last_of_its_id(*at));
    rows.map(|(_, activity)| fate(world, people, &activity.row, true, Some(&activity.id))).collect()
}

pub(super) fn import_counts(world: &World) -> Value {
    let people = &People::new(world);
    let mut known: BTreeSet<String> = BTreeSet::new();
    for fate in activity_fates(world, people) {
        if let Fate::Kept(sighting) = fate {
            known.insert(sighting.identity);
        }
    }
    let (mut kept, mut duplicates, mut failed) = (0, 0, 0);
    let mut excluded: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &world.interactions {
        match fate(world, people, row, row.source.as_deref() == Some("crm"), None) {
            Fate::Kept(sighting) if known.insert(sighting.identity.clone()) => kept += 1,
            Fate::Kept(_) => duplicates += 1,
            Fate::Failed => failed += 1,
            Fate::Excluded(reason) => *excluded.entry(reason).or_default() += 1,
        }
    }
    json!({"read": world.interactions.len(), "kept": kept, "duplicates": duplicates, "failed": failed, "excluded": excluded})
}

/// Decision 2, rule 9; the CRM wins, else something that no order can change.
fn merge(copies: &[Sighting]) -> Interaction {
    let first = copies.first().expect("an interaction has a sighting");
    let crm: Vec<&Sighting> = copies.iter().filter(|copy| copy.crm).collect();
    let mailbox: Vec<&Sighting> = copies.iter().filter(|copy| !copy.crm).collect();
    // What the CRM's copies say; where they say nothing, what the others say.
    let text = |of: fn(&Sighting) -> Option<&String>| -> Option<String> {
        let smallest = |copies: &[&Sighting]| copies.iter().filter_map(|copy| of(copy)).min().cloned();
        smallest(&crm).or_else(|| smallest(&mailbox))
    };
    let largest_duration = |copies: &[&Sighting]| copies.iter().filter_map(|copy| copy.duration_s).max();
    let smallest_moment = |copies: &[&Sighting]| copies.iter().map(|copy| copy.moment).min();
    Interaction {
        identity: first.identity.clone(),
        kind: first.kind,
        moment: smallest_moment(&crm).or_else(|| smallest_moment(&mailbox)).expect("an interaction has a sighting"),
        from: copies.iter().filter_map(|copy| copy.from.clone()).collect(),
        to: copies.iter().flat_map(|copy| copy.to.clone()).collect(),
        cc: copies.iter().flat_map(|copy| copy.cc.clone()).collect(),
        duration_s: largest_duration(&crm).or_else(|| largest_duration(&mailbox)).unwrap_or(0),
        message_id: first.message_id.clone(),
        conversation_id: text(|copy| copy.conversation_id.as_ref()),
        // A copy that has a conversation id does not join by its headers.
        in_reply_to: text(|copy| copy.in_reply_to.as_ref().filter(|_| copy.conversation_id.is_none())),
        subject: text(|copy| copy.subject.as_ref()),
        regarding: text(|copy| copy.regarding.as_ref()),
        state: merged_state(&crm).or_else(|| merged_state(&mailbox)),
        seen_in_a_mailbox: !mailbox.is_empty(),
    }
}

fn merged_state(copies: &[&Sighting]) -> Option<State> {
    [State::Cancelled, State::Completed, State::Scheduled, State::Open]
        .into_iter()
        .find(|state| copies.iter().any(|copy| copy.state == Some(*state)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_normalized_where_the_provider_is_known() {
        assert_eq!(normalize(" <Jan.Smit+x@GoogleMail.com> "), "jansmit@gmail.com");
        assert_eq!(normalize("Jan.Smit+x@Outlook.com"), "jan.smit@outlook.com");
        assert_eq!(normalize("Jan+x@them.example"), "jan+x@them.example");
        assert_eq!(normalize("contact:C1"), "contact:C1");
        assert_eq!(participant("\"Jan S\" <J@x.example>"), Some(("j@x.example".to_owned(), Some("Jan S".to_owned()))));
    }

    #[test]
    fn subjects_lose_their_reply_prefixes_only() {
        for (given, expected) in [
            ("Re: Offer", Some("offer")),
            ("RE: Fwd: re[2]: AW(3): Offer", Some("offer")),
            ("Regards", Some("regards")),
            ("Re:", None),
            ("  ", None),
            ("Ref: Offer", Some("offer")),
            ("Reply: Offer", Some("reply: offer")),
        ] {
            assert_eq!(bare_subject(given).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn a_merged_interaction_shows_what_its_sightings_show() {
        let row = |moment: &str, to: &str, state: Option<&str>, source: &str, duration: Option<&str>| InteractionRow {
            occurred_at: moment.into(),
            kind: "email".into(),
            from: Some("u@us.example".into()),
            to: vec![to.into()],
            duration_s: duration.map(str::to_owned),
            message_id: Some("<m1>".into()),
            state: state.map(str::to_owned),
            source: Some(source.into()),
            ..Default::default()
        };
        let mut world = World {
            as_of: 1_700_000_000_000_000,
            internal_domains: vec!["us.example".into()],
            time_zone: "UTC".into(),
            interactions: vec![
                row("1600000009", "a@x.example", Some("completed"), "mailbox", Some("60")),
                row("1600000005", "b@x.example", Some("cancelled"), "mailbox", Some("120")),
            ],
            ..Default::default()
        };
        let facts = Facts::read(&world, Data::CrmAndMailbox);
        let merged = &facts.interactions[0];
        assert_eq!((merged.moment, merged.duration_s, merged.state), (1_600_000_005_000_000, 120, Some(State::Cancelled)));
        assert_eq!(merged.to.len(), 2);
        assert!(Facts::read(&world, Data::Crm).interactions.is_empty());
        world.interactions.push(row("1600000007", "c@x.example", Some("completed"), "crm", Some("30")));
        let facts = Facts::read(&world, Data::CrmAndMailbox);
        let merged = &facts.interactions[0];
        assert_eq!((merged.moment, merged.duration_s, merged.state), (1_600_000_007_000_000, 30, Some(State::Completed)));
        assert_eq!((merged.to.len(), facts.interactions.len()), (3, 1));
        assert_eq!(Facts::read(&world, Data::Crm).interactions[0].to.len(), 1);
    }

    #[test]
    fn rows_are_counted_under_the_first_reason_that_applies() {
        let row = |from: Option<&str>, to: &[&str], at: &str| InteractionRow {
            occurred_at: at.into(),
            kind: "email".into(),
            from: from.map(str::to_owned),
            to: to.iter().map(|to| (*to).to_owned()).collect(),
            ..Default::default()
        };
        let many: Vec<String> = (0..51).map(|n| format!("p{n}@x.example")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let us = Some("u@us.example");
        let world = World {
            as_of: 1_700_000_000_000_000,
            internal_domains: vec!["us.example".into()],
            interactions: vec![
                row(us, &[], "no date"),
                row(Some("a@x.example"), &["b@x.example"], "1600000000"),
                row(us, &["v@us.example"], "1600000000"),
                row(Some("no-reply@x.example"), &["u@us.example"], "1600000000"),
                row(us, &many, "1600000000"),
                row(us, &many[..50], "1600000000"),
                row(us, &many[..50], "1600000000"),
                row(us, &["a@x.example"], "no date"),
                row(us, &["a@x.example"], "600000000"),
                row(us, &["a@x.example"], "1700090000"),
                row(us, &["a@x.example"], "1700080000"),
                row(None, &["a@x.example", "u@us.example"], "1600000000"),
            ],
            ..Default::default()
        };
        let expected = json!({"read": 12, "kept": 2, "duplicates": 1, "failed": 4, "excluded": {
            "no_recipients": 1, "no_colleague": 1, "internal_only": 1, "noreply": 1, "too_many_recipients": 1}});
        assert_eq!(import_counts(&world), expected);
    }

    #[test]
    fn a_shared_address_belongs_to_the_smallest_contact_and_a_lead_joins_it() {
        use crate::worlds::{ContactRow, LeadRow};
        let contact = |id: &str, email: &str| ContactRow { id: id.into(), email: Some(email.into()), ..Default::default() };
        let lead = |id: &str, email: &str| LeadRow { id: id.into(), email: Some(email.into()), ..Default::default() };
        let world = World {
            contacts: vec![contact("c2", "s@x.example"), contact("c1", "s@x.example")],
            leads: vec![lead("l1", "S@x.example"), lead("l2", "t@x.example")],
            ..Default::default()
        };
        let people = People::new(&world);
        assert_eq!(people.person_of("s@x.example"), Person::Contact("c1".into()));
        assert_eq!(people.person_of("lead:l1"), Person::Contact("c1".into()));
        assert_eq!(people.person_of("lead:l2"), people.person_of("t@x.example"));
        assert_eq!(people.first_address(&Person::Contact("c2".into())), "contact:c2");
        assert_eq!(people.first_address(&Person::Contact("c1".into())), "s@x.example");
    }
}
