//! CT of the body below the head – shoulders, chests, bellies, pelves, limbs – drawn in Hounsfield
//! units and then shown in a window, as a scanner's slices are. In the brain's window fat and lungs
//! are black, muscles grey and bones white: what is left to tell from a head is the form.

use std::f32::consts::{PI, TAU};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, Ellipse, Fractal, normal};
use super::vary::finish;
use crate::slice::Window;

// Hounsfield units.
const AIR: f32 = -1000.0;
const LUNG: f32 = -850.0;
const WATER: f32 = 8.0;

/// A body in cross-section before it is shown: what its tissues measure, and where it lies.
struct Body {
    canvas: Canvas,
    outline: Ellipse,
    /// 2 for an ellipse, more for a box with round corners.
    corners: f32,
    fat: f32,
    muscle: f32,
    /// Of vessels and bowel: that of blood, or more with contrast.
    contrast: f32,
}

impl Body {
    /// An empty one, as wide as `aspect` times its height.
    fn new(rng: &mut ChaCha8Rng, aspect: f32) -> Self {
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
    fn place(&self, u: f32, v: f32) -> (f32, f32) {
        let (sin, cos) = self.outline.turn.sin_cos();
        let (dx, dy) = (u * self.outline.a, v * self.outline.b);
        (
            self.outline.x + dx * cos - dy * sin,
            self.outline.y + dx * sin + dy * cos,
        )
    }

    /// An ellipse at a place, its axes as shares of the body's half height.
    fn ellipse(&self, (u, v): (f32, f32), a: f32, b: f32, turn: f32) -> Ellipse {
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
    fn wall(&mut self, rng: &mut ChaCha8Rng, fat: [f32; 2], muscle: [f32; 2], inside: f32) {
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
    fn organ(&mut self, rng: &mut ChaCha8Rng, organ: Ellipse, level: f32) {
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

    /// A bone in cross-section: a dense rind and a looser core.
    fn bone(&mut self, rng: &mut ChaCha8Rng, bone: Ellipse) {
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
    fn blade(&mut self, rng: &mut ChaCha8Rng, from: (f32, f32), to: (f32, f32), thickness: f32) {
        let level = rng.random_range(300.0..1000.0);
        let (from, to) = (self.place(from.0, from.1), self.place(to.0, to.1));
        let thickness = (thickness * self.outline.b).max(1.2);
        self.canvas.line(from, to, thickness, level);
    }

    /// Vertebra, its canal and its processes, at `v` from front to back.
    fn spine(&mut self, rng: &mut ChaCha8Rng, v: f32, size: f32) {
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
    fn ribs(&mut self, rng: &mut ChaCha8Rng, depth: f32) {
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

    /// Vessels, the wider the more central.
    fn vessels(&mut self, rng: &mut ChaCha8Rng, count: usize, middle: (f32, f32), reach: f32) {
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

    /// Quantum noise, streaks between dense bones, the table; then a window.
    fn show(mut self, rng: &mut ChaCha8Rng, streaks: f32, window: Window) -> Canvas {
        let (outline, corners) = (self.outline, self.corners);
        if rng.random_bool(0.6) {
            let gap = rng.random_range(0.02..0.2);
            let curve = rng.random_range(-0.15f32..0.25);
            let level = rng.random_range(-700.0f32..300.0);
            let thickness = rng.random_range(0.015..0.06) * outline.b;
            let top = outline.y + outline.b * (1.0 + gap);
            self.canvas.paint(|x, y, old| {
                let u = (x - outline.x) / outline.a;
                let table = top - curve * outline.b * u * u;
                let on = u.abs() < 0.95 && (y - table).abs() < thickness;
                if on && old <= AIR { level } else { old }
            });
        }
        self.canvas.blur(rng.random_range(0..2));
        let deviation = rng.random_range(3.0f32..32.0);
        let streak_pitch = rng.random_range(1.5..5.0);
        let rows = self.canvas.height;
        let lines = Fractal::new(rng, 8, rows, streak_pitch, 3);
        let slow = Fractal::new(rng, self.canvas.width, rows, outline.b, 2);
        self.canvas.paint(|x, y, old| {
            let inside = box_radius(&outline, corners, x, y) < 1.02;
            let streak = if inside {
                2.0 * streaks * (lines.at(2.0, y + 6.0 * (slow.at(x, y) - 0.5)) - 0.5)
            } else {
                0.0
            };
            old + streak
        });
        self.canvas.noise(rng, deviation);
        self.canvas.blur(rng.random_range(0..2));
        self.canvas
            .paint(|_, _, value| f32::from(window.grey(value.into())));
        Canvas::from_slice(&finish(rng, self.canvas))
    }
}

/// 0 at the centre, 1 on the outline, which has corners.
fn box_radius(outline: &Ellipse, corners: f32, x: f32, y: f32) -> f32 {
    let (sin, cos) = outline.turn.sin_cos();
    let (dx, dy) = (x - outline.x, y - outline.y);
    let u = ((dx * cos + dy * sin) / outline.a).abs();
    let v = ((dy * cos - dx * sin) / outline.b).abs();
    (u.powf(corners) + v.powf(corners)).powf(1.0 / corners)
}

/// The brain's window and those near it.
fn narrow(rng: &mut ChaCha8Rng) -> Window {
    let mut between = |level: [f64; 2], width: [f64; 2]| Window {
        level: rng.random_range(level[0]..level[1]),
        width: rng.random_range(width[0]..width[1]),
    };
    let brain = between([36.0, 44.0], [72.0, 90.0]);
    let subdural = between([40.0, 100.0], [90.0, 260.0]);
    match rng.random_range(0..4) {
        0 => subdural,
        1 | 2 => Window::BRAIN,
        _ => brain,
    }
}

/// Those that chests, bellies and bones are looked at in.
fn wide(rng: &mut ChaCha8Rng) -> Window {
    let mut between = |level: [f64; 2], width: [f64; 2]| Window {
        level: rng.random_range(level[0]..level[1]),
        width: rng.random_range(width[0]..width[1]),
    };
    let soft = between([20.0, 70.0], [280.0, 500.0]);
    let lung = between([-650.0, -400.0], [1200.0, 1800.0]);
    let bone = between([250.0, 600.0], [1300.0, 2800.0]);
    match rng.random_range(0..4) {
        0 => lung,
        1 => bone,
        _ => soft,
    }
}

/// Through the shoulders and the lowest neck: wide and flat, joints at both ends, streaks between.
fn shoulders(rng: &mut ChaCha8Rng, window: Window) -> Canvas {
    let aspect = rng.random_range(1.7..3.0);
    let mut body = Body::new(rng, aspect);
    let (muscle, fat) = (body.muscle, body.fat);
    body.wall(rng, [0.03, 0.22], [0.2, 0.5], fat);
    // The neck and the muscles between the blades, with fat between them.
    for _ in 0..rng.random_range(14..30) {
        let (u, v) = (rng.random_range(-0.9..0.9), rng.random_range(-0.65..0.75));
        let (a, b) = (rng.random_range(0.1..0.5), rng.random_range(0.06..0.22));
        let strand = body.ellipse((u, v), a, b, rng.random_range(-0.7..0.7));
        body.organ(rng, strand, muscle);
    }
    if rng.random_bool(0.45) {
        for side in [-1.0, 1.0] {
            let size = rng.random_range(0.12..0.4);
            let apex = body.ellipse((side * rng.random_range(0.2..0.32), 0.05), size, size, 0.0);
            body.organ(rng, apex, LUNG);
        }
    }
    let v = rng.random_range(0.0..0.25);
    let size = rng.random_range(0.14..0.24);
    body.spine(rng, v, size);
    let windpipe = rng.random_range(0.05..0.1);
    let windpipe = body.ellipse((normal(rng) * 0.02, v - 0.38), windpipe, windpipe, 0.0);
    body.canvas.ellipse(windpipe, AIR);
    body.vessels(rng, 6, (0.0, -0.2), 0.15);
    for side in [-1.0f32, 1.0] {
        let lift = normal(rng) * 0.12;
        if rng.random_bool(0.9) {
            // Head of the humerus and the socket, or the shaft.
            let u = side * rng.random_range(0.6..0.85);
            let size = rng.random_range(0.12..0.36);
            let head = body.ellipse((u, lift), size, size * rng.random_range(0.8..1.1), 0.0);
            body.bone(rng, head);
            let socket = u - side * (size * 1.15) * body.outline.b / body.outline.a;
            body.blade(rng, (socket, lift - 0.1), (socket, lift + 0.15), 0.1);
            let tip = (socket - side * 0.3, lift + rng.random_range(0.2..0.5));
            body.blade(rng, (socket, lift + 0.1), tip, 0.06);
        }
        if rng.random_bool(0.6) {
            let from = (side * 0.08, rng.random_range(-0.6..-0.3));
            let to = (
                side * rng.random_range(0.3..0.6),
                rng.random_range(-0.4..0.0),
            );
            body.blade(rng, from, to, 0.09);
        }
        for _ in 0..rng.random_range(0..4) {
            let u = side * rng.random_range(0.15..0.45);
            let v = rng.random_range(-0.1..0.6);
            let turn = (
                u + side * rng.random_range(0.02..0.1),
                v + rng.random_range(0.05..0.25),
            );
            body.blade(rng, (u, v), turn, 0.07);
        }
    }
    let streaks = rng.random_range(0.0..90.0);
    body.show(rng, streaks, window)
}

/// Through lungs and heart.
fn chest(rng: &mut ChaCha8Rng, window: Window) -> Canvas {
    let aspect = rng.random_range(1.15..1.8);
    let mut body = Body::new(rng, aspect);
    let fat = body.fat;
    body.wall(rng, [0.02, 0.2], [0.08, 0.25], fat);
    let size = rng.random_range(0.6..0.75);
    for side in [-1.0, 1.0] {
        let middle = (
            side * rng.random_range(0.36..0.46),
            rng.random_range(-0.1..0.1),
        );
        let width = size * aspect * rng.random_range(0.42..0.56);
        let lung = body.ellipse(middle, width, size, side * rng.random_range(-0.1..0.2));
        let level = LUNG + rng.random_range(-60.0..60.0);
        body.organ(rng, lung, level);
        body.vessels(rng, 14, middle, 0.2);
    }
    let heart = rng.random_range(0.16..0.55);
    let side = rng.random_range(-0.05..0.15);
    let turn = rng.random_range(-0.6..0.6);
    let heart = body.ellipse((side, -0.15), heart * 1.25, heart, turn);
    let contrast = body.contrast;
    body.organ(rng, heart, contrast.min(200.0));
    body.vessels(rng, 5, (0.03, 0.0), 0.07);
    if rng.random_bool(0.3) {
        // A dome of the diaphragm, or an effusion.
        let dome = body.ellipse((-0.4, 0.2), rng.random_range(0.2..0.7), 0.4, 0.0);
        let level = rng.random_range(5.0..110.0);
        body.organ(rng, dome, level);
    }
    let v = rng.random_range(0.35..0.6);
    let size = rng.random_range(0.13..0.22);
    body.spine(rng, v, size);
    let depth = rng.random_range(0.12..0.26);
    body.ribs(rng, depth);
    let sternum = body.ellipse((0.0, depth - 1.0), 0.2, 0.06, 0.0);
    body.bone(rng, sternum);
    if rng.random_bool(0.4) {
        for side in [-1.0, 1.0] {
            body.blade(rng, (side * 0.5, 0.75), (side * 0.8, 0.35), 0.05);
        }
    }
    let streaks = rng.random_range(0.0..25.0);
    body.show(rng, streaks, window)
}

/// Through liver, kidneys and bowel.
fn belly(rng: &mut ChaCha8Rng, window: Window) -> Canvas {
    let aspect = rng.random_range(1.1..1.7);
    let mut body = Body::new(rng, aspect);
    let fat = body.fat;
    body.wall(rng, [0.03, 0.4], [0.05, 0.16], fat);
    for _ in 0..rng.random_range(3..16) {
        bowel(&mut body, rng);
    }
    let side = if rng.random_bool(0.5) { -1.0 } else { 1.0 };
    if rng.random_bool(0.7) {
        let (a, b) = (rng.random_range(0.3..0.95), rng.random_range(0.3..0.7));
        let liver = body.ellipse((-side * 0.4, rng.random_range(-0.2..0.1)), a, b, 0.3);
        let level = rng.random_range(30.0..120.0);
        body.organ(rng, liver, level);
    }
    if rng.random_bool(0.6) {
        let spleen = body.ellipse((side * 0.6, 0.25), rng.random_range(0.1..0.25), 0.35, 0.0);
        let level = rng.random_range(40.0..130.0);
        body.organ(rng, spleen, level);
    }
    let v = rng.random_range(0.25..0.5);
    for side in [-1.0, 1.0] {
        let psoas = body.ellipse(
            (side * 0.2, v + 0.05),
            rng.random_range(0.08..0.18),
            0.18,
            0.0,
        );
        body.organ(rng, psoas, 55.0);
        if rng.random_bool(0.7) {
            let middle = (side * rng.random_range(0.38..0.52), v);
            let (a, b) = (rng.random_range(0.12..0.22), rng.random_range(0.16..0.28));
            let kidney = body.ellipse(middle, a, b, side * 0.3);
            let level = rng.random_range(28.0..220.0);
            body.organ(rng, kidney, level);
            let hollow = body.ellipse(middle, a * 0.4, b * 0.4, 0.0);
            body.canvas.ellipse(hollow, fat);
        }
    }
    body.vessels(rng, 4, (0.0, v - 0.25), 0.05);
    let size = rng.random_range(0.16..0.26);
    body.spine(rng, v, size);
    if rng.random_bool(0.5) {
        body.ribs(rng, 0.2);
    }
    let streaks = rng.random_range(0.0..20.0);
    body.show(rng, streaks, window)
}

/// A loop of bowel with gas, fluid or contrast in it.
fn bowel(body: &mut Body, rng: &mut ChaCha8Rng) {
    let place = (rng.random_range(-0.65..0.65), rng.random_range(-0.6..0.25));
    let size = rng.random_range(0.06..0.24);
    let stretch = rng.random_range(1.0..2.2);
    let turn = rng.random_range(0.0..PI);
    let wall = body.ellipse(place, size * stretch, size, turn);
    let level = rng.random_range(25.0..70.0);
    body.organ(rng, wall, level);
    let content = match rng.random_range(0..4) {
        0 => AIR + 80.0,
        1 => rng.random_range(120.0..400.0),
        2 => -20.0,
        _ => WATER + 15.0,
    };
    let lumen = body.ellipse(place, size * stretch * 0.7, size * 0.65, turn);
    body.canvas.ellipse(lumen, content);
}

/// Through the wings of the hip bones, or lower through the joints.
fn pelvis(rng: &mut ChaCha8Rng, window: Window) -> Canvas {
    let aspect = rng.random_range(1.3..2.0);
    let mut body = Body::new(rng, aspect);
    let (fat, muscle) = (body.fat, body.muscle);
    body.wall(rng, [0.06, 0.4], [0.03, 0.12], fat);
    for _ in 0..rng.random_range(0..9) {
        bowel(&mut body, rng);
    }
    let joints = rng.random_bool(0.5);
    for side in [-1.0f32, 1.0] {
        // Buttocks and the muscles of hip and thigh.
        for _ in 0..rng.random_range(4..9) {
            let u = side * rng.random_range(0.3..0.8);
            let v = rng.random_range(-0.5..0.7);
            let (a, b) = (rng.random_range(0.12..0.4), rng.random_range(0.1..0.28));
            let strand = body.ellipse((u, v), a, b, side * rng.random_range(0.0..1.2));
            body.organ(rng, strand, muscle);
        }
        if joints {
            let size = rng.random_range(0.16..0.3);
            let u = side * rng.random_range(0.45..0.62);
            let head = body.ellipse((u, 0.0), size, size, 0.0);
            body.bone(rng, head);
            let inner = u - side * size * 1.2 * body.outline.b / body.outline.a;
            body.blade(rng, (inner, -0.3), (inner + side * 0.03, 0.3), 0.1);
            body.blade(rng, (inner, -0.3), (side * 0.05, -0.5), 0.12);
        } else {
            let from = (
                side * rng.random_range(0.5..0.7),
                rng.random_range(-0.5..-0.2),
            );
            let to = (
                side * rng.random_range(0.18..0.3),
                rng.random_range(0.4..0.6),
            );
            let middle = ((from.0 + to.0) / 2.0 + side * 0.08, (from.1 + to.1) / 2.0);
            let thickness = rng.random_range(0.06..0.16);
            body.blade(rng, from, middle, thickness);
            body.blade(rng, middle, to, thickness * 1.4);
        }
    }
    if joints {
        let (a, b) = (rng.random_range(0.2..0.5), rng.random_range(0.15..0.35));
        let bladder = body.ellipse((0.0, -0.2), a, b, 0.0);
        body.organ(rng, bladder, WATER);
        let rectum = body.ellipse((0.0, 0.35), 0.12, 0.1, 0.0);
        let content = if rng.random_bool(0.4) { AIR } else { 30.0 };
        body.organ(rng, rectum, content);
        let tip = body.ellipse((0.0, 0.62), 0.1, 0.06, 0.0);
        body.bone(rng, tip);
    } else {
        let size = rng.random_range(0.18..0.34);
        body.spine(rng, 0.3, size);
    }
    let streaks = rng.random_range(0.0..50.0);
    body.show(rng, streaks, window)
}

/// One limb or two: arms, thighs, knees, calves.
fn limbs(rng: &mut ChaCha8Rng, window: Window) -> Canvas {
    let side = rng.random_range(120..320);
    let pair = rng.random_bool(0.5);
    let mut body = Body::new(rng, 1.0);
    body.canvas = Canvas::new(side, side, AIR);
    let width = side as f32;
    let size = if pair {
        width * rng.random_range(0.15..0.24)
    } else {
        width * rng.random_range(0.2..0.48)
    };
    let (knee, bones) = (rng.random_bool(0.3), rng.random_range(1..3));
    let distance = if pair {
        size * rng.random_range(1.02..1.3)
    } else {
        0.0
    };
    let flat = rng.random_range(0.75..1.15);
    let thickness = rng.random_range(0.05..0.35);
    for direction in if pair { vec![-1.0f32, 1.0] } else { vec![0.0] } {
        body.outline = Ellipse {
            x: width / 2.0 + direction * distance,
            y: width * rng.random_range(0.47..0.53),
            a: size,
            b: size * flat,
            turn: normal(rng) * 0.2,
        };
        let fat = body.fat;
        body.wall(rng, [thickness, thickness + 0.02], [0.1, 0.3], fat);
        if !knee {
            for _ in 0..rng.random_range(6..14) {
                let (u, v) = (rng.random_range(-0.6..0.6), rng.random_range(-0.6..0.6));
                let (a, b) = (rng.random_range(0.15..0.45), rng.random_range(0.12..0.35));
                let muscle = body.ellipse((u, v), a, b, rng.random_range(0.0..PI));
                let level = body.muscle;
                body.organ(rng, muscle, level);
            }
            body.vessels(rng, 4, (0.0, 0.1), 0.2);
        }
        for n in 0..bones {
            let size = if knee {
                rng.random_range(0.4..0.65)
            } else {
                rng.random_range(0.1..0.24)
            };
            let place = (normal(rng) * 0.15 + n as f32 * 0.3, normal(rng) * 0.15);
            let shaft = body.ellipse(place, size, size * rng.random_range(0.7..1.0), 0.0);
            body.bone(rng, shaft);
            if !knee {
                let marrow = body.ellipse(place, size * 0.5, size * 0.45, 0.0);
                body.canvas.ellipse(marrow, rng.random_range(-90.0..60.0));
            } else if n == 0 {
                let cap = body.ellipse((place.0, place.1 - size - 0.16), size * 0.5, 0.1, 0.0);
                body.bone(rng, cap);
            }
            if knee {
                break;
            }
        }
    }
    let streaks = rng.random_range(0.0..20.0);
    body.show(rng, streaks, window)
}

macro_rules! in_windows {
    ($($part:ident => $narrow:ident, $wide:ident;)*) => {$(
        #[doc = concat!("As `", stringify!($part), "`, in the brain's window or one near it.")]
        pub fn $narrow(rng: &mut ChaCha8Rng) -> Canvas {
            let window = narrow(rng);
            $part(rng, window)
        }

        #[doc = concat!("As `", stringify!($part), "`, in a wide window.")]
        pub fn $wide(rng: &mut ChaCha8Rng) -> Canvas {
            let window = wide(rng);
            $part(rng, window)
        }
    )*};
}

in_windows! {
    shoulders => shoulders_narrow, shoulders_wide;
    chest => chest_narrow, chest_wide;
    belly => belly_narrow, belly_wide;
    pelvis => pelvis_narrow, pelvis_wide;
    limbs => limbs_narrow, limbs_wide;
}
