//! Whole studies: what the slices of a patient say together.

use super::by_source::{MODELS, model};
use super::inputs::Inputs;
use super::table::{Cell, Table};
use super::tables::source;
use crate::calibration::OperatingPoint;
use crate::train::evaluate::Measure;
use crate::train::predictions::{Network, Protocol};
use crate::train::studies::{CrossFitted, cross_fit, scans};

/// What is measured of studies.
const MEASURES: [Measure; 6] = [
    Measure::Auc,
    Measure::SensitivityAt80Specificity,
    Measure::Sensitivity,
    Measure::Specificity,
    Measure::Brier,
    Measure::InconclusiveShare,
];

/// Every network whose slices were held out by patient.
pub fn table(inputs: &Inputs) -> Table {
    let rows = inputs.of(Protocol::Patient).map(|entry| {
        let scans = scans(&entry.rows);
        let fitted = cross_fit(&scans, OperatingPoint::Balanced);
        let bleeding = scans.iter().filter(|s| s.haemorrhage).count();
        let mut row = vec![
            Cell::text(entry.name.network.title()),
            Cell::text(source(entry.name)),
            Cell::Count(scans.len()),
            Cell::Count(bleeding),
        ];
        let within = fitted.as_ref().map(|f| Cell::Estimate(f.auc_within_folds));
        let mut measured = measured(fitted.as_ref());
        measured.insert(1, within.into());
        row.extend(measured);
        row
    });
    Table {
        key: "studies",
        title: "How well whole studies are told apart".into(),
        note: "Each of the patients is a study, with haemorrhage where one of its slices has. A \
               study's margin is the mean of the highest 30 % of its slices' margins; what it says \
               (threshold, probability, inconclusive band) is chosen for each fold on the other \
               folds. Each \
               fold holds its share of patients with and without haemorrhage and has a network of \
               its own, so that the AUC over all pairs of studies also compares networks: the AUC \
               over the pairs of the same fold does not."
            .into(),
        columns: vec![
            "network",
            "source",
            "studies",
            "with haemorrhage",
            "AUC",
            "AUC within folds",
            "sensitivity at 80 % specificity",
            "sensitivity",
            "specificity",
            "Brier score",
            "inconclusive share",
        ],
        rows: rows.collect(),
    }
}

fn measured(fitted: Option<&CrossFitted>) -> Vec<Cell> {
    match fitted {
        Some(fitted) => {
            let estimates = fitted.assessment.estimates(&MEASURES);
            estimates.into_iter().map(Cell::Estimate).collect()
        }
        None => vec![Cell::Nothing; MEASURES.len()],
    }
}

/// What the model card says of AlexNet-SVM and of its open form, figure by figure; empty where neither
/// was measured.
pub fn card(inputs: &Inputs) -> String {
    let fitted = MODELS.map(|preset| {
        let entry = inputs.entry(Network::AlexNetSvm, preset, Protocol::Patient);
        entry.and_then(|entry| cross_fit(&scans(&entry.rows), OperatingPoint::Balanced))
    });
    let Some([studies, bleeding]) = fitted.iter().flatten().map(|f| f.studies).next() else {
        return String::new();
    };
    let mut rows: Vec<Vec<Cell>> = MEASURES.map(|m| vec![Cell::text(m.title())]).into();
    rows.insert(1, vec![Cell::text("AUC within folds")]);
    for fitted in &fitted {
        let mut cells = measured(fitted.as_ref());
        let within = fitted.as_ref().map(|f| Cell::Estimate(f.auc_within_folds));
        cells.insert(1, within.into());
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.push(cell);
        }
    }
    let table = Table {
        key: "card-studies",
        title: String::new(),
        note: String::new(),
        columns: vec![
            "figure of whole studies, CT-ICH",
            model(MODELS[0]),
            model(MODELS[1]),
        ],
        rows,
    };
    format!(
        "Whole studies: the {studies} patients, {bleeding} of them with haemorrhage, each judged by \
         what the other folds teach ([report](report/README.md#whole-studies)).\n\n{}",
        table.grid()
    )
}
