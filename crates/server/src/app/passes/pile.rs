//! Rows that come in any order, and are put into that of their targets once all are there.

/// Rows of a piece.
const PIECE: usize = 1_024;

/// Rows in pieces: they are large, and one vector that grows would move them all again and again.
pub(super) struct Pile<T> {
    targets: Vec<u32>,
    pieces: Vec<Vec<Option<T>>>,
}

impl<T> Default for Pile<T> {
    fn default() -> Self {
        Self { targets: Vec::new(), pieces: Vec::new() }
    }
}

impl<T> Pile<T> {
    /// Adds the row of a target.
    pub(super) fn push(&mut self, target: u32, row: T) {
        self.targets.push(target);
        if let Some(piece) = self.pieces.last_mut().filter(|piece| piece.len() < PIECE) {
            piece.push(Some(row));
        } else {
            let mut piece = Vec::with_capacity(PIECE);
            piece.push(Some(row));
            self.pieces.push(piece);
        }
    }

    /// All rows of some piles by ascending target. Each row moves once, and a piece goes as soon as it is empty.
    pub(super) fn in_order(piles: Vec<Self>) -> Vec<T> {
        let mut places: Vec<(u32, u32, u32)> = Vec::new();
        for (pile, which) in piles.iter().zip(0_u32..) {
            places.extend(pile.targets.iter().zip(0_u32..).map(|(target, row)| (*target, which, row)));
        }
        places.sort_unstable();
        let mut pieces: Vec<Vec<Vec<Option<T>>>> = piles.into_iter().map(|pile| pile.pieces).collect();
        let mut left: Vec<Vec<usize>> = pieces.iter().map(|pieces| pieces.iter().map(Vec::len).collect()).collect();
        let mut rows = Vec::with_capacity(places.len());
        for (_, pile, row) in places {
            let (pile, piece) = (pile as usize, row as usize / PIECE);
            rows.extend(pieces[pile][piece][row as usize % PIECE].take());
            left[pile][piece] -= 1;
            if left[pile][piece] == 0 {
                pieces[pile][piece] = Vec::new();
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_out_by_target_whichever_pile_they_lay_on() {
        let mut piles: Vec<Pile<String>> = (0..3).map(|_| Pile::default()).collect();
        let targets: Vec<u32> = (0..5_000).map(|i| i * 7_919 % 10_007).collect();
        for (i, target) in targets.iter().enumerate() {
            piles[i * i % 3].push(*target, target.to_string());
        }
        let mut sorted = targets.clone();
        sorted.sort_unstable();
        assert_eq!(Pile::in_order(piles), sorted.iter().map(u32::to_string).collect::<Vec<_>>());
        assert_eq!(Pile::<String>::in_order(Vec::new()), Vec::<String>::new());
    }
}
