//! `import calendar`: .ics files to the feed.

use std::path::PathBuf;

use rapport_capture::{Place, Problem, calendar};
use rapport_domain::time::DAY_US;

use super::{
    AppError, Feed,
    files::{len, open},
};

/// Days after `as_of` up to which recurrences are expanded (08).
const EXPANDED_DAYS: i64 = 400;

pub(crate) fn read(feed: &mut Feed, files: &[PathBuf]) -> Result<(), AppError> {
    let view = feed.view();
    let until = feed.as_of().plus_us(EXPANDED_DAYS * DAY_US);
    let mailbox = feed.mailbox().cloned();
    feed.progress.bytes_total = files.iter().map(|file| len(file)).sum();
    for file in files {
        let name = file.display().to_string();
        match open(file) {
            Err(error) => feed.problem(&name, &Problem::general(Place::File, format!("cannot be read: {error}"))),
            Ok(bytes) => {
                for occurrence in calendar::read(bytes, &view.calendar, until) {
                    match occurrence {
                        Ok(captured) => feed.push(&name, captured, mailbox.as_ref())?,
                        Err(problem) if problem.is_failed_item => feed.failed(&name, &problem),
                        Err(problem) => feed.problem(&name, &problem),
                    }
                }
            }
        }
        feed.progress.bytes += len(file);
    }
    Ok(())
}
