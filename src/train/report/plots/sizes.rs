//! AUC against the size of the model.

use super::{Axes, Curve, VERMILION, chart, legend_height, svg};
use crate::train::Result;
use crate::train::report::inputs::Size;

/// A line through all sizes, between the ends of their intervals.
///
/// # Errors
/// [`crate::train::TrainError::Data`] when it cannot be drawn.
pub fn draw(title: &str, sizes: &[Size]) -> Result<String> {
    let megabytes = |size: &Size| size.bytes as f64 / 1e6;
    let line = |label: &str, faint: bool, of: fn(&Size) -> Option<f64>| Curve {
        label: label.into(),
        points: sizes
            .iter()
            .filter_map(|size| Some((megabytes(size), of(size)?)))
            .collect(),
        colour: VERMILION,
        dashed: faint,
        faint,
        marker: None,
    };
    let curves = [
        line("95 % interval over patients", true, |size| size.low),
        line("", true, |size| size.high),
        line("AUC, patient protocol", false, |size| Some(size.auc)),
    ];
    let ends = sizes.iter().map(megabytes);
    let (least, most) = (
        ends.clone().fold(f64::INFINITY, f64::min),
        ends.fold(0.0, f64::max),
    );
    let margin = 0.03 * (most - least).max(0.1);
    let axes = Axes {
        title,
        x_words: "stored model, MB",
        y_words: "AUC",
        x: least - margin..most + margin,
        y: 0.5..1.0,
        diagonal: false,
    };
    let height = 420 + legend_height(&curves);
    svg(title, 640, height, |area| chart(area, &axes, &curves))
}
