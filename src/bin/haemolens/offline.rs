//! The subcommands of the feature `train`, and `haemolens train` itself.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use haemolens::model::Figure;
use haemolens::preprocess::Preprocessing;
use haemolens::train::TrainError;
use haemolens::train::alexnet_svm::{self, Places, Settings};
use haemolens::train::augment::Copies;
use haemolens::train::fit::FitSettings;
use haemolens::train::head::HeadSettings;
use haemolens::train::predictions::Protocol;

use crate::{evaluate, guard, paper, report, tuned};

#[derive(Subcommand)]
pub enum Command {
    /// Train a network on labelled slices.
    #[command(subcommand)]
    Train(Network),
    /// Measure a stored model on labelled slices, or recompute figures from stored margins.
    Evaluate(evaluate::Evaluate),
    /// Measure which images the guard takes for CT slices of a head.
    EvaluateGuard(guard::Evaluate),
    /// Recompute every figure from committed files, as Markdown, JSON and SVG.
    Report(report::Arguments),
}

#[derive(Subcommand)]
pub enum Network {
    /// ImageNet convolutions, FC6 trained through the squared hinge, linear SVM solved exactly.
    AlexnetSvm(Box<AlexnetSvm>),
    /// AlexNet-SVM whose later convolutions are tuned as well, on drawn haemorrhage too.
    AlexnetSvmTuned(Box<tuned::Arguments>),
    /// ImageNet convolutions, FC6 and FC7 trained through a softmax, as the paper's AlexNet.
    Alexnet(Box<paper::AlexNet>),
    /// The paper's small network, trained from nothing.
    Cnn(Box<paper::Cnn>),
    /// The same without batch norm and dropout.
    CnnPlain(Box<paper::CnnPlain>),
    /// The check that an image is a CT slice of a head at all.
    Guard(guard::Train),
}

/// Whose settings AlexNet-SVM is trained with.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// The paper's: --protocol, --report and --epochs matter, the other settings do not.
    Paper,
    /// Ours.
    Best,
}

#[derive(Args)]
pub struct AlexnetSvm {
    /// Folder with labels.csv (file, patient, hemorrhage) and its images.
    #[arg(long)]
    data: PathBuf,
    /// ImageNet convolutions: safetensors with conv1.weight … conv5.bias.
    #[arg(long)]
    init: PathBuf,
    /// Whose settings.
    #[arg(long, value_enum, default_value_t = Preset::Best)]
    preset: Preset,
    /// The paper preset's protocol, patient or paper; writes run logs and margins.
    #[arg(long, value_parser = paper::protocol, required_if_eq("preset", "paper"))]
    protocol: Option<Protocol>,
    /// Folder for the paper preset's run logs (runs/) and margins (predictions/).
    #[arg(long, default_value = "models/report")]
    report: PathBuf,
    /// The stored model to write, of the best preset.
    #[arg(long, required_unless_present = "protocol")]
    out: Option<PathBuf>,
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
    /// Passes over the slices; 20, or in the paper preset 140, where not given.
    #[arg(long)]
    epochs: Option<usize>,
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

/// Passes over the slices in the best preset.
const BEST_EPOCHS: usize = 20;

pub fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Train(Network::AlexnetSvm(arguments)) => train(&arguments),
        Command::Train(Network::AlexnetSvmTuned(arguments)) => tuned::train(&arguments),
        Command::Train(Network::Alexnet(arguments)) => paper::train_alexnet(&arguments),
        Command::Train(Network::Cnn(arguments)) => paper::train_cnn(&arguments),
        Command::Train(Network::CnnPlain(arguments)) => paper::train_cnn_plain(&arguments),
        Command::Train(Network::Guard(arguments)) => guard::run_train(&arguments),
        Command::EvaluateGuard(arguments) => guard::run_evaluate(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
    }
    .map(|()| ExitCode::SUCCESS)
    .map_err(|e| e.to_string())
}

fn train(a: &AlexnetSvm) -> haemolens::train::Result<()> {
    if let (Preset::Paper, Some(protocol)) = (a.preset, a.protocol) {
        let places = haemolens::train::paper::Places {
            data: a.data.clone(),
            work: a.work.clone(),
            report: a.report.clone(),
        };
        return paper::train_alexnet_svm(&places, &a.init, a.epochs, protocol);
    }
    let out = a.out.as_ref().ok_or_else(|| {
        TrainError::Data("the best preset stores a model: say where with --out".into())
    })?;
    let settings = Settings {
        fit: FitSettings {
            units: a.units,
            epochs: a.epochs.unwrap_or(BEST_EPOCHS),
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
        copies: Copies::Drawn {
            count: a.variants.max(1),
            seed: a.seed,
        },
        folds: a.folds.max(2),
        version: env!("CARGO_PKG_VERSION").into(),
        data_name: a.data_name.clone(),
        licence: a.licence.clone(),
    };
    let places = Places {
        data: a.data.clone(),
        init: a.init.clone(),
        work: a.work.clone(),
        out: out.clone(),
        predictions: a.predictions.clone(),
        external: a.external.clone(),
    };
    if a.folds_only {
        print_figures(&alexnet_svm::cross_validate(&settings, &places)?);
        return Ok(());
    }
    let outcome = alexnet_svm::train(&settings, &places)?;
    print_figures(&outcome.figures);
    println!("{}: {} bytes", out.display(), outcome.bytes);
    Ok(())
}

/// Figures by name, one a line, with what they were measured on.
pub fn print_figures(figures: &BTreeMap<String, Figure>) {
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
