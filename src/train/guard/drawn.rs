//! The kinds of pictures that are drawn to teach the guard what is no head CT, and others that are
//! only drawn to test it.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::{anatomy, bodies, scenes};
use crate::guard::Likeness::{
    self, Document, MagneticResonance, OtherScan, OtherWindow, Pattern, Photograph,
};

type Painter = fn(&mut ChaCha8Rng) -> Canvas;

/// A kind of drawn picture.
#[derive(Clone, Copy)]
pub struct Kind {
    /// What it is called in tables.
    pub name: &'static str,
    /// What a visitor is told that it looks like.
    pub like: Likeness,
    /// How often the network sees it, against other kinds.
    pub weight: f32,
    painter: Painter,
}

const fn kind(name: &'static str, like: Likeness, painter: Painter) -> Kind {
    Kind {
        name,
        like,
        weight: 1.0,
        painter,
    }
}

/// One that is near: a body in the window of the brain.
const fn near(name: &'static str, painter: Painter) -> Kind {
    Kind {
        weight: 2.0,
        ..kind(name, OtherScan, painter)
    }
}

/// Kinds that are learned.
pub const LEARNED: [Kind; 24] = [
    kind("noise", Pattern, scenes::noise),
    kind("clouds", Pattern, scenes::clouds),
    kind("scene", Photograph, scenes::scene),
    kind("page", Document, scenes::page),
    kind("screen", Document, scenes::screen),
    kind("test-card", Pattern, scenes::test_card),
    kind("gradient", Pattern, scenes::gradient),
    kind("nearly-empty", Pattern, scenes::nearly_empty),
    kind("shapes", Pattern, scenes::shapes),
    kind("resonance", MagneticResonance, anatomy::resonance),
    kind("bone-window", OtherWindow, anatomy::bone_window),
    kind("body", OtherScan, anatomy::body),
    kind("radiograph", OtherScan, anatomy::radiograph),
    kind("ultrasound", OtherScan, anatomy::ultrasound),
    near("shoulders", bodies::shoulders_narrow),
    kind("shoulders-wide", OtherScan, bodies::shoulders_wide),
    near("chest", bodies::chest_narrow),
    kind("chest-wide", OtherScan, bodies::chest_wide),
    near("belly", bodies::belly_narrow),
    kind("belly-wide", OtherScan, bodies::belly_wide),
    near("pelvis", bodies::pelvis_narrow),
    kind("pelvis-wide", OtherScan, bodies::pelvis_wide),
    near("limbs", bodies::limbs_narrow),
    kind("limbs-wide", OtherScan, bodies::limbs_wide),
];

/// Kinds that are never learned: how the guard does on what it has not met.
pub const HELD_BACK: [Kind; 4] = [
    kind("chart", Document, scenes::chart),
    kind("zone-plate", Pattern, scenes::zone_plate),
    kind("code", Document, scenes::code),
    kind("scribble", Document, scenes::scribble),
];

impl Kind {
    /// Picture `number` of this kind in the series named by `seed`.
    pub fn draw(&self, seed: u64, number: u64) -> Canvas {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let name = self
            .name
            .bytes()
            .fold(0u64, |hash, b| hash.wrapping_mul(31).wrapping_add(b.into()));
        rng.set_stream(name << 24 | number);
        (self.painter)(&mut rng)
    }
}
