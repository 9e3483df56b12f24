//! `haemolens calibrate-study`.

use std::path::PathBuf;

use clap::Args;
use haemolens::model::StoredModel;
use haemolens::train::dataset::Sources;
use haemolens::train::{Result, TrainError, predictions, studies};

use crate::offline::print_figures;

#[derive(Args)]
pub struct Arguments {
    /// The stored model.
    model: PathBuf,
    /// The table of held-out margins that it was calibrated on.
    #[arg(long)]
    margins: PathBuf,
    /// Table of sources: which count, and which hold whole examinations.
    #[arg(long, default_value = "models/sources.toml")]
    sources: PathBuf,
}

pub fn run(a: &Arguments) -> Result<()> {
    let failed = |e| TrainError::File(a.model.display().to_string(), e);
    let bytes = std::fs::read(&a.model).map_err(failed)?;
    let mut model = StoredModel::from_bytes(&bytes)?;
    let held_out = predictions::read(&a.margins)?;
    let sources = Sources::read_if_there(&a.sources)?;
    let learned = studies::calibrate(&mut model, &held_out, &sources)?;
    std::fs::write(&a.model, model.to_bytes()?).map_err(failed)?;
    println!(
        "{}: a study is the mean of the highest {:.0} % of its slices' margins, haemorrhage from \
         {:+.3} on, inconclusive between {:+.3} and {:+.3}",
        a.model.display(),
        learned.share * 100.0,
        learned.threshold,
        learned.inconclusive[0],
        learned.inconclusive[1]
    );
    let examinations = studies::examinations(&held_out, &sources);
    print_figures(&studies::figures(&examinations));
    Ok(())
}
