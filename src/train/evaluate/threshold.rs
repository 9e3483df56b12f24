//! Thresholds and bands chosen on held-out margins.

use super::Scored;
use crate::calibration::Thresholds;

/// The threshold with the largest sum of sensitivity and specificity (Youden), midway between the
/// margins that it parts.
pub fn best_threshold(scored: &[Scored]) -> f64 {
    let mut order: Vec<&Scored> = scored.iter().collect();
    order.sort_by(|a, b| a.margin.total_cmp(&b.margin));
    let positives = order.iter().filter(|s| s.haemorrhage).count() as f64;
    let negatives = order.len() as f64 - positives;
    let (mut best, mut threshold) = (f64::NEG_INFINITY, 0.0);
    let (mut missed, mut passed) = (0.0, 0.0);
    for pair in order.windows(2) {
        if pair[0].haemorrhage {
            missed += 1.0;
        } else {
            passed += 1.0;
        }
        let youden = passed / negatives - missed / positives;
        if youden > best && pair[0].margin < pair[1].margin {
            best = youden;
            threshold = (pair[0].margin + pair[1].margin) / 2.0;
        }
    }
    threshold
}

/// Margins from which to call haemorrhage: where at least the fraction `enough` of the haemorrhages is
/// found (screening), at the best threshold (balanced), and where at least that fraction of the normal
/// slices is passed (confirming); in this order also where the classes lie so far apart that the first
/// and the last would change places.
pub fn operating_points(scored: &[Scored], enough: f64) -> Thresholds {
    let balanced = best_threshold(scored);
    let mut classes = [Vec::new(), Vec::new()];
    for slice in scored {
        classes[usize::from(slice.haemorrhage)].push(slice.margin);
    }
    for class in &mut classes {
        class.sort_by(f64::total_cmp);
    }
    let [normal, haemorrhage] = &classes;
    let fraction = |of: &[f64], fraction: f64| (fraction * of.len() as f64).floor() as usize;
    // The highest margin that finds enough, and the lowest above which few enough normal ones lie.
    let screening = haemorrhage
        .get(fraction(haemorrhage, 1.0 - enough))
        .copied();
    let last_passed = normal.len() - fraction(normal, 1.0 - enough);
    let confirming = last_passed.checked_sub(1).and_then(|last| {
        let last = *normal.get(last)?;
        Some(last.next_up())
    });
    Thresholds {
        screening: screening.map_or(balanced, |m| m.min(balanced)),
        balanced,
        confirming: confirming.map_or(balanced, |m| m.max(balanced)),
    }
}

/// Beyond every margin: the end of a band that nothing leaves.
const UNREACHED: f64 = 1e6;

/// The band `[low, high]` outside which at most the fraction `wrong` of each class is called the other:
/// split conformal prediction for each class (Vovk, Gammerman and Shafer 2005, Mondrian sets). Of `n`
/// held-out slices of a class, `k` lie beyond the end that rules the class out, with
/// `k / (n + 1) ≤ wrong`, so a further slice that is exchangeable with them lies beyond it no more
/// often. Inside, a margin is usual for both classes, or for none. The threshold is never outside.
pub fn conformal_band(scored: &[Scored], threshold: f64, wrong: f64) -> [f64; 2] {
    let mut classes = [Vec::new(), Vec::new()];
    for slice in scored {
        classes[usize::from(slice.haemorrhage)].push(slice.margin);
    }
    let [normal, haemorrhage] = &mut classes;
    haemorrhage.sort_by(f64::total_cmp);
    normal.sort_by(|a, b| b.total_cmp(a));
    // With too few slices of a class nothing rules it out.
    let end = |of_class: &[f64], never: f64| match (wrong * (of_class.len() + 1) as f64) as usize {
        0 => never,
        k => of_class[k - 1],
    };
    let (low, high) = (end(haemorrhage, -UNREACHED), end(normal, UNREACHED));
    [low.min(high).min(threshold), low.max(high).max(threshold)]
}

#[cfg(test)]
mod tests {
    use super::super::drawn::scored;
    use super::*;

    #[test]
    fn the_threshold_parts_the_classes_best() {
        let s = scored(&[
            (-2.0, false),
            (-1.0, false),
            (0.5, true),
            (1.0, false),
            (2.0, true),
        ]);
        assert_eq!(best_threshold(&s), -0.25);
    }

    #[test]
    fn operating_points_find_or_pass_as_many_as_they_promise() {
        // A hundred of each class, rarer towards the other.
        let far = |i: i32| 1.2 * (f64::from(i) / 100.0).powi(2);
        let points: Vec<(f64, bool)> = (0..100)
            .flat_map(|i| [(far(i), false), (1.5 - far(i), true)])
            .collect();
        let found = operating_points(&scored(&points), 0.95);
        let called = |threshold: f64, haemorrhage: bool| {
            let of_class = points.iter().filter(|(_, h)| *h == haemorrhage);
            of_class.filter(|(m, _)| *m >= threshold).count()
        };
        assert_eq!(called(found.screening, true), 95);
        assert_eq!(called(found.confirming, false), 5);
        assert_eq!(found.balanced, best_threshold(&scored(&points)));
        // Where the classes lie apart, all three are the one that parts them.
        let apart = [(-2.0, false), (-1.0, false), (1.0, true), (2.0, true)];
        let found = operating_points(&scored(&apart), 0.95);
        assert_eq!((found.screening, found.confirming), (0.0, 0.0));
        // A class alone has no other end.
        let alone = operating_points(&scored(&[(0.5, true), (1.5, true)]), 0.95);
        assert!(alone.screening <= alone.balanced && alone.balanced <= alone.confirming);
    }

    #[test]
    fn at_most_the_wanted_fraction_of_each_class_lies_on_the_wrong_side_of_the_band() {
        // A hundred of each class, half a class apart.
        let points: Vec<(f64, bool)> = (0..200)
            .map(|i| {
                (
                    f64::from(i / 2) + if i % 2 == 0 { 0.0 } else { 50.5 },
                    i % 2 == 1,
                )
            })
            .collect();
        let s = scored(&points);
        // Five of 101 are four hundredths and a bit: five slices lie at or beyond each end.
        assert_eq!(conformal_band(&s, 75.0, 0.05), [54.5, 95.0]);
        // Where classes hardly overlap, what is typical of neither is inconclusive.
        let apart: Vec<(f64, bool)> = points
            .iter()
            .map(|&(m, haemorrhage)| (if haemorrhage { m + 60.0 } else { m }, haemorrhage))
            .collect();
        assert_eq!(conformal_band(&scored(&apart), 100.0, 0.05), [95.0, 114.5]);
    }

    #[test]
    fn the_band_holds_the_threshold_and_everything_where_slices_are_few() {
        let s = scored(&[(-1.0, false), (1.0, true)]);
        assert_eq!(conformal_band(&s, 0.0, 0.05), [-UNREACHED, UNREACHED]);
        let many: Vec<(f64, bool)> = (0..40).map(|i| (f64::from(i), i >= 20)).collect();
        assert_eq!(conformal_band(&scored(&many), 30.0, 0.05), [19.0, 30.0]);
    }

    #[test]
    fn new_slices_are_wrong_outside_the_band_as_seldom_as_promised() {
        // Two overlapping classes; the band of one half, counted on the other.
        let draw = |i: u32| {
            let noise = f64::from(i.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
            let haemorrhage = i.is_multiple_of(3);
            (noise + if haemorrhage { 0.3 } else { 0.0 }, haemorrhage)
        };
        let (first, second): (Vec<_>, Vec<_>) = (0..6000)
            .map(draw)
            .enumerate()
            .partition(|(i, _)| i % 2 == 0);
        let points = |half: Vec<(usize, (f64, bool))>| -> Vec<(f64, bool)> {
            half.into_iter().map(|(_, point)| point).collect()
        };
        let [low, high] = conformal_band(&scored(&points(first)), 0.6, 0.05);
        let second = points(second);
        for haemorrhage in [false, true] {
            let of_class = || second.iter().filter(|(_, h)| *h == haemorrhage);
            let is_wrong = |m: f64| if haemorrhage { m <= low } else { m >= high };
            let wrong = of_class().filter(|(m, _)| is_wrong(*m)).count() as f64;
            let fraction = wrong / of_class().count() as f64;
            assert!(
                (0.02..0.08).contains(&fraction),
                "{haemorrhage}: {fraction}"
            );
        }
    }
}
