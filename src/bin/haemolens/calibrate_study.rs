//! `haemolens calibrate-study`.

use std::path::PathBuf;

use clap::Args;
use haemolens::model::StoredModel;
use haemolens::train::{Result, TrainError, predictions, studies};

use crate::offline::print_figures;

#[derive(Args)]
pub struct Arguments {
    /// The stored model.
    model: PathBuf,
    /// The table of held-out margins that it was calibrated on.
    #[arg(long)]
    margins: PathBuf,
}

pub fn run(a: &Arguments) -> Result<()> {
    let failed = |e| TrainError::File(a.model.display().to_string(), e);
    let bytes = std::fs::read(&a.model).map_err(failed)?;
    let mut model = StoredModel::from_bytes(&bytes)?;
    let held_out = predictions::read(&a.margins)?;
    let learned = studies::calibrate(&mut model, &held_out)?;
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
    print_figures(&studies::figures(&held_out));
    Ok(())
}
