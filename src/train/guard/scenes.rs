//! Pictures that are no medical image at all: noise, pages, screens, test cards, scenes.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, Clouds, Ellipse, Fractal, normal};
use super::vary::letter;

/// A canvas of a common size.
pub fn blank(rng: &mut ChaCha8Rng, level: f32) -> Canvas {
    let side = |rng: &mut ChaCha8Rng| rng.random_range(128..400);
    let width = side(rng);
    let height = if rng.random_bool(0.4) {
        width
    } else {
        side(rng)
    };
    Canvas::new(width, height, level)
}

fn any_level(rng: &mut ChaCha8Rng) -> f32 {
    match rng.random_range(0..6) {
        0 => 0.0,
        1 => 255.0,
        _ => rng.random_range(0.0..255.0),
    }
}

/// White, normal, two-level or coarse noise, over a level or in a band of levels.
pub fn noise(rng: &mut ChaCha8Rng) -> Canvas {
    let mut canvas = blank(rng, 128.0);
    match rng.random_range(0..4) {
        0 => canvas.levels.fill_with(|| rng.random_range(0.0..256.0)),
        1 => {
            canvas.levels.fill(any_level(rng));
            let deviation = rng.random_range(8.0..90.0);
            canvas.noise(rng, deviation);
        }
        2 => {
            let share = rng.random_range(0.01..0.5);
            let (ground, speck) = (any_level(rng), any_level(rng));
            canvas.levels.fill_with(|| {
                if rng.random_bool(share) {
                    speck
                } else {
                    ground
                }
            });
        }
        _ => {
            let grain = rng.random_range(2..24);
            let (width, columns) = (canvas.width, canvas.width / grain + 1);
            let rows = canvas.height / grain + 1;
            let blocks: Vec<f32> = (0..columns * rows)
                .map(|_| rng.random_range(0.0..256.0))
                .collect();
            for (i, level) in canvas.levels.iter_mut().enumerate() {
                *level = blocks[i / width / grain * columns + i % width / grain];
            }
        }
    }
    canvas.blur(if rng.random_bool(0.6) {
        0
    } else {
        rng.random_range(1..8)
    });
    canvas
}

/// Fractal clouds, plain or cut into two or three levels.
pub fn clouds(rng: &mut ChaCha8Rng) -> Canvas {
    let mut canvas = blank(rng, 0.0);
    let pitch = rng.random_range(8.0..200.0);
    let octaves = rng.random_range(1..7);
    let fractal = Fractal::new(rng, canvas.width, canvas.height, pitch, octaves);
    let contrast = rng.random_range(200.0..900.0);
    let steps = if rng.random_bool(0.3) {
        rng.random_range(1.0f32..4.0).floor()
    } else {
        0.0
    };
    canvas.paint(|x, y, _| {
        let v = (128.0 + (fractal.at(x, y) - 0.5) * contrast).clamp(0.0, 255.0);
        if steps > 0.0 {
            (v / 256.0 * (steps + 1.0)).floor() * 255.0 / steps
        } else {
            v
        }
    });
    canvas
}

/// Overlapping shaded and textured things of every size before one another, as photographs have
/// them (the dead-leaves model).
pub fn scene(rng: &mut ChaCha8Rng) -> Canvas {
    let mut canvas = blank(rng, 128.0);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let sky = (
        rng.random_range(60.0f32..255.0),
        rng.random_range(60.0f32..255.0),
    );
    canvas.paint(|_, y, _| sky.0 + (sky.1 - sky.0) * y / height);
    let pitch = rng.random_range(4.0..60.0);
    let texture = Fractal::new(rng, canvas.width, canvas.height, pitch, 5);
    for _ in 0..rng.random_range(4..120) {
        // Sizes by the inverse-cube law of natural scenes, bounded.
        let size = 0.03 / rng.random_range(0.03f32..0.5);
        let thing = Ellipse::any(rng, width, height, [size * 0.5, size * 1.2]);
        let boxy = rng.random_bool(0.35);
        let level = rng.random_range(5.0f32..250.0);
        let strength = rng.random_range(0.0f32..140.0);
        let (shade_x, shade_y) = (normal(rng) * 30.0, normal(rng) * 30.0);
        canvas.paint(|x, y, old| {
            let (dx, dy) = ((x - thing.x) / thing.a, (y - thing.y) / thing.b);
            let inside = if boxy {
                dx.abs().max(dy.abs()) < 1.0
            } else {
                thing.radius(x, y) < 1.0
            };
            if !inside {
                return old;
            }
            let light = shade_x * dx + shade_y * dy + strength * (texture.at(x, y) - 0.5);
            (level + light).clamp(0.0, 255.0)
        });
    }
    canvas.blur(rng.random_range(0..3));
    let deviation = rng.random_range(0.0..6.0);
    canvas.noise(rng, deviation);
    canvas
}

fn word(rng: &mut ChaCha8Rng) -> String {
    (0..rng.random_range(1..11)).map(|_| letter(rng)).collect()
}

/// Lines of words within a box.
fn paragraph(rng: &mut ChaCha8Rng, canvas: &mut Canvas, place: [f32; 4], size: f32, ink: f32) {
    let [left, top, right, bottom] = place;
    let mut y = top;
    while y + size < bottom {
        let mut x = left;
        let end = if rng.random_bool(0.15) {
            left + (right - left) * 0.5
        } else {
            right
        };
        while x < end {
            let word = word(rng);
            if x + word.len() as f32 * size > end {
                break;
            }
            x += canvas.text(x, y, size, ink, &word) + size;
        }
        y += size * 1.5;
    }
}

/// A page of text, dark on light or light on dark.
pub fn page(rng: &mut ChaCha8Rng) -> Canvas {
    let dark = rng.random_bool(0.35);
    let paper = if dark {
        rng.random_range(0.0..50.0)
    } else {
        rng.random_range(200.0..255.0)
    };
    let ink = if dark {
        rng.random_range(150.0..255.0)
    } else {
        rng.random_range(0.0..90.0)
    };
    let mut canvas = blank(rng, paper);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let margin = width * rng.random_range(0.02..0.15);
    let columns = rng.random_range(1..4);
    let size = rng.random_range(5.0f32..26.0);
    let mut top = margin;
    if rng.random_bool(0.5) {
        let title = word(rng);
        canvas.text(margin, top, size * 1.8, ink, &title);
        top += size * 3.0;
    }
    let pitch = (width - 2.0 * margin) / columns as f32;
    for column in 0..columns {
        let left = margin + pitch * column as f32;
        let bottom = height * rng.random_range(0.3f32..1.0);
        paragraph(
            rng,
            &mut canvas,
            [left, top, left + pitch * 0.92, bottom],
            size,
            ink,
        );
    }
    canvas
}

/// Windows, bars, buttons, text and thumbnails, as on a computer's screen.
pub fn screen(rng: &mut ChaCha8Rng) -> Canvas {
    let ground = any_level(rng);
    let mut canvas = blank(rng, ground);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    for _ in 0..rng.random_range(2..9) {
        let (x, y) = (
            rng.random_range(-0.1..0.8) * width,
            rng.random_range(-0.1..0.8) * height,
        );
        let (w, h) = (
            rng.random_range(0.1..0.9) * width,
            rng.random_range(0.1..0.7) * height,
        );
        let level = any_level(rng);
        canvas.rectangle(x, y, w, h, level);
        let ink = if level > 128.0 {
            rng.random_range(0.0..90.0)
        } else {
            rng.random_range(150.0..255.0)
        };
        if rng.random_bool(0.4) {
            canvas.rectangle(x, y, w, h * 0.1, ink);
        }
        let size = rng.random_range(5.0..14.0);
        match rng.random_range(0..3) {
            0 => paragraph(
                rng,
                &mut canvas,
                [x + size, y + size * 2.0, x + w - size, y + h],
                size,
                ink,
            ),
            1 => thumbnails(rng, &mut canvas, [x, y, w, h]),
            _ => {}
        }
    }
    canvas.rectangle(
        0.0,
        0.0,
        width,
        height * rng.random_range(0.0..0.1),
        any_level(rng),
    );
    canvas
}

/// Small cloudy pictures in rows.
fn thumbnails(rng: &mut ChaCha8Rng, canvas: &mut Canvas, [x0, y0, w, h]: [f32; 4]) {
    let pitch = rng.random_range(12.0..70.0);
    let fractal = Fractal::new(rng, canvas.width, canvas.height, pitch * 0.6, 4);
    canvas.paint(|x, y, old| {
        let inside = x > x0 && x < x0 + w && y > y0 && y < y0 + h;
        let (u, v) = ((x - x0) / pitch, (y - y0) / pitch);
        if inside && u.fract() > 0.08 && v.fract() > 0.08 {
            (fractal.at(x, y) * 500.0 - 120.0).clamp(0.0, 255.0)
        } else {
            old
        }
    });
}

/// Bars, grids, checks, wedges and circles.
pub fn test_card(rng: &mut ChaCha8Rng) -> Canvas {
    let ground = any_level(rng);
    let mut canvas = blank(rng, ground);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    for _ in 0..rng.random_range(1..4) {
        let parts = rng.random_range(2..14) as f32;
        let (one, other) = (any_level(rng), any_level(rng));
        let from = rng.random_range(0.0..0.7) * height;
        let to = if rng.random_bool(0.5) {
            height
        } else {
            from + height * 0.4
        };
        let pitch = width / parts;
        let form = rng.random_range(0..4);
        let levels: Vec<f32> = (0..16).map(|_| any_level(rng)).collect();
        canvas.paint(|x, y, old| {
            if y < from || y > to {
                return old;
            }
            let (u, v) = ((x / pitch).floor(), (y / pitch).floor());
            match form {
                0 => levels[u as usize % 16],
                1 => {
                    if (u + v) % 2.0 == 0.0 {
                        one
                    } else {
                        other
                    }
                }
                2 => {
                    if (x / pitch).fract() < 0.06 || (y / pitch).fract() < 0.06 {
                        one
                    } else {
                        old
                    }
                }
                _ => one + (other - one) * u / parts,
            }
        });
    }
    for _ in 0..rng.random_range(0..4) {
        let level = any_level(rng);
        let reach = width.min(height) * rng.random_range(0.1..0.48);
        let thickness = rng.random_range(1.0f32..4.0);
        let middle = Ellipse {
            x: width / 2.0,
            y: height / 2.0,
            a: reach,
            b: reach,
            turn: 0.0,
        };
        canvas.paint(|x, y, old| {
            if ((middle.radius(x, y) - 1.0) * reach).abs() < thickness {
                level
            } else {
                old
            }
        });
    }
    canvas
}

/// Levels that run from one side, or from a point, to another.
pub fn gradient(rng: &mut ChaCha8Rng) -> Canvas {
    let mut canvas = blank(rng, 0.0);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let (from, to) = (any_level(rng), any_level(rng));
    let turn: f32 = rng.random_range(0.0..std::f32::consts::TAU);
    let (sin, cos) = turn.sin_cos();
    let middle = Ellipse::any(rng, width, height, [0.6, 2.5]);
    let radial = rng.random_bool(0.5);
    let times = if rng.random_bool(0.2) {
        rng.random_range(2.0f32..9.0)
    } else {
        1.0
    };
    canvas.paint(|x, y, _| {
        let t = if radial {
            middle.radius(x, y)
        } else {
            0.5 + (cos * (x / width - 0.5) + sin * (y / height - 0.5)) * 0.7
        };
        let t = (t * times).clamp(0.0, times);
        let t = if times > 1.0 { t.fract() } else { t };
        from + (to - from) * t
    });
    canvas
}

/// One level, perhaps with a little noise, a few specks, strokes or letters.
pub fn nearly_empty(rng: &mut ChaCha8Rng) -> Canvas {
    let ground = any_level(rng);
    let mut canvas = blank(rng, ground);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    for _ in 0..rng.random_range(0..5) {
        let level = any_level(rng);
        match rng.random_range(0..3) {
            0 => canvas.ellipse(Ellipse::any(rng, width, height, [0.005, 0.08]), level),
            1 => {
                let mut place = || (rng.random_range(0.0..width), rng.random_range(0.0..height));
                let (from, to) = (place(), place());
                canvas.line(from, to, 2.0, level);
            }
            _ => {
                let (x, y) = (rng.random_range(0.0..width), rng.random_range(0.0..height));
                let word = word(rng);
                canvas.text(x, y, 10.0, level, &word);
            }
        }
    }
    if rng.random_bool(0.4) {
        let deviation = rng.random_range(0.5..8.0);
        canvas.noise(rng, deviation);
    }
    canvas
}

/// Flat ellipses, boxes and rings on a flat ground. A bright ring is left black or white inside,
/// for grey in a white ring is what a head looks like.
pub fn shapes(rng: &mut ChaCha8Rng) -> Canvas {
    let ground = any_level(rng);
    let mut canvas = blank(rng, ground);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    for _ in 0..rng.random_range(1..7) {
        let thing = Ellipse::any(rng, width, height, [0.15, 1.0]);
        let level = any_level(rng);
        match rng.random_range(0..3) {
            0 => canvas.ellipse(thing, level),
            1 => canvas.rectangle(
                thing.x - thing.a,
                thing.y - thing.b,
                2.0 * thing.a,
                2.0 * thing.b,
                level,
            ),
            _ => {
                let inner = rng.random_range(0.6..0.97);
                canvas.paint(|x, y, old| {
                    let r = thing.radius(x, y);
                    if r < 1.0 && r > inner { level } else { old }
                });
            }
        }
    }
    canvas.blur(rng.random_range(0..3));
    if rng.random_bool(0.3) {
        let deviation = rng.random_range(0.5..8.0);
        canvas.noise(rng, deviation);
    }
    canvas
}

/// Curves over a grid with labelled axes.
pub fn chart(rng: &mut ChaCha8Rng) -> Canvas {
    let dark = rng.random_bool(0.4);
    let (paper, ink) = if dark { (15.0, 230.0) } else { (250.0, 30.0) };
    let mut canvas = blank(rng, paper);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let lines = rng.random_range(3..9);
    for k in 0..lines {
        let y = height * (0.1 + 0.8 * k as f32 / lines as f32);
        canvas.line(
            (width * 0.1, y),
            (width * 0.95, y),
            1.0,
            (ink + 3.0 * paper) / 4.0,
        );
        canvas.text(2.0, y - 4.0, 8.0, ink, &format!("{}", k * 10));
    }
    for _ in 0..rng.random_range(1..5) {
        let curve = Clouds::new(rng, canvas.width, 8, width / 6.0);
        let mut last = None;
        for x in (width * 0.1) as usize..(width * 0.95) as usize {
            let here = (x as f32, height * (0.1 + 0.8 * curve.at(x as f32, 1.0)));
            if let Some(last) = last {
                canvas.line(last, here, 2.0, ink);
            }
            last = Some(here);
        }
    }
    canvas
}

/// Rings that narrow outwards, bright and dark in turn.
pub fn zone_plate(rng: &mut ChaCha8Rng) -> Canvas {
    let mut canvas = blank(rng, 0.0);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let middle = Ellipse {
        x: width / 2.0,
        y: height / 2.0,
        a: width / 2.0,
        b: width / 2.0,
        turn: 0.0,
    };
    let rings = rng.random_range(3.0f32..40.0);
    canvas.paint(|x, y, _| {
        let r = middle.radius(x, y);
        127.5 + 127.5 * (std::f32::consts::PI * rings * r * r).cos()
    });
    canvas
}

/// Black and white blocks with three corner marks, as machines read them.
pub fn code(rng: &mut ChaCha8Rng) -> Canvas {
    let modules = rng.random_range(21..45) as f32;
    let mut canvas = blank(rng, 255.0);
    let side = canvas.width.min(canvas.height) as f32 * 0.85;
    let (x0, y0) = (
        (canvas.width as f32 - side) / 2.0,
        (canvas.height as f32 - side) / 2.0,
    );
    let dot = side / modules;
    for j in 0..modules as usize {
        for i in 0..modules as usize {
            let level = if rng.random_bool(0.5) { 0.0 } else { 255.0 };
            canvas.rectangle(
                x0 + i as f32 * dot,
                y0 + j as f32 * dot,
                dot + 1.0,
                dot + 1.0,
                level,
            );
        }
    }
    for (i, j) in [(0.0, 0.0), (modules - 7.0, 0.0), (0.0, modules - 7.0)] {
        for (inset, level) in [(0.0, 0.0), (1.0, 255.0), (2.0, 0.0)] {
            let (x, y) = (x0 + (i + inset) * dot, y0 + (j + inset) * dot);
            canvas.rectangle(
                x,
                y,
                (7.0 - 2.0 * inset) * dot,
                (7.0 - 2.0 * inset) * dot,
                level,
            );
        }
    }
    canvas
}

/// Pen strokes on paper.
pub fn scribble(rng: &mut ChaCha8Rng) -> Canvas {
    let dark = rng.random_bool(0.3);
    let (paper, ink) = if dark { (10.0, 235.0) } else { (240.0, 40.0) };
    let mut canvas = blank(rng, paper);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    for _ in 0..rng.random_range(2..14) {
        let mut here = (rng.random_range(0.0..width), rng.random_range(0.0..height));
        let mut heading: f32 = rng.random_range(0.0..std::f32::consts::TAU);
        for _ in 0..rng.random_range(10..80) {
            heading += normal(rng) * 0.4;
            let next = (here.0 + 5.0 * heading.cos(), here.1 + 5.0 * heading.sin());
            canvas.line(here, next, 2.5, ink);
            here = next;
        }
    }
    canvas
}
