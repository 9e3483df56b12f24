//! Slice → the network's square input: head crop and antialiased resize, all in integers, so that
//! every platform agrees to the bit and training sees exactly what the browser sees.
//!
//! ```
//! use haemolens::phantom::{self, Kind};
//! use haemolens::preprocess::Preprocessing;
//!
//! let slice = phantom::draw(Kind::Normal).into_slice();
//! let (grey, crop) = Preprocessing::ALEXNET.apply(&slice);
//! assert_eq!(grey.len(), 227 * 227);
//! assert!(crop.side < slice.height());
//! ```

use serde::{Deserialize, Serialize};

use crate::slice::Slice;

/// How a model wants its input; stored with the model.
///
/// ```
/// use haemolens::phantom::{self, Kind};
/// use haemolens::preprocess::Preprocessing;
///
/// let slice = phantom::draw(Kind::Normal).into_slice();
/// let small = Preprocessing { side: 64, ..Preprocessing::ALEXNET };
/// assert_eq!(small.apply(&slice).0.len(), 64 * 64);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preprocessing {
    /// Side of the square input, pixels.
    pub side: usize,
    /// Grey level (0–255) from which a pixel may belong to the head.
    pub head_threshold: u8,
}

impl Preprocessing {
    /// AlexNet's 227×227 input (paper, section 5.2) of the head: everything brighter than air in
    /// the brain window.
    pub const ALEXNET: Self = Self {
        side: 227,
        head_threshold: 60,
    };
    /// The CNN's 32×32 input (paper, section 5.3.1) of the head.
    pub const CNN: Self = Self {
        side: 32,
        ..Self::ALEXNET
    };

    /// The network's input, `side * side` grey levels 0–255, row-major, and where it was cut from.
    ///
    /// ```
    /// use haemolens::preprocess::{Crop, Preprocessing};
    /// use haemolens::slice::Slice;
    ///
    /// // A grey head, as high as it is wide, on black.
    /// let inside = |i: usize| (20..60).contains(&(i % 100)) && (30..70).contains(&(i / 100));
    /// let grey = (0..100 * 100).map(|i| if inside(i) { 200 } else { 0 }).collect();
    /// let (input, crop) = Preprocessing::CNN.apply(&Slice::new(100, 100, grey)?);
    /// assert_eq!(crop, Crop { x: 20, y: 30, side: 40 });
    /// assert_eq!(input[32 * 16 + 16], 200);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn apply(&self, slice: &Slice) -> (Vec<u8>, Crop) {
        let crop = head_crop(slice, self.head_threshold);
        (resize(slice, crop, self.side), crop)
    }

    /// FNV-1a hash of the network's input, 16 hexadecimal digits: a quick way to see that two
    /// platforms agree to the bit.
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::preprocess::Preprocessing;
    ///
    /// let [normal, subdural] = [Kind::Normal, Kind::Subdural]
    ///     .map(|kind| Preprocessing::ALEXNET.hash(&phantom::draw(kind).into_slice()));
    /// assert_eq!(normal.len(), 16);
    /// assert_ne!(normal, subdural);
    /// ```
    pub fn hash(&self, slice: &Slice) -> String {
        let (grey, _) = self.apply(slice);
        let hash = grey.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, &g| {
            (hash ^ u64::from(g)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}")
    }
}

/// A square of the slice, in slice pixels; it may reach past the slice, where all is black.
///
/// ```
/// use haemolens::phantom::{self, Kind};
/// use haemolens::preprocess::Preprocessing;
///
/// let slice = phantom::draw(Kind::Normal).into_slice();
/// let (input, crop) = Preprocessing::ALEXNET.apply(&slice);
/// // Where the middle of the network's input lies in the slice.
/// let (x, y) = (crop.x + crop.side as isize / 2, crop.y + crop.side as isize / 2);
/// assert!((x - 256).abs() < 20 && (y - 256).abs() < 40);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Crop {
    /// Left edge.
    pub x: isize,
    /// Top edge.
    pub y: isize,
    /// Side.
    pub side: usize,
}

/// The bounding square of the largest bright 4-connected component, which leaves out table,
/// head-rest and burnt-in text. The whole slice (squared) when nothing is bright.
///
/// ```
/// use haemolens::preprocess::{Crop, head_crop};
/// use haemolens::slice::Slice;
///
/// // A head of 40×40 pixels, and a table of two rows below it.
/// let head = |i: usize| (20..60).contains(&(i % 100)) && (30..70).contains(&(i / 100));
/// let table = |i: usize| (90..92).contains(&(i / 100));
/// let grey = (0..100 * 100).map(|i| if head(i) || table(i) { 200 } else { 0 }).collect();
/// let crop = head_crop(&Slice::new(100, 100, grey)?, 60);
/// assert_eq!(crop, Crop { x: 20, y: 30, side: 40 });
/// # Ok::<(), haemolens::Error>(())
/// ```
pub fn head_crop(slice: &Slice, threshold: u8) -> Crop {
    let (x0, y0, x1, y1) = largest_component(slice, threshold).unwrap_or((
        0,
        0,
        slice.width() - 1,
        slice.height() - 1,
    ));
    let side = (x1 - x0).max(y1 - y0) + 1;
    // Centred; of two equally good places the upper left one.
    Crop {
        x: (x0 + x1 + 1) as isize / 2 - side as isize / 2,
        y: (y0 + y1 + 1) as isize / 2 - side as isize / 2,
        side,
    }
}

/// A horizontal run of bright pixels, the unit of component labelling.
struct Run {
    y: usize,
    start: usize,
    /// One past the last pixel.
    end: usize,
}

/// Inclusive bounds `(x0, y0, x1, y1)` of the 4-connected component of pixels `>= threshold` with
/// most pixels (the first in reading order of equals); `None` when no pixel is that bright.
fn largest_component(slice: &Slice, threshold: u8) -> Option<(usize, usize, usize, usize)> {
    let mut runs: Vec<Run> = Vec::new();
    let mut parent: Vec<usize> = Vec::new();
    let mut above = 0..0;
    for y in 0..slice.height() {
        let first = runs.len();
        let row = slice.row(y);
        let mut x = 0;
        loop {
            let start = seek(row, x, |v| v >= threshold);
            if start == row.len() {
                break;
            }
            x = seek(row, start, |v| v < threshold);
            parent.push(runs.len());
            runs.push(Run { y, start, end: x });
        }
        join_touching(&runs, &mut parent, above, first..runs.len());
        above = first..runs.len();
    }

    let mut area = vec![0usize; runs.len()];
    for (i, run) in runs.iter().enumerate() {
        area[root(&mut parent, i)] += run.end - run.start;
    }
    // `max_by_key` takes the last of equals; reversed, the first.
    let head = (0..runs.len()).rev().max_by_key(|&i| area[i])?;
    let mut bounds = (usize::MAX, usize::MAX, 0, 0);
    for (i, run) in runs.iter().enumerate() {
        if root(&mut parent, i) == head {
            bounds.0 = bounds.0.min(run.start);
            bounds.1 = bounds.1.min(run.y);
            bounds.2 = bounds.2.max(run.end - 1);
            bounds.3 = bounds.3.max(run.y);
        }
    }
    Some(bounds)
}

/// The first place from `from` on that is `wanted`, or the row's end.
fn seek(row: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    // Vector by vector as long as there is none.
    let vectors = row[from..].as_chunks::<16>().0.iter();
    let without = |vector: &&[u8; 16]| !vector.iter().fold(false, |any, &v| any | wanted(v));
    let x = from + 16 * vectors.take_while(without).count();
    let rest = row[x..].iter().position(|&v| wanted(v));
    rest.map_or(row.len(), |beyond| x + beyond)
}

/// Joins the runs of one row with those of the row above that share a column.
fn join_touching(
    runs: &[Run],
    parent: &mut [usize],
    above: std::ops::Range<usize>,
    row: std::ops::Range<usize>,
) {
    let mut a = above.start;
    for i in row {
        while a < above.end && runs[a].end <= runs[i].start {
            a += 1;
        }
        let mut b = a;
        while b < above.end && runs[b].start < runs[i].end {
            let (ra, ri) = (root(parent, b), root(parent, i));
            let first = ra.min(ri);
            parent[ra] = first;
            parent[ri] = first;
            b += 1;
        }
    }
}

/// The representative of a component, with path halving.
fn root(parent: &mut [usize], mut i: usize) -> usize {
    while parent[i] != i {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    i
}

/// Fractional bits of a filter tap.
const TAP_BITS: u32 = 14;
/// Fractional bits that the first pass keeps.
const ROW_BITS: u32 = 6;
/// Rows of the first pass that are computed together, a vector's lanes.
const TOGETHER: usize = 8;

/// The taps that make one output pixel: `taps[k]` weighs input `first + k`.
struct Filter {
    first: usize,
    taps: Vec<i32>,
}

/// Triangle filters, widened by the reduction so that shrinking does not alias, exact in rational
/// arithmetic: distances are counted in units of `1 / (2 * to)` input pixels.
fn triangle_filters(from: usize, to: usize) -> Vec<Filter> {
    let (from_i, to_i) = (from as i64, to as i64);
    let reach = 2 * from_i.max(to_i);
    (0..to_i)
        .map(|i| {
            let centre = (2 * i + 1) * from_i - to_i;
            let first = ((centre - reach) / (2 * to_i)).max(0);
            let last = ((centre + reach) / (2 * to_i)).min(from_i - 1);
            let weights: Vec<i64> = (first..=last)
                .map(|j| (reach - (2 * to_i * j - centre).abs()).max(0))
                .collect();
            Filter {
                first: first as usize,
                taps: normalise(&weights),
            }
        })
        .collect()
}

/// Scales weights to sum to exactly `1 << TAP_BITS`; the heaviest tap takes the rounding.
fn normalise(weights: &[i64]) -> Vec<i32> {
    let sum: i64 = weights.iter().sum();
    let mut taps: Vec<i32> = weights
        .iter()
        .map(|w| ((w << TAP_BITS) / sum) as i32)
        .collect();
    let missing = (1 << TAP_BITS) - taps.iter().sum::<i32>();
    if let Some(heaviest) = taps.iter_mut().max_by_key(|t| **t) {
        *heaviest += missing;
    }
    taps
}

/// Cuts `crop` out of the slice (black outside it) and resizes it to `side * side` grey levels.
///
/// ```
/// use haemolens::preprocess::{Crop, resize};
/// use haemolens::slice::Slice;
///
/// let slice = Slice::new(20, 20, vec![180; 20 * 20])?;
/// // Twice as wide as the slice, which lies in its middle.
/// let input = resize(&slice, Crop { x: -10, y: -10, side: 40 }, 10);
/// assert_eq!((input[0], input[5 * 10 + 5]), (0, 180));
/// # Ok::<(), haemolens::Error>(())
/// ```
pub fn resize(slice: &Slice, crop: Crop, side: usize) -> Vec<u8> {
    let filters = triangle_filters(crop.side, side);
    // First pass: every row of the crop, `side` wide; some rows at a time, side by side.
    let mut rows = vec![0i32; crop.side * side];
    let mut strip = vec![[0; TOGETHER]; crop.side];
    for (i, out) in rows.chunks_mut(TOGETHER * side).enumerate() {
        let top = crop.y + (i * TOGETHER) as isize;
        gather(slice, (crop.x, top), &mut strip);
        for (x, filter) in filters.iter().enumerate() {
            let mut sums = [1 << (TAP_BITS - ROW_BITS - 1); TOGETHER];
            for (tap, levels) in filter.taps.iter().zip(&strip[filter.first..]) {
                for (sum, &level) in sums.iter_mut().zip(levels) {
                    *sum += tap * i32::from(level);
                }
            }
            for (row, sum) in out.chunks_exact_mut(side).zip(sums) {
                row[x] = sum >> (TAP_BITS - ROW_BITS);
            }
        }
    }
    let mut out = Vec::with_capacity(side * side);
    let mut sums = vec![0i32; side];
    for filter in &filters {
        sums.fill(1 << (TAP_BITS + ROW_BITS - 1));
        for (k, tap) in filter.taps.iter().enumerate() {
            let row = &rows[(filter.first + k) * side..][..side];
            for (sum, v) in sums.iter_mut().zip(row) {
                *sum += tap * v;
            }
        }
        out.extend(sums.iter().map(|s| (s >> (TAP_BITS + ROW_BITS)) as u8));
    }
    out
}

/// Columns of the slice from `(x, y)` on, black outside it.
fn gather(slice: &Slice, (x, y): (isize, isize), strip: &mut [[u8; TOGETHER]]) {
    strip.fill([0; TOGETHER]);
    let (from, to) = (x.max(0) as usize, (-x).max(0) as usize);
    for k in 0..TOGETHER {
        let row = usize::try_from(y + k as isize).ok();
        let Some(row) = row.filter(|&y| y < slice.height()) else {
            continue;
        };
        let levels = slice.row(row).iter().skip(from);
        for (column, &level) in strip.iter_mut().skip(to).zip(levels) {
            column[k] = level;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// A black slice with filled rectangles `(x0, y0, x1, y1, grey)`, inclusive bounds.
    fn slice_with(
        width: usize,
        height: usize,
        boxes: &[(usize, usize, usize, usize, u8)],
    ) -> Slice {
        let mut grey = vec![0; width * height];
        for &(x0, y0, x1, y1, level) in boxes {
            for y in y0..=y1 {
                grey[y * width + x0..=y * width + x1].fill(level);
            }
        }
        Slice::new(width, height, grey).unwrap()
    }

    #[test]
    fn crop_takes_the_head_and_leaves_table_and_text_out() {
        let slice = slice_with(
            100,
            80,
            &[
                (30, 10, 59, 49, 120),
                (0, 70, 99, 72, 255),
                (2, 2, 6, 6, 255),
            ],
        );
        let crop = head_crop(&slice, 60);
        assert_eq!(
            crop,
            Crop {
                x: 25,
                y: 10,
                side: 40
            }
        );
    }

    #[test]
    fn crop_of_a_black_slice_is_the_whole_slice_squared() {
        let slice = slice_with(100, 80, &[]);
        assert_eq!(
            head_crop(&slice, 60),
            Crop {
                x: 0,
                y: -10,
                side: 100
            }
        );
    }

    #[test]
    fn components_join_below_and_touch_by_edges_only() {
        // A "U": two runs a row that meet in the last row, and a square that touches by a corner.
        let slice = slice_with(
            40,
            40,
            &[
                (5, 5, 8, 20, 99),
                (20, 5, 23, 20, 99),
                (5, 21, 23, 24, 99),
                (24, 25, 30, 31, 99),
            ],
        );
        assert_eq!(largest_component(&slice, 99), Some((5, 5, 23, 24)));
    }

    #[test]
    fn filters_sum_to_one_and_resize_keeps_flat_areas() {
        for (from, to) in [
            (1, 227),
            (16, 227),
            (227, 227),
            (228, 227),
            (512, 227),
            (1999, 227),
            (7, 3),
        ] {
            for filter in triangle_filters(from, to) {
                assert_eq!(filter.taps.iter().sum::<i32>(), 1 << TAP_BITS);
                assert!(filter.first + filter.taps.len() <= from);
            }
        }
        let slice = slice_with(300, 300, &[(0, 0, 299, 299, 201)]);
        let crop = Crop {
            x: 0,
            y: 0,
            side: 300,
        };
        assert!(resize(&slice, crop, 227).iter().all(|&v| v == 201));
    }

    #[test]
    fn resize_to_the_same_side_changes_nothing() {
        let grey: Vec<u8> = (0..64 * 64).map(|i| (i * 37 % 251) as u8).collect();
        let slice = Slice::new(64, 64, grey.clone()).unwrap();
        let crop = Crop {
            x: 0,
            y: 0,
            side: 64,
        };
        assert_eq!(resize(&slice, crop, 64), grey);
    }

    #[test]
    fn outside_the_slice_is_black() {
        let slice = slice_with(20, 20, &[(0, 0, 19, 19, 255)]);
        let crop = Crop {
            x: -20,
            y: -20,
            side: 60,
        };
        let out = resize(&slice, crop, 60);
        let white = out.iter().filter(|&&v| v == 255).count();
        assert_eq!(white, 400);
        assert_eq!((out[0], out[20 * 60 + 20]), (0, 255));
    }

    #[test]
    fn shrinking_averages_and_does_not_alias() {
        // One-pixel stripes shrunk threefold: mid-grey everywhere, no beats.
        let grey: Vec<u8> = (0..681 * 681)
            .map(|i| if i % 681 % 2 == 0 { 255 } else { 0 })
            .collect();
        let slice = Slice::new(681, 681, grey).unwrap();
        let crop = Crop {
            x: 0,
            y: 0,
            side: 681,
        };
        let out = resize(&slice, crop, 227);
        let inner = out
            .chunks_exact(227)
            .flat_map(|row| &row[2..225])
            .map(|&v| v.abs_diff(127));
        assert!(inner.max().unwrap() <= 16);
    }
}
