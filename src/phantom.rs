//! Head-CT phantoms that we draw ourselves: samples for the page, inputs for tests on a machine
//! without patient data. Only `+ − × ÷ √` on floats, so that every platform draws the same pixels.
//!
//! Densities are in Hounsfield units, shown through the brain window (level 40, width 80).
//!
//! ```
//! use haemolens::phantom::{self, Kind};
//!
//! let bmp = phantom::draw(Kind::Subdural).to_bmp()?;
//! assert!(bmp.starts_with(b"BM"));
//! # Ok::<(), haemolens::Error>(())
//! ```

use std::io::Cursor;
use std::str::FromStr;

use image::{GrayImage, ImageFormat};

use crate::Error;
use crate::slice::Slice;

/// Side of a phantom, pixels.
pub const SIDE: usize = 512;

/// What is drawn.
///
/// ```
/// use haemolens::phantom::Kind;
///
/// assert_eq!("subdural".parse::<Kind>()?, Kind::Subdural);
/// let error = "epidural".parse::<Kind>().unwrap_err();
/// assert!(error.to_string().contains("intraparenchymal"), "it says what there is");
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No blood.
    Normal,
    /// A blood-filled cavity in the brain tissue with a rim of oedema, pressing on the ventricle.
    Intraparenchymal,
    /// A crescent of blood between skull and brain, pushing the midline aside.
    Subdural,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Intraparenchymal, Self::Subdural];

    /// Its name in JavaScript, on the command line and in file names.
    ///
    /// ```
    /// use haemolens::phantom::Kind;
    ///
    /// let names = Kind::ALL.map(Kind::name);
    /// assert_eq!(names, ["normal", "intraparenchymal", "subdural"]);
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Intraparenchymal => "intraparenchymal",
            Self::Subdural => "subdural",
        }
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| {
                Error::Internal(format!(
                    "There is no phantom “{name}”; there are normal, intraparenchymal, subdural."
                ))
            })
    }
}

// Hounsfield units.
const AIR: f32 = -1000.0;
const FAT: f32 = -80.0;
const SKIN: f32 = 35.0;
const BONE: f32 = 900.0;
/// Fluid in narrow ventricles, which share their slice with brain.
const FLUID: f32 = 18.0;
const WHITE_MATTER: f32 = 29.5;
const GREY_MATTER: f32 = 34.0;
const FALX: f32 = 44.0;
const OEDEMA: f32 = 24.0;
const BLOOD: f32 = 64.0;

/// Densities outside this range look alike in the window; clipping them keeps the scanner's blur
/// from spreading bone.
const SEEN: std::ops::RangeInclusive<f32> = -20.0..=110.0;

/// Draws a phantom.
///
/// ```
/// use haemolens::phantom::{self, Kind};
///
/// let [normal, bleeding] =
///     [Kind::Normal, Kind::Intraparenchymal].map(|kind| phantom::draw(kind).into_slice());
/// // Blood is brighter than the brain that it displaces.
/// let pixel = 252 * phantom::SIDE + 318;
/// assert!(bleeding.grey()[pixel] > normal.grey()[pixel]);
/// ```
pub fn draw(kind: Kind) -> Phantom {
    let mut image: Vec<f32> = (0..SIDE * SIDE)
        .map(|i| density(kind, (i % SIDE) as f32 + 0.5, (i / SIDE) as f32 + 0.5))
        .map(|hounsfield| hounsfield.clamp(*SEEN.start(), *SEEN.end()))
        .collect();
    for _ in 0..3 {
        image = blur(&image);
    }
    let noisy = image.iter().enumerate().map(|(i, &h)| {
        // Quantum noise shows where the window does not clip.
        let clipped = h <= *SEEN.start() || h >= 80.0;
        let grain = if clipped {
            0.0
        } else {
            grain(i % SIDE, i / SIDE)
        };
        to_grey(h + grain) as u8
    });
    Phantom {
        grey: noisy.collect(),
    }
}

/// The scanner's point spread: weights 1, 2, 1 along rows, then along columns.
fn blur(image: &[f32]) -> Vec<f32> {
    let mut out = image.to_vec();
    for step in [1, SIDE] {
        let from = out.clone();
        for i in step..out.len() - step {
            out[i] = 0.25 * (from[i - step] + from[i + step]) + 0.5 * from[i];
        }
    }
    out
}

/// A drawn phantom, `SIDE × SIDE` grey levels.
///
/// ```
/// use haemolens::phantom::{self, Kind};
///
/// let phantom = phantom::draw(Kind::Normal);
/// assert!(phantom.to_bmp()?.len() > phantom::SIDE * phantom::SIDE);
/// let slice = phantom.into_slice();
/// assert_eq!(slice.grey()[0], 0, "air around the head is black");
/// # Ok::<(), haemolens::Error>(())
/// ```
pub struct Phantom {
    grey: Vec<u8>,
}

impl Phantom {
    /// As a slice.
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let slice = phantom::draw(Kind::Normal).into_slice();
    /// assert_eq!((slice.width(), slice.height()), (phantom::SIDE, phantom::SIDE));
    /// ```
    pub fn into_slice(self) -> Slice {
        Slice::new(SIDE, SIDE, self.grey).expect("a phantom is a full square")
    }

    /// As the bytes of a BMP file, which the page and the tests read like any other.
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Slice;
    ///
    /// let phantom = phantom::draw(Kind::Subdural);
    /// assert_eq!(Slice::from_bytes(&phantom.to_bmp()?)?, phantom.into_slice());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Internal`] when it cannot be written.
    pub fn to_bmp(&self) -> Result<Vec<u8>, Error> {
        let internal = |e: String| Error::Internal(e);
        let image = GrayImage::from_raw(SIDE as u32, SIDE as u32, self.grey.clone())
            .ok_or_else(|| internal("a phantom is a full square".into()))?;
        let mut out = Cursor::new(Vec::new());
        image
            .write_to(&mut out, ImageFormat::Bmp)
            .map_err(|e| internal(e.to_string()))?;
        Ok(out.into_inner())
    }
}

/// The brain window: Hounsfield units 0–80 → grey 0–255.
fn to_grey(hounsfield: f32) -> f32 {
    (hounsfield * (255.0 / 80.0)).clamp(0.0, 255.0)
}

/// An ellipse with half-axes in pixels.
struct Ellipse {
    x: f32,
    y: f32,
    a: f32,
    b: f32,
}

impl Ellipse {
    /// 0 at the centre, 1 on the outline, growing outwards.
    fn radius(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = ((x - self.x) / self.a, (y - self.y) / self.b);
        (dx * dx + dy * dy).sqrt()
    }

    fn contains(&self, x: f32, y: f32) -> bool {
        self.radius(x, y) < 1.0
    }
}

/// Centre of the head and inner outline of its skull.
const INNER: Ellipse = Ellipse {
    x: 256.0,
    y: 246.0,
    a: 132.0,
    b: 166.0,
};
/// Thickness of the scalp, pixels.
const SCALP: f32 = 10.0;

/// Thickness of the skull, pixels: each phantom is a head of its own, and skulls differ.
fn skull_thickness(kind: Kind) -> f32 {
    match kind {
        Kind::Normal => 26.0,
        Kind::Intraparenchymal | Kind::Subdural => 15.0,
    }
}

/// Hounsfield units at a point (pixels, y down, nose up).
fn density(kind: Kind, x: f32, y: f32) -> f32 {
    // Distance outwards from the inner table of the skull; heads narrow towards the forehead, and
    // none is smooth.
    let wobble = 6.0 * (smooth_noise(x, y, 90.0, 1) - 0.5);
    let narrowing = 1.0 + 0.13 * (y - INNER.y) / INNER.b;
    let outward = (INNER.radius(INNER.x + (x - INNER.x) / narrowing, y) - 1.0) * INNER.a + wobble;
    let skull = skull_thickness(kind) + 4.0 * (smooth_noise(x, y, 60.0, 2) - 0.5);
    if outward > skull + SCALP {
        return table(x, y);
    }
    if outward > skull + SCALP - 2.0 {
        return SKIN;
    }
    if outward > skull {
        return FAT;
    }
    if outward > 0.0 {
        return BONE;
    }
    intracranial(kind, x, y, -outward)
}

/// The cradle under the head.
fn table(x: f32, y: f32) -> f32 {
    let cradle = Ellipse {
        x: 256.0,
        y: 210.0,
        a: 262.0,
        b: 262.0,
    };
    let radius = cradle.radius(x, y);
    if y > 330.0 && radius > 1.0 && radius < 1.012 {
        BONE
    } else {
        AIR
    }
}

/// Inside the skull; `depth` is the distance from the inner table, pixels.
fn intracranial(kind: Kind, x: f32, y: f32, depth: f32) -> f32 {
    if kind == Kind::Subdural && subdural_crescent(x, y, depth) {
        return BLOOD + 8.0 * (smooth_noise(x, y, 14.0, 3) - 0.5);
    }
    // The mass pushes the midline away from itself.
    let shift = match kind {
        Kind::Normal => 0.0,
        Kind::Intraparenchymal => 5.0,
        Kind::Subdural => -9.0,
    };
    let bulge = (1.0 - ((y - INNER.y) / INNER.b) * ((y - INNER.y) / INNER.b)).max(0.0);
    let brain_x = x - shift * bulge;
    if kind == Kind::Intraparenchymal {
        match haematoma_radius(x, y) {
            r if r < 1.0 => return BLOOD + 10.0 * (smooth_noise(x, y, 12.0, 4) - 0.5),
            r if r < 1.28 => return OEDEMA,
            _ => {}
        }
    }
    let from_midline = (brain_x - INNER.x).abs();
    // The falx stands in the front and back of the fissure.
    if from_midline < 1.2 && !(INNER.y - 70.0..=INNER.y + 75.0).contains(&y) {
        return FALX;
    }
    if ventricle(kind, brain_x, y) {
        return FLUID;
    }
    parenchyma(brain_x, y, depth, from_midline)
}

/// Grey and white matter, mottled, with sulci that fade inwards from the rim.
fn parenchyma(x: f32, y: f32, depth: f32, from_midline: f32) -> f32 {
    let folds = smooth_noise(x, y, 13.0, 5);
    let cortex = depth < 8.0 + 42.0 * folds || from_midline < 8.0 + 14.0 * folds;
    let tissue = if cortex { GREY_MATTER } else { WHITE_MATTER };
    let sulcus = (0.36 - folds).max(0.0) * (1.0 - depth / 40.0).max(0.0);
    let mottle = smooth_noise(x, y, 30.0, 6) + smooth_noise(x, y, 9.0, 9) - 1.0;
    tissue + 3.0 * mottle - 36.0 * sulcus
}

/// The bodies of the lateral ventricles.
fn ventricle(kind: Kind, x: f32, y: f32) -> bool {
    [-1.0, 1.0].into_iter().any(|side| {
        // Blood (right in the image, or left for the subdural) squeezes the one beside it.
        let squeeze = match (kind, side > 0.0) {
            (Kind::Intraparenchymal, true) => 0.45,
            (Kind::Subdural, false) => 0.6,
            _ => 1.0,
        };
        let bend = side * (y - INNER.y) * (y - INNER.y) * 0.004;
        Ellipse {
            x: INNER.x + side * 21.0 + bend,
            y: INNER.y - 4.0,
            a: 6.0 * squeeze,
            b: 34.0,
        }
        .contains(x, y)
    })
}

/// Below 1 inside the intraparenchymal haematoma, around it the oedema.
fn haematoma_radius(x: f32, y: f32) -> f32 {
    let ragged = 0.35 * (smooth_noise(x, y, 26.0, 7) - 0.5);
    let cavity = Ellipse {
        x: INNER.x + 62.0,
        y: INNER.y + 6.0,
        a: 33.0,
        b: 44.0,
    };
    cavity.radius(x, y) + ragged
}

/// Whether a point lies in the subdural blood along the left of the image.
fn subdural_crescent(x: f32, y: f32, depth: f32) -> bool {
    let along = (y - (INNER.y - 10.0)) / 130.0;
    let thickness = 27.0 * (1.0 - along * along) + 3.0 * (smooth_noise(x, y, 20.0, 8) - 0.5);
    x < INNER.x && depth < thickness
}

/// Noise of one pixel, Hounsfield units: a fine and a coarser grain, as filtered back-projection
/// leaves them.
fn grain(x: usize, y: usize) -> f32 {
    let fine: f32 = (0..4)
        .map(|k| lattice(x as i32, y as i32, 20 + k) - 0.5)
        .sum();
    let coarse = smooth_noise(x as f32, y as f32, 2.6, 30) - 0.5;
    2.8 * fine + 12.0 * coarse
}

/// Value noise, 0–1: random values on a lattice of the given pitch (pixels), smoothly blended.
fn smooth_noise(x: f32, y: f32, pitch: f32, seed: u32) -> f32 {
    let (u, v) = (x / pitch, y / pitch);
    let (i, j) = (u.floor(), v.floor());
    let (fx, fy) = (smoothstep(u - i), smoothstep(v - j));
    let (i, j) = (i as i32, j as i32);
    let blend = |a: f32, b: f32, t: f32| a + (b - a) * t;
    blend(
        blend(lattice(i, j, seed), lattice(i + 1, j, seed), fx),
        blend(lattice(i, j + 1, seed), lattice(i + 1, j + 1, seed), fx),
        fy,
    )
}

fn smoothstep(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

/// A uniform value, 0–1, for a lattice point: a 32-bit integer hash.
fn lattice(i: i32, j: i32, seed: u32) -> f32 {
    let mut h = (i as u32).wrapping_mul(0x9e37_79b1)
        ^ (j as u32).wrapping_mul(0x85eb_ca77)
        ^ seed.wrapping_mul(0xc2b2_ae3d);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2c1b_3c6d);
    h ^= h >> 12;
    h = h.wrapping_mul(0x297a_2d39);
    h ^= h >> 15;
    (h >> 8) as f32 / (1 << 24) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean grey level of a small square.
    fn mean(phantom: &Phantom, x: usize, y: usize) -> f32 {
        let around = (y - 3..=y + 3).flat_map(|y| (x - 3..=x + 3).map(move |x| (x, y)));
        around
            .map(|(x, y)| f32::from(phantom.grey[y * SIDE + x]))
            .sum::<f32>()
            / 49.0
    }

    #[test]
    fn blood_is_where_it_was_drawn_and_nowhere_else() {
        let [normal, intraparenchymal, subdural] = Kind::ALL.map(draw);
        let (cavity, rim) = ((318, 252), (140, 236));
        assert!(mean(&intraparenchymal, cavity.0, cavity.1) > 170.0);
        assert!(mean(&subdural, rim.0, rim.1) > 170.0);
        for (x, y) in [cavity, rim] {
            assert!(mean(&normal, x, y) < 140.0);
        }
        assert!(mean(&intraparenchymal, rim.0, rim.1) < 140.0);
        assert!(mean(&subdural, cavity.0, cavity.1) < 140.0);
    }

    #[test]
    fn a_phantom_reads_back_as_it_was_drawn() {
        let phantom = draw(Kind::Subdural);
        let read = Slice::from_bytes(&phantom.to_bmp().unwrap()).unwrap();
        assert_eq!(read, phantom.into_slice());
    }
}
