//! What a step learns from.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use candle_core::Tensor;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::train::Result;
use crate::train::dataset::Example;
use crate::train::protocol::Image;

/// How many slices of each sort a step sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mixture {
    /// With haemorrhage, drawn patient by patient.
    pub haemorrhage: usize,
    /// Synthetic haemorrhage.
    pub synthetic: usize,
    /// Without.
    pub normal: usize,
}

impl Mixture {
    /// Slices of a step.
    pub fn batch(&self) -> usize {
        self.haemorrhage + self.synthetic + self.normal
    }

    /// The sort of each slice of a step.
    pub fn sorts(&self) -> Vec<Sort> {
        [
            (Sort::Haemorrhage, self.haemorrhage),
            (Sort::Synthetic, self.synthetic),
            (Sort::Normal, self.normal),
        ]
        .into_iter()
        .flat_map(|(sort, count)| std::iter::repeat_n(sort, count))
        .collect()
    }
}

/// Where a slice of a batch comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A slice with haemorrhage; where it bleeds is not known.
    Haemorrhage,
    /// Blood drawn into a slice without; where it bleeds is known.
    Synthetic,
    /// A slice without haemorrhage.
    Normal,
}

/// The slices of a step.
pub struct Batch {
    /// What the first trainable convolution reads, `N×C×H×W`.
    pub x: Tensor,
    /// Sorts, `N`.
    pub sorts: Vec<Sort>,
    /// Pixels of blood around each place of the last map where that is known, else zeros;
    /// `N × places`.
    pub blood: Vec<f32>,
}

/// Where batches come from.
pub trait Batches {
    /// The batch of a step, the same for the same mixture, seed and step.
    ///
    /// # Errors
    /// From the tensor library.
    fn batch(&self, mixture: Mixture, seed: u64, step: usize) -> Result<Batch>;
}

/// Copies of a slice of which a step takes one.
type Group = Vec<Image>;

/// Slices to draw from, by sort.
pub struct Pool {
    /// Slices with haemorrhage, patient by patient.
    bleeding: Vec<Vec<Group>>,
    /// Slices without.
    normal: Vec<Group>,
}

impl Pool {
    /// Sorts groups of images, such as a split's, of slices among `examples`.
    pub fn new(examples: &[Example], groups: &[Group]) -> Self {
        let mut bleeding: BTreeMap<&str, Vec<Group>> = BTreeMap::new();
        let mut normal = Vec::new();
        for group in groups {
            let Some(example) = group.first().map(|image| &examples[image.slice]) else {
                continue;
            };
            if example.haemorrhage {
                let of_patient = bleeding.entry(&example.patient).or_default();
                of_patient.push(group.clone());
            } else {
                normal.push(group.clone());
            }
        }
        Self {
            bleeding: bleeding.into_values().collect(),
            normal,
        }
    }

    /// An image with haemorrhage: a patient first, so that each counts the same, then one of their
    /// slices, then one of its copies.
    pub fn bleeding(&self, rng: &mut impl Rng) -> Option<Image> {
        let patient = self.bleeding.get(pick(0..self.bleeding.len(), rng)?)?;
        let group = &patient[pick(0..patient.len(), rng)?];
        Some(group[pick(0..group.len(), rng)?])
    }

    /// An image without.
    pub fn normal(&self, rng: &mut impl Rng) -> Option<Image> {
        let group = &self.normal[pick(0..self.normal.len(), rng)?];
        Some(group[pick(0..group.len(), rng)?])
    }

    /// The slices without haemorrhage.
    pub fn normal_slices(&self) -> BTreeSet<usize> {
        self.normal.iter().flatten().map(|i| i.slice).collect()
    }
}

/// One of a range; nothing of an empty one.
pub fn pick(range: Range<usize>, rng: &mut impl Rng) -> Option<usize> {
    (!range.is_empty()).then(|| rng.random_range(range))
}

/// Pixels of blood in the square around each place of the last map (`height × width`).
pub fn blood_by_place(blood: &[f32], side: usize, (height, width): (usize, usize)) -> Vec<f32> {
    let pitch = side / height.max(1);
    let reach = 3 * pitch / 4;
    // Places are centred: the first and the last are equally far from the image's edges.
    let span = |i: usize, count: usize| {
        let centre = (side + 2 * i * pitch - (count - 1) * pitch) / 2;
        centre.saturating_sub(reach)..(centre + reach).min(side)
    };
    let mut sums = Vec::with_capacity(height * width);
    for y in 0..height {
        for x in 0..width {
            let columns = span(x, width);
            let rows = span(y, height).map(|v| &blood[v * side..][columns.clone()]);
            sums.push(rows.map(|row| row.iter().sum::<f32>()).sum());
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blood_is_counted_around_its_place() {
        let mut blood = vec![0.0; 227 * 227];
        // The middle of a 13×13 map is the middle of the image.
        for y in 110..117 {
            blood[y * 227 + 110..y * 227 + 117].fill(1.0);
        }
        let counts = blood_by_place(&blood, 227, (13, 13));
        assert_eq!(counts[6 * 13 + 6], 49.0);
        assert_eq!(counts[6 * 13 + 8], 0.0);
        assert_eq!(counts[0], 0.0);
    }
}
