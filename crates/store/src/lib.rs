//! At rest: the **registry** (everything transactional) and the **ledger** (interactions and their sightings).
//!
//! **What it is.** The only crate with SQL and files: one SQLite file in WAL mode, one writer, several readers; and segments, in files or
//! in object storage.
//! **What it is not.** It computes no figure and knows no file format, no HTTP and no rule about who may see what;
//! callers pass what is allowed as a [`Visibility`].
//!
//! **Architecture Invariant:** every table starts with `org_id` and every query takes it.
//! **Architecture Invariant:** sightings are ground state; interactions' merged facts, identities, touches, conversations and snapshots
//! are derived from them by one function each, and [`ledger::rebuild`] makes them anew.
//! **Architecture Invariant:** a batch is one transaction: nothing is lost, nothing counted twice, whatever crashes.
//! **Architecture Invariant:** an erasure finds its columns in the schema: a new table with texts is searched without anybody's doing.
//!
//! To add a fact about an interaction: `ledger/payload.rs` (what a sighting keeps), `ledger/merge.rs` (how sightings agree),
//! `ledger/block.rs` (what a touch carries), `domain::Touches` (its column).

mod error;
pub mod ledger;
pub mod registry;
pub mod secrets;
pub mod snapshots;
mod sql;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
    time::Duration,
};

pub use error::StoreError;
use ledger::segments::catalog::{Segments, check_places};
pub use ledger::{Appender, OnStep, Place, SegmentSettings, SegmentStorage, Step, Visibility};
use rapport_domain::OrgId;
pub use registry::Organization;
use rustc_hash::FxHashMap;
use sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};

/// Name of the store's file inside the data folder.
pub const STORE_FILE: &str = "rapport.sqlite";

/// Connections that read at the same time; more wait. Two cores are saturated by two; the rest hide waiting for disk.
const READERS_MAX: u32 = 8;

/// Connections that look things up for passes that hold a reader each.
const BESIDE_MAX: u32 = 2;

/// How long a writer waits for another process's transaction (an import's batch) before it gives up.
const BUSY_WAIT: Duration = Duration::from_mins(1);

/// Page cache of each connection: negative means KiB. What a pass over a million touches reads on one core fits.
const CACHE_KIB: &str = "-32768";

/// Rows that a connection reads ahead of whoever takes them.
const ROWS_AHEAD: usize = 1_024;

/// Pages of the write-ahead log from which on it is taken into the file: 16 MB.
const CHECKPOINT_PAGES: &str = "4096";

/// Page size in bytes: small, since a commit writes the pages of people from all over the tail.
const PAGE_BYTES: u32 = 4_096;

/// Conversations that were joined, old id to the one that stands.
pub(crate) type Aliases = FxHashMap<u64, u64>;

/// Aliases by organization with the facts version they were read at.
type AliasesByOrganization = HashMap<OrgId, (i64, Arc<Aliases>)>;

/// An open store.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    key_file: PathBuf,
    writer: SqlitePool,
    readers: SqlitePool,
    /// For looking up one thing more while a pass holds a reader: whoever has one of these waits for nobody.
    beside: SqlitePool,
    aliases: Arc<RwLock<AliasesByOrganization>>,
    segments: Segments,
}

impl Store {
    /// Makes the store's folder and file; an existing store is opened and brought up to date.
    pub async fn create(folder: &Path) -> Result<Self, StoreError> {
        Self::create_with(folder, SegmentStorage::default()).await
    }

    /// The same, of which segments are kept elsewhere.
    pub async fn create_with(folder: &Path, storage: SegmentStorage) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::folder(folder, &error))?;
        Self::connect(folder, storage, true).await
    }

    /// Opens an existing store.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_with(folder, SegmentStorage::default()).await
    }

    /// The same, of which segments are kept elsewhere.
    pub async fn open_with(folder: &Path, storage: SegmentStorage) -> Result<Self, StoreError> {
        if !folder.join(STORE_FILE).is_file() {
            return Err(StoreError::not_initialized(folder));
        }
        Self::connect(folder, storage, false).await
    }

    async fn connect(folder: &Path, storage: SegmentStorage, create: bool) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(folder.join(STORE_FILE))
            .create_if_missing(create)
            .page_size(PAGE_BYTES)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: what was acknowledged survives a power cut; a batch costs one fsync.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_WAIT)
            .pragma("temp_store", "memory")
            .pragma("cache_size", CACHE_KIB)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .statement_cache_capacity(64)
            // Rows come from a thread of their own: each time the two wait for one another costs more than hundreds of rows.
            .row_buffer_size(ROWS_AHEAD)
            // Statements would be logged with what they are about; the server logs its own requests.
            .disable_statement_logging();
        // A connection to a file does not break while nobody looks.
        let pool = || SqlitePoolOptions::new().test_before_acquire(false).min_connections(0);
        let writer = pool().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!().run(&writer).await.map_err(StoreError::migration)?;
        registry::audit_seal(&mut *writer.acquire().await?).await?;
        let readers = pool().max_connections(READERS_MAX).connect_lazy_with(options.clone());
        let beside = pool().max_connections(BESIDE_MAX).connect_lazy_with(options);
        let store = Self {
            folder: folder.to_owned(),
            key_file: folder.join(secrets::KEY_FILE),
            writer,
            readers,
            beside,
            aliases: Arc::default(),
            segments: Segments::new(folder, storage),
        };
        check_places(&mut *store.readers.acquire().await?, &store.segments).await?;
        store.delete_leftovers().await?;
        Ok(store)
    }

    /// The same store with other sizes of segments.
    #[must_use]
    pub fn with_segments(mut self, settings: SegmentSettings) -> Self {
        self.segments.settings = settings;
        self
    }

    /// Has each step of sealing and merging told: tests end the process there.
    #[must_use]
    pub fn told_steps(mut self, on_step: OnStep) -> Self {
        self.segments.on_step(on_step);
        self
    }

    /// The folder that holds the store.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Closes all connections and folds the write-ahead log into the file.
    pub async fn close(self) {
        self.readers.close().await;
        self.beside.close().await;
        self.writer.close().await;
    }

    pub(crate) async fn begin(&self) -> Result<sqlx::Transaction<'_, sqlx::Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    pub(crate) fn beside(&self) -> &SqlitePool {
        &self.beside
    }

    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    pub(crate) async fn aliases(&self, org: OrgId) -> Result<Arc<Aliases>, StoreError> {
        let version = self.facts_version(org).await?;
        if let Some((known, aliases)) = self.aliases.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(&org)
            && *known == version
        {
            return Ok(aliases.clone());
        }
        if let Some(aliases) = self.aliases_that_stand(org, version).await? {
            return Ok(aliases);
        }
        let rows: Vec<(i64, i64)> = sqlx::query_as("SELECT conversation, joined FROM conversation_aliases WHERE org_id = ?")
            .bind(org.0)
            .fetch_all(&self.readers)
            .await?;
        let aliases: Arc<Aliases> = Arc::new(rows.into_iter().map(|(old, new)| (old as u64, new as u64)).collect());
        let mut known = self.aliases.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.insert(org, (version, aliases.clone()));
        Ok(aliases)
    }

    /// The aliases of an earlier version, where all that changed since is known, so that none was added.
    async fn aliases_that_stand(&self, org: OrgId, version: i64) -> Result<Option<Arc<Aliases>>, StoreError> {
        let known = self.aliases.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(&org).cloned();
        let Some((known_at, aliases)) = known else { return Ok(None) };
        if known_at > version {
            // Somebody else was here meanwhile.
            return Ok(None);
        }
        if !self.tells_changes(org, known_at, version).await? {
            return Ok(None);
        }
        self.aliases.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(org, (version, aliases.clone()));
        Ok(Some(aliases))
    }
}

impl Store {
    /// Every table with what is held of an organization, for whoever must leave none out.
    pub async fn tables(&self) -> Result<std::collections::BTreeSet<String>, StoreError> {
        let columns = sql::columns(&mut *self.readers.acquire().await?).await?;
        Ok(columns.into_iter().map(|(table, ..)| table).collect())
    }

    /// What SQLite says about its file: `ok`, or the first thing that is wrong.
    pub async fn integrity(&self) -> Result<String, StoreError> {
        Ok(sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&self.readers).await?)
    }
}
