//! Reads files into a study, one at a time.

use std::io::{Cursor, Read, Seek};

use super::{Failure, Study, StudyAnswer};
use crate::slice::Content;
use crate::slice::archive::{self, Archive};
use crate::{Classifier, Error};

impl Classifier {
    /// Reads and classifies files, each a name and its bytes, and answers for each examination among
    /// them. What cannot be read is said in the answer.
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let mut classifier = haemolens::Classifier::new()?;
    /// let files = [("1.bmp", Kind::Normal), ("2.bmp", Kind::Subdural)];
    /// let files = files.map(|(name, kind)| (name, phantom::draw(kind).to_bmp().unwrap()));
    /// let answers = classifier.classify_study(files);
    /// assert_eq!(answers[0].leading[0].file, "2.bmp");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn classify_study<N: AsRef<str>, B: AsRef<[u8]>>(
        &mut self,
        files: impl IntoIterator<Item = (N, B)>,
    ) -> Vec<StudyAnswer> {
        let mut study = Study::new();
        for (name, bytes) in files {
            self.add_to_study(&mut study, name.as_ref(), bytes.as_ref());
        }
        self.answer_study(&study)
    }

    /// Classifies every slice of a file into a study: DICOM, a picture, or a ZIP archive of them. The
    /// index of a DICOM folder is passed over.
    pub fn add_to_study(&mut self, study: &mut Study, name: &str, bytes: &[u8]) {
        if archive::is_beside(name) {
            return;
        }
        if archive::is_archive(bytes) {
            return self.add_archive_to_study(study, name, Cursor::new(bytes));
        }
        self.add_content_to_study(study, name, Content::open(bytes));
    }

    fn add_content_to_study(
        &mut self,
        study: &mut Study,
        name: &str,
        content: Result<Content, Error>,
    ) {
        let content = match content {
            Ok(content) => content,
            Err(error) => return study.add_failure(Failure::new(name, &error)),
        };
        for frame in 0..content.slices() {
            match self.examine_slice(&content, frame) {
                Ok(examination) => {
                    let place = content.place(frame);
                    study.add(name, examination.classification, place);
                }
                Err(error) => {
                    let error = match content.slices() {
                        1 => error,
                        _ => error.of(&format!("slice {}", frame + 1)),
                    };
                    study.add_failure(Failure::new(name, &error));
                }
            }
        }
    }

    /// Classifies the images of a ZIP archive into a study, unpacked one at a time, so that an archive
    /// may be longer than memory; they are named by the archive and their path in it.
    pub fn add_archive_to_study<R: Read + Seek>(
        &mut self,
        study: &mut Study,
        name: &str,
        reader: R,
    ) {
        let mut archive = match Archive::open(reader) {
            Ok(archive) => archive,
            Err(error) => return study.add_failure(Failure::new(name, &error)),
        };
        for member in archive.members().to_vec() {
            let inner = format!("{name}/{}", member.name);
            self.add_content_to_study(study, &inner, archive.content(member.index));
        }
    }

    /// The answer for each examination in a study, in the order of their files' names; see
    /// [`StudyAnswer`].
    pub fn answer_study(&self, study: &Study) -> Vec<StudyAnswer> {
        study.answers(self.facts())
    }
}
