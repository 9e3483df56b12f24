//! A network opened up, for JavaScript.

use js_sys::{Array, Float32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::explain::{JsExplanation, explanation_to_js};
use super::files::OpenFile;
use super::{Bytes, Classifier, SliceView, set, thrown, to_js};
use crate::architecture::Readout;
use crate::calibration::Calibration;
use crate::engine::RealMap;
use crate::explain::Field;
use crate::model::StoredModel;
use crate::{ALEXNET_SVM, Error};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("walk.d.ts");

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Walk")]
    pub type JsWalk;
    #[wasm_bindgen(typescript_type = "Kernels[]")]
    pub type JsKernels;
}

/// What of a walk is plain data; maps and units are set beside it as typed arrays.
#[derive(Serialize)]
struct Frame<'a> {
    slices: usize,
    slice: SliceView<'a>,
    input: Input<'a>,
    calibration: Calibration,
}

#[derive(Serialize)]
struct Input<'a> {
    side: usize,
    grey: Bytes<'a>,
}

#[derive(Serialize)]
struct ConvFrame<'a> {
    name: &'a str,
    kernel: usize,
    stride: usize,
    padding: usize,
    groups: usize,
}

#[derive(Serialize)]
struct MapFrame {
    channels: usize,
    side: usize,
    field: Field,
}

#[derive(Serialize)]
struct KernelsFrame<'a> {
    name: &'a str,
    filters: usize,
    depth: usize,
    size: usize,
}

#[derive(Serialize)]
struct LinearFrame<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    top: Option<usize>,
}

#[derive(Serialize)]
struct Plane {
    bias: f32,
}

#[wasm_bindgen]
impl Classifier {
    /// Classifies one of the slices of an open file, counted from 0 (the first one if none is named),
    /// and gives what every step made of it.
    pub fn walk(&mut self, file: &OpenFile, slice: Option<usize>) -> Result<JsWalk, JsValue> {
        let content = file.content().map_err(thrown)?;
        let walk = self.0.walk(content, slice.unwrap_or(0)).map_err(thrown)?;
        let js: JsWalk = to_js(&Frame {
            slices: content.slices(),
            slice: SliceView {
                width: walk.slice.width(),
                height: walk.slice.height(),
                grey: Bytes(walk.slice.grey()),
                crop: walk.explanation.crop,
            },
            input: Input {
                side: walk.network.input_side,
                grey: Bytes(&walk.input),
            },
            calibration: walk.calibration,
        })?;
        let convs = Array::new();
        let shapes = walk.network.convs.iter().zip(&walk.fields);
        for ((shape, (before, after)), conv) in shapes.zip(&walk.layers.convs) {
            let of_conv: JsValue = to_js(&ConvFrame {
                name: &shape.name,
                kernel: shape.kernel,
                stride: shape.stride,
                padding: shape.padding,
                groups: shape.groups,
            })?;
            let maps = [
                ("rectified", conv.rectified.as_ref(), before),
                ("convolved", Some(&conv.convolved), before),
                ("pooled", conv.pooled.as_ref(), after),
            ];
            for (name, map, field) in maps {
                if let Some(map) = map {
                    set(&of_conv, name, &map_to_js(map, *field)?)?;
                }
            }
            convs.push(&of_conv);
        }
        set(&js, "convs", &convs)?;
        let linears = Array::new();
        let top = match walk.network.readout {
            Readout::Flatten => None,
            Readout::MeanAndTop { top } => Some(top),
        };
        for (shape, units) in walk.network.linears.iter().zip(&walk.layers.units) {
            let of_layer: JsValue = to_js(&LinearFrame {
                name: &shape.name,
                top,
            })?;
            set(&of_layer, "units", &numbers(units))?;
            if let Some(map) = &walk.layers.unit_map {
                // Its places are those of the last map.
                set(&of_layer, "map", &map_to_js(map, walk.explanation.field)?)?;
            }
            linears.push(&of_layer);
        }
        set(&js, "linears", &linears)?;
        let plane: JsValue = to_js(&Plane {
            bias: walk.plane.bias,
        })?;
        set(&plane, "weights", &numbers(&walk.plane.weights))?;
        set(&js, "plane", &plane)?;
        let explanation: JsExplanation = explanation_to_js(&walk.explanation)?;
        set(&js, "explanation", &explanation)?;
        Ok(js)
    }

    /// What each place of the last map contributes to one unit of a fully connected layer, both counted
    /// from 0, for the slice that was classified last: row-major, in the unit's own values.
    #[wasm_bindgen(js_name = unitContributions)]
    pub fn unit_contributions(
        &mut self,
        layer: usize,
        unit: usize,
    ) -> Result<Float32Array, JsValue> {
        let found = self.0.unit_contributions(layer, unit);
        let missing = || Error::Internal(format!("layer {layer} has no unit {unit}"));
        let found = found.ok_or_else(missing).map_err(thrown)?;
        Ok(numbers(&found))
    }
}

/// The file of the embedded AlexNet-SVM, for what reads model files.
#[wasm_bindgen(js_name = embeddedModel)]
pub fn embedded_model() -> Vec<u8> {
    ALEXNET_SVM.to_vec()
}

/// The kernels of every convolution of a model, given by the bytes of its file, or of the embedded
/// AlexNet-SVM.
#[wasm_bindgen]
pub fn kernels(
    #[wasm_bindgen(js_name = modelBytes)] model_bytes: Option<Vec<u8>>,
) -> Result<JsKernels, JsValue> {
    let bytes = model_bytes.as_deref().unwrap_or(ALEXNET_SVM);
    let model = StoredModel::from_bytes(bytes).map_err(thrown)?;
    let all = Array::new();
    for (layer, shape) in model.facts.architecture.convs.iter().enumerate() {
        let Some(kernels) = model.kernels(layer) else {
            continue;
        };
        let js: JsValue = to_js(&KernelsFrame {
            name: &shape.name,
            filters: kernels.filters,
            depth: kernels.depth,
            size: kernels.size,
        })?;
        set(&js, "values", &numbers(&kernels.values))?;
        all.push(&js);
    }
    Ok(all.unchecked_into())
}

fn map_to_js(map: &RealMap, field: Field) -> Result<JsValue, JsValue> {
    let js: JsValue = to_js(&MapFrame {
        channels: map.channels,
        side: map.side,
        field,
    })?;
    set(&js, "values", &numbers(&map.values))?;
    Ok(js)
}

/// Serde would make arrays of numbers one by one.
fn numbers(values: &[f32]) -> Float32Array {
    Float32Array::from(values)
}
