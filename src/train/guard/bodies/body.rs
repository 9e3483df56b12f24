//! A body in cross-section: its outline, the layers of its wall, its organs and vessels.

use std::f32::consts::PI;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::AIR;
use crate::train::guard::canvas::{Canvas, Ellipse, Fractal, normal};

/// A body in cross-section before it is shown: what its tissues measure, and where it lies.
pub struct Body {
    pub canvas: Canvas,
    pub outline: Ellipse,
    /// 2 for an ellipse, more for a box with round corners.
    pub corners: f32,
    pub fat: f32,
    pub muscle: f32,
    /// Of vessels and bowel: that of blood, or more with contrast.
    pub contrast: f32,
}

impl Body {
    /// An empty one, as wide as `aspect` times its height.
    pub fn new(rng: &mut ChaCha8Rng, aspect: f32) -> Self {
        let side = rng.random_range(140..360);
        // Pictures are often cut to the body.
        let height = if rng.random_bool(0.3) {
            (side as f32 / aspect.clamp(1.0, 1.6)) as usize
        } else {
            side
        };
        let canvas = Canvas::new(side, height, AIR);
        // Now and then the field of view is smaller than the body.
        let share = if rng.random_bool(0.2) {
            rng.random_range(0.5..0.85)
        } else {
            rng.random_range(0.34..0.5)
        };
        let (width, height) = (side as f32, height as f32);
        let a = width * share;
        let b = (a / aspect).min(height * share.max(0.48));
        let shift = |rng: &mut ChaCha8Rng| normal(rng) * 0.03;
        let outline = Ellipse {
            x: width * (0.5 + shift(rng)),
            y: height * (0.5 + shift(rng)),
            a,
            b,
            turn: normal(rng) * 0.06,
        };
        Self {
            canvas,
            outline,
            corners: rng.random_range(1.9..3.2),
            fat: rng.random_range(-125.0..-80.0),
            muscle: rng.random_range(40.0..75.0),
            contrast: if rng.random_bool(0.5) {
                rng.random_range(110.0..420.0)
            } else {
                rng.random_range(30.0..55.0)
            },
        }
    }

    /// A place in the body's own measure: (1, 0) is its left edge, (0, 1) its back.
    pub fn place(&self, u: f32, v: f32) -> (f32, f32) {
        let (sin, cos) = self.outline.turn.sin_cos();
        let (dx, dy) = (u * self.outline.a, v * self.outline.b);
        (
            self.outline.x + dx * cos - dy * sin,
            self.outline.y + dx * sin + dy * cos,
        )
    }

    /// An ellipse at a place, its axes as shares of the body's half height.
    pub fn ellipse(&self, (u, v): (f32, f32), a: f32, b: f32, turn: f32) -> Ellipse {
        let (x, y) = self.place(u, v);
        Ellipse {
            x,
            y,
            a: (a * self.outline.b).max(0.7),
            b: (b * self.outline.b).max(0.7),
            turn: turn + self.outline.turn,
        }
    }

    /// Skin, fat and a layer of muscle with fat between its strands; `inside` fills the rest.
    pub fn wall(&mut self, rng: &mut ChaCha8Rng, fat: [f32; 2], muscle: [f32; 2], inside: f32) {
        let size = self.outline.b;
        let uneven = Fractal::new(rng, self.canvas.width, self.canvas.height, size * 0.8, 2);
        let layers = Fractal::new(rng, self.canvas.width, self.canvas.height, size * 0.7, 2);
        let strands = Fractal::new(rng, self.canvas.width, self.canvas.height, size * 0.22, 3);
        let fat_depth = rng.random_range(fat[0]..fat[1]);
        let muscle_depth = rng.random_range(muscle[0]..muscle[1]);
        let marbling = rng.random_range(0.3f32..0.5);
        let skin = rng.random_range(0.008f32..0.025).max(0.8 / size);
        let skin_level = rng.random_range(-20.0..60.0);
        let (outline, corners) = (self.outline, self.corners);
        let (fat_level, muscle_level) = (self.fat, self.muscle);
        self.canvas.paint(|x, y, old| {
            let r = box_radius(&outline, corners, x, y) + 0.12 * (uneven.at(x, y) - 0.5);
            // Layers are as thick sideways as to the front.
            let depth = (1.0 - r) * (outline.a.min(1.4 * outline.b) / outline.b);
            let varied = 0.4 + 1.2 * layers.at(x, y);
            if depth < 0.0 {
                old
            } else if depth < skin {
                skin_level
            } else if depth < skin + fat_depth * varied {
                fat_level
            } else if depth < skin + fat_depth * varied + muscle_depth * varied {
                if strands.at(x, y) < marbling {
                    fat_level
                } else {
                    muscle_level
                }
            } else {
                inside
            }
        });
    }

    /// An organ of one tissue with a little texture and an uneven edge.
    pub fn organ(&mut self, rng: &mut ChaCha8Rng, organ: Ellipse, level: f32) {
        let edge = Fractal::new(
            rng,
            self.canvas.width,
            self.canvas.height,
            organ.b.max(3.0),
            2,
        );
        let unevenness = rng.random_range(0.1..0.5);
        self.canvas.paint_around(organ, 1.3, |x, y, old| {
            let e = edge.at(x, y) - 0.5;
            if organ.radius(x, y) + unevenness * e < 1.0 {
                level + 6.0 * e
            } else {
                old
            }
        });
    }

    /// Vessels, the wider the more central.
    pub fn vessels(&mut self, rng: &mut ChaCha8Rng, count: usize, middle: (f32, f32), reach: f32) {
        for _ in 0..count {
            let u = middle.0 + normal(rng) * reach;
            let v = middle.1 + normal(rng) * reach;
            let size = rng.random_range(0.02..0.09);
            let stretch = rng.random_range(1.0..2.0);
            let vessel = self.ellipse((u, v), size * stretch, size, rng.random_range(0.0..PI));
            let level = self.contrast + rng.random_range(-10.0..10.0);
            self.canvas.ellipse(vessel, level);
        }
    }
}

/// 0 at the centre, 1 on the outline, which has corners.
pub fn box_radius(outline: &Ellipse, corners: f32, x: f32, y: f32) -> f32 {
    let (sin, cos) = outline.turn.sin_cos();
    let (dx, dy) = (x - outline.x, y - outline.y);
    let u = ((dx * cos + dy * sin) / outline.a).abs();
    let v = ((dy * cos - dx * sin) / outline.b).abs();
    (u.powf(corners) + v.powf(corners)).powf(1.0 / corners)
}
