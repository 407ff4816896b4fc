//! Columns of a list a row.
//!
//! Where a list goes on and whether it is empty is written as a bit each, before the values of a page. Those bits are read here, a page at once,
//! without a branch that depends on them; the values are handed on as those of a column without lists. To walk level after level, as is needed
//! where lists lie in lists, takes a wrong branch two to three times a row: nothing foretells how long a list is.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::{Buf as _, Bytes};
use parquet::{
    basic::Encoding,
    column::{
        page::{Page, PageMetadata, PageReader},
        reader::ColumnReaderImpl,
    },
    data_type::DataType,
    errors::ParquetError,
    schema::types::ColumnDescriptor,
};

use super::{columns::Lists, group::complete};

/// A column of a list a row.
pub(super) enum Listed<T: DataType> {
    /// All lists are empty, as the file's statistics say.
    Empty,
    Read(Box<ListReader<T>>),
}

/// The lists of a page, and the values that come next.
pub(super) struct ListReader<T: DataType> {
    pages: Box<dyn PageReader>,
    /// Values of all pages, those of empty lists included: a page that says it has more is damaged.
    values_max: usize,
    values: ColumnReaderImpl<T>,
    /// What `values` reads next.
    handed_on: HandedOn,
    /// Where the lists of this page begin among its values, and where the last of them ends; and how many of them are behind.
    bounds: Vec<u32>,
    at: usize,
    /// Buffers of bits: whether something goes on with the list before it, and whether it is a value.
    goes_on: Vec<bool>,
    is_value: Vec<bool>,
}

impl<T: DataType> Listed<T> {
    pub(super) fn new(pages: Box<dyn PageReader>, values_max: usize, descriptor: &ColumnDescriptor) -> Self {
        let handed_on = HandedOn::default();
        let flat = ColumnDescriptor::new(descriptor.self_type_ptr(), 0, 0, descriptor.path().clone());
        let values = ColumnReaderImpl::new(Arc::new(flat), Box::new(handed_on.clone()));
        let (bounds, goes_on, is_value) = (vec![0], Vec::new(), Vec::new());
        Self::Read(Box::new(ListReader { pages, values_max, values, handed_on, bounds, at: 0, goes_on, is_value }))
    }

    /// Skips rows and reads rows.
    pub(super) fn read(&mut self, (skipped, rows): (usize, usize), out: &mut Lists<T::T>) -> Result<(), ParquetError> {
        match self {
            Self::Empty => {
                out.ends.resize(out.ends.len() + rows, out.values.len() as u32);
                Ok(())
            }
            Self::Read(reader) => {
                reader.skip(skipped)?;
                reader.read(rows, out)
            }
        }
    }
}

impl<T: DataType> ListReader<T> {
    fn skip(&mut self, rows: usize) -> Result<(), ParquetError> {
        let mut left = rows;
        while left > 0 {
            let (taken, values) = self.take(left);
            complete(self.values.skip_records(values)?, values)?;
            left -= taken;
            if left == 0 {
                break;
            }
            match self.pages.peek_next_page()? {
                Some(next) if next.is_dict => self.pages.get_next_page()?.into_iter().for_each(|page| self.handed_on.push(page)),
                // Whole pages are not even decompressed.
                Some(PageMetadata { num_rows: Some(rows), .. }) if rows <= left => {
                    self.pages.skip_next_page()?;
                    left -= rows;
                }
                _ => self.next_page()?,
            }
        }
        Ok(())
    }

    fn read(&mut self, rows: usize, out: &mut Lists<T::T>) -> Result<(), ParquetError> {
        let mut left = rows;
        while left > 0 {
            let first = self.at;
            let (taken, values) = self.take(left);
            let moved = (out.values.len() as u32).wrapping_sub(self.bounds[first]);
            out.ends.extend(self.bounds[first + 1..=self.at].iter().map(|end| end.wrapping_add(moved)));
            let (read, ..) = self.values.read_records(values, None, None, &mut out.values)?;
            complete(read, values)?;
            left -= taken;
            if left > 0 {
                self.next_page()?;
            }
        }
        Ok(())
    }

    /// Goes past lists of this page, at most so many: how many these are, and how many values they have.
    fn take(&mut self, lists_max: usize) -> (usize, usize) {
        let first = self.at;
        self.at = (self.bounds.len() - 1).min(first + lists_max);
        (self.at - first, (self.bounds[self.at] - self.bounds[first]) as usize)
    }

    /// Reads where the lists of the next page end, and hands its values on.
    fn next_page(&mut self) -> Result<(), ParquetError> {
        loop {
            let Some(page) = self.pages.get_next_page()? else { return Err(ParquetError::EOF("a list is missing".to_owned())) };
            if page.is_dictionary_page() {
                self.handed_on.push(page);
                continue;
            }
            let unknown = || ParquetError::General("lists are written in another way".to_owned());
            let Page::DataPage { mut buf, num_values, encoding, def_level_encoding, rep_level_encoding, .. } = page else {
                return Err(unknown());
            };
            if [def_level_encoding, rep_level_encoding] != [Encoding::RLE; 2] || num_values as usize > self.values_max {
                return Err(unknown());
            }
            read_bits(&mut buf, num_values as usize, &mut self.goes_on)?;
            read_bits(&mut buf, num_values as usize, &mut self.is_value)?;
            let num_values = self.find_bounds()?;
            if num_values > 0 {
                let statistics = None;
                self.handed_on.push(Page::DataPage {
                    buf,
                    num_values,
                    encoding,
                    def_level_encoding,
                    rep_level_encoding,
                    statistics,
                });
            }
            return Ok(());
        }
    }

    /// Makes bounds of the bits of a page; the number of its values.
    fn find_bounds(&mut self) -> Result<u32, ParquetError> {
        if self.goes_on.first() == Some(&true) {
            return Err(ParquetError::General("a page begins within a list".to_owned()));
        }
        self.bounds.resize(self.goes_on.len() + 1, 0);
        let bounds = self.bounds.as_mut_slice();
        let (mut lists, mut values) = (0, 0);
        for (goes_on, is_value) in self.goes_on.iter().zip(&self.is_value) {
            // Where no list begins, this is written over.
            bounds[lists] = values;
            lists += usize::from(!goes_on);
            values += u32::from(*is_value);
        }
        bounds[lists] = values;
        self.bounds.truncate(lists + 1);
        self.at = 0;
        Ok(values)
    }
}

/// The bits of each group of eight, the lowest first.
static GROUPS: [[bool; 8]; 256] = {
    let mut groups = [[false; 8]; 256];
    let mut bit = 0;
    while bit < 256 * 8 {
        groups[bit / 8][bit % 8] = (bit / 8) >> (bit % 8) & 1 != 0;
        bit += 1;
    }
    groups
};

/// Reads so many bits from the beginning of a page, which come as runs of one bit and as groups of eight.
fn read_bits(page: &mut Bytes, count: usize, bits: &mut Vec<bool>) -> Result<(), ParquetError> {
    let ended = || ParquetError::EOF("a page ends within its levels".to_owned());
    let len = page.try_get_u32_le().map_err(|_| ended())? as usize;
    if len > page.len() {
        return Err(ended());
    }
    let mut runs = page.split_to(len);
    bits.clear();
    while bits.len() < count {
        let head = read_varint(&mut runs).ok_or_else(ended)?;
        let run = head as usize >> 1;
        if head & 1 == 0 {
            let bit = runs.try_get_u8().map_err(|_| ended())? != 0;
            bits.resize(bits.len() + run.min(count - bits.len()), bit);
        } else {
            let groups = runs.split_to(run.min(runs.len()));
            if groups.is_empty() {
                return Err(ended());
            }
            for group in &groups {
                bits.extend_from_slice(&GROUPS[usize::from(*group)]);
            }
        }
    }
    // The last group is filled up.
    bits.truncate(count);
    Ok(())
}

fn read_varint(bytes: &mut Bytes) -> Option<u32> {
    let mut value = 0;
    for shift in (0..u32::BITS).step_by(7) {
        let byte = bytes.try_get_u8().ok()?;
        value |= u32::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Pages on their way to whoever reads their values.
#[derive(Clone, Default)]
struct HandedOn(Arc<Mutex<VecDeque<Page>>>);

impl HandedOn {
    fn push(&self, page: Page) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(page);
    }

    fn pop(&self) -> Option<Page> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl Iterator for HandedOn {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.pop().map(Ok)
    }
}

impl PageReader for HandedOn {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        Ok(self.pop())
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(pages.front().map(|page| {
            let num_levels = page.is_data_page().then_some(page.num_values() as usize);
            PageMetadata { num_rows: None, num_levels, is_dict: page.is_dictionary_page() }
        }))
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.pop();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use parquet::{
        data_type::Int64Type,
        file::reader::{FileReader as _, SerializedFileReader},
    };

    use super::{
        super::{
            columns::Columns,
            file::{PAGE_ROWS, SegmentFile, SegmentWriter, tests::rows},
        },
        *,
    };

    #[test]
    fn lists_of_any_length_are_read_and_skipped_across_pages() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lists");
        let mut all = rows(&vec![1_767_225_600_000_000; 5 * PAGE_ROWS + 100]);
        all.participants.ends.clear();
        let mut seen_by = 0;
        for i in 0..all.len() {
            // A page of lists with one each, a page of empty ones, and others: none, some, or very many.
            let len = match i / PAGE_ROWS {
                1 => 1,
                2 => 0,
                _ if i % 1_000 == 0 => 2_000,
                _ => i * i % 7,
            };
            all.participants.values.extend((0..len as i32).map(|value| value * 16 + i as i32 % 3));
            all.participants.ends.push(all.participants.values.len() as u32);
            // Nothing but in the last page.
            seen_by += u32::from(i > 5 * PAGE_ROWS);
            all.seen_by.ends[i] = seen_by;
        }
        all.seen_by.values.resize(seen_by as usize, 5);
        all.subject.iter_mut().enumerate().for_each(|(i, subject)| *subject = i as i64 / 50);
        let mut writer = SegmentWriter::create(&path).unwrap();
        writer.extend(&all, 0..all.len()).unwrap();
        writer.finish().unwrap();
        let file = SegmentFile::open(&path).unwrap().unwrap();
        for (is_partial, skipped, step) in
            [(false, 0, 2_048), (true, 0, all.len()), (true, 1_000, 777), (true, 20_000, 1), (true, 3, 9_000)]
        {
            let mut open = file.open_group(0, is_partial, None, BytesMut::new()).unwrap();
            let (mut read, mut expected, mut at) = (Columns::default(), Columns::default(), 0);
            while at + skipped < all.len() {
                let rows = step.min(all.len() - at - skipped);
                open.read(skipped, rows, &mut read).unwrap();
                expected.extend_range(&all, at + skipped..at + skipped + rows);
                at += skipped + rows;
            }
            assert!(read == expected, "{step} rows after {skipped} skipped");
        }
    }

    /// Levels as a page has them, with what comes behind.
    fn page_of(runs: &[u8]) -> Bytes {
        [&(runs.len() as u32).to_le_bytes(), runs, b"behind"].concat().into()
    }

    #[test]
    fn bits_come_as_runs_and_in_groups() {
        let mut bits = Vec::new();
        // Two groups, three times yes, and no as often as another page would need it.
        let mut page = page_of(&[0b101, 0b1000_0001, 0b0000_0010, 6, 1, 0b1000_0000, 0b1, 0]);
        read_bits(&mut page, 24, &mut bits).unwrap();
        assert_eq!(bits.iter().map(|bit| u8::from(*bit).to_string()).collect::<String>(), "100000010100000011100000");
        assert_eq!(page, "behind");
        // The last group has more bits than there are.
        read_bits(&mut page_of(&[0b11, 0b0000_0110]), 3, &mut bits).unwrap();
        assert_eq!(bits, [false, true, true]);
    }

    #[test]
    fn a_page_of_more_than_its_column_has_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lists");
        let mut writer = SegmentWriter::create(&path).unwrap();
        let all = rows(&[1_767_225_600_000_000; 9]);
        writer.extend(&all, 0..all.len()).unwrap();
        writer.finish().unwrap();
        let bytes: Bytes = std::fs::read(&path).unwrap().into();
        let reader = SerializedFileReader::new(bytes).unwrap();
        let group = reader.get_row_group(0).unwrap();
        let (column, chunk) =
            group.metadata().columns().iter().enumerate().find(|(_, one)| one.column_descr().max_rep_level() > 0).unwrap();
        let values = chunk.num_values() as usize;
        for (values_max, is_sound) in [(values, true), (values - 1, false)] {
            let mut lists =
                Listed::<Int64Type>::new(group.get_column_page_reader(column).unwrap(), values_max, chunk.column_descr());
            assert_eq!(lists.read((0, all.len()), &mut Lists::default()).is_ok(), is_sound, "{values_max}");
        }
    }

    #[test]
    fn levels_that_end_too_early_are_an_error() {
        for runs in [&[][..], &[0b11], &[6], &[6, 1], &[0x80], &[0xFF; 9], &[0b1, 0b1]] {
            assert!(read_bits(&mut page_of(runs), 8, &mut Vec::new()).is_err(), "{runs:?}");
        }
        for cut in [0, 3, 5] {
            assert!(read_bits(&mut page_of(&[0b11, 0]).slice(..cut), 8, &mut Vec::new()).is_err(), "{cut} bytes");
        }
    }
}
