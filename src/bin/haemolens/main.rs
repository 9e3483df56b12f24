//! The `haemolens` command: parses arguments, calls the library, prints.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[cfg(feature = "train")]
mod calibrate;
mod card;
mod classify;
#[cfg(feature = "train")]
mod evaluate;
mod examiner;
mod explain;
mod files;
#[cfg(feature = "train")]
mod guard;
#[cfg(feature = "train")]
mod offline;
mod ordered;
mod output;
mod progress;
#[cfg(feature = "train")]
mod report;
mod resume;
mod sources;
mod stream;
mod study;
#[cfg(feature = "train")]
mod train;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Classify CT slices, with the built-in AlexNet-SVM or a stored model. Not a medical device.
    Classify(classify::Arguments),
    /// Read whole examinations, from folders or ZIP archives, and say whether there is a haemorrhage
    /// and which slices show it. Not a medical device.
    Study(study::Arguments),
    /// Say where in a CT slice the margin of its answer comes from. Not a medical device.
    Explain(explain::Arguments),
    /// Print the model card: what a model is for, what it was made from, how well it does and where it
    /// fails.
    Card(card::Arguments),
    /// Write the phantoms that the page offers as samples.
    Phantom {
        /// Folder to write normal.bmp, intraparenchymal.bmp and subdural.bmp to.
        #[arg(long)]
        out: PathBuf,
    },
    /// Print a hash of what the network would see of each image.
    Preprocess {
        /// Print the hash (the only form there is).
        #[arg(long, required = true)]
        hash: bool,
        /// Images.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    #[cfg(feature = "train")]
    #[command(flatten)]
    Offline(offline::Command),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Classify(arguments) => classify::run(&arguments),
        Command::Study(arguments) => study::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Card(arguments) => card::run(&arguments),
        Command::Phantom { out } => files::write_phantoms(&out),
        Command::Preprocess { paths, .. } => files::print_hashes(&paths),
        #[cfg(feature = "train")]
        Command::Offline(command) => offline::run(command),
    };
    done.unwrap_or_else(|message| {
        eprintln!("haemolens: {message}");
        ExitCode::FAILURE
    })
}
