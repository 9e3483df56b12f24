//! Which kind of haemorrhage: a linear SVM for each, on the features that the first is solved on.

use rayon::prelude::*;

use super::rows::Rows;
use super::{Session, table_name};
use crate::HaemorrhageKind;
use crate::calibration::Platt;
use crate::model::{KindCalibration, StoredModel};
use crate::svm::solve_standardised;
use crate::train::predictions::Protocol;
use crate::train::predictions::kinds::{self, KindMargins};
use crate::train::protocol::Split;
use crate::train::{Result, agreement};

/// Kinds that a slice shows, in the order of [`HaemorrhageKind::ALL`], where they are known.
pub(super) type Shown = Option<[bool; 5]>;

/// Slices that a kind must have in the whole data for kinds to be taught at all.
const MIN_SLICES: usize = 10;

/// Before a model's margins were seen.
const UNCALIBRATED: Platt = Platt {
    slope: -1.0,
    offset: 0.0,
};

impl Session<'_> {
    /// Whether the data have enough slices of every kind.
    fn tells_kinds(&self) -> bool {
        let known = || self.dataset.examples.iter().filter_map(|e| e.kinds);
        let mut counts = (0..HaemorrhageKind::ALL.len()).map(|k| known().filter(|s| s[k]).count());
        counts.all(|count| count >= MIN_SLICES)
    }

    /// Solves the SVMs of all kinds on the rows of slices that show `shown`.
    pub(super) fn teach_kinds(&self, model: &mut StoredModel, rows: &Rows, shown: &[Shown]) {
        if !self.tells_kinds() {
            return;
        }
        let width = rows.features.len() / rows.labels.len();
        let solve = |index: usize| {
            let costs = costs(shown, &rows.balanced, index, self.settings.cost);
            let (mut features, mut labels, mut kept) = (Vec::new(), Vec::new(), Vec::new());
            let shown = shown.iter().cycle();
            let rows = rows.features.chunks_exact(width).zip(&costs).zip(shown);
            for ((row, cost), shown) in rows.filter(|((_, cost), _)| **cost > 0.0) {
                features.extend_from_slice(row);
                labels.push(shown.is_some_and(|kinds| kinds[index]));
                kept.push(*cost);
            }
            solve_standardised(&features, &labels, &kept)
        };
        let kinds = 0..HaemorrhageKind::ALL.len();
        model.kinds = kinds.into_par_iter().map(solve).collect();
        model.facts.kinds = HaemorrhageKind::ALL
            .map(|kind| KindCalibration {
                kind,
                calibration: UNCALIBRATED,
                prevalence: None,
                study: None,
            })
            .into();
    }

    /// Margins of the test slices whose kinds are known.
    pub(super) fn kind_margins(
        &self,
        model: &StoredModel,
        split: &Split,
    ) -> Result<Vec<KindMargins>> {
        let examples = &self.dataset.examples;
        let known: Vec<_> = split
            .test
            .iter()
            .filter(|image| !model.kinds.is_empty() && examples[image.slice].kinds.is_some())
            .copied()
            .collect();
        let margins = agreement::of_engine_features(model, &self.altered(&known), |features| {
            HaemorrhageKind::ALL.map(|kind| {
                let at = model.facts.kinds.iter().position(|told| told.kind == kind);
                at.map_or(0.0, |at| f64::from(model.kinds[at].margin(features)))
            })
        })?;
        let rows = known.iter().zip(margins).filter_map(|(image, margins)| {
            let example = &examples[image.slice];
            Some(KindMargins {
                source: example.source.clone(),
                file: example.file.clone(),
                patient: example.patient.clone(),
                fold: split.fold,
                shown: example.kinds?,
                margins,
            })
        });
        Ok(rows.collect())
    }

    /// Writes the table of a protocol.
    pub(super) fn write_kinds(&self, protocol: Protocol, table: &[KindMargins]) -> Result<()> {
        if table.is_empty() {
            return Ok(());
        }
        let folder = self.places.report.join("predictions");
        let name = table_name(self.run, protocol);
        kinds::write(&folder.join(kinds::file(name)), table)
    }
}

/// What slices that show a kind weigh, those with other kinds alone, and those without haemorrhage.
/// Between them lies a trade: more weight on other kinds tells kinds from each other
/// and loses against normal slices.
const FRACTIONS: [f64; 3] = [0.5, 0.15, 0.35];

/// Costs of the rows for one kind: [`FRACTIONS`] of the whole, within each in proportion to
/// `balanced`, the costs for haemorrhage; nothing where the kinds are unknown.
fn costs(shown: &[Shown], balanced: &[f64], kind: usize, cost: f64) -> Vec<f64> {
    let group = |shown: &Shown| {
        shown.map(|kinds| match (kinds[kind], kinds.contains(&true)) {
            (true, _) => 0,
            (_, true) => 1,
            (_, false) => 2,
        })
    };
    let groups: Vec<Option<usize>> = shown.iter().map(group).collect();
    let views = balanced.len() / shown.len().max(1);
    let mut sums = [0.0; 3];
    for (group, weight) in groups.iter().zip(balanced) {
        if let Some(group) = group {
            sums[*group] += weight;
        }
    }
    let whole = cost * shown.len() as f64 / views.max(1) as f64;
    let of_slice = groups.iter().zip(balanced).map(|(group, weight)| {
        group.map_or(0.0, |group| weight / sums[group] * FRACTIONS[group] * whole)
    });
    of_slice.collect::<Vec<_>>().repeat(views)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_weighs_as_much_as_all_that_it_is_told_from() {
        let none = Some([false; 5]);
        let subdural = Some([false, false, false, false, true]);
        let both = Some([false, true, false, false, true]);
        let deep = Some([false, true, false, false, false]);
        let shown = [none, none, subdural, both, deep, None];
        let balanced = [1.0, 3.0, 2.0, 2.0, 5.0, 5.0].repeat(2);
        let costs = costs(&shown, &balanced, 4, 0.5);
        // Half a cost a slice, six slices, two views.
        let once = [0.13125, 0.39375, 0.375, 0.375, 0.225, 0.0].repeat(2);
        assert_eq!(costs.len(), once.len());
        let pairs = costs.iter().zip(&once);
        assert!(
            pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-12),
            "{costs:?}"
        );
    }
}
