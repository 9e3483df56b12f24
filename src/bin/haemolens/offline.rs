//! `haemolens train`, `haemolens evaluate`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use haemolens::model::{Figure, StoredModel};
use haemolens::network::reference::Reference;
use haemolens::preprocess::Preprocessing;
use haemolens::train::alexnet_svm::{self, Places, Settings};
use haemolens::train::fit::FitSettings;
use haemolens::train::head::HeadSettings;
use haemolens::train::{agreement, dataset::Dataset, predictions};

use crate::guard;

#[derive(Subcommand)]
pub enum Command {
    /// Train a network on labelled slices.
    #[command(subcommand)]
    Train(Network),
    /// Measure a stored model on labelled slices, or recompute figures from stored margins.
    Evaluate(Evaluate),
    /// Measure which images the guard takes for CT slices of a head.
    EvaluateGuard(guard::Evaluate),
}

#[derive(Subcommand)]
pub enum Network {
    /// ImageNet convolutions, FC6 trained through the squared hinge, linear SVM solved exactly.
    AlexnetSvm(Box<AlexnetSvm>),
    /// The check that an image is a CT slice of a head at all.
    Guard(guard::Train),
}

#[derive(Args)]
pub struct AlexnetSvm {
    /// Folder with labels.csv (file, patient, hemorrhage) and its images.
    #[arg(long)]
    data: PathBuf,
    /// ImageNet convolutions: safetensors with conv1.weight … conv5.bias.
    #[arg(long)]
    init: PathBuf,
    /// The stored model to write.
    #[arg(long)]
    out: PathBuf,
    /// Checkpoints and cached features; run again with the same folder to resume.
    #[arg(long, default_value = "work")]
    work: PathBuf,
    /// Folder for the tables of held-out and external margins.
    #[arg(long)]
    predictions: Option<PathBuf>,
    /// Labelled folder to measure the finished model on; nothing is tuned on it.
    #[arg(long)]
    external: Option<PathBuf>,
    /// Only train on the folds and print their figures; store nothing.
    #[arg(long)]
    folds_only: bool,
    /// What the data set is called and who made it, for the model's card.
    #[arg(long, default_value = "a data set without a name")]
    data_name: String,
    /// Licence of the weights and of what they come from, for the model's card.
    #[arg(long, default_value = "not stated")]
    licence: String,
    /// Folds over patients.
    #[arg(long, default_value_t = 5)]
    folds: usize,
    /// Units of FC6 while training.
    #[arg(long, default_value_t = 256)]
    units: usize,
    /// Units of FC6 that are kept.
    #[arg(long, default_value_t = 256)]
    keep: usize,
    /// Passes over the slices.
    #[arg(long, default_value_t = 20)]
    epochs: usize,
    /// Slices a step.
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// Learning rate.
    #[arg(long, default_value_t = 3e-3)]
    rate: f64,
    /// Weight decay.
    #[arg(long, default_value_t = 1.0)]
    decay: f64,
    /// Share of units dropped in a step.
    #[arg(long, default_value_t = 0.5)]
    dropout: f32,
    /// Cost of the SVM.
    #[arg(long, default_value_t = 0.01)]
    cost: f64,
    /// Altered copies of each slice, itself included.
    #[arg(long, default_value_t = 8)]
    variants: usize,
    /// LRN strength after conv1 and conv2.
    #[arg(long, num_args = 2, default_values_t = [1.6e-3, 1e-4])]
    lrn_alpha: Vec<f32>,
    /// Grey level from which a pixel may belong to the head.
    #[arg(long, default_value_t = Preprocessing::ALEXNET.head_threshold)]
    head_threshold: u8,
    /// Seed of everything drawn.
    #[arg(long, default_value_t = 2020)]
    seed: u64,
}

#[derive(Args)]
pub struct Evaluate {
    /// A stored model; not needed with --margins.
    #[arg(required_unless_present = "margins")]
    model: Option<PathBuf>,
    /// Labelled folder.
    #[arg(long, required_unless_present = "margins")]
    data: Option<PathBuf>,
    /// A table of held-out margins that `train` wrote.
    #[arg(long, conflicts_with_all = ["model", "data"])]
    margins: Option<PathBuf>,
    /// Also compare the int8 engine with an f32 network: the file that `train` leaves in its work
    /// folder.
    #[arg(long)]
    reference: Option<PathBuf>,
}

pub fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Train(Network::AlexnetSvm(arguments)) => train(&arguments),
        Command::Train(Network::Guard(arguments)) => guard::run_train(&arguments),
        Command::EvaluateGuard(arguments) => guard::run_evaluate(&arguments),
        Command::Evaluate(arguments) => evaluate(&arguments),
    }
    .map(|()| ExitCode::SUCCESS)
    .map_err(|e| e.to_string())
}

fn train(a: &AlexnetSvm) -> haemolens::train::Result<()> {
    let settings = Settings {
        fit: FitSettings {
            units: a.units,
            epochs: a.epochs,
            batch: a.batch,
            rate: a.rate,
            decay: a.decay,
            dropout: a.dropout,
            seed: a.seed,
        },
        head: HeadSettings {
            units: a.keep.min(a.units),
            cost: a.cost,
        },
        lrn_alpha: [a.lrn_alpha[0], a.lrn_alpha[1]],
        preprocessing: Preprocessing {
            head_threshold: a.head_threshold,
            ..Preprocessing::ALEXNET
        },
        variants: a.variants.max(1),
        folds: a.folds.max(2),
        version: env!("CARGO_PKG_VERSION").into(),
        data_name: a.data_name.clone(),
        licence: a.licence.clone(),
    };
    let places = Places {
        data: a.data.clone(),
        init: a.init.clone(),
        work: a.work.clone(),
        out: a.out.clone(),
        predictions: a.predictions.clone(),
        external: a.external.clone(),
    };
    if a.folds_only {
        print_figures(&alexnet_svm::cross_validate(&settings, &places)?);
        return Ok(());
    }
    let outcome = alexnet_svm::train(&settings, &places)?;
    print_figures(&outcome.figures);
    println!("{}: {} bytes", a.out.display(), outcome.bytes);
    Ok(())
}

fn evaluate(a: &Evaluate) -> haemolens::train::Result<()> {
    if let Some(table) = &a.margins {
        let held_out = predictions::read(table)?;
        let calibration = alexnet_svm::calibrate(&held_out);
        print_figures(&alexnet_svm::patient_figures(&held_out, &calibration)?);
        return Ok(());
    }
    let (Some(path), Some(data)) = (&a.model, &a.data) else {
        return Ok(());
    };
    let bytes = std::fs::read(path)
        .map_err(|e| haemolens::train::TrainError::File(path.display().to_string(), e))?;
    let model = StoredModel::from_bytes(&bytes)?;
    let found = alexnet_svm::predict(&model, data)?;
    let protocol = format!(
        "every slice of {}, shipped model and threshold; no measure of quality where it was \
         trained on them",
        data.display()
    );
    let calibration = &model.facts.calibration;
    print_figures(&alexnet_svm::stored_model_figures(
        &found,
        calibration,
        &protocol,
    )?);
    if let Some(reference) = &a.reference {
        let inputs = Dataset::open(data)?.inputs(model.facts.preprocessing)?;
        let reference = Reference::open(&model.facts.architecture, reference)?;
        print_agreement(&agreement::compare(&model, &reference, &inputs)?);
    }
    Ok(())
}

fn print_figures(figures: &BTreeMap<String, Figure>) {
    for (name, figure) in figures {
        let interval = match (figure.low, figure.high) {
            (Some(low), Some(high)) => format!(" (95 % {low:.3} to {high:.3})"),
            _ => String::new(),
        };
        println!(
            "{name}: {:.4}{interval}  [{}]",
            figure.value, figure.protocol
        );
    }
}

fn print_agreement(a: &agreement::Agreement) {
    println!(
        "int8 against f32 on {} slices: same label {:.4}, margin correlation {:.6}, largest \
         difference {:.4}",
        a.slices, a.same_label, a.correlation, a.largest_difference
    );
}
