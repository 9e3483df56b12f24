//! Where in the input a place of a map looks.

use super::Network;

/// What the places of a map see of the input, the same along rows and columns. Pixel `i` of
/// the input reaches from `i` to `i + 1`, so place `p` sees `first + p * stride ± size / 2`; what is
/// left of the input's last stride, where a window no longer fits, no place sees.
///
/// ```
/// use haemolens::architecture::{IMAGENET_LRN, Network};
///
/// // Six places a row, 32 pixels apart, each of which sees most of the 227 pixels.
/// let field = Network::alexnet_svm(4096, IMAGENET_LRN).receptive_field();
/// assert_eq!((field.stride, field.size), (32.0, 195.0));
/// let last = field.first + 5.0 * field.stride;
/// assert!(last + field.size / 2.0 > 227.0, "the last one sees the padding as well");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReceptiveField {
    /// The centre of what the first place sees, input pixels.
    pub first: f64,
    /// From one place to the next, input pixels.
    pub stride: f64,
    /// Side of the square that a place sees, input pixels; it may reach past the input, into the
    /// padding.
    pub size: f64,
}

impl ReceptiveField {
    /// A pixel of the input sees itself.
    const PIXEL: Self = Self {
        first: 0.5,
        stride: 1.0,
        size: 1.0,
    };

    /// Of the places of a map that windows of `window` places at a step of `step` make of this one,
    /// with `padding` places around it: each widens the field by `window − 1` strides, moves its first
    /// edge by `−padding` strides, and makes the stride `step` times as long.
    fn through(self, window: usize, step: usize, padding: usize) -> Self {
        let wider = (window as f64 - 1.0) * self.stride;
        Self {
            first: self.first - padding as f64 * self.stride + wider / 2.0,
            stride: self.stride * step as f64,
            size: self.size + wider,
        }
    }
}

impl Network {
    /// The receptive field of a place of the last map.
    ///
    /// ```
    /// use haemolens::architecture::Network;
    ///
    /// // One convolution of 3×3 that keeps the side: each place sees a pixel with its neighbours.
    /// let mut network = Network::cnn();
    /// network.convs.truncate(1);
    /// let field = network.receptive_field();
    /// assert_eq!((field.first, field.stride, field.size), (0.5, 1.0, 3.0));
    /// ```
    pub fn receptive_field(&self) -> ReceptiveField {
        let last = self.receptive_fields().pop();
        last.map_or(ReceptiveField::PIXEL, |(_, output)| output)
    }

    /// The receptive fields of a place of each convolution's map, before pooling and of the map that
    /// the next layer reads; both are the same where nothing is pooled.
    ///
    /// ```
    /// use haemolens::architecture::{IMAGENET_LRN, Network};
    ///
    /// // Places see more of the input from one convolution to the next.
    /// let fields = Network::alexnet_svm(4096, IMAGENET_LRN).receptive_fields();
    /// let sizes: Vec<f64> = fields.iter().map(|(convolved, _)| convolved.size).collect();
    /// assert_eq!(sizes, [11.0, 51.0, 99.0, 131.0, 163.0]);
    /// ```
    pub fn receptive_fields(&self) -> Vec<(ReceptiveField, ReceptiveField)> {
        let mut field = ReceptiveField::PIXEL;
        let fields = self.convs.iter().map(|conv| {
            let convolved = field.through(conv.kernel, conv.stride, conv.padding);
            field = match conv.pool {
                Some(pool) => convolved.through(pool.size, pool.stride, 0),
                None => convolved,
            };
            (convolved, field)
        });
        fields.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::{IMAGENET_LRN, single_tower_trunk};

    #[test]
    fn alexnets_places_see_most_of_the_input_and_are_32_pixels_apart() {
        let grouped = Network::alexnet(4096, 4096, IMAGENET_LRN);
        let single = Network {
            convs: single_tower_trunk(),
            ..grouped.clone()
        };
        // The single tower pads its first convolution by two pixels.
        for (network, first) in [(grouped, 33.5), (single, 31.5)] {
            let field = network.receptive_field();
            assert_eq!((field.size, field.stride), (195.0, 32.0));
            assert_eq!(field.first, first);
        }
    }

    #[test]
    fn each_layers_places_see_what_its_windows_reach() {
        let fields = Network::alexnet(4096, 4096, IMAGENET_LRN).receptive_fields();
        let sizes: Vec<(f64, f64)> = fields.iter().map(|(c, o)| (c.size, o.size)).collect();
        assert_eq!(
            sizes,
            [
                (11.0, 19.0),
                (51.0, 67.0),
                (99.0, 99.0),
                (131.0, 131.0),
                (163.0, 195.0)
            ]
        );
        let strides: Vec<f64> = fields.iter().map(|(c, _)| c.stride).collect();
        assert_eq!(strides, [4.0, 8.0, 16.0, 16.0, 16.0]);
        assert_eq!((fields[0].0.first, fields[0].1.first), (5.5, 9.5));
    }

    #[test]
    fn places_of_a_network_that_keeps_its_sides_are_pixels() {
        let mut network = Network::cnn();
        network.convs.truncate(1);
        let field = network.receptive_field();
        assert_eq!(
            field,
            ReceptiveField {
                first: 0.5,
                stride: 1.0,
                size: 3.0
            }
        );
    }
}
