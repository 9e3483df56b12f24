//! Slices of patients that a model has not seen, with what became of them and what is known of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::HaemorrhageKind;
use crate::train::dataset::Source;
use crate::train::evaluate::{Assessment, Estimate, Judged, Measure, mean_by_patient};
use crate::train::predictions::{Prediction, Preset, Protocol};
use crate::train::report::inputs::Inputs;
use crate::train::slice_facts::SliceFacts;

/// A slice.
#[derive(Clone, Copy)]
pub struct HeldOut<'a> {
    /// Its source.
    pub source: &'a Source,
    /// Its row in the table of margins.
    pub row: &'a Prediction,
    /// What the network said of it.
    pub judged: &'a Judged,
    /// The kinds of haemorrhage that it shows, where they are known.
    pub kinds: Option<[bool; 5]>,
    /// What else is known.
    pub facts: Option<&'a SliceFacts>,
    /// Whether the slice below it or above it, of the same examination, shows haemorrhage.
    pub beside_haemorrhage: Option<bool>,
    /// Whether another slice of its patient does, where examinations are whole.
    pub patient_bleeds: Option<bool>,
}

/// The held-out slices of a model, of all sources.
pub fn held_out(inputs: &Inputs, preset: Preset) -> Vec<HeldOut<'_>> {
    let is_it = |protocol, of| (protocol, of) == (Protocol::Patient, preset);
    let mut kinds = BTreeMap::new();
    for (_, rows) in inputs
        .kinds
        .iter()
        .filter(|(n, _)| is_it(n.protocol, n.preset))
    {
        let shown = rows
            .iter()
            .map(|r| ((r.source.as_str(), r.file.as_str()), r.shown));
        kinds.extend(shown);
    }
    let mut slices = Vec::new();
    let found = inputs.by_source.iter();
    for found in found.filter(|f| is_it(f.name.protocol, f.name.preset)) {
        for (source, entry) in &found.sources {
            let bleeds = entry.rows.iter().filter(|row| row.haemorrhage == 1);
            let bleeding: BTreeSet<&str> = bleeds.clone().map(|r| r.patient.as_str()).collect();
            let places: BTreeSet<(&str, usize)> = bleeds
                .filter_map(|row| Some((row.patient.as_str(), facts_of(inputs, row)?.slice?)))
                .collect();
            for (row, judged) in entry.rows.iter().zip(&entry.main().judged) {
                let facts = facts_of(inputs, row);
                let beside = facts.and_then(|f| f.slice).map(|slice| {
                    let near = [slice.saturating_sub(1), slice + 1];
                    near.iter()
                        .any(|&n| places.contains(&(row.patient.as_str(), n)))
                });
                slices.push(HeldOut {
                    source,
                    row,
                    judged,
                    kinds: kinds
                        .get(&(row.source.as_str(), row.file.as_str()))
                        .copied(),
                    facts,
                    beside_haemorrhage: beside,
                    patient_bleeds: source
                        .studies
                        .then(|| bleeding.contains(row.patient.as_str())),
                });
            }
        }
    }
    slices
}

fn facts_of<'a>(inputs: &'a Inputs, row: &Prediction) -> Option<&'a SliceFacts> {
    inputs.facts.get(&(row.source.clone(), row.file.clone()))
}

impl HeldOut<'_> {
    /// Whether it shows haemorrhage.
    pub fn bleeds(&self) -> bool {
        self.row.haemorrhage == 1
    }

    /// Whether it is called what it is.
    pub fn is_right(&self) -> bool {
        self.judged.called == self.bleeds()
    }

    /// The fraction of the head's square that boxes around its bleeds cover.
    pub fn box_area(&self) -> Option<f64> {
        self.facts?.box_area
    }

    /// Which third of its examination it lies in, 0 the lowest.
    pub fn third(&self) -> Option<usize> {
        let facts = self.facts?;
        let (slice, slices) = (facts.slice?, facts.slices?);
        Some((slice.saturating_sub(1) * 3 / slices).min(2))
    }

    /// Whether it shows a fracture.
    pub fn fracture(&self) -> Option<bool> {
        Some(self.facts?.fracture? == 1)
    }

    /// The kinds that it shows, by their codes.
    pub fn codes(&self) -> Vec<&'static str> {
        let shown = self.kinds.unwrap_or_default();
        let kinds = HaemorrhageKind::ALL.into_iter().zip(shown);
        kinds
            .filter(|(_, shown)| *shown)
            .map(|(k, _)| k.code())
            .collect()
    }
}

/// How many patients slices are of.
pub fn patients(slices: &[HeldOut]) -> usize {
    let names: BTreeSet<&str> = slices.iter().map(|s| s.row.patient.as_str()).collect();
    names.len()
}

/// The fraction of slices that are called what they are, with its interval over patients.
pub fn fraction_right(slices: &[HeldOut]) -> Estimate {
    let numbers = numbered(slices.iter());
    let values = slices.iter().map(|s| {
        let right = f64::from(u8::from(s.is_right()));
        (numbers[s.row.patient.as_str()], right)
    });
    mean_by_patient(&values.collect::<Vec<_>>())
}

/// AUC of slices with haemorrhage against slices without, with its interval over patients.
pub fn auc(with: &[HeldOut], without: &[HeldOut]) -> Estimate {
    let all = || with.iter().chain(without);
    let numbers = numbered(all());
    let judged = all().map(|s| {
        let mut judged = *s.judged;
        judged.scored.patient = numbers[s.row.patient.as_str()];
        judged
    });
    Assessment::new(judged.collect()).estimate(Measure::Auc)
}

/// A number for each patient, from 0, in the order of their names.
fn numbered<'a>(slices: impl Iterator<Item = &'a HeldOut<'a>>) -> BTreeMap<&'a str, usize> {
    let names: BTreeSet<&str> = slices.map(|s| s.row.patient.as_str()).collect();
    names
        .into_iter()
        .enumerate()
        .map(|(n, name)| (name, n))
        .collect()
}
