//! Local response normalisation of one pixel, with operations that round alike everywhere.

use crate::architecture::Lrn;

/// Divides each channel of one pixel by `(k + alpha / size * Σ x²)^0.75` over its neighbours;
/// `squares` is scratch of the same length.
pub fn normalise(lrn: &Lrn, pixel: &mut [f32], squares: &mut [f32]) {
    let channels = pixel.len();
    let reach = lrn.size / 2;
    let strength = lrn.alpha / lrn.size as f32;
    for (square, x) in squares.iter_mut().zip(pixel.iter()) {
        *square = x * x;
    }
    for (c, x) in pixel.iter_mut().enumerate() {
        let window = &squares[c.saturating_sub(reach)..(c + reach + 1).min(channels)];
        let base = lrn.k + strength * window.iter().sum::<f32>();
        *x /= to_three_quarters(base);
    }
}

/// `x^0.75 = √x · √√x`: square roots are exact in IEEE 754, `powf` differs between platforms.
fn to_three_quarters(x: f32) -> f32 {
    let root = x.sqrt();
    root * root.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::lrn;

    #[test]
    fn agrees_with_the_formula_at_edges_and_inside() {
        let settings = lrn(0.5);
        let pixel: Vec<f32> = (0..9).map(|i| (i as f32 - 3.0) * 1.7).collect();
        let mut out = pixel.clone();
        normalise(&settings, &mut out, &mut [0.0; 9]);
        for c in 0..9usize {
            let window = &pixel[c.saturating_sub(2)..(c + 3).min(9)];
            let sum: f64 = window.iter().map(|&x| f64::from(x).powi(2)).sum();
            let expected = f64::from(pixel[c]) / (1.0 + 0.1 * sum).powf(0.75);
            assert!((f64::from(out[c]) - expected).abs() < 1e-6);
        }
    }
}
