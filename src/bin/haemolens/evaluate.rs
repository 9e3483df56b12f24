//! `haemolens evaluate`: what is measured depends on the protocol, and the output says which.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use haemolens::model::StoredModel;
use haemolens::network::reference::Reference;
use haemolens::train::card::{calibrate, patient_figures, predict};
use haemolens::train::dataset::{Dataset, Example};
use haemolens::train::predictions::{self, Network, Preset, Protocol, TableName};
use haemolens::train::report::entry::{Entry, Ruling};
use haemolens::train::report::table::estimate_text;
use haemolens::train::{Result, TrainError, agreement, folds};

use crate::offline::print_figures;

#[derive(Args)]
pub struct Evaluate {
    /// A stored model; not needed with --margins.
    #[arg(required_unless_present = "margins")]
    model: Option<PathBuf>,
    /// Labelled folder: labels.csv (file, patient, hemorrhage) and its images.
    #[arg(long, required_unless_present = "margins")]
    data: Option<PathBuf>,
    /// What to measure.
    #[arg(long, value_enum, default_value_t = Measured::External)]
    protocol: Measured,
    /// How the network was trained that --protocol patient or paper measures; found out where it
    /// is left out.
    #[arg(long, value_enum)]
    preset: Option<Training>,
    /// Tables of stored margins that --protocol patient and paper read.
    #[arg(long, default_value = "models/report/predictions")]
    predictions: PathBuf,
    /// The fold of each patient.
    #[arg(long, default_value = "models/folds.csv")]
    folds: PathBuf,
    /// Only recompute the patient protocol's figures from this table of held-out margins.
    #[arg(long, conflicts_with_all = ["model", "data"])]
    margins: Option<PathBuf>,
    /// Also compare the int8 engine with an f32 network: the file that `train` leaves in its work
    /// folder.
    #[arg(long)]
    reference: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Measured {
    /// Run the model on every slice of the folder and use its own threshold: for slices that it
    /// was not trained on.
    External,
    /// Recompute from stored margins of slices whose patients each network never saw, after
    /// checking them against the folder's labels and the folds.
    Patient,
    /// Recompute from the stored margins of the paper's random split, which flatters; for
    /// comparison with its tables only.
    Paper,
}

#[derive(Clone, Copy, ValueEnum)]
enum Training {
    Paper,
    Best,
}

impl From<Training> for Preset {
    fn from(training: Training) -> Self {
        match training {
            Training::Paper => Self::Paper,
            Training::Best => Self::Best,
        }
    }
}

pub fn run(a: &Evaluate) -> Result<()> {
    if let Some(table) = &a.margins {
        let held_out = predictions::read(table)?;
        print_figures(&patient_figures(&held_out, &calibrate(&held_out))?);
        return Ok(());
    }
    let (Some(path), Some(data)) = (&a.model, &a.data) else {
        return Ok(());
    };
    let bytes = std::fs::read(path).map_err(|e| TrainError::File(path.display().to_string(), e))?;
    let model = StoredModel::from_bytes(&bytes)?;
    let dataset = Dataset::open(data)?;
    match a.protocol {
        Measured::External => external(a, &model, data, &dataset.examples)?,
        Measured::Patient => stored(a, Protocol::Patient, &model, data, &dataset.examples)?,
        Measured::Paper => stored(a, Protocol::Paper, &model, data, &dataset.examples)?,
    }
    if let Some(reference) = &a.reference {
        let inputs = dataset.inputs(model.facts.preprocessing)?;
        let reference = Reference::open(&model.facts.architecture, reference)?;
        print_agreement(&agreement::compare(&model, &reference, &inputs)?);
    }
    Ok(())
}

/// Runs the model on every slice.
fn external(a: &Evaluate, model: &StoredModel, data: &Path, examples: &[Example]) -> Result<()> {
    let network = network(model)?;
    let name = TableName {
        network,
        preset: Preset::Best,
        protocol: Protocol::External,
    };
    let rows = predict(model, data)?;
    let entry = Entry::external(name, rows, &model.facts.calibration)?;
    println!(
        "{}: the shipped model with its own threshold on every slice of {}",
        title(model),
        data.display()
    );
    if let Some(table) = trained_on(&a.predictions, network, examples)? {
        println!(
            "These are the slices that it was fitted on ({}): the figures are no measure of its \
             quality. Measure it with --protocol patient.",
            table.display()
        );
    }
    print_ruling(entry.main());
    Ok(())
}

/// The table of held-out margins of the same slices, if there is one.
fn trained_on(folder: &Path, network: Network, examples: &[Example]) -> Result<Option<PathBuf>> {
    let files: BTreeSet<&str> = examples.iter().map(|e| e.file.as_str()).collect();
    for name in TableName::all_in(folder)? {
        if name.network == network && name.protocol == Protocol::Patient {
            let path = folder.join(name.file());
            let rows = predictions::read(&path)?;
            if rows.iter().any(|p| files.contains(p.file.as_str())) {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

/// Recomputes from stored margins.
fn stored(
    a: &Evaluate,
    protocol: Protocol,
    model: &StoredModel,
    data: &Path,
    examples: &[Example],
) -> Result<()> {
    let name = TableName {
        network: network(model)?,
        preset: preset(a, model)?,
        protocol,
    };
    let path = a.predictions.join(name.file());
    if !path.is_file() {
        return Err(TrainError::Data(format!(
            "{} is not there: this network has not been measured by the {} protocol. Tables at \
             hand: {}",
            path.display(),
            protocol.name(),
            at_hand(&a.predictions)?
        )));
    }
    let fold_of = folds::read(&a.folds)?;
    let entry = Entry::open(&a.predictions, name, &fold_of)?;
    predictions::verify(protocol, &entry.rows, examples, &fold_of)
        .map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
    let what = match protocol {
        Protocol::Patient => {
            "patient protocol: each slice was measured by a network that never saw its patient"
        }
        _ => {
            "paper protocol: copies of the same slices and other slices of the same patients were \
             trained on; for comparison with the paper's tables only"
        }
    };
    println!("{}, preset {}, {what}", title(model), name.preset.name());
    println!(
        "Recomputed from {}, which agrees with the labels of {} and with {}.",
        path.display(),
        data.display(),
        a.folds.display()
    );
    if gave_threshold(&a.predictions, model, name.preset)? {
        println!("The model itself was refitted on all patients with the same settings.");
    } else {
        println!("The model itself was trained otherwise: these figures are not its own.");
    }
    for ruling in &entry.rulings {
        print_ruling(ruling);
    }
    Ok(())
}

fn network(model: &StoredModel) -> Result<Network> {
    let name = &model.facts.card.name;
    Network::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Network::ALL.iter().map(|n| n.name()).collect();
        TrainError::Data(format!(
            "the model is called “{name}”; stored margins are of {}",
            known.join(", ")
        ))
    })
}

/// The preset asked for, or the one whose held-out margins gave the model its threshold.
fn preset(a: &Evaluate, model: &StoredModel) -> Result<Preset> {
    if let Some(preset) = a.preset {
        return Ok(preset.into());
    }
    for preset in Preset::ALL {
        if gave_threshold(&a.predictions, model, preset)? {
            return Ok(preset);
        }
    }
    Err(TrainError::Data(format!(
        "no table of held-out margins in {} gave {} its threshold. Name the one to measure with \
         --preset, or train again with --predictions. Tables at hand: {}",
        a.predictions.display(),
        title(model),
        at_hand(&a.predictions)?
    )))
}

/// Whether the held-out margins of a preset are those that gave the model its threshold.
fn gave_threshold(folder: &Path, model: &StoredModel, preset: Preset) -> Result<bool> {
    let held_out = TableName {
        network: network(model)?,
        preset,
        protocol: Protocol::Patient,
    };
    let path = folder.join(held_out.file());
    if !path.is_file() {
        return Ok(false);
    }
    let threshold = calibrate(&predictions::read(&path)?).threshold;
    Ok(threshold == model.facts.calibration.threshold)
}

fn at_hand(folder: &Path) -> Result<String> {
    let files: Vec<String> = TableName::all_in(folder)?
        .iter()
        .map(TableName::file)
        .collect();
    Ok(if files.is_empty() {
        format!("none in {}", folder.display())
    } else {
        files.join(", ")
    })
}

fn title(model: &StoredModel) -> String {
    format!("{} {}", model.facts.card.name, model.facts.card.version)
}

fn print_ruling(ruling: &Ruling) {
    let confusion = ruling.assessment.confusion();
    println!(
        "\n{} slices of {} patients; {}",
        confusion.slices(),
        ruling.assessment.patients(),
        ruling.words()
    );
    for (measure, estimate) in &ruling.figures {
        println!("  {:34}{}", measure.title(), estimate_text(estimate));
    }
    println!(
        "  {:34}{} of {}",
        "misclassified",
        confusion.misclassified(),
        confusion.slices()
    );
}

fn print_agreement(a: &agreement::Agreement) {
    println!(
        "\nint8 against f32 on {} slices: same label {:.4}, margin correlation {:.6}, largest \
         difference {:.4}",
        a.slices, a.same_label, a.correlation, a.largest_difference
    );
}
