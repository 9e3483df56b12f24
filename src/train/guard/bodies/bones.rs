//! The bones of a body: cross-sections of round ones, flat ones, the spine and the ribs.

use std::f32::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::body::{Body, box_radius};
use crate::train::guard::canvas::{Ellipse, Fractal};

impl Body {
    /// A bone in cross-section: a dense rind and a looser core.
    pub fn bone(&mut self, rng: &mut ChaCha8Rng, bone: Ellipse) {
        let rind = rng.random_range(350.0..1400.0);
        let core = rng.random_range(90.0f32..350.0);
        let thickness = rng.random_range(0.08..0.4);
        let grain = Fractal::new(rng, self.canvas.width, self.canvas.height, 4.0, 2);
        self.canvas.paint_around(bone, 1.0, |x, y, old| {
            let r = bone.radius(x, y);
            if r > 1.0 {
                old
            } else if r > 1.0 - thickness {
                rind
            } else {
                core * (0.6 + 0.8 * grain.at(x, y))
            }
        });
    }

    /// A flat bone, from one place to another.
    pub fn blade(
        &mut self,
        rng: &mut ChaCha8Rng,
        from: (f32, f32),
        to: (f32, f32),
        thickness: f32,
    ) {
        let level = rng.random_range(300.0..1000.0);
        let (from, to) = (self.place(from.0, from.1), self.place(to.0, to.1));
        let thickness = (thickness * self.outline.b).max(1.2);
        self.canvas.line(from, to, thickness, level);
    }

    /// Vertebra, its canal and its processes, at `v` from front to back.
    pub fn spine(&mut self, rng: &mut ChaCha8Rng, v: f32, size: f32) {
        let body = self.ellipse((0.0, v), size, size * 0.8, 0.0);
        let behind = v + size * 1.25;
        for side in [-1.0f32, 1.0] {
            let reach = side * size * rng.random_range(1.1..1.9) * self.outline.b / self.outline.a;
            self.blade(
                rng,
                (side * 0.02, behind),
                (reach, behind + size * 0.3),
                size * 0.35,
            );
        }
        self.blade(rng, (0.0, behind), (0.0, behind + size * 1.1), size * 0.3);
        let arch = self.ellipse((0.0, behind), size * 0.62, size * 0.55, 0.0);
        self.bone(rng, arch);
        self.bone(rng, body);
        let canal = self.ellipse((0.0, behind), size * 0.4, size * 0.36, 0.0);
        self.canvas.ellipse(canal, 25.0);
        // Muscles along the spine.
        for side in [-1.0, 1.0] {
            let u = side * size * 1.5 * self.outline.b / self.outline.a;
            let muscle = self.ellipse((u, behind + size * 0.9), size * 1.2, size * 0.7, 0.0);
            let (outline, corners, level) = (self.outline, self.corners, self.muscle);
            self.canvas.paint_around(muscle, 1.0, |x, y, old| {
                let within = muscle.radius(x, y) < 1.0 && old < 90.0;
                if within && box_radius(&outline, corners, x, y) < 0.93 {
                    level
                } else {
                    old
                }
            });
        }
    }

    /// Arcs of ribs at a depth from the skin, cut obliquely.
    pub fn ribs(&mut self, rng: &mut ChaCha8Rng, depth: f32) {
        let count = rng.random_range(7.0f32..14.0).floor();
        let length = rng.random_range(-0.2f32..0.75);
        let phase = rng.random_range(0.0..TAU);
        let thickness = rng.random_range(0.035..0.08);
        let level = rng.random_range(250.0..900.0);
        let (outline, corners) = (self.outline, self.corners);
        self.canvas.paint(|x, y, old| {
            let r = box_radius(&outline, corners, x, y);
            let turn = (y - outline.y).atan2((x - outline.x) * outline.b / outline.a);
            let rib = (turn * count + phase).sin() > length;
            if rib && (r - (1.0 - depth)).abs() < thickness {
                level
            } else {
                old
            }
        });
    }
}
