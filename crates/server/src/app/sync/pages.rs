//! A page of a mail system becomes what is to be kept of it.

use rapport_capture::{Captured, Problem, Verdict, calendar, graph, mail::MailReader, mbox::RawMail};
use rapport_connect::mailbox::{Content, Item};
use rapport_domain::{Address, Moment, Sighting};
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
            let found = self.read(&reader, item);
            let failed = judged.counts.failed;
            let sightings = found.into_iter().filter_map(|found| self.keep(found, &mut judged.counts));
            if matches!(item.content, Content::Mail { .. } | Content::GraphMessage(_)) {
                judged.mails.extend(sightings);
            } else {
                let sightings: Vec<Sighting> = sightings.collect();
                judged.appointments.push(Appointment {
                    item: item.id.clone(),
                    is_gone: item.content == Content::Gone,
                    is_unreadable: sightings.is_empty() && judged.counts.failed > failed,
                    sightings,
                });
            }
        }
        judged
    }

    /// What an item shows: a message, or each occurrence of an appointment; nothing, if it is gone.
    pub(super) fn read(&self, reader: &MailReader, item: &Item) -> Vec<Result<Captured, Problem>> {
        let calendar = &self.context.view.calendar;
        let mut found = match &item.content {
            Content::Mail { headers, is_draft } => {
                let raw = RawMail { offset: 0, headers: headers.clone(), note: None };
                vec![Ok(reader.read(&raw, *is_draft))]
            }
            Content::GraphMessage(json) => vec![Ok(graph::message(reader, json))],
            Content::Calendar(bytes) => {
                let occurrences = calendar::read(&bytes[..], calendar, self.until);
                occurrences.filter(|found| found.as_ref().map_or(true, |captured| self.is_in_time(captured))).collect()
            }
            Content::GraphEvent(json) => {
                let found = graph::event(json, calendar, Some(self.mailbox));
                if self.is_in_time(&found) { vec![Ok(found)] } else { Vec::new() }
            }
            Content::Gone => Vec::new(),
        };
        for captured in found.iter_mut().flatten() {
            captured.sighting.mailbox = Some(self.mailbox.clone());
        }
        found
    }

    fn is_in_time(&self, captured: &Captured) -> bool {
        captured.fault.is_some() || captured.sighting.occurred_at >= self.from
    }

    /// A copy that is to be kept; whatever becomes of it, it is counted.
    fn keep(&self, found: Result<Captured, Problem>, counts: &mut CaptureCounts) -> Option<Sighting> {
        let captured = match found {
            Ok(captured) => captured,
            Err(problem) => {
                counts.read += u64::from(problem.is_failed_item);
                counts.failed += u64::from(problem.is_failed_item);
                return None;
            }
        };
        counts.read += 1;
        // What could not be read says nothing by which it could be left out.
        if captured.fault.is_some() {
            counts.failed += 1;
            return None;
        }
        match self.context.judge(&captured) {
            Verdict::Keep => return Some(captured.sighting),
            Verdict::Exclude(reason) => *counts.excluded.entry(reason.as_str().to_owned()).or_default() += 1,
            Verdict::Fail(_) => counts.failed += 1,
        }
        None
    }
}
