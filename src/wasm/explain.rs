//! Where a margin comes from, for JavaScript.

use wasm_bindgen::prelude::*;

use super::files::OpenFile;
use super::{Classifier, set, thrown, to_js};
use crate::Explanation;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("explain.d.ts");

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Explanation")]
    pub type JsExplanation;
}

#[wasm_bindgen]
impl Classifier {
    /// Classifies one of the slices of an open file, counted from 0 (the first one if none is named),
    /// and says where in it the margin comes from.
    pub fn explain(
        &mut self,
        file: &OpenFile,
        slice: Option<usize>,
    ) -> Result<JsExplanation, JsValue> {
        let content = file.content().map_err(thrown)?;
        let explanation = self.0.explain(content, slice.unwrap_or(0));
        explanation_to_js(&explanation.map_err(thrown)?)
    }
}

pub(super) fn explanation_to_js(explanation: &Explanation) -> Result<JsExplanation, JsValue> {
    let js: JsExplanation = to_js(explanation)?;
    let contributions = js_sys::Float32Array::from(explanation.contributions.as_slice());
    set(&js, "contributions", &contributions)?;
    Ok(js)
}
