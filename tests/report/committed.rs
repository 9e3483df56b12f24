//! The committed folds, margins and report against the data and against each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use haemolens::model::StoredModel;
use haemolens::train::card::calibrate;
use haemolens::train::dataset::{Dataset, Sources};
use haemolens::train::folds;
use haemolens::train::predictions::{self, Prediction, Protocol, TableName};
use haemolens::train::report::{Report, markers};
use haemolens::train::{slice_facts, studies};

use crate::data;

/// A file of the checkout's `models/`.
fn models(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("models")
        .join(name)
}

fn sources() -> Sources {
    Sources::read(&models("sources.toml")).unwrap()
}

/// A network's held-out margins, those that count.
fn held_out(table: &str) -> Vec<Prediction> {
    let rows = predictions::read(&models("report/predictions").join(table)).unwrap();
    predictions::counting(&rows, &sources())
}

#[test]
fn committed_folds_are_those_that_the_data_set_gives() {
    let sources = sources();
    for source in sources.for_training(&[]).unwrap() {
        if data::folder(&source.name).is_none() {
            return;
        }
    }
    let root = data::folder("ct-ich").unwrap();
    let root = root.parent().unwrap();
    let examples = Dataset::open_all(&sources, root, &[]).unwrap().examples;
    let assigned = folds::assign(&examples, folds::FOLDS);
    let written = tempfile::tempdir().unwrap();
    let path = written.path().join("folds.csv");
    folds::write(&path, &examples, &assigned).unwrap();
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        std::fs::read_to_string(models("folds.csv")).unwrap()
    );
}

#[test]
fn committed_facts_of_slices_are_those_that_the_data_sets_give() {
    let sources = sources();
    let named: Vec<&str> = sources
        .for_training(&[])
        .unwrap()
        .iter()
        .map(|s| s.name.as_str())
        .collect();
    let folders: Option<Vec<PathBuf>> = named.iter().map(|name| data::folder(name)).collect();
    let Some(folders) = folders else {
        return;
    };
    let dataset = Dataset::open_each(&sources, &folders).unwrap();
    let given = slice_facts::of(&dataset).unwrap();
    let committed = slice_facts::read(&models("slices.csv")).unwrap();
    assert_eq!(committed.len(), given.len());
    for facts in given {
        let key = (facts.source.clone(), facts.file.clone());
        assert_eq!(committed.get(&key), Some(&facts));
    }
}

#[test]
fn every_committed_fold_holds_its_share_of_patients_and_of_slices() {
    let Some(folder) = data::folder("ct-ich") else {
        return;
    };
    let fold_of = folds::read(&models("folds.csv")).unwrap();
    let examples = Dataset::open(&folder).unwrap().examples;
    let mut slices = [0; folds::FOLDS];
    let mut haemorrhages: BTreeMap<&str, usize> = BTreeMap::new();
    for example in &examples {
        let bleeds = usize::from(example.haemorrhage);
        slices[fold_of[&example.patient]] += bleeds;
        *haemorrhages.entry(&example.patient).or_default() += bleeds;
    }
    let mut patients = [[0; 2]; folds::FOLDS];
    for (patient, count) in haemorrhages {
        patients[fold_of[patient]][usize::from(count > 0)] += 1;
    }
    for fold in 0..folds::FOLDS {
        let [normal, bleeding] = patients[fold];
        assert!((7..=8).contains(&bleeding), "{patients:?}");
        assert!((9..=10).contains(&normal), "{patients:?}");
        // 318 slices with haemorrhage.
        assert!((60..=67).contains(&slices[fold]), "{slices:?}");
    }
}

#[test]
fn committed_margins_are_of_the_committed_folds_and_of_the_data_set() {
    let folder = models("report/predictions");
    let names = TableName::all_in(&folder).unwrap();
    assert!(!names.is_empty());
    let fold_of = folds::read(&models("folds.csv")).unwrap();
    for name in names {
        let rows = predictions::read(&folder.join(name.file())).unwrap();
        let named: BTreeSet<&str> = rows.iter().map(|row| row.source.as_str()).collect();
        let folders = named.iter().map(|source| data::folder(source));
        let folders: Option<Vec<PathBuf>> = folders.collect();
        if name.protocol == Protocol::Patient {
            for row in &rows {
                assert_eq!(row.fold, Some(fold_of[&row.patient]), "{}", row.file);
            }
        }
        if let Some(folders) = folders {
            let opened = Dataset::open_each(&sources(), &folders);
            let examples = opened.unwrap().examples;
            predictions::verify(name.protocol, &rows, &examples, &fold_of).unwrap();
        }
    }
}

#[test]
fn the_shipped_threshold_is_the_one_that_the_committed_margins_give() {
    let held_out = held_out("alexnet-svm-best-patient.csv");
    let shipped = StoredModel::from_bytes(haemolens::ALEXNET_SVM).unwrap();
    assert_eq!(calibrate(&held_out), shipped.facts.calibration);
}

/// The shipped models with the tables that they were calibrated on.
const SHIPPED: [[&str; 2]; 4] = [
    ["alexnet-svm", "alexnet-svm-best-patient.csv"],
    ["alexnet-svm-open", "alexnet-svm-open-patient.csv"],
    ["alexnet", "alexnet-paper-patient.csv"],
    ["cnn", "cnn-paper-patient.csv"],
];

#[test]
fn shipped_models_judge_studies_as_the_committed_margins_teach() {
    for [name, table] in SHIPPED {
        let bytes = std::fs::read(models(&format!("{name}.safetensors"))).unwrap();
        let facts = StoredModel::from_bytes(&bytes).unwrap().facts;
        let held_out = studies::examinations(&held_out(table), &sources());
        let learned = studies::learn(studies::scans(&held_out).iter());
        assert!(
            learned.is_some() && facts.study == learned,
            "{name}: {learned:?}"
        );
        let figures = studies::figures(&held_out);
        assert_eq!(figures.len(), 6);
        for (figure, value) in figures {
            assert_eq!(
                facts.card.figures.get(&figure),
                Some(&value),
                "{name}: {figure}"
            );
        }
    }
}

#[test]
fn calibrate_gives_a_model_its_header_back_and_refuses_the_margins_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut model = StoredModel::from_bytes(haemolens::ALEXNET_SVM).unwrap();
    model.facts.study = None;
    model.facts.calibration.threshold = model.facts.calibration.threshold.balanced.into();
    model
        .facts
        .kinds
        .iter_mut()
        .for_each(|told| told.study = None);
    let figures = &mut model.facts.card.figures;
    figures.retain(|name, _| !name.ends_with("Study"));
    std::fs::write(&path, model.to_bytes().unwrap()).unwrap();
    let calibrate = |table: &str| {
        Command::new(env!("CARGO_BIN_EXE_haemolens"))
            .arg("calibrate")
            .arg(&path)
            .arg("--margins")
            .arg(models("report/predictions").join(table))
            .output()
            .unwrap()
    };
    let other = calibrate(SHIPPED[1][1]);
    assert_eq!(other.status.code(), Some(1));
    let told = String::from_utf8(other.stderr).unwrap();
    assert!(
        told.contains("the table of held-out margins that it was calibrated on"),
        "{told}"
    );
    assert!(std::fs::read(&path).unwrap() == model.to_bytes().unwrap());
    let own = calibrate(SHIPPED[0][1]);
    assert!(own.status.success(), "{own:?}");
    assert!(std::fs::read(&path).unwrap() == haemolens::ALEXNET_SVM);
}

#[test]
fn the_committed_report_is_what_the_committed_files_give() {
    const HINT: &str = "run `haemolens report` and commit what it writes";
    let report = Report::compute(&models(""), &models("report")).unwrap();
    for (name, content) in &report.files {
        let committed = std::fs::read_to_string(models("report").join(name)).unwrap_or_default();
        assert!(*content == committed, "{name} differs: {HINT}");
    }
    let plots = std::fs::read_dir(models("report/plots")).unwrap();
    for plot in plots {
        let name = format!("plots/{}", plot.unwrap().file_name().to_string_lossy());
        assert!(report.files.contains_key(&name), "{name} is stale: {HINT}");
    }
    let card = std::fs::read_to_string(models("README.md")).unwrap();
    let json = std::fs::read_to_string(models("card.json")).unwrap();
    assert!(report.card_json == Some(json), "card.json differs: {HINT}");
    for part in report.sections.keys().chain([&"report"]) {
        let [begin, end] = markers(part);
        assert!(
            card.contains(&begin) && card.contains(&end),
            "no place for {part}"
        );
    }
    let renewed = report.in_card(&card).unwrap().expect("a place in the card");
    assert!(renewed == card, "the model card differs: {HINT}");
}
