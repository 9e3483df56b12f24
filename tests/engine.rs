//! The int8 engine against the same weights in f32 through candle.
#![cfg(feature = "train")]

use haemolens::ALEXNET_SVM;
use haemolens::model::StoredModel;
use haemolens::network::stored;
use haemolens::phantom::{self, Kind};
use haemolens::train::agreement::{compare, engine_margins};
use haemolens::train::dataset::Dataset;
use phantoms::alteration;

mod data;
mod phantoms;

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
        for number in 0..12 {
            inputs.push(alteration(5, index, number).apply(&grey, 227));
        }
    }
    let agreement = compare(&model, &stored::reference(&model).unwrap(), &inputs).unwrap();
    assert_eq!(agreement.slices, 36);
    // The phantoms' margins lie within half a unit of each other, where a correlation says little:
    // each is held, to a thirtieth of the SVM's own margin.
    assert!(agreement.largest_difference < 1.0 / 30.0, "{agreement:?}");
    assert!(agreement.correlation >= 0.998, "{agreement:?}");
}

#[test]
fn engine_follows_the_f32_network_on_real_slices() {
    let Some(folder) = data::folder("ct-ich") else {
        return;
    };
    let model = embedded();
    let inputs: Vec<Vec<u8>> = Dataset::open(&folder)
        .unwrap()
        .inputs(model.facts.preprocessing)
        .unwrap();
    let reference = stored::reference(&model).unwrap();
    // The f32 network takes a tenth of a second a slice: margins on every twelfth.
    let sample: Vec<Vec<u8>> = inputs.iter().step_by(12).cloned().collect();
    let agreement = compare(&model, &reference, &sample).unwrap();
    assert!(agreement.correlation >= 0.999, "{agreement:?}");
    // Labels on every slice near enough to the threshold to change sides.
    let near = 1.5 * agreement.largest_difference;
    let threshold = model.facts.calibration.threshold.balanced;
    let margins = engine_margins(&model, &inputs).unwrap();
    let doubtful: Vec<Vec<u8>> = inputs
        .iter()
        .zip(&margins)
        .filter(|(_, margin)| (*margin - threshold).abs() < near)
        .map(|(input, _)| input.clone())
        .collect();
    let doubtful = compare(&model, &reference, &doubtful).unwrap();
    let changed = (1.0 - doubtful.same_label) * doubtful.slices as f64 / inputs.len() as f64;
    println!(
        "{agreement:?}\n{doubtful:?}\nlabels changed: {changed:.4} of {}",
        inputs.len()
    );
    assert!(changed <= 0.01, "{changed}");
}
