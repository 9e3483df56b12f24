//! The normalisation of grey levels folded into the first convolution.

use crate::network::input::Normalisation;

/// Folds the first convolution's input channels into one that reads grey levels 0–255: exact,
/// because they are the same grey, each normalised by its own mean and deviation, and because
/// padding is black. OIHW weights and biases in and out.
pub fn fold_grey(
    weight: &[f32],
    bias: &[f32],
    normalisation: Normalisation,
) -> (Vec<f32>, Vec<f32>) {
    let channels = normalisation.channels();
    let row = weight.len() / bias.len();
    let kernel = row / channels.len();
    let mut folded = Vec::with_capacity(kernel * bias.len());
    let mut shifted = Vec::with_capacity(bias.len());
    for (row, bias) in weight.chunks_exact(row).zip(bias) {
        let parts = || row.chunks_exact(kernel).zip(channels);
        folded.extend((0..kernel).map(|k| {
            parts()
                .map(|(part, (_, std))| part[k] / (255.0 * std))
                .sum::<f32>()
        }));
        let shift: f32 = parts()
            .map(|(part, (mean, std))| part.iter().sum::<f32>() * mean / std)
            .sum();
        shifted.push(bias - shift);
    }
    (folded, shifted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_folds_into_one_channel_exactly() {
        let weight: Vec<f32> = (0..2 * 3 * 4).map(|i| (i as f32 * 1.3).cos()).collect();
        let (folded, shifted) = fold_grey(&weight, &[0.1, -0.2], Normalisation::ImageNet);
        let grey = [0.0f32, 90.0, 140.0, 255.0];
        for f in 0..2 {
            let mut expected = [0.1f32, -0.2][f];
            for (c, (mean, std)) in Normalisation::ImageNet.channels().iter().enumerate() {
                for (k, g) in grey.iter().enumerate() {
                    let x = (g / 255.0 - mean) / std;
                    expected += weight[(f * 3 + c) * 4 + k] * x;
                }
            }
            let found: f32 = folded[f * 4..][..4]
                .iter()
                .zip(&grey)
                .map(|(w, g)| w * g)
                .sum();
            assert!((found + shifted[f] - expected).abs() < 1e-4);
        }
    }
}
