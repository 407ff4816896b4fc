//! Blocks of the tail, subject after subject, in bundles.
//!
//! SQLite hands each row over to another thread, which takes longer than to decode the touches of most subjects. So it joins the blocks of many rows
//! to one text, which comes in one row.

use std::ops::Range;

use rapport_domain::OrgId;
use sqlx::SqliteConnection;

use crate::StoreError;

/// Rows of a bundle: bounds the memory, and how often one is asked for.
const ROWS_PER_BUNDLE: i64 = 2_048;

/// Walks the tail's blocks of a range of subjects, ascending.
pub(crate) struct Tail {
    org: OrgId,
    /// The next bundle begins after this subject and batch.
    after: (i64, i64),
    end: i64,
    is_over: bool,
    /// Subjects and blocks of this bundle, those that come first last.
    bundle: Vec<(i64, Vec<u8>)>,
}

impl Tail {
    pub(crate) fn new(org: OrgId, subjects: Range<i64>) -> Self {
        Self { org, after: (subjects.start - 1, i64::MAX), end: subjects.end, is_over: false, bundle: Vec::new() }
    }

    /// The subject that comes next.
    pub(crate) async fn head(&mut self, connection: &mut SqliteConnection) -> Result<Option<i64>, StoreError> {
        if self.bundle.is_empty() && !self.is_over {
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
        let text: Option<String> = sqlx::query_scalar(
            "SELECT group_concat(subject || ' ' || batch || ' ' || hex(block), ' ') FROM (
                SELECT subject, batch, block FROM touches
                WHERE org_id = ? AND (subject, batch) > (?, ?) AND subject < ? ORDER BY subject, batch LIMIT ?)",
        )
        .bind(self.org.0)
        .bind(self.after.0)
        .bind(self.after.1)
        .bind(self.end)
        .bind(ROWS_PER_BUNDLE)
        .fetch_one(connection)
        .await?;
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
        self.is_over = (rows.len() as i64) < ROWS_PER_BUNDLE;
        self.after = rows.first().map_or(self.after, |(place, _)| *place);
        self.bundle = rows.into_iter().map(|((subject, _), block)| (subject, block)).collect();
        Ok(())
    }
}
