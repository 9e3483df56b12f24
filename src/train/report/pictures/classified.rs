//! The output of one classified image: its two scores (the paper's Figure 6).

use std::fmt::Write;

use serde::Serialize;

use super::{HEAD, MARGIN, Picture, svg, text};
use crate::model::StoredModel;
use crate::phantom::{self, Kind};
use crate::train::Result;
use crate::{Classification, Classifier, Label};

/// Side of a phantom in the picture, pixels: AlexNet's input.
const SIDE: usize = 227;
/// Width of a column and of the longest bar, pixels.
const COLUMN: usize = SIDE + 2 * MARGIN;
const BAR: usize = 18;

/// A phantom with what a network says of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Classified {
    /// The phantom's name.
    pub phantom: &'static str,
    /// The answer.
    pub label: Label,
    /// One-vs-rest score for haemorrhage, 0–1.
    pub haemorrhage: f64,
    /// One-vs-rest score for normal, 0–1; the two need not sum to one.
    pub normal: f64,
}

/// Every phantom's scores.
///
/// # Errors
/// [`crate::train::TrainError::Model`] when the model cannot run.
pub fn classify(model: &StoredModel) -> Result<Vec<Classified>> {
    let mut classifier = Classifier::from_model(model.clone())?;
    Kind::ALL
        .into_iter()
        .map(|kind| {
            let slice = phantom::draw(kind).into_slice();
            let (Classification { label, scores, .. }, _) = classifier.classify_slice(&slice)?;
            Ok(Classified {
                phantom: kind.name(),
                label,
                haemorrhage: scores.haemorrhage,
                normal: scores.normal,
            })
        })
        .collect()
}

/// Every phantom as the network sees it, over its scores.
///
/// # Errors
/// [`crate::train::TrainError`] when the model cannot run or the picture cannot be written.
pub fn draw(title: &str, model: &StoredModel) -> Result<String> {
    let mut body = String::new();
    let side = model.facts.preprocessing.side;
    let zoom = (SIDE / side).max(1);
    for (i, (answer, kind)) in classify(model)?.iter().zip(Kind::ALL).enumerate() {
        let left = MARGIN + i * COLUMN;
        let (grey, _) = model
            .facts
            .preprocessing
            .apply(&phantom::draw(kind).into_slice());
        let picture = Picture {
            width: side,
            height: side,
            grey,
        };
        body += &picture.element(left, HEAD, zoom)?;
        let said = match answer.label {
            Label::Haemorrhage => "haemorrhage",
            Label::Normal => "normal",
        };
        let mut y = HEAD + SIDE + 22;
        body += &text(left, y, 14, &format!("{} phantom:", answer.phantom));
        y += 20;
        body += &text(left, y, 14, &format!("called {said}"));
        for (class, score, colour) in [
            ("haemorrhage", answer.haemorrhage, "#d55e00"),
            ("normal", answer.normal, "#0072b2"),
        ] {
            y += 22;
            body += &text(left, y, 13, &format!("{class} {:.1} %", 100.0 * score));
            let width = (score * SIDE as f64).round().max(1.0);
            let _ = writeln!(
                body,
                "<rect x=\"{left}\" y=\"{}\" width=\"{width}\" height=\"{BAR}\" fill=\"{colour}\"/>",
                y + 6
            );
            y += BAR + 4;
        }
    }
    let height = HEAD + SIDE + 22 + 20 + 2 * (22 + BAR + 4) + MARGIN;
    Ok(svg(title, 3 * COLUMN + MARGIN, height, &body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ALEXNET_SVM;

    #[test]
    fn every_phantom_stands_there_with_both_scores() {
        let model = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
        let figure = draw("Scores", &model).unwrap();
        let document = roxmltree::Document::parse(&figure).unwrap();
        let count = |tag: &str| {
            let nodes = document.descendants().filter(|n| n.has_tag_name(tag));
            nodes.count()
        };
        assert_eq!((count("image"), count("rect")), (3, 1 + 6));
        for answer in classify(&model).unwrap() {
            let score = format!("haemorrhage {:.1} %", 100.0 * answer.haemorrhage);
            assert!(figure.contains(&score), "{score}");
        }
    }
}
