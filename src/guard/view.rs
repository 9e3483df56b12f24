//! The picture as the guard measures it: the head crop, small, its levels stretched, with rays from
//! its centre. Tint, brightness and size are gone.

use crate::preprocess::{head_crop, resize};
use crate::slice::Slice;

/// Side of the view, pixels.
pub const SIDE: usize = 96;
/// Grey level (0–255) of the slice from which a pixel may belong to the head.
const HEAD_THRESHOLD: u8 = 60;
/// Level of the view from which a pixel counts as object and not as ground.
pub const OBJECT: u8 = 64;
/// Level of the view from which a pixel counts as saturated, as bone is.
pub const BRIGHT: u8 = 204;
/// Least span of levels that is stretched; less is an empty picture, and stays faint.
pub const LEAST_SPAN: u8 = 16;

/// Rays from the centre.
pub const RAYS: usize = 64;
/// Cosine and sine of one 64th of a turn, as constants so that every platform has the same.
const RAY_STEP: (f32, f32) = (0.995_184_7, 0.098_017_14);

/// A square view of the head crop.
pub struct View {
    /// `SIDE × SIDE` stretched levels 0–255, row-major.
    pub levels: Vec<u8>,
    /// Level of the slice that became 0.
    pub low: u8,
    /// Level of the slice that became 255.
    pub top: u8,
    /// Central differences `(dx, dy)` of the levels, zero on the rim.
    pub gradients: Vec<(i16, i16)>,
    /// Centre of mass of the object, pixels of the view.
    pub centre: (f32, f32),
    /// Levels along each ray, a pixel a step, from the outermost object pixel inwards to the
    /// centre.
    pub rays: Vec<Vec<f32>>,
}

impl View {
    /// Crops, shrinks, stretches and casts the rays.
    pub fn of(slice: &Slice) -> Self {
        let raw = resize(slice, head_crop(slice, HEAD_THRESHOLD), SIDE);
        let (levels, low, top) = stretch(&raw);
        let centre = centre(&levels);
        Self {
            gradients: gradients(&levels),
            rays: rays(&levels, centre),
            centre,
            levels,
            low,
            top,
        }
    }
}

/// Stretches levels so that the 1st percentile becomes 0 and the 98th 255; gives both.
fn stretch(raw: &[u8]) -> (Vec<u8>, u8, u8) {
    let mut counts = [0usize; 256];
    for &v in raw {
        counts[usize::from(v)] += 1;
    }
    let percentile = |percent: usize| {
        let mut seen = 0;
        let beyond = counts.iter().position(|&n| {
            seen += n;
            seen * 100 > raw.len() * percent
        });
        beyond.unwrap_or(255) as u8
    };
    let (low, top) = (percentile(1), percentile(98));
    let span = i32::from((top - low).max(LEAST_SPAN));
    let levels = raw
        .iter()
        .map(|&v| ((i32::from(v) - i32::from(low)) * 255 / span).clamp(0, 255) as u8)
        .collect();
    (levels, low, top)
}

fn gradients(levels: &[u8]) -> Vec<(i16, i16)> {
    let inner = 1..SIDE - 1;
    let difference = |a: usize, b: usize| i16::from(levels[b]) - i16::from(levels[a]);
    (0..levels.len())
        .map(|i| {
            if !inner.contains(&(i % SIDE)) || !inner.contains(&(i / SIDE)) {
                return (0, 0);
            }
            (difference(i - 1, i + 1), difference(i - SIDE, i + SIDE))
        })
        .collect()
}

fn centre(levels: &[u8]) -> (f32, f32) {
    let (mut n, mut sum_x, mut sum_y) = (0usize, 0, 0);
    for (i, _) in levels.iter().enumerate().filter(|&(_, &v)| v >= OBJECT) {
        n += 1;
        sum_x += i % SIDE;
        sum_y += i / SIDE;
    }
    if n == 0 {
        return (SIDE as f32 / 2.0, SIDE as f32 / 2.0);
    }
    (sum_x as f32 / n as f32, sum_y as f32 / n as f32)
}

fn rays(levels: &[u8], (cx, cy): (f32, f32)) -> Vec<Vec<f32>> {
    let inside = 0.0..=(SIDE - 1) as f32;
    let (mut ux, mut uy) = (1f32, 0f32);
    let mut rays = Vec::with_capacity(RAYS);
    for _ in 0..RAYS {
        let mut ray: Vec<f32> = (0..2 * SIDE)
            .map(|r| (cx + r as f32 * ux, cy + r as f32 * uy))
            .take_while(|(x, y)| inside.contains(x) && inside.contains(y))
            .map(|(x, y)| bilinear(levels, x, y))
            .collect();
        let outline = ray.iter().rposition(|&v| v >= f32::from(OBJECT));
        ray.truncate(outline.map_or(0, |i| i + 1));
        ray.reverse();
        rays.push(ray);
        (ux, uy) = (
            ux * RAY_STEP.0 - uy * RAY_STEP.1,
            ux * RAY_STEP.1 + uy * RAY_STEP.0,
        );
    }
    rays
}

fn bilinear(levels: &[u8], x: f32, y: f32) -> f32 {
    let (i, j) = (x as usize, y as usize);
    let (fx, fy) = (x - i as f32, y - j as f32);
    let at = |x: usize, y: usize| f32::from(levels[y.min(SIDE - 1) * SIDE + x.min(SIDE - 1)]);
    let top = at(i, j) + (at(i + 1, j) - at(i, j)) * fx;
    let low = at(i, j + 1) + (at(i + 1, j + 1) - at(i, j + 1)) * fx;
    top + (low - top) * fy
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A white disc of radius 40 in the middle of a black slice.
    fn disc(level: u8) -> Slice {
        let grey = (0..128 * 128)
            .map(|i| {
                let (x, y) = (i % 128 - 64, i / 128 - 64);
                if x * x + y * y <= 40 * 40 { level } else { 0 }
            })
            .collect();
        Slice::new(128, 128, grey).unwrap()
    }

    #[test]
    fn every_ray_of_a_disc_is_as_long_and_as_bright() {
        let view = View::of(&disc(255));
        assert!((view.centre.0 - 47.5).abs() < 1.0 && (view.centre.1 - 47.5).abs() < 1.0);
        for ray in &view.rays {
            assert!((45..=50).contains(&ray.len()), "{}", ray.len());
            assert!(ray[4..].iter().all(|&v| v == 255.0));
        }
    }

    #[test]
    fn brightness_is_stretched_away_but_an_empty_picture_stays_faint() {
        let [bright, dim] = [255, 120].map(|level| View::of(&disc(level)).levels);
        assert!(bright.iter().zip(&dim).all(|(b, d)| b.abs_diff(*d) <= 3));
        let flat = Slice::new(64, 64, vec![90; 64 * 64]).unwrap();
        let view = View::of(&flat);
        assert!(view.levels.iter().all(|&v| v == 0));
        assert!(view.rays.iter().all(Vec::is_empty));
    }
}
