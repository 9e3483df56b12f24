//! Activations between two layers.

/// A square map in NHWC order, one image, inside a border of zeros that the next convolution's
/// padding reads.
#[derive(Debug, Clone)]
pub struct Map {
    /// Side without the border.
    pub side: usize,
    /// Channels.
    pub channels: usize,
    /// Width of the border on each side.
    pub border: usize,
    data: Vec<i16>,
}

impl Map {
    /// A map of zeros.
    pub fn new(side: usize, channels: usize, border: usize) -> Self {
        let padded = side + 2 * border;
        Self {
            side,
            channels,
            border,
            data: vec![0; padded * padded * channels],
        }
    }

    /// Values from pixel `(y, x)` on to the end of its row; coordinates count the border.
    pub fn row_from(&self, y: usize, x: usize) -> &[i16] {
        let padded = self.side + 2 * self.border;
        &self.data[(y * padded + x) * self.channels..(y + 1) * padded * self.channels]
    }

    /// Row `y`, the border counted, or none below the map.
    pub fn row(&self, y: usize) -> Option<&[i16]> {
        let padded = self.side + 2 * self.border;
        let row = padded * self.channels;
        self.data.get(y * row..(y + 1) * row)
    }

    /// The channels of pixel `(y, x)` without the border.
    pub fn pixel(&self, y: usize, x: usize) -> &[i16] {
        &self.row_from(y + self.border, x + self.border)[..self.channels]
    }

    /// See [`Map::pixel`].
    pub fn pixel_mut(&mut self, y: usize, x: usize) -> &mut [i16] {
        let padded = self.side + 2 * self.border;
        let at = ((y + self.border) * padded + x + self.border) * self.channels;
        &mut self.data[at..at + self.channels]
    }

    /// Copies all pixels without the border: row, column, channel.
    pub fn flatten(&self, flat: &mut [i16]) {
        let places = (0..self.side).flat_map(|y| (0..self.side).map(move |x| (y, x)));
        for (flat, (y, x)) in flat.chunks_exact_mut(self.channels).zip(places) {
            flat.copy_from_slice(self.pixel(y, x));
        }
    }

    /// `of(channel, value)` of all pixels without the border: channel, row, column.
    pub fn planes<T>(&self, of: impl Fn(usize, i16) -> T) -> Vec<T> {
        let mut out = Vec::with_capacity(self.channels * self.side * self.side);
        for c in 0..self.channels {
            for y in 0..self.side {
                out.extend((0..self.side).map(|x| of(c, self.pixel(y, x)[c])));
            }
        }
        out
    }
}
