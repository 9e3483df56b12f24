//! The networks' shapes as plain data: what the trainer builds, the stored model records and the
//! engine plans from.
//!
//! ```
//! use haemolens::architecture::{IMAGENET_LRN, Network};
//!
//! let network = Network::alexnet_svm(4096, IMAGENET_LRN);
//! assert_eq!(network.feature_shape(), Some((256, 6)));
//! ```

mod field;
mod limits;
mod readout;

use serde::{Deserialize, Serialize};

pub use self::field::ReceptiveField;
pub use self::readout::Readout;

/// Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3):
/// `x / (k + alpha / size * Σ x²)^beta`, the sum over `size` neighbouring channels.
///
/// ```
/// use haemolens::architecture::IMAGENET_LRN;
///
/// // A channel of 3 between its neighbours: the stronger those are, the less is left of it.
/// let lrn = IMAGENET_LRN[0];
/// let left = |channels: [f32; 5]| {
///     let squares: f32 = channels.iter().map(|x| x * x).sum();
///     channels[2] / (lrn.k + lrn.alpha / lrn.size as f32 * squares).powf(lrn.beta)
/// };
/// assert!(left([9.0, 9.0, 3.0, 9.0, 9.0]) < left([0.0, 0.0, 3.0, 0.0, 0.0]));
/// ```
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
///
/// ```
/// use haemolens::architecture::{IMAGENET_LRN, Network, Pool};
///
/// // AlexNet's windows overlap: they are wider than their step.
/// let network = Network::alexnet_svm(4096, IMAGENET_LRN);
/// let pools: Vec<Pool> = network.convs.iter().filter_map(|conv| conv.pool).collect();
/// assert_eq!(pools, [Pool { size: 3, stride: 2 }; 3]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Side of the square window.
    pub size: usize,
    /// Step.
    pub stride: usize,
}

/// One convolution and what follows it: ReLU always, then LRN, then pooling where given.
///
/// ```
/// use haemolens::architecture::{Conv, Pool};
///
/// let conv = Conv {
///     name: "conv1".into(),
///     filters: 64,
///     kernel: 11,
///     stride: 4,
///     padding: 2,
///     groups: 1,
///     lrn: None,
///     pool: Some(Pool { size: 3, stride: 2 }),
/// };
/// // A side of 227 pixels becomes 56 places, of which pooling leaves 27.
/// assert_eq!((conv.conv_side(227), conv.output_side(227)), (Some(56), Some(27)));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conv {
    /// Tensor prefix: `conv1`, `conv2`, ….
    pub name: String,
    /// Output channels.
    pub filters: usize,
    /// Side of the square kernel.
    pub kernel: usize,
    /// Step.
    pub stride: usize,
    /// Padding on each side.
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
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, grouped_trunk};
    ///
    /// let conv1 = &grouped_trunk(IMAGENET_LRN)[0];
    /// assert_eq!(conv1.conv_side(227), Some(55));
    /// assert_eq!(conv1.conv_side(10), None, "its kernel has a side of 11");
    /// ```
    pub fn conv_side(&self, side: usize) -> Option<usize> {
        let padded = side.checked_add(self.padding.checked_mul(2)?)?;
        steps(padded, self.kernel, self.stride)
    }

    /// Side of the map after pooling for a square input of `side`.
    ///
    /// ```
    /// use haemolens::architecture::Network;
    ///
    /// // The small network halves its sides twice.
    /// let network = Network::cnn();
    /// let last = network.convs.iter().try_fold(32, |side, conv| conv.output_side(side));
    /// assert_eq!(last, Some(8));
    /// ```
    pub fn output_side(&self, side: usize) -> Option<usize> {
        let side = self.conv_side(side)?;
        match self.pool {
            Some(pool) => steps(side, pool.size, pool.stride),
            None => Some(side),
        }
    }

    /// Weights of one filter where the input has `channels` channels.
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, grouped_trunk};
    ///
    /// // A filter of the second convolution reads the 48 of 96 channels that are of its group.
    /// let conv2 = &grouped_trunk(IMAGENET_LRN)[1];
    /// assert_eq!(conv2.row(96), 48 * 5 * 5);
    /// ```
    pub fn row(&self, channels: usize) -> usize {
        channels / self.groups * self.kernel * self.kernel
    }
}

/// How many windows of `size` fit into `side` at a step of `stride`.
fn steps(side: usize, size: usize, stride: usize) -> Option<usize> {
    (stride > 0 && size > 0)
        .then(|| side.checked_sub(size))
        .flatten()
        .map(|room| room / stride + 1)
}

/// A fully connected layer with ReLU.
///
/// ```
/// use haemolens::architecture::{IMAGENET_LRN, Linear, Network};
///
/// let network = Network::alexnet(4096, 2048, IMAGENET_LRN);
/// assert_eq!(network.linears, [Linear::new("fc6", 4096), Linear::new("fc7", 2048)]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linear {
    /// Tensor prefix: `fc6`, `fc7`, ….
    pub name: String,
    /// Outputs.
    pub units: usize,
}

impl Linear {
    /// A layer of that name and size.
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, Linear, Network};
    ///
    /// let mut network = Network::alexnet_svm(4096, IMAGENET_LRN);
    /// network.linears.push(Linear::new("fc7", 128));
    /// assert_eq!(network.units(), 128);
    /// ```
    pub fn new(name: &str, units: usize) -> Self {
        Self {
            name: name.to_owned(),
            units,
        }
    }
}

/// One of the paper's networks up to its last hidden layer: convolutions, then fully connected
/// layers. What follows is a linear decision (an SVM's plane, or a softmax of two classes, which
/// is one as well) and not part of the shape.
///
/// ```
/// use haemolens::architecture::{Linear, Network, Readout, single_tower_trunk};
///
/// let network = Network {
///     input_side: 227,
///     convs: single_tower_trunk(),
///     linears: vec![Linear::new("fc6", 256)],
///     readout: Readout::Flatten,
/// };
/// assert_eq!(network.check(), Ok(()));
/// assert_eq!(network.feature_shape(), Some((256, 6)));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Side of the square grey input.
    pub input_side: usize,
    /// In order; the padding of the first reads black, that of the others zero.
    pub convs: Vec<Conv>,
    /// In order; what the first one reads of the last map, the readout says.
    pub linears: Vec<Linear>,
    /// From the last map to the features of the linear decision; flattened where a header says
    /// nothing.
    #[serde(default, skip_serializing_if = "Readout::is_flatten")]
    pub readout: Readout,
}

impl Network {
    /// AlexNet-SVM (paper, Figure 6): the grouped trunk and FC6 (4096 units in the paper;
    /// fewer when pruned), with the given normalisation after conv1 and conv2.
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, Network};
    ///
    /// let network = Network::alexnet_svm(4096, IMAGENET_LRN);
    /// assert_eq!((network.convs.len(), network.linears.len()), (5, 1));
    /// assert_eq!(network.units(), 4096);
    /// ```
    pub fn alexnet_svm(fc6_units: usize, lrn: [Lrn; 2]) -> Self {
        Self {
            input_side: 227,
            convs: grouped_trunk(lrn),
            linears: vec![Linear::new("fc6", fc6_units)],
            readout: Readout::Flatten,
        }
    }

    /// AlexNet-SVM whose evidence has a place: the single tower without its last pooling, FC6 with
    /// `fc6_units` units at each of the 13×13 places, and of each unit the mean over all places and over
    /// its `top` highest.
    ///
    /// ```
    /// use haemolens::architecture::Network;
    ///
    /// let network = Network::alexnet_svm_places(128, 4);
    /// assert_eq!(network.check(), Ok(()));
    /// assert_eq!(network.feature_shape(), Some((256, 13)));
    /// assert_eq!(network.linear_inputs(), Some(256));
    /// assert_eq!(network.units(), 2 * 128);
    /// ```
    pub fn alexnet_svm_places(fc6_units: usize, top: usize) -> Self {
        let mut convs = single_tower_trunk();
        if let Some(last) = convs.last_mut() {
            last.pool = None;
        }
        Self {
            input_side: 227,
            convs,
            linears: vec![Linear::new("fc6", fc6_units)],
            readout: Readout::MeanAndTop { top },
        }
    }

    /// AlexNet (paper, Figure 5): the same trunk, FC6 and FC7 (4096 units each in the paper).
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, Network};
    ///
    /// let network = Network::alexnet(4096, 2048, IMAGENET_LRN);
    /// let svm = Network::alexnet_svm(4096, IMAGENET_LRN);
    /// assert_eq!(network.convs, svm.convs);
    /// assert_eq!(network.units(), 2048);
    /// ```
    pub fn alexnet(fc6_units: usize, fc7_units: usize, lrn: [Lrn; 2]) -> Self {
        let mut network = Self::alexnet_svm(fc6_units, lrn);
        network.linears.push(Linear::new("fc7", fc7_units));
        network
    }

    /// The paper's small network for 32×32 grey levels (its Figure 3), trained from nothing.
    ///
    /// ```
    /// use haemolens::architecture::Network;
    ///
    /// let network = Network::cnn();
    /// assert_eq!(network.feature_shape(), Some((40, 8)));
    /// assert_eq!(network.units(), 300);
    /// ```
    pub fn cnn() -> Self {
        let pool = Some(Pool { size: 2, stride: 2 });
        let conv = |name, filters| conv(name, filters, 3, 1, 1, 1);
        Self {
            input_side: 32,
            convs: vec![
                conv("conv1", 10),
                Conv {
                    pool,
                    ..conv("conv2", 20)
                },
                conv("conv3", 30),
                Conv {
                    pool,
                    ..conv("conv4", 40)
                },
            ],
            linears: vec![Linear::new("fc1", 300), Linear::new("fc2", 300)],
            readout: Readout::Flatten,
        }
    }

    /// Shape of the last map, `(channels, side)`; `None` where the convolutions do not fit.
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, Network};
    ///
    /// let mut network = Network::alexnet_svm(4096, IMAGENET_LRN);
    /// assert_eq!(network.feature_shape(), Some((256, 6)));
    /// network.input_side = 32;
    /// assert_eq!(network.feature_shape(), None, "nothing is left to pool");
    /// ```
    pub fn feature_shape(&self) -> Option<(usize, usize)> {
        let side = self
            .convs
            .iter()
            .try_fold(self.input_side, |side, conv| conv.output_side(side))?;
        Some((self.convs.last()?.filters, side))
    }

    /// Length of the last map, flattened.
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, Network};
    ///
    /// let network = Network::alexnet_svm(4096, IMAGENET_LRN);
    /// assert_eq!(network.features(), Some(256 * 6 * 6));
    /// ```
    pub fn features(&self) -> Option<usize> {
        let (channels, side) = self.feature_shape()?;
        channels.checked_mul(side)?.checked_mul(side)
    }

    /// What a unit of the first fully connected layer reads: the last map, flattened, or the channels
    /// of one of its places.
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, Network};
    ///
    /// assert_eq!(Network::alexnet_svm(4096, IMAGENET_LRN).linear_inputs(), Some(256 * 6 * 6));
    /// assert_eq!(Network::alexnet_svm_places(128, 4).linear_inputs(), Some(256));
    /// ```
    pub fn linear_inputs(&self) -> Option<usize> {
        match self.readout {
            Readout::Flatten => self.features(),
            Readout::MeanAndTop { .. } => self.feature_shape().map(|(channels, _)| channels),
        }
    }

    /// How many features the linear decision reads: the units of the last hidden layer, or two of
    /// each.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::model::StoredModel;
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// assert_eq!(model.haemorrhage.weights.len(), model.facts.architecture.units());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn units(&self) -> usize {
        let units = self.linears.last().map_or(0, |linear| linear.units);
        match self.readout {
            Readout::Flatten => units,
            Readout::MeanAndTop { .. } => 2 * units,
        }
    }

    /// Whether the units of a fully connected layer, counted from 0, are rounded to eight bits: those
    /// that the next layer reads, or that are averaged over places, are; those that the linear decision
    /// reads are not.
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, Network};
    ///
    /// let alexnet = Network::alexnet(4096, 4096, IMAGENET_LRN);
    /// assert_eq!([0, 1].map(|layer| alexnet.rounds_units(layer)), [true, false]);
    /// assert!(Network::alexnet_svm_places(128, 4).rounds_units(0));
    /// ```
    pub fn rounds_units(&self, layer: usize) -> bool {
        layer + 1 < self.linears.len() || !self.readout.is_flatten()
    }

    /// Whether the engine can run it: its layers fit each other, and no size is absurd.
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, Network};
    ///
    /// let mut network = Network::alexnet_svm(4096, IMAGENET_LRN);
    /// assert_eq!(network.check(), Ok(()));
    /// network.convs[1].groups = 5;
    /// assert_eq!(network.check(), Err("conv2 has impossible groups".into()));
    /// ```
    ///
    /// # Errors
    /// A clause that names the layer and what is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        limits::check(self)
    }
}

/// AlexNet's convolutions as the paper has them, in two groups (Krizhevsky et al. 2012).
///
/// ```
/// use haemolens::architecture::{IMAGENET_LRN, grouped_trunk};
///
/// let trunk = grouped_trunk(IMAGENET_LRN);
/// let groups: Vec<usize> = trunk.iter().map(|conv| conv.groups).collect();
/// assert_eq!(groups, [1, 2, 1, 2, 2]);
/// assert!(trunk[1].lrn.is_some() && trunk[2].lrn.is_none());
/// ```
pub fn grouped_trunk(lrn: [Lrn; 2]) -> Vec<Conv> {
    let pool = Some(Pool { size: 3, stride: 2 });
    let [lrn1, lrn2] = lrn.map(Some);
    vec![
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
    ]
}

/// AlexNet's convolutions without groups and normalisation (Krizhevsky 2014, "One weird trick"),
/// the form in which torchvision distributes them.
///
/// ```
/// use haemolens::architecture::single_tower_trunk;
///
/// let trunk = single_tower_trunk();
/// let filters: Vec<usize> = trunk.iter().map(|conv| conv.filters).collect();
/// assert_eq!(filters, [64, 192, 384, 256, 256]);
/// assert!(trunk.iter().all(|conv| conv.groups == 1 && conv.lrn.is_none()));
/// ```
pub fn single_tower_trunk() -> Vec<Conv> {
    let pool = Some(Pool { size: 3, stride: 2 });
    vec![
        Conv {
            pool,
            ..conv("conv1", 64, 11, 4, 2, 1)
        },
        Conv {
            pool,
            ..conv("conv2", 192, 5, 1, 2, 1)
        },
        conv("conv3", 384, 3, 1, 1, 1),
        conv("conv4", 256, 3, 1, 1, 1),
        Conv {
            pool,
            ..conv("conv5", 256, 3, 1, 1, 1)
        },
    ]
}

fn conv(
    name: &str,
    filters: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    groups: usize,
) -> Conv {
    Conv {
        name: name.to_owned(),
        filters,
        kernel,
        stride,
        padding,
        groups,
        lrn: None,
        pool: None,
    }
}

/// Normalisation that the grouped ImageNet convolutions were trained with, after conv1 and conv2.
pub const IMAGENET_LRN: [Lrn; 2] = [lrn(1.6e-3), lrn(1e-4)];

/// LRN of AlexNet's window, exponent and offset with the given strength.
///
/// ```
/// use haemolens::architecture::{IMAGENET_LRN, Network, lrn};
///
/// assert_eq!(IMAGENET_LRN[1], lrn(1e-4));
/// // Twice as strong after the first convolution, and as before after the second.
/// let network = Network::alexnet_svm(4096, [lrn(3.2e-3), lrn(1e-4)]);
/// assert_eq!(network.check(), Ok(()));
/// ```
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

    /// Sides of each convolution's map before and after pooling.
    fn sides(network: &Network) -> Vec<(usize, usize)> {
        let mut side = network.input_side;
        let mut sides = Vec::new();
        for conv in &network.convs {
            let before = conv.conv_side(side).unwrap();
            side = conv.output_side(side).unwrap();
            sides.push((before, side));
        }
        sides
    }

    #[test]
    fn papers_trunk_ends_in_256_maps_of_6_by_6() {
        let network = Network::alexnet(4096, 4096, IMAGENET_LRN);
        assert_eq!(network.feature_shape(), Some((256, 6)));
        assert_eq!(
            sides(&network),
            [(55, 27), (27, 13), (13, 13), (13, 13), (13, 6)]
        );
        network.check().unwrap();
    }

    #[test]
    fn single_tower_has_the_same_maps_as_the_grouped_one() {
        let network = Network {
            convs: single_tower_trunk(),
            ..Network::alexnet_svm(4096, IMAGENET_LRN)
        };
        assert_eq!(
            sides(&network),
            [(56, 27), (27, 13), (13, 13), (13, 13), (13, 6)]
        );
        network.check().unwrap();
    }

    #[test]
    fn network_with_places_keeps_the_last_map_of_13_by_13() {
        let network = Network::alexnet_svm_places(128, 4);
        assert_eq!(
            sides(&network),
            [(56, 27), (27, 13), (13, 13), (13, 13), (13, 13)]
        );
        assert_eq!(network.features(), Some(256 * 13 * 13));
        network.check().unwrap();
    }

    #[test]
    fn header_says_how_the_map_is_read_only_where_it_is_not_flattened() {
        let header = |network: &Network| serde_json::to_value(network).unwrap();
        let flattened = header(&Network::cnn());
        assert!(flattened.get("readout").is_none());
        let network = Network::alexnet_svm_places(128, 4);
        let places = header(&network);
        assert_eq!(places["readout"]["mean_and_top"]["top"], 4);
        let back: Network = serde_json::from_value(places).unwrap();
        assert_eq!(back, network);
        let back: Network = serde_json::from_value(flattened).unwrap();
        assert_eq!(back, Network::cnn());
    }

    #[test]
    fn cnn_keeps_its_maps_until_they_are_pooled() {
        let network = Network::cnn();
        assert_eq!(sides(&network), [(32, 32), (32, 16), (16, 16), (16, 8)]);
        assert_eq!(network.features(), Some(40 * 8 * 8));
        network.check().unwrap();
    }
}
