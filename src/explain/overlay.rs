//! The map drawn over its slice.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

use super::Explanation;
use crate::Error;
use crate::slice::Slice;

/// Of what speaks against a haemorrhage (Okabe and Ito's blue, which those with every kind of colour
/// blindness tell from orange).
const BLUE: [u8; 3] = [0, 114, 178];
/// Of what counts towards one (Okabe and Ito's orange).
const ORANGE: [u8; 3] = [230, 159, 0];
/// How much of the strongest contribution's colour covers the slice.
const OPACITY: f64 = 0.6;

impl Explanation {
    /// The slice with the map over the square that the network saw, as the bytes of a PNG file:
    /// orange for haemorrhage, blue against it, the denser the stronger in relation to the strongest
    /// contribution of this map.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Slice;
    ///
    /// let slice = phantom::draw(Kind::Subdural).into_slice();
    /// let explanation = Classifier::new()?.explain_slice(&slice)?;
    /// let png = explanation.png_over(&slice)?; // std::fs::write("map.png", png) keeps it
    /// assert_eq!(Slice::from_bytes(&png)?.width(), slice.width());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Internal`] when it cannot be written.
    pub fn png_over(&self, slice: &Slice) -> Result<Vec<u8>, Error> {
        let mut png = Cursor::new(Vec::new());
        self.over(slice)
            .write_to(&mut png, ImageFormat::Png)
            .map_err(|e| Error::Internal(e.to_string()))?;
        Ok(png.into_inner())
    }

    /// Each pixel in the colour of the place nearest to it.
    fn over(&self, slice: &Slice) -> RgbImage {
        let magnitudes = self.contributions.iter().map(|&c| f64::from(c).abs());
        let strongest = magnitudes.fold(f64::MIN_POSITIVE, f64::max);
        let inside = |at: u32, first: isize| {
            let from = at as isize - first;
            from >= 0 && from < self.crop.side as isize
        };
        RgbImage::from_fn(slice.width() as u32, slice.height() as u32, |x, y| {
            let grey = slice.row(y as usize)[x as usize];
            if !(inside(x, self.crop.x) && inside(y, self.crop.y)) {
                return Rgb([grey; 3]);
            }
            let (column, row) = self.place_at(f64::from(x) + 0.5, f64::from(y) + 0.5);
            let contribution = f64::from(self.contributions[row * self.columns + column]);
            Rgb(tint(grey, contribution / strongest))
        })
    }
}

/// A grey level under a contribution of this strength, −1 to 1.
fn tint(grey: u8, strength: f64) -> [u8; 3] {
    let colour = if strength > 0.0 { ORANGE } else { BLUE };
    let opacity = OPACITY * strength.abs();
    colour.map(|c| (f64::from(c) * opacity + f64::from(grey) * (1.0 - opacity)).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Classifier;
    use crate::phantom::{self, Kind};

    /// What is left of linear red, green and blue in full protanopia, deuteranopia and tritanopia
    /// (Machado, Oliveira and Fernandes 2009, table 1), and without any.
    const SIGHTS: [[[f64; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ];
    /// sRGB's linear red, green and blue → CIE XYZ as shares of its white.
    const TO_XYZ: [[f64; 3]; 3] = [
        [0.433953, 0.376219, 0.189828],
        [0.212673, 0.715152, 0.072175],
        [0.017758, 0.109477, 0.872765],
    ];

    fn product(matrix: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(v).map(|(m, v)| m * v).sum())
    }

    /// A colour in CIELAB as someone sees it.
    fn lab(colour: [u8; 3], sight: &[[f64; 3]; 3]) -> [f64; 3] {
        let linear = colour.map(|c| match f64::from(c) / 255.0 {
            c if c <= 0.04045 => c / 12.92,
            c => ((c + 0.055) / 1.055).powf(2.4),
        });
        let seen = product(sight, linear).map(|c| c.clamp(0.0, 1.0));
        let [x, y, z] = product(&TO_XYZ, seen).map(|t| match t {
            t if t > 0.008856 => t.cbrt(),
            t => 7.787 * t + 16.0 / 116.0,
        });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// CIE 1976 difference: about 2 can just be told apart side by side.
    fn difference(a: [u8; 3], b: [u8; 3], sight: &[[f64; 3]; 3]) -> f64 {
        let squares = lab(a, sight).into_iter().zip(lab(b, sight));
        squares.map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
    }

    #[test]
    fn both_colours_stand_out_from_any_grey_and_each_other_in_every_kind_of_colour_blindness() {
        for sight in &SIGHTS {
            assert!(difference([255; 3], [0; 3], sight) > 99.0);
            for grey in (0..=255).step_by(5) {
                let [orange, blue] = [1.0, -1.0].map(|strength| tint(grey, strength));
                let apart = difference(orange, blue, sight);
                assert!(apart > 40.0, "{apart} over {grey}");
                for colour in [orange, blue] {
                    let apart = difference(colour, [grey; 3], sight);
                    assert!(apart > 12.0, "{colour:?}: {apart} over {grey}");
                }
                // Half as strong is told from full strength, and from nothing.
                for half in [0.5, -0.5] {
                    let colour = tint(grey, half);
                    assert!(difference(colour, [grey; 3], sight) > 5.0);
                    assert!(difference(colour, tint(grey, 2.0 * half), sight) > 5.0);
                }
            }
        }
    }

    #[test]
    fn the_slice_stays_as_it_is_outside_of_the_crop_and_where_nothing_contributes() {
        let slice = phantom::draw(Kind::Subdural).into_slice();
        let mut explanation = Classifier::new().unwrap().explain_slice(&slice).unwrap();
        explanation.contributions.fill(0.0);
        explanation.contributions[0] = -2.0;
        explanation.contributions[5 * explanation.columns + 5] = 1.0;
        let picture = explanation.over(&slice);
        let grey = |x: usize, y: usize| slice.grey()[y * slice.width() + x];
        for (x, y, pixel) in picture.enumerate_pixels() {
            let (x, y) = (x as usize, y as usize);
            let from_edge = |at: usize, first: isize| at as isize - first;
            let inside = [
                from_edge(x, explanation.crop.x),
                from_edge(y, explanation.crop.y),
            ]
            .iter()
            .all(|&from| (0..explanation.crop.side as isize).contains(&from));
            let strength = match explanation.place_at(x as f64 + 0.5, y as f64 + 0.5) {
                (0, 0) if inside => -1.0,
                (5, 5) if inside => 0.5,
                _ => 0.0,
            };
            assert_eq!(pixel.0, tint(grey(x, y), strength), "{x}, {y}");
        }
        let (x, y) = explanation.field.centre(0, 0);
        assert!(picture.get_pixel(x as u32, y as u32).0 != [grey(x as usize, y as usize); 3]);
    }
}
