//! Altered copies of real slices, as screenshots, teaching files and web pages have them: other
//! windows, crops, sizes, turns, borders, letters, noise, JPEG.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, Fractal, normal};
use crate::preprocess::{Crop, head_crop, resize};
use crate::slice::Slice;

/// Grey level from which a pixel may belong to the head.
const HEAD_THRESHOLD: u8 = 60;
/// Levels below which a pixel is air and above which it is bone, both clipped by the window.
const AIR: f32 = 3.0;
const CLIPPED_BONE: f32 = 248.0;

/// An altered copy of a head slice (CT or other): still a head, seldom framed as it was.
pub fn head(rng: &mut ChaCha8Rng, slice: &Slice) -> Slice {
    let mut canvas = reframe(rng, slice);
    if rng.random_bool(0.7) {
        rewindow(rng, &mut canvas);
    }
    finish(rng, canvas)
}

/// An altered copy of a head CT as a window other than the brain's would show it – bone, lung – or
/// as its negative: near, but not what the classifiers have learned.
pub fn other_window(rng: &mut ChaCha8Rng, slice: &Slice) -> Slice {
    let mut canvas = reframe(rng, slice);
    match rng.random_range(0..4) {
        0 => canvas.paint(|_, _, v| 255.0 - v),
        1 => lung_window(rng, &mut canvas),
        _ => bone_window(rng, &mut canvas),
    }
    finish(rng, canvas)
}

/// Brain and scalp become a dark, even grey; bone, which the brain window clipped, gets a dense
/// rind, a looser core and grain.
fn bone_window(rng: &mut ChaCha8Rng, canvas: &mut Canvas) {
    let soft = rng.random_range(15.0f32..95.0);
    let contrast = rng.random_range(0.0f32..0.12);
    let rind = rng.random_range(170.0f32..255.0);
    let core = rind * rng.random_range(0.5..0.95);
    let grain = Fractal::new(
        rng,
        canvas.width,
        canvas.height,
        canvas.width as f32 / 20.0,
        3,
    );
    let bone = |v: &f32| if *v >= CLIPPED_BONE { 255.0 } else { 0.0 };
    let mut deep = Canvas {
        levels: canvas.levels.iter().map(bone).collect(),
        ..*canvas
    };
    deep.blur(canvas.width / 24);
    let outside = outside(canvas);
    let width = canvas.width;
    for (i, level) in canvas.levels.iter_mut().enumerate() {
        let near = deep.levels[i] / 255.0;
        *level = if *level >= CLIPPED_BONE {
            let grain = grain.at((i % width) as f32, (i / width) as f32) - 0.5;
            let edge = (near * 1.4 - 0.4).max(0.0);
            rind + (core - rind) * edge + grain * 70.0 * near
        } else if outside[i] {
            // The scalp's fat is black in the brain window: it lies along the bone.
            if near > 0.12 { soft * 0.8 } else { 0.0 }
        } else {
            soft + contrast * *level
        };
    }
    canvas.blur(1);
}

/// All tissue is nearly white.
fn lung_window(rng: &mut ChaCha8Rng, canvas: &mut Canvas) {
    let tissue = rng.random_range(190.0f32..245.0);
    let air = if rng.random_bool(0.5) {
        0.0
    } else {
        rng.random_range(0.0..60.0)
    };
    canvas.paint(|_, _, v| {
        if v <= AIR {
            air
        } else {
            tissue + (255.0 - tissue) * v / 255.0
        }
    });
    canvas.blur(1);
}

/// An altered copy of any other picture: a random part of it, perhaps negative.
pub fn picture(rng: &mut ChaCha8Rng, slice: &Slice) -> Slice {
    let longest = slice.width().max(slice.height());
    let share = rng.random_range(0.35f32..1.0);
    let side = ((longest as f32 * share) as usize).max(32);
    let place = |rng: &mut ChaCha8Rng, length: usize| {
        let room = length as i64 - side as i64;
        (if room > 0 {
            rng.random_range(0..=room)
        } else {
            room / 2
        }) as isize
    };
    let crop = Crop {
        x: place(rng, slice.width()),
        y: place(rng, slice.height()),
        side,
    };
    let to = rng.random_range(96..400);
    let mut canvas = Canvas {
        width: to,
        height: to,
        levels: floats(&resize(slice, crop, to)),
    };
    if rng.random_bool(0.5) {
        mirror(&mut canvas);
    }
    if rng.random_bool(0.15) {
        canvas.paint(|_, _, v| 255.0 - v);
    }
    if rng.random_bool(0.5) {
        regrade(rng, &mut canvas);
    }
    finish(rng, canvas)
}

fn floats(grey: &[u8]) -> Vec<f32> {
    grey.iter().map(|&v| f32::from(v)).collect()
}

fn mirror(canvas: &mut Canvas) {
    for row in canvas.levels.chunks_exact_mut(canvas.width) {
        row.reverse();
    }
}

/// Cuts the head out anew – tight, even into it, or with room – at another size and angle.
fn reframe(rng: &mut ChaCha8Rng, slice: &Slice) -> Canvas {
    let head = head_crop(slice, HEAD_THRESHOLD);
    let margin = if rng.random_bool(0.5) {
        rng.random_range(-0.05..0.08)
    } else {
        rng.random_range(0.05..0.7)
    };
    let side = (head.side as f32 * (1.0 + 2.0 * margin)).max(16.0);
    let middle = |start: isize| start as f32 + head.side as f32 / 2.0 - side / 2.0;
    let mut shift = || rng.random_range(-0.06f32..0.06) * head.side as f32;
    let crop = Crop {
        x: (middle(head.x) + shift()) as isize,
        y: (middle(head.y) + shift()) as isize,
        side: side as usize,
    };
    let to = rng.random_range(90..400);
    let levels = floats(&resize(slice, crop, to));
    let mut canvas = Canvas {
        width: to,
        height: to,
        levels,
    };
    if rng.random_bool(0.5) {
        mirror(&mut canvas);
    }
    if rng.random_bool(0.7) {
        canvas = warp(rng, &canvas);
    }
    if rng.random_bool(0.3) {
        canvas = trim(rng, &canvas);
    }
    canvas
}

/// Turned and stretched about the centre, bilinear, black outside.
fn warp(rng: &mut ChaCha8Rng, from: &Canvas) -> Canvas {
    let degrees: f32 = normal(rng) * 12.0;
    let (sin, cos) = degrees.to_radians().sin_cos();
    let stretch: f32 = rng.random_range(0.85..1.18);
    let (half_w, half_h) = (from.width as f32 / 2.0, from.height as f32 / 2.0);
    let at = |x: isize, y: isize| {
        if x < 0 || y < 0 || x as usize >= from.width || y as usize >= from.height {
            0.0
        } else {
            from.levels[y as usize * from.width + x as usize]
        }
    };
    let mut to = Canvas::new(from.width, from.height, 0.0);
    to.paint(|x, y, _| {
        let (dx, dy) = ((x - half_w) * stretch, y - half_h);
        let u = cos * dx - sin * dy + half_w - 0.5;
        let v = sin * dx + cos * dy + half_h - 0.5;
        let (i, j) = (u.floor(), v.floor());
        let (fx, fy) = (u - i, v - j);
        let (i, j) = (i as isize, j as isize);
        let top = at(i, j) * (1.0 - fx) + at(i + 1, j) * fx;
        let low = at(i, j + 1) * (1.0 - fx) + at(i + 1, j + 1) * fx;
        top * (1.0 - fy) + low * fy
    });
    to
}

/// Rows or columns cut off at the edges, as far as a careless crop cuts.
fn trim(rng: &mut ChaCha8Rng, from: &Canvas) -> Canvas {
    let mut cut = |length: usize| {
        let most = (length as f32 * 0.1) as usize;
        (rng.random_range(0..=most), rng.random_range(0..=most))
    };
    let ((left, right), (above, below)) = (cut(from.width), cut(from.height));
    let (width, height) = (from.width - left - right, from.height - above - below);
    let levels = (0..height)
        .flat_map(|y| &from.levels[(y + above) * from.width + left..][..width])
        .copied()
        .collect();
    Canvas {
        width,
        height,
        levels,
    }
}

/// What another window would have shown, as far as the clipped levels tell: soft tissue is
/// stretched or squeezed, bone stays white; in a wider window fat and fluid are no longer black.
fn rewindow(rng: &mut ChaCha8Rng, canvas: &mut Canvas) {
    if rng.random_bool(0.5) {
        return regrade_soft_tissue(rng, canvas);
    }
    let outside = outside(canvas);
    let low = rng.random_range(0.0f32..70.0);
    let high = rng.random_range((low + 70.0)..255.0);
    for (level, outside) in canvas.levels.iter_mut().zip(outside) {
        if !outside && *level < CLIPPED_BONE {
            *level = low + *level * (high - low) / 255.0;
        }
    }
}

/// Contrast about the level of brain, brightness, gamma; air and bone stay clipped.
fn regrade_soft_tissue(rng: &mut ChaCha8Rng, canvas: &mut Canvas) {
    const BRAIN: f32 = 105.0;
    let contrast = rng.random_range(0.6f32..1.9);
    let brightness = rng.random_range(-35.0f32..40.0);
    let gamma = rng.random_range(0.75f32..1.35);
    for level in &mut canvas.levels {
        if (AIR..CLIPPED_BONE).contains(level) {
            let v = (BRAIN + (*level - BRAIN) * contrast + brightness).clamp(0.0, 255.0);
            *level = 255.0 * (v / 255.0).powf(gamma);
        }
    }
}

/// The same for pictures without air or bone.
fn regrade(rng: &mut ChaCha8Rng, canvas: &mut Canvas) {
    let contrast = rng.random_range(0.6f32..2.0);
    let brightness = rng.random_range(-60.0f32..60.0);
    canvas.paint(|_, _, v| (128.0 + (v - 128.0) * contrast + brightness).clamp(0.0, 255.0));
}

/// Black pixels that are joined to the rim through black ones: the air around the head.
fn outside(canvas: &Canvas) -> Vec<bool> {
    let (width, height) = (canvas.width, canvas.height);
    let mut outside = vec![false; canvas.levels.len()];
    let mut open: Vec<usize> = (0..width)
        .flat_map(|x| [x, (height - 1) * width + x])
        .chain((0..height).flat_map(|y| [y * width, y * width + width - 1]))
        .collect();
    while let Some(i) = open.pop() {
        if outside[i] || canvas.levels[i] > AIR {
            continue;
        }
        outside[i] = true;
        let (x, y) = (i % width, i / width);
        if x > 0 {
            open.push(i - 1);
        }
        if x + 1 < width {
            open.push(i + 1);
        }
        if y > 0 {
            open.push(i - width);
        }
        if y + 1 < height {
            open.push(i + width);
        }
    }
    outside
}

/// What happens to a picture after it was made: noise, blur, letters, borders, tint, JPEG.
pub fn finish(rng: &mut ChaCha8Rng, mut canvas: Canvas) -> Slice {
    match rng.random_range(0..4) {
        0 => canvas.blur(rng.random_range(1..4)),
        1 => sharpen(rng, &mut canvas),
        _ => {}
    }
    if rng.random_bool(0.3) {
        let deviation = rng.random_range(1.0..12.0);
        for level in &mut canvas.levels {
            if (AIR..CLIPPED_BONE).contains(level) {
                *level += deviation * normal(rng);
            }
        }
    }
    if rng.random_bool(0.25) {
        letters(rng, &mut canvas);
    }
    if rng.random_bool(0.15) {
        border(rng, &mut canvas);
    }
    if rng.random_bool(0.25) {
        // The luma of a tinted or faded copy.
        let low = rng.random_range(0.0..30.0);
        let high = rng.random_range(170.0..255.0);
        canvas.paint(|_, _, v| low + v * (high - low) / 255.0);
    }
    let slice = canvas.into_slice();
    if rng.random_bool(0.6) {
        return jpeg(&slice, rng.random_range(25..95));
    }
    slice
}

fn sharpen(rng: &mut ChaCha8Rng, canvas: &mut Canvas) {
    let amount = rng.random_range(0.2..1.2);
    let original = canvas.levels.clone();
    canvas.blur(2);
    for (level, original) in canvas.levels.iter_mut().zip(original) {
        *level = (original + amount * (original - *level)).clamp(0.0, 255.0);
    }
}

/// Burnt-in letters along the edges, and perhaps a scale or an arrow.
fn letters(rng: &mut ChaCha8Rng, canvas: &mut Canvas) {
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let size = rng.random_range(7.0f32..(height * 0.07).max(8.0));
    let level = rng.random_range(150.0..255.0);
    for _ in 0..rng.random_range(1..6) {
        let word: String = (0..rng.random_range(1..10)).map(|_| letter(rng)).collect();
        let x = if rng.random_bool(0.5) {
            2.0
        } else {
            width - word.len() as f32 * size - 2.0
        };
        let lines = (height / size * 0.3) as usize;
        let from_edge = rng.random_range(0..lines.max(1)) as f32 * size;
        let y = if rng.random_bool(0.5) {
            from_edge + 2.0
        } else {
            height - from_edge - size
        };
        canvas.text(x, y, size, level, &word);
    }
    if rng.random_bool(0.4) {
        let mut place = |length: f32| length * rng.random_range(0.1..0.9);
        let (from, to) = ((place(width), place(height)), (place(width), place(height)));
        let reach = 0.25;
        let to = (
            from.0 + (to.0 - from.0) * reach,
            from.1 + (to.1 - from.1) * reach,
        );
        canvas.line(from, to, (height * 0.012).max(1.5), level);
    }
}

pub fn letter(rng: &mut ChaCha8Rng) -> char {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:.-/";
    LETTERS[rng.random_range(0..LETTERS.len())] as char
}

/// A margin or a frame on some sides.
fn border(rng: &mut ChaCha8Rng, canvas: &mut Canvas) {
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let level = if rng.random_bool(0.6) {
        255.0
    } else {
        rng.random_range(0.0..255.0)
    };
    let thickness = rng.random_range(1.0..(width * 0.04).max(2.0));
    let sides: [bool; 4] = std::array::from_fn(|_| rng.random_bool(0.5));
    let places = [
        (0.0, 0.0, width, thickness),
        (0.0, height - thickness, width, thickness + 1.0),
        (0.0, 0.0, thickness, height),
        (width - thickness, 0.0, thickness + 1.0, height),
    ];
    for (x, y, w, h) in sides
        .iter()
        .zip(places)
        .filter_map(|(&on, place)| on.then_some(place))
    {
        canvas.rectangle(x, y, w, h, level);
    }
}

/// Through JPEG and back.
fn jpeg(slice: &Slice, quality: u8) -> Slice {
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, quality)
        .encode(
            slice.grey(),
            slice.width() as u16,
            slice.height() as u16,
            jpeg_encoder::ColorType::Luma,
        )
        .expect("a small grey image can be written to memory");
    Slice::from_bytes(&bytes).expect("what was just written can be read")
}
