//! What would become of each message or appointment of a file, without keeping anything.

use std::{path::PathBuf, sync::Arc};

use rapport_capture::{Captured, Verdict};
use rapport_domain::Attendance;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, AppError, Feed, ImportOptions, ImportReport, calendar,
    feed::{Scope, Show},
    files, mail,
};
use crate::app::settings;

/// Messages that are shown one by one; all are counted.
const ITEMS_MAX: usize = 1_000;
/// Participants of a message that are shown.
const PARTICIPANTS_MAX: usize = 20;

/// What would become of a file.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Preview {
    /// The counts that an import would report.
    pub report: ImportReport,
    /// The first 1,000, in the file's order.
    pub items: Vec<PreviewItem>,
    /// Further ones.
    pub items_omitted: u64,
}

/// One message or appointment, with exactly what would be kept of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreviewItem {
    /// Where it stands: `file:offset` or `file:line`.
    #[serde(rename = "where")]
    pub place: String,
    /// `kept`, `excluded` or `failed`.
    #[schema(example = "excluded")]
    pub verdict: &'static str,
    /// Why it is not kept: a reason of exclusion such as `internal_only`, or what is wrong with it.
    pub reason: Option<String>,
    /// `email` or `meeting`.
    #[schema(example = "email")]
    pub kind: &'static str,
    /// When it was.
    pub at: String,
    /// Who takes part, at most 20.
    pub participants: Vec<PreviewParticipant>,
    /// Text of the subject, where the organization keeps it; else a keyed hash is kept.
    pub subject: Option<String>,
    /// Seconds, of an appointment.
    pub duration_s: Option<u32>,
}

/// Somebody who takes part.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreviewParticipant {
    /// Address.
    pub address: String,
    /// `from`, `to`, `cc`, `organizer`, `required` or `optional`.
    #[schema(example = "to")]
    pub role: &'static str,
}

impl App {
    /// What an import of mail would keep, and why not the rest. Needs no consent: nothing is kept.
    pub async fn preview_mail(&self, paths: &[PathBuf], options: &ImportOptions) -> Result<Preview, AppError> {
        let files = files::mail_units(paths)?;
        self.preview(options, false, move |feed| mail::read(feed, &files)).await
    }

    /// What capture would keep of a file from a user's own mailbox or calendar (`.ics`), and why not the rest. Places are told below the
    /// file's folder.
    pub async fn preview_own(&self, viewer: Option<&str>, file: PathBuf) -> Result<Preview, AppError> {
        let folder = file.parent().map(|folder| format!("{}{}", folder.display(), std::path::MAIN_SEPARATOR)).unwrap_or_default();
        let mut preview = self.preview_of(viewer, file).await.map_err(|error| error.without(&folder))?;
        let problems = preview.report.problems.iter_mut().map(|problem| &mut problem.place);
        for place in problems.chain(preview.items.iter_mut().map(|item| &mut item.place)) {
            *place = place.replace(&folder, "");
        }
        Ok(preview)
    }

    async fn preview_of(&self, viewer: Option<&str>, file: PathBuf) -> Result<Preview, AppError> {
        let view = self.view().await?;
        let mailbox = view.directory.user(self.myself(&view, viewer)?).email.clone();
        let options = ImportOptions { mailbox: Some(mailbox), ..ImportOptions::default() };
        if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ics")) {
            let files = files::walk(&[file])?;
            return self.preview(&options, true, move |feed| calendar::read(feed, &files)).await;
        }
        let files = files::mail_units(&[file])?;
        self.preview(&options, true, move |feed| mail::read(feed, &files)).await
    }

    async fn preview(
        &self,
        options: &ImportOptions,
        is_capture: bool,
        read: impl FnOnce(&mut Feed) -> Result<(), AppError> + Send + 'static,
    ) -> Result<Preview, AppError> {
        let values = self.store().settings(self.org()).await?;
        let keeps_subjects = settings::value(&values, "capture.keep_subjects") == "true";
        let mut context = self.feed_context(options, true).await?;
        // Consent on the command line selects all roles unless some are.
        context.selects_all = !context.view.enabling.roles.is_any();
        if is_capture {
            context.scope = Arc::new(Scope::new(settings::value(&values, "capture.scope"), &context.view));
        }
        let (shown, items) = std::sync::mpsc::channel();
        let show: Show = Box::new(move |file, captured, verdict| {
            // Nobody listens any more where the request was given up.
            _ = shown.send(preview_item(file, captured, verdict, keeps_subjects));
        });
        let collecting = tokio::task::spawn_blocking(move || {
            let (mut first, mut further) = (Vec::new(), 0_u64);
            for item in items {
                if first.len() < ITEMS_MAX { first.push(item) } else { further += 1 }
            }
            (first, further)
        });
        let reading = tokio::task::spawn_blocking(move || {
            let mut feed = Feed::showing(context, show);
            read(&mut feed).and_then(|()| feed.finish())
        });
        let stopped = |error: tokio::task::JoinError| AppError::invalid(format!("reading stopped: {error}"));
        let report = reading.await.map_err(stopped)??;
        let (items, items_omitted) = collecting.await.map_err(stopped)?;
        Ok(Preview { report, items, items_omitted })
    }
}

impl Preview {
    /// Shows one more, unless enough are shown.
    pub(crate) fn push(&mut self, item: PreviewItem) {
        if self.items.len() < ITEMS_MAX { self.items.push(item) } else { self.items_omitted += 1 }
    }
}

/// A copy and what would become of it.
pub(crate) fn preview_item(file: &str, captured: &Captured, verdict: &Verdict, keeps_subjects: bool) -> PreviewItem {
    let sighting = &captured.sighting;
    let participant = |one: &Attendance| PreviewParticipant { address: one.who.key().into_owned(), role: one.role.as_str() };
    let (verdict, reason) = match verdict {
        Verdict::Keep => ("kept", None),
        Verdict::Exclude(reason) => ("excluded", Some(reason.as_str().to_owned())),
        Verdict::Fail(what) => ("failed", Some(what.clone())),
    };
    PreviewItem {
        place: captured.place.within(file),
        verdict,
        reason,
        kind: sighting.kind.as_str(),
        at: sighting.occurred_at.to_rfc3339(),
        participants: sighting.participants.iter().take(PARTICIPANTS_MAX).map(participant).collect(),
        subject: sighting.subject.clone().filter(|_| keeps_subjects),
        duration_s: sighting.duration_s,
    }
}
