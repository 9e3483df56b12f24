//! Where in the input a place of the last map looks.

use super::Network;

/// What the places of the last map see of the input, the same along rows and columns. Pixel `i` of
/// the input reaches from `i` to `i + 1`, so place `p` sees `first + p * stride ± size / 2`; what is
/// left of the input's last stride, where a window no longer fits, no place sees.
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

impl Network {
    /// The receptive field of a place of the last map. Each window of `w` pixels at a step of `s`
    /// with a padding of `p` (a convolution's, then its pool's) widens the field by `(w − 1)` strides,
    /// moves its first edge by `−p` strides, and makes the stride `s` times as long.
    pub fn receptive_field(&self) -> ReceptiveField {
        let windows = self.convs.iter().flat_map(|conv| {
            let pool = conv.pool.map(|pool| (pool.size, pool.stride, 0));
            [(conv.kernel, conv.stride, conv.padding)]
                .into_iter()
                .chain(pool)
        });
        let (mut edge, mut stride, mut size) = (0.0, 1.0, 1.0);
        for (window, step, padding) in windows {
            edge -= padding as f64 * stride;
            size += (window as f64 - 1.0) * stride;
            stride *= step as f64;
        }
        ReceptiveField {
            first: edge + size / 2.0,
            stride,
            size,
        }
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
