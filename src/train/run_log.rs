//! What a training run measured on its way: the learning curves of the report.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::dense::loss::Loss;
use super::predictions::{Network, Preset, Protocol};
use super::protocol::Split;
use super::{Result, TrainError, file_error, write_atomically};
use crate::calibration::Platt;

/// The log of one run, as `models/report/runs/*.json` holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunLog {
    /// Whose run.
    pub network: Network,
    /// How it was trained.
    pub preset: Preset,
    /// How images were split.
    pub protocol: Protocol,
    /// The held-out fold in the patient protocol, the number of the family that is left out in the
    /// source protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<usize>,
    /// The family of sources that is left out, in the source protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
    /// Everything that was set.
    #[serde(default)]
    pub settings: serde_json::Value,
    /// Images that an epoch passes.
    pub train_images: usize,
    /// Images tested.
    pub test_images: usize,
    /// Training images passed forward and backward in a second.
    pub images_per_second: f64,
    /// Time spent on training steps.
    pub seconds: f64,
    /// The epochs that were measured.
    pub epochs: Vec<Epoch>,
}

/// Figures after an epoch, without dropout. Training figures are those of the unaltered training
/// slices in the patient protocol, of all training images in the paper's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Epoch {
    /// Epochs done, from 1.
    pub epoch: usize,
    /// Learning rate at its end.
    pub rate: f64,
    /// Mean cross-entropy or squared hinge.
    pub train_loss: f64,
    /// Share of right labels at margin 0.
    pub train_accuracy: f64,
    /// Mean squared error of the probability of haemorrhage.
    pub train_mse: f64,
    /// As `train_loss`, on the test images; absent where there are none.
    pub test_loss: Option<f64>,
    /// As `train_accuracy`.
    pub test_accuracy: Option<f64>,
    /// As `train_mse`.
    pub test_mse: Option<f64>,
}

/// Margins with their truths.
pub struct Marked {
    /// Positive on haemorrhage.
    pub margins: Vec<f64>,
    /// The truths.
    pub labels: Vec<bool>,
}

impl Marked {
    fn mean(&self, of: impl Fn(f64, bool) -> f64) -> f64 {
        let pairs = self.margins.iter().zip(&self.labels);
        pairs
            .map(|(&margin, &label)| of(margin, label))
            .sum::<f64>()
            / self.labels.len() as f64
    }

    fn accuracy(&self) -> f64 {
        self.mean(|margin, label| f64::from(u8::from((margin >= 0.0) == label)))
    }

    fn mse(&self, probability: &Platt) -> f64 {
        self.mean(|margin, label| {
            (probability.probability(margin) - f64::from(u8::from(label))).powi(2)
        })
    }
}

impl Epoch {
    /// Measures an epoch. Probabilities are the softmax's, or for the hinge those of Platt scaling
    /// fitted on the training margins.
    ///
    /// # Errors
    /// [`TrainError::Data`] when training has diverged: a margin is not a number.
    pub fn measure(
        epoch: usize,
        rate: f64,
        loss: Loss,
        train: &Marked,
        test: &Marked,
    ) -> Result<Self> {
        if !train.margins.iter().all(|m| m.is_finite()) {
            return Err(TrainError::Data(format!(
                "training diverged before the end of epoch {epoch}: its rate of {rate} is too high \
                 for these images"
            )));
        }
        let probability = match loss {
            // 1 / (1 + exp(−margin)): the softmax of two outputs.
            Loss::CrossEntropy => Platt {
                slope: -1.0,
                offset: 0.0,
            },
            Loss::SquaredHinge => Platt::fit(&train.margins, &train.labels),
        };
        let tested = !test.labels.is_empty();
        Ok(Self {
            epoch,
            rate,
            train_loss: train.mean(|margin, label| loss.value(margin, label)),
            train_accuracy: train.accuracy(),
            train_mse: train.mse(&probability),
            test_loss: tested.then(|| test.mean(|margin, label| loss.value(margin, label))),
            test_accuracy: tested.then(|| test.accuracy()),
            test_mse: tested.then(|| test.mse(&probability)),
        })
    }
}

impl RunLog {
    /// `alexnet-paper-patient-fold2.json`.
    pub fn file_name(&self) -> String {
        let fold = self
            .fold
            .map_or(String::new(), |fold| format!("-fold{fold}"));
        let (network, preset) = (self.network.name(), self.preset.name());
        format!("{network}-{preset}-{}{fold}.json", self.protocol.name())
    }

    /// Writes the log into `folder` under its name.
    ///
    /// # Errors
    /// [`TrainError`] naming the file.
    pub fn write(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder).map_err(file_error(folder))?;
        let path = folder.join(self.file_name());
        let json = serde_json::to_string_pretty(self)
            .map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
        write_atomically(&path, format!("{json}\n").as_bytes())
    }
}

/// Which run a log is of.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// As in [`RunLog::network`].
    pub network: Network,
    /// As in [`RunLog::preset`].
    pub preset: Preset,
}

/// What training has passed and measured so far; stands in checkpoints.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    /// Epochs done.
    pub epoch: usize,
    /// Steps done.
    pub steps: usize,
    /// Images passed.
    pub images: usize,
    /// Time spent on steps.
    pub seconds: f64,
    /// The epochs that were measured.
    pub epochs: Vec<Epoch>,
}

impl Journal {
    /// The finished log of a run on a split of a protocol.
    pub fn log(
        self,
        run: Run,
        protocol: Protocol,
        split: &Split,
        settings: serde_json::Value,
    ) -> RunLog {
        RunLog {
            network: run.network,
            preset: run.preset,
            protocol,
            fold: split.fold,
            left_out: split.left_out.clone(),
            settings,
            train_images: split.groups.len(),
            test_images: split.test.len(),
            images_per_second: self.images as f64 / self.seconds.max(f64::MIN_POSITIVE),
            seconds: self.seconds,
            epochs: self.epochs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_measured_as_by_hand() {
        let train = Marked {
            margins: vec![2.0, -1.0, 0.5],
            labels: vec![true, false, false],
        };
        let test = Marked {
            margins: vec![-0.5, 0.25],
            labels: vec![true, true],
        };
        let hinge = Epoch::measure(3, 0.01, Loss::SquaredHinge, &train, &test).unwrap();
        assert!((hinge.train_loss - (0.0 + 0.0 + 2.25) / 3.0).abs() < 1e-12);
        assert!((hinge.train_accuracy - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(hinge.test_accuracy, Some(0.5));
        let softmax = Epoch::measure(3, 0.01, Loss::CrossEntropy, &train, &test).unwrap();
        let p = |m: f64| 1.0 / (1.0 + (-m).exp());
        let mse = ((p(2.0) - 1.0).powi(2) + p(-1.0).powi(2) + p(0.5).powi(2)) / 3.0;
        assert!((softmax.train_mse - mse).abs() < 1e-12);
        let cross_entropy = -(p(-0.5).ln() + p(0.25).ln()) / 2.0;
        assert!((softmax.test_loss.unwrap() - cross_entropy).abs() < 1e-12);
        let lost = Marked {
            margins: vec![f64::NAN],
            labels: vec![true],
        };
        let error = Epoch::measure(3, 0.01, Loss::CrossEntropy, &lost, &test).unwrap_err();
        assert!(error.to_string().contains("diverged"), "{error}");
    }
}
