//! What each layer made of an input, as real values: for looking into a network.

use super::head::Head;
use super::map::Map;
use super::plan::Engine;

/// A map as real values: its activation steps, each times its channel's scale.
///
/// ```
/// use haemolens::engine::RealMap;
///
/// // Two channels of 2×2 places.
/// let values = vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
/// let map = RealMap { channels: 2, side: 2, values };
/// let at = |channel: usize, x: usize, y: usize| {
///     map.values[(channel * map.side + y) * map.side + x]
/// };
/// assert_eq!((at(0, 1, 0), at(1, 0, 1)), (1.0, 6.0));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RealMap {
    /// Channels.
    pub channels: usize,
    /// Side.
    pub side: usize,
    /// Channel, row, column.
    pub values: Vec<f32>,
}

/// What a convolution made of an input.
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
/// use haemolens::slice::Content;
///
/// let content = Content::open(phantom::draw(Kind::Normal).to_bmp()?)?;
/// let walk = Classifier::new()?.walk(&content, 0)?;
/// for (shape, layer) in walk.network.convs.iter().zip(&walk.layers.convs) {
///     assert_eq!(layer.convolved.channels, shape.filters);
///     assert_eq!(layer.rectified.is_some(), shape.lrn.is_some());
///     assert_eq!(layer.pooled.is_some(), shape.pool.is_some());
/// }
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ConvLayer {
    /// After ReLU and before normalisation and rounding, where there is a normalisation.
    pub rectified: Option<RealMap>,
    /// After ReLU, and normalisation where there is one.
    pub convolved: RealMap,
    /// After pooling, where the convolution is pooled.
    pub pooled: Option<RealMap>,
}

/// What the layers made of an input.
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
/// use haemolens::slice::Content;
///
/// let content = Content::open(phantom::draw(Kind::Subdural).to_bmp()?)?;
/// let mut classifier = Classifier::new()?;
/// let layers = classifier.walk(&content, 0)?.layers;
/// // The units of the last layer are what a plane reads.
/// let (_, units) = classifier.describe(&content, 0)?;
/// assert_eq!(layers.units.last(), Some(&units));
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    /// In order.
    pub convs: Vec<ConvLayer>,
    /// The units of each fully connected layer after ReLU, before they are rounded to eight bits; of a
    /// layer that is applied at every place, the means that a plane reads.
    pub units: Vec<Vec<f32>>,
    /// The units at each place, where the fully connected layer is applied at every place.
    pub unit_map: Option<RealMap>,
}

impl ConvLayer {
    /// The map that the next layer reads.
    ///
    /// ```
    /// use haemolens::engine::{ConvLayer, RealMap};
    ///
    /// let map = |side| RealMap { channels: 1, side, values: vec![0.5; side * side] };
    /// let mut layer = ConvLayer { rectified: None, convolved: map(4), pooled: Some(map(2)) };
    /// assert_eq!(layer.output().side, 2);
    /// layer.pooled = None;
    /// assert_eq!(layer.output().side, 4);
    /// ```
    pub fn output(&self) -> &RealMap {
        self.pooled.as_ref().unwrap_or(&self.convolved)
    }
}

impl RealMap {
    /// Of a map with so many activation steps per real value, one number a channel.
    pub(super) fn new(map: &Map, steps: &[f32]) -> Self {
        Self {
            channels: map.channels,
            side: map.side,
            values: map.planes(|channel, v| f32::from(v) / steps[channel]),
        }
    }
}

impl Engine {
    /// What [`Engine::features`] gave last.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::engine::Engine;
    /// use haemolens::model::StoredModel;
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// let mut engine = Engine::new(&model)?;
    /// let given = engine.features(&vec![128; 227 * 227])?.to_vec();
    /// assert_eq!(engine.units(), given);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn units(&self) -> &[f32] {
        self.head.features()
    }

    /// What each layer made of the input that [`Engine::features`] read last. What is normalised is
    /// convolved once more for that: the engine does not keep it.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::engine::Engine;
    /// use haemolens::model::StoredModel;
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// let mut engine = Engine::new(&model)?;
    /// engine.features(&vec![128; 227 * 227])?;
    /// let layers = engine.layers();
    /// let last = layers.convs.last().expect("there are convolutions").output();
    /// assert_eq!(Some((last.channels, last.side)), model.facts.architecture.feature_shape());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn layers(&mut self) -> Layers {
        let (units, unit_map) = match &self.head {
            Head::Dense(dense) => (dense.units(), None),
            Head::Places(places) => (vec![places.features().to_vec()], Some(places.unit_map())),
        };
        Layers {
            convs: self.trunk.layers(),
            units,
            unit_map,
        }
    }
}
