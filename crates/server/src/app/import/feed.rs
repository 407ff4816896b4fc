//! Between reading and appending: each copy is judged, counted, and if kept put into the next batch.

use std::{collections::BTreeMap, sync::Arc};

use rapport_capture::{Captured, ExclusionReason, Problem, Rules, Verdict};
use rapport_domain::{Address, Domain, Moment, Sighting, Source, Table, UserId};
use rapport_store::{Organization, registry::Grounds};
use rustc_hash::FxHashSet;
use tokio::sync::{mpsc::Sender, watch};

use super::{AppError, BATCH_SIGHTINGS, ImportReport, Progress, consent_missing};
use crate::app::View;

/// What judging depends on.
#[derive(Clone)]
pub(crate) struct FeedContext {
    pub(crate) as_of: Moment,
    pub(crate) consented: bool,
    /// Whether everybody's mailbox counts as selected: a preview before anybody selected roles.
    pub(crate) selects_all: bool,
    pub(crate) mailbox: Option<Address>,
    pub(crate) rules: Rules,
    pub(crate) scope: Arc<Scope>,
    pub(crate) view: Arc<View>,
    pub(crate) organization: Organization,
}

/// Whose interactions are kept (05 section 5).
pub(crate) enum Scope {
    Everyone,
    /// Also other people, but no free-mail addresses that are no record's.
    Business(FxHashSet<String>),
    /// Addresses of records, domains of accounts.
    CrmPeople(FxHashSet<String>, FxHashSet<String>),
}

/// A part of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopePart<'a> {
    /// Everybody.
    Everyone,
    /// Everybody with an address that is no free-mail address.
    Business,
    /// That only people of the CRM are.
    CrmPeople,
    /// Everybody at a domain.
    Domain(&'a str),
    /// Whoever has an address.
    Address(&'a str),
}

impl Scope {
    pub(crate) fn new(word: &str, view: &View) -> Self {
        let documents = || view.records.iter().filter_map(|record| record.document.as_ref().map(|document| (record, document)));
        let addresses = || documents().flat_map(|(_, document)| document.email.iter().chain(&document.emails)).cloned().collect();
        match word {
            "crm_people" => {
                let accounts = documents().filter(|(record, _)| record.reference.table == Table::Accounts);
                Self::CrmPeople(addresses(), accounts.flat_map(|(_, document)| document.domains.clone()).collect())
            }
            "business" => Self::Business(addresses()),
            _ => Self::Everyone,
        }
    }

    /// What it is made of.
    pub(crate) fn parts(&self) -> Vec<ScopePart<'_>> {
        let is_free_mail = |address: &&str| {
            let domain = address.rsplit_once('@').and_then(|(_, domain)| Domain::parse(domain).ok());
            domain.is_none_or(|domain| domain.is_free_mail())
        };
        match self {
            Self::Everyone => vec![ScopePart::Everyone],
            Self::Business(known) => {
                // The others are in scope whether or not they are a record's.
                let known = known.iter().map(String::as_str).filter(is_free_mail).map(ScopePart::Address);
                [ScopePart::Business].into_iter().chain(known).collect()
            }
            Self::CrmPeople(known, domains) => {
                let domains = domains.iter().map(String::as_str).map(ScopePart::Domain);
                let known = known.iter().map(String::as_str).map(ScopePart::Address);
                [ScopePart::CrmPeople].into_iter().chain(domains).chain(known).collect()
            }
        }
    }

    pub(crate) fn needs_records(&self) -> bool {
        !matches!(self, Self::Everyone)
    }

    fn excludes(&self, sighting: &Sighting, view: &View) -> bool {
        let is_kept = |address: &Address| match self {
            Self::Everyone => true,
            Self::Business(known) => {
                known.contains(address.as_str()) || Domain::parse(address.domain()).is_ok_and(|domain| !domain.is_free_mail())
            }
            Self::CrmPeople(known, domains) => known.contains(address.as_str()) || domains.contains(address.domain()),
        };
        if matches!(self, Self::Everyone) || sighting.regarding.is_some() {
            return false;
        }
        let mut external = sighting.participants.iter().filter(|participant| !view.ours.is_ours(&participant.who));
        // A reference to a record is a record's person by itself.
        !external.any(|participant| participant.who.address().is_none_or(is_kept))
    }
}

impl FeedContext {
    /// What becomes of a copy.
    pub(crate) fn judge(&self, captured: &Captured) -> Verdict {
        captured.judge(self.as_of, |address| self.is_ours(address), &self.rules, || self.later(&captured.sighting))
    }

    /// Why a copy that was to be kept is not to be kept any more.
    fn exclusion(&self, sighting: &Sighting, recipients: u32) -> Option<ExclusionReason> {
        let is_ours = |address: &Address| self.is_ours(address);
        rapport_capture::exclusion(sighting, recipients, is_ours, &self.rules, || self.later(sighting))
    }

    fn is_ours(&self, address: &Address) -> bool {
        self.view.ours.is_our_key(address.as_str())
    }

    /// The reasons that need the store.
    fn later(&self, sighting: &Sighting) -> Option<ExclusionReason> {
        let user = || sighting.mailbox.as_ref().and_then(|mailbox| self.view.user_of(mailbox.as_str()));
        let is_meant = |reason: &ExclusionReason| !(self.selects_all && *reason == ExclusionReason::Role);
        let of_mailbox = || {
            let is_mailbox = sighting.source == Source::Mailbox;
            is_mailbox.then(|| self.view.mailbox_exclusion(user())).flatten().filter(is_meant)
        };
        let objects = || self.view.names_objector(&self.organization, sighting).then_some(ExclusionReason::Objection);
        let private = || self.view.is_private_copy(sighting).then_some(ExclusionReason::Private);
        private()
            .or_else(objects)
            .or_else(of_mailbox)
            .or_else(|| self.scope.excludes(sighting, &self.view).then_some(ExclusionReason::Scope))
    }
}

/// A context, and the grounds on which it judges.
#[derive(Clone)]
pub(crate) struct Judge {
    pub(crate) context: Arc<FeedContext>,
    pub(crate) grounds: Grounds,
}

/// What goes from reading to appending at once.
pub(crate) struct Batch {
    /// Kept sightings.
    pub(crate) sightings: Vec<Sighting>,
    /// The number of distinct recipients of each.
    recipients: Vec<u32>,
    /// On which grounds they are kept.
    grounds: Grounds,
    /// Activities of the CRM whose row is excluded now: what an earlier row said of them no longer holds.
    pub(crate) retired: Vec<String>,
    /// How far reading is.
    pub(crate) progress: Progress,
}

impl Batch {
    /// Judges again what was judged on other grounds: what is excluded now is counted under its reason and left out.
    pub(crate) fn judge_again(&mut self, judge: &Judge, excluded: &mut BTreeMap<String, u64>) {
        if self.grounds == judge.grounds {
            return;
        }
        self.grounds = judge.grounds;
        let judged = std::mem::take(&mut self.sightings).into_iter().zip(std::mem::take(&mut self.recipients));
        for (sighting, recipients) in judged {
            if let Some(reason) = judge.context.exclusion(&sighting, recipients) {
                count(excluded, reason);
                self.retired.extend(sighting.activity_id);
            } else {
                self.sightings.push(sighting);
                self.recipients.push(recipients);
            }
        }
    }
}

fn count(excluded: &mut BTreeMap<String, u64>, reason: ExclusionReason) {
    // `entry` would allocate the key for each of many thousands.
    match excluded.get_mut(reason.as_str()) {
        Some(count) => *count += 1,
        None => _ = excluded.insert(reason.as_str().to_owned(), 1),
    }
}

/// Is told of each copy and what would become of it.
pub(crate) type Show = Box<dyn FnMut(&str, &Captured, &Verdict) + Send>;

/// Where copies go that were judged.
enum Outlet {
    /// To be appended; with the judge of the next batch.
    Append(Sender<Batch>, watch::Receiver<Judge>),
    /// Shown alone: nothing is kept, so that nobody has to consent.
    Show(Show),
}

/// Judges, counts and hands over.
pub(crate) struct Feed {
    judge: Judge,
    outlet: Outlet,
    batch: Vec<Sighting>,
    recipients: Vec<u32>,
    retired: Vec<String>,
    report: ImportReport,
    pub(crate) progress: Progress,
}

impl Feed {
    pub(crate) fn new(newest: watch::Receiver<Judge>, sender: Sender<Batch>) -> Self {
        let judge = newest.borrow().clone();
        Self::with(judge, Outlet::Append(sender, newest))
    }

    /// Keeps nothing, and shows what would become of each copy.
    pub(crate) fn showing(context: FeedContext, show: Show) -> Self {
        Self::with(Judge { context: Arc::new(context), grounds: Grounds::default() }, Outlet::Show(show))
    }

    fn with(judge: Judge, outlet: Outlet) -> Self {
        Self {
            judge,
            outlet,
            batch: Vec::new(),
            recipients: Vec::new(),
            retired: Vec::new(),
            report: ImportReport::default(),
            progress: Progress::default(),
        }
    }

    pub(crate) fn as_of(&self) -> Moment {
        self.judge.context.as_of
    }

    pub(crate) fn view(&self) -> Arc<View> {
        self.judge.context.view.clone()
    }

    /// The mailbox that was named, if any.
    pub(crate) fn mailbox(&self) -> Option<&Address> {
        self.judge.context.mailbox.as_ref()
    }

    /// The user whose address or alias this is.
    pub(crate) fn user_of(&self, address: &Address) -> Option<UserId> {
        self.judge.context.view.user_of(address.as_str())
    }

    /// First address of a user.
    pub(crate) fn first_address(&self, user: UserId) -> Option<Address> {
        Address::parse(&self.judge.context.view.directory.user(user).email).ok()
    }

    /// A problem of a file that is no copy's: nothing is counted for it.
    pub(crate) fn problem(&mut self, file: &str, problem: &Problem) {
        self.report.problem(problem.place.within(file), problem.what.clone());
    }

    /// One copy that could not be read at all.
    pub(crate) fn failed(&mut self, file: &str, problem: &Problem) {
        self.report.read += 1;
        self.report.failed += 1;
        self.problem(file, problem);
    }

    /// One copy: judged, counted, put into the batch if kept.
    pub(crate) fn push(&mut self, file: &str, mut captured: Captured, mailbox: Option<&Address>) -> Result<(), AppError> {
        if captured.sighting.source == Source::Mailbox {
            if !self.judge.context.consented {
                return Err(consent_missing());
            }
            if captured.sighting.mailbox.is_none() {
                captured.sighting.mailbox = mailbox.cloned();
            }
        }
        self.report.read += 1;
        let verdict = self.judge.context.judge(&captured);
        if let Outlet::Show(show) = &mut self.outlet {
            show(file, &captured, &verdict);
            self.report.kept += u64::from(verdict == Verdict::Keep);
        }
        match verdict {
            Verdict::Keep if matches!(self.outlet, Outlet::Show(_)) => Ok(()),
            Verdict::Keep => {
                for note in &captured.notes {
                    self.report.problem(captured.place.within(file), note.clone());
                }
                self.batch.push(captured.sighting);
                self.recipients.push(captured.recipients);
                if self.batch.len() >= BATCH_SIGHTINGS { self.hand_over() } else { Ok(()) }
            }
            Verdict::Exclude(reason) => {
                self.retired.extend(captured.sighting.activity_id);
                count(&mut self.report.excluded, reason);
                Ok(())
            }
            Verdict::Fail(what) => {
                self.report.failed += 1;
                self.report.problem(captured.place.within(file), what);
                Ok(())
            }
        }
    }

    fn hand_over(&mut self) -> Result<(), AppError> {
        let Outlet::Append(sender, newest) = &self.outlet else { return Ok(()) };
        self.progress.read = self.report.read;
        let batch = Batch {
            sightings: std::mem::take(&mut self.batch),
            recipients: std::mem::take(&mut self.recipients),
            grounds: self.judge.grounds,
            retired: std::mem::take(&mut self.retired),
            progress: self.progress.clone(),
        };
        // The receiver hangs up when appending failed; that error is the one to tell.
        sender.blocking_send(batch).map_err(|_| AppError::invalid("appending stopped"))?;
        self.judge = newest.borrow().clone();
        Ok(())
    }

    /// Hands over what is left; the counts so far, without kept and duplicates.
    pub(crate) fn finish(mut self) -> Result<ImportReport, AppError> {
        self.hand_over()?;
        Ok(self.report)
    }
}
