//! What a sample of inputs says about a network's activations, and the 8-bit steps that follow.

use candle_core::Tensor;

use super::super::{Result, TrainError};
use crate::model::ACTIVATION_MAX;

/// A channel's activation scale is never below this share of the layer's largest, so that a
/// channel that the sample saw asleep does not saturate at nothing.
const SMALLEST_SCALE_SHARE: f32 = 0.02;
/// Inputs that pass through the f32 network at once.
pub const BATCH: usize = 16;

/// Each channel of one layer's output over the sample and all places.
#[derive(Debug, Clone, PartialEq)]
pub struct Activations {
    /// Largest value.
    pub largest: Vec<f32>,
    /// Mean.
    pub mean: Vec<f32>,
}

/// The real value of one activation step, and the mean activation in such steps, per channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// Real value of one step.
    pub scale: Vec<f32>,
    /// Mean, in steps.
    pub mean: Vec<f32>,
}

impl Activations {
    /// Runs `sample` (grey levels of one input each) through `outputs`, which gives what each layer
    /// hands to the next, `N × channels × …`.
    ///
    /// # Errors
    /// [`TrainError`] from the network, or when the sample is empty.
    pub fn measure(
        sample: &[&[u8]],
        outputs: impl Fn(&[u8]) -> candle_core::Result<Vec<Tensor>>,
    ) -> Result<Vec<Self>> {
        let mut layers: Vec<Self> = Vec::new();
        for batch in sample.chunks(BATCH) {
            let share = batch.len() as f32 / sample.len() as f32;
            let maps = outputs(&batch.concat())?;
            layers.resize_with(maps.len(), || Self {
                largest: Vec::new(),
                mean: Vec::new(),
            });
            for (layer, map) in layers.iter_mut().zip(&maps) {
                let map = map.reshape((map.dim(0)?, map.dim(1)?, ()))?;
                layer.add(
                    share,
                    &map.max(2)?.max(0)?.to_vec1()?,
                    &map.mean(2)?.mean(0)?.to_vec1()?,
                );
            }
        }
        if layers.is_empty() {
            return Err(TrainError::Data(
                "quantising needs some inputs to see how large activations become".into(),
            ));
        }
        Ok(layers)
    }

    fn add(&mut self, share: f32, largest: &[f32], mean: &[f32]) {
        self.largest.resize(largest.len(), 0.0);
        self.mean.resize(mean.len(), 0.0);
        for (most, &l) in self.largest.iter_mut().zip(largest) {
            *most = most.max(l);
        }
        for (sum, &m) in self.mean.iter_mut().zip(mean) {
            *sum += m * share;
        }
    }

    /// The steps in which the layer's output is stored: the largest value falls on 255, of each
    /// channel or, when `shared`, of all.
    pub fn steps(&self, shared: bool) -> Steps {
        let top = self.largest.iter().copied().fold(0.0, f32::max);
        let smallest = if shared { 1.0 } else { SMALLEST_SCALE_SHARE };
        let top = if top > 0.0 { top } else { 1.0 };
        let of_channel = |l: &f32| l.max(smallest * top) / f32::from(ACTIVATION_MAX);
        let scale: Vec<f32> = self.largest.iter().map(of_channel).collect();
        let mean = self.mean.iter().zip(&scale).map(|(m, s)| m / s).collect();
        Steps { scale, mean }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    /// Two channels of two places: grey / 10, and nothing.
    fn outputs(grey: &[u8]) -> candle_core::Result<Vec<Tensor>> {
        let values: Vec<f32> = grey
            .chunks_exact(2)
            .flat_map(|g| [f32::from(g[0]) / 10.0, f32::from(g[1]) / 10.0, 0.0, 0.0])
            .collect();
        let shape = (grey.len() / 2, 2, 1, 2);
        Ok(vec![Tensor::from_vec(values, shape, &Device::Cpu)?])
    }

    #[test]
    fn largest_and_mean_are_those_of_the_whole_sample() {
        let inputs: Vec<[u8; 2]> = (0..=40).map(|i| [i, 2 * i]).collect();
        let sample: Vec<&[u8]> = inputs.iter().map(|i| &i[..]).collect();
        let [layer] = &Activations::measure(&sample, outputs).unwrap()[..] else {
            panic!("one layer")
        };
        assert_eq!(layer.largest, [8.0, 0.0]);
        assert!((layer.mean[0] - 3.0).abs() < 1e-5 && layer.mean[1] == 0.0);

        let steps = layer.steps(false);
        assert_eq!(steps.scale, [8.0 / 255.0, 0.16 / 255.0]);
        assert!((steps.mean[0] - 3.0 * 255.0 / 8.0).abs() < 1e-3);
        assert_eq!(layer.steps(true).scale, [8.0 / 255.0; 2]);
    }

    #[test]
    fn a_sample_of_nothing_is_refused() {
        assert!(Activations::measure(&[], outputs).is_err());
    }
}
