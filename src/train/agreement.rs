//! How well the int8 engine follows an f32 network.

use rayon::prelude::*;

use super::{Result, progress};
use crate::engine::Engine;
use crate::model::StoredModel;
use crate::network::reference::Reference;
use crate::svm::LinearSvm;

/// Images that pass through the f32 network at once.
const BATCH: usize = 8;

/// What comparing two lists of margins gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Slices compared.
    pub slices: usize,
    /// Share with the same label at the model's threshold.
    pub same_label: f64,
    /// Pearson's correlation of the margins.
    pub correlation: f64,
    /// Largest difference of two margins.
    pub largest_difference: f64,
}

/// Compares the engine with an f32 network on inputs of `side × side` grey levels.
///
/// # Errors
/// [`super::TrainError`] from either.
pub fn compare(
    model: &StoredModel,
    reference: &Reference,
    inputs: &[Vec<u8>],
) -> Result<Agreement> {
    let ours = engine_margins(model, inputs)?;
    let theirs = reference_margins(reference, inputs)?;
    let theirs: Vec<f64> = theirs.into_iter().map(|(margin, _)| margin).collect();
    Ok(agreement(
        &ours,
        &theirs,
        model.facts.calibration.threshold.balanced,
    ))
}

/// The f32 network's margins of both planes.
///
/// # Errors
/// [`super::TrainError::Tensor`] from the tensor library.
pub fn reference_margins(reference: &Reference, inputs: &[Vec<u8>]) -> Result<Vec<(f64, f64)>> {
    let bar = progress("f32 reference", inputs.len());
    let mut found = Vec::with_capacity(inputs.len());
    for batch in inputs.chunks(BATCH) {
        let [haemorrhage, normal] = reference.margins(&reference.input(&batch.concat())?)?;
        let pairs = haemorrhage
            .to_vec1::<f32>()?
            .into_iter()
            .zip(normal.to_vec1::<f32>()?);
        found.extend(pairs.map(|(margin, normal)| (f64::from(margin), f64::from(normal))));
        bar.inc(batch.len() as u64);
    }
    bar.finish();
    Ok(found)
}

/// The engine's margins of both planes.
///
/// # Errors
/// [`super::TrainError::Model`] from the engine.
pub fn both_margins(model: &StoredModel, inputs: &[Vec<u8>]) -> Result<Vec<(f64, f64)>> {
    of_engine_features(model, inputs, |units| {
        let margin = |plane: &LinearSvm| f64::from(plane.margin(units));
        (margin(&model.haemorrhage), margin(&model.normal))
    })
}

/// The engine's margins of the haemorrhage plane.
///
/// # Errors
/// [`super::TrainError::Model`] from the engine.
pub fn engine_margins(model: &StoredModel, inputs: &[Vec<u8>]) -> Result<Vec<f64>> {
    of_engine_features(model, inputs, |units| {
        model.haemorrhage.margin(units).into()
    })
}

/// What `figure` makes of the engine's last hidden units, for each input.
///
/// # Errors
/// [`super::TrainError::Model`] from the engine.
pub fn of_engine_features<T: Send>(
    model: &StoredModel,
    inputs: &[Vec<u8>],
    figure: impl Fn(&[f32]) -> T + Sync,
) -> Result<Vec<T>> {
    let bar = progress("int8 engine", inputs.len());
    inputs
        .par_iter()
        .map_init(
            || Engine::new(model),
            |engine, grey| {
                let engine = engine.as_mut().map_err(|e| e.clone())?;
                bar.inc(1);
                Ok(figure(engine.features(grey)?))
            },
        )
        .collect()
}

/// Compares two lists of margins of the same slices.
pub fn agreement(ours: &[f64], theirs: &[f64], threshold: f64) -> Agreement {
    let n = ours.len() as f64;
    let mean = |v: &[f64]| v.iter().sum::<f64>() / n;
    let (mean_a, mean_b) = (mean(ours), mean(theirs));
    let pairs = || ours.iter().zip(theirs);
    let covariance: f64 = pairs().map(|(a, b)| (a - mean_a) * (b - mean_b)).sum();
    let spread = |v: &[f64], m: f64| v.iter().map(|a| (a - m).powi(2)).sum::<f64>();
    let same = pairs()
        .filter(|(a, b)| (**a >= threshold) == (**b >= threshold))
        .count();
    Agreement {
        slices: ours.len(),
        same_label: same as f64 / n,
        correlation: covariance / (spread(ours, mean_a) * spread(theirs, mean_b)).sqrt(),
        largest_difference: pairs().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_counts_labels_and_correlates_margins() {
        let a = agreement(&[-1.0, 0.0, 1.0, 2.0], &[-2.1, -0.1, 1.9, 3.9], 0.0);
        assert_eq!(a.slices, 4);
        assert_eq!(a.same_label, 0.75);
        assert!((a.correlation - 1.0).abs() < 1e-12);
        assert!((a.largest_difference - 1.9).abs() < 1e-12);
    }
}
