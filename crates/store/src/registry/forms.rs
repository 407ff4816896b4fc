//! Pages of host applications that carry our widgets, and numbers of security groups.

use rapport_domain::{Moment, OrgId, Table};

use super::users::NewUser;
use crate::{Store, StoreError};

/// A registered page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormRow {
    /// Its number.
    pub id: i64,
    /// Name of the host application.
    pub application: String,
    /// Whose records it shows.
    pub table: Table,
    /// Name of the tab.
    pub tab: String,
    /// Names of the widgets.
    pub widgets: Vec<String>,
    /// `web`, `phone`, `tablet`.
    pub clients: Vec<String>,
    /// When it was seen or registered last.
    pub last_seen: Moment,
}

impl FormRow {
    /// Where it is.
    fn place(&self) -> (&str, Table, &str) {
        (&self.application, self.table, &self.tab)
    }

    /// What the audit log says of it.
    fn in_words(&self) -> String {
        let Self { application, table, tab, .. } = self;
        format!("{application}, {}, {tab}: {} on {}", table.as_str(), self.widgets.join(", "), self.clients.join(", "))
    }
}

impl Store {
    /// All registered pages, by application, table and tab.
    pub async fn forms(&self, org: OrgId) -> Result<Vec<FormRow>, StoreError> {
        let rows: Vec<(i64, String, u8, String, String, String, i64)> = sqlx::query_as(
            "SELECT form_id, application, record_table, tab, widgets, clients, last_seen_us FROM forms WHERE org_id = ?
             ORDER BY application, record_table, tab",
        )
        .bind(org.0)
        .fetch_all(self.readers())
        .await?;
        let words = |text: &str| serde_json::from_str(text).unwrap_or_default();
        let row = |(id, application, table, tab, widgets, clients, last_us): (i64, _, u8, _, String, String, i64)| {
            let table = Table::from_code(table)?;
            let (widgets, clients) = (words(&widgets), words(&clients));
            Some(FormRow { id, application, table, tab, widgets, clients, last_seen: Moment(last_us) })
        };
        Ok(rows.into_iter().filter_map(row).collect())
    }

    /// Registers a page, or sees it again; its number.
    pub async fn put_form(&self, org: OrgId, form: &FormRow, by: (&str, Moment)) -> Result<i64, StoreError> {
        let json = |words: &[String]| serde_json::json!(words).to_string();
        let known = self.forms(org).await?.into_iter().find(|known| known.place() == form.place());
        let (before, after) = (known.map(|known| known.in_words()), form.in_words());
        let mut tx = self.begin().await?;
        if before.as_deref() != Some(&after) {
            super::audit::record(&mut tx, org, by.1, by.0, "form.registered", before.as_deref(), Some(&after)).await?;
        }
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO forms SELECT ?1, COALESCE(MAX(form_id), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7 FROM forms WHERE org_id = ?1
             ON CONFLICT (org_id, application, record_table, tab)
             DO UPDATE SET widgets = excluded.widgets, clients = excluded.clients, last_seen_us = excluded.last_seen_us
             RETURNING form_id",
        )
        .bind(org.0)
        .bind(&form.application)
        .bind(form.table as u8)
        .bind(&form.tab)
        .bind(json(&form.widgets))
        .bind(json(&form.clients))
        .bind(form.last_seen.0)
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Takes a registered page away; whether there was one.
    pub async fn delete_form(&self, org: OrgId, id: i64, by: (&str, Moment)) -> Result<bool, StoreError> {
        let Some(known) = self.forms(org).await?.into_iter().find(|known| known.id == id) else { return Ok(false) };
        let mut tx = self.begin().await?;
        super::audit::record(&mut tx, org, by.1, by.0, "form.deleted", Some(&known.in_words()), None).await?;
        let gone =
            sqlx::query("DELETE FROM forms WHERE org_id = ? AND form_id = ?").bind(org.0).bind(id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(gone.rows_affected() > 0)
    }

    /// Numbers of security groups, by number; names that have none are given one.
    pub async fn security_groups(&self, org: OrgId, names: &[String]) -> Result<Vec<(i64, String)>, StoreError> {
        let known = self.known_groups(org).await?;
        let new: Vec<&String> = names.iter().filter(|name| !known.iter().any(|(_, known)| known == *name)).collect();
        if new.is_empty() {
            return Ok(known);
        }
        let mut tx = self.begin().await?;
        for name in new {
            sqlx::query(
                "INSERT INTO security_groups SELECT ?1, COALESCE(MAX(group_id), 0) + 1, ?2 FROM security_groups WHERE org_id = ?1
                 ON CONFLICT DO NOTHING",
            )
            .bind(org.0)
            .bind(name)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        self.known_groups(org).await
    }

    async fn known_groups(&self, org: OrgId) -> Result<Vec<(i64, String)>, StoreError> {
        Ok(sqlx::query_as("SELECT group_id, name FROM security_groups WHERE org_id = ? ORDER BY group_id")
            .bind(org.0)
            .fetch_all(self.readers())
            .await?)
    }

    /// Renames a security group, also where it is excluded, or with `None` takes its number away; in one transaction with who is in it.
    pub async fn change_security_group(
        &self,
        org: OrgId,
        id: i64,
        (before, name): (&str, Option<&str>),
        members: &[NewUser],
        by: (&str, Moment),
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        super::users::put(&mut tx, org, members, by).await?;
        if name != Some(before) {
            super::audit::record(&mut tx, org, by.1, by.0, "group.changed", Some(before), name).await?;
        }
        if let Some(name) = name {
            super::enabling::rename_excluded_group(&mut tx, org, (before, name), by).await?;
        }
        match name {
            Some(name) => {
                sqlx::query("UPDATE security_groups SET name = ? WHERE org_id = ? AND group_id = ?")
                    .bind(name)
                    .bind(org.0)
                    .bind(id)
                    .execute(&mut *tx)
                    .await?;
            }
            None => {
                sqlx::query("DELETE FROM security_groups WHERE org_id = ? AND group_id = ?")
                    .bind(org.0)
                    .bind(id)
                    .execute(&mut *tx)
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
