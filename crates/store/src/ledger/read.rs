//! Reading runs of some subjects, and sightings.

use std::sync::Arc;

use rapport_domain::{OrgId, Touches};
use rustc_hash::{FxHashMap, FxHashSet};
use sqlx::{AssertSqlSafe, Row as _, Sqlite, SqliteConnection, Transaction};

use super::{
    block::{self, Scratch},
    identities::{Identities, IdentitySum},
    payload::{SOURCE_CRM, StoredSighting},
    segments::{
        catalog::{SegmentRow, Segments, registered, removals},
        columns::Columns,
        file::{SegmentFile, run_of},
        layers::{Choice, Layer, without},
    },
    sightings::{self, Walk},
};
use crate::{Store, StoreError, sql::places};

/// Whose mailboxes a reader may use, by address id; `-1` is the mailbox that nobody is named for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mailboxes {
    /// Nobody's.
    #[default]
    None,
    /// Everybody's but theirs.
    AllBut(FxHashSet<i64>),
    /// Theirs alone.
    Only(FxHashSet<i64>),
}

/// Which sightings a reader may use. CRM data is always allowed; mailbox data only where consent, roles, groups and opt-out let it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visibility {
    /// Whose mailboxes.
    pub mailboxes: Mailboxes,
    /// People (by address id) of whom nothing is shown, wherever they took part.
    pub spared: FxHashSet<u32>,
    /// Touches with addresses beyond this id are newer than the directory that the reader has: not shown. `None` = all are.
    pub address_max: Option<u32>,
}

impl Visibility {
    /// Everything that is stored.
    pub fn everything() -> Self {
        Self { mailboxes: Mailboxes::AllBut(FxHashSet::default()), ..Self::default() }
    }

    /// Whether nothing is shown of a participant.
    pub(crate) fn spares(&self, address: u32) -> bool {
        !self.spared.is_empty() && self.spared.contains(&address)
    }

    /// Whether every source's sightings may be used.
    pub(crate) fn allows_all(&self) -> bool {
        matches!(&self.mailboxes, Mailboxes::AllBut(hidden) if hidden.is_empty())
    }

    /// Whether a source's sightings may be used.
    pub fn allows(&self, source: i64) -> bool {
        source == SOURCE_CRM
            || match &self.mailboxes {
                Mailboxes::None => false,
                Mailboxes::AllBut(hidden) => !hidden.contains(&source),
                Mailboxes::Only(shown) => shown.contains(&source),
            }
    }
}

/// How much the ledger holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LedgerCounts {
    /// Interactions.
    pub interactions: u64,
    /// Sightings.
    pub sightings: u64,
}

/// Subjects per query of [`Store::runs_of`], below SQLite's bound on variables.
const SUBJECTS_PER_QUERY: usize = 500;

/// How often a reader looks again because segments were merged while it opened them.
const SNAPSHOTS_MAX: usize = 16;

impl Store {
    /// The merged run of several subjects, in order, each interaction once.
    pub async fn runs_of(&self, org: OrgId, subjects: &[i64], visibility: &Visibility) -> Result<Touches, StoreError> {
        let aliases = self.aliases(org).await?;
        let mut touches = Touches::default();
        let mut scratch = Scratch::default();
        let mut wanted = subjects.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let (mut tx, layers) = self.snapshot(org, |row| row.may_hold(&wanted)).await?;
        for chunk in subjects.chunks(SUBJECTS_PER_QUERY) {
            // Newest first, over all subjects: `Touches::sort` keeps the first of equals, and a later version supersedes.
            let text = format!(
                "SELECT block FROM touches WHERE org_id = ? AND subject IN ({}) ORDER BY batch DESC, subject",
                places(chunk.len())
            );
            let mut query = sqlx::query(AssertSqlSafe(text)).bind(org.0).persistent(chunk.len() == 1);
            for subject in chunk {
                query = query.bind(subject);
            }
            for row in query.fetch_all(&mut *tx).await? {
                block::decode(row.try_get_unchecked::<&[u8], _>(0)?, visibility, &aliases, &mut scratch, &mut touches)?;
            }
        }
        if let Some(choice) = Choice::of(&wanted).filter(|_| !layers.is_empty()) {
            let removals = removals(&mut tx, org, &choice).await?;
            for layer in layers {
                let (subjects, segment) = (wanted.clone(), layer.row.id);
                let read = move || layer.file.read_subjects(&subjects);
                let rows = tokio::task::spawn_blocking(read).await.map_err(|error| StoreError::stopped(&error))??;
                for subject in &wanted {
                    let run = run_of(&rows.subject, *subject);
                    let mut show = |rows: &Columns, range| rows.show(range, visibility, &aliases, &mut touches);
                    without(&rows, run, segment, removals.get(subject), &mut show)?;
                }
            }
        }
        touches.sort();
        read_message_ids(&mut tx, org, &mut touches).await?;
        Ok(touches)
    }

    /// A transaction that reads, and those of the segments that it sees that are wanted, open, the newest first.
    pub(crate) async fn snapshot(
        &self,
        org: OrgId,
        wanted: impl Fn(&SegmentRow) -> bool,
    ) -> Result<(Transaction<'static, Sqlite>, Vec<Layer>), StoreError> {
        // What was opened on the way stays open until all are.
        let mut opened: FxHashMap<i64, Option<Arc<SegmentFile>>> = FxHashMap::default();
        for _ in 0..SNAPSHOTS_MAX {
            let mut tx = self.readers().begin().await?;
            let rows = registered(&mut tx, org).await?;
            self.segments.keep_open(org, &rows);
            let is_kept = self.segments.keeps_decoded(&rows);
            let (mut layers, mut closed) = (Vec::with_capacity(rows.len()), Vec::new());
            for row in rows.into_iter().filter(&wanted) {
                match opened.get(&row.id) {
                    Some(Some(file)) => layers.push(Layer { row, file: file.clone(), is_kept }),
                    // It was not there before this transaction began, which still sees it: nobody merged it away.
                    Some(None) => return Err(self.segments.gone(org, row.id)),
                    None => match self.segments.opened(org, row.id) {
                        Some(file) => layers.push(Layer { row, file, is_kept }),
                        None => closed.push(row),
                    },
                }
            }
            if closed.is_empty() {
                return Ok((tx, layers));
            }
            // Not within the transaction: fetching may take long, and the write-ahead log would grow meanwhile.
            tx.rollback().await?;
            let open = move |segments: &Segments| {
                closed.into_iter().map(|row| Ok((row.id, segments.open(org, &row)?))).collect::<Result<Vec<_>, StoreError>>()
            };
            opened.extend(self.segments.blocking(open).await?);
        }
        Err(StoreError::busy("segments are being merged all the time: try again"))
    }

    /// The range of all subjects that there are.
    pub async fn subject_bounds(&self, org: OrgId) -> Result<std::ops::Range<i64>, StoreError> {
        let (low, high): (Option<i64>, Option<i64>) = sqlx::query_as(
            "SELECT MIN(low), MAX(high) FROM (
                SELECT MIN(subject) AS low, MAX(subject) AS high FROM touches WHERE org_id = ?1
                UNION ALL SELECT MIN(subject_min), MAX(subject_max) FROM segments WHERE org_id = ?1)",
        )
        .bind(org.0)
        .fetch_one(self.readers())
        .await?;
        Ok(low.unwrap_or(0)..high.map_or(0, |high| high + 1))
    }

    /// How much the ledger holds.
    pub async fn ledger_counts(&self, org: OrgId) -> Result<LedgerCounts, StoreError> {
        let text = "SELECT COALESCE(SUM(interactions), 0), COALESCE(SUM(sightings), 0) FROM sighting_blocks WHERE org_id = ?";
        let (interactions, sightings): (i64, i64) = sqlx::query_as(text).bind(org.0).fetch_one(self.readers()).await?;
        Ok(LedgerCounts { interactions: interactions as u64, sightings: sightings as u64 })
    }

    /// About how many touches there are.
    pub async fn touch_count(&self, org: OrgId) -> Result<u64, StoreError> {
        let query = "SELECT tail_touches + (SELECT COALESCE(SUM(touches), 0) FROM segments WHERE org_id = ?1)
             FROM organizations WHERE org_id = ?1";
        let count: i64 = sqlx::query_scalar(query).bind(org.0).fetch_one(self.readers()).await?;
        Ok(count.max(0) as u64)
    }

    /// The sightings of some interactions: (interaction, source, what it saw), ascending.
    pub async fn sightings_of(&self, org: OrgId, interactions: &[u64]) -> Result<Vec<(u64, i64, StoredSighting)>, StoreError> {
        let mut connection = self.readers().acquire().await?;
        let interactions = sightings::load(&mut connection, org, interactions).await?.into_iter();
        Ok(interactions.flat_map(|one| one.sightings.into_iter().map(move |(source, seen)| (one.id, source, seen))).collect())
    }

    /// The interaction of an activity of the CRM.
    pub async fn activity_interaction(&self, org: OrgId, activity_id: &str) -> Result<Option<u64>, StoreError> {
        let id: Option<i64> =
            sqlx::query_scalar("SELECT interaction_id FROM crm_activities WHERE org_id = ? AND activity_id = ?")
                .bind(org.0)
                .bind(activity_id)
                .fetch_optional(self.readers())
                .await?;
        Ok(id.map(|id| id as u64))
    }

    /// All sightings, ascending by interaction and source: `visit(interaction, source, sighting)`.
    pub async fn scan_sightings(&self, org: OrgId, mut visit: impl FnMut(u64, i64, StoredSighting)) -> Result<(), StoreError> {
        let (mut tx, mut walk) = (self.readers().begin().await?, Walk::new(org));
        while let Some(blocks) = walk.next(&mut tx).await? {
            for block in blocks {
                for interaction in block.interactions()? {
                    interaction.sightings.into_iter().for_each(|(source, seen)| visit(interaction.id, source, seen));
                }
            }
        }
        Ok(())
    }

    /// How many identities do not lead to their interaction, and how many lead to one that is gone.
    pub async fn check_identities(&self, org: OrgId) -> Result<(u64, u64), StoreError> {
        let (mut tx, mut walk, mut identities) = (self.readers().begin().await?, Walk::new(org), Identities::default());
        let (stand, mut wanted) = (identities.sum(&mut tx, org).await?, IdentitySum::default());
        while let Some(blocks) = walk.next(&mut tx).await? {
            for block in blocks {
                block.for_each_identity(|identity, id| wanted.add(identity, id))?;
            }
        }
        if stand == wanted {
            return Ok((0, 0));
        }
        // Which ones, takes longer.
        let (mut walk, mut lost) = (Walk::new(org), 0);
        while let Some(blocks) = walk.next(&mut tx).await? {
            let mut there = Vec::new();
            for block in blocks {
                block.for_each_identity(|identity, id| there.push((*identity, id)))?;
            }
            let found = identities.find(&mut tx, org, there.iter().map(|(identity, _)| *identity)).await?;
            lost += there.iter().filter(|(identity, id)| found.get(identity) != Some(id)).count() as u64;
        }
        Ok((lost, (stand.count + lost).saturating_sub(wanted.count)))
    }
}

/// Puts Message-IDs where they decide: between touches of one moment that were read from segments.
pub(crate) async fn read_message_ids(
    connection: &mut SqliteConnection,
    org: OrgId,
    touches: &mut Touches,
) -> Result<(), StoreError> {
    let wanted = touches.unread_ties();
    if wanted.is_empty() {
        return Ok(());
    }
    let mut ids: FxHashMap<u64, String> = FxHashMap::default();
    for interaction in sightings::load(connection, org, &wanted).await? {
        // The smallest, as `merge` has it.
        let of_sightings = interaction.sightings.into_iter().map(|(_, seen)| seen.message_id).filter(|id| !id.is_empty());
        ids.insert(interaction.id, of_sightings.min().unwrap_or_default());
    }
    touches.put_message_ids(|interaction| ids.get(&interaction).map(String::as_bytes));
    Ok(())
}
