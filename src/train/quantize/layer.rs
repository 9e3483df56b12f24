//! One layer's f32 weights → int8.

use crate::model::QuantLayer;

/// Largest magnitude of a weight in int8; −128 is not used, so that scales are symmetric.
const WEIGHT_MAX: f32 = 127.0;

/// Rows of f32 weights → int8 with a scale a row. What rounding the weights adds to an output on
/// the mean input is taken out of its bias.
pub fn quantize_layer(weight: &[f32], bias: Vec<f32>, mean_input: &[f32]) -> QuantLayer {
    let mut layer = QuantLayer {
        weight: Vec::with_capacity(weight.len()),
        weight_scale: Vec::with_capacity(bias.len()),
        bias: Vec::with_capacity(bias.len()),
    };
    for (row, bias) in weight.chunks_exact(mean_input.len()).zip(bias) {
        let scale = scale_of(row);
        let mut lost = 0.0;
        for (w, mean) in row.iter().zip(mean_input) {
            let quantised = (w / scale).round();
            lost += (w - quantised * scale) * mean;
            layer.weight.push(quantised as i8);
        }
        layer.weight_scale.push(scale);
        layer.bias.push(bias + lost);
    }
    layer
}

/// The scale of a row: the step of its own 8-bit grid where it has one, which loses nothing; else
/// the largest magnitude falls on 127.
fn scale_of(row: &[f32]) -> f32 {
    let largest = row.iter().map(|w| w.abs()).fold(0.0, f32::max);
    if largest == 0.0 {
        return 1.0;
    }
    grid_step(row).unwrap_or(largest / WEIGHT_MAX)
}

/// Whether every row of `length` weights lies on an 8-bit grid of its own, as the ImageNet weights
/// do, which came as multiples of a power of two.
pub fn on_grids(weight: &[f32], length: usize) -> bool {
    weight
        .chunks_exact(length)
        .all(|row| row.iter().all(|&w| w == 0.0) || grid_step(row).is_some())
}

/// The step of which all weights are multiples by at most 127, if there is one.
fn grid_step(row: &[f32]) -> Option<f32> {
    let magnitudes = || row.iter().map(|w| w.abs()).filter(|&w| w > 0.0);
    let smallest = magnitudes().fold(f32::INFINITY, f32::min);
    let on_grid = |step: f32| {
        magnitudes().all(|w| {
            let steps = w / step;
            steps < WEIGHT_MAX + 0.5 && (steps - steps.round()).abs() < GRID_TOLERANCE * steps
        })
    };
    // The smallest weight is a whole number of steps.
    (1..=LARGEST_SMALLEST)
        .map(|steps| smallest / steps as f32)
        .find(|&step| on_grid(step))
}

/// How far from a whole number of steps rounding in f32 may leave a weight on a grid, relatively.
const GRID_TOLERANCE: f32 = 1e-6;
/// Most grid steps that a row's smallest weight is tried as.
const LARGEST_SMALLEST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_on_a_grid_of_their_own_lose_nothing() {
        let step = 0.0078125 * 0.0317;
        let steps = [-84.0f32, 0.0, 3.0, 9.0, 101.0, -2.0, 0.0, 6.0];
        let row: Vec<f32> = steps.iter().map(|s| s * step).collect();
        let layer = quantize_layer(&row, vec![0.5], &[100.0; 8]);
        let back = layer
            .weight
            .iter()
            .map(|&w| f32::from(w) * layer.weight_scale[0]);
        for (back, w) in back.zip(&row) {
            assert!((back - w).abs() <= 1e-6 * w.abs());
        }
        assert!((layer.bias[0] - 0.5).abs() < 1e-6);
    }

    #[test]
    fn rounding_is_taken_out_of_the_bias() {
        let row: Vec<f32> = (0..50)
            .map(|i| (i as f32 * 0.7).sin() * 0.1 + 0.003)
            .collect();
        let mean: Vec<f32> = (0..50).map(|i| (i % 7) as f32 * 10.0).collect();
        let layer = quantize_layer(&row, vec![0.0], &mean);
        let exact: f32 = row.iter().zip(&mean).map(|(w, m)| w * m).sum();
        let quantised = layer
            .weight
            .iter()
            .zip(&mean)
            .map(|(&w, m)| f32::from(w) * m);
        let found = quantised.sum::<f32>() * layer.weight_scale[0] + layer.bias[0];
        assert!((found - exact).abs() < 1e-3, "{found} not {exact}");
    }
}
