//! A page of a mail system becomes what is to be kept of it.

use rapport_capture::{Captured, Problem, Verdict, calendar, mail::MailReader, mbox::RawMail};
use rapport_connect::mailbox::{Content, Item};
use rapport_domain::Sighting;
use rapport_domain::{Address, Moment};
use rapport_store::{ledger::Appointment, registry::CaptureCounts};

use crate::app::import::FeedContext;

/// Where and of whom a page is.
pub(super) struct Reading<'a> {
    pub(super) context: &'a FeedContext,
    /// First address of the mailbox's user.
    pub(super) mailbox: &'a Address,
    /// What happened before is not read.
    pub(super) from: Moment,
    /// Recurrences are expanded up to here.
    pub(super) until: Moment,
}

/// What is to be kept of a page, and what was counted.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) mails: Vec<Sighting>,
    pub(super) appointments: Vec<Appointment>,
    pub(super) counts: CaptureCounts,
}

impl Reading<'_> {
    /// Judges the items of a page, one after the other.
    pub(super) fn judge(&self, items: &[Item]) -> Judged {
        let mut judged = Judged::default();
        let reader = MailReader::new();
        for item in items {
            match &item.content {
                Content::Mail { headers, is_draft } => {
                    let raw = RawMail { offset: 0, headers: headers.clone(), note: None };
                    let kept = self.keep(Ok(reader.read(&raw, *is_draft)), &mut judged.counts);
                    judged.mails.extend(kept);
                }
                Content::Calendar(bytes) => {
                    let occurrences = calendar::read(&bytes[..], &self.context.view.calendar, self.until);
                    let in_time = occurrences.filter(|found| found.as_ref().map_or(true, |captured| self.is_in_time(captured)));
                    let sightings = in_time.filter_map(|found| self.keep(found, &mut judged.counts)).collect();
                    judged.appointments.push(Appointment { item: item.id.clone(), is_gone: false, sightings });
                }
                Content::GraphMessage(_) | Content::GraphEvent(_) => {
                    judged.counts.read += 1;
                    judged.counts.failed += 1;
                }
                // That a message is gone undoes nothing; of an appointment it may.
                Content::Gone => {
                    judged.appointments.push(Appointment { item: item.id.clone(), is_gone: true, sightings: Vec::new() });
                }
            }
        }
        judged
    }

    fn is_in_time(&self, captured: &Captured) -> bool {
        captured.fault.is_some() || captured.sighting.occurred_at >= self.from
    }

    /// A copy that is to be kept; whatever becomes of it, it is counted.
    fn keep(&self, found: Result<Captured, Problem>, counts: &mut CaptureCounts) -> Option<Sighting> {
        let mut captured = match found {
            Ok(captured) => captured,
            Err(problem) => {
                counts.read += u64::from(problem.is_failed_item);
                counts.failed += u64::from(problem.is_failed_item);
                return None;
            }
        };
        counts.read += 1;
        captured.sighting.mailbox = Some(self.mailbox.clone());
        match self.context.judge(&captured) {
            Verdict::Keep => return Some(captured.sighting),
            Verdict::Exclude(reason) => *counts.excluded.entry(reason.as_str().to_owned()).or_default() += 1,
            Verdict::Fail(_) => counts.failed += 1,
        }
        None
    }
}
