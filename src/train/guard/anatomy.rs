//! Medical images that are no head CT in the brain window, drawn from simple anatomy: heads as
//! magnetic resonance and the bone window show them, bodies, radiographs, ultrasound.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, Clouds, Ellipse, Fractal};
use super::scenes::blank;

/// Grey levels of the layers of a head, from outside.
struct Layers {
    scalp: f32,
    bone: f32,
    marrow: f32,
    fluid: f32,
    cortex: f32,
    white_matter: f32,
}

/// A head in cross-section.
fn head(rng: &mut ChaCha8Rng, layers: &Layers) -> Canvas {
    let mut canvas = blank(rng, 0.0);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let side = width.min(height);
    let size = side * rng.random_range(0.33..0.49);
    let outline = Ellipse {
        x: width / 2.0,
        y: height / 2.0,
        a: size * rng.random_range(0.74..0.95),
        b: size,
        turn: rng.random_range(-0.15..0.15),
    };
    let scalp = rng.random_range(0.03..0.10);
    let bone = rng.random_range(0.02..0.07);
    let gap = rng.random_range(0.005..0.05);
    let uneven = Clouds::new(rng, canvas.width, canvas.height, side / 5.0);
    let fold = size / rng.random_range(5.0..9.0);
    let folds = Fractal::new(rng, canvas.width, canvas.height, fold, 2);
    let deep = Fractal::new(rng, canvas.width, canvas.height, size / 2.0, 4);
    let ventricle = rng.random_range(0.1..0.3);
    let marrow = rng.random_bool(0.6);
    let lesion = Ellipse::any(rng, width, height, [0.08, 0.25]);
    let with_lesion = rng.random_bool(0.5);
    let lesion_level = rng.random_range(60.0f32..255.0);
    canvas.paint(|x, y, _| {
        let r = outline.radius(x, y) + 0.06 * (uneven.at(x, y) - 0.5);
        let depth = 1.0 - r;
        if depth < 0.0 {
            return 0.0;
        }
        if depth < scalp {
            return layers.scalp;
        }
        if depth < scalp + bone {
            let middle = (depth - scalp) / bone;
            return if marrow && (0.35..0.65).contains(&middle) {
                layers.marrow
            } else {
                layers.bone
            };
        }
        let depth = depth - scalp - bone;
        let fold = folds.at(x, y);
        if depth < gap + 0.16 * (fold - 0.55).max(0.0) {
            return layers.fluid;
        }
        let (dx, dy) = (
            (x - outline.x).abs() / outline.a,
            (y - outline.y) / outline.b,
        );
        if dx < 0.015
            || ((dx - 0.12 - 0.1 * dy * dy).abs() < ventricle * 0.3 && dy.abs() < ventricle)
        {
            return layers.fluid;
        }
        if with_lesion && lesion.radius(x, y) < 1.0 {
            return lesion_level;
        }
        let cortex = depth < gap + 0.07 + 0.25 * (fold - 0.4).max(0.0);
        let tissue = if cortex {
            layers.cortex
        } else {
            layers.white_matter
        };
        tissue * (0.85 + 0.3 * deep.at(x, y))
    });
    canvas.blur(rng.random_range(1..4));
    let deviation = rng.random_range(1.0..8.0);
    canvas.noise(rng, deviation);
    canvas
}

/// Magnetic resonance: bright fat, black skull, brain of high contrast.
pub fn resonance(rng: &mut ChaCha8Rng) -> Canvas {
    let mut between = |a: f32, b: f32| rng.random_range(a..b);
    let scalp = between(70.0, 255.0);
    let bone = between(0.0, 25.0);
    let marrow = between(20.0, 160.0);
    let (fluid, cortex, white_matter) = match (between(0.0, 4.0)) as usize {
        // T1, T2, FLAIR, anything.
        0 => (
            between(5.0, 45.0),
            between(60.0, 120.0),
            between(110.0, 200.0),
        ),
        1 => (
            between(190.0, 255.0),
            between(100.0, 170.0),
            between(60.0, 120.0),
        ),
        2 => (
            between(5.0, 40.0),
            between(110.0, 180.0),
            between(80.0, 130.0),
        ),
        _ => (
            between(0.0, 255.0),
            between(50.0, 220.0),
            between(50.0, 220.0),
        ),
    };
    head(
        rng,
        &Layers {
            scalp,
            bone,
            marrow,
            fluid,
            cortex,
            white_matter,
        },
    )
}

/// CT in the bone window: a structured skull around a flat, dark brain.
pub fn bone_window(rng: &mut ChaCha8Rng) -> Canvas {
    let mut between = |a: f32, b: f32| rng.random_range(a..b);
    let brain = between(15.0, 85.0);
    let bone = between(170.0, 255.0);
    let layers = Layers {
        scalp: brain * between(0.6, 1.0),
        bone,
        marrow: bone * between(0.4, 0.8),
        fluid: brain * 0.97,
        cortex: brain,
        white_matter: brain,
    };
    head(rng, &layers)
}

/// The trunk or a limb in any CT window or as magnetic resonance: skin, fat, muscle, organs, air,
/// vertebra and ribs.
pub fn body(rng: &mut ChaCha8Rng) -> Canvas {
    let mut canvas = blank(rng, 0.0);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let size = width.min(height) * rng.random_range(0.4..0.6);
    let flat = rng.random_range(0.55..0.85);
    let outline = Ellipse {
        x: width / 2.0,
        y: height / 2.0,
        a: size,
        b: size * flat,
        turn: 0.0,
    };
    let skin = rng.random_range(40.0..200.0);
    let fat = if rng.random_bool(0.6) {
        rng.random_range(0.0..30.0)
    } else {
        rng.random_range(30.0..230.0)
    };
    let muscle = rng.random_range(90.0f32..230.0);
    let bone = rng.random_range(200.0..255.0);
    let air = rng.random_range(0.0..20.0);
    let wall = rng.random_range(0.03..0.25);
    let chest = rng.random_bool(0.5);
    let texture = Fractal::new(rng, canvas.width, canvas.height, size / 3.0, 4);
    let uneven = Clouds::new(rng, canvas.width, canvas.height, size / 2.0);
    let inner: Vec<(Ellipse, f32)> = (0..rng.random_range(2..9))
        .map(|_| {
            let mut organ = Ellipse::any(rng, size, size * flat, [0.15, 0.8]);
            organ.x += width / 2.0 - size / 2.0;
            organ.y += height / 2.0 - size * flat / 2.0;
            (
                organ,
                if rng.random_bool(0.2) {
                    air
                } else {
                    rng.random_range(70.0..255.0)
                },
            )
        })
        .collect();
    let lungs: [Ellipse; 2] = [-1.0, 1.0].map(|side| Ellipse {
        x: width / 2.0 + side * size * 0.45,
        y: height / 2.0,
        a: size * 0.33,
        b: size * flat * 0.62,
        turn: 0.0,
    });
    let spine = Ellipse {
        x: width / 2.0,
        y: height / 2.0 + size * flat * 0.55,
        a: size * 0.11,
        b: size * 0.12,
        turn: 0.0,
    };
    let ribs = rng.random_range(6.0f32..16.0).floor();
    canvas.paint(|x, y, _| {
        let r = outline.radius(x, y) + 0.08 * (uneven.at(x, y) - 0.5);
        let grain = 1.0 + 0.25 * (texture.at(x, y) - 0.5);
        if r > 1.0 {
            return 0.0;
        }
        if r > 0.985 {
            return skin;
        }
        if spine.radius(x, y) < 1.0 {
            return bone * grain;
        }
        if r > 1.0 - wall {
            return fat;
        }
        let turn = (y - outline.y).atan2(x - outline.x);
        if r > 1.0 - wall - 0.1 {
            let rib = (turn * ribs).sin() > 0.75;
            return if chest && rib { bone } else { muscle * grain };
        }
        if chest && lungs.iter().any(|lung| lung.radius(x, y) < 1.0) {
            return air;
        }
        let organ = inner.iter().find(|(organ, _)| organ.radius(x, y) < 1.0);
        organ.map_or(if chest { muscle } else { fat }, |(_, level)| *level) * grain
    });
    canvas.blur(rng.random_range(0..3));
    let deviation = rng.random_range(1.0..14.0);
    canvas.noise(rng, deviation);
    canvas
}

/// A radiograph: soft overlapping shadows with rows of ribs or a shaft of bone.
pub fn radiograph(rng: &mut ChaCha8Rng) -> Canvas {
    let ground = rng.random_range(0.0..60.0);
    let mut canvas = blank(rng, ground);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let texture = Fractal::new(rng, canvas.width, canvas.height, width / 8.0, 5);
    for _ in 0..rng.random_range(3..9) {
        let shadow = Ellipse::any(rng, width, height, [0.3, 1.4]);
        let depth = rng.random_range(20.0f32..90.0);
        canvas.paint(|x, y, old| {
            let r = shadow.radius(x, y);
            if r < 1.0 {
                old + depth * (1.0 - r * r).sqrt()
            } else {
                old
            }
        });
    }
    let ribs = rng.random_range(5.0f32..14.0);
    let strength = rng.random_range(0.0f32..35.0);
    canvas.paint(|x, y, old| {
        let bend = ((x / width - 0.5).abs() * 3.0).powi(2);
        let rib = ((y / height * ribs + bend) * std::f32::consts::TAU)
            .sin()
            .max(0.0);
        old + strength * rib + 40.0 * (texture.at(x, y) - 0.5)
    });
    canvas.blur(rng.random_range(1..4));
    canvas
}

/// Ultrasound: speckle in a fan.
pub fn ultrasound(rng: &mut ChaCha8Rng) -> Canvas {
    let mut canvas = blank(rng, 0.0);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let pitch = height / rng.random_range(4.0..12.0);
    let tissue = Fractal::new(rng, canvas.width, canvas.height, pitch, 3);
    let grain = rng.random_range(1.5..4.0);
    let speckle = Clouds::new(rng, canvas.width, canvas.height, grain);
    let opening = rng.random_range(0.3f32..0.9);
    let apex = -height * rng.random_range(0.0..0.3);
    let gain = rng.random_range(250.0..600.0);
    canvas.paint(|x, y, _| {
        let (dx, dy) = (x - width / 2.0, y - apex);
        let r = (dx * dx + dy * dy).sqrt();
        if dx.atan2(dy).abs() > opening || r > (height - apex) * 0.97 || y < height * 0.04 {
            return 0.0;
        }
        let echo = (tissue.at(x, y) - 0.3).max(0.0) * gain;
        (echo * (0.3 + 1.2 * speckle.at(x, y))).min(255.0)
    });
    canvas
}
