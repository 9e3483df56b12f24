//! The chest.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::LUNG;
use super::body::Body;
use crate::slice::Window;
use crate::train::guard::canvas::Canvas;

/// Through lungs and heart.
pub fn chest(rng: &mut ChaCha8Rng, window: Window) -> Canvas {
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
