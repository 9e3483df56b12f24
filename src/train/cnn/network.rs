//! The network's trainable state, and a step of it.

use std::path::Path;

use candle_core::{D, DType, Device, Tensor, Var};
use candle_nn::VarBuilder;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::architecture::Network;
use crate::network::Tensors;
use crate::network::cnn::Cnn;
use crate::network::input::Normalisation;
use crate::train::Result;
use crate::train::checkpoint::{self, Values};
use crate::train::ops::{self, BatchStatistics, ConvShape};

/// Images whose margins, or whose statistics, are computed at once.
const CHUNK: usize = 250;

const SHAPE: ConvShape = ConvShape {
    stride: 1,
    padding: 1,
    groups: 1,
    relu: false,
};

/// A trainable tensor with the step that it last took.
struct Parameter {
    name: String,
    var: Var,
    velocity: Tensor,
}

/// Weights under the names that [`Cnn`] reads.
pub struct State {
    network: Network,
    normalised: bool,
    parameters: Vec<Parameter>,
}

impl State {
    /// Weights drawn as He et al. 2015 have it, biases 0, batch norms the identity.
    pub fn draw(normalised: bool, seed: u64) -> Result<Self> {
        let network = Network::cnn();
        let mut state = Self {
            normalised,
            parameters: Vec::new(),
            network: network.clone(),
        };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut channels = 1;
        for conv in &network.convs {
            let shape = [conv.filters, channels, conv.kernel, conv.kernel];
            state.add_layer(&conv.name, &shape, true, &mut rng)?;
            channels = conv.filters;
        }
        let mut inputs = network.features().unwrap_or(0);
        for linear in &network.linears {
            state.add_layer(&linear.name, &[linear.units, inputs], true, &mut rng)?;
            inputs = linear.units;
        }
        state.add_layer("output", &[2, inputs], false, &mut rng)?;
        Ok(state)
    }

    fn add_layer(
        &mut self,
        name: &str,
        shape: &[usize],
        hidden: bool,
        rng: &mut impl Rng,
    ) -> Result<()> {
        let outputs = shape[0];
        let inputs: usize = shape[1..].iter().product();
        let bound = (6.0 / inputs as f32).sqrt();
        let weight: Vec<f32> = (0..outputs * inputs)
            .map(|_| rng.random_range(-bound..bound))
            .collect();
        self.add(format!("{name}.weight"), weight, shape)?;
        self.add(format!("{name}.bias"), vec![0.0; outputs], &[outputs])?;
        if hidden && self.normalised {
            self.add(
                format!("{name}.norm.weight"),
                vec![1.0; outputs],
                &[outputs],
            )?;
            self.add(format!("{name}.norm.bias"), vec![0.0; outputs], &[outputs])?;
        }
        Ok(())
    }

    fn add(&mut self, name: String, values: Vec<f32>, shape: &[usize]) -> Result<()> {
        let values = Tensor::from_vec(values, shape, &Device::Cpu)?;
        self.parameters.push(Parameter {
            name,
            velocity: values.zeros_like()?,
            var: Var::from_tensor(&values)?,
        });
        Ok(())
    }

    fn get(&self, name: &str) -> candle_core::Result<&Tensor> {
        let found = self.parameters.iter().find(|p| p.name == name);
        let missing = || candle_core::Error::Msg(format!("the network has no {name}"));
        Ok(found.ok_or_else(missing)?.var.as_tensor())
    }

    /// A step down the batch's mean cross-entropy; `drops` are the shares dropped of convolutions'
    /// outputs and of fully connected units.
    pub fn descend(
        &mut self,
        grey: &[u8],
        labels: &[bool],
        drops: [f32; 2],
        rate: f64,
        momentum: f64,
        rng: &mut impl Rng,
    ) -> Result<()> {
        let logits = self.logits(grey, drops, rng, &mut Vec::new())?;
        let classes: Vec<u32> = labels.iter().map(|&l| u32::from(l)).collect();
        let classes = Tensor::new(classes, &Device::Cpu)?;
        let loss = candle_nn::loss::cross_entropy(&logits, &classes)?;
        let gradients = loss.backward()?;
        for parameter in &mut self.parameters {
            if let Some(gradient) = gradients.get(parameter.var.as_tensor()) {
                let kept = (&parameter.velocity * momentum)?;
                parameter.velocity = (kept - (gradient * rate)?)?.detach();
                let moved = (parameter.var.as_tensor() + &parameter.velocity)?;
                parameter.var.set(&moved.detach())?;
            }
        }
        Ok(())
    }

    /// The two outputs in training; the batch norms' statistics are added to `seen`.
    fn logits(
        &self,
        grey: &[u8],
        [conv_drop, drop]: [f32; 2],
        rng: &mut impl Rng,
        seen: &mut Vec<BatchStatistics>,
    ) -> Result<Tensor> {
        let mut x = Normalisation::Unit.input(grey, self.network.input_side, &Device::Cpu)?;
        for conv in &self.network.convs {
            let (weight, bias) = self.layer(&conv.name)?;
            let shape = ConvShape {
                relu: !self.normalised,
                ..SHAPE
            };
            x = ops::conv2d(&x, weight, bias, shape)?;
            if self.normalised {
                x = self.normalise(&conv.name, &x, seen)?;
            }
            if let Some(pool) = conv.pool {
                x = ops::max_pool2d(&x, pool.size, pool.stride)?;
            }
            x = ops::dropout(&x, conv_drop, rng)?;
        }
        x = x.flatten_from(1)?;
        for linear in &self.network.linears {
            let (weight, bias) = self.layer(&linear.name)?;
            x = x.matmul(&weight.t()?)?.broadcast_add(bias)?;
            x = if self.normalised {
                self.normalise(&linear.name, &x, seen)?
            } else {
                x.relu()?
            };
            x = ops::dropout(&x, drop, rng)?;
        }
        let (weight, bias) = self.layer("output")?;
        Ok(x.matmul(&weight.t()?)?.broadcast_add(bias)?)
    }

    fn layer(&self, name: &str) -> Result<(&Tensor, &Tensor)> {
        let part = |part: &str| self.get(&format!("{name}.{part}"));
        Ok((part("weight")?, part("bias")?))
    }

    fn normalise(&self, name: &str, x: &Tensor, seen: &mut Vec<BatchStatistics>) -> Result<Tensor> {
        let (weight, bias) = self.layer(&format!("{name}.norm"))?;
        let (y, statistics) = ops::batch_norm_relu(x, weight, bias)?;
        seen.push(statistics);
        Ok(y)
    }

    /// Means and variances of what the batch norms read when nothing is dropped, over `grey`; one
    /// for each batch norm. What a running mean gathers while training drops units has another
    /// variance (Li et al. 2019); like MATLAB, this measures them on the finished weights.
    fn population(&self, grey: &[u8]) -> Result<Vec<BatchStatistics>> {
        let mut total: Vec<BatchStatistics> = Vec::new();
        // Nothing is drawn.
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let image = self.network.input_side * self.network.input_side;
        let images = grey.len() / image;
        for grey in grey.chunks(CHUNK * image) {
            let share = (grey.len() / image) as f32 / images as f32;
            let mut seen = Vec::new();
            self.logits(grey, [0.0, 0.0], &mut rng, &mut seen)?;
            total.resize_with(seen.len(), BatchStatistics::default);
            for (total, seen) in total.iter_mut().zip(seen) {
                total.add(&seen, share);
            }
        }
        Ok(total)
    }

    /// The weights under the stored model's names, batch norms folded by the statistics of the
    /// training images `grey`.
    pub fn folded(&self, grey: &[u8]) -> Result<Tensors> {
        let mut tensors = Tensors::new();
        for parameter in &self.parameters {
            let values = parameter.var.as_tensor().detach();
            tensors.insert(parameter.name.clone(), values);
        }
        if self.normalised {
            let convs = self.network.convs.iter().map(|c| &c.name);
            let names = convs.chain(self.network.linears.iter().map(|l| &l.name));
            for (name, statistics) in names.zip(self.population(grey)?) {
                let BatchStatistics { mean, variance } = statistics;
                for (part, values) in [("running_mean", mean), ("running_var", variance)] {
                    let values = Tensor::new(values, &Device::Cpu)?;
                    tensors.insert(format!("{name}.norm.{part}"), values);
                }
            }
        }
        let vb = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        Ok(Cnn::new(self.normalised, vb)?.tensors()?)
    }

    /// Everything that a checkpoint must hold.
    pub fn values(&self) -> Result<Values> {
        let mut values = Values::new();
        for parameter in &self.parameters {
            let flat = |tensor: &Tensor| tensor.flatten_all()?.to_vec1();
            let velocity = flat(&parameter.velocity)?;
            values.insert(parameter.name.clone(), flat(parameter.var.as_tensor())?);
            values.insert(format!("{}.velocity", parameter.name), velocity);
        }
        Ok(values)
    }

    /// Takes up what [`State::values`] gave.
    ///
    /// # Errors
    /// When a value is missing or of another length.
    pub fn restore(&mut self, values: &mut Values, path: &Path) -> Result<()> {
        for parameter in &mut self.parameters {
            let shape = parameter.var.shape().clone();
            let mut take = |name: &str| -> Result<Tensor> {
                let flat = checkpoint::take(values, name, shape.elem_count(), path)?;
                Ok(Tensor::from_vec(flat, &shape, &Device::Cpu)?)
            };
            parameter.var.set(&take(&parameter.name)?)?;
            parameter.velocity = take(&format!("{}.velocity", parameter.name))?;
        }
        Ok(())
    }
}

/// Both margins of images by folded weights.
pub fn margins(tensors: &Tensors, grey: &[u8]) -> Result<Vec<(f64, f64)>> {
    let network = Network::cnn();
    let get = |layer: &str, part: &str| {
        let name = format!("{layer}.{part}");
        let missing = || candle_core::Error::Msg(format!("the network has no {name}"));
        tensors.get(&name).ok_or_else(missing)
    };
    let linear = |x: &Tensor, name: &str| {
        x.matmul(&get(name, "weight")?.t()?)?
            .broadcast_add(get(name, "bias")?)
    };
    let mut margins = Vec::new();
    for grey in grey.chunks(CHUNK * network.input_side * network.input_side) {
        let mut x = Normalisation::Unit.input(grey, network.input_side, &Device::Cpu)?;
        for conv in &network.convs {
            let shape = ConvShape {
                relu: true,
                ..SHAPE
            };
            x = ops::conv2d(
                &x,
                get(&conv.name, "weight")?,
                get(&conv.name, "bias")?,
                shape,
            )?;
            if let Some(pool) = conv.pool {
                x = ops::max_pool2d(&x, pool.size, pool.stride)?;
            }
        }
        x = x.flatten_from(1)?;
        for hidden in &network.linears {
            x = linear(&x, &hidden.name)?.relu()?;
        }
        let planes = Tensor::cat(
            &[linear(&x, "haemorrhage")?, linear(&x, "normal")?],
            D::Minus1,
        )?;
        for row in planes.to_vec2::<f32>()? {
            margins.push((f64::from(row[0]), f64::from(row[1])));
        }
    }
    Ok(margins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_weights_say_what_training_says_of_the_same_images() {
        let grey: Vec<u8> = (0..16 * 1024)
            .map(|i| ((i * i + i / 1024 * 37) % 251) as u8)
            .collect();
        let state = State::draw(true, 3).unwrap();
        let logits = state
            .logits(
                &grey,
                [0.0, 0.0],
                &mut ChaCha8Rng::seed_from_u64(8),
                &mut Vec::new(),
            )
            .unwrap();
        let folded = margins(&state.folded(&grey).unwrap(), &grey).unwrap();
        for (logits, (margin, normal)) in logits.to_vec2::<f32>().unwrap().iter().zip(folded) {
            let expected = f64::from(logits[1] - logits[0]);
            // The population's variance is unbiased, the batch's own is not: 16 / 15.
            assert!(
                (margin - expected).abs() < 0.15 * (1.0 + expected.abs()),
                "{margin} {expected}"
            );
            assert!((margin + normal).abs() < 1e-4);
        }
    }
}
