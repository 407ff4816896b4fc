//! Mail files to the feed, each with the mailbox it belongs to.

use std::collections::BTreeSet;

use rapport_capture::{
    Captured, Place, Problem,
    mail::MailReader,
    mbox::{messages, single},
};
use rapport_domain::{Address, UserId};

use super::{
    AppError, Feed,
    files::{MailFile, Unit, open},
};

/// Messages that wait for the decision whose mailbox they are in; a longer one is read twice.
const UNDECIDED_MAX: usize = 20_000;

/// What a unit hands out: the file's name and a copy, a copy that failed, or a problem of the file.
enum Item {
    Mail(Box<Captured>),
    Problem(Problem),
}

pub(crate) fn read(feed: &mut Feed, units: &[Unit]) -> Result<(), AppError> {
    feed.progress.bytes_total = units.iter().flat_map(|unit| &unit.files).map(|file| file.len_bytes).sum();
    for unit in units {
        read_unit(feed, unit)?;
    }
    Ok(())
}

fn read_unit(feed: &mut Feed, unit: &Unit) -> Result<(), AppError> {
    if let Some(mailbox) = feed.mailbox().cloned() {
        return each(unit, 0, |file, item| push(feed, unit, file, item, Some(&mailbox)));
    }
    // The mailbox is the one user whom every message names: known only at the end, unless no user is left before.
    let mut waiting: Vec<(usize, Item)> = Vec::new();
    let mut candidates: Option<BTreeSet<UserId>> = None;
    let (mut is_decided, mut is_longer) = (false, false);
    each(unit, 0, |file, item| {
        if is_decided {
            return push(feed, unit, file, item, None);
        }
        if let Item::Mail(captured) = &item {
            let named: BTreeSet<UserId> = captured.named().filter_map(|address| feed.user_of(address)).collect();
            candidates =
                Some(candidates.take().map_or_else(|| named.clone(), |known| known.intersection(&named).copied().collect()));
        }
        if !is_longer && candidates.as_ref().is_some_and(BTreeSet::is_empty) {
            is_decided = true;
            for (file, item) in waiting.drain(..) {
                push(feed, unit, file, item, None)?;
            }
            return push(feed, unit, file, item, None);
        }
        if waiting.len() < UNDECIDED_MAX {
            waiting.push((file, item));
        } else {
            is_longer = true;
        }
        Ok(())
    })?;
    if is_decided {
        return Ok(());
    }
    let mailbox = mailbox_of(feed, candidates.as_ref());
    let decided = waiting.len();
    for (file, item) in waiting {
        push(feed, unit, file, item, mailbox.as_ref())?;
    }
    if is_longer { each(unit, decided, |file, item| push(feed, unit, file, item, mailbox.as_ref())) } else { Ok(()) }
}

fn mailbox_of(feed: &Feed, candidates: Option<&BTreeSet<UserId>>) -> Option<Address> {
    let mut candidates = candidates?.iter();
    match (candidates.next(), candidates.next()) {
        (Some(user), None) => feed.first_address(*user),
        _ => None,
    }
}

fn push(feed: &mut Feed, unit: &Unit, file: usize, item: Item, mailbox: Option<&Address>) -> Result<(), AppError> {
    let file = &unit.files[file];
    match item {
        Item::Mail(captured) => {
            let offset = if let Place::Offset(offset) = captured.place { offset } else { 0 };
            feed.progress.bytes = file.starts_at + offset;
            feed.push(&file.name, *captured, mailbox)
        }
        Item::Problem(problem) => {
            // A file that should be one message and is none was one message that failed: none is lost from the count.
            if problem.is_failed_item || file.is_single {
                feed.failed(&file.name, &problem);
            } else {
                feed.problem(&file.name, &problem);
            }
            Ok(())
        }
    }
}

/// Every item of a unit after the first `skip`, with the position of its file.
fn each(unit: &Unit, skip: usize, mut visit: impl FnMut(usize, Item) -> Result<(), AppError>) -> Result<(), AppError> {
    let reader = MailReader::new();
    let mut position = 0;
    for (i, file) in unit.files.iter().enumerate() {
        each_of_file(file, &reader, |item| {
            position += 1;
            if position > skip { visit(i, item) } else { Ok(()) }
        })?;
    }
    Ok(())
}

fn each_of_file(
    file: &MailFile,
    reader: &MailReader,
    mut visit: impl FnMut(Item) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let bytes = match open(&file.path) {
        Ok(bytes) => bytes,
        Err(error) => return visit(Item::Problem(Problem::general(Place::File, format!("cannot be read: {error}")))),
    };
    let found = if file.is_single { single(bytes) } else { messages(bytes) };
    let mut is_empty = true;
    for message in found {
        is_empty = false;
        match message {
            Ok(raw) => visit(Item::Mail(Box::new(reader.read(&raw, file.is_draft))))?,
            Err(problem) => visit(Item::Problem(problem))?,
        }
    }
    if is_empty && file.is_single {
        visit(Item::Problem(Problem::failed(Place::File, "the file is empty")))?;
    }
    Ok(())
}
