//! One step of stochastic gradient descent with momentum and dropout, in buffers that are reused.

use ndarray::{Array2, Axis};
use rand::Rng;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::layer::Layer;
use super::loss::Loss;
use super::product::product;

/// How far a step goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Learning rate.
    pub rate: f32,
    /// Share of the last step that is kept.
    pub momentum: f32,
}

/// What a layer works with during a step: the part of it that dropout left.
struct Part {
    /// Units that take part, ascending.
    kept: Vec<usize>,
    /// Their weights from the inputs that take part.
    weight: Array2<f32>,
    /// Their outputs, `images × kept`.
    units: Array2<f32>,
    /// Derivatives of the loss with respect to the outputs before activation.
    delta: Array2<f32>,
    /// Derivatives with respect to `weight`.
    gradient: Array2<f32>,
}

/// The buffers of a step for one network and batch size.
///
/// Dropout draws its mask once a step and not for each image (Graham, Reizenstein and Robinson
/// 2015, "Efficient batchwise dropout training using submatrices"), so that dropped units cost
/// nothing. A fixed share is dropped, and what is left is scaled up to make up for it.
pub struct Step {
    loss: Loss,
    dropout: f32,
    parts: Vec<Part>,
}

impl Step {
    /// Buffers for batches of `batch` images.
    pub fn new(layers: &[Layer], loss: Loss, dropout: f32, batch: usize) -> Self {
        let mut inputs = layers.first().map_or(0, |layer| layer.weight.ncols());
        let parts = layers
            .iter()
            .enumerate()
            .map(|(i, layer)| {
                let units = layer.bias.len();
                let kept = if i + 1 < layers.len() {
                    ((units as f32 * (1.0 - dropout)).round() as usize).clamp(1, units)
                } else {
                    units
                };
                let part = Part {
                    kept: (0..kept).collect(),
                    weight: Array2::zeros((kept, inputs)),
                    units: Array2::zeros((batch, kept)),
                    delta: Array2::zeros((batch, kept)),
                    gradient: Array2::zeros((kept, inputs)),
                };
                inputs = kept;
                part
            })
            .collect();
        Self {
            loss,
            dropout,
            parts,
        }
    }

    /// Moves `layers` down the gradient of the batch's mean loss; `velocities` are of their shapes.
    pub fn descend(
        &mut self,
        layers: &mut [Layer],
        velocities: &mut [Layer],
        inputs: &Array2<f32>,
        labels: &[bool],
        rates: Rates,
        rng: &mut impl Rng,
    ) {
        self.draw(layers, rng);
        self.forward(layers, inputs);
        self.backward(inputs, labels);
        let all: Vec<usize> = (0..inputs.ncols()).collect();
        let mut columns = &all;
        for ((layer, velocity), part) in layers.iter_mut().zip(velocities).zip(&self.parts) {
            part.apply(layer, velocity, columns, rates);
            columns = &part.kept;
        }
    }

    /// Draws the units that take part, but in the last layer, where all do.
    fn draw(&mut self, layers: &[Layer], rng: &mut impl Rng) {
        let hidden = layers.len() - 1;
        for (part, layer) in self.parts[..hidden].iter_mut().zip(layers) {
            let (all, count) = (layer.bias.len(), part.kept.len());
            let mut units: Vec<usize> = (0..all).collect();
            part.kept = units.partial_shuffle(rng, count).0.to_vec();
            part.kept.sort_unstable();
        }
    }

    fn forward(&mut self, layers: &[Layer], inputs: &Array2<f32>) {
        let last = layers.len() - 1;
        let gain = 1.0 / (1.0 - self.dropout);
        let mut columns: Option<Vec<usize>> = None;
        for (i, layer) in layers.iter().enumerate() {
            let (before, rest) = self.parts.split_at_mut(i);
            let part = &mut rest[0];
            let inputs = before.last().map_or(inputs, |p| &p.units);
            part.gather(layer, columns.as_deref());
            product(inputs.view(), part.weight.t(), part.units.view_mut());
            let bias: Vec<f32> = part.kept.iter().map(|&u| layer.bias[u]).collect();
            for mut row in part.units.outer_iter_mut() {
                for (unit, bias) in row.iter_mut().zip(&bias) {
                    *unit += bias;
                    if i < last {
                        *unit = unit.max(0.0) * gain;
                    }
                }
            }
            columns = Some(part.kept.clone());
        }
    }

    fn backward(&mut self, inputs: &Array2<f32>, labels: &[bool]) {
        let gain = 1.0 / (1.0 - self.dropout);
        if let Some(last) = self.parts.last_mut() {
            self.loss
                .gradient(last.units.view(), labels, &mut last.delta);
        }
        for i in (0..self.parts.len()).rev() {
            let (before, rest) = self.parts.split_at_mut(i);
            let part = &mut rest[0];
            let inputs = before.last().map_or(inputs, |p| &p.units);
            product(part.delta.t(), inputs.view(), part.gradient.view_mut());
            if let Some(before) = before.last_mut() {
                product(
                    part.delta.view(),
                    part.weight.view(),
                    before.delta.view_mut(),
                );
                before.delta.zip_mut_with(&before.units, |delta, &unit| {
                    *delta = if unit > 0.0 { *delta * gain } else { 0.0 };
                });
            }
        }
    }

    /// The loss's derivatives, for tests: all units must take part.
    #[cfg(test)]
    fn gradients(&mut self, layers: &[Layer], x: &Array2<f32>, labels: &[bool]) -> Vec<Layer> {
        self.forward(layers, x);
        self.backward(x, labels);
        let of = |part: &Part| Layer {
            weight: part.gradient.clone(),
            bias: part.delta.sum_axis(Axis(0)),
        };
        self.parts.iter().map(of).collect()
    }
}

impl Part {
    /// Copies the weights of the units that take part, from the inputs that do (`None`: all).
    fn gather(&mut self, layer: &Layer, columns: Option<&[usize]>) {
        let rows = self.weight.axis_iter_mut(Axis(0)).zip(&self.kept);
        let rows: Vec<_> = rows.collect();
        rows.into_par_iter().for_each(|(mut row, &unit)| {
            let all = layer.weight.row(unit);
            match columns {
                None => row.assign(&all),
                Some(columns) => {
                    for (to, &column) in row.iter_mut().zip(columns) {
                        *to = all[column];
                    }
                }
            }
        });
    }

    /// Adds this step's gradient to the velocities and moves the parameters by them; what dropout
    /// left out coasts on.
    fn apply(&self, layer: &mut Layer, velocity: &mut Layer, columns: &[usize], rates: Rates) {
        let mut place = vec![None; layer.bias.len()];
        for (i, &unit) in self.kept.iter().enumerate() {
            place[unit] = Some(i);
        }
        let rows = layer
            .weight
            .axis_iter_mut(Axis(0))
            .zip(velocity.weight.axis_iter_mut(Axis(0)));
        let rows: Vec<_> = rows.zip(&place).collect();
        rows.into_par_iter()
            .for_each(|((mut weight, mut velocity), place)| {
                velocity *= rates.momentum;
                if let Some(i) = place {
                    for (&column, g) in columns.iter().zip(self.gradient.row(*i)) {
                        velocity[column] -= rates.rate * g;
                    }
                }
                weight += &velocity;
            });
        velocity.bias *= rates.momentum;
        for (&unit, gradient) in self.kept.iter().zip(self.delta.sum_axis(Axis(0))) {
            velocity.bias[unit] -= rates.rate * gradient;
        }
        layer.bias += &velocity.bias;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    const LABELS: [bool; 6] = [true, false, false, true, false, true];

    fn network(loss: Loss) -> (Vec<Layer>, Array2<f32>) {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let sizes = [7, 9, 8, loss.outputs()];
        let layers = sizes
            .windows(2)
            .map(|w| {
                let mut layer = Layer::draw(w[1], w[0], 0.6, &mut rng);
                layer.bias = Layer::draw(w[1], 1, 0.2, &mut rng)
                    .weight
                    .remove_axis(Axis(1));
                layer
            })
            .collect();
        let inputs = Layer::draw(LABELS.len(), 7, 1.0, &mut rng).weight;
        (layers, inputs)
    }

    fn mean_loss(layers: &[Layer], inputs: &Array2<f32>, loss: Loss) -> f64 {
        let margins = super::super::margins(layers, loss, inputs.view());
        let losses = margins.iter().zip(LABELS);
        let sum: f64 = losses.map(|(&m, label)| loss.value(m, label)).sum();
        f64::from(loss.cost()) * sum / LABELS.len() as f64
    }

    #[test]
    fn gradients_agree_with_finite_differences() {
        for loss in [Loss::CrossEntropy, Loss::SquaredHinge] {
            let (layers, inputs) = network(loss);
            let mut step = Step::new(&layers, loss, 0.0, LABELS.len());
            let found = step.gradients(&layers, &inputs, &LABELS);
            let by = 3e-3;
            for l in 0..layers.len() {
                for at in [(0, 0), (0, 3), (layers[l].bias.len() - 1, 5)] {
                    let moved = |by: f32| {
                        let mut layers = layers.clone();
                        layers[l].weight[at] += by;
                        mean_loss(&layers, &inputs, loss)
                    };
                    let expected = (moved(by) - moved(-by)) / (2.0 * f64::from(by));
                    let found = f64::from(found[l].weight[at]);
                    assert!((found - expected).abs() < 2e-3, "{loss:?} {l} {at:?}");
                }
                let moved = |by: f32| {
                    let mut layers = layers.clone();
                    layers[l].bias[0] += by;
                    mean_loss(&layers, &inputs, loss)
                };
                let expected = (moved(by) - moved(-by)) / (2.0 * f64::from(by));
                assert!((f64::from(found[l].bias[0]) - expected).abs() < 2e-3);
            }
        }
    }

    #[test]
    fn steps_with_dropout_lower_the_loss() {
        for loss in [Loss::CrossEntropy, Loss::SquaredHinge] {
            let (mut layers, inputs) = network(loss);
            let mut velocities: Vec<Layer> = layers.iter().map(Layer::zeros_like).collect();
            let mut step = Step::new(&layers, loss, 0.5, LABELS.len());
            let mut rng = ChaCha8Rng::seed_from_u64(5);
            let before = mean_loss(&layers, &inputs, loss);
            let rates = Rates {
                rate: 0.05 / loss.cost(),
                momentum: 0.9,
            };
            for _ in 0..200 {
                step.descend(
                    &mut layers,
                    &mut velocities,
                    &inputs,
                    &LABELS,
                    rates,
                    &mut rng,
                );
            }
            let after = mean_loss(&layers, &inputs, loss);
            assert!(after < 0.3 * before, "{loss:?}: {before} to {after}");
        }
    }

    #[test]
    fn dropped_units_take_no_part_and_coast() {
        let (mut layers, inputs) = network(Loss::SquaredHinge);
        let before = layers.clone();
        let mut velocities: Vec<Layer> = layers.iter().map(Layer::zeros_like).collect();
        let mut step = Step::new(&layers, Loss::SquaredHinge, 0.5, LABELS.len());
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let rates = Rates {
            rate: 0.1,
            momentum: 0.9,
        };
        step.descend(
            &mut layers,
            &mut velocities,
            &inputs,
            &LABELS,
            rates,
            &mut rng,
        );
        let kept = step.parts[0].kept.clone();
        assert_eq!(kept.len(), 5, "half of nine units, rounded");
        for unit in 0..9 {
            let still = layers[0].weight.row(unit) == before[0].weight.row(unit);
            assert!(kept.contains(&unit) || still);
        }
        assert!(
            kept.iter()
                .any(|&u| layers[0].weight.row(u) != before[0].weight.row(u))
        );
    }
}
