//! A study: the slices of an examination, whichever files, workers or threads they come from, and the
//! answer for it as a whole.
//!
//! [`Study`] gathers what was said of single slices. Its answer, one [`StudyAnswer`] for each
//! examination, does not depend on the order in which they came: slices are put into series and
//! sorted (`series`), the series that show the head best are chosen (`choice`), and the
//! margins of their slices become one margin and a probability (`answering`). Nothing in it names a
//! person but what file names may say.
//!
//! ```
//! use haemolens::phantom::{self, Kind};
//! use haemolens::{Classifier, Label};
//!
//! let mut classifier = Classifier::new()?;
//! let mut files = Vec::new();
//! for (name, kind) in [("head/1.bmp", Kind::Normal), ("head/2.bmp", Kind::Intraparenchymal)] {
//!     files.push((name, phantom::draw(kind).to_bmp()?));
//! }
//! let answer = classifier.classify_study(files).remove(0);
//! assert_eq!((answer.slices, answer.series.len()), (2, 1));
//! assert_eq!(answer.leading[0].file, "head/2.bmp");
//! # Ok::<(), haemolens::Error>(())
//! ```

mod answer;
mod answering;
mod choice;
mod natural;
mod reading;
mod series;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

pub use self::answer::{
    Basis, Complaint, Failure, LeadingSlice, SeriesAnswer, SeriesKind, SliceAnswer, StudyAnswer,
};
use crate::classification::{Classification, ModelName};
use crate::slice::dicom::Place;
use crate::terms::Terms;

/// Slices with what was said of each, and files that could not be read.
///
/// Several threads may each gather a part; the answer is a function of the whole.
///
/// ```
/// use haemolens::phantom::{self, Kind};
/// use haemolens::{Classifier, Study};
///
/// let mut classifier = Classifier::new()?;
/// let (mut study, mut other) = (Study::new(), Study::new());
/// let bleeding = phantom::draw(Kind::Intraparenchymal).to_bmp()?;
/// classifier.add_to_study(&mut study, "head/1.bmp", &bleeding);
/// classifier.add_to_study(&mut other, "head/2.bmp", b"no picture, this");
/// study.join(other);
///
/// let [answer] = &classifier.answer_study(&study)[..] else {
///     panic!("one folder is one examination")
/// };
/// assert_eq!(answer.leading[0].file, "head/1.bmp");
/// assert_eq!(answer.failed[0].file, "head/2.bmp");
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Study {
    members: Vec<Member>,
    failures: Vec<Failure>,
}

/// A slice of a study.
#[derive(Debug, Clone)]
struct Member {
    file: String,
    classification: Classification,
    place: Place,
}

/// What tells examinations apart: what files say, or else the folder that they lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Said(&'a str),
    Folder(&'a str),
}

impl Study {
    /// Nothing yet.
    ///
    /// ```
    /// use haemolens::{Classifier, Study};
    ///
    /// let study = Study::new();
    /// assert!(Classifier::new()?.answer_study(&study).is_empty(), "nothing to answer for");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a slice of `file`, a path with `/` or `\` between folders if it has any; which slice of
    /// it stands in the classification.
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::dicom::Place;
    /// use haemolens::{Classifier, Study};
    ///
    /// let mut classifier = Classifier::new()?;
    /// let (answer, _) = classifier.classify_slice(&phantom::draw(Kind::Subdural).into_slice())?;
    /// // As of series 3 of an examination, 40 mm up.
    /// let place = Place {
    ///     study: Some("one".into()),
    ///     number: Some(3),
    ///     position: Some(40.0),
    ///     ..Place::default()
    /// };
    /// let mut study = Study::new();
    /// study.add("IM0001", answer, place);
    /// let series = &classifier.answer_study(&study)[0].series[0];
    /// assert_eq!((series.number, series.slices[0].position), (Some(3), Some(40.0)));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn add(&mut self, file: impl Into<String>, classification: Classification, place: Place) {
        self.members.push(Member {
            file: file.into(),
            classification,
            place,
        });
    }

    /// Adds a file that could not be read.
    ///
    /// ```
    /// use haemolens::study::Failure;
    /// use haemolens::{Classifier, Error, Study};
    ///
    /// let mut study = Study::new();
    /// study.add_failure(Failure::new("head/3.dcm", &Error::EmptyInput));
    /// let answers = Classifier::new()?.answer_study(&study);
    /// assert_eq!(answers[0].failed[0].error.name, "EmptyInput");
    /// assert_eq!(answers[0].label, None);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn add_failure(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    /// Adds everything that another worker or thread gathered.
    ///
    /// ```
    /// use haemolens::study::Failure;
    /// use haemolens::{Classifier, Error, Study};
    ///
    /// // What two threads gathered.
    /// let (mut study, mut other) = (Study::new(), Study::new());
    /// study.add_failure(Failure::new("head/2.dcm", &Error::EmptyInput));
    /// other.add_failure(Failure::new("head/1.dcm", &Error::EmptyInput));
    /// study.join(other);
    /// let failed = &Classifier::new()?.answer_study(&study)[0].failed;
    /// assert_eq!((failed.len(), &failed[0].file[..]), (2, "head/1.dcm"));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn join(&mut self, other: Self) {
        self.members.extend(other.members);
        self.failures.extend(other.failures);
    }

    /// Whether nothing was added.
    ///
    /// ```
    /// use haemolens::study::Failure;
    /// use haemolens::{Error, Study};
    ///
    /// let mut study = Study::new();
    /// assert!(study.is_empty());
    /// study.add_failure(Failure::new("head/3.dcm", &Error::EmptyInput));
    /// assert!(!study.is_empty(), "what could not be read is told as well");
    /// ```
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.failures.is_empty()
    }

    /// The answer for each examination, in the order of the names of their first files; none where
    /// nothing was added. Slices whose files name no examination belong to one with those of the same
    /// folder.
    pub(crate) fn answers(&self, terms: &Terms, model: &ModelName) -> Vec<StudyAnswer> {
        let mut examinations: BTreeMap<Key, Vec<&Member>> = BTreeMap::new();
        for member in &self.members {
            let key = match &member.place.study {
                Some(study) => Key::Said(study),
                None => Key::Folder(folder(&member.file)),
            };
            examinations.entry(key).or_default().push(member);
        }
        let mut examinations: Vec<Vec<&Member>> = examinations.into_values().collect();
        for members in &mut examinations {
            members.sort_by(|a, b| a.by_name(b));
        }
        examinations.sort_by(|a, b| a[0].by_name(b[0]));
        let (mut failed, strays) = self.attribute(&examinations);
        if !strays.is_empty() {
            examinations.push(Vec::new());
            failed.push(strays);
        }
        let answer = |(members, failed)| answering::answer(terms, model, members, failed);
        examinations.into_iter().zip(failed).map(answer).collect()
    }

    /// The failures of each examination: those of a file in a folder that holds slices of this
    /// examination alone. With one examination all are its own; what is left belongs to none.
    fn attribute(&self, examinations: &[Vec<&Member>]) -> (Vec<Vec<Failure>>, Vec<Failure>) {
        let mut in_folder: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (number, members) in examinations.iter().enumerate() {
            for member in members {
                let numbers = in_folder.entry(folder(&member.file)).or_default();
                numbers.insert(number);
            }
        }
        let mut failures: Vec<&Failure> = self.failures.iter().collect();
        failures.sort_by(|a, b| {
            let by_message = || a.error.message.cmp(&b.error.message);
            natural::compare(&a.file, &b.file).then_with(by_message)
        });
        let (mut failed, mut strays) = (vec![Vec::new(); examinations.len()], Vec::new());
        for failure in failures {
            let numbers = in_folder.get(folder(&failure.file));
            let only = numbers
                .filter(|n| n.len() == 1)
                .and_then(|n| n.first().copied());
            let number = only.or((examinations.len() == 1).then_some(0));
            let list = number.map_or(&mut strays, |number| &mut failed[number]);
            list.push(failure.clone());
        }
        (failed, strays)
    }
}

impl Member {
    fn margin(&self) -> f64 {
        self.classification.margin
    }

    /// Whether it is taken for a CT slice of a head.
    fn accepted(&self) -> bool {
        self.classification.in_distribution
    }

    fn by_name(&self, other: &Self) -> Ordering {
        let by_frame = || self.classification.frame.cmp(&other.classification.frame);
        natural::compare(&self.file, &other.file).then_with(by_frame)
    }
}

/// The folder that a file lies in.
fn folder(file: &str) -> &str {
    file.rfind(['/', '\\']).map_or("", |end| &file[..end])
}

#[cfg(test)]
mod tests;
