//! The paper's small network, trained from nothing on 32×32 grey levels (its Figure 3).

use candle_core::{Result, Tensor};
use candle_nn::{
    BatchNorm, BatchNormConfig, Conv2d, Conv2dConfig, Linear, Module, ModuleT, VarBuilder,
    batch_norm, conv2d, linear,
};

use super::planes::insert_planes;
use super::{Dropout, Tensors, dropped};
use crate::architecture::{Network, Pool};

/// A layer with its batch normalisation, if the network has any.
struct Block<M> {
    name: String,
    layer: M,
    norm: Option<BatchNorm>,
}

impl<M: Module> Block<M> {
    /// Layer, batch norm, ReLU.
    fn forward(&self, x: &Tensor, training: bool) -> Result<Tensor> {
        let x = self.layer.forward(x)?;
        match &self.norm {
            Some(norm) => norm.forward_t(&x, training)?.relu(),
            None => x.relu(),
        }
    }
}

/// Four convolutions, two fully connected layers, a softmax of two classes; batch norm before and
/// dropout after each ReLU (pooled, where there is pooling).
pub struct Cnn {
    convs: Vec<(Block<Conv2d>, Option<Pool>)>,
    linears: Vec<Block<Linear>>,
    output: Linear,
}

impl Cnn {
    /// Takes `conv1.weight` (OIHW), `conv1.bias`, …, `fc1.weight`, …, `output.weight` (2 rows:
    /// normal, haemorrhage) and `output.bias` from `vb`; with `normalised` also `conv1.norm.weight`,
    /// `.bias`, `.running_mean`, `.running_var`, ….
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn new(normalised: bool, vb: VarBuilder) -> Result<Self> {
        let network = Network::cnn();
        let norm = |outputs: usize, vb: VarBuilder| -> Result<Option<BatchNorm>> {
            normalised
                .then(|| batch_norm(outputs, BatchNormConfig::default(), vb.pp("norm")))
                .transpose()
        };
        let mut channels = 1;
        let mut convs = Vec::new();
        for conv in &network.convs {
            let config = Conv2dConfig {
                padding: conv.padding,
                ..Default::default()
            };
            let vb = vb.pp(&conv.name);
            let block = Block {
                name: conv.name.clone(),
                layer: conv2d(channels, conv.filters, conv.kernel, config, vb.clone())?,
                norm: norm(conv.filters, vb)?,
            };
            convs.push((block, conv.pool));
            channels = conv.filters;
        }
        let mut inputs = network.features().unwrap_or(0);
        let mut linears = Vec::new();
        for hidden in &network.linears {
            let vb = vb.pp(&hidden.name);
            linears.push(Block {
                name: hidden.name.clone(),
                layer: linear(inputs, hidden.units, vb.clone())?,
                norm: norm(hidden.units, vb)?,
            });
            inputs = hidden.units;
        }
        Ok(Self {
            convs,
            linears,
            output: linear(inputs, 2, vb.pp("output"))?,
        })
    }

    /// `N×1×32×32` of `grey / 255` → logits, `N × 2`: normal, haemorrhage. With `drop` the network
    /// is in training: batch norm uses, and keeps a running mean of, the batch's own statistics.
    pub fn logits(&self, x: &Tensor, mut drop: Option<Dropout>) -> Result<Tensor> {
        let training = drop.is_some();
        let mut x = x.clone();
        for (block, pool) in &self.convs {
            x = block.forward(&x, training)?;
            if let Some(pool) = pool {
                x = x.max_pool2d_with_stride(pool.size, pool.stride)?;
            }
            x = dropped(x, &mut drop)?;
        }
        x = x.flatten_from(1)?;
        for block in &self.linears {
            x = dropped(block.forward(&x, training)?, &mut drop)?;
        }
        self.output.forward(&x)
    }

    /// The weights under the stored model's names, batch norm folded into the layer before it.
    pub fn tensors(&self) -> Result<Tensors> {
        let mut tensors = Tensors::new();
        let mut insert = |name: &str, weight: &Tensor, bias: Option<&Tensor>, norm| {
            let bias = bias.cloned().map_or_else(
                || Tensor::zeros(weight.dim(0)?, weight.dtype(), weight.device()),
                Ok,
            )?;
            let (weight, bias) = folded(weight, &bias, norm)?;
            tensors.insert(format!("{name}.weight"), weight.detach());
            tensors.insert(format!("{name}.bias"), bias.detach());
            Result::Ok(())
        };
        for (block, _) in &self.convs {
            let layer = &block.layer;
            insert(
                &block.name,
                layer.weight(),
                layer.bias(),
                block.norm.as_ref(),
            )?;
        }
        for block in &self.linears {
            let layer = &block.layer;
            insert(
                &block.name,
                layer.weight(),
                layer.bias(),
                block.norm.as_ref(),
            )?;
        }
        insert_planes(&mut tensors, &self.output)?;
        Ok(tensors)
    }
}

/// Weights (outputs first) and biases of a layer and the batch norm that follows it, as one layer:
/// `gamma / √(variance + ε) · (w·x + b − mean) + beta`, with the running mean and variance.
fn folded(weight: &Tensor, bias: &Tensor, norm: Option<&BatchNorm>) -> Result<(Tensor, Tensor)> {
    let Some(norm) = norm else {
        return Ok((weight.clone(), bias.clone()));
    };
    let (gamma, beta) = norm
        .weight_and_bias()
        .ok_or_else(|| candle_core::Error::Msg("the batch norm has no weight".into()))?;
    let gain = gamma.div(&(norm.running_var() + norm.eps())?.sqrt()?)?;
    let mut rows = vec![1; weight.rank()];
    rows[0] = weight.dim(0)?;
    let bias = (bias - norm.running_mean())?.mul(&gain)?.add(beta)?;
    Ok((weight.broadcast_mul(&gain.reshape(rows)?)?, bias))
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};
    use candle_nn::VarMap;

    use super::super::input::Normalisation;
    use super::super::reference::Reference;
    use super::*;

    #[test]
    fn folded_network_gives_the_difference_of_the_logits() {
        for normalised in [true, false] {
            let vars = VarMap::new();
            let vb = VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu);
            let cnn = Cnn::new(normalised, vb).unwrap();
            let grey: Vec<u8> = (0..6 * 1024).map(|i| (i * i % 251) as u8).collect();
            let x = Normalisation::Unit.input(&grey, 32, &Device::Cpu).unwrap();
            // Passes in training move the running statistics away from their start.
            for _ in 0..3 {
                cnn.logits(&x, Some(&mut Ok)).unwrap();
            }
            let logits: Vec<Vec<f32>> = cnn.logits(&x, None).unwrap().to_vec2().unwrap();
            let reference = Reference::new(&Network::cnn(), cnn.tensors().unwrap()).unwrap();
            let margins: Vec<f32> = reference.forward(&x).unwrap().to_vec1().unwrap();
            for (logits, margin) in logits.iter().zip(margins) {
                let expected = logits[1] - logits[0];
                let scale = logits[0].abs() + logits[1].abs();
                assert!(
                    (margin - expected).abs() < 1e-4 * scale,
                    "{margin} {expected}"
                );
            }
        }
    }

    #[test]
    fn dropout_acts_after_every_hidden_layer() {
        let vars = VarMap::new();
        let vb = VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu);
        let cnn = Cnn::new(true, vb).unwrap();
        let x = Tensor::zeros((2, 1, 32, 32), DType::F32, &Device::Cpu).unwrap();
        let mut shapes = Vec::new();
        let mut keep = |x: Tensor| {
            shapes.push(x.dims()[1..].to_vec());
            Ok(x)
        };
        cnn.logits(&x, Some(&mut keep)).unwrap();
        let expected: [&[usize]; 6] = [
            &[10, 32, 32],
            &[20, 16, 16],
            &[30, 16, 16],
            &[40, 8, 8],
            &[300],
            &[300],
        ];
        assert_eq!(shapes, expected);
    }
}
