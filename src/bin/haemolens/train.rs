//! `haemolens train cnn`, `cnn-plain`, `alexnet` and `alexnet-svm`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use haemolens::train::cnn::CnnSettings;
use haemolens::train::dataset::Sources;
use haemolens::train::finetune;
use haemolens::train::predictions::{Network, Preset, Protocol};
use haemolens::train::run_log::Run;
use haemolens::train::runs::{self, Outcome, Places, Storing};
use haemolens::train::transfer::TransferSettings;
use haemolens::train::{Result, TrainError};

use crate::offline::print_figures;

/// What the small network is trained on and how long.
#[derive(Args)]
pub struct Cnn {
    #[command(flatten)]
    training: Training,
    #[command(flatten)]
    paper: Paper,
    #[command(flatten)]
    goal: Goal,
    #[command(flatten)]
    probe: Probe,
}

/// The same without batch norm and dropout: the paper's ablation, which is not stored.
#[derive(Args)]
pub struct CnnPlain {
    #[command(flatten)]
    training: Training,
    #[command(flatten)]
    paper: Paper,
    /// How images are split; writes run logs and margins.
    #[arg(long, value_parser = protocol)]
    protocol: Protocol,
}

/// What AlexNet is trained on and how long.
#[derive(Args)]
pub struct AlexNet {
    #[command(flatten)]
    training: Training,
    #[command(flatten)]
    paper: Paper,
    /// ImageNet convolutions: safetensors with conv1.weight … conv5.bias.
    #[arg(long)]
    init: PathBuf,
    /// Units of FC6 and FC7 that the stored model keeps.
    #[arg(long, num_args = 2, default_values_t = runs::alexnet::STORED_UNITS)]
    keep: Vec<usize>,
    #[command(flatten)]
    goal: Goal,
    #[command(flatten)]
    probe: Probe,
}

/// What AlexNet-SVM is trained on, and how.
#[derive(Args)]
pub struct AlexNetSvm {
    #[command(flatten)]
    training: Training,
    #[command(flatten)]
    many: Many,
    /// Whose settings.
    #[arg(long, value_enum, default_value_t = Settings::Best)]
    preset: Settings,
    /// ImageNet convolutions: safetensors with conv1.weight … conv5.bias; the single tower's for
    /// the preset best, the grouped ones for the preset paper.
    #[arg(long)]
    init: PathBuf,
    #[command(flatten)]
    goal: Goal,
    /// Passes over the images in the preset paper, instead of the paper's number.
    #[arg(long)]
    epochs: Option<usize>,
    #[command(flatten, next_help_heading = "Preset best")]
    best: Best,
}

/// Whose settings AlexNet-SVM is trained with.
#[derive(Clone, Copy, ValueEnum)]
enum Settings {
    /// The paper's.
    Paper,
    /// Ours.
    Best,
    /// Ours, for a model whose terms are permissive: say --only with the sources that allow it.
    Open,
}

#[derive(Args)]
struct Best {
    /// Steps of the optimiser.
    #[arg(long, default_value_t = BEST.finetune.steps)]
    steps: usize,
    /// Images of a step, half of them with haemorrhage.
    #[arg(long, default_value_t = BEST.finetune.batch)]
    batch: usize,
    /// Learning rate of conv5 at its highest.
    #[arg(long, default_value_t = BEST.finetune.rate)]
    rate: f32,
    /// Factors of it for conv2 to conv5 and FC6.
    #[arg(long, num_args = 5, default_values_t = BEST.finetune.layer_rates)]
    layer_rates: Vec<f32>,
    /// Units of FC6, a multiple of 32.
    #[arg(long, default_value_t = BEST.finetune.units)]
    units: usize,
    /// Highest places of a unit that make its second feature.
    #[arg(long, default_value_t = BEST.finetune.top)]
    top: usize,
    /// Weight decay.
    #[arg(long, default_value_t = BEST.finetune.decay)]
    decay: f32,
    /// How often a feature is dropped.
    #[arg(long, default_value_t = BEST.finetune.dropout)]
    dropout: f32,
    /// What is taken from certainty on either side of a label.
    #[arg(long, default_value_t = BEST.finetune.smoothing)]
    smoothing: f32,
    /// Weight of the loss that asks for the highest places in the boxes.
    #[arg(long, default_value_t = BEST.finetune.place_weight)]
    place_weight: f32,
    /// Views of each slice that the SVM is solved on, itself and its mirror image included.
    #[arg(long, default_value_t = BEST.views)]
    views: usize,
    /// Cost of the SVM.
    #[arg(long, default_value_t = BEST.cost)]
    cost: f64,
    /// Slices with synthetic haemorrhage to learn from.
    #[arg(long, default_value_t = BEST.synthetic)]
    synthetic: usize,
    /// How often those are learned from, as against the slices of a source.
    #[arg(long, default_value_t = BEST.synthetic_weight)]
    synthetic_weight: f64,
    /// Seed of everything drawn.
    #[arg(long, default_value_t = BEST.finetune.seed)]
    seed: u64,
}

const BEST: runs::alexnet_svm::Settings = runs::alexnet_svm::Settings::BEST;

#[derive(Args)]
struct Training {
    /// Folder with labels.csv (file, patient, hemorrhage) and its images; its name is its source's.
    #[arg(long)]
    data: PathBuf,
    /// Checkpoints and cached features; run again with the same folder to resume.
    #[arg(long, default_value = "work")]
    work: PathBuf,
    /// Folder for run logs (runs/) and margins (predictions/).
    #[arg(long, default_value = "models/report")]
    report: PathBuf,
}

/// Training on several sources.
#[derive(Args)]
struct Many {
    /// Table of sources (models/sources.toml): --data is then the folder that holds a folder for
    /// each, and all are trained on that the table allows.
    #[arg(long)]
    sources: Option<PathBuf>,
    /// Train on these sources alone, names with commas between them.
    #[arg(long, requires = "sources", value_delimiter = ',')]
    only: Vec<String>,
}

impl Many {
    fn places(&self, training: &Training) -> Result<Places> {
        let sources = self.sources.as_deref().map(Sources::read).transpose()?;
        if let Some(sources) = &sources {
            // What is for external tests is refused before anything is read or written.
            sources.for_training(&self.only)?;
        }
        Ok(Places {
            sources: sources.unwrap_or_default(),
            only: self.only.clone(),
            ..training.places()
        })
    }
}

/// The settings of networks that have the paper's alone.
#[derive(Args)]
struct Paper {
    /// Whose settings: the paper's (the only ones there are).
    #[arg(long, default_value = "paper", value_parser = preset)]
    preset: Preset,
    /// Passes over the images, instead of the paper's number.
    #[arg(long)]
    epochs: Option<usize>,
}

/// What a run is for.
#[derive(Args)]
struct Goal {
    /// Train by this protocol, patient, source or paper; writes run logs and margins.
    #[arg(long, value_parser = protocol)]
    protocol: Option<Protocol>,
    /// Train on all patients and store the model here; wants the margins of --protocol patient.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Labelled folder to measure the stored model on; nothing is tuned on it.
    #[arg(long, requires = "out")]
    external: Option<PathBuf>,
    /// What the data set is called and who made it, for the model's card.
    #[arg(long, default_value = "a data set without a name")]
    data_name: String,
    /// Licence of the weights and of what they come from, for the model's card; those of the table of
    /// sources where it is left out.
    #[arg(long, default_value = "")]
    licence: String,
}

#[derive(Args)]
struct Probe {
    /// Measure a linear probe after each convolution, on held-out patients; writes
    /// runs/probes.json.
    #[arg(long)]
    probe: bool,
}

/// A protocol by its name.
fn protocol(name: &str) -> std::result::Result<Protocol, String> {
    [Protocol::Patient, Protocol::Source, Protocol::Paper]
        .into_iter()
        .find(|protocol| protocol.name() == name)
        .ok_or_else(|| "the protocols are patient, source and paper".into())
}

/// The one preset that these networks have.
fn preset(name: &str) -> std::result::Result<Preset, String> {
    let paper = Some(Preset::Paper).filter(|preset| preset.name() == name);
    paper.ok_or_else(|| "the only preset of this network is paper".into())
}

impl Training {
    fn places(&self) -> Places {
        Places {
            data: self.data.clone(),
            sources: Sources::default(),
            only: Vec::new(),
            work: self.work.clone(),
            report: self.report.clone(),
        }
    }
}

impl Paper {
    fn run(&self, network: Network) -> Run {
        Run {
            network,
            preset: self.preset,
        }
    }
}

/// A network with its data, ready for any goal.
trait Session {
    fn run(&self, protocol: Protocol) -> Result<()>;
    fn probe(&self) -> Result<()>;
    fn store(&self, storing: &Storing) -> Result<Outcome>;
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

    /// Refuses to read the data for nothing; `other` says that something besides is asked for.
    fn check(&self, other: bool) -> Result<()> {
        if self.protocol.is_none() && self.out.is_none() && !other {
            return Err(TrainError::Data(
                "nothing to do: say --protocol patient, source or paper to measure, --out FILE to store"
                    .into(),
            ));
        }
        Ok(())
    }

    /// Does what was asked for.
    fn reach(&self, probe: bool, session: &dyn Session) -> Result<()> {
        if let Some(protocol) = self.protocol {
            session.run(protocol)?;
        }
        if probe {
            session.probe()?;
        }
        if let Some(storing) = self.storing() {
            let outcome = session.store(&storing)?;
            print_figures(&outcome.figures);
            println!("{}: {} bytes", storing.out.display(), outcome.bytes);
        }
        Ok(())
    }
}

impl Session for runs::cnn::Session<'_> {
    fn run(&self, protocol: Protocol) -> Result<()> {
        self.run(protocol)
    }

    fn probe(&self) -> Result<()> {
        self.probe()
    }

    fn store(&self, storing: &Storing) -> Result<Outcome> {
        self.store(storing)
    }
}

/// AlexNet, or the paper's AlexNet-SVM, with the units that its stored model keeps.
struct Pruned<'a>(runs::alexnet::Session<'a>, &'a [usize]);

impl Session for Pruned<'_> {
    fn run(&self, protocol: Protocol) -> Result<()> {
        self.0.run(protocol)
    }

    fn probe(&self) -> Result<()> {
        self.0.probe()
    }

    fn store(&self, storing: &Storing) -> Result<Outcome> {
        self.0.store(self.1, storing)
    }
}

impl Session for runs::alexnet_svm::Session<'_> {
    fn run(&self, protocol: Protocol) -> Result<()> {
        self.run(protocol)
    }

    fn probe(&self) -> Result<()> {
        Err(TrainError::Data("this network is not probed".into()))
    }

    fn store(&self, storing: &Storing) -> Result<Outcome> {
        self.store(storing)
    }
}

/// Trains the small network.
pub fn cnn(a: &Cnn) -> Result<()> {
    a.goal.check(a.probe.probe)?;
    let places = a.training.places();
    let settings = CnnSettings::PAPER;
    let epochs = a.paper.epochs.unwrap_or(settings.epochs);
    let settings = CnnSettings { epochs, ..settings };
    let session = runs::cnn::Session::open(settings, a.paper.run(Network::Cnn), &places)?;
    a.goal.reach(a.probe.probe, &session)
}

/// Trains the small network without batch norm and dropout.
pub fn cnn_plain(a: &CnnPlain) -> Result<()> {
    let places = a.training.places();
    let settings = CnnSettings::PAPER_PLAIN;
    let epochs = a.paper.epochs.unwrap_or(settings.epochs);
    let settings = CnnSettings { epochs, ..settings };
    let run = a.paper.run(Network::CnnPlain);
    runs::cnn::Session::open(settings, run, &places)?.run(a.protocol)
}

/// Trains AlexNet's fully connected layers.
pub fn alexnet(a: &AlexNet) -> Result<()> {
    a.goal.check(a.probe.probe)?;
    let places = a.training.places();
    let mut settings = TransferSettings::paper_alexnet();
    settings.sgd.epochs = a.paper.epochs.unwrap_or(settings.sgd.epochs);
    let run = a.paper.run(Network::AlexNet);
    let session = runs::alexnet::Session::open(settings, run, &places, &a.init)?;
    a.goal.reach(a.probe.probe, &Pruned(session, &a.keep))
}

/// Trains AlexNet-SVM, by either preset.
pub fn alexnet_svm(a: &AlexNetSvm) -> Result<()> {
    a.goal.check(false)?;
    let places = a.many.places(&a.training)?;
    let run = |preset| Run {
        network: Network::AlexNetSvm,
        preset,
    };
    match a.preset {
        Settings::Paper => {
            if a.many.sources.is_some() {
                return Err(TrainError::Data(
                    "the paper's networks are trained on one folder: leave out --sources".into(),
                ));
            }
            let mut settings = TransferSettings::paper_alexnet_svm();
            settings.sgd.epochs = a.epochs.unwrap_or(settings.sgd.epochs);
            let run = run(Preset::Paper);
            let session = runs::alexnet::Session::open(settings, run, &places, &a.init)?;
            let kept = &runs::alexnet::STORED_UNITS[..1];
            a.goal.reach(false, &Pruned(session, kept))
        }
        Settings::Best | Settings::Open => {
            let preset = match a.preset {
                Settings::Open => Preset::Open,
                _ => Preset::Best,
            };
            let (settings, run) = (a.best.settings()?, run(preset));
            let session = runs::alexnet_svm::Session::open(settings, run, &places, &a.init)?;
            a.goal.reach(false, &session)
        }
    }
}

impl Best {
    fn settings(&self) -> Result<runs::alexnet_svm::Settings> {
        let settings = runs::alexnet_svm::Settings {
            views: self.views,
            cost: self.cost,
            synthetic: self.synthetic,
            synthetic_weight: self.synthetic_weight,
            finetune: finetune::Settings {
                units: self.units,
                top: self.top,
                steps: self.steps,
                batch: self.batch,
                rate: self.rate,
                layer_rates: [0, 1, 2, 3, 4].map(|i| self.layer_rates[i]),
                decay: self.decay,
                dropout: self.dropout,
                smoothing: self.smoothing,
                place_weight: self.place_weight,
                seed: self.seed,
                ..BEST.finetune
            },
        };
        settings.finetune.check()?;
        Ok(settings)
    }
}
