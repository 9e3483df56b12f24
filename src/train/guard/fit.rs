//! Fits the guard's network, planes and spread to measured examples.

use rayon::prelude::*;
use serde::Serialize;

use super::examples::Features;
use super::mlp::{self, MlpSettings};
use super::newton;
use crate::guard::{Against, DIMENSIONS, FORMAT, Facts, Guard, Likeness, MOST_DEVIATIONS, Scale};
use crate::svm::{LinearSvm, Problem};

/// How the guard is fitted.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FitSettings {
    /// Cost of each SVM.
    pub cost: f64,
    /// Share of the covariance that is replaced by its mean variance.
    pub shrinkage: f64,
    /// Added to each feature's deviation, so that a feature that hardly varies in head CT is not
    /// taken for a strict rule.
    pub least_deviation: f32,
    /// The small network.
    pub network: MlpSettings,
}

/// Examples of one kind of pictures that are no head CT.
pub struct Kind<'a> {
    pub name: &'a str,
    pub like: Likeness,
    /// How often the network sees it, against other kinds.
    pub weight: f32,
    pub features: Vec<&'a Features>,
}

/// A guard with scales that leave raw scores as they are.
pub fn fit(heads: &[&Features], kinds: &[Kind], settings: FitSettings) -> Guard {
    let (mean, deviation) = moments(heads, settings.least_deviation);
    let standard = |features: &Features| -> Vec<f32> {
        let centred = features.iter().zip(&mean).map(|(x, mean)| x - mean);
        centred
            .zip(&deviation)
            .map(|(x, deviation)| x / deviation)
            .collect()
    };
    let standard_heads: Vec<Vec<f32>> = heads.par_iter().map(|x| standard(x)).collect();
    let spread = cholesky(&shrunk_covariance(&standard_heads, settings.shrinkage));
    let bound = |x: Vec<f32>| {
        x.into_iter()
            .map(|z| z.clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS))
    };
    let bounded_heads: Vec<f32> = standard_heads.into_iter().flat_map(bound).collect();
    let bounded_others: Vec<Vec<f32>> = kinds
        .par_iter()
        .map(|kind| {
            kind.features
                .iter()
                .flat_map(|x| bound(standard(x)))
                .collect()
        })
        .collect();
    let weights = kinds.iter().map(|kind| kind.weight);
    let others: Vec<(f32, &[f32])> = weights
        .zip(bounded_others.iter().map(Vec::as_slice))
        .collect();
    let (network, planes) = rayon::join(
        || mlp::train(&bounded_heads, &others, settings.network),
        || {
            let planes = bounded_others.par_iter().map(|others| {
                let features = bounded_heads.iter().chain(others).copied().collect();
                plane(features, heads.len(), settings.cost)
            });
            planes.collect()
        },
    );
    let unscaled = Scale {
        typical: 0.0,
        reach: 1.0,
    };
    Guard {
        facts: Facts {
            format: FORMAT,
            version: String::new(),
            licence: String::new(),
            data: String::new(),
            protocol: String::new(),
            settings: serde_json::Value::Null,
            against: kinds
                .iter()
                .map(|kind| Against {
                    kind: kind.name.to_owned(),
                    like: kind.like,
                })
                .collect(),
            network: unscaled,
            planes: unscaled,
            whole: unscaled,
            threshold: 1.0,
            doubt: 1.0,
            figures: Default::default(),
        },
        mean,
        deviation,
        network,
        planes,
        spread,
    }
}

/// Mean and deviation of each feature.
fn moments(rows: &[&Features], least_deviation: f32) -> (Vec<f32>, Vec<f32>) {
    let n = rows.len() as f64;
    let column = |k: usize| rows.iter().map(move |row| f64::from(row[k]));
    (0..DIMENSIONS)
        .into_par_iter()
        .map(|k| {
            let mean = column(k).sum::<f64>() / n;
            let variance = column(k).map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            (mean as f32, variance.sqrt() as f32 + least_deviation)
        })
        .unzip()
}

/// The first `heads` rows (positive) against the others, both sides of the same total weight.
fn plane(features: Vec<f32>, heads: usize, cost: f64) -> LinearSvm {
    let labels: Vec<bool> = (0..features.len() / DIMENSIONS)
        .map(|i| i < heads)
        .collect();
    let costs = Problem::balanced_costs(&labels, cost);
    newton::solve(&Problem {
        features: &features,
        dimensions: DIMENSIONS,
        labels: &labels,
        costs: &costs,
    })
}

/// Covariance of centred rows, row-major, drawn towards a multiple of the identity.
fn shrunk_covariance(rows: &[Vec<f32>], shrinkage: f64) -> Vec<f64> {
    // Sums of lower triangles over blocks of rows, added up in the blocks' order.
    const BLOCK: usize = 1024;
    let sums: Vec<Vec<f64>> = rows
        .par_chunks(BLOCK)
        .map(|rows| {
            let mut sum = vec![0f64; DIMENSIONS * DIMENSIONS];
            for row in rows {
                for (i, &a) in row.iter().enumerate() {
                    let line = &mut sum[i * DIMENSIONS..=i * DIMENSIONS + i];
                    for (sum, &b) in line.iter_mut().zip(row) {
                        *sum += f64::from(a) * f64::from(b);
                    }
                }
            }
            sum
        })
        .collect();
    let mut covariance = vec![0f64; DIMENSIONS * DIMENSIONS];
    for sum in &sums {
        for (value, part) in covariance.iter_mut().zip(sum) {
            *value += part / rows.len() as f64;
        }
    }
    for i in 0..DIMENSIONS {
        for j in 0..i {
            covariance[j * DIMENSIONS + i] = covariance[i * DIMENSIONS + j];
        }
    }
    let trace: f64 = (0..DIMENSIONS)
        .map(|i| covariance[i * DIMENSIONS + i])
        .sum();
    let shared = shrinkage * trace / DIMENSIONS as f64;
    for (i, value) in covariance.iter_mut().enumerate() {
        *value *= 1.0 - shrinkage;
        if i / DIMENSIONS == i % DIMENSIONS {
            *value += shared;
        }
    }
    covariance
}

/// Lower triangle of the Cholesky factor, row-major.
fn cholesky(matrix: &[f64]) -> Vec<f32> {
    let n = matrix.len().isqrt();
    let factor = cholesky_square(matrix);
    (0..n)
        .flat_map(|i| factor[i * n..=i * n + i].iter().map(|&v| v as f32))
        .collect()
}

/// The Cholesky factor, row-major, nothing above its diagonal.
pub fn cholesky_square(matrix: &[f64]) -> Vec<f64> {
    let n = matrix.len().isqrt();
    let mut factor = vec![0f64; n * n];
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| factor[i * n + k] * factor[j * n + k]).sum();
            let rest = matrix[i * n + j] - known;
            factor[i * n + j] = if i == j {
                rest.sqrt()
            } else {
                rest / factor[j * n + j]
            };
        }
    }
    factor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cholesky_factor_times_its_transpose_is_the_matrix() {
        let matrix = [4.0, 2.0, -1.0, 2.0, 10.0, 3.0, -1.0, 3.0, 6.0];
        let l = cholesky(&matrix);
        let at = |i: usize, j: usize| {
            if j <= i {
                f64::from(l[i * (i + 1) / 2 + j])
            } else {
                0.0
            }
        };
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|k| at(i, k) * at(j, k)).sum();
                assert!((product - matrix[i * 3 + j]).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn what_was_learned_is_far_and_heads_are_near() {
        let point = |i: usize, shift: f32| -> Features {
            let value = |k: usize| {
                let mut hash = (i * 1_000 + k) as u32;
                for factor in [0x9e37_79b1, 0x85eb_ca77] {
                    hash = (hash ^ hash >> 15).wrapping_mul(factor);
                }
                hash >> 8
            };
            (0..DIMENSIONS)
                .map(|k| value(k) as f32 / (1 << 24) as f32 + if k == 3 { shift } else { 0.0 })
                .collect()
        };
        let heads: Vec<Features> = (0..400).map(|i| point(i, 0.0)).collect();
        let others: Vec<Features> = (0..100).map(|i| point(i * 7, 2.0)).collect();
        let kinds = [Kind {
            name: "shifted",
            like: Likeness::Pattern,
            weight: 1.0,
            features: others.iter().collect(),
        }];
        let settings = FitSettings {
            cost: 0.01,
            shrinkage: 0.1,
            least_deviation: 0.02,
            network: MlpSettings {
                hidden: 8,
                steps: 1000,
                noise: 0.1,
                ..MlpSettings::default()
            },
        };
        let guard = fit(&heads.iter().collect::<Vec<_>>(), &kinds, settings);
        let (near, far) = (guard.raw(&point(1000, 0.0)), guard.raw(&point(1000, 2.0)));
        assert!(near.planes < 0.0 && far.planes > 0.0, "{near:?} {far:?}");
        assert!(near.network < 0.0 && far.network > 0.0, "{near:?} {far:?}");
        assert!(near.whole < far.whole);
        assert!(
            (0.5..1.5).contains(&near.whole),
            "typical is about one: {near:?}"
        );
    }
}
