//! The drawn network in tract, from `network.onnx`.

use std::sync::Arc;

use tract_onnx::prelude::*;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub struct Network(Arc<TypedRunnableModel>);

impl Network {
    fn read(mut onnx: &[u8]) -> TractResult<Self> {
        let model = tract_onnx::onnx().model_for_read(&mut onnx)?;
        let model = model.with_input_fact(0, f32::fact([1, 3, 227, 227]).into())?;
        Ok(Self(model.into_optimized()?.into_runnable()?))
    }

    fn margin(&self, input: &[f32]) -> TractResult<f32> {
        let input = Tensor::from_shape(&[1, 3, 227, 227], input)?;
        let outputs = self.0.run(tvec!(input.into()))?;
        let margin = outputs[0].to_plain_array_view::<f32>()?;
        margin.first().copied().ok_or_else(|| TractError::msg("the model gave no output"))
    }
}

fn thrown(error: TractError) -> JsError {
    JsError::new(&format!("{error:#}"))
}

#[wasm_bindgen]
impl Network {
    #[wasm_bindgen(constructor)]
    pub fn new(onnx: &[u8]) -> Result<Network, JsError> {
        Self::read(onnx).map_err(thrown)
    }

    pub fn run(&self, input: &[f32]) -> Result<f32, JsError> {
        self.margin(input).map_err(thrown)
    }
}
