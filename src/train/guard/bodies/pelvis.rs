//! The pelvis.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::belly::bowel;
use super::body::Body;
use super::{AIR, WATER};
use crate::slice::Window;
use crate::train::guard::canvas::Canvas;

/// Through the wings of the hip bones, or lower through the joints.
pub fn pelvis(rng: &mut ChaCha8Rng, window: Window) -> Canvas {
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
