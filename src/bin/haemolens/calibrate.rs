//! `haemolens calibrate`.

use std::path::PathBuf;

use clap::Args;
use haemolens::calibration::OperatingPoint;
use haemolens::model::StoredModel;
use haemolens::train::calibrate::{HeldOut, calibrate_model, check};
use haemolens::train::dataset::Sources;
use haemolens::train::{Result, TrainError};

use crate::offline::print_figures;

#[derive(Args)]
pub struct Arguments {
    /// The stored model.
    model: PathBuf,
    /// The table of held-out margins that it was calibrated on; where a table of kinds lies beside it,
    /// kinds are calibrated as well.
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
    let held_out = HeldOut::read(&a.margins)?;
    let sources = Sources::read_if_there(&a.sources)?;
    check(&model, &held_out)?;
    let figures = calibrate_model(&mut model, &held_out, &sources)?;
    model.facts.card.figures.extend(figures.clone());
    std::fs::write(&a.model, model.to_bytes()?).map_err(failed)?;
    println!("{}:", a.model.display());
    let facts = &model.facts;
    let studies = facts.study.map(|study| ("studies", study.threshold));
    let slices = ("slices", facts.calibration.threshold);
    for (of, threshold) in [slices].into_iter().chain(studies) {
        for point in OperatingPoint::ALL {
            println!(
                "  {of}, {point}: haemorrhage from {:+.3} on",
                threshold.at(point)
            );
        }
    }
    print_figures(&figures);
    Ok(())
}
