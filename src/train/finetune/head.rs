//! The decision from FC6's units at every place, and the two losses.
//!
//! Each unit gives two features, its mean over all places and the mean of its highest places; the
//! margin is linear in them. So every place contributes a share to the margin, and a slice whose
//! bleed is boxed can be asked to have its highest shares in the box.

use crate::train::bf16::value;

use super::map::Map;

/// Mean and highest places of the units, and a linear decision on them.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Units of FC6.
    pub units: usize,
    /// How many highest places of a unit are averaged.
    pub top: usize,
    /// Weights of the means, then of the means of the highest places.
    pub weight: Vec<f32>,
    /// Offset of the margin.
    pub bias: f32,
}

/// How a margin and its places are judged.
#[derive(Debug, Clone, Copy)]
pub struct Losses {
    /// What is taken from certainty on either side of the label.
    pub smoothing: f32,
    /// Weight of the loss of places.
    pub place_weight: f32,
    /// Factor of contributions in the softmax over places.
    pub place_scale: f32,
}

/// What is known of a slice.
#[derive(Debug, Clone)]
pub struct Target {
    /// Whether it shows blood; between 0 and 1 where another network says so.
    pub haemorrhage: f32,
    /// Which places lie in a box around blood; empty where nobody has drawn one.
    pub places: Vec<bool>,
}

/// Units of one image, and what its decision made of them.
#[derive(Debug, Default)]
pub struct Reading {
    /// Place, unit.
    units: Vec<f32>,
    features: Vec<f32>,
    /// The highest places of each unit, `top` each.
    highest: Vec<u16>,
    contributions: Vec<f32>,
    /// What the loss gains by each place's contribution.
    slopes: Vec<f32>,
    /// What the loss gains by each unit: place, unit.
    pub gradient: Vec<f32>,
}

/// Both losses of a slice.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Loss {
    /// Of the margin.
    pub margin: f32,
    /// Of the places, where boxes are known.
    pub place: f32,
}

impl Reading {
    /// The means of all units, then the means of their highest places.
    pub fn features(&self) -> &[f32] {
        &self.features
    }
}

impl Decision {
    /// Takes the units of an image out of the map, and decides.
    pub fn margin(&self, map: &Map, image: usize, reading: &mut Reading) -> f32 {
        let (grid, units) = (map.grid, self.units);
        let places = grid.side * grid.side;
        reading.units.clear();
        for y in 0..grid.side {
            for x in 0..grid.side {
                let values = map.at(grid.row(image, y, x)).iter();
                reading.units.extend(values.map(|bits| value(*bits)));
            }
        }
        reading.features.clear();
        reading.features.resize(2 * units, 0.0);
        let (means, tops) = reading.features.split_at_mut(units);
        for values in reading.units.chunks_exact(units) {
            means
                .iter_mut()
                .zip(values)
                .for_each(|(mean, value)| *mean += value);
        }
        means.iter_mut().for_each(|mean| *mean /= places as f32);
        reading.highest.clear();
        for (unit, top) in tops.iter_mut().enumerate() {
            let values = reading.units[unit..].iter().step_by(units);
            let first = reading.highest.len();
            highest(values.copied(), self.top, &mut reading.highest);
            let highest = reading.highest[first..].iter();
            let sum: f32 = highest
                .map(|&p| reading.units[usize::from(p) * units + unit])
                .sum();
            *top = sum / self.top as f32;
        }
        let products = reading
            .features
            .iter()
            .zip(&self.weight)
            .map(|(f, w)| f * w);
        products.sum::<f32>() + self.bias
    }

    /// What each place contributes to the margin that was read last, row by row.
    pub fn contributions(&self, reading: &mut Reading) -> Vec<f32> {
        self.contribute(reading);
        reading.contributions.clone()
    }

    /// The same, kept in `reading`.
    fn contribute(&self, reading: &mut Reading) {
        let (units, places) = (self.units, reading.units.len() / self.units);
        let (of_mean, of_top) = self.weight.split_at(units);
        reading.contributions.clear();
        reading
            .contributions
            .extend(reading.units.chunks_exact(units).map(|values| {
                let products = values.iter().zip(of_mean).map(|(v, w)| v * w);
                products.sum::<f32>() / places as f32
            }));
        for (unit, highest) in reading.highest.chunks_exact(self.top).enumerate() {
            for &place in highest {
                let place = usize::from(place);
                reading.contributions[place] +=
                    reading.units[place * units + unit] * of_top[unit] / self.top as f32;
            }
        }
    }

    /// Both losses of the margin that was read last; adds the gradient of the decision's weights
    /// and offset, and sets that of the units. `kept` scales each feature: zero where it is
    /// dropped.
    pub fn learn(
        &self,
        (target, losses): (&Target, Losses),
        kept: &[f32],
        reading: &mut Reading,
        (weights, offset): (&mut [f32], &mut f32),
    ) -> Loss {
        let (units, places) = (self.units, reading.units.len() / self.units);
        let features = reading.features.iter().zip(kept).zip(&self.weight);
        let margin = features.map(|((f, k), w)| f * k * w).sum::<f32>() + self.bias;
        let wanted = target.haemorrhage * (1.0 - 2.0 * losses.smoothing) + losses.smoothing;
        let said = 1.0 / (1.0 + (-margin).exp());
        let slope = said - wanted;
        let mut loss = Loss {
            margin: margin.max(0.0) - margin * wanted + (-margin.abs()).exp().ln_1p(),
            place: 0.0,
        };
        *offset += slope;
        for ((w, feature), kept) in weights.iter_mut().zip(&reading.features).zip(kept) {
            *w += slope * feature * kept;
        }
        reading.slopes.clear();
        reading.slopes.resize(places, 0.0);
        if losses.place_weight > 0.0 && target.places.iter().any(|&inside| inside) {
            self.contribute(reading);
            loss.place = place_loss(
                &reading.contributions,
                &target.places,
                losses,
                &mut reading.slopes,
            );
            self.add_place_gradient(reading, weights);
        }
        self.unit_gradient(slope, kept, reading);
        debug_assert_eq!(reading.gradient.len(), places * units);
        loss
    }

    /// The gradient of the weights by the slopes of places.
    fn add_place_gradient(&self, reading: &Reading, weights: &mut [f32]) {
        let (units, places) = (self.units, reading.slopes.len());
        let (of_mean, of_top) = weights.split_at_mut(units);
        for (values, slope) in reading.units.chunks_exact(units).zip(&reading.slopes) {
            let share = slope / places as f32;
            of_mean
                .iter_mut()
                .zip(values)
                .for_each(|(w, value)| *w += share * value);
        }
        for (unit, highest) in reading.highest.chunks_exact(self.top).enumerate() {
            for &place in highest {
                let place = usize::from(place);
                of_top[unit] +=
                    reading.slopes[place] * reading.units[place * units + unit] / self.top as f32;
            }
        }
    }

    /// The gradient of the units by the slopes of margin and places.
    fn unit_gradient(&self, slope: f32, kept: &[f32], reading: &mut Reading) {
        let (units, places) = (self.units, reading.slopes.len());
        let (of_mean, of_top) = self.weight.split_at(units);
        let (kept_mean, kept_top) = kept.split_at(units);
        reading.gradient.clear();
        for place_slope in &reading.slopes {
            let gradients = of_mean.iter().zip(kept_mean);
            reading
                .gradient
                .extend(gradients.map(|(w, k)| w * (slope * k + place_slope) / places as f32));
        }
        for (unit, highest) in reading.highest.chunks_exact(self.top).enumerate() {
            for &place in highest {
                let place = usize::from(place);
                reading.gradient[place * units + unit] += of_top[unit]
                    * (slope * kept_top[unit] + reading.slopes[place])
                    / self.top as f32;
            }
        }
    }
}

/// The places of the `count` highest values, the lower place first among equals.
fn highest(values: impl Iterator<Item = f32>, count: usize, into: &mut Vec<u16>) {
    let first = into.len();
    let mut kept: Vec<(f32, u16)> = Vec::with_capacity(count + 1);
    for (place, value) in values.enumerate() {
        if kept.len() == count && kept[count - 1].0 >= value {
            continue;
        }
        let at = kept.partition_point(|(other, _)| *other >= value);
        kept.insert(at, (value, place as u16));
        kept.truncate(count);
    }
    into.extend(kept.iter().map(|(_, place)| place));
    debug_assert_eq!(into.len() - first, count);
}

/// Minus the logarithm of the share that a softmax over all places gives to those inside; sets the
/// slope of each contribution.
fn place_loss(contributions: &[f32], inside: &[bool], losses: Losses, slopes: &mut [f32]) -> f32 {
    let top = contributions
        .iter()
        .fold(f32::NEG_INFINITY, |a, b| a.max(*b));
    let weight = |c: f32| (losses.place_scale * (c - top)).exp();
    let all: f32 = contributions.iter().map(|c| weight(*c)).sum();
    let places = contributions.iter().zip(inside);
    let within: f32 = places.filter(|(_, i)| **i).map(|(c, _)| weight(*c)).sum();
    let within = within.max(f32::MIN_POSITIVE);
    for ((slope, c), &inside) in slopes.iter_mut().zip(contributions).zip(inside) {
        let share = weight(*c) / all - if inside { weight(*c) / within } else { 0.0 };
        *slope = losses.place_weight * losses.place_scale * share;
    }
    losses.place_weight * (all / within).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::bf16::round;
    use crate::train::finetune::map::Grid;

    const UNITS: usize = 3;

    fn decision() -> Decision {
        Decision {
            units: UNITS,
            top: 2,
            weight: vec![0.5, -1.0, 0.25, 1.0, 0.5, -0.75],
            bias: 0.125,
        }
    }

    /// Units that bfloat16 holds exactly, all different.
    fn map(change: Option<(usize, f32)>) -> Map {
        let grid = Grid { side: 4, pad: 1 };
        let mut map = Map::new(grid, UNITS, 1);
        for (place, row) in grid.all_rows(1).enumerate() {
            for (unit, to) in map.at_mut(row).iter_mut().enumerate() {
                let at = place * UNITS + unit;
                let changed = change
                    .filter(|(which, _)| *which == at)
                    .map_or(0.0, |c| c.1);
                *to = round(((at * 29 % 61) as f32) / 32.0 + changed);
            }
        }
        map
    }

    fn losses() -> Losses {
        Losses {
            smoothing: 0.03,
            place_weight: 0.5,
            place_scale: 4.0,
        }
    }

    fn target() -> Target {
        Target {
            haemorrhage: 1.0,
            places: (0..16).map(|p| p == 5 || p == 6).collect(),
        }
    }

    fn loss(decision: &Decision, map: &Map) -> (f32, Vec<f32>, Vec<f32>) {
        let mut reading = Reading::default();
        decision.margin(map, 0, &mut reading);
        let (mut weights, mut offset) = (vec![0.0; 2 * UNITS], 0.0);
        let kept = [1.0, 0.0, 2.0, 1.0, 1.0, 0.5];
        let into = (&mut weights[..], &mut offset);
        let loss = decision.learn((&target(), losses()), &kept, &mut reading, into);
        weights.push(offset);
        (loss.margin + loss.place, weights, reading.gradient)
    }

    #[test]
    fn contributions_and_offset_sum_to_the_margin() {
        let (decision, mut reading) = (decision(), Reading::default());
        let margin = decision.margin(&map(None), 0, &mut reading);
        decision.contribute(&mut reading);
        let sum = reading.contributions.iter().sum::<f32>() + decision.bias;
        assert!((sum - margin).abs() < 1e-5, "{sum} {margin}");
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let (decision, step) = (decision(), 1.0 / 64.0);
        let (_, weights, units) = loss(&decision, &map(None));
        for at in 0..2 * UNITS {
            let moved = |by: f32| {
                let mut decision = decision.clone();
                decision.weight[at] += by;
                loss(&decision, &map(None)).0
            };
            let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            assert!(
                (slope - weights[at]).abs() < 1e-3,
                "{at}: {slope} {weights:?}"
            );
        }
        for at in [0, 7, 16, 18, 19, 20, 33, 47] {
            let moved = |by: f32| loss(&decision, &map(Some((at, by)))).0;
            let slope = (moved(step) - moved(-step)) / (2.0 * step);
            assert!(
                (slope - units[at]).abs() < 2e-3,
                "{at}: {slope} {}",
                units[at]
            );
        }
    }

    #[test]
    fn the_highest_places_are_in_order_and_the_lower_one_first() {
        let mut found = Vec::new();
        highest([1.0, 3.0, 2.0, 3.0, 0.0].into_iter(), 3, &mut found);
        assert_eq!(found, [1, 3, 2]);
    }
}
