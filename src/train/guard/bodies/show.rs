//! How a body is shown: what the scanner adds to it, and the windows that it is looked at in.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::AIR;
use super::body::{Body, box_radius};
use crate::slice::Window;
use crate::train::guard::canvas::{Canvas, Fractal};
use crate::train::guard::vary::finish;

impl Body {
    /// Quantum noise, streaks between dense bones, the table; then a window.
    pub fn show(mut self, rng: &mut ChaCha8Rng, streaks: f32, window: Window) -> Canvas {
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

/// The brain's window and those near it.
pub fn narrow(rng: &mut ChaCha8Rng) -> Window {
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
pub fn wide(rng: &mut ChaCha8Rng) -> Window {
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
