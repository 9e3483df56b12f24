//! AlexNet (paper, Figure 5): FC6 and FC7 with dropout, a softmax of two classes.
//!
//! AlexNet-SVM is this network with a linear SVM on FC6; its f32 form is
//! [`super::reference::Reference`].

use candle_core::{Result, Tensor};
use candle_nn::{Linear, Module, VarBuilder, linear};

use super::input::Normalisation;
use super::planes::{insert_linear, insert_planes};
use super::trunk::Trunk;
use super::{Dropout, Tensors, dropped};
use crate::architecture::Network;

/// What follows the convolutions.
pub struct Head {
    fc6: Linear,
    fc7: Linear,
    fc8: Linear,
}

impl Head {
    /// Takes `fc6.weight` (`units × 9216`, its columns in channel, row, column order), `fc6.bias`,
    /// `fc7.weight`, …, `fc8.bias` (2: normal, haemorrhage) from `vb`.
    ///
    /// # Errors
    /// When `network` is not [`Network::alexnet`], or a tensor is missing or of another shape.
    pub fn new(network: &Network, vb: VarBuilder) -> Result<Self> {
        let misfit = || candle_core::Error::Msg("AlexNet has FC6 and FC7 on its last map".into());
        let inputs = network.features().ok_or_else(misfit)?;
        let [fc6, fc7] = &network.linears[..] else {
            return Err(misfit());
        };
        Ok(Self {
            fc6: linear(inputs, fc6.units, vb.pp("fc6"))?,
            fc7: linear(fc6.units, fc7.units, vb.pp("fc7"))?,
            fc8: linear(fc7.units, 2, vb.pp("fc8"))?,
        })
    }

    /// Flattened maps (`N × 9216`) → logits (`N × 2`: normal, haemorrhage); `drop` acts on the
    /// units of FC6 and FC7 while training.
    pub fn logits(&self, maps: &Tensor, mut drop: Option<Dropout>) -> Result<Tensor> {
        let x = dropped(self.fc6.forward(maps)?.relu()?, &mut drop)?;
        let x = dropped(self.fc7.forward(&x)?.relu()?, &mut drop)?;
        self.fc8.forward(&x)
    }

    /// The weights under the stored model's names: FC6, FC7 and the planes.
    pub fn tensors(&self) -> Result<Tensors> {
        let mut tensors = Tensors::new();
        insert_linear(&mut tensors, "fc6", &self.fc6);
        insert_linear(&mut tensors, "fc7", &self.fc7);
        insert_planes(&mut tensors, &self.fc8)?;
        Ok(tensors)
    }
}

/// The whole network.
pub struct AlexNet {
    trunk: Trunk,
    head: Head,
}

impl AlexNet {
    /// Takes the trunk's tensors (three input channels) and the head's from `vb`.
    ///
    /// # Errors
    /// As [`Head::new`].
    pub fn new(network: &Network, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            trunk: Trunk::new(&network.convs, Normalisation::ImageNet, vb.clone())?,
            head: Head::new(network, vb)?,
        })
    }

    /// `N×3×S×S` → logits, `N × 2`: normal, haemorrhage.
    pub fn logits(&self, x: &Tensor, drop: Option<Dropout>) -> Result<Tensor> {
        let maps = self.trunk.forward(x)?.flatten_from(1)?;
        self.head.logits(&maps, drop)
    }

    /// The weights under the stored model's names.
    pub fn tensors(&self) -> Result<Tensors> {
        let mut tensors = self.trunk.tensors();
        tensors.extend(self.head.tensors()?);
        Ok(tensors)
    }
}
