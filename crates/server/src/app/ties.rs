//! Who knows whom: the introducers of a person, an address or a company.

use std::sync::Arc;

use rapport_domain::{Address, AddressId, Domain, Moment, RecordRef, Table};
use rapport_insight::{
    Introducers, Path, TieFolder,
    introducers::{self, WhoKnows},
    paths,
    ties::UserTie,
};

use super::{App, AppError, View};

/// Introducers that may be asked for at once.
pub const LIMIT_MAX: usize = 1_000;

/// People in between that are looked at for two-hop paths, strongest first.
const VIAS_MAX: usize = 200;

/// What to ask.
#[derive(Clone, Debug)]
pub struct WhoKnowsQuery {
    /// An address, a domain, `contact:ID`, `lead:ID` or a contact's, lead's or account's id.
    pub target: String,
    /// The moment; now if absent.
    pub as_of: Option<Moment>,
    /// Introducers at most.
    pub limit: usize,
    /// 2 = paths over one external person too.
    pub hops: u8,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct WhoKnowsAnswer {
    /// The target as understood: an address, reference or domain.
    pub target: String,
    /// The moment it was folded for.
    pub as_of: Moment,
    /// Introducers and the missing.
    pub introducers: Introducers,
    /// Two-hop paths, if asked for.
    pub paths: Vec<Path>,
    /// The organization as it stood.
    pub view: Arc<View>,
}

impl App {
    /// Who can introduce to a target.
    pub async fn who_knows(&self, query: &WhoKnowsQuery) -> Result<WhoKnowsAnswer, AppError> {
        let view = self.view().await?;
        let as_of = query.as_of.unwrap_or_else(|| self.now());
        if query.limit == 0 || query.limit > LIMIT_MAX {
            return Err(AppError::invalid(format!("`limit` is from 1 to {LIMIT_MAX}")));
        }
        if !(1..=2).contains(&query.hops) {
            return Err(AppError::invalid("`hops` is 1 or 2"));
        }
        let (target, addresses) = target(&view, &query.target)?;
        let context = view.context(as_of);
        let touches = self.store.runs_of(self.org(), &view.subjects_of(&addresses), &view.visibility).await?;
        let mut folder = TieFolder::new();
        // In a block: `withheld` may not live across a suspension, or the future could not move between threads.
        let introducers = {
            let asked = WhoKnows { target: &addresses, viewer: None, limit: query.limit, withheld: &|_| None };
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
                ties.push((via, folder.fold(&context, &of_via, &run).to_vec()));
            }
            paths = paths::rank(&context, None, &direct, ties.iter().map(|(via, ties)| (*via, ties.as_slice())), query.limit);
        }
        Ok(WhoKnowsAnswer { target, as_of, introducers, paths, view: view.clone() })
    }
}

/// The addresses that a target stands for, ascending, and how it is called.
fn target(view: &View, text: &str) -> Result<(String, Vec<AddressId>), AppError> {
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
        let known = view.address_id(address.as_str());
        let addresses = known.map(|id| view.addresses_of(view.directory.address(id).person)).unwrap_or_default();
        return Ok((address.to_string(), addresses));
    }
    if let Some(id) = view.address_id(text) {
        return Ok((text.to_owned(), view.addresses_of(view.directory.address(id).person)));
    }
    for table in [Table::Contacts, Table::Leads, Table::Accounts] {
        let bare = text.strip_prefix(table.singular()).and_then(|rest| rest.strip_prefix(':')).unwrap_or(text);
        if let Some(record) = view.record(&RecordRef { table, id: bare.to_owned() }) {
            return Ok((text.to_owned(), view.scope(record).external));
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
    Ok((domain.to_string(), view.addresses_at(domain.as_str())))
}
