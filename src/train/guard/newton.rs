//! The linear SVM with squared hinge loss by Newton's method on the primal problem (Keerthi and
//! DeCoste, 2005). It has the minimum of [`Problem::solve`], and where examples are many and their
//! features few hundred it is there in a dozen steps, for only the examples within the margin bend
//! the objective.

use super::fit::cholesky_square;
use crate::svm::{LinearSvm, Problem};

/// Steps after which the search ends all the same.
const MOST_STEPS: usize = 60;
/// Share of the objective that a step must gain for the search to go on.
const LEAST_GAIN: f64 = 1e-7;

/// The plane at which `½ (‖w‖² + b²) + Σ cᵢ max(0, 1 − yᵢ (w·xᵢ + b))²` is least.
pub fn solve(problem: &Problem) -> LinearSvm {
    let n = problem.dimensions + 1;
    let mut w = vec![0f64; n];
    let mut scores = vec![0f64; problem.labels.len()];
    let mut value = objective(problem, &w, &scores);
    for _ in 0..MOST_STEPS {
        let step = direction(problem, &w, &scores);
        let along: Vec<f64> = rows(problem).map(|row| score(row, &step)).collect();
        let gain_of = |length: f64| {
            let moved: Vec<f64> = w.iter().zip(&step).map(|(w, s)| w + length * s).collect();
            let there: Vec<f64> = scores
                .iter()
                .zip(&along)
                .map(|(f, s)| f + length * s)
                .collect();
            (objective(problem, &moved, &there), moved, there)
        };
        // The objective is convex: halving ends where it is less.
        let lengths = std::iter::successors(Some(1.0), |length| Some(length / 2.0)).take(30);
        let Some((less, moved, there)) = lengths.map(gain_of).find(|found| found.0 < value) else {
            break;
        };
        let gain = (value - less) / value;
        (w, scores, value) = (moved, there, less);
        if gain < LEAST_GAIN {
            break;
        }
    }
    let bias = w.pop().unwrap_or(0.0) as f32;
    LinearSvm {
        weights: w.into_iter().map(|w| w as f32).collect(),
        bias,
    }
}

fn rows<'a>(problem: &Problem<'a>) -> std::slice::ChunksExact<'a, f32> {
    problem.features.chunks_exact(problem.dimensions)
}

/// `w·x + b`, where `b` is the last of `w`; in eight sums at once.
fn score(row: &[f32], w: &[f64]) -> f64 {
    let mut sums = [0f64; 8];
    let (w, bias) = (&w[..row.len()], w[row.len()]);
    let (blocks, weights) = (row.chunks_exact(8), w.chunks_exact(8));
    let rest = blocks.remainder().iter().zip(weights.remainder());
    let rest: f64 = rest.map(|(&x, w)| f64::from(x) * w).sum();
    for (xs, ws) in blocks.zip(weights) {
        for ((sum, &x), w) in sums.iter_mut().zip(xs).zip(ws) {
            *sum += f64::from(x) * w;
        }
    }
    sums.iter().sum::<f64>() + rest + bias
}

fn sign(label: bool) -> f64 {
    if label { 1.0 } else { -1.0 }
}

fn objective(problem: &Problem, w: &[f64], scores: &[f64]) -> f64 {
    let examples = problem.labels.iter().zip(problem.costs).zip(scores);
    let loss: f64 = examples
        .map(|((&label, cost), score)| cost * (1.0 - sign(label) * score).max(0.0).powi(2))
        .sum();
    0.5 * w.iter().map(|w| w * w).sum::<f64>() + loss
}

/// Newton's step: minus the gradient through the Hessian, both of the examples within the margin.
fn direction(problem: &Problem, w: &[f64], scores: &[f64]) -> Vec<f64> {
    let n = w.len();
    let mut hessian = vec![0f64; n * n];
    let mut gradient = w.to_vec();
    let mut wide = vec![1f64; n];
    let examples = problem.labels.iter().zip(problem.costs).zip(scores);
    for (row, ((&label, cost), score)) in rows(problem).zip(examples) {
        let y = sign(label);
        let missing = 1.0 - y * score;
        if missing <= 0.0 {
            continue;
        }
        for (wide, &x) in wide.iter_mut().zip(row) {
            *wide = f64::from(x);
        }
        for (i, &a) in wide.iter().enumerate() {
            gradient[i] -= 2.0 * cost * y * missing * a;
            let scaled = 2.0 * cost * a;
            for (h, &b) in hessian[i * n..=i * n + i].iter_mut().zip(&wide) {
                *h += scaled * b;
            }
        }
    }
    for i in 0..n {
        hessian[i * n + i] += 1.0;
        for j in 0..i {
            hessian[j * n + i] = hessian[i * n + j];
        }
    }
    let factor = cholesky_square(&hessian);
    let mut step: Vec<f64> = gradient.iter().map(|g| -g).collect();
    for i in 0..n {
        let known: f64 = (0..i).map(|k| factor[i * n + k] * step[k]).sum();
        step[i] = (step[i] - known) / factor[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| factor[k * n + i] * step[k]).sum();
        step[i] = (step[i] - known) / factor[i * n + i];
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svm::Stop;

    #[test]
    fn the_plane_is_the_one_of_the_dual_problem() {
        let dimensions = 11;
        let features: Vec<f32> = (0..dimensions * 200)
            .map(|i| ((i * 7919 % 1009) as f32) / 500.0 - 1.0)
            .collect();
        let labels: Vec<bool> = (0..200).map(|i| i * 31 % 7 < 3).collect();
        for cost in [0.01, 0.5, 20.0] {
            let costs = Problem::balanced_costs(&labels, cost);
            let problem = Problem {
                features: &features,
                dimensions,
                labels: &labels,
                costs: &costs,
            };
            let dual = problem.solve(Stop {
                tolerance: 1e-10,
                passes: 200_000,
            });
            let primal = solve(&problem);
            let pairs = primal.weights.iter().zip(&dual.svm.weights);
            for (a, b) in pairs.chain([(&primal.bias, &dual.svm.bias)]) {
                assert!((a - b).abs() < 1e-4, "{a} {b} at cost {cost}");
            }
        }
    }
}
