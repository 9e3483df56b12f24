//! Shoulders and the lowest neck.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::body::Body;
use super::{AIR, LUNG};
use crate::slice::Window;
use crate::train::guard::canvas::{Canvas, normal};

/// Through the shoulders and the lowest neck: wide and flat, joints at both ends, streaks between.
pub fn shoulders(rng: &mut ChaCha8Rng, window: Window) -> Canvas {
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
