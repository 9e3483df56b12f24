//! What eight bits cost: held-out margins of the int8 networks beside those of the f32 networks
//! that they were rounded from.

use super::comparisons::common;
use super::inputs::Inputs;
use super::table::{Cell, Table};
use super::tables::source;
use crate::train::agreement::agreement;
use crate::train::evaluate::paired::compare;

/// Every table that was also measured in f32.
pub fn rounding(inputs: &Inputs) -> Table {
    let mut rows = Vec::new();
    for whole in &inputs.whole {
        let name = whole.name;
        let Some(int8) = inputs.entry(name.network, name.preset, name.protocol) else {
            continue;
        };
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
            "slices",
            "AUC difference",
            "correlation of margins",
            "same label",
        ],
        rows,
    }
}
