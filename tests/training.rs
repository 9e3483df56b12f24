//! A whole training run, on phantoms and drawn convolutions.
#![cfg(feature = "train")]

mod phantoms;

use haemolens::model::StoredModel;
use haemolens::network::reference::Reference;
use haemolens::phantom::{self, Kind};
use haemolens::preprocess::Preprocessing;
use haemolens::train::agreement::compare;
use haemolens::train::alexnet_svm::{Places, REFERENCE_FILE, Settings, train};
use haemolens::train::augment::Copies;
use haemolens::train::dataset::Dataset;
use haemolens::train::fit::FitSettings;
use haemolens::train::head::HeadSettings;
use haemolens::train::predictions;
use haemolens::{Classifier, Error};
use phantoms::{write_convolutions, write_data};

#[test]
fn a_run_on_phantoms_gives_a_model_that_classifies_and_tables_that_recompute() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_data(&at("data"));
    write_convolutions(&at("convolutions.safetensors"));
    let settings = Settings {
        fit: FitSettings {
            units: 24,
            epochs: 6,
            batch: 8,
            rate: 1e-3,
            decay: 0.1,
            dropout: 0.2,
            seed: 1,
        },
        head: HeadSettings {
            units: 16,
            cost: 0.1,
        },
        lrn_alpha: [1.6e-3, 1e-4],
        preprocessing: Preprocessing::ALEXNET,
        copies: Copies::Drawn { count: 2, seed: 1 },
        folds: 4,
        version: "0.0.1".into(),
        data_name: "phantoms".into(),
        licence: "none".into(),
    };
    let places = Places {
        data: at("data"),
        init: at("convolutions.safetensors"),
        work: at("work"),
        out: at("model.safetensors"),
        predictions: Some(at("tables")),
        external: Some(at("data")),
    };
    let outcome = train(&settings, &places).unwrap();
    let bytes = std::fs::read(&places.out).unwrap();
    let model = StoredModel::from_bytes(&bytes).unwrap();
    assert_eq!(model.facts.card.figures, outcome.figures);
    assert_eq!(model.linears[0].layer.bias.len(), 16);
    let reference = at("work").join(REFERENCE_FILE);
    let reference = Reference::open(&model.facts.architecture, &reference).unwrap();
    let inputs = Dataset::open(&places.data).unwrap();
    let inputs = inputs.inputs(settings.preprocessing).unwrap();
    let agreement = compare(&model, &reference, &inputs).unwrap();
    assert!(agreement.correlation > 0.99, "{agreement:?}");
    let bmp = phantom::draw(Kind::Subdural).to_bmp().unwrap();
    Classifier::from_model(model)
        .unwrap()
        .classify(&bmp)
        .unwrap();

    let table = predictions::read(&at("tables/alexnet-svm-best-patient.csv")).unwrap();
    assert_eq!(table.len(), 24);
    for a in &table {
        for b in &table {
            assert!(
                a.patient != b.patient || a.fold == b.fold,
                "a patient in two folds"
            );
        }
    }

    // The same settings on the same checkpoints: the same model, bit for bit.
    train(&settings, &places).unwrap();
    assert_eq!(std::fs::read(&places.out).unwrap(), bytes);
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
