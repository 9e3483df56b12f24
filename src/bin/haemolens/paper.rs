//! `haemolens train cnn`, `train cnn-plain`, `train alexnet`, and the paper's `train alexnet-svm`.

use std::path::PathBuf;

use clap::Args;
use haemolens::train::Result;
use haemolens::train::cnn::CnnSettings;
use haemolens::train::paper::{Places, Storing, alexnet, cnn};
use haemolens::train::predictions::{Network, Preset, Protocol};
use haemolens::train::run_log::Run;
use haemolens::train::transfer::TransferSettings;

use crate::offline::print_figures;

/// What the small network is trained on and how long.
#[derive(Args)]
pub struct Cnn {
    #[command(flatten)]
    training: Training,
    #[command(flatten)]
    goal: Goal,
}

/// The same without batch norm and dropout: the paper's ablation, which is not stored.
#[derive(Args)]
pub struct CnnPlain {
    #[command(flatten)]
    training: Training,
    /// How images are split; writes run logs and margins.
    #[arg(long, value_parser = protocol)]
    protocol: Protocol,
}

/// What AlexNet is trained on and how long.
#[derive(Args)]
pub struct AlexNet {
    #[command(flatten)]
    training: Training,
    /// ImageNet convolutions: safetensors with conv1.weight … conv5.bias.
    #[arg(long)]
    init: PathBuf,
    /// Units of FC6 and FC7 that the stored model keeps.
    #[arg(long, num_args = 2, default_values_t = alexnet::STORED_UNITS)]
    keep: Vec<usize>,
    #[command(flatten)]
    goal: Goal,
}

#[derive(Args)]
struct Training {
    /// Folder with labels.csv (file, patient, hemorrhage) and its images.
    #[arg(long)]
    data: PathBuf,
    /// Whose settings: the paper's (the only ones there are).
    #[arg(long, default_value = "paper", value_parser = preset)]
    preset: Preset,
    /// Checkpoints and cached features; run again with the same folder to resume.
    #[arg(long, default_value = "work")]
    work: PathBuf,
    /// Folder for run logs (runs/) and margins (predictions/).
    #[arg(long, default_value = "models/report")]
    report: PathBuf,
    /// Passes over the images, instead of the paper's number.
    #[arg(long)]
    epochs: Option<usize>,
}

/// What a run is for.
#[derive(Args)]
struct Goal {
    /// Train by this protocol, patient or paper; writes run logs and margins.
    #[arg(long, value_parser = protocol, required_unless_present_any = ["out", "probe"])]
    protocol: Option<Protocol>,
    /// Train on all patients and store the model here; wants the margins of --protocol patient.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Measure a linear probe after each convolution, on held-out patients; writes
    /// runs/probes.json.
    #[arg(long)]
    probe: bool,
    /// Labelled folder to measure the stored model on; nothing is tuned on it.
    #[arg(long, requires = "out")]
    external: Option<PathBuf>,
    /// What the data set is called and who made it, for the model's card.
    #[arg(long, default_value = "a data set without a name")]
    data_name: String,
    /// Licence of the weights and of what they come from, for the model's card.
    #[arg(long, default_value = "not stated")]
    licence: String,
}

/// A protocol by its name.
pub fn protocol(name: &str) -> std::result::Result<Protocol, String> {
    [Protocol::Patient, Protocol::Paper]
        .into_iter()
        .find(|protocol| protocol.name() == name)
        .ok_or_else(|| "the protocols are patient and paper".into())
}

/// The one preset that these networks have.
fn preset(name: &str) -> std::result::Result<Preset, String> {
    let paper = Some(Preset::Paper).filter(|preset| preset.name() == name);
    paper.ok_or_else(|| "the only preset of this network is paper".into())
}

impl Training {
    fn run(&self, network: Network) -> Run {
        Run {
            network,
            preset: self.preset,
        }
    }

    fn places(&self) -> Places {
        Places {
            data: self.data.clone(),
            work: self.work.clone(),
            report: self.report.clone(),
        }
    }
}

impl Goal {
    fn storing(&self) -> Option<Storing> {
        self.out.as_ref().map(|out| Storing {
            out: out.clone(),
            external: self.external.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            data_name: self.data_name.clone(),
            licence: self.licence.clone(),
        })
    }
}

/// Trains the small network.
pub fn train_cnn(a: &Cnn) -> Result<()> {
    let places = a.training.places();
    let settings = CnnSettings::PAPER;
    let epochs = a.training.epochs.unwrap_or(settings.epochs);
    let settings = CnnSettings { epochs, ..settings };
    let session = cnn::Session::open(settings, a.training.run(Network::Cnn), &places)?;
    if let Some(protocol) = a.goal.protocol {
        session.run(protocol)?;
    }
    if a.goal.probe {
        session.probe()?;
    }
    if let Some(storing) = a.goal.storing() {
        let outcome = session.store(&storing)?;
        print_figures(&outcome.figures);
        println!("{}: {} bytes", storing.out.display(), outcome.bytes);
    }
    Ok(())
}

/// Trains the small network without batch norm and dropout.
pub fn train_cnn_plain(a: &CnnPlain) -> Result<()> {
    let places = a.training.places();
    let settings = CnnSettings::PAPER_PLAIN;
    let epochs = a.training.epochs.unwrap_or(settings.epochs);
    let settings = CnnSettings { epochs, ..settings };
    cnn::Session::open(settings, a.training.run(Network::CnnPlain), &places)?.run(a.protocol)
}

/// Trains AlexNet's fully connected layers.
pub fn train_alexnet(a: &AlexNet) -> Result<()> {
    let places = a.training.places();
    let mut settings = TransferSettings::paper_alexnet();
    settings.sgd.epochs = a.training.epochs.unwrap_or(settings.sgd.epochs);
    let run = a.training.run(Network::AlexNet);
    let session = alexnet::Session::open(settings, run, &places, &a.init)?;
    if let Some(protocol) = a.goal.protocol {
        session.run(protocol)?;
    }
    if a.goal.probe {
        session.probe()?;
    }
    if let Some(storing) = a.goal.storing() {
        let outcome = session.store(&a.keep, &storing)?;
        print_figures(&outcome.figures);
        println!("{}: {} bytes", storing.out.display(), outcome.bytes);
    }
    Ok(())
}

/// Trains the paper's AlexNet-SVM by a protocol.
pub fn train_alexnet_svm(
    places: &Places,
    init: &std::path::Path,
    epochs: Option<usize>,
    protocol: Protocol,
) -> Result<()> {
    let mut settings = TransferSettings::paper_alexnet_svm();
    settings.sgd.epochs = epochs.unwrap_or(settings.sgd.epochs);
    let run = Run {
        network: Network::AlexNetSvm,
        preset: Preset::Paper,
    };
    alexnet::Session::open(settings, run, places, init)?.run(protocol)
}
