//! One slice's way through a network, step by step: what a lesson shows.
//!
//! ```
//! use haemolens::Classifier;
//! use haemolens::phantom::{self, Kind};
//! use haemolens::slice::Content;
//!
//! let content = Content::open(phantom::draw(Kind::Subdural).to_bmp()?)?;
//! let walk = Classifier::new()?.walk(&content, 0)?;
//! let (units, plane) = (&walk.layers.units[0], &walk.plane);
//! let products = units.iter().zip(&plane.weights).map(|(u, w)| f64::from(u * w));
//! let margin = products.sum::<f64>() + f64::from(plane.bias);
//! assert!((margin - walk.explanation.margin).abs() < 1e-4);
//! # Ok::<(), haemolens::Error>(())
//! ```

use crate::Explanation;
use crate::architecture::Network;
use crate::calibration::Calibration;
use crate::engine::Layers;
use crate::explain::Field;
use crate::preprocess::Crop;
use crate::slice::Slice;
use crate::svm::LinearSvm;

/// What each step made of a slice.
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
/// use haemolens::slice::Content;
///
/// let content = Content::open(phantom::draw(Kind::Subdural).to_bmp()?)?;
/// let walk = Classifier::new()?.walk(&content, 0)?;
/// // Where in the slice the first convolution looks, and the last.
/// let [first, .., (_, last)] = &walk.fields[..] else {
///     panic!("there are several convolutions")
/// };
/// assert!(first.0.size < last.size);
/// assert_eq!(*last, walk.explanation.field);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Walk {
    /// The decoded slice.
    pub slice: Slice,
    /// What the network read: `network.input_side` squared grey levels, row-major, cut out of the
    /// slice at `explanation.crop`.
    pub input: Vec<u8>,
    /// The network's shape.
    pub network: Network,
    /// What each layer made of the input.
    pub layers: Layers,
    /// Where in the slice the places of each convolution's map are, before pooling and after it.
    pub fields: Vec<(Field, Field)>,
    /// The plane of haemorrhage, which reads the last layer's units.
    pub plane: LinearSvm,
    /// The answer, and what each place of the last map contributes to its margin.
    pub explanation: Explanation,
    /// How the margin became the answer.
    pub calibration: Calibration,
}

/// Where in the slice the places of each map of `network` are, whose input was cut out at `crop`.
pub(crate) fn fields(network: &Network, crop: Crop) -> Vec<(Field, Field)> {
    let fields = network.receptive_fields().into_iter();
    let in_slice = |field| Field::of_map(field, network.input_side, crop);
    fields
        .map(|(convolved, output)| (in_slice(convolved), in_slice(output)))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::architecture::Readout;
    use crate::phantom::{self, Kind};
    use crate::slice::Content;
    use crate::{ALEXNET_SVM, Classifier};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn subdural() -> Content {
        Content::open(phantom::draw(Kind::Subdural).to_bmp().unwrap()).unwrap()
    }

    #[test]
    fn a_walk_ends_in_the_answer_that_the_classifier_gives() {
        let mut classifier = Classifier::new().unwrap();
        let walk = classifier.walk(&subdural(), 0).unwrap();
        let answer = classifier.examine_slice(&subdural(), 0).unwrap();
        assert_eq!(walk.explanation.margin, answer.classification.margin);
        assert_eq!(walk.explanation.crop, answer.crop);
        assert_eq!(walk.slice, answer.slice);
        let (grey, _) = classifier.facts().preprocessing.apply(&walk.slice);
        assert_eq!(walk.input, grey);
        let ends: Vec<_> = walk.fields.iter().map(|(_, output)| output.size).collect();
        assert!(ends.windows(2).all(|pair| pair[0] < pair[1]), "{ends:?}");
        assert_eq!(walk.fields[4].1, walk.explanation.field);
    }

    #[test]
    fn a_units_places_and_its_bias_sum_to_the_unit() {
        let mut classifier = Classifier::new().unwrap();
        let walk = classifier.walk(&subdural(), 0).unwrap();
        let model = crate::model::StoredModel::from_bytes(ALEXNET_SVM).unwrap();
        let units = &walk.layers.units[0];
        let mut seen = 0;
        for (unit, &value) in units.iter().enumerate() {
            let places = classifier.unit_contributions(0, unit).unwrap();
            assert_eq!(places.len(), walk.explanation.contributions.len());
            let whole: f32 = places.iter().sum();
            if value == 0.0 {
                assert_eq!(whole, 0.0, "unit {unit} is silent");
                continue;
            }
            seen += 1;
            // Means over places have their units' biases in them.
            let bias = match model.facts.architecture.readout {
                Readout::Flatten => model.linears[0].layer.bias[unit],
                Readout::MeanAndTop { .. } => 0.0,
            };
            let off = (whole + bias - value).abs();
            assert!(off < 1e-4 * value.abs().max(1.0), "unit {unit}: {off}");
        }
        assert!(2 * seen > units.len(), "only {seen} units are active");
        assert_eq!(classifier.unit_contributions(0, units.len()), None);
        assert_eq!(classifier.unit_contributions(1, 0), None);
    }
}
