//! Drawn networks of every kind, in awkward shapes: quantised, stored, and held against f32.
#![cfg(feature = "train")]

use candle_core::{DType, Device, Tensor};
use candle_nn::{Module, VarBuilder, VarMap};
use drawn_networks::{blobs, conv, int8, redraw};
use haemolens::architecture::{Linear, Network, Readout};
use haemolens::engine::{Engine, Trunk};
use haemolens::network::alexnet::AlexNet;
use haemolens::network::reference::Reference;
use haemolens::network::stored;
use haemolens::train::agreement::compare;
use haemolens::train::quantize::prune;

mod drawn_networks;

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

#[test]
fn engine_follows_small_alexnets_of_awkward_shapes() {
    for (network, seed) in drawn_networks::small_alexnets().into_iter().zip([1, 4]) {
        assert_engine_follows(&drawn_networks::network(&network, 3, seed));
    }
}

#[test]
fn engine_follows_networks_with_fc6_at_every_place() {
    for (network, seed) in drawn_networks::networks_with_places()
        .into_iter()
        .zip([7, 8])
    {
        assert_engine_follows(&drawn_networks::network(&network, 3, seed));
    }
}

#[test]
fn int8_margins_of_the_whole_network_with_places_correlate_with_f32() {
    let network = Network::alexnet_svm_places(128, 4);
    let reference = drawn_networks::network(&network, 3, 9);
    let inputs = blobs(network.input_side, 24);
    let model = int8(&reference, &inputs);
    let agreement = compare(&model, &reference, &inputs).unwrap();
    assert!(agreement.correlation > 0.999, "{agreement:?}");
    assert_eq!(model.linears[0].layer.weight.len(), 128 * 256);
}

#[test]
fn fc6_at_every_place_may_come_as_a_convolution() {
    let [network, _] = drawn_networks::networks_with_places();
    let reference = drawn_networks::network(&network, 3, 7);
    let mut tensors = reference.tensors().clone();
    let weight = tensors["fc6.weight"].reshape((21, 18, 1, 1)).unwrap();
    tensors.insert("fc6.weight".into(), weight);
    let convolution = Reference::new(&network, tensors).unwrap();
    let inputs = blobs(network.input_side, 3);
    assert_eq!(margins(&convolution, &inputs), margins(&reference, &inputs));
    assert_eq!(int8(&convolution, &inputs), int8(&reference, &inputs));
}

/// What the engine computes, from the last map on, by the definition and in integers.
#[test]
fn features_of_places_are_those_of_the_definition_to_the_bit() {
    for (network, seed) in drawn_networks::networks_with_places()
        .into_iter()
        .zip([7, 8])
    {
        let Readout::MeanAndTop { top } = network.readout else {
            panic!("it reads places")
        };
        let inputs = blobs(network.input_side, 6);
        let model = int8(&drawn_networks::network(&network, 3, seed), &inputs);
        let (channels, side) = network.feature_shape().unwrap();
        let places = side * side;
        let fc6 = &model.linears[0];
        let scales = fc6.output_scale.as_ref().unwrap();
        let mut trunk = Trunk::new(&network, &model.convs).unwrap();
        let mut engine = Engine::new(&model).unwrap();
        for grey in &inputs {
            let map = trunk.pooled_features(grey).unwrap();
            let (mut means, mut tops) = (Vec::new(), Vec::new());
            for (u, row) in fc6.layer.weight.chunks_exact(channels).enumerate() {
                let mut steps: Vec<u32> = (0..places)
                    .map(|place| {
                        let inputs = map.iter().skip(place).step_by(places);
                        let products = row.iter().zip(inputs);
                        let sum: i32 = products.map(|(&w, &x)| i32::from(w) * i32::from(x)).sum();
                        let real = sum as f32 * fc6.layer.weight_scale[u] + fc6.layer.bias[u];
                        (real.max(0.0) * (1.0 / scales[u]) + 0.5).min(255.0) as u32
                    })
                    .collect();
                steps.sort_unstable();
                means.push(steps.iter().sum::<u32>() as f32 * (scales[u] / places as f32));
                let highest = &steps[places - top..];
                tops.push(highest.iter().sum::<u32>() as f32 * (scales[u] / top as f32));
            }
            means.extend(tops);
            assert_eq!(engine.features(grey).unwrap(), means);
        }
    }
}

#[test]
fn engine_follows_alexnet_with_a_softmax() {
    let network = Network {
        input_side: 27,
        convs: vec![conv("conv1", 6, 5, 2, 0), conv("conv2", 4, 3, 1, 1)],
        linears: vec![Linear::new("fc6", 20), Linear::new("fc7", 11)],
        readout: Readout::Flatten,
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
        assert_engine_follows(&drawn_networks::cnn(normalised));
    }
}

#[test]
fn pruning_takes_the_units_that_say_nothing_and_keeps_their_mean() {
    let network = Network {
        input_side: 21,
        convs: vec![conv("conv1", 4, 5, 2, 0)],
        linears: vec![Linear::new("fc6", 12), Linear::new("fc7", 8)],
        readout: Readout::Flatten,
    };
    let mut tensors = drawn_networks::network(&network, 1, 3).tensors().clone();
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
