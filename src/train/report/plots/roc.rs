//! ROC curves.

use super::{Axes, Curve, chart, label, legend_height, svg};
use crate::train::Result;
use crate::train::evaluate::{Measure, RocPoint, Scored, roc};
use crate::train::report::entry::Entry;

/// The curves of every network of a protocol; a marker stands where its rule of decision does.
///
/// # Errors
/// [`crate::train::TrainError::Data`] when it cannot be drawn.
pub fn draw(title: &str, entries: &[&Entry]) -> Result<String> {
    let mut curves = Vec::new();
    for entry in entries {
        let ruling = entry.main();
        let scored: Vec<Scored> = ruling.judged.iter().map(|j| j.scored).collect();
        let auc = ruling.value(Measure::Auc);
        let words = format!("{}: AUC {auc:.3}", label(entry.name));
        let corners = corners(&roc(&scored));
        curves.push(Curve::of(entry.name, words, corners));
    }
    for entry in entries {
        let ruling = entry.main();
        let at = (
            1.0 - ruling.value(Measure::Specificity),
            ruling.value(Measure::Sensitivity),
        );
        let point = Curve::of(entry.name, String::new(), vec![at]);
        curves.push(point.marked(entry.name.network));
    }
    let axes = Axes {
        title,
        x_words: "1 − specificity",
        y_words: "sensitivity",
        x: 0.0..1.0,
        y: 0.0..1.0,
        diagonal: true,
    };
    let height = 600 + legend_height(&curves);
    svg(title, 640, height, |area| chart(area, &axes, &curves))
}

/// The points where the curve turns: the others lie on the straight line between them.
fn corners(points: &[RocPoint]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for point in points {
        let next = (point.false_positive_rate, point.sensitivity);
        if let [.., a, b] = kept[..]
            && (a.0 == b.0 && b.0 == next.0 || a.1 == b.1 && b.1 == next.1)
        {
            kept.pop();
        }
        kept.push(next);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_runs_keep_their_ends() {
        let points = [
            (0.0, 0.0),
            (0.0, 0.2),
            (0.0, 0.5),
            (0.3, 0.5),
            (0.4, 0.6),
            (0.7, 0.6),
            (1.0, 0.6),
            (1.0, 1.0),
        ];
        let curve = points.map(|(false_positive_rate, sensitivity)| RocPoint {
            false_positive_rate,
            sensitivity,
        });
        let expected = [
            (0.0, 0.0),
            (0.0, 0.5),
            (0.3, 0.5),
            (0.4, 0.6),
            (1.0, 0.6),
            (1.0, 1.0),
        ];
        assert_eq!(corners(&curve), expected);
    }
}
