//! Writing in few statements: many rows in one, and what only writes in one script.

use futures_util::future::join;
use rapport_domain::OrgId;
use sqlx::{
    AssertSqlSafe, Encode, FromRow, Sqlite, SqliteConnection, Type,
    error::BoxDynError,
    sqlite::{SqliteArguments, SqliteRow},
};

use crate::StoreError;

/// Rows per statement: past a few hundred, statements stop getting cheaper per row.
pub(crate) const ROWS_PER_STATEMENT: usize = 256;

/// Rows whose statements go to the database's thread together: on each way there and back the two wait for one another.
const ROWS_AT_ONCE: usize = 8 * ROWS_PER_STATEMENT;

/// Keys per look-up, far below SQLite's bound on variables.
const KEYS_PER_QUERY: usize = 2_000;

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
    /// [`ROWS_PER_STATEMENT`] are written at once, behind what was gathered before, and while the database writes some the next ones are bound.
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
        let (full, rest) = rows.split_at(rows.len() - rows.len() % ROWS_PER_STATEMENT);
        if !full.is_empty() {
            self.run(connection).await?;
            let statement = text(ROWS_PER_STATEMENT);
            let bound = |rows: &[T]| {
                let mut values = Values::default();
                for row in rows {
                    bind(&mut values, row);
                }
                let statements = vec![statement.as_str(); rows.len() / ROWS_PER_STATEMENT].join(";");
                values.arguments().map(|arguments| (statements, arguments))
            };
            // All together or each by itself: two texts to prepare, not one for each number of statements.
            let (together, single) = full.split_at(full.len() - full.len() % ROWS_AT_ONCE);
            let mut chunks = together.chunks(ROWS_AT_ONCE).chain(single.chunks(ROWS_PER_STATEMENT));
            let mut next = chunks.next().map(bound).transpose()?;
            while let Some((statements, arguments)) = next {
                let writing = sqlx::query_with(AssertSqlSafe(statements), arguments).execute(&mut *connection);
                let (written, after) = join(writing, async { chunks.next().map(bound).transpose() }).await;
                written?;
                next = after?;
            }
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

/// What `head (?,?,..)` finds of some keys, of which there may be many: while the database looks for some the next ones are bound. The
/// organization is the first value.
pub(crate) async fn look_up<K, R>(
    connection: &mut SqliteConnection,
    org: OrgId,
    head: &str,
    keys: &[K],
    bind: impl for<'v> Fn(&'v mut Values, &K) -> &'v mut Values,
) -> Result<Vec<R>, StoreError>
where
    R: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
{
    let bound = |keys: &[K]| {
        let mut values = Values::default();
        values.bind(org.0);
        for key in keys {
            bind(&mut values, key);
        }
        values.arguments().map(|arguments| (keys.len(), arguments))
    };
    let mut chunks = keys.chunks(KEYS_PER_QUERY);
    let (mut next, mut found) = (chunks.next().map(bound).transpose()?, Vec::new());
    while let Some((count, arguments)) = next {
        let text = format!("{head} ({})", places(count));
        let query = sqlx::query_as_with(AssertSqlSafe(text), arguments).persistent(count == KEYS_PER_QUERY);
        let (rows, after) = join(query.fetch_all(&mut *connection), async { chunks.next().map(bound).transpose() }).await;
        found.extend(rows?);
        next = after?;
    }
    Ok(found)
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
