//! Operating points of AlexNet-SVM, and what its answers are worth where haemorrhage is rarer or more
//! common.

use super::by_source::{self, BySource, MODELS, model};
use super::entry::Entry;
use super::inputs::Inputs;
use super::table::{Cell, Table};
use crate::calibration::{OperatingPoint, predictive_values};
use crate::train::evaluate::{Assessment, Measure};
use crate::train::predictions::{Network, Protocol};
use crate::train::studies::{cross_fit, scans};

/// The shares of haemorrhage for which predictive values are given.
pub const PREVALENCES: [f64; 5] = [0.01, 0.05, 0.1, 0.2, 0.5];

const CALLS: [Measure; 2] = [Measure::Sensitivity, Measure::Specificity];

/// Sensitivity and specificity at each operating point, by source.
pub fn table(inputs: &Inputs) -> Table {
    let mut rows = Vec::new();
    for protocol in by_source::PROTOCOLS {
        for found in inputs
            .by_source
            .iter()
            .filter(|f| f.name.protocol == protocol)
        {
            for (slices, entry) in counted(found) {
                for (point, assessment) in &entry.at_points {
                    let mut row = vec![
                        Cell::text(by_source::protocol(found.name)),
                        Cell::Text(slices.clone()),
                        Cell::text(model(found.name.preset)),
                        Cell::text(point.name()),
                        Cell::Count(entry.rows.len()),
                    ];
                    row.extend(assessment.estimates(&CALLS).into_iter().map(Cell::Estimate));
                    rows.push(row);
                }
            }
        }
    }
    Table {
        key: "operating-points",
        title: "Operating points".into(),
        note: "Screening calls haemorrhage from the margin on at which at least 95 % of the \
               haemorrhages are found, confirming from the one at which at least 95 % of the normal \
               slices are passed, balanced from the one with the largest sum of the two. Each is \
               chosen on the pooled slices of the sources that count: for held-out patients on the \
               other folds, for a source that is left out on the other families, for what the model \
               never saw as it is stored. What is promised over all sources is not kept on each: the \
               margins of one hospital lie higher than those of another."
            .into(),
        columns: vec![
            "protocol",
            "slices of",
            "model",
            "operating point",
            "slices",
            "sensitivity",
            "specificity",
        ],
        rows,
    }
}

/// The sources that count, and all of them together.
fn counted(found: &BySource) -> Vec<(String, &Entry)> {
    let sources = found.sources.iter().filter(|(source, _)| source.figures);
    let sources = sources.map(|(source, entry)| (source.title.clone(), entry));
    let pooled = found.pooled.iter().map(|entry| ("pooled".into(), entry));
    sources.chain(pooled).collect()
}

/// Positive and negative predictive value at each operating point, of slices and of studies, for several
/// shares of haemorrhage.
pub fn predictive(inputs: &Inputs) -> Table {
    let mut rows = Vec::new();
    for preset in MODELS {
        let name = |found: &&BySource| {
            found.name.network == Network::AlexNetSvm
                && found.name.preset == preset
                && found.name.protocol == Protocol::Patient
        };
        if let Some(found) = inputs.by_source.iter().find(name) {
            let all = found.pooled.as_ref();
            let all = all.or(found.sources.first().map(|(_, entry)| entry));
            for (point, assessment) in all.iter().flat_map(|entry| &entry.at_points) {
                rows.push(row("slices", model(preset), *point, assessment));
            }
        }
        let Some(entry) = inputs.entry(Network::AlexNetSvm, preset, Protocol::Patient) else {
            continue;
        };
        let scans = scans(&entry.rows);
        for point in OperatingPoint::ALL {
            if let Some(fitted) = cross_fit(&scans, point) {
                rows.push(row("studies", model(preset), point, &fitted.assessment));
            }
        }
    }
    Table {
        key: "predictive-values",
        title: "How often an answer is right".into(),
        note: "Positive predictive value (how often haemorrhage is right) / negative predictive value (how \
               often normal is right), by Bayes' rule from the sensitivity and specificity of held-out \
               patients, where the share of slices, or of studies, at the head of the column shows \
               haemorrhage."
            .into(),
        columns: vec![
            "of",
            "model",
            "operating point",
            "sensitivity",
            "specificity",
            "1 %",
            "5 %",
            "10 %",
            "20 %",
            "50 %",
        ],
        rows,
    }
}

fn row(
    of: &'static str,
    model: &'static str,
    point: OperatingPoint,
    assessment: &Assessment,
) -> Vec<Cell> {
    let [sensitivity, specificity] = CALLS.map(|measure| assessment.value(measure));
    let mut cells = vec![
        Cell::text(of),
        Cell::text(model),
        Cell::text(point.name()),
        Cell::Percent(sensitivity),
        Cell::Percent(specificity),
    ];
    cells.extend(PREVALENCES.map(|prevalence| {
        let values = predictive_values(sensitivity, specificity, prevalence);
        let [ppv, npv] = values.map(|value| format!("{:.1}", value * 100.0));
        Cell::Text(format!("{ppv} / {npv} %"))
    }));
    cells
}
