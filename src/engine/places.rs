//! A fully connected layer at every place of the last map, and what is read of its units: the mean over
//! all places and the mean over the highest few.
//!
//! The layer is a 1×1 convolution, so it runs as one, and its units are rounded to eight bits like any
//! activation. From there on all is sums of integers, which are exact in whatever order they are taken;
//! each becomes a feature by one conversion and one product in `f32`.

use super::conv::ConvStep;
use super::kernels::Kernels;
use super::layers::RealMap;
use super::map::Map;
use crate::architecture::Conv;
use crate::model::{QuantConv, QuantLinear};

/// The layer ready to run, and what it made of the last map.
#[derive(Debug)]
pub struct Places {
    pub(super) step: ConvStep,
    /// The units of each place, in activation steps.
    pub(super) units: Map,
    /// Real value of one step in a sum over all places, one a unit.
    pub(super) mean_scale: Vec<f32>,
    /// Real value of one step in a sum over the highest places, one a unit.
    pub(super) top_scale: Vec<f32>,
    sums: Vec<i32>,
    /// The highest steps of each unit, the highest of all units first.
    pub(super) highest: Vec<i16>,
    /// A place's steps that are none of the highest, while they are sorted in.
    rest: Vec<i16>,
    features: Vec<f32>,
    /// How many places at the lowest of a unit's highest steps are among its highest, where a margin is
    /// taken apart.
    pub(super) ties: Vec<usize>,
}

impl Places {
    /// Packs a layer that reads a map of `channels` and `side × side` places, of which the `top` highest
    /// are read by themselves.
    pub fn new(stored: &QuantLinear, channels: usize, side: usize, top: usize) -> Self {
        let units = stored.layer.bias.len();
        let shape = Conv {
            name: String::new(),
            filters: units,
            kernel: 1,
            stride: 1,
            padding: 0,
            groups: 1,
            lrn: None,
            pool: None,
        };
        let scale = stored.output_scale.clone().unwrap_or_default();
        let per = |count: usize| scale.iter().map(|s| s / count as f32).collect();
        let (mean_scale, top_scale) = (per(side * side), per(top));
        let conv = QuantConv {
            layer: stored.layer.clone(),
            output_scale: scale,
        };
        Self {
            step: ConvStep::new(&shape, &conv, channels, side),
            units: Map::new(side, units, 0),
            mean_scale,
            top_scale,
            sums: vec![0; units],
            highest: vec![0; top * units],
            rest: vec![0; units],
            features: vec![0.0; 2 * units],
            ties: vec![0; units],
        }
    }

    /// The means of all units, then the means of their highest places.
    pub fn run(&mut self, kernels: Kernels, map: &Map) -> &[f32] {
        self.step.run(kernels, map, &mut self.units);
        self.sort_in();
        let units = self.sums.len();
        let (means, tops) = self.features.split_at_mut(units);
        for ((mean, &sum), scale) in means.iter_mut().zip(&self.sums).zip(&self.mean_scale) {
            *mean = sum as f32 * scale;
        }
        self.sums.fill(0);
        for highest in self.highest.chunks_exact(units) {
            add(&mut self.sums, highest);
        }
        for ((top, &sum), scale) in tops.iter_mut().zip(&self.sums).zip(&self.top_scale) {
            *top = sum as f32 * scale;
        }
        &self.features
    }

    /// What [`Places::run`] gave last.
    pub fn features(&self) -> &[f32] {
        &self.features
    }

    /// The units at each place, as real values.
    pub fn unit_map(&self) -> RealMap {
        RealMap::new(&self.units, self.step.steps())
    }

    /// Counts how many of each unit's highest places are as low as the lowest of them.
    pub(super) fn count_ties(&mut self) {
        let units = self.ties.len();
        let (above, lowest) = self.highest.split_at(self.highest.len() - units);
        self.ties.fill(1);
        for highest in above.chunks_exact(units) {
            for ((ties, high), low) in self.ties.iter_mut().zip(highest).zip(lowest) {
                *ties += usize::from(high == low);
            }
        }
    }

    /// Sums up each unit's steps over all places, and finds the highest of them: whatever is higher than
    /// one of those found so far takes its place, and that one goes on to the next. There is no branch in
    /// it, so that compilers find vectors of units.
    #[inline(never)]
    fn sort_in(&mut self) {
        self.sums.fill(0);
        // No step is negative, and there are at least as many places as are looked for.
        self.highest.fill(0);
        let side = self.units.side;
        for (y, x) in (0..side).flat_map(|y| (0..side).map(move |x| (y, x))) {
            let place = self.units.pixel(y, x);
            add(&mut self.sums, place);
            self.rest.copy_from_slice(place);
            for highest in self.highest.chunks_exact_mut(self.rest.len()) {
                for (high, rest) in highest.iter_mut().zip(&mut self.rest) {
                    (*high, *rest) = ((*high).max(*rest), (*high).min(*rest));
                }
            }
        }
    }
}

/// Adds each unit's steps to its sum: at most 255 of a million places.
fn add(sums: &mut [i32], steps: &[i16]) {
    for (sum, &steps) in sums.iter_mut().zip(steps) {
        *sum += i32::from(steps);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::kernels;
    use crate::model::QuantLayer;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Units, channels, side, highest places; awkward ones among them.
    const SHAPES: [(usize, usize, usize, usize); 5] = [
        (1, 1, 1, 1),
        (5, 7, 3, 9),
        (16, 12, 4, 2),
        (19, 33, 13, 4),
        (128, 256, 13, 4),
    ];

    fn drawn(units: usize, channels: usize, side: usize) -> (QuantLinear, Map) {
        let weight =
            |i: usize| [127, -128, (i * 31 % 255) as i16 as i8, -77, 5][(i * 7 + i / 5) % 5];
        let stored = QuantLinear {
            layer: QuantLayer {
                weight: (0..units * channels).map(weight).collect(),
                weight_scale: (0..units).map(|u| 1e-4 * (1 + u % 3) as f32).collect(),
                bias: (0..units).map(|u| u as f32 / 10.0 - 0.3).collect(),
            },
            output_scale: Some((0..units).map(|u| 0.011 + 0.003 * (u % 7) as f32).collect()),
        };
        let mut map = Map::new(side, channels, 0);
        for (y, x) in (0..side).flat_map(|y| (0..side).map(move |x| (y, x))) {
            for (c, v) in map.pixel_mut(y, x).iter_mut().enumerate() {
                let i = (y * side + x) * channels + c;
                *v = [255, 0, (i * 17 % 256) as i16, 3, 90][(i * 7 + y * y) % 5];
            }
        }
        (stored, map)
    }

    /// The features by their definition.
    fn naive(stored: &QuantLinear, map: &Map, top: usize) -> Vec<f32> {
        let scales = stored.output_scale.as_ref().unwrap();
        let places = map.side * map.side;
        let (mut means, mut tops) = (Vec::new(), Vec::new());
        for (u, row) in stored.layer.weight.chunks_exact(map.channels).enumerate() {
            let at = |place: usize| {
                let pixel = map.pixel(place / map.side, place % map.side);
                let products = row.iter().zip(pixel);
                let sum: i32 = products.map(|(&w, &x)| i32::from(w) * i32::from(x)).sum();
                let real = sum as f32 * stored.layer.weight_scale[u] + stored.layer.bias[u];
                (real.max(0.0) * (1.0 / scales[u]) + 0.5).min(255.0) as u32
            };
            let mut steps: Vec<u32> = (0..places).map(at).collect();
            steps.sort_unstable_by(|a, b| b.cmp(a));
            means.push(steps.iter().sum::<u32>() as f32 * (scales[u] / places as f32));
            tops.push(steps[..top].iter().sum::<u32>() as f32 * (scales[u] / top as f32));
        }
        means.extend(tops);
        means
    }

    #[test]
    fn features_are_means_over_all_and_over_the_highest_places_to_the_bit() {
        for (units, channels, side, top) in SHAPES {
            let (stored, map) = drawn(units, channels, side);
            let expected = naive(&stored, &map, top);
            assert!(expected.iter().any(|&f| f > 0.0), "all units are silent");
            let mut places = Places::new(&stored, channels, side, top);
            for kernels in [kernels::PORTABLE, kernels::fastest()] {
                assert_eq!(places.run(kernels, &map), expected, "{units}×{channels}");
                assert_eq!(places.features(), expected);
            }
        }
    }

    #[test]
    fn nothing_is_left_of_the_map_before() {
        let (stored, map) = drawn(19, 33, 13);
        let mut places = Places::new(&stored, 33, 13, 4);
        let once = places.run(kernels::PORTABLE, &map).to_vec();
        let black = Map::new(13, 33, 0);
        let silent = places.run(kernels::PORTABLE, &black).to_vec();
        assert_eq!(silent, naive(&stored, &black, 4));
        assert_eq!(places.run(kernels::PORTABLE, &map), once);
    }
}
