//! Who knows whom: the introducers of a person, an address or a company.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use rapport_domain::{Address, AddressId, Domain, Model, Moment, RecordRef, Table, Task};
use rapport_insight::{
    MissingReason, Path, Tie, TieFolder,
    introducers::{self, Missing, WhoKnows},
    paths,
    ties::UserTie,
};

use super::{App, AppError, View, caller::Reach, looks::Shown, told::COLLEAGUES_MIN};

/// Introducers that may be asked for at once.
pub const LIMIT_MAX: usize = 1_000;

/// People in between that are looked at for two-hop paths, strongest first.
const VIAS_MAX: usize = 200;

/// What to ask.
#[derive(Clone, Debug)]
pub struct WhoKnowsQuery {
    /// An address, a domain, `contact:ID`, `lead:ID` or a contact's, lead's or account's id.
    pub target: String,
    /// The moment; now if absent. In works council mode no other is answered.
    pub as_of: Option<Moment>,
    /// Introducers at most.
    pub limit: usize,
    /// 2 = paths over one external person too.
    pub hops: u8,
    /// The user who asks, by an address: nobody's own introducer.
    pub viewer: Option<String>,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct WhoKnowsAnswer {
    /// The target as understood: an address, reference or domain.
    pub target: String,
    /// The same whatever it was asked by: the first address of the person, or the company.
    pub target_key: String,
    /// Its name, as far as it is known.
    pub target_name: String,
    /// Whether it is a company, whose people are one target.
    pub is_company: bool,
    /// The moment it was folded for.
    pub as_of: Moment,
    /// Introducers as the caller is told of them: the named first, strongest first.
    pub introducers: Vec<Introducer>,
    /// Two-hop paths, if asked for.
    pub paths: Vec<ToldPath>,
    /// Who is no introducer and why, for whoever keeps privacy.
    pub missing: Vec<Missing>,
    /// How many are missing, by reason, for administrators.
    pub missing_counts: Vec<(&'static str, usize)>,
    /// The organization as it stood.
    pub view: Arc<View>,
}

/// An introducer as somebody is told of them.
#[derive(Clone, Debug)]
pub struct Introducer {
    /// The tie.
    pub tie: Tie,
    /// Whether it is told who they are.
    pub is_named: bool,
    /// Whether more than the grade is told.
    pub has_figures: bool,
    /// Whether they are asked before others learn of them.
    pub asks_first: bool,
    /// By what to ask them.
    pub handle: String,
}

/// A path as somebody is told of it.
#[derive(Clone, Copy, Debug)]
pub struct ToldPath {
    /// The path.
    pub path: Path,
    /// Whether it is told who of us it is, and how strong their tie is.
    pub is_named: bool,
    /// Whether it is told how strong the tie of the two others is: it is made of our mails to both.
    pub has_strength: bool,
}

impl App {
    /// Who can introduce to a target.
    pub async fn who_knows(&self, query: &WhoKnowsQuery) -> Result<WhoKnowsAnswer, AppError> {
        self.need_who_knows_whom().await?;
        let view = self.view().await?;
        need_now(&view, query)?;
        need_own_model(&view, self.asked_model())?;
        let as_of = query.as_of.unwrap_or_else(|| self.now());
        if query.limit == 0 || query.limit > LIMIT_MAX {
            return Err(AppError::invalid(format!("`limit` is from 1 to {LIMIT_MAX}")));
        }
        if !(1..=2).contains(&query.hops) {
            return Err(AppError::invalid("`hops` is 1 or 2"));
        }
        let Target { key: target, name: target_name, is_company, addresses } = target(&view, &self.reach(&view), &query.target)?;
        let person = addresses.first().filter(|_| !is_company).map(|id| view.directory.address(*id).person);
        let target_key = person.map_or_else(|| target.clone(), |person| view.directory.person(person).key.to_string());
        let is_council = view.works_council.is_some();
        let viewer = self.looker(&view, query.viewer.as_deref())?;
        // Whom the local administrator says to be would be known in works council mode by their handle, which is missing.
        let viewer = viewer.filter(|_| !is_council || self.acting_user().is_some());
        // In works council mode strength decides no place: with one more at a time, places would tell the order of strengths.
        let ranked = if is_council { usize::MAX } else { query.limit };
        let context = view.context(as_of);
        let touches = self.store.runs_of(self.org(), &view.subjects_of(&addresses), &view.visibility).await?;
        let mut folder = TieFolder::new();
        // In a block: `withheld` may not live across a suspension, or the future could not move between threads.
        let introducers = {
            let withheld = |user| view.withheld(user);
            let is_private = |user| view.is_private_to_any(user, &addresses);
            let asked = WhoKnows { target: &addresses, viewer, limit: ranked, withheld: &withheld, is_private: &is_private };
            introducers::who_knows(&context, &asked, &mut folder, &touches)
        };
        let mut paths = Vec::new();
        if query.hops == 2 {
            let direct: Vec<UserTie> = folder.fold(&context, &addresses, &touches).to_vec();
            let mut vias = paths::vias(&context, &addresses, &mut folder, &touches);
            vias.truncate(VIAS_MAX);
            let mut ties = Vec::with_capacity(vias.len());
            for via in vias {
                let of_via = view.addresses_of(via.person);
                let run = self.store.runs_of(self.org(), &view.subjects_of(&of_via), &view.visibility).await?;
                let of_users = folder.fold(&context, &of_via, &run).iter();
                let of_users = of_users.filter(|tie| !view.is_private_to_any(tie.user, &of_via)).copied();
                ties.push((via, of_users.collect::<Vec<_>>()));
            }
            paths = paths::rank(&context, viewer, &direct, ties.iter().map(|(via, ties)| (*via, ties.as_slice())), ranked);
        }
        if is_council {
            paths = one_for_each_via(&view, paths);
            paths.truncate(query.limit);
        }
        let told = |path: Path| ToldPath { path, is_named: !view.asks_first(path.user), has_strength: !is_council };
        let paths = paths.into_iter().map(told).collect();
        let (missing, missing_counts) = self.told_missing(&view, introducers.missing);
        let accepted = self.accepted_introducers(&target_key).await?;
        let introducer = |tie: Tie| {
            let asks_first = view.asks_first(tie.user);
            let handle = self.handle(&target_key, view.directory.user(tie.user).email.as_str());
            // Who accepts is named; how often they are in touch is theirs to tell.
            let is_named = !asks_first || accepted.contains(&tie.user);
            Introducer { is_named, has_figures: !asks_first, asks_first, handle, tie }
        };
        let mut introducers: Vec<Introducer> = introducers.introducers.into_iter().map(introducer).collect();
        // Of whom only the grade is told, the place tells no more.
        introducers.sort_by_key(|introducer| {
            (!introducer.has_figures).then(|| (Reverse(introducer.tie.figures.grade), introducer.handle.clone()))
        });
        introducers.truncate(query.limit);
        let named = introducers.iter().filter(|one| one.is_named).map(|one| one.tie.user);
        self.note_looks(&view, named, Shown::WhoKnows);
        Ok(WhoKnowsAnswer {
            target,
            target_key,
            target_name,
            is_company,
            as_of,
            introducers,
            paths,
            missing,
            missing_counts,
            view: view.clone(),
        })
    }
}

impl App {
    /// By what a colleague is asked about a target: tells nobody who it is.
    pub(crate) fn handle(&self, target: &str, colleague: &str) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.organization().hash_key);
        let caller = self.acting_user().map_or(0, |user| user.0);
        hasher
            .update(b"introducer\0")
            .update(&caller.to_le_bytes())
            .update(target.as_bytes())
            .update(b"\0")
            .update(colleague.as_bytes());
        hasher.finalize().to_hex()[..32].to_owned()
    }

    /// Who is missing and why, as far as the caller may know (04): the privacy administrator by person, administrators by number, others
    /// nothing. In works council mode nobody: whoever is not missing would be known to have met the target.
    fn told_missing(&self, view: &View, missing: Vec<Missing>) -> (Vec<Missing>, Vec<(&'static str, usize)>) {
        let rights = self.rights(view);
        if view.works_council.is_some() {
            (Vec::new(), Vec::new())
        } else if rights.may(Task::Privacy) {
            (missing, Vec::new())
        } else if rights.may(Task::Configure) {
            (Vec::new(), counted(&missing))
        } else {
            (Vec::new(), Vec::new())
        }
    }
}

/// Refuses another moment than now in works council mode: asked as of moment after moment, the grade of a colleague tells when they first
/// met the target, and on which day their tie grew or faded.
fn need_now(view: &View, query: &WhoKnowsQuery) -> Result<(), AppError> {
    if view.works_council.is_none() || query.as_of.is_none() {
        return Ok(());
    }
    Err(AppError::refused("who knows whom is told as of now only: works council mode is on")
        .with_hint("leave out the moment (`as_of`, `--as-of`): grades of the past would tell when a colleague was in touch"))
}

/// Refuses another model than the organization's in works council mode: two grades of one tie tell more about a colleague than one.
fn need_own_model(view: &View, model: Option<Model>) -> Result<(), AppError> {
    if view.works_council.is_none() || model.is_none() {
        return Ok(());
    }
    Err(AppError::refused("who knows whom is told by the organization's model only: works council mode is on")
        .with_hint("leave out the model (`model`, `--model`)"))
}

/// One path over each person in between, in the order of their addresses: what is left of paths without colleagues and strengths.
fn one_for_each_via(view: &View, mut paths: Vec<Path>) -> Vec<Path> {
    paths.sort_by(|a, b| view.directory.person(a.via).key.cmp(&view.directory.person(b.via).key));
    paths.dedup_by_key(|path| path.via);
    paths
}

/// How many are missing, by reason. What is personal is told together where one of the numbers is below five.
fn counted(missing: &[Missing]) -> Vec<(&'static str, usize)> {
    let mut counts: BTreeMap<MissingReason, usize> = BTreeMap::new();
    for missing in missing {
        *counts.entry(missing.reason).or_default() += 1;
    }
    let personal = [MissingReason::OptedOut, MissingReason::GroupExcluded, MissingReason::PrivateContact];
    let is_small = personal.iter().any(|reason| counts.get(reason).is_some_and(|count| *count < COLLEAGUES_MIN));
    let mut together = 0;
    if is_small {
        together = personal.iter().filter_map(|reason| counts.remove(reason)).sum();
    }
    let counts = counts.into_iter().map(|(reason, count)| (reason.as_str(), count));
    counts.chain((together > 0).then_some(("not_available", together))).collect()
}

/// A target as understood.
struct Target {
    /// As it is answered.
    key: String,
    name: String,
    is_company: bool,
    /// Ascending.
    addresses: Vec<AddressId>,
}

impl Target {
    fn person(view: &View, target: String, id: Option<AddressId>) -> Self {
        let person = id.map(|id| view.directory.address(id).person);
        let name = person.map_or_else(|| target.clone(), |person| view.directory.person_name(person).to_owned());
        let addresses = person.map(|person| view.addresses_of(person)).unwrap_or_default();
        Self { key: target, name, is_company: false, addresses }
    }
}

/// The addresses that a target stands for, and how it is called.
fn target(view: &View, reach: &Reach, text: &str) -> Result<Target, AppError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(
            AppError::invalid("the target is empty").with_hint("give an address, a domain, or the id of a contact or lead")
        );
    }
    if let Ok(address) = Address::parse(text) {
        if view.ours.is_our_key(address.as_str()) {
            return Err(AppError::invalid(format!("`{address}` is ours: who knows whom is about external people")));
        }
        return Ok(Target::person(view, address.to_string(), view.address_id(address.as_str())));
    }
    // `contact:c1` is the key of somebody as much as a record's name: what may not be seen is not there under either.
    let is_hidden = |table: Table| {
        let id = text.strip_prefix(table.singular()).and_then(|rest| rest.strip_prefix(':'));
        let record = id.and_then(|id| view.record(&RecordRef { table, id: id.to_owned() }));
        record.is_some_and(|record| !reach.allows(record.record))
    };
    if let Some(id) = view.address_id(text).filter(|_| !is_hidden(Table::Contacts) && !is_hidden(Table::Leads)) {
        return Ok(Target::person(view, text.to_owned(), Some(id)));
    }
    for table in [Table::Contacts, Table::Leads, Table::Accounts] {
        let bare = text.strip_prefix(table.singular()).and_then(|rest| rest.strip_prefix(':')).unwrap_or(text);
        if let Some(record) = view.record(&RecordRef { table, id: bare.to_owned() }).filter(|record| reach.allows(record.record))
        {
            return Ok(Target {
                key: text.to_owned(),
                name: record.name().to_owned(),
                is_company: table == Table::Accounts,
                addresses: view.scope(record).external,
            });
        }
    }
    let domain = Domain::parse(text).ok().filter(|domain| domain.as_str().contains('.')).ok_or_else(|| {
        AppError::missing(format!("`{text}` is no address, domain, contact, lead or account that is known"))
            .with_hint("give an address such as jo@example.com, a domain such as example.com, or an id")
    })?;
    if domain.is_free_mail() {
        return Err(AppError::invalid(format!("`{domain}` makes no company: anybody can have an address there"))
            .with_hint("ask for one address, e.g. `rapport who-knows jo@gmail.com`"));
    }
    let addresses = view.addresses_at(domain.as_str());
    Ok(Target { key: domain.to_string(), name: domain.to_string(), is_company: true, addresses })
}
