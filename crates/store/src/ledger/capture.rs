//! Appending a page of a mailbox: its interactions, where the page ends, and what was counted, in one transaction.
//!
//! Mail stays what it was. An appointment changes: what its calendar shows last replaces what it showed before, while what lies before
//! the history that is read, or took place before it was deleted, stays.

use rapport_domain::{Address, Moment, OrgId, Sighting, UserId};
use sqlx::SqliteConnection;

use super::{
    append::{Appended, Appender},
    caches::Caches,
    identities::{IDENTITY_BYTES, Identity},
    runs::remove_sightings,
};
use crate::{
    StoreError,
    registry::{CaptureCounts, Grounds, Lease, StreamRow, bump_facts},
};

/// An identity and a start.
const MEETING_BYTES: usize = IDENTITY_BYTES + size_of::<i64>();

/// A page of a stream, judged.
#[derive(Clone, Debug)]
pub struct CapturedPage {
    /// The right to read the mailbox.
    pub lease: Lease,
    /// Until when the lease is prolonged.
    pub lease_until: Moment,
    /// First address of its user.
    pub mailbox: Address,
    /// Messages that are to be kept.
    pub mails: Vec<Sighting>,
    /// Appointments, each with what is to be kept of it; nothing, if it is gone or not to be kept.
    pub appointments: Vec<Appointment>,
    /// The stream as it stands after the page.
    pub stream: StreamRow,
    /// Whether a calendar was listed from its beginning to its end: what was not in it is gone.
    pub ends_listing: bool,
    /// Since when appointments are read: older ones stay as they are.
    pub kept_from: Moment,
    /// The moment of reading.
    pub now: Moment,
    /// What was counted.
    pub counts: CaptureCounts,
}

/// An appointment as its calendar shows it now.
#[derive(Clone, Debug)]
pub struct Appointment {
    /// As the calendar calls it.
    pub item: String,
    /// Whether it is gone.
    pub is_gone: bool,
    /// Whether it is there and could not be read: what is known of it stays.
    pub is_unreadable: bool,
    /// Its occurrences.
    pub sightings: Vec<Sighting>,
}

/// What became of a page.
#[derive(Clone, Debug)]
pub enum PageOutcome {
    /// It is kept.
    Kept(Appended),
    /// What decides about keeping moved since it was judged: it is to be judged again.
    Outdated,
    /// Somebody else reads the mailbox now, or nobody may: it is dropped.
    LeaseLost,
}

/// What an appointment said before: identity and start of its occurrences.
struct Known {
    digest: Vec<u8>,
    meetings: Vec<(Identity, i64)>,
}

impl Appender {
    /// Keeps a page where its grounds still hold and the lease is still ours. On an error nothing of it was kept.
    pub async fn append_page(&mut self, mut page: CapturedPage, grounds: &Grounds) -> Result<PageOutcome, StoreError> {
        let store = self.store.clone();
        let mut tx = store.begin().await?;
        let Some(settings_version) = self.grounds_hold(&mut tx, grounds).await? else {
            return Ok(PageOutcome::Outdated);
        };
        let org = self.organization.id;
        let caches = self.caches.take();
        let mut caches = Caches::fresh(&mut tx, org, &self.ours, caches).await?;
        let (mut batch, unchanged, mut is_changed) = self.replace_appointments(&mut tx, &mut caches, &mut page).await?;
        batch.append(&mut page.mails);
        let mut appended = Appended::default();
        if !batch.is_empty() {
            let (done, changed) = self.append_within(&mut tx, &mut caches, batch).await?;
            is_changed |= changed;
            appended = done;
        }
        appended.duplicates += unchanged;
        if !keep_progress(&mut tx, org, &page, appended).await? {
            return Ok(PageOutcome::LeaseLost);
        }
        if is_changed {
            caches.facts_version = bump_facts(&mut tx, org).await?;
            std::mem::take(&mut caches.changed).tell(&mut tx, org, caches.facts_version).await?;
        }
        tx.commit().await?;
        self.caches = Some(caches);
        self.remember(grounds, settings_version);
        Ok(PageOutcome::Kept(appended))
    }

    /// Takes back what changed appointments said before; what they say now is to be appended. Also the number of occurrences that say
    /// the same, and whether something was taken back.
    async fn replace_appointments(
        &self,
        connection: &mut SqliteConnection,
        caches: &mut Caches,
        page: &mut CapturedPage,
    ) -> Result<(Vec<Sighting>, u64, bool), StoreError> {
        let (org, lease) = (self.organization.id, &page.lease);
        let place = (lease.connector.as_str(), lease.user, page.stream.stream.as_slice());
        let generation = page.stream.generation;
        let (mut batch, mut unchanged, mut is_changed) = (Vec::new(), 0, false);
        for appointment in &mut page.appointments {
            let item = &self.organization.hidden_name(&appointment.item);
            let known = known(connection, org, place, item).await?;
            if appointment.is_gone {
                let Some(known) = known else { continue };
                is_changed |= self.take_back(connection, caches, page.now, &page.mailbox, &known.meetings).await?;
                delete_item(connection, org, place, item).await?;
                continue;
            }
            if appointment.is_unreadable {
                if let Some(known) = known {
                    write_item(connection, org, place, (item, generation), (&known.digest, &known.meetings)).await?;
                }
                continue;
            }
            let meetings: Vec<_> =
                appointment.sightings.iter().map(|sighting| (self.identity(sighting), sighting.occurred_at.0)).collect();
            let digest = digest(&meetings, &appointment.sightings);
            if let Some(known) = &known
                && known.digest == digest
            {
                unchanged += meetings.len() as u64;
                write_item(connection, org, place, (item, generation), (&digest, &known.meetings)).await?;
                continue;
            }
            let mut all = meetings.clone();
            if let Some(known) = known {
                is_changed |= self.take_back(connection, caches, page.kept_from, &page.mailbox, &known.meetings).await?;
                all.extend(known.meetings.into_iter().filter(|(_, start)| *start < page.kept_from.0));
            }
            all.sort_unstable();
            all.dedup();
            write_item(connection, org, place, (item, generation), (&digest, &all)).await?;
            batch.append(&mut appointment.sightings);
        }
        if page.ends_listing {
            for (item, meetings) in not_listed(connection, org, place, generation).await? {
                is_changed |= self.take_back(connection, caches, page.now, &page.mailbox, &meetings).await?;
                delete_item(connection, org, place, &item).await?;
            }
        }
        Ok((batch, unchanged, is_changed))
    }

    /// Takes back what a mailbox showed of meetings that start from a moment on. Whether there was any.
    async fn take_back(
        &self,
        connection: &mut SqliteConnection,
        caches: &mut Caches,
        from: Moment,
        mailbox: &Address,
        meetings: &[(Identity, i64)],
    ) -> Result<bool, StoreError> {
        let org = self.organization.id;
        let Some(source) = caches.addresses.get(mailbox.as_str()).map(|id| i64::from(*id)) else { return Ok(false) };
        let mut is_any = false;
        for (identity, start_us) in meetings {
            if *start_us < from.0 {
                continue;
            }
            let found = caches.identities.find(connection, org, std::iter::once(*identity)).await?;
            let Some(interaction) = found.get(identity) else { continue };
            let touched = remove_sightings(connection, &self.organization, caches, *interaction, |other| other == source).await?;
            caches.changed.touch(touched);
            is_any = true;
        }
        Ok(is_any)
    }
}

/// What an appointment says, so that saying it again is noticed.
fn digest(meetings: &[(Identity, i64)], sightings: &[Sighting]) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    for ((identity, start_us), sighting) in meetings.iter().zip(sightings) {
        hasher.update(identity).update(&start_us.to_le_bytes());
        hasher.update(&sighting.duration_s.map_or(-1, i64::from).to_le_bytes());
        hasher.update(&[sighting.state.map_or(0, |state| state as u8), u8::from(sighting.marks.sensitive)]);
        for attendance in &sighting.participants {
            hasher.update(attendance.who.key().as_bytes()).update(&[0, attendance.role as u8]);
            hasher.update(attendance.name.as_deref().unwrap_or_default().as_bytes()).update(&[0]);
        }
        hasher.update(sighting.subject.as_deref().unwrap_or_default().as_bytes()).update(&[1]);
    }
    hasher.finalize().as_bytes()[..IDENTITY_BYTES].to_vec()
}

type Place<'a> = (&'a str, UserId, &'a [u8]);

async fn known(
    connection: &mut SqliteConnection,
    org: OrgId,
    (connector, user, stream): Place<'_>,
    item: &[u8],
) -> Result<Option<Known>, StoreError> {
    let row: Option<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT digest, meetings FROM captured_items WHERE org_id = ? AND connector = ? AND user_id = ? AND stream = ? AND item = ?",
    )
    .bind(org.0)
    .bind(connector)
    .bind(user.0)
    .bind(stream)
    .bind(item)
    .fetch_optional(connection)
    .await?;
    row.map(|(digest, meetings)| Ok(Known { digest, meetings: unpack(&meetings)? })).transpose()
}

/// Appointments that the last listing did not name.
async fn not_listed(
    connection: &mut SqliteConnection,
    org: OrgId,
    (connector, user, stream): Place<'_>,
    generation: i64,
) -> Result<Vec<(Vec<u8>, Vec<(Identity, i64)>)>, StoreError> {
    let rows: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT item, meetings FROM captured_items WHERE org_id = ? AND connector = ? AND user_id = ? AND stream = ? AND generation < ?",
    )
    .bind(org.0)
    .bind(connector)
    .bind(user.0)
    .bind(stream)
    .bind(generation)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(item, meetings)| Ok((item, unpack(&meetings)?))).collect()
}

async fn write_item(
    connection: &mut SqliteConnection,
    org: OrgId,
    (connector, user, stream): Place<'_>,
    (item, generation): (&[u8], i64),
    (digest, meetings): (&[u8], &[(Identity, i64)]),
) -> Result<(), StoreError> {
    sqlx::query("INSERT OR REPLACE INTO captured_items VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(org.0)
        .bind(connector)
        .bind(user.0)
        .bind(stream)
        .bind(item)
        .bind(generation)
        .bind(digest)
        .bind(pack(meetings))
        .execute(connection)
        .await?;
    Ok(())
}

async fn delete_item(
    connection: &mut SqliteConnection,
    org: OrgId,
    (connector, user, stream): Place<'_>,
    item: &[u8],
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM captured_items WHERE org_id = ? AND connector = ? AND user_id = ? AND stream = ? AND item = ?")
        .bind(org.0)
        .bind(connector)
        .bind(user.0)
        .bind(stream)
        .bind(item)
        .execute(connection)
        .await?;
    Ok(())
}

fn pack(meetings: &[(Identity, i64)]) -> Vec<u8> {
    meetings.iter().flat_map(|(identity, start_us)| identity.iter().copied().chain(start_us.to_le_bytes())).collect()
}

fn unpack(bytes: &[u8]) -> Result<Vec<(Identity, i64)>, StoreError> {
    let damaged = || StoreError::damaged("a captured appointment is damaged");
    if !bytes.len().is_multiple_of(MEETING_BYTES) {
        return Err(damaged());
    }
    let meeting = |bytes: &[u8]| {
        let (identity, start) = bytes.split_first_chunk::<IDENTITY_BYTES>().ok_or_else(damaged)?;
        Ok((*identity, i64::from_le_bytes(start.try_into().map_err(|_| damaged())?)))
    };
    bytes.chunks(MEETING_BYTES).map(meeting).collect()
}

/// Where the page ends, and what was counted; whether the lease still holds.
async fn keep_progress(
    connection: &mut SqliteConnection,
    org: OrgId,
    page: &CapturedPage,
    appended: Appended,
) -> Result<bool, StoreError> {
    let (lease, stream, counts) = (&page.lease, &page.stream, &page.counts);
    let excluded: Option<String> = sqlx::query_scalar(
        "SELECT excluded FROM captured_mailboxes WHERE org_id = ? AND connector = ? AND user_id = ? AND lease = ?",
    )
    .bind(org.0)
    .bind(&lease.connector)
    .bind(lease.user.0)
    .bind(&lease.token)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(excluded) = excluded else { return Ok(false) };
    let mut by_reason: std::collections::BTreeMap<String, u64> = serde_json::from_str(&excluded).unwrap_or_default();
    for (reason, count) in &counts.excluded {
        *by_reason.entry(reason.clone()).or_default() += count;
    }
    sqlx::query(
        "UPDATE captured_mailboxes SET read = read + ?, kept = kept + ?, duplicates = duplicates + ?, failed = failed + ?, excluded = ?,
         lease_until_us = ? WHERE org_id = ? AND connector = ? AND user_id = ?",
    )
    .bind(counts.read as i64)
    .bind(appended.kept as i64)
    .bind(appended.duplicates as i64)
    .bind(counts.failed as i64)
    .bind(serde_json::json!(by_reason).to_string())
    .bind(page.lease_until.0)
    .bind(org.0)
    .bind(&lease.connector)
    .bind(lease.user.0)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE captured_streams SET cursor = ?, is_listed = ?, generation = ?, history_from_us = ?, history_until_us = ?, history_cursor = ?
         WHERE org_id = ? AND connector = ? AND user_id = ? AND stream = ?",
    )
    .bind(&stream.cursor)
    .bind(stream.is_listed)
    .bind(stream.generation)
    .bind(stream.history_from_us)
    .bind(stream.history_until_us)
    .bind(&stream.history_cursor)
    .bind(org.0)
    .bind(&lease.connector)
    .bind(lease.user.0)
    .bind(&stream.stream)
    .execute(connection)
    .await?;
    Ok(true)
}
