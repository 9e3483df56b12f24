//! A plane of one's own: the last step of a network learned anew from labelled slices, as the paper
//! learns it, on the units that the stored convolutions give.
//!
//! ```
//! use haemolens::Classifier;
//! use haemolens::phantom::{self, Kind};
//! use haemolens::retrain::{Examples, StoredPlane};
//! use haemolens::slice::Content;
//!
//! let mut classifier = Classifier::new()?;
//! let mut examples = Examples::default();
//! for (patient, kind) in [Kind::Normal, Kind::Subdural].into_iter().enumerate() {
//!     let content = Content::open(phantom::draw(kind).to_bmp()?)?;
//!     let (_, units) = classifier.describe(&content, 0)?;
//!     examples.add(&units, kind == Kind::Subdural, patient)?;
//! }
//! let plane = StoredPlane::learn(classifier.network_name()?, &examples, 5)?;
//! classifier.use_plane(&StoredPlane::from_json(&plane.to_json()?)?)?;
//! assert!(classifier.classify(&phantom::draw(Kind::Subdural).to_bmp()?)?.margin > 0.0);
//! # Ok::<(), haemolens::Error>(())
//! ```

mod folds;
mod stored_plane;

pub use self::folds::stratified_group_kfold;
pub use self::stored_plane::{LearnedFrom, NetworkName, StoredPlane};
use crate::Error;
use crate::svm::{LinearSvm, Problem, solve_standardised};

/// What a mistake costs, for units of a mean square norm of one; the embedded model's own.
pub const COST: f64 = 0.2;

/// Labelled slices as the units that a network made of them.
///
/// ```
/// use haemolens::retrain::Examples;
///
/// let mut examples = Examples::default();
/// // Two slices of one patient, and one of another.
/// examples.add(&[1.0, 0.1], true, 0)?;
/// examples.add(&[0.9, 0.2], true, 0)?;
/// examples.add(&[0.1, 0.8], false, 1)?;
/// assert_eq!((examples.len(), examples.groups()), (3, 2));
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Examples {
    units: Vec<f32>,
    labels: Vec<bool>,
    groups: Vec<usize>,
}

impl Examples {
    /// Adds a slice: its units, whether it shows a haemorrhage, and the group that it belongs to.
    /// Slices of one patient must be of one group: groups are what is held out.
    ///
    /// ```
    /// use haemolens::retrain::Examples;
    ///
    /// let mut examples = Examples::default();
    /// examples.add(&[1.0, 0.1], true, 0)?;
    /// assert!(examples.add(&[1.0], false, 1).is_err(), "another network's units");
    /// assert!(examples.add(&[f32::NAN, 0.1], false, 1).is_err());
    /// assert_eq!(examples.len(), 1);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Internal`] when there are not as many units as before, or they are no numbers.
    pub fn add(&mut self, units: &[f32], haemorrhage: bool, group: usize) -> Result<(), Error> {
        let fits = self.is_empty() || units.len() == self.width();
        if units.is_empty() || !fits || units.iter().any(|u| !u.is_finite()) {
            return Err(Error::Internal(format!(
                "{} units where {} numbers are due",
                units.len(),
                self.width()
            )));
        }
        self.units.extend_from_slice(units);
        self.labels.push(haemorrhage);
        self.groups.push(group);
        Ok(())
    }

    /// How many slices there are.
    ///
    /// ```
    /// use haemolens::retrain::Examples;
    ///
    /// let mut examples = Examples::default();
    /// examples.add(&[1.0], true, 0)?;
    /// examples.add(&[0.0], false, 1)?;
    /// assert_eq!(examples.len(), 2);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    ///
    /// ```
    /// use haemolens::retrain::Examples;
    ///
    /// let mut examples = Examples::default();
    /// assert!(examples.is_empty());
    /// examples.add(&[1.0], true, 0)?;
    /// assert!(!examples.is_empty());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Whether each slice shows a haemorrhage.
    ///
    /// ```
    /// use haemolens::retrain::Examples;
    ///
    /// let mut examples = Examples::default();
    /// examples.add(&[1.0], true, 0)?;
    /// examples.add(&[0.0], false, 1)?;
    /// assert_eq!(examples.labels(), [true, false]);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn labels(&self) -> &[bool] {
        &self.labels
    }

    /// How many different groups there are.
    ///
    /// ```
    /// use haemolens::retrain::Examples;
    ///
    /// let mut examples = Examples::default();
    /// for (patient, unit) in [(7, 0.1), (7, 0.2), (3, 0.9)] {
    ///     examples.add(&[unit], unit > 0.5, patient)?;
    /// }
    /// assert_eq!(examples.groups(), 2);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn groups(&self) -> usize {
        let mut groups = self.groups.clone();
        groups.sort_unstable();
        groups.dedup();
        groups.len()
    }

    fn width(&self) -> usize {
        self.units.len().checked_div(self.len()).unwrap_or(0)
    }

    fn row(&self, example: usize) -> &[f32] {
        &self.units[example * self.width()..][..self.width()]
    }

    /// The plane that parts haemorrhage from normal, both classes weighing the same; `None` while one
    /// of them is missing.
    ///
    /// ```
    /// use haemolens::retrain::Examples;
    ///
    /// let mut examples = Examples::default();
    /// examples.add(&[1.0, 0.1], true, 0)?;
    /// assert!(examples.solve().is_none(), "there is nothing to part it from");
    /// examples.add(&[0.1, 0.8], false, 1)?;
    /// let plane = examples.solve().expect("there are two classes");
    /// assert!(plane.margin(&[0.9, 0.2]) > plane.margin(&[0.2, 0.9]));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn solve(&self) -> Option<LinearSvm> {
        let has = |label: bool| self.labels.contains(&label);
        let costs = Problem::balanced_costs(&self.labels, COST);
        (has(true) && has(false)).then(|| solve_standardised(&self.units, &self.labels, &costs))
    }

    /// The margin of each slice by a plane that was solved without its fold, so without anything of
    /// its group: cross-validation over at most `folds` folds, or leaving out one group after the
    /// other where `folds` is at least the number of groups. `None` where what is left has one class
    /// alone.
    ///
    /// ```
    /// use haemolens::retrain::Examples;
    ///
    /// let mut examples = Examples::default();
    /// for (patient, unit) in [0.1, 0.9, 0.2, 0.8, 0.3, 0.7].into_iter().enumerate() {
    ///     examples.add(&[unit], unit > 0.5, patient)?;
    /// }
    /// // Each patient's slice by a plane that has not seen it.
    /// let margins: Vec<f64> = examples.held_out(6).into_iter().flatten().collect();
    /// assert_eq!(margins.len(), 6);
    /// let right = |(margin, label): (&f64, &bool)| (*margin > 0.0) == *label;
    /// assert!(margins.iter().zip(examples.labels()).all(right));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn held_out(&self, folds: usize) -> Vec<Option<f64>> {
        let fold_of = stratified_group_kfold(&self.groups, &self.labels, folds);
        let mut margins = vec![None; self.len()];
        for fold in 0..fold_of.iter().max().map_or(0, |last| last + 1) {
            let Some(plane) = self.those(|example| fold_of[example] != fold).solve() else {
                continue;
            };
            for example in (0..self.len()).filter(|&i| fold_of[i] == fold) {
                margins[example] = Some(f64::from(plane.margin(self.row(example))));
            }
        }
        margins
    }

    /// The margin of each slice by the plane that was solved on all of them: what it has learned by
    /// heart. Empty while a class is missing.
    ///
    /// ```
    /// use haemolens::retrain::Examples;
    ///
    /// let mut examples = Examples::default();
    /// for (patient, unit) in [0.4, 0.5, 0.6].into_iter().enumerate() {
    ///     examples.add(&[unit], unit == 0.5, patient)?;
    /// }
    /// // No plane parts the one in the middle from both others.
    /// let fitted = examples.fitted();
    /// let right = |(margin, label): &(&f64, &bool)| (**margin > 0.0) == **label;
    /// assert!(fitted.iter().zip(examples.labels()).filter(right).count() < 3);
    /// assert!(Examples::default().fitted().is_empty());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn fitted(&self) -> Vec<f64> {
        let Some(plane) = self.solve() else {
            return Vec::new();
        };
        let margin = |example| f64::from(plane.margin(self.row(example)));
        (0..self.len()).map(margin).collect()
    }

    fn those(&self, wanted: impl Fn(usize) -> bool) -> Self {
        let mut some = Self::default();
        for example in (0..self.len()).filter(|&i| wanted(i)) {
            some.units.extend_from_slice(self.row(example));
            some.labels.push(self.labels[example]);
            some.groups.push(self.groups[example]);
        }
        some
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StoredModel;
    use crate::phantom::{self, Kind};
    use crate::slice::Content;
    use crate::{ALEXNET_SVM, Classifier, Label};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Numbers between 0 and 1 that look random (splitmix64).
    fn scattered(seed: usize) -> f32 {
        let mut z = (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32
    }

    /// Slices of `groups` patients, two each, with so many units, of which one tells the class.
    fn drawn(groups: usize, width: usize, telling: f32) -> Examples {
        let mut examples = Examples::default();
        for i in 0..2 * groups {
            let haemorrhage = (i / 2).is_multiple_of(2);
            let mut units: Vec<f32> = (0..width).map(|k| scattered(i * width + k)).collect();
            units[3] += if haemorrhage { telling } else { 0.0 };
            examples.add(&units, haemorrhage, i / 2).unwrap();
        }
        examples
    }

    fn right(margins: &[Option<f64>], labels: &[bool]) -> usize {
        let pairs = margins.iter().zip(labels);
        pairs
            .filter(|(m, l)| m.is_some_and(|m| (m > 0.0) == **l))
            .count()
    }

    #[test]
    fn what_tells_the_classes_is_found_by_planes_that_did_not_see_it() {
        let examples = drawn(20, 8, 5.0);
        for folds in [2, 5, 20, 1000] {
            assert_eq!(right(&examples.held_out(folds), examples.labels()), 40);
        }
    }

    #[test]
    fn units_that_say_nothing_are_learned_by_heart_and_found_out() {
        let examples = drawn(20, 64, 0.0);
        let learned = examples.fitted().into_iter().map(Some).collect::<Vec<_>>();
        let [by_heart, held_out] =
            [learned, examples.held_out(10)].map(|margins| right(&margins, examples.labels()));
        assert!(
            by_heart >= 35 && held_out < 28,
            "{by_heart} and {held_out} of 40"
        );
    }

    #[test]
    fn leaving_one_group_out_never_learns_from_it() {
        let examples = drawn(6, 8, 1.0);
        let margins = examples.held_out(6);
        for group in 0..6 {
            let others = examples.those(|i| examples.groups[i] != group);
            let plane = others.solve().unwrap();
            for i in [2 * group, 2 * group + 1] {
                assert_eq!(margins[i], Some(f64::from(plane.margin(examples.row(i)))));
            }
        }
    }

    #[test]
    fn where_a_class_is_missing_there_is_no_plane() {
        let mut examples = Examples::default();
        assert_eq!((examples.solve(), examples.held_out(5)), (None, vec![]));
        examples.add(&[1.0, 0.0], true, 0).unwrap();
        examples.add(&[1.0, 0.5], true, 1).unwrap();
        assert_eq!(
            (examples.solve(), examples.held_out(5)),
            (None, vec![None; 2])
        );
        // Of the only normal slice nothing can be said by planes that have seen a normal slice.
        examples.add(&[0.0, 1.0], false, 2).unwrap();
        let margins = examples.held_out(3);
        assert!(examples.solve().is_some());
        assert!(margins[0].is_some() && margins[1].is_some() && margins[2].is_none());
        assert_eq!(examples.groups(), 3);
    }

    /// A plane on the units of the three phantoms.
    fn of_phantoms(classifier: &mut Classifier) -> StoredPlane {
        let mut examples = Examples::default();
        for (group, kind) in Kind::ALL.into_iter().enumerate() {
            let content = Content::open(phantom::draw(kind).to_bmp().unwrap()).unwrap();
            let (answer, units) = classifier.describe(&content, 0).unwrap();
            let before = classifier.examine_slice(&content, 0).unwrap();
            assert_eq!(answer.margin, before.classification.margin);
            examples.add(&units, kind != Kind::Normal, group).unwrap();
        }
        StoredPlane::learn(classifier.network_name().unwrap(), &examples, 5).unwrap()
    }

    #[test]
    fn a_classifier_answers_by_the_plane_that_it_was_given() {
        let mut classifier = Classifier::new().unwrap();
        let plane = of_phantoms(&mut classifier);
        classifier.use_plane(&plane).unwrap();
        for kind in Kind::ALL {
            let content = Content::open(phantom::draw(kind).to_bmp().unwrap()).unwrap();
            let (answer, units) = classifier.describe(&content, 0).unwrap();
            assert_eq!(answer.margin, f64::from(plane.planes().0.margin(&units)));
            assert_eq!(answer.label == Label::Haemorrhage, kind != Kind::Normal);
            assert_eq!(answer.model.name, "alexnet-svm-own");
            // The map takes this margin apart, not the model's.
            let explanation = classifier.explain(&content, 0).unwrap();
            assert_eq!(explanation.margin, answer.margin);
        }
        assert!(
            classifier
                .card()
                .data
                .starts_with("2 slices with haemorrhage and 1 without")
        );
    }

    #[test]
    fn a_plane_is_refused_by_a_network_with_other_weights() {
        let plane = of_phantoms(&mut Classifier::new().unwrap());
        let mut model = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
        model.convs[2].layer.bias[7] += 0.5;
        let mut other = Classifier::from_model(model).unwrap();
        let error = other.use_plane(&plane).unwrap_err();
        assert_eq!(error.name(), "CorruptModel");
        assert!(
            error.to_string().contains("other weights of that name"),
            "{error}"
        );
    }

    #[test]
    fn units_of_another_length_and_what_is_no_number_are_refused() {
        let mut examples = Examples::default();
        assert!(examples.add(&[], true, 0).is_err());
        assert!(examples.add(&[1.0, f32::NAN], true, 0).is_err());
        examples.add(&[1.0, 2.0], true, 0).unwrap();
        assert!(examples.add(&[1.0], true, 0).is_err());
        assert_eq!(examples.len(), 1);
    }
}
