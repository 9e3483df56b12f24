//! What a larger model buys: held-out AUC against the bytes of a model that keeps only some of FC6's
//! units, those that the plane leans on most, and of the last convolution only the maps that they
//! read.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Rounded, Session, Start, misfit};
use crate::model::StoredModel;
use crate::svm::{LinearSvm, solve_standardised};
use crate::train::evaluate::{Assessment, Band, Decision, Measure, Reading, Scored};
use crate::train::predictions::Protocol;
use crate::train::protocol::Split;
use crate::train::{Result, TrainError, file_error, write_atomically};

/// How many units are kept.
const KEPT: [usize; 8] = [2, 4, 8, 16, 32, 64, 128, 256];

/// One size of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Size {
    /// Units of FC6, and maps of the last convolution.
    pub units: usize,
    /// Length of the stored model.
    pub bytes: usize,
    /// Of held-out slices, patient protocol.
    pub auc: f64,
    /// Lower end of its 95 % interval over patients.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// A plane on some of the units.
struct Selected {
    units: Vec<usize>,
    plane: LinearSvm,
}

impl Session<'_> {
    /// Measures every size on held-out patients, and writes `runs/sizes.json`.
    ///
    /// # Errors
    /// [`TrainError`] where convolutions are tuned, and from the engine and files.
    pub fn sizes(&self) -> Result<()> {
        let copies = self.copies(Protocol::Patient);
        let Start::Untuned(rounded) = self.start(copies)? else {
            let what =
                "sizes are measured of the network whose units are means of maps (--steps 0)";
            return Err(TrainError::Data(what.into()));
        };
        let examples = &self.dataset.examples;
        let seed = self.settings.tune.seed;
        let splits = Split::all(Protocol::Patient, examples, copies.count(), seed);
        let patients: BTreeSet<&str> = examples.iter().map(|e| e.patient.as_str()).collect();
        let patients: Vec<&str> = patients.into_iter().collect();
        let mut scored: Vec<Vec<Scored>> = vec![Vec::new(); KEPT.len()];
        for split in &splits {
            for (scored, selected) in scored.iter_mut().zip(self.selections(&rounded, split)) {
                let margins = split.test.iter().map(|image| Scored {
                    patient: patients.partition_point(|p| **p < *examples[image.slice].patient),
                    fold: split.fold.unwrap_or(0),
                    haemorrhage: self.labels[image.slice],
                    margin: selected.margin(rounded.units.row(*image)),
                });
                scored.extend(margins);
            }
        }
        let everyone = Split::everyone(examples, copies.count());
        let shipped = self.selections(&rounded, &everyone);
        let sizes = shipped.iter().zip(&scored).map(|(selected, scored)| {
            let judged = READING.judge(scored)?;
            let auc = Assessment::new(judged).estimate(Measure::Auc);
            Ok(Size {
                units: selected.units.len(),
                bytes: selected.cut_out_of(&rounded.model)?.to_bytes()?.len(),
                auc: auc.value,
                low: auc.low,
                high: auc.high,
            })
        });
        write(&self.places.report, &sizes.collect::<Result<Vec<_>>>()?)
    }

    /// For each of [`KEPT`] the units that a plane on all of them leans on most, and the plane that
    /// is solved on those alone.
    fn selections(&self, rounded: &Rounded, split: &Split) -> Vec<Selected> {
        let rows = rounded.units.of(split, &self.labels);
        let (costs, _) = self.costs(&rows, split);
        let width = self.settings.tune.units;
        let whole = solve_standardised(&rows.units, &rows.labels, &costs);
        let mut order: Vec<usize> = (0..width).collect();
        let lean = |unit: &usize| {
            let values = rows.units.iter().skip(*unit).step_by(width);
            let count = rows.labels.len() as f64;
            let mean = values.clone().map(|&v| f64::from(v)).sum::<f64>() / count;
            let square = values.map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>();
            f64::from(whole.weights[*unit]).abs() * (square / count).sqrt()
        };
        let leans: Vec<f64> = order.iter().map(lean).collect();
        order.sort_by(|&a, &b| leans[b].total_cmp(&leans[a]));
        KEPT.iter()
            .map(|&kept| {
                let mut units = order[..kept.min(width)].to_vec();
                units.sort_unstable();
                let of_kept: Vec<f32> = rows
                    .units
                    .chunks_exact(width)
                    .flat_map(|row| units.iter().map(|&unit| row[unit]))
                    .collect();
                let plane = solve_standardised(&of_kept, &rows.labels, &costs);
                Selected { units, plane }
            })
            .collect()
    }
}

/// Only the order of margins is looked at.
const READING: Reading = Reading {
    decision: Decision::Own,
    platt: None,
    softmax: false,
    band: Band::None,
};

impl Selected {
    fn margin(&self, row: &[f32]) -> f64 {
        let kept: Vec<f32> = self.units.iter().map(|&unit| row[unit]).collect();
        f64::from(self.plane.margin(&kept))
    }

    /// The network without the other units and the maps that those read.
    fn cut_out_of(&self, model: &StoredModel) -> Result<StoredModel> {
        let mut cut = model.clone();
        let count = self.units.len();
        let network = &mut cut.facts.architecture;
        let (channels, side) = network.feature_shape().ok_or_else(misfit)?;
        // Unit by unit the mean of the map of the same number.
        let maps = &self.units;
        if network.units() != channels {
            return Err(misfit());
        }
        let (Some(shape), Some(conv)) = (network.convs.last_mut(), cut.convs.last_mut()) else {
            return Err(misfit());
        };
        let (Some(hidden), Some(fc6)) = (network.linears.first_mut(), cut.linears.first_mut())
        else {
            return Err(misfit());
        };
        (shape.filters, hidden.units) = (count, count);
        let row = conv.layer.weight.len() / channels;
        conv.layer.weight = rows(&conv.layer.weight, maps, row);
        conv.output_scale = rows(&conv.output_scale, maps, 1);
        let units = rows(&fc6.layer.weight, maps, channels * side * side);
        fc6.layer.weight = units
            .chunks_exact(channels * side * side)
            .flat_map(|unit| rows(unit, maps, side * side))
            .collect();
        for layer in [&mut conv.layer, &mut fc6.layer] {
            layer.weight_scale = rows(&layer.weight_scale, maps, 1);
            layer.bias = rows(&layer.bias, maps, 1);
        }
        cut.normal = self.plane.clone();
        cut.haemorrhage = self.plane.clone();
        Ok(cut)
    }
}

/// Some rows of a matrix.
fn rows<T: Copy>(matrix: &[T], kept: &[usize], length: usize) -> Vec<T> {
    let row = |&i: &usize| matrix[i * length..][..length].iter().copied();
    kept.iter().flat_map(row).collect()
}

fn write(report: &Path, sizes: &[Size]) -> Result<()> {
    let folder = report.join("runs");
    std::fs::create_dir_all(&folder).map_err(file_error(&folder))?;
    let path = folder.join("sizes.json");
    let json = serde_json::to_string_pretty(sizes)
        .map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
    write_atomically(&path, format!("{json}\n").as_bytes())
}
