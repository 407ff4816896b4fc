//! What may be known already: while a store is filled for the first time, nearly nothing of a batch has to be looked up.

/// Bits of a filter, 8 MB. With ten million keys, one new one of twenty-five is looked up all the same.
const BITS: usize = 1 << 26;
/// Bits that a key sets.
const BITS_PER_KEY: u64 = 4;

/// All keys that an organization ever knew, and perhaps a few more (a Bloom filter). None is forgotten; what is gone is looked up in vain.
#[derive(Debug)]
pub(crate) struct MaybeKnown {
    /// Zero until a bit of it is set: what was never written to takes no memory.
    words: Vec<u64>,
}

/// A key, which is a hash: its bits are some steps of one size apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    first: u64,
    step: u64,
}

impl From<[u8; 16]> for Key {
    fn from(hash: [u8; 16]) -> Self {
        let hash = u128::from_le_bytes(hash);
        Self { first: hash as u64, step: (hash >> u64::BITS) as u64 | 1 }
    }
}

impl From<u64> for Key {
    fn from(hash: u64) -> Self {
        Self { first: hash, step: hash.rotate_right(u64::BITS / 2) | 1 }
    }
}

impl Key {
    /// The words and bits that stand for it.
    fn bits(self) -> impl Iterator<Item = (usize, u64)> {
        (0..BITS_PER_KEY).map(move |i| {
            let bit = self.first.wrapping_add(self.step.wrapping_mul(i)) as usize % BITS;
            (bit / u64::BITS as usize, 1 << (bit % u64::BITS as usize))
        })
    }
}

impl MaybeKnown {
    /// Of an organization that knows nothing yet.
    pub(crate) fn nothing() -> Self {
        Self { words: vec![0; BITS / u64::BITS as usize] }
    }

    /// Whether a key may be known; if not, it certainly is not.
    pub(crate) fn may_hold(&self, key: impl Into<Key>) -> bool {
        key.into().bits().all(|(word, bit)| self.words[word] & bit != 0)
    }

    /// From now on a key is known.
    pub(crate) fn add(&mut self, key: impl Into<Key>) {
        key.into().bits().for_each(|(word, bit)| self.words[word] |= bit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_may_be_known_and_hardly_anything_else() {
        let hash = |i: u32| *blake3::hash(&i.to_le_bytes()).as_bytes();
        let identity = |i: u32| -> Key { <[u8; 16]>::try_from(&hash(i)[..16]).unwrap().into() };
        let short = |i: u32| -> Key { u64::from_le_bytes(hash(i)[..8].try_into().unwrap()).into() };
        let keys: [&dyn Fn(u32) -> Key; 2] = [&identity, &short];
        for key in keys {
            let mut known = MaybeKnown::nothing();
            assert!((0..1_000).all(|i| !known.may_hold(key(i))));
            (0..100_000).for_each(|i| known.add(key(i)));
            assert!((0..100_000).all(|i| known.may_hold(key(i))));
            let wrong = (100_000..200_000).filter(|i| known.may_hold(key(*i))).count();
            assert!(wrong < 20, "{wrong}");
        }
    }
}
