//! A grey canvas and what is drawn on it.

use font8x8::UnicodeFonts;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::slice::Slice;

/// Grey levels 0–255 as floats, row-major.
pub struct Canvas {
    pub width: usize,
    pub height: usize,
    pub levels: Vec<f32>,
}

/// An ellipse at any angle, in pixels.
#[derive(Clone, Copy)]
pub struct Ellipse {
    pub x: f32,
    pub y: f32,
    pub a: f32,
    pub b: f32,
    /// Radians.
    pub turn: f32,
}

impl Ellipse {
    /// 0 at the centre, 1 on the outline.
    pub fn radius(&self, x: f32, y: f32) -> f32 {
        let (sin, cos) = self.turn.sin_cos();
        let (dx, dy) = (x - self.x, y - self.y);
        let u = (dx * cos + dy * sin) / self.a;
        let v = (dy * cos - dx * sin) / self.b;
        (u * u + v * v).sqrt()
    }

    /// One that fits into a `width × height` box, of a size between the shares of its sides.
    pub fn any(rng: &mut ChaCha8Rng, width: f32, height: f32, shares: [f32; 2]) -> Self {
        Self {
            x: rng.random_range(0.0..width),
            y: rng.random_range(0.0..height),
            a: width * rng.random_range(shares[0]..shares[1]) / 2.0,
            b: height * rng.random_range(shares[0]..shares[1]) / 2.0,
            turn: rng.random_range(0.0..std::f32::consts::PI),
        }
    }
}

impl Canvas {
    pub fn new(width: usize, height: usize, level: f32) -> Self {
        Self {
            width,
            height,
            levels: vec![level; width * height],
        }
    }

    pub fn from_slice(slice: &Slice) -> Self {
        Self {
            width: slice.width(),
            height: slice.height(),
            levels: slice.grey().iter().map(|&v| f32::from(v)).collect(),
        }
    }

    /// Rounds to eight bits.
    pub fn into_slice(self) -> Slice {
        let grey = self
            .levels
            .iter()
            .map(|v| v.clamp(0.0, 255.0).round() as u8)
            .collect();
        Slice::new(self.width, self.height, grey).expect("a canvas is larger than the least slice")
    }

    /// Replaces each level by what `paint` makes of place and level.
    pub fn paint(&mut self, paint: impl Fn(f32, f32, f32) -> f32) {
        for (i, level) in self.levels.iter_mut().enumerate() {
            let (x, y) = ((i % self.width) as f32 + 0.5, (i / self.width) as f32 + 0.5);
            *level = paint(x, y, *level);
        }
    }

    /// The same for the places no further from the centre of an ellipse than `reach` times its larger
    /// axis.
    pub fn paint_around(
        &mut self,
        ellipse: Ellipse,
        reach: f32,
        paint: impl Fn(f32, f32, f32) -> f32,
    ) {
        let reach = reach * ellipse.a.max(ellipse.b) + 1.0;
        let clip = |v: f32, most: usize| (v.max(0.0) as usize).min(most);
        let across = clip(ellipse.x - reach, self.width)..clip(ellipse.x + reach, self.width);
        for row in clip(ellipse.y - reach, self.height)..clip(ellipse.y + reach, self.height) {
            for column in across.clone() {
                let level = &mut self.levels[row * self.width + column];
                *level = paint(column as f32 + 0.5, row as f32 + 0.5, *level);
            }
        }
    }

    pub fn rectangle(&mut self, x: f32, y: f32, width: f32, height: f32, level: f32) {
        let clip = |v: f32, most: usize| (v.max(0.0) as usize).min(most);
        let (x0, x1) = (clip(x, self.width), clip(x + width, self.width));
        for row in clip(y, self.height)..clip(y + height, self.height) {
            self.levels[row * self.width..][x0..x1].fill(level);
        }
    }

    pub fn ellipse(&mut self, ellipse: Ellipse, level: f32) {
        self.paint_around(ellipse, 1.0, |x, y, old| {
            if ellipse.radius(x, y) < 1.0 {
                level
            } else {
                old
            }
        });
    }

    /// A straight stroke.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), thickness: f32, level: f32) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length2 = (dx * dx + dy * dy).max(1e-3);
        let margin = thickness + 1.0;
        let span = |a: f32, b: f32, most: usize| {
            let low = (a.min(b) - margin).max(0.0) as usize;
            (low, ((a.max(b) + margin).max(0.0) as usize).min(most))
        };
        let (x0, x1) = span(from.0, to.0, self.width);
        let (y0, y1) = span(from.1, to.1, self.height);
        for y in y0..y1 {
            for x in x0..x1 {
                let (px, py) = (x as f32 + 0.5 - from.0, y as f32 + 0.5 - from.1);
                let t = ((px * dx + py * dy) / length2).clamp(0.0, 1.0);
                let (ex, ey) = (px - t * dx, py - t * dy);
                if ex * ex + ey * ey <= thickness * thickness / 4.0 {
                    self.levels[y * self.width + x] = level;
                }
            }
        }
    }

    /// Writes text whose letters are `size` pixels high, and says how wide it came out.
    pub fn text(&mut self, x: f32, y: f32, size: f32, level: f32, text: &str) -> f32 {
        let dot = size / 8.0;
        for (n, letter) in text.chars().enumerate() {
            let Some(glyph) = font8x8::BASIC_FONTS.get(letter) else {
                continue;
            };
            for (row, bits) in glyph.iter().enumerate() {
                for column in (0..8).filter(|c| bits >> c & 1 == 1) {
                    let left = x + (n as f32 * 8.0 + column as f32) * dot;
                    // A dot thinner than a pixel still leaves a mark.
                    self.rectangle(
                        left,
                        y + row as f32 * dot,
                        dot.max(1.0),
                        dot.max(1.0),
                        level,
                    );
                }
            }
        }
        text.chars().count() as f32 * size
    }

    /// Gaussian noise with a given deviation.
    pub fn noise(&mut self, rng: &mut ChaCha8Rng, deviation: f32) {
        for level in &mut self.levels {
            *level += deviation * normal(rng);
        }
    }

    /// Weights 1, 2, 1 along rows and columns, so many times.
    pub fn blur(&mut self, times: usize) {
        let (width, height) = (self.width, self.height);
        for _ in 0..times {
            for (step, last) in [(1, width), (width, height)] {
                let from = self.levels.clone();
                for (i, out) in self.levels.iter_mut().enumerate() {
                    let place = if step == 1 { i % width } else { i / width };
                    let before = if place > 0 { from[i - step] } else { from[i] };
                    let after = if place + 1 < last {
                        from[i + step]
                    } else {
                        from[i]
                    };
                    *out = 0.25 * (before + after) + 0.5 * from[i];
                }
            }
        }
    }
}

/// A value from the standard normal distribution, near enough: the sum of uniform ones.
pub fn normal(rng: &mut ChaCha8Rng) -> f32 {
    (0..4).map(|_| rng.random_range(-1.0f32..1.0)).sum::<f32>() * 0.866
}

/// Smooth value noise, 0–1, of a given pitch in pixels.
pub struct Clouds {
    grid: Vec<f32>,
    columns: usize,
    pitch: f32,
}

impl Clouds {
    pub fn new(rng: &mut ChaCha8Rng, width: usize, height: usize, pitch: f32) -> Self {
        let columns = (width as f32 / pitch) as usize + 3;
        let rows = (height as f32 / pitch) as usize + 3;
        let grid = (0..columns * rows)
            .map(|_| rng.random_range(0.0..1.0))
            .collect();
        Self {
            grid,
            columns,
            pitch,
        }
    }

    pub fn at(&self, x: f32, y: f32) -> f32 {
        let (u, v) = ((x / self.pitch).max(0.0), (y / self.pitch).max(0.0));
        let i = (u as usize).min(self.columns - 2);
        let j = (v as usize).min(self.grid.len() / self.columns - 2);
        let ease = |t: f32| t * t * (3.0 - 2.0 * t);
        let (fx, fy) = (ease((u - i as f32).min(1.0)), ease((v - j as f32).min(1.0)));
        let at = |i: usize, j: usize| self.grid[j * self.columns + i];
        let top = at(i, j) + (at(i + 1, j) - at(i, j)) * fx;
        let low = at(i, j + 1) + (at(i + 1, j + 1) - at(i, j + 1)) * fx;
        top + (low - top) * fy
    }
}

/// Clouds of halving pitch and strength, 0–1.
pub struct Fractal(Vec<Clouds>);

impl Fractal {
    pub fn new(
        rng: &mut ChaCha8Rng,
        width: usize,
        height: usize,
        pitch: f32,
        octaves: usize,
    ) -> Self {
        let scale = |k: usize| (pitch / (1 << k) as f32).max(1.5);
        Self(
            (0..octaves)
                .map(|k| Clouds::new(rng, width, height, scale(k)))
                .collect(),
        )
    }

    pub fn at(&self, x: f32, y: f32) -> f32 {
        let (mut sum, mut weight, mut total) = (0.0, 1.0, 0.0);
        for clouds in &self.0 {
            sum += weight * clouds.at(x, y);
            total += weight;
            weight *= 0.6;
        }
        sum / total
    }
}
