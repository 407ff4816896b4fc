//! Enabling relationship intelligence: what an administrator switches on, for whom, and where consent to mailbox data stands.

use std::{collections::BTreeMap, sync::PoisonError};

use rapport_domain::{
    ConsentState, DataLocation, Enabling, Feature, Geography, GeographyPolicy, Moment, Task, UserId,
    enabling::{Refusal, Roles, Selection, is_same_group},
};

use rapport_store::registry::CLOCK;

use super::{App, AppError, Caller, Tier, View, settings};

/// Characters of a consent text, or of a place, at most.
const TEXT_MAX: usize = 2_000;

/// Words of a role or group at most, and how many of them may be selected.
const WORDS_MAX: usize = 500;

/// Security roles that exist without anybody carrying them (06).
pub const BUILT_IN_ROLES: [&str; 6] = [
    "System Administrator",
    "System Customizer",
    "Privacy Administrator",
    "Sales Manager",
    "Salesperson",
    "Vice President of Sales",
];

/// What is enabled at a moment.
#[derive(Clone, Debug)]
pub struct EnablingStatus {
    /// What is switched on, with what the clock did until `now`.
    pub enabling: Enabling,
    /// Whether mailbox data may be used where it lies.
    pub geography: Geography,
    /// Where it may be used at all.
    pub policy: GeographyPolicy,
    /// The moment.
    pub now: Moment,
}

/// A security role or group, and how many users have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Its name.
    pub name: String,
    /// Users who have it.
    pub users: usize,
}

/// Whose mailboxes could be read, and whose are.
#[derive(Clone, Debug)]
pub struct MailboxCounts {
    /// Every role that can be selected, built-in ones too, by name.
    pub roles: Vec<Counted>,
    /// Every security group of a user, by name.
    pub groups: Vec<Counted>,
    /// Users.
    pub users: usize,
    /// Users whose mailbox the selection covers: not opted out, no excluded group.
    pub selected: usize,
}

impl App {
    async fn geography_policy(&self) -> Result<GeographyPolicy, AppError> {
        Ok(settings::geography_policy(&self.store().settings(self.org()).await?))
    }

    /// What is enabled now. What the clock has done already counts, whether or not a server wrote it down.
    pub async fn enabling(&self) -> Result<EnablingStatus, AppError> {
        let (mut enabling, policy, now) = (self.store().enabling(self.org()).await?, self.geography_policy().await?, self.now());
        let geography = policy.judge(enabling.location.as_ref());
        enabling.settle(geography, now);
        Ok(EnablingStatus { enabling, geography, policy, now })
    }

    /// Writes down what the clock has done; most of the time that is nothing, and nobody who writes is kept waiting.
    pub async fn settle_enabling(&self) -> Result<(), AppError> {
        if self.enabling().await?.enabling == self.store().enabling(self.org()).await? {
            return Ok(());
        }
        self.change_enabling(|_, _| Ok(())).await.map(drop)
    }

    /// Changes what is enabled; live pages ask again.
    async fn change_enabling(
        &self,
        command: impl FnOnce(&mut Enabling, Geography) -> Result<(), Refusal>,
    ) -> Result<EnablingStatus, AppError> {
        self.change_enabling_as(self.actor(), command).await
    }

    async fn change_enabling_as(
        &self,
        actor: &str,
        command: impl FnOnce(&mut Enabling, Geography) -> Result<(), Refusal>,
    ) -> Result<EnablingStatus, AppError> {
        let (policy, now) = (self.geography_policy().await?, self.now());
        let before = self.store().facts_version(self.org()).await?;
        let command = |enabling: &mut Enabling| command(enabling, policy.judge(enabling.location.as_ref()));
        let changed = self.store().change_enabling(self.org(), &policy, actor, now, command).await?;
        let (enabling, answer) = changed;
        let version = self.store().facts_version(self.org()).await?;
        if version != before {
            self.announce(version);
        }
        answer.map_err(refused)?;
        let geography = policy.judge(enabling.location.as_ref());
        Ok(EnablingStatus { enabling, geography, policy, now })
    }

    /// Enables premium features: their terms are accepted.
    pub async fn enable_premium(&self) -> Result<EnablingStatus, AppError> {
        let now = self.now();
        self.change_enabling(|enabling, _| {
            enabling.enable_premium(now);
            Ok(())
        })
        .await
    }

    /// Disables premium features, and with them everything that needs them.
    pub async fn disable_premium(&self) -> Result<EnablingStatus, AppError> {
        let now = self.now();
        self.change_enabling(|enabling, geography| {
            enabling.disable_premium(geography, now);
            Ok(())
        })
        .await
    }

    /// Saves the Overview page. `keeps_stored`: what becomes of stored mailbox data where mailbox data is switched off.
    pub async fn save_enabling(&self, selection: Selection, keeps_stored: bool) -> Result<EnablingStatus, AppError> {
        if let Roles::Selected(roles) = &selection.roles {
            check_words("roles", roles)?;
        }
        let now = self.now();
        self.change_enabling(|enabling, geography| {
            let mailbox = selection.mailbox;
            // Without consent there is nothing that may be kept.
            if !mailbox && keeps_stored && !matches!(enabling.consent, ConsentState::Granted | ConsentState::NotRequested) {
                return Err(Refusal::NothingToKeep);
            }
            enabling.save(selection, geography, now)?;
            enabling.keeps_stored = !mailbox && keeps_stored;
            Ok(())
        })
        .await
    }

    /// Sets the security groups whose members' mailboxes are not used.
    pub async fn exclude_groups(&self, groups: std::collections::BTreeSet<String>) -> Result<EnablingStatus, AppError> {
        check_words("groups", &groups)?;
        let groups = groups.iter().map(|group| group.trim().to_owned()).collect();
        self.change_enabling(|enabling, _| {
            enabling.excluded_groups = groups;
            Ok(())
        })
        .await
    }

    /// Declares where the mailbox data of sources lies that do not say it themselves.
    pub async fn declare_location(&self, place: &str) -> Result<EnablingStatus, AppError> {
        let place = text("the location", place).map_err(|error| {
            error.with_hint("say where the mail server stands, e.g. \"our own servers in Utrecht, Netherlands\"")
        })?;
        self.change_enabling(|enabling, _| {
            if matches!(enabling.location, Some(DataLocation::Microsoft365(_))) {
                return Err(Refusal::LocationKnown);
            }
            enabling.location = Some(DataLocation::Declared(place));
            Ok(())
        })
        .await
    }

    /// Consents to mailbox data in these words, while it is asked for; a tenant of Microsoft 365 has to have consented itself. Whoever could
    /// also have asked approves themselves: that is noted.
    pub async fn grant_consent(&self, words: &str) -> Result<EnablingStatus, AppError> {
        let (words, now) = (consent_text(words)?, self.now());
        let approves_self = self.rights(&*self.view().await?).may(Task::Configure);
        self.need_permissions().await?;
        self.change_enabling(|enabling, geography| {
            enabling.grant(&words, geography, now)?;
            if approves_self {
                enabling.note_self_approval(now);
            }
            Ok(())
        })
        .await
    }

    /// Declines consent, while it is asked for.
    pub async fn decline_consent(&self) -> Result<EnablingStatus, AppError> {
        let now = self.now();
        self.change_enabling(|enabling, geography| enabling.decline(geography, now)).await
    }

    /// Withdraws consent: nothing of a mailbox is used from now on.
    pub async fn revoke_consent(&self) -> Result<EnablingStatus, AppError> {
        let now = self.now();
        self.change_enabling(|enabling, geography| enabling.revoke(geography, now)).await
    }

    /// Where the mailbox data of a mail system lies that says so itself; `None`: it is not read any more, and nobody knows.
    pub(crate) async fn locate_mailbox_data(&self, connector: &str, location: Option<DataLocation>) -> Result<(), AppError> {
        let is_told = |enabling: &Enabling| match &location {
            Some(location) => enabling.location.as_ref() == Some(location),
            None => !matches!(enabling.location, Some(DataLocation::Microsoft365(_))),
        };
        if is_told(&self.enabling().await?.enabling) {
            return Ok(());
        }
        let actor = format!("connector {connector}");
        let told = location.clone();
        let locate = |enabling: &mut Enabling, _| {
            enabling.location = told;
            Ok(())
        };
        self.change_enabling_as(&actor, locate).await.map(drop)
    }

    /// The tenant took its consent back, as a connector was told by the mail system.
    pub(crate) async fn consent_withdrawn_at(&self, connector: &str) -> Result<(), AppError> {
        let (now, actor) = (self.now(), format!("connector {connector}"));
        // Where it is not granted there is nothing to withdraw.
        let withdraw = |enabling: &mut Enabling, geography| match enabling.revoke(geography, now) {
            Err(Refusal::NotGranted) => Ok(()),
            done => done,
        };
        self.change_enabling_as(&actor, withdraw).await.map(drop)
    }

    /// Asks for consent again: a new 14 days.
    pub async fn ask_for_consent(&self) -> Result<EnablingStatus, AppError> {
        let now = self.now();
        self.change_enabling(|enabling, geography| enabling.ask_again(geography, now)).await
    }

    /// After the 14 days: who knows whom goes on with CRM data.
    pub async fn use_crm_data_only(&self) -> Result<EnablingStatus, AppError> {
        let now = self.now();
        self.change_enabling(|enabling, geography| enabling.use_crm_data_only(geography, now)).await
    }

    /// Enables, asks and consents in one audited step (05 section 2, command line).
    pub async fn enable_and_grant(&self, words: &str) -> Result<EnablingStatus, AppError> {
        let (words, now, policy) = (consent_text(words)?, self.now(), self.geography_policy().await?);
        // On its own machine one person does both by design.
        let approves_self = matches!(self.caller(), Caller::User { .. });
        self.change_enabling(|enabling, _| {
            if enabling.enable_and_grant(&words, |location| policy.judge(location), now) && approves_self {
                enabling.note_self_approval(now);
            }
            Ok(())
        })
        .await
    }

    /// Refuses where who knows whom is switched off; before the first Save nobody said so.
    pub(crate) async fn need_who_knows_whom(&self) -> Result<(), AppError> {
        let EnablingStatus { enabling, .. } = self.enabling().await?;
        // The basic tier needs no enabling (06).
        if self.view().await?.tier == Tier::Basic || enabling.feature(enabling.who_knows_whom) != Feature::Off {
            return Ok(());
        }
        let hint = if enabling.consent == ConsentState::Expired {
            "consent was not granted within 14 days: use CRM data only, or ask for consent again (Relationship insights > Overview)"
        } else {
            "an administrator switches it on: Sales Insights settings > Relationship insights > Overview"
        };
        Err(AppError::switched_off("who knows whom is switched off").with_hint(hint))
    }

    /// Deletes mailbox data that may not be used any more and has waited long enough. Late or twice comes to the same; whatever a crash
    /// interrupted is done by the next.
    pub(crate) async fn delete_withheld(&self) -> Result<(), AppError> {
        let view = self.view().await?;
        let known = self.store().withheld_mailboxes(self.org()).await?;
        // Looking for mailboxes reads every sighting: only if something moved since it found none to withhold.
        if known.is_empty() && *self.nothing_withheld.lock().unwrap_or_else(PoisonError::into_inner) == Some(view.versions) {
            return Ok(());
        }
        let stored = self.store().mailbox_sources(self.org()).await?;
        let waits: BTreeMap<i64, i64> =
            stored.into_iter().filter_map(|source| Some((source, view.deletion_wait_us(source)?))).collect();
        let sources: Vec<i64> = waits.keys().copied().collect();
        let now = self.now();
        if !known.keys().eq(&sources) {
            self.store().withhold_mailboxes(self.org(), &sources, now).await?;
        }
        let is_due = |(source, wait_us): (i64, i64)| {
            let since = known.get(&source).copied().unwrap_or(now);
            (since.plus_us(wait_us) <= now).then_some(source)
        };
        if sources.is_empty() {
            *self.nothing_withheld.lock().unwrap_or_else(PoisonError::into_inner) = Some(view.versions);
        }
        let due: Vec<i64> = waits.into_iter().filter_map(is_due).collect();
        if !due.is_empty() {
            let organization = self.organization();
            // First how far they were read: if they ever may be read again, all of it is.
            let users: Vec<UserId> = due.iter().filter_map(|source| view.user_of_source(*source)).collect();
            self.store().forget_captured(self.org(), &users, now).await?;
            self.store().delete_mailboxes(organization, &view.ours, &due, (CLOCK, now)).await?;
            self.announce(self.store().facts_version(self.org()).await?);
        }
        Ok(())
    }

    /// Mailboxes of which something is stored that may not be used any more, and when the first of them is deleted.
    pub async fn withheld_mailboxes(&self) -> Result<(usize, Option<Moment>), AppError> {
        let view = self.view().await?;
        let withheld = self.store().withheld_mailboxes(self.org()).await?;
        let due = withheld.iter().filter_map(|(source, since)| Some(since.plus_us(view.deletion_wait_us(*source)?)));
        Ok((withheld.len(), due.min()))
    }

    /// Which roles and groups there are, and how many mailboxes the selection covers.
    pub async fn mailbox_counts(&self) -> Result<MailboxCounts, AppError> {
        Ok(count_mailboxes(&*self.view().await?))
    }
}

fn count_mailboxes(view: &View) -> MailboxCounts {
    let mut roles: BTreeMap<&str, usize> = BUILT_IN_ROLES.iter().map(|role| (*role, 0)).collect();
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    if let Roles::Selected(selected) = &view.enabling.roles {
        roles.extend(selected.iter().map(|role| (role.as_str(), 0)));
    }
    for document in view.user_documents.iter() {
        document.roles.iter().for_each(|role| *roles.entry(role).or_default() += 1);
        document.groups.iter().for_each(|group| *groups.entry(group).or_default() += 1);
    }
    // Excluded under another spelling, a group is still that group.
    let is_known = |excluded: &&String| groups.keys().any(|group| is_same_group(group, excluded));
    let unknown: Vec<&String> = view.enabling.excluded_groups.iter().filter(|excluded| !is_known(excluded)).collect();
    groups.extend(unknown.into_iter().map(|group| (group.as_str(), 0)));
    let counted = |words: BTreeMap<&str, usize>| {
        words.into_iter().map(|(name, users)| Counted { name: name.to_owned(), users }).collect::<Vec<_>>()
    };
    let users = view.user_documents.len();
    let selected = (1..=users as u32).filter(|id| view.mailbox_exclusion(Some(UserId(*id))).is_none()).count();
    MailboxCounts { roles: counted(roles), groups: counted(groups), users, selected }
}

fn text(what: &str, given: &str) -> Result<String, AppError> {
    let given = given.trim();
    match given.chars().count() {
        0 => Err(AppError::invalid(format!("{what} is empty"))),
        1..=TEXT_MAX => Ok(given.to_owned()),
        _ => Err(AppError::invalid(format!("{what} is longer than {TEXT_MAX} characters"))),
    }
}

fn consent_text(given: &str) -> Result<String, AppError> {
    text("the consent text", given)
        .map_err(|error| error.with_hint("say what was agreed to, e.g. --consent \"board decision of 1 March\""))
}

fn check_words(what: &str, words: &std::collections::BTreeSet<String>) -> Result<(), AppError> {
    if words.len() > WORDS_MAX {
        return Err(AppError::invalid(format!("`{what}` has more than {WORDS_MAX} names")));
    }
    if words.iter().any(|word| word.trim().is_empty() || word.chars().count() > WORDS_MAX || word.contains(';')) {
        return Err(AppError::invalid(format!("`{what}`: a name is empty, longer than {WORDS_MAX} characters, or has a `;`")));
    }
    Ok(())
}

fn refused(refusal: Refusal) -> AppError {
    let overview = "Sales Insights settings > Relationship insights > Overview";
    let (what, hint) = match refusal {
        Refusal::NoPremium => {
            ("premium features are not enabled", "enable them first: Sales Insights settings > Premium features".to_owned())
        }
        Refusal::NotEnabled => ("relationship intelligence is not enabled", format!("enable it first: {overview}")),
        Refusal::NotPending => ("nobody is asking for consent now", format!("ask for it first: {overview}")),
        Refusal::Expired => ("the 14 days are over: consent can no longer be given", format!("ask for it again: {overview}")),
        Refusal::NotGranted => {
            ("consent is not granted, so that it cannot be withdrawn", format!("see where it stands: {overview}"))
        }
        Refusal::AlreadyAsked => ("consent is asked for, or granted, already", format!("see where it stands: {overview}")),
        Refusal::Geography(Geography::Unknown) => {
            ("nobody has said where the mailbox data lies", format!("declare its location: {overview}"))
        }
        Refusal::Geography(_) => (
            "the policy does not allow mailbox data to be used where it lies",
            "the settings `geography.regions` and `geography.accepts_declared` say where it may be used".to_owned(),
        ),
        Refusal::NothingToKeep => (
            "stored mailbox data cannot be kept: consent to it is not granted",
            "switch mailbox data off without keeping what is stored; it is deleted".to_owned(),
        ),
        Refusal::LocationKnown => (
            "the location of this mailbox data is known from Microsoft 365: nobody declares another",
            "declared locations are for other sources; remove the Microsoft 365 connector first".to_owned(),
        ),
        Refusal::NoRole => {
            ("no security role is selected: nobody's mailbox would be read", format!("select roles first: {overview}"))
        }
    };
    AppError::refused(what).with_hint(hint)
}
