//! Our AlexNet-SVM by source and by protocol, the model from all sources beside the open one.

use super::entry::{Entry, JudgedTable};
use super::inputs::{Inputs, train_command};
use super::table::{Cell, Table};
use crate::train::dataset::Source;
use crate::train::evaluate::Measure;
use crate::train::predictions::{Network, Preset, Protocol, TableName};

/// The two models.
pub const MODELS: [Preset; 2] = [Preset::Best, Preset::Open];

/// The protocols that they are measured by.
pub const PROTOCOLS: [Protocol; 3] = [Protocol::Patient, Protocol::Source, Protocol::External];

/// A model in words.
pub fn model(preset: Preset) -> &'static str {
    match preset {
        Preset::Open => "open, CT-ICH alone",
        Preset::Best => "all sources",
        Preset::Paper => "the paper's settings",
    }
}

/// A protocol in words, for these two models.
pub fn protocol(name: TableName) -> &'static str {
    match (name.protocol, name.preset) {
        (Protocol::Patient, _) => "held-out patients",
        (Protocol::Source, Preset::Open) => "source that the model never saw",
        (Protocol::Source, _) => "source left out",
        (Protocol::External, _) => "external",
        (Protocol::Paper, _) => "random split",
    }
}

/// What stands in the column of the slices that a row is of.
pub const POOLED: &str = "pooled";

/// A row of the table: some slices, measured by one model.
struct Measured<'a> {
    name: TableName,
    slices: String,
    /// Why the figures say nothing of skill, if they do not.
    aside: Option<&'static str>,
    entry: &'a Entry,
}

/// The rows in order of protocol, slices and model.
fn measured(inputs: &Inputs) -> Vec<Measured<'_>> {
    let mut rows = Vec::new();
    for protocol in PROTOCOLS {
        let mut of_protocol: Vec<(usize, Measured)> = Vec::new();
        for found in inputs
            .by_source
            .iter()
            .filter(|f| f.name.protocol == protocol)
        {
            for (place, (source, entry)) in found.sources.iter().enumerate() {
                let row = Measured {
                    name: found.name,
                    slices: source.title.clone(),
                    aside: aside(source),
                    entry,
                };
                let listed = inputs
                    .sources
                    .all
                    .iter()
                    .position(|s| s.name == source.name);
                of_protocol.push((listed.unwrap_or(1_000 + place), row));
            }
            if let Some(entry) = &found.pooled {
                let row = Measured {
                    name: found.name,
                    slices: POOLED.into(),
                    aside: None,
                    entry,
                };
                of_protocol.push((usize::MAX, row));
            }
        }
        of_protocol.sort_by_key(|(place, row)| (*place, row.name.preset));
        rows.extend(of_protocol.into_iter().map(|(_, row)| row));
    }
    rows
}

fn aside(source: &Source) -> Option<&'static str> {
    (!source.figures).then_some("no: says nothing of skill")
}

/// The entries of a table, source by source and pooled over those that count.
pub struct BySource {
    /// Which table.
    pub name: TableName,
    /// Each source.
    pub sources: Vec<(Source, Entry)>,
    /// The sources that count together, where there are several.
    pub pooled: Option<Entry>,
}

impl BySource {
    /// Measures a table.
    pub fn of(table: &JudgedTable, inputs: &crate::train::dataset::Sources) -> Self {
        let sources: Vec<(Source, Entry)> = table
            .sources(inputs)
            .into_iter()
            .filter_map(|name| {
                let entry = table.entry(|source| source == name)?;
                Some((inputs.get(&name), entry))
            })
            .collect();
        let several = sources.iter().filter(|(s, _)| s.figures).count() > 1;
        let pooled = several.then(|| table.entry(|source| inputs.get(source).figures));
        Self {
            name: table.name,
            sources,
            pooled: pooled.flatten(),
        }
    }
}

/// What is measured of each.
const MEASURES: [Measure; 7] = [
    Measure::Auc,
    Measure::SensitivityAt90Specificity,
    Measure::Brier,
    Measure::CalibrationError,
    Measure::InconclusiveShare,
    Measure::MissedOutsideBand,
    Measure::FalseAlarmOutsideBand,
];

/// Every figure by source.
pub fn table(inputs: &Inputs) -> Table {
    let rows = measured(inputs).into_iter().map(|row| {
        let ruling = row.entry.main();
        let haemorrhages = row.entry.rows.iter().filter(|p| p.haemorrhage == 1).count();
        let mut cells = vec![
            Cell::text(protocol(row.name)),
            Cell::Text(row.slices),
            Cell::text(model(row.name.preset)),
            Cell::Count(row.entry.rows.len()),
            Cell::Count(ruling.assessment.patients()),
            Cell::Count(haemorrhages),
        ];
        cells.extend(MEASURES.map(|measure| figure(row.entry, measure)));
        cells.push(Cell::text(row.aside.unwrap_or("yes")));
        cells
    });
    let mut columns = vec![
        "protocol",
        "slices of",
        "model",
        "slices",
        "patients",
        "with haemorrhage",
    ];
    columns.extend(MEASURES.map(Measure::title));
    columns.push("counts");
    Table {
        key: "sources",
        title: "AlexNet-SVM by source".into(),
        note: "Thresholds, probabilities and the inconclusive band are fitted on the slices of the \
               sources that count, every slice weighing the same, and read the slices of all. For \
               held-out patients the other folds give threshold and probability, and the pooled \
               held-out margins the band; for a source that is left out (with all its family) the \
               other families that are left out in turn give all three, so that nothing of the family \
               has entered; the open model reads sources that it never saw, and `head-ct`, with the \
               calibration that is stored with it, as the model from all sources reads `head-ct`. \
               The band promises that at most 5 % of each class lie on its wrong side, of slices that are \
               exchangeable with those that it was fitted on; the last columns say how many do. \
               Where no patient is known an image counts as one."
            .into(),
        columns,
        rows: rows.collect(),
    }
}

fn figure(entry: &Entry, measure: Measure) -> Cell {
    let figure = entry.main().figures.get(&measure).copied();
    figure.map(Cell::Estimate).into()
}

/// What the model card says of each source.
pub const CARD_MEASURES: [Measure; 7] = [
    Measure::Auc,
    Measure::SensitivityAt90Specificity,
    Measure::Sensitivity,
    Measure::Specificity,
    Measure::Brier,
    Measure::CalibrationError,
    Measure::InconclusiveShare,
];

/// The figures of the model card: what counts, with the calls besides.
pub fn card(inputs: &Inputs) -> String {
    let mut rows: Vec<Vec<Cell>> = measured(inputs)
        .into_iter()
        .filter(|row| row.aside.is_none())
        .map(|row| {
            let mut cells = vec![
                Cell::text(protocol(row.name)),
                Cell::Text(row.slices),
                Cell::text(model(row.name.preset)),
            ];
            cells.extend(CARD_MEASURES.map(|measure| figure(row.entry, measure)));
            cells
        })
        .collect();
    for protocol_ in PROTOCOLS {
        for preset in MODELS {
            let name = TableName {
                network: Network::AlexNetSvm,
                preset,
                protocol: protocol_,
            };
            if !inputs.by_source.iter().any(|f| f.name == name) {
                let command = train_command(name.network, preset, protocol_);
                let mut row = vec![Cell::Nothing; 3 + CARD_MEASURES.len()];
                row[0] = Cell::text(protocol(name));
                row[2] = Cell::text(model(preset));
                row[3] = Cell::Text(format!("not yet run: `{command}`"));
                rows.push(row);
            }
        }
    }
    let mut columns = vec!["protocol", "slices of", "model"];
    columns.extend(CARD_MEASURES.map(Measure::title));
    let table = Table {
        key: "card",
        title: String::new(),
        note: String::new(),
        columns,
        rows,
    };
    table.grid()
}
