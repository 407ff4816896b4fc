//! Every run of a range of subjects, or of some of them, one after the other, in one pass over the tail and all segments.

use std::{ops::Range, sync::Arc};

use rapport_domain::{OrgId, Touches};

use super::{
    block::{self, Scratch},
    read::{Visibility, read_message_ids},
    segments::{
        catalog::{Removals, removals},
        file::BATCH_ROWS,
        layers::{Choice, Cursor, Layer, first_at},
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
        self.scan_choice(org, Choice { subjects, wanted: None }, visibility, visit).await
    }

    /// The runs of some subjects, which ascend, in one walk over what may hold any of them. Who asks so asks again: what is decoded is kept.
    pub async fn scan_some(
        &self,
        org: OrgId,
        subjects: &[i64],
        visibility: &Visibility,
        visit: impl FnMut(i64, &Touches),
    ) -> Result<(), StoreError> {
        match Choice::of(subjects) {
            Some(choice) => self.scan_choice(org, choice, visibility, visit).await,
            None => Ok(()),
        }
    }

    async fn scan_choice(
        &self,
        org: OrgId,
        choice: Choice<'_>,
        visibility: &Visibility,
        mut visit: impl FnMut(i64, &Touches),
    ) -> Result<(), StoreError> {
        let aliases = self.aliases(org).await?;
        let (mut tx, layers) = self.snapshot(org, |row| choice.may_be_in(row)).await?;
        let removals = if layers.is_empty() { Removals::default() } else { removals(&mut tx, org, &choice).await? };
        for layer in layers.iter().filter(|layer| layer.is_kept && choice.wanted.is_some()) {
            keep(layer, &choice).await?;
        }
        let reader = Arc::new((visibility.clone(), aliases.clone()));
        let mut cursors: Vec<Cursor> = layers.iter().map(|layer| Cursor::new(layer, &choice, Some(reader.clone()))).collect();
        drop(layers);
        let mut tail = Tail::new(org, &choice);
        let (mut touches, mut scratch, mut blocks) = (Touches::default(), Scratch::default(), Vec::new());
        let (mut wanted, mut rows) = (choice.wanted, 0);
        loop {
            if rows >= BATCH_ROWS {
                rows = 0;
                tokio::task::yield_now().await;
            }
            for cursor in &mut cursors {
                refill(cursor).await?;
            }
            let in_tail = tail.head(&mut tx).await?;
            let Some(subject) = cursors.iter().filter_map(Cursor::head).chain(in_tail).min() else { return Ok(()) };
            if let Some(rest) = &mut wanted {
                *rest = &rest[first_at(rest, subject)..];
                match rest.first() {
                    None => return Ok(()),
                    Some(next) if *next > subject => {
                        for cursor in &mut cursors {
                            cursor.seek(*next);
                        }
                        tail.seek(*next);
                        continue;
                    }
                    Some(_) => {}
                }
            }
            touches.clear();
            blocks.clear();
            while let Some(block) = tail.next_of(subject, &mut tx).await? {
                blocks.push(block);
            }
            // Newest first, everywhere: `Touches::sort` keeps the first of equals.
            for block in blocks.iter().rev() {
                block::decode(block, visibility, &aliases, &mut scratch, &mut touches)?;
            }
            for cursor in &mut cursors {
                while cursor.show(subject, &removals, &mut touches)? {
                    refill(cursor).await?;
                }
            }
            rows += touches.len();
            touches.sort();
            if touches.has_unread_ties() {
                read_message_ids(&mut *self.beside().acquire().await?, org, &mut touches).await?;
            }
            visit(subject, &touches);
        }
    }
}

/// Decodes what is kept from now on.
async fn keep(layer: &Layer, choice: &Choice<'_>) -> Result<(), StoreError> {
    let groups: Vec<usize> = layer.file.pieces_of(choice).into_iter().map(|piece| piece.group).collect();
    let file = layer.file.clone();
    if groups.iter().any(|group| file.kept(*group).is_none()) {
        let decode = move || groups.into_iter().try_for_each(|group| file.keep(group));
        tokio::task::spawn_blocking(decode).await.map_err(|error| StoreError::stopped(&error))??;
    }
    Ok(())
}

/// Decodes rows until a cursor has some, or there are no more. So few at a time that whoever shares the thread is not held up; handing them to
/// another thread would cost more than that. What is kept comes in larger pieces, which cost nothing.
async fn refill(cursor: &mut Cursor) -> Result<(), StoreError> {
    while let Some(decode) = cursor.next_rows() {
        cursor.load(decode()?);
        tokio::task::yield_now().await;
    }
    Ok(())
}
