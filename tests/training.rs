//! A whole training run, on phantoms and drawn convolutions.
#![cfg(feature = "train")]

mod phantoms;

use haemolens::architecture::single_tower_trunk;
use haemolens::calibration::Platt;
use haemolens::model::StoredModel;
use haemolens::network::reference::Reference;
use haemolens::phantom::{self, Kind};
use haemolens::train::agreement::compare;
use haemolens::train::dataset::{Dataset, Sources};
use haemolens::train::finetune;
use haemolens::train::predictions::{self, Network, Preset, Protocol};
use haemolens::train::run_log::{Run, RunLog};
use haemolens::train::runs::alexnet_svm::{REFERENCE_FILE, Session, Settings};
use haemolens::train::runs::{Places, Storing};
use haemolens::{Classifier, Error, HaemorrhageKind};
use phantoms::{write_convolutions, write_data};

const RUN: Run = Run {
    network: Network::AlexNetSvm,
    preset: Preset::Best,
};

/// So small that it learns little, but all of it runs.
fn settings() -> Settings {
    Settings {
        views: 3,
        cost: 0.1,
        synthetic: 6,
        synthetic_weight: 0.2,
        finetune: finetune::Settings {
            units: 32,
            steps: 2,
            batch: 16,
            ..finetune::Settings::BEST
        },
    }
}

/// The table with columns of kinds: every slice that bleeds shows most of them, in turn.
fn with_kinds(labels: &str) -> String {
    let (mut bleeding, mut table) = (0, String::new());
    for line in labels.lines() {
        let cells = match line.ends_with(",1") {
            _ if line.starts_with("file,") => "EDH,IPH,IVH,SAH,SDH".to_owned(),
            false => "0,0,0,0,0".to_owned(),
            true => {
                bleeding += 1;
                let cells = (0..5).map(|kind| if kind == bleeding % 6 { "0" } else { "1" });
                cells.collect::<Vec<_>>().join(",")
            }
        };
        table += &format!("{line},{cells}\n");
    }
    table
}

#[test]
fn a_run_on_phantoms_gives_a_model_that_classifies_and_tables_that_recompute() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_data(&at("data"));
    // Boxes for half of the slices that bleed: what the map should point at.
    let labels = std::fs::read_to_string(at("data/labels.csv")).unwrap();
    let bleeding = labels.lines().filter(|line| line.ends_with(",1"));
    let boxes = bleeding
        .step_by(2)
        .filter_map(|line| line.split(',').next());
    let boxes = boxes.map(|file| format!("{file},SDH 0.3 0.5 0.2 0.4\n"));
    let boxes: Vec<String> = boxes.collect();
    std::fs::write(
        at("data/boxes.csv"),
        format!("file,boxes\n{}", boxes.concat()),
    )
    .unwrap();
    std::fs::write(at("data/labels.csv"), with_kinds(&labels)).unwrap();
    write_convolutions(&at("convolutions.safetensors"), &single_tower_trunk());
    let places = Places {
        data: at("data"),
        sources: Sources::default(),
        only: Vec::new(),
        work: at("work"),
        report: at("report"),
    };
    let storing = Storing {
        out: at("stored/model.safetensors"),
        external: Some(at("data")),
        version: "0.0.1".into(),
        data_name: "phantoms".into(),
        licence: "none".into(),
    };
    let init = at("convolutions.safetensors");
    let session = Session::open(settings(), RUN, &places, &init).unwrap();
    let early = session.store(&storing).err().unwrap();
    assert!(early.to_string().contains("--protocol patient"), "{early}");
    session.run(Protocol::Patient).unwrap();
    let table = at("report/predictions/alexnet-svm-best-patient.csv");
    let table = predictions::read(&table).unwrap();
    assert_eq!(table.len(), 24);
    let f32 = at("report/predictions/f32/alexnet-svm-best-patient.csv");
    let off = predictions::read(&f32).unwrap().into_iter().zip(&table);
    let off = off.map(|(whole, int8)| (whole.margin - int8.margin).abs());
    assert!(off.fold(0.0, f64::max) < 0.2);
    for a in &table {
        for b in &table {
            assert!(
                a.patient != b.patient || a.fold == b.fold,
                "a patient in two folds"
            );
        }
    }
    let pointed = at("report/predictions/places-alexnet-svm-best-patient.csv");
    let pointed = predictions::places::read(&pointed).unwrap();
    assert_eq!(pointed.len(), boxes.len());
    assert!(pointed.iter().all(|p| p.chance > 0.0 && p.chance < 1.0));
    let of_kinds = at("report/predictions/kinds-alexnet-svm-best-patient.csv");
    let of_kinds = predictions::kinds::read(&of_kinds).unwrap();
    assert_eq!(of_kinds.len(), table.len());
    let pairs = || of_kinds.iter().zip(&table);
    assert!(pairs().all(|(kinds, p)| (&kinds.file, kinds.fold) == (&p.file, p.fold)));
    assert!(pairs().all(|(kinds, p)| kinds.haemorrhage() == (p.haemorrhage == 1)));
    let log = at("report/runs/alexnet-svm-best-patient-fold3.json");
    let log: RunLog = serde_json::from_slice(&std::fs::read(log).unwrap()).unwrap();
    assert!(log.epochs.last().unwrap().train_accuracy > 0.5, "{log:?}");

    let outcome = session.store(&storing).unwrap();
    let bytes = std::fs::read(&storing.out).unwrap();
    let model = StoredModel::from_bytes(&bytes).unwrap();
    assert_eq!(model.facts.card.figures, outcome.figures);
    assert_eq!(model.linears[0].layer.bias.len(), 32);
    let told: Vec<HaemorrhageKind> = model.facts.kinds.iter().map(|told| told.kind).collect();
    assert_eq!(told, HaemorrhageKind::ALL);
    // Fitted on the held-out margins of all slices.
    for (at, told) in model.facts.kinds.iter().enumerate() {
        let margins: Vec<f64> = of_kinds.iter().map(|row| row.margins[at]).collect();
        let shown: Vec<bool> = of_kinds.iter().map(|row| row.shown[at]).collect();
        assert_eq!(told.calibration, Platt::fit(&margins, &shown));
    }
    let reference = at("work").join(REFERENCE_FILE);
    let reference = Reference::open(&model.facts.architecture, &reference).unwrap();
    let inputs = Dataset::open(&places.data).unwrap();
    let inputs = inputs.inputs(model.facts.preprocessing).unwrap();
    let agreement = compare(&model, &reference, &inputs).unwrap();
    assert!(agreement.correlation > 0.99, "{agreement:?}");
    let bmp = phantom::draw(Kind::Subdural).to_bmp().unwrap();
    let mut classifier = Classifier::from_model(model).unwrap();
    let answer = classifier.classify(&bmp).unwrap();
    assert_eq!(answer.kinds.len(), told.len());

    // The same settings on the same checkpoints: the same model, bit for bit.
    session.store(&storing).unwrap();
    assert_eq!(std::fs::read(&storing.out).unwrap(), bytes);

    session.run(Protocol::Paper).unwrap();
    let table = predictions::read(&at("report/predictions/alexnet-svm-best-paper.csv")).unwrap();
    assert_eq!(table.len(), 24 * 5 * 3 / 10);
}

#[test]
fn damaged_models_are_refused_by_name() {
    let whole = haemolens::ALEXNET_SVM;
    let cut = &whole[..whole.len() - 100];
    let mut facts = whole.to_vec();
    let at = facts
        .windows(8)
        .position(|w| w == b"\"format\\")
        .expect("the header names its format");
    facts[at + 1] ^= 1;
    for bytes in [&[][..], b"not a model", cut, &facts] {
        let error = StoredModel::from_bytes(bytes).unwrap_err();
        assert!(matches!(error, Error::CorruptModel(_)), "{error:?}");
    }
}
