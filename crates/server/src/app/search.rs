//! Search everywhere: records, people, users, by any part of a name or address, without case and accents.

use std::{
    cmp::Reverse,
    sync::{Arc, PoisonError},
};

use rapport_domain::{PersonId, RecordId, Side, Table};
use rustc_hash::FxHashSet;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{App, AppError, Tier, View, caller::Reach};

/// Results at most.
pub const RESULTS_MAX: usize = 50;
/// Characters of a text that is looked for, at most.
pub const TEXT_MAX_CHARS: usize = 200;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundKind {
    /// A record.
    Record(Table),
    /// A colleague.
    User,
    /// Somebody known from mail alone.
    Person,
}

/// One thing that can be found.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is.
    pub kind: FoundKind,
    /// The record's id, a person's address.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// What tells it from others of its name: account, company, job title.
    pub detail: Option<String>,
    /// First address.
    pub email: Option<String>,
    /// The record's dense number.
    record: Option<RecordId>,
    /// Everything that is looked into, folded: the name, a line feed, the rest.
    text: String,
}

/// Everything that can be found, of one view.
#[derive(Debug)]
pub struct SearchIndex {
    versions: (i64, i64),
    entries: Vec<Found>,
}

impl App {
    /// What a text finds, the best first.
    pub async fn search(&self, text: &str, limit: usize) -> Result<Vec<Found>, AppError> {
        if text.trim().is_empty() || text.chars().count() > TEXT_MAX_CHARS {
            return Err(AppError::invalid(format!("`q` has 1 to {TEXT_MAX_CHARS} characters")));
        }
        if limit == 0 || limit > RESULTS_MAX {
            return Err(AppError::invalid(format!("`limit` is from 1 to {RESULTS_MAX}")));
        }
        let view = self.view().await?;
        let (reach, tier) = (self.reach(&view), view.tier);
        let known = self.search.read().unwrap_or_else(PoisonError::into_inner).clone();
        let known = known.filter(|index| index.versions == view.versions);
        let (kept, wanted) = (self.search.clone(), fold(text.trim()));
        let work = move || {
            let index = known.unwrap_or_else(|| {
                let made = Arc::new(SearchIndex::new(&view));
                *kept.write().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
                made
            });
            index.find(&wanted, limit, &reach, tier)
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| AppError::invalid(format!("searching stopped: {error}")))
    }
}

impl SearchIndex {
    fn new(view: &View) -> Self {
        let mut entries = Vec::new();
        let mut with_record: FxHashSet<PersonId> = FxHashSet::default();
        for record in view.records.iter() {
            let Some(document) = &record.document else { continue };
            let emails: Vec<&String> = document.email.iter().chain(&document.emails).collect();
            with_record.extend(emails.iter().filter_map(|key| view.address_id(key)).map(|id| view.directory.address(id).person));
            let account = document.account.as_ref().map(|id| {
                let reference = rapport_domain::RecordRef { table: Table::Accounts, id: id.clone() };
                view.record(&reference).map_or_else(|| id.clone(), |account| account.name().to_owned())
            });
            let person = document.topic.as_ref().and(document.name.clone());
            let detail = person.or(account).or_else(|| document.company.clone()).or_else(|| document.domains.first().cloned());
            let others = emails.iter().map(|key| key.as_str()).chain(document.domains.iter().map(String::as_str));
            let others: Vec<&str> = others.chain(detail.as_deref()).chain(document.company.as_deref()).collect();
            entries.push(Found {
                kind: FoundKind::Record(record.reference.table),
                record: Some(record.record),
                id: Some(record.reference.id.clone()),
                name: record.name().to_owned(),
                email: emails.first().map(|key| (*key).clone()),
                text: fold(&format!("{}\n{}", record.name(), others.join("\n"))),
                detail,
            });
        }
        for user in &view.directory.users {
            entries.push(Found {
                kind: FoundKind::User,
                record: None,
                id: None,
                name: user.name.clone(),
                email: Some(user.email.clone()),
                text: fold(&format!("{}\n{}", user.name, user.email)),
                detail: user.title.clone(),
            });
        }
        for address in &view.directory.addresses {
            let Some(email) = address.email() else { continue };
            if address.side != Side::Theirs || with_record.contains(&address.person) {
                continue;
            }
            let name = address.name.as_deref().unwrap_or(email);
            entries.push(Found {
                kind: FoundKind::Person,
                record: None,
                id: Some(email.to_owned()),
                name: name.to_owned(),
                email: Some(email.to_owned()),
                text: fold(&format!("{name}\n{email}")),
                detail: None,
            });
        }
        Self { versions: view.versions, entries }
    }

    fn find(&self, wanted: &str, limit: usize, reach: &Reach, tier: Tier) -> Vec<Found> {
        // People without a record are known from mail.
        let is_seen = |entry: &&Found| match entry.kind {
            FoundKind::Person => tier == Tier::Enhanced,
            FoundKind::Record(_) | FoundKind::User => entry.record.is_none_or(|record| reach.allows(record)),
        };
        let mut found: Vec<(u8, &Found)> =
            self.entries.iter().filter(is_seen).filter_map(|entry| rank(&entry.text, wanted).map(|rank| (rank, entry))).collect();
        let order = |(rank, entry): &(u8, &Found)| (*rank, entry.kind, entry.name.to_lowercase(), entry.id.clone());
        // Of many thousands only the best are put in order.
        if found.len() > limit * 4 {
            let mut counts = [0_usize; 4];
            for (rank, _) in &found {
                counts[usize::from(*rank)] += 1;
            }
            let mut enough = 0;
            let worst = counts.iter().position(|count| {
                enough += count;
                enough >= limit
            });
            found.retain(|(rank, _)| worst.is_none_or(|worst| usize::from(*rank) <= worst));
        }
        found.sort_by_cached_key(order);
        found.truncate(limit);
        found.into_iter().map(|(_, entry)| entry.clone()).collect()
    }
}

/// 0 = the whole of a line, 1 = its beginning, 2 = the beginning of a word, 3 = anywhere.
fn rank(text: &str, wanted: &str) -> Option<u8> {
    let mut best = None;
    let mut from = 0;
    while let Some(at) = text[from..].find(wanted).map(|at| from + at) {
        let before = text[..at].chars().next_back();
        let after = text[at + wanted.len()..].chars().next();
        let rank = match (before, after) {
            (None | Some('\n'), None | Some('\n')) => 0,
            (None | Some('\n'), _) => 1,
            (Some(before), _) if !before.is_alphanumeric() => 2,
            _ => 3,
        };
        best = best.max(Some(Reverse(rank)));
        if rank == 0 {
            break;
        }
        from = at + text[at..].chars().next().map_or(1, char::len_utf8);
    }
    best.map(|Reverse(rank)| rank)
}

/// Lower-case, without accents.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfd().filter(|character| !is_combining_mark(*character)).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_word_is_better_than_its_middle() {
        let text = fold("Zoë Müller\nzoe@mueller.example");
        assert_eq!(rank(&text, "zoe muller"), Some(0));
        assert_eq!(rank(&text, "zoe"), Some(1));
        assert_eq!(rank(&text, "mul"), Some(2));
        assert_eq!(rank(&text, "uller"), Some(3));
        assert_eq!(rank(&text, "smit"), None);
    }

    #[test]
    fn text_of_several_bytes_is_walked_by_characters() {
        assert_eq!(rank("ßß", "ß"), Some(1));
        assert_eq!(rank("日本語", "本"), Some(3));
    }
}
