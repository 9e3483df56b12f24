//! Learned kernels (the paper's Figures 10 and 11).

use super::sheet;
use crate::model::StoredModel;
use crate::train::Result;

/// Width of a sheet, pixels.
const WIDTH: usize = 800;

/// The kernels of convolution `layer` (from 0), one tile a filter. Of a filter with several input
/// channels the one with the largest weights is shown. Zero is mid-grey, each tile's largest weight
/// black or white.
///
/// # Errors
/// [`crate::train::TrainError::Data`] when the picture cannot be written.
pub fn draw(title: &str, model: &StoredModel, layer: usize) -> Result<String> {
    let kernel = model.facts.architecture.convs[layer].kernel;
    sheet(title, &tiles(model, layer), kernel, WIDTH)
}

fn tiles(model: &StoredModel, layer: usize) -> Vec<Vec<u8>> {
    let shape = &model.facts.architecture.convs[layer];
    let weights = &model.convs[layer].layer.weight;
    let area = shape.kernel * shape.kernel;
    let row = weights.len() / shape.filters;
    let depth = row / area;
    // What one step of an input channel is worth: stored weights are for steps.
    let step = |channel: usize| match layer.checked_sub(1) {
        Some(before) => model.convs[before].output_scale[channel],
        None => 1.0,
    };
    let share = shape.filters / shape.groups;
    weights
        .chunks_exact(row)
        .enumerate()
        .map(|(filter, row)| {
            let first = filter / share * depth;
            let size = |channel: usize| {
                let weights = row[channel * area..][..area].iter();
                let squares: f32 = weights.map(|&w| f32::from(w).powi(2)).sum();
                squares / step(first + channel).powi(2)
            };
            let largest = (0..depth)
                .max_by(|&a, &b| size(a).total_cmp(&size(b)))
                .unwrap_or(0);
            tile(&row[largest * area..][..area])
        })
        .collect()
}

/// Weights as grey levels, zero at 128.
fn tile(weights: &[i8]) -> Vec<u8> {
    let largest = weights.iter().map(|w| w.unsigned_abs()).max().unwrap_or(0);
    let scale = 127.0 / f32::from(largest.max(1));
    weights
        .iter()
        .map(|&w| (128.0 + f32::from(w) * scale).round() as u8)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ALEXNET_SVM;

    #[test]
    fn a_tile_is_grey_at_zero_and_full_at_its_largest_weight() {
        assert_eq!(tile(&[0, 20, -40, 10]), [128, 192, 1, 160]);
        assert_eq!(tile(&[0; 4]), [128; 4]);
    }

    #[test]
    fn every_filter_gives_a_tile_of_its_own_weights() {
        let model = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
        let first = tiles(&model, 0);
        assert_eq!((first.len(), first[0].len()), (64, 121));
        let weights = &model.convs[0].layer.weight[121..242];
        assert_eq!(first[1], tile(weights));
        // Of conv5's 256 channels one is shown, and it is one of the filter's own.
        let last = tiles(&model, 4);
        assert_eq!((last.len(), last[0].len()), (256, 9));
        let row = &model.convs[4].layer.weight[..256 * 9];
        assert!(row.chunks_exact(9).any(|kernel| tile(kernel) == last[0]));
    }
}
