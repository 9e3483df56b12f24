//! Real values and activation steps, by comparisons and conversions that have vector instructions
//! everywhere (`f32::max` and a cast to `i16` have none in WebAssembly).

use crate::model::ACTIVATION_MAX;

/// The larger of `x` and zero.
#[inline(always)]
pub fn relu(x: f32) -> f32 {
    if x > 0.0 { x } else { 0.0 }
}

/// The activation nearest to a number of steps that is not negative.
#[inline(always)]
pub fn activation(steps: f32) -> i16 {
    let steps = steps + 0.5;
    let largest = f32::from(ACTIVATION_MAX);
    (if steps < largest { steps } else { largest }) as i32 as i16
}
