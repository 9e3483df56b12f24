//! Arms and legs.

use std::f32::consts::PI;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::AIR;
use super::body::Body;
use crate::slice::Window;
use crate::train::guard::canvas::{Canvas, Ellipse, normal};

/// One limb or two: arms, thighs, knees, calves.
pub fn limbs(rng: &mut ChaCha8Rng, window: Window) -> Canvas {
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
