//! Whether the kinds of haemorrhage are told, by source.

use std::collections::BTreeMap;

use super::by_source::{model, protocol};
use super::inputs::Inputs;
use super::table::{Cell, Table};
use crate::HaemorrhageKind;
use crate::train::evaluate::{Assessment, Estimate, Judged, Measure, Scored};
use crate::train::predictions::kinds::KindMargins;

/// Fewer slices than this with a kind, or without it, give no figure.
const MIN_SLICES: usize = 5;

/// Every table of kinds, by source and pooled over those that count.
pub fn table(inputs: &Inputs) -> Table {
    let mut rows = Vec::new();
    for (name, table) in &inputs.kinds {
        for (slices, members) in groups(inputs, table) {
            for (index, kind) in HaemorrhageKind::ALL.into_iter().enumerate() {
                let mut row = vec![
                    Cell::text(protocol(*name)),
                    Cell::Text(slices.clone()),
                    Cell::text(model(name.preset)),
                    Cell::text(kind.code()),
                ];
                row.extend(cells(&members, index));
                rows.push(row);
            }
        }
    }
    Table {
        key: "kinds",
        title: "Kinds of haemorrhage".into(),
        note:
            "AUC of each kind's margin, of slices that the network was not trained on: slices that \
               show the kind against those without haemorrhage, and against those that show other \
               kinds alone. 95 % intervals over patients; no figure of fewer than five slices."
                .into(),
        columns: vec![
            "protocol",
            "slices of",
            "model",
            "kind",
            "slices with it",
            "patients",
            "AUC against no haemorrhage",
            "slices with other kinds alone",
            "AUC against other kinds",
        ],
        rows,
    }
}

/// The rows of each source that has some with haemorrhage, and of all sources that count.
fn groups<'a>(inputs: &Inputs, table: &'a [KindMargins]) -> Vec<(String, Vec<&'a KindMargins>)> {
    let mut sources: BTreeMap<&str, Vec<&KindMargins>> = BTreeMap::new();
    for row in table {
        sources.entry(&row.source).or_default().push(row);
    }
    let counts = |source: &str| inputs.sources.get(source).figures;
    let pooled: Vec<&KindMargins> = table.iter().filter(|row| counts(&row.source)).collect();
    let several = sources.keys().filter(|source| counts(source)).count() > 1;
    let shows = |rows: &[&KindMargins]| rows.iter().any(|row| row.haemorrhage());
    let mut groups: Vec<(String, Vec<&KindMargins>)> = sources
        .into_iter()
        .filter(|(_, rows)| shows(rows))
        .map(|(source, rows)| (inputs.sources.get(source).title, rows))
        .collect();
    if several {
        groups.push(("pooled".into(), pooled));
    }
    groups
}

fn cells(rows: &[&KindMargins], kind: usize) -> [Cell; 5] {
    let with: Vec<&KindMargins> = rows.iter().filter(|r| r.shown[kind]).copied().collect();
    let normal = rows.iter().filter(|r| !r.haemorrhage()).copied();
    let others = rows.iter().filter(|r| r.haemorrhage() && !r.shown[kind]);
    let others: Vec<&KindMargins> = others.copied().collect();
    let mut patients: Vec<&str> = with.iter().map(|r| r.patient.as_str()).collect();
    patients.sort_unstable();
    patients.dedup();
    [
        Cell::Count(with.len()),
        Cell::Count(patients.len()),
        auc(&with, &normal.collect::<Vec<_>>(), kind).into(),
        Cell::Count(others.len()),
        auc(&with, &others, kind).into(),
    ]
}

/// AUC of slices with a kind against others, where there are enough of both.
fn auc(with: &[&KindMargins], without: &[&KindMargins], kind: usize) -> Option<Cell> {
    if with.len().min(without.len()) < MIN_SLICES {
        return None;
    }
    Some(Cell::Estimate(estimate(with, without, kind)))
}

fn estimate(with: &[&KindMargins], without: &[&KindMargins], kind: usize) -> Estimate {
    let all = || with.iter().chain(without);
    let mut patients: BTreeMap<&str, usize> = all().map(|r| (r.patient.as_str(), 0)).collect();
    for (number, patient) in patients.values_mut().enumerate() {
        *patient = number;
    }
    let judged = all().map(|row| Judged {
        scored: Scored {
            patient: patients[row.patient.as_str()],
            fold: row.fold.unwrap_or(0),
            haemorrhage: row.shown[kind],
            margin: row.margins[kind],
        },
        // Ranks alone are asked for.
        called: false,
        probability: 0.0,
        output: 0.0,
        inconclusive: false,
    });
    Assessment::new(judged.collect()).estimate(Measure::Auc)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(patient: usize, shown: [bool; 5], margin: f64) -> KindMargins {
        KindMargins {
            source: "s".into(),
            file: format!("{patient}-{margin}.png"),
            patient: format!("s/{patient}"),
            fold: Some(patient % 5),
            shown,
            margins: [0.0, margin, 0.0, 0.0, 0.0],
        }
    }

    #[test]
    fn a_kind_is_ranked_against_normal_slices_and_against_other_kinds() {
        let deep = [false, true, false, false, false];
        let subdural = [false, false, false, false, true];
        let mut rows = Vec::new();
        for patient in 0..6 {
            rows.push(row(patient, deep, 1.0));
            // Every normal slice is below, every second of the other kind above.
            rows.push(row(patient + 6, [false; 5], -1.0));
            rows.push(row(
                patient + 12,
                subdural,
                if patient % 2 == 0 { 2.0 } else { 0.0 },
            ));
        }
        let rows: Vec<&KindMargins> = rows.iter().collect();
        let [with, patients, normal, others, other] = cells(&rows, 1);
        assert_eq!(
            (with, patients, others),
            (Cell::Count(6), Cell::Count(6), Cell::Count(6))
        );
        let value = |cell: Cell| match cell {
            Cell::Estimate(estimate) => estimate.value,
            cell => panic!("{cell:?}"),
        };
        assert_eq!((value(normal), value(other)), (1.0, 0.5));
        // Nobody shows blood in the ventricles.
        let [.., normal, _, other] = cells(&rows, 2);
        assert_eq!((normal, other), (Cell::Nothing, Cell::Nothing));
    }
}
