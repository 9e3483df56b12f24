//! The `#[wasm_bindgen]` face: convert, call, convert.

mod blob;
mod explain;
mod files;
mod retrain;
mod study;
mod walk;

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use self::files::OpenFile;
use crate::calibration::{Decision, Thresholds};
use crate::model::KindCalibration;
use crate::preprocess::{Crop, Preprocessing};
use crate::slice::Slice;
use crate::slice::dicom::Place;
use crate::{Error, phantom};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("answers.d.ts");

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Classification")]
    pub type JsClassification;
    #[wasm_bindgen(typescript_type = "Classification[]")]
    pub type JsClassifications;
    #[wasm_bindgen(typescript_type = "Examination")]
    pub type JsExamination;
    #[wasm_bindgen(typescript_type = "ModelCard")]
    pub type JsModelCard;
    #[wasm_bindgen(typescript_type = "PhantomKind")]
    pub type JsPhantomKind;
}

thread_local! {
    /// The embedded model behind [`classify`], built at its first call.
    static EMBEDDED: RefCell<Option<crate::Classifier>> = const { RefCell::new(None) };
}

/// Prints a panic's message to the console before the module traps.
#[wasm_bindgen(start)]
fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&format!("haemolens: {info}").into());
    }));
}

/// Classifies the one slice in `imageBytes` with the embedded AlexNet-SVM.
#[wasm_bindgen]
pub fn classify(
    #[wasm_bindgen(js_name = imageBytes)] image_bytes: &[u8],
) -> Result<JsClassification, JsValue> {
    EMBEDDED.with_borrow_mut(|embedded| {
        let classifier = match embedded {
            Some(classifier) => classifier,
            None => embedded.insert(crate::Classifier::new().map_err(thrown)?),
        };
        to_js(&classifier.classify(image_bytes).map_err(thrown)?)
    })
}

/// Draws one of the page's samples: a BMP file.
#[wasm_bindgen(js_name = phantom)]
pub fn draw_phantom(kind: JsPhantomKind) -> Result<Vec<u8>, JsValue> {
    let name = JsValue::from(kind).as_string().unwrap_or_default();
    let kind = name.parse::<phantom::Kind>().map_err(thrown)?;
    phantom::draw(kind).to_bmp().map_err(thrown)
}

/// A hash of the 227×227 grey levels that the embedded model's network would see, in hexadecimal;
/// the command line's `preprocess` gives the same.
#[wasm_bindgen(js_name = preprocessHash)]
pub fn preprocess_hash(
    #[wasm_bindgen(js_name = imageBytes)] image_bytes: &[u8],
) -> Result<String, JsValue> {
    let slice = Slice::from_bytes(image_bytes).map_err(thrown)?;
    Ok(Preprocessing::ALEXNET.hash(&slice))
}

/// A model that is loaded once and answers often.
#[wasm_bindgen]
pub struct Classifier(crate::Classifier);

#[wasm_bindgen]
impl Classifier {
    /// The embedded AlexNet-SVM.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<Classifier, JsValue> {
        crate::Classifier::new().map(Classifier).map_err(thrown)
    }

    /// A model from the bytes of a model file.
    #[wasm_bindgen(js_name = fromModel)]
    pub fn from_model(
        #[wasm_bindgen(js_name = modelBytes)] model_bytes: &[u8],
    ) -> Result<Classifier, JsValue> {
        crate::model::StoredModel::from_bytes(model_bytes)
            .and_then(crate::Classifier::from_model)
            .map(Classifier)
            .map_err(thrown)
    }

    /// Classifies the one slice in `imageBytes`.
    pub fn classify(
        &mut self,
        #[wasm_bindgen(js_name = imageBytes)] image_bytes: &[u8],
    ) -> Result<JsClassification, JsValue> {
        to_js(&self.0.classify(image_bytes).map_err(thrown)?)
    }

    /// One answer for each slice in `imageBytes`.
    #[wasm_bindgen(js_name = classifyAll)]
    pub fn classify_all(
        &mut self,
        #[wasm_bindgen(js_name = imageBytes)] image_bytes: &[u8],
    ) -> Result<JsClassifications, JsValue> {
        to_js(&self.0.classify_all(image_bytes).map_err(thrown)?)
    }

    /// Classifies one of the slices of an open file, counted from 0 (the first one if none is named),
    /// gives it back to show, and says how many there are.
    pub fn examine(
        &mut self,
        file: &OpenFile,
        slice: Option<usize>,
    ) -> Result<JsExamination, JsValue> {
        let content = file.content().map_err(thrown)?;
        let index = slice.unwrap_or(0);
        let examination = self.0.examine_slice(content, index);
        let examination = examination.map_err(thrown)?;
        to_js(&Examination {
            slices: content.slices(),
            place: content.place(index),
            slice: SliceView {
                width: examination.slice.width(),
                height: examination.slice.height(),
                grey: Bytes(examination.slice.grey()),
                crop: examination.crop,
            },
            classification: examination.classification,
        })
    }

    /// What the model was trained on and how well it does.
    #[wasm_bindgen(js_name = modelCard)]
    pub fn model_card(&self) -> Result<JsModelCard, JsValue> {
        to_js(&ModelCard {
            card: self.0.card(),
            decision: self.0.facts().calibration.decision(),
            thresholds: self.0.facts().calibration.threshold,
            prevalence: self.0.facts().calibration.prevalence,
            kind_prevalences: self
                .0
                .facts()
                .kinds
                .iter()
                .filter_map(share_of_kind)
                .collect(),
        })
    }

    /// Calls slices and studies haemorrhage from another threshold on: `screening`, `balanced` (as at
    /// first) or `confirming`.
    #[wasm_bindgen(js_name = setOperatingPoint)]
    pub fn set_operating_point(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "OperatingPoint")] point: &str,
    ) -> Result<(), JsValue> {
        self.0.set_operating_point(point.parse().map_err(thrown)?);
        Ok(())
    }

    /// Gives probabilities for another share of slices (for studies, of studies) with haemorrhage,
    /// between 0 and 1, or without one for the share that the model learned from.
    #[wasm_bindgen(js_name = setPrevalence)]
    pub fn set_prevalence(&mut self, prevalence: Option<f64>) -> Result<(), JsValue> {
        self.0.set_prevalence(prevalence).map_err(thrown)
    }
}

#[derive(Serialize)]
struct ModelCard<'a> {
    #[serde(flatten)]
    card: &'a crate::model::ModelCard,
    decision: Decision,
    thresholds: Thresholds,
    #[serde(skip_serializing_if = "Option::is_none")]
    prevalence: Option<f64>,
    #[serde(rename = "kindPrevalences")]
    kind_prevalences: BTreeMap<&'static str, f64>,
}

fn share_of_kind(told: &KindCalibration) -> Option<(&'static str, f64)> {
    Some((told.kind.code(), told.prevalence?))
}

#[derive(Serialize)]
struct Examination<'a> {
    slices: usize,
    place: Place,
    classification: crate::Classification,
    slice: SliceView<'a>,
}

#[derive(Serialize)]
struct SliceView<'a> {
    width: usize,
    height: usize,
    grey: Bytes<'a>,
    crop: Crop,
}

/// Serialises as a `Uint8Array`, not as an array of numbers.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

fn to_js<T: JsCast>(value: &impl Serialize) -> Result<T, JsValue> {
    // Maps become plain objects, as in the command line's JSON.
    let serializer =
        serde_wasm_bindgen::Serializer::json_compatible().serialize_bytes_as_arrays(false);
    value
        .serialize(&serializer)
        .map(JsCast::unchecked_into)
        .map_err(|e| thrown(Error::Internal(e.to_string())))
}

/// Puts into an object what serde would make poorly: of typed arrays, arrays of numbers one by one.
fn set(object: &JsValue, name: &str, value: &JsValue) -> Result<(), JsValue> {
    js_sys::Reflect::set(object, &name.into(), value).map(|_| ())
}

/// A JavaScript `Error` whose `name` is the error's own.
fn thrown(error: Error) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    js.set_name(error.name());
    js.into()
}
