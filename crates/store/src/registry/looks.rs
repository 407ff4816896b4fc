//! Who was shown figures about an employee.

use rapport_domain::{Day, Moment, OrgId, UserId};

use crate::{Store, StoreError};

/// Who was shown what about whom on one local day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// About whom.
    pub about: UserId,
    /// Local day.
    pub day: Day,
    /// Who looked; `None`: the local administrator.
    pub viewer: Option<UserId>,
    /// `record`, `who_knows`, `timeline` or `export`.
    pub what: String,
    /// How often.
    pub times: u64,
    /// When last.
    pub last_at: Moment,
}

/// Where a page of looks ended. A look that is repeated moves up: whatever follows the mark was not shown before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookMark {
    /// Its day.
    pub day: Day,
    /// When last.
    pub last_at: Moment,
    /// About whom.
    pub about: UserId,
    /// Who looked.
    pub viewer: Option<UserId>,
    /// At what.
    pub what: String,
}

impl From<&Look> for LookMark {
    fn from(look: &Look) -> Self {
        let Look { about, day, viewer, what, last_at, .. } = look;
        Self { day: *day, last_at: *last_at, about: *about, viewer: *viewer, what: what.clone() }
    }
}

impl Store {
    /// Adds looks to those of the same day, viewer and kind.
    pub async fn add_looks(&self, org: OrgId, looks: &[Look]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for look in looks {
            sqlx::query(
                "INSERT INTO looks VALUES (?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET times = times + excluded.times, last_at_us = MAX(last_at_us, excluded.last_at_us)",
            )
            .bind(org.0)
            .bind(look.about.0)
            .bind(look.day.0)
            .bind(look.viewer.map_or(0, |viewer| viewer.0))
            .bind(&look.what)
            .bind(look.times as i64)
            .bind(look.last_at.0)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Looks about one user or all, the newest first; after one that was shown before, those that follow it.
    pub async fn looks(
        &self,
        org: OrgId,
        about: Option<UserId>,
        after: Option<&LookMark>,
        limit: u32,
    ) -> Result<Vec<Look>, StoreError> {
        self.looks_where(org, (about, None), after, limit).await
    }

    /// Looks of one user, the newest first.
    pub async fn looks_of(&self, org: OrgId, viewer: UserId) -> Result<Vec<Look>, StoreError> {
        self.looks_where(org, (None, Some(viewer)), None, u32::MAX).await
    }

    async fn looks_where(
        &self,
        org: OrgId,
        (about, by): (Option<UserId>, Option<UserId>),
        after: Option<&LookMark>,
        limit: u32,
    ) -> Result<Vec<Look>, StoreError> {
        let rows: Vec<(u32, i32, u32, String, i64, i64)> = sqlx::query_as(
            "SELECT about, day, viewer, what, times, last_at_us FROM looks WHERE org_id = ?1 AND (?2 IS NULL OR about = ?2)
               AND (?4 IS NULL OR day < ?4 OR (day = ?4 AND (last_at_us < ?5 OR (last_at_us = ?5 AND (about, viewer, what) > (?6, ?7, ?8)))))
               AND (?9 IS NULL OR viewer = ?9)
             ORDER BY day DESC, last_at_us DESC, about, viewer, what LIMIT ?3",
        )
        .bind(org.0)
        .bind(about.map(|user| user.0))
        .bind(limit)
        .bind(after.map(|mark| mark.day.0))
        .bind(after.map(|mark| mark.last_at.0))
        .bind(after.map(|mark| mark.about.0))
        .bind(after.map(|mark| mark.viewer.map_or(0, |viewer| viewer.0)))
        .bind(after.map(|mark| mark.what.as_str()))
        .bind(by.map(|user| user.0))
        .fetch_all(self.readers())
        .await?;
        let look = |(about, day, viewer, what, times, last_us): (u32, i32, u32, String, i64, i64)| Look {
            about: UserId(about),
            day: Day(day),
            viewer: (viewer > 0).then_some(UserId(viewer)),
            what,
            times: times as u64,
            last_at: Moment(last_us),
        };
        Ok(rows.into_iter().map(look).collect())
    }

    /// Forgets looks before a day.
    pub async fn forget_looks(&self, org: OrgId, before: Day) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM looks WHERE org_id = ? AND day < ?").bind(org.0).bind(before.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}
