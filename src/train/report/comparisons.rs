//! Paired tests of the differences between the networks.

use std::collections::{BTreeMap, HashMap};

use super::entry::Entry;
use super::inputs::Inputs;
use super::table::{Cell, Table};
use crate::train::evaluate::Judged;
use crate::train::evaluate::paired::{Comparison, compare};
use crate::train::predictions::Protocol;

/// Every pair of networks of each protocol, by the rule that the protocol stands for.
pub fn comparisons(inputs: &Inputs) -> Table {
    let mut rows = Vec::new();
    for protocol in Protocol::ALL {
        let entries: Vec<&Entry> = inputs.of(protocol).collect();
        for (i, first) in entries.iter().enumerate() {
            for second in &entries[i + 1..] {
                let pairs = common(first, second);
                if !pairs.is_empty() {
                    rows.push(row(protocol, first, second, &compare(pairs)));
                }
            }
        }
    }
    Table {
        key: "comparisons",
        title: "Paired tests of the differences".into(),
        note: "Differences are first minus second on the slices that both judged, with 95 % \
               intervals and two-sided p-values from 2,000 resamplings of the patients (of the \
               images for `head-ct`, whose patients are not known). McNemar's test asks by slice \
               whether the two are wrong equally often (exact binomial below 25 discordant \
               slices, else χ² with continuity correction). Slices of a patient are alike, so its \
               p-values are too small: trust the patient bootstrap where they disagree. No p-value \
               is corrected for the number of tests."
            .into(),
        columns: vec![
            "protocol",
            "first",
            "second",
            "slices",
            "AUC difference",
            "AUC's p",
            "accuracy difference",
            "accuracy's p",
            "only first right",
            "only second right",
            "McNemar's p",
        ],
        rows,
    }
}

fn row(protocol: Protocol, first: &Entry, second: &Entry, found: &Comparison) -> Vec<Cell> {
    let name = |entry: &Entry| {
        let (network, preset) = (entry.name.network.title(), entry.name.preset.name());
        Cell::Text(format!("{network}, preset {preset}"))
    };
    vec![
        Cell::text(protocol.name()),
        name(first),
        name(second),
        Cell::Count(found.slices),
        Cell::Estimate(found.auc.estimate),
        Cell::P(found.auc.p),
        Cell::Estimate(found.accuracy.estimate),
        Cell::P(found.accuracy.p),
        Cell::Count(found.mcnemar.only_first as usize),
        Cell::Count(found.mcnemar.only_second as usize),
        Cell::P(found.mcnemar.p),
    ]
}

/// The slices that both have judged, as each did, patients numbered anew.
pub fn common(first: &Entry, second: &Entry) -> Vec<(Judged, Judged)> {
    let of_second: HashMap<(&str, &str, usize), usize> = second
        .rows
        .iter()
        .enumerate()
        .map(|(i, p)| ((p.source.as_str(), p.file.as_str(), p.variant), i))
        .collect();
    let mut patients: BTreeMap<&str, usize> = BTreeMap::new();
    let mut pairs = Vec::new();
    for (i, row) in first.rows.iter().enumerate() {
        let slice = (row.source.as_str(), row.file.as_str(), row.variant);
        if let Some(&k) = of_second.get(&slice) {
            let next = patients.len();
            let patient = *patients.entry(&row.patient).or_insert(next);
            let (mut a, mut b) = (first.main().judged[i], second.main().judged[k]);
            a.scored.patient = patient;
            b.scored.patient = patient;
            pairs.push((a, b));
        }
    }
    pairs
}
