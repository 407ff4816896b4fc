//! Every run of a range of subjects, one after the other, in one pass over the tail and all segments.

use std::{ops::Range, sync::Arc};

use rapport_domain::{OrgId, Touches};

use super::{
    block::{self, Scratch},
    read::{Visibility, read_message_ids},
    segments::{
        catalog::{Removals, removals},
        layers::{Cursor, Layer},
    },
    tail::Tail,
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
        let mut tail = Tail::new(org, subjects);
        let (mut touches, mut scratch, mut blocks) = (Touches::default(), Scratch::default(), Vec::new());
        loop {
            for cursor in &mut cursors {
                refill(cursor).await?;
            }
            let in_tail = tail.head(&mut tx).await?;
            let Some(subject) = cursors.iter().filter_map(Cursor::head).chain(in_tail).min() else { return Ok(()) };
            let is_wanted = wants(subject);
            touches.clear();
            blocks.clear();
            while let Some(block) = tail.next_of(subject, &mut tx).await? {
                blocks.push(block);
            }
            // Newest first, everywhere: `Touches::sort` keeps the first of equals.
            for block in blocks.iter().rev().filter(|_| is_wanted) {
                block::decode(block, visibility, &aliases, &mut scratch, &mut touches)?;
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

/// Decodes rows until a cursor has some, or there are no more. So few at a time that whoever shares the thread is not held up; handing them to
/// another thread would cost more than that.
async fn refill(cursor: &mut Cursor) -> Result<(), StoreError> {
    while let Some(decode) = cursor.next_rows() {
        cursor.load(decode()?);
        tokio::task::yield_now().await;
    }
    Ok(())
}
