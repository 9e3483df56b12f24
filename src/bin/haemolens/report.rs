//! `haemolens report`.

use std::path::PathBuf;

use clap::Args;
use haemolens::train::dataset::{Dataset, Sources};
use haemolens::train::report::Report;
use haemolens::train::report::inputs::by_command;
use haemolens::train::{Result, folds, slice_facts};

#[derive(Args)]
pub struct Arguments {
    /// Folder with the stored models, folds.csv and the model card (README.md).
    #[arg(long, default_value = "models")]
    models: PathBuf,
    /// Folder with runs/ and predictions/, which the report is written into.
    #[arg(long, default_value = "models/report")]
    out: PathBuf,
    /// Write folds.csv and slices.csv before anything else, from this labelled folder, or from the
    /// folders in it that sources.toml lists for training.
    #[arg(long)]
    data: Option<PathBuf>,
}

pub fn run(a: &Arguments) -> Result<()> {
    if let Some(data) = &a.data {
        let table = a.models.join("sources.toml");
        let dataset = if data.join("labels.csv").is_file() || !table.is_file() {
            Dataset::open(data)?
        } else {
            Dataset::open_all(&Sources::read(&table)?, data, &[])?
        };
        let fold_of = folds::assign(&dataset.examples, folds::FOLDS);
        folds::write(&a.models.join("folds.csv"), &dataset.examples, &fold_of)?;
        let facts = slice_facts::of(&dataset)?;
        slice_facts::write(&a.models.join("slices.csv"), &facts)?;
    }
    let report = Report::compute(&a.models, &a.out)?;
    report.write(&a.out, &a.models.join("README.md"))?;
    for (command, missing) in by_command(&report.gaps) {
        println!("not yet run: {command}: {}", missing.join("; "));
    }
    println!("{} files in {}", report.files.len(), a.out.display());
    Ok(())
}
