//! `haemolens train alexnet-svm-tuned`.

use std::path::PathBuf;

use clap::Args;
use haemolens::preprocess::Preprocessing;
use haemolens::train::Result;
use haemolens::train::alexnet_svm::Places;
use haemolens::train::tune::TuneSettings;
use haemolens::train::tune::batches::Mixture;
use haemolens::train::tune::stem::Copies;
use haemolens::train::tuned::{self, Settings};

use crate::offline::print_figures;

/// What is tuned, and on what.
#[derive(Args)]
pub struct Arguments {
    /// Folder with labels.csv (file, patient, hemorrhage) and its images.
    #[arg(long)]
    data: PathBuf,
    /// ImageNet convolutions of the single tower: safetensors with conv1.weight … conv5.bias.
    #[arg(long)]
    init: PathBuf,
    /// The stored model to write.
    #[arg(long)]
    out: PathBuf,
    /// Checkpoints and cached maps; run again with the same folder to resume.
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
    /// Convolutions that stay as ImageNet left them.
    #[arg(long, default_value_t = 2)]
    frozen: usize,
    /// Altered copies of each slice, itself and its mirror image included.
    #[arg(long, default_value_t = 6)]
    variants: usize,
    /// Slices with drawn haemorrhage.
    #[arg(long, default_value_t = 5_000)]
    synthetic: usize,
    /// Slices with haemorrhage, with drawn haemorrhage and without in a step.
    #[arg(long, num_args = 3, default_values_t = [8, 8, 16])]
    mixture: Vec<usize>,
    /// Units of FC6.
    #[arg(long, default_value_t = TuneSettings::BEST.units)]
    units: usize,
    /// Optimiser steps.
    #[arg(long, default_value_t = TuneSettings::BEST.steps)]
    steps: usize,
    /// Learning rate of the plane at its highest.
    #[arg(long, default_value_t = TuneSettings::BEST.rate)]
    rate: f64,
    /// Learning rate of the convolutions as a share of it.
    #[arg(long, default_value_t = TuneSettings::BEST.trunk_pace)]
    trunk_pace: f64,
    /// Learning rate of FC6 as a share of it.
    #[arg(long, default_value_t = TuneSettings::BEST.fc6_pace)]
    fc6_pace: f64,
    /// Weight decay.
    #[arg(long, default_value_t = TuneSettings::BEST.decay)]
    decay: f64,
    /// Share of FC6's inputs and units that a step drops.
    #[arg(long, default_value_t = TuneSettings::BEST.dropout)]
    dropout: f32,
    /// Weight of a slice with drawn haemorrhage in the hinge loss.
    #[arg(long, default_value_t = TuneSettings::BEST.synthetic_weight)]
    synthetic_weight: f32,
    /// Weight of the local loss.
    #[arg(long, default_value_t = TuneSettings::BEST.local_weight)]
    local_weight: f64,
    /// Cost of the SVM.
    #[arg(long, default_value_t = 0.03)]
    cost: f64,
    /// Seed of everything drawn.
    #[arg(long, default_value_t = TuneSettings::BEST.seed)]
    seed: u64,
}

/// Trains, and prints the figures.
pub fn train(a: &Arguments) -> Result<()> {
    let settings = Settings {
        tune: TuneSettings {
            units: a.units,
            steps: a.steps,
            mixture: Mixture {
                haemorrhage: a.mixture[0],
                synthetic: a.mixture[1],
                normal: a.mixture[2],
            },
            rate: a.rate,
            trunk_pace: a.trunk_pace,
            fc6_pace: a.fc6_pace,
            decay: a.decay,
            dropout: a.dropout,
            synthetic_weight: a.synthetic_weight,
            local_weight: a.local_weight,
            seed: a.seed,
            ..TuneSettings::BEST
        },
        frozen: a.frozen,
        copies: Copies {
            variants: a.variants.max(1),
            synthetic: a.synthetic,
            seed: a.seed,
        },
        cost: a.cost,
        preprocessing: Preprocessing::ALEXNET,
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
        print_figures(&tuned::cross_validate(&settings, &places)?);
        return Ok(());
    }
    let outcome = tuned::train(&settings, &places)?;
    print_figures(&outcome.figures);
    println!("{}: {} bytes", a.out.display(), outcome.bytes);
    Ok(())
}
