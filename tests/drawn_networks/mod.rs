//! Networks with drawn weights, in awkward shapes, and inputs for them.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::{VarBuilder, VarMap};
use haemolens::architecture::{Conv, Linear, Network, Pool, Readout, lrn};
use haemolens::model::{ModelCard, StoredModel};
use haemolens::network::Tensors;
use haemolens::network::cnn::Cnn;
use haemolens::network::reference::Reference;
use haemolens::preprocess::Preprocessing;
use haemolens::train::quantize::quantize;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Values of mean 0 and the given standard deviation.
fn values(rng: &mut ChaCha8Rng, shape: &[usize], deviation: f64) -> Tensor {
    let bound = (deviation * 3f64.sqrt()) as f32;
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| rng.random_range(-bound..bound))
        .collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// Weights by He's rule for an input of `channels` channels.
pub fn network(network: &Network, mut channels: usize, seed: u64) -> Reference {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut tensors = Tensors::new();
    let mut layer = |name: &str, shape: &[usize]| {
        let row: usize = shape[1..].iter().product();
        let weight = values(&mut rng, shape, (2.0 / row as f64).sqrt());
        tensors.insert(format!("{name}.weight"), weight);
        let bias = values(&mut rng, &shape[..1], 0.1);
        tensors.insert(format!("{name}.bias"), bias);
    };
    for conv in &network.convs {
        let (depth, k) = (channels / conv.groups, conv.kernel);
        layer(&conv.name, &[conv.filters, depth, k, k]);
        channels = conv.filters;
    }
    let mut inputs = network.linear_inputs().unwrap();
    for linear in &network.linears {
        layer(&linear.name, &[linear.units, inputs]);
        inputs = linear.units;
    }
    inputs = network.units();
    layer("haemorrhage", &[1, inputs]);
    layer("normal", &[1, inputs]);
    Reference::new(network, tensors).unwrap()
}

/// Draws the weights again by He's rule, the same ones in every run.
pub fn redraw(vars: &VarMap, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut vars: Vec<_> = vars.data().lock().unwrap().clone().into_iter().collect();
    vars.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, var) in vars.iter().filter(|(_, var)| var.rank() > 1) {
        let row: usize = var.dims()[1..].iter().product();
        let deviation = (2.0 / row as f64).sqrt();
        var.set(&values(&mut rng, var.dims(), deviation)).unwrap();
    }
}

/// Inputs with soft blobs on black, different in place, size and brightness.
pub fn blobs(side: usize, count: usize) -> Vec<Vec<u8>> {
    let mut rng = ChaCha8Rng::seed_from_u64(side as u64);
    (0..count)
        .map(|_| {
            let mut place = || rng.random_range(0.0..side as f32);
            let (x, y, reach) = (place(), place(), place() + 2.0);
            let top = rng.random_range(60.0..255.0);
            let square = |a: f32| a * a;
            (0..side * side)
                .map(|i| {
                    let (dx, dy) = ((i % side) as f32 - x, (i / side) as f32 - y);
                    let texture = 0.7 + 0.3 * (i * 31 % 17) as f32 / 17.0;
                    (top * texture / (1.0 + (square(dx) + square(dy)) / square(reach))) as u8
                })
                .collect()
        })
        .collect()
}

fn card() -> ModelCard {
    ModelCard {
        name: "drawn".into(),
        version: "0.0.1".into(),
        licence: "none".into(),
        data: "none".into(),
        protocol: "none".into(),
        figures: BTreeMap::new(),
    }
}

/// A network's int8 form, through the bytes of a file.
pub fn int8(reference: &Reference, inputs: &[Vec<u8>]) -> StoredModel {
    let preprocessing = Preprocessing {
        side: reference.network().input_side,
        ..Preprocessing::ALEXNET
    };
    let sample: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let model = quantize(reference, &sample, preprocessing, card()).unwrap();
    let bytes = model.to_bytes().unwrap();
    assert_eq!(StoredModel::from_bytes(&bytes).unwrap(), model);
    model
}

pub fn conv(name: &str, filters: usize, kernel: usize, stride: usize, padding: usize) -> Conv {
    Conv {
        name: name.into(),
        filters,
        kernel,
        stride,
        padding,
        groups: 1,
        lrn: None,
        pool: None,
    }
}

/// An AlexNet-SVM in groups with normalisation, and a single tower with three hidden layers.
pub fn small_alexnets() -> [Network; 2] {
    let pool = |size, stride| Some(Pool { size, stride });
    let grouped = Network {
        input_side: 37,
        convs: vec![
            Conv {
                lrn: Some(lrn(6.4e-3)),
                pool: pool(3, 2),
                ..conv("conv1", 10, 11, 3, 0)
            },
            Conv {
                groups: 2,
                lrn: Some(lrn(1e-3)),
                ..conv("conv2", 14, 5, 1, 2)
            },
            Conv {
                groups: 7,
                pool: pool(2, 1),
                ..conv("conv3", 7, 3, 1, 1)
            },
        ],
        linears: vec![Linear::new("fc6", 13)],
        readout: Readout::Flatten,
    };
    let single_tower = Network {
        input_side: 30,
        convs: vec![
            Conv {
                pool: pool(3, 2),
                ..conv("conv1", 9, 11, 4, 2)
            },
            conv("conv2", 5, 1, 1, 0),
        ],
        linears: vec![
            Linear::new("fc6", 17),
            Linear::new("fc7", 3),
            Linear::new("fc9", 5),
        ],
        readout: Readout::Flatten,
    };
    [grouped, single_tower]
}

/// AlexNet-SVMs with FC6 at every place: a small one of awkward sizes, and one whose last map is pooled.
pub fn networks_with_places() -> [Network; 2] {
    let small = Network {
        input_side: 41,
        convs: vec![
            Conv {
                pool: Some(Pool { size: 3, stride: 2 }),
                ..conv("conv1", 12, 7, 2, 2)
            },
            conv("conv2", 18, 3, 1, 1),
        ],
        linears: vec![Linear::new("fc6", 21)],
        readout: Readout::MeanAndTop { top: 4 },
    };
    let mut pooled = small.clone();
    pooled.convs[1].pool = Some(Pool { size: 2, stride: 1 });
    pooled.linears[0].units = 16;
    pooled.readout = Readout::MeanAndTop { top: 1 };
    [small, pooled]
}

/// The CNN with or without batch norm.
pub fn cnn(normalised: bool) -> Reference {
    let vars = VarMap::new();
    let vb = VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu);
    let cnn = Cnn::new(normalised, vb).unwrap();
    redraw(&vars, 6);
    let network = Network::cnn();
    let x = Reference::new(&network, cnn.tensors().unwrap()).unwrap();
    let x = x.input(&blobs(32, 24).concat()).unwrap();
    // Running statistics come from passes in training.
    for _ in 0..20 {
        cnn.logits(&x, Some(&mut Ok)).unwrap();
    }
    Reference::new(&network, cnn.tensors().unwrap()).unwrap()
}
