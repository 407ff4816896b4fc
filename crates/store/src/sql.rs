//! Writing in few statements: many rows in one, and what only writes in one script.

use rapport_domain::OrgId;
use sqlx::{AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type, error::BoxDynError, sqlite::SqliteArguments};

use crate::StoreError;

/// Rows per statement: past a few hundred, statements stop getting cheaper per row.
pub(crate) const ROWS_PER_STATEMENT: usize = 256;

/// Statements that only write, gathered to run together: each way to the database's thread and back costs more than most of them. They run
/// in the order in which they were added.
pub(crate) struct Script {
    org: OrgId,
    text: String,
    values: Values,
}

/// Values of statements, in the order of their places, each of which is a plain `?`.
#[derive(Default)]
pub(crate) struct Values {
    arguments: SqliteArguments,
    error: Option<BoxDynError>,
}

impl Values {
    /// The value of the next place.
    pub(crate) fn bind<'t, T: Encode<'t, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        if let Err(error) = sqlx::Arguments::add(&mut self.arguments, value) {
            self.error.get_or_insert(error);
        }
        self
    }

    fn arguments(self) -> Result<SqliteArguments, StoreError> {
        match self.error {
            Some(error) => Err(sqlx::Error::Encode(error).into()),
            None => Ok(self.arguments),
        }
    }
}

impl Script {
    /// Nothing yet, of an organization.
    pub(crate) fn new(org: OrgId) -> Self {
        Self { org, text: String::new(), values: Values::default() }
    }

    /// Adds a statement, whose values come next.
    pub(crate) fn add(&mut self, text: &str) -> &mut Values {
        self.text.push_str(text);
        self.text.push(';');
        &mut self.values
    }

    /// Adds `head (ORG, ?, ..), (ORG, ?, ..) tail` over all rows; `bind` binds one row's `columns` values. Of many rows, those that fill
    /// [`ROWS_PER_STATEMENT`] are written at once, behind what was gathered before: full chunks share one prepared statement.
    pub(crate) async fn insert_rows<T>(
        &mut self,
        connection: &mut SqliteConnection,
        head: &str,
        columns: usize,
        tail: &str,
        rows: &[T],
        bind: impl for<'v> Fn(&'v mut Values, &T) -> &'v mut Values,
    ) -> Result<(), StoreError> {
        let place = format!("({},{})", self.org.0, vec!["?"; columns].join(","));
        let text = |rows: usize| format!("{head} {} {tail}", vec![place.as_str(); rows].join(","));
        let (full, rest) = rows.as_chunks::<ROWS_PER_STATEMENT>();
        if !full.is_empty() {
            self.run(connection).await?;
        }
        for chunk in full {
            let mut values = Values::default();
            for row in chunk {
                bind(&mut values, row);
            }
            sqlx::query_with(AssertSqlSafe(text(chunk.len())), values.arguments()?).execute(&mut *connection).await?;
        }
        if !rest.is_empty() {
            self.add(&text(rest.len()));
            for row in rest {
                bind(&mut self.values, row);
            }
        }
        Ok(())
    }

    /// Runs what was gathered.
    pub(crate) async fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let (text, values) = (std::mem::take(&mut self.text), std::mem::take(&mut self.values));
        if !text.is_empty() {
            sqlx::query_with(AssertSqlSafe(text), values.arguments()?).persistent(false).execute(connection).await?;
        }
        Ok(())
    }
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
