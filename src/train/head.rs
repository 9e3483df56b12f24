//! From a trained FC6 to a stored one: prune, quantise, solve the planes on the int8 units.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Result;
use super::features::Features;
use super::fit::{Examples, Fc6};
use super::quantize::quantize_layer;
use crate::engine::kernels::{fastest, multiply};
use crate::model::{ACTIVATION_MAX, QuantLayer};
use crate::svm::{LinearSvm, Problem, Solution, Stop};

/// How the head is finished.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeadSettings {
    /// Units kept.
    pub units: usize,
    /// Cost of the SVM, for features of unit mean square norm.
    pub cost: f64,
}

/// What follows the trunk.
pub struct Head {
    /// FC6.
    pub fc6: QuantLayer,
    /// Which of the trained units were kept.
    pub kept: Vec<usize>,
    /// Haemorrhage against the rest, classes balanced.
    pub haemorrhage: LinearSvm,
    /// Normal against the rest, every slice counting the same.
    pub normal: LinearSvm,
}

impl HeadSettings {
    /// Keeps the units that matter most to the plane of the whole FC6, then solves both planes on
    /// the int8 units of what is left.
    pub fn finish(&self, fc6: &Fc6, examples: &Examples) -> Result<Head> {
        let mean = mean_map(examples);
        let whole = quantize(fc6, &(0..fc6.bias.len()).collect::<Vec<_>>(), &mean);
        let (units, labels) = training_units(&whole, examples);
        let balanced = Problem::balanced_costs(&labels, self.cost);
        let full = solve(&units, &labels, &balanced);
        let kept = most_important(&full.svm, &units, self.units);
        let layer = quantize(fc6, &kept, &mean);
        let (units, labels) = training_units(&layer, examples);
        let inverted: Vec<bool> = labels.iter().map(|l| !l).collect();
        let equal = vec![self.cost; labels.len()];
        Ok(Head {
            haemorrhage: solve(&units, &labels, &balanced).svm,
            normal: solve(&units, &inverted, &equal).svm,
            fc6: layer,
            kept,
        })
    }
}

/// The chosen units of FC6 in int8, reading activation steps.
fn quantize(fc6: &Fc6, units: &[usize], mean: &[f32]) -> QuantLayer {
    let row = fc6.weight.len() / fc6.bias.len();
    let step = 1.0 / f32::from(ACTIVATION_MAX);
    let weight: Vec<f32> = units
        .iter()
        .flat_map(|&u| fc6.weight[u * row..][..row].iter().map(|w| w * step))
        .collect();
    quantize_layer(&weight, units.iter().map(|&u| fc6.bias[u]).collect(), mean)
}

/// The mean of the examples' maps, in activation steps.
fn mean_map(examples: &Examples) -> Vec<f32> {
    let mut sum = vec![0.0f64; examples.features.dimensions];
    for &i in examples.members {
        for (sum, &v) in sum.iter_mut().zip(examples.features.get(0, i)) {
            *sum += f64::from(v);
        }
    }
    let n = examples.members.len() as f64;
    sum.into_iter().map(|s| (s / n) as f32).collect()
}

/// The int8 units of the examples' slices and their altered copies, row-major, and the labels.
fn training_units(layer: &QuantLayer, examples: &Examples) -> (Vec<f32>, Vec<bool>) {
    let rows: Vec<(usize, usize)> = (0..examples.features.variants())
        .flat_map(|variant| examples.members.iter().map(move |&i| (variant, i)))
        .collect();
    let labels = rows.iter().map(|&(_, i)| examples.labels[i]).collect();
    (units(layer, examples.features, &rows), labels)
}

/// FC6's units after ReLU for (variant, image) pairs, row-major; the engine gives the same bits.
pub fn units(layer: &QuantLayer, features: &Features, rows: &[(usize, usize)]) -> Vec<f32> {
    let width = layer.bias.len();
    let weight: Vec<i16> = layer.weight.iter().map(|&w| i16::from(w)).collect();
    let mut out = vec![0.0; rows.len() * width];
    out.par_chunks_exact_mut(width)
        .zip(rows)
        .for_each(|(out, &(variant, image))| {
            let map: Vec<i16> = features
                .get(variant, image)
                .iter()
                .map(|&v| i16::from(v))
                .collect();
            let mut sums = vec![0; width];
            multiply(fastest(), &weight, &map, map.len(), &mut sums, width);
            let factors = layer.weight_scale.iter().zip(&layer.bias);
            for ((out, sum), (scale, bias)) in out.iter_mut().zip(sums).zip(factors) {
                *out = (sum as f32 * scale + bias).max(0.0);
            }
        });
    out
}

/// Solves on features scaled to unit mean square norm, and gives the plane for the unscaled ones.
fn solve(units: &[f32], labels: &[bool], costs: &[f64]) -> Solution {
    let square: f64 = units.iter().map(|&u| f64::from(u).powi(2)).sum();
    let scale = ((labels.len() as f64 / square.max(f64::MIN_POSITIVE)).sqrt()) as f32;
    let scaled: Vec<f32> = units.iter().map(|u| u * scale).collect();
    let problem = Problem {
        features: &scaled,
        dimensions: units.len() / labels.len(),
        labels,
        costs,
    };
    let mut solution = problem.solve(Stop::default());
    solution.svm.weights.iter_mut().for_each(|w| *w *= scale);
    solution
}

/// The `count` units whose spread times weight is largest, in their own order.
fn most_important(plane: &LinearSvm, units: &[f32], count: usize) -> Vec<usize> {
    let width = plane.weights.len();
    let n = (units.len() / width) as f64;
    let (mut sum, mut square) = (vec![0.0f64; width], vec![0.0f64; width]);
    for row in units.chunks_exact(width) {
        for (u, &v) in row.iter().enumerate() {
            sum[u] += f64::from(v);
            square[u] += f64::from(v).powi(2);
        }
    }
    let importance = |u: usize| {
        let variance = square[u] / n - (sum[u] / n).powi(2);
        f64::from(plane.weights[u].abs()) * variance.max(0.0).sqrt()
    };
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by(|&a, &b| importance(b).total_cmp(&importance(a)).then(a.cmp(&b)));
    order.truncate(count);
    order.sort_unstable();
    order
}
