//! The organization as it stands in memory: who is who, which records there are, what is set.
//!
//! Made from the registry alone, so that it can be thrown away and made again whenever a version moves.

mod advance;

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use rapport_capture::ExclusionReason;
use rapport_domain::{
    Address, AddressEntry, AddressId, Calendar, ConsentState, DataLocation, Directory, Enabling, Feature, Geography,
    GeographyPolicy, InsightSettings, Model, Moment, PersonId, RecordId, RecordRef, Side, Sighting, Source, Table, User, UserId,
    enabling::Roles, time::HOUR_US,
};
use rapport_insight::{ClosedAs, Context, Data, Internal, Likelihoods, MissingReason, RecordScope};
use rapport_store::{
    Organization, Store, Visibility,
    ledger::{Mailboxes, OursRule, StoredSighting},
    registry::{CustomRole, ObjectionHash, WorksCouncil},
};
use rustc_hash::{FxHashMap, FxHashSet};

use self::advance::Reads;
use super::{
    AppError,
    evaluation::StoredCalibration,
    records::{RecordDocument, UserDocument},
    settings,
};

/// Whether a row of a contact, lead or user says `gdpr_optout` (05 section 6).
pub(super) fn has_gdpr_optout(custom: &std::collections::BTreeMap<String, String>) -> bool {
    let value = custom.get("gdpr_optout").map(|value| value.trim().to_lowercase());
    value.is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false" | "no" | "nee"))
}

fn side(ours: &OursRule, key: &str) -> Side {
    if ours.is_our_key(key) { Side::Ours } else { Side::Theirs }
}

/// The entry of an id that stands for no address.
fn no_address(id: AddressId) -> AddressEntry {
    AddressEntry { key: Arc::default(), name: None, side: Side::Theirs, user: None, person: PersonId(id.0) }
}

/// So many addresses can be seen for the first time before a view is loaded anew, in which ids of addresses that only rows name lie elsewhere.
const ADDRESSES_RESERVED: u32 = if cfg!(test) { 16 } else { 16_384 };

/// Stored data of a mailbox that may not be used any more waits so long: half of the 24 hours within which it must be gone.
const DELETION_WAIT_US: i64 = 12 * HOUR_US;

/// One record with what its row says; `document` is empty while only something that regards it was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Dense number.
    pub record: RecordId,
    /// Table and id.
    pub reference: RecordRef,
    /// The row; `None` for a record that is only known because something regards it.
    pub document: Option<RecordDocument>,
}

impl Record {
    /// What the lists call it.
    pub fn name(&self) -> &str {
        let document = self.document.as_ref();
        document.and_then(|d| d.topic.as_deref().or(d.name.as_deref())).unwrap_or(&self.reference.id)
    }
}

/// Which insights somebody is shown: follows their licence (01, "tier").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The basic set, from CRM data alone.
    Basic,
    /// Everything.
    Enhanced,
}

impl Tier {
    /// The word of the interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Enhanced => "enhanced",
        }
    }
}

/// The addresses of each contact and lead: all that its row names, and those of people merged with it by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct OwnAddresses {
    /// Those of the record at a position end here.
    ends: Vec<u32>,
    ids: Vec<AddressId>,
}

impl OwnAddresses {
    fn of(view: &View) -> Self {
        let mut own = Self::default();
        for (i, record) in view.records.iter().enumerate() {
            if matches!(record.reference.table, Table::Contacts | Table::Leads) {
                for id in view.own_keys(i).iter().filter_map(|key| view.address_id(key)) {
                    own.ids.push(id);
                    own.ids.extend(view.merged_with.get(&id).into_iter().flatten());
                }
            }
            own.ends.push(own.ids.len() as u32);
        }
        own
    }

    fn of_record(&self, position: usize) -> &[AddressId] {
        let start = position.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.ids[start as usize..self.ends[position] as usize]
    }
}

/// The organization as it stands. Cheap to clone: what the next version has in common with this one is shared.
#[derive(Clone, Debug)]
pub struct View {
    /// For whom it is: in that of the basic tier is no mailbox data.
    pub tier: Tier,
    /// (facts, settings) versions that it was made from.
    pub versions: (i64, i64),
    /// Those at which it was loaded: since then only addresses, names and settings of figures have changed.
    loaded_at: (i64, i64),
    /// Time zone and its days.
    pub calendar: Calendar,
    /// Settings of the figures.
    pub settings: InsightSettings,
    /// Coefficients of the likelihood: pooled, or calibrated.
    pub likelihoods: Likelihoods,
    /// Every address, person and user.
    pub directory: Arc<Directory>,
    /// Whose address is ours.
    pub ours: Arc<OursRule>,
    /// All records, by dense number.
    pub records: Arc<Vec<Record>>,
    /// Which data figures rest on.
    pub data: Data,
    /// Which sightings may be used.
    pub visibility: Visibility,
    /// Security roles that the organization made itself.
    pub custom_roles: Vec<CustomRole>,
    /// User documents, by user id.
    pub user_documents: Arc<Vec<UserDocument>>,
    /// What is switched on. Reading it here, the clock may have moved since: [`App::enabling`](super::App::enabling) asks it.
    pub enabling: Enabling,
    /// Whether mailbox data may be used where it lies.
    pub geography: Geography,
    /// Where mailbox data may be used.
    geography_policy: GeographyPolicy,
    /// Works council mode, while it is on.
    pub works_council: Option<WorksCouncil>,
    /// Users who are asked before others learn that they can introduce.
    asks_first: Arc<FxHashSet<UserId>>,
    /// Addresses and domains that users keep to themselves.
    private: Arc<FxHashMap<UserId, FxHashSet<String>>>,
    /// Who is not to be captured.
    objections: Arc<FxHashSet<ObjectionHash>>,
    by_reference: Arc<FxHashMap<RecordRef, usize>>,
    /// Addresses of contacts and leads, by their positions.
    own: Arc<OwnAddresses>,
    /// Contacts of an account, by its id.
    contacts_of: Arc<FxHashMap<String, Vec<usize>>>,
    by_key: Arc<FxHashMap<Arc<str>, AddressId>>,
    /// All addresses of a person with more than one, by person.
    addresses_of: Arc<FxHashMap<PersonId, Vec<AddressId>>>,
    /// All addresses of people merged by hand, by each of their addresses.
    merged_with: Arc<FxHashMap<AddressId, Vec<AddressId>>>,
    /// Addresses that are shown by the name of a user or record, whatever mails call them.
    named_by_rows: Arc<FxHashSet<AddressId>>,
    /// Ids up to this one are stored.
    stored_addresses: u32,
    /// Those from there up to this one are kept free for addresses that will be seen for the first time, with empty keys, which match nobody;
    /// later ones stand for addresses that only rows name.
    reserved_addresses: u32,
    /// Which records read which runs, once somebody asked.
    reads: Arc<OnceLock<Reads>>,
}

impl View {
    pub(crate) async fn load(store: &Store, organization: &Organization, versions: (i64, i64)) -> Result<Self, AppError> {
        let org = organization.id;
        let values = store.settings(org).await?;
        let enabling = store.enabling(org).await?;
        let geography_policy = settings::geography_policy(&values);
        let geography = geography_policy.judge(enabling.location.as_ref());
        let uses_mailbox = enabling.uses_mailbox(geography);
        let calendar = Calendar::of(settings::value(&values, "time_zone")).map_err(AppError::invalid)?;
        let mut view = Self {
            tier: Tier::Enhanced,
            versions,
            loaded_at: versions,
            calendar,
            settings: settings::insight_settings(&values),
            likelihoods: StoredCalibration::of(&values).likelihoods(),
            directory: Arc::default(),
            ours: Arc::default(),
            records: Arc::default(),
            data: if uses_mailbox { Data::CrmAndMailbox } else { Data::Crm },
            visibility: Visibility::default(),
            custom_roles: store.custom_roles(org).await?,
            user_documents: Arc::default(),
            enabling,
            geography,
            geography_policy,
            works_council: store.works_council(org).await?,
            asks_first: Arc::default(),
            private: Arc::default(),
            objections: Arc::new(store.objections(org).await?),
            by_reference: Arc::default(),
            own: Arc::default(),
            contacts_of: Arc::default(),
            by_key: Arc::default(),
            addresses_of: Arc::default(),
            merged_with: Arc::default(),
            named_by_rows: Arc::default(),
            stored_addresses: 0,
            reserved_addresses: 0,
            reads: Arc::default(),
        };
        for (user, contact) in store.private_contacts(org).await? {
            Arc::make_mut(&mut view.private).entry(user).or_default().insert(contact);
        }
        Arc::make_mut(&mut view.ours).domains = store.internal_domains(org).await?.into_iter().collect();
        view.load_addresses(store, org).await?;
        view.load_users(store, org).await?;
        view.select_mailboxes();
        view.load_records(store, org).await?;
        view.claim_people();
        view.merge_people(store, org).await?;
        view.own = Arc::new(OwnAddresses::of(&view));
        view.spare_people();
        Ok(view)
    }

    /// The same for whoever has the basic tier.
    #[must_use]
    pub(crate) fn basic(&self) -> Self {
        Self { tier: Tier::Basic, data: Data::Crm, visibility: self.crm_visibility(), ..self.clone() }
    }

    /// The same, with figures by a model.
    #[must_use]
    pub(crate) fn by_model(&self, model: Model) -> Self {
        Self { settings: InsightSettings { model, ..self.settings.clone() }, ..self.clone() }
    }

    /// What may be used of CRM data alone.
    pub(crate) fn crm_visibility(&self) -> Visibility {
        Visibility { mailboxes: Mailboxes::default(), ..self.visibility.clone() }
    }

    /// Which insights a user is shown.
    pub fn tier_of(&self, user: UserId) -> Tier {
        match self.user_documents[user.0 as usize - 1].licence.as_deref() {
            Some("enterprise") => Tier::Basic,
            _ => Tier::Enhanced,
        }
    }

    /// Refuses whoever has the basic tier.
    pub(crate) fn need_enhanced(&self) -> Result<(), AppError> {
        if self.tier == Tier::Enhanced {
            return Ok(());
        }
        Err(AppError::refused("your licence does not include this")
            .with_hint("an administrator can give you the licence premium: App settings > Users"))
    }

    async fn load_addresses(&mut self, store: &Store, org: rapport_domain::OrgId) -> Result<(), AppError> {
        for row in store.addresses(org).await? {
            // Erased ids leave gaps; an empty key matches nobody.
            while self.directory.addresses.len() + 1 < row.id.0 as usize {
                self.push_address(String::new(), None);
            }
            self.push_address(row.key, row.name);
        }
        self.stored_addresses = self.directory.addresses.len() as u32;
        self.reserved_addresses = self.stored_addresses + ADDRESSES_RESERVED;
        for id in self.stored_addresses..self.reserved_addresses {
            self.entries().push(no_address(AddressId(id + 1)));
        }
        self.visibility.address_max = Some(self.stored_addresses);
        Ok(())
    }

    fn push_address(&mut self, key: String, name: Option<String>) -> AddressId {
        let id = AddressId(self.directory.addresses.len() as u32 + 1);
        let key: Arc<str> = key.into();
        if !key.is_empty() {
            Arc::make_mut(&mut self.by_key).insert(key.clone(), id);
        }
        let name = name.map(Arc::from);
        self.entries().push(AddressEntry { key, name, side: Side::Theirs, user: None, person: PersonId(id.0) });
        id
    }

    /// Every address, while the view is made and nobody else has it.
    fn entries(&mut self) -> &mut Vec<AddressEntry> {
        &mut Arc::make_mut(&mut self.directory).addresses
    }

    fn intern(&mut self, key: &str) -> AddressId {
        self.by_key.get(key).copied().unwrap_or_else(|| self.push_address(key.to_owned(), None))
    }

    async fn load_users(&mut self, store: &Store, org: rapport_domain::OrgId) -> Result<(), AppError> {
        let rows = store.users(org).await?;
        // A first address is that of its user, whoever else calls it an alias of theirs.
        let first: FxHashSet<String> = rows.iter().map(|row| row.email.clone()).collect();
        for row in rows {
            let document: UserDocument = serde_json::from_str(&row.document).unwrap_or_default();
            let keys: Vec<String> = std::iter::once(row.email.clone())
                .chain(document.aliases.iter().filter(|alias| !first.contains(*alias)).cloned())
                .collect();
            let mut addresses = Vec::with_capacity(keys.len());
            for key in keys {
                let id = self.intern(&key);
                let entry = &mut self.entries()[id.0 as usize - 1];
                if entry.user.is_none() {
                    entry.user = Some(row.id);
                    if let Some(name) = &document.name {
                        entry.name = Some(name.as_str().into());
                        Arc::make_mut(&mut self.named_by_rows).insert(id);
                    }
                    addresses.push(id);
                }
                Arc::make_mut(&mut self.ours).addresses.insert(key);
            }
            if row.asks_first {
                Arc::make_mut(&mut self.asks_first).insert(row.id);
            }
            let opted_out = row.opted_out_at.is_some() || has_gdpr_optout(&document.custom);
            // Dense ids: a user row is never deleted, so positions and ids agree.
            Arc::make_mut(&mut self.directory).users.push(User {
                name: document.name.clone().unwrap_or_else(|| row.email.clone()),
                title: document.title.clone(),
                email: row.email,
                addresses,
                opted_out,
                left_at: document.left_at.as_deref().and_then(|text| self.calendar.parse(text).ok()),
            });
            Arc::make_mut(&mut self.user_documents).push(document);
        }
        let ours = self.ours.clone();
        for entry in self.entries() {
            entry.side = side(&ours, &entry.key);
        }
        Ok(())
    }

    /// The versions at which it was loaded. Of two views that were loaded at the same, records, users, time zone and what is enabled are too.
    pub(crate) fn loaded_at(&self) -> (i64, i64) {
        self.loaded_at
    }

    /// Ids up to this one are those of the store.
    pub(crate) fn stored_addresses(&self) -> u32 {
        self.stored_addresses
    }

    /// Says whose mailboxes may be used: consent, geography, roles, groups and opt-out act here and nowhere else.
    fn select_mailboxes(&mut self) {
        if self.data == Data::Crm {
            return;
        }
        let mailboxes_of = |allowed: bool| -> FxHashSet<i64> {
            let users = (1..=self.directory.users.len() as u32).map(UserId);
            let users = users.filter(|user| self.mailbox_exclusion(Some(*user)).is_none() == allowed);
            users.flat_map(|user| &self.directory.user(user).addresses).map(|id| i64::from(id.0)).collect()
        };
        self.visibility.mailboxes = match self.enabling.roles {
            Roles::All => Mailboxes::AllBut(mailboxes_of(false)),
            Roles::Selected(_) => Mailboxes::Only(mailboxes_of(true)),
        };
    }

    /// Whether the policy allows a mailbox to be used that lies in a geography of its own.
    fn may_lie_in(&self, place: &str) -> bool {
        self.geography_policy.judge(Some(&DataLocation::Microsoft365(place.to_owned()))) == Geography::Eligible
    }

    /// Why a mailbox is not read and not used, apart from consent: its user's opt-out, roles, groups, location. `None` as the user: nobody is named
    /// for it, so that it has no role either.
    pub fn mailbox_exclusion(&self, user: Option<UserId>) -> Option<ExclusionReason> {
        let Some(user) = user else {
            return matches!(self.enabling.roles, Roles::Selected(_)).then_some(ExclusionReason::Role);
        };
        let document = &self.user_documents[user.0 as usize - 1];
        if self.directory.user(user).opted_out {
            Some(ExclusionReason::OptedOut)
        } else if !self.enabling.roles.selects(&document.roles) {
            Some(ExclusionReason::Role)
        } else if document.groups.iter().any(|group| self.enabling.excludes(group)) {
            Some(ExclusionReason::Group)
        } else if document.data_location.as_ref().is_some_and(|place| !self.may_lie_in(place)) {
            Some(ExclusionReason::Geography)
        } else {
            None
        }
    }

    /// Whether a user keeps somebody to themselves, by an address or its domain.
    fn is_private(&self, user: UserId, address: &str) -> bool {
        let Some(contacts) = self.private.get(&user) else { return false };
        contacts.contains(address) || address.rsplit_once('@').is_some_and(|(_, domain)| contacts.contains(domain))
    }

    /// Whether a user keeps any of some people to themselves; one address of a known person stands for all of theirs.
    pub(crate) fn is_private_to_any(&self, user: UserId, people: &[AddressId]) -> bool {
        self.private.contains_key(&user)
            && people.iter().any(|id| {
                let person = self.directory.address(*id).person;
                let keys = self.addresses_of(person).into_iter().chain([*id]);
                keys.into_iter().any(|id| self.is_private(user, &self.directory.address(id).key))
            })
    }

    /// Users who keep anybody to themselves.
    pub(crate) fn keepers(&self) -> Vec<UserId> {
        let mut users: Vec<UserId> = self.private.keys().copied().collect();
        users.sort_unstable();
        users
    }

    /// Every stored address of people whom a user keeps to themselves, ascending.
    pub(crate) fn private_to(&self, user: UserId) -> Vec<AddressId> {
        let stored = (1..=self.stored_addresses).map(AddressId);
        stored.filter(|id| self.is_private_to_any(user, &[*id])).collect()
    }

    /// What a user keeps to themselves, in order.
    pub(crate) fn private_contacts(&self, user: UserId) -> Vec<String> {
        let mut contacts: Vec<String> = self.private.get(&user).into_iter().flatten().cloned().collect();
        contacts.sort();
        contacts
    }

    /// Whether a copy is with somebody's private contact: of the colleague in whose mailbox it was seen, or of every one of us in it.
    pub(crate) fn is_private_copy(&self, sighting: &Sighting) -> bool {
        if self.private.is_empty() || sighting.source != Source::Mailbox {
            return false;
        }
        let addresses = || sighting.participants.iter().filter_map(|participant| participant.who.address());
        let is_known = |user: UserId, key: &str| self.address_id(key).is_some_and(|id| self.is_private_to_any(user, &[id]));
        let keeps =
            |user: UserId| addresses().any(|address| self.is_private(user, address.as_str()) || is_known(user, address.as_str()));
        let owner = sighting.mailbox.as_ref().and_then(|mailbox| self.user_of(mailbox.as_str()));
        let mut ours = addresses().filter_map(|address| self.user_of(address.as_str())).peekable();
        owner.is_some_and(keeps) || ours.peek().is_some() && ours.all(keeps)
    }

    /// Whether the person of a (normalized) address objected to being captured.
    pub(crate) fn objects(&self, organization: &Organization, address: &str) -> bool {
        !self.objections.is_empty() && self.objections.contains(&organization.objection_hash(address))
    }

    /// Whether somebody who takes part objected to being captured.
    pub(crate) fn names_objector(&self, organization: &Organization, sighting: &Sighting) -> bool {
        let objects = |address: &Address| self.objections.contains(&organization.objection_hash(address.as_str()));
        // Hashing costs: most organizations have nobody to look for.
        !self.objections.is_empty()
            && sighting.participants.iter().filter_map(|participant| participant.who.address()).any(objects)
    }

    /// Refuses where relationship analytics is switched off; before the first Save nobody said so.
    pub(crate) fn need_relationship_analytics(&self) -> Result<(), AppError> {
        // The basic tier needs no enabling (06).
        if self.tier == Tier::Basic || self.enabling.feature(self.enabling.relationship_analytics) != Feature::Off {
            return Ok(());
        }
        Err(AppError::switched_off("relationship analytics is switched off")
            .with_hint("an administrator switches it on: Sales Insights settings > Relationship insights > Overview"))
    }

    /// Whether a copy names nobody, and was seen in no mailbox, that this view has not heard of: what was stored after it may.
    pub(crate) fn knows(&self, source: i64, sighting: &StoredSighting) -> bool {
        source <= i64::from(self.stored_addresses) && sighting.participants.iter().all(|(id, _)| *id <= self.stored_addresses)
    }

    /// The user of a mailbox, by its source.
    pub(crate) fn user_of_source(&self, source: i64) -> Option<UserId> {
        let id = u32::try_from(source).ok().filter(|id| (1..=self.directory.addresses.len() as u32).contains(id))?;
        self.directory.address(AddressId(id)).user
    }

    /// How long what is stored of a mailbox waits to be deleted, if it is to be deleted at all: where consent was withdrawn, a role
    /// deselected or a group excluded, it can still be taken back for a while. Where the data lies is no reason to delete it.
    pub(crate) fn deletion_wait_us(&self, source: i64) -> Option<i64> {
        self.enabling.enabled_at?;
        let exclusion = self.mailbox_exclusion(self.user_of_source(source));
        if exclusion == Some(ExclusionReason::OptedOut) || !(self.enabling.mailbox || self.enabling.keeps_stored) {
            Some(0)
        } else if exclusion.is_some() || self.enabling.consent != ConsentState::Granted {
            // Without consent nothing is kept, whatever somebody answered when mailbox data was switched off.
            Some(DELETION_WAIT_US)
        } else {
            None
        }
    }

    /// Whether others are told of this user as an introducer only once they accept: in works council mode everybody is.
    pub fn asks_first(&self, user: UserId) -> bool {
        self.works_council.is_some() || self.asks_first.contains(&user)
    }

    /// Whether a user chose that themselves.
    pub fn chose_ask_first(&self, user: UserId) -> bool {
        self.asks_first.contains(&user)
    }

    /// Why a user's mailbox data is not there, if so; nothing was said before the first Save.
    pub fn withheld(&self, user: UserId) -> Option<MissingReason> {
        self.enabling.enabled_at?;
        match self.mailbox_exclusion(Some(user)) {
            Some(ExclusionReason::Role) => Some(MissingReason::RoleNotSelected),
            Some(ExclusionReason::Group) => Some(MissingReason::GroupExcluded),
            Some(ExclusionReason::Geography) => Some(MissingReason::MailboxDataOff),
            _ if !self.enabling.has_mailbox_on(self.geography) => Some(MissingReason::MailboxDataOff),
            _ => (self.data == Data::Crm).then_some(MissingReason::ConsentMissing),
        }
    }

    async fn load_records(&mut self, store: &Store, org: rapport_domain::OrgId) -> Result<(), AppError> {
        for row in store.records(org).await? {
            let document: Option<RecordDocument> = row.document.and_then(|text| serde_json::from_str(&text).ok());
            let position = self.records.len();
            if let (Table::Contacts, Some(account)) = (row.reference.table, document.as_ref().and_then(|d| d.account.clone())) {
                Arc::make_mut(&mut self.contacts_of).entry(account).or_default().push(position);
            }
            Arc::make_mut(&mut self.by_reference).insert(row.reference.clone(), position);
            Arc::make_mut(&mut self.records).push(Record { record: row.record, reference: row.reference, document });
        }
        Ok(())
    }

    /// Contacts own their addresses, then leads theirs; of several contacts the one with the smallest id (decision 3).
    fn claim_people(&mut self) {
        let mut order: Vec<usize> = (0..self.records.len()).collect();
        order.retain(|i| matches!(self.records[*i].reference.table, Table::Contacts | Table::Leads));
        order.sort_by(|a, b| self.records[*a].reference.cmp(&self.records[*b].reference));
        let mut claimed: FxHashMap<AddressId, PersonId> = FxHashMap::default();
        for i in order {
            let own = self.own_keys(i);
            let own: Vec<AddressId> = own.iter().map(|key| self.intern(key)).collect();
            let is_lead = self.records[i].reference.table == Table::Leads;
            let free = own.iter().copied().find(|id| !claimed.contains_key(id));
            let shared = own.iter().find_map(|id| claimed.get(id).copied()).filter(|_| is_lead);
            let Some(person) = shared.or(free.map(|id| PersonId(id.0))) else { continue };
            let name = self.records[i].document.as_ref().and_then(|document| document.name.clone());
            for id in own {
                if claimed.contains_key(&id) {
                    continue;
                }
                claimed.insert(id, person);
                let entry = &mut self.entries()[id.0 as usize - 1];
                entry.person = person;
                if let Some(name) = &name {
                    entry.name = Some(name.as_str().into());
                    Arc::make_mut(&mut self.named_by_rows).insert(id);
                }
                if person.0 != id.0 {
                    Arc::make_mut(&mut self.addresses_of).entry(person).or_insert_with(|| vec![AddressId(person.0)]).push(id);
                }
            }
        }
        let ours = self.ours.clone();
        for entry in self.entries() {
            entry.side = side(&ours, &entry.key);
        }
    }

    async fn merge_people(&mut self, store: &Store, org: rapport_domain::OrgId) -> Result<(), AppError> {
        for merge in store.people_merges(org).await?.into_iter().filter(|merge| merge.undone_at.is_none()) {
            let (kept, merged) = (self.intern(&merge.kept_key), self.intern(&merge.merged_key));
            let (kept, merged) = (self.directory.address(kept).person, self.directory.address(merged).person);
            if kept == merged {
                continue;
            }
            let addresses_of = Arc::make_mut(&mut self.addresses_of);
            let moving = addresses_of.remove(&merged).unwrap_or_else(|| vec![AddressId(merged.0)]);
            let all = addresses_of.entry(kept).or_insert_with(|| vec![AddressId(kept.0)]);
            all.extend(&moving);
            let all = all.clone();
            for id in moving {
                self.entries()[id.0 as usize - 1].person = kept;
            }
            let merged_with = Arc::make_mut(&mut self.merged_with);
            for id in &all {
                merged_with.insert(*id, all.clone());
            }
        }
        Ok(())
    }

    /// Whoever carries `gdpr_optout`, with all their addresses: they are in no figure, and no run of theirs is read.
    fn spare_people(&mut self) {
        let carries = |record: &Record| record.document.as_ref().is_some_and(|document| has_gdpr_optout(&document.custom));
        let carriers: Vec<usize> = (0..self.records.len()).filter(|i| carries(&self.records[*i])).collect();
        for i in carriers.into_iter().filter(|i| matches!(self.records[*i].reference.table, Table::Contacts | Table::Leads)) {
            for id in self.own_keys(i).iter().filter_map(|key| self.address_id(key)).collect::<Vec<_>>() {
                let all = self.addresses_of(self.directory.address(id).person);
                self.visibility.spared.extend(all.into_iter().chain([id]).map(|id| id.0));
            }
        }
    }

    /// Whether an address is that of somebody of whom there are no analytics.
    pub(crate) fn is_spared(&self, id: AddressId) -> bool {
        self.visibility.spared.contains(&id.0)
    }

    /// The keys that a contact's or lead's row gives it, first address first, its reference last.
    fn own_keys(&self, i: usize) -> Vec<String> {
        let record = &self.records[i];
        let mut keys = Vec::new();
        if let Some(document) = &record.document {
            keys.extend(document.email.iter().chain(&document.emails).cloned());
        }
        keys.push(format!("{}:{}", record.reference.table.singular(), record.reference.id));
        keys
    }

    /// The context of every fold.
    pub fn context(&self, as_of: Moment) -> Context<'_> {
        Context {
            directory: &self.directory,
            calendar: &self.calendar,
            settings: &self.settings,
            likelihood: self.likelihoods,
            data: self.data,
            as_of,
        }
    }

    /// The record of a table and id.
    pub fn record(&self, reference: &RecordRef) -> Option<&Record> {
        self.by_reference.get(reference).map(|i| &self.records[*i])
    }

    /// The record of a dense number; 0 is none.
    pub fn record_numbered(&self, number: u32) -> Option<&Record> {
        self.records.binary_search_by_key(&RecordId(number), |record| record.record).ok().map(|i| &self.records[i])
    }

    /// The id of an address or reference that is known.
    pub fn address_id(&self, key: &str) -> Option<AddressId> {
        self.by_key.get(key).copied()
    }

    /// All addresses of a person, ascending.
    pub fn addresses_of(&self, person: PersonId) -> Vec<AddressId> {
        let mut all = self.addresses_of.get(&person).cloned().unwrap_or_else(|| vec![AddressId(person.0)]);
        all.sort_unstable();
        all
    }

    /// All addresses of everybody external who has one at a domain, ascending: one address of a known person stands for all of theirs.
    pub fn addresses_at(&self, domain: &str) -> Vec<AddressId> {
        let at_domain = |entry: &AddressEntry| {
            entry.side == Side::Theirs && entry.email().is_some_and(|key| key.rsplit_once('@').is_some_and(|(_, d)| d == domain))
        };
        let people: BTreeSet<PersonId> =
            self.directory.addresses.iter().filter(|entry| at_domain(entry)).map(|entry| entry.person).collect();
        let mut all: Vec<AddressId> = people.into_iter().flat_map(|person| self.addresses_of(person)).collect();
        all.sort_unstable();
        all
    }

    /// The user of an address.
    pub fn user_of(&self, address: &str) -> Option<UserId> {
        self.address_id(address).and_then(|id| self.directory.address(id).user)
    }

    /// Subjects whose runs a scope needs: its external addresses and, negative, its record.
    pub fn subjects(&self, scope: &RecordScope) -> Vec<i64> {
        let stored = scope.external.iter().filter(|id| id.0 <= self.stored_addresses).map(|id| i64::from(id.0));
        stored.chain((scope.record > 0).then_some(-i64::from(scope.record))).collect()
    }

    /// Subjects of some addresses.
    pub fn subjects_of(&self, addresses: &[AddressId]) -> Vec<i64> {
        addresses.iter().filter(|id| id.0 <= self.stored_addresses && !self.is_spared(**id)).map(|id| i64::from(id.0)).collect()
    }

    /// The people of interest of a record (02 section 1).
    pub fn scope(&self, record: &Record) -> RecordScope {
        let (mut external, mut users) = (Vec::new(), BTreeSet::new());
        let table = record.reference.table;
        let default = RecordDocument::default();
        let document = record.document.as_ref().unwrap_or(&default);
        match table {
            Table::Contacts | Table::Leads => {
                self.add_own(&record.reference, &mut external);
                for stakeholder in &document.stakeholders {
                    self.add_stakeholder(stakeholder, &mut external);
                }
            }
            Table::Accounts => {
                self.add_contact(document.primary_contact.as_deref(), &mut external);
                for i in self.contacts_of.get(&record.reference.id).into_iter().flatten() {
                    external.extend(self.own.of_record(*i));
                }
            }
            Table::Opportunities => {
                self.add_contact(document.contact.as_deref(), &mut external);
                for stakeholder in &document.stakeholders {
                    self.add_stakeholder(stakeholder, &mut external);
                }
                let account =
                    document.account.as_ref().and_then(|id| self.record(&RecordRef { table: Table::Accounts, id: id.clone() }));
                let primary = account.and_then(|a| a.document.as_ref()).and_then(|d| d.primary_contact.as_deref());
                self.add_contact(primary, &mut external);
            }
        }
        let is_spared = matches!(table, Table::Contacts | Table::Leads) && has_gdpr_optout(&document.custom);
        external.retain(|id| !self.is_spared(*id));
        external.sort_unstable();
        external.dedup();
        // What regards their record is theirs too.
        users.extend(document.owner.iter().chain(&document.team).filter_map(|address| self.user_of(address)));
        let status = document.status.as_deref().unwrap_or_default();
        RecordScope {
            record: if is_spared { 0 } else { record.record.0 },
            table,
            internal: match table {
                Table::Accounts | Table::Contacts => Internal::Any,
                Table::Leads | Table::Opportunities => Internal::Users(users.into_iter().collect()),
            },
            external,
            closed: matches!(status, "won" | "lost")
                .then(|| ClosedAs { closed_at: document.closed_at.as_deref().and_then(|text| self.calendar.parse(text).ok()) }),
            lead_active: matches!(status, "" | "active"),
        }
    }

    fn add_contact(&self, id: Option<&str>, external: &mut Vec<AddressId>) {
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            self.add_own(&RecordRef { table: Table::Contacts, id: id.to_owned() }, external);
        }
    }

    fn add_own(&self, reference: &RecordRef, external: &mut Vec<AddressId>) {
        external.extend(self.by_reference.get(reference).into_iter().flat_map(|i| self.own.of_record(*i)));
    }

    /// A stakeholder is a contact's id or an address; one address of a known person stands for all of theirs.
    fn add_stakeholder(&self, text: &str, external: &mut Vec<AddressId>) {
        let reference = RecordRef { table: Table::Contacts, id: text.trim_start_matches("contact:").to_owned() };
        if self.by_reference.contains_key(&reference) {
            return self.add_own(&reference, external);
        }
        let id = Address::parse(text).ok().and_then(|address| self.address_id(address.as_str()));
        if let Some(id) = id {
            external.extend(self.addresses_of(self.directory.address(id).person));
        }
    }
}
