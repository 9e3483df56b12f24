//! Linear support vector machine: the margin, and its exact solution by dual coordinate descent.
//!
//! ```
//! use haemolens::svm::{Problem, Stop};
//!
//! let labels = [true, true, false, false];
//! let problem = Problem {
//!     features: &[2.0, 1.0, -1.0, -2.0],
//!     dimensions: 1,
//!     labels: &labels,
//!     costs: &Problem::balanced_costs(&labels, 1.0),
//! };
//! let svm = problem.solve(Stop::default()).svm;
//! assert!(svm.margin(&[1.5]) > 0.0 && svm.margin(&[-1.5]) < 0.0);
//! ```

mod standardised;

pub use standardised::solve_standardised;

/// A linear SVM: `margin = weights · features + bias`, positive on the positive class.
///
/// ```
/// use haemolens::svm::LinearSvm;
///
/// let svm = LinearSvm { weights: vec![1.0, -2.0], bias: 0.5 };
/// assert_eq!(svm.margin(&[1.0, 0.25]), 1.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LinearSvm {
    /// One weight a feature.
    pub weights: Vec<f32>,
    /// Offset.
    pub bias: f32,
}

impl LinearSvm {
    /// Signed margin of one feature vector, summed in order so that every platform agrees.
    ///
    /// ```
    /// use haemolens::svm::LinearSvm;
    ///
    /// let svm = LinearSvm { weights: vec![2.0, 0.0], bias: -1.0 };
    /// assert!(svm.margin(&[0.75, 9.0]) > 0.0);
    /// assert_eq!(svm.margin(&[0.5, 9.0]), 0.0, "on the plane");
    /// ```
    pub fn margin(&self, features: &[f32]) -> f32 {
        debug_assert_eq!(features.len(), self.weights.len());
        let dot: f32 = self
            .weights
            .iter()
            .zip(features)
            .map(|(w, x)| w * x)
            .sum::<f32>();
        dot + self.bias
    }
}

/// The convex problem that [`Problem::solve`] solves: L2-regularised, squared-hinge loss,
/// `½‖(w, b)‖² + Σ cᵢ max(0, 1 − yᵢ (w·xᵢ + b))²` (Tang 2013; the bias is regularised with the
/// weights, as in LIBLINEAR).
///
/// ```
/// use haemolens::svm::{Problem, Stop};
///
/// // A mistake on the last example costs next to nothing: the others decide.
/// let problem = Problem {
///     features: &[1.0, 2.0, -1.0, -2.0, 3.0],
///     dimensions: 1,
///     labels: &[true, true, false, false, false],
///     costs: &[1.0, 1.0, 1.0, 1.0, 1e-6],
/// };
/// assert!(problem.solve(Stop::default()).svm.margin(&[3.0]) > 0.0);
/// ```
pub struct Problem<'a> {
    /// Row-major features, `examples × dimensions`.
    pub features: &'a [f32],
    /// Length of a row.
    pub dimensions: usize,
    /// The class of each example: true is positive.
    pub labels: &'a [bool],
    /// The cost of each example, positive.
    pub costs: &'a [f64],
}

/// When to stop.
///
/// ```
/// use haemolens::svm::{Problem, Stop};
///
/// let problem = Problem {
///     features: &[0.9, 1.1, -0.8, -1.2],
///     dimensions: 1,
///     labels: &[true, true, false, false],
///     costs: &[1.0; 4],
/// };
/// let hasty = problem.solve(Stop { passes: 1, ..Stop::default() });
/// let solved = problem.solve(Stop { tolerance: 1e-9, ..Stop::default() });
/// assert_eq!(hasty.passes, 1);
/// assert!(solved.violation <= 1e-9 && solved.objective < hasty.objective);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    /// Largest violation of the optimality conditions that is still taken as solved.
    pub tolerance: f64,
    /// Most passes over the examples.
    pub passes: usize,
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            tolerance: 1e-4,
            passes: 2_000,
        }
    }
}

/// A solved problem.
///
/// ```
/// use haemolens::svm::{Problem, Stop};
///
/// let problem = Problem {
///     features: &[1.0, -1.0],
///     dimensions: 1,
///     labels: &[true, false],
///     costs: &[10.0; 2],
/// };
/// let stop = Stop::default();
/// let solution = problem.solve(stop);
/// assert!(solution.violation <= stop.tolerance && solution.passes < stop.passes);
/// // The least of ½w² + 20 (1 − w)² is at 40 / 41.
/// assert!((solution.svm.weights[0] - 40.0 / 41.0).abs() < 1e-3);
/// ```
#[derive(Debug, Clone)]
pub struct Solution {
    /// The separating plane.
    pub svm: LinearSvm,
    /// The primal objective there.
    pub objective: f64,
    /// Passes taken.
    pub passes: usize,
    /// The largest violation left.
    pub violation: f64,
}

impl Problem<'_> {
    /// Costs that give both classes the same total weight, `cost` on average (scikit-learn's
    /// `class_weight="balanced"`).
    ///
    /// ```
    /// use haemolens::svm::Problem;
    ///
    /// // One example weighs as much as three of the other class.
    /// let costs = Problem::balanced_costs(&[true, false, false, false], 0.3);
    /// assert!((costs[0] - 0.6).abs() < 1e-12 && (costs[1] - 0.2).abs() < 1e-12);
    /// ```
    pub fn balanced_costs(labels: &[bool], cost: f64) -> Vec<f64> {
        let n = labels.len() as f64;
        let positive = labels.iter().filter(|&&l| l).count() as f64;
        let of_class = |count: f64| cost * n / (2.0 * count.max(1.0));
        labels
            .iter()
            .map(|&l| of_class(if l { positive } else { n - positive }))
            .collect()
    }

    /// Dual coordinate descent (Hsieh et al. 2008, algorithm 1 for the L2 loss): visits the
    /// examples in an order shuffled anew each pass from a fixed seed, and moves each dual
    /// variable to its exact optimum.
    ///
    /// ```
    /// use haemolens::svm::{Problem, Stop};
    ///
    /// let problem = Problem {
    ///     features: &[0.0, 1.0, 1.0, 0.0, 2.0, 1.0, 1.0, 2.0],
    ///     dimensions: 2,
    ///     labels: &[false, false, true, true],
    ///     costs: &[10.0; 4],
    /// };
    /// let svm = problem.solve(Stop::default()).svm;
    /// for (features, &label) in problem.features.chunks(2).zip(problem.labels) {
    ///     assert_eq!(svm.margin(features) > 0.0, label);
    /// }
    /// ```
    ///
    /// # Panics
    /// When the lengths of features, labels and costs disagree.
    pub fn solve(&self, stop: Stop) -> Solution {
        let n = self.labels.len();
        assert_eq!(self.features.len(), n * self.dimensions);
        assert_eq!(self.costs.len(), n);
        let row = |i: usize| &self.features[i * self.dimensions..][..self.dimensions];
        let sign = |i: usize| if self.labels[i] { 1.0 } else { -1.0 };
        // Diagonal of the dual's Hessian: ‖(x, 1)‖² + 1 / 2c.
        let diagonal: Vec<f64> = (0..n)
            .map(|i| squared_norm(row(i)) + 1.0 + 0.5 / self.costs[i])
            .collect();
        let mut alpha = vec![0.0f64; n];
        let mut w = vec![0.0f64; self.dimensions];
        let mut bias = 0.0f64;
        let mut order: Vec<usize> = (0..n).collect();
        let mut shuffle = Shuffle(0x9e37_79b9_7f4a_7c15);
        let (mut passes, mut violation) = (0, f64::INFINITY);
        while passes < stop.passes && violation > stop.tolerance {
            shuffle.apply(&mut order);
            violation = 0.0;
            for &i in &order {
                let y = sign(i);
                let gradient = y * (dot(&w, row(i)) + bias) - 1.0 + alpha[i] * 0.5 / self.costs[i];
                let projected = if alpha[i] > 0.0 {
                    gradient
                } else {
                    gradient.min(0.0)
                };
                violation = violation.max(projected.abs());
                if projected != 0.0 {
                    let new = (alpha[i] - gradient / diagonal[i]).max(0.0);
                    let step = (new - alpha[i]) * y;
                    alpha[i] = new;
                    for (w, &x) in w.iter_mut().zip(row(i)) {
                        *w += step * f64::from(x);
                    }
                    bias += step;
                }
            }
            passes += 1;
        }
        Solution {
            objective: self.objective(&w, bias),
            svm: LinearSvm {
                weights: w.iter().map(|&w| w as f32).collect(),
                bias: bias as f32,
            },
            passes,
            violation,
        }
    }

    /// The primal objective at `(w, bias)`.
    fn objective(&self, w: &[f64], bias: f64) -> f64 {
        let loss: f64 = self
            .features
            .chunks_exact(self.dimensions)
            .zip(self.labels)
            .zip(self.costs)
            .map(|((x, &label), cost)| {
                let y = if label { 1.0 } else { -1.0 };
                cost * (1.0 - y * (dot(w, x) + bias)).max(0.0).powi(2)
            })
            .sum();
        0.5 * (w.iter().map(|w| w * w).sum::<f64>() + bias * bias) + loss
    }
}

fn dot(w: &[f64], x: &[f32]) -> f64 {
    w.iter().zip(x).map(|(w, &x)| w * f64::from(x)).sum()
}

fn squared_norm(x: &[f32]) -> f64 {
    x.iter().map(|&x| f64::from(x).powi(2)).sum()
}

/// Fisher–Yates shuffling from a xorshift64* state: all the randomness that the solver needs,
/// the same on every platform.
struct Shuffle(u64);

impl Shuffle {
    fn apply(&mut self, order: &mut [usize]) {
        for last in (1..order.len()).rev() {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let draw = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
            order.swap(last, ((draw * (last as u64 + 1)) >> 32) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_points_are_parted_half_way() {
        // x = ±1, one example each, no bias by symmetry: minimise ½w² + 2c(1 − w)².
        let costs = [10.0, 10.0];
        let problem = Problem {
            features: &[1.0, -1.0],
            dimensions: 1,
            labels: &[true, false],
            costs: &costs,
        };
        let solution = problem.solve(Stop {
            tolerance: 1e-10,
            passes: 10_000,
        });
        let expected = 40.0 / 41.0;
        assert!((f64::from(solution.svm.weights[0]) - expected).abs() < 1e-6);
        assert!(solution.svm.bias.abs() < 1e-6);
        assert!(solution.svm.margin(&[3.0]) > 0.0 && solution.svm.margin(&[-0.1]) < 0.0);
    }

    #[test]
    fn solution_is_a_minimum() {
        let features: Vec<f32> = (0..300)
            .map(|i| ((i * 7919 % 101) as f32) / 50.0 - 1.0)
            .collect();
        let labels: Vec<bool> = (0..60).map(|i| i * 31 % 7 < 3).collect();
        let costs = Problem::balanced_costs(&labels, 0.5);
        let problem = Problem {
            features: &features,
            dimensions: 5,
            labels: &labels,
            costs: &costs,
        };
        let solution = problem.solve(Stop {
            tolerance: 1e-9,
            passes: 100_000,
        });
        let w: Vec<f64> = solution.svm.weights.iter().map(|&w| f64::from(w)).collect();
        let bias = f64::from(solution.svm.bias);
        for k in 0..=w.len() {
            for step in [-1e-3, 1e-3] {
                let (mut near, mut near_bias) = (w.clone(), bias);
                match near.get_mut(k) {
                    Some(w) => *w += step,
                    None => near_bias += step,
                }
                assert!(problem.objective(&near, near_bias) > solution.objective);
            }
        }
    }

    #[test]
    fn balanced_costs_give_both_classes_the_same_weight() {
        let labels = [true, false, false, false];
        let costs = Problem::balanced_costs(&labels, 2.0);
        assert!((costs[0] - costs[1..].iter().sum::<f64>()).abs() < 1e-12);
        assert!((costs.iter().sum::<f64>() - 8.0).abs() < 1e-12);
    }
}
