//! Positions by number, for one record after another.

use std::hint::select_unpredictable;

/// Slots of an empty table: many times what most records need, so that nearly every number is in the first place where it is looked for.
pub(crate) const SLOTS_MIN: usize = 256;
/// 2^64 divided by the golden ratio: spreads numbers that follow one another.
pub(crate) const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key: u64,
    position: u32,
    /// The slot is taken if this is the index's.
    epoch: u32,
}

/// A table from numbers to positions that forgets in no time, however much it held: what a record left behind is of another epoch.
///
/// It has no iteration, so it decides no order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    slots: Vec<Slot>,
    /// Slots in use are `2^(64 - shift)`: the first of `slots`.
    shift: u32,
    /// The last of these.
    mask: usize,
    epoch: u32,
    len: usize,
    /// How many numbers it holds at most before more slots are used.
    room: usize,
}

impl Index {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.clear_for(0);
    }

    /// Forgets everything and has room for so many numbers at once.
    pub(crate) fn clear_for(&mut self, count: usize) {
        if self.epoch == u32::MAX {
            self.slots.fill(Slot::default());
            self.epoch = 0;
        }
        self.epoch += 1;
        self.len = 0;
        self.use_slots((count * 2).next_power_of_two().max(SLOTS_MIN));
    }

    /// Numbers that it holds.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The position of a number, which is `new` if it was not known.
    #[inline]
    pub(crate) fn position_or(&mut self, key: u64, new: u32) -> &mut u32 {
        if self.len >= self.room {
            self.grow();
        }
        let at = self.place_of(key);
        let slot = &mut self.slots[at];
        let is_known = slot.epoch == self.epoch;
        let position = select_unpredictable(is_known, slot.position, new);
        *slot = Slot { key, position, epoch: self.epoch };
        self.len += usize::from(!is_known);
        &mut slot.position
    }

    /// Whether a number was not known yet; it is now.
    #[inline]
    pub(crate) fn is_new(&mut self, key: u64) -> bool {
        let len = self.len;
        self.position_or(key, 0);
        self.len != len
    }

    /// The slot that holds a number, else the free one where it belongs.
    #[inline]
    fn place_of(&self, key: u64) -> usize {
        let mut at = (key.wrapping_mul(SPREAD) >> self.shift) as usize;
        // Of a free slot and the one that is looked for, nothing foretells which is found, but that the first is either nearly always.
        while select_unpredictable(self.slots[at].epoch == self.epoch, self.slots[at].key, key) != key {
            at = (at + 1) & self.mask;
        }
        at
    }

    fn use_slots(&mut self, count: usize) {
        self.shift = u64::BITS - count.trailing_zeros();
        self.mask = count - 1;
        self.room = count / 2;
        if self.slots.len() < count {
            self.slots.resize(count, Slot::default());
        }
    }

    #[cold]
    fn grow(&mut self) {
        let used = self.mask + 1;
        let held: Vec<Slot> = self.slots[..used].iter().filter(|slot| slot.epoch == self.epoch).copied().collect();
        let len = self.len;
        self.clear_for(used);
        for slot in held {
            let at = self.place_of(slot.key);
            self.slots[at] = Slot { epoch: self.epoch, ..slot };
        }
        self.len = len;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn it_holds_what_a_map_holds_through_growth_and_epochs() {
        let mut index = Index { epoch: u32::MAX - 3, ..Index::default() };
        for (round, step) in [1_u64, 1 << 40, 0x9E37_79B9, 7, u64::MAX / 3, 64].into_iter().enumerate() {
            index.clear();
            let mut map = BTreeMap::new();
            for i in 0..(round as u32 * 700 + 10) {
                let key = (u64::from(i) % 500).wrapping_mul(step);
                let (found, expected) = (index.position_or(key, i), map.entry(key).or_insert(i));
                assert_eq!(found, expected);
                if i % 3 == 0 {
                    (*found, *expected) = (i, i);
                }
            }
            assert_eq!(index.len(), map.len());
            assert!(map.iter().all(|(key, position)| index.position_or(*key, u32::MAX) == position));
        }
    }
}
