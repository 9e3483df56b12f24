//! The subcommands of the feature `train`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Subcommand;
use haemolens::model::Figure;

use crate::{calibrate, evaluate, guard, report, train};

#[derive(Subcommand)]
pub enum Command {
    /// Train a network on labelled slices.
    #[command(subcommand)]
    Train(Network),
    /// Measure a stored model on labelled slices, or recompute figures from stored margins.
    Evaluate(evaluate::Evaluate),
    /// Measure which images the guard takes for CT slices of a head.
    EvaluateGuard(guard::Evaluate),
    /// Give a stored model anew what its held-out margins teach of slices, studies and kinds; its weights
    /// stay.
    Calibrate(calibrate::Arguments),
    /// Recompute every figure from committed files, as Markdown, JSON and SVG.
    Report(report::Arguments),
}

#[derive(Subcommand)]
pub enum Network {
    /// ImageNet convolutions, FC6 trained through the squared hinge, linear SVM solved exactly; in
    /// the preset best the later convolutions are tuned as well, on drawn haemorrhage too.
    AlexnetSvm(Box<train::AlexNetSvm>),
    /// ImageNet convolutions, FC6 and FC7 trained through a softmax, as the paper's AlexNet.
    Alexnet(Box<train::AlexNet>),
    /// The paper's small network, trained from nothing.
    Cnn(Box<train::Cnn>),
    /// The same without batch norm and dropout.
    CnnPlain(Box<train::CnnPlain>),
    /// The check that an image is a CT slice of a head at all.
    Guard(guard::Train),
}

pub fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Train(Network::AlexnetSvm(arguments)) => train::alexnet_svm(&arguments),
        Command::Train(Network::Alexnet(arguments)) => train::alexnet(&arguments),
        Command::Train(Network::Cnn(arguments)) => train::cnn(&arguments),
        Command::Train(Network::CnnPlain(arguments)) => train::cnn_plain(&arguments),
        Command::Train(Network::Guard(arguments)) => guard::run_train(&arguments),
        Command::EvaluateGuard(arguments) => guard::run_evaluate(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Calibrate(arguments) => calibrate::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
    }
    .map(|()| ExitCode::SUCCESS)
    .map_err(|e| e.to_string())
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
