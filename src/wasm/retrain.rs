//! A plane of one's own, for JavaScript.

use js_sys::Float32Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::files::OpenFile;
use super::{Classifier, set, thrown, to_js};
use crate::retrain::{self, StoredPlane};
use crate::slice::dicom::Place;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("retrain.d.ts");

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Description")]
    pub type JsDescription;
}

#[derive(Serialize)]
struct Description {
    slices: usize,
    place: Place,
    classification: crate::Classification,
}

/// Labelled slices, described by the units of one network. It takes memory until `free` is called.
#[wasm_bindgen]
#[derive(Default)]
pub struct Examples(retrain::Examples);

#[wasm_bindgen]
impl Examples {
    /// None yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a slice: its units, whether it shows a haemorrhage, and the number of its group, which
    /// slices of one patient must share.
    pub fn add(&mut self, units: &[f32], haemorrhage: bool, group: usize) -> Result<(), JsValue> {
        self.0.add(units, haemorrhage, group).map_err(thrown)
    }

    /// The margin of each slice by a plane that has seen nothing of its group, by cross-validation
    /// over at most `folds` folds; NaN where there is no such plane.
    #[wasm_bindgen(js_name = heldOut)]
    pub fn held_out(&self, folds: usize) -> Vec<f64> {
        let margins = self.0.held_out(folds).into_iter();
        margins.map(|margin| margin.unwrap_or(f64::NAN)).collect()
    }

    /// The margin of each slice by the plane that was solved on all of them; empty while a class is
    /// missing.
    pub fn fitted(&self) -> Vec<f64> {
        self.0.fitted()
    }
}

#[wasm_bindgen]
impl Classifier {
    /// Classifies one of the slices of an open file, counted from 0 (the first one if none is named),
    /// and gives the units that the margin reads.
    pub fn describe(
        &mut self,
        file: &OpenFile,
        slice: Option<usize>,
    ) -> Result<JsDescription, JsValue> {
        let content = file.content().map_err(thrown)?;
        let index = slice.unwrap_or(0);
        let (classification, units) = self.0.describe(content, index).map_err(thrown)?;
        let js: JsDescription = to_js(&Description {
            slices: content.slices(),
            place: content.place(index),
            classification,
        })?;
        set(&js, "units", &Float32Array::from(units.as_slice()))?;
        Ok(js)
    }

    /// Solves a plane on what this network made of slices, calibrates it over so many folds, and gives
    /// the small file that keeps it: JSON, without any image.
    #[wasm_bindgen(js_name = learnPlane)]
    pub fn learn_plane(&mut self, examples: &Examples, folds: usize) -> Result<Vec<u8>, JsValue> {
        let network = self.0.network_name().map_err(thrown)?;
        StoredPlane::learn(network, &examples.0, folds)
            .and_then(|plane| plane.to_json())
            .map_err(thrown)
    }

    /// Answers by the plane in such a file from now on.
    #[wasm_bindgen(js_name = usePlane)]
    pub fn use_plane(
        &mut self,
        #[wasm_bindgen(js_name = planeFile)] plane_file: &[u8],
    ) -> Result<(), JsValue> {
        StoredPlane::from_json(plane_file)
            .and_then(|plane| self.0.use_plane(&plane))
            .map_err(thrown)
    }
}
