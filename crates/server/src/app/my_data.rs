//! What is held on an employee, for that employee, and their opt-out.

use std::sync::PoisonError;

use rapport_domain::{Address, AddressId, Domain, Moment, UserId, touches::SEEN_MAILBOX};
use rapport_insight::MissingReason;
use rapport_store::{Visibility, ledger::Mailboxes, registry::CLOCK};
use rustc_hash::FxHashSet;
use serde_json::Value;

use super::{App, AppError, Caller, View, notices::MailboxNotice, viewer};

/// What is held on an employee.
#[derive(Clone, Debug)]
pub struct MyData {
    /// First address.
    pub email: String,
    /// Further addresses.
    pub aliases: Vec<String>,
    /// Why their mailbox is not used; `None` while it is.
    pub reason: Option<&'static str>,
    /// Since when opted out.
    pub opted_out_at: Option<Moment>,
    /// Whether others learn only once they accept that they can introduce.
    pub asks_first: bool,
    /// Interactions seen in their mailbox that are stored.
    pub in_mailbox: u64,
    /// Interactions that they took part in.
    pub took_part: u64,
    /// The oldest of these.
    pub oldest_at: Option<Moment>,
    /// The notice that their mailbox will be read; `None`: it will not.
    pub notice: Option<MailboxNotice>,
}

impl App {
    /// Who asks for what is held on them: the user who signed in, else whom the local administrator names.
    pub(super) fn myself(&self, view: &View, viewer: Option<&str>) -> Result<UserId, AppError> {
        match viewer {
            Some(address) if *self.caller() == Caller::LocalAdministrator => {
                view.need_no_works_council("what is held on a colleague is told to them alone")?;
                viewer::user_of(view, address)
            }
            _ => self.need_looker(view, viewer),
        }
    }

    /// What is held on a user.
    pub async fn my_data(&self, viewer: Option<&str>) -> Result<MyData, AppError> {
        let view = self.view().await?;
        let user = self.myself(&view, viewer)?;
        let entry = view.directory.user(user);
        let ids: FxHashSet<u32> = entry.addresses.iter().map(|id| id.0).collect();
        let (mut in_mailbox, mut took_part) = (FxHashSet::default(), FxHashSet::default());
        let mut oldest_us = None;
        self.store()
            .scan_sightings(self.org(), |interaction, source, sighting| {
                if u32::try_from(source).is_ok_and(|source| ids.contains(&source)) {
                    in_mailbox.insert(interaction);
                }
                if sighting.participants.iter().any(|(id, _)| ids.contains(id)) {
                    took_part.insert(interaction);
                    oldest_us = Some(oldest_us.map_or(sighting.at_us, |oldest: i64| oldest.min(sighting.at_us)));
                }
            })
            .await?;
        let rows = self.store().users(self.org()).await?;
        let opted_out_at = rows.into_iter().find(|row| row.id == user).and_then(|row| row.opted_out_at);
        let not_enabled = view.enabling.enabled_at.is_none().then_some(MissingReason::MailboxDataOff);
        let opted_out = opted_out_at.map(|_| MissingReason::OptedOut);
        Ok(MyData {
            email: entry.email.clone(),
            aliases: view.user_documents[user.0 as usize - 1].aliases.clone(),
            reason: opted_out.or_else(|| view.withheld(user)).or(not_enabled).map(MissingReason::as_str),
            opted_out_at,
            asks_first: view.chose_ask_first(user),
            in_mailbox: in_mailbox.len() as u64,
            took_part: took_part.len() as u64,
            oldest_at: oldest_us.map(Moment),
            notice: self.mailbox_notices().await?.of.remove(&user),
        })
    }

    /// Everything that is held on a user, for themselves.
    pub async fn export_my_data(&self, viewer: Option<&str>) -> Result<Value, AppError> {
        let view = self.view().await?;
        let user = self.myself(&view, viewer)?;
        self.held(&view.directory.user(user).email, true).await
    }

    /// Says whether others learn only once a user accepts that they can introduce.
    pub async fn ask_first(&self, viewer: Option<&str>, asks_first: bool) -> Result<(), AppError> {
        let user = self.myself(&*self.view().await?, viewer)?;
        if self.store().set_asks_first(self.org(), user, asks_first, (self.actor(), self.now())).await? {
            self.announce(self.store().facts_version(self.org()).await?);
        }
        Ok(())
    }

    /// What a user keeps to themselves: addresses and domains.
    pub async fn private_contacts(&self, viewer: Option<&str>) -> Result<Vec<String>, AppError> {
        let view = self.view().await?;
        Ok(view.private_contacts(self.myself(&view, viewer)?))
    }

    /// Sets what a user keeps to themselves. What their mailbox showed of these people is deleted at once; who knows whom and the top
    /// three show no such connection of theirs any more, whatever the source.
    pub async fn set_private_contacts(&self, viewer: Option<&str>, given: &[String]) -> Result<Vec<String>, AppError> {
        let view = self.view().await?;
        let user = self.myself(&view, viewer)?;
        if given.len() > PRIVATE_MAX {
            return Err(AppError::invalid(format!("`contacts` has more than {PRIVATE_MAX} entries")));
        }
        let contacts = given.iter().map(|text| private_contact(&view, text)).collect::<Result<Vec<_>, _>>()?;
        let now = self.now();
        if self.store().set_private_contacts(self.org(), user, &contacts, (self.actor(), now)).await? {
            self.delete_private_of(&*self.view().await?, user, (self.actor(), now)).await?;
            self.announce(self.store().facts_version(self.org()).await?);
        }
        let view = self.view().await?;
        Ok(view.private_contacts(user))
    }

    /// Deletes what a user's mailbox showed of people whom they keep to themselves.
    async fn delete_private_of(&self, view: &View, user: UserId, by: (&str, Moment)) -> Result<(), AppError> {
        let (sources, private) = (sources_of(view, user), view.private_to(user));
        let is_meant = |id: u32| private.binary_search(&AddressId(id)).is_ok();
        self.store().delete_people_from_mailboxes(self.organization(), &view.ours, &sources, is_meant, by).await?;
        Ok(())
    }

    /// The same for everybody, where it was not done: a crash came between, or it became known only later that an address is a private
    /// contact's. Reads a few runs, and only if something moved since it found nothing.
    pub(crate) async fn delete_private(&self) -> Result<(), AppError> {
        let view = self.view().await?;
        if *self.nothing_private.lock().unwrap_or_else(PoisonError::into_inner) == Some(view.versions.0) {
            return Ok(());
        }
        let mut is_left = false;
        for user in view.keepers() {
            if self.is_private_stored(&view, user).await? {
                self.delete_private_of(&view, user, (CLOCK, self.now())).await?;
                is_left = true;
            }
        }
        if is_left {
            self.announce(self.store().facts_version(self.org()).await?);
        } else {
            *self.nothing_private.lock().unwrap_or_else(PoisonError::into_inner) = Some(view.versions.0);
        }
        Ok(())
    }

    /// Whether anything is stored that a user's mailbox showed of people whom they keep to themselves.
    async fn is_private_stored(&self, view: &View, user: UserId) -> Result<bool, AppError> {
        let (sources, private) = (sources_of(view, user), view.private_to(user));
        let theirs = Mailboxes::Only(sources.iter().copied().collect());
        let visibility = Visibility { mailboxes: theirs, ..Visibility::default() };
        let subjects: Vec<i64> = private.iter().map(|id| i64::from(id.0)).collect();
        let touches = self.store().runs_of(self.org(), &subjects, &visibility).await?;
        let in_mailbox = (0..touches.len()).filter(|i| touches.seen[*i] & SEEN_MAILBOX > 0);
        let interactions: Vec<u64> = in_mailbox.map(|i| touches.interaction[i]).collect();
        // What their mailbox saw need not name whom another source names.
        let names = |(address, _): &(u32, _)| private.binary_search(&AddressId(*address)).is_ok();
        let sightings = self.store().sightings_of(self.org(), &interactions).await?;
        Ok(sightings.iter().any(|(_, source, sighting)| sources.contains(source) && sighting.participants.iter().any(names)))
    }

    /// Opts a user out (what was seen in their mailbox is deleted at once, and they appear in no tie and no top-three), or in again.
    pub async fn opt_out(&self, viewer: Option<&str>, is_out: bool) -> Result<bool, AppError> {
        let user = self.myself(&*self.view().await?, viewer)?;
        let now = self.now();
        let has_changed = self.store().set_opt_out(self.org(), user, is_out.then_some(now), (self.actor(), now)).await?;
        if has_changed {
            self.announce(self.store().facts_version(self.org()).await?);
            self.run_due().await?;
        }
        Ok(has_changed)
    }
}

/// The mailboxes of a user, as sightings name them.
fn sources_of(view: &View, user: UserId) -> Vec<i64> {
    view.directory.user(user).addresses.iter().map(|id| i64::from(id.0)).collect()
}

/// Private contacts of one user at most.
const PRIVATE_MAX: usize = 1_000;

/// An address or a domain in its one form; nobody of ours.
fn private_contact(view: &View, text: &str) -> Result<String, AppError> {
    let wrong = |why: String| {
        AppError::invalid(format!("`contacts`: `{text}`: {why}"))
            .with_hint("give an address such as jo@example.com, or a domain such as example.com")
    };
    let text = text.trim();
    if text.contains('@') {
        let address = Address::parse(text).map_err(|error| wrong(error.to_string()))?;
        return if view.ours.is_our_key(address.as_str()) {
            Err(wrong("it is ours".to_owned()))
        } else {
            Ok(address.to_string())
        };
    }
    let domain = Domain::parse(text).map_err(|error| wrong(error.to_string()))?;
    if view.ours.domains.contains(domain.as_str()) {
        return Err(wrong("it is ours".to_owned()));
    }
    if !domain.as_str().contains('.') {
        return Err(wrong("it is no domain".to_owned()));
    }
    Ok(domain.to_string())
}
