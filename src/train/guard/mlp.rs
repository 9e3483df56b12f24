//! Trains the guard's small network: Adam on the logistic loss, half of each batch head CT, with noise
//! on the features so that it rests on none of them alone.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::guard::{DIMENSIONS, Network};
use crate::svm::LinearSvm;

/// How the network is trained.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MlpSettings {
    /// Hidden units.
    pub hidden: usize,
    /// Steps of Adam.
    pub steps: usize,
    /// Examples a step.
    pub batch: usize,
    /// Learning rate after the warm-up, from which a cosine leads to almost none.
    pub rate: f32,
    /// Weight decay, as a share of the learning rate.
    pub decay: f32,
    /// Standard deviation of the noise on standardised features.
    pub noise: f32,
    /// Seed of first weights, batches and noise.
    pub seed: u64,
}

impl Default for MlpSettings {
    fn default() -> Self {
        Self {
            hidden: 96,
            steps: 8000,
            batch: 256,
            rate: 2e-3,
            decay: 0.01,
            noise: 0.4,
            seed: 2024,
        }
    }
}

/// Steps until the learning rate is reached.
const WARM_UP: f32 = 100.0;
/// Share of the learning rate that is left at the end.
const LAST_RATE: f32 = 0.01;
/// Adam's constants (Kingma and Ba, 2015).
const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Weights with Adam's moments.
struct Weights {
    values: Vec<f32>,
    gradient: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Weights {
    /// Uniform ones of a standard deviation.
    fn new(rng: &mut ChaCha8Rng, len: usize, deviation: f32) -> Self {
        let reach = deviation * 3f32.sqrt();
        Self {
            values: (0..len)
                .map(|_| reach * rng.random_range(-1.0f32..1.0))
                .collect(),
            gradient: vec![0.0; len],
            first: vec![0.0; len],
            second: vec![0.0; len],
        }
    }

    /// Adam's step `number`, from 1, after which the gradient is nought again.
    fn step(&mut self, number: usize, rate: f32, decay: f32) {
        let unbiased = |beta: f32| 1.0 - beta.powi(number as i32);
        let (first_share, second_share) = (unbiased(BETA1), unbiased(BETA2));
        for (((value, gradient), first), second) in self
            .values
            .iter_mut()
            .zip(&mut self.gradient)
            .zip(&mut self.first)
            .zip(&mut self.second)
        {
            *first = BETA1 * *first + (1.0 - BETA1) * *gradient;
            *second = BETA2 * *second + (1.0 - BETA2) * *gradient * *gradient;
            let root = (*second / second_share).sqrt() + EPSILON;
            *value -= rate * (*first / first_share / root + decay * *value);
            *gradient = 0.0;
        }
    }
}

/// A network that parts head CT from other kinds, each with how often it is seen. Rows of standardised
/// features stand one after the other.
pub fn train(heads: &[f32], others: &[(f32, &[f32])], settings: MlpSettings) -> Network {
    let MlpSettings { hidden, steps, .. } = settings;
    let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
    // Inputs × units, so that inner loops run over the units.
    let mut first = Weights::new(
        &mut rng,
        DIMENSIONS * hidden,
        (2.0 / DIMENSIONS as f32).sqrt(),
    );
    let mut first_bias = Weights::new(&mut rng, hidden, 0.0);
    let mut second = Weights::new(&mut rng, hidden, (1.0 / hidden as f32).sqrt());
    let mut second_bias = Weights::new(&mut rng, 1, 0.0);
    let mut row = [0f32; DIMENSIONS];
    for number in 1..=steps {
        for example in 0..settings.batch {
            let head = example % 2 == 0;
            let rows = if head {
                heads
            } else {
                choose(&mut rng, others)
            };
            let start = rng.random_range(0..rows.len() / DIMENSIONS) * DIMENSIONS;
            row.copy_from_slice(&rows[start..start + DIMENSIONS]);
            add_noise(&mut rng, &mut row, settings.noise);

            let mut active = first_bias.values.clone();
            for (&x, weights) in row.iter().zip(first.values.chunks_exact(hidden)) {
                for (sum, weight) in active.iter_mut().zip(weights) {
                    *sum += x * weight;
                }
            }
            active.iter_mut().for_each(|unit| *unit = unit.max(0.0));
            let parts = active.iter().zip(&second.values);
            let logit = second_bias.values[0] + parts.map(|(a, w)| a * w).sum::<f32>();

            let sign = if head { 1.0 } else { -1.0 };
            let slope = -sign / (1.0 + (sign * logit).exp()) / settings.batch as f32;
            second_bias.gradient[0] += slope;
            let mut slopes = vec![0f32; hidden];
            for (unit, &value) in active.iter().enumerate() {
                second.gradient[unit] += slope * value;
                if value > 0.0 {
                    slopes[unit] = slope * second.values[unit];
                }
                first_bias.gradient[unit] += slopes[unit];
            }
            for (&x, gradient) in row.iter().zip(first.gradient.chunks_exact_mut(hidden)) {
                for (sum, slope) in gradient.iter_mut().zip(&slopes) {
                    *sum += x * slope;
                }
            }
        }
        let part = number as f32 / steps as f32;
        let cosine = 0.5 * (1.0 + (std::f32::consts::PI * part).cos()) + LAST_RATE;
        let rate = settings.rate * (number as f32 / WARM_UP).min(1.0) * cosine;
        first.step(number, rate, settings.decay);
        second.step(number, rate, settings.decay);
        first_bias.step(number, rate, 0.0);
        second_bias.step(number, rate, 0.0);
    }
    let unit = |unit: usize| LinearSvm {
        weights: first
            .values
            .chunks_exact(hidden)
            .map(|row| row[unit])
            .collect(),
        bias: first_bias.values[unit],
    };
    Network {
        hidden: (0..hidden).map(unit).collect(),
        output: LinearSvm {
            weights: second.values,
            bias: second_bias.values[0],
        },
    }
}

/// The rows of one of the kinds, each as often as its weight says.
fn choose<'a>(rng: &mut ChaCha8Rng, kinds: &[(f32, &'a [f32])]) -> &'a [f32] {
    let mut left = rng.random_range(0.0..kinds.iter().map(|(weight, _)| weight).sum());
    for (weight, rows) in kinds {
        left -= weight;
        if left < 0.0 {
            return rows;
        }
    }
    kinds[kinds.len() - 1].1
}

/// Adds uniform noise of a standard deviation: two values of 16 bits from each random word.
fn add_noise(rng: &mut ChaCha8Rng, row: &mut [f32], deviation: f32) {
    let scale = deviation * 3f32.sqrt() / 32768.0;
    for pair in row.chunks_mut(2) {
        let word = rng.next_u32();
        let halves = [word as u16 as i16, (word >> 16) as u16 as i16];
        for (value, half) in pair.iter_mut().zip(halves) {
            *value += scale * f32::from(half);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_plane_parts_is_parted() {
        // Heads lie between two kinds of others.
        let rows = |level: f32| -> Vec<f32> {
            let value = |i: usize| level + ((i * 7919 % 1009) as f32 / 1009.0 - 0.5);
            (0..200 * DIMENSIONS).map(value).collect()
        };
        let (heads, below, above) = (rows(0.0), rows(-1.5), rows(1.5));
        let settings = MlpSettings {
            hidden: 12,
            steps: 300,
            noise: 0.1,
            ..MlpSettings::default()
        };
        let network = train(&heads, &[(1.0, &below), (2.0, &above)], settings);
        let wrong = |rows: &[f32], head: bool| {
            let logits = rows.chunks_exact(DIMENSIONS).map(|row| network.logit(row));
            logits.filter(|&logit| (logit > 0.0) != head).count()
        };
        assert_eq!(wrong(&heads, true), 0);
        assert_eq!(wrong(&below, false) + wrong(&above, false), 0);
        let again = train(&heads, &[(1.0, &below), (2.0, &above)], settings);
        assert_eq!(network, again, "the same seed gives the same network");
    }
}
