//! Snapshots: what lists sort and filter on. Derived, versioned, never served stale.

use rapport_domain::{OrgId, Table};
use sqlx::{QueryBuilder, Sqlite};

use crate::{Store, StoreError, sql::insert_rows};

/// What a set of snapshots was computed from. It is served only while all of this is what holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotVersion {
    /// `crm` or `crm_and_mailbox`.
    pub data: String,
    /// Local date of `as_of`.
    pub local_date: String,
    /// The moment they were folded for.
    pub as_of_us: i64,
    /// From this moment on time alone has changed a figure.
    pub valid_until_us: i64,
    /// Facts version.
    pub facts_version: i64,
    /// Settings version.
    pub settings_version: i64,
    /// Health model.
    pub model: String,
}

/// One record as lists show it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct SnapshotRow {
    /// Dense record number.
    pub record_id: i64,
    /// The CRM's id; empty on writing, read from the record.
    #[sqlx(default)]
    pub id: String,
    /// Table code.
    pub record_table: i64,
    /// Name or topic.
    pub name: String,
    /// Account's name.
    pub account: Option<String>,
    /// Owner's address.
    pub owner: Option<String>,
    /// Status.
    pub status: Option<String>,
    /// Health state.
    pub health_state: String,
    /// Health score.
    pub health_score: Option<i64>,
    /// Health trend.
    pub health_trend: String,
    /// Likelihood of any interaction in 30 days.
    pub likelihood_30d: Option<f64>,
    /// Minutes.
    pub time_spent_by_us_min: f64,
    /// Minutes.
    pub time_spent_by_them_min: f64,
    /// Interactions in the window.
    pub interactions: i64,
    /// Last interaction.
    pub last_at_us: Option<i64>,
    /// Next interaction.
    pub next_at_us: Option<i64>,
    /// Estimated close.
    pub estimated_close_us: Option<i64>,
    /// Estimated revenue.
    pub estimated_revenue: Option<f64>,
    /// Currency of the revenue.
    pub currency: Option<String>,
}

/// Columns that a list can be sorted by, with the SQL that stands for each: nothing else reaches an `ORDER BY`.
pub const SORT_COLUMNS: &[&str] = &[
    "name",
    "account",
    "owner",
    "status",
    "health_state",
    "health_score",
    "health_trend",
    "likelihood_30d",
    "time_spent_by_us_min",
    "time_spent_by_them_min",
    "interactions",
    "last_at",
    "next_at",
    "estimated_close",
    "estimated_revenue",
    "currency",
];

/// What a page of a list asks for.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// One of [`SORT_COLUMNS`].
    pub sort: String,
    /// Largest first.
    pub descending: bool,
    /// Owner's address.
    pub owner: Option<String>,
    /// Health state.
    pub health_state: Option<String>,
    /// Health trend.
    pub health_trend: Option<String>,
    /// Status.
    pub status: Option<String>,
    /// Text that name, account or owner contains, in any case.
    pub search: Option<String>,
    /// Rows to skip.
    pub offset: u64,
    /// Rows at most.
    pub limit: u32,
}

impl Store {
    /// The version of the snapshots that are there.
    pub async fn snapshot_version(&self, org: OrgId, data: &str) -> Result<Option<SnapshotVersion>, StoreError> {
        let row: Option<(String, String, i64, i64, i64, i64, String)> = sqlx::query_as(
            "SELECT data, local_date, as_of_us, valid_until_us, facts_version, settings_version, model FROM snapshot_versions WHERE org_id = ? AND data = ?",
        )
        .bind(org.0)
        .bind(data)
        .fetch_optional(self.readers())
        .await?;
        Ok(row.map(|(data, local_date, as_of_us, valid_until_us, facts_version, settings_version, model)| SnapshotVersion {
            data,
            local_date,
            as_of_us,
            valid_until_us,
            facts_version,
            settings_version,
            model,
        }))
    }

    /// Replaces all snapshots of an organization and data, in one transaction.
    pub async fn replace_snapshots(&self, org: OrgId, version: &SnapshotVersion, rows: &[SnapshotRow]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for statement in
            ["DELETE FROM snapshots WHERE org_id = ? AND data = ?", "DELETE FROM snapshot_versions WHERE org_id = ? AND data = ?"]
        {
            sqlx::query(statement).bind(org.0).bind(&version.data).execute(&mut *tx).await?;
        }
        let head = "INSERT INTO snapshots (org_id, data, record_id, record_table, name, account, owner, status, health_state, health_score,
             health_trend, likelihood_30d, time_spent_by_us_min, time_spent_by_them_min, interactions, last_at_us, next_at_us,
             estimated_close_us, estimated_revenue, currency) VALUES";
        insert_rows(&mut tx, head, org, 19, "", rows, |query, row| {
            query
                .bind(&version.data)
                .bind(row.record_id)
                .bind(row.record_table)
                .bind(&row.name)
                .bind(&row.account)
                .bind(&row.owner)
                .bind(&row.status)
                .bind(&row.health_state)
                .bind(row.health_score)
                .bind(&row.health_trend)
                .bind(row.likelihood_30d)
                .bind(row.time_spent_by_us_min)
                .bind(row.time_spent_by_them_min)
                .bind(row.interactions)
                .bind(row.last_at_us)
                .bind(row.next_at_us)
                .bind(row.estimated_close_us)
                .bind(row.estimated_revenue)
                .bind(&row.currency)
        })
        .await?;
        sqlx::query(
            "INSERT INTO snapshot_versions (org_id, data, local_date, as_of_us, valid_until_us, facts_version, settings_version, model)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(org.0)
        .bind(&version.data)
        .bind(&version.local_date)
        .bind(version.as_of_us)
        .bind(version.valid_until_us)
        .bind(version.facts_version)
        .bind(version.settings_version)
        .bind(&version.model)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// One page of a list, and how many rows the whole list has. Rows without a value in the sorted column come last.
    pub async fn snapshot_page(
        &self,
        org: OrgId,
        data: &str,
        table: Table,
        list: &ListQuery,
    ) -> Result<(Vec<SnapshotRow>, u64), StoreError> {
        let column = SORT_COLUMNS.iter().find(|column| **column == list.sort).ok_or_else(|| {
            StoreError::refused(format!("lists cannot be sorted by `{}`; they can by: {}", list.sort, SORT_COLUMNS.join(", ")))
        })?;
        let column =
            if column.ends_with("_at") || *column == "estimated_close" { format!("{column}_us") } else { (*column).to_owned() };
        let direction = if list.descending { "DESC" } else { "ASC" };
        let mut query =
            QueryBuilder::<Sqlite>::new("SELECT s.*, r.id AS id FROM snapshots AS s JOIN records AS r USING (org_id, record_id)");
        push_filter(&mut query, org, data, table, list);
        // The sorted column is one of a fixed list: safe to write into the statement.
        query.push(format!(" ORDER BY s.{column} IS NULL, s.{column} {direction}, s.record_id LIMIT "));
        query.push_bind(list.limit).push(" OFFSET ").push_bind(list.offset as i64);
        let rows = query.build_query_as::<SnapshotRow>().persistent(false).fetch_all(self.readers()).await?;
        let mut count = QueryBuilder::<Sqlite>::new("SELECT COUNT(*) FROM snapshots AS s");
        push_filter(&mut count, org, data, table, list);
        let total: i64 = count.build_query_scalar().persistent(false).fetch_one(self.readers()).await?;
        Ok((rows, total as u64))
    }
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, org: OrgId, data: &str, table: Table, list: &ListQuery) {
    query.push(" WHERE s.org_id = ").push_bind(org.0);
    query.push(" AND s.data = ").push_bind(data.to_owned());
    query.push(" AND s.record_table = ").push_bind(table as u8);
    for (column, value) in [
        ("owner", &list.owner),
        ("health_state", &list.health_state),
        ("health_trend", &list.health_trend),
        ("status", &list.status),
    ] {
        if let Some(value) = value {
            query.push(format!(" AND s.{column} = ")).push_bind(value.clone());
        }
    }
    if let Some(search) = &list.search {
        let escaped = search.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        query.push(" AND (s.name || ' ' || COALESCE(s.account, '') || ' ' || COALESCE(s.owner, '')) LIKE ");
        query.push_bind(format!("%{escaped}%")).push(" ESCAPE '\\'");
    }
}
