//! `import interactions`: CSV, JSON Lines or Parquet to the feed.

use std::{fs::File, path::Path};

use rapport_capture::{Captured, Problem, interactions};

use super::{
    AppError, Feed,
    crm::header,
    files::{len, open},
};

pub(crate) fn read(feed: &mut Feed, file: &Path) -> Result<(), AppError> {
    let name = file.display().to_string();
    let cannot = |error: std::io::Error| AppError::invalid(format!("cannot read `{name}`: {error}"));
    feed.progress.bytes_total = len(file);
    let lower = name.to_ascii_lowercase();
    let bare = lower.strip_suffix(".gz").unwrap_or(&lower);
    match bare.rsplit_once('.').map(|(_, extension)| extension) {
        Some("csv") => {
            let rows = interactions::csv(open(file).map_err(cannot)?).map_err(|problem| header(&name, &problem))?;
            push_all(feed, &name, rows)
        }
        Some("jsonl" | "ndjson") => push_all(feed, &name, interactions::jsonl(open(file).map_err(cannot)?)),
        Some("parquet") => {
            let rows = interactions::parquet(File::open(file).map_err(cannot)?).map_err(|problem| header(&name, &problem))?;
            push_all(feed, &name, rows)
        }
        _ => Err(AppError::invalid(format!("`{name}` is no file of interactions"))
            .with_hint("its name ends with .csv, .jsonl or .parquet (.csv.gz and .jsonl.gz too)")),
    }
}

fn push_all(feed: &mut Feed, name: &str, rows: impl Iterator<Item = Result<Captured, Problem>>) -> Result<(), AppError> {
    let mailbox = feed.mailbox().cloned();
    for row in rows {
        match row {
            Ok(captured) => feed.push(name, captured, mailbox.as_ref())?,
            Err(problem) => feed.failed(name, &problem),
        }
    }
    Ok(())
}
