//! Local response normalisation of one pixel, with operations that round alike everywhere.

use crate::architecture::Lrn;

/// LRN with its scratch.
#[derive(Debug)]
pub struct Normalise {
    lrn: Lrn,
    /// Squares between zeros, half a window on each side.
    squares: Vec<f32>,
    sums: Vec<f32>,
}

impl Normalise {
    /// Of pixels with `channels` channels.
    pub fn new(lrn: Lrn, channels: usize) -> Self {
        Self {
            lrn,
            squares: vec![0.0; channels + lrn.size - 1],
            sums: vec![0.0; channels],
        }
    }

    /// Divides each channel of one pixel by `(k + alpha / size * Σ x²)^0.75` over its neighbours.
    pub fn pixel(&mut self, pixel: &mut [f32]) {
        let reach = self.lrn.size / 2;
        let strength = self.lrn.alpha / self.lrn.size as f32;
        for (square, x) in self.squares[reach..].iter_mut().zip(pixel.iter()) {
            *square = x * x;
        }
        // Pass by pass, so that vectors of channels add up in the order of their neighbours.
        self.sums.fill(0.0);
        for neighbour in 0..self.lrn.size {
            let squares = &self.squares[neighbour..];
            self.sums
                .iter_mut()
                .zip(squares)
                .for_each(|(sum, square)| *sum += square);
        }
        for (x, sum) in pixel.iter_mut().zip(&self.sums) {
            *x /= to_three_quarters(self.lrn.k + strength * sum);
        }
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
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn agrees_with_the_formula_at_edges_and_inside() {
        let settings = lrn(0.5);
        let pixel: Vec<f32> = (0..9).map(|i| (i as f32 - 3.0) * 1.7).collect();
        let mut out = pixel.clone();
        let mut normalise = Normalise::new(settings, 9);
        normalise.pixel(&mut [9.0; 9]);
        normalise.pixel(&mut out);
        for c in 0..9usize {
            let window = &pixel[c.saturating_sub(2)..(c + 3).min(9)];
            let sum: f64 = window.iter().map(|&x| f64::from(x).powi(2)).sum();
            let expected = f64::from(pixel[c]) / (1.0 + 0.1 * sum).powf(0.75);
            assert!((f64::from(out[c]) - expected).abs() < 1e-6);
        }
    }
}
