//! The networks, the SVM solver and the statistics against other libraries (see the scripts in `tests/golden/`).
#![cfg(feature = "train")]

use std::collections::HashMap;

use candle_core::{Device, Tensor};
use candle_nn::{Module, VarBuilder};
use haemolens::architecture::{IMAGENET_LRN, Network};
use haemolens::calibration::Platt;
use haemolens::network::input::Normalisation;
use haemolens::network::reference::Reference;
use haemolens::network::trunk::Trunk;
use haemolens::svm::{Problem, Stop};
use haemolens::train::evaluate::paired::mcnemar;
use haemolens::train::evaluate::{Assessment, Band, Decision, Measure, Reading, Scored, auc, roc};
use serde::Deserialize;

/// splitmix64, uniform in [−0.5, 0.5): the same numbers as `tests/golden/drawn.py`.
fn uniform(seed: u64, count: usize) -> Vec<f32> {
    let start = seed.wrapping_mul(0xD134_2543_DE82_EF95);
    (1..=count as u64)
        .map(|i| {
            let mut z = start.wrapping_add(i.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            ((z >> 40) as f64 / (1u64 << 24) as f64 - 0.5) as f32
        })
        .collect()
}

#[derive(Deserialize)]
struct Step {
    shape: Vec<usize>,
    mean: f64,
    rms: f64,
    positions: Vec<usize>,
    values: Vec<f64>,
}

impl Step {
    fn check(&self, name: &str, tensor: &Tensor) {
        assert_eq!(tensor.dims(), self.shape, "{name}");
        let values: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
        let n = values.len() as f64;
        let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
        let rms = (values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / n).sqrt();
        // f32 sums of up to 2,400 products in another order.
        let tolerance = 2e-5 * self.rms;
        assert!(
            (rms - self.rms).abs() < tolerance,
            "{name}: rms {rms} not {}",
            self.rms
        );
        assert!(
            (mean - self.mean).abs() < tolerance,
            "{name}: mean {mean} not {}",
            self.mean
        );
        for (&at, &expected) in self.positions.iter().zip(&self.values) {
            let found = f64::from(values[at]);
            assert!(
                (found - expected).abs() < 10.0 * tolerance,
                "{name}[{at}]: {found} not {expected}"
            );
        }
    }
}

#[test]
fn every_step_of_alexnet_svm_agrees_with_onnx_runtime() {
    const FC6_UNITS: usize = 16;
    const CONV1_GAIN: f64 = 20.0;
    let golden: HashMap<String, Step> =
        serde_json::from_str(include_str!("golden/alexnet.json")).unwrap();
    let network = Network::alexnet_svm(FC6_UNITS, IMAGENET_LRN);
    let mut tensors = HashMap::new();
    let mut draw = |name: String, seed: u64, shape: &[usize], deviation: f64| {
        let gain = (deviation * 12f64.sqrt()) as f32;
        let values: Vec<f32> = uniform(seed, shape.iter().product())
            .into_iter()
            .map(|v| v * gain)
            .collect();
        tensors.insert(name, Tensor::from_vec(values, shape, &Device::Cpu).unwrap());
    };
    let (mut channels, mut seed) = (3, 1);
    for conv in &network.convs {
        let depth = channels / conv.groups;
        let gain = if seed == 1 { CONV1_GAIN } else { 1.0 };
        let deviation = gain * (2.0 / (depth * conv.kernel * conv.kernel) as f64).sqrt();
        let shape = [conv.filters, depth, conv.kernel, conv.kernel];
        draw(format!("{}.weight", conv.name), seed, &shape, deviation);
        draw(
            format!("{}.bias", conv.name),
            seed + 1,
            &[conv.filters],
            0.1,
        );
        channels = conv.filters;
        seed += 2;
    }
    let deviation = (2.0f64 / 9216.0).sqrt();
    draw("fc6.weight".into(), seed, &[FC6_UNITS, 9216], deviation);
    draw("fc6.bias".into(), seed + 1, &[FC6_UNITS], 0.1);
    draw("haemorrhage.weight".into(), seed + 2, &[1, FC6_UNITS], 1.0);
    draw("haemorrhage.bias".into(), seed + 3, &[1], 0.1);

    let grey: Vec<u8> = uniform(1000, 227 * 227)
        .into_iter()
        .map(|v| ((f64::from(v) + 0.5) * 256.0).floor() as u8)
        .collect();
    for part in ["weight", "bias"] {
        let plane = tensors[&format!("haemorrhage.{part}")].neg().unwrap();
        tensors.insert(format!("normal.{part}"), plane);
    }
    let vb = VarBuilder::from_tensors(tensors.clone(), candle_core::DType::F32, &Device::Cpu);
    let trunk = Trunk::new(&network.convs, Normalisation::ImageNet, vb).unwrap();
    let whole = Reference::new(&network, tensors).unwrap();
    let x = whole.input(&grey).unwrap();
    let steps = trunk.trace(&x).unwrap();
    assert_eq!(
        steps.len(),
        15,
        "conv and relu five times, LRN twice, pool three times"
    );
    for (name, tensor) in &steps {
        golden[name].check(name, tensor);
    }
    golden["fc6_relu"].check("fc6_relu", &whole.features(&x).unwrap());
    let margin = whole.forward(&x).unwrap().unsqueeze(1).unwrap();
    golden["margin"].check("margin", &margin);
}

#[derive(Deserialize)]
struct Optimum {
    seed: u64,
    examples: usize,
    dimensions: usize,
    cost: f64,
    balanced: bool,
    positives: usize,
    objective: f64,
    weights: Vec<f64>,
    bias: f64,
}

#[test]
fn dual_coordinate_descent_reaches_the_optimum_of_scikit_learn() {
    let golden: Vec<Optimum> =
        serde_json::from_str(include_str!("golden/linear_svc.json")).unwrap();
    for g in golden {
        let features = uniform(g.seed, g.examples * g.dimensions);
        let noise = uniform(g.seed + 100, g.examples);
        let labels: Vec<bool> = features
            .chunks_exact(g.dimensions)
            .zip(&noise)
            .map(|(x, &n)| f64::from(x[0]) + 0.5 * f64::from(x[1]) + f64::from(n) * 0.6 > 0.15)
            .collect();
        assert_eq!(labels.iter().filter(|&&l| l).count(), g.positives);
        let costs = if g.balanced {
            Problem::balanced_costs(&labels, g.cost)
        } else {
            vec![g.cost; g.examples]
        };
        let solution = Problem {
            features: &features,
            dimensions: g.dimensions,
            labels: &labels,
            costs: &costs,
        }
        .solve(Stop {
            tolerance: 1e-6,
            passes: 200_000,
        });
        let off = (solution.objective - g.objective).abs() / g.objective;
        assert!(
            off < 1e-3,
            "seed {}: {} not {}",
            g.seed,
            solution.objective,
            g.objective
        );
        for (found, expected) in solution.svm.weights.iter().zip(&g.weights) {
            assert!((f64::from(*found) - expected).abs() < 1e-3 * (1.0 + expected.abs()));
        }
        assert!((f64::from(solution.svm.bias) - g.bias).abs() < 1e-3 * (1.0 + g.bias.abs()));
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    positives: usize,
    auc_weighted: f64,
    auc_deviation: f64,
    platt: [f64; 2],
    confusion: [usize; 4],
    roc: Vec<[f64; 2]>,
    roc_points: usize,
    mcnemar: Vec<McNemarCase>,
    #[serde(flatten)]
    measures: HashMap<String, f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct McNemarCase {
    only_first: u64,
    only_second: u64,
    p: f64,
}

fn statistics() -> Statistics {
    serde_json::from_str(include_str!("golden/statistics.json")).unwrap()
}

/// The margins that `tests/golden/statistics.py` draws, one patient a slice.
fn drawn_margins() -> Vec<Scored> {
    const SLICES: usize = 1000;
    let truths = uniform(21, SLICES).into_iter().map(|u| u < -0.3);
    let margins = uniform(22, SLICES).into_iter().map(f64::from);
    truths
        .zip(margins)
        .enumerate()
        .map(|(patient, (haemorrhage, margin))| {
            let shifted = margin + if haemorrhage { 0.25 } else { 0.0 };
            Scored {
                patient,
                fold: 0,
                haemorrhage,
                margin: (shifted * 100.0).round_ties_even() / 100.0,
            }
        })
        .collect()
}

#[test]
fn figures_agree_with_scikit_learn() {
    let golden = statistics();
    let scored = drawn_margins();
    let labels: Vec<bool> = scored.iter().map(|s| s.haemorrhage).collect();
    assert_eq!(labels.iter().filter(|&&l| l).count(), golden.positives);
    let margins: Vec<f64> = scored.iter().map(|s| s.margin).collect();
    let platt = Platt::fit(&margins, &labels);
    let [slope, offset] = golden.platt;
    assert!((platt.slope - slope).abs() < 1e-4, "{platt:?}");
    assert!((platt.offset - offset).abs() < 1e-4, "{platt:?}");
    let reading = Reading {
        decision: Decision::Own,
        platt: Some(Platt { slope, offset }),
        softmax: true,
        band: Band::None,
    };
    let assessment = Assessment::new(reading.judge(&scored).unwrap());
    let measures = Measure::ALL.iter().filter(|m| !m.needs_band());
    for &measure in measures {
        let (found, expected) = (assessment.value(measure), golden.measures[measure.name()]);
        assert!(
            (found - expected).abs() < 1e-9,
            "{measure:?}: {found} not {expected}"
        );
    }
    let c = assessment.confusion();
    let counts = [
        c.true_positive,
        c.false_negative,
        c.false_positive,
        c.true_negative,
    ];
    assert_eq!(counts, golden.confusion);
    let curve = roc(&scored);
    assert_eq!(curve.len(), golden.roc_points);
    for (point, [x, y]) in curve.iter().step_by(10).zip(golden.roc) {
        assert!((point.false_positive_rate - x).abs() < 1e-9);
        assert!((point.sensitivity - y).abs() < 1e-9);
    }
}

#[test]
fn auc_of_weighted_slices_agrees_with_scikit_learn() {
    // A slice of weight 2 stands there twice.
    let slices = drawn_margins();
    let weighted: Vec<Scored> = slices
        .iter()
        .enumerate()
        .flat_map(|(i, s)| std::iter::repeat_n(*s, i % 50 % 3))
        .collect();
    let expected = statistics().auc_weighted;
    assert!((auc(&weighted) - expected).abs() < 1e-9);
}

#[test]
fn the_bootstrap_interval_of_single_slices_is_as_wide_as_delongs() {
    let reading = Reading {
        decision: Decision::Own,
        platt: Some(Platt {
            slope: -1.0,
            offset: 0.0,
        }),
        softmax: true,
        band: Band::None,
    };
    let assessment = Assessment::new(reading.judge(&drawn_margins()).unwrap());
    let estimate = assessment.estimate(Measure::Auc);
    let half = (estimate.high.unwrap() - estimate.low.unwrap()) / 2.0;
    let expected = 1.96 * statistics().auc_deviation;
    assert!((half / expected - 1.0).abs() < 0.1, "{half} not {expected}");
}

#[test]
fn mcnemars_test_agrees_with_scipy() {
    for case in statistics().mcnemar {
        let found = mcnemar(case.only_first, case.only_second);
        assert!(
            (found.p - case.p).abs() < 1e-12 + 1e-9 * case.p,
            "{found:?} not {}",
            case.p
        );
    }
}
