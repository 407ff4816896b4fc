//! What capture would keep of a mailbox, without keeping anything.

use rapport_capture::{Place, Verdict, mail::MailReader};
use rapport_connect::mailbox::{Ask, Page, StreamKind, Window};
use rapport_domain::time::DAY_US;

use super::{EXPANDED_DAYS, Fault, MONTH_US, Sync, pages::Reading};
use crate::app::{
    App, AppError,
    connectors::no_mailbox,
    import::{Preview, preview_item},
    settings,
};

/// Pages that are read of each folder or calendar.
const PAGES_MAX: usize = 5;

impl App {
    /// What would become of each message of the last month, and of the appointments, of a mailbox that may be read; nothing is kept, and
    /// nothing remembered.
    pub async fn preview_mailbox(&self, connector: &str, mailbox: &str) -> Result<Preview, AppError> {
        self.whole_view().await?.need_no_works_council("messages name single colleagues")?;
        let sync = Sync::new(self.clone());
        sync.tend().await?;
        let user = self.whole_view().await?.user_of(mailbox).ok_or_else(|| no_mailbox(connector, mailbox))?;
        let may_read = async || self.may_capture(user).await;
        if !may_read().await? {
            return Err(AppError::refused(format!("the mailbox of `{mailbox}` may not be read now")).with_hint(
                "consent, geography, roles, groups, opt-out and the notice decide: Sales Insights settings > Relationship insights > Overview",
            ));
        }
        let row = self.store().captured_mailbox(self.org(), connector, user).await?;
        let of = self.store().connectors(self.org()).await?.into_iter().find(|row| row.id == connector);
        let (Some(row), Some(of)) = (row, of) else { return Err(no_mailbox(connector, mailbox)) };
        let permits = sync.permits.now(self).await?;
        let address = permits.address(user)?;
        let door = sync.door(&of, &row, &address).map_err(told)?;
        let door = door.ok_or_else(|| AppError::refused("nobody has set a password for this mailbox"))?;
        let mut session = door.open().await.map_err(|error| refused(&error))?;
        let now = self.now();
        let keeps_subjects = settings::value(&self.store().settings(self.org()).await?, "capture.keep_subjects") == "true";
        let window = Window { from: now.plus_us(-MONTH_US), until: now.plus_us(EXPANDED_DAYS * DAY_US) };
        let reading = Reading { context: &permits.context(now), mailbox: &address, from: window.from, until: window.until };
        let (mut preview, reader) = (Preview::default(), MailReader::new());
        for stream in session.streams().await.map_err(|error| refused(&error))? {
            let mut cursor: Option<String> = None;
            for _ in 0..PAGES_MAX {
                if !may_read().await? {
                    return Err(AppError::refused("the mailbox may not be read any more"));
                }
                let ask = match (&cursor, stream.kind) {
                    (cursor, StreamKind::Mail) => Ask::History(Window { until: now, ..window }, cursor.as_deref()),
                    (None, StreamKind::Calendar) => Ask::Begin(window),
                    (Some(cursor), StreamKind::Calendar) => Ask::Changes(cursor, window),
                };
                let Page { items, cursor: next, is_last } = session.page(&stream, &ask).await.map_err(|error| refused(&error))?;
                for found in items.iter().flat_map(|item| reading.read(&reader, item)) {
                    preview.report.read += 1;
                    let Ok(captured) = found else {
                        preview.report.failed += 1;
                        continue;
                    };
                    let verdict = reading.context.judge(&captured);
                    match &verdict {
                        Verdict::Keep => preview.report.kept += 1,
                        Verdict::Exclude(reason) => *preview.report.excluded.entry(reason.as_str().to_owned()).or_default() += 1,
                        Verdict::Fail(_) => preview.report.failed += 1,
                    }
                    let place = if let Place::Item(id) = &captured.place { id } else { "" };
                    preview.push(preview_item(&format!("{} {place}", stream.id), &captured, &verdict, keeps_subjects));
                }
                cursor = Some(next);
                if is_last {
                    break;
                }
            }
        }
        session.close().await;
        Ok(preview)
    }
}

fn refused(error: &rapport_connect::SourceError) -> AppError {
    AppError::refused(format!("the mail system did not answer: {error}"))
}

fn told(fault: Fault) -> AppError {
    match fault {
        Fault::Source(error) => refused(&error),
        Fault::Own(error) => error,
    }
}
