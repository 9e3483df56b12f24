//! Every figure of every network, without the paper's.

use super::inputs::{GuardSummary, Inputs};
use super::table::{Cell, Table};
use super::tables::source;
use crate::train::evaluate::Measure;

/// Which slices are found and passed.
pub fn discrimination(inputs: &Inputs) -> Table {
    table(
        inputs,
        "discrimination",
        "How well the networks tell haemorrhage from normal",
        "AUC and sensitivity at 90 % specificity do not hang on the threshold.",
        &[
            ("AUC", Measure::Auc),
            ("accuracy", Measure::Accuracy),
            ("sensitivity", Measure::Sensitivity),
            ("specificity", Measure::Specificity),
            (
                "sensitivity at 90 % specificity",
                Measure::SensitivityAt90Specificity,
            ),
        ],
    )
}

/// What their probabilities are worth.
pub fn probabilities(inputs: &Inputs) -> Table {
    table(
        inputs,
        "probabilities",
        "What the probabilities are worth",
        "Mean squared error and cross-entropy are of the network's own output: its softmax, or for \
         the SVM, which has none, its calibrated probability. Brier score and calibration error \
         (expected, ten equal-count bins) are of the calibrated probability: Platt scaling fitted \
         on the other folds' margins (in the paper protocol on those of other patients), or the \
         shipped one. The inconclusive band is chosen on the pooled held-out margins.",
        &[
            ("mean squared error", Measure::MeanSquaredError),
            ("cross-entropy", Measure::CrossEntropy),
            ("Brier score", Measure::Brier),
            ("calibration error", Measure::CalibrationError),
            ("inconclusive share", Measure::InconclusiveShare),
        ],
    )
}

fn table(
    inputs: &Inputs,
    key: &'static str,
    title: &str,
    note: &str,
    measures: &[(&'static str, Measure)],
) -> Table {
    let mut rows = Vec::new();
    for entry in &inputs.entries {
        for ruling in &entry.rulings {
            let mut row = vec![
                Cell::text(entry.name.network.title()),
                Cell::text(source(entry.name)),
                Cell::text(ruling.words()),
            ];
            row.extend(measures.iter().map(|(_, measure)| -> Cell {
                let figure = ruling.figures.get(measure).copied();
                figure.map(Cell::Estimate).into()
            }));
            rows.push(row);
        }
    }
    let mut columns = vec!["network", "source", "called haemorrhage by"];
    columns.extend(measures.iter().map(|(head, _)| head));
    Table {
        key,
        title: title.into(),
        note: note.into(),
        columns,
        rows,
    }
}

/// Confusion matrices.
pub fn confusion(inputs: &Inputs) -> Table {
    let mut rows = Vec::new();
    for entry in &inputs.entries {
        for ruling in &entry.rulings {
            let c = ruling.assessment.confusion();
            rows.push(vec![
                Cell::text(entry.name.network.title()),
                Cell::text(source(entry.name)),
                Cell::text(ruling.words()),
                Cell::Count(c.true_positive),
                Cell::Count(c.false_negative),
                Cell::Count(c.false_positive),
                Cell::Count(c.true_negative),
            ]);
        }
    }
    Table {
        key: "confusion",
        title: "Confusion matrices".into(),
        note: String::new(),
        columns: vec![
            "network",
            "source",
            "called haemorrhage by",
            "haemorrhage, called so",
            "haemorrhage, called normal",
            "normal, called haemorrhage",
            "normal, called so",
        ],
        rows,
    }
}

/// What the guard takes for something else than a head CT.
pub fn guard(summary: &GuardSummary) -> Table {
    let rows = summary.shares.iter().map(|share| {
        vec![
            Cell::text(&share.kind),
            Cell::text(&share.part),
            Cell::Count(share.images),
            Cell::Count(share.flagged),
            Cell::Percent(share.flagged as f64 / share.images as f64),
        ]
    });
    Table {
        key: "guard",
        title: "Images that the guard flags as no head CT".into(),
        note: format!(
            "{}. Flagged from a distance of {:.3} on.",
            summary.protocol.trim_end_matches('.'),
            summary.threshold
        ),
        columns: vec!["kind", "part", "images", "flagged", "share"],
        rows: rows.collect(),
    }
}
