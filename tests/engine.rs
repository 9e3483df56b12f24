//! The int8 engine against the same weights in f32 through candle.
#![cfg(feature = "train")]

use haemolens::ALEXNET_SVM;
use haemolens::model::StoredModel;
use haemolens::network::stored;
use haemolens::phantom::{self, Kind};
use haemolens::train::agreement::compare;
use haemolens::train::augment::Alteration;
use haemolens::train::dataset::Dataset;

mod data;

fn embedded() -> StoredModel {
    StoredModel::from_bytes(ALEXNET_SVM).unwrap()
}

#[test]
fn engine_follows_the_f32_network_on_altered_phantoms() {
    let model = embedded();
    let mut inputs = Vec::new();
    for (index, kind) in Kind::ALL.into_iter().enumerate() {
        let (grey, _) = model
            .facts
            .preprocessing
            .apply(&phantom::draw(kind).into_slice());
        for variant in 0..12 {
            inputs.push(Alteration::variant(5, index, variant).apply(&grey, 227));
        }
    }
    let agreement = compare(&model, &stored::reference(&model).unwrap(), &inputs).unwrap();
    assert_eq!(agreement.slices, 36);
    assert!(agreement.correlation >= 0.999, "{agreement:?}");
}

#[test]
fn engine_follows_the_f32_network_on_real_slices() {
    let Some(folder) = data::folder("ct-ich") else {
        return;
    };
    let model = embedded();
    // Every twelfth slice: the f32 network takes a tenth of a second for each.
    let inputs: Vec<Vec<u8>> = Dataset::open(&folder)
        .unwrap()
        .inputs(model.facts.preprocessing)
        .unwrap()
        .into_iter()
        .step_by(12)
        .collect();
    let agreement = compare(&model, &stored::reference(&model).unwrap(), &inputs).unwrap();
    assert!(agreement.correlation >= 0.999, "{agreement:?}");
    assert!(agreement.same_label >= 0.99, "{agreement:?}");
}
