//! Drawn networks of every kind, in awkward shapes: quantised, stored, and held against f32.
#![cfg(feature = "train")]

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::{Module, VarBuilder, VarMap};
use haemolens::architecture::{Conv, Linear, Network, Pool, lrn};
use haemolens::engine::Engine;
use haemolens::model::{ModelCard, StoredModel};
use haemolens::network::alexnet::AlexNet;
use haemolens::network::cnn::Cnn;
use haemolens::network::reference::Reference;
use haemolens::network::{Tensors, stored};
use haemolens::preprocess::Preprocessing;
use haemolens::train::quantize::{prune, quantize};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Values of mean 0 and the given standard deviation.
fn drawn(rng: &mut ChaCha8Rng, shape: &[usize], deviation: f64) -> Tensor {
    let bound = (deviation * 3f64.sqrt()) as f32;
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| rng.random_range(-bound..bound))
        .collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// Weights by He's rule for an input of `channels` channels.
fn drawn_network(network: &Network, mut channels: usize, seed: u64) -> Reference {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut tensors = Tensors::new();
    let mut layer = |name: &str, shape: &[usize]| {
        let row: usize = shape[1..].iter().product();
        let weight = drawn(&mut rng, shape, (2.0 / row as f64).sqrt());
        tensors.insert(format!("{name}.weight"), weight);
        let bias = drawn(&mut rng, &shape[..1], 0.1);
        tensors.insert(format!("{name}.bias"), bias);
    };
    for conv in &network.convs {
        let (depth, k) = (channels / conv.groups, conv.kernel);
        layer(&conv.name, &[conv.filters, depth, k, k]);
        channels = conv.filters;
    }
    let mut inputs = network.features().unwrap();
    for linear in &network.linears {
        layer(&linear.name, &[linear.units, inputs]);
        inputs = linear.units;
    }
    layer("haemorrhage", &[1, inputs]);
    layer("normal", &[1, inputs]);
    Reference::new(network, tensors).unwrap()
}

/// Draws the weights again by He's rule, the same ones in every run.
fn redraw(vars: &VarMap, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut vars: Vec<_> = vars.data().lock().unwrap().clone().into_iter().collect();
    vars.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, var) in vars.iter().filter(|(_, var)| var.rank() > 1) {
        let row: usize = var.dims()[1..].iter().product();
        let deviation = (2.0 / row as f64).sqrt();
        var.set(&drawn(&mut rng, var.dims(), deviation)).unwrap();
    }
}

/// Inputs with soft blobs on black, different in place, size and brightness.
fn blobs(side: usize, count: usize) -> Vec<Vec<u8>> {
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
fn int8(reference: &Reference, inputs: &[Vec<u8>]) -> StoredModel {
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

fn margins(reference: &Reference, inputs: &[Vec<u8>]) -> Vec<f32> {
    let x = reference.input(&inputs.concat()).unwrap();
    reference.forward(&x).unwrap().to_vec1().unwrap()
}

/// Root mean square of the differences, as a share of that of the expected values.
fn relative_error(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let square = |values: &mut dyn Iterator<Item = f32>| values.map(|v| v * v).sum::<f32>();
    let off = square(&mut found.iter().zip(expected).map(|(f, e)| f - e));
    (off / square(&mut expected.iter().copied())).sqrt()
}

/// Holds the engine against the stored weights in f32 (activations are rounded), and against the
/// network they came from (weights are rounded too). Each of up to six layers of a drawn network
/// adds about half a per cent; a layer in the wrong order or scale gives tens.
fn assert_engine_follows(reference: &Reference) {
    let inputs = blobs(reference.network().input_side, 24);
    let model = int8(reference, &inputs);
    let mut engine = Engine::new(&model).unwrap();
    let (mut units, mut normal) = (Vec::new(), Vec::new());
    for grey in &inputs {
        let features = engine.features(grey).unwrap();
        units.extend_from_slice(features);
        normal.push(model.normal.margin(features));
    }
    let same_weights = stored::reference(&model).unwrap();
    for (with, most) in [(&same_weights, 0.03), (reference, 0.05)] {
        let x = with.input(&inputs.concat()).unwrap();
        let expected = with.features(&x).unwrap().flatten_all().unwrap();
        let error = relative_error(&units, &expected.to_vec1().unwrap());
        assert!(error < most, "units: {error} of {:?}", reference.network());
        let [_, expected] = with.margins(&x).unwrap();
        let expected = expected.to_vec1().unwrap();
        let error = relative_error(&normal, &expected);
        assert!(
            error < 2.0 * most,
            "margins: {error} of {:?}",
            reference.network()
        );
    }
}

fn conv(name: &str, filters: usize, kernel: usize, stride: usize, padding: usize) -> Conv {
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

#[test]
fn engine_follows_small_alexnets_of_awkward_shapes() {
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
    };
    for (network, seed) in [(grouped, 1), (single_tower, 4)] {
        assert_engine_follows(&drawn_network(&network, 3, seed));
    }
}

#[test]
fn engine_follows_alexnet_with_a_softmax() {
    let network = Network {
        input_side: 27,
        convs: vec![conv("conv1", 6, 5, 2, 0), conv("conv2", 4, 3, 1, 1)],
        linears: vec![Linear::new("fc6", 20), Linear::new("fc7", 11)],
    };
    let vars = VarMap::new();
    let vb = VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu);
    let alexnet = AlexNet::new(&network, vb).unwrap();
    redraw(&vars, 5);
    let reference = Reference::new(&network, alexnet.tensors().unwrap()).unwrap();
    let inputs = blobs(27, 5);
    let x = reference.input(&inputs.concat()).unwrap();
    let logits: Vec<Vec<f32>> = alexnet.logits(&x, None).unwrap().to_vec2().unwrap();
    for (logits, margin) in logits.iter().zip(margins(&reference, &inputs)) {
        assert!((logits[1] - logits[0] - margin).abs() < 1e-5);
    }
    assert_engine_follows(&reference);
}

#[test]
fn engine_follows_the_cnn_with_and_without_batch_norm() {
    for normalised in [true, false] {
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
        assert_engine_follows(&Reference::new(&network, cnn.tensors().unwrap()).unwrap());
    }
}

#[test]
fn pruning_takes_the_units_that_say_nothing_and_keeps_their_mean() {
    let network = Network {
        input_side: 21,
        convs: vec![conv("conv1", 4, 5, 2, 0)],
        linears: vec![Linear::new("fc6", 12), Linear::new("fc7", 8)],
    };
    let mut tensors = drawn_network(&network, 1, 3).tensors().clone();
    // Units 0, 3, 6, 9 of FC6 say the same of every input, and units 1 and 5 of FC7 are not read.
    let mut clear = |name: &str, rows: &[usize], columns: &[usize], value: f32| {
        let mut weight: Vec<Vec<f32>> = tensors[name].to_vec2().unwrap();
        for &row in rows {
            weight[row].fill(value);
        }
        for row in &mut weight {
            columns.iter().for_each(|&c| row[c] = value);
        }
        tensors.insert(name.into(), Tensor::new(weight, &Device::Cpu).unwrap());
    };
    clear("fc6.weight", &[0, 3, 6, 9], &[], 0.0);
    clear("haemorrhage.weight", &[], &[1, 5], 0.0);
    clear("normal.weight", &[], &[1, 5], 0.0);
    let reference = Reference::new(&network, tensors).unwrap();
    let inputs = blobs(21, 20);
    let sample: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let smaller = prune(&reference, "fc6", 8, &sample).unwrap();
    let smaller = prune(&smaller, "fc7", 6, &sample).unwrap();
    let units: Vec<usize> = smaller.network().linears.iter().map(|l| l.units).collect();
    assert_eq!(units, [8, 6]);
    for (a, b) in margins(&smaller, &inputs)
        .iter()
        .zip(margins(&reference, &inputs))
    {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
    assert!(prune(&reference, "fc8", 2, &sample).is_err());
    assert!(prune(&reference, "fc7", 0, &sample).is_err());
    assert!(prune(&reference, "fc7", 2, &[]).is_err());
}
