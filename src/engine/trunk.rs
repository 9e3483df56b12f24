//! The convolutions by themselves.

use super::conv::ConvStep;
use super::kernels::{self, Kernels};
use super::layers::{ConvLayer, RealMap};
use super::map::Map;
use super::pool::max_pool;
use crate::Error;
use crate::architecture::{Network, Pool};
use crate::model::{QuantConv, check_convs};

/// A convolution, its map before pooling, and the pooled map.
#[derive(Debug)]
struct Stage {
    step: ConvStep,
    convolved: Map,
    pooled: Option<(Pool, Map)>,
}

impl Stage {
    /// The map that the next layer reads.
    fn output(&self) -> &Map {
        self.pooled.as_ref().map_or(&self.convolved, |(_, map)| map)
    }
}

/// A network's convolutions ready to run, whether or not its fully connected layers exist yet;
/// allocates nothing between two runs.
///
/// ```
/// use haemolens::ALEXNET_SVM;
/// use haemolens::engine::Trunk;
/// use haemolens::model::StoredModel;
///
/// // The map that one learns fully connected layers on.
/// let model = StoredModel::from_program(ALEXNET_SVM)?;
/// let mut trunk = Trunk::new(&model.facts.architecture, &model.convs)?;
/// let map = trunk.pooled_features(&vec![128; 227 * 227])?;
/// assert_eq!(Some(map.len()), model.facts.architecture.features());
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug)]
pub struct Trunk {
    kernels: Kernels,
    input: Map,
    stages: Vec<Stage>,
}

impl Trunk {
    /// Packs the weights and allocates the buffers.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::engine::Trunk;
    /// use haemolens::model::StoredModel;
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// let network = &model.facts.architecture;
    /// assert!(Trunk::new(network, &model.convs).is_ok());
    /// // Every convolution of the shape has to be there.
    /// assert_eq!(Trunk::new(network, &model.convs[1..]).unwrap_err().name(), "CorruptModel");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when the network is nonsense or the layers do not fit it.
    pub fn new(network: &Network, convs: &[QuantConv]) -> Result<Self, Error> {
        let misfit = |e| Error::CorruptModel(format!("The model's layers do not fit: {e}."));
        network.check().map_err(misfit)?;
        check_convs(network, convs)?;
        let border = |i: usize| network.convs.get(i).map_or(0, |conv| conv.padding);
        let (mut side, mut channels) = (network.input_side, 1);
        let input = Map::new(side, channels, border(0));
        let mut stages = Vec::with_capacity(network.convs.len());
        for (i, (shape, stored)) in network.convs.iter().zip(convs).enumerate() {
            let too_large = || misfit(format!("{} has a window larger than its input", shape.name));
            let before = shape.conv_side(side).ok_or_else(too_large)?;
            let step = ConvStep::new(shape, stored, channels, before);
            side = shape.output_side(side).ok_or_else(too_large)?;
            channels = shape.filters;
            let next = border(i + 1);
            let stage = match shape.pool {
                Some(pool) => Stage {
                    step,
                    convolved: Map::new(before, channels, 0),
                    pooled: Some((pool, Map::new(side, channels, next))),
                },
                None => Stage {
                    step,
                    convolved: Map::new(before, channels, next),
                    pooled: None,
                },
            };
            stages.push(stage);
        }
        Ok(Self {
            kernels: kernels::fastest(),
            input,
            stages,
        })
    }

    /// The last map of one input of `side * side` grey levels.
    ///
    /// # Errors
    /// [`Error::Internal`] when `grey` is of another length.
    pub(super) fn run(&mut self, grey: &[u8]) -> Result<&Map, Error> {
        let side = self.input.side;
        if grey.len() != side * side {
            return Err(Error::Internal(format!(
                "the engine got {} grey levels for a {side}×{side} input",
                grey.len()
            )));
        }
        for (i, &g) in grey.iter().enumerate() {
            self.input.pixel_mut(i / side, i % side)[0] = i16::from(g);
        }
        let mut input = &self.input;
        for stage in &mut self.stages {
            stage.step.run(self.kernels, input, &mut stage.convolved);
            if let Some((pool, pooled)) = &mut stage.pooled {
                max_pool(*pool, &stage.convolved, pooled);
            }
            input = stage.output();
        }
        Ok(input)
    }

    /// The last map of one input in activation steps (0–255), in channel, row, column order: what
    /// the first fully connected layer reads.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::engine::Trunk;
    /// use haemolens::model::StoredModel;
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// let network = &model.facts.architecture;
    /// let mut trunk = Trunk::new(network, &model.convs)?;
    /// let slice = phantom::draw(Kind::Subdural).into_slice();
    /// let map = trunk.pooled_features(&model.facts.preprocessing.apply(&slice).0)?;
    /// let (filters, side) = network.feature_shape().expect("there is a last map");
    /// let channels: Vec<&[u8]> = map.chunks(side * side).collect();
    /// assert_eq!(channels.len(), filters);
    /// assert!(channels.iter().any(|places| places.iter().any(|steps| *steps > 0)));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Internal`] when `grey` is not as long as the input.
    pub fn pooled_features(&mut self, grey: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(planes(self.run(grey)?))
    }

    /// The map of every convolution before pooling, of one input: its side, and its activation
    /// steps as in [`Trunk::pooled_features`].
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::engine::Trunk;
    /// use haemolens::model::StoredModel;
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// let network = &model.facts.architecture;
    /// let mut trunk = Trunk::new(network, &model.convs)?;
    /// let maps = trunk.convolved_maps(&vec![128; 227 * 227])?;
    /// for ((side, values), conv) in maps.iter().zip(&network.convs) {
    ///     assert_eq!(values.len(), conv.filters * side * side);
    /// }
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Trunk::pooled_features`].
    pub fn convolved_maps(&mut self, grey: &[u8]) -> Result<Vec<(usize, Vec<u8>)>, Error> {
        self.run(grey)?;
        let maps = self.stages.iter().map(|stage| &stage.convolved);
        Ok(maps.map(|map| (map.side, planes(map))).collect())
    }

    /// What each convolution made of the input that was read last, as real values.
    pub(super) fn layers(&mut self) -> Vec<ConvLayer> {
        let mut input = &self.input;
        let mut layers = Vec::with_capacity(self.stages.len());
        for stage in &mut self.stages {
            let (channels, side) = (stage.convolved.channels, stage.convolved.side);
            let rectified = stage.step.normalises().then(|| RealMap {
                channels,
                side,
                values: stage.step.rectified(self.kernels, input, side),
            });
            let real = |map: &Map| RealMap::new(map, stage.step.steps());
            layers.push(ConvLayer {
                rectified,
                convolved: real(&stage.convolved),
                pooled: stage.pooled.as_ref().map(|(_, map)| real(map)),
            });
            input = stage.output();
        }
        layers
    }
}

/// A map's values in channel, row, column order.
fn planes(map: &Map) -> Vec<u8> {
    map.planes(|_, v| v as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ALEXNET_SVM;
    use crate::model::StoredModel;
    use crate::phantom::{self, Kind};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn maps_before_pooling_give_the_map_that_the_next_layer_reads() {
        let model = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
        let slice = phantom::draw(Kind::Subdural).into_slice();
        let (grey, _) = model.facts.preprocessing.apply(&slice);
        let mut network = model.facts.architecture.clone();
        network.convs[4].pool = Some(Pool { size: 3, stride: 2 });
        let mut trunk = Trunk::new(&network, &model.convs).unwrap();
        let maps = trunk.convolved_maps(&grey).unwrap();
        let sides: Vec<usize> = maps.iter().map(|(side, _)| *side).collect();
        assert_eq!(sides, [56, 27, 13, 13, 13]);
        let pooled = trunk.pooled_features(&grey).unwrap();
        let last = maps[4].1.chunks_exact(13 * 13);
        for (map, pooled) in last.zip(pooled.chunks_exact(6 * 6)) {
            for (i, &p) in pooled.iter().enumerate() {
                let (top, left) = (i / 6 * 2, i % 6 * 2);
                let window = (0..9).map(|k| map[(top + k / 3) * 13 + left + k % 3]);
                assert_eq!(window.max(), Some(p));
            }
        }
    }
}
