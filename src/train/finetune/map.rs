//! Maps of several images whose rows of pixels a convolution reads without copying windows.

use crate::train::bf16::{ROWS, round};

/// How the places of square maps lie in memory.
///
/// Between two rows of places, and between two images, lie `pad` zeros (rows of zeros), which serve
/// both neighbours; so a step of a kernel is one distance in memory, at every place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Places of a side.
    pub side: usize,
    /// Zeros around a map.
    pub pad: usize,
}

impl Grid {
    /// From one row of places to the next.
    pub fn stride(self) -> usize {
        self.side + self.pad
    }

    /// From one image to the next.
    pub fn image(self) -> usize {
        self.stride() * self.stride()
    }

    /// Zeros before the first place.
    pub fn lead(self) -> usize {
        self.pad * self.stride() + self.pad
    }

    /// Rows of a product over all places of `images` images, those between maps included.
    pub fn rows(self, images: usize) -> usize {
        (images * self.image()).next_multiple_of(ROWS)
    }

    /// Places in memory: all rows, with zeros before and after.
    pub fn places(self, images: usize) -> usize {
        self.rows(images) + 2 * self.lead()
    }

    /// The row of a place.
    pub fn row(self, image: usize, y: usize, x: usize) -> usize {
        image * self.image() + y * self.stride() + x
    }

    /// The rows of all places of `images` images.
    pub fn all_rows(self, images: usize) -> impl Iterator<Item = usize> {
        let of_image = move |i| (0..self.side).map(move |y| (i, y));
        let line = move |(i, y)| (0..self.side).map(move |x| self.row(i, y, x));
        (0..images).flat_map(of_image).flat_map(line)
    }

    /// Where each place of a kernel finds the first row's input, in places; for the gradient of the
    /// input (`back`) with the kernel turned around.
    pub fn starts(self, kernel: usize, back: bool) -> impl Iterator<Item = usize> {
        let half = (kernel / 2) as isize;
        let (lead, stride) = (self.lead() as isize, self.stride() as isize);
        let sign = if back { -1 } else { 1 };
        (-half..=half).flat_map(move |y| {
            (-half..=half).map(move |x| (lead + sign * (y * stride + x)) as usize)
        })
    }
}

/// Activations of some images: place, channel; bfloat16; zeros between the maps.
#[derive(Debug, Clone)]
pub struct Map {
    /// How places lie.
    pub grid: Grid,
    /// Numbers of a place.
    pub channels: usize,
    /// The numbers.
    pub values: Vec<u16>,
    /// The same, channel, place; filled by [`Map::turn`].
    pub turned: Vec<u16>,
}

/// Places that are turned at once: a line of the cache in the turned map.
const TURNED_AT_ONCE: usize = 32;

impl Map {
    /// Zeros.
    pub fn new(grid: Grid, channels: usize, images: usize) -> Self {
        Self {
            grid,
            channels,
            values: vec![0; grid.places(images) * channels],
            turned: vec![0; grid.places(images) * channels],
        }
    }

    /// The numbers of the place of a row.
    pub fn at(&self, row: usize) -> &[u16] {
        &self.values[(self.grid.lead() + row) * self.channels..][..self.channels]
    }

    /// The same, to be set.
    pub fn at_mut(&mut self, row: usize) -> &mut [u16] {
        &mut self.values[(self.grid.lead() + row) * self.channels..][..self.channels]
    }

    /// The numbers of all rows, those between maps included.
    pub fn rows(&self) -> &[u16] {
        let lead = self.grid.lead() * self.channels;
        &self.values[lead..self.values.len() - lead]
    }

    /// Sets the places of `images` images to rounded sums with a bias, negatives to zero.
    pub fn rectify(&mut self, sums: &[f32], bias: &[f32], images: usize) {
        for row in self.grid.all_rows(images) {
            let sums = &sums[row * bias.len()..][..bias.len()];
            for ((to, sum), bias) in self.at_mut(row).iter_mut().zip(sums).zip(bias) {
                *to = round((sum + bias).max(0.0));
            }
        }
    }

    /// Fills the turned map.
    pub fn turn(&mut self) {
        let places = self.values.len() / self.channels;
        let blocks = self.values.chunks(TURNED_AT_ONCE * self.channels);
        for (n, block) in blocks.enumerate() {
            for channel in 0..self.channels {
                let to = &mut self.turned[channel * places + n * TURNED_AT_ONCE..];
                let from = block[channel..].iter().step_by(self.channels);
                to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_every_place_are_one_step_away_and_borders_are_zero() {
        let grid = Grid { side: 3, pad: 1 };
        let mut map = Map::new(grid, 1, 2);
        for (n, row) in grid.all_rows(2).enumerate() {
            map.at_mut(row)[0] = n as u16 + 1;
        }
        let starts: Vec<usize> = grid.starts(3, false).collect();
        let seen =
            |image: isize, y: isize, x: isize| match (0..3).contains(&y) && (0..3).contains(&x) {
                true => (image * 9 + y * 3 + x + 1) as u16,
                false => 0,
            };
        for (image, y, x) in [(0, 0, 0), (0, 2, 2), (1, 0, 2), (1, 2, 1), (1, 1, 1)] {
            let row = grid.row(image as usize, y as usize, x as usize);
            for (tap, start) in starts.iter().enumerate() {
                let (dy, dx) = (tap as isize / 3 - 1, tap as isize % 3 - 1);
                assert_eq!(map.values[start + row], seen(image, y + dy, x + dx));
            }
        }
        let back: Vec<usize> = grid.starts(3, true).collect();
        assert!(back.iter().eq(starts.iter().rev()));
    }

    #[test]
    fn a_turned_map_has_a_row_for_each_channel() {
        let mut map = Map::new(Grid { side: 5, pad: 1 }, 3, 2);
        map.values
            .iter_mut()
            .enumerate()
            .for_each(|(i, v)| *v = i as u16);
        map.turn();
        let places = map.values.len() / 3;
        for (i, v) in map.values.iter().enumerate() {
            assert_eq!(map.turned[i % 3 * places + i / 3], *v);
        }
    }
}
