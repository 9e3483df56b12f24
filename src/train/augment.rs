//! Altered copies of an input, so that a network learns what does not matter.

use rand::{Rng, RngExt};

/// Copies of each slice in the paper (its section 5.2), the slice itself included.
pub const PAPER_COPIES: usize = 5;

/// The paper's copies: 0 is the slice, 1 its mirror image, 2 to 4 the slice turned by 70, 160 and
/// 270 degrees.
///
/// # Panics
/// When there is no such copy.
pub fn paper_copy(number: usize) -> Alteration {
    let (mirror, degrees) = [
        (false, 0.0),
        (true, 0.0),
        (false, 70.0),
        (false, 160.0),
        (false, 270.0),
    ][number];
    Alteration {
        mirror,
        degrees,
        ..Alteration::NONE
    }
}

/// One alteration of a square grey image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alteration {
    /// Left–right mirror.
    pub mirror: bool,
    /// Turn, degrees counter-clockwise.
    pub degrees: f32,
    /// Magnification.
    pub scale: f32,
    /// Shift, share of the side.
    pub shift: [f32; 2],
    /// Contrast around mid-grey and brightness in grey levels.
    pub contrast: f32,
    /// See [`Alteration::contrast`].
    pub brightness: f32,
}

impl Alteration {
    /// The image itself.
    pub const NONE: Self = Self {
        mirror: false,
        degrees: 0.0,
        scale: 1.0,
        shift: [0.0, 0.0],
        contrast: 1.0,
        brightness: 0.0,
    };

    /// A random one.
    pub fn random(rng: &mut impl Rng) -> Self {
        Self {
            mirror: rng.random_bool(0.5),
            degrees: rng.random_range(-18.0..18.0),
            scale: rng.random_range(0.85..1.15),
            shift: [rng.random_range(-0.05..0.05), rng.random_range(-0.05..0.05)],
            contrast: rng.random_range(0.75..1.35),
            brightness: rng.random_range(-18.0..18.0),
        }
    }

    /// The same without contrast and brightness.
    pub fn geometry(&self) -> Self {
        Self {
            contrast: 1.0,
            brightness: 0.0,
            ..*self
        }
    }

    /// The altered image, bilinear, black outside.
    pub fn apply(&self, grey: &[u8], side: usize) -> Vec<u8> {
        let (sin, cos) = self.degrees.to_radians().sin_cos();
        let centre = (side as f32 - 1.0) / 2.0;
        let at = |x: isize, y: isize| {
            let inside = |v: isize| (0..side as isize).contains(&v);
            if inside(x) && inside(y) {
                f32::from(grey[y as usize * side + x as usize])
            } else {
                0.0
            }
        };
        let mut out = Vec::with_capacity(grey.len());
        for y in 0..side {
            for x in 0..side {
                let dx = (x as f32 - centre) / self.scale - self.shift[0] * side as f32;
                let dy = (y as f32 - centre) / self.scale - self.shift[1] * side as f32;
                let u = cos * dx - sin * dy;
                let u = centre + if self.mirror { -u } else { u };
                let v = centre + sin * dx + cos * dy;
                let (i, j) = (u.floor() as isize, v.floor() as isize);
                let (fu, fv) = (u - u.floor(), v - v.floor());
                let top = at(i, j) * (1.0 - fu) + at(i + 1, j) * fu;
                let low = at(i, j + 1) * (1.0 - fu) + at(i + 1, j + 1) * fu;
                let level = top * (1.0 - fv) + low * fv;
                out.push(self.regrade(level).round() as u8);
            }
        }
        out
    }

    /// Contrast and brightness as another window would give them; air and bone stay clipped.
    fn regrade(&self, level: f32) -> f32 {
        const MID_GREY: f32 = 110.0;
        if !(1.0..=254.0).contains(&level) {
            return level;
        }
        (MID_GREY + (level - MID_GREY) * self.contrast + self.brightness).clamp(0.0, 255.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_alteration_changes_nothing_and_a_mirror_mirrors() {
        let side = 9;
        let grey: Vec<u8> = (0..81).map(|i| (i * 3) as u8).collect();
        assert_eq!(Alteration::NONE.apply(&grey, side), grey);
        let mirrored = paper_copy(1).apply(&grey, side);
        for y in 0..side {
            for x in 0..side {
                assert_eq!(mirrored[y * side + x], grey[y * side + side - 1 - x]);
            }
        }
    }

    #[test]
    fn a_quarter_turn_is_counter_clockwise() {
        let side = 3;
        let turned = Alteration {
            degrees: 90.0,
            ..Alteration::NONE
        }
        .apply(&[10, 20, 30, 40, 50, 60, 70, 80, 90], side);
        assert_eq!(turned, [30, 60, 90, 20, 50, 80, 10, 40, 70]);
    }

    #[test]
    fn the_papers_five_copies_are_the_slice_its_mirror_image_and_three_turns() {
        let copies: Vec<Alteration> = (0..PAPER_COPIES).map(paper_copy).collect();
        assert_eq!(copies[0], Alteration::NONE);
        assert!(copies[1].mirror);
        let degrees: Vec<f32> = copies.iter().map(|c| c.degrees).collect();
        assert_eq!(degrees, [0.0, 0.0, 70.0, 160.0, 270.0]);
    }
}
