//! What is in each source and in each fold.

use std::collections::BTreeSet;

use super::held_out::HeldOut;
use super::prose::Prose;
use crate::model_card::{Counts, Fold, Partition, Source};
use crate::train::dataset::{self, Normals};
use crate::train::folds::FOLDS;
use crate::train::predictions::{Prediction, Protocol};
use crate::train::report::inputs::Inputs;

/// The sources that have words, in the order of their table, with what is in them.
pub fn sources(inputs: &Inputs, slices: &[HeldOut], prose: &Prose) -> Vec<Source> {
    let described = inputs.sources.all.iter().filter_map(|source| {
        let own: Vec<HeldOut> = slices
            .iter()
            .filter(|s| s.row.source == source.name)
            .copied()
            .collect();
        let counts = if own.is_empty() {
            of_rows(external(inputs, &source.name))
        } else {
            of_slices(&own)
        };
        Some(Source {
            name: source.name.clone(),
            title: source.title.clone(),
            citation: source.citation.clone(),
            terms: source.terms.clone(),
            collection: prose.collections.get(&source.name)?.clone(),
            training: source.training,
            aside: aside(source),
            counts,
        })
    });
    described.collect()
}

/// Why no figure on a source counts, where none does.
fn aside(source: &dataset::Source) -> Option<String> {
    let why = match (source.figures, source.normals) {
        (true, _) => return None,
        (false, Normals::None) => "it has no normal slices",
        (false, _) => "the level of a slice alone tells haemorrhage from normal there",
    };
    Some(why.into())
}

/// The rows of a source that is measured from outside.
fn external<'a>(inputs: &'a Inputs, source: &str) -> impl Iterator<Item = &'a Prediction> {
    let tables = inputs
        .by_source
        .iter()
        .filter(|f| f.name.protocol == Protocol::External);
    let entry = tables
        .flat_map(|f| &f.sources)
        .find(|(s, _)| s.name == source);
    entry.into_iter().flat_map(|(_, entry)| &entry.rows)
}

/// How the sources were divided.
pub fn partition(inputs: &Inputs, slices: &[HeldOut], prose: &Prose) -> Partition {
    let mut folds = Vec::new();
    for source in &inputs.sources.all {
        for fold in 0..FOLDS {
            let own = slices
                .iter()
                .filter(|s| s.row.source == source.name && s.row.fold == Some(fold));
            let own: Vec<HeldOut> = own.copied().collect();
            if !own.is_empty() {
                folds.push(Fold {
                    source: source.name.clone(),
                    fold,
                    counts: of_slices(&own),
                });
            }
        }
    }
    Partition {
        method: prose.partition.clone(),
        folds,
    }
}

fn of_slices(slices: &[HeldOut]) -> Counts {
    let with = |of: fn(&HeldOut) -> bool| slices.iter().filter(|s| s.bleeds() && of(s)).count();
    Counts {
        kinds_known: with(|s| !s.codes().is_empty()),
        boxed: with(|s| s.box_area().is_some()),
        ..of_rows(slices.iter().map(|s| s.row))
    }
}

fn of_rows<'a>(rows: impl Iterator<Item = &'a Prediction>) -> Counts {
    let (mut patients, mut bleeding) = (BTreeSet::new(), BTreeSet::new());
    let mut counts = Counts::default();
    for row in rows {
        counts.slices += 1;
        patients.insert(&row.patient);
        if row.haemorrhage == 1 {
            counts.haemorrhages += 1;
            bleeding.insert(&row.patient);
        }
    }
    counts.patients = patients.len();
    counts.bleeding_patients = bleeding.len();
    counts
}
