//! What eight bits cost: held-out margins of the int8 networks beside those of the f32 networks
//! that they were rounded from.

use super::comparisons::common;
use super::entry::Entry;
use super::inputs::Inputs;
use super::table::{Cell, Table};
use super::tables::source;
use crate::train::agreement::agreement;
use crate::train::evaluate::paired::compare;

/// The slices of each source, and those of all that count, as both networks judged them.
fn pairs(inputs: &Inputs) -> Vec<(String, &Entry, &Entry)> {
    let mut pairs = Vec::new();
    for whole in &inputs.whole {
        let Some(int8) = inputs.by_source.iter().find(|t| t.name == whole.name) else {
            continue;
        };
        for (source, whole) in whole.sources.iter().filter(|(s, _)| s.figures) {
            let same = int8.sources.iter().find(|(s, _)| s.name == source.name);
            pairs.extend(same.map(|(_, int8)| (source.title.clone(), int8, whole)));
        }
        if let (Some(int8), Some(whole)) = (&int8.pooled, &whole.pooled) {
            pairs.push(("pooled".into(), int8, whole));
        }
    }
    pairs
}

/// Every table that was also measured in f32.
pub fn rounding(inputs: &Inputs) -> Table {
    let mut rows = Vec::new();
    for (slices, int8, whole) in pairs(inputs) {
        let name = whole.name;
        let pairs = common(int8, whole);
        let (ours, theirs): (Vec<f64>, Vec<f64>) = pairs
            .iter()
            .map(|(a, b)| (a.scored.margin, b.scored.margin))
            .unzip();
        let same = agreement(&ours, &theirs, 0.0);
        let found = compare(pairs);
        rows.push(vec![
            Cell::text(name.network.title()),
            Cell::Text(source(name)),
            Cell::Text(slices),
            Cell::Count(found.slices),
            Cell::Estimate(found.auc.estimate),
            Cell::Decimal(same.correlation, 5),
            Cell::Percent(same.same_label),
        ]);
    }
    Table {
        key: "rounding",
        title: "What eight bits cost".into(),
        note: "The int8 networks, which the other tables measure, against the f32 networks that \
               they were rounded from, with the same planes, on the same held-out slices. The AUC \
               difference is int8 minus f32, with its 95 % interval over patients; labels are \
               compared at margin 0."
            .into(),
        columns: vec![
            "network",
            "protocol",
            "slices of",
            "slices",
            "AUC difference",
            "correlation of margins",
            "same label",
        ],
        rows,
    }
}
