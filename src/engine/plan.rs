//! The order of the steps and their buffers.

use super::conv::ConvStep;
use super::kernels::{self, FourDots};
use super::linear::LinearStep;
use super::map::Map;
use super::pool::max_pool;
use crate::Error;
use crate::architecture::Pool;
use crate::model::StoredModel;

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

/// A stored model ready to run; allocates nothing after [`Engine::new`].
#[derive(Debug)]
pub struct Engine {
    kernel: FourDots,
    input: Map,
    stages: Vec<Stage>,
    fc6: LinearStep,
    units: Vec<f32>,
}

impl Engine {
    /// Packs the weights and allocates the buffers.
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when the layers do not fit each other.
    pub fn new(model: &StoredModel) -> Result<Self, Error> {
        let network = &model.facts.architecture;
        let misfit = || Error::CorruptModel("The model's layers do not fit each other.".into());
        let border = |i: usize| network.convs.get(i).map_or(0, |conv| conv.padding);
        let (mut side, mut channels) = (network.input_side, 1);
        let input = Map::new(side, channels, border(0));
        let mut stages = Vec::with_capacity(network.convs.len());
        for (i, (shape, stored)) in network.convs.iter().zip(&model.convs).enumerate() {
            let step = ConvStep::new(shape, stored, channels);
            let before = shape.conv_side(side).ok_or_else(misfit)?;
            side = shape.output_side(side).ok_or_else(misfit)?;
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
            kernel: kernels::fastest(),
            input,
            stages,
            fc6: LinearStep::new(&model.fc6, channels),
            units: vec![0.0; network.fc6_units],
        })
    }

    /// The FC6 units after ReLU for one input of `side * side` grey levels.
    ///
    /// # Errors
    /// [`Error::Internal`] when `grey` is of another length.
    pub fn features(&mut self, grey: &[u8]) -> Result<&[f32], Error> {
        self.run_trunk(grey)?;
        let pooled = self.stages.last().map_or(&self.input, Stage::output);
        self.fc6.run(self.kernel, pooled, &mut self.units);
        Ok(&self.units)
    }

    /// The last pooled map of one input in activation steps (0–255), in channel, row, column
    /// order: what FC6 reads.
    ///
    /// # Errors
    /// As [`Engine::features`].
    pub fn pooled_features(&mut self, grey: &[u8]) -> Result<Vec<u8>, Error> {
        self.run_trunk(grey)?;
        let map = self.stages.last().map_or(&self.input, Stage::output);
        let mut out = Vec::with_capacity(map.channels * map.side * map.side);
        for c in 0..map.channels {
            for y in 0..map.side {
                out.extend((0..map.side).map(|x| map.pixel(y, x)[c] as u8));
            }
        }
        Ok(out)
    }

    fn run_trunk(&mut self, grey: &[u8]) -> Result<(), Error> {
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
            stage.step.run(self.kernel, input, &mut stage.convolved);
            if let Some((pool, pooled)) = &mut stage.pooled {
                max_pool(*pool, &stage.convolved, pooled);
            }
            input = stage.output();
        }
        Ok(())
    }
}
