//! A network fitted on all patients as a stored model: calibrated, measured, written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Places, table_name};
use crate::model::{Figure, ModelCard, StoredModel};
use crate::train::agreement::{agreement, engine_margins};
use crate::train::calibrate::{HeldOut, calibrate_model};
use crate::train::card::{EXTERNAL_PROTOCOL, predict, stored_model_figures};
use crate::train::dataset::{Dataset, spread};
use crate::train::predictions::{self, Prediction, Preset, Protocol};
use crate::train::run_log::Run;
use crate::train::{Result, TrainError, file_error, write_atomically};

/// Slices whose f32 activations decide what is pruned and set the int8 scales.
const SAMPLE: usize = 160;

/// Where a stored model goes, and what its card says that the program cannot know.
#[derive(Debug, Clone)]
pub struct Storing {
    /// The stored model.
    pub out: PathBuf,
    /// Labelled slices that nothing is trained, tuned or calibrated on.
    pub external: Option<PathBuf>,
    /// Version of the weights.
    pub version: String,
    /// What the data set is called and who made it, where no table of sources says so.
    pub data_name: String,
    /// Licence of the weights and of what they come from; that of the sources where it is empty.
    pub licence: String,
}

/// What a stored model has measured.
pub struct Outcome {
    /// Figures by name, as in the model's card.
    pub figures: BTreeMap<String, Figure>,
    /// Length of the stored model, bytes.
    pub bytes: usize,
}

/// The table of held-out margins that a stored model is calibrated on.
///
/// # Errors
/// [`TrainError::Data`] naming the table and how to make it.
pub fn held_out(run: Run, report: &Path) -> Result<HeldOut> {
    let name = table_name(run, Protocol::Patient).file();
    let path = report.join("predictions").join(name);
    if !path.is_file() {
        return Err(TrainError::Data(format!(
            "{} is missing, and a stored model is calibrated on its margins: run `haemolens train \
             {} --preset {} --protocol patient` with the same --report first",
            path.display(),
            run.network.name(),
            run.preset.name()
        )));
    }
    HeldOut::read(&path)
}

/// A few inputs spread over the data set.
pub fn sample(inputs: &[Vec<u8>]) -> Vec<&[u8]> {
    spread(inputs, SAMPLE)
}

impl Storing {
    /// The card of a network, without figures; `how` says how it was trained and made small.
    pub fn card(&self, run: Run, dataset: &Dataset, how: &str) -> ModelCard {
        ModelCard {
            name: table_name(run, Protocol::Patient).model(),
            version: self.version.clone(),
            licence: match self.licence.as_str() {
                "" => dataset.licence(),
                licence => licence.into(),
            },
            data: dataset.described(&self.data_name),
            protocol: format!(
                "{how}; calibration, threshold and figures from five folds over patients, never \
                 slices"
            ),
            figures: BTreeMap::new(),
        }
    }

    /// Calibrates the model on held-out margins, measures it, and writes it. `whole` holds the
    /// margins of all unaltered slices before pruning and rounding.
    ///
    /// # Errors
    /// [`TrainError`] from the engine, the external data or files.
    pub fn finish(
        &self,
        mut model: StoredModel,
        run: Run,
        places: &Places,
        inputs: &[Vec<u8>],
        whole: &[f64],
    ) -> Result<Outcome> {
        let held_out = held_out(run, &places.report)?;
        let mut figures = calibrate_model(&mut model, &held_out, &places.sources)?;
        let stored = engine_margins(&model, inputs)?;
        let kept = agreement(&stored, whole, model.facts.calibration.threshold.balanced);
        for (name, value) in [
            ("sameLabelStored", kept.same_label),
            ("marginCorrelationStored", kept.correlation),
        ] {
            let figure = Figure {
                value,
                low: None,
                high: None,
                protocol: "stored model against the f32 network that it was pruned and rounded \
                           from, on the slices that both were fitted on"
                    .into(),
            };
            figures.insert(name.into(), figure);
        }
        if let Some(folder) = &self.external {
            let folder = std::slice::from_ref(folder);
            let external = predict(&model, Dataset::open_each(&places.sources, folder)?)?;
            let calibration = &model.facts.calibration;
            let measured = stored_model_figures(&external, calibration, EXTERNAL_PROTOCOL)?;
            let named = measured.into_iter();
            figures.extend(named.map(|(name, figure)| (format!("{name}External"), figure)));
            write(run, Protocol::External, places, &external)?;
        }
        let unseen = places.unseen();
        if run.preset == Preset::Open && !unseen.is_empty() {
            let unseen = predict(&model, Dataset::open_each(&places.sources, &unseen)?)?;
            write(run, Protocol::Source, places, &unseen)?;
        }
        model.facts.card.figures.clone_from(&figures);
        let bytes = model.to_bytes()?;
        if let Some(folder) = self.out.parent() {
            std::fs::create_dir_all(folder).map_err(file_error(folder))?;
        }
        write_atomically(&self.out, &bytes)?;
        Ok(Outcome {
            figures,
            bytes: bytes.len(),
        })
    }
}

/// Writes a table where the report looks for it.
fn write(run: Run, protocol: Protocol, places: &Places, table: &[Prediction]) -> Result<()> {
    let name = table_name(run, protocol).file();
    predictions::write(&places.report.join("predictions").join(name), table)
}
