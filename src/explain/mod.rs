//! Where in a slice a margin comes from: the share of each place of the network's last map, and which
//! part of the slice that place looks at.
//!
//! Fully connected layers with ReLU are piecewise linear, and means over places are sums, so the shares
//! are exact: contributions, constant and rounding sum to the margin (see [`Attribution`]). What the
//! convolutions below did with the pixels that a place sees is not taken apart, and neighbouring places of
//! AlexNet share most of theirs ([`Field::size`] is six to ten times [`Field::stride`]): the map says which
//! *place* argues for a haemorrhage, not which pixel. It need not be a place of the blood: of the phantoms the
//! places of the blood contribute most, and of held-out slices with boxes around it two in three do
//! (`models/README.md`).
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

use crate::architecture::{Network, ReceptiveField};
use crate::engine::Attribution;
use crate::preprocess::Crop;
use crate::{Classification, HaemorrhageKind};

/// An answer, and where in the slice its margin comes from.
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
///
/// let slice = phantom::draw(Kind::Intraparenchymal).into_slice();
/// let explanation = Classifier::new()?.explain_slice(&slice)?;
/// // The places of the haematoma, right in the picture, contribute most.
/// let places = 0..explanation.contributions.len();
/// let by_share = |&a: &usize, &b: &usize| {
///     explanation.contributions[a].total_cmp(&explanation.contributions[b])
/// };
/// let strongest = places.max_by(by_share).expect("there are places");
/// let (x, _) = explanation.field.centre(strongest % explanation.columns, 0);
/// assert!(x > phantom::SIDE as f64 / 2.0);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Places a row of the map has.
    pub columns: usize,
    /// Rows of the map.
    pub rows: usize,
    /// What each place contributes, row-major, in units of margin: positive counts towards haemorrhage.
    pub contributions: Vec<f32>,
    /// The part of the margin that belongs to no place: the plane's offset, and the biases of the
    /// units that are active, unless these are units of a place.
    pub constant: f64,
    /// What rounding to eight bits between two fully connected layers adds; 0 where there is one such
    /// layer.
    pub rounding: f64,
    /// The kind of haemorrhage whose margin this is; absent where it is that of haemorrhage as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<HaemorrhageKind>,
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
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
///
/// let slice = phantom::draw(Kind::Subdural).into_slice();
/// let explanation = Classifier::new()?.explain_slice(&slice)?;
/// let field = explanation.field;
/// // The first place lies in the square that the network saw, and sees past its edge.
/// assert!(field.x > explanation.crop.x as f64);
/// assert!(field.x - field.size / 2.0 < explanation.crop.x as f64);
/// # Ok::<(), haemolens::Error>(())
/// ```
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
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, Network};
    /// use haemolens::explain::Field;
    /// use haemolens::preprocess::Crop;
    ///
    /// let network = Network::alexnet_svm(4096, IMAGENET_LRN);
    /// // Two pixels of the slice are one of the input.
    /// let field = Field::new(&network, Crop { x: 100, y: 50, side: 454 });
    /// assert_eq!((field.x, field.y, field.stride), (167.0, 117.0, 64.0));
    /// ```
    pub fn new(network: &Network, crop: Crop) -> Self {
        Self::of_map(network.receptive_field(), network.input_side, crop)
    }

    /// Of a map whose places see `field` of an input of `input_side` pixels that was cut out of a slice
    /// at `crop`.
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, Network};
    /// use haemolens::explain::Field;
    /// use haemolens::preprocess::Crop;
    ///
    /// // The first convolution's places, four pixels apart, before they are pooled.
    /// let network = Network::alexnet_svm(4096, IMAGENET_LRN);
    /// let (convolved, _) = network.receptive_fields()[0];
    /// let field = Field::of_map(convolved, 227, Crop { x: 0, y: 0, side: 227 });
    /// assert_eq!((field.x, field.stride, field.size), (5.5, 4.0, 11.0));
    /// ```
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
    ///
    /// ```
    /// use haemolens::explain::Field;
    ///
    /// let field = Field { x: 167.0, y: 117.0, stride: 64.0, size: 390.0 };
    /// assert_eq!(field.centre(5, 1), (487.0, 181.0));
    /// ```
    pub fn centre(&self, column: usize, row: usize) -> (f64, f64) {
        let at = |first: f64, place: usize| first + place as f64 * self.stride;
        (at(self.x, column), at(self.y, row))
    }
}

impl Explanation {
    /// Puts an answer and what the engine says of its margin together, for a slice that `network` saw
    /// through `crop`.
    ///
    /// ```
    /// use haemolens::engine::Engine;
    /// use haemolens::model::StoredModel;
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::{ALEXNET_SVM, Classifier, Explanation};
    ///
    /// let slice = phantom::draw(Kind::Subdural).into_slice();
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// let mut engine = Engine::new(&model)?;
    /// engine.features(&model.facts.preprocessing.apply(&slice).0)?;
    /// let attribution = engine.attribution(&model.haemorrhage);
    ///
    /// let (answer, crop) = Classifier::new()?.classify_slice(&slice)?;
    /// let network = &model.facts.architecture;
    /// let explanation = Explanation::new(attribution.clone(), network, crop, answer.clone());
    /// assert_eq!(explanation.constant, attribution.constant);
    /// assert_eq!(explanation.margin, answer.margin);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
            kind: None,
            margin: classification.margin,
            field: Field::new(network, crop),
            crop,
            classification,
        }
    }

    /// The column and row of the place whose centre is nearest to a point of the slice.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let slice = phantom::draw(Kind::Normal).into_slice();
    /// let explanation = Classifier::new()?.explain_slice(&slice)?;
    /// let (x, y) = explanation.field.centre(4, 1);
    /// assert_eq!(explanation.place_at(x + 3.0, y - 3.0), (4, 1));
    /// assert_eq!(explanation.place_at(-1e3, 1e3), (0, explanation.rows - 1));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
