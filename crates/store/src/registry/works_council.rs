//! Works council mode: whether it is on, and who must agree before it is turned off.

use rapport_domain::{Moment, OrgId, UserId};
use sqlx::SqliteConnection;

use crate::{Store, StoreError, registry::organizations::bump_facts};

/// Works council mode while it is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorksCouncil {
    /// Since when.
    pub since: Moment,
    /// The council's account: without it the mode is not turned off.
    pub council: UserId,
    /// Who asked to turn it off, and when; `None`: nobody does.
    pub off_asked: Option<(String, Moment)>,
}

async fn read(connection: &mut SqliteConnection, org: OrgId) -> Result<Option<WorksCouncil>, StoreError> {
    let row: Option<(i64, u32, Option<String>, Option<i64>)> =
        sqlx::query_as("SELECT since_us, council_user_id, off_asked_by, off_asked_at_us FROM works_council WHERE org_id = ?")
            .bind(org.0)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|(since_us, council, by, at_us)| WorksCouncil {
        since: Moment(since_us),
        council: UserId(council),
        off_asked: by.zip(at_us.map(Moment)),
    }))
}

impl Store {
    /// Works council mode; `None` while it is off.
    pub async fn works_council(&self, org: OrgId) -> Result<Option<WorksCouncil>, StoreError> {
        read(&mut *self.readers().acquire().await?, org).await
    }

    /// Changes works council mode in one transaction with its entry of the audit log; what is returned as the action says what was done.
    pub async fn change_works_council<E>(
        &self,
        org: OrgId,
        (actor, now): (&str, Moment),
        change: impl FnOnce(&mut Option<WorksCouncil>) -> Result<&'static str, E>,
    ) -> Result<Result<(), E>, StoreError> {
        let mut tx = self.begin().await?;
        let before = read(&mut tx, org).await?;
        let mut after = before.clone();
        let action = match change(&mut after) {
            Ok(action) => action,
            Err(error) => return Ok(Err(error)),
        };
        if before == after {
            return Ok(Ok(()));
        }
        sqlx::query("DELETE FROM works_council WHERE org_id = ?").bind(org.0).execute(&mut *tx).await?;
        if let Some(mode) = &after {
            sqlx::query("INSERT INTO works_council VALUES (?, ?, ?, ?, ?)")
                .bind(org.0)
                .bind(mode.since.0)
                .bind(mode.council.0)
                .bind(mode.off_asked.as_ref().map(|(by, _)| by))
                .bind(mode.off_asked.as_ref().map(|(_, at)| at.0))
                .execute(&mut *tx)
                .await?;
        }
        let in_words = |mode: &Option<WorksCouncil>| {
            mode.as_ref().map_or("off".to_owned(), |mode| format!("on; council user {}", mode.council.0))
        };
        super::audit::record(&mut tx, org, now, actor, action, Some(&in_words(&before)), Some(&in_words(&after))).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }
}
