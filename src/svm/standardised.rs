//! The separating plane on a network's last hidden units, whatever their scales.

use super::{LinearSvm, Problem, Stop};

/// Solves for `labels` on `units` (row-major, one row a slice), each unit standardised and all
/// scaled to a mean square norm of one, and gives the plane for the units as they are. `costs` are
/// for features of that norm.
///
/// ```
/// use haemolens::svm::{Problem, solve_standardised};
///
/// // The second unit says it all, and is a thousand times smaller than the first.
/// let units = [900.0, 0.2, 400.0, 0.3, 500.0, -0.3, 800.0, -0.2];
/// let labels = [true, true, false, false];
/// let plane = solve_standardised(&units, &labels, &Problem::balanced_costs(&labels, 1.0));
/// assert!(plane.margin(&[600.0, 0.25]) > 0.0 && plane.margin(&[600.0, -0.25]) < 0.0);
/// ```
///
/// # Panics
/// When the lengths of units, labels and costs disagree.
pub fn solve_standardised(units: &[f32], labels: &[bool], costs: &[f64]) -> LinearSvm {
    let width = units.len() / labels.len().max(1);
    let count = labels.len() as f64;
    let (mut sums, mut squares) = (vec![0.0f64; width], vec![0.0f64; width]);
    for row in units.chunks_exact(width) {
        for ((sum, square), &u) in sums.iter_mut().zip(&mut squares).zip(row) {
            *sum += f64::from(u);
            *square += f64::from(u).powi(2);
        }
    }
    let means: Vec<f64> = sums.iter().map(|s| s / count).collect();
    let largest = squares.iter().copied().fold(0.0, f64::max).sqrt();
    let scales: Vec<f64> = squares
        .iter()
        .zip(&means)
        .map(|(square, mean)| {
            let deviation = (square / count - mean * mean).max(0.0).sqrt();
            // A unit that sleeps stays asleep.
            if deviation > SLEEPING * largest {
                1.0 / (deviation * (width as f64).sqrt())
            } else {
                0.0
            }
        })
        .collect();
    let standardised: Vec<f32> = units
        .chunks_exact(width)
        .flat_map(|row| {
            let factors = means.iter().zip(&scales);
            row.iter()
                .zip(factors)
                .map(|(&u, (mean, scale))| ((f64::from(u) - mean) * scale) as f32)
        })
        .collect();
    let problem = Problem {
        features: &standardised,
        dimensions: width,
        labels,
        costs,
    };
    let plane = problem.solve(Stop::default()).svm;
    let weights: Vec<f64> = plane
        .weights
        .iter()
        .zip(&scales)
        .map(|(&w, scale)| f64::from(w) * scale)
        .collect();
    let shift: f64 = weights.iter().zip(&means).map(|(w, mean)| w * mean).sum();
    LinearSvm {
        weights: weights.into_iter().map(|w| w as f32).collect(),
        bias: (f64::from(plane.bias) - shift) as f32,
    }
}

/// Deviation below which a unit counts as asleep, as a share of the largest unit's norm.
const SLEEPING: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_and_offset_of_a_unit_do_not_change_margins() {
        let rows: Vec<[f32; 2]> = (0..40)
            .map(|i| [(i * 7 % 11) as f32, (i * 5 % 13) as f32])
            .collect();
        let labels: Vec<bool> = rows.iter().map(|r| r[0] + 0.3 * r[1] > 7.0).collect();
        let costs = vec![2.0; labels.len()];
        let plain: Vec<f32> = rows.iter().flatten().copied().collect();
        let moved: Vec<f32> = rows
            .iter()
            .flat_map(|r| [r[0] * 50.0 + 9.0, r[1] * 0.02 - 3.0])
            .collect();
        let a = solve_standardised(&plain, &labels, &costs);
        let b = solve_standardised(&moved, &labels, &costs);
        for (plain, moved) in plain.chunks_exact(2).zip(moved.chunks_exact(2)) {
            assert!((a.margin(plain) - b.margin(moved)).abs() < 1e-3);
        }
    }

    #[test]
    fn a_unit_that_never_wakes_gets_no_weight() {
        let units = [0.0, 1.0, 0.0, -1.0, 0.0, 2.0, 0.0, -2.0];
        let plane = solve_standardised(&units, &[true, false, true, false], &[1.0; 4]);
        assert_eq!(plane.weights[0], 0.0);
        assert!(plane.margin(&[0.0, 1.5]) > 0.5 && plane.margin(&[0.0, -1.5]) < -0.5);
    }
}
