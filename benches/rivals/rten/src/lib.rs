//! The drawn network without LRN, which rten does not have, in rten.

use rten::{Model, ModelOptions, OpRegistry};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub struct Network(Model);

#[wasm_bindgen]
impl Network {
    #[wasm_bindgen(constructor)]
    pub fn new(onnx: Vec<u8>) -> Result<Network, JsError> {
        let options = ModelOptions::with_ops(OpRegistry::with_all_ops());
        Ok(Self(options.load(onnx)?))
    }

    pub fn run(&self, input: Vec<f32>) -> Result<f32, JsError> {
        let input = NdTensor::from_data([1, 3, 227, 227], input);
        let output = self.0.run_one(input.view().into(), None)?;
        let margin: NdTensor<f32, 2> = output
            .try_into()
            .map_err(|_| JsError::new("the margin has another shape"))?;
        Ok(margin[[0, 0]])
    }
}
