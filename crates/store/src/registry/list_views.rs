//! Saved views of lists.

use rapport_domain::{Moment, OrgId, Table};

use crate::{Store, StoreError};

/// One saved view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListViewRow {
    /// Its number.
    pub id: i64,
    /// Table whose records it lists.
    pub table: Table,
    /// Its name, unique per person and table.
    pub name: String,
    /// What it asks for, JSON.
    pub query: String,
    /// When it was saved last.
    pub updated_at: Moment,
}

/// A view to save.
#[derive(Clone, Copy, Debug)]
pub struct PutListView<'a> {
    /// The view to save anew; a new one if absent.
    pub id: Option<i64>,
    /// Whose it is.
    pub viewer: &'a str,
    /// Table.
    pub table: Table,
    /// Name.
    pub name: &'a str,
    /// Query, JSON.
    pub query: &'a str,
    /// When.
    pub now: Moment,
}

impl Store {
    /// Somebody's saved views, by table and name.
    pub async fn list_views(&self, org: OrgId, viewer: &str) -> Result<Vec<ListViewRow>, StoreError> {
        let rows: Vec<(i64, u8, String, String, i64)> = sqlx::query_as(
            "SELECT view_id, record_table, name, query, updated_at_us FROM list_views WHERE org_id = ? AND viewer = ? ORDER BY record_table, name",
        )
        .bind(org.0)
        .bind(viewer)
        .fetch_all(self.readers())
        .await?;
        let row = |(id, table, name, query, updated_at_us): (i64, u8, String, String, i64)| {
            let table = Table::from_code(table)?;
            Some(ListViewRow { id, table, name, query, updated_at: Moment(updated_at_us) })
        };
        Ok(rows.into_iter().filter_map(row).collect())
    }

    /// Saves a view; `None` if the person has another one of this name.
    pub async fn put_list_view(&self, org: OrgId, view: &PutListView<'_>) -> Result<Option<ListViewRow>, StoreError> {
        let mut tx = self.begin().await?;
        let same_name: Option<i64> = sqlx::query_scalar(
            "SELECT view_id FROM list_views WHERE org_id = ? AND viewer = ? AND record_table = ? AND name = ?",
        )
        .bind(org.0)
        .bind(view.viewer)
        .bind(view.table as u8)
        .bind(view.name)
        .fetch_optional(&mut *tx)
        .await?;
        if same_name.is_some() && same_name != view.id {
            return Ok(None);
        }
        let id = match view.id {
            Some(id) => id,
            None => {
                sqlx::query_scalar("SELECT COALESCE(MAX(view_id), 0) + 1 FROM list_views WHERE org_id = ?")
                    .bind(org.0)
                    .fetch_one(&mut *tx)
                    .await?
            }
        };
        sqlx::query(
            "INSERT INTO list_views (org_id, view_id, viewer, record_table, name, query, updated_at_us) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (org_id, view_id) DO UPDATE SET record_table = excluded.record_table, name = excluded.name,
             query = excluded.query, updated_at_us = excluded.updated_at_us",
        )
        .bind(org.0)
        .bind(id)
        .bind(view.viewer)
        .bind(view.table as u8)
        .bind(view.name)
        .bind(view.query)
        .bind(view.now.0)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        let PutListView { table, name, query, now, .. } = *view;
        Ok(Some(ListViewRow { id, table, name: name.to_owned(), query: query.to_owned(), updated_at: now }))
    }

    /// Deletes a view; whether it was there.
    pub async fn delete_list_view(&self, org: OrgId, viewer: &str, id: i64) -> Result<bool, StoreError> {
        let deleted = sqlx::query("DELETE FROM list_views WHERE org_id = ? AND viewer = ? AND view_id = ?")
            .bind(org.0)
            .bind(viewer)
            .bind(id)
            .execute(self.writer())
            .await?;
        Ok(deleted.rows_affected() > 0)
    }
}
