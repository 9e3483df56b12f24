//! Learning curves (the paper's Figures 7 to 9).

use super::{Area, Axes, BLUE, Curve, Drawn, TITLE, VERMILION, chart, svg, words};
use crate::train::Result;
use crate::train::report::inputs::{Epoch, RunLog};

/// What one panel shows.
struct Panel {
    title: &'static str,
    /// Largest value of the axis; `None` takes the largest there is.
    top: Option<f64>,
    train: fn(&Epoch) -> f64,
    test: fn(&Epoch) -> Option<f64>,
}

/// Accuracy, loss and mean squared error against the epoch, training and test. Of several folds
/// every curve is drawn pale and their mean strong.
///
/// # Errors
/// [`crate::train::TrainError::Data`] when it cannot be drawn.
pub fn draw(title: &str, loss: &'static str, runs: &[&RunLog]) -> Result<String> {
    let panels = [
        Panel {
            title: "accuracy",
            top: Some(1.0),
            train: |e| e.train_accuracy,
            test: |e| e.test_accuracy,
        },
        Panel {
            title: loss,
            top: None,
            train: |e| e.train_loss,
            test: |e| e.test_loss,
        },
        Panel {
            title: "mean squared error",
            top: None,
            train: |e| e.train_mse,
            test: |e| e.test_mse,
        },
    ];
    svg(title, 1200, 460, |area| {
        let area = area.titled(title, words(TITLE))?;
        let places = area.split_evenly((1, panels.len()));
        for (panel, place) in panels.iter().zip(&places) {
            draw_panel(panel, place, runs)?;
        }
        Ok(())
    })
}

fn draw_panel(panel: &Panel, area: &Area, runs: &[&RunLog]) -> Drawn {
    let train = |e: &Epoch| Some((panel.train)(e));
    let test = |e: &Epoch| (panel.test)(e);
    let curve = |label: &str, points, colour, dashed| Curve {
        label: label.into(),
        points,
        colour,
        dashed,
        faint: label.is_empty(),
        marker: None,
    };
    let mut curves = Vec::new();
    if runs.len() > 1 {
        for run in runs {
            let (trained, tested) = (points(run, train), points(run, test));
            curves.push(curve("", trained, BLUE, false));
            curves.push(curve("", tested, VERMILION, false));
        }
    }
    let (trained, tested) = (mean(runs, &train), mean(runs, &test));
    curves.push(curve("training", trained, BLUE, true));
    curves.push(curve("test", tested, VERMILION, false));
    let all = || curves.iter().flat_map(|c| &c.points);
    let largest = all().map(|p| p.1).fold(0.0, f64::max);
    let last = all().map(|p| p.0).fold(1.0, f64::max);
    let axes = Axes {
        title: panel.title,
        x_words: "epoch",
        y_words: "",
        x: 0.0..last,
        y: 0.0..panel.top.unwrap_or(1.05 * largest.max(f64::MIN_POSITIVE)),
        diagonal: false,
    };
    chart(area, &axes, &curves)
}

fn points(run: &RunLog, value: impl Fn(&Epoch) -> Option<f64>) -> Vec<(f64, f64)> {
    run.epochs
        .iter()
        .filter_map(|e| Some((e.epoch as f64, value(e)?)))
        .collect()
}

/// The mean over the runs in every epoch that all have measured.
fn mean(runs: &[&RunLog], value: &dyn Fn(&Epoch) -> Option<f64>) -> Vec<(f64, f64)> {
    let Some((first, others)) = runs.split_first() else {
        return Vec::new();
    };
    let of_others: Vec<Vec<(f64, f64)>> = others.iter().map(|run| points(run, value)).collect();
    points(first, value)
        .into_iter()
        .filter_map(|(epoch, start)| {
            let mut sum = start;
            for run in &of_others {
                sum += run.iter().find(|p| p.0 == epoch)?.1;
            }
            Some((epoch, sum / runs.len() as f64))
        })
        .collect()
}
