//! Who acts, and what they may do. An [`App`] acts for one caller: everything that it answers, changes and writes into the audit log is theirs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use rapport_domain::{Depth, Model, RecordId, Rights, Task, UserId};
use rustc_hash::FxHashSet;

use super::{App, AppError, View, view::Record, viewer};

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Whoever has the store's folder, or reaches a server without sign-in from its own machine.
    LocalAdministrator,
    /// A user who signed in, or a program with their token.
    User {
        /// Who.
        user: UserId,
        /// As the audit log names them.
        actor: String,
        /// What they are narrowed to.
        scopes: Scopes,
        /// Whether it is a program with a token of theirs.
        through_token: bool,
    },
    /// Whoever a provider says administers the tenant, without an account here: may answer the request for consent, and nothing else.
    TenantAdministrator {
        /// As the audit log names them.
        actor: String,
        /// Who says so: the issuer of their tenant.
        issuer: String,
    },
    /// Nobody that is known: may do nothing.
    Nobody,
}

/// What a token may be used for. A session may be used for everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes {
    /// Ask.
    pub read: bool,
    /// Write records, activities, and what is personal.
    pub write: bool,
    /// Settings, users, imports, privacy.
    pub manage: bool,
}

impl Scopes {
    /// Everything.
    pub const ALL: Self = Self { read: true, write: true, manage: true };

    /// Reads words separated by white space.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let mut scopes = Self { read: false, write: false, manage: false };
        for word in text.split_whitespace() {
            match word {
                "read" => scopes.read = true,
                "write" => scopes.write = true,
                "manage" => scopes.manage = true,
                other => return Err(AppError::invalid(format!("scope `{other}` is none of read, write, manage"))),
            }
        }
        if scopes == (Self { read: false, write: false, manage: false }) {
            return Err(AppError::invalid("a token without scopes may do nothing").with_hint("give read, write or manage"));
        }
        Ok(scopes)
    }

    /// In words.
    pub fn in_words(self) -> String {
        let words = [(self.read, "read"), (self.write, "write"), (self.manage, "manage")];
        words.into_iter().filter_map(|(is_given, word)| is_given.then_some(word)).collect::<Vec<_>>().join(" ")
    }
}

/// Which records somebody may see, or change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All.
    All,
    /// These, by dense number.
    Only(FxHashSet<u32>),
}

impl Reach {
    /// Whether a record is among them.
    pub fn allows(&self, record: RecordId) -> bool {
        match self {
            Self::All => true,
            Self::Only(numbers) => numbers.contains(&record.0),
        }
    }

    /// Whether everything is, also what belongs to nobody.
    pub fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

/// What some callers reach, with the versions of the view that it was made from.
#[derive(Debug, Default)]
pub(crate) struct KnownReaches {
    versions: (i64, i64),
    known: HashMap<(UserId, Depth), Arc<Reach>>,
}

pub(crate) type Reaches = Arc<Mutex<KnownReaches>>;

impl View {
    /// What a user may do: their roles together. Without a licence no record and no insight (06).
    pub fn rights(&self, user: UserId) -> Rights {
        let document = &self.user_documents[user.0 as usize - 1];
        let of_role = |role: &String| self.role(role).unwrap_or_default();
        let rights = document.roles.iter().map(of_role).fold(Rights::default(), Rights::and);
        if document.licence.as_deref() == Some("none") {
            return Rights { reads: Depth::None, writes: Depth::None, ..rights };
        }
        rights
    }

    /// What a role allows; `None` if nobody defined it.
    pub fn role(&self, name: &str) -> Option<Rights> {
        let custom = || self.custom_roles.iter().find(|custom| custom.name.eq_ignore_ascii_case(name.trim()));
        Rights::of_built_in(name).or_else(|| custom().map(|custom| custom.rights.clone()))
    }

    /// The records that a depth reaches for a user.
    pub(crate) fn reach(&self, user: UserId, depth: Depth) -> Reach {
        if depth == Depth::Organization {
            return Reach::All;
        }
        if depth == Depth::None {
            return Reach::Only(FxHashSet::default());
        }
        let owners = self.owners_within(user, depth);
        let is_theirs = |record: &&Record| {
            let Some(document) = &record.document else { return false };
            let owner = document.owner.as_deref().and_then(|address| self.user_of(address));
            owner.is_some_and(|owner| owners.contains(&owner))
                || document.team.iter().any(|address| self.user_of(address) == Some(user))
        };
        Reach::Only(self.records.iter().filter(is_theirs).map(|record| record.record.0).collect())
    }

    /// Whose records a depth below the organization reaches for a user.
    fn owners_within(&self, user: UserId, depth: Depth) -> FxHashSet<UserId> {
        let mut owners: FxHashSet<UserId> = FxHashSet::from_iter([user]);
        if depth >= Depth::Team {
            owners.extend(viewer::team(self, user));
            owners.extend(self.users_where(|other| self.shares_team(user, other)));
        }
        if depth >= Depth::BusinessUnit {
            owners.extend(self.users_where(|other| self.is_in_unit_of(other, user)));
        }
        owners
    }

    fn users_where(&self, is_meant: impl Fn(UserId) -> bool) -> impl Iterator<Item = UserId> {
        (1..=self.user_documents.len() as u32).map(UserId).filter(move |user| is_meant(*user))
    }

    fn shares_team(&self, a: UserId, b: UserId) -> bool {
        let teams = |user: UserId| &self.user_documents[user.0 as usize - 1].teams;
        teams(a).iter().any(|team| teams(b).contains(team))
    }

    /// Whether somebody belongs to the business unit of a user, or to one beneath it. Units are paths, `Sales/North`; who has none is in
    /// a unit with all others who have none.
    fn is_in_unit_of(&self, somebody: UserId, user: UserId) -> bool {
        let unit = |user: UserId| self.user_documents[user.0 as usize - 1].business_unit.as_deref().unwrap_or_default();
        let (theirs, own) = (unit(somebody), unit(user));
        theirs == own || (!own.is_empty() && theirs.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')))
    }
}

impl App {
    /// The same organization, acting for somebody else.
    #[must_use]
    pub fn acting_for(&self, caller: Caller) -> Self {
        Self { caller: Arc::new(caller), ..self.clone() }
    }

    /// The same, asked for figures by another model than the organization's; `None`: by that.
    #[must_use]
    pub fn by_model(&self, model: Option<Model>) -> Self {
        Self { model, ..self.clone() }
    }

    /// By which model figures are asked for, if not by the organization's.
    pub(crate) fn asked_model(&self) -> Option<Model> {
        self.model
    }

    /// Who acts.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Who acts, as the audit log names them.
    pub(crate) fn actor(&self) -> &str {
        match &*self.caller {
            Caller::LocalAdministrator => super::LOCAL_ADMINISTRATOR,
            Caller::User { actor, .. } | Caller::TenantAdministrator { actor, .. } => actor,
            Caller::Nobody => "nobody",
        }
    }

    /// What the caller may do.
    pub fn rights(&self, view: &View) -> Rights {
        match &*self.caller {
            Caller::LocalAdministrator => Rights::all(),
            Caller::Nobody => Rights::default(),
            Caller::TenantAdministrator { .. } => Rights { tasks: [Task::Consent].into(), ..Rights::default() },
            Caller::User { user, scopes, .. } => {
                let mut rights = view.rights(*user);
                if !scopes.read {
                    rights.reads = Depth::None;
                }
                if !scopes.write {
                    rights.writes = Depth::None;
                }
                if !scopes.manage {
                    rights.tasks.clear();
                }
                rights
            }
        }
    }

    /// Refuses whoever may not do any of these tasks.
    pub async fn need_any(&self, tasks: &[Task]) -> Result<(), AppError> {
        let rights = self.rights(&*self.view().await?);
        if tasks.iter().any(|task| rights.may(*task)) { Ok(()) } else { Err(not_allowed()) }
    }

    /// The records that the caller may see.
    pub(crate) fn reach(&self, view: &View) -> Arc<Reach> {
        self.reach_of(view, self.rights(view).reads)
    }

    /// The records that the caller may change: none that they may not see.
    pub(crate) fn writable(&self, view: &View) -> Arc<Reach> {
        let rights = self.rights(view);
        self.reach_of(view, rights.writes.min(rights.reads))
    }

    /// Refuses whoever does not see everything: by choosing ids they would learn which there are.
    pub(crate) async fn need_all_in_reach(&self) -> Result<(), AppError> {
        if self.reach(&*self.view().await?).is_all() {
            return Ok(());
        }
        Err(AppError::refused("`id`: your security roles do not let you choose it")
            .with_hint("leave it out: the server gives one"))
    }

    /// Whether the caller may give a record to this owner.
    pub(crate) fn may_own(&self, view: &View, owner: Option<&str>) -> bool {
        let rights = self.rights(view);
        let depth = rights.writes.min(rights.reads);
        match &*self.caller {
            Caller::LocalAdministrator => true,
            Caller::Nobody | Caller::TenantAdministrator { .. } => false,
            Caller::User { .. } if depth == Depth::Organization => true,
            Caller::User { user, .. } => {
                let owner = owner.and_then(|address| view.user_of(address));
                depth > Depth::None && owner.is_some_and(|owner| view.owners_within(*user, depth).contains(&owner))
            }
        }
    }

    fn reach_of(&self, view: &View, depth: Depth) -> Arc<Reach> {
        let user = match &*self.caller {
            Caller::LocalAdministrator => return Arc::new(Reach::All),
            Caller::Nobody | Caller::TenantAdministrator { .. } => return Arc::new(Reach::Only(FxHashSet::default())),
            Caller::User { user, .. } => *user,
        };
        let find = |reaches: &mut KnownReaches| {
            if reaches.versions != view.loaded_at() {
                *reaches = KnownReaches { versions: view.loaded_at(), known: HashMap::new() };
            }
            reaches.known.get(&(user, depth)).cloned()
        };
        if let Some(known) = find(&mut self.reaches.lock().unwrap_or_else(PoisonError::into_inner)) {
            return known;
        }
        let made = Arc::new(view.reach(user, depth));
        let mut reaches = self.reaches.lock().unwrap_or_else(PoisonError::into_inner);
        // An older view, still in use, is not kept.
        if reaches.versions == view.loaded_at() {
            reaches.known.insert((user, depth), made.clone());
        }
        made
    }

    /// Who looks: the user who signed in, else whom the local administrator says to be.
    pub(crate) fn looker(&self, view: &View, viewer: Option<&str>) -> Result<Option<UserId>, AppError> {
        let said = viewer.map(|address| viewer::user(view, address)).transpose()?;
        match &*self.caller {
            Caller::User { user, .. } if said.is_none_or(|said| said == *user) => Ok(Some(*user)),
            Caller::User { .. } | Caller::TenantAdministrator { .. } | Caller::Nobody => {
                Err(AppError::refused("`viewer` is somebody else").with_hint("leave it out: who looks is who signed in"))
            }
            Caller::LocalAdministrator => Ok(said),
        }
    }

    /// Who looks, where somebody has to.
    pub(crate) fn need_looker(&self, view: &View, viewer: Option<&str>) -> Result<UserId, AppError> {
        self.looker(view, viewer)?.ok_or_else(|| {
            AppError::invalid("`viewer` is missing: who looks?")
                .with_hint("give viewer=ADDRESS, the address of a user; GET /api/v1/users lists them")
        })
    }
}

/// What whoever has not the right is told.
pub(crate) fn not_allowed() -> AppError {
    AppError::refused("your security roles do not allow this")
        .with_hint("an administrator can give you a role that does: App settings > Users")
}
