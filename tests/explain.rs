//! Margins taken apart: on the stored models and on drawn networks of every kind.
#![cfg(feature = "train")]

use std::path::Path;

use candle_core::Tensor;
use haemolens::architecture::{Conv, IMAGENET_LRN, Network, Pool, Readout, single_tower_trunk};
use haemolens::engine::{Engine, Trunk};
use haemolens::explain::Field;
use haemolens::model::{QuantConv, QuantLayer, StoredModel};
use haemolens::network::reference::Reference;
use haemolens::network::stored;
use haemolens::phantom::{self, Kind};
use haemolens::preprocess::{Crop, Preprocessing, resize};
use haemolens::slice::{Content, Slice};
use haemolens::train::dataset::Dataset;
use haemolens::{ALEXNET_SVM, Classifier, Explanation};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

mod data;
mod drawn_networks;

fn committed(name: &str) -> StoredModel {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("models")
        .join(name);
    StoredModel::from_bytes(&std::fs::read(path).unwrap()).unwrap()
}

/// A model with inputs for it.
type Case = (StoredModel, Vec<Vec<u8>>);

/// Drawn networks: one, three and two hidden layers, with and without groups and normalisation.
fn drawn_cases() -> Vec<Case> {
    let [grouped, single_tower] = drawn_networks::small_alexnets();
    quantised(&[
        drawn_networks::network(&grouped, 3, 1),
        drawn_networks::network(&single_tower, 3, 4),
        drawn_networks::cnn(true),
        drawn_networks::cnn(false),
    ])
}

/// Drawn networks with a fully connected layer at every place, AlexNet-SVM's shape among them.
fn cases_with_places() -> Vec<Case> {
    let [small, pooled] = drawn_networks::networks_with_places();
    quantised(&[
        drawn_networks::network(&small, 3, 7),
        drawn_networks::network(&pooled, 3, 8),
        drawn_networks::network(&Network::alexnet_svm_places(32, 4), 3, 9),
    ])
}

fn quantised(references: &[Reference]) -> Vec<Case> {
    let cases = references.iter().map(|reference| {
        let inputs = drawn_networks::blobs(reference.network().input_side, 12);
        (drawn_networks::int8(reference, &inputs), inputs)
    });
    cases.collect()
}

/// The committed models on the phantoms; their maps are flattened, or read place by place.
fn committed_cases() -> Vec<Case> {
    ["alexnet-svm", "alexnet", "cnn"]
        .map(|name| {
            let model = committed(&format!("{name}.safetensors"));
            let inputs = Kind::ALL.map(|kind| {
                let slice = phantom::draw(kind).into_slice();
                model.facts.preprocessing.apply(&slice).0
            });
            (model, inputs.to_vec())
        })
        .into()
}

fn all_cases() -> Vec<Case> {
    let mut cases = committed_cases();
    cases.extend(drawn_cases());
    cases.extend(cases_with_places());
    cases
}

/// Networks that read their last map flattened, or place by place.
fn cases_of(flattened: bool) -> Vec<Case> {
    let mut cases = all_cases();
    cases.retain(|(model, _)| model.facts.architecture.readout.is_flatten() == flattened);
    cases
}

fn sum(values: &[f32]) -> f64 {
    values.iter().map(|&v| f64::from(v)).sum()
}

fn magnitude(values: &[f32]) -> f64 {
    values.iter().map(|&v| f64::from(v).abs()).sum()
}

#[test]
fn margin_equals_the_sum_of_contributions_constant_and_rounding() {
    for (model, inputs) in all_cases() {
        let mut engine = Engine::new(&model).unwrap();
        let layers = model.linears.len();
        let (mut largest, mut rounded) = (0.0f64, false);
        for grey in &inputs {
            for plane in [&model.haemorrhage, &model.normal] {
                let margin = f64::from(plane.margin(engine.features(grey).unwrap()));
                let found = engine.attribution(plane);
                let whole = sum(&found.contributions) + found.constant + found.rounding;
                let scale = magnitude(&found.contributions) + found.constant.abs();
                let off = (whole - margin).abs() / scale;
                assert!(
                    off < 1e-5,
                    "{}: {whole} for {margin}",
                    model.facts.card.name
                );
                largest = largest.max(magnitude(&found.contributions) / scale);
                rounded |= found.rounding != 0.0;
                assert!(found.rounding.abs() < 0.02 * scale, "{found:?}");
            }
        }
        // A sum without its parts would not do.
        assert!(largest > 0.1, "{}: {largest}", model.facts.card.name);
        assert_eq!(rounded, layers > 1, "{}", model.facts.card.name);
    }
}

#[test]
fn contributions_of_a_places_channels_sum_to_the_places() {
    for (model, inputs) in all_cases() {
        let mut engine = Engine::new(&model).unwrap();
        engine.features(&inputs[0]).unwrap();
        let places = engine.attribution(&model.haemorrhage).contributions;
        let parts = engine.channel_contributions(&model.haemorrhage);
        let network = &model.facts.architecture;
        let (mut channels, side) = network.feature_shape().unwrap();
        if !network.readout.is_flatten() {
            channels = network.linears[0].units;
        }
        assert_eq!(
            (places.len(), parts.len()),
            (side * side, channels * side * side)
        );
        for (place, &whole) in places.iter().enumerate() {
            let of_place: Vec<f32> = parts
                .iter()
                .skip(place)
                .step_by(side * side)
                .copied()
                .collect();
            let off = (sum(&of_place) - f64::from(whole)).abs();
            assert!(off <= 1e-6 * magnitude(&of_place), "{off} at {place}");
        }
    }
}

/// The fully connected layers and the plane of haemorrhage by their definition, in f64.
struct Head<'a>(&'a StoredModel);

/// What happens in a [`Head`]: the margin, which units are active, and what rounding adds to each
/// activation of each layer but the last.
struct Run {
    margin: f64,
    active: Vec<bool>,
    residues: Vec<f64>,
}

impl Head<'_> {
    /// Reads the last map in activation steps. Rounds as the engine does, or adds residues to the
    /// activations instead.
    fn run(&self, map: &[f64], residues: Option<&[f64]>) -> Run {
        let mut given = residues.map(<[f64]>::iter);
        let (mut active, mut found) = (Vec::new(), Vec::new());
        let mut input = map.to_vec();
        for linear in &self.0.linears {
            let layer = &linear.layer;
            let rows = layer.weight.chunks_exact(input.len());
            let sums = rows.map(|row| -> f64 {
                let products = row.iter().zip(&input);
                products.map(|(&w, x)| f64::from(w) * x).sum()
            });
            let scaled = sums.zip(layer.weight_scale.iter().zip(&layer.bias));
            let mut units: Vec<f64> = scaled
                .map(|(sum, (&scale, &bias))| (sum * f64::from(scale) + f64::from(bias)).max(0.0))
                .collect();
            active.extend(units.iter().map(|&u| u > 0.0));
            for (unit, &scale) in units.iter_mut().zip(linear.output_scale.iter().flatten()) {
                let steps = *unit / f64::from(scale);
                let residue = match &mut given {
                    Some(given) => *given.next().unwrap(),
                    None => (steps + 0.5).floor().min(255.0) - steps,
                };
                found.push(residue);
                *unit = steps + residue;
            }
            input = units;
        }
        let plane = &self.0.haemorrhage;
        let products = plane.weights.iter().zip(&input);
        let products: f64 = products.map(|(&w, u)| f64::from(w) * u).sum();
        Run {
            margin: products + f64::from(plane.bias),
            active,
            residues: found,
        }
    }
}

/// One activation more or less changes the margin by what it is said to contribute, and all of them
/// by all of it; with the units that are active, and what rounding adds, held as they are.
#[test]
fn a_step_of_an_activation_changes_the_margin_by_its_stated_share() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for (model, inputs) in cases_of(true) {
        let head = Head(&model);
        let mut engine = Engine::new(&model).unwrap();
        let mut trunk = Trunk::new(&model.facts.architecture, &model.convs).unwrap();
        let (mut held, mut tried) = (0, 0);
        for grey in inputs.iter().take(3) {
            let margin = f64::from(model.haemorrhage.margin(engine.features(grey).unwrap()));
            let shares = engine.channel_contributions(&model.haemorrhage);
            let map: Vec<f64> = trunk
                .pooled_features(grey)
                .unwrap()
                .into_iter()
                .map(f64::from)
                .collect();
            let run = head.run(&map, None);
            let off = (run.margin - margin).abs() / (magnitude(&shares) + margin.abs());
            assert!(off < 1e-3, "{}: {off}", model.facts.card.name);
            let silent = map.iter().zip(&shares).filter(|(a, _)| **a == 0.0);
            assert!(silent.map(|(_, share)| share).all(|&share| share == 0.0));
            let loud: Vec<usize> = (0..map.len()).filter(|&i| map[i] > 0.0).collect();
            for _ in 0..20 {
                let i = loud[rng.random_range(0..loud.len())];
                for by in [1.0, -1.0, -map[i]] {
                    let mut changed = map.clone();
                    changed[i] += by;
                    let other = head.run(&changed, Some(&run.residues));
                    tried += 1;
                    if other.active != run.active {
                        continue;
                    }
                    held += 1;
                    let expected = f64::from(shares[i]) * by / map[i];
                    let off = (other.margin - run.margin - expected).abs();
                    // Shares are 32-bit numbers.
                    let scale = magnitude(&shares) + margin.abs();
                    assert!(off < 1e-5 * scale, "{off} for {expected} of {scale}");
                }
            }
        }
        // ReLU flips somewhere now and then: not so often that nothing is left to hold.
        assert!(2 * held > tried, "{held} of {tried}");
    }
}

/// The units of each place by the definition, in activation steps: unit, place.
fn naive_units(model: &StoredModel, map: &[u8]) -> Vec<Vec<u32>> {
    let network = &model.facts.architecture;
    let (channels, side) = network.feature_shape().unwrap();
    let [fc6] = &model.linears[..] else {
        panic!("one layer is applied at every place")
    };
    let scales = fc6.output_scale.as_ref().unwrap();
    let rows = fc6.layer.weight.chunks_exact(channels).enumerate();
    let of_unit = |(u, row): (usize, &[i8])| {
        let at = |place: usize| {
            let inputs = map.iter().skip(place).step_by(side * side);
            let products = row.iter().zip(inputs);
            let sum: i32 = products.map(|(&w, &x)| i32::from(w) * i32::from(x)).sum();
            let real = sum as f32 * fc6.layer.weight_scale[u] + fc6.layer.bias[u];
            (real.max(0.0) * (1.0 / scales[u]) + 0.5).min(255.0) as u32
        };
        (0..side * side).map(at).collect()
    };
    rows.map(of_unit).collect()
}

#[test]
fn a_place_contributes_its_units_share_of_their_means_and_the_first_of_equals_is_the_higher() {
    let mut ties = 0;
    for (model, inputs) in cases_of(false) {
        let network = &model.facts.architecture;
        let Readout::MeanAndTop { top } = network.readout else {
            panic!("it reads places")
        };
        let units = network.linears[0].units;
        let scales = model.linears[0].output_scale.as_ref().unwrap();
        let mut engine = Engine::new(&model).unwrap();
        let mut trunk = Trunk::new(network, &model.convs).unwrap();
        for grey in inputs.iter().take(4) {
            let steps = naive_units(&model, &trunk.pooled_features(grey).unwrap());
            engine.features(grey).unwrap();
            for plane in [&model.haemorrhage, &model.normal] {
                let mut expected = vec![0.0; steps[0].len()];
                let mut by_unit = Vec::new();
                for (u, steps) in steps.iter().enumerate() {
                    let count = steps.len();
                    let mut order: Vec<usize> = (0..count).collect();
                    order.sort_by_key(|&place| (std::cmp::Reverse(steps[place]), place));
                    if top < count && steps[order[top - 1]] == steps[order[top]] {
                        ties += usize::from(steps[order[top]] > 0);
                    }
                    for place in 0..count {
                        let mean = f64::from(plane.weights[u]) / count as f64;
                        let highest = if order[..top].contains(&place) {
                            f64::from(plane.weights[units + u]) / top as f64
                        } else {
                            0.0
                        };
                        let value = f64::from(steps[place]) * f64::from(scales[u]);
                        expected[place] += (mean + highest) * value;
                        by_unit.push((mean + highest) * value);
                    }
                }
                let found = engine.attribution(plane);
                assert_eq!(
                    (found.constant, found.rounding),
                    (plane.bias.into(), 0.0),
                    "all of the margin but its offset has a place"
                );
                let scale: f64 = by_unit.iter().map(|share| share.abs()).sum();
                let close = |found: &[f32], expected: &[f64]| {
                    assert_eq!(found.len(), expected.len());
                    let off = found
                        .iter()
                        .zip(expected)
                        .map(|(f, e)| (f64::from(*f) - e).abs());
                    assert!(off.fold(0.0, f64::max) <= 1e-6 * scale);
                };
                close(&found.contributions, &expected);
                close(&engine.channel_contributions(plane), &by_unit);
            }
        }
    }
    assert!(ties > 0, "no two places were equal");
}

#[test]
fn explanation_is_the_classification_with_its_sum() {
    let mut classifier = Classifier::new().unwrap();
    for kind in Kind::ALL {
        let bmp = phantom::draw(kind).to_bmp().unwrap();
        let content = Content::open(&bmp).unwrap();
        let explanation = classifier.explain(&content, 0).unwrap();
        let mut answer = classifier.classify(&bmp).unwrap();
        answer.elapsed_ms = explanation.classification.elapsed_ms;
        assert_eq!(explanation.classification, answer);
        assert_sums(&explanation);
        let (_, side) = classifier.facts().architecture.feature_shape().unwrap();
        assert_eq!((explanation.columns, explanation.rows), (side, side));
        assert_eq!(explanation.contributions.len(), side * side);
        assert_eq!(explanation.rounding, 0.0);
        let slice = content.slice(0).unwrap();
        let decoded = classifier.explain_slice(&slice).unwrap();
        assert_eq!(decoded.contributions, explanation.contributions);
        assert_eq!(decoded.field, explanation.field);
    }
    let content = Content::open(phantom::draw(Kind::Normal).to_bmp().unwrap()).unwrap();
    assert!(classifier.explain(&content, 1).is_err());
}

fn assert_sums(explanation: &Explanation) {
    let contributions = &explanation.contributions;
    let whole = sum(contributions) + explanation.constant + explanation.rounding;
    let scale = magnitude(contributions) + explanation.constant.abs();
    let off = (whole - explanation.margin).abs();
    assert!(off < 1e-5 * scale, "{off}: {explanation:?}");
    assert_eq!(explanation.margin, explanation.classification.margin);
}

#[test]
fn real_slices_are_explained_to_the_last_digit() {
    let Some(folder) = data::folder("ct-ich") else {
        return;
    };
    let data = Dataset::open(&folder).unwrap();
    let mut classifier = Classifier::new().unwrap();
    for path in data.paths().iter().step_by(25) {
        let slice = Slice::from_bytes(&std::fs::read(path).unwrap()).unwrap();
        assert_sums(&classifier.explain_slice(&slice).unwrap());
    }
}

/// A classifier with a network that reads places, from end to end.
#[test]
fn a_model_with_places_is_explained_over_its_13_by_13_places() {
    let network = Network::alexnet_svm_places(32, 4);
    let reference = drawn_networks::network(&network, 3, 9);
    let slices = Kind::ALL.map(|kind| phantom::draw(kind).into_slice());
    let preprocessing = Preprocessing::ALEXNET;
    let inputs: Vec<Vec<u8>> = slices.iter().map(|s| preprocessing.apply(s).0).collect();
    let model = drawn_networks::int8(&reference, &inputs);
    let mut classifier = Classifier::from_model(model).unwrap();
    for slice in &slices {
        let explanation = classifier.explain_slice(slice).unwrap();
        assert_sums(&explanation);
        assert_eq!((explanation.columns, explanation.rows), (13, 13));
        assert_eq!(explanation.rounding, 0.0);
        // The first place's centre is 15.5 of 227 pixels from the crop's edge, the last one's as far
        // from the other.
        let scale = explanation.crop.side as f64 / 227.0;
        let (field, crop) = (explanation.field, explanation.crop);
        assert!((field.x - (crop.x as f64 + 15.5 * scale)).abs() < 1e-9);
        assert_eq!((field.stride, field.size), (16.0 * scale, 163.0 * scale));
        let (x, y) = field.centre(12, 7);
        assert_eq!(explanation.place_at(x, y), (12, 7));
    }
    let content = Content::open(phantom::draw(Kind::Subdural).to_bmp().unwrap()).unwrap();
    let (_, features) = classifier.describe(&content, 0).unwrap();
    assert_eq!(features.len(), 64);
    let walk = classifier.walk(&content, 0).unwrap();
    assert_eq!(walk.layers.units, [features]);
    let map = walk.layers.unit_map.unwrap();
    assert_eq!((map.channels, map.side), (32, 13));
    assert_eq!(walk.fields[4].0, walk.explanation.field);
}

/// Convolutions whose map is 255 wherever a place sees anything that is not black, and 0 elsewhere.
fn seeing(network: &Network) -> Vec<QuantConv> {
    let mut channels = 1;
    network
        .convs
        .iter()
        .map(|conv| {
            let row = conv.row(channels);
            channels = conv.filters;
            QuantConv {
                layer: QuantLayer {
                    weight: vec![1; conv.filters * row],
                    weight_scale: vec![1.0; conv.filters],
                    bias: vec![0.0; conv.filters],
                },
                output_scale: vec![1.0; conv.filters],
            }
        })
        .collect()
}

/// The network without groups and normalisation, which change no field.
fn plain(network: &Network) -> Network {
    let mut network = network.clone();
    for conv in &mut network.convs {
        (conv.lrn, conv.groups, conv.filters) = (None, 1, 2);
    }
    network
}

/// The places, row-major, that see anything of an input.
fn places(trunk: &mut Trunk, side: usize, grey: &[u8]) -> Vec<bool> {
    let map = trunk.pooled_features(grey).unwrap();
    map[..side * side].iter().map(|&v| v > 0).collect()
}

#[test]
fn places_change_with_the_input_pixels_of_their_receptive_field_and_no_others() {
    let [grouped, single_tower] = drawn_networks::small_alexnets();
    let alexnet = Network {
        convs: single_tower_trunk(),
        ..Network::alexnet_svm(256, IMAGENET_LRN)
    };
    let alternating = Network {
        input_side: 40,
        convs: vec![
            Conv {
                pool: Some(Pool { size: 2, stride: 2 }),
                ..drawn_networks::conv("conv1", 2, 4, 1, 1)
            },
            drawn_networks::conv("conv2", 2, 5, 2, 3),
        ],
        ..grouped.clone()
    };
    for (network, step) in [
        (grouped, 1),
        (single_tower, 1),
        (alternating, 1),
        (Network::cnn(), 1),
        (alexnet, 13),
    ] {
        let network = plain(&network);
        let field = network.receptive_field();
        let (_, side) = network.feature_shape().unwrap();
        let mut trunk = Trunk::new(&network, &seeing(&network)).unwrap();
        let input = network.input_side;
        let first = &network.convs[0];
        let strides = (input + 2 * first.padding - first.kernel) / first.stride;
        let reach = strides * first.stride + first.kernel - first.padding;
        // One pixel of each row, all columns in turn.
        for y in (0..input).step_by(step) {
            let x = y * 7 % input;
            // The first convolution passes over what is left of the last stride.
            if x.max(y) >= reach {
                continue;
            }
            let mut grey = vec![0; input * input];
            grey[y * input + x] = 255;
            let sees = |pixel: usize, place: usize| {
                let centre = field.first + place as f64 * field.stride;
                (pixel as f64 + 0.5 - centre).abs() < field.size / 2.0
            };
            let expected: Vec<bool> = (0..side * side)
                .map(|i| sees(x, i % side) && sees(y, i / side))
                .collect();
            assert_eq!(
                places(&mut trunk, side, &grey),
                expected,
                "{x}, {y}: {network:?}"
            );
        }
    }
}

/// Through crop and resize: a bright square of the slice reaches the places whose field in the slice
/// it touches, and none that is further away than the resize looks.
#[test]
fn fields_lie_where_the_slice_says() {
    let network = plain(&Network {
        convs: single_tower_trunk(),
        ..Network::alexnet_svm(256, IMAGENET_LRN)
    });
    let (_, side) = network.feature_shape().unwrap();
    let mut trunk = Trunk::new(&network, &seeing(&network)).unwrap();
    let (width, height) = (500, 420);
    for crop in [
        Crop {
            x: 60,
            y: 31,
            side: 340,
        },
        Crop {
            x: -40,
            y: 12,
            side: 560,
        },
        Crop {
            x: 200,
            y: 150,
            side: 120,
        },
    ] {
        let field = Field::new(&network, crop);
        let scale = crop.side as f64 / network.input_side as f64;
        let looks = scale.max(1.0) + scale;
        for i in 0..12 {
            // A square of 6 pixels that lies in the crop and in the slice.
            let inside = |first: isize, end: usize, part: usize| {
                let from = first.max(0) as usize;
                let to = (first + crop.side as isize).min(end as isize) as usize - 6;
                from + (to - from) * (part * 5 % 12) / 11
            };
            let (x, y) = (inside(crop.x, width, i), inside(crop.y, height, i * 7));
            let mut grey = vec![0; width * height];
            for row in grey.chunks_exact_mut(width).skip(y).take(6) {
                row[x..x + 6].fill(255);
            }
            let slice = Slice::new(width, height, grey).unwrap();
            let input = resize(&slice, crop, network.input_side);
            for (place, &seen) in places(&mut trunk, side, &input).iter().enumerate() {
                let (cx, cy) = field.centre(place % side, place / side);
                // From the centre to the square's nearest edge.
                let away = |from: usize, centre: f64| (from as f64 + 3.0 - centre).abs() - 3.0;
                let away = away(x, cx).max(away(y, cy));
                if away < field.size / 2.0 - looks {
                    assert!(seen, "{away}: place {place} of {crop:?}");
                }
                if away > field.size / 2.0 + looks {
                    assert!(!seen, "{away}: place {place} of {crop:?}");
                }
            }
        }
    }
}

/// Root mean square of the differences, as a share of that of the expected values.
fn relative_error(found: &[f32], expected: &Tensor) -> f32 {
    let expected: Vec<f32> = expected.flatten_all().unwrap().to_vec1().unwrap();
    assert_eq!(found.len(), expected.len());
    let off: f32 = found
        .iter()
        .zip(&expected)
        .map(|(f, e)| (f - e) * (f - e))
        .sum();
    let whole = expected.iter().map(|e| e * e).sum::<f32>();
    // A layer may be silent on an input, and must be so in both.
    if whole == 0.0 && off == 0.0 {
        return 0.0;
    }
    (off / whole).sqrt()
}

#[test]
fn layers_are_those_of_the_f32_network_but_for_rounding() {
    for (model, inputs) in all_cases() {
        let reference = stored::reference(&model).unwrap();
        let mut engine = Engine::new(&model).unwrap();
        engine.features(&inputs[1]).unwrap();
        let layers = engine.layers();
        let maps = layers
            .convs
            .iter()
            .map(|conv| conv.output().values.as_slice());
        let unit_map = layers.unit_map.iter().map(|map| map.values.as_slice());
        let units = layers.units.iter().map(Vec::as_slice);
        let found: Vec<&[f32]> = maps.chain(unit_map).chain(units).collect();
        let expected = reference
            .outputs(&reference.input(&inputs[1]).unwrap())
            .unwrap();
        assert_eq!(found.len(), expected.len());
        for (i, (found, expected)) in found.into_iter().zip(&expected).enumerate() {
            let error = relative_error(found, expected);
            // Rounding adds up over the layers.
            assert!(
                error < 0.05,
                "{error} in layer {i} of {:?}",
                model.facts.card
            );
        }
    }
    let model = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
    let layers = Engine::new(&model).unwrap().layers();
    let sides = layers
        .convs
        .iter()
        .map(|conv| (conv.convolved.side, conv.output().side));
    let last = model.facts.architecture.feature_shape().unwrap().1;
    assert_eq!(
        sides.collect::<Vec<_>>(),
        [(56, 27), (27, 13), (13, 13), (13, 13), (13, last)]
    );
}

/// What is normalised is kept as it was before: normalised by the definition and rounded, it is the map
/// that the engine went on with.
#[test]
fn maps_before_normalisation_become_those_after_it() {
    let mut normalised = 0;
    for (model, inputs) in all_cases() {
        let mut engine = Engine::new(&model).unwrap();
        engine.features(&inputs[0]).unwrap();
        let layers = engine.layers();
        let shapes = model.facts.architecture.convs.iter().zip(&model.convs);
        for ((shape, stored), layer) in shapes.zip(&layers.convs) {
            assert_eq!(layer.rectified.is_some(), shape.lrn.is_some());
            let (Some(lrn), Some(before)) = (shape.lrn, &layer.rectified) else {
                continue;
            };
            normalised += 1;
            let places = before.side * before.side;
            let at = |channel: usize, place: usize| before.values[channel * places + place];
            let reach = lrn.size / 2;
            for (i, &found) in layer.convolved.values.iter().enumerate() {
                let (channel, place) = (i / places, i % places);
                let first = channel.saturating_sub(reach);
                let window = first..(channel + reach + 1).min(before.channels);
                let squares: f32 = window.map(|c| at(c, place).powi(2)).sum();
                let divisor = lrn.k + lrn.alpha / lrn.size as f32 * squares;
                let expected = at(channel, place) / divisor.powf(lrn.beta);
                let step = stored.output_scale[channel];
                let expected = expected.min(255.0 * step);
                assert!(
                    (found - expected).abs() <= 0.501 * step,
                    "{found} for {expected} in {} of {}",
                    shape.name,
                    model.facts.card.name
                );
            }
        }
        // The engine answers as before.
        let margin = model
            .haemorrhage
            .margin(engine.features(&inputs[0]).unwrap());
        let fresh = model
            .haemorrhage
            .margin(Engine::new(&model).unwrap().features(&inputs[0]).unwrap());
        assert_eq!(margin, fresh);
    }
    assert!(normalised >= 2, "no map was normalised");
}

#[test]
fn a_units_places_bias_and_rounding_below_sum_to_it() {
    for (model, inputs) in all_cases() {
        let mut engine = Engine::new(&model).unwrap();
        engine.features(&inputs[0]).unwrap();
        let units = engine.layers().units;
        for (layer, (units, stored)) in units.iter().zip(&model.linears).enumerate() {
            for unit in (0..units.len()).step_by(7) {
                let places = engine.unit_contributions(layer, unit).unwrap();
                if units[unit] == 0.0 {
                    assert!(places.iter().all(|&p| p == 0.0));
                } else if layer == 0 {
                    let flattened = model.facts.architecture.readout.is_flatten();
                    // The bias is a part of what every place's unit is.
                    let bias = if flattened {
                        stored.layer.bias[unit]
                    } else {
                        0.0
                    };
                    let whole = sum(&places) + f64::from(bias);
                    let off = (whole - f64::from(units[unit])).abs();
                    assert!(off <= 1e-5 * (magnitude(&places) + 1.0), "{off} of {unit}");
                }
            }
        }
        // A plane of one unit contributes as the unit does.
        let mut plane = model.haemorrhage.clone();
        plane.weights.fill(0.0);
        plane.weights[2] = 1.0;
        let last = model.linears.len() - 1;
        let expected = engine.attribution(&plane).contributions;
        assert_eq!(engine.unit_contributions(last, 2).unwrap(), expected);
        assert_eq!(engine.unit_contributions(last + 1, 0), None);
    }
}
