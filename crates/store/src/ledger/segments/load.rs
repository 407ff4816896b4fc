//! Touches written straight into segments, without sightings: worlds that are generated for measuring.

use rapport_domain::{Direction, OrgId, touches::Touch};

use super::{
    catalog::{next_segments, register},
    columns::Columns,
    file::GROUP_ROWS,
    write::RunWriter,
};
use crate::{
    Store, StoreError,
    ledger::{block::Row, caches::NewRows, merge::MergedParticipant, runs::next_batch},
    registry::bump_facts,
    sql::Script,
};

/// Takes touches for one run of segments.
pub struct Loader {
    run: RunWriter,
    rows: Columns,
    participants: Vec<MergedParticipant>,
}

impl Loader {
    /// Appends a touch; they ascend by (subject, moment, interaction). `source`: the mailbox's address id that shows all of it, 0 for the CRM.
    pub fn push(&mut self, subject: i64, touch: &Touch<'_>, source: i64) -> Result<(), StoreError> {
        self.push_seen(subject, touch, &[source])
    }

    /// As [`Self::push`], of a touch that each of several sources (ascending, at most 64) shows all of.
    pub fn push_seen(&mut self, subject: i64, touch: &Touch<'_>, sources: &[i64]) -> Result<(), StoreError> {
        let seen_by = u64::MAX >> (64 - sources.len().clamp(1, 64));
        self.participants.clear();
        self.participants.extend(touch.participants.iter().map(|seen| MergedParticipant {
            address: seen.address.0,
            role: seen.role,
            side: seen.side,
            seen_by,
        }));
        let row = Row {
            interaction: touch.interaction,
            at_us: touch.at_us,
            kind: touch.kind as u8,
            state: touch.state.map_or(0, |state| state as u8),
            outgoing: touch.direction == Direction::Outgoing,
            threaded: touch.threaded,
            duration_s: touch.duration_s,
            conversation: touch.conversation,
            subject_group: touch.subject_group,
            regarding: touch.regarding,
            message_id: touch.message_id,
        };
        self.rows.push_row(subject, &row, sources, &self.participants);
        if self.rows.len() >= GROUP_ROWS {
            self.run.extend(&self.rows, 0..self.rows.len())?;
            self.rows.clear();
        }
        Ok(())
    }
}

impl Store {
    /// Writes a run and registers it; how many bytes it takes. `addresses` are those of its participants, numbered from 1, of a ledger that
    /// has none. What `fill` pushed is all that the ledger knows of these interactions: a rebuild finds no sightings of them.
    pub async fn load_touches(
        &self,
        org: OrgId,
        addresses: Vec<String>,
        fill: impl FnOnce(&mut Loader) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let (first, sequence) = (next_segments(&mut tx, &self.segments, org).await?, next_batch(&mut tx, org).await?);
        let run = RunWriter::new(&self.segments, org, (sequence, 1), first);
        let work = move || {
            let mut loader = Loader { run, rows: Columns::default(), participants: Vec::new() };
            fill(&mut loader)?;
            loader.run.extend(&loader.rows, 0..loader.rows.len())?;
            loader.run.finish()
        };
        let rows = tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::stopped(&error))??;
        for row in &rows {
            register(&mut tx, &self.segments, org, row).await?;
        }
        let addresses = (1..).zip(addresses.into_iter().map(String::into_boxed_str)).collect();
        let mut script = Script::new(org);
        NewRows { addresses, ..NewRows::default() }.write(&mut tx, &mut script, &[]).await?;
        script.run(&mut tx).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        Ok(rows.iter().map(|row| row.written.bytes).sum())
    }
}
