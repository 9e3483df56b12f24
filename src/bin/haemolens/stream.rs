//! Examines any number of files on all cores: in their order, and in constant memory.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use haemolens::slice::Content;
use haemolens::slice::dicom::Place;
use haemolens::{Classification, Classifier, Error};

use crate::examiner::Ready;
use crate::ordered::{self, Outlet};
use crate::sources::Source;

/// What was found out about a slice, or why nothing could be.
#[derive(Debug)]
pub struct Examined {
    /// Path of its file; in an archive, the archive's and then its own.
    pub file: String,
    /// Which of how many slices of the file, from 0; none where the error is of the whole file.
    pub slice: Option<(usize, usize)>,
    /// Where the file says that the slice belongs.
    pub place: Place,
    /// The answer.
    pub outcome: Result<Classification, Error>,
}

impl Examined {
    /// Whether it is the last that there is of its file.
    pub fn ends_file(&self) -> bool {
        self.slice.is_none_or(|(slice, of)| slice + 1 >= of)
    }
}

/// Examines every slice of every source on `jobs` threads, and gives them to `each` in their order. A
/// slice or a file that cannot be read is an outcome like any other, and the others go on.
///
/// # Errors
/// [`Error::CorruptModel`] or [`Error::InvalidSetting`] when there can be no classifier of this model.
/// When `each` breaks off, the rest is left alone, and what it broke off with comes back.
pub fn examine_all<B>(
    model: &Ready,
    jobs: NonZeroUsize,
    sources: impl Iterator<Item = Source> + Send,
    each: impl FnMut(Examined) -> ControlFlow<B>,
) -> Result<Result<(), B>, Error> {
    // A model that is no good is refused before any file is opened.
    let first = Mutex::new(Some(model.classifier()?));
    let start = || {
        let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
        Examiner {
            model,
            classifier: first,
        }
    };
    Ok(ordered::in_order(
        sources,
        jobs,
        start,
        Examiner::examine,
        each,
    ))
}

/// What a thread has for itself.
struct Examiner<'a> {
    model: &'a Ready,
    /// Made when it is needed, and anew after a panic.
    classifier: Option<Classifier>,
}

impl Examiner<'_> {
    fn examine(&mut self, source: Source, outlet: &Outlet<Examined>) {
        let (file, start) = (source.name.clone(), Instant::now());
        let content = match caught(|| source.open()) {
            Ok(content) => content,
            Err(e) => {
                let _ = outlet.tell(Examined {
                    file,
                    slice: None,
                    place: Place::default(),
                    outcome: Err(e),
                });
                return;
            }
        };
        // What reading the header takes counts with the first slice.
        let mut before = start.elapsed().as_secs_f64() * 1e3;
        let slices = content.slices();
        for slice in 0..slices {
            let mut outcome = caught(|| self.classify(&content, slice));
            match &mut outcome {
                Ok(answer) => {
                    answer.elapsed_ms.decode += before;
                    answer.elapsed_ms.total += before;
                    before = 0.0;
                }
                // Nobody knows in what state a panic left it.
                Err(Error::Internal(_)) => self.classifier = None,
                Err(_) => {}
            }
            let examined = Examined {
                file: file.clone(),
                slice: (outcome.is_ok() || slices > 1).then_some((slice, slices)),
                place: content.place(slice),
                outcome,
            };
            if outlet.tell(examined).is_break() {
                return;
            }
        }
    }

    fn classify(&mut self, content: &Content, slice: usize) -> Result<Classification, Error> {
        let classifier = match &mut self.classifier {
            Some(classifier) => classifier,
            none => none.insert(self.model.classifier()?),
        };
        Ok(classifier.examine_slice(content, slice)?.classification)
    }
}

/// One file must not end the examination of ten thousand: a panic, which is a mistake of ours or of a
/// decoder, is an error of this file.
fn caught<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::Internal(
            "The program failed over this file, which should never happen. Leave the file out, and \
             report it if you may share it."
                .into(),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_of_its_file() {
        let error = caught::<()>(|| panic!("a decoder's mistake")).unwrap_err();
        assert_eq!(error.name(), "Internal");
        assert_eq!(caught(|| Ok(7)), Ok(7));
    }
}
