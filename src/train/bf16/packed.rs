//! The right side of a product, in the order in which the matrix unit reads it.

use rayon::prelude::*;

use super::{COLUMNS, DEPTH, round};

/// Half of a block's columns: what one tile of the matrix unit holds.
const TILE: usize = 16;

/// `taps` matrices of `depth × columns` bfloat16 numbers.
///
/// Blocks of 32 columns follow each other; in a block the taps, in a tap steps of 32 rows, in a
/// step two tiles of 16 columns, in a tile pairs of rows: `[column block][tap][step][tile][pair of
/// rows][column][row of the pair]`.
#[derive(Debug, Clone)]
pub struct Packed {
    taps: usize,
    depth: usize,
    columns: usize,
    values: Vec<u16>,
}

impl Packed {
    /// Zeros. Depth and columns are multiples of 32.
    pub fn new(taps: usize, depth: usize, columns: usize) -> Self {
        assert!(depth.is_multiple_of(DEPTH) && columns.is_multiple_of(COLUMNS));
        Self {
            taps,
            depth,
            columns,
            values: vec![0; taps * depth * columns],
        }
    }

    /// How many matrices.
    pub fn taps(&self) -> usize {
        self.taps
    }

    /// Rows of each.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Columns of each.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Numbers of a block of columns.
    fn block(&self) -> usize {
        self.taps * self.depth * COLUMNS
    }

    /// The numbers of a block of columns, taps and rows in the order of the product.
    pub(super) fn block_values(&self, block: usize) -> &[u16] {
        &self.values[block * self.block()..][..self.block()]
    }

    /// Sets every number to `value(tap, row, column)`, on all cores.
    pub fn fill(&mut self, value: impl Fn(usize, usize, usize) -> f32 + Sync) {
        let (block, depth) = (self.block(), self.depth);
        let blocks = self.values.par_chunks_mut(block.max(1)).enumerate();
        blocks.for_each(|(n, block)| {
            for (tap, values) in block.chunks_exact_mut(depth * COLUMNS).enumerate() {
                for (step, values) in values.chunks_exact_mut(DEPTH * COLUMNS).enumerate() {
                    for (tile, values) in values.chunks_exact_mut(DEPTH * TILE).enumerate() {
                        for (pair, values) in values.chunks_exact_mut(2 * TILE).enumerate() {
                            let (row, first) = (step * DEPTH + 2 * pair, n * COLUMNS + tile * TILE);
                            for (column, two) in values.chunks_exact_mut(2).enumerate() {
                                two[0] = round(value(tap, row, first + column));
                                two[1] = round(value(tap, row + 1, first + column));
                            }
                        }
                    }
                }
            }
        });
    }

    /// Sets the one matrix to the rows of `rows`, already rounded, with zeros below.
    ///
    /// # Panics
    /// When there is more than one matrix, or there are more rows than it has.
    pub fn fill_rows(&mut self, rows: &[u16]) {
        assert!(self.taps == 1 && rows.len() <= self.depth * self.columns);
        let (columns, block) = (self.columns, self.block());
        for (n, block) in self.values.chunks_exact_mut(block).enumerate() {
            for (pair, tiles) in block
                .chunks_exact_mut(DEPTH * COLUMNS)
                .enumerate()
                .flat_map(|(step, values)| {
                    let (left, right) = values.split_at_mut(DEPTH * TILE);
                    let pairs = left
                        .chunks_exact_mut(2 * TILE)
                        .zip(right.chunks_exact_mut(2 * TILE));
                    pairs
                        .enumerate()
                        .map(move |(pair, tiles)| (step * DEPTH / 2 + pair, tiles))
                })
            {
                let row = |r: usize| rows.get(r * columns + n * COLUMNS..)?.get(..COLUMNS);
                let (even, odd) = (row(2 * pair), row(2 * pair + 1));
                let zeros = [0; COLUMNS];
                let (even, odd) = (even.unwrap_or(&zeros), odd.unwrap_or(&zeros));
                for (tile, (even, odd)) in [tiles.0, tiles.1]
                    .into_iter()
                    .zip(even.chunks_exact(TILE).zip(odd.chunks_exact(TILE)))
                {
                    for (two, (e, o)) in tile.chunks_exact_mut(2).zip(even.iter().zip(odd)) {
                        two[0] = *e;
                        two[1] = *o;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_packed_as_values_are() {
        let (depth, columns) = (64, 96);
        let rows: Vec<u16> = (0..40 * columns).map(|i| round((i % 251) as f32)).collect();
        let mut by_value = Packed::new(1, depth, columns);
        by_value.fill(|_, row, column| match row {
            0..40 => ((row * columns + column) % 251) as f32,
            _ => 0.0,
        });
        let mut by_row = Packed::new(1, depth, columns);
        by_row.values.fill(7);
        by_row.fill_rows(&rows);
        assert_eq!(by_value.values, by_row.values);
    }
}
