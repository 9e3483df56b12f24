//! The paper's networks, trained on phantoms.
#![cfg(feature = "train")]

mod phantoms;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use haemolens::Classifier;
use haemolens::architecture::{Conv, IMAGENET_LRN};
use haemolens::model::StoredModel;
use haemolens::phantom::{self, Kind};
use haemolens::train::cnn::CnnSettings;
use haemolens::train::dataset::Sources;
use haemolens::train::dense::fit::SgdSettings;
use haemolens::train::predictions::{self, Network, Preset, Protocol};
use haemolens::train::run_log::{Run, RunLog};
use haemolens::train::runs::probe::Probe;
use haemolens::train::runs::{Places, Storing, alexnet, cnn};
use haemolens::train::transfer::TransferSettings;
use phantoms::{write_convolutions, write_data};

/// The convolutions of the paper's AlexNets.
fn grouped() -> Vec<Conv> {
    haemolens::architecture::Network::alexnet_svm(1, IMAGENET_LRN).convs
}

fn places(folder: &Path) -> Places {
    write_data(&folder.join("data"));
    Places {
        data: folder.join("data"),
        sources: Sources::default(),
        only: Vec::new(),
        work: folder.join("work"),
        report: folder.join("report"),
    }
}

fn run(network: Network) -> Run {
    Run {
        network,
        preset: Preset::Paper,
    }
}

fn storing(folder: &Path) -> Storing {
    Storing {
        out: folder.join("stored/model.safetensors"),
        external: Some(folder.join("data")),
        version: "0.0.1".into(),
        data_name: "phantoms".into(),
        licence: "none".into(),
    }
}

/// The folds' logs are there, each with a falling loss, and every slice is held out once.
fn check_folds(places: &Places, network: Network) {
    let title = network.name();
    for fold in 0..5 {
        let name = format!("runs/{title}-paper-patient-fold{fold}.json");
        let log = std::fs::read(places.report.join(name)).unwrap();
        let log: RunLog = serde_json::from_slice(&log).unwrap();
        assert_eq!((log.fold, log.network), (Some(fold), network));
        let [first, .., last] = &log.epochs[..] else {
            panic!("some epochs are measured")
        };
        assert!(last.train_loss < 0.8 * first.train_loss, "{log:?}");
        assert!(last.test_loss.is_some_and(f64::is_finite));
    }
    let table = format!("predictions/{title}-paper-patient.csv");
    let table = predictions::read(&places.report.join(table)).unwrap();
    assert_eq!(table.len(), 24);
    assert!(table.iter().all(|p| p.variant == 0 && p.fold.is_some()));
}

/// The stored model reads back, classifies, and agrees with the f32 network that it came from.
fn check_stored(storing: &Storing) -> StoredModel {
    let model = StoredModel::from_bytes(&std::fs::read(&storing.out).unwrap()).unwrap();
    let figures = &model.facts.card.figures;
    assert!(figures.contains_key("aucExternal"), "{figures:?}");
    let agreement = figures["marginCorrelationStored"].value;
    assert!(agreement > 0.98, "{agreement}");
    let bmp = phantom::draw(Kind::Subdural).to_bmp().unwrap();
    let mut classifier = Classifier::from_model(model.clone()).unwrap();
    classifier.classify(&bmp).unwrap();
    model
}

#[test]
fn alexnet_and_alexnet_svm_learn_phantoms_and_alexnet_is_stored_pruned() {
    let folder = tempfile::tempdir().unwrap();
    let places = places(folder.path());
    let init = folder.path().join("convolutions.safetensors");
    write_convolutions(&init, &grouped());
    let small = |settings: TransferSettings, hidden: &[usize]| TransferSettings {
        directions: 16,
        sgd: SgdSettings {
            hidden: hidden.to_vec(),
            epochs: 40,
            deviation: 0.1,
            measure_every: 1,
            ..settings.sgd
        },
        ..settings
    };
    let svm = small(TransferSettings::paper_alexnet_svm(), &[48]);
    let svm = alexnet::Session::open(svm, run(Network::AlexNetSvm), &places, &init).unwrap();
    svm.run(Protocol::Patient).unwrap();
    check_folds(&places, Network::AlexNetSvm);

    let settings = small(TransferSettings::paper_alexnet(), &[48, 40]);
    let session = alexnet::Session::open(settings, run(Network::AlexNet), &places, &init).unwrap();
    let storing = storing(folder.path());
    let early = session.store(&[32, 24], &storing).err().unwrap();
    assert!(early.to_string().contains("--protocol patient"), "{early}");
    session.run(Protocol::Patient).unwrap();
    check_folds(&places, Network::AlexNet);
    session.probe().unwrap();
    let probes = std::fs::read_to_string(places.report.join("runs/probes.json")).unwrap();
    assert!(probes.contains("conv5"), "{probes}");
    session.store(&[32, 24], &storing).unwrap();
    let model = check_stored(&storing);
    let units: Vec<usize> = model.linears.iter().map(|l| l.layer.bias.len()).collect();
    assert_eq!(units, [32, 24]);
}

#[test]
fn the_small_network_learns_phantoms_and_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let places = places(folder.path());
    // Batch norm's running means take some steps to come true.
    for (network, settings, epochs) in [
        (Network::CnnPlain, CnnSettings::PAPER_PLAIN, 16),
        (Network::Cnn, CnnSettings::PAPER, 40),
    ] {
        let settings = CnnSettings {
            epochs,
            rate: 0.02,
            // Twenty slices teach little through much dropout.
            conv_dropout: settings.conv_dropout / 4.0,
            dropout: settings.dropout / 4.0,
            measure_every: 1,
            ..settings
        };
        let session = cnn::Session::open(settings, run(network), &places).unwrap();
        session.run(Protocol::Patient).unwrap();
        check_folds(&places, network);
        if network == Network::Cnn {
            session.probe().unwrap();
            let probes = std::fs::read(places.report.join("runs/probes.json")).unwrap();
            let probes: Vec<Probe> = serde_json::from_slice(&probes).unwrap();
            assert_eq!(probes.len(), 4);
            assert!(probes.iter().all(|p| (0.0..1.0).contains(&p.mse)));
            let storing = storing(folder.path());
            session.store(&storing).unwrap();
            check_stored(&storing);
        }
    }
}

/// The `haemolens` program, training the small network in a folder.
fn train(folder: &Path, data: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_haemolens"))
        .args(["train", "cnn", "--protocol", "patient", "--epochs", "10"])
        .arg("--data")
        .arg(data)
        .arg("--work")
        .arg(folder.join("work"))
        .arg("--report")
        .arg(folder.join("report"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_run_goes_on_to_the_very_margins_of_an_unbroken_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_data(&at("data"));
    assert!(train(&at("whole"), &at("data")).wait().unwrap().success());
    let table = Path::new("report/predictions/cnn-paper-patient.csv");

    let mut run = train(&at("killed"), &at("data"));
    let started = Instant::now();
    let second = at("killed/report/runs/cnn-paper-patient-fold0.json");
    while !second.exists() && started.elapsed() < Duration::from_secs(300) {
        std::thread::sleep(Duration::from_millis(5));
    }
    // SIGKILL, somewhere in the second fold.
    run.kill().unwrap();
    assert!(!run.wait().unwrap().success());
    assert!(second.exists() && !at("killed").join(table).exists());
    assert!(train(&at("killed"), &at("data")).wait().unwrap().success());
    let read = |run: &str| std::fs::read(at(run).join(table)).unwrap();
    assert_eq!(read("killed"), read("whole"));
}

#[test]
fn commands_that_miss_something_say_what() {
    for (arguments, clause) in [
        (
            &["cnn", "--data", "phantoms"][..],
            "say --protocol patient, source or paper",
        ),
        (
            &["cnn", "--data", "d", "--protocol", "random"],
            "the protocols are patient, source and paper",
        ),
        (
            &["alexnet", "--data", "d", "--protocol", "paper"],
            "--init <INIT>",
        ),
        (
            &[
                "alexnet-svm",
                "--data",
                "d",
                "--init",
                "i",
                "--protocol",
                "source",
                "--sources",
                "models/sources.toml",
                "--only",
                "ct-ich,head-ct",
            ],
            "head-ct is for external tests only",
        ),
        (
            &[
                "alexnet-svm",
                "--data",
                "d",
                "--init",
                "i",
                "--only",
                "ct-ich",
            ],
            "--sources <SOURCES>",
        ),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_haemolens"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .arg("train")
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(clause), "{said}");
    }
}
