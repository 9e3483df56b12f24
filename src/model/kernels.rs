//! A convolution's weights as real values: for looking at them.

use super::StoredModel;

/// The kernels of a convolution.
///
/// ```
/// use haemolens::ALEXNET_SVM;
/// use haemolens::model::StoredModel;
///
/// let model = StoredModel::from_program(ALEXNET_SVM)?;
/// let kernels = model.kernels(0).expect("there is a convolution");
/// // The first filter as a picture, row by row.
/// let rows: Vec<&[f32]> = kernels.values[..kernels.size.pow(2)].chunks(kernels.size).collect();
/// assert_eq!((rows.len(), rows[0].len()), (11, 11));
/// assert!(rows.iter().any(|row| row.iter().any(|weight| *weight < 0.0)));
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Kernels {
    /// Filters.
    pub filters: usize,
    /// Input channels that each filter reads: all, or those of its group.
    pub depth: usize,
    /// Side of the square kernel.
    pub size: usize,
    /// Filter, input channel, row, column: what a real value of 1 there adds to the filter's output,
    /// where black to white is 1 in the input.
    pub values: Vec<f32>,
}

impl StoredModel {
    /// The kernels of a convolution, counted from 0, as they are stored in eight bits; `None` where
    /// there is no such convolution.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::model::StoredModel;
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// let (first, second) = (model.kernels(0), model.kernels(1));
    /// let (first, second) = first.zip(second).expect("there are two convolutions");
    /// assert_eq!(first.depth, 1, "grey levels");
    /// assert_eq!(second.depth, first.filters);
    /// assert_eq!(model.kernels(5), None);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn kernels(&self, layer: usize) -> Option<Kernels> {
        let shape = self.facts.architecture.convs.get(layer)?;
        let stored = &self.convs[layer].layer;
        let area = shape.kernel * shape.kernel;
        let row = stored.weight.len() / shape.filters;
        let depth = row / area;
        // What one step of an input channel is worth: stored weights are for steps.
        let step = |channel: usize| match layer.checked_sub(1) {
            Some(before) => self.convs[before].output_scale[channel],
            None => 1.0 / 255.0,
        };
        let share = shape.filters / shape.groups;
        let value = |(i, &weight): (usize, &i8)| {
            let (filter, channel) = (i / row, i % row / area);
            let step = step(filter / share * depth + channel);
            f32::from(weight) * stored.weight_scale[filter] / step
        };
        Some(Kernels {
            filters: shape.filters,
            depth,
            size: shape.kernel,
            values: stored.weight.iter().enumerate().map(value).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ALEXNET_SVM;
    use crate::model::StoredModel;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn kernels_are_the_stored_weights_in_real_values() {
        let model = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
        let first = model.kernels(0).unwrap();
        assert_eq!((first.filters, first.depth, first.size), (64, 1, 11));
        let stored = &model.convs[0].layer;
        for i in [0, 130, 64 * 121 - 1] {
            let expected = f32::from(stored.weight[i]) * stored.weight_scale[i / 121] * 255.0;
            assert!((first.values[i] - expected).abs() <= 1e-6 * expected.abs());
        }
        let second = model.kernels(1).unwrap();
        assert_eq!((second.filters, second.depth, second.size), (192, 64, 5));
        let (filter, channel) = (3, 17);
        let at = (filter * 64 + channel) * 25 + 12;
        let layer = &model.convs[1].layer;
        let real = f32::from(layer.weight[at]) * layer.weight_scale[filter];
        let expected = real / model.convs[0].output_scale[channel];
        assert!((second.values[at] - expected).abs() <= 1e-6 * expected.abs());
        assert_eq!(model.kernels(5), None);
    }
}
