//! Linear probes: how much of the answer can be read off what a convolution hands on (the paper's
//! Table 3 gives an error for each of its convolutions).

use std::path::Path;

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use crate::calibration::Platt;
use crate::svm::{Problem, Stop};
use crate::train::predictions::Network;
use crate::train::protocol::Split;
use crate::train::{Result, TrainError, file_error, write_atomically};

/// Inputs that pass through the f32 network at once.
const BATCH: usize = 16;
/// Cost of a probe's SVM, for features of mean square norm 1.
const COST: f64 = 1.0;

/// What a probe after a layer gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Of which network.
    pub network: Network,
    /// After which layer.
    pub layer: String,
    /// Mean squared error of the probability of haemorrhage on held-out patients.
    pub mse: f64,
}

/// For each layer and input the mean of every channel's map; `outputs` gives the layers' maps of
/// some inputs' grey levels, `N × channels × …`.
///
/// # Errors
/// From the tensor library.
pub fn channel_means(
    inputs: &[Vec<u8>],
    outputs: impl Fn(&[u8]) -> candle_core::Result<Vec<Tensor>>,
) -> Result<Vec<Vec<Vec<f32>>>> {
    let mut layers: Vec<Vec<Vec<f32>>> = Vec::new();
    for batch in inputs.chunks(BATCH) {
        let maps = outputs(&batch.concat())?;
        layers.resize(maps.len(), Vec::new());
        for (layer, map) in layers.iter_mut().zip(maps) {
            let places = map.flatten_from(2)?;
            layer.extend(places.mean(2)?.to_vec2::<f32>()?);
        }
    }
    Ok(layers)
}

/// Squared errors of a split's test slices (unaltered ones) by a linear SVM on standardised
/// `features` (one row a slice) with a sigmoid, both fitted on its unaltered training slices.
pub fn squared_errors(features: &[Vec<f32>], labels: &[bool], split: &Split) -> Vec<f64> {
    let training: Vec<usize> = split.measured().iter().map(|image| image.slice).collect();
    let scale = Standard::of(training.iter().map(|&i| &features[i][..]));
    let rows: Vec<Vec<f32>> = features.iter().map(|row| scale.apply(row)).collect();
    let truths: Vec<bool> = training.iter().map(|&i| labels[i]).collect();
    let flat: Vec<f32> = training.iter().flat_map(|&i| &rows[i]).copied().collect();
    let problem = Problem {
        features: &flat,
        dimensions: scale.mean.len(),
        labels: &truths,
        costs: &vec![COST; truths.len()],
    };
    let svm = problem.solve(Stop::default()).svm;
    let margin = |i: usize| f64::from(svm.margin(&rows[i]));
    let margins: Vec<f64> = training.iter().map(|&i| margin(i)).collect();
    let sigmoid = Platt::fit(&margins, &truths);
    let tested = split.test.iter().map(|image| image.slice);
    tested
        .map(|i| (sigmoid.probability(margin(i)) - f64::from(u8::from(labels[i]))).powi(2))
        .collect()
}

/// What makes features have mean 0, and rows mean square norm 1.
struct Standard {
    mean: Vec<f32>,
    gain: Vec<f32>,
}

impl Standard {
    fn of<'a>(rows: impl Iterator<Item = &'a [f32]> + Clone) -> Self {
        let count = rows.clone().count() as f32;
        let dimensions = rows.clone().next().map_or(0, <[f32]>::len);
        let mut mean = vec![0.0; dimensions];
        for row in rows.clone() {
            for (mean, v) in mean.iter_mut().zip(row) {
                *mean += v / count;
            }
        }
        let mut square = vec![0.0; dimensions];
        for row in rows {
            for ((square, v), mean) in square.iter_mut().zip(row).zip(&mean) {
                *square += (v - mean).powi(2) * dimensions as f32 / count;
            }
        }
        let inverse = |s: &f32| if *s > 0.0 { 1.0 / s.sqrt() } else { 0.0 };
        Self {
            gain: square.iter().map(inverse).collect(),
            mean,
        }
    }

    fn apply(&self, row: &[f32]) -> Vec<f32> {
        let scale = self.mean.iter().zip(&self.gain);
        row.iter()
            .zip(scale)
            .map(|(v, (mean, gain))| (v - mean) * gain)
            .collect()
    }
}

/// Writes a network's probes into `report/runs/probes.json`, beside those of other networks.
///
/// # Errors
/// [`TrainError`] naming the file.
pub fn write(report: &Path, network: Network, layers: &[String], mse: &[f64]) -> Result<()> {
    let folder = report.join("runs");
    let path = folder.join("probes.json");
    std::fs::create_dir_all(&folder).map_err(file_error(&folder))?;
    let wrong = |e: serde_json::Error| TrainError::Data(format!("{}: {e}", path.display()));
    let mut probes: Vec<Probe> = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(wrong)?,
        Err(_) => Vec::new(),
    };
    probes.retain(|probe| probe.network != network);
    probes.extend(layers.iter().zip(mse).map(|(layer, &mse)| Probe {
        network,
        layer: layer.clone(),
        mse,
    }));
    probes.sort_by(|a, b| (a.network, &a.layer).cmp(&(b.network, &b.layer)));
    let json = serde_json::to_string_pretty(&probes).map_err(wrong)?;
    write_atomically(&path, format!("{json}\n").as_bytes())
}

/// Means of layers' squared errors, pooled over folds.
#[derive(Default)]
pub struct Pooled(Vec<Vec<f64>>);

impl Pooled {
    /// Adds a fold's errors at every layer; `features` is layers × slices × channels.
    pub fn add(&mut self, features: &[Vec<Vec<f32>>], labels: &[bool], split: &Split) {
        self.0.resize(features.len(), Vec::new());
        for (errors, features) in self.0.iter_mut().zip(features) {
            errors.extend(squared_errors(features, labels, split));
        }
    }

    /// One mean a layer.
    pub fn means(&self) -> Vec<f64> {
        let mean = |errors: &Vec<f64>| errors.iter().sum::<f64>() / errors.len() as f64;
        self.0.iter().map(mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::predictions::Protocol;
    use crate::train::protocol::Image;

    #[test]
    fn a_probe_reads_off_what_is_there_and_nothing_where_nothing_is() {
        let labels: Vec<bool> = (0..200).map(|i| i % 4 == 0).collect();
        let image = |slice| Image { slice, variant: 0 };
        let split = Split {
            protocol: Some(Protocol::Patient),
            fold: Some(0),
            left_out: None,
            groups: (0..150).map(|i| vec![image(i)]).collect(),
            test: (150..200).map(image).collect(),
        };
        let noise = |i: usize| (i * 7919 % 101) as f32 / 101.0;
        let telling = |i: usize| {
            vec![
                noise(i),
                3.0 * f32::from(u8::from(labels[i])) + noise(i + 7),
            ]
        };
        let silent = |i: usize| vec![noise(i), 5.0];
        let features = [
            (0..200).map(telling).collect::<Vec<_>>(),
            (0..200).map(silent).collect(),
        ];
        let mut pooled = Pooled::default();
        pooled.add(&features, &labels, &split);
        let [told, untold] = pooled.means()[..] else {
            panic!("two layers")
        };
        assert!(told < 0.01, "{told}");
        // The share of haemorrhage is a quarter: its variance is 3 / 16.
        assert!((untold - 0.1875).abs() < 0.02, "{untold}");
    }

    #[test]
    fn probes_of_other_networks_stay() {
        let folder = tempfile::tempdir().unwrap();
        let layers = ["conv1".to_owned(), "conv2".to_owned()];
        write(folder.path(), Network::Cnn, &layers, &[0.1, 0.2]).unwrap();
        write(folder.path(), Network::AlexNet, &layers, &[0.3, 0.4]).unwrap();
        write(folder.path(), Network::Cnn, &layers, &[0.5, 0.6]).unwrap();
        let bytes = std::fs::read(folder.path().join("runs/probes.json")).unwrap();
        let probes: Vec<Probe> = serde_json::from_slice(&bytes).unwrap();
        let mse: Vec<f64> = probes.iter().map(|p| p.mse).collect();
        assert_eq!(mse, [0.5, 0.6, 0.3, 0.4]);
    }
}
