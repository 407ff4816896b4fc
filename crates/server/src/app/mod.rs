//! Use cases. No HTTP, no SQL.

pub mod access;
pub mod activities;
pub mod audit;
pub mod caller;
pub mod connectors;
pub mod consent_at_microsoft;
pub mod consent_request;
pub mod demo;
pub mod demo_load;
pub mod document;
pub mod enabling;
pub mod error;
pub mod evaluation;
pub mod export;
pub mod features;
pub mod forms;
pub(crate) mod held;
pub mod import;
pub mod interactions;
pub mod introductions;
pub mod lists;
pub mod looks;
pub mod maintenance;
pub mod my_data;
pub mod notices;
pub mod passes;
mod pdf;
pub mod people;
pub mod privacy_requests;
pub mod processing_record;
pub mod record_write;
pub mod records;
pub mod retention;
pub mod scim;
pub mod search;
pub mod settings;
pub mod sign_in;
pub mod similar;
mod subtraction;
pub mod sync;
pub mod ties;
pub mod told;
pub mod users;
pub mod view;
pub mod viewer;
pub mod works_council;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock, atomic::AtomicI64},
};

pub use caller::{Caller, Scopes};
pub use error::AppError;
use rapport_connect::Http;
use rapport_domain::{Domain, Model, Moment, OrgId};
pub use rapport_insight::Language;
use rapport_store::{Organization, Store, registry::NewOrganization};
pub use rapport_store::{Place, SegmentStorage};
pub use view::{Tier, View};

/// Tells the time; injected at the top.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// Whoever has the store's folder, as the audit log names them.
pub const LOCAL_ADMINISTRATOR: &str = "local administrator";

/// One organization of an open store, ready for use.
#[derive(Clone)]
pub struct App {
    caller: Arc<Caller>,
    /// By which model figures are asked for, if not by the organization's.
    model: Option<Model>,
    store: Store,
    organization: Organization,
    clock: Clock,
    view: Arc<RwLock<Option<Arc<View>>>>,
    /// That of the basic tier, once somebody with it asked.
    basic_view: Arc<RwLock<Option<Arc<View>>>>,
    lists: PerTier<lists::table::ListTable>,
    /// When they were stored last.
    stored_lists_at: Arc<AtomicI64>,
    search: Arc<RwLock<Option<Arc<search::SearchIndex>>>>,
    deals: PerTier<similar::Deals>,
    reaches: caller::Reaches,
    /// Not in the store yet.
    looks: looks::Looks,
    /// The day on which old looks were forgotten last.
    looks_forgotten: Arc<tokio::sync::Mutex<Option<rapport_domain::Day>>>,
    /// Requests of people that are being carried out.
    carrying_out: Arc<Mutex<std::collections::BTreeSet<i64>>>,
    /// For requests to other machines.
    http: Http,
    /// Versions at which no stored mailbox was to be deleted.
    nothing_withheld: Arc<Mutex<Option<(i64, i64)>>>,
    /// Facts version at which nothing of anybody's private contacts was to be deleted.
    nothing_private: Arc<Mutex<Option<i64>>>,
    /// Before which moment nothing is kept any more, with the versions at which that was so.
    nothing_before: Arc<Mutex<Option<(Moment, i64)>>>,
    /// Held while the view is loaded or the lists are folded: whoever comes meanwhile waits for the result instead of doing the same.
    making: Making,
    /// Megabytes of touches that a whole pass keeps, at most.
    pass_memory_mb: u64,
    evaluations: evaluation::Evaluations,
    /// Where mail systems tell of news.
    doorbell: Arc<sync::Doorbell>,
    /// Moves with every change, for live pages.
    changes: Arc<tokio::sync::watch::Sender<i64>>,
}

/// Something that is kept in memory for each tier.
#[derive(Debug)]
pub(crate) struct PerTier<T>(Arc<[RwLock<Option<Arc<T>>>; 2]>);

impl<T> Default for PerTier<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for PerTier<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PerTier<T> {
    pub(crate) fn get(&self, tier: Tier) -> Option<Arc<T>> {
        self.0[tier as usize].read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set(&self, tier: Tier, value: &Arc<T>) {
        *self.0[tier as usize].write().unwrap_or_else(PoisonError::into_inner) = Some(value.clone());
    }
}

/// One lock for each thing that is made once for many.
#[derive(Clone, Default)]
pub(crate) struct Making {
    view: Arc<tokio::sync::Mutex<()>>,
    pub(crate) lists: Arc<tokio::sync::Mutex<()>>,
    /// Between looking at an activity and writing it.
    pub(crate) activities: Arc<tokio::sync::Mutex<()>>,
    /// Evaluations and calibrations read everything and hold it in memory: one at a time.
    pub(crate) evaluation: Arc<tokio::sync::Mutex<()>>,
}

/// What `init` is told.
#[derive(Clone, Debug)]
pub struct Init {
    /// The organization's name.
    pub organization: String,
    /// Domains whose addresses are ours.
    pub internal_domains: Vec<String>,
    /// IANA time zone.
    pub time_zone: Option<String>,
}

impl App {
    /// Opens one organization of a store.
    pub async fn open(folder: &Path, organization: &str, clock: Clock) -> Result<Self, AppError> {
        Self::open_with(folder, None, SegmentStorage::default(), organization, clock).await
    }

    /// The same; `key_file`: where the key of its secrets lies, unless it lies beside them; `storage`: where its segments are kept.
    pub async fn open_with(
        folder: &Path,
        key_file: Option<&Path>,
        storage: SegmentStorage,
        organization: &str,
        clock: Clock,
    ) -> Result<Self, AppError> {
        let store = Store::open_with(folder, storage).await?;
        let store = match key_file {
            Some(file) => store.with_key_file(file),
            None => store,
        };
        let organization = store.organization(organization).await?;
        Ok(Self::new(store, organization, clock))
    }

    /// The use cases of one organization, acting for the local administrator.
    pub fn new(store: Store, organization: Organization, clock: Clock) -> Self {
        let (changes, _) = tokio::sync::watch::channel(0);
        Self {
            caller: Arc::new(Caller::LocalAdministrator),
            model: None,
            store,
            organization,
            clock,
            view: Arc::default(),
            basic_view: Arc::default(),
            lists: PerTier::default(),
            stored_lists_at: Arc::default(),
            search: Arc::default(),
            deals: PerTier::default(),
            reaches: caller::Reaches::default(),
            looks: looks::Looks::default(),
            looks_forgotten: Arc::default(),
            carrying_out: Arc::default(),
            http: Http::default(),
            nothing_withheld: Arc::default(),
            nothing_private: Arc::default(),
            nothing_before: Arc::default(),
            making: Making::default(),
            pass_memory_mb: passes::PASS_MEMORY_MB,
            evaluations: evaluation::Evaluations::default(),
            doorbell: Arc::default(),
            changes: Arc::new(changes),
        }
    }

    /// The same, of which a whole pass keeps at most so many megabytes of touches; beyond, it reads the store once more.
    #[must_use]
    pub fn with_pass_memory(self, pass_memory_mb: u64) -> Self {
        Self { pass_memory_mb, ..self }
    }

    /// Makes a store with an organization; one that exists is kept, and gains the domains and the time zone. Whether it is new.
    pub async fn init(folder: &Path, init: &Init, clock: Clock) -> Result<(Self, bool), AppError> {
        Self::init_with(folder, SegmentStorage::default(), init, clock).await
    }

    /// The same; `storage`: where its segments are kept.
    pub async fn init_with(folder: &Path, storage: SegmentStorage, init: &Init, clock: Clock) -> Result<(Self, bool), AppError> {
        let domains = init
            .internal_domains
            .iter()
            .map(|text| Domain::parse(text).map_err(|error| AppError::invalid(format!("internal domain `{text}`: {error}"))))
            .collect::<Result<Vec<_>, _>>()?;
        if init.organization.trim().is_empty() {
            return Err(AppError::invalid("the organization's name is empty"));
        }
        if let Some(zone) = &init.time_zone {
            settings::check("time_zone", zone)?;
        }
        let store = Store::create_with(folder, storage).await?;
        let mut hash_key = [0; 32];
        getrandom::fill(&mut hash_key)
            .map_err(|error| AppError::invalid(format!("the system gives no random bytes: {error}")))?;
        let now = clock();
        let new = NewOrganization { name: &init.organization, hash_key, now };
        let is_new = store.create_organization(&new).await?;
        let organization = store.organization(&init.organization).await?;
        if !domains.is_empty() {
            store.add_internal_domains(organization.id, &domains, (!is_new).then_some((LOCAL_ADMINISTRATOR, now))).await?;
        }
        let app = Self::new(store, organization, clock);
        if let Some(zone) = &init.time_zone {
            app.set_setting("time_zone", zone).await?;
        }
        Ok((app, is_new))
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The organization.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    pub(crate) fn org(&self) -> OrgId {
        self.organization.id
    }

    /// The injected clock.
    pub(crate) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Now, by the injected clock.
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// The organization as it stands, as the caller's tier has it: directory, records, settings. Kept in memory until a version moves.
    pub async fn view(&self) -> Result<Arc<View>, AppError> {
        Ok(self.by_asked_model(self.view_of_caller().await?))
    }

    /// The view with figures by the model that is asked for.
    pub(crate) fn by_asked_model(&self, view: Arc<View>) -> Arc<View> {
        match self.model {
            Some(model) if model != view.settings.model => Arc::new(view.by_model(model)),
            _ => view,
        }
    }

    async fn view_of_caller(&self) -> Result<Arc<View>, AppError> {
        let whole = self.whole_view().await?;
        let Caller::User { user, .. } = self.caller() else { return Ok(whole) };
        if whole.tier_of(*user) == Tier::Enhanced {
            return Ok(whole);
        }
        let known = self.basic_view.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|view| view.versions == whole.versions) {
            return Ok(known);
        }
        let basic = Arc::new(whole.basic());
        *self.basic_view.write().unwrap_or_else(PoisonError::into_inner) = Some(basic.clone());
        Ok(basic)
    }

    pub(crate) async fn whole_view(&self) -> Result<Arc<View>, AppError> {
        if let Some(view) = self.known_view(self.store.versions(self.org()).await?) {
            return Ok(view);
        }
        let _making = self.making.view.lock().await;
        let versions = self.store.versions(self.org()).await?;
        if let Some(view) = self.known_view(versions) {
            return Ok(view);
        }
        let view = match self.advanced_view().await? {
            Some(view) => view,
            None => Arc::new(View::load(&self.store, &self.organization, versions).await?),
        };
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Some(view.clone());
        self.changes.send_replace(view.versions.0);
        Ok(view)
    }

    /// The view in memory brought up to date, where all that changed since is known.
    async fn advanced_view(&self) -> Result<Option<Arc<View>>, AppError> {
        let known = self.view.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(known) = known else { return Ok(None) };
        let changes = self.store.changes_since(self.org(), known.versions.0, known.stored_addresses()).await?;
        let Some(changes) = changes else { return Ok(None) };
        let settled = if changes.versions.1 == known.versions.1 {
            Some(known)
        } else {
            known.settled(&self.store.settings(self.org()).await?, changes.versions.1).map(Arc::new)
        };
        Ok(settled.and_then(|view| view.advanced(&changes)).map(Arc::new))
    }

    fn known_view(&self, versions: (i64, i64)) -> Option<Arc<View>> {
        let known = self.view.read().unwrap_or_else(PoisonError::into_inner).clone();
        known.filter(|view| view.versions == versions)
    }

    /// Says that facts moved, to whoever watches.
    pub fn announce(&self, facts_version: i64) {
        self.changes.send_replace(facts_version);
    }

    /// Watches the facts version.
    pub fn watch(&self) -> tokio::sync::watch::Receiver<i64> {
        self.changes.subscribe()
    }
}
