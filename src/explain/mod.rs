//! Where in a slice a margin comes from: the share of each place of the network's last map, and which
//! part of the slice that place looks at.
//!
//! Fully connected layers with ReLU are piecewise linear, so the shares are exact: contributions,
//! constant and rounding sum to the margin (see [`Attribution`]). What the convolutions below
//! did with the pixels that a place sees is not taken apart, and neighbouring places of AlexNet share
//! most of theirs ([`Field::size`] is about six times [`Field::stride`]): the map says which *place*
//! spoke for a haemorrhage, not which pixel. Nor need it be a place of the blood: of the phantoms, the
//! haematoma's places contribute most, but with the subdural the middle of the head does, and the
//! places of the crescent speak against it.
//!
//! ```
//! use haemolens::Classifier;
//! use haemolens::phantom::{self, Kind};
//!
//! let slice = phantom::draw(Kind::Subdural).into_slice();
//! let explanation = Classifier::new()?.explain_slice(&slice)?;
//! let sum: f64 = explanation.contributions.iter().map(|&c| f64::from(c)).sum();
//! let margin = sum + explanation.constant + explanation.rounding;
//! assert!((margin - explanation.margin).abs() < 1e-5);
//! # Ok::<(), haemolens::Error>(())
//! ```

mod overlay;

use serde::Serialize;

use crate::Classification;
use crate::architecture::{Network, ReceptiveField};
use crate::engine::Attribution;
use crate::preprocess::Crop;

/// An answer, and where in the slice its margin comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Places a row of the map has.
    pub columns: usize,
    /// Rows of the map.
    pub rows: usize,
    /// What each place contributes, row-major, in units of margin: positive speaks for haemorrhage.
    pub contributions: Vec<f32>,
    /// The part of the margin that belongs to no place: the plane's offset, and the biases of the
    /// units that are active.
    pub constant: f64,
    /// What rounding to eight bits between two fully connected layers adds; 0 where there is one such
    /// layer.
    pub rounding: f64,
    /// The margin of the answer: the sum of contributions, constant and rounding, to the precision of
    /// 32-bit numbers.
    pub margin: f64,
    /// Where in the slice the places are.
    pub field: Field,
    /// The square of the slice that the network saw; nothing outside of it contributes. Each of its
    /// pixels is nearest to one place's centre: that place's contribution is drawn there.
    pub crop: Crop,
    /// The answer.
    pub classification: Classification,
}

/// Where in a slice the places of the map are, in slice pixels: pixel `i` reaches from `i` to
/// `i + 1`. The place in column `c` and row `r` has its centre at `x + c * stride`, `y + r * stride`,
/// and sees the square of side `size` around it, as far as that is in the crop.
///
/// With a crop of side `S` at `(X, Y)`, resized to the `n` pixels of the network's input, and a
/// [`ReceptiveField`] there: `x = X + first · S / n`, `y = Y + first · S / n`, `stride` and `size`
/// times `S / n`. The resize itself looks a pixel of the larger grid further.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Centre of the first column.
    pub x: f64,
    /// Centre of the first row.
    pub y: f64,
    /// From the centre of one place to that of the next.
    pub stride: f64,
    /// Side of what one place sees.
    pub size: f64,
}

impl Field {
    /// Of the last map of `network`, whose input was cut out of a slice at `crop`.
    pub fn new(network: &Network, crop: Crop) -> Self {
        Self::of_map(network.receptive_field(), network.input_side, crop)
    }

    /// Of a map whose places see `field` of an input of `input_side` pixels that was cut out of a slice
    /// at `crop`.
    pub fn of_map(field: ReceptiveField, input_side: usize, crop: Crop) -> Self {
        let scale = crop.side as f64 / input_side as f64;
        Self {
            x: crop.x as f64 + field.first * scale,
            y: crop.y as f64 + field.first * scale,
            stride: field.stride * scale,
            size: field.size * scale,
        }
    }

    /// The centre of a place, `(x, y)` in slice pixels.
    pub fn centre(&self, column: usize, row: usize) -> (f64, f64) {
        let at = |first: f64, place: usize| first + place as f64 * self.stride;
        (at(self.x, column), at(self.y, row))
    }
}

impl Explanation {
    /// Puts an answer and what the engine says of its margin together, for a slice that `network` saw
    /// through `crop`.
    pub fn new(
        attribution: Attribution,
        network: &Network,
        crop: Crop,
        classification: Classification,
    ) -> Self {
        let side = network.feature_shape().map_or(0, |(_, side)| side);
        Self {
            columns: side,
            rows: side,
            contributions: attribution.contributions,
            constant: attribution.constant,
            rounding: attribution.rounding,
            margin: classification.margin,
            field: Field::new(network, crop),
            crop,
            classification,
        }
    }

    /// The column and row of the place whose centre is nearest to a point of the slice.
    pub fn place_at(&self, x: f64, y: f64) -> (usize, usize) {
        let nearest = |from: f64, places: usize| {
            let steps = (from / self.field.stride).round();
            // A cast of what is negative or no number gives zero.
            (steps as usize).min(places.saturating_sub(1))
        };
        (
            nearest(x - self.field.x, self.columns),
            nearest(y - self.field.y, self.rows),
        )
    }
}
