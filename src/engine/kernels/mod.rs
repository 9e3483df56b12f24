//! The inner loops, and nothing else: a narrow waist behind which faster forms can stand.

mod scalar;

/// What the layers need of a processor.
pub trait Kernels {
    /// `out[f] = Σ weights[f, d] * activations[d]`; `weights` is row-major, `out.len()` rows of
    /// `activations.len()`. Products of 7- or 8-bit by 8-bit values, widened to `i16`.
    fn multiply(weights: &[i16], activations: &[i16], out: &mut [i32]);
}

pub use scalar::Scalar;
