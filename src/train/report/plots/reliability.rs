//! Reliability curves.

use super::{Axes, Curve, chart, label, legend_height, svg};
use crate::train::Result;
use crate::train::evaluate::Measure;
use crate::train::report::entry::Entry;

/// Observed share against predicted probability, ten bins of equally many slices.
///
/// # Errors
/// [`crate::train::TrainError::Data`] when it cannot be drawn.
pub fn draw(title: &str, entries: &[&Entry]) -> Result<String> {
    let mut curves = Vec::new();
    for entry in entries {
        let ruling = entry.main();
        let bins = ruling.assessment.reliability();
        let points = bins.iter().map(|b| (b.predicted, b.observed)).collect();
        let error = ruling.value(Measure::CalibrationError);
        let words = format!("{}: error {error:.3}", label(entry.name));
        curves.push(Curve::of(entry.name, words, points).marked(entry.name.network));
    }
    let axes = Axes {
        title,
        x_words: "calibrated probability of haemorrhage, mean of the bin",
        y_words: "share of slices with haemorrhage",
        x: 0.0..1.0,
        y: 0.0..1.0,
        diagonal: true,
    };
    let height = 600 + legend_height(&curves);
    svg(title, 640, height, |area| chart(area, &axes, &curves))
}
