//! Planes fitted anew after pruning and rounding, to say what the whole network said.

use crate::model::StoredModel;
use crate::svm::LinearSvm;
use crate::train::{Result, agreement};

/// Ridge, as a share of the units' mean square.
const RIDGE: f64 = 1e-3;
/// Conjugate gradients stop when the residual's norm has fallen to this share.
const TOLERANCE: f64 = 1e-6;

/// Sets both planes to the least-squares fit of `margins`, the whole network's on `inputs` (the
/// plane of haemorrhage first), by the model's own int8 units.
///
/// # Errors
/// [`crate::train::TrainError`] from the engine.
pub fn refit(model: &mut StoredModel, inputs: &[Vec<u8>], margins: &[(f64, f64)]) -> Result<()> {
    let units = agreement::of_engine_features(model, inputs, <[f32]>::to_vec)?;
    let of = |side: fn(&(f64, f64)) -> f64| margins.iter().map(side).collect::<Vec<f64>>();
    model.haemorrhage = least_squares(&units, &of(|m| m.0));
    model.normal = least_squares(&units, &of(|m| m.1));
    Ok(())
}

/// The plane whose margins are nearest to `targets` on `rows`, by conjugate gradients on the
/// centred normal equations.
fn least_squares(rows: &[Vec<f32>], targets: &[f64]) -> LinearSvm {
    let count = rows.len().max(1) as f64;
    let width = rows.first().map_or(0, Vec::len);
    let mut means = vec![0.0f64; width];
    for row in rows {
        for (mean, &u) in means.iter_mut().zip(row) {
            *mean += f64::from(u) / count;
        }
    }
    let target = targets.iter().sum::<f64>() / count;
    let centred = |row: &[f32], w: &[f64]| -> f64 {
        let terms = row.iter().zip(&means).zip(w);
        terms.map(|((&u, mean), w)| (f64::from(u) - mean) * w).sum()
    };
    // Xᵀ X w + ridge w, or Xᵀ y where the rows' values are given.
    let back = |values: &mut dyn Iterator<Item = f64>| -> Vec<f64> {
        let mut sums = vec![0.0f64; width];
        for (row, value) in rows.iter().zip(values) {
            for ((sum, &u), mean) in sums.iter_mut().zip(row).zip(&means) {
                *sum += (f64::from(u) - mean) * value;
            }
        }
        sums
    };
    let square: f64 = rows
        .iter()
        .flat_map(|row| row.iter().zip(&means))
        .map(|(&u, mean)| (f64::from(u) - mean).powi(2))
        .sum();
    let ridge = RIDGE * square / width.max(1) as f64;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut w = vec![0.0f64; width];
    let mut residual = back(&mut targets.iter().map(|t| t - target));
    let mut direction = residual.clone();
    let mut norm = dot(&residual, &residual);
    let goal = norm * TOLERANCE * TOLERANCE;
    for _ in 0..4 * width {
        if norm <= goal || norm == 0.0 {
            break;
        }
        let mut image = back(&mut rows.iter().map(|row| centred(row, &direction)));
        image
            .iter_mut()
            .zip(&direction)
            .for_each(|(i, d)| *i += ridge * d);
        let step = norm / dot(&direction, &image);
        for i in 0..width {
            w[i] += step * direction[i];
            residual[i] -= step * image[i];
        }
        let next = dot(&residual, &residual);
        for (d, r) in direction.iter_mut().zip(&residual) {
            *d = r + next / norm * *d;
        }
        norm = next;
    }
    LinearSvm {
        bias: (target - dot(&w, &means)) as f32,
        weights: w.into_iter().map(|w| w as f32).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_is_found_again_from_its_margins() {
        let rows: Vec<Vec<f32>> = (0..50)
            .map(|i| (0..4).map(|k| (i * (k + 3) * 7 % 23) as f32).collect())
            .collect();
        let plane = LinearSvm {
            weights: vec![0.5, -1.0, 0.0, 0.25],
            bias: 3.0,
        };
        let targets: Vec<f64> = rows.iter().map(|row| plane.margin(row).into()).collect();
        let found = least_squares(&rows, &targets);
        for (row, target) in rows.iter().zip(targets) {
            assert!((f64::from(found.margin(row)) - target).abs() < 0.05);
        }
    }

    #[test]
    fn units_that_never_change_get_no_weight() {
        let found = least_squares(&[vec![2.0], vec![2.0]], &[1.0, 3.0]);
        assert_eq!((found.weights[0], found.bias), (0.0, 2.0));
    }
}
