//! Whole passes against candle's graph in f32.

use candle_core::{Device, IndexOp, Tensor, Var};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::conv::Conv;
use super::head::{Losses, Target};
use super::network::{Gradient, Lesson, Pass, TOGETHER};
use super::stem::SIDE;
use super::{LAYERS, Settings, Training, Weights};
use crate::train::bf16::Products;
use crate::train::ops::max_pool2d;

const CHANNELS: [usize; 5] = [192, 384, 256, 256, 64];

/// Settings of a small head, and weights drawn so that activations stay alike in size.
fn training() -> (Training, Weights) {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut even = |count: usize, reach: f32| -> Vec<f32> {
        let draw = |_| (rng.random::<f32>() * 2.0 - 1.0) * reach;
        (0..count).map(draw).collect()
    };
    let mut weights = Weights::new();
    weights.insert("conv1.weight".into(), even(64 * 121, 0.2));
    weights.insert("conv1.bias".into(), even(64, 0.1));
    let mut inputs = 64;
    for ((name, kernel), outputs) in LAYERS.into_iter().zip(CHANNELS).take(4) {
        let depth = kernel * kernel * inputs;
        let reach = (6.0 / depth as f32).sqrt();
        weights.insert(format!("{name}.weight"), even(depth * outputs, reach));
        weights.insert(format!("{name}.bias"), even(outputs, 0.05));
        inputs = outputs;
    }
    let settings = Settings {
        units: CHANNELS[4],
        ..Settings::BEST
    };
    (Training::new(settings, &weights).unwrap(), weights)
}

/// Slices with the same label, so that their gradients do not cancel each other out.
fn lessons(haemorrhage: bool) -> Vec<Lesson> {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    (0..TOGETHER)
        .map(|i| {
            let (x0, y0) = (rng.random_range(20..150), rng.random_range(20..150));
            let level = |p: usize| {
                let (x, y) = (p % SIDE, p / SIDE);
                let blob = (x0..x0 + 50).contains(&x) && (y0..y0 + 40).contains(&y);
                ((x * (i + 3) + y * 7) % 64) as f32 / 128.0 + if blob { 0.5 } else { 0.0 }
            };
            Lesson {
                grey: (0..SIDE * SIDE).map(level).collect(),
                target: Target {
                    haemorrhage: f32::from(u8::from(haemorrhage)),
                    places: match i {
                        1 if haemorrhage => (0..169).map(|p| p % 13 > 7 && p / 13 < 6).collect(),
                        _ => Vec::new(),
                    },
                },
                kept: vec![1.0; 2 * CHANNELS[4]],
            }
        })
        .collect()
}

const LOSSES: Losses = Losses {
    smoothing: 0.03,
    place_weight: 0.5,
    place_scale: 8.0,
};

/// The same losses by candle: its variables in the order of the parameters, and the loss.
fn by_candle(
    (training, init): (&Training, &Weights),
    lessons: &[Lesson],
) -> candle_core::Result<(Vec<Var>, Tensor)> {
    let device = Device::Cpu;
    let grey: Vec<f32> = lessons.iter().flat_map(|l| l.grey.clone()).collect();
    let x = Tensor::from_vec(grey, (lessons.len(), 1, SIDE, SIDE), &device)?;
    let stem = |name: &str, shape: &[usize]| Tensor::from_slice(&init[name], shape, &device);
    let bias = stem("conv1.bias", &[1, 64, 1, 1])?;
    let x = x.conv2d(&stem("conv1.weight", &[64, 1, 11, 11])?, 2, 4, 1, 1)?;
    let mut x = x.broadcast_add(&bias)?.relu()?;
    x = max_pool2d(&x, 3, 2)?;
    let mut vars = Vec::new();
    for ((_, kernel), conv) in LAYERS.into_iter().zip(&training.network.convs) {
        let weight = Conv::oihw(&conv.weight, kernel, conv.outputs);
        let shape = (conv.outputs, conv.inputs, kernel, kernel);
        let weight = Var::from_tensor(&Tensor::from_vec(weight, shape, &device)?)?;
        let bias = Var::from_tensor(&Tensor::new(conv.bias.as_slice(), &device)?)?;
        x = x.conv2d(&weight, kernel / 2, 1, 1, 1)?;
        x = x.broadcast_add(&bias.reshape((1, (), 1, 1))?)?.relu()?;
        if kernel == 5 {
            x = max_pool2d(&x, 3, 2)?;
        }
        vars.extend([weight, bias]);
    }
    let decision = &training.network.decision;
    let weight = Var::from_tensor(&Tensor::new(decision.weight.as_slice(), &device)?)?;
    let bias = Var::from_tensor(&Tensor::new(&[decision.bias], &device)?)?;
    let units = x.flatten_from(2)?;
    let (sorted, _) = units.sort_last_dim(false)?;
    let lowest = sorted.narrow(2, decision.top - 1, 1)?;
    // Which places are among the highest, as a constant.
    let highest = units
        .broadcast_ge(&lowest)?
        .to_dtype(units.dtype())?
        .detach();
    let top = ((&units * &highest)?.sum(2)? / decision.top as f64)?;
    let features = Tensor::cat(&[units.mean(2)?, top], 1)?;
    let margins = features
        .matmul(&weight.unsqueeze(1)?)?
        .squeeze(1)?
        .broadcast_add(&bias)?;
    let (mean, of_top) = (
        weight.narrow(0, 0, decision.units)?,
        weight.narrow(0, decision.units, decision.units)?,
    );
    let shares = ((&units / 169.0)?
        .broadcast_mul(&mean.reshape((1, (), 1))?)?
        .sum(1)?
        + ((&units * &highest)? / decision.top as f64)?
            .broadcast_mul(&of_top.reshape((1, (), 1))?)?
            .sum(1)?)?;
    let mut loss = Tensor::zeros((), units.dtype(), &device)?;
    for (i, lesson) in lessons.iter().enumerate() {
        let wanted = f64::from(
            lesson.target.haemorrhage * (1.0 - 2.0 * LOSSES.smoothing) + LOSSES.smoothing,
        );
        let margin = margins.i(i)?;
        let softplus = (margin.exp()? + 1.0)?.log()?;
        loss = ((loss + softplus)? - (margin * wanted)?)?;
        if !lesson.target.places.is_empty() {
            let weights = (shares.i(i)? * f64::from(LOSSES.place_scale))?.exp()?;
            let inside: Vec<f32> = lesson
                .target
                .places
                .iter()
                .map(|p| f32::from(u8::from(*p)))
                .collect();
            let within = (&weights * Tensor::new(inside.as_slice(), &device)?)?.sum_all()?;
            let place = (weights.sum_all()?.log()? - within.log()?)?;
            loss = (loss + (place * f64::from(LOSSES.place_weight))?)?;
        }
    }
    vars.extend([weight, bias]);
    Ok((vars, loss))
}

#[test]
fn losses_and_gradients_are_candles_up_to_rounding() {
    for haemorrhage in [true, false] {
        check(&lessons(haemorrhage));
    }
}

fn check(lessons: &[Lesson]) {
    let (training, init) = training();
    let (vars, loss) = by_candle((&training, &init), lessons).unwrap();
    let expected = loss.backward().unwrap();
    for products in [Products::fastest(), Products::Portable] {
        let mut pass = Pass::new(&training.network, products);
        let mut gradient = Gradient::new(&training.network);
        let found = pass.learn(&training.network, lessons, LOSSES, &mut gradient);
        let loss = loss.to_scalar::<f32>().unwrap();
        assert!(
            (found.margin + found.place - loss).abs() < 0.02 * loss,
            "{found:?} {loss}"
        );
        for (n, (found, var)) in super::gradients(&mut gradient).zip(&vars).enumerate() {
            let expected = expected
                .get(var)
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1::<f32>()
                .unwrap();
            // Rows of conv weights are in another order here.
            let found = match (n < 2 * LAYERS.len() && n % 2 == 0).then(|| LAYERS[n / 2].1) {
                Some(kernel) => Conv::oihw(found, kernel, CHANNELS[n / 2]),
                None => found.to_vec(),
            };
            let dot =
                |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
            let cosine =
                dot(&found, &expected) / (dot(&found, &found) * dot(&expected, &expected)).sqrt();
            let length = (dot(&found, &found) / dot(&expected, &expected)).sqrt();
            // Eight bits of mantissa move a few maxima and ReLUs; a wrong order of weights or a shifted
            // map would leave nothing of the direction.
            assert!(
                cosine > 0.95 && (0.97..1.03).contains(&length),
                "{products:?} {n}: {cosine} {length}"
            );
        }
    }
}
