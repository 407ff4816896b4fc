//! Compressed files are read as if they were not: gzip is told by its first bytes.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// A reader that decompresses where its input is gzip (also several members one after the other), and passes it on otherwise.
///
/// It streams: however far a small file expands, no more than buffers are held.
pub fn decompressed<R: BufRead>(mut reader: R) -> io::Result<Decompressed<R>> {
    let is_gzip = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if is_gzip {
        Decompressed::Gzip(Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(reader))))
    } else {
        Decompressed::Plain(reader)
    })
}

/// Decompressed bytes held at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// See [`decompressed`].
pub enum Decompressed<R: BufRead> {
    /// Not compressed.
    Plain(R),
    /// Compressed by gzip.
    Gzip(Box<BufReader<MultiGzDecoder<R>>>),
}

impl<R: BufRead> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer),
            Self::Gzip(reader) => reader.read(buffer),
        }
    }
}

impl<R: BufRead> BufRead for Decompressed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain(reader) => reader.fill_buf(),
            Self::Gzip(reader) => reader.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match self {
            Self::Plain(reader) => reader.consume(amount),
            Self::Gzip(reader) => reader.consume(amount),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_are_joined_and_plain_text_passes() {
        let mut text = String::new();
        let both = [gzip(b"one "), gzip(b"two")].concat();
        decompressed(&both[..]).unwrap().read_to_string(&mut text).unwrap();
        decompressed(&b" three"[..]).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "one two three");
    }
}
