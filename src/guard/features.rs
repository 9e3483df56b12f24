//! What the guard measures on a view: numbers that tell a head-CT slice from anything else. Only
//! `+ − × ÷ √` on floats, in a fixed order, so that every platform gets the same numbers.

use super::view::{BRIGHT, OBJECT, RAYS, SIDE, View};

/// Length of the vector that `features` gives.
pub const DIMENSIONS: usize =
    RANGE + LEVELS + TEXTURE + OUTLINE + BONE + RING + CORE + EDGES + THUMBNAIL + SHAPE;

const RANGE: usize = 2;
/// Bins of the histogram of levels.
const LEVELS: usize = 24;
/// Levels × strengths of gradient (upper ends) of the texture histogram.
const TEXTURE_LEVELS: usize = 8;
const TEXTURE_STRENGTHS: [u16; 5] = [6, 16, 40, 90, u16::MAX];
const TEXTURE: usize = TEXTURE_LEVELS * TEXTURE_STRENGTHS.len();
/// Pixels of depth that are looked at inwards from the outline, and from the bone.
const OUTLINE_DEPTH: usize = 24;
const OUTLINE: usize = 3 * OUTLINE_DEPTH;
const BONE_DEPTH: usize = 16;
const BONE: usize = 3 * BONE_DEPTH;
/// Thicknesses of the bright ring, pixels, from which each bin counts; the first bin has none.
const RING_THICKNESSES: [usize; 5] = [1, 3, 5, 8, 12];
/// How dark the darkest level just inside the ring is against those further in: ends of bins.
const RING_GAPS: [f32; 3] = [0.35, 0.6, 0.85];
const RING: usize = RING_THICKNESSES.len() + 1 + RING_GAPS.len() + 1;
/// Bins of the histogram of levels in the core, and the core's share of the object's area.
const CORE: usize = 12;
const CORE_AREA: f32 = 0.3;
/// Rings around the centre, and bins of the angle between edge and radius.
const EDGE_RINGS: usize = 3;
const EDGE_ANGLES: usize = 4;
/// Squared gradient from which a pixel is an edge.
const LEAST_EDGE: f32 = 64.0;
const EDGES: usize = EDGE_RINGS * (EDGE_ANGLES + 1);
/// Blocks a side of the thumbnail.
const THUMBNAIL_SIDE: usize = 8;
const THUMBNAIL: usize = THUMBNAIL_SIDE * THUMBNAIL_SIDE;
const SHAPE: usize = 8;

/// The feature vector of a view, [`DIMENSIONS`] long.
pub fn features(view: &View) -> Vec<f32> {
    let mut out = Vec::with_capacity(DIMENSIONS);
    out.extend([view.low, view.top].map(|level| f32::from(level) / 255.0));
    levels(view, &mut out);
    texture(view, &mut out);
    outline(view, &mut out);
    bone(view, &mut out);
    ring(view, &mut out);
    core(view, &mut out);
    edges(view, &mut out);
    thumbnail(view, &mut out);
    shape(view, &mut out);
    debug_assert_eq!(out.len(), DIMENSIONS);
    out
}

/// Square roots of shares: a histogram in which small bins count too.
fn push_shares(counts: &[f32], out: &mut Vec<f32>) {
    let sum: f32 = counts.iter().sum::<f32>().max(1e-6);
    out.extend(counts.iter().map(|count| (count / sum).sqrt()));
}

fn levels(view: &View, out: &mut Vec<f32>) {
    let mut counts = [0f32; LEVELS];
    for &v in &view.levels {
        counts[usize::from(v) * LEVELS / 256] += 1.0;
    }
    push_shares(&counts, out);
}

/// How smooth each level is: CT has flat air, flat bone and finely grained brain.
fn texture(view: &View, out: &mut Vec<f32>) {
    let mut counts = [0f32; TEXTURE];
    for (&v, &(dx, dy)) in view.levels.iter().zip(&view.gradients) {
        let strength = dx.unsigned_abs() + dy.unsigned_abs();
        let bin = TEXTURE_STRENGTHS
            .iter()
            .take_while(|&&end| strength > end)
            .count();
        counts[usize::from(v) * TEXTURE_LEVELS / 256 * TEXTURE_STRENGTHS.len() + bin] += 1.0;
    }
    push_shares(&counts, out);
}

/// Quartiles over the rays of the level at each depth, 0–1; 0 beyond the centre.
fn push_quartiles<'a>(
    profiles: impl Iterator<Item = &'a [f32]> + Clone,
    depth: usize,
    out: &mut Vec<f32>,
) {
    for d in 0..depth {
        let mut column: Vec<f32> = profiles
            .clone()
            .map(|profile| profile.get(d).copied().unwrap_or(0.0))
            .collect();
        column.sort_by(f32::total_cmp);
        out.extend([1, 2, 3].map(|quarter| column[RAYS * quarter / 4] / 255.0));
    }
}

/// The layers inwards from the outline. A head CT has a dim scalp, bright bone and grey brain;
/// magnetic resonance a bright scalp and dark bone.
fn outline(view: &View, out: &mut Vec<f32>) {
    push_quartiles(view.rays.iter().map(Vec::as_slice), OUTLINE_DEPTH, out);
}

/// Where the first saturated stretch of a ray begins, within reach of the outline.
fn bone_start(ray: &[f32]) -> Option<usize> {
    ray.iter()
        .take(OUTLINE_DEPTH)
        .position(|&v| v >= f32::from(BRIGHT))
}

/// The same layers inwards from the outer edge of the bone, whatever the scalp's thickness.
fn bone(view: &View, out: &mut Vec<f32>) {
    let profiles = view
        .rays
        .iter()
        .map(|ray| &ray[bone_start(ray).unwrap_or(0)..]);
    push_quartiles(profiles, BONE_DEPTH, out);
}

/// Thickness and completeness of the bright ring, and how dark the gap inside it is.
fn ring(view: &View, out: &mut Vec<f32>) {
    const NEAR: usize = 6;
    const BEYOND: usize = 8;
    let mut thicknesses = [0f32; RING_THICKNESSES.len() + 1];
    let mut gaps = [0f32; RING_GAPS.len() + 1];
    for ray in &view.rays {
        let Some(start) = bone_start(ray) else {
            thicknesses[0] += 1.0;
            continue;
        };
        let inwards = &ray[start..];
        let bright = inwards
            .iter()
            .take_while(|&&v| v >= f32::from(BRIGHT))
            .count();
        thicknesses[RING_THICKNESSES
            .iter()
            .take_while(|&&least| bright >= least)
            .count()] += 1.0;
        let within = &inwards[bright..];
        let darkest = within.iter().take(NEAR).copied().fold(255f32, f32::min);
        let beyond = within.iter().skip(NEAR).take(BEYOND);
        let mean = beyond.clone().sum::<f32>() / (beyond.len() as f32).max(1.0);
        let ratio = darkest / mean.max(16.0);
        gaps[RING_GAPS.iter().take_while(|&&end| ratio >= end).count()] += 1.0;
    }
    push_shares(&thicknesses, out);
    push_shares(&gaps, out);
}

/// Levels in the middle of the object, where brain is even.
fn core(view: &View, out: &mut Vec<f32>) {
    let mean = view.rays.iter().map(|ray| ray.len() as f32).sum::<f32>() / RAYS as f32;
    let reach = CORE_AREA * mean * mean;
    let mut counts = [0f32; CORE];
    for (i, &v) in view.levels.iter().enumerate() {
        let (dx, dy) = from_centre(view, i);
        if dx * dx + dy * dy <= reach {
            counts[usize::from(v) * CORE / 256] += 1.0;
        }
    }
    push_shares(&counts, out);
}

fn from_centre(view: &View, i: usize) -> (f32, f32) {
    (
        (i % SIDE) as f32 - view.centre.0,
        (i / SIDE) as f32 - view.centre.1,
    )
}

/// Directions of edges against the radius in rings of equal area: a head's run around it.
fn edges(view: &View, out: &mut Vec<f32>) {
    const HALF: f32 = SIDE as f32 / 2.0;
    let mut sums = [[0f32; EDGE_ANGLES]; EDGE_RINGS];
    let mut areas = [0f32; EDGE_RINGS];
    for (i, &(gx, gy)) in view.gradients.iter().enumerate() {
        let (dx, dy) = from_centre(view, i);
        let r2 = dx * dx + dy * dy;
        let ring = (r2 / (HALF * HALF) * EDGE_RINGS as f32) as usize;
        if ring >= EDGE_RINGS {
            continue;
        }
        areas[ring] += 1.0;
        let (gx, gy) = (f32::from(gx), f32::from(gy));
        let g2 = gx * gx + gy * gy;
        if g2 < LEAST_EDGE || r2 < 1.0 {
            continue;
        }
        let along = gx * dx + gy * dy;
        let cosine2 = along * along / (g2 * r2);
        let angle = ((cosine2 * EDGE_ANGLES as f32) as usize).min(EDGE_ANGLES - 1);
        sums[ring][angle] += g2.sqrt();
    }
    for (sums, area) in sums.iter().zip(areas) {
        push_shares(sums, out);
        out.push((sums.iter().sum::<f32>() / area.max(1.0) / 128.0).sqrt());
    }
}

fn thumbnail(view: &View, out: &mut Vec<f32>) {
    const BLOCK: usize = SIDE / THUMBNAIL_SIDE;
    for by in 0..THUMBNAIL_SIDE {
        for bx in 0..THUMBNAIL_SIDE {
            let rows = (0..BLOCK).map(|y| (by * BLOCK + y) * SIDE + bx * BLOCK);
            let sum: u32 = rows
                .flat_map(|start| &view.levels[start..][..BLOCK])
                .map(|&v| u32::from(v))
                .sum();
            out.push(sum as f32 / (BLOCK * BLOCK * 255) as f32);
        }
    }
}

/// Form of the object: area, size, roundness, raggedness, how filled it is, its symmetry, and how
/// bright the view's rim is.
fn shape(view: &View, out: &mut Vec<f32>) {
    let n = view.levels.len() as f32;
    let area = view.levels.iter().filter(|&&v| v >= OBJECT).count() as f32;
    let radii: Vec<f32> = view.rays.iter().map(|ray| ray.len() as f32).collect();
    let mean_of = |term: &dyn Fn(usize) -> f32| (0..RAYS).map(term).sum::<f32>() / RAYS as f32;
    let mean = mean_of(&|k| radii[k]);
    let variance = mean_of(&|k| (radii[k] - mean) * (radii[k] - mean));
    let jumps = mean_of(&|k| (radii[k] - radii[(k + 1) % RAYS]).abs());
    let imbalance = mean_of(&|k| (radii[k] - radii[(k + RAYS / 2) % RAYS]).abs());
    let outline_area = std::f32::consts::PI * mean_of(&|k| radii[k] * radii[k]);
    let level = |x: usize, y: usize| view.levels[y * SIDE + x];
    let (mut asymmetry, mut rim) = (0f32, 0f32);
    for y in 0..SIDE {
        for x in 0..SIDE / 2 {
            asymmetry += f32::from(level(x, y).abs_diff(level(SIDE - 1 - x, y)));
        }
    }
    for k in 0..SIDE {
        for v in [
            level(k, 0),
            level(k, SIDE - 1),
            level(0, k),
            level(SIDE - 1, k),
        ] {
            rim += f32::from(v);
        }
    }
    out.extend([
        area / n,
        mean / SIDE as f32,
        variance.sqrt() / mean.max(1.0),
        jumps / mean.max(1.0),
        imbalance / mean.max(1.0),
        area / outline_area.max(1.0),
        asymmetry / (n / 2.0 * 255.0),
        rim / (4 * SIDE * 255) as f32,
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::{self, Kind};
    use crate::slice::Slice;

    fn of(slice: &Slice) -> Vec<f32> {
        features(&View::of(slice))
    }

    #[test]
    fn size_and_brightness_of_a_head_change_little() {
        let whole = phantom::draw(Kind::Normal).into_slice();
        let crop = crate::preprocess::Crop {
            x: 0,
            y: 0,
            side: phantom::SIDE,
        };
        let small = crate::preprocess::resize(&whole, crop, 256);
        let dim = small
            .iter()
            .map(|&v| (u16::from(v) * 4 / 5) as u8)
            .collect();
        let dim = Slice::new(256, 256, dim).unwrap();
        let noise =
            Slice::new(64, 64, (0..4096).map(|i| (i * 7919 % 251) as u8).collect()).unwrap();
        let distance = |a: &[f32], b: &[f32]| -> f32 {
            a.iter()
                .zip(b)
                .map(|(a, b)| (a - b) * (a - b))
                .sum::<f32>()
                .sqrt()
        };
        let (whole, dim, noise) = (of(&whole), of(&dim), of(&noise));
        assert!(distance(&whole, &dim) * 4.0 < distance(&whole, &noise));
    }

    #[test]
    fn the_emptiest_pictures_have_finite_features() {
        for level in [0, 1, 128, 255] {
            let flat = Slice::new(16, 400, vec![level; 6400]).unwrap();
            assert!(of(&flat).iter().all(|v| v.is_finite()), "{level}");
        }
        let mut speck = vec![0; 6400];
        speck[77] = 255;
        assert!(
            of(&Slice::new(80, 80, speck).unwrap())
                .iter()
                .all(|v| v.is_finite())
        );
    }
}
