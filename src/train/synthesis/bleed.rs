//! The five kinds of bleeding, drawn.

use std::f32::consts::{PI, TAU};

use rand::{Rng, RngExt};

use crate::train::augment::Alteration;

use super::intracranial::{Intracranial, flood, members, smooth};

/// A kind of intracranial haemorrhage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bleed {
    /// A lens between skull and dura.
    Extradural,
    /// A crescent along the inside of the skull.
    Subdural,
    /// A blob in the brain, often with a rim of oedema.
    Intraparenchymal,
    /// Blood in a ventricle, layered at the back of a patient who lies on it.
    Intraventricular,
    /// Blood in the furrows of the brain's surface.
    Subarachnoid,
}

/// A slice with drawn blood.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// The image, row-major.
    pub grey: Vec<u8>,
    /// Share of blood in each pixel, 0–1.
    pub blood: Vec<f32>,
}

impl Drawing {
    /// Grey levels and blood after an alteration of the slice.
    pub fn altered(&self, alteration: &Alteration, side: usize) -> (Vec<u8>, Vec<f32>) {
        let blood: Vec<u8> = self.blood.iter().map(|b| (b * 255.0) as u8).collect();
        let blood = alteration.geometry().apply(&blood, side);
        (
            alteration.apply(&self.grey, side),
            blood.into_iter().map(|b| f32::from(b) / 255.0).collect(),
        )
    }
}

/// Fewest pixels of a drawing that are visibly brighter.
const SMALLEST: usize = 12;
/// Grey levels that can be seen.
const VISIBLE: u8 = 10;
/// Tries before a slice is given up for a kind that finds no place in it.
const TRIES: usize = 6;

impl Bleed {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Extradural,
        Self::Subdural,
        Self::Intraparenchymal,
        Self::Intraventricular,
        Self::Subarachnoid,
    ];

    /// Draws a bleed of this kind with random place, size, shape and density; nothing where the
    /// slice offers it no place (no ventricle, say).
    pub fn draw(self, space: &Intracranial, grey: &[u8], rng: &mut impl Rng) -> Option<Drawing> {
        for _ in 0..TRIES {
            let mut canvas = Canvas::new(space, grey);
            match self {
                Self::Extradural => canvas.along_skull(rng, Crest::LENS),
                Self::Subdural => canvas.along_skull(rng, Crest::CRESCENT),
                Self::Intraparenchymal => canvas.blob(rng),
                Self::Intraventricular => canvas.ventricle(rng),
                Self::Subarachnoid => canvas.furrows(rng),
            }
            let drawing = canvas.finish(rng);
            // Blood that the skull's blurred edge hides would be a wrong label.
            let seen = |(new, old): (&u8, &u8)| new.saturating_sub(*old) >= VISIBLE;
            if drawing.grey.iter().zip(grey).filter(|&p| seen(p)).count() >= SMALLEST {
                return Some(drawing);
            }
        }
        None
    }
}

/// How a bleed along the skull is shaped.
struct Crest {
    /// Half its length, radians around the centre.
    reach: std::ops::Range<f32>,
    /// Largest thickness, pixels.
    thickness: std::ops::Range<f32>,
    /// Exponent of the parabola: 1 a lens, less a crescent.
    flatness: f32,
}

impl Crest {
    const LENS: Self = Self {
        reach: 0.14..0.5,
        thickness: 3.0..17.0,
        flatness: 1.0,
    };
    const CRESCENT: Self = Self {
        reach: 0.35..1.5,
        thickness: 1.8..9.0,
        flatness: 0.45,
    };
}

struct Canvas<'a> {
    space: &'a Intracranial,
    grey: &'a [u8],
    blood: Vec<f32>,
    /// Grey levels taken off around the blood.
    oedema: Vec<f32>,
}

/// 0 below `-1`, 1 above `1`, smooth between.
fn soft_step(x: f32) -> f32 {
    let t = ((x + 1.0) / 2.0).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A smooth closed outline: 1 on average, wavy.
struct Waves([(f32, f32); 4]);

impl Waves {
    fn new(rng: &mut impl Rng, height: f32) -> Self {
        let mut frequency = 1.0;
        Self([(); 4].map(|()| {
            frequency += 1.0;
            (
                rng.random_range(0.0..height) / frequency,
                rng.random_range(0.0..TAU),
            )
        }))
    }

    fn at(&self, angle: f32) -> f32 {
        let waves = self.0.iter().zip(2u8..);
        1.0 + waves
            .map(|((height, phase), k)| height * (f32::from(k) * angle + phase).cos())
            .sum::<f32>()
    }
}

impl<'a> Canvas<'a> {
    fn new(space: &'a Intracranial, grey: &'a [u8]) -> Self {
        Self {
            space,
            grey,
            blood: vec![0.0; grey.len()],
            oedema: vec![0.0; grey.len()],
        }
    }

    fn position(&self, i: usize) -> (f32, f32) {
        ((i % self.space.side) as f32, (i / self.space.side) as f32)
    }

    fn some_pixel(&self, rng: &mut impl Rng, fits: impl Fn(usize) -> bool) -> Option<usize> {
        let candidates: Vec<usize> = members(&self.space.inside).filter(|&i| fits(i)).collect();
        (!candidates.is_empty()).then(|| candidates[rng.random_range(0..candidates.len())])
    }

    fn along_skull(&mut self, rng: &mut impl Rng, crest: Crest) {
        let middle = rng.random_range(-PI..PI);
        let reach = rng.random_range(crest.reach);
        // Thin ones are commoner, and harder.
        let share: f32 = rng.random::<f32>().powi(2);
        let thickness =
            crest.thickness.start + share * (crest.thickness.end - crest.thickness.start);
        let waves = Waves::new(rng, 0.25);
        let edge = rng.random_range(0.6..1.4);
        for i in members(&self.space.inside) {
            let (x, y) = self.position(i);
            let angle = (y - self.space.centre.1).atan2(x - self.space.centre.0);
            let away = (angle - middle + PI).rem_euclid(TAU) - PI;
            let along = 1.0 - (away / reach).powi(2);
            if along > 0.0 {
                let local = thickness * along.powf(crest.flatness) * waves.at(3.0 * angle);
                self.blood[i] = soft_step((local - self.space.depth[i]) / edge);
            }
        }
    }

    fn blob(&mut self, rng: &mut impl Rng) {
        let radius = 2.5 + 19.0 * rng.random::<f32>().powi(2);
        let Some(centre) = self.some_pixel(rng, |i| self.space.depth[i] > 2.0 + radius * 0.4)
        else {
            return;
        };
        let (cx, cy) = self.position(centre);
        let (stretch, turn) = (rng.random_range(0.65..1.0f32), rng.random_range(0.0..PI));
        let waves = Waves::new(rng, 0.35);
        let edge = rng.random_range(0.6..2.2);
        let rim = rng.random_range(1.5..8.0f32);
        let darker = if rng.random_bool(0.6) {
            rng.random_range(4.0..22.0)
        } else {
            0.0
        };
        for i in members(&self.space.inside) {
            let (x, y) = self.position(i);
            let (dx, dy) = (x - cx, y - cy);
            let u = dx * turn.cos() + dy * turn.sin();
            let v = (dy * turn.cos() - dx * turn.sin()) / stretch;
            let away = radius * waves.at(v.atan2(u)) - u.hypot(v);
            self.blood[i] = soft_step(away / edge);
            self.oedema[i] = darker * soft_step((away + rim) / 2.0) * (1.0 - self.blood[i]);
        }
    }

    fn ventricle(&mut self, rng: &mut impl Rng) {
        let (side, brain) = (self.space.side, f32::from(self.space.brain));
        let deepest = self.space.depth.iter().copied().fold(0.0, f32::max);
        let dark = |i: usize| {
            self.space.inside[i]
                && self.space.smooth[i] < brain - 14.0
                && self.space.depth[i] > 0.2 * deepest
        };
        let Some(seed) = self.some_pixel(rng, dark) else {
            return;
        };
        let fluid = flood([seed], side, dark);
        let rows = || members(&fluid).map(|i| i / side);
        let (Some(top), Some(bottom)) = (rows().min(), rows().max()) else {
            return;
        };
        // A level, or all of it.
        let level = if rng.random_bool(0.65) {
            bottom as f32 - (bottom - top + 1) as f32 * rng.random_range(0.15..0.6)
        } else {
            0.0
        };
        for i in members(&fluid) {
            self.blood[i] = soft_step((i / side) as f32 - level);
        }
        self.blood = soften(&self.blood, side);
    }

    fn furrows(&mut self, rng: &mut impl Rng) {
        let side = self.space.side;
        let deepest = self.space.depth.iter().copied().fold(0.0, f32::max);
        let shallow = rng.random_range(0.15..0.9) * deepest;
        let Some(centre) = self.some_pixel(rng, |i| self.space.depth[i] < shallow) else {
            return;
        };
        let (cx, cy) = self.position(centre);
        let reach = rng.random_range(12.0..48.0f32);
        let wide = smooth(self.grey, &self.space.inside, side, 7);
        let surface = rng.random_range(0.0..2.4);
        for i in members(&self.space.inside) {
            let (x, y) = self.position(i);
            let near = 1.0 - (x - cx).hypot(y - cy) / reach;
            if near <= 0.0 {
                continue;
            }
            // On the surface itself a furrow cannot be told from its neighbours: a film of blood.
            let furrow = if self.space.depth[i] > 8.0 {
                soft_step((wide[i] - self.space.smooth[i] - 5.0) / 4.0)
            } else {
                soft_step((surface - self.space.depth[i]) / 0.7)
            };
            self.blood[i] = furrow * (3.0 * near).min(1.0);
        }
        self.blood = soften(&self.blood, side);
    }

    fn finish(mut self, rng: &mut impl Rng) -> Drawing {
        // Clot is 50–80 HU where brain is 30–40; thin slabs and old blood are fainter. In a window
        // of 80 HU a grey step is a third of a unit.
        let contrast = rng.random_range(18.0..75.0f32);
        let level = f32::from(self.space.brain) + contrast;
        let fullness = rng.random_range(0.65..1.0);
        let mut grey = self.grey.to_vec();
        for (blood, inside) in self.blood.iter_mut().zip(&self.space.inside) {
            *blood *= if *inside { fullness } else { 0.0 };
        }
        for i in members(&self.space.inside) {
            let fresh = f32::from(grey[i]) - self.oedema[i]
                + self.blood[i] * (level - self.space.smooth[i]).max(0.0);
            grey[i] = fresh.clamp(0.0, 255.0) as u8;
        }
        Drawing {
            grey,
            blood: self.blood,
        }
    }
}

/// 3×3 mean.
fn soften(values: &[f32], side: usize) -> Vec<f32> {
    let mut out = values.to_vec();
    for y in 1..side - 1 {
        for x in 1..side - 1 {
            let rows = (y - 1..=y + 1).flat_map(|v| &values[v * side + x - 1..=v * side + x + 1]);
            out[y * side + x] = rows.sum::<f32>() / 9.0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::phantom::{self, Kind};
    use crate::preprocess::Preprocessing;

    #[test]
    fn every_kind_adds_blood_inside_the_skull_and_nothing_outside() {
        let slice = phantom::draw(Kind::Normal).into_slice();
        let (grey, _) = Preprocessing::ALEXNET.apply(&slice);
        let space = Intracranial::find(&grey, 227).unwrap();
        for kind in Bleed::ALL {
            for seed in 0..8 {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                let drawing = kind.draw(&space, &grey, &mut rng).unwrap();
                let mut brighter = 0;
                let drawn = drawing.grey.iter().zip(&drawing.blood);
                for (i, (&new, &blood)) in drawn.enumerate() {
                    if !space.inside[i] {
                        assert_eq!((new, blood), (grey[i], 0.0));
                    } else if new > grey[i] {
                        assert!(blood > 0.0);
                        brighter += usize::from(new - grey[i] >= VISIBLE);
                    }
                }
                assert!(brighter >= SMALLEST, "{kind:?} {seed}: {brighter}");
                let again = kind.draw(&space, &grey, &mut ChaCha8Rng::seed_from_u64(seed));
                assert_eq!(again.unwrap(), drawing);
            }
        }
    }
}
