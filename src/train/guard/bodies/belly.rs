//! The belly, and the bowel that it shares with the pelvis.

use std::f32::consts::PI;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::body::Body;
use super::{AIR, WATER};
use crate::slice::Window;
use crate::train::guard::canvas::Canvas;

/// Through liver, kidneys and bowel.
pub fn belly(rng: &mut ChaCha8Rng, window: Window) -> Canvas {
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
pub fn bowel(body: &mut Body, rng: &mut ChaCha8Rng) {
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
