//! Thresholds and bands chosen on held-out margins.

use super::Scored;

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

/// The narrowest band `[low, high]` around the threshold, by share of slices inside, outside which
/// sensitivity and specificity reach `wanted`; ends are taken from 100 quantiles of the margins.
pub fn inconclusive_band(scored: &[Scored], threshold: f64, wanted: f64) -> [f64; 2] {
    let mut margins: Vec<f64> = scored.iter().map(|s| s.margin).collect();
    margins.sort_by(f64::total_cmp);
    let quantile = |q: usize| margins[q * (margins.len() - 1) / 100];
    let ends: Vec<f64> = (0..=100).map(quantile).chain([threshold]).collect();
    let mut best = (usize::MAX, [quantile(0), quantile(100)]);
    for &low in ends.iter().filter(|&&e| e <= threshold) {
        for &high in ends.iter().filter(|&&e| e >= threshold) {
            let outside = || {
                scored
                    .iter()
                    .filter(|s| s.margin <= low || s.margin >= high)
            };
            let inside = scored.len() - outside().count();
            let sensitivity = share(outside().filter(|s| s.haemorrhage), |s| {
                s.margin >= threshold
            });
            let specificity = share(outside().filter(|s| !s.haemorrhage), |s| {
                s.margin < threshold
            });
            if inside < best.0 && sensitivity >= wanted && specificity >= wanted {
                best = (inside, [low, high]);
            }
        }
    }
    best.1
}

fn share<'a>(of: impl Iterator<Item = &'a Scored>, holds: impl Fn(&Scored) -> bool) -> f64 {
    let (mut all, mut held) = (0usize, 0usize);
    for scored in of {
        all += 1;
        held += usize::from(holds(scored));
    }
    held as f64 / all as f64
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
    fn the_band_leaves_out_just_the_doubtful_slices() {
        let mut points: Vec<(f64, bool)> =
            (0..400).map(|i| (f64::from(i) / 100.0, i >= 200)).collect();
        // Between 1.8 and 2.2 the labels alternate.
        for (i, point) in points.iter_mut().enumerate().take(220).skip(180) {
            point.1 = i % 2 == 0;
        }
        let s = scored(&points);
        let [low, high] = inconclusive_band(&s, 2.0, 0.99);
        assert!(
            (1.6..=1.84).contains(&low) && (2.16..=2.4).contains(&high),
            "{low} {high}"
        );
    }
}
