//! Altered copies of an input, so that a network learns what does not matter.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Which altered copies of each slice are made; copy 0 is the slice itself, copy 1 its mirror
/// image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Copies {
    /// The paper's five (its section 5.2): the slice, its mirror image, and the slice turned by
    /// 70, 160 and 270 degrees.
    Paper,
    /// After the first two, copies drawn at random.
    Drawn {
        /// How many in all.
        count: usize,
        /// Seed of what is drawn.
        seed: u64,
    },
}

impl Copies {
    /// Turns of the paper's copies 2 to 4, degrees counter-clockwise.
    const TURNS: [f32; 3] = [70.0, 160.0, 270.0];

    /// Its name in cached files.
    pub fn name(self) -> String {
        match self {
            Self::Paper => "paper".into(),
            Self::Drawn { seed, .. } => format!("drawn-{seed}"),
        }
    }

    /// Copies of each slice, itself included.
    pub fn count(self) -> usize {
        match self {
            Self::Paper => 2 + Self::TURNS.len(),
            Self::Drawn { count, .. } => count,
        }
    }

    /// Copy `number` of slice `index`; what is drawn depends on seed, slice and number alone, so
    /// that a cached copy never goes stale.
    pub fn alteration(self, index: usize, number: usize) -> Alteration {
        match self {
            Self::Paper if number >= 2 => Alteration {
                degrees: Self::TURNS[number - 2],
                ..Alteration::NONE
            },
            Self::Drawn { seed, .. } if number >= 2 => {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(((index as u64) << 16) | number as u64);
                Alteration::random(&mut rng)
            }
            _ => Alteration {
                mirror: number == 1,
                ..Alteration::NONE
            },
        }
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
        let mirrored = Copies::Paper.alteration(0, 1).apply(&grey, side);
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
    fn drawn_copies_are_reproducible_and_differ() {
        let drawn = Copies::Drawn { count: 8, seed: 7 };
        assert_eq!(drawn.alteration(3, 4), drawn.alteration(3, 4));
        assert_ne!(drawn.alteration(3, 4), drawn.alteration(4, 4));
        assert_ne!(drawn.alteration(3, 4), drawn.alteration(3, 6));
    }

    #[test]
    fn the_papers_five_copies_are_the_slice_its_mirror_image_and_three_turns() {
        let copies: Vec<Alteration> = (0..Copies::Paper.count())
            .map(|number| Copies::Paper.alteration(6, number))
            .collect();
        assert_eq!(copies.len(), 5);
        assert_eq!(copies[0], Alteration::NONE);
        assert!(copies[1].mirror);
        let degrees: Vec<f32> = copies.iter().map(|c| c.degrees).collect();
        assert_eq!(degrees, [0.0, 0.0, 70.0, 160.0, 270.0]);
    }
}
