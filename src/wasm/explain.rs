//! Where a margin comes from, for JavaScript.

use wasm_bindgen::prelude::*;

use super::files::OpenFile;
use super::{Classifier, set, thrown, to_js};
use crate::{Error, Explanation, HaemorrhageKind};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("explain.d.ts");

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Explanation")]
    pub type JsExplanation;
    #[wasm_bindgen(typescript_type = "HaemorrhageKind")]
    pub type JsHaemorrhageKind;
}

#[wasm_bindgen]
impl Classifier {
    /// Classifies one of the slices of an open file, counted from 0 (the first one if none is named),
    /// and says where in it the margin comes from: that of haemorrhage as a whole, or of one kind
    /// (`EDH`, `IPH`, `IVH`, `SAH`, `SDH`).
    pub fn explain(
        &mut self,
        file: &OpenFile,
        slice: Option<usize>,
        kind: Option<JsHaemorrhageKind>,
    ) -> Result<JsExplanation, JsValue> {
        let content = file.content().map_err(thrown)?;
        let slice = slice.unwrap_or(0);
        let explanation = match kind {
            None => self.0.explain(content, slice),
            Some(kind) => kind_of(&kind).and_then(|kind| self.0.explain_kind(content, slice, kind)),
        };
        explanation_to_js(&explanation.map_err(thrown)?)
    }
}

fn kind_of(code: &JsValue) -> Result<HaemorrhageKind, Error> {
    let code = code.as_string().unwrap_or_default();
    HaemorrhageKind::from_code(&code).ok_or_else(|| {
        Error::UnknownKind(format!(
            "There is no kind of haemorrhage called “{code}”. Ask for EDH, IPH, IVH, SAH or SDH."
        ))
    })
}

pub(super) fn explanation_to_js(explanation: &Explanation) -> Result<JsExplanation, JsValue> {
    let js: JsExplanation = to_js(explanation)?;
    let contributions = js_sys::Float32Array::from(explanation.contributions.as_slice());
    set(&js, "contributions", &contributions)?;
    Ok(js)
}
