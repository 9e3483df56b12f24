//! What is allocated once a model is loaded: a browser's memory never shrinks.
use haemolens::ALEXNET_SVM;
use haemolens::engine::Engine;
use haemolens::model::StoredModel;
use haemolens::phantom::{self, Kind};

#[test]
fn the_engine_allocates_nothing_once_it_is_loaded() {
    let model = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
    let mut engine = Engine::new(&model).unwrap();
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
    let places = 6 * 6 * size_of::<f32>() as u64;
    assert_eq!((explained.count_total, explained.bytes_total), (1, places));
    assert_eq!(explained.count_current, 0);
    // The count counts.
    let other = allocation_counter::measure(|| drop(vec![units; 100]));
    assert_eq!(other.count_total, 1);
}
