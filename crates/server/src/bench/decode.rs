//! Merely decoding the columns of a folder of segments: what no pass over them can be faster than.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use parquet::{
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::DataType,
    errors::ParquetError,
    file::reader::{FileReader, SerializedFileReader},
};

use crate::AppError;

/// Columns that no fold reads: they tell which mailbox shows what, and these worlds show everything.
const NOT_FOLDED: [&str; 1] = ["seen_by"];
/// Values decoded at a time, as many as stay in the cache of a core.
const BATCH: usize = 8_192;

/// All files of a folder and below that are segments.
pub(super) fn segments(folder: &Path) -> Result<Vec<PathBuf>, AppError> {
    let mut files = files_of(folder)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "parquet"));
    Ok(files)
}

/// Every file of a folder and below.
pub(super) fn files_of(folder: &Path) -> Result<Vec<PathBuf>, AppError> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let cannot = |error: std::io::Error| AppError::invalid(format!("cannot read `{}`: {error}", next.display()));
        for entry in next.read_dir().map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Rows of files.
pub(super) fn rows(files: &[PathBuf]) -> Result<u64, AppError> {
    files.iter().map(|path| Ok(open(path)?.metadata().file_metadata().num_rows() as u64)).sum()
}

/// Bytes of files.
pub(super) fn bytes(files: &[PathBuf]) -> u64 {
    files.iter().filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// Decodes every row group, on all cores.
pub(super) fn decode_all(files: &[PathBuf]) -> Result<(), AppError> {
    let wrong = |error: ParquetError| AppError::invalid(format!("a segment cannot be decoded: {error}"));
    let mut groups = Vec::new();
    for path in files {
        let reader = open(path)?;
        groups.extend((0..reader.num_row_groups()).map(|group| (path, group)));
    }
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), AppError> {
        let mut opened: Option<(&PathBuf, SerializedFileReader<File>)> = None;
        while let Some((path, group)) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            if opened.as_ref().is_none_or(|(of, _)| of != path) {
                opened = Some((path, open(path)?));
            }
            let Some((_, reader)) = &opened else { continue };
            decode_group(reader, *group).map_err(wrong)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn open(path: &Path) -> Result<SerializedFileReader<File>, AppError> {
    let cannot = |error: String| AppError::invalid(format!("cannot open `{}`: {error}", path.display()));
    SerializedFileReader::new(File::open(path).map_err(|error| cannot(error.to_string()))?)
        .map_err(|error| cannot(error.to_string()))
}

fn decode_group(reader: &SerializedFileReader<File>, group: usize) -> Result<(), ParquetError> {
    let group = reader.get_row_group(group)?;
    for (i, column) in group.metadata().columns().iter().enumerate() {
        let path = column.column_path().string();
        if NOT_FOLDED.iter().any(|name| path.starts_with(name)) {
            continue;
        }
        match group.get_column_reader(i)? {
            ColumnReader::BoolColumnReader(reader) => drain(reader)?,
            ColumnReader::Int32ColumnReader(reader) => drain(reader)?,
            ColumnReader::Int64ColumnReader(reader) => drain(reader)?,
            _ => return Err(ParquetError::General(format!("`{path}` is no column of touches"))),
        }
    }
    Ok(())
}

fn drain<T: DataType>(mut reader: ColumnReaderImpl<T>) -> Result<(), ParquetError> {
    let (mut definitions, mut repetitions, mut values) = (Vec::new(), Vec::new(), Vec::with_capacity(BATCH));
    loop {
        definitions.clear();
        repetitions.clear();
        values.clear();
        let (records, ..) = reader.read_records(BATCH, Some(&mut definitions), Some(&mut repetitions), &mut values)?;
        if records == 0 {
            return Ok(());
        }
        std::hint::black_box(&values);
    }
}
