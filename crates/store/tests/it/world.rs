//! A store in a folder of its own, sightings in few words, and runs in a form that two organizations can be compared in.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use rapport_domain::{
    Address, AddressId, Attendance, Direction, Kind, Marks, Moment, RecordId, RecordRef, Role, Side, Sighting, Source, Touches,
    Who,
};
use rapport_store::{
    Appender, Organization, Place, SegmentSettings, SegmentStorage, Store, Visibility, ledger::OursRule,
    registry::NewOrganization,
};
use tempfile::TempDir;

pub(crate) const ACTOR: &str = "test";

/// Name of the folder in a store's that plays object storage.
pub(crate) const BUCKET: &str = "bucket";

/// Segments are kept in a folder in the store's, with a cache of so many bytes.
pub(crate) fn in_bucket(folder: &Path, cache_max_bytes: u64) -> SegmentStorage {
    let place = Place::parse(&format!("file://{}", folder.join(BUCKET).display()), &[]).unwrap();
    SegmentStorage { place: Some(place), cache_max_bytes, ..SegmentStorage::default() }
}

/// Everything may be seen.
pub(crate) fn everything() -> Visibility {
    Visibility::everything()
}

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    pub(crate) organizations: AtomicU32,
}

impl World {
    /// Touches lie in the tail, as in any small store.
    pub(crate) async fn new() -> Self {
        Self::with(SegmentSettings::default()).await
    }

    /// Each batch becomes a segment, of a few touches each.
    pub(crate) async fn in_segments() -> Self {
        Self::with(SegmentSettings { seal_at: 1, direct_at: 1, upload_at: 1, fan_out: 3, segment_max: 5 }).await
    }

    pub(crate) async fn with(settings: SegmentSettings) -> Self {
        Self::kept_in(settings, |_| SegmentStorage { memory_max_bytes: 0, ..SegmentStorage::default() }).await
    }

    /// With segments in object storage, which may lie in the folder.
    pub(crate) async fn kept_in(settings: SegmentSettings, storage: impl FnOnce(&Path) -> SegmentStorage) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create_with(folder.path(), storage(folder.path())).await.unwrap().with_segments(settings);
        Self { folder, store, organizations: AtomicU32::new(0) }
    }

    /// A new organization. All share one key, so that equal texts have equal hashes.
    pub(crate) async fn organization(&self) -> Organization {
        let name = format!("org {}", self.organizations.fetch_add(1, Ordering::Relaxed));
        let new = NewOrganization { name: &name, hash_key: [7; 32], now: moment(0) };
        assert!(self.store.create_organization(&new).await.unwrap());
        self.store.organization(&name).await.unwrap()
    }

    pub(crate) fn appender(&self, organization: &Organization) -> Appender {
        Appender::new(&self.store, organization, ours(), true)
    }

    /// A connection beside the store's, for looking into and meddling with its tables.
    pub(crate) async fn meddler(&self) -> sqlx::SqlitePool {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.folder.path().join(rapport_store::STORE_FILE));
        sqlx::SqlitePool::connect_with(options).await.unwrap()
    }

    /// The run under an address or reference.
    pub(crate) async fn run(&self, organization: &Organization, key: &str, visibility: &Visibility) -> Touches {
        match self.address(organization, key).await {
            Some(id) => self.store.runs_of(organization.id, &[i64::from(id.0)], visibility).await.unwrap(),
            None => Touches::default(),
        }
    }

    pub(crate) async fn address(&self, organization: &Organization, key: &str) -> Option<AddressId> {
        self.store.addresses(organization.id).await.unwrap().into_iter().find(|row| row.key == key).map(|row| row.id)
    }

    /// Every run by its subject, with nothing in it that depends on the order of arrival: ids as keys, groups by their smallest member.
    pub(crate) async fn runs(&self, organization: &Organization, visibility: &Visibility) -> BTreeMap<String, Vec<String>> {
        let addresses = self.store.addresses(organization.id).await.unwrap();
        let keys: BTreeMap<AddressId, String> = addresses.into_iter().map(|row| (row.id, row.key)).collect();
        let records = self.store.records(organization.id).await.unwrap();
        let records: BTreeMap<RecordId, String> =
            records.into_iter().map(|row| (row.record, row.reference.to_string())).collect();
        let mut subjects: Vec<(String, i64)> = keys.iter().map(|(id, key)| (key.clone(), i64::from(id.0))).collect();
        subjects.extend(records.iter().map(|(id, reference)| (reference.clone(), -i64::from(id.0))));
        let mut runs = BTreeMap::new();
        for (name, subject) in subjects {
            let touches = self.store.runs_of(organization.id, &[subject], visibility).await.unwrap();
            let rows: Vec<(String, u64, u64)> = (0..touches.len())
                .map(|i| {
                    let touch = touches.row(i);
                    let participants: Vec<String> = touch
                        .participants
                        .iter()
                        .map(|seen| format!("{}:{}:{}", keys[&seen.address], seen.role.as_str(), seen.side == Side::Ours))
                        .collect();
                    let mut participants = participants;
                    participants.sort();
                    // Where it decides: a segment has none.
                    let is_tied = touches.at_us.iter().filter(|at_us| **at_us == touch.at_us).count() > 1;
                    let message_id = if is_tied { String::from_utf8_lossy(touch.message_id) } else { "".into() };
                    let text = format!(
                        "{} {:?} {:?} {:?} {}s threaded={} regarding={:?} seen={} {message_id} {participants:?}",
                        touch.at_us,
                        touch.kind,
                        touch.state,
                        touch.direction,
                        touch.duration_s,
                        touch.threaded,
                        (touch.regarding > 0).then(|| &records[&RecordId(touch.regarding)]),
                        touch.seen,
                    );
                    (text, touch.conversation, touch.subject_group)
                })
                .collect();
            if !rows.is_empty() {
                runs.insert(name, named_groups(&rows));
            }
        }
        runs
    }
}

/// Conversations and subject groups named after the smallest row that is in them.
fn named_groups(rows: &[(String, u64, u64)]) -> Vec<String> {
    let name = |group: u64, of: fn(&(String, u64, u64)) -> u64| match group {
        0 => "none".to_owned(),
        _ => rows.iter().filter(|row| of(row) == group).map(|row| row.0.as_str()).min().unwrap_or_default().to_owned(),
    };
    let mut named: Vec<String> = rows
        .iter()
        .map(|row| {
            format!("{}\n  conversation of: {}\n  subject as: {}", row.0, name(row.1, |row| row.1), name(row.2, |row| row.2))
        })
        .collect();
    named.sort();
    named
}

/// Colleagues are at `us.example`.
pub(crate) fn ours() -> OursRule {
    OursRule { domains: ["us.example".to_owned()].into_iter().collect(), ..OursRule::default() }
}

pub(crate) fn moment(minutes: i64) -> Moment {
    Moment::parse("2026-02-01T09:00:00Z").unwrap().plus_us(minutes * 60_000_000)
}

pub(crate) fn who(key: &str) -> Who {
    match key.split_once(':') {
        Some(("contact", id)) => Who::Contact(id.to_owned()),
        Some(("lead", id)) => Who::Lead(id.to_owned()),
        _ => Who::Address(Address::parse(key).unwrap()),
    }
}

/// A sighting of an activity of a kind, from the first to the others, in an unattributed mailbox.
pub(crate) fn seen(kind: Kind, minutes: i64, people: &[&str]) -> Sighting {
    let roles = Role::of_columns(kind);
    let attendance = |(i, key): (usize, &&str)| Attendance { who: who(key), role: roles[i.min(1)], name: None };
    Sighting {
        kind,
        occurred_at: moment(minutes),
        state: None,
        duration_s: None,
        participants: people.iter().enumerate().map(attendance).collect(),
        message_id: None,
        occurrence: None,
        conversation_id: None,
        ancestors: Vec::new(),
        subject: None,
        regarding: None,
        source: Source::Mailbox,
        mailbox: None,
        activity_id: None,
        marks: Marks::default(),
    }
}

/// A mail with an id and what it answers.
pub(crate) fn mail(minutes: i64, people: &[&str], message_id: &str, ancestors: &[&str]) -> Sighting {
    Sighting {
        message_id: Some(message_id.to_owned()),
        ancestors: ancestors.iter().map(|&id| id.to_owned()).collect(),
        ..seen(Kind::Email, minutes, people)
    }
}

pub(crate) fn in_mailbox(sighting: Sighting, mailbox: &str) -> Sighting {
    Sighting { mailbox: Some(Address::parse(mailbox).unwrap()), ..sighting }
}

pub(crate) fn in_crm(sighting: Sighting, activity_id: &str) -> Sighting {
    let activity_id = (!activity_id.is_empty()).then(|| activity_id.to_owned());
    Sighting { source: Source::Crm, mailbox: None, activity_id, ..sighting }
}

pub(crate) fn regarding(sighting: Sighting, record: &str) -> Sighting {
    Sighting { regarding: Some(RecordRef::parse(record).unwrap()), ..sighting }
}

/// How many touches begin outside.
pub(crate) fn incoming(touches: &Touches) -> usize {
    touches.direction.iter().filter(|direction| **direction == Direction::Incoming).count()
}
