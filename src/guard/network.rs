//! The small network that tells head CT from everything that was learned to be none.

use crate::svm::LinearSvm;

/// Two fully connected layers: hidden units with ReLU, then one output. Planes by themselves cannot
/// hold together what a head looks like from its base to its top, and keep out a chest.
///
/// ```
/// use haemolens::guard::{DIMENSIONS, Guard, Network};
///
/// let Network { hidden, output } = Guard::new()?.network;
/// assert!(hidden.iter().all(|unit| unit.weights.len() == DIMENSIONS));
/// assert_eq!(output.weights.len(), hidden.len());
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// One affine function of the standardised features a unit.
    pub hidden: Vec<LinearSvm>,
    /// What their positive parts add up to: positive for head CT.
    pub output: LinearSvm,
}

impl Network {
    /// The output for standardised features, summed in order so that every platform agrees.
    ///
    /// ```
    /// use haemolens::guard::Network;
    /// use haemolens::svm::LinearSvm;
    ///
    /// let affine = |weights: &[f32], bias| LinearSvm { weights: weights.to_vec(), bias };
    /// let network = Network {
    ///     hidden: vec![affine(&[1.0, 0.0], 0.0), affine(&[0.0, 1.0], -3.0)],
    ///     output: affine(&[2.0, 5.0], -1.0),
    /// };
    /// // The second unit is inactive.
    /// assert_eq!(network.logit(&[4.0, 1.0]), 7.0);
    /// ```
    pub fn logit(&self, features: &[f32]) -> f32 {
        let active = self
            .hidden
            .iter()
            .map(|unit| unit.margin(features).max(0.0));
        self.output.margin(&active.collect::<Vec<_>>())
    }
}
