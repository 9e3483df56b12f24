//! What is allocated once a model is loaded: a browser's memory never shrinks.
use haemolens::ALEXNET_SVM;
use haemolens::architecture::Network;
use haemolens::engine::Engine;
use haemolens::model::{QuantLayer, QuantLinear, StoredModel};
use haemolens::phantom::{self, Kind};

/// The embedded model with a fully connected layer at every place.
fn with_places() -> StoredModel {
    let mut model = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
    model.facts.architecture = Network::alexnet_svm_places(32, 4);
    model.linears = vec![QuantLinear {
        layer: QuantLayer {
            weight: (0..32 * 256).map(|i| (i * 31 % 255) as u8 as i8).collect(),
            weight_scale: vec![1e-4; 32],
            bias: vec![0.1; 32],
        },
        output_scale: Some(vec![0.02; 32]),
    }];
    for plane in [&mut model.haemorrhage, &mut model.normal] {
        plane.weights = (0..64).map(|i| i as f32 / 64.0 - 0.3).collect();
    }
    model.facts.kinds.clear();
    model.kinds.clear();
    model
}

#[test]
fn the_engine_allocates_nothing_once_it_is_loaded() {
    let embedded = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
    for model in [embedded, with_places()] {
        assert_runs_without_allocating(&model);
    }
}

fn assert_runs_without_allocating(model: &StoredModel) {
    let mut engine = Engine::new(model).unwrap();
    let inputs = Kind::ALL.map(|kind| {
        let slice = phantom::draw(kind).into_slice();
        model.facts.preprocessing.apply(&slice).0
    });
    let mut units = 0.0;
    let counted = allocation_counter::measure(|| {
        for grey in &inputs {
            units += engine.features(grey).unwrap().iter().sum::<f32>();
        }
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
    assert!(units > 0.0);
    // An explanation allocates its result, and keeps nothing.
    let explained = allocation_counter::measure(|| {
        let attribution = engine.attribution(&model.haemorrhage);
        units += attribution.contributions.iter().sum::<f32>().abs();
    });
    let (_, side) = model.facts.architecture.feature_shape().unwrap();
    let places = (side * side * size_of::<f32>()) as u64;
    assert_eq!((explained.count_total, explained.bytes_total), (1, places));
    assert_eq!(explained.count_current, 0);
    // The count counts.
    let other = allocation_counter::measure(|| drop(vec![units; 100]));
    assert_eq!(other.count_total, 1);
}
