//! The `#[wasm_bindgen]` face of the f32 networks: a module of its own, so that pages which only
//! classify do not carry candle. What it gives is declared where it is used, in
//! `www/learn/reference.d.ts`.

use js_sys::{Array, Float32Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_time::Instant;

use crate::Error;
use crate::model::StoredModel;
use crate::network::stored;

/// Prints a panic's message to the console before the module traps.
#[wasm_bindgen(start)]
fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&format!("haemolens: {info}").into());
    }));
}

/// Runs the network of a model file in f32, with the weights that are stored there, on the grey levels
/// that its int8 form reads. It runs twice, and the second time counts: browsers make code faster once
/// it has run.
#[wasm_bindgen]
pub fn run(
    #[wasm_bindgen(js_name = modelBytes)] model_bytes: &[u8],
    grey: &[u8],
) -> Result<Object, JsValue> {
    let model = StoredModel::from_bytes(model_bytes).map_err(|e| thrown(&e))?;
    let network = stored::reference(&model).map_err(internal)?;
    let input = network.input(grey).map_err(internal)?;
    network.outputs_and_margin(&input).map_err(internal)?;
    let start = Instant::now();
    let found = network.outputs_and_margin(&input).map_err(internal)?;
    let ms = start.elapsed().as_secs_f64() * 1e3;

    let (outputs, margin) = found;
    let layers = Array::new();
    for output in outputs {
        let values = output.flatten_all().and_then(|flat| flat.to_vec1::<f32>());
        layers.push(&Float32Array::from(values.map_err(internal)?.as_slice()));
    }
    let weights: usize = network.tensors().values().map(|t| t.elem_count()).sum();
    let run = Object::new();
    let values: [(&str, JsValue); 4] = [
        ("layers", layers.into()),
        ("margin", f64::from(margin).into()),
        ("ms", ms.into()),
        ("weights", (weights as f64).into()),
    ];
    for (name, value) in values {
        Reflect::set(&run, &name.into(), &value)?;
    }
    Ok(run)
}

/// A JavaScript `Error` whose `name` is the error's own.
fn thrown(error: &Error) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    js.set_name(error.name());
    js.into()
}

fn internal(cause: impl ToString) -> JsValue {
    thrown(&Error::Internal(cause.to_string()))
}
