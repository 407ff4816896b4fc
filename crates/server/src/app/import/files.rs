//! Which files an import reads, and which of them are one mailbox.

use std::{
    fs::File,
    io::BufReader,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use super::AppError;

/// Buffer of a file that is read from start to end: a Maildir has a small file for each message.
const BUFFER_BYTES: RangeInclusive<u64> = 8 * 1024..=256 * 1024;

/// Folders within folders that are followed: deeper is a loop of links.
const DEPTH_MAX: usize = 64;

/// Files that belong to one mailbox.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) files: Vec<MailFile>,
}

/// One file of mail.
#[derive(Clone, Debug)]
pub(crate) struct MailFile {
    pub(crate) path: PathBuf,
    /// The path as problems name it.
    pub(crate) name: String,
    pub(crate) len_bytes: u64,
    /// Bytes of all files before it.
    pub(crate) starts_at: u64,
    /// One message, whatever looks like a separator inside (.eml, Maildir).
    pub(crate) is_single: bool,
    /// Maildir flag D.
    pub(crate) is_draft: bool,
}

/// Opens a file, decompressed, for one pass.
pub(crate) fn open(path: &Path) -> std::io::Result<rapport_capture::gzip::Decompressed<BufReader<File>>> {
    let file = File::open(path)?;
    let buffer_bytes = file.metadata()?.len().clamp(*BUFFER_BYTES.start(), *BUFFER_BYTES.end());
    rapport_capture::gzip::decompressed(BufReader::with_capacity(buffer_bytes as usize, file))
}

/// Size in bytes, 0 if it cannot be told.
pub(crate) fn len(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// All files below some paths, in the order of their names; hidden ones are left out.
pub(crate) fn walk(paths: &[PathBuf]) -> Result<Vec<PathBuf>, AppError> {
    let mut files = Vec::new();
    for path in paths {
        walk_one(path, 0, &mut files)?;
    }
    if files.is_empty() {
        return Err(AppError::invalid("there is no file to import in the given paths"));
    }
    Ok(files)
}

fn walk_one(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), AppError> {
    let cannot = |error: std::io::Error| AppError::invalid(format!("cannot read `{}`: {error}", path.display()));
    if std::fs::metadata(path).map_err(cannot)?.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    if depth > DEPTH_MAX {
        return Err(AppError::invalid(format!("`{}` lies more than {DEPTH_MAX} folders deep", path.display())));
    }
    let entries = std::fs::read_dir(path).map_err(cannot)?.collect::<Result<Vec<_>, _>>().map_err(cannot)?;
    let mut inside: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    inside.sort();
    for path in inside {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        // Maildir++ keeps sub-folders in hidden directories.
        if !is_hidden || path.join("cur").is_dir() {
            walk_one(&path, depth + 1, files)?;
        }
    }
    Ok(())
}

/// Files of mail, grouped by mailbox: an mbox is one, a Maildir is one, the .eml files of a folder are one.
pub(crate) fn mail_units(paths: &[PathBuf]) -> Result<Vec<Unit>, AppError> {
    let mut units: Vec<(Option<PathBuf>, Unit)> = Vec::new();
    let mut starts_at = 0;
    for path in walk(paths)? {
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let folder_name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_maildir =
            matches!(folder_name.as_str(), "cur" | "new") && folder.parent().is_some_and(|root| root.join("cur").is_dir());
        if folder_name == "tmp" && folder.parent().is_some_and(|root| root.join("cur").is_dir()) {
            continue; // a Maildir's deliveries in progress
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let is_single = is_maildir || matches!(extension.as_str(), "eml" | "msg");
        let is_draft = is_maildir && name.rsplit_once(":2,").is_some_and(|(_, flags)| flags.contains('D'));
        let group = if is_maildir { folder.parent().map(Path::to_owned) } else { is_single.then_some(folder) };
        let len_bytes = len(&path);
        let file = MailFile { name: path.display().to_string(), len_bytes, starts_at, path, is_single, is_draft };
        starts_at += len_bytes;
        match units.last_mut() {
            Some((last, unit)) if group.is_some() && *last == group => unit.files.push(file),
            _ => units.push((group, Unit { files: vec![file] })),
        }
    }
    Ok(units.into_iter().map(|(_, unit)| unit).collect())
}
