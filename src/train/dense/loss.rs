//! The two losses, both of a margin that is positive on haemorrhage.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// What the last layer is trained through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Loss {
    /// Cross-entropy of a softmax over two outputs, normal and haemorrhage; the margin is the
    /// difference of the two.
    CrossEntropy,
    /// `max(0, 1 − y·margin)²` of one output (L2-SVM; Tang 2013).
    SquaredHinge,
}

/// The cost of the squared hinge: with it the steepest curve of both losses is the same (2 and ¼),
/// so that the learning rate of one suits the other; at a cost of 1 the paper's rate diverges.
const HINGE_COST: f32 = 0.125;

impl Loss {
    /// What the gradient of the mean loss is multiplied by.
    pub fn cost(self) -> f32 {
        match self {
            Self::CrossEntropy => 1.0,
            Self::SquaredHinge => HINGE_COST,
        }
    }

    /// Outputs of the last layer.
    pub fn outputs(self) -> usize {
        match self {
            Self::CrossEntropy => 2,
            Self::SquaredHinge => 1,
        }
    }

    /// The margin of one image's outputs.
    pub fn margin(self, outputs: &[f32]) -> f32 {
        match self {
            Self::CrossEntropy => outputs[1] - outputs[0],
            Self::SquaredHinge => outputs[0],
        }
    }

    /// The loss of one image.
    pub fn value(self, margin: f64, haemorrhage: bool) -> f64 {
        let signed = if haemorrhage { margin } else { -margin };
        match self {
            // ln(1 + exp(−signed)), in the form that cannot overflow.
            Self::CrossEntropy => (-signed.abs()).exp().ln_1p() + (-signed).max(0.0),
            Self::SquaredHinge => (1.0 - signed).max(0.0).powi(2),
        }
    }

    /// Derivatives of the batch's mean loss, times the loss's cost, with respect to its outputs,
    /// `images × outputs`.
    pub fn gradient(self, outputs: ArrayView2<f32>, labels: &[bool], into: &mut Array2<f32>) {
        let share = self.cost() / labels.len() as f32;
        let rows = outputs.outer_iter().zip(into.outer_iter_mut()).zip(labels);
        for ((outputs, mut gradient), &haemorrhage) in rows {
            match self {
                Self::CrossEntropy => {
                    let said = 1.0 / (1.0 + (outputs[0] - outputs[1]).exp());
                    let wrong = said - f32::from(u8::from(haemorrhage));
                    gradient[0] = -wrong * share;
                    gradient[1] = wrong * share;
                }
                Self::SquaredHinge => {
                    let sign = if haemorrhage { 1.0 } else { -1.0 };
                    let slack = (1.0 - sign * outputs[0]).max(0.0);
                    gradient[0] = -2.0 * sign * slack * share;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_agree_with_finite_differences() {
        for loss in [Loss::CrossEntropy, Loss::SquaredHinge] {
            let cost = f64::from(loss.cost());
            let labels = [true, false, true, false];
            let outputs = Array2::from_shape_fn((4, loss.outputs()), |(i, o)| {
                [0.3, -0.4, 1.6, 0.9][i] * [1.0, -0.7][o]
            });
            let mean = |outputs: &Array2<f32>| -> f64 {
                let of = |(row, &label): (ndarray::ArrayView1<f32>, &bool)| {
                    loss.value(loss.margin(&row.to_vec()).into(), label)
                };
                outputs.outer_iter().zip(&labels).map(of).sum::<f64>() / 4.0
            };
            let mut gradient = Array2::zeros(outputs.dim());
            loss.gradient(outputs.view(), &labels, &mut gradient);
            for (at, &found) in gradient.indexed_iter() {
                let step = 1e-2;
                let moved = |by: f32| {
                    let mut moved = outputs.clone();
                    moved[at] += by;
                    mean(&moved)
                };
                let expected = cost * (moved(step) - moved(-step)) / (2.0 * f64::from(step));
                assert!(
                    (f64::from(found) - expected).abs() < 1e-4,
                    "{loss:?} {at:?}"
                );
            }
        }
    }
}
