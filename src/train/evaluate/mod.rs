//! Figures from margins, with intervals over patients.
//!
//! Margins become calls and probabilities by a [`Reading`]; the [`Judged`] slices are sorted once
//! into an [`Assessment`], which gives every [`Measure`] with its 95 % patient-bootstrap interval;
//! [`compare`](paired::compare) tests two networks on the same slices.

mod bootstrap;
mod measure;
pub mod paired;
mod ranking;
mod reading;
mod reliability;
mod threshold;
mod within;

pub use bootstrap::{Estimate, RESAMPLINGS, mean_by_patient};
pub use measure::{Assessment, Confusion, Measure};
pub use ranking::{RocPoint, auc, roc};
pub use reading::{Band, Decision, Judged, Reading};
pub use reliability::{BINS, Bin};
pub use threshold::{best_threshold, conformal_band, operating_points};
pub use within::auc_within_folds_estimate;

/// One slice's margin with its truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Index of its patient.
    pub patient: usize,
    /// Its fold; 0 where there are none.
    pub fold: usize,
    /// The truth.
    pub haemorrhage: bool,
    /// The margin.
    pub margin: f64,
}

#[cfg(test)]
mod drawn {
    use super::Scored;

    /// Slices with the given margins and truths, two a patient, folds 0 and 1 in turn.
    pub fn scored(margins: &[(f64, bool)]) -> Vec<Scored> {
        let slice = |(i, &(margin, haemorrhage)): (usize, &(f64, bool))| Scored {
            patient: i / 2,
            fold: i / 2 % 2,
            haemorrhage,
            margin,
        };
        margins.iter().enumerate().map(slice).collect()
    }
}
