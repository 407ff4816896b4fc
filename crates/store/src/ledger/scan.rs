//! Every run of a range of subjects, one after the other, in one pass over the tail and all segments.

use std::{ops::Range, sync::Arc};

use futures_util::TryStreamExt;
use rapport_domain::{OrgId, Touches};
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{
    block::{self, Scratch},
    read::{Visibility, read_message_ids},
    segments::{
        catalog::{Removals, removals},
        layers::{Cursor, Layer},
    },
};
use crate::{Store, StoreError};

impl Store {
    /// Every run of a range of subjects, ascending: `visit(subject, touches)`. The whole range is seen as of one moment.
    pub async fn scan(
        &self,
        org: OrgId,
        subjects: Range<i64>,
        visibility: &Visibility,
        visit: impl FnMut(i64, &Touches),
    ) -> Result<(), StoreError> {
        self.scan_some(org, subjects, visibility, |_| true, visit).await
    }

    /// The same of the subjects that somebody wants: others are passed over before anything is made of their rows.
    pub async fn scan_some(
        &self,
        org: OrgId,
        subjects: Range<i64>,
        visibility: &Visibility,
        wants: impl Fn(i64) -> bool,
        mut visit: impl FnMut(i64, &Touches),
    ) -> Result<(), StoreError> {
        let aliases = self.aliases(org).await?;
        let (mut tx, layers) = self.snapshot(org, |row| row.meets(&subjects)).await?;
        let removals = if layers.is_empty() { Removals::default() } else { removals(&mut tx, org, subjects.clone()).await? };
        let reader = Arc::new((visibility.clone(), aliases.clone()));
        let cursor = |layer: &Layer| Cursor::new(layer, subjects.clone(), Some(reader.clone()));
        let mut cursors: Vec<Cursor> = layers.iter().map(cursor).collect();
        drop(layers);
        let mut tail = sqlx::query(
            "SELECT subject, block FROM touches WHERE org_id = ? AND subject >= ? AND subject < ? ORDER BY subject, batch",
        )
        .bind(org.0)
        .bind(subjects.start)
        .bind(subjects.end)
        .fetch(&mut *tx);
        let mut next = tail_row(tail.try_next().await?)?;
        let (mut touches, mut scratch, mut blocks) = (Touches::default(), Scratch::default(), Vec::new());
        loop {
            for cursor in &mut cursors {
                refill(cursor).await?;
            }
            let heads = cursors.iter().filter_map(Cursor::head).chain(next.as_ref().map(|(subject, _)| *subject));
            let Some(subject) = heads.min() else { return Ok(()) };
            let is_wanted = wants(subject);
            touches.clear();
            blocks.clear();
            while let Some((_, row)) = next.take_if(|(of, _)| *of == subject) {
                blocks.push(row);
                next = tail_row(tail.try_next().await?)?;
            }
            // Newest first, everywhere: `Touches::sort` keeps the first of equals.
            for row in blocks.iter().rev().filter(|_| is_wanted) {
                block::decode(row.try_get_unchecked::<&[u8], _>(1)?, visibility, &aliases, &mut scratch, &mut touches)?;
            }
            for cursor in &mut cursors {
                while if is_wanted { cursor.show(subject, &removals, &mut touches)? } else { cursor.pass_over(subject) } {
                    refill(cursor).await?;
                }
            }
            if !is_wanted {
                continue;
            }
            touches.sort();
            if touches.has_unread_ties() {
                read_message_ids(&mut *self.beside().acquire().await?, org, &mut touches).await?;
            }
            visit(subject, &touches);
        }
    }
}

fn tail_row(row: Option<SqliteRow>) -> Result<Option<(i64, SqliteRow)>, StoreError> {
    row.map(|row| Ok((row.try_get_unchecked(0)?, row))).transpose()
}

/// Decodes rows until a cursor has some, or there are no more. So few at a time that whoever shares the thread is not held up; handing them to
/// another thread would cost more than that.
async fn refill(cursor: &mut Cursor) -> Result<(), StoreError> {
    while let Some(decode) = cursor.next_rows() {
        cursor.load(decode()?);
        tokio::task::yield_now().await;
    }
    Ok(())
}
