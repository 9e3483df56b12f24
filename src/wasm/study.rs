//! Whole studies.

use js_sys::{Array, Reflect, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{Classifier, to_js};
use crate::Classification;
use crate::slice::dicom::Place;
use crate::study::{Failure, Study};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("study.d.ts");

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "NamedFile[]")]
    pub type JsNamedFiles;
    #[wasm_bindgen(typescript_type = "StudyMember[]")]
    pub type JsStudyMembers;
    #[wasm_bindgen(typescript_type = "StudyAnswer[]")]
    pub type JsStudyAnswers;
}

/// What a worker found out of a slice, or of a file that could not be read.
#[derive(Deserialize)]
#[serde(untagged)]
enum Member {
    Slice {
        file: String,
        classification: Box<Classification>,
        place: Place,
    },
    Failure(Failure),
}

#[wasm_bindgen]
impl Classifier {
    /// Reads and classifies files (DICOM, pictures, ZIP archives of them) and answers for each
    /// examination among them, in the order of their files' names. A file that cannot be read is said
    /// in the answer.
    #[wasm_bindgen(js_name = classifyStudy)]
    pub fn classify_study(&mut self, files: JsNamedFiles) -> Result<JsStudyAnswers, JsValue> {
        let mut study = Study::new();
        for file in array(files)? {
            let of = |key: &str| Reflect::get(&file, &key.into());
            let (name, bytes) = (of("name")?.as_string(), of("bytes")?.dyn_into());
            let (Some(name), Ok(bytes)) = (name, bytes) else {
                return Err(wrong(
                    "A file of a study has a name and its bytes (Uint8Array).",
                ));
            };
            let bytes: Uint8Array = bytes;
            self.0.add_to_study(&mut study, &name, &bytes.to_vec());
        }
        to_js(&self.0.answer_study(&study))
    }

    /// Answers for each examination of slices that were classified before, by this classifier or by
    /// others with the same model, in whatever order.
    #[wasm_bindgen(js_name = summariseStudy)]
    pub fn summarise_study(&self, members: JsStudyMembers) -> Result<JsStudyAnswers, JsValue> {
        let mut study = Study::new();
        for member in array(members)? {
            let member = serde_wasm_bindgen::from_value(member);
            match member
                .map_err(|e| wrong(&format!("A slice of a study is not as expected: {e}.")))?
            {
                Member::Slice {
                    file,
                    classification,
                    place,
                } => study.add(file, *classification, place),
                Member::Failure(failure) => study.add_failure(failure),
            }
        }
        to_js(&self.0.answer_study(&study))
    }
}

fn array(value: impl Into<JsValue>) -> Result<Array, JsValue> {
    let array = value.into().dyn_into();
    array.map_err(|_| wrong("A study is an array of its files or slices."))
}

/// The error of a call with other arguments than it takes.
fn wrong(what: &str) -> JsValue {
    js_sys::TypeError::new(what).into()
}
