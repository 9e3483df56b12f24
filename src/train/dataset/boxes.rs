//! Boxes around bleeds.

use crate::HaemorrhageKind;
use crate::preprocess::Crop;

/// A box around a bleed. Lengths are fractions of a picture, x to the right and y downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BleedBox {
    /// What bleeds.
    pub kind: HaemorrhageKind,
    /// Its middle, x and y.
    pub centre: [f64; 2],
    /// Width and height.
    pub size: [f64; 2],
}

impl BleedBox {
    /// Reads a cell of a table: boxes apart by `;`, each `SDH 0.26 0.61 0.20 0.44`: kind, centre x
    /// and y, width, height.
    ///
    /// ```
    /// use haemolens::HaemorrhageKind;
    /// use haemolens::train::dataset::BleedBox;
    ///
    /// let boxes = BleedBox::read("SDH 0.25 0.5 0.125 0.25; IVH 0.5 0.5 0.25 0.25")?;
    /// assert_eq!(boxes.len(), 2);
    /// assert_eq!(boxes[0].kind, HaemorrhageKind::Subdural);
    /// assert!(boxes[0].holds([0.3, 0.6]) && !boxes[0].holds([0.5, 0.5]));
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn read(cell: &str) -> std::result::Result<Vec<Self>, String> {
        let boxes = cell.split(';').map(str::trim).filter(|b| !b.is_empty());
        boxes.map(Self::read_one).collect()
    }

    fn read_one(text: &str) -> std::result::Result<Self, String> {
        let wrong = || format!("“{text}” is no box: kind, centre x and y, width, height");
        let words: Vec<&str> = text.split_whitespace().collect();
        let [kind, numbers @ ..] = &words[..] else {
            return Err(wrong());
        };
        let kind = HaemorrhageKind::from_code(kind);
        let numbers = numbers.iter().map(|n| n.parse::<f64>().ok());
        let numbers: Option<Vec<f64>> = numbers.collect();
        let (Some(kind), Some(&[x, y, width, height])) = (kind, numbers.as_deref()) else {
            return Err(wrong());
        };
        let sound = [x, y].iter().all(|c| (0.0..=1.0).contains(c))
            && [width, height].iter().all(|s| *s > 0.0 && *s <= 1.0);
        if !sound {
            return Err(format!("“{text}” does not lie in its picture"));
        }
        Ok(Self {
            kind,
            centre: [x, y],
            size: [width, height],
        })
    }

    /// The same box in fractions of a square that was cut out of its picture, which is `image` pixels
    /// wide and high. It may reach past the square.
    ///
    /// ```
    /// use haemolens::preprocess::Crop;
    /// use haemolens::train::dataset::BleedBox;
    ///
    /// let whole = BleedBox::read("SDH 0.5 0.25 0.25 0.5")?[0];
    /// // The right half of a picture of 200×100 pixels.
    /// let inside = whole.in_crop(Crop { x: 100, y: 0, side: 100 }, [200, 100]);
    /// assert_eq!((inside.centre, inside.size), ([0.0, 0.25], [0.5, 0.5]));
    /// # Ok::<(), String>(())
    /// ```
    pub fn in_crop(&self, crop: Crop, image: [usize; 2]) -> Self {
        let (corner, side) = ([crop.x, crop.y], crop.side as f64);
        let pixels = |fraction: f64, axis: usize| fraction * image[axis] as f64;
        let place = |axis: usize| (pixels(self.centre[axis], axis) - corner[axis] as f64) / side;
        let length = |axis: usize| pixels(self.size[axis], axis) / side;
        Self {
            kind: self.kind,
            centre: [place(0), place(1)],
            size: [length(0), length(1)],
        }
    }

    /// The box with its edges moved outwards by `by`, a fraction of the picture.
    ///
    /// ```
    /// use haemolens::train::dataset::BleedBox;
    ///
    /// let wide = BleedBox::read("IPH 0.5 0.5 0.25 0.25")?[0].widened(0.125);
    /// assert_eq!(wide.size, [0.5, 0.5]);
    /// # Ok::<(), String>(())
    /// ```
    pub fn widened(&self, by: f64) -> Self {
        Self {
            size: self.size.map(|length| length + 2.0 * by),
            ..*self
        }
    }

    /// The fraction of the picture that lies in one of the boxes or in several.
    ///
    /// ```
    /// use haemolens::train::dataset::BleedBox;
    ///
    /// // The second lies within the first, and half of the third beside the picture.
    /// let boxes = BleedBox::read("IPH 0.5 0.5 0.5 0.5; IVH 0.5 0.5 0.1 0.1; SDH 1 0.125 0.5 0.25")?;
    /// assert_eq!(BleedBox::covered(&boxes), 0.25 + 0.0625);
    /// # Ok::<(), String>(())
    /// ```
    pub fn covered(boxes: &[Self]) -> f64 {
        let ends = |b: &Self, axis: usize| {
            let half = b.size[axis] / 2.0;
            [b.centre[axis] - half, b.centre[axis] + half].map(|end| end.clamp(0.0, 1.0))
        };
        let cuts = |axis: usize| {
            let mut cuts: Vec<f64> = boxes.iter().flat_map(|b| ends(b, axis)).collect();
            cuts.sort_by(f64::total_cmp);
            cuts
        };
        let (across, down) = (cuts(0), cuts(1));
        let mut area = 0.0;
        for x in across.windows(2) {
            for y in down.windows(2) {
                let middle = [f64::midpoint(x[0], x[1]), f64::midpoint(y[0], y[1])];
                if boxes.iter().any(|b| b.holds(middle)) {
                    area += (x[1] - x[0]) * (y[1] - y[0]);
                }
            }
        }
        area
    }

    /// Whether a place lies in it, the edges included.
    pub fn holds(&self, [x, y]: [f64; 2]) -> bool {
        let near =
            |place: f64, axis: usize| (place - self.centre[axis]).abs() <= self.size[axis] / 2.0;
        near(x, 0) && near(y, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_box_is_told() {
        for (cell, told) in [
            ("SDH 0.1 0.2 0.3", "is no box"),
            ("ICH 0.1 0.2 0.3 0.4", "is no box"),
            ("SDH 0.1 0.2 0.3 x", "is no box"),
            ("SDH 1.1 0.2 0.3 0.4", "does not lie"),
            ("SDH 0.1 0.2 0 0.4", "does not lie"),
            ("SDH 0.1 NaN 0.1 0.4", "does not lie"),
        ] {
            let error = BleedBox::read(cell).unwrap_err();
            assert!(error.contains(told), "{cell}: {error}");
        }
        assert!(BleedBox::read(" ; ").unwrap().is_empty());
    }

    #[test]
    fn the_middle_of_a_crop_is_its_middle_wherever_it_begins() {
        let all = BleedBox::read("IPH 0.5 0.5 1 1").unwrap()[0];
        let crop = Crop {
            x: -50,
            y: -100,
            side: 600,
        };
        let inside = all.in_crop(crop, [500, 400]);
        assert_eq!(inside.centre, [0.5, 0.5]);
        assert!((inside.size[0] - 5.0 / 6.0).abs() < 1e-12);
        assert!((inside.size[1] - 4.0 / 6.0).abs() < 1e-12);
    }
}
