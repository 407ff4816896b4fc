//! Whose mailboxes there is something of, and which of them may not be used any more.

use std::collections::{BTreeMap, BTreeSet};

use rapport_domain::{Moment, OrgId};
use sqlx::AssertSqlSafe;

use super::{payload::SOURCE_CRM, sightings::Walk};
use crate::{Store, StoreError, sql::places};

impl Store {
    /// Every mailbox (by address id; `-1` is the one that nobody is named for) that something is stored of.
    pub async fn mailbox_sources(&self, org: OrgId) -> Result<Vec<i64>, StoreError> {
        let (mut tx, mut sources) = (self.readers().begin().await?, BTreeSet::new());
        let mut walk = Walk::new(org);
        while let Some(blocks) = walk.next(&mut tx).await? {
            for block in blocks {
                block.for_each_source(|source| _ = sources.insert(source))?;
            }
        }
        sources.remove(&SOURCE_CRM);
        Ok(sources.into_iter().collect())
    }

    /// Mailboxes that may not be used any more, and since when.
    pub async fn withheld_mailboxes(&self, org: OrgId) -> Result<BTreeMap<i64, Moment>, StoreError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as("SELECT source, since_us FROM withheld_mailboxes WHERE org_id = ?")
            .bind(org.0)
            .fetch_all(self.readers())
            .await?;
        Ok(rows.into_iter().map(|(source, since_us)| (source, Moment(since_us))).collect())
    }

    /// Says which mailboxes may not be used any more; those said before keep their moment, all others are free again.
    pub async fn withhold_mailboxes(&self, org: OrgId, sources: &[i64], now: Moment) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let text = format!("DELETE FROM withheld_mailboxes WHERE org_id = ? AND source NOT IN ({})", places(sources.len()));
        let mut query = sqlx::query(AssertSqlSafe(text)).persistent(false).bind(org.0);
        for source in sources {
            query = query.bind(source);
        }
        query.execute(&mut *tx).await?;
        for source in sources {
            sqlx::query("INSERT INTO withheld_mailboxes (org_id, source, since_us) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(org.0)
                .bind(source)
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
