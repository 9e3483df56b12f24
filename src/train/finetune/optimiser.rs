//! AdamW (Kingma and Ba 2015; decoupled decay of Loshchilov and Hutter 2019) with a moving average
//! of the weights (Polyak and Juditsky 1992), over plain slices.

use rayon::prelude::*;

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// How far a step goes.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Steps before this one.
    pub number: usize,
    /// Learning rate.
    pub rate: f32,
    /// Decoupled weight decay.
    pub decay: f32,
    /// Factor of the gradient.
    pub scale: f32,
    /// What the moving average keeps of itself.
    pub keep: f32,
}

/// What the optimiser remembers of some parameters.
#[derive(Debug, Clone)]
pub struct Moments {
    /// Moving mean of the gradient.
    pub mean: Vec<f32>,
    /// Moving mean of its square.
    pub square: Vec<f32>,
    /// Moving average of the parameters themselves.
    pub average: Vec<f32>,
}

impl Moments {
    /// Before the first step.
    pub fn new(parameters: &[f32]) -> Self {
        Self {
            mean: vec![0.0; parameters.len()],
            square: vec![0.0; parameters.len()],
            average: parameters.to_vec(),
        }
    }

    /// Moves the parameters.
    pub fn step(&mut self, parameters: &mut [f32], gradient: &[f32], step: Step) {
        const BLOCK: usize = 1 << 14;
        let count = step.number as i32 + 1;
        let correction1 = 1.0 - BETA1.powi(count);
        let correction2 = 1.0 - BETA2.powi(count);
        let blocks = parameters
            .par_chunks_mut(BLOCK)
            .zip(gradient.par_chunks(BLOCK))
            .zip(self.mean.par_chunks_mut(BLOCK))
            .zip(self.square.par_chunks_mut(BLOCK))
            .zip(self.average.par_chunks_mut(BLOCK));
        blocks.for_each(|((((parameters, gradient), mean), square), average)| {
            let state = mean.iter_mut().zip(square).zip(average);
            for ((p, g), ((mean, square), average)) in
                parameters.iter_mut().zip(gradient).zip(state)
            {
                let g = g * step.scale;
                *mean = BETA1 * *mean + (1.0 - BETA1) * g;
                *square = BETA2 * *square + (1.0 - BETA2) * g * g;
                let root = (*square / correction2).sqrt() + EPSILON;
                *p -= step.rate * (*mean / correction1 / root + step.decay * *p);
                *average = step.keep * *average + (1.0 - step.keep) * *p;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_the_definition() {
        let mut parameters = [1.0f32, -2.0];
        let mut moments = Moments::new(&parameters);
        let step = |number| Step {
            number,
            rate: 0.1,
            decay: 0.5,
            scale: 2.0,
            keep: 0.75,
        };
        moments.step(&mut parameters, &[0.5, -1.0], step(0));
        // The first step is the rate's length whatever the gradient, and the decay.
        assert!((parameters[0] - (1.0 - 0.1 - 0.05)).abs() < 1e-5);
        assert!((parameters[1] - (-2.0 + 0.1 + 0.1)).abs() < 1e-5);
        assert!((moments.average[0] - (0.75 + 0.25 * 0.85)).abs() < 1e-5);
        moments.step(&mut parameters, &[0.0, 0.0], step(1));
        let mean = 0.09f32 / (1.0 - 0.81);
        let square = 0.000_999f32 / (1.0 - 0.998_001);
        let expected = 0.85 - 0.1 * (mean / square.sqrt() + 0.5 * 0.85);
        assert!((parameters[0] - expected).abs() < 1e-4);
    }
}
