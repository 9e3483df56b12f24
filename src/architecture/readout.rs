//! From the last map to the features that the linear SVMs read.

use serde::{Deserialize, Serialize};

/// How a network gets from its last map to the features that the linear SVMs read.
///
/// ```
/// use haemolens::architecture::{IMAGENET_LRN, Network, Readout};
///
/// // What a stored model of 6×6 places says, or leaves out, and what one of 13×13 places says.
/// assert_eq!(Network::alexnet_svm(4096, IMAGENET_LRN).readout, Readout::Flatten);
/// let readout = Network::alexnet_svm_places(128, 4).readout;
/// assert_eq!(readout, Readout::MeanAndTop { top: 4 });
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readout {
    /// The first fully connected layer reads the whole map, flattened; the features are the units
    /// of the last one.
    #[default]
    Flatten,
    /// The one fully connected layer reads the channels of each place by themselves, with the same
    /// weights at every place (a 1×1 convolution). Each of its units gives two features: its mean over
    /// all places and the mean over its `top` highest places; first the means of all units, then the
    /// means of the highest places of all units.
    MeanAndTop {
        /// How many places the second mean is taken over.
        top: usize,
    },
}

impl Readout {
    /// Whether the map is flattened, as in every model before there was a choice: then a header does
    /// not mention it.
    ///
    /// ```
    /// use haemolens::architecture::{Network, Readout};
    ///
    /// assert!(Network::cnn().readout.is_flatten());
    /// assert!(!Readout::MeanAndTop { top: 4 }.is_flatten());
    /// ```
    pub fn is_flatten(&self) -> bool {
        *self == Self::Flatten
    }
}
