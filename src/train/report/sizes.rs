//! What a larger model buys.

use super::inputs::{Inputs, Size};
use super::table::{Cell, Table};
use crate::train::evaluate::{Estimate, Measure};
use crate::train::predictions::{Network, Preset, Protocol};

/// Bytes of the paper's AlexNet-SVM in int8: weights of the convolutions in two groups, and an FC6 of
/// 4096 units that reads all 9216 inputs.
const PAPER_BYTES: usize =
    96 * 121 + 256 * 48 * 25 + 384 * 256 * 9 + 384 * 192 * 9 + 256 * 192 * 9 + 4_096 * 9_216;

/// AlexNet-SVM in several sizes, and the paper's beside them.
pub fn table(inputs: &Inputs) -> Table {
    let megabytes = |bytes: usize| Cell::Decimal(bytes as f64 / 1e6, 2);
    let mut rows: Vec<Vec<Cell>> = inputs
        .sizes
        .iter()
        .map(|size| {
            vec![
                Cell::text("preset best"),
                Cell::Count(size.units),
                megabytes(size.bytes),
                Cell::Estimate(estimate(size)),
            ]
        })
        .collect();
    let paper = inputs.entry(Network::AlexNetSvm, Preset::Paper, Protocol::Patient);
    let auc = paper.and_then(|entry| entry.main().figures.get(&Measure::Auc).copied());
    if let (Some(auc), false) = (auc, rows.is_empty()) {
        rows.push(vec![
            Cell::text("preset paper"),
            Cell::Count(4_096),
            megabytes(PAPER_BYTES),
            Cell::Estimate(auc),
        ]);
    }
    Table {
        key: "sizes",
        title: "What a larger model buys".into(),
        note: "AlexNet-SVM, patient protocol. Of the preset best only those units of FC6 are kept \
               that its plane leans on most, the plane is solved again on them, and the last \
               convolution keeps the maps that they read; units are chosen and planes are solved \
               on the training patients of each fold. Megabytes are those of the stored model, \
               which compresses little. From 64 units on more buy nothing that these patients \
               could tell; the page ships all 256, which takes no choice among sizes that were \
               compared on the same patients, costs half a megabyte, and keeps every map for the \
               explanation."
            .into(),
        columns: vec!["", "units of FC6", "MB", "AUC (95 % interval)"],
        rows,
    }
}

/// The AUC of a size with its interval.
pub fn estimate(size: &Size) -> Estimate {
    Estimate {
        value: size.auc,
        low: size.low,
        high: size.high,
    }
}
