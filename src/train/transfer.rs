//! The paper's AlexNet and AlexNet-SVM: ImageNet convolutions kept as they are, fully connected
//! layers trained anew on their maps (its section 5.3.2).

use ndarray::{Array2, Axis};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::dense::fit::{Fitted, Inputs, SgdSettings};
use super::dense::hidden_units;
use super::dense::layer::Layer;
use super::dense::loss::Loss;
use super::features::Features;
use super::principal::Principal;
use super::protocol::{Image, Split};
use crate::svm::{LinearSvm, Problem, Stop};

/// Images whose maps are held in f32 at once.
const CHUNK: usize = 1_000;

/// How the layers after the trunk are trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferSettings {
    /// Principal directions of the training maps that FC6 reads.
    pub directions: usize,
    /// The fully connected layers.
    #[serde(flatten)]
    pub sgd: SgdSettings,
    /// Cost of the final SVM for units of mean square norm 1.
    pub svm_cost: f64,
}

impl TransferSettings {
    /// What the paper says of both networks: batch, rate and its fall, dropout (section 5.3.2).
    /// Momentum and initial deviation are those of its AlexNet (Krizhevsky et al. 2012).
    const PAPER: SgdSettings = SgdSettings {
        hidden: Vec::new(),
        loss: Loss::CrossEntropy,
        epochs: 0,
        batch: 200,
        rate: 0.01,
        rate_falls_after: 2_000,
        momentum: 0.9,
        dropout: 0.5,
        deviation: 0.005,
        measure_every: 5,
        seed: 2020,
    };
    const DIRECTIONS: usize = 1_024;

    /// AlexNet: FC6, FC7, softmax; 200 epochs.
    pub fn paper_alexnet() -> Self {
        Self {
            directions: Self::DIRECTIONS,
            sgd: SgdSettings {
                hidden: vec![4096, 4096],
                epochs: 200,
                ..Self::PAPER
            },
            svm_cost: 1.0,
        }
    }

    /// AlexNet-SVM: FC6, linear SVM; 140 epochs.
    pub fn paper_alexnet_svm() -> Self {
        Self {
            sgd: SgdSettings {
                hidden: vec![4096],
                loss: Loss::SquaredHinge,
                epochs: 140,
                ..Self::PAPER
            },
            ..Self::paper_alexnet()
        }
    }
}

/// The trunk's maps with the real value of their steps.
pub struct Maps<'a> {
    /// In activation steps.
    pub features: &'a Features,
    /// Real value of a step, one a channel.
    pub scale: &'a [f32],
    /// Labels of the slices.
    pub labels: &'a [bool],
}

impl Maps<'_> {
    /// Real-valued maps, `images × dimensions`.
    pub fn rows(&self, images: &[Image]) -> Array2<f32> {
        let dimensions = self.features.dimensions;
        let places = dimensions / self.scale.len();
        let mut rows = Array2::zeros((images.len(), dimensions));
        for (mut row, image) in rows.outer_iter_mut().zip(images) {
            let map = self.features.get(image.variant, image.slice);
            for (i, (to, &step)) in row.iter_mut().zip(map).enumerate() {
                *to = f32::from(step) * self.scale[i / places];
            }
        }
        rows
    }

    fn all(&self) -> Vec<Image> {
        (0..self.features.variants())
            .flat_map(|variant| (0..self.labels.len()).map(move |slice| Image { slice, variant }))
            .collect()
    }
}

/// All images along the principal directions of some of a split's training images.
pub struct Reduced {
    /// Mean and directions.
    pub principal: Principal,
    /// Every image's components.
    pub inputs: Inputs,
}

impl Reduced {
    /// Training images for each direction that the directions are found on.
    const SAMPLES: usize = 3;

    /// Finds the directions and projects all images.
    pub fn of(maps: &Maps, split: &Split, settings: &TransferSettings) -> Self {
        let seed = settings.sgd.seed;
        let mut training = split.training_images();
        training.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        training.truncate(settings.directions * Self::SAMPLES);
        let principal = Principal::find(maps.rows(&training), settings.directions, seed);
        let all = maps.all();
        let mut rows = Array2::zeros((all.len(), principal.axes.nrows()));
        for (mut rows, images) in rows
            .axis_chunks_iter_mut(Axis(0), CHUNK)
            .zip(all.chunks(CHUNK))
        {
            rows.assign(&principal.project(&maps.rows(images)));
        }
        Self {
            principal,
            inputs: Inputs {
                rows,
                labels: maps.labels.to_vec(),
            },
        }
    }
}

/// The layers after the trunk, on components: hidden layers and the two planes on the last one's
/// units.
pub struct Head {
    /// FC6, and FC7 in AlexNet.
    pub hidden: Vec<Layer>,
    /// Margin of haemorrhage.
    pub haemorrhage: LinearSvm,
    /// Margin of normal.
    pub normal: LinearSvm,
}

impl Head {
    /// From a trained network: the softmax's two outputs as planes of their differences, or for
    /// the hinge both planes solved exactly on the training images' units.
    pub fn of(
        fitted: &Fitted,
        settings: &TransferSettings,
        inputs: &Inputs,
        split: &Split,
    ) -> Self {
        let (last, hidden) = fitted.layers.split_last().expect("a network has layers");
        let (haemorrhage, normal) = match settings.sgd.loss {
            Loss::CrossEntropy => {
                let difference = |a: usize, b: usize| LinearSvm {
                    weights: (&last.weight.row(a) - &last.weight.row(b)).to_vec(),
                    bias: last.bias[a] - last.bias[b],
                };
                (difference(1, 0), difference(0, 1))
            }
            Loss::SquaredHinge => {
                let images = split.training_images();
                let units = hidden_units(&fitted.layers, inputs.gather(&images).view());
                let plane = solve(&units, &inputs.labels(&images), settings.svm_cost);
                let opposite = LinearSvm {
                    weights: plane.weights.iter().map(|w| -w).collect(),
                    bias: -plane.bias,
                };
                (plane, opposite)
            }
        };
        Self {
            hidden: hidden.to_vec(),
            haemorrhage,
            normal,
        }
    }

    /// Both margins of images.
    pub fn margins(&self, inputs: &Inputs, images: &[Image]) -> Vec<(f64, f64)> {
        let mut margins = Vec::with_capacity(images.len());
        for images in images.chunks(CHUNK) {
            let mut units = inputs.gather(images);
            for layer in &self.hidden {
                units = layer.forward(units.view());
                units.mapv_inplace(|u| u.max(0.0));
            }
            margins.extend(units.outer_iter().map(|row| {
                let row = row.to_vec();
                let margin = |plane: &LinearSvm| f64::from(plane.margin(&row));
                (margin(&self.haemorrhage), margin(&self.normal))
            }));
        }
        margins
    }
}

/// The plane of the convex problem with every image counting the same, as in the paper.
fn solve(units: &Array2<f32>, labels: &[bool], cost: f64) -> LinearSvm {
    let square: f64 = units.iter().map(|&u| f64::from(u).powi(2)).sum();
    let scale = (labels.len() as f64 / square.max(f64::MIN_POSITIVE)).sqrt() as f32;
    let scaled: Vec<f32> = units.iter().map(|u| u * scale).collect();
    let problem = Problem {
        features: &scaled,
        dimensions: units.ncols(),
        labels,
        costs: &vec![cost; labels.len()],
    };
    let mut plane = problem.solve(Stop::default()).svm;
    plane.weights.iter_mut().for_each(|w| *w *= scale);
    plane
}
