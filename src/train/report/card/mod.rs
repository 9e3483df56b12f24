//! The model card: what people have written ([`prose`]) and what the program computes of it, as the
//! generated parts of `README.md` ([`sections`]) and as `card.json` ([`crate::model_card`]).

pub mod failures;
pub mod held_out;
pub mod partition;
pub mod performance;
pub mod prose;
pub mod sections;

use std::collections::BTreeMap;

use super::by_source::{MODELS, model};
use super::inputs::{Inputs, ModelFile};
use crate::model_card::{Card, Failures, Maintenance, Model};
use crate::train::Result;
use crate::train::predictions::{Network, Preset, Protocol, TableName};
use prose::Prose;

/// The card and what goes with it.
pub struct Computed {
    /// The card.
    pub card: Card,
    /// The generated parts of `README.md`, by name.
    pub sections: BTreeMap<&'static str, String>,
    /// Further files of the report, by name: every failure of each model.
    pub files: BTreeMap<String, String>,
}

/// Computes the card; nothing where nobody has written its words.
///
/// # Errors
/// [`crate::train::TrainError`] from a table that cannot be written.
pub fn compute(inputs: &Inputs) -> Result<Option<Computed>> {
    let Some(prose) = &inputs.prose else {
        return Ok(None);
    };
    let mut models = Vec::new();
    let mut files = BTreeMap::new();
    for preset in MODELS {
        let slices = held_out::held_out(inputs, preset);
        let found = failures::of(&slices);
        if let Some(file) = inputs.files.iter().find(|file| file.preset == preset) {
            models.push(of_model(inputs, file, found, prose));
        }
        files.insert(failures_file(preset), failures::csv(&slices)?);
    }
    let slices = held_out::held_out(inputs, MODELS[0]);
    let Prose {
        title,
        notice,
        intended_use,
        out_of_scope,
        human_comparison,
        not_measured,
        limitations,
        maintenance,
        guidelines,
        ..
    } = prose.clone();
    let repository = env!("CARGO_PKG_REPOSITORY");
    let card = Card {
        schema: "card.schema.json".into(),
        title,
        notice,
        intended_use,
        out_of_scope,
        models,
        sources: partition::sources(inputs, &slices, prose),
        partition: partition::partition(inputs, &slices, prose),
        human_comparison,
        not_measured,
        limitations,
        maintenance: Maintenance {
            updates: maintenance.updates,
            report_a_fault: maintenance.report_a_fault,
            repository: (!repository.is_empty()).then(|| repository.to_owned()),
        },
        guidelines,
    };
    Ok(Some(Computed {
        sections: sections::of(&card),
        card,
        files,
    }))
}

/// The table of a model's failures, in the report's folder.
fn failures_file(preset: Preset) -> String {
    let table = TableName {
        network: Network::AlexNetSvm,
        preset,
        protocol: Protocol::Patient,
    };
    format!("failures-{}", table.file())
}

fn of_model(inputs: &Inputs, file: &ModelFile, failures: Failures, prose: &Prose) -> Model {
    let header = file.header.clone();
    Model {
        name: header.name,
        title: model(file.preset).into(),
        file: file.name.clone(),
        sha256: file.sha256.clone(),
        version: header.version,
        licence: header.licence,
        data: header.data,
        protocol: header.protocol,
        figures: header.figures,
        performance: performance::of(inputs, file.preset, prose),
        failures,
    }
}
