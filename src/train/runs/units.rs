//! What an int8 network makes of every copy of every slice, and of synthetic haemorrhage: the last
//! hidden units, which its planes are solved on.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use rayon::prelude::*;

use crate::model::StoredModel;
use crate::train::augment::Copies;
use crate::train::protocol::{Image, Split};
use crate::train::synthesis::{Series, Slices};
use crate::train::{Result, agreement, write_atomically};

/// Units of copies and synthetic slices, row-major.
pub struct Units {
    width: usize,
    slices: usize,
    /// Copies of every slice: `variants × slices × width`.
    copies: Vec<f32>,
    /// Synthetic slices.
    synthetic: Vec<f32>,
    /// The slice that each synthetic one was drawn into.
    drawn_into: Vec<usize>,
}

/// Rows to solve a plane on.
pub struct Rows {
    /// Units, row-major.
    pub units: Vec<f32>,
    /// Whether each row is of haemorrhage.
    pub labels: Vec<bool>,
    /// How many rows, the first ones, are of real slices.
    pub real: usize,
}

impl Units {
    /// Runs the engine on `copies` of the slices and `synthetic` drawn ones, or reads what an
    /// earlier run with the same network left in `folder`.
    ///
    /// # Errors
    /// [`crate::train::TrainError`] from the engine or files.
    pub fn compute(
        model: &StoredModel,
        slices: Slices,
        copies: Copies,
        (synthetic, seed): (usize, u64),
        folder: &Path,
    ) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        model.to_bytes()?.hash(&mut hasher);
        let key = hasher.finish();
        let width = model.haemorrhage.weights.len();
        let kept = |name: &str, images: &mut dyn FnMut() -> Vec<Vec<u8>>| -> Result<Vec<f32>> {
            let path = folder.join(format!("units-{key:016x}-{name}.bin"));
            if let Ok(bytes) = std::fs::read(&path) {
                let floats = bytes.chunks_exact(4);
                return Ok(floats
                    .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                    .collect());
            }
            let units = agreement::of_engine_features(model, &images(), <[f32]>::to_vec)?.concat();
            let bytes: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
            write_atomically(&path, &bytes)?;
            Ok(units)
        };
        let mut of_copies = Vec::new();
        for variant in 0..copies.count() {
            let name = format!("{}-{variant}", copies.name());
            of_copies.extend(kept(&name, &mut || {
                let inputs = slices.inputs.par_iter().enumerate();
                let altered = |(slice, grey): (usize, &Vec<u8>)| {
                    copies.alteration(slice, variant).apply(grey, slices.side)
                };
                inputs.map(altered).collect()
            })?);
        }
        let series = Series::of_all(slices);
        let drawn = (0..series.length(synthetic)).into_par_iter();
        let drawn: Vec<_> = drawn.map(|n| series.get(seed, n)).collect();
        let name = format!("synthetic-{seed}-{synthetic}");
        let of_drawn = kept(&name, &mut || {
            drawn.iter().map(|d| d.grey.clone()).collect()
        })?;
        Ok(Self {
            width,
            slices: slices.inputs.len(),
            copies: of_copies,
            synthetic: of_drawn,
            drawn_into: drawn.into_iter().map(|d| d.slice).collect(),
        })
    }

    /// The units of a copy.
    pub fn row(&self, Image { slice, variant }: Image) -> &[f32] {
        &self.copies[(variant * self.slices + slice) * self.width..][..self.width]
    }

    /// The rows of a split: its training images, then what was drawn into its normal slices.
    pub fn of(&self, split: &Split, labels: &[bool]) -> Rows {
        let images = split.training_images();
        let rows = images.iter().flat_map(|image| self.row(*image));
        let mut units: Vec<f32> = rows.copied().collect();
        let mut of_rows: Vec<bool> = images.iter().map(|i| labels[i.slice]).collect();
        let slices: HashSet<usize> = images.iter().map(|i| i.slice).collect();
        for (row, slice) in self
            .synthetic
            .chunks_exact(self.width)
            .zip(&self.drawn_into)
        {
            if slices.contains(slice) {
                units.extend(row);
                of_rows.push(true);
            }
        }
        Rows {
            units,
            labels: of_rows,
            real: images.len(),
        }
    }
}
