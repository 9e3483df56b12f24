//! Convolutions by minimal filtering in two dimensions, in exact integers.
//!
//! A tile of 4×4 outputs of a 3×3 kernel takes 36 products instead of 144; wider kernels are cut
//! into parts of two and three taps each way, and 5×5 takes 121 instead of 400. See
//! [`Part`] for why nothing is rounded.

use super::points::{Division, OUTPUTS, POINTS, Part};
use crate::architecture::Conv;
use crate::engine::kernels::{self, Kernels, PANEL, ROWS, STEP};
use crate::engine::map::Map;
use crate::model::ACTIVATION_MAX;

/// Rows of tiles that are computed together: as many as keep transforms in a second-level cache.
const STRIP: usize = 4;

/// Most weights that are transformed: they take eight times the room of stored ones.
const MOST_WEIGHTS: usize = 1 << 22;

/// One number for each output of a panel.
type Sums = [i32; PANEL];

/// Weights that one step of [`Kernels::panel`] reads.
const LANES: usize = STEP * PANEL;
type Lanes = [i16; LANES];

/// A part each way with the weights of all filters.
#[derive(Debug)]
struct Piece {
    down: Part,
    across: Part,
    division: Division,
    /// Group by group, panel by panel, point by point.
    weights: Vec<i16>,
}

/// A convolution with stride 1 ready to run.
#[derive(Debug)]
pub struct Winograd {
    groups: usize,
    filters: usize,
    /// Channels of a group.
    depth: usize,
    /// Tiles across and down.
    tiles: usize,
    pieces: Vec<Piece>,
    /// Rows of the input at the points of a part down, and zeros behind each.
    rows: [Vec<i16>; POINTS],
    /// A row of zeros, for what a last tile reads below the input.
    below: Vec<i16>,
    /// Point by point, tile by tile, the channels of a group.
    spectrum: Vec<i16>,
    /// Point by point, tile by tile, one panel.
    products: Vec<Sums>,
}

impl Winograd {
    /// Whether a convolution reading `channels` channels saves anything so, and its outputs are
    /// small enough to be told from their multiples modulo 2³².
    pub fn suits(shape: &Conv, weight: &[i8], channels: usize) -> bool {
        let taps = Part::of(shape.kernel);
        let divisions = taps
            .iter()
            .flat_map(|&d| taps.iter().map(move |&a| Division::by(d, a)));
        let limit = divisions.map(Division::limit).min().unwrap_or(0);
        let largest = |row: &[i8]| row.iter().map(|w| u32::from(w.unsigned_abs())).sum::<u32>();
        let mut rows = weight.chunks_exact(shape.row(channels));
        shape.stride == 1
            && shape.kernel > 1
            && weight.len() <= MOST_WEIGHTS
            && rows.all(|row| u64::from(ACTIVATION_MAX) * u64::from(largest(row)) < limit)
    }

    /// Transforms kernels (OIHW) for an output of `side` pixels.
    pub fn new(shape: &Conv, weight: &[i8], channels: usize, side: usize) -> Self {
        let (k, depth) = (shape.kernel, channels / shape.groups);
        let mut pieces = Vec::new();
        for down in Part::of(k) {
            for across in Part::of(k) {
                let weights = transformed(shape, weight, depth, (down, across));
                pieces.push(Piece {
                    down,
                    across,
                    division: Division::by(down, across),
                    weights,
                });
            }
        }
        let tiles = side.div_ceil(OUTPUTS);
        let together = (STRIP.min(tiles) * tiles).next_multiple_of(ROWS);
        let row = (tiles * OUTPUTS + k - 1) * channels;
        Self {
            groups: shape.groups,
            filters: shape.filters,
            depth,
            tiles,
            pieces,
            rows: std::array::from_fn(|_| vec![0; row]),
            below: vec![0; (side + k - 1) * channels],
            spectrum: vec![0; POINTS * POINTS * together * kernels::padded(depth)],
            products: vec![[0; PANEL]; POINTS * POINTS * together],
        }
    }

    /// Rows of the output that are computed together.
    pub fn rows_at_once(&self) -> usize {
        OUTPUTS * STRIP.min(self.tiles)
    }

    /// Pixels in a row of sums; more than the output has where its side is no multiple of a tile's.
    pub fn row_length(&self) -> usize {
        OUTPUTS * self.tiles
    }

    /// The sums of all filters of output rows from `first` on: row, column, filter.
    pub fn accumulate(&mut self, kernels: Kernels, input: &Map, first: usize, sums: &mut [i32]) {
        sums.fill(0);
        let from = first / OUTPUTS;
        let down = STRIP.min(self.tiles - from);
        let together = (down * self.tiles).next_multiple_of(ROWS);
        let depth = kernels::padded(self.depth);
        for piece in 0..self.pieces.len() {
            let Piece {
                down: d,
                across: a,
                division,
                ..
            } = self.pieces[piece];
            let points = d.points() * a.points();
            for group in 0..self.groups {
                for strip in 0..down {
                    self.transform_rows(input, OUTPUTS * (from + strip), d);
                    self.transform_columns((input.channels, group), (strip, together), (d, a));
                }
                let share = self.filters / self.groups;
                let panels = share.div_ceil(PANEL);
                let size = points * depth * PANEL;
                let weights = &self.pieces[piece].weights[group * panels * size..][..panels * size];
                for (panel, weights) in weights.chunks_exact(size).enumerate() {
                    let rows = self.spectrum.chunks_exact(together * depth);
                    let products = self.products.chunks_exact_mut(together);
                    let of_points = weights.chunks_exact(depth * PANEL);
                    for ((weights, rows), products) in of_points.zip(rows).zip(products) {
                        (kernels.panel)(weights, rows, depth, products);
                    }
                    let filter = group * share + panel * PANEL;
                    let kept = PANEL.min(share - panel * PANEL);
                    self.add_outputs((d, a, division), (down, together), (filter, kept), sums);
                }
            }
        }
    }

    /// Rows of the input under a row of tiles → the points of `part`, all channels.
    #[inline(never)]
    fn transform_rows(&mut self, input: &Map, y: usize, part: Part) {
        let below = &self.below;
        let row = |i: usize| input.row(y + part.offset + i).unwrap_or(below);
        for (point, out) in self.rows[..part.points()].iter_mut().enumerate() {
            part.inputs(point, row, &mut out[..below.len()]);
        }
    }

    /// Transformed rows → spectrum of row `strip` of `together` tiles, the channels of a group.
    #[inline(never)]
    fn transform_columns(
        &mut self,
        (channels, group): (usize, usize),
        (strip, together): (usize, usize),
        (down, across): (Part, Part),
    ) {
        let depth = kernels::padded(self.depth);
        for (i, row) in self.rows[..down.points()].iter().enumerate() {
            for tile in 0..self.tiles {
                let pixel = |x: usize| {
                    let at = (OUTPUTS * tile + across.offset + x) * channels + group * self.depth;
                    &row[at..at + self.depth]
                };
                for j in 0..across.points() {
                    let place = (i * across.points() + j) * together + strip * self.tiles + tile;
                    let out = &mut self.spectrum[place * depth..][..self.depth];
                    across.inputs(j, pixel, out);
                }
            }
        }
    }

    /// Adds what the products of one panel give to the sums of its filters.
    #[inline(never)]
    fn add_outputs(
        &self,
        (down, across, division): (Part, Part, Division),
        (strips, together): (usize, usize),
        (filter, kept): (usize, usize),
        sums: &mut [i32],
    ) {
        let points = across.points();
        let length = self.row_length();
        let mut columns = [[[0; PANEL]; POINTS]; OUTPUTS];
        let mut outputs = [[0; PANEL]; OUTPUTS];
        for tile in 0..strips * self.tiles {
            for i in 0..down.points() {
                // The last point may not be there: any will do.
                let product = |j: usize| (i * points + j.min(points - 1)) * together + tile;
                let row = std::array::from_fn(|j| &self.products[product(j)]);
                across.outputs(row, columns.each_mut().map(|column| &mut column[i]));
            }
            let corner = (tile / self.tiles * length + tile % self.tiles) * OUTPUTS;
            for (dx, column) in columns.iter().enumerate() {
                down.outputs(column.each_ref(), outputs.each_mut());
                for (dy, out) in outputs.iter().enumerate() {
                    let at = (corner + dy * length + dx) * self.filters + filter;
                    let sums = &mut sums[at..at + kept];
                    for (sum, out) in sums.iter_mut().zip(out) {
                        *sum = sum.wrapping_add(division.of(*out));
                    }
                }
            }
        }
    }
}

/// The weights of one piece at its points, as panels that [`kernels::pack`] would give.
fn transformed(
    shape: &Conv,
    weight: &[i8],
    depth: usize,
    (down, across): (Part, Part),
) -> Vec<i16> {
    let points = down.points() * across.points();
    let row = depth * shape.kernel * shape.kernel;
    let share = shape.filters / shape.groups;
    let size = kernels::padded(depth) * PANEL;
    let mut packed = vec![0; shape.groups * share.div_ceil(PANEL) * points * size];
    let mut panels = packed.chunks_exact_mut(points * size);
    for group in weight.chunks_exact(share * row) {
        for (filters, panel) in group.chunks(PANEL * row).zip(&mut panels) {
            for step in 0..size / LANES {
                let taps = taps(filters, (row, shape.kernel), step, (down, across));
                store_points(&taps, (down, across), &mut panel[step * LANES..], size);
            }
        }
    }
    packed
}

/// The taps that one step of a panel's kernel reads: row, column, place in the panel.
#[inline(never)]
fn taps(
    filters: &[i8],
    (row, k): (usize, usize),
    step: usize,
    (down, across): (Part, Part),
) -> [[Lanes; 3]; 3] {
    let mut taps = [[[0; LANES]; 3]; 3];
    let first = step * STEP * k * k;
    for (c, filter) in filters.chunks_exact(row).enumerate() {
        let planes = filter[first..].chunks_exact(k * k).take(STEP);
        for (d, plane) in planes.enumerate() {
            for (y, taps) in taps[..down.taps].iter_mut().enumerate() {
                let from = &plane[(down.offset + y) * k + across.offset..][..across.taps];
                for (tap, &weight) in taps.iter_mut().zip(from) {
                    tap[kernels::place(c, d)] = weight.into();
                }
            }
        }
    }
    taps
}

/// Brings taps to the points of a piece, each `size` behind the one before.
#[inline(never)]
fn store_points(
    taps: &[[Lanes; 3]; 3],
    (down, across): (Part, Part),
    out: &mut [i16],
    size: usize,
) {
    let rows = taps.each_ref().map(|row| across.weights(row.each_ref()));
    for j in 0..across.points() {
        let column = down.weights(rows.each_ref().map(|row| &row[j]));
        for (i, point) in column.iter().take(down.points()).enumerate() {
            out[(i * across.points() + j) * size..][..LANES].copy_from_slice(point);
        }
    }
}
