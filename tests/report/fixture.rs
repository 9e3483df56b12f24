//! A small project drawn for the report: sixty slices of twelve patients, every table and log, and
//! models with weights drawn at random.

use std::path::{Path, PathBuf};

use haemolens::architecture::{IMAGENET_LRN, Network};
use haemolens::calibration::{Calibration, Platt};
use haemolens::model::{FORMAT, Facts, ModelCard, QuantConv, QuantLayer, QuantLinear, StoredModel};
use haemolens::preprocess::Preprocessing;
use haemolens::svm::LinearSvm;
use haemolens::train::predictions::kinds::{self, KindMargins};
use haemolens::train::predictions::places::{self, TopPlace};
use haemolens::train::predictions::{self, Prediction};
use haemolens::train::report::Report;
use haemolens::train::slice_facts::{self, SliceFacts};
use serde_json::{Value, json};
use tempfile::TempDir;

const SLICES: usize = 60;
const PATIENTS: usize = 12;
/// Network, preset, and the distance of the slices that it has wrong in the patient protocol.
const TRAININGS: [(&str, &str, usize); 6] = [
    ("cnn", "paper", 5),
    ("cnn-plain", "paper", 5),
    ("alexnet", "paper", 6),
    ("alexnet-svm", "paper", 8),
    ("alexnet-svm", "best", 8),
    ("alexnet-svm", "open", 6),
];

/// A folder of models with a report's inputs in it.
pub struct Fixture(TempDir);

impl Fixture {
    /// Nothing is there.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Everything is there.
    pub fn whole() -> Self {
        let fixture = Self::empty();
        let mut folds = String::from("source,patient,fold\n");
        for source in ["ct-ich", "other", "aside"] {
            for patient in 0..PATIENTS {
                folds += &format!("{source},{source}/p{patient},{}\n", patient % 5);
            }
        }
        std::fs::write(fixture.path("folds.csv"), folds).unwrap();
        std::fs::write(fixture.path("sources.toml"), SOURCES).unwrap();
        for (network, preset, distance) in TRAININGS {
            let write = |protocol: &str, rows: &[Prediction]| {
                let name = format!("report/predictions/{network}-{preset}-{protocol}.csv");
                predictions::write(&fixture.path(&name), rows).unwrap();
            };
            let first = |folds| table("ct-ich", distance, folds, 0);
            if preset != "open" {
                write("paper", &table("ct-ich", usize::MAX, false, 3));
            }
            if (network, preset) != ("alexnet-svm", "paper") && network != "cnn-plain" {
                write("external", &table("head-ct", distance, false, 0));
            }
            if preset == "paper" {
                write("patient", &first(true));
                fixture.write_logs(network);
                continue;
            }
            // The other source that counts has all its slices right, the third all wrong.
            let others = |folds| {
                let wrong = |row: Prediction| Prediction {
                    margin: -row.margin,
                    ..row
                };
                [
                    table("other", usize::MAX, folds, 0),
                    table("aside", usize::MAX, folds, 0)
                        .into_iter()
                        .map(wrong)
                        .collect(),
                ]
                .concat()
            };
            if preset == "open" {
                write("patient", &first(true));
                write("source", &others(false));
            } else {
                let all = [first(true), others(true)].concat();
                write("patient", &all);
                let family = |row: &Prediction| {
                    ["aside", "ct-ich", "other"]
                        .iter()
                        .position(|source| *source == row.source)
                };
                let left_out = all.iter().map(|row| Prediction {
                    fold: family(row),
                    ..row.clone()
                });
                write("source", &left_out.collect::<Vec<_>>());
                // One slice lands on the other side when it is rounded.
                let mut whole = all;
                whole[4].margin = -whole[4].margin;
                let name = format!("report/predictions/f32/{network}-{preset}-patient.csv");
                predictions::write(&fixture.path(&name), &whole).unwrap();
            }
            let name = format!("report/predictions/places-{network}-{preset}-patient.csv");
            places::write(&fixture.path(&name), &top_places()).unwrap();
            let name = format!("report/predictions/kinds-{network}-{preset}-patient.csv");
            kinds::write(&fixture.path(&name), &kind_margins()).unwrap();
        }
        fixture.write_model("alexnet-svm-open", Network::alexnet_svm(4, IMAGENET_LRN));
        slice_facts::write(&fixture.path("slices.csv"), &facts()).unwrap();
        std::fs::write(fixture.path("card.toml"), WORDS).unwrap();
        let probe = |network: &str, layer: usize| {
            json!({
                "network": network,
                "layer": format!("conv{layer}"),
                "mse": (11 - layer) as f64 / 100.0,
            })
        };
        let probes: Vec<Value> = (1..=4)
            .map(|layer| probe("cnn", layer))
            .chain((1..=5).map(|layer| probe("alexnet", layer)))
            .collect();
        fixture.write_json("report/runs/probes.json", &json!(probes));
        let guard = json!({
            "version": "0.0.1", "threshold": 1.5, "protocol": "Drawn.", "figures": {},
            "shares": [{"kind": "photo", "part": "held-back", "images": 8, "flagged": 7}],
        });
        fixture.write_json("report/guard.json", &guard);
        fixture.write_model("cnn", Network::cnn());
        fixture.write_model("alexnet", Network::alexnet(4, 3, IMAGENET_LRN));
        fixture.write_model("alexnet-svm", Network::alexnet_svm(4, IMAGENET_LRN));
        fixture
    }

    /// A path in the folder of models.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The slices, as the shipped network's held-out margins list them.
    pub fn held_out(&self) -> Vec<Prediction> {
        table("ct-ich", 8, true, 0)
    }

    /// The report.
    pub fn compute(&self) -> Report {
        self.try_compute().unwrap()
    }

    /// The report, or what is wrong.
    pub fn try_compute(&self) -> haemolens::train::Result<Report> {
        Report::compute(self.0.path(), &self.path("report"))
    }

    fn write_json(&self, name: &str, value: &Value) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(path, value.to_string()).unwrap();
    }

    fn write_logs(&self, network: &str) {
        let log = |protocol: &str, fold: Option<usize>, train: usize, test: usize, right: f64| {
            let epoch = |epoch: usize, right: Option<f64>| {
                json!({
                    "epoch": epoch, "rate": 0.001, "trainLoss": 1.0 / epoch as f64,
                    "trainAccuracy": 0.6 + 0.1 * epoch as f64, "trainMse": 0.05,
                    "testLoss": right.map(|_| 0.7), "testAccuracy": right,
                    "testMse": right.map(|_| 0.15),
                })
            };
            let mut log = json!({
                "network": network, "preset": "paper", "protocol": protocol,
                "settings": {"batch": 60}, "trainImages": train, "testImages": test,
                "imagesPerSecond": 123.4, "seconds": 5.6,
                "epochs": [epoch(1, Some(0.5)), epoch(2, Some(right)), epoch(3, None)],
            });
            let mut end = String::new();
            if let Some(fold) = fold {
                log["fold"] = json!(fold);
                end = format!("-fold{fold}");
            }
            let name = format!("report/runs/{network}-paper-{protocol}{end}.json");
            self.write_json(&name, &log);
        };
        log("paper", None, 70, 30, 0.8);
        for fold in 0..5 {
            let (test, right) = if fold % 2 == 0 { (8, 0.7) } else { (12, 0.8) };
            log("patient", Some(fold), 40, test, right);
        }
    }

    fn write_model(&self, name: &str, network: Network) {
        let model = drawn_model(name, network);
        let path = self.path(&format!("{name}.safetensors"));
        std::fs::write(path, model.to_bytes().unwrap()).unwrap();
    }
}

/// Sources of which the third does not count.
const SOURCES: &str = r#"
[[source]]
name = "ct-ich"
title = "First"
citation = "one"
terms = "free"
licence = "CC0-1.0"
family = "ct-ich"
weight = 1.0
training = true
normals = "alone"
figures = true
studies = true

[[source]]
name = "other"
title = "Other"
citation = "two"
terms = "free"
licence = "CC0-1.0"
family = "other"
weight = 1.0
training = true
normals = "alone"
figures = true
studies = false

[[source]]
name = "aside"
title = "Aside"
citation = "three"
terms = "free"
licence = "CC0-1.0"
family = "aside"
weight = 1.0
training = true
normals = "with-others"
figures = false
studies = false
"#;

/// The words of the project's own card.
const WORDS: &str = include_str!("../../models/card.toml");

/// Where the slices of the first source lie, in scans of five, and how large their bleeds are.
fn facts() -> Vec<SliceFacts> {
    let rows = table("ct-ich", usize::MAX, false, 0)
        .into_iter()
        .enumerate();
    let facts = rows.map(|(i, row)| SliceFacts {
        source: row.source,
        file: row.file,
        slice: Some(i / PATIENTS + 1),
        slices: Some(SLICES / PATIENTS),
        fracture: Some(u8::from(i < PATIENTS)),
        box_area: (row.haemorrhage == 1).then(|| (i + 1) as f64 / 100.0),
    });
    facts.collect()
}

/// Eight maps of four patients, six of which point at the blood, in two sources.
fn top_places() -> Vec<TopPlace> {
    let place = |i: usize| TopPlace {
        source: ["ct-ich", "other"][i / 4].into(),
        file: format!("{i}.png"),
        patient: format!("p{}", i / 2),
        fold: Some(i % 5),
        hit: u8::from(i % 4 != 1),
        chance: 0.25,
    };
    (0..8).map(place).collect()
}

/// Slices of twelve patients in two sources: six with blood in the brain, of which every margin of that
/// kind is above those of the six without haemorrhage.
fn kind_margins() -> Vec<KindMargins> {
    let row = |i: usize| {
        let deep = i.is_multiple_of(2);
        KindMargins {
            source: ["ct-ich", "other"][i / 12].into(),
            file: format!("{i}.png"),
            patient: format!("p{i}"),
            fold: Some(i % 5),
            shown: [false, deep, false, false, false],
            margins: [0.0, if deep { 1.0 } else { -1.0 }, 0.0, 0.0, 0.0],
        }
    };
    (0..24).map(row).collect()
}

/// Margins that have the sign of the truth but for every `distance`th slice of each class.
fn table(source: &str, distance: usize, folds: bool, variant: usize) -> Vec<Prediction> {
    (0..SLICES)
        .map(|i| {
            let (patient, haemorrhage) = (i % PATIENTS, i / PATIENTS % 2 == i % 2);
            let number = i / 2;
            let wrong = number % distance == distance.wrapping_sub(1);
            let size = 0.5 + number as f64 / 100.0;
            let margin = if haemorrhage != wrong { size } else { -size };
            Prediction {
                source: source.into(),
                file: format!("{i}.png"),
                variant,
                patient: format!("{source}/p{patient}"),
                fold: folds.then_some(patient % 5),
                haemorrhage: haemorrhage.into(),
                margin,
                normal_margin: -margin,
            }
        })
        .collect()
}

/// A model whose weights are drawn from a fixed sequence.
fn drawn_model(name: &str, network: Network) -> StoredModel {
    let mut state = 7u32;
    let mut draw = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as i8
    };
    let mut layer = |outputs: usize, row: usize| QuantLayer {
        weight: (0..outputs * row).map(|_| draw().max(-127)).collect(),
        weight_scale: vec![1e-3; outputs],
        bias: vec![0.1; outputs],
    };
    let mut channels = 1;
    let mut convs = Vec::new();
    for conv in &network.convs {
        convs.push(QuantConv {
            layer: layer(conv.filters, conv.row(channels)),
            output_scale: vec![0.05; conv.filters],
        });
        channels = conv.filters;
    }
    let mut inputs = network.features().unwrap();
    let mut linears = Vec::new();
    for (i, linear) in network.linears.iter().enumerate() {
        let last = i + 1 == network.linears.len();
        linears.push(QuantLinear {
            layer: layer(linear.units, inputs),
            output_scale: (!last).then(|| vec![0.05; linear.units]),
        });
        inputs = linear.units;
    }
    let plane = |weight| LinearSvm {
        weights: vec![weight; inputs],
        bias: 0.0,
    };
    let platt = Platt {
        slope: -1.0,
        offset: 0.0,
    };
    StoredModel {
        facts: Facts {
            format: FORMAT,
            card: ModelCard {
                name: name.into(),
                version: "0.0.1".into(),
                licence: "none".into(),
                data: "drawn".into(),
                protocol: "none".into(),
                figures: Default::default(),
            },
            preprocessing: Preprocessing {
                side: network.input_side,
                ..Preprocessing::ALEXNET
            },
            architecture: network,
            calibration: Calibration {
                haemorrhage: platt,
                normal: platt,
                threshold: 0.25.into(),
                inconclusive: [-0.1, 0.1],
                prevalence: None,
            },
            study: None,
            kinds: Vec::new(),
        },
        kinds: Vec::new(),
        convs,
        linears,
        haemorrhage: plane(0.01),
        normal: plane(-0.01),
    }
}
