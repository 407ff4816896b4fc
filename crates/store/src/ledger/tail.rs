//! Blocks of the tail, subject after subject, in bundles.
//!
//! SQLite hands each row over to another thread, which takes longer than to decode the touches of most subjects. So it joins the blocks of many rows
//! to one text, which comes in one row.

use std::ops::Range;

use rapport_domain::OrgId;
use sqlx::SqliteConnection;

use super::segments::layers::Choice;
use crate::StoreError;

/// Rows of a bundle: bounds the memory, and how often one is asked for.
const ROWS_PER_BUNDLE: i64 = 2_048;
/// Subjects of a bundle whose rows are looked up one by one. Each has few rows: those in many blocks are put together.
const SUBJECTS_PER_BUNDLE: usize = 512;

/// Walks the tail's blocks of some subjects, ascending.
pub(crate) struct Tail<'a> {
    org: OrgId,
    rest: Rest<'a>,
    /// Subjects and blocks of this bundle, those that come first last.
    bundle: Vec<(i64, Vec<u8>)>,
}

/// What was not read yet.
enum Rest<'a> {
    /// What comes after this subject and batch, up to the end of a range.
    Behind {
        after: (i64, i64),
        end: i64,
    },
    /// These subjects.
    Of(&'a [i64]),
    Nothing,
}

impl<'a> Tail<'a> {
    /// The tail of a choice, and perhaps subjects between them: few are looked up, many are read on the way.
    pub(crate) fn new(org: OrgId, choice: &Choice<'a>) -> Self {
        let Range { start, end } = choice.subjects;
        let rest = choice.few().map_or(Rest::Behind { after: (start - 1, i64::MAX), end }, Rest::Of);
        Self { org, rest, bundle: Vec::new() }
    }

    /// Goes past the blocks of all subjects before one.
    pub(crate) fn seek(&mut self, subject: i64) {
        while self.bundle.last().is_some_and(|(there, _)| *there < subject) {
            self.bundle.pop();
        }
        if let (Rest::Behind { after, .. }, true) = (&mut self.rest, self.bundle.is_empty()) {
            *after = (*after).max((subject - 1, i64::MAX));
        }
    }

    /// The subject that comes next.
    pub(crate) async fn head(&mut self, connection: &mut SqliteConnection) -> Result<Option<i64>, StoreError> {
        while self.bundle.is_empty() && !matches!(self.rest, Rest::Nothing) {
            self.read(connection).await?;
        }
        Ok(self.bundle.last().map(|(subject, _)| *subject))
    }

    /// The next block, if it is of a subject; by ascending batch.
    pub(crate) async fn next_of(
        &mut self,
        subject: i64,
        connection: &mut SqliteConnection,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let is_next = self.head(connection).await? == Some(subject);
        Ok(if is_next { self.bundle.pop().map(|(_, block)| block) } else { None })
    }

    async fn read(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let query = match &self.rest {
            Rest::Nothing => return Ok(()),
            Rest::Behind { after, end } => sqlx::query_scalar(
                "SELECT group_concat(subject || ' ' || batch || ' ' || hex(block), ' ') FROM (
                    SELECT subject, batch, block FROM touches
                    WHERE org_id = ? AND (subject, batch) > (?, ?) AND subject < ? ORDER BY subject, batch LIMIT ?)",
            )
            .bind(self.org.0)
            .bind(after.0)
            .bind(after.1)
            .bind(*end)
            .bind(ROWS_PER_BUNDLE),
            Rest::Of(subjects) => {
                let next = &subjects[..subjects.len().min(SUBJECTS_PER_BUNDLE)];
                sqlx::query_scalar(
                    "SELECT group_concat(subject || ' ' || batch || ' ' || hex(block), ' ') FROM json_each(?) AS wanted
                     CROSS JOIN touches ON org_id = ? AND subject = wanted.value",
                )
                .bind(serde_json::to_string(next).unwrap_or_default())
                .bind(self.org.0)
            }
        };
        let text: Option<String> = query.fetch_one(connection).await?;
        let text = text.unwrap_or_default();
        let mut words = text.split_ascii_whitespace();
        let mut rows = Vec::new();
        while let Some(subject) = words.next() {
            let number = |word: Option<&str>| word.and_then(|word| word.parse::<i64>().ok());
            let place = number(Some(subject)).zip(number(words.next()));
            let block = words.next().and_then(|word| base16ct::upper::decode_vec(word).ok());
            rows.push(place.zip(block).ok_or_else(|| StoreError::damaged("the tail is damaged"))?);
        }
        // The order in which texts are joined is not promised.
        rows.sort_unstable_by_key(|(place, _)| std::cmp::Reverse(*place));
        self.rest = match self.rest {
            Rest::Behind { end, .. } if rows.len() as i64 == ROWS_PER_BUNDLE => Rest::Behind { after: rows[0].0, end },
            Rest::Of(subjects) if subjects.len() > SUBJECTS_PER_BUNDLE => Rest::Of(&subjects[SUBJECTS_PER_BUNDLE..]),
            _ => Rest::Nothing,
        };
        self.bundle = rows.into_iter().map(|((subject, _), block)| (subject, block)).collect();
        Ok(())
    }
}
