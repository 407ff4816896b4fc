//! LEB128 integers and length-prefixed bytes: the encoding of payloads and blocks.

use crate::StoreError;

pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)) as u64);
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads what the functions above wrote; running out of bytes is damage, not a panic.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, StoreError> {
        let (first, rest) = self.bytes.split_first().ok_or_else(damaged)?;
        self.bytes = rest;
        Ok(*first)
    }

    #[inline]
    pub(crate) fn get(&mut self) -> Result<u64, StoreError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(damaged())
    }

    #[inline]
    pub(crate) fn get_signed(&mut self) -> Result<i64, StoreError> {
        let value = self.get()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    #[inline]
    pub(crate) fn bytes(&mut self, len: usize) -> Result<&'a [u8], StoreError> {
        if len > self.bytes.len() {
            return Err(damaged());
        }
        let (first, rest) = self.bytes.split_at(len);
        self.bytes = rest;
        Ok(first)
    }

    #[inline]
    pub(crate) fn get_bytes(&mut self) -> Result<&'a [u8], StoreError> {
        let len = self.get()? as usize;
        self.bytes(len)
    }

    pub(crate) fn get_text(&mut self) -> Result<String, StoreError> {
        Ok(String::from_utf8_lossy(self.get_bytes()?).into_owned())
    }
}

fn damaged() -> StoreError {
    StoreError::damaged("a stored block ends too early")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_back() {
        let signed = [0, 1, -1, i64::MAX, i64::MIN, 1_000_000_007];
        let mut out = Vec::new();
        for value in signed {
            put_signed(&mut out, value);
        }
        put(&mut out, u64::MAX);
        put_bytes(&mut out, b"abc");
        let mut reader = Reader::new(&out);
        for value in signed {
            assert_eq!(reader.get_signed().unwrap(), value);
        }
        assert_eq!(reader.get().unwrap(), u64::MAX);
        assert_eq!(reader.get_bytes().unwrap(), b"abc");
        assert!(reader.is_empty());
        assert!(reader.byte().is_err());
    }
}
