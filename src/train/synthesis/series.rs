//! A reproducible series of slices with synthetic haemorrhage.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Bleed, Intracranial};
use crate::train::augment::Alteration;

/// The slices of a data set as a network sees them, with what drawing into them needs.
#[derive(Clone, Copy)]
pub struct Slices<'a> {
    /// Grey levels, `side × side` each.
    pub inputs: &'a [Vec<u8>],
    /// Pixels of an input's side.
    pub side: usize,
    /// Insides of their skulls.
    pub spaces: &'a [Option<Intracranial>],
    /// Whether they bleed.
    pub labels: &'a [bool],
}

/// A slice with haemorrhage drawn into it, altered like any other.
pub struct Synthetic {
    /// The slice that it was drawn into.
    pub slice: usize,
    /// Grey levels.
    pub grey: Vec<u8>,
    /// Share of blood of each pixel, 0 to 1.
    pub blood: Vec<f32>,
}

/// Draws into some of the slices.
pub struct Series<'a> {
    slices: Slices<'a>,
    drawable: Vec<usize>,
}

impl<'a> Series<'a> {
    /// Draws into those among `normal` whose skull is closed.
    pub fn new(slices: Slices<'a>, normal: impl IntoIterator<Item = usize>) -> Self {
        let normal = normal.into_iter();
        Self {
            drawable: normal.filter(|&i| slices.spaces[i].is_some()).collect(),
            slices,
        }
    }

    /// Draws into any of the slices that do not bleed.
    pub fn of_all(slices: Slices<'a>) -> Self {
        let normal = slices.labels.iter().enumerate();
        Self::new(
            slices,
            normal.filter(|(_, bleeds)| !**bleeds).map(|(i, _)| i),
        )
    }

    /// `wanted`, or 0 where there is nothing to draw into.
    pub fn length(&self, wanted: usize) -> usize {
        if self.drawable.is_empty() { 0 } else { wanted }
    }

    /// Number `number` of the series that `seed` begins.
    ///
    /// # Panics
    /// When there is nothing to draw into ([`Series::length`] is 0).
    pub fn get(&self, seed: u64, number: usize) -> Synthetic {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x5f37);
        rng.set_stream(number as u64);
        self.draw(&mut rng).expect("a slice with a closed skull")
    }

    /// Tries slices and kinds until one finds its place; `None` where there is nothing to draw into.
    pub fn draw(&self, rng: &mut impl Rng) -> Option<Synthetic> {
        let Slices { inputs, side, .. } = self.slices;
        if self.drawable.is_empty() {
            return None;
        }
        loop {
            let slice = self.drawable[rng.random_range(0..self.drawable.len())];
            let kind = Bleed::ALL[rng.random_range(0..Bleed::ALL.len())];
            let space = self.slices.spaces[slice].as_ref()?;
            if let Some(drawing) = kind.draw(space, &inputs[slice], rng) {
                let (grey, blood) = drawing.altered(&Alteration::random(rng), side);
                return Some(Synthetic { slice, grey, blood });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::{self, Kind};
    use crate::preprocess::Preprocessing;

    #[test]
    fn a_series_is_the_same_twice_and_nothing_comes_of_nothing() {
        let slice = phantom::draw(Kind::Normal).into_slice();
        let (grey, _) = Preprocessing::ALEXNET.apply(&slice);
        let side = Preprocessing::ALEXNET.side;
        let inputs = [grey.clone(), grey];
        let spaces: Vec<_> = inputs.iter().map(|g| Intracranial::find(g, side)).collect();
        let slices = Slices {
            inputs: &inputs,
            side,
            spaces: &spaces,
            labels: &[true, false],
        };
        let series = Series::of_all(slices);
        let (first, again, other) = (series.get(3, 1), series.get(3, 1), series.get(3, 2));
        assert_eq!((first.slice, &first.grey), (1, &again.grey));
        assert_ne!(first.grey, other.grey);
        assert!(first.blood.iter().any(|&b| b > 0.5));
        let none = Series::new(slices, []);
        assert_eq!(none.length(9), 0);
        assert!(none.draw(&mut ChaCha8Rng::seed_from_u64(1)).is_none());
    }
}
