//! Rows in bulk: one statement for many rows, cached by the number of rows.

use rapport_domain::OrgId;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};

use crate::StoreError;

/// Rows per statement: past a few hundred, statements stop getting cheaper per row.
pub(crate) const ROWS_PER_STATEMENT: usize = 256;

/// Runs `head (ORG, ?, ..), (ORG, ?, ..) tail` over all rows, [`ROWS_PER_STATEMENT`] at a time; `bind` binds one row's `columns` values.
///
/// Full chunks share one prepared statement.
pub(crate) async fn insert_rows<'q, T>(
    connection: &mut SqliteConnection,
    head: &str,
    org: OrgId,
    columns: usize,
    tail: &str,
    rows: &'q [T],
    bind: impl Fn(Query<'q, Sqlite, SqliteArguments>, &'q T) -> Query<'q, Sqlite, SqliteArguments>,
) -> Result<(), StoreError> {
    let place = format!("({},{})", org.0, vec!["?"; columns].join(","));
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let text = format!("{head} {} {tail}", vec![place.as_str(); chunk.len()].join(","));
        let mut query = sqlx::query(AssertSqlSafe(text)).persistent(chunk.len() == ROWS_PER_STATEMENT);
        for row in chunk {
            query = bind(query, row);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// `?,?,?` for an `IN` list.
pub(crate) fn places(count: usize) -> String {
    vec!["?"; count].join(",")
}

/// Every column of the organizations' tables as the schema has it: table, column, type.
pub(crate) async fn columns(connection: &mut SqliteConnection) -> Result<Vec<(String, String, String)>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT t.name, c.name, c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
         WHERE t.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'org_id') ORDER BY t.name, c.cid",
    )
    .fetch_all(connection)
    .await?)
}
