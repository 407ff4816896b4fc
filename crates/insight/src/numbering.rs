//! Numbers for the distinct ones of many keys, for one record after another.

use std::hint::select_unpredictable;

use crate::index::{SLOTS_MIN, SPREAD};

/// Bits of a key: an address and a flag have room.
const KEY_BITS: u32 = 40;
/// Numberings until the slots are emptied: those of all others look free to one.
const EPOCHS: u64 = 1 << (u64::BITS - KEY_BITS);

/// Numbers keys from 0 on, in the order in which they are first seen. Keeps its memory between records, and forgets in no time, however
/// much it held.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbering {
    /// Keys with the epoch in which they were seen above them.
    slots: Vec<u64>,
    /// Of each of these: its number.
    numbers: Vec<u32>,
    /// Slots in use, the first ones: `2^(64 - shift)`.
    used: usize,
    shift: u32,
    epoch: u64,
    distinct: Vec<u64>,
}

impl Numbering {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.distinct.clear();
        self.begin(SLOTS_MIN);
    }

    /// Begins an epoch with so many slots, all of them free.
    fn begin(&mut self, used: usize) {
        self.epoch += 1;
        if self.epoch == EPOCHS {
            self.slots.fill(0);
            self.epoch = 1;
        }
        (self.used, self.shift) = (used, u64::BITS - used.trailing_zeros());
        if self.slots.len() < used {
            self.slots.resize(used, 0);
            self.numbers.resize(used, 0);
        }
    }

    /// The keys that were seen, by number.
    pub(crate) fn distinct(&self) -> &[u64] {
        &self.distinct
    }

    /// Shows the number of each item's key, which is below 2^40. The numbering was cleared before.
    pub(crate) fn add<T>(&mut self, items: &[T], key_of: impl Fn(&T) -> u64, mut show: impl FnMut(u32)) {
        debug_assert!(self.used > 0, "a numbering is cleared before it is used");
        let mut items = items;
        while !items.is_empty() {
            if self.distinct.len() == self.used / 2 {
                self.grow();
            }
            let room = self.used / 2 - self.distinct.len();
            let (now, later) = items.split_at(room.min(items.len()));
            self.add_few(now, &key_of, &mut show);
            items = later;
        }
    }

    /// Adds items for which there is room. Without a branch that depends on them: nothing foretells whose key is new.
    fn add_few<T>(&mut self, items: &[T], key_of: impl Fn(&T) -> u64, mut show: impl FnMut(u32)) {
        let (slots, numbers) = (&mut self.slots[..self.used], &mut self.numbers[..self.used]);
        let (epoch, shift, mask) = (self.epoch << KEY_BITS, self.shift, slots.len() - 1);
        let mut len = self.distinct.len();
        self.distinct.resize(len + items.len(), 0);
        let distinct = self.distinct.as_mut_slice();
        for item in items {
            let key = key_of(item);
            debug_assert!(key >> KEY_BITS == 0, "a key has {KEY_BITS} bits");
            let marked = epoch | key;
            let mut at = (key.wrapping_mul(SPREAD) >> shift) as usize;
            // Goes on while another key of this epoch is there.
            while (slots[at] ^ marked).wrapping_sub(1) < (1 << KEY_BITS) - 1 {
                at = (at + 1) & mask;
            }
            let is_new = slots[at] != marked;
            let number = select_unpredictable(is_new, len as u32, numbers[at]);
            (slots[at], numbers[at]) = (marked, number);
            // What is not new is written over.
            distinct[len] = key;
            len += usize::from(is_new);
            show(number);
        }
        self.distinct.truncate(len);
    }

    #[cold]
    fn grow(&mut self) {
        let distinct = std::mem::take(&mut self.distinct);
        self.begin(self.used * 2);
        self.add_few(&distinct, |key| *key, |_| ());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_numbered_as_they_come_through_growth_and_epochs() {
        let mut numbering = Numbering::default();
        for (round, step) in [1_u64, 1 << 20, 0x9E37_79B9, 7, 64, 3].into_iter().enumerate() {
            if round == 3 {
                numbering.epoch = EPOCHS - 2;
            }
            numbering.clear();
            let keys: Vec<u64> =
                (0..round as u64 * 700 + 10).map(|i| (i * 7 % 500).wrapping_mul(step) % (1 << KEY_BITS)).collect();
            let mut expected: Vec<u64> = Vec::new();
            for part in keys.chunks(37) {
                let mut numbers = Vec::new();
                numbering.add(part, |key| *key, |number| numbers.push(number));
                for (key, number) in part.iter().zip(numbers) {
                    let known = expected.iter().position(|known| known == key);
                    if known.is_none() {
                        expected.push(*key);
                    }
                    assert_eq!(number as usize, known.unwrap_or(expected.len() - 1));
                }
            }
            assert_eq!(numbering.distinct(), expected);
            assert!(round == 0 || expected.len() > SLOTS_MIN, "it grows twice");
        }
    }
}
