//! Matrices that are mostly zero.

/// The weights of a layer that are not zero, in compressed sparse rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SparseRows {
    /// Row by row, by column.
    pub weights: Vec<i8>,
    /// The column of each.
    pub columns: Vec<u32>,
    /// Where each row starts, and where the last one ends.
    pub starts: Vec<u32>,
}

/// Where not more than one weight in this many is left, the others are left out: a weight takes five
/// times the room when its column is stored as well, and longer when its input is looked for.
const SPARSE: usize = 16;
/// Columns that are passed over together where all are zero.
const STEP: usize = 64;

impl SparseRows {
    /// Of a row-major matrix of `rows` rows; none where too few weights are zero.
    pub fn of(dense: &[i8], rows: usize) -> Option<Self> {
        let filled = dense.iter().filter(|weight| **weight != 0).count();
        if filled * SPARSE > dense.len() {
            return None;
        }
        let mut sparse = Self::default();
        sparse.starts.push(0);
        for row in dense.chunks_exact(dense.len() / rows) {
            for (i, step) in row.chunks(STEP).enumerate() {
                if step.iter().fold(0, |any, w| any | w) == 0 {
                    continue;
                }
                for (j, &weight) in step.iter().enumerate().filter(|(_, w)| **w != 0) {
                    sparse.weights.push(weight);
                    sparse.columns.push((i * STEP + j) as u32);
                }
            }
            sparse.starts.push(sparse.weights.len() as u32);
        }
        Some(sparse)
    }

    /// Weights and columns of each row.
    pub fn rows(&self) -> impl Iterator<Item = (&[i8], &[u32])> {
        self.starts.windows(2).map(|bounds| {
            let row = bounds[0] as usize..bounds[1] as usize;
            (&self.weights[row.clone()], &self.columns[row])
        })
    }

    /// The row-major matrix with `columns` columns; none where rows or columns are out of order.
    pub fn dense(&self, columns: usize) -> Option<Vec<i8>> {
        let rows = self.starts.len().checked_sub(1)?;
        let ordered = self.starts[0] == 0 && self.starts.is_sorted();
        if !ordered || self.starts[rows] as usize != self.weights.len() {
            return None;
        }
        let mut dense = vec![0; rows * columns];
        for ((weights, places), row) in self.rows().zip(dense.chunks_exact_mut(columns)) {
            if !places.is_sorted_by(|a, b| a < b) {
                return None;
            }
            for (&weight, &place) in weights.iter().zip(places) {
                *row.get_mut(place as usize)? = weight;
            }
        }
        Some(dense)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn drawn() -> (Vec<i8>, SparseRows) {
        let mut dense = vec![0i8; 3 * 200];
        for (at, weight) in [(0, 5), (63, -128), (64, 127), (199, 1), (400, -1), (599, 9)] {
            dense[at] = weight;
        }
        let sparse = SparseRows::of(&dense, 3).unwrap();
        (dense, sparse)
    }

    #[test]
    fn a_matrix_comes_back_from_its_sparse_rows() {
        let (dense, sparse) = drawn();
        assert_eq!(sparse.weights, [5, -128, 127, 1, -1, 9]);
        assert_eq!(sparse.columns, [0, 63, 64, 199, 0, 199]);
        assert_eq!(sparse.starts, [0, 4, 4, 6]);
        assert_eq!(sparse.dense(200), Some(dense));
    }

    #[test]
    fn what_is_mostly_filled_has_no_sparse_rows() {
        let weights = |filled: usize| {
            let mut dense = vec![0; 320];
            dense[..filled].fill(-3);
            SparseRows::of(&dense, 4)
        };
        assert!(weights(20).is_some());
        assert_eq!(weights(21), None);
    }

    #[test]
    fn rows_and_columns_out_of_order_or_out_of_place_are_none() {
        let (_, sparse) = drawn();
        assert_eq!(sparse.dense(199), None);
        let changes: [fn(&mut SparseRows); 5] = [
            |s| s.starts[0] = 1,
            |s| s.starts[1] = 7,
            |s| s.starts[3] = 5,
            |s| s.columns[1] = 0,
            |s| s.starts.clear(),
        ];
        for change in changes {
            let mut changed = sparse.clone();
            change(&mut changed);
            assert_eq!(changed.dense(200), None);
        }
    }
}
