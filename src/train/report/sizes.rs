//! What the stored models weigh, and what that buys.

use super::inputs::{Inputs, shipped_preset};
use super::table::{Cell, Table};
use crate::train::evaluate::Measure;
use crate::train::predictions::{Network, Preset, Protocol};

/// Bytes of the paper's AlexNet-SVM in int8: weights of the convolutions in two groups, and an FC6 of
/// 4096 units that reads all 9216 inputs.
const PAPER_BYTES: usize =
    96 * 121 + 256 * 48 * 25 + 384 * 256 * 9 + 384 * 192 * 9 + 256 * 192 * 9 + 4_096 * 9_216;

/// The stored models by size, and the paper's AlexNet-SVM beside them.
pub fn table(inputs: &Inputs) -> Table {
    let stored = inputs.models.iter().filter_map(|(network, model)| {
        let bytes = model.to_bytes().ok()?.len();
        Some((*network, shipped_preset(*network), bytes))
    });
    let paper = (Network::AlexNetSvm, Preset::Paper, PAPER_BYTES);
    let mut sizes: Vec<_> = stored.chain([paper]).collect();
    sizes.sort_by_key(|(_, _, bytes)| *bytes);
    let row = |(network, preset, bytes): (Network, Preset, usize)| {
        let entry = inputs.entry(network, preset, Protocol::Patient)?;
        let auc = entry.main().figures.get(&Measure::Auc).copied()?;
        Some(vec![
            Cell::text(network.title()),
            Cell::text(format!("preset {}", preset.name())),
            Cell::Decimal(bytes as f64 / 1e6, 2),
            Cell::Estimate(auc),
        ])
    };
    Table {
        key: "sizes",
        title: "What a larger model buys".into(),
        note:
            "The stored models, and the paper's AlexNet-SVM as it would be in eight bits, by size; \
               AUC by the patient protocol, on the sources that the network is trained on. Files \
               compress little."
                .into(),
        columns: vec!["", "", "MB", "AUC (95 % interval)"],
        rows: sizes.into_iter().filter_map(row).collect(),
    }
}
