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
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::{Classifier, Study};
    ///
    /// let mut classifier = Classifier::new()?;
    /// let mut study = Study::new();
    /// classifier.add_to_study(&mut study, "cd/DICOMDIR", b"what it says does not matter");
    /// assert!(study.is_empty());
    /// classifier.add_to_study(&mut study, "cd/1.bmp", &phantom::draw(Kind::Normal).to_bmp()?);
    /// assert_eq!(classifier.answer_study(&study)[0].slices, 1);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
    ///
    /// ```
    /// use std::io::Cursor;
    /// use haemolens::{Classifier, Study};
    ///
    /// # use std::io::Write;
    /// # use haemolens::phantom::{self, Kind};
    /// # use zip::write::SimpleFileOptions;
    /// # let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    /// # for (name, bytes) in [
    /// #     ("head/2.bmp", phantom::draw(Kind::Normal).to_bmp()?),
    /// #     ("head/1.bmp", phantom::draw(Kind::Subdural).to_bmp()?),
    /// #     ("head/notes.txt", b"no picture, this".to_vec()),
    /// # ] {
    /// #     writer.start_file(name, SimpleFileOptions::default())?;
    /// #     writer.write_all(&bytes)?;
    /// # }
    /// # let zip = writer.finish()?.into_inner();
    /// // `zip` holds head/1.bmp, head/2.bmp and head/notes.txt; it may be a file as well.
    /// let mut classifier = Classifier::new()?;
    /// let mut study = Study::new();
    /// classifier.add_archive_to_study(&mut study, "exam.zip", Cursor::new(zip));
    /// let answer = &classifier.answer_study(&study)[0];
    /// assert_eq!(answer.series[0].slices[0].file, "exam.zip/head/1.bmp");
    /// assert_eq!((answer.slices, answer.failed.len()), (2, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::{Classifier, Study};
    ///
    /// let mut classifier = Classifier::new()?;
    /// let mut study = Study::new();
    /// for folder in ["monday", "friday"] {
    ///     let picture = phantom::draw(Kind::Normal).to_bmp()?;
    ///     classifier.add_to_study(&mut study, &format!("{folder}/1.bmp"), &picture);
    /// }
    /// let answers = classifier.answer_study(&study);
    /// let files: Vec<&str> = answers.iter().map(|answer| &answer.leading[0].file[..]).collect();
    /// assert_eq!(files, ["friday/1.bmp", "monday/1.bmp"]);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn answer_study(&self, study: &Study) -> Vec<StudyAnswer> {
        study.answers(self.terms(), &self.model_name())
    }
}
