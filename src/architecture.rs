//! The networks' shapes as plain data: what the trainer builds, the stored model records and the
//! engine plans from.

use serde::{Deserialize, Serialize};

/// Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3):
/// `x / (k + alpha / size * Σ x²)^beta`, the sum over `size` neighbouring channels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lrn {
    /// Channels in the window, odd.
    pub size: usize,
    /// Strength; divided by `size`.
    pub alpha: f32,
    /// Exponent. The engine computes 0.75 exactly with square roots and takes no other.
    pub beta: f32,
    /// Offset.
    pub k: f32,
}

/// Max pooling without padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Side of the square window.
    pub size: usize,
    /// Step.
    pub stride: usize,
}

/// One convolution and what follows it: ReLU always, then LRN, then pooling where given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conv {
    /// Tensor prefix: `conv1` … `conv5`.
    pub name: String,
    /// Output channels.
    pub filters: usize,
    /// Side of the square kernel.
    pub kernel: usize,
    /// Step.
    pub stride: usize,
    /// Zero padding on each side.
    pub padding: usize,
    /// Groups that input and output channels are split into.
    pub groups: usize,
    /// Normalisation after the ReLU.
    pub lrn: Option<Lrn>,
    /// Pooling, last.
    pub pool: Option<Pool>,
}

impl Conv {
    /// Side of the map before pooling for a square input of `side`; `None` where the kernel does
    /// not fit.
    pub fn conv_side(&self, side: usize) -> Option<usize> {
        steps(side + 2 * self.padding, self.kernel, self.stride)
    }

    /// Side of the map after pooling for a square input of `side`.
    pub fn output_side(&self, side: usize) -> Option<usize> {
        let side = self.conv_side(side)?;
        match self.pool {
            Some(pool) => steps(side, pool.size, pool.stride),
            None => Some(side),
        }
    }
}

/// How many windows of `size` fit into `side` at a step of `stride`.
fn steps(side: usize, size: usize, stride: usize) -> Option<usize> {
    (stride > 0 && size > 0)
        .then(|| side.checked_sub(size))
        .flatten()
        .map(|room| room / stride + 1)
}

/// AlexNet-SVM: convolutions, a fully connected FC6 with ReLU, a linear SVM on its units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlexNetSvm {
    /// Side of the square grey input.
    pub input_side: usize,
    /// conv1 … conv5.
    pub convs: Vec<Conv>,
    /// Units of FC6 (4096 in the paper; fewer when pruned).
    pub fc6_units: usize,
}

impl AlexNetSvm {
    /// The paper's network (its Figures 5 and 6), with `fc6_units` units in FC6 and the given
    /// normalisation after conv1 and conv2.
    pub fn paper(fc6_units: usize, lrn: [Lrn; 2]) -> Self {
        let conv = |name: &str, filters, kernel, stride, padding, groups| Conv {
            name: name.to_owned(),
            filters,
            kernel,
            stride,
            padding,
            groups,
            lrn: None,
            pool: None,
        };
        let pool = Some(Pool { size: 3, stride: 2 });
        let [lrn1, lrn2] = lrn.map(Some);
        Self {
            input_side: 227,
            convs: vec![
                Conv {
                    lrn: lrn1,
                    pool,
                    ..conv("conv1", 96, 11, 4, 0, 1)
                },
                Conv {
                    lrn: lrn2,
                    pool,
                    ..conv("conv2", 256, 5, 1, 2, 2)
                },
                conv("conv3", 384, 3, 1, 1, 1),
                conv("conv4", 384, 3, 1, 1, 2),
                Conv {
                    pool,
                    ..conv("conv5", 256, 3, 1, 1, 2)
                },
            ],
            fc6_units,
        }
    }

    /// Shape of the last pooled map, `(channels, side)`; `None` where the layers do not fit.
    pub fn feature_shape(&self) -> Option<(usize, usize)> {
        let side = self
            .convs
            .iter()
            .try_fold(self.input_side, |side, conv| conv.output_side(side))?;
        Some((self.convs.last()?.filters, side))
    }
}

/// The five convolutions of the one-tower AlexNet (Krizhevsky 2014) as torchvision trained it: no
/// groups, no normalisation.
pub fn one_tower() -> Vec<Conv> {
    let pool = Some(Pool { size: 3, stride: 2 });
    [
        ("conv1", 64, 11, 4, 2, pool),
        ("conv2", 192, 5, 1, 2, pool),
        ("conv3", 384, 3, 1, 1, None),
        ("conv4", 256, 3, 1, 1, None),
        ("conv5", 256, 3, 1, 1, pool),
    ]
    .into_iter()
    .map(|(name, filters, kernel, stride, padding, pool)| Conv {
        name: name.into(),
        filters,
        kernel,
        stride,
        padding,
        groups: 1,
        lrn: None,
        pool,
    })
    .collect()
}

/// Normalisation that the grouped ImageNet convolutions were trained with, after conv1 and conv2.
pub const IMAGENET_LRN: [Lrn; 2] = [lrn(1.6e-3), lrn(1e-4)];

/// LRN of AlexNet's window, exponent and offset with the given strength.
pub const fn lrn(alpha: f32) -> Lrn {
    Lrn {
        size: 5,
        alpha,
        beta: 0.75,
        k: 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers_network_ends_in_256_maps_of_6_by_6() {
        let network = AlexNetSvm::paper(4096, IMAGENET_LRN);
        assert_eq!(network.feature_shape(), Some((256, 6)));
        let sides: Vec<_> = network
            .convs
            .iter()
            .scan(227, |side, conv| {
                let before = conv.conv_side(*side)?;
                *side = conv.output_side(*side)?;
                Some((before, *side))
            })
            .collect();
        assert_eq!(sides, [(55, 27), (27, 13), (13, 13), (13, 13), (13, 6)]);
    }

    #[test]
    fn a_kernel_larger_than_its_input_does_not_fit() {
        let mut network = AlexNetSvm::paper(4096, IMAGENET_LRN);
        network.input_side = 7;
        assert_eq!(network.feature_shape(), None);
    }
}
