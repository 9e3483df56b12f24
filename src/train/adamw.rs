//! AdamW (Kingma and Ba 2015; decoupled decay of Loshchilov and Hutter 2019) whose state can be
//! kept in a checkpoint.

use std::collections::HashMap;
use std::path::Path;

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, Var};

use super::checkpoint::{Values, take};
use super::ops::{Descent, blend};

const KEEP_MEAN: f64 = 0.9;
const KEEP_SQUARE: f64 = 0.999;
const SMALL: f64 = 1e-8;

/// A trainable tensor.
pub struct Parameter {
    /// Its name in checkpoints.
    pub name: String,
    /// Its values.
    pub var: Var,
    /// Factor of the learning rate.
    pub pace: f64,
    /// Decoupled weight decay; 0 for biases.
    pub decay: f64,
    mean: Tensor,
    square: Tensor,
    average: Tensor,
}

impl Parameter {
    /// A parameter that has not moved yet.
    ///
    /// # Errors
    /// From the tensor library.
    pub fn new(name: &str, values: &Tensor, pace: f64, decay: f64) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            var: Var::from_tensor(values)?,
            pace,
            decay,
            mean: values.zeros_like()?,
            square: values.zeros_like()?,
            average: values.copy()?,
        })
    }
}

/// Parameters with the optimiser's running means, and their own running average.
pub struct AdamW {
    /// In a fixed order.
    pub parameters: Vec<Parameter>,
    /// Steps taken.
    pub steps: usize,
    /// Share of the running average of weights that each step keeps (Polyak and Juditsky 1992);
    /// fewer at the start.
    pub keep_average: f64,
}

impl AdamW {
    /// One step down the gradients; parameters without one stay.
    ///
    /// # Errors
    /// From the tensor library.
    pub fn step(&mut self, gradients: &GradStore, rate: f64) -> Result<()> {
        self.steps += 1;
        let steps = self.steps as i32;
        let bias_of_mean = 1.0 - KEEP_MEAN.powi(steps);
        let bias_of_square = 1.0 - KEEP_SQUARE.powi(steps);
        let age = self.steps as f64;
        let keep = self.keep_average.min((1.0 + age) / (10.0 + age));
        for p in &mut self.parameters {
            let Some(gradient) = gradients.get(p.var.as_tensor()) else {
                continue;
            };
            blend(&mut p.mean, gradient, KEEP_MEAN, false)?;
            blend(&mut p.square, gradient, KEEP_SQUARE, true)?;
            let rate = rate * p.pace;
            let descent = Descent {
                shrink: 1.0 - rate * p.decay,
                rate: rate / bias_of_mean,
                scale: 1.0 / bias_of_square,
                small: SMALL,
            };
            descent.step(&p.var, &p.mean, &p.square)?;
            blend(&mut p.average, p.var.as_tensor(), keep, false)?;
        }
        Ok(())
    }

    /// The running averages by name: the weights to keep.
    ///
    /// # Errors
    /// From the tensor library.
    pub fn averages(&self) -> Result<HashMap<String, Tensor>> {
        let parameters = self.parameters.iter();
        parameters
            .map(|p| Ok((p.name.clone(), p.average.copy()?)))
            .collect()
    }

    /// The whole state by name.
    ///
    /// # Errors
    /// From the tensor library.
    pub fn values(&self) -> Result<Values> {
        let mut values = Values::new();
        for p in &self.parameters {
            for (name, tensor) in [
                (p.name.clone(), p.var.as_tensor()),
                (format!("{}.mean", p.name), &p.mean),
                (format!("{}.square", p.name), &p.square),
                (format!("{}.average", p.name), &p.average),
            ] {
                values.insert(name, tensor.flatten_all()?.to_vec1()?);
            }
        }
        Ok(values)
    }

    /// Takes up a state that [`AdamW::values`] gave after `steps` steps and that stood in the
    /// checkpoint `path`.
    ///
    /// # Errors
    /// [`TrainError`](super::TrainError) when a tensor is missing or of another length.
    pub fn restore(&mut self, values: &mut Values, steps: usize, path: &Path) -> super::Result<()> {
        for p in &mut self.parameters {
            let mut tensor = |name: String| -> super::Result<Tensor> {
                let found = take(values, &name, p.var.elem_count(), path)?;
                Ok(Tensor::from_vec(found, p.var.shape(), p.var.device())?)
            };
            let var = tensor(p.name.clone())?;
            let mean = tensor(format!("{}.mean", p.name))?;
            let square = tensor(format!("{}.square", p.name))?;
            let average = tensor(format!("{}.average", p.name))?;
            p.var.set(&var)?;
            (p.mean, p.square, p.average) = (mean, square, average);
        }
        self.steps = steps;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn descends_to_the_minimum_and_its_state_reads_back() {
        let start = Tensor::new(&[5.0f32, -3.0], &Device::Cpu).unwrap();
        let goal = Tensor::new(&[1.0f32, 2.0], &Device::Cpu).unwrap();
        let fresh = || AdamW {
            parameters: vec![Parameter::new("x", &start, 1.0, 0.0).unwrap()],
            steps: 0,
            keep_average: 0.9,
        };
        let run = |adam: &mut AdamW, steps: usize| {
            for _ in 0..steps {
                let x = adam.parameters[0].var.as_tensor();
                let loss = (x - &goal).unwrap().sqr().unwrap().sum_all().unwrap();
                adam.step(&loss.backward().unwrap(), 0.05).unwrap();
            }
        };
        let mut whole = fresh();
        run(&mut whole, 400);
        let values: Vec<f32> = whole.averages().unwrap()["x"].to_vec1().unwrap();
        assert!((values[0] - 1.0).abs() < 0.05 && (values[1] - 2.0).abs() < 0.05);

        let (mut first, mut second) = (fresh(), fresh());
        run(&mut first, 150);
        let mut values_then = first.values().unwrap();
        let path = Path::new("checkpoint");
        second.restore(&mut values_then, 150, path).unwrap();
        run(&mut second, 250);
        assert_eq!(
            second.averages().unwrap()["x"].to_vec1::<f32>().unwrap(),
            values
        );
    }
}
