//! The space inside the skull of a slice in the brain window.

/// From this grey level on (0–255, brain window) a pixel counts as bone.
const BONE: u8 = 215;
/// Gaps in the skull up to about twice this many pixels are closed.
const GAP: usize = 2;
/// Smallest share of the image that the space must fill.
const SMALLEST_SHARE: f32 = 0.08;
/// Median grey levels that brain has in a brain window.
const BRAIN: std::ops::RangeInclusive<u8> = 70..=160;

/// The space inside the skull of one square image.
#[derive(Debug, Clone)]
pub struct Intracranial {
    /// Side of the image, pixels.
    pub side: usize,
    /// Whether a pixel lies inside, row-major.
    pub inside: Vec<bool>,
    /// Distance to the nearest pixel outside, pixels (chamfer 3–4, accurate to a few per cent).
    pub depth: Vec<f32>,
    /// Centre of mass `(x, y)`.
    pub centre: (f32, f32),
    /// Median grey level.
    pub brain: u8,
    /// Mean grey level of the inside over 5×5 pixels: what blood replaces.
    pub smooth: Vec<f32>,
}

impl Intracranial {
    /// Finds it, or nothing where no closed skull surrounds enough brain.
    pub fn find(grey: &[u8], side: usize) -> Option<Self> {
        let bone: Vec<bool> = grey.iter().map(|&g| g >= BONE).collect();
        let wall = dilate(&bone, side, GAP);
        let outside = flood_from_border(&wall, side);
        let mut inside: Vec<bool> = wall.iter().zip(&outside).map(|(w, o)| !w && !o).collect();
        inside = largest_component(&inside, side)?;
        // Back to the bone itself.
        let grown = dilate(&inside, side, GAP);
        for ((inside, grown), bone) in inside.iter_mut().zip(grown).zip(&bone) {
            *inside = grown && !bone;
        }
        let mut levels: Vec<u8> = members(&inside).map(|i| grey[i]).collect();
        let count = levels.len();
        if (count as f32) < SMALLEST_SHARE * grey.len() as f32 {
            return None;
        }
        let brain = *levels.select_nth_unstable(count / 2).1;
        if !BRAIN.contains(&brain) {
            return None;
        }
        let sum = members(&inside).fold((0.0, 0.0), |(x, y), i| {
            (x + (i % side) as f32, y + (i / side) as f32)
        });
        Some(Self {
            side,
            depth: depth(&inside, side),
            centre: (sum.0 / count as f32, sum.1 / count as f32),
            brain,
            smooth: smooth(grey, &inside, side, 2),
            inside,
        })
    }
}

/// Indices of the pixels that are set.
pub(super) fn members(mask: &[bool]) -> impl Iterator<Item = usize> + '_ {
    mask.iter().enumerate().filter_map(|(i, &m)| m.then_some(i))
}

/// Grows a mask by a square of `reach` pixels on each side.
fn dilate(mask: &[bool], side: usize, reach: usize) -> Vec<bool> {
    let pass = |mask: &[bool], step: usize, along: &dyn Fn(usize) -> usize| -> Vec<bool> {
        (0..mask.len())
            .map(|i| {
                let at = along(i);
                (at.saturating_sub(reach)..=(at + reach).min(side - 1))
                    .any(|near| mask[i + near * step - at * step])
            })
            .collect()
    };
    let rows = pass(mask, 1, &|i| i % side);
    pass(&rows, side, &|i| i / side)
}

/// The 4-connected neighbours of a pixel.
pub(super) fn neighbours(i: usize, side: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (i % side, i / side);
    [
        (x > 0).then(|| i - 1),
        (x + 1 < side).then(|| i + 1),
        (y > 0).then(|| i - side),
        (y + 1 < side).then(|| i + side),
    ]
    .into_iter()
    .flatten()
}

/// Everything 4-connected to `seeds` through pixels that are `open`.
pub(super) fn flood(
    seeds: impl IntoIterator<Item = usize>,
    side: usize,
    open: impl Fn(usize) -> bool,
) -> Vec<bool> {
    let mut reached = vec![false; side * side];
    let mut queue: Vec<usize> = Vec::new();
    for seed in seeds {
        if open(seed) && !reached[seed] {
            reached[seed] = true;
            queue.push(seed);
        }
    }
    while let Some(i) = queue.pop() {
        for near in neighbours(i, side) {
            if open(near) && !reached[near] {
                reached[near] = true;
                queue.push(near);
            }
        }
    }
    reached
}

fn flood_from_border(wall: &[bool], side: usize) -> Vec<bool> {
    let border = (0..side).flat_map(|n| [n, (side - 1) * side + n, n * side, n * side + side - 1]);
    flood(border, side, |i| !wall[i])
}

fn largest_component(mask: &[bool], side: usize) -> Option<Vec<bool>> {
    let mut left = mask.to_vec();
    let mut best: Option<(usize, Vec<bool>)> = None;
    while let Some(seed) = left.iter().position(|&m| m) {
        let component = flood([seed], side, |i| left[i]);
        let size = members(&component).inspect(|&i| left[i] = false).count();
        if best.as_ref().is_none_or(|(largest, _)| size > *largest) {
            best = Some((size, component));
        }
    }
    best.map(|(_, component)| component)
}

/// Chamfer distance (3–4 weights, over 3) of every pixel to the nearest one that is not set.
fn depth(mask: &[bool], side: usize) -> Vec<f32> {
    let mut d: Vec<u32> = mask
        .iter()
        .map(|&m| if m { u32::MAX / 2 } else { 0 })
        .collect();
    let mut relax = |i: usize, x: isize, y: isize, cost: u32| {
        let n = side as isize;
        // Beyond the image's edge is outside.
        let near = if (0..n).contains(&x) && (0..n).contains(&y) {
            d[(y * n + x) as usize]
        } else {
            0
        };
        d[i] = d[i].min(near + cost);
    };
    let steps = [(-1, 0, 3), (0, -1, 3), (-1, -1, 4), (1, -1, 4)];
    for i in 0..side * side {
        for (dx, dy, cost) in steps {
            relax(i, (i % side) as isize + dx, (i / side) as isize + dy, cost);
        }
    }
    for i in (0..side * side).rev() {
        for (dx, dy, cost) in steps {
            relax(i, (i % side) as isize - dx, (i / side) as isize - dy, cost);
        }
    }
    d.into_iter().map(|d| d as f32 / 3.0).collect()
}

/// Mean of the set pixels among `(2 reach + 1)²`; 0 where none is set.
pub(super) fn smooth(grey: &[u8], mask: &[bool], side: usize, reach: usize) -> Vec<f32> {
    let mean = |values: Vec<f32>| {
        let rows = slide(&values, side, reach);
        transpose(&slide(&transpose(&rows, side), side, reach), side)
    };
    let set = |value: &dyn Fn(usize) -> f32| -> Vec<f32> {
        let values = mask.iter().enumerate();
        values
            .map(|(i, &m)| if m { value(i) } else { 0.0 })
            .collect()
    };
    let sums = mean(set(&|i| f32::from(grey[i])));
    let counts = mean(set(&|_| 1.0));
    let means = sums.into_iter().zip(counts);
    means
        .map(|(sum, count)| if count > 0.0 { sum / count } else { 0.0 })
        .collect()
}

/// Sliding mean along rows.
fn slide(values: &[f32], side: usize, reach: usize) -> Vec<f32> {
    let width = (2 * reach + 1) as f32;
    let mut out = Vec::with_capacity(values.len());
    for row in values.chunks_exact(side) {
        let at = |x: isize| row[x.clamp(0, side as isize - 1) as usize];
        let reach = reach as isize;
        let mut sum: f32 = (-reach..=reach).map(at).sum();
        for x in 0..side as isize {
            out.push(sum / width);
            sum += at(x + reach + 1) - at(x - reach);
        }
    }
    out
}

fn transpose(values: &[f32], side: usize) -> Vec<f32> {
    (0..values.len())
        .map(|i| values[i % side * side + i / side])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::{self, Kind};
    use crate::preprocess::Preprocessing;

    #[test]
    fn finds_the_brain_of_a_phantom_and_nothing_without_a_skull() {
        let slice = phantom::draw(Kind::Normal).into_slice();
        let (grey, _) = Preprocessing::ALEXNET.apply(&slice);
        let found = Intracranial::find(&grey, 227).unwrap();
        let share = members(&found.inside).count() as f32 / grey.len() as f32;
        assert!((0.3..0.75).contains(&share), "{share}");
        assert!((found.centre.0 - 113.0).abs() < 8.0 && (found.centre.1 - 113.0).abs() < 12.0);
        assert!(members(&found.inside).all(|i| grey[i] < BONE));
        let deepest = found.depth.iter().copied().fold(0.0, f32::max);
        assert!((50.0..110.0).contains(&deepest), "{deepest}");

        let open: Vec<u8> = grey.iter().map(|&g| g.min(BONE - 1)).collect();
        assert!(Intracranial::find(&open, 227).is_none());
        assert!(Intracranial::find(&vec![0; 227 * 227], 227).is_none());
    }

    #[test]
    fn smoothing_averages_the_set_pixels_of_squares() {
        let grey: Vec<u8> = (0..49).map(|i| if i == 24 { 250 } else { 0 }).collect();
        let smoothed = smooth(&grey, &[true; 49], 7, 2);
        assert!((smoothed[24] - 10.0).abs() < 1e-4);
        assert!((smoothed[16] - 10.0).abs() < 1e-4);
        assert_eq!(smoothed[0], 0.0);
        let left: Vec<bool> = (0..49).map(|i| i % 7 <= 3).collect();
        assert!((smooth(&grey, &left, 7, 2)[24] - 250.0 / 15.0).abs() < 1e-3);
    }
}
