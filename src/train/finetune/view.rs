//! Random views of a slice: turned, scaled, shifted, mirrored, in other windows, blurred, noisy.

use rand::{Rng, RngExt};

use super::network::GRID;
use super::stem::SIDE;

/// Largest changes; each is drawn evenly between itself and its opposite.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// Turn, radians.
    pub turn: f32,
    /// Logarithm of the scale.
    pub scale: f32,
    /// Logarithm of the aspect ratio's root.
    pub aspect: f32,
    /// Shift, as a fraction of half the side.
    pub shift: f32,
    /// Logarithm of the gain around mid-grey.
    pub gain: f32,
    /// Offset of grey levels, where white is 1.
    pub offset: f32,
    /// Logarithm of gamma.
    pub gamma: f32,
    /// How often a slice is blurred.
    pub blur: f64,
    /// Largest standard deviation of noise, where white is 1.
    pub noise: f32,
}

impl Changes {
    /// What slices of other hospitals differ by, and more.
    pub const STRONG: Self = Self {
        turn: 0.35,
        scale: 0.15,
        aspect: 0.06,
        shift: 0.08,
        gain: 0.25,
        offset: 0.1,
        gamma: 0.15,
        blur: 0.3,
        noise: 0.03,
    };
}

/// Grey levels below this are air, which stays black in every window.
const AIR: f32 = 0.02;
/// Mid-grey, around which the gain turns.
const MIDDLE: f32 = 0.45;

/// One view of a slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Takes coordinates of the view, −1 to 1, to those of the slice: two rows of x, y, 1.
    matrix: [[f32; 3]; 2],
    gain: f32,
    offset: f32,
    gamma: f32,
    blurred: bool,
    noise: f32,
}

impl View {
    /// The slice itself, or its mirror image.
    pub fn plain(mirror: bool) -> Self {
        let sign = if mirror { -1.0 } else { 1.0 };
        Self {
            matrix: [[sign, 0.0, 0.0], [0.0, 1.0, 0.0]],
            gain: 1.0,
            offset: 0.0,
            gamma: 1.0,
            blurred: false,
            noise: 0.0,
        }
    }

    /// A random one.
    pub fn random(changes: &Changes, rng: &mut impl Rng) -> Self {
        let mut within = |largest: f32| (rng.random::<f32>() * 2.0 - 1.0) * largest;
        let (turn, scale) = (within(changes.turn), within(changes.scale).exp());
        let aspect = within(changes.aspect).exp();
        let shift = [within(changes.shift), within(changes.shift)];
        let gain = within(changes.gain).exp();
        let offset = within(changes.offset);
        let gamma = within(changes.gamma).exp();
        let mirror = if rng.random_bool(0.5) { -1.0 } else { 1.0 };
        let (sin, cos) = (turn.sin() * scale, turn.cos() * scale);
        Self {
            matrix: [
                [cos * mirror * aspect, -sin * aspect, shift[0]],
                [sin * mirror / aspect, cos / aspect, shift[1]],
            ],
            gain,
            offset,
            gamma,
            blurred: rng.random_bool(changes.blur),
            noise: rng.random::<f32>() * changes.noise,
        }
    }

    /// Where a point of the view (fractions of its side) lies in the slice (likewise).
    pub fn source(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let (x, y) = (2.0 * x - 1.0, 2.0 * y - 1.0);
        self.matrix.map(|[a, b, c]| (a * x + b * y + c + 1.0) / 2.0)
    }

    /// The view of [`SIDE`]² grey levels, black outside, white is 1.
    pub fn apply(&self, grey: &[u8], rng: &mut impl Rng) -> Vec<f32> {
        let tones = self.tones();
        let mut seen = self.warp(grey);
        for value in &mut seen {
            *value = tones[(*value * TONES as f32 / 255.0) as usize];
        }
        if self.blurred {
            seen = blur(&seen);
        }
        if self.noise > 0.0 {
            // Four bytes of one random number make a sum of nearly normal distribution.
            let deviation = 4.0f32.sqrt() * 255.0 / 12.0f32.sqrt();
            for value in seen.iter_mut().filter(|value| **value > AIR) {
                let bytes = rng.random::<u32>().to_le_bytes();
                let sum: f32 = bytes.into_iter().map(f32::from).sum();
                *value = (*value + (sum - 510.0) / deviation * self.noise).clamp(0.0, 1.0);
            }
        }
        seen
    }

    /// The view as grey levels from 0 to 255, as a network reads them.
    pub fn apply_to_grey(&self, grey: &[u8], rng: &mut impl Rng) -> Vec<u8> {
        let seen = self.apply(grey, rng);
        seen.into_iter()
            .map(|v| (v * 255.0).round() as u8)
            .collect()
    }

    /// What each grey level becomes.
    fn tones(&self) -> Vec<f32> {
        let tone = |level: usize| {
            let value = level as f32 / TONES as f32;
            let offset = if value > AIR { self.offset } else { 0.0 };
            let value = (value - MIDDLE) * self.gain + MIDDLE + offset;
            value.clamp(0.0, 1.0).powf(self.gamma)
        };
        (0..=TONES).map(tone).collect()
    }

    /// Bilinear samples, 0 to 255; black outside.
    fn warp(&self, grey: &[u8]) -> Vec<f32> {
        // One black pixel before and two behind, so that every sample has four neighbours.
        const WIDE: usize = SIDE + 3;
        let mut padded = vec![0.0; WIDE * WIDE];
        let lines = padded.chunks_exact_mut(WIDE).skip(1);
        for (to, from) in lines.zip(grey.chunks_exact(SIDE)) {
            to[1..=SIDE]
                .iter_mut()
                .zip(from)
                .for_each(|(to, level)| *to = f32::from(*level));
        }
        let side = SIDE as f32;
        let to_pixels = |t: f32| (((t + 1.0) * side - 1.0) / 2.0).clamp(-1.0, side);
        let mut seen = Vec::with_capacity(SIDE * SIDE);
        let centre = |i: usize| (2.0 * i as f32 + 1.0) / side - 1.0;
        for row in 0..SIDE {
            let v = centre(row);
            seen.extend((0..SIDE).map(|column| {
                let u = centre(column);
                let [x, y] = self
                    .matrix
                    .map(|[a, b, c]| to_pixels(a * u + b * v + c) + 1.0);
                let (left, top) = (x as usize, y as usize);
                let (fx, fy) = (x - left as f32, y - top as f32);
                let at = top * WIDE + left;
                let four = &padded[at..at + WIDE + 2];
                let upper = four[0] * (1.0 - fx) + four[1] * fx;
                let lower = four[WIDE] * (1.0 - fx) + four[WIDE + 1] * fx;
                upper * (1.0 - fy) + lower * fy
            }));
        }
        seen
    }

    /// Which places of the last map, row by row, see one of the boxes (left, top, right, bottom in
    /// fractions of the slice) at their centre, or nearly.
    pub fn places(&self, boxes: &[[f32; 4]]) -> Vec<bool> {
        if boxes.is_empty() {
            return Vec::new();
        }
        let centre = |i: usize| (FIRST_CENTRE + CENTRES_APART * i as f32 + 0.5) / SIDE as f32;
        let places = (0..GRID.side).flat_map(|y| (0..GRID.side).map(move |x| (x, y)));
        let inside = |(x, y)| {
            let [x, y] = self.source([centre(x), centre(y)]);
            boxes.iter().any(|[left, top, right, bottom]| {
                (left - NEARLY..right + NEARLY).contains(&x)
                    && (top - NEARLY..bottom + NEARLY).contains(&y)
            })
        };
        places.map(inside).collect()
    }
}

/// Steps of a table of tones.
const TONES: usize = 1023;
/// Pixel at the centre of the field of the last map's first place, and the step to the next.
const FIRST_CENTRE: f32 = 15.0;
/// See [`FIRST_CENTRE`].
const CENTRES_APART: f32 = 16.0;
/// How far beside a box a place's centre may lie, as a fraction of the side: less than half a step.
const NEARLY: f32 = 0.02;

/// Means of 3×3 pixels; the border's neighbours are itself.
fn blur(image: &[f32]) -> Vec<f32> {
    let pass = |image: &[f32], step: usize, along: &dyn Fn(usize) -> usize| -> Vec<f32> {
        let mean = |(i, value): (usize, &f32)| {
            let at = along(i);
            let before = if at > 0 { image[i - step] } else { *value };
            let after = if at + 1 < SIDE {
                image[i + step]
            } else {
                *value
            };
            (before + value + after) / 3.0
        };
        image.iter().enumerate().map(mean).collect()
    };
    let across = pass(image, 1, &|i| i % SIDE);
    pass(&across, SIDE, &|i| i / SIDE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn picture() -> Vec<u8> {
        let level = |i: usize| ((i % SIDE * 3 + i / SIDE * 5) % 256) as u8;
        (0..SIDE * SIDE).map(level).collect()
    }

    #[test]
    fn the_plain_view_is_the_slice_and_the_mirrored_one_its_mirror_image() {
        let (grey, mut rng) = (picture(), ChaCha8Rng::seed_from_u64(1));
        for mirror in [false, true] {
            let seen = View::plain(mirror).apply(&grey, &mut rng);
            for row in 0..SIDE {
                for column in 0..SIDE {
                    let from = if mirror { SIDE - 1 - column } else { column };
                    let expected = f32::from(grey[row * SIDE + from]) / 255.0;
                    let found = seen[row * SIDE + column];
                    assert!((found - expected).abs() < 2e-3, "{found} {expected}");
                }
            }
        }
    }

    #[test]
    fn a_box_moves_with_the_view() {
        // A bright square, and the box around it: wherever the view puts the square, the places
        // whose centre is bright are those in the box.
        let square = |i: usize| match (i % SIDE, i / SIDE) {
            (60..140, 30..120) => 255,
            _ => 0,
        };
        let grey: Vec<u8> = (0..SIDE * SIDE).map(square).collect();
        let bleed = [60.0, 30.0, 140.0, 120.0].map(|v| v / SIDE as f32);
        let plain = Changes {
            gain: 0.0,
            offset: 0.0,
            gamma: 0.0,
            blur: 0.0,
            noise: 0.0,
            ..Changes::STRONG
        };
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for _ in 0..20 {
            let view = View::random(&plain, &mut rng);
            let seen = view.apply(&grey, &mut rng);
            let places = view.places(&[bleed]);
            let count = places.iter().filter(|p| **p).count();
            assert!((15..60).contains(&count), "{count}");
            for (place, inside) in places.iter().enumerate() {
                let (y, x) = (15 + 16 * (place / 13), 15 + 16 * (place % 13));
                if seen[y * SIDE + x] > 0.99 {
                    assert!(inside);
                }
            }
        }
        assert!(View::plain(false).places(&[]).is_empty());
    }
}
