//! Training on every split of a protocol, with what is left of it on disk.

use std::path::Path;

use super::table_name;
use crate::train::dataset::Example;
use crate::train::predictions::{self, Prediction, Protocol};
use crate::train::protocol::{Image, Split};
use crate::train::run_log::{Journal, Run};
use crate::train::{Result, TrainError};

/// What training on one split gave.
pub struct Trained {
    /// What was measured on the way.
    pub journal: Journal,
    /// What the log says was set.
    pub settings: serde_json::Value,
    /// Both margins of the split's test images.
    pub margins: Vec<(f64, f64)>,
    /// The same by the network in f32, where `margins` are of its int8 form; else empty.
    pub reference: Vec<(f64, f64)>,
}

/// Trains on the splits of a protocol, and writes a log for each into `report/runs` and one table
/// of margins into `report/predictions`.
///
/// # Errors
/// From training and from files.
pub fn record(
    run: Run,
    protocol: Protocol,
    splits: &[Split],
    examples: &[Example],
    report: &Path,
    mut train: impl FnMut(&Split) -> Result<Trained>,
) -> Result<()> {
    if splits.is_empty() {
        return Err(TrainError::Data(format!(
            "the {} protocol leaves nothing to train on: it leaves out one family of sources after \
             the other, and wants two or more",
            protocol.name()
        )));
    }
    let (mut table, mut of_reference) = (Vec::new(), Vec::new());
    for split in splits {
        let trained = train(split)?;
        let log = trained.journal.log(run, protocol, split, trained.settings);
        log.write(&report.join("runs"))?;
        let row = |(image, margins): (&Image, (f64, f64))| {
            prediction(examples, *image, split.fold, margins)
        };
        table.extend(split.test.iter().zip(trained.margins).map(row));
        of_reference.extend(split.test.iter().zip(trained.reference).map(row));
    }
    let name = table_name(run, protocol).file();
    let folder = report.join("predictions");
    for (mut table, folder) in [
        (table, folder.clone()),
        (of_reference, folder.join(F32_FOLDER)),
    ] {
        if !table.is_empty() {
            let key = |p: &Prediction| (p.source.clone(), p.file.clone(), p.variant);
            table.sort_by_cached_key(key);
            predictions::write(&folder.join(&name), &table)?;
        }
    }
    Ok(())
}

/// Where the margins of networks before rounding stand, in the folder of the tables.
pub const F32_FOLDER: &str = "f32";

fn prediction(
    examples: &[Example],
    image: Image,
    fold: Option<usize>,
    (margin, normal_margin): (f64, f64),
) -> Prediction {
    let example = &examples[image.slice];
    Prediction {
        source: example.source.clone(),
        file: example.file.clone(),
        variant: image.variant,
        patient: example.patient.clone(),
        fold,
        haemorrhage: example.haemorrhage.into(),
        margin,
        normal_margin,
    }
}
