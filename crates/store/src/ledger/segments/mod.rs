//! Segments: touches in sorted Parquet files, beside the tail in the database: in the data folder, or in object storage.
//!
//! **What they are.** Derived like every touch, and written once. A row of the registry names each file; what no row names is nothing. The
//! row is written in the transaction that empties the tail (or replaces the segments that were merged), so that a reader sees each touch
//! once, whatever crashes.
//! **What supersedes what.** The tail is newer than every segment, and a segment with a greater sequence than one with a smaller: the newest
//! version of (subject, moment, interaction) holds. Touches that moved or went are named in `segment_removals` until they are merged away.
//!
//! | file | what |
//! | --- | --- |
//! | `columns` | rows as they are written |
//! | `file` | one segment as Parquet |
//! | `group` | one row group of it, decoded |
//! | `listed` | its columns of lists |
//! | `catalog` | which segments there are |
//! | `cache` | the files of the data folder that object storage has as well |
//! | `place` | object storage |
//! | `moving` | from one place to another |
//! | `layers` | reading them as one |
//! | `write` | writing rows as one or several segments |
//! | `load` | writing generated touches |
//! | `seal` | from the tail, from several segments, and away with what nothing names |

pub(crate) mod cache;
pub(crate) mod catalog;
pub(crate) mod columns;
pub(crate) mod file;
pub(crate) mod group;
pub(crate) mod layers;
mod listed;
pub(crate) mod load;
pub(crate) mod moving;
pub(crate) mod place;
pub(crate) mod seal;
pub(crate) mod write;
